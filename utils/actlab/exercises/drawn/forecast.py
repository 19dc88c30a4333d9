"""Where signal and gradient will be, before anything is trained: wide layers with an activation of one's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np

from actlab.exercises.drawn.drawing import Draw, remembered
from actlab.exercises.drawn.unseen import Activation, activation
from actlab.exercises.model import Case, Later, challenge
from actlab.exercises.text import listed
from actlab.recipes import Function, made

TOLERANCE = 0.05
"""How far off a forecast may be, relative."""

LIKE = 0.015
"""How near a forecast is to a known wrong one that is recognised in it."""

BAND = 2.0
"""How many times as large or as small a size and a gradient may become under a safe gain."""

SLACK = 1.02
"""What a safe gain may exceed the band by: the digits of whoever computed it."""

NEARLY = 0.02
"""How near to the nearest gain is right where none is safe, relative, and how much less level, in units of the band."""

GRID = 16 / 10_000
"""The steps of the grid that the prompt proposes for averages over N(0, 1)."""

TINY = 1e-11
"""What counts as 0 in a wrong answer: means of odd functions are nothing but rounding."""

LIMIT = 10.0
"""Where an average over N(0, 1) ends."""


@dataclass(frozen=True)
class Wide:
    """Layers of unlimited width, z_l = h_{l−1} W_l and h_l = f(z_l), with weights from N(0, gain²/fan_in).

    f, df: elementwise.  kink: where f has one.  start: root mean square of h_0.  Sizes are root mean squares.
    """

    f: Callable
    df: Callable
    start: float = 1.0
    kink: float = 0.0

    def mean(self, g: Callable, sizes: np.ndarray) -> np.ndarray:
        """E g(z) for z of these sizes, z ~ N(0, size²).  Shape: any -> same."""
        sizes = np.asarray(sizes, float)[..., None]
        split = np.clip(self.kink / np.maximum(sizes, 1e-300), -LIMIT, LIMIT)
        return sum(_normal_integral(g, sizes, *ends) for ends in ((-LIMIT, split), (split, LIMIT)))

    def after(self, sizes: np.ndarray) -> np.ndarray:
        """Size of f(z) for z of these sizes."""
        return np.sqrt(self.mean(lambda z: self.f(z) ** 2, sizes))

    def sizes(self, gains: np.ndarray, depth: int, after: Callable | None = None) -> np.ndarray:
        """Size of z_1 … z_depth, shape (depth, *gains).  after: what stands in place of `after` above."""
        after = after or self.after
        rows = [gains * self.start]
        for _ in range(depth - 1):
            rows.append(gains * after(rows[-1]))
        return np.array(rows)

    def slopes(self, sizes: np.ndarray) -> np.ndarray:
        """Root mean square of f′(z) for z of these sizes."""
        return np.sqrt(self.mean(lambda z: self.df(z) ** 2, sizes))

    def gradients(self, gains: np.ndarray, depth: int, slopes: Callable | None = None) -> np.ndarray:
        """How many times as large a gradient is at z_1 as at z_depth.  slopes: what stands in place of `slopes`."""
        return np.prod(gains * (slopes or self.slopes)(self.sizes(gains, depth)[:-1]), axis=0)


def _normal_integral(g, sizes, low, high):
    nodes, weights = _rule()
    u = (low + high) / 2 + (high - low) / 2 * nodes
    return ((high - low) / 2 * weights * g(sizes * u) * np.exp(-u * u / 2)).sum(axis=-1) / math.sqrt(2 * math.pi)


@cache
def _rule():
    return np.polynomial.legendre.leggauss(120)


@dataclass(frozen=True)
class Asked:
    """What one hand-out asks about its activation.

    own: the activation.  depth: how many layers.  start: root mean square of the input.  gains: whose signal and
    gradient are to be foretold.  low, high: between which gains a safe one is looked for.
    """

    own: Activation
    depth: int
    start: float
    gains: tuple[float, float, float]
    low: float
    high: float

    @cached_property
    def wide(self) -> Wide:
        return Wide(self.own.f, self.own.df, self.start, self.own.c)

    @cached_property
    def sizes(self) -> np.ndarray:
        """Size of z_L under the three gains, shape (3,)."""
        return self.wide.sizes(np.array(self.gains), self.depth)[-1]

    @cached_property
    def gradients(self) -> np.ndarray:
        """Size of ∂loss/∂z_1 over that of ∂loss/∂z_L under the three gains, shape (3,)."""
        return self.wide.gradients(np.array(self.gains), self.depth)

    @cached_property
    def scan(self) -> tuple[np.ndarray, np.ndarray]:
        """Gains from low to high in steps of 0.2 %, and how far size and gradient are from level: (2, gains)."""
        gains = np.geomspace(self.low, self.high, round(500 * math.log(self.high / self.low)))
        curves = _curves(self.own)
        sizes = self.wide.sizes(gains, self.depth, curves["size"])
        return gains, _off(np.array([sizes[-1] / sizes[0], np.prod(gains * curves["slope"](sizes[:-1]), axis=0)]))

    def spread(self, width: int) -> np.ndarray:
        """By which share size and gradient scatter from one network of finite width to another, (2, 3)."""
        curves, gains = _curves(self.own), np.array(self.gains)
        ahead = np.array([np.ones(3), np.zeros(3)])  # how strongly a change of this layer's size shows in both
        noise = np.array([np.full(3, 2.0), np.zeros(3)])
        for sizes in self.wide.sizes(gains, self.depth, curves["size"])[-2::-1]:
            noise += ahead**2 * (curves["kurtosis"](sizes) - 1)
            noise[1] += 3 * curves["slope kurtosis"](sizes) - 1
            ahead = ahead * _sensitivity(curves["size"], sizes) + np.outer([0, 1], _sensitivity(curves["slope"], sizes))
        return np.sqrt(noise / width) / 2

    def coarse(self, step: float) -> np.ndarray:
        """How far off the gradients may be, relative, if averages are sums over a grid whose steps hit c anywhere."""
        c, curves = self.own.c, _curves(self.own)
        sizes = self.wide.sizes(np.array(self.gains), self.depth, curves["size"])[:-1]
        jump = abs(self.own.df(c) ** 2 - self.own.df(c - 1e-9) ** 2)
        density = np.exp(-((c / sizes) ** 2) / 2) / math.sqrt(2 * math.pi)
        return (step / 2 * jump * density / curves["slope"](sizes) ** 2).sum(axis=0) / 2

    @cached_property
    def safe(self) -> float:
        """The middle of the widest interval of safe gains; 0 where there is none."""
        gains, off = self.scan
        return _middle(gains, off.max(axis=0) < 1)

    @cached_property
    def nearest(self) -> float:
        """The gain whose worse ratio is nearest to level."""
        gains, off = self.scan
        rough = gains[off.max(axis=0).argmin()]
        around = rough * np.linspace(0.98, 1.02, 41)
        around = around[(around >= self.low) & (around <= self.high)]
        return float(around[levels(self, around).max(axis=0).argmin()])

    def worse(self, gain: float) -> float:
        """How far the worse one of size and gradient is from level under a gain."""
        return float(off_level(self, float(gain)).max())

    @property
    def answer(self) -> float:
        """A safe gain; where there is none, minus the nearest one."""
        return self.safe or -self.nearest

    def accepts(self, gain: float) -> bool:
        """Whether this is a right answer to the question for a safe gain."""
        if not self.safe:
            inside = self.low <= -gain <= self.high
            near = abs(-gain - self.nearest) <= NEARLY * self.nearest
            return inside and (near or self.worse(-gain) <= self.worse(self.nearest) + NEARLY)
        return self.low <= gain <= self.high and bool((off_level(self, gain) <= 1 + _off(SLACK)).all())


@remembered
def off_level(one: Asked, gain: float) -> np.ndarray:
    """How far size and gradient are from level under a gain, shape (2,): 1 at both ends of the band."""
    return levels(one, np.array([gain]))[:, 0]


def levels(one: Asked, gains: np.ndarray) -> np.ndarray:
    """The same for several gains: (2, gains)."""
    sizes = one.wide.sizes(gains, one.depth)
    return _off(np.array([sizes[-1] / sizes[0], one.wide.gradients(gains, one.depth)]))


def _off(changes):
    """0 for what stays level, 1 at both ends of the band."""
    with np.errstate(divide="ignore", over="ignore"):
        return np.abs(np.log(changes)) / math.log(BAND)


def _middle(gains, where):
    """The gain in the middle of the longest run of `where`, to two digits; 0 where there is none."""
    runs = np.split(np.arange(len(gains)), np.flatnonzero(np.diff(where)) + 1)
    longest = max((run for run in runs if where[run[0]]), key=len, default=None)
    return 0.0 if longest is None else round(float(gains[longest].mean()), 2)


@remembered
def _curves(own):
    """Moments of f(z) and of f′(z) by the size of z: functions that look them up."""
    known = np.geomspace(1e-4, 1e4, 400)
    wide = Wide(own.f, own.df, kink=own.c)

    def looked_up(values):
        return lambda sizes: np.exp(np.interp(np.log(sizes), np.log(known), np.log(values)))

    def kurtosis(g, size):
        return wide.mean(lambda z: g(z) ** 4, known) / size**4

    size, slope = wide.after(known), wide.slopes(known)
    moments = {
        "size": size,
        "slope": slope,
        "kurtosis": kurtosis(own.f, size),
        "slope kurtosis": kurtosis(own.df, slope),
    }
    return {name: looked_up(values) for name, values in moments.items()}


def _sensitivity(curve, sizes):
    """By how many per cent the curve changes where the size does by one."""
    return np.log(curve(1.05 * sizes) / curve(sizes)) / math.log(1.05)


@remembered
def asked(code: str) -> Asked:
    """What the hand-out with this code asks.  Errors: ValueError where none of 200 is fair."""
    drawn = [_drawn(Draw(code, f"forecast {attempt}"), activation(code)) for attempt in range(200)]
    wanted = [Draw(code, "forecast").share() < 0.6]
    for number, kinds, loose in ((60, wanted, 1), (150, wanted, 2), (200, [True, False], LOOSEST)):
        found = next((one for one in drawn[:number] if fair(one, kinds, loose)), None)
        if found:
            return found
    raise ValueError(f"no forecast for the code {code!r}")


def _drawn(draw, own):
    depth = draw.pick(*range(6, 13))
    start = draw.pick(draw.number(0.4, 0.7, 0.05), draw.number(1.5, 3, 0.1))
    gains = tuple(draw.number(0.4, 2.8, 0.05) for _ in range(3))
    return Asked(own, depth, start, gains, draw.number(0.2, 0.5, 0.1), draw.number(3.5, 5, 0.5))


LOOSEST = 3.5
"""How much looser than usual the conditions are for an activation that meets them nowhere."""


def fair(one: Asked, kinds: list[bool], loose: float) -> bool:
    """Whether the answers can be told from wrong ones, and found in more than one way.

    Whether there is a safe gain, True or False, is among `kinds`.  No gain is nearly safe where none is, and the best
    lies inside; elsewhere they are 0.05 wide at least, and at most 12 % of the interval, and no gain that is given is
    among them.  Near level, neither ratio changes so fast that a grid would miss a gain.  What is foretold lies between
    1e-6 and 1e6, and differs from gain to gain by more than 15 %.  Networks of 800 units scatter around it by 15 %,
    times `loose`; sums over the grid of the prompt find it within half of the tolerance.  The mistakes that a forecast
    is about give other numbers; enough of the known ones can be told apart.
    """
    exempt = {AT_SIZE_1} if loose == LOOSEST else set()
    return (
        _clear(one, kinds)
        and bool((one.spread(800) <= 0.15 * loose).all())
        and bool((one.coarse(GRID) <= TOLERANCE / 4 * loose).all())
        and all(map(_apart, (one.gains, one.sizes, one.gradients)))
        and _forecasts(one)[0].keys() >= ESSENTIAL[0]
        and _forecasts(one)[1].keys() >= ESSENTIAL[1] - exempt
        and all(len(known) >= 10 for known in _forecasts(one))
        and len(_unsafe(one)) >= 8
    )


def _clear(one, kinds):
    gains, off = one.scan
    worst, steps = off.max(axis=0), np.gradient(gains)
    if (np.interp(one.gains, gains, worst) < 1.05).any():
        return False
    changes = np.abs(np.diff(worst))[np.minimum(worst[1:], worst[:-1]) < 2.5]
    if (changes > 0.15).any():
        return False
    if not one.safe:
        inside = 25 < worst.argmin() < len(worst) - 25
        return False in kinds and worst.min() > 1.15 and bool(inside)
    well, barely = (steps[worst < level].sum() for level in (0.9, 1 + _off(SLACK)))
    return True in kinds and well >= 0.05 and barely <= 0.12 * (one.high - one.low) and one.accepts(one.safe)


def _apart(values):
    ordered = np.sort(values)
    return ordered[0] > 1e-6 and ordered[-1] < 1e6 and bool((ordered[1:] > 1.15 * ordered[:-1]).all())


def _instead(of: Callable) -> Callable:
    """Sizes with something in place of the size of f(z).  of(wide, sizes of z) -> sizes of h."""
    return lambda w, g, depth: w.sizes(g, depth, lambda s: of(w, s))


def _square(f):
    return lambda z: f(z) ** 2


def _relu(w, g, depth):
    return np.array([g * w.start * (g / math.sqrt(2)) ** layer for layer in range(depth)])


AT_SIZE_1 = "one factor for all layers, taken at size 1 as in lesson 06: further in, z has another size"
SQUARED = "mean squares: a root is missing"
GAIN_ONCE = "the gain where its square belongs: weights have the variance gain²/fan_in"

SIZES = {
    AT_SIZE_1: _instead(lambda w, s: s * w.after(np.ones_like(s))),
    "every layer computed as if z had size 1": _instead(lambda w, s: w.after(np.ones_like(s))),
    SQUARED: lambda w, g, depth: w.sizes(g, depth) ** 2,
    GAIN_ONCE: lambda w, g, depth: w.sizes(np.sqrt(g), depth),
    "an input of size 1: yours has another": lambda w, g, depth: replace(w, start=1.0).sizes(g, depth),
    "an input whose mean square is the number given: that is its root": lambda w, g, depth: replace(
        w, start=math.sqrt(w.start)
    ).sizes(g, depth),
    "f applied to the input: the first weights come before it": lambda w, g, depth: replace(
        w, start=float(w.after(np.array(w.start)))
    ).sizes(g, depth),
    "the sizes of h, behind the activation: z is asked for": lambda w, g, depth: w.after(w.sizes(g, depth)),
    "the variance of f(z): weights of mean 0 pass on the mean square, mean included": _instead(
        lambda w, s: np.sqrt(w.mean(_square(w.f), s) - w.mean(w.f, s) ** 2)
    ),
    "the mean of |f(z)| where the root of the mean square belongs": _instead(
        lambda w, s: w.mean(lambda z: np.abs(w.f(z)), s)
    ),
    "the mean of f(z), squared: square first, then average": _instead(lambda w, s: np.abs(w.mean(w.f, s))),
    "f at the size of z in place of an average over all z": _instead(lambda w, s: np.abs(w.f(s))),
    "the mean square of z as its standard deviation: f(√q u), not f(q u)": _instead(lambda w, s: w.after(s**2)),
    "the root of the size as the standard deviation of z": _instead(lambda w, s: w.after(np.sqrt(s))),
    "an average over the positive half of the line": _instead(
        lambda w, s: np.sqrt(w.mean(lambda z: w.f(z) ** 2 * (z > 0), s))
    ),
    "a Gauss–Hermite rule without its √2: those nodes belong to N(0, ½)": _instead(
        lambda w, s: w.after(s / math.sqrt(2))
    ),
    "a density without its factor 1/√(2π)": _instead(lambda w, s: w.after(s) * (2 * math.pi) ** 0.25),
    "the growth since z_1: the sizes themselves are asked for": lambda w, g, depth: (
        w.sizes(g, depth) / w.sizes(g, depth)[0]
    ),
    "gain/√2 for every layer, which is ReLU's factor": _relu,
}
"""Wrong sizes of z_1 … z_depth: (wide, gains, depth) -> (depth, *gains)."""

ROWS = {
    "a list that starts with the input: z_1 comes first": lambda w, g, depth: np.array(
        [np.full_like(g, w.start), *w.sizes(g, depth)]
    ),
    "the input in place of z_1, and the last layer left out": lambda w, g, depth: np.array(
        [np.full_like(g, w.start), *w.sizes(g, depth)[:-1]]
    ),
    "a list that starts with z_2": lambda w, g, depth: w.sizes(g, depth + 1)[1:],
    "one layer too many at the end": lambda w, g, depth: w.sizes(g, depth + 1),
    "the last layer first": lambda w, g, depth: w.sizes(g, depth)[::-1],
}
"""Right sizes in wrong rows."""


def _slopes_instead(of: Callable) -> Callable:
    """Gradients with something in place of the size of f′(z).  of(wide, sizes of z) -> factors."""
    return lambda w, g, depth: w.gradients(g, depth, lambda s: of(w, s))


def _slopes_at(sizes_of: Callable) -> Callable:
    """Gradients that pass slopes taken at other sizes, layer by layer.  sizes_of(wide, gains, depth) -> rows."""
    return lambda w, g, depth: np.prod(g * w.slopes(sizes_of(w, g, depth)), axis=0)


def _growth(w, g, depth):
    sizes = w.sizes(g, depth)
    return sizes[-1] / sizes[0]


GRADIENTS = {
    AT_SIZE_1: _slopes_instead(lambda w, s: w.slopes(np.ones_like(s))),
    SQUARED: lambda w, g, depth: w.gradients(g, depth) ** 2,
    GAIN_ONCE: lambda w, g, depth: np.prod(np.sqrt(g) * w.slopes(w.sizes(g, depth)[:-1]), axis=0),
    "one layer too many: from z_L back to z_1 it is L − 1 steps": lambda w, g, depth: w.gradients(g, depth + 1),
    "one layer too few: from z_L back to z_1 it is L − 1 steps": lambda w, g, depth: w.gradients(g, depth - 1),
    "what becomes of the signal: the gradient meets f′, not f": _growth,
    "what becomes of the signal, upside down: the gradient meets f′, not f": lambda w, g, depth: (
        1 / _growth(w, g, depth)
    ),
    "the ratio upside down: ∂loss/∂z_1 stands above": lambda w, g, depth: 1 / w.gradients(g, depth),
    "the slopes alone: each step back multiplies by weights as well": lambda w, g, depth: (
        w.gradients(g, depth) / g ** (depth - 1)
    ),
    "the gain once for all layers: each layer has weights of its own": lambda w, g, depth: (
        w.gradients(g, depth) / g ** (depth - 2)
    ),
    "the mean of f′(z), squared: square first, then average": _slopes_instead(
        lambda w, s: np.abs(w.mean(w.df, s)),
    ),
    "the mean of |f′(z)| where the root of the mean square belongs": _slopes_instead(
        lambda w, s: w.mean(lambda z: np.abs(w.df(z)), s)
    ),
    "the variance of f′(z): its mean square counts, mean included": _slopes_instead(
        lambda w, s: np.sqrt(w.mean(_square(w.df), s) - w.mean(w.df, s) ** 2)
    ),
    "f where f′ belongs": _slopes_instead(lambda w, s: w.after(s)),
    "f′ at the size of z in place of an average over all z": _slopes_instead(lambda w, s: np.abs(w.df(s))),
    "the slopes of layers 2 to L: the gradient passes f′ of layers 1 to L − 1": _slopes_at(
        lambda w, g, depth: w.sizes(g, depth)[1:]
    ),
    "the size of the last layer taken for all": _slopes_at(
        lambda w, g, depth: np.repeat(w.sizes(g, depth)[-1:], depth - 1, axis=0)
    ),
    "the size of the first layer taken for all": _slopes_at(
        lambda w, g, depth: np.repeat(w.sizes(g, 1), depth - 1, axis=0)
    ),
    "an input of size 1: yours has another": lambda w, g, depth: replace(w, start=1.0).gradients(g, depth),
    "the mean square of z as its standard deviation: f′(√q u), not f′(q u)": _slopes_at(
        lambda w, g, depth: w.sizes(g, depth)[:-1] ** 2
    ),
    "an average over the positive half of the line": _slopes_instead(
        lambda w, s: np.sqrt(w.mean(lambda z: w.df(z) ** 2 * (z > 0), s))
    ),
    "a Gauss–Hermite rule without its √2: those nodes belong to N(0, ½)": _slopes_instead(
        lambda w, s: w.slopes(s / math.sqrt(2))
    ),
}
"""Wrong gradients: (wide, gains, depth) -> (*gains,)."""

ESSENTIAL = {AT_SIZE_1, SQUARED, GAIN_ONCE}, {AT_SIZE_1, SQUARED, GAIN_ONCE, *list(GRADIENTS)[3:8]}
"""What a hand-out has to tell from a right size, and from a right gradient."""

REVERSED = "the gains in the opposite order"
ONE_MORE = "one layer too many"
ONE_LESS = "one layer too few"


class Near:
    """A known wrong answer that is recognised in whatever comes near it: everybody averages in another way."""

    def __init__(self, form: Callable, tolerance: float = LIKE):
        self.form, self.tolerance = form, tolerance

    def __call__(self, *args):
        return self.form(*args)

    def like(self, got, *args) -> bool:
        with np.errstate(all="ignore"):
            want = np.asarray(self.form(*made(args)))
        if got.shape != want.shape or (np.isfinite(got) != np.isfinite(want)).any():
            return False
        known = np.isfinite(want)
        return np.allclose(got[known], want[known], rtol=self.tolerance, atol=TINY / 2)


@remembered
def _forecasts(one):
    """The known wrong sizes and gradients of one hand-out that can be told from right ones and from each other."""
    gains, depth = np.array(one.gains), one.depth
    with np.errstate(all="ignore"):
        sizes = {said: form(one.wide, gains, depth)[-1] for said, form in SIZES.items()}
        sizes |= {
            ONE_MORE: one.wide.sizes(gains, depth + 1)[-1],
            ONE_LESS: one.wide.sizes(gains, depth - 1)[-1],
            REVERSED: one.sizes[::-1],
        }
        gradients = {said: form(one.wide, gains, depth) for said, form in GRADIENTS.items()}
    gradients |= {REVERSED: one.gradients[::-1]}
    return _told_apart(sizes, one.sizes), _told_apart(gradients, one.gradients)


def _told_apart(wrong, right):
    """Those that are finite, wrong by more than the tolerance, and unlike each one before."""
    kept = {}
    for said, values in wrong.items():
        alike = [np.allclose(values, other, rtol=3 * LIKE, atol=TINY) for other in kept.values()]
        near = np.allclose(values, right, rtol=1.5 * TOLERANCE, atol=0)
        if np.isfinite(values).all() and not near and not any(alike):
            kept[said] = values
    return kept


def _constants(values):
    return {said: Near(lambda value=value: value) for said, value in values.items()}


def _within(got, want, case, k):
    """Right within the tolerance of a forecast."""
    with np.errstate(all="ignore"):
        return np.abs(got - want) <= TOLERANCE * np.abs(want)


class Among:
    """Gains that are wrong for one reason.  holds(gain) -> whether this is one.  shown: one of them."""

    def __init__(self, shown: float, holds: Callable[[float], bool]):
        self.shown, self.holds = shown, holds

    def __call__(self):
        return self.shown

    def like(self, got) -> bool:
        return got.shape == () and bool(np.isfinite(got)) and self.holds(float(got))


@remembered
def _unsafe(one):
    """The known wrong answers for a safe gain, each unlike those before it."""
    at_1 = np.array([1.0])
    forward, back = (1 / float(of(at_1)[0]) for of in (one.wide.after, one.wide.slopes))
    gains, off = one.scan
    values = {
        "1/√E f(z)² at size 1, lesson 06's gain for the signal: further in, z has another size": forward,
        "1/√E f′(z)² at size 1, the gain for the gradient: further in, z has another size": back,
        "√2, He's gain for ReLU": math.sqrt(2),
        "1, the gain of LeCun and Xavier": 1.0,
        "5/3, torch's gain for tanh": 5 / 3,
        "the geometric mean of the gains that signal and gradient want at size 1": math.sqrt(forward * back),
        "the mean of the gains that signal and gradient want at size 1": (forward + back) / 2,
    }
    if one.safe:
        values |= {
            "0: some gain between the two ends does keep both": 0.0,
            "minus a gain that does: only where none does, a minus is asked for": -one.safe,
            "the square of a gain that does: gain² is the variance": one.safe**2,
            "a gain upside down": 1 / one.safe,
        }
    else:
        values |= {
            "the gain that comes nearest, as if it kept both: it gets a minus": one.nearest,
            "0: where none keeps both, minus the one that comes nearest is asked for": 0.0,
            "minus 1, whatever comes nearest": -1.0,
            "minus the gain that keeps the size level": -_levels(gains, off[0]),
            "minus the gain that keeps the gradient level": -_levels(gains, off[1]),
        }
    known: dict[str, float] = {}
    for said, value in values.items():
        if not one.accepts(value) and not any(_same(value, other) for other in known.values()):
            known[said] = value
    return {said: Near(lambda value=value: value, SAME) for said, value in known.items()} | _kinds(one, known)


def _levels(gains, off):
    return float(gains[off.argmin()])


SAME = 0.004
"""How near two gains are that count as one."""


def _same(a, b):
    return abs(a - b) <= 3 * SAME * max(abs(a), abs(b))


def _kinds(one, known):
    """What makes a gain wrong: the place where it lies, its size, its gradient, or both."""
    reasons = {
        "a gain that keeps the size alone: look at the gradient as well": [True, False],
        "a gain that keeps the gradient alone: look at the size as well": [False, True],
        "a gain that keeps neither": [False, False],
    }
    gains, off = one.scan
    forms = {}
    for said, kept in reasons.items():
        clear = np.all([row < 0.9 if keeps else row > 1.15 for row, keeps in zip(off, kept, strict=True)], axis=0)
        shown = [float(gain) for gain in gains[clear] if not any(_same(gain, other) for other in known.values())]
        if shown:
            forms[said] = Among(
                shown[len(shown) // 2],
                lambda gain, kept=kept: one.low <= gain <= one.high and list(off_level(one, gain) <= 1) == kept,
            )
    outside = "a gain outside the interval that is searched"
    return forms | {outside: Among(2 * one.high, lambda gain: gain > 0 and not one.low <= gain <= one.high)}


@challenge("layer_sizes", points=5, title="The size of every layer")
class LayerSizes:
    def drawn(code):
        start = asked(code).start

        def wide(f):
            return Wide(f, f, start)

        def rows(form):
            return Near(lambda f, gain, depth: form(wide(f), np.array([gain]), depth)[:, 0], 3e-3)

        def reference(f, gain, depth):
            return wide(f).sizes(np.array([gain]), depth)[:, 0]

        def example(pick):
            worked = listed(reference(np.tanh, 2.0, 3))
            return f"Your inputs have root mean square {start:g}. With tanh, gain 2 and depth 3 you get {worked}."

        return {
            "reference": reference,
            "wrong": {said: rows(form) for said, form in (SIZES | ROWS).items()},
            "example": example,
        }

    def cases(rng):
        def some(low, high):
            return round(float(rng.uniform(low, high)), 2)

        for f, gain, depth in (
            (Function("tanh"), 1.5, 3),
            (Function("sigmoid"), some(0.5, 2.5), 5),
            (Function("ReLU"), some(0.8, 2), 15),
            (Function("softplus", some(0.5, 2)), some(0.6, 2.5), int(rng.integers(8, 15))),
            (Function("hard tanh", some(1, 3)), some(1.2, 2.5), int(rng.integers(6, 16))),
            (Function("abs"), some(0.7, 1.4), int(rng.integers(5, 16))),
            (Function("sin", some(0.5, 2)), some(0.8, 2.5), int(rng.integers(4, 12))),
            (Function("arctan"), 0.5, 12),
            (Function("z/√(1 + z²)", 2.0), some(0.5, 2.5), 1),
        ):
            yield Case((f, gain, depth), note=f"f(z) = {f}, gain {gain:g}, depth {depth}", rtol=1e-2, atol=0.0)


def _network(one):
    first, *others, last = (f"{gain:g}" for gain in one.gains)
    gains = f"{', '.join([first, *others])} and {last}"
    return f"Your network has $L = {one.depth}$ layers, and its inputs have root mean square {one.start:g}.", gains


@challenge("deep_sizes", points=5, title="How large is the signal?")
class DeepSizes:
    entries = ("the size under the first gain", "the size under the second gain", "the size under the third gain")
    accept = _within

    def drawn(code):
        one = asked(code)
        network, gains = _network(one)
        return {
            "reference": lambda: one.sizes,
            "wrong": _constants(_forecasts(one)[0]),
            "example": lambda pick: f"{network} The three gains are {gains}, in this order.",
        }


@challenge("deep_gradients", points=5, title="How large is the gradient?")
class DeepGradients:
    entries = ("the ratio under the first gain", "the ratio under the second gain", "the ratio under the third gain")
    accept = _within

    def drawn(code):
        one = asked(code)
        return {
            "reference": lambda: one.gradients,
            "wrong": _constants(_forecasts(one)[1]),
            "example": lambda pick: f"$L = {one.depth}$, and the gains are {_network(one)[1]} again.",
        }


@challenge("safe_gain", points=5, title="A gain that keeps both")
class SafeGain:
    entries = ("the gain",)

    def drawn(code):
        one = asked(code)
        return {
            "reference": lambda: one.answer,
            "wrong": Later(lambda: _unsafe(one)),
            "accept": lambda got, want, case, k: np.full(got.shape, one.accepts(float(got))),
            "example": lambda pick: f"between {one.low:g} and {one.high:g}, with $L = {one.depth}$ layers again",
        }
