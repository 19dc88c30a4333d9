"""Softmax under fire: capped, divided, masked, with a sink beside it, in sixteen bits, and the way back through it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from actlab.exercises import mistakes
from actlab.exercises.cases import quarters
from actlab.exercises.drawn.drawing import Draw, remembered
from actlab.exercises.model import Case, challenge, close
from actlab.exercises.text import listed
from actlab.words import minus, number

VALUES, EXTREMES, LOW = "values", "extremes", "low precision"
CAPPED, DIVIDED, LAST = "before the cap", "before the division", "after the division"


@dataclass(frozen=True)
class Fire:
    """What one hand-out does to a row of scores before their softmax.

    cap: C in C·tanh(z/C).  temperature: what the capped scores are divided by; that gives the exponents.
    marked: whether the mask is True where a score may be used.  sink: the score of the slot that is not returned.
    joins: where the sink's score joins the others, `CAPPED`, `DIVIDED` or `LAST`.
    """

    cap: float
    temperature: float
    marked: bool
    sink: float
    joins: str

    def capped(self, z):
        return self.cap * np.tanh(z / self.cap)

    def exponents(self, z):
        return self.capped(z) / self.temperature

    def slope(self, z):
        """How fast the exponents grow with the scores."""
        return (1 - np.tanh(z / self.cap) ** 2) / self.temperature

    def scores(self, exponents):
        """The scores that have these exponents."""
        return self.cap * np.arctanh(exponents * self.temperature / self.cap)

    def mask(self, usable):
        """The mask for usable places, and the usable places of a mask."""
        return usable if self.marked else ~usable

    @property
    def highest(self) -> float:
        """What no exponent exceeds."""
        return self.cap / self.temperature

    @property
    def rest(self) -> float:
        """The sink's exponent."""
        joined = self.capped(self.sink) if self.joins == CAPPED else self.sink
        return float(joined if self.joins == LAST else joined / self.temperature)


def fits(fire: Fire) -> bool:
    """Whether this is as hard as what the others get, and no two steps of it come to nearly the same.

    Exponents reach 800 to 1000, so the cap does not keep e^x from overflowing, in float64 either. The sink's exponent
    is far below 0, and inside what scores reach; the cap moves it by 2 to 6, where that may be misread, so that no
    reading of the sink looks like another.
    """
    capped, divided = (replace(fire, joins=joins).rest for joins in (CAPPED, DIVIDED))
    inside = -0.28 <= fire.rest / fire.highest <= -0.18
    return 800 <= fire.highest <= 1000 and inside and (fire.joins == LAST or 2 <= capped - divided <= 6)


@remembered
def drawn_fire(code: str) -> Fire:
    """What the hand-out with this code asks for.  Errors: ValueError where nothing fits."""
    for attempt in range(200):
        draw = Draw(code, f"fire {attempt}")
        cap, temperature = draw.number(30, 60, 1), draw.number(0.03, 0.075, 0.001)
        marked, joins = draw.pick(True, False), draw.pick(CAPPED, DIVIDED, LAST)
        share = draw.number(0.18, 0.28, 0.005)
        sink = round(-share * cap / temperature) if joins == LAST else round(-share * cap, 1)
        fire = Fire(cap, temperature, marked, float(sink), joins)
        if fits(fire):
            return fire
    raise ValueError(f"no numbers fit the code {code!r}")


@dataclass(frozen=True)
class Reading:
    """What somebody takes a hand-out to say: exponents and slope of scores, the sink's exponent, and the mask."""

    exponents: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    rest: float
    usable: Callable[[Any], Any]


def _read(fire: Fire) -> Reading:
    return Reading(fire.exponents, fire.slope, fire.rest, fire.mask)


def _no_top(x, usable, rest):
    return np.zeros((len(x), 1))


def _row_top(x, usable, rest):
    """The largest exponent of each row, the sink's among them."""
    return np.maximum(_used_top(x, usable), rest)


def _used_top(x, usable):
    return np.where(usable, x, -np.inf).max(axis=1, keepdims=True)


def _carefully(reading: Reading, z, mask):
    """The exponentials (n, k), the sink's (n, 1), and what was subtracted from their exponents (n, 1).

    What stands in places that may not be used is never looked at.
    """
    return _by_hand(reading, np.where(reading.usable(mask), z, 0), mask)


def _by_hand(reading: Reading, z, mask, top=_row_top, kind: type | None = float):
    """The same, looking everywhere.

    top(exponents, usable places, the sink's exponent): what is subtracted.  kind: the type to compute in, or None for
    that of z.
    """
    z = z.astype(kind or z.dtype)
    usable, x, rest = reading.usable(mask), reading.exponents(z), z.dtype.type(reading.rest)
    shift = top(x, usable, rest)
    return np.where(usable, np.exp(x - shift), 0), np.exp(rest - shift), shift


_in_few_bits = partial(_by_hand, kind=None)


def _multiplied(reading: Reading, z, mask):
    """Exponentials without a shift, multiplied by the places that may be used."""
    return np.exp(reading.exponents(z.astype(float))) * reading.usable(mask), np.exp(reading.rest), 0.0


def _lost(reading: Reading, z, mask):
    """Exponents of −∞, and the largest of them subtracted, which is −∞ as well where there is no other."""
    x = np.where(reading.usable(mask), reading.exponents(z.astype(float)), -np.inf)
    shift = x.max(axis=1, keepdims=True)
    return np.exp(x - shift), np.exp(reading.rest - shift), shift


def _softmax(reading: Reading, form=_carefully):
    def softmax(z, mask):
        e, rest, _ = form(reading, z, mask)
        return e / (e.sum(axis=1, keepdims=True) + rest)

    return softmax


def _log_total(reading: Reading, form=_carefully):
    def log_total(z, mask):
        e, rest, shift = form(reading, z, mask)
        return (shift + np.log(e.sum(axis=1, keepdims=True) + rest))[:, 0]

    return log_total


def _pulled(p, g):
    """The gradient with respect to the exponents."""
    return p * (g - (p * g).sum(axis=1, keepdims=True))


def _vjp(reading: Reading, form=_carefully, pull=_pulled, slope=None):
    """pull(p, upstream): the way back through the softmax.  slope(z): the way through what comes before it."""

    def vjp(z, mask, upstream):
        usable = reading.usable(mask)
        kind = z.dtype if form is _in_few_bits else float
        g, known = (np.where(usable, a, 0).astype(kind) for a in (upstream, z))
        return pull(_softmax(reading, form)(z, mask), g) * (slope or reading.slope)(known)

    return vjp


def _near(fire: Fire, rng, center, n, k):
    """Scores whose exponents lie within 3 of the center."""
    return fire.scores(center + rng.uniform(-3, 3, (n, k))).round(3)


def _some(rng, n, k):
    """Usable places: at least one in every row, and at least one that is not."""
    return rng.permuted(np.arange(k) < rng.integers(1, k, (n, 1)), axis=1)


ABOVE = np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.5]])
USABLE = np.array([[True, True, False], [False, True, True]])
UPSTREAM = np.array([[1.0, -1.0, 2.0], [0.5, 2.0, -1.0]])


def _first(fire: Fire):
    """The arguments (z, mask, upstream) of the first case: short numbers, exponents about `ABOVE` that of the sink."""
    return fire.scores(fire.rest + ABOVE).round(2), fire.mask(USABLE), UPSTREAM


Inputs = Iterator[tuple[str, str, np.ndarray, np.ndarray]]


def _inputs(fire: Fire, rng: np.random.Generator) -> Inputs:
    """(part, note, scores, usable places) of every case but the first."""
    near, rest, high = partial(_near, fire, rng), fire.rest, 0.6 * fire.highest
    every = partial(np.ones, dtype=bool)
    yield VALUES, "three rows of four scores", near(rest, 3, 4), _some(rng, 3, 4)
    yield VALUES, "as many rows as columns", near(rest, 4, 4), _some(rng, 4, 4)
    yield VALUES, "scores far above the sink's", near(high, 3, 5), _some(rng, 3, 5)
    yield VALUES, "a single row", near(rest, 1, 6), _some(rng, 1, 6)
    yield VALUES, "rows of one score, below the sink's", near(rest - 6, 3, 1), every((3, 1))
    yield VALUES, "rows in which every score may be used", near(rest, 2, 5), every((2, 5))
    yield VALUES, "scores around 0", near(0, 2, 4), _some(rng, 2, 4)
    yield from _extremes(fire, rng)
    yield LOW, "float32 numbers", near(rest, 3, 4).astype(np.float32), _some(rng, 3, 4)
    for center, n, k in ((rest, 2, 6), (rest - math.log(2000), 2, 2000), (high, 3, 1500)):
        yield LOW, f"{n} rows of {k} float16 numbers", near(center, n, k).astype(np.float16), _some(rng, n, k)


def _extremes(fire: Fire, rng: np.random.Generator) -> Inputs:
    near, rest, high = partial(_near, fire, rng), fire.rest, 0.6 * fire.highest
    huge = rng.permuted(np.tile([1e4, -1e4, 1e4, -1e4], (3, 1)), axis=1)
    yield EXTREMES, "scores of ±10000", huge, _some(rng, 3, 4)
    yield EXTREMES, "rows in which only −10000 may be used", huge, huge < 0
    infinite = near(high, 3, 4)
    infinite[0, :2], infinite[1, 1:3], infinite[2] = np.inf, (np.inf, -np.inf), -np.inf
    yield EXTREMES, "∞ and −∞ in places that may be used", infinite, np.array([[True, True, True, False]] * 3)
    usable, rubbish = _some(rng, 4, 5), rng.choice([np.nan, np.inf, -np.inf], (4, 5))
    yield EXTREMES, "NaN and ±∞ in places that may not be used", np.where(usable, near(rest, 4, 5), rubbish), usable
    usable = _some(rng, 3, 4)
    usable[1] = False
    yield EXTREMES, "three rows, in the second of which nothing may be used", near(rest, 3, 4), usable
    yield EXTREMES, "nothing but NaN, of which nothing may be used", np.full((2, 3), np.nan), np.zeros((2, 3), bool)
    apart = np.concatenate([near(center, 1, 4) for center in (rest, high, 0)])
    yield EXTREMES, "rows whose exponents lie hundreds apart", apart, _some(rng, 3, 4)
    apart = near(rest, 3, 4) + np.array([[0.0], [1000.0], [-1000.0]])
    yield EXTREMES, "rows whose scores lie 1000 apart", apart, _some(rng, 3, 4)


def _forward(fire: Fire, rtol: float, atol: float, parts=(VALUES, EXTREMES, LOW)):
    """The cases of a function of (z, mask).  parts: which of them there are."""

    def cases(rng):
        yield Case(_first(fire)[:2], note="two rows of three scores", rtol=rtol, atol=atol)
        for part, note, z, usable in _inputs(fire, rng):
            if part in parts:
                yield Case((z, fire.mask(usable)), part, note, rtol, atol)

    return cases


def _backward(fire: Fire):
    """The cases of a function of (z, mask, upstream)."""

    def cases(rng):
        yield Case(_first(fire), note="two rows of three scores", rtol=1e-3, atol=1e-6)
        for part, note, z, usable in _inputs(fire, rng):
            upstream = quarters(rng, *z.shape).astype(z.dtype)
            if part == EXTREMES:
                upstream = np.where(usable, upstream, rng.choice([np.nan, np.inf], z.shape))
            yield Case((z, fire.mask(usable), upstream), part, note, 1e-3, 1e-6)

    return cases


def _close_in_its_row(got, want, case, k):
    """Within the tolerance, relative to the largest entry of the row; what is 0 has to be 0."""
    rtol, atol = case.tolerance
    most = np.abs(want).max(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        return np.abs(got - want) <= atol + np.where(want == 0, 0, rtol * most)


class _FewBits:
    """Sixteen bits from end to end, recognised wherever they were kept: all is right but what comes in float16."""

    def __init__(self, right: Callable, form: Callable, accept: Callable):
        self.right, self.form, self.accept = right, form, accept

    def __call__(self, *args):
        return self.form(*args)

    def like(self, got, z, *more):
        want = self.right(z, *more)
        if got.shape != want.shape:
            return False
        close = self.accept(got, want, Case((), rtol=1e-3, atol=1e-6), 0).all()
        return bool(close != (z.dtype == np.float16))


REVERSED = "a mask read the other way round: look again at what True means here"
UNMASKED = "a mask that is not used"
ZEROED = "scores set to 0 where they may not be used: e⁰ is 1, and here that is more than all the others"
NO_SINK = "a sink that is forgotten: it takes its part of every row"
UNCAPPED = "scores that are not capped, or cut off at ±C: tanh bends them long before"
BARE = "tanh without the factor C in front of it"
TEMPERED_FIRST = "a temperature that comes before the cap: the scores are capped first"
HOT = "scores that are not divided by the temperature"
TIMES = "scores multiplied by the temperature"
NO_SHIFT = "exponentials without a shift: the cap bounds the scores, but divided by the temperature they still overflow"
ONE_TOP = "one maximum for all rows: in a row far below it even the sink's exponential is 0"
EVERY_TOP = "a look at places that may not be used, by the maximum or in a product with 0: there may be NaN"
MULTIPLIED = "exponentials without a shift, multiplied by the mask: they overflow, and ∞ · 0 and NaN · 0 are NaN"
LOST = "a maximum over the scores that may be used, without the sink: where there are none it is −∞, and the rest NaN"
FEW_BITS = "sixteen bits kept for too long: the digits are lost from the cap on, so convert before it"


def _other_sinks(fire: Fire) -> dict[str, float]:
    """The sink's exponent where it joins elsewhere, if the shares tell that from a sink that is forgotten."""
    return {
        CAPPED: {
            "a sink whose score is divided but not capped: look again at where it joins": fire.sink / fire.temperature,
            "a sink whose score is neither capped nor divided: look again at where it joins": fire.sink,
        },
        DIVIDED: {
            "a sink whose score is capped too: look again at where it joins": float(fire.exponents(fire.sink)),
            "a sink whose score is not divided by the temperature: look again at where it joins": fire.sink,
        },
        LAST: {},
    }[fire.joins]


def _misread(fire: Fire) -> dict[str, Reading]:
    """What a hand-out is taken to say by mistake."""
    right, t = _read(fire), fire.temperature
    joined = {said: replace(right, rest=rest) for said, rest in _other_sinks(fire).items()}
    straight = fire.sink / t if fire.joins == CAPPED else fire.rest
    return {
        REVERSED: replace(right, usable=lambda mask: ~fire.mask(mask)),
        UNMASKED: replace(right, usable=np.ones_like),
        NO_SINK: replace(right, rest=-math.inf),
        UNCAPPED: replace(right, exponents=lambda z: z / t, slope=lambda z: np.full(z.shape, 1 / t), rest=straight),
        **joined,
        HOT: _read(replace(fire, temperature=1.0)),
        TIMES: _read(replace(fire, temperature=1 / t)),
        TEMPERED_FIRST: _read(replace(fire, cap=fire.cap * t)),
        BARE: replace(right, exponents=lambda z: fire.exponents(z) / fire.cap),
    }


CARELESS: dict[str, Callable] = {
    NO_SHIFT: partial(_by_hand, top=_no_top),
    ONE_TOP: partial(
        _by_hand,
        top=lambda x, usable, rest: np.full((len(x), 1), _row_top(x, usable, rest).max()),
    ),
    LOST: _lost,
    EVERY_TOP: partial(_by_hand, top=lambda x, usable, rest: np.maximum(x.max(axis=1, keepdims=True), rest)),
    MULTIPLIED: _multiplied,
}
"""Forms that are right for everyday scores and no others."""


JOINS = {
    CAPPED: "it joins *before the cap*, so it is capped and divided like every score",
    DIVIDED: "it joins *between cap and division*, so it is divided, but not capped",
    LAST: "it joins *after the division*, so it is an exponent as it stands",
}


def _told(fire: Fire) -> str:
    """What this hand-out asks for, in words and LaTeX."""
    c, t = f"{fire.cap:g}", f"{fire.temperature:g}"
    means = "**may be used**" if fire.marked else "**is left out**"
    return (
        rf"$$x = \frac{{{c}\tanh(z/{c})}}{{{t}}},\qquad "
        r"p_j = \frac{e^{x_j}}{e^{x_0} + \sum_{i\ \text{usable}} e^{x_i}}$$"
        f"\n\nYour `mask` is True where a score {means}. Your sink's score is {minus(f'{fire.sink:g}')}; "
        f"{JOINS[fire.joins]}. That gives $x_0$."
    )


def _given(fire: Fire) -> str:
    """The first row of the first case."""
    z, mask, _ = _first(fire)
    return f"`z` = {listed(z[0])} with `mask` = ({', '.join(map(str, mask[0].tolist()))})"


def _row(values) -> str:
    return f"({', '.join(map(number, values))})"


def _softmax_mistakes(fire: Fire) -> mistakes.Wrong:
    right, misread = _read(fire), _misread(fire)
    unmasked = _softmax(misread[UNMASKED])

    def sunk(z, mask):
        p = _softmax(right)(z, mask)
        return np.concatenate([p, 1 - p.sum(axis=1, keepdims=True)], axis=1)

    def down(z, mask):
        e, rest, _ = _by_hand(right, z, mask, top=_no_top)
        return e / (e.sum(axis=0) + rest)

    def whole(z, mask):
        e, rest, _ = _by_hand(right, z, mask, top=_no_top)
        return e / (e.sum() + rest)

    return {
        "a mask multiplied in after the softmax: what is left out has already taken its part of the total": (
            lambda z, mask: unmasked(z, mask) * right.usable(mask)
        ),
        **{said: _softmax(reading) for said, reading in misread.items()},
        ZEROED: lambda z, mask: unmasked(np.where(right.usable(mask), z, 0), mask),
        "a sink that is returned as one more column": sunk,
        "shares of a column: the scores of one row share among themselves": down,
        "shares of the whole array: each row has a total of its own": whole,
        "the logarithm of the shares": lambda z, mask: np.log(_softmax(right)(z, mask)),
        **{said: _softmax(right, form) for said, form in CARELESS.items()},
        FEW_BITS: _FewBits(_softmax(right), _softmax(right, _in_few_bits), close),
    }


@challenge("fire_softmax", points=8, title="Capped, divided, masked")
class FireSoftmax:
    parts = {VALUES: 4, EXTREMES: 2, LOW: 2}

    def drawn(code):
        fire = drawn_fire(code)
        right = _softmax(_read(fire))
        return {
            "reference": right,
            "cases": _forward(fire, 1e-3, 1e-6),
            "wrong": _softmax_mistakes(fire),
            "example": lambda pick: (
                f"{_told(fire)}\n\nWorked row: {_given(fire)} gives {_row(right(*_first(fire)[:2])[0])}"
            ),
        }


def _vjp_mistakes(fire: Fire) -> mistakes.Wrong:
    right, misread = _read(fire), _misread(fire)
    c, t = fire.cap, fire.temperature
    by_pull = {
        "the diagonal of the Jacobian alone, p(1 − p)·g: the scores of a row share one total": lambda p, g: (
            p * (1 - p) * g
        ),
        "p·g: what a score takes from the others is missing": lambda p, g: p * g,
        "a plus between the two terms": lambda p, g: p * (g + (p * g).sum(axis=1, keepdims=True)),
        "an upstream gradient of 1 everywhere: `upstream` is not used": lambda p, g: _pulled(p, np.ones_like(g)),
        "a plain mean over the upstream gradient, where a weighted sum is meant": lambda p, g: (
            p * (g - g.mean(axis=1, keepdims=True))
        ),
        "a weighted mean over what is returned: the sink's part counts too, with a gradient of 0": lambda p, g: (
            p * (g - (p * g).sum(axis=1, keepdims=True) / p.sum(axis=1, keepdims=True))
        ),
        "a weighted sum down the columns: it runs along a row": lambda p, g: p * (g - (p * g).sum(axis=0)),
        "a weighted sum over the whole array: each row has its own": lambda p, g: p * (g - (p * g).sum()),
        "upstream minus the weighted sum: the outer factor p is missing": lambda p, g: (
            g - (p * g).sum(axis=1, keepdims=True)
        ),
    }
    by_slope = {
        "the cap's slope is forgotten: tanh has one of its own": lambda z: 1 / t,
        "the division by the temperature is forgotten on the way back": lambda z: right.slope(z) * t,
        "both steps before the softmax are forgotten: this is the gradient with respect to the exponents": (
            lambda z: 1.0
        ),
        "a multiplication by the temperature on the way back: dividing there, dividing here": lambda z: (
            right.slope(z) * t * t
        ),
        "the cap's slope taken at the capped scores: it belongs to the scores as they came": lambda z: right.slope(
            fire.capped(z)
        ),
        "1 − tanh where the cap's slope is 1 − tanh²": lambda z: (1 - np.tanh(z / c)) / t,
        "the cap's slope as that of tanh(z), without the C inside": lambda z: (1 - np.tanh(z) ** 2) / t,
        "the cap's slope divided by C once more: the C in front of tanh takes that away": lambda z: right.slope(z) / c,
    }

    def unguarded(z, mask, upstream):
        known = np.where(right.usable(mask), z, 0)
        return _pulled(_softmax(right)(z, mask), upstream) * right.slope(known)

    def known_too_late(z, mask, upstream):
        g = np.where(right.usable(mask), upstream, 0)
        return _pulled(_softmax(right)(z, mask), g) * right.slope(z)

    return {
        **mistakes.flipped(_vjp(right)),
        **{said: _vjp(right, slope=slope) for said, slope in by_slope.items()},
        **{said: _vjp(right, pull=pull) for said, pull in by_pull.items()},
        **{said: _vjp(reading) for said, reading in misread.items()},
        "an upstream gradient multiplied by p = 0 where a score may not be used: NaN · 0 is NaN": unguarded,
        "the cap's slope of NaN, multiplied by 0 where a score may not be used: that is NaN": known_too_late,
        **{said: _vjp(right, form) for said, form in CARELESS.items()},
        FEW_BITS: _FewBits(_vjp(right), _vjp(right, _in_few_bits), _close_in_its_row),
    }


@challenge("fire_vjp", points=8, title="The way back")
class FireVjp:
    parts = {VALUES: 4, EXTREMES: 2, LOW: 2}
    accept = _close_in_its_row

    def drawn(code):
        fire = drawn_fire(code)
        right = _vjp(_read(fire))
        return {
            "reference": right,
            "cases": _backward(fire),
            "wrong": _vjp_mistakes(fire),
            "example": lambda pick: (
                f"{_given(fire)} and `upstream` = {listed(UPSTREAM[0])} gives {_row(right(*_first(fire))[0])}"
            ),
        }


def _log_total_mistakes(fire: Fire) -> mistakes.Wrong:
    right, misread = _read(fire), _misread(fire)
    whole = _log_total(right)

    def used(z, mask):
        return right.usable(mask).any(axis=1)

    def shifted(z, mask):
        return whole(z, mask) - _carefully(right, z, mask)[2][:, 0]

    def means(z, mask):
        return whole(z, mask) - np.log(1 + right.usable(mask).sum(axis=1))

    return {
        **{said: _log_total(reading) for said, reading in misread.items()},
        ZEROED: lambda z, mask: _log_total(misread[UNMASKED])(np.where(right.usable(mask), z, 0), mask),
        "the total itself: its logarithm is asked for": lambda z, mask: np.exp(whole(z, mask)),
        "the logarithm of what the scores share, which is what the sink leaves": lambda z, mask: np.log(
            _softmax(right)(z, mask).sum(axis=1)
        ),
        "the largest exponent alone": lambda z, mask: _carefully(right, z, mask)[2][:, 0],
        "the logarithm of the shifted total: the shift is never added again": shifted,
        "the logarithm of a mean: a total is asked for": means,
        "the temperature multiplied in again: nothing is undone here": lambda z, mask: (
            fire.temperature * whole(z, mask)
        ),
        "a logarithm to base 2": lambda z, mask: whole(z, mask) / math.log(2),
        "a logarithm to base 10": lambda z, mask: whole(z, mask) / math.log(10),
        "one total of all rows: each row has its own": lambda z, mask: np.full(
            len(z), np.logaddexp.reduce(whole(z, mask))
        ),
        "−∞ for a row in which nothing may be used: the sink is still there": lambda z, mask: np.where(
            used(z, mask), whole(z, mask), -np.inf
        ),
        "0 for a row in which nothing may be used: the sink is still there": lambda z, mask: np.where(
            used(z, mask), whole(z, mask), 0.0
        ),
        **{said: _log_total(right, form) for said, form in CARELESS.items()},
    }


@challenge("fire_log_total", points=4, title="What is divided by")
class FireLogTotal:
    parts = {VALUES: 2, EXTREMES: 2}

    def drawn(code):
        fire = drawn_fire(code)
        right = _log_total(_read(fire))
        return {
            "reference": right,
            "cases": _forward(fire, 0.0, 1e-3, (VALUES, EXTREMES)),
            "wrong": _log_total_mistakes(fire),
            "example": lambda pick: f"{_given(fire)} gives {number(right(*_first(fire)[:2])[0])}",
        }
