"""Softmax in the hidden layers: what its competition costs, what its scale, and what Adam's ε does to the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from actlab.data import glyphs
from actlab.evidence.model import SHOWN, Experiment, Sample, guards
from actlab.training import Networks, torch_activation

if TYPE_CHECKING:
    import torch

WIDTH = 64
GUESSING = 0.15
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
    question="Four hidden layers of softmax: is it the competition, or the scale?",
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
    at={"ReLU / 64": (0.03,)},
    grouped=(SHOWN, "ε = 1e-16"),
)

TWO = Experiment(
    name="hidden_softmax_2",
    section="5.10",
    question="Two hidden layers of softmax: is it the competition, or the scale?",
    measure=ACCURACY,
    arms={arm: ARMS[arm] for arm in ("ReLU", "ReLU / 64", "softmax", "64 · softmax")},
    control="ReLU",
    run=train,
    rates=FOUR.rates,
    settings={"depth": 2, "steps": 300, "eps": 1e-8},
    conditions=guards(300),
)


def closed(s: Sample, arm: str, rate: float | None = None, condition: str | None = None) -> float:
    """Which share of the gap between softmax and ReLU an arm closes, on average."""
    low, arm_mean, high = (
        s.get(name, at, condition=condition).mean() for name, at in (("softmax", None), (arm, rate), ("ReLU", None))
    )
    return float((arm_mean - low) / (high - low))


def with_eps(s: Sample, eps: str = "") -> str:
    """The condition with another ε, 1e-8 by default, and as many steps as the sample's own."""
    return ", ".join((["1200 steps"] if "1200" in s.condition else []) + ([f"ε = {eps}"] if eps else [])) or SHOWN


@TWO.verdict(
    "With two hidden layers either repair helps: 64 · softmax closes more than a third of the gap between softmax and "
    "ReLU, ReLU / 64 more than two thirds.",
)
def either_helps(s: Sample) -> bool:
    return closed(s, "64 · softmax") > 1 / 3 and closed(s, "ReLU / 64") > 2 / 3


@FOUR.verdict(
    "With four hidden layers undoing the scale alone helps every network: 64 · softmax closes more than half of the "
    "gap between softmax and ReLU, and with gain ½ as well, more than three quarters. Gain ½ alone closes less than a "
    "fifth.",
)
def scale_helps(s: Sample) -> bool:
    return bool(
        (s["64 · softmax"] > s["softmax"]).all()
        and closed(s, "64 · softmax") > 1 / 2
        and closed(s, "64 · softmax, gain ½") > 3 / 4
        and closed(s, "softmax, gain ½") < 1 / 5
    )


@FOUR.verdict(
    "With ε = 1e-8 ReLU / 64, where nothing competes, closes less than half of the gap: at its best rate {stuck} of "
    "{n} networks stay at 0.10, guessing, and the others reach {free:.2f} on average.",
    unless={"ε = 1e-12": "ε = 1e-8", "ε = 1e-16": "ε = 1e-8", "1200 steps, ε = 1e-16": "ε = 1e-8"},
    numbers=lambda s: {
        "n": len(s["ReLU / 64"]),
        "stuck": (s["ReLU / 64"] < GUESSING).sum(),
        "free": s["ReLU / 64"][s["ReLU / 64"] >= GUESSING].mean(),
    },
)
def relu_closes_less(s: Sample) -> bool:
    return closed(s, "ReLU / 64") < 1 / 2


@FOUR.verdict(
    "At a rate of 0.03, {stuck} of {n} networks of ReLU / 64 stay at 0.10 with ε = 1e-8. With ε = 1e-16 they end at "
    "{small:.2f} on average.",
    numbers=lambda s: {
        "n": len(s["ReLU / 64", 0.03]),
        "stuck": (s["ReLU / 64", 0.03] < GUESSING).sum(),
        "small": s.get("ReLU / 64", 0.03, condition="ε = 1e-16").mean(),
    },
)
def epsilon_decides(s: Sample) -> bool:
    usual, small = (s.get("ReLU / 64", 0.03, condition=with_eps(s, eps)) for eps in ("", "1e-16"))
    return bool((usual < GUESSING).mean() > 0.5 and small.mean() > 0.3)


@FOUR.verdict(
    "So with ε = 1e-16 ending the competition helps as well: at its best rate ReLU / 64 ends at {alone:.2f} on "
    "average, above softmax's {both:.2f}, although {stuck} of {n} networks still guess.",
    numbers=lambda s: {
        "alone": s.get("ReLU / 64", condition="ε = 1e-16").mean(),
        "both": s.get("softmax", condition="ε = 1e-16").mean(),
        "stuck": (s.get("ReLU / 64", condition="ε = 1e-16") < GUESSING).sum(),
        "n": len(s["ReLU / 64"]),
    },
)
def competition_helps(s: Sample) -> bool:
    alone, both = (s.get(arm, condition=with_eps(s, "1e-16")).mean() for arm in ("ReLU / 64", "softmax"))
    return bool(alone > both)


@FOUR.verdict(
    "Softmax, which has both harms, ends at {usual:.2f} with ε = 1e-8 and at {small:.2f} with ε = 1e-16.",
    numbers=lambda s: {"usual": s["softmax"].mean(), "small": s.get("softmax", condition="ε = 1e-16").mean()},
)
def softmax_stays(s: Sample) -> bool:
    usual, small = (s.get("softmax", condition=with_eps(s, eps)).mean() for eps in ("", "1e-16"))
    return bool(abs(small - usual) < 0.1)


@FOUR.verdict(
    "With ε = 1e-16 64 · softmax ends above ReLU / 64 in {held} of {groups} groups of five, and below it on two of the "
    "four draws of data; the means over all seeds are {large:.2f} and {small:.2f}.",
    unless={"data 1": "two of the four draws", "data 2": "two of the four draws"},
    numbers=lambda s: {
        "large": s.get("64 · softmax", condition="ε = 1e-16").mean(),
        "small": s.get("ReLU / 64", condition="ε = 1e-16").mean(),
    },
)
def scale_ahead(s: Sample) -> bool:
    large, small = (s.get(arm, condition=with_eps(s, "1e-16")).mean() for arm in ("64 · softmax", "ReLU / 64"))
    return bool(large > small)


@FOUR.verdict(
    "Even with the scale undone and gain ½, softmax ends below ReLU: {softmax:.2f} against {relu:.2f}.",
    numbers=lambda s: {"softmax": s["64 · softmax, gain ½"].mean(), "relu": s["ReLU"].mean()},
)
def below_relu(s: Sample) -> bool:
    return bool(s["64 · softmax, gain ½"].mean() < s["ReLU"].mean())
