"""A function, its slope, and where it saturates; several functions side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actlab import learner
from actlab.activations import REGISTRY, Activation
from actlab.figures import COOL, INK, MUTED
from actlab.live import Band, Chart, Dot, Explorer, Frame, Layer, Line, Mark, Slider
from actlab.live.charts import margin, named, thinned
from actlab.live.page import GREEK
from actlab.numeric import central_difference
from actlab.words import minus, number, percent

_DASH = "11 5"
"""Of slopes, beside the values."""

_WIDE = np.linspace(-40.001, 40.001, 40_002)  # kinks, at hundredths, lie midway between two points


@dataclass(frozen=True)
class _Subject:
    """A function to explore: the registry's, or a learner's."""

    name: str
    f: Callable[..., Any]
    df: Callable[..., Any] | None
    color: str
    own: bool

    def values(self, z: ArrayLike, **params: Any) -> NDArray[np.floating]:
        return _asked(self.f, z, params) if self.own else self.f(z, **params)

    def slopes(self, z: ArrayLike, **params: Any) -> NDArray[np.floating]:
        if self.df is None:
            return _difference(lambda x: _asked(self.f, x, params), np.asarray(z, dtype=float))
        return _asked(self.df, z, params) if self.own else self.df(z, **params)


def _difference(f: Callable[[Any], NDArray[np.floating]], z: NDArray[np.float64]) -> NDArray[np.floating]:
    """A finite difference of f at every z; NaN where it depends on how close one looks, as at a jump."""
    step = np.cbrt(np.finfo(float).eps) * np.maximum(1.0, np.abs(z))
    slopes = central_difference(f, z, step)
    closer = central_difference(f, z, step / 8)
    return np.where(np.abs(closer - slopes) > 1 + np.abs(slopes) / 2, np.nan, slopes)


def _asked(function: Callable[..., Any], z: ArrayLike, params: dict[str, Any]) -> NDArray[np.float64]:
    called: Any = function
    if params:
        called = partial(function, **params)
        called.__name__ = getattr(function, "__name__", "")  # sentences call it by its name
    return learner.elementwise(called, np.asarray(z, dtype=float))


def _subject(f: str | Activation | Callable[..., Any], df: Callable[..., Any] | None) -> _Subject:
    if isinstance(f, str):
        f = REGISTRY[f]
    if isinstance(f, Activation):
        return _Subject(f.name, f.f, df or f.df, f.color, own=False)
    name = getattr(f, "__name__", "f")
    known = REGISTRY.get(name)
    return _Subject(name, f, df, known.color if known else COOL, own=True)


def explore(
    f: str | Activation | Callable[..., Any],
    df: Callable[..., Any] | None = None,
    *,
    span: float = 6.0,
    saturation: bool = True,
    **params: Slider | Iterable[Any],
) -> Explorer:
    """A function and its derivative with a moving point, its tangent, and where it saturates.

    f: a registry key or entry, or a learner's own function of an array; df: its derivative (None: a finite difference).
    span: the picture shows -span to span.  saturation: show where the slope is small, with two sliders for it.
    params: name=values for each further argument of f and df that gets a slider, for example
    `explore(leaky_relu, alpha=np.linspace(0, 1, 21))`.
    """
    subject = _subject(f, df)
    moving = {k: v if isinstance(v, Slider) else Slider(v, format="{:.2f}") for k, v in params.items()}
    flatness = {
        "threshold": Slider([0.01, 0.02, 0.05, 0.1, 0.2, 0.5], 0.1, "saturated below", "{:.0%} of top slope"),
        "scale": Slider([0.5, 1, 1.5, 2, 2.7, 3, 4, 6, 8], 2, "spread s of inputs", "{:g}"),
    }
    place = {"z": Slider(np.linspace(-span, span, 97), 1.0, "point z", "{:+.2f}")}

    @cache
    def slope_everywhere(**values):
        return np.nan_to_num(np.abs(subject.slopes(_WIDE, **values)))

    @cache
    def jump(**values):
        return _jump(partial(subject.values, **values)) if subject.own else None

    def given(**values):
        """The parameters in words, as the start of a sentence."""
        named = [(moving[k], k, v) for k, v in values.items()]
        return ", ".join(f"{s.label or GREEK.get(k, k)} = {s.texts[s.positions.index(v)]}" for s, k, v in named)

    def background():
        return _charts(subject, span, moving)

    def verdict(**values):
        return [], minus(_derivative_in_words(subject, values, jump(**values)))

    def flat_parts(threshold, scale, **values):
        return _saturated(slope_everywhere(**values), threshold, scale)

    def curve(**values):
        z = np.linspace(-span, span, 241)
        value = Line(z, subject.values(z, **values), subject.color, 3)
        return [value, Line(z, subject.slopes(z, **values), subject.color, 3, _DASH, ax=1)], ""

    def point(z, **values):
        marks, words = _tangent(subject, z, values, slope_everywhere(**values).max(), jump(**values))
        words = minus(words)
        return marks, f"With {given(**values)}, at{words.removeprefix('At')}" if values else words

    layers = [
        *([Layer(verdict, moving.keys())] if subject.own and df is not None else []),
        *([Layer(flat_parts, [*flatness, *moving])] if saturation else []),
        *([Layer(curve, moving.keys())] if moving else []),
        Layer(point, [*place, *moving]),
    ]
    sliders = place | moving | (flatness if saturation else {})
    grab = {"z": [("x", 0), ("x", 1)]}
    return Explorer(f"{subject.name} and its slope", sliders, background, *layers, grab=grab, size=(900, 392))


def _charts(subject: _Subject, span: float, moving: dict[str, Slider]) -> list[Chart]:
    """Two charts that hold value and slope at every position of the moving parameters; the curves, if nothing moves."""
    z, fine = np.linspace(-span, span, 241), np.linspace(-span, span, 1921)
    start = {k: s.positions[s.start_index] for k, s in moving.items()}
    seen = [start | {k: v} for k, s in moving.items() for v in s.positions] or [{}]

    def chart(function, title, dash):
        values = np.concatenate([function(z, **one) for one in seen])
        low, high = min(np.nanmin(values), 0.0), max(np.nanmax(values), 0.0)
        room = high - low or 1.0
        ylim = low - 0.08 * room, high + 0.12 * room
        marks = [Line([-span, span], [0, 0], MUTED, 1.1), Line([0, 0], ylim, MUTED, 1.1)]
        if not moving:
            marks.append(Line(*thinned(fine, function(fine), 1e-3 * room), subject.color, 3, dash))
        return Chart((-span, span), ylim, title, "z", marks=marks)

    value = chart(subject.values, f"{subject.name}: value f(z)", "")
    return [value, chart(subject.slopes, "slope f ′(z)", _DASH)]


def _saturated(slope: NDArray[np.float64], threshold: float, scale: float) -> Frame:
    """Where the slope is below a share of its maximum, and how many inputs from N(0, scale²) fall there.

    slope: its size at every point of `_WIDE`.
    """
    top = slope.max()
    if not top:
        return [], "The slope is 0 wherever it exists: nothing can be learned through this function."
    flat = _stretches(slope < threshold * top, _WIDE)
    if not flat:
        return [], f"The slope never falls below {threshold:.0%} of its maximum {top:.3g}: no input saturates."
    below = NormalDist(0, scale).cdf
    share = sum(below(high) - below(low) for low, high in flat)
    where = minus(" and ".join(_interval(low, high) for low, high in flat))
    return [Band(low, high, ax=ax) for low, high in flat for ax in (0, 1)], (
        f"The slope is below {threshold:.0%} of its maximum {top:.3g} for {where}: {share:.1%} of inputs from "
        f"N(0, {scale:g}²) saturate."
    )


def _tangent(subject: _Subject, z: float, values: dict[str, Any], top: float, jump: _Jump | None) -> Frame:
    """The point at z with its tangent, and what becomes of a gradient there.  top: the largest slope anywhere."""
    here = np.array([z])
    if jump and abs(z - jump.at) < 1e-6:
        return [Dot(z, y, INK) for y in (jump.before, jump.after)], f"At z = {z:+.2f} {jump}: there it has no slope."
    y, slope = float(subject.values(here, **values)[0]), float(subject.slopes(here, **values)[0])
    if np.isnan(slope):
        return [Dot(z, y, INK)], f"At z = {z:+.2f} the value is {number(y)}, and there is no slope."
    share = abs(slope) / (top or 1.0)
    fate = "survives" if share >= 0.1 else "barely gets through" if share > 0 else "stops here"
    reach = np.array([-1.3, 1.3])
    marks = (
        Line(z + reach, y + slope * reach, INK),
        Dot(z, y, INK),
        Line([z, z], [0, slope], INK, dash="5 4", ax=1),
        Dot(z, slope, INK, ax=1),
    )
    return marks, (
        f"At z = {z:+.2f} the value is {number(y)} and the slope {number(slope)}, {percent(share)} of its maximum: "
        f"the signal {fate}."
        if top
        else f"At z = {z:+.2f} the value is {number(y)} and the slope 0, as wherever we looked: no signal comes back."
    )


def _stretches(mask, z):
    """Maximal intervals of z on which the mask holds, each to midway to the next point; ±inf beyond the ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    ends = np.concatenate([[-np.inf], ((z[1:] + z[:-1]) / 2).round(3) + 0.0, [np.inf]])
    return list(zip(ends[edges[::2]], ends[edges[1::2]], strict=True))


def _interval(low, high):
    if np.isinf(low) and np.isinf(high):
        return "every z"
    if np.isinf(low):
        return f"z < {high:.2f}"
    return f"z > {low:.2f}" if np.isinf(high) else f"{low:.2f} < z < {high:.2f}"


@dataclass(frozen=True)
class _Jump:
    """A place where a function has no slope, and its values on both sides."""

    at: float
    before: float
    after: float

    def __str__(self) -> str:
        return f"the function jumps from {self.before:.4g} to {self.after:.4g}"


def _jump(f: Callable[[NDArray[np.float64]], NDArray[np.floating]]) -> _Jump | None:
    """The largest jump of f, if it has one: a change between neighbours of `_WIDE` that stays as they close in."""
    y = f(_WIDE)
    i = int(np.abs(np.diff(y)).argmax())
    (left, right), (before, after) = _WIDE[i : i + 2], y[i : i + 2]
    change = abs(after - before)
    while right - left > 1e-9:
        middle = (left + right) / 2
        here = float(f(np.array([middle]))[0])
        if abs(here - before) > abs(after - here):
            right, after = middle, here
        else:
            left, before = middle, here
    at = round((left + right) / 2, 6) + 0.0
    return _Jump(at, float(before), float(after)) if abs(after - before) > change / 2 else None


def _derivative_in_words(subject, values, jump):
    """Does the given derivative agree with a finite difference of the function?"""
    z = np.linspace(-4, 4, 64)
    mine = subject.slopes(z, **values)
    numeric = central_difference(lambda x: subject.values(x, **values), z)
    gap = np.abs(mine - numeric)
    worst = int(gap.argmax())
    if gap[worst] < 1e-4:
        agrees = f"The derivative agrees with a finite difference of the function at all {len(z)} points tried"
        return f"{agrees}; but at z = {jump.at:g} {jump}, and no derivative is right." if jump else f"{agrees}."
    return (
        f"The derivative and a finite difference of the function differ most at z = {z[worst]:+.2f}: "
        f"it says {mine[worst]:.4f}, the difference quotient {numeric[worst]:.4f}."
    )


def compare(
    functions: Iterable[str | Activation], *, span: float = 5.0, zoom: tuple[float, float] | None = None
) -> Explorer:
    """Several functions and their slopes over one another, with a moving reading line.

    functions: registry keys or entries; where curves coincide the first one is seen, with the others as its rims.
    span: the picture shows -span to span.  zoom: in place of the slopes, the values between these two z, enlarged.
    Errors: ValueError where there is no function.
    """
    entries = [REGISTRY[f] if isinstance(f, str) else f for f in functions]
    if not entries:
        raise ValueError("compare needs at least one function, such as compare(['sigmoid', 'tanh'])")
    z = np.linspace(-span, span, 301)
    near = z if zoom is None else np.linspace(*zoom, 301)
    second = "df" if zoom is None else "f"
    panels = [("value f(z)", "f", z), ("slope f ′(z)" if zoom is None else "the same, enlarged", second, near)]

    def background():
        return [chart(*panel) for panel in panels]

    def chart(title, which, x):
        curves = [getattr(e, which)(x) for e in entries]
        seen = np.concatenate(curves)
        known = seen[np.isfinite(seen)].tolist() or [0.0]
        room = 0.05 * (max(known) - min(known) or 1.0)
        ylim = min(known) - room, max(known) + room
        marks = []
        for i, e in reversed(list(enumerate(entries))):
            rims = sum(_coincide(curves[i], other) for other in curves[:i])
            marks.append(Line(x, curves[i], e.color, 3 + 2.2 * rims, "" if which == "f" else _DASH))
        right = margin(e.name for e in entries)
        ends = [(e.name, y[-1], e.color) for e, y in zip(entries, curves, strict=True)]
        return named(Chart((x[0], x[-1]), ylim, title, "z", marks=marks, right=right), reversed(ends))

    def reading(z):
        at = np.array([z])
        marks: list[Mark] = []
        for ax, (_, which, x) in enumerate(panels):
            seen = [getattr(e, which)(x) for e in entries]
            marks.append(Line([z, z], [np.min(seen), np.max(seen)], MUTED, 1.5, "3 4", ax))
            if x[0] <= z <= x[-1]:
                marks += [Dot(z, getattr(e, which)(at)[0], e.color, 10, ax) for e in reversed(entries)]
        words = [f"{e.name} {e.f(at)[0]:.3f} (slope {e.df(at)[0]:.3f})" for e in entries]
        return marks, minus(f"At z = {z:+.2f}: {', '.join(words)}.")

    sliders = {"z": Slider(np.linspace(-span, span, 81), -2.0, "point z", "{:+.2f}")}
    title = " and ".join(filter(None, (", ".join(e.name for e in entries[:-1]), entries[-1].name)))
    return Explorer(title, sliders, background, reading, grab={"z": [("x", 0), ("x", 1)]})


def _coincide(one: NDArray[np.floating], other: NDArray[np.floating]) -> bool:
    """Whether two curves lie on one another in a third of the picture or more."""
    return bool((np.abs(one - other) < 1e-4 * np.ptp([one, other])).mean() > 1 / 3)
