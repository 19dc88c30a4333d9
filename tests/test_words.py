"""How the course writes what it says."""

import html
import re
from pathlib import Path

import pytest

from actlab import course
from actlab.publish import executed
from actlab.words import minus, number, percent, power, sentence

COURSE = Path(__file__).parents[1]


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
    ("value", "shown"),
    [
        (0.7616, "0.7616"),
        (-1.5, "−1.5000"),
        (2.5e-05, "2.5e−05"),
        (-3e-300, "−3.0e−300"),
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
    ],
)
def test_a_number_that_is_not_zero_never_reads_as_zero(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0%"), (1e-9, "under 1%"), (0.42, "42%"), (0.999, "over 99%"), (1, "100%")]
)
def test_none_and_all_are_said_of_none_and_all_alone(share, words):
    assert percent(share) == words


def test_powers_are_raised():
    assert [power(-15.5), power(3), power(-2, "½"), power(0.25, format="{:.1f}")] == ["10⁻¹⁵·⁵", "10³", "½⁻²", "10⁰·²"]


LESSONS = [lesson for lesson in course.LESSONS if not lesson.is_homework]
ASKS_THE_READER = {"What is your network?"}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_a_picture_sets_powers_as_powers_and_calls_yours_only_what_a_reader_has_written(lesson):
    said = set()
    for cell in executed.read(COURSE / "solutions" / lesson.file).cells:
        for page in executed.pages(cell):
            if '<div class="actlab-' in page:
                said |= set(re.split(r'[<>"\x02]', html.unescape(page)))
    assert {part for part in said if re.search(r"\b[Yy]our\b|\d\^", part)} <= ASKS_THE_READER
