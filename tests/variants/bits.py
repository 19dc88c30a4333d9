"""Formulas that hold in sixteen bits."""

import math

import numpy as np
from scipy import special

from variants.entries import entrywise


def log_sigmoid_by_cases(v):
    return -math.log1p(math.exp(-v)) if v >= 0 else v - math.log1p(math.exp(v))


def log_sigmoid_in_its_own_format(z):
    """No wider format: sixteen bits stay sixteen bits."""
    return np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z)))


def log_sigmoid_by_masks(z):
    z = np.asarray(z, dtype=np.float32)
    left, right = np.minimum(z, 0), np.maximum(z, 0)
    return np.where(z < 0, left - np.log1p(np.exp(left)), -np.log1p(np.exp(-right)))


VARIANTS = {
    "q8_log_sigmoid": [
        entrywise(log_sigmoid_by_cases),
        log_sigmoid_in_its_own_format,
        log_sigmoid_by_masks,
        lambda z: -np.logaddexp(0, -z),
        lambda z: special.log_expit(z.astype(float)).tolist(),
    ],
}

SPOILERS = {
    "q8_log_sigmoid": ["minimum(z,0)", "min(z,0)", "logaddexp", "-|z|", "-abs(z)", "log1p(np.exp(-np.abs"],
}
