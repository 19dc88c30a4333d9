"""Training many seeds at once: S networks are one batched matrix product, so five seeds cost little more than one.

What trains imports torch inside its functions, so that a first slider need not wait.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actlab.activations import REGISTRY, Activation
from actlab.figures import static_output

if TYPE_CHECKING:
    import torch

    TorchFunction = Callable[[torch.Tensor], torch.Tensor]
    Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def torch_activation(key: str | TorchFunction) -> TorchFunction:
    """The torch function for a registry key; a function is returned as it is.

    torch's own where it has one; otherwise the course's f, with f' for the way back.
    Errors: KeyError with the keys that exist.
    """
    import torch

    if callable(key):
        return key
    if key not in REGISTRY:
        raise KeyError(f"no torch activation called {key!r}; there are {', '.join(REGISTRY)}")
    entry = REGISTRY[key]
    return partial(attrgetter(entry.torch)(torch), **entry.arguments) if entry.torch else _in_torch(entry)


def _in_torch(entry: Activation) -> TorchFunction:
    """An elementwise activation as a step of torch's that NumPy computes: f on the way forward, f' on the way back."""
    import torch

    class Step(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, z: torch.Tensor) -> torch.Tensor:
            context.save_for_backward(z)
            return torch.as_tensor(entry.f(z.detach().numpy()))

        @staticmethod
        def backward(context: Any, upstream: torch.Tensor) -> torch.Tensor:
            (z,) = context.saved_tensors
            return upstream * torch.as_tensor(entry.df(z.detach().numpy()))

    return Step.apply


@contextmanager
def one_thread() -> Iterator[None]:
    """Products this small lose time when threads share them, and gain nothing; the results are the same."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def steps_of(count: int, what: str = "training") -> Iterable[int]:
    """range(count) with a progress bar once it has taken two seconds; without one while notebooks are built."""
    from tqdm.auto import tqdm

    return tqdm(range(count), desc=what, leave=False, delay=2, disable=static_output())


def each_cross_entropy(outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of every seed, (S,).  outputs: (S, n, classes) logits.  y: (n,) labels."""
    from torch.nn import functional as F

    seeds = len(outputs)
    rows = F.cross_entropy(outputs.flatten(0, 1), y.expand(seeds, -1).flatten(), reduction="none")
    return rows.view(seeds, -1).mean(1)


def each_squared_error(outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean squared error of every seed, (S,).  outputs: (S, n, d).  y: (n, d)."""
    return ((outputs - y) ** 2).mean((1, 2))


class Networks:
    """S multilayer perceptrons of one architecture, one per seed, trained together.

    sizes: [inputs, hidden, ..., outputs].  seeds: how many, or a list of them, repeated ones too.
    activation: a registry key or a torch function for the hidden layers, or a list of them, one for each layer.
    gain: hidden weights are N(0, gain²/fan_in); std sets their standard deviation directly instead.  The read-out has
    gain 1.  bias: where hidden biases start, a number, or for each layer a number or one per seed; the read-out's start
    at 0.  batch_norm: normalise pre-activations over the batch, with learned scale and shift, always with the
    statistics of the batch at hand.  residual: add each hidden layer's input to its output where the widths agree.
    Weights are lists of tensors (S, fan_in, fan_out), biases (S, 1, fan_out), float32.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | TorchFunction | list[str | TorchFunction],
        seeds: int | Sequence[int] = 5,
        gain: float = 1.0,
        std: float | None = None,
        bias: float | list[Any] = 0.0,
        batch_norm: bool = False,
        residual: bool = False,
    ) -> None:
        import torch

        each = activation if isinstance(activation, list) else [activation] * (len(sizes) - 2)
        chosen = range(seeds) if isinstance(seeds, int) else seeds
        self.activations, self.seeds = [torch_activation(a) for a in each], len(chosen)
        self.batch_norm, self.residual = batch_norm, residual
        self.weights: list[torch.Tensor] = []
        self.biases: list[torch.Tensor] = []
        self.scales: list[torch.Tensor] = []
        self.shifts: list[torch.Tensor] = []
        generators = [torch.Generator().manual_seed(1000 + seed) for seed in chosen]
        pairs = list(pairwise(sizes))
        starts = [*(bias if isinstance(bias, list) else [bias] * (len(pairs) - 1)), 0.0]
        for layer, (fan_in, fan_out) in enumerate(pairs):
            hidden = layer < len(pairs) - 1
            scale = std if std and hidden else (gain if hidden else 1.0) / math.sqrt(fan_in)
            draws = [torch.randn(fan_in, fan_out, generator=g) * scale for g in generators]
            self.weights.append(torch.stack(draws).requires_grad_())
            start = torch.as_tensor(starts[layer], dtype=torch.float32).expand(self.seeds)
            self.biases.append(start[:, None, None].repeat(1, 1, fan_out).requires_grad_())
            if batch_norm and hidden:
                self.scales.append(torch.ones(self.seeds, 1, fan_out, requires_grad=True))
                self.shifts.append(torch.zeros(self.seeds, 1, fan_out, requires_grad=True))

    def parameters(self) -> list[torch.Tensor]:
        """All tensors that training changes."""
        return self.weights + self.biases + self.scales + self.shifts

    def hidden(self, X: ArrayLike) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """[(z, a), ...] of the hidden layers, tensors (S, n, width), for inputs X (n, features).

        z is what the activation receives, after batch normalisation if there is any; a is the layer's output.
        """
        import torch

        h = torch.as_tensor(np.asarray(X), dtype=torch.float32).expand(self.seeds, -1, -1)
        layers = []
        for k, (W, b) in enumerate(zip(self.weights[:-1], self.biases[:-1], strict=True)):
            z = torch.baddbmm(b, h, W)
            if self.batch_norm:
                spread = torch.sqrt(z.var(1, unbiased=False, keepdim=True) + 1e-5)
                z = (z - z.mean(1, keepdim=True)) / spread * self.scales[k] + self.shifts[k]
            a = self.activations[k](z)
            h = h + a if self.residual and a.shape == h.shape else a
            layers.append((z, h))
        return layers

    def outputs(self, X: ArrayLike) -> torch.Tensor:
        """Read-out (S, n, outputs) for inputs X (n, features): logits, or predictions of a regression."""
        import torch

        layers = self.hidden(X)
        h = layers[-1][1] if layers else torch.as_tensor(np.asarray(X), dtype=torch.float32).expand(self.seeds, -1, -1)
        return torch.baddbmm(self.biases[-1], h, self.weights[-1])

    def predict(self, X: ArrayLike) -> NDArray[np.float32]:
        """`outputs` as a NumPy array, without gradients."""
        import torch

        with torch.no_grad():
            return self.outputs(X).numpy()

    def accuracy(self, X: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Share of correct predictions per seed, (S,)."""
        return (self.predict(X).argmax(-1) == np.asarray(y)).mean(-1)

    def dead(self, X: ArrayLike) -> list[NDArray[np.bool_]]:
        """Which hidden units have z ≤ 0 for every input of X: [bool (S, width), ...] per layer."""
        import torch

        with torch.no_grad():
            return [(z <= 0).all(1).numpy() for z, _ in self.hidden(X)]

    def first_gradient(self, X: ArrayLike, y: ArrayLike, loss: Loss = each_cross_entropy) -> NDArray[np.float64]:
        """Frobenius norm of ∂loss/∂W of the first layer per seed, (S,)."""
        import torch

        total = loss(self.outputs(X), torch.as_tensor(np.asarray(y))).sum()
        (gradient,) = torch.autograd.grad(total, [self.weights[0]])
        return gradient.flatten(1).double().norm(dim=1).numpy()

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        steps: int,
        rate: float | Sequence[float],
        optimiser: str = "adam",
        loss: Loss = each_cross_entropy,
        batch: int | None = None,
        watch: Callable[[Networks], Any] | None = None,
        every: int = 0,
        more: Sequence[torch.Tensor] = (),
        eps: float = 1e-8,
        order: int = 0,
    ) -> tuple[NDArray[np.float32], list[Any]]:
        """Minimise a loss; each seed follows its own gradient.

        rate: a number or, with "sgd", one per seed.  optimiser: "adam" or "sgd".
        loss: a function (outputs, y) -> (S,).  batch: size of random batches, the same for all seeds; None for the full
        batch.  watch: called as watch(networks) before step 0, every `every` steps and at the end; what it returns is
        collected.  more: further tensors to train, such as a learned slope.  eps: what Adam adds to the size of a
        gradient before it divides by it.  order: seed of the order in which batches are drawn.
        Returns (losses of shape (steps, S), [what watch returned]).
        """
        import torch

        make = {"adam": partial(torch.optim.Adam, eps=eps), "sgd": torch.optim.SGD}[optimiser]
        rates = torch.as_tensor(rate, dtype=torch.float32) if np.ndim(rate) else None
        method = make([*self.parameters(), *more], lr=rate if rates is None else 1.0, fused=True)
        inputs = torch.as_tensor(np.asarray(X), dtype=torch.float32)
        labels = torch.as_tensor(np.asarray(y))
        rng = torch.Generator().manual_seed(order)
        losses, seen = [], []
        with one_thread():
            for step in steps_of(steps):
                if watch and step % every == 0:
                    seen.append(watch(self))
                chosen = torch.randint(len(inputs), (batch,), generator=rng) if batch else slice(None)
                each = loss(self.outputs(inputs[chosen]), labels[chosen])
                method.zero_grad()
                (each if rates is None else rates * each).sum().backward()
                method.step()
                losses.append(each.detach().numpy().copy())
            if watch:
                seen.append(watch(self))
        return np.array(losses), seen
