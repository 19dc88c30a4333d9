"""One student's grade explained: the cases that counted, what came, what is right, and the code beside them.

The cases are derived once more from the secret and the id, and the code that the gradebook keeps is run once more on
the same terms, in the same order: what is shown is what was graded, and where it is not, the page says so.
"""

from __future__ import annotations

import inspect
import textwrap
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from actlab import course, learner
from actlab import roster as rosters
from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import Choice, Exercise, Numbers, Result, Status, Task, trials
from actlab.exercises.judging import Call, Tried, letter_of
from actlab.exercises.personal import cases_rng, fingerprint, key
from actlab.exercises.words import told
from actlab.files import replace
from actlab.grading import comparing, excerpt, pages, rerun, version
from actlab.grading import row as rows
from actlab.grading.counted import LONGEST_SAID, Counted, counted
from actlab.grading.excerpt import Statement
from actlab.grading.gradebook import NAME, Grade, Gradebook
from actlab.grading.marking import Job, Session, Terms, asked, counting, judge
from actlab.grading.outcome import Stumbled, shortened
from actlab.grading.run import ROSTER
from actlab.grading.sandbox import require
from actlab.grading.shown import folded
from actlab.grading.witness import GRADED_UNDER
from actlab.learner import Kind, Trouble
from actlab.roster import Roster
from actlab.words import quoted

MOST_LINES = 300
LONGEST_LINE = 500
SIMILAR = 3
NOT_GRADED = "{student} is `{status}` in this folder, so nothing was tested. {sentence}"
NO_CODE = (
    "the code of {student} is not in this gradebook, which an older actlab wrote: run `actlab grade` again, then this."
)
WHICH_SECRET = (
    "{out} was graded with a secret, which it does not keep: add --secret FILE, with the one that `actlab grade` used."
)
ANOTHER_SECRET = "{out} was graded under another secret than this one: give the file that `actlab grade` used."
NOTHING_LOST = "{student} lost no points. Name an exercise to see its cases, such as `actlab explain {student} {name}`."
OTHER_JUDGE = "it was graded by another version of actlab than this one: run `actlab grade` again, then this."
SAME_JUDGE = "by the same version of actlab, so the answer depends on chance, on time or on what ran before it."
CUT = "The code was too long to be kept whole, so it may do something else here than when it was graded."


class Option(NamedTuple):
    """One option of a multiple choice, under the letter that the student saw and the course's own."""

    letter: str
    original: str
    text: str
    chosen: bool
    right: bool


class Lines(NamedTuple):
    """Some code: the number of its cell, that of its first line there, and its lines."""

    cell: int
    first: int
    lines: list[str]


@dataclass(frozen=True)
class Item:
    """One name explained.

    recorded: its result in the gradebook.  changed: what is other now.  counted: the cases, wrong ones first.
    unsaid: what is to be known of them.  options: of a multiple choice.  answer: what was given there.
    code: the student's.  again: whether it defines the name more than once.  reference: the course's.
    notebook: the name of the file that runs the cases; "" where there is nothing to run.
    """

    exercise: Exercise
    recorded: Result
    changed: str = ""
    counted: list[Counted] = field(default_factory=list)
    unsaid: str = ""
    options: list[Option] = field(default_factory=list)
    answer: str = ""
    code: list[Lines] = field(default_factory=list)
    reference: list[str] = field(default_factory=list)
    again: bool = False
    notebook: str = ""

    @property
    def wrong(self) -> int:
        """How many cases are wrong."""
        return len({one.number for one in self.counted if not one.right})

    @property
    def many(self) -> int:
        """How many cases there are."""
        return len({one.number for one in self.counted})

    @property
    def seen(self) -> tuple[str, str]:
        """What was told: the sentence, and the cause."""
        return told(self.recorded)


@dataclass(frozen=True)
class Explained:
    """What was written: a page, and a notebook for each name that can be run."""

    page: Path
    notebooks: list[Path]
    items: list[Item]


def explain(
    out: Path,
    student: str,
    name: str = "",
    secret: bytes | None = None,
    to: Path | None = None,
    kind: str = "bubblewrap",
) -> Explained:
    """Write the page of one student and its notebooks: for one name, or for all that lost points.

    out: the folder of grades.  student: an id of its gradebook.  secret: where the gradebook does not keep it.
    to: the folder to write to.  kind: of the sandbox.
    Errors: CourseError with what to do.
    """
    book, cells, number, secret, until = read(out, student, secret)
    job = job_of(book, cells, number, secret, kind)
    which = _which(book, asked(job), name)
    require(kind)
    folder = to or out / "explain"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stem = pages.file_name(book.student)
    items, notebooks = [], []
    for item, made in explained(job, book, which, stem):
        items.append(item)
        if made:
            notebooks.append(folder / item.notebook)
            replace(notebooks[-1], made, 0o600)
    page = folder / f"{stem}_{name}.html" if name else folder / f"{stem}.html"
    homework = course.lesson(number).title
    cut = CUT if rows.fingerprint(cells) != book.code else ""
    late = until if until and datetime.now() < until else None
    html = pages.render("explain.html.j2", grade=book, items=items, homework=homework, cut=cut, until=late)
    replace(page, html.encode("utf-8", "backslashreplace"), 0o600)
    return Explained(page, notebooks, items)


def read(out: Path, student: str, secret: bytes | None) -> tuple[Grade, tuple[str, ...], int, bytes, datetime | None]:
    """What the gradebook says: the row, its cells, the number of its homework, the secret and the deadline."""
    if not (out / NAME).is_file():
        raise CourseError(f"{out} holds no gradebook: give the folder that `actlab grade` wrote, as --out.")
    with Gradebook(out) as book:
        row = _row(list(book.grades()), student, rosters.loads(book.found(ROSTER) or b""))
        cells = book.cells(row.student)
        homework = (book.found("homework") or PRACTICE.name.encode()).decode()
        under = book.found(GRADED_UNDER)
        deadline = (book.found("deadline") or b"").decode()
        kept = secret or book.found("secret")
    if row.status != "graded":
        raise CourseError(NOT_GRADED.format(student=quoted(row.student), status=row.status, sentence=row.sentence))
    if not cells or not row.judge:
        raise CourseError(NO_CODE.format(student=quoted(row.student)))
    if kept is None or fingerprint(kept).encode() != under:
        raise CourseError((ANOTHER_SECRET if secret else WHICH_SECRET).format(out=out))
    until = datetime.fromisoformat(deadline) if deadline else None
    return row, cells, course.homework(homework).number, kept, until


def job_of(row: Grade, cells: tuple[str, ...], number: int, secret: bytes, kind: str) -> Job:
    """What was judged for a row, on the terms on which it was.  number: of the homework.  kind: of the sandbox."""
    terms = Terms(key(secret, row.student), row.limit, kind, number)
    return Job(row.student, cells, terms, row.orders, row.instance)


def _row(known: Sequence[Grade], student: str, roster: Roster | None) -> Grade:
    """The row of an id, in whatever way its letters are composed, or of whom the roster calls so.

    Errors: CourseError with the ids that are near it.
    """
    person = roster.person(student, student) if roster else None
    for wanted in [student, person.id] if person else [student]:
        for row in known:
            if unicodedata.normalize("NFC", row.student) == unicodedata.normalize("NFC", wanted):
                return row
    if person:
        raise CourseError(
            f"{quoted(person.id)} is on the roster and handed in nothing, so there is nothing to explain."
        )
    near = _near(student, [row.student for row in known])
    raise CourseError(f"nobody is called {quoted(student)} in this gradebook{near}")


def _which(row: Grade, exercises: Sequence[Exercise], name: str) -> list[tuple[Exercise, Result]]:
    """What is to be explained, each with its result.  Errors: CourseError."""
    recorded = {result.name: result for result in row.results}
    known = [(exercise, recorded[exercise.name]) for exercise in exercises if exercise.name in recorded]
    if name:
        found = [pair for pair in known if name in (pair[0].name, pair[0].id)]
        if not found:
            near = _near(name, [exercise.name for exercise, _ in known])
            raise CourseError(f"nothing is called {quoted(name)} in this homework{near}")
        return found
    lost = [pair for pair in known if pair[1].points < pair[1].max_points]
    if not lost:
        example = known[0][0].name if known else "NAME"
        raise CourseError(NOTHING_LOST.format(student=quoted(row.student)[1:-1], name=example))
    return lost


def _near(wanted: str, known: Sequence[str]) -> str:
    """A question whether one of the known names is meant; a full stop where none is near."""
    by_folded = {folded(one): one for one in known}
    alike = get_close_matches(folded(wanted), by_folded, SIMILAR)
    return f"; did you mean {' or '.join(quoted(by_folded[one]) for one in alike)}?" if alike else "."


def explained(
    job: Job, row: Grade, which: list[tuple[Exercise, Result]], stem: str
) -> Iterator[tuple[Item, bytes | None]]:
    """Each name explained, with the notebook that runs its cases.  stem: how the names of these files begin."""
    tapes: dict[str, Tape] = {}
    try:
        outcome = judge(job, lambda exercise, call: tapes.setdefault(exercise.id, Tape(call)))
    except Stumbled as stumbled:
        raise CourseError(f"{stumbled}") from None
    now = {result.name: result for result in outcome.results}
    known = excerpt.statements(job.cells)
    code = {exercise.id: excerpt.needed(known, exercise.name) for exercise, _ in which}
    tried = {
        exercise.id: _tried(exercise, tapes[exercise.id], job)
        for exercise, recorded in which
        if _answered(recorded) and exercise.id in tapes  # none where the judge stumbled before it asked
    }
    alone = _alone(job, known, [(task, code[task.id], cases) for task, _ in which if (cases := tried.get(task.id))])
    for exercise, recorded in which:
        again = sum(exercise.name in one.binds for one in code[exercise.id]) > 1
        changed = _changed(recorded, now[exercise.name], row)
        item = Item(exercise, recorded, changed, code=_lines(code[exercise.id]), again=again)
        cases = tried.get(exercise.id)
        if isinstance(exercise, Choice):
            yield _chosen(item, exercise, tapes[exercise.id]), None
        elif not _answered(recorded):
            yield _with(item, unsaid="Nothing is written yet, so nothing counted."), None
        elif cases:
            assert isinstance(exercise, Task)
            cells, same = alone[exercise.id]
            found = _with(
                item,
                counted=sorted(counted(exercise, cases), key=lambda one: one.right),
                unsaid=_unsaid(cases),
                reference=_reference(exercise),
                notebook=f"{stem}_{exercise.name}.ipynb",
            )
            yield found, rerun.notebook(job.student, exercise, cells, cases, same)
        else:
            yield _with(item, unsaid="The judge itself stumbled over this answer, so there are no cases to show."), None


def _answered(recorded: Result) -> bool:
    return recorded.status is not Status.NOT_ATTEMPTED


def _tried(exercise: Exercise, tape: Tape, job: Job) -> list[Tried]:
    """The cases that counted, with what came; none of a multiple choice, and none where the judge stumbles."""
    with suppress(Exception):
        if isinstance(exercise, Task):
            return trials(exercise, tape.again, cases_rng(job.terms.key, exercise.id))
    return []


def _with(item: Item, **more: Any) -> Item:
    return Item(**{**vars(item), **more})


class Tape:
    """A call that keeps what came, and gives it again."""

    def __init__(self, call: Call):
        self.call, self.came = call, deque[tuple[Any, set]]()

    def __call__(self, *args: Any) -> Any:
        with learner.noting() as noted:
            try:
                value = self.call(*args)
            except Trouble as trouble:
                value = trouble.with_traceback(None)
        self.came.append((value, noted))
        return self._given(value, noted)

    def again(self, *args: Any) -> Any:
        """What came, call by call, in the same order."""
        return self._given(*self.came.popleft())

    @staticmethod
    def _given(value: Any, noted: set) -> Any:
        learner.note([*noted])
        if isinstance(value, Trouble):
            raise value
        return value


def _changed(recorded: Result, now: Result, row: Grade) -> str:
    """What to say where the points are not those that are recorded."""
    if (recorded.status, recorded.parts) == (now.status, now.parts):
        return ""
    why = SAME_JUDGE if row.judge == version.digest().hex()[:16] else OTHER_JUDGE
    return f"Recorded are {recorded.points} of {recorded.max_points} points, and now it earns {now.points}: {why}"


def _alone(
    job: Job, known: list[Statement], answers: list[tuple[Any, list[Statement], list[Tried]]]
) -> dict[str, tuple[list[str], bool]]:
    """For each exercise, cells that define the answer, and whether they give what was graded.

    They are the statements that its name needs; where those do not do, all statements.  What did not come back is not
    run again.
    """
    found, doubtful = {}, []
    for task, code, tried in answers:
        found[task.id] = (_sources(code or known), True)
        if not any(one.trouble and one.trouble.kind in (Kind.TIME, Kind.ENDED) for one in tried):
            doubtful.append((task, [not one.trouble for one in tried]))
    together = {(one.cell, one.line): one for _, code, _ in answers for one in code}
    for some in ([together[place] for place in sorted(together)], known):
        verdicts = _verdicts([task for task, _ in doubtful], job, _sources(some))
        doubtful = [(task, graded) for task, graded in doubtful if verdicts.get(task.id) != graded]
        for task, _ in doubtful:
            found[task.id] = (_sources(known), some is not known)
    return found


def _sources(some: Iterable[Statement]) -> list[str]:
    return [source for _, source in excerpt.in_cells(some)]


def _verdicts(tasks: Sequence[Task], job: Job, cells: Sequence[str]) -> dict[str, list[bool]]:
    """Which of the cases that counted are right where these cells alone were run, by the exercise's id."""
    prepared = ("import numpy as np\n" + inspect.getsource(comparing.Absent), *cells)
    found: dict[str, list[bool]] = {}
    with Session(prepared, job.terms.seconds, job.terms.sandbox) as session:
        for task in tasks:
            with suppress(Exception):  # what the judge stumbles over
                tried = trials(*counting(task, session, job))
                found[task.id] = [not one.trouble for one in tried]
    return found


def _chosen(item: Item, asked: Choice, tape: Tape) -> Item:
    """The letter that was given, among the options as the student saw them."""
    answer: Any = None
    letter, said = "", ""
    try:
        answer = tape.again()
        letter = letter_of(asked, answer)
    except Trouble as trouble:
        said = trouble.sentence
    options = [
        Option(one, asked.originally(one), words, one == letter, one in asked.right)
        for one, words in asked.options.items()
    ]
    given = shortened(answer, 40) if isinstance(answer, str) else ""
    return _with(item, options=options, answer=given, unsaid=shortened(said, LONGEST_SAID))


def _unsaid(tried: list[Tried]) -> str:
    last = tried[-1].trouble
    if last and last.kind is Kind.TIME:
        return "It took too long on the last of these cases; those after it were not tried, and their parts not earned."
    return ""


def _reference(task: Task) -> list[str]:
    """The lines of what computes the right results, where it is a function with a name, after what it uses."""
    reference = inspect.unwrap(task.reference)
    if not inspect.isfunction(reference) or reference.__name__ == "<lambda>" or isinstance(task, Numbers):
        return []
    with suppress(OSError, TypeError):
        uses = [] if reference.__closure__ else [text for text in rerun.used(reference).values() if "def " in text]
        own = textwrap.dedent(inspect.getsource(reference))
        texts = dict.fromkeys(text.strip("\n") for text in [*uses, own])
        return "\n\n\n".join(texts).splitlines()[:MOST_LINES]
    return []


def _lines(code: Iterable[Statement]) -> list[Lines]:
    """The code as a page shows it, bounded."""
    left = MOST_LINES
    found: list[Lines] = []
    for one in code:
        lines = [shortened(line, LONGEST_LINE) for line in one.source.splitlines()[:left]]
        left -= len(lines)
        if lines and found and found[-1].cell == one.cell and found[-1].first + len(found[-1].lines) == one.line:
            found[-1].lines.extend(lines)
        elif lines:
            found.append(Lines(one.cell, one.line, lines))
    return found


def summary(item: Item) -> str:
    """One line for the terminal."""
    points = f"{item.exercise.name}: {item.recorded.points} of {item.recorded.max_points} points"
    if item.recorded.status is Status.NOT_ATTEMPTED or not item.counted:
        return f"{points}, {item.recorded.status}"
    return f"{points}, {item.wrong} of {item.many} cases wrong"
