"""An activation that nobody has seen, another one for each hand-out: its values, its slope and what follows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from actlab.exercises.drawing import Draw

FAR = 40.0
"""How far out, in units of 1/b, a bounded piece has reached its limit."""


@dataclass(frozen=True)
class Shape:
    """One side of an activation: height · value(u) with u = bx, which runs from 0 to the side's end.

    value, slope: array -> array, the slope by u; no number is too large for them.  tall: whether the height is the
    factor in front, else that is divided by b.  bounded: whether value has a limit.  formula: LaTeX of its value, with
    {a} for the factor, {b} for b, {bx} for the exponent, {minus} for its negative and {half} for the factor over b.
    """

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    formula: str
    tall: bool = False
    bounded: bool = True


def _sigmoid(u):
    e = np.exp(-np.abs(u))
    return np.where(u >= 0, 1.0, e) / (1 + e)


def _bell(u):
    """4 e^u / (1 + e^u)²: 1 at 0, and 0 far out on both sides."""
    e = np.exp(-np.abs(u))
    return 4 * e / (1 + e) ** 2


RIGHT = {
    "rise": Shape(
        lambda u: np.logaddexp(0, u) - math.log(2),
        _sigmoid,
        r"{a}\,\frac{{\ln(1+e^{{{bx}}})-\ln 2}}{{{b}}}",
        bounded=False,
    ),
    "level": Shape(
        np.tanh,
        lambda u: _bell(2 * u),
        r"{a}\,\frac{{e^{{{bx}}}-e^{{-{bx}}}}}{{e^{{{bx}}}+e^{{-{bx}}}}}",
        tall=True,
    ),
    "hump": Shape(
        lambda u: u * _bell(u),
        lambda u: _bell(u) * (1 - u * np.tanh(u / 2)),
        r"4\cdot {a}\,x\,\frac{{e^{{{bx}}}}}{{(1+e^{{{bx}}})^2}}",
    ),
}
LEFT = {
    "dip": Shape(
        lambda u: u * _sigmoid(u),
        lambda u: _sigmoid(u) * (1 + u * _sigmoid(-u)),
        r"{a}\,x\,\frac{{e^{{{bx}}}}}{{1+e^{{{bx}}}}}",
    ),
    "sink": Shape(lambda u: u * np.exp(u), lambda u: (1 + u) * np.exp(u), r"{a}\,x\,e^{{{bx}}}"),
    "floor": Shape(np.expm1, np.exp, r"{a}\,(e^{{{bx}}}-1)", tall=True),
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
class Activation:
    """f(z) = d + left(x) for x < 0, d + right(x) for x ≥ 0, with x = z − c: continuous, with a kink at c.

    right, left: names of shapes.  a, b: factor and steepness of the right one.  k, m: those of the left one; a leak
    has no steepness, m is 1 there.  share: which part of the steepest slope counts as flat.
    """

    right: str
    left: str
    c: float
    d: float
    a: float
    b: float
    k: float
    m: float
    share: float

    @property
    def shape(self) -> tuple[str, str]:
        """Names of the right and the left shape."""
        return self.right, self.left

    @property
    def params(self) -> dict[str, float]:
        """c, d, a, b, k and m by name."""
        return {name: getattr(self, name) for name in "cdabkm"}

    def f(self, z: np.ndarray | float) -> np.ndarray:
        """Its values, elementwise and finite.  Shape: any -> same."""
        return self.d + self._sides(z, lambda side: lambda u: side.height * side.shape.value(u))

    def df(self, z: np.ndarray | float) -> np.ndarray:
        """Its slope, elementwise and finite; at c that of the right side.  Shape: any -> same."""
        return self._sides(z, lambda side: lambda u: side.steepness * side.shape.slope(u))

    def _sides(self, z, of):
        x = np.asarray(z, float) - self.c
        right, left = self.sides
        return np.where(x < 0, of(left)(left.b * np.minimum(x, 0)), of(right)(right.b * np.maximum(x, 0)))

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """The right and the left one."""
        return Side(RIGHT[self.right], self.a, self.b, 1), Side(LEFT[self.left], self.k, self.m, -1)

    @property
    def latex(self) -> str:
        """Its formula with its numbers, as a display in two cases, and what x is."""
        right, left = self.sides
        shift = f"z {'-' if self.c > 0 else '+'} {abs(self.c):g}"
        return (
            rf"$$f(z)={self.d:g}+\begin{{cases}}{left.latex} & x<0\\[1ex] {right.latex} & x\ge 0\end{{cases}}"
            rf"\qquad x={shift}$$"
        )

    @cached_property
    def range(self) -> tuple[float, float]:
        """Infimum and supremum of f; ∓inf where there is none."""
        ends = [self.d + end for side in self.sides for end in side.values]
        return min(ends), max(ends)

    @cached_property
    def slopes(self) -> tuple[float, float]:
        """Infimum and supremum of f′."""
        ends = [end for side in self.sides for end in side.slopes]
        return min(ends), max(ends)

    @property
    def steepest(self) -> float:
        """Supremum of |f′|."""
        return max(map(abs, self.slopes))

    @cached_property
    def flat(self) -> tuple[float, float]:
        """(l, r): left of l and right of r, |f′| is below `share` of the steepest; ∓inf where no such end exists."""
        right, left = (self.c + side.flat(self.share * self.steepest) for side in self.sides)
        return left, right

    @cached_property
    def gains(self) -> tuple[float, float]:
        """1/√E[f(z)²] and 1/√E[f′(z)²] for z ~ N(0, 1)."""
        return self.mean(lambda z: self.f(z) ** 2) ** -0.5, self.mean(lambda z: self.df(z) ** 2) ** -0.5

    def mean(self, g: Callable[[np.ndarray], np.ndarray]) -> float:
        """E[g(z)] for z ~ N(0, 1), where g is smooth on both sides of c."""
        return sum(_normal_integral(g, *ends) for ends in ((-FAR / 4, self.c), (self.c, FAR / 4)))


@dataclass(frozen=True)
class Side:
    """A shape with its numbers.  sign: 1 where x runs to the right, -1 to the left."""

    shape: Shape
    factor: float
    b: float
    sign: int

    @property
    def height(self) -> float:
        return self.factor if self.shape.tall else self.factor / self.b

    @property
    def steepness(self) -> float:
        return self.height * self.b

    @property
    def latex(self) -> str:
        bx = f"{self.b:g}x"
        return self.shape.formula.format(a=f"{self.factor:g}", b=f"{self.b:g}", bx=bx)

    @property
    def _far(self) -> np.ndarray:
        return self.sign * np.linspace(0, FAR, 400_001)

    @cached_property
    def values(self) -> tuple[float, float]:
        """Infimum and supremum, without d."""
        seen = self.height * self.shape.value(self._far)
        low, high = float(seen.min()), float(seen.max())
        if self.shape.bounded:
            return low, high
        return (low, math.inf) if self.factor * self.sign > 0 else (-math.inf, high)

    @cached_property
    def slopes(self) -> tuple[float, float]:
        """Infimum and supremum of the slope, limits included."""
        seen = self.steepness * self.shape.slope(self._far)
        return float(seen.min()), float(seen.max())

    def flat(self, level: float) -> float:
        """x beyond which the size of the slope stays below level; ±inf where there is none."""
        steep = np.abs(self.steepness * self.shape.slope(self._far)) >= level
        return self.sign * math.inf if steep[-1] else float(self._far[np.flatnonzero(steep)[-1]] / self.b)


def _normal_integral(g, low, high):
    nodes, weights = _rule()
    z = (low + high) / 2 + (high - low) / 2 * nodes
    return float(np.sum(weights * g(z) * np.exp(-z * z / 2))) * (high - low) / 2 / math.sqrt(2 * math.pi)


@cache
def _rule():
    return np.polynomial.legendre.leggauss(300)


@cache
def activation(code: str) -> Activation:
    """The activation of one hand-out."""
    for attempt in range(200):
        drawn = _drawn(Draw(code, f"unseen {attempt}"))
        if telling(drawn):
            return drawn
    raise ValueError(f"no activation for the code {code!r}")


def _drawn(draw: Draw) -> Activation:
    right, left = draw.pick(*PAIRS)
    sign = draw.pick(1, -1)

    def either(low, high):
        return draw.pick(1, -1) * draw.number(low, high, 0.1)

    return Activation(
        right,
        left,
        c=either(0.3, 1.4),
        d=either(0.2, 1.4),
        a=sign * draw.number(0.6, 2.2, 0.01),
        b=draw.number(0.6, 2.4, 0.1),
        k=sign * draw.number(0.6, 2.2, 0.01),
        m=1.0 if left == "leak" else draw.number(0.6, 2.4, 0.1),
        share=draw.pick(0.01, 0.02, 0.03, 0.04),
    )


def telling(one: Activation) -> bool:
    """Whether its numbers and facts are so far apart that taking one for another is noticed.

    No number is 1, c is no whole number, the two steepnesses differ, and so do the slopes on the two sides of c.
    """
    near, far = sorted(abs(end) for side in one.sides for end in [max(map(abs, side.slopes))])
    return (
        1 not in (abs(one.c), abs(one.a), one.b, abs(one.k), abs(one.d))
        and (one.left == "leak" or (one.m != 1 and abs(one.b - one.m) > 0.25))
        and abs(one.a - one.k) > 0.1
        and far > 1.15 * near
    )
