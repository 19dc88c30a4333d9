"""What moves: the positions of a slider, and which of them a layer follows."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from actlab.live.marks import Mark
from actlab.words import minus

Frame = tuple[Sequence[Mark], str]
"""What a layer returns: its marks, and one sentence."""


@dataclass(frozen=True)
class Slider:
    """The positions of one slider.

    values: numbers or words, in order.  start: one of them (default: the middle).  label: what the reader sees.
    format: how a value is written, as for `str.format`.
    """

    values: Iterable[Any]
    start: Any = None
    label: str = ""
    format: str = ""

    @cached_property
    def positions(self) -> list[Any]:
        return [v.item() if isinstance(v, np.generic) else v for v in self.values]

    @cached_property
    def texts(self) -> list[str]:
        numeric = all(isinstance(v, int | float) for v in self.positions)
        pattern = self.format or ("{:g}" if numeric else "{}")
        return [minus(pattern.format(v)) for v in self.positions]

    @property
    def start_index(self) -> int:
        positions = self.positions
        if self.start is None:
            return len(positions) // 2
        if isinstance(self.start, str):
            return positions.index(self.start)
        return int(np.argmin([abs(v - self.start) for v in positions]))


@dataclass(frozen=True)
class Layer:
    """A function of some sliders, for one whose arguments are not called as the sliders are.

    function: returns (marks, sentence).  sliders: names of sliders, each handed over as the argument of that name, or
    {argument: name of its slider}.
    """

    function: Callable[..., Frame]
    sliders: Iterable[str] | Mapping[str, str]


@dataclass(frozen=True)
class Placed:
    """A layer in its explorer: its arguments, and where the slider of each stands among all sliders."""

    function: Callable[..., Frame]
    arguments: tuple[str, ...]
    sliders: tuple[int, ...]


def placed(layer: Layer | Callable[..., Frame], names: list[str]) -> Placed:
    """The layer among sliders of these names.

    Errors: ValueError where it asks for a slider that does not exist.
    """
    if not isinstance(layer, Layer):
        layer = Layer(layer, _arguments(layer, names))
    asked = layer.sliders if isinstance(layer.sliders, Mapping) else {name: name for name in layer.sliders}
    unknown = [name for name in asked.values() if name not in names]
    if unknown:
        raise ValueError(f"a layer asks for {unknown[0]!r}, which is not a slider; the sliders are {', '.join(names)}")
    return Placed(layer.function, tuple(asked), tuple(names.index(name) for name in asked.values()))


def _arguments(function: Callable[..., Frame], names: list[str]) -> list[str]:
    """The argument names of a function; all sliders if it takes **keywords."""
    parameters = inspect.signature(function).parameters.values()
    return names if any(p.kind is p.VAR_KEYWORD for p in parameters) else [p.name for p in parameters]
