"""The marks that move: described in data coordinates, written as SVG."""

from __future__ import annotations

import html
import re
from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actlab.figures import INK, WARM
from actlab.look import FIGURE_FACE, LIGHT

SPLIT = "\x03"
"""Between the panels of a frame; explorer.js splits there."""

FACES = f"'{FIGURE_FACE}',Verdana,sans-serif"
"""What words in a picture are written in: where the figures' face is missing, in the one it was modelled on."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Points = NDArray[np.float64]
"""(n, 2), in CSS pixels from the upper left corner."""

Placing = Callable[[ArrayLike, ArrayLike], Points]
"""From data coordinates x, y to pixels."""


@dataclass(frozen=True)
class Line:
    """A polyline; NaN breaks it.  x, y: (n,).  dash: an SVG dash pattern such as "7 5"."""

    x: ArrayLike
    y: ArrayLike
    color: str = WARM
    width: float = 2.5
    dash: str = ""
    ax: int = 0

    def svg(self, at: Placing) -> str:
        dash = f' stroke-dasharray="{self.dash}"' if self.dash else ""
        style = f'fill="none" stroke="{self.color}" stroke-width="{self.width:g}" stroke-linejoin="round"{dash}'
        return f'<path d="{_path(at(self.x, self.y))}" {style}/>'


@dataclass(frozen=True)
class Dot:
    """One disc, with a white rim, or many without.  x, y: scalars or (n,).  size: diameter in CSS pixels.

    square: a square in place of the disc, for a second class.
    """

    x: ArrayLike
    y: ArrayLike
    color: str = WARM
    size: float = 12
    ax: int = 0
    square: bool = False

    def svg(self, at: Placing) -> str:
        # Strokes of length 0 with round ends are discs: thousands of dots in one element, 12 characters each.
        end = "square" if self.square else "round"
        points = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in at(self.x, self.y) if np.isfinite(x + y))
        disc = f'<path d="{points}" stroke="{self.color}" stroke-width="{self.size:g}" stroke-linecap="{end}"/>'
        if np.ndim(self.x):
            return disc
        return f'<path d="{points}" stroke="#fff" stroke-width="{self.size + 3:g}" stroke-linecap="{end}"/>{disc}'


@dataclass(frozen=True)
class Band:
    """A vertical strip over the whole height of the axes, from x0 to x1."""

    x0: float
    x1: float
    color: str = LIGHT.edge
    opacity: float = 0.22
    ax: int = 0

    def svg(self, at: Placing) -> str:
        (left, _), (right, _) = at([self.x0, self.x1], [1, 1])
        if not np.isfinite(left + right):
            return ""
        style = f'fill="{self.color}" opacity="{self.opacity:g}"'
        return f'<rect x="{left:.1f}" y="-9999" width="{max(right - left, 0):.1f}" height="19999" {style}/>'


@dataclass(frozen=True)
class Area:
    """Filled polygons, separated by NaN; where two overlap there is a hole.  x, y: (n,)."""

    x: ArrayLike
    y: ArrayLike
    color: str = WARM
    opacity: float = 0.18
    ax: int = 0

    def svg(self, at: Placing) -> str:
        style = f'fill="{self.color}" opacity="{self.opacity:g}" fill-rule="evenodd"'
        return f'<path d="{_path(at(self.x, self.y))}" {style}/>'


@dataclass(frozen=True)
class Text:
    """A label.  anchor: "start", "middle" or "end"; size in CSS pixels."""

    x: float
    y: float
    text: str
    color: str = INK
    anchor: str = "middle"
    size: float = 15
    ax: int = 0

    def svg(self, at: Placing) -> str:
        ((x, y),) = at(self.x, self.y)
        if not np.isfinite(x + y):
            return ""
        font = f"font:600 {self.size:g}px {FACES}"
        style = f"{font};paint-order:stroke;stroke:#fff;stroke-width:4px"
        content = html.escape(printable(self.text))
        where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{self.anchor}" fill="{self.color}"'
        return f'<text {where} style="{style}">{content}</text>'


Mark = Line | Dot | Band | Area | Text
"""Whatever a layer may draw; `ax` is the number of its axes, in the order in which the background returned them."""


def printable(text: str) -> str:
    """The text without control characters, which SVG must not contain and `packing` uses for its own ends."""
    return _CONTROL.sub("", text)


def joined(lines: Iterable[ArrayLike]) -> NDArray[np.float64]:
    """Several polylines as the x and y of one, with NaN between them.  lines: arrays (n, 2)."""
    return np.concatenate([part for line in lines for part in (line, [[np.nan, np.nan]])]).T


def _path(points: Points) -> str:
    """SVG path data through pixel points; a NaN starts a new stroke."""
    out, pen = [], "M"
    for x, y in points:
        if np.isfinite(x + y):
            out.append(f"{pen}{x:.1f} {y:.1f}")
            pen = "L"
        else:
            pen = "M"
    return "".join(out)


@dataclass(frozen=True)
class Place:
    """Where axes lie.

    box: left, top, width, height in CSS pixels from the upper left corner.  pixels: from data coordinates (n, 2).
    """

    box: tuple[float, float, float, float]
    pixels: Callable[[Points], Points]


class Canvas:
    """The axes of a picture, on which marks are drawn.

    places: where they lie.  panels: where each panel of the picture begins, in CSS pixels from left to right.
    """

    def __init__(self, places: Sequence[Place], panels: Sequence[float] = (0,)) -> None:
        self._places, self._panels = places, panels

    def _at(self, ax: int, x: ArrayLike, y: ArrayLike) -> Points:
        points = np.empty((np.broadcast(x, y).size, 2))
        points[:, 0], points[:, 1] = np.ravel(x), np.ravel(y)
        with np.errstate(all="ignore"):  # 0 on a logarithmic axis: infinitely far below
            pixels = self._places[ax].pixels(points)
        return np.clip(pixels, -9999, 9999)  # off any screen, and still short; NaN stays

    @property
    def axes(self) -> int:
        """How many axes there are."""
        return len(self._places)

    def handle(self, ax: int, margin: float = 10) -> tuple[float, float, float, float]:
        """Left, top, width, height of where these axes can be grabbed, in CSS pixels: a little beyond their edges."""
        x, y, w, h = self._places[ax].box
        return x - margin, y - margin, w + 2 * margin, h + 2 * margin

    def panel(self, ax: int) -> int:
        """The number of the panel in which these axes stand."""
        x, _, width, _ = self._places[ax].box
        return bisect(self._panels, x + width / 2) - 1

    def pixels(self, ax: int, along: str, values: ArrayLike) -> NDArray[np.float64]:
        """Where data coordinates lie along "x" or "y", in CSS pixels.  values: (n,) -> (n,)."""
        side = "xy".index(along)
        return self._at(ax, *((1, values) if side else (values, 1)))[:, side]

    def svg(self, marks: Iterable[Mark]) -> str:
        """The marks as SVG, in their order, panel after panel with SPLIT between them.

        What has an extent is clipped to its axes, dots and labels are not.
        """
        out = [""] * len(self._panels)
        for (ax, clipped), group in groupby(marks, key=lambda mark: (mark.ax, isinstance(mark, Line | Band | Area))):
            drawn = "".join(mark.svg(partial(self._at, ax)) for mark in group)
            x, y, w, h = self._places[ax].box
            frame = f'<svg x="{x}" y="{y}" width="{w}" height="{h}" viewBox="{x} {y} {w} {h}">{drawn}</svg>'
            out[self.panel(ax)] += frame if clipped else drawn
        return SPLIT.join(out)
