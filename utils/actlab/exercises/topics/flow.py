"""Signal and gradient through many layers: gains, initialisation, shortcuts."""

import math
from itertools import pairwise

import numpy as np

from actlab.exercises import mistakes
from actlab.exercises.laws import independence
from actlab.exercises.model import Case, Measure, exercise, practice
from actlab.exercises.text import listed
from actlab.networks import gains
from actlab.numeric import ndtr
from actlab.recipes import FUNCTIONS, Function, Seed


def _gaussian_mean(g, spread=1.0):
    """E g(z) for z from N(0, spread²)."""
    z = np.linspace(-12, 12, 4000)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return float((g(spread * z) * density).sum() * (z[1] - z[0]))


def _second_moment(f, spread=1.0):
    return _gaussian_mean(lambda z: f(z) ** 2, spread)


def _slope(f):
    return lambda z: (f(z + 1e-5) - f(z - 1e-5)) / 2e-5


class _Roughly:
    """A gain that is named even where the average was taken over a sample."""

    def __init__(self, form):
        self.form = form

    def __call__(self, f):
        return self.form(f)

    def like(self, got, f):
        return got.shape == () and bool(np.isclose(got, self.form(f.make()), rtol=4e-3, atol=0.0))


def _roughly(forms):
    return {said: form if hasattr(form, "like") else _Roughly(form) for said, form in forms.items()}


class _Unsquared:
    """Named by what it looks like: for odd functions the mean is rounding noise around 0."""

    def __call__(self, f):
        return np.float64(_gaussian_mean(f)) ** -0.5

    @staticmethod
    def like(got, f):
        mean = _gaussian_mean(f.make())
        if abs(mean) < 1e-9:
            return not np.isfinite(got).all() or bool((np.abs(got) > 1e4).all())
        return bool(np.allclose(got, mean**-0.5, rtol=1e-3))


class _Unspaced:
    """Named by what it looks like, since every grid has a spacing of its own."""

    def __call__(self, f):
        return gains(f, f)[0] * math.sqrt(16 / 4000)

    @staticmethod
    def like(got, f):
        f = f.make()
        return bool((got > 0).all() and (got < 0.3 * gains(f, f)[0]).all())


@exercise("q6_forward_gain", points=4, section="6.2 What one layer does to the size", title="The gain")
class ForwardGain:
    def reference(f):
        return gains(f, f)[0]

    def cases(rng):
        functions = [
            Function("tanh"),
            Function("identity"),
            Function("identity", 0.5),
            Function("softplus"),
            Function("sigmoid"),
        ]
        functions.append(Function("sin", round(rng.uniform(0.5, 2), 2)))
        functions.append(Function("tanh", round(rng.uniform(2, 4), 2)))
        for f in functions:
            yield Case((f,), note=f"f(z) = {f}", rtol=2e-3, atol=0.0)

    wrong = _roughly(
        {
            "the mean square itself: the gain has to undo it": _second_moment,
            "the root of the mean square: the gain is what undoes it": lambda f: math.sqrt(_second_moment(f)),
            "one over the mean square: a root is missing": lambda f: 1 / _second_moment(f),
            "the gain that keeps the *gradient* level: it averages f′ in place of f": lambda f: gains(_slope(f), f)[0],
            "one over the standard deviation of f(z): the mean was subtracted": lambda f: (
                (_second_moment(f) - _gaussian_mean(f) ** 2) ** -0.5
            ),
            "one over the mean of |f(z)|: squares are averaged, not sizes": lambda f: (
                1 / _gaussian_mean(lambda z: np.abs(f(z)))
            ),
            "one over the root of the mean of |f(z)|: the square is missing": lambda f: (
                _gaussian_mean(lambda z: np.abs(f(z))) ** -0.5
            ),
            "an average over half of the line: z runs from −∞ to ∞": lambda f: (
                _gaussian_mean(lambda z: f(z) ** 2 * (z > 0)) ** -0.5
            ),
            "a Gauss–Hermite rule without its √2: those nodes belong to N(0, ½)": lambda f: (
                _second_moment(f, math.sqrt(0.5)) ** -0.5
            ),
            "a density without its factor 1/√(2π)": lambda f: (_second_moment(f) * math.sqrt(2 * math.pi)) ** -0.5,
            "a Gauss–Hermite rule without its factor 1/√π": lambda f: (_second_moment(f) * math.sqrt(math.pi)) ** -0.5,
            "f where f² belongs: an odd function averages to 0": _Unsquared(),
            "a sum without the grid's spacing: multiply by it": _Unspaced(),
            "√2 whatever f is: that is the gain of ReLU": lambda f: math.sqrt(2),
            "1 whatever f is": lambda f: 1.0,
            "f(1) squared in place of an average over all z": lambda f: abs(float(f(np.array(1.0)))) ** -1,
            "an average over z from 0 to 1, evenly spread: z is normal": lambda f: (
                float((f(np.linspace(0, 1, 100001)) ** 2).mean()) ** -0.5
            ),
            "an average over z from −1 to 1, evenly spread: z is normal": lambda f: (
                float((f(np.linspace(-1, 1, 100001)) ** 2).mean()) ** -0.5
            ),
        }
    )


def _he(fan_in, fan_out, rng):
    return rng.normal(0, math.sqrt(2 / fan_in), (fan_in, fan_out))


def _truncated(fan_in, fan_out, rng):
    u = rng.normal(size=(fan_in, fan_out))
    while (far := np.abs(u) > 2).any():
        u[far] = rng.normal(size=far.sum())
    return u * math.sqrt(2 / fan_in)


def _he_cases(rng):
    """Sizes that nobody can know beforehand, as many numbers for everybody; small results are judged 32 together."""
    many, few, small, one = (int(rng.integers(*between)) for between in ((150, 301), (30, 61), (5, 17), (60, 81)))
    for fan_in, fan_out in ((50, 40), (many, 36_000 // many), (few, 9000 // few), (small, 8), (1, one), (1, 1)):
        yield Case((fan_in, fan_out, Seed(int(rng.integers(2**31)))), note=f"fan_in = {fan_in}, fan_out = {fan_out}")


def _he_law(values, fan_in, fan_out, rng):
    """values: (fan_in, fan_out), or (k, fan_in, fan_out) where it takes k draws to see a law."""
    u = values / math.sqrt(2 / fan_in)
    n = u.size
    yield Measure("the mean of the entries, in standard deviations of He's rule,", u.mean(), 0.0, 6 / math.sqrt(n))
    spread = "the spread of the entries, compared with He's rule,"
    yield Measure(spread, u.std(), 1.0, 6.5 / math.sqrt(2 * n))
    ordered = np.sort(u.ravel())
    away = np.abs(ndtr(ordered) - np.arange(1, n + 1) / n).max() + 1 / n
    yield Measure("the largest distance to the normal distribution function", away, 0.0, 3.1 / math.sqrt(n))
    yield Measure("the share of different numbers", (1 + np.count_nonzero(np.diff(ordered))) / n, 1.0, 0.05)
    if n > 5000:
        p = 2 * ndtr(-3.0)
        beyond = float((np.abs(u) > 3).mean())
        allowed = 7 * math.sqrt(p * (1 - p) / n)
        yield Measure("the share of entries beyond three standard deviations", beyond, p, allowed)
        kurtosis = float((u**4).mean() / (u**2).mean() ** 2) if u.any() else 0.0
        yield Measure("the kurtosis of the entries, 3 for a normal distribution,", kurtosis, 3.0, 8 * math.sqrt(24 / n))
    u = u.reshape(len(u), -1)
    if u.shape[1] > 1:
        yield from independence(u, *u.shape)


@exercise("q6_he_normal", points=3, section="6.3 Weights of the right size", title="He's weights")
class HeNormal:
    reference = _he
    pooled = 32
    cases = _he_cases
    law = _he_law

    wrong = {
        "a variance of 1/fan_in, LeCun's rule: half of the signal would be lost in every ReLU layer": (
            lambda fan_in, fan_out, rng: rng.normal(0, fan_in**-0.5, (fan_in, fan_out))
        ),
        "a variance of 2/(fan_in + fan_out), Xavier's compromise": lambda fan_in, fan_out, rng: rng.normal(
            0, (2 / (fan_in + fan_out)) ** 0.5, (fan_in, fan_out)
        ),
        "the variance where NumPy wants the standard deviation: a root is missing": lambda fan_in, fan_out, rng: (
            rng.normal(0, 2 / fan_in, (fan_in, fan_out))
        ),
        "√2/fan_in: the root covers the 2 only": lambda fan_in, fan_out, rng: rng.normal(
            0, 2**0.5 / fan_in, (fan_in, fan_out)
        ),
        "fan_out in place of fan_in: what is added up are the inputs": lambda fan_in, fan_out, rng: rng.normal(
            0, (2 / fan_out) ** 0.5, (fan_in, fan_out)
        ),
        "standard normal numbers that were never scaled": lambda fan_in, fan_out, rng: rng.normal(
            size=(fan_in, fan_out)
        ),
        "a multiplication by fan_in where a division belongs": lambda fan_in, fan_out, rng: rng.normal(
            0, (2 * fan_in) ** 0.5, (fan_in, fan_out)
        ),
        "a uniform distribution with the right variance: normal numbers are asked for": lambda fan_in, fan_out, rng: (
            rng.uniform(-((6 / fan_in) ** 0.5), (6 / fan_in) ** 0.5, (fan_in, fan_out))
        ),
        "a uniform distribution on ±√(2/fan_in)": lambda fan_in, fan_out, rng: rng.uniform(
            -((2 / fan_in) ** 0.5), (2 / fan_in) ** 0.5, (fan_in, fan_out)
        ),
        "a uniform distribution on ±1/√fan_in, PyTorch's default": lambda fan_in, fan_out, rng: rng.uniform(
            -(fan_in**-0.5), fan_in**-0.5, (fan_in, fan_out)
        ),
        "uniform numbers between 0 and 1, scaled: the mean has to be 0": lambda fan_in, fan_out, rng: (
            rng.random((fan_in, fan_out)) * (2 / fan_in) ** 0.5
        ),
        "a truncated normal distribution, without anything beyond two standard deviations": (
            lambda fan_in, fan_out, rng: np.clip(rng.normal(size=(fan_in, fan_out)), -2, 2) * (2 / fan_in) ** 0.5
        ),
        "the shape (fan_out, fan_in), the order in which torch stores weights": lambda fan_in, fan_out, rng: rng.normal(
            0, (2 / fan_in) ** 0.5, (fan_out, fan_in)
        ),
        "a single number: the shape is missing": lambda i, o, rng: rng.normal(0, math.sqrt(2 / i)),
        "one row of weights used for every input": lambda fan_in, fan_out, rng: np.tile(
            rng.normal(0, (2 / fan_in) ** 0.5, fan_out), (fan_in, 1)
        ),
        "one column of weights used for every neuron": lambda fan_in, fan_out, rng: np.tile(
            rng.normal(0, (2 / fan_in) ** 0.5, (fan_in, 1)), (1, fan_out)
        ),
        **mistakes.foreign_draws(_he),
        "zeros": lambda fan_in, fan_out, rng: np.zeros((fan_in, fan_out)),
        "a variance of 2 whatever fan_in is": lambda i, o, rng: rng.normal(0, math.sqrt(2), (i, o)),
        "a variance of fan_in/2: the fraction is upside down": lambda i, o, rng: rng.normal(
            0, math.sqrt(i / 2), (i, o)
        ),
        "a normal distribution cut off at two standard deviations": _truncated,
        "positive numbers alone: the sign is lost": lambda i, o, rng: np.abs(_he(i, o, rng)),
        "one number repeated everywhere": lambda i, o, rng: np.full((i, o), rng.normal(0, math.sqrt(2 / i))),
    }


def _journey(x, weights, f):
    """Inputs and pre-activations of every layer, and the last output."""
    hs, zs = [np.asarray(x, float)], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    return hs, zs


def _gradients(x, weights, f, df, upstream=None, slope=None, back=None):
    """[(h_(l−1), ∂loss/∂z_l)] for a chain without biases.

    upstream(h_L), slope(l, hs, zs) and back(delta, W) may be the mistaken ones.
    """
    hs, zs = _journey(x, weights, f)
    delta = (upstream or (lambda h: np.ones_like(h) / len(h)))(hs[-1])
    found = []
    for layer in range(len(weights) - 1, -1, -1):
        delta = delta * (slope(layer, hs, zs) if slope else df(zs[layer]))
        found.append((hs[layer], delta))
        if layer:
            delta = back(delta, weights[layer]) if back else delta @ weights[layer].T
    return found[::-1]


def _norms(found, size=np.linalg.norm):
    return np.array([size(h.T @ delta) for h, delta in found])


def _whole_chain(rng):
    """Arguments of whole numbers, one unit in the middle layer."""
    x, weights = rng.integers(-2, 3, (3, 2)), [rng.integers(1, 3, (2, 1)), rng.integers(1, 3, (1, 2))]
    return x, weights, Function("arctan", 0.25), Function("arctan", 0.25, derivative=True)


@exercise(
    "q6_layer_gradient_norms",
    points=5,
    section="6.4 And back",
    title="The gradient of every layer",
)
class LayerGradientNorms:
    def reference(x, weights, f, df):
        return _norms(_gradients(x, weights, f, df))

    def cases(rng):
        def drawn(name, n, widths, stretch=1.0, dtype=float):
            x = rng.normal(0, 1.5, (n, widths[0])).round(2).astype(dtype)
            pairs = list(pairwise(widths))
            weights = [(rng.normal(size=pair) * 1.5 / math.sqrt(pair[0])).round(3).astype(dtype) for pair in pairs]
            return x, weights, Function(name, stretch), Function(name, stretch, derivative=True)

        one = [np.array([[1.0], [0.5]]), np.array([[2.0]])]
        yield Case(
            (np.array([[1.0, 2.0], [0.0, -1.0]]), one, Function("tanh"), Function("tanh", derivative=True)), rtol=1e-4
        )
        for name, n, widths, stretch, dtype, note in (
            ("tanh", 5, (3, 4, 2), 1.0, float, "two layers"),
            ("softplus", 4, (3, 2), 1.0, float, "a single layer"),
            ("sigmoid", 6, (4, 5, 3, 2), 1.5, float, "three layers, wider in the middle"),
            ("sin", 1, (2, 3, 3, 4), 1.0, float, "a single sample"),
            ("tanh", 3, (3, 3, 3, 3), 0.8, np.float32, "float32"),
            ("softplus", 7, (2, 2, 2, 2, 2, 2), 1.0, float, "five layers"),
        ):
            yield Case(drawn(name, n, widths, stretch, dtype), note=note, rtol=1e-4)
        yield Case(_whole_chain(rng), note="integers in x and in the weights", rtol=1e-4)

    wrong = {
        "a loss summed over the samples: it is their mean": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, np.ones_like)
        ),
        "the loss of the first sample alone: it is the mean over all": lambda x, weights, f, df: _norms(
            _gradients(x[:1], weights, f, df)
        ),
        "norms of the mean gradient with respect to z, multiplied by those of the mean input": (
            lambda x, weights, f, df: np.array(
                [np.linalg.norm(h.mean(0)) * np.linalg.norm(d.sum(0)) for h, d in _gradients(x, weights, f, df)]
            )
        ),
        "norms stored as whole numbers": lambda *a: np.trunc(_norms(_gradients(*a))),
        "the sum of every sample's own norm: gradients are averaged first": lambda x, weights, f, df: np.array(
            [
                np.sum(np.linalg.norm(h, axis=1) * np.linalg.norm(delta * len(h), axis=1))
                for h, delta in _gradients(x, weights, f, df)
            ]
        ),
        "a loss averaged over the units as well: they are added up": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, lambda h: np.ones_like(h) / h.size)
        ),
        "half the sum of squares as the loss: it is the plain sum of the outputs": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, lambda h: h / len(h))
        ),
        "the slope taken at the output h: df wants the pre-activation": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, slope=lambda layer, hs, zs: df(hs[layer + 1]))
        ),
        "a chain rule without the slopes of the activations": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, slope=lambda layer, hs, zs: 1.0)
        ),
        "the slope of the last layer left out": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, slope=lambda layer, hs, zs: df(zs[layer]) if layer < len(zs) - 1 else 1.0)
        ),
        "the slopes of all layers but the last left out": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, slope=lambda layer, hs, zs: df(zs[layer]) if layer == len(zs) - 1 else 1.0)
        ),
        "f where its slope df belongs": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, slope=lambda layer, hs, zs: f(zs[layer]))
        ),
        "squared norms: a root is missing": lambda x, weights, f, df: _norms(_gradients(x, weights, f, df)) ** 2,
        "the spectral norm: the Frobenius norm takes all entries": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df), lambda g: np.linalg.norm(g, 2)
        ),
        "the sum of the absolute values of the entries": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df), lambda g: np.abs(g).sum()
        ),
        "the largest entry": lambda x, weights, f, df: _norms(_gradients(x, weights, f, df), lambda g: np.abs(g).max()),
        "the root of the mean square: the norm adds squares up": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df), lambda g: np.sqrt((g**2).mean())
        ),
        "the norms from the last layer to the first: start with the layer next to the input": (
            lambda x, weights, f, df: _norms(_gradients(x, weights, f, df))[::-1]
        ),
        "the gradients with respect to z: the inputs of the layers do not appear": lambda x, weights, f, df: np.array(
            [np.linalg.norm(delta) for _, delta in _gradients(x, weights, f, df)]
        ),
        "z where h = f(z) belongs: the input of a layer is what the one before it gave": lambda x, weights, f, df: (
            np.array(
                [
                    np.linalg.norm(given.T @ delta)
                    for given, (_, delta) in zip(
                        [x, *_journey(x, weights, f)[1][:-1]], _gradients(x, weights, f, df), strict=True
                    )
                ]
            )
        ),
        "the output of a layer where its input belongs": lambda x, weights, f, df: np.array(
            [
                np.linalg.norm(h.T @ delta)
                for h, (_, delta) in zip(_journey(x, weights, f)[0][1:], _gradients(x, weights, f, df), strict=True)
            ]
        ),
        "the mean of every sample's own norm: gradients are averaged first": lambda x, weights, f, df: np.array(
            [
                np.mean(np.linalg.norm(h, axis=1) * np.linalg.norm(delta * len(h), axis=1))
                for h, delta in _gradients(x, weights, f, df)
            ]
        ),
        "the norms of the weights": lambda x, weights, f, df: np.array([np.linalg.norm(W) for W in weights]),
        "the norms relative to the last layer's: absolute ones are asked for": lambda x, weights, f, df: (
            _norms(_gradients(x, weights, f, df)) / _norms(_gradients(x, weights, f, df))[-1]
        ),
        "the means of the absolute entries": lambda *a: _norms(_gradients(*a), lambda g: np.abs(g).mean()),
        "the chain without the weight matrices: each layer also multiplies by its Wᵀ": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, back=lambda delta, W: delta)
        ),
        "W on the way back, where its transpose belongs": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, back=np.matmul)
        ),
        "one number, the norm of all gradients together": lambda *a: np.linalg.norm(_norms(_gradients(*a))),
        "the gradients themselves: their norms are asked for": lambda *a: [h.T @ delta for h, delta in _gradients(*a)],
    }


@exercise(
    "q6_default_linear_variance",
    points=2,
    section="6.8 What PyTorch does if you say nothing",
    title="The default's variance",
)
class DefaultLinearVariance:
    def reference(fan_in):
        return 1 / (3 * fan_in)

    def cases(rng):
        for fan_in in (2, 1, 12, 128, *map(int, rng.permutation(np.arange(15, 900))[:4])):
            yield Case((fan_in,), note=f"fan_in {fan_in}", rtol=1e-6, atol=0.0)

    wrong = {
        "1/fan_in: that is the bound, squared": lambda fan_in: 1 / fan_in,
        "1/√fan_in: that is the bound of the interval": lambda fan_in: fan_in**-0.5,
        "2/fan_in, He's variance": lambda fan_in: 2 / fan_in,
        "one twelfth of 1/fan_in: the interval runs to both sides of 0": lambda fan_in: 1 / (12 * fan_in),
        "the standard deviation: square it": lambda fan_in: (3 * fan_in) ** -0.5,
        "the width of the interval squared, over three": lambda fan_in: 4 / (3 * fan_in),
        "one third of the bound: the bound itself has to be squared": lambda fan_in: 1 / (3 * fan_in**0.5),
        "the width of the interval over twelve: the width has to be squared": lambda fan_in: 1 / (6 * fan_in**0.5),
        "a sixth of 1/fan_in: the default lies six times below He, and He is not at 1/fan_in": lambda fan_in: (
            1 / (6 * fan_in)
        ),
        "2/(3 fan_in): the integral runs over an interval of length 2a, with density 1/(2a)": lambda fan_in: (
            2 / (3 * fan_in)
        ),
        "half of 1/fan_in": lambda fan_in: 1 / (2 * fan_in),
        "fan_in squared: the bound holds a root": lambda fan_in: 1 / (3 * fan_in**2),
        "fan_in/3: a larger layer has smaller weights": lambda fan_in: fan_in / 3,
        "⅓ whatever fan_in is": lambda fan_in: 1 / 3,
        "the mean, which is 0": lambda fan_in: 0.0,
    }


def _chain(step):
    """h_L of a chain whose layers are step(h, W, f, x)."""

    def run(x, weights, f):
        h = x = np.asarray(x, float)
        for W in weights:
            h = step(h, W, f, x)
        return h

    return run


_residual = _chain(lambda h, W, f, x: h + f(h @ W))


@exercise("q6_residual_forward", points=3, section="6.10 A way around", title="A residual chain")
class ResidualForward:
    def reference(x, weights, f):
        return _residual(x, weights, f)

    def cases(rng):
        one = np.array([[1.0, 2.0]]), [np.array([[0.5, 0.0], [0.0, -1.0]]), np.array([[1.0, 1.0], [0.0, 2.0]])]
        yield Case((*one, Function("identity")))
        for name, n, width, depth, dtype, note in (
            ("tanh", 4, 3, 2, float, "two layers"),
            ("softplus", 3, 2, 1, float, "a single layer"),
            ("tanh", 1, 4, 5, float, "a single sample"),
            ("sigmoid", 5, 3, 4, np.float32, "float32"),
            ("sin", 3, 3, 3, float, "three samples of width three"),
        ):
            x = rng.normal(size=(n, width)).round(2).astype(dtype)
            weights = [
                (rng.normal(size=(width, width)) / math.sqrt(width)).round(3).astype(dtype) for _ in range(depth)
            ]
            yield Case((x, weights, Function(name, round(rng.uniform(0.8, 1.4), 2))), note=note)
        whole = rng.integers(1, 4, (2, 2)), [rng.integers(1, 3, (2, 2)), rng.integers(-2, 3, (2, 2))]
        yield Case((*whole, Function("tanh", 0.75)), note="integers in x and in the weights")
        yield Case((x[:1, :1] + 0.5, [weights[0][:1, :1]], Function("sin")), note="one sample, one unit")

    wrong = {
        "a chain without shortcuts: each layer's own input has to be added": _chain(lambda h, W, f, x: f(h @ W)),
        "x added in every layer: what is added is that layer's own input": _chain(lambda h, W, f, x: x + f(h @ W)),
        "one shortcut around the whole chain: every layer needs one": lambda x, weights, f: (
            x + _chain(lambda h, W, f, x: f(h @ W))(x, weights, f)
        ),
        "f around the sum: the shortcut goes past f": _chain(lambda h, W, f, x: f(h + h @ W)),
        "h + hW: f has been left out": _chain(lambda h, W, f, x: h + h @ W),
        "f applied before the weights": _chain(lambda h, W, f, x: h + f(h) @ W),
        "a product where the sum belongs": _chain(lambda h, W, f, x: h * f(h @ W)),
        "a difference where the sum belongs": _chain(lambda h, W, f, x: h - f(h @ W)),
        "the average of a layer's input and its output": _chain(lambda h, W, f, x: (h + f(h @ W)) / 2),
        "transposed weights": _chain(lambda h, W, f, x: h + f(h @ W.T)),
        "the sum of the layers' contributions without x": lambda x, weights, f: _residual(x, weights, f) - x,
        "a chain that stops after its first layer": lambda x, weights, f: _residual(x, weights[:1], f),
        "a chain that leaves out its last layer": lambda x, weights, f: _residual(x, weights[:-1], f),
        "the layers in reverse order": lambda x, weights, f: _residual(x, weights[::-1], f),
        "every layer fed with x: each receives what the one before gave": _chain(lambda h, W, f, x: h + f(x @ W)),
        "two copies of the shortcut": _chain(lambda h, W, f, x: 2 * h + f(h @ W)),
    }


@exercise("q6_he", points=2, section="6.7 What size does not show", title="Does He fix everything?")
class He:
    options = {
        "a": "On average, signal and gradient keep their mean square; inputs come out nearly parallel.",
        "b": "On average, signal and gradient keep their mean square; inputs nearly keep their angles.",
        "c": "On average, the signal keeps its mean square; the gradient nearly vanishes on its way.",
        "d": "In one network as on average, signal and gradient nearly keep the mean square they had.",
    }
    right = "a"
    hints = {
        "b": "Look at the cosines after 50 layers again. What does a ReLU do to two inputs that are at right angles?",
        "c": "Compare E f² with E f′² for ReLU. Are the two gains different?",
        "d": "The rule speaks of an expectation. How far apart were the five seeds after 50 layers?",
    }
    why = "After 50 layers the mean cosine is close to 1, and single networks have drifted away from the average size."


@exercise("q6_residual", points=2, section="6.10 A way around", title="What does a shortcut do?")
class Residual:
    options = {
        "a": "It is what it was before: shortcuts act on the signal's way forward, not on the way back.",
        "b": "It is divided by the number of layers on its way, so that shortcuts keep it in bounds.",
        "c": "A copy of it passes each layer, and what comes back through the layer is added to it.",
        "d": "A copy of it passes each layer, and so it keeps its size, however large the weights are.",
    }
    right = "c"
    hints = {
        "a": "Differentiate h + f(hW) with respect to h. How many terms do you find?",
        "b": "Differentiate h + f(hW) with respect to h. Is there any division in it?",
        "d": "ReLU with He's gain and shortcuts gained twenty-one orders of magnitude in 50 layers. Where from?",
    }
    why = (
        "The slope of h + f(hW) is the identity plus the layer's own: no systematic vanishing, "
        "but growth is still possible."
    )


def _drawn_chain(rng, n, sizes):
    weights = [rng.normal(0, 1 / math.sqrt(i), (i, o)) for i, o in pairwise(sizes)]
    return rng.normal(0, 1, (n, sizes[0])), weights


@practice(of=LayerGradientNorms, points=7, title="What reaches each layer")
class PracticeLayerGradientNorms:
    def cases(rng):
        # With functions that lead to no other answer: who calls f or df learns nothing of sigmoid, say.
        close_enough = {"rtol": 1e-4, "atol": 1e-9}
        x, weights = np.array([[1.0, 2.0], [-1.0, 0.5]]), [np.array([[0.5], [-0.25]]), np.array([[2.0]])]
        yield Case(
            (x, weights, Function("arctan"), Function("arctan", derivative=True)), note="two layers", **close_enough
        )
        for name, n, sizes, words in (
            ("arctan", 1, (3, 2), "one sample and one layer"),
            ("z/√(1 + z²)", 4, (3, 3, 3), "two layers of equal width"),
            ("arctan", 5, (2, 4, 3), "layers 2 → 4 → 3"),
            ("sin", 3, (4, 2, 5, 1), "layers 4 → 2 → 5 → 1"),
            ("square", 6, (3, 2, 2), "f(z) = z²"),
            ("z/√(1 + z²)", 7, (6,) * 9, "eight layers"),
            ("arctan", 20, (5,) * 21, "twenty layers"),
        ):
            stretch = round(rng.uniform(0.6, 1.4), 2)
            pair = Function(name, stretch), Function(name, stretch, derivative=True)
            yield Case((*_drawn_chain(rng, n, sizes), *pair), note=words, **close_enough)
        yield Case(_whole_chain(rng), note="integers in x and in the weights", **close_enough)

    def example(pick):
        x, w1, w2 = pick((1, 0.5, 2), (2, 0.25, 3), (1, -0.5, 4), (3, 0.5, -2), (2, -0.25, 2))
        one, *weights = (np.array([[float(v)]]) for v in (x, w1, w2))
        got = listed(_norms(_gradients(one, weights, *FUNCTIONS["tanh"])))
        return f"$x = {x}$, $W_1 = {w1}$, $W_2 = {w2}$, all of shape (1, 1), and tanh: {got}"


@practice(of=HeNormal, points=3, title="He initialisation")
class PracticeHeNormal:
    pooled = HeNormal.pooled
    law = _he_law

    def example(pick):
        fan_in = pick(8, 32, 50, 72, 128, 200)
        return f"fan_in = {fan_in} means a standard deviation of {math.sqrt(2 / fan_in):.4g}"
