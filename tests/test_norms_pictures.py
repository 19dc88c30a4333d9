"""The pictures of norms say the numbers that they draw."""

import re

import numpy as np

from actlab import pictures
from actlab.evidence import load
from actlab.words import minus


def test_what_a_norm_does_not_notice_is_zero_in_its_column():
    table = pictures.what_moves({"times 10": {"LayerNorm": 1e-5, "none": 9.0}})
    assert (table.head[1:], table.rows) == (("LayerNorm", "none"), [("times 10", "0.00", "9.00")])


def test_gradients_are_drawn_from_the_output_to_the_input_for_each_place_of_a_norm():
    networks = load("placed").whole()
    picture = pictures.gradients_by_place(networks)
    (ax,) = picture.figure.axes
    arms = [arm for arm, form in networks.experiment.arms.items() if "norm" in form and "out" not in form]
    for arm, line in zip(arms, ax.lines, strict=False):
        np.testing.assert_allclose(np.log10(line.get_ydata()[-1]), networks[arm].mean())
        assert minus(f"{arm} {np.median(networks[arm]):+.1f}") in picture.alt


def test_rows_that_follow_one_tanh_are_met_by_it():
    z = np.linspace(-4, 4, 50)[None] * np.array([[1.0], [0.5]])
    alt = pictures.straight_lines(z, 2 * np.tanh(0.5 * z)).alt
    gamma = re.search(r"2 rows .* is (.*) tanh\(0.50 z\), off by 0.00", alt)[1]
    assert abs(float(gamma) - 2) < 0.02


def test_slopes_are_those_of_the_norm():
    z = np.random.default_rng(0).normal(size=(3, 64)) * np.array([[0.5], [1.0], [4.0]])
    spread = z.std(1, keepdims=True)
    alt = pictures.straight_lines(z, (z - z.mean(1, keepdims=True)) / spread).alt
    assert f"slopes {1 / spread.max():.2f} to {1 / spread.min():.2f}" in alt
