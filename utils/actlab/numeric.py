"""How far apart are two results? Finite differences, and errors in units that mean something."""

import numpy as np
import scipy


def erf(z):
    """The error function, as SciPy has it; SciPy's special functions are loaded at the first call, not before.

    Shape: any -> same.  Units: dimensionless.  Range: (-1, 1).  Errors: none; NaN propagates.  Source: SciPy.
    """
    return scipy.special.erf(z)


def ndtr(z):
    """Φ, the distribution function of N(0, 1), as SciPy has it; loaded like `erf`.

    Shape: any -> same.  Units: dimensionless.  Range: (0, 1).  Errors: none; NaN propagates.  Source: SciPy.
    """
    return scipy.special.ndtr(z)


def central_difference(f, z, h=None):
    """Estimate f'(z) as (f(z + h) - f(z - h)) / 2h, elementwise, in double precision.

    Shape: that of z -> that of f(z).  Units: those of f per unit of z.  Range: (-inf, inf).
    Errors: about 1e-10 for smooth f of size 1. The default h = ε^(1/3)·max(1, |z|) balances truncation, which grows as
    h², against rounding, which grows as 1/h. Within h of a kink the result lies between the two slopes.
    Source: Taylor's theorem.
    """
    z = np.asarray(z, dtype=np.float64)
    if h is None:
        h = np.cbrt(np.finfo(np.float64).eps) * np.maximum(1.0, np.abs(z))
    right, left = z + h, z - h
    return (f(right) - f(left)) / (right - left)


def relative_error(got, want):
    """Return |got - want| / |want|, elementwise.

    Shape: got and want, broadcast -> the broadcast shape.  Units: a fraction.  Range: [0, inf].
    Errors: none. Equal values, infinities and NaN included, are 0 apart; any other miss of 0, ∞ or NaN is inf.
    Source: the definition.
    """
    return _distance(got, want, np.abs(np.asarray(want, dtype=np.float64)))


def ulp_error(got, want):
    """Return |got - want| in units in the last place: the gap between neighbouring floats of got's type, at want.

    Half a unit is the best that rounding allows. Below the smallest normal number the gap stops shrinking.

    Shape: got and want, broadcast -> the broadcast shape.  Units: ulp of got's floating-point type.  Range: [0, inf].
    Errors: none. Equal values, infinities and NaN included, are 0 apart; any other miss of ∞ or NaN is inf.
    Source: the definition.
    """
    got = np.asarray(got)
    dtype = got.dtype if got.dtype.kind == "f" else np.dtype(np.float64)
    with np.errstate(all="ignore"):
        gap = np.spacing(np.abs(np.asarray(want)).astype(dtype))
    return _distance(got, want, gap.astype(np.float64))


def _distance(got, want, unit):
    """Return |got - want| / unit, with 0 for equal values and inf for a comparison that makes no sense."""
    got, want = np.asarray(got, dtype=np.float64), np.asarray(want, dtype=np.float64)
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    with np.errstate(all="ignore"):
        error = np.abs(got - want) / unit
    return np.where(same, 0.0, np.where(np.isnan(error), np.inf, error))[()]


def compare(name, got, want):
    """Say in one line how close `got` is to `want`: exact, approximate (to 1e-6 relative, 1e-8 absolute), how far.

    >>> print(compare("tanh'", [0.25], [0.25]))
    tanh'            exact: yes  approximate: yes  max difference: 0.0e+00
    """
    got, want = np.asarray(got, dtype=np.float64), np.asarray(want, dtype=np.float64)
    if got.shape != want.shape:
        return f"{name:<16} shape {got.shape}, expected {want.shape}"
    exact = np.array_equal(got, want, equal_nan=True)
    close = np.allclose(got, want, rtol=1e-6, atol=1e-8, equal_nan=True)
    furthest = np.max(_distance(got, want, 1.0), initial=0.0)
    yes_no = {True: "yes", False: "no "}
    return f"{name:<16} exact: {yes_no[exact]}  approximate: {yes_no[close]}  max difference: {furthest:.1e}"
