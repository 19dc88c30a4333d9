"""The instructor's page of a class: how scores are spread, the hardest items, the commonest mistakes, whom to see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import correlation, mean, median
from typing import NamedTuple

from actlab.course import asked_in
from actlab.exercises import Exercise, Status
from actlab.grading.gradebook import Grade
from actlab.grading.pages import number, render
from actlab.grading.standing import Rules, Standing
from actlab.learner import Kind
from actlab.words import minus

BINS = 10
MOST_LISTED = 50


def class_page(
    standings: Sequence[Standing],
    rules: Rules,
    aside: Sequence[str] = (),
    gone: Sequence[str] = (),
    withdrawn: Sequence[str] = (),
) -> str:
    """The instructor's page: the distribution, the hardest items, the commonest mistakes, and whom to look at."""
    exercises = rules.exercises
    grades = [standing.grade for standing in standings]
    graded = [grade for grade in grades if grade.status == "graded"]
    total = sum(exercise.points for exercise in exercises)
    scores = [standing.score for standing in standings if standing.grade.status == "graded"]
    bins = [0] * BINS
    for score in scores:
        bins[max(0, min(BINS - 1, int(BINS * score / total)))] += 1
    results = [result for grade in graded for result in grade.results]
    causes = Counter((result.name, result.cause) for result in results if result.cause)
    return render(
        "class.html.j2",
        students=len(grades),
        graded=len(graded),
        total=total,
        middle=(number(mean(scores)), number(median(scores))) if scores else None,
        bins=[(total * i // BINS, total * (i + 1) // BINS, many) for i, many in enumerate(bins)],
        highest=max(bins, default=0) or 1,
        items=items(exercises, graded),
        homework=asked_in(exercises[0].id).title,
        causes=[(name, cause, many) for (name, cause), many in causes.most_common(15)],
        look=[(standing.student, reasons) for standing, reasons in for_a_human(standings) if reasons],
        aside=_listed(aside),
        gone=_listed(gone),
        withdrawn=_listed(withdrawn),
    )


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more


def for_a_human(standings: Sequence[Standing]) -> Iterable[tuple[Standing, list[str]]]:
    """Each student with the reasons for which somebody should look at what they handed in."""
    grades = [standing.grade for standing in standings]
    same_code = _shared((grade.code, grade.student) for grade in grades if grade.score)
    same_paper = _shared((grade.handed_to, grade.student) for grade in grades)
    for standing in standings:
        grade = standing.grade
        reasons = [] if grade.status == "graded" else [f"{grade.status}: {grade.sentence}"]
        reasons += [*grade.notes, *standing.notes]
        reasons += [remark.noted for remark in grade.remarks if remark.kind.alarming]
        for kind, what in ((Kind.ENDED, "ended the process"), (Kind.TIME, "took too long")):
            names = [result.name for result in grade.results if result.kind is kind]
            reasons += [f"Calling {', '.join(names)} {what}."] * bool(names)
        for others, what in (
            (same_code.get(grade.code, ()) if grade.score else (), "The same code, to the letter"),
            (same_paper.get(grade.handed_to, ()), "A notebook made for the same student"),
        ):
            listed = ", ".join([student for student in others if student != grade.student][:10])
            reasons += [f"{what}: {listed}."] * bool(listed)
        yield standing, reasons


def _shared(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """What several students have in common -> these students."""
    groups: dict[str, list[str]] = {}
    for what, student in pairs:
        if what:
            groups.setdefault(what, []).append(student)
    return {what: students for what, students in groups.items() if len(students) > 1}


class Item(NamedTuple):
    """How a class did on one exercise.

    share: of the points that it earned.  telling: the correlation of these points with those of all other exercises, in
    words; None where there is none.  untried: how many did not try.
    """

    name: str
    share: float
    telling: str | None
    untried: int


def items(exercises: Sequence[Exercise], graded: list[Grade]) -> list[Item]:
    """How a class did, the hardest exercise first."""
    found = []
    for exercise in exercises:
        pairs = [(grade, result) for grade in graded for result in grade.results if result.name == exercise.name]
        points = [result.points for _, result in pairs]
        others = [grade.score - result.points for grade, result in pairs]
        constant = len(set(points)) < 2 or len(set(others)) < 2
        telling = None if constant else minus(f"{correlation(points, others):.2f}")
        untried = sum(result.status is Status.NOT_ATTEMPTED for _, result in pairs)
        found.append(Item(exercise.name, mean(points) / exercise.points if points else 0.0, telling, untried))
    return sorted(found, key=lambda item: item.share)
