"""Gradient descent on two weights."""

import numpy as np

from actlab.activations import REGISTRY
from actlab.figures import INK
from actlab.live import Dot, Explorer, Line, Slider


def explore_zigzag(seed=0, n=200):
    """Gradient descent on two weights: all inputs positive (sigmoid outputs) beside centred inputs (tanh outputs).

    Each side runs at a multiple of its own best learning rate, 2/(λ₁ + λ₂).  n inputs, start (-1, -1.5), goal (1, -1).
    """
    goal, origin = np.array([1.0, -1.0]), np.array([-1.0, -1.5])
    u = np.random.default_rng(seed).normal(size=(n, 2))
    panels = [("positive inputs: sigmoid(u)", REGISTRY["sigmoid"]), ("centred inputs: tanh(u)", REGISTRY["tanh"])]
    hessians = [entry.f(u).T @ entry.f(u) / n for _, entry in panels]
    spectra = [np.linalg.eigvalsh(H) for H in hessians]
    shown = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 45]

    def path(H, spectrum, rate):
        points = [origin]
        for _ in range(max(shown)):
            points.append(points[-1] - rate * 2 / spectrum.sum() * H @ (points[-1] - goal))
        return np.array(points)

    def background(figure):
        axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.08, right=0.98, top=0.9, bottom=0.14, wspace=0.22)
        w1, w2 = np.meshgrid(np.linspace(-1.8, 2.2, 161), np.linspace(-2.4, 1.0, 161))
        offset = np.stack([w1 - goal[0], w2 - goal[1]], axis=-1)
        for ax, H, spectrum, (title, entry) in zip(axes, hessians, spectra, panels, strict=True):
            loss = np.einsum("...i,ij,...j", offset, H, offset) / 2
            ax.contour(
                w1,
                w2,
                loss,
                levels=spectrum[1] * np.geomspace(0.003, 3, 9),
                colors=entry.color,
                linewidths=0.9,
                alpha=0.55,
            )
            ax.plot(*goal, "*", color=INK, ms=15)
            ax.annotate(
                f"condition number {spectrum[1] / spectrum[0]:.1f}", (0.97, 0.05), xycoords="axes fraction", ha="right"
            )
            ax.annotate("start", origin, xytext=(0, -17), textcoords="offset points", ha="center", fontweight="bold")
            ax.set(title=title, xlabel="$w_1$", ylabel="$w_2$", xlim=(-1.8, 2.2), ylim=(-2.4, 1.0))
        return axes

    def descent(steps, rate):
        marks, words = [], []
        for ax, (H, spectrum, (_, entry)) in enumerate(zip(hessians, spectra, panels, strict=True)):
            points = path(H, spectrum, rate)[: steps + 1]
            left = np.linalg.norm(points[-1] - goal) / np.linalg.norm(origin - goal)
            walked = np.linalg.norm(np.diff(points, axis=0), axis=1).sum() / np.linalg.norm(origin - goal)
            marks += [
                Line(*points.T, entry.color, 2.2, ax=ax),
                Dot(*points.T, entry.color, 7, ax),
                Dot(*points[-1], INK, 12, ax),
            ]
            words.append(
                f"{entry.name} inputs leave {left:.1%} of the distance and have walked {walked:.2f} × the straight line"
            )
        return marks, f"After {steps} steps at {rate:g} × the best rate, {'; '.join(words)}."

    sliders = {
        "steps": Slider(shown, 12, "steps"),
        "rate": Slider([0.25, 0.5, 0.75, 1.0, 1.05], 1.0, "learning rate", "{:g} × best"),
    }
    conditions = " and ".join(f"{high / low:.1f}" for low, high in spectra)
    title = f"Zig-zag on two weights, condition numbers {conditions}"
    return Explorer(title, sliders, background, descent, size=(900, 420))
