"""A sheet of A4 for each lesson, two pages: recap, formulas and figures; then its questions, and lines for notes.

Everything on it is taken from the lesson: the recap, the formulas that it sets apart, its figures as they came out, its
predictions and multiple choices without their answers. It is a page that any browser prints, and a PDF where a
browser of Chromium's family is installed.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from actlab import look, narrow
from actlab.course import LESSONS, Lesson
from actlab.errors import CourseError
from actlab.publish import executed, quiz

TEMPLATE = files("actlab.publish") / "templates" / "handout.html.j2"
FIGURES = 2
"""How many stand on a sheet at most, side by side."""

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
SECONDS = 120
"""How long a browser may take over one sheet."""

_DISPLAYED = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_SET = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_SECTION = re.compile(r"\A<p><em>([\d.]+) .*?</em></p>\n<p>")
_ALIGNED = re.compile(r"\\(begin|end)\{aligned\}")


@dataclass(frozen=True)
class Sheet:
    """One written sheet: its page, and its PDF where there is one."""

    page: Path
    pdf: Path | None


def write(root: Path, out: Path, exercises: Mapping[str, Any], lessons: tuple[Lesson, ...] = ()) -> list[Sheet]:
    """Write the sheets of the lessons at `root` into `out`.

    lessons: which; none named, all that end in a recap.  Errors: CourseError for a lesson without one; SourceError.
    """
    browser = _browser()
    out.mkdir(parents=True, exist_ok=True)
    sheets = []
    for lesson in lessons or LESSONS:
        notebook = executed.read(root / "solutions" / lesson.file)
        if not (recap := _recap(notebook)):
            if lessons:
                raise CourseError(f"{lesson.label} has no recap, so there is no sheet of it.")
            continue
        page = out / f"{lesson.stem}.html"
        page.write_text(sheet(lesson, notebook, recap, quiz.items(root, exercises, [lesson])), encoding="utf-8")
        sheets.append(Sheet(page, _printed(browser, page) if browser else None))
    return sheets


def sheet(lesson: Lesson, notebook: NotebookNode, recap: str, asked: list[quiz.Item]) -> str:
    """The sheet of a lesson as HTML.  recap: Markdown.  asked: its questions."""
    from jinja2 import Environment

    formulas = [_mathml(f"\\[{formula}\\]") for formula in _formulas(notebook)]
    questions = [
        (_mathml(_SECTION.sub(r"<p><em>\1</em> ", one.question)), [_mathml(option.text) for option in one.options])
        for one in asked
    ]
    template = Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        lesson=lesson,
        recap=_mathml(quiz.typeset(recap)),
        formulas=formulas,
        figures=_figures(notebook),
        questions=questions,
        tokens=look.css(dark=False),
    )


def _recap(notebook: NotebookNode) -> str:
    """What the section called Recap says; "" where there is none."""
    texts = [cell.source for heading, cell in executed.sections(notebook.cells) if heading == "Recap"]
    return "\n\n".join(texts).partition("\n")[2].strip()


def _formulas(notebook: NotebookNode) -> list[str]:
    """The formulas that the lesson sets apart, outside its exercises, remarks and optional sections.

    A line that begins with = goes on from the one before it.
    """
    found: list[str] = []
    for heading, cell in executed.sections(notebook.cells):
        shown = executed.role(cell) not in ("skip", "notes") and not heading.endswith(" ☆")
        if cell.cell_type == "markdown" and shown:
            for formula in (text.strip().rstrip(".,;") for text in _DISPLAYED.findall(cell.source)):
                found.append(f"{found.pop()} {formula}" if found and formula.startswith("=") else formula)
    return list(dict.fromkeys(found))


def _figures(notebook: NotebookNode) -> list[str]:
    """The lesson's first pictures of one panel, one of a section, drawn as for a phone: half a sheet is no wider."""
    found: dict[str, str] = {}
    for heading, cell in executed.sections(notebook.cells):
        for page in executed.pages(cell):
            if page.startswith('<div class="actlab-picture') and page.count("<img") == 1:
                found.setdefault(heading, page.replace(f'media="{narrow.MEDIA}"', 'media="all"'))
    return list(found.values())[:FIGURES]


def _mathml(html: str) -> str:
    """HTML whose formulas are MathML, which browsers set without a script."""
    from latex2mathml.converter import convert

    def formula(found: re.Match[str]) -> str:
        latex = _ALIGNED.sub(r"\\\1{align*}", unescape(found[1] or found[2]))
        return convert(latex, display="inline" if found[1] else "block")

    return _SET.sub(formula, html)


def _browser() -> str | None:
    """The first browser here that prints to PDF without a window."""
    found = (shutil.which(name) for name in (*BROWSERS, *ELSEWHERE))
    return next(filter(None, found), None)


def _printed(browser: str, page: Path) -> Path:
    """The page as PDF beside it.  Errors: CourseError where the browser makes none."""
    pdf = page.with_suffix(".pdf")
    pdf.unlink(missing_ok=True)
    as_root = ["--no-sandbox"] * (hasattr(os, "geteuid") and os.geteuid() == 0)
    with tempfile.TemporaryDirectory() as profile:
        asked = [browser, "--headless", "--disable-gpu", *as_root, f"--user-data-dir={profile}", "--no-first-run"]
        asked += ["--disable-background-networking", "--no-pdf-header-footer", f"--print-to-pdf={pdf.resolve()}"]
        try:
            subprocess.run([*asked, page.resolve().as_uri()], capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise CourseError(f"{browser} took more than {SECONDS} s over {page}: print it from a browser.") from None
    if not pdf.exists():
        raise CourseError(f"{browser} made no PDF of {page}: open it in a browser, and print it there.")
    return pdf
