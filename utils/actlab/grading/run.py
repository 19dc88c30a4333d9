"""A whole class: read what came in, judge what is new or changed, record it, write the reports."""

from __future__ import annotations

import multiprocessing
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from actlab.course import PRACTICE
from actlab.exercises import lesson
from actlab.exercises.personal import key
from actlab.files import locked
from actlab.grading import reports, witness
from actlab.grading.gradebook import LOCK, Grade, Gradebook
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.outcome import Outcome
from actlab.grading.row import Reading, begun, completed, exhibit, read
from actlab.grading.sandbox import require
from actlab.grading.submissions import Submission, collect
from actlab.grading.witness import Finding, Findings
from actlab.processes import stay_with

TRIES = 3
AHEAD = 4


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

    def terms(self, secret: bytes, student: str) -> Terms:
        """The terms for one student, once there is a secret."""
        return Terms(key(secret, student), self.seconds, self.sandbox, self.lesson)


@dataclass(frozen=True)
class Progress:
    """What a grader wants to hear about, while it happens."""

    waiting: Callable[[], None] = lambda: None
    started: Callable[[int], None] = lambda total: None
    done: Callable[[Grade | None], None] = lambda grade: None
    said: Callable[[str], None] = lambda sentence: None


def grade(source: Path, out: Path, order: Order, progress: Progress | None = None) -> list[Grade]:
    """Grade everything in `source` into the folder `out`; return all that its gradebook holds."""
    progress = progress or Progress()
    if not order.scheduler:
        require(order.sandbox)
    out.mkdir(parents=True, exist_ok=True)
    with locked(out / LOCK, progress.waiting), Gradebook(out) as book:
        submissions = collect(source, leave_out=out)
        secret = order.secret or book.kept("secret", lambda: secrets.token_bytes(32))
        readings = [read(submission) for submission in submissions]
        exhibits = filter(None, map(exhibit, submissions, readings))
        findings = witness.compare(exhibits, order.secret, order.lesson)
        witness.require_same(book, secret, order.regrade)
        for sentence in findings.said:
            progress.said(sentence)
        known = {} if order.regrade else book.identities()
        progress.started(len(submissions))
        begin = partial(_begun, findings=findings, order=order, secret=secret)
        waiting = _new(map(begin, submissions, readings), known, book, progress)
        for row, outcome in _judged(waiting, order):
            row = _failed(row, outcome) if isinstance(outcome, BaseException) else completed(row, outcome)
            book.record(row)
            progress.done(row)
        grades = list(book.grades())
        reports.write(out, grades, lesson(order.lesson))
    return grades


def _begun(
    submission: Submission, reading: Reading, findings: Findings, order: Order, secret: bytes
) -> tuple[Grade, Job | None]:
    finding = findings.of.get(submission.student, Finding())
    return begun(submission, reading, finding, order.terms(secret, submission.student))


def _new(
    rows: Iterable[tuple[Grade, Job | None]], known: dict[str, str], book: Gradebook, progress: Progress
) -> Iterator[tuple[Job, Grade]]:
    """What has to be judged, with the row it will complete; what needs no judging is recorded here."""
    for row, job in rows:
        if known.get(row.student) == row.identity:
            progress.done(None)
        elif job is None:
            book.record(row)
            progress.done(row)
        else:
            yield job, row


def _failed(row: Grade, error: BaseException) -> Grade:
    sentence = f"Grading failed {TRIES} times: {type(error).__name__}. The next run tries again."
    return replace(row, status="failed", sentence=sentence)


def _judged(waiting: Iterable[tuple[Job, Grade]], order: Order) -> Iterator[tuple[Grade, Outcome | BaseException]]:
    """Judge in parallel, a few ahead; what fails for reasons of its own is tried again, elsewhere."""
    waiting = iter(waiting)
    with _Pool(order) as pool:
        running: dict[Future[Outcome], tuple[Job, Grade, int]] = {}
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


def _next(waiting: Iterator[tuple[Job, Grade]]) -> tuple[Job, Grade, int] | None:
    found = next(waiting, None)
    return found and (*found, 0)


class _Pool:
    """Where `judge` runs: processes of this computer, renewed when one dies, or a dask cluster."""

    def __init__(self, order: Order):
        self.order = order
        self.client = None
        self.executor: Executor
        if order.scheduler:
            from distributed import Client

            self.client = Client(order.scheduler)
            self.executor = self.client.get_executor(pure=False)
            self.width = AHEAD * max(1, sum(self.client.ncores().values()))
        else:
            self.executor = self._processes()
            self.width = AHEAD * order.workers

    def __enter__(self):
        return self

    def __exit__(self, kind, *error):
        if self.client:
            self.executor.shutdown(wait=kind is None)
            self.client.close()
        else:
            self.executor.shutdown(wait=kind is None, cancel_futures=True)

    def submit(self, job: Job) -> Future[Outcome]:
        try:
            return self.executor.submit(judge, job)
        except BrokenExecutor:
            self.executor.shutdown(wait=False)
            self.executor = self._processes()
            return self.executor.submit(judge, job)

    def _processes(self) -> Executor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.order.workers, context, initializer=stay_with, initargs=(os.getpid(),))
