"""Training many seeds at once: S networks are one batched matrix product, so five seeds cost little more than one.

Layer 1, and the only module that imports torch, inside the functions, so that a first slider need not wait for it.
"""

import math
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

from actlab.figures import static_output


def torch_activation(key):
    """The torch function for a registry key.

    Errors: KeyError with the keys that exist.
    """
    import torch
    from torch.nn import functional as F

    table = {
        "linear": lambda z: z,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": lambda z: F.leaky_relu(z, 0.01),
        "elu": F.elu,
        "selu": F.selu,
        "softplus": F.softplus,
        "gelu": F.gelu,
        "silu": F.silu,
        "mish": F.mish,
    }
    if key not in table:
        raise KeyError(f"no torch activation called {key!r}; there are {', '.join(table)}")
    return table[key]


@contextmanager
def one_thread():
    """Products this small lose time when threads share them, and gain nothing; the results are the same."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Networks:
    """S multilayer perceptrons of one architecture, one per seed, trained together.

    sizes: [inputs, hidden, ..., outputs].  activation: a registry key, used in the hidden layers.
    gain: hidden weights are N(0, gain²/fan_in); std sets their standard deviation directly instead.  The read-out has
    gain 1, biases start at 0.  Weights are lists of tensors (S, fan_in, fan_out), biases (S, 1, fan_out), float32.
    """

    def __init__(self, sizes, activation, seeds=5, gain=1.0, std=None):
        import torch

        self.activation, self.seeds = torch_activation(activation), seeds
        self.weights, self.biases = [], []
        generators = [torch.Generator().manual_seed(1000 + seed) for seed in range(seeds)]
        pairs = list(pairwise(sizes))
        for layer, (fan_in, fan_out) in enumerate(pairs):
            hidden = layer < len(pairs) - 1
            scale = std if std and hidden else (gain if hidden else 1.0) / math.sqrt(fan_in)
            draws = [torch.randn(fan_in, fan_out, generator=g) * scale for g in generators]
            self.weights.append(torch.stack(draws).requires_grad_())
            self.biases.append(torch.zeros(seeds, 1, fan_out, requires_grad=True))

    def parameters(self):
        """All tensors that training changes."""
        return self.weights + self.biases

    def logits(self, X):
        """Outputs (S, n, classes) for inputs X (n, features)."""
        import torch

        h = torch.as_tensor(np.asarray(X), dtype=torch.float32).expand(self.seeds, -1, -1)
        for layer, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = torch.baddbmm(b, h, W)
            h = self.activation(z) if layer < len(self.weights) - 1 else z
        return h

    def predict(self, X):
        """Logits as a NumPy array (S, n, classes), without gradients."""
        import torch

        with torch.no_grad():
            return self.logits(X).numpy()

    def accuracy(self, X, y):
        """Share of correct predictions per seed, (S,)."""
        return (self.predict(X).argmax(-1) == np.asarray(y)).mean(-1)

    def fit(self, X, y, steps, rate, optimiser="adam", watch=None, every=0):
        """Minimise the mean cross-entropy with the full batch; each seed follows its own gradient.

        optimiser: "adam" or "sgd".  watch: called as watch(networks) before step 0, every `every` steps and at the end;
        what it returns is collected.  Returns (losses of shape (steps, S), [what watch returned]).
        """
        import torch
        from torch.nn import functional as F
        from tqdm.auto import tqdm

        method = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[optimiser](self.parameters(), lr=rate, fused=True)
        labels = torch.as_tensor(np.asarray(y)).expand(self.seeds, -1)
        losses, seen = [], []
        with one_thread():
            for step in tqdm(range(steps), desc="training", leave=False, delay=2, disable=static_output()):
                if watch and step % every == 0:
                    seen.append(watch(self))
                rows = F.cross_entropy(self.logits(X).flatten(0, 1), labels.flatten(), reduction="none")
                each = rows.view(self.seeds, -1).mean(1)
                method.zero_grad()
                each.sum().backward()
                method.step()
                losses.append(each.detach().numpy().copy())
        if watch:
            seen.append(watch(self))
        return np.array(losses), seen
