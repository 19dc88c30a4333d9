"""The data sets: their shapes, their balanced labels, and that a seed repeats them."""

import numpy as np
import pytest

from actlab.data import circles, glyphs, spirals


@pytest.mark.parametrize(("make", "features", "classes"), [(circles, 2, 2), (spirals, 2, 2), (glyphs, 120, 10)])
def test_data_are_balanced_and_repeatable(make, features, classes):
    X, y = make(40, seed=3)
    assert X.shape == (40, features) and X.dtype == np.float64
    assert np.bincount(y).tolist() == [40 // classes] * classes
    np.testing.assert_array_equal(make(40, seed=3)[0], X)
    assert not np.array_equal(make(40, seed=4)[0], X)


def test_circles_have_their_radii_and_spirals_stay_in_the_unit_disc():
    X, y = circles(noise=0, inner=0.3)
    np.testing.assert_allclose(np.linalg.norm(X, axis=1), np.where(y == 0, 1.0, 0.3))
    X, y = spirals(noise=0)
    assert np.linalg.norm(X, axis=1).max() <= 1
    angle = 2 * np.pi * (1.5 * np.linalg.norm(X, axis=1) + y / 2)
    np.testing.assert_allclose(X, np.linalg.norm(X, axis=1)[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1))


def test_glyphs_are_standardised_and_their_digits_differ():
    X, y = glyphs(200, noise=0)
    assert X.mean() == pytest.approx(0, abs=1e-12) and X.std() == pytest.approx(1)
    lit = np.greater(X, X.min()).sum(axis=1)
    assert {digit: set(lit[y == digit]) for digit in (1, 8)} == {1: {9}, 8: {27}}
