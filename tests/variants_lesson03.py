"""Lesson 3: right answers written in other ways, and words that no message may give away."""

import math

import numpy as np


def entrywise(f):
    """A loop over the entries of arrays of any shape; numbers among the arguments stay as they are."""

    def looped(z, *more):
        values = np.empty(z.shape)
        for i in np.ndindex(z.shape):
            values[i] = f(float(z[i]), *(float(m[i]) if isinstance(m, np.ndarray) else m for m in more))
        return values

    return looped


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


def batch_norm_by_loop(z, gamma, beta, eps=1e-5):
    n, d = z.shape
    out = [[0.0] * d for _ in range(n)]
    for j in range(d):
        column = [float(v) for v in z[:, j]]
        mean = sum(column) / n
        variance = sum((v - mean) ** 2 for v in column) / n
        for i, v in enumerate(column):
            out[i][j] = float(gamma[j]) * (v - mean) / math.sqrt(variance + eps) + float(beta[j])
    return out


def batch_norm_folded(z, gamma, beta, eps=1e-5):
    """One affine map: scale z, then shift."""
    scale = gamma / np.sqrt(((z - z.mean(axis=0)) ** 2).mean(axis=0) + eps)
    return z * scale + (beta - z.mean(axis=0) * scale)


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
    "q3_batch_norm": [
        batch_norm_by_loop,
        batch_norm_folded,
        lambda z, gamma, beta, eps=1e-5: gamma * (z - z.mean(0)) / np.sqrt(z.var(0) + eps) + beta,
        lambda z, g, b, epsilon=1e-5: (
            ((z - np.mean(z, axis=0)) * (np.var(z, axis=0) + epsilon) ** -0.5 * g + b).astype(np.float64).tolist()
        ),
    ],
}

SPOILERS = {
    "q3_relu": ["max(0,z),", "np.maximum(z,0)", "np.maximum(0,z)", "where(z>0"],
    "q3_relu_derivative": ["z>0", "heaviside", "1wherezispositive"],
    "q3_leaky_relu": ["where(z>0", "isz*alpha", "alpha*z"],
    "q3_prelu_alpha_gradient": ["upstream*", "minimum(z,0)", "upstream·min"],
    "q3_elu": ["expm1", "where(z>0", "minimum"],
    "q3_elu_derivative": ["f+α", "alpha*", "where(z>0"],
    "q3_relu_backward": ["upstream*", "upstream·(z>0)"],
    "q3_dead_units": ["all(0)", "all(axis=0)", "max(axis=0)", "(z<=0)"],
    "q3_batch_norm": ["z.var(0)", "z.mean(0)", "+eps)+", "var+eps"],
}
