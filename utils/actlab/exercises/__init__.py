"""The course's exercises: what is asked, the reference, the cases, the known wrong answers; one module per lesson."""

from actlab.exercises import lesson00, lesson01, lesson02, lesson03, lesson04, lesson05, lesson06, lesson07, practice
from actlab.exercises.engine import (
    EXERCISES,
    Case,
    Choice,
    Draws,
    Exercise,
    Measure,
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

LESSONS = {
    0: lesson00.TITLE,
    1: lesson01.TITLE,
    2: lesson02.TITLE,
    3: lesson03.TITLE,
    4: lesson04.TITLE,
    5: lesson05.TITLE,
    6: lesson06.TITLE,
    7: lesson07.TITLE,
    practice.LESSON: practice.TITLE,
}

__all__ = [
    "EXERCISES",
    "LESSONS",
    "Case",
    "Choice",
    "Draws",
    "Exercise",
    "Measure",
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
