"""Affine layers, what a stack of them amounts to, and what one bend adds."""

from itertools import pairwise

import numpy as np

from actlab import learner
from actlab.exercises.cases import quarters
from actlab.exercises.judging import unpack
from actlab.exercises.model import Case, exercise

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def _broken(rng, *shape):
    """Random multiples of ¼, and 0.01 on top: few of them added up, with whole factors, are no whole number."""
    return quarters(rng, *shape) + 0.01


@exercise("q1_affine", points=2, section="1.2 One layer", title="An affine layer")
class Affine:
    def reference(h, W, b):
        return h @ W + b

    def cases(rng):
        yield Case(
            (np.array([[1.0, 2.0]]), np.array([[1.0, 3.0], [-1.0, 0.5]]), np.array([10.0, 20.0])), note="one sample"
        )
        yield Case((quarters(rng, 3, 3), quarters(rng, 3, 3), quarters(rng, 3)), note="three samples, square W")
        yield Case(
            (quarters(rng, 5, 3), quarters(rng, 3, 2), quarters(rng, 2)), note="five samples, three inputs, two units"
        )
        yield Case(
            (quarters(rng, 2, 2), quarters(rng, 2, 4), quarters(rng, 4)), note="two samples, two inputs, four units"
        )
        yield Case((rng.integers(-5, 6, (4, 2)), quarters(rng, 2, 1), _broken(rng, 1)), note="integers in h, one unit")
        yield Case((quarters(rng, 3, 2), rng.integers(-5, 6, (2, 2)), _broken(rng, 2)), note="integers in W")
        whole = rng.integers(-5, 6, (3, 2)), rng.integers(-5, 6, (2, 2))
        yield Case((*whole, _broken(rng, 2)), note="integers in h and W")
        yield Case((_broken(rng, 1, 1), np.array([[1.0, 1.5]]), rng.integers(1, 6, 2)), note="integers in b")
        single = [a.astype(np.float32) for a in (quarters(rng, 1, 4), quarters(rng, 4, 3), quarters(rng, 3))]
        yield Case(tuple(single), note="float32 numbers")

    wrong = {
        "a layer without its bias": lambda h, W, b: h @ W,
        "W h: with one sample per row, the batch stands on the left": lambda h, W, b: W @ h + b,
        "h Wᵀ: W is (d_in, d_out) here and needs no transpose": lambda h, W, b: h @ W.T + b,
        "a bias that is subtracted": lambda h, W, b: h @ W - b,
        "an entry-by-entry product of h and W, where a matrix product is meant": lambda h, W, b: h * W + b,
        "a bias that is added to h before the product": lambda h, W, b: (h + b) @ W,
        "a bias that is added to the weights": lambda h, W, b: h @ (W + b),
        "a product with b where a sum is meant": lambda h, W, b: h @ W * b,
        "a bias laid along the samples: there is one for each unit": lambda h, W, b: h @ W + b[:, None],
        "all the biases summed into every unit": lambda h, W, b: h @ W + b.sum(),
        "a layer followed by a ReLU: the activation is not part of it": lambda h, W, b: np.maximum(h @ W + b, 0),
        "the transpose of the layer's output: samples go down the rows": lambda h, W, b: (h @ W + b).T,
        "a sum over the batch: each sample keeps its own row": lambda h, W, b: (h @ W + b).sum(0),
        "the mean over the batch: each sample keeps its own row": lambda h, W, b: (h @ W + b).mean(0),
        "the first sample alone": lambda h, W, b: h[0] @ W + b,
    }


@exercise("q1_collapse_two", points=3, section="1.3 Two layers", title="Two layers make one")
class CollapseTwo:
    outputs = ("W", "b")

    def reference(W1, b1, W2, b2):
        return W1 @ W2, b1 @ W2 + b2

    def cases(rng):
        yield Case(
            (np.array([[1.0, 2.0]]), np.array([1.0, -1.0]), np.array([[3.0], [0.5]]), np.array([10.0])),
            note="layers 1 → 2 → 1",
        )
        for sizes in [(3, 3, 3), (2, 4, 3), (4, 2, 2), (2, 2, 5)]:
            yield Case(
                (
                    quarters(rng, *sizes[:2]),
                    quarters(rng, sizes[1]),
                    quarters(rng, *sizes[1:]),
                    quarters(rng, sizes[2]),
                ),
                note=f"layers {' → '.join(map(str, sizes))}",
            )
        whole, broken = (rng.integers(1, 5, (2, 2)), rng.integers(1, 5, 2)), (_broken(rng, 2, 2), _broken(rng, 2))
        yield Case((*whole, *broken), note="integers in the first layer")
        yield Case((*broken, *whole), note="integers in the second layer")

    wrong = {
        "the second bias alone: what becomes of b1 on its way through the second layer?": lambda W1, b1, W2, b2: (
            W1 @ W2,
            b2,
        ),
        "b1 + b2: the first bias still has to pass through the second layer": lambda W1, b1, W2, b2: (
            W1 @ W2,
            b1 + b2,
        ),
        "the first bias alone: the second layer adds one of its own": lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W2),
        "the two matrices in the wrong order": lambda W1, b1, W2, b2: (W2 @ W1, b1 @ W2 + b2),
        "the two matrices in the wrong order, in W and in b": lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1 + b2),
        "a column-vector product for the bias: here vectors are rows": lambda W1, b1, W2, b2: (W1 @ W2, W2 @ b1 + b2),
        "W1 + W2: layers in a row multiply": lambda W1, b1, W2, b2: (W1 + W2, b1 @ W2 + b2),
        "W1 + W2 and b1 + b2: layers in a row do not add up": lambda W1, b1, W2, b2: (W1 + W2, b1 + b2),
        "an entry-by-entry product of the matrices": lambda W1, b1, W2, b2: (W1 * W2, b1 @ W2 + b2),
        "both biases passing through the second layer: b2 is added after it": lambda W1, b1, W2, b2: (
            W1 @ W2,
            (b1 + b2) @ W2,
        ),
        "the first bias passing through its own matrix": lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W1 + b2),
        "the second bias passing through a matrix, where it is the first one's turn": lambda W1, b1, W2, b2: (
            W1 @ W2,
            b1 + b2 @ W2,
        ),
        "a transposed W": lambda W1, b1, W2, b2: ((W1 @ W2).T, b1 @ W2 + b2),
        "a layer without a bias": lambda W1, b1, W2, b2: (W1 @ W2, np.zeros_like(b2)),
        "the right two things in the wrong order: W first, then b": lambda W1, b1, W2, b2: (b1 @ W2 + b2, W1 @ W2),
        "the second layer alone": lambda W1, b1, W2, b2: (W2, b2),
        "the first layer alone": lambda W1, b1, W2, b2: (W1, b1),
    }


def _collapse(weights, biases):
    W, b = weights[0], biases[0]
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ W_l, b @ W_l + b_l
    return W, b


def _product(weights):
    W = weights[0]
    for W_l in weights[1:]:
        W = W @ W_l
    return W


def _bias(weights, biases, step):
    b = biases[0]
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        b = step(b, W_l, b_l)
    return b


def _stored_like_the_first(weights, biases):
    b = biases[0].copy()
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        b = (b @ W_l + b_l).astype(b.dtype)
    return _product(weights), b


def _biases_behind_running_product(weights, biases):
    W, b = weights[0], biases[0]
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        W = W @ W_l
        b = b @ W + b_l
    return W, b


@exercise("q1_collapse", points=4, section="1.4 Any number of layers", title="Any number of layers")
class Collapse:
    outputs = ("W", "b")
    reference = _collapse

    def cases(rng):
        yield Case(
            (
                [np.array([[1.0, 2.0]]), np.array([[3.0], [0.5]]), np.array([[2.0]])],
                [np.array([1.0, -1.0]), np.array([10.0]), np.array([100.0])],
            ),
            note="layers 1 → 2 → 1 → 1",
        )
        for sizes in [(3, 3, 3), (2, 3, 4, 2), (3, 3, 3, 3, 3), (3, 2), (4, 1, 3, 2, 5, 2)]:
            weights = [quarters(rng, *pair) for pair in pairwise(sizes)]
            biases = [quarters(rng, size) for size in sizes[1:]]
            yield Case((weights, biases), note=f"layers {' → '.join(map(str, sizes))}")
        weights = [rng.integers(1, 5, (2, 3)), _broken(rng, 3, 3), rng.integers(1, 5, (3, 2))]
        biases = [rng.integers(1, 5, 3), _broken(rng, 3), rng.integers(1, 5, 2)]
        yield Case((weights, biases), note="integers in the first and the last layer")

    wrong = {
        "the sum of all biases: each still has to pass through the layers after it": lambda weights, biases: (
            _product(weights),
            _bias(weights, biases, lambda b, W_l, b_l: b + b_l),
        ),
        "the last bias alone: what becomes of the earlier ones?": lambda weights, biases: (
            _product(weights),
            biases[-1],
        ),
        "the first bias alone: the later layers add theirs": lambda weights, biases: (
            _product(weights),
            _bias(weights, biases, lambda b, W_l, b_l: b @ W_l),
        ),
        "the layers taken from last to first": lambda weights, biases: _collapse(weights[::-1], biases[::-1]),
        "the matrices multiplied from last to first": lambda weights, biases: (
            _product(weights[::-1]),
            _bias(weights, biases, lambda b, W_l, b_l: b @ W_l + b_l),
        ),
        "the first layer used twice: the loop starts at the second one": lambda weights, biases: _collapse(
            [weights[0], *weights], [biases[0], *biases]
        ),
        "the first two layers alone": lambda weights, biases: _collapse(weights[:2], biases[:2]),
        "all layers but the last": lambda weights, biases: _collapse(weights[:-1], biases[:-1]),
        "all layers but the first": lambda weights, biases: _collapse(weights[1:], biases[1:]),
        "the first layer alone": lambda weights, biases: (weights[0], biases[0]),
        "the last layer alone": lambda weights, biases: (weights[-1], biases[-1]),
        "a new bias that is added before the product: it comes after its own layer": lambda weights, biases: (
            _product(weights),
            _bias(weights, biases, lambda b, W_l, b_l: (b + b_l) @ W_l),
        ),
        "biases stored as integers, because the first one is whole: what stands behind the point is lost": (
            _stored_like_the_first
        ),
        "biases multiplied by the product so far: they pass one layer at a time": _biases_behind_running_product,
        "the first layer's bias left out": lambda weights, biases: _collapse(weights, [0 * biases[0], *biases[1:]]),
        "an entry-by-entry product of the matrices": lambda weights, biases: (
            np.prod(weights, axis=0),
            _collapse(weights, biases)[1],
        ),
        "a sum of the matrices: layers in a row multiply": lambda weights, biases: (
            sum(weights),
            _collapse(weights, biases)[1],
        ),
        "a product that needs at least two matrices: a list may hold one layer": lambda weights, biases: (
            np.linalg.multi_dot(weights),
            _collapse(weights, biases)[1],
        ),
        "a layer without a bias": lambda weights, biases: (_product(weights), np.zeros_like(biases[-1])),
        "the right two things in the wrong order: W first, then b": lambda weights, biases: _collapse(weights, biases)[
            ::-1
        ],
    }


def _xor_outputs(value):
    """What the network of these weights answers at the four corners; `Trouble` where a shape is not as agreed."""
    names = {"W1": (2, 2), "b1": (2,), "w2": (2,), "b2": ()}
    W1, b1, w2, b2 = (
        learner.array(part, what=f"`{name}`") for part, name in zip(unpack(value, tuple(names)), names, strict=True)
    )
    learner.require_shape(W1, (2, 2), "`W1`")
    for part, name in (b1, "b1"), (w2, "w2"), (b2, "b2"):
        if part.size != max(1, sum(names[name])):
            learner.require_shape(part, names[name], f"`{name}`")
    with np.errstate(all="ignore"):
        return np.maximum(CORNERS @ W1 + b1.ravel(), 0) @ w2.ravel() + b2.item()


def _xor():
    return np.array([0.0, 1.0, 1.0, 0.0])


def _network(W1, b1, w2, b2=0.0):
    return lambda: (np.array(W1, float), np.array(b1, float), np.array(w2, float), float(b2))


SUMS = [[1, 1], [1, 1]]
DIFFERENCES = [[1, -1], [-1, 1]]


@exercise("q1_xor", points=4, section="1.7 What one bend buys", title="XOR by hand", name="xor_network")
class Xor:
    labels = tuple(f"x = ({a:.0f}, {b:.0f})" for a, b in CORNERS)
    observe = _xor_outputs

    reference = _xor

    def cases(rng):
        yield Case(rtol=0.0)

    wrong = {
        "OR: at (1, 1) it has to come back down to 0": _network(SUMS, [0, -1], [1, -1]),
        "AND: it answers at (1, 1) alone": _network(SUMS, [0, -1], [0, 1]),
        "the opposite of XOR: it answers where both inputs agree": _network(DIFFERENCES, [0, 0], [-1, -1], 1),
        "the opposite of AND: at (0, 0) it should be silent": _network(SUMS, [0, -1], [0, -1], 1),
        "the sum of the inputs: nothing pulls it back down at (1, 1)": _network(SUMS, [0, -1], [1, 0]),
        "the difference of the inputs: one of the two comes out negative": _network(DIFFERENCES, [0, 0], [1, -1]),
        "the difference of the inputs, the other way round": _network(DIFFERENCES, [0, 0], [-1, 1]),
        "minus XOR": _network(DIFFERENCES, [0, 0], [-1, -1]),
        "twice XOR: the shape is there, the scale is not": _network(DIFFERENCES, [0, 0], [2, 2]),
        "the first input without the second: half of XOR": _network(DIFFERENCES, [0, 0], [1, 0]),
        "the second input without the first: half of XOR": _network(DIFFERENCES, [0, 0], [0, 1]),
        "weights for units that jump from 0 to 1: a ReLU passes on the size of its input": _network(
            SUMS, [-0.5, -1.5], [1, -1]
        ),
        "weights for units that jump from 0 to 1: a ReLU lets its input's size through": _network(
            SUMS, [-0.5, -1.5], [1, -2]
        ),
        "an OR unit and a NAND unit joined by AND: that plan is for units that jump from 0 to 1": _network(
            [[1, -1], [1, -1]], [-0.5, 1.5], [1, 1], -1.5
        ),
        "a hidden layer without biases: both units then see the same sum": _network(SUMS, [0, 0], [1, -2]),
        "½ everywhere, which is the best that an affine map can do with XOR": _network(SUMS, [0, 0], [0, 0], 0.5),
        "an output of 0 everywhere: does any unit ever switch on?": _network(SUMS, [0, 0], [0, 0]),
        "an output of 1 everywhere": _network(SUMS, [0, 0], [0, 0], 1),
    }


@exercise("q1_depth", points=2, section="1.8 Claim audit", title="Depth without activations")
class Depth:
    options = {
        "a": "The fifty represent more functions, as they have fifty times as many parameters to train.",
        "b": "They represent the same functions, so gradient descent learns the same way with either.",
        "c": "They represent the same functions, yet gradient descent takes a different path through them.",
        "d": "The fifty start out affine, but enough training lets them bend their decision boundary.",
    }
    right = "c"
    hints = {
        "a": "Parameters are counted before they are multiplied together. What did `collapse` leave of them?",
        "b": "One of the two statements holds. For the other, write down ∂loss/∂W1 of two layers: what multiplies it?",
        "d": "Training changes the numbers in the matrices. Is there a setting of them that `collapse` cannot handle?",
    }
    evidence = ("plateau.waits", "plateau.start_decides")
    why = "Same functions, other dynamics: each layer's gradient is multiplied by the other layers (Saxe et al. 2013)."
