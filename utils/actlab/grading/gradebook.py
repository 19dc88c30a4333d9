"""What is known about a class, in one SQLite file: a row for each student, each written in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from actlab.exercises import Result, Row, Score, Status
from actlab.grading.outcome import Event, Remark
from actlab.learner import Kind

NAME = "gradebook.sqlite"
LOCK = ".lock"
SCHEMA = """
CREATE TABLE IF NOT EXISTS grades (
    student TEXT PRIMARY KEY,
    mark TEXT NOT NULL,
    status TEXT NOT NULL,
    score REAL NOT NULL,
    max_score REAL NOT NULL,
    details TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
"""


@dataclass(frozen=True)
class Grade:
    """One student's row.

    identity: of what was graded and how; the same one would give the same row.
    sentence: what the status means here.  results: one for each exercise.  remarks: about the run.
    notes: for the instructor's eyes.  name: what a learning platform calls the student.
    hints: what the student reads too.  written: the written answers, one for each question.  unplaced: what may be one,
    and belongs to none.  code: a digest of the cells.  handed_to: whom the notebook was made for.  file: the path of
    the notebook that was graded.
    """

    student: str
    identity: str
    status: str
    score: float
    max_score: float
    sentence: str = ""
    results: list[Result] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    name: str = ""
    written: list[str] = field(default_factory=list)
    code: str = ""
    handed_to: str = ""
    seconds: float = 0.0
    file: str = ""
    hints: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)


class Gradebook:
    """The gradebook of a folder. Only the grader that holds the folder's `LOCK` writes to it."""

    def __init__(self, folder: Path):
        self.connection = sqlite3.connect(folder / NAME, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.executescript(SCHEMA)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.connection.close()

    def kept(self, key: str, make: Callable[[], bytes]) -> bytes:
        """A value that stays the same for good, made when first asked for."""
        self.connection.execute("INSERT OR IGNORE INTO kept VALUES (?, ?)", (key, make()))
        return self.connection.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()[0]

    def keep(self, key: str, value: bytes) -> None:
        """Have `kept` say this from now on."""
        self.connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (key, value))

    def record(self, grade: Grade) -> None:
        """Add a student's row or replace it: all of it or, when the power fails, none."""
        fields = asdict(grade)
        columns = [fields.pop(name) for name in ("student", "identity", "status", "score", "max_score")]
        self.connection.execute(
            "INSERT OR REPLACE INTO grades VALUES (?, ?, ?, ?, ?, ?)", (*columns, json.dumps(fields))
        )

    def identities(self) -> dict[str, str]:
        """Student -> identity, for all that need not be graded again while that stays the same."""
        return dict(self.connection.execute("SELECT student, mark FROM grades WHERE status != 'failed'"))

    def grades(self) -> Iterator[Grade]:
        """All rows, by student."""
        for *columns, details in self.connection.execute("SELECT * FROM grades ORDER BY student"):
            yield Grade(*columns, **_restored(json.loads(details)))


def _restored(details: dict[str, Any]) -> dict[str, Any]:
    results = [_result(one) for one in details["results"]]
    return details | {"results": results, "remarks": [_remark(one) for one in details["remarks"]]}


def _result(stored: dict[str, Any]) -> Result:
    """A result as it was; the oldest gradebooks say nothing of its kind."""
    kind = stored.get("kind")
    typed = {
        "status": Status(stored["status"]),
        "parts": {part: Score(*score) for part, score in stored["parts"].items()},
        "kind": Kind(kind) if kind else None,
        "failing": tuple(Row(*row) for row in stored["failing"]),
    }
    return Result(**{"name": stored["id"]} | stored | typed)


def _remark(stored: dict[str, Any] | str) -> Remark:
    """A remark as it was; the oldest gradebooks hold sentences."""
    if isinstance(stored, str):
        return Remark(Event.TOLD, said=stored)
    return Remark(**stored | {"kind": Event(stored["kind"])})
