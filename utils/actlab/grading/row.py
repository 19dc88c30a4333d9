"""One student's row in the gradebook, from what was handed in to what came out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from actlab.exercises import lesson
from actlab.grading import names, version
from actlab.grading.gradebook import Grade
from actlab.grading.layouts import came
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.notes import Cause, Note
from actlab.grading.outcome import Outcome
from actlab.grading.reading import Reading
from actlab.grading.witness import Exhibit, Finding


def exhibit(reading: Reading) -> Exhibit | None:
    """What a submission shows of its hand-out, where there is a notebook."""
    return Exhibit(reading.student, reading.notebook.shown) if reading.status == "graded" else None


def graded(reading: Reading, finding: Finding, terms: Terms) -> Grade:
    """The row of one submission, judged here and now."""
    row, job = begun(reading, finding, terms)
    return completed(row, judge(job)) if job else row


def begun(reading: Reading, finding: Finding, terms: Terms) -> tuple[Grade, Job | None]:
    """The row as far as it is known before its cells are run, and what is to be judged, if there is anything."""
    most = sum(exercise.points for exercise in lesson(terms.lesson))
    notebook, about, more = reading.notebook, "", []
    late, when = came(reading.file, reading.layout)
    if notebook.code:
        about = Note(names.about(notebook.shown, terms.lesson), Cause.ELSEWHERE)
        more = [Note(said, Cause.LARGE) for said in notebook.dropped]
        more += [Note(said, Cause.RENAMED) for said in names.hints(notebook.code, notebook.in_text, terms.lesson)]
    row = Grade(
        reading.student,
        identity(reading, finding, terms),
        reading.status,
        0,
        most,
        reading.sentence,
        notes=[*reading.notes, *filter(None, [about]), *finding.notes, *more],
        name=reading.name,
        written=list(notebook.written),
        handed_to=finding.handed_to,
        code=fingerprint(notebook.code),
        file=reading.file,
        hints=[*filter(None, [about]), *finding.hints, *more],
        unplaced=list(notebook.unplaced),
        layout=reading.layout.value,
        handed_in_as=list(reading.handed_in_as),
        late=late,
        when=when,
        upload=reading.upload,
        orders=dict(finding.orders),
        instance=finding.instance,
        limit=terms.seconds,
        judge=version.digest().hex()[:16],
    )
    return row, Job(row.student, notebook.code, terms, finding.orders, finding.instance) if notebook.code else None


def completed(row: Grade, outcome: Outcome) -> Grade:
    """The row with what came out."""
    seconds = outcome.seconds
    return replace(row, score=outcome.score, results=outcome.results, remarks=outcome.remarks, seconds=seconds)


def identity(reading: Reading, finding: Finding, terms: Terms) -> str:
    """A digest of all that the row depends on: who judges, on what terms, whom, and what."""
    on_terms = [
        terms.key.hex(),
        terms.seconds,
        terms.lesson,
        sorted(finding.orders.items()),
        finding.instance,
        finding.notes,
        finding.hints,
    ]
    what = [reading.student, reading.name, reading.status, reading.notes, reading.file, reading.digest]
    what += [reading.layout, reading.handed_in_as, reading.upload]
    return hashlib.sha256(version.digest() + json.dumps(on_terms + what).encode()).hexdigest()


def fingerprint(cells: tuple[str, ...]) -> str:
    """A digest of code cells; "" where there are none."""
    return hashlib.sha256("\0".join(cells).encode("utf-8", "replace")).hexdigest()[:16] if cells else ""
