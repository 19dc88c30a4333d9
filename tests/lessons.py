"""How long a lesson is, measured on its source: minutes, words, code that is given, code that is asked.

`python -m tests.lessons` lists the lessons of the course that `actlab` is imported from, with `--run` also the seconds
that each runs.  A prediction of an older source is a box that begins with `> **Predict.**`.
"""

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import actlab
from actlab import evidence
from actlab.course import LESSONS, Lesson

ROOT = Path(actlab.__file__).parents[2]
MINUTES = {"exercise": 4, "explorer": 2, "prediction": 1}
WORDS_A_MINUTE = 200
LINES_A_MINUTE = 15

_CELL = re.compile(r"^# %%(.*)$\n?", re.MULTILINE)
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
_PREDICTION = re.compile(r"^> \*\*Predict\.\*\*", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A cell of a source.  line: of its header.  optional: in a section that a reader may leave out."""

    line: int
    header: str
    text: str
    optional: bool

    @property
    def is_code(self) -> bool:
        return "[markdown]" not in self.header

    @property
    def is_given(self) -> bool:
        """Whether it is code that every reader sees, and none writes."""
        hidden = "exercise=" in self.header or self.has("fold") or self.has("solution") or 'role="notes"' in self.header
        return self.is_code and not hidden and not self.optional

    @property
    def only_imports(self) -> bool:
        return self.is_code and all(isinstance(part, ast.Import | ast.ImportFrom) for part in ast.parse(self.text).body)

    def has(self, tag: str) -> bool:
        return f'"{tag}"' in self.header.partition("tags=")[2]

    @property
    def lines(self) -> int:
        return sum(bool(row.strip()) for row in self.text.split("\n"))


@dataclass(frozen=True)
class Measured:
    """One lesson.  optional_words: of the sections that may be left out, which are not among `words`."""

    lesson: Lesson
    words: int
    optional_words: int
    exercises: int
    explorers: int
    predictions: int
    given: int
    asked: int
    cells: int

    @property
    def minutes(self) -> float:
        """How long it takes, without what may be left out."""
        done = {"exercise": self.exercises, "explorer": self.explorers, "prediction": self.predictions}
        read = self.words / WORDS_A_MINUTE + self.given / LINES_A_MINUTE
        return read + sum(MINUTES[kind] * number for kind, number in done.items())


def cells(path: Path) -> list[Cell]:
    """The cells of a source that learners get."""
    text = path.read_text(encoding="utf-8")
    found, optional = [], False
    starts = [*_CELL.finditer(text)]
    for start, end in zip(starts, [*(one.start() for one in starts[1:]), len(text)], strict=True):
        body = text[start.end() : end].strip("\n")
        if "[markdown]" in start[1]:
            body = re.sub(r"^# ?", "", body, flags=re.MULTILINE)
            if body.startswith("## "):
                optional = body.split("\n")[0].rstrip().endswith("☆")
        cell = Cell(text.count("\n", 0, start.start()) + 1, start[1], body, optional)
        if not (cell.has("solution") or 'role="notes"' in cell.header):
            found.append(cell)
    return found


def words(markdown: str) -> int:
    """Words of prose; displayed formulas, tables and addresses are none, nor is what opens on demand."""
    prose = re.sub(
        r"</summary>[\s\S]*?</details>|\$\$[\s\S]*?\$\$|^\|.*$|\]\([^)]*\)", " ", markdown, flags=re.MULTILINE
    )
    prose = re.sub(r"\$[^$\n]*\$", "x", prose)
    return len(re.findall(r"\w[\w'’.-]*", prose))


def _words(cell: Cell) -> int:
    """Words of a source's text, in which a verdict is its sentence."""
    text = re.sub(r"^  .*$|^- \[.\]", "", cell.text, flags=re.MULTILINE) if cell.has("predict") else cell.text
    text = re.sub(r"\{verdict ([\w.]+)\}", lambda place: evidence.says(place[1]), text)
    return words(re.sub(r"\{(rests on [\w.]+|\w+)\}", " ", text))


def measure(lesson: Lesson, root: Path = ROOT) -> Measured:
    """The numbers of one lesson of the course at `root`."""
    all_cells = cells(root / "solutions" / f"{lesson.stem}.py")
    read = [cell for cell in all_cells if not cell.optional]
    code = [cell for cell in read if cell.is_code]
    return Measured(
        lesson,
        words=sum(_words(cell) for cell in read if not cell.is_code),
        optional_words=sum(_words(cell) for cell in all_cells if cell.optional and not cell.is_code),
        exercises=sum(not cell.is_code and "exercise=" in cell.header for cell in read),
        explorers=sum(len(re.findall(r"\bexplore_\w+\(", cell.text)) for cell in code),
        predictions=sum(
            cell.has("predict") or bool(_PREDICTION.search(cell.text)) for cell in read if not cell.is_code
        ),
        given=sum(cell.lines for cell in read if cell.is_given),
        asked=sum(
            bool(row.strip())
            for cell in all_cells
            for part in _SOLUTION.findall(cell.text)
            for row in part.split("\n")
            if cell.is_code
        ),
        cells=len(all_cells),
    )


def seconds(lesson: Lesson) -> float:
    """How long a lesson runs, solved, on this machine."""
    import time

    from actlab.exercises import EXERCISES
    from actlab.publish.notebooks import execute
    from actlab.publish.source import read_source

    source = read_source(ROOT / "solutions" / f"{lesson.stem}.py", EXERCISES)
    begun = time.perf_counter()
    execute(source)
    return time.perf_counter() - begun


def main(run: bool) -> None:
    """Print a row for each lesson."""
    heads = ["says", "takes", "words", "☆ words", "exercises", "explorers", "predictions", "given lines", "asked lines"]
    heads += ["cells", "seconds"][: 2 if run else 1]
    print(f"{'lesson':22}" + "".join(f"{head:>{len(head) + 2}}" for head in heads))
    for lesson in LESSONS:
        m = measure(lesson)
        row = [lesson.minutes, f"{m.minutes:.0f}", m.words, m.optional_words, m.exercises, m.explorers, m.predictions]
        row += [m.given, m.asked, m.cells, *([f"{seconds(lesson):.1f}"] if run else [])]
        print(f"{lesson.label[:22]:22}" + "".join(f"{c:>{len(h) + 2}}" for c, h in zip(row, heads, strict=True)))


if __name__ == "__main__":
    main("--run" in sys.argv)
