"""The course as a static website: Sphinx with myst-nb over the executed lessons, sliders alive, nothing fetched."""

import re
import shutil
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from actlab import look
from actlab.course import HOMEWORKS, LESSONS
from actlab.errors import CourseError
from actlab.publish import embed, executed, plans, vendor
from actlab.publish.readme import overview
from actlab.publish.source import OPTIONAL

TEMPLATES = files("actlab.publish") / "templates" / "site"
READERS = ("install", "explorers", "evidence", "accessibility")
"""The guides for everybody."""

LECTURERS = ("teaching", "reuse", "grading", "questions", "challenge")
"""The guides for whoever teaches: they hold answers, say how they are judged, or how the course is taken apart."""

_HERE = re.compile(r'<a href="#([^"]+)"')
"""From what a check says to a section, called as notebooks call it."""

HOMEWORK = {one.stem for one in HOMEWORKS}
_BLANK = re.compile(r"\n\s*\n")
THEME = {
    "color-foreground-primary": "ink",
    "color-foreground-secondary": "muted",
    "color-foreground-muted": "muted",
    "color-foreground-border": "edge",
    "color-background-primary": "paper",
    "color-background-secondary": "raised",
    "color-background-hover": "paper",
    "color-background-border": "rule",
    "color-brand-primary": "cool",
    "color-brand-content": "cool",
    "font-stack": "face",
    "font-stack--monospace": "code-face",
}
"""Furo's variables and what the look calls them."""


@dataclass(frozen=True)
class Site:
    """A written site: its first page, its number of pages, and its size in bytes."""

    index: Path
    pages: int
    size: int


def build(root: Path, out: Path, solutions: bool = True, lecturers: bool = False) -> Site:
    """Write the site of the course at `root` into `out`, in place of a site that lies there.

    solutions: whether answers stay, folded away; without them, exercises are as learners find them, and of a homework
    nothing has run.  lecturers: also plans, grading and what else answers; such a site is not for learners.

    Errors: CourseError, also where a plan is at fault.
    """
    _clear(out)
    with tempfile.TemporaryDirectory() as folder:
        source, rest = Path(folder, "source"), Path(folder, "doctrees")
        write_source(root, source, solutions, lecturers)
        render(source, out, rest)
    for path in out.glob("_static/*/*.map"):
        path.unlink()
    shutil.copytree(root / "notebooks", out / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (out / "explorers").mkdir()
    for one in embed.explorers(root):
        (out / "explorers" / one.name).write_text(one.page, encoding="utf-8")
    written = [path for path in out.rglob("*") if path.is_file()]
    return Site(out / "index.html", sum(p.suffix == ".html" for p in written), sum(p.stat().st_size for p in written))


def _clear(out: Path) -> None:
    """Remove the site that an earlier build left: one of its pages may hold what this one leaves out."""
    if not (out / ".buildinfo").exists():
        return
    for path in (*out.glob("*.html"), *out.glob("*.js")):
        path.unlink()
    for name in ("_sources", "_static", "explorers", "notebooks", "teaching"):
        shutil.rmtree(out / name, ignore_errors=True)


def page(notebook: NotebookNode, name: str, learner: NotebookNode, solutions: bool) -> NotebookNode:
    """A lesson as it is read: answers and plumbing folded away, the lecturer's remarks left out."""
    untouched = {cell.id: cell for cell in learner.cells}
    if name in HOMEWORK and not solutions:
        notebook = learner
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        if executed.role(cell) == "notes" or executed.is_check(cell):
            continue
        if executed.is_answer(cell):
            cells += _answer(cell) if solutions else [untouched[cell.id]] if cell.id in untouched else []
            continue
        if executed.is_plumbing(cell):
            cell.metadata["tags"] = ["hide-input"]
        cells.append(_linked(cell) if cell.cell_type == "code" else cell)
    download = f'<a class="download" download href="notebooks/{name}.ipynb">Download this lesson as a notebook</a>'
    cells.insert(1, new_markdown_cell(download))
    return NotebookNode(notebook, cells=cells)


def _linked(cell: NotebookNode) -> NotebookNode:
    cell = executed.linked(cell, "html")
    for output in cell.outputs:
        if shown := output.get("data", {}).get("text/html"):
            output.data["text/html"] = _HERE.sub(lambda a: f'<a href="#{_anchor(unquote(a[1]))}"', shown)
    return cell


def _anchor(name: str) -> str:
    """What the site calls a section that a notebook calls `name`."""
    return re.sub(r"[^\w-]", "", name.lower())


def _answer(cell: NotebookNode) -> list[NotebookNode]:
    if cell.cell_type == "code":
        cell.metadata = NotebookNode(tags=["hide-cell"], mystnb={"code_prompt_show": "Show an answer"})
        return [cell]
    return [new_markdown_cell(f"<details><summary>Show an answer</summary>\n\n{cell.source}\n\n</details>")]


def write_source(root: Path, source: Path, solutions: bool, lecturers: bool) -> None:
    """Write what Sphinx makes the site from, into a new folder; a link to a guide left out becomes its words.

    Errors: CourseError.
    """
    shutil.copytree(str(TEMPLATES / "static"), source / "static")
    vendor.copy_mathjax(source / "static")
    for path in executed.lessons(root):
        learner = executed.read(root / "notebooks" / path.name)
        notebook = page(executed.read(path), path.stem, learner, solutions)
        nbformat.write(nbformat.from_dict(notebook), source / path.name)
    taught = [f"teaching/{number}" for number in plans.read(root)] if lecturers else []
    (source / "teaching").mkdir()
    guides = LECTURERS if lecturers else ()
    written = (*READERS, *guides, *taught)
    left_out = {f"{guide}.md" for guide in set(LECTURERS) - set(written)}
    for guide in written:
        text = (root / "docs" / f"{guide}.md").read_text(encoding="utf-8").replace("../solutions/", "")
        text = executed.with_links(text, lambda target: target.partition("#")[0] not in left_out)
        if guide == "teaching":
            text += "\n```{toctree}\n:hidden:\n" + "\n".join(taught) + "\n```\n"
        (source / f"{guide}.md").write_text(text, encoding="utf-8")
    shown = embed.explorers(root)
    lessons = [(one, [picture for picture in shown if picture.lesson is one]) for one in LESSONS]
    _write(source / "gallery.md", lessons=lessons)
    first = executed.read(executed.lessons(root)[0])
    opening = next(page for cell in first.cells for page in executed.pages(cell) if "actlab-explorer" in page)
    named = {"lessons": [path.stem for path in executed.lessons(root)], "readers": READERS, "guides": guides}
    _write(source / "index.md", explorer=_BLANK.sub("\n", opening), table=overview(), **named)


def _write(page: Path, **values: Any) -> None:
    from jinja2 import Environment

    template = Environment(trim_blocks=True).from_string((TEMPLATES / f"{page.name}.j2").read_text(encoding="utf-8"))
    page.write_text(template.render(**values), encoding="utf-8")


def _fold_optional(_: Any, doctree: Any, __: str) -> None:
    """Let a section that a reader may leave out open on demand, below its heading."""
    from docutils.nodes import raw, section

    for part in doctree.findall(section):
        heading, *rest = part.children
        if heading.astext().endswith(OPTIONAL):
            begins = raw("", "<details><summary>Optional: open this section</summary>", format="html")
            part.children = [heading, begins, *rest, raw("", "</details>", format="html")]


def _variables(palette: look.Palette) -> dict[str, str]:
    return look.variables(palette) | {theirs: f"var(--{ours})" for theirs, ours in THEME.items()}


def render(source: Path, out: Path, doctrees: Path) -> None:
    """Run Sphinx over a folder of pages.  Errors: CourseError with whatever Sphinx warns of."""
    from io import StringIO

    from sphinx.application import Sphinx
    from sphinx.util.console import strip_colors
    from sphinx.util.docutils import docutils_namespace

    said = StringIO()
    settings = {
        "project": "actlab",
        "html_title": "Activation functions",
        "extensions": ["myst_nb", "sphinx.ext.mathjax"],
        "html_theme": "furo",
        "html_theme_options": {
            "light_css_variables": _variables(look.LIGHT),
            "dark_css_variables": _variables(look.DARK),
        },
        "html_static_path": ["static"],
        "html_css_files": ["site.css"],
        "html_js_files": ["site.js"],
        "html_use_index": False,
        "html_show_copyright": False,
        "html_copy_source": False,
        "html_show_sphinx": False,
        "html_show_search_summary": False,
        "mathjax_path": "tex-svg.js",
        "myst_enable_extensions": ["dollarmath", "amsmath"],
        "myst_heading_anchors": 3,
        "nb_execution_mode": "off",
        "nb_ipywidgets_js": {},
        "nb_code_prompt_show": "Show the code",
        "nb_code_prompt_hide": "Hide it",
    }
    with docutils_namespace():
        app = Sphinx(source, None, out, doctrees, "html", settings, status=None, warning=said, freshenv=True)
        app.connect("doctree-resolved", _fold_optional)
        app.build(force_all=True)
    if said.getvalue():
        raise CourseError(strip_colors(said.getvalue()).replace(f"{source.resolve()}/", "").strip())
