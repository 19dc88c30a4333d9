"""The activation functions of the course, each beside its derivative.

Every function takes numbers of any shape and returns the same shape:

- float16, float32 and float64 come back in their own precision; integers and booleans come back as float64;
  anything else raises `TypeError`. Whatever rounds is computed in double precision.
- NaN in, NaN out, derivatives included. At ±∞ every function and every derivative returns its limit.
- The input is never modified and no floating-point warning escapes.
- Parameters (`alpha`, `beta`) are finite numbers or arrays of them that broadcast against `z`.

The forms are chosen so that results keep their *relative* accuracy far into the tails, where the usual forms return 0,
NaN or noise. For |z| up to 1e4 a double precision f is within 4 units in the last place (ulp) and f' within 6, with two
exceptions. Left of -1 GELU is within a relative 2e-15 (the worst found is 9.5e-16, at z = -1.003), its sigmoid form
within 1e-13 (7.4e-14), its tanh form within 3e-13 (2.3e-13, at z = -20.47). Around the zero of f' the error is an ulp
of 1. Single precision is within 0.51 ulp everywhere.

Directly below each function and its derivative stands what the rest of the course needs to know about
it; `REGISTRY` holds these entries, in teaching order.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec

import numpy as np
import scipy
from numpy.lib.array_utils import normalize_axis_index
from numpy.typing import ArrayLike, NDArray

P = ParamSpec("P")
Array = NDArray[np.floating]

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946
GELU_TANH_CUBIC = 0.044715
GELU_SIGMOID_SLOPE = 1.702
BLOCK = 16384


def _real(name: str, z: ArrayLike) -> tuple[Array, np.dtype[np.floating]]:
    """Return `z` as an array and the precision in which the caller wants the answer."""
    z = np.asarray(z)
    if z.dtype.kind not in "biuf":
        raise TypeError(f"{name} takes real numbers, not {z.dtype}")
    return z, z.dtype if z.dtype in (np.float16, np.float32) else np.dtype(np.float64)


def _real_array(name: str, z: ArrayLike) -> tuple[NDArray[np.float64], np.dtype[np.floating]]:
    """Return `z` as a float64 array and the precision in which the caller wants the answer."""
    z, wanted = _real(name, z)
    return z.astype(np.float64), wanted


def _elementwise(function: Callable[Concatenate[Array, P], Array]) -> Callable[Concatenate[ArrayLike, P], Array]:
    """Give an elementwise `function` of a float64 array the contract stated at the top of this module.

    It gets large arrays in blocks, whose intermediate results stay in the processor's cache. What it makes of NaN has
    to be NaN: arithmetic, np.maximum and np.minimum see to that by themselves, np.where(z > 0, …) does not.
    """

    @functools.wraps(function)
    def wrapper(z: ArrayLike, *args: P.args, **kwargs: P.kwargs) -> Array:
        def computed(z: Array, *params: Any) -> Array:
            return function(z, *params[: len(args)], **dict(zip(kwargs, params[len(args) :], strict=True)))

        with np.errstate(all="ignore"):
            z, wanted = _real(function.__name__, z)
            given: Any = (*args, *kwargs.values())
            params = [np.asarray(p).astype(np.float64, casting="same_kind") for p in given]
            if z.size <= BLOCK:
                return computed(z.astype(np.float64), *params).astype(wanted)[()]
            blocks: Any = np.nditer(
                [z, *params, None],
                ["external_loop", "buffered", "zerosize_ok"],
                op_dtypes=[np.dtype(np.float64)] * (1 + len(params)) + [wanted],
                casting="same_kind",
                buffersize=BLOCK,
            )
            with blocks:
                for block, *given, out in blocks:
                    out[...] = computed(block, *given)
                return blocks.operands[-1]

    return wrapper


def _exact(function: Callable[[Array], Array]) -> Callable[[ArrayLike], Array]:
    """Do the same for a `function` that rounds nothing: it gets the whole array, in the precision that is wanted."""

    @functools.wraps(function)
    def wrapper(z: ArrayLike) -> Array:
        with np.errstate(all="ignore"):
            z, wanted = _real(function.__name__, z)
            return function(z.astype(wanted, copy=False))[()]

    return wrapper


def _one_product(function: Callable[..., Array]) -> Callable[..., Array]:
    """Do the same for a `function` that multiplies by its parameter, once, and rounds nothing else.

    A parameter that is a number of the precision that is wanted loses nothing in it: the function gets the whole array.
    """
    in_blocks = _elementwise(function)
    (usual,) = function.__defaults__ or (None,)

    @functools.wraps(function)
    def wrapper(z: ArrayLike, alpha: ArrayLike = usual) -> Array:
        z, wanted = _real(function.__name__, z)
        with np.errstate(all="ignore"):
            if not isinstance(alpha, float) or float(wanted.type(alpha)) != alpha:
                return in_blocks(z) if alpha is usual else in_blocks(z, alpha)
            given = () if alpha is usual else (wanted.type(alpha),)
            return function(z.astype(wanted, copy=False), *given)[()]

    return wrapper


def _step(z: Array) -> Array:
    """Return 1 where z > 0, 0 where z ≤ 0, and NaN where z is NaN."""
    return np.sign(np.maximum(z, 0.0))


def _piecewise(z: Array, edge: float, left: Callable[[Array], Array], right: Callable[[Array], Array]) -> Array:
    """Return left(z) where z < edge and right(z) elsewhere; neither is computed for the numbers of the other.

    np.piecewise takes twice as long: masks are slow where the two sides alternate.
    """
    flat = np.ravel(z)
    result, is_left = np.empty_like(flat), flat < edge
    for function, side in ((left, is_left), (right, ~is_left)):
        at = np.flatnonzero(side)
        result[at] = function(flat[at])
    return result.reshape(np.shape(z))


def _times(slope: Array | float, z: Array) -> Array:
    """Return slope · z, with 0 · ∞ = 0: the limit of a line of slope 0."""
    if type(slope) is float:  # a default, which is not 0: what a caller passes, or NumPy computes, is of NumPy's types
        return slope * z
    return np.where((slope == 0) & np.isinf(z), 0.0, slope * z)


def _leaky(z: Array, slope: Array | float) -> Array:
    """Return z where z > 0, else slope · z."""
    if type(slope) is float:  # a default, which is below 1
        return np.maximum(z, slope * z)
    return np.maximum(z, 0.0) + _times(slope, np.minimum(z, 0.0))


def _in_reach(exponent: Array) -> tuple[Array, Array | float]:
    """Return `head` and `beyond`, with e^exponent = e^head · beyond and head ≥ -700, where e^head has all its digits.

    What e^head multiplies first and `beyond` last keeps its digits until it is itself too small for them.
    """
    if (exponent >= -700).all():
        return exponent, 1.0
    return np.maximum(exponent, -700.0), np.exp(np.minimum(exponent + 700, 0.0))


# --- what the course knows about each ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Interval:
    """An interval of real numbers whose ends may each belong to it or not.

    `0.5 in Interval(0, 1)` is True; `str(Interval(0, math.inf, closed_low=True))` is "[0, ∞)".
    """

    low: float
    high: float
    closed_low: bool = False
    closed_high: bool = False

    def __contains__(self, value: float) -> bool:
        above = value >= self.low if self.closed_low else value > self.low
        below = value <= self.high if self.closed_high else value < self.high
        return bool(above and below)

    def __str__(self) -> str:
        low, high = (f"{end:.6g}".replace("inf", "∞") for end in (self.low, self.high))
        return f"{'[' if self.closed_low else '('}{low}, {high}{']' if self.closed_high else ')'}"


@dataclass(frozen=True)
class Activation:
    """What the course knows about one activation; calling it is calling `f`.

    `range`, `kinks`, `saturates` and `monotone` describe `f` at its default parameters: ELU with alpha = 2, say, has
    the range (-2, ∞) and a kink at 0 that ELU with alpha = 1 has not.

    key         its name in `REGISTRY`
    name        its name in text and on curves
    f, df       the function and its derivative; for softmax, the Jacobian along the last axis
    formula     TeX of f, without dollar signs
    derivative  TeX of f'
    range       the values f takes on the real line; rounding may return an open end (σ(40) is 1.0)
    kinks       every z where f' jumps
    saturates   the sides, "left" and "right", on which f' tends to 0
    monotone    whether f never decreases; for softmax, p_i as a function of z_i
    source      whom the course cites for it; empty where it cites nobody
    color       hex, the same in every figure; dark enough to write its name on white
    elementwise whether every output depends on its own input alone
    torch       the dotted name of torch's own f, without "torch."; empty where torch has none
    arguments   what torch's f takes besides z to be f at its default parameters
    """

    key: str
    name: str
    f: Callable[..., Array]
    df: Callable[..., Array]
    formula: str
    derivative: str
    range: Interval
    color: str
    kinks: tuple[float, ...] = ()
    saturates: tuple[str, ...] = ()
    monotone: bool = True
    source: str = ""
    elementwise: bool = True
    torch: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __call__(self, z: ArrayLike, **params: Array | float) -> Array:
        return self.f(z, **params)

    @property
    def params(self) -> dict[str, float]:
        """The real parameters that `f` and `df` take besides z, each with its default: {"alpha": 0.01}."""
        parameters = inspect.signature(self.f).parameters.values()
        return {p.name: p.default for p in parameters if isinstance(p.default, float)}


def _two_cases(right: str, left: str) -> str:
    """TeX of a function that is `right` where z > 0 and `left` elsewhere."""
    return rf"\begin{{cases}} {right} & z > 0 \\ {left} & z \le 0 \end{{cases}}"


REGISTRY: dict[str, Activation] = {}


def _register(activation: Activation) -> None:
    """Enter an activation below its function and its derivative, in teaching order."""
    REGISTRY[activation.key] = activation


# --- no activation ----------------------------------------------------------------------------------------------------


@_exact
def identity(z: Array) -> Array:
    """Identity, z: a layer without an activation.

    Shape: any -> same.  Units: dimensionless.  Range: (-inf, inf).
    Errors: none; NaN propagates.
    Source: the definition.
    """
    return np.copy(z)


@_exact
def identity_derivative(z: Array) -> Array:
    """Derivative of the identity, 1 everywhere.

    Shape: any -> same.  Units: dimensionless.  Range: {1}.
    Errors: none; NaN propagates.
    Source: calculus.
    """
    return np.clip(z, 1.0, 1.0)  # NaN where z is NaN


_register(
    Activation(
        key="linear",
        name="linear",
        f=identity,
        df=identity_derivative,
        formula="z",
        derivative="1",
        range=Interval(-math.inf, math.inf),
        torch="positive",  # torch's name for +z
        color="#707070",
    )
)


# --- sigmoid and tanh -------------------------------------------------------------------------------------------------


@_elementwise
def sigmoid(z: Array) -> Array:
    """Logistic sigmoid σ(z) = 1/(1 + e^-z), elementwise.

    Shape: any -> same.  Units: dimensionless (often read as a probability).  Range: (0, 1).
    Errors: none; NaN propagates. From z = 37 on σ(z) is 1 to the last bit, so e^z stops at e^40 and never overflows.
    Source: LeCun et al. (1998), Efficient BackProp.
    """
    e = np.exp(np.minimum(z, 40.0))
    return e / (1 + e)


@_elementwise
def sigmoid_derivative(z: Array) -> Array:
    """Derivative of the sigmoid, σ(z)·σ(-z) = e/(1 + e)² with e = e^-|z|: at most 1/4, at z = 0.

    Shape: any -> same.  Units: dimensionless.  Range: (0, 0.25].
    Errors: none; NaN propagates. σ(1 - σ) would be exactly 0 from z = 36.74; this form is not.
    Source: calculus, with 1 - σ(z) = σ(-z).
    """
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


_register(
    Activation(
        key="sigmoid",
        name="sigmoid",
        f=sigmoid,
        df=sigmoid_derivative,
        formula=r"\sigma(z) = \frac{1}{1 + e^{-z}}",
        derivative=r"\sigma(z)\,\sigma(-z)",
        range=Interval(0.0, 1.0),
        saturates=("left", "right"),
        source="LeCun et al. (1998)",
        torch="sigmoid",
        color="#0060A8",
    )
)


@_elementwise
def tanh(z: Array) -> Array:
    """Hyperbolic tangent, 2σ(2z) - 1, elementwise.

    Shape: any -> same.  Units: dimensionless.  Range: (-1, 1).
    Errors: none; NaN propagates.
    Source: LeCun et al. (1998), Efficient BackProp.
    """
    return np.tanh(z)


@_elementwise
def tanh_derivative(z: Array) -> Array:
    """Derivative of tanh, 1 - tanh²(z) = 4·σ(2z)·σ(-2z): at most 1, at z = 0.

    Shape: any -> same.  Units: dimensionless.  Range: (0, 1].
    Errors: none; NaN propagates. 1 - tanh² would be exactly 0 from z = 19; this form, with e = e^-2|z|, is not.
    Source: calculus, with tanh(z) = 2σ(2z) - 1.
    """
    e = np.exp(-2 * np.abs(z))
    return 4 * e / (1 + e) ** 2


_register(
    Activation(
        key="tanh",
        name="tanh",
        f=tanh,
        df=tanh_derivative,
        formula=r"\tanh z = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}",
        derivative=r"1 - \tanh^2 z",
        range=Interval(-1.0, 1.0),
        saturates=("left", "right"),
        source="LeCun et al. (1998)",
        torch="tanh",
        color="#C44200",
    )
)


# --- ReLU and its leaky relatives -------------------------------------------------------------------------------------


@_exact
def relu(z: Array) -> Array:
    """ReLU, max(0, z), elementwise.

    Shape: any -> same.  Units: dimensionless.  Range: [0, inf).
    Errors: none; NaN propagates.  At the kink the derivative is taken as 0.
    Source: Fukushima (1969); Nair & Hinton (2010); Glorot, Bordes & Bengio (2011).
    """
    return np.maximum(z, 0.0)


@_exact
def relu_derivative(z: Array) -> Array:
    """Derivative of ReLU: 1 where z > 0, else 0.

    Shape: any -> same.  Units: dimensionless.  Range: {0, 1}.
    Errors: none; NaN propagates.  At the kink: 0.
    Source: calculus; the value at the kink is a convention.
    """
    return _step(z)


_register(
    Activation(
        key="relu",
        name="ReLU",
        f=relu,
        df=relu_derivative,
        formula=r"\max(0, z)",
        derivative=_two_cases("1", "0"),
        range=Interval(0.0, math.inf, closed_low=True),
        kinks=(0.0,),
        saturates=("left",),
        source="Fukushima (1969); Nair & Hinton (2010); Glorot, Bordes & Bengio (2011)",
        torch="relu",
        color="#0B8068",
    )
)


@_one_product
def leaky_relu(z: Array, alpha: Array | float = 0.01) -> Array:
    """Leaky ReLU: z where z > 0, else alpha·z.

    Shape: any -> same.  Units: dimensionless.  Range: (-inf, inf) for alpha > 0.
    Errors: none; NaN propagates.  At the kink the derivative is taken as alpha.
    Source: Maas, Hannun & Ng (2013).
    """
    return _leaky(z, alpha)


@_elementwise
def leaky_relu_derivative(z: Array, alpha: Array | float = 0.01) -> Array:
    """Derivative of Leaky ReLU: 1 where z > 0, else alpha.

    Shape: any -> same.  Units: dimensionless.  Range: {alpha, 1}.
    Errors: none; NaN propagates.  At the kink: alpha.
    Source: calculus; the value at the kink is a convention.
    """
    step = _step(z)
    return step + alpha * (1 - step)


_register(
    Activation(
        key="leaky_relu",
        name="Leaky ReLU",
        f=leaky_relu,
        df=leaky_relu_derivative,
        formula=_two_cases("z", r"\alpha z"),
        derivative=_two_cases("1", r"\alpha"),
        range=Interval(-math.inf, math.inf),
        kinks=(0.0,),
        source="Maas, Hannun & Ng (2013)",
        torch="nn.functional.leaky_relu",
        color="#1F5A68",
    )
)


@_one_product
def prelu(z: Array, alpha: Array | float = 0.25) -> Array:
    """Parametric ReLU: Leaky ReLU whose slope alpha is learned, one number or one per channel.

    Shape: any, broadcast with alpha -> the broadcast shape.  Units: dimensionless.  Range: (-inf, inf) for alpha > 0.
    Errors: none; NaN propagates.  At the kink the derivative is taken as alpha.
    Source: He et al. (2015).
    """
    return _leaky(z, alpha)


@_elementwise
def prelu_derivative(z: Array, alpha: Array | float = 0.25) -> Array:
    """Derivative of PReLU with respect to z: 1 where z > 0, else alpha.

    Shape: any, broadcast with alpha -> the broadcast shape.  Units: dimensionless.  Range: {alpha, 1}.
    Errors: none; NaN propagates.  At the kink: alpha.
    Source: calculus; the value at the kink is a convention.
    """
    step = _step(z)
    return step + alpha * (1 - step)


_register(
    Activation(
        key="prelu",
        name="PReLU",
        f=prelu,
        df=prelu_derivative,
        formula=_two_cases("z", r"\alpha z"),
        derivative=_two_cases("1", r"\alpha"),
        range=Interval(-math.inf, math.inf),
        kinks=(0.0,),
        source="He et al. (2015)",
        torch="nn.functional.leaky_relu",  # torch's own prelu insists on a tensor of slopes to learn
        arguments={"negative_slope": 0.25},
        color="#3E750F",
    )
)


@_exact
def prelu_alpha_derivative(z: Array) -> Array:
    """Derivative of PReLU with respect to alpha, min(0, z): the same for every alpha.

    Shape: any -> same (sum it over whatever shares one alpha).  Units: dimensionless.  Range: (-inf, 0].
    Errors: none; NaN propagates.
    Source: He et al. (2015).
    """
    return np.minimum(z, 0.0)


# --- the exponential family -------------------------------------------------------------------------------------------


@_elementwise
def elu(z: Array, alpha: Array | float = 1.0) -> Array:
    """ELU: z where z > 0, else alpha·(e^z - 1).

    Shape: any -> same.  Units: dimensionless.  Range: (-alpha, inf).
    Errors: none; NaN propagates.  Smooth at 0 (f' continuous) only for alpha = 1.
    Source: Clevert et al. (2015).
    """
    return np.maximum(z, 0.0) + alpha * np.expm1(np.minimum(z, 0.0))


@_elementwise
def elu_derivative(z: Array, alpha: Array | float = 1.0) -> Array:
    """Derivative of ELU: 1 where z > 0, else alpha·e^z.

    Shape: any -> same.  Units: dimensionless.  Range: (0, 1] for alpha = 1.
    Errors: none; NaN propagates.  At 0: alpha.
    Source: calculus.
    """
    slope = np.exp(np.minimum(z, 0.0))
    if np.ndim(alpha) == 0 and alpha == 1:
        return slope
    step = _step(z)
    return step + alpha * (1 - step) * slope


_register(
    Activation(
        key="elu",
        name="ELU",
        f=elu,
        df=elu_derivative,
        formula=_two_cases("z", r"\alpha\,(e^{z} - 1)"),
        derivative=_two_cases("1", r"\alpha\,e^{z}"),
        range=Interval(-1.0, math.inf),
        saturates=("left",),
        source="Clevert et al. (2015)",
        torch="nn.functional.elu",
        color="#624D22",
    )
)


@_elementwise
def selu(z: Array) -> Array:
    """SELU: 1.0507 · ELU(z, alpha = 1.6733), the scale and alpha that keep N(0, 1) at mean 0 and second moment 1.

    Shape: any -> same.  Units: dimensionless.  Range: (-1.758099, inf).
    Errors: none; NaN propagates.  At the kink the derivative is taken as its left limit, 1.758099.
    Source: Klambauer et al. (2017); the two conditions above fix both constants.
    """
    return SELU_SCALE * elu(z, SELU_ALPHA)


@_elementwise
def selu_derivative(z: Array) -> Array:
    """Derivative of SELU: 1.0507 where z > 0, else 1.758099·e^z.

    Shape: any -> same.  Units: dimensionless.  Range: (0, 1.758099].
    Errors: none; NaN propagates.  At the kink: 1.758099.
    Source: calculus; the value at the kink is a convention.
    """
    return SELU_SCALE * elu_derivative(z, SELU_ALPHA)


_register(
    Activation(
        key="selu",
        name="SELU",
        f=selu,
        df=selu_derivative,
        formula=_two_cases(r"\lambda z", r"\lambda\alpha\,(e^{z} - 1)"),
        derivative=_two_cases(r"\lambda", r"\lambda\alpha\,e^{z}"),
        range=Interval(-SELU_SCALE * SELU_ALPHA, math.inf),
        kinks=(0.0,),
        saturates=("left",),
        source="Klambauer et al. (2017)",
        torch="nn.functional.selu",
        color="#201A80",
    )
)


@_elementwise
def softplus(z: Array) -> Array:
    """Softplus, log(1 + e^z): a smooth ReLU.

    Shape: any -> same.  Units: dimensionless.  Range: (0, inf).
    Errors: none; NaN propagates. log(1 + e^z) as written overflows from z = 710 and is 0 below -37; with z taken out of
    the logarithm where it is positive, and log1p, neither happens.
    Source: Dugas et al. (2000).
    """
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


@_elementwise
def softplus_derivative(z: Array) -> Array:
    """Derivative of softplus: the sigmoid.

    Shape: any -> same.  Units: dimensionless.  Range: (0, 1).
    Errors: none; NaN propagates.
    Source: calculus.
    """
    return sigmoid(z)


_register(
    Activation(
        key="softplus",
        name="softplus",
        f=softplus,
        df=softplus_derivative,
        formula=r"\log(1 + e^{z})",
        derivative=r"\sigma(z)",
        range=Interval(0.0, math.inf),
        saturates=("left",),
        source="Dugas et al. (2000)",
        torch="nn.functional.softplus",
        color="#607583",
    )
)


# --- smooth gates: z times something between 0 and 1 ------------------------------------------------------------------


@_elementwise
def gelu(z: Array) -> Array:
    """GELU, z·Φ(z), with Φ the distribution function of N(0, 1): exact, not the tanh approximation.

    Shape: any -> same.  Units: dimensionless.  Range: [-0.169971207, inf).
    Errors: none; NaN propagates. ½z(1 + erf(z/√2)) would be 0 below z = -8.38; here the left tail takes Φ from erfcx,
    which is erfc without its factor e^(-z²/2).
    Source: Hendrycks & Gimpel (2016).
    """

    def tail(z: Array) -> Array:
        z = np.maximum(z, -100.0)  # where GELU has long been 0: -∞ · 0 would be NaN
        return _times_gaussian(z / 2 * scipy.special.erfcx(-z / math.sqrt(2)), z)

    return _piecewise(z, -1.0, tail, lambda z: z * scipy.special.ndtr(z))


@_elementwise
def gelu_derivative(z: Array) -> Array:
    """Derivative of GELU, Φ(z) + z·φ(z), with φ the density of N(0, 1).

    Shape: any -> same.  Units: dimensionless.  Range: [-0.128904145, 1.128904145], reached at ±√2.
    Errors: none; NaN propagates. Near the zero at z = -0.7518 the error is small absolutely, not relatively.
    Source: calculus.
    """

    def line(z: Array) -> Array:
        """z·φ(z) without its factor e^(-z²/2)."""
        return z / math.sqrt(2 * math.pi)

    def tail(z: Array) -> Array:
        return _times_gaussian(scipy.special.erfcx(-z / math.sqrt(2)) / 2 + line(z), z)

    return _piecewise(z, -1.0, tail, lambda z: scipy.special.ndtr(z) + _times_gaussian(line(z), z))


_register(
    Activation(
        key="gelu",
        name="GELU",
        f=gelu,
        df=gelu_derivative,
        formula=r"z\,\Phi(z)",
        derivative=r"\Phi(z) + z\,\varphi(z)",
        range=Interval(-0.16997120747990366, math.inf, closed_low=True),
        saturates=("left",),
        monotone=False,
        source="Hendrycks & Gimpel (2016)",
        torch="nn.functional.gelu",
        color="#931A82",
    )
)


def _times_gaussian(factor: Array, z: Array) -> Array:
    """Return factor · e^(-z²/2) without the digits that rounding z² would cost.

    z = head + rest with a head so short that head² is exact; z² = head² + rest·(head + z).
    """
    z = np.clip(z, -100.0, 100.0)
    head = z.astype(np.float32).astype(np.float64)
    exponent, beyond = _in_reach(-head * head / 2)
    return _times(beyond, factor * np.exp((head - z) * (head + z) / 2) * np.exp(exponent))


@_elementwise
def gelu_tanh(z: Array) -> Array:
    """GELU's tanh approximation, ½z(1 + tanh u) = z·σ(2u) with u = √(2/π)·(z + 0.044715 z³).

    Shape: any -> same.  Units: dimensionless.  Range: [-0.170040751, inf).
    Errors: at most 4.74e-4 away from GELU, at z = ±2.70; relatively -84 % at z = -5.  NaN propagates.
    Source: Hendrycks & Gimpel (2016).
    """
    return _gated(z, _gelu_tanh_logit(z))


@_elementwise
def gelu_tanh_derivative(z: Array) -> Array:
    """Derivative of GELU's tanh approximation, σ(2u)·(1 + 2z·u'(z)·σ(-2u)).

    Shape: any -> same.  Units: dimensionless.  Range: [-0.128993, 1.128993].
    Errors: none; NaN propagates. Near its zero the error is small absolutely, not relatively.
    Source: calculus.
    """
    growth = math.sqrt(8 / math.pi) * (z + 3 * GELU_TANH_CUBIC * z * z * z)
    return _gated_derivative(_gelu_tanh_logit(z), growth)


_register(
    Activation(
        key="gelu_tanh",
        name="GELU (tanh form)",
        f=gelu_tanh,
        df=gelu_tanh_derivative,
        formula=r"\tfrac{z}{2}\,(1 + \tanh u),\quad u = \sqrt{2/\pi}\,(z + 0.044715\,z^{3})",
        derivative=r"\tfrac{1}{2}(1 + \tanh u) + \tfrac{z}{2}\,(1 - \tanh^2 u)\,u'(z)",
        range=Interval(-0.17004075057125406, math.inf, closed_low=True),
        saturates=("left",),
        monotone=False,
        source="Hendrycks & Gimpel (2016)",
        torch="nn.functional.gelu",
        arguments={"approximate": "tanh"},
        color="#C821AA",
    )
)


def _gelu_tanh_logit(z: Array) -> Array:
    """Return 2u, the log-odds of the tanh approximation's gate."""
    return math.sqrt(8 / math.pi) * (z + GELU_TANH_CUBIC * z * z * z)


@_elementwise
def gelu_sigmoid(z: Array) -> Array:
    """GELU's sigmoid approximation, z·σ(1.702 z).

    Shape: any -> same.  Units: dimensionless.  Range: [-0.163610190, inf).
    Errors: at most 0.0204 away from GELU, at z = ±2.27.  NaN propagates.
    Source: Hendrycks & Gimpel (2016).
    """
    return _gated(z, GELU_SIGMOID_SLOPE * z)


@_elementwise
def gelu_sigmoid_derivative(z: Array) -> Array:
    """Derivative of GELU's sigmoid approximation, that of SiLU with beta = 1.702.

    Shape: any -> same.  Units: dimensionless.  Range: [-0.099839, 1.099839].
    Errors: none; NaN propagates. Near its zero the error is small absolutely, not relatively.
    Source: calculus.
    """
    u = GELU_SIGMOID_SLOPE * z
    return _gated_derivative(u, u)


_register(
    Activation(
        key="gelu_sigmoid",
        name="GELU (sigmoid form)",
        f=gelu_sigmoid,
        df=gelu_sigmoid_derivative,
        formula=r"z\,\sigma(1.702\,z)",
        derivative=r"\sigma(u)\,(1 + u\,\sigma(-u)),\quad u = 1.702\,z",
        range=Interval(-0.1636101896363536, math.inf, closed_low=True),
        saturates=("left",),
        monotone=False,
        source="Hendrycks & Gimpel (2016)",
        torch="",  # torch has no such form; `training` lets it run the two functions above
        color="#9F5388",
    )
)


@_elementwise
def silu(z: Array, beta: Array | float = 1.0) -> Array:
    """SiLU, z·σ(beta·z); with beta other than 1 also called Swish. beta -> inf gives ReLU.

    Shape: any -> same.  Units: dimensionless.  Range: [-0.278464543/beta, inf) for beta > 0.
    Errors: none; NaN propagates. beta = 0 is z/2; a negative beta gives -silu(-z, -beta), with the range mirrored too.
    Source: Hendrycks & Gimpel (2016); Elfwing, Uchibe & Doya (2017); Ramachandran, Zoph & Le (2017).
    """
    return _gated(z, _times(beta, z))


@_elementwise
def silu_derivative(z: Array, beta: Array | float = 1.0) -> Array:
    """Derivative of SiLU, σ(u)·(1 + u·σ(-u)) with u = beta·z.

    Shape: any -> same.  Units: dimensionless.  Range: [-0.099839320, 1.099839320], reached at u = ±2.399357.
    Errors: none; NaN propagates. Near the zero at u = -1.2785 the error is small absolutely, not relatively.
    Source: calculus.
    """
    u = _times(beta, z)
    return _gated_derivative(u, u)


_register(
    Activation(
        key="silu",
        name="SiLU",
        f=silu,
        df=silu_derivative,
        formula=r"z\,\sigma(\beta z)",
        derivative=r"\sigma(u)\,(1 + u\,\sigma(-u)),\quad u = \beta z",
        range=Interval(-0.2784645427610738, math.inf, closed_low=True),
        saturates=("left",),
        monotone=False,
        source="Hendrycks & Gimpel (2016); Elfwing, Uchibe & Doya (2017); Ramachandran, Zoph & Le (2017)",
        torch="nn.functional.silu",
        color="#6830D9",
    )
)


def _gated(z: Array, u: Array) -> Array:
    """Return z·σ(u), as z/(1 + e^-u)."""
    head, beyond = _in_reach(u)
    return _times(beyond, z / (1 + np.exp(-head)))


def _gated_derivative(u: Array, growth: Array) -> Array:
    """Return the derivative of z·σ(u), which is σ(u)·(1 + growth·σ(-u)) with growth = z·u'(z).

    For an odd, increasing u the slopes at z and -z add up to 1: the left tail is the hard side, the right
    is 1 minus it.
    """
    head, beyond = _in_reach(-np.abs(u))
    e = np.exp(head)
    tail = _times(beyond, (1 + e - np.abs(growth)) / (1 + e) ** 2 * e)
    return np.where(u > 0, 1 - tail, tail)


@_elementwise
def mish(z: Array) -> Array:
    """Mish, z·tanh(softplus(z)) = z·n/(n + 2) with n = e^2z + 2e^z: SiLU, up to 21 % larger.

    Shape: any -> same.  Units: dimensionless.  Range: [-0.308843413, inf).
    Errors: none; NaN propagates.
    Source: Misra (2019).
    """
    head, beyond = _in_reach(np.minimum(z, 40.0))
    e = np.exp(head)
    n = e * e + 2 * e
    return _times(beyond, z * (n / (n + 2)))


@_elementwise
def mish_derivative(z: Array) -> Array:
    """Derivative of Mish, tanh(s) + SiLU(z)·(1 - tanh(s))·(1 + tanh(s)) with s = softplus(z).

    Shape: any -> same.  Units: dimensionless.  Range: [-0.112526, 1.088498161].
    Errors: none; NaN propagates. Near the zero at z = -1.1924 the error is small absolutely, not relatively.
    Source: calculus.
    """
    z = np.minimum(z, 40.0)  # where the derivative has long been 1 to the last bit
    head, beyond = _in_reach(z)
    e = np.exp(head)
    n = e * e + 2 * e
    gate, rest = n / (n + 2), 2 / (n + 2)  # tanh(s) and 1 - tanh(s)
    return _times(beyond, gate + z / (1 + np.exp(-head)) * rest * (1 + gate))


_register(
    Activation(
        key="mish",
        name="Mish",
        f=mish,
        df=mish_derivative,
        formula=r"z\,\tanh(\log(1 + e^{z}))",
        derivative=r"\tanh s + z\,\sigma(z)\,(1 - \tanh^2 s),\quad s = \log(1 + e^{z})",
        range=Interval(-0.30884341301725043, math.inf, closed_low=True),
        saturates=("left",),
        monotone=False,
        source="Misra (2019)",
        torch="nn.functional.mish",
        color="#C32642",
    )
)


@_elementwise
def hardswish(z: Array) -> Array:
    """Hard Swish, z·clip(z + 3, 0, 6)/6: SiLU with straight lines for a gate.

    Shape: any -> same.  Units: dimensionless.  Range: [-0.375, inf), the minimum at z = -1.5.
    Errors: none; NaN propagates.  At the kinks the derivative is taken as 0 (z = -3) and 1 (z = 3).
    Source: Howard et al. (2019).
    """
    return np.maximum(z, -3.0) * (np.clip(z + 3, 0.0, 6.0) / 6)


@_elementwise
def hardswish_derivative(z: Array) -> Array:
    """Derivative of Hard Swish: 0 up to z = -3, (2z + 3)/6 between the kinks, 1 from z = 3.

    Shape: any -> same.  Units: dimensionless.  Range: (-0.5, 1.5).
    Errors: none; NaN propagates.  At the kinks: 0 and 1.
    Source: calculus; the values at the kinks are a convention.
    """
    return np.where(np.abs(z) < 3, (2 * z + 3) / 6, _step(z))


_register(
    Activation(
        key="hardswish",
        name="Hard Swish",
        f=hardswish,
        df=hardswish_derivative,
        formula=r"z\,\min(\max(z + 3, 0), 6)/6",
        derivative=r"\begin{cases} 0 & z \le -3 \\ (2z + 3)/6 & -3 < z < 3 \\ 1 & z \ge 3 \end{cases}",
        range=Interval(-0.375, math.inf, closed_low=True),
        kinks=(-3.0, 3.0),
        saturates=("left",),
        monotone=False,
        source="Howard et al. (2019)",
        torch="nn.functional.hardswish",
        color="#4F6BD6",
    )
)


# --- softmax: not elementwise -----------------------------------------------------------------------------------------


def softmax(z: ArrayLike, axis: int = -1) -> Array:
    """Softmax, e^z divided by its sum along `axis`: scores in, probabilities out.

    Shape: (..., k, ...) -> same, summing to 1 along `axis`.  Units: probability.  Range: (0, 1) for k > 1.
    Errors: AxisError if `z` has no such axis. A NaN makes its whole slice NaN; a score of -inf gets probability 0, and
    equal infinite largest scores share. The maximum subtracted is that of the slice: a global one gives 0/0.
    Source: Bridle (1990).
    """
    with np.errstate(all="ignore"):
        z, wanted = _real_array("softmax", z)
        weights = np.exp(_below_maximum(z, axis))
        return (weights / weights.sum(axis=axis, keepdims=True)).astype(wanted)


def softmax_derivative(z: ArrayLike) -> Array:
    """Jacobian of softmax along the last axis, J[i, j] = dp_i/dz_j, at the scores `z`.

    Shape: (..., k) -> (..., k, k).  Units: dimensionless.  Range: [-0.25, 0.25].
    Errors: AxisError if `z` is a scalar.
    Source: calculus.
    """
    return softmax_jacobian(softmax(z))


_register(
    Activation(
        key="softmax",
        name="softmax",
        f=softmax,
        df=softmax_derivative,
        formula=r"\frac{e^{z_i}}{\sum_j e^{z_j}}",
        derivative=r"p_i\,([i = j] - p_j)",
        range=Interval(0.0, 1.0),
        source="Bridle (1990)",
        torch="softmax",
        arguments={"dim": -1},
        color="#2B2B2B",
        elementwise=False,
    )
)


def softmax_jacobian(p: ArrayLike) -> Array:
    """Jacobian of softmax, p_i·([i = j] - p_j), from the probabilities `p` that softmax returned.

    Shape: (..., k) -> (..., k, k).  Units: dimensionless.  Range: [-0.25, 0.25]; rows and columns sum to 0.
    Errors: AxisError if `p` is a scalar.
    Source: calculus.
    """
    with np.errstate(all="ignore"):
        p, wanted = _real_array("softmax_jacobian", p)
        normalize_axis_index(-1, p.ndim)
        return (p[..., :, None] * (np.eye(p.shape[-1]) - p[..., None, :])).astype(wanted)


def softmax_vjp(p: ArrayLike, g: ArrayLike, axis: int = -1) -> Array:
    """Carry a gradient back through softmax, p·(g - Σ p·g): the Jacobian times g, without building the Jacobian.

    Shape: p and g (..., k, ...) -> same.  Units: those of g.  Range: (-inf, inf); sums to 0 along `axis`.
    Errors: AxisError if there is no such axis; ValueError if the shapes do not broadcast.
    Source: calculus.
    """
    with np.errstate(all="ignore"):
        p, wanted = _real_array("softmax_vjp", p)
        g, wanted_g = _real_array("softmax_vjp", g)
        normalize_axis_index(axis, max(p.ndim, g.ndim))
        mean = (p * g).sum(axis=axis, keepdims=True)
        return (p * (g - mean)).astype(np.result_type(wanted, wanted_g))


def masked_softmax(z: ArrayLike, mask: ArrayLike) -> Array:
    """Softmax along the last axis over the scores where `mask` is true: the others get 0, however large they are.

    Shape: z (..., k), and a boolean mask that broadcasts with it -> theirs together.  Units: probability.  Range:
    [0, 1]; a row sums to 1, or to 0 where nothing is left: all of it masked, or at -inf, which is masked as well.
    Errors: ValueError if the shapes do not broadcast. A NaN that is not masked makes its row NaN.
    Source: Vaswani et al. (2017) for the mask of -inf.
    """
    with np.errstate(all="ignore"):
        z, wanted = _real_array("masked_softmax", z)
        seen = np.asarray(mask, bool) & (z != -np.inf)
        weights = np.where(seen, np.exp(_below_maximum(np.where(seen, z, -np.inf), -1)), 0.0)
        total = weights.sum(axis=-1, keepdims=True)
        return (weights / np.where(total == 0, 1.0, total)).astype(wanted)


def log_softmax(z: ArrayLike, axis: int = -1) -> Array:
    """Logarithm of softmax, z - log Σ e^z along `axis`, finite where softmax has underflowed to 0.

    Shape: (..., k, ...) -> same.  Units: nats.  Range: (-inf, 0).
    Errors: as softmax; a score of -inf gets -inf. At a clear winner z and log Σ e^z would cancel, to 0 from a lead
    of 37 on; with the maximum left out of the sum, log1p keeps every digit.
    Source: calculus.
    """
    with np.errstate(all="ignore"):
        z, wanted = _real_array("log_softmax", z)
        below = _below_maximum(z, axis)
        top = below == 0
        ties = top.sum(axis=axis, keepdims=True) - 1
        others = ties + np.where(top, 0.0, np.exp(below)).sum(axis=axis, keepdims=True)
        return (below - np.log1p(others)).astype(wanted)


def _below_maximum(z: Array, axis: int) -> Array:
    """Return z minus the maximum of its own slice, with 0 at the maximum even where that is infinite."""
    normalize_axis_index(axis, z.ndim)
    top = z.max(axis=axis, keepdims=True, initial=-np.inf)
    return np.where(z == top, 0.0, z - top)
