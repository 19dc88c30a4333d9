"""What a learner has solved, kept on their own computer and nowhere else.

The file is `progress.json` in the user's data folder, or in the folder that ACTLAB_HOME names. Several kernels may
write it: each change is merged into what the file holds at that moment. With ACTLAB_STATIC set, and wherever the
file cannot be written, progress lives as long as the kernel.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from actlab.course import LESSONS
from actlab.exercises import Result, lesson

STATUSES = ("not attempted", "wrong", "partly", "right")
PATIENCE = 2.0
CELL = "padding:4px 16px 4px 0;text-align:left;border:0"

_memory: dict[str, dict] = {}


def path() -> Path:
    """Where progress is kept."""
    folder = os.environ.get("ACTLAB_HOME") or platformdirs.user_data_dir("actlab", appauthor=False)
    return Path(folder) / "progress.json"


def record(result: Result) -> str:
    """Add one attempt; the best status and points of all attempts stay. An untouched stub is no attempt.

    Returns "", or a sentence where the attempt could not be saved and is kept in memory only.
    """
    if result.status == "not attempted":
        return ""
    entry = {"status": result.status, "points": result.points, "attempts": 1}
    if os.environ.get("ACTLAB_STATIC"):
        _add(_memory, result.id, entry)
        return ""
    try:
        with _locked(path()):
            saved, note = _read(path())
            _add(saved, result.id, entry)
            _write(path(), saved)
    except OSError as error:
        _add(_memory, result.id, entry)
        return f"Your progress is kept until the kernel stops only: {path()} cannot be written ({error.strerror})."
    return note


def reset() -> None:
    """Forget everything."""
    _memory.clear()
    if not os.environ.get("ACTLAB_STATIC"):
        with contextlib.suppress(OSError), _locked(path()):
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
class Table:
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

    def __repr__(self):
        rows = self.cells()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([*lines, *filter(None, [self.note])])

    def _repr_mimebundle_(self, include=None, exclude=None):
        head, *rows = [[html.escape(cell) for cell in row] for row in self.cells()]
        titles = "".join(f'<th scope="col" style="{CELL}">{cell}</th>' for cell in head)
        body = "".join(
            f'<tr><th scope="row" style="{CELL};font-weight:normal">{row[0]}</th>'
            + "".join(f'<td style="{CELL}">{cell}</td>' for cell in row[1:])
            + "</tr>"
            for row in rows
        )
        style = "font-size:15px;border-collapse:collapse;margin:0;color:var(--jp-content-font-color1, currentColor)"
        table = f'<table style="{style}"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>'
        note = f'<div style="font-size:15px">{html.escape(self.note)}</div>' if self.note else ""
        return {"text/html": table + note, "text/plain": repr(self)}


def table() -> Table:
    """Where the learner stands, lesson by lesson."""
    known, note = ({}, "") if os.environ.get("ACTLAB_STATIC") else _read(path())
    for id, entry in _memory.items():
        _add(known, id, entry)
    return Table(tuple(_line(one.number, one.title, known) for one in LESSONS), note)


def show() -> None:
    """Print the table on a terminal."""
    from rich.console import Console
    from rich.table import Table as RichTable

    standing = table()
    head, *rows, total = standing.cells()
    printed = RichTable(*head, title="Your progress", caption=standing.note or None)
    for row in rows:
        printed.add_row(*row)
    printed.add_section()
    printed.add_row(*total)
    Console().print(printed)


def _line(number, title, known) -> Line:
    exercises = lesson(number)
    open_ones = [e.title for e in exercises if _entry(known, e.id)["status"] != "right"]
    return Line(
        number,
        title,
        done=len(exercises) - len(open_ones),
        total=len(exercises),
        points=sum(_entry(known, e.id)["points"] for e in exercises),
        max_points=sum(e.points for e in exercises),
        next=open_ones[0] if open_ones else "",
    )


def _share(done, total):
    return f"{done} of {total}"


def _entry(known, id) -> dict:
    """What is known of one exercise; an entry that makes no sense counts as none."""
    entry = known.get(id)
    sensible = (
        isinstance(entry, dict)
        and entry.get("status") in STATUSES
        and isinstance(entry.get("points"), int)
        and isinstance(entry.get("attempts"), int)
    )
    return entry if sensible else {"status": "not attempted", "points": 0, "attempts": 0}


def _add(known, id, entry):
    """Merge an entry: the best status and points stay, attempts add up."""
    old = _entry(known, id)
    known[id] = {
        "status": max(old["status"], entry["status"], key=STATUSES.index),
        "points": max(old["points"], entry["points"]),
        "attempts": old["attempts"] + entry["attempts"],
    }


def _read(file: Path) -> tuple[dict, str]:
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


def _write(file: Path, known) -> None:
    """Replace the file in one step, so that a kernel that dies leaves either the old or the new one."""
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(known, stream, indent=1)
        Path(draft).replace(file)
    finally:
        Path(draft).unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(file: Path):
    """Keep other kernels from writing meanwhile; a lock left behind by one that died is broken after a while."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = file.with_suffix(".lock")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            if time.monotonic() > deadline:
                lock.unlink(missing_ok=True)
            time.sleep(0.01)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
