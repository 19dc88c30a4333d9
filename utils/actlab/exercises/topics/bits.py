"""Formulas that hold in sixteen bits."""

import math

import numpy as np

from actlab.activations import sigmoid, softplus
from actlab.exercises import mistakes
from actlab.exercises.cases import pointwise
from actlab.exercises.model import Case, exercise

LEFT = "far on the left"
RIGHT = "far on the right"


def _log_sigmoid(z):
    return -softplus(-np.asarray(z, dtype=np.float64))


class _Floored:
    """log(σ + c), named by what it does, since everybody has a c of their own."""

    def __call__(self, z):
        return np.log(sigmoid(z) + 1e-6)

    @staticmethod
    def like(got, z):
        with np.errstate(divide="ignore"):
            floored = [
                np.log(sigmoid(kind) + 10.0**-k) for kind in (z, np.asarray(z, dtype=np.float64)) for k in range(4, 17)
            ]
        return got.shape == z.shape and any(np.allclose(got, one, rtol=1e-3, atol=1e-5) for one in floored)


@exercise("q8_log_sigmoid", points=4, section="8.5 Few bits", title="The logarithm of a sigmoid")
class LogSigmoid:
    parts = {"values": 2, RIGHT: 1, LEFT: 1}
    elementwise = True
    reference = _log_sigmoid

    def cases(rng):
        yield from pointwise(rng)
        for z, note in (
            (np.array([7, 8.5, 9], dtype=np.float16), "float16 numbers from 7 to 9"),
            (rng.uniform(6, 9.5, (2, 3)).astype(np.float16), "float16 numbers from 6 to 9.5"),
            (rng.uniform(18, 40, 4).astype(np.float32), "float32 numbers from 18 to 40"),
        ):
            yield Case((z,), part=RIGHT, note=note, rtol=1e-2, atol=1e-30)
        for z in (
            np.array([-12, -20, -60000], dtype=np.float16),
            rng.uniform(-6e4, -12, (2, 3)).astype(np.float16),
            -rng.uniform(1000, 1e6, 4),
        ):
            yield Case((z,), part=LEFT, note=f"{z.dtype} numbers far below 0", rtol=2e-3)

    wrong = {
        "the sigmoid itself, without the logarithm": sigmoid,
        "−log σ(z): that is the loss": lambda z: softplus(-z),
        "log(1 + eᶻ), the softplus": softplus,
        "−log(1 + eᶻ), which is log σ(−z)": lambda z: -softplus(z),
        "the slope of log σ": lambda z: sigmoid(-z),
        "a logarithm to base 2": lambda z: _log_sigmoid(z) / math.log(2),
        "a logarithm to base 10": lambda z: _log_sigmoid(z) / math.log(10),
        "log(1 + σ)": lambda z: np.log1p(sigmoid(z)),
        "the smaller of z and 0: the part near 0 is missing": lambda z: np.minimum(z, 0),
        "eᶻ for both signs of z: where z is positive, the exponent has the wrong sign": lambda z: (
            np.minimum(z, 0) - np.log1p(np.exp(z))
        ),
        "the exponential part added where it is subtracted": lambda z: np.minimum(z, 0) + np.log1p(np.exp(-np.abs(z))),
        "the larger of z and 0 in place of the smaller": lambda z: np.maximum(z, 0) - np.log1p(np.exp(-np.abs(z))),
        **mistakes.integer_storage(_log_sigmoid),
        "the logarithm of an ordinary sum 1 + e⁻ᶻ: far on the right e⁻ᶻ drowns in it": lambda z: np.log(
            1 / (1 + np.exp(-z))
        ),
        "log of a stable sigmoid: far on the left σ itself has rounded to 0, and far on the right to 1": lambda z: (
            np.log(sigmoid(z))
        ),
        "log of a sigmoid with a small number added: the answer stops falling there": _Floored(),
        "−log1p(e⁻ᶻ): the digits are saved, and e⁻ᶻ still overflows on the left": lambda z: -np.log1p(np.exp(-z)),
        "z − log(1 + eᶻ): on the right two numbers cancel": lambda z: z - np.log(1 + np.exp(z)),
    }
