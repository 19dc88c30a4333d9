"""The still pictures of a lesson as SVG and PDF: its cells run once more, and each picture draws itself as vectors.

In SVG letters are outlines, since a reader's computer need not have the figures' face; in PDF they are text.
"""

import base64
import io
from collections import Counter
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell

from actlab import figures
from actlab.course import Lesson
from actlab.publish import executed
from actlab.publish.notebooks import execute
from actlab.publish.source import Source

SVG, PDF = "image/svg+xml", "application/pdf"
PRELUDE = "from actlab.publish import vectors\n\nvectors.also_as_vectors(get_ipython())"
"""The cell that stands before a lesson's own."""


@dataclass(frozen=True)
class Vector:
    """One figure.

    name: of its files, without an ending.  section: heading of the section that shows it.
    alt: what it shows, in words.
    """

    name: str
    section: str
    alt: str
    svg: str
    pdf: bytes


def of_lesson(lesson: Lesson, source: Source, notebook: Path) -> list[Vector]:
    """The figures of a lesson, in order.  notebook: its executed solution, which shows where they stand.

    Its cells run up to the last figure: some seconds.  Errors: SourceError.
    """
    shows = [any(map(_is_picture, executed.pages(cell))) for cell in executed.read(notebook).cells]
    if not any(shows):
        return []
    last = len(shows) - shows[::-1].index(True)
    cells = [new_code_cell(PRELUDE, metadata={"slideshow": {"slide_type": "skip"}}), *source.cells[:last]]
    ran, _ = execute(replace(source, cells=cells, lines=[1, *source.lines[:last]]))
    taken: Counter[str] = Counter()
    return [
        _vector(executed.called(lesson.stem, heading, taken), heading, output.data)
        for heading, cell in executed.sections(ran.cells)
        for output in cell.get("outputs", ())
        if SVG in output.get("data", {})
    ]


def _is_picture(page: str) -> bool:
    return page.startswith('<div class="actlab-picture')


def _vector(name: str, heading: str, data: dict[str, Any]) -> Vector:
    return Vector(name, heading, data["text/plain"], data[SVG], base64.b64decode(data[PDF]))


def also_as_vectors(shell: Any) -> None:
    """Have every picture that a cell of this shell shows written as SVG and as PDF too."""
    for kind, form in ((SVG, svg), (PDF, pdf)):
        shell.display_formatter.formatters[kind].for_type(figures.Picture, form)


def svg(picture: figures.Picture) -> str:
    """A picture as SVG, with its heading as `title` and its alt text as `desc`."""
    drawn = _drawn(picture, "svg", {"Title": _title(picture), "Date": None}).decode()
    drawn = drawn.replace("<svg ", '<svg role="img" ', 1)
    return drawn.replace("</title>", f"</title>\n <desc>{escape(picture.alt, quote=False)}</desc>", 1)


def pdf(picture: figures.Picture) -> bytes:
    """A picture as PDF, with its heading as title and its alt text as subject."""
    return _drawn(picture, "pdf", {"Title": _title(picture), "Subject": picture.alt, "CreationDate": None})


def _drawn(picture: figures.Picture, form: str, metadata: dict[str, str | None]) -> bytes:
    """The same bytes whenever the same is drawn."""
    import matplotlib as mpl

    with figures.style(), mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "actlab", "pdf.fonttype": 42}):
        buffer = io.BytesIO()
        picture.figure.savefig(buffer, format=form, metadata=metadata)
    return buffer.getvalue()


def _title(picture: figures.Picture) -> str:
    """What stands above the axes of a picture."""
    titles = (" ".join(axes.get_title(loc="left").split()) for axes in picture.figure.axes)
    return ", ".join(filter(None, titles)) or "Figure"
