"""What is odd about the layers of one step, as kinds; the words are made from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from actlab.watching.layers import BOTH_SIDES, Layer

MANY = 0.5
"""Share of silent or of saturated units from which on they are worth a word."""
JUMP, CRAWL = 0.1, 1e-6
"""Step over weights above and below which it is worth a word; Karpathy likes it near 1e-3 (makemore 3)."""
STARVED = 1e-4
"""Gradient as a share of the largest, below which it is worth a word."""


class Fault(StrEnum):
    """What can be odd about a layer."""

    NOT_FINITE = "not finite"
    SILENT = "silent"
    SATURATED = "saturated"
    FROZEN = "frozen"
    UNREACHED = "unreached"
    STILL = "still"
    ZERO = "zero"
    STARVED = "starved"
    JUMP = "jump"
    CRAWL = "crawl"


WORDS = {
    Fault.NOT_FINITE: "holds numbers that are not finite",
    Fault.SILENT: "{value:.0%} of units never above 0 on this batch",
    Fault.SATURATED: "{value:.0%} of its activations saturated",
    Fault.FROZEN: "its weights are frozen (requires_grad is False)",
    Fault.UNREACHED: "no gradient arrived at its weights, though they ask for one",
    Fault.STILL: "its weights have a gradient and did not move: does the optimiser know them?",
    Fault.ZERO: "the gradient of its weights is exactly 0",
    Fault.STARVED: "its gradient is {value:.0e} of the largest",
    Fault.JUMP: "one step moves its weights by {value:.0%} of their spread",
    Fault.CRAWL: "one step moves its weights by {value:.0e} of their spread only",
}


@dataclass(frozen=True)
class Remark:
    """One oddity.  layer: its number, counted from 1.  value: the number that the words tell, NaN where they tell none.

    `str(remark)` is what a reader sees.
    """

    fault: Fault
    layer: int
    value: float = math.nan

    def __str__(self) -> str:
        return f"layer {self.layer}: {WORDS[self.fault].format(value=self.value).replace('%', ' %')}"


def sentences(found: Sequence[Remark]) -> list[str]:
    """Remarks in words: of a fault that several layers share, the layer with the highest number is told."""
    said = []
    for fault in dict.fromkeys(remark.fault for remark in found):
        alike = [remark for remark in found if remark.fault is fault]
        more = len(alike) - 1
        worst = max(alike, key=lambda remark: 0.0 if math.isnan(remark.value) else remark.value)
        said.append(str(worst) + (f", and so in {more} more layer{'s' * (more > 1)}" if more else ""))
    return said


def remarks(layers: Sequence[Layer]) -> list[Remark]:
    """What is odd about the layers of one step, layer by layer."""
    largest = max((one.gradient for one in layers if math.isfinite(one.gradient)), default=math.nan)
    return [
        Remark(fault, number, value)
        for number, layer in enumerate(layers, 1)
        for fault, value in _faults(layer, largest)
    ]


def _faults(layer: Layer, largest: float) -> list[tuple[Fault, float]]:
    """largest: gradient of all layers; NaN where none has one."""
    found: list[tuple[Fault, float]] = []
    if any(map(math.isinf, (layer.z, layer.a, layer.gradient))) or _undefined(layer):
        found.append((Fault.NOT_FINITE, math.nan))
    one_sided = bool(layer.activation) and layer.activation not in BOTH_SIDES
    if layer.silent == 1 or (one_sided and layer.silent >= MANY):
        found.append((Fault.SILENT, layer.silent))
    if layer.saturated >= MANY and layer.activation in BOTH_SIDES:
        found.append((Fault.SATURATED, layer.saturated))
    if layer.frozen:
        return [*found, (Fault.FROZEN, math.nan)]
    if layer.weights and not math.isnan(largest):
        if math.isnan(layer.gradient):
            found.append((Fault.UNREACHED, math.nan))
        elif layer.gradient == 0:
            found.append((Fault.ZERO, 0.0))
        elif layer.ratio == 0:
            found.append((Fault.STILL, 0.0))
        elif layer.gradient < STARVED * largest:
            found.append((Fault.STARVED, layer.gradient / largest))
    if layer.ratio > JUMP:
        found.append((Fault.JUMP, layer.ratio))
    elif 0 < layer.ratio < CRAWL:
        found.append((Fault.CRAWL, layer.ratio))
    return found


def _undefined(layer: Layer) -> bool:
    """Whether numbers that were measured are NaN: with a share beside them, there was something to measure."""
    return math.isnan(layer.z) and not math.isnan(layer.silent)
