"""What moves: the positions of a slider, and which of them a layer follows."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from actlab.live.marks import Mark
from actlab.words import minus

MARKS = "use a list of `Line`, `Dot`, `Band`, `Area` and `Text`"

Frame = tuple[Sequence[Mark], str]
"""What a layer returns: its marks, and one sentence."""


@dataclass(frozen=True)
class Slider:
    """The positions of one slider.

    values: numbers or words, in order.  start: one of them (default: the middle).  label: what the reader sees.
    format: how a value is written, as for `str.format`, or a function from it to text.  play: a button beside it runs
    to the end, for what happens in time.
    """

    values: Iterable[Any]
    start: Any = None
    label: str = ""
    format: str | Callable[[Any], str] = ""
    play: bool = False

    @cached_property
    def positions(self) -> list[Any]:
        return [v.item() if isinstance(v, np.generic) else v for v in self.values]

    @cached_property
    def texts(self) -> list[str]:
        numeric = all(isinstance(v, int | float) for v in self.positions)
        if callable(self.format):
            return [self.format(v) for v in self.positions]
        pattern = self.format or ("{:g}" if numeric else "{}")
        return [minus(pattern.format(v)) for v in self.positions]

    @property
    def start_index(self) -> int:
        return self._first if self.start is None else self.nearest(self.start)

    @property
    def _first(self) -> int:
        return len(self.positions) // 2

    def nearest(self, value: Any) -> int:
        """The index of the position nearest to a value.  Errors: ValueError for a word that is none of them."""
        if value in self.positions:
            return self.positions.index(value)
        if not all(isinstance(v, Real) for v in (value, *self.positions)):
            raise ValueError(f"{value!r} is none of {', '.join(map(str, self.positions))}")
        return int(np.argmin([abs(v - value) for v in self.positions]))


@dataclass(frozen=True)
class Choice(Slider):
    """A choice among names: a row of radio buttons, which works like a slider everywhere else.

    values: the names, in order.  start: one of them (default: the first).  label: what is chosen.
    """

    play: bool = field(default=False, init=False)

    @property
    def _first(self) -> int:
        return 0


@dataclass(frozen=True)
class Layer:
    """A function of some sliders, for one whose arguments are not called as the sliders are.

    function: returns (marks, sentence).  sliders: names of sliders, each handed over as the argument of that name, or
    {argument: name of its slider}.
    """

    function: Callable[..., Frame]
    sliders: Iterable[str] | Mapping[str, str]


class Unfit(ValueError):
    """What keeps an explorer from being drawn and its author can mend: a sentence, fit to be shown as it is."""


def checked(name: str, slider: Slider) -> None:
    """Errors: Unfit where a slider has no positions, or a start or a reading that is none of them."""
    positions = slider.positions
    if not positions:
        raise Unfit(f"`{name}` has no positions: give it at least one value.")
    if any(isinstance(v, Real) and v != v for v in (slider.start, *positions)):
        raise Unfit(f"`{name}` has NaN among its values, and nobody can stand there: leave it out.")
    try:
        slider.start_index  # noqa: B018
    except ValueError as error:
        raise Unfit(f"`{name}` cannot start there: {error}.") from None
    texts = slider.texts  # made here, where an error becomes a sentence
    if isinstance(slider, Choice) and len(set(texts)) < len(positions):
        raise Unfit(f"`{name}` has two choices with the same name: {', '.join(slider.texts)}.")


@dataclass(frozen=True)
class Placed:
    """A layer in its explorer: its arguments, and where the slider of each stands among all sliders."""

    function: Callable[..., Frame]
    arguments: tuple[str, ...]
    sliders: tuple[int, ...]


def placed(layer: Layer | Callable[..., Frame], names: list[str]) -> Placed:
    """The layer among sliders of these names.

    Errors: Unfit where it asks for a slider that does not exist.
    """
    if not isinstance(layer, Layer):
        layer = Layer(layer, _arguments(layer, names))
    asked = layer.sliders if isinstance(layer.sliders, Mapping) else {name: name for name in layer.sliders}
    unknown = [name for name in asked.values() if name not in names]
    if unknown:
        raise Unfit(f"A layer asks for `{unknown[0]}`, which is not a slider; the sliders are {', '.join(names)}.")
    return Placed(layer.function, tuple(asked), tuple(names.index(name) for name in asked.values()))


def drawn(layer: Placed, values: Mapping[str, Any], axes: int) -> Frame:
    """What a layer draws and says with its sliders at these values.  axes: how many the background has.

    Errors: Unfit where it returns something else than marks in these axes and a sentence.
    """
    returned = layer.function(**values)
    name = getattr(layer.function, "__name__", "")
    who = f"The layer `{name}`" if name.isidentifier() else "A layer"
    if not (isinstance(returned, tuple | list) and len(returned) == 2 and isinstance(returned[1], str)):
        raise Unfit(f"{who} returns {_described(returned)}: end it with `return marks, sentence`.")
    marks = [returned[0]] if isinstance(returned[0], Mark) else returned[0]
    if isinstance(marks, str) or not isinstance(marks, Iterable):
        raise Unfit(f"{who} returns {_described(marks)} as its marks: {MARKS}.")
    marks = list(marks)
    for mark in marks:
        if not isinstance(mark, Mark):
            raise Unfit(f"{who} draws {_described(mark)}, which is no mark: {MARKS}.")
        if mark.ax not in range(axes):
            raise Unfit(f"{who} draws in axes {mark.ax}; the background has {axes}, counted from 0.")
    return marks, returned[1]


def _described(thing: Any) -> str:
    """A thing in few words, for a sentence about it."""
    if isinstance(thing, tuple | list) and any(isinstance(part, Mark) for part in thing):
        return "marks without a sentence"
    return "nothing" if thing is None else f"{thing!r:.60}"


def _arguments(function: Callable[..., Frame], names: list[str]) -> list[str]:
    """The argument names of a function; all sliders if it takes **keywords."""
    parameters = inspect.signature(function).parameters.values()
    return names if any(p.kind is p.VAR_KEYWORD for p in parameters) else [p.name for p in parameters]
