"""How much a homework asks: its questions and points in words, and whether the points add up."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actlab.course import HOMEWORKS, Lesson
from actlab.words import spelled

OFF = (
    "The {name} adds up to {points} points, not {meant}: {which}. Change `points` of an exercise in "
    "exercises/topics, or of the question in course.py."
)


def points_of(homework: Lesson, exercises: Mapping[str, Any]) -> int:
    """The points of all questions of a homework together."""
    return _sum(homework.exercises, exercises)


def points(number: int, written: str = "") -> str:
    """2 points; with the number as it is to be written, if not in digits."""
    return f"{written or number} point{'' if number == 1 else 's'}"


def questions(homework: Lesson) -> str:
    """five questions."""
    many = len(homework.questions)
    return f"{spelled(many)} question{'' if many == 1 else 's'}"


def extent(homework: Lesson) -> str:
    """Five questions, 100 points."""
    return f"{questions(homework).capitalize()}, {points(homework.points)}"


def subject(lesson: Lesson) -> str:
    """What a lesson answers, and how much it asks where it is a homework."""
    return f"{lesson.question} {extent(lesson)}" if lesson.is_homework else lesson.question


def unbalanced(exercises: Mapping[str, Any], homeworks: Sequence[Lesson] = HOMEWORKS) -> Iterator[str]:
    """A sentence for each homework whose points are not those that course.py gives its questions."""
    for homework in homeworks:
        sums = {question: _sum(question.asks, exercises) for question in homework.questions}
        off = [f"question {q.number} to {many}, not {q.points}" for q, many in sums.items() if many != q.points]
        if off:
            total = sum(sums.values())
            yield OFF.format(name=homework.name, points=total, meant=homework.points, which=", ".join(off))


def _sum(ids: Sequence[str], exercises: Mapping[str, Any]) -> int:
    return sum(exercises[id].points for id in ids if id in exercises)
