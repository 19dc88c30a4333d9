"""The instructor's page of a class: what changed, whom to look at, every student, every item, and what was decided."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any, NamedTuple
from urllib.parse import quote

from actlab.course import asked_in
from actlab.grading.adjust import EVERYBODY, Change, What
from actlab.grading.causes import entries, for_a_human
from actlab.grading.gradebook import Decision
from actlab.grading.items import items
from actlab.grading.likeness import Likeness
from actlab.grading.pages import TEMPLATES, digest, number, render
from actlab.grading.past import Changes, Moved
from actlab.grading.standing import ABSENT, Rules, Standing
from actlab.roster import folded
from actlab.words import minus

BINS = 10
MOST_LISTED = 50
MOST_LINES = 200
MOST_TOGETHER = 10
"""An item with more lines than this in the adjustments has a table of its own."""
COMMONEST = 15
SCRIPT = "desk.js"
NOTHING = (ABSENT, "missing")
"""The statuses of those who did not hand in a notebook."""


@dataclass(frozen=True)
class Around:
    """What the page shows beside how each student stands.

    aside: files that belong to nobody.  gone: ids that have a row, but are no longer among the submissions.
    withdrawn: ids of those who are in no table because the instructor says so.
    pages: student -> the name of their files.  explained: names of the files that explain a grade.
    alike: whose functions are alike.
    """

    aside: Sequence[str] = ()
    gone: Sequence[str] = ()
    withdrawn: Sequence[str] = ()
    changes: Changes = field(default_factory=Changes)
    decisions: Sequence[Decision] = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    explained: Collection[str] = ()
    alike: Likeness | None = None


class Who(NamedTuple):
    """A student as the page names them.  page: where theirs lies, "" where there is none."""

    id: str
    name: str = ""
    page: str = ""


NOBODY = Who("nobody here")
"""Whom a line is about that fits no id: a slip, or somebody who was forgotten."""


def class_page(standings: Sequence[Standing], rules: Rules, around: Around | None = None) -> str:
    """The instructor's page."""
    around = around or Around()
    who = {one.student: _who(one, around) for one in standings}
    looked = [(one, reasons) for one, reasons in for_a_human(standings, around.alike) if reasons]
    many = {one.student: len(reasons) for one, reasons in looked}
    graded = [one for one in standings if one.status == "graded"]
    total = graded[0].max_score if graded else sum(exercise.points for exercise in rules.exercises)
    scores = [one.score for one in graded]
    script = (TEMPLATES / SCRIPT).read_text(encoding="utf-8")
    return render(
        "class.html.j2",
        homework=asked_in(rules.exercises[0].id).title,
        handed_in=sum(one.grade.status != ABSENT for one in standings),
        absent=[one.student for one in standings if one.status == ABSENT],
        strangers=[one.student for one in standings if not one.person] if any(one.person for one in standings) else [],
        graded=len(graded),
        total=number(total),
        middle=(number(mean(scores)), number(median(scores))) if scores else None,
        deadline=rules.deadline,
        extended=sum(change.what is What.EXTENSION for change in rules.adjustments.changes),
        changes=_changes(around, who, rules.adjustments.aliases),
        entries=entries(looked),
        looked=len(looked),
        who=who,
        rows=[_row(one, rules, who[one.student], many.get(one.student, 0), around) for one in standings],
        sections=sorted({one.person.section for one in standings if one.person} - {""}),
        statuses=Counter(one.status for one in standings),
        bins=_bins(scores, total),
        items=items(graded, rules),
        mistakes=_mistakes(graded),
        decided=_decided(rules.adjustments.changes, around.decisions, _by_any_id(standings, rules, who)),
        log=list(reversed(around.decisions))[:MOST_LINES],
        logged=len(around.decisions),
        most_lines=MOST_LINES,
        everybody=EVERYBODY,
        around=around,
        listed=_listed,
        script=script,
        scripts=[digest(script)],
    )


def _who(standing: Standing, around: Around) -> Who:
    file = around.pages.get(standing.student)
    page = f"feedback/{quote(file + '.html', errors='replace')}" if file else ""
    return Who(standing.student, standing.name, page)


def _row(one: Standing, rules: Rules, who: Who, look: int, around: Around) -> dict[str, Any]:
    """One student's line of the table."""
    added = round(one.score + one.sums.penalty - one.grade.score, 6) if one.counts else 0
    extension = next((change.value for change in reversed(one.own) if change.what is What.EXTENSION), None)
    file = around.pages.get(one.student, "")
    late = ["late"] * one.late + [f"−{number(one.sums.penalty)}"] * bool(one.sums.penalty)
    late += [f"has until {extension:%Y-%m-%d %H:%M}"] if extension else []
    return {
        "who": who,
        "section": one.person.section if one.person else "",
        "status": one.status,
        "score": number(one.score) if one.counts else "",
        "late": ", ".join(late),
        "is_late": one.late,
        "adjusted": minus(f"{'+' * (added > 0)}{number(added)}") if added else "",
        "added": added if added else "",
        "look": look,
        "when": one.grade.when.replace("T", " ")[:16],
        "file": one.grade.file,
        "nothing": one.status in NOTHING,
        "explained": f"explain/{quote(file + '.html', errors='replace')}" if file in around.explained else "",
    }


def _bins(scores: Sequence[float], total: float) -> list[tuple[str, str, int]]:
    """How many scores lie in each of some steps, from nothing to all points."""
    bins = [0] * BINS
    for score in scores:
        bins[max(0, min(BINS - 1, int(BINS * score / total)))] += 1
    return [(number(total * i / BINS), number(total * (i + 1) / BINS), many) for i, many in enumerate(bins)]


class Shift(NamedTuple):
    """Students who stand otherwise than before, for the same reasons, each with how it was and how it is."""

    why: str
    students: list[tuple[Who, str, str]]


def _changes(around: Around, who: Mapping[str, Who], aliases: Collection[str]) -> dict[str, Any]:
    """What the run changed, in words; those whom another list of this page names are only counted.

    aliases: other names of students, as they are compared: nobody is gone who is there under the name that counts.
    """
    found = around.changes
    shifts: dict[str, list[Moved]] = defaultdict(list)
    for moved in found.moved:
        shifts[moved.reason].append(moved)
    elsewhere = {*around.gone, *around.withdrawn}
    return {
        "at": found.at.replace("T", " "),
        "since": found.since.replace("T", " "),
        "shifts": [
            Shift(why, [(who.get(one.student, Who(one.student)), *one.words) for one in moved])
            for why, moved in sorted(shifts.items(), key=lambda shift: -len(shift[1]))
        ],
        "lists": [
            (what, [who.get(student, Who(student)) for student in students])
            for what, students in (
                ("New", found.new if found.since else ()),
                ("No longer there", [one for one in found.gone if one not in elsewhere and folded(one) not in aliases]),
                ("Only the page says something else", found.pages if found.since else ()),
            )
            if students
        ],
        "away": sum(student in elsewhere for student in found.gone),
    }


def _mistakes(graded: Iterable[Standing]) -> dict[str, Any]:
    """The commonest mistakes of all, and those of each item."""
    causes = Counter(
        (result.name, result.cause) for one in graded for result in one.grade.results if result.cause
    ).most_common()
    by_item: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (name, cause), many in causes:
        by_item[name].append((cause, many))
    return {
        "commonest": [(name, cause, many) for (name, cause), many in causes[:COMMONEST]],
        "by_item": {name: (sum(many for _, many in found), found[:COMMONEST]) for name, found in by_item.items()},
    }


def _by_any_id(standings: Sequence[Standing], rules: Rules, who: Mapping[str, Who]) -> dict[str, Who]:
    """Every id of everybody, and every other name, as it is compared -> who that is."""
    found = {folded(id): who[one.student] for one in standings for id in reversed(one.ids)}
    also = {alias: found[folded(id)] for alias, id in rules.adjustments.aliases.items() if folded(id) in found}
    return {folded(EVERYBODY): Who(EVERYBODY)} | also | found


def _decided(
    changes: Iterable[Change], decisions: Iterable[Decision], who: Mapping[str, Who]
) -> list[tuple[str, int, list[dict[str, Any]]]]:
    """The lines in force: those of items with few of them together, and of each other item how many and the first."""
    since: dict[tuple[str, ...], Decision] = {one[3:]: one for one in decisions if one.what == "added"}
    groups: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        groups[change.item].append(change)
    groups[""] = [one for lines in groups.values() if len(lines) <= MOST_TOGETHER for one in lines]
    groups = {item: lines for item, lines in groups.items() if lines and (not item or len(lines) > MOST_TOGETHER)}
    return [
        (item, len(lines), [_line(line, since.get(line.written[:5]), who) for line in lines[:MOST_LINES]])
        for item, lines in groups.items()
    ]


def _line(change: Change, decision: Decision | None, who: Mapping[str, Who]) -> dict[str, Any]:
    return {
        "who": who.get(folded(change.student), NOBODY),
        "item": change.item,
        "points": change.points,
        "comment": change.comment,
        "reason": change.reason,
        "by": change.by or (decision.by if decision else ""),
        "at": decision.at.replace("T", " ")[:16] if decision else "",
        "place": change.place,
    }


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more
