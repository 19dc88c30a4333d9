"""What an exercise says: numbers in prompts, the sentence of a judgement, and the one input that is shown."""

import numpy as np
import pytest

from actlab.exercises import EXERCISES, Case, Measure, Row, Status
from actlab.exercises.judging import Tried
from actlab.exercises.text import listed, rounded
from actlab.exercises.words import measured, number, off_the_law, rows, sentence, wrong_values
from actlab.learner import Trouble


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(-2.5, 2, "−2.50"), (0.25, 4, "0.2500"), (np.float64(3), 1, "3.0"), (-0.75, 0, "−1")]
)
def test_rounded(value, digits, text):
    assert rounded(value, digits) == text


def test_listed():
    assert listed((1, -2.5)) == "(1, −2.5)"
    assert listed(np.array([[0.5, -0.25], [1 / 3, 0]])) == "((0.5, −0.25), (0.3333, 0))"


def test_numbers_have_no_negative_zero():
    assert [number(v) for v in (2.5, -0.0, 1 / 3, np.float32(1e-8), np.nan)] == ["2.5", "0", "0.3333", "1e-08", "nan"]


def seen(case, want, got, right=()):
    return Tried(case, tuple(map(np.asarray, want)), got, right)


def test_a_sentence_goes_from_what_is_right_to_what_is_special():
    trouble = Trouble("value", "`p` is off")
    assert sentence(seen(Case(), [0], trouble), trouble, []) == "`p` is off."
    noted = seen(Case(note="integers"), [0], trouble)
    assert sentence(noted, trouble, ["values"]) == "Right so far: values. `p` is off. Seen on integers."
    asks = Trouble("none", "it returned None: did you forget `return`?")
    assert sentence(seen(Case(), [0], asks), asks, []).endswith("`return`?")


@pytest.mark.parametrize(
    ("got", "words"),
    [
        ([1.0, 2.0], None),
        ([1.0, 3.0], "The result has the right shape, but wrong values"),
        ([np.nan, 3.0], "The result has the right shape, but holds nan, no finite number"),
        (3.0, "The result is a number, but not the right one"),
    ],
)
def test_wrong_values_are_told_apart(got, words):
    got, want = np.asarray(got), np.asarray([1.0, 2.0] if np.ndim(got) else 2.0)
    trouble = wrong_values([got], [want], [got == want], ["the result"])
    assert (trouble and trouble.sentence) == words


def test_a_property_that_is_off_is_said_in_its_own_words_or_with_both_numbers():
    assert off_the_law(Measure("the mean", 0.25, 0.0, 0.1)).sentence == "The mean is 0.25, expected about 0"
    assert off_the_law(Measure("the mean", 0.25, 0.0, 0.1, "Too large")).sentence == "Too large"


def test_the_row_that_is_shown():
    task = EXERCISES["q5_softmax_jacobian"]
    got = np.array([[0.25, 0.1], [-0.25, 0.25]])
    want = np.array([[0.25, -0.25], [-0.25, 0.25]])
    case = Case((np.array([0.5, 0.5]),))
    (row,) = rows(task, seen(case, [want], (got,), (got == want,)))
    assert row == Row("p = [0.5, 0.5]", "[[0.25, 0.1], [-0.25, 0.25]]", "[[0.25, -0.25], [-0.25, 0.25]]")
    (row,) = rows(task, seen(case, [want], (got[0],)))
    assert row == Row("p = [0.5, 0.5]", "of shape (2,)", "of shape (2, 2)")
    (row,) = rows(task, seen(case, [want], Trouble("none", "")))
    assert (row.got, row.expected) == ("None", "[[0.25, -0.25], [-0.25, 0.25]]")
    nearly = want + 1e-9
    (row,) = rows(task, seen(case, [want], (nearly,), (nearly == want,)))
    assert row.got != row.expected


def test_the_row_that_is_shown_for_random_numbers():
    task, case = EXERCISES["q6_he_normal"], Case((3, 2, 7))
    off = Measure("the mean", 0.25, 0.0, 0.1)
    outcome = Tried(case, (np.zeros(1), np.ones(1)), (np.array([0.25]),), (np.array([False]),), off=off)
    assert measured(task, outcome) == (Row("fan_in = 3, fan_out = 2, rng = 7", "0.25", "0, or close"),)
    reshaped = seen(case, [np.zeros((3, 2))], (np.zeros((2, 3)),))
    assert measured(task, reshaped)[0][1:] == ("of shape (2, 3)", "of shape (3, 2)")


def test_a_status_has_a_glyph_and_a_rank():
    assert [(s.glyph, s.rank) for s in Status] == [("○", 0), ("✗", 1), ("◐", 2), ("✓", 3)]
