"""2. Grading the practice notebook: wall and CPU seconds for a submission, memory, growth, and where the time goes.

The submissions are those of the soak tests: known answers, right and wrong, filled into the notebook that nbgrader
releases.  Every grader gets the same files and judges all of the exercises:

- `actlab grade`, with 1 and with 2 workers, on the whole folder and on one submission at a time;
- `nbgrader autograde`, in one call for the class and one by one;
- `otter run`, which takes one submission at a time and runs it in no container.  Its tests call actlab's own checks, as
  nbgrader's do; the checks that learners see are taken out of the notebook, since otter runs its tests itself.

"One by one" is a command for each submission, its start included.  In the batch each grader has a command for the
class, several times, in turn.  CPU seconds are those of the whole computer while a command runs, so that those of a
sandbox count, which nobody waits for in the end; those of whatever else runs count too.  Peak memory is that of all
processes of a command together, shared pages counted once (PSS), sampled every 0.1 s in a run of its own, since
sampling takes time itself.

Growth: the seconds of `actlab grade` with 2 workers against the number of submissions, fitted as a power; 1 is linear.
The fixed start makes the fit flatter, so the exponent between the two largest classes stands beside it.

"Where the time goes" wraps the functions that judge one submission, in one process; what is left over is drawing
cases, the reference and the comparison.  The floor is what each submission would begin with if its sandbox were not
forked: bubblewrap with the same Python that imports NumPy and ends.
"""

import copy
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import ExitStack, suppress
from pathlib import Path
from unittest.mock import patch

import nbformat
import numpy as np
import psutil
from soak import school
from test_nbgrader import CONSTRAINTS, NEEDS, SOURCE

from actlab.course import PRACTICE
from actlab.exercises import lesson
from actlab.grading import gradebook, marking, origin, reports, sandbox
from actlab.grading.notebook import parse
from actlab.grading.standing import Rules, stand
from actlab.publish.notebooks import to_bytes
from actlab.publish.release import marked
from bench import tools
from bench.report import Row

CLASS, QUICK_CLASS = 10, 3
ROUNDS, QUICK_ROUNDS = 3, 1
SIZES, QUICK_SIZES = (10, 100, 1000), (3, 6, 12)
MARKINGS, QUICK_MARKINGS = 30, 4
OTTER = [*NEEDS[1:], "otter-grader==7.0.0", "ipykernel"]
OTTER_TEST = """
from otter.test_files import test_case

OK_FORMAT = False
name = "{id}"
points = {points}


@test_case()
def judged(env):
    from actlab.check import check

    assert check("{id}", env["{name}"]).status == "right"
"""
FLOORS = {
    "bubblewrap and Python": "pass",
    "bubblewrap, Python, NumPy (floor)": "import sys; sys.path[:0] = {path!r}; import numpy",
}


def measure(quick: bool) -> list[Row]:
    size = QUICK_CLASS if quick else CLASS
    with tempfile.TemporaryDirectory() as folder:
        course = _Course(Path(folder), size)
        rows = course.one_by_one() + course.batch(QUICK_ROUNDS if quick else ROUNDS)
        rows += course.memory() + course.growth(QUICK_SIZES if quick else SIZES)
        return rows + course.where_the_time_goes(QUICK_MARKINGS if quick else MARKINGS)


class _Course:
    """A class handed in to every grader."""

    def __init__(self, root: Path, size: int):
        self.root, self.students = root, [f"s{k:04}" for k in range(size)]
        nbgrader, self.otter_python = (
            tools.environment("nbgrader", NEEDS, CONSTRAINTS),
            tools.environment("otter", OTTER),
        )
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("ACTLAB", "JUPYTER", "PYTHON"))}
        folders = {k: str(root / k) for k in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "ACTLAB_HOME")}
        self.env = clean | folders | {"OMP_NUM_THREADS": "1"}
        self.nbgrader = [nbgrader, "-m", "nbgrader"]
        (root / "source" / "practice").mkdir(parents=True)
        (root / "source" / "practice" / PRACTICE.file).write_bytes(to_bytes(marked(SOURCE)))
        (root / "nbgrader_config.py").write_text(
            f'c = get_config()\nc.CourseDirectory.course_id = "actlab"\nc.CourseDirectory.root = {str(root)!r}\n'
        )
        self._run(nbgrader, *self.nbgrader, "generate_assignment", "practice")
        self.released = nbformat.read(root / "release" / "practice" / PRACTICE.file, as_version=4)
        for k, student in enumerate(self.students):
            notebook = answered(self.released, k)
            for target in (f"submitted/{student}/practice", f"in/{student}", f"alone/{student}/{student}"):
                (root / target).mkdir(parents=True)
                nbformat.write(notebook, root / target / PRACTICE.file)
            notebook.cells = [c for c in notebook.cells if not c.metadata.get("nbgrader", {}).get("grade")]
            (root / "otter" / student).mkdir(parents=True)
            nbformat.write(notebook, root / "otter" / student / PRACTICE.file)
        self._otter_tests()

    def _otter_tests(self):
        tests = self.root / "otter" / "tests"
        tests.mkdir()
        for one in lesson(PRACTICE.number):
            (tests / f"{one.id}.py").write_text(OTTER_TEST.format(id=one.id, name=one.name, points=one.points))
        made = ("generate", "-t", tests, "-o", self.root / "otter" / "autograder.zip", "--no-environment")
        self._run(self.otter_python, self.otter_python, "-m", "otter", *made, "--no-requirements")

    def _run(self, python, *command):
        """Run a command in the environment of this Python: (wall seconds, CPU seconds)."""
        env = self.env | {"PATH": f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"}
        return spent(*command, cwd=self.root, env=env)

    def grade(self, folder: str, out: str, workers: int = 2):
        command = ("-m", "actlab.cli", "grade", self.root / folder, "--out", self.root / out, "--workers", workers)
        return self._run(sys.executable, sys.executable, *command, "--regrade")

    def autograde(self, *words):
        return self._run(self.nbgrader[0], *self.nbgrader, "autograde", "practice", "--force", *words)

    def otter(self, student: str):
        zip, folder = self.root / "otter" / "autograder.zip", self.root / "otter" / student
        command = ("run", "-a", zip, "-o", folder, "--no-logo", folder / PRACTICE.file)
        return self._run(self.otter_python, self.otter_python, "-m", "otter", *command)

    def one_by_one(self) -> list[Row]:
        self.grade("alone/" + self.students[0], "warm-up")
        ways = {
            "actlab": lambda student: self.grade(f"alone/{student}", f"out-{student}", 1),
            "nbgrader": lambda student: self.autograde("--student", student),
            "otter run": self.otter,
        }
        turns = [[grade(student) for grade in ways.values()] for student in self.students]
        return _two_rows("one by one", list(ways), turns, 1)

    def batch(self, rounds: int) -> list[Row]:
        ways = {
            "actlab, 2 workers": lambda: self.grade("in", "out-2", 2),
            "actlab, 1 worker": lambda: self.grade("in", "out-1", 1),
            "nbgrader": self.autograde,
        }
        turns = [[grade() for grade in ways.values()] for _ in range(rounds)]
        return _two_rows(f"batch of {len(self.students)}", list(ways), turns, len(self.students))

    def memory(self) -> list[Row]:
        first = self.students[0]
        ways = {
            "actlab, 2 workers": lambda: self.grade("in", "out-2", 2),
            "actlab, 1 worker": lambda: self.grade("in", "out-1", 1),
            "nbgrader": self.autograde,
            "otter run": lambda: self.otter(first),
        }
        peaks = {}
        for way, grade in ways.items():
            with _Peak() as peak:
                grade()
            peaks[way] = [peak.megabytes]
        base = next(iter(peaks.values()))
        return [Row("peak memory", way, "MB", peak, base if peak is not base else []) for way, peak in peaks.items()]

    def growth(self, sizes) -> list[Row]:
        rows, seconds = [], []
        for size in sizes:
            folder = self.root / f"class-{size}"
            folder.mkdir()
            for k in range(size):
                nbformat.write(answered(self.released, k), folder / f"s{k:04}.ipynb")
            wall, cpu = self.grade(folder.name, f"out-class-{size}")
            seconds.append(wall)
            notes = {"each": wall / size, "CPU each": cpu / size}
            rows.append(Row(f"class of {size}", "actlab, 2 workers", "s", [wall], notes=notes))
        fit, _ = np.polyfit(np.log(sizes), np.log(seconds), 1)
        last = np.diff(np.log(seconds[-2:])) / np.diff(np.log(sizes[-2:]))
        notes = {f"from {sizes[-2]} to {sizes[-1]}": float(last[0])}
        return [*rows, Row("growth", "exponent; 1 is linear", "", [float(fit)], notes=notes)]

    def where_the_time_goes(self, markings: int) -> list[Row]:
        stages = defaultdict(list)
        for k in range(markings):
            notebook = parse(nbformat.writes(answered(self.released, k)).encode())
            for name, seconds in _judged(marking.Job(f"s{k}", notebook.code, marking.Terms(b"secret"))).items():
                stages[name].append(1000 * seconds)
            for name, start in FLOORS.items():
                stages[name].append(1000 * _started(start))
            started = time.perf_counter()
            tools.quiet(sys.executable, "-c", "import actlab.grading.run")
            stages["Python imports the grader"].append(1000 * (time.perf_counter() - started))
        with gradebook.Gradebook(self.root / "out-2") as book:
            grades = list(book.grades())
        rules = Rules(lesson(PRACTICE.number))
        (self.root / "reports").mkdir()
        for _ in range(markings):
            started = time.perf_counter()
            reports.write(self.root / "reports", [stand(grade, rules) for grade in grades], rules)
            stages["reports"].append(1000 * (time.perf_counter() - started) / len(grades))
        whole = stages["whole"]
        return [
            Row("where the time goes", name, "ms", values, whole if name != "whole" else [])
            for name, values in stages.items()
        ]


def answered(released, number: int):
    """The released notebook with one student's answers."""
    answers = dict(zip(school.bank(), school.answers(number), strict=True))
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return notebook


def _two_rows(case, ways, turns, submissions) -> list[Row]:
    rows = []
    for unit, which in (("s", 0), ("CPU s", 1)):
        times = {way: [turn[k][which] / submissions for turn in turns] for k, way in enumerate(ways)}
        base = times[ways[0]]
        rows += [Row(f"{case}, {unit} each", way, unit, times[way], base if way != ways[0] else []) for way in ways]
    return rows


def spent(*command, **options) -> tuple[float, float]:
    """Wall seconds of a command, and CPU seconds of the whole computer meanwhile."""
    before, started = _computed(), time.perf_counter()
    tools.quiet(*command, **options)
    return time.perf_counter() - started, _computed() - before


def _computed() -> float:
    times = psutil.cpu_times()
    return times.user + times.nice + times.system + times.irq + times.softirq


class _Peak:
    """The largest memory that all children of this process have had together, while inside."""

    def __enter__(self):
        self.bytes, self.over = 0, threading.Event()
        self.thread = threading.Thread(target=self._sample)
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        self.thread.join()

    @property
    def megabytes(self) -> float:
        return self.bytes / 1e6

    def _sample(self):
        while not self.over.wait(0.1):
            together = 0
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    together += process.memory_full_info().pss
            self.bytes = max(self.bytes, together)


def _judged(job: marking.Job) -> dict[str, float]:
    """Seconds of each stage of judging one submission."""
    spent = defaultdict(float)

    def timed(stage, function):
        def wrapper(*args, **kwargs):
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent[stage] += time.perf_counter() - started

        return wrapper

    stages = {
        "__init__": "sandbox start",
        "wait": "sandbox start",
        "send": "cells and calls",
        "receive": "cells and calls",
        "close": "sandbox end",
    }
    with ExitStack() as stack:
        for method, stage in stages.items():
            wrapped = timed(stage, getattr(sandbox.Sandbox, method))
            stack.enter_context(patch.object(sandbox.Sandbox, method, wrapped))
        started = time.perf_counter()
        marking.judge(job)
        whole = time.perf_counter() - started
    return {"whole": whole, **spent, "cases and comparison": whole - sum(spent.values())}


def _started(code: str) -> float:
    """Seconds until a sandbox that does nothing but this has ended."""
    with patch.object(origin, "START", code):
        source = origin.Each("bubblewrap")
        started = time.perf_counter()
        with sandbox.Sandbox(source=source):
            status = source.process.wait()
            seconds = time.perf_counter() - started
    assert status == 0, f"the sandbox ended with {status}"
    return seconds
