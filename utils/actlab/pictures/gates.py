"""Pictures of GELU and its relatives: what shortcuts cost, slopes of fits, lowest points."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from actlab import figures
from actlab.activations import REGISTRY
from actlab.figures import MUTED, Picture
from actlab.tables import Table
from actlab.words import minus

UNITS = {"gelu_tanh": ("tanh, thousandths", 1000), "gelu_sigmoid": ("sigmoid, hundredths", 100)}
"""How the errors of GELU's two shortcuts are shown: in what unit, and how many of it make 1."""


def shortcut_errors(z: ArrayLike, errors: Mapping[str, ArrayLike]) -> Picture:
    """Approximation minus GELU, each in its own unit.  z: (n,).  errors: {"gelu_tanh" or "gelu_sigmoid": (n,)}."""
    z = np.asarray(z, float)
    drawn, worst, said = {}, [], []
    for key, values in errors.items():
        values = np.asarray(values, float)
        (name, many), color, at = UNITS[key], REGISTRY[key].color, np.abs(values).argmax()
        drawn[name] = color, many * values[None]
        worst.append((f"{abs(values[at]):.5f}", abs(z[at]), many * values[at], color))
        said.append(f"the {name.partition(',')[0]} form is at most {abs(values[at]):.5f} off, at z = ±{abs(z[at]):.2f}")
    picture = figures.with_spread(
        drawn,
        z.tolist(),
        title="approximation minus GELU, each in its own unit",
        xlabel="z",
        ylabel="error",
        ylim=(-2.6, 1.2),
        size=(900, 340),
        alt=f"{'; '.join(said).capitalize()}.",
        exact=True,
    )
    (ax,) = picture.figure.axes
    with figures.style():
        for words, at, height, color in worst:
            ax.annotate(
                f"at most {words} off",
                (at, height),
                xytext=(-16, 6 if height > 0 else -14),
                textcoords="offset points",
                color=color,
                fontweight="bold",
            )
    return picture


def slopes_of_fits(x: ArrayLike, wanted: ArrayLike, slopes: Mapping[str, ArrayLike]) -> Picture:
    """The slope of a target and of fits to it; of each activation the seed whose error is the median.

    x, wanted: (n,).  slopes: {registry key: (seeds, n)}.
    """
    x, wanted = np.asarray(x, float), np.asarray(wanted, float)
    shown, said = {"target": (MUTED, wanted[None])}, []
    for key, values in slopes.items():
        values = np.asarray(values, float)
        off = np.sqrt(((values - wanted) ** 2).mean(1))
        middle = np.argsort(off)[len(off) // 2]
        shown[REGISTRY[key].name] = REGISTRY[key].color, values[[middle]]
        said.append(f"{REGISTRY[key].name}'s fit misses it by {off[middle]:.1f}")
    swings = f"The target's slope swings between {wanted.min():.1f} and {wanted.max():.1f}."
    return figures.with_spread(
        shown,
        x.tolist(),
        title="slope of the fit (for each, the median of the seeds)",
        xlabel="x",
        ylabel="dy/dx",
        size=(900, 340),
        alt=minus(f"{swings} Root mean square: {'; '.join(said)}."),
    )


def extremes(keys: Sequence[str]) -> Table:
    """The lowest value and the largest slope of some activations on [−6, 6], each with its place.  keys: registry's."""
    rows = []
    for entry in map(REGISTRY.__getitem__, keys):
        low, steep = lowest(entry.f), lowest(entry.df, -1)
        values = entry.f(low), low, entry.df(steep), steep
        rows.append([entry.name, *(minus(f"{v:.{d}f}") for v, d in zip(values, (6, 4, 6, 4), strict=True))])
    return Table(["", "lowest value", "at z", "largest slope", "at z"], rows)


def lowest(f: Callable[..., Any], sign: int = 1) -> float:
    """The place of the smallest value of f on [−6, 6], or with sign −1 of the largest, to nine digits."""
    left, right = -6.0, 6.0
    for _ in range(4):
        z = np.linspace(left, right, 1001)
        best = int(np.argmin(sign * f(z)))
        left, right = z[max(best - 1, 0)], z[min(best + 1, 1000)]
    return float(z[best])
