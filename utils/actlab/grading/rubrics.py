"""What a full written answer says, question by question, and what each of it earns: for whoever reads the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from actlab.course import Lesson


class Credit(NamedTuple):
    """One thing that a full answer does, in words that go on after “the answer”."""

    says: str
    points: int = 1


RUBRICS: dict[str, dict[int, tuple[Credit, ...]]] = {
    "practice": {
        1: (
            Credit("says that backward each layer multiplies by a slope of at most ¼", 2),
            Credit("says that it multiplies by the weights too, which at the usual size do not make up for the slopes"),
            Credit("says where it hurts: the first layers receive next to nothing"),
            Credit("names a deep network that trains, and why: larger weights, tanh, or ReLU with weights that fit it"),
        ),
        2: (
            Credit("says what it is: below zero for every sample, so output and slope are 0"),
            Credit("says why it stays: no gradient reaches its weights, unless the layers before it move"),
            Credit("names what brings it about: too high a rate, or a very negative bias"),
            Credit(
                "names two remedies, each with its limit: batch norm undoes a bad bias, a leak has to be large enough "
                "for the optimiser, He's initialisation sets the start right and no more",
                2,
            ),
        ),
        3: (
            Credit("says that it is smooth and dips below zero, where ReLU has a corner"),
            Credit("says that its slope is not 0 just left of zero, so units there still learn"),
            Credit("says that it is the mean of a random gate, itself without chance: it does not act as dropout does"),
            Credit(
                "says that its gain is measured, not proved, and small, and names a model that does well with ReLU", 2
            ),
        ),
        4: (
            Credit("says that the outputs share a total of 1, so each is about 1/n: signal and gradient shrink"),
            Credit(
                "says that units compete: one rises only as others fall, so they cannot report features of their own", 2
            ),
            Credit("names attention, where softmax is used inside networks"),
            Credit("says why there: a weight of 1 is to be distributed over positions, so competition is wanted"),
        ),
        5: (
            Credit("says that one sample pulls all weights of one neuron in the same direction"),
            Credit("says how far that reaches: over a batch it weakens, over a layer of neurons it is gone", 2),
            Credit("says what remains: a badly conditioned loss, so descent zig-zags and takes more steps"),
            Credit("says that it can be lived with: ReLU's outputs are not centred either, and its networks train"),
        ),
    },
    "challenge": {
        1: (
            Credit("names a gain from the student's own numbers, and whether it serves the signal or the gradient", 2),
            Credit("says what the other one does in twenty layers, a layer and in total"),
            Credit("places the flat ends on the axis of z, or says why there are none"),
            Credit("decides with a reason from these numbers, not from ReLU's or GELU's"),
        ),
        2: (
            Credit("says that a layer's factor depends on the size of its z, and that the size changes on the way", 2),
            Credit("quotes the own sizes at two gains"),
            Credit("says what a safe gain has to keep, forwards and back"),
            Credit("says what more layers would change"),
        ),
        3: (
            Credit("names two numbers of the log, from different columns or layers, that decide the fault", 2),
            Credit("says what they mean"),
            Credit("names another fault that was plausible at first"),
            Credit("says which number would differ with that one, and how"),
        ),
        4: (
            Credit("says that the cap bounds scores and not exponents, so that every row needs a shift", 2),
            Credit("says over which places its maximum is taken"),
            Credit("says where float16 loses the digits, and where to convert"),
            Credit("says what the sink does on the way back"),
        ),
        5: (
            Credit("names a claim that another rule, arm or rate would have allowed, with numbers", 2),
            Credit("says that choosing after looking lets luck or the chooser decide"),
            Credit("says what a registration fixes beforehand"),
            Credit("says what it does not do, such as making a rule fair"),
        ),
    },
}
"""Homework -> number of the question -> what a full answer does."""


def rubric(homework: Lesson, number: int) -> tuple[Credit, ...]:
    """What a full answer to a question does; nothing where nobody wrote that down."""
    return RUBRICS.get(homework.name, {}).get(number, ())


def table(homework: Lesson) -> str:
    """The rubrics of a homework as a Markdown table."""
    rows = [
        f"| {number} | {'; '.join(f'{credit.says} ({credit.points})' for credit in credits)} |"
        for number, credits in RUBRICS[homework.name].items()
    ]
    return "\n".join(["| question | a full answer (points) |", "|---|---|", *rows])
