"""The homework of one student: other worked numbers, another order of the options.

Whatever differs is derived from a secret and the student's id, so a grader that knows both asks for the same exercises
again. Nothing here depends on the version of a random generator.
"""

import hashlib
import hmac
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises.model import EXERCISES, Exercise, lesson

Pick = Callable[..., Any]


def read_secret(path: Path) -> bytes:
    """The secret, without the blanks around it."""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise CourseError(f"the secret {path} cannot be read: {error.strerror}.") from None
    if not secret:
        raise CourseError(f"the secret {path} is empty: put a long random text into it, and keep it.")
    return secret


def personal(secret: bytes, student: str) -> dict[str, Exercise]:
    """All exercises by id, those of the practice notebook as this student gets them."""
    own = {e.id: e.personal(_pick(secret, student, e.id)) for e in lesson(PRACTICE.number)}
    return EXERCISES | own


def parameters(secret: bytes, student: str) -> dict[str, Any]:
    """The values of the notebook's parameters cell for this student."""
    pick = _pick(secret, student, "parameters")
    return {name: pick(*choices) for name, choices in PRACTICE.parameters.items()}


def cases_rng(secret: bytes, student: str, exercise: str) -> np.random.Generator:
    """The generator of the cases that one student's answer is judged on."""
    return np.random.default_rng(_number(secret, student, exercise, "cases"))


def _pick(secret, student, topic) -> Pick:
    """pick(*choices), whose k-th call depends on secret, student, topic and k."""
    calls = count()

    def pick(*choices):
        return choices[_number(secret, student, topic, str(next(calls))) % len(choices)]

    return pick


def _number(secret, *words) -> int:
    message = "".join(f"{len(word)}:{word}" for word in words)
    return int.from_bytes(hmac.new(secret, message.encode(), hashlib.sha256).digest(), "big")
