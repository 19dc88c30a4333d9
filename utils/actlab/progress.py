"""What a learner has solved, kept on their own computer and nowhere else.

The file is `progress.json` in the user's data folder, or in the folder that ACTLAB_HOME names. Several kernels may
write it: each change is merged into what the file holds at that moment. With ACTLAB_STATIC set, and wherever the
file cannot be written, progress lives as long as the kernel.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import platformdirs

from actlab import files, tables
from actlab.course import LESSONS
from actlab.exercises import Result, Status, lesson

PATIENCE = 2.0
"""Seconds to wait for another kernel's turn, before progress is saved out of turn."""

CELL = "padding:4px 16px 4px 0;text-align:left;border:0"

LOOK = tables.Look(
    "font-size:15px;border-collapse:collapse;margin:0;color:var(--jp-content-font-color1, currentColor)",
    CELL,
    first=";font-weight:normal",
    prose=False,
)

_memory: dict[str, Any] = {}


def path() -> Path:
    """Where progress is kept."""
    folder = os.environ.get("ACTLAB_HOME") or platformdirs.user_data_dir("actlab", appauthor=False)
    return Path(folder) / "progress.json"


def record(result: Result) -> str:
    """Add one attempt; the best status and points of all attempts stay. An untouched stub is no attempt.

    The answer is "", or a sentence where the attempt could not be saved and is kept in memory only.
    """
    if result.status is Status.NOT_ATTEMPTED:
        return ""
    entry = {"status": result.status, "points": result.points, "attempts": 1}
    if os.environ.get("ACTLAB_STATIC"):
        _add(_memory, result.id, entry)
        return ""
    try:
        with _turn():
            saved, note = _read(path())
            _add(saved, result.id, entry)
            files.replace(path(), json.dumps(saved, indent=1).encode(), mode=0o600)
    except OSError as error:
        _add(_memory, result.id, entry)
        return f"Your progress is kept until the kernel stops only: {path()} cannot be written ({error.strerror})."
    return note


def reset() -> None:
    """Forget everything."""
    _memory.clear()
    if not os.environ.get("ACTLAB_STATIC"):
        with contextlib.suppress(OSError), _turn():
            path().unlink(missing_ok=True)


@dataclass(frozen=True)
class Line:
    """The progress in one lesson; `next` is the title of the first exercise that is not right yet."""

    lesson: int
    title: str
    done: int
    total: int
    points: int
    max_points: int
    next: str


@dataclass(frozen=True)
class Standing:
    """Progress by lesson; a notebook shows it as a table, a terminal as aligned text.

    note: what the learner should know about the saved file, if anything.
    """

    lines: tuple[Line, ...]
    note: str = ""

    def cells(self) -> list[tuple[str, ...]]:
        """Header, one row for each lesson, and the total."""
        rows = [("Lesson", "Done", "Points", "Next")]
        rows += [
            (f"{x.lesson} {x.title}", _share(x.done, x.total), f"{x.points} of {x.max_points}", x.next or "✓ complete")
            for x in self.lines
        ]
        done, total, points, most = (
            sum(getattr(line, name) for line in self.lines) for name in ("done", "total", "points", "max_points")
        )
        return [*rows, ("Together", _share(done, total), f"{points} of {most}", "")]

    def __repr__(self) -> str:
        return repr(self._table())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self._table()._repr_mimebundle_()

    def _table(self) -> tables.Table:
        head, *rows = self.cells()
        return tables.Table(head, rows, self.note, LOOK)


def table() -> Standing:
    """Where the learner stands, lesson by lesson."""
    known: dict[str, Any]
    known, note = ({}, "") if os.environ.get("ACTLAB_STATIC") else _read(path())
    for id, entry in _memory.items():
        _add(known, id, entry)
    return Standing(tuple(_line(one.number, one.title, known) for one in LESSONS), note)


def show() -> None:
    """Print the table on a terminal."""
    from rich.console import Console
    from rich.table import Table

    standing = table()
    head, *rows, total = standing.cells()
    printed = Table(*head, title="Your progress", caption=standing.note or None)
    for row in rows:
        printed.add_row(*row)
    printed.add_section()
    printed.add_row(*total)
    Console().print(printed)


def _line(number: int, title: str, known: dict[str, Any]) -> Line:
    exercises = lesson(number)
    open_ones = [e.title for e in exercises if _entry(known, e.id)["status"] is not Status.RIGHT]
    return Line(
        number,
        title,
        done=len(exercises) - len(open_ones),
        total=len(exercises),
        points=sum(_entry(known, e.id)["points"] for e in exercises),
        max_points=sum(e.points for e in exercises),
        next=open_ones[0] if open_ones else "",
    )


def _share(done: int, total: int) -> str:
    return f"{done} of {total}"


def _entry(known: dict[str, Any], id: str) -> dict[str, Any]:
    """What is known of one exercise; an entry that makes no sense counts as none."""
    match known.get(id):
        case {"status": str(status), "points": int(points), "attempts": int(attempts)} if status in [*Status]:
            return {"status": Status(status), "points": points, "attempts": attempts}
    return {"status": Status.NOT_ATTEMPTED, "points": 0, "attempts": 0}


def _add(known: dict[str, Any], id: str, entry: dict[str, Any]) -> None:
    """Merge an entry: the best status and points stay, attempts add up."""
    old = _entry(known, id)
    known[id] = {
        "status": max(old["status"], entry["status"], key=attrgetter("rank")),
        "points": max(old["points"], entry["points"]),
        "attempts": old["attempts"] + entry["attempts"],
    }


def _read(file: Path) -> tuple[dict[str, Any], str]:
    """What the file holds, and a sentence where it could not be understood and was set aside."""
    try:
        saved = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(saved, dict):
            raise ValueError("progress is a JSON object")
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"Your saved progress cannot be read: {file} ({error.strerror})."
    except (ValueError, RecursionError):
        aside = file.with_name(f"{file.stem}-{time.time_ns()}.bak")
        with contextlib.suppress(OSError):
            file.replace(aside)
        return {}, f"Your saved progress was damaged, so counting starts anew; the old file is kept as {aside.name}."
    return saved, ""


def _turn() -> contextlib.AbstractContextManager[None]:
    """Keep other kernels from writing meanwhile."""
    path().parent.mkdir(parents=True, exist_ok=True)
    return files.locked(path().with_suffix(".lock"), patience=PATIENCE)
