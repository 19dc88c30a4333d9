"""An activation that nobody has seen, another one for each hand-out: its values, its slope and what follows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np

from actlab.activations import gelu, gelu_derivative, relu, relu_derivative, sigmoid, sigmoid_derivative
from actlab.exercises import mistakes
from actlab.exercises.cases import pointwise
from actlab.exercises.drawing import Draw
from actlab.exercises.model import Case, challenge
from actlab.exercises.text import rounded

Curve = Callable[[np.ndarray], np.ndarray]
Piece = Callable[[np.ndarray, float, float], np.ndarray]
"""One side of a function of x, with its factor and its steepness: (x, a, b) -> array like x."""

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
        low, high = float(seen.min()), float(seen.max())
        if self.shape.bounded:
            return low, high
        return (low, math.inf) if self.factor * self.sign > 0 else (-math.inf, high)

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
        steep = np.flatnonzero(np.abs(self.df(self._everywhere)) >= level)[-1]
        return float(self._everywhere[steep]) if self.shape.bounded else self.sign * math.inf


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


@cache
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
    and another steepest slope, and where they meet, one is at least a quarter steeper than the other.
    """
    right, left = one.sides
    near, far = sorted(abs(side.df(np.zeros(()))) for side in one.sides)
    steep = [one.b] if one.left == "leak" else [one.b, one.m]
    return (
        all(abs(number - 1) > 0.15 for number in (abs(one.a), abs(one.k), *steep, one.steepest))
        and (one.left == "leak" or abs(one.b - one.m) > 0.25)
        and abs(one.a - one.k) > 0.15
        and abs(math.log(right.steepest / left.steepest)) > 0.15
        and far > 1.25 * near
    )
