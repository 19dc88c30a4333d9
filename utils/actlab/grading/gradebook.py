"""What is known about a class, in one SQLite file: a row for each student, each written in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

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

    mark: identifies what was graded and how; the same mark would give the same row.
    sentence: what the status means here.  results: one dict for each exercise.  remarks: about the run of the cells.
    notes: for the instructor's eyes.  name: what a learning platform calls the student.
    written: the written answers.  code: a digest of the cells.  handed_to: whom the notebook was made for.
    """

    student: str
    mark: str
    status: str
    score: float
    max_score: float
    sentence: str = ""
    results: list[dict] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    name: str = ""
    written: list[str] = field(default_factory=list)
    code: str = ""
    handed_to: str = ""
    seconds: float = 0.0


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

    def record(self, grade: Grade) -> None:
        """Add a student's row or replace it: all of it or, when the power fails, none."""
        fields = vars(grade).copy()
        columns = [fields.pop(name) for name in ("student", "mark", "status", "score", "max_score")]
        self.connection.execute(
            "INSERT OR REPLACE INTO grades VALUES (?, ?, ?, ?, ?, ?)", (*columns, json.dumps(fields))
        )

    def marks(self) -> dict[str, str]:
        """Student -> mark, for all that need not be graded again while the mark stays the same."""
        return dict(self.connection.execute("SELECT student, mark FROM grades WHERE status != 'failed'"))

    def grades(self) -> Iterator[Grade]:
        """All rows, by student."""
        for *columns, details in self.connection.execute("SELECT * FROM grades ORDER BY student"):
            yield Grade(*columns, **json.loads(details))
