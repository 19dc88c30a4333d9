"""What a student reads: the page, and Gradescope's results."""

from __future__ import annotations

from typing import Any

from actlab.course import asked_in
from actlab.exercises import Exercise, Result, Status
from actlab.exercises.words import told
from actlab.grading.adjust import EVERYBODY
from actlab.grading.gradebook import Grade
from actlab.grading.pages import number, render
from actlab.grading.standing import TOLD_LATE, Rules, Standing
from actlab.learner import Kind

BLANK = "Nothing was filled in: none of the names that are asked for has an answer in this file."
COUNTED = "Cells are counted from the top: those with code in them, and no others."
DROPPED = "It does not count, for anybody."
ADJUSTED = "Your instructor gives {points} of {most}; the grader gave {was}."


def feedback(standing: Standing, rules: Rules) -> str:
    """One student's page: what counted, what went wrong and where to read on; no case that counts, no solution."""
    grade, exercises = standing.grade, rules.exercises
    groups: dict[str, list[dict]] = {}
    for exercise in exercises:
        groups.setdefault(exercise.section, []).append(_marked_item(exercise, standing))
    for name, mark in standing.items.items():
        if name not in {exercise.name for exercise in exercises}:
            groups.setdefault("What a person read", []).append(_by_hand(name, standing, mark))
    sums = standing.shown
    return render(
        "feedback.html.j2",
        grade=grade,
        standing=standing,
        homework=asked_in(exercises[0].id).title,
        groups=groups,
        score=number(sums.score),
        most=number(sums.most),
        sums=[(what, number(points)) for what, points in _steps(standing)],
        until=standing.until,
        blank=BLANK if is_blank(grade) else "",
        counted=COUNTED if any(remark.cell for remark in grade.remarks) else "",
        share=min(100.0, 100 * sums.score / sums.most if sums.most else 0.0),
    )


def _steps(standing: Standing) -> list[tuple[str, float]]:
    """What was added to the points of the items, and taken from them, in words."""
    sums = standing.shown
    steps = [("a bonus", sums.bonus), ("what the whole class gets", sums.curved), ("for being late", -sums.penalty)]
    return [(what, points) for what, points in steps if points]


def _marked_item(exercise: Exercise, standing: Standing) -> dict[str, Any]:
    """What the page says about one name, after what the instructor decided."""
    results = {result.name: result for result in standing.grade.results}
    withheld = exercise.name in standing.withheld
    item = _item(exercise, results.get(exercise.name), withheld)
    mark = standing.items[exercise.name]
    if exercise.name in standing.dropped:
        return item | {"points": "–", "decided": DROPPED, "comments": mark.comments}
    item["comments"] = mark.comments
    if mark.was is not None and not withheld:
        item["points"] = number(mark.points)
        item["decided"] = ADJUSTED.format(points=number(mark.points), most=number(mark.most), was=number(mark.was))
        if mark.points >= mark.most:  # what was wrong with it is no concern of the student's any more
            item |= {"status": Status.RIGHT, "glyph": Status.RIGHT.glyph, "sentence": "", "cause": "", "helps": ""}
    return item


def _by_hand(name: str, standing: Standing, mark: Any) -> dict[str, Any]:
    """What the page says about an item that no machine scores."""
    scored = any(one.item == name and one.student != EVERYBODY for one in standing.changes)
    question = name.removeprefix("written_")
    wrote = name == question or any(standing.grade.written[k : k + 1] != [""] for k in _places(question))
    return {
        "name": f"Question {question}, in your own words" if name != question else name,
        "status": "read" if scored else "not read yet" if wrote else "nothing written",
        "glyph": "●" if scored else "○",
        "points": number(mark.points) if scored else "–",
        "most": number(mark.most),
        "decided": DROPPED if name in standing.dropped else "",
        "comments": mark.comments,
    }


def _places(question: str) -> list[int]:
    """Where the answer to a question stands among the written ones."""
    return [int(question) - 1] if question.isascii() and question.isdecimal() and question != "0" else []


def gradescope(standing: Standing, rules: Rules) -> dict:
    """Gradescope's results.json: a test for each name; what could be tried until it is right waits for the due date."""
    grade = standing.grade
    results = {result.name: result for result in grade.results}
    said = [grade.sentence, BLANK * is_blank(grade), *grade.hints, *(remark.sentence for remark in grade.remarks)]
    said += [COUNTED] * any(remark.cell for remark in grade.remarks)
    said = [one for one in said if one] or ["Every name was graded."]
    which = "The file that was graded" if grade.status == "graded" else "The file"
    return {
        "score": standing.score,
        "output": "\n".join([f"{which}: {grade.file}"] * bool(grade.file) + said),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [_test(exercise, results.get(exercise.name), standing) for exercise in rules.exercises],
    }


def is_blank(grade: Grade) -> bool:
    """Whether nothing was attempted, and no cell met anything that may have been the reason."""
    untried = all(result.status is Status.NOT_ATTEMPTED for result in grade.results)
    return grade.status == "graded" and bool(grade.results) and untried and not grade.remarks


def _item(exercise: Exercise, result: Result | None, withheld: bool = False) -> dict[str, Any]:
    """What a page says about one name."""
    status, parts = (result.status, result.parts) if result else (Status.NOT_ATTEMPTED, {})
    seen, cause = told(result) if result else ("", "")
    item = {
        "name": exercise.name,
        "title": exercise.title,
        "status": status,
        "glyph": status.glyph,
        "points": number(result.points if result else 0),
        "most": number(exercise.points),
        "parts": [(part, *map(number, score)) for part, score in parts.items()] if len(parts) > 1 else [],
        "sentence": seen,
        "cause": cause,
        "helps": "" if status is Status.RIGHT else _helps(exercise),
    }
    if result and withheld:
        item["points"] = "–"
        if status is Status.RIGHT or result.kind is Kind.VALUE:  # anything else is no answer, and worth telling
            item |= {"status": "noted", "glyph": "●", "parts": [], "sentence": "", "cause": "", "helps": ""}
    return item


def _helps(exercise: Exercise) -> str:
    """The section in which the same thing is built, else the lesson behind it, or the question that asks for it."""
    if exercise.of:
        return f"Lesson {exercise.of.lesson}, section {exercise.of.section}"
    return f"Lesson {exercise.reading.label}" if exercise.drawn else exercise.section


def _test(exercise: Exercise, result: Result | None, standing: Standing) -> dict[str, Any]:
    item = _item(exercise, result)
    parts = [f"{part}: {got} of {most}" for part, got, most in item["parts"]]
    helps = [f"Section that helps: {item['helps']}."] if item["helps"] else []
    return {
        "name": exercise.name,
        "score": standing.items[exercise.name].points,
        "max_score": exercise.points,
        "status": "passed" if item["status"] is Status.RIGHT else "failed",
        "output": "\n".join(filter(None, [item["sentence"], item["cause"], *parts, *helps])) or "Right.",
        "output_format": "text",
        "visibility": "after_due_date" if isinstance(exercise, TOLD_LATE) else "visible",
    }
