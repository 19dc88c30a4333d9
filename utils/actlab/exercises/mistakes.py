"""Wrong answers that many exercises share, made from what is right: one text for each mistake."""

from collections.abc import Callable
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
        "a finite difference that was never divided by its step": lambda z: f(z + 1e-5) - f(z - 1e-5),
    }


def foreign_draws(draw: Callable) -> Wrong:
    """Right numbers from the wrong generator.  draw(*arguments, rng): the last argument is the generator."""
    return {
        OWN_RANDOMNESS: lambda *given: draw(*given[:-1], np.random.default_rng()),
        OWN_SEED: lambda *given: draw(*given[:-1], np.random.default_rng(0)),
    }
