"""Heads and losses, and how many runs it takes to know."""

import math
from statistics import NormalDist, stdev

import numpy as np
import torch
from scipy import stats
from torch.nn import functional as F


def floor_loop(targets, low, high):
    total = 0.0
    for t in targets.ravel():
        if t < low:
            total += float(low - t) ** 2
        elif t > high:
            total += float(t - high) ** 2
    return total / targets.size


def floor_by_distance(targets, low, high):
    gap = np.maximum(low - targets, 0) + np.maximum(targets - high, 0)
    return float(np.dot(gap.ravel(), gap.ravel()) / gap.size)


def floor_by_search(k):
    """The loss of the best probabilities that a softmax can have, by softmax once more."""
    p = np.zeros(k)
    p[0] = 1.0
    return -np.log(np.exp(p) / np.exp(p).sum())[0]


def by_autograd(z, y):
    logits = torch.tensor(np.asarray(z, float), requires_grad=True)
    F.binary_cross_entropy_with_logits(logits, torch.tensor(np.asarray(y, float)), reduction="sum").backward()
    return logits.grad.numpy()


def by_cases(z, y):
    return [
        (1 / (1 + math.exp(-a)) if a > 0 else math.exp(a) / (1 + math.exp(a))) - float(b)
        for a, b in zip(map(float, z.ravel()), y.ravel(), strict=True)
    ]


def seeds_by_statistics(differences, power):
    numbers = [float(d) for d in differences]
    effect = abs(sum(numbers) / len(numbers)) / stdev(numbers)
    needed = (NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(power)) / effect
    return int(-(-(needed**2) // 1))


def seeds_by_search(differences, power):
    effect = abs(np.mean(differences)) / np.std(differences, ddof=1)
    n, normal = 1, NormalDist()
    while normal.cdf(effect * math.sqrt(n) - normal.inv_cdf(0.975)) < power:
        n += 1
    return n


VARIANTS = {
    "q7_clip_floor": [
        floor_loop,
        floor_by_distance,
        lambda targets, low, high: [np.square(np.minimum(np.maximum(targets, low), high) - targets).mean()][0],
        lambda targets, low, high: np.float32(((targets - targets.clip(low, high)) ** 2).mean()),
        lambda targets, low, high: np.array(np.linalg.norm(np.clip(targets, low, high) - targets) ** 2 / targets.size),
    ],
    "q7_double_softmax_floor": [
        floor_by_search,
        lambda k: math.log1p((k - 1) / math.e),
        lambda k: -math.log(math.e / (math.e + k - 1)),
        lambda k: float(np.logaddexp.reduce([1.0] + [0.0] * (k - 1)) - 1),
        lambda k: float(F.cross_entropy(F.one_hot(torch.tensor([0]), k).double(), torch.tensor([0]))),
    ],
    "q7_bce_gradient": [
        by_autograd,
        lambda z, y: np.reshape(by_cases(z, y), z.shape),
        lambda z, y: (0.5 + 0.5 * np.tanh(z / 2) - y).tolist(),
        lambda z, y: 1 / (1 + np.exp(-z)) - y,
        lambda z, y: (1 - y) / (1 + np.exp(-z)) - y / (1 + np.exp(z)),
    ],
    "q7_seeds_needed": [
        seeds_by_statistics,
        seeds_by_search,
        lambda d, power: np.ceil(
            ((stats.norm.isf(0.025) + stats.norm.ppf(power)) / (np.mean(d) / np.std(d, ddof=1))) ** 2
        ),
        lambda d, power: math.ceil((1.959963985 + stats.norm.ppf(power)) ** 2 * np.var(d, ddof=1) / np.mean(d) ** 2),
    ],
}

SPOILERS = {
    "q7_clip_floor": ["np.clip(targets", "targets-clip", "(t-clip(t))²"],
    "q7_double_softmax_floor": ["ln(e+k-1)-1", "log(e+k-1)-1", "1+(k-1)/e", "e/(e+k-1)"],
    "q7_bce_gradient": ["itisσ-y", "itisσ(z)-y", "sigmoid(z)-y"],
    "q7_seeds_needed": ["(z_0.975+z_power)", "np.ceil", "math.ceil", "inv_cdf"],
}
