"""The softmax explorers: what they say is true, also of a learner's function that is wrong or missing."""

import re

import numpy as np
import pytest
from explored import explored
from scipy import special

from actlab.explorers import explore_jacobian, explore_temperature

DECIMAL = re.compile(r"[−+]?\d+\.\d+")
WAYS = {"scores / T": lambda z, T: z / T, "scores × T": lambda z, T: z * T}


@pytest.fixture(scope="module")
def temperature():
    return explored("explore_temperature")


@pytest.fixture(scope="module")
def jacobian():
    return explored("explore_jacobian")


def decimals(text):
    return [float(n.replace("−", "-")) for n in DECIMAL.findall(text)]


@pytest.mark.parametrize("way", WAYS)
def test_the_bars_are_those_of_scipy_at_every_temperature(temperature, way):
    for T in temperature.sliders["T"].positions:
        sentence = temperature.at(T=T, way=way)
        p = special.softmax(WAYS[way](np.array([2.0, 1.0, 0.1]), T))
        told = re.search(r"the probabilities are (.*?) and add up to 1\.000", sentence)[1]
        assert decimals(told) == pytest.approx(p, abs=6e-4)
        entropy = float(re.search(r"entropy is ([\d.]+) nats", sentence)[1])
        assert entropy == pytest.approx(special.entr(p).sum(), abs=6e-4)


def test_the_temperature_ends_at_one_hot_and_at_uniform(temperature):
    assert "nearly one-hot" in temperature.at(T=0)
    assert "nearly uniform" in temperature.at(T=99)
    assert "nearly uniform" in temperature.at(T=0, way="scores × T")
    assert "neither" in temperature.at(T=1)


def test_the_matrix_is_that_of_a_finite_difference(jacobian):
    for z in ([2, 1, 0], [-6, 6, 6], [0, 0, 0], [3, -2, 5]):
        sentence = jacobian.at(**dict(zip(("z1", "z2", "z3"), z, strict=True)))
        z = np.array(z, float)
        h = 1e-5 * np.eye(3)
        J = (special.softmax(z + h, axis=1) - special.softmax(z - h, axis=1)).T / 2e-5
        assert decimals(sentence.split(").")[0]) == pytest.approx(special.softmax(z), abs=6e-4)
        assert decimals(sentence.split("rates")[1])[:3] == pytest.approx(J[:, 0], abs=6e-4)
        assert decimals(sentence.split("slope is")[1])[0] == pytest.approx(np.abs(J).max(), abs=6e-4)
        assert "Every row adds up to 0.000." in sentence


def test_saturation_is_told_where_it_is(jacobian):
    assert "saturated" in jacobian.at(z1=6, z2=-6, z3=-6)
    assert "saturated" not in jacobian.at(z1=6, z2=6, z3=-6)


def test_a_softmax_without_an_axis_is_told_that_it_does_not_add_up():
    def softmax(z, axis=-1):
        return np.exp(z) / np.exp(z).sum()

    explorer = explore_temperature(softmax)
    assert "add up to 0.500: these are not probabilities" in explorer.at(T=1)


def test_a_matrix_without_coupling_is_told_which_row_is_off():
    sentence = explore_jacobian(lambda p: np.diag(p * (1 - p))).at(z1=2, z2=1, z3=0)
    assert "Row 1 of your matrix adds up to +0.223, not to 0." in sentence


def stub(*args):
    raise NotImplementedError


@pytest.mark.parametrize("explore", [explore_temperature, explore_jacobian])
@pytest.mark.parametrize(
    ("own", "words"),
    [
        (stub, "not attempted yet"),
        (lambda *args: np.zeros(7), r"shape \(7,\)"),
        (lambda *args: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_function_that_fails_is_put_into_words(explore, own, words):
    assert re.search(words, explore(own).trouble)


def test_a_matrix_with_a_hole_is_put_into_words():
    assert "holds nan, no finite number" in explore_jacobian(lambda p: np.full((3, 3), np.nan)).trouble
