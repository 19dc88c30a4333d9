"""Output heads: what a range, a second softmax or another loss costs once the network is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actlab.activations import REGISTRY
from actlab.data import SEGMENTS, circles, glyphs
from actlab.evidence.model import Array, Experiment, Sample, guards
from actlab.training import Networks, each_cross_entropy, each_squared_error

if TYPE_CHECKING:
    from torch import Tensor

Arm = Mapping[str, Any]
Numbers = dict[str, ArrayLike]


def head_of(name: str, out: Tensor) -> Tensor:
    """What a head makes of the read-out."""
    from torch.nn import functional as F

    if name == "linear":
        return out
    return F.softplus(out) if name == "softplus" else getattr(out, name)()


def squared(name: str, out: Tensor, y: Tensor) -> Tensor:
    return each_squared_error(head_of(name, out), y)


def poisson(out: Tensor, y: Tensor) -> Tensor:
    """−log likelihood of the rate exp(out)."""
    return (out.exp() - y * out).mean((1, 2))


def each_bce(out: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy of a sigmoid for every output."""
    from torch.nn import functional as F

    rows = F.binary_cross_entropy_with_logits(out, y.expand_as(out), reduction="none")
    return rows.sum(-1).mean(1)


def each_brier(out: Tensor, y: Tensor) -> Tensor:
    """Squared error of the sigmoid."""
    return each_squared_error(out.sigmoid(), y)


def twice(out: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy that is given probabilities where it wants logits."""
    return each_cross_entropy(out.softmax(-1), y)


def shares(out: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy of one softmax, with the labels' shares as target."""
    return -(out.log_softmax(-1) * y / y.sum(-1, keepdim=True)).sum(-1).mean(1)


LOSSES = {"once": each_cross_entropy, "twice": twice, "sigmoids": each_bce, "shares": shares, "squared": each_brier}


def _wave(seed: int) -> NDArray[np.floating]:
    return np.random.default_rng(seed).uniform(-3, 3, (300, 1))


def _fitted(head: str, x: ArrayLike, y: ArrayLike, point: Arm, seeds: Sequence[int]) -> Networks:
    nets = Networks([1, 32, 32, 1], "tanh", seeds, gain=2.0)
    loss = poisson if head == "exp" else partial(squared, head)
    nets.fit(x, y, point["steps"], point["rate"], loss=loss, eps=point["eps"])
    return nets


def _answers(nets: Networks, head: str, x: ArrayLike) -> NDArray[np.floating]:
    import torch

    return head_of(head, torch.tensor(nets.predict(x))).numpy()[..., 0]


def reach(arm: Arm, point: Arm, seeds: Sequence[int], data_seed: int) -> Numbers:
    """300 points of 3 sin 2x + 1, two hidden layers of 32 tanh units, squared error, Adam."""
    x = _wave(data_seed)
    y = (3 * np.sin(2 * x) + 1).astype(np.float32)
    nets = _fitted(arm["head"], x, y, point, seeds)
    error = ((_answers(nets, arm["head"], x) - y[:, 0]) ** 2).mean(1)
    reached = REGISTRY[arm["head"]].range
    return {"error": error, "above the floor": error - np.mean((y - np.clip(y, reached.low, reached.high)) ** 2)}


def count(arm: Arm, point: Arm, seeds: Sequence[int], data_seed: int) -> Numbers:
    """300 Poisson counts of rate exp(3 sin 2x − 1), two hidden layers of 32 tanh units.

    Squared error, and Poisson's likelihood where the head is exp; Adam.
    """
    x, grid = _wave(data_seed), np.linspace(-3, 3, 301)[:, None]
    counts = np.random.default_rng(data_seed + 1).poisson(np.exp(3 * np.sin(2 * x) - 1)).astype(np.float32)
    rates = _answers(_fitted(arm["head"], x, counts, point, seeds), arm["head"], grid)
    error = np.sqrt(((rates - np.exp(3 * np.sin(2 * grid[:, 0]) - 1)) ** 2).mean(1))
    return {"error of the rate": error, "below 0": (rates < 0).mean(1), "exactly 0": (rates == 0).mean(1)}


def classify(arm: Arm, point: Arm, seeds: Sequence[int], data_seed: int) -> Numbers:
    """1000 noisy seven-segment digits, one hidden layer of 64 ReLUs, Adam on all of them at once."""
    X, digit = glyphs(1000, data_seed, noise=0.25)
    fresh, truth = glyphs(1000, data_seed + 1, noise=0.25)
    target = np.eye(10, dtype=np.float32)[digit] if arm["loss"] == "sigmoids" else digit
    nets = Networks([120, 64, 10], "relu", seeds, gain=2**0.5)
    losses, _ = nets.fit(X, target, point["steps"], point["rate"], loss=LOSSES[arm["loss"]], eps=point["eps"])
    return {
        "test accuracy": nets.accuracy(fresh, truth),
        "training accuracy": nets.accuracy(X, digit),
        "last loss": losses[-1],
    }


def label(arm: Arm, point: Arm, seeds: Sequence[int], data_seed: int) -> Numbers:
    """The same digits, and which of their seven segments are lit: one hidden layer of 64 ReLUs, Adam."""
    import torch

    lit = np.array([[int(c) for c in segments] for segments in SEGMENTS], dtype=np.float32)
    X, digit = glyphs(1000, data_seed, noise=0.25)
    fresh, truth = glyphs(1000, data_seed + 1, noise=0.25)
    nets = Networks([120, 64, 7], "relu", seeds, gain=2**0.5)
    nets.fit(X, lit[digit], point["steps"], point["rate"], loss=LOSSES[arm["loss"]], eps=point["eps"])
    out = torch.tensor(nets.predict(fresh))
    on = ((out.sigmoid() if arm["loss"] == "sigmoids" else out.softmax(-1)) > 0.5).numpy()
    return {"entirely right": (on == lit[truth]).all(-1).mean(1), "most labels on": on.sum(-1).max(1)}


def decide(arm: Arm, point: Arm, seeds: Sequence[int], data_seed: int) -> Numbers:
    """300 points of the circles, one hidden layer of 16 tanh units, plain gradient descent."""
    X, y = circles(300, data_seed)
    fresh, truth = circles(300, data_seed + 1)
    nets = Networks([2, 16, 1], "tanh", seeds, gain=2.0)
    nets.fit(X, y[:, None].astype(np.float32), point["steps"], point["rate"], "sgd", LOSSES[arm["loss"]])
    return {"test accuracy": ((nets.predict(fresh)[..., 0] > 0) == truth).mean(1)}


REACH = Experiment(
    name="reach",
    section="7.2",
    question="How close does a head come to targets from −2 to 4?",
    measure="error",
    higher=False,
    arms={"linear": {"head": "linear"}, "sigmoid": {"head": "sigmoid"}, "tanh": {"head": "tanh"}},
    control="linear",
    run=reach,
    rates=(0.0025, 0.01, 0.04, 0.16),
    settings={"steps": 200, "eps": 1e-8},
    conditions=guards(200),
)

COUNTS = Experiment(
    name="counts",
    section="7.2",
    question="Which heads answer with a rate that counts can have?",
    measure="error of the rate",
    higher=False,
    arms={
        "linear": {"head": "linear"},
        "ReLU": {"head": "relu"},
        "softplus": {"head": "softplus"},
        "exp": {"head": "exp"},
    },
    control="linear",
    run=count,
    rates=(0.0025, 0.01, 0.04, 0.16),
    settings={"steps": 120, "eps": 1e-8},
    conditions=guards(120),
)

CLASSES = Experiment(
    name="classes",
    section="7.3",
    question="One of ten classes: softmax once, softmax twice or ten sigmoids?",
    measure="test accuracy",
    arms={
        "softmax, once": {"loss": "once"},
        "ten sigmoids": {"loss": "sigmoids"},
        "softmax, twice": {"loss": "twice"},
    },
    control="softmax, once",
    run=classify,
    rates=(0.002, 0.008, 0.032, 0.128),
    settings={"steps": 70, "eps": 1e-8},
    conditions=guards(70),
)

LABELS = Experiment(
    name="labels",
    section="7.3",
    question="Several labels at once: one softmax, or a sigmoid each?",
    measure="entirely right",
    arms={"softmax": {"loss": "shares"}, "7 sigmoids": {"loss": "sigmoids"}},
    control="softmax",
    run=label,
    rates=(0.002, 0.008, 0.032, 0.128),
    settings={"steps": 70, "eps": 1e-8},
    conditions=guards(70),
)

YES_OR_NO = Experiment(
    name="yes_or_no",
    section="7.4",
    question="Does squared error on a sigmoid learn as well when nothing starts saturated?",
    measure="test accuracy",
    arms={"squared error": {"loss": "squared"}, "cross-entropy": {"loss": "sigmoids"}},
    control="squared error",
    run=decide,
    rates=(0.1, 0.3, 1.0, 3.0, 10.0, 40.0),
    settings={"steps": 200, "optimiser": "sgd"},
    conditions=guards(200, adam=False),
)


def mean(s: Sample, arm: str, measure: str | None = None) -> float:
    return float(s.get(arm, measure=measure).mean())


def worst(s: Sample, arm: str, measure: str) -> float:
    return float(s.get(arm, measure=measure).max())


@REACH.verdict(
    "With a sigmoid or a tanh the typical network ends on the clip floor, within 0.05, and none below it (each of four "
    "draws of targets has its own floor, {low:.2f} to {high:.2f} for the sigmoid); the linear head comes down to "
    "{linear:.2f}.",
    numbers=lambda s: {"linear": mean(s, "linear"), "low": floors(s).min(), "high": floors(s).max()},
)
def floor_is_reached(s: Sample) -> bool:
    above = [s.get(arm, measure="above the floor") for arm in ("sigmoid", "tanh")]
    on_it = all(np.median(each) < 0.05 and each.min() > -1e-3 for each in above)
    return bool(on_it and mean(s, "linear") < 0.2)


def floors(s: Sample, arm: str = "sigmoid") -> Array:
    """The clip floor of the targets that each seed was given."""
    return s[arm] - s.get(arm, measure="above the floor")


@COUNTS.verdict(
    "The linear head answers with rates below 0 in {below:.0%} of the seeds. The ReLU head answers with exactly 0 in "
    "every seed, on average for {zero:.0%} of the inputs: a rate at which no event can ever happen.",
    numbers=lambda s: {"below": goes_below(s), "zero": mean(s, "ReLU", "exactly 0")},
)
def rates_that_cannot_be(s: Sample) -> bool:
    return bool(
        goes_below(s) > 0.5
        and (s.get("ReLU", measure="exactly 0") > 0).all()
        and all(worst(s, arm, measure) == 0 for arm in ("softplus", "exp") for measure in ("below 0", "exactly 0"))
    )


def goes_below(s: Sample) -> float:
    """Share of the seeds in which the linear head answers below 0 somewhere."""
    return float(np.mean(s.get("linear", measure="below 0") > 0))


@COUNTS.verdict(
    "After 120 steps the linear head has the smallest error all the same, {linear:.2f}: below softplus with "
    "{softplus:.2f} and ReLU with {ReLU:.2f}, and in {held} of {groups} groups of five below exp with {exp:.2f} too.",
    unless={"480 steps": "After 120 steps"},
    numbers=lambda s: {arm: mean(s, arm) for arm in COUNTS.arms},
)
def linear_errs_least(s: Sample) -> bool:
    return mean(s, "linear") < min(mean(s, arm) for arm in COUNTS.arms if arm != "linear")


@CLASSES.verdict(
    "Ten sigmoids classify as well as softmax, within 0.02: {sigmoids:.2f} against {once:.2f}.",
    numbers=lambda s: {"sigmoids": mean(s, "ten sigmoids"), "once": mean(s, "softmax, once")},
)
def sigmoids_do_as_well(s: Sample) -> bool:
    return abs(mean(s, "ten sigmoids") - mean(s, "softmax, once")) < 0.02


@CLASSES.verdict(
    "Applied twice, softmax costs {lost:.2f} of accuracy at its best rate, and its loss ends at {loss:.2f} on average "
    "with {right:.0%} of the training digits right.",
    numbers=lambda s: {
        "lost": mean(s, "softmax, once") - mean(s, "softmax, twice"),
        "loss": mean(s, "softmax, twice", "last loss"),
        "right": mean(s, "softmax, twice", "training accuracy"),
    },
)
def twice_costs(s: Sample) -> bool:
    return mean(s, "softmax, twice") < mean(s, "softmax, once")


@LABELS.verdict(
    "Seven sigmoids get {right:.0%} of the pictures entirely right; one softmax gets none: it never turns on two.",
    numbers=lambda s: {"right": mean(s, "7 sigmoids")},
)
def one_sigmoid_each(s: Sample) -> bool:
    return bool(s["7 sigmoids"].min() > 0.5 and s["softmax"].max() == 0 and worst(s, "softmax", "most labels on") <= 1)


@YES_OR_NO.verdict(
    "Each at its best rate, both losses get more than 0.95 of fresh points right in every seed.",
)
def both_losses_learn(s: Sample) -> bool:
    return bool(min(s["squared error"].min(), s["cross-entropy"].min()) > 0.95)
