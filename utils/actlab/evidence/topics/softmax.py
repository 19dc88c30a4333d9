"""Softmax in the hidden layers: what its competition costs, what its scale, and what Adam's ε does to the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from actlab.data import glyphs
from actlab.evidence.model import Experiment
from actlab.training import Networks, torch_activation

if TYPE_CHECKING:
    import torch

WIDTH = 64
ACCURACY, ENTRY = "test accuracy", "entry of the first gradient"


def train(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """A thousand digits, hidden layers of 64 units, Adam on batches of 100; one entry of the gradient is its RMS."""
    activation = torch_activation(arm["activation"])

    def hidden(z: torch.Tensor) -> torch.Tensor:
        return arm.get("factor", 1) * activation(z)

    X, y = glyphs(1000, data_seed, noise=0.25)
    nets = Networks([120] + [WIDTH] * point["depth"] + [10], hidden, seeds, arm["gain"])
    first = nets.first_gradient(X, y) / math.sqrt(120 * WIDTH)
    nets.fit(X, y, point["steps"], point["rate"], batch=100, eps=point["eps"], order=data_seed)
    return {ACCURACY: nets.accuracy(*glyphs(1000, data_seed + 1, noise=0.25)), ENTRY: first}


ARMS: dict[str, dict[str, Any]] = {
    "ReLU": {"activation": "relu", "gain": 2**0.5},
    "ReLU / 64": {
        "activation": "relu",
        "factor": 1 / 64,
        "gain": 2**0.5,
        "rates": (0.01, 0.03, 0.1, 0.3, 1.0, 4.0),
    },
    "softmax": {"activation": "softmax", "gain": 1.0, "rates": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)},
    "softmax, gain ½": {"activation": "softmax", "gain": 0.5, "rates": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)},
    "64 · softmax": {
        "activation": "softmax",
        "factor": 64,
        "gain": 1.0,
        "rates": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03),
    },
    "64 · softmax, gain ½": {
        "activation": "softmax",
        "factor": 64,
        "gain": 0.5,
        "rates": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03),
    },
}

FOUR = Experiment(
    name="hidden_softmax",
    section="5.10",
    question="Which keeps softmax out of four hidden layers, its competition or its scale?",
    measure=ACCURACY,
    arms=ARMS,
    control="ReLU",
    run=train,
    rates=(0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
    settings={"depth": 4, "steps": 300, "eps": 1e-8},
    conditions={
        "ε = 1e-12": {"eps": 1e-12},
        "ε = 1e-16": {"eps": 1e-16},
        "1200 steps": {"steps": 1200},
        "1200 steps, ε = 1e-16": {"steps": 1200, "eps": 1e-16},
    },
    grouped=("as shown", "ε = 1e-16"),
)

TWO = Experiment(
    name="hidden_softmax_2",
    section="5.10",
    question="Which keeps softmax out of two hidden layers, its competition or its scale?",
    measure=ACCURACY,
    arms={arm: ARMS[arm] for arm in ("ReLU", "ReLU / 64", "softmax", "64 · softmax")},
    control="ReLU",
    run=train,
    rates=FOUR.rates,
    settings={"depth": 2, "steps": 300, "eps": 1e-8},
    conditions={"1200 steps": {"steps": 1200}, "ε = 1e-16": {"eps": 1e-16}},
)
