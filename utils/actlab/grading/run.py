"""A whole class: read what came in, mark what is new or changed, record it, write the reports."""

from __future__ import annotations

import ctypes
import hashlib
import json
import multiprocessing
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from actlab.course import PRACTICE
from actlab.exercises import lesson
from actlab.files import locked
from actlab.grading import reports
from actlab.grading.gradebook import LOCK, Grade, Gradebook
from actlab.grading.marking import Job, Marks, mark
from actlab.grading.sandbox import require
from actlab.grading.submissions import Notebook, Submission, Unreadable, collect, parse

TRIES = 3
AHEAD = 4
PACKAGE = Path(__file__).parents[1]
JUDGES = ("learner.py", "recipes.py", "activations.py", "exercises", "grading")


@dataclass(frozen=True)
class Order:
    """How to grade.

    secret: what the cases and each student's options are drawn from; None draws one and keeps it in the gradebook.
    workers: processes on this computer.  scheduler: address of a dask cluster to use in their place.
    """

    secret: bytes | None = None
    workers: int = 2
    scheduler: str = ""
    seconds: float = 10.0
    regrade: bool = False
    sandbox: str = "bubblewrap"
    lesson: int = PRACTICE.number


@dataclass(frozen=True)
class Progress:
    """What a grader wants to hear about, while it happens."""

    waiting: Callable[[], None] = lambda: None
    started: Callable[[int], None] = lambda total: None
    done: Callable[[Grade | None], None] = lambda grade: None


def grade(source: Path, out: Path, order: Order, progress: Progress | None = None) -> list[Grade]:
    """Grade everything in `source` into the folder `out`; return all that its gradebook holds."""
    progress = progress or Progress()
    if not order.scheduler:
        require(order.sandbox)
    out.mkdir(parents=True, exist_ok=True)
    with locked(out / LOCK, progress.waiting), Gradebook(out) as book:
        submissions = collect(source, leave_out=out)
        secret = order.secret or book.kept("secret", lambda: secrets.token_bytes(32))
        known = {} if order.regrade else book.marks()
        progress.started(len(submissions))
        waiting = _new(submissions, known, order, secret, book, progress)
        for row, outcome in _marked(waiting, order):
            row = _completed(row, outcome)
            book.record(row)
            progress.done(row)
        grades = list(book.grades())
        reports.write(out, grades, lesson(order.lesson))
    return grades


def _new(submissions, known, order, secret, book, progress) -> Iterator[tuple[Job, Grade]]:
    """What has to be marked, with the row it will get; what needs no marking is recorded here."""
    version = _version(order, secret)
    most = sum(exercise.points for exercise in lesson(order.lesson))
    for submission in submissions:
        row, cells = _row(submission, version, most)
        if known.get(row.student) == row.mark:
            progress.done(None)
        elif not cells:
            book.record(row)
            progress.done(row)
        else:
            asked_as = row.handed_to if submission.platform else ""
            kind = (order.seconds, order.sandbox, order.lesson, bool(order.secret))
            yield Job(row.student, cells, secret, *kind, asked_as), row


def _row(submission: Submission, version: bytes, most: float) -> tuple[Grade, tuple[str, ...]]:
    """A student's row as far as it is known before marking, and the cells to mark, if any."""
    row = Grade(submission.student, "", "graded", 0, most, notes=submission.notes(), name=submission.name)
    try:
        data = submission.read()
        notebook = parse(data)
    except Unreadable as error:
        data, notebook = error.sentence.encode(), Notebook(())
        row = replace(row, status=error.status, sentence=error.sentence)
    if notebook.handed_to not in ("", row.student) and not submission.platform:
        row.notes.append(f"This notebook was handed out to “{notebook.handed_to[:100]}”.")
    identity = json.dumps([row.student, row.name, row.status, row.notes]).encode()
    return replace(
        row,
        mark=hashlib.sha256(version + identity + data).hexdigest(),
        written=list(notebook.written),
        handed_to=notebook.handed_to,
        code=_fingerprint(notebook.code),
    ), notebook.code


def _fingerprint(cells) -> str:
    return hashlib.sha256("\0".join(cells).encode("utf-8", "replace")).hexdigest()[:16] if cells else ""


def _version(order: Order, secret: bytes) -> bytes:
    """What a result depends on beside the submission: this package's judging parts, the secret, the limit."""
    mark = hashlib.sha256(json.dumps([secret.hex(), order.seconds, order.lesson, bool(order.secret)]).encode())
    for name in JUDGES:
        for path in sorted((PACKAGE / name).rglob("*.py")) if (PACKAGE / name).is_dir() else [PACKAGE / name]:
            mark.update(path.read_bytes())
    return mark.digest()


def _completed(row: Grade, outcome: Marks | Exception) -> Grade:
    if isinstance(outcome, Exception):
        sentence = f"Grading failed {TRIES} times: {type(outcome).__name__}. The next run tries again."
        return replace(row, status="failed", sentence=sentence)
    score = sum(reports.points(result)[0] for result in outcome.results)
    return replace(row, score=score, results=outcome.results, remarks=outcome.remarks, seconds=outcome.seconds)


def _marked(waiting: Iterable[tuple[Job, Grade]], order: Order) -> Iterator[tuple[Grade, Marks | Exception]]:
    """Mark in parallel, a few ahead; what fails for reasons of its own is tried again, elsewhere."""
    waiting = iter(waiting)
    with _Pool(order) as pool:
        running: dict[Future, tuple[Job, Grade, int]] = {}
        again: list[tuple[Job, Grade, int]] = []
        while True:
            while len(running) < pool.width and (entry := again.pop() if again else _next(waiting)):
                running[pool.submit(entry[0])] = entry
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job, row, tries = running.pop(future)
                error = future.exception()
                if error is None:
                    yield row, future.result()
                elif tries + 1 < TRIES:
                    again.append((job, row, tries + 1))
                else:
                    yield row, error


def _next(waiting):
    found = next(waiting, None)
    return found and (*found, 0)


class _Pool:
    """Where `mark` runs: processes of this computer, renewed when one dies, or a dask cluster."""

    def __init__(self, order: Order):
        self.order, self.client, self.executor = order, None, None

    def __enter__(self):
        if self.order.scheduler:
            from distributed import Client

            self.client = Client(self.order.scheduler)
            self.executor = self.client.get_executor(pure=False)
            self.width = AHEAD * max(1, sum(self.client.ncores().values()))
        else:
            self.executor = self._processes()
            self.width = AHEAD * self.order.workers
        return self

    def __exit__(self, kind, *error):
        if self.client:
            self.executor.shutdown(wait=kind is None)
            self.client.close()
        else:
            self.executor.shutdown(wait=kind is None, cancel_futures=True)

    def submit(self, job: Job) -> Future:
        try:
            return self.executor.submit(mark, job)
        except BrokenExecutor:
            self.executor.shutdown(wait=False)
            self.executor = self._processes()
            return self.executor.submit(mark, job)

    def _processes(self) -> Executor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.order.workers, context, initializer=_stay_with, initargs=(os.getpid(),))


def _stay_with(parent: int) -> None:
    """Let this process end with the grader that started it, and leave Ctrl-C to that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
