"""What the right answers share: functions of single numbers, and the loop over the entries of an array."""

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


def logistic(v):
    return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))


def Phi(v):
    return math.erfc(-v / math.sqrt(2)) / 2


def density(v):
    return math.exp(-v * v / 2) / math.sqrt(2 * math.pi)
