"""Static decks: each executed lesson through nbconvert and reveal.js, in a folder that fetches nothing from outside."""

from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from actlab import look
from actlab.publish import executed, plans, vendor
from actlab.publish.plans import Plan

TEMPLATES = files("actlab.publish") / "templates"


@dataclass(frozen=True)
class Deck:
    """One written deck: its file, its title and its size in bytes."""

    path: Path
    title: str
    size: int


def build(root: Path, out: Path) -> list[Deck]:
    """Write a deck for every executed lesson of the course at `root`, and a page that lists them, into `out`.

    Errors: SourceError where a plan is at fault.
    """
    vendor.copy_reveal(out / "assets" / "reveal")
    vendor.copy_mathjax(out / "assets")
    theme = out / "assets" / "reveal" / "dist" / "theme" / "actlab.css"
    theme.parent.mkdir(exist_ok=True)
    sheet = (TEMPLATES / "deck" / "deck.css").read_text(encoding="utf-8")
    theme.write_text(look.css(dark=False) + sheet, encoding="utf-8")
    for script in ("deck.js", "speaker.js"):
        (out / "assets" / script).write_bytes((TEMPLATES / "deck" / script).read_bytes())
    taught = plans.read(root)
    with as_file(TEMPLATES) as templates:
        exporter = _exporter(templates)
        decks = [_write(exporter, path, taught[path.name[:2]], out) for path in executed.lessons(root)]
    _write_list(decks, out)
    return decks


def deck(notebook: NotebookNode, plan: Plan) -> NotebookNode:
    """A lesson as it is shown: no exercises, plumbing without its code, the plan among the speaker's notes."""
    shown = NotebookNode(notebook, cells=[])
    for cell in notebook.cells:
        if executed.role(cell) == "skip":
            continue
        cell = executed.linked(cell, "html")
        if executed.is_plumbing(cell):
            if not cell.outputs:
                continue
            cell.metadata = NotebookNode(cell.metadata, tags=["plumbing"])
        shown.cells.append(cell)
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            shown.cells.append(_notes(plan.notes(cell.source.splitlines()[0].removeprefix("## "))))
    shown.cells.insert(1, _notes(plan.opening))
    shown.cells.append(_notes(f"**Homework.** {plan.homework}"))
    return shown


def _notes(text: str) -> NotebookNode:
    return new_markdown_cell(text, metadata={"slideshow": {"slide_type": "notes"}})


def _exporter(templates: Path) -> Any:
    from nbconvert import SlidesExporter
    from traitlets.config import Config

    config = Config()
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_input_tags = {"plumbing"}
    return SlidesExporter(
        config=config,
        template_name="deck",
        extra_template_basedirs=[str(templates)],
        reveal_url_prefix="assets/reveal",
        reveal_theme="actlab",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )


def _write(exporter: Any, path: Path, plan: Plan, out: Path) -> Deck:
    notebook = deck(executed.read(path), plan)
    title = executed.title(notebook)
    notebook.metadata["title"] = title
    page, _ = exporter.from_notebook_node(notebook)
    target = out / f"{path.stem}.html"
    return Deck(target, title, target.write_text(page, encoding="utf-8"))


def _write_list(decks: list[Deck], out: Path) -> None:
    from jinja2 import Environment

    page = Environment(autoescape=True).from_string((TEMPLATES / "decks.html.j2").read_text(encoding="utf-8"))
    (out / "index.html").write_text(page.render(decks=decks, tokens=look.css()), encoding="utf-8")
