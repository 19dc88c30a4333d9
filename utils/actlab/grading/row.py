"""One student's row in the gradebook, from what was handed in to what came out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from actlab.exercises import lesson
from actlab.grading import version
from actlab.grading.gradebook import Grade
from actlab.grading.incoming import Unreadable
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.notebook import Notebook, parse
from actlab.grading.outcome import Outcome
from actlab.grading.submissions import Submission


def graded(submission: Submission, terms: Terms) -> Grade:
    """The row of one submission, judged here and now."""
    row, job = begun(submission, terms)
    return completed(row, judge(job)) if job else row


def begun(submission: Submission, terms: Terms) -> tuple[Grade, Job | None]:
    """The row as far as it is known before its cells are run, and what is to be judged, if there is anything."""
    most = sum(exercise.points for exercise in lesson(terms.lesson))
    row = Grade(submission.student, "", "graded", 0, most, notes=submission.notes(), name=submission.name)
    try:
        data = submission.read()
        notebook = parse(data)
    except Unreadable as error:
        data, notebook = error.sentence.encode(), Notebook(())
        row = replace(row, status=error.status, sentence=error.sentence)
    if notebook.handed_to not in ("", row.student) and not submission.platform:
        row.notes.append(f"This notebook was handed out to “{notebook.handed_to[:100]}”.")
    row = replace(
        row,
        identity=_identity(row, terms, data),
        written=list(notebook.written),
        handed_to=notebook.handed_to,
        code=_fingerprint(notebook.code),
    )
    asked_as = notebook.handed_to if submission.platform else ""
    return row, Job(row.student, notebook.code, terms, asked_as) if notebook.code else None


def completed(row: Grade, outcome: Outcome) -> Grade:
    """The row with what came out."""
    seconds = outcome.seconds
    return replace(row, score=outcome.score, results=outcome.results, remarks=outcome.remarks, seconds=seconds)


def _identity(row: Grade, terms: Terms, data: bytes) -> str:
    """A digest of all that the row depends on: who judges, on what terms, whom, and what."""
    on_terms = [terms.secret.hex(), terms.seconds, terms.lesson, terms.personal]
    whom = [row.student, row.name, row.status, row.notes]
    return hashlib.sha256(version.digest() + json.dumps(on_terms + whom).encode() + data).hexdigest()


def _fingerprint(cells: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(cells).encode("utf-8", "replace")).hexdigest()[:16] if cells else ""
