"""Wrong answers that many exercises share, made from what is right: one text for each mistake."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

Wrong = dict[str, Callable[..., Any]]

CHANGED_IN_PLACE = "a change of the input array itself: make a copy first"
FLIPPED = "a flipped sign"
INTEGER_STORAGE = "a result stored in an integer array like the input, which cuts off everything after the point"
METHOD = (
    "a method of a class, with `self` as its first parameter, which takes what is meant for the next one: leave it out"
)
OWN_RANDOMNESS = "random numbers from elsewhere: only `rng` may be asked"
OWN_SEED = "a generator with a seed of its own in place of the `rng` that is handed over"

ANYWHERE: dict[str, Callable[[np.ndarray], Any]] = {
    FLIPPED: np.negative,
    "the right result times 2": lambda right: 2 * right,
    "half of the right result": lambda right: right / 2,
    "1 minus the right result": lambda right: 1 - right,
    "the square of the right result": np.square,
    "the right result without its sign": np.abs,
    "a result cut to whole numbers, as by `int`, `astype(int)` or `//`: what stands after the point is lost": np.trunc,
    "a result rounded to whole numbers": np.round,
    "a result rounded to one digit after the point": lambda right: np.round(right, 1),
    "a result rounded to two digits after the point": lambda right: np.round(right, 2),
    "a result rounded to three digits after the point": lambda right: np.round(right, 3),
    "a result rounded to four digits after the point": lambda right: np.round(right, 4),
    "the right result, transposed": np.transpose,
    "the right result as a column: it keeps the shape that is asked for": lambda right: right.reshape(-1, 1),
    "the right result with one more axis of length 1 in front": lambda right: right[None],
    "the right result with one more axis of length 1 at the end": lambda right: right[..., None],
    "the right result without its axes of length 1": np.squeeze,
    "the right result flattened into one row": np.ravel,
    "the first entry alone: a `return` inside a loop ends it at once": lambda right: right[0],
    "the last entry alone: each has to be kept, not only the last of a loop": lambda right: right[-1],
    "a sum over all entries: each has its own value": np.sum,
    "a mean over all entries: each has its own value": np.mean,
}
"""What goes wrong with the right result of any function: description -> what is made of each array that it returns."""


@lru_cache(maxsize=256)
def anywhere(f: Callable, several: bool = False) -> Wrong:
    """The mistakes of `ANYWHERE` with f.  several: whether f returns several arrays."""

    def made(change):
        def form(*given):
            right = f(*given)
            return (
                tuple(change(np.asarray(one, float)) for one in right) if several else change(np.asarray(right, float))
            )

        return form

    return {said: made(change) for said, change in ANYWHERE.items()}


def integer_storage(f: Callable) -> Wrong:
    """Values stored in an array like the first argument."""

    def stored(z, *more):
        values = np.empty_like(z)
        values[...] = f(z, *more)
        return values

    return {INTEGER_STORAGE: stored}


def flipped(f: Callable) -> Wrong:
    """−f."""
    return {FLIPPED: lambda *given: -f(*given)}


def backward(slope: Callable) -> Wrong:
    """Steps backward (z, upstream) through a function with this slope that are no chain rule, entry by entry."""
    return {
        "a matrix product: entry by entry it is `*`, not `@`": lambda z, upstream: upstream @ slope(z),
        "a matrix product (`np.dot`): entry by entry it is `*`": lambda z, upstream: np.dot(upstream, slope(z)),
        "the slope alone: the upstream gradient is forgotten": lambda z, upstream: 1.0 * slope(z),
        "a sum of upstream and slope: the chain rule multiplies": lambda z, upstream: upstream + slope(z),
        "a sum over all entries: each has its own gradient": lambda z, upstream: np.sum(upstream * slope(z)),
        "a mean over all entries: each has its own gradient": lambda z, upstream: np.mean(upstream * slope(z)),
    }


def differences(f: Callable) -> Wrong:
    """Slopes of f by differences that are too coarse, not divided, or taken between neighbouring entries."""
    return {
        "differences between neighbouring entries (`np.gradient`): each entry has a slope of its own": lambda z: (
            np.gradient(f(z))
        ),
        "a finite difference with the coarse step 1": lambda z: f(z + 1) - f(z),
        "a finite difference that was never divided by its step": _Undivided(f),
        "twice the slope, as from a central difference divided by h: from z − h to z + h it is twice that": _Doubled(f),
    }


class _Doubled:
    """(f(z + h) − f(z − h))/h, recognised for any small h: in single precision every step loses other digits."""

    def __init__(self, f: Callable):
        self.f = f

    def __call__(self, z):
        z = np.asarray(z, float)
        return (self.f(z + 1e-6) - self.f(z - 1e-6)) / 1e-6

    def like(self, got, z) -> bool:
        return got.shape == z.shape and np.allclose(
            got, self(z), rtol=1e-3, atol=0.3 if z.dtype == np.float32 else 1e-3
        )


class _Undivided:
    """f(z + h) − f(z − h), recognised for any small h: everywhere the same small part of the slope."""

    def __init__(self, f: Callable):
        self.f = f

    def __call__(self, z):
        return self.f(z + 1e-5) - self.f(z - 1e-5)

    def like(self, got, z) -> bool:
        z = np.asarray(z, float)
        slope = (self.f(z + 1e-6) - self.f(z - 1e-6)) / 2e-6
        steep = np.abs(slope) > 0.05
        if got.shape != z.shape or np.abs(got).max() > 0.1:
            return False
        part = got[steep] / slope[steep]
        return bool((part > 0).all() and np.ptp(part) <= 0.2 * np.abs(part).max()) if part.size else True


def vectorized(f: Callable) -> Wrong:
    """`np.vectorize` of a function of single numbers, without `otypes`."""
    said = (
        "`np.vectorize`, which takes the type of all results from the first: with `otypes=[float]` nothing is cut off"
    )

    def form(z, *more):
        return np.vectorize(lambda v: f(v, *more))(z)

    return {said: form}


def defaults(f: Callable, *values: float) -> Wrong:
    """f with another default for its second argument."""

    def form(value):
        return lambda z, given=value: f(z, given)

    return {f"a default of {value:g}: the stub has another": form(value) for value in values}


class Threshold:
    """A step at another place than 0, recognised wherever that is.  above: whether it is on the right of 0."""

    def __init__(self, above: bool):
        self.above = above

    def __call__(self, z):
        return np.where(z > (0.6 if self.above else -0.6), 1.0, 0.0)

    def like(self, got, z, *more) -> bool:
        if got.shape != np.shape(z) or not np.isin(got, (0.0, 1.0)).all():
            return False
        climbs = bool((np.diff(got.ravel()[np.argsort(z, axis=None, kind="stable")]) >= 0).all())
        return climbs and bool((got[z <= 0] == 0).all() if self.above else (got[z > 0] == 1).all())


THRESHOLDS: Wrong = {
    "a threshold above 0: the corner is at 0": Threshold(above=True),
    "a threshold below 0: the corner is at 0": Threshold(above=False),
}


def foreign_draws(draw: Callable) -> Wrong:
    """Right numbers from the wrong generator.  draw(*arguments, rng): the last argument is the generator."""
    return {
        OWN_RANDOMNESS: lambda *given: draw(*given[:-1], np.random.default_rng()),
        OWN_SEED: lambda *given: draw(*given[:-1], np.random.default_rng(0)),
    }
