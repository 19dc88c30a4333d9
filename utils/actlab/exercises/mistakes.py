"""Wrong answers that many exercises share, made from what is right: one text for each mistake."""

from collections.abc import Callable
from typing import Any

import numpy as np

Wrong = dict[str, Callable[..., Any]]

CHANGED_IN_PLACE = "a change of the input array itself: make a copy first"
FLIPPED = "a flipped sign"
INTEGER_STORAGE = "a result stored in an integer array like the input, which cuts off everything after the point"
ONE_NUMBER = (
    "an `if` or `max` that wants a single number, on a whole array (`np.where`, `np.maximum` go entry by entry)"
)
OF_MATH = "a function of `math`, which takes one number, on a whole array"
OWN_RANDOMNESS = "random numbers from elsewhere: only `rng` may be asked"
OWN_SEED = "a generator with a seed of its own in place of the `rng` that is handed over"


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
