"""One explorer, shown in five ways; the notebook that `slider.py` opens imports this.

All five draw the same figure: the explorer's own background and its own marks, computed by its own functions.

- `kernel`: actlab's live widget, every frame asked of the kernel while the hand moves.
- `listed`: actlab's self-contained form, every frame computed ahead.
- `interact`: `ipywidgets.interact` and a new pyplot figure a tick, shown by the inline backend.
- `ipympl`: ipympl's canvas with blitting: the background is drawn once and restored, the marks are drawn over it.  They
  are new artists at each tick, which costs some 0.2 ms apiece more than changing the data of old ones.
- `canvas`: the floor. No kernel, no DOM: each tick copies the background to a `<canvas>` and strokes paths over it that
  were prepared ahead.

pyplot and ipympl draw 100 pixels per 100 CSS pixels, all that the benchmark's screen can show; actlab's background has
twice as many.
"""

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path as File
from unittest.mock import patch

import ipywidgets
import numpy as np
from IPython.display import HTML, display

from actlab import explorers, figures
from actlab.activations import sigmoid
from actlab.exercises import EXERCISES
from actlab.live import Area, Band, Dot, Explorer, Line, Text, backgrounds, explorer
from actlab.live.charts import places
from actlab.live.marks import SPLIT

DPI = 100
POINTS = 72 / 100


def elu(z, alpha):
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


EXPLORERS = {
    "explore": lambda: explorers.explore("tanh"),
    "explore, own function": lambda: explorers.explore(elu, alpha=np.linspace(0.25, 2, 15)),
    "compare": lambda: explorers.compare(["sigmoid", "tanh", "relu"]),
    "boundary": lambda: explorers.explore_boundary(),
    "clip_floor": lambda: explorers.explore_clip_floor(EXERCISES["q7_clip_floor"].reference),
    "depth": lambda: explorers.explore_depth(),
    "dying": lambda: explorers.explore_dying(),
    "folding": lambda: explorers.explore_folding(),
    "gates": lambda: explorers.explore_gates(),
    "gradients": lambda: explorers.explore_gradients(),
    "jacobian": lambda: explorers.explore_jacobian(),
    "saturated": lambda: explorers.explore_saturated(lambda z, y: sigmoid(z) - y),
    "sigmoid_form": lambda: explorers.explore_sigmoid_form(),
    "stochastic_gate": lambda: explorers.explore_stochastic_gate(),
    "temperature": lambda: explorers.explore_temperature(),
    "zigzag": lambda: explorers.explore_zigzag(),
}


@dataclass(frozen=True)
class Made:
    """An explorer, and the function that draws its background."""

    explorer: Explorer
    background: Callable

    @property
    def size(self):
        """(width, height) in inches."""
        return tuple(side / 100 for side in self.explorer.size)

    def sliders(self):
        """One selection slider for each of the explorer's."""
        return {
            name: ipywidgets.SelectionSlider(
                options=list(zip(slider.texts, slider.positions, strict=True)),
                index=slider.start_index,
                description=name,
            )
            for name, slider in self.explorer.sliders.items()
        }

    def frame(self, values):
        """All marks, and the sentence, with the sliders at these values."""
        at = list(values.values())
        layers = self.explorer._layers
        parts = [x.function(**{n: at[i] for n, i in zip(x.arguments, x.sliders, strict=True)}) for x in layers]
        return [m for marks, _ in parts for m in marks], " ".join(s for _, s in reversed(parts) if s)


def made(name: str) -> Made:
    """The representative of one explorer function."""
    shown = EXPLORERS[name]()
    assert not shown.trouble, shown.trouble
    return Made(shown, _into_figures(shown._background, shown.size))


def kernel(it: Made) -> None:
    with patch.object(explorer, "LISTED", 0):
        display(it.explorer.widget())


def listed(it: Made) -> None:
    display(HTML(it.explorer.html()))


def interact(it: Made) -> None:
    from matplotlib import pyplot

    def draw(**values):
        with figures.style():
            figure = pyplot.figure(figsize=it.size, dpi=DPI)
            axes = np.atleast_1d(it.background(figure))
            marks, sentence = it.frame(values)
            for mark in marks:
                _artist(mark, axes[mark.ax])
            pyplot.show()
        print(sentence)

    ipywidgets.interact(draw, **it.sliders())


def ipympl(it: Made) -> None:
    import matplotlib
    from ipympl.backend_nbagg import Canvas, FigureManager
    from matplotlib.figure import Figure

    matplotlib.use("module://matplotlib_inline.backend_inline")  # importing ipympl made it pyplot's backend
    with figures.style():
        figure = Figure(figsize=it.size, dpi=DPI)
        canvas = Canvas(figure)
        FigureManager(canvas, 1)
        axes = np.atleast_1d(it.background(figure))
    canvas.header_visible = canvas.footer_visible = canvas.toolbar_visible = canvas.resizable = False
    sliders, sentence, moving, saved = it.sliders(), ipywidgets.HTML(), [], []

    def paint():
        while moving:
            moving.pop().remove()
        marks, sentence.value = it.frame({name: slider.value for name, slider in sliders.items()})
        with figures.style():
            moving.extend(_artist(mark, axes[mark.ax]) for mark in marks)
        for artist in moving:
            artist.set_animated(True)
            artist.draw(canvas.get_renderer())

    def drawn(_):
        saved[:] = [canvas.copy_from_bbox(figure.bbox)]
        paint()

    def moved(_):
        if saved:
            canvas.restore_region(saved[0])
            paint()
            canvas.blit(figure.bbox)

    canvas.mpl_connect("draw_event", drawn)
    for slider in sliders.values():
        slider.observe(moved, "value")
    display(ipywidgets.VBox([*sliders.values(), canvas, sentence]))


def canvas(it: Made) -> None:
    shown = it.explorer
    kept = shown._thinned()
    layers = [
        {
            "sliders": layer.sliders,
            "frames": [
                (svg.replace(SPLIT, ""), sentence)
                for svg, sentence in (shown._frame(layer, at) for at in product(*(kept[i] for i in layer.sliders)))
            ],
        }
        for layer in shown._layers
    ]
    starts = [(len(k), k.index(s.start_index)) for s, k in zip(shown.sliders.values(), kept, strict=True)]
    inputs = "".join(f'<input type="range" min="0" max="{n - 1}" value="{at}"><br>' for n, at in starts)
    width, height = shown.size
    with figures.style():
        figure = figures.new_figure(shown.size)
        it.background(figure)
    image = figures.img(figures.source(figures.drawn(figure)), "")
    data = json.dumps(layers).replace("</", "<\\/")
    script = File(__file__).with_name("canvas.js").read_text(encoding="utf-8")
    display(
        HTML(
            f'<div>{inputs}<canvas width="{width}" height="{height}"></canvas><p></p>{image}'
            f'<script type="application/json">{data}</script><script>{script}</script></div>'
        )
    )


def _into_figures(background, size):
    """A background as a function that draws into a figure of matplotlib's, charts as well."""
    if inspect.signature(background).parameters:
        return background

    def draw(figure):
        charts, (width, height) = backgrounds.charts_of(background), size
        axes = []
        for chart, place in zip(charts, places(charts, size), strict=True):
            x, y, w, h = place.box
            ax = figure.add_axes((x / width, 1 - (y + h) / height, w / width, h / height))
            ax.set(title=chart.title, xlabel=chart.xlabel, ylabel=chart.ylabel, xlim=chart.xlim, ylim=chart.ylim)
            for mark in chart.marks:
                _artist(mark, ax)
            axes.append(ax)
        return axes

    return draw


def _artist(mark, ax):
    """A mark as matplotlib draws it."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    match mark:
        case Line():
            dashes = [float(part) / mark.width for part in mark.dash.split()] or (None, None)
            return ax.plot(mark.x, mark.y, color=mark.color, lw=mark.width * POINTS, ls="-", dashes=dashes)[0]
        case Dot():
            rim = {"mew": 0} if np.ndim(mark.x) else {"mec": "white", "mew": 1}
            return ax.plot(mark.x, mark.y, "o", color=mark.color, ms=mark.size * POINTS, clip_on=False, **rim)[0]
        case Band():
            return ax.axvspan(*np.clip([mark.x0, mark.x1], *ax.get_xlim()), color=mark.color, alpha=mark.opacity, lw=0)
        case Area():
            points = np.column_stack([mark.x, mark.y]).astype(float)
            starts = np.isnan(np.vstack([[np.nan, np.nan], points[:-1]])).any(axis=1)
            codes = np.where(starts, Path.MOVETO, Path.LINETO)
            kept = ~np.isnan(points).any(axis=1)
            outline = Path(points[kept], codes[kept])
            return ax.add_patch(PathPatch(outline, fc=mark.color, alpha=mark.opacity, lw=0))
        case Text():
            align = {"start": "left", "middle": "center", "end": "right"}[mark.anchor]
            size = mark.size * POINTS
            return ax.text(mark.x, mark.y, mark.text, color=mark.color, ha=align, fontsize=size, fontweight="bold")
