"""What instructors and students get, all of it made from the gradebook and from what the instructor decided."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from actlab.grading.desk import class_page
from actlab.grading.exports import TABLES, Delivery
from actlab.grading.feedback import feedback, gradescope
from actlab.grading.gradebook import Grade
from actlab.grading.outcome import fault
from actlab.grading.pages import file_names, render, write_table
from actlab.grading.pages import write as write_page
from actlab.grading.standing import ABSENT, Rules, Standing, stand
from actlab.grading.written import UNANSWERED

PAGES = {"feedback": ".html", "gradescope": ".json"}
"""The folders that hold a page for each student -> how its name ends."""
CHANGED = "changed.txt"
"""Whose feedback this run changed."""


def write(
    folder: Path,
    standings: Sequence[Standing],
    rules: Rules,
    aside: Sequence[str] = (),
    gone: Sequence[str] = (),
    withdrawn: Sequence[str] = (),
    delivery: Delivery | None = None,
) -> list[Standing]:
    """Write every report of a class into the folder; return the standings as they are reported.

    A row of which no page can be made is reported as `failed`; all others are written.  A page that says what it said
    before keeps its time.
    aside: files that belong to nobody.  gone: ids that have a row, but are no longer among the submissions.
    withdrawn: ids of those who are in no table because the instructor says so.
    delivery: what platforms want to know beside the points.
    Pages of an earlier run that this one does not write are removed: they may tell what is to be told no more.
    Errors: OSError where the disk does not take a file.
    """
    handed_in = [one for one in standings if one.grade.status != ABSENT]
    names = file_names(one.student for one in handed_in)
    for below, ending in PAGES.items():
        (folder / below).mkdir(mode=0o700, exist_ok=True)
        _remove_others(folder / below, ending, {f"{name}{ending}" for name in names.values()})
    sound, changed = [], []
    for standing in standings:
        try:
            page, results = _of_one(standing, rules)
        except Exception as error:
            standing = _unreported(standing, rules, error)
            page, results = _of_one(standing, rules)
        sound.append(standing)
        if standing.student in names:
            if write_page(folder / "feedback" / f"{names[standing.student]}.html", page):
                changed.append(standing.student)
            write_page(folder / "gradescope" / f"{names[standing.student]}.json", results)
    for name, rows in TABLES.items():
        write_table(folder / name, rows(sound, rules, delivery or Delivery()))
    write_page(folder / CHANGED, "".join(f"{student}\n" for student in changed))
    write_page(folder / "report.html", class_page(sound, rules, aside, gone, withdrawn))
    grades = [one.grade for one in sound]
    write_page(folder / "written.html", render("written.html.j2", questions=written(grades), unplaced=unplaced(grades)))
    return sound


def _remove_others(folder: Path, ending: str, ours: set[str]) -> None:
    """Before any page is written: a disk may take ANN's new page for the old one of ann."""
    for path in folder.iterdir():
        if path.name.endswith(ending) and path.name not in ours and not path.is_dir():
            path.unlink()


def _of_one(standing: Standing, rules: Rules) -> tuple[str, str]:
    """One student's page and results.json, after everything else that is made of this row."""
    for rows in TABLES.values():
        list(rows([standing], rules, Delivery()))
    class_page([standing], rules)
    written([standing.grade])
    return feedback(standing, rules), json.dumps(gradescope(standing, rules), indent=1) + "\n"


def _unreported(standing: Standing, rules: Rules, error: Exception) -> Standing:
    said = fault(f"the pages of {standing.student} were written", error)
    most = sum(exercise.points for exercise in rules.exercises)
    return stand(Grade(standing.student, "", "failed", 0, most, said), Rules(rules.exercises), standing.person)


def written(grades: list[Grade]) -> list[list[tuple[str, str]]]:
    """For each written question, (student, answer) of those who answered it."""
    questions = []
    for k in range(max((len(grade.written) for grade in grades), default=0)):
        answers = ((grade.student, grade.written[k]) for grade in grades if k < len(grade.written))
        questions.append([(student, text) for student, text in answers if text and UNANSWERED not in text])
    return questions


def unplaced(grades: list[Grade]) -> list[tuple[str, str]]:
    """(student, text) for what may be a written answer, and stands where none is asked for."""
    return [(grade.student, text) for grade in grades for text in grade.unplaced]
