"""Units that die: which cures bring them back, with which optimiser, at which rates; and a slope that learns."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from actlab.data import glyphs
from actlab.evidence.model import Array, Experiment, Sample, guards
from actlab.training import Networks

SIZES = [120, 64, 64, 10]
HE = 2**0.5


def networks(arm: Mapping[str, Any], seeds: Sequence[int]) -> Networks:
    """Two hidden layers of 64 with He's weights; slope on the left and hidden biases are the arm's."""
    from torch.nn import functional as F

    activation = partial(F.leaky_relu, negative_slope=arm["slope"]) if "slope" in arm else arm.get("activation", "relu")
    return Networks(SIZES, activation, seeds, HE, bias=arm["bias"], batch_norm=arm.get("batch norm", False))


def dead_share(nets: Networks, X: ArrayLike) -> Array:
    """Share of all hidden units with z ≤ 0 on every sample, per seed."""
    return np.concatenate(nets.dead(X), axis=1).mean(1)


def train(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """A thousand seven-segment digits in batches of 100; the accuracy is that on a thousand others."""
    X, y = glyphs(1000, data_seed, noise=0.25)
    nets = networks(arm, seeds)
    before = dead_share(nets, X)
    nets.fit(X, y, point["steps"], point["rate"], point["optimiser"], batch=100, eps=point["eps"], order=data_seed)
    accuracy = nets.accuracy(*glyphs(1000, data_seed + 1, noise=0.25))
    return {"test accuracy": accuracy, "dead at the start": before, "share of dead units": dead_share(nets, X)}


DYING = Experiment(
    name="dying",
    section="3.11",
    question="Biases start at −4: what brings the network back, with Adam?",
    measure="test accuracy",
    arms={
        "ReLU": {"activation": "relu", "bias": -4.0},
        "Leaky 0.01": {"activation": "leaky_relu", "bias": -4.0, "slope": 0.01},
        "Leaky 0.2": {"activation": "leaky_relu", "bias": -4.0, "slope": 0.2},
        "ELU": {"activation": "elu", "bias": -4.0},
        "GELU": {"activation": "gelu", "bias": -4.0},
        "SiLU": {"activation": "silu", "bias": -4.0},
        "batch norm": {"bias": -4.0, "batch norm": True},
        "bias 0": {"bias": 0.0},
        "leak +0.0005": {"bias": -4.0, "slope": 0.0005},
        "leak −0.0005": {"bias": -4.0, "slope": -0.0005},
        "leak −0.01": {"bias": -4.0, "slope": -0.01},
        "leak +0.0527": {"bias": -4.0, "slope": 0.0527},
        "leak −0.0527": {"bias": -4.0, "slope": -0.0527},
    },
    control="ReLU",
    run=train,
    rates=(0.002, 0.01, 0.05, 0.2),
    settings={"steps": 200, "optimiser": "adam", "eps": 1e-8},
    conditions=guards(200),
)

CURES = "Leaky 0.01", "Leaky 0.2", "ELU", "batch norm", "bias 0"


@DYING.verdict(
    "Seven units in ten are dead at the start, Adam brings not a single one back, and the accuracy stays that of "
    "guessing."
)
def none_return(s: Sample) -> bool:
    before, after = (s.get("ReLU", measure=m) for m in ("dead at the start", "share of dead units"))
    return bool((before == after).all()) and 0.65 < before.mean() < 0.8 and s["ReLU"].max() < 0.15


@DYING.verdict(
    "Five of the seven cures bring the network back within 200 steps, each at its own best rate: both leaks, ELU, "
    "batch normalisation, and biases that start at 0 pass 0.8; GELU and SiLU do not."
)
def five_rescue(s: Sample) -> bool:
    rescued, not_yet = ([s[arm].mean() for arm in arms] for arms in (CURES, ("GELU", "SiLU")))
    return s["ReLU"].max() < 0.15 and max(not_yet) < 0.8 < min(rescued)


@DYING.verdict(
    "GELU recovers least, {gelu:.2f}, then SiLU, {silu:.2f}.",
    numbers=lambda s: {"gelu": s["GELU"].mean(), "silu": s["SiLU"].mean()},
)
def smooth_least(s: Sample) -> bool:
    return s["GELU"].mean() < s["SiLU"].mean() < min(s[cure].mean() for cure in CURES)


@DYING.verdict(
    "Units can die, but most of them recover: within 200 steps the share of dead units falls from "
    "{start:.2f} to {gelu:.2f} with GELU and to {silu:.2f} with SiLU. With slope 0.01 it falls to {leak:.2f}.",
    unless={"800 steps": "within 200 steps"},
    numbers=lambda s: {
        "start": s.get("ReLU", measure="dead at the start").mean(),
        "gelu": s.get("GELU", measure="share of dead units").mean(),
        "silu": s.get("SiLU", measure="share of dead units").mean(),
        "leak": s.get("Leaky 0.01", measure="share of dead units").mean(),
    },
)
def smooth_return(s: Sample) -> bool:
    dead = {arm: s.get(arm, measure="share of dead units").mean() for arm in ("GELU", "SiLU", "Leaky 0.01")}
    return dead["Leaky 0.01"] < min(dead["GELU"], dead["SiLU"]) and dead["SiLU"] > 0.05 and dead["GELU"] < 0.4


@DYING.verdict(
    "In a leak the sign counts before the size: at each of the three sizes the positive slope does better, "
    "{small_up:.2f} against {small_down:.2f}, {up:.2f} against {down:.2f}, {large_up:.2f} against {large_down:.2f}; "
    "and the smallest positive slope does better than the largest negative one.",
    numbers=lambda s: {
        "small_up": s["leak +0.0005"].mean(),
        "small_down": s["leak −0.0005"].mean(),
        "up": s["Leaky 0.01"].mean(),
        "down": s["leak −0.01"].mean(),
        "large_up": s["leak +0.0527"].mean(),
        "large_down": s["leak −0.0527"].mean(),
    },
)
def sign(s: Sample) -> bool:
    up = [s[arm].mean() for arm in ("leak +0.0005", "Leaky 0.01", "leak +0.0527")]
    down = [s[arm].mean() for arm in ("leak −0.0005", "leak −0.01", "leak −0.0527")]
    return all(u > d for u, d in zip(up, down, strict=True)) and up[0] > down[-1]


DYING_PLAIN = Experiment(
    name="dying_plain",
    section="3.11",
    question="Biases start at −4: what brings it back with plain descent?",
    measure="test accuracy",
    arms={
        "ReLU": {"activation": "relu", "bias": -4.0},
        "Leaky 0.01": {"activation": "leaky_relu", "bias": -4.0, "slope": 0.01},
        "Leaky 0.2": {"activation": "leaky_relu", "bias": -4.0, "slope": 0.2},
        "ELU": {"activation": "elu", "bias": -4.0, "rates": (0.07, 0.3, 1.2)},
        "batch norm": {"bias": -4.0, "batch norm": True, "rates": (1, 4, 16)},
        "ReLU, biases −2": {"activation": "relu", "bias": -2.0},
        "Leaky 0.01, biases −2": {"activation": "leaky_relu", "bias": -2.0, "slope": 0.01},
    },
    control="ReLU",
    run=train,
    rates=(0.25, 1, 4),
    settings={"steps": 200, "optimiser": "sgd", "eps": 1e-8},
    conditions=guards(200, adam=False) | {"3000 steps": {"steps": 3000}},
    more={"3000 steps": ("Leaky 0.01",)},
)


@DYING_PLAIN.verdict(
    "With plain descent and biases at −4, slope 0.01 is still at guessing after 200 steps, at its best rate, as ReLU "
    "is.",
    unless={"800 steps": "200 steps", "3000 steps": "200 steps"},
)
def leak_waits(s: Sample) -> bool:
    return s["ReLU"].max() < 0.15 and s["Leaky 0.01"].mean() < 0.2


@DYING_PLAIN.verdict(
    "It is slow, not dead: after 3000 steps slope 0.01 has reached {leak:.2f}.",
    numbers=lambda s: {"leak": s.get("Leaky 0.01", condition="3000 steps").mean()},
)
def slow(s: Sample) -> bool:
    return s.get("Leaky 0.01", condition="3000 steps").mean() > 0.5


@DYING_PLAIN.verdict(
    "Slope 0.2, ELU and batch normalisation pass 0.4 within 200 steps: {leak:.2f}, {elu:.2f} and {norm:.2f}.",
    numbers=lambda s: {"leak": s["Leaky 0.2"].mean(), "elu": s["ELU"].mean(), "norm": s["batch norm"].mean()},
)
def others(s: Sample) -> bool:
    return all(s[arm].mean() > 0.4 for arm in ("Leaky 0.2", "ELU", "batch norm"))


@DYING_PLAIN.verdict(
    "From biases of −2, ReLU comes back without any leak: {relu:.2f} within 200 steps, and {leak:.2f} with slope 0.01.",
    numbers=lambda s: {"relu": s["ReLU, biases −2"].mean(), "leak": s["Leaky 0.01, biases −2"].mean()},
)
def needless(s: Sample) -> bool:
    return s["ReLU, biases −2"].mean() > 0.4


@DYING_PLAIN.verdict("At −2 slope 0.01 ends ahead of ReLU in {held} of {groups} groups of five seeds.")
def leak_better(s: Sample) -> bool:
    return s["Leaky 0.01, biases −2"].mean() > s["ReLU, biases −2"].mean()


THRESHOLD = Experiment(
    name="threshold",
    section="3.8",
    question="Biases start at 0. From which rate of Adam's on do units die?",
    measure="share of dead units",
    arms={
        "ReLU": {"activation": "relu", "bias": 0.0},
        "Leaky 0.01": {"activation": "leaky_relu", "bias": 0.0, "slope": 0.01},
        "Leaky 0.2": {"activation": "leaky_relu", "bias": 0.0, "slope": 0.2},
        "GELU": {"activation": "gelu", "bias": 0.0},
        "batch norm": {"bias": 0.0, "batch norm": True},
    },
    control="ReLU",
    run=train,
    rates=(0.001, 0.004, 0.01, 0.03, 0.1),
    settings={"steps": 200, "optimiser": "adam", "eps": 1e-8},
    conditions=guards(200),
    higher=False,
    at={
        "ReLU": (0.01, 0.03, 0.1),
        "Leaky 0.01": (0.1,),
        "Leaky 0.2": (0.1,),
        "GELU": (0.1,),
        "batch norm": (0.1,),
    },
)


@THRESHOLD.verdict(
    "After 200 steps of Adam {low:.0%} of the ReLUs are dead at rate 0.01, {middle:.0%} at 0.03, {high:.0%} at 0.1.",
    numbers=lambda s: {"low": s["ReLU", 0.01].mean(), "middle": s["ReLU", 0.03].mean(), "high": s["ReLU", 0.1].mean()},
)
def begins(s: Sample) -> bool:
    low, middle, high = (s["ReLU", rate].mean() for rate in (0.01, 0.03, 0.1))
    return low < 0.05 and low < middle < high and high > 1 / 3


@THRESHOLD.verdict(
    "At Adam's 0.1 only slope 0.2 prevents it, with fewer than 1 % dead. Slope 0.01, with {leak:.0%} dead, and batch "
    "normalisation, with {norm:.0%}, have fewer than half as many as ReLU, with {relu:.0%}; GELU has {gelu:.0%}.",
    numbers=lambda s: {
        "leak": s["Leaky 0.01", 0.1].mean(),
        "norm": s["batch norm", 0.1].mean(),
        "relu": s["ReLU", 0.1].mean(),
        "gelu": s["GELU", 0.1].mean(),
    },
)
def only_a_real_leak(s: Sample) -> bool:
    relu, leak, norm, gelu = (s[arm, 0.1].mean() for arm in ("ReLU", "Leaky 0.01", "batch norm", "GELU"))
    return s["Leaky 0.2", 0.1].mean() < 0.01 < min(leak, norm, gelu) and max(leak, norm) < relu / 2


def watch_return(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """Per layer, the share of the units dead at the start that are alive at one of the later looks, every ten steps."""
    X, y = glyphs(1000, data_seed, noise=0.25)
    nets = Networks(SIZES, "relu", seeds, HE, bias=arm["biases"])
    for tensor in (nets.weights[0], nets.biases[0]):
        tensor.requires_grad_(not arm.get("layer 1 held still", False))
    looks = nets.fit(
        X, y, point["steps"], point["rate"], "sgd", batch=100, watch=lambda n: n.dead(X), every=10, order=data_seed
    )[1]
    found: dict[str, ArrayLike] = {}
    for number, layer in enumerate(zip(*looks, strict=True), 1):
        dead = np.array(layer)  # (looks, seeds, units)
        first = dead[0].sum(1)
        back = (dead[0] & ~dead.all(0)).sum(1)
        found[f"share of layer {number} that came back"] = np.where(first, back / np.maximum(first, 1), np.nan)
    return found


REVIVAL = Experiment(
    name="revival",
    section="3.9",
    question="Plain descent: which dead ReLUs come back?",
    measure="share of layer 2 that came back",
    arms={
        "biases −2, −2": {"biases": [-2.0, -2.0]},
        "biases −3, −1": {"biases": [-3.0, -1.0]},
        "layer 1 held still": {
            "biases": [-2.0, -2.0],
            "layer 1 held still": True,
            "rates": (0.25, 1, 4),
        },
    },
    control="layer 1 held still",
    run=watch_return,
    rates=(0.1, 0.3, 1, 4),
    settings={"steps": 200, "optimiser": "sgd"},
    conditions=guards(200, adam=False),
    at={"biases −2, −2": (0.1, 0.3, 1)},
)


@REVIVAL.verdict(
    "Of the dead units of layer 2 (biases −2), in 200 steps {slow:.0%} return at rate 0.1, {middle:.0%} at 0.3 and "
    "{fast:.0%} at 1; with layer 1 held still, none.",
    unless={"800 steps": "in 200 steps"},
    numbers=lambda s: {
        "slow": s["biases −2, −2", 0.1].mean(),
        "middle": s["biases −2, −2", 0.3].mean(),
        "fast": s["biases −2, −2", 1].mean(),
    },
)
def layer_2(s: Sample) -> bool:
    slow, middle, fast = (s["biases −2, −2", rate].mean() for rate in (0.1, 0.3, 1))
    return slow < 0.2 < middle < 0.8 and fast > 0.75 and s["layer 1 held still"].max() == 0


@REVIVAL.verdict("Of the dead units of layer 1 (biases −3) not one returns.")
def layer_1(s: Sample) -> bool:
    return bool(np.nanmax(s.get("biases −3, −1", measure="share of layer 1 that came back")) == 0)


def watch_coasting(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """Biases at 0; a look every five steps: share of layer 1 dead at one and alive at the next."""
    X, y = glyphs(1000, data_seed, noise=0.25)
    nets = Networks(SIZES, "relu", seeds, HE)
    looks = nets.fit(
        X, y, point["steps"], point["rate"], arm["optimiser"], batch=100, watch=lambda n: n.dead(X)[0], every=5,
        eps=point["eps"], order=data_seed,
    )[1]  # fmt: skip
    dead = np.array(looks)  # (looks, seeds, units)
    return {"share of layer 1 that died and returned": (dead[:-1] & ~dead[1:]).any(0).mean(1)}


COASTING = Experiment(
    name="coasting",
    section="3.9",
    question="Does a unit of the first layer ever come back?",
    measure="share of layer 1 that died and returned",
    arms={
        "plain descent": {"optimiser": "sgd", "rates": (0.25, 1, 4)},
        "Adam": {"optimiser": "adam"},
    },
    control="plain descent",
    run=watch_coasting,
    rates=(0.03, 0.1, 0.3, 1.2),
    settings={"steps": 100, "eps": 1e-8},
    conditions=guards(100),
    at={"Adam": (0.1,), "plain descent": (4,)},
)


@COASTING.verdict(
    "With Adam at 0.1 about {adam:.0%} of layer 1 die and return; with plain descent not one unit does.",
    numbers=lambda s: {"adam": s["Adam", 0.1].mean()},
)
def momentum(s: Sample) -> bool:
    return s["Adam", 0.1].mean() > 0.02 and s["plain descent", 4].max() == 0


def learn_slopes(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """Two hidden layers whose slope on the left starts at the arm's; with "learned", each layer trains its own."""
    import torch

    X, y = glyphs(1000, data_seed, noise=0.25)
    alphas = [torch.full((len(seeds), 1, 1), arm["slope"], requires_grad=arm["learned"]) for _ in range(2)]
    layers: list[Any] = [lambda z, alpha=alpha: torch.where(z > 0, z, alpha * z) for alpha in alphas]
    nets = Networks(SIZES, layers, seeds, arm["gain"])
    nets.fit(
        X, y, point["steps"], point["rate"], batch=100, eps=point["eps"], order=data_seed,
        more=alphas if arm["learned"] else (),
    )  # fmt: skip
    slopes = {f"slope of layer {k}": alpha.detach().flatten().numpy() for k, alpha in enumerate(alphas, 1)}
    return {"test accuracy": nets.accuracy(*glyphs(1000, data_seed + 1, noise=0.25)), **slopes}


PRELU = Experiment(
    name="prelu",
    section="3.4",
    question="Where does a learned slope go, and does it pay?",
    measure="test accuracy",
    arms={
        "ReLU": {"activation": "relu", "slope": 0.0, "learned": False, "gain": 3**-0.5},
        "Leaky 0.25": {"activation": "leaky_relu", "slope": 0.25, "learned": False, "gain": 3**-0.5},
        "PReLU": {"activation": "prelu", "slope": 0.25, "learned": True, "gain": 3**-0.5},
        "PReLU, He's weights": {"activation": "prelu", "slope": 0.25, "learned": True, "gain": HE},
    },
    control="ReLU",
    run=learn_slopes,
    rates=(0.002, 0.01, 0.05),
    settings={"steps": 300, "eps": 1e-8},
    conditions=guards(300),
    at={"PReLU": (0.01,), "PReLU, He's weights": (0.01,)},
)


@PRELU.verdict(
    "At rate 0.01 the two slopes move apart in every seed: layer 1's falls to about 0, as in ReLU, and layer 2's rises "
    "to {two:.2f} on average.",
    numbers=lambda s: {"two": s.get("PReLU", 0.01, "slope of layer 2").mean()},
)
def they_part(s: Sample) -> bool:
    one, two = (s.get("PReLU", 0.01, f"slope of layer {k}") for k in (1, 2))
    return abs(one.mean()) < 0.1 and one.max() < 0.15 and two.min() > 0.35


@PRELU.verdict(
    "The slope that is *learned* depends on how the weights started: with He's weights layer 1 ends at {he:.2f} on "
    "average.",
    numbers=lambda s: {"he": s.get("PReLU, He's weights", 0.01, "slope of layer 1").mean()},
)
def start_decides(s: Sample) -> bool:
    own, he = (s.get(arm, 0.01, "slope of layer 1").mean() for arm in ("PReLU", "PReLU, He's weights"))
    return he > own + 0.05


@PRELU.verdict(
    "Learning it wins back some of what the leak costs, and does not reach ReLU: {fixed:.2f} with a slope of 0.25, "
    "{learned:.2f} learned, {relu:.2f} with ReLU.",
    numbers=lambda s: {"fixed": s["Leaky 0.25"].mean(), "learned": s["PReLU"].mean(), "relu": s["ReLU"].mean()},
)
def costs(s: Sample) -> bool:
    return s["Leaky 0.25"].mean() < s["PReLU"].mean() < s["ReLU"].mean() - 0.01
