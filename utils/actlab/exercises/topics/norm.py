"""Normalisation."""

import numpy as np

from actlab.exercises import mistakes
from actlab.exercises.cases import quarters
from actlab.exercises.model import Case, exercise, practice
from actlab.exercises.text import listed


def _normalised(z, axis=0, ddof=0, eps=1e-5):
    return (z - z.mean(axis, keepdims=True)) / np.sqrt(z.var(axis, ddof=ddof, keepdims=True) + eps)


def _batch_norm(z, gamma, beta, eps=1e-5):
    return gamma * _normalised(z, eps=eps) + beta


def _spread(rng, n, d):
    """A batch in which no unit is nearly constant: a spread of rounding errors would be divided by itself."""
    z = quarters(rng, n, d)
    z[0] = z[1] + 1 + quarters(rng, d) ** 2
    return z


class _Fixed:
    """An eps that is no argument, named by what it does, since everybody has one of their own."""

    def __call__(self, z, gamma, beta, eps=1e-5):
        return _batch_norm(z, gamma, beta, 1e-8)

    @staticmethod
    def like(got, z, gamma, beta, *eps):
        return _OwnDefault.like(got, z, gamma, beta)


class _OwnDefault:
    """Another default of eps, named by what it does, since everybody has one of their own."""

    def __call__(self, z, gamma, beta, eps=1e-8):
        return _batch_norm(z, gamma, beta, eps)

    @staticmethod
    def like(got, z, gamma, beta, *eps):
        tried = [eps] if eps else [(10.0**-k,) for k in range(1, 17)]
        return any(got.shape == z.shape and np.allclose(got, _batch_norm(z, gamma, beta, *e), rtol=1e-3) for e in tried)


def _running(z, gamma, beta, eps=1e-5):
    return gamma * (z - 0.1 * z.mean(0)) / np.sqrt(0.1 * z.var(0) + eps) + beta


def _settings(z, gamma, beta, settings):
    return _batch_norm(z, gamma, beta, settings.get("eps", 1e-5))


@exercise("q3_batch_norm", points=3, section="3.10 Batch normalisation", title="Batch normalisation")
class BatchNorm:
    reference = _batch_norm

    def cases(rng):
        first = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, -10.0]])
        yield Case((first, np.array([1.0, 2.0]), np.array([0.0, 5.0])), note="three samples, two units")
        for n, d, eps, note in (
            (4, 4, (), "as many samples as units"),
            (6, 3, (0.5,), "eps = 0.5"),
            (2, 5, (), "two samples"),
            (1, 3, (0.5,), "one sample"),
            (7, 1, (2,), "one unit, eps = 2"),
        ):
            z = _spread(rng, n, d) if n > 1 else quarters(rng, n, d)
            yield Case((z, quarters(rng, d) + 4, quarters(rng, d), *eps), note=note)
        near = _spread(rng, 4, 2) / 64
        yield Case((near, np.array([1.0, -2.0]), np.array([3.0, 0.5])), note="numbers near 0, eps by default")
        z, gamma, beta = rng.permutation(np.arange(12)).reshape(4, 3), np.array([2, -1, 1]), np.array([1, 0, 3])
        yield Case((z, gamma, beta), note="integers")
        yield Case((z / 4, gamma, beta, 1), note="integers in gamma, beta and eps")
        yield Case((z, gamma / 4, beta / 4), note="integers in z")
        small = [a.astype(np.float32) for a in (z / 4, np.array([1.5, 2.0, -1.0]), np.array([0.5, -1.0, 4.0]))]
        yield Case((*small, 0.5), note="float32 numbers")
        yield Case((np.full((3, 2), 2.0), np.array([2.0, 3.0]), np.array([1.0, -1.0])), note="a constant batch")

    wrong = {
        "the mean and variance of each sample: they are those of each unit, over the batch": (
            lambda z, gamma, beta, eps=1e-5: gamma * _normalised(z, 1, eps=eps) + beta
        ),
        "axis 1, and no `keepdims`: mean and variance belong to each unit, over the batch": (
            lambda z, gamma, beta, eps=1e-5: gamma * (z - z.mean(1)) / np.sqrt(z.var(1) + eps) + beta
        ),
        "one mean and one variance for the whole array": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean()) / np.sqrt(z.var() + eps) + beta
        ),
        "a variance divided by n − 1: here it is divided by n": lambda z, gamma, beta, eps=1e-5: (
            gamma * _normalised(z, ddof=1, eps=eps) + beta
        ),
        "a variance that is a sum of squares: it is their mean": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean(0)) / np.sqrt(len(z) * z.var(0) + eps) + beta
        ),
        "the square of a mean difference, which is 0: the variance is the mean of squares": (
            lambda z, gamma, beta, eps=1e-5: gamma * (z - z.mean(0)) / np.sqrt(0 * z.var(0) + eps) + beta
        ),
        "an eps outside the root": lambda z, gamma, beta, eps=1e-5: gamma * (z - z.mean(0)) / (z.std(0) + eps) + beta,
        "no eps: a constant unit then divides 0 by 0": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean(0)) / z.std(0) + beta
        ),
        "an eps added after the division: it belongs under the root": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean(0)) / z.std(0) + eps + beta
        ),
        "a default of another size for eps: it is 1e-5": _OwnDefault(),
        "an `eps` without its default of 1e-5": lambda z, gamma, beta, eps: _batch_norm(z, gamma, beta, eps),
        "no parameter for eps: it is the fourth one, 1e-5 unless said": lambda z, gamma, beta: _batch_norm(
            z, gamma, beta
        ),
        "a dictionary of settings, read by `.get`: here eps itself is the fourth argument": _settings,
        "running averages, a tenth of the batch's mean and variance: here the batch's own are meant": _running,
        "an eps fixed in the code, whatever the argument says": _Fixed(),
        "a division by the variance: its root belongs there": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean(0)) / (z.var(0) + eps) + beta
        ),
        "no root over the standard deviation, but one too many roots": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean(0)) / np.sqrt(z.std(0) + eps) + beta
        ),
        "gamma and beta in each other's place": lambda z, gamma, beta, eps=1e-5: beta * _normalised(z, eps=eps) + gamma,
        "the mean left in place": lambda z, gamma, beta, eps=1e-5: gamma * z / np.sqrt(z.var(0) + eps) + beta,
        "a mean subtracted without its own brackets: it is divided, z is not": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean(0) / np.sqrt(z.var(0) + eps)) + beta
        ),
        "a mean that alone is divided: brackets around `z − mean` are missing": lambda z, gamma, beta, eps=1e-5: (
            gamma * z - z.mean(0) / np.sqrt(z.var(0) + eps) + beta
        ),
        "no division by the spread": lambda z, gamma, beta, eps=1e-5: gamma * (z - z.mean(0)) + beta,
        "no gamma and no beta": lambda z, gamma, beta, eps=1e-5: _normalised(z, eps=eps),
        "no beta": lambda z, gamma, beta, eps=1e-5: gamma * _normalised(z, eps=eps),
        "no gamma": lambda z, gamma, beta, eps=1e-5: _normalised(z, eps=eps) + beta,
        "a division of gamma · z alone, with the mean subtracted afterwards": lambda z, gamma, beta, eps=1e-5: (
            gamma * z / np.sqrt(z.var(0) + eps) - z.mean(0) + beta
        ),
        "a beta inside the numerator: it is added last": lambda z, gamma, beta, eps=1e-5: (
            (gamma * (z - z.mean(0)) + beta) / np.sqrt(z.var(0) + eps)
        ),
        "a beta that is scaled too: it is added last": lambda z, gamma, beta, eps=1e-5: (
            gamma * (_normalised(z, eps=eps) + beta)
        ),
        "a beta that is subtracted": lambda z, gamma, beta, eps=1e-5: gamma * _normalised(z, eps=eps) - beta,
        "gamma added where it multiplies": lambda z, gamma, beta, eps=1e-5: gamma + _normalised(z, eps=eps) + beta,
        "a mean that is added": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z + z.mean(0)) / np.sqrt(z.var(0) + eps) + beta
        ),
        "a median where the mean belongs": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - np.median(z, 0)) / np.sqrt(z.var(0) + eps) + beta
        ),
        "a batch normalisation followed by ReLU": lambda z, gamma, beta, eps=1e-5: np.maximum(
            gamma * _normalised(z, eps=eps) + beta, 0
        ),
        "gamma divided by instead of multiplied": lambda z, gamma, beta, eps=1e-5: (
            _normalised(z, eps=eps) / gamma + beta
        ),
        **mistakes.integer_storage(_batch_norm),
    }


@practice(of=BatchNorm, points=3)
class PracticeBatchNorm:
    def example(pick):
        a, b, gamma, beta = pick((1, 3, 2, 10), (0, 4, 3, 1), (-1, 1, 5, 2), (2, 8, 2, 5), (5, 6, 4, -1))
        got = gamma * _normalised(np.array([[a], [b]], float))[:, 0] + beta
        return f"one unit, the batch {listed((a, b))}, gamma {gamma}, beta {beta}: about ({got[0]:.2f}, {got[1]:.2f})"


def _layer_norm(z, gamma, beta, eps=1e-5):
    return gamma * _normalised(z, -1, eps=eps) + beta


def _rms(z, eps=1e-5):
    return np.sqrt((z**2).mean(-1, keepdims=True) + eps)


def _rms_norm(z, gamma, eps=1e-5):
    return gamma * z / _rms(z, eps)


def _mean(values):
    """Of each row, the last axis."""
    return values.mean(-1, keepdims=True)


def _layer_norm_backward(z, gamma, upstream, eps=1e-5):
    g, a = upstream * gamma, _centred(z, eps)
    return (g - _mean(g) - a * _mean(g * a)) / _spread_of(z, eps)


def _without_part(a, g):
    """A gradient without what points along a row of mean square 1."""
    return g - a * _mean(g * a)


def _rms_norm_backward(z, gamma, upstream, eps=1e-5):
    return _without_part(z / _rms(z, eps), upstream * gamma) / _rms(z, eps)


def _spread_of(z, eps=1e-5):
    return np.sqrt(z.var(-1, keepdims=True) + eps)


def _centred(z, eps):
    return _normalised(z, -1, eps=eps)


def _over_the_batch(z, gamma, upstream, eps=1e-5):
    g, a = upstream * gamma, _normalised(z, eps=eps)
    return (g - g.mean(0) - a * (g * a).mean(0)) / np.sqrt(z.var(0) + eps)


def _with_sums(g, a):
    return g - g.sum(-1, keepdims=True) - a * (g * a).sum(-1, keepdims=True)


def _rows(first, more):
    """Cases for a function of rows.  first: arguments of a worked number.  more(rng, shape): those beside z, eps."""

    def cases(rng):
        yield Case(first, note="the worked row")
        for note, shape, eps in (
            ("as many samples as units", (4, 4), ()),
            ("three dimensions", (2, 3, 4), ()),
            ("one row, without a batch", (5,), (0.5,)),
            ("eps = 2", (3, 5), (2,)),
        ):
            z = quarters(rng, *shape)
            z[..., 0] = z[..., 1] + 1 + z[..., 2] ** 2
            yield Case((z, *more(rng, shape), *eps), note=note)
        z = rng.permutation(np.arange(1, 13)).reshape(3, 4)
        yield Case((z, *(np.round(one).astype(int) for one in more(rng, z.shape))), note="integers")
        yield Case((z / 4096, *more(rng, z.shape)), note="numbers near 0, eps by default")
        yield Case((np.full((2, 3), 2.0), *more(rng, (2, 3)), 0.5), note="rows of equal numbers")
        yield Case((np.zeros((2, 3)), *more(rng, (2, 3))), note="rows of zeros")
        small = [one.astype(np.float32) for one in (z / 4, *more(rng, z.shape))]
        yield Case((*small, 0.5), note="float32 numbers")

    return cases


def _gain(rng, shape):
    """No gain is 0 or 1."""
    return quarters(rng, shape[-1]) + 5


ONES = np.ones(5)
FIVE = np.array([1.0, 1.0, 1.0, 1.0, 6.0])


@exercise("q8_layer_norm", points=3, section="8.3 Normalisation", title="LayerNorm")
class LayerNorm:
    reference = _layer_norm

    cases = _rows(
        (FIVE, 2 * ONES, 10 * ONES),
        lambda rng, shape: (_gain(rng, shape), quarters(rng, shape[-1])),
    )

    wrong = {
        "batch normalisation, whose mean and variance run over axis 0: here each row has its own": _batch_norm,
        "one mean and one variance for the whole array: each row has its own": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean()) / np.sqrt(z.var() + eps) + beta
        ),
        "axis 1 where the last axis is meant": lambda z, gamma, beta, eps=1e-5: (
            gamma * _normalised(z, 1, eps=eps) + beta
        ),
        "a mean and a variance without `keepdims`: they fail, or on a square batch reach the wrong rows": (
            lambda z, gamma, beta, eps=1e-5: gamma * (z - z.mean(-1)) / np.sqrt(z.var(-1) + eps) + beta
        ),
        "RMSNorm with a shift: the mean is not subtracted": lambda z, gamma, beta, eps=1e-5: (
            _rms_norm(z, gamma, eps) + beta
        ),
        "the mean left in place: it is subtracted from z too": lambda z, gamma, beta, eps=1e-5: (
            gamma * z / _spread_of(z, eps) + beta
        ),
        "a variance divided by d − 1: here it is divided by d": lambda z, gamma, beta, eps=1e-5: (
            gamma * _normalised(z, -1, 1, eps) + beta
        ),
        "a variance that is a sum of squares: it is their mean": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - _mean(z)) / np.sqrt(z.shape[-1] * z.var(-1, keepdims=True) + eps) + beta
        ),
        "an eps outside the root": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - _mean(z)) / (z.std(-1, keepdims=True) + eps) + beta
        ),
        "no eps: a row of equal numbers then divides 0 by 0": lambda z, gamma, beta, eps=1e-5: (
            gamma * _normalised(z, -1, eps=0.0) + beta
        ),
        "a default of another size for eps: it is 1e-5": lambda z, gamma, beta, eps=1e-8: _layer_norm(
            z, gamma, beta, eps
        ),
        "an eps fixed in the code, whatever the argument says": lambda z, gamma, beta, eps=1e-5: _layer_norm(
            z, gamma, beta
        ),
        "a division by the variance: its root belongs there": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - _mean(z)) / _spread_of(z, eps) ** 2 + beta
        ),
        "no division by the spread": lambda z, gamma, beta, eps=1e-5: gamma * (z - _mean(z)) + beta,
        "gamma and beta in each other's place": lambda z, gamma, beta, eps=1e-5: _layer_norm(z, beta, gamma, eps),
        "no gamma and no beta": lambda z, gamma, beta, eps=1e-5: _normalised(z, -1, eps=eps),
        "no beta": lambda z, gamma, beta, eps=1e-5: _layer_norm(z, gamma, 0, eps),
        "no gamma": lambda z, gamma, beta, eps=1e-5: _layer_norm(z, 1, beta, eps),
        "a beta that is scaled too: it is added last": lambda z, gamma, beta, eps=1e-5: (
            gamma * (_normalised(z, -1, eps=eps) + beta)
        ),
        "a beta that is subtracted": lambda z, gamma, beta, eps=1e-5: _layer_norm(z, gamma, -beta, eps),
        "gamma divided by instead of multiplied": lambda z, gamma, beta, eps=1e-5: _layer_norm(z, 1 / gamma, beta, eps),
        **mistakes.integer_storage(_layer_norm),
    }


@exercise("q8_rms_norm", points=3, section="8.3 Normalisation", title="RMSNorm")
class RMSNorm:
    reference = _rms_norm

    cases = _rows((np.array([1.0, 7.0]), np.array([10.0, 10.0])), lambda rng, shape: (_gain(rng, shape),))

    wrong = {
        "LayerNorm without its shift: here no mean is subtracted": lambda z, gamma, eps=1e-5: _layer_norm(
            z, gamma, 0, eps
        ),
        "the standard deviation, from which the mean is taken out: here the plain mean of squares divides": (
            lambda z, gamma, eps=1e-5: gamma * z / _spread_of(z, eps)
        ),
        "the length of the row, a sum of squares: it is their mean": lambda z, gamma, eps=1e-5: (
            gamma * z / np.sqrt((z**2).sum(-1, keepdims=True) + eps)
        ),
        "the mean of squares over axis 0, the batch: each row has its own": lambda z, gamma, eps=1e-5: (
            gamma * z / np.sqrt((z**2).mean(0) + eps)
        ),
        "one mean of squares for the whole array: each row has its own": lambda z, gamma, eps=1e-5: (
            gamma * z / np.sqrt((z**2).mean() + eps)
        ),
        "axis 1 where the last axis is meant": lambda z, gamma, eps=1e-5: (
            gamma * z / np.sqrt((z**2).mean(1, keepdims=True) + eps)
        ),
        "a mean of squares without `keepdims`: it fails, or on a square batch reaches the wrong rows": (
            lambda z, gamma, eps=1e-5: gamma * z / np.sqrt((z**2).mean(-1) + eps)
        ),
        "the mean where the mean of squares is meant": lambda z, gamma, eps=1e-5: (
            gamma * z / np.sqrt(_mean(z) ** 2 + eps)
        ),
        "the mean of |z|: squares are meant, and a root": lambda z, gamma, eps=1e-5: (
            gamma * z / np.sqrt(_mean(np.abs(z)) ** 2 + eps)
        ),
        "no root: the division is by the mean of squares itself": lambda z, gamma, eps=1e-5: (
            gamma * z / _rms(z, eps) ** 2
        ),
        "a mean of squares divided by d − 1: here it is divided by d": lambda z, gamma, eps=1e-5: (
            gamma * z / np.sqrt((z**2).sum(-1, keepdims=True) / (z.shape[-1] - 1) + eps)
        ),
        "an eps outside the root": lambda z, gamma, eps=1e-5: gamma * z / (_rms(z, 0.0) + eps),
        "no eps: a row of zeros then divides 0 by 0": lambda z, gamma, eps=1e-5: gamma * z / _rms(z, 0.0),
        "a default of another size for eps: it is 1e-5": lambda z, gamma, eps=1e-8: _rms_norm(z, gamma, eps),
        "an eps fixed in the code, whatever the argument says": lambda z, gamma, eps=1e-5: _rms_norm(z, gamma),
        "no gamma": lambda z, gamma, eps=1e-5: _rms_norm(z, 1, eps),
        "gamma added where it multiplies": lambda z, gamma, eps=1e-5: gamma + _rms_norm(z, 1, eps),
        "gamma divided by instead of multiplied": lambda z, gamma, eps=1e-5: _rms_norm(z, 1 / gamma, eps),
        "a gain of 1 + gamma: here gamma itself multiplies": lambda z, gamma, eps=1e-5: _rms_norm(z, 1 + gamma, eps),
        "the root mean square alone: z is divided by it": lambda z, gamma, eps=1e-5: _rms(z, eps) + 0 * z,
        **mistakes.integer_storage(_rms_norm),
    }


@exercise("q8_layer_norm_backward", points=3, section="8.3 Normalisation", title="LayerNorm, backward")
class LayerNormBackward:
    reference = _layer_norm_backward

    cases = _rows(
        (FIVE, ONES, np.array([1.0, 0.0, 0.0, 0.0, 0.0])),
        lambda rng, shape: (_gain(rng, shape), quarters(rng, *shape)),
    )

    wrong = {
        "the direct term alone: the mean and the spread depend on z too": lambda z, gamma, upstream, eps=1e-5: (
            upstream * gamma / _spread_of(z, eps)
        ),
        "the mean taken out, but not the part along the normalised row: the spread depends on z too": (
            lambda z, gamma, upstream, eps=1e-5: (upstream * gamma - _mean(upstream * gamma)) / _spread_of(z, eps)
        ),
        "RMSNorm's way back with a centred row: the mean of the gradient is not taken out": (
            lambda z, gamma, upstream, eps=1e-5: (
                (upstream * gamma - _centred(z, eps) * _mean(upstream * gamma * _centred(z, eps))) / _spread_of(z, eps)
            )
        ),
        "RMSNorm's way back: nothing is centred": _rms_norm_backward,
        "no gamma: it multiplies upstream first": lambda z, gamma, upstream, eps=1e-5: _layer_norm_backward(
            z, 1, upstream, eps
        ),
        "gamma at the end: it multiplies upstream before the means are taken": lambda z, gamma, upstream, eps=1e-5: (
            gamma * _layer_norm_backward(z, 1, upstream, eps)
        ),
        "means over axis 0, the way back of batch normalisation: each row has its own": _over_the_batch,
        "z in place of the normalised row": lambda z, gamma, upstream, eps=1e-5: (
            (upstream * gamma - _mean(upstream * gamma) - z * _mean(upstream * gamma * z)) / _spread_of(z, eps)
        ),
        "z minus its mean in place of the normalised row: it is divided by the spread too": (
            lambda z, gamma, upstream, eps=1e-5: (
                (upstream * gamma - _mean(upstream * gamma) - (z - _mean(z)) * _mean(upstream * gamma * (z - _mean(z))))
                / _spread_of(z, eps)
            )
        ),
        "sums where means are meant": lambda z, gamma, upstream, eps=1e-5: (
            _with_sums(upstream * gamma, _centred(z, eps)) / _spread_of(z, eps)
        ),
        "no division by the spread": lambda z, gamma, upstream, eps=1e-5: (
            _layer_norm_backward(z, gamma, upstream, eps) * _spread_of(z, eps)
        ),
        "a product with the spread: the way back divides by it too": lambda z, gamma, upstream, eps=1e-5: (
            _layer_norm_backward(z, gamma, upstream, eps) * _spread_of(z, eps) ** 2
        ),
        "a plus before the part along the normalised row": lambda z, gamma, upstream, eps=1e-5: (
            (upstream * gamma - _mean(upstream * gamma) + _centred(z, eps) * _mean(upstream * gamma * _centred(z, eps)))
            / _spread_of(z, eps)
        ),
        "a variance divided by d − 1: here it is divided by d": lambda z, gamma, upstream, eps=1e-5: (
            _layer_norm_backward(z, gamma, upstream, eps) * np.sqrt(1 - 1 / z.shape[-1])
        ),
        "an eps fixed in the code, whatever the argument says": lambda z, gamma, upstream, eps=1e-5: (
            _layer_norm_backward(z, gamma, upstream)
        ),
        "LayerNorm itself, the way forward": lambda z, gamma, upstream, eps=1e-5: _layer_norm(z, gamma, upstream, eps),
        "the gradient for gamma, upstream times the normalised row": lambda z, gamma, upstream, eps=1e-5: (
            upstream * _centred(z, eps)
        ),
        **mistakes.flipped(_layer_norm_backward),
    }


@exercise("q8_rms_norm_backward", points=3, section="8.3 Normalisation", title="RMSNorm, backward")
class RMSNormBackward:
    reference = _rms_norm_backward

    cases = _rows(
        (np.array([1.0, 7.0]), np.ones(2), np.array([1.0, 0.0])),
        lambda rng, shape: (_gain(rng, shape), quarters(rng, *shape)),
    )

    wrong = {
        "the direct term alone: the root mean square depends on z too": lambda z, gamma, upstream, eps=1e-5: (
            upstream * gamma / _rms(z, eps)
        ),
        "LayerNorm's way back, which takes a mean out as well": _layer_norm_backward,
        "the row with its mean taken out: RMSNorm's way forward divides z as it is": (
            lambda z, gamma, upstream, eps=1e-5: (
                _without_part((z - _mean(z)) / _rms(z, eps), gamma * upstream) / _rms(z, eps)
            )
        ),
        "the row normalised as LayerNorm does it, mean and all": lambda z, gamma, upstream, eps=1e-5: (
            _without_part(_centred(z, eps), gamma * upstream) / _spread_of(z, eps)
        ),
        "a mean of the gradient that is taken out: the way forward subtracts none": (
            lambda z, gamma, upstream, eps=1e-5: (
                _rms_norm_backward(z, gamma, upstream, eps) - _mean(upstream * gamma) / _rms(z, eps)
            )
        ),
        "no gamma: it multiplies upstream first": lambda z, gamma, upstream, eps=1e-5: _rms_norm_backward(
            z, 1, upstream, eps
        ),
        "gamma at the end: it multiplies upstream before the mean is taken": lambda z, gamma, upstream, eps=1e-5: (
            gamma * _rms_norm_backward(z, 1, upstream, eps)
        ),
        "z in place of the normalised row": lambda z, gamma, upstream, eps=1e-5: (
            (upstream * gamma - z * _mean(upstream * gamma * z)) / _rms(z, eps)
        ),
        "a normalised row in one place and z in the other": lambda z, gamma, upstream, eps=1e-5: (
            (upstream * gamma - z / _rms(z, eps) * _mean(upstream * gamma * z)) / _rms(z, eps)
        ),
        "a sum where a mean is meant": lambda z, gamma, upstream, eps=1e-5: (
            (upstream * gamma - z / _rms(z, eps) ** 2 * (upstream * gamma * z).sum(-1, keepdims=True)) / _rms(z, eps)
        ),
        "one mean over the whole batch: each row has its own": lambda z, gamma, upstream, eps=1e-5: (
            (upstream * gamma - z / _rms(z, eps) * (upstream * gamma * z / _rms(z, eps)).mean()) / _rms(z, eps)
        ),
        "a mean over axis 0: each row has its own": lambda z, gamma, upstream, eps=1e-5: (
            (upstream * gamma - z / _rms(z, eps) * (upstream * gamma * z / _rms(z, eps)).mean(0)) / _rms(z, eps)
        ),
        "no division by the root mean square": lambda z, gamma, upstream, eps=1e-5: (
            _rms_norm_backward(z, gamma, upstream, eps) * _rms(z, eps)
        ),
        "a product with the root mean square: the way back divides by it too": lambda z, gamma, upstream, eps=1e-5: (
            _rms_norm_backward(z, gamma, upstream, eps) * _rms(z, eps) ** 2
        ),
        "a plus between the two terms": lambda z, gamma, upstream, eps=1e-5: (
            2 * upstream * gamma / _rms(z, eps) - _rms_norm_backward(z, gamma, upstream, eps)
        ),
        "the part along the normalised row alone": lambda z, gamma, upstream, eps=1e-5: (
            upstream * gamma / _rms(z, eps) - _rms_norm_backward(z, gamma, upstream, eps)
        ),
        "an eps fixed in the code, whatever the argument says": lambda z, gamma, upstream, eps=1e-5: _rms_norm_backward(
            z, gamma, upstream
        ),
        "RMSNorm itself, the way forward": lambda z, gamma, upstream, eps=1e-5: _rms_norm(z, gamma, eps),
        "the gradient for gamma, upstream times the normalised row": lambda z, gamma, upstream, eps=1e-5: (
            upstream * z / _rms(z, eps)
        ),
        **mistakes.flipped(_rms_norm_backward),
    }
