"""What a norm does in fifty untrained layers, and what can take its place in a small transformer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actlab.evidence.model import Array, Experiment, Sample, guards
from actlab.sequences import Transformer, topics

if TYPE_CHECKING:
    from torch import Tensor

    Layer = Callable[[Tensor], Tensor]

# --- pre-norm and post-norm ------------------------------------------------------------------------------------------

STOPS = 10
"""The profile is kept at every tenth layer."""


def _placements() -> dict[str, Callable[[Tensor, Layer, Layer], Tensor]]:
    """What a layer with a shortcut makes of h, by where its norm stands."""
    return {
        "nowhere": lambda h, layer, norm: h + layer(h),
        "post": lambda h, layer, norm: norm(h + layer(h)),
        "pre": lambda h, layer, norm: h + layer(norm(h)),
    }


def _block(weights: Tensor, gain: float, h: Tensor) -> Tensor:
    """ReLU behind the first matrix, the second one, if there is one, behind ReLU.  weights: (1 or 2, width, width)."""
    a = (gain * (h @ weights[0])).relu()
    return a @ weights[1] if len(weights) == 2 else a


def profile(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """log₁₀ of the mean squares of signal and gradient at every tenth of fifty layers.

    At either end enters N(0, 1). Weights: N(0, gain²/width); out: a second matrix behind ReLU.
    """
    import torch

    place, size, rows = _placements()[arm["place"]], (point["batch"], point["width"]), []
    norm = getattr(torch.nn.functional, f"{arm.get('norm', 'layer')}_norm")
    for seed in seeds:
        rng = np.random.default_rng([data_seed, seed])
        x, upstream = torch.from_numpy(rng.normal(size=(2, *size)))
        hs = [x.requires_grad_()]
        for _ in range(point["depth"]):
            weights = torch.from_numpy(rng.normal(size=(1 + arm.get("out", 0), size[1], size[1]))) / size[1] ** 0.5
            hs.append(place(hs[-1], partial(_block, weights, point["gain"]), lambda h: norm(h, size[1:])))
        gradients = torch.autograd.grad(hs[-1], hs, upstream)
        rows.append([[(each**2).mean().log10().item() for each in side[::STOPS]] for side in (hs, gradients)])
    by_layer = np.array(rows).transpose(1, 2, 0)
    return {
        name.format(STOPS * k): values
        for name, side in zip((SIGNAL, GRADIENT), by_layer, strict=True)
        for k, values in enumerate(side)
    }


SIGNAL, GRADIENT = "log₁₀ of the signal after layer {}", "log₁₀ of the gradient after layer {}"

PLACED = Experiment(
    name="placed",
    section="8.3",
    question="Where does a norm stand beside a shortcut?",
    measure=GRADIENT.format(0),
    arms={
        "no norm": {"place": "nowhere"},
        "post-norm, LayerNorm": {"place": "post", "norm": "layer"},
        "post-norm, RMSNorm": {"place": "post", "norm": "rms"},
        "pre-norm, LayerNorm": {"place": "pre", "norm": "layer"},
        "pre-norm, RMSNorm": {"place": "pre", "norm": "rms"},
        "post-norm, LayerNorm, W out": {"place": "post", "norm": "layer", "out": True},
        "post-norm, RMSNorm, W out": {"place": "post", "norm": "rms", "out": True},
        "pre-norm, LayerNorm, W out": {"place": "pre", "norm": "layer", "out": True},
        "pre-norm, RMSNorm, W out": {"place": "pre", "norm": "rms", "out": True},
    },
    control="no norm",
    run=profile,
    settings={"depth": 50, "width": 64, "batch": 32, "gain": 2**0.5},
    conditions={"width 256": {"width": 256}, "gain 1": {"gain": 1.0}},
)
LAST = SIGNAL.format(50)
PRE = "pre-norm, LayerNorm", "pre-norm, RMSNorm"


@PLACED.verdict(
    "Post-norm holds every signal at 1, but multiplies the gradient layer after layer: with LayerNorm its mean square "
    "typically ends at $10^{{{layer:.1f}}}$ times what it was, with RMSNorm at $10^{{{rms:.1f}}}$ times.",
    numbers=lambda s: {
        "layer": float(np.median(s["post-norm, LayerNorm"])),
        "rms": float(np.median(s["post-norm, RMSNorm"])),
    },
)
def post_norm_multiplies(s: Sample) -> bool:
    both = "post-norm, LayerNorm", "post-norm, RMSNorm"
    level = all(np.abs(s.get(arm, measure=LAST)).max() < 0.01 for arm in both)
    return bool(level and np.median(s[both[0]]) > 1.5 and np.median(s[both[1]]) < -1.5)


@PLACED.verdict(
    "With pre-norm signal and gradient grow at most {most:,.0f}-fold in every network, and the gradient does so mostly "
    "in the first ten layers; without a norm both grow by {none:.0f} orders of magnitude.",
    numbers=lambda s: {
        "most": float(f"{10 ** max(each.max() for arm in PRE for each in (s[arm], s.get(arm, measure=LAST))):.1g}"),
        "none": float(np.median(s["no norm"])),
    },
)
def pre_norm_grows_slowly(s: Sample) -> bool:
    slow = all(max(s[arm].max(), s.get(arm, measure=LAST).max()) < 4 for arm in PRE)
    early = all(np.median(s[arm]) > 2 * np.median(s.get(arm, measure=GRADIENT.format(10))) for arm in PRE)
    return bool(slow and early and s["no norm"].min() > 12)


BEHIND, BEFORE = ([f"{place}-norm, {norm}, W out" for norm in ("LayerNorm", "RMSNorm")] for place in ("post", "pre"))


@PLACED.verdict(
    "With a second matrix behind ReLU, as in a transformer's block, post-norm hardly multiplies: over fifty layers the "
    "gradient's mean square typically changes by less than a factor of ten, up or down (median: {LayerNorm:.1f} times "
    "what it was with LayerNorm, {RMSNorm:.1f} times with RMSNorm). With pre-norm it grows more, to {pre:.0f} times.",
    numbers=lambda s: {
        **{arm.split(", ")[1]: 10 ** float(np.median(s[arm])) for arm in BEHIND},
        "pre": 10 ** float(np.median(np.concatenate([s[arm] for arm in BEFORE]))),
    },
)
def a_second_matrix_calms_post_norm(s: Sample) -> bool:
    calm = [np.median(s[arm]) for arm in BEHIND]
    return bool(max(np.abs(calm)) < 1 and min(np.median(s[arm]) for arm in BEFORE) > max(calm))


# --- a curve instead of a norm ---------------------------------------------------------------------------------------


def read(
    arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int
) -> dict[str, ArrayLike]:
    """The transformer of `language` with GELU: two layers of width 32 that read Python's help pages for 150 steps.

    alpha: where dynamic tanh starts, before each of its five matrices.
    """
    import torch

    training, validation, characters = topics(data_seed)
    models = Transformer(characters, "gelu", seeds, norm=arm["norm"])
    with torch.no_grad():
        for name, weights in models.weights.items():
            if name.startswith("alpha"):
                weights.fill_(arm["alpha"])
    models.fit(training, point["steps"], point["rate"], eps=point["eps"])
    return {"loss": models.validate(validation)}


HALF, ONE, HIGH = "tanh, α from 0.5", "tanh, α from 1", 0.08

NORMS = Experiment(
    name="norms",
    section="8.4",
    question="Can a curve take the place of a norm?",
    measure="loss",
    arms={
        "no norm": {"norm": "none"},
        "LayerNorm": {"norm": "layer"},
        "RMSNorm": {"norm": "rms"},
        HALF: {"norm": "tanh", "alpha": 0.5},
        ONE: {"norm": "tanh", "alpha": 1.0},
    },
    control="no norm",
    run=read,
    rates=(0.0025, 0.01, 0.02, 0.08),
    settings={"steps": 150, "eps": 1e-8},
    conditions=guards(150),
    higher=False,
    at={"no norm": (HIGH,), "LayerNorm": (HIGH,), ONE: (HIGH,)},
)


def above(s: Sample, arm: str) -> float:
    """How much higher an arm's mean loss is than LayerNorm's, nats."""
    return float(np.mean(s[arm] - s["LayerNorm"]))


@NORMS.verdict(
    "RMSNorm ends within 0.03 nats of LayerNorm, on average at {gap:+.3f}.",
    numbers=lambda s: {"gap": above(s, "RMSNorm")},
)
def the_mean_can_go(s: Sample) -> bool:
    return abs(above(s, "RMSNorm")) < 0.03


@NORMS.verdict(
    "In {held} of {groups} groups dynamic tanh ends above LayerNorm with both starts of α, on average by {half:.3f} "
    "nats with α from 0.5 and by {one:.3f} with α from 1.",
    numbers=lambda s: {"half": above(s, HALF), "one": above(s, ONE)},
)
def the_curve_is_behind(s: Sample) -> bool:
    return above(s, HALF) > 0 and above(s, ONE) > 0


@NORMS.verdict("It ends lower with α from 1 than from 0.5 in {held} of {groups} groups.")
def a_larger_alpha_is_nearer(s: Sample) -> bool:
    return above(s, ONE) < above(s, HALF)


@NORMS.verdict(
    "Without any norm the loss ends {gap:.3f} nats below LayerNorm's.", numbers=lambda s: {"gap": -above(s, "no norm")}
)
def none_is_needed(s: Sample) -> bool:
    return above(s, "no norm") < 0


@NORMS.verdict(
    "At a rate of 0.08 LayerNorm ends {layer:.2f} nats above its best, dynamic tanh with α from 1 {tanh:.2f} above its "
    "own; of {networks} networks without a norm {lost} are worse than guessing.",
    numbers=lambda s: {
        "layer": float(np.mean(s["LayerNorm", HIGH] - s["LayerNorm"])),
        "tanh": float(np.mean(s[ONE, HIGH] - s[ONE])),
        "lost": int(worse_than_guessing(s["no norm", HIGH]).sum()),
        "networks": len(s["no norm"]),
    },
)
def a_norm_bears_a_high_rate(s: Sample) -> bool:
    held = np.mean(s["LayerNorm", HIGH] - s["LayerNorm"]) < 0.5
    return bool(held and worse_than_guessing(s["no norm", HIGH]).mean() > 0.5)


def worse_than_guessing(losses: Array) -> NDArray[np.bool_]:
    """Which losses are not below that of 93 equally likely characters; no text has fewer.  NaN is among them."""
    return ~(losses < np.log(93))
