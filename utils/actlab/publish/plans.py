"""The lecture plans of docs/teaching as data: minutes, questions and replies, homework.

A plan is Markdown to be read as it stands. "The plan" is a table of minutes, "Before you reveal it" has a paragraph for
each question, of which every line has its place; whatever else a plan says is free. Faults: `file:line: sentence`.

A prediction of the lesson is a question of its plan: `write` puts it there, with what each option is told. Such a
paragraph has a line `- Right: (c) …`. All others, and what comes after the reveal, `- Then: …`, are the lecturer's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actlab.files import replace
from actlab.publish import executed
from actlab.publish.predictions import Option, Prediction
from actlab.publish.source import OPTIONAL, Source, SourceError, read_source

FOLDER = Path("docs") / "teaching"
ASKED = "## Before you reveal it\n\n"
UNWRITTEN = "…"
READ = ("The plan", "Before you reveal it", "Homework")
"""The sections that every plan has."""

_ASKS = re.compile(r"\*\*(.+?) · “(.+)”\*\*(?: \((\d+)\))?")
_WRITTEN = re.compile(r"- (They say|Right): \([a-h]\) ")
_INSTEAD = re.compile(r"(\d+\.\d+): “([^”]*)”")
_BOLD = re.compile(r"(`[^`]*`)|\*\*")
_SPECIAL = re.compile(r"(`[^`]*`)|([*_<\[\]])")


@dataclass(frozen=True)
class Step:
    """A section of the lesson in class.  minutes: by version, such as {"45 min": 6}, where it has any."""

    section: str
    minutes: dict[str, int]
    happens: str


@dataclass(frozen=True)
class Question:
    """What is asked before a reveal.

    words: as they are asked.  version: the only one in which it is asked, such as "90 min", if it is one alone.
    replies: pairs of what they say and what to reply.  right: the option that comes out, if it is a prediction of the
    lesson.  markdown: all of it.
    """

    section: str
    words: str
    version: str
    replies: tuple[tuple[str, str], ...]
    right: str
    then: str
    markdown: str

    def answers(self) -> str:
        """What follows the question, for the slide on which it stands: Markdown."""
        return self.markdown.partition("\n")[2]


@dataclass(frozen=True)
class Plan:
    """How one lesson is taught.

    title, opening: what stands above its first section.  versions: columns of minutes, such as "45 min".
    instead: what to say in the place of a section that is left out, by its number.
    rest: what the plan says besides, Markdown.
    """

    title: str
    opening: str
    versions: tuple[str, ...]
    steps: tuple[Step, ...]
    questions: tuple[Question, ...]
    homework: str
    instead: dict[str, str]
    rest: str = ""

    def longest(self) -> str:
        """The version that takes most of the lesson."""
        return max(self.versions, key=lambda version: sum(step.minutes.get(version, 0) for step in self.steps))

    def step(self, heading: str) -> Step | None:
        """What the plan's table says of a section, if it does."""
        return next((step for step in self.steps if is_called(heading, step.section)), None)

    def asked(self, heading: str) -> list[Question]:
        """The questions of a section."""
        return [asked for asked in self.questions if is_called(heading, asked.section)]

    def timed(self, step: Step) -> str:
        """The minutes of a step in every version."""
        return ", ".join(f"{version}: {step.minutes.get(version, '–')}" for version in self.versions)

    def notes(self, heading: str) -> str:
        """What a lecturer wants to see at a section, as Markdown; nothing where the plan says nothing."""
        said = [f"**{self.timed(step)}** · {step.happens}" for step in self.steps if is_called(heading, step.section)]
        return "\n\n".join(said + [asked.markdown for asked in self.asked(heading)])


def read(root: Path) -> dict[str, Plan]:
    """The plans of the course at `root` by the number of their lesson, such as "02".  Errors: SourceError."""
    numbers = [path.name[:2] for path in executed.lessons(root)]
    return {number: read_plan(root / FOLDER / f"{number}.md") for number in numbers}


def read_plan(path: Path) -> Plan:
    """One lesson's plan.  Errors: SourceError."""
    if not path.exists():
        raise SourceError(path, 1, "this lesson has no plan yet; the other ones show how it is laid out.")
    text = path.read_text(encoding="utf-8")
    top, *pieces = text.split("\n## ")
    parts = {title: part.strip() for title, _, part in (piece.partition("\n") for piece in pieces)}
    for title in READ:
        if not parts.get(title):
            raise SourceError(path, 1, f"a plan needs a section `## {title}`.")
    title, _, opening = top.removeprefix("# ").partition("\n")
    try:
        versions, steps = _table(parts["The plan"].split("\n"))
        questions = tuple(_question(paragraph) for paragraph in re.split(r"\n\n+", parts["Before you reveal it"]))
    except _Fault as fault:
        row, sentence = fault.args
        raise SourceError(path, text.split("\n").index(row) + 1, sentence) from None
    free = "\n\n".join(f"## {name}\n\n{part}" for name, part in parts.items() if name not in READ)
    instead = dict(_INSTEAD.findall(parts.get("Skip, and say so", "")))
    return Plan(title, opening.strip(), versions, steps, questions, parts["Homework"], instead, free)


def write(paths: Iterable[Path], root: Path, exercises: Mapping[str, Any]) -> None:
    """Put the predictions of some lessons, by their sources, into their plans.  Errors: SourceError."""
    for plan, text in _written(paths, root, exercises):
        if text != plan.read_text(encoding="utf-8"):
            replace(plan, text.encode())


def stale(paths: Iterable[Path], root: Path, exercises: Mapping[str, Any]) -> list[Path]:
    """The plans that do not ask what their lessons ask.  Errors: SourceError."""
    return [plan for plan, text in _written(paths, root, exercises) if text != plan.read_text(encoding="utf-8")]


def _written(paths: Iterable[Path], root: Path, exercises: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        plan = root / FOLDER / f"{path.name[:2]}.md"
        if plan.exists():
            yield plan, with_predictions(plan.read_text(encoding="utf-8"), read_source(path, exercises))


def with_predictions(text: str, lesson: Source) -> str:
    """A plan's text that asks what its lesson asks.

    Whatever the lecturer wrote stays: questions of their own, and what follows each reveal, even where the words of a
    question have changed. A question that the lesson asks no more becomes one of theirs.
    """
    above, begins, rest = text.partition(ASKED)
    asked, ends, below = rest.partition("\n## ")
    old = [_Paragraph(paragraph) for paragraph in re.split(r"\n\n+", asked.strip("\n")) if paragraph]
    new = [
        (_number(heading), _first_row(heading, prediction), prediction) for heading, prediction in lesson.predictions
    ]
    if not begins or (not new and not any(one.written for one in old)):
        return text
    before = _paired(old, [(section, row) for section, row, _ in new])
    headings = [cell.source[3:] for cell in lesson.cells if cell.source.startswith("## ")]
    sections = dict.fromkeys([*map(_number, headings), *(one.section for one in old)])
    said = []
    for section in sections:
        waiting = [
            _paragraph(row, prediction, before[number].own if number in before else [])
            for number, (place, row, prediction) in enumerate(new)
            if place == section
        ]
        for one in old:
            if one.section == section and one not in before.values():
                said.append("\n".join(one.as_own))
            elif one.section == section and waiting:
                said.append(waiting.pop(0))
        said += waiting
    return above + begins + "\n\n".join(said) + "\n" + ends + below


class _Paragraph:
    """A question as it stands in a plan: which of its rows are the lecturer's, and whether the lesson asks it."""

    def __init__(self, text: str):
        self.first, *self.rows = text.split("\n")
        self.section = self.first.removeprefix("**").partition(" · “")[0]
        self.written = any(row.startswith("- Right: ") for row in self.rows)
        self.own = [row for row in self.rows if not _WRITTEN.match(row)]

    @property
    def as_own(self) -> list[str]:
        """Its rows, as a question that the lesson does not ask."""
        return [self.first, *(row for row in self.rows if not row.startswith("- Right: "))]


def _paired(old: list[_Paragraph], new: list[tuple[str, str]]) -> dict[int, _Paragraph]:
    """For the number of each prediction its paragraph: the one of the same words, else the next one of its section.

    new: section and first row of each.
    """
    left, pairs = [one for one in old if one.written], {}
    for key in (lambda section, row: row.partition(" · ")[2], lambda section, row: section):
        for number, place in enumerate(new):
            found = next((one for one in left if key(one.section, one.first) == key(*place)), None)
            if found and number not in pairs:
                pairs[number] = found
                left.remove(found)
    return pairs


def _paragraph(first: str, prediction: Prediction, own: list[str]) -> str:
    wrong = (option for option in prediction.options if not option.right)
    replies = [
        f"- They say: {_said(one)} — reply: {' '.join(one.reply).replace('$$', '$')}{_rests(one)}" for one in wrong
    ]
    right = f"- Right: {_said(prediction.right)}{_rests(prediction.right)}"
    return "\n".join([first, *replies, right, *(own or [f"- Then: {UNWRITTEN}"])])


def _first_row(heading: str, prediction: Prediction) -> str:
    question = _BOLD.sub(lambda found: found[1] or "", " ".join(prediction.question))
    return f"**{_number(heading)} · “{question}”**"


def _said(option: Option) -> str:
    """An option as Markdown, in which nothing but its code is marked up."""
    text = _SPECIAL.sub(lambda found: found[1] or f"\\{found[2]}", option.text)
    return f"({option.letter}) {text}"


def _rests(option: Option) -> str:
    return "".join(f" <!-- verdict: {name} -->" for name in dict.fromkeys(option.verdicts))


def _number(heading: str) -> str:
    """What a plan calls a section: its number, or its heading where it has none."""
    numbered = re.match(r"\d+(\.\d+)*", heading)
    return numbered[0] if numbered else heading.splitlines()[0].removesuffix(OPTIONAL)


class _Fault(Exception):
    """A row of a plan, and what is wrong with it."""


def _table(rows: list[str]) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    """The versions and the steps of a table, whose last row adds the minutes up."""
    head, *entries = ([cell.strip() for cell in row[1:-1].split("|")] for row in rows)
    versions, steps = tuple(head[1:-1]), []
    for row, cells in zip(rows, [head, *entries], strict=True):
        if len(rows) < 4 or not row.startswith("|") or len(cells) != len(head):
            raise _Fault(
                row,
                "the plan is one table: section, minutes for each version, what happens, and a last row with the sums.",
            )
    *entries, (_, *sums, _) = entries[1:]
    for row, (section, *minutes, happens) in zip(rows[2:-1], entries, strict=True):
        if not all(entry.isdigit() or entry == "–" for entry in minutes):
            raise _Fault(row, "minutes are a whole number, or – in a version without this section.")
        timed = {version: int(entry) for version, entry in zip(versions, minutes, strict=True) if entry != "–"}
        steps.append(Step(section, timed, happens))
    for version, said in zip(versions, sums, strict=True):
        total = sum(step.minutes.get(version, 0) for step in steps)
        if not f"{total} min" == f"{said.strip('*')} min" == version:
            raise _Fault(rows[-1], f"the minutes of {version} add up to {total}.")
    return versions, tuple(steps)


def _question(paragraph: str) -> Question:
    asked, *rows = paragraph.split("\n")
    asks = _ASKS.match(asked)
    if not asks:
        raise _Fault(asked, "a question begins with its section: **2.3 · “…?”**")
    replies, right, then = [], "", ""
    for row in rows:
        kind, _, said = row.partition(": ")
        says, dash, reply = said.partition(" — reply: ")
        if kind == "- They say" and dash:
            replies.append((says, reply))
        elif kind == "- Right":
            right = said
        elif kind == "- Then" and said != UNWRITTEN:
            then = said
        elif kind == "- Then":
            raise _Fault(asked, "what do you show, once they have answered? Write it after `- Then:`.")
        else:
            raise _Fault(row, "here belongs what they say, `- They say: … — reply: …`, or the reveal, `- Then: …`.")
    if not replies or not then:
        raise _Fault(asked, "this question needs what they say, with a reply, and the reveal, `- Then: …`.")
    version = f"{asks[3]} min" if asks[3] else ""
    return Question(asks[1], asks[2], version, tuple(replies), right, then, paragraph)


def is_called(heading: str, section: str) -> bool:
    """Whether a heading is that of a section, which is called by its number or its first words."""
    return re.match(rf"{re.escape(section)}(?![\w.])", heading) is not None
