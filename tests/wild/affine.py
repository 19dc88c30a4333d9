"""Affine layers and what a stack of them amounts to, as people write it when it goes wrong."""

ROWS = [
    (
        "q1_affine",
        """
def affine(h, W, b):
    return np.dot(W, h) + b""",
        "batch stands on the left",
    ),
    (
        "q1_affine",
        """
def affine(h, W, b):
    return h @ W.T + b""",
        "needs no transpose",
    ),
    (
        "q1_affine",
        """
def affine(h, W, b):
    z = h.dot(W)
    return z""",
        "without its bias",
    ),
    (
        "q1_affine",
        """
def affine(h, W, b):
    return h * W + b""",
        "entry-by-entry",
    ),
    (
        "q1_affine",
        """
def affine(h, W, b):
    return np.maximum(0, h @ W + b)""",
        "ReLU",
    ),
    (
        "q1_affine",
        """
def affine(h, W, b):
    z = np.dot(h, W) + b
    cache = (h, W, b)
    return z, cache""",
        "things came back",
    ),
    (
        "q1_collapse_two",
        """
def collapse_two(W1, b1, W2, b2):
    return W1 @ W2, b1 + b2""",
        "first bias still has to pass",
    ),
    (
        "q1_collapse_two",
        """
def collapse_two(W1, b1, W2, b2):
    return W2 @ W1, W2 @ b1 + b2""",
        "wrong order",
    ),
    (
        "q1_collapse_two",
        """
def collapse_two(W1, b1, W2, b2):
    return np.dot(W1, W2), np.dot(W2, b1) + b2""",
        "vectors are rows",
    ),
    (
        "q1_collapse",
        """
def collapse(weights, biases):
    W = weights[0]
    b = biases[0]
    for i in range(1, len(weights)):
        W = W @ weights[i]
        b = b + biases[i]
    return W, b""",
        "all biases",
    ),
    (
        "q1_collapse",
        """
def collapse(weights, biases):
    W = np.linalg.multi_dot(weights)
    b = biases[0]
    for w, c in zip(weights[1:], biases[1:]):
        b = b @ w + c
    return W, b""",
        "one layer",
    ),
    (
        "q1_collapse",
        """
def collapse(weights, biases):
    W, b = weights[0], biases[0]
    for w, c in zip(weights, biases):
        W = W @ w
        b = b @ w + c
    return W, b""",
        "used twice",
    ),
]
