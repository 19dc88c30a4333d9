"""What does not move: an author's charts, or what was drawn into a figure of matplotlib's, and where its axes lie."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actlab import figures
from actlab.live import charts, page
from actlab.live.charts import Chart
from actlab.live.marks import Place, Points
from actlab.live.sliders import Unfit
from actlab.look import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Background = Callable[..., Any]
"""What an author writes: takes nothing and returns charts, or takes a figure, draws into it and returns its axes."""

BEGIN = "begin with `ax = figure.subplots()` and draw with `ax.plot(…)`"


@dataclass(frozen=True)
class Ground:
    """A background, drawn.

    panels: its pictures, from left to right.  places: where its axes lie, in the order in which they were returned.
    phone: what explorer.js needs to show it on a phone, where it needs anything.  digest: of what is plotted.
    """

    panels: list[figures.Panel]
    places: list[Place]
    phone: dict[str, Any] | None
    digest: str


def drawn(background: Background, size: tuple[int, int]) -> Ground:
    """A background in a picture of this width and height in CSS pixels.

    Errors: Unfit where it returned something else than charts or axes, or drew elsewhere.
    """
    if not _takes_a_figure(background):
        found = charts_of(background)
        places = charts.places(found, size)
        return Ground(charts.panels(found, places, size), places, charts.phone(found, size), charts.digest(found))
    with figures.style():
        figure = figures.new_figure(size)
        axes = draw(background, figure)
    # Drawing comes first: an aspect ratio moves the axes only then, and a place is their final one.
    panels = figures.panels(figure)
    return Ground(panels, [place(ax) for ax in axes], page.phone(figure, panels), figures.digest(figure))


def svg(background: Background, size: tuple[int, int]) -> str:
    """The background as SVG, drawn anew.  Errors: as of `drawn`."""
    if not _takes_a_figure(background):
        found = charts_of(background)
        shown = (chart.svg(at) for chart, at in zip(found, charts.places(found, size), strict=True))
        return f'<rect width="{size[0]}" height="{size[1]}" fill="{LIGHT.paper}"/>{"".join(shown)}'
    with figures.style():
        figure = figures.new_figure(size)
        draw(background, figure)
    return figures.svg(figure)


def place(ax: Axes) -> Place:
    """Where axes lie in their figure, which has been drawn."""
    figure: Any = ax.figure.figure  # the whole one, also of axes in a part of it
    scale = 100 / figure.dpi
    box, height = ax.bbox, figure.bbox.height * scale
    transform: Any = ax.transData.frozen()

    def pixels(points: Points) -> Points:
        return transform.transform(points) * (scale, -scale) + (0, height)

    left, top, wide, tall = box.x0 * scale, height - box.y1 * scale, box.width * scale, box.height * scale
    return Place((round(left, 1), round(top, 1), round(wide, 1), round(tall, 1)), pixels)


def _takes_a_figure(background: Background) -> bool:
    """Whether it has to be given something: a default is the author's own."""
    parameters = inspect.signature(background).parameters.values()
    return any(p.default is p.empty and p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters)


def charts_of(background: Background) -> list[Chart]:
    """The charts that a background without an argument returns.  Errors: Unfit where these are none."""
    returned, _ = _watched(background)
    found = [returned] if isinstance(returned, Chart) else returned
    if isinstance(found, list | tuple) and found and all(isinstance(chart, Chart) for chart in found):
        return list(found)
    raise Unfit(
        f"The background takes no figure and returns {returned!r:.60}: end it with `return Chart(…)` or a list of "
        "charts, or let it take `figure` and draw into that."
    )


def draw(background: Callable[[Figure], Any], figure: Figure) -> list[Axes]:
    """Let a background draw into a figure; the axes it returned, all that it made if it returned none.

    Errors: Unfit where it drew elsewhere, or returned something else.
    """
    from matplotlib.axes import Axes

    returned, astray = _watched(background, figure)
    axes = list(_flat(figure.axes if returned is None or returned is figure else returned))
    others = [ax for ax in axes if not isinstance(ax, Axes)]
    if astray or any(ax.figure.figure is not figure for ax in axes if isinstance(ax, Axes)):
        where = "a figure of pyplot" if astray else "another figure"
        raise Unfit(f"The background draws into {where}, not into its own: {BEGIN}.")
    if others:
        raise Unfit(f"The background returns {others[0]!r:.60}, which is no axes: end it with `return ax`.")
    if not axes:
        raise Unfit(f"The background makes no axes: {BEGIN}.")
    return axes


def _watched(background: Background, *given: Figure) -> tuple[Any, bool]:
    """What it returns, and whether it made a figure of pyplot's, which would be shown below the cell: it is closed."""
    before = _of_pyplot()
    returned = background(*given)
    astray = _of_pyplot() - before
    for number in astray:
        sys.modules["matplotlib.pyplot"].close(number)
    return returned, bool(astray)


def _of_pyplot() -> set[int]:
    """The numbers of pyplot's figures, without importing it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


def _flat(axes: Any) -> Iterator[Any]:
    """The axes in a list, an array or a mosaic, one after another."""
    if isinstance(axes, Mapping):
        axes = axes.values()
    if isinstance(axes, Iterable) and not isinstance(axes, str):
        for part in axes:
            yield from _flat(part)
    else:
        yield axes
