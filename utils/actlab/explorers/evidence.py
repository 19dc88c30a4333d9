"""What was measured for the course's verdicts: which rates work, how often seeds agree, and how it was done."""

from __future__ import annotations

import html
import inspect
import textwrap
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actlab import figures
from actlab.activations import REGISTRY
from actlab.evidence import EXPERIMENTS, SHOWN, VERDICTS, Experiment, Results, load, store
from actlab.evidence.model import PILOT_DRAWS
from actlab.evidence.replication import FACT
from actlab.figures import COOL, INK, MUTED, Picture
from actlab.live import Choice, Dot, Explorer, Line, Slider, Text, joined
from actlab.look import CURVES, LIGHT
from actlab.words import minus, spelled

DASHES = {"": "-", "8 4": (0, (8, 4)), "2 3": (0, (2, 3)), "10 3 2 3": (0, (10, 3, 2, 3))}
"""Arms of one colour, told apart: as SVG and as matplotlib."""

GROUPS, LARGEST, MARKED = 400, 20, 20


def explore_rates(name: str, arms: Iterable[str] | None = None, at_most: float = np.inf) -> Explorer:
    """The measure that decides an experiment against the learning rate, every pilot seed a dot, each arm's mean a line.

    name: of an experiment.  arms: some of its arms, all by default; the last one stands out at first.  at_most: what is
    larger lies on the upper edge, such as what is worse than guessing.  Sliders: under which setting, and which arm
    stands out.
    Errors: KeyError for a name that is not declared; ValueError where nothing is trained.
    """
    results, chosen = load(name), list(arms or EXPERIMENTS[name].arms)
    e = results.experiment
    if not e.rates:
        raise ValueError(f"{name} trains nothing: it has no learning rates to compare")
    settings = {_setting(e, c): c for c in (SHOWN, *e.conditions) if any(e.changes(arm, c) for arm in chosen)}
    curves = {
        (s, arm): {rate: np.minimum(values, at_most) for rate, values in results.curve(arm, c).items()}
        for s, c in settings.items()
        for arm in chosen
    }
    look = _look(e, chosen)
    rates = sorted({rate for curve in curves.values() for rate in curve})
    scale = _Scale([v for curve in curves.values() for values in curve.values() for v in values])
    near = scale.tenth([float(np.mean(values)) for curve in curves.values() for values in curve.values()])
    width = 44 + 9.2 * max(map(len, chosen))
    left, right = rates[0] / 1.25, rates[-1] * 1.25
    decades = (right / left) ** (1 / (900 - 75 - width))  # of one pixel

    def background(figure):
        ax = figure.subplots()
        title, top = _titled(e.question, 75)
        figure.subplots_adjust(left=75 / 900, right=1 - width / 900, top=1 - top / 440, bottom=0.15)
        capped = f"{e.measure}, drawn up to {at_most:.2f}" if np.isfinite(at_most) else e.measure
        ax.set(title=title, xlabel="learning rate", ylabel=capped, xscale="log", xlim=(left, right))
        named = _apart(rates, decades**46)
        ax.set_xticks(named, [minus(_brief(rate)) for rate in named])
        ax.minorticks_off()
        ax.set(yscale=scale.kind, ylim=scale.limits)
        return ax

    def points(setting, arm):
        """The dots and the line of one arm, as x and y each."""
        curve = curves[setting, arm]
        spread = [rate * np.geomspace(0.93, 1.07, len(values)) for rate, values in curve.items()]
        seeds = np.concatenate(spread), scale.inside(np.concatenate(list(curve.values())))
        return seeds, (list(curve), scale.inside([_mean(values) for values in curve.values()]))

    def ends(setting):
        """How far up each arm's name stands, beside the end of its line."""
        wanted = [scale.share(points(setting, arm)[1][1][-1]) for arm in look]
        return dict(zip(look, figures.apart(wanted, 0.066), strict=True))

    def everyone(setting):
        marks = []
        for arm, (color, dash) in look.items():
            seeds, mean = points(setting, arm)
            marks += [Dot(*seeds, _pale(color), 4), Line(*mean, _pale(color), 1.8, dash)]
        for arm, place in ends(setting).items():
            marks.append(Text(right * decades**22, scale.at(place - 0.016), arm, look[arm][0], "start"))
        return marks, ""

    def standing_out(setting, arm):
        color, dash = look[arm]
        seeds, mean = points(setting, arm)
        key = Text(right * decades**18, scale.at(ends(setting)[arm] - 0.016), "●", color, "end")
        marks = [Line(*mean, color, 3.5, dash), Dot(*seeds, color, 7), key]
        return marks, f"{arm}, {setting}: {_range(curves[setting, arm], near, scale, e.higher)}."

    sliders = {
        "setting": Choice(settings, next(iter(settings)), "setting"),
        "arm": Choice(chosen, chosen[-1], "stands out"),
    }
    title = f"{e.question} Every rate that was tried"
    return Explorer(title, sliders, background, everyone, standing_out, size=(900, 395))


def explore_agreement(verdict: str) -> Explorer:
    """Would few seeds have agreed?  How often a verdict holds in groups of 1 to 20 seeds.

    verdict: its name.  Groups are drawn with replacement from the stored seeds, the seeds of one group on one draw of
    data.  Errors: KeyError for a name that is not declared.
    """
    asked = VERDICTS[verdict]
    e, results = asked.experiment, load(asked.experiment.name)
    question, sizes = f"Would {spelled(e.size)} seeds have agreed?", np.arange(1, LARGEST + 1)
    held = {int(n): _holds(asked.holds, results, int(n)) for n in sizes}
    share = {n: float(each.mean()) for n, each in held.items()}

    def background(figure):
        axes = figure.subplots(2, 1, height_ratios=[5, 1])
        figure.subplots_adjust(left=0.09, right=0.97, top=0.9, bottom=0.02, hspace=0.62)
        upper, lower = axes
        upper.axhline(FACT, color=MUTED, lw=1.2, ls=":")
        note = {"xytext": (-2, -14), "textcoords": "offset points", "ha": "right", "color": MUTED, "fontsize": 10}
        upper.annotate(f"{FACT:.0%}: called a fact", (LARGEST + 0.5, FACT), **note)
        upper.set(title=question, xlabel="seeds in a group")
        upper.set(ylabel="groups where it holds", xlim=(0.5, LARGEST + 0.5), ylim=(-0.03, 1.14))
        upper.set_xticks(sizes)
        upper.set_yticks(np.linspace(0, 1, 5), [f"{x:.0%}" for x in np.linspace(0, 1, 5)])
        lower.set(xlim=(0, MARKED), ylim=(0, 1))
        lower.axis("off")
        lower.set_title(
            f"{MARKED} groups: ✓ the sentence holds, ✗ it does not", fontsize=11, fontweight="normal", pad=4
        )
        return axes

    def groups(seeds):
        first = held[seeds][:MARKED]
        x = np.arange(MARKED) + 0.5
        ticks = [np.column_stack([at + np.array([-0.22, -0.06, 0.26]), [0.5, 0.2, 0.8]]) for at in x[first]]
        strokes = [np.column_stack([[-0.2, 0.2], heights]) for heights in ([0.2, 0.8], [0.8, 0.2])]
        crosses = [stroke + np.array([at, 0]) for at in x[~first] for stroke in strokes]
        fewer = sizes[sizes <= seeds]
        marks = [Line(fewer, [share[n] for n in fewer], COOL), Dot(seeds, share[seeds], COOL, 14)]
        marks += [
            Line(*joined(lines), color, 3.5, ax=1)
            for lines, color in ((ticks, LIGHT.right), (crosses, LIGHT.wrong))
            if lines
        ]
        others = "".join(f"; with {n}, {100 * share[n]:.0f}" for n in (1, e.size) if n < seeds)
        return marks, (
            f"With {seeds} {'seed' if seeds == 1 else 'seeds'} the sentence holds in {100 * share[seeds]:.0f} of 100 "
            f"groups{others}. Of the {MARKED} groups shown, it holds in {first.sum()}."
        )

    sliders = {"seeds": Slider(sizes, 1, "seeds in a group", play=True)}
    return Explorer(question, sliders, background, groups, grab={"seeds": "x"}, size=(900, 420))


def _holds(predicate: Any, results: Results, size: int) -> NDArray[np.bool_]:
    """Whether a verdict holds in each of 400 groups of some size, (400,)."""
    e = results.experiment
    seeds = e.groups // e.draws * e.size
    rng = np.random.default_rng(size)
    places = rng.integers(e.draws, size=(GROUPS, 1)) * seeds + rng.integers(seeds, size=(GROUPS, size))
    with warnings.catch_warnings():  # the spread of one seed
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.array([bool(predicate(results.chosen(group))) for group in places])


def show_evidence(
    name: str,
    arms: Iterable[str | tuple[str, float]] | None = None,
    condition: str = SHOWN,
    measure: str | None = None,
    title: str | None = None,
) -> Picture:
    """Every stored seed of an experiment as a dot, and each arm's mean as a bar.

    arms: some of them, at their best rate, or (arm, rate).  condition: one of the experiment's.  measure: another than
    the one that decides.  title: the experiment's question by default.
    Errors: KeyError for what is not declared or was not run.
    """
    results = load(name)
    e, measure = results.experiment, measure or results.experiment.measure
    pairs = [(arm, None) if isinstance(arm, str) else arm for arm in arms or e.arms]
    everywhere = condition in e.grouped or {arm for arm, _ in pairs} <= {*e.more.get(condition, ())}
    sample = results.whole() if everywhere else results.pilot(condition)
    rates = [results.best(arm, condition) if rate is None else rate for arm, rate in pairs]
    values = [sample.get(arm, rate, measure, condition) for (arm, _), rate in zip(pairs, rates, strict=True)]
    look = _look(e, [arm for arm, _ in pairs])
    scale = _Scale(np.concatenate(values))
    names = [f"{arm} at {minus(_brief(rate))}" if rate else arm for (arm, _), rate in zip(pairs, rates, strict=True)]
    room = 24 + 8.4 * max(map(len, names))
    title, top = _titled(title or e.question, room)
    with figures.style():
        height = top + 68 + 38 * len(pairs)
        figure = figures.new_figure((900, height))
        ax = figure.subplots()
        figure.subplots_adjust(left=room / 900, right=0.915, top=1 - top / height, bottom=52 / height)
        for row, ((arm, _), each) in enumerate(zip(pairs, values, strict=True)):
            color, middle = look[arm][0], _mean(each)
            ax.plot(scale.inside(each), row + _beside(len(each)), "o", color=_pale(color), ms=5, mew=0)
            ax.plot([scale.inside(middle)] * 2, [row - 0.36, row + 0.36], color=INK, lw=2.5)
            ax.annotate(
                scale.number(middle),
                (1, row),
                xycoords=("axes fraction", "data"),
                xytext=(7, 0),
                textcoords="offset points",
                va="center",
                color=color,
                fontweight="bold",
            )
        ax.set_yticks(range(len(pairs)), names)
        ax.set(ylim=(len(pairs) - 0.5, -0.5), xscale=scale.kind, xlim=scale.limits)
        ax.grid(axis="y", visible=False)
        ax.set(title=title, xlabel=f"{measure}: a dot for each seed{', at the rate behind the name' * bool(e.rates)}")
    said = "; ".join(
        f"{arm}: {scale.number(_mean(each))}, from {scale.number(np.nanmin(each))} to {scale.number(np.nanmax(each))}"
        for arm, each in zip(names, values, strict=True)
    )
    setting = f"over {len(values[0])} seeds, {_setting(e, condition)}"
    return Picture(figure, f"{measure[:1].upper()}{measure[1:]} {setting}: {said}.")


class Folded:
    """A piece of HTML that opens under a line of its own."""

    def __init__(self, summary: str, rows: Mapping[str, str], code: str) -> None:
        self.summary, self.rows, self.code = summary, rows, code

    def __repr__(self) -> str:
        return "\n".join([self.summary, *(f"{key}: {value}" for key, value in self.rows.items())])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        items = "".join(f"<li>{html.escape(key)}: {html.escape(value)}</li>" for key, value in self.rows.items())
        text = (
            f'<details class="actlab-source"><summary>{html.escape(self.summary)}</summary><ul>{items}</ul>'
            f"<pre><code>{html.escape(self.code)}</code></pre></details>"
        )
        return {"text/plain": repr(self), "text/html": text}


def evidence_source(name: str) -> Folded:
    """How an experiment was made, folded away: rates, settings, seeds, data, date, and the code that ran."""
    e = EXPERIMENTS[name]
    made = store.read(e)
    seeds = e.groups * e.size
    rates = sorted({rate for arm in e.arms for rate in e.tried(arm) if rate})
    counts = sorted({len(e.tried(arm)) for arm in e.arms})
    of_each = f"{' to '.join(map(str, dict.fromkeys((counts[0], counts[-1]))))} for each, of " * (
        counts[0] < len(rates)
    )
    methods = {e.arms[arm].get("optimiser", e.settings.get("optimiser", "adam")) for arm in e.arms if rates}
    rows = {
        "compared": "; ".join(e.arms),
        "optimiser": " and ".join({"adam": "Adam", "sgd": "plain descent"}.get(m, m) for m in sorted(methods)),
        "learning rates": of_each + ", ".join(minus(_brief(rate)) for rate in rates),
        "as shown": ", ".join(_words(key, value) for key, value in e.settings.items() if key != "optimiser"),
        "also tried": ", ".join(minus(condition) for condition in e.conditions),
        "seeds": f"{seeds} for each, in {e.groups} groups of {e.size}",
        "rate of each": f"the best of {PILOT_DRAWS * e.pilot} further seeds" if rates else "",
        "data": f"{e.draws} draws, {seeds // e.draws} seeds on each",
        "measured": f"{made['date']}, in {_duration(made['seconds'])} of computing",
    }
    rows = {key: value for key, value in rows.items() if value}
    return Folded(f"How this was measured: {seeds} seeds, {e.draws} draws of data", rows, inspect.getsource(e.run))


# --- what they share --------------------------------------------------------------------------------------------------


class _Scale:
    """An axis for a measure: linear, or logarithmic where its values span more than two decades."""

    def __init__(self, values: ArrayLike) -> None:
        values = np.asarray(values, float)
        finite = values[np.isfinite(values)]
        above = finite[finite > 0]
        self.log = bool(finite.size and finite.min() >= 0 and above.size and above.max() / above.min() > 100)
        low, high = np.log10([above.min(), above.max()]) if self.log else (finite.min(), finite.max())
        room = 0.06 * (high - low) or 0.1
        self.low, self.high = float(low - room), float(high + room)
        self.kind = "log" if self.log else "linear"
        self.limits = (10**self.low, 10**self.high) if self.log else (self.low, self.high)

    def inside(self, values: ArrayLike) -> NDArray[np.float64]:
        """Values with those beyond the axis at its ends; NaN stays."""
        return np.clip(np.asarray(values, float), *self.limits)

    def share(self, value: float) -> float:
        """How far up the axis a value lies; what is no number, at the lower end."""
        if not np.isfinite(value):
            return 0.0
        return ((np.log10(value) if self.log else value) - self.low) / (self.high - self.low)

    def at(self, share: float) -> float:
        """The value so far up the axis."""
        value = self.low + share * (self.high - self.low)
        return 10**value if self.log else value

    def number(self, value: float) -> str:
        """A value in words: digits that a reader can tell apart on a linear axis, two on a logarithmic one."""
        if not np.isfinite(value):
            return "no number"
        if not self.log:
            digits = int(np.clip(1 - np.floor(np.log10((self.high - self.low) / 2)), 1, 6))
            return minus(f"{round(value, digits) + 0.0:.{digits}f}")
        plain = value == 0 or 0.01 <= value < 1e4
        return minus(f"{float(f'{value:.2g}'):g}" if plain else _scientific(value, 1))

    def tenth(self, means: Sequence[float]) -> float:
        """What counts as near: a tenth of what means span, as a difference, or on a logarithmic axis as a factor."""
        means = [m for m in means if np.isfinite(m)]
        if self.log:
            return float(f"{(max(means) / max(min(means), self.limits[0])) ** 0.1:.1f}")
        return float(f"{0.1 * (max(means) - min(means)):.1g}")


def _range(curve: Mapping[float, NDArray[np.float64]], near: float, scale: _Scale, higher: bool) -> str:
    """An arm's best rate, and those around it that do nearly as well, in words."""
    means = {rate: float(np.mean(values)) for rate, values in curve.items()}
    ranked = {rate: mean if higher else -mean for rate, mean in means.items() if mean == mean}
    if not ranked:
        return f"no number at any of {len(means)} rates, in {len(next(iter(curve.values())))} seeds"
    best = max(ranked, key=ranked.__getitem__)

    def good(rate):
        if scale.log:
            return max(means[rate], means[best]) <= near * min(means[rate], means[best])
        return abs(means[rate] - means[best]) <= near * 1.0001

    rates = list(means)
    low = high = rates.index(best)
    while low and good(rates[low - 1]):
        low -= 1
    while high + 1 < len(rates) and good(rates[high + 1]):
        high += 1
    close = f"within a factor of {near:g}" if scale.log else f"within {near:g}"
    seeds = len(curve[best])
    found = f"best at rate {_brief(best)} with a mean of {scale.number(means[best])} over {seeds} seeds"
    if low == high:
        return minus(f"{found}, and {close} of it at no other rate")
    if (low, high) == (0, len(rates) - 1):
        return minus(f"{found}, and {close} of it at every rate from {_brief(rates[0])} to {_brief(rates[-1])}")
    ends = _brief(rates[low]), _brief(rates[high])
    return minus(f"{found}, and {close} of it from {ends[0]} to {ends[1]}, a factor of {rates[high] / rates[low]:.0f}")


def _look(e: Experiment, arms: Iterable[str]) -> dict[str, tuple[str, str]]:
    """{arm: (colour, dash)}: its activation's colour where its settings name one; a dash for each arm of one colour."""
    own = {arm: REGISTRY[key].color for arm in e.arms if (key := e.arms[arm].get("activation")) in REGISTRY}
    free = iter([color for color in CURVES if color not in own.values()] * len(e.arms))
    colors = {arm: own.get(arm) or next(free) for arm in e.arms}
    dashes = list(DASHES)
    return {
        arm: (colors[arm], dashes[[other for other in e.arms if colors[other] == colors[arm]].index(arm) % len(dashes)])
        for arm in arms
    }


def _titled(title: str, left: float) -> tuple[str, float]:
    """A title in lines that fit right of `left` in a picture 900 wide, and the room it takes, in CSS pixels."""
    lines = textwrap.wrap(title, int((890 - left) / 10))
    return "\n".join(lines), 24 + 20 * len(lines)


def _setting(e: Experiment, condition: str) -> str:
    """A condition's name; of what a lesson shows, the settings that some condition changes."""
    changed = {key for changes in e.conditions.values() for key in changes}
    shown = ", ".join(_words(key, value) for key, value in e.settings.items() if key in changed)
    return minus(condition if condition != SHOWN else shown or SHOWN)


def _words(key: str, value: Any) -> str:
    number = _brief(value) if isinstance(value, float) else str(value)
    known = {"eps": f"ε = {number}", "steps": f"{number} steps"}
    return minus(known.get(key, f"{key} {number}"))


def _brief(x: float) -> str:
    """A rate or an ε as short as it gets: 3e-4, 0.03."""
    return min(f"{x:g}", _scientific(x, 3), key=len)


def _scientific(x: float, digits: int) -> str:
    mantissa, exponent = f"{x:.{digits}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.mean(values))


def _apart(rates: Sequence[float], factor: float) -> list[float]:
    """The rates, ascending, without those too close to the one before for both to be labelled."""
    kept: list[float] = []
    for rate in rates:
        if not kept or rate >= factor * kept[-1]:
            kept.append(rate)
    return kept


def _pale(color: str) -> str:
    """A colour two thirds of the way to white."""
    parts = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(p + 0.62 * (255 - p)):02X}" for p in parts)


def _beside(n: int) -> NDArray[np.float64]:
    """Heights that keep dots of one row apart, in an order that no eye takes for a trend."""
    return np.asarray(0.3 * (np.arange(n) * 0.6180339887 % 1 * 2 - 1))
