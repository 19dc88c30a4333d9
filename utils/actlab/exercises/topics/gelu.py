"""GELU, its short forms, the coin behind it, SiLU and the gates with weights of their own."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from actlab.activations import (
    gelu,
    gelu_derivative,
    gelu_sigmoid,
    gelu_tanh,
    gelu_tanh_derivative,
    hardswish,
    mish,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    silu,
    silu_derivative,
    softplus,
)
from actlab.exercises import mistakes
from actlab.exercises.cases import pointwise, quarters
from actlab.exercises.laws import independence
from actlab.exercises.model import Case, Measure, close, exercise, practice
from actlab.exercises.text import rounded
from actlab.numeric import erf, ndtr
from actlab.recipes import Seed
from actlab.words import minus

COLUMNS = [-1.5, -0.5, 0.75, 1.5]
ROOT = math.sqrt(2 / math.pi)


class _CentralDifference:
    """A central difference in the precision of z: right but for float32, where every step loses other digits."""

    def __call__(self, z):
        h = 1e-4
        return ((gelu(z + h) - gelu(z - h)) / (2 * h)).astype(z.dtype if z.dtype.kind == "f" else float)

    @staticmethod
    def like(got, z):
        if got.shape != z.shape:
            return False
        off = np.abs(got - gelu_derivative(np.asarray(z, dtype=float))).max()
        return off < (0.3 if z.dtype == np.float32 else 1e-4)


def _density(z):
    return np.exp(-np.square(z) / 2.0) / math.sqrt(2 * math.pi)


class _RandomGate:
    """Named by what the values look like, since a learner's own draws are others: each is 0 or z."""

    def __call__(self, z):
        return z * (np.random.default_rng(42).random(z.shape) < ndtr(z))

    @staticmethod
    def like(got, z):
        return got.shape == z.shape and bool(((got == 0) | (got == z)).all())


@exercise("q4_gelu", points=5, section="4.3 GELU", title="GELU")
class Gelu:
    parts = {"ordinary inputs": 4, "left tail": 1}
    elementwise = True
    reference = gelu

    def cases(rng):
        yield from (replace(case, part="ordinary inputs") for case in pointwise(rng))
        for z in (np.array([-10.0]), -rng.uniform(8.6, 14, (2, 2)).round(2)):
            yield Case((z,), part="left tail", note="numbers far to the left", rtol=1e-6, atol=0.0)

    wrong = {
        "z(1 + erf(z/√2)): the factor ½ is missing": lambda z: 2 * gelu(z),
        "Φ(z) alone, the gate: it still has to multiply z": ndtr,
        "z φ(z): the density φ where the area Φ belongs": lambda z: z * _density(z),
        "erf(z): inside it z has to be divided by √2": lambda z: z / 2 * (1 + erf(z)),
        "½ z erf(z/√2): the `1 +` is missing": lambda z: z / 2 * erf(z / math.sqrt(2)),
        "erf(z/2): the divisor is √2": lambda z: z / 2 * (1 + erf(z / 2)),
        "erf(√2 z): z is divided by √2, not multiplied": lambda z: z / 2 * (1 + erf(z * math.sqrt(2))),
        "z(1 − Φ(z)): the gate opens on the wrong side": lambda z: z * ndtr(-z),
        "½ z + erf …: brackets around `1 + erf …` are missing": lambda z: z / 2 + erf(z / math.sqrt(2)),
        "½ + erf in the brackets": lambda z: z * (0.5 + erf(z / math.sqrt(2))),
        "z σ(z), which is SiLU": silu,
        "the tanh form, an approximation: here the exact one is asked for": gelu_tanh,
        "z σ(1.702 z), an approximation: here the exact one is asked for": gelu_sigmoid,
        "ReLU, the hard gate": relu,
        "ReLU times Φ: left of 0 something still gets through": lambda z: relu(z) * ndtr(z),
        "z + Φ(z): the gate multiplies": lambda z: z + ndtr(z),
        "z² Φ(z): one factor z too many": lambda z: z * z * ndtr(z),
        "the slope of GELU": gelu_derivative,
        "z itself": lambda z: z.copy(),
        "a gate that is thrown like a coin: GELU multiplies by the probability itself, and nothing in it is random": (
            _RandomGate()
        ),
        **mistakes.integer_storage(gelu),
        "a difference that cancels: far to the left erf is −1 to the last bit, and 1 + erf is exactly 0": (
            lambda z: z / 2 * (1 + erf(z / math.sqrt(2)))
        ),
        "z σ(1.7 z), an approximation: here the exact one is asked for": lambda z: z * sigmoid(1.7 * z),
        "a tanh form without its cubic term": lambda z: _tanh_form(z, cubic=0.0),
        "a tanh form with z² in place of z³": lambda z: _tanh_form(z, power=2),
        "½(1 + erf(z/√2)) · |z|": lambda z: np.abs(z) * ndtr(z),
        "a sigmoid": sigmoid,
        "½z(1 + tanh(z))": lambda z: 0.5 * z * (1 + np.tanh(z)),
    }


@exercise("q4_gelu_derivative", points=4, section="4.4 Its slope", title="The slope of GELU")
class GeluDerivative:
    elementwise = True
    reference = gelu_derivative

    def cases(rng):
        return (replace(case, atol=1e-5) for case in pointwise(rng))

    wrong = {
        "Φ alone: the product rule has a second term": ndtr,
        "z φ alone: the product rule has a second term": lambda z: z * _density(z),
        "Φ + φ: the factor z of the second term is missing": lambda z: ndtr(z) + _density(z),
        "Φ − z φ: a minus where a plus belongs": lambda z: ndtr(z) - z * _density(z),
        "Φ · φ: the product rule adds two terms": lambda z: ndtr(z) * _density(z),
        "a density without its factor 1/√(2π)": lambda z: ndtr(z) + z * np.exp(-np.square(z) / 2.0),
        "e to the power of −z²: in the density z² is halved": (
            lambda z: ndtr(z) + z * np.exp(-np.square(z) * 1.0) / math.sqrt(2 * math.pi)
        ),
        "1/(2π): the square root in the density is missing": (
            lambda z: ndtr(z) + z * np.exp(-np.square(z) / 2.0) / (2 * math.pi)
        ),
        "/√2 · π, which multiplies by π: brackets are missing": lambda z: (
            ndtr(z) + z * np.exp(-np.square(z) / 2.0) / math.sqrt(2) * math.pi
        ),
        "1/√2π read as 1/(√2 · π)": lambda z: ndtr(z) + z * np.exp(-np.square(z) / 2.0) / (math.sqrt(2) * math.pi),
        "e to the power of +z²/2: the sign in the density": (
            lambda z: ndtr(z) + z * np.exp(np.square(z) / 2.0) / math.sqrt(2 * math.pi)
        ),
        "z Φ + z φ: the first term has no factor z": lambda z: z * ndtr(z) + z * _density(z),
        "Φ + z² φ: one factor z too many": lambda z: ndtr(z) + z * z * _density(z),
        "the second derivative, (2 − z²) φ": lambda z: (2 - z * z) * _density(z),
        "the slope of the tanh form, which is an approximation": gelu_tanh_derivative,
        "the slope of SiLU": silu_derivative,
        "the slope of z σ(1.702 z), which is an approximation": lambda z: silu_derivative(z, 1.702),
        "GELU itself": gelu,
        "the slope of ReLU": relu_derivative,
        **mistakes.differences(gelu),
        **mistakes.integer_storage(gelu_derivative),
        "a central difference: differences lose digits in single precision": _CentralDifference(),
        "φ(z) alone": _density,
        "a Φ with erf(z): z is divided by √2 inside erf": lambda z: 0.5 * (1 + erf(z)) + z * _density(z),
        "a finite difference to one side with step 0.01": lambda z: (gelu(z + 0.01) - gelu(z)) / 0.01,
    }


@dataclass(frozen=True)
class _Curve:
    """A function of arrays or numbers that feedback can call by a name."""

    name: str
    f: Callable

    def __call__(self, z):
        return self.f(np.asarray(z, dtype=float))

    def __repr__(self):
        return self.name


def _lowest(f, low, high, points=2001, rounds=4):
    """The place of the smallest value: a grid, then a finer grid about the best point, and so on."""
    left, right = low, high
    for _ in range(rounds):
        z = np.linspace(left, right, points)
        best = int(np.argmin(f(z)))
        left, right = z[max(best - 1, 0)], z[min(best + 1, points - 1)]
    return z[best]


def _on_a_grid(choose, points=101):
    def answer(f, low, high):
        z = np.linspace(low, high, points)
        return choose(z, f(z))

    return answer


class _GridNumber:
    """The number of a grid point, recognised on any fine grid: a whole one beyond the interval."""

    def __call__(self, f, low, high):
        return _on_a_grid(lambda z, y: np.argmin(y))(f, low, high)

    @staticmethod
    def like(got, f, low, high):
        return got.shape == () and bool(got == np.rint(got) and got > high)


def _golden(f, low, high):
    """Golden-section search over the whole interval, which trusts that there is one valley."""
    ratio = (math.sqrt(5) - 1) / 2
    while high - low > 1e-9:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if f(left) < f(right) else (left, high)
    return (low + high) / 2


def _whole_numbers(f, low, high):
    z = np.arange(math.ceil(low), math.floor(high) + 1)
    return z[np.argmin(f(z))]


@exercise("q4_find_minimum", points=3, section="4.5 The lowest point ☆", title="Where is it lowest?")
class FindMinimum:
    def reference(f, low, high):
        return _lowest(f, low, high)

    def cases(rng):
        shift = round(rng.uniform(-2, 2), 3)
        depth = round(rng.uniform(0.1, 0.3), 3)
        for curve, low, high, note in (
            (_Curve("GELU", gelu), -6.0, 6.0, "GELU"),
            (_Curve("SiLU", silu), -6.0, 6.0, "SiLU"),
            (_Curve("(z - shift)²", lambda z: (z - shift) ** 2), -4.0, 3.0, f"(z − shift)² with shift {shift:g}"),
            (
                _Curve("sin(5z) + z²/10", lambda z: np.sin(5 * z) + z * z / 10),
                -5.0,
                4.0,
                "a curve with several valleys",
            ),
            (
                _Curve("a narrow and a wide valley", lambda z: _two_valleys(z, depth)),
                -5.0,
                5.0,
                "a curve whose lower valley is the narrow one",
            ),
            (_Curve("−GELU′", lambda z: -gelu_derivative(z)), -6.0, 6.0, "minus the slope of GELU"),
            (_Curve("SiLU′", silu_derivative), -6.0, 6.0, "the slope of SiLU"),
            (_Curve("1 − z", lambda z: 1 - z), -2.0, 5.0, "a falling line: its lowest point is an end"),
        ):
            yield Case((curve, low, high), note=note, rtol=0.0, atol=1e-4)

    wrong = {
        "the smallest value: asked for is the place where it is taken": lambda f, low, high: f(_lowest(f, low, high)),
        "the number of a grid point (`argmin`): asked for is the z that stands there": _GridNumber(),
        "a grid of 100 points and no refinement": _on_a_grid(lambda z, y: z[np.argmin(y)], 100),
        "a grid of 101 points and no refinement": _on_a_grid(lambda z, y: z[np.argmin(y)], 101),
        "a grid of 1000 points and no refinement": _on_a_grid(lambda z, y: z[np.argmin(y)], 1000),
        "a grid of 1001 points and no refinement": _on_a_grid(lambda z, y: z[np.argmin(y)], 1001),
        "whole numbers only": _whole_numbers,
        "the place of the largest value": lambda f, low, high: _lowest(lambda z: -f(z), low, high),
        "the place where |f| is smallest, a zero": lambda f, low, high: _lowest(lambda z: np.abs(f(z)), low, high),
        "the lower end of the interval": lambda f, low, high: low,
        "the upper end of the interval": lambda f, low, high: high,
        "the middle of the interval": lambda f, low, high: (low + high) / 2,
        "a search that narrows the whole interval at once, and so ends in the wrong valley": _golden,
    }


def _two_valleys(z, depth):
    return -np.exp(-((z + 2) ** 2)) - (1 + depth) * np.exp(-(((z - 3) / 0.15) ** 2))


def _tanh_form(z, inner=ROOT, cubic=0.044715, power=3):
    z = np.asarray(z, dtype=float)
    return z / 2 * (1 + np.tanh(inner * (z + cubic * z**power)))


def _tanh_part(z):
    return 2 * _tanh_form(z) / np.where(z == 0, 1.0, z) - 1 + (z == 0)


@exercise("q4_gelu_tanh", points=3, section="4.6 Two shortcuts", title="The tanh form")
class GeluTanh:
    elementwise = True
    cases = pointwise
    reference = gelu_tanh

    wrong = {
        "z(1 + tanh …): the factor ½ is missing": lambda z: 2 * gelu_tanh(z),
        "½ z tanh …: the `1 +` is missing": lambda z: z / 2 * _tanh_part(z),
        "½(1 + tanh …), the gate: the outer factor z is missing": lambda z: (1 + _tanh_part(z)) / 2,
        "½ z + tanh …: brackets around `1 + tanh …` are missing": lambda z: z / 2 + _tanh_part(z),
        "z tanh …: both the ½ and the `1 +` are missing": lambda z: z * _tanh_part(z),
        "z² where z³ belongs": lambda z: _tanh_form(z, power=2),
        "0.44715: a zero is lost in 0.044715": lambda z: _tanh_form(z, cubic=0.44715),
        "0.0044715: a zero too many in 0.044715": lambda z: _tanh_form(z, cubic=0.0044715),
        "z + 0.044715 z: the cube is forgotten": lambda z: _tanh_form(z, power=1),
        "tanh(√(2/π) z): the cubic term is missing": lambda z: _tanh_form(z, cubic=0.0),
        "a cubic term that is subtracted": lambda z: _tanh_form(z, cubic=-0.044715),
        "√2/π: the root covers the whole fraction 2/π": lambda z: _tanh_form(z, inner=math.sqrt(2) / math.pi),
        "2/π: the square root is missing": lambda z: _tanh_form(z, inner=2 / math.pi),
        "2/√π: the root covers the 2 as well": lambda z: _tanh_form(z, inner=2 / math.sqrt(math.pi)),
        "√(π/2): the fraction is upside down": lambda z: _tanh_form(z, inner=math.sqrt(math.pi / 2)),
        "z + 0.044715 z³ without the factor √(2/π)": lambda z: _tanh_form(z, inner=1.0),
        "√(2/π) z + 0.044715 z³: brackets are missing": lambda z: _tanh_form(
            z, cubic=0.044715 / math.sqrt(2 / math.pi)
        ),
        "(0.044715 z)³: the power covers the factor too": lambda z: _tanh_form(z, cubic=0.044715**3),
        "3 · 0.044715 z: `*` where `**` belongs": lambda z: _tanh_form(z, cubic=3 * 0.044715, power=1),
        "a sigmoid where the tanh belongs": lambda z: (
            z / 2 * (1 + sigmoid(math.sqrt(2 / math.pi) * (z + 0.044715 * np.asarray(z, float) ** 3)))
        ),
        "the exact GELU: asked for is the approximation": gelu,
        "z σ(1.702 z), the other approximation": gelu_sigmoid,
        "z σ(z), which is SiLU": silu,
        "the slope of the tanh form": gelu_tanh_derivative,
        **mistakes.integer_storage(gelu_tanh),
        "a minus before tanh": lambda z: z - _tanh_form(z),
        "erf in place of tanh": lambda z: 0.5 * z * (1 + erf(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
    }


def _draws(z, n, rng):
    return rng.normal(size=(n, *z.shape))


def _gate(z, n, rng):
    """The number of open gates is binomial: no need to draw each of them."""
    return z * rng.binomial(n, ndtr(z)) / n


def _open_like(probability):
    """A gate whose draws open with another probability than Φ(z)."""
    return lambda z, n, rng: z * (rng.random((n, *z.shape)) < probability(z)).mean(axis=0)


def _passes_noise(z, n, rng):
    xi = _draws(z, n, rng)
    return np.where(xi < z, xi, 0).mean(axis=0)


@exercise("q4_stochastic_gate", points=4, section="4.2 The coin behind it", title="The coin whose average is GELU")
class StochasticGate:
    reference = _gate

    def cases(rng):
        def seed():
            return Seed(int(rng.integers(2**32)))

        several = (10_000, 400, 1000, 2500, 400, 50)
        for case, n in zip(pointwise(rng), several, strict=True):
            yield replace(case, args=(*case.args, n, seed()), note=f"{case.note}, n = {n}")
        yield Case((np.tile(COLUMNS, (500, 1)), 4, seed()), note="500 equal rows, n = 4")

    def law(values, z, n, rng):
        z = np.asarray(z, dtype=float)
        p = ndtr(z)
        error = np.abs(z) * np.sqrt(p * (1 - p) / n)
        if z.shape == (500, 4):
            yield from _equal_rows(values, z[0], p[0], error[0], n)
        else:
            for at, got, want, off in zip(z.flat, values.flat, (z * p).flat, error.flat, strict=True):
                yield Measure(f"the value at z = {at:g}", got, want, 6 * off + 2 * abs(at) / n)

    wrong = {
        "GELU itself, the expectation: asked for is an average over n random draws": lambda z, n, rng: gelu(z),
        "1[ξ > z]: the gate opens on the wrong side": lambda z, n, rng: z * (_draws(z, n, rng) > z).mean(axis=0),
        "the share of open gates: it still has to multiply z": lambda z, n, rng: rng.binomial(n, ndtr(z)) / n,
        "a sum over the draws where the mean belongs": lambda z, n, rng: z * rng.binomial(n, ndtr(z)) * 1.0,
        "one draw for each entry, whatever n": lambda z, n, rng: z * (rng.normal(size=z.shape) < z),
        "n draws shared by all the entries: each entry needs draws of its own": lambda z, n, rng: (
            z * (rng.normal(size=(n, *[1] * z.ndim)) < z).mean(axis=0)
        ),
        "ξ from a uniform distribution, where the normal one is meant": _open_like(lambda z: z),
        "a gate that opens with probability σ(z): for a normal ξ it is Φ(z)": _open_like(sigmoid),
        "a gate that opens with probability ½": _open_like(lambda z: 0.5),
        "a gate that passes ξ where it should pass z": _passes_noise,
        "noise added before a ReLU": lambda z, n, rng: relu(z + _draws(z, n, rng)).mean(axis=0),
        "noise multiplied with z": lambda z, n, rng: (z * _draws(z, n, rng)).mean(axis=0),
        "one mean over all entries together: each keeps its own": lambda z, n, rng: np.mean(
            z * (_draws(z, n, rng) < z)
        ),
        "all n draws: their mean is asked for": lambda z, n, rng: z * (_draws(z, n, rng) < z),
        "|ξ| < z: the sign of ξ matters": lambda z, n, rng: z * (np.abs(_draws(z, n, rng)) < z).mean(axis=0),
        "ReLU, a gate that knows no chance": lambda z, n, rng: relu(z),
        **mistakes.foreign_draws(_gate),
        **mistakes.integer_storage(_gate),
        "ξ uniform between −1 and 1: it is drawn from N(0, 1)": lambda z, n, rng: (
            z * rng.binomial(n, np.clip((z + 1) / 2, 0.0, 1.0)) / n
        ),
    }


def _kurtosis(p, n):
    """Of the share of n gates that are open, each with probability p."""
    return 3 + (1 - 6 * p * (1 - p)) / (n * p * (1 - p))


def _equal_rows(values, z, p, error, n):
    """What many equal rows tell: mean and spread of each column, and that no entry knows of another."""
    rows = len(values)
    unequal = error * np.sqrt((_kurtosis(p, n) - 1) / (4 * rows))
    for j, at in enumerate(z):
        yield Measure(
            f"the mean of {rows} results at z = {at:g}", values[:, j].mean(), at * p[j], 6 * error[j] / rows**0.5
        )
        spread = np.sqrt(((values[:, j] - at * p[j]) ** 2).mean())
        yield Measure(f"the spread of {rows} results at z = {at:g}", spread, error[j], 6 * unequal[j])
    u = (values - z * p) / error
    yield Measure("the correlation of two columns", (u[:, 1] * u[:, 2]).mean(), 0.0, 8 / rows**0.5)
    yield Measure("the correlation of neighbouring rows", (u[1:, 2] * u[:-1, 2]).mean(), 0.0, 8 / rows**0.5)
    opened = values / z * n
    off = np.abs(opened - np.round(opened)).max()
    yield Measure("the number of open gates: its distance from a whole number", off, 0.0, 0.01)


@exercise("q4_silu", points=3, section="4.7 SiLU", title="SiLU with a slope of its own")
class Silu:
    parts = {"ordinary inputs": 2, "large inputs": 1}
    elementwise = False

    def reference(z, beta=1.0):
        return silu(z, beta)

    def cases(rng):
        for case, beta in zip(pointwise(rng), (2.0, 1.0, 0.5, 3, 4.0, 1.702), strict=True):
            note = f"{case.note}, beta = {beta:g}"
            yield replace(case, args=(*case.args, beta), part="ordinary inputs", note=note)
        simple = next(iter(pointwise(rng))).args
        yield Case(simple, part="ordinary inputs", note="small numbers of both signs, beta left out")
        yield Case((*simple, 0.0), part="ordinary inputs", note="small numbers of both signs, beta = 0")
        far = np.array([-10000.0, -1000.0, 0.0, 1000.0, 10000.0])
        for z, beta in ((far, 1.0), (far.astype(np.float32), 3.0), (far, 0.5)):
            note = f"large {z.dtype} numbers, beta = {beta:g}"
            yield Case((z, beta), part="large inputs", note=note, rtol=1e-5, atol=1e-6)

    wrong = {
        "σ(βz), the gate: it still has to multiply z": lambda z, beta=1.0: sigmoid(beta * z),
        "z σ(z): β is forgotten": lambda z, beta=1.0: silu(z),
        "z σ(−βz): the gate opens on the wrong side": lambda z, beta=1.0: z * sigmoid(-beta * z),
        "β z σ(z): β belongs inside the gate": lambda z, beta=1.0: beta * silu(z),
        "β z σ(βz): β belongs inside the gate only": lambda z, beta=1.0: beta * silu(z, beta),
        "z + σ(βz): the gate multiplies": lambda z, beta=1.0: z + sigmoid(beta * z),
        "σ(z + β): β multiplies z inside the gate": lambda z, beta=1.0: z * sigmoid(z + beta),
        "σ(z/β): β multiplies z inside the gate": lambda z, beta=1.0: z * sigmoid(z / beta),
        "z e^(βz): the `1 +` in the denominator is missing": lambda z, beta=1.0: z * np.exp(beta * z),
        "z(1 + e^(−βz)): the division is missing": lambda z, beta=1.0: z * (1 + np.exp(-beta * z)),
        "z/(1 − e^(−βz)): a minus where a plus belongs": lambda z, beta=1.0: z / (1 - np.exp(-beta * z)),
        "z tanh(βz): the gate runs from 0 to 1": lambda z, beta=1.0: z * np.tanh(beta * z),
        "z Φ(βz), a GELU with a β": lambda z, beta=1.0: z * ndtr(beta * z),
        "GELU": lambda z, beta=1.0: gelu(z),
        "ReLU": lambda z, beta=1.0: relu(z),
        "Hard Swish, whose gate is three straight pieces": lambda z, beta=1.0: hardswish(z),
        "Mish": lambda z, beta=1.0: mish(z),
        "softplus with a β": lambda z, beta=1.0: softplus(beta * z),
        "the slope of SiLU": lambda z, beta=1.0: silu_derivative(z, beta),
        **mistakes.defaults(silu, 1.702, 0.5, 2.0, 0.1),
        **mistakes.integer_storage(silu),
        "e^(βz)/(1 + e^(βz)) for the gate, which is ∞/∞ for large z": lambda z, beta=1.0: (
            z * np.exp(beta * z) / (1 + np.exp(beta * z))
        ),
    }


@exercise("q4_silu_derivative", points=3, section="4.7 SiLU", title="The slope of SiLU")
class SiluDerivative:
    elementwise = True
    cases = pointwise

    def reference(z):
        return silu_derivative(z)

    wrong = {
        "s(1 − s), the slope of the sigmoid alone": sigmoid_derivative,
        "s + z s: in the second term the gate's slope is s(1 − s)": lambda z: sigmoid(z) * (1 + z),
        "s(1 + z s): the slope of the gate is s(1 − s)": lambda z: sigmoid(z) * (1 + z * sigmoid(z)),
        "the slope at SiLU(z): the argument is z itself": lambda z: silu_derivative(silu(z)),
        "z s(1 − s): the product rule has a first term": lambda z: z * sigmoid_derivative(z),
        "s + s(1 − s): the factor z of the second term is missing": lambda z: sigmoid(z) + sigmoid_derivative(z),
        "s − z s(1 − s): a minus where a plus belongs": lambda z: sigmoid(z) - z * sigmoid_derivative(z),
        "s alone: the product rule has a second term": sigmoid,
        "1 + z(1 − s): a factor s is missing": lambda z: 1 + z * sigmoid(-z),
        "s + z(1 − s): in the second term a factor s is missing": lambda z: sigmoid(z) + z * sigmoid(-z),
        "s · s(1 − s): the product rule adds two terms": lambda z: sigmoid(z) * sigmoid_derivative(z),
        "s + z z(1 − z): the slope of the gate wants its output s, not z": lambda z: sigmoid(z) + z * z * (1 - z),
        "s + z s(1 − z): the last factor wants the output s, not z": lambda z: sigmoid(z) * (1 + z * (1 - z)),
        "f + f(1 − f) with f = SiLU: one of these is the gate s alone": lambda z: silu(z) + silu(z) * (1 - silu(z)),
        "f(1 − f) with f = SiLU: that rule is the sigmoid's": lambda z: silu(z) * (1 - silu(z)),
        "z s + z s(1 − s): the first term has no factor z": lambda z: silu(z) + z * sigmoid_derivative(z),
        "s + z(1 − s²), the rule for tanh": lambda z: sigmoid(z) + z * (1 - sigmoid(z) ** 2),
        "SiLU itself": silu,
        "the slope of GELU": gelu_derivative,
        "the slope of z σ(1.702 z)": lambda z: silu_derivative(z, 1.702),
        "the slope of ReLU": relu_derivative,
        **mistakes.differences(silu),
        **mistakes.integer_storage(silu_derivative),
    }


@exercise("q4_swiglu", points=3, section="4.10 Gates with weights of their own", title="SwiGLU")
class Swiglu:
    def reference(x, W, V):
        return silu(x @ W) * (x @ V)

    def cases(rng):
        yield Case(
            (np.array([[1.0, 2.0]]), np.array([[1.0, -3.0], [0.5, 1.0]]), np.array([[2.0, 1.0], [-1.0, 3.0]])),
            note="one sample",
        )
        for n, d, h in [(3, 3, 3), (5, 2, 4), (2, 4, 3)]:
            note = f"{n} samples, {d} inputs, {h} units"
            yield Case((quarters(rng, n, d), quarters(rng, d, h), quarters(rng, d, h)), note=note)
        whole = rng.integers(-3, 4, (4, 2))
        yield Case((whole, quarters(rng, 2, 1), quarters(rng, 2, 1)), note="integers in x, one unit")
        yield Case((whole, *rng.integers(-2, 3, (2, 2, 3))), note="integers everywhere")
        single = [quarters(rng, *shape).astype(np.float32) for shape in ((3, 2), (2, 3), (2, 3))]
        yield Case(tuple(single), note="float32 numbers", atol=1e-5)

    wrong = {
        "SiLU(xV) ⊙ xW: the two matrices are swapped": lambda x, W, V: silu(x @ V) * (x @ W),
        "xW ⊙ xV: the activation is missing": lambda x, W, V: (x @ W) * (x @ V),
        "σ(xW) ⊙ xV, which is GLU": lambda x, W, V: sigmoid(x @ W) * (x @ V),
        "GELU(xW) ⊙ xV, which is GEGLU": lambda x, W, V: gelu(x @ W) * (x @ V),
        "ReLU(xW) ⊙ xV": lambda x, W, V: relu(x @ W) * (x @ V),
        "SiLU(xW) + xV: ⊙ is a product, entry by entry": lambda x, W, V: silu(x @ W) + x @ V,
        "SiLU(xW): the second path is missing": lambda x, W, V: silu(x @ W),
        "SiLU(xW) ⊙ SiLU(xV): only the gate is activated": lambda x, W, V: silu(x @ W) * silu(x @ V),
        "SiLU(xW ⊙ xV): the activation comes before the product": lambda x, W, V: silu((x @ W) * (x @ V)),
        "SiLU(x)W ⊙ xV: first the matrix, then the activation": lambda x, W, V: (silu(x) @ W) * (x @ V),
        "one matrix used twice, SiLU(xW) ⊙ xW": lambda x, W, V: silu(x @ W) * (x @ W),
        "SiLU(xW) ⊙ x: the second path has a matrix too": lambda x, W, V: silu(x @ W) * x,
        "SiLU(xW) ⊙ V: the second matrix has to meet x": lambda x, W, V: silu(x @ W) * V,
        "a matrix product of the two paths: ⊙ goes entry by entry": lambda x, W, V: silu(x @ W) @ (x @ V).T,
        "a sum over the units: each keeps its own": lambda x, W, V: (silu(x @ W) * (x @ V)).sum(axis=1),
        "the two paths side by side": lambda x, W, V: np.concatenate([silu(x @ W), x @ V], axis=1),
        "matrices that are transposed: W and V are (d, h) here": lambda x, W, V: silu(x @ W.T) * (x @ V.T),
        "entry-by-entry products of x and the matrices": lambda x, W, V: silu(x * W) * (x * V),
        "the transpose of the result: samples go down the rows": lambda x, W, V: (silu(x @ W) * (x @ V)).T,
        "a softmax for the gate": lambda x, W, V: np.exp(x @ W) / np.exp(x @ W).sum(axis=1, keepdims=True) * (x @ V),
    }


@exercise("q4_random", points=2, section="4.2 The coin behind it", title="Is `F.gelu` random?")
class Random:
    options = {
        "a": "Different results: an entry passes with probability Φ(z), drawn afresh for each call.",
        "b": "Different results in training, equal ones after `eval()`: it draws, as dropout does.",
        "c": "Equal results: an entry is multiplied by the probability Φ(z), which is a plain number.",
        "d": "Equal results: an entry passes or not, as PyTorch drew it once, from a fixed seed.",
    }
    right = "c"
    hints = {
        "a": "That describes your `stochastic_gate` with n = 1. What happened to it as n grew?",
        "b": "Dropout has a mode because it draws. We called `F.gelu` twice; what came back?",
        "d": "Then one and the same z would have to pass in one place and be stopped in another. Does GELU do that?",
    }
    why = "GELU is the expectation of a random gate. It is a fixed curve: it adds no noise."


@practice(of=Gelu, points=5)
class PracticeGelu:
    parts = {"values": 4, "left tail": 1}

    def cases(rng):
        yield from pointwise(rng)
        yield Case((np.linspace(-6, 6, 49) + rng.uniform(-0.1, 0.1, 49),), note="numbers from −6 to 6")
        for shape in ((1,), (), (2, 1, 2)):
            yield Case((np.full(shape, -10.0),), part="left tail", note="z = −10", rtol=1e-6, atol=0.0)

    def accept(got, want, case, k):
        z = case.args[0]
        if case.part == "left tail":
            return close(got, want, case)
        rounding = 3e-7 * np.abs(want) * (z.dtype == np.float32)
        near = (np.abs(z) <= 6) & (np.abs(got - want) <= 1e-6 + rounding)
        return near | ((np.abs(z) > 6) & close(got, want, case))

    def example(pick):
        z = pick(1.0, -1.0, 2.0, -0.5, 1.5, -2.0, 0.25)
        return f"GELU({rounded(z, 2)}) = {rounded(float(gelu(z)))}"


@practice(of=GeluTanh, points=3, title="GELU's tanh form")
class PracticeGeluTanh:
    def cases(rng):
        yield from pointwise(rng)
        yield Case((rng.choice([-1, 1], 12) * rng.uniform(2, 3.4, 12).round(2),), note="numbers around ±2.7")

    def example(pick):
        z = pick(2.5, -2.5, 3.0, -3.0, 2.0, -2.0)
        return f"$z = {z}$ gives {rounded(float(gelu_tanh(z)), 5)}"


@practice(of=GeluDerivative, points=4)
class PracticeGeluDerivative:
    def cases(rng):
        more = Case((rng.choice([-1, 1], 12) * rng.uniform(0.3, 4, 12).round(2),), note="numbers between −4 and 4")
        for case in (*pointwise(rng), more):
            yield replace(case, rtol=0.0, atol=1e-5)

    def example(pick):
        z = pick(1.0, -1.0, 2.0, -0.5, 1.5, -2.0, 0.25)
        return f"GELU′({rounded(z, 2)}) = {rounded(float(gelu_derivative(z)))}"


def _whole(counts, n):
    """Whether all are whole numbers from 0 to n, up to rounding."""
    return bool(((counts > -0.01) & (counts < n + 0.01) & (np.abs(counts - np.rint(counts)) < 1e-4 * n)).all())


def _no_gate(values, z, n, off):
    """What to say about results of which some (`off`) are no mean of n gates."""
    if _whole(np.divide(values, z, out=np.zeros(z.shape), where=z != 0), n):
        return "Every result is z·k for a whole k: a sum over the draws, where their mean is asked for"
    if _whole(values * n, n):
        return "Every result is k/n for a whole k, the share of open gates: the factor z is missing"
    return f"{off.sum()} of {off.size} results are not z·k/n for any whole k from 0 to n"


@practice(of=StochasticGate, points=4, title="The gate behind GELU")
class PracticeStochasticGate:
    def cases(rng):
        def seed():
            return Seed(int(rng.integers(2**31)))

        yield Case((np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0]), 4, seed()), note="small numbers of both signs")
        for n, case in zip((1, 3, 7, 20, 5), list(pointwise(rng))[1:], strict=True):
            yield Case((case.args[0], n, seed()), note=case.note)
        z = rng.choice([-1.4, -0.9, -0.6, 0.6, 0.9, 1.4], (60, 70))
        yield Case((z, 2, seed()), note="an array of 60 × 70 numbers, n = 2")
        near = rng.choice([-0.7, -0.6, -0.5, 0.5, 0.6, 0.7], (40, 50))
        yield Case((near, 300, seed()), note="an array of 40 × 50 numbers, n = 300")
        yield Case((rng.choice([-2, -1, 1, 2], (30, 30)), 4, seed()), note="30 × 30 integers, n = 4")

    def law(values, z, n, seed):
        z = np.asarray(z, float)
        opened = np.rint(np.divide(values * n, z, out=np.zeros(z.shape), where=z != 0))
        off = np.abs(values - z * opened / n) > 1e-5 * np.abs(values) + 1e-6
        off |= (opened < 0) | (opened > n)
        yield Measure(
            "the share of results that are no gate's",
            float(off.mean()),
            0.0,
            0.0,
            _no_gate(values, z, n, off),
            f"{off.sum()} of {off.size} are not z·k/n",
            "z·k/n, k from 0 to n",
            telling=values.size > 1000,
        )
        if values.size < StochasticGate.MANY:
            return
        p = ndtr(z)
        share = np.divide(values, z)
        for words, side in (("z > 0", z > 0), ("z < 0", z < 0)):
            deviation = math.sqrt((p * (1 - p))[side].sum() / n) / side.sum()
            yield Measure(f"the share of open gates where {words}", share[side].mean(), p[side].mean(), 6.5 * deviation)
        u = (share - p) / np.sqrt(p * (1 - p) / n)
        yield Measure(
            "the variance of the share of open gates, compared with n independent draws,",
            float((u**2).mean()),
            1.0,
            6.5 * math.sqrt((_kurtosis(p, n) - 1).mean() / u.size),
        )
        yield from independence(u, *u.shape)

    def example(pick):
        z, n, opened = pick((2, 10, 9), (3, 4, 3), (-1, 5, 2), (0.5, 8, 6), (-2, 20, 2))
        return f"$z = {z}$, $n = {n}$, and the gate opens {opened} times: {minus(f'{z * opened / n:g}')}"


@practice(id="q3_reason", points=4, title="What is different about GELU?")
class PracticeReason3:
    def example(pick):
        layers = pick(12, 24, 6, 48)
        return f"the {layers} blocks of a transformer with GELU in place of ReLU; the measured gains are small"

    options = {
        "a": "An input is dropped with probability 1 − Φ(z), so two passes differ a bit.",
        "b": "An input is multiplied by the smooth Φ(z), so a bit below 0 passes as well.",
        "c": "An input meets a slope other than 0 at both ends, so the units do not die.",
        "d": "An input meets a dip on the left of 0, so the outputs are centred at 0.",
    }
    right = "b"
    hints = {
        "a": "Call your `gelu` twice with the same z. What changes? And what is the mean of a gate?",
        "c": "What is the slope of GELU near z = −0.75, and at z = −10?",
        "d": "Draw z from N(0, 1): what is the mean of your `gelu`?",
    }
    why = "It is the expectation of a gate, smooth and deterministic; the gains are measured ones, and small."
