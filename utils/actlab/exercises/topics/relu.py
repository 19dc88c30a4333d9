"""ReLU and its relatives, their slopes, and units that died."""

from dataclasses import replace

import numpy as np

from actlab.activations import elu, elu_derivative, leaky_relu, relu, relu_derivative, sigmoid
from actlab.exercises import mistakes
from actlab.exercises.cases import near_zero, pointwise, quarters
from actlab.exercises.model import Case, close, exercise, practice
from actlab.exercises.text import listed, rounded
from actlab.words import minus


def _overwriting(z):
    """A ReLU that sets the negative entries of the caller's array to 0."""
    np.maximum(z, 0, out=z)
    return z


def _with_alpha(rng, *alphas):
    """`pointwise` cases with a slope beside them, each slope in turn."""
    for k, case in enumerate(pointwise(rng)):
        alpha = alphas[k % len(alphas)]
        yield Case((*case.args, alpha), note=f"{case.note}, alpha = {alpha:g}")


def _by_default(rng):
    """A case that relies on the default of alpha."""
    return Case((next(iter(pointwise(rng))).args[0],), note="small numbers of both signs, alpha left out")


@exercise("q3_relu", points=2, section="3.1 A slope that never shrinks", title="ReLU")
class Relu:
    elementwise = True
    reference = relu

    def cases(rng):
        yield from pointwise(rng)
        yield near_zero()

    wrong = {
        "min(0, z): the negative side is kept and the positive one is cut": lambda z: np.minimum(z, 0),
        "|z|: negative numbers are turned around where they should become 0": np.abs,
        "a step: on the positive side ReLU returns z, not 1": lambda z: np.where(z > 0, 1.0, 0.0),
        "the largest entry of the whole array (`np.max`): the comparison with 0 is entry by entry": np.max,
        "z itself: the negative side is not cut": lambda z: 1.0 * z,
        "ReLU6, which is cut off at 6 as well": lambda z: np.clip(z, 0, 6),
        "z cut to the range from 0 to 1: there is no upper limit": lambda z: np.clip(z, 0, 1),
        "ReLU of −z: the sides are swapped": lambda z: np.maximum(-z, 0),
        "−max(0, z): the sign is flipped": lambda z: -np.maximum(z, 0),
        "max(1, z): the comparison is with 0": lambda z: np.maximum(z, 1),
        "max(z, −1): the comparison is with 0": lambda z: np.maximum(z, -1),
        "Leaky ReLU with slope 0.01": leaky_relu,
        "z + |z|: half of that is ReLU": lambda z: z + np.abs(z),
        "max(0, z)²": lambda z: np.maximum(z, 0) ** 2,
        "ln(1 + eᶻ), the softplus, which rounds the corner": lambda z: np.logaddexp(0, z),
        "z σ(z), the SiLU": lambda z: z * sigmoid(z),
        "a sum over all entries: each has its own value": lambda z: np.sum(np.maximum(z, 0)),
        mistakes.CHANGED_IN_PLACE: _overwriting,
        "the largest entry of each column (`np.max` with 0 as its axis): with 0 compares `np.maximum`": lambda z: (
            np.max(z, 0)
        ),
        **mistakes.vectorized(lambda v: v if v > 0 else 0),
        "the largest entry, repeated (`np.max` in place of `np.maximum`)": lambda z: np.full(
            z.shape, max(z.max(), 0), float
        ),
        "half of it: z on the positive side": lambda z: np.maximum(z, 0) / 2,
        "the positive entries alone, in a shorter array": lambda z: z[z > 0],
    }


@exercise("q3_relu_derivative", points=2, section="3.2 The slope, and the corner", title="The slope of ReLU")
class ReluDerivative:
    elementwise = True
    reference = relu_derivative

    def cases(rng):
        yield from pointwise(rng)
        yield near_zero(smallest=True)

    def accept(got, want, case, k):
        at_kink = (case.args[0] == 0) & (got >= -1e-6) & (got <= 1 + 1e-6)
        return close(got, want, case) | at_kink

    wrong = {
        "ReLU itself: on the positive side the slope is a constant": relu,
        "the wrong side: 1 where z is negative": lambda z: np.where(z < 0, 1.0, 0.0),
        "the wrong side: 1 where z is negative or 0": lambda z: np.where(z <= 0, 1.0, 0.0),
        "the sign of z, the slope of |z|": np.sign,
        "±1 by the side, the slope of |z|": lambda z: np.where(z > 0, 1.0, -1.0),
        "1 everywhere: on the negative side ReLU is flat": lambda z: np.ones(z.shape),
        "0 everywhere": lambda z: np.zeros(z.shape),
        "NaN at 0, as from dividing 0 by 0: choose one of the subgradients there": lambda z: np.maximum(z, 0) / z,
        "slope 0.01 on the negative side, the rule for Leaky ReLU": lambda z: np.where(z > 0, 1.0, 0.01),
        "z cut to the range from 0 to 1: the slope jumps at 0": lambda z: np.clip(z, 0, 1),
        "1 where z is negative, z where it is positive: the two results are swapped, and the other side has slope 0": (
            lambda z: np.where(z > 0, z, 1.0)
        ),
        "−1 on the positive side: the sign is flipped": lambda z: -relu_derivative(z),
        "½ on the positive side": lambda z: relu_derivative(z) / 2,
        "z² on the positive side": lambda z: np.maximum(z, 0) ** 2,
        "the sigmoid, which is the slope of the softplus": sigmoid,
        "a slope of 2 at 0: it must lie between those of the two sides": lambda z: np.where(
            z == 0, 2.0, relu_derivative(z)
        ),
        **mistakes.differences(relu),
        "z itself": lambda z: z.copy(),
        "a test for z ≠ 0: negative numbers have slope 0": lambda z: (z != 0) * 1.0,
        "the slope of ReLU6, which is flat from 6 on": lambda z: ((z > 0) & (z < 6)) * 1.0,
        "one answer for the whole array, whether *any* entry is positive": lambda z: float(np.any(z > 0)),
        **mistakes.THRESHOLDS,
    }


def _scaled_in_place(z, alpha=0.01):
    z[z < 0] *= alpha
    return z


@exercise("q3_leaky_relu", points=3, section="3.3 A leak", title="Leaky ReLU")
class LeakyRelu:
    elementwise = True

    def reference(z, alpha=0.01):
        return leaky_relu(z, alpha)

    def cases(rng):
        yield from _with_alpha(rng, 0.25, 2, 0.01, 0.5, 0.0, 1.5)
        yield _by_default(rng)
        yield near_zero(0.25, note="tiny numbers of both signs, alpha = 0.25")

    wrong = {
        "the slope on the wrong side: negative numbers are scaled, positive ones stay": lambda z, alpha=0.01: np.where(
            z > 0, alpha * z, z
        ),
        "−αz on the left: the leak goes down, not up": lambda z, alpha=0.01: np.where(z > 0, z, -alpha * z),
        "a constant α on the left, where α times z belongs": lambda z, alpha=0.01: np.where(z > 0, z, alpha),
        "a constant −α on the left, where α times z belongs": lambda z, alpha=0.01: np.where(z > 0, z, -alpha),
        "max(α, z): the slope has to multiply z": lambda z, alpha=0.01: np.maximum(alpha, z),
        "a slope fixed at 0.01, whatever alpha says": lambda z, alpha=0.01: np.where(z > 0, z, 0.01 * z),
        "a slope fixed at 0.1, whatever alpha says": lambda z, alpha=0.01: np.where(z > 0, z, 0.1 * z),
        "a slope fixed at 0.2, whatever alpha says": lambda z, alpha=0.01: np.where(z > 0, z, 0.2 * z),
        "max(z, αz): that picks the wrong one of the two when alpha is above 1": lambda z, alpha=0.01: np.maximum(
            z, alpha * z
        ),
        "min(z, αz): that picks the wrong one of the two when alpha is below 1": lambda z, alpha=0.01: np.minimum(
            z, alpha * z
        ),
        "ReLU without a leak": lambda z, alpha=0.01: np.maximum(z, 0),
        "αz on both sides": lambda z, alpha=0.01: alpha * z,
        "z itself, without a bend": lambda z, alpha=0.01: 1.0 * z,
        "z − α on the left, where a product belongs": lambda z, alpha=0.01: np.where(z > 0, z, z - alpha),
        "z + α on the left, where a product belongs": lambda z, alpha=0.01: np.where(z > 0, z, z + alpha),
        "z/α on the left: the slope multiplies": lambda z, alpha=0.01: np.where(z > 0, z, z / alpha),
        "ReLU plus αz: on the right the slope is then 1 + α": lambda z, alpha=0.01: np.maximum(z, 0) + alpha * z,
        "1 or α, the slope": lambda z, alpha=0.01: np.where(z > 0, 1.0, alpha),
        "an ELU: the left side is a straight line here": lambda z, alpha=0.01: elu(z, alpha),
        "(1 − α)z on the left": lambda z, alpha=0.01: np.where(z > 0, z, (1 - alpha) * z),
        **mistakes.defaults(leaky_relu, 0.1, 0.2, 0.3, 0.05, 0.02, 0.001, 0.0, 1.0),
        **mistakes.integer_storage(lambda z, alpha=0.01: leaky_relu(z, alpha)),
        "−alpha on the left: alpha is a slope": lambda z, alpha=0.01: np.where(z > 0, z, np.where(z < 0, -alpha, 0)),
        mistakes.CHANGED_IN_PLACE: _scaled_in_place,
    }


@exercise("q3_prelu_alpha_gradient", points=3, section="3.4 Learn the leak ☆", title="The gradient of PReLU's slope")
class PreluAlphaGradient:
    def reference(z, upstream):
        return np.sum(upstream * np.minimum(z, 0.0))

    def cases(rng):
        yield Case((np.array([-2.0, 3.0]), np.array([5.0, 7.0])), note="two numbers")
        for case in pointwise(rng, [2.0, -1.0, 4.0, 3.0, -2.0, 0.5]):
            yield Case(case.args, note=case.note, atol=1e-5)

    wrong = {
        "0: the loss does depend on α": lambda z, upstream: 0.0,
        "one gradient for each entry: all of them share one α": lambda z, upstream: upstream * np.minimum(z, 0),
        "a mean where a sum belongs": lambda z, upstream: np.mean(upstream * np.minimum(z, 0)),
        "the positive side: there α plays no part": lambda z, upstream: np.sum(upstream * np.maximum(z, 0)),
        "both sides: where z is positive α plays no part": lambda z, upstream: np.sum(upstream * z),
        "no upstream gradient: the chain rule multiplies by it": lambda z, upstream: np.sum(np.minimum(z, 0)),
        "upstream summed over the negative entries: how far α moves the output is missing": lambda z, upstream: np.sum(
            upstream * (z <= 0)
        ),
        "upstream summed where z is negative: how far α moves the output, z itself, is missing": lambda z, upstream: (
            np.sum(upstream * (z < 0))
        ),
        "one gradient for each column: all entries share one α": lambda z, upstream: np.sum(
            upstream * np.minimum(z, 0), axis=0
        ),
        "a count of the negative entries": lambda z, upstream: np.sum(z < 0),
        mistakes.FLIPPED: lambda z, upstream: -np.sum(upstream * np.minimum(z, 0)),
        "a factor ¼ too much: α itself does not appear": lambda z, upstream: 0.25 * np.sum(upstream * np.minimum(z, 0)),
        "a factor 0.01 too much: α itself does not appear": lambda z, upstream: (
            0.01 * np.sum(upstream * np.minimum(z, 0))
        ),
        "the upstream gradient alone, summed": lambda z, upstream: np.sum(upstream),
        "a product of two sums: multiply entry by entry, then sum": lambda z, upstream: (
            np.sum(upstream) * np.sum(np.minimum(z, 0))
        ),
        "upstream and z in each other's place: it is z that must be negative": lambda z, upstream: np.sum(
            z * np.minimum(upstream, 0)
        ),
        "the negative products: it is z that must be negative, not the product": lambda z, upstream: np.sum(
            np.minimum(upstream * z, 0)
        ),
        "a sum over the first axis only: one number is wanted": lambda z, upstream: np.sum(
            np.atleast_2d(upstream * np.minimum(z, 0)), axis=0
        ),
        "z squared: it enters once": lambda z, upstream: np.sum(upstream * np.minimum(z, 0) ** 2),
        "an upstream gradient that is squared": lambda z, upstream: np.sum(upstream**2 * np.minimum(z, 0)),
        "the gradient for z, summed: α's is asked for": lambda z, upstream: np.sum(
            upstream * np.where(z > 0, 1.0, 0.25)
        ),
    }


@exercise("q3_elu", points=4, section="3.5 A curve in place of the corner", title="ELU")
class Elu:
    parts = {"ordinary inputs": 3, "extreme inputs": 1}
    elementwise = True

    def reference(z, alpha=1.0):
        return elu(z, alpha)

    def cases(rng):
        for case in (*_with_alpha(rng, 1.5, 0.5, 2, 1.0, 0.25, 3.0), _by_default(rng)):
            yield replace(case, part="ordinary inputs")
        large = np.array([-1000.0, 0.0, 1000.0])
        tiny = -rng.uniform(1, 9, (2, 2)).round(2) * 1e-13
        yield Case((large, 1.5), part="extreme inputs", note="large numbers")
        for alpha in (1.5, 1.0):
            yield Case((tiny, alpha), part="extreme inputs", note="tiny negative numbers", rtol=1e-6, atol=0.0)

    wrong = {
        "αeᶻ on the left, without the − 1: it does not meet the right side at 0": lambda z, alpha=1.0: np.where(
            z > 0, z, alpha * np.exp(np.minimum(z, 0))
        ),
        "a left side without α": lambda z, alpha=1.0: elu(z),
        "αeᶻ − 1: α multiplies the whole bracket": lambda z, alpha=1.0: np.where(
            z > 0, z, alpha * np.exp(np.minimum(z, 0)) - 1
        ),
        "e^(αz) − 1: α stands before the bracket, not in the exponent": lambda z, alpha=1.0: np.where(
            z > 0, z, np.expm1(alpha * np.minimum(z, 0))
        ),
        "α times ELU: the positive side keeps slope 1": lambda z, alpha=1.0: alpha * elu(z),
        "SELU, with constants of its own": lambda z, alpha=1.0: 1.0507009873554805 * elu(z, 1.6732632423543773),
        "α(1 − eᶻ): the sign is flipped on the left": lambda z, alpha=1.0: np.where(z > 0, z, -elu(z, alpha)),
        "α(e⁻ᶻ − 1): the sign of the exponent is flipped": lambda z, alpha=1.0: np.where(
            z > 0, z, alpha * np.expm1(-np.minimum(z, 0))
        ),
        "the two sides swapped": lambda z, alpha=1.0: np.where(z > 0, alpha * np.expm1(z), z),
        "α(eᶻ − 1) on both sides": lambda z, alpha=1.0: alpha * np.expm1(z),
        "αz on the left, the rule for Leaky ReLU": lambda z, alpha=1.0: leaky_relu(z, alpha),
        "ReLU": lambda z, alpha=1.0: np.maximum(z, 0),
        "α(eᶻ + 1): a plus where a minus belongs": lambda z, alpha=1.0: np.where(
            z > 0, z, alpha * (np.exp(np.minimum(z, 0)) + 1)
        ),
        "α(2ᶻ − 1): a power of 2 where one of e is meant": lambda z, alpha=1.0: np.where(
            z > 0, z, alpha * (np.exp2(np.minimum(z, 0)) - 1)
        ),
        "eᶻ − α on the left": lambda z, alpha=1.0: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - alpha),
        "z(eᶻ − 1) on the left": lambda z, alpha=1.0: np.where(z > 0, z, z * np.expm1(np.minimum(z, 0))),
        "the slope of ELU": elu_derivative,
        "max(z, α(eᶻ − 1)): above 0 the exponential overtakes z": lambda z, alpha=1.0: np.maximum(
            z, alpha * np.expm1(z)
        ),
        **mistakes.defaults(elu, 0.1, 0.2, 0.5, 0.01, 1.6732632423543772, 2.0),
        **mistakes.integer_storage(lambda z, alpha=1.0: elu(z, alpha)),
        "both sides times a mask, which for large z is ∞ times 0": lambda z, alpha=1.0: (
            z * (z > 0) + alpha * np.expm1(z) * (z <= 0)
        ),
        "a difference of two nearly equal numbers, whose leading digits cancel": lambda z, alpha=1.0: np.where(
            z > 0, z, alpha * (np.exp(np.minimum(z, 0)) - 1)
        ),
    }


@exercise("q3_elu_derivative", points=3, section="3.6 No corner, for one α ☆", title="The slope of ELU")
class EluDerivative:
    elementwise = True

    def reference(z, alpha=1.0):
        return elu_derivative(z, alpha)

    def cases(rng):
        yield from _with_alpha(rng, 1.5, 0.5, 2, 1.0, 0.25, 3.0)
        yield _by_default(rng)
        yield near_zero(0.5, smallest=True, note="tiny numbers of both signs, alpha = 0.5")

    def accept(got, want, case, k):
        z, alpha = (*case.args, 1.0)[:2]
        return close(got, want, case) | ((z == 0) & (got >= min(1, alpha)) & (got <= max(1, alpha)))

    wrong = {
        "α(eᶻ − 1) on the left, ELU's value: its slope has no − 1": lambda z, alpha=1.0: np.where(
            z > 0, 1.0, elu(z, alpha)
        ),
        "f + 1 on the left, which holds for α = 1 only": lambda z, alpha=1.0: np.where(z > 0, 1.0, elu(z, alpha) + 1),
        "eᶻ on the left, without α": lambda z, alpha=1.0: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
        "0 on the left, the rule for ReLU": lambda z, alpha=1.0: relu_derivative(z),
        "α on the left, the rule for Leaky ReLU": lambda z, alpha=1.0: np.where(z > 0, 1.0, alpha),
        "ELU itself": elu,
        "αeᶻ on both sides: on the right the slope is constant": lambda z, alpha=1.0: alpha * np.exp(z),
        "α on the right: there the slope is 1": lambda z, alpha=1.0: alpha * elu_derivative(z),
        "αz eᶻ on the left: there is no factor z": lambda z, alpha=1.0: np.where(
            z > 0, 1.0, alpha * z * np.exp(np.minimum(z, 0))
        ),
        "αe⁻ᶻ on the left: the sign of the exponent is flipped": lambda z, alpha=1.0: np.where(
            z > 0, 1.0, alpha * np.exp(-np.minimum(z, 0))
        ),
        "−αeᶻ on the left: the sign is flipped": lambda z, alpha=1.0: np.where(
            z > 0, 1.0, -alpha * np.exp(np.minimum(z, 0))
        ),
        "αe^(αz) on the left: α is not in the exponent": lambda z, alpha=1.0: np.where(
            z > 0, 1.0, alpha * np.exp(alpha * np.minimum(z, 0))
        ),
        "the two sides swapped": lambda z, alpha=1.0: np.where(z > 0, alpha * np.exp(np.minimum(z, 0)), 1.0),
        "z on the right: that is the value, the slope is 1": lambda z, alpha=1.0: np.where(
            z > 0, z, alpha * np.exp(np.minimum(z, 0))
        ),
        "α(eᶻ + 1) on the left": lambda z, alpha=1.0: np.where(z > 0, 1.0, alpha * (np.exp(np.minimum(z, 0)) + 1)),
        "1 + αeᶻ on the left": lambda z, alpha=1.0: np.where(z > 0, 1.0, 1 + alpha * np.exp(np.minimum(z, 0))),
        "1 everywhere": lambda z, alpha=1.0: np.ones(z.shape),
        "f − α on the left: a sign is flipped": lambda z, alpha=1.0: np.where(z > 0, 1.0, elu(z, alpha) - alpha),
        "0 on the right: there the slope is 1": lambda z, alpha=1.0: np.where(z > 0, 0.0, alpha * np.exp(z)),
        **mistakes.defaults(elu_derivative, 0.1, 0.2, 0.5, 0.01, 1.6732632423543772, 2.0),
        **mistakes.integer_storage(lambda z, alpha=1.0: elu_derivative(z, alpha)),
    }


def _relu_backward(z, upstream):
    return upstream * (z > 0)


@exercise("q3_relu_backward", points=2, section="3.7 How a unit dies", title="One step backward through ReLU")
class ReluBackward:
    elementwise = True

    reference = _relu_backward

    def cases(rng):
        yield from pointwise(rng, [2.0, -1.0, 4.0, 3.0, -2.0, 0.5])
        yield near_zero(np.linspace(1, 4, 12), smallest=True)

    def accept(got, want, case, k):
        z, upstream = case.args
        between = (got >= np.minimum(upstream, 0)) & (got <= np.maximum(upstream, 0))
        return close(got, want, case) | ((z == 0) & between)

    wrong = {
        "a mask on upstream: what decides is the sign of z": lambda z, upstream: upstream * (upstream > 0),
        "upstream untouched: where z is negative nothing gets through": lambda z, upstream: upstream.copy(),
        **mistakes.backward(relu_derivative),
        "the wrong side: what gets through is what z > 0 lets through": lambda z, upstream: upstream * (z < 0),
        "the wrong side, with 0 included": lambda z, upstream: upstream * (z <= 0),
        "ReLU(z), the forward pass: upstream is forgotten": lambda z, upstream: np.maximum(z, 0),
        "upstream times ReLU(z): what multiplies is the slope": lambda z, upstream: upstream * np.maximum(z, 0),
        "a mask on z and one on upstream, as in “guided” backpropagation": lambda z, upstream: (
            np.maximum(upstream, 0) * (z > 0)
        ),
        "the negative part of upstream, masked by z": lambda z, upstream: np.minimum(upstream, 0) * (z > 0),
        **mistakes.flipped(_relu_backward),
        "the two arguments swapped": lambda z, upstream: z * (upstream > 0),
        "upstream times the sign of z": lambda z, upstream: upstream * np.sign(z),
        "upstream times 0.01 on the left, the rule for Leaky ReLU": lambda z, upstream: (
            upstream * np.where(z > 0, 1.0, 0.01)
        ),
        "a mask on the product z · upstream": lambda z, upstream: upstream * (z * upstream > 0),
        "ReLU of the product z · upstream": lambda z, upstream: np.maximum(z * upstream, 0),
    }


def _few_against():
    """Units whose mean says another thing than all of their samples."""
    return Case((np.array([[-1, 1], [-1, 1], [5, 1], [-1, -8]]),), note="units that few samples speak against")


def _hardly_alive(rng):
    """Units that one sample reaches, by ever so little."""
    z = np.full((3, 6), -1.0)
    z[rng.integers(3, size=5), range(5)] = [1e-3, 1e-5, 1e-12, 1e-300, 5e-324]
    return Case((z,), note="units that are reached by very little")


@exercise("q3_dead_units", points=3, section="3.7 How a unit dies", title="Which units are dead?")
class DeadUnits:
    def reference(z):
        return (z <= 0).all(0)

    def cases(rng):
        yield Case((np.array([[-1.0, 2.0, 0.0], [-2.0, -3.0, -1.0]]),), note="two samples, three units")
        for n, units in ((4, 6), (5, 5), (1, 4), (7, 1), (6, 2)):
            z = quarters(rng, n, units)
            for unit in rng.permutation(units)[: (units + 1) // 2]:
                z[:, unit] = -np.abs(z[:, unit])
            z[0, -1] = 0.0
            yield Case((z,), note=f"{n} × {units} pre-activations")
        z = -rng.integers(0, 5, (4, 5))
        z[2, 1:3] = 3
        yield Case((z,), note="integers")
        yield Case((z.astype(np.float32),), note="float32 numbers")
        yield Case((np.array([[0.0, -4.0, 2.0], [0.0, 5.0, 1.0], [0.0, -4.0, 3.0]]),), note="a unit at exactly 0")
        yield _few_against()
        yield _hardly_alive(rng)

    wrong = {
        "a unit counted as dead when one sample finds it so: it has to be every sample": lambda z: (z <= 0).any(0),
        "one answer for each sample: samples go down the rows, units across": lambda z: (z <= 0).all(1),
        "one answer for each sample, and one negative unit is enough": lambda z: (z <= 0).any(1),
        "the units that are alive": lambda z: (z > 0).any(0),
        "the units that are active on every sample": lambda z: (z > 0).all(0),
        "z < 0: at exactly 0 the output is 0 as well": lambda z: (z < 0).all(0),
        "z = 0: the pre-activation of a dead unit may be anything up to 0": lambda z: (z == 0).all(0),
        "a mean that is not positive: single samples may still reach the unit": lambda z: z.mean(0) <= 0,
        "a median that is not positive: single samples may still reach the unit": lambda z: np.median(z, 0) <= 0,
        "one answer for the whole layer": lambda z: (z <= 0).all(),
        "an answer for each sample and unit: put the samples together": lambda z: z <= 0,
        "an extra axis: the result has shape (units,)": lambda z: (z <= 0).all(0, keepdims=True),
        "the share of samples that leave a unit silent: dead is yes or no": lambda z: (z <= 0).mean(0),
        "the number of samples that leave a unit silent: dead is yes or no": lambda z: (z <= 0).sum(0),
        "the share of dead units: one yes or no for each unit is wanted": lambda z: (z <= 0).all(0).mean(),
        "the share of pre-activations up to 0: one yes or no for each unit is wanted": lambda z: (z <= 0).mean(),
        "a threshold that is not 0: a unit that is reached ever so little is alive": lambda z: (z <= 0.01).all(0),
        "the number of dead units": lambda z: (z <= 0).all(0).sum(),
        "the numbers of the dead units: one yes or no for each unit is wanted": lambda z: np.flatnonzero(
            (z <= 0).all(0)
        ),
        "the first sample alone": lambda z: z[0] <= 0,
        "more than half of the samples": lambda z: (z <= 0).mean(0) > 0.5,
        "ReLU of z": lambda z: np.maximum(z, 0),
        "an array of noes: no unit counts as dead": lambda z: np.zeros(z.shape[1]),
    }


@exercise("q3_dead", points=2, section="3.9 For ever?", title="Which of these is true?")
class Dead:
    options = {
        "a": "In the first layer as in a deeper one it stays dead if its own weights have gradient 0.",
        "b": "In the first layer as in a deeper one it comes back if its bias is given time to drift.",
        "c": "In the first layer it stays dead; in a deeper one it comes back if layers below lift it.",
        "d": "With a leak of 0.01 from now on it comes back in 200 steps if it is near 0, or far below.",
    }
    right = "c"
    hints = {
        "a": "Its own weights stand still. Does its pre-activation depend on anything else that moves?",
        "b": "What is the gradient of the bias of a unit that no sample reaches?",
        "d": "Biases at −4, plain descent: where did slope 0.01 stand after 200 steps in 3.11, beside ReLU?",
    }
    why = (
        "Its own weights stand still, but a deeper unit's inputs are other units' outputs, and those move. "
        "The first layer's inputs are the data."
    )
    evidence = ("revival.layer_2", "revival.layer_1", "dying_plain.leak_waits")


@practice(of=Relu, points=2)
class PracticeRelu:
    def example(pick):
        a, b = pick((-3, 3), (-2.5, 1.5), (-1, 4), (-0.5, 2), (-7, 0.5))
        return f"({rounded(a, 1)}, {rounded(b, 1)}) becomes ({rounded(0, 1)}, {rounded(b, 1)})"


@practice(of=ReluDerivative, points=2)
class PracticeReluDerivative:
    def example(pick):
        a, b = pick((-3, 3), (-2.5, 1.5), (-1, 4), (-0.5, 2), (-7, 0.5))
        return f"({rounded(a, 1)}, {rounded(b, 1)}) becomes (0, 1)"


@practice(of=LeakyRelu, points=3)
class PracticeLeakyRelu:
    def cases(rng):
        yield from pointwise(rng)
        yield near_zero()
        for alpha in (0.5, 0.0, round(rng.uniform(0.1, 0.9), 2), 1.0, round(rng.uniform(1.5, 4), 2)):
            for case in list(pointwise(rng))[:4:3]:
                yield replace(case, args=(*case.args, alpha), note=f"{case.note}, with alpha = {alpha:g}")

    def example(pick):
        z, alpha = pick((-3, 0.01), (-2, 0.25), (-4, 0.5), (-1.5, 0.2), (-2, 2.0), (-0.5, 3.0))
        return f"$z = {z}$ with alpha {alpha:g} gives {minus(f'{alpha * z:g}')}"


@practice(of=DeadUnits, points=3, title="Counting the dead")
class PracticeDeadUnits:
    def cases(rng):
        yield Case(
            (np.array([[-1.0, 2.0, 0.0], [-2.0, -1.0, -1.0], [-0.5, -3.0, 0.0], [-1.0, -4.0, 0.0]]),),
            note="four samples, three units",
        )
        for n, units in ((5, 5), (3, 6), (1, 4), (40, 8), (2, 1)):
            z = -np.abs(quarters(rng, n, units)) - 0.25
            z[:, ::3] = rng.choice([0.0, -0.5, -2.0], z[:, ::3].shape)
            fires = rng.permutation(units)[: (units + 1) // 2]
            z[rng.integers(n, size=len(fires)), fires] = rng.choice([0.25, 1.5, 3.0], len(fires))
            yield Case((z,), note=f"{n} samples, {units} units" if n > 1 else f"one sample, {units} units")
        yield Case((rng.integers(-3, 1, (6, 4)) + np.array([0, 1, 0, -1]),), note="integers")
        yield Case((np.zeros((3, 2)),), note="zeros alone")
        yield Case((np.float32([[-1, 0, 2, 0.5], [-3, 0, 1, -8]]),), note="float32 numbers")
        yield _few_against()
        yield _hardly_alive(rng)

    def example(pick):
        z = pick(((-1, 2), (-3, -1)), ((0, -1), (-2, 3)), ((-2, 1), (-1, 4)), ((1, -1), (-4, 0)), ((-1, -5), (2, -3)))
        got = ", ".join(map(str, (np.array(z) <= 0).all(axis=0).tolist()))
        return f"the two samples {listed(z[0])} and {listed(z[1])} give ({got})"

    wrong = {
        "the last sample alone": lambda z: z[-1] <= 0,
    }


@practice(id="q2_reason", points=4, title="What does dead mean?")
class PracticeReason2:
    def example(pick):
        samples = pick(400, 256, 512, 640, 900)
        return (
            f"its pre-activations are negative for all {samples} training samples. Training continues with plain "
            "gradient descent on these samples"
        )

    options = {
        "a": "In the first layer it stays dead; deeper it stays so too if the layers before it move far on.",
        "b": "With a leak of 0.01 from now on it comes back within 200 steps if it lies near 0 or far below it.",
        "c": "In the first layer it stays dead; deeper it comes back if the layers before it move far enough.",
        "d": "With He's variance at the start it would be alive if it had been trained at a high rate.",
    }
    right = "c"
    hints = {
        "a": "Its own weights stand still. Does everything stand still that its pre-activation is made of?",
        "b": "How large is the gradient that slope 0.01 lets through, and how far does the unit have to travel?",
        "d": "He's rule sets the scale at step 0. What can one large step do to a bias?",
    }
    why = "No gradient reaches its own weights; whether its inputs still move depends on the layer it sits in."
    evidence = ("revival.layer_2", "revival.layer_1", "dying_plain.leak_waits", "threshold.begins")
