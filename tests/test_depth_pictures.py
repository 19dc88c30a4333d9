"""The still pictures and tables of lessons 05 and 06 say the numbers that they were given."""

import numpy as np

from actlab import pictures

STARTS = {"falling": ("tanh", 1.0), "level": ("relu", 2**0.5)}
FOUND = {
    "falling": (np.array([[1, 1e-1, 1e-2], [1, 1e-2, 1e-4]]), np.array([[1e-6, 1e-3, 1], [1e-8, 1e-4, 1]])),
    "level": (np.ones((2, 3)), np.ones((2, 3))),
}


def test_an_alt_text_says_what_is_left_at_the_far_end_of_signal_and_gradient():
    signal, gradient = pictures.signals_by_layer(STARTS, FOUND), pictures.gradients_by_layer(STARTS, FOUND)
    assert "after 2 layers, mean ± SD of 2 seeds: falling −3.0 ± 1.4; level +0.0 ± 0.0." in signal.alt
    assert "falling −7.0 ± 1.4; level +0.0 ± 0.0." in gradient.alt


def test_a_gradient_is_drawn_from_the_output_to_the_input():
    (ax,) = pictures.gradients_by_layer(STARTS, FOUND).figure.axes
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [1, 10**-3.5, 1e-7])


def test_a_table_of_far_ends_has_both():
    assert pictures.far_ends(FOUND).rows[0] == ("falling", "−3.0 ± 1.4", "−7.0 ± 1.4")


def test_cosines_are_said_without_a_sign_before_zero():
    assert (
        "falling 0.50 ± 0.00; level 0.00 ± 0.00."
        in pictures.cosines_by_layer(STARTS, {"falling": np.full((2, 3), 0.5), "level": np.full((2, 3), -1e-4)}).alt
    )


def test_a_gain_that_the_library_does_not_know_is_said_to_be_missing():
    def known(key):
        if key != "tanh":
            raise ValueError
        return 5 / 3

    rows = pictures.gains_beside(known, {"tanh": (1.5, 1.4), "gelu": (1.6, 1.5)}).rows
    assert rows == [("tanh", "1.5000", "1.4000", "1.6667"), ("GELU", "1.6000", "1.5000", "no entry")]


def test_growth_is_said_below_and_above_the_size_on_arrival():
    alt = pictures.growth_in_one_layer([0.5, 1, 2], STARTS, {"falling": [1.5, 1, 0.5], "level": [1, 1, 1]}).alt
    assert alt == "Growth factor at size 0.5 and at size 2: falling 1.50 and 0.50; level 1.00 and 1.00."


def test_each_norm_is_shown_at_each_gain():
    table = pictures.gradients_by_norm({"plain": {0.3: [1e-2, 1e-4], 3.0: [1e2, 1e2]}})
    assert (table.head[1:], table.rows) == (("gain 0.3", "gain 3"), [("plain", "−3.0 ± 1.4", "+2.0 ± 0.0")])


def test_a_softmax_that_fails_on_a_batch_is_said_to_fail_there():
    def sums_of_columns(z):
        return z / z.sum(axis=-1)

    table = pictures.row_sums([sums_of_columns], {"square": np.ones((2, 2)), "wide": np.ones((2, 3))})
    assert table.rows == [("sums_of_columns", "1.00, 1.00", "an error: the shapes do not fit")]


def test_a_loss_is_said_to_pull_as_hard_as_it_does_at_the_left_end():
    lead = np.linspace(-10, 10, 3)
    picture = pictures.pulls_at_the_score(lead, np.array([1, 0.5, 0]), np.array([0.0001, 0.4, 0]))
    assert "cross-entropy 1.0000 at −10 and 1.00 at most; squared error 0.0001 at −10 and 0.40 at most" in picture.alt
