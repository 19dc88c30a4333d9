"""What a learner calls: `check("q2_sigmoid", sigmoid)` says whether the function is right, and if not, what is not."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from actlab import learner, progress
from actlab.exercises import EXERCISES, Choice, Result, Row, evaluate
from actlab.figures import static_output

MARKS = {"right": "✓", "partly": "◐", "wrong": "✗", "not attempted": "○", "not checked": "○"}
COLOURS = {"right": "#00795A", "partly": "#7A5200", "wrong": "#B3261E"}
OPEN = "#4C5B6B"
PRAISE = "Right on every input we drew."
UNGIVEN = object()

CARD = (
    "border-left:6px solid {colour};padding:8px 16px;margin:4px 0;font-size:15px;line-height:1.5;"
    "color:var(--jp-content-font-color1, currentColor);background:var(--jp-layout-color1, transparent)"
)
BADGE = "background:{colour};color:#FFFFFF;border-radius:4px;padding:2px 8px;font-weight:600"
CELL = (
    "padding:2px 24px 2px 0;text-align:left;border:0;"
    "font-family:var(--jp-code-font-family, monospace);font-size:14px;color:inherit"
)
HEAD = "padding:2px 24px 2px 0;text-align:left;border:0;font-size:14px;font-weight:600;color:inherit"


@dataclass(frozen=True)
class Feedback:
    """What `check` answers: shown as a card in a notebook and as the same words in a terminal.

    status: "right", "partly", "wrong", "not attempted", or "not checked" where `check` was called in an odd way.
    """

    status: str
    title: str
    sentences: tuple[str, ...]
    score: str = ""
    rows: tuple[Row, ...] = ()
    section: str = ""

    def __repr__(self):
        lines = [" · ".join(filter(None, (self._badge, self.title, self.score)))]
        first, *others = [*self.sentences, ""]
        lines += [first, *_aligned(self.rows), *others]
        if self.section:
            lines.append(f"Section that helps: {self.section}")
        return "\n".join(filter(None, lines))

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self._html(), "text/plain": repr(self)}

    @property
    def _badge(self):
        return f"{MARKS[self.status]} {self.status}{' yet' * (self.status == 'not attempted')}"

    def _html(self):
        colour = COLOURS.get(self.status, OPEN)
        heading = " · ".join(filter(None, (f"<strong>{_marked_up(self.title)}</strong>", self.score)))
        first, *others = [f'<div style="margin-top:6px">{_marked_up(text)}</div>' for text in self.sentences] or [""]
        parts = [
            f'<div><span style="{BADGE.format(colour=colour)}">{self._badge}</span> &nbsp;{heading}</div>',
            first,
            _html_table(self.rows),
            *others,
        ]
        if self.section:
            anchor = html.escape(self.section.replace(" ", "-"), quote=True)
            link = f'<a href="#{anchor}" style="color:inherit;text-decoration:underline">{_marked_up(self.section)}</a>'
            parts.append(f'<div style="margin-top:6px">Section that helps: {link}</div>')
        return f'<div role="status" style="{CARD.format(colour=colour)}">{"".join(parts)}</div>'


def check(exercise=UNGIVEN, answer=UNGIVEN, *, rng=None) -> Feedback:
    """Check an answer and show what came out; make it the last line of a cell.

    exercise: its id, such as "q2_sigmoid".  answer: your function, or the letter you choose.
    rng: generator or seed of the inputs to try; new ones each time by default, except while notebooks are built.
    """
    if exercise is UNGIVEN or not isinstance(exercise, str):
        example = answer if isinstance(answer, str) and answer in EXERCISES else "q2_sigmoid"
        name = EXERCISES[example].name
        return _advice(f'The exercise comes first, in quotes, then your answer: `check("{example}", {name})`.')
    if exercise not in EXERCISES:
        near = get_close_matches(exercise, EXERCISES, 3, 0.5) or list(EXERCISES)
        return _advice(f"There is no exercise “{exercise}”. Did you mean {' or '.join(f'`{id}`' for id in near)}?")
    asked = EXERCISES[exercise]
    if isinstance(asked, Choice):
        if answer is UNGIVEN:
            return _advice(f'Your letter goes second: `check("{exercise}", "…")`.')
        return _told(evaluate(asked, lambda: answer))
    if answer is UNGIVEN or not callable(answer):
        return _advice(f'Your function itself goes second, without brackets: `check("{exercise}", {asked.name})`.')
    if rng is None and static_output():
        rng = 0
    return _told(evaluate(asked, partial(learner.call, answer), rng), _mixed_up(asked, answer))


def _told(result: Result, note: str = "") -> Feedback:
    saved = progress.record(result)
    right = result.status == "right"
    sentence = result.sentence.removeprefix("○ not attempted yet: ")
    sentence = sentence[:1].upper() + sentence[1:] + "." * (bool(sentence) and sentence[-1] not in ".?!")
    cause = (
        f"It looks like {result.cause.rstrip('?')}{'?' if result.cause.endswith('?') else '.'}" if result.cause else ""
    )
    return Feedback(
        result.status,
        result.title,
        tuple(filter(None, (sentence or PRAISE, cause, "" if right else note, saved))),
        f"{result.points} of {result.max_points} points",
        result.failing,
        result.section if result.status in ("wrong", "partly") else "",
    )


def _mixed_up(asked, answer) -> str:
    """A function that another exercise asks for is probably the wrong one."""
    name = getattr(answer, "__name__", "")
    others = {e.name for e in EXERCISES.values()} - {asked.name}
    return f"This exercise asks for `{asked.name}`, and you handed over `{name}`." if name in others else ""


def _advice(sentence) -> Feedback:
    return Feedback("not checked", "How to check", (sentence,))


def _aligned(rows) -> list[str]:
    if not rows:
        return []
    table = [Row._fields, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["    " + "   ".join(map(str.ljust, row, widths)).rstrip() for row in table]


def _html_table(rows) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col" style="{HEAD}">{name}</th>' for name in Row._fields)
    cells = ("".join(f'<td style="{CELL}">{html.escape(text)}</td>' for text in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    style = "border-collapse:collapse;margin:6px 0 0 0;color:inherit"
    return f'<table style="{style}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _marked_up(text) -> str:
    """Escaped HTML with `code` and *emphasis* set."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    return re.sub(r"\*(\w+)\*", r"<em>\1</em>", text)
