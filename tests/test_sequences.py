"""Sequence models for many seeds: what they compute, carry and learn."""

import math

import numpy as np
import pytest
import torch

from actlab import sequences
from actlab.activations import sigmoid


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


def test_an_lstm_computes_its_gates():
    net = sequences.LSTM(6, 8, 4, seeds=2, forget=3.0)
    X, _ = sequences.recall_batch(3, 2, 5, torch.Generator().manual_seed(2))
    U, W, b, V, bias = (p.detach().numpy().astype(float) for p in net.parameters())
    assert (b[..., 8:16] == 3).all() and not b[..., :8].any() and not b[..., 16:].any()
    h = c = np.zeros((2, 5, 8))
    for x in X.numpy().astype(float):
        enter, keep, new, out = np.split(x @ U + b + h @ W, 4, -1)
        c = sigmoid(keep) * c + sigmoid(enter) * np.tanh(new)
        h = sigmoid(out) * np.tanh(c)
    assert np.allclose(net.outputs(X).detach().numpy(), h @ V + bias, atol=1e-5)


def test_an_lstm_recalls_three_steps():
    assert sequences.LSTM(6, 16, 4, seeds=2).learn_to_recall(3, steps=120).min() > 0.9


def test_a_seed_is_the_same_network_in_any_company():
    alone, among = (sequences.LSTM(6, 8, 4, seeds=seeds) for seeds in ([7], [3, 7]))
    assert all(torch.equal(p[0], q[1]) for p, q in zip(alone.parameters(), among.parameters(), strict=True))


def test_a_linear_orthogonal_network_carries_the_whole_signal():
    carried = sequences.Recurrent(4, 32, 1, "linear", seeds=2).signal_back(12)
    assert carried.shape == (2, 13)
    assert np.allclose(carried, 1)


def test_without_inputs_a_memory_keeps_what_its_forget_gate_lets_through():
    net = sequences.LSTM(4, 32, 1, seeds=2, forget=1.0)
    net.W = torch.zeros_like(net.W)
    assert np.allclose(net.signal_back(12, size=0.0), sigmoid(1.0) ** np.arange(13))


def test_an_open_forget_gate_carries_more():
    ends = [sequences.LSTM(4, 32, 1, 3, forget).signal_back(30)[:, -1].mean() for forget in (0.0, 1.0, 3.0)]
    assert ends[0] < ends[1] / 10 < ends[2] / 100


def test_a_transformer_cannot_look_ahead():
    model = sequences.Transformer(11, "gelu", seeds=2)
    x = torch.randint(11, (2, 3, 32), generator=torch.Generator().manual_seed(3))
    later = x.clone()
    later[..., 20:] = (later[..., 20:] + 1) % 11
    before, after = (model.outputs(codes).view(2, 3, 32, 11) for codes in (x, later))
    assert torch.allclose(before[:, :, :20], after[:, :, :20], atol=1e-5)
    assert not torch.allclose(before[:, :, 20:], after[:, :, 20:], atol=1e-2)


def parameters(activation, **form):
    return sum(w[0].numel() for w in sequences.Transformer(90, activation, seeds=1, **form).weights.values())


def test_the_gated_variant_has_no_more_parameters():
    assert parameters("relu") == parameters("linear")
    assert 0.97 < parameters("silu", gated=True) / parameters("relu") <= 1.0


@pytest.mark.parametrize("norm", ["layer", "rms", "tanh", "none"])
def test_every_norm_has_a_gradient_of_its_own(norm):
    model = sequences.Transformer(11, "gelu", seeds=2, norm=norm)
    x = torch.randint(11, (2, 3, 32), generator=torch.Generator().manual_seed(3))
    loss = model.each_loss(x, x.roll(1, -1))
    loss.sum().backward()
    assert loss.isfinite().all() and all(w.grad.abs().sum() > 0 for w in model.weights.values())
    sizes = model.normal(torch.full((2, 3, 32), 7.0) + torch.arange(32), "read").square().mean(-1).sqrt()
    assert torch.allclose(sizes, torch.ones(())) == (norm in ("layer", "rms"))


def test_an_unknown_norm_says_which_there_are():
    with pytest.raises(ValueError, match="'layer', 'rms', 'tanh' or 'none'"):
        sequences.Transformer(11, "gelu", norm="batch")


def test_variants_start_from_the_same_weights():
    relu, gelu = (sequences.Transformer(90, key, seeds=[4, 5]).weights for key in ("relu", "gelu"))
    assert all(torch.equal(relu[name], gelu[name]) for name in relu)
    other = sequences.Transformer(90, "relu", seeds=[5]).weights
    assert torch.equal(other["embed"][0], relu["embed"][1])


def test_a_transformer_learns_and_the_same_run_gives_the_same_loss():
    first, again = (sequences.character_losses("relu", seeds=1, steps=25) for _ in range(2))
    assert np.array_equal(first, again)
    training, validation, characters = sequences.topics()
    assert set(torch.cat([training, validation]).tolist()) == set(range(characters))
    assert first[0] < math.log(characters) - 0.5


def test_another_text_has_other_pages_in_front():
    (one, *_), (same, *_), (other, *_) = sequences.topics(1), sequences.topics(1), sequences.topics(2)
    assert torch.equal(one, same) and not torch.equal(one[:500], other[:500])
