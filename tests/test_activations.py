"""What the course relies on: every activation is right, in every precision, at every z, and is what its entry says."""

import itertools
import math
import re
import warnings

import mpmath as mp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_equal
from reference import REFERENCE
from scipy.optimize import brentq

from actlab import activations
from actlab.activations import REGISTRY, Interval
from actlab.numeric import central_difference
from actlab.training import torch_activation

ELEMENTWISE = [a for a in REGISTRY.values() if a.elementwise]


def grid():
    """Points that cover [-1e4, 1e4]: dense around 0 and in the tails, with round and with unround numbers."""
    rng = np.random.default_rng(0)
    powers = np.logspace(-14, 4, 120)
    parts = [
        np.linspace(-12, 12, 193),
        rng.uniform(-45, 45, 500),
        rng.uniform(-760, -30, 300),
        rng.uniform(-1e4, 1e4, 60),
        powers,
        -powers,
        np.linspace(-1.02, -1, 100),
        [-20.46871709553651],  # the worst point known of GELU's tanh form
    ]
    return np.unique(np.concatenate(parts))


GRID = grid()


FUNCTIONS = [
    pytest.param(a.key, label, f, reference, id=f"{a.key}-{label}")
    for a in ELEMENTWISE
    for label, f, reference in zip(("f", "df"), (a.f, a.df), REFERENCE[a.key], strict=True)
]


def for_any(*strategies, **named):
    """Hypothesis' `given`, with the same examples on every run."""
    repeatable = settings(deadline=None, derandomize=True, max_examples=60)
    return lambda test: repeatable(given(*strategies, **named)(test))


def each(activation_list=ELEMENTWISE):
    return pytest.mark.parametrize("a", activation_list, ids=lambda a: a.key)


each_function = pytest.mark.parametrize(
    "f",
    [*(f for a in ELEMENTWISE for f in (a.f, a.df)), activations.prelu_alpha_derivative],
    ids=lambda f: f.__name__,
)

PARAMETRIC = [
    pytest.param(f, next(iter(a.params)), id=f.__name__) for a in ELEMENTWISE if a.params for f in (a.f, a.df)
]

real = st.floats(-1e4, 1e4)
scores = hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=5), elements=st.floats(-50, 50))


# --- values -----------------------------------------------------------------------------------------------------------


#: Relative error allowed left of -1, where an exponential magnifies the rounding of its argument. GELU's is split so
#: that nothing is rounded; those of its approximations, a product and a cubic, are rounded once and several times.
LEFT_TAIL = {"gelu": 2e-15, "gelu_sigmoid": 1e-13, "gelu_tanh": 3e-13}


def allowed_error(key, label, z, want):
    """How far a double precision result may be from the truth.

    4 ulp for f and 6 for f', or as `LEFT_TAIL` says. Around the zero of f', one ulp of 1. At the far end, where gaps
    between numbers stop shrinking, 4 of the smallest subnormal.
    """
    error = {"f": 4, "df": 6}[label] * np.spacing(np.abs(want))
    if key in LEFT_TAIL:
        error = np.where(z < -1, np.maximum(error, LEFT_TAIL[key] * np.abs(want)), error)
    if label == "df" and key in ("gelu", "gelu_tanh", "gelu_sigmoid", "silu", "mish"):
        error = np.where(np.abs(z + 1.5) < 1.5, np.maximum(error, np.finfo(np.float64).eps), error)
    return error + 4 * np.finfo(np.float64).smallest_subnormal


@pytest.mark.parametrize(("key", "label", "f", "reference"), FUNCTIONS)
def test_double_precision_is_right_from_minus_ten_thousand_to_ten_thousand(key, label, f, reference):
    exact = [reference(mp.mpf(z)) for z in GRID.tolist()]
    error = np.array([float(abs(mp.mpf(g) - e)) for g, e in zip(f(GRID).tolist(), exact, strict=True)])
    excess = error / allowed_error(key, label, GRID, np.array([float(e) for e in exact]))
    worst = excess.argmax()
    assert excess[worst] <= 1, f"{excess[worst]:.1f} × the allowed error at z = {GRID[worst]!r}"


def ulp_error(got, want):
    """How far `got` is from the finite number `want`, in gaps between neighbouring floats of got's type at want."""
    return np.abs(got.astype(np.float64) - want) / np.spacing(np.abs(want).astype(got.dtype)).astype(np.float64)


@pytest.mark.parametrize(("key", "label", "f", "reference"), FUNCTIONS)
def test_single_precision_is_as_good_as_rounding_allows(key, label, f, reference):
    z = GRID[::3].astype(np.float32)
    exact = np.array([float(reference(mp.mpf(v))) for v in z.tolist()])
    assert ulp_error(f(z), exact).max() <= 0.51


def test_an_activation_without_a_reference_is_told_where_to_write_one():
    assert REFERENCE.keys() == {a.key for a in ELEMENTWISE}
    for definition in REFERENCE["softsign"]:
        with pytest.raises(NotImplementedError, match=re.escape("write `softsign` in tests/reference.py")):
            definition(mp.mpf(1))


@pytest.mark.parametrize(
    ("f", "z", "usual"),
    [
        (activations.sigmoid_derivative, 40.0, lambda z: activations.sigmoid(z) * (1 - activations.sigmoid(z))),
        (activations.tanh_derivative, 20.0, lambda z: 1 - np.tanh(z) ** 2),
        (activations.softplus, -40.0, lambda z: np.log(1 + np.exp(z))),
        (activations.gelu, -9.0, lambda z: z / 2 * (1 + math.erf(z / math.sqrt(2)))),
    ],
    ids=["sigmoid'", "tanh'", "softplus", "gelu"],
)
def test_stable_forms_survive_where_the_usual_form_is_zero(f, z, usual):
    assert usual(z) == 0
    assert f(z) != 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@each([a for a in ELEMENTWISE if a.torch])
def test_agrees_with_torch_forward_and_backward_kinks_included(a, dtype):
    z = torch.cat([torch.linspace(-30, 30, 241, dtype=dtype), torch.tensor([-1e4, 1e4, -1e-6, 1e-6], dtype=dtype)])
    assert 0 in z and -3 in z and 3 in z
    z.requires_grad_()
    value = torch_activation(a.key)(z)
    (gradient,) = torch.autograd.grad(value.sum(), z)
    tolerance = {torch.float32: 1e-6, torch.float64: 1e-14}[dtype]
    absolute = 2.1e-9 if a.key == "softplus" else tolerance  # torch takes softplus for z from z = 20
    inputs = z.detach().numpy()
    np.testing.assert_allclose(a.f(inputs), value.detach().numpy(), rtol=tolerance, atol=absolute)
    np.testing.assert_allclose(a.df(inputs), gradient.numpy(), rtol=tolerance, atol=absolute)


@pytest.mark.parametrize("alpha", [0.01, 0.3, 2.0])
@pytest.mark.parametrize("key", ["leaky_relu", "elu"])
def test_alpha_means_what_it_means_in_torch(key, alpha):
    z = torch.linspace(-5, 5, 41, dtype=torch.float64, requires_grad=True)
    value = getattr(torch.nn.functional, key)(z, alpha)
    (gradient,) = torch.autograd.grad(value.sum(), z)
    inputs = z.detach().numpy()
    np.testing.assert_allclose(REGISTRY[key](inputs, alpha=alpha), value.detach().numpy(), rtol=1e-14)
    np.testing.assert_allclose(REGISTRY[key].df(inputs, alpha=alpha), gradient.numpy(), rtol=1e-14)


@pytest.mark.parametrize("key", ["leaky_relu", "prelu"])
@given(
    hnp.arrays(np.float32, st.integers(0, 5), elements=st.floats(width=32)),
    st.one_of(st.floats(), st.floats(width=32), st.floats(width=16)),
)
def test_a_slope_of_ones_own_is_rounded_no_more_than_the_result(key, z, alpha):
    f = getattr(activations, key)
    with np.errstate(over="ignore"):
        assert_equal(f(z, alpha), f(z.astype(np.float64), alpha).astype(np.float32))
    assert f(z, alpha).dtype == np.float32


def test_prelu_takes_one_slope_per_channel_and_differentiates_with_respect_to_it():
    z = torch.linspace(-2, 2, 12, dtype=torch.float64).reshape(4, 3)
    alpha = torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64, requires_grad=True)
    value = torch.nn.functional.prelu(z, alpha)
    (gradient,) = torch.autograd.grad(value.sum(), alpha)
    slopes = alpha.detach().numpy()
    np.testing.assert_allclose(activations.prelu(z.numpy(), slopes), value.detach().numpy(), rtol=1e-15)
    np.testing.assert_allclose(activations.prelu_alpha_derivative(z.numpy()).sum(axis=0), gradient.numpy(), rtol=1e-15)


@for_any(real, st.floats(0.1, 10))
def test_swish_is_a_rescaled_silu(z, beta):
    silu = activations.silu
    assert silu(z, -beta) == -silu(-z, beta)
    np.testing.assert_allclose(silu(z, beta), silu(beta * z) / beta, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(activations.silu_derivative(z, beta), activations.silu_derivative(beta * z), rtol=1e-12)


@pytest.mark.parametrize("key", REGISTRY)
def test_derivative_is_the_slope_of_the_function(key):
    a = REGISTRY[key]
    z = np.random.default_rng(1).uniform(-8, 8, 300)
    z = z[np.all([abs(z - kink) > 1e-3 for kink in a.kinks], axis=0)] if a.kinks else z
    if a.elementwise:
        np.testing.assert_allclose(a.df(z), central_difference(a.f, z), atol=1e-9)
        return
    scores = z.reshape(60, 5)
    for j, unit in enumerate(np.eye(5)):
        column = central_difference(lambda t, unit=unit: a.f(scores + t * unit), 0.0)
        np.testing.assert_allclose(a.df(scores)[..., j], column, atol=1e-9)


@pytest.mark.parametrize("alpha", [0.5, 1.7])
@pytest.mark.parametrize("key", ["leaky_relu", "prelu", "elu", "silu"])
def test_derivative_follows_the_parameter(key, alpha):
    a = REGISTRY[key]
    (name,) = a.params
    z = np.linspace(-4.05, 4.05, 40)
    slope = central_difference(lambda t: a.f(t, **{name: alpha}), z)
    np.testing.assert_allclose(a.df(z, **{name: alpha}), slope, atol=1e-9)


# --- identities -------------------------------------------------------------------------------------------------------


@for_any(real)
def test_tanh_is_a_stretched_sigmoid(z):
    assert abs(activations.tanh(z) - (2 * activations.sigmoid(2 * z) - 1)) <= 4e-16


@for_any(real)
def test_sigmoid_is_symmetric_about_one_half(z):
    assert abs(activations.sigmoid(-z) - (1 - activations.sigmoid(z))) <= 2e-16


@for_any(real)
def test_softplus_of_opposite_inputs_differs_by_the_input(z):
    np.testing.assert_allclose(activations.softplus(z) - activations.softplus(-z), z, rtol=1e-14, atol=1e-15)


@each([REGISTRY[key] for key in ("gelu", "gelu_tanh", "gelu_sigmoid", "silu", "hardswish")])
@for_any(z=real)
def test_smooth_gates_differ_by_the_input_and_their_slopes_add_to_one(a, z):
    np.testing.assert_allclose(a.f(z) - a.f(-z), z, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(a.df(z) + a.df(-z), 1, atol=1e-15)


# --- softmax ----------------------------------------------------------------------------------------------------------


@for_any(scores, st.data())
def test_softmax_sums_to_one_along_any_axis_and_agrees_with_torch(z, data):
    axis = data.draw(st.integers(-z.ndim, z.ndim - 1))
    p = activations.softmax(z, axis=axis)
    np.testing.assert_allclose(p.sum(axis=axis), 1, rtol=1e-14)
    np.testing.assert_allclose(p, torch.softmax(torch.from_numpy(z), axis).numpy(), rtol=1e-13)
    expected = torch.log_softmax(torch.from_numpy(z), axis).numpy()
    np.testing.assert_allclose(activations.log_softmax(z, axis=axis), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("lead", [1, 10, 20, 30, 35, 37, 40, 700])
@pytest.mark.parametrize("others", [1, 3])
def test_log_softmax_of_a_clear_winner_keeps_its_digits(lead, others):
    z = np.array([lead, *[0.0] * others])
    log_p = activations.log_softmax(np.stack([z, z]))
    assert (log_p[0] == log_p[1]).all()
    exact = -mp.log1p(others * mp.exp(-lead))
    assert abs(log_p[0, 0] / exact - 1) < 4 * np.finfo(np.float64).eps
    np.testing.assert_allclose(log_p[0, 1:], float(exact - lead), rtol=1e-15)


@for_any(scores, st.floats(-1e3, 1e3))
def test_softmax_ignores_a_shift_of_all_scores(z, shift):
    np.testing.assert_allclose(activations.softmax(z + shift), activations.softmax(z), rtol=1e-11)


@for_any(scores)
def test_softmax_jacobian_is_symmetric_and_its_rows_sum_to_zero(z):
    jacobian = activations.softmax_jacobian(activations.softmax(z))
    assert jacobian.shape == (*z.shape, z.shape[-1])
    np.testing.assert_array_equal(jacobian, np.swapaxes(jacobian, -1, -2))
    np.testing.assert_allclose(jacobian.sum(axis=-1), 0, atol=1e-15)
    np.testing.assert_array_equal(jacobian, activations.softmax_derivative(z))
    assert np.all(np.diagonal(jacobian, axis1=-2, axis2=-1) >= 0), "each probability grows with its own score"


@for_any(scores, st.data())
def test_softmax_vjp_is_the_jacobian_times_the_gradient_along_any_axis(z, data):
    g = data.draw(hnp.arrays(np.float64, z.shape, elements=st.floats(-10, 10)))
    axis = data.draw(st.integers(-z.ndim, z.ndim - 1))
    p = activations.softmax(z, axis=axis)
    jacobian = activations.softmax_jacobian(np.moveaxis(p, axis, -1))
    product = np.einsum("...ij,...j->...i", jacobian, np.moveaxis(g, axis, -1))
    np.testing.assert_allclose(
        activations.softmax_vjp(p, g, axis=axis), np.moveaxis(product, -1, axis), rtol=1e-12, atol=1e-13
    )


def test_softmax_rows_a_thousand_apart_do_not_disturb_each_other():
    z = np.array([[0.0, 1.0], [1000.0, 1001.0]])
    expected = np.array([0.2689414213699951, 0.7310585786300049])
    np.testing.assert_allclose(activations.softmax(z), [expected, expected], rtol=1e-15)
    assert activations.log_softmax([0.0, 1000.0])[0] == -1000


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        ([0, -math.inf], [1, 0]),
        ([0, math.inf], [0, 1]),
        ([math.inf, 0, math.inf], [0.5, 0, 0.5]),
        ([-math.inf, -math.inf], [0.5, 0.5]),
        ([0, math.nan], [math.nan, math.nan]),
    ],
)
def test_softmax_of_infinite_scores_is_the_limit_and_nan_spoils_its_slice(z, expected):
    np.testing.assert_array_equal(activations.softmax(z), expected)
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(activations.log_softmax(z), np.log(expected))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, bool])
def test_softmax_family_keeps_the_precision_it_is_given(dtype):
    wanted = dtype if np.dtype(dtype).kind == "f" else np.float64
    z = np.array([[1, 0, 1]], dtype=dtype)
    p = activations.softmax(z)
    for result in (p, activations.log_softmax(z), activations.softmax_jacobian(p), activations.softmax_vjp(p, p)):
        assert result.dtype == wanted
    for empty in (np.zeros((0, 3), dtype), np.zeros((3, 0), dtype)):
        assert activations.softmax(empty).shape == activations.log_softmax(empty).shape == empty.shape


def test_softmax_needs_an_axis_and_real_numbers():
    p = np.array([0.5, 0.5])
    for call in (activations.softmax, activations.log_softmax, activations.softmax_jacobian):
        with pytest.raises(np.exceptions.AxisError):
            call(1.0)
    with pytest.raises(np.exceptions.AxisError):
        activations.softmax_vjp(p, p, axis=1)
    with pytest.raises(TypeError, match="softmax takes real numbers, not complex128"):
        activations.softmax([1j, 0])


# --- what the registry claims -----------------------------------------------------------------------------------------


def test_registry_lists_the_activations_in_teaching_order():
    assert " ".join(REGISTRY) == (
        "linear sigmoid tanh relu leaky_relu prelu elu selu softplus gelu gelu_tanh gelu_sigmoid silu mish hardswish "
        "softmax"
    )
    assert all(key == a.key for key, a in REGISTRY.items())


@each()
def test_calling_an_activation_is_calling_its_function(a):
    z = np.linspace(-3, 3, 7)
    np.testing.assert_array_equal(a(z), a.f(z))
    np.testing.assert_array_equal(a(z, **a.params), a.f(z))
    np.testing.assert_array_equal(a.df(z, **a.params), a.df(z))


def test_parameters_and_their_defaults():
    assert {key: dict(a.params) for key, a in REGISTRY.items() if a.params} == {
        "leaky_relu": {"alpha": 0.01},
        "prelu": {"alpha": 0.25},
        "elu": {"alpha": 1.0},
        "silu": {"beta": 1.0},
    }


@pytest.mark.parametrize("key", REGISTRY)
def test_formulas_are_bare_balanced_tex(key):
    for tex in (REGISTRY[key].formula, REGISTRY[key].derivative):
        assert tex and "$" not in tex
        assert tex.count("{") == tex.count("}")
        assert tex.count(r"\begin") == tex.count(r"\end")


@each()
def test_range_holds_every_value_and_both_ends_are_approached(a):
    values = a.f(np.concatenate([GRID, np.linspace(-3, 3, 60001), [-1e300, 1e300]]))
    assert np.all((a.range.low <= values) & (values <= a.range.high))
    for end, extreme in ((a.range.low, values.min()), (a.range.high, values.max())):
        assert abs(extreme) >= 99 if math.isinf(end) else abs(extreme - end) <= 1e-8


@each()
def test_closed_ends_are_reached_and_open_ends_only_by_rounding(a):
    values = a.f(np.linspace(-15, 15, 3001))
    assert all(value in a.range for value in values)
    if a.range.closed_low and a.key != "relu":
        lowest = brentq(a.df, -2, -0.5, xtol=1e-15)
        assert a.f(lowest) == pytest.approx(a.range.low, rel=1e-15)
    assert a.range.closed_low == (a.key == "relu" or not a.monotone)
    assert not a.range.closed_high


@each()
def test_monotone_claims_are_true_and_the_others_have_a_witness(a):
    steps = np.diff(a.f(np.linspace(-20, 20, 4001)))
    assert (steps >= 0).all() if a.monotone else steps.min() < -1e-5


@each()
def test_slope_jumps_at_the_listed_kinks_and_nowhere_else(a):
    centres = np.arange(-6, 6.25, 0.25)
    jump = np.abs(a.df(centres + 1e-9) - a.df(centres - 1e-9))
    assert tuple(centres[jump > 1e-3]) == a.kinks


def test_elu_has_a_kink_unless_alpha_is_one():
    def jump(alpha):
        return activations.elu_derivative(1e-12, alpha) - activations.elu_derivative(-1e-12, alpha)

    assert abs(jump(1.0)) < 1e-9
    assert abs(jump(0.5) - 0.5) < 1e-9


@each()
def test_slope_vanishes_on_the_sides_that_are_said_to_saturate_and_only_there(a):
    slope = {"left": a.df(-1e300), "right": a.df(1e300)}  # some slopes fall like 1/z² alone
    assert tuple(side for side in slope if abs(slope[side]) < 1e-100) == a.saturates
    assert all(abs(slope[side]) >= 0.01 for side in slope if side not in a.saturates)


def test_every_activation_has_its_own_colour():
    assert len({a.color.upper() for a in REGISTRY.values()}) == len(REGISTRY)


def test_the_main_curves_differ_for_a_colour_blind_reader_too():
    """Distance in CIELAB after Machado et al.'s (2009) simulation of deuteranopia; 2 is barely visible side by side."""
    deuteranopia = np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    )
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )

    def lab(color):
        c = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        x, y, z = np.cbrt(to_xyz @ np.clip(deuteranopia @ linear, 0, 1) / [0.95047, 1, 1.08883])
        return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

    for drawn in (("sigmoid", "tanh", "relu", "elu", "gelu", "silu"), ("relu", "leaky_relu", "elu", "selu")):
        seen = {key: lab(REGISTRY[key].color) for key in drawn}
        for one, other in itertools.combinations(seen, 2):
            assert np.linalg.norm(seen[one] - seen[other]) > 15, (one, other)


def test_intervals_print_and_contain_as_mathematics_writes_them():
    assert str(REGISTRY["relu"].range) == "[0, ∞)"
    assert str(REGISTRY["linear"].range) == "(-∞, ∞)"
    assert str(REGISTRY["gelu"].range) == "[-0.169971, ∞)"
    assert str(Interval(0, 1, closed_high=True)) == "(0, 1]"
    assert 0 not in Interval(0, 1) and 1 not in Interval(0, 1) and 0.5 in Interval(0, 1)
    assert 0 in Interval(0, 1, closed_low=True) and 1 in Interval(0, 1, closed_high=True)
    assert math.nan not in Interval(-math.inf, math.inf)


# --- contracts --------------------------------------------------------------------------------------------------------


@each_function
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.int64, np.uint8, bool])
def test_precision_in_is_precision_out_and_integers_become_doubles(f, dtype):
    wanted = dtype if np.dtype(dtype).kind == "f" else np.float64
    for shape in ((), (3,), (2, 0), (2, 3, 1)):
        result = f(np.ones(shape, dtype))
        assert result.dtype == wanted
        assert result.shape == shape


@each_function
def test_lists_and_python_scalars_are_welcome(f):
    expected = f(np.array([-1.0, 2.0]))
    np.testing.assert_array_equal(f([-1, 2]), expected)
    assert isinstance(f(2), np.float64) and isinstance(f(np.array(2.0)), np.float64)
    assert f(2) == expected[1]


@each_function
def test_large_arrays_are_their_numbers_one_beside_the_other_however_they_lie_in_memory(f):
    rng = np.random.default_rng(2)
    z = rng.choice(np.concatenate([GRID, [math.nan, math.inf, -math.inf]]), (3, activations.BLOCK))
    rows = np.array([[f(part) for part in np.array_split(row, 7)] for row in z[:, : 7 * 1000]]).reshape(3, -1)
    for whole in (f(z), f(np.asfortranarray(z)), f(z[::-1])[::-1], f(z.T).T):
        np.testing.assert_array_equal(whole[:, : 7 * 1000], rows)


@pytest.mark.parametrize(("f", "name"), PARAMETRIC)
def test_large_arrays_take_a_parameter_for_each_column(f, name):
    z, slopes = np.random.default_rng(3).normal(0, 3, (activations.BLOCK, 3)), np.array([0.1, 2.0, -0.5])
    columns = [f(column, slope) for column, slope in zip(z.T, slopes, strict=True)]
    for whole in (f(z, slopes), f(z, **{name: slopes.tolist()})):
        np.testing.assert_array_equal(whole.T, columns)


@each_function
def test_half_precision_is_the_rounded_double(f):
    z = np.linspace(-20, 20, 101).astype(np.float16)
    np.testing.assert_array_equal(f(z), f(z.astype(np.float64)).astype(np.float16))


@each_function
@pytest.mark.parametrize("z", [1j, "1", None, np.array(["a"]), np.array([1, None])], ids=repr)
def test_what_is_not_a_real_number_is_refused_by_name(f, z):
    with pytest.raises(TypeError, match=f"{f.__name__} takes real numbers, not "):
        f(z)


@each_function
def test_nan_stays_where_it_is(f):
    np.testing.assert_array_equal(np.isnan(f([-1.0, math.nan, 1.0])), [False, True, False])


FAR = mp.mpf("1e150")


@each()
def test_infinity_gives_the_limit(a):
    f, df = REFERENCE[a.key]
    ends = np.array([-math.inf, math.inf])
    values = np.array([float(f(-FAR)), float(f(FAR))])
    limits = np.where(np.abs(values) > 1e100, np.copysign(math.inf, values), values)
    np.testing.assert_allclose(a.f(ends), limits, rtol=1e-15, atol=1e-290)
    np.testing.assert_allclose(a.df(ends), [float(df(-FAR)), float(df(FAR))], rtol=1e-15, atol=1e-290)


parameters = st.one_of(st.sampled_from([0.0, -0.0]), st.floats(1e-50, 1.7e308), st.floats(-1.7e308, -1e-50))


@pytest.mark.parametrize(("f", "name"), PARAMETRIC)
@for_any(parameters)
def test_infinity_gives_the_limit_for_every_parameter(f, name, parameter):
    for side in (-1.0, 1.0):
        near, far, end = (f(side * z, **{name: parameter}) for z in (1e200, 1e300, math.inf))
        assert end == (far if far == near else math.copysign(math.inf, far))


@pytest.mark.parametrize(("f", "name"), PARAMETRIC)
@for_any(st.lists(st.tuples(st.floats(), st.floats(allow_infinity=False, allow_nan=False)), min_size=1))
def test_no_finite_parameter_makes_nan_of_a_number_in_any_precision(f, name, pairs):
    z, slopes = np.array(pairs).T
    with np.errstate(all="ignore"):
        for inputs in (z, z.astype(np.float32), z.astype(np.float16)):
            values = f(inputs, **{name: slopes})
            np.testing.assert_array_equal(np.isnan(values), np.isnan(inputs))
            np.testing.assert_array_equal(f(inputs, slopes), values)
            one_by_one = [f(x, **{name: slope}) for x, slope in zip(inputs, slopes, strict=True)]
            np.testing.assert_array_equal(one_by_one, values)
            np.testing.assert_array_equal(f(inputs.astype(np.float64), slopes).astype(inputs.dtype), values)


@each_function
def test_extremes_raise_no_floating_point_warning_even_for_those_who_asked(f):
    largest = np.finfo(np.float64).max
    z = np.concatenate([GRID, [0.0, -0.0, 5e-324, -5e-324, largest, -largest, math.inf, -math.inf, math.nan]])
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        for dtype in (np.float64, np.float32, np.float16):
            with np.errstate(all="ignore"):
                inputs = z.astype(dtype)
            assert np.array_equal(np.isnan(f(inputs)), np.isnan(inputs))


@each_function
def test_a_number_too_large_for_a_double_is_infinite(f):
    with np.errstate(all="raise"):
        with np.errstate(over="ignore"):
            vast = np.array([np.finfo(np.longdouble).max, -np.finfo(np.longdouble).max])
            infinite = vast.astype(np.float64)
        np.testing.assert_array_equal(f(vast), f(infinite))


def test_softmax_raises_no_floating_point_warning_either():
    z = np.array([[1e308, -1e308], [math.inf, -math.inf], [math.nan, 0], [-1000, 1000]])
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        p = activations.softmax(z)
        np.testing.assert_array_equal(p, [[1, 0], [1, 0], [math.nan, math.nan], [0, 1]])
        np.testing.assert_array_equal(activations.log_softmax(z)[:2], [[0, -math.inf], [0, -math.inf]])
        assert np.isfinite(activations.softmax_jacobian(p)[[0, 1, 3]]).all()
        assert np.isfinite(activations.softmax_vjp(p, np.ones((4, 2)))[[0, 1, 3]]).all()


@each_function
def test_input_is_left_alone_and_output_is_its_own_memory(f):
    z = np.linspace(-2, 2, 9)
    before = z.copy()
    result = f(z)
    result += 1
    np.testing.assert_array_equal(z, before)


@each(REGISTRY.values())
def test_docstrings_state_shape_units_range_errors_and_source(a):
    for f in (a.f, a.df):
        assert all(f"{heading}:" in f.__doc__ for heading in ("Shape", "Units", "Range", "Errors", "Source"))


@each(REGISTRY.values())
def test_docstrings_state_the_range_and_the_source_of_the_entry(a):
    opening, low, high, closing = re.search(r"Range: ([\[(])(\S+), (\S+)([\])])", a.f.__doc__).groups()
    assert (opening == "[", closing == "]") == (a.range.closed_low, a.range.closed_high)
    for text, end in ((low, a.range.low), (high, a.range.high)):
        decimals = len(re.search(r"\d*$", text.split("/")[0])[0])
        stated = eval(text, {"inf": math.inf, **a.params})
        assert stated == end or abs(stated - end) <= 0.5001 * 10.0**-decimals
    assert f"Source: {a.source or 'the definition'}" in a.f.__doc__


# --- measures ---------------------------------------------------------------------------------------------------------


def test_central_difference_keeps_the_shape_and_takes_a_step():
    z = np.array([[0.5, -2.0, 1e3]])
    slope = central_difference(np.square, z)
    assert slope.shape == z.shape
    np.testing.assert_allclose(slope, 2 * z, rtol=1e-9)
    assert central_difference(lambda t: t**3, 0.0, h=0.1) == pytest.approx(0.01), "the h² of the truncation"
    assert central_difference(activations.relu, 0.0) == 0.5, "half way between the slopes at a kink"
    np.testing.assert_array_equal(central_difference(np.square, np.array([1, 2], dtype=np.float32), h=0.5), [2, 4])
