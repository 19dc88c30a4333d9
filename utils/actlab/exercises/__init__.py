"""The course's exercises: what is asked, the reference, the cases, the known wrong answers; one topic a module."""

from importlib import import_module

from actlab import course
from actlab.exercises import sealed
from actlab.exercises.cases import pointwise, quarters
from actlab.exercises.judging import evaluate, heard, trials, unfit, unpack
from actlab.exercises.model import (
    EXERCISES,
    Case,
    Choice,
    Draws,
    Exercise,
    Measure,
    Misdefined,
    Numbers,
    Result,
    Row,
    Score,
    Status,
    Task,
    challenge,
    exercise,
    lesson,
    practice,
)

__all__ = [
    "EXERCISES",
    "Case",
    "Choice",
    "Draws",
    "Exercise",
    "Measure",
    "Misdefined",
    "Numbers",
    "Result",
    "Row",
    "Score",
    "Status",
    "Task",
    "challenge",
    "evaluate",
    "exercise",
    "heard",
    "lesson",
    "pointwise",
    "practice",
    "quarters",
    "trials",
    "unfit",
    "unpack",
]


def _complete() -> None:
    """Have every topic define its exercises, and put them into the course's order.

    Errors: Misdefined where the course asks what no topic defines, and where a topic defines what is not asked.
    """
    import_module("actlab.exercises.topics")
    if sealed.FILE.exists():
        EXERCISES.update({exercise.id: exercise for exercise in sealed.read(EXERCISES)})
    else:
        import_module("actlab.exercises.drawn")
    asked = [id for lesson in course.LESSONS for id in lesson.exercises]
    if missing := [id for id in asked if id not in EXERCISES]:
        raise Misdefined(f"course.py asks {', '.join(missing)}, which no module of exercises/topics defines.")
    if idle := [id for id in EXERCISES if id not in asked]:
        raise Misdefined(f"{course.unasked(idle[0])}.")
    ordered = {id: EXERCISES[id] for id in asked}
    EXERCISES.clear()
    EXERCISES.update(ordered)


_complete()
