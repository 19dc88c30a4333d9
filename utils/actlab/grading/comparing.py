"""What a notebook that explains a grade compares answers with: NumPy alone, and nothing else of the course.

The source of this module is a cell of every such notebook.
"""

import numbers
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass
class Case:
    """One case that counted.

    args(more) gives the arguments, made anew at each call; `more` is added to the seed of a random generator.
    want: what is right, an array for each result.  got: what came when it was graded.  right: whether that counted.
    rtol, atol: how far off is still right; low and high, where they are given, say between which numbers instead.
    entries: the entries that decide, all where nothing is said.  run: whether it is run here as well.
    """

    part: str
    note: str
    args: Callable
    want: tuple
    got: object
    right: bool
    rtol: float = 0.0
    atol: float = 0.0
    low: tuple = ()
    high: tuple = ()
    entries: tuple = ()
    run: bool = True


class Absent:
    """Stands where a library was, which is not there while homework is graded."""

    def __init__(self, *given, **more):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *given, **more):
        return given[0] if len(given) == 1 and callable(given[0]) and not isinstance(given[0], Absent) else self

    def __mro_entries__(self, bases):
        return (object,)


def compared(f, cases, outputs=1):
    """Call f on the cases and print what came; whether each is right."""
    return _told(cases, [_one(f, case, outputs) for case in cases])


def held(value, cases):
    """The same for numbers that a variable holds."""
    return _told(cases, [_held(value, case) for case in cases])


def drawn(f, cases, law, pooled=1, many=500):
    """The same for random numbers, of which `law` says what has to hold."""
    return _told(cases, [_drawn(f, case, law, pooled, many) for case in cases])


def _one(f, case, outputs):
    values, said = _values(f, case, 0, outputs)
    if said:
        return said, False
    return values, all(_accepted(values[k], case, k).all() for k in range(len(case.want)))


def _values(f, case, more, outputs=1):
    """The arrays that came, or in words why there are none."""
    if not case.run:
        return (), "not run here: it did not come back when it was graded"
    given, kept = case.args(more), case.args(more)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = f(*given)
        if not all(map(_same, given, kept)):
            return (), "it changes its input"
        if outputs > 1 and not (isinstance(value, (list, tuple)) and len(value) == outputs):
            return (), f"{outputs} things are expected"
        values = [_array(v) for v in (value if outputs > 1 else [value])]
    except Exception as error:
        return (), f"{type(error).__name__}: {error}"
    shapes = [(v.shape, w.shape) for v, w in zip(values, case.want, strict=True) if v.shape != w.shape]
    return values, f"shape {shapes[0][0]}, expected {shapes[0][1]}" if shapes else ""


def _held(value, case):
    try:
        got = _array(value)
    except Exception as error:
        return f"{type(error).__name__}: {error}", False
    if got.size != case.want[0].size:
        return f"{got.size} numbers, expected {case.want[0].size}", False
    right = _accepted(got.reshape(case.want[0].shape), case, 0).ravel()
    return [got], bool(right[list(case.entries)].all() if case.entries else right.all())


def _drawn(f, case, law, pooled, many):
    """With the first seed twice, then with another, then with as many more as it takes."""
    size = case.want[0].size
    rounds = pooled if size < many else 1
    draws = []
    for more in (0, *range(max(2, rounds))):
        values, said = _values(f, case, more)
        if said:
            return said, False
        draws.append(values[0])
    first, again, other = draws[:3]
    values = np.stack([first, *draws[2:]]) if rounds > 1 else first
    if not np.isfinite(values).all():
        return "not all of the numbers are finite", False
    if (rounds > 1 or size >= many) and not np.array_equal(first, again):
        return "the same seed gives other numbers", False
    if (rounds > 1 or size >= many) and np.array_equal(first, other):
        return "another seed gives the same numbers", False
    off = [m for m in law(values, *case.args(0)) if not abs(m.got - m.want) <= m.allowed]
    said = [f"{m.what} is {m.got:.4g}, expected {m.want:.4g}, allowed is {m.allowed:.2g} off" for m in off[:1]]
    return "".join(said) or "every property holds", not off


def _array(value):
    if not isinstance(value, (np.ndarray, np.generic, list, tuple, numbers.Number)):
        raise TypeError(f"{type(value).__name__} is no array of numbers")
    a = np.asarray(value)
    if a.dtype.kind not in "biufO":
        raise TypeError(f"{a.dtype} is no type of real numbers")
    return a.astype(float)


def _accepted(got, case, k):
    if case.low:
        return (case.low[k] <= got) & (got <= case.high[k])
    return np.isclose(got, case.want[k], case.rtol, case.atol)


def _same(before, after):
    if isinstance(before, np.ndarray):
        return before.dtype == after.dtype and np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    return not isinstance(before, list) or all(map(_same, before, after))


def _told(cases, outcomes):
    for number, (case, (now, right)) in enumerate(zip(cases, outcomes, strict=True), 1):
        print(f"{number:2}  {'right' if right else 'WRONG'}  {case.part}{case.note and f', {case.note}'}")
        if not right:
            print(
                "    now     ", *_lines(now), "\n    graded  ", *_lines(case.got), "\n    expected", *_lines(case.want)
            )
    found = [right for _, right in outcomes]
    print(f"{sum(found)} of {len(found)} cases are right.")
    return found


def _lines(value):
    if isinstance(value, str):
        return [value]
    return [" ".join(np.array2string(np.asarray(v), precision=6, threshold=60).split()) for v in value]
