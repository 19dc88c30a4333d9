"""How zeros are counted in a trained network: a unit is dead only where it is 0 on every sample."""

import pytest
import torch

from actlab.evidence.topics.gates import Watched, zeros


def test_many_zeros_are_no_dead_unit():
    a = torch.tensor([[[1.0, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 0]]])
    shares = zeros([a])
    assert shares["zeros"] == pytest.approx(9 / 12)
    assert shares["dead"] == pytest.approx(1 / 3)


def test_small_is_measured_against_the_layer_and_each_seed_counts_for_itself():
    a = torch.tensor([[[1.0, 0.001]], [[100.0, 100.0]], [[1.0, 0.1]]])
    assert zeros([a, 5 * a])["small"].tolist() == [0.5, 0, 0]


def test_activations_are_kept_once_asked_for_and_training_is_as_without():
    code = torch.arange(400) % 7
    watched = Watched(7, "relu", 2)
    watched.fit(code, 2)
    assert watched.kept is None
    watched.kept = []
    watched.validate(code, 3)
    assert [a.shape for a in watched.kept] == [(2, 3 * 32, 128)] * 2
