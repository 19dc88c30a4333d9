"""Tables that people write and programs export: CSV with any usual mark between cells, in any usual encoding."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from actlab.errors import CourseError

DELIMITERS = ",;\t"
LARGEST = 16 << 20
WINDOWS = "{what} is not UTF-8, and was read as cp1252, Windows' own: look whether the names are right."
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_PIECES = re.compile(r"([;\t\r\n])")
_SEPARATOR = re.compile(r"(?i)sep=.")


@dataclass(frozen=True)
class Line:
    """One line of a table: its number in the file, and its cells; a cell that is not there is blank."""

    number: int
    cells: list[str]

    def __getitem__(self, place: int) -> str:
        return self.cells[place] if place < len(self.cells) else ""


def lines(path: Path, what: str) -> tuple[list[Line], list[str]]:
    """The lines that hold anything, without the blanks around their cells, in NFC; and what is to be said of the file.

    what: the file in words, such as "the roster class.csv".
    Errors: CourseError for a file that is not there, is no text, or whose quotes do not match.
    """
    text, notes = _text(path, what)
    return list(_lines(text, what)), notes


def plain(heading: str) -> str:
    """A heading without capitals, and with a blank where a mark divides its words."""
    return re.sub(r"[\s_.\-/]+", " ", heading).strip().casefold()


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula, also where it cuts the line at semicolons."""
    pieces = _PIECES.split(unicodedata.normalize("NFC", text))
    inner = "".join(f"'{piece}" if _is_formula(piece) else piece for piece in pieces)
    return f"'{inner}" if inner.startswith(FORMULA) else inner


def _is_formula(piece: str) -> bool:
    """Whether the first character that is seen, quotes aside, begins a formula, in whatever width it is written."""
    first = next((c for c in piece if c not in "\"'" and unicodedata.category(c)[0] not in "ZC"), "")
    return unicodedata.normalize("NFKC", first) in FORMULA


def unguarded(cell: str) -> str:
    """A cell, without blanks around, before `guarded` put apostrophes there."""
    pieces = _PIECES.split(cell)
    return "".join(piece[1:] if piece.startswith("'") and _is_formula(piece) else piece for piece in pieces)


def _text(path: Path, what: str) -> tuple[str, list[str]]:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise CourseError(f"{what} cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise CourseError(f"{what} is larger than {LARGEST >> 20} MB: is it the right file?")
    if data.startswith(b"PK\x03\x04"):
        raise CourseError(f"{what} is a spreadsheet or a zip: save it as CSV (UTF-8).")
    encodings = ["utf-8-sig", "cp1252"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data[:200]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, [WINDOWS.format(what=what[:1].upper() + what[1:])] * (encoding == "cp1252")
    raise CourseError(f"{what} cannot be read: its encoding is not known. Save it as CSV (UTF-8).")


def _lines(text: str, what: str) -> Iterator[Line]:
    """The lines of a text, cut at the mark that its first line has most of."""
    physical = text.splitlines()
    skipped = int(bool(physical) and bool(_SEPARATOR.fullmatch(physical[0].strip())))
    head = next((line for line in physical[skipped:] if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", head)
    source = io.StringIO(text, newline="")
    for _ in range(skipped):
        source.readline()
    reader = csv.reader(source, delimiter=max(DELIMITERS, key=bare.count), strict=True)
    try:
        for row in reader:
            cells = [unicodedata.normalize("NFC", cell.strip()) for cell in row]
            if any(cells):
                yield Line(reader.line_num + skipped, cells)
    except csv.Error as error:
        odd = (number for number, line in enumerate(physical, 1) if line.count('"') % 2)
        at = next(odd, reader.line_num + skipped)
        raise CourseError(f"{what}, line {at}, cannot be read: {error}. Are its quotes in pairs?") from None
