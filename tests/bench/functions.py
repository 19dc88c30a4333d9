"""4. The activations on a million numbers: nanoseconds per element, and how far the worst result is from the truth.

actlab's function, the fastest correct form of NumPy's and SciPy's, their usual one-liner and torch's, one after the
other in each of several rounds, each on one thread, for single and double precision, on 1e6 numbers drawn from
N(0, 3²).  Nanoseconds are the thread's own, so that others on the machine count for little.  Every call allocates its
result.  The floor is `z.copy()` in the same round.  torch's derivatives are `torch.autograd.grad` of f, forward pass
included, since torch offers them in no other way.

`ulp` is the distance from mpmath's 50 digits, in units in the last place of the result's own type: 0.5 is as good as
rounding allows.  It is the worst of a sample of fixed points; `|z| ≤ 4` where networks live, `|z| ≤ 40` with the tails,
where the usual form loses every digit and the unit is tiny.  Around a zero of f' every method is off by many units.
softmax takes 1e5 rows of ten scores.

Correct is a form of `FORMS` that makes NaN of NaN and keeps within the error that actlab promises: 0.51 ulp in single
precision, in double what `test_activations.allowed_error` says, wherever |z| ≤ 400 and the result is a normal number;
for softmax no more than actlab itself is off, or 4 ulp.  Every form is tried in the precision of z and in double; of
all that are correct the fastest is shown, with its text.

Ratios: actlab's is to the fastest correct form, so 2 means twice its time; all others are to actlab's.

"One number" is a call with one float, in microseconds: actlab beside the usual one-liner, which says nothing of errors.
"""

import math
import time
from collections.abc import Callable, Iterator
from functools import partial

import mpmath as mp
import numpy as np
from reference import REFERENCE
from scipy import special
from test_activations import allowed_error

from actlab.activations import REGISTRY, log_softmax, softmax
from bench.report import Row

SIZE, QUICK_SIZE = 1_000_000, 100_000
ROUNDS, QUICK_ROUNDS = 15, 3
POINTS, QUICK_POINTS = 1000, 60
CALLS = 50
OURS, CORRECT, USUAL, FLOOR = "actlab", "fastest correct", "SciPy, NumPy", "copy (floor)"


def _gelu(z):
    """z * ndtr(z), with erfcx left of -1"""
    result = z * special.ndtr(z)
    left = np.flatnonzero(z < -1)
    result[left] = z[left] / 2 * _gaussian(z[left]) * special.erfcx(-z[left] / math.sqrt(2))
    return result


def _gelu_slope(z):
    """ndtr(z) + z * exp(-z * z / 2) / sqrt(2 * pi), with erfcx left of -1"""
    result = special.ndtr(z) + z * (gaussian := _gaussian(z)) / math.sqrt(2 * math.pi)
    left = np.flatnonzero(z < -1)
    factor = special.erfcx(-z[left] / math.sqrt(2)) / 2 + z[left] / math.sqrt(2 * math.pi)
    result[left] = gaussian[left] * factor
    return result


def _gaussian(z):
    """e^(-z²/2), where z² is not rounded: the head of z has so few digits that its square is exact."""
    head = z.astype(np.float32).astype(np.float64)
    return np.exp(-head * head / 2) * np.exp((head - z) * (head + z) / 2)


FORMS = {  # the usual one-liner first
    "linear": ("z.copy()",),
    "linear'": ("ones_like(z)", "clip(z, 1, 1)"),
    "sigmoid": ("expit(z)", "1 / (1 + exp(-z))"),
    "sigmoid'": ("expit(z) * (1 - expit(z))", "expit(z) * expit(-z)", "(e := exp(-abs(z))) / (1 + e) ** 2"),
    "tanh": ("tanh(z)",),
    "tanh'": ("1 - tanh(z) ** 2", "(1 / cosh(z)) ** 2", "4 * (e := exp(-2 * abs(z))) / (1 + e) ** 2"),
    "relu": ("maximum(z, 0)",),
    "relu'": ("(z > 0).astype(z.dtype)", "heaviside(z, 0)", "sign(maximum(z, 0))"),
    "leaky_relu": ("where(z > 0, z, 0.01 * z)", "maximum(z, 0.01 * z)"),
    "leaky_relu'": ("where(z > 0, 1, 0.01).astype(z.dtype)", "(s := sign(maximum(z, 0))) + 0.01 * (1 - s)"),
    "prelu": ("where(z > 0, z, 0.25 * z)", "maximum(z, 0.25 * z)"),
    "prelu'": ("where(z > 0, 1, 0.25).astype(z.dtype)", "(s := sign(maximum(z, 0))) + 0.25 * (1 - s)"),
    "elu": ("where(z > 0, z, expm1(z))", "maximum(z, 0) + expm1(minimum(z, 0))"),
    "elu'": ("where(z > 0, 1, exp(z))", "exp(minimum(z, 0))"),
    "selu": (
        "1.0507009873554805 * where(z > 0, z, 1.6732632423543772 * expm1(z))",
        "1.0507009873554805 * (maximum(z, 0) + 1.6732632423543772 * expm1(minimum(z, 0)))",
    ),
    "selu'": (
        "1.0507009873554805 * where(z > 0, 1, 1.6732632423543772 * exp(z))",
        "where(z > 0, 1.0507009873554805, 1.7580993408473766 * exp(minimum(z, 0)))",
    ),
    "softplus": ("-log_expit(-z)", "logaddexp(0, z)", "maximum(z, 0) + log1p(exp(-abs(z)))"),
    "softplus'": ("expit(z)", "1 / (1 + exp(-z))"),
    "gelu": ("z * ndtr(z)", _gelu),
    "gelu'": ("ndtr(z) + z * exp(-z * z / 2) / sqrt(2 * pi)", _gelu_slope),
    "gelu_tanh": (
        "0.5 * z * (1 + tanh(sqrt(2 / pi) * (z + 0.044715 * z**3)))",
        "z * expit(sqrt(8 / pi) * (z + 0.044715 * z * z * z))",
    ),
    "gelu_tanh'": (
        "(s := expit(u := sqrt(8 / pi) * (z + 0.044715 * z * z * z)))"
        " * (1 + z * sqrt(8 / pi) * (1 + 0.134145 * z * z) * expit(-u))",
    ),
    "gelu_sigmoid": ("z * expit(1.702 * z)", "z / (1 + exp(-1.702 * z))"),
    "gelu_sigmoid'": ("expit(u := 1.702 * z) * (1 + u * expit(-u))",),
    "silu": ("z * expit(z)", "z / (1 + exp(-z))"),
    "silu'": ("expit(z) * (1 + z * (1 - expit(z)))", "expit(z) * (1 + z * expit(-z))"),
    "mish": ("z * tanh(-log_expit(-z))", "z * ((n := (e := exp(minimum(z, 40))) * (e + 2)) / (n + 2))"),
    "mish'": (
        "(t := tanh(log1p(exp(z)))) + z * (1 - t * t) * expit(z)",
        "(t := (n := (e := exp(z := minimum(z, 40))) * (e + 2)) / (n + 2)) + z * expit(z) * 2 / (n + 2) * (1 + t)",
    ),
    "hardswish": ("z * clip(z + 3, 0, 6) / 6",),
    "hardswish'": (
        "where(z <= -3, 0, where(z < 3, (2 * z + 3) / 6, 1))",
        "where(abs(z) < 3, (2 * z + 3) / 6, sign(maximum(z, 0)))",
    ),
    "softmax": ("softmax(z, -1)", "(e := exp(z - z.max(-1, keepdims=True))) / e.sum(-1, keepdims=True)"),
    "log_softmax": (
        "log_softmax(z, -1)",
        "where((b := z - z.max(-1, keepdims=True)) == 0, 0, b)"
        " - log1p(where(b == 0, 0, exp(b)).sum(-1, keepdims=True) + ((b == 0).sum(-1, keepdims=True) - 1))",
    ),
}
NUMPY = "abs clip cosh exp expm1 heaviside log1p logaddexp maximum minimum ones_like pi sign sqrt tanh where"
SCIPY = "expit log_expit log_softmax ndtr softmax"
WORDS = {word: getattr(module, word) for module, words in ((np, NUMPY), (special, SCIPY)) for word in words.split(" ")}


def _function(form: str | Callable) -> Callable:
    """A form of `FORMS` as a function of z."""
    if callable(form):
        return form
    code = compile(form, form, "eval")
    return lambda z: eval(code, WORDS, {"z": z})


def _in_double(function: Callable) -> Callable:
    return lambda z: function(z.astype(np.float64)).astype(z.dtype)


def _forms(name: str, dtype) -> Iterator[tuple[str, Callable]]:
    """Every form of a function as text and as a function; of single precision also what computes it in double."""
    for form in FORMS[name]:
        text = form if isinstance(form, str) else form.__doc__
        yield text, _function(form)
        if dtype == np.float32:
            yield f"{text}, in double", _in_double(_function(form))


def measure(quick: bool) -> list[Row]:
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    rounds, points = (QUICK_ROUNDS, QUICK_POINTS) if quick else (ROUNDS, POINTS)
    elementwise = {
        name: (function, partial(_Elementwise, label, entry.key, exact))
        for entry in REGISTRY.values()
        if entry.elementwise
        for label, function, exact in zip(("f", "df"), (entry.f, entry.df), REFERENCE[entry.key], strict=True)
        for name in [entry.key if label == "f" else f"{entry.key}'"]
    }
    rows = []
    for dtype in (np.float32, np.float64):
        z = rng.normal(0, 3, QUICK_SIZE if quick else SIZE).astype(dtype)
        for name, (function, truth) in elementwise.items():
            rows += _compared(name, function, z, rounds, truth(dtype, points))
        for function in (softmax, log_softmax):
            rows += _compared(function.__name__, function, z.reshape(-1, 10), rounds, _Rows(function, dtype, points))
    return rows + [row for name, (function, _) in elementwise.items() for row in _of_one_number(name, function, rounds)]


def _compared(name, ours, z, rounds, truth) -> list[Row]:
    """actlab, the fastest correct form, the usual one, torch and a copy, in turn."""
    correct, errors = {}, {}
    for text, function in _forms(name, z.dtype):
        notes, right = truth.judged(function)
        if right:
            correct[text], errors[text] = function, notes
    ways = {OURS: ours, **correct, USUAL: _function(FORMS[name][0])}
    if torchs := _torch(name):
        ways["torch"] = torchs
    ways[FLOOR] = np.copy
    times = {way: [] for way in ways}
    for _ in range(rounds + 1):
        for way, function in ways.items():
            times[way].append(_timed(function, z) if way != "torch" else torchs.timed(z))
    times = {way: values[1:] for way, values in times.items()}
    notes = {way: truth.judged(ways[way])[0] for way in ways if way not in correct and way != FLOOR}
    if correct:
        best = min(correct, key=lambda text: np.median(times[text]))
        times[CORRECT], notes[CORRECT] = times[best], {"form": best, **errors[best]}
    kind = "derivatives" if name.endswith("'") else "functions"
    return [
        Row(
            f"{name} {z.dtype}",
            way,
            "ns",
            times[way],
            times.get(CORRECT, []) if way == OURS else times[OURS],
            notes.get(way, {}),
            f"{z.dtype}, {kind}",
        )
        for way in (OURS, CORRECT, USUAL, "torch", FLOOR)
        if way in times
    ]


def _of_one_number(name, ours, rounds) -> list[Row]:
    ways = {OURS: ours, USUAL: _function(FORMS[name][0])}
    times = {way: [] for way in ways}
    for _ in range(rounds + 1):
        for way, function in ways.items():
            seconds = [_timed(function, np.float64(0.5)) for _ in range(CALLS)]
            times[way].append(float(np.median(seconds)) / 1000)
    times = {way: values[1:] for way, values in times.items()}
    return [
        Row(f"{name}, one number", way, "µs", values, times[OURS] if way != OURS else [], group="one number")
        for way, values in times.items()
    ]


def _timed(function, z) -> float:
    """Nanoseconds per element."""
    with np.errstate(all="ignore"):
        started = time.thread_time()
        function(z)
        return (time.thread_time() - started) / z.size * 1e9


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
        started = time.thread_time()
        self.value(tensor)
        return (time.thread_time() - started) / z.size * 1e9

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


class _Elementwise:
    """What a function should give at fixed points, near 0 and in the tails."""

    def __init__(self, label: str, key: str, exact: Callable, dtype, points: int):
        self.label, self.key, self.dtype = label, key, dtype
        rng = np.random.default_rng(1)
        self.samples = {reach: rng.uniform(-reach, reach, points).astype(dtype) for reach in (4, 40, 400)}
        self.truths = {reach: [exact(mp.mpf(float(v))) for v in z] for reach, z in self.samples.items()}

    def judged(self, function) -> tuple[dict[str, float], bool]:
        """The worst errors of a function in ulp, and whether it is correct."""
        with np.errstate(all="ignore"):
            got = {reach: function(z) for reach, z in self.samples.items()}
            right = all(got[reach].dtype == self.dtype and self._allowed(reach, got[reach]) for reach in got)
            right = right and bool(np.isnan(function(np.full(3, np.nan, self.dtype))).all())
            return {
                f"ulp |z| ≤ {reach}": float(_ulps(got[reach], self.truths[reach]).max()) for reach in (4, 40)
            }, right

    def _allowed(self, reach, got) -> bool:
        want = np.array([float(t) for t in self.truths[reach]])
        ulps = _ulps(got, self.truths[reach])
        if self.dtype == np.float32:
            good = ulps <= 0.51
        else:
            good = ulps * np.spacing(np.abs(want)) <= allowed_error(self.key, self.label, self.samples[reach], want)
        return bool(good[(np.abs(want) >= np.finfo(self.dtype).tiny) | (want == 0)].all())


class _Rows:
    """What softmax or its logarithm should give for fixed rows of ten scores."""

    def __init__(self, ours: Callable, dtype, points: int):
        rng = np.random.default_rng(1)
        self.samples = {reach: rng.uniform(-reach, reach, (points // 10, 10)).astype(dtype) for reach in (4, 40)}
        self.truths = {
            reach: [value for row in z.tolist() for value in self._exact(row, ours is log_softmax)]
            for reach, z in self.samples.items()
        }
        self.allowed = {name: max(ulps, 4) for name, ulps in self._errors(ours).items()}
        if dtype == np.float32:
            self.allowed = dict.fromkeys(self.allowed, 0.51)

    @staticmethod
    def _exact(row, log):
        largest = mp.mpf(max(row))
        others = mp.fsum(mp.exp(mp.mpf(v) - largest) for v in row) - 1
        return [mp.mpf(v) - largest - mp.log1p(others) if log else mp.exp(v - largest) / (1 + others) for v in row]

    def _errors(self, function) -> dict[str, float]:
        with np.errstate(all="ignore"):
            return {
                f"ulp |z| ≤ {reach}": float(_ulps(function(z).astype(z.dtype).ravel(), self.truths[reach]).max())
                for reach, z in self.samples.items()
            }

    def judged(self, function) -> tuple[dict[str, float], bool]:
        errors = self._errors(function)
        return errors, all(error <= self.allowed[name] for name, error in errors.items())


def _ulps(got, truth) -> np.ndarray:
    """mpmath subtracts, so that the truth is not rounded before it is compared."""
    misses = [float(abs(mp.mpf(float(g)) - t)) if np.isfinite(g) else math.inf for g, t in zip(got, truth, strict=True)]
    return np.array(misses) / np.spacing(np.abs(np.array([float(t) for t in truth])).astype(got.dtype)).astype(float)
