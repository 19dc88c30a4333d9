"""The multiple choices and predictions of the lessons, taken from where they are asked, as HTML with formulas.

Formulas stand between `\\(` and `\\)`, or `\\[` and `\\]`, where the MathJax of Moodle and of Canvas looks for them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actlab.course import LESSONS, Lesson
from actlab.errors import CourseError
from actlab.exercises.model import Choice
from actlab.publish import executed
from actlab.publish.source import Source, read_source

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_HEADING = re.compile(r"#+ .*\n+")


@dataclass(frozen=True)
class Option:
    """One thing to choose.  text, feedback: HTML; feedback is for whoever chooses it."""

    text: str
    feedback: str
    right: bool


@dataclass(frozen=True)
class Item:
    """One question.

    id: letters, digits, `_`, `.` and `-`; the same whenever it is exported.  lesson: number and title of its lesson.
    title: plain text.  question: HTML.  options: two to eight; one of them is right, or several, each of which earns
    the points.
    """

    id: str
    lesson: str
    title: str
    question: str
    options: tuple[Option, ...]
    points: int


def items(
    root: Path,
    exercises: Mapping[str, Any],
    lessons: Iterable[Lesson] = (),
    predictions: bool = True,
    homework: bool = False,
) -> list[Item]:
    """The questions of the lessons at `root`, in their order.

    lessons: which; all when none is named.  predictions: whether they come beside the multiple choices.
    homework: whether those of graded homework come too; what every hand-out draws anew never does.
    Errors: CourseError where homework is named and does not come, or where nothing is left; SourceError.
    """
    named = tuple(lessons)
    if graded := [lesson.label for lesson in named if lesson.is_homework and not homework]:
        raise CourseError(f"{graded[0]} is graded, and the file holds answers: add --with-homework if you mean it.")
    found: list[Item] = []
    for lesson in named or LESSONS:
        if homework or not lesson.is_homework:
            source = read_source(root / "solutions" / f"{lesson.stem}.py", exercises)
            found += _predictions(lesson, source) if predictions else []
            found += _choices(lesson, source, exercises)
    if not found:
        raise CourseError("these lessons ask no such question: name others, or none for all.")
    return found


def typeset(markdown: str) -> str:
    """Markdown with formulas as HTML.  A link within the course becomes its words."""
    return _markdown().render(executed.with_links(markdown, lambda target: False)).strip()


def _predictions(lesson: Lesson, source: Source) -> Iterable[Item]:
    taken: Counter[str] = Counter()
    for heading, prediction in source.predictions:
        name = executed.called(lesson.stem, heading, taken)
        nth = name.removeprefix(executed.called(lesson.stem, heading, Counter())).replace("_", " ")
        options = tuple(
            Option(f"<p>{one.html}</p>", typeset("\n\n".join(one.reply)), one.right) for one in prediction.options
        )
        question = _place(heading) + typeset("\n\n".join(prediction.question))
        yield Item(f"predict_{name}", lesson.label, f"{heading}, prediction{nth}", question, options, 1)


def _choices(lesson: Lesson, source: Source, exercises: Mapping[str, Any]) -> Iterable[Item]:
    for cell in source.cells:
        asked = exercises.get(cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_prompt"))
        if not isinstance(asked, Choice) or asked.drawn or not cell.metadata.nbgrader.grade_id.endswith("_prompt"):
            continue
        listed = "".join(f"- ({letter}) {text}\n" for letter, text in asked.options.items()).rstrip("\n")
        prompt = _HEADING.sub("", cell.source.replace(listed, ""), count=1)
        options = tuple(
            Option(
                typeset(text),
                typeset(asked.why if letter in asked.right else asked.hints[letter]),
                letter in asked.right,
            )
            for letter, text in asked.options.items()
        )
        question = _place(asked.section) + typeset(prompt)
        yield Item(asked.id, lesson.label, asked.title, question, options, asked.points)


def _place(section: str) -> str:
    """Where a question belongs, since on its own it cannot point at what stands above it."""
    return f"<p><em>{escape(section, quote=False)}</em></p>\n"


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    dollarmath_plugin(made, allow_labels=False, double_inline=True)
    for rule, mark in (("math_inline", r"\({}\)"), ("math_inline_double", r"\[{}\]"), ("math_block", r"<p>\[{}\]</p>")):
        made.add_render_rule(rule, _formula(mark))
    return made


def _formula(mark: str) -> Callable[..., str]:
    def shown(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
        return mark.replace("{}", escape(tokens[place].content.strip(), quote=False))

    return shown
