"""The lecture plans of docs/teaching as data: minutes, questions and replies, homework.

A plan is Markdown to be read as it stands. "The plan" is a table of minutes, "Before you reveal it" has a paragraph for
each question, of which every line has its place; whatever else a plan says is free. Faults: `file:line: sentence`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from actlab.publish import executed
from actlab.publish.source import SourceError

FOLDER = Path("docs") / "teaching"


@dataclass(frozen=True)
class Step:
    """A section of the lesson in class.  minutes: by version, such as {"45 min": 6}, where it has any."""

    section: str
    minutes: dict[str, int]
    happens: str


@dataclass(frozen=True)
class Question:
    """What is asked before a reveal.  replies: pairs of what they say and what to reply.  markdown: all of it."""

    section: str
    replies: tuple[tuple[str, str], ...]
    then: str
    markdown: str


@dataclass(frozen=True)
class Plan:
    """How one lesson is taught.

    title, opening: what stands above its first section.  versions: columns of minutes, such as "45 min".
    """

    title: str
    opening: str
    versions: tuple[str, ...]
    steps: tuple[Step, ...]
    questions: tuple[Question, ...]
    homework: str

    def notes(self, heading: str) -> str:
        """What a lecturer wants to see at a section, as Markdown; nothing where the plan says nothing."""
        said = []
        for step in self.steps:
            if _begins(heading, step.section):
                timed = ", ".join(f"{version}: {step.minutes.get(version, '–')}" for version in self.versions)
                said.append(f"**{timed}** · {step.happens}")
        return "\n\n".join(said + [asked.markdown for asked in self.questions if _begins(heading, asked.section)])


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
    for title in ("The plan", "Before you reveal it", "Homework"):
        if not parts.get(title):
            raise SourceError(path, 1, f"a plan needs a section `## {title}`.")
    title, _, opening = top.removeprefix("# ").partition("\n")
    try:
        versions, steps = _table(parts["The plan"].split("\n"))
        questions = tuple(_question(paragraph) for paragraph in re.split(r"\n\n+", parts["Before you reveal it"]))
    except _Fault as fault:
        row, sentence = fault.args
        raise SourceError(path, text.split("\n").index(row) + 1, sentence) from None
    return Plan(title, opening.strip(), versions, steps, questions, parts["Homework"])


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
    section, dot, _ = asked.removeprefix("**").partition(" · “")
    if not dot:
        raise _Fault(asked, "a question begins with its section: **2.3 · “…?”**")
    replies, then = [], ""
    for row in rows:
        kind, _, said = row.partition(": ")
        says, dash, reply = said.partition(" — reply: ")
        if kind == "- They say" and dash:
            replies.append((says, reply))
        elif kind == "- Then":
            then = said
        else:
            raise _Fault(row, "here belongs what they say, `- They say: … — reply: …`, or the reveal, `- Then: …`.")
    if not replies or not then:
        raise _Fault(asked, "this question needs what they say, with a reply, and the reveal, `- Then: …`.")
    return Question(section, tuple(replies), then, paragraph)


def _begins(heading: str, section: str) -> bool:
    return re.match(rf"{re.escape(section)}(?![\w.])", heading) is not None
