"""Fifty layers at a glance: how large signal and gradient are, for every layer and every initial gain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actlab import learner, networks
from actlab.activations import REGISTRY
from actlab.figures import INK, MUTED
from actlab.learner import Trouble
from actlab.live import Area, Choice, Explorer, Grab, Line, Slider, Text, joined
from actlab.look import NEGATIVE, POSITIVE
from actlab.words import power, sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

DEPTH = 50
GAINS = [2 ** (k / 6) for k in range(-4, 9)]
EDGES = [-8, -4, -2, -1, 1, 2, 4, 8]
SHADES = [0.95, 0.66, 0.40, 0.18, 0.0, 0.18, 0.40, 0.66, 0.95]
STOPS = [1, 10, 20, 30, 40, 50]


@cache
def _sizes(key: str) -> list[NDArray[np.float64]]:
    """log10 of E h² and of E (∂loss/∂h)², each (gain, layer 0 to 50): geometric means over three networks."""
    entry, rng = REGISTRY[key], np.random.default_rng(0)
    gain = np.array(GAINS)[:, None, None, None]
    weights, _ = networks.initialise([64] * (DEPTH + 1), 1.0, rng, seeds=3)
    X, upstream = rng.normal(size=(2, len(GAINS), 3, 8, 64))
    hs, gs = networks.flow(X, weights, lambda z: entry.f(gain * z), lambda z: gain * entry.df(gain * z), upstream)
    return [np.log10([(a**2).mean((-2, -1)) for a in side]).mean(-1).T for side in (hs, gs)]


def explore_depth(
    gain_rule: Callable[..., Any] | None = None,
    activations: Sequence[str] = ("sigmoid", "tanh", "relu", "elu", "selu", "gelu", "silu"),
    start: str = "relu",
) -> Explorer:
    """Heat maps of the signal and of the gradient over layer and weight gain, one real network per cell.

    gain_rule: a learner's function that computes an activation's gain from f; it is drawn as a line on both maps.
    activations: registry keys to choose from.  50 layers of 64 units without biases, weights N(0, gain²/64), inputs and
    the gradient at the output from N(0, 1).
    """

    entries = {REGISTRY[key].name: REGISTRY[key] for key in activations}

    def background(figure):
        axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.075, right=0.985, top=0.90, bottom=0.30, wspace=0.16)
        titles = "signal on its way in  →", "←  gradient on its way back"
        for ax, title in zip(axes, titles, strict=True):
            ax.set(title=title, xlabel="layer", xlim=(-0.2, DEPTH + 1.2), ylim=(-0.5, len(GAINS) - 0.5))
            ax.set_yticks(range(0, len(GAINS), 2), [f"{g:.2f}" for g in GAINS[::2]])
            ax.set_xticks(STOPS)
            ax.grid(False)
            _legend(figure, ax.get_position())
        axes[0].set_ylabel("weight gain g")
        return axes

    def maps(activation):
        marks = []
        for ax, sizes in enumerate(_sizes(entries[activation].key)):
            sizes = sizes[:, 1:] if ax == 0 else sizes[:, :-1]
            kinds = np.digitize(sizes, EDGES)
            for kind, shade in enumerate(SHADES):
                cells = _rectangles(kinds == kind)
                if shade and cells:
                    marks.append(Area(*joined(cells), NEGATIVE if kind < 4 else POSITIVE, shade, ax))
        return marks, ""

    def rule(activation):
        entry = entries[activation]
        try:
            value = float(learner.array(learner.call(gain_rule, entry.f), ()))
        except Trouble as trouble:
            return [], f"{sentence(str(trouble))} Once it works, its value is drawn here as a line."
        name = learner.name_of(gain_rule).strip("`")
        said = f"The gain by {name} is {value:.4f} for {entry.name}"
        if not GAINS[0] <= value <= GAINS[-1]:
            return [], f"{said}: that is outside the map, which shows gains from {GAINS[0]:.2f} to {GAINS[-1]:.2f}."
        row = np.interp(np.log(value), np.log(GAINS), np.arange(len(GAINS)))
        marks = [Line([0, DEPTH + 1], [row, row], INK, 2, "7 5", ax) for ax in (0, 1)]
        label = f"{name}: {value:.2f}"
        marks += [Text(2, row + 0.35, label, INK, "start", 14), Text(DEPTH - 1, row + 0.35, label, INK, "end", 14, 1)]
        return marks, f"{said}, the dashed line."

    def cell(activation, gain, layers):
        row = GAINS.index(gain)
        there, back = (sizes[row] for sizes in _sizes(entries[activation].key))
        marks = [_frame(layers, row, 0), _frame(DEPTH + 1 - layers, row, 1)]
        signal, gradient = there[layers], back[DEPTH - layers]
        return marks, (
            f"{activation} with gain {gain:.2f}, after {layers} layer{'s' * (layers > 1)}: "
            f"the signal's mean square is {_power(signal)} ({_fate(signal)}); after as many layers on its way back, "
            f"the gradient's is {_power(gradient)} ({_fate(gradient)})."
        )

    sliders = {
        "activation": Choice(entries, REGISTRY[start].name),
        "gain": Slider(GAINS, 1, "weight gain g", "{:.2f}"),
        "layers": Slider(STOPS, 1, "layers travelled", "{:g}", play=True),
    }
    grab = {
        "gain": [Grab("y", ax, GAINS.index) for ax in (0, 1)],
        "layers": [Grab("x"), Grab("x", 1, lambda layers: DEPTH + 1 - layers)],
    }
    drawn = [rule] if gain_rule else []
    title = "Signal and gradient through fifty layers"
    return Explorer(title, sliders, background, maps, *drawn, cell, grab=grab, size=(900, 405))


def _rectangles(mask: NDArray[np.bool_]) -> list[list[list[float]]]:
    """Runs of True along each row of `mask`, as closed polygons in (layer, row) coordinates."""
    found = []
    for row, line in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(int), [0]])))
        for first, end in zip(edges[::2] + 0.5, edges[1::2] + 0.5, strict=True):
            low, high = row - 0.5, row + 0.5
            found.append([[first, low], [end, low], [end, high], [first, high]])
    return found


def _frame(layer: int, row: int, ax: int) -> Line:
    left, right, low, high = layer - 0.6, layer + 0.6, row - 0.55, row + 0.55
    return Line([left, right, right, left, left], [low, low, high, high, low], INK, 3, ax=ax)


def _power(size: float) -> str:
    return power(round(size, 1) + 0.0)


def _fate(size: float) -> str:
    words = "vanished", "fading", "level", "growing", "exploded"
    return words[np.digitize(size, [EDGES[0], -1, 1, EDGES[-1]])]


def _legend(figure: Figure, above: Bbox) -> None:
    """The nine shades below a map, with the powers of ten between them.  above: the place of the map."""
    ax = figure.add_axes((above.x0, 0.075, above.width, 0.04))
    for kind, shade in enumerate(SHADES):
        ax.axvspan(kind, kind + 1, color=NEGATIVE if kind < 4 else POSITIVE, alpha=shade, lw=0)
    ax.set(xlim=(0, len(SHADES)), ylim=(0, 1), yticks=[])
    ax.set_xticks(range(1, len(SHADES)), [rf"$10^{{{e:g}}}$" for e in EDGES])
    ax.grid(False)
    ax.spines["left"].set_visible(False)
    for x, side, word in ((0, "left", "vanished"), (4.5, "center", "level"), (len(SHADES), "right", "exploded")):
        ax.text(x, 1.15, word, ha=side, va="bottom", color=MUTED, fontsize=10)
