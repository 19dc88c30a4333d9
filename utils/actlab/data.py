"""Data sets for classification, made on the spot and never downloaded.

All return X, float64, one row per sample, and integer labels y of shape (n,) in balanced numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Labelled = tuple[NDArray[np.float64], NDArray[np.int64]]


def circles(n: int = 400, seed: int = 0, noise: float = 0.08, inner: float = 0.5) -> Labelled:
    """Two noisy rings about the origin, radius 1 (label 0) and `inner` (label 1).

    Shape: (n, 2), (n,).  Units: dimensionless.  Errors: none.
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = np.where(y == 0, 1.0, inner)
    X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return X + noise * rng.normal(size=(n, 2)), y


def spirals(n: int = 400, seed: int = 0, noise: float = 0.03, turns: float = 1.5) -> Labelled:
    """Two interleaved spiral arms inside the unit disc, `turns` windings each.

    Shape: (n, 2), (n,).  Units: dimensionless.  Errors: none.
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    radius = rng.uniform(0.1, 1, n)
    angle = 2 * np.pi * (turns * radius + y / 2)
    X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return X + noise * rng.normal(size=(n, 2)), y


SEGMENTS = [
    "1110111",
    "0010010",
    "1011101",
    "1011011",
    "0111010",
    "1101011",
    "1101111",
    "1010010",
    "1111111",
    "1111011",
]
"""Segments lit by each digit: top, upper left, upper right, middle, lower left, lower right, bottom."""


def glyphs(n: int = 600, seed: int = 0, noise: float = 0.35) -> Labelled:
    """Seven-segment digits on a 12 by 10 grid, shifted, brightened and noisy: ten balanced classes.

    Shape: X (n, 120), standardised over all entries; y (n,) in 0 … 9.  Units: dimensionless.  Errors: none.
    """
    rng = np.random.default_rng(seed)
    places = np.zeros((7, 9, 5))
    places[0, 0], places[3, 4], places[6, 8] = 1, 1, 1
    places[1, :5, 0], places[2, :5, 4], places[4, 4:, 0], places[5, 4:, 4] = 1, 1, 1, 1
    digits = np.array([places[[c == "1" for c in lit]].max(0) for lit in SEGMENTS])
    y = np.arange(n) % 10
    right, down, brightness = rng.integers(0, 3, n), rng.integers(0, 3, n), rng.uniform(0.6, 1.4, n)
    grids = np.zeros((n, 12, 10))
    for i in range(n):
        grids[i, down[i] : down[i] + 9, right[i] : right[i] + 5] = brightness[i] * digits[y[i]]
    X = (grids + noise * rng.normal(size=grids.shape)).reshape(n, -1)
    return (X - X.mean()) / X.std(), y
