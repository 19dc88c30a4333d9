"""Layers without a bend: what depth adds to them, on data that no line separates and on a linear target."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from actlab import networks
from actlab.data import circles, spirals
from actlab.evidence.model import Experiment, Sample, guards
from actlab.training import Networks

DATA = {"circles": circles, "spirals": spirals}


def classify(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """Four hundred points, 32 units in each hidden layer, Adam on all the points at once."""
    data = DATA[point["data"]]
    gain = 2**0.5 if arm["activation"] == "relu" else 1.0
    nets = Networks([2] + [32] * (arm["depth"] - 1) + [2], arm["activation"], seeds, gain)
    nets.fit(*data(400, data_seed), point["steps"], point["rate"], eps=point["eps"])
    return {"test accuracy": nets.accuracy(*data(400, data_seed + 1))}


RINGS = Experiment(
    name="rings",
    section="1.6",
    question="Which networks tell one ring from another: affine ones, however deep, or two layers with a ReLU?",
    measure="test accuracy",
    arms={
        "affine, depth 1": {"activation": "linear", "depth": 1},
        "affine, depth 8": {"activation": "linear", "depth": 8},
        "ReLU, depth 2": {"activation": "relu", "depth": 2},
    },
    control="affine, depth 1",
    run=classify,
    rates=(0.0025, 0.01, 0.04, 0.16),
    settings={"data": "circles", "steps": 200, "eps": 1e-8},
    conditions=guards(200),
)

SPIRALS = Experiment(
    name="spirals",
    section="1.6",
    question="Does a third layer pay on the spirals?",
    measure="test accuracy",
    arms={
        "affine, depth 1": {"activation": "linear", "depth": 1},
        "ReLU, depth 2": {"activation": "relu", "depth": 2},
        "ReLU, depth 3": {"activation": "relu", "depth": 3},
    },
    control="affine, depth 1",
    run=classify,
    rates=(0.0025, 0.01, 0.04, 0.16),
    settings={"data": "spirals", "steps": 200, "eps": 1e-8},
    conditions=guards(200),
    at={"ReLU, depth 2": (0.01,), "ReLU, depth 3": (0.01,)},
)


@RINGS.verdict(
    "On the circles one affine layer and eight stay near guessing, each with a mean below 0.6; with two layers and a "
    "ReLU in between, every seed gets at least 97 of 100 fresh points right."
)
def bend(s: Sample) -> bool:
    flat = max(s["affine, depth 1"].mean(), s["affine, depth 8"].mean())
    return bool(flat < 0.6 and s["ReLU, depth 2"].min() >= 0.97)


@SPIRALS.verdict(
    "At rate 0.01, in 200 steps, three layers with ReLU beat two on the spirals: {three:.2f} of the fresh points "
    "against {two:.2f}.",
    unless={"800 steps": "in 200 steps"},
    numbers=lambda s: {"two": s["ReLU, depth 2", 0.01].mean(), "three": s["ReLU, depth 3", 0.01].mean()},
)
def third_layer(s: Sample) -> bool:
    return bool(s["ReLU, depth 3", 0.01].mean() - s["ReLU, depth 2", 0.01].mean() > 0.03)


@SPIRALS.verdict(
    "Each at its own best rate, two layers with ReLU get {two:.3f} of the fresh points and three {three:.3f}, where "
    "one affine layer gets {one:.2f} on average and never 0.75.",
    numbers=lambda s: {
        "one": s["affine, depth 1"].mean(),
        "two": s["ReLU, depth 2"].mean(),
        "three": s["ReLU, depth 3"].mean(),
    },
)
def two_suffice(s: Sample) -> bool:
    return bool(s["ReLU, depth 2"].mean() > 0.97 and s["affine, depth 1"].max() < 0.75)


@SPIRALS.verdict(
    "Three layers with ReLU get *every* fresh point right with all five seeds in {held} of {groups} groups, and how "
    "often depends on the draw of points.",
    unless=dict.fromkeys(("data 1", "data 2", "data 4"), "depends on the draw of points"),
)
def flawless(s: Sample) -> bool:
    return bool(s["ReLU, depth 3"].min() == 1)


def halve(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """Steps of plain descent until a linear target's squared error is half of the first; all of them where it never is.

    Eight inputs, eight units in each layer, eight outputs, two hundred points at once.
    """
    rng = np.random.default_rng(data_seed)
    X = rng.normal(size=(200, 8))
    Y = X @ (rng.normal(size=(8, 8)) / np.sqrt(8))
    starts = [networks.initialise([8] * (arm["depth"] + 1), arm["gain"], rng=seed)[0] for seed in seeds]
    weights = [np.stack(layers) for layers in zip(*starts, strict=True)]
    biases = [np.zeros(8)] * len(weights)
    curves = []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(point["steps"]):
            hs, zs = networks.forward(X, weights, biases, f=lambda z: z)
            error = zs[-1] - Y
            curves.append((error**2).sum(-1).mean(-1))
            gradients = networks.backward(hs, zs, weights, np.ones_like, 2 * error / len(X))
            weights = [W - point["rate"] * g for W, g in zip(weights, gradients, strict=True)]
    below = np.array(curves) < curves[0] / 2
    return {"steps to halve the error": np.where(below.any(0), below.argmax(0), point["steps"])}


PLATEAU = Experiment(
    name="plateau",
    section="1.8",
    question="The same linear functions, with one layer and with four: how soon does plain descent halve the error?",
    measure="steps to halve the error",
    higher=False,
    arms={
        "1 layer": {"depth": 1, "gain": 0.3},
        "4 layers, gain 0.3": {"depth": 4, "gain": 0.3},
        "4 layers, gain 1": {"depth": 4, "gain": 1.0},
    },
    control="1 layer",
    run=halve,
    rates=(0.0031, 0.0125, 0.05, 0.1, 0.2, 0.4, 0.8),
    settings={"optimiser": "sgd", "steps": 200},
    conditions=guards(200, adam=False),
    at=dict.fromkeys(("1 layer", "4 layers, gain 0.3", "4 layers, gain 1"), (0.0125, 0.05)),
)


@PLATEAU.verdict(
    "From weights of gain 0.3, at rate 0.05, four layers need {four:.0f} steps on average to halve the error, one "
    "layer {one:.0f}.",
    numbers=lambda s: {"one": s["1 layer", 0.05].mean(), "four": s["4 layers, gain 0.3", 0.05].mean()},
)
def waits(s: Sample) -> bool:
    return bool(s["4 layers, gain 0.3", 0.05].min() > 5 * s["1 layer", 0.05].max())


@PLATEAU.verdict(
    "At the same rate, with gain 1, the four layers need {four:.0f}, fewer than the one.",
    numbers=lambda s: {"four": s["4 layers, gain 1", 0.05].mean()},
)
def start_decides(s: Sample) -> bool:
    return bool(s["4 layers, gain 1", 0.05].mean() < s["1 layer", 0.05].mean())


@PLATEAU.verdict(
    "Each at its own best rate, it is the one layer that needs fewer: {one:.1f} steps on average, and four layers with "
    "gain 1 need {four:.1f}.",
    numbers=lambda s: {"one": s["1 layer"].mean(), "four": s["4 layers, gain 1"].mean()},
)
def each_at_its_best(s: Sample) -> bool:
    return bool(s["1 layer"].mean() < s["4 layers, gain 1"].mean())
