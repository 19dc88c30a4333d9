"""What a gate in the feed-forward block is worth to a small transformer, and how many of its activations are zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from actlab.evidence.model import Array, Experiment, Sample, guards
from actlab.evidence.topics.language import OWN
from actlab.sequences import Transformer, topics

if TYPE_CHECKING:
    from torch import Tensor


SMALL = 0.01
"""An activation is small below this share of its layer's root mean square."""


class Watched(Transformer):
    """A transformer that keeps the activations of its feed-forward layers, (S, B·T, hidden) each, once asked to."""

    kept: list[Tensor] | None = None

    def feed(self, up: Tensor) -> Tensor:
        a = super().feed(up)
        if self.kept is not None:
            self.kept.append(a)
        return a


def zeros(layers: Sequence[Tensor]) -> dict[str, Array]:
    """Shares per seed, (S,): of activations that are 0, of small ones, and of units that are 0 on every sample.

    layers: activations, (S, samples, units) each.
    """
    none = [(a == 0).float() for a in layers]
    small = [(a.abs() < SMALL * a.square().mean((1, 2), keepdim=True).sqrt()).float() for a in layers]
    dead = [(a == 0).all(1).float() for a in layers]
    shares = {"zeros": none, "small": small, "dead": dead}
    return {name: np.mean([each.flatten(1).mean(1).numpy() for each in found], 0) for name, found in shares.items()}


def block(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """Two layers of width 32, 2 heads, context 32; 8 random stretches a step out of 180,000 characters, Adam.

    A gated block has two thirds of the width, and so as many weights.  Loss and activations are those of 6,400
    characters of other pages.
    """
    training, validation, characters = topics(data_seed)
    form = {**arm, "activation": OWN.get(arm["activation"], arm["activation"])}
    models = Watched(characters, seeds=seeds, **form)
    models.fit(training, point["steps"], point["rate"], eps=point["eps"])
    models.kept = []
    return {"loss": models.validate(validation), **zeros(models.kept)}


GATES = Experiment(
    name="gates",
    section="8.1",
    question="What is a gate in the feed-forward block worth?",
    measure="loss",
    arms={
        "ReLU": {"activation": "relu"},
        "GELU": {"activation": "gelu"},
        "squared ReLU": {"activation": "squared ReLU"},
        "GLU": {"activation": "sigmoid", "gated": True},
        "bilinear": {"activation": "linear", "gated": True},
        "ReGLU": {"activation": "relu", "gated": True},
        "GEGLU": {"activation": "gelu", "gated": True},
        "SwiGLU": {"activation": "silu", "gated": True},
    },
    control="ReLU",
    run=block,
    rates=(0.0025, 0.01, 0.02, 0.08),
    settings={"steps": 100, "eps": 1e-8},
    conditions=guards(100),
    higher=False,
)

GATED = [arm for arm in GATES.arms if GATES.arms[arm].get("gated")]


def gain(s: Sample, arm: str, over: str = "ReLU") -> float:
    """How much lower an arm's mean loss is than another's."""
    return float(np.mean(s[over] - s[arm]))


def share(s: Sample, arm: str, measure: str) -> float:
    return float(s.get(arm, measure=measure).mean())


@GATES.verdict(
    "Of the five gated blocks GLU, with its sigmoid, has the highest mean loss in {held} of {groups} groups: on "
    "average {GLU:+.3f} nats against ReLU, bilinear {bilinear:+.3f}, ReGLU {ReGLU:+.3f}, GEGLU {GEGLU:+.3f} and SwiGLU "
    "{SwiGLU:+.3f}.",
    numbers=lambda s: {arm: -gain(s, arm) for arm in GATED},
)
def sigmoid_last(s: Sample) -> bool:
    return min(GATED, key=lambda arm: gain(s, arm)) == "GLU"


@GATES.verdict(
    "Squared ReLU, which has no gate, ends {squared:.3f} nats below ReLU, GELU {GELU:.3f}. In {held} of {groups} "
    "groups its mean loss is lower than that of each of the five gated blocks.",
    numbers=lambda s: {"squared": gain(s, "squared ReLU"), "GELU": gain(s, "GELU")},
)
def squared_relu_first(s: Sample) -> bool:
    return all(gain(s, "squared ReLU", arm) > 0 for arm in GATED)


@GATES.verdict(
    "After training {ReLU:.0%} of the ReLU network's activations are exactly 0 and {squared:.0%} of squared ReLU's, "
    "more than half of both; of GELU's fewer than one in a thousand.",
    numbers=lambda s: {"ReLU": share(s, "ReLU", "zeros"), "squared": share(s, "squared ReLU", "zeros")},
)
def half_are_zero(s: Sample) -> bool:
    return all(share(s, arm, "zeros") > 0.5 for arm in ("ReLU", "squared ReLU")) and share(s, "GELU", "zeros") < 1e-3


@GATES.verdict(
    "Small activations, below a hundredth of their layer's root mean square, are {GELU:.0%} of GELU's, which is fewer "
    "than ReLU has zeros.",
    numbers=lambda s: {"GELU": share(s, "GELU", "small")},
)
def gelu_is_dense(s: Sample) -> bool:
    return share(s, "GELU", "small") < share(s, "ReLU", "zeros")


@GATES.verdict(
    "Of the ReLU network's units {ReLU:.1%} are 0 on all of the 6,400 characters, and of squared ReLU's "
    "{squared:.1%}: fewer than one in twenty.",
    numbers=lambda s: {"ReLU": share(s, "ReLU", "dead"), "squared": share(s, "squared ReLU", "dead")},
)
def zero_is_not_dead(s: Sample) -> bool:
    return all(share(s, arm, "dead") < 0.05 for arm in ("ReLU", "squared ReLU"))
