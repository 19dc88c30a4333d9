"""How the course writes what it says."""

import pytest

from actlab.words import minus, percent, power, sentence, small


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-1", "−1"),
        ("(-2.50, -.5)", "(−2.50, −.5)"),
        ("from -inf to 1e-06", "from −inf to 1e−06"),
        ("z-3", "z−3"),
        ("cross-entropy of a 3-layer network - no number", "cross-entropy of a 3-layer network - no number"),
        ("in 2016-2020", "in 2016-2020"),
        ("", ""),
    ],
)
def test_negative_numbers_get_a_minus_sign_and_words_keep_their_hyphen(text, shown):
    assert minus(text) == shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wrong values", "Wrong values."),
        ("which one?", "Which one?"),
        ("Stop!", "Stop!"),
        ("`relu` is a stub.", "`relu` is a stub."),
        ("λ is not ρ", "Λ is not ρ."),
        ("", ""),
    ],
)
def test_a_sentence_has_a_capital_and_an_end(text, said):
    assert sentence(text) == said


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0%"), (1e-9, "under 1%"), (0.42, "42%"), (0.999, "over 99%"), (1, "100%")]
)
def test_none_and_all_are_said_of_none_and_all_alone(share, words):
    assert percent(share) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.0000"), (-0.0, "0.0000"), (0.105, "0.1050"), (2.46e-5, "2.5e-05"), (-3e-9, "-3.0e-09"), (12.5, "12.5000")],
)
def test_a_small_number_is_not_0(value, text):
    assert small(value) == text


@pytest.mark.parametrize(("exponent", "text"), [(-15.5, "10⁻¹⁵·⁵"), (0, "10⁰·⁰"), (-0.04, "10⁰·⁰"), (63, "10⁶³·⁰")])
def test_a_power_of_ten_is_raised(exponent, text):
    assert power(exponent) == text
