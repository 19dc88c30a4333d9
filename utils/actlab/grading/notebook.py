"""What counts of a notebook, read from a file's bytes in whatever version and encoding they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from actlab.grading.incoming import Unreadable

MAX_CODE = 1 << 20
MAX_WRITTEN = 20_000
WRITTEN = "### In your own words"
STARTS = {b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8": "a picture", b"PK": "a zip", b"<": "a web page"}
_CONFLICT = re.compile(rb"(?m)^<{7}(?: |\r?$)")


@dataclass(frozen=True)
class Notebook:
    """What counts of a notebook: the sources of its code cells, the written answers, and whom it was handed out to."""

    code: tuple[str, ...]
    written: tuple[str, ...] = ()
    handed_to: str = ""


def parse(data: bytes) -> Notebook:
    """A notebook from a file's bytes, whatever version it is.  Errors: `Unreadable`."""
    if not data.strip(b"\0 \r\n\t"):
        raise Unreadable("empty", "The file is empty.")
    try:
        content = json.loads(_decoded(data))
    except (ValueError, RecursionError):
        raise Unreadable("unreadable", f"{_why_not(data)}.") from None
    cells = list(_cells(content))
    sources = tuple(text for kind, text in cells if kind == "code" and text.strip())
    if sum(map(len, sources)) > MAX_CODE:
        raise Unreadable("unreadable", f"The code is longer than {MAX_CODE >> 20} MB.")
    if not sources:
        many = f"its {len(cells)} cells hold no code" if cells else "it has no cells"
        raise Unreadable("empty", f"The notebook is empty: {many}.")
    written = tuple(text[:MAX_WRITTEN] for kind, text in cells if kind == "markdown" and text.startswith(WRITTEN))
    ours = content.get("metadata")
    ours = ours.get("actlab") if isinstance(ours, dict) else None
    handed_to = ours.get("student") if isinstance(ours, dict) else None
    return Notebook(sources, written, handed_to if isinstance(handed_to, str) else "")


def _cells(notebook) -> Iterable[tuple[str, str]]:
    """(type, source) of the cells, from nbformat 2 to 4, skipping what makes no sense."""
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
                text = cell.get("source", cell.get("input", ""))
                if isinstance(text, list):
                    text = "".join(part for part in text if isinstance(part, str))
                yield str(cell.get("cell_type")), text if isinstance(text, str) else ""


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
