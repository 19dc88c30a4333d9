"""What learners get as homework: the practice notebook without its solutions, one for all or one for each student."""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import EXERCISES, Choice
from actlab.exercises.personal import claim, parameters, personal
from actlab.files import replace
from actlab.handout import LONGEST_ID
from actlab.publish.notebooks import learner, to_bytes
from actlab.publish.source import Source, practice_points, read_source

README = """\
Practice: five questions on activation functions, {points} points.

1. Open {file} in the JupyterLab in which you took the course (`actlab lab` starts it).
   A new computer needs Python 3.11 or newer, the course's folder, and in that folder one command: make lab
   (on Windows: py -m venv .venv, then .venv\\Scripts\\pip install -e . and .venv\\Scripts\\actlab lab).
2. Fill in what says YOUR CODE HERE or YOUR ANSWER HERE. Every check tells you at once how you stand.
3. Restart the kernel, run all cells, save, and hand in the notebook alone, under the name that it has.

Names and parameters of the functions stay as they are: they are what is graded.
"""

_ASSIGNMENT = re.compile(r"^(\w+) = .*$", re.MULTILINE)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_HEADERS = {"id", "student", "student_id", "student id"}


@dataclass(frozen=True)
class Released:
    """One hand-out: the student's id, empty for the one that serves all, and the notebook's path."""

    student: str
    path: Path


def release(source: Path, out: Path, students: Sequence[str] = (), secret: bytes = b"") -> list[Released]:
    """Write the hand-out to `out`, or one for each student to `out/ID`.  source: the practice notebook's .py file.

    secret: what makes hand-outs and cases differ; without students it makes the cases of all.
    Errors: CourseError for an id that cannot name a folder, and for students without a secret.
    """
    if students and not secret:
        raise CourseError("releases for single students need a secret: the same one that later grades them.")
    _check_ids(students)
    if not students:
        return [_write(out, "", for_student(source, secret, "") if secret else learner(read_source(source, EXERCISES)))]
    return [_write(out / student, student, for_student(source, secret, student)) for student in students]


def for_student(source: Path, secret: bytes, student: str) -> NotebookNode:
    """One student's notebook, which names the student; "" is everybody's, with nothing of anybody's own."""
    exercises = personal(secret, student)
    read = read_source(source, exercises)
    _set_parameters(read, parameters(secret, student))
    _tell_the_order(read, exercises)
    said = claim(secret, student)
    _put_claim(read, said.line)
    notebook = learner(read)
    notebook.metadata["actlab"] = {"assignment": PRACTICE.name, **said._asdict()}
    return notebook


def marked(source: Path) -> NotebookNode:
    """The notebook with its solutions between markers, as nbgrader's `source` folder wants it. Not for learners."""
    read = read_source(source, EXERCISES)
    shown = learner(Source(read.path, [], [], []))
    shown.cells = [c for c in read.cells if c.metadata.slideshow.slide_type != "notes"]
    return shown


def read_roster(path: Path) -> list[str]:
    """The students' ids: one to a line, or the first column of a CSV file; a heading such as "id" is skipped.

    Errors: CourseError for a file that cannot be read or names nobody.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            ids = [unicodedata.normalize("NFC", row[0].strip()) for row in csv.reader(lines) if row and row[0].strip()]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise CourseError(f"the roster {path} cannot be read: {why}.") from None
    ids = ids[1:] if ids and ids[0].lower() in _HEADERS else ids
    if not ids:
        raise CourseError(f"the roster {path} names no student.")
    return ids


def _check_ids(students: Sequence[str]) -> None:
    seen: set[str] = set()
    for student in students:
        if (
            _FORBIDDEN.search(student)
            or not student.isprintable()
            or student.startswith(".")
            or student.endswith((".", " "))
            or len(student) > LONGEST_ID
        ):
            raise CourseError(f"{student!r} cannot name a folder on every computer: use letters, digits, - and _.")
        if student.casefold() in seen:
            raise CourseError(f"the roster names {student!r} twice.")
        seen.add(student.casefold())


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


def _tell_the_order(read: Source, exercises: Mapping[str, Any]) -> None:
    """A check of a multiple choice is told how the prompt above it arranges the options."""
    for cell in read.cells:
        id = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_check")
        asked = exercises.get(id)
        if isinstance(asked, Choice) and asked.order and cell.source.startswith("check("):
            cell.source = f'check("{id}", {asked.name}, order="{asked.order}")'


def _write(folder: Path, student: str, notebook: NotebookNode) -> Released:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PRACTICE.file
    replace(path, to_bytes(notebook))
    note = README.format(file=PRACTICE.file, points=practice_points(EXERCISES))
    (folder / "README.txt").write_text(note, encoding="utf-8")
    return Released(student, path)
