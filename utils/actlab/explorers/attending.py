"""One query and four keys: who gets the weights, and whether their total has to be 1."""

from collections.abc import Callable
from typing import Any

import numpy as np

from actlab import activations, learner
from actlab.activations import REGISTRY, sigmoid
from actlab.figures import MUTED, WARM
from actlab.live import Area, Choice, Dot, Explorer, Line, Slider, Text
from actlab.words import minus

SCORES = np.array([2.0, 1.0, 0.0, -1.0])
SOFTMAX, SINK, SIGMOIDS = "softmax", "softmax with a sink", "a sigmoid each"


def explore_attention(own: Callable[..., Any] | None = None) -> Explorer:
    """The weights of four keys while all scores rise and fall together, by three rules and with fewer and fewer keys.

    own: a learner's masked_softmax(z, mask), the course's by default.
    """
    masked_softmax = own or activations.masked_softmax
    color = REGISTRY["softmax"].color
    k = SCORES.size
    rules = {SOFTMAX: color, SINK: color, SIGMOIDS: REGISTRY["sigmoid"].color}

    def weights(z, mask, rule):
        """Those of the keys, and that of the sink behind them."""
        if rule == SIGMOIDS:
            return np.where(mask, sigmoid(z), 0), 0.0
        if rule == SOFTMAX:
            return learner.array(learner.call(masked_softmax, z, mask), (k,)), 0.0
        *keys, sink = learner.array(learner.call(masked_softmax, np.append(z, 0.0), np.append(mask, True)), (k + 1,))
        return np.array(keys), sink

    def background(figure):
        weights(SCORES, np.ones(k, bool), SOFTMAX)
        left, right = axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.07, right=0.97, top=0.90, bottom=0.12, wspace=0.18)
        keys = [f"key {i + 1}" for i in range(k)]
        left.set(title="scores", xlim=(-0.6, k + 0.6), ylim=(-11.5, 7))
        right.set(title="weights", xlim=(-0.6, k + 0.6), ylim=(0, 1.12))
        for ax in axes:
            ax.set_xticks(range(k + 1), [*keys, "sink"])
            ax.grid(axis="x", visible=False)
        left.axhline(0, color=MUTED, lw=1.2)
        return axes

    def bars(shift, rule, seen):
        z, mask = SCORES + shift, np.arange(k) < seen
        w, sink = weights(z, mask, rule)
        marks = []
        for i in range(k):
            if mask[i]:
                marks += [Line([i, i], [0, z[i]], rules[rule], 2.5), Dot(i, z[i], rules[rule], 11)]
            else:
                marks.append(Text(i, 0.4, "masked", MUTED, size=14))
            if np.isfinite(w[i]):
                marks += [_bar(i, w[i], rules[rule]), Text(i, w[i] + 0.025, f"{w[i]:.3f}", size=15, ax=1)]
            else:
                marks.append(Text(i, 0.03, f"{w[i]}", size=15, ax=1))
        if rule == SINK:
            marks += [Dot(k, 0, WARM, 11), _bar(k, sink, WARM), Text(k, sink + 0.025, f"{sink:.3f}", size=15, ax=1)]
        given = f"With {seen} of {k} keys to see" if seen < k else f"With all {k} keys to see"
        moved = f"{given} and {shift:+.0f} added to every score" if shift else f"{given} and the scores as they are"
        if not np.isfinite(w).all():
            return marks, minus(f"{moved}, {rule} gives {w[0]}, no number: is something divided by a sum of 0?")
        total = w.sum()
        said = f"{moved}, {rule} gives the keys {', '.join(f'{v:.3f}' for v in w)}, together {total:.3f}"
        if rule == SINK:
            said += f", and the sink, whose score stays 0, takes {sink:.3f}"
        return marks, minus(f"{said}.")

    sliders = {
        "shift": Slider(np.arange(-10.0, 5.0), 0.0, "added to every score", "{:+.0f}"),
        "rule": Choice(rules, SOFTMAX, "weights by"),
        "seen": Slider(np.arange(k + 1), k, "keys it may see", "{:.0f}"),
    }
    return Explorer("A total that must be spent", sliders, background, bars)


def _bar(x: float, height: float, color: str) -> Area:
    return Area(x + np.array([-0.32, -0.32, 0.32, 0.32]), [0, height, height, 0], color, 0.8, 1)
