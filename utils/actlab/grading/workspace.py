"""The written answers as a page on which they are read and scored: anonymous, in no order that tells whose they are.

Equal answers are one card, scored once. The page saves `adjust_written.csv`, which the next run reads.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from actlab.course import Lesson, Question, asked_in
from actlab.grading.adjust import EVERYBODY, Change, What
from actlab.grading.gradebook import Grade
from actlab.grading.pages import TEMPLATES, digest, render
from actlab.grading.rubrics import rubric
from actlab.grading.standing import Rules, Standing
from actlab.grading.typeset import is_plain, typeset
from actlab.sheets import guarded

FILE = "adjust_written.csv"
SCRIPT = "written.js"
LONG = 1_200
"""Characters, or `LONG_LINES` lines, from which on an answer is clipped until somebody wants more of it."""
LONG_LINES = 14
MOST = 5.0
"""The points of a full answer where neither the class nor a rubric says."""


class Given(NamedTuple):
    """What is in force for one student and item.  points: None where there is a comment alone.  said: as written."""

    points: float | None
    comment: str
    reason: str
    said: str


@dataclass(frozen=True)
class Card:
    """What is scored together.

    number: of the question that it answers, 0 where nobody knows.  students: who wrote this, or nothing.
    given: what is in force for each of them.  open: numbers of the questions that it may answer, where nobody knows.
    """

    number: int
    text: str
    students: tuple[str, ...]
    given: tuple[Given | None, ...]
    open: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """What stays the same from run to run, and gives the order: it tells nothing of the student or the answer."""
        whose = self.students if not self.number else ()
        told = "\0".join([f"{self.number}", _alike(self.text), *whose])
        return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def page(standings: Sequence[Standing], rules: Rules) -> str:
    """The page of a class, with what is in force already."""
    homework = asked_in(rules.exercises[0].id)
    asked = [question for question in homework.questions if question.written]
    left, kept = _in_force(standings, rules, {_item(question.number) for question in asked})
    rows = [one.grade for one in standings if one.grade.written or one.grade.unplaced]
    loose = _unplaced(rows, asked, left)
    placed = [_placed(rows, question.number, left) for question in asked]
    shown = [*(card for cards in placed for card in cards), *loose]
    names = {one.student: one.name for one in standings}
    students = {student: at for at, student in enumerate(sorted({one for card in shown for one in card.students}))}
    script = (TEMPLATES / SCRIPT).read_text(encoding="utf-8")
    data = {
        "file": FILE,
        "homework": homework.name,
        "students": [[guarded(student), _called(student, names[student])] for student in students],
        "questions": [_question(homework, question, rules.adjustments.most) for question in asked],
        "cards": [_of_card(card, asked, students) for card in shown],
        "kept": kept + [_line(student, item, given) for (student, item), given in sorted(left.items())],
    }
    return render(
        "written.html.j2",
        homework=homework.title,
        file=FILE,
        questions=[(question, typeset(question.written), cards) for question, cards in zip(asked, placed, strict=True)],
        loose=loose,
        typeset=typeset,
        is_plain=is_plain,
        is_long=_is_long,
        data=json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        script=script,
        scripts=[digest(script)],
    )


def _in_force(
    standings: Sequence[Standing], rules: Rules, items: set[str]
) -> tuple[dict[tuple[str, str], Given], list[list[str]]]:
    """(student, item) -> what is in force for whoever has a standing; and the lines about everybody else."""
    about = [
        change
        for change in rules.adjustments.changes
        if change.item in items and change.student != EVERYBODY and change.what in (What.POINTS, What.COMMENT)
    ]
    about.sort(key=lambda change: change.what is What.POINTS)  # points go before a comment alone
    theirs = {change: one.student for one in standings for change in one.own}
    given = {(theirs[change], change.item): _given(change) for change in about if change in theirs}
    return given, [_line(change.student, change.item, _given(change)) for change in about if change not in theirs]


def _given(change: Change) -> Given:
    points = change.value if change.what is What.POINTS else None
    return Given(points, change.comment, change.reason, change.points)


def _line(student: str, item: str, given: Given) -> list[str]:
    return [guarded(student), item, given.said, given.comment, given.reason]


def _placed(rows: Sequence[Grade], number: int, left: dict[tuple[str, str], Given]) -> list[Card]:
    """The cards of a question: equal answers together, in their order; who wrote nothing comes last.

    left: what is in force and has no card yet.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for grade in rows:
        text = _answer(grade, number)
        groups.setdefault(_alike(text), []).append((grade.student, text))
    cards = []
    for alike in groups.values():
        students = tuple(student for student, _ in alike)
        cards.append(Card(number, alike[0][1], students, tuple(_taken(left, one, number) for one in students)))
    return sorted(cards, key=lambda card: (not card.text, card.key))


def _unplaced(rows: Sequence[Grade], asked: Sequence[Question], left: dict[tuple[str, str], Given]) -> list[Card]:
    """A card for each text that belongs to no question, with the questions to which its student wrote nothing.

    What is in force for such a question belongs to the first of these texts.
    """
    cards = []
    for grade in rows:
        free = tuple(one.number for one in asked if not _answer(grade, one.number))
        given = [number for number in free if (grade.student, _item(number)) in left]
        for at, text in enumerate(one for one in grade.unplaced if one.strip()):
            number = given[at] if at < len(given) else 0
            open = (number, *(one for one in free if one != number)) if number else free
            cards.append(Card(0, text, (grade.student,), (_taken(left, grade.student, number),), open))
    return sorted(cards, key=lambda card: card.key)


def _taken(left: dict[tuple[str, str], Given], student: str, number: int) -> Given | None:
    return left.pop((student, _item(number)), None)


def _answer(grade: Grade, number: int) -> str:
    return grade.written[number - 1].strip() if number <= len(grade.written) else ""


def _alike(text: str) -> str:
    """What two texts have in common that differ in blanks and capitals alone."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _item(number: int) -> str:
    return f"written_{number}"


def _called(student: str, name: str) -> str:
    return f"{student} ({name})" if name and name != student else student


def _is_long(text: str) -> bool:
    return len(text) > LONG or text.count("\n") >= LONG_LINES


def _question(homework: Lesson, question: Question, most: Mapping[str, float]) -> dict[str, Any]:
    credits = rubric(homework, question.number)
    item = _item(question.number)
    return {
        "item": item,
        "number": question.number,
        "most": most.get(item) or sum(credit.points for credit in credits) or MOST,
        "credits": credits,
    }


def _of_card(card: Card, asked: Sequence[Question], students: Mapping[str, int]) -> dict[str, Any]:
    """What the script has to know of a card: questions by their place among those that are asked."""
    places = {question.number: place for place, question in enumerate(asked)}
    return {
        "key": card.key,
        "question": places.get(card.number, -1),
        "empty": not card.text,
        "open": [places[number] for number in card.open],
        "students": [students[student] for student in card.students],
        "given": card.given,
    }
