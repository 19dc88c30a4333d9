"""Figures and explorers to take elsewhere: a folder with each figure as SVG and PDF, and each explorer as one page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from actlab import look
from actlab.course import LESSONS, Lesson
from actlab.publish import embed, vectors
from actlab.publish.source import read_source

TEMPLATE = files("actlab.publish") / "templates" / "export.html.j2"


@dataclass(frozen=True)
class Exported:
    """A written folder: the page that shows everything, and how many figures and explorers there are."""

    index: Path
    figures: int
    explorers: int


def write(
    root: Path,
    out: Path,
    exercises: Mapping[str, Any],
    lessons: tuple[Lesson, ...] = (),
    figures: bool = True,
    begins: Callable[[Lesson], None] = lambda lesson: None,
) -> Exported:
    """Write the figures and explorers of the lessons at `root` into `out`, with a page that shows them.

    lessons: which; none named, all but the homework.  figures: whether they come, for which the lessons run.
    begins: called with each lesson before it runs.  Errors: SourceError.
    """
    from jinja2 import Environment

    named = lessons or tuple(lesson for lesson in LESSONS if not lesson.is_homework)
    explorers, drawn = embed.explorers(root, named), []
    _fill(out / "explorers", {one.name: one.page.encode() for one in explorers})
    for lesson in named if figures else ():
        begins(lesson)
        source = read_source(root / "solutions" / f"{lesson.stem}.py", exercises)
        found = vectors.of_lesson(lesson, source, root / "solutions" / lesson.file)
        _fill(out / "figures", {f"{one.name}.svg": one.svg.encode() for one in found})
        _fill(out / "figures", {f"{one.name}.pdf": one.pdf for one in found})
        drawn += found
    page = Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    shown = page.render(lessons=named, figures=drawn, explorers=explorers, tokens=look.css())
    lines = "".join(
        f"{one.lesson.label}, {one.section}: {one.title}\n{one.iframe('explorers/')}\n\n" for one in explorers
    )
    _fill(out, {"index.html": shown.encode(), "iframes.txt": lines.encode()})
    return Exported(out / "index.html", len(drawn), len(explorers))


def _fill(folder: Path, written: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in written.items():
        (folder / name).write_bytes(data)
