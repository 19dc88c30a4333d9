"""What the laws of random answers share."""

import math
from collections.abc import Iterable

import numpy as np

from actlab.exercises.model import Measure


def independence(u: np.ndarray, rows: int, columns: int) -> Iterable[Measure]:
    """Independence across rows and columns of standardised numbers u (rows, columns)."""
    for what, means, size, count in (
        ("in a row", u.mean(axis=1), columns, rows),
        ("in a column", u.mean(axis=0), rows, columns),
    ):
        yield Measure(
            f"the scatter of the means {what}, compared with independent numbers,",
            float(size * (means**2).mean()),
            1.0,
            8 * math.sqrt(2 / count),
            f"The numbers {what} depend on each other: every one needs a draw of its own",
        )
