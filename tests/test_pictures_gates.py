"""The pictures of GELU and its relatives say in words what they show."""

import numpy as np
import pytest

from actlab import activations, pictures
from actlab.activations import REGISTRY
from actlab.pictures.gates import lowest


def test_the_errors_of_the_shortcuts_are_named_with_their_places():
    z = np.linspace(-6, 6, 1201)
    errors = {key: REGISTRY[key].f(z) - activations.gelu(z) for key in ("gelu_tanh", "gelu_sigmoid")}
    picture = pictures.shortcut_errors(z, errors)
    assert picture.alt == (
        "The tanh form is at most 0.00047 off, at z = ±2.70; the sigmoid form is at most 0.02033 off, at z = ±2.27."
    )
    (ax,) = picture.figure.axes
    drawn = {text.get_text() for text in ax.texts}
    assert {"at most 0.00047 off", "at most 0.02033 off", "tanh, thousandths", "sigmoid, hundredths"} <= drawn


def test_of_each_activation_the_seed_in_the_middle_is_shown():
    x = np.linspace(-1, 1, 5)
    picture = pictures.slopes_of_fits(x, x, {"relu": x + np.array([[3.0], [0.0], [1.0]])})
    _, relu = picture.figure.axes[0].lines
    assert relu.get_ydata() == pytest.approx(x + 1)
    assert picture.alt == (
        "The target's slope swings between −1.0 and 1.0. Root mean square: ReLU's fit misses it by 1.0."
    )


def test_extremes_are_those_of_the_smooth_gates():
    table = pictures.extremes(["gelu", "silu"])
    assert list(table.rows) == [
        ["GELU", "−0.169971", "−0.7518", "1.128904", "1.4142"],
        ["SiLU", "−0.278465", "−1.2785", "1.099839", "2.3994"],
    ]


@pytest.mark.parametrize("at", [-6.0, -1.23456, 6.0])
def test_the_lowest_place_is_found_to_nine_digits_at_the_ends_too(at):
    assert lowest(lambda z: np.abs(z - at)) == pytest.approx(at, abs=1e-9)
