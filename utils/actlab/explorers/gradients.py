"""What reaches each layer of an untrained network."""

from functools import cache

import numpy as np

from actlab import networks
from actlab.activations import REGISTRY
from actlab.figures import MUTED
from actlab.live import Area, Dot, Explorer, Line, Slider, Text

GAINS = [0.5, 1, 2**0.5, 2, 4, 8, 12, 64]
DEPTHS = [5, 10, 20, 30]


@cache
def _norms(key, depth, gain):
    with np.errstate(all="ignore"):
        return networks.gradient_norms(REGISTRY[key], depth, gain, batch=64)


def explore_gradients(activations=("sigmoid", "tanh", "relu", "linear"), start="sigmoid"):
    """The weight gradient in every layer of an untrained network, for depth, activation and initial gain.

    activations: registry keys to choose from.  Five seeds each, width 64, inputs from N(0, 1).
    """

    def background(figure):
        ax = figure.subplots()
        figure.subplots_adjust(left=0.10, right=0.97, top=0.90, bottom=0.14)
        ax.set(yscale="log", xlim=(0.5, max(DEPTHS) + 0.5), ylim=(1e-20, 1e8))
        ax.set(title="gradient reaching each layer (line: geometric mean, band: 5 seeds)")
        ax.set(xlabel="layer, 1 = nearest the input", ylabel="‖∂loss/∂W‖")
        ax.axhline(1, color=MUTED, lw=1)
        return ax

    def gradients(activation, depth, gain):
        entry = REGISTRY[activation]
        norms = np.clip(_norms(activation, depth, gain), 1e-30, 1e30)
        layers = np.arange(1, depth + 1)
        middle = np.exp(np.log(norms).mean(0))
        factors = (norms[:, 0] / norms[:, -1]) ** (1 / (depth - 1))
        around = np.concatenate([norms.max(0), norms.min(0)[::-1]])
        marks = [
            Area(np.concatenate([layers, layers[::-1]]), around, entry.color, 0.25),
            Line(layers, middle, entry.color, 3),
            Dot(layers, middle, entry.color, 8),
            Text(depth + 0.4, middle[-1], entry.name, entry.color, "start" if depth < 30 else "end"),
        ]
        verdict = "shrinks" if factors.mean() < 0.97 else "grows" if factors.mean() > 1.03 else "holds"
        return marks, (
            f"With {entry.name}, {depth} hidden layers and gain {gain:.3g}, the gradient {verdict} on its way back, "
            f"from 10^{np.log10(middle[-1]):.1f} in layer {depth} to 10^{np.log10(middle[0]):.1f} in layer 1: "
            f"× {factors.mean():.2f} per layer (seeds {factors.min():.2f} to {factors.max():.2f})."
        )

    sliders = {
        "activation": Slider(activations, start),
        "depth": Slider(DEPTHS, 10, "hidden layers"),
        "gain": Slider(GAINS, 1, "initial weight gain g", "{:.3g}"),
    }
    return Explorer("Gradient by layer", sliders, background, gradients, size=(900, 420))
