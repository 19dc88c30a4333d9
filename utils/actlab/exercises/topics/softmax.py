"""Softmax, its slope, its logarithm, and the loss behind it."""

import math

import numpy as np

from actlab.activations import log_softmax, sigmoid, softmax, softmax_jacobian, softmax_vjp
from actlab.exercises import mistakes
from actlab.exercises.cases import quarters
from actlab.exercises.model import Case, exercise, practice
from actlab.exercises.text import listed

ANY_AXIS = "values along any axis"
FAR = "scores 1000 apart"
COLD = "a temperature near 0"


def _shares(z, shift, axis=-1):
    """Softmax along `axis` with `shift` subtracted from the scores first."""
    e = np.exp(z - shift)
    return e / e.sum(axis, keepdims=True)


def _batches(rng):
    """Arguments (z, axis) with what is special about them: one to three dimensions, every axis, square and not."""
    yield (np.array([2.0, 1.0, 0.1]), -1), "a single row of scores"
    yield (quarters(rng, 2, 3), -1), "two rows of three scores"
    yield (quarters(rng, 3, 3), -1), "three rows of three scores"
    yield (quarters(rng, 3, 3), 0), "a square array, along axis 0"
    yield (quarters(rng, 2, 3, 4), 1), "three dimensions, along the middle axis"
    yield (np.argsort(rng.random((2, 4))) - 1, 1), "integers"
    yield (quarters(rng, 4, 2).astype(np.float32), -2), "float32 numbers, along axis -2"
    yield (rng.uniform(-15, 15, (2, 5)).round(1), -1), "scores up to 30 apart"


def _far_apart(rng):
    """Arguments (z, axis) that overflow or underflow unless each slice is shifted by a number of its own."""
    rows = quarters(rng, 2, 3) + np.array([[1000.0], [0.0]])
    yield (rows, -1), "two rows 1000 apart"
    yield (rows.T - 1000, 0), "two columns 1000 apart"
    yield (quarters(rng, 2, 2, 3) + np.array([[0.0], [-1000.0]]), 2), "rows 1000 apart in three dimensions"
    yield (np.array([0.0, 1000.0, -1000.0]), -1), "one score far above its neighbours"


def _batches_near_and_far(rng):
    for args, note in _batches(rng):
        yield Case(args, part=ANY_AXIS, note=note)
    for args, note in _far_apart(rng):
        yield Case(args, part=FAR, note=note)


SHIFTED = {
    "a shift by the mean: what lies far above it still overflows": lambda z, axis=-1: _shares(
        z, z.mean(axis, keepdims=True), axis
    ),
    "a shift by the smallest score: what lies far above it still overflows": lambda z, axis=-1: _shares(
        z, z.min(axis, keepdims=True), axis
    ),
    "a shift by the largest |z|: a row of large negative scores is 0/0": lambda z, axis=-1: _shares(
        z, np.abs(z).max(axis, keepdims=True), axis
    ),
}
"""Shifts by a number of each row's own that is not its maximum: they fail where scores of one row are far apart."""


@exercise("q5_softmax", points=5, section="5.3 Whose maximum, whose sum?", title="Softmax")
class Softmax:
    parts = {ANY_AXIS: 3, FAR: 2}
    reference = softmax

    cases = _batches_near_and_far

    wrong = {
        "a division by the sum of the whole array: each row is to share 1 among its own entries": lambda z, axis=-1: (
            np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        ),
        "a softmax along axis 0, whatever `axis` says": lambda z, axis=-1: softmax(z, 0),
        "a softmax along the last axis, whatever `axis` says": lambda z, axis=-1: softmax(z, -1),
        "a sum that has lost its axis: it fails, or on a square array divides by the wrong rows": lambda z, axis=-1: (
            np.exp(z - z.max(axis, keepdims=True)) / np.exp(z - z.max(axis, keepdims=True)).sum(axis)
        ),
        "a maximum that has lost its axis: it fails, or on a square array shifts the wrong rows": lambda z, axis=-1: (
            _shares(z, z.max(axis), axis)
        ),
        "a maximum and a sum that have both lost their axis": lambda z, axis=-1: (
            np.exp(z - z.max(axis)) / np.exp(z - z.max(axis)).sum(axis)
        ),
        "a maximum taken down the columns, whatever `axis` says": lambda z, axis=-1: _shares(
            z, z.max(0, keepdims=True), axis
        ),
        "scores divided by their sum, the trap of 5.1: the exponential is missing": lambda z, axis=-1: (
            z / z.sum(axis, keepdims=True)
        ),
        "a sigmoid of each score on its own": lambda z, axis=-1: sigmoid(z),
        "e⁻ᶻ where eᶻ is meant: the smallest score comes out largest": lambda z, axis=-1: softmax(-z, axis),
        "exponentials that are not yet divided by their sum": lambda z, axis=-1: np.exp(z),
        "shifted exponentials that are not yet divided by their sum": lambda z, axis=-1: np.exp(
            z - z.max(axis, keepdims=True)
        ),
        "the logarithm of the softmax": log_softmax,
        "a softmax that is applied twice": lambda z, axis=-1: softmax(softmax(z, axis), axis),
        "one minus the softmax": lambda z, axis=-1: 1 - softmax(z, axis),
        "a hard maximum: all or nothing": lambda z, axis=-1: np.where(z == z.max(axis, keepdims=True), 1.0, 0.0),
        "powers of 2 where powers of e are meant": lambda z, axis=-1: softmax(z * math.log(2), axis),
        "powers of 10 where powers of e are meant": lambda z, axis=-1: softmax(z * math.log(10), axis),
        "squares in place of exponentials": lambda z, axis=-1: z**2 / (z**2).sum(axis, keepdims=True),
        "exponentials divided by their length, the root of the sum of squares": lambda z, axis=-1: (
            np.exp(z) / np.sqrt(np.exp(2 * z).sum(axis, keepdims=True))
        ),
        "exponentials divided by their mean": lambda z, axis=-1: np.exp(z) / np.exp(z).mean(axis, keepdims=True),
        "scores divided by their standard deviation before the exponential": lambda z, axis=-1: softmax(
            z / z.std(axis, keepdims=True), axis
        ),
        "results rounded to a few digits": lambda z, axis=-1: softmax(z, axis).round(3),
        **mistakes.integer_storage(softmax),
        "no shift at all: eᶻ is ∞ for large scores, and ∞/∞ is no number": lambda z, axis=-1: _shares(z, 0, axis),
        "one maximum for the whole array: a row far below it is 0/0": lambda z, axis=-1: _shares(z, z.max(), axis),
        "one maximum for the whole array, and a small number added to the sum to hide the 0/0": lambda z, axis=-1: (
            np.exp(z - z.max()) / (np.exp(z - z.max()).sum(axis, keepdims=True) + 1e-9)
        ),
        **SHIFTED,
        "scores cut off at ±100: beyond that all are alike": lambda z, axis=-1: softmax(np.clip(z, -100, 100), axis),
        "∞/∞ replaced by 0 afterwards": lambda z, axis=-1: np.nan_to_num(_shares(z, 0, axis)),
        "`math.exp` entry by entry, which stops with an error where NumPy's gives ∞": lambda z, axis=-1: (
            np.vectorize(math.exp, otypes=[float])(z)
            / np.vectorize(math.exp, otypes=[float])(z).sum(axis, keepdims=True)
        ),
        "a sum without `keepdims`, which divides by the wrong rows": lambda z, axis=-1: np.exp(z) / np.exp(z).sum(axis),
        "shares of |z|: the exponential is missing": lambda z, axis=-1: np.abs(z) / np.abs(z).sum(axis, keepdims=True),
        "sigmoids divided by their sum": lambda z, axis=-1: sigmoid(z) / sigmoid(z).sum(axis, keepdims=True),
        "a sum of 1 in every row of the transposed array": lambda z, axis=-1: softmax(z.T, axis),
    }


@exercise("q5_temperature", points=2, section="5.4 Temperature", title="Temperature", name="tempered_softmax")
class Temperature:
    parts = {"everyday temperatures": 1, COLD: 1}

    def reference(z, T):
        return softmax(z / T)

    def cases(rng):
        def everyday(z, T, note):
            return Case((z, T), part="everyday temperatures", note=note)

        yield everyday(np.array([2.0, 1.0, 0.1]), 2.0, "a single row at T = 2")
        yield everyday(quarters(rng, 2, 3), 0.5, "two rows at T = 0.5")
        yield everyday(quarters(rng, 3, 3), 1.0, "three rows of three at T = 1")
        yield everyday(rng.permutation(np.arange(-3, 5)).reshape(2, 4), 4, "integers at T = 4")
        yield everyday(quarters(rng, 2, 2, 3), 10.0, "three dimensions at T = 10")
        warm = quarters(rng, 4, 2).astype(np.float32), float(rng.choice([0.25, 0.75, 3.0]))
        yield everyday(*warm, "float32 numbers")
        yield Case((np.array([2.0, 1.0, 0.1]), 0.001), part=COLD, note="a single row at T = 0.001")
        near = np.array([[2.0], [-2.0]]) + quarters(rng, 2, 3) / 1000
        yield Case((near, 0.001), part=COLD, note="scores close to 2 and to -2 at T = 0.001")

    wrong = {
        "z · T: a high temperature is to level the probabilities, not to sharpen them": lambda z, T: softmax(z * T),
        "the plain softmax: the temperature has no effect, or cancels": lambda z, T: softmax(z),
        "a softmax whose result is divided by T: it no longer sums to 1": lambda z, T: softmax(z) / T,
        "a softmax whose result is multiplied by T: it no longer sums to 1": lambda z, T: softmax(z) * T,
        "probabilities raised to a power and not made to sum to 1 again": lambda z, T: softmax(z) ** (1 / T),
        "probabilities that go through a second softmax": lambda z, T: softmax(softmax(z) / T),
        "a temperature in the numerator alone": lambda z, T: np.exp(z / T) / np.exp(z).sum(-1, keepdims=True),
        "a temperature in the denominator alone": lambda z, T: np.exp(z) / np.exp(z / T).sum(-1, keepdims=True),
        "rescaled scores that did not go through the softmax": lambda z, T: z / T,
        "exponentials that are not divided by their sum": lambda z, T: np.exp(z / T),
        "a square root of T": lambda z, T: softmax(z / np.sqrt(T)),
        "the square of T": lambda z, T: softmax(z / T**2),
        "a division by 1 + T": lambda z, T: softmax(z / (1 + T)),
        "a flipped sign: the smallest score comes out largest": lambda z, T: softmax(-z / T),
        "a whole-number division `//`, which drops what comes after the point": lambda z, T: softmax(z // T),
        "a softmax along axis 0": lambda z, T: softmax(z / T, 0),
        "a division by the sum of the whole array": lambda z, T: np.exp(z / T) / np.exp(z / T).sum(),
        "a sum that has lost its axis: it fails, or on a square array divides by the wrong rows": lambda z, T: (
            np.exp(z / T) / np.exp(z / T).sum(-1)
        ),
        **mistakes.integer_storage(lambda z, T: softmax(z / T)),
        "exponentials without the shift of 5.2: they are ∞ at a small T, and ∞/∞ is no number": lambda z, T: _shares(
            z / T, 0
        ),
        "powers of probabilities: at a small T all of them round to 0, and 0/0 is no number": lambda z, T: (
            softmax(z) ** (1 / T) / (softmax(z) ** (1 / T)).sum(-1, keepdims=True)
        ),
    }


def _probabilities(rng, *shape):
    return rng.dirichlet(np.full(shape[-1], 2.0), shape[:-1]).round(3)


@exercise("q5_softmax_jacobian", points=3, section="5.5 The slope is a matrix", title="The Jacobian of softmax")
class Jacobian:
    reference = softmax_jacobian

    def cases(rng):
        yield Case((np.array([0.75, 0.25]),), note="two probabilities")
        yield Case((np.array([0.5, 0.25, 0.25]),), note="three probabilities")
        yield Case((np.full(4, 0.25),), note="four equal probabilities")
        yield Case((_probabilities(rng, 5),), note="five probabilities")
        yield Case((rng.permutation([0, 1, 0]),), note="a one-hot row of integers")
        yield Case((_probabilities(rng, 3).astype(np.float32),), note="float32 numbers")

    wrong = {
        "the diagonal alone, as a list of k numbers: every score moves every probability": lambda p: p * (1 - p),
        "a diagonal matrix: every score moves the other probabilities too": lambda p: np.diag(p * (1 - p)),
        **mistakes.flipped(softmax_jacobian),
        "a plus between the two terms": lambda p: np.diag(p) + np.outer(p, p),
        "the term for i ≠ j everywhere: the diagonal has one more": lambda p: -np.outer(p, p),
        "the product of all pairs of probabilities, without a sign": lambda p: np.outer(p, p),
        "the rule of the diagonal used everywhere": lambda p: np.outer(p, 1 - p),
        "the rule of the diagonal used everywhere, transposed": lambda p: np.outer(1 - p, p),
        "ones on the diagonal where probabilities belong": lambda p: np.eye(len(p)) - np.outer(p, p),
        "a matrix whose first factor is missing: [i = j] − pⱼ": lambda p: np.eye(len(p)) - p,
        "a matrix whose second factor is missing": lambda p: np.diag(p) - np.outer(p, np.ones(len(p))),
        "diag(p) with p subtracted from every row": lambda p: np.diag(p) - p,
        "diag(p) with p² subtracted from every row": lambda p: np.diag(p) - p**2,
        "`p @ p`, a single number, where all the pairs are meant": lambda p: np.diag(p) - p @ p,
        "a second softmax: p has been through it already": lambda p: softmax_jacobian(softmax(p)),
        "probabilities on the diagonal and nothing beside it": np.diag,
        "the right matrix with its off-diagonal signs flipped": lambda p: np.abs(softmax_jacobian(p)),
        "twice the right matrix": lambda p: 2 * softmax_jacobian(p),
        "a square on every p of the diagonal, but not on the rest": lambda p: np.diag(p**2) - np.outer(p, p),
        "the sum over each row, which is 0: the matrix itself is wanted": lambda p: softmax_jacobian(p).sum(1),
        "diag(p(1 − p)) − p pᵀ: the diagonal is counted twice": lambda p: np.diag(p * (1 - p)) - np.outer(p, p),
        "p − p²: a vector, not a matrix, laid over every row": lambda p: np.tile(p - p**2, (len(p), 1)),
    }


@exercise(
    "q5_softmax_vjp",
    points=3,
    section="5.6 Back without the matrix",
    title="Softmax, backward",
)
class Vjp:
    reference = softmax_vjp

    def cases(rng):
        yield Case((np.array([0.5, 0.25, 0.25]), np.array([4.0, 0.0, -2.0])), note="a single row")
        yield Case((_probabilities(rng, 2, 3), quarters(rng, 2, 3)), note="two rows of three")
        yield Case((_probabilities(rng, 3, 3), quarters(rng, 3, 3)), note="three rows of three")
        yield Case((_probabilities(rng, 2, 3, 4), quarters(rng, 2, 3, 4)), note="three dimensions")
        integers = rng.permutation(np.arange(-3, 5)).reshape(2, 4)
        yield Case((_probabilities(rng, 2, 4), integers), note="integers in g")
        single = _probabilities(rng, 4, 2).astype(np.float32), quarters(rng, 4, 2).astype(np.float32)
        yield Case(single, note="float32 numbers")

    wrong = {
        "the diagonal of the Jacobian alone, p(1 − p)·g: the entries of a row are coupled": lambda p, g: (
            p * (1 - p) * g
        ),
        "p·g: what the other entries of the row contribute is missing": lambda p, g: p * g,
        **mistakes.flipped(softmax_vjp),
        "a plus between the two terms": lambda p, g: p * (g + (p * g).sum(-1, keepdims=True)),
        "a sum over g alone, not weighted": lambda p, g: p * (g - g.sum(-1, keepdims=True)),
        "a plain mean over g, where a weighted one is meant": lambda p, g: p * (g - g.mean(-1, keepdims=True)),
        "g minus the weighted sum: the outer factor is missing": lambda p, g: g - (p * g).sum(-1, keepdims=True),
        "p·g minus the weighted sum: the outer factor reaches the first term only": lambda p, g: (
            p * g - (p * g).sum(-1, keepdims=True)
        ),
        "a sum over the whole batch: each row has its own": lambda p, g: p * (g - (p * g).sum()),
        "a sum down the columns: it runs along a row": lambda p, g: p * (g - (p * g).sum(0, keepdims=True)),
        "a mean over the row where its sum is meant": lambda p, g: p * (g - (p * g).mean(-1, keepdims=True)),
        "a sum that has lost its axis: it fails, or on a square batch reaches the wrong rows": lambda p, g: (
            p * (g - (p * g).sum(-1))
        ),
        "p − g: that shortcut belongs to cross-entropy with labels": lambda p, g: p - g,
        "p and g in each other's place": lambda p, g: g * (p - (p * g).sum(-1, keepdims=True)),
        "a second softmax: p has been through it already": lambda p, g: softmax_vjp(softmax(p), g),
        "the upstream gradient alone": lambda p, g: g.copy(),
        "the column sums of the Jacobian, which are 0: g is not used": lambda p, g: np.zeros(p.shape),
        "the off-diagonal part of the Jacobian alone": lambda p, g: p * (p * g - (p * g).sum(-1, keepdims=True)),
        "a square on the outer p": lambda p, g: p * softmax_vjp(p, g),
        "one number for each row: there is a gradient for every score": lambda p, g: (p * g).sum(-1),
    }


@exercise("q5_log_softmax", points=3, section="5.7 Stay in logarithms", title="log-softmax")
class LogSoftmax:
    parts = {ANY_AXIS: 2, FAR: 1}
    reference = log_softmax

    cases = _batches_near_and_far

    wrong = {
        "the softmax itself, without the logarithm": softmax,
        "−log p: that is the loss": lambda z, axis=-1: -log_softmax(z, axis),
        "z minus its maximum: the logarithm of the sum is missing": lambda z, axis=-1: z - z.max(axis, keepdims=True),
        "z minus the sum of exponentials: its logarithm is missing": lambda z, axis=-1: (
            z - np.exp(z).sum(axis, keepdims=True)
        ),
        "z minus the logarithm of the sum of z: the exponential is missing": lambda z, axis=-1: (
            z - np.log(z.sum(axis, keepdims=True))
        ),
        "z divided by the log-sum-exp: a quotient becomes a difference": lambda z, axis=-1: z / _lse(z, axis),
        "the log-sum-exp minus z, with the signs the other way round and its maximum left out": lambda z, axis=-1: (
            _lse(z - z.max(axis, keepdims=True), axis) - z
        ),
        "a log-sum-exp that never got its maximum back": lambda z, axis=-1: (
            z - _lse(z - z.max(axis, keepdims=True), axis)
        ),
        "a maximum that is subtracted twice": lambda z, axis=-1: log_softmax(z, axis) - z.max(axis, keepdims=True),
        "the log-sum-exp alone": lambda z, axis=-1: _lse(z, axis),
        "a logarithm to base 2": lambda z, axis=-1: log_softmax(z, axis) / math.log(2),
        "a logarithm to base 10": lambda z, axis=-1: log_softmax(z, axis) / math.log(10),
        "log(1 + p)": lambda z, axis=-1: np.log1p(softmax(z, axis)),
        "the logarithm of a sigmoid of each score": lambda z, axis=-1: -np.logaddexp(0, -z),
        "a sum over the whole array: each row has its own": lambda z, axis=-1: z - np.log(np.exp(z).sum()),
        "a log-softmax along axis 0, whatever `axis` says": lambda z, axis=-1: log_softmax(z, 0),
        "a log-softmax along the last axis, whatever `axis` says": lambda z, axis=-1: log_softmax(z, -1),
        "a sum that has lost its axis: it fails, or on a square array reaches the wrong rows": lambda z, axis=-1: (
            z - np.log(np.exp(z).sum(axis))
        ),
        "a log-softmax that is applied to probabilities": lambda z, axis=-1: log_softmax(softmax(z, axis), axis),
        **mistakes.integer_storage(log_softmax),
        "log of a softmax with a small number added: the answer stops falling there": lambda z, axis=-1: np.log(
            softmax(z, axis) + 1e-12
        ),
        "log of a softmax that has rounded to 0": lambda z, axis=-1: np.log(softmax(z, axis)),
        "log of a softmax without a shift": lambda z, axis=-1: np.log(_shares(z, 0, axis)),
        "log of the sum of eᶻ without a shift, which is ∞ for large scores": lambda z, axis=-1: z - _lse(z, axis),
        "one maximum for the whole array: a row far below it is log 0": lambda z, axis=-1: (
            z - z.max() - _lse(z - z.max(), axis)
        ),
    }


def _lse(z, axis):
    """The logarithm of the sum of e^z, as it is written."""
    return np.log(np.exp(z).sum(axis, keepdims=True))


def _one_hot(y, k):
    return np.eye(k)[y]


def _residual(z, y):
    return softmax(z) - _one_hot(y, z.shape[1])


@exercise(
    "q5_cross_entropy_gradient",
    points=4,
    section="5.8 The cleanest gradient",
    title="The gradient of cross-entropy",
)
class CrossEntropyGradient:
    def reference(z, y):
        return _residual(np.asarray(z, float), y) / len(z)

    def cases(rng):
        yield Case((np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), np.array([0, 2])), note="two samples, three classes")
        yield Case((quarters(rng, 3, 3), rng.permutation(3)), note="three samples, three classes")
        yield Case((quarters(rng, 5, 4), rng.permutation([0, 1, 1, 2, 2])), note="five samples, none of the last class")
        yield Case((quarters(rng, 4, 2), np.array([1, 1, 1, 1])), note="four samples, all of one class")
        yield Case((quarters(rng, 1, 6), rng.integers(0, 6, 1)), note="a single sample")
        yield Case((rng.integers(-4, 5, (3, 5)), rng.integers(0, 5, 3)), note="integer logits")
        yield Case((quarters(rng, 6, 3).astype(np.float32), rng.integers(0, 3, 6)), note="float32 logits")
        yield Case((rng.uniform(-30, 30, (2, 3)).round(1), rng.integers(0, 3, 2)), note="large logits")

    wrong = {
        "a flipped sign: this would climb": lambda z, y: -_residual(z, y) / len(z),
        "the sum over the samples: the loss is their mean": lambda z, y: _residual(z, y),
        "a mean over all n · k entries: the loss is a mean over n samples": lambda z, y: _residual(z, y) / z.size,
        "a division by the number of classes instead of samples": lambda z, y: _residual(z, y) / z.shape[1],
        "the gradient with respect to the probabilities: the softmax is not yet passed": lambda z, y: (
            -_one_hot(y, z.shape[1]) / softmax(z) / len(z)
        ),
        "the rule for squared errors on sigmoids, with a factor p(1 − p)": lambda z, y: (
            _residual(z, y) * softmax(z) * (1 - softmax(z)) / len(z)
        ),
        "the gradient of a squared error through the softmax": lambda z, y: (
            softmax_vjp(softmax(z), 2 * _residual(z, y)) / len(z)
        ),
        "twice the gradient, as for a squared error": lambda z, y: 2 * _residual(z, y) / len(z),
        "the probabilities alone: the labels are not used": lambda z, y: softmax(z) / len(z),
        "logits minus labels: the softmax is missing": lambda z, y: (z - _one_hot(y, z.shape[1])) / len(z),
        "sigmoids in place of the softmax": lambda z, y: (sigmoid(z) - _one_hot(y, z.shape[1])) / len(z),
        "probabilities minus the number of the class": lambda z, y: (softmax(z) - y[:, None]) / len(z),
        "`y` subtracted as it stands: y holds class numbers, so subtract 1 in each row's own column": lambda z, y: (
            (softmax(z) - y) / len(z)
        ),
        "`y` subtracted as it stands, without the mean: subtract 1 in each row's own column": lambda z, y: (
            softmax(z) - y
        ),
        "1 subtracted in whole columns, `p[:, y]`: each sample has one label of its own": lambda z, y: (
            (softmax(z) - np.isin(np.arange(z.shape[1]), y)) / len(z)
        ),
        "1 subtracted everywhere": lambda z, y: (softmax(z) - 1) / len(z),
        "a softmax down the columns": lambda z, y: (softmax(z, 0) - _one_hot(y, z.shape[1])) / len(z),
        "a softmax over the whole batch": lambda z, y: (np.exp(z) / np.exp(z).sum() - _one_hot(y, z.shape[1])) / len(z),
        "one-hot labels with as many columns as classes were seen, not as there are": lambda z, y: (
            (softmax(z) - _one_hot(y, y.max() + 1)) / len(z)
        ),
        "log-probabilities in place of probabilities": lambda z, y: (log_softmax(z) - _one_hot(y, z.shape[1])) / len(z),
        "a gradient that is not 0 at the label only": lambda z, y: _residual(z, y) * _one_hot(y, z.shape[1]) / len(z),
        "a gradient that is 0 at the label": lambda z, y: softmax(z) * (1 - _one_hot(y, z.shape[1])) / len(z),
        "the loss itself": lambda z, y: -np.mean(log_softmax(z)[np.arange(len(z)), y]),
        "the loss of every sample": lambda z, y: -log_softmax(z)[np.arange(len(z)), y],
        "a mean over the batch in one row: each sample keeps its own": lambda z, y: _residual(z, y).mean(0),
        **mistakes.integer_storage(lambda z, y: _residual(z, y) / len(z)),
    }


@exercise("q5_hidden", points=2, section="5.10 Softmax between the layers", title="Why not in the hidden layers?")
class Hidden:
    options = {
        "a": "Ending the competition and keeping the scale, as ReLU / 64 does.",
        "b": "Halving the weights' gain, so that the softmax starts flatter.",
        "c": "Undoing the scale and keeping the competition, as 64 · softmax does.",
        "d": "None of them: a single repair left the network where it was.",
    }
    right = "c"
    hints = {
        "a": "Without competition nothing forces a unit down. But with ε = 1e-8, where are the dots of ReLU / 64?",
        "b": "Compare the dots of softmax and of softmax with gain ½, both without the 64, in the second figure.",
        "d": "Look for a variant that differs from softmax in one thing and ends far above it in the second figure.",
    }
    why = (
        "At ε = 1e-8 every network of 64 · softmax ends above softmax from the same start, although its units compete; "
        "of ReLU / 64, where nothing competes, most still guess. A smaller ε lets those learn too: the optimiser's ε "
        "is part of the answer."
    )
    evidence = ("hidden_softmax.scale_helps", "hidden_softmax.relu_closes_less", "hidden_softmax.epsilon_decides")


@practice(of=Softmax, points=6)
class PracticeSoftmax:
    parts = {"values": 4, "distant rows": 2}
    harmless = SHIFTED

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
        return f"{listed(z)} becomes ({', '.join(f'{v:.3f}' for v in p)})"

    wrong = {
        "a default axis of 0": lambda z, axis=0: softmax(z, axis),
        "the mean subtracted over the whole array: rows far from it overflow or become 0/0": lambda z, axis=-1: _shares(
            z, z.mean(), axis
        ),
    }


@practice(of=Jacobian, points=5)
class PracticeSoftmaxJacobian:
    def cases(rng):
        yield Case((np.array([0.5, 0.3, 0.2]),), note="three probabilities")
        for k in (2, 4, 6):
            yield Case((softmax(rng.normal(0, 1.5, k)),), note=f"{k} probabilities")
        yield Case((np.array([1.0]),), note="a single class")
        yield Case((np.eye(4)[rng.integers(4)],), note="one probability of exactly 1")
        yield Case((softmax(rng.normal(0, 1, 3)).astype(np.float32),), note="float32 numbers")

    def example(pick):
        p = pick((0.5, 0.5), (0.75, 0.25), (0.9, 0.1), (0.6, 0.4), (0.2, 0.8))
        return f"{listed(p)} gives {listed(softmax_jacobian(np.array(p)))}"


@practice(of=CrossEntropyGradient, points=5, title="Softmax and cross-entropy")
class PracticeCrossEntropyGradient:
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
        return f"one sample with logits {listed(z)} and label {y}: {listed(g[0].round(4))}"


@practice(id="q4_reason", points=4, title="What costs a hidden softmax?")
class PracticeReason4:
    def example(pick):
        return f"a hidden layer of {pick(64, 32, 128, 256, 100)} units with softmax as its activation"

    options = {
        "a": "The rows of its Jacobian sum to 0: on the way back everything cancels, and no gradient reaches the "
        "layers before it.",
        "b": "Apart from the normalisation it is linear in the scores, so layers with softmax between them "
        "collapse into one.",
        "c": "At the usual initialisation one unit already takes nearly all of the total: the others saturate at 0, "
        "as in a sigmoid's flat end.",
        "d": "Its outputs share a total of 1: their mean is 1/n, so signal and gradient shrink with the width n, and "
        "units compete.",
    }
    right = "d"
    hints = {
        "a": "Rows that sum to 0 block one direction. What about all the others?",
        "b": "Double all the scores. Do the outputs double, or even keep their proportions?",
        "c": "Draw a layer's scores from N(0, 1) and call your `softmax`: how large is the largest output?",
    }
    why = (
        "Both cost: in four layers undoing the scale helps, and ending the competition helps too, once Adam's ε is "
        "small enough to let small gradients count (5.10)."
    )
    evidence = ("hidden_softmax.scale_helps", "hidden_softmax.competition_helps")
