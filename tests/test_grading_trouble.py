"""Whatever goes wrong around a run, its last words are a sentence: what is kept, and what to do."""

import gc
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import classroom
import pytest

from actlab.grading import run
from actlab.grading.gradebook import Grade, Gradebook
from actlab.grading.run import Order, grade
from actlab.grading.witness import GRADED_UNDER
from actlab.processes import Workers, undisturbed

ACTLAB = [sys.executable, "-m", "actlab.cli"]
MANY = 6000
"""Submissions that take several seconds to read, so that whoever interrupts comes in time on any computer."""
ONE = "import numpy as np\ndef sigmoid(z):\n    return 0.5 + 0.5 * np.tanh(z / 2)"
UNPROTECTED = """
from pathlib import Path
from actlab.grading.run import Order, grade
print("rows:", len(grade(Path("in"), Path("out"), Order(workers=1, sandbox="none"))))
"""


def said(*command, **how):
    """What a command says on stderr, its exit status, and that there is no traceback."""
    done = subprocess.run([*map(str, (*ACTLAB, *command))], capture_output=True, text=True, timeout=300, **how)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done.returncode, " ".join(done.stderr.split()), done.stdout


def children(group):
    """The processes of a group that are still there."""
    found = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True).stdout.splitlines()
    return [line for line in found if line.split()[0] == f"{group}" and not line.split()[1].startswith("Z")]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class that was graded once."""
    root = tmp_path_factory.mktemp("trouble")
    classroom.hand_in(root / "in", ann=[ONE], ben=[ONE])
    grade(root / "in", root / "out", Order(sandbox="none"))
    return root


@pytest.fixture
def folder(graded, tmp_path):
    """A copy of it."""
    shutil.copytree(graded, tmp_path / "class")
    return tmp_path / "class"


# Ctrl-C


@pytest.mark.parametrize("after", [0.0, 0.4, 1.2])
def test_ctrl_c_in_a_terminal_ends_a_dry_run_in_one_sentence_and_leaves_nobody_at_work(tmp_path, after):
    """The terminal sends it to every process of the group, also to one that is only starting."""
    classroom.hand_in(tmp_path / "in", **{f"s{k}": [ONE] for k in range(MANY)})
    command = [*ACTLAB, "grade", tmp_path / "in", "--out", tmp_path / "out", "--dry-run", "--workers", "3"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0) as one:
        while len(children(one.pid)) < 2 and one.poll() is None:  # the first process that reads is starting
            time.sleep(0.01)
        time.sleep(after)
        os.killpg(one.pid, signal.SIGINT)
        _, told = one.communicate(timeout=60)
    assert (one.returncode, told.splitlines()[-1]) == (130, "Stopped. Nothing was graded, nothing written.")
    assert "Traceback" not in told and not children(one.pid) and not (tmp_path / "out").exists()


def test_ctrl_c_before_anything_is_judged_says_so(tmp_path):
    classroom.hand_in(tmp_path / "in", **{f"s{k}": [ONE] for k in range(MANY)})
    command = [*ACTLAB, "grade", tmp_path / "in", "--out", tmp_path / "out", "--sandbox", "none"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, process_group=0) as one:
        while len(children(one.pid)) < 2 and one.poll() is None:
            time.sleep(0.01)
        os.killpg(one.pid, signal.SIGINT)
        _, told = one.communicate(timeout=60)
    assert one.returncode == 130 and "Traceback" not in told and not children(one.pid)
    assert told.splitlines()[-1] == "Stopped before anything was graded: run it again, and it goes on there."


def test_ctrl_c_while_hand_outs_are_written_leaves_whole_ones(tmp_path):
    (tmp_path / "ids").write_text("".join(f"s{k:03}\n" for k in range(400)))
    (tmp_path / "key").write_text("5d41402abc4b2a76b9719d911017c592")
    command = [
        *ACTLAB,
        "release",
        "--out",
        tmp_path / "out",
        "--roster",
        tmp_path / "ids",
        "--secret",
        tmp_path / "key",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        while not (tmp_path / "out" / "s000").exists() and one.poll() is None:
            time.sleep(0.01)
        one.send_signal(signal.SIGINT)
        out, told = one.communicate(timeout=60)
    assert one.returncode == 130 and out == "" and "Traceback" not in told
    assert told.splitlines()[-1].startswith(f"actlab: stopped. Each notebook in {tmp_path}/out is whole, but some")
    assert not list((tmp_path / "out").rglob(".draft-*"))


def test_where_the_system_has_no_room_for_a_process_it_is_said():
    full = "import os, resource\nfrom actlab.processes import Workers\n"
    full += "resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir('/proc/self/fd')) - 1, 4096))\n"
    full += "try:\n    Workers(1).start()\nexcept OSError as error:\n    print(error.strerror)"
    done = subprocess.run([sys.executable, "-c", full], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("Too many open files: no process can be started beside this one; make room"), done


def test_ctrl_c_while_a_process_starts_comes_when_it_has_started():
    """Also where another thread takes the signal: a process whose start is cut off would write a traceback."""
    started, over = [], threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    try:
        with pytest.raises(KeyboardInterrupt), undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)
            started.append("whole")
    finally:
        over.set()
        other.join()
    assert started and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_processes_that_nobody_holds_are_not_ended_halfway():
    forgotten = weakref.ref(Workers(1))
    gc.collect()
    assert forgotten() is not None
    forgotten().shutdown()
    gc.collect()
    assert forgotten() is None


# A script of one's own


def test_a_script_that_each_process_reads_once_more_is_refused_in_a_sentence(tmp_path):
    classroom.hand_in(tmp_path / "in", ann=[ONE])
    (tmp_path / "mine.py").write_text(UNPROTECTED)
    done = subprocess.run([sys.executable, "mine.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.count("Traceback") == 1, done.stderr
    assert done.stderr.splitlines()[-1] == f"actlab.errors.CourseError: {run.NOT_STARTED}"
    assert not (tmp_path / "out").exists()
    guarded = UNPROTECTED.replace("print(", 'if __name__ == "__main__":\n    print(')
    (tmp_path / "mine.py").write_text(guarded)
    done = subprocess.run([sys.executable, "mine.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "rows: 1\n"), done.stderr


# The disk, and the gradebook


def in_a_room(folder, *how):
    """The beginning of a command that sees the disk in another way: bubblewrap's options."""
    room = ("bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", *map(str, how), "--chdir", folder)
    return [*map(str, room), *ACTLAB]


COMMANDS = {
    "grade": ["grade", "in", "--out", "out", "--sandbox", "none"],
    "forget": ["forget", "ann", "--out", "out"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_read_only_disk_is_explained_and_can_still_be_tried_on(folder, name):
    command = in_a_room(folder, "--ro-bind", folder / "out", folder / "out")
    done = subprocess.run([*command, *COMMANDS[name]], capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "Read-only file system" in done.stderr or "Grade into another folder" in done.stderr
    tried = subprocess.run([*command, *COMMANDS[name], "--dry-run"], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr


def test_a_full_disk_is_explained_and_the_next_run_goes_on(tmp_path):
    """Room for a few rows: what was recorded is there afterwards, and every page once there is room."""
    long = [ONE, *("# " + os.urandom(40_000).hex() for _ in range(6))]
    classroom.hand_in(tmp_path / "in", **{f"s{k}": long for k in range(8)})
    (tmp_path / "small").mkdir()
    room = ["--size", str(2 << 20), "--tmpfs", tmp_path / "small"]
    script = f"{' '.join(map(str, ACTLAB))} grade in --out small/out --sandbox none; echo $? > rc; cp -r small/out out"
    command = in_a_room(tmp_path, *room)[: -len(ACTLAB)]
    done = subprocess.run([*command, "sh", "-c", script], capture_output=True, text=True)
    told = done.stderr.splitlines()[-1]
    assert (tmp_path / "rc").read_text() == "1\n" and "Traceback" not in done.stderr, done.stderr
    assert "disk is full" in told or "No space left on device" in told
    with Gradebook(tmp_path / "out") as book:
        kept = [row.student for row in book.grades()]
    assert 1 <= len(kept) < 8
    code, told, _ = said("grade", tmp_path / "in", "--out", tmp_path / "out", "--sandbox", "none")
    assert code == 0 and f"{8 - len(kept)} new, {len(kept)} unchanged." in told


SPOILED = {
    "a text": (lambda book: book.write_bytes(b"no gradebook at all" * 999), "is no gradebook. Move it away"),
    "cut": (lambda book: book.write_bytes(book.read_bytes()[:5000]), "is damaged. Move it away"),
    "newer": (lambda book: sqlite3.connect(book).execute("PRAGMA user_version = 99"), "was written by a newer actlab"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_gradebook_that_cannot_be_used_is_a_sentence_in_every_command(folder, how):
    spoil, words = SPOILED[how]
    spoil(folder / "out" / "gradebook.sqlite")
    for command in (*COMMANDS.values(), [*COMMANDS["grade"], "--dry-run"], [*COMMANDS["forget"], "--dry-run"]):
        code, told, shown = said(*command, cwd=folder)
        assert code == 1 and words in told, (command, told)
        assert ("2 students: 2 readable" in shown) == (command == [*COMMANDS["grade"], "--dry-run"])


def test_an_empty_gradebook_as_a_killed_run_leaves_it_stops_nothing(folder):
    for spoil in (lambda book: book.write_bytes(b""), lambda book: sqlite3.connect(book).executescript("VACUUM")):
        (folder / "out" / "gradebook.sqlite").unlink()
        spoil(folder / "out" / "gradebook.sqlite")
        code, _, shown = said(*COMMANDS["grade"], "--dry-run", cwd=folder)
        assert code == 0 and "2 new." in shown
        code, told, _ = said(*COMMANDS["forget"], cwd=folder)
        assert code == 1 and "nobody here is “ann”. Nothing was forgotten." in told


KEPT = {
    "deadline": (b"\xff tomorrow", "the deadline that out/gradebook.sqlite keeps is none"),
    "homework": (b"\xff", "does not say any more which homework it holds. Move it away"),
    "roster": (b'{"column": "id", "people": [{"id": 7}]}', "makes no sense any more: give it again with --roster."),
    "here": (b"[]", "does not say any more who handed in: run `actlab grade` again."),
}


@pytest.mark.parametrize("key", KEPT)
def test_what_a_gradebook_keeps_is_a_sentence_where_it_makes_no_sense(folder, key):
    value, words = KEPT[key]
    with Gradebook(folder / "out") as book:
        book.keep(key, value)
    code, told, _ = said(*COMMANDS["forget"], cwd=folder)
    assert code == 1 and words in told
    code, told, _ = said(*COMMANDS["grade"], cwd=folder)
    assert (code, words in told) == ((0, False) if key == "here" else (1, True)), told
    if key == "here":
        assert "0 new, 2 unchanged." in told


def test_another_program_that_writes_the_gradebook_is_waited_for_and_then_named(folder):
    other = sqlite3.connect(folder / "out" / "gradebook.sqlite")
    other.execute("BEGIN IMMEDIATE")
    code, told, _ = said(*COMMANDS["forget"], cwd=folder)
    assert code == 1 and "is in use by another program: close that one, then run again." in told
    other.rollback()
    other.close()
    assert said(*COMMANDS["forget"], cwd=folder)[0] == 0


# What a run would find


def test_a_dry_run_says_what_is_new_changed_and_unchanged_and_what_would_be_refused(folder):
    classroom.hand_in(folder / "in", ben=[ONE, "x = 1"], cem=[ONE])
    with Gradebook(folder / "out") as book:
        book.record(Grade("dan", "x", "graded", 1, 100))
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    code, told, shown = said(*COMMANDS["grade"], "--dry-run", cwd=folder)
    shown = " ".join(shown.split())
    assert code == 0 and told == ""
    assert "Compared with out/gradebook.sqlite: 1 new, 1 changed, 1 unchanged. New: “cem”. Changed: “ben”." in shown
    assert "In the gradebook, and no longer handed in: “dan”." in shown
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before
    code, _, shown = said(*COMMANDS["grade"], "--dry-run", "--regrade", cwd=folder)
    assert code == 0 and "1 new, 2 changed." in " ".join(shown.split())
    (folder / "key").write_text("5d41402abc4b2a76b9719d911017c592")
    code, told, shown = said(*COMMANDS["grade"], "--dry-run", "--secret", "key", cwd=folder)
    assert code == 1 and "this folder was graded under another secret, or under none" in told and "cem" in shown
    code, told, _ = said(*COMMANDS["grade"], "--dry-run", "--homework", "challenge", cwd=folder)
    assert code == 1 and "this folder holds the grades of the practice, not of the challenge" in told


def test_a_gradebook_that_was_graded_under_a_secret_of_yours_needs_it_in_a_dry_run_too(folder):
    with Gradebook(folder / "out") as book:
        book.keep(GRADED_UNDER, b"00000000")
        book.drop("secret")
    code, told, _ = said(*COMMANDS["grade"], "--dry-run", cwd=folder)
    assert code == 1 and "this folder was graded under another secret" in told


def test_a_dry_run_tells_who_is_late(tmp_path):
    classroom.hand_in(tmp_path / "in", doejane_LATE_101_9001_hw=[ONE], roebob_102_9002_hw=[ONE])
    code, _, shown = said("grade", "in", "--out", "out", "--dry-run", cwd=tmp_path, env=os.environ | {"COLUMNS": "120"})
    assert code == 0 and "Late, as the platform says: “101”." in shown


# What is written elsewhere


def test_the_notebook_for_nbgrader_goes_into_the_folder_that_is_named(tmp_path):
    root = Path(__file__).parents[1]
    (tmp_path / "source").mkdir()
    (tmp_path / "my.key").write_text("a key that stays")
    for to, file in (
        ("source", "source/09_practice.ipynb"),
        ("new/hw", "new/hw/09_practice.ipynb"),
        ("x.ipynb", "x.ipynb"),
    ):
        code, told, shown = said("release", "--out", tmp_path / "out", "--nbgrader", tmp_path / to, cwd=root)
        assert code == 0, told
        assert f"{tmp_path / file}, with solutions: not for learners" in shown
        assert "### BEGIN SOLUTION" in (tmp_path / file).read_text("utf-8")
    shutil.rmtree(tmp_path / "out")
    code, told, _ = said("release", "--out", tmp_path / "out", "--nbgrader", tmp_path / "my.key", cwd=root)
    assert code == 1 and "is a file, and no notebook: --nbgrader takes a folder, or a name that ends in .ipynb." in told
    assert (tmp_path / "my.key").read_text() == "a key that stays" and not (tmp_path / "out").exists()


def test_a_second_hand_out_into_one_folder_says_what_of_the_first_is_stale(tmp_path):
    root = Path(__file__).parents[1]
    for name, ids in (("one", "ana ben"), ("two", "ben cem")):
        (tmp_path / name).write_text("\n".join(ids.split()))
    for name, text in (("a.key", "5d41402abc4b2a76b9719d911017c592"), ("b.key", "7d793037a0760186574b0282f2f435e7")):
        (tmp_path / name).write_text(text)

    def release(roster, key):
        where = ("--out", tmp_path / "out", "--roster", tmp_path / roster, "--secret", tmp_path / key)
        return said("release", *where, cwd=root)[1]

    assert "earlier hand-out" not in release("one", "a.key") and "earlier" not in release("one", "a.key")
    told = release("two", "a.key")
    assert f"of an earlier hand-out, and not of this one: {tmp_path}/out/ana." in told and "another secret" not in told
    told = release("two", "b.key")
    assert "the notebooks of ben, cem replaced what lay there, made with another secret or none: whoever has" in told
    code, told, _ = said("release", "--out", tmp_path / "two", cwd=root)
    assert code == 1 and told == f"actlab: {tmp_path}/two: File exists."
