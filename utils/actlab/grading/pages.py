"""What pages and tables share: names of files, numbers, and templates."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actlab import look
from actlab.files import replace

if TYPE_CHECKING:
    import jinja2

TEMPLATES = Path(__file__).with_name("templates")
LONGEST_NAME = 200


def file_names(students: Iterable[str]) -> dict[str, str]:
    """Student -> the name of their files, which differ also where a disk takes ANN for ann, or ä for a with dots."""
    names = {student: file_name(student) for student in students}
    while True:  # a name that had to change may now be another student's
        taken = Counter(map(_folded, names.values()))
        longer = {student: file_name(student, False) for student, name in names.items() if taken[_folded(name)] > 1}
        if all(names[student] == name for student, name in longer.items()):
            return names
        names |= longer


def file_name(student: str, alone: bool = True) -> str:
    """The student's id as a file name; what cannot be one, or is not alone, becomes letters and a digest.

    It takes at most `LONGEST_NAME` bytes.
    """
    plain = re.fullmatch(r"[^/\\\x00-\x1f\x7f]+", student) and student not in (".", "..")
    if plain and alone and len(student.encode("utf-8", "replace")) <= LONGEST_NAME:
        return unicodedata.normalize("NFC", student)
    digest = hashlib.sha256(student.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '_', student)[:80]}-{digest}"


def _folded(student: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", student).casefold())


def number(value: float) -> str:
    """At most two decimals, and none that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def marked(text: str) -> str:
    """The text with `code` set as code, and nothing else in it taken for HTML."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def render(template: str, **values: Any) -> str:
    """A page from its template."""
    return _templates().get_template(template).render(values)


def digest(script: str) -> str:
    """A script as a page's policy names it, so that it runs and no other one does."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    loader = jinja2.FileSystemLoader(TEMPLATES)
    made = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.filters["marked"] = marked
    made.globals["tokens"] = look.css()
    return made


def as_table(rows: Iterable[list[str]]) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def write(path: Path, text: str) -> bool:
    """Write a text that its owner alone reads; one that stands there already keeps its time.  Whether it was new."""
    data = text.encode("utf-8", "backslashreplace")
    if path.is_file() and not path.is_symlink():
        there = path.stat()
        if there.st_mode & 0o777 == 0o600 and there.st_size == len(data) and path.read_bytes() == data:
            return False
    replace(path, data, 0o600)
    return True
