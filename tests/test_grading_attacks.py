"""Every attack earns nothing, changes nothing outside its sandbox, and leaves the next student unharmed."""

import hashlib
import os
import re
import time
from importlib.util import find_spec
from pathlib import Path

import attacks
import classroom
import psutil
import pytest

from actlab.grading import runtime
from actlab.grading.run import Order, grade

ATTACKS = attacks.attacks()
CLASSES = 14


def sandboxed():
    """Processes of sandboxes whose grader is gone."""
    for process in psutil.process_iter(["cmdline"]):
        if any("actlab.grading.worker" in word for word in process.info["cmdline"] or ()):
            try:
                if not any("python" in parent.name() or "pytest" in parent.name() for parent in process.parents()):
                    yield process
            except psutil.Error:
                continue


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        found.update(f"{path} {path.lstat().st_mode} ".encode())
        if path.is_file() and not path.is_symlink():
            found.update(path.read_bytes())
    return found.hexdigest()


def traces():
    """What an attack could have left on this computer, where other programs write too."""
    folders = ("/tmp", "/var/tmp", "/dev", "/dev/shm", "/run")
    found = [path for folder in folders for path in Path(folder).glob("*actlab-was-here*")]
    return found, [Path("/dev", name).stat().st_mode for name in runtime.DEVICES], Path("/dev/shm/x").exists()


def gone(processes, seconds=10.0) -> bool:
    """Whether none is left after a while: what is killed takes a moment to end."""
    deadline = time.monotonic() + seconds
    while any(processes()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """All attacks, each followed by an honest submission, graded in one run; and what the host looked like."""
    root = tmp_path_factory.mktemp("class")
    (root / "canary").write_text("the instructor's file")
    handed_in = root / "submissions"
    for k, attack in enumerate(ATTACKS):
        classroom.hand_in(handed_in, **{f"{k:03}a": attack.cells, f"{k:03}b": attacks.honest()})
    root_of_sandbox = runtime.folder()
    before = digest(root_of_sandbox), digest(handed_in), traces()
    os.environ["ACTLAB_CANARY_SECRET"] = "canary"
    try:
        rows = grade(handed_in, root / "out", Order(workers=3, seconds=1.0))
    finally:
        del os.environ["ACTLAB_CANARY_SECRET"]
    return {row.student: row for row in rows}, before, (digest(root_of_sandbox), digest(handed_in), traces()), root


def test_the_modules_that_attacks_aim_at_exist():
    cells = "\n".join(cell for attack in ATTACKS for cell in attack.cells)
    named = set(re.findall(r'"(actlab(?:\.\w+)*)"', cells))
    assert {"actlab.exercises.judging", "actlab.grading.marking"} <= named
    assert [name for name in named if find_spec(name) is None] == []


def test_every_class_is_tried():
    assert len({attack.kind for attack in ATTACKS}) == CLASSES and len(ATTACKS) > 120


@pytest.mark.parametrize("k", range(len(ATTACKS)), ids=[str(attack).replace(" ", "-") for attack in ATTACKS])
def test_it_gains_nothing_and_the_next_student_is_unharmed(graded, k):
    rows = graded[0]
    row, neighbour = rows[f"{k:03}a"], rows[f"{k:03}b"]
    assert row.status == "graded" and row.score == ATTACKS[k].points, (row.score, row.remarks)
    assert not any("AssertionError" in remark.said for remark in row.remarks), row.remarks
    assert neighbour.score == 100 and not neighbour.remarks, neighbour


def test_the_host_is_as_it_was(graded):
    _, before, after, root = graded
    assert before == after
    assert (root / "canary").read_text() == "the instructor's file"
    assert sorted(path.name for path in root.iterdir()) == ["canary", "out", "submissions"]
    assert gone(sandboxed), "processes of a sandbox outlived it"


def test_pages_show_what_students_wrote_as_text(graded):
    k = next(k for k, attack in enumerate(ATTACKS) if "markup" in attack.name)
    page = (graded[3] / "out" / "feedback" / f"{k:03}a.html").read_text(encoding="utf-8")
    assert "<script" not in page and "<img" not in page and "{{" in page and "&lt;script&gt;" in page
