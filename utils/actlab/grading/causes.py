"""Whom a human eye should look at: the reasons for each student, and one entry for each cause with all its students."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from actlab.grading.likeness import Likeness
from actlab.grading.notes import RANK, Cause, Note, cause_of
from actlab.grading.outcome import Event
from actlab.grading.standing import ABSENT, EXCUSED, Standing
from actlab.learner import Kind

TITLES = {
    Cause.FAILED: "Grading itself failed",
    Cause.UNJUDGED: "The judge stumbled over an answer",
    Cause.SAME_CODE: "The same code, to the letter",
    Cause.CLASSMATE: "Handed out to another student of this class",
    Cause.SHARED: "Handed out to one id, and handed in by several",
    Cause.SAME_PAPER: "A notebook made for the same student",
    Cause.ALIKE: "Functions more alike than chance makes them (likeness.html)",
    Cause.PUBLISHED: "Functions as in the published solution (likeness.html)",
    Cause.ALTERED: "What was handed out was changed",
    Cause.MIXED: "Put together from notebooks for several people",
    Cause.COMMON: "The notebook for everybody, where each has their own",
    Cause.KEYLESS: "Handed out with a secret, graded without",
    Cause.UNNAMED: "It does not say for whom it was made",
    Cause.BARE: "Nothing shows for whom it was made",
    Cause.ELSEWHERE: "It does not look like this homework",
    Cause.REFUSED: "Refused",
    Cause.UNREADABLE: "Cannot be read",
    Cause.EMPTY: "A notebook without code",
    Cause.MISSING: "Handed in without a notebook",
    Cause.ENDED: "The code ended its process",
    Cause.TIME: "The code ran too long",
    Cause.LARGE: "Cells were left out",
    Cause.UNCLEAR: "Late, and nobody knows how late",
    Cause.NAMED: "A name alone says whose it is",
    Cause.OTHER: "Handed out to an id that is nobody's here",
    Cause.RENAMED: "Names that are nearly those that are asked for",
    Cause.SEVERAL: "Several notebooks, or one that had to be found",
    Cause.ASIDE: "Files that were left aside",
    Cause.IN_TIME: "Late for the platform, and in time after an extension",
    Cause.MORE: "More remarks than are kept",
}
OF_EVENT = {
    Event.LATE: Cause.TIME,
    Event.INTERRUPTED: Cause.TIME,
    Event.ENDED: Cause.ENDED,
    Event.LARGE: Cause.LARGE,
    Event.UNJUDGED: Cause.UNJUDGED,
    Event.MORE: Cause.MORE,
}
LISTED = 10


class Entry(NamedTuple):
    """One cause.

    title: in words.  students: each with the sentences about them, where these say more than the title.
    """

    cause: Cause
    title: str
    students: list[tuple[Standing, list[str]]]


def entries(looked: Iterable[tuple[Standing, Sequence[str]]]) -> list[Entry]:
    """One entry for each cause, the most serious first; sentences without a cause are one where they are the same."""
    found: dict[tuple[Cause, str], dict[str, tuple[Standing, list[str]]]] = {}
    for standing, reasons in looked:
        for reason in reasons:
            title = TITLES.get(cause := cause_of(reason), reason)
            of_title = found.setdefault((cause, title), {})
            of_title.setdefault(standing.student, (standing, []))[1].extend([reason] * (reason != title))
    made = [Entry(cause, title, list(students.values())) for (cause, title), students in found.items()]
    return sorted(made, key=lambda entry: (RANK[entry.cause], -len(entry.students), entry.title))


def for_a_human(
    standings: Sequence[Standing], alike: Likeness | None = None
) -> Iterator[tuple[Standing, list[Note | str]]]:
    """Each student with the reasons for which somebody should look at what they handed in."""
    grades = [standing.grade for standing in standings]
    same_code = _shared((grade.code, grade.student) for grade in grades if grade.score)
    same_paper = _shared((grade.handed_to, grade.student) for grade in grades)
    for standing in standings:
        grade = standing.grade
        reasons: list[Note | str] = []
        excused = standing.status == EXCUSED and grade.status == "missing"
        if grade.status not in ("graded", ABSENT) and not excused:
            reasons.append(Note(f"{grade.status}: {grade.sentence}", Cause(grade.status)))
        reasons += [*grade.notes, *standing.notes]
        alarming = (remark for remark in grade.remarks if remark.kind.alarming)
        reasons += [Note(remark.noted, OF_EVENT.get(remark.kind, Cause.PLAIN)) for remark in alarming]
        for kind, what, cause in (
            (Kind.ENDED, "ended the process", Cause.ENDED),
            (Kind.TIME, "took too long", Cause.TIME),
        ):
            names = [result.name for result in grade.results if result.kind is kind]
            reasons += [Note(f"Calling {', '.join(names)} {what}.", cause)] * bool(names)
        for others, cause in (
            (same_code.get(grade.code, ()) if grade.score else (), Cause.SAME_CODE),
            (same_paper.get(grade.handed_to, ()), Cause.SAME_PAPER),
        ):
            listed = ", ".join([student for student in others if student != grade.student][:LISTED])
            reasons += [Note(f"{TITLES[cause]}: {listed}.", cause)] * bool(listed)
        reasons += alike.reasons(standing.student) if alike else []
        yield standing, reasons


def _shared(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """What several students have in common -> these students."""
    groups: dict[str, list[str]] = {}
    for what, student in pairs:
        if what:
            groups.setdefault(what, []).append(student)
    return {what: students for what, students in groups.items() if len(students) > 1}
