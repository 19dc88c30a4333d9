"""Affine layers, what a stack of them amounts to, and what one bend adds."""

from functools import reduce

import numpy as np

XOR = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2), np.ones(2), 0.0


def affine_loops(h, W, b):
    return [
        [sum(float(row[i]) * float(W[i, j]) for i in range(len(row))) + float(b[j]) for j in range(len(b))] for row in h
    ]


def augmented(W, b):
    """The affine map as one matrix that acts on (h, 1)."""
    return np.block([[W, np.zeros((len(W), 1))], [b[None], np.ones((1, 1))]])


def split(M):
    return M[:-1, :-1], M[-1, :-1]


def probed(layers):
    """W and b read off from what the layers do with 0 and with the unit vectors."""

    def run(h):
        return reduce(lambda h, layer: h @ layer[0] + layer[1], layers, h)

    b = run(np.zeros(len(layers[0][0])))
    return run(np.eye(len(layers[0][0]))) - b, b


def collapse_backwards(weights, biases):
    W, b = weights[-1], biases[-1]
    for W_l, b_l in zip(weights[-2::-1], biases[-2::-1], strict=True):
        W, b = W_l @ W, b_l @ W + b
    return [W.tolist(), b.tolist()]


VARIANTS = {
    "q1_affine": [
        affine_loops,
        lambda h, W, b: np.einsum("ni,ij->nj", h, W) + b[None],
        lambda h, W, b: (W.T @ h.T + b[:, None]).T.tolist(),
        lambda h, W, b: (np.dot(h, W) + b).astype(np.float32),
        lambda h, W, b: (np.c_[h, np.ones(len(h))] @ np.vstack([W, b])).view(np.ndarray),
    ],
    "q1_collapse_two": [
        lambda W1, b1, W2, b2: split(augmented(W1, b1) @ augmented(W2, b2)),
        lambda W1, b1, W2, b2: probed([(W1, b1), (W2, b2)]),
        lambda W1, b1, W2, b2: [(W1 @ W2).tolist(), (W2.T @ b1 + b2).tolist()],
        lambda W1, b1, W2, b2: ((W1 @ W2).astype(np.float32), np.float32(b1 @ W2 + b2)),
    ],
    "q1_collapse": [
        collapse_backwards,
        lambda weights, biases: probed(list(zip(weights, biases, strict=True))),
        lambda weights, biases: split(reduce(np.matmul, map(augmented, weights, biases))),
        lambda weights, biases: reduce(
            lambda one, two: (one[0] @ two[0], one[1] @ two[0] + two[1]), zip(weights, biases, strict=True)
        ),
    ],
    "q1_xor": [
        lambda: XOR,
        lambda: [[[1, 1], [1, 1]], [0, -1], [1, -2], 0],
        lambda: (np.ones((2, 2), np.float32), np.array([0, -1]), np.array([[1], [-2]]), np.array([0.0])),
        lambda: ([[2, -3], [-2, 3]], [0, 0], [1 / 2, 1 / 3], 0.0),
        lambda: ([[-1, -1], [-1, -1]], [2, 1], [1, -2], 0),
        lambda: ([[1, 1], [1, 1]], [1, -1], [1, -2], -1),
    ],
}

SPOILERS = {
    "q1_affine": ["h@W+b", "hW+b"],
    "q1_collapse_two": ["W1@W2", "W1W2", "b1@W2", "b1W2"],
    "q1_collapse": ["W@W", "b@W"],
    "q1_xor": ["[[1,1],[1,1]]", "[0,-1]", "[1,-2]"],
}
