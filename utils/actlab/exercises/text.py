"""Numbers as the worked examples of prompts write them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from actlab.words import minus


def rounded(value: Any, digits: int = 4) -> str:
    """−2.50 for −2.5 with two digits."""
    return minus(f"{value:.{digits}f}")


def listed(array: ArrayLike) -> str:
    """A small array: (1, −2.5)."""
    rows = [listed(row) if np.ndim(row) else f"{float(row):.4g}" for row in np.asarray(array)]
    return minus(f"({', '.join(rows)})")
