"""The cases that counted, line by line: what went in, what came, what is right, how far off that is and may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from actlab.exercises import Draws, Numbers, Task
from actlab.exercises.judging import Tried
from actlab.exercises.model import close
from actlab.exercises.words import clearest, given, number, text
from actlab.grading import rerun
from actlab.grading.outcome import shortened
from actlab.learner import Trouble

WHOLE = 16
"""So many numbers are shown whole, of more the one that tells most."""
DIGITS = 6
LONGEST_SAID = 300
MOST_MEASURES = 6


class Counted(NamedTuple):
    """One line of the table: a case that counted, or of a random answer one property of it."""

    number: int
    part: str
    note: str
    given: str
    got: str
    expected: str
    off: str
    allowed: str
    right: bool


def counted(task: Task, tried: Iterable[Tried]) -> Iterator[Counted]:
    """The lines of all cases, in their order."""
    for place, one in enumerate(tried, 1):
        if isinstance(task, Draws) and one.right:
            yield from _measured(task, one, place)
        else:
            yield _line(task, one, place)


def _line(task: Task, one: Tried, place: int) -> Counted:
    about, right = (place, one.case.part, one.case.note), one.trouble is None
    inputs = task.name if isinstance(task, Numbers) else given(task, one.case.args)
    if isinstance(one.got, Trouble):
        said = shortened(one.got.sentence, LONGEST_SAID)
        return Counted(*about, inputs, said, _whole(task, one.want), "–", "–", right)
    if not one.right:
        return Counted(*about, inputs, _shapes(task, one.got), _shapes(task, one.want), "–", "–", right)
    if isinstance(task, Numbers):
        return Counted(*about, inputs, *_entries(task, one), right)
    off = [k for k, good in enumerate(one.right) if not good.all()]
    k = off[0] if off else 0
    got, want = one.got[k], one.want[k]
    if not want.size:
        return Counted(*about, inputs, "an empty array", "an empty array", "0", "–", right)
    at = clearest(got, want, one.right[k] if off else np.zeros(want.shape, bool))
    digits, name = _digits(got[at], want[at]), task.outputs[k] if task.outputs else ""
    where = f" at [{', '.join(map(str, at))}]" if want.size > 1 else ""
    if want.size <= WHOLE:
        came, expected = (" = ".join(filter(None, [name, text(a, digits)])) for a in (got, want))
    else:
        came, expected = (f"{name or 'the result'}{where}: {text(a[at], digits)}" for a in (got, want))
        inputs += f"; {given(task, one.case.args, at)}{where}" if task.elementwise else ""
    distance, allowed = _distance(got[at], want[at]) + where, _allowed(task, one, k, at)
    return Counted(*about, inputs, came, expected, distance, allowed, right)


def _entries(task: Numbers, one: Tried) -> tuple[str, str, str, str]:
    """Got, expected, off and allowed of the numbers that decide a part, each beside what it is."""
    got, want = np.ravel(one.values[0]), np.ravel(one.want[0])
    places = list(task.decide.get(one.case.part, range(len(task.entries))))
    digits = [_digits(got[k], want[k]) for k in places]
    shown = [
        "; ".join(f"{task.entries[k]}: {number(a[k], d)}" for k, d in zip(places, digits, strict=True))
        for a in (got, want)
    ]
    shape = one.want[0].shape
    off = "; ".join(_distance(got[k], want[k]) for k in places)
    allowed = "; ".join(_allowed(task, one, 0, tuple(map(int, np.unravel_index(k, shape)))) for k in places)
    return shown[0], shown[1], off, allowed


def _measured(task: Draws, one: Tried, place: int) -> Iterator[Counted]:
    """What was measured of a random answer, and off first."""
    (right,) = one.right
    ordered = sorted(zip(one.measures, right, strict=True), key=lambda pair: bool(pair[1]))
    many = max(MOST_MEASURES, int((~right).sum())) if len(ordered) > MOST_MEASURES else len(ordered)
    for measure, ok in ordered[:many]:
        yield Counted(
            place,
            one.case.part,
            one.case.note,
            f"{given(task, one.case.args)}: {measure.what.rstrip(',')}",
            measure.seen if measure.seen and not ok else number(measure.got, DIGITS),
            measure.meant if measure.meant and not ok else number(measure.want, DIGITS),
            _distance(measure.got, measure.want),
            number(measure.allowed),
            bool(ok),
        )


def _whole(task: Task, want: Sequence[np.ndarray]) -> str:
    if isinstance(task, Draws):
        return _shapes(task, want[:1])
    if isinstance(task, Numbers):
        return "; ".join(f"{name}: {number(one)}" for name, one in zip(task.entries, np.ravel(want[0]), strict=True))
    if sum(one.size for one in want) > WHOLE:
        return _shapes(task, want)
    return ", ".join(" = ".join(filter(None, [name, text(one)])) for name, one in _named(task, want))


def _shapes(task: Task, arrays: Sequence[np.ndarray]) -> str:
    return ", ".join(f"{name} of shape {one.shape}".strip() for name, one in _named(task, arrays))


def _named(task: Task, arrays: Sequence[np.ndarray]) -> Iterable[tuple[str, np.ndarray]]:
    return zip(task.outputs or ("",) * len(arrays), arrays, strict=True)


def _digits(got: float, want: float) -> int:
    """As many digits as it takes to tell them apart."""
    return next((d for d in (4, 6, 8, 10, 12, 14, 17) if number(got, d) != number(want, d)), 4)


def _distance(got: float, want: float) -> str:
    with np.errstate(all="ignore"):
        off = abs(float(got) - float(want))
    return "0" if got == want else number(off, 3) if np.isfinite(off) else "not finite"


def _allowed(task: Task, one: Tried, k: int, at: tuple[int, ...]) -> str:
    """How far off this entry may be, or between which numbers it is right."""
    want = float(one.want[k][at])
    if task.accept is close:
        rtol, atol = one.case.tolerance
        return number(rtol * abs(want) + atol, 3) if np.isfinite(want) else "0"
    low, high = (float(edge[at]) for edge in rerun.bounds(task.accept, one, k))
    below, above = want - low, high - want
    if np.isclose(below, above, rtol=1e-3, atol=1e-300):
        return number(above, 3)
    return f"from {number(low, DIGITS)} to {number(high, DIGITS)}"
