"""Softmax and the loss behind it, as people write them when it goes wrong."""

ROWS = [
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    t = np.eye(z.shape[1])[y]
    return 2 * (p - t) * p * (1 - p) / len(y)""",
        "squared errors",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    exps = np.exp(z - np.max(z, axis=1, keepdims=True))
    return exps / np.sum(exps, axis=1, keepdims=True)""",
        "axis 1",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(X, axis=-1):
    row_max = X.max(axis=1)[:, np.newaxis]
    e = np.exp(X - row_max)
    return e / e.sum(axis=1)[:, np.newaxis]""",
        "axis 1",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)""",
        "`axis` is missing",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(x):
    e_x = np.exp(x - np.max(x))
    return e_x / e_x.sum()""",
        "`axis` is missing",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(x):
    e_x = np.exp(x - np.max(x))
    return e_x / e_x.sum(axis=0)""",
        "`axis` is missing",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z):
    exp_z = np.exp(z - np.max(z, axis=1, keepdims=True))
    return exp_z / np.sum(exp_z, axis=1, keepdims=True)""",
        "`axis` is missing",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    s = np.max(z, axis=0)
    e = np.exp(z - s)
    return e / np.sum(e, axis=0)""",
        "axis 0",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)""",
        "whole array",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    e = np.exp(z)
    return e / np.sum(e, axis=axis)""",
        "`keepdims`",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    shifted = z - np.max(z, axis=axis, keepdims=True)
    e = np.exp(shifted)
    return e / np.sum(e, axis)""",
        "`keepdims`",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis))
    return e / e.sum(axis, keepdims=True)""",
        "`keepdims`",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    e = np.exp(z - np.max(z))
    s = np.sum(e, axis=axis).reshape(-1, 1)
    return e / s""",
        "reshape",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(a, axis=-1):
    c = np.max(a, axis=1).reshape(-1, 1)
    exp_a = np.exp(a - c)
    return exp_a / np.sum(exp_a, axis=1).reshape(-1, 1)""",
        "reshape",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    e = np.exp(z - z.max())
    return (e.T / e.sum(axis=axis)).T""",
        "transpose",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(x, axis=-1):
    x = x.T
    x = x - np.max(x, axis=0)
    y = np.exp(x) / np.sum(np.exp(x), axis=0)
    return y.T""",
        "last axis",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    if axis == 0:
        z = z.T
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)""",
        "transposed",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    return np.exp(z) / np.sum(np.exp(z), axis=axis, keepdims=True)""",
        "∞",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    z = z - np.max(z)
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)""",
        "one maximum for the whole array",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    e = np.exp(z - np.max(z))
    return e / (np.sum(e, axis=axis, keepdims=True) + 1e-8)""",
        "small number added",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=0):
    m = np.max(z, axis=axis, keepdims=True)
    e = np.exp(z - m)
    return e / np.sum(e, axis=axis, keepdims=True)""",
        "default axis of 0",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=1):
    m = np.max(z, axis=axis, keepdims=True)
    e = np.exp(z - m)
    return e / np.sum(e, axis=axis, keepdims=True)""",
        "default axis of 1",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=None):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)""",
        "default of None",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)""",
        "without its default",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    e / e.sum(axis=axis, keepdims=True)
    return e""",
        "not yet divided",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    m = np.max(z, axis=axis, keepdims=True)
    return z - m - np.log(np.sum(np.exp(z - m), axis=axis, keepdims=True))""",
        "logarithm",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    return z / np.sum(z, axis=axis, keepdims=True)""",
        "exponential is missing",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    e = np.exp(-(z - z.min(axis=axis, keepdims=True)))
    return e / e.sum(axis=axis, keepdims=True)""",
        "smallest score comes out largest",
    ),
    (
        "q5_temperature",
        """
def tempered_softmax(z, T):
    s = z * T
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)""",
        "sharpen",
    ),
    (
        "q5_temperature",
        """
def tempered_softmax(z, T):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True) / T""",
        "no longer sums to 1",
    ),
    (
        "q5_temperature",
        """
def tempered_softmax(z, T):
    e = np.exp(z / T)
    return e / np.sum(e, axis=-1, keepdims=True)""",
        "∞",
    ),
    (
        "q5_temperature",
        """
def tempered_softmax(z, T=1.0):
    scaled = np.exp(z / T)
    return scaled / np.sum(scaled)""",
        "whole array",
    ),
    (
        "q5_temperature",
        """
def tempered_softmax(z, T):
    return np.exp(z / T) / np.sum(np.exp(z), axis=-1, keepdims=True)""",
        "numerator",
    ),
    (
        "q5_softmax_jacobian softmax_jacobian",
        """
def softmax_jacobian(p):
    e = np.exp(p - np.max(p))
    s = e / e.sum()
    return s * (1 - s)""",
        "s(1 − s)",
    ),
    (
        "q5_softmax_jacobian softmax_jacobian",
        """
def softmax_jacobian(p):
    return p * (1 - p)""",
        "diagonal",
    ),
    (
        "q5_softmax_jacobian softmax_jacobian",
        """
def softmax_jacobian(p):
    return np.diag(p * (1 - p))""",
        "diagonal matrix",
    ),
    (
        "q5_softmax_jacobian softmax_jacobian",
        """
def softmax_jacobian(p):
    e = np.exp(p - p.max())
    s = (e / e.sum()).reshape(-1, 1)
    return np.diagflat(s) - np.dot(s, s.T)""",
        "second softmax",
    ),
    (
        "q5_softmax_jacobian softmax_jacobian",
        """
def softmax_jacobian(p):
    k = len(p)
    J = np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            J[i, j] = p[i] * p[j] - (p[i] if i == j else 0)
    return J""",
        "flipped sign",
    ),
    (
        "q5_softmax_jacobian softmax_jacobian",
        """
def softmax_jacobian(p):
    s = p.reshape(-1, 1)
    return -s @ s.T""",
        "i ≠ j everywhere",
    ),
    (
        "q5_softmax_jacobian softmax_jacobian",
        """
def softmax_jacobian(p):
    return np.diag(p) - np.dot(p, p.T)""",
        "single number",
    ),
    (
        "q5_softmax_jacobian softmax_jacobian",
        """
def softmax_jacobian(p):
    jacobian = np.diag(p) - np.outer(p, p)
    return np.sum(jacobian, axis=1)""",
        "each row, which is 0",
    ),
    (
        "q5_softmax_vjp",
        """
def softmax_vjp(p, g):
    return g * p * (1 - p)""",
        "diagonal",
    ),
    (
        "q5_softmax_vjp",
        """
def softmax_vjp(p, g):
    return p * (g - np.sum(p * g))""",
        "whole batch",
    ),
    (
        "q5_softmax_vjp",
        """
def softmax_vjp(p, g):
    inner = np.sum(p * g, axis=-1)
    return p * (g - inner)""",
        "`keepdims`",
    ),
    (
        "q5_softmax_vjp",
        """
def softmax_vjp(p, g):
    return p * (g - g.sum(axis=-1, keepdims=True))""",
        "not weighted",
    ),
    (
        "q5_log_softmax",
        """
def log_softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return np.log(p + 1e-9)""",
        "small number added",
    ),
    (
        "q5_log_softmax",
        """
def log_softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.log(e / e.sum(axis=axis, keepdims=True))""",
        "rounded to 0",
    ),
    (
        "q5_log_softmax",
        """
def log_softmax(z, axis=-1):
    return z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True))""",
        "without a shift",
    ),
    (
        "q5_log_softmax",
        """
def log_softmax(z, axis=-1):
    return z - np.log(np.sum(np.exp(z), axis=axis))""",
        "`keepdims`",
    ),
    (
        "q5_log_softmax",
        """
def log_softmax(z, axis=-1):
    m = np.max(z, axis=1, keepdims=True)
    return z - m - np.log(np.sum(np.exp(z - m), axis=1, keepdims=True))""",
        "axis 1",
    ),
    (
        "q5_log_softmax",
        """
def log_softmax(z, axis=-1):
    m = np.max(z, axis=axis, keepdims=True)
    lse = np.log(np.sum(np.exp(z - m), axis=axis, keepdims=True))
    return z - lse""",
        "never got its maximum back",
    ),
    (
        "q5_log_softmax",
        """
def log_softmax(z, axis=-1):
    m = np.max(z, axis=axis, keepdims=True)
    return m + np.log(np.sum(np.exp(z - m), axis=axis, keepdims=True)) - z""",
        "that is the loss",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return (p - y) / y.shape[0]""",
        "class numbers",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p - y""",
        "class numbers",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    n = z.shape[0]
    labels = np.argmax(y, axis=1)
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(n), labels] -= 1
    return p / n""",
        "class numbers|that this input does not have",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -y / p""",
        "−y/p",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    return -(y / z)""",
        "logits taken for probabilities",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    grad = e / e.sum(axis=1, keepdims=True)
    grad[range(len(y)), y] -= 1
    return grad""",
        "mean",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    onehot = np.eye(z.shape[1])[y]
    return (p - onehot) / z.shape[1]""",
        "number of classes",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    onehot = np.eye(z.shape[1])[y]
    return (p - onehot) / onehot.size""",
        "n · k",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    onehot = np.zeros((y.size, y.max() + 1))
    onehot[np.arange(y.size), y] = 1
    return (p - onehot) / y.size""",
        "classes were seen",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    t = np.eye(z.shape[1])[y]
    return (t - p) / len(z)""",
        "climb",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y]))""",
        "loss itself",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    p[:, y] -= 1
    return p / len(z)""",
        "whole columns",
    ),
    (
        "q5_cross_entropy_gradient cross_entropy_gradient",
        """
def cross_entropy_gradient(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=0)
    p[np.arange(len(y)), y] -= 1
    return p / len(y)""",
        "down the columns",
    ),
    (
        "q5_softmax softmax",
        """
def softmax(z, axis=-1):
    top = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return top / np.exp(z).sum(axis=axis, keepdims=True)""",
        "above the fraction bar",
    ),
]
