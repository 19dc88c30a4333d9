"""Pictures of stacks of layers: what a reader who does not see them is told."""

import numpy as np
import pytest

from actlab import pictures


def test_data_sets_are_counted():
    X = np.random.default_rng(0).normal(size=(7, 2))
    picture = pictures.datasets({"left": (X, [0, 0, 0, 1, 1, 1, 1]), "right": (X, [1, 1, 0, 0, 0, 0, 0])})
    assert "left: 3 discs and 4 squares; right: 5 discs and 2 squares" in picture.alt


def test_accuracies_stand_beside_the_line_that_they_are_held_against():
    alt = pictures.beside_the_line({("linear", 8): [0.4, 0.5], ("relu", 2): [0.9, 1.0]}, line=0.6875).alt
    assert alt == "affine, depth 8: the best seed gets 0.5; ReLU, depth 2: the best seed gets 1.0; the best line 0.69."


def test_a_race_says_when_each_has_halved_its_error():
    falling = np.array([2.0 ** -np.arange(6), 2.0 ** -(np.arange(6) / 2)])
    alt = pictures.race({"one": falling, "two": falling[:1], "three": falling[1:]}).alt
    assert "2 to 3 steps (one), 2 to 2 steps (two), 3 to 3 steps (three)" in alt


@pytest.fixture(scope="module")
def sizes():
    """Two networks whose gradients are known powers of ten at two depths, with two seeds each."""
    return {
        "shrinks": ("sigmoid", 10.0 ** np.array([[-2, -9], [-4, -11]])),
        "stays": ("tanh", 10.0 ** np.array([[0, 0], [0, 0]])),
    }


def test_a_table_of_gradients_holds_powers_of_ten_and_their_spread(sizes):
    table = pictures.gradient_table(sizes, (10, 30))
    assert list(table.head[1:]) == ["10 layers", "30 layers"]
    assert table.rows == [["shrinks", "−3.0 ± 1.4", "−10.0 ± 1.4"], ["stays", "0.0 ± 0.0", "0.0 ± 0.0"]]


def test_the_curves_of_gradients_are_told_by_their_ends(sizes):
    alt = pictures.first_gradients(sizes, (10, 30)).alt
    assert alt == "shrinks: 10⁻³ at 10 layers, 10⁻¹⁰ at 30; stays: 10⁰ at 10 layers, 10⁰ at 30."
