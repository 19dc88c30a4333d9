"""Gradient descent on two weights, by the course and by the learner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actlab import learner
from actlab.activations import REGISTRY, Activation
from actlab.figures import INK
from actlab.live import Dot, Explorer, Line, Mark, Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GOAL, START = np.array([1.0, -1.0]), np.array([-1.0, -1.5])
W1, W2 = (-1.8, 2.2), (-2.4, 1.0)
"""What is seen of the two weights."""


@dataclass(frozen=True)
class _Side:
    """Squared error of two weights over one kind of inputs h (n, 2): a bowl with Hessian H and its two eigenvalues."""

    title: str
    entry: Activation
    h: NDArray[np.floating]
    H: NDArray[np.floating]
    spectrum: NDArray[np.floating]

    @property
    def best_rate(self) -> float:
        return 2 / self.spectrum.sum()


def _sides(seed: int, n: int) -> list[_Side]:
    u = np.random.default_rng(seed).normal(size=(n, 2))
    found = []
    for title, key in (("positive inputs: sigmoid outputs", "sigmoid"), ("centred inputs: tanh outputs", "tanh")):
        h = REGISTRY[key].f(u)
        H = h.T @ h / n
        found.append(_Side(title, REGISTRY[key], h, H, np.linalg.eigvalsh(H)))
    return found


def _landscape(figure: Figure, sides: list[_Side], fineness: int) -> NDArray[Any]:
    """The loss of each side as level lines, with start and goal.  fineness: points along each axis."""
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.9, bottom=0.14, wspace=0.22)
    w1, w2 = np.meshgrid(np.linspace(*W1, fineness), np.linspace(*W2, fineness))
    offset = np.stack([w1 - GOAL[0], w2 - GOAL[1]], axis=-1)
    for ax, side in zip(axes, sides, strict=True):
        loss = np.einsum("...i,ij,...j", offset, side.H, offset) / 2
        levels = side.spectrum[1] * np.geomspace(0.003, 3, 7)
        ax.contour(w1, w2, loss, levels=levels, colors=side.entry.color, linewidths=0.9, alpha=0.55)
        ax.plot(*GOAL, "*", color=INK, ms=15)
        ax.annotate("start", START, xytext=(0, -17), textcoords="offset points", ha="center", fontweight="bold")
        ax.set(title=side.title, xlabel="$w_1$", ylabel="$w_2$", xlim=W1, ylim=W2)
    return axes


def _path(points: NDArray[np.float64], side: _Side, ax: int) -> list[Mark]:
    (x, y), color = points.T, side.entry.color
    inside = (x >= W1[0]) & (x <= W1[1]) & (y >= W2[0]) & (y <= W2[1])
    marks: list[Mark] = [Line(x, y, color, 2.2, ax=ax), Dot(x[inside], y[inside], color, 7, ax)]
    return [*marks, Dot(x[-1], y[-1], INK, 12, ax)] if inside[-1] else marks


def _left(points: NDArray[np.float64]) -> str:
    """How far the last point is from the goal, measured by the way from the start to it."""
    left = float(np.linalg.norm(points[-1] - GOAL) / np.linalg.norm(START - GOAL))
    return (
        f"leave {left:.1%} of the distance"
        if left <= 1
        else f"are {left:.{int(left < 100)}f} × as far away as at the start"
    )


def _steps(count: int) -> str:
    return f"{count} step{'s' * (count != 1)}"


def explore_zigzag(seed: int = 0, n: int = 200) -> Explorer:
    """Gradient descent on two weights: all inputs positive (sigmoid outputs) beside centred inputs (tanh outputs).

    Each side runs at a multiple of its own best learning rate, 2/(λ₁ + λ₂).  n inputs, start (-1, -1.5), goal (1, -1).
    """
    sides = _sides(seed, n)
    shown = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 45]

    def path(side, rate):
        points = [START]
        for _ in range(max(shown)):
            points.append(points[-1] - rate * side.best_rate * side.H @ (points[-1] - GOAL))
        return np.array(points)

    def background(figure):
        axes = _landscape(figure, sides, 161)
        for ax, side in zip(axes, sides, strict=True):
            condition = f"condition number {side.spectrum[1] / side.spectrum[0]:.1f}"
            ax.annotate(condition, (0.97, 0.05), xycoords="axes fraction", ha="right")
        return axes

    def walk(steps, rate):
        marks, words = [], []
        for ax, side in enumerate(sides):
            points = path(side, rate)[: steps + 1]
            walked = np.linalg.norm(np.diff(points, axis=0), axis=1).sum() / np.linalg.norm(START - GOAL)
            marks += _path(points, side, ax)
            way = f"{walked:.{2 * (walked < 100)}f} × the straight line"
            words.append(f"{side.entry.name} inputs {_left(points)} and have walked {way}")
        return marks, f"After {_steps(steps)} at {rate:g} × the best rate, {'; '.join(words)}."

    sliders = {
        "steps": Slider(shown, 0, "steps", play=True),
        "rate": Slider([0.5, 0.75, 1.0, 1.05, 1.1, 1.2], 1.0, "learning rate", "{:g} × best"),
    }
    conditions = " and ".join(f"{side.spectrum[1] / side.spectrum[0]:.1f}" for side in sides)
    title = f"Zig-zag on two weights, condition numbers {conditions}"
    return Explorer(title, sliders, background, walk, size=(900, 420))


def descent(
    descend: Callable[..., Any],
    straightness: Callable[..., Any],
    weight_gradients: Callable[..., Any],
    same_sign_fraction: Callable[..., Any],
    seed: int = 8,
    n: int = 200,
) -> Explorer:
    """The learner's descent on two weights, with positive inputs and with centred ones, each at its own best rate."""
    sides = _sides(seed, n)

    def background(figure):
        return _landscape(figure, sides, 121)

    def walk(steps):
        marks, words = [], []
        for ax, side in enumerate(sides):

            def gradient(w, H=side.H):
                return H @ (np.asarray(w, float) - GOAL)

            path = learner.finite(descend, (steps + 1, 2), gradient, START.copy(), float(side.best_rate), steps)
            straight = float(learner.finite(straightness, (), path))
            rows = learner.finite(weight_gradients, side.h.shape, side.h, side.h @ (START - GOAL))
            agree = float(learner.finite(same_sign_fraction, (), rows))
            marks += _path(path, side, ax)
            words.append(
                f"{side.entry.name} inputs {_left(path)}, straightness {straight:.2f}; at the start {agree:.0%} of the "
                "samples pull both weights the same way"
            )
        return marks, f"After {_steps(steps)}, {'; '.join(words)}."

    sliders = {"steps": Slider([1, 2, 3, 4, 6, 8, 12, 16, 24, 40], 1, "steps", play=True)}
    return Explorer("Your descent on two weights", sliders, background, walk, size=(900, 420))
