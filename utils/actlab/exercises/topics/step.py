"""The step function."""

import numpy as np

from actlab.exercises import mistakes
from actlab.exercises.cases import near_zero, pointwise
from actlab.exercises.model import Case, exercise


@exercise("q0_step", points=2, section="Your first function", title="The step function")
class Step:
    elementwise = True

    def reference(z):
        return np.where(z > 0, 1.0, 0.0)

    def cases(rng):
        yield from pointwise(rng)
        yield near_zero(smallest=True)
        yield Case((np.array([0.75, 1.5, 2.0]),), note="positive numbers alone")
        yield Case((np.array([-0.75, -1.5, 0.0]),), note="numbers without a positive one")

    wrong = {
        "z ≥ 0: at z = 0 itself the step is still 0": lambda z: np.where(z >= 0, 1.0, 0.0),
        "the sign function: where z is negative it gives −1": np.sign,
        "a step from −1 to 1: the lower level is 0": lambda z: np.where(z > 0, 1.0, -1.0),
        "a step from −1 to 1 that counts z = 0 as positive": lambda z: np.where(z >= 0, 1.0, -1.0),
        "a step facing the other way: it is 1 where z is negative": lambda z: np.where(z < 0, 1.0, 0.0),
        "a step facing the other way: it is 1 where z ≤ 0": lambda z: np.where(z <= 0, 1.0, 0.0),
        "a ReLU: it keeps the size of z where the step is only 1": lambda z: np.maximum(z, 0),
        "z itself: nothing happens to it": lambda z: z.copy(),
        "the absolute value of z": np.abs,
        "a test for z ≠ 0: negative numbers count as well": lambda z: np.where(z != 0, 1.0, 0.0),
        "a step that is ½ at z = 0": lambda z: np.heaviside(z, 0.5),
        "a sigmoid: smooth where the step jumps": lambda z: 1 / (1 + np.exp(-z)),
        "a ramp, z cut off at 0 and 1: between them the step is 1 already": lambda z: np.clip(z, 0, 1),
        "1 everywhere": np.ones_like,
        "0 everywhere": np.zeros_like,
        "one answer for the whole array, whether *any* entry is positive": lambda z: float(np.any(z > 0)),
        "one answer for the whole array, whether *all* entries are positive": lambda z: float(np.all(z > 0)),
        "the number of positive entries in place of one answer for each": lambda z: float(np.sum(z > 0)),
        "*any* entry positive, repeated everywhere: each entry decides for itself": lambda z: (
            np.any(z > 0) * np.ones(z.shape)
        ),
        "*all* entries positive, repeated everywhere: each entry decides for itself": lambda z: (
            np.all(z > 0) * np.ones(z.shape)
        ),
        "the positive entries alone, in a shorter array": lambda z: z[z > 0],
        "the positions of the positive entries": lambda z: np.flatnonzero(z > 0),
        **mistakes.THRESHOLDS,
    }
