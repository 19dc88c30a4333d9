"""Softmax inside attention: rows that are masked, a whole head, and the picture of a total that must be spent."""

import re

import numpy as np
import pytest
import torch
from explored import explored
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from actlab.activations import masked_softmax
from actlab.exercises import EXERCISES
from actlab.explorers import explore_attention

SCORES = np.array([2.0, 1.0, 0.0, -1.0])
DECIMAL = re.compile(r"\d+\.\d+")


@pytest.fixture(scope="module")
def picture():
    return explored("explore_attention")


def shares(sentence):
    return [float(n) for n in DECIMAL.findall(sentence)]


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.booleans()), min_size=1, max_size=8))
def test_a_row_is_the_softmax_of_what_is_seen_and_0_elsewhere(row):
    z, mask = (np.array(column) for column in zip(*row, strict=True))
    w = masked_softmax(z, mask)
    assert (w[~mask] == 0).all()
    assert w[mask] == pytest.approx(special.softmax(z[mask]) if mask.any() else [])


def test_a_score_of_minus_infinity_is_masked_and_what_is_masked_may_be_anything():
    assert masked_softmax([-np.inf, 3.0], [True, True]).tolist() == [0, 1]
    assert masked_softmax([-np.inf, 3.0], [True, False]).tolist() == [0, 0]
    assert masked_softmax([np.nan, np.inf, 3.0], [False, False, True]).tolist() == [0, 0, 1]
    assert np.isnan(masked_softmax([np.nan, 3.0], [True, True])).all()


def test_precision_and_broadcasting_are_those_of_numpy():
    assert masked_softmax(np.zeros((2, 3), np.float32), [True, False, True]).dtype == np.float32
    assert masked_softmax([0.0, 0.0], [[True, True], [False, False]]).tolist() == [[0.5, 0.5], [0, 0]]


def test_a_head_is_that_of_torch_and_gives_0_where_nothing_is_seen():
    rng = np.random.default_rng(0)
    q, k, v = (rng.normal(size=(2, 3, n, d)) for n, d in ((4, 5), (6, 5), (6, 2)))
    mask = rng.random((4, 6)) < 0.5
    mask[1] = False
    ours = EXERCISES["q5_attention"].reference(q, k, v, mask)
    torchs = torch.nn.functional.scaled_dot_product_attention(*map(torch.tensor, (q, k, v)), torch.tensor(mask))
    assert ours == pytest.approx(torchs.numpy(), abs=1e-12)
    assert (ours[..., 1, :] == 0).all()


def test_softmax_does_not_notice_that_all_scores_fall(picture):
    for shift in picture.sliders["shift"].positions:
        assert shares(picture.at(shift=shift)) == pytest.approx([*special.softmax(SCORES), 1], abs=6e-4)


@pytest.mark.parametrize("seen", range(5))
@pytest.mark.parametrize("shift", [-10, -3, 0, 4])
def test_a_sink_takes_what_the_keys_leave_and_sigmoids_have_no_total(picture, shift, seen):
    z = SCORES[:seen] + shift
    hidden = [0] * (4 - seen)
    *keys, sink = special.softmax([*z, 0])
    told = shares(picture.at(shift=shift, seen=seen, rule="softmax with a sink"))
    assert told == pytest.approx([*keys, *hidden, 1 - sink, sink], abs=6e-4)
    told = shares(picture.at(shift=shift, seen=seen, rule="a sigmoid each"))
    assert told == pytest.approx([*special.expit(z), *hidden, special.expit(z).sum()], abs=6e-4)


def test_a_row_without_a_number_is_told():
    def masked(z, mask):
        z = np.where(mask, z, -np.inf)
        e = np.exp(z - z.max())
        return e / e.sum()

    assert "softmax gives nan, no number" in explore_attention(masked).at(seen=0)
    assert "not attempted yet" in explore_attention(stub).trouble


def stub(z, mask):
    raise NotImplementedError
