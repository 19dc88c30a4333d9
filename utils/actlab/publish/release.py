"""What learners get as homework: a notebook without its solutions, one for all or one for each student."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from actlab import roster
from actlab.course import HOMEWORKS, Lesson
from actlab.errors import CourseError
from actlab.exercises import EXERCISES, Choice
from actlab.exercises.personal import claim, instance, parameters, personal
from actlab.files import replace
from actlab.publish import homework
from actlab.publish.notebooks import learner, to_bytes
from actlab.publish.source import Source, read_source
from actlab.sheets import guarded

README = """\
{title}: {questions} on activation functions, {points}.

1. Put {file} beside the lessons, into the folder `notebooks` of your course, and open it in the JupyterLab in which
   you took the course: `actlab lab` starts it there. A new computer needs Python 3.11 or newer and the course, as you
   got it: a clone of it with one command, make lab, or its wheel or zip, and then `actlab start my-course`.
2. Fill in what says YOUR CODE HERE or YOUR ANSWER HERE. {checks}
3. Restart the kernel, run all cells, save, and hand in the notebook alone, under the name that it has.

Names and parameters of the functions stay as they are: they are what is graded.
"""

TELLING = "Every check tells you at once how you stand."
NOTING = "Checks note your letters and numbers; grading says whether they are right."

_ASSIGNMENT = re.compile(r"^(\w+) = .*$", re.MULTILINE)


@dataclass(frozen=True)
class Released:
    """One hand-out: the student's id, empty for the one that serves all, and the notebook's path."""

    student: str
    path: Path


def release(
    source: Path, out: Path, students: Sequence[str] = (), secret: bytes = b"", exam: bool = False
) -> list[Released]:
    """Write the hand-out to `out`, or one for each student to `out/ID`.  source: the homework's .py file.

    secret: what makes hand-outs and cases differ; without students it makes the cases of all.
    exam: whether checks leave letters and numbers to the grading.
    Errors: CourseError for an id that cannot name a folder, and for students without a secret.
    """
    if students and not secret:
        raise CourseError("releases for single students need a secret: the same one that later grades them.")
    _check_ids(students)
    asked = homework_of(source)
    if not students:
        made = for_student(source, secret, "", exam) if secret else _for_all(source, exam)
        return [_write(out, "", asked, made, exam)]
    return [_write(out / one, one, asked, for_student(source, secret, one, exam), exam) for one in students]


def for_student(source: Path, secret: bytes, student: str, exam: bool = False) -> NotebookNode:
    """One student's notebook, which names the student; "" is everybody's, with nothing of anybody's own."""
    asked = homework_of(source)
    exercises = personal(secret, student, asked)
    read = read_source(source, exercises)
    _set_parameters(read, parameters(secret, student, asked))
    _tell_the_checks(read, exercises, "" if exam else instance(secret, student), exam)
    said = claim(secret, student)
    _put_claim(read, said.line)
    notebook = learner(read)
    notebook.metadata["actlab"] = {"assignment": asked.name, **said._asdict()}
    return notebook


def _for_all(source: Path, exam: bool) -> NotebookNode:
    """The course's own notebook, with nothing that a secret makes."""
    read = read_source(source, EXERCISES)
    _tell_the_checks(read, EXERCISES, "", exam)
    return learner(read)


def homework_of(source: Path) -> Lesson:
    """The homework that a source is.  Errors: KeyError."""
    return {homework.stem: homework for homework in HOMEWORKS}[source.stem]


def marked(source: Path) -> NotebookNode:
    """The notebook with its solutions between markers, as nbgrader's `source` folder wants it. Not for learners."""
    read = read_source(source, EXERCISES)
    shown = learner(Source(read.path, [], [], []))
    shown.cells = [c for c in read.cells if c.metadata.slideshow.slide_type != "notes"]
    return shown


def pack(path: Path, released: Sequence[Released], people: Sequence[roster.Person]) -> int:
    """Write all hand-outs as one zip to upload, and a list for a mail merge in it; return how many hand-outs it holds.

    A notebook has the name under which Moodle takes it as a file for one participant, where the roster says which; else
    that of a folder with the student's id.
    """
    known = {person.id: person for person in people}
    rows = [["id", "name", "email", "file"]]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in released:
            person = known.get(one.student, roster.Person(one.student))
            name = f"{person.in_moodle}{one.path.name}" if person.moodle else f"{one.student}/{one.path.name}"
            archive.write(one.path, name.removeprefix("/"))
            rows.append([person.id, person.name, person.email, name])
        if known:
            text = io.StringIO()
            csv.writer(text).writerows([*map(guarded, row)] for row in rows)
            archive.writestr("list.csv", text.getvalue())
    replace(path, made.getvalue())
    return len(released)


def stale(out: Path, released: Sequence[Released]) -> list[str]:
    """The folders of an earlier hand-out in `out` that this one did not write."""
    ours = {one.path for one in released}
    found = (path for homework in HOMEWORKS for path in (out / homework.file, *out.glob(f"*/{homework.file}")))
    return sorted(str(path.parent) for path in found if path.exists() and path not in ours)


def under_another(source: Path, out: Path, students: Sequence[str], secret: bytes) -> list[str]:
    """Whose hand-out lies in `out` already, and was made with another secret, or with none; "" is the one for all.

    What is handed in is graded with one secret, so whoever has such a notebook by now needs the one before.
    """
    asked = homework_of(source)
    found = []
    for student in students or [""]:
        path = out / student / asked.file
        mine = claim(secret, student).fingerprint if secret else ""
        if path.is_file() and _fingerprint(path) != mine:
            found.append(student)
    return found


def _fingerprint(path: Path) -> str:
    """The fingerprint that a notebook's metadata names; "" where there is none."""
    try:
        return f"{json.loads(path.read_bytes())['metadata']['actlab']['fingerprint']}"
    except (OSError, ValueError, TypeError, LookupError):
        return ""


def for_nbgrader(source: Path, to: Path) -> Path:
    """Where the notebook with solutions goes: the file that is named, or the homework's own name in the folder.

    Errors: CourseError for a file that is no notebook.
    """
    if to.suffix == ".ipynb" and not to.is_dir():
        return to
    if to.exists() and not to.is_dir():
        raise CourseError(f"{to} is a file, and no notebook: --nbgrader takes a folder, or a name that ends in .ipynb.")
    return to / homework_of(source).file


def _check_ids(students: Sequence[str]) -> None:
    seen: set[str] = set()
    for student in students:
        if why := roster.unfit(student):
            raise CourseError(f"{student!r} {why}: use letters, digits, - and _.")
        if roster.folded(student) in seen:
            raise CourseError(f"the roster names {student!r} twice.")
        seen.add(roster.folded(student))


def _set_parameters(read: Source, values: Mapping[str, Any]) -> None:
    for cell in read.cells:
        if "parameters" in cell.metadata.get("tags", ()):
            cell.source = _ASSIGNMENT.sub(lambda line: f"{line[1]} = {values[line[1]]!r}", cell.source)


def _put_claim(read: Source, line: str) -> None:
    """Say whom it is for in the code and in the text as well: a conversion drops the metadata."""
    title = next(cell for cell in read.cells if cell.cell_type == "markdown")
    title.source += f"\n\n{line[0].upper()}{line[1:]}."
    for cell in read.cells:
        if "parameters" in cell.metadata.get("tags", ()):
            cell.source = f"# {line}\n{cell.source}"


def _tell_the_checks(read: Source, exercises: Mapping[str, Any], code: str, exam: bool) -> None:
    """A check is told what is this notebook's own: how options are arranged, what was drawn, whether it may judge."""
    for cell in read.cells:
        id = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_check")
        asked = exercises.get(id)
        if asked and cell.source.startswith("check("):
            order = [f'order="{asked.order}"'] if isinstance(asked, Choice) and asked.order else []
            drawn = [f'instance="{code}"'] if code and asked.drawn else []
            noted = ["exam=True"] if exam and (asked.drawn or isinstance(asked, Choice)) else []
            given = ", ".join([f'"{id}"', asked.name, *order, *drawn, *noted])
            cell.source = f"check({given})"


def _write(folder: Path, student: str, asked: Lesson, notebook: NotebookNode, exam: bool) -> Released:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / asked.file
    replace(path, to_bytes(notebook))
    points = homework.points(homework.points_of(asked, EXERCISES))
    told = {"questions": homework.questions(asked), "points": points, "checks": NOTING if exam else TELLING}
    note = README.format(title=asked.title, file=asked.file, **told)
    replace(folder / "README.txt", note.encode())
    return Released(student, path)
