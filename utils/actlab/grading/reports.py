"""What instructors and students get, all of it made from the gradebook and from what the instructor decided."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from actlab.grading import likeness, workspace
from actlab.grading.adjust import Adjustments, What
from actlab.grading.desk import Around, class_page
from actlab.grading.exports import TABLES, Delivery
from actlab.grading.feedback import feedback, gradescope
from actlab.grading.gradebook import Grade
from actlab.grading.likeness import Likeness
from actlab.grading.outcome import fault
from actlab.grading.pages import as_table, file_names
from actlab.grading.pages import write as write_page
from actlab.grading.past import History
from actlab.grading.standing import ABSENT, Rules, Standing, stand

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
    history: History | None = None,
    alike: Likeness | None = None,
) -> list[Standing]:
    """Write every report of a class into the folder; return the standings as they are reported.

    A row of which no page can be made is reported as `failed`; all others are written.  A page that says what it said
    before keeps its time.
    aside: files that belong to nobody.  gone: ids that have a row, but are no longer among the submissions.
    withdrawn: ids of those who are in no table because the instructor says so.
    delivery: what platforms want to know beside the points.
    history: the days before, which is told whose page this run changed.
    alike: whose functions are alike; None where nobody compared them.
    Pages of an earlier run that this one does not write are removed: they may tell what is to be told no more.
    Errors: OSError where the disk does not take a file.
    """
    handed_in = [one for one in standings if one.grade.status != ABSENT]
    names = file_names(one.student for one in handed_in)
    for below, ending in PAGES.items():
        (folder / below).mkdir(mode=0o700, exist_ok=True)
        _remove_others(folder / below, ending, {f"{name}{ending}" for name in names.values()})
    delivery, history = delivery or Delivery(), history or History()
    explained = {path.name.removesuffix(".html") for path in (folder / "explain").glob("*.html")}
    sound, changed = _pages(folder, standings, rules, names)

    def of_all() -> dict[str, str]:
        changes = history.compare(sorted(changed))
        around = Around(aside, gone, withdrawn, changes, history.decisions, names, explained, alike)
        return _of_class(sound, rules, around, delivery)

    try:
        texts = of_all()
    except Exception:  # one row spoils what holds all of them: each shows alone whether it was that one
        spoiled = {one.student: error for one in sound if (error := _trouble(one, rules))}
        again = [_unreported(one, rules, spoiled[one.student]) for one in sound if one.student in spoiled]
        mended, rewritten = _pages(folder, again, rules, names)
        of = {one.student: one for one in mended}
        sound = [of.get(one.student, one) for one in sound]
        changed |= rewritten
        texts = of_all()
    for name, text in {**texts, CHANGED: "".join(f"{student}\n" for student in sorted(changed))}.items():
        write_page(folder / name, text)
    return sound


def _pages(
    folder: Path, standings: Iterable[Standing], rules: Rules, names: Mapping[str, str]
) -> tuple[list[Standing], set[str]]:
    """Write the pages of single students; how they stand as it is reported, and whose feedback changed."""
    sound, changed = [], set()
    for standing in standings:
        try:
            page, results = _of_one(standing, rules)
        except Exception as error:
            standing = _unreported(standing, rules, error)
            page, results = _of_one(standing, rules)
        sound.append(standing)
        if standing.student in names:
            if write_page(folder / "feedback" / f"{names[standing.student]}.html", page):
                changed.add(standing.student)
            write_page(folder / "gradescope" / f"{names[standing.student]}.json", results)
    return sound, changed


def _of_class(standings: Sequence[Standing], rules: Rules, around: Around, delivery: Delivery) -> dict[str, str]:
    """File name -> text, of what holds the whole class."""
    texts = {name: as_table(rows(standings, rules, delivery)) for name, rows in TABLES.items()}
    if around.alike:
        texts["likeness.html"] = likeness.page(around.alike, standings)
    texts["report.html"] = class_page(standings, rules, around)
    texts["written.html"] = workspace.page(standings, rules)
    return texts


def _trouble(standing: Standing, rules: Rules) -> Exception | None:
    """Why nothing that holds the whole class can be made of this row, if so."""
    try:
        _of_class([standing], _bare(rules), Around(), Delivery())
    except Exception as error:
        return error
    return None


def _remove_others(folder: Path, ending: str, ours: set[str]) -> None:
    """Before any page is written: a disk may take ANN's new page for the old one of ann."""
    for path in folder.iterdir():
        if path.name.endswith(ending) and path.name not in ours and not path.is_dir():
            path.unlink()


def _of_one(standing: Standing, rules: Rules) -> tuple[str, str]:
    """One student's page and results.json."""
    return feedback(standing, rules), json.dumps(gradescope(standing, rules), indent=1) + "\n"


def _unreported(standing: Standing, rules: Rules, error: Exception) -> Standing:
    said = fault(f"the pages of {standing.student} were written", error)
    most = sum(exercise.points for exercise in rules.exercises)
    return stand(Grade(standing.student, "", "failed", 0, most, said), _bare(rules), standing.person)


def _bare(rules: Rules) -> Rules:
    """The items that there are, and nothing else that was decided."""
    return Rules(rules.exercises, Adjustments(tuple(one for one in rules.adjustments.changes if one.what is What.OF)))
