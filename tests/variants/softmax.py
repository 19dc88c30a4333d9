"""Softmax, its slope, its logarithm, and the loss behind it."""

import math

import numpy as np
from scipy import special


def by_slice(f):
    """A loop over the one-dimensional slices of z along `axis`; `f` takes and returns a list of numbers."""

    def looped(z, axis=-1):
        rows = np.moveaxis(z, axis, -1)
        flat = [f([float(v) for v in row]) for row in rows.reshape(-1, rows.shape[-1])]
        return np.moveaxis(np.array(flat).reshape(rows.shape), -1, axis)

    return looped


def shares(row):
    e = [math.exp(v - max(row)) for v in row]
    return [v / sum(e) for v in e]


def logs(row):
    top = max(row)
    total = math.fsum(math.exp(v - top) for v in row)
    return [v - top - math.log(total) for v in row]


def soft(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def softmax_by_logs(z, axis=-1):
    z = np.asarray(z, dtype=np.longdouble)
    return np.exp(z - np.logaddexp.reduce(z, axis=axis, keepdims=True))


def log_sum(z, axis, kind=None):
    """The logarithm of the sum of exponentials, in the precision of z."""
    z = np.asarray(z, kind)
    top = np.max(z, axis=axis, keepdims=True)
    return top + np.log(np.sum(np.exp(z - top), axis=axis, keepdims=True))


def softmax_in_single_precision(z, axis=-1):
    e = np.exp((z - np.amax(z, axis=axis, keepdims=True)).astype(np.float32))
    return np.divide(e, np.sum(e, axis, keepdims=True))


def softmax_column_by_column(z, axis=-1):
    """Along the first axis, where numbers of slices line up by themselves."""
    z = np.moveaxis(np.asarray(z), axis, 0)
    e = np.exp(z - z.max(0))
    return np.moveaxis(e / e.sum(0), 0, axis)


def softmax_padded(z, axis=-1):
    """A constant far below the tolerance is no mistake where every slice is shifted by its own maximum."""
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / (e.sum(axis, keepdims=True) + 1e-8)


def softmax_by_differences(z, axis=-1):
    """1 / Σ_j e^(z_j - z_i): every entry by its distances to the others."""
    z = np.moveaxis(z, axis, -1).astype(float)
    return np.moveaxis(1 / np.exp(z[..., None, :] - z[..., :, None]).sum(-1), -1, axis)


def powers_of_ratios(z, T):
    e = np.exp(z - z.max(-1, keepdims=True)) ** (1 / T)
    return e / e.sum(-1, keepdims=True)


def jacobian_loops(p):
    k = len(p)
    return [[float(p[i]) * ((i == j) - float(p[j])) for j in range(k)] for i in range(k)]


def vjp_by_matrix(p, g):
    J = np.eye(p.shape[-1]) * p[..., None] - p[..., None] * p[..., None, :]
    return np.einsum("...i,...ij->...j", g, J)


def vjp_loops(p, g):
    values = np.empty(p.shape)
    for i in np.ndindex(p.shape[:-1]):
        mean = sum(float(a) * float(b) for a, b in zip(p[i], g[i], strict=True))
        values[i] = [float(a) * (float(b) - mean) for a, b in zip(p[i], g[i], strict=True)]
    return values


def residual_in_place(z, y):
    p = soft(z.astype(float))
    p[np.arange(len(y)), y] -= 1
    return p / len(y)


def residual_loops(z, y):
    rows = []
    for row, label in zip(z, y, strict=True):
        rows.append([(v - (c == label)) / len(z) for c, v in enumerate(shares([float(x) for x in row]))])
    return rows


def residual_by_differences(z, y):
    def loss(z):
        return (special.logsumexp(z, axis=1) - z[np.arange(len(y)), y]).mean()

    z, h = z.astype(float), 1e-5
    values = np.empty(z.shape)
    for i in np.ndindex(z.shape):
        step = np.zeros(z.shape)
        step[i] = h
        values[i] = (loss(z + step) - loss(z - step)) / (2 * h)
    return values


VARIANTS = {
    "q5_softmax": [
        by_slice(shares),
        lambda z, axis=-1: special.softmax(z, axis),
        softmax_by_logs,
        softmax_by_differences,
        lambda z, axis=-1: np.exp(z - special.logsumexp(z.astype(float), axis=axis, keepdims=True)).tolist(),
        lambda z, axis=-1: np.moveaxis(soft(np.moveaxis(z, axis, -1)), -1, axis),
        lambda z, axis=-1: np.float32(
            np.apply_along_axis(lambda r: np.exp(r - r.max()) / np.exp(r - r.max()).sum(), axis, z)
        ),
        lambda z, axis=-1: np.exp(z - log_sum(z, axis)),
        lambda z, axis=-1: np.exp(special.log_softmax(z, axis=axis)),
        lambda z, axis=-1: np.exp(z - special.logsumexp(z, axis=axis, keepdims=True)),
        softmax_in_single_precision,
        softmax_column_by_column,
        softmax_padded,
    ],
    "q5_temperature": [
        lambda z, T: soft(z / T),
        lambda z, T: special.softmax(np.multiply(z, 1 / T), -1).tolist(),
        powers_of_ratios,
        lambda z, T: np.exp(special.log_softmax(z / T, -1)),
        lambda z, T: by_slice(shares)(z / T),
    ],
    "q5_softmax_jacobian": [
        jacobian_loops,
        lambda p: np.diag(p) - np.outer(p, p),
        lambda p: (np.diag(p) - p[:, None] @ p[None]).astype(np.float32),
        lambda p: p[:, None] * (np.eye(p.size) - p),
        lambda p: np.where(np.eye(len(p), dtype=bool), p * (1 - p), -np.outer(p, p)).tolist(),
    ],
    "q5_softmax_vjp": [
        vjp_by_matrix,
        vjp_loops,
        lambda p, g: p * g - p * (p * g).sum(-1, keepdims=True),
        lambda p, g: (p * (g - np.einsum("...k,...k->...", p, g)[..., None])).tolist(),
        lambda p, g: np.float32(p * (g - np.sum(p * g, axis=-1)[..., np.newaxis])),
    ],
    "q5_log_softmax": [
        by_slice(logs),
        lambda z, axis=-1: special.log_softmax(z, axis),
        lambda z, axis=-1: (z - special.logsumexp(z, axis=axis, keepdims=True)).tolist(),
        lambda z, axis=-1: z - np.logaddexp.reduce(z.astype(float), axis=axis, keepdims=True),
        lambda z, axis=-1: z - np.expand_dims(special.logsumexp(z, axis=axis), axis),
        lambda z, axis=-1: z - log_sum(z, axis),
        lambda z, axis=-1: z - log_sum(z, axis, np.longdouble),
    ],
    "q5_cross_entropy_gradient": [
        residual_in_place,
        residual_loops,
        residual_by_differences,
        lambda z, y: ((soft(z) - np.eye(z.shape[1])[y]) / len(y)).tolist(),
        lambda z, y: (np.exp(z - log_sum(z, 1)) - np.eye(z.shape[1])[y]) / len(y),
        lambda z, y: (soft(z.astype(np.float32)) - np.eye(z.shape[1], dtype=np.float32)[y]) / np.float32(len(y)),
        lambda z, y: np.float32((soft(z) - (np.arange(z.shape[1]) == y[:, None])) / z.shape[0]),
    ],
}

SPOILERS = {
    "q5_softmax": ["z-z.max(axis", "maximumofitsownaxis", "maximumofitsownslice", "keepdims=True", "z.max(", "np.exp("],
    "q5_temperature": ["z/T", "softmax(z/T", "divide z by T".replace(" ", "")],
    "q5_softmax_jacobian": ["diag(p)-np.outer(p", "diag(p)-ppᵀ", "pᵢ([i=j]-pⱼ)", "p_i([i=j]-p_j)"],
    "q5_softmax_vjp": ["p*(g-", "p·(g-", "p(g-Σ", "keepdims=True"],
    "q5_log_softmax": ["z-max-log", "logsumexp(z", "z-logΣ", "keepdims=True"],
    "q5_cross_entropy_gradient": ["p-y", "softmax(z)-", "(p-onehot)/n", "-=1", "(p-y)/n"],
}
