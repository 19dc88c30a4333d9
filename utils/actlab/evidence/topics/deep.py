"""Forty hidden layers: which starts learn, and at which learning rates."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from actlab.data import spirals
from actlab.evidence.model import Experiment
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
    conditions={"640 steps": {"steps": 640}, "ε = 1e-16": {"eps": 1e-16}},
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
