"""The homework of one student: other worked numbers, another order of the options.

Whatever differs is derived from a secret and the student's id, so a grader that knows both asks for the same exercises
again. Nothing here depends on the version of a random generator.

A hand-out shows whom it was made for, and a fingerprint of the secret and that id: whoever holds the secret can tell
whether the two belong together, and nobody else can make them up.
"""

import codecs
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from actlab.course import PRACTICE, Lesson
from actlab.errors import CourseError
from actlab.exercises.model import EXERCISES, Choice, Exercise, lesson
from actlab.handout import Claim

Pick = Callable[..., Any]

SHORTEST = 16
MAKE_ONE = "make one with `actlab secret > my.key`, keep it, and give it to nobody"
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before the two bytes that it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_WORDS = re.compile(r"(?:[^\W\d_]+[\W_]*){1,3}\d{0,8}[\W_]*")


def read_secret(path: Path, shortest: int = SHORTEST) -> bytes:
    """The secret: the text of the file in UTF-8, without a byte-order mark and the blanks around it.

    Errors: CourseError for a file that cannot be read, and for one of fewer than `shortest` bytes.
    """
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise CourseError(f"the secret {path} cannot be read: {error.strerror}.") from None
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if secret.startswith(mark):
            try:
                secret = secret.decode(encoding).encode()
                break
            except UnicodeError:  # no text: the mark is chance
                continue
    secret = secret.strip()
    if not secret:
        raise CourseError(f"the secret {path} is empty: put a long random text into it, or {MAKE_ONE}.")
    if len(secret) < shortest:
        raise CourseError(too_short(secret))
    return secret


def new_secret() -> str:
    """A secret that nobody can guess, as text."""
    return secrets.token_hex(32)


def too_short(secret: bytes) -> str:
    """What to say of a secret below `SHORTEST`."""
    return f"the secret has {len(secret)} bytes and needs at least {SHORTEST}, or it can be guessed: {MAKE_ONE}."


def can_be_guessed(secret: bytes) -> bool:
    """Whether it looks like a few words and a year, which a program tries in no time."""
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return False
    return len(set(text)) < 8 or bool(_WORDS.fullmatch(text))


def fingerprint(secret: bytes, student: str = "") -> str:
    """8 hexadecimal digits, which a hand-out shows: of the secret and the student; "" is everybody."""
    return f"{_number(secret, 'fingerprint', student):064x}"[:8]


def claim(secret: bytes, student: str) -> Claim:
    """What a student's hand-out says of itself; "" is everybody."""
    return Claim(student, fingerprint(secret, student))


def personal(secret: bytes, student: str, homework: Lesson = PRACTICE) -> dict[str, Exercise]:
    """All exercises by id, those of the homework as this student gets them.

    "" is everybody: the options stand as they do in the course.
    Errors: CourseError for an exercise that cannot be varied.
    """
    return EXERCISES | {exercise.id: _own(exercise, secret, student) for exercise in lesson(homework.number)}


def orders(secret: bytes, student: str, homework: Lesson = PRACTICE) -> dict[str, str]:
    """How the options of each multiple choice stand in this student's notebook, by the exercise's id."""
    choices = [exercise for exercise in lesson(homework.number) if isinstance(exercise, Choice) and student]
    return {choice.id: _own(choice, secret, student).order for choice in choices}


def instance(secret: bytes, student: str) -> str:
    """The code of what is drawn anew for each student; "" is everybody under this secret."""
    return f"{_number(secret, 'instance', student):064x}"[:16]


def _own(exercise: Any, secret: bytes, student: str) -> Any:
    try:
        drawn = exercise.of_instance(instance(secret, student))
        return drawn.personal(_pick(secret, student, exercise.id)) if student else drawn
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        why = f"{type(error).__name__}: {error}"
        raise CourseError(
            f"`{exercise.id}` cannot be varied for “{student}” ({why}): mend its definition in exercises/topics."
        ) from error


def parameters(secret: bytes, student: str, homework: Lesson = PRACTICE) -> dict[str, Any]:
    """The values of the notebook's parameters cell for this student; "" gets the course's."""
    if not student:
        return {name: choices[0] for name, choices in homework.parameters.items()}
    pick = _pick(secret, student, "parameters")
    return {name: pick(*choices) for name, choices in homework.parameters.items()}


def key(secret: bytes, student: str) -> bytes:
    """What stands for the secret where one student is judged: it tells nothing of the secret or of other students."""
    return _number(secret, "key", student).to_bytes(32, "big")


def cases_rng(key: bytes, exercise: str, use: str = "cases") -> np.random.Generator:
    """The generator of the cases for one student's answer, from the student's key; each use draws others."""
    return np.random.default_rng(_number(key, exercise, use))


def _pick(secret, student, topic) -> Pick:
    """pick(*choices), whose k-th call depends on secret, student, topic and k."""
    calls = count()

    def pick(*choices):
        return choices[_number(secret, student, topic, str(next(calls))) % len(choices)]

    return pick


def _number(secret, *words) -> int:
    message = "".join(f"{len(word)}:{word}" for word in words)
    return int.from_bytes(hmac.new(secret, message.encode(), hashlib.sha256).digest(), "big")
