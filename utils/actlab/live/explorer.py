"""One explorer, two forms: a live widget, and self-contained HTML without kernel, widget manager or network."""

import base64
import html
import inspect
import itertools
import json
import math
import textwrap
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np

from actlab import figures
from actlab.learner import Trouble, marked_up
from actlab.live.marks import Canvas
from actlab.live.packing import pack
from actlab.look import FACE, LIGHT
from actlab.words import minus

LISTED = 620
"""A layer with at most this many frames is computed ahead; beyond it, frames are asked for one by one."""

GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "sigma": "σ", "scale": "input spread s"}

_OVERLAY = "position:absolute;left:0;top:0;width:100%;height:100%;max-width:none;margin:0"

_VARIES = "<!--varies-->", "<!--/varies-->"


@dataclass(frozen=True)
class Slider:
    """The positions of one slider.

    values: numbers or words, in order.  start: one of them (default: the middle).  label: what the reader sees.
    format: how a value is written, as for `str.format`.
    """

    values: Any
    start: Any = None
    label: str = ""
    format: str = ""

    @cached_property
    def positions(self):
        return [v.item() if isinstance(v, np.generic) else v for v in self.values]

    @cached_property
    def texts(self):
        numeric = all(isinstance(v, int | float) for v in self.positions)
        pattern = self.format or ("{:g}" if numeric else "{}")
        return [minus(pattern.format(v)) for v in self.positions]

    @property
    def start_index(self):
        positions = self.positions
        if self.start is None:
            return len(positions) // 2
        if isinstance(self.start, str):
            return positions.index(self.start)
        return int(np.argmin([abs(v - self.start) for v in positions]))


@dataclass
class _Layer:
    """A function of some sliders, and where those stand in the explorer."""

    function: Any
    names: tuple
    sliders: tuple


class Explorer:
    """A picture whose marks follow sliders.

    title: what the picture is about, for readers who do not see it too.
    sliders: {argument name: Slider or its values}.
    background: called once as background(figure); draws what does not move and returns its axes (one or several).
    layers: functions of some of the sliders, chosen by argument name (or **all), each returning (marks, sentence).  The
    last one is drawn on top and speaks first.
    size: (width, height) in CSS pixels.  exact: False when frames come from training, whose last digits differ between
    processors; such frames are not compared when notebooks are verified, only the sentence at the start is.

    Showing it in a notebook displays the live widget; `html()` is the self-contained form, `at(...)` the sentence.
    A `Trouble` raised by any part, as by `actlab.learner.call` for a learner's function, is shown in words in place of
    the picture; so is any other exception.
    """

    def __init__(self, title, sliders, background, *layers, size=(900, 400), exact=True):
        self.title, self.size, self.exact = title, size, exact
        self.sliders = {k: s if isinstance(s, Slider) else Slider(s) for k, s in sliders.items()}
        names = list(self.sliders)
        self._layers = [
            _Layer(f, chosen, tuple(names.index(n) for n in chosen))
            for f in layers
            for chosen in [_arguments(f, names)]
        ]
        self.trouble = None
        self._listed = {}
        self._widget = self._background = self._digest = None
        try:
            self._draw(background)
            self._start = [self._frame(layer, self._start_of(layer)) for layer in self._layers]
        except Exception as error:
            self.trouble = _in_words(error)

    def _draw(self, background):
        with figures.style():
            figure = figures.new_figure(self.size)
            axes = background(figure)
        self._background = figures.img(figure, "", "display:block;width:100%;max-width:none;height:auto;margin:0")
        self._canvas = Canvas(figure, list(np.atleast_1d(axes)), self.size)
        self._digest = figures.digest(figure) if self.exact else None

    def _start_of(self, layer):
        sliders = list(self.sliders.values())
        return [sliders[i].start_index for i in layer.sliders]

    def _frame(self, layer, indices):
        """(SVG, sentence as plain text) of one layer with its sliders at the given positions."""
        sliders = list(self.sliders.values())
        values = {n: sliders[i].positions[j] for n, i, j in zip(layer.names, layer.sliders, indices, strict=True)}
        marks, sentence = layer.function(**values)
        return self._canvas.svg(marks), _plain(sentence)

    def _safe_frame(self, layer, indices):
        try:
            return self._frame(layer, indices)
        except Exception as error:
            words = _plain(_in_words(error))
            return self._message(words), words

    def _message(self, sentence):
        """A sentence in place of a picture, as SVG."""
        width, height = self.size
        lines = textwrap.wrap(sentence, int(width / 11.5))
        top = height / 2 - 13 * len(lines)
        spans = "".join(
            f'<tspan x="{width / 2:.0f}" y="{top + 26 * (i + 0.7):.0f}">{html.escape(t)}</tspan>'
            for i, t in enumerate(lines)
        )
        box = f'<rect width="{width}" height="{height}" fill="#fff" opacity=".9"/>'
        style = f"font:17px {FACE}"
        return f'{box}<text text-anchor="middle" fill="{figures.INK}" style="{style}">{spans}</text>'

    def _thinned(self):
        """The positions of each slider in the self-contained form: all, or every k-th where a layer has too many."""
        sliders = list(self.sliders.values())
        steps = [1] * len(sliders)

        def kept(i):
            return range(sliders[i].start_index % steps[i], len(sliders[i].positions), steps[i])

        for layer in self._layers:
            while math.prod(len(kept(i)) for i in layer.sliders) > LISTED:
                steps[max(layer.sliders, key=lambda i: len(kept(i)))] += 1
        return [list(kept(i)) for i in range(len(sliders))]

    def _packed(self, layer, kept):
        """All frames of a layer; made once, since both forms mostly want the same."""
        offered = tuple(tuple(kept[i]) for i in layer.sliders)
        if (layer.function, offered) not in self._listed:
            frames = [self._safe_frame(layer, at) for at in itertools.product(*offered)]
            templates, rows = pack([f"{svg}\x02{sentence}" for svg, sentence in frames])
            packed = {"sliders": layer.sliders, "templates": templates, "rows": rows}
            self._listed[layer.function, offered] = packed
        return self._listed[layer.function, offered]

    def _data(self, kept, ahead):
        """What explorer.js needs.  kept: positions offered per slider.  ahead(layer): whether to list its frames."""
        sliders = [{"values": [s.texts[j] for j in k]} for s, k in zip(self.sliders.values(), kept, strict=True)]
        layers = [self._packed(x, kept) if ahead(x) else {"sliders": x.sliders} for x in self._layers]
        data = {"title": self.title, "sliders": sliders, "layers": layers}
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False)

    def _page(self, kept, still="", note=""):
        """Sliders, picture and sentence as HTML, at their start and not yet moving."""
        if self.trouble:
            return _card(self.title, self.trouble)
        rows = "".join(
            _control(name, slider, positions)
            for (name, slider), positions in zip(self.sliders.items(), kept, strict=True)
        )
        groups = "".join(f'<g data-layer="{k}">{svg}</g>' for k, (svg, _) in enumerate(self._start))
        spoken = [f'<span data-layer="{k}">{html.escape(s)}</span>' for k, (_, s) in enumerate(self._start)]
        sentences = " ".join(reversed(spoken))
        groups = groups if self.exact else groups.join(_VARIES)
        digest = f' data-digest="{self._digest}"' if self.exact else ""
        width, height = self.size
        return (
            f'<div class="actlab-explorer" role="group" aria-label="{html.escape(self.title)}"{digest} '
            f'style="max-width:{width}px;background:#fff;color:{figures.INK};padding:10px 12px;'
            f'font:15px/1.45 {FACE};box-sizing:border-box">{rows}'
            f'<div style="position:relative;margin:6px 0">{self._background}'
            f'<svg role="img" aria-label="{html.escape(repr(self))}" viewBox="0 0 {width} {height}" '
            f'style="{_OVERLAY}">{groups}</svg>{still}</div>'
            f'<div role="status" style="min-height:3em">{sentences}</div>{note}</div>'
        )

    def html(self):
        """The self-contained form: a `<div>` with picture, sliders and a script, and nothing to fetch.

        Where a layer has too many frames to list, its sliders offer fewer positions.
        """
        if self.trouble:
            return self._page([])
        kept = self._thinned()
        data = self._data(kept, lambda layer: True).replace("</", "<\\/")
        data = data if self.exact else data.join(_VARIES)
        note = (
            "<small data-asleep>Run this cell, or trust the notebook, to move the sliders.</small>"
            f'<script type="application/json">{data}</script>'
            f"<script>(() => {{{_script('explorer.js')}\n"
            "const root = document.currentScript.parentNode;\n"
            'const data = root.querySelector("script").textContent.replace(/<!--.*?-->/g, "");\n'
            "mount(root, JSON.parse(data));\n})()</script>"
        )
        return self._page(kept, self._still(), note)

    def _still(self):
        """The marks at the start as an image: what remains where a page drops inline SVG, as untrusted notebooks do."""
        width, height = self.size
        drawn = "".join(svg for svg, _ in self._start)
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{drawn}</svg>'
        data = base64.b64encode(svg.encode()).decode()
        image = f'<img data-asleep alt="" src="data:image/svg+xml;base64,{data}" style="{_OVERLAY}">'
        return image if self.exact else image.join(_VARIES)

    def widget(self):
        """The live form, an ipywidget; made once and kept until `close()`."""
        if self._widget is None:
            kept = [list(range(len(s.positions))) for s in self.sliders.values()]
            if self.trouble:
                self._widget = _widget_class()(_html=self._page([]), _data="null")
            else:
                data = self._data(kept, lambda x: math.prod(len(kept[i]) for i in x.sliders) <= LISTED)
                self._widget = _widget_class()(_html=self._page(kept), _data=data)
                self._widget.on_msg(self._answer)
        return self._widget

    def _answer(self, widget, content, buffers):
        layer = self._layers[content["layer"]]
        svg, sentence = self._safe_frame(layer, content["at"])
        widget.send({"layer": content["layer"], "at": content["at"], "text": f"{svg}\x02{sentence}"})

    def close(self):
        """Remove the widget from the page and free it; showing the explorer again makes a new one."""
        if self._widget is not None:
            self._widget.on_msg(self._answer, remove=True)
            for part in (self._widget, self._widget.layout):
                part.close()
            self._widget = None

    def at(self, **values):
        """The sentence with the named sliders at the positions nearest to `values`, the others at their start.

        Errors: KeyError for a name that is not a slider.
        """
        if self.trouble:
            return self.trouble
        for name in values:
            if name not in self.sliders:
                raise KeyError(f"no slider called {name!r}; there are {', '.join(self.sliders)}")
        moved = [Slider(s.positions, values.get(n, s.start)).start_index for n, s in self.sliders.items()]
        return _spoken(self._safe_frame(x, [moved[i] for i in x.sliders])[1] for x in self._layers)

    def __repr__(self):
        return f"{self.title}: " + (self.trouble or _spoken(s for _, s in self._start))

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": repr(self), "text/html": self.html()}
        if not figures.static_output():
            _one_per_cell(self)
            bundle |= {k: v for k, v in self.widget()._repr_mimebundle_()[0].items() if k != "text/plain"}
        return bundle


_shown = {}


def _one_per_cell(explorer):
    """Free the explorers that an earlier run of the same notebook cell left behind."""
    from IPython import get_ipython

    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = parent.get("metadata", {}).get("cellId")
    if cell is None:
        return
    run = parent.get("header", {}).get("msg_id")
    last_run, explorers = _shown.get(cell, (run, []))
    if last_run != run:
        for old in explorers:
            old.close()
        explorers = []
    _shown[cell] = run, [*explorers, explorer]


def _arguments(function, names):
    """The sliders a layer depends on, by its argument names; all of them if it takes **keywords."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return tuple(names)
    unknown = [p.name for p in parameters if p.name not in names]
    if unknown:
        raise ValueError(f"a layer asks for {unknown[0]!r}, which is not a slider; the sliders are {', '.join(names)}")
    return tuple(p.name for p in parameters)


def _spoken(sentences):
    return " ".join(dict.fromkeys(s for s in reversed(list(sentences)) if s))


def _in_words(error):
    if isinstance(error, Trouble):
        return str(error)
    return f"This picture could not be drawn: {type(error).__name__}: {error}"


def _plain(sentence):
    """The sentence without the marks of `code`: SVG and status lines have no typewriter face."""
    return sentence.replace("`", "")


def _card(title, sentence):
    """What stands where a picture cannot be."""
    return (
        f'<div class="actlab-explorer" role="group" aria-label="{html.escape(title)}" style="max-width:900px;'
        f"background:#fff;color:{figures.INK};border:1px solid {LIGHT.rule};border-left:6px solid {figures.MUTED};"
        f'padding:14px 18px;box-sizing:border-box;font:15px/1.5 {FACE}">'
        f"<strong>{html.escape(title)}</strong><br>{marked_up(sentence)}<br>"
        "Run this cell again afterwards, and the picture is here.</div>"
    )


def _control(name, slider, positions):
    """One labelled slider with its value."""
    label = html.escape(slider.label or GREEK.get(name, name))
    start = positions.index(slider.start_index)
    text = html.escape(slider.texts[slider.start_index])
    return (
        '<label style="display:flex;flex-wrap:wrap;align-items:center;gap:2px 12px;margin:2px 0">'
        f'<span style="flex:0 0 auto;min-width:12.5em">{label}</span>'
        f'<input type="range" disabled min="0" max="{len(positions) - 1}" step="1" value="{start}" '
        f'aria-valuetext="{text}" data-prevent-swipe style="flex:1 1 12em;max-width:520px;min-width:0;height:26px;'
        f'margin:0;accent-color:{figures.COOL}">'
        f'<output aria-live="off" style="flex:0 0 auto;min-width:5em;font-weight:600">{text}</output></label>'
    )


@cache
def _script(name):
    return (files("actlab.live") / name).read_text(encoding="utf-8")


@cache
def _widget_class():
    import anywidget
    import traitlets

    class ExplorerWidget(anywidget.AnyWidget):
        _esm = _script("explorer.js") + _script("widget.js")
        _html = traitlets.Unicode().tag(sync=True)
        _data = traitlets.Unicode().tag(sync=True)

    return ExplorerWidget
