"""The picture as a handle: whoever drags in it moves a slider."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actlab.live.marks import Canvas
from actlab.live.sliders import Slider, Unfit


@dataclass(frozen=True)
class Grab:
    """How dragging in the picture moves a slider: to the position that lies nearest to the pointer.

    along: "x" or "y".  ax: the number of the axes, as for marks.  at: from a position to its data coordinate along that
    axis (default: the position itself).
    """

    along: str
    ax: int = 0
    at: Callable[[Any], float] = float


One = str | tuple[str, int] | Grab
Grabs = Mapping[str, One | Sequence[One]]
"""{name of a slider: Grab, or its first fields, or a list of these where several axes move it}."""


@dataclass(frozen=True)
class Held:
    """A grabbed slider in its picture.  index: among the sliders.  pixels: where each of its positions lies, (n,)."""

    index: int
    grab: Grab
    pixels: NDArray[np.float64]


def held(grabs: Grabs, sliders: Mapping[str, Slider], canvas: Canvas) -> list[Held]:
    """The grabs of an explorer, in its picture.

    Errors: Unfit for a slider, a direction, axes or a place that does not exist.
    """
    names = list(sliders)
    found = []
    each = ((name, one) for name, given in grabs.items() for one in (given if isinstance(given, list) else [given]))
    for name, given in each:
        grab = given if isinstance(given, Grab) else Grab(*([given] if isinstance(given, str) else given))
        if name not in names:
            raise Unfit(f"`grab` names `{name}`, which is not a slider; the sliders are {', '.join(names)}.")
        if grab.along not in ("x", "y"):
            raise Unfit(f'`grab` moves `{name}` along {grab.along!r}: write "x" or "y".')
        if grab.ax not in range(canvas.axes):
            raise Unfit(f"`grab` moves `{name}` in axes {grab.ax}; the background has {canvas.axes}, counted from 0.")
        try:
            pixels = canvas.pixels(grab.ax, grab.along, [grab.at(v) for v in sliders[name].positions])
        except (TypeError, ValueError):
            pixels = np.array([np.nan])
        if not np.isfinite(pixels).all():
            raise Unfit(f"`grab` cannot place `{name}`: write `Grab(…, at=…)`, from its positions to data coordinates.")
        found.append(Held(names.index(name), grab, pixels))
    return found


def handles(grabbed: Sequence[Held], canvas: Canvas, kept: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """What explorer.js needs of each pair of axes that can be grabbed.  kept: positions that each slider offers.

    panel: the number of its panel.  box: left, top, width and height in CSS pixels of the picture.  x, y: [[index of
    a slider, [where its positions lie, as shares of the box]], ...].
    """
    found = []
    for ax in sorted({h.grab.ax for h in grabbed}):
        box = canvas.handle(ax)
        sides: dict[str, list[Any]] = {"x": [], "y": []}
        for h in grabbed:
            if h.grab.ax == ax:
                side = "xy".index(h.grab.along)
                shares = (h.pixels[list(kept[h.index])] - box[side]) / box[side + 2]
                sides[h.grab.along].append([h.index, shares.round(4).tolist()])
        found.append({"panel": canvas.panel(ax), "box": [round(part, 1) for part in box], **sides})
    return found
