"""What a row of slopes leaves of a gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from actlab.activations import REGISTRY
from actlab.figures import Picture, with_spread
from actlab.tables import Table
from actlab.words import minus, power

Sizes = Mapping[str, tuple[str, ArrayLike]]
"""{name of a network: (registry key of its activation, size of its gradient for each seed and depth)}."""


def gradient_table(sizes: Sizes, depths: Sequence[int]) -> Table:
    """Powers of ten of gradients, mean ± standard deviation over seeds, a column for each depth.

    sizes: values of shape (seeds, depths).
    """
    rows = []
    for name, (_, values) in sizes.items():
        logs = np.log10(values)
        cells = zip(logs.mean(0), logs.std(0, ddof=1), strict=True)
        rows.append([name, *(minus(f"{mean:.1f} ± {spread:.1f}") for mean, spread in cells)])
    return Table(["log₁₀ ‖∂loss/∂W₁‖", *(f"{depth} layers" for depth in depths)], rows)


def first_gradients(sizes: Sizes, depths: Sequence[int]) -> Picture:
    """The gradient that reaches the first layer, against depth.  sizes: values of shape (seeds, depths)."""
    ends = {name: np.log10(values)[:, [0, -1]].mean(0) for name, (_, values) in sizes.items()}
    first, last = depths[0], depths[-1]
    said = [
        f"{name}: {power(round(a))} at {first} layers, {power(round(b))} at {last}" for name, (a, b) in ends.items()
    ]
    seeds = len(np.asarray(next(iter(sizes.values()))[1]))
    return with_spread(
        {name: (REGISTRY[key].color, values) for name, (key, values) in sizes.items()},
        depths,
        title=f"What reaches the first layer ({seeds} seeds, lowest to highest)",
        xlabel="hidden layers",
        ylabel="‖∂loss/∂W₁‖",
        log=True,
        alt=f"{'; '.join(said)}.",
        exact=True,
    )
