"""Softmax as bars, as a point in a triangle, and as a matrix of slopes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actlab import activations, learner
from actlab.activations import REGISTRY, softmax, softmax_jacobian
from actlab.figures import MUTED
from actlab.live import Area, Choice, Dot, Explorer, Mark, Slider, Text
from actlab.look import LIGHT, NEGATIVE, POSITIVE
from actlab.words import minus

CORNERS = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, np.sqrt(3)]])
NAMES = ("p₁", "p₂", "p₃")
SQUARE = 0.49 * np.array([[-1, 1, 1, -1], [-1, -1, 1, 1]])


def explore_temperature(own: Callable[..., Any] | None = None, scores: Sequence[float] = (2.0, 1.0, 0.1)) -> Explorer:
    """Softmax of three scores while the temperature moves: three bars, and a point in the triangle of probabilities.

    own: a learner's softmax(z, axis), the course's by default.  scores: the three scores.
    """
    z = np.array(scores)
    color = REGISTRY["softmax"].color
    ways = {"scores / T": lambda T: z / T, "scores × T": lambda T: z * T}

    def shares(rows):
        if own is None:
            return softmax(rows)
        return learner.array(learner.call(own, rows, -1), rows.shape, f"the result of {learner.name_of(own)}")

    def background(figure):
        path = shares(np.outer(np.geomspace(1 / 60, 60, 241), z)) @ CORNERS
        left, right = axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.07, right=0.97, top=0.90, bottom=0.12, wspace=0.14)
        left.set(title="probabilities", xlim=(-0.6, 2.6), ylim=(0, 1.1))
        left.set_xticks(range(3), [f"score {s:g}" for s in scores])
        left.grid(axis="x", visible=False)
        left.axhline(1 / 3, color=MUTED, lw=1.2, ls=":")
        left.annotate("⅓", (2.6, 1 / 3), xytext=(-4, 4), textcoords="offset points", ha="right", color=MUTED)
        right.fill(*CORNERS.T, facecolor=LIGHT.raised, edgecolor=MUTED, lw=1.2)
        right.plot(*path.T, color=color, lw=1.6, ls=":")
        right.plot(*CORNERS.mean(0), "+", color=MUTED, ms=9, mew=1.6)
        right.annotate("uniform", CORNERS.mean(0), xytext=(9, -4), textcoords="offset points", color=MUTED)
        for (x, y), name, down in zip(CORNERS, ("all on p₁", "all on p₂", "all on p₃"), (-18, -18, 7), strict=True):
            right.annotate(name, (x, y), xytext=(0, down), textcoords="offset points", ha="center")
        right.set(title="the same, as a point in a triangle", xlim=(-1.45, 1.45), ylim=(-0.3, 2.05))
        right.set_aspect("equal")
        right.set_axis_off()
        return axes

    def bars(T, way):
        p = shares(np.stack([ways[way](T), z]))[0]
        marks = [*_bars(p, color), Dot(*(p @ CORNERS), color, 14, 1)]
        total = p.sum()
        if not (np.isfinite(p).all() and abs(total - 1) < 1e-6 and (p >= 0).all()):
            return marks, (
                f"At T = {T:.2g} the three numbers are {_listed(p)} and add up to {total:.3f}: these are not "
                "probabilities. Is the sum taken along the axis that was asked for?"
            )
        entropy = -(p[p > 0] * np.log(p[p > 0])).sum()
        share = entropy / np.log(3)
        shape = "one-hot" if share < 0.02 else "uniform" if share > 0.98 else "neither one-hot nor uniform"
        return marks, (
            f"At T = {T:.2g}, with {way}, the probabilities are {_listed(p)} and add up to {total:.3f}. "
            f"Their entropy is {entropy:.3f} nats, {share:.0%} of its maximum log 3: "
            f"{shape if shape.startswith('neither') else f'nearly {shape}'}."
        )

    sliders = {
        "T": Slider(10 ** np.linspace(-1.5, 1.5, 31), 1.0, "temperature T", "{:.2g}"),
        "way": Choice(ways, "scores / T", "the softmax receives"),
    }
    return Explorer("Softmax at a temperature", sliders, background, bars)


def explore_jacobian(own: Callable[..., Any] | None = None) -> Explorer:
    """The nine slopes ∂pᵢ/∂zⱼ of a softmax over three scores, as a heat map that moves with the scores.

    own: a learner's softmax_jacobian(p), the course's by default.
    """
    color = REGISTRY["softmax"].color

    def slopes(p):
        return softmax_jacobian(p) if own is None else learner.finite(own, (3, 3), p)

    def background(figure):
        slopes(np.full(3, 1 / 3))
        left, right = axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.07, right=0.95, top=0.84, bottom=0.10, wspace=0.24)
        left.set(title="probabilities", xlim=(-0.6, 2.6), ylim=(0, 1.1))
        left.set_xticks(range(3), NAMES)
        left.grid(axis="x", visible=False)
        right.set(title="slopes ∂p / ∂z", xlim=(-0.5, 2.5), ylim=(2.5, -0.5))
        right.set_xticks(range(3), ["of z₁", "of z₂", "of z₃"])
        right.set_yticks(range(3), NAMES)
        right.tick_params(length=0)
        right.grid(visible=False)
        return axes

    def matrix(z1, z2, z3):
        p = softmax(np.array([z1, z2, z3]))
        J = slopes(p)
        marks = _bars(p, color)
        marks += [_cell(i, j, slope) for (i, j), slope in np.ndenumerate(J)]
        marks += [Text(j, i + 0.06, _signed(slope), size=16, ax=1) for (i, j), slope in np.ndenumerate(J)]
        rows, largest = J.sum(1), np.abs(J).max()
        told = (
            f"Raise z₁ alone and p₁, p₂, p₃ move at the rates {', '.join(map(_signed, J[:, 0]))}. "
            f"The largest slope is {largest:.3f}, {4 * largest:.0%} of the ¼ that is possible"
        )
        if np.abs(rows).max() > 1e-6:
            worst = np.abs(rows).argmax()
            return marks, f"{told}. Row {worst + 1} of your matrix adds up to {_signed(rows[worst])}, not to 0."
        asleep = "; the softmax has saturated" if largest < 0.01 else ""
        return marks, f"p = ({_listed(p)}). {told}{asleep}. Every row adds up to {abs(rows).max():.3f}."

    steps = np.linspace(-6, 6, 13)
    sliders = {f"z{k + 1}": Slider(steps, start, f"score z{'₁₂₃'[k]}", "{:g}") for k, start in enumerate((2, 1, 0))}
    return Explorer("The Jacobian of softmax", sliders, background, matrix)


def competition(
    softmax: Callable[..., Any] | None = None,
    softmax_jacobian: Callable[..., Any] | None = None,
    others: Sequence[float] = (1.0, 0.5, 0.0, -0.5),
) -> Explorer:
    """Probabilities while one score moves, and beside them the Jacobian, by the learner's own functions.

    Without functions: the course's softmax, and no Jacobian.
    """
    k = len(others) + 1
    own = softmax is not None
    softmax = softmax or activations.softmax
    color = REGISTRY["softmax"].color

    def background(figure):
        axes = np.atleast_1d(figure.subplots(1, 2 if own else 1))
        figure.subplots_adjust(left=0.07, right=0.97, top=0.90, bottom=0.15, wspace=0.2)
        axes[0].set(title=f"{'your ' * own}softmax of {k} scores", xlabel="unit", ylabel="probability")
        axes[0].set(xlim=(0.4, k + 0.6), ylim=(0, 1.05), xticks=range(1, k + 1))
        if own:
            axes[1].set(title="your Jacobian, ∂pᵢ / ∂zⱼ", xlabel="score j", ylabel="probability i")
            axes[1].set(xlim=(0.4, k + 0.6), ylim=(k + 0.6, 0.4), xticks=range(1, k + 1), yticks=range(1, k + 1))
            axes[1].grid(visible=False)
        return axes

    def bars(z1):
        p = learner.finite(softmax, (k,), np.array([z1, *others]))
        marks = []
        for i, height in enumerate(p, 1):
            marks += [_bar(i, height, 0.36, color, 0.9 if i == 1 else 0.45), Text(i, height + 0.02, f"{height:.2f}")]
        words = f"With score 1 at {z1:+.1f} unit 1 takes {p[0]:.1%}, and the other {k - 1} share {1 - p[0]:.1%}."
        if not own:
            return marks, words
        J = learner.finite(softmax_jacobian, (k, k), p)
        for i, j in np.ndindex(k, k):
            x, y = j + 1 + np.array([-0.46, -0.46, 0.46, 0.46]), i + 1 + np.array([-0.46, 0.46, 0.46, -0.46])
            shade = float(np.clip(0.05 + 3 * abs(J[i, j]), 0, 0.8))
            marks += [
                Area(x, y, POSITIVE if J[i, j] > 0 else NEGATIVE, shade, ax=1),
                Text(j + 1, i + 1.1, _signed(J[i, j], 2), size=14, ax=1),
            ]
        return marks, (
            f"{words} Raise it a little: your Jacobian moves p₁ at the rate {_signed(J[0, 0])} and the others together "
            f"at {_signed(J[1:, 0].sum())}."
        )

    sliders = {"z1": Slider(np.linspace(-4, 4, 17), 1, "score 1", "{:+.1f}")}
    return Explorer("Five scores, one total", sliders, background, bars, size=(900, 380))


def _bars(p: NDArray[np.float64], color: str) -> list[Mark]:
    """Three bars with their values on top, on the first axes."""
    marks: list[Mark] = []
    for x, share in enumerate(p):
        marks += [_bar(x, share, 0.32, color, 0.8), Text(x, share + 0.025, f"{share:.3f}", size=16)]
    return marks


def _bar(x: float, height: float, half: float, color: str, opacity: float) -> Area:
    return Area([x - half, x - half, x + half, x + half], [0, height, height, 0], color, opacity)


def _cell(i: int, j: int, slope: float) -> Area:
    """One square of the heat map on the second axes, by sign and size of the slope."""
    across, down = j + SQUARE[0], i + SQUARE[1]
    return Area(across, down, POSITIVE if slope > 0 else NEGATIVE, round(0.04 + 0.8 * min(4 * abs(slope), 1), 2), 1)


def _signed(value: float, digits: int = 3) -> str:
    text = minus(f"{value:+.{digits}f}")
    return text if float(text[1:]) else text[1:]


def _listed(p: NDArray[np.float64]) -> str:
    return ", ".join(f"{share:.3f}" for share in p)
