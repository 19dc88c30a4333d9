"""Attacks on the grader, by class: each file is a class, each cell of it a submission of its own.

A cell headed `# %% name` is handed in alone and must earn nothing. One headed `# %% name + honest` is followed by an
honest submission's cells, which must still earn everything. While an attack is judged, so is an honest submission
beside it; where a cell is headed `# %% name: neighbour`, that one helps the attack. `NAMES` and `answer_all` are there
for every attack, and what stands above the first cell of a file for all of that file.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from actlab.course import PRACTICE
from actlab.exercises import Choice, lesson

FOLDER = Path(__file__).parent
# One of each kind of question: any shape, given functions, a letter, given randomness, an axis, a given gradient.
TARGETS = ["sigmoid", "layer_gradient_norms", "q1_reason", "relu", "he_normal", "softmax", "q4_reason", "descend"]
HONEST = "honest.py"


@dataclass(frozen=True)
class Attack:
    kind: str
    name: str
    cells: tuple[str, ...]
    points: int
    neighbour: tuple[str, ...]

    def __str__(self):
        return f"{self.kind}: {self.name}"


def honest() -> tuple[str, ...]:
    """The cells of a submission that earns every point."""
    text = (FOLDER / HONEST).read_text(encoding="utf-8")
    for exercise in lesson(PRACTICE.number):
        if isinstance(exercise, Choice):
            text = text.replace(f"{{{exercise.name}}}", exercise.right[0])
    return tuple(cell for _, cell in _cells(text))


def attacks() -> list[Attack]:
    """All of them, class by class."""
    prelude = (FOLDER / "prelude.txt").read_text(encoding="utf-8").replace("{names}", repr(TARGETS))
    found = []
    for path in sorted(FOLDER.glob("[0-9]*.py")):
        kind = path.stem.partition("_")[2].replace("_", " ")
        text = path.read_text(encoding="utf-8")
        before = prelude + text.partition("# %% ")[0]
        cells = dict(_cells(text))
        for title, cell in cells.items():
            name, followed, _ = title.partition(" + honest")
            helping = cells.get(f"{name}: neighbour")
            if not title.endswith(": neighbour"):
                submitted = (before, cell, *(honest() if followed else ()))
                neighbour = honest() if helping is None else (before, *honest(), helping)
                found.append(Attack(kind, name, submitted, 100 if followed else 0, neighbour))
    return found


def _cells(text: str) -> list[tuple[str, str]]:
    pieces = re.split(r"(?m)^# %% (.*)\n", text)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))
