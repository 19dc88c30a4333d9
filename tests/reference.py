"""The activation functions and their derivatives in arbitrary precision, each written as its definition.

Nothing here is shared with the package: these are the numbers that it is held to.
"""

from collections.abc import Callable

import mpmath as mp

mp.mp.dps = 50


def _number(decimal):
    """Parameters are the doubles that a caller passes, not the decimals that we write."""
    return mp.mpf(float(decimal))


def _sigmoid(z):
    return 1 / (1 + mp.exp(-z))


def _normal_cdf(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def _normal_density(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def _leaky(slope):
    return (lambda z: z if z > 0 else _number(slope) * z), (lambda z: mp.mpf(1) if z > 0 else _number(slope))


def _exponential(scale, alpha):
    return (
        lambda z: scale * z if z > 0 else scale * alpha * mp.expm1(z),
        lambda z: scale if z > 0 else scale * alpha * mp.exp(z),
    )


def _gated_by_sigmoid(u, du):
    return (
        lambda z: z * _sigmoid(u(z)),
        lambda z: _sigmoid(u(z)) + z * du(z) * _sigmoid(u(z)) * _sigmoid(-u(z)),
    )


def _hardswish(z):
    return z * min(max(z + 3, mp.mpf(0)), mp.mpf(6)) / 6


def _hardswish_derivative(z):
    if z <= -3:
        return mp.mpf(0)
    return (2 * z + 3) / 6 if z < 3 else mp.mpf(1)


def _softplus(z):
    return mp.log1p(mp.exp(z))


def _mish_derivative(z):
    s = _softplus(z)
    return mp.tanh(s) + z * _sigmoid(z) * mp.sech(s) ** 2


_SLOPE = 2 * mp.sqrt(2 / mp.pi)
_CUBIC = mp.mpf("0.044715")


class _Definitions(dict):
    """key -> (f, f'), functions of one mpf; those of a key without a definition say what to write."""

    def __missing__(self, key: str) -> tuple[Callable, Callable]:
        def unwritten(z):
            raise NotImplementedError(f"write `{key}` in tests/reference.py")

        return unwritten, unwritten


REFERENCE = _Definitions(
    {
        "linear": (lambda z: z, lambda z: mp.mpf(1)),
        "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * _sigmoid(-z)),
        "tanh": (mp.tanh, lambda z: mp.sech(z) ** 2),
        "relu": (lambda z: max(z, mp.mpf(0)), lambda z: mp.mpf(1 if z > 0 else 0)),
        "leaky_relu": _leaky(0.01),
        "prelu": _leaky(0.25),
        "elu": _exponential(mp.mpf(1), mp.mpf(1)),
        "selu": _exponential(mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")),
        "softplus": (_softplus, _sigmoid),
        "gelu": (lambda z: z * _normal_cdf(z), lambda z: _normal_cdf(z) + z * _normal_density(z)),
        "gelu_tanh": _gated_by_sigmoid(
            lambda z: _SLOPE * (z + _CUBIC * z**3), lambda z: _SLOPE * (1 + 3 * _CUBIC * z**2)
        ),
        "gelu_sigmoid": _gated_by_sigmoid(lambda z: _number(1.702) * z, lambda z: _number(1.702)),
        "silu": _gated_by_sigmoid(lambda z: z, lambda z: mp.mpf(1)),
        "mish": (lambda z: z * mp.tanh(_softplus(z)), _mish_derivative),
        "hardswish": (_hardswish, _hardswish_derivative),
    }
)
