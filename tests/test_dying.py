"""Lesson 3's explorer of dead units."""

import itertools
import re

import numpy as np
import pytest
from explored import explored

from actlab.data import glyphs
from actlab.explorers import explore_dying
from actlab.explorers.dying import FIRST, RATES, SECOND, WIDTH
from actlab.training import Networks

SENTENCE = re.compile(r"At step (\d+), (\d+) of 32 .* (\d+) of 32 .* far (\d+) units? .* and (\d+) of layer 2")


@pytest.fixture(scope="module")
def dying():
    return explored("explore_dying")


def counts(explorer, **values):
    """(dead in layer 1, dead in layer 2, returned in layer 1, returned in layer 2)"""
    return tuple(map(int, SENTENCE.match(explorer.at(**values)).groups()[1:]))


def test_it_starts_with_what_the_weights_alone_decide(dying):
    X, _ = glyphs(500, 0, noise=0.25)
    nets = Networks([120, WIDTH, WIDTH, 10], "relu", [1], gain=2**0.5, bias=[-3.0, -1.0])
    expected = [int(dead.sum()) for dead in nets.dead(X)]
    assert counts(dying) == (*expected, 0, 0)
    assert all(expected)


def test_plain_descent_never_raises_a_unit_of_the_first_layer(dying):
    for first, second, rate in itertools.product(FIRST, SECOND, RATES):
        steps = [counts(dying, first=first, second=second, rate=rate, step=step) for step in (0, 80, 160)]
        assert [returned for _, _, returned, _ in steps] == [0, 0, 0]
        assert sorted(dead for dead, *_ in steps) == [dead for dead, *_ in steps]


def test_deeper_units_return_unless_their_whole_layer_is_dead(dying):
    _, dead, _, returned = counts(dying, first=-3, second=-1, rate=1, step=160)
    assert returned > 15 > dead
    stuck = [counts(dying, first=-4, second=-2, rate=rate, step=160) for rate in RATES]
    assert {(dead, returned) for _, dead, _, returned in stuck} == {(WIDTH, 0)}


def test_a_large_learning_rate_kills_healthy_units(dying):
    assert counts(dying, first=0, second=0, rate=3, step=0)[:2] == (0, 0)
    assert counts(dying, first=0, second=0, rate=3, step=160)[1] > 5


def test_a_learners_function_decides_who_is_dead():
    mine = explore_dying(lambda z: np.zeros(z.shape[1], bool).tolist())
    assert counts(mine, step=160, first=-4) == (0, 0, 0, 0)


def test_a_learners_mistake_is_told_in_words():
    def stub(z):
        raise NotImplementedError

    assert "not attempted yet" in explore_dying(stub).trouble
    assert "shape (2,), expected (3,)" in explore_dying(lambda z: (z <= 0).all(1)).trouble


def test_its_page_is_small_and_every_frame_is_listed(dying):
    assert len(dying.html().encode()) < 260_000
    assert [len(dying.sliders[k].positions) for k in ("first", "second", "rate", "step")] == [4, 3, 3, 17]
    assert not re.search(r"\bnan\b|\binf\b", dying.html())
