"""Around the activation in today's feed-forward blocks: a gate that is clamped, and rows that a zero makes needless."""

import numpy as np

from actlab.activations import gelu, gelu_sigmoid, sigmoid, silu
from actlab.exercises.cases import quarters
from actlab.exercises.model import Case, exercise


def _clamped(gate, value, limit=7.0, slope=1.702):
    gate = np.minimum(gate, limit)
    return gate * sigmoid(slope * gate) * (np.clip(value, -limit, limit) + 1)


@exercise("q8_clamped_gate", points=3, section="8.1 The gate in the feed-forward block", title="A clamped gate")
class ClampedGate:
    elementwise = True

    def reference(gate, value, limit=7.0):
        return _clamped(gate, value, limit)

    def cases(rng):
        yield Case((np.array([1.0, -2.0, 0.5]), np.array([1.0, 0.5, -1.5])), note="numbers inside the limits")
        yield Case((np.array([10.0, 9.0, 2.0, -10.0]), np.array([2.0, -9.0, 9.0, 0.5])), note="numbers beyond them")
        yield Case((np.array([-8.0, -7.5, 1.0]), np.array([-2.0, 3.0, -20.0])), note="far to the left", atol=1e-9)
        yield Case((quarters(rng, 3, 4) * 4, quarters(rng, 3, 4) * 4), note="a batch")
        yield Case((quarters(rng, 2, 3), quarters(rng, 2, 3), 1.5), note="another limit")
        yield Case((rng.integers(-9, 10, 6), rng.integers(-9, 10, 6), 3), note="integers everywhere")
        single = rng.normal(0, 6, (2, 2, 3)).round(2).astype(np.float32)
        yield Case((single[0], single[1]), note="float32 numbers")

    wrong = {
        "a product that is not clamped": lambda gate, value, limit=7.0: gelu_sigmoid(gate) * (value + 1),
        "a gate alone that is clamped: the value has limits too": lambda gate, value, limit=7.0: (
            gelu_sigmoid(np.minimum(gate, limit)) * (value + 1)
        ),
        "a value alone that is clamped: the gate has a limit too": lambda gate, value, limit=7.0: (
            gelu_sigmoid(gate) * (np.clip(value, -limit, limit) + 1)
        ),
        "a value without limit below: it is clamped on both sides": lambda gate, value, limit=7.0: (
            gelu_sigmoid(np.minimum(gate, limit)) * (np.minimum(value, limit) + 1)
        ),
        "a gate that is clamped below, too: it has an upper limit only": lambda gate, value, limit=7.0: _clamped(
            np.clip(gate, -limit, limit), value, limit
        ),
        "a value without its 1: what multiplies the gate is value + 1": lambda gate, value, limit=7.0: (
            gelu_sigmoid(np.minimum(gate, limit)) * np.clip(value, -limit, limit)
        ),
        "a 1 that is added before the clamp": lambda gate, value, limit=7.0: (
            gelu_sigmoid(np.minimum(gate, limit)) * np.clip(value + 1, -limit, limit)
        ),
        "σ(z), which makes the gate SiLU: the slope inside is 1.702": lambda gate, value, limit=7.0: _clamped(
            gate, value, limit, 1.0
        ),
        "GELU for the gate: here it is z σ(1.702 z)": lambda gate, value, limit=7.0: (
            gelu(np.minimum(gate, limit)) * (np.clip(value, -limit, limit) + 1)
        ),
        "σ(1.702 z) alone: the gate multiplies it by z": lambda gate, value, limit=7.0: (
            sigmoid(1.702 * np.minimum(gate, limit)) * (np.clip(value, -limit, limit) + 1)
        ),
        "a clamp of the product: the two factors are clamped, each on its own": lambda gate, value, limit=7.0: np.clip(
            gelu_sigmoid(gate) * (value + 1), -limit, limit
        ),
        "gate and value swapped": lambda gate, value, limit=7.0: _clamped(value, gate, limit),
        "a limit of 7, whatever `limit` says": lambda gate, value, limit=7.0: _clamped(gate, value),
        "the gate alone: it still multiplies the value": lambda gate, value, limit=7.0: (
            gelu_sigmoid(np.minimum(gate, limit)) + 0 * value
        ),
        "a sum: the gate multiplies": lambda gate, value, limit=7.0: (
            gelu_sigmoid(np.minimum(gate, limit)) + np.clip(value, -limit, limit) + 1
        ),
        "a plain SwiGLU": lambda gate, value, limit=7.0: silu(gate) * value,
    }


def _needed(rng, h, d, zeros):
    """Activations with some zeros, and a matrix whose rows at those places are missing, NaN."""
    a, W = quarters(rng, h), quarters(rng, h, d)
    a[a == 0] = 1.5
    off = rng.permutation(h)[:zeros]
    a[off], W[off] = 0, np.nan
    return a, W


@exercise("q8_skip_zeros", points=3, section="8.2 ReLU squared, and what a zero is worth", title="Skip the zeros")
class SkipZeros:
    def reference(a, W):
        on = a != 0
        return a[on] @ W[on]

    def cases(rng):
        yield Case(
            (np.array([2.0, 0.0, -1.0]), np.array([[1.0, 3.0], [np.nan, np.nan], [0.5, 1.0]])), note="one row missing"
        )
        yield Case((quarters(rng, 4) + 0.125, quarters(rng, 4, 3)), note="no zero at all")
        for h, d, zeros in [(6, 2, 4), (3, 3, 1), (5, 1, 3)]:
            yield Case(_needed(rng, h, d, zeros), note=f"{zeros} of {h} rows missing")
        yield Case((np.zeros(3), np.full((3, 2), np.nan)), note="every activation 0")
        yield Case((np.array([0, 3, 0, -2]), rng.integers(-3, 4, (4, 2))), note="integers everywhere")
        yield Case((np.array([1e-30, 0.0]), np.array([[2e30, 1e30], [np.nan, np.nan]])), note="a tiny activation")

    wrong = {
        "a @ W with every row: 0 times a missing row is NaN": lambda a, W: a @ W,
        "the rows of positive activations: negative ones count as well": lambda a, W: a[a > 0] @ W[a > 0],
        "rows that are added without their activation": lambda a, W: W[a != 0].sum(0),
        "the rows of the zeros: they are the ones to leave out": lambda a, W: a[a == 0] @ W[a == 0],
        "products that are not added up": lambda a, W: a[a != 0][:, None] * W[a != 0],
        "the rows that are needed, without the product": lambda a, W: W[a != 0],
        "a threshold above 0: tiny activations count as well": lambda a, W: a[np.abs(a) > 1e-6] @ W[np.abs(a) > 1e-6],
        "a mean over the rows: a product with a matrix adds": lambda a, W: (a[a != 0][:, None] * W[a != 0]).mean(0),
        "a sum over the columns as well": lambda a, W: (a[a != 0] @ W[a != 0]).sum(),
        "the number of rows that are needed": lambda a, W: np.sum(a != 0),
    }
