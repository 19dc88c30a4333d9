"""Recurrent networks: which recipes remember a symbol, and how much of a gradient comes back untrained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from actlab.evidence.model import Experiment, Sample, guards
from actlab.sequences import LSTM, Recurrent

Arm = Mapping[str, Any]

PLAIN: dict[str, dict[str, Any]] = {
    "tanh": {"activation": "tanh", "start": "orthogonal", "gain": 1.0},
    "sigmoid": {"activation": "sigmoid", "start": "orthogonal", "gain": 1.0},
    "sigmoid, gain 4": {"activation": "sigmoid", "start": "orthogonal", "gain": 4.0},
    "ReLU": {"activation": "relu", "start": "orthogonal", "gain": 1.0},
    "ReLU, identity": {"activation": "relu", "start": "identity", "gain": 1.0},
}
GATED: dict[str, dict[str, Any]] = {f"LSTM, bias {forget}": {"forget": float(forget)} for forget in (1, 3)}


def cells(arm: Arm, inputs: int, seeds: Sequence[int]) -> Recurrent:
    """Networks of 32 units with 4 outputs: LSTMs where the arm says how open their forget gates start."""
    if "forget" in arm:
        return LSTM(inputs, 32, 4, seeds, arm["forget"])
    return Recurrent(inputs, 32, 4, arm["activation"], seeds, arm["start"], arm["gain"])


def remember(arm: Arm, point: Arm, seeds: Sequence[int], data_seed: int) -> dict[str, ArrayLike]:
    """One of four symbols, then noise: which was it?  Adam on fresh sequences, gradients clipped to norm 1."""
    nets = cells(arm, 6, seeds)
    fit = {name: point[name] for name in ("steps", "rate", "batch", "eps")}
    return {"accuracy": nets.learn_to_recall(point["length"], data_seed=data_seed, **fit)}


def carry(arm: Arm, point: Arm, seeds: Sequence[int], data_seed: int) -> dict[str, ArrayLike]:
    """Untrained cells with four inputs N(0, size²): what is left of a gradient 50 steps back."""
    return {"log10 of what is left": np.log10(cells(arm, 4, seeds).signal_back(50, arm["size"], data_seed)[:, -1])}


RECALL = Experiment(
    name="recall",
    section="7.5",
    question="Which recurrent networks remember a symbol for ten steps?",
    measure="accuracy",
    arms=PLAIN,
    control="sigmoid",
    run=remember,
    rates=(0.0025, 0.01, 0.04, 0.16, 0.64),
    settings={"length": 10, "steps": 240, "batch": 32, "eps": 1e-8},
    conditions=guards(240),
)

MEMORY = Experiment(
    name="memory",
    section="7.5",
    question="Which recurrent networks learn to remember a symbol for fifty steps?",
    measure="accuracy",
    arms={
        "tanh": {**PLAIN["tanh"], "rates": (0.01, 0.04, 0.16, 0.64)},
        "ReLU, identity": {**PLAIN["ReLU, identity"], "rates": (0.00015, 0.0006, 0.0025)},
        **GATED,
    },
    control="tanh",
    run=remember,
    rates=(0.0006, 0.0025, 0.01),
    settings={"length": 50, "steps": 120, "batch": 16, "eps": 1e-8},
    conditions=guards(120),
)

CARRIED = Experiment(
    name="carried",
    section="7.5",
    question="How much of a gradient is left after fifty untrained steps?",
    measure="log10 of what is left",
    arms={
        f"{name}, inputs {size:g}": {**arm, "size": size}
        for name, arm in {"tanh": PLAIN["tanh"], "sigmoid": PLAIN["sigmoid"], **GATED}.items()
        for size in (1.0, 0.3, 0.1)
    },
    control="tanh, inputs 1",
    run=carry,
)


@RECALL.verdict(
    "tanh, and ReLU started at the identity, recall the symbol more than 95 times in 100, in every seed.",
)
def two_recall(s: Sample) -> bool:
    return all(s[arm].min() > 0.95 for arm in ("tanh", "ReLU, identity"))


@RECALL.verdict(
    "On average the sigmoid ends at {sigmoid:.2f} and ReLU with an orthogonal start at {ReLU:.2f}; guessing gives "
    "0.25.",
    numbers=lambda s: {"sigmoid": float(s["sigmoid"].mean()), "ReLU": float(s["ReLU"].mean())},
)
def two_do_not(s: Sample) -> bool:
    return bool(max(s["sigmoid"].mean(), s["ReLU"].mean()) < 0.75)


@RECALL.verdict(
    "With gain 4 the sigmoid ends at {gain:.2f} instead of {sigmoid:.2f}, and recalls in {share:.0%} of the seeds.",
    numbers=lambda s: {
        "gain": float(s["sigmoid, gain 4"].mean()),
        "sigmoid": float(s["sigmoid"].mean()),
        "share": float(np.mean(s["sigmoid, gain 4"] > 0.95)),
    },
)
def gain_4_recalls(s: Sample) -> bool:
    return bool(s["sigmoid, gain 4"].mean() > s["sigmoid"].mean() + 0.1)


def left(s: Sample, arm: str) -> float:
    """What is left of a gradient, its geometric mean."""
    return 10 ** float(s[arm].mean())


@CARRIED.verdict(
    "With inputs of size 1, {tanh:.1g} of a gradient is left with tanh and {LSTM:.1g} in an LSTM with forget bias 1. "
    "With inputs of size 0.1 the order turns over: {small:.1g} against {small_LSTM:.1g}.",
    numbers=lambda s: {
        "tanh": left(s, "tanh, inputs 1"),
        "LSTM": left(s, "LSTM, bias 1, inputs 1"),
        "small": left(s, "tanh, inputs 0.1"),
        "small_LSTM": left(s, "LSTM, bias 1, inputs 0.1"),
    },
)
def order_turns_over(s: Sample) -> bool:
    return bool(
        left(s, "tanh, inputs 1") < left(s, "LSTM, bias 1, inputs 1") / 1000
        and left(s, "tanh, inputs 0.1") > left(s, "LSTM, bias 1, inputs 0.1") * 10
    )


OPEN = [f"LSTM, bias 3, inputs {size:g}" for size in (1, 0.3, 0.1)]


@CARRIED.verdict(
    "With forget bias 3 nothing is lost at any size tried: at 1 the gradient arrives {one:.0f} times as large, at 0.1 "
    "{tenth:.0f} times.",
    numbers=lambda s: {"one": left(s, OPEN[0]), "tenth": left(s, OPEN[-1])},
)
def an_open_gate_keeps_it(s: Sample) -> bool:
    return all(1 < left(s, arm) < 100 for arm in OPEN)


@MEMORY.verdict(
    "Over fifty time steps, after 120 steps of training, an LSTM with forget bias 3 ends at an accuracy of {open:.2f} "
    "on average, with bias 1 at {LSTM:.2f}, plain tanh at {tanh:.2f}; guessing gives 0.25.",
    numbers=lambda s: {
        "open": float(s["LSTM, bias 3"].mean()),
        "LSTM": float(s["LSTM, bias 1"].mean()),
        "tanh": float(s["tanh"].mean()),
    },
)
def an_open_gate_learns(s: Sample) -> bool:
    return bool(s["LSTM, bias 3"].mean() > 0.9 and max(s["LSTM, bias 1"].mean(), s["tanh"].mean()) < 0.75)


@MEMORY.verdict(
    "ReLU started at the identity needs no gate to come further than tanh, in {held} of {groups} groups: to {ReLU:.2f} "
    "on average.",
    numbers=lambda s: {"ReLU": float(s["ReLU, identity"].mean())},
)
def identity_comes_further(s: Sample) -> bool:
    return bool(s["ReLU, identity"].mean() > s["tanh"].mean())
