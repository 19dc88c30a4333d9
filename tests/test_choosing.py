"""Choosing: the guide and the heads."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from actlab.activations import sigmoid
from actlab.evidence import load
from actlab.exercises import EXERCISES
from actlab.explorers import explore_clip_floor, explore_saturated, guide_choices, guide_rates, guide_trouble
from actlab.explorers.choosing import CHOICES, NEAR, QUESTIONS, TROUBLE

# --- the guide and the heads -----------------------------------------------------------------------------------------


def test_the_guide_says_each_line_once_with_its_number_and_where():
    for guide, questions in ((guide_choices(), CHOICES), (guide_trouble(), TROUBLE)):
        text, page = repr(guide), guide._repr_mimebundle_()["text/html"]
        for question, lines in questions.items():
            assert question in text and question in page
            for a in lines:
                assert text.count(f"{a.answer}: {a.suggestion}. {a.evidence} ({a.section}") == 1
                assert f'<a href="{a.file}">{a.section}</a>' in page
                assert not re.search(r"\bnan\b|\binf\b|\{", a.evidence)


def test_a_sign_of_the_guide_stands_beside_the_words_that_say_it():
    for guide in (guide_choices(), guide_trouble()):
        page = guide._repr_mimebundle_()["text/html"]
        words = re.findall(r'<svg aria-hidden="true".*?</svg>(?:<strong>)?([^<]+)', page)
        assert len(words) == page.count("<svg") > 0 and all(re.search("[a-z]{3}", said) for said in words)


def test_the_sections_of_the_guide_exist():
    for a in (a for lines in QUESTIONS.values() for a in lines):
        source = Path(__file__).parents[1] / "solutions" / a.file.replace(".ipynb", ".py")
        assert f"# ## {a.section} " in source.read_text(encoding="utf-8"), a.answer


def test_the_guides_rates_are_those_that_were_measured():
    rows = {arm: cells for _, arm, *cells in guide_rates().rows}
    results = load("deep")
    for arm in ("ReLU, He", "ReLU, Xavier", "tanh, Xavier"):
        best, there, reach = rows[arm]
        means = {rate: values.mean() for rate, values in results.curve(arm).items()}
        assert best == f"{max(means, key=means.get):g}" and there == f"{max(means.values()):.2f} right"
        low, high = map(float, reach.split(" to "))
        assert all(max(means.values()) - means[r] <= NEAR["deep"] for r in means if low <= r <= high)
    assert rows["sigmoid, Xavier"][-1] == rows["GELU, deep"][-1] == "none of those tried"


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
