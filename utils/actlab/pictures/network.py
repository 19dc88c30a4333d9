"""What goes on inside the course's network: the same three pictures in several lessons."""

from collections.abc import Mapping

import numpy as np

from actlab.activations import REGISTRY
from actlab.figures import INK, MUTED, Picture, new_figure, style
from actlab.inside import CLASSES, STEPS, Run

ROWS = 6
"""Layers whose histograms are drawn; of more, these many, evenly spread, the first and the last among them."""
EDGES = np.linspace(-4, 4, 50)
"""Of the histograms, such that 0 lies amid a bar."""
NEAR = 0.25
"""Where activations of ReLU and its relatives pile up: bars about 0, which say nothing of a histogram's scale."""
LEAST, MOST = 1e-9, 1e2
BOUNDS = 0.1, 1.0
"""How far the words say that a loss came down."""


def inside(runs: Mapping[str, Run]) -> Picture:
    """Loss; what flows, layer by layer; gradient and step: a row for each run, on the same axes in every lesson.

    runs: {name: what `inside.train` returned}.  Histograms, of the last step: an outline for z, filled for the
    activations, both on the scale of their layer; bars at the edge count all that lies beyond ±4.  Gradient and step
    over weights are those of the first step.
    """
    height = 60 + 235 * len(runs)
    with style():
        figure = new_figure((900, height))
        grid = figure.subplots(len(runs), 3, squeeze=False)
        figure.subplots_adjust(
            left=0.06, right=0.985, top=1 - 32 / height, bottom=52 / height, wspace=0.27, hspace=0.34
        )
        for (loss, flow, learning), (name, run) in zip(grid, runs.items(), strict=True):
            color = REGISTRY[run.activation].color
            _loss(loss, run, color)
            _flow(flow, run, color)
            _learning(learning, run, color)
            loss.set_title(name)
            flow.set_title(f"{name}: z and a", fontsize=11, fontweight="normal")
            learning.set_title(f"{name}: the first step", fontsize=11, fontweight="normal")
        for ax, label in zip(grid[-1], ("training step", "at the end: z (line), a (filled)", "layer"), strict=True):
            ax.set_xlabel(label)
    return Picture(figure, " ".join(f"{name}: {_said(run)}" for name, run in runs.items()), exact=False)


def _loss(ax, run, color):
    ax.plot(run.losses, color=color, lw=1.3)
    ax.axhline(np.log(CLASSES), color=MUTED, lw=1.2, ls=":")
    ax.annotate(
        "guessing: ln 10",
        (STEPS, np.log(CLASSES)),
        xytext=(-2, 7),
        textcoords="offset points",
        ha="right",
        color=MUTED,
        bbox={"fc": "white", "ec": "none", "pad": 1.0},
    )
    ax.set(xlim=(0, STEPS), ylim=(0, 3.2), yticks=(0, 1, 2, 3), ylabel="loss")


def _flow(ax, run, color):
    layers = len(run.z)
    shown = np.unique(np.linspace(0, layers - 1, min(ROWS, layers)).round().astype(int))
    middles = (EDGES[1:] + EDGES[:-1]) / 2
    apart = (np.abs(middles) > NEAR) & (np.abs(middles) < middles[-1])
    for place, layer in enumerate(shown):
        z, a = (np.histogram(np.clip(each[layer], -4, 4), EDGES)[0] for each in (run.z, run.a))
        scale = max(z[1:-1].max(), a[apart].max() / 2, 1)  # what is higher is cut off: tanh's a, so that z is seen
        z, a = (place + 0.85 * np.minimum(each / scale, 1) for each in (z, a))
        ax.fill_between(middles, place, a, step="mid", color=color, alpha=0.45, lw=0)
        ax.step(middles, z, where="mid", color=INK, lw=1.2)
    ax.set_yticks(range(len(shown)), [f"{layer + 1}" for layer in shown])
    ax.set(xlim=(-4, 4), ylim=(-0.1, ROWS), ylabel="layer")
    ax.grid(axis="y", visible=False)


def _learning(ax, run, color):
    layers = np.arange(1, len(run.z) + 1)
    looks = (run.gradients, "‖∂loss/∂W‖", color, "o-"), (run.ratios, "step / weights", INK, "s--")
    for values, label, each, look in looks:
        values = np.clip(values, LEAST, MOST)
        ax.plot(layers, values, look, ms=5 if len(layers) <= ROWS else 3, lw=1.6, color=each, label=label)
    ax.axhline(1e-3, color=MUTED, lw=1.2, ls=":")
    ax.set(yscale="log", ylim=(LEAST, MOST), xlim=(0.5, len(layers) + 0.5))
    ax.set_yticks([10.0**power for power in (-9, -6, -3, 0)])
    ax.minorticks_off()
    ax.set_xticks(layers if len(layers) <= ROWS else layers[len(layers) // ROWS - 1 :: len(layers) // ROWS])
    ax.legend(loc="lower right", fontsize=10, handlelength=2.6)


def _said(run):
    """What stays the same on every processor, and about where a loss that jumps ends, which need not."""
    gradient, ratio, start = run.gradients, run.ratios, run.losses[0]
    loss = run.losses[-20:].mean()
    ends = next((f"ends below {bound:g}" for bound in BOUNDS if loss < bound), "ends above 1")
    if np.isnan(loss):
        ends = "ends as NaN"
    jumps = "" if run.losses.max() < 1.05 * start else ", jumps above that"
    return (
        f"the loss starts at {start:.2f}{jumps} and {ends}; in the first step the gradients of layers 1 and "
        f"{len(run.z)} are {gradient[0]:.0e} and {gradient[-1]:.0e}, and the step is {ratio[0]:.0e} and "
        f"{ratio[-1]:.0e} of their weights."
    )
