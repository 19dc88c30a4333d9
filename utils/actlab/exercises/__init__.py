"""The course's exercises: what is asked, the reference, the cases, the known wrong answers; one module per lesson."""

from actlab.exercises import lesson00, lesson01, lesson02
from actlab.exercises.engine import (
    EXERCISES,
    Case,
    Choice,
    Exercise,
    Result,
    Row,
    Score,
    Task,
    evaluate,
    exercise,
    lesson,
    pointwise,
    quarters,
    unpack,
)

LESSONS = {0: lesson00.TITLE, 1: lesson01.TITLE, 2: lesson02.TITLE}

__all__ = [
    "EXERCISES",
    "LESSONS",
    "Case",
    "Choice",
    "Exercise",
    "Result",
    "Row",
    "Score",
    "Task",
    "evaluate",
    "exercise",
    "lesson",
    "pointwise",
    "quarters",
    "unpack",
]
