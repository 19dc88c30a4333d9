"""Softmax inside attention: keys that are masked, and one head."""

import math

import numpy as np
from scipy import special


def shares(row, seen):
    kept = [v for v, s in zip(row, seen, strict=True) if s and v != -math.inf]
    e = [math.exp(v - max(kept)) if s and kept else 0.0 for v, s in zip(row, seen, strict=True)]
    return [v / sum(e) if kept else 0.0 for v in e]


def masked_by_rows(z, mask):
    mask = np.broadcast_to(mask, z.shape)
    out = np.zeros(z.shape)
    for at in np.ndindex(z.shape[:-1]):
        out[at] = shares([float(v) for v in z[at]], mask[at])
    return out


def masked_with_a_finite_maximum(z, mask):
    z = np.where(mask, z, -np.inf)
    top = z.max(axis=-1, keepdims=True)
    e = np.exp(z - np.where(np.isfinite(top), top, 0))
    total = e.sum(axis=-1, keepdims=True)
    return np.divide(e, total, out=np.zeros_like(e), where=total > 0)


def masked_with_a_small_number(z, mask):
    """Beside a largest exponential of 1 a constant far below the tolerance is no mistake, and 0 over it is 0."""
    z = np.where(mask, z, -np.inf)
    e = np.exp(z - np.maximum(z.max(-1, keepdims=True), -1e30))
    return e / (e.sum(-1, keepdims=True) + 1e-12)


def masked_and_mended(z, mask):
    """NaN where nothing is left, made 0 afterwards."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(special.softmax(np.where(mask, z, -np.inf), axis=-1)).tolist()


def masked_in_single_precision(z, mask):
    z = np.where(mask, z, -np.inf)
    top = z.max(axis=-1, keepdims=True)
    e = np.exp((z - np.where(top == -np.inf, 0, top)).astype(np.float32))
    return np.where(top == -np.inf, np.float32(0), e / np.maximum(e.sum(axis=-1, keepdims=True), np.float32(1)))


def attention_by_loops(q, k, v, mask):
    lead, (n, d), m = q.shape[:-2], q.shape[-2:], k.shape[-2]
    out = np.zeros((*lead, n, v.shape[-1]))
    for at in np.ndindex(*lead):
        for i in range(n):
            scores = [math.fsum(float(a) * float(b) for a, b in zip(q[at][i], key, strict=True)) for key in k[at]]
            weights = shares([s / math.sqrt(d) for s in scores], mask[i])
            out[at][i] = sum((weights[j] * v[at][j] for j in range(m)), np.zeros(v.shape[-1]))
    return out


def attention_by_sums(q, k, v, mask):
    scores = np.einsum("...id,...jd->...ij", q, k) / np.sqrt(q.shape[-1])
    return np.einsum("...ij,...je->...ie", masked_with_a_finite_maximum(scores, mask), v).tolist()


def attention_divided_last(q, k, v, mask):
    """The sum of the exponentials is divided by after they have met the values."""
    scores = np.where(mask, (q / q.shape[-1] ** 0.25) @ np.swapaxes(k / k.shape[-1] ** 0.25, -1, -2), -np.inf)
    e = np.exp(scores - np.maximum(scores.max(-1, keepdims=True), -1e30))
    return e @ v / np.maximum(e.sum(-1, keepdims=True), 1e-30)


VARIANTS = {
    "q5_masked_softmax": [
        masked_by_rows,
        masked_with_a_finite_maximum,
        masked_with_a_small_number,
        masked_and_mended,
        masked_in_single_precision,
    ],
    "q5_attention": [
        attention_by_loops,
        attention_by_sums,
        attention_divided_last,
        lambda q, k, v, mask: np.float32(masked_by_rows(q @ np.moveaxis(k, -1, -2) / math.sqrt(q.shape[-1]), mask) @ v),
    ],
}

SPOILERS = {
    "q5_masked_softmax": ["np.where(mask", "total==0", "isfinite", "keepdims=True", "nan_to_num"],
    "q5_attention": ["/np.sqrt(", "q@k", "@v", "swapaxes", "masked_softmax("],
}
