"""A decision boundary while it is learned."""

from collections.abc import Callable
from typing import Any

import numpy as np

from actlab.activations import REGISTRY
from actlab.data import circles
from actlab.figures import INK, WARM, scatter_classes
from actlab.live import Area, Explorer, Line, Slider, joined


def explore_boundary(
    left: tuple[str, int] = ("linear", 8),
    right: tuple[str, int] = ("relu", 2),
    data: Callable[..., Any] = circles,
    steps: int = 200,
    rate: float = 0.01,
    seed: int = 0,
) -> Explorer:
    """Decision boundaries of two networks of width 32 while they train on the same points.

    left, right: (registry key, number of layers).  data: a function from `actlab.data`.  Needs torch.
    """
    from contourpy import contour_generator

    from actlab.training import Networks

    X, y = data(400, 0)
    reach = 1.25 * np.abs(X).max()
    ticks = np.linspace(-reach, reach, 61)
    plane = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    every = max(steps // 20, 1)
    runs = []
    for key, depth in (left, right):
        nets = Networks([2] + [32] * (depth - 1) + [2], key, seeds=seed + 1, gain=2**0.5 if key == "relu" else 1.0)

        def look(nets):
            scores = nets.predict(plane)[seed]
            return (scores[:, 1] - scores[:, 0]).reshape(61, 61), nets.accuracy(X, y)[seed]

        runs.append(nets.fit(X, y, steps, rate, watch=look, every=every)[1])
    names = [f"{'affine' if k == 'linear' else REGISTRY[k].name}, depth {d}" for k, d in (left, right)]

    def background(figure):
        axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.05, right=0.98, top=0.90, bottom=0.10, wspace=0.12)
        for ax, name in zip(axes, names, strict=True):
            scatter_classes(ax, X, y)
            ax.set(title=name, xlim=(-reach, reach), ylim=(-reach, reach))
            ax.set_aspect("equal", adjustable="box")
        return axes

    def boundary(step):
        marks, words = [], []
        for ax, (run, name) in enumerate(zip(runs, names, strict=True)):
            scores, accuracy = run[step // every]
            contours = contour_generator(ticks, ticks, scores)
            areas, _ = contours.filled(0, np.inf)
            if areas:
                marks.append(Area(*joined(areas), WARM, 0.16, ax))
            if contours.lines(0):
                marks.append(Line(*joined(contours.lines(0)), INK, 2.5, ax=ax))
            words.append(f"{name}: {_in_words_of_a_line(accuracy)}")
        return marks, f"After {step} steps, {'; '.join(words)}."

    sliders = {"step": Slider(range(0, steps + 1, every), 0, "training step", play=True)}
    return Explorer(f"Learning {data.__name__}", sliders, background, boundary, size=(900, 420), exact=False)


def _in_words_of_a_line(accuracy: float) -> str:
    """Accuracy on two balanced classes, coarse enough to be the same on every processor."""
    if accuracy > 0.95:
        return "more than 95 % right"
    if accuracy > 0.8:
        return "80 to 95 % right"
    return (
        "60 to 80 % right, like a good straight line"
        if accuracy > 0.6
        else "under 60 % right, hardly better than guessing"
    )
