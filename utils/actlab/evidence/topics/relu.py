"""Units that die: which cures bring them back, with which optimiser, at which rates; and a slope that learns."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from actlab.data import glyphs
from actlab.evidence.model import Array, Experiment
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


NARROW = {"rates": (0.002, 0.01, 0.05)}

DYING = Experiment(
    name="dying",
    section="3.10",
    question="Hidden biases start at −4. Which change brings the network back, with Adam?",
    measure="test accuracy",
    arms={
        "ReLU": {"bias": -4.0},
        "Leaky 0.01": {"bias": -4.0, "slope": 0.01},
        "Leaky 0.2": {"bias": -4.0, "slope": 0.2},
        "ELU": {"bias": -4.0, "activation": "elu"},
        "GELU": {"bias": -4.0, "activation": "gelu"},
        "SiLU": {"bias": -4.0, "activation": "silu"},
        "batch norm": {"bias": -4.0, "batch norm": True},
        "bias 0": {"bias": 0.0},
        "leak +0.0005": {"bias": -4.0, "slope": 0.0005, **NARROW},
        "leak −0.0005": {"bias": -4.0, "slope": -0.0005, **NARROW},
        "leak −0.01": {"bias": -4.0, "slope": -0.01, **NARROW},
        "leak +0.0527": {"bias": -4.0, "slope": 0.0527, **NARROW},
        "leak −0.0527": {"bias": -4.0, "slope": -0.0527, **NARROW},
    },
    control="ReLU",
    run=train,
    rates=(0.0005, 0.002, 0.01, 0.05, 0.2),
    settings={"steps": 200, "optimiser": "adam", "eps": 1e-8},
    conditions={"800 steps": {"steps": 800}, "ε = 1e-16": {"eps": 1e-16}},
)

DYING_PLAIN = Experiment(
    name="dying_plain",
    section="3.10",
    question="The same with plain gradient descent: which change brings the network back, and which of them is needed?",
    measure="test accuracy",
    arms={
        "ReLU": {"bias": -4.0},
        "Leaky 0.01": {"bias": -4.0, "slope": 0.01},
        "Leaky 0.2": {"bias": -4.0, "slope": 0.2},
        "ELU": {"bias": -4.0, "activation": "elu", "rates": (0.03, 0.1, 0.3, 1.2)},
        "batch norm": {"bias": -4.0, "batch norm": True, "rates": (0.25, 1, 4, 16)},
        "ReLU, biases −2": {"bias": -2.0},
        "Leaky 0.01, biases −2": {"bias": -2.0, "slope": 0.01},
    },
    control="ReLU",
    run=train,
    rates=(0.1, 0.3, 1, 4),
    settings={"steps": 200, "optimiser": "sgd", "eps": 1e-8},
    conditions={"1000 steps": {"steps": 1000}, "3000 steps": {"steps": 3000}},
)

THRESHOLD = Experiment(
    name="threshold",
    section="3.8",
    question="Biases start at 0. From which rate of Adam's on do units die?",
    measure="share of dead units",
    arms={
        "ReLU": {"bias": 0.0},
        "Leaky 0.01": {"bias": 0.0, "slope": 0.01},
        "Leaky 0.2": {"bias": 0.0, "slope": 0.2},
        "GELU": {"bias": 0.0, "activation": "gelu"},
        "batch norm": {"bias": 0.0, "batch norm": True},
    },
    control="ReLU",
    run=train,
    rates=(0.001, 0.004, 0.01, 0.03, 0.1, 0.3),
    settings={"steps": 200, "optimiser": "adam", "eps": 1e-8},
    conditions={"800 steps": {"steps": 800}, "ε = 1e-16": {"eps": 1e-16}},
    higher=False,
    at={
        "ReLU": (0.01, 0.03, 0.1),
        "Leaky 0.01": (0.1,),
        "Leaky 0.2": (0.1,),
        "GELU": (0.1,),
        "batch norm": (0.1,),
    },
)


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
    question="Which dead ReLUs come back under plain gradient descent, and what brings them?",
    measure="share of layer 2 that came back",
    arms={
        "biases −2, −2": {"biases": [-2.0, -2.0]},
        "biases −3, −1": {"biases": [-3.0, -1.0]},
        "biases −2, −2, layer 1 held still": {"biases": [-2.0, -2.0], "layer 1 held still": True},
    },
    control="biases −2, −2, layer 1 held still",
    run=watch_return,
    rates=(0.1, 0.3, 1, 4),
    settings={"steps": 200, "optimiser": "sgd"},
    conditions={"800 steps": {"steps": 800}},
    at={"biases −2, −2": (0.1, 0.3, 1)},
)


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
    conditions={"400 steps": {"steps": 400}, "ε = 1e-16": {"eps": 1e-16}},
    at={"Adam": (0.1,)},
)


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
        "ReLU": {"slope": 0.0, "learned": False, "gain": 3**-0.5},
        "Leaky 0.25": {"slope": 0.25, "learned": False, "gain": 3**-0.5},
        "PReLU": {"slope": 0.25, "learned": True, "gain": 3**-0.5},
        "PReLU, He's weights": {"slope": 0.25, "learned": True, "gain": HE},
    },
    control="ReLU",
    run=learn_slopes,
    rates=(0.001, 0.003, 0.01, 0.04),
    settings={"steps": 300, "eps": 1e-8},
    conditions={"1200 steps": {"steps": 1200}, "ε = 1e-16": {"eps": 1e-16}},
    at={"PReLU": (0.003,), "PReLU, He's weights": (0.003,)},
)
