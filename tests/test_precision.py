"""Each formula is followed as far as it holds, in the formats that torch computes in, and the picture says how far."""

import math

import mpmath
import pytest
import torch

from actlab import pictures, precision
from actlab.precision import FORMATS, FORMULAS, first_lost


def logistic(z):
    return 1 / (1 + mpmath.exp(-z))


EXACT = {
    "1/(1 + e⁻ᶻ)": logistic,
    "σ(z)·(1 − σ(z))": lambda z: mpmath.exp(z) * logistic(-z) ** 2,
    "1 − tanh² z": lambda z: mpmath.sech(z) ** 2,
    "(eᶻ − e⁻ᶻ)/(eᶻ + e⁻ᶻ)": mpmath.tanh,
    "z/(1 + e⁻ᶻ)": lambda z: z * logistic(z),
    "½z·(1 + erf(z/√2))": lambda z: z * mpmath.ncdf(z),
    "log(1 + eᶻ)": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "log of softmax(z, 0)": lambda z: -mpmath.log(1 + mpmath.exp(z)),
    "z/√(mean of z²)": lambda z: 1 / mpmath.sqrt(mpmath.mpf(5) / 8),
}


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f"{f.written} on side {f.side}")
def test_both_forms_are_the_same_function(formula):
    near = [0.25, 1.0, 3.0, 6.0]
    with mpmath.workdps(40):
        want = [float(EXACT[formula.written](formula.side * z)) for z in (*near, 30.0)]
    z = formula.side * torch.tensor([*near, 30.0], dtype=torch.float64)
    assert formula.stable(z).tolist() == pytest.approx(want, rel=1e-13)
    assert formula.plain(z[:-1]).tolist() == pytest.approx(want[:-1], rel=1e-6)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f"{f.written} on side {f.side}")
@pytest.mark.parametrize("name", FORMATS)
def test_results_stay_in_their_format(formula, name):
    z = formula.side * torch.ones(3, dtype=getattr(torch, name))
    assert formula.plain(z).dtype == formula.stable(z).dtype == z.dtype


def test_lost_is_what_overflows_what_drowns_and_nothing_else():
    assert first_lost(torch.exp, torch.exp, 1, "float16") == 11.125, "just beyond the logarithm of 65 504"
    assert first_lost(lambda z: (1 + z) - 1, lambda z: z, 1, "float32") == math.inf
    assert first_lost(lambda z: (256 + z) - 256, lambda z: z, 1, "bfloat16") == 0.0625, (
        "every second number from 256 on"
    )
    assert first_lost(lambda z: z - 0.5, lambda z: z, 1, "float32") == 0.0625
    assert first_lost(lambda z: 1 / (z + 4), lambda z: 1 / (z + 4), -1, "float32") == 4.0, "infinity is no result"


def test_a_better_form_never_holds_less_far_and_sixteen_bits_never_farther():
    found = precision.survey()
    for name in FORMATS:
        for (plain, better), (widest, _) in zip(found[name], found["float32"], strict=True):
            assert plain <= better
            assert plain <= widest


def test_float16_fails_by_its_range_and_bfloat16_by_its_digits():
    found = {
        name: dict(zip([f.written for f in FORMULAS], holds, strict=True)) for name, holds in precision.survey().items()
    }
    assert found["float16"]["1/(1 + e⁻ᶻ)"][0] < found["bfloat16"]["1/(1 + e⁻ᶻ)"][0]
    assert found["bfloat16"]["1 − tanh² z"][0] < found["float16"]["1 − tanh² z"][0]


def test_the_picture_says_where_each_formula_breaks():
    picture = pictures.where_formulas_break()
    assert (
        "z/√(mean of z²), z > 0: float32 never, then never, bfloat16 never, then never, float16 256, then never."
        in picture.alt
    )
    assert "1 − tanh² z, z > 0: float32 8.19, then 44.5, bfloat16 2.5, then 44.5" in picture.alt
    (ax,) = picture.figure.axes
    assert {"256", "2.5", "8.19"} <= {text.get_text() for text in ax.texts}
