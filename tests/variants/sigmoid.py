"""Sigmoid and tanh, their slopes, and what a row of slopes leaves of a gradient."""

import math

import numpy as np

from variants.entries import entrywise, logistic


def stable_sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def slope_by_differences(z):
    z = np.asarray(z, float)
    return (stable_sigmoid(z + 1e-5) - stable_sigmoid(z - 1e-5)) / 2e-5


def factor_loop(depth):
    factor = 1.0
    for _ in range(depth):
        factor = factor / 4
    return factor


VARIANTS = {
    "q2_sigmoid": [
        stable_sigmoid,
        lambda z: 1 / (1 + np.exp(-z)),
        lambda z: (np.tanh(z / 2) / 2 + 0.5).tolist(),
        lambda z: np.exp(-np.logaddexp(0, -z)).astype(np.float32),
        entrywise(logistic),
        lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
    ],
    "q2_sigmoid_derivative": [
        lambda z: stable_sigmoid(z) * (1 - stable_sigmoid(z)),
        lambda z: (stable_sigmoid(z) * stable_sigmoid(-z)).tolist(),
        lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2,
        slope_by_differences,
        entrywise(lambda v: logistic(v) * logistic(-v)),
        lambda z: ((1 - np.tanh(z / 2) ** 2) / 4).astype(np.float32),
    ],
    "q2_tanh_derivative": [
        lambda z: 1 - np.tanh(z) ** 2,
        lambda z: (1 / np.cosh(z) ** 2).tolist(),
        lambda z: 4 * stable_sigmoid(2 * z) * stable_sigmoid(-2 * z),
        entrywise(lambda v: (1 - math.tanh(v)) * (1 + math.tanh(v))),
        lambda z: np.float32(1 - np.tanh(z) ** 2),
    ],
    "q2_sigmoid_backward": [
        lambda z, upstream: upstream * stable_sigmoid(z) * (1 - stable_sigmoid(z)),
        lambda z, upstream: (upstream * stable_sigmoid(z) * stable_sigmoid(-z)).tolist(),
        entrywise(lambda v, u: u * logistic(v) * logistic(-v)),
        lambda z, upstream: np.float32(upstream / (4 * np.cosh(z / 2) ** 2)),
    ],
    "q2_gradient_factor": [
        factor_loop,
        lambda depth: 2.0 ** (-2 * depth),
        lambda depth: np.prod(np.full(depth, 0.25)),
        lambda depth: [math.exp(-depth * math.log(4))][0],
        lambda depth: np.array(1 / 4**depth, object),
        lambda depth: np.longdouble(0.5) ** (2 * depth),
    ],
}

SPOILERS = {
    "q2_sigmoid": ["1/(1+e⁻ᶻ)", "1/(1+exp(-z))", "1/(1+np.exp(-z))"],
    "q2_sigmoid_derivative": ["itiss(1-s)", "isσ(z)(1-σ(z))", "s*(1-s)"],
    "q2_tanh_derivative": ["1-t²", "1-tanh²", "1-np.tanh(z)**2"],
    "q2_sigmoid_backward": ["upstream*", "upstream·σ′(z)", "σ(z)(1-σ(z))"],
    "q2_gradient_factor": ["0.25**depth", "¼**depth", "0.25^depth=", "¼tothepowerofdepth."],
}
