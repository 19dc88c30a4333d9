"""Three ill networks of PyTorch's, and one that is well: what is wrong is drawn from a seed, and one step shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from actlab.data import glyphs

if TYPE_CHECKING:
    import torch

DEPTH, WIDTH, BATCH = 6, 32, 100
"""Hidden layers, units in each, digits in the one batch that a patient trains on."""
SILENCE = -30.0
"""A bias under which no unit is ever above 0 here."""


class Patient(NamedTuple):
    """An ill network.  step(): one step of plain descent on its batch, returns the loss.  rate: of that descent."""

    model: torch.nn.Sequential
    step: Callable[[], float]
    rate: float


def patient(name: str, seed: int) -> Patient:
    """Patient "a", "b" or "c" of this seed, or one that is "well".

    All have six hidden layers of 32 units between 120 pixels and ten digits.
    The model is linear, activation, linear, …, linear, so that layer k, counted from 1, is `model[2 * k - 2]`.
    "a": most units of one hidden layer of ReLU are never above 0, by their bias.
    "b": the weights of one hidden layer of tanh are many times too large.
    "c": one hidden layer of ReLU is frozen, and the rate is about a thousand times too large.
    Which layer, and how much, depends on the seed.  Errors: ValueError for another name.
    """
    import torch

    if name not in ("a", "b", "c", "well"):
        raise ValueError(f'there are the patients "a", "b" and "c", and one that is "well", not {name!r}')
    rng, generator = np.random.default_rng([*name.encode(), seed]), torch.Generator().manual_seed(seed)
    layer = int(rng.integers(2, DEPTH))
    activation, gain = (torch.nn.Tanh, 1.0) if name == "b" else (torch.nn.ReLU, 2**0.5)
    parts: list[torch.nn.Module] = []
    for inputs, outputs in zip([120, *[WIDTH] * DEPTH], [*[WIDTH] * DEPTH, 10], strict=True):
        linear = torch.nn.Linear(inputs, outputs)
        torch.nn.init.normal_(linear.weight, 0, gain / inputs**0.5, generator)
        torch.nn.init.normal_(linear.bias, 0, 0.1, generator)
        parts += [linear, activation()]
    model, rate = torch.nn.Sequential(*parts[:-1]), 0.01
    ill = model[2 * layer - 2]
    with torch.no_grad():
        if name == "a":
            ill.bias[torch.as_tensor(rng.permutation(WIDTH)[: rng.integers(20, 31)])] = SILENCE
        elif name == "b":
            ill.weight.mul_(float(rng.uniform(15, 40)))
        elif name == "c":
            ill.weight.requires_grad_(False)
            ill.bias.requires_grad_(False)
            rate = round(float(rng.uniform(10, 30)), 1)
    pixels, digits = glyphs(BATCH, seed, 0.25)
    X, y = torch.as_tensor(pixels).float(), torch.as_tensor(digits)
    optimiser = torch.optim.SGD(model.parameters(), rate)

    def step() -> float:
        loss = torch.nn.functional.cross_entropy(model(X), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    return Patient(model, step, rate)
