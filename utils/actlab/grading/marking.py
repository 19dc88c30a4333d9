"""One submission, from its cells to its results: sandboxes on one side, exercises on the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from actlab import learner, words
from actlab.course import PRACTICE
from actlab.exercises import Choice, Exercise, Numbers, Result, Status, Task, evaluate, heard, lesson
from actlab.exercises.personal import cases_rng
from actlab.grading import wire
from actlab.grading.outcome import Event, Outcome, Remark, Stumbled, fault, few
from actlab.grading.sandbox import NoSandbox, Sandbox
from actlab.learner import Kind, Trouble
from actlab.recipes import Seed

Call = Callable[..., Any]

BUDGET = 10
RESERVED = 0.6  # of the time for all calls, for the cases that count: slow and right is right
LARGEST_CELL = 1 << 20
LONGEST_NAME = 60
GRACE = 0.5
MAX_STARTS = 12
UNJUDGED = "This answer could not be judged by machine: ask your instructor to look at it."
WITHOUT = "{seen} It asked {library} for a value, and {library} is not there while homework is graded."
ELSEWHERE = "It is not right on all inputs that count: try others, such as large, small and integer ones."
SAID_INSIDE = set(Kind) - {Kind.UNJUDGED}
OVER = "the time for the whole submission was used up before this was called"
LATE = "`{name}` was still running after {seconds:g} s: is a loop endless?"
ENDED = "`{name}` ended the Python process that called it"


@dataclass(frozen=True)
class Terms:
    """On what terms a submission is judged.

    key: what its cases are drawn from; each student has their own, and none tells the secret of the class.
    seconds: limit of one cell or one call.
    """

    key: bytes
    seconds: float = 10.0
    sandbox: str = "bubblewrap"
    lesson: int = PRACTICE.number


@dataclass(frozen=True)
class Job:
    """All that it takes to judge one submission, fit to be sent to another computer.

    orders: how the options of a multiple choice stood in front of the student, by the exercise's id; as in the course
    where nothing is said.  instance: the code of what was drawn for the student.
    """

    student: str
    cells: tuple[str, ...]
    terms: Terms
    orders: Mapping[str, str] = field(default_factory=dict)
    instance: str = ""


def judge(job: Job, tapped: Callable[[Exercise, Call], Call] | None = None) -> Outcome:
    """Run the cells in a sandbox and judge every exercise.

    tapped(exercise, call) -> what is called in the place of `call` where it counts, and has to give the same.

    What is said about an answer that is not right is heard on other cases than those that count, before any of these
    was sent, and looked into after the last call: nothing that submitted code makes the grader say can tell what it is
    graded on, and nothing that it is asked, nor when, whether it was right.
    Errors: NoSandbox, OSError and MemoryError, which another try may not meet; Stumbled, which it would.
    """
    started = time.monotonic()
    doing = "the exercises were drawn"
    try:
        exercises = asked(job)
        with Session(job.cells, job.terms.seconds, job.terms.sandbox) as session:
            doing = "the feedback was prepared"
            session.run_cells()
            kept = RESERVED * session.left
            answers = [_shown(exercise, session, job) if session.left > kept else None for exercise in exercises]
            without = [session.without.get(exercise.name, "") for exercise in exercises]
            remarks = session.remarks
            doing = "the answers were judged"
            results = [_judged(exercise, session, job, tapped) for exercise in exercises]
        doing = "the feedback was written"
        shown = [_looked_into(exercise, answer, job) for exercise, answer in zip(exercises, answers, strict=True)]
        told = list(map(_told, exercises, results, shown, without))
    except (NoSandbox, OSError, MemoryError):
        raise
    except Exception as error:
        raise Stumbled(fault(f"{doing} for {job.student}", error)) from error
    return Outcome(told, few(remarks + session.unjudged), time.monotonic() - started)


def asked(job: Job) -> list[Exercise]:
    """The exercises as this student saw them."""
    drawn = (exercise.of_instance(job.instance) for exercise in lesson(job.terms.lesson))
    return [
        exercise.reordered(job.orders[exercise.id])
        if isinstance(exercise, Choice) and exercise.id in job.orders
        else exercise
        for exercise in drawn
    ]


def _ask(exercise: Exercise, session: Session) -> Call:
    """What gives the answer to an exercise."""
    if isinstance(exercise, Choice):
        return partial(session.read, exercise.name)
    return partial(session.numbers if isinstance(exercise, Numbers) else session.call, exercise.name)


def _judged(exercise: Exercise, session: Session, job: Job, tapped: Callable[[Exercise, Call], Call] | None) -> Result:
    """The points, on the cases that count. Causes and praise are the feedback's: nothing is asked for them here."""
    bare = replace(exercise, wrong={}, beyond=Task.beyond) if isinstance(exercise, Task) else exercise
    ask = _ask(exercise, session)
    try:
        return evaluate(bare, tapped(exercise, ask) if tapped else ask, cases_rng(job.terms.key, exercise.id))
    except (NoSandbox, OSError):
        raise
    except Exception as error:
        # An answer that the judge itself stumbles over earns nothing by it, and costs nobody else anything.
        session.unjudged.append(Remark(Event.UNJUDGED, name=exercise.name, said=type(error).__name__))
        return exercise.result(Status.WRONG, kind=Kind.UNJUDGED, sentence=UNJUDGED)


def _shown(exercise: Exercise, session: Session, job: Job) -> Call | None:
    """What an answer shows on the feedback's own cases, to be looked into later; None where there are none."""
    if not isinstance(exercise, Task):
        return None
    return heard(exercise, _ask(exercise, session), _feedback_rng(exercise, job))


def _looked_into(exercise: Exercise, answer: Call | None, job: Job) -> Result | None:
    """What the answers to the feedback's own cases show; None where they show nothing."""
    try:
        return evaluate(exercise, answer, _feedback_rng(exercise, job)) if answer else None
    except Exception:  # what the judge stumbles over here, it may not stumble over where it counts
        return None


def _feedback_rng(exercise: Exercise, job: Job) -> np.random.Generator:
    return cases_rng(job.terms.key, exercise.id, "feedback")


def _told(exercise: Exercise, result: Result, shown: Result | None, library: str) -> Result:
    """The result with what the feedback's cases show of it; where they show something else, with no detail.

    library: one that the answer asked for numbers there, and that is not where homework is graded.
    """
    if result.kind is Kind.UNJUDGED or isinstance(exercise, Choice):
        return result
    if result.status is Status.RIGHT:
        return replace(result, sentence=shown.sentence if shown and shown.status is Status.RIGHT else "")
    if shown is None or (shown.status, shown.parts, shown.kind) != (result.status, result.parts, result.kind):
        shown = replace(result, sentence=ELSEWHERE, cause="", failing=())
    if library:
        return replace(shown, sentence=WITHOUT.format(seen=words.sentence(shown.sentence), library=library))
    return shown


class Session:
    """A submission whose cells have been run, through as many sandboxes as it takes.

    A cell or call past its limit is interrupted inside. Where that does not help, or where the process ends or talks
    nonsense, the sandbox is closed, and the next one runs all other cells.
    """

    def __init__(self, cells: tuple[str, ...], seconds: float, kind: str):
        self.cells, self.seconds, self.kind = dict(enumerate(cells, 1)), seconds, kind
        self.left, self.starts = BUDGET * seconds, 0
        self.box: Sandbox | None = None
        self.dropped = {number for number, cell in self.cells.items() if len(cell) > LARGEST_CELL}
        self.failed = {number: Remark(Event.LARGE, number) for number in self.dropped}
        self.without: dict[str, str] = {}
        self.lost: dict[str, Trouble] = {}
        self.unjudged: list[Remark] = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._close()

    def run_cells(self) -> None:
        """Run the cells now, not only when the first value is asked for."""
        with suppress(Trouble):  # told by each answer that is asked for
            self._open()

    @property
    def remarks(self) -> list[Remark]:
        """What happened to the cells so far."""
        return [remark for _, remark in sorted(self.failed.items())]

    def call(self, name: str, *args):
        """What the submitted function returns for the arguments."""
        functions, sendable = [], []
        for value in args:
            if isinstance(value, Seed):
                value = wire.Made("generator", value.value)
            elif hasattr(value, "make"):
                functions.append(value.make())
                value = wire.Made("function", len(functions) - 1)
            sendable.append(value)
        tree, body = wire.pack(sendable)
        return self._value({"do": "call", "name": name, "args": tree}, body, functions)

    def read(self, name: str):
        """The text that a variable holds, or None."""
        return self._value({"do": "read", "name": name})

    def numbers(self, name: str):
        """The numbers that a variable holds, or None."""
        return self._value({"do": "numbers", "name": name})

    def _value(self, request, body=b"", functions=()):
        name = request["name"]
        if name in self.lost:
            raise self.lost[name]
        self._open()
        try:
            answer, body = self._ask(request, body, functions)
            if isinstance(library := answer.get("without"), str) and library.isidentifier():
                self.without[name] = library[:LONGEST_NAME]
            learner.note(answer.get("noted"))
            if "trouble" in answer:
                trouble = _trouble(answer["trouble"])
                if trouble.kind is Kind.TIME:
                    trouble = self.lost[name] = Trouble(Kind.TIME, LATE.format(name=name, seconds=self.seconds))
                raise trouble
            return wire.unpack(answer.get("value"), body)
        except wire.Late:
            self.lost[name] = Trouble(Kind.TIME, LATE.format(name=name, seconds=self.seconds))
        except wire.Broken:
            self.lost[name] = Trouble(Kind.ENDED, ENDED.format(name=name))
        self._close()
        raise self.lost[name]

    def _open(self):
        """Have a sandbox in which all cells have been run that can be."""
        while self.box is None or self.left <= 0:
            if self.left <= 0 or self.starts == MAX_STARTS:
                raise Trouble(Kind.TIME, OVER)
            self.starts += 1
            self.box = Sandbox(self.kind, 2 * BUDGET * self.seconds)
            try:
                self.box.wait()
            except (wire.Late, wire.Broken):
                raise NoSandbox("A sandbox did not start.") from None
            for number in self.cells:
                if number not in self.dropped and not self._run(number):
                    break

    def _run(self, number) -> bool:
        """Whether the sandbox is still there after this cell."""
        try:
            answer, _ = self._ask({"do": "cell", "label": f"cell {number}", "source": self.cells[number]})
            trouble = _trouble(answer["trouble"]) if "trouble" in answer else None
            said = trouble.sentence if trouble else wire.unpack(answer.get("value"), b"")
            if isinstance(said, str):
                late = trouble is not None and trouble.kind is Kind.TIME
                kind = Event.INTERRUPTED if late else Event.STOPPED if trouble else Event.FAILED
                said = words.sentence(said.replace("Your function", "It", 1))
                self.failed[number] = Remark(kind, number, self.seconds if late else 0.0, said=said)
            return True
        except wire.Late:
            self.failed[number] = Remark(Event.LATE, number, self.seconds)
        except wire.Broken:
            self.failed[number] = Remark(Event.ENDED, number)
        self.dropped.add(number)
        self._close()
        return False

    def _ask(self, request, body=b"", functions=()):
        spent, allowed = self.box.spending(), max(0.0, min(self.seconds, self.left))
        try:
            return self.box.ask(request | {"seconds": allowed}, lambda: allowed + GRACE - spent(), body, functions)
        finally:
            self.left -= spent()

    def _close(self):
        if self.box:
            self.box.close()
            self.box = None


def _trouble(said) -> Trouble:
    """What the sandbox says went wrong: it costs points and earns none. What the judge alone says is not believed."""
    if (
        not isinstance(said, list)
        or len(said) != 3
        or not all(isinstance(s, str) for s in said)
        or said[0] not in SAID_INSIDE
    ):
        raise wire.Broken
    kind, words, error = (wire.text(s) for s in said)
    return Trouble(kind, words, error)
