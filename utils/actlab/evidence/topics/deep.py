"""Forty hidden layers: which starts learn, and at which learning rates."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from actlab.data import spirals
from actlab.evidence.model import Experiment, Sample, guards
from actlab.training import Networks


def train(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """Sixty points of the spirals, forty hidden layers of 32 units, Adam on all the points at once."""
    X, y = spirals(60, data_seed)
    X = 2 * X
    nets = Networks([2] + [32] * 40 + [2], arm["activation"], seeds, arm["gain"], residual=arm.get("residual", False))
    first = nets.first_gradient(X, y)
    nets.fit(X, y, point["steps"], point["rate"], eps=point["eps"])
    return {"training accuracy": nets.accuracy(X, y), "first gradient": first}


DEEP = Experiment(
    name="deep",
    section="6.9",
    question="Which recipes train forty hidden layers, and at which learning rates?",
    measure="training accuracy",
    arms={
        "sigmoid, Xavier": {"activation": "sigmoid", "gain": 1.0},
        "sigmoid, gain 12": {"activation": "sigmoid", "gain": 12.0},
        "tanh, Xavier": {"activation": "tanh", "gain": 1.0},
        "ReLU, Xavier": {"activation": "relu", "gain": 1.0},
        "ReLU, He": {"activation": "relu", "gain": 2**0.5},
        "GELU, its own": {"activation": "gelu", "gain": 1.5335},
        "SELU, LeCun": {"activation": "selu", "gain": 1.0},
        "ReLU, shortcuts": {"activation": "relu", "gain": (2 / 40) ** 0.5, "residual": True},
    },
    control="sigmoid, Xavier",
    run=train,
    rates=(1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
    settings={"steps": 160, "eps": 1e-8},
    conditions=guards(160),
    at={
        "ReLU, He": (1e-4, 3e-4, 1e-3),
        "ReLU, Xavier": (1e-4, 3e-4, 1e-3),
        "tanh, Xavier": (1e-4, 1e-3),
        "SELU, LeCun": (3e-5, 1e-4, 3e-4),
        "GELU, its own": (1e-3,),
        "ReLU, shortcuts": (1e-3, 3e-3),
    },
    more={"640 steps": ("tanh, Xavier", "ReLU, Xavier", "sigmoid, gain 12")},
)

FIRST = "first gradient"
ENTRIES = 2 * 32
"""Weights of the first layer: the norm of its gradient is √64 times that of a typical one."""

LATE = ("tanh", "tanh"), ("relu", "ReLU")


@DEEP.verdict(
    "With He's gain ReLU learns at every rate from 1e-4 to 1e-3: a hundred networks average {slow:.2f}, {middle:.2f} "
    "and {fast:.2f} at 1e-4, 3e-4 and 1e-3.",
    numbers=lambda s: {
        name: s["ReLU, He", rate].mean() for name, rate in (("slow", 1e-4), ("middle", 3e-4), ("fast", 1e-3))
    },
)
def he_tolerates(s: Sample) -> bool:
    return all(s["ReLU, He", rate].mean() > 0.85 for rate in (1e-4, 3e-4, 1e-3))


@DEEP.verdict(
    "Xavier's gain is smaller, 1 in place of √2. With it ReLU learns at the two smaller rates, {slow:.2f} and "
    "{middle:.2f}; at 1e-3 it has {fast:.2f}, less than with He's.",
    numbers=lambda s: {
        name: s["ReLU, Xavier", rate].mean() for name, rate in (("slow", 1e-4), ("middle", 3e-4), ("fast", 1e-3))
    },
)
def xavier_needs_small_rates(s: Sample) -> bool:
    slow, middle, fast = (s["ReLU, Xavier", rate].mean() for rate in (1e-4, 3e-4, 1e-3))
    return bool(min(slow, middle) > 0.7 and fast < s["ReLU, He", 1e-3].mean())


@DEEP.verdict(
    "tanh starts with a gradient of the same order as He's ReLU, and needs smaller rates: {slow:.2f} at 1e-4, "
    "{fast:.2f} at 1e-3.",
    numbers=lambda s: {"slow": s["tanh, Xavier", 1e-4].mean(), "fast": s["tanh, Xavier", 1e-3].mean()},
)
def tanh_needs_small_rates(s: Sample) -> bool:
    times = np.median(s.get("tanh, Xavier", 1e-4, FIRST)) / np.median(s.get("ReLU, He", 1e-4, FIRST))
    return bool(times > 0.1 and s["tanh, Xavier", 1e-4].mean() > s["tanh, Xavier", 1e-3].mean())


@DEEP.verdict(
    "ReLU with Xavier's gain starts with about {size:.0e} for a weight of the first layer, a millionth of He's, and "
    "learns.",
    numbers=lambda s: {"size": np.median(s.get("ReLU, Xavier", 3e-4, FIRST)) / ENTRIES**0.5},
)
def small_gradient_learns(s: Sample) -> bool:
    small = np.median(s.get("ReLU, Xavier", 3e-4, FIRST)) < 1e-5 * np.median(s.get("ReLU, He", 3e-4, FIRST))
    return bool(small and s["ReLU, Xavier", 3e-4].mean() > 0.7)


@DEEP.verdict(
    "Only the sigmoid with Xavier's gain, whose first gradient is about {size:.0e} for a weight, stays at guessing "
    "even at its best rate.",
    numbers=lambda s: {"size": np.median(s.get("sigmoid, Xavier", measure=FIRST)) / ENTRIES**0.5},
)
def sigmoid_only_guesses(s: Sample) -> bool:
    others = [arm for arm in DEEP.arms if arm != DEEP.control]
    return bool(s[DEEP.control].max() < 0.6 and min(s[arm].mean() for arm in others) > 0.7)


@DEEP.verdict(
    "With lesson 02's gain of 12 the sigmoid averages {mean:.2f} in 160 steps.",
    numbers=lambda s: {"mean": s["sigmoid, gain 12"].mean()},
)
def gain_12_learns(s: Sample) -> bool:
    return bool(s["sigmoid, gain 12"].mean() > 0.7)


@DEEP.verdict(
    "With four times the steps tanh and Xavier's ReLU learn nearly all the points: {tanh:.2f} and {relu:.2f} after "
    "640, each at its best rate.",
    numbers=lambda s: {arm: s.get(f"{name}, Xavier", condition="640 steps").mean() for arm, name in LATE},
)
def patience_is_enough(s: Sample) -> bool:
    return all(s.get(f"{name}, Xavier", condition="640 steps").mean() > 0.85 for _, name in LATE)


@DEEP.verdict(
    "SELU with LeCun's gain averages {slow:.2f} at 1e-4 and {fast:.2f} at 3e-4, though its gradient grows "
    "on the way back.",
    numbers=lambda s: {"slow": s["SELU, LeCun", 1e-4].mean(), "fast": s["SELU, LeCun", 3e-4].mean()},
)
def selu_learns(s: Sample) -> bool:
    return all(s["SELU, LeCun", rate].mean() > 0.9 for rate in (1e-4, 3e-4))


@DEEP.verdict(
    "At 1e-3 and 3e-3 they average {slow:.2f} and {fast:.2f} of the training points, no less than He's "
    "plain start at its best.",
    numbers=lambda s: {"slow": s["ReLU, shortcuts", 1e-3].mean(), "fast": s["ReLU, shortcuts", 3e-3].mean()},
)
def shortcuts_learn(s: Sample) -> bool:
    least = min(s["ReLU, shortcuts", rate].mean() for rate in (1e-3, 3e-3))
    return bool(least > s["ReLU, He", 3e-4].mean() - 0.01)
