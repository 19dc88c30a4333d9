"""One neuron's gradients, and gradient descent in a narrow valley."""

import math
from itertools import pairwise

import numpy as np


def same_sign_by_sets(g):
    return sum(len({v > 0 for v in row if v != 0}) <= 1 for row in g.tolist()) / len(g)


def descend_into_array(gradient, w0, lr, steps):
    path = np.empty((steps + 1, len(w0)))
    path[0] = w0
    for k in range(steps):
        path[k + 1] = path[k] - lr * gradient(path[k])
    return path


def descend_with_lists(gradient, w0, lr, steps):
    path = [[float(v) for v in w0]]
    for _ in range(steps):
        g = gradient(np.array(path[-1]))
        path.append([w - lr * float(v) for w, v in zip(path[-1], g, strict=True)])
    return path


def descend_recursively(gradient, w0, lr, steps):
    w0 = np.array(w0, float)
    if not steps:
        return w0[None]
    return np.vstack([w0, descend_recursively(gradient, w0 - lr * gradient(w0), lr, steps - 1)])


def descend_by_accumulation(gradient, w0, lr, steps):
    """The steps first, their running sum afterwards."""
    w, moves = np.array(w0, dtype=np.float64), []
    for _ in range(steps):
        moves.append(-lr * np.asarray(gradient(w)))
        w += moves[-1]
    return w0 + np.vstack([np.zeros(len(w0)), np.cumsum(np.reshape(moves, (steps, len(w0))), axis=0)])


def straight_by_loops(path):
    points = path.tolist()
    length = sum(math.dist(a, b) for a, b in pairwise(points))
    return 1.0 if length == 0 else math.dist(points[0], points[-1]) / length


def straight_with_a_small_bound(path):
    ends = path[-1].astype(float) - path[0]
    length = sum(np.linalg.norm(b.astype(float) - a) for a, b in pairwise(path))
    return 1.0 if length < 1e-12 else np.sqrt(ends @ ends) / length


def straight_with_nan(path):
    path = np.asarray(path, float)
    length = np.sqrt(((path[1:] - path[:-1]) ** 2).sum(1)).sum()
    with np.errstate(all="ignore"):
        ratio = np.sqrt(((path[-1] - path[0]) ** 2).sum()) / length
    return np.float32(1) if np.isnan(ratio) else np.float32(ratio)


VARIANTS = {
    "weight_gradients": [
        lambda h, delta: [[float(v) * float(d) for v in row] for row, d in zip(h, delta, strict=True)],
        lambda h, delta: np.einsum("nd,n->nd", h, delta),
        lambda h, delta: (np.diag(delta) @ h).astype(np.float32),
        lambda h, delta: (h.T * delta).T,
        lambda h, delta: np.stack([row * d for row, d in zip(h, delta, strict=True)]),
    ],
    "same_sign_fraction": [
        same_sign_by_sets,
        lambda g: np.mean(g.min(1) * g.max(1) >= 0),
        lambda g: np.float32(np.mean(np.abs(np.sign(g).sum(1)) == (g != 0).sum(1))),
        lambda g: np.array([1 - np.mean([(r > 0).any() and (r < 0).any() for r in g])])[0],
    ],
    "descend": [
        descend_into_array,
        descend_with_lists,
        descend_recursively,
        descend_by_accumulation,
        lambda gradient, w0, lr, steps: descend_into_array(gradient, w0, lr, steps).astype(np.float32),
    ],
    "straightness": [
        straight_by_loops,
        straight_with_nan,
        straight_with_a_small_bound,
        lambda path: [straight_by_loops(path)][0] if len(path) > 1 else 1,
    ],
}

SPOILERS = {
    "weight_gradients": ["[:,None]", "np.newaxis"],
    "same_sign_fraction": ["(g>=0)", ".all("],
    "descend": ["w-lr", "lr*gradient"],
    "straightness": ["np.diff", "linalg"],
}
