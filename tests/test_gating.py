"""The explorers of gates say what is true, at every position of every slider."""

import re
from itertools import combinations

import numpy as np
import pytest
from explored import explored
from scipy.special import expit, ndtr
from scipy.stats import norm

from actlab.explorers import explore_gates, explore_stochastic_gate
from actlab.explorers.gating import DRAWS
from actlab.live import Line, Text


@pytest.fixture
def coins():
    return explored("explore_stochastic_gate")


@pytest.fixture
def form():
    return explored("explore_sigmoid_form")


def number_after(words, sentence):
    return float(re.search(re.escape(words) + r"\s*([−+]?\d+(?:\.\d+)?)", sentence)[1].replace("−", "-"))


@pytest.mark.parametrize("z", [-4.0, -1.0, 0.0, 1.5])
def test_gates_are_what_multiplies_z(z):
    sentence = explored("explore_gates").at(z=z)
    for name, gate in (("ReLU", float(z > 0)), ("GELU", norm.cdf(z)), ("SiLU", expit(z))):
        assert number_after(f"{name}'s gate is", sentence) == pytest.approx(100 * gate, abs=0.051)
        told = re.search(rf"{name}'s gate is \S+ open and lets (\S+) through", sentence)[1]
        assert float(told.replace("−", "-")) == pytest.approx(z * gate, abs=5.1e-4)


@pytest.mark.parametrize("keys", list(combinations(["relu", "gelu", "silu", "mish", "hardswish", "gelu_sigmoid"], 3)))
def test_what_gates_let_through_is_seen_whole_and_no_name_lies_on_it(keys):
    passed = explore_gates(keys)._background()[1]
    curves = [mark for mark in passed.marks if isinstance(mark, Line)]
    heights = sorted(mark.y for mark in passed.marks if isinstance(mark, Text))
    assert len(curves) == len(heights) == 3 and np.diff(heights).min() > 0.1
    for curve in curves:
        assert curve.y.min() > passed.ylim[0]
        assert curve.y[np.asarray(curve.x) < -1].max() < heights[0] - 0.1


def missed(explorer, n):
    return [number_after("misses GELU by", explorer.at(draws=n, attempt=t)) for t in range(1, 7)]


def test_averages_of_coins_come_closer_like_one_over_the_root_of_n(coins):
    z = np.linspace(-3, 3, 31)
    for n in DRAWS:
        theory = np.sqrt((z**2 * ndtr(z) * (1 - ndtr(z)) / n).mean())
        assert number_after("theory expects", coins.at(draws=n)) == pytest.approx(theory, abs=5.1e-5)
        assert 0.7 < np.sqrt(np.mean(np.square(missed(coins, n)))) / theory < 1.4
        assert all("within a factor of 2" in coins.at(draws=n, attempt=t) for t in range(1, 7) if n > 1)


def test_a_learners_gate_drives_the_picture():
    def shut(z, n, rng):
        return np.zeros(z.shape)

    def unwritten(z, n, rng):
        raise NotImplementedError

    def flat(z, n, rng):
        return 0.5

    def exact(z, n, rng):
        return z * ndtr(z)

    assert "more than a factor of 2 apart" in explore_stochastic_gate(shut).at(draws=10_000)
    assert "more than a factor of 2 apart" in explore_stochastic_gate(exact).at(draws=10)
    assert "not attempted yet" in explore_stochastic_gate(unwritten).at()
    assert "shape" in explore_stochastic_gate(flat).at()
    assert "holds nan, no finite number" in explore_stochastic_gate(lambda z, n, rng: z * np.nan).at()


@pytest.mark.parametrize(
    ("c", "gate", "product"), [(1.702, 0.0095, 0.0203), (1.773, 0.0178, 0.0139), (1.5, None, None)]
)
def test_the_two_best_slopes_differ(form, c, gate, product):
    z = np.linspace(-8, 8, 16_001)
    sentence = form.at(c=c)
    off_gate = np.abs(expit(c * z) - ndtr(z)).max()
    off_product = np.abs(z * (expit(c * z) - ndtr(z))).max()
    assert number_after("the gate is wrong by at most", sentence) == pytest.approx(off_gate, abs=5.1e-5)
    assert number_after("the product by at most", sentence) == pytest.approx(off_product, abs=5.1e-5)
    if gate:
        assert (round(off_gate, 4), round(off_product, 4)) == (gate, product)


def test_no_other_position_of_the_slider_is_better(form):
    slopes = form.sliders["c"].positions
    for words, best in (("the gate is wrong by at most", 1.702), ("the product by at most", 1.773)):
        errors = [number_after(words, form.at(c=c)) for c in slopes]
        assert errors[slopes.index(best)] == min(errors)
