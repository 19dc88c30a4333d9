"""What is measured of a layer in one step, and where an activation is saturated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.activations import REGISTRY

if TYPE_CHECKING:
    import torch

FLAT = 0.1
"""A unit is saturated where |f'| is below this share of the largest |f'|."""


@dataclass(frozen=True)
class Layer:
    """One layer in one step of training, or one call of it where it is called more than once.

    name: what the model calls it.  kind: its class.  activation: the class of the activation module that took its
    output, "" where none was seen.  A number that is not known is NaN.
    z, a: root mean squares of the pre-activation (what the layer returned) and of the activation, over the whole batch.
    zeros: share of a that is exactly 0.  saturated: share of z where |f'| < `FLAT` · max |f'|, for activations that the
    course knows.  silent: share of units whose z is above 0 nowhere in the batch; units are the last axis, of
    convolutions the channels.
    gradient: the Frobenius norm of ∂loss/∂W over the layer's own matrices, as the optimiser gets it: after clipping.
    ratio: the standard deviation of the step that they made over their own.
    weights: how many numbers they hold; a layer without has 0.
    frozen: whether none of them asks for a gradient.
    """

    name: str
    kind: str
    activation: str = ""
    z: float = math.nan
    a: float = math.nan
    zeros: float = math.nan
    saturated: float = math.nan
    silent: float = math.nan
    gradient: float = math.nan
    ratio: float = math.nan
    weights: int = 0
    frozen: bool = False

    @property
    def title(self) -> str:
        """Name and classes: `net.0 (Linear → ReLU)`."""
        classes = " → ".join(filter(None, [self.kind, self.activation]))
        return f"{self.name} ({classes})" if self.name else classes


PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "Sigmoid": "sigmoid",
        "Tanh": "tanh",
        "ReLU": "relu",
        "SELU": "selu",
        "SiLU": "silu",
        "Mish": "mish",
        "Hardswish": "hardswish",
    }
)
"""Classes of torch.nn whose function has no parameters -> registry key."""

BOTH_SIDES = frozenset({"Sigmoid", "Tanh"})
"""Activations that are flat on both sides, so that a saturated unit cannot be one that is merely off."""


def known(module: torch.nn.Module) -> tuple[str, tuple[tuple[str, float], ...]] | None:
    """Registry key and parameters of the function that an activation module computes; None for one not known here."""
    match type(module).__name__:
        case "LeakyReLU":
            return "leaky_relu", (("alpha", _number(module, "negative_slope")),)
        case "ELU":
            return "elu", (("alpha", _number(module, "alpha")),)
        case "GELU":
            return ("gelu_tanh" if getattr(module, "approximate", "none") == "tanh" else "gelu"), ()
        case "Softplus" if _number(module, "beta") == 1:
            return "softplus", ()
        case name if name in PLAIN:
            return PLAIN[name], ()
    return None


def _number(module: Any, name: str) -> float:
    return float(getattr(module, name))


@cache
def flat_sides(key: str, params: tuple[tuple[str, float], ...] = ()) -> tuple[bool, tuple[float, ...]]:
    """Where |f'| is below `FLAT` of its largest: whether it is so far left, and every z where that changes, ascending.

    f is taken from the registry; the changes are found on a grid over [-30, 30] and by bisection.
    """
    df = REGISTRY[key].df
    z = np.linspace(-30, 30, 60 * 64 + 1)
    largest = np.abs(df(z, **dict(params))).max()

    def flat(at: Any) -> Any:
        return np.abs(df(at, **dict(params))) < FLAT * largest

    inside = flat(z)
    changes = []
    for i in np.flatnonzero(inside[1:] != inside[:-1]):
        low, high = float(z[i]), float(z[i + 1])
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if flat(middle) == inside[i] else (low, middle)
        changes.append(low)
    return bool(inside[0]), tuple(changes)


def share(mask: torch.Tensor) -> torch.Tensor:
    """Share of True in a mask, of shape ().  `count_nonzero` is quick on masks, and many times slower on floats."""
    return mask.count_nonzero() / mask.numel()


def saturated(z: torch.Tensor, left: bool, changes: Sequence[float]) -> torch.Tensor | float:
    """The share of z that lies on the flat sides, a number or a tensor of shape ().  left, changes: of `flat_sides`."""
    found: Any = float(left ^ (len(changes) % 2 == 1))
    for k, change in enumerate(changes):
        below = share(z <= change)
        found = found + below if left ^ (k % 2 == 1) else found - below
    return found
