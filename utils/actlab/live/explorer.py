"""One explorer: self-contained HTML, and behind it a kernel where there is more to show than a page can hold."""

from __future__ import annotations

import itertools
import json
import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from actlab import figures
from actlab.learner import Kind, Trouble
from actlab.live import backgrounds, page
from actlab.live.backgrounds import Background
from actlab.live.handles import Grabs, handles, held
from actlab.live.marks import SPLIT, Canvas, printable
from actlab.live.packing import pack
from actlab.live.sliders import Choice, Frame, Layer, Placed, Slider, Unfit, checked, drawn, placed

if TYPE_CHECKING:
    import anywidget

LISTED = 620
"""A layer with at most this many frames is computed ahead; beyond it, frames are asked for as the hand moves."""

WHILE_WAITED_FOR, WHILE_AT_REST = 0.01, 0.05
"""Seconds after which a kernel draws nothing ahead: in an answer that the hand waits for, and in another one."""


class Explorer:
    """A picture whose marks follow sliders.

    title: what the picture is about, for readers who do not see it too.
    sliders: {argument name: Slider or its values}.
    background: called once for what does not move.  background() returns a `Chart`, or several to stand side by side;
    background(figure) draws into a figure of matplotlib's and returns its axes (one or several; None for all of them).
    layers: functions of some of the sliders, chosen by argument name (or **all), each returning (marks, sentence); a
    `Layer` says itself which sliders it follows.  The last one is drawn on top and speaks first.
    grab: the sliders that the picture itself moves, {name: "x"} where dragging along x takes the slider to the nearest
    of its positions, {name: ("y", 1)} in the second axes, {name: Grab(…)} where positions are no data coordinates,
    {name: […]} in several.
    size: (width, height) in CSS pixels.  exact: False when frames come from training, whose last digits differ between
    processors; such frames are not compared when notebooks are verified, only the sentence at the start is.

    Showing it in a notebook displays `html()`, the self-contained form, which needs no kernel; where that leaves out
    positions, a widget brings them while the kernel lives, if anywidget is installed.  `at(...)` is the sentence.
    A `Trouble` raised by any part, as by `actlab.learner.call` for a learner's function, is shown in words in place of
    the picture; so is any other exception.
    """

    def __init__(
        self,
        title: str,
        sliders: Mapping[str, Slider | Iterable[Any]],
        background: Background,
        *layers: Callable[..., Frame] | Layer,
        grab: Grabs | None = None,
        size: tuple[int, int] = (900, 400),
        exact: bool = True,
    ) -> None:
        self.title, self.size, self.exact = title, size, exact
        self.sliders = {k: s if isinstance(s, Slider) else Slider(s) for k, s in sliders.items()}
        self._layers: list[Placed] = []
        self._background = background
        self.trouble: str | None = None
        self._listed: dict[Any, dict[str, Any]] = {}
        self._widget: anywidget.AnyWidget | None = None
        self._brought, self._cells = False, 0
        self._took: defaultdict[Placed, deque[float]] = defaultdict(lambda: deque(maxlen=2))
        try:
            for name, slider in self.sliders.items():
                checked(name, slider)
            self._layers = [placed(layer, list(self.sliders)) for layer in layers]
            self._draw()
            self._held = held(grab or {}, self.sliders, self._canvas)
            start = [s.start_index for s in self.sliders.values()]
            self._start = [self._frame(layer, [start[i] for i in layer.sliders]) for layer in self._layers]
        except Exception as error:
            self.trouble = _in_words(error)

    def _draw(self) -> None:
        ground = backgrounds.drawn(self._background, self.size)
        self._panels, self._phone = ground.panels, ground.phone
        self._canvas = Canvas(ground.places, [panel.left for panel in ground.panels])
        self._digest = ground.digest if self.exact else None

    def _frame(self, layer: Placed, indices: Iterable[int]) -> tuple[str, str]:
        """(SVG, sentence as plain text) of one layer with its sliders at the given positions."""
        sliders = list(self.sliders.values())
        values = {n: sliders[i].positions[j] for n, i, j in zip(layer.arguments, layer.sliders, indices, strict=True)}
        began = perf_counter()
        try:
            marks, sentence = drawn(layer, values, self._canvas.axes)
            return self._canvas.svg(marks), _plain(sentence)
        finally:
            self._took[layer].append(perf_counter() - began)

    def _safe_frame(self, layer: Placed, indices: Iterable[int]) -> tuple[str, str]:
        return self._tried(layer, indices)[0]

    def _tried(self, layer: Placed, indices: Iterable[int]) -> tuple[tuple[str, str], Exception | None]:
        """The frame, or one that says what went wrong, with the error."""
        try:
            return self._frame(layer, indices), None
        except Exception as error:
            words = _plain(_in_words(error))
            return (page.message(self._panels, self.size[1], words), words), error

    def _frames_at(self, layer: Placed, places: Iterable[tuple[int, ...]]) -> Iterator[tuple[str, str]]:
        """The frames at these positions; behind one that did not end in time, which others may not either, the same."""
        late = False
        for at in places:
            if not late:
                frame, error = self._tried(layer, at)
                late = isinstance(error, Trouble) and error.kind is Kind.TIME
            yield frame

    def _all(self) -> list[list[int]]:
        """Every position of each slider."""
        return [list(range(len(s.positions))) for s in self.sliders.values()]

    def _thinned(self) -> list[list[int]]:
        """The positions of each slider in the self-contained form: all, or every k-th where a layer has too many.

        A step is counted from the slider's start, so that the page can stand where the kernel stands.
        """
        sliders = list(self.sliders.values())
        steps = [1] * len(sliders)

        def kept(i: int) -> range:
            return range(sliders[i].start_index % steps[i], len(sliders[i].positions), steps[i])

        for layer in self._layers:
            while math.prod(len(kept(i)) for i in layer.sliders) > LISTED:
                # A step that is left out lies near one that is not; a name is near nothing, so names go last.
                spare = [i for i in layer.sliders if not isinstance(sliders[i], Choice) and len(kept(i)) > 1]
                steps[max(spare or layer.sliders, key=lambda i: len(kept(i)))] += 1
        return [list(kept(i)) for i in range(len(sliders))]

    def _packed(self, layer: Placed, kept: list[list[int]]) -> dict[str, Any]:
        """All frames of a layer; made once, since both forms mostly want the same."""
        offered = tuple(tuple(kept[i]) for i in layer.sliders)
        if (layer, offered) not in self._listed:
            templates, rows = _listed(list(self._frames_at(layer, itertools.product(*offered))))
            self._listed[layer, offered] = {"sliders": layer.sliders, "templates": templates, "rows": rows}
        return self._listed[layer, offered]

    def _data(self, kept: list[list[int]]) -> str:
        """What explorer.js needs: the frames of each layer over the kept positions, unless they are too many."""
        sliders = [{"values": [s.texts[j] for j in k]} for s, k in zip(self.sliders.values(), kept, strict=True)]
        layers = [
            self._packed(x, kept) if math.prod(len(kept[i]) for i in x.sliders) <= LISTED else {"sliders": x.sliders}
            for x in self._layers
        ]
        data = {
            "title": self.title,
            "sliders": sliders,
            "grabs": handles(self._held, self._canvas, kept),
            "phone": self._phone,
            "layers": layers,
        }
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False)

    def _box(self, kept: list[list[int]], note: str = "", key: str = "") -> str:
        controls = "".join(page.control(*item, k) for item, k in zip(self.sliders.items(), kept, strict=True))
        picture = page.picture(self._panels, self.size[1], self._start, repr(self), self.exact, still=bool(note))
        return page.box(self.title, self.size[0], controls, picture, self._start, self._digest, note, key)

    def html(self) -> str:
        """The self-contained form for any page: a `<div>` with picture, sliders and a script, and nothing to fetch.

        Where a layer has too many frames to list, its sliders offer fewer positions.
        """
        return self._page().replace(page.ASLEEP, page.SCRIPTLESS)

    def _page(self, key: str = "") -> str:
        if self.trouble:
            return page.card(self.title, self.trouble)
        kept = self._thinned()
        return self._box(kept, page.wake(self._data(kept), self.exact), key)

    def widget(self) -> anywidget.AnyWidget:
        """The live form, an ipywidget; made once and kept until `close()`."""
        if self._widget is None:
            if self.trouble:
                parts = {"_html": self._page(), "_data": "null"}
            else:
                parts = {"_html": self._box(self._all()), "_data": self._data(self._all())}
            self._widget = _widget_class()(**parts, _key=uuid4().hex)
            self._widget.on_msg(self._answer)
            self._after_each_cell("register")
        return self._widget

    def _answer(self, widget: anywidget.AnyWidget, content: dict[str, Any], buffers: Any) -> None:
        """Bring frames that are waited for, and as many of those asked for ahead as there is time for.

        content: "wanted" and "ahead", each [[layer, positions of its sliders], ...].  The answer has the first rows of
        both.  What was slow is not drawn ahead before two frames that the hand waited for were fast.
        """
        began, cells, frames = perf_counter(), self._cells, []
        spare = WHILE_WAITED_FOR if content["wanted"] else WHILE_AT_REST
        try:
            for k, at in content["wanted"]:
                frames.append(self._safe_frame(self._layers[k], at))
            for k, at in content["ahead"]:
                if perf_counter() - began + max(self._took[self._layers[k]]) > spare:
                    break
                frames.append(self._safe_frame(self._layers[k], at))
        finally:  # when interrupted too: the page asks for nothing until it has an answer
            templates, rows = _listed(frames)
            widget.send({"own": content["own"], "templates": templates, "rows": rows})
            self._brought = True
            if cells != self._cells:
                self._forget(widget)

    def _cell_has_run(self, _: Any) -> None:
        """The cell may have changed what a layer depends on.  Answers may come from another thread meanwhile."""
        self._cells += 1
        if self._widget is not None and self._brought:
            self._forget(self._widget)

    def _forget(self, widget: anywidget.AnyWidget) -> None:
        """Let the page forget what was brought so far."""
        self._brought = False
        widget.send({"forget": True})

    def _after_each_cell(self, change: str) -> None:
        """change: whether to "register" or to "unregister" `_cell_has_run`."""
        from IPython import get_ipython

        if shell := get_ipython():
            getattr(shell.events, change)("post_run_cell", self._cell_has_run)

    def close(self) -> None:
        """Remove the widget from the page and free it; showing the explorer again makes a new one."""
        if self._widget is not None:
            # The callback holds this explorer with all its frames; a widget that somebody keeps must not.
            self._widget.on_msg(self._answer, remove=True)
            self._after_each_cell("unregister")
            for part in (self._widget, self._widget.layout):
                part.close()
            self._widget = None

    def at(self, **values: Any) -> str:
        """The sentence with the named sliders at the positions nearest to `values`, the others at their start.

        Errors: KeyError for a name that is not a slider.
        """
        return self.trouble or _spoken(sentence for _, sentence in self._frames(values))

    def svg(self, **values: Any) -> str:
        """The picture with its sliders placed as by `at`, as one SVG file that fetches nothing; the sentence is in it.

        Lines and areas are vectors, words are text; the background is drawn anew.

        Errors: KeyError for a name that is not a slider.
        """
        if self.trouble:
            words, whole = _plain(self.trouble), figures.Panel(0, self.size[0], "")
            return page.drawing(self.title, words, self.size, page.message([whole], self.size[1], words))
        frames, background = self._frames(values), backgrounds.svg(self._background, self.size)
        marks = "".join(svg.replace(SPLIT, "") for svg, _ in frames)
        return page.drawing(self.title, _spoken(s for _, s in frames), self.size, background + marks)

    def _frames(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """(SVG, sentence) of each layer at the positions nearest to `values`.  Errors: KeyError."""
        for name in values:
            if name not in self.sliders:
                raise KeyError(f"no slider called {name!r}; there are {', '.join(self.sliders)}")
        moved = [s.nearest(values[n]) if n in values else s.start_index for n, s in self.sliders.items()]
        return [self._safe_frame(layer, [moved[i] for i in layer.sliders]) for layer in self._layers]

    def __repr__(self) -> str:
        return f"{self.title}: " + (self.trouble or _spoken(s for _, s in self._start))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        key = ""
        if not figures.static_output():
            _one_per_cell(self)
            if not self.trouble and _has_widgets() and self._thinned() != self._all():
                key = self.widget()._key
        return {"text/plain": repr(self), "text/html": self._page(key)}


_shown: dict[str, tuple[str | None, list[Explorer]]] = {}


def _one_per_cell(explorer: Explorer) -> None:
    """Free the explorers that an earlier run of the same notebook cell left behind.

    A cell may show several: those of one run share the id of the message that asked for it.
    """
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


def _spoken(sentences: Iterable[str]) -> str:
    """Each sentence once, the last layer's first; explorer.js does the same."""
    return " ".join(dict.fromkeys(s for s in reversed(list(sentences)) if s))


def _listed(frames: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Frames, packed.  \x02 ends the SVG: explorer.js splits there, after it has filled in the numbers of both."""
    return pack([f"{svg}\x02{sentence}" for svg, sentence in frames])


def _in_words(error: Exception) -> str:
    if isinstance(error, Trouble):
        return str(error)
    if isinstance(error, Unfit):
        return f"This picture could not be drawn: {error}"
    return f"This picture could not be drawn: {type(error).__name__}: {error}"


def _plain(sentence: str) -> str:
    """The sentence without the marks of `code`: SVG and status lines have no typewriter face."""
    return printable(sentence.replace("`", ""))


def _has_widgets() -> bool:
    """Whether the libraries behind a widget are here; where they are not, the self-contained form is all there is."""
    return all(map(find_spec, ("anywidget", "ipywidgets")))


@cache
def _widget_class() -> type[anywidget.AnyWidget]:
    """The widget's class, made when the first one is shown: importing its libraries takes longer than a picture."""
    import anywidget
    import traitlets

    class ExplorerWidget(anywidget.AnyWidget):
        _esm = page.script("explorer.js") + page.script("widget.js")
        _html = traitlets.Unicode().tag(sync=True)
        _data = traitlets.Unicode().tag(sync=True)
        _key = traitlets.Unicode().tag(sync=True)

    return ExplorerWidget
