"""How the course writes what it says."""

import pytest

from actlab.words import minus, sentence


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
