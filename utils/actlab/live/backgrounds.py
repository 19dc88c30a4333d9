"""What an author's background drew, and into which axes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from actlab.live.sliders import Unfit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEGIN = "begin with `ax = figure.subplots()` and draw with `ax.plot(…)`"


def draw(background: Callable[[Figure], Any], figure: Figure) -> list[Axes]:
    """Let a background draw into a figure; the axes it returned, all that it made if it returned none.

    Errors: Unfit where it drew elsewhere, or returned something else.
    """
    from matplotlib.axes import Axes

    before = _of_pyplot()
    returned = background(figure)
    astray = _of_pyplot() - before
    for number in astray:  # it would be shown below the cell, beside the sentence that asks for another one
        sys.modules["matplotlib.pyplot"].close(number)
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
