"""The written answers of a notebook: found by the cell that asks, by its heading, or by the place it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from actlab.course import HOMEWORKS
from actlab.handout import claims

if TYPE_CHECKING:
    from actlab.grading.notebook import Cell

MANY = max(question.number for homework in HOMEWORKS for question in homework.questions)
"""The highest number of a question: a written answer is called by it, also where one before it is left out."""
MAX_ANSWERS = 20
MAX_LENGTH = 20_000
UNANSWERED = "YOUR ANSWER HERE"
_ID = re.compile(r"written_(\d)")
_HEADING = re.compile(r"\s*+#{1,6}\s*In your own words\b[^\n]*", re.IGNORECASE)
_ASKED = [question.written for homework in HOMEWORKS for question in homework.questions if question.written]
_QUESTION = re.compile(
    "|".join(
        [r"\s*+" + r"\s+".join(map(re.escape, text.split())) for text in _ASKED]
        + [r"\s*+[^\n]*\? Three or four sentences(?:; a person reads them)?\."]
    )
)
_PLACEHOLDER = re.compile(rf"[*_]{{0,3}}{UNANSWERED}[*_]{{0,3}}")
_SECTION = re.compile(r"\s*+#{1,6}\s*Question (\d)\b")
_LAST = re.compile(r"\s*+#{1,6}\s*Where you stand\b")
_CHECK = re.compile(r"\s*check\(\s*[\"']q(\d)_reason[\"']")


def collected(cells: Iterable[Cell]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The answers, one for each question and "" where there is none, and what may be one but belongs to no question.

    An answer is all that a learner wrote in the cell that asks, and in text cells of their own directly below it.
    The cell is known by its id, else by its heading, else by following the check of the question's letter.
    """
    cells = list(cells)
    placed: dict[int, list[str]] = {}
    loose: list[str] = []
    ids_hold = any(cell.handed_out for cell in cells)
    section = here = letter = headings = 0
    for cell in cells:
        number = _numbered(cell)
        if cell.kind == "code" and not number:
            here, letter = 0, _number(_CHECK.match(cell.text))
            continue
        if not number and _HEADING.match(cell.text):
            headings += 1
            number = section or headings
        given = not number and (cell.handed_out or _is_the_courses(cell.text))
        here = 0 if given else number or here or letter
        letter = 0
        if given:
            section = _number(_SECTION.match(cell.text)) or section
        elif 1 <= here <= MANY:
            placed.setdefault(here, []).append(_own(cell.text))
        elif ids_hold or number:
            loose.append(_own(cell.text))
    answers = tuple("\n\n".join(filter(None, placed.get(k, ())))[:MAX_LENGTH] for k in range(1, MANY + 1))
    unplaced = tuple(text[:MAX_LENGTH] for text in loose if text)
    return answers, () if all(answers) else unplaced[: MAX_ANSWERS - MANY]


def _is_the_courses(text: str) -> bool:
    """Whether the text alone shows that a learner was given it."""
    return bool(_SECTION.match(text) or _LAST.match(text) or next(claims(text[:MAX_LENGTH]), None))


def _numbered(cell: Cell) -> int:
    return _number(_ID.fullmatch(cell.grade_id) or _ID.fullmatch(cell.id))


def _number(found: re.Match[str] | None) -> int:
    return int(found[1]) if found else 0


def _own(text: str) -> str:
    """What is left without the heading, the question and the placeholder."""
    text = text[: 2 * MAX_LENGTH]
    for given in (_HEADING, _QUESTION):
        if found := given.match(text):
            text = text[found.end() :]
    return (_PLACEHOLDER.sub("", text) if UNANSWERED in text else text).strip()
