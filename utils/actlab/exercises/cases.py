"""Inputs that several exercises are tried on."""

from collections.abc import Iterable

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
        "integers": rng.permutation(np.arange(-4, 5)),
        "float32 numbers": draw((3, 1, 2)).astype(np.float32),
        "larger numbers in four dimensions": signs * rng.uniform(8, 30, signs.shape).round(1),
    }.items():
        yield Case((z, *(draw(z.shape).astype(np.result_type(z, np.float32)) for _ in more)), note=note)


def quarters(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random multiples of ¼ between -3 and 3: short to print, exact to multiply."""
    return rng.integers(-12, 13, shape) / 4
