"""What sixteen bits do to the formulas of the course: how far from 0 each holds, as written and in a better form."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

FORMATS = ("float32", "bfloat16", "float16")
"""Torch's names of the formats that networks are trained in, from the most bits to the smallest range."""

OFF = 0.1
"""A result is lost when its relative error is larger."""

FARTHEST = 1000.0

ROOT_HALF = 0.5**0.5


@dataclass(frozen=True)
class Formula:
    """A formula as it is written, and a better form of the same function; both take a tensor and keep its format.

    side: -1 or 1, the side of 0 on which the formula is followed.  better: the text of the better form.
    """

    written: str
    plain: Callable[[Tensor], Tensor]
    better: str
    stable: Callable[[Tensor], Tensor]
    side: int


def _scores(z: Tensor) -> Tensor:
    """The scores (z, 0) in a new last axis."""
    return z.unsqueeze(-1) * z.new_tensor([1.0, 0.0])


def _root_mean_square(row: Tensor) -> Tensor:
    return (row * row).mean(-1).sqrt()


def _row(z: Tensor) -> Tensor:
    """The row (z, z/2), which normalises to the same numbers for every z > 0."""
    return z.unsqueeze(-1) * z.new_tensor([1.0, 0.5])


FORMULAS = (
    Formula("1/(1 + e⁻ᶻ)", lambda z: 1 / (1 + (-z).exp()), "eᶻ/(1 + eᶻ)", lambda z: z.exp() / (1 + z.exp()), -1),
    Formula(
        "σ(z)·(1 − σ(z))",
        lambda z: z.sigmoid() * (1 - z.sigmoid()),
        "σ(z)·σ(−z)",
        lambda z: z.sigmoid() * (-z).sigmoid(),
        1,
    ),
    Formula(
        "1 − tanh² z",
        lambda z: 1 - z.tanh() ** 2,
        "4·σ(2z)·σ(−2z)",
        lambda z: 4 * (2 * z).sigmoid() * (-2 * z).sigmoid(),
        1,
    ),
    Formula(
        "(eᶻ − e⁻ᶻ)/(eᶻ + e⁻ᶻ)",
        lambda z: (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()),
        "(1 − e⁻²ᶻ)/(1 + e⁻²ᶻ)",
        lambda z: (1 - (-2 * z).exp()) / (1 + (-2 * z).exp()),
        1,
    ),
    Formula("z/(1 + e⁻ᶻ)", lambda z: z / (1 + (-z).exp()), "z·σ(z)", lambda z: z * z.sigmoid(), -1),
    Formula(
        "½z·(1 + erf(z/√2))",
        lambda z: 0.5 * z * (1 + (z * ROOT_HALF).erf()),
        "½z·erfc(−z/√2)",
        lambda z: 0.5 * z * (-z * ROOT_HALF).erfc(),
        -1,
    ),
    Formula("log(1 + eᶻ)", lambda z: (1 + z.exp()).log(), "log1p(eᶻ)", lambda z: z.exp().log1p(), -1),
    Formula("log(1 + eᶻ)", lambda z: (1 + z.exp()).log(), "z + log1p(e⁻ᶻ)", lambda z: z + (-z).exp().log1p(), 1),
    Formula(
        "log of softmax(z, 0)",
        lambda z: _scores(z).softmax(-1)[..., 1].log(),
        "log_softmax(z, 0)",
        lambda z: _scores(z).log_softmax(-1)[..., 1],
        1,
    ),
    Formula(
        "z/√(mean of z²)",
        lambda z: z / _root_mean_square(_row(z)),
        "the same, after z/max|z|",
        lambda z: 1 / _root_mean_square(_row(z) / z.unsqueeze(-1)),
        1,
    ),
)
"""Those formulas of lessons 02 to 06 that a network computes: an activation, a slope, a loss, a norm.

The softmax is that of two scores, of which the lower one counts; the norm that of a row (z, z/2), of which the first.
"""


def first_lost(computed: Callable[[Tensor], Tensor], exact: Callable[[Tensor], Tensor], side: int, name: str) -> float:
    """The distance from 0 at which `computed` is first off by more than 10 %, or no finite number.

    computed: elementwise, on tensors of the format `name`.  exact: the same function, given doubles.  side: -1 or 1.
    Tried are the multiples of 1/16 up to 32 and of 1/2 up to 1000, rounded to the format; infinity where all hold.
    Errors: AttributeError where torch has no such format.
    """
    import torch

    far = torch.cat([torch.arange(1, 512) / 16, torch.arange(32, FARTHEST, 0.5)])
    z = (side * far).to(getattr(torch, name))
    want = exact(z.double())
    lost = ~((computed(z).double() / want - 1).abs() <= OFF)
    return float(z[lost][0].abs()) if lost.any() else math.inf


def survey() -> dict[str, list[tuple[float, float]]]:
    """How far each of `FORMULAS` holds, by format: as it is written, and in its better form."""
    return {
        name: [
            (first_lost(one.plain, one.stable, one.side, name), first_lost(one.stable, one.stable, one.side, name))
            for one in FORMULAS
        ]
        for name in FORMATS
    }
