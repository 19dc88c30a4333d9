"""Static decks: executed lessons through nbconvert and reveal.js, in a folder that fetches nothing from outside."""

import base64
import mimetypes
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from actlab import look
from actlab.errors import CourseError
from actlab.publish import executed, plans, shown, vendor
from actlab.publish.shown import Choice, Lesson

TEMPLATES = files("actlab.publish") / "templates"

_POINTS_TO = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")


@dataclass(frozen=True)
class Deck:
    """One written deck: its file, its title and its size in bytes."""

    path: Path
    title: str
    size: int


def chosen(root: Path, names: Sequence[str]) -> list[Path]:
    """The executed lessons of these names, such as "02", in this order; all without names.  Errors: CourseError."""
    every = executed.lessons(root)
    found: list[Path] = []
    for name in names:
        some = [path for path in every if path.stem.startswith(name)]
        if not some:
            raise CourseError(f"no lesson is called {name}; there are {', '.join(path.stem for path in every)}.")
        found += [path for path in some if path not in found]
    return found if names else every


def folder_for(paths: Sequence[Path], names: Sequence[str]) -> Path:
    """Where decks go that nobody gave a folder: a deck to order has its own."""
    return Path("_build") / (f"slides_{_stem(paths)}" if names else "slides")


def build(
    root: Path,
    out: Path,
    names: Sequence[str] = (),
    choice: Choice | None = None,
    css: Path | None = None,
    logo: Path | None = None,
) -> list[Deck]:
    """Write decks of the course at `root`, and a page that lists them, into `out`.

    names: the lessons of one deck; without any, every lesson has a deck of its own, and one whose plan lacks the
    version that is asked for is shown in its own.  css: rules after the course's.  logo: a picture on each slide.
    Errors: CourseError, also where a plan is at fault.
    """
    from actlab.exercises import EXERCISES

    taught, paths, choice = plans.read(root), chosen(root, names), choice or Choice()
    lessons = [Lesson(path.name[:2], executed.read(path), taught[path.name[:2]]) for path in paths]
    shown.refuse_unknown(lessons, choice, each=bool(names))
    orders = {_stem(paths): lessons} if names else {path.stem: [one] for path, one in zip(paths, lessons, strict=True)}
    own = _stylesheet(css) if css else ""
    if logo:
        _refuse_logo(logo)
    vendor.copy_reveal(out / "assets" / "reveal")
    vendor.copy_mathjax(out / "assets")
    theme = out / "assets" / "reveal" / "dist" / "theme" / "actlab.css"
    theme.parent.mkdir(exist_ok=True)
    sheet = (TEMPLATES / "deck" / "deck.css").read_text(encoding="utf-8")
    theme.write_text(look.css(dark=False) + sheet + own, encoding="utf-8")
    for script in ("deck.js", "lecturer.js", "speaker.js"):
        (out / "assets" / script).write_bytes((TEMPLATES / "deck" / script).read_bytes())
    if logo:
        shutil.copyfile(logo, out / "assets" / f"logo{logo.suffix.lower()}")
    with as_file(TEMPLATES) as templates:
        exporter = _exporter(templates)
        decks = [
            _write(exporter, _within(shown.deck(some, choice, EXERCISES), orders), out / f"{stem}.html", logo)
            for stem, some in orders.items()
        ]
    _write_list(decks, out)
    return decks


def _stem(paths: Sequence[Path]) -> str:
    return paths[0].stem if len(paths) == 1 else "_".join(path.name[:2] for path in paths)


def _stylesheet(path: Path) -> str:
    """A lecturer's rules, with the files that they name inside them, so that the folder stays whole."""

    def inside(place: re.Match[str]) -> str:
        target = place[1].strip()
        if target.startswith(("data:", "#")):
            return place[0]
        file = path.parent / target
        if ":" in target or target.startswith("//") or not file.is_file():
            raise CourseError(f"{path.name} points to {target}, which is no file beside it; a deck fetches nothing.")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return f'url("data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}")'

    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CourseError(f"{path} is no stylesheet: --css takes a text file of CSS rules.") from None
    if "@import" in text:
        raise CourseError(f"{path.name} imports another stylesheet: put its rules into one file.")
    return "\n" + _POINTS_TO.sub(inside, text)


def _refuse_logo(path: Path) -> None:
    data = path.read_bytes()
    marks = {".svg": b"<svg", ".png": b"\x89PNG", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".webp": b"WEBP"}
    if marks.get(path.suffix.lower(), b"\0" * 9) not in data[:4096]:
        raise CourseError(f"{path} is no picture that a deck can show: --logo takes an svg, png, jpg or webp file.")


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


def _within(deck: NotebookNode, stems: Iterable[str]) -> NotebookNode:
    """The deck, in which a link that leads neither to one of these decks nor to the web is its words."""
    pages = {f"{stem}.html" for stem in stems}

    def within(text: str) -> str:
        return executed.with_links(text, pages.__contains__)

    deck.metadata.deck["plan"] = within(deck.metadata.deck["plan"])
    for cell in deck.cells:
        if cell.cell_type == "markdown":
            cell.source = within(cell.source)
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = within(output.data["text/html"])
    return deck


def _write(exporter: Any, notebook: NotebookNode, target: Path, logo: Path | None) -> Deck:
    if logo:
        notebook.metadata.deck |= {"logo": f"assets/logo{logo.suffix.lower()}", "logo_says": f"Logo: {logo.stem}"}
    page, _ = exporter.from_notebook_node(notebook)
    return Deck(target, notebook.metadata.title, target.write_text(page, encoding="utf-8"))


def _write_list(decks: list[Deck], out: Path) -> None:
    from jinja2 import Environment

    page = Environment(autoescape=True).from_string((TEMPLATES / "decks.html.j2").read_text(encoding="utf-8"))
    (out / "index.html").write_text(page.render(decks=decks, tokens=look.css()), encoding="utf-8")
