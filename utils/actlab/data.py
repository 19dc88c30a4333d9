"""Two-dimensional data sets, made on the spot and never downloaded.

Layer 0.  Both return X of shape (n, 2), float64, and labels y of shape (n,), 0 or 1, in balanced numbers.
"""

import numpy as np


def circles(n=400, seed=0, noise=0.08, inner=0.5):
    """Two noisy rings about the origin, radius 1 (label 0) and `inner` (label 1).

    Shape: (n, 2), (n,).  Units: dimensionless.  Errors: none.
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = np.where(y == 0, 1.0, inner)
    X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return X + noise * rng.normal(size=(n, 2)), y


def spirals(n=400, seed=0, noise=0.03, turns=1.5):
    """Two interleaved spiral arms inside the unit disc, `turns` windings each.

    Shape: (n, 2), (n,).  Units: dimensionless.  Errors: none.
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    radius = rng.uniform(0.1, 1, n)
    angle = 2 * np.pi * (turns * radius + y / 2)
    X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return X + noise * rng.normal(size=(n, 2)), y
