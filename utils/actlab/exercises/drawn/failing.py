"""Small networks with one fault each, trained for a few steps: what the log of such a run shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actlab.activations import sigmoid, softmax, softmax_vjp
from actlab.exercises.drawn.drawing import Draw

Array = NDArray[np.float64]

FAULTS = ("dead", "saturated", "twice", "axis", "rate", "epsilon", "loss")
IN_A_LAYER = ("dead", "saturated", "axis")
"""The faults that a single layer has."""
DEPTH, WIDTH, SAMPLES, EVERY, TIMES = 6, 20, 40, 2, 8
"""Hidden layers, units in each and inputs, samples in the one batch, steps between two losses, losses in a log."""
BETAS = 0.9, 0.999


@dataclass(frozen=True)
class Failing:
    """What a network is made of.

    layer: number of the ill one, from 1, or 0.  tanh: else ReLU.  sigmoid: else softmax behind the scores.
    axes: what the norm of each layer averages over, 0 the batch, 1 the units, None where there is no norm.
    strength: how ill.  rate, epsilon: Adam's.
    """

    fault: str
    layer: int
    tanh: bool
    sigmoid: bool
    axes: tuple[int | None, ...]
    strength: float
    rate: float
    epsilon: float


def drawn(draw: Draw, fault: str, axis: int) -> Failing:
    """A network with this fault.  axis: what its norms should average over, if it has any."""
    layer = draw.pick(2, 3, 4, 5) if fault in IN_A_LAYER else 0
    tanh = {"dead": False, "saturated": True}.get(fault, draw.pick(True, False))
    sigmoid = {"twice": False, "loss": True}.get(fault, draw.pick(True, False))
    normed = {"dead": False, "saturated": False, "axis": True}.get(fault, draw.pick(True, False))
    axes: list[int | None] = [axis if normed else None] * DEPTH
    if fault == "axis":
        axes[layer - 1] = 1 - axis
    healthy = draw.number(0.001, 0.003, 0.0005)
    return Failing(
        fault,
        layer,
        tanh,
        sigmoid,
        tuple(axes),
        strength={"dead": draw.number(0.6, 0.85, 0.05), "saturated": draw.number(6, 16, 1)}.get(fault, 0.0),
        rate=draw.number(0.2, 0.6, 0.05) if fault == "rate" else healthy,
        epsilon=draw.number(0.5, 4, 0.5) if fault == "epsilon" else 1e-8,
    )


def normals(draw: Draw, *shape: int) -> Array:
    """Many numbers of the normal distribution from one draw, by SplitMix64 and Box and Muller, to six digits."""
    n = prod(shape)
    x = np.uint64(draw.share() * 2**53) + np.arange(1, 2 * n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    u, v = ((x >> np.uint64(11)) + 0.5).reshape(2, n) / 2**53
    return np.round(np.sqrt(-2 * np.log(u)) * np.cos(2 * np.pi * v), 6).reshape(shape)


def digits(values: Any, n: int = 3) -> Any:
    """The same with n significant digits, as plain numbers; what is 0 up to rounding is 0."""
    if isinstance(values, np.ndarray | list | tuple):
        return tuple(digits(each, n) for each in values)
    value = float(values)
    return round(value, n - 1 - floor(log10(abs(value)))) if abs(value) > 1e-9 else 0.0


class Run:
    """One network while it trains.

    weights, biases: of all layers, the head's last; all of them are views of the one row `parameters`.
    shown_samples: places of the two samples whose outputs are written down.
    """

    def __init__(self, net: Failing, draw: Draw, classes: int):
        self.net, self.classes = net, classes
        self.labels = np.arange(SAMPLES) % classes
        self.y = np.eye(classes)[self.labels]
        centres = normals(draw, classes, WIDTH)
        self.x = (centres[self.labels] + normals(draw, SAMPLES, WIDTH)) / 2**0.5
        gain = 1.2 if net.tanh else 2**0.5
        weights = [gain * draw.number(0.9, 1.1, 0.01) * normals(draw, WIDTH, WIDTH) / WIDTH**0.5 for _ in range(DEPTH)]
        weights.append(normals(draw, WIDTH, classes) / WIDTH**0.5)
        biases = [0.1 * normals(draw, len(w.T)) for w in weights]
        if net.fault == "dead":
            dead = draw.order(range(WIDTH))[: round(net.strength * WIDTH)]
            biases[net.layer - 1][dead] = -draw.number(4, 8, 0.5)
        if net.fault == "saturated":
            weights[net.layer - 1] *= net.strength
        self.shown_samples = draw.order(range(SAMPLES))[:2]
        self.parameters = _in_a_row([*weights, *biases])
        ends = np.cumsum([a.size for a in (*weights, *biases)])[:-1]
        views = [v.reshape(a.shape) for v, a in zip(np.split(self.parameters, ends), (*weights, *biases), strict=True)]
        self.weights, self.biases = views[: DEPTH + 1], views[DEPTH + 1 :]
        self.m, self.v = np.zeros_like(self.parameters), np.zeros_like(self.parameters)

    def forward(self) -> None:
        """Keep what goes into each layer, what its activation gets, what it gives, and the norms' divisors."""
        self.heard, self.seen, self.spreads = [self.x], [], []
        for w, b, axis in zip(self.weights, self.biases, self.net.axes, strict=False):
            z, spread = self.heard[-1] @ w + b, np.ones(1)
            if axis is not None:
                spread = np.sqrt(z.var(axis=axis, keepdims=True) + 1e-5)
                z = (z - z.mean(axis=axis, keepdims=True)) / spread
            self.seen.append(z)
            self.spreads.append(spread)
            self.heard.append(np.tanh(z) if self.net.tanh else np.maximum(z, 0))
        scores = self.heard[-1] @ self.weights[-1] + self.biases[-1]
        self.outputs = (sigmoid if self.net.sigmoid else softmax)(scores)

    def judged(self) -> tuple[float, Array]:
        """The loss, and the gradient of each sample's own loss with respect to its scores."""
        p, y = self.outputs, self.y
        if self.net.fault == "loss":
            return float(((p - y) ** 2).sum(1).mean()), 2 * (p - y) * p * (1 - p)
        if self.net.fault == "twice":
            again = softmax(p)
            return float(-np.log(again[y == 1]).mean()), softmax_vjp(p, again - y)
        right = np.log(np.maximum(p, 1e-12))[y == 1].sum()
        wrong = np.log(np.maximum(1 - p, 1e-12))[y == 0].sum() if self.net.sigmoid else 0.0
        return -float(right + wrong) / SAMPLES, p - y

    def gradients(self, pull: Array) -> list[Array]:
        """Those of the parameters, in their order."""
        back = pull / SAMPLES
        of_weights, of_biases = [self.heard[-1].T @ back], [back.sum(0)]
        for k in reversed(range(DEPTH)):
            a, z, axis = self.heard[k + 1], self.seen[k], self.net.axes[k]
            back = (back @ self.weights[k + 1].T) * (1 - a**2 if self.net.tanh else z > 0)
            if axis is not None:
                means = (m.mean(axis=axis, keepdims=True) for m in (back, back * z))
                back = (back - next(means) - z * next(means)) / self.spreads[k]
            of_weights.append(self.heard[k].T @ back)
            of_biases.append(back.sum(0))
        return of_weights[::-1] + of_biases[::-1]

    def step(self, gradients: Sequence[Array], t: int) -> None:
        """One step of Adam, the t-th.  Weights are rounded: so the last bits of a machine do not add up."""
        g = _in_a_row(gradients)
        self.m += (1 - BETAS[0]) * (g - self.m)
        self.v += (1 - BETAS[1]) * (g**2 - self.v)
        m, v = self.m / (1 - BETAS[0] ** t), self.v / (1 - BETAS[1] ** t)
        self.parameters -= self.net.rate * m / (np.sqrt(v) + self.net.epsilon)
        self.parameters[:] = np.round(self.parameters, 8)

    def shown(self, pull: Array, gradients: Sequence[Array], start: Sequence[Array]) -> dict[str, Any]:
        """What the log says of the first step.  start: the weights before it."""
        a, steps = np.array(self.heard[1:]), zip(self.weights, start, strict=False)
        shown = self.shown_samples
        return {
            "z": _each(_size, self.seen),
            "flat": _each(np.mean, 1 - a**2 < 0.1 if self.net.tanh else a == 0),
            "unit": _each(lambda z: _size(z.mean(0)), self.seen),
            "sample": _each(lambda z: _size(z.mean(1)), self.seen),
            "gradient": _each(_size, gradients[:DEPTH]),
            "ratio": _each(lambda pair: _size(pair[0] - pair[1]) / _size(pair[1]), steps),
            "labels": tuple(int(label) for label in self.labels[shown]),
            "outputs": digits(self.outputs[shown]),
            "pull": digits(pull[shown]),
        }

    def log(self) -> dict[str, Any]:
        """Everything that is written down of a run, as plain numbers."""
        start, losses = [w.copy() for w in self.weights[:DEPTH]], []
        first: dict[str, Any] = {}
        for t in range(1, EVERY * (TIMES - 1) + 2):
            self.forward()
            loss, pull = self.judged()
            gradients = self.gradients(pull)
            self.step(gradients, t)
            losses.append(loss)
            first = first or self.shown(pull, gradients, start)
        return {"loss": digits(losses[::EVERY])} | first


def _in_a_row(arrays: Sequence[Array]) -> Array:
    return np.concatenate([a.ravel() for a in arrays])


def _size(a: Array) -> float:
    return float(np.sqrt(np.mean(np.square(a))))


def _each(f: Callable[[Any], Any], layers: Iterable[Any]) -> tuple[float, ...]:
    return tuple(digits(f(layer)) for layer in layers)


def telling(net: Failing, log: dict[str, Any]) -> bool:
    """Whether the log shows its fault clearly, and no other one.

    Sizes, flat shares and steps are healthy wherever the fault does not change them; the pull on the scores is far
    from output − label where the loss is wrong; the loss jumps where the rate is too high, stands still where ε is
    too large, and falls otherwise.
    """
    others = [k for k in range(DEPTH) if k + 1 != net.layer]
    z, flat, ratio, loss = (np.array(log[key]) for key in ("z", "flat", "ratio", "loss"))
    off = np.abs(np.array(log["pull"]) - np.array(log["outputs"]) + np.eye(len(log["pull"][0]))[list(log["labels"])])
    low, high = (0, 0.25) if net.tanh else (0.25, 0.72)
    healthy = [((flat[others] >= low) & (flat[others] <= high)).all(), (z[others] <= 3).all(), (z[others] > 0.25).all()]
    if net.fault in ("dead", "saturated"):
        k = net.layer - 1
        healthy += [flat[k] >= 0.75 if net.fault == "dead" else flat[k] >= 0.6, z[k] > 3.5]
    if net.fault == "axis":
        right, wrong = ("unit", "sample") if net.axes[net.layer % DEPTH] == 0 else ("sample", "unit")
        healthy += [log[right][net.layer - 1] > 0.1, min(log[wrong][k] for k in others) > 0.1]
    if net.fault == "rate":
        healthy += [ratio.min() > 0.2, loss.max() > 1.5 * loss[0]]
    elif net.fault == "epsilon":
        healthy += [ratio.max() < 3e-4, np.abs(loss / loss[0] - 1).max() < 0.05]
    else:
        healthy += [ratio.min() > 1e-4 if net.layer else ratio.min() > 1e-3, ratio.max() < 0.03]
        healthy += [loss[-1] < 0.98 * loss[0], loss.max() < 1.1 * loss[0]]
    healthy.append((off.max(1) > 0.1).all() if net.fault in ("twice", "loss") else off.max() < 0.01)
    return all(healthy)
