"""The executed solutions, as what is published or presented from them starts with: read once, told apart by cell."""

import ast
import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from actlab.live.page import ASLEEP, SCRIPTLESS
from actlab.saved import WIDGET_VIEW

_LINK = re.compile(r'((?:\]\(|href=")\d\d_\w+)\.ipynb')
_PLACE = r"(?!https?:)(?P<place>#[^)\s\"]*|[^)\s\"]+\.(?:md|ipynb|html)(?:#[^)\s\"]*)?)"
_WITHIN = (
    re.compile(rf"(?<!!)\[(?P<words>[^\]]*)\]\({_PLACE}\)"),
    re.compile(rf'<a\b[^>]*\shref="{_PLACE}"[^>]*>(?P<words>.*?)</a>', re.DOTALL),
)
_STILL = re.compile(r"(<!--varies-->)?<img data-asleep[^>]*>(<!--/varies-->)?")
_NUMBERED = re.compile(r"\d+\.\d+(?= )")


def lessons(root: Path) -> list[Path]:
    """The executed solutions of the course, in their order."""
    return sorted((root / "solutions").glob("[0-9][0-9]_*.ipynb"))


def read(path: Path) -> NotebookNode:
    """One executed solution, without the progress bars that a run by hand leaves behind."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_bar(output)]
    return notebook


def _is_bar(output: NotebookNode) -> bool:
    kinds = output.get("data", {})
    return "\r" in output.get("text", "") or (WIDGET_VIEW in kinds and "text/html" not in kinds)


def sections(cells: list[NotebookNode]) -> Iterator[tuple[str, NotebookNode]]:
    """Each cell with the heading of its section; that is "" above the first."""
    heading = ""
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            heading = cell.source.splitlines()[0].removeprefix("## ").rstrip()
        yield heading, cell


def called(stem: str, heading: str, taken: Counter[str]) -> str:
    """What a picture of a section is called in a folder of files, without an ending: `02_sigmoid_tanh_2.7`.

    taken: how many have a name of this section already; the second one ends in `_2`.
    """
    number = _NUMBERED.match(heading)
    place = number[0] if number else "-".join(re.findall(r"[a-z0-9]+", heading.lower())) or "opening"
    name = f"{stem}_{place}"
    taken[name] += 1
    return name if taken[name] == 1 else f"{name}_{taken[name]}"


def role(cell: NotebookNode) -> str:
    """The part a cell plays on slides: slide, subslide, fragment, notes, skip or -."""
    return cell.metadata.get("slideshow", {}).get("slide_type", "-")


def pages(cell: NotebookNode) -> list[str]:
    """The HTML that a cell shows, output by output."""
    return [output.data["text/html"] for output in cell.get("outputs", ()) if "text/html" in output.get("data", {})]


def is_plumbing(cell: NotebookNode) -> bool:
    """Whether a reader gains nothing from a cell's code: it is folded, only imports, or shows a picture or a table."""
    if cell.cell_type != "code":
        return False
    if "fold" in cell.metadata.get("tags", ()):
        return True
    imports = all(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.parse(cell.source).body)
    return imports or any(re.match(r'<table|<div class="actlab-', page) for page in pages(cell))


def is_answer(cell: NotebookNode) -> bool:
    """Whether a cell holds what a learner is to find."""
    return cell.metadata.get("nbgrader", {}).get("solution", False) or "solution" in cell.metadata.get("tags", ())


def is_check(cell: NotebookNode) -> bool:
    """Whether a cell does nothing but check an exercise."""
    return cell.metadata.get("nbgrader", {}).get("grade", False) and not is_answer(cell)


def linked(cell: NotebookNode, suffix: str) -> NotebookNode:
    """A copy of a cell for pages whose names end in `suffix`: its links lead to them, and no note is for a notebook."""
    cell = copy.deepcopy(cell)
    if cell.cell_type == "markdown":
        cell.source = _LINK.sub(rf"\1.{suffix}", cell.source)
    for output in cell.get("outputs", ()):
        if "text/html" in output.get("data", {}):
            output.data["text/html"] = _LINK.sub(rf"\1.{suffix}", woken(output.data["text/html"]))
    return cell


def with_links(text: str, keep: Callable[[str], bool]) -> str:
    """Markdown or HTML in which a link within the course becomes its words, but where `keep` says so of its target."""
    for link in _WITHIN:
        text = link.sub(lambda found: found[0] if keep(found["place"]) else found["words"], text)
    return text


def woken(shown: str) -> str:
    """An explorer's HTML for a page that is no notebook: no advice for one, and no second copy of its marks."""
    return _STILL.sub("", shown).replace(ASLEEP, SCRIPTLESS)


def title(notebook: NotebookNode) -> str:
    """A lesson's title, without its mark-up."""
    return notebook.cells[0].source.splitlines()[0].removeprefix("# ")
