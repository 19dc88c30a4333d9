"""How a figure fits a phone: where it can be cut into panels, and a narrower drawing of a panel that stays wide."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Text

PHONE = 440
"""Width of the narrower drawing in CSS pixels: on a phone of 390 its smallest words have 11."""

MEDIA = "(max-width:600px)"
"""Screens that get the narrower drawing."""

WIDE = 560
"""A panel wider than this is drawn a second time."""

SLIM = 120
"""Axes slimmer than this, as the key of a colour map, stay with what is beside them."""

NAMES = 124
"""Names beside an axis are broken into lines no longer than this, where they can be."""

GAP = 6
"""Pixels between two labels under an axis, at least."""

DPI = 150
"""Device pixels per 100 CSS pixels of a narrow drawing: it is shown on a phone, which makes it narrower still."""

_NAME = re.compile(r"^[^$]*[A-Za-z]{2}")
_WORDS = re.compile(r"(?:\$[^$]*\$|\S)+")


def cuts(figure: Figure, paper: RendererAgg) -> list[float]:
    """Where a drawn figure can be cut from top to bottom: CSS pixels from the left, its two edges included.

    No cut passes through axes, their labels, or words of the figure itself.
    """
    scale = 100 / figure.dpi
    width = figure.bbox.width * scale
    parts = [*figure.axes, *figure.texts, *figure.legends]
    boxes = [box for part in parts if part.get_visible() and (box := part.get_tightbbox(paper))]
    groups: list[list[float]] = []
    for left, right in sorted((box.x0 * scale, box.x1 * scale) for box in boxes):
        slim = groups and min(right - left, groups[-1][1] - groups[-1][0]) < SLIM
        if groups and (left <= groups[-1][1] or slim):
            groups[-1][1] = max(groups[-1][1], right)
        else:
            groups.append([left, right])
    return [0, *(round((one[1] + other[0]) / 2) for one, other in itertools.pairwise(groups)), width]


@dataclass(frozen=True)
class Narrowed:
    """A figure drawn again for a phone, and where a point (x, y) of the wide one lies in it.

    x becomes squeeze · x + shift, and y becomes y + drop, in CSS pixels from the upper left corner.
    """

    figure: Figure
    squeeze: float
    shift: float
    drop: float


def narrowed(figure: Figure, paper: Callable[[Figure], RendererAgg]) -> Narrowed:
    """A drawn figure at the width of a phone: long words over several lines, other margins as wide as before.

    paper: gives what a figure is drawn on.  The figure itself stays as it is.
    """
    figure, scale = copy.deepcopy(figure), 100 / figure.dpi
    width, height = (side * scale for side in figure.bbox.size)
    figure.set_dpi(DPI)
    places = [ax.get_position() for ax in figure.axes]
    left, right = min(p.x0 for p in places) * width, max(p.x1 for p in places) * width
    outer = [ax for ax, place in zip(figure.axes, places, strict=True) if place.x0 * width < left + SLIM]
    saved = min(_slimmed(ax.yaxis, paper(figure)) for ax in outer)
    squeeze = (PHONE - width + right - left + saved) / (right - left)
    shift = left * (1 - squeeze) - saved
    figure.set_size_inches(PHONE / 100, height / 100)
    for ax, place in zip(figure.axes, places, strict=True):
        start, wide = squeeze * place.x0 * width + shift, squeeze * place.width * width
        ax.set_position((start / PHONE, place.y0, wide / PHONE, place.height))
    sheet = paper(figure)
    above = below = 0.0
    for ax in figure.axes:
        room = PHONE - ax.get_position().x0 * PHONE - GAP
        titles = (ax.title, ax._left_title, ax._right_title)  # type: ignore[attr-defined]
        above = max(above, *(_grown(title, room, sheet) for title in titles))
        centre = (ax.get_position().x0 + ax.get_position().x1) / 2 * PHONE
        beside = 2 * (min(centre, PHONE - centre) - GAP)
        below = max(below, _parted(ax.xaxis, sheet) + _grown(ax.xaxis.label, beside, sheet))
    taller = height + above + below
    figure.set_size_inches(PHONE / 100, taller / 100)
    for ax in figure.axes:
        p = ax.get_position()
        ax.set_position((p.x0, (p.y0 * height + below) / taller, p.width, p.height * height / taller))
    return Narrowed(figure, squeeze, shift, above)


def _slimmed(axis: Axis, sheet: RendererAgg) -> float:
    """Break long names beside an axis into lines of at most `NAMES` CSS pixels; by how much they take less room."""
    labels = [tick.label1 for tick in axis.get_major_ticks()]
    before = max((_size(label, sheet)[0] for label in labels), default=0.0)
    if before <= NAMES or not any(_NAME.search(label.get_text()) for label in labels):
        return 0.0
    for label in labels:
        _grown(label, NAMES, sheet)
    after = max(_size(label, sheet)[0] for label in labels)
    axis.set_ticks(axis.get_majorticklocs(), labels=[label.get_text() for label in labels])
    return before - after


def _size(words: Text, sheet: RendererAgg) -> tuple[float, float]:
    """Width and height of a text in CSS pixels."""
    box = words.get_window_extent(sheet)
    return box.width * 100 / words.figure.dpi, box.height * 100 / words.figure.dpi


def _grown(words: Text, room: float, sheet: RendererAgg) -> float:
    """Break a text into lines of at most `room` CSS pixels, between words and outside formulas; by how much it grew."""
    if not words.get_text():
        return 0.0
    before = _size(words, sheet)[1]
    lines = [""]
    for word in _WORDS.findall(words.get_text()):
        words.set_text(longer := f"{lines[-1]} {word}".strip())
        if lines[-1] and _size(words, sheet)[0] > room:
            lines.append(word)
        else:
            lines[-1] = longer
    words.set_text("\n".join(lines))
    return _size(words, sheet)[1] - before


def _parted(axis: Axis, sheet: RendererAgg) -> float:
    """Keep the labels under an axis apart: every other number is left out, names are turned; by how much they grew."""
    low, high = sorted(axis.get_view_interval())
    labels = [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    boxes = sorted(
        (box.x0, box.x1) for label in labels if label.get_text() and (box := label.get_window_extent(sheet)).width
    )
    gap = GAP * axis.figure.dpi / 100
    if all(one[1] + gap <= other[0] for one, other in itertools.pairwise(boxes)):
        return 0.0
    if not any(_NAME.search(label.get_text()) for label in labels):
        for label in labels[1::2]:
            label.set_visible(False)
        return 0.0
    before = max(_size(label, sheet)[1] for label in labels)
    for label in labels:
        label.set(rotation=35, ha="right", rotation_mode="anchor")
    return max(_size(label, sheet)[1] for label in labels) - before
