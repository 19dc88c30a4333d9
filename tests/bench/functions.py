"""4. The activations on a million numbers: nanoseconds per element, and how far the worst result is from the truth.

actlab's function, SciPy's and NumPy's (the usual one-liner where SciPy has no function of that name) and torch's, one
after the other in each of several rounds, each on one thread, for single and double precision, on 1e6 numbers drawn
from N(0, 3²).  Every call allocates its result.  The floor is `z.copy()` in the same round; ratios are to actlab's.
torch's derivatives are `torch.autograd.grad` of f, forward pass included, since torch offers them in no other way.

`ulp` is the distance from mpmath's 50 digits, in units in the last place of the result's own type: 0.5 is as good as
rounding allows.  It is the worst of a sample of fixed points; `|z| ≤ 4` where networks live, `|z| ≤ 40` with the tails,
where the usual form loses every digit and the unit is tiny.  Around a zero of f' every method is off by many units.
softmax takes 1e5 rows of ten scores and has no ulp here.
"""

import math
import time
from collections.abc import Callable

import mpmath as mp
import numpy as np
from reference import REFERENCE
from scipy import special

from actlab.activations import REGISTRY, log_softmax, softmax
from bench.report import Row

SIZE, QUICK_SIZE = 1_000_000, 100_000
ROUNDS, QUICK_ROUNDS = 15, 3
POINTS, QUICK_POINTS = 1000, 60
FLOOR = "copy (floor)"

SCIPY = {
    "sigmoid": special.expit,
    "sigmoid'": lambda z: special.expit(z) * (1 - special.expit(z)),
    "tanh": np.tanh,
    "tanh'": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, special.expm1(z)),
    "selu": lambda z: _selu(z),
    "softplus": lambda z: -special.log_expit(-z),
    "softplus'": special.expit,
    "gelu": lambda z: z * special.ndtr(z),
    "gelu'": lambda z: special.ndtr(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi),
    "gelu_tanh": lambda z: 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
    "gelu_sigmoid": lambda z: z * special.expit(1.702 * z),
    "silu": lambda z: z * special.expit(z),
    "silu'": lambda z: special.expit(z) * (1 + z * (1 - special.expit(z))),
    "mish": lambda z: z * np.tanh(-special.log_expit(-z)),
    "hardswish": lambda z: z * np.clip(z + 3, 0, 6) / 6,
    "softmax": lambda z: special.softmax(z, axis=-1),
    "log_softmax": lambda z: special.log_softmax(z, axis=-1),
}


def _selu(z):
    return 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * special.expm1(z))


def measure(quick: bool) -> list[Row]:
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    rows = []
    for dtype in (np.float32, np.float64):
        z = rng.normal(0, 3, QUICK_SIZE if quick else SIZE).astype(dtype)
        rounds, points = (QUICK_ROUNDS, QUICK_POINTS) if quick else (ROUNDS, POINTS)
        for entry in REGISTRY.values():
            if entry.elementwise:
                for name, function, exact in zip(
                    (entry.key, f"{entry.key}'"), (entry.f, entry.df), REFERENCE[entry.key], strict=True
                ):
                    rows += _compared(name, function, z, rounds, _errors(exact, dtype, points))
        scores = z.reshape(-1, 10)
        rows += _compared("softmax", softmax, scores, rounds)
        rows += _compared("log_softmax", log_softmax, scores, rounds)
    return rows


def _compared(name, ours, z, rounds, errors=lambda function: {}) -> list[Row]:
    """actlab, SciPy, torch and a copy, in turn."""
    ways = {"actlab": ours}
    if name in SCIPY:
        ways["SciPy, NumPy"] = SCIPY[name]
    if torchs := _torch(name):
        ways["torch"] = torchs
    ways[FLOOR] = np.copy
    times = {way: [] for way in ways}
    for _ in range(rounds + 1):
        for way, function in ways.items():
            times[way].append(_timed(function, z) if way != "torch" else torchs.timed(z))
    times = {way: values[1:] for way, values in times.items()}
    ours = times["actlab"]
    return [
        Row(
            f"{name} {z.dtype}",
            way,
            "ns",
            times[way],
            [] if way == "actlab" else ours,
            {} if way == FLOOR else errors(function),
            f"{z.dtype}, {'derivatives' if name.endswith(chr(39)) else 'functions'}",
        )
        for way, function in ways.items()
    ]


def _timed(function, z) -> float:
    """Nanoseconds per element."""
    with np.errstate(all="ignore"):
        started = time.perf_counter()
        function(z)
        return (time.perf_counter() - started) / z.size * 1e9


class _torch_function:
    """A function of torch on arrays of NumPy."""

    def __init__(self, f: Callable, derivative: bool):
        self.f, self.derivative = f, derivative

    def tensor(self, z):
        import torch

        return torch.tensor(z, requires_grad=self.derivative)

    def value(self, tensor):
        import torch

        if not self.derivative:
            return self.f(tensor)
        return torch.autograd.grad(self.f(tensor).sum(), tensor)[0]

    def timed(self, z) -> float:
        tensor = self.tensor(z)
        started = time.perf_counter()
        self.value(tensor)
        return (time.perf_counter() - started) / z.size * 1e9

    def __call__(self, z):
        return self.value(self.tensor(z)).numpy()


def _torch(name):
    from torch.nn import functional as torch_functions

    known = {
        "gelu_tanh": lambda z: torch_functions.gelu(z, approximate="tanh"),
        "softplus": lambda z: torch_functions.softplus(z, threshold=1000),
        "softmax": lambda z: torch_functions.softmax(z, -1),
        "log_softmax": lambda z: torch_functions.log_softmax(z, -1),
        **{
            key: getattr(torch_functions, key)
            for key in ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "hardswish")
        },
    }
    key = name.removesuffix("'")
    return _torch_function(known[key], name != key) if key in known else None


def _errors(exact: Callable, dtype, points: int) -> Callable:
    """function -> its worst distance from `exact` in ulp, near 0 and with the tails."""
    rng = np.random.default_rng(1)
    ranges = {f"ulp |z| ≤ {reach}": rng.uniform(-reach, reach, points).astype(dtype) for reach in (4, 40)}
    truths = {name: [exact(mp.mpf(float(v))) for v in z] for name, z in ranges.items()}

    def errors(function):
        with np.errstate(all="ignore"):
            return {name: _worst(function(z).astype(dtype), truths[name]) for name, z in ranges.items()}

    return errors


def _worst(got, truth) -> float:
    """mpmath subtracts, so that the truth is not rounded before it is compared."""
    misses = [abs(mp.mpf(float(g)) - t) for g, t in zip(got, truth, strict=True)]
    gaps = np.spacing(np.abs(np.array([float(t) for t in truth])).astype(got.dtype))
    return max(float(miss / mp.mpf(float(gap))) for miss, gap in zip(misses, gaps, strict=True))
