"""The one network that the course follows: how it is made and trained, and what goes on inside."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actlab.data import glyphs
from actlab.training import one_thread, steps_of, torch_activation
from actlab.watching import watch

if TYPE_CHECKING:
    import torch

INPUTS, WIDTH, DEPTH, CLASSES = 120, 32, 6, 10
"""The course's network: pixels of a digit, units in each hidden layer, hidden layers, kinds of digits."""

STEPS, BATCH, SAMPLES, NOISE = 400, 100, 1000, 0.25
"""How it is trained, by plain descent: steps, digits in a batch and in all, and how noisy these are."""


@dataclass
class Run:
    """The course's network while it trained.

    losses: (steps,), of each batch.  gradients, ratios: (layers,), of the hidden layers in the first step: the
    Frobenius norm of ∂loss/∂W, and the step over the weights, as `watching.Layer` has them.
    z, a: of each hidden layer in the last step, (batch, units).
    """

    activation: str
    losses: NDArray[np.float64]
    gradients: NDArray[np.float64]
    ratios: NDArray[np.float64]
    z: list[NDArray[np.float32]]
    a: list[NDArray[np.float32]]


@contextmanager
def _outputs(modules: list[torch.nn.Module]) -> Iterator[list[NDArray[np.float32]]]:
    """What modules return inside the block, in the order of their calls."""
    kept: list[NDArray[np.float32]] = []
    hooks = [m.register_forward_hook(lambda _, inputs, out: kept.append(out.detach().numpy().copy())) for m in modules]
    try:
        yield kept
    finally:
        for hook in hooks:
            hook.remove()


def network(
    activation: str, gain: float, depth: int = DEPTH, shortcuts: bool = False, seed: int = 0
) -> torch.nn.Sequential:
    """The course's network, untrained: `depth` hidden layers of 32 units between 120 pixels and ten kinds of digits.

    activation: a registry key.  gain: hidden weights are N(0, gain²/fan_in), the read-out's N(0, 1/fan_in); biases 0.
    shortcuts: add each hidden layer's input to its output where the widths agree.
    """
    import torch

    f = torch_activation(activation)
    generator = torch.Generator().manual_seed(seed)

    def linear(inputs: int, outputs: int, gain: float) -> torch.nn.Linear:
        made = torch.nn.Linear(inputs, outputs)
        torch.nn.init.normal_(made.weight, 0, gain / math.sqrt(inputs), generator)
        torch.nn.init.zeros_(made.bias)
        return made

    class Hidden(torch.nn.Module):
        def __init__(self, inputs: int) -> None:
            super().__init__()
            self.linear = linear(inputs, WIDTH, gain)

        def forward(self, h: torch.Tensor) -> torch.Tensor:
            a = f(self.linear(h))
            return h + a if shortcuts and h.shape == a.shape else a

    hidden = [Hidden(WIDTH if layer else INPUTS) for layer in range(depth)]
    return torch.nn.Sequential(*hidden, linear(WIDTH, CLASSES, 1))


def train(
    activation: str, gain: float, rate: float = 0.7, depth: int = DEPTH, shortcuts: bool = False, seed: int = 0
) -> Run:
    """Train the course's network for 400 steps of plain descent, each on 100 of a thousand seven-segment digits."""
    import torch
    from torch.nn import functional as F

    model = network(activation, gain, depth, shortcuts, seed)
    optimiser = torch.optim.SGD(model.parameters(), rate)
    X, y = (torch.as_tensor(each) for each in glyphs(SAMPLES, seed, NOISE))
    X, order = X.float(), torch.Generator().manual_seed(seed)
    losses = []

    def step() -> None:
        chosen = torch.randint(SAMPLES, (BATCH,), generator=order)
        loss = F.cross_entropy(model(X[chosen]), y[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())

    with one_thread():
        with watch(model, live=False) as seen:
            step()
        for _ in steps_of(STEPS - 2):
            step()
        hidden = [*model.children()][:depth]
        with _outputs([layer.linear for layer in hidden]) as z, _outputs(hidden) as a:
            step()
    first = [layer for layer in seen.layers if layer.name.endswith(".linear")]
    gradients, ratios = (np.array([getattr(layer, key) for layer in first]) for key in ("gradient", "ratio"))
    return Run(activation, np.array(losses), gradients, ratios, z, a)
