"""Functions that multiply their input by a gate between 0 and 1."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actlab import learner
from actlab.activations import REGISTRY, gelu, sigmoid, silu
from actlab.figures import INK, MUTED
from actlab.live import Chart, Dot, Explorer, Line, Slider, Text
from actlab.live.charts import margin, named, thinned
from actlab.numeric import ndtr
from actlab.words import minus

DRAWS = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000]
TRIES = 6
SLOPES = sorted({*np.arange(1.5, 2.001, 0.02).round(2).tolist(), 1.702, 1.773})


def explore_gates(activations: Sequence[str] = ("relu", "gelu", "silu")) -> Explorer:
    """How far the gate f(z)/z is open, and what gets through it, for several activations.

    activations: registry keys of functions that are z times a gate.
    """
    entries = [REGISTRY[key] for key in activations]
    fine = np.linspace(-8, 4, 1202)  # none of these points is 0

    def opening(entry, z):
        return abs(float(entry.f(z) / z if z else entry.df(z)))

    def background():
        def chart(title, lowest, shown, names=(), **settings):
            marks = [Line(*thinned(fine, shown(e), 1e-3), e.color, 3) for e in reversed(entries)]
            return Chart((-8, 4), (lowest, 1.08), title, "z", marks=[*marks, *names], **settings)

        right = max(76.0, margin(e.name for e in entries))
        opened = chart("how far the gate is open", -0.06, lambda e: e.f(fine) / fine, right=right)
        ends = [(e.name, float(e.f(fine[-1:])[0] / fine[-1]), e.color) for e in entries]
        names = [Text(-7.6, 0.94 - 0.12 * k, e.name, e.color, "start") for k, e in enumerate(entries)]
        lowest = min(-0.3, *(float(e.f(fine).min()) for e in entries)) - 0.06
        passed = chart("what gets through, enlarged near 0", lowest, lambda e: e.f(fine), names)
        return [named(opened, ends), passed]

    def reading(z):
        marks, words = [Line([z, z], [-9, 9], MUTED, 1.5, "3 4", ax) for ax in (0, 1)], []
        for e in entries:
            opened, passed = opening(e, z), float(e.f(z))
            marks.append(Dot(z, opened, e.color, 10))
            if passed < 1.08:
                marks.append(Dot(z, passed, e.color, 10, 1))
            words.append(f"{e.name}'s gate is {opened:.1%} open and lets {passed:+.3f} through")
        return marks, minus(f"At z = {z:+.2f} {'; '.join(words)}.")

    sliders = {"z": Slider(np.linspace(-8, 4, 97), 1.0, "point z", "{:+.3f}")}
    return Explorer("Hard and soft gates", sliders, background, reading, grab={"z": [("x", 0), ("x", 1)]})


def _coins(z: NDArray[np.float64], n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The mean of n draws of z·1[ξ < z], by the number of gates that open."""
    return z * rng.binomial(n, ndtr(z)) / n


def _chance(z: NDArray[np.float64], n: int) -> float:
    """How far means of n draws of z·1[ξ < z] are from GELU, by chance alone: the root of their mean variance."""
    p = ndtr(z)
    return float(np.sqrt((z**2 * p * (1 - p) / n).mean()))


def explore_stochastic_gate(gate: Callable[..., Any] = _coins) -> Explorer:
    """Averages of n random gates beside GELU, and how their distance shrinks.

    gate: a function of (z, n, rng) that returns the mean over n draws of z·1[ξ < z], for example a learner's own.
    """
    z = np.linspace(-3, 3, 31)
    exact = gelu(z)
    entry = REGISTRY["gelu"]
    expected = {n: _chance(z, n) for n in DRAWS}

    def estimate(n, attempt):
        return learner.finite(gate, z.shape, z, n, np.random.default_rng([n, attempt]))

    def background(figure):
        left, right = axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.06, right=0.97, top=0.88, bottom=0.15, wspace=0.24)
        estimates.update({(n, t): estimate(n, t) for n in DRAWS for t in range(1, TRIES + 1)})
        left.plot(z, exact, color=entry.color)
        left.plot([-3, 0], [0, 0], [-3, 3], [-3, 3], color=MUTED, lw=1, ls=":")
        left.annotate("GELU", (1.2, 0.4), color=entry.color, fontweight="bold")
        left.annotate("open: z", (-1.6, -1.6), xytext=(8, -6), textcoords="offset points", color=MUTED)
        left.annotate("shut: 0", (-2.9, 0), xytext=(0, 8), textcoords="offset points", color=MUTED)
        left.set(title="averages of n draws", xlabel="z", xlim=(-3.1, 3.1), ylim=(-3.2, 3.2))
        theory = np.array(list(expected.values()))
        right.fill_between(DRAWS, theory / 2, theory * 2, color=INK, alpha=0.08, lw=0)
        right.loglog(DRAWS, theory, color=INK, lw=1.5)
        for n in DRAWS:
            right.plot(
                [n] * TRIES, [missed(n, t) for t in range(1, TRIES + 1)], "o", color=entry.color, ms=4, alpha=0.5
            )
        legend = (
            ("line: theory, ∝ 1/√n", INK),
            ("grey: within a factor of 2", MUTED),
            (f"dots: {TRIES} tries", entry.color),
        )
        for row, (text, color) in enumerate(legend):
            right.annotate(
                text, (0.97, 0.96 - 0.075 * row), xycoords="axes fraction", ha="right", va="top", color=color
            )
        right.set(title="distance from GELU (root mean square)", xlabel="draws n")
        return axes

    estimates: dict[tuple[int, int], NDArray[np.float64]] = {}

    def missed(n, attempt):
        return max(float(np.sqrt(((estimates[n, attempt] - exact) ** 2).mean())), 1e-6)

    def average(draws, attempt):
        off = missed(draws, attempt)
        marks = [
            Dot(z, estimates[draws, attempt], INK, 6),
            Line([draws, draws], [1e-9, 9], MUTED, 1.5, "3 4", 1),
            Dot(draws, off, INK, 11, 1),
        ]
        near = 0.5 < off / expected[draws] < 2
        verdict = "within a factor of 2, as chance will have it" if near else "more than a factor of 2 apart"
        return marks, (
            f"With n = {draws} {'draw' if draws == 1 else 'draws'}, try {attempt} misses GELU by {off:.4f} on average "
            f"over {z.size} inputs; theory expects {expected[draws]:.4f}: {verdict}."
        )

    sliders = {
        "draws": Slider(DRAWS, 10, "draws n", "{:d}"),
        "attempt": Slider(range(1, TRIES + 1), 1, "try", "{:d}"),
    }
    return Explorer("Averages of a random gate", sliders, background, average, grab={"draws": ("x", 1)})


def gate(stochastic_gate: Callable[..., Any], gelu: Callable[..., Any], seed: int = 8) -> Explorer:
    """The learner's stochastic gate for more and more draws, on top of the learner's GELU."""
    z = np.linspace(-3, 3, 61)

    def background(figure):
        ax = figure.subplots()
        figure.subplots_adjust(left=0.07, right=0.98, top=0.90, bottom=0.15)
        ax.axhline(0, color=MUTED, lw=0.8)
        ax.axvline(0, color=MUTED, lw=0.8)
        ax.set(title="dots: your stochastic_gate; line: your gelu", xlabel="z", ylabel="value")
        ax.set(xlim=(-3.1, 3.1), ylim=(-1.6, 3.2))
        return ax

    def gates(n):
        smooth = learner.elementwise(gelu, z)
        values = learner.finite(stochastic_gate, z.shape, z, n, np.random.default_rng(seed))
        error = np.sqrt(np.mean((values - smooth) ** 2))
        color = REGISTRY["gelu"].color
        return [Line(z, smooth, color, 3), Dot(z, values, INK, 6)], (
            f"With n = {n} draw{'s' * (n > 1)} your gate is {error:.3f} away from your GELU (root mean square); "
            f"chance alone makes it about {_chance(z, n):.3f}."
        )

    sliders = {"n": Slider([1, 4, 16, 64, 256, 1024], 4, "draws n")}
    return Explorer("A gate that opens at random", sliders, background, gates, size=(900, 380))


def explore_sigmoid_form() -> Explorer:
    """z·σ(c z) as an approximation of GELU: its error, and its gate's error, for every slope c."""
    z = np.linspace(-5, 5, 81)
    fine = np.linspace(0, 8, 8001)
    entry = REGISTRY["gelu_sigmoid"]

    def background():
        titles = "error of the gate, σ(cz) − Φ(z)", "error of the product, zσ(cz) − GELU(z)"
        zero = Line([-5, 5], [0, 0], MUTED, 1.1)
        return [Chart((-5, 5), (-0.045, 0.045), title, "z", marks=[zero]) for title in titles]

    def errors(c):
        marks, words = [], []
        for ax, error in enumerate((lambda x: sigmoid(c * x) - ndtr(x), lambda x: silu(x, c) - gelu(x))):
            distance = np.abs(error(fine))
            at, worst = fine[distance.argmax()], distance.max()
            marks.append(Line(z, error(z), entry.color, 3, ax=ax))
            marks += [Line([-5, 5], [level, level], MUTED, 1.2, "3 4", ax) for level in (-worst, worst)]
            marks += [Dot(side * at, error(side * at), INK, 10, ax) for side in (-1, 1)]
            words.append((worst, at))
        (gate, gate_at), (product, product_at) = words
        return marks, (
            f"With slope c = {c:g} the gate is wrong by at most {gate:.4f}, at z = ±{gate_at:.2f}, "
            f"and the product by at most {product:.4f}, at z = ±{product_at:.2f}."
        )

    sliders = {"c": Slider(SLOPES, 1.6, "slope c", "{:g}")}
    return Explorer("The sigmoid form of GELU", sliders, background, errors)
