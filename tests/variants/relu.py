"""ReLU and its relatives, their slopes, and units that died."""

import math

import numpy as np

from variants.entries import entrywise


def summed(z, upstream):
    total = 0.0
    for value, gradient in zip(z.ravel(), upstream.ravel(), strict=True):
        if value < 0:
            total += float(value) * float(gradient)
    return total


def assigned(z):
    out = np.array(z, float)
    out[out < 0] = 0
    return out


def dead_by_loop(z):
    return [not any(z[sample, unit] > 0 for sample in range(z.shape[0])) for unit in range(z.shape[1])]


VARIANTS = {
    "q3_relu": [
        lambda z: np.maximum(0, z),
        lambda z: z * (z > 0),
        lambda z: np.where(z > 0, z, 0).tolist(),
        lambda z: (z + np.abs(z)) / 2,
        lambda z: np.clip(z, 0, None).astype(np.float32),
        assigned,
        entrywise(lambda v: max(0.0, v)),
    ],
    "q3_relu_derivative": [
        lambda z: z > 0,
        lambda z: z >= 0,
        lambda z: np.heaviside(z, 0.5),
        lambda z: (np.sign(z) + 1) / 2,
        lambda z: np.where(z > 0, 1, 0).tolist(),
        entrywise(lambda v: 1 if v > 0 else 0),
    ],
    "q3_leaky_relu": [
        lambda z, alpha=0.01: np.where(z > 0, z, alpha * z),
        lambda z, alpha=0.01: np.maximum(z, 0) + alpha * np.minimum(z, 0),
        lambda z, alpha=0.01: (z * np.where(z >= 0, 1, alpha)).tolist(),
        lambda z, slope=0.01: np.maximum(0, z) - slope * np.maximum(0, -z),
        lambda pre, slope=0.01: np.select([pre >= 0], [pre], slope * pre),
        entrywise(lambda v, alpha=0.01: v if v > 0 else alpha * v),
    ],
    "q3_prelu_alpha_gradient": [
        summed,
        lambda z, upstream: (upstream * np.minimum(z, 0)).sum(),
        lambda z, upstream: np.where(z > 0, 0, upstream * z).sum(),
        lambda z, upstream: float(np.vdot(upstream, z * (z < 0))),
        lambda z, upstream: np.sum(upstream[z < 0] * z[z < 0], dtype=np.float64),
    ],
    "q3_elu": [
        lambda z, alpha=1.0: np.where(z > 0, z, alpha * np.expm1(z)),
        lambda z, alpha=1.0: np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0)),
        lambda z, alpha=1.0: np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))).tolist(),
        entrywise(lambda v, alpha=1.0: v if v > 0 else alpha * math.expm1(v)),
        lambda z, alpha=1.0: np.where(
            z > 0, z, 2 * alpha * np.exp(np.minimum(z, 0) / 2) * np.sinh(np.minimum(z, 0) / 2)
        ),
    ],
    "q3_elu_derivative": [
        lambda z, alpha=1.0: np.where(z > 0, 1, alpha * np.exp(z)),
        lambda z, alpha=1.0: np.where(z >= 0, 1, alpha * np.exp(np.minimum(z, 0))),
        lambda z, alpha=1.0: np.where(z > 0, 1, alpha * np.expm1(np.minimum(z, 0)) + alpha).tolist(),
        entrywise(lambda v, alpha=1.0: 1 if v > 0 else alpha * math.exp(v)),
    ],
    "q3_relu_backward": [
        lambda z, upstream: upstream * (z > 0),
        lambda z, upstream: np.where(z > 0, upstream, 0).tolist(),
        lambda z, upstream: upstream * (z >= 0),
        lambda z, upstream: upstream * np.heaviside(z, 0.5),
        entrywise(lambda v, u: u if v > 0 else 0.0),
    ],
    "q3_dead_units": [
        lambda z: (z <= 0).all(axis=0),
        lambda z: z.max(axis=0) <= 0,
        lambda z: (np.maximum(z, 0).sum(axis=0) == 0).tolist(),
        lambda z: ~(z > 0).any(axis=0),
        dead_by_loop,
        lambda z: ((z > 0).sum(0) == 0).astype(int),
    ],
}

SPOILERS = {
    "q3_relu": ["max(0,z),", "np.maximum(z,0)", "np.maximum(0,z)", "where(z>0", "maximum(z,0)"],
    "q3_relu_derivative": ["z>0", "heaviside", "1wherezispositive", "where(z>0"],
    "q3_leaky_relu": ["where(z>0", "isz*alpha", "alpha*z"],
    "q3_prelu_alpha_gradient": ["upstream*", "minimum(z,0)", "upstream·min"],
    "q3_elu": ["expm1", "where(z>0", "minimum"],
    "q3_elu_derivative": ["f+α", "alpha*", "where(z>0"],
    "q3_relu_backward": ["upstream*", "upstream·(z>0)"],
    "q3_dead_units": ["all(0)", "all(axis=0)", "max(axis=0)", "(z<=0)", ".all("],
}
