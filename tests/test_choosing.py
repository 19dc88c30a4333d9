"""Lesson 7's pieces: sequence models for many seeds, stored results, computed tables, the guide and the heads."""

import itertools
import json
import math
import re

import numpy as np
import pytest
import torch

from actlab import course, results, sequences
from actlab.activations import sigmoid
from actlab.exercises import EXERCISES
from actlab.explorers import explore_clip_floor, explore_guide, explore_saturated, guide_table
from actlab.explorers.choosing import QUESTIONS
from actlab.results import charlm
from actlab.tables import Table

# --- sequence models -------------------------------------------------------------------------------------------------


def test_an_orthogonal_start_keeps_lengths_and_an_identity_keeps_everything():
    g = torch.Generator().manual_seed(0)
    W = sequences.recurrent_matrix(16, "orthogonal", g)
    assert torch.allclose(W.T @ W, torch.eye(16), atol=1e-5)
    assert torch.equal(sequences.recurrent_matrix(16, "identity", g), torch.eye(16))


def test_the_symbol_to_recall_stands_in_step_0_alone():
    X, y = sequences.recall_batch(7, 3, 5, torch.Generator().manual_seed(1))
    assert X.shape == (7, 3, 5, 6) and y.shape == (3, 5)
    assert torch.equal(X[0, ..., :4].argmax(-1), y)
    assert not X[1:, ..., :4].any() and X[1:, ..., 4:].std() > 0.8


def test_a_recurrent_network_computes_its_recurrence():
    net = sequences.Recurrent(6, 8, 4, "tanh", seeds=2)
    X, _ = sequences.recall_batch(3, 2, 5, torch.Generator().manual_seed(2))
    U, W, b, V, c = (p.detach().numpy().astype(float) for p in net.parameters())
    h = np.zeros((2, 5, 8))
    for x in X.numpy().astype(float):
        h = np.tanh(x @ U + h @ W + b)
    assert np.allclose(net.outputs(X).detach().numpy(), h @ V + c, atol=1e-5)


def test_tanh_recalls_three_steps():
    assert sequences.Recurrent(6, 16, 4, "tanh", seeds=2).learn_to_recall(3, steps=120).min() > 0.9


def test_a_linear_orthogonal_network_carries_the_whole_signal():
    carried = sequences.signal_back("linear", steps=12, seeds=2)
    assert carried.shape == (2, 13)
    assert np.allclose(carried, 1)


def test_an_open_forget_gate_carries_more():
    ends = [sequences.signal_back("lstm", steps=30, seeds=3, forget=f)[:, -1].mean() for f in (0.0, 1.0, 3.0)]
    assert ends[0] < ends[1] / 10 < ends[2] / 100


def test_a_transformer_cannot_look_ahead():
    model = sequences.Transformer(11, "gelu", seeds=2)
    x = torch.randint(11, (2, 3, 32), generator=torch.Generator().manual_seed(3))
    later = x.clone()
    later[..., 20:] = (later[..., 20:] + 1) % 11
    before, after = (model.outputs(codes).view(2, 3, 32, 11) for codes in (x, later))
    assert torch.allclose(before[:, :, :20], after[:, :, :20], atol=1e-5)
    assert not torch.allclose(before[:, :, 20:], after[:, :, 20:], atol=1e-2)


def parameters(activation):
    return sum(w[0].numel() for w in sequences.Transformer(90, activation, seeds=1).weights.values())


def test_the_gated_variant_has_no_more_parameters():
    assert parameters("relu") == parameters("linear")
    assert 0.97 < parameters("swiglu") / parameters("relu") <= 1.0


def test_variants_start_from_the_same_weights():
    relu, gelu = (sequences.Transformer(90, key, seeds=2, first=4).weights for key in ("relu", "gelu"))
    assert all(torch.equal(relu[name], gelu[name]) for name in relu)
    other = sequences.Transformer(90, "relu", seeds=1, first=5).weights
    assert torch.equal(other["embed"][0], relu["embed"][1])


def test_a_transformer_learns_and_the_same_run_gives_the_same_loss():
    first, again = (sequences.character_losses(["relu"], seeds=1, steps=25)["relu"] for _ in range(2))
    assert np.array_equal(first, again)
    training, validation, characters = sequences.topics()
    assert set(torch.cat([training, validation]).tolist()) == set(range(characters))
    assert first[0] < math.log(characters) - 0.5


# --- stored results --------------------------------------------------------------------------------------------------


def test_the_stored_losses_are_what_the_script_would_store():
    stored = results.load("charlm")
    assert list(stored["losses"]) == charlm.VARIANTS
    assert list(stored["checks"]) == list(charlm.CHECKS)
    assert all(len(v) == charlm.SEEDS for v in stored["losses"].values())
    assert all(set(both) == {"relu", "gelu"} for both in stored["checks"].values())
    assert set(stored["rates"].values()) <= set(charlm.RATES)
    assert stored["steps"] == charlm.STEPS


def test_the_script_stores_what_the_lesson_loads(monkeypatch):
    asked = []

    def quick(variants, seeds=5, steps=300, rate=0.01, first=0):
        asked.append((tuple(variants), seeds, steps, rate, first))
        best = {"relu": 0.01}
        return {
            v: np.full(seeds, abs((rate if not isinstance(rate, dict) else 0) - best.get(v, 0.02))) for v in variants
        }

    monkeypatch.setattr(charlm, "character_losses", quick)
    made = charlm.measure()
    assert made["rates"] == {v: 0.01 if v == "relu" else 0.02 for v in charlm.VARIANTS}
    assert made.keys() == results.load("charlm").keys()
    assert json.loads(json.dumps(made)) == made
    assert (("relu", "gelu"), 20, 600, 0.01, 0) in asked
    assert all(first == 100 for _, seeds, *_, first in asked if seeds == charlm.PILOTS)


def test_there_is_no_result_without_a_file():
    with pytest.raises(FileNotFoundError):
        results.load("nothing")


# --- tables ----------------------------------------------------------------------------------------------------------


def test_a_table_is_text_and_markup():
    table = Table(("name", "value"), (("a<b", "[one](x.ipynb)"), ("longer name", "2")))
    assert repr(table) == "name         value\na<b          one\nlonger name  2"
    markup = table._repr_mimebundle_()["text/html"]
    assert '<a href="x.ipynb">one</a>' in markup and "a&lt;b" in markup
    assert markup.count('scope="row"') == 2 and markup.count('scope="col"') == 2


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 entries"):
        Table(("a", "b"), (("1",),))


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
    assert "squared error takes 0" not in explorer.at(start=2)
    uphill = explore_saturated(lambda z, y: y - sigmoid(z))
    assert "more than 200 steps" in uphill.at(start=-8)


@pytest.mark.parametrize("explore", [explore_clip_floor, explore_saturated])
def test_a_stub_is_told_in_words(explore):
    def stub(*args):
        raise NotImplementedError

    assert "not attempted yet" in repr(explore(stub))


@pytest.mark.parametrize(
    "explorer",
    [
        explore_guide(),
        explore_clip_floor(EXERCISES["q7_clip_floor"].reference),
        explore_saturated(EXERCISES["q7_bce_gradient"].reference),
    ],
    ids=lambda e: e.title,
)
def test_every_position_has_a_sentence_with_numbers_and_the_page_is_small(explorer):
    assert len(explorer.html().encode()) < 260_000
    for values in itertools.product(*(s.positions for s in explorer.sliders.values())):
        sentence = explorer.at(**dict(zip(explorer.sliders, values, strict=True)))
        assert len(re.findall(r"\d+(?:\.\d+)?", sentence)) >= 2
        assert not re.search(r"\bnan\b|\binf\b|could not be drawn", sentence)
