"""Sigmoid and tanh, their slopes, and what a row of slopes leaves of a gradient."""

import math

import numpy as np

from actlab.activations import sigmoid, sigmoid_derivative, tanh_derivative
from actlab.exercises import mistakes
from actlab.exercises.cases import pointwise
from actlab.exercises.model import Case, exercise, practice
from actlab.exercises.text import rounded


@exercise("q2_sigmoid", points=4, section="2.2 What broke", title="The sigmoid")
class Sigmoid:
    parts = {"values": 3, "large inputs": 1}
    elementwise = True
    calm = "Built on e^−|z|, which is at most 1, it has nothing that could overflow."
    reference = sigmoid

    def cases(rng):
        yield from pointwise(rng)
        far = np.array([-10000.0, -1000.0, 0.0, 1000.0, 10000.0])
        drawn = rng.uniform(100, 1e4, (2, 2)).round() * [-1, 1]
        for z, note in (
            (far, "large numbers"),
            (drawn, "large numbers"),
            (drawn.astype(np.float32), "large float32 numbers"),
        ):
            yield Case((z,), part="large inputs", note=note, rtol=0.0, atol=1e-6)

    wrong = {
        "1/(1 + eᶻ): the sign of the exponent is flipped": lambda z: sigmoid(-z),
        "eᶻ: the `1 +` in the denominator is missing": np.exp,
        "e⁻ᶻ: only the exponential is left": lambda z: np.exp(-z),
        "1 + e⁻ᶻ: the division is missing, or `1/1 + …` is written without brackets": lambda z: 1 + np.exp(-z),
        "1 + eᶻ: the division is missing, and the sign of the exponent is flipped": lambda z: 1 + np.exp(z),
        "1/(1 − e⁻ᶻ): a minus where a plus belongs": lambda z: 1 / (1 - np.exp(-z)),
        "eᶻ/(1 + e⁻ᶻ): the two exponents have different signs": lambda z: np.exp(z) / (1 + np.exp(-z)),
        "tanh(z/2), which is 2σ(z) − 1 and runs from −1 to 1": lambda z: np.tanh(z / 2),
        "tanh(z), which runs from −1 to 1": np.tanh,
        "tanh moved up to run from 0 to 1, but twice as steep": lambda z: (1 + np.tanh(z)) / 2,
        "the hard sigmoid, three straight pieces": lambda z: np.clip(z / 6 + 0.5, 0, 1),
        "the hard sigmoid with slope 0.2, three straight pieces": lambda z: np.clip(0.2 * z + 0.5, 0, 1),
        "a sigmoid of |z|: negative numbers come out above ½": lambda z: sigmoid(np.abs(z)),
        "a sigmoid of −|z|: positive numbers come out below ½": lambda z: sigmoid(-np.abs(z)),
        "powers of 2 where powers of e are meant": lambda z: sigmoid(z * np.log(2)),
        "2.718 in place of e, which `np.exp` knows to all digits": lambda z: 1 / (1 + 2.718**-z),
        "powers of 10 where powers of e are meant": lambda z: sigmoid(z * np.log(10)),
        "the derivative of the sigmoid": sigmoid_derivative,
        "a step: it jumps where the sigmoid is smooth": lambda z: np.where(z > 0, 1.0, 0.0),
        "a softmax, whose entries share a total of 1": lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
        "ln(1 + eᶻ), the softplus": lambda z: np.logaddexp(0, z),
        **{
            f"a sigmoid whose input is cut off at ±{end}": lambda z, end=end: sigmoid(np.clip(z, -end, end))
            for end in (6, 5, 10)
        },
        **mistakes.integer_storage(sigmoid),
        "eᶻ/(1 + eᶻ), which is ∞/∞ for large z": lambda z: np.exp(z) / (1 + np.exp(z)),
        "a tanh built as (eᶻ − e⁻ᶻ)/(eᶻ + e⁻ᶻ), which is ∞/∞ at both ends": lambda z: (
            0.5 + 0.5 * (np.exp(z / 2) - np.exp(-z / 2)) / (np.exp(z / 2) + np.exp(-z / 2))
        ),
        "`math.exp` entry by entry, which stops with an error where NumPy's gives ∞": np.vectorize(
            lambda v: 1 / (1 + math.exp(-v))
        ),
    }


OVERFLOWING = {
    "e⁻ᶻ/(1 + e⁻ᶻ)², which is ∞/∞ for very negative z; written with σ it is not": lambda z: (
        np.exp(-z) / (1 + np.exp(-z)) ** 2
    ),
    "eᶻ/(1 + eᶻ)², which is ∞/∞ for large z; written with σ it is not": lambda z: np.exp(z) / (1 + np.exp(z)) ** 2,
}
"""Slopes of the sigmoid that are right until the exponential overflows."""


VANISHED = (
    "Far out it is 0 too early, from z ≈ 37 on and with float32 from z ≈ 17: σ(z) rounds to 1 there, and nothing is "
    "left of 1 − σ(z), where σ(−z) keeps all digits. The slope itself goes on, as e⁻ᶻ."
)


@exercise("q2_sigmoid_derivative", points=3, section="2.3 Its slope", title="The sigmoid's slope")
class SigmoidDerivative:
    parts = {"values": 2, "large inputs": 1}
    elementwise = True
    reference = sigmoid_derivative

    def cases(rng):
        yield from pointwise(rng)
        yield Case((np.array([-1000.0, 1000.0]),), part="large inputs", note="large numbers")
        yield Case((rng.uniform(1000, 1e4, (2, 3)).round() * [-1, 1, 1],), part="large inputs", note="large numbers")

    def beyond(rng):
        for z in (np.array([-40.0, 40.0]), np.float32([-20, 20])):
            yield Case((z,), rtol=1e-3, atol=0.0, note=VANISHED)

    wrong = {
        **OVERFLOWING,
        "1 − z², as for tanh, and z is no output": lambda z: 1 - z**2,
        "e⁻ᶻ/(1 + e⁻²ᶻ): the square belongs outside the brackets": lambda z: np.exp(-z) / (1 + np.exp(-2 * z)),
        "the Jacobian of a softmax: here each entry has a slope of its own": lambda z: (
            np.diag(sigmoid(z)) - np.outer(sigmoid(z), sigmoid(z))
        ),
        "s(1 − z): the second factor wants the output s, not the input z": lambda z: sigmoid(z) * (1 - z),
        "z(1 − z): z is the pre-activation here, not the sigmoid's output": lambda z: z * (1 - z),
        "s(s − 1): the sign is flipped": lambda z: -sigmoid_derivative(z),
        "1 − s, one factor of two": lambda z: sigmoid(-z),
        "1 − s², the rule for tanh": lambda z: 1 - sigmoid(z) ** 2,
        "σ′ of σ(z): the sigmoid is applied once too often": lambda z: sigmoid_derivative(sigmoid(z)),
        "the sigmoid itself": sigmoid,
        "s²: the second factor is not s again": lambda z: sigmoid(z) ** 2,
        "(1 − s)²: the first factor is not 1 − s": lambda z: sigmoid(-z) ** 2,
        "s(1 + s): a plus where a minus belongs": lambda z: sigmoid(z) * (1 + sigmoid(z)),
        "z s(1 − s): there is no factor z": lambda z: z * sigmoid_derivative(z),
        "s + z s(1 − s), the slope of z σ(z)": lambda z: sigmoid(z) + z * sigmoid_derivative(z),
        "1 − 2s": lambda z: 1 - 2 * sigmoid(z),
        "the slope of tanh": tanh_derivative,
        "¼ everywhere, which is the slope at z = 0 alone": lambda z: np.full(z.shape, 0.25),
        "the second derivative": lambda z: sigmoid_derivative(z) * (1 - 2 * sigmoid(z)),
        **mistakes.differences(sigmoid),
        "s · 1 − s, which is 0 everywhere: the brackets are missing": lambda z: np.zeros(z.shape),
        **mistakes.integer_storage(sigmoid_derivative),
    }


@exercise(
    "q2_tanh_derivative",
    points=3,
    section="2.4 tanh: the same curve, moved and stretched",
    title="The slope of tanh",
)
class TanhDerivative:
    elementwise = True
    cases = pointwise
    reference = tanh_derivative

    wrong = {
        "1 − t: the square is missing": lambda z: 1 - np.tanh(z),
        "1 − z²: z is the pre-activation here, not the output of tanh": lambda z: 1 - z**2,
        "t(1 − t), the rule for the sigmoid": lambda z: np.tanh(z) * (1 - np.tanh(z)),
        "1 + t²: a plus where a minus belongs": lambda z: 1 + np.tanh(z) ** 2,
        "t² − 1: the sign is flipped": lambda z: -tanh_derivative(z),
        "the rule applied to tanh of tanh: one tanh too many": lambda z: tanh_derivative(np.tanh(z)),
        "sech z: it still has to be squared": lambda z: 1 / np.cosh(z),
        "1 − tanh(z²): the square belongs outside": lambda z: 1 - np.tanh(z**2),
        "tanh itself": np.tanh,
        "t²": lambda z: np.tanh(z) ** 2,
        "(1 − t)²: the square covers too much": lambda z: (1 - np.tanh(z)) ** 2,
        "1 − 2t": lambda z: 1 - 2 * np.tanh(z),
        "1 − s² with the sigmoid s in place of tanh": lambda z: 1 - sigmoid(z) ** 2,
        "the slope of the sigmoid": sigmoid_derivative,
        "4 times the slope of the sigmoid at z: the stretch along z is missing": lambda z: 4 * sigmoid_derivative(z),
        "2σ′(2z): the chain rule brings out another factor 2": lambda z: 2 * sigmoid_derivative(2 * z),
        "the slope of the sigmoid at 2z: a factor is missing": lambda z: sigmoid_derivative(2 * z),
        "1/(1 + z²), the slope of arctan": lambda z: 1 / (1 + z**2),
        "1/cos² z, the slope of tan, without the h": lambda z: 1 / np.cos(z) ** 2,
        "z times the slope: there is no factor z": lambda z: z * tanh_derivative(z),
        "1 everywhere, which is the slope at z = 0 alone": lambda z: np.ones(z.shape),
        "the second derivative": lambda z: -2 * np.tanh(z) * tanh_derivative(z),
        **mistakes.differences(np.tanh),
        **mistakes.integer_storage(tanh_derivative),
    }


def _sigmoid_backward(z, upstream):
    return upstream * sigmoid_derivative(z)


@exercise("q2_sigmoid_backward", points=3, section="2.6 Ten layers down", title="One step backward")
class SigmoidBackward:
    elementwise = True

    reference = _sigmoid_backward

    def cases(rng):
        return pointwise(rng, [2.0, -1.0, 4.0, 3.0, -2.0, 0.5])

    wrong = {
        **mistakes.backward(sigmoid_derivative),
        "the upstream gradient alone: the sigmoid's own slope is forgotten": lambda z, upstream: upstream.copy(),
        "the slope at `upstream`: it is taken at z": lambda z, upstream: sigmoid_derivative(upstream),
        "z times the slope at `upstream`: the two arguments are swapped": lambda z, upstream: (
            z * sigmoid_derivative(upstream)
        ),
        "upstream times σ(z): what multiplies is the slope": lambda z, upstream: upstream * sigmoid(z),
        "upstream times 1 − σ(z): one factor of the slope is missing": lambda z, upstream: upstream * sigmoid(-z),
        "upstream times z(1 − z): z is the pre-activation, not the sigmoid's output": lambda z, upstream: (
            upstream * z * (1 - z)
        ),
        "upstream times σ(z)(1 − z): the second factor wants the output, not z": lambda z, upstream: (
            upstream * sigmoid(z) * (1 - z)
        ),
        **mistakes.flipped(_sigmoid_backward),
        "upstream times the slope of tanh": lambda z, upstream: upstream * tanh_derivative(z),
        "upstream times 1 − σ(z)², the rule for tanh": lambda z, upstream: upstream * (1 - sigmoid(z) ** 2),
        "the slope taken at σ(z): the sigmoid is applied once too often": lambda z, upstream: (
            upstream * sigmoid_derivative(sigmoid(z))
        ),
        "the slope at z · upstream": lambda z, upstream: sigmoid_derivative(z * upstream),
        "upstream times ¼: that is the slope at z = 0 alone": lambda z, upstream: 0.25 * upstream,
        "upstream times slope times z: there is no factor z": lambda z, upstream: z * upstream * sigmoid_derivative(z),
        "upstream masked where z is negative, the rule for ReLU": lambda z, upstream: upstream * (z > 0),
        "upstream times slope, squared": lambda z, upstream: (upstream * sigmoid_derivative(z)) ** 2,
        **mistakes.integer_storage(_sigmoid_backward),
    }


class _SinglePrecision:
    """¼ to the power of depth in float32: right until it underflows, so recognised by exactly that."""

    def __call__(self, depth):
        return float(np.float32(0.25**depth))

    def like(self, got, depth):
        return got.shape == () and bool(np.isclose(got, self(depth), rtol=1e-6, atol=0.0))


@exercise(
    "q2_gradient_factor",
    points=2,
    section="2.6 Ten layers down",
    title="Through many sigmoids",
    name="activation_factor",
)
class GradientFactor:
    def reference(depth):
        return 0.25**depth

    def cases(rng):
        for depth in (2, 0, 1, 10, 100, *map(int, rng.permutation(np.arange(3, 60))[:4])):
            yield Case((depth,), note=f"depth {depth}", rtol=1e-6, atol=0.0)

    wrong = {
        "depth · ¼: slopes in a row multiply, they do not add up": lambda depth: 0.25 * depth,
        "¼ divided by depth: slopes in a row multiply": lambda depth: 0.25 / depth,
        "½ to the power of depth: ½ is the sigmoid's value at 0, not its slope": lambda depth: 0.5**depth,
        "1 to the power of depth: that is the largest slope of tanh": lambda depth: 1.0**depth,
        "¼ + depth": lambda depth: 0.25 + depth,
        "1 − depth · ¼": lambda depth: 1 - 0.25 * depth,
        "one factor too few: count the sigmoids, not the gaps between them": lambda depth: 0.25 ** (depth - 1),
        "one factor too many: with depth 0 nothing is in the way": lambda depth: 0.25 ** (depth + 1),
        "4 to the power of depth: the factor shrinks": lambda depth: 4.0**depth,
        "depth to the power of ¼: base and exponent are swapped": lambda depth: depth**0.25,
        "depth to the power of −¼: base and exponent are swapped": lambda depth: depth**-0.25,
        "0 at every depth: a product starts at 1, not at 0": lambda depth: 0.0,
        "¼ as soon as there is a layer: a `return` inside the loop ends it at once": lambda depth: (
            0.25 if depth else None
        ),
        "the factors of all depths up to this one: one number is wanted": lambda depth: 0.25 ** np.arange(depth + 1),
        "the factors from depth 1 to this one: one number is wanted": lambda depth: 0.25 ** np.arange(1, depth + 1),
        "¼ whatever the depth": lambda depth: 0.25,
        "1 // 4, a whole-number division that gives 0": lambda depth: (1 // 4) ** depth,
        "one half to the power of 4 times depth": lambda depth: 0.5 ** (4 * depth),
        "e to the power of −depth / 4": lambda depth: math.exp(-depth / 4),
        "(1 − ¼) to the power of depth": lambda depth: 0.75**depth,
        "float32 numbers, which become 0 below about 1e-45: use float64": _SinglePrecision(),
        "¼ to the power of depth, rounded to a few digits": lambda depth: round(0.25**depth, 6),
        "the logarithm of the factor": lambda depth: depth * math.log(0.25),
        "0 for no layers at all: there the signal is untouched": lambda depth: 0.25**depth if depth else 0.0,
    }


@exercise("q2_bound", points=2, section="2.8 The other factor", title="What does 0.25¹⁰ bound?")
class Bound:
    options = {
        "a": "The gradient at the first layer is at most 0.25¹⁰ times the gradient at the output.",
        "b": "Its ten slopes bring at most the factor 0.25¹⁰; its weight matrices bring their own.",
        "c": "The gradient shrinks by the factor 0.25¹⁰, since a sigmoid passes a quarter of it on.",
        "d": "Its ten slopes stop mattering once weights are in the product, and 0.25¹⁰ with them.",
    }
    right = "b"
    hints = {
        "a": "At a weight gain of 12 we measured about 1 per layer. Which factors of the chain rule are missing?",
        "c": "Where on the curve is the slope ¼? How many units sit exactly there? And what else multiplies?",
        "d": "At the usual gain of 1 we measured 0.23 per layer. Which part of the product made it so small?",
    }
    why = "It bounds the activations' part. The bound on the gradient is the product of 0.25 · ‖W‖₂ over the layers."


@practice(of=Sigmoid, points=4)
class PracticeSigmoid:
    parts = Sigmoid.parts

    def example(pick):
        z = pick(5.0, -3.0, -1.5, 1.25, 2.5, -0.75, 4.0, -2.25)
        return f"σ({rounded(z, 2)}) = {rounded(sigmoid(z))}"


@practice(of=SigmoidDerivative, points=3)
class PracticeSigmoidDerivative:
    cases = pointwise
    harmless = OVERFLOWING

    def example(pick):
        z = pick(1.0, -1.5, 2.0, 0.5, -2.5, 3.0, -0.25)
        return f"σ′({rounded(z, 2)}) = {rounded(sigmoid_derivative(z))}"


@practice(of=GradientFactor, points=2, title="The activations' share")
class PracticeActivationFactor:
    def example(pick):
        depth = pick(2, 3, 4, 5, 6)
        return f"depth {depth} gives {0.25**depth:.6g}"


@practice(id="q1_reason", points=4, title="Why do the first layers stall?")
class PracticeReason1:
    def example(pick):
        depth = pick(10, 8, 12, 14, 16)
        return f"{depth} hidden layers, all sigmoid, weights drawn with gain 1 (Xavier)"

    options = {
        "a": "Slopes of at most ¼, and weights that do not make up for it: forwards inputs become nearly alike.",
        "b": "Slopes of at most ¼, whose product caps the gradient for larger weights as well: so it is nearly 0.",
        "c": "Outputs of at most 1, which multiply from layer to layer: forwards activations become nearly 0.",
        "d": "Weights of this size, which push units onto the flat parts of the curve: slopes become nearly 0.",
    }
    right = "a"
    hints = {
        "b": "What else stands in the chain rule beside the slopes, and what did a gain of 12 do to the product?",
        "c": "Feed two inputs through. Do the activations go to 0, or to a constant? And how far apart are the two?",
        "d": "With gain 1 the pre-activations are small. Where on the curve are they, and what is the slope there?",
    }
    why = (
        "Every slope lets through at most a quarter, of differences on the way forward as of gradients on the way "
        "back, and weights of gain 1 do not make up for it; larger ones can."
    )
