"""What reaches each layer of an untrained network, by the course's chain rule and by the learner's."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actlab import learner, networks
from actlab.activations import REGISTRY
from actlab.figures import MUTED
from actlab.live import Area, Choice, Dot, Explorer, Line, Slider, Text
from actlab.look import NEGATIVE, POSITIVE
from actlab.words import power

GAINS = [0.5, 1, 2**0.5, 2, 4, 8, 12, 64]
DEPTHS = [5, 10, 20, 30]


@cache
def _norms(key: str, depth: int, gain: float) -> NDArray[np.floating]:
    with np.errstate(all="ignore"):
        return networks.gradient_norms(REGISTRY[key], depth, gain, batch=64)


def explore_gradients(
    activations: Sequence[str] = ("sigmoid", "tanh", "relu", "linear"), start: str = "sigmoid"
) -> Explorer:
    """The weight gradient in every layer of an untrained network, for depth, activation and initial gain.

    activations: registry keys to choose from.  Five seeds each, width 64, inputs from N(0, 1).  Drawn is how large the
    gradient is beside that of the last hidden layer, where its way back begins.
    """
    entries = {REGISTRY[key].name: REGISTRY[key] for key in activations}

    def background(figure):
        ax = figure.subplots()
        figure.subplots_adjust(left=0.10, right=0.97, top=0.90, bottom=0.14)
        ax.set(yscale="log", xlim=(0.5, max(DEPTHS) + 0.5), ylim=(1e-19, 1e11))
        ax.set_yticks([10.0**k for k in range(-15, 11, 5)])
        ax.set(title="gradient in each layer, beside the last one's (band: 5 seeds)")
        ax.set(xlabel="layer, 1 = nearest the input", ylabel="‖∂loss/∂W‖, last layer = 1")
        ax.axhspan(10, 1e11, color=POSITIVE, alpha=0.09, lw=0)
        ax.axhspan(1e-19, 0.1, color=NEGATIVE, alpha=0.09, lw=0)
        for y, va, word in ((1e11, "top", "grows on its way back"), (1e-19, "bottom", "shrinks on its way back")):
            shift = (-8, 8 if va == "bottom" else -8)
            ax.annotate(word, (30.5, y), xytext=shift, textcoords="offset points", ha="right", va=va, color=MUTED)
        return ax

    def by_layer(activation, depth, gain):
        entry = entries[activation]
        norms = np.maximum(_norms(entry.key, depth, gain), 1e-300)
        shares = norms / norms[:, -1:]
        layers = np.arange(1, depth + 1)
        middle = np.exp(np.log(shares).mean(0))
        factors = shares[:, 0] ** (1 / (depth - 1))
        around = np.concatenate([shares.max(0), shares.min(0)[::-1]])
        marks = [
            Area(np.concatenate([layers, layers[::-1]]), around, entry.color, 0.25),
            Line(layers, middle, entry.color, 3),
            Dot(layers, middle, entry.color, 8),
            Text(depth + 0.4, middle[-1], entry.name, entry.color, "start" if depth < 30 else "end"),
        ]
        verdict = "shrinks" if factors.mean() < 0.97 else "grows" if factors.mean() > 1.03 else "holds"
        return marks, (
            f"With {entry.name}, {depth} hidden layers and gain {gain:.3g}, the gradient {verdict} on its way back, "
            f"from {_size(norms[:, -1])} in layer {depth} to {_size(norms[:, 0])} in layer 1: × {factors.mean():.2f} "
            f"per layer (seeds {factors.min():.2f} to {factors.max():.2f}), {_rounded(middle[0])} times in all."
        )

    sliders = {
        "activation": Choice(entries, REGISTRY[start].name),
        "depth": Slider(DEPTHS, DEPTHS[0], "hidden layers", play=True),
        "gain": Slider(GAINS, 1, "initial weight gain g", "{:.3g}"),
    }
    return Explorer("Gradient by layer", sliders, background, by_layer, size=(900, 430))


def _size(norms: NDArray[np.floating]) -> str:
    """The geometric mean of sizes as a power of ten."""
    return power(round(float(np.log10(norms).mean()), 1) + 0.0)


def _rounded(value: float) -> str:
    """A number of any size with two digits: 0.23, 1900, 2.0e-06."""
    return f"{float(f'{value:.2g}'):g}" if 1e-3 <= value < 1e5 else f"{value:.1e}"


def gradients(
    layer_gradient_norms: Callable[..., Any],
    f: Callable[..., Any],
    df: Callable[..., Any],
    depth: int = 10,
    seed: int = 8,
    width: int = 32,
    batch: int = 32,
) -> Explorer:
    """The size of every layer's gradient, by the learner's own chain rule, for a range of weight gains.

    f, df: the learner's activation and its slope, compared with tanh.
    """
    x = np.random.default_rng(seed).normal(size=(batch, width))
    tanh = REGISTRY["tanh"]
    layers = np.arange(1, depth + 1)

    def norms(gain, one, slope):
        weights, _ = networks.initialise([width] * (depth + 1), gain, seed)
        found = learner.finite(layer_gradient_norms, (depth,), x, weights, one, slope)
        if (found < 0).any():
            raise learner.Trouble(learner.Kind.VALUE, "`layer_gradient_norms` gives something else than sizes here")
        return np.clip(found, 1e-30, None)

    def background(figure):
        ax = figure.subplots()
        figure.subplots_adjust(left=0.10, right=0.86, top=0.90, bottom=0.15)
        ax.set(yscale="log", xlim=(0.5, depth + 0.5), ylim=(1e-11, 1e5), xticks=layers)
        ax.set(title=f"your layer_gradient_norms, {depth} layers", xlabel="layer, 1 = nearest the input")
        ax.set_ylabel("‖∂loss/∂W‖")
        return ax

    def lines(gain):
        marks, words, ends = [], [], []
        for name, color, pair in (
            (getattr(f, "__name__", "f"), REGISTRY["sigmoid"].color, (f, df)),
            ("tanh", tanh.color, (tanh.f, tanh.df)),
        ):
            found = norms(gain, *pair)
            factor = (found[0] / found[-1]) ** (1 / max(depth - 1, 1))
            marks += [Line(layers, found, color, 3), Dot(layers, found, color, 8)]
            ends.append((found[-1], name, color))
            words.append(f"{name} × {factor:.2f} per layer, {_size(found[:1])} at the first")
        (low, *below), (high, *above) = sorted(ends)
        middle, apart = np.sqrt(low * high), max(np.sqrt(high / low), 6.0)
        marks += [
            Text(depth + 0.62, middle / apart, *below, "start"),
            Text(depth + 0.62, middle * apart, *above, "start"),
        ]
        return marks, f"Weight gain {gain:g}: {'; '.join(words)}."

    sliders = {"gain": Slider([0.5, 1, 2, 4, 8, 12, 20], 1, "weight gain g", "{:g}")}
    return Explorer("Your gradient, layer by layer", sliders, background, lines, size=(900, 380))
