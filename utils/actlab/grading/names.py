"""Names that are asked for and not there: what stands in their place, and which notebook this may be instead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from difflib import SequenceMatcher

from actlab.course import LESSONS, Lesson, asked_in
from actlab.course import lesson as lesson_of
from actlab.exercises import EXERCISES
from actlab.exercises import lesson as exercises_of
from actlab.grading.definitions import defined, methods
from actlab.grading.shown import Shown

CLOSE = 0.8
SHORT = 4
HARDLY_ANY = 0.1
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOISE = {"my", "the", "fn", "func", "function", "fun", "student", "own", "new", "np", "numpy", "impl", "v"}
_SYNONYMS = dict.fromkeys(("prime", "grad", "gradient", "gradients", "deriv", "der", "d", "diff"), "derivative")
_SYNONYMS |= dict.fromkeys(("answer", "letter", "choice"), "reason")
_NUMBERED = re.compile(r"(\d\d)\b")


def hints(code: Iterable[str], in_text: Collection[str], number: int) -> list[str]:
    """A sentence for each name that the lesson asks for, that is not there, and that something near it stands for.

    code: the sources of the code cells.  in_text: names that other cells define.  number: the lesson's.
    """
    text = "\n".join(code)
    there = defined(text)
    asked = [exercise.name for exercise in exercises_of(number)]
    missing = [name for name in asked if name not in there]
    inside = methods(text) if missing else {}
    near = _near(missing, sorted(there - {exercise.name for exercise in EXERCISES.values()}))
    said = []
    for name in missing:
        if name in in_text:
            said.append(f"`{name}` stands in a text cell, which is not run: make it a code cell.")
        elif name in inside:
            said.append(f"`{name}` stands inside `{inside[name]}`: put it at the left margin, outside of the class.")
        elif name in near:
            said.append(f"There is `{near[name]}`; did you mean `{name}`?")
    return said


def about(seen: Shown, number: int) -> str:
    """What the notebook looks like where it does not look like the one that is asked for; "" where it does."""
    asked = lesson_of(number)
    if seen.assignment and seen.assignment != asked.name:
        return f"This is the hand-out “{seen.assignment}”, not “{asked.name}”."
    names = {exercise.name for exercise in exercises_of(number)}
    there = len(names.intersection(seen.defines))
    other = _looks_like(seen, asked)
    if other and 2 * there < len(names):
        return f"This looks like lesson {other.label}, not like {asked.label}."
    if there <= HARDLY_ANY * len(names) and not set(seen.asks).intersection(asked.exercises):
        which = f"{there} of the {len(names)} names that are asked for"
        return f"This does not look like the notebook {asked.label}: it defines {which}."
    return ""


def _looks_like(seen: Shown, asked: Lesson) -> Lesson | None:
    """Another lesson: the one that most of the checks belong to, or that the title names where nothing is checked."""
    checked = Counter(asked_in(id).number for id in seen.asks)
    if checked:
        number = max(checked, key=lambda number: (checked[number], number == asked.number))
    else:
        titled = _NUMBERED.match(seen.title)
        number = int(titled[1]) if titled else asked.number
    return next((one for one in LESSONS if one.number == number != asked.number), None)


def _near(missing: Sequence[str], there: Sequence[str]) -> dict[str, str]:
    """The nearest of the names that are there for each one that is missing; each is used once, the nearest first."""
    pairs = ((_likeness(name, other), name, other) for name in missing for other in there)
    found: dict[str, str] = {}
    for likeness, name, other in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        if likeness >= CLOSE and name not in found and other not in found.values():
            found[name] = other
    return found


def _likeness(name: str, other: str) -> float:
    """1 where two names say the same, 0 where their numbers differ or one is short, else how alike they are."""
    a, b = _said(name), _said(other)
    if a == b:
        return 1.0
    digits, others = (re.findall(r"\d", word) for word in (a, b))
    if digits != others or len(a) <= SHORT:
        return 0.0
    matcher = SequenceMatcher(None, a, b)
    return matcher.ratio() if matcher.quick_ratio() >= CLOSE else 0.0


def _said(name: str) -> str:
    """A name without capitals, underscores and words that say nothing, its synonyms made one, "derivative" last."""
    words = [_SYNONYMS.get(part.lower(), part.lower()) for part in _PARTS.findall(name)]
    words = [word for word in words if word not in _NOISE] or words
    if words[1:] and words[-1].isdigit():  # gelu2
        words.pop()
    return "".join(sorted(words, key=lambda word: word == "derivative"))
