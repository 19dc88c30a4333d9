"""What instructors and students read, all of it made from the gradebook."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from statistics import correlation, mean, median
from typing import Any, NamedTuple

from actlab.course import asked_in
from actlab.exercises import Choice, Exercise, Numbers, Result, Status
from actlab.exercises.words import told
from actlab.files import replace
from actlab.grading import workspace
from actlab.grading.gradebook import Grade
from actlab.grading.outcome import fault
from actlab.grading.pages import render
from actlab.learner import Kind
from actlab.words import minus

TOLD_LATE = Choice | Numbers
"""What could be tried until it is right: one letter of four, a number."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
BINS = 10
LONGEST_NAME = 200
MOST_LISTED = 50
PAGES = {"feedback": ".html", "gradescope": ".json"}
"""The folders that hold a page for each student -> how its name ends."""
BLANK = "Nothing was filled in: none of the names that are asked for has an answer in this file."
COUNTED = "Cells are counted from the top: those with code in them, and no others."


def write(
    folder: Path,
    grades: list[Grade],
    exercises: list[Exercise],
    aside: Sequence[str] = (),
    gone: Sequence[str] = (),
    until: datetime | None = None,
) -> list[Grade]:
    """Write every report of a class into the folder; return the rows as they are reported.

    A row of which no page can be made is reported as `failed`; all others are written.
    aside: files that belong to nobody.  gone: ids that have a row, but are no longer among the submissions.
    until: when the points of `TOLD_LATE` are shown to students; None where they are shown already.
    Pages of an earlier run that this one does not write are removed: they may tell what is to be told no more.
    Errors: OSError where the disk does not take a file.
    """
    names = file_names(grade.student for grade in grades)
    for below, ending in PAGES.items():
        (folder / below).mkdir(mode=0o700, exist_ok=True)
        _remove_others(folder / below, ending, {f"{name}{ending}" for name in names.values()})
    sound = []
    for grade in grades:
        try:
            page, results = _of_one(grade, exercises, until)
        except Exception as error:
            grade = _unreported(grade, exercises, error)
            page, results = _of_one(grade, exercises, until)
        sound.append(grade)
        _write(folder / "feedback" / f"{names[grade.student]}.html", page)
        _write(folder / "gradescope" / f"{names[grade.student]}.json", results)
    for name, rows in TABLES.items():
        _write_table(folder / name, rows(sound, exercises, until))
    _write(folder / "report.html", class_page(sound, exercises, aside, gone))
    _write(folder / "written.html", workspace.page(asked_in(exercises[0].id), sound, cell=_cell))
    return sound


def _remove_others(folder: Path, ending: str, ours: set[str]) -> None:
    """Before any page is written: a disk may take ANN's new page for the old one of ann."""
    for path in folder.iterdir():
        if path.name.endswith(ending) and path.name not in ours and not path.is_dir():
            path.unlink()


def _of_one(grade: Grade, exercises: list[Exercise], until: datetime | None) -> tuple[str, str]:
    """One student's page and results.json, after everything else that is made of this row."""
    for rows in TABLES.values():
        list(rows([grade], exercises, until))
    class_page([grade], exercises)
    workspace.page(asked_in(exercises[0].id), [grade], cell=_cell)
    return feedback(grade, exercises, until), json.dumps(gradescope(grade, exercises), indent=1) + "\n"


def _unreported(grade: Grade, exercises: list[Exercise], error: Exception) -> Grade:
    said = fault(f"the pages of {grade.student} were written", error)
    return Grade(grade.student, "", "failed", 0, sum(exercise.points for exercise in exercises), said)


def table(grades: Iterable[Grade], exercises: list[Exercise], until: datetime | None = None) -> Iterable[list[str]]:
    """grades.csv: one row for each student, one column for each name that is asked for."""
    yield ["student", "status", "score", "max_score", *(exercise.name for exercise in exercises)]
    for grade in grades:
        earned = {result.name: result.points for result in grade.results}
        row = [grade.score, grade.max_score, *(earned.get(exercise.name, 0) for exercise in exercises)]
        yield [_cell(grade.student), grade.status, *map(number, row)]


def canvas(grades: Iterable[Grade], exercises: list[Exercise], until: datetime | None = None) -> Iterable[list[str]]:
    """Canvas's gradebook import: a numeric student is Canvas's own id, any other one a login."""
    most = sum(exercise.points for exercise in exercises if not _withheld(exercise, until))
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Activation functions"]
    yield ["    Points Possible", "", "", "", "", number(most)]
    for grade in grades:
        ids = (grade.student, "") if _is_number(grade.student) else ("", _cell(grade.student))
        yield [_cell(grade.name or grade.student), ids[0], "", ids[1], "", _import(grade, exercises, until)]


def moodle(grades: Iterable[Grade], exercises: list[Exercise], until: datetime | None = None) -> Iterable[list[str]]:
    """Moodle's grading worksheet."""
    yield ["Identifier", "Full name", "Grade", "Maximum grade"]
    for grade in grades:
        who = f"Participant {grade.student}" if _is_number(grade.student) else _cell(grade.student)
        most = shown(grade, exercises, until)[1]
        yield [who, _cell(grade.name or grade.student), _import(grade, exercises, until), number(most)]


TABLES = {"grades.csv": table, "canvas.csv": canvas, "moodle.csv": moodle}
"""What is written as a table: file name -> its rows, the head first."""


def shown(grade: Grade, exercises: list[Exercise], until: datetime | None) -> tuple[float, float]:
    """The score and the most that students may see."""
    withheld = {exercise.name: exercise.points for exercise in exercises if _withheld(exercise, until)}
    earned = sum(result.points for result in grade.results if result.name in withheld)
    return grade.score - earned, grade.max_score - sum(withheld.values())


def _withheld(exercise: Exercise, until: datetime | None) -> bool:
    return until is not None and isinstance(exercise, TOLD_LATE)


def _import(grade: Grade, exercises: list[Exercise], until: datetime | None) -> str:
    """The score for a platform; none where nothing was graded, which nobody is to have 0 points for."""
    return number(shown(grade, exercises, until)[0]) if grade.status == "graded" else ""


def _is_blank(grade: Grade) -> bool:
    """Whether nothing was attempted, and no cell met anything that may have been the reason."""
    untried = all(result.status is Status.NOT_ATTEMPTED for result in grade.results)
    return grade.status == "graded" and bool(grade.results) and untried and not grade.remarks


def gradescope(grade: Grade, exercises: list[Exercise]) -> dict:
    """Gradescope's results.json: a test for each name; what could be tried until it is right waits for the due date."""
    results = {result.name: result for result in grade.results}
    said = [grade.sentence, BLANK * _is_blank(grade), *grade.hints, *(remark.sentence for remark in grade.remarks)]
    said += [COUNTED] * any(remark.cell for remark in grade.remarks)
    said = [one for one in said if one] or ["Every name was graded."]
    which = "The file that was graded" if grade.status == "graded" else "The file"
    return {
        "score": grade.score,
        "output": "\n".join([f"{which}: {grade.file}"] * bool(grade.file) + said),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [_test(exercise, results.get(exercise.name)) for exercise in exercises],
    }


def feedback(grade: Grade, exercises: list[Exercise], until: datetime | None = None) -> str:
    """One student's page: what counted, what went wrong and where to read on; no case that counts, no solution."""
    results = {result.name: result for result in grade.results}
    groups: dict[str, list[dict]] = {}
    for exercise in exercises:
        groups.setdefault(exercise.section, []).append(_item(exercise, results.get(exercise.name), until))
    score, most = shown(grade, exercises, until)
    return render(
        "feedback.html.j2",
        grade=grade,
        homework=_homework(exercises),
        groups=groups,
        score=number(score),
        most=number(most),
        until=until,
        blank=BLANK if _is_blank(grade) else "",
        counted=COUNTED if any(remark.cell for remark in grade.remarks) else "",
        share=100 * score / most if most else 0.0,
    )


def class_page(
    grades: list[Grade], exercises: list[Exercise], aside: Sequence[str] = (), gone: Sequence[str] = ()
) -> str:
    """The instructor's page: the distribution, the hardest items, the commonest mistakes, and whom to look at."""
    graded = [grade for grade in grades if grade.status == "graded"]
    total = sum(exercise.points for exercise in exercises)
    scores = [grade.score for grade in graded]
    bins = [0] * BINS
    for score in scores:
        bins[min(BINS - 1, int(BINS * score / total))] += 1
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
        homework=_homework(exercises),
        causes=[(name, cause, many) for (name, cause), many in causes.most_common(15)],
        look=[(grade.student, reasons) for grade, reasons in for_a_human(grades) if reasons],
        aside=_listed(aside),
        gone=_listed(gone),
    )


def _homework(exercises: list[Exercise]) -> str:
    """The title of what was graded."""
    return asked_in(exercises[0].id).title


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more


def for_a_human(grades: list[Grade]) -> Iterable[tuple[Grade, list[str]]]:
    """Each student with the reasons for which somebody should look at what they handed in."""
    same_code = _shared((grade.code, grade.student) for grade in grades if grade.score)
    same_paper = _shared((grade.handed_to, grade.student) for grade in grades)
    for grade in grades:
        reasons = [] if grade.status == "graded" else [f"{grade.status}: {grade.sentence}"]
        reasons += grade.notes
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
        yield grade, reasons


def _shared(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """What several students have in common -> these students."""
    groups: dict[str, list[str]] = {}
    for what, student in pairs:
        if what:
            groups.setdefault(what, []).append(student)
    return {what: students for what, students in groups.items() if len(students) > 1}


def file_names(students: Iterable[str]) -> dict[str, str]:
    """Student -> the name of their files, which differ also where a disk takes ANN for ann, or ä for a with dots."""
    names = {student: file_name(student) for student in students}
    while True:  # a name that had to change may now be another student's
        taken = Counter(map(_folded, names.values()))
        longer = {student: file_name(student, False) for student, name in names.items() if taken[_folded(name)] > 1}
        if all(names[student] == name for student, name in longer.items()):
            return names
        names |= longer


def file_name(student: str, alone: bool = True) -> str:
    """The student's id as a file name; what cannot be one, or is not alone, becomes letters and a digest.

    It takes at most `LONGEST_NAME` bytes.
    """
    plain = re.fullmatch(r"[^/\\\x00-\x1f\x7f]+", student) and student not in (".", "..")
    if plain and alone and len(student.encode("utf-8", "replace")) <= LONGEST_NAME:
        return unicodedata.normalize("NFC", student)
    digest = hashlib.sha256(student.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '_', student)[:80]}-{digest}"


def _folded(student: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", student).casefold())


def number(value: float) -> str:
    """At most two decimals, and none that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula, also where it cuts the line at semicolons."""
    text = unicodedata.normalize("NFC", text)
    inner = "".join(f"'{piece}" if _is_formula(piece) else piece for piece in re.split(r"([;\t\r\n])", text))
    return f"'{inner}" if inner.startswith(FORMULA) else inner


def _is_formula(piece: str) -> bool:
    """Whether the first character that is seen, quotes aside, begins a formula, in whatever width it is written."""
    first = next((c for c in piece if c not in "\"'" and unicodedata.category(c)[0] not in "ZC"), "")
    return unicodedata.normalize("NFKC", first) in FORMULA


def _is_number(student: str) -> bool:
    return student.isascii() and student.isdecimal()


def _item(exercise: Exercise, result: Result | None, until: datetime | None = None) -> dict[str, Any]:
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
    if result and _withheld(exercise, until):
        item["points"] = "–"
        if status is Status.RIGHT or result.kind is Kind.VALUE:  # anything else is no answer, and worth telling
            item |= {"status": "noted", "glyph": "●", "parts": [], "sentence": "", "cause": "", "helps": ""}
    return item


def _helps(exercise: Exercise) -> str:
    """The section in which the same thing is built, else the lesson behind it, or the question that asks for it."""
    if exercise.of:
        return f"Lesson {exercise.of.lesson}, section {exercise.of.section}"
    return f"Lesson {exercise.reading.label}" if exercise.drawn else exercise.section


def _test(exercise: Exercise, result: Result | None) -> dict[str, Any]:
    item = _item(exercise, result)
    parts = [f"{part}: {got} of {most}" for part, got, most in item["parts"]]
    helps = [f"Section that helps: {item['helps']}."] if item["helps"] else []
    return {
        "name": exercise.name,
        "score": result.points if result else 0,
        "max_score": exercise.points,
        "status": "passed" if item["status"] is Status.RIGHT else "failed",
        "output": "\n".join(filter(None, [item["sentence"], item["cause"], *parts, *helps])) or "Right.",
        "output_format": "text",
        "visibility": "after_due_date" if isinstance(exercise, TOLD_LATE) else "visible",
    }


class Item(NamedTuple):
    """How a class did on one exercise.

    share: of the points that it earned.  telling: the correlation of these points with those of all other exercises, in
    words; None where there is none.  untried: how many did not try.
    """

    name: str
    share: float
    telling: str | None
    untried: int


def items(exercises: list[Exercise], graded: list[Grade]) -> list[Item]:
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


def _write_table(path: Path, rows: Iterable[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    _write(path, text.getvalue())


def _write(path: Path, text: str) -> None:
    replace(path, text.encode("utf-8", "backslashreplace"), 0o600)
