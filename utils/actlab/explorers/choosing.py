"""The selection guide: what to choose, which rates worked, and where to look when a loss misbehaves."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from actlab.activations import REGISTRY
from actlab.course import lesson
from actlab.evidence import EXPERIMENTS, Sample, load
from actlab.evidence.model import PILOT_DRAWS
from actlab.look import LIGHT
from actlab.tables import Table
from actlab.words import minus

Numbers = Callable[[], Mapping[str, float]]


@dataclass(frozen=True)
class Advice:
    """One line of the guide.

    answer: what the reader says about the network, or a cause of the trouble.  suggestion: what to try.  said: the
    number that speaks for it, or tells the cause apart; `{fields}` become what `numbers` takes from the stored results.
    section: where the course shows it, such as "6.9".  key: the activation whose curve is its sign, if any.
    source: who else says so.  verdicts: names of those that the line rests on.
    """

    answer: str
    suggestion: str
    said: str
    section: str
    key: str = ""
    source: str = ""
    verdicts: tuple[str, ...] = ()
    numbers: Numbers = dict

    @property
    def evidence(self) -> str:
        return minus(self.said.format(**self.numbers()))

    @property
    def file(self) -> str:
        """The notebook that shows it."""
        return lesson(int(self.section.partition(".")[0])).file


def _whole(name: str) -> Sample:
    return load(name).whole()


def _deep(arm: str, *rates: float) -> Numbers:
    """Mean training accuracy of forty layers at each of some rates, as {a}, {b}, …"""
    return lambda: {letter: float(_whole("deep")[arm, rate].mean()) for letter, rate in zip("abc", rates, strict=False)}


def _left(**arms: str) -> Numbers:
    """What is left of a gradient after fifty untrained steps, its geometric mean."""
    return lambda: {name: 10 ** float(_whole("carried")[arm].mean()) for name, arm in arms.items()}


def _gain() -> Mapping[str, float]:
    s = _whole("language")
    return {"gain": float((s["ReLU"] - s["GELU"]).mean()), "loss": float(s["ReLU"].mean())}


def _floors() -> Mapping[str, float]:
    s = _whole("reach")
    return {arm: float(s[arm].mean()) for arm in ("sigmoid", "tanh")}


def _counts() -> Mapping[str, float]:
    s = _whole("counts")
    return {
        "below": 100 * float(s.get("linear", measure="below 0").mean()),
        "zero": 100 * float(s.get("ReLU", measure="exactly 0").mean()),
    }


def _placed() -> Mapping[str, float]:
    s = _whole("placed")
    grown = {name: 10 ** float(np.median(s[f"{name}-norm, LayerNorm"])) for name in ("pre", "post")}
    return {name: float(f"{times:.1g}") for name, times in grown.items()}


def _selu() -> Mapping[str, float]:
    return {"factor": 10 ** float(np.abs(_whole("levels")["SELU, LeCun"]).max()), **_deep("SELU, LeCun", 1e-4, 3e-4)()}


def _fast() -> Mapping[str, float]:
    s, right = _whole("inside"), "training accuracy"
    return {"fast": float(s.get("ReLU", 0.7, right).mean()), "slow": float(s.get("ReLU", 0.1, right).mean())}


def _stalled() -> Mapping[str, float]:
    return {"right": float(_whole("inside").get("GELU, deep", measure="training accuracy").mean())}


def _dead() -> Mapping[str, float]:
    s = _whole("threshold")
    return {name: 100 * float(s["ReLU", rate].mean()) for name, rate in (("slow", 0.01), ("fast", 0.1))}


def _first() -> Mapping[str, float]:
    first = _whole("deep").get("sigmoid, Xavier", measure="first gradient")
    return {"first": float(np.median(first))}


def _slower() -> Mapping[str, float]:
    curve = load("deep").curve("ReLU, He")
    return {"fast": float(curve[3e-3].mean()), "slow": float(curve[3e-4].mean())}


CHOICES = {
    "What is your network?": (
        Advice(
            "tables, images: MLP or CNN",
            "ReLU, He initialisation",
            "Forty layers have {a:.2f}, {b:.2f} and {c:.2f} of the spirals right at rates of 1e-4, 3e-4 and 1e-3.",
            "6.9",
            "relu",
            "Glorot 2011, He 2015",
            ("deep.he_tolerates",),
            _deep("ReLU, He", 1e-4, 3e-4, 1e-3),
        ),
        Advice(
            "text: transformer",
            "GELU, or a SwiGLU pair",
            "What published models use. Against ReLU the gain is small: {gain:.3f} of {loss:.1f} nats in small models.",
            "7.7",
            "gelu",
            "Hendrycks 2016, Shazeer 2020",
            ("language.gelu_ahead", "language.gelu_gains_less_than_relu"),
            _gain,
        ),
        Advice(
            "sequences: recurrent",
            "tanh behind sigmoid gates: an LSTM, forget bias 3",
            "Untrained, over 50 steps with inputs of size 1, {tanh:.1g} of a gradient is left with tanh alone, "
            "{one:.1g} with bias 1, and all of it with bias 3.",
            "7.5",
            "tanh",
            "Hochreiter 1997, Gers 2000",
            ("carried.order_turns_over", "carried.an_open_gate_keeps_it"),
            _left(tanh="tanh, inputs 1", one="LSTM, bias 1, inputs 1"),
        ),
        Advice(
            "deep, nothing normalised",
            "SELU, LeCun initialisation",
            "Fifty untrained layers change the mean square by a factor of {factor:.1f} at most; forty trained ones "
            "have {a:.2f} and {b:.2f} of the spirals right at 1e-4 and 3e-4.",
            "6.9",
            "selu",
            "Klambauer 2017",
            ("levels.selu_is_level", "deep.selu_learns"),
            _selu,
        ),
        Advice(
            "deep, with shortcuts",
            "ReLU or GELU, every layer's part divided by √depth",
            "Forty ReLU layers have {a:.2f} and {b:.2f} of the spirals right at 1e-3 and 3e-3: ten times the rate.",
            "6.10",
            "relu",
            "He 2016",
            ("deep.shortcuts_learn",),
            _deep("ReLU, shortcuts", 1e-3, 3e-3),
        ),
        Advice(
            "deep, with shortcuts and norms",
            "the norm before the layer, not behind the sum",
            "Through fifty untrained ReLU layers the gradient's mean square grows {pre:.0f}-fold with LayerNorm before "
            "the layer, {post:,.0f}-fold with it behind the sum. A second matrix behind ReLU calms both. The weights' "
            "gain does not matter any more (6.11).",
            "8.3",
            source="Xiong 2020",
            verdicts=(
                "placed.pre_norm_grows_slowly",
                "placed.post_norm_multiplies",
                "placed.a_second_matrix_calms_post_norm",
            ),
            numbers=_placed,
        ),
        Advice(
            "the slope of the output matters",
            "SiLU or GELU",
            "Fitting a wave, each at its best rate, they have less than half the error of ReLU's slope.",
            "4.9",
            "silu",
            verdicts=("smooth.halved",),
        ),
    ),
    "What should it answer?": (
        Advice(
            "a number of either sign",
            "no activation; squared error",
            "On targets from −2 to 4 a sigmoid ends at an error of {sigmoid:.1f} and a tanh at {tanh:.1f}, their "
            "floors.",
            "7.2",
            "linear",
            verdicts=("reach.floor_is_reached",),
            numbers=_floors,
        ),
        Advice(
            "a number between two limits",
            "sigmoid, stretched to the limits",
            "low + (high − low)·σ(z) cannot leave the interval, and its clip floor is 0.",
            "7.2",
            "sigmoid",
        ),
        Advice(
            "a positive number, a count",
            "softplus or exp",
            "Neither reaches 0. A linear head answers below 0 for {below:.0f} % of the inputs, a ReLU with exact zeros "
            "for {zero:.0f} %.",
            "7.2",
            "softplus",
            verdicts=("counts.rates_that_cannot_be",),
            numbers=_counts,
        ),
        Advice(
            "yes or no",
            "sigmoid; cross-entropy on the logit",
            "From z = −8 cross-entropy needs 19 steps and squared error 1542.",
            "7.4",
            "sigmoid",
        ),
        Advice(
            "one of K classes",
            "softmax, once; cross-entropy",
            "Applied twice, it cannot push the loss below {floor:.3f} for 10 classes.",
            "7.3",
            "softmax",
            numbers=lambda: {"floor": math.log(math.e + 9) - 1},
        ),
        Advice(
            "several labels at once",
            "one sigmoid per label",
            "Of K softmax shares at most 1 can pass ½, so 2 labels are never both on.",
            "7.3",
            "sigmoid",
            verdicts=("labels.one_sigmoid_each",),
        ),
    ),
}

TROUBLE = {
    "The loss becomes NaN": (
        Advice(
            "the rate",
            "divide it by ten",
            "Does a tenth of it stay finite? The course's ReLU network has {fast:.2f} right at 0.7 and {slow:.2f} "
            "at 0.1.",
            "6.14",
            verdicts=("inside.rate_kills",),
            numbers=_fast,
        ),
        Advice(
            "the gain",
            "He, LeCun or Xavier; or a norm",
            "The mean square of z, layer by layer, before any training. At gain 2 each ReLU layer doubles it: after 40 "
            "layers it is 2⁴⁰ times as large, a million million.",
            "6.12",
        ),
        Advice(
            "single large gradients",
            "clip the gradient's norm",
            "The norm of the gradient over the steps: one step far above all others, then NaN.",
            "6.12",
        ),
        Advice(
            "the precision",
            "subtract the maximum; stay in logarithms",
            "The largest score. Softmax as written is NaN from {single:.0f} on in float32, from {half:.0f} in float16 "
            "(other formulas: 8.5).",
            "5.2",
            numbers=lambda: {
                name: math.ceil(math.log(float(np.finfo(kind).max)))
                for name, kind in (("single", np.float32), ("half", np.float16))
            },
        ),
        Advice(
            "the loss, on the wrong output",
            "give the loss logits",
            "The smallest probability that it takes a logarithm of: a 0 there is an infinite loss.",
            "5.7",
        ),
    ),
    "The loss does not move": (
        Advice(
            "the rate",
            "multiply it by ten, until it breaks",
            "The step over the weights, layer by layer: near a thousandth is usual, a millionth is too little.",
            "6.14",
        ),
        Advice(
            "the gain",
            "He, LeCun or Xavier; or a norm",
            "The gradient of the first layer over that of the last. Forty sigmoid layers with Xavier's gain begin near "
            "{first:.0e}, and stay at guessing.",
            "6.9",
            verdicts=("deep.sigmoid_only_guesses",),
            numbers=_first,
        ),
        Advice(
            "the depth",
            "shortcuts, each layer's part divided by √depth",
            "Does half the depth learn? The course's GELU network has {right:.2f} right with 24 plain layers.",
            "6.14",
            verdicts=("inside.depth_stalls",),
            numbers=_stalled,
        ),
        Advice(
            "the precision",
            "keep the weights in float32",
            "The step over the weights again: in bfloat16 a weight of 1 cannot move by less than {half:.3f}.",
            "8.5",
            numbers=lambda: {"half": 2.0**-9},
        ),
        Advice(
            "the loss, on the wrong output",
            "cross-entropy on the logit",
            "The slope of the head where it stands. At z = −8 squared error on a sigmoid needs 1542 steps, "
            "cross-entropy 19.",
            "7.4",
        ),
        Advice(
            "dead units",
            "a lower rate, batch norm, a slope of 0.2",
            "The share of units never above 0: at 100 % in one layer, nothing passes back (`watch` counts them).",
            "8.7",
        ),
    ),
    "The loss moves, and stops above 0": (
        Advice(
            "the rate",
            "divide it by ten",
            "Does a tenth of it go further? Forty ReLU layers stop at {fast:.2f} of the spirals right at 3e-3, and "
            "have {slow:.2f} at 3e-4.",
            "6.9",
            verdicts=("deep.he_tolerates",),
            numbers=_slower,
        ),
        Advice(
            "the loss, on the wrong output",
            "softmax once, on logits",
            "Compare with the floors: {floor:.3f} for ten classes behind two softmaxes, the clip floor behind a "
            "squashing head.",
            "7.3",
            numbers=lambda: {"floor": math.log(math.e + 9) - 1},
        ),
        Advice(
            "dead units",
            "a lower rate, batch norm, a slope of 0.2",
            "The share of units with z ≤ 0 on every example. After 200 steps of Adam it is {slow:.0f} % at 0.01 and "
            "{fast:.0f} % at 0.1 for ReLUs.",
            "3.8",
            source="Lu 2019",
            verdicts=("threshold.begins", "threshold.only_a_real_leak"),
            numbers=_dead,
        ),
        Advice(
            "inputs of one sign",
            "centre the inputs, normalise",
            "The mean of each input over its spread. Two weights: 44 steps with positive inputs, 3 with centred ones.",
            "2.10",
            source="LeCun 1998",
        ),
        Advice(
            "nothing: it is luck",
            "five seeds in pairs, or more",
            "The spread of one recipe over seeds. After 150 steps two seeds of one small transformer differ by more "
            "than GELU and ReLU do.",
            "7.7",
            verdicts=("language.seeds_differ_more",),
        ),
    ),
}

QUESTIONS = {**CHOICES, **TROUBLE}


class Guide:
    """Lists under questions, each line with its sign, its number and the section that shows it.

    questions: {question: lines}.  ordered: whether the order of the lines is that in which to look.
    """

    def __init__(self, questions: Mapping[str, tuple[Advice, ...]], ordered: bool) -> None:
        self.questions, self.ordered = questions, ordered

    def __repr__(self) -> str:
        return "\n".join(self._rows())

    def _rows(self) -> Iterator[str]:
        for question, lines in self.questions.items():
            yield question
            for place, a in enumerate(lines, 1):
                mark = f"{place}." if self.ordered else "-"
                where = f"{a.section}; {a.source}" if a.source else a.section
                yield f"  {mark} {a.answer}: {a.suggestion}. {a.evidence} ({where})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": "".join(self._parts())}

    def _parts(self) -> Iterator[str]:
        tag = "ol" if self.ordered else "ul"
        for question, lines in self.questions.items():
            sign = _svg(*SIGNS[question], 0) if question in SIGNS else ""
            yield f'<p style="margin:1em 0 .3em;font-size:1.1em">{sign}<strong>{question}</strong></p>'
            items = "".join(f'<li style="margin:0 0 .6em">{_line(a)}</li>' for a in lines)
            style = "padding-left:1.6em" if self.ordered else "list-style:none;padding-left:0"
            yield f'<{tag} style="{style};margin:0;line-height:1.45">{items}</{tag}>'


def _line(a: Advice) -> str:
    sign = _svg(*_curve(a.key)) if a.key else ""
    where = f'<a href="{a.file}">{a.section}</a>' + (f"; {a.source}" if a.source else "")
    answer, suggestion, evidence = map(html.escape, (a.answer, a.suggestion, a.evidence))
    return f"{sign}{answer} → <strong>{suggestion}</strong><br>{evidence} ({where})"


WIDTH, HEIGHT = 44, 28
_step = np.linspace(0, 1, 23)
SIGNS: dict[str, tuple[ArrayLike, ArrayLike]] = {
    "The loss becomes NaN": (_step * 0.6, 0.35 + 0.6 * _step**4),
    "The loss does not move": (_step, np.full(23, 0.7)),
    "The loss moves, and stops above 0": (_step, 0.4 + 0.5 * np.exp(-6 * _step)),
}
"""{question: the curve of a loss as its sign, x and y as shares of it}."""


def _curve(key: str) -> tuple[ArrayLike, ArrayLike, float]:
    """An activation from −3 to 3 as shares of its sign, and how far up 0 lies."""
    z = np.linspace(-3, 3, 31)
    entry = REGISTRY[key]
    f = entry.f(z) if entry.elementwise else entry.f(np.column_stack([z, np.zeros_like(z)]))[:, 0]
    low, high = min(f.min(), 0), f.max()
    return (z + 3) / 6, (f - low) / (high - low), -low / (high - low)


def _svg(x: ArrayLike, y: ArrayLike, zero: float) -> str:
    """A curve over the line of 0, in the colour of the words beside it, which say the same.

    x, y, zero: shares of the sign.
    """
    across, up = 2 + (WIDTH - 4) * np.asarray(x, float), _up(np.asarray(y, float))
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, up, strict=True))
    return (
        f'<svg aria-hidden="true" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'style="vertical-align:middle;margin-right:10px"><path d="M0 {_up(zero):.1f}H{WIDTH}" stroke="{LIGHT.edge}"/>'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2.4"/></svg>'
    )


def _up(share: Any) -> Any:
    """Pixels from the top."""
    return HEIGHT - 2 - (HEIGHT - 4) * share


def guide_choices() -> Guide:
    """What to choose for the hidden layers and for the head, with the number that speaks for it and where it stands."""
    return Guide(CHOICES, ordered=False)


def guide_trouble() -> Guide:
    """Causes of a loss that becomes NaN, does not move, or stops, in the order in which to look, with their numbers."""
    return Guide(TROUBLE, ordered=True)


NEAR = {"deep": 0.05, "inside": 0.1}
"""How far from the best a mean may lie at a rate that works: of accuracy, and of loss in nats."""


def guide_rates() -> Table:
    """The learning rates that worked: those around each recipe's best whose mean over the pilot seeds comes near it."""
    rows = [
        (network, arm, *_worked(name, arm))
        for name, network in (("deep", "40 layers, Adam"), ("inside", "6 or 24 layers, plain descent"))
        for arm in EXPERIMENTS[name].arms
    ]
    seeds = PILOT_DRAWS * EXPERIMENTS["deep"].pilot
    note = (
        f"Mean of {seeds} seeds: training accuracy of 40 layers, training loss of the others. Works: within "
        f"{NEAR['deep']:g} of the best accuracy, {NEAR['inside']:g} nats of the best loss."
    )
    return Table(("network", "recipe", "best rate", "there", "rates that work"), rows, note)


def _worked(name: str, arm: str) -> tuple[str, str, str]:
    """Best rate, what is reached there, and the rates around it that come near."""
    results = load(name)
    e, best = results.experiment, results.best(arm)
    means = {rate: float(values.mean()) for rate, values in results.curve(arm).items()}
    there = f"{means[best]:.2f} right" if e.higher else f"loss {means[best]:.3f}"
    if arm == e.control or (not e.higher and means[best] > 1):
        return "–", there, "none of those tried"
    rates = list(means)
    low = high = rates.index(best)
    while low and abs(means[rates[low - 1]] - means[best]) <= NEAR[name]:
        low -= 1
    while high + 1 < len(rates) and abs(means[rates[high + 1]] - means[best]) <= NEAR[name]:
        high += 1
    ends = dict.fromkeys((rates[low], rates[high]))
    return _brief(best), there, " to ".join(map(_brief, ends))


def _brief(rate: float) -> str:
    return minus(f"{rate:g}".replace("e-0", "e-"))
