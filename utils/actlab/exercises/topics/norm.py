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
