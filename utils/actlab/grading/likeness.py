"""Whose functions are alike, among students and with the published solution, and how often chance gives that.

Compared are the forms of functions (`forms`). What a form in common tells depends on how long it is and on how many of
the class have it, and is counted in bits: one that chance gives to one in 2ⁿ tells n. A form that was published says
nothing of two students.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from actlab.course import Lesson, asked_in
from actlab.course import lesson as lesson_of
from actlab.exercises import Exercise, Numbers, Task
from actlab.grading.bounded import Bounded, Lost
from actlab.grading.forms import Form, Place, forms
from actlab.grading.notes import Cause, Note
from actlab.grading.outcome import shortened
from actlab.grading.pages import number, render
from actlab.grading.standing import Standing

FEW = 8
"""So many functions in common, each of which few have, are worth a look in a class of any size."""
RARE = math.log2(20)
"""Bits of a function that few have: fewer than one in twenty."""
SURE = 10
"""Bits: a pair is listed where chance gives such a one to one class in a thousand of this size."""
PIECES = 6
"""By so many pieces longer, chance gives a form half as often: so it is among public functions of this kind."""
LONG = 5
WEIGHT = 4
"""So many students' worth is what its length tells of a form, beside what the class shows."""
SIDE_BY_SIDE = 10
LISTED = 100
MOST_LINES = 60
MOST_TEXT = 3_000
ROWS = 128
_CELL = re.compile(r"(?m)^# %%.*\n")
_LINE = re.compile(r"\r\n|\r|\n")

Cells = Callable[[str], Sequence[str]]


class Alike(NamedTuple):
    """A function that two students wrote alike.  many: how many of the class wrote it so.  texts: both sources."""

    name: str
    many: int
    texts: tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """Two students who are more alike than chance makes them.

    alike: how many functions they have in common, without those that were published.  published: how many of those.
    both: how many functions both of them wrote.  as_many: how many other pairs of the class have as many in common.
    bits: what is in common tells so much more than the most alike pair would that chance gives a class of this size.
    functions: those in common, the most telling first; none where the pair is not shown side by side.
    """

    students: tuple[str, str]
    alike: int
    published: int
    both: int
    as_many: int
    bits: float
    functions: tuple[Alike, ...] = ()

    @property
    def once_in(self) -> int:
        """In how many classes of this size chance gives such a pair once, as a power of ten up to a million."""
        return 10 ** max(0, min(6, math.floor(self.bits * math.log10(2))))


@dataclass(frozen=True)
class Copy:
    """A student whose functions are those of the published solution.

    alike: how many.  lessons: how many of them stand in the lessons' solutions as well.  wrote: how many there are.
    as_many: how many others have as many in common with it.
    """

    student: str
    alike: int
    lessons: int
    wrote: int
    as_many: int


@dataclass(frozen=True)
class Likeness:
    """What a class has in common.

    students: how many wrote a function.  functions: how many are asked.  pairs: the most alike, those with sources
    first; `listed` of them there are.  closest: student -> who is most like them, how many functions they share, and
    of how many others the same is to be said.  median: of all pairs, how many functions they have in common.
    copies: whose functions are the published ones, None where there is no solution here.
    """

    students: int = 0
    functions: int = 0
    pairs: tuple[Pair, ...] = ()
    listed: int = 0
    median: int = 0
    closest: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)
    copies: tuple[Copy, ...] | None = None
    copies_median: int = 0

    @property
    def all_pairs(self) -> int:
        return self.students * (self.students - 1) // 2

    @property
    def shown(self) -> int:
        """How many pairs stand side by side."""
        return sum(bool(pair.functions) for pair in self.pairs)

    def reasons(self, student: str) -> list[Note]:
        """Why somebody should look at what a student handed in, in sentences for the instructor."""
        said = []
        if student in self.closest:
            other, many, more = self.closest[student]
            others = f", and as alike with {more} more" if more else ""
            said.append(Note(f"{many} functions like those of {other}{others}.", Cause.ALIKE))
        said += [
            Note(f"{one.alike} functions as in the published solution.", Cause.PUBLISHED)
            for one in self.copies or ()
            if one.student == student
        ]
        return said


def compare(
    students: Sequence[str],
    cells: Cells,
    exercises: Sequence[Exercise],
    processes: Bounded,
    solutions: Mapping[int, Sequence[str]] | None = None,
) -> Likeness:
    """What the functions have in common that these students wrote for a homework.

    cells: what gives the code cells of one.  processes: where they are parsed.  solutions: number of a lesson -> the
    cells of its solution; unless given, what `published` finds.
    """
    tasks = [one for one in exercises if isinstance(one, Task) and not isinstance(one, Numbers)]
    homework = asked_in(exercises[0].id)
    solutions = published(homework, tasks) if solutions is None else solutions
    names = [task.name for task in tasks]
    kept = (*homework.parameters, "SEED")
    solution, taught = _solved(tasks, homework, solutions, kept)
    written = (cells(student) for student in students)
    work = partial(forms, names=names, kept=kept)
    found = (one for _, one in processes.each(work, written, _nothing))
    wrote = {student: one for student, one in zip(students, found, strict=True) if one}
    table = _Table(names, wrote, {name: {solution.get(name), taught.get(name)} for name in names})
    chosen = _compared(table)
    ordered = _spread(chosen.pairs)
    pairs = [_pair(table, chosen, pair, cells if k < SIDE_BY_SIDE else None) for k, pair in enumerate(ordered)]
    copies, middle = _copies(table, solution, taught)
    return Likeness(
        students=len(wrote),
        functions=len(names),
        pairs=tuple(pairs),
        listed=chosen.listed,
        median=chosen.middle,
        closest=chosen.closest,
        copies=copies if homework.number in solutions else None,
        copies_median=middle,
    )


def page(alike: Likeness, standings: Iterable[Standing]) -> str:
    """The instructor's page: the most alike pairs side by side, and whose functions are the published ones."""
    people = {one.student: (one.name, f"{number(one.score)} of {number(one.max_score)}") for one in standings}
    return render("likeness.html.j2", alike=alike, people=people)


def published(homework: Lesson, tasks: Iterable[Exercise]) -> dict[int, tuple[str, ...]]:
    """Number of a lesson -> the code cells of its solution, for the homework and the lessons that build the same.

    They stand in `solutions` of the instructor's checkout, and nowhere else.
    """
    found = {}
    for lesson in {homework.number, *(task.of.lesson for task in tasks if task.of)}:
        for folder in (Path.cwd(), Path(__file__).parents[3]):
            path = folder / "solutions" / f"{lesson_of(lesson).stem}.py"
            if path.is_file():
                found[lesson] = tuple(_CELL.split(path.read_text(encoding="utf-8", errors="replace")))[1:]
                break
    return found


def _nothing(cells: Sequence[str], why: Lost) -> dict[str, Form]:
    return {}


def _solved(
    tasks: Sequence[Task], homework: Lesson, solutions: Mapping[int, Sequence[str]], kept: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Name -> the form that the homework's solution gives it, and the one that the lessons' do."""
    names = {task.name for task in tasks}
    solution = forms(solutions.get(homework.number, ()), names, kept)
    taught: dict[str, str] = {}
    for lesson in solutions.keys() - {homework.number}:
        built = {task.of.name: task.name for task in tasks if task.of and task.of.lesson == lesson}
        found = forms(solutions[lesson], names | built.keys(), kept)
        taught |= {built[name]: form.digest for name, form in found.items() if name in built}
    return {name: form.digest for name, form in solution.items()}, taught


class _Table:
    """Who wrote what: a row for each student, a column for each name.

    code: the number of the form in its column, -1 where there is none.  known: for each column, the forms with these
    numbers.  many: how many students have each.  free: whether it was not published.  bits: what it tells of two.
    """

    def __init__(
        self,
        names: Sequence[str],
        wrote: Mapping[str, Mapping[str, Form]],
        public: Mapping[str, Collection[str | None]],
    ):
        self.names, self.students, self.wrote = names, list(wrote), wrote
        self.code = np.full((len(wrote), len(names)), -1, np.int32)
        self.many, self.free, self.bits, self.numbers = [], [], [], []
        for column, name in enumerate(names):
            numbers: dict[str, int] = {}
            sizes: list[int] = []
            for row, found in enumerate(wrote.values()):
                if form := found.get(name):
                    number = self.code[row, column] = numbers.setdefault(form.digest, len(numbers))
                    if number == len(sizes):
                        sizes.append(form.size)
            many = np.bincount(self.code[:, column] + 1, minlength=len(sizes) + 1)[1:]
            free = np.array([digest not in public[name] for digest in numbers], bool)
            self.numbers.append(numbers)
            self.many.append(many)
            self.free.append(free)
            self.bits.append(free * _bits(many, np.array(sizes, float), len(wrote)))

    def form(self, row: int, column: int) -> Form:
        return self.wrote[self.students[row]][self.names[column]]


def _bits(many: np.ndarray, sizes: np.ndarray, students: int) -> np.ndarray:
    """How much a form tells of two who have it, by how many have it and how long it is."""
    before = np.exp2(-np.minimum(sizes / PIECES, LONG))
    chance = (np.maximum(many - 2, 0) + WEIGHT * before) / (max(students - 2, 0) + WEIGHT)
    return -np.log2(np.clip(chance, 1 / max(students, 1 << LONG), 1))


class _Chosen(NamedTuple):
    """Which pairs stand out.  counts: so many of all pairs have 0, 1, 2, … functions in common."""

    pairs: list[tuple[int, int, float]]
    listed: int
    counts: np.ndarray
    middle: int
    closest: dict[str, tuple[str, int, int]]


def _compared(table: _Table) -> _Chosen:
    """Each student with each other one, many at a time."""
    students, columns = table.code.shape
    surely = SURE + math.log2(max(1, students * (students - 1) / 2))
    told = [np.append(bits, 0).astype(np.float32) for bits in table.bits]  # the last for who wrote none
    free = [np.append(one, False) for one in table.free]
    ways = _ways(columns)
    counts = np.zeros(columns + 1, np.int64)
    best: list[tuple[float, int, int]] = []
    listed, closest = 0, {}
    for start in range(0, students, ROWS):
        rows = np.arange(start, min(start + ROWS, students))
        alike, rare, both = np.zeros((3, len(rows), students), np.int16)
        bits = np.zeros((len(rows), students), np.float32)
        for column in range(columns):
            theirs = table.code[None, :, column]
            mine = table.code[rows, column][:, None]
            same = (mine == theirs) & (mine >= 0)
            both += (mine >= 0) & (theirs >= 0)
            alike += same & free[column][mine]
            rare += same & (told[column][mine] > RARE)
            bits += same * told[column][mine]
        bits -= ways[both, alike]
        found = (bits >= surely) | (rare >= min(FEW, max(1, columns)))
        found[np.arange(len(rows)), rows] = False
        for row in np.flatnonzero(found.any(axis=1)):
            other = int(np.argmax(np.where(found[row], bits[row], -np.inf)))
            said = table.students[other], int(alike[row, other]), int(found[row].sum()) - 1
            closest[table.students[start + row]] = said
        later = np.arange(students)[None, :] > rows[:, None]
        counts += np.bincount(alike[later], minlength=columns + 1)
        ones, others = np.nonzero(found & later)
        listed += len(ones)
        values = bits[ones, others]
        most = np.argsort(-values, kind="stable")[:LISTED]
        best += zip(values[most].tolist(), rows[ones[most]].tolist(), others[most].tolist(), strict=True)
        best = sorted(best, key=lambda pair: (-pair[0], pair[1:]))[:LISTED]
    middle = int(np.searchsorted(counts.cumsum(), (counts.sum() + 1) // 2)) if counts.sum() else 0
    pairs = [(one, other, bits - surely + SURE) for bits, one, other in best]
    return _Chosen(pairs, listed, counts, middle, closest)


def _spread(pairs: Sequence[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """The pairs in their order, but last those of whom both stand in one before: five who share are not ten pairs."""
    seen: set[int] = set()
    first: list[tuple[int, int, float]] = []
    last: list[tuple[int, int, float]] = []
    for pair in pairs:
        (last if seen >= {*pair[:2]} else first).append(pair)
        seen.update(pair[:2])
    return first + last


def _ways(most: int) -> np.ndarray:
    """In bits, in how many ways so many functions can be the ones in common, by how many there are."""
    return np.array([[math.log2(math.comb(of, some) or 1) for some in range(most + 1)] for of in range(most + 1)])


def _pair(table: _Table, chosen: _Chosen, pair: tuple[int, int, float], cells: Cells | None) -> Pair:
    """A pair of rows with all that is said of it, and with sources where `cells` gives them."""
    one, other, told = pair
    mine, theirs = table.code[one], table.code[other]
    same = [int(column) for column in np.flatnonzero((mine == theirs) & (mine >= 0))]
    own = [column for column in same if table.free[column][mine[column]]]
    own.sort(key=lambda column: -table.bits[column][mine[column]])
    students = table.students[one], table.students[other]
    functions: list[Alike] = []
    if cells:
        codes = [cells(student) for student in students]
        for column in own:
            texts = [_source(code, table.form(row, column).places) for code, row in zip(codes, pair[:2], strict=True)]
            functions.append(Alike(table.names[column], int(table.many[column][mine[column]]), (texts[0], texts[1])))
    return Pair(
        students,
        len(own),
        len(same) - len(own),
        int(((mine >= 0) & (theirs >= 0)).sum()),
        int(chosen.counts[len(own) :].sum()) - 1,
        told,
        tuple(functions),
    )


def _copies(table: _Table, solution: Mapping[str, str], taught: Mapping[str, str]) -> tuple[tuple[Copy, ...], int]:
    """Whose functions are the solution's, the most first, and in how many the middle of the class agrees with it."""
    students, columns = table.code.shape
    alike, lessons, rare, own, could = np.zeros((5, students), np.int64)
    bits = np.zeros(students)
    for column, name in enumerate(table.names):
        same = table.code[:, column] == table.numbers[column].get(solution.get(name, ""), -2)
        alike += same
        if solution.get(name) == taught.get(name):
            lessons += same
            continue
        could += table.code[:, column] >= 0
        if same.any():
            size = table.form(int(np.argmax(same)), column).size
            told = min(size / PIECES, LONG)
            own += same
            bits += told * same
            rare += same & (told > RARE)
    bits -= _ways(columns)[could, own]
    found = np.flatnonzero((bits >= SURE + math.log2(max(1, students))) | (rare >= FEW))
    copies = [
        Copy(
            table.students[row],
            int(alike[row]),
            int(lessons[row]),
            int((table.code[row] >= 0).sum()),
            int((alike >= alike[row]).sum()) - 1,
        )
        for row in found
    ]
    copies.sort(key=lambda one: (-one.alike, one.student))
    return tuple(copies), int(np.median(alike)) if students else 0


def _source(cells: Sequence[str], places: Iterable[Place]) -> str:
    """A function and its helpers as they were written, as much of them as a page has room for."""
    parts = []
    for place in places:
        lines = _LINE.split(cells[place.cell])[place.start : place.end] if place.cell < len(cells) else []
        parts.append("\n".join(lines).rstrip())
    lines = "\n\n".join(parts).split("\n")
    text = "\n".join([*lines[:MOST_LINES], *["…"] * (len(lines) > MOST_LINES)])
    return shortened(text, MOST_TEXT)
