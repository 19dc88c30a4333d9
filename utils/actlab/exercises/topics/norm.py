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


@exercise("q3_batch_norm", points=3, section="3.11 Batch normalisation", title="Batch normalisation")
class BatchNorm:
    reference = _batch_norm

    def cases(rng):
        yield Case((np.array([[1.0], [5.0]]), np.array([3.0]), np.array([10.0]), 1e-5), note="two samples, one unit")
        for n, d, eps in ((3, 3, 0.5), (4, 2, 1e-5), (2, 5, 0.5), (6, 3, 2.0)):
            z = quarters(rng, n, d)
            z[0] = z[1] + 1 + quarters(rng, d) ** 2
            yield Case((z, quarters(rng, d) + 4, quarters(rng, d), eps), note=f"a batch of {n} × {d}, eps = {eps:g}")
        z = rng.permutation(np.arange(12)).reshape(4, 3)
        yield Case((z, np.array([1, 2, 3]), np.array([0, -1, 4]), 0.5), note="integers")
        small = [a.astype(np.float32) for a in (z / 4, np.array([1.5, 2.0, -1.0]), np.array([0.5, -1.0, 4.0]))]
        yield Case((*small, 0.5), note="float32 numbers", rtol=1e-4, atol=1e-5)
        yield Case((np.full((3, 2), 2.0), np.array([2.0, 3.0]), np.array([1.0, -1.0]), 1e-5), note="a constant batch")

    wrong = {
        "the mean and variance of each sample: they are those of each unit, over the batch": (
            lambda z, gamma, beta, eps=1e-5: gamma * _normalised(z, 1, eps=eps) + beta
        ),
        "one mean and one variance for the whole array": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean()) / np.sqrt(z.var() + eps) + beta
        ),
        "a variance divided by n − 1: here it is divided by n": lambda z, gamma, beta, eps=1e-5: (
            gamma * _normalised(z, ddof=1, eps=eps) + beta
        ),
        "an eps outside the root": lambda z, gamma, beta, eps=1e-5: gamma * (z - z.mean(0)) / (z.std(0) + eps) + beta,
        "no eps: a constant unit then divides 0 by 0": lambda z, gamma, beta, eps=1e-5: (
            gamma * (z - z.mean(0)) / z.std(0) + beta
        ),
        "an eps fixed at 1e-5, whatever the argument says": lambda z, gamma, beta, eps=1e-5: (
            gamma * _normalised(z) + beta
        ),
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
        "no division by the spread": lambda z, gamma, beta, eps=1e-5: gamma * (z - z.mean(0)) + beta,
        "no gamma and no beta": lambda z, gamma, beta, eps=1e-5: _normalised(z, eps=eps),
        "no beta": lambda z, gamma, beta, eps=1e-5: gamma * _normalised(z, eps=eps),
        "no gamma": lambda z, gamma, beta, eps=1e-5: _normalised(z, eps=eps) + beta,
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
        got = gamma * _normalised(np.array([[a], [b]], float))[:, 0] + beta
        return f"one unit, the batch {listed((a, b))}, gamma {gamma}, beta {beta}: about ({got[0]:.2f}, {got[1]:.2f})"
