"""Lesson 07: facts of the functions, answers of heads, pairs of runs, and what a call costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actlab import figures
from actlab.activations import REGISTRY
from actlab.course import lesson
from actlab.evidence import Sample
from actlab.exercises.topics.choosing import SeedsNeeded
from actlab.figures import Picture
from actlab.tables import Table
from actlab.words import minus, power

HOME = {"sigmoid": 2, "tanh": 2, "relu": 3, "leaky_relu": 3, "elu": 3, "gelu": 4, "silu": 4}
"""The lesson that shows what the table says of a function."""

GROUP = 20


def fact_table(z: NDArray[np.floating], weight: NDArray[np.floating]) -> Table:
    """What each function is, computed from it and its derivative; every entry leads to the lesson that shows it.

    z: (n,), the points at which slopes are taken.  weight: (n,), the share of inputs at each of them.
    """
    head = ("function", "range", "slope", "mean output, N(0, 1) in", "jumps of f′", "shape", "slope at z = −8")
    rows = [(REGISTRY[key].name, *_linked(_facts(key, z, weight), home)) for key, home in HOME.items()]
    slopes = REGISTRY["softmax"].df(np.random.default_rng(0).normal(0, 3, (2000, 3)))
    steepest = f"{slopes.min():.2f} to {slopes.max():.2f}"
    softmax = _linked(("(0, 1)", steepest, "1/k", "none", "rises in its own score"), 5)
    return Table(head, (*rows, ("softmax", *softmax, "–")))


def _facts(key: str, z: NDArray[np.floating], weight: NDArray[np.floating]) -> tuple[str, ...]:
    entry = REGISTRY[key]
    slope = entry.df(z)
    return (
        str(entry.range),
        f"{slope.min():.2f} to {slope.max():.2f}",
        f"{abs(weight @ entry.f(z)):.2f}",
        "at 0" if entry.kinks else "none",
        "rises" if entry.monotone else "dips first",
        f"{abs(entry.df(-8.0)):.0e}",
    )


def _linked(entries: tuple[str, ...], home: int) -> list[str]:
    return [f"[{text.replace('-', '−')}]({lesson(home).file})" for text in entries]


def answers_of_heads(
    answers: Mapping[str, NDArray[np.floating]], x: NDArray[np.floating], y: NDArray[np.floating]
) -> Picture:
    """What networks that differ in their head answer, over seeds, beside the floor that each range implies.

    answers: {registry key: (seeds, n)} at the inputs x (n,).  y: (n,), the targets there.
    """
    floors = [_floor(key, y) for key in answers]
    errors = [((a - y) ** 2).mean() for a in answers.values()]
    said = [f"{n} head: error {e:.1f}, clip floor {f:.1f}" for n, e, f in zip(answers, errors, floors, strict=True)]
    return figures.with_spread(
        {f"{key} head": (REGISTRY[key].color, a) for key, a in answers.items()},
        x.tolist(),
        title="What each head answers (5 seeds, lowest to highest)",
        xlabel="x",
        ylabel="prediction",
        notes=[(1.0, "+1"), (-1.0, "−1")],
        alt=f"Targets from {minus(f'{y.min():.0f}')} to {y.max():.0f}. {'; '.join(said)}.",
    )


def _floor(key: str, y: NDArray[np.floating]) -> float:
    reached = REGISTRY[key].range
    return float(((y - y.clip(reached.low, reached.high)) ** 2).mean())


def rates_of_heads(sample: Sample) -> Picture:
    """How often each head answers with what no rate can be, and how far off its rates are.

    sample: of the experiment "counts".
    """
    heads = sample.experiment.arms
    parts = "below 0", "exactly 0"
    percent = {arm: 100 * np.sum([sample.get(arm, measure=part) for part in parts], axis=0) for arm in heads}
    panels = (
        ("answers of 0 or below", "% of the inputs", percent, "{:.0f} %"),
        ("how far the rate is off", "root mean square error", {arm: sample[arm] for arm in heads}, "{:.2f}"),
    )
    with figures.style():
        figure = figures.new_figure((900, 260))
        axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.09, right=0.94, top=0.87, bottom=0.19, wspace=0.46)
        for ax, (title, xlabel, measured, form) in zip(axes, panels, strict=True):
            for row, (arm, values) in enumerate(measured.items()):
                color = REGISTRY[heads[arm]["head"]].color if heads[arm]["head"] in REGISTRY else figures.INK
                ax.plot(values, row + np.linspace(-0.28, 0.28, len(values)), "o", color=color, ms=4, mew=0, alpha=0.35)
                ax.plot([values.mean()] * 2, [row - 0.36, row + 0.36], color=figures.INK, lw=2.5)
                at = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
                ax.annotate(form.format(values.mean()), (1, row), xytext=(6, 0), va="center", color=color, **at)
            ax.set_yticks(range(len(heads)), list(heads))
            ax.set(title=title, xlabel=xlabel, ylim=(len(heads) - 0.5, -0.5))
            ax.grid(axis="y", visible=False)
    said = (
        f"{arm}: at or below 0 for {percent[arm].mean():.0f} % of the inputs, error {sample[arm].mean():.2f}"
        for arm in heads
    )
    seeds = len(sample[sample.experiment.control])
    return Picture(figure, f"Four heads on counts, means of {seeds} seeds. {'; '.join(said)}.")


def state_sizes(sizes: Mapping[str, NDArray[np.floating]]) -> Picture:
    """The size of a recurrent state over time.  sizes: {registry key: ‖h_t‖/√n, (seeds, steps + 1)}."""
    ends = [f"{REGISTRY[key].name} {power(np.log10(s[:, -1]).mean(), format='{:.1f}')}" for key, s in sizes.items()]
    seeds, steps = next(iter(sizes.values())).shape
    return figures.with_spread(
        {REGISTRY[key].name: (REGISTRY[key].color, s) for key, s in sizes.items()},
        range(steps),
        title=f"Size of the state, gain 2 (geometric mean, {seeds} seeds)",
        xlabel="time step",
        ylabel="‖h‖ / √n",
        log=True,
        size=(720, 320),
        alt=f"After {steps - 1} steps: {', '.join(ends)}.",
        exact=True,
    )


def paired(variants: Mapping[str, str], losses: Mapping[str, NDArray[np.floating]], control: str) -> Picture:
    """Differences in loss, variant minus control, every dot a pair of runs with one seed.

    variants: {arm: registry key of its colour}.  losses: {arm: (seeds,)}, in nats per character.
    """
    better = {arm: int((losses[arm] < losses[control]).sum()) for arm in variants}
    seeds = len(losses[control])
    said = ", ".join(f"{arm} in {count}" for arm, count in better.items())
    return figures.by_seed(
        {f"{arm} − {control}": (REGISTRY[key].color, losses[arm] - losses[control]) for arm, key in variants.items()},
        title=f"Difference in loss, {seeds} seeds (below 0: better than {control})",
        ylabel="nats per character",
        ylim=(-0.05, 0.11),
        size=(900, 340),
        digits=3,
        notes=[(0.0, f"as good as {control}")],
        alt=f"Better than {control}, of {seeds} seeds: {said}.",
    )


def pair_table(differences: Mapping[str, NDArray[np.floating]]) -> Table:
    """Mean, spread, t and count of the better ones.  differences: {arm: (n,)}, variant minus control in nats."""
    rows = []
    for arm, d in differences.items():
        mean, spread = d.mean(), d.std(ddof=1)
        t = mean / (spread / np.sqrt(len(d)))
        rows.append((arm, minus(f"{mean:+.4f}"), f"{spread:.4f}", minus(f"{t:+.1f}"), f"{(d < 0).sum()} of {len(d)}"))
    return Table(("variant − ReLU", "mean", "spread s", "t", "better in"), tuple(rows))


def pairs_needed(differences: Mapping[str, NDArray[np.floating]], power: float = 0.8) -> Table:
    """The pairs that the formula asks for, once for each group of twenty seeds.  differences: {arm: (seeds,)}."""
    needed = SeedsNeeded.reference
    groups = len(next(iter(differences.values()))) // GROUP
    rows = [(arm, *(f"{needed(part, power)}" for part in np.split(d, groups))) for arm, d in differences.items()]
    return Table((f"pairs for a power of {power:.0%}", *(f"group {k}" for k in range(1, groups + 1))), tuple(rows))


def costs(forms: Mapping[str, tuple[Mapping[str, Callable[[Any], Any]], Any]]) -> Picture:
    """Nanoseconds per element of each form, on one thread: the fastest of five calls, and the slowest.

    forms: {library: ({name: function}, its argument, which is as long as what comes out)}; a name begins with that of
    its activation.
    """
    from actlab.training import one_thread

    many = len(next(iter(forms.values()))[1])
    with one_thread():
        cost = {
            f"{library}: {name}": _nanoseconds(f, numbers)
            for library, (functions, numbers) in forms.items()
            for name, f in functions.items()
        }
    return figures.dots(
        {name: (_color(name), ns) for name, ns in cost.items()},
        title="nanoseconds per element, on the machine that ran this",
        size=(900, 68 + 31 * len(cost)),
        alt=f"{len(cost)} forms timed, each on {many} numbers; the figures differ from machine to machine.",
    )


def _nanoseconds(f: Callable[[Any], Any], x: Any) -> NDArray[np.float64]:
    """Five runs, per element."""
    times = []
    for _ in range(5):
        start = perf_counter()
        f(x)
        times.append(perf_counter() - start)
    return np.array(times) / len(x) * 1e9


def _color(form: str) -> str:
    named = form.partition(": ")[2].partition(",")[0]
    return next((entry.color for entry in REGISTRY.values() if entry.name == named), figures.MUTED)
