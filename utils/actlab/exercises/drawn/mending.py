"""How each fault of `failing` is mended: functions whose conventions and numbers every hand-out draws anew."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from actlab.activations import softmax, softmax_vjp
from actlab.exercises.cases import quarters
from actlab.exercises.drawn.drawing import Draw
from actlab.exercises.drawn.failing import digits
from actlab.exercises.mistakes import FLIPPED
from actlab.exercises.model import Case

Form = Callable[..., Any]


class Repair(NamedTuple):
    """One repair as one hand-out asks it.

    names: of the arguments, in the order in which they come.  right: the function; it takes them by name.
    wrong: description -> function that makes the mistake, by name too.  simple: arguments of the first case.
    more(rng) -> iterable of (note, arguments).  said: what is asked.  drawn: the numbers behind it, by name.
    """

    names: tuple[str, ...]
    right: Form
    wrong: dict[str, Form]
    simple: dict[str, Any]
    more: Callable[[np.random.Generator], Iterable[tuple[str, dict[str, Any]]]]
    said: str
    drawn: dict[str, Any]

    def taking(self, f: Form) -> Form:
        """f, called with the arguments in their order."""

        def form(*given: Any) -> Any:
            return f(**dict(zip(self.names, given, strict=True)))

        parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in self.names]
        form.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return form

    def case(self, given: dict[str, Any], note: str) -> Case:
        return Case(tuple(given[name] for name in self.names), note=note)

    def cases(self, rng: np.random.Generator) -> Iterable[Case]:
        yield self.case(self.simple, "small numbers")
        for note, given in self.more(rng):
            yield self.case(given, note)

    def worked(self) -> str:
        """The first case in words."""
        given = ", ".join(f"`{name}` = {_text(self.simple[name])}" for name in self.names)
        return f"Worked numbers: {given} gives {_text(self.right(**self.simple), 4)}."

    def fields(self) -> dict[str, Any]:
        """What a drawn exercise is made of."""
        return {
            "signature": ", ".join(self.names),
            "reference": self.taking(self.right),
            "cases": self.cases,
            "wrong": {said: self.taking(form) for said, form in self.wrong.items()},
            "example": lambda pick: f"{self.said}\n\n{self.worked()}",
        }


def _text(value: Any, n: int = 6) -> str:
    """[[1, 2.5]] for an array, 2.5 for a number."""
    if isinstance(value, np.ndarray | list | tuple):
        return f"[{', '.join(_text(each, n) for each in value)}]"
    return f"{float(value) + 0.0:.{n}g}"


def _others(all_of: Iterable[Any], asked: Any) -> list[Any]:
    return [one for one in all_of if one != asked]


def _size(a, axis=None):
    return np.sqrt(np.mean(np.square(a), axis=axis))


SIZES: dict[str, Form] = {
    "root mean square": _size,
    "standard deviation": lambda a, axis=None: np.std(a, axis=axis),
    "mean of the absolute values": lambda a, axis=None: np.mean(np.abs(a), axis=axis),
}

POINTS: dict[str, Form] = {
    "mean": np.mean,
    "median": np.median,
    "highest value": np.max,
    "lowest value": np.min,
}


def revived(z, b, point, level, bare, dead=lambda z: (z <= 0).all(axis=0)):
    """Biases under which a point of each dead unit's z is at the level.  bare: whether z comes without its bias."""
    full = z + b if bare else z
    return np.where(dead(full), b + level - POINTS[point](full, axis=0), b)


def of_dead(draw: Draw) -> Repair:
    own: dict[str, Any] = {
        "point": draw.pick(*POINTS),
        "level": draw.number(0.11, 0.89, 0.01),
        "bare": draw.pick(True, False),
    }
    point, level, bare = own["point"], own["level"], own["bare"]
    right: Form = partial(revived, **own)

    def full(z, b):
        return z + b if bare else z

    def dead(z, b):
        return (full(z, b) <= 0).all(axis=0)

    def moved(z, b):
        return right(z, b) - b

    wrong: dict[str, Form] = {
        "a mistake about the bias: read again whether `z` holds it already": partial(
            revived, **own | {"bare": not bare}
        ),
        "the change of the bias: asked is the new bias": moved,
        "the level as the new bias: z has a value of its own without it": lambda z, b: np.where(dead(z, b), level, b),
        "a flipped sign: the bias goes down": lambda z, b: b - moved(z, b),
        "a repair of every unit: those above 0 on some sample keep their bias": partial(
            revived, **own, dead=lambda z: np.ones(z.shape[1], bool)
        ),
        "a unit called dead where its mean is not above 0: dead is 0 on every sample": partial(
            revived, **own, dead=lambda z: z.mean(axis=0) <= 0
        ),
        "a unit called dead as soon as it is 0 on one sample: dead is 0 on every sample": partial(
            revived, **own, dead=lambda z: (z <= 0).any(axis=0)
        ),
        "a unit with z = 0 left out: ReLU is 0 there too": partial(revived, **own, dead=lambda z: (z < 0).all(axis=0)),
        "the level left out: the point goes to 0": partial(revived, **own | {"level": 0.0}),
    }
    wrong |= {
        f"the {other}: another point of z is to be at the level": partial(revived, **own | {"point": other})
        for other in _others(POINTS, point)
    }

    def given(full_z, b):
        return {"z": full_z - b if bare else full_z, "b": b}

    simple = np.array([[-1.0, 0.5, 0.0, 1.0], [-2.0, -4.0, -0.5, 2.0], [-4.5, 1.0, -1.0, 3.0], [-3.0, -2.0, -3.5, 1.0]])

    def more(rng):
        for note, n, units in (
            ("8 samples, 5 units", 8, 5),
            ("5 samples, 9 units", 5, 9),
            ("6 samples, 6 units", 6, 6),
        ):
            z = quarters(rng, n, units)
            gone = rng.permutation(units)[: units // 2]
            z[:, gone] = -np.abs(z[:, gone]) - 0.25
            z[0, gone[0]] = 0.0
            yield note, given(z, quarters(rng, units))
        yield "no dead unit", given(np.abs(quarters(rng, 4, 3)) + 0.25, quarters(rng, 3))

    holds = "does *not* yet hold its bias: a unit's pre-activation is `z` + `b`" if bare else "holds its bias already"
    said = (
        "One of your networks has dead units. `z` is (samples, units) of a ReLU layer, `b` (units,) its biases; "
        f"`z` {holds}. A unit is dead if its pre-activation is 0 or less on every sample. Return the biases, (units,), "
        f"under which the **{point}** of each dead unit's pre-activation, over the samples, is exactly **{level:g}**. "
        "The other biases stay."
    )
    names = tuple(draw.order(["z", "b"]))
    return Repair(names, right, wrong, given(simple, np.array([-3.0, 0.5, -1.5, 0.25])), more, said, own)


def rescaled(h, W, size, level, each):
    """Weights under which z = hW has this size.  each: unit by unit, else as a whole."""
    return W * level / SIZES[size](h @ W, axis=0 if each else None)


def of_saturated(draw: Draw) -> Repair:
    own: dict[str, Any] = {
        "size": draw.pick(*SIZES),
        "level": draw.number(0.31, 0.95, 0.01) if draw.pick(True, False) else draw.number(1.06, 1.7, 0.01),
        "each": draw.pick(True, False),
    }
    size, level, each = own["size"], own["level"], own["each"]
    right: Form = partial(rescaled, **own)
    axis = 0 if each else None

    def now(h, W):
        return SIZES[size](h @ W, axis=axis)

    wrong: dict[str, Form] = {
        "one factor for the whole layer: each unit needs its own"
        if each
        else "a factor for each unit: the whole layer has one": partial(rescaled, **own | {"each": not each}),
        "the size of the weights in place of the size of z": lambda h, W: W * level / SIZES[size](W, axis=axis),
        "the size of h in place of the size of z": lambda h, W: W * level / SIZES[size](h),
        "a division by the mean square: take its root": lambda h, W: W * level / _size(h @ W, axis) ** 2,
        "a root too many: z grows as the weights do": lambda h, W: W * np.sqrt(level / now(h, W)),
        "the factor upside down": lambda h, W: W * now(h, W) / level,
        "weights times the present size: they are to be divided by it": lambda h, W: W * level * now(h, W),
        "a size of 1: another one is asked": partial(rescaled, **own | {"level": 1.0}),
        "the factor alone: asked are the weights": lambda h, W: level / now(h, W),
        "the rescaled z: asked are the weights": lambda h, W: h @ W * level / now(h, W),
    }
    wrong |= {
        f"the {other}: another size is asked": partial(rescaled, **own | {"size": other})
        for other in _others(SIZES, size)
    }

    simple = {"h": np.array([[1.0, 2.0], [3.0, -1.0], [2.0, 2.0]]), "W": np.array([[4.0, -6.0, 1.0], [8.0, 2.0, 5.0]])}

    def more(rng):
        for note, n, d, u in (("4 units", 6, 3, 4), ("3 units", 9, 5, 3)):
            yield note, {"h": rng.normal(0.4, 1, (n, d)), "W": rng.normal(0, 6, (d, u)) * rng.uniform(0.5, 2, u)}
        h, W = rng.normal(0.4, 1, (8, 4)), rng.normal(0, 6, (4, 5))
        yield "float32 numbers", {"h": h.astype(np.float32), "W": W.astype(np.float32)}

    whose = "of **each unit** over the samples" if each else "of **all entries** of `z` together"
    said = (
        "One of your networks has a saturated layer. `h`, (samples, inputs), comes into it, `W` is (inputs, units), "
        f"and $z = hW$. Return the weights, rescaled so that the **{size}** {whose} is **{level:g}**: "
        + ("every column of `W` gets its own factor." if each else "all entries of `W` get one and the same factor.")
    )
    return Repair(tuple(draw.order(["h", "W"])), right, wrong, simple, more, said, own)


def _one_hot(y, k):
    return np.eye(k)[y]


OVER = {
    "sum": lambda c, y: 1,
    "mean": lambda c, y: len(y),
    "weighted mean": lambda c, y: c.sum(),
}


def pulled(s, y, T, heavy, weight, over):
    """Gradient of the cross-entropy of softmax(s/T), in which one class has a weight, with respect to s."""
    p, c = softmax(s / T), np.where(y == heavy, weight, 1.0)
    return (p - _one_hot(y, s.shape[1])) * c[:, None] / T / OVER[over](c, y)


def of_twice(draw: Draw) -> Repair:
    own: dict[str, Any] = {
        "T": draw.pick(draw.number(0.4, 0.8, 0.05), draw.number(1.3, 2.5, 0.1)),
        "heavy": draw.pick(1, 2),
        "weight": draw.number(2.2, 4.8, 0.2),
        "over": draw.pick(*OVER),
    }
    T, heavy, weight, over = own.values()
    right: Form = partial(pulled, **own)

    def as_column(s, y):
        c = np.where(np.arange(s.shape[1]) == heavy, weight, 1.0)
        p, one = softmax(s / T), np.where(y == heavy, weight, 1.0)
        return (p - _one_hot(y, s.shape[1])) * c / T / OVER[over](one, y)

    def still_twice(s, y):
        p, c = softmax(s / T), np.where(y == heavy, weight, 1.0)
        again = softmax(p) - _one_hot(y, s.shape[1])
        return softmax_vjp(p, again) * c[:, None] / T / OVER[over](c, y)

    def of_samples(s, y):
        p, c = softmax(s.T / T).T, np.where(y == heavy, weight, 1.0)
        return (p - _one_hot(y, s.shape[1])) * c[:, None] / T / OVER[over](c, y)

    def unlabelled(s, y):
        c = np.where(y == heavy, weight, 1.0)
        return softmax(s / T) * c[:, None] / T / OVER[over](c, y)

    meant = {
        "sum": "a sum over the samples",
        "mean": "the sum over the samples divided by their number",
        "weighted mean": "the sum over the samples divided by the sum of their weights",
    }
    wrong: dict[str, Form] = {
        "a softmax of a softmax still: the loss gets the scores": still_twice,
        "no temperature: the scores are divided by it": partial(pulled, **own | {"T": 1.0}),
        "the temperature inside the softmax alone: the chain rule brings it out once more": lambda s, y: (
            T * right(s, y)
        ),
        "scores times the temperature: they are divided by it": partial(pulled, **own | {"T": 1 / T}),
        "no class weight": partial(pulled, **own | {"weight": 1.0}),
        "the weight on the class before: the first class is class 0": partial(pulled, **own | {"heavy": heavy - 1}),
        "the weight on a column: it belongs to the samples of that class": as_column,
        "the softmax over the samples: it goes over the classes": of_samples,
        "the probabilities alone: the label is 1 of them": unlabelled,
        FLIPPED: lambda s, y: -right(s, y),
    }
    wrong |= {
        f"{meant[other]}: another one is asked": partial(pulled, **own | {"over": other})
        for other in _others(OVER, over)
    }
    simple = {"s": np.array([[1.0, 0.0, -1.0], [0.5, 2.0, 0.0], [0.0, 1.0, 1.5]]), "y": np.array([1, 0, 2])}

    def more(rng):
        for note, n, k in (
            ("7 samples, 4 classes", 7, 4),
            ("6 samples, 3 classes", 6, 3),
            ("9 samples, 5 classes", 9, 5),
        ):
            yield note, {"s": quarters(rng, n, k), "y": rng.permutation(np.arange(n) % k)}
        yield "scores far apart", {"s": 12 * quarters(rng, 5, 4), "y": rng.permutation(np.arange(5) % 4)}

    said = (
        "One of your networks has a softmax too many. It goes, and the loss gets the scores `s`, (samples, classes); "
        "`y`, (samples,), holds the right classes, from 0. The loss of a sample is $-\\log p_y$, with $p$ the softmax "
        f"of $s/{T:g}$; for samples of class {heavy} it counts **{weight:g}** times. The whole loss is "
        f"**{meant[over]}**. Return its gradient with respect to `s`."
    )
    return Repair(tuple(draw.order(["s", "y"])), right, wrong, simple, more, said, own)


def normed(z, gamma, beta, axis, plus, eps, inside):
    """A norm that averages over `axis`.  plus: what is added to gamma.  inside: whether eps is under the root."""
    mean, var = z.mean(axis=axis, keepdims=True), z.var(axis=axis, keepdims=True)
    return (plus + gamma) * (z - mean) / (np.sqrt(var + eps) if inside else np.sqrt(var) + eps) + beta


def of_axis(draw: Draw, axis: int) -> Repair:
    """axis: over which the norm should average, 0 or 1."""
    own: dict[str, Any] = {
        "axis": axis,
        "plus": draw.pick(0, 1),
        "eps": draw.number(0.02, 0.3, 0.002),
        "inside": draw.pick(True, False),
    }
    _, plus, eps, inside = own.values()
    right: Form = partial(normed, **own)

    def divisor(z):
        var = z.var(axis=axis, keepdims=True)
        return np.sqrt(var + eps) if inside else np.sqrt(var) + eps

    def unbiased(z, gamma, beta):
        var = z.var(axis=axis, keepdims=True, ddof=1)
        centred = z - z.mean(axis=axis, keepdims=True)
        return (plus + gamma) * centred / (np.sqrt(var + eps) if inside else np.sqrt(var) + eps) + beta

    def by_variance(z, gamma, beta):
        centred = z - z.mean(axis=axis, keepdims=True)
        return (plus + gamma) * centred / (z.var(axis=axis, keepdims=True) + eps) + beta

    def shifted_first(z, gamma, beta):
        return (plus + gamma) * ((z - z.mean(axis=axis, keepdims=True)) / divisor(z) + beta)

    wrong: dict[str, Form] = {
        "the wrong axis still": partial(normed, **own | {"axis": 1 - axis}),
        "mean and variance of all entries together": partial(normed, **own | {"axis": None}),
        "gamma without the 1 that is added to it"
        if plus
        else "1 added to gamma: here it is the factor itself": partial(normed, **own | {"plus": 1 - plus}),
        "ε beside the root: it stands under it" if inside else "ε under the root: it is added to the root": partial(
            normed, **own | {"inside": not inside}
        ),
        "an ε of 1e-5: here it is larger": partial(normed, **own | {"eps": 1e-5}),
        "a variance divided by n − 1: divide by n": unbiased,
        "a division by the variance: take its root": by_variance,
        "the mean left in: a norm of this kind subtracts it": lambda z, gamma, beta: (
            (plus + gamma) * z / divisor(z) + beta
        ),
        "beta inside the brackets: gamma multiplies it too": shifted_first,
        "no beta": lambda z, gamma, beta: right(z, gamma, 0 * beta),
        "no gamma": lambda z, gamma, beta: right(z, 0 * gamma + 1 - plus, beta),
    }
    simple = {
        "z": np.array([[1.0, 2.0], [5.0, 3.0], [3.0, -2.0]]),
        "gamma": np.array([0.5, 2.0]),
        "beta": np.array([1.0, -1.0]),
    }

    def more(rng):
        for note, n, d in (("5 samples, 4 units", 5, 4), ("4 samples, 7 units", 4, 7), ("6 samples, 6 units", 6, 6)):
            yield (
                note,
                {"z": 2 * quarters(rng, n, d), "gamma": quarters(rng, d) + 0.125, "beta": quarters(rng, d) + 0.125},
            )
        z, gamma, beta = rng.normal(1, 3, (8, 3)), rng.normal(1, 1, 3), rng.normal(0.5, 1, 3)
        yield "float32 numbers", {k: v.astype(np.float32) for k, v in (("z", z), ("gamma", gamma), ("beta", beta))}

    whose = "for each **unit** over the samples" if axis == 0 else "for each **sample** over its units"
    root = f"\\sqrt{{\\text{{var}} + {eps:g}}}" if inside else f"\\sqrt{{\\text{{var}}}} + {eps:g}"
    gain = "(1 + \\gamma)" if plus else "\\gamma"
    said = (
        "One of your networks has a norm over the wrong axis. `z` is (samples, units), `gamma` and `beta` (units,). "
        f"Return, of the shape of `z`,\n\n$${gain}\\,\\frac{{z - \\text{{mean}}}}{{{root}}} + \\beta$$\n\n"
        f"with mean and variance taken {whose}; the variance divides by how many there are."
    )
    names = tuple(draw.order(["z", "gamma", "beta"]))
    return Repair(names, right, wrong, simple, more, said, own)


def bearable(steps, weights, rate, size, share, momentum, worst=np.max):
    """The rate at which no layer's step, when momentum has grown it, is above a share of its weights."""
    ratios = [SIZES[size](step) / SIZES[size](w) for step, w in zip(steps, weights, strict=True)]
    return rate * share * (1 - momentum) / worst(ratios)


def of_rate(draw: Draw) -> Repair:
    own: dict[str, Any] = {
        "size": draw.pick(*SIZES),
        "share": draw.number(0.002, 0.009, 0.0001),
        "momentum": draw.pick(0.6, 0.7, 0.75, 0.8, 0.85),
    }
    size, share, momentum = own.values()
    right: Form = partial(bearable, **own)
    measure = SIZES[size]

    def all_together(steps, weights, rate):
        step, w = (np.concatenate([a.ravel() for a in some]) for some in (steps, weights))
        return rate * share * (1 - momentum) * measure(w) / measure(step)

    def by_largest_step(steps, weights, rate):
        k = int(np.argmax([measure(step) for step in steps]))
        return rate * share * (1 - momentum) * measure(weights[k]) / measure(steps[k])

    wrong: dict[str, Form] = {
        "no momentum: with it the steps grow": partial(bearable, **own | {"momentum": 0.0}),
        "momentum the wrong way round: larger steps need a smaller rate": lambda steps, weights, rate: (
            right(steps, weights, rate) / (1 - momentum) ** 2
        ),
        "the momentum itself as the factor": lambda steps, weights, rate: (
            right(steps, weights, rate) * momentum / (1 - momentum)
        ),
        "growth by 1 + momentum: it goes on, step after step": lambda steps, weights, rate: (
            right(steps, weights, rate) / (1 - momentum) / (1 + momentum)
        ),
        "the mean over the layers: no layer at all may go beyond": partial(bearable, **own, worst=np.mean),
        "the layer that moves least: no layer at all may go beyond": partial(bearable, **own, worst=np.min),
        "the layer with the largest step: measure each by its own weights": by_largest_step,
        "all layers as one: each has its own weights": all_together,
        "no share: the steps would be as large as the weights": partial(bearable, **own | {"share": 1.0}),
        "a share of 1e-3: here it is another one": partial(bearable, **own | {"share": 1e-3}),
        "the factor alone: the present rate is missing": lambda steps, weights, rate: right(steps, weights, 1.0),
        "a division of the rate by the factor": lambda steps, weights, rate: rate**2 / right(steps, weights, rate),
    }
    wrong |= {
        f"the {other}: another size is asked": partial(bearable, **own | {"size": other})
        for other in _others(SIZES, size)
    }
    simple = {
        "steps": [np.array([1.0, -0.4]), np.array([0.3, 0.6, -0.3]), np.array([0.2, 0.3])],
        "weights": [np.array([4.0, -2.0]), np.array([0.5, 1.0, -0.7]), np.array([0.4, -0.6])],
        "rate": 2.0,
    }

    def more(rng):
        for note, middle, rate in (("three layers", 1, 0.5), ("five layers", 3, 8.0), ("four layers", 2, 0.02)):
            sizes = [(0.5, 0.25), (4.0, 0.8), (0.5, 0.02), (1.0, 0.1), (2.0, 0.1)][: middle + 2]
            layers = [sizes[k] for k in rng.permutation(len(sizes))]
            weights = [rng.normal(0.2 * w, w, (4, 5)) for w, _ in layers]
            yield note, {"steps": [rng.normal(0.2 * s, s, (4, 5)) for _, s in layers], "weights": weights, "rate": rate}

    said = (
        "One of your networks has too high a learning rate. It gets descent with momentum, "
        f"$v \\leftarrow {momentum:g}\\,v + g$ and $w \\leftarrow w - \\text{{rate}}\\cdot v$. `steps` is what the "
        "*first* step, from $v = 0$, adds to each layer's `weights` at the present `rate`: two lists of arrays, one "
        f"number. Return the highest rate at which no layer's step exceeds **{share:g}** of its weights, even when "
        f"$v$, with the same $g$ again and again, has stopped growing. Measure step and weights by their **{size}**."
    )
    return Repair(tuple(draw.order(["steps", "weights", "rate"])), right, wrong, simple, more, said, own)


def stepped(w, g, m, v, t, rate, b1, b2, eps, inside, before):
    """Weights after one step of Adam.  before: whether t counts the steps that came before."""
    n = t + before
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
    m, v = m / (1 - b1**n), v / (1 - b2**n)
    return w - rate * m / (np.sqrt(v + eps) if inside else np.sqrt(v) + eps)


def of_epsilon(draw: Draw) -> Repair:
    inside = draw.pick(True, False)
    own: dict[str, Any] = {
        "rate": draw.number(0.02, 0.09, 0.005),
        "b1": draw.pick(0.7, 0.75, 0.8, 0.85),
        "b2": draw.pick(0.92, 0.95, 0.96, 0.98),
        "eps": draw.number(1, 9, 0.5) * (1e-7 if inside else 1e-4),
        "inside": inside,
        "before": draw.pick(0, 1),
    }
    own["eps"] = digits(own["eps"], 2)
    rate, b1, b2, eps, _, before = own.values()
    right: Form = partial(stepped, **own)

    def moments(g, m, v):
        return b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2

    def root(v):
        return np.sqrt(v + eps) if inside else np.sqrt(v) + eps

    def uncorrected(w, g, m, v, t):
        m, v = moments(g, m, v)
        return w - rate * m / root(v)

    def half_corrected(w, g, m, v, t):
        m, v = moments(g, m, v)
        return w - rate * m / (1 - b1 ** (t + before)) / root(v)

    def by_gradient(w, g, m, v, t):
        return w - rate * g / root(moments(g, m, v)[1] / (1 - b2 ** (t + before)))

    def rootless(w, g, m, v, t):
        m, v = moments(g, m, v)
        n = t + before
        return w - rate * m / (1 - b1**n) / (v / (1 - b2**n) + eps)

    def old_moments(w, g, m, v, t):
        n = t + before
        return w - rate * m / (1 - b1**n) / root(v / (1 - b2**n))

    wrong: dict[str, Form] = {
        "no correction of the moments for their start at 0": uncorrected,
        "a correction of m alone: v starts at 0 as well": half_corrected,
        "one step less than there were: read again what t counts"
        if before
        else "one step more than there were: read again what t counts": partial(
            stepped, **own | {"before": 1 - before}
        ),
        "ε beside the root: it stands under it" if inside else "ε under the root: it is added to the root": partial(
            stepped, **own | {"inside": not inside}
        ),
        "an ε of 1e-8: here it is another one": partial(stepped, **own | {"eps": 1e-8}),
        "the two β in the other order": partial(stepped, **own | {"b1": b2, "b2": b1}),
        "β of 0.9 and 0.999: here they are others": partial(stepped, **own | {"b1": 0.9, "b2": 0.999}),
        "moments without the new gradient": old_moments,
        "the gradient in place of its mean m": by_gradient,
        "a division by v: take its root": rootless,
        "a step uphill: the sign is flipped": lambda w, g, m, v, t: 2 * w - right(w, g, m, v, t),
        "the step alone: asked are the new weights": lambda w, g, m, v, t: right(w, g, m, v, t) - w,
    }
    simple = {
        "w": np.array([0.5, -1.0]),
        "g": np.array([0.002, -0.001]),
        "m": np.array([0.001, 0.002]),
        "v": np.array([4e-6, 1e-6]),
        "t": 3,
    }

    def more(rng):
        for note, shape, t in (("a matrix", (3, 4), 2), ("a vector, late", (8,), 9), ("an early step", (6,), 1)):
            scale = 10.0 ** rng.uniform(-3.5, -1.5, shape)
            yield (
                note,
                {
                    "w": rng.normal(0, 0.5, shape),
                    "g": scale * rng.normal(0, 1, shape),
                    "m": scale * rng.normal(0.2, 0.5, shape),
                    "v": scale**2 * rng.uniform(0.3, 1, shape),
                    "t": t,
                },
            )

    counts = "how many steps were taken *before* this one" if before else "the number of this step: the first has 1"
    under = "\\sqrt{\\hat v + \\varepsilon}" if inside else "\\sqrt{\\hat v} + \\varepsilon"
    said = (
        "One of your networks has an ε that is too large. Return its weights after **one** step of Adam. `w`, `g`, `m` "
        "and `v` have one shape: weights, new gradient, and the means of $g$ and $g^2$, which do not hold the new one "
        f"yet. `t` is {counts}. Both means are corrected for their start at 0. "
        f"$\\beta_1 = {b1:g}$, $\\beta_2 = {b2:g}$, rate {rate:g}, $\\varepsilon = {_latex(eps)}$; divide by ${under}$."
    )
    return Repair(tuple(draw.order(["w", "g", "m", "v", "t"])), right, wrong, simple, more, said, own)


def _latex(value: float) -> str:
    digits_of, power = f"{value:e}".split("e")
    return f"{float(digits_of):g}\\cdot 10^{{{int(power)}}}"


AMONG = {"sum": lambda z: 1, "mean": lambda z: z.size, "mean of sums": lambda z: len(z)}


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def leaned(z, y, low, weight, over):
    """Gradient of a binary cross-entropy with a weight on the yes-side, labels from low to 1 − low, for z."""
    soft, p = low + (1 - 2 * low) * y, _sigmoid(z)
    return (p * (weight * soft + 1 - soft) - weight * soft) / AMONG[over](z)


def of_loss(draw: Draw) -> Repair:
    own: dict[str, Any] = {
        "low": draw.number(0.03, 0.12, 0.005),
        "weight": draw.number(1.6, 3.8, 0.2),
        "over": draw.pick(*AMONG),
    }
    low, weight, over = own.values()
    right: Form = partial(leaned, **own)

    def squared(z, y):
        p, soft = _sigmoid(z), low + (1 - 2 * low) * y
        return 2 * (p - soft) * p * (1 - p) / AMONG[over](z)

    def on_everything(z, y):
        return weight * (_sigmoid(z) - (low + (1 - 2 * low) * y)) / AMONG[over](z)

    def on_no(z, y):
        soft, p = low + (1 - 2 * low) * y, _sigmoid(z)
        return (p * (soft + weight * (1 - soft)) - soft) / AMONG[over](z)

    def ones_alone(z, y):
        soft, p = (1 - low) * y, _sigmoid(z)
        return (p * (weight * soft + 1 - soft) - weight * soft) / AMONG[over](z)

    def weight_once(z, y):
        soft = low + (1 - 2 * low) * y
        return (_sigmoid(z) - weight * soft) / AMONG[over](z)

    meant = {
        "sum": "the sum over all entries",
        "mean": "the mean over all entries",
        "mean of sums": "the mean over the samples of each sample's sum",
    }
    wrong: dict[str, Form] = {
        "squared error still: its pull vanishes where σ is flat": squared,
        "the slope of the sigmoid once more: with cross-entropy it cancels": lambda z, y: (
            right(z, y) * _sigmoid(z) * _sigmoid(-z)
        ),
        "no smoothing of the labels": partial(leaned, **own | {"low": 0.0}),
        "labels smoothed twice as far: read again where 0 and 1 go": partial(leaned, **own | {"low": 2 * low}),
        "labels smoothed half as far: read again where 0 and 1 go": partial(leaned, **own | {"low": low / 2}),
        "smoothing of the 1s alone: the 0s move as well": ones_alone,
        "no weight": partial(leaned, **own | {"weight": 1.0}),
        "the weight on both sides: it counts for the yes-side": on_everything,
        "the weight on the no-side": on_no,
        "the weight on the label alone: σ stands in both terms": weight_once,
        FLIPPED: lambda z, y: -right(z, y),
    }
    wrong |= {
        f"{meant[other]}: another one is asked": partial(leaned, **own | {"over": other})
        for other in _others(AMONG, over)
    }
    simple = {
        "z": np.array([[1.0, -2.0, 0.5], [2.0, -1.0, 0.0]]),
        "y": np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]),
    }

    def more(rng):
        for note, shape in (("5 samples, 4 outputs", (5, 4)), ("7 samples, 3 outputs", (7, 3))):
            yield (
                note,
                {"z": quarters(rng, *shape), "y": rng.permutation(np.arange(np.prod(shape)) % 2.0).reshape(shape)},
            )
        yield "scores far out", {"z": 8 * quarters(rng, 4, 3), "y": rng.permutation(np.arange(12) % 2.0).reshape(4, 3)}

    said = (
        "One of your networks has squared error behind sigmoids. It gets the loss that fits: `z`, (samples, outputs), "
        "holds the logits, `y`, of the same shape, the labels 0 and 1. Labels are smoothed first, "
        f"0 to {low:g} and 1 to {1 - low:g}, and with the smoothed $y$ an entry's loss is "
        f"$-{weight:g}\\,y\\log\\sigma(z) - (1 - y)\\log(1 - \\sigma(z))$. The whole loss is **{meant[over]}**. "
        "Return its gradient with respect to `z`."
    )
    return Repair(tuple(draw.order(["z", "y"])), right, wrong, simple, more, said, own)


def repair(fault: str, draw: Draw, axis: int) -> Repair:
    """The repair of a fault.  axis: over which norms should average."""
    if fault == "axis":
        return of_axis(draw, axis)
    made = {
        "dead": of_dead,
        "saturated": of_saturated,
        "twice": of_twice,
        "rate": of_rate,
        "epsilon": of_epsilon,
        "loss": of_loss,
    }
    return made[fault](draw)
