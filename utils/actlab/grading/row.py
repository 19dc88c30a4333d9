"""One student's row in the gradebook, from what was handed in to what came out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from actlab.exercises import lesson
from actlab.grading import names, version
from actlab.grading.gradebook import Grade
from actlab.grading.incoming import Unreadable
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.notebook import Notebook, parse
from actlab.grading.outcome import Outcome
from actlab.grading.submissions import Submission
from actlab.grading.witness import Exhibit, Finding


@dataclass(frozen=True)
class Reading:
    """What was read of one submission.

    notebook: None where there is none to grade; then status and sentence say why.  digest: of the bytes.
    """

    notebook: Notebook | None
    digest: str
    status: str = "graded"
    sentence: str = ""


def read(submission: Submission) -> Reading:
    """The notebook that counts of a submission."""
    try:
        data = submission.read()
        return Reading(parse(data), _digest(data))
    except Unreadable as error:
        return Reading(None, _digest(error.sentence.encode()), error.status, error.sentence)


def exhibit(submission: Submission, reading: Reading) -> Exhibit | None:
    """What the notebook shows, where there is one."""
    return Exhibit(submission.student, reading.notebook.shown) if reading.notebook else None


def graded(submission: Submission, reading: Reading, finding: Finding, terms: Terms) -> Grade:
    """The row of one submission, judged here and now."""
    row, job = begun(submission, reading, finding, terms)
    return completed(row, judge(job)) if job else row


def begun(submission: Submission, reading: Reading, finding: Finding, terms: Terms) -> tuple[Grade, Job | None]:
    """The row as far as it is known before its cells are run, and what is to be judged, if there is anything."""
    most = sum(exercise.points for exercise in lesson(terms.lesson))
    row = Grade(
        submission.student,
        "",
        reading.status,
        0,
        most,
        sentence=reading.sentence,
        notes=submission.notes(),
        name=submission.name,
    )
    notebook, job = reading.notebook, None
    if notebook:
        hints = [*filter(None, [names.about(notebook.shown, terms.lesson)]), *finding.notes, *notebook.dropped]
        hints += names.hints(notebook.code, notebook.in_text, terms.lesson)
        row = replace(
            row,
            notes=[*row.notes, *hints],
            hints=hints,
            written=list(notebook.written),
            unplaced=list(notebook.unplaced),
            handed_to=finding.handed_to,
            code=_digest("\0".join(notebook.code).encode("utf-8", "replace"))[:16],
        )
        job = Job(row.student, notebook.code, terms, finding.orders)
    return replace(row, identity=_identity(row, reading, finding, terms)), job


def completed(row: Grade, outcome: Outcome) -> Grade:
    """The row with what came out."""
    seconds = outcome.seconds
    return replace(row, score=outcome.score, results=outcome.results, remarks=outcome.remarks, seconds=seconds)


def _identity(row: Grade, reading: Reading, finding: Finding, terms: Terms) -> str:
    """A digest of all that the row depends on: who judges, on what terms, whom, and what."""
    on_terms = [terms.key.hex(), terms.seconds, terms.lesson, sorted(finding.orders.items())]
    whom = [row.student, row.name, row.status, row.notes, reading.digest]
    return _digest(version.digest() + json.dumps(on_terms + whom).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
