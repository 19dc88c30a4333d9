"""Progress is never lost, and never in the way."""

import json
import subprocess
import sys

import pytest

from actlab import progress
from actlab.course import LESSONS
from actlab.exercises import EXERCISES, Result, Score, Status
from actlab.files import locked


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.delenv("ACTLAB_STATIC", raising=False)
    monkeypatch.setenv("ACTLAB_HOME", str(tmp_path / "a home"))
    monkeypatch.setattr(progress, "_memory", {})
    return tmp_path / "a home"


def result(id="q0_step", status="right", points=2):
    return Result(id, "step", "Title", "Section", Status(status), {"values": Score(points, 2)})


def saved():
    return json.loads(progress.path().read_text())


def test_the_best_attempt_stays_and_attempts_add_up():
    for status, points in [("wrong", 0), ("right", 2), ("partly", 1), ("not attempted", 0)]:
        assert progress.record(result(status=status, points=points)) == ""
    assert saved() == {"q0_step": {"status": "right", "points": 2, "attempts": 3}}
    assert {file.name for file in progress.path().parent.iterdir()} <= {"progress.json", "progress.lock"}


def test_the_table_counts_and_says_what_is_next():
    for e in EXERCISES.values():
        if e.lesson == 0:
            progress.record(result(e.id, points=e.points))
    first, second, *_ = progress.table().lines
    assert (first.done, first.next) == (first.total, "")
    assert (second.done, second.next) == (0, "An affine layer")
    assert len(progress.table().lines) == len(LESSONS)
    bundle = progress.table()._repr_mimebundle_()
    assert bundle["text/plain"] == repr(progress.table())
    assert "✓ complete" in bundle["text/plain"] and "✓ complete" in bundle["text/html"]


def test_show(capsys):
    progress.show()
    printed = capsys.readouterr().out
    assert "Together" in printed and "Sigmoid and tanh" in printed


def test_reset():
    progress.record(result())
    progress.reset()
    assert not progress.path().exists()
    assert progress.table().lines[0].done == 0


def test_static_notebooks_leave_no_trace(monkeypatch, home):
    monkeypatch.setenv("ACTLAB_STATIC", "1")
    progress.record(result())
    assert progress.table().lines[0].done == 1
    assert not home.exists()


@pytest.mark.parametrize("content", ["{", "[]", "", "\x00", "[[[[" * 10_000])
def test_a_damaged_file_is_kept_aside(home, content):
    home.mkdir()
    progress.path().write_text(content)
    assert "damaged" in repr(progress.table())
    progress.path().write_text(content)
    assert "damaged" in progress.record(result())
    assert saved()["q0_step"]["attempts"] == 1
    assert [file.read_text() for file in home.glob("*.bak")] == [content, content]


def test_entries_that_make_no_sense_count_as_none_and_stay(home):
    home.mkdir()
    odd = {"q0_step": {"status": "great"}, "q9_later": {"status": "right", "points": 3, "attempts": 1}, "x": [1]}
    progress.path().write_text(json.dumps(odd))
    assert progress.table().lines[0].done == 0
    progress.record(result("q1_affine"))
    assert {id: saved()[id] for id in odd} == odd
    progress.record(result())
    assert saved()["q0_step"] == {"status": "right", "points": 2, "attempts": 1}


def test_where_nothing_can_be_written_memory_has_to_do(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ACTLAB_HOME", str(tmp_path / "file"))
    assert "cannot be written" in progress.record(result())
    assert progress.table().lines[0].done == 1


def test_a_kernel_that_holds_the_lock_for_ever_stops_nobody(monkeypatch, home):
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    home.mkdir()
    with locked(home / "progress.lock"):
        assert progress.record(result()) == ""
    assert saved()["q0_step"]["attempts"] == 1


def test_kernels_side_by_side_lose_nothing():
    script = (
        "from actlab import progress\n"
        "from actlab.exercises import Result, Score, Status\n"
        "for status in ['wrong', 'right'] * 10:\n"
        "    graded = Result('q0_step', 'step', 't', 's', Status(status), {'values': Score(1, 2)})\n"
        "    assert progress.record(graded) == ''\n"
    )
    kernels = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(3)]
    assert [kernel.wait() for kernel in kernels] == [0, 0, 0]
    assert saved() == {"q0_step": {"status": "right", "points": 1, "attempts": 60}}
