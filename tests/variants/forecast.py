"""Sizes and gradients of wide networks, by averages that are taken in other ways than the course takes them."""

import math
from functools import cache, partial
from statistics import NormalDist

import numpy as np
from scipy import integrate

from actlab.exercises.drawn.forecast import asked
from variants.unseen import sides

STEPS = {
    "rise": "{a} * (np.logaddexp(0, {b} * x) - math.log(2)) / {b}",
    "level": "{a} * np.tanh({b} * x)",
    "hump": "{a} * x / np.cosh(np.clip({b} * x / 2, -300, 300)) ** 2",
    "dip": "{a} * x / (1 + np.exp(np.minimum(-{b} * x, 700)))",
    "sink": "{a} * x * np.exp({b} * x)",
    "floor": "{a} * np.expm1({b} * x)",
    "leak": "{a} * x",
}


@cache
def on_a_grid():
    """Points and weights of N(0, 1): a sum over a fine grid."""
    u = np.linspace(-8, 8, 10_001)
    weights = np.exp(-u * u / 2)
    return u, weights / weights.sum()


@cache
def at_quantiles():
    """As many points as weigh the same."""
    n = 20_000
    u = [NormalDist().inv_cdf((k + 0.5) / n) for k in range(n)]
    return np.array(u), np.full(n, 1 / n)


@cache
def at_random():
    u = np.random.default_rng(5).normal(size=100_000)
    u = np.concatenate([u, -u])
    return u, np.full(len(u), 1 / len(u))


def sizes_with(rule):
    def factory(code):
        u, weights = rule()

        def layer_sizes(f, gain, depth):
            sizes = [gain * asked(code).start]
            while len(sizes) < depth:
                sizes.append(gain * math.sqrt(np.dot(weights, f(sizes[-1] * u) ** 2)))
            return sizes

        return layer_sizes

    return factory


def squares(code):
    """Mean squares as an array that is filled, over z and its own density."""

    def layer_sizes(f, gain, depth):
        q = np.empty(depth)
        q[0] = (gain * asked(code).start) ** 2
        for layer in range(1, depth):
            z = np.linspace(-9, 9, 3001) * math.sqrt(q[layer - 1])
            density = np.exp(-z * z / (2 * q[layer - 1])) / math.sqrt(2 * math.pi * q[layer - 1])
            q[layer] = gain**2 * np.sum(f(z) ** 2 * density) * (z[1] - z[0])
        return np.sqrt(q).astype(np.float32)

    return layer_sizes


def by_quad(code):
    """Adaptive quadrature on both sides of 0, layer by layer."""

    def layer_sizes(f, gain, depth):
        sizes = (gain * asked(code).start,)
        for _ in range(depth - 1):
            ends = ((-9, 0), (0, 9))
            squares = (integrate.quad(_weighted, *end, args=(f, sizes[-1]), epsrel=1e-5)[0] for end in ends)
            sizes = (*sizes, gain * math.sqrt(sum(squares)))
        return sizes

    return layer_sizes


def _weighted(u, f, size):
    return float(f(np.array(size * u))) ** 2 * math.exp(-u * u / 2) / math.sqrt(2 * math.pi)


def anywhere(rule):
    """The same points wherever the corner is."""
    return lambda corner: rule()


def up_to_the_corner(corner, each=501):
    """Points and weights of N(0, 1), by trapezoids on both sides of the corner."""
    corner = min(max(corner, -8), 8)
    sides = [np.linspace(-8, corner, each), np.linspace(corner, 8, each)]
    sides[0][-1], sides[1][0] = corner - 1e-12, corner + 1e-12
    weights = [np.gradient(u) * np.where(np.isin(u, u[[0, -1]]), 0.5, 1) * np.exp(-u * u / 2) for u in sides]
    return np.concatenate(sides), np.concatenate(weights) / math.sqrt(2 * math.pi)


quickly = partial(up_to_the_corner, each=251)


def changes(one, gain, rule, df):
    """Sizes of z_1 and z_L, and what becomes of the gradient.  rule(corner / size) -> points, weights."""
    gradient = 1.0
    first = size = gain * one.start
    for _ in range(one.depth - 1):
        u, weights = rule(one.own.c / size)
        gradient *= gain * math.sqrt(np.dot(weights, df(size * u) ** 2))
        size = gain * math.sqrt(np.dot(weights, one.own.f(size * u) ** 2))
    return first, size, gradient


def quotients(one):
    return lambda z: (one.own.f(z + 1e-6) - one.own.f(z - 1e-6)) / 2e-6


def deep(which, rule, form=list):
    def factory(code):
        one = asked(code)
        found = [changes(one, gain, rule, one.own.df if form is list else quotients(one))[which] for gain in one.gains]
        return lambda: form(found)

    return factory


def safe(gains_of, chosen, form=float):
    """One of the safe gains, or minus the nearest.  gains_of(low, high): what is tried.  chosen(safe ones, best)."""

    def factory(code):
        one = asked(code)
        gains, off = gains_of(one.low, one.high), []
        for gain in gains:
            first, last, gradient = changes(one, gain, quickly, one.own.df)
            off.append(max(abs(math.log2(last / first)), abs(math.log2(gradient))))
        good = [gain for gain, far in zip(gains, off, strict=True) if far < 1]
        best = min(zip(off, gains, strict=True))[1]
        return lambda: form(chosen(good, best) if good else -best)

    return factory


FACTORIES = {
    "layer_sizes": [squares, by_quad, *map(sizes_with, (on_a_grid, at_quantiles))],
    "deep_sizes": [deep(1, anywhere(rule), form) for rule, form in ((on_a_grid, list), (at_quantiles, np.float32))]
    + [deep(1, anywhere(at_random), tuple)],
    "deep_gradients": [deep(2, anywhere(rule), form) for rule, form in ((on_a_grid, list), (at_quantiles, np.float32))]
    + [deep(2, up_to_the_corner)],
    "safe_gain": [
        safe(lambda low, high: np.linspace(low, high, 400), lambda good, best: good[len(good) // 2]),
        safe(lambda low, high: np.geomspace(low, high, 300), lambda good, best: [best], np.array),
        safe(lambda low, high: np.arange(high, low, -0.01), lambda good, best: good[-1], np.float32),
    ],
}
VARIANTS = {id: [factory("") for factory in factories] for id, factories in FACTORIES.items()}

SPOILERS = {
    "layer_sizes": ["sizes[-1]", "E[f(√q", "√E f(".replace(" ", ""), "gain*np.sqrt"],
    "deep_sizes": ["√E", "sizes[-1]"],
    "deep_gradients": ["√E", "np.prod"],
    "safe_gain": ["np.linspace", "=2.2"],
}


def answers(code):
    """Name -> a cell of NumPy that answers it."""
    one = asked(code)
    (right, a, b), (left, k, m) = sides(one.own)
    network = f"""
def f(z):
    x = z - {one.own.c}
    left, right = np.minimum(x, 0), np.maximum(x, 0)
    return {one.own.d} + np.where(x < 0, left_side(left), right_side(right))

def left_side(x):
    return {STEPS[left].format(a=f"({k})", b=m)}

def right_side(x):
    return {STEPS[right].format(a=f"({a})", b=b)}

u = np.linspace(-8, 8, 10_001)
weights = np.exp(-u**2 / 2) / np.exp(-u**2 / 2).sum()

def walk(gain):
    size, gradient = gain * {one.start}, 1
    for layer in range({one.depth - 1}):
        z = size * u
        gradient *= gain * np.sqrt(weights @ ((f(z + 1e-6) - f(z - 1e-6)) / 2e-6) ** 2)
        size = gain * np.sqrt(weights @ f(z) ** 2)
    return size, gradient
"""
    search = f"""
def level(gain):
    size, gradient = walk(gain)
    return max(abs(np.log2(size / gain / {one.start})), abs(np.log2(gradient)))

safe_gain = min(np.linspace({one.low}, {one.high}, 400), key=level)
if level(safe_gain) > 1:
    safe_gain = -safe_gain
"""
    return {
        "layer_sizes": f"""
def layer_sizes(f, gain, depth):
    u = np.linspace(-8, 8, 10_001)
    weights = np.exp(-u**2 / 2) / np.exp(-u**2 / 2).sum()
    sizes = [gain * {one.start}]
    for layer in range(depth - 1):
        sizes.append(gain * np.sqrt(weights @ f(sizes[-1] * u) ** 2))
    return np.array(sizes)
""",
        "deep_sizes": f"{network}\ndeep_sizes = [walk(gain)[0] for gain in {one.gains}]\n",
        "deep_gradients": f"{network}\ndeep_gradients = [walk(gain)[1] for gain in {one.gains}]\n",
        "safe_gain": network + search,
    }
