"""Exercises of lesson 6."""

import math
from itertools import pairwise

import numpy as np

from actlab.exercises.engine import Case, Measure, exercise
from actlab.networks import gains
from actlab.recipes import Named, Seed

TITLE = "Gradient flow"


def _gaussian_mean(g, spread=1.0):
    """E g(z) for z from N(0, spread²)."""
    z = np.linspace(-12, 12, 4000)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return float((g(spread * z) * density).sum() * (z[1] - z[0]))


def _second_moment(f, spread=1.0):
    return _gaussian_mean(lambda z: f(z) ** 2, spread)


def _slope(f):
    return lambda z: (f(z + 1e-5) - f(z - 1e-5)) / 2e-5


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


@exercise("q6_forward_gain", points=4, lesson=6, section="6.2 What one layer does to the size", title="The gain")
class ForwardGain:
    """`forward_gain(f)`: 1/√E f(z)² for z from N(0, 1), by any method, to one part in 500; f acts on arrays."""

    def reference(f):
        return gains(f, f)[0]

    def cases(rng):
        functions = [Named("tanh"), Named("identity"), Named("identity", 0.5), Named("softplus"), Named("sigmoid")]
        functions.append(Named("sin", round(rng.uniform(0.5, 2), 2)))
        functions.append(Named("tanh", round(rng.uniform(2, 4), 2)))
        for f in functions:
            yield Case((f,), note=f"f(z) = {f}", rtol=2e-3, atol=0.0)

    wrong = {
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


@exercise("q6_he_normal", points=3, lesson=6, section="6.3 Weights of the right size", title="He's weights")
class HeNormal:
    """`he_normal(fan_in, fan_out, rng)` → (fan_in, fan_out), independent N(0, 2/fan_in) drawn from `rng`."""

    def reference(fan_in, fan_out, rng):
        return rng.normal(0, math.sqrt(2 / fan_in), (fan_in, fan_out))

    def cases(rng):
        for fan_in, fan_out in ((300, 100), (16, 2500), tuple(map(int, rng.integers(120, 300, 2) * [1, 2]))):
            yield Case((fan_in, fan_out, Seed(int(rng.integers(2**32)))), note=f"fan_in {fan_in}, fan_out {fan_out}")

    def law(values, fan_in, fan_out, rng):
        scale, chance = math.sqrt(2 / fan_in), 5.5 / math.sqrt(values.size)
        unit = (values - values.mean()) / (values.std() or 1.0)
        yield Measure("the standard deviation", values.std(), scale, scale * chance / math.sqrt(2))
        yield Measure("the mean", values.mean(), 0.0, scale * chance)
        tails = "The spread is right, but the tails are not those of a normal distribution"
        yield Measure("the mean fourth power of the standardised weights", (unit**4).mean(), 3.0, 6 * chance, tails)
        for lagged in (unit[1:] * unit[:-1], unit[:, 1:] * unit[:, :-1]):
            said = "Neighbouring weights depend on each other: every weight needs a draw of its own"
            yield Measure("the correlation of neighbours", lagged.mean(), 0.0, 1.2 * chance, said)

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
        "one row of weights used for every input": lambda fan_in, fan_out, rng: np.tile(
            rng.normal(0, (2 / fan_in) ** 0.5, fan_out), (fan_in, 1)
        ),
        "one column of weights used for every neuron": lambda fan_in, fan_out, rng: np.tile(
            rng.normal(0, (2 / fan_in) ** 0.5, (fan_in, 1)), (1, fan_out)
        ),
        "a generator of your own with a fixed seed": lambda fan_in, fan_out, rng: np.random.default_rng(0).normal(
            0, (2 / fan_in) ** 0.5, (fan_in, fan_out)
        ),
        "`np.random.normal`, which knows nothing of `rng`": lambda fan_in, fan_out, rng: np.random.normal(  # noqa: NPY002
            0, (2 / fan_in) ** 0.5, (fan_in, fan_out)
        ),
        "zeros": lambda fan_in, fan_out, rng: np.zeros((fan_in, fan_out)),
    }


def _journey(x, weights, f):
    """Inputs and pre-activations of every layer, and the last output."""
    hs, zs = [np.asarray(x, float)], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    return hs, zs


def _gradients(x, weights, f, df, upstream=None, slope=None):
    """[∂loss/∂W_l] for a chain without biases; upstream(h_L) and slope(l, hs, zs) may be the mistaken ones."""
    hs, zs = _journey(x, weights, f)
    delta = (upstream or (lambda h: np.ones_like(h) / len(h)))(hs[-1])
    found = []
    for layer in range(len(weights) - 1, -1, -1):
        delta = delta * (slope(layer, hs, zs) if slope else df(zs[layer]))
        found.append((hs[layer], delta))
        delta = delta @ weights[layer].T
    return found[::-1]


def _norms(found, size=np.linalg.norm):
    return np.array([size(h.T @ delta) for h, delta in found])


@exercise(
    "q6_layer_gradient_norms",
    points=5,
    lesson=6,
    section="6.4 And back",
    title="The gradient of every layer",
)
class LayerGradientNorms:
    """`layer_gradient_norms(x, weights, f, df)` → (L,): the Frobenius norm of ∂loss/∂W_l for every layer.

    h₀ = x, z_l = h₍l₋₁₎ W_l, h_l = f(z_l), no biases; loss = mean over samples of the sum over units of h_L. `weights`
    is a list of L ≥ 1 arrays; df takes the pre-activation.
    """

    def reference(x, weights, f, df):
        return _norms(_gradients(x, weights, f, df))

    def cases(rng):
        def drawn(name, n, widths, stretch=1.0, dtype=float):
            x = rng.normal(0, 1.5, (n, widths[0])).round(2).astype(dtype)
            pairs = list(pairwise(widths))
            weights = [(rng.normal(size=pair) * 1.5 / math.sqrt(pair[0])).round(3).astype(dtype) for pair in pairs]
            return x, weights, Named(name, stretch), Named(name, stretch, derivative=True)

        one = [np.array([[1.0], [0.5]]), np.array([[2.0]])]
        yield Case((np.array([[1.0, 2.0], [0.0, -1.0]]), one, Named("tanh"), Named("tanh", derivative=True)), rtol=1e-4)
        for name, n, widths, stretch, dtype, note in (
            ("tanh", 5, (3, 4, 2), 1.0, float, "two layers"),
            ("softplus", 4, (3, 2), 1.0, float, "a single layer"),
            ("sigmoid", 6, (4, 5, 3, 2), 1.5, float, "three layers, wider in the middle"),
            ("sin", 1, (2, 3, 3, 4), 1.0, float, "a single sample"),
            ("tanh", 3, (3, 3, 3, 3), 0.8, np.float32, "float32"),
            ("softplus", 7, (2, 2, 2, 2, 2, 2), 1.0, float, "five layers"),
        ):
            yield Case(drawn(name, n, widths, stretch, dtype), note=note, rtol=1e-4)

    wrong = {
        "a loss summed over the samples: it is their mean": lambda x, weights, f, df: _norms(
            _gradients(x, weights, f, df, np.ones_like)
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
    }


@exercise(
    "q6_default_linear_variance",
    points=2,
    lesson=6,
    section="6.8 What PyTorch does if you say nothing",
    title="The default's variance",
)
class DefaultLinearVariance:
    """`default_linear_variance(fan_in)`: the variance of one weight drawn from U(−1/√fan_in, 1/√fan_in)."""

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


@exercise("q6_residual_forward", points=3, lesson=6, section="6.10 A way around", title="A residual chain")
class ResidualForward:
    """`residual_forward(x, weights, f)` → h_L, with h₀ = x and h_l = h₍l₋₁₎ + f(h₍l₋₁₎ W_l); all W_l square."""

    def reference(x, weights, f):
        return _residual(x, weights, f)

    def cases(rng):
        one = np.array([[1.0, 2.0]]), [np.array([[0.5, 0.0], [0.0, -1.0]]), np.array([[1.0, 1.0], [0.0, 2.0]])]
        yield Case((*one, Named("identity")))
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
            yield Case((x, weights, Named(name, round(rng.uniform(0.8, 1.4), 2))), note=note)

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


@exercise("q6_he", points=2, lesson=6, section="6.7 Level is not enough", title="Does He fix everything?")
class He:
    """A 50-layer ReLU network without shortcuts starts with He's weights. What may you expect?"""

    options = {
        "a": "Signal and gradient keep their size on average, yet different inputs come out nearly parallel.",
        "b": "Signal and gradient keep their size, and so does the angle between any two inputs.",
        "c": "The signal keeps its size, but the gradient shrinks: the rule was derived for the forward pass.",
        "d": "Both keep their size exactly, in every single network: the rule is exact for ReLU.",
    }
    right = "a"
    hints = {
        "b": "Look at the cosines after 50 layers again. What does a ReLU do to two inputs that are at right angles?",
        "c": "Compare E f² with E f′² for ReLU. Are the two gains different?",
        "d": "The rule speaks of an expectation. How far apart were the five seeds after 50 layers?",
    }
    why = "After 50 layers the mean cosine is close to 1, and single networks have drifted away from the average size."


@exercise("q6_residual", points=2, lesson=6, section="6.10 A way around", title="What does a shortcut do?")
class Residual:
    """h₍l₋₁₎ + f(h₍l₋₁₎ W_l) in place of f(h₍l₋₁₎ W_l). What happens to the gradient on its way back?"""

    options = {
        "a": "Nothing: shortcuts act on the forward signal only.",
        "b": "It is divided by the number of layers, so that it cannot explode.",
        "c": "A copy of it passes each layer unchanged, and what comes through the layer is added to that copy.",
        "d": "It keeps its size, whatever the weights are.",
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
