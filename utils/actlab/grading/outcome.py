"""What judging one submission gave, as data, and the words for what happened on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from actlab.exercises import Exercise, Result, Row, Score, Status
from actlab.learner import Kind

T = TypeVar("T")
MOST_REMARKS = 50
LONGEST_REMARK = 300
MOST_ROWS = 16


class Event(StrEnum):
    """What may happen to a submission's cells and answers."""

    LATE = "late"
    """Nothing but the end of its sandbox ended it."""
    INTERRUPTED = "interrupted"
    """It ran too long, and could be stopped inside."""
    ENDED = "ended"
    STOPPED = "stopped"
    FAILED = "failed"
    LARGE = "large"
    UNJUDGED = "unjudged"
    TOLD = "told"
    """Something that an old gradebook tells in a sentence of its own."""
    MORE = "more"
    """Remarks that are not kept, because there are too many."""

    @property
    def alarming(self) -> bool:
        """Whether a person has to look: at everything but a cell that failed as cells do."""
        return self not in (Event.STOPPED, Event.FAILED)


SENTENCES = {
    Event.LATE: "Cell {cell} was left out: it was still running after {seconds:g} s.",
    Event.INTERRUPTED: "Cell {cell} was stopped: it ran for longer than {seconds:g} s.",
    Event.ENDED: "Cell {cell} was left out: it ended the Python process that ran it.",
    Event.STOPPED: "Cell {cell} stopped early.",
    Event.FAILED: "Cell {cell} went on after an error.",
    Event.LARGE: "Cell {cell} was left out: it is larger than any that is run.",
    Event.UNJUDGED: "Judging {name} failed ({said}): a person has to look at it.",
    Event.TOLD: "{said}",
    Event.MORE: "And {many:,} more of these.",
}
QUOTING = (Event.INTERRUPTED, Event.STOPPED, Event.FAILED)
"""Where the student reads, too, what came out of the sandbox."""


@dataclass(frozen=True)
class Remark:
    """One event.

    cell: the number of the cell that it happened to.  name: the answer that it happened to, if no cell.
    seconds: the limit of a cell that ran too long.  said: how Python explained a stop; the error that the judge met.
    many: how many remarks this one stands for.
    """

    kind: Event
    cell: int = 0
    seconds: float = 0.0
    name: str = ""
    said: str = ""
    many: int = 0

    @property
    def noted(self) -> str:
        """The event in the grader's own words, for the instructor."""
        return SENTENCES[self.kind].format(**vars(self))

    @property
    def sentence(self) -> str:
        """The event in words, for the student."""
        return f"{self.noted} The code says: {self.said}" if self.said and self.kind in QUOTING else self.noted


@dataclass(frozen=True)
class Outcome:
    """The result of each exercise, remarks about the run, and how many seconds it took."""

    results: list[Result]
    remarks: list[Remark]
    seconds: float

    @property
    def score(self) -> int:
        return sum(result.points for result in self.results)


class Stumbled(Exception):
    """Why the grader itself could not go on with one submission, in a sentence; another try would end the same."""


def fault(doing: str, error: BaseException) -> str:
    """A sentence about an exception that is a fault of the grader's: what it was doing, and where the fault lies."""
    return (
        f"Grading stumbled while {doing}: {_described(error)}. That is a fault of the grader, not of the student: "
        "the next run tries again; if it ends like this once more, report this sentence to the course's authors."
    )


def _described(error: BaseException) -> str:
    """The exception's type, and the innermost line of this package: never its text, which may hold a hidden number."""
    place, trace = "", error.__traceback__
    while trace:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "actlab" in file.parts:
            place = f" in {file.parent.name}/{file.name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return type(error).__name__ + place


def few(remarks: Sequence[Remark]) -> list[Remark]:
    """The remarks that are kept: at most `MOST_REMARKS`, those for a human eye first, and how many more there were."""
    own = [remark for remark in remarks if remark.kind is not Event.MORE]
    first = sorted(range(len(own)), key=lambda k: not own[k].kind.alarming)[:MOST_REMARKS]
    kept = [replace(own[k], said=shortened(own[k].said, LONGEST_REMARK)) for k in sorted(first)]
    more = len(own) - len(kept) + sum(remark.many for remark in remarks if remark.kind is Event.MORE)
    return [*kept, Remark(Event.MORE, many=more)] if more else kept


def shortened(text: str, longest: int) -> str:
    """The text, its end left out where it is longer than that."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def checked(came: object, exercises: list[Exercise]) -> Outcome:
    """What came from where the judging was done, once it is known to be an outcome of these exercises.

    Errors: ValueError with what is wrong, where it is none.
    """
    outcome = _of(Outcome, came)
    results, remarks = _of(list, outcome.results), _of(list, outcome.remarks)
    if len(results) != len(exercises):
        raise ValueError(f"{len(results)} results for {len(exercises)} exercises")
    seconds = outcome.seconds
    if type(seconds) not in (int, float) or not 0 <= seconds < math.inf:
        raise ValueError("a time that is none")
    good = [_checked(result, exercise) for result, exercise in zip(results, exercises, strict=True)]
    return Outcome(good, few([_checked_remark(remark) for remark in remarks]), float(seconds))


def _checked(came: object, exercise: Exercise) -> Result:
    result = _of(Result, came)
    if (result.id, result.name) != (exercise.id, exercise.name):
        raise ValueError(f"a result that is not the one of {exercise.name}")
    status, scores = _of(Status, result.status), exercise.scores()
    if _of(dict, result.parts).keys() != scores.keys():
        raise ValueError(f"parts that {exercise.name} does not have")
    for part, score in result.parts.items():
        points, most = _of(Score, score)
        if _of(int, most) != scores[part].max_points or not 0 <= _of(int, points) <= most:
            raise ValueError(f"points that {exercise.name} does not give")
    if (status is Status.RIGHT) != (result.points == result.max_points):
        raise ValueError(f"points that are not those of an answer that is {status}")
    rows = _of(tuple, result.failing)
    if len(rows) > MOST_ROWS or not all(type(text) is str for row in rows for text in _of(Row, row)):
        raise ValueError(f"a table that {exercise.name} does not have")
    _of(str, result.sentence), _of(str, result.cause), _of(str, result.given)
    if result.kind is not None:
        _of(Kind, result.kind)
    return replace(result, title=exercise.title, section=exercise.section)


def _checked_remark(came: object) -> Remark:
    remark = _of(Remark, came)
    _of(Event, remark.kind), _of(str, remark.name), _of(str, remark.said)
    if _of(int, remark.cell) < 0 or _of(int, remark.many) < 0 or type(remark.seconds) not in (int, float):
        raise ValueError("a remark that makes no sense")
    return remark


def _of(kind: type[T], value: object) -> T:
    """The value, where it is of this very type."""
    if type(value) is not kind:
        raise ValueError(f"a {type(value).__name__} in place of a {kind.__name__}")
    return value
