"""One student's row in the gradebook, from what was handed in to what came out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from actlab.exercises import lesson
from actlab.grading import version
from actlab.grading.gradebook import Grade
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.outcome import Outcome
from actlab.grading.reading import Reading


def graded(reading: Reading, terms: Terms) -> Grade:
    """The row of one submission, judged here and now."""
    row, job = begun(reading, terms)
    return completed(row, judge(job)) if job else row


def begun(reading: Reading, terms: Terms) -> tuple[Grade, Job | None]:
    """The row as far as it is known before its cells are run, and what is to be judged, if there is anything."""
    most = sum(exercise.points for exercise in lesson(terms.lesson))
    notebook, notes = reading.notebook, list(reading.notes)
    if notebook.handed_to not in ("", reading.student) and not reading.platform:
        notes.append(f"This notebook was handed out to “{notebook.handed_to[:100]}”.")
    row = Grade(
        reading.student,
        identity(reading, terms),
        reading.status,
        0,
        most,
        reading.sentence,
        notes=notes,
        name=reading.name,
        written=list(notebook.written),
        handed_to=notebook.handed_to,
        code=_fingerprint(notebook.code),
        file=reading.file,
    )
    asked_as = notebook.handed_to if reading.platform else ""
    return row, Job(row.student, notebook.code, terms, asked_as) if notebook.code else None


def completed(row: Grade, outcome: Outcome) -> Grade:
    """The row with what came out."""
    seconds = outcome.seconds
    return replace(row, score=outcome.score, results=outcome.results, remarks=outcome.remarks, seconds=seconds)


def identity(reading: Reading, terms: Terms) -> str:
    """A digest of all that the row depends on: who judges, on what terms, whom, and what."""
    on_terms = [terms.secret.hex(), terms.seconds, terms.lesson, terms.personal]
    what = [reading.student, reading.name, reading.status, reading.notes, reading.file, reading.digest]
    return hashlib.sha256(version.digest() + json.dumps(on_terms + what).encode()).hexdigest()


def _fingerprint(cells: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(cells).encode("utf-8", "replace")).hexdigest()[:16] if cells else ""
