"""An activation that nobody has seen, another one for each hand-out: its values, its slope and what follows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from actlab.activations import gelu, gelu_derivative, relu, relu_derivative, sigmoid, sigmoid_derivative
from actlab.exercises import mistakes
from actlab.exercises.cases import pointwise
from actlab.exercises.drawn.drawing import Draw, remembered
from actlab.exercises.model import Case, Later, challenge
from actlab.exercises.text import rounded

Curve = Callable[[np.ndarray], np.ndarray]
Piece = Callable[[np.ndarray, float, float], np.ndarray]
"""One side of a function of x, with its factor and its steepness: (x, a, b) -> array like x."""
Misread = dict[str, dict[str, Piece]]
"""Shape -> words -> what is made of it."""

ALIKE: dict[str, Any] = {"rtol": 1e-3, "atol": 1e-4, "equal_nan": True}
FAR = 40.0
"""How far out, in units of 1/b, a bounded side has reached its limit."""


@dataclass(frozen=True)
class Shape:
    """One side of an activation: height · value(u) with u = bx, which runs from 0 to the side's end.

    value, slope: array -> array, the slope by u; no number is too large for them.  tall: whether the factor is the
    height, else that is the factor over b.  bounded: whether there is a limit.  formula: in LaTeX, with {a} for the
    factor, {a4} for four times that, {b} for b.
    """

    value: Curve
    slope: Curve
    formula: str
    tall: bool = False
    bounded: bool = True


def _bell(u):
    """4 e^u / (1 + e^u)²: 1 at 0, and 0 far out on both sides."""
    e = np.exp(-np.abs(u))
    return 4 * e / (1 + e) ** 2


RIGHT = {
    "rise": Shape(
        lambda u: np.logaddexp(0, u) - math.log(2),
        sigmoid,
        r"{a}\,\frac{{\ln(1+e^{{{b}x}})-\ln 2}}{{{b}}}",
        bounded=False,
    ),
    "level": Shape(
        np.tanh,
        lambda u: _bell(2 * u),
        r"{a}\,\frac{{e^{{{b}x}}-e^{{-{b}x}}}}{{e^{{{b}x}}+e^{{-{b}x}}}}",
        tall=True,
    ),
    "hump": Shape(
        lambda u: u * _bell(u),
        lambda u: _bell(u) * (1 - u * np.tanh(u / 2)),
        r"{a4}\,x\,\frac{{e^{{{b}x}}}}{{(1+e^{{{b}x}})^2}}",
    ),
}
LEFT = {
    "dip": Shape(
        lambda u: u * sigmoid(u),
        lambda u: sigmoid(u) * (1 + u * sigmoid(-u)),
        r"{a}\,x\,\frac{{e^{{{b}x}}}}{{1+e^{{{b}x}}}}",
    ),
    "sink": Shape(lambda u: u * np.exp(u), lambda u: (1 + u) * np.exp(u), r"{a}\,x\,e^{{{b}x}}"),
    "floor": Shape(np.expm1, np.exp, r"{a}\,(e^{{{b}x}}-1)", tall=True),
    "leak": Shape(lambda u: u, np.ones_like, r"{a}\,x", bounded=False),
}
PAIRS = (
    ("rise", "dip"),
    ("level", "dip"),
    ("rise", "sink"),
    ("level", "sink"),
    ("hump", "floor"),
    ("hump", "leak"),
)


@dataclass(frozen=True)
class Side:
    """A shape with its numbers.  sign: 1 where x runs to the right, -1 to the left."""

    shape: Shape
    factor: float
    b: float
    sign: int

    @property
    def height(self) -> float:
        """What the shape's value is multiplied by."""
        return self.factor if self.shape.tall else self.factor / self.b

    @property
    def latex(self) -> str:
        """Its formula with its numbers."""
        return self.shape.formula.format(a=f"{self.factor:g}", a4=f"{4 * self.factor:g}", b=f"{self.b:g}")

    def f(self, x: np.ndarray) -> np.ndarray:
        """Its values; 0 on the other side of 0.  Shape: any -> same."""
        return self.height * self.shape.value(self._own(x))

    def df(self, x: np.ndarray) -> np.ndarray:
        """Its slope; on the other side that at 0.  Shape: any -> same."""
        return self.height * self.b * self.shape.slope(self._own(x))

    def _own(self, x):
        return self.sign * np.maximum(self.sign * self.b * x, 0)

    @cached_property
    def _everywhere(self) -> np.ndarray:
        return self.sign * np.linspace(0, FAR / self.b, 100_001)

    @cached_property
    def values(self) -> tuple[float, float]:
        """Infimum and supremum of f; ∓inf where there is none."""
        seen = self.f(self._everywhere)
        return min(float(seen.min()), self.limit), max(float(seen.max()), self.limit)

    @property
    def limit(self) -> float:
        """What f tends to at its end; ±inf where it does not."""
        if self.shape.bounded:
            return self.height * float(self.shape.value(np.asarray(self.sign * FAR)))
        return math.copysign(math.inf, self.factor * self.sign)

    @cached_property
    def slopes(self) -> tuple[float, float]:
        """Infimum and supremum of f′, limits included."""
        seen = self.df(self._everywhere)
        return float(seen.min()), float(seen.max())

    @property
    def steepest(self) -> float:
        """Supremum of |f′|."""
        return max(map(abs, self.slopes))

    def flat(self, level: float) -> float:
        """The x beyond which |f′| stays below level; ±inf where it does not."""
        steep = np.flatnonzero(np.abs(self.df(self._everywhere)) >= level)
        last = steep[-1] if steep.size else 0
        return float(self._everywhere[last]) if self.shape.bounded else self.sign * math.inf


@dataclass(frozen=True)
class Activation:
    """f(z) = d + left(x) for x < 0, d + right(x) for x ≥ 0, with x = z − c: continuous, with a kink at c.

    right, left: names of shapes.  a, b: factor and steepness of the right one.  k, m: those of the left one; a leak
    needs no steepness, and its m is 1.  percent: how much of the steepest slope counts as flat.
    """

    right: str
    left: str
    c: float
    d: float
    a: float
    b: float
    k: float
    m: float
    percent: int

    @property
    def shape(self) -> tuple[str, str]:
        """Names of the right and the left shape."""
        return self.right, self.left

    @property
    def params(self) -> dict[str, float]:
        """c, d, a, b, k and m by name."""
        return {name: getattr(self, name) for name in "cdabkm"}

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """The right and the left one."""
        return Side(RIGHT[self.right], self.a, self.b, 1), Side(LEFT[self.left], self.k, self.m, -1)

    @property
    def latex(self) -> str:
        """Its formula with its numbers, as a display."""
        right, left = self.sides
        x = f"z{'-' if self.c > 0 else '+'}{abs(self.c):g}"
        return (
            rf"$$x={x},\qquad f(z)={self.d:g}+"
            rf"\begin{{cases}}\displaystyle {left.latex} & x<0\\ \displaystyle {right.latex} & x\ge 0\end{{cases}}$$"
        )

    def f(self, z: np.ndarray | float) -> np.ndarray:
        """Its values, elementwise and finite.  Shape: any -> same."""
        x = np.asarray(z, float) - self.c
        right, left = self.sides
        return self.d + np.where(x < 0, left.f(x), right.f(x))

    def df(self, z: np.ndarray | float) -> np.ndarray:
        """Its slope, elementwise and finite; at c that of the right side.  Shape: any -> same."""
        x = np.asarray(z, float) - self.c
        right, left = self.sides
        return np.where(x < 0, left.df(x), right.df(x))

    @cached_property
    def range(self) -> tuple[float, float]:
        """Infimum and supremum of f; ∓inf where there is none."""
        low, high = _hull(side.values for side in self.sides)
        return self.d + low, self.d + high

    @cached_property
    def slopes(self) -> tuple[float, float]:
        """Infimum and supremum of f′."""
        return _hull(side.slopes for side in self.sides)

    @property
    def steepest(self) -> float:
        """Supremum of |f′|."""
        return max(map(abs, self.slopes))

    @property
    def level(self) -> float:
        """Below which |f′| counts as flat."""
        return self.percent / 100 * self.steepest

    @cached_property
    def flat(self) -> tuple[float, float]:
        """(l, r): everywhere left of l and right of r, |f′| is below `level`; ∓inf where no such end exists."""
        return self.flat_below(self.level)

    def flat_below(self, level: float) -> tuple[float, float]:
        """The same with another level."""
        right, left = (self.c + side.flat(level) for side in self.sides)
        return left, right

    @cached_property
    def gains(self) -> tuple[float, float]:
        """1/√E[f(z)²] and 1/√E[f′(z)²] for z ~ N(0, 1)."""
        return self.mean(lambda z: self.f(z) ** 2) ** -0.5, self.mean(lambda z: self.df(z) ** 2) ** -0.5

    def mean(self, g: Curve) -> float:
        """E[g(z)] for z ~ N(0, 1), where g is smooth on both sides of c."""
        return sum(_normal_integral(g, *ends) for ends in ((-9.0, self.c), (self.c, 9.0)))


def _hull(intervals):
    lows, highs = zip(*intervals, strict=True)
    return min(lows), max(highs)


def _normal_integral(g, low, high):
    nodes, weights = _gauss_legendre()
    z = (low + high) / 2 + (high - low) / 2 * nodes
    return float(np.sum(weights * g(z) * np.exp(-z * z / 2))) * (high - low) / 2 / math.sqrt(2 * math.pi)


@cache
def _gauss_legendre():
    return np.polynomial.legendre.leggauss(200)


@remembered
def activation(code: str) -> Activation:
    """The activation of one hand-out.  Errors: ValueError where none of 200 is telling."""
    drawn = (_drawn(Draw(code, f"unseen {attempt}")) for attempt in range(200))
    found = next((one for one in drawn if telling(one)), None)
    if found is None:
        raise ValueError(f"no activation for the code {code!r}")
    return found


def _drawn(draw: Draw) -> Activation:
    right, left = draw.pick(*PAIRS)
    sign = draw.pick(1, -1)
    return Activation(
        right,
        left,
        c=draw.pick(1, -1) * draw.number(0.35, 1.35, 0.1),
        d=draw.pick(1, -1) * draw.number(0.2, 1.4, 0.1),
        a=sign * draw.number(0.6, 2.2, 0.01),
        b=draw.number(0.6, 2.4, 0.1),
        k=sign * draw.number(0.6, 2.2, 0.01),
        m=1.0 if left == "leak" else draw.number(0.6, 2.4, 0.1),
        percent=draw.pick(1, 2, 3, 4),
    )


def telling(one: Activation) -> bool:
    """Whether its numbers are so far apart that taking one for another is noticed.

    Nothing is close to 1, neither a factor nor the steepest slope; the two sides have other factors, another steepness
    and another steepest slope; where they meet, one is at least a quarter steeper than the other.
    """
    right, left = one.sides
    near, far = sorted(abs(side.df(np.zeros(()))) for side in one.sides)
    flatter, steeper = sorted([right.steepest, left.steepest])
    steep = [one.b] if one.left == "leak" else [one.b, one.m]
    return (
        all(abs(number - 1) > 0.15 for number in (abs(one.a), abs(one.k), *steep, one.steepest))
        and (one.left == "leak" or abs(one.b - one.m) > 0.25)
        and abs(one.a - one.k) > 0.15
        and steeper > 1.16 * flatter
        and far > 1.25 * near
    )


TYPED: dict[str, Piece] = {
    "rise": lambda x, a, b: a * (np.log(1 + np.exp(b * x)) - math.log(2)) / b,
    "level": lambda x, a, b: a * (np.exp(b * x) - np.exp(-b * x)) / (np.exp(b * x) + np.exp(-b * x)),
    "hump": lambda x, a, b: 4 * a * x * np.exp(b * x) / (1 + np.exp(b * x)) ** 2,
    "dip": lambda x, a, b: a * x * np.exp(b * x) / (1 + np.exp(b * x)),
    "sink": lambda x, a, b: a * x * np.exp(b * x),
    "floor": lambda x, a, b: a * (np.exp(b * x) - 1),
    "leak": lambda x, a, b: a * x,
}
"""The formulas as the prompt writes them: right until an exponential overflows."""

TYPED_SLOPES: dict[str, Piece] = {
    "rise": lambda x, a, b: a * np.exp(b * x) / (1 + np.exp(b * x)),
    "level": lambda x, a, b: a * b * (1 - TYPED["level"](x, 1, b) ** 2),
    "hump": lambda x, a, b: (
        4 * a * np.exp(b * x) * (1 + np.exp(b * x) + b * x * (1 - np.exp(b * x))) / (1 + np.exp(b * x)) ** 3
    ),
    "dip": lambda x, a, b: a * np.exp(b * x) * (1 + np.exp(b * x) + b * x) / (1 + np.exp(b * x)) ** 2,
    "sink": lambda x, a, b: a * np.exp(b * x) * (1 + b * x),
    "floor": lambda x, a, b: a * b * np.exp(b * x),
    "leak": lambda x, a, b: np.full(np.shape(x), float(a)),
}

MISREAD: Misread = {
    "rise": {
        "no `− ln 2` on the right: the pieces do not meet at c": lambda x, a, b: a * np.logaddexp(0, b * x) / b,
        "`− ln 2` without the brackets, so that the factor does not reach it": lambda x, a, b: (
            a * np.logaddexp(0, b * x) / b - math.log(2)
        ),
        "no division by the steepness on the right": lambda x, a, b: a * (np.logaddexp(0, b * x) - math.log(2)),
        "a logarithm to base 10 on the right": lambda x, a, b: a * np.log10((1 + np.exp(b * x)) / 2) / b,
    },
    "level": {
        "σ in place of the quotient on the right": lambda x, a, b: a * sigmoid(b * x),
        "a right side that is half as steep, tanh(bx/2): the exponents there are bx and −bx": lambda x, a, b: (
            a * np.tanh(b * x / 2)
        ),
        "a denominator without its second exponential on the right": lambda x, a, b: a * (1 - np.exp(-2 * b * x)),
    },
    "hump": {
        "a denominator without its square on the right": lambda x, a, b: 4 * a * x * sigmoid(b * x),
        "no x in front on the right": lambda x, a, b: a * _bell(b * x),
        "1 + e² in place of (1 + e)² on the right": lambda x, a, b: 4 * a * x * np.exp(b * x) / (1 + np.exp(2 * b * x)),
    },
    "dip": {
        "no denominator on the left": lambda x, a, b: a * x * np.exp(b * x),
        "a flipped sign in the exponents on the left": lambda x, a, b: a * x * sigmoid(-b * x),
        "no x in front on the left": lambda x, a, b: a * sigmoid(b * x),
    },
    "sink": {
        "a flipped sign in the exponent on the left": lambda x, a, b: a * x * np.exp(-b * x),
        "no x in front on the left": lambda x, a, b: a * np.exp(b * x),
    },
    "floor": {
        "no `− 1` on the left: the pieces do not meet at c": lambda x, a, b: a * np.exp(b * x),
        "`− 1` without the brackets, so that the factor does not reach it": lambda x, a, b: a * np.exp(b * x) - 1,
        "a flipped sign in the exponent on the left": lambda x, a, b: a * np.expm1(-b * x),
    },
    "leak": {
        "a left side of 0, as ReLU has it": lambda x, a, b: 0.0 * x,
        "a left side of x: its factor is forgotten": lambda x, a, b: 1.0 * x,
    },
}
"""What one side looks like where its formula is misread: shape -> words -> piece."""

CHAIN = "no chain rule on the {}: a function of bx has one more factor b in its slope"
HALF = "one half of the product rule on the {}: x has a slope of its own, and so has what it multiplies"

MISDERIVED: Misread = {
    "rise": {
        CHAIN: lambda x, a, b: a * sigmoid(b * x) / b,
        "no division by b on the right: the b from the exponent cancels it": lambda x, a, b: a * b * sigmoid(b * x),
        "1/(1 + eᵇˣ) on the right: the slope of ln(1 + eᵇˣ) has eᵇˣ above": lambda x, a, b: a * sigmoid(-b * x),
        "a flat line on the right: where x is not yet large, the slope is not yet the factor": lambda x, a, b: (
            a + 0.0 * x
        ),
    },
    "level": {
        CHAIN: lambda x, a, b: a * _bell(2 * b * x),
        "1 − the quotient on the right: it wants its square": lambda x, a, b: a * b * (1 - np.tanh(b * x)),
        "the slope of σ on the right: this is a tanh": lambda x, a, b: a * b * _bell(b * x) / 4,
    },
    "hump": {
        CHAIN: lambda x, a, b: a * _bell(b * x) * (1 - x * np.tanh(b * x / 2)),
        HALF: lambda x, a, b: a * _bell(b * x),
        "the other half of the product rule on the right": lambda x, a, b: (
            -a * b * x * _bell(b * x) * np.tanh(b * x / 2)
        ),
        "a plus between the halves of the product rule on the right: the bell falls": lambda x, a, b: (
            a * _bell(b * x) * (1 + b * x * np.tanh(b * x / 2))
        ),
    },
    "dip": {
        CHAIN: lambda x, a, b: a * sigmoid(b * x) * (1 + x * sigmoid(-b * x)),
        HALF: lambda x, a, b: a * sigmoid(b * x),
        "the other half of the product rule on the left": lambda x, a, b: a * b * x * _bell(b * x) / 4,
    },
    "sink": {
        CHAIN: lambda x, a, b: a * np.exp(b * x) * (1 + x),
        HALF: lambda x, a, b: a * np.exp(b * x),
        "the other half of the product rule on the left": lambda x, a, b: a * b * x * np.exp(b * x),
    },
    "floor": {
        CHAIN: lambda x, a, b: a * np.exp(b * x),
        "a constant that kept its place: the slope of −1 is 0": lambda x, a, b: a * b * np.expm1(b * x),
    },
    "leak": {
        "a left slope of 0, as ReLU has it": lambda x, a, b: 0.0 * x,
        "a left slope that still has its x": lambda x, a, b: a * x,
    },
}
"""What one side's slope looks like where a rule is forgotten: shape -> words -> piece."""


def _joined(own: Activation, right: Curve, left: Curve, d: float) -> Curve:
    """d + left(x) for x < 0, d + right(x) for x ≥ 0, with the x of this activation."""
    return lambda z: d + np.where(z - own.c < 0, left(z - own.c), right(z - own.c))


def _misjoined(own: Activation, pieces: Misread, of: str, d: float) -> mistakes.Wrong:
    """One side wrong and the other one right.  of: "f" or "df", what is joined."""
    right, left = (getattr(side, of) for side in own.sides)

    def curve(piece, a, b):
        return lambda x: piece(x, a, b)

    return {
        said.format("right"): _joined(own, curve(piece, own.a, own.b), left, d)
        for said, piece in pieces[own.right].items()
    } | {
        said.format("left"): _joined(own, right, curve(piece, own.k, own.m), d)
        for said, piece in pieces[own.left].items()
    }


def _misplaced(own: Activation, of: str) -> mistakes.Wrong:
    """Right pieces in the wrong place.  of: "f" or "df"."""
    right, left = (getattr(side, of) for side in own.sides)
    d = own.d if of == "f" else 0.0
    typed = TYPED if of == "f" else TYPED_SLOPES

    def of_sign_of_z(z):
        x = z - own.c
        return d + np.where(z < 0, typed[own.left](x, own.k, own.m), typed[own.right](x, own.a, own.b))

    def swapped(z):
        x = z - own.c
        return d + np.where(x < 0, typed[own.right](x, own.a, own.b), typed[own.left](x, own.k, own.m))

    return {
        "the two sides swapped: the first line is for x < 0": swapped,
        "sides that are chosen by the sign of z: it is x that decides": of_sign_of_z,
        "the right side's formula everywhere": lambda z: d + typed[own.right](z - own.c, own.a, own.b),
        "the left side's formula everywhere": lambda z: d + typed[own.left](z - own.c, own.k, own.m),
        "z + c where z − c is meant": getattr(replace(own, c=-own.c), of),
        "z itself in the formulas: where is x?": getattr(replace(own, c=0.0), of),
        "0 on the left side": _joined(own, right, np.zeros_like, d),
        "0 on the right side": _joined(own, np.zeros_like, left, d),
        "|x| in place of x on the left": _joined(own, right, lambda x: typed[own.left](np.abs(x), own.k, own.m), d),
    }


def _misnumbered(own: Activation) -> dict[str, Activation]:
    """The activation with a number in the wrong place."""
    found = {
        "the factors of the two sides, exchanged": replace(own, a=own.k, k=own.a),
        "a steepness of 1 on the right": replace(own, b=1.0),
    }
    if own.left == "leak":
        return found
    return found | {
        "a steepness of 1 on the left": replace(own, m=1.0),
        "a steepness of 1 on both sides": replace(own, b=1.0, m=1.0),
        "the steepnesses of the two sides, exchanged": replace(own, b=own.m, m=own.b),
    }


def _overflowing(own: Activation, of: str) -> mistakes.Wrong:
    """Right until an exponential overflows.  of: "f" or "df"."""
    pieces, d = (TYPED, own.d) if of == "f" else (TYPED_SLOPES, 0.0)

    def right(x):
        return pieces[own.right](x, own.a, own.b)

    def left(x):
        return pieces[own.left](x, own.k, own.m)

    def masked(z):
        x = z - own.c
        return d + left(x) * (x < 0) + right(x) * (x >= 0)

    def cut(end):
        return _joined(own, lambda x: right(np.minimum(x, end / own.b)), left, d)

    typed = _joined(own, right, left, d)
    return {
        "the formula as it stands: far out, eᵇˣ is ∞, and what is built on it is no number": typed,
        "sides that are multiplied by 0 where they do not belong: far out they are ∞, and ∞ · 0 is no number": masked,
        "`np.nan_to_num`, which writes 0 where a number is lost: that is not the limit": lambda z: np.nan_to_num(
            typed(z)
        ),
        **{
            f"an exponent that is cut off at {end}: beyond it, the right side has to go on": cut(end)
            for end in (500, 700, 709)
        },
    }


def _lessons(*functions: tuple[str, Curve]) -> mistakes.Wrong:
    return {f"{said} of the lessons: this activation stands in none": f for said, f in functions}


def _unlike(known: np.ndarray, made: dict[str, np.ndarray]) -> list[str]:
    """The names of those that are neither `known` nor like one before."""
    seen, found = [known], []
    for said, values in made.items():
        if not any(np.array_equal(values.shape, one.shape) and np.allclose(values, one, **ALIKE) for one in seen):
            seen.append(values)
            found.append(said)
    return found


def _telling(right: Curve, wrong: mistakes.Wrong) -> mistakes.Wrong:
    """Those that are wrong here, each of them unlike the ones before it: where values are, else far out."""
    near, far = np.linspace(-6, 6, 200), np.array([-1e4, -1e3, 1e3, 1e4])

    def seen(form):
        with np.errstate(all="ignore"):
            values = form(near)
            return np.append(values, form(far)) if np.allclose(values, right(near), **ALIKE) else values

    return {said: wrong[said] for said in _unlike(seen(right), {said: seen(form) for said, form in wrong.items()})}


def _cases(own: Activation, beside: float):
    """Cases for a function of z.  beside: how near to c they come, at least."""

    def apart(z):
        return np.where(np.abs(z - own.c) < beside / 2, z + np.asarray(0.25, z.dtype), z)

    def cases(rng):
        for case in pointwise(rng):
            z = case.args[0]
            yield replace(case, args=(z if z.dtype.kind == "i" else apart(z).astype(z.dtype),))
        steps = np.array([0.3, 0.1, 0.01, beside])
        yield Case((np.concatenate([own.c - steps, own.c + steps[::-1]]),), note="numbers close to c, on both sides")
        signs = np.array([[-1, 1], [1, -1], [-1, 1]])
        drawn = signs * np.round(10 ** rng.uniform(3, 4, signs.shape))
        for z, note in (
            (np.array([-10000.0, -1000.0, 1000.0, 10000.0]), "large numbers"),
            (drawn, "large numbers"),
            (drawn.astype(np.float32), "large float32 numbers"),
        ):
            yield Case((z,), part="tails", note=note)

    return cases


@challenge("unseen", points=5, title="Its values")
class Unseen:
    parts = {"values": 3, "tails": 2}
    elementwise = True

    def drawn(code):
        own = activation(code)
        return {
            "reference": lambda z: own.f(z),
            "cases": _cases(own, 0.01),
            "example": lambda pick: f"{own.latex}\n\nWorked number: $f(2)$ is {rounded(float(own.f(2.0)))}",
            "wrong": Later(
                lambda: (
                    _telling(
                        own.f,
                        {
                            **_misplaced(own, "f"),
                            f"no {own.d:g}: both sides start from there": lambda z: own.f(z) - own.d,
                            f"{own.d:g} with the other sign": lambda z: own.f(z) - 2 * own.d,
                            f"{own.d:g} on the right side alone": lambda z: own.f(z) - own.d * (z < own.c),
                            f"{own.d:g} on the left side alone": lambda z: own.f(z) - own.d * (z >= own.c),
                            **{said: other.f for said, other in _misnumbered(own).items()},
                            **_misjoined(own, MISREAD, "f", own.d),
                            "the slope, not the value": own.df,
                            **_lessons(
                                ("the ReLU", relu), ("the GELU", gelu), ("the sigmoid", sigmoid), ("the tanh", np.tanh)
                            ),
                            **_overflowing(own, "f"),
                        },
                    )
                    | mistakes.integer_storage(own.f)
                )
            ),
        }


class _Across:
    """A difference quotient with a step that reaches across c, recognised whatever the step is."""

    def __init__(self, own: Activation):
        self.own = own

    def __call__(self, z):
        return (self.own.f(z + 0.02) - self.own.f(z - 0.02)) / 0.04

    def like(self, got, z) -> bool:
        aside = np.abs(z - self.own.c) > 0.15
        return got.shape == z.shape and np.allclose(got[aside], self.own.df(z)[aside], rtol=0.02, atol=0.01)


@challenge("unseen_slope", points=5, title="Its slope")
class UnseenSlope:
    parts = {"values": 3, "tails": 2}
    elementwise = True

    def drawn(code):
        own = activation(code)
        return {
            "reference": lambda z: own.df(z),
            "cases": _cases(own, 0.001),
            "example": lambda pick: f"$f'(2)$ is {rounded(float(own.df(2.0)))}",
            "wrong": Later(
                lambda: (
                    _telling(
                        own.df,
                        {
                            **_misplaced(own, "df"),
                            f"{own.d:g} in the slope: that of a constant is 0": lambda z: own.df(z) + own.d,
                            **{said: other.df for said, other in _misnumbered(own).items()},
                            **_misjoined(own, MISDERIVED, "df", 0.0),
                            "the value, not the slope": own.f,
                            "the size of the slope: its sign is lost": lambda z: np.abs(own.df(z)),
                            **_lessons(
                                ("the slope of the ReLU", relu_derivative),
                                ("the slope of the GELU", gelu_derivative),
                                ("the slope of the sigmoid", sigmoid_derivative),
                                ("the slope of the tanh", lambda z: 1 - np.tanh(z) ** 2),
                            ),
                            **_overflowing(own, "df"),
                        },
                    )
                    | mistakes.integer_storage(own.df)
                    | mistakes.differences(own.f)
                    | {"a difference quotient that reaches across c: each side has a slope of its own": _Across(own)}
                )
            ),
        }


def _within(rtol: float, atol: float):
    """How close is right for a number; ∞ is met by ∞ alone."""

    def accept(got, want, case, k):
        with np.errstate(invalid="ignore"):
            return (got == want) | (np.isfinite(want) & (np.abs(got - want) <= rtol * np.abs(want) + atol))

    return accept


def _numbers(right: tuple[float, ...], accept, wrong: Callable[[], dict[str, tuple[float, ...]]], **more: Callable):
    """The fields of an exercise that asks for these numbers, with those wrong ones that are wrong here, and more."""

    def told():
        made = {said: np.array(numbers) for said, numbers in wrong().items()}
        off = {said: numbers for said, numbers in made.items() if not accept(numbers, np.array(right), None, 0).all()}
        return {said: lambda said=said: made[said] for said in _unlike(np.array(right), off)} | more

    return {"reference": lambda: right, "accept": accept, "wrong": Later(told)}


def _ends(values) -> tuple[float, float]:
    return float(np.min(values)), float(np.max(values))


def _on_grids(g: Curve) -> dict[str, tuple[float, float]]:
    """What grids show of the lowest and the highest value of g."""
    z = np.linspace(-100, 100, 200_001)
    values = g(z)
    return {
        **{
            f"what a grid from −{end} to {end} shows: that is not everywhere": _ends(values[np.abs(z) <= end])
            for end in (5, 10, 3, 20, 100, 2, 1)
        },
        "what a grid from −10000 to 10000 shows: its ends are far out, and not at ∞": _ends(
            [*values, *g(np.array([-1e4, 1e4]))]
        ),
        "the z where it is lowest and the one where it is highest: how high is it there?": (
            float(z[np.argmin(values)]),
            float(z[np.argmax(values)]),
        ),
    }


def _chainless(own: Activation) -> mistakes.Wrong:
    """The slope without the chain rule, on one side and on both."""
    without = {name: {CHAIN: piece[CHAIN]} for name, piece in MISDERIVED.items() if CHAIN in piece}
    return _misjoined(own, {name: without.get(name, {}) for name in own.shape}, "df", 0.0)


LOST = "NaN, from a formula that overflows far out"
SWAPPED = "the right numbers in the wrong order"
RANGE = _within(0.0, 1e-3)


@challenge("unseen_range", points=2, title="Its range")
class UnseenRange:
    entries = ("the lowest value", "the highest value")

    def drawn(code):
        own = activation(code)
        low, high = own.range
        right, left = own.sides
        limits = _ends([own.d + side.limit for side in own.sides])

        def wrong():
            return {
                SWAPPED: (high, low),
                "the limits far out on both sides: in between it goes further": limits,
                f"a range without the {own.d:g} that both sides start from": (low - own.d, high - own.d),
                f"{own.d:g} with the other sign": (low - 2 * own.d, high - 2 * own.d),
                "the left side alone": (own.d + left.values[0], own.d + left.values[1]),
                "the right side alone": (own.d + right.values[0], own.d + right.values[1]),
                "no end on either side: a range of everything": (-math.inf, math.inf),
                **_on_grids(own.f),
                **{said: other.range for said, other in _misnumbered(own).items()},
                "the range of the slope": own.slopes,
                LOST: (math.nan, math.nan),
            }

        return _numbers(own.range, RANGE, wrong)


@challenge("unseen_steepest", points=2, title="Its steepest slopes")
class UnseenSteepest:
    entries = ("the lowest slope", "the highest slope")

    def drawn(code):
        own = activation(code)
        low, high = own.slopes
        right, left = own.sides
        coarse = np.linspace(-5, 5, 101)

        def wrong():
            return {
                SWAPPED: (high, low),
                "a slope of one sign alone: beyond its inner extremum it has the other one": (
                    (0.0, high) if own.a > 0 else (low, 0.0)
                ),
                "the steepest slope with both signs": (-own.steepest, own.steepest),
                "the sizes of the slopes: what is asked for has a sign": (0.0, own.steepest),
                "the slopes on both sides of c": _ends([side.df(np.zeros(())) for side in own.sides]),
                "the slopes far out on both sides": _ends(own.df(np.array([-1e9, 1e9]))),
                "the left side alone": left.slopes,
                "the right side alone": right.slopes,
                **_on_grids(own.df),
                "differences between the points of a coarse grid: they smooth the corner": _ends(
                    np.gradient(own.f(coarse), coarse)
                ),
                **{said: _ends(slope(np.linspace(-100, 100, 200_001))) for said, slope in _chainless(own).items()},
                **{said: other.slopes for said, other in _misnumbered(own).items()},
                "the range of the value": own.range,
                LOST: (math.nan, math.nan),
            }

        return _numbers(own.slopes, RANGE, wrong)


FLAT = _within(0.0, 0.02)


def _first_flat(side: Side, level: float) -> float:
    """The x nearest to 0 from which on, for a while at least, the slope is below level; ±inf where it never is."""
    x = side.sign * np.linspace(0, FAR / side.b, 100_001)
    below = np.flatnonzero(np.abs(side.df(x)) < level)
    return float(x[below[0]]) if below.size else side.sign * math.inf


def _settled(side: Side, level: float) -> float:
    """The x beyond which the slope is within level of its limit, whatever that is."""
    x = side.sign * np.linspace(0, FAR / side.b, 100_001)
    slopes = side.df(x)
    moving = np.flatnonzero(np.abs(slopes - slopes[-1]) >= level)
    return float(x[moving[-1]]) if moving.size else 0.0


@challenge("unseen_flat", points=2, title="Its flat ends")
class UnseenFlat:
    entries = ("the left end l", "the right end r")

    def drawn(code):
        own = activation(code)
        low, high = own.flat
        right, left = own.sides
        share = own.percent / 100

        def wrong():
            return {
                SWAPPED: (high, low),
                f"a slope below {share:g}: it is {own.percent} % of the steepest that it has to be below": (
                    own.flat_below(share)
                ),
                "places where the slope is small on the way through its inner extremum: beyond it, it is steep again": (
                    own.c + _first_flat(left, own.level),
                    own.c + _first_flat(right, own.level),
                ),
                "each side compared with its own steepest slope: what counts is the steepest of all": (
                    own.c + left.flat(share * left.steepest),
                    own.c + right.flat(share * right.steepest),
                ),
                "places measured from c: they are asked for on the axis of z": (low - own.c, high - own.c),
                "places on the wrong side of c: z is x + c": (low - 2 * own.c, high - 2 * own.c),
                "x in units of 1/b: the steepness is forgotten": tuple(
                    own.c + side.b * (end - own.c) for side, end in ((left, low), (right, high))
                ),
                f"{own.percent / 10:g} % of the steepest": own.flat_below(own.level / 10),
                f"{10 * own.percent} % of the steepest": own.flat_below(10 * own.level),
                "a share of the steepest slope of the other sign": own.flat_below(share * min(map(abs, own.slopes))),
                "a slope that no longer changes: flat is where it is close to 0": (
                    own.c + _settled(left, own.level),
                    own.c + _settled(right, own.level),
                ),
                "no flat end on either side": (-math.inf, math.inf),
                **{
                    f"the end of a grid, {end}, where no flat end exists: there it is ∞": (
                        max(low, -end),
                        min(high, end),
                    )
                    for end in (10, 5, 20, 100, 10_000)
                },
                **{said: replace(own, c=c).flat for said, c in {"z itself in the formulas: where is x?": 0.0}.items()},
                **{said: other.flat for said, other in _misnumbered(own).items()},
                LOST: (math.nan, math.nan),
            }

        return _numbers(own.flat, FLAT, wrong) | {"example": lambda pick: f"{own.percent} %"}


GAINS = _within(1e-3, 0.0)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(20)


def _gain(mean: float) -> float:
    return mean**-0.5


class _Nearly:
    """The right gains but for a few percent."""

    def __init__(self, gains: tuple[float, float]):
        self.gains = gains

    def __call__(self):
        return tuple(1.012 * gain for gain in self.gains)

    def like(self, got) -> bool:
        return got.shape == (2,) and np.allclose(got, self.gains, rtol=0.03)


@challenge("unseen_gains", points=4, title="Its gains")
class UnseenGains:
    entries = ("the forward gain", "the backward gain")
    parts = {"forward": 2, "backward": 2}
    decide = {"forward": (0,), "backward": (1,)}

    def drawn(code):
        own = activation(code)
        forward, backward = own.gains

        def wrong():
            curves = own.f, own.df
            squares = [own.mean(lambda z, g=g: g(z) ** 2) for g in curves]
            sizes = [own.mean(lambda z, g=g: np.abs(g(z))) for g in curves]
            means = [own.mean(g) for g in curves]

            def both(gain, of=curves):
                return tuple(gain(g) for g in of)

            def uniform(end):
                z = np.linspace(-end, end, 40_001)
                return both(lambda g: _gain(np.mean(g(z) ** 2)))

            return {
                SWAPPED: (backward, forward),
                "the mean size in place of the root of the mean square": tuple(1 / size for size in sizes),
                "a variance in place of the mean square: the mean itself counts": tuple(
                    _gain(square - mean**2) for square, mean in zip(squares, means, strict=True)
                ),
                "a variance for the forward gain: the mean itself counts": (
                    _gain(squares[0] - means[0] ** 2),
                    backward,
                ),
                "1 over the mean square: the root is missing": tuple(1 / square for square in squares),
                "the root of the mean square: a gain is 1 over it": tuple(square**0.5 for square in squares),
                "the mean square itself": tuple(squares),
                "the square of the mean: square first": tuple(1 / abs(mean) for mean in means),
                f"a forward gain without the {own.d:g} that both sides start from": (
                    _gain(own.mean(lambda z: (own.f(z) - own.d) ** 2)),
                    backward,
                ),
                "an x that is normal: it is z that is": replace(own, c=0.0).gains,
                "z + c where z − c is meant": replace(own, c=-own.c).gains,
                **{
                    f"a z that is uniform between −{end} and {end}, not normal": uniform(end)
                    for end in (1, 3, 5, 2, 4, 10)
                },
                "a z between 0 and 1, as `rng.random` draws it": both(
                    lambda g: _gain(np.mean(g(np.linspace(0, 1, 10_001)) ** 2))
                ),
                "the one value at z = 0": both(lambda g: 1 / abs(float(g(0.0)))),
                "the gain of ReLU, √2": (math.sqrt(2), math.sqrt(2)),
                "a gain of 1": (1.0, 1.0),
                "the forward gain twice": (forward, forward),
                "the backward gain twice": (backward, backward),
                "the steepest slope in place of the root of the mean square": (forward, 1 / own.steepest),
                "half of the mean square": tuple(_gain(square / 2) for square in squares),
                **{said: (forward, _gain(own.mean(lambda z, g=g: g(z) ** 2))) for said, g in _chainless(own).items()},
                **{said: other.gains for said, other in _misnumbered(own).items()},
                "a quadrature for smooth functions, which loses its digits at the corner": both(
                    lambda g: _gain(WEIGHTS @ g(NODES) ** 2 / WEIGHTS.sum())
                ),
                LOST: (math.nan, math.nan),
            }

        nearly = "a mean over too few numbers, or too coarse steps: it is off by a few percent at most"
        return _numbers(own.gains, GAINS, wrong, **{nearly: _Nearly(own.gains)})
