"""The browser edition: JupyterLite with the learner's lessons, and Python running inside the page.

What needs PyTorch cannot run there. Such cells become text: why, the code, and the result stored with the solution.
"""

import ast
import base64
import html
import importlib.util
import inspect
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from symtable import SymbolTable, symtable
from types import ModuleType

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from actlab.errors import CourseError
from actlab.publish import executed
from actlab.publish.notebooks import GUARD, to_bytes
from actlab.publish.present import unsolved

TORCH = ("torch", "actlab.training", "actlab.sequences")
KERNEL_EXTENSION = "@jupyterlite/pyodide-kernel-extension"
KERNEL = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}
INSTALL = """\
# Python runs inside this page. Run this cell first, on every visit: it installs the course.
# The first time, it downloads Python and its libraries.
# Your work stays in this browser only; File > Download keeps a copy.
%pip install -q actlab[lessons]"""
WHY = "**This cell needs PyTorch, which Python in a browser does not have.** Run it with the course on a computer."

_PICTURE = re.compile(r'<img\b[^>]*\bsrc="([^"]+)"[^>]*>')
_PANEL = re.compile(r'<svg\b(?![^>]*\sx=)[^>]*\sviewBox="\S+ \S+ (\S+) (\S+)"')


def build(root: Path, out: Path) -> dict[str, int]:
    """Build the browser edition in the folder `out`: lesson -> how many of its cells need PyTorch.

    root: the course's folder.  Building uses no network; the page, once opened, loads Python from one.
    Errors: CourseError where JupyterLite is not installed, `out` holds something else, JupyterLite gives up, or a
    lesson's source is at fault.
    """
    if not all(map(importlib.util.find_spec, ("hatchling", "jupyterlite_core", "jupyterlite_pyodide_kernel"))):
        raise CourseError("The browser edition needs JupyterLite. Install it with: pip install -e '.[lite]'")
    if out.exists():
        if any(out.iterdir()) and not (out / "jupyter-lite.json").exists():
            raise CourseError(f"{out} holds something else than the browser edition. Name another folder, or empty it.")
        shutil.rmtree(out)
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "lessons").mkdir()
        for solved in executed.lessons(root):
            notebook, counts[solved.stem] = without_torch(unsolved(solved))
            (work / "lessons" / solved.name).write_bytes(to_bytes(notebook))
        _run_jupyterlite(work, work / "lessons", wheel(root, work), out.resolve())
    return counts


def without_torch(notebook: NotebookNode) -> tuple[NotebookNode, int]:
    """A lesson for the browser, and how many of its cells became text because they need PyTorch.

    A cell needs it that imports it, or trains with actlab, or reads a name that such a cell would have bound.
    """
    lost: set[str] = set()
    cells, replaced = [new_code_cell(INSTALL, id="install")], 0
    for cell in notebook.cells:
        if cell.source == GUARD:  # the cell above it installs what it would miss
            continue
        if cell.cell_type == "code":
            imports = _imports(cell.source)
            only_imports = len(imports) == len(ast.parse(cell.source).body)
            read, bound = _names(cell.source)
            if only_imports:
                cell.source = _without_lines(cell.source, [node for node in imports if _package(node) == "torch"])
                lost = lost - bound | {name for node in imports for name in _trainers(node)}
            elif "nbgrader" not in cell.metadata and (read & lost or any(map(_trainers, imports))):
                lost |= bound
                replaced += 1
                cells.append(_explained(cell))
                continue
            else:
                lost -= bound
            cell.outputs = []
        cells.append(cell)
    notebook.cells = cells
    notebook.metadata["kernelspec"] = KERNEL
    return notebook, replaced


def wheel(root: Path, folder: Path) -> Path:
    """The course's wheel, built in a folder as `pip` would. What it requires holds in a browser too.

    Errors: CourseError where it cannot be built.
    """
    command = ["hatchling", "build", "--target=wheel", f"--directory={folder}"]
    _run("The course's wheel could not be built", command, root)
    return next(folder.glob("*.whl"))


def _run_jupyterlite(work: Path, lessons: Path, package: Path, out: Path) -> None:
    kernel = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / KERNEL_EXTENSION
    command = [
        *("jupyterlite_core", "build", "--apps=lab"),
        *("--no-sourcemaps", "--no-unused-shared-packages", "--no-libarchive", "--ignore-sys-prefix"),
        f"--LiteBuildConfig.federated_extensions={kernel}",
        *(f"--lite-dir={work}", f"--contents={lessons}", f"--piplite-wheels={package}", f"--output-dir={out}"),
    ]
    _run("JupyterLite could not build", command, work)


def _run(fault: str, module: list[str], folder: Path) -> None:
    """Run `python -m` with these words in a folder.

    Errors: CourseError with the fault and the last line that was said, where it fails.
    """
    result = subprocess.run([sys.executable, "-m", *module], cwd=folder, capture_output=True, text=True)
    if result.returncode:
        said = (result.stderr or result.stdout).strip().splitlines()
        raise CourseError(f"{fault}: {said[-1] if said else 'it did not say why'}")


def _imports(source: str) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]


def _module(node: ast.Import | ast.ImportFrom) -> str:
    """The module that an import statement names, or names first."""
    return node.names[0].name if isinstance(node, ast.Import) else node.module or ""


def _package(node: ast.Import | ast.ImportFrom) -> str:
    return _module(node).partition(".")[0]


def _trainers(node: ast.Import | ast.ImportFrom) -> set[str]:
    """Names bound by an import that work with PyTorch only."""
    if isinstance(node, ast.Import):
        return {alias.asname or alias.name for alias in node.names if alias.name.startswith(TORCH)}
    module = _module(node)
    if module.startswith(TORCH):
        return {alias.asname or alias.name for alias in node.names}
    if _package(node) != "actlab":
        return set()
    found = import_module(module)
    return {a.asname or a.name for a in node.names if _trains(inspect.getmodule(getattr(found, a.name, None)))}


@cache
def _trains(module: ModuleType | None) -> bool:
    if module is None or not module.__name__.startswith("actlab."):
        return False
    imports = _imports(inspect.getsource(module))
    return module.__name__ in TORCH or any(isinstance(n, ast.ImportFrom) and n.module in TORCH for n in imports)


def _names(source: str) -> tuple[set[str], set[str]]:
    """What a cell reads before it binds it, and what it binds."""
    read: set[str] = set()
    bound: set[str] = set()
    for statement in ast.parse(source).body:
        table = symtable(ast.unparse(statement), "a cell", "exec")
        binds = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
        reads = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
        reads |= {name for child in table.get_children() for name in _globals(child)}
        read |= reads - bound - (binds if hasattr(statement, "body") else set())
        bound |= binds
    return read, bound


def _globals(table: SymbolTable) -> Iterator[str]:
    yield from (symbol.get_name() for symbol in table.get_symbols() if symbol.is_global())
    for child in table.get_children():
        yield from _globals(child)


def _without_lines(source: str, nodes: list[ast.stmt]) -> str:
    gone = {line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    return "\n".join(row for number, row in enumerate(source.split("\n"), 1) if number not in gone)


def _explained(cell: NotebookNode) -> NotebookNode:
    """A cell that needs PyTorch, as text: why, its code, and what it showed on a computer."""
    code = f"<details><summary>Its code</summary>\n\n```python\n{cell.source}\n```\n\n</details>"
    shown = [_as_text(output) for output in cell.outputs]
    return new_markdown_cell("\n\n".join([WHY, code, *(["There it shows:", *shown] if shown else [])]), id=cell.id)


def _as_text(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return f"```text\n{output.text.rstrip()}\n```"
    page, text = (output.data.get(kind, "") for kind in ("text/html", "text/plain"))
    pictures = list(_PICTURE.finditer(page))
    if not pictures:
        return f"```text\n{text}\n```"
    panels = [(float(width), float(height)) for width, height in _PANEL.findall(page.partition("actlab-panels")[2])]
    if not panels:
        return "\n".join(picture[0] for picture in pictures)
    said = html.escape(text)
    layers = _layered([picture[1] for picture in pictures], panels)
    return f'<img alt="{said}" src="{layers}" style="display:block;width:100%;max-width:900px">\n\n{said}'


def _layered(sources: list[str], panels: list[tuple[float, float]]) -> str:
    """Panels side by side, as one picture: JupyterLab gives a picture without a text of its own the name "Image".

    sources: of each panel what stands still, and above it the marks at the start.  panels: (width, height) of each.
    """
    images, left = "", 0.0
    for k, (width, height) in enumerate(panels):
        for source in sources[2 * k : 2 * k + 2]:
            images += f'<image href="{source}" x="{left:g}" width="{width:g}" height="{height:g}"/>'
        left += width
    tall = max(height for _, height in panels)
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="{left:g}" height="{tall:g}">{images}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"
