"""What deep networks do to a signal and to its gradient before any training.

A *start* is a tuple that begins with the key of an activation, {name: (key, gain, …)}; what was found for it is a pair
(signal, gradient) of mean squares at every depth, each of shape (seeds, depth + 1), the input first.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actlab import figures
from actlab.activations import REGISTRY
from actlab.figures import Picture
from actlab.tables import Table
from actlab.words import minus

Array = NDArray[np.float64]
Starts = Mapping[str, tuple[Any, ...]]
Found = Mapping[str, tuple[Array, Array]]

SEEDS = "seeds, lowest to highest"


def signals_by_layer(starts: Starts, found: Found) -> Picture:
    """The mean square of the signal, layer by layer, for several starts."""
    values = {name: signal for name, (signal, _) in found.items()}
    return _by_layer(starts, values, "Mean square of the signal", xlabel="layer", ylabel="$E\\,h^2$")


def gradients_by_layer(starts: Starts, found: Found) -> Picture:
    """The mean square of the gradient on its way back to the input, for several starts."""
    values = {name: gradient[:, ::-1] for name, (_, gradient) in found.items()}
    back, size = "layers travelled back from the output", "$E\\,(\\partial\\,loss/\\partial h)^2$"
    return _by_layer(starts, values, "Mean square of the gradient", xlabel=back, ylabel=size)


def _by_layer(starts: Starts, values: Mapping[str, Array], title: str, *, xlabel: str, ylabel: str) -> Picture:
    seeds, stops = next(iter(values.values())).shape
    ends = "; ".join(f"{name} {_power(each[:, -1])}" for name, each in values.items())
    return figures.with_spread(
        {name: (REGISTRY[starts[name][0]].color, each) for name, each in values.items()},
        range(stops),
        title=f"{title} ({seeds} {SEEDS})",
        xlabel=xlabel,
        ylabel=ylabel,
        log=True,
        alt=f"log₁₀ of the {title[0].lower()}{title[1:]} after {stops - 1} layers, mean ± SD of {seeds} seeds: {ends}.",
        exact=True,
    )


def _power(values: Array) -> str:
    """log₁₀ of several numbers, as mean ± standard deviation."""
    logs = np.log10(values)
    return minus(f"{logs.mean().round(1) + 0.0:+.1f} ± {logs.std(ddof=1):.1f}")


def far_ends(found: Found) -> Table:
    """log₁₀ of what is left of signal and gradient at the far end, mean ± standard deviation over the seeds."""
    rows = [(name, _power(signal[:, -1]), _power(gradient[:, 0])) for name, (signal, gradient) in found.items()]
    return Table(("log₁₀ of the mean square at the far end", "signal", "gradient"), rows)


def cosines_by_layer(starts: Starts, found: Mapping[str, Array]) -> Picture:
    """The mean cosine of two inputs, layer by layer.  found: {name: (seeds, depth + 1)}."""
    seeds, stops = next(iter(found.values())).shape
    last = {name: each[:, -1] for name, each in found.items()}
    said = "; ".join(minus(f"{name} {v.mean():z.2f} ± {v.std(ddof=1):.2f}") for name, v in last.items())
    return figures.with_spread(
        {name: (REGISTRY[starts[name][0]].color, each) for name, each in found.items()},
        range(stops),
        title=f"How alike different inputs become ({seeds} {SEEDS})",
        xlabel="layer",
        ylabel="mean cosine of two inputs",
        ylim=(-0.1, 1.1),
        alt=f"Mean cosine after {stops - 1} layers, mean ± SD of {seeds} seeds: {said}.",
        exact=True,
    )


def gains_beside(other: Callable[[str], float], found: Mapping[str, tuple[float, float]]) -> Table:
    """The gains for signal and gradient beside those of a library.

    other: a function of an activation's key, `torch.nn.init.calculate_gain`; where it knows none, it raises ValueError.
    found: {key: (signal, gradient)}.
    """

    def others(key: str) -> str:
        try:
            return f"{other(key):.4f}"
        except ValueError:
            return "no entry"

    rows = [(REGISTRY[key].name, *(f"{gain:.4f}" for gain in pair), others(key)) for key, pair in found.items()]
    return Table(("gain", "for the signal", "for the gradient", "torch’s"), rows)


def growth_in_one_layer(sizes: Sequence[float], starts: Starts, found: Mapping[str, ArrayLike]) -> Picture:
    """The factor on the mean square in one layer, against the size on arrival.  found: {name: (len(sizes),)}."""
    at = {name: np.interp([0.5, 2], sizes, np.asarray(factor)) for name, factor in found.items()}
    said = "; ".join(f"{name} {small:.2f} and {large:.2f}" for name, (small, large) in at.items())
    return figures.with_spread(
        {name: (REGISTRY[starts[name][0]].color, np.asarray(factor)[None]) for name, factor in found.items()},
        sizes,
        title="Growth of the mean square in one layer",
        xlabel="root mean square of z on arrival",
        ylabel="factor on $E\\,z^2$",
        notes=[(1, "level")],
        ylim=(0, 2.2),
        alt=f"Growth factor at size 0.5 and at size 2: {said}.",
        exact=True,
    )


def gradients_by_norm(found: Mapping[str, Mapping[float, Sequence[float]]]) -> Table:
    """log₁₀ of the gradient that arrives at the input.  found: {layer: {gain: one mean square for each network}}."""
    heads = [f"gain {gain:g}" for gain in next(iter(found.values()))]
    rows = [(layer, *(_power(np.array(each)) for each in by_gain.values())) for layer, by_gain in found.items()]
    return Table(("log₁₀ of the gradient's mean square", *heads), rows)
