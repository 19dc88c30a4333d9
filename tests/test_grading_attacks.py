"""Every attack earns nothing, changes nothing outside its sandbox, and harms nobody judged beside or after it."""

import hashlib
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import attacks
import classroom
import psutil
import pytest

from actlab.grading import runtime
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.outcome import Outcome
from actlab.grading.run import Order, grade

ATTACKS = attacks.attacks()
CLASSES = 16
TERMS = Terms(b"the secret of a class", seconds=0.6)
SANDBOX_BYTES, JUDGE_BYTES = 1_200_000_000, 200_000_000
SLOW = "import time\nwhile time.process_time() < 2:\n    pass"


def sandboxed():
    """Processes of sandboxes whose grader is gone."""
    for process in psutil.process_iter(["cmdline"]):
        if any("actlab.grading.forkserver" in word for word in process.info["cmdline"] or ()):
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


def requests() -> str:
    """How many of the kernel's asynchronous requests are reserved, of the few that the computer has."""
    return Path("/proc/sys/fs/aio-nr").read_text()


def gone(processes, seconds=10.0) -> bool:
    """Whether none is left after a while: what is killed takes a moment to end."""
    deadline = time.monotonic() + seconds
    while any(processes()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def judged_in_turn(student: str, *submissions) -> list[Outcome]:
    """What comes of submissions that one process judges, the second one where the first has just ended."""
    return [judge(Job(student, cells, TERMS)) for cells in submissions]


@pytest.fixture(scope="module")
def outcomes():
    """Of each attack, of the honest submissions judged beside it and, where it was, after it; and the host's state."""
    before = digest(runtime.folder()), traces(), requests()
    found = []
    os.environ["ACTLAB_CANARY_SECRET"] = "canary"
    try:
        with ProcessPoolExecutor(2, get_context("spawn")) as pool:
            for attack in ATTACKS:
                here = pool.submit(judged_in_turn, f"{attack}", attack.cells, attack.neighbour)
                beside = pool.submit(judged_in_turn, f"{attack}", attack.neighbour)
                found.append([*here.result(), *beside.result()])
    finally:
        del os.environ["ACTLAB_CANARY_SECRET"]
    return found, before, (digest(runtime.folder()), traces(), requests())


def test_the_modules_that_attacks_aim_at_exist():
    cells = "\n".join(cell for attack in ATTACKS for cell in attack.cells)
    named = set(re.findall(r'"(actlab(?:\.\w+)*)"', cells))
    assert {"actlab.exercises.judging", "actlab.grading.marking"} <= named
    assert [name for name in named if find_spec(name) is None] == []


def test_every_class_is_tried():
    assert len({attack.kind for attack in ATTACKS}) == CLASSES and len(ATTACKS) > 120


@pytest.mark.parametrize("k", range(len(ATTACKS)), ids=[str(attack).replace(" ", "-") for attack in ATTACKS])
def test_it_gains_nothing_and_whoever_is_judged_beside_or_after_it_is_unharmed(outcomes, k):
    attack, *others = outcomes[0][k]
    assert attack.score == ATTACKS[k].points, (attack.score, attack.remarks)
    assert not any("AssertionError" in remark.said for remark in attack.remarks), attack.remarks
    for honest in others:
        assert honest.score == 100 and not honest.remarks, honest


def test_the_host_is_as_it_was(outcomes):
    _, before, after = outcomes
    assert before == after
    assert gone(sandboxed), "processes of a sandbox outlived it"


@pytest.mark.parametrize("name", ["pages that stay", "empty files", "requests that", "no limit of a process"])
def test_a_bomb_takes_no_memory_that_its_sandbox_does_not_have(name):
    attack = next(attack for attack in ATTACKS if name in attack.name)
    least, done = [before := available()], threading.Event()

    def watch():
        while not done.wait(0.02):
            least.append(available())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        judge(Job("bomb", attack.cells, TERMS))
    finally:
        done.set()
        watching.join()
    assert before - min(least) < SANDBOX_BYTES


def available() -> int:
    """How many bytes of memory the computer could still give."""
    return psutil.virtual_memory().available


@pytest.mark.parametrize(
    "name", ["frames of the largest", "truth values", "many results", "asked without end", "a million values"]
)
def test_what_a_sandbox_says_takes_little_memory_outside_of_it(name):
    attack = next(attack for attack in ATTACKS if name in attack.name)
    assert judging_alone(attack.cells) < JUDGE_BYTES


def judging_alone(cells) -> int:
    """The most memory, in bytes, that a process of its own held while it judged these cells."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_peak, cells).result()


def _peak(cells):
    judge(Job("large", cells, TERMS))
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())  # ru_maxrss is inherited
    return 1024 * int(peak[1])


def test_a_right_answer_loses_nothing_on_a_busy_computer():
    """The limit is computing time: beside 28 others that compute, a cell within it takes much longer on the wall."""
    busy = [subprocess.Popen(["nice", sys.executable, "-c", "while True: pass"]) for _ in range(28)]
    try:
        outcome = judge(Job("patient", (*attacks.honest(), SLOW), Terms(TERMS.key, seconds=3)))
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert outcome.score == 100 and outcome.remarks == []


def test_pages_show_what_students_wrote_as_text(tmp_path):
    attack = next(attack for attack in ATTACKS if "markup" in attack.name)
    grade(classroom.hand_in(tmp_path / "submissions", ada=attack.cells), tmp_path / "out", Order(workers=1))
    page = (tmp_path / "out" / "feedback" / "ada.html").read_text(encoding="utf-8")
    assert "<script" not in page and "<img" not in page and "{{" in page and "&lt;script&gt;" in page
