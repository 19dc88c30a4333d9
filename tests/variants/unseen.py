"""Right answers to what is asked of an activation that nobody has seen, from its numbers alone."""

import math

import numpy as np
from scipy import integrate, optimize, stats

from actlab.exercises.drawn.unseen import activation
from variants.entries import entrywise, logistic

DIP, HUMP = -0.27846454276107374, 0.8954864093885924  # lowest u σ(u), highest u / cosh²(u/2)
FALL = {"dip": -0.0998393201288669, "sink": -math.exp(-2), "hump": -0.3209902476}  # lowest slopes of the same, by u


def bell(u):
    return 0.0 if abs(u) > 700 else 1 / math.cosh(u / 2) ** 2


def value(shape, factor, b, x):
    u = b * x
    return {
        "rise": lambda: factor * (max(u, 0) + math.log1p(math.exp(-abs(u))) - math.log(2)) / b,
        "level": lambda: factor * math.tanh(u),
        "hump": lambda: factor * x * bell(u),
        "dip": lambda: factor * x * logistic(u),
        "sink": lambda: factor * x * math.exp(u),
        "floor": lambda: factor * math.expm1(u),
        "leak": lambda: factor * x,
    }[shape]()


def slope(shape, factor, b, x):
    u = b * x
    return {
        "rise": lambda: factor * logistic(u),
        "level": lambda: factor * b * bell(2 * u),
        "hump": lambda: factor * bell(u) * (1 - u * math.tanh(u / 2)),
        "dip": lambda: factor * (logistic(u) + u * logistic(u) * logistic(-u)),
        "sink": lambda: factor * math.exp(u) * (1 + u),
        "floor": lambda: factor * b * math.exp(u),
        "leak": lambda: factor,
    }[shape]()


def sides(own):
    """Shape, factor and b of the right and of the left side."""
    return (own.right, own.a, own.b), (own.left, own.k, own.m)


def single(own, of, d):
    right, left = sides(own)

    def f(z):
        x = z - own.c
        return d + of(*(left if x < 0 else right), x)

    return f


def values_one_by_one(code):
    own = activation(code)
    return entrywise(single(own, value, own.d))


def slopes_one_by_one(code):
    return entrywise(single(activation(code), slope, 0.0))


def values_by_masks(code):
    own = activation(code)

    def f(z):
        x = np.float64(z) - own.c
        out = np.full(x.shape, own.d)
        for here, side in zip((x >= 0, x < 0), sides(own), strict=True):
            out[here] += [value(*side, v) for v in x[here]]
        return out.tolist()

    return f


def slopes_by_differences(code):
    f = values_one_by_one(code)

    def df(z):
        z, h = np.asarray(z, float), 1e-5
        return (f(z + h) - f(z - h)) / (2 * h)

    return df


def bounds_in_closed_form(code):
    own = activation(code)
    ends = []
    for shape, factor, b in sides(own):
        ends += {
            "rise": [0, math.copysign(math.inf, factor)],
            "level": [0, factor],
            "hump": [0, factor / b * HUMP],
            "dip": [0, factor / b * DIP],
            "sink": [0, -factor / b / math.e],
            "floor": [0, -factor],
            "leak": [0, -math.copysign(math.inf, factor)],
        }[shape]
    return own.d + min(ends), own.d + max(ends)


def slopes_in_closed_form(code):
    ends = []
    for shape, factor, b in sides(activation(code)):
        ends += {
            "rise": [factor / 2, factor],
            "level": [0, factor * b],
            "hump": [factor * FALL["hump"], factor],
            "dip": [factor * FALL["dip"], factor / 2],
            "sink": [factor * FALL["sink"], factor],
            "floor": [0, factor * b],
            "leak": [factor],
        }[shape]
    return min(ends), max(ends)


def searched(f, c):
    """Lowest and highest value, by a coarse look at both sides and a search from there; far out is 10⁷."""
    found = []
    for low, high in ((c - 60, c), (c, c + 60)):
        z = np.linspace(low + 1e-9, high - 1e-9, 601)
        for sign in (1, -1):
            k = int(np.argmin([sign * f(v) for v in z]))
            ends = z[max(k - 1, 0)], z[min(k + 1, 600)]
            best = optimize.minimize_scalar(lambda v, s=sign: s * f(v), bounds=ends, method="bounded").x
            found += [f(best), f(low + 1e-9), f(high - 1e-9)]
    found += [f(-1e7), f(1e7)]
    return min(found), max(found)


def bounds_by_search(code):
    own = activation(code)
    return [v if abs(v) < 1000 else math.copysign(math.inf, v) for v in searched(single(own, value, own.d), own.c)]


def slopes_by_search(code):
    own = activation(code)
    return np.array(searched(single(own, slope, 0.0), own.c))


def flat_by_roots(code):
    own = activation(code)
    level = own.percent / 100 * max(map(abs, slopes_in_closed_form(code)))
    ends = []
    for (shape, factor, b), sign in zip(sides(own), (1, -1), strict=True):
        if shape in ("rise", "leak"):
            ends.append(sign * math.inf)
            continue
        beyond = {"level": 0, "hump": 2.7032, "dip": 2.3994, "sink": 2, "floor": 0}[shape] / b
        size = lambda x, s=shape, a=factor, t=b: abs(slope(s, a, t, x)) - level  # noqa: E731
        inner = beyond if size(sign * beyond) > 0 else 0.0
        ends.append(own.c + optimize.brentq(size, sign * inner, sign * 60 / b))
    return ends[1], ends[0]


def flat_by_walking(code):
    own = activation(code)
    df = single(own, slope, 0.0)
    level = own.percent / 100 * max(map(abs, slopes_by_search(code)))
    found = []
    for sign in (-1, 1):
        z = sign * 80.0
        while abs(df(z)) < level:
            z -= sign * 0.01
        found.append(sign * math.inf if abs(z) == 80 else z)
    return found


def gains_by_quad(code):
    own = activation(code)

    def gain(g):
        squares = (
            integrate.quad(lambda z: g(z) ** 2 * stats.norm.pdf(z), *ends)[0] for ends in ((-12, own.c), (own.c, 12))
        )
        return 1 / math.sqrt(sum(squares))

    return gain(single(own, value, own.d)), gain(single(own, slope, 0.0))


def gains_by_quantiles(code):
    own = activation(code)
    z = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    squares = [np.mean([g(v) ** 2 for v in z]) for g in (single(own, value, own.d), single(own, slope, 0.0))]
    return np.float32(np.power(squares, -0.5))


VALUE = {
    "rise": "{a} * (np.logaddexp(0, {b} * x) - np.log(2)) / {b}",
    "level": "{a} * np.tanh({b} * x)",
    "hump": "4 * {a} * x * np.exp(-{b} * np.abs(x)) / (1 + np.exp(-{b} * np.abs(x))) ** 2",
    "dip": "{a} * x / (1 + np.exp(-{b} * np.maximum(x, -300)))",
    "sink": "{a} * x * np.exp({b} * np.minimum(x, 0))",
    "floor": "{a} * np.expm1({b} * np.minimum(x, 0))",
    "leak": "{a} * x",
}
SLOPE = {
    "rise": "{a} / (1 + np.exp(-{b} * np.maximum(x, 0)))",
    "level": "{a} * {b} * (1 - np.tanh({b} * x) ** 2)",
    "hump": "{a} * (1 - np.tanh({b} * x / 2) ** 2) * (1 - {b} * x * np.tanh({b} * x / 2))",
    "dip": "{a} * (lambda s: s + {b} * x * s * (1 - s))(0.5 + 0.5 * np.tanh({b} * x / 2))",
    "sink": "{a} * (1 + {b} * x) * np.exp({b} * np.minimum(x, 0))",
    "floor": "{a} * {b} * np.exp({b} * np.minimum(x, 0))",
    "leak": "{a} + 0 * x",
}


def written(own, name, texts, d):
    right, left = (texts[shape].format(a=factor, b=b) for shape, factor, b in sides(own))
    return f"""\
def {name}(z):
    x = np.asarray(z, dtype=np.float64) - ({own.c})
    return {d} + np.where(x < 0, {left}, {right})
"""


def answers(code):
    """Name -> what a cell has to say in this hand-out, with NumPy and math alone."""
    own = activation(code)
    f, df = written(own, "unseen", VALUE, own.d), written(own, "unseen_slope", SLOPE, 0)
    both = f"{f}\n{df}\nz = np.linspace(-80, 80, 400_001)\n"
    steep = "slopes = unseen_slope(np.append(z, [c - 1e-9, c + 1e-9]))\n"
    ends = "ends = unseen(np.append(z, [-1e9, 1e9]))\n"
    return {
        "unseen": f,
        "unseen_slope": df,
        "unseen_range": f"""{both}{ends}\
unseen_range = [end if abs(end) < 1000 else math.copysign(math.inf, end) for end in (ends.min(), ends.max())]
""",
        "unseen_steepest": f"{both}c = {own.c}\n{steep}unseen_steepest = (slopes.min(), slopes.max())\n",
        "unseen_flat": f"""{both}c = {own.c}\n{steep}\
steep = z[np.abs(unseen_slope(z)) >= {own.percent} / 100 * np.abs(slopes).max()]
unseen_flat = (steep.min() if steep.min() > -80 else -math.inf, steep.max() if steep.max() < 80 else math.inf)
""",
        "unseen_gains": f"""{both}\
weights = np.exp(-z * z / 2) / np.sum(np.exp(-z * z / 2))
unseen_gains = tuple(1 / np.sqrt(np.sum(weights * g(z) ** 2)) for g in (unseen, unseen_slope))
""",
    }


def run(name):
    """A factory: what the text of an answer leaves in a name; numbers as a function of nothing."""

    def factory(code):
        names = {"np": np, "math": math}
        exec(answers(code)[name], names)
        return names[name]

    return factory


def late(factory):
    """The same with what is computed only when it is asked for."""
    return lambda code: lambda: factory(code)


FACTORIES = {
    "unseen": [run("unseen"), values_one_by_one, values_by_masks],
    "unseen_slope": [run("unseen_slope"), slopes_one_by_one, slopes_by_differences],
    "unseen_range": [late(f) for f in (run("unseen_range"), bounds_in_closed_form, bounds_by_search)],
    "unseen_steepest": [late(f) for f in (run("unseen_steepest"), slopes_in_closed_form, slopes_by_search)],
    "unseen_flat": [late(f) for f in (run("unseen_flat"), flat_by_roots, flat_by_walking)],
    "unseen_gains": [late(f) for f in (run("unseen_gains"), gains_by_quad, gains_by_quantiles)],
}
VARIANTS = {id: [factory("") for factory in factories] for id, factories in FACTORIES.items()}

SPOILERS = {
    "unseen": ["logaddexp", "log1p", "np.tanh", "np.where", "maximum"],
    "unseen_slope": ["np.tanh", "np.where", "maximum", "1-tanh"],
    "unseen_range": ["math.inf", "-inf", "∞)"],
    "unseen_steepest": ["-0.0998", "-0.1353", "-0.3196"],
    "unseen_flat": ["math.inf", "-inf"],
    "unseen_gains": ["**-0.5", "linspace", "trapezoid"],
}
