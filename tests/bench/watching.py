"""6. `actlab.watch` beside the same training unwatched: milliseconds for a step of Adam, on one thread.

Three architectures of PyTorch's: a plain network, a small convolutional one, `nn.TransformerEncoder`.  In each turn the
steps are made without `watch`, with every step recorded, and with every tenth; ratios are to the first, turn by turn.
The table is not shown.  `layers`: how many are recorded.
"""

import time

from actlab import watch
from bench.report import Row

STEPS, QUICK_STEPS = 20, 10
ROUNDS, QUICK_ROUNDS = 15, 3
WAYS = {"not watched": 0, "every step": 1, "every 10th": 10}


def measure(quick: bool) -> list[Row]:
    import torch

    torch.set_num_threads(1)
    steps, rounds = (QUICK_STEPS, QUICK_ROUNDS) if quick else (STEPS, ROUNDS)
    rows = []
    for name, (model, x, y) in _architectures().items():
        times: dict[str, list[float]] = {way: [] for way in WAYS}
        layers = 0
        for _ in range(rounds + 1):
            for way, every in WAYS.items():
                took, seen = _timed(model, x, y, steps, every)
                times[way].append(took)
                layers = seen or layers
        times = {way: values[1:] for way, values in times.items()}
        base = times["not watched"]
        rows += [
            Row(name, way, "ms", values, base if every else [], {"layers": layers} if every else {})
            for (way, values), every in zip(times.items(), WAYS.values(), strict=True)
        ]
    return rows


def _architectures():
    """name -> (model, inputs, labels)."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    labels = torch.arange(128) % 10
    plain = [part for _ in range(4) for part in (nn.Linear(256, 256), nn.ReLU())]
    convolutional = [
        *(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 64, 10)),
    ]
    block = nn.TransformerEncoderLayer(64, 4, 256, activation=nn.GELU(), batch_first=True)
    encoder = [nn.TransformerEncoder(block, 4), nn.Flatten(), nn.Linear(32 * 64, 10)]
    return {
        "plain, 5 × 256, batch 128": (nn.Sequential(*plain, nn.Linear(256, 10)), torch.randn(128, 256), labels),
        "convolutional, 32 × 32, batch 64": (nn.Sequential(*convolutional), torch.randn(64, 3, 32, 32), labels[:64]),
        "nn.TransformerEncoder, 4 × 64, batch 16": (nn.Sequential(*encoder), torch.randn(16, 32, 64), labels[:16]),
    }


def _timed(model, x, y, steps: int, every: int) -> tuple[float, int]:
    """Milliseconds of a step, and how many layers were recorded; every = 0 does not watch."""
    import torch

    optimiser = torch.optim.Adam(model.parameters(), 1e-4)

    def train():
        for _ in range(steps):
            loss = torch.nn.functional.cross_entropy(model(x), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    started = time.perf_counter()
    if every:
        with watch(model, every, live=False) as seen:
            train()
    else:
        train()
    took = (time.perf_counter() - started) / steps * 1e3
    return took, len(seen.layers) if every else 0
