"""Finite differences, and SciPy's special functions at the first call."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating]


def erf(z: Array) -> Array:
    """The error function, as SciPy has it; SciPy's special functions are loaded at the first call, not before.

    Shape: any -> same.  Units: dimensionless.  Range: (-1, 1).  Errors: none; NaN propagates.  Source: SciPy.
    """
    return scipy.special.erf(z)


def ndtr(z: Array) -> Array:
    """Φ, the distribution function of N(0, 1), as SciPy has it; loaded like `erf`.

    Shape: any -> same.  Units: dimensionless.  Range: (0, 1).  Errors: none; NaN propagates.  Source: SciPy.
    """
    return scipy.special.ndtr(z)


def central_difference(f: Callable[[Array], Array], z: ArrayLike, h: ArrayLike | None = None) -> Array:
    """Estimate f'(z) as (f(z + h) - f(z - h)) / 2h, elementwise, in double precision.

    Shape: that of z -> that of f(z).  Units: those of f per unit of z.  Range: (-inf, inf).
    Errors: about 1e-10 for smooth f of size 1. The default h = ε^(1/3)·max(1, |z|) balances truncation, which grows as
    h², against rounding, which grows as 1/h. Within h of a kink the result lies between the two slopes.
    Source: Taylor's theorem.
    """
    at = np.asarray(z, dtype=np.float64)
    step = np.cbrt(np.finfo(np.float64).eps) * np.maximum(1.0, np.abs(at)) if h is None else np.asarray(h)
    right, left = at + step, at - step
    return (f(right) - f(left)) / (right - left)
