"""The networks in NumPy: gains, and the chain that carries signal and gradient."""

import numpy as np
import pytest
import torch

from actlab import networks
from actlab.activations import REGISTRY

FACTS = {
    "sigmoid": (1.8462, 4.7226),
    "tanh": (1.5925, 1.4674),
    "relu": (1.4142, 1.4142),
    "leaky_relu": (1.4141, 1.4141),
    "prelu": (1.3720, 1.3720),
    "elu": (1.2452, 1.2234),
    "selu": (1.0, 0.9660),
    "softplus": (1.0419, 1.8462),
    "gelu": (1.5335, 1.4811),
    "silu": (1.6765, 1.6233),
    "mish": (1.4868, 1.4448),
}


@pytest.mark.parametrize("key", FACTS)
def test_the_gains_are_those_of_the_fact_sheet(key):
    assert networks.gains(REGISTRY[key].f, REGISTRY[key].df) == pytest.approx(FACTS[key], abs=5.1e-5)


def test_a_function_without_a_slope_has_no_gain_for_gradients():
    forward, backward = networks.gains(np.ones_like, np.zeros_like)
    assert forward == pytest.approx(1) and backward == np.inf


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("lead", [(), (3,)])
def test_the_flow_is_that_of_autograd(residual, lead):
    rng = np.random.default_rng(0)
    X, upstream = rng.normal(size=(2, *lead, 6, 4))
    weights = list(rng.normal(size=(5, *lead, 4, 4)) / 2)
    hs, gradients = networks.flow(X, weights, REGISTRY["gelu"].f, REGISTRY["gelu"].df, upstream, residual)
    theirs = [torch.tensor(X, requires_grad=True)]
    for W in weights:
        out = torch.nn.functional.gelu(theirs[-1] @ torch.tensor(W))
        theirs.append(out + theirs[-1] if residual else out)
    wanted = torch.autograd.grad(theirs[-1], theirs, torch.tensor(upstream))
    assert len(hs) == len(gradients) == 6
    for ours, autograd in zip([*hs, *gradients], [*theirs, *wanted], strict=True):
        np.testing.assert_allclose(ours, autograd.detach().numpy(), rtol=1e-10, atol=1e-12)
