"""Axes drawn as SVG from what they show: a background that does not need matplotlib, which takes a second to import."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actlab import narrow
from actlab.figures import STYLE, Panel, beside, digest_of, vector_source
from actlab.live import page
from actlab.live.marks import FACES, Area, Canvas, Dot, Line, Mark, Place, Points, Text, printable
from actlab.live.sliders import Unfit
from actlab.words import minus, power

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Round distances between two ticks, up to a power of ten."""

_LONGEST = 5
"""Letters of a number beside an axis, at most; what would be longer has its power of ten at the end of the axis."""

_NOTCH = 5
"""Length of a tick in CSS pixels."""

_LETTER = 12.5
"""Width of a letter of a title in CSS pixels, rather more than less."""

_LEADING = 22
"""CSS pixels from one line of a title to the next."""


@dataclass(frozen=True)
class Chart:
    """One pair of axes, and what does not move in it.

    xlim, ylim: the first and the last number of each axis.  marks: drawn over the grid, in their order; their `ax` does
    not count.  left, right, top, bottom: CSS pixels between the axes and the edges of the panel that they fill; at the
    left there are more for a ylabel.
    """

    xlim: tuple[float, float]
    ylim: tuple[float, float]
    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    marks: Sequence[Mark] = ()
    left: float = 58
    right: float = 18
    top: float = 46
    bottom: float = 59

    def __post_init__(self) -> None:
        for name, limits in (("xlim", self.xlim), ("ylim", self.ylim)):
            if not np.isfinite(limits).all() or limits[0] == limits[1]:
                first, last = map(float, limits)
                raise Unfit(f"A chart's {name} is ({first:g}, {last:g}): an axis needs two different finite numbers.")

    @property
    def before(self) -> float:
        """CSS pixels at the left of the axes."""
        return self.left + (24 if self.ylabel else 0)

    def place(self, start: float, width: float, height: float) -> Place:
        """Where the axes lie in a panel of this width and height that begins at `start`, all in CSS pixels."""
        corner, far = (start + self.before, self.top), (start + width - self.right, height - self.bottom)
        (x0, x1), (y0, y1), w, h = self.xlim, self.ylim, far[0] - corner[0], far[1] - corner[1]
        scale = np.array([w / (x1 - x0), h / (y0 - y1)])
        origin = corner - scale * (x0, y1)

        def pixels(points: Points) -> Points:
            return points * scale + origin

        return Place((round(corner[0], 1), round(corner[1], 1), round(w, 1), round(h, 1)), pixels)

    def svg(self, place: Place) -> str:
        """The axes with their marks."""
        x, y, w, h = place.box
        size = _pixels("xtick.labelsize")
        columns, rows = ticks(*self.xlim, int(w / size / 3.6)), ticks(*self.ylim, int(h / size / 2))
        across = place.pixels(np.column_stack([columns, np.full(columns.size, self.ylim[0])]))[:, 0]
        up = place.pixels(np.column_stack([np.full(rows.size, self.xlim[0]), rows]))[:, 1]
        (under, wide), (beside, high) = _labels(columns), _labels(rows)
        edge = x + w + self.right
        centres = [min(at, edge - size * _wide(text) / 2) for text, at in zip(under, across, strict=True)]
        low, caption, above = y + h + 21, y + h + 42, self.title.split("\n")[::-1]
        return "".join(
            [
                _lines("grid.color", "grid.linewidth", *(f"M{at:.1f} {y}v{h}" for at in across)),
                _lines("grid.color", "grid.linewidth", *(f"M{x} {at:.1f}h{w}" for at in up)),
                Canvas([place]).svg([replace(mark, ax=0) for mark in self.marks]),
                _lines("axes.edgecolor", "axes.linewidth", f"M{x} {y}v{h}h{w}"),
                _lines("xtick.color", "axes.linewidth", *(f"M{at:.1f} {y + h}v{_NOTCH}" for at in across)),
                _lines("ytick.color", "axes.linewidth", *(f"M{x} {at:.1f}h{-_NOTCH}" for at in up)),
                *(_text(text, at, low, "xtick.label", "middle") for text, at in zip(under, centres, strict=True)),
                *(_text(text, x - 9, at + 5, "ytick.label", "end") for text, at in zip(beside, up, strict=True)),
                _text(wide, x + w, caption, "xtick.label", "end"),
                _text(high, x - 6, y - 13, "ytick.label", "end"),
                *(_text(line, x, y - 13 - _LEADING * k, "axes.title", "start") for k, line in enumerate(above)),
                _text(self.xlabel, x + w / 2, caption, "axes.label", "middle"),
                _text(self.ylabel, x - self.before + 18, y + h / 2, "axes.label", "middle", turned=True),
            ]
        )


def margin(names: Iterable[str]) -> float:
    """CSS pixels at the right of axes for names beside their curves: enough for them, but no more than 200."""
    return min(24.0 + 10 * max(map(len, names), default=0), 200.0)


def named(chart: Chart, names: Iterable[tuple[str, float, str]], gap: float = 0.065) -> Chart:
    """The chart with each curve's name beside its right end, pushed apart until no two overlap.

    names: [(text, y, color)] in data coordinates.  gap: the least distance, as a share of the axis height.
    """
    (x0, x1), (y0, y1) = chart.xlim, chart.ylim
    ends = beside(((text, (y - y0) / (y1 - y0), color) for text, y, color in names), gap)
    texts = [
        Text(x1 + (x1 - x0) / 45, y0 + (share - 0.018) * (y1 - y0), text, color, "start") for text, share, color in ends
    ]
    return replace(chart, marks=[*chart.marks, *texts])


def thinned(
    x: NDArray[np.float64], y: NDArray[np.floating], gap: float
) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
    """A curve of many points with fewer: every eighth, and all where these would miss it by more than `gap`.

    x: (n,), rising.  y: (n,).
    """
    block = np.arange(x.size) // 8
    keep = np.diff(block, prepend=-1) > 0
    keep[-1] = True
    missed = ~(np.abs(y - np.interp(x, x[keep], y[keep])) <= gap)  # so NaN is missed
    keep |= np.isin(block, block[missed])
    return x[keep], y[keep]


def ticks(low: float, high: float, most: int = 9) -> NDArray[np.float64]:
    """Round numbers at even steps between two.  most: steps that fit, of which five to nine are made use of."""
    low, high = sorted((low, high))
    least = (high - low) / min(max(most, 5), 9)
    scale = 10.0 ** math.floor(math.log10(least))
    step = next(step * scale for step in _STEPS if step * scale >= least * (1 - 1e-9))
    return np.array([k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)])


def _labels(values: NDArray[np.float64]) -> tuple[list[str], str]:
    """Ticks as texts, each with the decimals that all need, and the power of ten by which they are to be multiplied."""
    texts = _written(values)
    if max(map(len, texts), default=0) <= _LONGEST:
        return texts, ""
    exponent = math.floor(math.log10(np.abs(values).max()))
    shorter = _written(values / 10.0**exponent)
    return (shorter, f"×{power(exponent)}") if max(map(len, shorter)) < max(map(len, texts)) else (texts, "")


def _written(values: NDArray[np.float64]) -> list[str]:
    fine = 1e-6 * (np.ptp(values) if values.size > 1 else np.abs(values).max(initial=0))
    decimals = next(d for d in range(400) if np.abs(values.round(d) - values).max(initial=0) <= fine)
    return [minus(f"{value + 0.0:.{decimals}f}") for value in values.round(decimals)]


def _wide(number: str) -> float:
    """Width of a number, as a multiple of the size of its letters."""
    return 0.64 * len(number) - 0.32 * number.count(".") + 0.2 * number.count("−")


def _pixels(setting: str) -> float:
    """A size of the course's style in CSS pixels; it counts in points."""
    return round(STYLE[setting] * 100 / 72, 1)


def _lines(color: str, width: str, *paths: str) -> str:
    return f'<path d="{"".join(paths)}" fill="none" stroke="{STYLE[color]}" stroke-width="{_pixels(width)}"/>'


def _text(text: str, x: float, y: float, kind: str, anchor: str, turned: bool = False) -> str:
    """Words in the style that the course has for their kind; turned: reading upwards."""
    size, color = _pixels(f"{kind}size"), STYLE.get(f"{kind}color", STYLE["xtick.color"])
    weight = STYLE.get(f"{kind}weight", "normal")
    where = f'x="{x:.1f}" y="{y:.1f}"' + f' transform="rotate(-90 {x:.1f} {y:.1f})"' * turned
    face = f"font:{weight} {size}px {FACES}"
    return f'<text {where} text-anchor="{anchor}" fill="{color}" style="{face}">{html.escape(printable(text))}</text>'


def places(charts: Sequence[Chart], size: tuple[int, int]) -> list[Place]:
    """Where the axes of charts lie that share a picture of this width and height from left to right."""
    width = size[0] / len(charts)
    return [chart.place(k * width, width, size[1]) for k, chart in enumerate(charts)]


def panels(charts: Sequence[Chart], places: Sequence[Place], size: tuple[int, int]) -> list[Panel]:
    """The pictures of charts at their places, each as wide as the others."""
    width, height = size[0] / len(charts), size[1]
    return [
        Panel(k * width, width, vector_source(chart.svg(place), k * width, width, height))
        for k, (chart, place) in enumerate(zip(charts, places, strict=True))
    ]


def phone(charts: Sequence[Chart], size: tuple[int, int]) -> dict[str, Any] | None:
    """What explorer.js needs to show one wide chart on a phone: narrower axes between the same margins."""
    if len(charts) > 1 or size[0] <= narrow.WIDE:
        return None
    (chart,) = charts
    lines = textwrap.wrap(chart.title, int((narrow.PHONE - chart.before) / _LETTER)) or [""]
    drop = _LEADING * (len(lines) - 1)
    small = replace(chart, title="\n".join(lines), top=chart.top + drop)
    place = small.place(0, narrow.PHONE, size[1] + drop)
    squeeze = place.box[2] / chart.place(0, *size).box[2]
    source = vector_source(small.svg(place), 0, narrow.PHONE, size[1] + drop)
    return page.squeezed(source, size[1] + drop, squeeze, chart.before * (1 - squeeze), drop)


def digest(charts: Iterable[Chart]) -> str:
    """As of a figure: of the numbers that the marks of the charts show."""
    shown = (mark for chart in charts for mark in chart.marks if isinstance(mark, Line | Dot | Area))
    return digest_of(v for mark in shown for side in (mark.x, mark.y) for v in np.ravel(side)[::5].tolist())
