"""What was recorded as a table, as a picture, and as a table that follows the training."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from actlab.figures import DASHES, MUTED, Picture, label_ends, new_figure, static_output, style
from actlab.look import CURVES
from actlab.tables import Table
from actlab.watching.layers import Layer

HEAD = ("layer", "z", "a", "zeros", "saturated", "never above 0", "‖∂loss/∂W‖", "step / weights")
PAUSE = 0.5
"""Seconds between two updates of a live table."""
SHOWN = 8
"""Layers that are drawn; of more, these many, evenly spread, the first and the last among them."""


def table(layers: Sequence[Layer], note: str = "") -> Table:
    """One step: a row for each layer, numbered from 1; "–" where something is not known."""
    rows = [
        [
            f"{number}: {layer.title}",
            _said(layer.z, ".2g"),
            _said(layer.a, ".2g"),
            _said(layer.zeros, ".0%"),
            _said(layer.saturated, ".0%"),
            _said(layer.silent, ".0%"),
            _said(layer.gradient, ".0e"),
            _said(layer.ratio, ".0e"),
        ]
        for number, layer in enumerate(layers, 1)
    ]
    return Table(HEAD, rows, note)


def _said(value: float, form: str) -> str:
    return "–" if math.isnan(value) else f"{value:{form}}"


PANELS = (
    ("z", "size of z", True),
    ("a", "size of a", True),
    ("silent", "share never above 0", False),
    ("saturated", "share saturated", False),
    ("gradient", "‖∂loss/∂W‖", True),
    ("ratio", "step / weights", True),
)
"""Field of a layer, what it is called, whether its axis is logarithmic."""


def picture(steps: Sequence[int], records: Sequence[Sequence[Layer]]) -> Picture:
    """Six panels over the recorded steps, a curve for each layer, with its number at the end.

    steps: numbers of the steps.  records: their layers.  Layers are those of the last step.
    """
    last = records[-1]
    chosen = np.unique(np.linspace(0, len(last) - 1, min(SHOWN, len(last))).round().astype(int))
    with style():
        figure = new_figure((900, 530))
        grid = figure.subplots(2, 3)
        figure.subplots_adjust(left=0.07, right=0.955, top=0.94, bottom=0.1, wspace=0.32, hspace=0.36)
        for ax, (key, title, log) in zip(grid.T.ravel(), PANELS, strict=True):
            ax.set_title(title)
            _curves(ax, steps, {k: _over_steps(records, last[k].title, key) for k in chosen}, log)
            if key == "ratio":
                ax.axhline(1e-3, color=MUTED, lw=1.2, ls=":")
        for ax in grid[1]:
            ax.set_xlabel("training step")
    return Picture(figure, _alt(steps, last), exact=False)


def _over_steps(records: Sequence[Sequence[Layer]], title: str, key: str) -> list[float]:
    return [next((getattr(one, key) for one in layers if one.title == title), math.nan) for layers in records]


def _curves(ax: Any, steps: Sequence[int], curves: dict[int, list[float]], log: bool) -> None:
    from matplotlib.ticker import NullLocator

    width = max(steps[-1] - steps[0], 1)
    ax.set_xlim(steps[0] - 0.02 * width, steps[0] + 1.02 * width)
    ends = []
    for place, (layer, values) in enumerate(curves.items()):
        heights = np.array(values)
        heights[~np.isfinite(heights) | (log & (heights <= 0))] = np.nan
        if np.isnan(heights).all():
            continue
        color, dash = CURVES[place % len(CURVES)], DASHES[place // len(CURVES) % len(DASHES)]
        ax.plot(steps, heights, color=color, ls=dash, lw=1.6, marker="o" if len(steps) == 1 else "", ms=5)
        ends.append((f"{layer + 1}", heights[~np.isnan(heights)][-1], color))
    if not ends:
        ax.text(0.5, 0.5, "not seen", transform=ax.transAxes, ha="center", color=MUTED)
        ax.set_yticks([])
        return
    if log:
        drawn = np.concatenate([line.get_ydata() for line in ax.lines])
        low, high = np.floor(np.log10(np.nanmin(drawn))), np.ceil(np.log10(np.nanmax(drawn)))
        ax.set(yscale="log", ylim=(10**low, 10 ** max(high, low + 1)))
        ax.yaxis.set_minor_locator(NullLocator())
    else:
        ax.set_ylim(-0.03, 1.03)
    label_ends(ax, ends, gap=0.075)


def _alt(steps: Sequence[int], layers: Sequence[Layer]) -> str:
    """What the last step shows, by the layers where each number is lowest and highest."""
    said = []
    for key, name, form in (
        ("z", "the size of z", ".2g"),
        ("silent", "the share never above 0", ".0%"),
        ("gradient", "the gradient", ".0e"),
        ("ratio", "the step over weights", ".0e"),
    ):
        seen = [(getattr(one, key), k) for k, one in enumerate(layers, 1) if math.isfinite(getattr(one, key))]
        if seen:
            (low, first), (high, other) = min(seen), max(seen)
            said.append(f"{name} runs from {low:{form}} (layer {first}) to {high:{form}} (layer {other})")
    return f"{len(layers)} layers over {len(steps)} recorded steps. In step {steps[-1]}, " + ", ".join(said) + "."


class Live:
    """A table that is updated in place in a notebook, and printed once at the end elsewhere."""

    def __init__(self) -> None:
        self.handle: Any = None
        self.next = 0.0

    def update(self, made: Callable[[], Table]) -> None:
        """Show the table that `made` makes, unless the last one is too recent."""
        if _in_notebook() and not static_output() and time.monotonic() >= self.next:
            self._show(made())
            self.next = time.monotonic() + PAUSE

    def end(self, made: Callable[[], Table]) -> None:
        """Show the last table."""
        if _in_notebook():
            self._show(made())
        else:
            print(made())

    def _show(self, shown: Table) -> None:
        from IPython.display import display

        if self.handle is None:
            self.handle = display(shown, display_id=True)
        else:
            self.handle.update(shown)


def _in_notebook() -> bool:
    """Whether a kernel runs this, as opposed to a script or a terminal."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None
