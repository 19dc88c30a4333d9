"""One submission, from its cells to its results: sandboxes on one side, exercises on the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from actlab import learner, words
from actlab.course import PRACTICE
from actlab.exercises import Choice, Exercise, Numbers, Result, Status, Task, evaluate, heard, lesson
from actlab.exercises.judging import Ask, Call, Said
from actlab.exercises.personal import cases_rng
from actlab.grading import wire
from actlab.grading.outcome import Event, Outcome, Remark, Stumbled, fault, few
from actlab.grading.sandbox import NoSandbox, Request, Sandbox, batches
from actlab.learner import Kind, Trouble
from actlab.recipes import Seed

Seconds = Callable[[], float]

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
        shown = list(map(_looked_into, answers))
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


def _ask(task: Task, session: Session) -> Ask:
    """What gives the answers to a task."""
    return partial(session.numbers if isinstance(task, Numbers) else session.calls, task.name)


def counting(task: Task, session: Session, job: Job) -> tuple[Task, Call]:
    """The answer to the cases that count, as `heard` gives it, without whatever serves the feedback alone."""
    bare = replace(task, wrong={}, beyond=Task.beyond)
    return heard(bare, _ask(task, session), cases_rng(job.terms.key, task.id))


def _judged(exercise: Exercise, session: Session, job: Job, tapped: Callable[[Exercise, Call], Call] | None) -> Result:
    """The points, on the cases that count. Causes and praise are the feedback's: nothing is asked for them here."""
    call: Call = partial(session.read, exercise.name)
    try:
        bare = exercise
        if isinstance(exercise, Task):
            bare, call = counting(exercise, session, job)
        return evaluate(bare, tapped(exercise, call) if tapped else call, told=False)
    except (NoSandbox, OSError):
        raise
    except Exception as error:
        # An answer that the judge itself stumbles over earns nothing by it, and costs nobody else anything.
        session.unjudged.append(Remark(Event.UNJUDGED, name=exercise.name, said=type(error).__name__))
        return exercise.result(Status.WRONG, kind=Kind.UNJUDGED, sentence=UNJUDGED)


def _shown(exercise: Exercise, session: Session, job: Job) -> tuple[Task, Call] | None:
    """What an answer shows on the feedback's own cases, to be looked into later; None where there are none."""
    if not isinstance(exercise, Task):
        return None
    try:
        return heard(exercise, _ask(exercise, session), cases_rng(job.terms.key, exercise.id, "feedback"))
    except (NoSandbox, OSError, MemoryError):
        raise
    except Exception:  # what the judge stumbles over here, it may not stumble over where it counts
        return None


def _looked_into(answer: tuple[Task, Call] | None) -> Result | None:
    """What the answers to the feedback's own cases show; None where they show nothing."""
    try:
        return evaluate(*answer) if answer else None
    except Exception:  # as in `_shown`
        return None


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

    def calls(self, name: str, many: Iterable[Sequence]) -> Iterator[Said]:
        """What it returns for each of these arguments, or the trouble, and what was noted; in one trip if they fit."""
        return self._values(name, [_call(name, args) for args in many])

    def numbers(self, name: str, many: Sequence) -> Iterator[Said]:
        """The numbers that a variable holds, or None, as often as they are asked for."""
        return self._values(name, [Request({"do": "numbers", "name": name})] * len(many))

    def read(self, name: str):
        """The text that a variable holds, or None."""
        ((value, _),) = self._values(name, [Request({"do": "read", "name": name})])
        if isinstance(value, Trouble):
            raise value
        return value

    def _values(self, name: str, requests: Sequence[Request]) -> Iterator[Said]:
        came = 0
        while came < len(requests):
            if name in self.lost:
                yield self.lost[name], set()
                came += 1
                continue
            try:
                for answer, body in self._asked(self._open(), requests[came:]):
                    yield self._said(name, answer, body)
                    came += 1
                    if name in self.lost or self.left <= 0:
                        break
            except wire.Late:
                self.lost[name] = Trouble(Kind.TIME, LATE.format(name=name, seconds=self.seconds))
                self._close()
            except wire.Broken:
                self.lost[name] = Trouble(Kind.ENDED, ENDED.format(name=name))
                self._close()
            except Trouble as over:
                yield over, set()
                came += 1

    def _said(self, name: str, answer: dict, body: bytes) -> Said:
        """What an answer holds: a value, or trouble.  Errors: Broken."""
        if isinstance(library := answer.get("without"), str) and library.isidentifier():
            self.without[name] = library[:LONGEST_NAME]
        with learner.noting() as noted:
            learner.note(answer.get("noted"))
        if "trouble" not in answer:
            return wire.unpack(answer.get("value"), body), noted
        trouble = _trouble(answer["trouble"])
        if trouble.kind is Kind.TIME:
            trouble = self.lost[name] = Trouble(Kind.TIME, LATE.format(name=name, seconds=self.seconds))
        return trouble, noted

    def _open(self) -> Sandbox:
        """A sandbox in which all cells have been run that can be."""
        while self.box is None or self.left <= 0:
            if self.left <= 0 or self.starts == MAX_STARTS:
                raise Trouble(Kind.TIME, OVER)
            self.starts += 1
            box = self._started() or self._started()  # what starts it may have been ending just then
            if not box:
                raise NoSandbox("A sandbox did not start.")
            self._run(box, [number for number in self.cells if number not in self.dropped])
        return self.box

    def _started(self) -> Sandbox | None:
        """The sandbox of this session, which is ready; None where it does not get so."""
        self.box = Sandbox(self.kind, 2 * BUDGET * self.seconds)
        try:
            self.box.wait()
        except (wire.Late, wire.Broken):
            self._close()
        return self.box

    def _run(self, box: Sandbox, numbers: Sequence[int]) -> None:
        """Run these cells; where one of them ends the sandbox, it is dropped."""
        asked = [{"do": "cell", "label": f"cell {number}", "source": self.cells[number]} for number in numbers]
        answers = self._asked(box, list(map(Request, asked)))
        for number in numbers:
            try:
                answer, _ = next(answers)
                self._remark(number, answer)
                continue
            except wire.Late:
                self.failed[number] = Remark(Event.LATE, number, self.seconds)
            except wire.Broken:
                self.failed[number] = Remark(Event.ENDED, number)
            self.dropped.add(number)
            self._close()
            return

    def _remark(self, number: int, answer: dict) -> None:
        """Keep what there is to say of a cell that was run."""
        trouble = _trouble(answer["trouble"]) if "trouble" in answer else None
        said = trouble.sentence if trouble else wire.unpack(answer.get("value"), b"")
        if isinstance(said, str):
            late = trouble is not None and trouble.kind is Kind.TIME
            kind = Event.INTERRUPTED if late else Event.STOPPED if trouble else Event.FAILED
            said = words.sentence(said.replace("Your function", "It", 1))
            self.failed[number] = Remark(kind, number, self.seconds if late else 0.0, said=said)

    def _asked(self, box: Sandbox, requests: Sequence[Request]) -> Iterator[tuple[dict, bytes]]:
        """The answers one by one, as they come.  Errors: Late, Broken."""
        for batch in batches(requests):
            spent, allowed, left = self._clock(box)
            try:
                box.send([one._replace(what=one.what | {"seconds": allowed}) for one in batch], left)
            except (wire.Late, wire.Broken):
                self.left -= spent()
                raise
            for one in batch:
                try:
                    answer = box.receive(left, one.functions)
                finally:
                    self.left -= spent()
                computed = box.computed()
                yield answer
                # The next one runs while this one is looked at: what it computes counts, what passes is the grader's.
                spent, _, left = self._clock(box, computed)

    def _clock(self, box: Sandbox, since: float | None = None) -> tuple[Seconds, float, Seconds]:
        """Of what begins now: the seconds it took so far, those it may take, and those that are left for its answer."""
        spent, allowed = box.spending(since), max(0.0, min(self.seconds, self.left))
        return spent, allowed, lambda: allowed + GRACE - spent()

    def _close(self):
        box, self.box = self.box, None
        if box:
            box.close()


def _call(name: str, args: Sequence) -> Request:
    """The request to call a function."""
    functions, sendable = [], []
    for value in args:
        if isinstance(value, Seed):
            value = wire.Made("generator", value.value)
        elif hasattr(value, "make"):
            functions.append(value.make())
            value = wire.Made("function", len(functions) - 1)
        sendable.append(value)
    tree, body = wire.pack(sendable)
    return Request({"do": "call", "name": name, "args": tree}, body, functions)


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
