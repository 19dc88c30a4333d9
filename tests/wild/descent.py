"""One neuron's gradients and gradient descent, as people write them when it goes wrong."""

ROWS = [
    (
        "same_sign_fraction",
        """
def same_sign_fraction(g):
    return np.mean(np.prod(g, axis=1) > 0)""",
        "two minus signs cancel",
    ),
    (
        "same_sign_fraction",
        """
def same_sign_fraction(g):
    pos, neg = np.sum(g > 0), np.sum(g < 0)
    return max(pos, neg) / g.size""",
        "whichever is larger",
    ),
    (
        "weight_gradients",
        """
def weight_gradients(h, delta):
    return h * delta""",
        "new axis",
    ),
    (
        "weight_gradients",
        """
def weight_gradients(h, delta):
    return h.T @ delta""",
        "sum over the samples",
    ),
    (
        "weight_gradients",
        """
def weight_gradients(h, delta):
    return np.dot(h.T, delta) / len(delta)""",
        "mean over the samples",
    ),
    (
        "weight_gradients",
        """
def weight_gradients(h, delta):
    return np.outer(delta, h)""",
        "np.outer",
    ),
    (
        "weight_gradients",
        """
def weight_gradients(h, delta):
    grads = np.zeros_like(h)
    for i in range(len(h)):
        grads[i] = delta[i] * h[i]
    return grads""",
        "integer array",
    ),
    (
        "weight_gradients",
        """
def weight_gradients(h, delta):
    return h.T * delta""",
        "transposed",
    ),
    (
        "same_sign_fraction",
        """
def same_sign_fraction(g):
    same = np.all(g > 0, axis=1) | np.all(g < 0, axis=1)
    return same.mean()""",
        "non-zero",
    ),
    (
        "same_sign_fraction",
        """
def same_sign_fraction(g):
    return np.mean(np.all(g >= 0, axis=0) | np.all(g <= 0, axis=0))""",
        "each row is a sample",
    ),
    (
        "same_sign_fraction",
        """
def same_sign_fraction(g):
    count = 0
    for row in g:
        if np.all(row >= 0) or np.all(row <= 0):
            count += 1
    return count""",
        "share is asked for",
    ),
    (
        "same_sign_fraction",
        """
def same_sign_fraction(g):
    signs = np.sign(g)
    return np.mean([len(set(row)) == 1 for row in signs])""",
        "np.sign",
    ),
    (
        "same_sign_fraction",
        """
def same_sign_fraction(g):
    return np.mean(np.abs(np.sign(g).mean(axis=1)))""",
        "less strict",
    ),
    (
        "same_sign_fraction",
        """
def same_sign_fraction(g):
    same = (g >= 0).all(axis=1) | (g <= 0).all(axis=1)
    return 100 * same.sum() / len(g)""",
        "percentage",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    w = np.array(w0, dtype=float)
    path = []
    for _ in range(steps):
        path.append(w.copy())
        w = w - lr * gradient(w)
    return np.array(path)""",
        "without the last one",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    w = w0.astype(float)
    path = []
    for _ in range(steps):
        w = w - lr * gradient(w)
        path.append(w)
    return np.array(path)""",
        "w0 is missing",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    w = w0
    for _ in range(steps):
        w = w - lr * gradient(w)
    return w""",
        "the end alone",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    w = np.array(w0, float)
    path = [w]
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w)
    return np.array(path)""",
        "append a copy",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    path = [w0]
    for _ in range(steps):
        path.append(path[-1] + lr * gradient(path[-1]))
    return np.array(path, dtype=float)""",
        "uphill",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    path = np.zeros((steps + 1, len(w0)), dtype=w0.dtype)
    path[0] = w0
    for k in range(steps):
        path[k + 1] = path[k] - lr * gradient(path[k])
    return path""",
        "whole numbers",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    w = w0.copy()
    path = [w.copy()]
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w.copy())
    return np.array(path)""",
        "turn w0 into floats",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    g = gradient(w0)
    w = w0.astype(float)
    path = [w]
    for _ in range(steps):
        w = w - lr * g
        path.append(w)
    return np.stack(path)""",
        "where you stand",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    path = [w0.astype(float)]
    for _ in range(steps + 1):
        path.append(path[-1] - lr * gradient(path[-1]))
    return np.array(path)""",
        "one step too many",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    path = [w0.astype(float)]
    for _ in range(steps):
        g = gradient(path[-1])
        path.append(path[-1] - lr * g / np.linalg.norm(g))
    return np.array(path)""",
        "size of the gradient",
    ),
    (
        "descend",
        """
def descend(gradient, w0, lr, steps):
    w = w0.astype(float)
    path = [w]
    for _ in range(steps):
        w = w - lr * gradient(w)
        w = w - lr * gradient(w)
        path.append(w)
    return np.array(path)""",
        "two steps",
    ),
    (
        "straightness",
        """
def straightness(path):
    length = np.sum(np.linalg.norm(np.diff(path, axis=0), axis=1))
    distance = np.linalg.norm(path[-1] - path[0])
    return length / distance if distance else 1.0""",
        "upside down",
    ),
    (
        "straightness",
        """
def straightness(path):
    length = np.sum(np.linalg.norm(path[1:] - path[:-1], axis=1))
    return np.linalg.norm(path[-1] - path[0]) / length""",
        "never moves",
    ),
    (
        "straightness",
        """
def straightness(path):
    length = np.linalg.norm(np.diff(path, axis=0))
    return np.linalg.norm(path[-1] - path[0]) / length if length > 0 else 1.0""",
        "`axis=1` is missing",
    ),
    (
        "straightness",
        """
def straightness(path):
    steps = np.diff(path, axis=0)
    length = np.sqrt((steps ** 2).sum(axis=1)).sum()
    if length == 0:
        return 0.0
    return np.linalg.norm(path[-1] - path[0]) / length""",
        "never moves: it is 1",
    ),
    (
        "straightness",
        """
def straightness(path):
    length = np.abs(np.diff(path, axis=0)).sum()
    return np.abs(path[-1] - path[0]).sum() / length if length else 1.0""",
        "Euclidean",
    ),
    (
        "straightness",
        """
def straightness(path):
    length = np.linalg.norm(np.diff(path), axis=0).sum()
    return np.linalg.norm(path[-1] - path[0]) / length if length else 1.0""",
        "points are the rows",
    ),
    (
        "straightness",
        """
def straightness(path):
    length = np.sqrt((np.diff(path) ** 2).sum(axis=1)).sum()
    return np.linalg.norm(path[-1] - path[0]) / length if length > 0 else 1.0""",
        "from one row to the next",
    ),
]
