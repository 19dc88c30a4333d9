"""Training many seeds at once: which activations train, and the options of `Networks`."""

import numpy as np
import pytest
import torch

from actlab.activations import GELU_SIGMOID_SLOPE, REGISTRY
from actlab.data import glyphs
from actlab.training import Networks, torch_activation


@pytest.mark.parametrize("key", REGISTRY)
def test_every_activation_trains(key):
    X, y = glyphs(200)
    losses, _ = Networks([120, 16, 10], key, 2).fit(X, y, 30, 0.05)
    assert losses.shape == (30, 2)
    assert (losses[-1] < 0.7 * losses[0]).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("shape", [(), (7,), (2, 3, 4)])
def test_what_torch_lacks_is_computed_by_the_course_with_its_slope(shape, dtype):
    z = torch.linspace(-4, 4, max(1, int(np.prod(shape))), dtype=dtype).reshape(shape).requires_grad_()
    mine, theirs = torch_activation("gelu_sigmoid")(z), z * torch.sigmoid(GELU_SIGMOID_SLOPE * z)
    upstream = torch.full(shape, 3.0, dtype=dtype)
    (slope,), (wanted,) = (torch.autograd.grad(value, z, upstream) for value in (mine, theirs))
    torch.testing.assert_close(mine, theirs)
    torch.testing.assert_close(slope, wanted)


def test_a_function_of_torchs_own_is_taken_as_it_is():
    assert torch_activation(torch.sin) is torch.sin


def test_an_unknown_activation_is_told_what_there_is():
    with pytest.raises(KeyError, match=r"no torch activation called 'swish'; there are linear, sigmoid, .*softmax"):
        Networks([2, 4, 2], "swish")


def test_seeds_may_repeat_and_biases_differ_by_layer_and_seed():
    nets = Networks([3, 4, 5, 2], "relu", [7, 7, 8], bias=[[0.0, -1.0, -2.0], 0.5])
    first, second, last = (b.detach() for b in nets.biases)
    assert first[:, 0, 0].tolist() == [0, -1, -2] and first.shape == (3, 1, 4)
    assert (second == 0.5).all() and second.shape == (3, 1, 5) and not last.any()
    assert torch.equal(nets.weights[0][0], nets.weights[0][1])
    assert not torch.equal(nets.weights[0][0], nets.weights[0][2])


def test_every_layer_may_have_its_own_activation():
    X = np.linspace(-1, 1, 6).reshape(2, 3)
    (z1, a1), (z2, a2) = Networks([3, 4, 4, 2], [torch.tanh, "relu"], 2).hidden(X)
    assert torch.equal(a1, torch.tanh(z1)) and torch.equal(a2, torch.relu(z2))


def test_every_seed_may_have_its_own_rate():
    X, y = glyphs(40, 0)
    together = Networks([120, 8, 10], "relu", [3, 3])
    together.fit(X, y, 5, [0.01, 0.3], "sgd")
    for k, rate in enumerate((0.01, 0.3)):
        alone = Networks([120, 8, 10], "relu", [3])
        alone.fit(X, y, 5, rate, "sgd")
        torch.testing.assert_close(together.weights[0][k], alone.weights[0][0], rtol=1e-5, atol=1e-6)
