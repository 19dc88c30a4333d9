"""Right answers to the practice questions, written independently of the course, and what no message may give away."""

import math
from itertools import pairwise

import numpy as np


def entrywise(f):
    """A loop over the entries of arrays of any shape."""

    def looped(z, *more):
        return np.array([f(float(v), *more) for v in z.ravel()]).reshape(z.shape)

    return looped


def s(v):
    return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))


def Phi(v):
    return math.erfc(-v / math.sqrt(2)) / 2


def density(v):
    return math.exp(-v * v / 2) / math.sqrt(2 * math.pi)


def norms_by_loops(x, weights, f, df):
    """The chain rule sample by sample, with outer products."""
    total = [np.zeros(W.shape) for W in weights]
    for row in x:
        hs, zs = [row], []
        for W in weights:
            zs.append(np.array([sum(hs[-1][i] * W[i, j] for i in range(len(W))) for j in range(W.shape[1])]))
            hs.append(f(zs[-1]))
        back = np.ones(len(hs[-1]))
        for k in range(len(weights))[::-1]:
            back = back * df(zs[k])
            total[k] += np.outer(hs[k], back)
            back = weights[k] @ back
    return [math.sqrt((t**2).sum()) / len(x) for t in total]


def norms_recursively(x, weights, f, df):
    def below(h, rest):
        if not rest:
            return [], np.full(h.shape, 1 / len(x))
        z = h @ rest[0]
        found, upstream = below(f(z), rest[1:])
        delta = upstream * df(z)
        return [np.linalg.norm(h.T @ delta), *found], delta @ rest[0].T

    return np.array(below(x, list(weights))[0], dtype=object)


def norms_by_einsum(x, weights, f, df):
    hs, zs = [x], []
    for W in weights:
        zs.append(np.einsum("ni,ij->nj", hs[-1], W))
        hs.append(f(zs[-1]))
    g, out = np.ones(hs[-1].shape), []
    for W, h, z in reversed(list(zip(weights, hs, zs, strict=False))):
        g = g * df(z)
        out.insert(0, np.float32(np.sqrt(np.einsum("ni,nj->ij", h, g).ravel() @ np.einsum("ni,nj->ij", h, g).ravel())))
        g = np.einsum("nj,ij->ni", g, W)
    return [float(v) / len(x) for v in out]


def norms_by_differences(x, weights, f, df):
    """Central differences, entry by entry: df is not even asked."""

    def loss(changed):
        h = x
        for W in changed:
            h = f(h @ W)
        return h.sum(axis=1).mean()

    out = []
    for k, W in enumerate(weights):
        squares = 0.0
        for i in np.ndindex(W.shape):
            ends = []
            for step in (1e-4, -1e-4):
                moved = [v.copy() for v in weights]
                moved[k][i] += step
                ends.append(loss(moved))
            squares += ((ends[0] - ends[1]) / 2e-4) ** 2
        out.append(squares**0.5)
    return out


def he_box_muller(fan_in, fan_out, rng):
    u, v = rng.random((2, fan_in, fan_out))
    return np.sqrt(-2 * np.log(1 - u)) * np.cos(2 * np.pi * v) * math.sqrt(2 / fan_in)


def norm_by_loops(z, gamma, beta, eps=1e-5):
    n, d = z.shape
    out = [[0.0] * d for _ in range(n)]
    for j in range(d):
        column = [float(v) for v in z[:, j]]
        mean = sum(column) / n
        variance = sum((v - mean) ** 2 for v in column) / n
        for i in range(n):
            out[i][j] = float(gamma[j]) * (column[i] - mean) / math.sqrt(variance + eps) + float(beta[j])
    return out


def gelu_by_integral(z):
    """Φ from Simpson's rule, and the tail from its continued fraction."""

    def tail(v):
        """1 - Φ(v) for v > 0."""
        if v < 3:
            t = np.linspace(0, v, 2001)
            y = np.exp(-(t**2) / 2) / math.sqrt(2 * math.pi)
            weights = np.ones(2001)
            weights[1:-1:2], weights[2:-1:2] = 4, 2
            return 0.5 - (y * weights).sum() * (t[1] - t[0]) / 3
        fraction = v
        for k in range(200, 0, -1):
            fraction = v + k / fraction
        return density(v) / fraction

    return entrywise(lambda v: v * (tail(-v) if v < 0 else 1 - tail(v)))(z)


def central(z, h=1e-4):
    z = np.asarray(z, dtype=float)
    f = entrywise(lambda v: v * Phi(v))
    return (f(z + h) - f(z - h)) / (2 * h)


def gate_by_loop(z, n, rng):
    total = np.zeros(z.shape)
    for _ in range(n):
        total = total + np.where(rng.standard_normal(z.shape) < z, z, 0)
    return total / n


def gate_by_uniforms(z, n, rng):
    """ξ < z where its own Φ(ξ), uniform on [0, 1], is below Φ(z)."""
    p = entrywise(Phi)(z)
    return (z * sum((rng.random(z.shape) < p) * 1.0 for _ in range(n)) / n).astype(np.float32)


def gate_by_binomial(z, n, rng):
    return (z * rng.binomial(n, entrywise(Phi)(z)) / n).tolist()


def gate_entry_by_entry(z, n, rng):
    return entrywise(lambda v: v * float((rng.normal(size=n) < v).sum()) / n)(z)


def softmax_by_slices(z, axis=-1):
    def one(row):
        top = max(row)
        e = [math.exp(v - top) for v in row]
        return np.array(e) / sum(e)

    return np.apply_along_axis(one, axis, z.astype(float))


def softmax_by_logs(z, axis=-1):
    z = np.asarray(z, dtype=np.longdouble)
    return np.exp(z - np.logaddexp.reduce(z, axis=axis, keepdims=True))


def softmax_by_differences(z, axis=-1):
    """1 / Σ_j e^(z_j - z_i): every entry by its distances to the others."""
    z = np.moveaxis(z, axis, -1).astype(float)
    return np.moveaxis(1 / np.exp(z[..., None, :] - z[..., :, None]).sum(-1), -1, axis)


def jacobian_by_loops(p):
    k = len(p)
    return [[float(p[i]) * ((i == j) - float(p[j])) for j in range(k)] for i in range(k)]


def logits_gradient_by_loops(z, y):
    n, k = z.shape
    g = np.zeros((n, k))
    for i in range(n):
        e = [math.exp(v) for v in z[i]]
        for j in range(k):
            g[i, j] = (e[j] / sum(e) - (j == y[i])) / n
    return g


def logits_gradient_by_differences(z, y):
    z = np.asarray(z, dtype=float)

    def loss(z):
        return np.mean(np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), y])

    g = np.zeros(z.shape)
    for i in np.ndindex(z.shape):
        e = np.zeros(z.shape)
        e[i] = 1e-5
        g[i] = (loss(z + e) - loss(z - e)) / 2e-5
    return g


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


def straight_by_loops(path):
    points = path.tolist()
    length = sum(math.dist(a, b) for a, b in pairwise(points))
    return 1.0 if length == 0 else math.dist(points[0], points[-1]) / length


def straight_with_nan(path):
    path = np.asarray(path, float)
    length = np.sqrt(((path[1:] - path[:-1]) ** 2).sum(1)).sum()
    with np.errstate(all="ignore"):
        ratio = np.sqrt(((path[-1] - path[0]) ** 2).sum()) / length
    return np.float32(1) if np.isnan(ratio) else np.float32(ratio)


VARIANTS = {
    "sigmoid": [
        entrywise(s),
        lambda z: (np.tanh(z / 2) / 2 + 0.5).tolist(),
        lambda z: (1 / (1 + np.exp(-z))).astype(np.float32),
        lambda z: np.exp(-np.logaddexp(0, -z)),
    ],
    "sigmoid_derivative": [
        entrywise(lambda v: s(v) * s(-v)),
        lambda z: (1 / (4 * np.cosh(z / 2) ** 2)).tolist(),
        lambda z: np.float32((1 - np.tanh(z / 2) ** 2) / 4),
    ],
    "activation_factor": [
        lambda depth: 1 / 4**depth,
        lambda depth: np.prod(np.full(depth, 0.25)),
        lambda depth: np.array(math.exp(-depth * math.log(4)), object),
        lambda depth: np.longdouble(0.5) ** (2 * depth),
    ],
    "layer_gradient_norms": [norms_by_loops, norms_recursively, norms_by_einsum],
    "relu": [
        entrywise(lambda v: max(v, 0.0)),
        lambda z: np.where(z > 0, z, 0).tolist(),
        lambda z: (z * (z > 0)).astype(np.float32),
        lambda z: (abs(z) + z) / 2,
    ],
    "relu_derivative": [
        entrywise(lambda v: 1.0 if v >= 0 else 0.0),
        lambda z: z > 0,
        lambda z: np.heaviside(z, 0.5).astype(np.float32),
        lambda z: ((np.sign(z) + 1) / 2).tolist(),
    ],
    "leaky_relu": [
        entrywise(lambda v, alpha=0.01: v if v > 0 else alpha * v),
        lambda z, alpha=0.01: (np.maximum(z, 0) + alpha * np.minimum(z, 0)).tolist(),
        lambda z, alpha=0.01: np.float32(z * np.where(z > 0, 1, alpha)),
        lambda pre, slope=0.01: np.select([pre >= 0], [pre], slope * pre),
    ],
    "dead_units": [
        lambda z: [all(row[j] <= 0 for row in z.tolist()) for j in range(z.shape[1])],
        lambda z: z.max(axis=0) <= 0,
        lambda z: ~np.any(z > 0, axis=0),
        lambda z: (np.maximum(z, 0).sum(0) == 0).astype(np.float32),
    ],
    "he_normal": [
        he_box_muller,
        lambda i, o, rng: rng.standard_normal((o, i)).T * (2 / i) ** 0.5,
        lambda i, o, rng: [[rng.normal() * math.sqrt(2 / i) for _ in range(o)] for _ in range(i)],
        lambda i, o, rng: rng.normal(0, math.sqrt(2 / i), (i, o)).astype(np.float32),
        lambda i, o, rng: rng.multivariate_normal(np.zeros(1), [[2 / i]], (i, o))[..., 0],
    ],
    "batch_norm": [
        norm_by_loops,
        lambda z, gamma, beta, eps=1e-5: (
            (z - np.mean(z, 0)) * (gamma * (np.mean((z - np.mean(z, 0)) ** 2, 0) + eps) ** -0.5) + beta
        ).astype(np.float32),
        lambda z, g, b, e=1e-5: (((z.T - z.T.mean(1)[:, None]) / (z.T.var(1) + e)[:, None] ** 0.5).T * g + b).tolist(),
    ],
    "gelu": [
        entrywise(lambda v: v * Phi(v)),
        gelu_by_integral,
        lambda z: entrywise(lambda v: v * Phi(v))(z).tolist(),
        lambda z: (z * entrywise(Phi)(z)).astype(np.float32) if np.abs(z).max() < 9 else z * entrywise(Phi)(z),
    ],
    "gelu_tanh": [
        entrywise(lambda v: 0.5 * v * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)))),
        lambda z: (z / (1 + np.exp(-2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)))).tolist(),
        lambda z: np.float32(z / 2 + z / 2 * np.tanh((2 / np.pi) ** 0.5 * z * (1 + 0.044715 * z**2))),
    ],
    "gelu_derivative": [
        entrywise(lambda v: Phi(v) + v * density(v)),
        central,
        lambda z: entrywise(lambda v: Phi(v) + v * density(v))(z).astype(np.float32).tolist(),
    ],
    "stochastic_gate": [gate_by_loop, gate_by_uniforms, gate_by_binomial, gate_entry_by_entry],
    "softmax": [
        softmax_by_slices,
        softmax_by_logs,
        lambda z, axis=-1: softmax_by_differences(z, axis).tolist(),
        lambda z, axis=-1: softmax_by_slices(z, axis).astype(np.float32),
    ],
    "softmax_jacobian": [
        jacobian_by_loops,
        lambda p: p[:, None] * (np.eye(len(p)) - p),
        lambda p: np.float32(np.diag(p) - np.einsum("i,j->ij", p, p)),
        lambda p: np.diag(p * (1 - p)) - np.outer(p, p) * (1 - np.eye(len(p))),
    ],
    "cross_entropy_gradient": [
        logits_gradient_by_loops,
        logits_gradient_by_differences,
        lambda z, y: ((softmax_by_slices(z) - np.eye(z.shape[1])[y]) / len(y)).tolist(),
        lambda z, y: np.float32((softmax_by_slices(z) - (np.arange(z.shape[1]) == y[:, None])) / len(y)),
    ],
    "weight_gradients": [
        lambda h, delta: [[float(v) * float(d) for v in row] for row, d in zip(h, delta, strict=True)],
        lambda h, delta: np.einsum("nd,n->nd", h, delta),
        lambda h, delta: (np.diag(delta) @ h).astype(np.float32),
        lambda h, delta: (h.T * delta).T,
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
        lambda gradient, w0, lr, steps: descend_into_array(gradient, w0, lr, steps).astype(np.float32),
    ],
    "straightness": [
        straight_by_loops,
        straight_with_nan,
        lambda path: [straight_by_loops(path)][0] if len(path) > 1 else 1,
    ],
}

SPOILERS = {
    "sigmoid": ["1/(1+e⁻ᶻ)", "1/(1+exp(-z))"],
    "sigmoid_derivative": ["itiss(1-s)", "s*(1-s)"],
    "activation_factor": ["0.25**depth", "¼**depth"],
    "layer_gradient_norms": [".T@", "hᵀδ"],
    "relu": ["maximum(z,0)", "where(z>0"],
    "relu_derivative": ["where(z>0", "z>0,1"],
    "leaky_relu": ["where(z>0", "alpha*z"],
    "dead_units": ["(z<=0)", ".all("],
    "he_normal": ["sqrt(2/", "rng.normal("],
    "batch_norm": ["z.mean", "z.var"],
    "gelu": ["erfc", "ndtr"],
    "gelu_tanh": ["np.tanh", "½z(1+tanh(√(2/π)"],
    "gelu_derivative": ["itisΦ(z)+zφ(z)", "Φ(z)+zφ(z)."],
    "stochastic_gate": ["rng.normal(", "xi<z"],
    "softmax": ["z.max(", "np.exp("],
    "softmax_jacobian": ["diag(p)-ppᵀ", "diag(p)-np.outer"],
    "cross_entropy_gradient": ["(p-y)/n"],
    "weight_gradients": ["[:,None]", "np.newaxis"],
    "same_sign_fraction": ["(g>=0)", ".all("],
    "descend": ["w-lr", "lr*gradient"],
    "straightness": ["np.diff", "linalg"],
}
