"""Static figures: one look, and one way to turn a figure into what a notebook, a deck and a screen reader can show.

Nothing here uses pyplot: a figure belongs to whoever made it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import itertools
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure
    from PIL.Image import Image

from actlab import look, narrow
from actlab.look import CURVES, FIGURE_FACE, GRID, LIGHT
from actlab.words import minus

DPI = 200
"""Device pixels per 100 CSS pixels: crisp on a 2x screen."""

INK, MUTED = LIGHT.ink, LIGHT.muted
COOL, WARM = LIGHT.cool, LIGHT.warm
"""The two sides of a comparison, or two classes: tell them apart by shape and label as well."""

DASHES: tuple[Any, ...] = ("-", (0, (7, 3)), (0, (2, 2)), (0, (9, 3, 2, 3)))
"""One after another, for curves of one colour on the same axes."""

STYLE: dict[str, Any] = {
    "figure.facecolor": LIGHT.paper,
    "figure.dpi": 100,
    "font.family": "sans-serif",
    "font.sans-serif": FIGURE_FACE,
    "font.size": 11,
    "axes.facecolor": LIGHT.paper,
    "axes.edgecolor": LIGHT.edge,
    "axes.linewidth": 0.9,
    "axes.labelcolor": INK,
    "axes.labelsize": 11,
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.titlepad": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": f"cycler('color', {list(CURVES)})",
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.9,
    "lines.linewidth": 2.2,
    "lines.markersize": 7,
    "lines.solid_capstyle": "round",
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "xtick.direction": "out",
    "ytick.direction": "out",
    "legend.frameon": False,
    "mathtext.fontset": "dejavusans",
}
"""Settings of matplotlib: text readable from the back row, curves first, everything else recedes."""


def static_output() -> bool:
    """True while notebooks are built or verified (environment variable ACTLAB_STATIC): no widgets, no progress bars."""
    return bool(os.environ.get("ACTLAB_STATIC"))


def style() -> AbstractContextManager[None]:
    """Context manager: whatever matplotlib makes or draws inside has the course's style."""
    import matplotlib as mpl

    return mpl.rc_context(STYLE)


def new_figure(size: tuple[float, float]) -> Figure:
    """A matplotlib Figure of size (width, height) in CSS pixels.  Call it inside `style()`."""
    from matplotlib.figure import Figure

    return Figure(figsize=(size[0] / 100, size[1] / 100), dpi=DPI)


@lru_cache(maxsize=6)
def _paper(width: int, height: int, dpi: float) -> RendererAgg:
    """What figures of one size are drawn on, one after another.  width, height: device pixels.

    A figure is a knot of references that waits for Python's garbage collector; a sheet of its own, 6 MB, would wait
    with it.  A shared one also remembers how large each label is.  Six sizes are kept, up to 36 MB; one that is pushed
    out costs a new sheet and nothing else.
    """
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(width, height, dpi)


def sheet(figure: Figure) -> RendererAgg:
    """What the figure is drawn on, shared with others of its size."""
    return _paper(*map(int, figure.bbox.size), figure.dpi)


def drawn(figure: Figure) -> Image:
    """The figure as pixels, in a palette of 64 colours: a quarter of the size, no visible loss."""
    from PIL.Image import Dither, fromarray

    paper = sheet(figure)
    paper.clear()
    with style():
        figure.draw(paper)
    return fromarray(np.asarray(paper.buffer_rgba())).convert("RGB").quantize(64, dither=Dither.NONE)


def svg(figure: Figure) -> str:
    """The figure as an SVG element: every line a vector, every word a text; as wide and tall as in CSS pixels."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with style(), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "actlab"}):
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    # A rule for every element of its page is the figure's own affair: other drawings may stand beside it.
    drawing = re.sub(r"<style.*?</style>", "", buffer.getvalue().strip(), flags=re.DOTALL)
    size = 'width="{:g}" height="{:g}"'.format(*figure.get_size_inches() * 100)
    head = (
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {size} stroke-linejoin="round"'
    )
    return re.sub(r'^.*?<svg [^>]*?(viewBox="[^"]*")[^>]*>', rf"<svg {head} \1>", drawing, flags=re.DOTALL)


def source(pixels: Image) -> str:
    """Pixels as an address for `src`: lossless WebP, two thirds of what PNG needs."""
    buffer = io.BytesIO()
    pixels.convert("RGB").save(buffer, "WEBP", lossless=True, quality=75)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def vector_source(content: str, left: float, width: float, height: float) -> str:
    """A part of a drawing as an address for `src`, of the same own size as pixels have.

    content: SVG.  left, width, height: of the part, in CSS pixels.
    """
    own = f'width="{width * DPI / 100:g}" height="{height * DPI / 100:g}"'
    view = f'viewBox="{left:g} 0 {width:g} {height:g}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {own} {view}>{content}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def row(content: str) -> str:
    """The boxes of panels in one row, or in several on a narrow page; turned to dark with the page (`look.night`)."""
    css = f"display:flex;flex-wrap:wrap;background:{LIGHT.paper}"
    return f'<div class="actlab-panels" style="{css};{look.TURNED}">{content}</div>'


def img(address: str, alt: str) -> str:
    """An `<img>` as wide as its box."""
    css = "display:block;width:100%;max-width:none;height:auto;margin:0"
    return f'<img alt="{html.escape(alt)}" src="{address}" style="{css}">'


def panels(figure: Figure) -> list[Panel]:
    """The figure, drawn and cut into panels that stand side by side, or below each other where there is no room."""
    pixels, scale = drawn(figure), figure.dpi / 100
    with style():
        places = narrow.cuts(figure, sheet(figure))
    return [
        Panel(left, right - left, source(pixels.crop((round(left * scale), 0, round(right * scale), pixels.height))))
        for left, right in itertools.pairwise(places)
    ]


@dataclass(frozen=True)
class Panel:
    """A part of a figure from top to bottom.  left, width: CSS pixels.  source: address of its picture."""

    left: float
    width: float
    source: str

    def box(self, content: str) -> str:
        """Content in a box of the panel's width, which shrinks a little, and takes a whole row of a phone."""
        width = f"flex:{self.width:g} 1 {0.7 * self.width:g}px;max-width:{1.15 * self.width:g}px"
        return f'<div style="position:relative;min-width:0;{width}">{content}</div>'


def digest(figure: Figure) -> str:
    """Twelve hex digits over the plotted data at three significant digits.

    A stored picture is not compared byte by byte, since fonts differ; its digest is, so a flipped curve is noticed.
    """
    plotted = [
        v for ax in figure.axes for line in ax.lines for v in np.asarray(line.get_xydata(), dtype=float)[::5].ravel()
    ]
    plotted += [v for ax in figure.axes for c in ax.collections for v in np.ravel(c.get_offsets())]
    return digest_of(plotted)


def digest_of(plotted: Iterable[float]) -> str:
    """The digest of numbers, as of those in a figure."""
    text = " ".join(f"{float(v) + 0.0:.3g}" for v in plotted)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Picture:
    """A static figure with its alt text; the last line of a cell shows it.

    figure: a matplotlib Figure made by `new_figure`.  alt: a sentence with the numbers a reader takes from the picture.
    exact: False when the data come from training, whose last digits differ between processors; then no digest is kept.
    """

    def __init__(self, figure: Figure, alt: str, exact: bool = True) -> None:
        self.figure, self.alt, self.exact = figure, alt, exact

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        mark = f' data-digest="{digest(self.figure)}"' if self.exact else ""
        width = self.figure.get_figwidth() * 100
        css = f"max-width:{width:.0f}px;{look.picture()}"
        box = f'<div class="actlab-picture"{mark} style="{css}">{look.night()}{row(self._panels())}</div>'
        return {"text/plain": self.alt, "text/html": box}

    def _panels(self) -> str:
        first, *others = panels(self.figure)
        phone = ""
        if first.width > narrow.WIDE:
            with style():
                figure = narrow.narrowed(self.figure, sheet).figure
            phone = f'<source media="{narrow.MEDIA}" srcset="{source(drawn(figure))}">'
        shown = [f"<picture>{phone}{img(first.source, self.alt)}</picture>", *(img(p.source, "") for p in others)]
        return "".join(panel.box(content) for panel, content in zip((first, *others), shown, strict=True))


def apart(wanted: Sequence[float], gap: float) -> list[float]:
    """Places for labels along an axis from 0 to 1, in the order of `wanted`: near it, and no two nearer than `gap`."""
    places = dict.fromkeys(range(len(wanted)), 0.0)
    lowest = -np.inf
    for i in sorted(places, key=lambda i: wanted[i]):
        places[i] = lowest = max(wanted[i], lowest + gap)
    return [place - max(0.0, lowest - 1.0) for place in places.values()]


def beside(labels: Iterable[tuple[str, float, str]], gap: float) -> list[tuple[str, float, str]]:
    """Labels (text, share of the axis height, color) from the lowest up, within the axis and pushed `gap` apart."""
    ends = sorted(((text, float(np.clip(share, 0, 1)), color) for text, share, color in labels), key=lambda end: end[1])
    places = apart([share for _, share, _ in ends], gap)
    return [(text, place, color) for (text, _, color), place in zip(ends, places, strict=True)]


def label_ends(ax: Axes, labels: Iterable[tuple[str, float, str]], gap: float = 0.065) -> None:
    """Write each curve's name beside its right end, pushed apart until no two overlap.

    labels: [(text, y, color)] in data coordinates of `ax`; gap: the least distance, as a share of the axis height.
    """
    to_share = (ax.transData - ax.transAxes).transform
    x = ax.get_xlim()[1]
    for text, share, color in beside(((text, to_share((x, y))[1], color) for text, y, color in labels), gap):
        ax.annotate(
            text,
            (1.0, share),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=color,
            fontweight="bold",
            annotation_clip=False,
        )


def decades(low: float, high: float) -> list[float]:
    """The ticks of a logarithmic axis from low to high: 1, and powers of ten at even steps from there, nine at most."""
    first, last = np.log10([low, high])
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if (last - first) / step < 9)
    return [10.0**k for k in range(step * math.ceil(first / step), math.floor(last) + 1, step)]


def with_spread(
    series: Mapping[str, tuple[str, ArrayLike]],
    x: Sequence[float],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    alt: str,
    log: bool = False,
    ylim: tuple[float, float] | None = None,
    notes: Iterable[tuple[float, str]] = (),
    size: tuple[float, float] = (900, 400),
    exact: bool = False,
) -> Picture:
    """Mean and spread over seeds of several series on one pair of axes, each named at its end.

    series: {name: (color, values of shape (seeds, len(x)))}; the band runs from the lowest to the highest seed, and of
    several series in one colour the second and later ones are dashed.  log: logarithmic y axis.  notes: [(y, text)]
    drawn as dotted reference lines.  Returns a Picture.
    """
    with style():
        figure = new_figure(size)
        ax = figure.subplots()
        room = 24 + 9.8 * max(len(name) for name in series)
        figure.subplots_adjust(left=0.09, right=1 - room / size[0], top=0.89, bottom=0.14)
        ends: list[tuple[str, float, str]] = []
        for name, (color, values) in series.items():
            values = np.asarray(values, dtype=float)
            middle = np.exp(np.log(values).mean(0)) if log else values.mean(0)
            ax.fill_between(x, values.min(0), values.max(0), color=color, alpha=0.16, lw=0)
            ax.plot(x, middle, color=color, ls=DASHES[[drawn for _, _, drawn in ends].count(color) % len(DASHES)])
            ends.append((name, middle[-1], color))
        if log:
            ax.set_yscale("log")
            if len(ticks := decades(*ax.get_ylim())) > 1:
                ax.set_yticks(ticks)
        if ylim:
            ax.set_ylim(ylim)
        for y, text in notes:
            ax.axhline(y, color=MUTED, lw=1.2, ls=":")
            ax.annotate(text, (x[0], y), xytext=(6, 4), textcoords="offset points", color=MUTED, fontsize=10)
        if len(x) <= 6:
            ax.set_xticks(x)
        ax.set(title=title, xlabel=xlabel, ylabel=ylabel, xlim=(x[0], x[-1]))
        label_ends(ax, ends)
    return Picture(figure, alt, exact)


def by_seed(
    groups: Mapping[str, tuple[str, ArrayLike]],
    *,
    title: str,
    ylabel: str,
    alt: str,
    ylim: tuple[float, float],
    notes: Iterable[tuple[float, str]] = (),
    size: tuple[float, float] = (900, 380),
    digits: int = 2,
) -> Picture:
    """Every seed as a dot, its group's mean as a bar, in numbers above: nothing hidden behind an average.

    groups: {name: (color, values of shape (seeds,))}.  notes: [(y, text)] as dotted lines.  digits: decimals of a mean.
    Returns a Picture.
    """
    with style():
        figure = new_figure(size)
        ax = figure.subplots()
        figure.subplots_adjust(left=0.09, right=0.97, top=0.88, bottom=0.17)
        for i, (color, values) in enumerate(groups.values()):
            values = np.asarray(values, dtype=float)
            offsets = np.linspace(-0.14, 0.14, len(values))
            ax.plot([i - 0.28, i + 0.28], [values.mean()] * 2, color=color, lw=3)
            ax.plot(i + offsets, values, "o", color=color, alpha=0.75, mec="white", mew=0.8)
            ax.annotate(
                minus(f"{values.mean():.{digits}f}"),
                (i, values.max()),
                xytext=(0, 7),
                textcoords="offset points",
                ha="center",
                color=color,
                fontweight="bold",
                bbox={"fc": "white", "ec": "none", "pad": 1.5},
            )
        means = [np.mean(np.asarray(values, dtype=float)) for _, values in groups.values()]
        for y, text in notes:
            ax.axhline(y, color=MUTED, lw=1.2, ls=":")
            left = abs(means[0] - y) > abs(means[-1] - y)
            x, shift, side = (-0.5, 2, "left") if left else (len(groups) - 0.5, -2, "right")
            ax.annotate(text, (x, y), xytext=(shift, 4), textcoords="offset points", ha=side, color=MUTED)
        ax.set_xticks(range(len(groups)), list(groups))
        ax.grid(axis="x", visible=False)
        ax.set(title=title, ylabel=ylabel, ylim=ylim, xlim=(-0.5, len(groups) - 0.5))
    return Picture(figure, alt, exact=False)


def scatter_classes(ax: Axes, X: ArrayLike, y: ArrayLike, size: float = 16) -> None:
    """Two classes on `ax`: discs and squares, so that colour is never alone.  X: (n, 2).  y: (n,) of 0 and 1."""
    for label, color, marker in ((0, COOL, "o"), (1, WARM, "s")):
        x1, x2 = np.asarray(X)[np.asarray(y) == label].T
        ax.scatter(x1, x2, s=size, c=color, marker=marker, lw=0.6, edgecolors="white", zorder=3)


def dots(
    measured: Mapping[str, tuple[str, ArrayLike]],
    *,
    title: str,
    alt: str,
    size: tuple[float, float] = (900, 400),
) -> Picture:
    """Positive numbers on a logarithmic axis, named at the left: a dot at the lowest of each, a line to its highest.

    measured: {name: (color, values of shape (repetitions,))}.  Returns a Picture.
    """
    with style():
        figure = new_figure(size)
        ax = figure.subplots()
        names = 0.04 + 0.0105 * max(map(len, measured))
        figure.subplots_adjust(left=names, right=0.92, top=1 - 36 / size[1], bottom=32 / size[1])
        for place, (color, values) in enumerate(measured.values()):
            low, high = np.min(values), np.max(values)
            ax.plot([low, high], [place, place], color=color, lw=2, alpha=0.5)
            ax.plot(low, place, "o", color=color, ms=8)
            ax.annotate(
                f"{low:.{0 if low >= 10 else 2}f}",
                (high, place),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                color=color,
                annotation_clip=False,
            )
        ax.set_yticks(range(len(measured)), list(measured))
        ax.set(title=title, xscale="log", ylim=(len(measured) - 0.5, -0.5))
    return Picture(figure, alt, exact=False)
