"""The selection guide: three questions, a suggestion for each, what speaks for it, and where the course shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actlab.activations import REGISTRY
from actlab.course import lesson
from actlab.figures import INK, MUTED
from actlab.live import Choice, Dot, Explorer, Layer, Line, Mark, Text
from actlab.look import LIGHT
from actlab.tables import Table

if TYPE_CHECKING:
    from matplotlib.lines import Line2D


@dataclass(frozen=True)
class Advice:
    """One line of the guide.

    answer: what the reader says about the network.  suggestion: what to try.  key: the activation whose curve stands
    beside it, if any.  evidence: what was measured.  lesson: where.  source: who else says so; empty where we measured
    only.  verdicts: names of those that the line rests on.
    """

    answer: str
    suggestion: str
    key: str
    evidence: str
    lesson: int
    source: str = ""
    verdicts: tuple[str, ...] = ()

    @property
    def shown_in(self) -> str:
        return f"lesson {self.lesson:02d}" + (f"; {self.source}" if self.source else "")


QUESTIONS = {
    "hidden layers": (
        Advice(
            "tables, images: MLP or CNN",
            "ReLU, He initialisation",
            "relu",
            "Forty layers learn the spirals at every rate from 1e-4 to 1e-3; with Xavier's, better at small ones.",
            6,
            "Glorot 2011, He 2015",
            ("deep.he_tolerates", "deep.xavier_needs_small_rates"),
        ),
        Advice(
            "text: transformer",
            "GELU, or a SwiGLU pair",
            "gelu",
            "What published models use. Against ReLU the gain is small: about 0.01 of 2.8 nats in 100 small models.",
            7,
            "Hendrycks 2016, Shazeer 2020",
            ("language.gelu_ahead", "language.gelu_gains_less_than_relu"),
        ),
        Advice(
            "sequences: recurrent",
            "tanh with sigmoid gates: an LSTM",
            "tanh",
            "Untrained, over 50 steps, tanh leaves 2e-10 of a gradient with inputs of size 1, 0.05 with size 0.1; at "
            "forget bias 3 nothing is lost.",
            7,
            "Hochreiter 1997, Gers 2000",
            ("carried.order_turns_over", "carried.an_open_gate_keeps_it"),
        ),
        Advice(
            "50 layers, nothing normalised",
            "SELU, LeCun initialisation",
            "selu",
            "After 50 layers the signal is as large as it was; forty learn the spirals, at rates of 1e-4 and 3e-4.",
            6,
            "Klambauer 2017",
            ("levels.selu_is_level", "deep.selu_learns"),
        ),
        Advice(
            "the slope of the output matters",
            "SiLU or GELU",
            "silu",
            "Fitting a wave, each at its best rate, they have less than half the error of ReLU's slope.",
            4,
            verdicts=("smooth.halved",),
        ),
    ),
    "target": (
        Advice(
            "a number of either sign",
            "no activation; squared error",
            "linear",
            "On targets from −2 to 4 a sigmoid stays at an error of 3.1 and a tanh at 2.4, however long you train.",
            7,
            verdicts=("reach.floor_is_reached",),
        ),
        Advice(
            "a number between two limits",
            "sigmoid, stretched to the limits",
            "sigmoid",
            "Its range is (0, 1): low + (high − low)·σ(z) cannot leave the interval, and the clip floor is 0.",
            7,
        ),
        Advice(
            "a positive number, a count",
            "softplus or exp",
            "softplus",
            "Neither reaches 0. A linear head answers with rates below 0 in most seeds, a ReLU head with exact zeros.",
            7,
            verdicts=("counts.rates_that_cannot_be",),
        ),
        Advice(
            "yes or no",
            "sigmoid; cross-entropy on the logit",
            "sigmoid",
            "From z = −8 cross-entropy needs 19 steps and squared error 1542.",
            7,
        ),
        Advice(
            "one of K classes",
            "softmax, once; cross-entropy",
            "softmax",
            "Applied twice, it cannot push the loss below 1.461 for 10 classes.",
            7,
        ),
        Advice(
            "several labels at once",
            "one sigmoid per label",
            "sigmoid",
            "Of K softmax shares at most 1 can pass ½, so 2 labels are never both on.",
            7,
        ),
    ),
    "trouble": (
        Advice(
            "nothing so far",
            "change one thing, 5 seeds or more",
            "",
            "After 150 steps two seeds of one small transformer differ by more than GELU and ReLU do.",
            7,
            verdicts=("language.seeds_differ_more",),
        ),
        Advice(
            "many units are always 0",
            "lower rate, batch norm, slope 0.2",
            "leaky_relu",
            "At Adam's 0.1 over a third of the ReLUs end up dead, at 0.01 hardly any. From biases of −4, 200 steps of "
            "plain descent are too few for a slope of 0.01.",
            3,
            "Lu 2019",
            verdicts=("threshold.begins", "threshold.only_a_real_leak", "dying_plain.leak_waits"),
        ),
        Advice(
            "the first layers do not move",
            "He weights, or residual links",
            "relu",
            "A sigmoid passes on × 0.23 a layer at gain 1 and about × 1 at gain 12: scale first, then activation.",
            6,
            "Glorot 2010, He 2015",
        ),
        Advice(
            "the loss becomes NaN",
            "lower rate or gain, clip, stable loss",
            "softmax",
            "Without its maximum subtracted softmax is NaN from scores of 89 in float32. At gain 2, 40 ReLU layers are "
            "NaN after one step.",
            6,
        ),
        Advice(
            "training zigzags",
            "centre the inputs, normalise",
            "tanh",
            "Two weights: 44 steps with positive inputs, 3 with centred ones.",
            2,
            "LeCun 1998",
        ),
        Advice(
            "the loss stops above 0",
            "look at the head's range",
            "sigmoid",
            "A squashing head has a clip floor; a softmax on top of a softmax has a floor of 1.461 for 10 classes.",
            7,
        ),
    ),
}


def guide_table() -> Table:
    """The selection guide as a table: question, answer, suggestion, evidence, lesson and source."""
    rows = [
        (
            a.answer,
            a.suggestion,
            a.evidence,
            f"[lesson {a.lesson:02d}]({lesson(a.lesson).file})",
            a.source or "measured",
        )
        for advice in QUESTIONS.values()
        for a in advice
    ]
    return Table(("your network", "try", "what speaks for it", "shown in", "source"), tuple(rows))


def explore_guide() -> Explorer:
    """Three questions with their answers to choose from: hidden layers, output head, and what to do about a symptom."""
    z = np.linspace(-4, 4, 161)
    height = 1 / 3

    def background(figure):
        axes = []
        for row in range(3):
            bottom = 1 - (row + 1) * height
            ax = figure.add_axes((0.012, bottom + 0.045, 0.13, height - 0.09))
            ax.set(xlim=(-4, 4), ylim=(-2, 4), xticks=[], yticks=[])
            ax.axhline(0, color=MUTED, lw=0.8)
            ax.axvline(0, color=MUTED, lw=0.8)
            axes.append(ax)
            if row:
                figure.add_artist(_rule(bottom + height))
        words = figure.add_axes((0.165, 0, 0.825, 1), facecolor="none")
        words.set(xlim=(0, 1), ylim=(0, 3))
        words.axis("off")
        return [*axes, words]

    def suggestions(row, advice):
        found = {a.answer: a for a in advice}

        def card(answer):
            a = found[answer]
            top = 3 - row
            color, icon = _icon(a.key, z, row)
            words = [Text(0, top - 0.44, a.suggestion, color, "start", 18, 3)]
            words.append(Text(0, top - 0.76, a.shown_in, MUTED, "start", 15, 3))
            return [
                *icon,
                *words,
            ], f"{a.answer[:1].upper()}{a.answer[1:]}: {a.suggestion}. {a.evidence} ({a.shown_in}.)"

        return card

    sliders, layers = {}, []
    for row, (name, (question, advice)) in enumerate(
        zip(("hidden", "target", "symptom"), QUESTIONS.items(), strict=True)
    ):
        sliders[name] = Choice([a.answer for a in advice], advice[0].answer, question)
        layers.append(Layer(suggestions(row, advice), {"answer": name}))
    return Explorer("Selection guide", sliders, background, *reversed(layers), size=(900, 270))


def _icon(key: str, z: NDArray[np.float64], ax: int) -> tuple[str, list[Mark]]:
    """The colour of an activation and its curves; without one, five seeds and their mean."""
    if not key:
        seeds = np.array([1.9, 0.2, 2.7, -0.6, 1.2])
        dots = Dot(np.linspace(-3, 3, 5), seeds, INK, 8, ax)
        return INK, [dots, Line([-3.6, 3.6], [seeds.mean()] * 2, INK, 2, ax=ax)]
    entry = REGISTRY[key]
    if entry.elementwise:
        curve = Line(z, entry.f(z), entry.color, 3, ax=ax)
        return entry.color, [curve, Line(z, entry.df(z), entry.color, 2, "6 4", ax)]
    share = entry.f(np.column_stack([z, np.zeros_like(z)]))[:, 0]
    return entry.color, [Line(z, share, entry.color, 3, ax=ax)]


def _rule(y: float) -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([0.012, 0.988], [y, y], color=LIGHT.rule, lw=1)
