"""What judging one submission gave, as data, and the words for what happened on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from actlab.exercises import Result


class Event(StrEnum):
    """What may happen to a submission's cells and answers."""

    LATE = "late"
    ENDED = "ended"
    STOPPED = "stopped"
    FAILED = "failed"
    LARGE = "large"
    UNJUDGED = "unjudged"
    TOLD = "told"
    """Something that an old gradebook tells in a sentence of its own."""

    @property
    def alarming(self) -> bool:
        """Whether a person has to look: at everything but a cell that failed as cells do."""
        return self not in (Event.STOPPED, Event.FAILED)


SENTENCES = {
    Event.LATE: "Cell {cell} was left out: it was still running after {seconds:g} s.",
    Event.ENDED: "Cell {cell} was left out: it ended the Python process that ran it.",
    Event.STOPPED: "Cell {cell} stopped early. {said}",
    Event.FAILED: "Cell {cell} went on after an error. {said}",
    Event.LARGE: "Cell {cell} was left out: it is larger than any that is run.",
    Event.UNJUDGED: "Judging {name} failed ({said}): a person has to look at it.",
    Event.TOLD: "{said}",
}


@dataclass(frozen=True)
class Remark:
    """One event.

    cell: the number of the cell that it happened to.  name: the answer that it happened to, if no cell.
    seconds: the limit of a late cell.  said: how Python explained a stop; the error that the judge met.
    """

    kind: Event
    cell: int = 0
    seconds: float = 0.0
    name: str = ""
    said: str = ""

    @property
    def sentence(self) -> str:
        """The event in words, for the student and the instructor alike."""
        return SENTENCES[self.kind].format(**vars(self))


@dataclass(frozen=True)
class Outcome:
    """The result of each exercise, remarks about the run, and how many seconds it took."""

    results: list[Result]
    remarks: list[Remark]
    seconds: float

    @property
    def score(self) -> int:
        return sum(result.points for result in self.results)
