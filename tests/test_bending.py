"""Lesson 1's picture of how bending separates."""

import re
from itertools import pairwise

import numpy as np
import pytest
from explored import explored

from actlab.data import circles
from actlab.explorers.bending import CUT, FOLDED, POINTS, UNITS, _trained


@pytest.fixture(scope="module")
def bending():
    return explored("explore_bending")


def correct(sentence):
    return float(re.search(r"gets ([\d.]+)% of them right", sentence)[1])


def test_it_opens_on_the_rings_and_ends_with_one_cut(bending):
    assert "240 points on two rings" in repr(bending)
    shares = [correct(bending.at(t=t)) for t in range(FOLDED + 1)]
    X, y = circles(POINTS)
    angles, levels = np.linspace(0, np.pi, 181), np.linspace(-1, 1, 101)
    right = ((X @ [np.cos(angles), np.sin(angles)])[..., None] > levels) == y[:, None, None]
    best = 100 * max(right.mean(0).max(), 1 - right.mean(0).min())
    assert shares[0] == pytest.approx(best, abs=1.5)
    assert shares[0] == shares[1]
    assert all(fewer < more for fewer, more in pairwise(shares[1:]))
    assert shares[-1] > 99
    right, of = map(int, re.search(r"(\d+) of (\d+) points are right", bending.at(t=CUT)).groups())
    assert right > 0.99 * of == 0.99 * POINTS


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_network_separates_rings_that_it_has_not_seen(seed):
    net = _trained(*circles(POINTS))
    X, y = circles(400, seed)
    assert ((net.hidden(X) @ net.normal < net.level) == y).mean() > 0.97


@pytest.mark.parametrize("seed", range(4))
def test_every_unit_folds_a_third_of_the_points_or_more(seed):
    """Also where the points, and with them every number on the way, are a little different."""
    X, y = circles(POINTS)
    X = X + 1e-3 * np.random.default_rng(seed).normal(size=X.shape)
    net = _trained(X, y)
    below = (net.hidden(X, 0) < 0).mean(0)
    assert below.shape == (UNITS,) and (below > 0.33).all() and (below < 0.67).all()
    assert ((net.hidden(X) @ net.normal < net.level) == y).mean() > 0.99
