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


def _level(z, axis=-1):
    """z with each slice along `axis` shifted, so that its largest entry is 3.

    What the exponentials of a slice add up to then depends little on the draw, and with it what a small constant in
    that sum, or the maximum of the whole array, does to the result.
    """
    return z - z.max(axis, keepdims=True) + 3


def _batches(rng):
    """Arguments (z,) or (z, axis) with what is special about them: up to four dimensions, every axis, square or not."""
    yield (np.array([2.0, 1.0, 0.1]),), "a single row of scores"
    yield (np.full((3, 1), 3.0),), "rows of one single score"
    for shape, axis in (
        ((2, 3), ()),
        ((3, 3), ()),
        ((2, 3, 3), ()),
        ((3,), (0,)),
        ((1, 4), (1,)),
        ((3, 3), (0,)),
        ((4, 2), (-2,)),
        ((2, 5), (-1,)),
        ((2, 3, 4), (1,)),
        ((3, 2, 2), (-3,)),
        ((2, 1, 3, 2), (-2,)),
        ((2, 1, 2, 3), (3,)),
    ):
        along = f"along axis {axis[0]}" if axis else "no axis given"
        yield (_level(quarters(rng, *shape), *axis), *axis), f"shape {shape}, {along}"
    yield (_level(rng.permutation(np.arange(-5, 7)).reshape(3, 4), 0), 0), "integers, along axis 0"
    apart = rng.uniform(-14, 14, (2, 6)).round(2)
    apart[:, :2] = -14, 14
    yield (rng.permuted(apart, axis=1).astype(np.float32),), "float32 numbers 28 apart"
    yield (rng.permuted(apart + np.sign(apart), axis=1).T, 0), "scores 30 apart"


def _far_apart(rng):
    """Arguments (z, axis) that overflow or underflow unless each slice is shifted by a number of its own."""
    for shape, axis, far, dtype in (
        ((2, 3), -1, 1000, float),
        ((4, 3), 0, -1000, float),
        ((2, 3, 4), 1, 1000, float),
        ((3, 2), 1, 1000, np.float32),
        ((3, 4), 0, -1000, int),
    ):
        slices = tuple(1 if k == axis % len(shape) else size for k, size in enumerate(shape))
        moved = np.zeros(math.prod(slices))
        moved[rng.permutation(moved.size)[: moved.size // 2]] = far
        z = _level((4 if dtype is int else 1) * quarters(rng, *shape), axis)
        yield ((z + moved.reshape(slices)).astype(dtype), axis), f"slices 1000 apart, shape {shape}, along axis {axis}"


def _judged_on(near, far, *more):
    """The cases of a function of (z, axis): a part for everyday scores, one for scores far apart.

    more: further scores far apart, single rows. Far from 0 a sum is off by a float32 number's step there, however it
    is formed.
    """

    def cases(rng):
        for args, note in _batches(rng):
            yield Case(args, part=near, note=note)
        for (z, axis), note in _far_apart(rng):
            step = np.spacing(np.abs(z).max()) if z.dtype == np.float32 else 0.0
            yield Case((z, axis), part=far, note=note, atol=max(1e-6, 8 * step))
        for z in more:
            yield Case((np.array(z), -1), part=far, note="one score far above its neighbours")

    return cases


LONELY = [0.0, 1000.0, -1000.0]


def _axis_mistakes(f):
    """What goes wrong with `axis` where f(z, axis) itself is right."""
    alone = "a function of z alone, {}: the parameter `axis` is missing"
    return {
        "values along axis 0, whatever `axis` says": lambda z, axis=-1: f(z, 0),
        "values along axis 1, whatever `axis` says: a single row has no axis 1": lambda z, axis=-1: f(z, 1),
        "values along the last axis, whatever `axis` says": lambda z, axis=-1: f(z, -1),
        "a default axis of 0: it is −1": lambda z, axis=0: f(z, axis),
        "a default axis of 1: it is −1, and a single row has no axis 1": lambda z, axis=1: f(z, axis),
        "a default of None, the whole array: the axis is −1 unless said": lambda z, axis=None: f(z, axis),
        "an `axis` without its default of −1": lambda z, axis: f(z, axis),
        alone.format("along the last axis"): lambda z: f(z, -1),
        alone.format("along axis 1"): lambda z: f(z, 1),
        alone.format("along axis 0"): lambda z: f(z, 0),
        alone.format("along the whole array"): lambda z: f(z, None),
    }


class _Padded:
    """A constant in the sum, named by what it does: a row keeps its proportions and sums to less than 1."""

    def __call__(self, z, axis=-1):
        e = np.exp(z - z.max(axis, keepdims=True))
        return e / (e.sum(axis, keepdims=True) + 1e-3)

    @staticmethod
    def like(got, z, axis=-1):
        if got.shape != z.shape or not np.isfinite(got).all():
            return False
        total = got.sum(axis, keepdims=True)
        kept = np.allclose(got, total * softmax(z, axis), rtol=1e-4, atol=1e-6)
        return bool(kept and (total > 0.5).all() and (total < 1 + 1e-6).all())


class _Floored:
    """log(p + c), named by what it does, since everybody has a c of their own."""

    def __call__(self, z, axis=-1):
        return np.log(softmax(z, axis) + 1e-12)

    @staticmethod
    def like(got, z, axis=-1):
        if got.shape != z.shape:
            return False
        p = softmax(z, axis)
        with np.errstate(all="ignore"):
            c = max(np.exp(got.flat[p.argmin()]) - p.min(), 0)
            return c < 0.1 and np.allclose(got, np.log(p + c), rtol=1e-4, atol=1e-4)


SHIFTED = {
    "a shift by the mean: what lies far above it still overflows": lambda z, axis=-1: _shares(
        z, z.mean(axis, keepdims=True), axis
    ),
    "a shift by the smallest score: what lies far above it still overflows": lambda z, axis=-1: _shares(
        z, z.min(axis, keepdims=True), axis
    ),
}
"""Shifts by a number of each row's own that is not its maximum: they fail where scores of one row are far apart."""


@exercise("q5_softmax", points=5, section="5.3 Whose maximum, whose sum?", title="Softmax")
class Softmax:
    parts = {ANY_AXIS: 3, FAR: 2}
    reference = softmax

    cases = _judged_on(ANY_AXIS, FAR, LONELY)

    wrong = {
        "a division by the sum of the whole array: each row is to share 1 among its own entries": lambda z, axis=-1: (
            np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        ),
        **_axis_mistakes(lambda z, axis: _shares(z, z.max(axis, keepdims=True), axis)),
        "a sum without `keepdims`: it fails, or on a square array divides by the wrong rows": lambda z, axis=-1: (
            np.exp(z - z.max(axis, keepdims=True)) / np.exp(z - z.max(axis, keepdims=True)).sum(axis)
        ),
        "a maximum without `keepdims`: it fails, or on a square array shifts the wrong rows": lambda z, axis=-1: (
            _shares(z, z.max(axis), axis)
        ),
        "a maximum and a sum, both without `keepdims`": lambda z, axis=-1: (
            np.exp(z - z.max(axis)) / np.exp(z - z.max(axis)).sum(axis)
        ),
        "a sum set upright by `.reshape(-1, 1)`: that fits the rows of a table, no other axis": lambda z, axis=-1: (
            np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis).reshape(-1, 1)
        ),
        "axis 1 written out, and `.reshape(-1, 1)` or a transpose in place of `keepdims`: that fits the rows of a "
        "table, no other axis": lambda z, axis=-1: np.exp(z - z.max()) / np.exp(z - z.max()).sum(1).reshape(-1, 1),
        "a transpose in place of `keepdims`: that fits the rows of a table, no other axis": lambda z, axis=-1: (
            (np.exp(z - z.max()).T / np.exp(z - z.max()).sum(axis)).T
        ),
        "a transposed array for axis 0 that is never transposed back": lambda z, axis=-1: softmax(
            z.T if axis == 0 else z, -1
        ),
        "a maximum subtracted above the fraction bar alone": lambda z, axis=-1: (
            np.exp(z - z.max(axis, keepdims=True)) / np.exp(z).sum(axis, keepdims=True)
        ),
        "a maximum subtracted below the fraction bar alone": lambda z, axis=-1: (
            np.exp(z) / np.exp(z - z.max(axis, keepdims=True)).sum(axis, keepdims=True)
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
        "a constant added to the sum: a row then sums to less than 1": _Padded(),
        "results rounded to a few digits": lambda z, axis=-1: softmax(z, axis).round(3),
        **mistakes.integer_storage(softmax),
        "no shift at all: eᶻ is ∞ for large scores, and ∞/∞ is no number": lambda z, axis=-1: _shares(z, 0, axis),
        "one maximum for the whole array: a row far below it is 0/0": lambda z, axis=-1: _shares(z, z.max(), axis),
        "no shift at all, and a small number added to the sum: eᶻ is still ∞ for large scores": lambda z, axis=-1: (
            np.exp(z) / (np.exp(z).sum(axis, keepdims=True) + 1e-9)
        ),
        "one maximum for the whole array, and a small number added to the sum to hide the 0/0": lambda z, axis=-1: (
            np.exp(z - z.max()) / (np.exp(z - z.max()).sum(axis, keepdims=True) + 1e-9)
        ),
        "a shift by the largest |z|: a row of large negative scores is 0/0": lambda z, axis=-1: _shares(
            z, np.abs(z).max(axis, keepdims=True), axis
        ),
        **SHIFTED,
        "scores cut off at ±100: beyond that all are alike": lambda z, axis=-1: softmax(np.clip(z, -100, 100), axis),
        "∞/∞ replaced by 0 afterwards": lambda z, axis=-1: np.nan_to_num(_shares(z, 0, axis)),
        "`math.exp` entry by entry, which stops with an error where NumPy's gives ∞": lambda z, axis=-1: (
            np.vectorize(math.exp, otypes=[float])(z)
            / np.vectorize(math.exp, otypes=[float])(z).sum(axis, keepdims=True)
        ),
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
        yield everyday(np.full((3, 1), 3.0), 0.75, "rows of one single score")
        yield everyday(_level(quarters(rng, 2, 3)), 0.5, "two rows at T = 0.5")
        yield everyday(_level(quarters(rng, 3, 3)), 1.0, "three rows of three at T = 1")
        yield everyday(_level(rng.permutation(np.arange(-3, 5)).reshape(2, 4)), 4, "integers at T = 4")
        yield everyday(_level(quarters(rng, 2, 2, 3)), 10.0, "three dimensions at T = 10")
        warm = _level(quarters(rng, 4, 2)).astype(np.float32), float(rng.choice([0.25, 0.75, 3.0]))
        yield everyday(*warm, "float32 numbers")
        yield Case((np.array([2.0, 1.0, 0.1]), 0.001), part=COLD, note="a single row at T = 0.001")
        near = np.array([[2.0], [-2.0]]) + _level(quarters(rng, 2, 3)) / 1024
        yield Case((near, 1 / 1024), part=COLD, note="scores close to 2 and to -2 at T = 1/1024")

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
        "a sum without `keepdims`: it fails, or on a square array divides by the wrong rows": lambda z, T: (
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
        yield Case((np.array([1.0]),), note="a single class")
        yield Case((softmax(rng.normal(0, 1.5, 6)),), note="six probabilities")
        yield Case((rng.permutation([0, 1, 0]),), note="a one-hot row of integers")
        yield Case((_probabilities(rng, 3).astype(np.float32),), note="float32 numbers")

    wrong = {
        "the diagonal alone, as a list of k numbers: every score moves every probability": lambda p: p * (1 - p),
        "the softmax once more, and s(1 − s): p has been through it, and every score moves all of p": lambda p: (
            softmax(p) * (1 - softmax(p))
        ),
        "a sigmoid's slope, s(1 − s): every score moves every probability": lambda p: sigmoid(p) * (1 - sigmoid(p)),
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
        "a sum without `keepdims`: it fails, or on a square batch reaches the wrong rows": lambda p, g: (
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

    cases = _judged_on(ANY_AXIS, FAR, LONELY)

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
        **_axis_mistakes(lambda z, axis: z - z.max(axis, keepdims=True) - _lse(z - z.max(axis, keepdims=True), axis)),
        "a sum without `keepdims`: it fails, or on a square array reaches the wrong rows": lambda z, axis=-1: (
            z - np.log(np.exp(z).sum(axis))
        ),
        "a log-softmax that is applied to probabilities": lambda z, axis=-1: log_softmax(softmax(z, axis), axis),
        **mistakes.integer_storage(log_softmax),
        "log of a softmax that has rounded to 0": lambda z, axis=-1: np.log(softmax(z, axis)),
        "log of a softmax with a small number added: the answer stops falling there": _Floored(),
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


def _labels(rng, n, seen):
    """n labels, of each class in `seen` one where there is room for them."""
    return rng.permutation(np.resize(rng.permutation(seen), n))


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
        yield Case((np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), np.array([0, 1])), note="two samples, three classes")
        for n, k, seen, note in (
            (3, 3, (0, 1, 2), "three samples, three classes"),
            (5, 4, (0, 1, 2), "five samples, none of the last class"),
            (3, 4, (2, 3), "three samples, none of the first classes"),
            (4, 2, (1,), "four samples, all of one class"),
            (1, 6, range(6), "a single sample"),
            (3, 1, (0,), "one class alone"),
        ):
            yield Case((_level(quarters(rng, n, k)), _labels(rng, n, seen)), note=note)
        whole = _level(rng.permutation(np.arange(-7, 8)).reshape(3, 5))
        yield Case((whole, _labels(rng, 3, range(5))), note="integer logits")
        yield Case((_level(quarters(rng, 6, 3)).astype(np.float32), _labels(rng, 6, range(3))), note="float32 logits")
        yield Case((_level(rng.uniform(-14, 14, (2, 3)).round(1)), _labels(rng, 2, range(3))), note="distant logits")

    wrong = {
        "a flipped sign: this would climb": lambda z, y: -_residual(z, y) / len(z),
        "the sum over the samples: the loss is their mean": lambda z, y: _residual(z, y),
        "a mean over all n · k entries: the loss is a mean over n samples": lambda z, y: _residual(z, y) / z.size,
        "a division by the number of classes instead of samples": lambda z, y: _residual(z, y) / z.shape[1],
        "the gradient with respect to the probabilities: the softmax is not yet passed": lambda z, y: (
            -_one_hot(y, z.shape[1]) / softmax(z) / len(z)
        ),
        "−1/p in the label's column, without the mean: the softmax is not yet passed": lambda z, y: (
            -_one_hot(y, z.shape[1]) / softmax(z)
        ),
        "−y/p with y as it stands: y holds class numbers, and the softmax is not yet passed": lambda z, y: (
            -y / softmax(z)
        ),
        "−y/z: the logits taken for probabilities, and class numbers for rows of 0 and 1": lambda z, y: -y / z,
        "the rule for squared errors on sigmoids, with a factor p(1 − p)": lambda z, y: (
            _residual(z, y) * softmax(z) * (1 - softmax(z)) / len(z)
        ),
        "the rule for squared errors on sigmoids, twice p(1 − p) times the difference": lambda z, y: (
            2 * _residual(z, y) * softmax(z) * (1 - softmax(z)) / len(z)
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
        "`y` subtracted as it stands, without the mean: y holds class numbers": lambda z, y: softmax(z) - y,
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
        "d": "A single repair falls short: it leaves the network where it was.",
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
    harmless = tuple(SHIFTED)

    cases = _judged_on("values", "distant rows")

    def example(pick):
        z = pick((2, 1, 0), (0, 1, 3), (1, -1, 0), (3, 1, 1), (0, 0, 2))
        p = softmax(np.array(z, float))
        return f"{listed(z)} becomes ({', '.join(f'{v:.3f}' for v in p)})"

    wrong = {
        "the mean subtracted over the whole array: rows far from it overflow or become 0/0": lambda z, axis=-1: _shares(
            z, z.mean(), axis
        ),
    }


@practice(of=Jacobian, points=5)
class PracticeSoftmaxJacobian:
    def example(pick):
        p = pick((0.5, 0.5), (0.75, 0.25), (0.9, 0.1), (0.6, 0.4), (0.2, 0.8))
        return f"{listed(p)} gives {listed(softmax_jacobian(np.array(p)))}"


@practice(of=CrossEntropyGradient, points=5, title="Softmax and cross-entropy")
class PracticeCrossEntropyGradient:
    def example(pick):
        z, y = pick(((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((2, 0), 0), ((1, 1), 1))
        g = (softmax(np.array(z, float)) - np.eye(2)[y])[None]
        return f"one sample with logits {listed(z)} and label {y}: {listed(g[0].round(4))}"


@practice(id="q4_reason", points=4, title="What costs a hidden softmax?")
class PracticeReason4:
    def example(pick):
        return f"a hidden layer of {pick(64, 32, 128, 256, 100)} units with softmax as its activation"

    options = {
        "a": "The rows of its Jacobian sum to 0: on the way back terms cancel, and layers before it are left "
        "without a gradient.",
        "b": "Its outputs are shares of the sum of scores: that is linear, so that layers with softmax between "
        "them collapse into one.",
        "c": "Its total of 1 goes to one unit at the usual start: outputs are near (1, 0, …, 0), as on a "
        "sigmoid's flat end, and stay.",
        "d": "Its outputs share a total of 1: the mean is 1/n, signal and gradient shrink with the width n, and "
        "the units compete.",
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
