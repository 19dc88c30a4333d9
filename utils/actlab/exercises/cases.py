"""Inputs that several exercises are tried on."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from actlab.exercises.model import Case


def pointwise(rng: np.random.Generator, *more: list[float]) -> Iterable[Case]:
    """Cases for functions that act entry by entry: both signs, 0, several shapes, integers, float32, up to ±30.

    more: for each further argument, six simple values that go with the first case.
    """

    def draw(shape):
        return np.asarray(rng.normal(0, 2, shape).round(2))

    simple = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])
    yield Case((simple, *map(np.array, more)), note="small numbers of both signs")
    signs = rng.permutation([-1, 1] * 4).reshape(2, 1, 2, 2)
    for note, z in {
        "an array of 2 × 3 numbers": draw((2, 3)),
        "a single number, an array of shape ()": draw(()),
        "integers": _positive_first(rng.permutation(np.arange(-4, 5))),
        "float32 numbers": draw((3, 1, 2)).astype(np.float32),
        "larger numbers in four dimensions": signs * rng.uniform(8, 30, signs.shape).round(1),
    }.items():
        yield Case((z, *(draw(z.shape).astype(np.result_type(z, np.float32)) for _ in more)), note=note)
    if more:
        whole = (_positive_first(rng.permutation(np.arange(-4, 5))) for _ in range(1 + len(more)))
        yield Case(tuple(whole), note="integers everywhere")


TINY = (1e-12, -1e-12, 1e-5, -1e-5, 1e-3, -1e-3, 0.1, -0.1)


def near_zero(*more: Any, smallest: bool = False, note: str = "tiny numbers of both signs") -> Case:
    """Tiny numbers of both signs, beside which nothing but the sign of z tells on which side of a corner it is.

    more: further arguments.  smallest: also numbers down to the smallest that there are, where results stay of size 1.
    """
    z = np.array([*TINY, 1e-300, -1e-300, 5e-324, -5e-324] if smallest else TINY)
    return Case((z, *more), note=note, atol=1e-30)


def _positive_first(whole):
    """The same numbers with a positive one in front: what takes its type from the first result finds a whole one."""
    at = np.flatnonzero(whole > 0)[0]
    whole[[0, at]] = whole[[at, 0]]
    return whole


def quarters(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random multiples of ¼ between -3 and 3: short to print, exact to multiply."""
    return rng.integers(-12, 13, shape) / 4
