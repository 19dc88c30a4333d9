"""Choosing: the guide and the heads."""

import itertools
import re

import numpy as np
import pytest

from actlab import course
from actlab.activations import sigmoid
from actlab.exercises import EXERCISES
from actlab.explorers import explore_clip_floor, explore_guide, explore_saturated, guide_table
from actlab.explorers.choosing import QUESTIONS

# --- the guide and the heads -----------------------------------------------------------------------------------------


def test_the_guide_answers_every_question_and_says_where():
    guide, text = explore_guide(), repr(guide_table())
    assert guide.trouble is None
    for (name, slider), advice in zip(guide.sliders.items(), QUESTIONS.values(), strict=True):
        assert slider.positions == [a.answer for a in advice]
        for a in advice:
            sentence = guide.at(**{name: a.answer}) if a.answer != slider.start else repr(guide)
            assert a.suggestion in sentence and a.evidence in sentence and f"lesson {a.lesson:02d}" in sentence
            assert a.answer in text and a.evidence in text
    links = guide_table()._repr_mimebundle_()["text/html"]
    assert all(f'href="{course.lesson(a.lesson).file}"' in links for advice in QUESTIONS.values() for a in advice)


def test_the_clip_floor_is_that_of_the_learners_function():
    explorer = explore_clip_floor(EXERCISES["q7_clip_floor"].reference)
    targets = 3 * np.sin(2 * np.linspace(-3, 3, 121)) + 1
    for low, high in itertools.product((-2.5, 0.0), (1.0, 4.5)):
        floor = np.mean((targets - np.clip(targets, low, high)) ** 2)
        assert f"stays at {floor:.3f}, and that is right" in explorer.at(low=low, high=high)
    wrong = explore_clip_floor(lambda targets, low, high: 1.0)
    assert re.search(r"stays at 1\.000, but it is 3\.\d+", wrong.at())


def test_cross_entropy_leaves_saturation_and_squared_error_stays():
    explorer = explore_saturated(EXERCISES["q7_bce_gradient"].reference)
    assert "takes 19 steps to 0.9; squared error takes 1542" in explorer.at(start=-8)
    here = -8.0
    for _ in range(19):
        here -= 2 * (sigmoid(here) - 1) * sigmoid(here) * (1 - sigmoid(here))
    assert f"after as many as that is at z = −{abs(here):.2f}" in explorer.at(start=-8)
    assert "squared error takes 0" not in explorer.at(start=2)
    uphill = explore_saturated(lambda z, y: y - sigmoid(z))
    assert "more than 200 steps" in uphill.at(start=-8)


@pytest.mark.parametrize("explore", [explore_clip_floor, explore_saturated])
def test_a_stub_is_told_in_words(explore):
    def stub(*args):
        raise NotImplementedError

    assert "not attempted yet" in repr(explore(stub))
