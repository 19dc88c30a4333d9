"""Normalisation."""

import math

import numpy as np


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


def batch_norm_by_moments(z, gamma, beta, eps=1e-5):
    """The variance as the mean of squares minus the square of the mean."""
    mean = np.mean(z, axis=0)
    return gamma * (z - mean) / np.sqrt(np.mean(z * z, axis=0) - mean * mean + eps) + beta


def batch_norm_in_single_precision(z, gamma, beta, eps=1e-5):
    z, gamma, beta = (a.astype(np.float32) for a in (z, gamma, beta))
    centred = z - z.mean(axis=0, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=0) + np.float32(eps)) * gamma + beta


def batch_norm_into_array(z, gamma, beta, eps=1e-5):
    out = np.empty(z.shape)
    for j, column in enumerate(z.T):
        out[:, j] = gamma[j] * (column - column.mean()) / np.hypot(column.std(), np.sqrt(eps)) + beta[j]
    return out


VARIANTS = {
    "q3_batch_norm": [
        batch_norm_by_loop,
        batch_norm_folded,
        batch_norm_by_moments,
        batch_norm_in_single_precision,
        batch_norm_into_array,
        lambda z, gamma, beta, eps=1e-5: gamma * (z - z.mean(0)) / np.sqrt(z.var(0) + eps) + beta,
        lambda z, g, b, epsilon=1e-5: (
            ((z - np.mean(z, axis=0)) * (np.var(z, axis=0) + epsilon) ** -0.5 * g + b).astype(np.float64).tolist()
        ),
        lambda z, g, b, e=1e-5: (((z.T - z.T.mean(1)[:, None]) / (z.T.var(1) + e)[:, None] ** 0.5).T * g + b).tolist(),
    ],
}

SPOILERS = {
    "q3_batch_norm": ["z.var(0)", "z.mean(0)", "+eps)+", "var+eps", "z.mean", "z.var"],
}
