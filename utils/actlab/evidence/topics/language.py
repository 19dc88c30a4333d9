"""A small transformer that reads Python's help pages: what the activation of its feed-forward layers is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actlab.evidence.model import Array, Experiment, Sample, guards
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
    form = {**arm, "activation": OWN.get(arm["activation"], arm["activation"])}
    losses = character_losses(
        seeds=seeds, steps=point["steps"], rate=point["rate"], eps=point["eps"], text=data_seed, **form
    )
    return {"loss": losses}


LANGUAGE = Experiment(
    name="language",
    section="7.6",
    question="Does the activation matter to a small language model?",
    measure="loss",
    arms={
        "ReLU": {"activation": "relu"},
        "GELU": {"activation": "gelu"},
        "SiLU": {"activation": "silu"},
        "SwiGLU": {"activation": "silu", "gated": True},
        "squared ReLU": {"activation": "squared ReLU"},
        "no activation": {"activation": "linear"},
    },
    control="ReLU",
    run=read,
    rates=(0.0025, 0.01, 0.02, 0.04, 0.08),
    settings={"steps": 150, "eps": 1e-8},
    conditions=guards(150),
    higher=False,
)


OTHERS = [arm for arm in LANGUAGE.arms if arm != LANGUAGE.control]
TWENTY = 20


def gain(s: Sample, arm: str) -> float:
    """How much lower an arm's mean loss is than ReLU's."""
    return float(np.mean(s["ReLU"] - s[arm]))


def gains(s: Sample) -> dict[str, float]:
    return {arm.replace(" ", "_"): gain(s, arm) for arm in OTHERS}


def told_apart(s: Sample) -> dict[str, int]:
    """In how many groups of twenty a paired t-test tells each arm from ReLU, at 5 % after Holm's correction."""
    from scipy.stats import ttest_rel

    p = [ttest_rel(s[arm].reshape(-1, TWENTY), s["ReLU"].reshape(-1, TWENTY), axis=1).pvalue for arm in OTHERS]
    groups = holm(np.array(p)).sum(1).tolist()
    return {arm.split()[0]: count for arm, count in zip(OTHERS, groups, strict=True)}


def holm(p: ArrayLike) -> NDArray[np.bool_]:
    """Which of m hypotheses, (m, n) p-values of n families, fall at 5 % of any false one: Holm (1979)."""
    p = np.asarray(p)
    order = p.argsort(0)
    asked = 0.05 / np.arange(len(p), 0, -1)[:, None]
    fallen = np.logical_and.accumulate(np.take_along_axis(p, order, 0) <= asked)
    return np.take_along_axis(fallen, order.argsort(0), 0)


@LANGUAGE.verdict(
    "Without an activation the loss is higher in at least four seeds of five, on average by {worse:.3f} nats.",
    numbers=lambda s: {"worse": -gain(s, "no activation")},
)
def nonlinearity_matters(s: Sample) -> bool:
    return bool(np.mean(s["no activation"] > s["ReLU"]) >= 0.8)


@LANGUAGE.verdict(
    "GELU's mean lies below ReLU's in {held} of {groups} groups of five, on average by {gain:.3f} nats. Of five groups "
    "of twenty pairs {GELU} tell GELU from ReLU, {SiLU} SiLU, {SwiGLU} SwiGLU and {squared} squared ReLU (paired "
    "t-test, 5 %, Holm's correction for five comparisons).",
    numbers=lambda s: {"gain": gain(s, "GELU")} | told_apart(s),
)
def gelu_ahead(s: Sample) -> bool:
    return gain(s, "GELU") > 0


@LANGUAGE.verdict(
    "With Adam's usual ε SwiGLU's mean lies below ReLU's in {held} of {groups} groups of five, on average by "
    "{SwiGLU:.3f} nats.",
    unless={"ε = 1e-16": "With Adam's usual ε"},
    numbers=gains,
)
def swiglu_ahead(s: Sample) -> bool:
    return gain(s, "SwiGLU") > 0


@LANGUAGE.verdict(
    "Over all hundred seeds, within groups of five on one text, the difference between GELU and ReLU scatters by "
    "{paired:.3f} nats in pairs, by {unpaired:.3f} without.",
    numbers=lambda s: dict(zip(("paired", "unpaired"), spreads(s), strict=True)),
)
def pairs_share_their_luck(s: Sample) -> bool:
    paired, unpaired = spreads(s)
    return paired < unpaired


def spreads(s: Sample) -> tuple[float, float]:
    """SD of GELU minus ReLU within a group, seed by seed and as it would be without pairs."""
    gelu, relu = (s[arm].reshape(-1, LANGUAGE.size) for arm in ("GELU", "ReLU"))
    paired, *both = (np.sqrt(v.var(1, ddof=1).mean()) for v in (gelu - relu, gelu, relu))
    return float(paired), float(np.hypot(*both))


@LANGUAGE.verdict(
    "GELU gains less over ReLU than ReLU over no activation: {GELU:.3f} nats against {ReLU:.3f}.",
    numbers=lambda s: {"GELU": gain(s, "GELU"), "ReLU": -gain(s, "no activation")},
)
def gelu_gains_less_than_relu(s: Sample) -> bool:
    return gain(s, "GELU") < -gain(s, "no activation")


@LANGUAGE.verdict(
    "Squared ReLU, whose slope has a kink, gains more than GELU: {squared_ReLU:.3f} nats against {GELU:.3f}.",
    numbers=gains,
)
def squared_relu_gains_more(s: Sample) -> bool:
    return gain(s, "squared ReLU") > max(gain(s, "GELU"), 0)


@LANGUAGE.verdict(
    "SiLU, as smooth as GELU, gains less than GELU in {held} of {groups} groups: {SiLU:.3f} nats.", numbers=gains
)
def silu_gains_less(s: Sample) -> bool:
    return gain(s, "SiLU") < gain(s, "GELU")


@LANGUAGE.verdict(
    "After 150 steps two seeds of one network differ by {seeds:.3f} nats, GELU and ReLU by {arms:.3f}.",
    unless={"600 steps": "After 150 steps"},
    numbers=lambda s: {"seeds": between_seeds(s["ReLU"]), "arms": abs(gain(s, "GELU"))},
)
def seeds_differ_more(s: Sample) -> bool:
    return between_seeds(s["ReLU"]) > abs(gain(s, "GELU"))


def between_seeds(values: Array) -> float:
    """Mean difference between two seeds of a group, which read one text."""
    groups = values.reshape(-1, LANGUAGE.size)
    differences = np.abs(groups[:, :, None] - groups[:, None])
    return float(differences.mean() * LANGUAGE.size / (LANGUAGE.size - 1))
