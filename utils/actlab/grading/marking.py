"""One submission, from its cells to its results: sandboxes on one side, exercises on the other."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

from actlab import learner
from actlab.course import PRACTICE
from actlab.exercises import EXERCISES, Choice, Exercise, Result, Status, evaluate
from actlab.exercises.personal import cases_rng, personal
from actlab.grading import wire
from actlab.grading.outcome import Event, Outcome, Remark
from actlab.grading.sandbox import NoSandbox, Sandbox
from actlab.learner import Kind, Trouble
from actlab.recipes import Seed

BUDGET = 10
GRACE = 0.5
MAX_STARTS = 12
UNJUDGED = "This answer could not be judged by machine: ask your instructor to look at it."
OVER = "the time for the whole submission was used up before this was called"
LATE = "`{name}` was still running after {seconds:g} s: is a loop endless?"
ENDED = "`{name}` ended the Python process that called it"


@dataclass(frozen=True)
class Terms:
    """What is the same for everyone in a class.

    secret: what each student's cases are drawn from.
    personal: whether the hand-outs were made with it, so that options stand in an order of each student's own.
    seconds: limit of one cell or one call.
    """

    secret: bytes
    seconds: float = 10.0
    sandbox: str = "bubblewrap"
    lesson: int = PRACTICE.number
    personal: bool = False


@dataclass(frozen=True)
class Job:
    """All that it takes to judge one submission, fit to be sent to another computer.

    asked_as: the id that the hand-out was made for, where a learning platform knows the student by another.
    """

    student: str
    cells: tuple[str, ...]
    terms: Terms
    asked_as: str = ""


def judge(job: Job) -> Outcome:
    """Run the cells in a sandbox and judge every exercise."""
    started = time.monotonic()
    with Session(job.cells, job.terms.seconds, job.terms.sandbox) as session:
        results = [_judged(exercise, session, job) for exercise in asked(job)]
    return Outcome(results, session.remarks, time.monotonic() - started)


def asked(job: Job) -> list[Exercise]:
    """The exercises as this student saw them."""
    known = personal(job.terms.secret, job.asked_as or job.student) if job.terms.personal else EXERCISES
    return [exercise for exercise in known.values() if exercise.lesson == job.terms.lesson]


def _judged(exercise: Exercise, session: Session, job: Job) -> Result:
    ask = partial(session.read if isinstance(exercise, Choice) else session.call, exercise.name)
    try:
        return evaluate(exercise, ask, cases_rng(job.terms.secret, job.student, exercise.id))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # An answer that the judge itself stumbles over earns nothing by it, and costs nobody else anything.
        session.unjudged.append(Remark(Event.UNJUDGED, name=exercise.name, said=type(error).__name__))
        return exercise.result(Status.WRONG, kind=Kind.UNJUDGED, sentence=UNJUDGED)


class Session:
    """A submission whose cells have been run, through as many sandboxes as it takes.

    A cell or call past its limit is interrupted inside. Where that does not help, or where the process ends or talks
    nonsense, the sandbox is closed, and the next one runs all other cells.
    """

    def __init__(self, cells: tuple[str, ...], seconds: float, kind: str):
        self.cells, self.seconds, self.kind = dict(enumerate(cells, 1)), seconds, kind
        self.left, self.starts = BUDGET * seconds, 0
        self.box: Sandbox | None = None
        self.failed: dict[int, Remark] = {}
        self.dropped: set[int] = set()
        self.lost: dict[str, Trouble] = {}
        self.unjudged: list[Remark] = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._close()

    @property
    def remarks(self) -> list[Remark]:
        return [remark for _, remark in sorted(self.failed.items())] + self.unjudged

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

    def _value(self, request, body=b"", functions=()):
        name = request["name"]
        if name in self.lost:
            raise self.lost[name]
        self._open()
        try:
            answer, body = self._ask(request, body, functions)
            learner.note(answer.get("noted"))
            if "trouble" in answer:
                raise _trouble(answer["trouble"])
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
            if "trouble" in answer:
                said = str(_trouble(answer["trouble"])).replace("Your function", "It", 1)
                self.failed[number] = Remark(Event.STOPPED, number, said=said)
            return True
        except wire.Late:
            self.failed[number] = Remark(Event.LATE, number, self.seconds)
        except wire.Broken:
            self.failed[number] = Remark(Event.ENDED, number)
        self.dropped.add(number)
        self._close()
        return False

    def _ask(self, request, body=b"", functions=()):
        started = time.monotonic()
        allowed = max(0.0, min(self.seconds, self.left))
        try:
            return self.box.ask(request | {"seconds": allowed}, started + allowed + GRACE, body, functions)
        finally:
            self.left -= time.monotonic() - started

    def _close(self):
        if self.box:
            self.box.close()
            self.box = None


def _trouble(said) -> Trouble:
    """What the sandbox says went wrong; it costs points and earns none, so it may be believed."""
    if (
        not isinstance(said, list)
        or len(said) != 3
        or not all(isinstance(s, str) for s in said)
        or said[0] not in [*Kind]
    ):
        raise wire.Broken
    kind, words, error = (wire.text(s) for s in said)
    return Trouble(kind, words, error)
