"""Which units of a layer are dead: while it trains, and for a range of biases."""

from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actlab import learner
from actlab.data import glyphs
from actlab.figures import COOL, INK, MUTED, WARM
from actlab.live import Area, Choice, Explorer, Grab, Line, Slider, joined
from actlab.look import LIGHT
from actlab.words import minus, percent

FIRST, SECOND, RATES = (-4, -3, -2, 0), (-2, -1, 0), (0.1, 1, 3)
STEPS = range(0, 161, 10)
WIDTH = 32


def explore_dying(
    dead: Callable[..., Any] | None = None, activation: str | Callable[..., Any] = "relu", seed: int = 1
) -> Explorer:
    """Every unit of two hidden layers over 160 steps of plain gradient descent: dead, alive, or back from the dead.

    dead: a function of pre-activations (n, units) that says which units are dead, such as a learner's; None for z ≤ 0
    on every sample.  activation: a registry key or torch function.  All networks start with the same weights, those of
    `seed`, and see the same batches; start biases and learning rate differ.  Needs torch.
    """
    starts = list(product(FIRST, SECOND, RATES))

    @cache
    def histories():
        """{(first bias, second bias, rate): [bool (steps, units) per layer]}"""
        if dead is not None:
            learner.array(learner.call(dead, np.array([[-1.0, 2.0, -0.5], [0.0, -1.0, -3.0]])), (3,))
        seen = _train(starts, dead, activation, seed)
        return {start: [np.array([look[k][i] for look in seen]) for k in (0, 1)] for i, start in enumerate(starts)}

    def background(figure):
        histories()
        axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.05, right=0.98, top=0.9, bottom=0.2, wspace=0.12)
        for ax, title in zip(axes, ("layer 1: fed by the data", "layer 2: fed by layer 1"), strict=True):
            ax.set(title=title, xlabel="training step", ylabel=f"{WIDTH} units", xlim=(-5, 165), ylim=(-1, WIDTH))
            ax.set_xticks(range(0, 161, 40))
            ax.set_yticks([])
            ax.grid(visible=False)
        words = "thick: dead     thin: alive again     blank: never dead"
        figure.text(0.27, 0.03, words, ha="center", color=INK, fontsize=10.5)
        return axes

    def bars(first, second, rate):
        marks = []
        for ax, history in enumerate(histories()[first, second, rate]):
            back = ~history & np.maximum.accumulate(history)
            order = np.lexsort((history.sum(0), history[0]))[::-1]
            for cells, color, width in ((history, INK, 7), (back, WARM, 2.5)):
                runs = _runs(cells[:, order])
                if runs:
                    marks.append(Line(*joined(runs), color, width, ax=ax))
        return marks, ""

    def fog(step):
        x = [step + 5, 165, 165, step + 5]
        now = [step + 5, step + 5]
        ahead = [Area(x, [-1, -1, WIDTH, WIDTH], LIGHT.paper, 1, ax) for ax in (0, 1)]
        return ahead + [Line(now, [-1, WIDTH], WARM, 2, "5 4", ax) for ax in (0, 1)], ""

    def words(first, second, rate, step):
        upto = [history[: STEPS.index(step) + 1] for history in histories()[first, second, rate]]
        now = [int(history[-1].sum()) for history in upto]
        back = [int((history[:-1] & ~history[1:]).any(0).sum()) for history in upto]
        return [], (
            f"At step {step}, {now[0]} of {WIDTH} units are dead in layer 1 and {now[1]} of {WIDTH} in layer 2. "
            f"So far {back[0]} {_units(back[0])} of layer 1 and {back[1]} of layer 2 came back from the dead."
        )

    sliders = {
        "first": Slider(FIRST, -3, "start bias, layer 1"),
        "second": Slider(SECOND, -1, "start bias, layer 2"),
        "rate": Slider(RATES, 1, "learning rate"),
        "step": Slider(STEPS, 0, "training step", play=True),
    }
    grab = {"step": [Grab("x", ax, lambda step: step + 5) for ax in (0, 1)]}
    title = "Dead units, step by step"
    return Explorer(title, sliders, background, bars, fog, words, grab=grab, size=(900, 430), exact=False)


def _train(
    starts: list[tuple[float, float, float]],
    dead: Callable[..., Any] | None,
    activation: str | Callable[..., Any],
    seed: int,
) -> list[list[NDArray[np.bool_]]]:
    """[[bool (networks, units) per layer] per look]: one network for each start, all trained at once."""
    from actlab.training import Networks

    X, y = glyphs(500, 0, noise=0.25)
    first, second, rates = map(list, zip(*starts, strict=True))
    seeds = [seed] * len(starts)
    nets = Networks([X.shape[1], WIDTH, WIDTH, 10], activation, seeds, gain=2**0.5, bias=[first, second])

    def look(nets):
        if dead is None:
            return nets.dead(X)
        layers = [z.detach().numpy() for z, _ in nets.hidden(X)]
        return [np.array([learner.array(learner.call(dead, z), (WIDTH,)) for z in layer]) > 0 for layer in layers]

    return nets.fit(X, y, STEPS[-1], rates, "sgd", batch=100, watch=look, every=STEPS.step)[1]


def _runs(cells: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """One short line for each stretch of steps on which a unit's cells (steps, units) hold."""
    lines = []
    for unit, column in enumerate(cells.T):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], column.astype(int), [0]])))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            lines.append(np.array([[STEPS.step * begin - 5, unit], [STEPS.step * end - 5, unit]]))
    return lines


def _units(count: int) -> str:
    return "unit" if count == 1 else "units"


def dead(
    dead_units: Callable[..., Any],
    he_normal: Callable[..., Any],
    batch_norm: Callable[..., Any],
    seed: int = 8,
    units: int = 40,
    n: int = 60,
) -> Explorer:
    """The pre-activations of a layer of ReLUs for a range of biases, and which units the learner's function calls dead.

    Weights come from the learner's he_normal; the learner's batch_norm can be put in front of the ReLU.
    """
    x = np.random.default_rng(seed).normal(size=(n, 16))
    where = np.arange(1, units + 1)

    def pre_activations(bias, norm):
        weights = learner.finite(he_normal, (16, units), 16, units, np.random.default_rng(seed))
        z = x @ weights + bias
        if norm == "on":
            z = learner.finite(batch_norm, z.shape, z, np.ones(units), np.zeros(units))
        return z

    def background(figure):
        ax = figure.subplots()
        figure.subplots_adjust(left=0.07, right=0.98, top=0.90, bottom=0.15)
        ax.axhline(0, color=INK, lw=1.4)
        ax.annotate("fires", (0.995, 0.95), xycoords="axes fraction", ha="right", va="top", color=MUTED)
        ax.annotate("silent", (0.995, 0.03), xycoords="axes fraction", ha="right", color=MUTED)
        ax.set(title=f"pre-activations of {units} units over {n} samples", xlabel="unit", ylabel="lowest to highest z")
        ax.set(xlim=(0, units + 3), ylim=(-11, 8), yticks=range(-10, 9, 2))
        return ax

    def ranges(bias, norm):
        z = pre_activations(bias, norm)
        silenced = learner.finite(dead_units, (units,), z) > 0.5
        marks = []
        for chosen, color, width in ((~silenced, COOL, 3.5), (silenced, WARM, 6)):
            gap = np.full(chosen.sum(), np.nan)
            xs = np.column_stack([where[chosen], where[chosen], gap]).ravel()
            ys = np.column_stack([z.min(0)[chosen], z.max(0)[chosen], gap]).ravel()
            marks.append(Line(xs, ys, color, width))
        silent = (z <= 0).mean()
        batch = " behind your batch_norm" if norm == "on" else ""
        return marks, minus(
            f"Bias {bias:g}{batch}: your dead_units calls {silenced.sum()} of {units} units dead (thick orange lines); "
            f"{percent(silent)} of all ReLU outputs are 0."
        )

    sliders = {
        "bias": Slider([-4, -3.5, -3, -2.5, -2, -1.5, -1, -0.5, 0], 0, "bias of every unit", "{:g}"),
        "norm": Choice(["off", "on"], "off", "batch norm"),
    }
    grab = {"bias": "y"}
    return Explorer("A layer of ReLUs", sliders, background, ranges, grab=grab, size=(900, 380))
