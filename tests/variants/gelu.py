"""GELU, its short forms, the coin behind it, SiLU and the gates with weights of their own."""

import math
from statistics import NormalDist

import numpy as np
import torch
from scipy import special, stats

from variants.entries import Phi, density, entrywise, logistic


def by_torch(f, z):
    return f(torch.tensor(np.asarray(z, float))).numpy()


def slope_by_torch(f, z):
    x = torch.tensor(np.asarray(z, float), requires_grad=True)
    f(x).sum().backward()
    return x.grad.numpy()


def slope_by_differences(f, z, h=1e-4):
    z = np.asarray(z, float)
    return (f(z + h) - f(z - h)) / (2 * h)


def gelu(z):
    return z * special.ndtr(z)


def silu(z, beta=1.0):
    return z * special.expit(beta * z)


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


def lowest_by_scipy(f, low, high):
    from scipy.optimize import minimize_scalar

    z = np.linspace(low, high, 4001)
    best = z[np.argmin(f(z))]
    step = z[1] - z[0]
    bounds = max(low, best - step), min(high, best + step)
    return minimize_scalar(f, bounds=bounds, method="bounded", options={"xatol": 1e-9}).x


def lowest_on_ever_finer_grids(f, low, high):
    left, right = low, high
    while right - left > 1e-7:
        z = np.linspace(left, right, 200)
        i = int(np.argmin([f(v) for v in z]))
        left, right = z[max(i - 1, 0)], z[min(i + 1, 199)]
    return (left + right) / 2


def lowest_on_one_fine_grid(f, low, high):
    z = np.linspace(low, high, 400_001)
    return float(z[np.argmin(f(z))])


def lowest_by_ternary_search(f, low, high):
    z = np.linspace(low, high, 2001)
    i = int(f(z).argmin())
    left, right = z[max(i - 1, 0)], z[min(i + 1, 2000)]
    for _ in range(60):
        a, b = left + (right - left) / 3, right - (right - left) / 3
        left, right = (left, b) if f(a) < f(b) else (a, right)
    return np.array(left)


def gate_loops(z, n, rng):
    total = np.zeros(z.shape)
    for _ in range(n):
        total += np.where(rng.standard_normal(z.shape) < z, z, 0)
    return total / n


def gate_entry_by_entry(z, n, rng):
    return entrywise(lambda v: v * float((rng.normal(size=n) < v).sum()) / n)(z)


def swiglu_loops(x, W, V):
    def entry(row, j):
        gate, path = (sum(float(a) * float(M[i, j]) for i, a in enumerate(row)) for M in (W, V))
        return gate * logistic(gate) * path

    return [[entry(row, j) for j in range(W.shape[1])] for row in x]


VARIANTS = {
    "q4_gelu": [
        lambda z: z / 2 * special.erfc(-z / np.sqrt(2)),
        lambda z: 0.5 * z * np.vectorize(math.erfc, otypes=[float])(-z / math.sqrt(2)),
        lambda z: (z * stats.norm.cdf(z)).tolist(),
        entrywise(lambda v: v * math.erfc(-v / 2**0.5) / 2),
        lambda z: z * np.exp(special.log_ndtr(np.asarray(z, float))),
        gelu_by_integral,
        lambda z: (z * entrywise(Phi)(z)).astype(np.float32) if np.abs(z).max() < 9 else z * entrywise(Phi)(z),
    ],
    "q4_gelu_derivative": [
        lambda z: special.ndtr(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi),
        lambda z: slope_by_differences(gelu, z),
        lambda z: slope_by_torch(torch.nn.functional.gelu, z),
        entrywise(lambda v: NormalDist().cdf(v) + v * NormalDist().pdf(v)),
        lambda z: np.float32(stats.norm.cdf(z) + z * stats.norm.pdf(z)),
    ],
    "q4_find_minimum": [
        lowest_by_scipy,
        lowest_on_ever_finer_grids,
        lowest_on_one_fine_grid,
        lowest_by_ternary_search,
    ],
    "q4_gelu_tanh": [
        lambda z: z / (1 + np.exp(-2 * np.sqrt(2 / np.pi) * (z + 0.044715 * np.float64(z) ** 3))),
        lambda z: by_torch(lambda x: torch.nn.functional.gelu(x, approximate="tanh"), z),
        lambda z: (0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * z * (1 + 0.044715 * z * z)))).tolist(),
        entrywise(lambda v: v * logistic(2 * math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))),
        lambda z: np.float32(z / 2 + z / 2 * np.tanh((2 / np.pi) ** 0.5 * z * (1 + 0.044715 * z**2))),
    ],
    "q4_stochastic_gate": [
        gate_loops,
        lambda z, n, rng: z * rng.binomial(n, special.ndtr(z)) / n,
        lambda z, n, rng: np.where(rng.normal(size=(*z.shape, n)) < z[..., None], z[..., None], 0).mean(-1).tolist(),
        lambda z, n, rng: z * (rng.random((n, *z.shape)) < special.ndtr(z)).sum(0) / n,
        lambda z, n, rng: np.mean([z * (rng.normal(0, 1, z.shape) < z) for _ in range(n)], axis=0, dtype=np.float32),
        gate_entry_by_entry,
    ],
    "q4_silu": [
        lambda z, beta=1.0: z * special.expit(beta * z),
        lambda z, beta=1.0: z / (1 + np.exp(-beta * z)),
        lambda z, beta=1.0: (z / 2 * (1 + np.tanh(beta * z / 2))).tolist(),
        lambda z, beta=1.0: z * np.exp(-np.logaddexp(0, -beta * np.asarray(z, float))),
        entrywise(lambda v, b=1.0: v * logistic(b * v)),
    ],
    "q4_silu_derivative": [
        lambda z: special.expit(z) * (1 + z * (1 - special.expit(z))),
        lambda z: (silu(z) + special.expit(z) * (1 - silu(z))).tolist(),
        lambda z: slope_by_torch(torch.nn.functional.silu, z),
        lambda z: slope_by_differences(silu, z, 1e-5),
        entrywise(lambda v: logistic(v) + v * logistic(v) * logistic(-v)),
    ],
    "q4_swiglu": [
        swiglu_loops,
        lambda x, W, V: (x @ W) / (1 + np.exp(-(x @ W))) * (x @ V),
        lambda x, W, V: np.prod([silu(x @ W), x @ V], axis=0).astype(np.float32),
        lambda x, W, V: np.einsum("nh,nd,dh->nh", silu(np.einsum("nd,dh->nh", x, W)), x, V).tolist(),
    ],
}

SPOILERS = {
    "q4_gelu": ["z/2*erfc(-z/", "½zerfc(-z/√2)", "z*ndtr(z)", "itiszΦ(z)", "erfc", "ndtr"],
    "q4_gelu_derivative": ["Φ+zφ.", "Φ(z)+zφ(z)", "ndtr(z)+z*", "itisΦ(z)+zφ(z)", "Φ(z)+zφ(z)."],
    "q4_find_minimum": ["linspace", "z[np.argmin"],
    "q4_gelu_tanh": ["½z(1+tanh(√(2/π)(z+0.044715z³)))", "np.tanh(np.sqrt", "np.tanh"],
    "q4_stochastic_gate": ["rng.normal(size=(n", ").mean(0)", ").mean(axis=0)", "binomial", "rng.normal(", "xi<z"],
    "q4_silu": ["z/(1+np.exp", "z/(1+e^(-βz))", "itiszσ(βz)"],
    "q4_silu_derivative": ["itiss+zs(1-s)", "s(1+z(1-s))", "iss+zs(1-s)"],
    "q4_swiglu": ["silu(x@W)*(x@V)", "(x@W)*sigmoid", "itisSiLU(xW)⊙xV"],
}
