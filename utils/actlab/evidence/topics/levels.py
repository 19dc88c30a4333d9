"""Fifty layers before any training: what is left of the signal, of the gradient, and of the angles between inputs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actlab import networks
from actlab.activations import REGISTRY
from actlab.evidence.model import Experiment, Sample


def untrained(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """log₁₀ of the mean squares after fifty layers of 64, and the mean cosine of 32 inputs; 1 is what enters."""
    entry, size = REGISTRY[arm["activation"]], (point["batch"], point["width"])
    rows = []
    for seed in seeds:
        rng = np.random.default_rng([data_seed, seed])
        weights, _ = networks.initialise([point["width"]] * (point["depth"] + 1), arm["gain"], rng)
        residual = arm.get("residual", False)
        hs, gs = networks.flow(rng.normal(size=size), weights, entry.f, entry.df, rng.normal(size=size), residual)
        unit = hs[-1] / np.linalg.norm(hs[-1], axis=1, keepdims=True)
        cosines = unit @ unit.T
        others = ~np.eye(len(cosines), dtype=bool)
        rows.append([np.log10((hs[-1] ** 2).mean()), np.log10((gs[0] ** 2).mean()), cosines[others].mean()])
    signal, gradient, cosine = np.array(rows).T
    return {"log₁₀ of the signal": signal, "log₁₀ of the gradient": gradient, "mean cosine": cosine}


LEVELS = Experiment(
    name="levels",
    section="6.3",
    question="What is left of a signal after fifty untrained layers?",
    measure="log₁₀ of the signal",
    arms={
        "tanh, Xavier": {"activation": "tanh", "gain": 1.0},
        "ReLU, LeCun": {"activation": "relu", "gain": 1.0},
        "ReLU, He": {"activation": "relu", "gain": 2**0.5},
        "SELU, LeCun": {"activation": "selu", "gain": 1.0},
        "GELU, He": {"activation": "gelu", "gain": 2**0.5},
        "GELU, its own": {"activation": "gelu", "gain": 1.5335},
        "sigmoid, plain": {"activation": "sigmoid", "gain": 1.0},
        "sigmoid, shortcuts": {"activation": "sigmoid", "gain": 1.0, "residual": True},
        "ReLU, He, shortcuts": {"activation": "relu", "gain": 2**0.5, "residual": True},
        "ReLU, small layers, shortcuts": {"activation": "relu", "gain": (2 / 50) ** 0.5, "residual": True},
    },
    control="ReLU, LeCun",
    run=untrained,
    settings={"depth": 50, "width": 64, "batch": 32},
    conditions={"width 256": {"width": 256}},
)

GRADIENT, COSINE = "log₁₀ of the gradient", "mean cosine"


def _power(values: NDArray[np.float64]) -> float:
    return float(np.median(values))


@LEVELS.verdict(
    "With LeCun's gain ReLU keeps $10^{{{left:.0f}}}$ of its mean square through fifty layers; with He's the typical "
    "network ends at {level:.1f} of where it began. Single ones drift: of {networks} one shrinks {least:,.0f}-fold, "
    "another grows {most:.0f}-fold.",
    numbers=lambda s: {
        "left": _power(s["ReLU, LeCun"]),
        "level": 10 ** _power(s["ReLU, He"]),
        "least": float(f"{10 ** -s['ReLU, He'].min():.1g}"),
        "most": 10 ** s["ReLU, He"].max(),
        "networks": len(s["ReLU, He"]),
    },
)
def he_keeps(s: Sample) -> bool:
    return _power(s["ReLU, LeCun"]) < -13 and abs(_power(s["ReLU, He"])) < 2


@LEVELS.verdict(
    "SELU (Klambauer 2017) was built for gain 1: in every network its mean square changes by less than a factor of 1.5."
)
def selu_is_level(s: Sample) -> bool:
    return float(np.abs(s["SELU, LeCun"]).max()) < np.log10(1.5)


@LEVELS.verdict(
    "Nevertheless SELU's gradient grows in every network, typically {times:.0f}-fold in mean square.",
    numbers=lambda s: {"times": 10 ** _power(s.get("SELU, LeCun", measure=GRADIENT))},
)
def selu_gradient_grows(s: Sample) -> bool:
    return bool((s.get("SELU, LeCun", measure=GRADIENT) > 0.7).all())


@LEVELS.verdict(
    "GELU with He's gain typically keeps $10^{{{he:.0f}}}$ of its mean square; with its own gain it grows "
    "{own:,.0f}-fold. The gain is correct, but the signal still drifts.",
    numbers=lambda s: {
        "he": _power(s["GELU, He"]),
        "own": float(f"{10 ** _power(s['GELU, its own']):.1g}"),
    },
)
def gelu_drifts(s: Sample) -> bool:
    return _power(s["GELU, He"]) < -3 and _power(s["GELU, its own"]) > 0.5


@LEVELS.verdict(
    "ReLU with He's gain leaves 32 different inputs with a mean cosine of {he:.2f}; SELU and tanh keep them apart, at "
    "{selu:.2f} and {tanh:.2f}.",
    numbers=lambda s: {
        "he": s.get("ReLU, He", measure=COSINE).mean(),
        "selu": s.get("SELU, LeCun", measure=COSINE).mean(),
        "tanh": s.get("tanh, Xavier", measure=COSINE).mean(),
    },
)
def he_aligns(s: Sample) -> bool:
    aligned, apart = s.get("ReLU, He", measure=COSINE), ("SELU, LeCun", "tanh, Xavier")
    return bool(aligned.mean() > 0.9 and all(s.get(arm, measure=COSINE).mean() < 0.3 for arm in apart))


@LEVELS.verdict(
    "Shortcuts lift the sigmoid's gradient from $10^{{{plain:.0f}}}$ to level, within a factor of two in every "
    "network; forwards its signal grows {grown:.0f}-fold and all inputs end up alike, at a cosine of {cosine:.2f}.",
    numbers=lambda s: {
        "plain": _power(s.get("sigmoid, plain", measure=GRADIENT)),
        "grown": 10 ** _power(s["sigmoid, shortcuts"]),
        "cosine": s.get("sigmoid, shortcuts", measure=COSINE).mean(),
    },
)
def shortcuts_level(s: Sample) -> bool:
    level = np.abs(s.get("sigmoid, shortcuts", measure=GRADIENT)).max() < np.log10(2)
    return bool(level and s.get("sigmoid, plain", measure=GRADIENT).max() < -55)


@LEVELS.verdict(
    "With shortcuts the gradient of ReLU at He's gain grows by {orders:.0f} orders of magnitude in fifty layers; with "
    "every layer's part divided by √50 it grows {least:.0f}- to {most:.0f}-fold.",
    numbers=lambda s: {
        "orders": _power(s.get("ReLU, He, shortcuts", measure=GRADIENT)),
        "least": 10 ** s.get("ReLU, small layers, shortcuts", measure=GRADIENT).min(),
        "most": 10 ** s.get("ReLU, small layers, shortcuts", measure=GRADIENT).max(),
    },
)
def small_layers_calm(s: Sample) -> bool:
    calm = s.get("ReLU, small layers, shortcuts", measure=GRADIENT)
    return bool(calm.max() < 2 and s.get("ReLU, He, shortcuts", measure=GRADIENT).min() > 18)
