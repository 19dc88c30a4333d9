"""Sequence models for many seeds at once: a plain recurrent network, an LSTM, a transformer of two layers.

Torch is imported inside the functions only.  S is the number of seeds, B the batch, T the
length of a sequence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actlab.training import one_thread, steps_of, torch_activation

if TYPE_CHECKING:
    from torch import Generator, Tensor

ALPHABET = 4
"""Symbols of the recall task."""


def _generators(seeds: int | Sequence[int], first: int = 0) -> list[Generator]:
    import torch

    chosen = range(seeds) if isinstance(seeds, int) else seeds
    return [torch.Generator().manual_seed(first + seed) for seed in chosen]


def recurrent_matrix(size: int, start: str, generator: Generator) -> Tensor:
    """A (size, size) matrix: "identity", a random "orthogonal" one, or "gaussian", N(0, 1/size)."""
    import torch

    if start == "identity":
        return torch.eye(size)
    drawn = torch.randn(size, size, generator=generator)
    if start == "gaussian":
        return drawn / math.sqrt(size)
    q, r = torch.linalg.qr(drawn)
    return q * torch.sign(torch.diagonal(r))


def recall_batch(length: int, seeds: int, batch: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """A symbol in step 0, then noise: which symbol was it?  X (T, S, B, 6) and labels (S, B)."""
    import torch

    y = torch.randint(ALPHABET, (seeds, batch), generator=generator)
    X = torch.zeros(length, seeds, batch, ALPHABET + 2)
    X[0].scatter_(-1, y[..., None], 1.0)
    X[1:, ..., ALPHABET:] = torch.randn(length - 1, seeds, batch, 2, generator=generator)
    return X, y


class Recurrent:
    """S plain recurrent networks, h_t = f(x_t U + b + h_(t-1) W), read out linearly after the last step.

    activation: a registry key or a torch function.  seeds: how many, or a list of them.  start, gain: W begins as
    gain · `recurrent_matrix(…, start)`.
    """

    gates = 1

    def __init__(
        self,
        inputs: int,
        hidden: int,
        outputs: int,
        activation: str | Callable[[Tensor], Tensor] = "tanh",
        seeds: int | Sequence[int] = 5,
        start: str = "orthogonal",
        gain: float = 1.0,
    ) -> None:
        import torch

        generators = _generators(seeds)
        self.activation, self.seeds, self.hidden = torch_activation(activation), len(generators), hidden
        self.U = torch.stack([self._inwards(inputs, g) for g in generators])
        self.W = torch.stack([gain * self._around(start, g) for g in generators])
        self.V = torch.stack([torch.randn(hidden, outputs, generator=g) / math.sqrt(hidden) for g in generators])
        self.b, self.c = torch.zeros(self.seeds, 1, self.gates * hidden), torch.zeros(self.seeds, 1, outputs)
        for p in self.parameters():
            p.requires_grad_()

    def _inwards(self, inputs: int, generator: Generator) -> Tensor:
        import torch

        return torch.randn(inputs, self.hidden, generator=generator) / math.sqrt(inputs)

    def _around(self, start: str, generator: Generator) -> Tensor:
        return recurrent_matrix(self.hidden, start, generator)

    def parameters(self) -> list[Tensor]:
        """All tensors that training changes."""
        return [self.U, self.W, self.b, self.V, self.c]

    def begin(self, batch: int) -> tuple[Tensor, ...]:
        """The state before the first step, zeros (S, B, hidden).  Its first tensor is the memory, its last is read."""
        import torch

        return (torch.zeros(self.seeds, batch, self.hidden, dtype=self.W.dtype),)

    def step(self, driven: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """The state one step later.  driven: x U + b, (S, B, gates · hidden)."""
        import torch

        return (self.activation(torch.baddbmm(driven, state[-1], self.W)),)

    def outputs(self, X: Tensor) -> Tensor:
        """Read-out (S, B, outputs) after the last of T steps.  X: (T, S, B, inputs)."""
        import torch

        state = self.begin(X.shape[2])
        for driven in X @ self.U + self.b:
            state = self.step(driven, state)
        return torch.baddbmm(self.c, state[-1], self.V)

    def learn_to_recall(
        self,
        length: int,
        steps: int = 240,
        rate: float = 0.01,
        batch: int = 32,
        clip: float = 1.0,
        eps: float = 1e-8,
        data_seed: int = 5,
    ) -> NDArray[np.float32]:
        """Train on fresh `recall_batch`es with Adam, gradients clipped to norm `clip` per seed.

        Returns the accuracy of each seed on 500 new sequences, (S,).
        """
        import torch
        from torch.nn import functional as F

        generator = torch.Generator().manual_seed(data_seed)
        method = torch.optim.Adam(self.parameters(), rate, eps=eps, fused=True)
        with one_thread():
            for _ in steps_of(steps, "recall"):
                X, y = recall_batch(length, self.seeds, batch, generator)
                total = F.cross_entropy(self.outputs(X).flatten(0, 1), y.flatten(), reduction="sum") / batch
                method.zero_grad()
                total.backward()
                self._clip(clip)
                method.step()
            with torch.no_grad():
                X, y = recall_batch(length, self.seeds, 500, generator.manual_seed(data_seed + 1))
                return (self.outputs(X).argmax(-1) == y).float().mean(1).numpy()

    def _clip(self, limit: float) -> None:
        import torch

        gradients = [p.grad for p in self.parameters() if p.grad is not None]
        norm = torch.sqrt(sum(((g**2).flatten(1).sum(1) for g in gradients), torch.zeros(self.seeds)))
        shrink = (limit / (norm + 1e-9)).clamp(max=1).view(-1, 1, 1)
        for g in gradients:
            g *= shrink

    def signal_back(self, steps: int = 50, size: float = 1.0, data_seed: int = 0) -> NDArray[np.float64]:
        """How much of a signal at the last step's memory arrives k steps earlier.

        Inputs are N(0, size²), other ones for every seed.  Returns (S, steps + 1), float64: the norm of
        ∂(v·memory_T)/∂memory_(T-k) in units of ‖v‖, for k = 0 … steps and a random v.
        """
        import torch

        generator, exact = torch.Generator().manual_seed(data_seed), copy(self)
        exact.U, exact.W, exact.b = (p.detach().double() for p in (self.U, self.W, self.b))
        x = torch.randn(steps, self.seeds, 1, self.U.shape[1], generator=generator).double() * size
        v = torch.randn(self.seeds, 1, self.hidden, generator=generator).double()
        state = exact.begin(1)
        memories = [state[0].requires_grad_()]
        for driven in x @ exact.U + exact.b:
            state = exact.step(driven, state)
            memories.append(state[0])
        gradients = torch.autograd.grad((state[0] * v).sum(), memories)
        return np.stack([(g.norm(dim=(1, 2)) / v.norm(dim=(1, 2))).numpy() for g in gradients[::-1]], 1)


class LSTM(Recurrent):
    """S networks of LSTM units: a memory c that gates write, multiply and read; the forget gate's bias is `forget`.

    Weights start as torch's do, uniform within ±1/√hidden.
    """

    gates = 4

    def __init__(
        self, inputs: int, hidden: int, outputs: int, seeds: int | Sequence[int] = 5, forget: float = 1.0
    ) -> None:
        super().__init__(inputs, hidden, outputs, seeds=seeds)
        self.b.detach()[..., hidden : 2 * hidden] = forget

    def _inwards(self, inputs: int, generator: Generator) -> Tensor:
        import torch

        return (2 * torch.rand(inputs, 4 * self.hidden, generator=generator) - 1) / math.sqrt(self.hidden)

    def _around(self, start: str, generator: Generator) -> Tensor:
        return self._inwards(self.hidden, generator)

    def begin(self, batch: int) -> tuple[Tensor, ...]:
        """The state before the first step: memory c and output h, zeros."""
        return super().begin(batch) * 2

    def step(self, driven: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """The state (c, h) one step later."""
        import torch

        c, h = state
        enter, keep, new, out = torch.baddbmm(driven, h, self.W).chunk(4, -1)
        c = torch.sigmoid(keep) * c + torch.sigmoid(enter) * torch.tanh(new)
        return c, torch.sigmoid(out) * torch.tanh(c)


def topics(seed: int = 0, length: int = 200_000) -> tuple[Tensor, Tensor, int]:
    """Python's own help pages as text to learn: codes of the first 90 %, codes of the rest, number of characters.

    seed: of the order of the pages, of which the first `length` characters are taken.  The pages come with Python
    (`pydoc_data.topics`) and differ a little from version to version.
    """
    from pydoc_data.topics import topics as pages

    import torch

    names = np.random.default_rng(seed).permutation(sorted(pages))
    text = "\n".join(pages[name] for name in names)
    text = "".join(c for c in text if c == "\n" or " " <= c <= "~")[:length]
    alphabet = {c: i for i, c in enumerate(sorted(set(text)))}
    codes = torch.tensor([alphabet[c] for c in text])
    cut = int(0.9 * len(codes))
    return codes[:cut], codes[cut:], len(alphabet)


class Transformer:
    """S character-level transformers: pre-norm, residual, causal attention, `layers` blocks of width `width`.

    activation: of the feed-forward layers; a registry key, or a function of torch's.
    gated: whether such a layer is a gated linear unit, act(a) ⊙ b, made narrower until it has as many weights.
    norm: "layer" for LayerNorm, "rms" for RMSNorm, both without weights of their own (the matrix behind them has some);
    "tanh" for dynamic tanh, tanh(αh) with a learned α at each place, 0.5 at the start; or "none".
    characters: size of the alphabet.  seeds: how many, or a list of them.
    """

    def __init__(
        self,
        characters: int,
        activation: str | Callable[[Tensor], Tensor],
        seeds: int | Sequence[int] = 5,
        width: int = 32,
        layers: int = 2,
        heads: int = 2,
        context: int = 32,
        gated: bool = False,
        norm: str = "layer",
    ) -> None:
        import torch

        if norm not in ("layer", "rms", "tanh", "none"):
            raise ValueError(f"norm is 'layer', 'rms', 'tanh' or 'none', not {norm!r}")
        generators = _generators(seeds, 1000)
        self.order = _generators(seeds, 50)
        self.seeds, self.width, self.layers, self.heads, self.context = len(generators), width, layers, heads, context
        self.gated, self.norm, self.activation = gated, norm, torch_activation(activation)
        hidden = int(8 * width / 3) // 2 * 2 if gated else 4 * width
        shapes = {"embed": (characters, width), "place": (context, width), "read": (width, characters)}
        for k in range(layers):
            shapes |= {f"attend{k}": (width, 3 * width), f"mix{k}": (width, width)}
            shapes |= {f"up{k}": (width, hidden * (1 + gated)), f"down{k}": (hidden, width)}
        self.weights = {}
        for name, shape in shapes.items():
            scale = 0.3 if name in ("embed", "place") else 1 / math.sqrt(shape[0])
            drawn = [torch.randn(*shape, generator=g) * scale for g in generators]
            self.weights[name] = torch.stack(drawn).requires_grad_()
        if norm == "tanh":
            for matrix in [name for name in shapes if name.startswith(("attend", "up", "read"))]:
                self.weights[f"alpha before {matrix}"] = torch.full((self.seeds, 1, 1), 0.5).requires_grad_()

    def normal(self, h: Tensor, matrix: str) -> Tensor:
        """What the norm before `matrix` makes of the residual stream h, (S, B·T, width); same shape."""
        from torch.nn import functional as F

        if self.norm == "layer":
            return F.layer_norm(h, (self.width,))
        if self.norm == "rms":
            return F.rms_norm(h, (self.width,), eps=1e-5)
        return (self.weights[f"alpha before {matrix}"] * h).tanh() if self.norm == "tanh" else h

    def feed(self, up: Tensor) -> Tensor:
        """The activations of a feed-forward layer, (S, B·T, hidden), from its pre-activations."""
        if not self.gated:
            return self.activation(up)
        gate, value = up.chunk(2, -1)
        return self.activation(gate) * value

    def outputs(self, x: Tensor) -> Tensor:
        """Logits (S, B·T, characters) of the next character at every place.  x: codes (S, B, T)."""
        import torch
        from torch.nn import functional as F

        (S, B, T), w, width = x.shape, self.weights, self.width

        def after(h: Tensor, matrix: str) -> Tensor:
            return torch.bmm(self.normal(h, matrix), w[matrix])

        codes = x.reshape(S, B * T, 1).expand(-1, -1, width)
        h = torch.gather(w["embed"], 1, codes) + w["place"][:, :T].repeat(1, B, 1)
        for k in range(self.layers):
            parts = after(h, f"attend{k}").view(S * B, T, 3, self.heads, width // self.heads)
            query, key, value = parts.permute(2, 0, 3, 1, 4)
            seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
            h = h + torch.bmm(seen.transpose(1, 2).reshape(S, B * T, width), w[f"mix{k}"])
            h = h + torch.bmm(self.feed(after(h, f"up{k}")), w[f"down{k}"])
        return after(h, "read")

    def each_loss(self, x: Tensor, target: Tensor) -> Tensor:
        """Mean cross-entropy in nats per character, (S,).  x, target: codes (S, B, T)."""
        from torch.nn import functional as F

        logits = self.outputs(x)
        rows = F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none")
        return rows.view(self.seeds, -1).mean(1)

    def fit(self, codes: Tensor, steps: int = 300, rate: float = 0.01, batch: int = 8, eps: float = 1e-8) -> None:
        """Adam on random stretches of `codes`: 20 steps of warm-up, then a linear decay to a tenth of the rate.

        Seed s of every model draws the same stretches, so that models can be compared pair by pair.
        """
        import torch

        place = torch.arange(self.context)
        method = torch.optim.Adam(self.weights.values(), lr=rate, betas=(0.9, 0.99), eps=eps, fused=True)
        with one_thread():
            for step in steps_of(steps, "transformers"):
                method.param_groups[0]["lr"] = rate * min(1, (step + 1) / 20) * (1 - 0.9 * step / steps)
                starts = [torch.randint(len(codes) - self.context - 1, (batch,), generator=g) for g in self.order]
                at = torch.stack(starts)[..., None] + place
                total = self.each_loss(codes[at], codes[at + 1]).sum()
                method.zero_grad()
                total.backward()
                method.step()

    def validate(self, codes: Tensor, stretches: int = 200) -> NDArray[np.float32]:
        """Loss of each seed on evenly spaced stretches of `codes`, (S,), nats per character."""
        import torch

        starts = torch.arange(stretches) * ((len(codes) - self.context - 1) // stretches)
        at = (starts[:, None] + torch.arange(self.context)).expand(self.seeds, -1, -1)
        with torch.no_grad(), one_thread():
            return self.each_loss(codes[at], codes[at + 1]).numpy()


def character_losses(
    activation: str | Callable[[Tensor], Tensor],
    seeds: int | Sequence[int] = 5,
    steps: int = 300,
    rate: float = 0.01,
    eps: float = 1e-8,
    text: int = 0,
    **form: Any,
) -> NDArray[np.float32]:
    """Validation loss of transformers with this activation, (S,), nats per character.

    form: further arguments of `Transformer`, such as gated=True.  A seed starts from the same weights whatever the
    activation (gated layers apart, whose shapes differ), and sees the same stretches of the same text.
    text: seed of `topics`.
    """
    training, validation, characters = topics(text)
    models = Transformer(characters, activation, seeds, **form)
    models.fit(training, steps, rate, eps=eps)
    return models.validate(validation)
