"""What a learner calls: `check("q2_sigmoid", sigmoid)` says whether the function is right, and if not, what is not."""

from __future__ import annotations

import contextlib
import html
import io
import os
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from typing import Any

from actlab import learner, progress, threads
from actlab.course import PRACTICE, Lesson, homework
from actlab.exercises import EXERCISES, Choice, Exercise, Numbers, Result, Row, Status, evaluate, unfit
from actlab.exercises import lesson as exercises_of
from actlab.exercises.words import told
from actlab.figures import static_output
from actlab.learner import marked_up
from actlab.libraries import missing
from actlab.look import LIGHT
from actlab.tables import Look, Table
from actlab.words import sentence

COLOURS: dict[str, str] = {Status.RIGHT: LIGHT.right, Status.PARTLY: LIGHT.partly, Status.WRONG: LIGHT.wrong}
OPEN = LIGHT.muted
NOT_CHECKED = "not checked"
NOTED = "noted"
NOTED_WHAT = "{what} is noted. Whether it is right is said when your homework is graded."
PRAISE = "Right on every input we drew."
UNCOUNTED = "Where homework is graded there is no `{library}`: what it computes earns no points."
UNGIVEN = object()

_latest: dict[str, Result] = {}
_for_grading: set[str] = set()

threads.keep_to_one()  # whoever checks is a learner in a notebook, and every notebook checks


class NotEarned(AssertionError):
    """A check in a notebook that nbgrader runs, where no points are earned; what a learner would have read."""


CARD = (
    "border-left:6px solid {colour};padding:8px 16px;margin:4px 0;font-size:15px;line-height:1.5;"
    "color:var(--jp-content-font-color1, currentColor);background:var(--jp-layout-color1, transparent)"
)
BADGE = f"background:{{colour}};color:{LIGHT.paper};border-radius:4px;padding:2px 8px;font-weight:600"
CELL = (
    "padding:2px 24px 2px 0;text-align:left;border:0;"
    "font-family:var(--jp-code-font-family, monospace);font-size:14px;color:inherit"
)
HEAD = "padding:2px 24px 2px 0;text-align:left;border:0;font-size:14px;font-weight:600;color:inherit"
FAILING = Look("border-collapse:collapse;margin:6px 0 0 0;color:inherit", CELL, HEAD, first=None, prose=False)
POINTS = Look(
    "border-collapse:collapse;margin:0;color:var(--jp-content-font-color1, currentColor)",
    "padding:4px 20px 4px 0;text-align:left;vertical-align:top;border:0;font-size:15px",
    first=";font-weight:normal;white-space:nowrap",
)


@dataclass(frozen=True)
class Feedback:
    """What `check` answers: shown as a card in a notebook and as the same words in a terminal.

    status: "right", "partly", "wrong", "not attempted"; "noted" where grading decides; or "not checked" where `check`
    was called in an odd way.
    section: what to read again; in this notebook, unless `lesson` names another one.
    points: what was earned.  earned: the same, only where nbgrader reads them from the cell's plain text.
    """

    status: str
    title: str
    sentences: tuple[str, ...]
    score: str = ""
    rows: tuple[Row, ...] = ()
    section: str = ""
    points: int = 0
    earned: int | None = None
    lesson: str = ""

    @property
    def _help(self) -> str:
        return "Lesson that helps" if self.lesson else "Section that helps"

    def __repr__(self) -> str:
        lines = [" · ".join(filter(None, (self._badge, self.title, self.score)))]
        first, *others = [*self.sentences, ""]
        lines += [first, *(f"    {line}" for line in self._failing.lines(gap=3) if self.rows), *others]
        if self.section:
            lines.append(f"{self._help}: {self.section}")
        return "\n".join(filter(None, lines))

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self._html(), "text/plain": repr(self) if self.earned is None else f"{self.earned}"}

    @property
    def _failing(self) -> Table:
        return Table(Row._fields, self.rows, look=FAILING)

    @property
    def _badge(self) -> str:
        return self.status.label if isinstance(self.status, Status) else f"○ {self.status}"

    def _html(self) -> str:
        colour = COLOURS.get(self.status, OPEN)
        heading = " · ".join(filter(None, (f"<strong>{marked_up(self.title)}</strong>", self.score)))
        first, *others = [f'<div style="margin-top:6px">{marked_up(text)}</div>' for text in self.sentences] or [""]
        parts = [
            f'<div><span style="{BADGE.format(colour=colour)}">{self._badge}</span> &nbsp;{heading}</div>',
            first,
            self._failing.markup() if self.rows else "",
            *others,
        ]
        if self.section:
            target = html.escape(self.lesson or "#" + self.section.replace(" ", "-"), quote=True)
            link = f'<a href="{target}" style="color:inherit;text-decoration:underline">{marked_up(self.section)}</a>'
            parts.append(f'<div style="margin-top:6px">{self._help}: {link}</div>')
        return f'<div role="status" style="{CARD.format(colour=colour)}">{"".join(parts)}</div>'


def check(exercise=UNGIVEN, answer=UNGIVEN, *, rng=None, order="", instance="", exam=False) -> Feedback:
    """Check an answer and show what came out; make it the last line of a cell.

    Never raises for a wrong answer, except where nbgrader grades or validates the notebook: there a cell without
    points must fail, and one with points must show their number.

    exercise: its id, such as "q2_sigmoid".  answer: your function, or the letter you choose.
    rng: generator or seed of the inputs to try; new ones each time by default, except while notebooks are built.
    order: how this notebook arranges the options of a multiple choice.  instance: the code of what this notebook asks.
    exam: whether the answer is only noted, and judged by grading.
    """
    if not os.environ.get("NBGRADER_EXECUTION"):
        return _checked(exercise, answer, rng, order, instance, exam)
    with contextlib.redirect_stderr(io.StringIO()):  # nbgrader takes a word on stderr for a failure
        feedback = _checked(exercise, answer, rng, order, instance, exam)
    if not feedback.points:
        raise NotEarned(repr(feedback))
    return replace(feedback, earned=feedback.points)


def summary(name: str = PRACTICE.name) -> Points:
    """Points for each question of a homework, and what is left, as the latest checks in this notebook saw it."""
    asked = homework(name)
    return Points({e.id: _latest.get(e.id) for e in exercises_of(asked.number)}, asked, frozenset(_for_grading))


@dataclass(frozen=True)
class Points:
    """The standing in a homework.  results: id -> the latest Result, None where there is none.

    noted: ids of what is left to the grading.
    """

    results: dict[str, Result | None]
    homework: Lesson = PRACTICE
    noted: frozenset[str] = frozenset()

    def cells(self) -> list[tuple[str, ...]]:
        """Header, one row for each question, and the total."""
        rows = [("Question", "Points", "Left")]
        for question in self.homework.questions:
            asked = [EXERCISES[id] for id in question.asks]
            left = ", ".join(filter(None, map(self._left, asked)))
            rows.append((question.heading, self._points(asked), left or "✓ complete"))
        return [*rows, ("Together", self._points(exercises_of(self.homework.number)), "")]

    def _points(self, asked: list[Exercise]) -> str:
        judged = [e for e in asked if e.id not in self.noted]
        earned = sum(r.points for e in judged if (r := self.results[e.id]))
        noted = sum(e.points for e in asked) - sum(e.points for e in judged)
        said = f"{earned} of {sum(e.points for e in judged)}" if judged else ""
        return ", ".join(filter(None, (said, f"{noted} noted" if noted else "")))

    def _left(self, asked: Exercise) -> str:
        result = self.results[asked.id]
        if asked.id in self.noted:
            return ""
        status = result.status if result else Status.NOT_ATTEMPTED
        return "" if status is Status.RIGHT else f"{status.glyph}\N{NO-BREAK SPACE}{asked.name}"

    def __repr__(self) -> str:
        return repr(self._table())

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self._table()._repr_mimebundle_()

    def _table(self) -> Table:
        head, *rows = self.cells()
        return Table(head, rows, look=POINTS)


def _checked(exercise: Any, answer: Any, rng: Any, order: str, instance: str, exam: bool) -> Feedback:
    if exercise is UNGIVEN or not isinstance(exercise, str):
        example = answer if isinstance(answer, str) and answer in EXERCISES else "q2_sigmoid"
        name = EXERCISES[example].name
        return _advice(f'The exercise comes first, in quotes, then your answer: `check("{example}", {name})`.')
    if exercise not in EXERCISES:
        near = get_close_matches(exercise, EXERCISES, 3, 0.5) or list(EXERCISES)
        return _advice(f"There is no exercise “{exercise}”. Did you mean {' or '.join(f'`{id}`' for id in near)}?")
    asked = EXERCISES[exercise]
    try:
        return _judged(asked.of_instance(instance) if instance else asked, answer, rng, order, exam)
    except Exception as error:
        return _advice(
            f"The check itself stumbled ({type(error).__name__}: {error}). Has a cell overwritten something in "
            "NumPy itself? Restart the kernel and run the cells from the top."
        )


def _judged(asked: Exercise, answer: Any, rng: Any, order: str, exam: bool) -> Feedback:
    exercise = asked.id
    if isinstance(asked, Choice):
        if order:
            try:
                asked = asked.reordered(order)
            except ValueError:
                return _advice("The order of the options was changed: put the check back as it was handed out.")
        if answer is UNGIVEN:
            return _advice(f'Your letter goes second: `check("{exercise}", "…")`.')
        return _noted(asked, lambda: answer) if exam or asked.sealed else _feedback(evaluate(asked, lambda: answer))
    if isinstance(asked, Numbers):
        if answer is UNGIVEN:
            return _advice(f'What you found goes second: `check("{exercise}", {asked.name})`.')
        return _noted(asked, lambda: answer) if exam or asked.sealed else _feedback(evaluate(asked, lambda: answer))
    if answer is UNGIVEN or not callable(answer):
        return _advice(f'Your function itself goes second, without brackets: `check("{exercise}", {asked.name})`.')
    if rng is None and static_output():
        rng = 0
    if exam or asked.sealed:
        return _noted(asked, partial(learner.call, answer))
    result = evaluate(asked, partial(learner.call, answer), rng)
    return _feedback(result, _mixed_up(asked, answer), _uncounted(asked, answer))


def _noted(asked: Exercise, call: Any) -> Feedback:
    """What an answer is told that grading alone judges: whether it can be read."""
    trouble = unfit(asked, call)
    if trouble is None:
        _for_grading.add(asked.id)
        return Feedback(NOTED, asked.title, (NOTED_WHAT.format(what=f"`{asked.name}`"),))
    status = Status.NOT_ATTEMPTED if trouble.kind is learner.Kind.STUB else NOT_CHECKED
    return Feedback(status, asked.title, (sentence(trouble.sentence),))


def _feedback(result: Result, note: str = "", warning: str = "") -> Feedback:
    saved = progress.record(result)
    _latest[result.id] = result
    asked = EXERCISES[result.id]
    section, lesson = (asked.reading.label, asked.reading.file) if asked.question else (result.section, "")
    seen, cause = told(result)
    return Feedback(
        result.status,
        result.title,
        tuple(filter(None, (seen or PRAISE, cause, "" if result.status is Status.RIGHT else note, warning, saved))),
        f"{result.points} of {result.max_points} points",
        result.failing,
        section if result.status in (Status.WRONG, Status.PARTLY) else "",
        result.points,
        lesson=lesson,
    )


def _mixed_up(asked: Exercise, answer: object) -> str:
    """A function that another exercise asks for is probably the wrong one."""
    name = getattr(answer, "__name__", "")
    others = {e.name for e in EXERCISES.values()} - {asked.name}
    return f"This exercise asks for `{asked.name}`, and you handed over `{name}`." if name in others else ""


def _uncounted(asked: Exercise, answer: object) -> str:
    """Homework that relies on a library which grading lacks may be right here, and still earn nothing."""
    library = missing(answer) if asked.question else ""
    return UNCOUNTED.format(library=library) if library else ""


def _advice(what: str) -> Feedback:
    return Feedback(NOT_CHECKED, "How to check", (what,))
