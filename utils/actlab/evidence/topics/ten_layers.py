"""Ten hidden layers: which activations, starts and optimisers train them."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from actlab.data import spirals
from actlab.evidence.model import Experiment, Sample, guards
from actlab.training import Networks


def train(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """Two hundred points of the spirals, ten hidden layers of 32 units, all the points at once."""
    (X, y), (X_test, y_test) = spirals(200, data_seed), spirals(200, data_seed + 1)
    nets = Networks([2] + [32] * 10 + [2], arm["activation"], seeds, arm.get("gain", 1.0), arm.get("std"))
    nets.fit(2 * X, y, point["steps"], point["rate"], arm.get("optimiser", "adam"), eps=point["eps"])
    return {"training accuracy": nets.accuracy(2 * X, y), "test accuracy": nets.accuracy(2 * X_test, y_test)}


PLAIN = {"optimiser": "sgd", "rates": (0.025, 0.1, 0.4, 1.6)}

TEN_LAYERS = Experiment(
    name="ten_layers",
    section="2.9",
    question="Which of the starts trains ten hidden layers, and with which optimiser?",
    measure="training accuracy",
    arms={
        "sigmoid, Xavier": {"activation": "sigmoid", "gain": 1.0},
        "sigmoid, gain 12": {"activation": "sigmoid", "gain": 12.0},
        "tanh, Xavier": {"activation": "tanh", "gain": 1.0},
        "ReLU, He": {"activation": "relu", "gain": 2**0.5},
        "ReLU, std 0.01": {"activation": "relu", "std": 0.01},
        "sigmoid, Xavier, SGD": {"activation": "sigmoid", "gain": 1.0, **PLAIN},
        "sigmoid, gain 12, SGD": {"activation": "sigmoid", "gain": 12.0, **PLAIN},
        "tanh, Xavier, SGD": {"activation": "tanh", "gain": 1.0, **PLAIN},
    },
    control="sigmoid, Xavier",
    run=train,
    rates=(0.00075, 0.003, 0.012, 0.048),
    settings={"steps": 200, "eps": 1e-8},
    conditions=guards(200),
    more={"800 steps": ("sigmoid, Xavier, SGD", "sigmoid, gain 12, SGD"), "ε = 1e-16": ("ReLU, std 0.01",)},
)


@TEN_LAYERS.verdict(
    "Adam alone does not do it: at its best rate the default sigmoid has {adam:.2f} of its training points right, and "
    "under plain descent {plain:.2f}.",
    numbers=lambda s: {"adam": s["sigmoid, Xavier"].mean(), "plain": s["sigmoid, Xavier, SGD"].mean()},
)
def adam_alone(s: Sample) -> bool:
    return bool(max(s["sigmoid, Xavier"].mean(), s["sigmoid, Xavier, SGD"].mean()) < 0.75)


@TEN_LAYERS.verdict(
    "With gain 12 and Adam it has {sigmoid:.2f} right, as tanh ({tanh:.2f}) and ReLU ({relu:.2f}) have.",
    numbers=lambda s: {
        "sigmoid": s["sigmoid, gain 12"].mean(),
        "tanh": s["tanh, Xavier"].mean(),
        "relu": s["ReLU, He"].mean(),
    },
)
def both(s: Sample) -> bool:
    return all(s[arm].mean() > 0.97 for arm in ("sigmoid, gain 12", "tanh, Xavier", "ReLU, He"))


@TEN_LAYERS.verdict(
    "Under plain descent it has {gain:.2f} right in 200 steps. That is slow, but so is tanh, with {tanh:.2f}.",
    unless={"800 steps": "in 200 steps"},
    numbers=lambda s: {"gain": s["sigmoid, gain 12, SGD"].mean(), "tanh": s["tanh, Xavier, SGD"].mean()},
)
def gain_alone(s: Sample) -> bool:
    default, gain, tanh = (s[f"{arm}, SGD"].mean() for arm in ("sigmoid, Xavier", "sigmoid, gain 12", "tanh, Xavier"))
    return bool(gain - default > 0.1 and max(gain, tanh) < 0.9)


@TEN_LAYERS.verdict(
    "In 800 steps of plain descent gain 12 gets to {gain:.2f}, where the default weights still have {default:.2f}.",
    numbers=lambda s: {
        "gain": s.get("sigmoid, gain 12, SGD", condition="800 steps").mean(),
        "default": s.get("sigmoid, Xavier, SGD", condition="800 steps").mean(),
    },
)
def patience(s: Sample) -> bool:
    gain, default = (s.get(f"sigmoid, {start}, SGD", condition="800 steps") for start in ("gain 12", "Xavier"))
    return bool(gain.mean() > 0.85 and default.mean() < 0.75)


@TEN_LAYERS.verdict(
    "With weights of 0.01 and Adam's usual ε, 1e-8, ReLU stays at guessing, {usual:.2f}; with ε = 1e-16 it gets to "
    "{small:.2f} on average.",
    unless={"ε = 1e-16": "with ε = 1e-16"},
    numbers=lambda s: {
        "usual": s["ReLU, std 0.01"].mean(),
        "small": s.get("ReLU, std 0.01", condition="ε = 1e-16").mean(),
    },
)
def tiny(s: Sample) -> bool:
    return bool(s["ReLU, std 0.01"].mean() < 0.55 and s.get("ReLU, std 0.01", condition="ε = 1e-16").mean() > 0.6)


@TEN_LAYERS.verdict(
    "On fresh points the sigmoid with gain 12 has {sigmoid:.2f} right, tanh {tanh:.2f}.",
    numbers=lambda s: {
        "sigmoid": s.get("sigmoid, gain 12", measure="test accuracy").mean(),
        "tanh": s.get("tanh, Xavier", measure="test accuracy").mean(),
    },
)
def carries(s: Sample) -> bool:
    sigmoid, tanh = (s.get(arm, measure="test accuracy") for arm in ("sigmoid, gain 12", "tanh, Xavier"))
    return bool(tanh.mean() - sigmoid.mean() > 0.05)


@TEN_LAYERS.verdict(
    "In 200 steps the sigmoid with gain 12 is ahead of tanh in {held} of {groups} groups of five.",
    unless={"800 steps": "In 200 steps"},
)
def ahead_of_tanh(s: Sample) -> bool:
    return bool(s["sigmoid, gain 12, SGD"].mean() > s["tanh, Xavier, SGD"].mean())
