"""How each student stands: the row as it was graded, who the student is, and what the instructor decided."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from actlab.exercises import Choice, Exercise, Numbers
from actlab.grading.adjust import EVERYBODY, Adjustments, Change, Penalty, What
from actlab.grading.gradebook import Grade
from actlab.grading.notes import Cause, Note
from actlab.roster import Person, Roster, folded

ABSENT = "absent"
EXCUSED = "excused"
TOLD_LATE = Choice | Numbers
"""What could be tried until it is right: one letter of four, a number."""
NOBODY_KNOWS = "It came late, and nothing tells how late, so it costs nothing yet: write how many days into adjust.csv."
IN_TIME = "The platform calls it late; it has until {deadline:%Y-%m-%d %H:%M}, and was taken as in time."


class Mark(NamedTuple):
    """The points of one item.

    was: what the grader gave, where the instructor decided otherwise; None where both agree.
    """

    points: float
    most: float
    was: float | None = None
    comments: tuple[str, ...] = ()


class Sums(NamedTuple):
    """What items come to, in points.

    score: after all.  most: of the items that count.  bonus, curved: what was added.  penalty: what being late took.
    """

    score: float
    most: float
    bonus: float = 0.0
    curved: float = 0.0
    penalty: float = 0.0


@dataclass(frozen=True)
class Standing:
    """One student.

    status: that of the row, or absent, or excused.  items: name -> mark, of what a machine graded and of what has its
    points by hand.  dropped: items that do not count.  sums: of all.  shown: of what the student is told today.
    counts: whether there is a score to give back.  late: whether it came after its deadline.
    until: when the points of `withheld` are told to the student; None where nothing is withheld.
    changes: the lines in force about this student or everybody.  notes: what the instructor should know of them.
    """

    grade: Grade
    status: str
    items: Mapping[str, Mark]
    sums: Sums
    shown: Sums
    counts: bool
    person: Person | None = None
    dropped: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    late: bool = False
    until: datetime | None = None
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def student(self) -> str:
        """The id of the row."""
        return self.grade.student

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id that may stand for the student."""
        return self.student, *self.grade.handed_in_as, *(self.person.ids if self.person else ())

    @property
    def name(self) -> str:
        """The student's name, as the roster has it, else as the platform does; "" where neither says."""
        return (self.person.name if self.person else "") or self.grade.name

    @property
    def score(self) -> float:
        """All points."""
        return self.sums.score

    @property
    def max_score(self) -> float:
        """The points of all items that count."""
        return self.sums.most

    @property
    def own(self) -> list[Change]:
        """What was decided for this student alone."""
        return [one for one in self.changes if one.student != EVERYBODY]

    @property
    def comments(self) -> list[str]:
        """What the student is told of the whole, and not of an item."""
        return list(dict.fromkeys(one.comment for one in self.changes if one.comment and one.item not in self.items))


@dataclass(frozen=True)
class Rules:
    """What a class is judged by, beside the grader.

    deadline: that of the class.  now: the moment; None where no deadline matters any more.
    """

    exercises: Sequence[Exercise]
    adjustments: Adjustments = field(default_factory=Adjustments)
    deadline: datetime | None = None
    now: datetime | None = None


def stand(grade: Grade, rules: Rules, person: Person | None = None) -> Standing:
    """How one student stands."""
    ids = {grade.student, *grade.handed_in_as, *(person.ids if person else ())}
    changes = rules.adjustments.of(ids)
    said = {change.what: change for change in changes}  # their own line goes before everybody's
    graded = grade.status == "graded"
    items = _items(grade, rules, changes)
    dropped = frozenset(one.item for one in changes if one.what is What.DROP)
    deadline = said[What.EXTENSION].value if What.EXTENSION in said else rules.deadline
    until = deadline if rules.deadline and rules.now and deadline and rules.now < deadline else None
    withheld = frozenset(one.name for one in rules.exercises if until and isinstance(one, TOLD_LATE))
    late, days, notes = _lateness(grade, changes, deadline, What.EXTENSION in said)
    rule = next((one.value for one in reversed(changes) if isinstance(one.value, Penalty)), None)
    cost = rule if late and graded else None
    if cost and days is None and cost.daily:
        cost, notes = None, [*notes, Note(NOBODY_KNOWS, Cause.UNCLEAR)]
    by_hand = any(one.what is What.POINTS and one.student != EVERYBODY for one in changes)
    counts = graded or by_hand or What.TOTAL in said
    counts |= grade.status in (ABSENT, "missing") and What.MISSING in said
    excused = What.EXCUSED in said

    def sums(without: frozenset[str]) -> Sums:
        earned, most = _counted(grade, items, rules.adjustments.most, without)
        return _sums(earned, most, said, cost, days or 1, graded)

    return Standing(
        grade,
        EXCUSED if excused else grade.status,
        items,
        sums(dropped),
        sums(dropped | withheld),
        counts and not excused,
        person,
        dropped,
        withheld,
        late,
        until,
        tuple(changes),
        tuple(notes),
    )


def of_class(
    grades: Iterable[Grade], rules: Rules, roster: Roster | None = None, unjudged: Collection[str] = ()
) -> list[Standing]:
    """How a class stands, by student: those who handed in, and the others on the roster; without those who withdrew.

    unjudged: the ids of those who handed in and have no row yet, so that nobody knows how they stand.
    """
    rows = list(grades)
    people = {row.student: roster.person(row.student) if roster else None for row in rows}
    elsewhere = {person.id for person in people.values() if person} | set(unjudged)
    for person in roster.people if roster else ():
        if person.id not in elsewhere and folded(person.id) not in rules.adjustments.aliases:
            rows.append(absent(person, rules.exercises))
            people[person.id] = person
    found = (stand(row, rules, people[row.student]) for row in rows)
    return sorted((one for one in found if not _has_withdrawn(one)), key=lambda one: one.student)


def withdrawn(grades: Iterable[Grade], rules: Rules, roster: Roster | None = None) -> list[str]:
    """The ids of those who withdrew."""
    people = {row.student: roster.person(row.student) if roster else None for row in grades}
    return [row.student for row in grades if _has_withdrawn(stand(row, rules, people[row.student]))]


def absent(person: Person, exercises: Sequence[Exercise]) -> Grade:
    """The row of somebody on the roster who handed in nothing."""
    most = sum(exercise.points for exercise in exercises)
    return Grade(person.id, "", ABSENT, 0, most, "Nothing was handed in.", name=person.name)


def _has_withdrawn(standing: Standing) -> bool:
    return any(change.what is What.WITHDRAWN for change in standing.changes)


def _items(grade: Grade, rules: Rules, changes: Sequence[Change]) -> dict[str, Mark]:
    results = {result.name: result for result in grade.results}
    items = {}
    for exercise in rules.exercises:
        result = results.get(exercise.name)
        points, letter = (result.points, result.given) if result else (0, "")
        items[exercise.name] = _ruled(exercise.name, points, exercise.points, letter, changes, grade)
    for name, most in rules.adjustments.most.items():
        items[name] = _ruled(name, 0, most, "", changes, grade)._replace(was=None)
    return items


def _ruled(name: str, earned: float, most: float, letter: str, changes: Iterable[Change], grade: Grade) -> Mark:
    """The mark after what was decided of this item; what holds for everybody needs something that was graded."""
    points, comments = earned, []
    for change in changes:
        if change.item != name or (change.student == EVERYBODY and grade.status != "graded"):
            continue
        if change.what is What.ACCEPT and change.value != letter:
            continue
        if change.what is What.POINTS:
            points = change.value
        elif change.what is What.ACCEPT:
            points = most
        comments += [change.comment] * bool(change.comment)
    return Mark(points, most, earned if points != earned else None, tuple(dict.fromkeys(comments)))


def _counted(
    grade: Grade, items: Mapping[str, Mark], by_hand: Collection[str], without: Collection[str]
) -> tuple[float, float]:
    """What the row earned and could earn, with what was decided of its items, and without some of them."""
    earned, most = [grade.score], [grade.max_score]
    for name, mark in items.items():
        graded = 0.0 if name in by_hand else mark.points if mark.was is None else mark.was
        worth = 0.0 if name in by_hand else mark.most
        earned.append((0.0 if name in without else mark.points) - graded)
        most.append((0.0 if name in without else mark.most) - worth)
    return math.fsum(earned), math.fsum(most)


def _sums(
    earned: float, most: float, said: Mapping[What, Change], cost: Penalty | None, days: int, graded: bool
) -> Sums:
    """What it comes to: the points and the bonus, then the curve, then what being late costs."""
    given = said.get(What.BONUS)
    bonus = given.value if given and (graded or given.student != EVERYBODY) else 0.0
    curved = 0.0
    if graded and What.CURVE in said:
        curved = max(0.0, min(most, said[What.CURVE].value(earned)) - earned)
    before = earned + bonus + curved
    penalty = min(before, cost.points(days, most)) if cost else 0.0
    score = said[What.TOTAL].value if What.TOTAL in said else before - penalty
    return Sums(score, most, bonus, curved, penalty)


def _lateness(
    grade: Grade, changes: Sequence[Change], deadline: datetime | None, extended: bool
) -> tuple[bool, int | None, list[str]]:
    """Whether it came too late, how many days have begun since, where that is known, and what is to be said of it."""
    told = next((one.value for one in reversed(changes) if isinstance(one.value, timedelta)), None)
    if told is not None:
        return told > timedelta(0), math.ceil(told / timedelta(days=1)), []
    when = datetime.fromisoformat(grade.when) if grade.when else None
    if when and deadline:
        return when > deadline, max(0, math.ceil((when - deadline) / timedelta(days=1))), []
    if grade.late and extended and deadline:
        return False, None, [Note(IN_TIME.format(deadline=deadline), Cause.IN_TIME)]
    return grade.late, None, []
