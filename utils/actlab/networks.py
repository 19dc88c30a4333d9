"""A network in NumPy, small enough to read: affine maps with one activation between them.

Weights is a list of arrays (fan_in, fan_out), biases a list of arrays (fan_out,); batches come first, so a
layer is z = h W + b.  Every function also takes one more leading axis, (seeds, fan_in, fan_out) and
(seeds, 1, fan_out), and then runs all the seeds at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from actlab.activations import Activation

Array = NDArray[np.floating]
Function = Callable[[Array], Array]
Seed = int | np.random.Generator | None


def initialise(
    sizes: Sequence[int], gain: float = 1.0, rng: Seed = None, seeds: int | None = None
) -> tuple[list[Array], list[Array]]:
    """Random weights N(0, gain²/fan_in) and zero biases for layers of the given sizes.

    sizes: [inputs, hidden, ..., outputs].  gain 1 is LeCun's (and, for equal widths, Xavier's) scale, √2 is He's.
    seeds: how many networks to stack along a leading axis; None for a single network.
    Source: LeCun (1998); Glorot & Bengio (2010); He (2015).
    """
    rng = np.random.default_rng(rng)
    lead, row = ((), ()) if seeds is None else ((seeds,), (1,))
    pairs = list(pairwise(sizes))
    weights = [rng.normal(size=(*lead, i, o)) * gain / np.sqrt(i) for i, o in pairs]
    biases = [np.zeros((*lead, *row, o)) for _, o in pairs]
    return weights, biases


def forward(
    X: Array, weights: Sequence[Array], biases: Sequence[Array], f: Function
) -> tuple[list[Array], list[Array]]:
    """Inputs and pre-activations of every layer; f acts between layers and not after the last one.

    X: (n, fan_in).  Returns two lists, [h_1, ..., h_L] with h_1 = X and [z_1, ..., z_L], where z_l = h_l W_l + b_l and
    h_(l+1) = f(z_l); the network's output is z_L.
    """
    hs: list[Array] = [X]
    zs: list[Array] = []
    for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
        if layer:
            hs.append(f(zs[-1]))
        zs.append(hs[-1] @ W + b)
    return hs, zs


def backward(
    hs: Sequence[Array], zs: Sequence[Array], weights: Sequence[Array], df: Function, upstream: Array
) -> list[Array]:
    """Gradients of a loss with respect to every weight matrix, by the chain rule.

    hs, zs: what `forward` returned.  upstream: (n, outputs), the loss's gradient at the output.
    Returns the list [∂loss/∂W_1, ..., ∂loss/∂W_L], each of its matrix's shape.
    """
    gradients: list[Array] = []
    delta = upstream
    for layer in range(len(weights) - 1, -1, -1):
        gradients.append(np.swapaxes(hs[layer], -1, -2) @ delta)
        if layer:
            delta = (delta @ np.swapaxes(weights[layer], -1, -2)) * df(zs[layer - 1])
    return gradients[::-1]


def collapse(weights: Sequence[Array], biases: Sequence[Array]) -> tuple[Array, Array]:
    """The one affine map (W, b) that a chain of affine maps without activations equals.

    Shape: W (inputs, outputs), b (outputs,).  Errors: ValueError for an empty chain.
    """
    if not weights:
        raise ValueError("collapse needs at least one layer")
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ next_W, b @ next_W + next_b
    return W, b


def flow(
    X: Array, weights: Sequence[Array], f: Function, df: Function, upstream: Array, residual: bool = False
) -> tuple[list[Array], list[Array]]:
    """Signal and gradient of a chain without biases, h_l = f(h_(l-1) W_l), or h_(l-1) + f(h_(l-1) W_l) if residual.

    X: (n, width).  upstream: the loss's gradient at the last h, of its shape.
    Returns two lists, [h_0 = X, ..., h_L] and [∂loss/∂h_0, ..., ∂loss/∂h_L = upstream].
    """
    hs, zs = [X], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]) + hs[-1] if residual else f(zs[-1]))
    gradients = [upstream]
    for W, z in zip(reversed(weights), reversed(zs), strict=True):
        back = (gradients[-1] * df(z)) @ np.swapaxes(W, -1, -2)
        gradients.append(back + gradients[-1] if residual else back)
    return hs, gradients[::-1]


def gains(f: Function, df: Function) -> tuple[float, float]:
    """The weight gains that keep the signal and the gradient level, 1/√E f(z)² and 1/√E f'(z)² for z from N(0, 1).

    f, df: elementwise functions of an array.  Returns two floats; ∞ for a function that is 0.
    Errors: about 1e-6, by the trapezoidal rule on ±12.
    Source: He (2015) for ReLU; the derivation holds for any f.
    """
    z = np.linspace(-12, 12, 24000)  # an even number, so that a kink at 0 lies midway between two points
    weight = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    with np.errstate(divide="ignore"):
        forward, backward = (float(1 / np.sqrt((g(z) ** 2 * weight).sum())) for g in (f, df))
    return forward, backward


def gradient_norms(
    activation: Activation,
    depth: int,
    gain: float = 1.0,
    *,
    width: int = 64,
    batch: int = 128,
    classes: int = 10,
    seeds: int = 5,
    rng: Seed = 0,
) -> Array:
    """Size of the weight gradient in every hidden layer of an untrained network, for several seeds at once.

    The network has `depth` hidden layers of `width` units and a linear read-out (gain 1); inputs are N(0, 1), the loss
    is the mean cross-entropy on random labels.  Returns (seeds, depth): the Frobenius norm of ∂loss/∂W_l.
    Source: the experiment of Glorot & Bengio (2010).
    """
    rng = np.random.default_rng(rng)
    X = np.broadcast_to(rng.normal(size=(batch, width)), (seeds, batch, width))
    labels = np.eye(classes)[rng.integers(classes, size=batch)]
    weights, biases = initialise([width] * (depth + 1), gain, rng, seeds)
    read_out, bias = initialise([width, classes], 1.0, rng, seeds)
    weights, biases = weights + read_out, biases + bias
    hs, zs = forward(X, weights, biases, activation.f)
    p = np.exp(zs[-1] - zs[-1].max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    gradients = backward(hs, zs, weights, activation.df, (p - labels) / batch)
    return np.stack([np.sqrt((g**2).sum((-2, -1))) for g in gradients[:-1]], axis=1)
