"""Feedback on its way back: zips under the names that Canvas and Moodle look for, of the pages that changed."""

from __future__ import annotations

import hashlib
import io
import json
import re
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from actlab.errors import CourseError
from actlab.files import locked, replace
from actlab.grading.exports import KEPT_ASSIGNMENT, given_back, moodle_number
from actlab.grading.gradebook import LOCK, NAME, Gradebook
from actlab.grading.layouts import canvas_upload
from actlab.grading.pages import as_table, file_names, number, write
from actlab.grading.run import Progress, report
from actlab.grading.standing import ABSENT, Standing
from actlab.roster import in_moodle
from actlab.sheets import guarded

KEPT = "given back"
PLAIN, CANVAS, MOODLE, MAIL = "feedback.zip", "feedback_canvas.zip", "feedback_moodle.zip", "mail.csv"
OLDEST = 315_532_800
"""1980, in which zips begin to count."""
_MAIN = re.compile(r"<main>(.*)</main>", re.DOTALL)


class Page(NamedTuple):
    """One student's page: whose it is, the name of its file without the ending, what it says, when that changed."""

    standing: Standing
    name: str
    data: bytes
    changed: float

    @property
    def digest(self) -> str:
        """What tells it from the one before."""
        return hashlib.sha256(self.data).hexdigest()


class Given(NamedTuple):
    """What was written.

    students: whose pages are in it.  same: how many pages are as they were when they were given back before.
    files: file -> how many students it holds.  unknown: file -> the students whom it lacks, since nothing tells what
    the platform calls their hand-in.  withheld: how many have a score that lacks what is withheld.
    """

    students: list[str]
    same: int
    files: dict[str, int]
    unknown: dict[str, list[str]]
    withheld: int = 0


def give_back(out: Path, assignment: str = "", everything: bool = False, progress: Progress | None = None) -> Given:
    """Write all tables and pages of a folder of grades anew, with what the instructor decided since, and then the zips.

    assignment: the heading of Canvas's column, which the gradebook keeps; "" leaves it.  everything: all pages, also
    those that are as they were given back before.
    Errors: CourseError where there is no gradebook.  OSError where the disk does not take a file.
    """
    if not (out / NAME).is_file():
        raise CourseError(f"{out} holds no gradebook: give the folder that `actlab grade` wrote, as --out.")
    progress = progress or Progress()
    with locked(out / LOCK, progress.waiting), Gradebook(out) as book:
        if assignment:
            book.keep(KEPT_ASSIGNMENT, assignment.encode("utf-8", "backslashreplace"))
        return pack(out, report(out, book, progress), book, everything)


def pack(out: Path, standings: Sequence[Standing], book: Gradebook, everything: bool = False) -> Given:
    """Write the zips, and the list for a mail merge, of the pages that differ from those given back before.

    everything: of all pages.  Where there is no such page, the files stay as they are.
    Errors: OSError where the disk does not take a file.
    """
    pages = list(_pages(out, standings))
    before = _kept(book)
    new = [page for page in pages if everything or before.get(page.standing.student) != page.digest]
    withheld = sum(bool(one.withheld) and one.counts for one in standings)
    if not new:
        return Given([], len(pages), {}, {}, withheld)
    students = [page.standing.student for page in new]
    platforms = {CANVAS: [*map(_in_canvas, new)], MOODLE: [*map(_in_moodle, new)]}
    files = {PLAIN: _zip(out / PLAIN, {f"{page.name}.html": (page.data, page.changed) for page in new})}
    for file, entries in platforms.items():
        files[file] = _zip(out / file, dict(filter(None, entries)))
    files[MAIL] = _mail(out / MAIL, new)
    there = {page.standing.student: before.get(page.standing.student, "") for page in pages}
    book.keep(KEPT, json.dumps(there | {page.standing.student: page.digest for page in new}).encode())
    unknown = {
        file: [student for student, entry in zip(students, entries, strict=True) if not entry]
        for file, entries in platforms.items()
        if any(entries) and not all(entries)
    }
    files = {file: many for file, many in files.items() if many}
    return Given(students, len(pages) - len(new), files, unknown, withheld)


def notebook(page: str) -> bytes:
    """A page as a notebook of one Markdown cell, for whoever gets it under the name of the notebook they handed in."""
    found = _MAIN.search(page)
    lines = [line.strip() for line in (found[1] if found else page).splitlines()]
    text = "\n".join(line for line in lines if line).replace("$", "&#36;")  # no blank line: it stays one block of HTML
    cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": text}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}, indent=1).encode()


def _pages(out: Path, standings: Sequence[Standing]) -> Iterator[Page]:
    """The pages that lie in the folder of grades, by student."""
    handed_in = {one.student: one for one in standings if one.grade.status != ABSENT}
    for student, name in file_names(handed_in).items():
        path = out / "feedback" / f"{name}.html"
        if path.is_file():
            yield Page(handed_in[student], name, path.read_bytes(), path.stat().st_mtime)


def _kept(book: Gradebook) -> dict[str, str]:
    """Student -> digest of the page that was given back last."""
    try:
        return {student: f"{digest}" for student, digest in json.loads(book.kept(KEPT, bytes) or b"{}").items()}
    except (ValueError, AttributeError):  # then all pages count as new
        return {}


Entry = tuple[str, tuple[bytes, float]]


def _in_canvas(page: Page) -> Entry | None:
    """The page as Canvas's "Upload Submissions" takes it; None where it is not known what was uploaded.

    Canvas reads the first two numbers between underscores as the student and the upload, and shows the student the
    file under the name of what they uploaded: so it is a notebook for a notebook.
    """
    found = canvas_upload(page.standing.grade.upload)
    if not found:
        return None
    name, user, upload, rest = found
    plain = (re.sub(r"[^\w-]", "", word) for word in name.split("_"))
    words = [word for word in plain if word and not word.isdecimal() and word not in ("LATE", "anon")]
    data, ending = page.data, "html"
    if rest.lower().endswith(".ipynb"):
        data, ending = notebook(page.data.decode("utf-8", "replace")), "ipynb"
    elif rest.lower().endswith(".zip"):
        data, ending = _zipped({"feedback.html": (page.data, page.changed)}), "zip"
    return "_".join([*words, user, upload, f"feedback.{ending}"]), (data, page.changed)


def _in_moodle(page: Page) -> Entry | None:
    """The page as Moodle's "Upload multiple feedback files in a zip" takes it: the name has no underscore of its own.

    Uploaded again it replaces the one before, which has the same name.
    """
    participant = moodle_number(page.standing)
    if not participant:
        return None
    return f"{in_moodle(page.standing.name, participant)}feedback.html", (page.data, page.changed)


def _mail(path: Path, pages: Iterable[Page]) -> int:
    """A list for a mail merge, of those whose e-mail is known; how many these are."""
    rows = [["id", "name", "email", "file", "score", "max_score"]]
    for one, name, *_ in pages:
        if one.person and one.person.email:
            texts = (one.student, one.name, one.person.email, f"feedback/{name}.html")
            rows.append([*map(guarded, texts), given_back(one), number(one.shown.most)])
    if len(rows) > 1:
        write(path, as_table(rows))
    else:
        path.unlink(missing_ok=True)
    return len(rows) - 1


def _zip(path: Path, entries: Mapping[str, tuple[bytes, float]]) -> int:
    """Write a zip, or remove one of an earlier run where nothing is in it; how many files it holds."""
    if entries:
        replace(path, _zipped(entries), 0o600)
    else:
        path.unlink(missing_ok=True)
    return len(entries)


def _zipped(entries: Mapping[str, tuple[bytes, float]]) -> bytes:
    """Name -> what is in it, and when that changed, as a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (data, changed) in entries.items():
            info = zipfile.ZipInfo(name, time.localtime(max(changed, OLDEST + 86_400))[:6])
            info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return stream.getvalue()
