"""A small transformer that reads Python's help pages: what the activation of its feed-forward layers is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from actlab.evidence.model import Experiment
from actlab.sequences import character_losses

if TYPE_CHECKING:
    from torch import Tensor


Arm = Mapping[str, Any]


def squared_relu(z: Tensor) -> Tensor:
    return z.relu().square()


OWN = {"squared ReLU": squared_relu}


def read(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """Two layers of width 32, 2 heads, context 32; 8 random stretches a step out of 180,000 characters, Adam.

    The loss is taken on 20,000 characters of other pages.
    """
    activation = OWN.get(arm["activation"], arm["activation"])
    return {"loss": character_losses(activation, seeds, point["steps"], point["rate"], point["eps"], data_seed)}


LANGUAGE = Experiment(
    name="language",
    section="7.6",
    question="Does the activation matter to a small language model?",
    measure="loss",
    arms={
        "ReLU": {"activation": "relu"},
        "GELU": {"activation": "gelu"},
        "SiLU": {"activation": "silu"},
        "SwiGLU": {"activation": "swiglu"},
        "squared ReLU": {"activation": "squared ReLU"},
        "no activation": {"activation": "linear"},
    },
    control="ReLU",
    run=read,
    rates=(0.0025, 0.02, 0.08),
    settings={"steps": 150, "eps": 1e-8},
    conditions={"600 steps": {"steps": 600}, "ε = 1e-16": {"eps": 1e-16}},
    higher=False,
)
