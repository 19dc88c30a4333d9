"""The lessons as a lecturer shows them from JupyterLab: nothing solved, every other result in place before a cell runs.

The folder is made anew at every start. What a lecturer typed there is theirs: such a notebook is kept.
"""

import hashlib
import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.reader import NotJSONError
from nbformat.sign import NotebookNotary

from actlab.exercises import EXERCISES
from actlab.files import replace
from actlab.publish import executed, predictions
from actlab.publish.notebooks import GUARD, learner, to_bytes
from actlab.publish.own import is_own
from actlab.publish.source import read_source


def write(root: Path, folder: Path) -> list[Path]:
    """Write the course's lessons to a folder, trusted by JupyterLab: the notebooks kept there as somebody left them.

    Errors: SourceError where a lesson's source is at fault.
    """
    folder.mkdir(parents=True, exist_ok=True)
    notary = NotebookNotary()
    kept = []
    for solved in executed.lessons(root):
        path = folder / solved.name
        if path.exists() and _is_changed(path):
            kept.append(path)
            continue
        notebook = presented(solved)
        replace(path, to_bytes(notebook))
        notary.sign(notebook)
    return kept


def presented(solved: Path) -> NotebookNode:
    """One lesson for the projector: exercises open, plumbing and what answers a prediction folded, no notes."""
    notebook = unsolved(solved)
    replies = _replies(notebook.cells)
    for cell in notebook.cells:
        folded = {"source_hidden": not _is_asked(cell) and executed.is_plumbing(cell)}
        folded["outputs_hidden"] = cell.id in replies
        if any(folded.values()):
            cell.metadata["jupyter"] = {part: True for part, hidden in folded.items() if hidden}
    notebook.metadata["actlab"] = {"written": _typed(notebook)}
    return notebook


def unsolved(solved: Path) -> NotebookNode:
    """The learner's copy of an executed solution, with the course's own outputs where nothing is asked.

    What asks whether the course is there is left out: it is.
    """
    outputs = {cell.id: cell.get("outputs") for cell in executed.read(solved).cells}
    notebook = learner(read_source(solved.with_suffix(".py"), EXERCISES))
    notebook.cells = [cell for cell in notebook.cells if cell.source != GUARD]
    for cell in notebook.cells:
        if cell.cell_type == "code" and not _is_asked(cell):
            cell.outputs = [output for output in outputs.get(cell.id, []) if is_own(output)]
    return notebook


def _replies(cells: list[NotebookNode]) -> set[str]:
    """The ids of the cells whose results answer a prediction: the first results of its section that follow it.

    Other texts, exercises and code without a result may stand in between; a text after the first result ends them.
    """
    found, waiting, showing = set(), False, False
    for cell in cells:
        if cell.cell_type == "markdown":
            asks = predictions.TAG in cell.metadata.get("tags", ())
            waiting = asks or (waiting and not showing and not cell.source.startswith("## "))
            showing = False
        elif waiting and cell.outputs:
            found.add(cell.id)
            showing = True
    return found


def _is_asked(cell: NotebookNode) -> bool:
    return "nbgrader" in cell.metadata


def _typed(notebook: NotebookNode) -> str:
    """A digest of all that can be typed into a notebook; running it changes nothing here."""
    typed = [[cell.cell_type, cell.source] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(typed).encode()).hexdigest()


def _is_changed(path: Path) -> bool:
    try:
        notebook = nbformat.read(path, as_version=4)
    except NotJSONError:
        return True
    return notebook.metadata.get("actlab", {}).get("written") != _typed(notebook)
