"""What the instructor decides beside the grader: read from files of their own at each run, and never written.

Each line of `adjust.csv`, and of any other `adjust*.csv` beside the grades, says one thing about one student, or about
everybody: whom it is about, which item, and what holds there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from actlab.errors import CourseError
from actlab.exercises import Choice, Exercise
from actlab.roster import folded
from actlab.sheets import Line, lines, plain, unguarded
from actlab.words import quoted

FILES = "adjust*.csv"
EVERYBODY = "*"
HEADINGS = ("student", "item", "points", "comment", "reason", "by")
NEEDED = HEADINGS[:2]
DAY = "%Y-%m-%d"
MOMENTS = (f"{DAY}T%H:%M", f"{DAY} %H:%M", DAY)
_NUMBER = r"\d{1,6}(?:[.,]\d{1,6})?"
_LATE = re.compile(
    rf"(?P<amount>{_NUMBER})\s*(?P<share>%?)\s*(?P<daily>(?:a|per|/)\s*day)?"
    rf"(?:\s*,?\s*(?:at most|up to)\s*(?P<most>{_NUMBER})\s*(?P<most_share>%?))?"
)
_DAYS = re.compile(rf"(?P<days>{_NUMBER})\s*days?")
_CURVE = re.compile(rf"(?P<how>[+x*×])\s*(?P<by>{_NUMBER})")


class What(StrEnum):
    """What a line is about.  Each is the word for it in the column "item", but for the first three."""

    POINTS = "points"
    """So many for an item, or all of them."""
    OF = "of"
    """How many points an item that no machine scores has at most."""
    ACCEPT = "accept"
    DROP = "drop"
    TOTAL = "total"
    BONUS = "bonus"
    CURVE = "curve"
    LATE = "late"
    EXTENSION = "extension"
    EXCUSED = "excused"
    MISSING = "missing"
    WITHDRAWN = "withdrawn"
    SAME_AS = "same as"
    COMMENT = "comment"


WORDS = tuple(What)[list(What).index(What.TOTAL) :]
"""The items that are about a student as a whole."""
ONE_STUDENT = {What.TOTAL, What.EXTENSION, What.WITHDRAWN, What.SAME_AS}


class Penalty(NamedTuple):
    """What being late costs: an amount once, or for each day that has begun; as a share of the most, or in points."""

    amount: float
    share: bool
    daily: bool
    most: float = math.inf
    most_share: bool = False

    def points(self, days: int, most: float) -> float:
        """How many points so many days cost, of `most` points."""

        def of(amount: float, share: bool) -> float:
            return amount * most / 100 if share else amount

        return min(of(self.amount, self.share) * (days if self.daily else 1), of(self.most, self.most_share), most)


@dataclass(frozen=True)
class Change:
    """One line.

    points: as it is written.  value: what it means: a number, a letter, a moment, an id, a `Penalty`, or nothing.
    comment: for the student.  reason: for the instructor alone.  by: who decided, where the line says so.
    place: the file and the line.
    """

    student: str
    item: str
    what: What
    points: str = ""
    comment: str = ""
    reason: str = ""
    by: str = ""
    place: str = field(default="", compare=False)
    value: Any = field(default=None, compare=False)

    @property
    def written(self) -> tuple[str, ...]:
        """The line as it stands in the file."""
        return self.student, self.item, self.points, self.comment, self.reason, self.by


@dataclass(frozen=True)
class Adjustments:
    """All lines in force, in the order of the files."""

    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, ids: Iterable[str]) -> list[Change]:
        """What is said of everybody, then what is said of the student with these ids, also under another name."""
        mine = {folded(id) for id in ids}
        mine |= {alias for alias, id in self.aliases.items() if folded(id) in mine}
        own = [change for change in self.changes if folded(change.student) in mine]
        return [change for change in self.changes if change.student == EVERYBODY] + own

    @property
    def most(self) -> dict[str, float]:
        """The items that no machine scores, with their points at most."""
        return {change.item: change.value for change in self.changes if change.what is What.OF}

    @property
    def aliases(self) -> dict[str, str]:
        """An id that is another name of a student, as it is compared -> the id that counts."""
        return {folded(one.student): one.value for one in self.changes if one.what is What.SAME_AS}

    def strangers(self, known: Iterable[str]) -> list[Change]:
        """The lines about nobody.  known: every id of everybody."""
        ids = {folded(id) for id in known}
        ids |= {alias for alias, id in self.aliases.items() if folded(id) in ids}
        return [one for one in self.changes if one.student != EVERYBODY and folded(one.student) not in ids]

    def dumps(self) -> bytes:
        """The lines as bytes, to compare those of the next run with."""
        return json.dumps([change.written for change in self.changes]).encode()


def loads(data: bytes) -> list[tuple[str, ...]]:
    """The lines that `Adjustments.dumps` wrote."""
    try:
        return [tuple(map(str, line)) for line in json.loads(data)] if data else []
    except (ValueError, TypeError):
        return []


def read(folder: Path, exercises: Sequence[Exercise]) -> Adjustments:
    """The adjustments that lie in a folder of grades.

    Errors: CourseError with file, line and column, for a line that cannot be what was meant.
    """
    if not folder.is_dir():
        return Adjustments()
    items = {exercise.name: exercise for exercise in exercises}
    changes: list[Change] = []
    notes: list[str] = []
    waiting: list[tuple[Change, str]] = []
    for path in sorted(folder.glob(FILES)):
        rows, said = lines(path, path.name)
        notes += said
        waiting += _raw(path, rows)
    most = {change.item: _most(change, where) for change, where in waiting if _is_most(change)}
    for change, where in waiting:
        changes.append(_understood(change, where, items, most))
    whole = sum(exercise.points for exercise in exercises) + sum(most.values())
    for change in changes:
        if change.what is What.TOTAL and change.value > whole:
            raise CourseError(f"{change.place}, column “points”: all items together have {whole:g} points.")
    _require_once(changes)
    return Adjustments(tuple(changes), tuple(notes))


def _raw(path: Path, rows: list[Line]) -> list[tuple[Change, str]]:
    """The lines of a file as texts, each with its place in words."""
    if not rows:
        return []
    head = [plain(heading) for heading in rows[0].cells]
    if missing := [heading for heading in NEEDED if heading not in head]:
        raise CourseError(
            f"{path.name}, line {rows[0].number}: there is no column {quoted(missing[0])}. "
            f"The first line names the columns: {','.join(HEADINGS[:5])}."
        )
    if strange := [heading for heading in head if heading and heading not in HEADINGS]:
        raise CourseError(
            f"{path.name}, line {rows[0].number}: a column {quoted(strange[0])} is not known. "
            f"There may be {', '.join(HEADINGS)}."
        )
    found = []
    for row in rows[1:]:
        texts = {heading: unguarded(row[head.index(heading)]) if heading in head else "" for heading in HEADINGS}
        where = f"{path.name}, line {row.number}"
        if len(row.cells) > len(head):
            raise CourseError(f"{where}: it has more cells than the first line. A comma in a text needs quotes around.")
        if not texts["student"]:
            raise CourseError(f"{where}, column “student”: whom is it about? An id, or {EVERYBODY} for everybody.")
        found.append((Change(what=What.COMMENT, place=where, **texts), where))
    return found


def _is_most(change: Change) -> bool:
    return bool(re.fullmatch(rf"(?i)of\s*{_NUMBER}", change.points))


def _most(change: Change, where: str) -> float:
    if change.student != EVERYBODY:
        raise CourseError(
            f"{where}: how many points an item has is the same for all: write {EVERYBODY} as the student."
        )
    return _number(change.points[2:].strip())


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def moment(text: str) -> datetime | None:
    """The moment that a text names, of which a day alone is the end; None where it names none."""
    for form in MOMENTS:
        with suppress(ValueError):
            found = datetime.strptime(text.strip(), form)
            return datetime.combine(found, time.max) if form == DAY else found
    return None


def _understood(change: Change, where: str, items: Mapping[str, Exercise], most: Mapping[str, float]) -> Change:
    """A line with what it means.  Errors: CourseError."""

    def meaning(what: What, value: Any = None) -> Change:
        said = {name: getattr(change, name) for name in HEADINGS}
        return Change(what=what, value=value, place=where, **said)

    item, points = change.item, change.points
    if _is_most(change):
        if item in items or item in WORDS:
            raise CourseError(f"{where}: {quoted(item)} has its points already, so “{points}” says nothing.")
        return meaning(What.OF, most[item])
    word = plain(item) or What.COMMENT
    if item not in items and item not in most and word in WORDS:
        return meaning(What(word), _of_student(What(word), change, where))
    if item not in items and item not in most:
        raise CourseError(f"{where}, column “item”: {_unknown(item, [*items, *most, *WORDS])}")
    if not points:
        return meaning(What.COMMENT)
    if points.casefold() == "drop":
        if change.student != EVERYBODY:
            raise CourseError(f"{where}: an item is dropped for everybody: write {EVERYBODY} as the student.")
        return meaning(What.DROP)
    highest = items[item].points if item in items else most[item]
    if points.casefold() == "full":
        return meaning(What.POINTS, float(highest))
    if accepted := re.fullmatch(r"(?i)accept\s*\(?([a-z])\)?", points):
        return meaning(What.ACCEPT, _letter(accepted[1].lower(), items.get(item), where))
    if not re.fullmatch(_NUMBER, points):
        raise CourseError(
            f"{where}, column “points”: {quoted(points)} is not understood. "
            "A number, full, drop, accept b, or nothing for a comment alone."
        )
    if (value := _number(points)) > highest:
        raise CourseError(f"{where}, column “points”: {quoted(item)} has {highest:g} points. More is a bonus.")
    return meaning(What.POINTS, value)


def _letter(letter: str, asked: Exercise | None, where: str) -> str:
    if not isinstance(asked, Choice):
        raise CourseError(f"{where}: only a letter can be accepted, and this item asks for none.")
    if letter in asked.right:
        raise CourseError(f"{where}: ({letter}) is right already, as the course calls it: `actlab explain` shows both.")
    if letter not in asked.options:
        raise CourseError(f"{where}: its letters are {', '.join(asked.options)}, as they stand in the course.")
    return letter


def _unknown(item: str, known: Sequence[str]) -> str:
    near = get_close_matches(item, known, 1)
    meant = f" Did you mean {quoted(near[0])}?" if near else ""
    return (
        f"there is no {quoted(item)}.{meant} An item of your own, such as written_1, needs a line that says how many "
        f"points it has: {EVERYBODY},{item},of 5"
    )


def _of_student(what: What, change: Change, where: str) -> Any:
    """What a line about a student as a whole means.  Errors: CourseError."""
    if what in ONE_STUDENT and change.student == EVERYBODY:
        raise CourseError(f"{where}: “{what}” is about one student: write an id.")
    found, wanted = MEANINGS[what](change)
    if found is None:
        raise CourseError(f"{where}, column “points”: {quoted(change.points)} is not understood. {wanted}")
    return found


def _nothing(change: Change) -> tuple[Any, str]:
    return (True if plain(change.points) in ("", "yes", "0") else None), "Leave it empty."


def _amount(change: Change) -> tuple[Any, str]:
    found = re.fullmatch(_NUMBER, change.points)
    return (_number(change.points) if found else None), "Write a number of points."


def _curve(change: Change) -> tuple[Any, str]:
    found = _CURVE.fullmatch(change.points)
    return (
        (lambda score: score + _number(found["by"]) if found["how"] == "+" else score * _number(found["by"]))
        if found
        else None
    ), "Write +5 for five points more, or x1.1 for a tenth more."


def _lateness(change: Change) -> tuple[Any, str]:
    wanted = "Write what it costs, 10 % a day, 2 a day at most 10, 20 %, 5; or, for one student, 2 days or excused."
    if plain(change.points) == "excused":
        return timedelta(0), wanted
    if days := _DAYS.fullmatch(change.points):
        return (timedelta(days=_number(days["days"])) if change.student != EVERYBODY else None), wanted
    if not (found := _LATE.fullmatch(change.points)):
        return None, wanted
    most = _number(found["most"]) if found["most"] else math.inf
    amount = _number(found["amount"])
    return Penalty(amount, bool(found["share"]), bool(found["daily"]), most, bool(found["most_share"])), wanted


def _moment(change: Change) -> tuple[Any, str]:
    return moment(change.points), "Write the day, 2026-12-08, or the minute, 2026-12-08T18:00."


def _other_id(change: Change) -> tuple[Any, str]:
    other = unguarded(change.points)
    return (other if other and folded(other) != folded(change.student) else None), "Write the id that counts."


MEANINGS: dict[What, Callable[[Change], tuple[Any, str]]] = {
    What.TOTAL: _amount,
    What.BONUS: _amount,
    What.CURVE: _curve,
    What.LATE: _lateness,
    What.EXTENSION: _moment,
    What.EXCUSED: _nothing,
    What.MISSING: _nothing,
    What.WITHDRAWN: _nothing,
    What.SAME_AS: _other_id,
    What.COMMENT: lambda change: (True if not change.points else None, "A comment has no points."),
}


def _require_once(changes: Iterable[Change]) -> None:
    """Refuse two lines that say different things of one item, and an id that stands for another and is one itself."""
    changes = list(changes)
    aliases = {folded(change.student): change for change in changes if change.what is What.SAME_AS}
    for change in aliases.values():
        if folded(change.value) in aliases:
            counts = quoted(aliases[folded(change.value)].value)
            raise CourseError(
                f"{change.place}: {quoted(change.value)} is another name of somebody itself. "
                f"Both lines need the id that counts, which may be {counts}."
            )
    seen: dict[tuple[str, str, type, bool], Change] = {}
    for change in changes:
        if change.what in (What.COMMENT, What.ACCEPT):
            continue
        student = folded(change.student)
        if student in aliases and change.what is not What.SAME_AS:
            student = folded(aliases[student].value)
        subject = student, change.item, type(change.value), change.what is What.OF
        other = seen.setdefault(subject, change)
        if other.points != change.points:
            what = f"{quoted(change.points)} of {quoted(change.item)} for {quoted(change.student)}"
            and_there = f"{other.place} says {quoted(other.points)}"
            raise CourseError(f"{change.place}: it says {what}, and {and_there}: delete one of them.")
