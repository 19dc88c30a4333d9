"""What is known about a class, in one SQLite file: a row for each student, each written in one transaction."""

from __future__ import annotations

import hashlib
import json
import math
import os
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from actlab.errors import CourseError
from actlab.exercises import Result, Row, Score, Status
from actlab.grading.notes import Cause, Note, cause_of
from actlab.grading.outcome import Event, Remark, fault, few, shortened
from actlab.learner import Kind
from actlab.roster import folded

NAME = "gradebook.sqlite"
LOCK = ".lock"
VERSION = 2
LONGEST_STUDENT = 255
LONGEST_TEXT = 500
LONGEST_WRITTEN = 20_000
MOST_WRITTEN = 40_000
MOST_TEXTS = 50
MOST_BYTES = 1 << 20
MOST_CODE = 1 << 20
TABLES = {
    "grades": """
        student TEXT PRIMARY KEY, mark TEXT NOT NULL, status TEXT NOT NULL, score REAL NOT NULL,
        max_score REAL NOT NULL, details TEXT NOT NULL""",
    "cells": "student TEXT PRIMARY KEY, packed BLOB NOT NULL",
    "decisions": """
        at TEXT NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL, student TEXT NOT NULL, item TEXT NOT NULL,
        points TEXT NOT NULL, comment TEXT NOT NULL, reason TEXT NOT NULL""",
    "kept": "key TEXT PRIMARY KEY, value BLOB NOT NULL",
}
"""Table -> its columns."""


@dataclass(frozen=True)
class Grade:
    """One student's row.

    identity: of what was graded and how; the same one would give the same row.
    sentence: what the status means here.  results: one for each exercise.  remarks: about the run.
    notes: for the instructor's eyes.  name: what a learning platform calls the student.
    hints: what the student reads too, about the notebook as a whole.  written: the written answers, one for each
    question.  unplaced: what may be one, and belongs to none.  code: a digest of the cells.
    handed_to: whom the notebook was made for.  file: the path of the notebook that was graded.
    layout: how the student was recognised.  handed_in_as: the ids that the platform or the file's name says.
    late: whether the platform calls it late.  when: the moment of handing in, in ISO form, "" where nothing tells it.
    upload: the name of what was handed in, at the top of the submissions.
    orders, instance: how its options stood, and the code of what it asks.  limit: seconds for one cell or call.
    judge: a digest of the code that judged it.
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
    layout: str = ""
    handed_in_as: list[str] = field(default_factory=list)
    late: bool = False
    when: str = ""
    upload: str = ""
    orders: dict[str, str] = field(default_factory=dict)
    instance: str = ""
    limit: float = 0.0
    judge: str = ""


class Decision(NamedTuple):
    """One line that came into force or left it, in ISO time, and who was at the computer or is named in it.

    what: "added" or "removed".
    """

    at: str
    by: str
    what: str
    student: str
    item: str
    points: str
    comment: str
    reason: str


class Gradebook:
    """The gradebook of a folder. Only the grader that holds the folder's `LOCK` writes to it, and its owner reads it.

    untouched: whether to read what is there, and to change and to make nothing.
    Errors: CourseError with what to do, where the disk or the file does not let it be read or written.
    """

    def __init__(self, folder: Path, untouched: bool = False):
        self.path = folder / NAME
        with self._sentences():
            self.connection = self._looked_at() if untouched else self._opened()
            version = self.connection.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise CourseError(
                    f"{self.path} was written by a newer actlab. Grade with that one, or into another folder."
                )
            if untouched:
                return self._stand_in()
            self.connection.execute("PRAGMA journal_mode = WAL")
            for name, columns in TABLES.items():
                self.connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns}) STRICT")
            if version < VERSION:
                self.connection.execute(f"PRAGMA user_version = {VERSION}")

    def _opened(self) -> sqlite3.Connection:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with suppress(PermissionError):  # somebody else's
            self.path.chmod(0o600)
        return sqlite3.connect(self.path, isolation_level=None)

    def _looked_at(self) -> sqlite3.Connection:
        """What another process is writing is beside the file; where nothing is, SQLite would make files to lock it."""
        how = "mode=ro" if self.path.with_name(f"{NAME}-wal").exists() else "immutable=1"
        return sqlite3.connect(f"{self.path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)

    def _stand_in(self) -> None:
        """Have an empty table in memory for each that an older actlab, or one that was killed, did not make."""
        there = {name for (name,) in self.connection.execute("SELECT name FROM sqlite_master")}
        self.connection.execute("PRAGMA temp_store = MEMORY")
        for name in TABLES.keys() - there:
            self.connection.execute(f"CREATE TEMP TABLE {name} ({TABLES[name]}) STRICT")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.connection.close()

    def kept(self, key: str, make: Callable[[], bytes]) -> bytes:
        """A value that stays the same for good, made when first asked for."""
        with self._sentences():
            self.connection.execute("INSERT OR IGNORE INTO kept VALUES (?, ?)", (key, make()))
        return self.found(key) or b""

    def found(self, key: str) -> bytes | None:
        """The value that `kept` says, if it was ever asked for."""
        with self._sentences():
            row = self.connection.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
        return (row[0] if isinstance(row[0], bytes) else f"{row[0]}".encode()) if row else None

    def everything_kept(self) -> dict[str, bytes]:
        """All values that `keep` and `kept` know, by key."""
        with self._sentences():
            keys = [key for (key,) in self.connection.execute("SELECT key FROM kept ORDER BY key")]
        return {key: self.found(key) or b"" for key in keys}

    def keep(self, key: str, value: bytes) -> None:
        """Have `kept` say this from now on."""
        with self._sentences():
            self.connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (key, value))

    def record(self, grade: Grade, cells: Iterable[str] = ()) -> None:
        """Add a student's row or replace it, with the code that it came from: all of it or, when the power fails, none.

        What no row can hold costs that row alone: it is recorded as `failed`, with a sentence.
        """
        try:
            columns = _stored(grade)
        except Exception as error:
            said = fault(f"the row of {shortened(grade.student, LONGEST_STUDENT)} was recorded", error)
            columns = _stored(Grade(grade.student, "", "failed", 0, grade.max_score, said))
        with self._sentences(), self._at_once():
            self.connection.execute("INSERT OR REPLACE INTO grades VALUES (?, ?, ?, ?, ?, ?)", columns)
            self.connection.execute("INSERT OR REPLACE INTO cells VALUES (?, ?)", (columns[0], _packed(cells)))

    def cells(self, student: str) -> tuple[str, ...]:
        """The code cells that a row came from, in their order; what has no room at the end of a very long one is not
        there, and nothing where an older actlab graded it."""
        with self._sentences():
            found = self.connection.execute("SELECT packed FROM cells WHERE student = ?", (student,)).fetchone()
        return _unpacked(found[0]) if found else ()

    def note_decisions(self, decisions: Iterable[Decision]) -> None:
        """Add to what the instructor decided, and when."""
        with self._sentences(), self._at_once():
            self.connection.executemany("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", decisions)

    def decisions(self) -> list[Decision]:
        """What the instructor decided, in the order of time."""
        with self._sentences():
            return [Decision(*row) for row in self.connection.execute("SELECT * FROM decisions ORDER BY rowid")]

    def about(self, ids: Collection[str]) -> dict[str, int]:
        """Table -> how many of its lines are about a student of these folded ids, for the tables that have any."""
        with self._sentences():
            many = {table: self._counted(table, ids) for table in self._tables()}
        return {table: count for table, count in many.items() if count}

    def forget(self, ids: Collection[str], kept: Mapping[str, bytes]) -> None:
        """Delete every line about a student of these folded ids, and have `kept` say these values: all or nothing."""
        with self._sentences():
            self.connection.execute("PRAGMA secure_delete = ON")
            with self._at_once():
                for table in self._tables():
                    where, values = self._about(table, ids)
                    self.connection.execute(f'DELETE FROM "{table}" WHERE {where}', values)
                self.connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", kept.items())

    def drop(self, key: str) -> None:
        """Have `kept` know nothing under a key."""
        with self._sentences():
            self.connection.execute("DELETE FROM kept WHERE key = ?", (key,))

    def scrub(self) -> None:
        """Leave no byte of what was deleted, in the file or in the one beside it.

        Errors: CourseError also where another program keeps the gradebook open.
        """
        with self._sentences():
            self.connection.execute("PRAGMA secure_delete = ON")
            self.connection.execute("VACUUM")
            if self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise CourseError(f"{self.path} {TROUBLES[sqlite3.SQLITE_BUSY]}")

    def _tables(self) -> list[str]:
        """The tables that say something of single students, whoever made them."""
        found = self.connection.execute(
            "SELECT t.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' "
            "AND c.name = 'student' ORDER BY t.name"
        )
        return [name for (name,) in found]

    def _about(self, table: str, ids: Collection[str]) -> tuple[str, list[str]]:
        """What selects the lines of a table that are about a student, and the values in there."""
        self.connection.create_function("folded", 1, folded, deterministic=True)
        marks = ", ".join("?" * len(ids))
        where = f"folded(student) IN ({marks})"
        if table == "decisions":  # OLD is the same as NEW
            return f"{where} OR (item = 'same as' AND folded(points) IN ({marks}))", [*ids, *ids]
        return where, [*ids]

    def _counted(self, table: str, ids: Collection[str]) -> int:
        where, values = self._about(table, ids)
        return self.connection.execute(f'SELECT count(*) FROM "{table}" WHERE {where}', values).fetchone()[0]

    def identities(self) -> dict[str, str]:
        """Student -> identity, for all that need not be graded again while that stays the same."""
        return {grade.student: grade.identity for grade in self.grades() if grade.status != "failed"}

    def grades(self) -> Iterator[Grade]:
        """All rows, by student; one that makes no sense is `failed`, so that it is graded again."""
        with self._sentences():
            for columns in self.connection.execute("SELECT * FROM grades ORDER BY student"):
                yield _restored(columns)

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Several statements, of which all count or none."""
        self.connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):  # a full disk has ended it already
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """SQLite's errors as sentences: what is the matter, what is safe, what to do."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            said = TROUBLES.get(code, f"cannot be used ({getattr(error, 'sqlite_errorname', error)}). {MOVE}")
            raise CourseError(f"{self.path} {said}") from None
        except OSError:
            raise CourseError(f"{self.path} {TROUBLES[sqlite3.SQLITE_CANTOPEN]}") from None


MOVE = (
    "Move it away and run again: everything is then graded anew, which gives the same scores with the same --secret, "
    "--roster and --deadline."
)
TROUBLES = {
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full. What is recorded is kept: make room and run again.",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk fails or is full. Look at it, then run again.",
    sqlite3.SQLITE_READONLY: "cannot be written: its folder or disk is read-only. Grade into another folder.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened or made: its folder may not be written to. Grade into another folder.",
    sqlite3.SQLITE_BUSY: "is in use by another program: close that one, then run again.",
    sqlite3.SQLITE_NOTADB: f"is no gradebook. {MOVE}",
    sqlite3.SQLITE_CORRUPT: f"is damaged. {MOVE}",
}


def as_recorded(grade: Grade) -> Grade:
    """The row as a gradebook gives it back."""
    return _restored(_stored(grade))


def _stored(grade: Grade) -> tuple[Any, ...]:
    """The columns of a row, and the one place where all that is stored gets its bound.

    Texts have at most `LONGEST_TEXT` characters, lists `MOST_TEXTS` entries, written answers `MOST_WRITTEN` characters
    together, the row `MOST_BYTES`.  Errors: ValueError where that is still too much, or where a number is none.
    """
    details = {name: _bounded(value) for name, value in asdict(grade).items() if name not in COLUMNS}
    details["remarks"] = _bounded([asdict(remark) for remark in few(grade.remarks)], MOST_TEXTS + 1)
    details["written"] = list(_written(grade.written))
    details["causes"] = [cause_of(note) for note in grade.notes[:MOST_TEXTS]]
    text = json.dumps(details, allow_nan=False)
    if len(text) > MOST_BYTES:
        raise ValueError("the row is too long")
    scores = (float(grade.score), float(grade.max_score))
    if not all(map(math.isfinite, scores)):
        raise ValueError("a score that is no number")
    return (
        id_of(grade.student),
        shortened(grade.identity, LONGEST_TEXT),
        shortened(grade.status, LONGEST_TEXT),
        *scores,
        text,
    )


def id_of(student: str) -> str:
    """A student's id as the gradebook holds it: as it is, unless it is longer than the name of any file."""
    student = student.encode("utf-8", "backslashreplace").decode()
    if len(student) <= LONGEST_STUDENT:
        return student
    return f"{student[: LONGEST_STUDENT - 17]}-{hashlib.sha256(student.encode()).hexdigest()[:16]}"


COLUMNS = ("student", "identity", "status", "score", "max_score")


def _bounded(value: Any, most: int = MOST_TEXTS) -> Any:
    if isinstance(value, str):
        return shortened(value, LONGEST_TEXT)
    if isinstance(value, dict):
        return {key: _bounded(one) for key, one in list(value.items())[:most]}
    return [_bounded(one) for one in value[:most]] if isinstance(value, list | tuple) else value


def _packed(cells: Iterable[str]) -> bytes:
    """Code cells as bytes, from the first on as many as have room in `MOST_CODE` characters."""
    left, kept = MOST_CODE, []
    for cell in cells:
        if len(cell) > left:
            break
        kept.append(cell)
        left -= len(cell)
    return zlib.compress(json.dumps(kept).encode(), 6)


def _unpacked(packed: bytes) -> tuple[str, ...]:
    """The cells in there; none where the bytes make no sense any more."""
    try:
        cells = json.loads(zlib.decompress(packed))
    except (zlib.error, ValueError):
        return ()
    return tuple(map(str, cells)) if isinstance(cells, list) else ()


def _written(answers: list[str]) -> Iterator[str]:
    """The written answers, as much of each as there is still room for."""
    left = MOST_WRITTEN
    for answer in answers[:MOST_TEXTS]:
        yield (kept := shortened(answer, max(1, min(left, LONGEST_WRITTEN))))
        left -= len(kept)


def _restored(columns: tuple[Any, ...]) -> Grade:
    """The row of these columns; what a newer gradebook knows beside it is left out."""
    *known, text = columns
    try:
        details = json.loads(text)
        results = [_result(one) for one in details["results"]]
        remarks = [_remark(one) for one in details["remarks"]]
        notes = _noted(details.get("notes", []), details.get("causes", []))
        more = {name: value for name, value in details.items() if name in {one.name for one in fields(Grade)}}
        return _sound(Grade(*known, **more | {"results": results, "remarks": remarks, "notes": notes}))
    except (LookupError, TypeError, ValueError, AttributeError):
        said = (
            "This row of the gradebook makes no sense any more, so it counts for nothing: the next run grades it again."
        )
        return Grade(f"{known[0]}", "", "failed", 0, float(known[4]), said)


def _noted(notes: list[str], causes: list[str]) -> list[str]:
    """The notes with their causes; the oldest gradebooks say nothing of these."""
    known = dict(enumerate(map(Cause, causes)))
    return [Note(note, known[k]) if k in known and isinstance(note, str) else note for k, note in enumerate(notes)]


def _sound(grade: Grade) -> Grade:
    """The row, if its texts are texts and its numbers numbers.  Errors: TypeError."""
    texts = [
        grade.sentence,
        grade.name,
        grade.code,
        grade.handed_to,
        grade.file,
        grade.layout,
        grade.when,
        grade.upload,
        grade.instance,
        grade.judge,
    ]
    texts += grade.orders.values()
    texts += [*grade.notes, *grade.written, *grade.hints, *grade.unplaced, *grade.handed_in_as]
    numbers = [grade.score, grade.max_score, grade.seconds, grade.limit]
    for result in grade.results:
        texts += [result.id, result.name, result.title, result.section, result.sentence, result.cause, result.given]
    for remark in grade.remarks:
        texts += [remark.name, remark.said]
        numbers += [remark.cell, remark.seconds, remark.many]
    if grade.when:
        datetime.fromisoformat(grade.when)
    if not all(isinstance(one, str) for one in texts) or not all(isinstance(one, int | float) for one in numbers):
        raise TypeError
    return grade


def _result(stored: dict[str, Any]) -> Result:
    """A result as it was; the oldest gradebooks say nothing of its kind."""
    kind = stored.get("kind")
    typed = {
        "status": Status(stored["status"]),
        "parts": {part: Score(*map(int, score)) for part, score in stored["parts"].items()},
        "kind": Kind(kind) if kind else None,
        "failing": tuple(Row(*map(str, row)) for row in stored["failing"]),
    }
    return Result(**{"name": stored["id"]} | stored | typed)


def _remark(stored: dict[str, Any] | str) -> Remark:
    """A remark as it was; the oldest gradebooks hold sentences."""
    if isinstance(stored, str):
        return Remark(Event.TOLD, said=stored)
    return Remark(**stored | {"kind": Event(stored["kind"])})
