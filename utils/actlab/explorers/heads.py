"""Output heads: what a bounded range cannot reach, and how fast a saturated unit comes back."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from actlab import learner
from actlab.activations import REGISTRY, sigmoid, sigmoid_derivative
from actlab.figures import COOL, INK, MUTED, WARM
from actlab.live import Area, Chart, Dot, Explorer, Line, Slider, Text
from actlab.words import minus

LOW, HIGH = np.arange(-2.5, 0.6, 0.5), np.arange(1, 4.6, 0.5)
"""Where a head's range may end, below and above."""


def explore_clip_floor(clip_floor: Callable[..., Any]) -> Explorer:
    """A wave of targets and a head that cannot leave [low, high]; the error that stays, by the learner's function.

    clip_floor: a learner's function of (targets, low, high).
    """
    x = np.linspace(-3, 3, 121)
    targets = 3 * np.sin(2 * x) + 1

    def background():
        marks = [Line(x, targets, INK, 3), Text(0.785, 4.25, "targets")]
        title = "what the head can reach, and what stays out of reach"
        return Chart((-3, 3), (-3.2, 5.4), title, "x", "y", marks)

    def limited(limit, name, beyond, where, drop):
        """One end of the range: what lies beyond it, and the answer `where` this end alone decides it."""
        answer = np.where(beyond, limit, targets)
        return [
            Area(np.concatenate([x, x[::-1]]), np.concatenate([targets, answer[::-1]]), WARM, 0.3),
            Line(x, np.where(where, answer, np.nan), COOL, 4),
            Text(-2.95, limit + drop, name, COOL, "start", 14),
        ], ""

    def below(low):
        return limited(low, "low", targets < low, targets < HIGH[0], -0.38)

    def above(high):
        return limited(high, "high", targets > high, targets > LOW[-1], 0.15)

    def words(low, high):
        best = np.clip(targets, low, high)
        got = float(learner.array(learner.call(clip_floor, targets.copy(), low, high), (), "the result"))
        right = float(np.mean((targets - best) ** 2))
        verdict = (
            "and that is right" if math.isclose(got, right, rel_tol=1e-4, abs_tol=1e-6) else f"but it is {right:.3f}"
        )
        outside = np.mean((targets < low) | (targets > high))
        return [], minus(
            f"A head with the range {low:g} to {high:g} misses {outside:.0%} of the targets. By "
            f"{learner.name_of(clip_floor)} the mean squared error stays at {got:.3f}, {verdict}."
        )

    sliders = {
        "low": Slider(LOW, 0, "lowest output"),
        "high": Slider(HIGH, 1, "highest output"),
    }
    return Explorer("The clip floor", sliders, background, below, above, words, grab={"low": "y", "high": "y"})


def explore_saturated(bce_gradient: Callable[..., Any], rate: float = 1.0, goal: float = 0.9) -> Explorer:
    """One sigmoid unit that should answer 1: gradient descent with cross-entropy and with squared error.

    Where the learner's gradient is not that of cross-entropy, the sentence says so, at its worst place.

    bce_gradient: a learner's function of (z, y).  rate: of gradient descent.  goal: σ(z) at which we stop counting.
    """
    z = np.linspace(-10, 4, 281)

    def squared(z):
        return 2 * (sigmoid(z) - 1) * sigmoid_derivative(z)

    def cross(z):
        return learner.elementwise(lambda v: bce_gradient(v, np.ones_like(v)), np.asarray(z, float))

    def steps(gradient, start):
        here, path = float(start), [float(start)]
        while sigmoid(here) < goal and len(path) <= 200:
            here -= rate * float(gradient(np.array([here]))[0])
            path.append(here)
        return path

    def squared_steps(start):
        path = [float(start)]
        while (p := 1 / (1 + math.exp(-path[-1]))) < goal:
            path.append(path[-1] + rate * 2 * (1 - p) * p * (1 - p))
        return path

    def background():
        marks = [
            Line([-10, 4], [0, 0], MUTED, 1.1),
            Line(z, -squared(z), WARM, 3, "11 5"),
            Text(-2.3, 0.24, "squared error", WARM, "end"),
        ]
        title = "size of the gradient on the logit when the answer should be 1"
        return Chart((-10, 4), (-0.08, 1.2), title, "logit z", "pull towards larger z", marks)

    def curve():
        pull = -cross(z)
        return [Line(z, pull, REGISTRY["sigmoid"].color, 3), Text(-9.8, 1.06, "cross-entropy", COOL, "start")], ""

    def mistake():
        got, right = cross(z), sigmoid(z) - 1
        if np.allclose(got, right, rtol=1e-4, atol=1e-6):
            return ""
        at = np.argmax(np.abs(got - right))
        return f" But it is not the gradient of cross-entropy: {got[at]:.3f} at z = {z[at]:g}, not {right[at]:.3f}."

    def race(start):
        path = steps(cross, start)
        slow = squared_steps(start)
        at, late = np.array(path), np.array(slow[: len(path)])
        marks = [Dot(at, -cross(at), COOL, 6), Dot(late, -squared(late), WARM, 6)]
        marks += [Dot(start, -squared(start), WARM), Dot(start, -cross([start])[0], COOL)]
        quick = f"{len(path) - 1} steps" if sigmoid(path[-1]) >= goal else "more than 200 steps"
        return marks, minus(
            f"From z = {start:g}, where the unit answers {sigmoid(start):.4f}, cross-entropy with the gradient by "
            f"{learner.name_of(bce_gradient)} takes {quick} to {goal:g}; squared error takes {len(slow) - 1} and after "
            f"as many as that is at z = {late[-1]:.2f}.{mistake()}"
        )

    sliders = {"start": Slider(np.arange(-10, 2.1, 0.5), -8, "start z₀", "{:+.1f}")}
    return Explorer("A saturated unit", sliders, background, curve, race, grab={"start": "x"})
