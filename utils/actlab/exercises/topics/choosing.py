"""Choosing on evidence: which range a head reaches, which loss fits it, how many seeds settle a question."""

import math
from statistics import NormalDist

import numpy as np

from actlab.activations import sigmoid, sigmoid_derivative
from actlab.exercises.cases import quarters
from actlab.exercises.model import Case, exercise

quantile = NormalDist().inv_cdf


def _mean_square(error):
    return np.mean(np.square(error))


@exercise("q7_clip_floor", points=3, section="7.2 Regression: which head?", title="The clip floor")
class ClipFloor:
    def reference(targets, low, high):
        return _mean_square(targets - np.clip(targets, low, high))

    def cases(rng):
        yield Case((np.array([-2.0, 0.0, 0.5, 4.0]), 0.0, 1.0), note="four targets")
        yield Case((quarters(rng, 9) * 2, -1.0, 1.0), note="the range of tanh")
        yield Case((quarters(rng, 3, 4) * 2 + 0.5, 0.0, 1.0), note="targets of shape (3, 4)")
        yield Case((np.array([-3.0, -1.0, 2.0, 5.0]), 0.0, math.inf), note="ReLU's range, which has no upper end")
        yield Case((np.array([0.25, 0.5, 0.75]), 0.0, 1.0), note="targets that all lie inside")
        yield Case((np.array([-4, 7, 1, 3, 0]), -1.0, 2.0), note="integer targets")
        yield Case((np.array([3.0, 4.0, 5.5]), 0.0, 1.0), note="targets that all lie above")
        yield Case((np.array([-2, 3, 1, 0]), 0, 1), note="integers everywhere")

    wrong = {
        "the square of the mean gap: square first, then take the mean": lambda t, low, high: (
            np.mean(t - np.clip(t, low, high)) ** 2
        ),
        "a sum where a mean is meant": lambda t, low, high: np.sum((t - np.clip(t, low, high)) ** 2),
        "the root of the mean squared error": lambda t, low, high: np.sqrt(_mean_square(t - np.clip(t, low, high))),
        "the mean gap without squaring it": lambda t, low, high: np.mean(np.abs(t - np.clip(t, low, high))),
        "the mean gap with its sign: gaps on both sides cancel": lambda t, low, high: np.mean(
            t - np.clip(t, low, high)
        ),
        "the largest squared gap alone": lambda t, low, high: np.max((t - np.clip(t, low, high)) ** 2),
        "half the mean squared error": lambda t, low, high: _mean_square(t - np.clip(t, low, high)) / 2,
        "only the targets above the range: those below cannot be reached either": lambda t, low, high: _mean_square(
            np.maximum(t - high, 0)
        ),
        "only the targets below the range: those above cannot be reached either": lambda t, low, high: _mean_square(
            np.minimum(t - low, 0)
        ),
        "a mean over the targets outside alone: those inside count, with error 0": lambda t, low, high: (
            np.sum((t - np.clip(t, low, high)) ** 2) / max(np.sum((t < low) | (t > high)), 1)
        ),
        "a mean over the targets outside alone, nan where there are none: those inside count, with error 0": (
            lambda t, low, high: np.sum((t - np.clip(t, low, high)) ** 2) / (np.sum((t < low) | (t > high)) or math.nan)
        ),
        "the error of the best constant answer: a network may answer each input with its own number": (
            lambda t, low, high: _mean_square(t - np.clip(np.mean(t), low, high))
        ),
        "the share of targets outside the range": lambda t, low, high: np.mean((t < low) | (t > high)),
        "the mean square of the clipped targets": lambda t, low, high: _mean_square(np.clip(t, low, high)),
        "the variance of the targets, which is the error of one constant answer": lambda t, low, high: np.var(t),
        "the variance of the clipped targets": lambda t, low, high: np.var(np.clip(t, low, high)),
        "the mean square of the targets, which is the error of answering 0": lambda t, low, high: _mean_square(t),
        "an error of 0: targets outside the range stay out of reach": lambda t, low, high: 0.0,
        "the distance to the nearer end for every target: those inside are reached exactly": lambda t, low, high: (
            _mean_square(np.minimum(np.abs(t - low), np.abs(t - high)))
        ),
        "the squared gaps one by one: one number is wanted": lambda t, low, high: (t - np.clip(t, low, high)) ** 2,
        "clipping with the two ends swapped": lambda t, low, high: _mean_square(
            t - np.minimum(np.maximum(t, high), low)
        ),
        "targets clipped to (0, 1) whatever low and high are": lambda t, low, high: _mean_square(t - np.clip(t, 0, 1)),
        "targets put through a sigmoid: the best head comes as close as its range lets it": lambda t, low, high: (
            _mean_square(t - sigmoid(t))
        ),
    }


@exercise("q7_double_softmax_floor", points=3, section="7.3 Classes: three heads", title="Softmax twice")
class DoubleSoftmaxFloor:
    def reference(k):
        return math.log(math.e + k - 1) - 1

    def cases(rng):
        for k in (10, 1, 2, 3, 1000, *map(int, rng.permutation(np.arange(4, 200))[:3])):
            yield Case((k,), note=f"{k} class{'es' * (k > 1)}", atol=1e-9)

    wrong = {
        "0: the second softmax never sees scores that are far apart": lambda k: 0.0,
        "ln k, the loss of answering 1/k for every class": lambda k: math.log(k),
        "ln k − 1": lambda k: math.log(k) - 1,
        "k other classes: there are k − 1 of them": lambda k: math.log(math.e + k) - 1,
        "the probability itself: the loss is minus its logarithm": lambda k: math.e / (math.e + k - 1),
        "1 minus the probability: the loss is minus its logarithm": lambda k: 1 - math.e / (math.e + k - 1),
        "a flipped sign: a loss is not negative": lambda k: 1 - math.log(math.e + k - 1),
        "ln(e + k − 1): the numerator is forgotten": lambda k: math.log(math.e + k - 1),
        "the highest loss, of a network that is sure of a wrong class": lambda k: (
            math.log(math.e + k - 1) if k > 1 else 0.0
        ),
        "a logarithm to base 2: cross-entropy is in nats": lambda k: math.log2((math.e + k - 1) / math.e),
        "a logarithm to base 10: cross-entropy is in nats": lambda k: math.log10((math.e + k - 1) / math.e),
        "the floor for 10 classes whatever k is": lambda k: math.log(math.e + 9) - 1,
        "other classes without their e⁰ = 1: an entry of 0 still weighs 1": lambda k: 1.0 if k > 1 else 0.0,
        "(k − 1)/e without the logarithm": lambda k: (k - 1) / math.e,
        "the loss of scores 1 and −1: a probability of 0 stands there": lambda k: math.log(1 + (k - 1) * math.exp(-2)),
        "the loss where one score is 1/k and the others are 0": lambda k: math.log(1 + (k - 1) * math.exp(-1 / k)),
        "a softmax applied a third time": lambda k: math.log(1 + (k - 1) * math.exp((1 - math.e) / (math.e + k - 1))),
        "1 − 1/k": lambda k: 1 - 1 / k,
        "a rounded value: keep all digits": lambda k: round(math.log(math.e + k - 1) - 1, 3),
    }


def _labels(rng, shape):
    return rng.integers(0, 2, shape).astype(float)


def _quotient(z, y):
    s = 1 / (1 + np.exp(-z))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (s - y) / (s * (1 - s)) * s * (1 - s)


@exercise("q7_bce_gradient", points=3, section="7.4 Yes or no: which loss?", title="The pull on the logit")
class BceGradient:
    elementwise = True

    def reference(z, y):
        return sigmoid(np.asarray(z, float)) - y

    def cases(rng):
        z = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])
        yield Case((z, np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])), note="six logits of both signs")
        yield Case((rng.normal(0, 2, (2, 3)).round(2), _labels(rng, (2, 3))), note="logits of shape (2, 3)")
        yield Case((np.array(1.5), np.array(1.0)), note="a single number, an array of shape ()")
        yield Case((rng.permutation(np.arange(-4, 5)), rng.integers(0, 2, 9)), note="integers")
        far = rng.uniform(8, 30, (2, 1, 2)).round(1) * np.array([-1, 1])
        yield Case((far, np.array([[[1.0, 0.0]], [[0.0, 1.0]]])), note="saturated units, right and wrong ones")
        yield Case((np.array([-40.0, 40.0, -40.0, 40.0]), np.array([1.0, 0.0, 0.0, 1.0])), note="z = ±40")
        soft = rng.uniform(0, 1, 4).round(2)
        yield Case((rng.normal(0, 2, 4).round(2), soft), note="labels between 0 and 1")

    wrong = {
        "y − σ: the sign is flipped": lambda z, y: y - sigmoid(z),
        "(σ − y) σ′, half of what squared error gives: the slope cancels here": lambda z, y: (
            (sigmoid(z) - y) * sigmoid_derivative(z)
        ),
        "2 (σ − y) σ′, the gradient of the squared error": lambda z, y: 2 * (sigmoid(z) - y) * sigmoid_derivative(z),
        "2 (σ − y): the 2 belongs to squared error": lambda z, y: 2 * (sigmoid(z) - y),
        "the gradient with respect to σ: the chain rule still has to reach z": lambda z, y: (
            (1 - y) / (1 - sigmoid(z)) - y / sigmoid(z)
        ),
        "σ′ times the derivative by σ, without cancelling: where σ rounds to 1 that is 0/0": _quotient,
        "−y/σ: the second term of the loss is missing, and the chain rule": lambda z, y: -y / sigmoid(z),
        "y (σ − 1): the term for y = 0 is missing": lambda z, y: y * (sigmoid(z) - 1),
        "(1 − y) σ: the term for y = 1 is missing": lambda z, y: (1 - y) * sigmoid(z),
        "(1 − y) σ − y: one more factor for y = 1 is missing": lambda z, y: (1 - y) * sigmoid(z) - y,
        "(1 − y) σ + y (1 − σ): a sign is flipped where y = 1": lambda z, y: (
            (1 - y) * sigmoid(z) + y * (1 - sigmoid(z))
        ),
        "σ′ alone: where is y?": lambda z, y: sigmoid_derivative(z),
        "σ alone: where is y?": lambda z, y: sigmoid(z),
        "z − y: the sigmoid is forgotten": lambda z, y: z - y,
        "the sigmoid applied twice": lambda z, y: sigmoid(sigmoid(z)) - y,
        "σ(−z) − y: the sign of the exponent is flipped": lambda z, y: sigmoid(-z) - y,
        "tanh(z) − y": lambda z, y: np.tanh(z) - y,
        "a thresholded answer in place of σ": lambda z, y: (z > 0) - y,
        "the loss itself, not its derivative": lambda z, y: np.logaddexp(0, z) - y * z,
        "σ − y averaged over the entries: each logit has its own gradient": lambda z, y: np.mean(sigmoid(z) - y),
        "σ − y summed over the entries: each logit has its own gradient": lambda z, y: np.sum(sigmoid(z) - y),
        "(σ − y)²": lambda z, y: (sigmoid(z) - y) ** 2,
        "|σ − y|: the direction is lost": lambda z, y: np.abs(sigmoid(z) - y),
        "(σ − y) z": lambda z, y: (sigmoid(z) - y) * z,
        "σ(z − y)": lambda z, y: sigmoid(z - y),
        "σ − y divided by the number of entries: it is not a mean here": lambda z, y: (sigmoid(z) - y) / max(z.size, 1),
    }


@exercise("q7_evidence", points=2, section="7.6 A small transformer", title="One run each")
class Evidence:
    evidence = ("language.nonlinearity_matters", "language.seeds_differ_more")
    options = {
        "a": "GELU has won: both runs were measured in the same way, and its loss is the lower one.",
        "b": "Neither has won: two seeds of one variant differ by more. Repeat it with paired seeds.",
        "c": "Neither has won: a gap so small shows that activations do not matter in transformers.",
        "d": "GELU has won: its smoothness predicts a lower loss, and the run confirms the theory.",
    }
    right = "b"
    hints = {
        "a": "Run ReLU twice, with two seeds. How far apart are the two, typically?",
        "c": "What did the variant without an activation lose, in most seeds?",
        "d": "Would you have accepted one run as a refutation, had it come out the other way?",
    }
    why = "One pair of runs says little. Pair the seeds, and compare the mean difference with its spread."


def _ratio(d):
    return np.std(d, ddof=1) / np.mean(d)


def _z(power, level=0.05):
    return quantile(1 - level / 2) + quantile(power)


@exercise("q7_seeds_needed", points=4, section="7.7 How many seeds would settle it?", title="How many seeds?")
class SeedsNeeded:
    def reference(differences, power):
        return math.ceil((_z(power) * _ratio(differences)) ** 2)

    def cases(rng):
        yield Case((np.array([-0.5, 0.5, -1.0, -1.0, 0.25]), 0.8), note="five differences")
        for power in (0.8, 0.9, 0.5, 0.95):
            n = int(rng.integers(4, 12))
            drawn = rng.normal(0, 1, n)
            drawn = (drawn - drawn.mean()) / drawn.std(ddof=1)
            center = rng.choice([-1, 1]) * rng.uniform(0.12, 0.35)
            yield Case((0.05 * (drawn + center), power), note=f"{n} differences, power {power}")
        yield Case((np.array([0.5, 0.5, 0.75, 0.75]), 0.9), note="differences that hardly scatter")

    wrong = {
        "a number rounded down: a fraction of a seed cannot be run": lambda d, p: math.floor((_z(p) * _ratio(d)) ** 2),
        "a number rounded to the nearest: round up, or the power falls short": lambda d, p: round(
            (_z(p) * _ratio(d)) ** 2
        ),
        "a number that is not rounded: seeds are whole": lambda d, p: (_z(p) * _ratio(d)) ** 2,
        "a standard deviation divided by n: take `ddof=1`": lambda d, p: math.ceil((_z(p) * d.std() / d.mean()) ** 2),
        "1.96 alone: that gives a power of one half": lambda d, p: math.ceil((quantile(0.975) * _ratio(d)) ** 2),
        "the quantile of the power alone: where is the 5 % level?": lambda d, p: math.ceil(
            (quantile(p) * _ratio(d)) ** 2
        ),
        "a power of 0.8 whatever is asked for": lambda d, p: math.ceil((_z(0.8) * _ratio(d)) ** 2),
        "a one-sided test, 1.645 in place of 1.96": lambda d, p: math.ceil((_z(p, 0.1) * _ratio(d)) ** 2),
        "the quantile of 1 − power, which has the opposite sign": lambda d, p: math.ceil(
            ((quantile(0.975) + quantile(1 - p)) * _ratio(d)) ** 2
        ),
        "two independent groups, a factor of 2: these differences are paired": lambda d, p: math.ceil(
            2 * (_z(p) * _ratio(d)) ** 2
        ),
        "the standard error in place of the standard deviation": lambda d, p: math.ceil(
            (_z(p) * _ratio(d)) ** 2 / len(d)
        ),
        "the ratio without its square": lambda d, p: math.ceil(abs(_z(p) * _ratio(d))),
        "the bracket without its square": lambda d, p: math.ceil(_z(p) * _ratio(d)),
        "a square on the quantiles alone: s/m is squared too": lambda d, p: math.ceil(_z(p) ** 2 * _ratio(d)),
        "a square on the quantiles alone, and |s/m|: that is squared too": lambda d, p: math.ceil(
            abs(_z(p) ** 2 * _ratio(d))
        ),
        "`cdf`, which turns a quantile into a probability: here it goes the other way": lambda d, p: math.ceil(
            ((NormalDist().cdf(0.975) + NormalDist().cdf(p)) * _ratio(d)) ** 2
        ),
        "the variance over the mean: both are squared": lambda d, p: math.ceil(
            abs(_z(p) ** 2 * np.var(d, ddof=1) / np.mean(d))
        ),
        "the quantiles without their square": lambda d, p: math.ceil(_z(p) * _ratio(d) ** 2),
        "the ratio upside down: a small effect needs more seeds": lambda d, p: math.ceil((_z(p) / _ratio(d)) ** 2),
        "the sizes of the differences: a change of sign is what speaks against an effect": lambda d, p: math.ceil(
            (_z(p) * _ratio(np.abs(d))) ** 2
        ),
        "the number of seeds there are, not the number that is needed": lambda d, p: len(d),
        "the median in place of the mean": lambda d, p: math.ceil((_z(p) * np.std(d, ddof=1) / np.median(d)) ** 2),
        "quantiles squared before they are added: add first": lambda d, p: math.ceil(
            (quantile(0.975) ** 2 + quantile(p) ** 2) * _ratio(d) ** 2
        ),
        "power itself in place of its quantile": lambda d, p: math.ceil(((quantile(0.975) + p) * _ratio(d)) ** 2),
        "0.95 where the two-sided level asks for the quantile 0.975": lambda d, p: math.ceil(
            ((0.95 + quantile(p)) * _ratio(d)) ** 2
        ),
    }


@exercise("q7_labels", points=2, section="7.3 Classes: three heads", title="Dog, car and tree")
class Labels:
    options = {
        "a": "A softmax over the three; a label whose share is above ½ counts as present.",
        "b": "A softmax over the three; a label whose share is above ⅓ counts as present.",
        "c": "Three sigmoids, each with a loss of its own; a label above ½ counts as present.",
        "d": "A softmax over the three, trained on targets such as (1, 1, 0) for two labels.",
    }
    right = "c"
    hints = {
        "a": "Shares add up to 1. How many of them can be above ½ at the same time?",
        "b": "What do the three shares look like on a photo that shows none of them, and on one that shows all?",
        "d": "The targets add up to 2. What do the entries of a softmax add up to?",
    }
    why = "Labels that do not exclude one another are three separate yes-or-no questions."
