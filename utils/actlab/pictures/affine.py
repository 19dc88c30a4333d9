"""Points that no line separates, and what networks with and without a bend make of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from actlab.activations import REGISTRY
from actlab.figures import COOL, MUTED, WARM, Picture, by_seed, new_figure, scatter_classes, style, with_spread


def datasets(named: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Picture:
    """Two-dimensional two-class data sets side by side.  named: {title: (X of shape (n, 2), y of shape (n,))}."""
    said = []
    with style():
        figure = new_figure((900, 430))
        axes = np.atleast_1d(figure.subplots(1, len(named)))
        figure.subplots_adjust(left=0.09, right=0.98, top=0.89, bottom=0.14, wspace=0.22)
        for ax, (title, (X, y)) in zip(axes, named.items(), strict=True):
            scatter_classes(ax, X, y)
            ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$")
            ax.set_aspect("equal", adjustable="datalim")
            said.append(f"{title}: {np.sum(np.equal(y, 0))} discs and {np.sum(np.equal(y, 1))} squares")
    return Picture(figure, f"Points of two classes, intertwined. {'; '.join(said)}.")


def beside_the_line(accuracies: Mapping[tuple[str, int], ArrayLike], line: float) -> Picture:
    """What trained networks get right, every seed a dot, beside the best straight line.

    accuracies: {(registry key, number of layers): shape (seeds,)}.  line: the share that the best line gets right.
    """
    named = {
        f"{'affine' if key == 'linear' else REGISTRY[key].name}\ndepth {depth}": (REGISTRY[key].color, values)
        for (key, depth), values in accuracies.items()
    }
    said = [f"{name.replace(chr(10), ', ')}: the best seed gets {np.max(v):.1f}" for name, (_, v) in named.items()]
    return by_seed(
        named,
        title="circles, fresh points (every dot a seed)",
        ylabel="test accuracy",
        ylim=(0.3, 1.05),
        alt=f"{'; '.join(said)}; the best line {line:.2f}.",
        notes=[(line, f"best line {line:.2f}"), (0.5, "guessing")],
    )


def race(losses: Mapping[str, ArrayLike]) -> Picture:
    """Loss against step of three networks that compute the same functions.  losses: {name: shape (seeds, steps)}."""
    curves = {name: np.asarray(values, dtype=float) for name, values in losses.items()}
    halved = {name: (c < c[:, :1] / 2).argmax(1) for name, c in curves.items()}
    said = [f"{steps.min()} to {steps.max()} steps ({name})" for name, steps in halved.items()]
    return with_spread(
        {name: (color, c) for color, (name, c) in zip((COOL, WARM, MUTED), curves.items(), strict=True)},
        range(next(iter(curves.values())).shape[1]),
        title="The same functions, another way through them (5 seeds, lowest to highest)",
        xlabel="step of gradient descent",
        ylabel="mean squared error",
        alt=f"Error against step; it is halved after {', '.join(said)}.",
        exact=True,
    )
