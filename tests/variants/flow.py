"""Signal and gradient through many layers: gains, initialisation, shortcuts."""

import math

import numpy as np
from scipy import integrate

GRID = np.linspace(-8, 8, 1601)
SAMPLE = np.random.default_rng(1).normal(size=1_000_000)


def gain_by_hermite(f):
    nodes, weights = np.polynomial.hermite_e.hermegauss(160)
    return math.sqrt(math.sqrt(2 * math.pi) / (weights * f(nodes) ** 2).sum())


def gain_by_scipy(f):
    total, _ = integrate.quad(lambda z: float(f(z)) ** 2 * math.exp(-z * z / 2), -9, 9, limit=200)
    return (total / math.sqrt(2 * math.pi)) ** -0.5


def gain_by_trapezoid(f):
    z = np.linspace(-6, 6, 401)
    return 1 / np.sqrt(np.trapezoid(f(z) ** 2 * np.exp(-z * z / 2), z) / np.sqrt(2 * np.pi))


def gain_by_sampling(f):
    return 1 / np.sqrt(np.mean(f(SAMPLE) ** 2))


def norms_by_differences(x, weights, f, df):
    weights = [W.astype(float) for W in weights]

    def loss():
        h = np.asarray(x, float)
        for W in weights:
            h = f(h @ W)
        return h.sum() / len(h)

    norms = []
    for W in weights:
        total = 0.0
        for i in np.ndindex(W.shape):
            kept = W[i]
            W[i] = kept + 1e-5
            up = loss()
            W[i] = kept - 1e-5
            total += ((up - loss()) / 2e-5) ** 2
            W[i] = kept
        norms.append(math.sqrt(total))
    return norms


def norms_sample_by_sample(x, weights, f, df):
    totals = [np.zeros(W.shape) for W in weights]
    for row in np.asarray(x, float):
        hs, zs = [row], []
        for W in weights:
            zs.append(W.T @ hs[-1])
            hs.append(f(zs[-1]))
        g = np.ones(len(hs[-1]))
        for layer in reversed(range(len(weights))):
            g = g * df(zs[layer])
            totals[layer] += np.outer(hs[layer], g) / len(x)
            g = weights[layer] @ g
    return np.array([np.sqrt(np.sum(t * t)) for t in totals])


def norms_by_recursion(x, weights, f, df):
    def back(h, rest):
        if not rest:
            return np.full(h.shape, 1 / len(h)), []
        z = h @ rest[0]
        g, norms = back(f(z), rest[1:])
        g = g * df(z)
        return g @ rest[0].T, [
            np.sqrt(np.einsum("ni,nj->ij", h, g).ravel() @ np.einsum("ni,nj->ij", h, g).ravel()),
            *norms,
        ]

    return back(np.asarray(x, float), list(weights))[1]


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


def residual_by_recursion(x, weights, f):
    if not weights:
        return x
    return residual_by_recursion(x + f(x @ weights[0]), weights[1:], f)


def residual_row_by_row(x, weights, f):
    rows = []
    for row in x:
        h = [float(v) for v in row]
        for W in weights:
            z = [sum(h[i] * float(W[i, j]) for i in range(len(h))) for j in range(W.shape[1])]
            h = [a + float(f(b)) for a, b in zip(h, z, strict=True)]
        rows.append(h)
    return rows


def residual_in_place(x, weights, f):
    h = np.array(x, dtype=float)
    for W in weights:
        h += f(np.einsum("ni,ij->nj", h, W))
    return h


def weights_row_by_row(fan_in, fan_out, rng):
    return [rng.normal(0, math.sqrt(2 / fan_in), fan_out).tolist() for _ in range(fan_in)]


def he_box_muller(fan_in, fan_out, rng):
    u, v = rng.random((2, fan_in, fan_out))
    return np.sqrt(-2 * np.log(1 - u)) * np.cos(2 * np.pi * v) * math.sqrt(2 / fan_in)


VARIANTS = {
    "q6_forward_gain": [
        gain_by_hermite,
        gain_by_scipy,
        gain_by_sampling,
        gain_by_trapezoid,
        lambda f: np.float32(np.average(f(GRID) ** 2, weights=np.exp(-(GRID**2) / 2)) ** -0.5),
    ],
    "q6_he_normal": [
        lambda fan_in, fan_out, rng: rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in),
        lambda fan_in, fan_out, rng: (rng.normal(0, (2 / fan_in) ** 0.5, (fan_out, fan_in)).T).tolist(),
        weights_row_by_row,
        he_box_muller,
        lambda fan_in, fan_out, rng: rng.multivariate_normal(np.zeros(1), [[2 / fan_in]], (fan_in, fan_out))[..., 0],
        lambda fan_in, fan_out, rng: (
            np.stack([rng.normal(size=fan_in) for _ in range(fan_out)], 1) / math.sqrt(fan_in / 2)
        ),
        lambda fan_in, fan_out, rng: np.float32(rng.normal(scale=np.sqrt(2 / fan_in), size=fan_in * fan_out)).reshape(
            fan_in, fan_out
        ),
    ],
    "q6_layer_gradient_norms": [
        norms_by_differences,
        norms_sample_by_sample,
        norms_by_recursion,
        norms_by_einsum,
        lambda x, weights, f, df: np.float32(norms_sample_by_sample(x, weights, f, df)).tolist(),
    ],
    "q6_default_linear_variance": [
        lambda fan_in: (1 / math.sqrt(fan_in)) ** 2 / 3,
        lambda fan_in: (2 / math.sqrt(fan_in)) ** 2 / 12,
        lambda fan_in: np.array(1 / fan_in / 3),
        lambda fan_in: integrate.quad(lambda w: w * w * math.sqrt(fan_in) / 2, -(fan_in**-0.5), fan_in**-0.5)[0],
    ],
    "q6_residual_forward": [
        residual_by_recursion,
        residual_row_by_row,
        residual_in_place,
        lambda x, weights, f: np.float32(residual_in_place(x, weights, f)).tolist(),
    ],
}

SPOILERS = {
    "q6_forward_gain": ["1/√Ef", "1/np.sqrt(", "**-0.5"],
    "q6_he_normal": [
        "N(0,2/fan_in)",
        "√(2/fan_in))*",
        "np.sqrt(2/fan_in)",
        "avarianceof2/fan_in",
        "sqrt(2/",
        "rng.normal(",
    ],
    "q6_layer_gradient_norms": ["h.T@", "df(z)*", "*df(z)", ".T@", "hᵀδ"],
    "q6_default_linear_variance": ["1/(3*fan_in)", "1/(3fan_in)", "1/(3·fan_in)", "a²/3", "bound²/3"],
    "q6_residual_forward": ["h=h+f(", "h+f(hW)", "h+f(h@W)"],
}
