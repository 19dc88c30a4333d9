"""Each explorer as one page that fetches nothing: to open from a file, or to show in somebody else's page."""

import ast
import html
import math
import re
from collections import Counter
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import actlab.explorers
from actlab import look
from actlab.course import LESSONS, Lesson
from actlab.errors import CourseError
from actlab.publish import executed

SANDBOX = "allow-scripts"
"""All that a page of these asks of the page round it: no same origin, no form, no window of its own."""

_EXPLORER = re.compile(r'<div class="actlab-explorer"[^>]*aria-label="([^"]*)"[^>]*max-width:(\d+)px')
_VIEW = re.compile(r'<svg (?:role|aria-hidden)=[^>]*viewBox="[\d.]+ 0 [\d.]+ (\d+)"')
_LETTERS = 100  # of the sentence in a line of 900 px
_STYLE = (
    f"html{{--color-background-primary:{look.DARK.paper}}}body{{margin:0;background:var(--actlab-ground,#fff)}}"
    f"small{{font:15px/1.45 {look.FACE}}}@media print{{html{{"
    + "".join(f"--actlab-{one}:initial!important;" for one in ("ground", "ink", "accent", "scheme", "turn", "over"))
    + "}}"
)
_TALKS = (
    "new ResizeObserver(() => parent.postMessage("
    '{ actlab: "height", height: document.documentElement.offsetHeight }, "*")).observe(document.documentElement);'
    'addEventListener("message", ({ source, data }) => { if (source === parent && data?.actlab === "theme") '
    "document.documentElement.dataset.theme = data.theme; })"
)


@dataclass(frozen=True)
class Embed:
    """One explorer as a page.

    name: of its file.  section: heading of the section that shows it.  title: what the picture is about.
    purpose: what its kind of picture shows, in one sentence.
    said: the sentence at its start.  page: the whole HTML.  width, height: CSS pixels that it fills, with room for
    longer sentences; in a narrower frame its panels stand below each other, and it gets higher.

    In a frame it tells the page round it its height, in a message `{actlab: "height", height: pixels}`;
    it is on white, unless that page sends `{actlab: "theme", theme: "dark"}`.
    """

    name: str
    lesson: Lesson
    section: str
    title: str
    purpose: str
    said: str
    page: str
    width: int
    height: int

    def iframe(self, address: str = "") -> str:
        """The line that shows it in another page.  address: of the folder it lies in, with its slash."""
        return (
            f'<iframe src="{html.escape(address + self.name)}" title="{html.escape(self.title)}" loading="lazy" '
            f'sandbox="{SANDBOX}" style="width:100%;max-width:{self.width}px;height:{self.height}px;border:0"></iframe>'
        )


def explorers(root: Path, lessons: tuple[Lesson, ...] = ()) -> list[Embed]:
    """Every explorer of the executed lessons at `root`, in their order.

    lessons: which; none named, all but the homework, whose pictures are made with its answers.
    """
    wanted = {lesson.stem: lesson for lesson in lessons or (one for one in LESSONS if not one.is_homework)}
    found = []
    for path in executed.lessons(root):
        if path.stem not in wanted:
            continue
        taken: Counter[str] = Counter()
        for heading, cell in executed.sections(executed.read(path).cells):
            for output in cell.get("outputs", ()):
                shown = output.get("data", {}).get("text/html", "")
                if explorer := _EXPLORER.match(shown):
                    name, title = f"{executed.called(path.stem, heading, taken)}.html", html.unescape(explorer[1])
                    said = output.data["text/plain"].removeprefix(f"{title}: ")
                    page, size = _page(title, wanted[path.stem], shown), (int(explorer[2]), _height(shown, said))
                    purpose = _purpose(cell.source)
                    found.append(Embed(name, wanted[path.stem], heading, title, purpose, said, page, *size))
    return found


def _purpose(code: str) -> str:
    """The first sentence of the docstring of what a cell calls in its last line."""
    *_, last = ast.parse(code).body
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
        raise CourseError(f"an explorer is shown by a cell that ends in a call, not by “{ast.unparse(last)}”.")
    said = attrgetter(ast.unparse(last.value.func))(actlab.explorers).__doc__ or ""
    return " ".join(said.split("\n\n")[0].split()).split(". ")[0].rstrip(".") + "."


def _page(title: str, lesson: Lesson, shown: str) -> str:
    body = executed.woken(shown)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)} ({html.escape(lesson.label)})</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n<script>{_TALKS}</script>\n</body>\n</html>\n"
    )


def _height(shown: str, said: str) -> int:
    """CSS pixels that an explorer fills at its full width, with a line to spare below its sentence."""
    controls = 30 * shown.count("data-slider=")
    picture = max(map(int, _VIEW.findall(shown)), default=0)
    return 36 + controls + picture + 22 * (2 + math.ceil(len(said) / _LETTERS))
