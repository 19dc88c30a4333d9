"""The practice questions: five questions, 100 points. Names, signatures and points never change."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np

from actlab import activations
from actlab.activations import gelu, gelu_tanh, sigmoid, softmax
from actlab.exercises import lesson02
from actlab.exercises.engine import EXERCISES, Case, Measure, close, exercise, pointwise, quarters
from actlab.numeric import erf, ndtr
from actlab.recipes import FUNCTIONS, Named, Quadratic, Seed

TITLE = "Practice"
LESSON = 8
QUESTIONS = {
    1: "Question 1: deep sigmoid networks",
    2: "Question 2: the dying ReLU",
    3: "Question 3: GELU",
    4: "Question 4: softmax inside",
    5: "Question 5: zero-centred outputs",
}
BEHIND = {1: 2, 2: 3, 3: 4, 4: 5, 5: 2}
"""The lesson behind each question."""
READING = {
    2: ("02 Sigmoid and tanh", "02_sigmoid_tanh.ipynb"),
    3: ("03 The ReLU family", "03_relu_family.ipynb"),
    4: ("04 GELU and SiLU", "04_gelu_silu.ipynb"),
    5: ("05 Softmax", "05_softmax.ipynb"),
    6: ("06 Gradient flow", "06_gradient_flow.ipynb"),
}
"""Title and file of the lessons that a question can point to."""

PARAMETERS = {"SEED": (8, *range(9, 200)), "DEPTH": (10, 8, 9, 11, 12)}
"""What the notebook's parameters cell sets: the course's value first, then what a student may get instead."""
SCALE = math.sqrt(2 / math.pi)
IN_PLACE = "a change of the input array itself: make a copy first"
SINGLE = "an `if` or `max` that wants a single number, on a whole array (`np.where`, `np.maximum` go entry by entry)"
OWN_RANDOMNESS = "random numbers from elsewhere: only `rng` may be asked"
OWN_SEED = "a generator with a seed of its own in place of the `rng` that is handed over"


def asked(name, points, question, title):
    """`exercise`, for a practice question."""
    return exercise(
        name, points=points, lesson=LESSON, section=QUESTIONS[question], title=title, name=name, question=question
    )


def taught(exercise):
    """The exercise of a lesson that builds the same thing as this practice question's; None where no lesson does."""
    return next((e for e in EXERCISES.values() if e.name == exercise.name and e.lesson != LESSON), None)


def reading(exercise):
    """(title, file) of the lesson to read again: where the same thing is built, else the one behind the question."""
    twin = taught(exercise)
    return READING[twin.lesson if twin else BEHIND[exercise.question]]


def phi(z):
    """The density of N(0, 1)."""
    return np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def _listed(array):
    """A small array as text: (1, −2.5)."""
    rows = [_listed(row) if np.ndim(row) else f"{float(row):.4g}" for row in np.asarray(array)]
    return f"({', '.join(rows)})".replace("-", "−")


def _n(value, digits=4):
    return f"{value:.{digits}f}".replace("-", "−")


# Question 1


@asked("sigmoid", 4, 1, "The sigmoid")
class Sigmoid:
    """`sigmoid(z)`, any shape; also finite, and within 1e-6 of its limits, up to |z| = 1e4."""

    parts = lesson02.Sigmoid.parts
    elementwise = True
    reference = sigmoid
    cases = lesson02.Sigmoid.cases
    wrong = lesson02.Sigmoid.wrong

    def example(pick):
        z = pick(5.0, -3.0, -1.5, 1.25, 2.5, -0.75, 4.0, -2.25)
        return f"σ({_n(z, 2)}) = {_n(sigmoid(z))}"


@asked("sigmoid_derivative", 3, 1, "The sigmoid's slope")
class SigmoidDerivative:
    """`sigmoid_derivative(z)`, any shape; the argument is the pre-activation z."""

    elementwise = True
    reference = activations.sigmoid_derivative
    cases = pointwise
    wrong = {said: form for said, form in lesson02.SigmoidDerivative.wrong.items() if said not in lesson02.OVERFLOWING}

    def example(pick):
        z = pick(1.0, -1.5, 2.0, 0.5, -2.5, 3.0, -0.25)
        return f"σ′({_n(z, 2)}) = {_n(activations.sigmoid_derivative(z))}"


class _SinglePrecision:
    """¼ to the power of depth in float32: right until it underflows, so recognised by exactly that."""

    def __call__(self, depth):
        return float(np.float32(0.25**depth))

    def like(self, got, depth):
        return got.shape == () and bool(np.isclose(got, self(depth), rtol=1e-6, atol=0.0))


@asked("activation_factor", 2, 1, "The activations' share")
class ActivationFactor:
    """`activation_factor(depth)`: the largest factor that `depth` sigmoids alone can contribute to a gradient."""

    reference = lesson02.GradientFactor.reference
    cases = lesson02.GradientFactor.cases
    wrong = {
        "float32 numbers, which become 0 below about 1e-45: use float64": _SinglePrecision(),
        "0 for no layers at all: there the signal is untouched": lambda depth: 0.25**depth if depth else 0.0,
        **lesson02.GradientFactor.wrong,
    }

    def example(pick):
        depth = pick(2, 3, 4, 5, 6)
        return f"depth {depth} gives {0.25**depth:.6g}"


def _transposed(delta, W):
    return delta @ W.T


def _backward(x, weights, f, df, back=_transposed):
    """Activations h_0 … h_L, and ∂loss/∂z_1 … ∂loss/∂z_L for the mean over samples of the sum over units of h_L.

    back(delta, W): how the signal passes a weight matrix on its way back.
    """
    hs, zs = [x], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    deltas = [df(zs[-1]) / len(x)]
    for W, z in zip(weights[:0:-1], zs[-2::-1], strict=True):
        deltas.append(back(deltas[-1], W) * df(z))
    return hs, deltas[::-1]


def layer_gradients(x, weights, f, df, back=_transposed):
    """The gradient for each weight matrix."""
    hs, deltas = _backward(x, weights, f, df, back)
    return [h.T @ delta for h, delta in zip(hs, deltas, strict=False)]


def _norms(matrices, order=None):
    return np.array([np.linalg.norm(m, order) for m in matrices])


def _not_the_last_slope(x, weights, f, df):
    calls = []

    def slope(z):
        calls.append(1)
        return np.ones_like(z) if len(calls) == 1 else df(z)

    return _norms(layer_gradients(x, weights, f, slope))


def _outputs_for_inputs(x, weights, f, df):
    hs, deltas = _backward(x, weights, f, df)
    return _norms([h.T @ delta for h, delta in zip(hs[1:], deltas, strict=True)])


def _chain(rng, n, sizes):
    weights = [rng.normal(0, 1 / math.sqrt(i), (i, o)) for i, o in pairwise(sizes)]
    return rng.normal(0, 1, (n, sizes[0])), weights


@asked("layer_gradient_norms", 7, 1, "What reaches each layer")
class LayerGradientNorms:
    """`layer_gradient_norms(x, weights, f, df)`: the Frobenius norm of ∂loss/∂W_l for every layer l."""

    def reference(x, weights, f, df):
        return _norms(layer_gradients(x, weights, f, df))

    def cases(rng):
        close_enough = {"rtol": 1e-4, "atol": 1e-12}
        x, weights = np.array([[1.0, 2.0], [-1.0, 0.5]]), [np.array([[0.5], [-0.25]]), np.array([[2.0]])]
        yield Case((x, weights, Named("tanh"), Named("tanh", derivative=True)), note="two layers", **close_enough)
        for name, n, sizes, words in (
            ("sigmoid", 1, (3, 2), "one sample and one layer"),
            ("tanh", 4, (3, 3, 3), "two layers of equal width"),
            ("softplus", 5, (2, 4, 3), "layers 2 → 4 → 3"),
            ("sin", 3, (4, 2, 5, 1), "layers 4 → 2 → 5 → 1"),
            ("square", 6, (3, 2, 2), "f(z) = z²"),
            ("sigmoid", 7, (6,) * 9, "eight sigmoid layers"),
            ("tanh", 20, (5,) * 21, "twenty layers"),
        ):
            stretch = round(rng.uniform(0.6, 1.4), 2)
            pair = Named(name, stretch), Named(name, stretch, derivative=True)
            yield Case((*_chain(rng, n, sizes), *pair), note=words, **close_enough)

    def example(pick):
        x, w1, w2 = pick((1, 0.5, 2), (2, 0.25, 3), (1, -0.5, 4), (3, 0.5, -2), (2, -0.25, 2))
        one, *weights = (np.array([[float(v)]]) for v in (x, w1, w2))
        got = _listed(_norms(layer_gradients(one, weights, *FUNCTIONS["tanh"])))
        return f"$x = {x}$, $W_1 = {w1}$, $W_2 = {w2}$, all of shape (1, 1), and tanh: {got}"

    wrong = {
        "df at h = f(z): df takes the pre-activation z": lambda x, weights, f, df: _norms(
            layer_gradients(x, weights, f, lambda z: df(f(z)))
        ),
        "the squares of the norms: a root is missing": lambda *a: _norms(layer_gradients(*a)) ** 2,
        "the largest singular value: the Frobenius norm adds up the squares of all entries": lambda *a: _norms(
            layer_gradients(*a), 2
        ),
        "the sums of the absolute entries": lambda *a: np.array([np.abs(g).sum() for g in layer_gradients(*a)]),
        "the largest entries": lambda *a: np.array([np.abs(g).max() for g in layer_gradients(*a)]),
        "the means of the absolute entries": lambda *a: np.array([np.abs(g).mean() for g in layer_gradients(*a)]),
        "root mean squares: the Frobenius norm does not divide by the number of entries": lambda *a: np.array(
            [np.sqrt((g**2).mean()) for g in layer_gradients(*a)]
        ),
        "the sum over the samples: the loss is their mean": lambda x, *a: len(x) * _norms(layer_gradients(x, *a)),
        "the mean over the output units: the loss is their sum": lambda x, weights, *a: (
            _norms(layer_gradients(x, weights, *a)) / weights[-1].shape[1]
        ),
        "the layers in reverse order: the first entry belongs to the first layer": lambda *a: _norms(
            layer_gradients(*a)[::-1]
        ),
        "a loss without the last f: its slope df belongs to the chain too": _not_the_last_slope,
        "the chain without any df: every layer multiplies by its slopes": lambda x, weights, f, df: _norms(
            layer_gradients(x, weights, f, np.ones_like)
        ),
        "f where df belongs": lambda x, weights, f, df: _norms(layer_gradients(x, weights, f, f)),
        "the sizes of ∂loss/∂z: the gradient of W is h of the layer before, transposed, times that": lambda *a: _norms(
            _backward(*a)[1]
        ),
        "the chain without the weight matrices: each layer also multiplies by its Wᵀ": lambda *a: _norms(
            layer_gradients(*a, back=lambda delta, W: delta)
        ),
        "W on the way back, where its transpose belongs": lambda *a: _norms(layer_gradients(*a, back=np.matmul)),
        "h of the layer itself, where ∂loss/∂W wants its input, the h of the layer before": _outputs_for_inputs,
        "one number, the norm of all gradients together": lambda *a: np.linalg.norm(_norms(layer_gradients(*a))),
        "the gradients themselves: their norms are asked for": layer_gradients,
    }


@asked("q1_reason", 4, 1, "Why do the first layers stall?")
class Reason1:
    """Why does a deep network of sigmoids, at the usual initialisation, fail to train?"""

    def example(pick):
        depth = pick(10, 8, 12, 14, 16)
        return f"{depth} hidden layers, all sigmoid, weights drawn with gain 1 (Xavier)"

    options = {
        "a": "Slopes give at most ¼ a layer, and weights of this size do not make up for it: hardly any "
        "gradient reaches the first layers.",
        "b": "¼ to the power of the depth bounds the gradient of the first layer: whatever its weights, such a "
        "network cannot be trained.",
        "c": "Outputs between 0 and 1 are multiplied layer by layer: the activations shrink to 0 on their way forward.",
        "d": "Weights of this size put nearly all units on the flat parts of the sigmoid, where the slope is "
        "practically 0.",
    }
    right = "a"
    hints = {
        "b": "What else stands in the chain rule beside the slopes, and what did a gain of 12 do to the product?",
        "c": "Feed numbers through: what does a sigmoid give for inputs near 0, and what would the next layer give?",
        "d": "With gain 1 the pre-activations are small. Where on the curve are they, and what is the slope there?",
    }
    why = "Every slope lets through at most a quarter, and weights of gain 1 do not make up for it; larger ones can."


# Question 2


def _keeps_input_type(f):
    """`f` with its values stored in an array like its first argument."""

    def stored(z, *more):
        values = np.empty_like(z)
        values[...] = f(z, *more)
        return values

    return stored


def _zero_negatives_in_place(z):
    z[z < 0] = 0
    return z


@asked("relu", 2, 2, "ReLU")
class Relu:
    """`relu(z)`, any shape: max(0, z)."""

    elementwise = True
    reference = activations.relu
    cases = pointwise

    def example(pick):
        a, b = pick((-3, 3), (-2.5, 1.5), (-1, 4), (-0.5, 2), (-7, 0.5))
        return f"({_n(a, 1)}, {_n(b, 1)}) becomes ({_n(0, 1)}, {_n(b, 1)})"

    wrong = {
        "min(0, z): the negative side is kept": lambda z: np.minimum(z, 0),
        "|z|: negative numbers become 0, not positive": np.abs,
        "a step: positive numbers stay as they are": lambda z: (z > 0) * 1.0,
        "z itself: negative numbers become 0": lambda z: z.copy(),
        "the largest entry, repeated (`np.max` in place of `np.maximum`)": lambda z: np.full(
            z.shape, max(z.max(), 0), float
        ),
        "the largest entry alone (`np.max` in place of `np.maximum`)": np.max,
        "z cut off at 6 as well, the ReLU6": lambda z: np.clip(z, 0, 6),
        "z cut off at 1 as well": lambda z: np.clip(z, 0, 1),
        "max(0, −z): the sign is flipped": lambda z: np.maximum(-z, 0),
        "a leaky ReLU with slope 0.01": lambda z: np.where(z > 0, z, 0.01 * z),
        "ln(1 + eᶻ), the softplus": lambda z: np.logaddexp(0, z),
        "max(1, z): the corner lies at 0": lambda z: np.maximum(z, 1),
        "the square of the ReLU": lambda z: np.maximum(z, 0.0) ** 2,
        "half of it: z on the positive side": lambda z: np.maximum(z, 0) / 2,
        "the positive entries alone, in a shorter array": lambda z: z[z > 0],
        SINGLE: lambda z: max(z, 0),
        IN_PLACE: _zero_negatives_in_place,
    }


@asked("relu_derivative", 2, 2, "The slope of ReLU")
class ReluDerivative:
    """`relu_derivative(z)`, any shape; at z = 0 anything from 0 to 1 is right."""

    elementwise = True
    reference = activations.relu_derivative
    cases = pointwise

    def accept(got, want, case, k):
        at_kink = (case.args[0] == 0) & (got >= -1e-6) & (got <= 1 + 1e-6)
        return close(got, want, case) | at_kink

    def example(pick):
        a, b = pick((-3, 3), (-2.5, 1.5), (-1, 4), (-0.5, 2), (-7, 0.5))
        return f"({_n(a, 1)}, {_n(b, 1)}) becomes (0, 1)"

    wrong = {
        "ReLU itself": lambda z: np.maximum(z, 0),
        "z itself": lambda z: z.copy(),
        "1 everywhere: that is the slope of z": lambda z: np.ones(z.shape),
        "0 everywhere": lambda z: np.zeros(z.shape),
        "a step facing the other way": lambda z: (z < 0) * 1.0,
        "the sign of z: on the negative side the slope is 0": np.sign,
        "−1 and 1, the slope of |z|": lambda z: np.where(z > 0, 1.0, -1.0),
        "a test for z ≠ 0: negative numbers have slope 0": lambda z: (z != 0) * 1.0,
        "a sigmoid, which is the slope of the softplus": sigmoid,
        "the slope of a leaky ReLU": lambda z: np.where(z > 0, 1.0, 0.01),
        "a threshold at 1: the slope is 1 from 0 on": lambda z: (z >= 1) * 1.0,
        "the slope of ReLU6, which is flat from 6 on": lambda z: ((z > 0) & (z < 6)) * 1.0,
        "1 cut off by z on the positive side": lambda z: np.clip(z, 0, 1),
        "differences between neighbouring entries (`np.gradient`): each entry has a slope of its own": lambda z: (
            np.gradient(np.maximum(z, 0))
        ),
        "one answer for the whole array, whether *any* entry is positive": lambda z: float(np.any(z > 0)),
        SINGLE: lambda z: 1.0 if z > 0 else 0.0,
    }


def _scaled_in_place(z, alpha=0.01):
    z[z < 0] *= alpha
    return z


@asked("leaky_relu", 3, 2, "Leaky ReLU")
class LeakyRelu:
    """`leaky_relu(z, alpha=0.01)`, any shape, any alpha ≥ 0."""

    elementwise = True
    reference = activations.leaky_relu

    def cases(rng):
        yield from pointwise(rng)
        for alpha in (0.5, 0.0, round(rng.uniform(0.1, 0.9), 2), 1.0, round(rng.uniform(1.5, 4), 2)):
            for case in list(pointwise(rng))[:4:3]:
                yield replace(case, args=(*case.args, alpha), note=f"{case.note}, with alpha = {alpha:g}")

    def example(pick):
        z, alpha = pick((-3, 0.01), (-2, 0.25), (-4, 0.5), (-1.5, 0.2), (-2, 2.0), (-0.5, 3.0))
        return f"$z = {z}$ with alpha {alpha:g} gives {alpha * z:g}".replace("gives -", "gives −")

    wrong = {
        "the slope on the wrong side": lambda z, alpha=0.01: np.where(z > 0, alpha * z, z),
        "−alpha · z on the left: the line goes on through 0": lambda z, alpha=0.01: np.where(z > 0, z, -alpha * z),
        "alpha itself on the left: alpha is a slope": lambda z, alpha=0.01: np.where(z > 0, z, alpha),
        "−alpha on the left: alpha is a slope": lambda z, alpha=0.01: np.where(z > 0, z, np.where(z < 0, -alpha, 0)),
        "max(alpha, z): alpha is a slope": lambda z, alpha=0.01: np.maximum(z, alpha),
        "max(z, alpha · z), which turns round when alpha exceeds 1": lambda z, alpha=0.01: np.maximum(z, alpha * z),
        "a slope of 0.01 whatever alpha is": lambda z, alpha=0.01: np.where(z > 0, z, 0.01 * z),
        "a default of 0.1": lambda z, alpha=0.1: np.where(z > 0, z, alpha * z),
        "a default of 0.2": lambda z, alpha=0.2: np.where(z > 0, z, alpha * z),
        "a plain ReLU: the left side is flat": lambda z, alpha=0.01: np.maximum(z, 0),
        "alpha · z on both sides": lambda z, alpha=0.01: alpha * z,
        "z − alpha on the left: alpha is a slope": lambda z, alpha=0.01: np.where(z > 0, z, z - alpha),
        "z / alpha on the left: alpha multiplies": lambda z, alpha=0.01: np.where(z > 0, z, z / alpha),
        "an ELU, which saturates on the left": lambda z, alpha=0.01: np.where(
            z > 0, z, alpha * np.expm1(np.minimum(z, 0))
        ),
        "the slope of a leaky ReLU in place of its value": lambda z, alpha=0.01: np.where(z > 0, 1, alpha),
        "(1 + alpha) · z on the positive side": lambda z, alpha=0.01: np.maximum(z, 0) + alpha * z,
        "a result stored in an integer array like the input": _keeps_input_type(
            lambda z, alpha=0.01: np.where(z > 0, z, alpha * z)
        ),
        SINGLE: lambda z, alpha=0.01: z if z > 0 else alpha * z,
        IN_PLACE: _scaled_in_place,
    }


@asked("dead_units", 3, 2, "Counting the dead")
class DeadUnits:
    """`dead_units(z)`: pre-activations (n, units) → (units,), whether z ≤ 0 for every sample."""

    def reference(z):
        return (z <= 0).all(axis=0)

    def cases(rng):
        yield Case(
            (np.array([[-1.0, 2.0, 0.0], [-2.0, -1.0, -1.0], [-0.5, -3.0, 0.0], [-1.0, -4.0, 0.0]]),),
            note="four samples, three units",
        )
        for n, units in ((5, 5), (3, 6), (1, 4), (40, 8), (2, 1)):
            z = -np.abs(quarters(rng, n, units)) - 0.25
            z[:, ::3] = rng.choice([0.0, -0.5, -2.0], z[:, ::3].shape)
            fires = rng.permutation(units)[: (units + 1) // 2]
            z[rng.integers(n, size=len(fires)), fires] = rng.choice([0.25, 1.5, 3.0], len(fires))
            yield Case((z,), note=f"{n} samples, {units} units" if n > 1 else f"one sample, {units} units")
        yield Case((rng.integers(-3, 1, (6, 4)) + np.array([0, 1, 0, -1]),), note="integers")
        yield Case((np.zeros((3, 2)),), note="zeros alone")
        yield Case((np.float32([[-1, 0, 2, 0.5], [-3, 0, 1, -8]]),), note="float32 numbers")

    def example(pick):
        z = pick(((-1, 2), (-3, -1)), ((0, -1), (-2, 3)), ((-2, 1), (-1, 4)), ((1, -1), (-4, 0)), ((-1, -5), (2, -3)))
        got = ", ".join(map(str, (np.array(z) <= 0).all(axis=0).tolist()))
        return f"the two samples {_listed(z[0])} and {_listed(z[1])} give ({got})"

    wrong = {
        "z < 0: a pre-activation of exactly 0 gives no output either": lambda z: (z < 0).all(axis=0),
        "one answer for each sample: samples are the rows, units the columns": lambda z: (z <= 0).all(axis=1),
        "units that are silent for *some* sample: dead means for every one": lambda z: (z <= 0).any(axis=0),
        "units that are silent on average: one positive sample keeps a unit alive": lambda z: z.mean(axis=0) <= 0,
        "units that are silent for most samples": lambda z: (z <= 0).mean(axis=0) > 0.5,
        "the living units: the answer is the other way round": lambda z: (z > 0).any(axis=0),
        "units that always fire": lambda z: (z > 0).all(axis=0),
        "the first sample alone": lambda z: z[0] <= 0,
        "the last sample alone": lambda z: z[-1] <= 0,
        "one answer for the whole layer: `axis=0` is missing": lambda z: bool((z <= 0).all()),
        "one answer for each entry: `all` along the samples is missing": lambda z: z <= 0,
        "a test for z = 0: z holds pre-activations, not the ReLU's outputs": lambda z: (z == 0).all(axis=0),
        "the share of silent samples: only a share of 1 is dead": lambda z: (z <= 0).mean(axis=0),
        "the number of dead units": lambda z: (z <= 0).all(axis=0).sum(),
        "the positions of the dead units": lambda z: np.flatnonzero((z <= 0).all(axis=0)),
        "the number of silent samples for each unit": lambda z: (z <= 0).sum(axis=0),
    }


def _spread_measures(u, rows, columns):
    """Independence across rows and columns of standardised numbers u (rows, columns), as Measures."""
    for what, means, size, count in (
        ("in a row", u.mean(axis=1), columns, rows),
        ("in a column", u.mean(axis=0), rows, columns),
    ):
        yield Measure(
            f"the scatter of the means {what}, compared with independent numbers,",
            float(size * (means**2).mean()),
            1.0,
            8 * math.sqrt(2 / count),
            f"The numbers {what} depend on each other: every one needs a draw of its own",
        )


def _he(fan_in, fan_out, rng):
    return rng.normal(0, math.sqrt(2 / fan_in), (fan_in, fan_out))


def _truncated(fan_in, fan_out, rng):
    u = rng.normal(size=(fan_in, fan_out))
    while (far := np.abs(u) > 2).any():
        u[far] = rng.normal(size=far.sum())
    return u * math.sqrt(2 / fan_in)


@asked("he_normal", 3, 2, "He initialisation")
class HeNormal:
    """`he_normal(fan_in, fan_out, rng)`: (fan_in, fan_out) independent draws from N(0, 2/fan_in), not truncated."""

    reference = _he

    def cases(rng):
        def seed():
            return Seed(int(rng.integers(2**31)))

        for fan_in, fan_out in ((3, 2), (1, 5), (150, 160), (1, 1), (40, 150)):
            yield Case((fan_in, fan_out, seed()), note=f"fan_in = {fan_in}, fan_out = {fan_out}")

    def law(values, fan_in, fan_out, seed):
        if values.size < 500:
            return
        sigma, n = math.sqrt(2 / fan_in), values.size
        u = values / sigma
        yield Measure("the mean of the entries", values.mean(), 0.0, 6 * sigma / math.sqrt(n))
        yield Measure("the standard deviation of the entries", values.std(), sigma, 6 * sigma / math.sqrt(2 * n))
        p = 2 * ndtr(-3.0)
        beyond = float((np.abs(u) > 3).mean())
        yield Measure(
            "the share of entries beyond three standard deviations", beyond, p, 6.5 * math.sqrt(p * (1 - p) / n)
        )
        yield Measure(
            "the kurtosis of the entries, 3 for a normal distribution,",
            float((u**4).mean() / (u**2).mean() ** 2) if u.any() else 0.0,
            3.0,
            8 * math.sqrt(24 / n),
        )
        ordered = np.sort(u.ravel())
        away = np.abs(ndtr(ordered) - np.arange(1, n + 1) / n).max() + 1 / n
        yield Measure("the largest distance to the normal distribution function", away, 0.0, 3 / math.sqrt(n))
        yield Measure("the share of different numbers", (1 + np.count_nonzero(np.diff(ordered))) / n, 1.0, 0.05)
        yield from _spread_measures(u, fan_in, fan_out)

    def example(pick):
        fan_in = pick(8, 32, 50, 72, 128, 200)
        return f"fan_in = {fan_in} means a standard deviation of {math.sqrt(2 / fan_in):.4g}"

    wrong = {
        "a variance of 1/fan_in: half the variance": lambda i, o, rng: _he(i, o, rng) / math.sqrt(2),
        "2/fan_in as the standard deviation: it is the variance": lambda i, o, rng: rng.normal(0, 2 / i, (i, o)),
        "a variance of 2/fan_out": lambda i, o, rng: rng.normal(0, math.sqrt(2 / o), (i, o)),
        "a variance of 2/(fan_in + fan_out), Xavier's": lambda i, o, rng: rng.normal(0, math.sqrt(2 / (i + o)), (i, o)),
        "a variance of 1, the standard normal": lambda i, o, rng: rng.normal(0, 1, (i, o)),
        "a variance of 2 whatever fan_in is": lambda i, o, rng: rng.normal(0, math.sqrt(2), (i, o)),
        "a variance of fan_in/2: the fraction is upside down": lambda i, o, rng: rng.normal(
            0, math.sqrt(i / 2), (i, o)
        ),
        "a uniform distribution, though of the right variance": lambda i, o, rng: rng.uniform(
            -math.sqrt(6 / i), math.sqrt(6 / i), (i, o)
        ),
        "a uniform distribution up to ±√(2/fan_in)": lambda i, o, rng: rng.uniform(
            -math.sqrt(2 / i), math.sqrt(2 / i), (i, o)
        ),
        "a uniform distribution up to ±1/√fan_in, PyTorch's default": lambda i, o, rng: rng.uniform(
            -1 / math.sqrt(i), 1 / math.sqrt(i), (i, o)
        ),
        "uniform numbers from 0 to 1 in place of normal ones": lambda i, o, rng: rng.random((i, o)) * math.sqrt(2 / i),
        "a normal distribution cut off at two standard deviations": _truncated,
        "positive numbers alone: the sign is lost": lambda i, o, rng: np.abs(_he(i, o, rng)),
        "the shape (fan_out, fan_in)": lambda i, o, rng: rng.normal(0, math.sqrt(2 / i), (o, i)),
        "a single number: the shape is missing": lambda i, o, rng: rng.normal(0, math.sqrt(2 / i)),
        "one number repeated everywhere": lambda i, o, rng: np.full((i, o), rng.normal(0, math.sqrt(2 / i))),
        "one row repeated": lambda i, o, rng: np.tile(rng.normal(0, math.sqrt(2 / i), (1, o)), (i, 1)),
        "one column repeated": lambda i, o, rng: np.tile(rng.normal(0, math.sqrt(2 / i), (i, 1)), (1, o)),
        OWN_RANDOMNESS: lambda i, o, rng: np.random.default_rng().normal(0, math.sqrt(2 / i), (i, o)),
        OWN_SEED: lambda i, o, rng: _he(i, o, np.random.default_rng(0)),
    }


def _normed(z, axis=0, ddof=0, eps=1e-5):
    return (z - z.mean(axis, keepdims=True)) / np.sqrt(z.var(axis, ddof=ddof, keepdims=True) + eps)


@asked("batch_norm", 3, 2, "Batch normalisation")
class BatchNorm:
    """`batch_norm(z, gamma, beta, eps=1e-5)`: (n, d), (d,), (d,) → (n, d), normalised over the batch."""

    def reference(z, gamma, beta, eps=1e-5):
        return gamma * _normed(z, eps=eps) + beta

    def cases(rng):
        first = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, -10.0]])
        yield Case((first, np.array([1.0, 2.0]), np.array([0.0, 5.0])), note="three samples, two units")
        for (n, d), more, note in (
            ((4, 4), (), "as many samples as units"),
            ((6, 3), (0.5,), "eps = 0.5"),
            ((2, 5), (), "two samples"),
            ((1, 3), (), "one sample"),
            ((5, 2), (2.0,), "eps = 2"),
        ):
            z = rng.normal(1, 2, (n, d)).round(2) + np.arange(d)
            yield Case((z, rng.uniform(0.5, 2, d).round(2), rng.normal(0, 2, d).round(2), *more), note=note)
        integers = np.stack([rng.permutation(np.arange(-3, 5)) for _ in range(3)], axis=1)
        yield Case((integers, np.array([2, -1, 1]), np.array([1, 0, 3])), note="integers")
        singles = (rng.normal(0, 2, (7, 2)), rng.uniform(0.5, 2, 2), rng.normal(0, 1, 2))
        yield Case(tuple(a.astype(np.float32) for a in singles), note="float32 numbers")

    def example(pick):
        a, b, gamma, beta = pick((1, 3, 2, 10), (0, 4, 3, 1), (-1, 1, 5, 2), (2, 8, 2, 5), (5, 6, 4, -1))
        got = gamma * _normed(np.array([[a], [b]], float))[:, 0] + beta
        return f"one unit, the batch {_listed((a, b))}, gamma {gamma}, beta {beta}: about ({got[0]:.2f}, {got[1]:.2f})"

    wrong = {
        "the unbiased variance, over n − 1": lambda z, gamma, beta, eps=1e-5: gamma * _normed(z, 0, 1, eps) + beta,
        "mean and variance of each sample: they are taken over the batch": lambda z, gamma, beta, eps=1e-5: (
            gamma * _normed(z, 1, 0, eps) + beta
        ),
        "one mean and one variance for the whole array: each unit has its own": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean()) / np.sqrt(z.var() + eps) + beta
        ),
        "no gamma": lambda z, gamma, beta, eps=1e-5: _normed(z, eps=eps) + beta,
        "no beta": lambda z, gamma, beta, eps=1e-5: gamma * _normed(z, eps=eps),
        "neither gamma nor beta": lambda z, gamma, beta, eps=1e-5: _normed(z, eps=eps),
        "gamma and beta swapped": lambda z, gamma, beta, eps=1e-5: beta * _normed(z, eps=eps) + gamma,
        "gamma applied to beta as well": lambda z, gamma, beta, eps=1e-5: gamma * (_normed(z, eps=eps) + beta),
        "beta subtracted": lambda z, gamma, beta, eps=1e-5: gamma * _normed(z, eps=eps) - beta,
        "a division by the variance: its root is missing": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean(0)) / (z.var(0) + eps) + beta
        ),
        "eps outside the root: it is added to the variance": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean(0)) / (z.std(0) + eps) + beta
        ),
        "eps of 1e-5 whatever is handed over": lambda z, gamma, beta, eps=1e-5: gamma * _normed(z) + beta,
        "no eps at all, which divides 0 by 0 for a single sample": lambda z, gamma, beta, eps=1e-5: (
            gamma * _normed(z, eps=0.0) + beta
        ),
        "the mean subtracted, but nothing divided": lambda z, gamma, beta, eps=1e-5: gamma * (z - z.mean(0)) + beta,
        "a division without subtracting the mean": lambda z, gamma, beta, eps=1e-5: (
            gamma * z / np.sqrt(z.var(0) + eps) + beta
        ),
        "gamma divided by instead of multiplied": lambda z, gamma, beta, eps=1e-5: _normed(z, eps=eps) / gamma + beta,
        "a result stored in an integer array like the input": _keeps_input_type(
            lambda z, gamma, beta, eps=1e-5: gamma * _normed(z, eps=eps) + beta
        ),
    }


@asked("q2_reason", 4, 2, "What does dead mean?")
class Reason2:
    """A ReLU unit outputs zero for every sample of the training set. What follows?"""

    def example(pick):
        samples = pick(400, 256, 512, 640, 900)
        return (
            f"its pre-activations are negative for all {samples} training samples. Training continues with plain "
            "gradient descent on these samples"
        )

    options = {
        "a": "Its weights receive no gradient: it is dead for good, whichever layer it sits in.",
        "b": "A leak of 0.01 is a sure cure: however far below 0 it sits, and with any optimiser, it recovers within "
        "an ordinary run.",
        "c": "Its own weights receive no gradient. In the first layer it stays dead; deeper, the layers before it "
        "may move and revive it.",
        "d": "The initialisation was at fault: He's variance keeps every unit alive, whatever the learning rate.",
    }
    right = "c"
    hints = {
        "a": "Its own weights stand still. Does everything stand still that its pre-activation is made of?",
        "b": "How large is the gradient that slope 0.01 lets through, and how far does the unit have to travel?",
        "d": "He's rule sets the scale at step 0. What can one large step do to a bias?",
    }
    why = "No gradient reaches its own weights; whether its inputs still move depends on the layer it sits in."


# Question 3


def _erf_gelu(z):
    return 0.5 * z * (1 + erf(z / math.sqrt(2)))


def _tanh_form(z, factor=SCALE, cubic=0.044715, power=3):
    return 0.5 * z * (1 + np.tanh(factor * (z + cubic * z**power)))


class _RandomGate:
    """Named by what the values look like, since a learner's own draws are others: each is 0 or z."""

    def __call__(self, z):
        return z * (np.random.default_rng(42).random(z.shape) < ndtr(z))

    @staticmethod
    def like(got, z):
        return got.shape == z.shape and bool(((got == 0) | (got == z)).all())


@asked("gelu", 5, 3, "GELU")
class Gelu:
    """`gelu(z)`, any shape: the exact z Φ(z)."""

    parts = {"values": 4, "left tail": 1}
    elementwise = True
    reference = gelu

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
        return f"GELU({_n(z, 2)}) = {_n(float(gelu(z)))}"

    wrong = {
        "z · 2Φ(z): the ½ is missing": lambda z: 2 * gelu(z),
        "Φ(z) alone: the factor z is missing": ndtr,
        "z φ(z): the density φ in place of the distribution function Φ": lambda z: z * phi(z),
        "½z(1 + erf(z)): z is divided by √2 inside erf": lambda z: 0.5 * z * (1 + erf(z)),
        "½z(1 + erf(z/2)): z is divided by √2 inside erf": lambda z: 0.5 * z * (1 + erf(z / 2)),
        "½z · erf(z/√2): the `1 +` is missing": lambda z: 0.5 * z * erf(z / math.sqrt(2)),
        "½(1 + erf(z/√2)) · |z|": lambda z: np.abs(z) * ndtr(z),
        "½z(1 − erf(z/√2)): a minus where a plus belongs": lambda z: z * ndtr(-z),
        "the tanh form, which is an approximation: here the exact z Φ(z) is asked for": _tanh_form,
        "z σ(1.702z), which is an approximation": lambda z: z * sigmoid(1.702 * z),
        "z σ(z), the SiLU": lambda z: z * sigmoid(z),
        "a ReLU": lambda z: np.maximum(z, 0.0),
        "z itself": lambda z: z.copy(),
        "Φ(z) + z φ(z), the slope of GELU": activations.gelu_derivative,
        "z² Φ(z): one factor z too many": lambda z: z**2 * ndtr(z),
        "a sigmoid": sigmoid,
        "½z(1 + tanh(z))": lambda z: 0.5 * z * (1 + np.tanh(z)),
        "GELU stored in an integer array like the input": _keeps_input_type(gelu),
        "a random gate, each value 0 or z: GELU is the *mean* of that, and not random": _RandomGate(),
        "a function of `math`, which takes one number, on a whole array": lambda z: (
            0.5 * z * (1 + math.erf(z / math.sqrt(2)))
        ),
        "½z(1 + erf(z/√2)), where 1 + erf loses the left tail to rounding": _erf_gelu,
    }


@asked("gelu_tanh", 3, 3, "GELU's tanh form")
class GeluTanh:
    """`gelu_tanh(z)`, any shape: ½z(1 + tanh(√(2/π)(z + 0.044715 z³)))."""

    elementwise = True
    reference = gelu_tanh

    def cases(rng):
        yield from pointwise(rng)
        yield Case((rng.choice([-1, 1], 12) * rng.uniform(2, 3.4, 12).round(2),), note="numbers around ±2.7")

    def example(pick):
        z = pick(2.5, -2.5, 3.0, -3.0, 2.0, -2.0)
        return f"$z = {z}$ gives {_n(float(gelu_tanh(z)), 5)}"

    wrong = {
        "the ½ missing": lambda z: 2 * _tanh_form(z),
        "√2/π in place of √(2/π)": lambda z: _tanh_form(z, math.sqrt(2) / math.pi),
        "2/π in place of its root": lambda z: _tanh_form(z, 2 / math.pi),
        "√(π/2): the fraction is upside down": lambda z: _tanh_form(z, math.sqrt(math.pi / 2)),
        "no factor √(2/π)": lambda z: _tanh_form(z, 1.0),
        "z² in place of z³": lambda z: _tanh_form(z, power=2),
        "0.44715 in place of 0.044715": lambda z: _tanh_form(z, cubic=0.44715),
        "0.0044715 in place of 0.044715": lambda z: _tanh_form(z, cubic=0.0044715),
        "no cubic term": lambda z: _tanh_form(z, cubic=0.0),
        "a minus before the cubic term": lambda z: _tanh_form(z, cubic=-0.044715),
        "the cubic term outside the brackets, without √(2/π)": lambda z: (
            0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * z + 0.044715 * z**3))
        ),
        "the factor z in front missing": lambda z: 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
        "the `1 +` missing": lambda z: _tanh_form(z) - 0.5 * z,
        "a minus before tanh": lambda z: z - _tanh_form(z),
        "erf in place of tanh": lambda z: 0.5 * z * (1 + erf(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
        "the exact GELU: here its approximation is asked for": gelu,
        "z σ(1.702z), another approximation": lambda z: z * sigmoid(1.702 * z),
        "z σ(z), the SiLU": lambda z: z * sigmoid(z),
        "the slope of the tanh form": activations.gelu_tanh_derivative,
        "a result stored in an integer array like the input": _keeps_input_type(_tanh_form),
    }


@asked("gelu_derivative", 4, 3, "The slope of GELU")
class GeluDerivative:
    """`gelu_derivative(z)`, any shape: the slope of the exact GELU, by any method, within 1e-5."""

    elementwise = True
    reference = activations.gelu_derivative

    def cases(rng):
        more = Case((rng.choice([-1, 1], 12) * rng.uniform(0.3, 4, 12).round(2),), note="numbers between −4 and 4")
        for case in (*pointwise(rng), more):
            yield replace(case, rtol=0.0, atol=1e-5)

    def example(pick):
        z = pick(1.0, -1.0, 2.0, -0.5, 1.5, -2.0, 0.25)
        return f"GELU′({_n(z, 2)}) = {_n(float(activations.gelu_derivative(z)))}"

    wrong = {
        "Φ(z) alone: by the product rule a second term is missing": ndtr,
        "z φ(z) alone: by the product rule a first term is missing": lambda z: z * phi(z),
        "φ(z) alone": phi,
        "Φ(z) φ(z): the product rule adds two terms": lambda z: ndtr(z) * phi(z),
        "Φ(z) + φ(z): the second term has a factor z": lambda z: ndtr(z) + phi(z),
        "Φ(z) − z φ(z): a minus where a plus belongs": lambda z: ndtr(z) - z * phi(z),
        "a φ without 1/√(2π)": lambda z: ndtr(z) + z * np.exp(-(z**2) / 2),
        "e to the −z² in place of e to the −z²/2": lambda z: ndtr(z) + z * np.exp(-(z**2)) / math.sqrt(2 * math.pi),
        "1/(2π) in place of 1/√(2π)": lambda z: ndtr(z) + z * np.exp(-(z**2) / 2) / (2 * math.pi),
        "Φ(z) + z² φ(z): one factor z too many": lambda z: ndtr(z) + z**2 * phi(z),
        "a Φ with erf(z): z is divided by √2 inside erf": lambda z: 0.5 * (1 + erf(z)) + z * phi(z),
        "GELU itself": gelu,
        "the slope of SiLU": activations.silu_derivative,
        "the slope of the tanh form: here the exact GELU is asked for": activations.gelu_tanh_derivative,
        "a step, the slope of ReLU": lambda z: (z > 0) * 1.0,
        "a finite difference with the coarse step 1": lambda z: gelu(z + 1.0) - gelu(z),
        "a finite difference to one side with step 0.01": lambda z: (gelu(z + 0.01) - gelu(z)) / 0.01,
        "a finite difference that was never divided by its step": lambda z: (
            gelu(np.asarray(z, float) + 1e-5) - gelu(np.asarray(z, float) - 1e-5)
        ),
        "differences between neighbouring entries (`np.gradient`): each entry has a slope of its own": lambda z: (
            np.gradient(gelu(z))
        ),
        "a result stored in an integer array like the input": _keeps_input_type(activations.gelu_derivative),
    }


def _gate(z, n, rng):
    return z * rng.binomial(n, ndtr(z)) / n


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


def _shared_gate(z, n, rng):
    open_share = sum((xi < z) * 1.0 for xi in rng.normal(size=n)) / n
    return z * open_share


@asked("stochastic_gate", 4, 3, "The gate behind GELU")
class StochasticGate:
    """`stochastic_gate(z, n, rng)`, any shape: the mean over n draws of z · 1[ξ < z], ξ from N(0, 1)."""

    reference = _gate

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
        )
        if values.size < 500:
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
            6.5 * math.sqrt((2 + 6 / n) / u.size),
        )
        yield from _spread_measures(u, *u.shape)

    def example(pick):
        z, n, opened = pick((2, 10, 9), (3, 4, 3), (-1, 5, 2), (0.5, 8, 6), (-2, 20, 2))
        return f"$z = {z}$, $n = {n}$, and the gate opens {opened} times: {z * opened / n:g}".replace(": -", ": −")

    wrong = {
        "1[ξ > z]: the gate opens the wrong way": lambda z, n, rng: z * rng.binomial(n, ndtr(-z)) / n,
        "the share of open gates alone: the factor z is missing": lambda z, n, rng: rng.binomial(n, ndtr(z)) / n,
        "a sum over the draws: their mean is asked for": lambda z, n, rng: z * rng.binomial(n, ndtr(z)) * 1.0,
        "one single draw, whatever n is": lambda z, n, rng: z * (rng.normal(size=z.shape) < z),
        "the same draws for all elements: each needs its own": _shared_gate,
        "ξ uniform between 0 and 1: it is drawn from N(0, 1)": lambda z, n, rng: (
            z * rng.binomial(n, np.clip(z, 0.0, 1.0)) / n
        ),
        "ξ uniform between −1 and 1: it is drawn from N(0, 1)": lambda z, n, rng: (
            z * rng.binomial(n, np.clip((z + 1) / 2, 0.0, 1.0)) / n
        ),
        "a gate that opens with probability σ(z)": lambda z, n, rng: z * rng.binomial(n, sigmoid(z)) / n,
        "a gate that opens half the time, whatever z is": lambda z, n, rng: z * rng.binomial(n, 0.5, z.shape) / n,
        "1[|ξ| < z]: the sign of ξ counts": lambda z, n, rng: z * rng.binomial(n, np.clip(2 * ndtr(z) - 1, 0, 1)) / n,
        "ξ · 1[ξ < z]: what passes is z": lambda z, n, rng: np.mean(
            [(x := rng.normal(size=z.shape)) * (x < z) for _ in range(n)], axis=0
        ),
        "GELU itself: here it is to be estimated from draws": lambda z, n, rng: gelu(np.asarray(z, float)),
        "a ReLU: nothing is drawn": lambda z, n, rng: np.maximum(z, 0),
        "one number, the mean over the elements too": lambda z, n, rng: np.mean(_gate(z, n, rng)),
        OWN_RANDOMNESS: lambda z, n, rng: _gate(z, n, np.random.default_rng()),
        OWN_SEED: lambda z, n, rng: _gate(z, n, np.random.default_rng(0)),
        "a result stored in an integer array like the input": _keeps_input_type(_gate),
    }


@asked("q3_reason", 4, 3, "What is different about GELU?")
class Reason3:
    """What distinguishes GELU from ReLU in a transformer?"""

    def example(pick):
        layers = pick(12, 24, 6, 48)
        return f"the {layers} blocks of a transformer with GELU in place of ReLU"

    options = {
        "a": "It is random: each pass drops inputs with probability 1 − Φ(z), and this noise regularises like dropout.",
        "b": "It is smooth and lets small negative values through; measured gains over ReLU are empirical and small.",
        "c": "Its slope is nowhere 0, so that no unit can die, and this is why it trains where ReLU cannot.",
        "d": "Its dip below 0 centres the outputs: their mean is about 0, and this is what speeds up deep stacks.",
    }
    right = "b"
    hints = {
        "a": "Call your `gelu` twice with the same z. What changes? And what is the mean of a gate?",
        "c": "What is the slope of GELU near z = −0.75, and at z = −10?",
        "d": "Draw z from N(0, 1): what is the mean of your `gelu`?",
    }
    why = "It is the expectation of a gate, smooth and deterministic; the gains are measured ones, and small."


# Question 4


def _normalised(weights, axis=-1):
    return weights / weights.sum(axis=axis, keepdims=True)


@asked("softmax", 6, 4, "Softmax")
class Softmax:
    """`softmax(z, axis=-1)`, one dimension or more: probabilities along `axis`."""

    parts = {"values": 4, "distant rows": 2}
    reference = softmax

    def cases(rng):
        yield Case((np.array([2.0, 1.0, 0.1]),), note="three numbers")
        for shape, more in (
            ((2, 3), ()),
            ((3, 3), ()),
            ((3, 3), (0,)),
            ((4, 2), (0,)),
            ((2, 5), (1,)),
            ((2, 3, 4), (1,)),
            ((3, 2, 2), (-3,)),
            ((2, 1, 3, 2), (-2,)),
            ((4, 1), ()),
        ):
            words = f"shape {shape}, " + (f"axis {more[0]}" if more else "no axis given")
            yield Case((quarters(rng, *shape), *more), note=words)
        yield Case((rng.integers(-5, 6, (3, 4)), 0), note="integers, axis 0")
        yield Case((rng.uniform(-14, 14, (2, 6)).astype(np.float32),), note="float32 numbers up to 28 apart")
        for shape, axis, dtype in (
            ((3, 4), -1, float),
            ((4, 3), 0, float),
            ((2, 3, 4), 1, float),
            ((3, 2), 1, np.float32),
            ((3, 4), 0, int),
        ):
            z = np.rint(4 * quarters(rng, *shape)) if dtype is int else quarters(rng, *shape)
            rows = tuple(1 if k == axis % len(shape) else size for k, size in enumerate(shape))
            lifted = np.zeros(math.prod(rows))
            lifted[rng.permutation(lifted.size)[: max(1, lifted.size // 2)]] = 1000
            z = (z + lifted.reshape(rows)).astype(dtype)
            yield Case((z, axis), part="distant rows", note=f"rows 1000 apart, shape {shape}, axis {axis}")

    def example(pick):
        z = pick((2, 1, 0), (0, 1, 3), (1, -1, 0), (3, 1, 1), (0, 0, 2))
        p = softmax(np.array(z, float))
        return f"{_listed(z)} becomes ({', '.join(f'{v:.3f}' for v in p)})"

    wrong = {
        "a sum over the whole array: each row has its own (`axis`)": lambda z, axis=-1: np.exp(z) / np.exp(z).sum(),
        "axis −1 whatever is handed over": lambda z, axis=-1: softmax(z, -1),
        "axis 0 whatever is handed over": lambda z, axis=-1: softmax(z, 0),
        "a default axis of 0": lambda z, axis=0: softmax(z, axis),
        "a sum without `keepdims`, which divides by the wrong rows": lambda z, axis=-1: np.exp(z) / np.exp(z).sum(axis),
        "shares of z: the exponential is missing": lambda z, axis=-1: _normalised(z, axis),
        "shares of |z|: the exponential is missing": lambda z, axis=-1: _normalised(np.abs(z), axis),
        "e⁻ᶻ: the sign of the exponent is flipped": lambda z, axis=-1: softmax(-np.asarray(z, float), axis),
        "a sigmoid of each entry": lambda z, axis=-1: sigmoid(z),
        "sigmoids divided by their sum": lambda z, axis=-1: _normalised(sigmoid(z), axis),
        "a division by the largest in place of the sum": lambda z, axis=-1: (
            np.exp(z - z.max(axis, keepdims=True)) * 1.0
        ),
        "exponentials without the division": lambda z, axis=-1: np.exp(z),
        "the logarithm of softmax": lambda z, axis=-1: activations.log_softmax(np.asarray(z, float), axis),
        "softmax applied twice": lambda z, axis=-1: softmax(softmax(np.asarray(z, float), axis), axis),
        "powers of 2 where powers of e are meant": lambda z, axis=-1: softmax(z * math.log(2), axis),
        "an argmax, 1 for the largest entry": lambda z, axis=-1: (z == z.max(axis, keepdims=True)) * 1.0,
        "a sum of 1 in every row of the transposed array": lambda z, axis=-1: softmax(z.T, axis),
        "a result stored in an integer array like the input": _keeps_input_type(softmax),
        "no shift at all: e to the 1000 overflows": lambda z, axis=-1: _normalised(np.exp(z), axis),
        "one global maximum subtracted: rows far below it become 0/0": lambda z, axis=-1: _normalised(
            np.exp(z - z.max()), axis
        ),
        "the mean subtracted over the whole array: rows far from it overflow or become 0/0": lambda z, axis=-1: (
            _normalised(np.exp(z - z.mean()), axis)
        ),
        "a clipped input: rows lose their differences": lambda z, axis=-1: softmax(np.clip(z, -100, 100), axis),
    }


@asked("softmax_jacobian", 5, 4, "The Jacobian of softmax")
class SoftmaxJacobian:
    """`softmax_jacobian(p)`: probabilities (k,) → (k, k), entry (i, j) = ∂p_i/∂z_j."""

    reference = activations.softmax_jacobian

    def cases(rng):
        yield Case((np.array([0.5, 0.3, 0.2]),), note="three probabilities")
        for k in (2, 4, 6):
            yield Case((softmax(rng.normal(0, 1.5, k)),), note=f"{k} probabilities")
        yield Case((np.array([1.0]),), note="a single class")
        yield Case((np.eye(4)[rng.integers(4)],), note="one probability of exactly 1")
        yield Case((softmax(rng.normal(0, 1, 3)).astype(np.float32),), note="float32 numbers")

    def example(pick):
        p = pick((0.5, 0.5), (0.75, 0.25), (0.9, 0.1), (0.6, 0.4), (0.2, 0.8))
        return f"{_listed(p)} gives {_listed(activations.softmax_jacobian(np.array(p)))}"

    wrong = {
        "the diagonal alone: every score moves every probability": lambda p: np.diag(p * (1 - p)),
        "diag(p): the other term is missing": np.diag,
        "−p pᵀ: the diagonal term is missing": lambda p: -np.outer(p, p),
        "p pᵀ": lambda p: np.outer(p, p),
        "a flipped sign": lambda p: np.outer(p, p) - np.diag(p),
        "diag(p) + p pᵀ: a plus where a minus belongs": lambda p: np.diag(p) + np.outer(p, p),
        "p_i (1 − p_j) everywhere: the 1 belongs on the diagonal alone": lambda p: np.outer(p, 1 - p),
        "p_j (1 − p_i) everywhere: the 1 belongs on the diagonal alone": lambda p: np.outer(1 - p, p),
        "p(1 − p), one number for each class: the slope of a sigmoid": lambda p: p * (1 - p),
        "diag(p(1 − p)) − p pᵀ: the diagonal is counted twice": lambda p: np.diag(p * (1 - p)) - np.outer(p, p),
        "1 − p pᵀ: the identity is not multiplied by p": lambda p: np.eye(len(p)) - np.outer(p, p),
        "diag(p) − p², one row repeated: the second term is the outer product of p with itself": lambda p: (
            np.diag(p) - p * p
        ),
        "diag(p) − p·p, the scalar product in every entry": lambda p: np.diag(p) - p @ p,
        "p off the diagonal without its partner": lambda p: np.diag(p) - p[None, :] * np.ones((len(p), 1)),
        "the softmax of p is taken first: p holds probabilities already": lambda p: activations.softmax_jacobian(
            softmax(p)
        ),
        "p − p²: a vector, not a matrix, laid over every row": lambda p: np.tile(p - p**2, (len(p), 1)),
        "a positive sign off the diagonal": lambda p: np.abs(activations.softmax_jacobian(p)),
    }


def _one_hot(z, y):
    return np.eye(z.shape[1])[y]


@asked("cross_entropy_gradient", 5, 4, "Softmax and cross-entropy")
class CrossEntropyGradient:
    """`cross_entropy_gradient(z, y)`: logits (n, k), labels (n,) → (n, k), the gradient of the mean cross-entropy."""

    def reference(z, y):
        return (softmax(np.asarray(z, float)) - _one_hot(z, y)) / len(z)

    def cases(rng):
        yield Case((np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), np.array([0, 1])), note="two samples, three classes")
        for n, k in ((3, 3), (5, 4), (1, 3), (8, 2), (2, 6)):
            yield Case((quarters(rng, n, k), rng.integers(k, size=n)), note=f"n = {n}, k = {k}")
        yield Case((quarters(rng, 4, 5), rng.integers(3, size=4)), note="the last classes absent")
        yield Case((quarters(rng, 3, 4), rng.integers(2, 4, size=3)), note="the first classes absent")
        yield Case((rng.integers(-4, 5, (4, 3)), rng.integers(3, size=4)), note="integers in z")
        yield Case((quarters(rng, 4, 3).astype(np.float32), rng.integers(3, size=4)), note="float32 numbers")

    def example(pick):
        z, y = pick(((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((2, 0), 0), ((1, 1), 1))
        g = (softmax(np.array(z, float)) - np.eye(2)[y])[None]
        return f"one sample with logits {_listed(z)} and label {y}: {_listed(g[0].round(4))}"

    wrong = {
        "y − p: the sign is flipped": lambda z, y: (_one_hot(z, y) - softmax(z)) / len(z),
        "no division by n: the loss is a mean": lambda z, y: softmax(z) - _one_hot(z, y),
        "a division by n · k: the mean is over samples alone": lambda z, y: (softmax(z) - _one_hot(z, y)) / z.size,
        "a division by k: the mean is over the samples": lambda z, y: (softmax(z) - _one_hot(z, y)) / z.shape[1],
        "p alone: the label's class has a term of its own": lambda z, y: softmax(z) / len(z),
        "−y/p, the gradient with respect to p: softmax still has to be passed": lambda z, y: (
            -_one_hot(z, y) / softmax(z) / len(z)
        ),
        "(p − y) p (1 − p), the rule for squared errors behind sigmoids": lambda z, y: (
            (softmax(z) - _one_hot(z, y)) * softmax(z) * (1 - softmax(z)) / len(z)
        ),
        "2(p − y), the rule for squared errors": lambda z, y: 2 * (softmax(z) - _one_hot(z, y)) / len(z),
        "a softmax down the columns: each sample is a row": lambda z, y: (softmax(z, 0) - _one_hot(z, y)) / len(z),
        "a softmax over the whole array": lambda z, y: (softmax(z.ravel()).reshape(z.shape) - _one_hot(z, y)) / len(z),
        "sigmoids in place of softmax": lambda z, y: (sigmoid(z) - _one_hot(z, y)) / len(z),
        "z − y: the softmax is missing": lambda z, y: (z - _one_hot(z, y)) / len(z),
        "p − label, the number of the class subtracted everywhere": lambda z, y: (softmax(z) - y[:, None]) / len(z),
        "the one-hot rows of as many classes as occur: there are k": lambda z, y: (
            (softmax(z) - np.eye(y.max() + 1)[y]) / len(z)
        ),
        "1 subtracted in all the columns that occur as labels (`p[:, y]`): each sample has its own": lambda z, y: (
            (softmax(z) - np.isin(np.arange(z.shape[1]), y)) / len(z)
        ),
        "the loss itself": lambda z, y: -np.log(softmax(z)[np.arange(len(z)), y]).mean(),
        "a sum over the samples: each keeps its own row": lambda z, y: (softmax(z) - _one_hot(z, y)).mean(axis=0),
        "the gradient for the label's class alone": lambda z, y: (softmax(z) - 1) * _one_hot(z, y) / len(z),
    }


@asked("q4_reason", 4, 4, "What costs a hidden softmax?")
class Reason4:
    """Why does softmax make a poor hidden activation?"""

    def example(pick):
        return f"a hidden layer of {pick(64, 32, 128, 256, 100)} units with softmax as its activation"

    options = {
        "a": "The rows of its Jacobian sum to 0: on the way back everything cancels, and no gradient reaches the "
        "layers before it.",
        "b": "Apart from the normalisation it is linear in the scores, so layers with softmax between them "
        "collapse into one.",
        "c": "At the usual initialisation one unit already takes nearly all of the total: the others saturate at 0, "
        "as in a sigmoid's flat end.",
        "d": "Its outputs share a total of 1: each is about 1/n, so signal and gradient shrink with the width n, "
        "and units compete.",
    }
    right = "d"
    hints = {
        "a": "Rows that sum to 0 block one direction. What about all the others?",
        "b": "Double all the scores. Do the outputs double, or even keep their proportions?",
        "c": "Draw a layer's scores from N(0, 1) and call your `softmax`: how large is the largest output?",
    }
    why = "The 1/n scale costs most in four layers: undoing it closed more than half of the gap in 5.10."


# Question 5


@asked("weight_gradients", 5, 5, "One neuron's gradients")
class WeightGradients:
    """`weight_gradients(h, delta)`: inputs (n, d), ∂loss/∂z of one neuron (n,) → (n, d), one row for each sample."""

    def reference(h, delta):
        return h * delta[:, None]

    def cases(rng):
        yield Case((np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([2.0, -1.0])), note="two samples")
        for n, d in ((3, 3), (5, 2), (1, 4), (4, 1), (2, 6)):
            yield Case((quarters(rng, n, d) + 0.125, quarters(rng, n) + 0.125), note=f"n = {n}, d = {d}")
        yield Case((rng.integers(-4, 5, (3, 2)), rng.integers(1, 5, 3) * [1, -1, 1]), note="integers")
        yield Case(
            (quarters(rng, 4, 3).astype(np.float32), quarters(rng, 4).astype(np.float32)), note="float32 numbers"
        )

    def example(pick):
        h, delta = pick(((1, 2), 3), ((0.5, -1), 2), ((2, 4), -0.5), ((3, -2), -1), ((1, 5), 0.5))
        return f"inputs {_listed(h)} and delta {_n(delta, 1)} give {_listed(np.array(h) * delta)}"

    wrong = {
        "the sum over the samples: one row for each is asked for": lambda h, delta: h.T @ delta,
        "the mean over the samples: one row for each is asked for": lambda h, delta: h.T @ delta / len(h),
        "a division by n: no mean is taken here": lambda h, delta: h * delta[:, None] / len(h),
        "h · delta without a new axis, which lays delta along the inputs": lambda h, delta: h * delta,
        "`np.outer`, which pairs every input with every sample's delta": lambda h, delta: np.outer(h, delta),
        "delta repeated: each input multiplies it": lambda h, delta: np.repeat(delta[:, None], h.shape[1], 1) * 1.0,
        "the inputs alone: delta is missing": lambda h, delta: h * 1.0,
        "a flipped sign": lambda h, delta: -h * delta[:, None],
        "h + delta: the chain rule multiplies": lambda h, delta: h + delta[:, None],
        "the transposed array: samples go down the rows": lambda h, delta: (h * delta[:, None]).T,
        "the sign of h in place of h": lambda h, delta: np.sign(h) * delta[:, None],
        "|h|: the sign of an input counts": lambda h, delta: np.abs(h) * delta[:, None],
        "|delta|: the sign of delta counts": lambda h, delta: h * np.abs(delta)[:, None],
        "delta squared": lambda h, delta: h * delta[:, None] ** 2,
        "one number for each sample, the sum over its inputs": lambda h, delta: (h * delta[:, None]).sum(1),
        "the mean delta for every sample": lambda h, delta: h * delta.mean(),
        "h(1 − h) times delta: the slope of the neuron is in delta already": lambda h, delta: (
            h * (1 - h) * delta[:, None]
        ),
    }


def _one_sign(g):
    return (g >= 0).all(axis=1) | (g <= 0).all(axis=1)


@asked("same_sign_fraction", 4, 5, "How often all signs agree")
class SameSignFraction:
    """`same_sign_fraction(g)`: (n, d) → the share of rows whose non-zero entries all have one sign."""

    def reference(g):
        return _one_sign(g).mean()

    def cases(rng):
        yield Case((np.array([[1.0, 2.0], [-1.0, -3.0], [1.0, -1.0], [2.0, 0.0]]),), note="four rows")
        yield Case((np.array([[0.0, 0.0], [-1.0, 2.0]]),), note="a row of zeros")
        for n, d in ((5, 5), (12, 2), (7, 3), (1, 4), (3, 1)):
            g = quarters(rng, n, d) + 0.125
            g[: n // 2] = np.abs(g[: n // 2]) * rng.choice([-1, 1], (n // 2, 1))
            g[rng.random((n, d)) < 0.2] = 0
            yield Case((rng.permutation(g),), note=f"n = {n}, d = {d}")
        yield Case((-np.abs(quarters(rng, 4, 3)) - 1,), note="negative numbers alone")
        ones = np.array([[3, -9], [1, 1], [-2, 5], [-1, 0], [0, 0]])
        yield Case((ones[rng.permutation(5)],), note="integers")
        yield Case((ones.astype(np.float32) / 4,), note="float32 numbers")

    def example(pick):
        g = pick(((1, 2), (-1, 3)), ((1, 0), (-2, -1)), ((0, 0), (1, -1)), ((-1, -1), (-2, 5)), ((3, 1), (0, -4)))
        return f"the rows {_listed(g[0])} and {_listed(g[1])} give {float(_one_sign(np.array(g)).mean()):g}"

    wrong = {
        "rows of positive numbers alone: negative ones agree as well": lambda g: (g > 0).all(axis=1).mean(),
        "rows without negative numbers: rows without positive ones agree as well": lambda g: (
            (g >= 0).all(axis=1).mean()
        ),
        "zeros that count as a sign of their own: only non-zero entries have one": lambda g: (
            (g > 0).all(axis=1) | (g < 0).all(axis=1)
        ).mean(),
        "a row of zeros that does not count: it has one sign": lambda g: (_one_sign(g) & g.any(axis=1)).mean(),
        "zeros taken as positive": lambda g: ((g >= 0).all(axis=1) | (g < 0).all(axis=1)).mean(),
        "equal signs with zero as a sign of its own (`np.sign`)": lambda g: (
            (np.sign(g) == np.sign(g[:, :1])).all(axis=1).mean()
        ),
        "columns in place of rows: each row is a sample": lambda g: _one_sign(g.T).mean(),
        "one answer for all rows together": lambda g: float(_one_sign(g.reshape(1, -1))[0]),
        "the number of rows: their share is asked for": lambda g: _one_sign(g).sum(),
        "the share of rows with mixed signs": lambda g: 1 - _one_sign(g).mean(),
        "one answer for each row": lambda g: _one_sign(g),
        "the share of positive entries": lambda g: (g > 0).mean(),
        "the share of entries on the side of the majority": lambda g: max((g >= 0).mean(), (g <= 0).mean()),
        "the mean of |Σ sign| / d, which is less strict than agreement": lambda g: (
            np.abs(np.sign(g).sum(1)) / g.shape[1]
        ).mean(),
        "a product of the entries: two minus signs cancel in it": lambda g: (g.prod(axis=1) >= 0).mean(),
        "a percentage: 1 means all rows": lambda g: 100 * _one_sign(g).mean(),
    }


def _path(gradient, w0, lr, steps):
    path = [np.asarray(w0, float)]
    for _ in range(steps):
        path.append(path[-1] - lr * gradient(path[-1]))
    return np.array(path)


def _frozen_gradient(gradient, w0, lr, steps):
    g = gradient(np.asarray(w0, float))
    return np.array([w0 - k * lr * g for k in range(steps + 1)])


def _heavy_ball(gradient, w0, lr, steps):
    w, v, path = np.asarray(w0, float), 0.0, [np.asarray(w0, float)]
    for _ in range(steps):
        v = 0.9 * v + gradient(w)
        w = w - lr * v
        path.append(w)
    return np.array(path)


def _aliased(gradient, w0, lr, steps):
    w = np.array(w0, float)
    path = [w]
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w)
    return np.array(path)


def _whole_numbers(gradient, w0, lr, steps):
    path = np.zeros((steps + 1, len(w0)), w0.dtype)
    path[0] = w0
    for k in range(steps):
        path[k + 1] = path[k] - lr * gradient(path[k])
    return path


def _typed_in_place(gradient, w0, lr, steps):
    w = w0.copy()
    path = [w.copy()]
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w.copy())
    return np.array(path)


def _start_moved(gradient, w0, lr, steps):
    path = [w0.copy()]
    for _ in range(steps):
        w0[...] = w0 - lr * gradient(w0)
        path.append(w0.copy())
    return np.array(path, float)


def _unit_steps(gradient, w0, lr, steps):
    path = [np.asarray(w0, float)]
    for _ in range(steps):
        g = gradient(path[-1])
        path.append(path[-1] - lr * g / np.linalg.norm(g))
    return np.array(path)


def _fading(gradient, w0, lr, steps):
    path = [np.asarray(w0, float)]
    for k in range(steps):
        path.append(path[-1] - lr / (k + 1) * gradient(path[-1]))
    return np.array(path)


@asked("descend", 4, 5, "Gradient descent")
class Descend:
    """`descend(gradient, w0, lr, steps)` → (steps + 1, d), the points from w0 on."""

    reference = _path

    def cases(rng):
        yield Case(
            (Quadratic(((1.0, 0.0), (0.0, 4.0)), (1.0, 0.0)), np.array([0.0, 1.0]), 0.25, 3),
            note="a bowl, three steps",
        )
        for d, steps, words in ((2, 8, "a slanted bowl"), (3, 5, "three weights"), (1, 4, "one weight")):
            M = rng.normal(size=(d, d + 1))
            H = (M @ M.T / (d + 1) + 0.2 * np.eye(d)).round(3)
            bowl = Quadratic(tuple(map(tuple, H.tolist())), tuple(rng.normal(size=d).round(2).tolist()))
            yield Case((bowl, rng.normal(0, 2, d).round(2), round(rng.uniform(0.05, 0.3), 3), steps), note=words)
        hill = Quadratic(((0.75, 0.25), (0.25, 0.5)), (0.5, -1.5))
        yield Case((hill, rng.integers(1, 6, 2), 0.3, 6), note="whole numbers in w0")
        yield Case((Named("sin", 0.75), rng.uniform(0.5, 2, 4).round(2), 0.4, 7), note="a gradient that is not linear")
        yield Case((hill, rng.normal(0, 2, 2).round(2), 0.1, 0), note="no steps at all")

    def example(pick):
        w0, lr = pick((4, 0.25), (8, 0.5), (-2, 0.25), (10, 0.1), (3, 0.2))
        got = _path(lambda w: 2 * w, np.array([float(w0)]), lr, 2)[:, 0]
        return f"`gradient(w)` = 2w, $w_0 = ({w0})$, lr {lr:g}, two steps: {_listed([[v] for v in got])}"

    wrong = {
        "a step uphill: the gradient is subtracted": lambda g, w0, lr, steps: _path(lambda w: -g(w), w0, lr, steps),
        "a path without its start": lambda g, w0, lr, steps: _path(g, w0, lr, steps)[1:],
        "w0 is missing: it is the first point of the path": lambda g, w0, lr, steps: np.array(
            [*_path(g, w0, lr, steps)[1:]]
        ),
        "a path that ends one step early": lambda g, w0, lr, steps: _path(g, w0, lr, steps)[:-1],
        "a path of one step too many": lambda g, w0, lr, steps: _path(g, w0, lr, steps + 1),
        "the end alone: every point on the way is asked for": lambda g, w0, lr, steps: _path(g, w0, lr, steps)[-1],
        "the gradient at w0 for every step: it is taken where you stand": _frozen_gradient,
        "the learning rate forgotten": lambda g, w0, lr, steps: _path(g, w0, 1.0, steps),
        "one array stored again and again: append a copy, or make a new array": _aliased,
        "points stored as whole numbers, like w0": _whole_numbers,
        "`-=` on whole numbers, which NumPy refuses: turn w0 into floats first": _typed_in_place,
        "w0 itself moved along: work on a copy": _start_moved,
        "steps of length lr, whatever the size of the gradient": _unit_steps,
        "momentum: each step forgets the one before": _heavy_ball,
        "a learning rate that fades: it stays the same": _fading,
        "twice the step": lambda g, w0, lr, steps: _path(g, w0, 2 * lr, steps),
        "half the step": lambda g, w0, lr, steps: _path(g, w0, lr / 2, steps),
        "the steps themselves in place of the points": lambda g, w0, lr, steps: np.diff(
            _path(g, w0, lr, steps), axis=0
        ),
        "the gradient in place of the new point": lambda g, w0, lr, steps: np.array(
            [np.asarray(w0, float), *(g(w) for w in _path(g, w0, lr, steps)[:-1])]
        ),
        "a division by the learning rate": lambda g, w0, lr, steps: _path(g, w0, 1 / lr, steps),
        "the path backwards": lambda g, w0, lr, steps: _path(g, w0, lr, steps)[::-1],
    }


def _lengths(path, order=None):
    return np.linalg.norm(np.diff(path, axis=0), order, axis=1)


def _ratio(ends, length, still):
    return ends / length if length else still


@asked("straightness", 3, 5, "How straight is the path?")
class Straightness:
    """`straightness(path)`: (t, d) → distance between its ends / its length; 1.0 for a path that never moves."""

    def reference(path):
        return _ratio(np.linalg.norm(path[-1] - path[0] + 0.0), _lengths(path).sum(), 1.0)

    def cases(rng):
        yield Case((np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]]),), note="two sides of a triangle")
        for t, d in ((6, 2), (4, 4), (9, 3), (5, 1), (2, 2)):
            yield Case((np.cumsum(quarters(rng, t, d) + 0.125, axis=0),), note=f"t = {t}, d = {d}")
        yield Case((np.array([[1.0, 1.0], [4.0, 1.0], [4.0, 5.0], [1.0, 1.0]]),), note="a path back to its start")
        yield Case((np.full((4, 2), 2.5),), note="a path that never moves")
        yield Case((np.array([[2.0, -1.0, 3.0]]),), note="a single point")
        yield Case((np.array([[0, 0], [1, 2], [1, 2], [5, -1]]) * rng.integers(1, 4),), note="integers")
        yield Case((np.cumsum(quarters(rng, 5, 2), axis=0).astype(np.float32) + np.arange(5)[:, None],), note="float32")

    def example(pick):
        a, b = pick((3, 4), (6, 8), (5, 12), (8, 15), (1, 1))
        return f"(0, 0), ({a}, 0), ({a}, {b}): {math.hypot(a, b) / (a + b):.4f}"

    wrong = {
        "the fraction upside down": lambda path: _ratio(
            _lengths(path).sum(), np.linalg.norm(path[-1] - path[0] + 0.0), 1.0
        ),
        "0 for a path that never moves: it is 1": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), _lengths(path).sum(), 0.0
        ),
        "0 divided by 0 where the path never moves": lambda path: (
            np.linalg.norm(path[-1] - path[0]) / _lengths(path).sum()
        ),
        "the distance alone": lambda path: np.linalg.norm(path[-1] - path[0]),
        "the length alone": lambda path: _lengths(path).sum(),
        "the distance of the end from 0: it is measured from the start": lambda path: _ratio(
            np.linalg.norm(path[-1]), _lengths(path).sum(), 1.0
        ),
        "a division by the number of steps: the length is the sum of their lengths": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), len(path) - 1, 1.0
        ),
        "squared lengths": lambda path: _ratio(
            ((path[-1] - path[0]) ** 2).sum(), (np.diff(path, axis=0) ** 2).sum(), 1.0
        ),
        "the ratio squared": lambda path: _ratio(np.linalg.norm(path[-1] - path[0]), _lengths(path).sum(), 1.0) ** 2,
        "|Δ| added up over the coordinates: lengths are Euclidean": lambda path: _ratio(
            np.abs(path[-1] - path[0]).sum(), np.abs(np.diff(path, axis=0)).sum(), 1.0
        ),
        "the largest coordinate of each step: lengths are Euclidean": lambda path: _ratio(
            np.abs(path[-1] - path[0]).max(), _lengths(path, np.inf).sum(), 1.0
        ),
        "1 minus the ratio": lambda path: 1 - _ratio(np.linalg.norm(path[-1] - path[0]), _lengths(path).sum(), 1.0),
        "the norm of all the steps together (`axis=1` is missing)": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), np.linalg.norm(np.diff(path, axis=0)), 1.0
        ),
        "a length without the last step": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), _lengths(path)[:-1].sum(), 1.0
        ),
        "the steps taken along a row: points are the rows": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), np.linalg.norm(np.diff(path, axis=1), axis=0).sum(), 1.0
        ),
        "one number for each step": lambda path: np.linalg.norm(path[-1] - path[0]) / _lengths(path),
    }


@asked("q5_reason", 4, 5, "What do positive inputs do?")
class Reason5:
    """The inputs of a neuron are all positive. What follows for its weight gradients, and for descent?"""

    def example(pick):
        return f"a neuron with {pick(10, 8, 12, 20, 32)} inputs, all of them sigmoid outputs"

    options = {
        "a": "In every batch all gradients of its layer share one sign: weights only grow together or shrink "
        "together, hence the zig-zag.",
        "b": "For one sample they share one sign; batches and other neurons loosen that. What makes descent "
        "zig-zag is a badly conditioned loss.",
        "c": "For one sample they share one sign, and the learning rate cures it: at its best rate descent is as "
        "quick as with centred inputs.",
        "d": "For one sample they share one sign. tanh and ReLU were introduced to avoid this: the outputs of "
        "both have mean zero.",
    }
    right = "b"
    hints = {
        "a": "Add the gradients of several samples with different delta, then look at a second neuron. What is left?",
        "c": "We gave each method its own best rate. How many steps did they take?",
        "d": "What is the mean of max(0, z) when z is drawn from N(0, 1)?",
    }
    why = "One sign per neuron and sample, less so in batches and layers; the narrow valley is what costs the steps."
