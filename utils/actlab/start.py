"""The lessons in a folder of the learner's own, and how an update keeps what was written there.

What counts as written is what can be typed: kind and source of a cell. Cells are told apart by their ids.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actlab import __version__
from actlab.course import LESSONS
from actlab.errors import CourseError
from actlab.files import replace
from actlab.words import printable, spelled

RECORD = ".actlab.json"
"""What the course wrote last in a folder: notebook -> cell id -> digest of what could be typed there."""

NOTEBOOKS = "notebooks"
Cell = dict[str, Any]


@dataclass
class Brought:
    """What became of the notebooks of a folder, by their names.

    moved: (name before, name now).  beside: of which both the learner and the course changed the same cell, or which
    cannot be read, and the name of the course's version beside it.  gone: what is no lesson any more.
    """

    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    beside: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def sentences(self, folder: Path) -> list[str]:
        """What a learner is told about it."""
        said = [f"{old} is called {now} now; it was renamed." for old, now in self.moved]
        if self.new:
            said.append(f"Wrote {_few(self.new)} to {printable(str(folder))}.")
        if self.updated:
            said.append(f"Brought up to date: {_few(self.updated)}. What you wrote there is as you left it.")
        for name, other in self.beside:
            said.append(f"{name}: what you changed there is another now. Yours stays; the new one is {other}.")
        if self.gone:
            said.append(f"No longer part of the course, and kept: {', '.join(self.gone)}.")
        return said or ["Your lessons are up to date."]


def lessons() -> Path:
    """The folder with the learner's notebooks that came with this package, as a wheel or in a clone.

    Errors: CourseError where there is none.
    """
    for folder in (Path(__file__).with_name(NOTEBOOKS), Path(__file__).parents[2] / NOTEBOOKS):
        if (folder / LESSONS[0].file).exists():
            return folder
    raise CourseError("this copy of actlab came without its lessons: install its wheel, or work in a clone.")


def begun(folder: Path | None) -> Path:
    """The folder that is meant: the one named, or the one around the working directory that was begun before.

    Errors: CourseError where none is named and none was begun, and for a name that is meant from further up.
    """
    around = next((up for up in (Path.cwd(), *Path.cwd().parents) if (up / RECORD).exists()), None)
    if folder is None and around is None:
        raise CourseError("Name a folder for the lessons: actlab start my-course")
    if folder and around and not folder.exists():
        raise CourseError(f"You are in {printable(str(around))} already. Without a name: actlab start")
    return folder or around or Path()


def bring(folder: Path, source: Path | None = None) -> Brought:
    """Write the lessons into a folder, or bring those that are in it up to date around what the learner wrote.

    source: the folder of notebooks to write; the package's own when None.
    Errors: CourseError for a folder that holds something else, OSError where it cannot be written.
    """
    source = source or lessons()
    known = _record(folder)
    done = Brought()
    (folder / NOTEBOOKS).mkdir(parents=True, exist_ok=True)
    _write_record(folder, known)
    files = [lesson.file for lesson in LESSONS if (source / lesson.file).exists()]
    _rename(folder, known, files, done)
    for file in files:
        path, text = folder / NOTEBOOKS / file, (source / file).read_text(encoding="utf-8")
        digests = {cell["id"]: _digest(cell) for cell in json.loads(text)["cells"]}
        if not path.exists():
            replace(path, text.encode())
            done.new.append(file)
        elif known.get(file) != digests:
            _update(path, text, known.get(file, {}), done)
        if known.get(file) != digests:
            known[file] = digests
            _write_record(folder, known)
    done.gone += [file for file in known if file not in files and (folder / NOTEBOOKS / file).exists()]
    return done


def merged(mine: Iterable[Cell], new: Iterable[Cell], known: Mapping[str, str]) -> tuple[list[Cell], bool]:
    """The cells of the new version with what the learner wrote, and whether both changed a same cell.

    A cell that the learner changed or added stays as it is, one that was taken out stays out, and every other one is
    the course's. known: digest of each cell as the course wrote it last, by id.
    """
    mine, new = list(mine), list(new)
    ids, here = {cell["id"] for cell in new}, {cell["id"]: cell for cell in mine}
    added, last = defaultdict(list), ""
    for cell in mine:
        if cell["id"] in ids:
            last = cell["id"]
        elif _digest(cell) != known.get(cell["id"]):
            added[last].append(cell)
    cells, both = added[""], False
    for cell in new:
        old, written = here.get(cell["id"]), known.get(cell["id"])
        if old is None:
            cells += [cell] if written is None else []
        elif _digest(old) == _digest(cell):
            cells.append(old | {"metadata": old.get("metadata", {}) | cell["metadata"]})
        elif _digest(old) == written:
            cells.append(cell)
        else:
            cells.append(old)
            both = both or written != _digest(cell)
        cells += added[cell["id"]]
    return cells, both


def _update(path: Path, text: str, known: Mapping[str, str], done: Brought) -> None:
    new = json.loads(text)
    try:
        mine = json.loads(path.read_text(encoding="utf-8"))
        ids = {cell["id"] for cell in mine["cells"] if isinstance("".join(cell["source"]), str)}
    except (ValueError, KeyError, TypeError, RecursionError):
        ids = set()
    both = len(ids & {*known, *(cell["id"] for cell in new["cells"])}) < len(new["cells"]) / 2  # too little to follow
    if not both:
        before = json.dumps(mine)
        mine["cells"], both = merged(mine["cells"], new["cells"], known)
        if json.dumps(mine) != before:
            replace(path, (json.dumps(mine, indent=1, ensure_ascii=False) + "\n").encode())
            done.updated.append(path.name)
    if both:
        done.beside.append((path.name, _beside(path, text.encode())))


def _beside(path: Path, content: bytes) -> str:
    """The name of a file beside a notebook that holds this, and that was no other one before."""
    number = 1
    while True:
        other = path.with_stem(f"{path.stem}-new{number if number > 1 else ''}")
        if not other.exists():
            replace(other, content)
        if other.read_bytes() == content:
            return other.name
        number += 1


def _rename(folder: Path, known: dict[str, dict[str, str]], files: list[str], done: Brought) -> None:
    """Let what the learner wrote follow a lesson that got another number."""
    for file in files:
        here = folder / NOTEBOOKS / file
        for old in [name for name in known if name not in files and name.partition("_")[2] == file.partition("_")[2]]:
            if here.exists() or not here.with_name(old).exists():
                continue
            here.with_name(old).rename(here)
            known[file] = known.pop(old)
            _write_record(folder, known)
            done.moved.append((old, file))


def _record(folder: Path) -> dict[str, dict[str, str]]:
    """What was written in a folder before.  Errors: CourseError where the folder is not ours to write to."""
    shown = printable(str(folder))
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{shown} is a file. Name another folder.")
    if not (folder / RECORD).exists():
        if (folder / NOTEBOOKS / LESSONS[0].file).exists():
            raise CourseError(f"{shown} holds the course already, as a clone of it. Open it there: actlab lab")
        if folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir()):
            raise CourseError(f"{shown} holds something else than the lessons. Name a new folder.")
        return {}
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))["notebooks"]
        return {str(file): dict(digests) for file, digests in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}  # then every cell that differs counts as the learner's


def _write_record(folder: Path, known: Mapping[str, Mapping[str, str]]) -> None:
    saved = {"version": __version__, "notebooks": known}
    replace(folder / RECORD, json.dumps(saved, indent=1).encode())


def _digest(cell: Cell) -> str:
    typed = json.dumps([cell.get("cell_type"), "".join(cell["source"])])
    return hashlib.sha256(typed.encode()).hexdigest()[:16]


def _few(names: list[str]) -> str:
    return f"{spelled(len(names))} lessons" if len(names) > 3 else ", ".join(names)
