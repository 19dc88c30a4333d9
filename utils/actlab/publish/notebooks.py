"""A lesson's source becomes two notebooks: the learner's copy with stubs and no outputs, and the executed solution.

Both come out byte for byte the same however often, and wherever, they are built.
"""

import copy
import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from actlab.errors import CourseError
from actlab.files import replace
from actlab.publish.source import Source, SourceError, read_source
from actlab.saved import WIDGET_VIEW, strip_widgets

CELL_SECONDS = 120

GUARD = """\
# Says what is missing here, if anything is.
try:
    from actlab.environment import missing
    print(missing(), end="")
except ModuleNotFoundError:
    print('The course is not installed in this Python. Run  %pip install "WHEEL[lessons]"  in a cell, '
          'with the path of your wheel or zip, or open the lessons with  actlab start  (in a clone: make lab).')"""
"""The first code of a learner's copy, folded: what is missing, in a sentence, also where the course itself is."""

_REGION = re.compile(r"^([ \t]*)### BEGIN SOLUTION[ \t]*\n(?:.*\n)*?[ \t]*### END SOLUTION[ \t]*$", re.MULTILINE)
_SPACED_STUB = re.compile(r"\n{2,}(?=# YOUR CODE HERE)")
_MARKER_LINE = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*(?:\n|\Z)", re.MULTILINE)
_OF_COURSE = re.compile(r"^(?:from|import) actlab\b", re.MULTILINE)
_KERNEL_FILE = re.compile(r"\S*ipykernel_\d+[/\\]\d+\.py")


@dataclass(frozen=True)
class Built:
    """What one build wrote: sizes in bytes, run times in seconds, `cells` as (seconds, line in the source)."""

    name: str
    learner_size: int
    solution_size: int = 0
    seconds: float = 0.0
    cells: tuple[tuple[float, int], ...] = ()


def build(path: Path, root: Path, exercises: Mapping[str, Any], run: bool = True) -> Built:
    """Write the learner's copy of a source and, unless `run` is false, its executed solution.  Errors: SourceError."""
    source = read_source(path, exercises)
    learner_size = _write(learner(source), learner_path(path, root))
    if not run:
        return Built(path.stem, learner_size)
    started = time.perf_counter()
    notebook, cells = execute(source)
    seconds = time.perf_counter() - started
    return Built(path.stem, learner_size, _write(notebook, path.with_suffix(".ipynb")), seconds, cells)


def stale(paths: Iterable[Path], root: Path, exercises: Mapping[str, Any]) -> list[Path]:
    """The notebooks that are not what their source says now, solutions without their outputs.  Errors: SourceError."""
    found = []
    for path in paths:
        source = read_source(path, exercises)
        mine, solved = learner_path(path, root), path.with_suffix(".ipynb")
        if not mine.exists() or mine.read_bytes() != to_bytes(learner(source)):
            found.append(mine)
        if not solved.exists() or to_bytes(_without_outputs(solved)) != to_bytes(solution(source)):
            found.append(solved)
    return found


def require_current(paths: Iterable[Path], root: Path, exercises: Mapping[str, Any]) -> None:
    """Refuse to publish notebooks that are not what their sources, `paths`, say now.  Errors: CourseError."""
    if old := stale(paths, root, exercises):
        names = " and ".join(f"{path.relative_to(root)}" for path in old)
        numbers = " ".join(sorted({path.name[:2] for path in old}))
        raise CourseError(
            f"{names}: not what the source says now. The source was edited, or a notebook was run and saved by hand: "
            f"run `actlab build {numbers}`, then this again."
        )


def left_behind(root: Path) -> list[Path]:
    """The notebooks of lessons that were renamed or taken out."""
    sources = {path.stem for path in (root / "solutions").glob("[0-9]*.py")}
    found = (path for folder in ("notebooks", "solutions") for path in sorted((root / folder).glob("[0-9]*.ipynb")))
    return [path for path in found if path.stem not in sources]


def learner_path(path: Path, root: Path) -> Path:
    """Where the learner's copy of a source lies."""
    return root / "notebooks" / f"{path.stem}.ipynb"


def learner(source: Source) -> NotebookNode:
    """The notebook a learner starts from: stubs for solutions, outcomes to open, and nothing meant for the lecturer.

    Its first code says what is missing where it is opened, if anything is.
    """
    cells = copy.deepcopy([cell for cell in source.cells if not _is_for_the_lecturer(cell)])
    for cell in cells:
        if "outcome" in cell.metadata.get("tags", ()):
            cell.source = f"<details>\n<summary>What came out</summary>\n\n{cell.source}\n\n</details>"
        cell.source = _REGION.sub(_code_stub if cell.cell_type == "code" else r"\1*YOUR ANSWER HERE*", cell.source)
        cell.source = _SPACED_STUB.sub("\n", cell.source)
    return _notebook(_guarded(cells))


def solution(source: Source) -> NotebookNode:
    """The complete notebook, not yet executed."""
    cells = copy.deepcopy(source.cells)
    for cell in cells:
        cell.source = _MARKER_LINE.sub("", cell.source).rstrip("\n")
    return _notebook(cells)


def execute(source: Source) -> tuple[NotebookNode, tuple[tuple[float, int], ...]]:
    """The solution, run beside its source, and (seconds, line in it) of every code cell.  Errors: SourceError."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from traitlets.config import Config

    notebook = solution(source)
    starts = []
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        record_timing=False,
        store_widget_state=False,
        config=Config(KernelManager={"transport_encryption": "auto"}),
        resources={"metadata": {"path": str(source.path.parent)}},
        on_cell_start=lambda cell, cell_index: starts.append((time.perf_counter(), source.lines[cell_index])),
    )
    try:
        client.execute(env={**os.environ, "ACTLAB_STATIC": "1", "OMP_NUM_THREADS": "1"})
    except CellExecutionError as error:
        raise SourceError(source.path, starts[-1][1], f"{error.ename}: {error.evalue}") from None
    except CellTimeoutError:
        raise SourceError(source.path, starts[-1][1], f"this cell ran for more than {CELL_SECONDS} s.") from None
    except DeadKernelError:
        raise SourceError(source.path, starts[-1][1], "the kernel died in this cell.") from None
    ends = [*(start for start, _ in starts[1:]), time.perf_counter()]
    cells = tuple((end - start, line) for end, (start, line) in zip(ends, starts, strict=True))
    settled = _settle(notebook)
    _refuse_paths(source, settled)
    return settled, cells


def to_bytes(notebook: NotebookNode) -> bytes:
    """The one spelling of a notebook that is written to a file, after validating it."""
    nbformat.validate(notebook)
    return (nbformat.writes(notebook) + "\n").encode()


def _is_for_the_lecturer(cell: NotebookNode) -> bool:
    return "solution" in cell.metadata.get("tags", ()) or cell.metadata.slideshow.slide_type == "notes"


def _guarded(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells, and before the first one that imports the course `GUARD`."""
    importing = (k for k, cell in enumerate(cells) if cell.cell_type == "code" and _OF_COURSE.search(cell.source))
    if (first := next(importing, None)) is None:
        return cells
    metadata = {"jupyter": {"source_hidden": True}, "slideshow": {"slide_type": "skip"}, "tags": ["fold"]}
    return [*cells[:first], new_code_cell(GUARD, id="missing", metadata=metadata), *cells[first:]]


def _code_stub(region: re.Match) -> str:
    """Inside a function a stub raises when called; at the top level it must let the untouched notebook run."""
    indent = region[1]
    return f"{indent}# YOUR CODE HERE" + (f"\n{indent}raise NotImplementedError" if indent else "")


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def _settle(notebook: NotebookNode) -> NotebookNode:
    """Drop whatever differs between two runs of the same code."""
    strip_widgets(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _settled_outputs(cell.outputs)
    return _notebook(notebook.cells)


def _settled_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    settled: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            text = _KERNEL_FILE.sub("<cell>", output.text)
            if settled and settled[-1].get("name") == output.name:
                settled[-1].text += text
            else:
                settled.append(new_output("stream", name=output.name, text=text))
        elif output.output_type == "error":
            output.traceback = [f"{output.ename}: {output.evalue}"]
            settled.append(output)
        elif WIDGET_VIEW not in output.data:
            settled.append(output)
    return settled


def _refuse_paths(source: Source, notebook: NotebookNode) -> None:
    """Refuse an output, most often a warning, that names a folder other machines do not have.  Errors: SourceError."""
    folders = {str(folder) for folder in (source.path.resolve().parents[1], Path(__file__).parents[3], sys.prefix)}
    for cell, line in zip(notebook.cells, source.lines, strict=True):
        outputs = str(cell.get("outputs", ""))
        for folder in folders:
            if folder in outputs:
                raise SourceError(source.path, line, f"the output names {folder}, a folder of this machine.")


def _without_outputs(path: Path) -> NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _write(notebook: NotebookNode, path: Path) -> int:
    path.parent.mkdir(exist_ok=True)
    data = to_bytes(notebook)
    replace(path, data)
    return len(data)
