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


def layer_norm_by_loop(z, gamma, beta, eps=1e-5):
    """Row by row, in plain Python."""
    if z.ndim > 1:
        return [layer_norm_by_loop(row, gamma, beta, eps) for row in z]
    row = [float(v) for v in z]
    mean = sum(row) / len(row)
    spread = math.sqrt(sum((v - mean) ** 2 for v in row) / len(row) + eps)
    return [float(g) * (v - mean) / spread + float(b) for v, g, b in zip(row, gamma, beta, strict=True)]


def rms_norm_by_loop(z, gamma, eps=1e-5):
    if z.ndim > 1:
        return [rms_norm_by_loop(row, gamma, eps) for row in z]
    size = math.sqrt(sum(float(v) ** 2 for v in z) / len(z) + eps)
    return [float(g) * float(v) / size for v, g in zip(z, gamma, strict=True)]


def layer_norm_backward_by_jacobian(z, gamma, upstream, eps=1e-5):
    """Each row times the matrix of all its derivatives."""
    d = z.shape[-1]
    centre = np.eye(d) - 1 / d
    out = []
    for row, g in zip(z.reshape(-1, d) * 1.0, upstream.reshape(-1, d), strict=True):
        s = math.sqrt(row.var() + eps)
        a = (row - row.mean()) / s
        out.append((centre - np.outer(a, a) / d) @ (gamma * g) / s)
    return np.reshape(out, z.shape)


def rms_norm_backward_by_jacobian(z, gamma, upstream, eps=1e-5):
    d = z.shape[-1]
    out = []
    for row, g in zip(z.reshape(-1, d) * 1.0, upstream.reshape(-1, d), strict=True):
        r = math.sqrt(row @ row / d + eps)
        out.append((np.eye(d) / r - np.outer(row, row) / (d * r**3)) @ (gamma * g))
    return np.reshape(out, z.shape)


def by_torch(name):
    """What a norm of torch's sends back to z."""

    def backward(z, gamma, upstream, eps=1e-5):
        import torch

        norm = getattr(torch.nn.functional, name)
        row = torch.tensor(z, dtype=torch.float64, requires_grad=True)
        made = norm(row, gamma.shape, torch.tensor(gamma, dtype=torch.float64), eps=eps)
        made.backward(torch.tensor(upstream, dtype=torch.float64))
        return row.grad.numpy()

    return backward


def layer_norm_backward_in_steps(z, gamma, upstream, eps=1e-5):
    """Node by node through the graph: product, centred row, spread, mean."""
    d, g = z.shape[-1], upstream * gamma
    c = z - z.mean(axis=-1, keepdims=True)
    s = np.sqrt((c * c).mean(axis=-1, keepdims=True) + eps)
    to_s = -(g * c).sum(axis=-1, keepdims=True) / s**2
    to_c = g / s + to_s * c / (d * s)
    return to_c - to_c.sum(axis=-1, keepdims=True) / d


def rms_norm_backward_in_steps(z, gamma, upstream, eps=1e-5):
    g = gamma * upstream
    square = np.mean(z * z, axis=-1, keepdims=True) + eps
    return g * square**-0.5 - z * np.mean(g * z, axis=-1, keepdims=True) * square**-1.5


VARIANTS = {
    "q8_layer_norm": [
        layer_norm_by_loop,
        lambda z, g, b, eps=1e-5: (z - z.mean(axis=-1)[..., None]) * (z.var(axis=-1)[..., None] + eps) ** -0.5 * g + b,
        lambda z, g, b, e=1e-5: (
            g * (z - np.mean(z, -1, keepdims=True)) / np.hypot(np.std(z, -1, keepdims=True), np.sqrt(e)) + b
        ).tolist(),
    ],
    "q8_rms_norm": [
        rms_norm_by_loop,
        lambda z, gamma, eps=1e-5: gamma * z * (np.mean(z * z, axis=-1)[..., None] + eps) ** -0.5,
        lambda z, g, e=1e-5: z / np.hypot(np.linalg.norm(z, axis=-1, keepdims=True) / z.shape[-1] ** 0.5, e**0.5) * g,
    ],
    "q8_layer_norm_backward": [
        layer_norm_backward_by_jacobian,
        layer_norm_backward_in_steps,
        by_torch("layer_norm"),
    ],
    "q8_rms_norm_backward": [
        rms_norm_backward_by_jacobian,
        rms_norm_backward_in_steps,
        by_torch("rms_norm"),
    ],
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
    "q8_layer_norm": ["z.var(-1", "z.mean(-1", "axis=-1", "+eps)+", "var+eps"],
    "q8_rms_norm": ["z**2", "(z*z)", "axis=-1", "+eps)"],
    "q8_layer_norm_backward": ["g-", "mean(g", "/np.sqrt", "axis=-1"],
    "q8_rms_norm_backward": ["g-", "mean(g", "/np.sqrt", "axis=-1"],
    "q3_batch_norm": ["z.var(0)", "z.mean(0)", "+eps)+", "var+eps", "z.mean", "z.var"],
}
