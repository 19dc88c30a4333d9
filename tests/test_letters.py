"""The options of a multiple choice look alike: nobody finds the right one by its length, tone or detail."""

import re
from statistics import fmean

import pytest

from actlab.exercises import EXERCISES, Choice

CHOICES = [e for e in EXERCISES.values() if isinstance(e, Choice)]
HOMEWORK = [e for e in CHOICES if e.question]
HEDGES = re.compile(
    r"\b(almost|can|could|hardly|if|in our|largely|likely|mainly|may|might|mostly|nearly|often|on average|partly"
    r"|perhaps|possibly|roughly|some|sometimes|tends?|usually)\b",
    re.IGNORECASE,
)
ABSOLUTES = re.compile(
    r"\b(all|always|any|cannot|completely|entirely|ever|every|everywhere|exactly|impossible|must|never|no|none|nothing"
    r"|only|whatever|wholly)\b",
    re.IGNORECASE,
)
NUMBERS = re.compile(r"\d[\d.⁰¹]*|[¼⅓½]")
TELLING = {
    "the longest": len,
    "the shortest": lambda option: -len(option),
    "the most hedged": lambda option: len(HEDGES.findall(option)),
    "the least hedged": lambda option: -len(HEDGES.findall(option)),
    "the fewest absolutes": lambda option: -len(ABSOLUTES.findall(option)),
    "the most numbers": lambda option: len(NUMBERS.findall(option)),
    "the most words": lambda option: len(option.split()),
    "the most parts": lambda option: len(re.findall(r"[,;:]", option)),
    "the longest words": lambda option: fmean(map(len, option.split())),
}


def chances(choice, telling):
    """How likely whoever takes the option that stands out, or one of those, is right."""
    if choice.drawn:
        return 1 / len(choice.options)
    size = {letter: telling(option) for letter, option in choice.options.items()}
    first = [letter for letter in size if size[letter] == max(size.values())]
    return sum(letter in choice.right for letter in first) / len(first)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda c: c.id)
def test_options_are_equally_long_equally_hedged_and_equally_absolute(choice):
    options = list(choice.options.values())
    mean = fmean(map(len, options))
    assert max(abs(len(option) - mean) for option in options) <= 0.1 * mean
    assert len({len(HEDGES.findall(option)) for option in options}) == 1
    assert len({len(ABSOLUTES.findall(option)) for option in options}) == 1


@pytest.mark.parametrize("strategy", TELLING)
def test_no_look_at_the_options_finds_more_than_chance_and_a_half(strategy):
    assert sum(chances(choice, TELLING[strategy]) for choice in HOMEWORK) <= 2
