"""Pictures of norms: what they do not notice, where they stand beside a shortcut, and the curve in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from actlab import figures
from actlab.activations import REGISTRY
from actlab.figures import COOL, INK, MUTED, WARM, Picture
from actlab.tables import Table
from actlab.words import minus

if TYPE_CHECKING:
    from actlab.evidence import Sample


def what_moves(found: Mapping[str, Mapping[str, float]]) -> Table:
    """By how much a row's result moves.  found: {what is changed: {norm: largest difference}}."""
    norms = next(iter(found.values()))
    rows = [(change, *(f"{float(moved):.2f}" for moved in by_norm.values())) for change, by_norm in found.items()]
    return Table(("largest change in the sample’s result", *norms), rows)


def gradients_by_place(networks: Sample) -> Picture:
    """The gradient on its way back through fifty layers, for each place of each norm.  networks: of `placed`."""
    colors = {"LayerNorm": COOL, "RMSNorm": WARM}
    arms = [arm for arm, form in networks.experiment.arms.items() if "norm" in form and "out" not in form]
    stops = range(0, 51, 10)
    values = {
        arm: 10
        ** np.stack([networks.get(arm, measure=f"log₁₀ of the gradient after layer {50 - k}") for k in stops], 1)
        for arm in arms
    }
    ends = "; ".join(minus(f"{arm} {np.median(np.log10(each[:, -1])):+.1f}") for arm, each in values.items())
    many = len(next(iter(values.values())))
    return figures.with_spread(
        {arm: (colors[arm.partition(", ")[2]], each) for arm, each in values.items()},
        stops,
        title=f"Mean square of the gradient ({many} networks, lowest to highest)",
        xlabel="layers travelled back from the output",
        ylabel="$E\\,(\\partial\\,loss/\\partial h)^2$",
        log=True,
        notes=[(1, "level")],
        alt=f"log₁₀ of the mean square of the gradient after 50 layers, median of {many} networks: {ends}.",
    )


def straight_lines(z: ArrayLike, normed: ArrayLike) -> Picture:
    """What a norm makes of rows of several sizes, on average, and the nearest γ tanh(αz).  z, normed: (rows, d)."""
    z, normed = np.asarray(z, float), np.asarray(normed, float)
    alphas = np.geomspace(0.05, 5, 400)
    gammas = [float((t * normed).sum() / (t * t).sum()) for t in (np.tanh(alpha * z) for alpha in alphas)]
    errors = [
        float(((normed - gamma * np.tanh(alpha * z)) ** 2).mean()) for alpha, gamma in zip(alphas, gammas, strict=True)
    ]
    best = int(np.argmin(errors))
    alpha, gamma = alphas[best], gammas[best]
    slopes = (normed.max(1) - normed.min(1)) / (z.max(1) - z.min(1))
    with figures.style():
        figure = figures.new_figure((900, 400))
        ax = figure.subplots()
        figure.subplots_adjust(left=0.09, right=0.8, top=0.89, bottom=0.14)
        for k in np.argsort(slopes):
            ends = [z[k].argmin(), z[k].argmax()]
            ax.plot(z[k][ends], normed[k][ends], color=MUTED, lw=0.9, alpha=0.7)
        by_size = np.array_split(np.argsort(z, axis=None), 40)
        means = np.array([(z.flat[near].mean(), normed.flat[near].mean()) for near in by_size])
        ax.plot(*means.T, "o", color=INK, ms=6)
        x = np.linspace(-np.abs(z).max(), np.abs(z).max(), 401)
        color = REGISTRY["tanh"].color
        ax.plot(x, gamma * np.tanh(alpha * x), color=color, lw=3)
        ax.set(
            title=f"{len(z)} rows, a straight line each, and their average (dots)",
            xlabel="z",
            ylabel="what the norm makes of it",
            xlim=(x[0], x[-1]),
        )
        figures.label_ends(ax, [(f"{gamma:.2f} tanh({alpha:.2f} z)", gamma, color)])
    low, high = means[[0, -1], 1]
    said = (
        f"{len(z)} rows lie on straight lines of slopes {slopes.min():.2f} to {slopes.max():.2f}; their average, from "
        f"{low:.1f} to {high:.1f}, is an S; the nearest curve is {gamma:.2f} tanh({alpha:.2f} z), off by "
        f"{errors[best] ** 0.5:.2f} (root mean square)."
    )
    return Picture(figure, minus(said))
