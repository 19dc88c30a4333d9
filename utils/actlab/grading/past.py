"""What changed since the run before: kept in the gradebook as small tables, one of them how each student stood."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from actlab.grading import version
from actlab.grading.gradebook import Decision, Gradebook
from actlab.grading.pages import number
from actlab.grading.standing import ABSENT, Standing

KEY = "last"


class Why(StrEnum):
    """Why somebody stands otherwise than before."""

    AGAIN = "handed in again"
    FIRST = "handed in"
    COURSE = "graded anew, since the course changed"
    ANEW = "graded anew"
    ADJUSTED = "adjusted"
    NOT_THERE = "no longer handed in"


class Stood(NamedTuple):
    """How a student stood at the end of a run.

    machine: the points of the row alone.  came: a digest of what was handed in.  identity: of the row.
    decided: a digest of what the instructor decided for them.
    """

    status: str
    score: float
    late: bool
    machine: float
    came: str
    identity: str
    decided: str

    @property
    def seen(self) -> tuple[str, float, bool]:
        """What a change of which is worth a line."""
        return self.status, round(self.score, 6), self.late

    def words(self, status: bool, late: bool) -> str:
        """The score, with the status and whether it was late, where those are asked for."""
        points = number(self.score) if self.status == "graded" or self.score else ""
        return " ".join(filter(None, [self.status * status, points, "late" * (late and self.late)])) or self.status


class Moved(NamedTuple):
    """A student who stands otherwise than before."""

    student: str
    before: Stood
    after: Stood
    why: tuple[Why, ...]

    @property
    def reason(self) -> str:
        """Why, in words."""
        return ", ".join(self.why) or "another deadline"

    @property
    def words(self) -> tuple[str, str]:
        """How the student stood, and stands: no more than what differs needs."""
        statuses, late = self.before.status != self.after.status, self.before.late != self.after.late
        return self.before.words(statuses, late), self.after.words(statuses, late)


@dataclass(frozen=True)
class Changes:
    """What a run changed.

    at, since: when it ended, and the run before it, in ISO form; "" where there was none.
    new, gone: who was not there before, and who is not there any more.  pages: whose page says something else, and who
    is none of the others.
    """

    at: str = ""
    since: str = ""
    moved: tuple[Moved, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.moved or self.new or self.gone or self.pages)


@dataclass
class History:
    """The days before, as the pages of a run need them.

    decisions: what the instructor decided, and when.  stood: how each student stood.  now: how each stands.
    at: when the run before ended.  told: what that run changed.  changes: what this one does, once it is compared.
    """

    decisions: Sequence[Decision] = ()
    stood: Mapping[str, Stood] = field(default_factory=dict)
    now: Mapping[str, Stood] = field(default_factory=dict)
    at: str = ""
    version: str = ""
    told: Changes = field(default_factory=Changes)
    changes: Changes = field(default_factory=Changes)

    @classmethod
    def of(cls, book: Gradebook, standings: Iterable[Standing]) -> History:
        """What the gradebook remembers of the run before; nothing where that makes no sense."""
        now = {one.student: stood(one) for one in standings}
        try:
            kept = json.loads(book.kept(KEY, bytes) or b"{}")
            before = {student: _stood(row) for student, *row in kept.get("rows", ())}
            told = _loaded(kept.get("changes", {}))
            return cls(book.decisions(), before, now, f"{kept.get('at', '')}", f"{kept.get('version', '')}", told)
        except (ValueError, TypeError, AttributeError, LookupError):
            return cls(book.decisions(), now=now)

    def compare(self, pages: Collection[str]) -> Changes:
        """What this run changed; what the run before did, where this one changes nothing.

        pages: whose page was written anew.
        """
        found = Changes(
            datetime.now().isoformat(timespec="minutes"),
            self.at,
            tuple(self._moved()),
            tuple(student for student in self.now if student not in self.stood),
            tuple(student for student in self.stood if student not in self.now),
        )
        named = {*found.new, *(one.student for one in found.moved)}
        self.changes = Changes(**vars(found) | {"pages": tuple(one for one in pages if one not in named)})
        return self.changes or self.told

    def keep(self, book: Gradebook) -> None:
        """Have the gradebook remember this run."""
        changes = self.changes or self.told
        rows = [[student, *one] for student, one in self.now.items()]
        kept = {"at": changes.at, "version": version.digest().hex(), "rows": rows, "changes": _stored(changes)}
        book.keep(KEY, json.dumps(kept).encode())

    def _moved(self) -> Iterable[Moved]:
        for student, after in self.now.items():
            before = self.stood.get(student)
            if before and before.seen != after.seen:
                yield Moved(student, before, after, tuple(self._why(before, after)))

    def _why(self, before: Stood, after: Stood) -> Iterable[Why]:
        if before.came != after.came:
            yield {before.status: Why.FIRST, after.status: Why.NOT_THERE}.get(ABSENT, Why.AGAIN)
        elif before.identity != after.identity and before.seen[:2] != after.seen[:2]:
            yield Why.ANEW if self.version == version.digest().hex() else Why.COURSE
        if before.decided != after.decided:
            yield Why.ADJUSTED


def stood(standing: Standing) -> Stood:
    """How a student stands, as it is kept."""
    grade = standing.grade
    came = [grade.file, grade.when, grade.code, grade.handed_in_as, grade.written, grade.unplaced]
    return Stood(
        standing.status,
        standing.score,
        standing.late,
        grade.score,
        _digest(came),
        grade.identity[:16],
        _digest([change.written for change in standing.changes]),
    )


def _digest(what: Any) -> str:
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:8]


def _stored(changes: Changes) -> dict[str, Any]:
    return vars(changes) | {"moved": [[one.student, one.before, one.after, one.why] for one in changes.moved]}


def _stood(kept: Sequence[Any]) -> Stood:
    """How a student stood, as it was kept.  Errors: ValueError, TypeError."""
    status, score, late, machine, *digests = kept
    return Stood(f"{status}", float(score), bool(late), float(machine), *map(str, digests))


def _loaded(kept: dict[str, Any]) -> Changes:
    """The changes that were stored.  Errors: ValueError, TypeError."""
    if not kept:
        return Changes()
    moved = [
        Moved(f"{student}", _stood(before), _stood(after), tuple(map(Why, why)))
        for student, before, after, why in kept["moved"]
    ]
    new, gone, pages = (tuple(map(str, kept[name])) for name in ("new", "gone", "pages"))
    return Changes(f"{kept['at']}", f"{kept['since']}", tuple(moved), new, gone, pages)
