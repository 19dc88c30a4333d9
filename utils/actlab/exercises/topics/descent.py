"""One neuron's gradients, and gradient descent in a narrow valley."""

import math

import numpy as np

from actlab.exercises import mistakes
from actlab.exercises.cases import quarters
from actlab.exercises.model import Case, practice
from actlab.exercises.text import listed, rounded
from actlab.recipes import Function, Quadratic


def _per_sample(h, delta):
    return h * delta[:, None]


@practice(id="weight_gradients", points=5, title="One neuron's gradients")
class PracticeWeightGradients:
    reference = _per_sample

    def cases(rng):
        yield Case((np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([2.0, -1.0])), note="two samples")
        for n, d in ((3, 3), (5, 2), (1, 4), (4, 1), (2, 6)):
            yield Case((quarters(rng, n, d) + 0.125, quarters(rng, n) + 0.125), note=f"n = {n}, d = {d}")
        whole = rng.integers(-4, 5, (3, 2)), rng.integers(1, 5, 3) * [1, -1, 1]
        yield Case(whole, note="integers")
        yield Case((whole[0], quarters(rng, 3) + 0.125), note="integers in h")
        yield Case((quarters(rng, 3, 2) + 0.125, whole[1]), note="integers in delta")
        yield Case(
            (quarters(rng, 4, 3).astype(np.float32), quarters(rng, 4).astype(np.float32)), note="float32 numbers"
        )

    def example(pick):
        h, delta = pick(((1, 2), 3), ((0.5, -1), 2), ((2, 4), -0.5), ((3, -2), -1), ((1, 5), 0.5))
        return f"inputs {listed(h)} and delta {rounded(delta, 1)} give {listed(np.array(h) * delta)}"

    wrong = {
        "the sum over the samples: one row for each is asked for": lambda h, delta: h.T @ delta,
        "the mean over the samples: one row for each is asked for": lambda h, delta: h.T @ delta / len(h),
        "a division by n: no mean is taken here": lambda h, delta: h * delta[:, None] / len(h),
        "h · delta without a new axis, which lays delta along the inputs": lambda h, delta: h * delta,
        "`np.outer`, which pairs every input with every sample's delta": lambda h, delta: np.outer(h, delta),
        "`np.outer`, which pairs every delta with every sample's inputs": lambda h, delta: np.outer(delta, h),
        "delta repeated: each input multiplies it": lambda h, delta: np.repeat(delta[:, None], h.shape[1], 1) * 1.0,
        "the inputs alone: delta is missing": lambda h, delta: h * 1.0,
        **mistakes.flipped(_per_sample),
        **mistakes.integer_storage(_per_sample),
        "a matrix product of h and delta, which sums: one row for each sample is asked for": lambda h, delta: h @ delta,
        "h + delta: the chain rule multiplies": lambda h, delta: h + delta[:, None],
        "the transposed array: samples go down the rows": lambda h, delta: (h * delta[:, None]).T,
        "the sign of h in place of h": lambda h, delta: np.sign(h) * delta[:, None],
        "|h|: the sign of an input counts": lambda h, delta: np.abs(h) * delta[:, None],
        "|delta|: the sign of delta counts": lambda h, delta: h * np.abs(delta)[:, None],
        "delta squared": lambda h, delta: h * delta[:, None] ** 2,
        "one number for each sample, the sum over its inputs": lambda h, delta: (h * delta[:, None]).sum(1),
        "the mean delta for every sample": lambda h, delta: h * delta.mean(),
        "h(1 − h) times delta: the slope of the neuron is in delta already": lambda h, delta: (
            h * (1 - h) * delta[:, None]
        ),
    }


def _one_sign(g):
    return (g >= 0).all(axis=1) | (g <= 0).all(axis=1)


@practice(id="same_sign_fraction", points=4, title="How often all signs agree")
class PracticeSameSignFraction:
    def reference(g):
        return _one_sign(g).mean()

    def cases(rng):
        yield Case((np.array([[1.0, 2.0], [-1.0, -3.0], [1.0, -1.0], [2.0, 0.0]]),), note="four rows")
        yield Case((np.array([[0.0, 0.0], [-1.0, 2.0]]),), note="a row of zeros")
        for n, d in ((5, 5), (12, 2), (7, 3), (1, 4), (3, 1)):
            g = quarters(rng, n, d) + 0.125
            g[: n // 2] = np.abs(g[: n // 2]) * rng.choice([-1, 1], (n // 2, 1))
            g[rng.random((n, d)) < 0.2] = 0
            yield Case((rng.permutation(g),), note=f"n = {n}, d = {d}")
        yield Case((-np.abs(quarters(rng, 4, 3)) - 1,), note="negative numbers alone")
        tiny = 1e-12 * rng.permutation([[1, 1], [1, -1], [-1, 0], [-1, 2]])
        yield Case((tiny,), note="tiny numbers of both signs")
        ones = np.array([[3, -9], [1, 1], [-2, 5], [-1, 0], [0, 0]])
        yield Case((ones[rng.permutation(5)],), note="integers")
        yield Case((ones.astype(np.float32) / 4,), note="float32 numbers")

    def example(pick):
        g = pick(((1, 2), (-1, 3)), ((1, 0), (-2, -1)), ((0, 0), (1, -1)), ((-1, -1), (-2, 5)), ((3, 1), (0, -4)))
        return f"the rows {listed(g[0])} and {listed(g[1])} give {float(_one_sign(np.array(g)).mean()):g}"

    wrong = {
        "rows of positive numbers alone: negative ones agree as well": lambda g: (g > 0).all(axis=1).mean(),
        "rows without negative numbers: rows without positive ones agree as well": lambda g: (
            (g >= 0).all(axis=1).mean()
        ),
        "zeros that count as a sign of their own: only non-zero entries have one": lambda g: (
            (g > 0).all(axis=1) | (g < 0).all(axis=1)
        ).mean(),
        "numbers near 0 taken for 0: however small, a number has a sign": lambda g: _one_sign(
            np.where(np.abs(g) < 1e-6, 0, g)
        ).mean(),
        "a row of zeros that does not count: it has one sign": lambda g: (_one_sign(g) & g.any(axis=1)).mean(),
        "zeros taken as positive": lambda g: ((g >= 0).all(axis=1) | (g < 0).all(axis=1)).mean(),
        "equal signs with zero as a sign of its own (`np.sign`)": lambda g: (
            (np.sign(g) == np.sign(g[:, :1])).all(axis=1).mean()
        ),
        "columns in place of rows: each row is a sample": lambda g: _one_sign(g.T).mean(),
        "one answer for all rows together": lambda g: float(_one_sign(g.reshape(1, -1))[0]),
        "the number of rows: their share is asked for": lambda g: _one_sign(g).sum(),
        "the share of rows with mixed signs": lambda g: 1 - _one_sign(g).mean(),
        "one answer for each row": lambda g: _one_sign(g),
        "the share of positive entries": lambda g: (g > 0).mean(),
        "the share of entries on the side of the majority": lambda g: max((g >= 0).mean(), (g <= 0).mean()),
        "the mean of |Σ sign| / d, which is less strict than agreement": lambda g: (
            np.abs(np.sign(g).sum(1)) / g.shape[1]
        ).mean(),
        "a product above 0 of the entries: two minus signs cancel in it, and a zero hides the others": lambda g: (
            g.prod(axis=1) > 0
        ).mean(),
        "the share of positive or of negative entries, whichever is larger": lambda g: max(
            (g > 0).mean(), (g < 0).mean()
        ),
        "a product of the entries: two minus signs cancel in it": lambda g: (g.prod(axis=1) >= 0).mean(),
        "a percentage: 1 means all rows": lambda g: 100 * _one_sign(g).mean(),
    }


def _path(gradient, w0, lr, steps):
    path = [np.asarray(w0, float)]
    for _ in range(steps):
        path.append(path[-1] - lr * gradient(path[-1]))
    return np.array(path)


def _frozen_gradient(gradient, w0, lr, steps):
    g = gradient(np.asarray(w0, float))
    return np.array([w0 - k * lr * g for k in range(steps + 1)])


def _heavy_ball(gradient, w0, lr, steps):
    w, v, path = np.asarray(w0, float), 0.0, [np.asarray(w0, float)]
    for _ in range(steps):
        v = 0.9 * v + gradient(w)
        w = w - lr * v
        path.append(w)
    return np.array(path)


def _aliased(gradient, w0, lr, steps):
    w = np.array(w0, float)
    path = [w]
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w)
    return np.array(path)


def _whole_numbers(gradient, w0, lr, steps):
    path = np.zeros((steps + 1, len(w0)), w0.dtype)
    path[0] = w0
    for k in range(steps):
        path[k + 1] = path[k] - lr * gradient(path[k])
    return path


def _typed_in_place(gradient, w0, lr, steps):
    w = w0.copy()
    path = [w.copy()]
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w.copy())
    return np.array(path)


def _start_moved(gradient, w0, lr, steps):
    path = [w0.copy()]
    for _ in range(steps):
        w0[...] = w0 - lr * gradient(w0)
        path.append(w0.copy())
    return np.array(path, float)


def _unit_steps(gradient, w0, lr, steps):
    path = [np.asarray(w0, float)]
    for _ in range(steps):
        g = gradient(path[-1])
        path.append(path[-1] - lr * g / np.linalg.norm(g))
    return np.array(path)


def _fading(gradient, w0, lr, steps):
    path = [np.asarray(w0, float)]
    for k in range(steps):
        path.append(path[-1] - lr / (k + 1) * gradient(path[-1]))
    return np.array(path)


def _ahead(gradient, w0, lr, steps):
    w, path = np.asarray(w0, float), [np.asarray(w0, float)]
    for _ in range(steps):
        w = w - lr * gradient(w)
        path.append(w - lr * gradient(w))
    return np.array(path)


def _history(gradient, w0, lr, steps, stored=lambda path: path):
    """Points in a list that is empty where there are no steps."""
    return np.array(stored(list(_path(gradient, w0, lr, steps))))


@practice(id="descend", points=4, title="Gradient descent")
class PracticeDescend:
    reference = _path

    def cases(rng):
        yield Case(
            (Quadratic(((1.0, 0.0), (0.0, 4.0)), (1.0, 0.0)), np.array([0.0, 1.0]), 0.25, 3),
            note="a bowl, three steps",
        )
        for d, steps, words in ((2, 8, "a slanted bowl"), (3, 5, "three weights"), (1, 4, "one weight")):
            M = rng.normal(size=(d, d + 1))
            H = (M @ M.T / (d + 1) + 0.2 * np.eye(d)).round(3)
            bowl = Quadratic(tuple(map(tuple, H.tolist())), tuple(rng.normal(size=d).round(2).tolist()))
            yield Case((bowl, rng.normal(0, 2, d).round(2), round(rng.uniform(0.05, 0.3), 3), steps), note=words)
        hill = Quadratic(((0.75, 0.25), (0.25, 0.5)), (0.5, -1.5))
        yield Case((hill, rng.integers(1, 6, 2), 0.3, 6), note="whole numbers in w0")
        yield Case((hill, rng.integers(1, 6, 2), 1, 3), note="whole numbers in w0, lr = 1")
        goal = quarters(rng, 3)
        level = Quadratic(((1.0, 0.0, 0.5), (0.0, 2.0, 0.0), (0.5, 0.0, 1.0)), tuple(goal.tolist()))
        yield Case((level, goal, 0.25, 3), note="a start at the minimum")
        yield Case(
            (Function("sin", 0.75), rng.uniform(0.5, 2, 4).round(2), 0.4, 7), note="a gradient that is not linear"
        )
        yield Case((hill, rng.normal(0, 2, 2).round(2), 0.1, 0), note="no steps at all")

    def example(pick):
        w0, lr = pick((4, 0.25), (8, 0.5), (-2, 0.25), (10, 0.1), (3, 0.2))
        got = _path(lambda w: 2 * w, np.array([float(w0)]), lr, 2)[:, 0]
        return f"`gradient(w)` = 2w, $w_0 = ({w0})$, lr {lr:g}, two steps: {listed([[v] for v in got])}"

    wrong = {
        "a step uphill: the gradient is subtracted": lambda g, w0, lr, steps: _path(lambda w: -g(w), w0, lr, steps),
        "a path without its start": lambda g, w0, lr, steps: _path(g, w0, lr, steps)[1:],
        "w0 is missing: it is the first point of the path": lambda *given: _history(
            *given, stored=lambda path: path[1:]
        ),
        "a list of points without the last one: append once more after the last step": lambda *given: _history(
            *given, stored=lambda path: path[:-1]
        ),
        "a list of points with w0 twice at its start": lambda *given: _history(
            *given, stored=lambda path: [path[0], *path]
        ),
        "w0 in place of each new point": lambda g, w0, lr, steps: np.array([np.asarray(w0, float)] * (steps + 1)),
        "two steps between neighbouring points: `gradient` is asked once a step": lambda g, w0, lr, steps: _path(
            g, w0, lr, 2 * steps
        )[::2],
        "points one step ahead of the path: each is a step from the one before": _ahead,
        "a path that ends one step early": lambda g, w0, lr, steps: _path(g, w0, lr, steps)[:-1],
        "a path of one step too many": lambda g, w0, lr, steps: _path(g, w0, lr, steps + 1),
        "the end alone: every point on the way is asked for": lambda g, w0, lr, steps: _path(g, w0, lr, steps)[-1],
        "the gradient at w0 for every step: it is taken where you stand": _frozen_gradient,
        "the learning rate forgotten": lambda g, w0, lr, steps: _path(g, w0, 1.0, steps),
        "one array stored again and again: append a copy, or make a new array": _aliased,
        "points stored as whole numbers, like w0": _whole_numbers,
        "`-=` on whole numbers, which NumPy refuses: turn w0 into floats first": _typed_in_place,
        "w0 itself moved along: work on a copy": _start_moved,
        "steps of length lr, whatever the size of the gradient": _unit_steps,
        "momentum: each step forgets the one before": _heavy_ball,
        "a learning rate that fades: it stays the same": _fading,
        "twice the step": lambda g, w0, lr, steps: _path(g, w0, 2 * lr, steps),
        "half the step": lambda g, w0, lr, steps: _path(g, w0, lr / 2, steps),
        "the steps themselves in place of the points": lambda g, w0, lr, steps: np.diff(
            _path(g, w0, lr, steps), axis=0
        ),
        "the gradient in place of the new point": lambda g, w0, lr, steps: np.array(
            [np.asarray(w0, float), *(g(w) for w in _path(g, w0, lr, steps)[:-1])]
        ),
        "a division by the learning rate": lambda g, w0, lr, steps: _path(g, w0, 1 / lr, steps),
        "the path backwards": lambda g, w0, lr, steps: _path(g, w0, lr, steps)[::-1],
    }


def _lengths(path, order=None):
    return np.linalg.norm(np.diff(path, axis=0), order, axis=1)


def _ratio(ends, length, still):
    return ends / length if length else still


@practice(id="straightness", points=3, title="How straight is the path?")
class PracticeStraightness:
    def reference(path):
        return _ratio(np.linalg.norm(path[-1] - path[0] + 0.0), _lengths(path).sum(), 1.0)

    def cases(rng):
        yield Case((np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]]),), note="two sides of a triangle")
        for t, d in ((6, 2), (4, 4), (9, 3), (5, 1), (2, 2)):
            yield Case((np.cumsum(quarters(rng, t, d) + 0.125, axis=0),), note=f"t = {t}, d = {d}")
        yield Case((np.array([[1.0, 1.0], [4.0, 1.0], [4.0, 5.0], [1.0, 1.0]]),), note="a path back to its start")
        yield Case((np.full((4, 2), 2.5),), note="a path that never moves")
        yield Case((np.full((1, 3), 2),), note="a single point of integers")
        small = 1e-6 * np.cumsum(quarters(rng, 4, 2) + 0.125, axis=0)
        yield Case((small,), note="steps of a millionth")
        stop = quarters(rng, 5, 2) + 0.125
        stop[2] = 0
        yield Case((np.cumsum(stop, axis=0),), note="a path with a rest on the way")
        yield Case((np.array([[2.0, -1.0, 3.0]]),), note="a single point")
        yield Case((np.array([[0, 0], [1, 2], [1, 2], [5, -1]]) * rng.integers(1, 4),), note="integers")
        yield Case((np.cumsum(quarters(rng, 5, 2), axis=0).astype(np.float32) + np.arange(5)[:, None],), note="float32")

    def example(pick):
        a, b = pick((3, 4), (6, 8), (5, 12), (8, 15), (1, 1))
        return f"(0, 0), ({a}, 0), ({a}, {b}): {math.hypot(a, b) / (a + b):.4f}"

    wrong = {
        "the fraction upside down": lambda path: _ratio(
            _lengths(path).sum(), np.linalg.norm(path[-1] - path[0] + 0.0), 1.0
        ),
        "0 for a path that never moves: it is 1": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), _lengths(path).sum(), 0.0
        ),
        "0 divided by 0 where the path never moves": lambda path: (
            np.linalg.norm(path[-1] - path[0]) / _lengths(path).sum()
        ),
        "1 for every path shorter than 0.001": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), _lengths(path).sum() * (_lengths(path).sum() > 1e-3), 1.0
        ),
        "the distance alone": lambda path: np.linalg.norm(path[-1] - path[0]),
        "the length alone": lambda path: _lengths(path).sum(),
        "the distance of the end from 0: it is measured from the start": lambda path: _ratio(
            np.linalg.norm(path[-1]), _lengths(path).sum(), 1.0
        ),
        "a division by the number of steps: the length is the sum of their lengths": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), len(path) - 1, 1.0
        ),
        "squared lengths": lambda path: _ratio(
            ((path[-1] - path[0]) ** 2).sum(), (np.diff(path, axis=0) ** 2).sum(), 1.0
        ),
        "the ratio squared": lambda path: _ratio(np.linalg.norm(path[-1] - path[0]), _lengths(path).sum(), 1.0) ** 2,
        "|Δ| added up over the coordinates: lengths are Euclidean": lambda path: _ratio(
            np.abs(path[-1] - path[0]).sum(), np.abs(np.diff(path, axis=0)).sum(), 1.0
        ),
        "the largest coordinate of each step: lengths are Euclidean": lambda path: _ratio(
            np.abs(path[-1] - path[0]).max(), _lengths(path, np.inf).sum(), 1.0
        ),
        "1 minus the ratio": lambda path: 1 - _ratio(np.linalg.norm(path[-1] - path[0]), _lengths(path).sum(), 1.0),
        "the norm of all the steps together (`axis=1` is missing)": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), np.linalg.norm(np.diff(path, axis=0)), 1.0
        ),
        "a length without the last step": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), _lengths(path)[:-1].sum(), 1.0
        ),
        "the steps taken along a row: points are the rows": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), np.linalg.norm(np.diff(path, axis=1), axis=0).sum(), 1.0
        ),
        "differences between the coordinates of one point: a step leads from one row to the next": lambda path: _ratio(
            np.linalg.norm(path[-1] - path[0]), np.linalg.norm(np.diff(path), axis=1).sum(), 1.0
        ),
        "one number for each step": lambda path: np.linalg.norm(path[-1] - path[0]) / _lengths(path),
    }


@practice(id="q5_reason", points=4, title="What do positive inputs do?")
class PracticeReason5:
    def example(pick):
        return f"a neuron with {pick(10, 8, 12, 20, 32)} inputs, all of them sigmoid outputs"

    options = {
        "a": "One sign for one sample, as often in a batch or a layer; descent zig-zags as weights grow or shrink "
        "together.",
        "b": "One sign for one sample, less often in a batch or a layer; descent zig-zags as the loss is badly "
        "conditioned.",
        "c": "One sign for one sample, less often in a batch or a layer; descent zig-zags as its rate is not the "
        "best one.",
        "d": "One sign for one sample, less often in a batch or a layer; descent zig-zags, as it does not behind "
        "tanh or ReLU.",
    }
    right = "b"
    hints = {
        "a": "Add the gradients of several samples with different delta, then look at a second neuron. What is left?",
        "c": "We gave each method its own best rate. How many steps did they take?",
        "d": "What is the mean of max(0, z) when z is drawn from N(0, 1)?",
    }
    why = "One sign per neuron and sample, less so in batches and layers; the narrow valley is what costs the steps."
