"""What counts of a notebook, read from a file's bytes in whatever version and encoding they are."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from actlab.grading import written
from actlab.grading.definitions import blocks
from actlab.grading.incoming import Unreadable
from actlab.grading.shown import Shown, shown

STARTS = {b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8": "a picture", b"PK": "a zip", b"<": "a web page"}
MAX_CODE = 1 << 20
MAX_TEXT = 2 << 20
MAX_TEXT_CELL = 20_000
MAX_CELLS = 10_000
LEFT_OUT = "Cell {cell} was left out: all code together is longer than {limit} MB."
TOO_MANY = "Only the first {limit} of {cells} cells were read."
_PROMPT = re.compile(r"\w+_prompt")
_CONFLICT = re.compile(rb"(?m)^<{7}(?: |\r?$)")


@dataclass(frozen=True)
class Cell:
    """One cell.  id: its own, else "".  grade_id: nbgrader's, else "".  handed_out: whether a learner was given it."""

    kind: str
    text: str
    id: str = ""
    grade_id: str = ""
    handed_out: bool = False


@dataclass(frozen=True)
class Notebook:
    """What counts of a notebook.

    code: the sources of its code cells; "" stands for one that was too large.  written: the written answers, one for
    each question.  unplaced: what was written elsewhere and may be an answer.  dropped: what was left out, in
    sentences.  in_text: names that text cells define, which are not run.
    """

    code: tuple[str, ...]
    written: tuple[str, ...] = ()
    unplaced: tuple[str, ...] = ()
    shown: Shown = field(default_factory=Shown)
    dropped: tuple[str, ...] = ()
    in_text: tuple[str, ...] = ()

    @property
    def handed_to(self) -> str:
        """The id that it says it was made for, true or not; "" where it says none."""
        return next((claim.student for claim in self.shown.claims), "")


def parse(data: bytes) -> Notebook:
    """A notebook from a file's bytes, whatever version it is.  Errors: `Unreadable`."""
    if not data.strip(b"\0 \r\n\t"):
        raise Unreadable("empty", "The file is empty.")
    try:
        content = json.loads(_decoded(data))
    except (ValueError, RecursionError):
        raise Unreadable("unreadable", f"{_why_not(data)}.") from None
    found, dropped = _cells(content), []
    cells = list(islice(found, MAX_CELLS))
    count = len(cells) + sum(1 for _ in found)
    if count > MAX_CELLS:
        dropped.append(TOO_MANY.format(limit=MAX_CELLS, cells=count))
    sources = [cell.text for cell in cells if cell.kind == "code" and cell.text.strip()]
    if not sources:
        many = f"its {count} cells hold no code" if count else "it has no cells"
        many = "its only cell holds no code" if count == 1 else many
        raise Unreadable("empty", f"The notebook is empty: {many}.")
    for number in _too_much(sources):
        sources[number] = ""
        dropped.append(LEFT_OUT.format(cell=number + 1, limit=MAX_CODE >> 20))
    if not any(sources):
        raise Unreadable("unreadable", f"The code is longer than {MAX_CODE >> 20} MB.")
    answers, unplaced = written.collected(cells)
    text = "\n".join(cell.text[:MAX_TEXT_CELL] for cell in cells if cell.kind != "code")[:MAX_TEXT]
    metadata = _object(_object(content, "metadata"), "actlab")
    seen = shown(metadata, "\n".join(sources), text)
    return Notebook(tuple(sources), answers, unplaced, seen, tuple(dropped), blocks(text))


def _too_much(sources: Sequence[str]) -> list[int]:
    """Which cells to leave out, the longest first, so that as many as possible are run."""
    left, total = [], sum(map(len, sources))
    for number in sorted(range(len(sources)), key=lambda number: -len(sources[number])):
        if total <= MAX_CODE:
            break
        total -= len(sources[number])
        left.append(number)
    return sorted(left)


def _cells(notebook: Any) -> Iterator[Cell]:
    """The cells, from nbformat 2 to 4, skipping what makes no sense."""
    if not isinstance(notebook, dict):
        raise Unreadable("unreadable", "The file is JSON, but no notebook.")
    sheets = notebook.get("worksheets")
    groups = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    groups.append(notebook.get("cells"))
    if not any(isinstance(group, list) for group in groups):
        raise Unreadable("unreadable", "The file is JSON, but no notebook: it has no cells.")
    for group in groups:
        for cell in group if isinstance(group, list) else []:
            if isinstance(cell, dict):
                yield _cell(cell)


def _cell(cell: dict[str, Any]) -> Cell:
    text = cell.get("source", cell.get("input", ""))
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    text = text if isinstance(text, str) else ""
    kind, id = _text(cell, "cell_type"), _text(cell, "id")
    metadata = _object(cell, "metadata")
    grade_id = _text(_object(metadata, "nbgrader"), "grade_id")
    given = grade_id or "slideshow" in metadata or _PROMPT.fullmatch(id) or _unchanged(id, text)
    return Cell(kind, text, id, grade_id, bool(given))


def _unchanged(id: str, text: str) -> bool:
    """Whether a cell still holds the text that its id was made of, when the notebook was built."""
    return id == hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def _object(content: dict[str, Any], name: str) -> dict[str, Any]:
    value = content.get(name)
    return value if isinstance(value, dict) else {}


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _decoded(data: bytes) -> str:
    """The text of a file in any of Unicode's encodings, with a mark or without, or in Windows' own."""
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        return data.decode("cp1252" if json.detect_encoding(data) == "utf-8" else "utf-16", "replace")


def _why_not(data: bytes) -> str:
    """Why a file that is not JSON is no notebook."""
    if _CONFLICT.search(data):
        return "The file holds two versions of the notebook, where git found a conflict (<<<<<<<): nobody chose one"
    if data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"{"):
        return "The file is a damaged notebook: it ends early or was changed"
    for start, what in STARTS.items():
        if data.lstrip().startswith(start):
            return f"The file is no notebook but {what}"
    try:
        data[:4096].decode()
    except UnicodeDecodeError:
        return "The file is no notebook"
    return "The file is no notebook but plain text"
