"""Look inside a network: what one step of training does to each of its parts; and the one that the course follows.

`watch` and `table` take any model of PyTorch's:

    with inside.watch(model) as parts:
        loss = criterion(model(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    inside.table(parts)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actlab.data import glyphs
from actlab.tables import Table
from actlab.training import one_thread, steps_of, torch_activation

if TYPE_CHECKING:
    import torch

INPUTS, WIDTH, DEPTH, CLASSES = 120, 32, 6, 10
"""The course's network: pixels of a digit, units in each hidden layer, hidden layers, kinds of digits."""

STEPS, BATCH, SAMPLES, NOISE = 400, 100, 1000, 0.25
"""How it is trained, by plain descent: steps, digits in a batch and in all, and how noisy these are."""


@dataclass
class Part:
    """One module of a model during one step of training, or one call of it where it is called more than once.

    output: what it returned, (samples, ..., units); None if it returned no tensor of floats.
    gradient: the Frobenius norm of ∂loss/∂W for all its own matrices together.  ratio: the standard deviation of the
    step that they made over their own.  Both NaN without matrices; a matrix that is frozen counts with step 0.
    """

    name: str
    module: torch.nn.Module
    output: torch.Tensor | None = None
    gradient: float = math.nan
    ratio: float = math.nan

    @property
    def size(self) -> float:
        """Root mean square of the output."""
        return math.nan if self.output is None else float(self.output.double().square().mean().sqrt())

    @property
    def dead(self) -> float:
        """Share of units that are above 0 on no sample: for z and a of ReLU and its smooth relatives, dead ones."""
        if self.output is None:
            return math.nan
        units = self.output.movedim(1, -1) if self.output.ndim == 4 else self.output  # of images: their channels
        return float((units <= 0).flatten(0, -2).all(0).double().mean())


@contextmanager
def watch(model: torch.nn.Module) -> Iterator[list[Part]]:
    """Record one step of training, made inside the block: a `Part` for every call of every module, in their order.

    Modules with matrices that are never called themselves come last.  The model is left as it was found.
    Source of the ratio: Karpathy, Neural networks: zero to hero, makemore 3; he likes it near 1e-3.
    """
    import torch

    parts: list[Part] = []

    def note(module: torch.nn.Module, inputs: object, output: object) -> None:
        first = output[0] if isinstance(output, tuple) else output
        kept = None
        if isinstance(first, torch.Tensor) and first.is_floating_point() and first.ndim > 1:
            kept = first.detach().clone()
        parts.append(Part(names[module], module, kept))

    names = {module: name for name, module in model.named_modules() if name}
    own = {m: [p for p in m.parameters(recurse=False) if p.ndim > 1] for m in names}
    before = {m: [p.detach().clone() for p in matrices] for m, matrices in own.items()}
    hooks = [module.register_forward_hook(note) for module in names]
    try:
        yield parts
    finally:
        for hook in hooks:
            hook.remove()
    called = {part.module for part in parts}
    parts += [Part(name, module) for module, name in names.items() if own[module] and module not in called]
    for part in parts:
        if matrices := own[part.module]:
            was = torch.cat([p.flatten() for p in before[part.module]])
            now = torch.cat([p.detach().flatten() for p in matrices])
            part.gradient = math.hypot(*(float(p.grad.norm()) for p in matrices if p.grad is not None))
            part.ratio = float((now - was).std() / was.std())


def table(parts: Iterable[Part]) -> Table:
    """What `watch` recorded, a row for each part."""
    rows = [
        [
            f"{part.name} ({type(part.module).__name__})",
            _said(part.size, ".2f"),
            _said(part.dead, ".0%"),
            _said(part.gradient, ".0e"),
            _said(part.ratio, ".0e"),
        ]
        for part in parts
    ]
    return Table(["part", "size of its output", "never above 0", "‖∂loss/∂W‖", "step over weights"], rows)


def _said(value: float, form: str) -> str:
    return "–" if math.isnan(value) else f"{value:{form}}"


@dataclass
class Run:
    """The course's network while it trained.

    losses: (steps,), of each batch.  first, last: what `watch` saw of the first and of the last step.  Of hidden layer
    k, counted from 0, the part "k.linear" puts out the pre-activations z, and "k" the activations.
    """

    activation: str
    losses: NDArray[np.float64]
    first: list[Part]
    last: list[Part]


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
        with watch(model) as first:
            step()
        for _ in steps_of(STEPS - 2):
            step()
        with watch(model) as last:
            step()
    return Run(activation, np.array(losses), first, last)
