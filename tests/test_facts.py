"""The numbers that the lessons state, recomputed from the definitions.

Expectations are the decimals that the course prints; each test derives them anew and rounds.
"""

import math
import warnings

import mpmath as mp
import numpy as np
import pytest
import torch
from reference import REFERENCE
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import erf, erfc

from actlab import activations
from actlab.activations import REGISTRY

# --- under a standard normal input ------------------------------------------------------------------------------------


def normal_mean(f):
    """E f(z) for z ~ N(0, 1), split where the course's functions have their kinks."""

    def weighted(z):
        return float(f(z)) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    return sum(quad(weighted, low, high, epsabs=1e-12)[0] for low, high in ((-12, 0), (0, 12)))


@pytest.mark.parametrize(
    ("key", "mean", "second_moment", "gain_forward", "gain_backward"),
    [
        ("sigmoid", 0.5, 0.293379, 1.8462, 4.7226),
        ("tanh", 0, 0.394294, 1.5925, 1.4674),
        ("relu", 0.398942, 0.5, 1.4142, 1.4142),
        ("leaky_relu", 0.394953, 0.50005, 1.4141, 1.4141),
        ("prelu", 0.299207, 0.53125, 1.3720, 1.3720),
        ("elu", 0.160521, 0.644945, 1.2452, 1.2234),
        ("selu", 0, 1, 1, 0.9660),
        ("softplus", 0.806059, 0.921246, 1.0419, 1.8462),
        ("gelu", 0.282095, 0.425221, 1.5335, 1.4811),
        ("silu", 0.206621, 0.355776, 1.6765, 1.6233),
        ("mish", 0.240404, 0.452342, 1.4868, 1.4448),
    ],
)
def test_moments_and_gains_under_a_standard_normal_input(key, mean, second_moment, gain_forward, gain_backward):
    a = REGISTRY[key]
    square, slope_square = normal_mean(lambda z: a.f(z) ** 2), normal_mean(lambda z: a.df(z) ** 2)
    assert normal_mean(a.f) == pytest.approx(mean, abs=5.1e-7)
    assert square == pytest.approx(second_moment, abs=5.1e-7)
    assert 1 / math.sqrt(square) == pytest.approx(gain_forward, abs=5.1e-5)
    assert 1 / math.sqrt(slope_square) == pytest.approx(gain_backward, abs=5.1e-5)


# --- extremes ---------------------------------------------------------------------------------------------------------


def root(f, near):
    return float(mp.findroot(f, near))


@pytest.mark.parametrize(
    ("key", "lowest_at", "lowest", "steepest_at", "steepest", "least_slope"),
    [
        ("gelu", -0.751791525, -0.169971207, 1.414213562, 1.128904145, -0.128904),
        ("silu", -1.278464543, -0.278464543, 2.399357281, 1.099839320, -0.099839),
        ("mish", -1.192431215, -0.308843413, 1.490571179, 1.088498161, -0.112526),
    ],
)
def test_minimum_and_extreme_slopes_of_the_smooth_gates(key, lowest_at, lowest, steepest_at, steepest, least_slope):
    f, df = REFERENCE[key]
    a = REGISTRY[key]

    def curvature(z):
        return mp.diff(df, z)

    least_at = {"gelu": -1.414214, "silu": -2.399357, "mish": -2.256376}[key]
    assert root(df, lowest_at) == pytest.approx(lowest_at, abs=5.1e-10)
    assert float(f(root(df, lowest_at))) == pytest.approx(lowest, abs=5.1e-10)
    assert a.range.low == pytest.approx(lowest, abs=5.1e-10)
    assert root(curvature, steepest_at) == pytest.approx(steepest_at, abs=5.1e-10)
    assert float(df(root(curvature, steepest_at))) == pytest.approx(steepest, abs=5.1e-10)
    assert root(curvature, least_at) == pytest.approx(least_at, abs=5.1e-7)
    assert float(df(root(curvature, least_at))) == pytest.approx(least_slope, abs=5.1e-7)
    assert np.abs(a.df(np.linspace(-40, 40, 80001))).max() == pytest.approx(steepest, abs=1e-6)


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [
        ("sigmoid", 0, 0.25),
        ("tanh", 0, 1),
        ("relu", 0, 1),
        ("leaky_relu", 0.01, 1),
        ("prelu", 0.25, 1),
        ("elu", 0, 1),
        ("selu", 0, 1.758099),
        ("softplus", 0, 1),
    ],
)
def test_slopes_of_the_monotone_functions_stay_within_their_bounds(key, least, most):
    slopes = REGISTRY[key].df(np.linspace(-40, 40, 8001))
    assert slopes.min() == pytest.approx(least, abs=1e-7)
    assert slopes.max() == pytest.approx(most, abs=5.1e-7)


def test_selu_is_bounded_by_its_steepest_slope():
    assert REGISTRY["selu"].range.low == pytest.approx(-1.758099, abs=5.1e-7)
    assert activations.selu_derivative(-1e-15) == pytest.approx(1.758099, abs=5.1e-7)


@pytest.mark.parametrize(
    ("key", "at", "most"), [("sigmoid", 1.316958, 0.0962250), ("tanh", 0.658479, 0.7698004)], ids=["sigmoid", "tanh"]
)
def test_largest_curvature_of_the_squashing_functions(key, at, most):
    df = REFERENCE[key][1]
    for side in (-1, 1):
        where = root(lambda z: mp.diff(df, z, 2), side * at)
        assert where == pytest.approx(side * at, abs=5.1e-7)
        assert abs(float(mp.diff(df, where))) == pytest.approx(most, abs=5.1e-8)


# --- GELU's approximations --------------------------------------------------------------------------------------------


def largest_error(approximation):
    """Where on the positive axis `approximation` is furthest from GELU, and by how much."""

    def error(z):
        return np.abs(approximation(z) - activations.gelu(z))

    z = np.linspace(0, 8, 8001)
    near = z[error(z).argmax()]
    best = minimize_scalar(lambda t: -error(t), bounds=(near - 0.01, near + 0.01), options={"xatol": 1e-10})
    return best.x, -best.fun


def test_tanh_form_is_within_half_a_thousandth():
    at, error = largest_error(activations.gelu_tanh)
    assert at == pytest.approx(2.698941, abs=1e-6)
    assert error == pytest.approx(4.7323552e-4, abs=5.1e-12)
    mirrored = activations.gelu_tanh(-at) - activations.gelu(-at)
    assert abs(mirrored) == pytest.approx(error, abs=1e-15)


@pytest.mark.parametrize(("z", "percent"), [(-3.0, -10), (-5.0, -84)])
def test_tanh_form_is_relatively_far_off_in_the_left_tail(z, percent):
    assert 100 * (activations.gelu_tanh(z) / activations.gelu(z) - 1) == pytest.approx(percent, abs=0.5)


def test_sigmoid_form_is_within_two_hundredths():
    at, error = largest_error(activations.gelu_sigmoid)
    assert at == pytest.approx(2.270398, abs=1e-6)
    assert error == pytest.approx(0.02033487, abs=5.1e-9)


def test_sigmoid_form_with_the_best_slope_is_within_one_and_a_half_hundredths():
    def error(slope):
        return largest_error(lambda z: activations.silu(z, slope))[1]

    best = minimize_scalar(error, bounds=(1.65, 2.0), options={"xatol": 1e-7})
    assert best.x == pytest.approx(1.772934, abs=1e-5)
    assert best.fun == pytest.approx(0.0139222, abs=1e-6)
    assert error(1.718) == pytest.approx(0.01872, abs=5.1e-6)


def test_worked_numbers():
    np.testing.assert_allclose(activations.softmax([2, 1, 0.1]), [0.659, 0.242, 0.099], atol=5e-4)
    assert f"{0.25**10:.4e}" == "9.5367e-07"


# --- where the naive forms break --------------------------------------------------------------------------------------

SINGLE, DOUBLE = np.float32, np.float64


def quietly(f, *arguments):
    with np.errstate(all="ignore"):
        return f(*arguments)


def overflows(f, z):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        f(z)
    return any("overflow" in str(warning.message) for warning in caught)


def relative_to(exact, got):
    """The relative error of `got`, whose truth `exact` is an mpf."""
    return float(abs(mp.mpf(float(got)) / exact - 1))


def naive_sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(("dtype", "edge"), [(SINGLE, -88.7), (DOUBLE, -709.7)], ids=["single", "double"])
def test_naive_sigmoid_warns_far_left_but_its_value_is_good(dtype, edge):
    assert not overflows(naive_sigmoid, np.array([edge], dtype))
    assert overflows(naive_sigmoid, np.array([edge - 0.1], dtype))
    z = np.random.default_rng(0).uniform(edge, -edge, 2000).astype(dtype)
    truth = [REFERENCE["sigmoid"][0](mp.mpf(v)) for v in z.tolist()]
    worst = max(relative_to(t, g) for t, g in zip(truth, naive_sigmoid(z), strict=True))
    assert worst <= 2 * np.finfo(dtype).eps


@pytest.mark.parametrize(("dtype", "edge"), [(SINGLE, 89), (DOUBLE, 710)], ids=["single", "double"])
@pytest.mark.parametrize(
    ("f", "broken"),
    [
        (lambda z: np.exp(z) / (1 + np.exp(z)), math.nan),
        (lambda z: np.log(1 + np.exp(z)), math.inf),
        (lambda z: (np.exp(z) / np.exp(z).sum())[0], math.nan),
    ],
    ids=["e^x/(1+e^x)", "log(1+e^x)", "softmax without shift"],
)
def test_positive_exponentials_break_where_they_overflow(f, broken, dtype, edge):
    assert np.isfinite(quietly(f, np.array([edge - 1], dtype))).all()
    np.testing.assert_array_equal(quietly(f, np.array([edge], dtype)), broken)


@pytest.mark.parametrize(("dtype", "edge"), [(SINGLE, 16.64), (DOUBLE, 36.74)], ids=["single", "double"])
def test_slope_from_the_value_of_the_sigmoid_is_zero_too_early(dtype, edge):
    z = np.arange(edge - 0.5, edge + 0.5, 0.001).astype(dtype)
    s = naive_sigmoid(z)
    first_zero = z[s * (1 - s) == 0][0]
    assert first_zero == pytest.approx(edge, abs=0.011)
    assert activations.sigmoid_derivative(dtype(edge + 1)) > 0


def test_slope_from_the_value_of_tanh_is_noise_and_then_zero():
    assert 1 - np.tanh(SINGLE(10)) ** 2 == 0
    assert 1 - np.tanh(DOUBLE(19)) ** 2 == 0 < 1 - np.tanh(DOUBLE(18.5)) ** 2
    z = SINGLE(9.9)
    noise = relative_to(REFERENCE["tanh"][1](mp.mpf(float(z))), 1 - np.tanh(z) ** 2)
    assert noise >= 0.9, "11 where tanh rounds down, 1 where it rounds up"


def test_exponential_minus_one_loses_small_inputs():
    truth = mp.expm1(mp.mpf(-1e-12))
    assert relative_to(truth, np.exp(SINGLE(-1e-12)) - 1) == 1
    assert relative_to(truth, np.exp(DOUBLE(-1e-12)) - 1) == pytest.approx(2.2e-5, abs=0.05e-5)
    assert relative_to(truth, np.expm1(DOUBLE(-1e-12))) < 1e-15


@pytest.mark.parametrize(("dtype", "z"), [(SINGLE, -17), (DOUBLE, -37)], ids=["single", "double"])
def test_naive_softplus_is_zero_on_the_left(dtype, z):
    assert np.log(1 + np.exp(dtype(z))) == 0 < activations.softplus(dtype(z))


@pytest.mark.parametrize(("dtype", "edge"), [(SINGLE, -5.55), (DOUBLE, -8.38)], ids=["single", "double"])
def test_gelu_from_erf_is_zero_on_the_left(dtype, edge):
    def from_erf(z):
        return dtype(0.5) * z * (1 + erf(z / dtype(2**0.5)))

    assert from_erf(np.array([edge], dtype))[0] == 0
    assert from_erf(np.array([edge + 0.1], dtype))[0] < 0


def test_gelu_from_erfc_keeps_thirteen_digits_and_the_package_keeps_fifteen():
    z = np.linspace(-14, 14, 1121)
    z = z[z != 0]
    truth = [REFERENCE["gelu"][0](mp.mpf(v)) for v in z.tolist()]
    from_erfc = max(relative_to(t, g) for t, g in zip(truth, z / 2 * erfc(-z / 2**0.5), strict=True))
    ours = max(relative_to(t, g) for t, g in zip(truth, activations.gelu(z), strict=True))
    assert 1e-14 < from_erfc < 5e-14
    assert ours < 2e-15


@pytest.mark.parametrize(("dtype", "edge"), [(SINGLE, -104), (DOUBLE, -746)], ids=["single", "double"])
def test_log_of_the_sigmoid_is_infinite_on_the_left(dtype, edge):
    def loss(z):
        return -np.log(activations.sigmoid(z))

    assert np.isfinite(quietly(loss, dtype(edge + 1)))
    assert quietly(loss, dtype(edge)) == math.inf
    assert np.logaddexp(dtype(0), dtype(-edge)) == -edge


def test_one_global_maximum_does_not_save_softmax():
    z = np.array([[0.0, 1.0], [1000.0, 1001.0]])

    def shifted_globally(z):
        weights = np.exp(z - z.max())
        return weights / weights.sum(axis=-1, keepdims=True)

    assert np.isnan(quietly(shifted_globally, z)[0]).all()
    np.testing.assert_allclose(activations.softmax(z).sum(axis=-1), 1)


def test_where_evaluates_both_sides():
    assert overflows(lambda z: np.where(z > 0, z, np.exp(z) - 1), np.array([1000.0]))
    z = torch.tensor([1000.0], requires_grad=True)
    (gradient,) = torch.autograd.grad(torch.where(z > 0, z, torch.exp(z) - 1).sum(), z)
    assert gradient.isnan().all()


def test_other_shortcuts_that_are_nan():
    assert np.isnan(quietly(lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)), np.array([1000.0]))).all()
    assert np.isnan(quietly(lambda z: z * (z > 0), np.array([-math.inf]))).all()


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (torch.relu, 0),
        (lambda z: torch.maximum(z, torch.zeros(1)), 0.5),
        (lambda z: z.clamp(min=0), 1),
        (lambda z: torch.nn.functional.leaky_relu(z, 0.01), 0.01),
        (torch.nn.functional.elu, 1),
    ],
    ids=["relu", "maximum", "clamp", "leaky_relu", "elu"],
)
def test_torch_slope_at_the_kink_is_a_convention(f, slope):
    z = torch.zeros(1, requires_grad=True)
    (gradient,) = torch.autograd.grad(f(z).sum(), z)
    assert gradient.item() == pytest.approx(slope)
