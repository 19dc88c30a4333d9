"""Networks with a fault: which layer, which fault, and how is it mended?"""

from dataclasses import dataclass

import numpy as np

from actlab.exercises.drawn.drawing import Draw, remembered
from actlab.exercises.drawn.failing import DEPTH, FAULTS, IN_A_LAYER, Failing, Run, drawn, telling
from actlab.exercises.drawn.mending import Repair, repair
from actlab.exercises.model import challenge

NAMES = "abcd"

CALLED = {
    "dead": "a dead layer: most of its ReLUs are 0 on every sample",
    "saturated": "a saturated layer: most of its tanh are near ±1",
    "twice": "softmax twice: the loss applies another one to the outputs",
    "axis": "a norm over the wrong axis, in one layer",
    "rate": "a learning rate that is too high",
    "epsilon": "an ε of Adam's that is too large",
    "loss": "the wrong loss: squared error behind sigmoids",
}
"""What the table of faults calls each."""

AGAINST = {
    "dead": "a dead layer: beside layers of ReLU, with about half of their slopes flat, one would have far more",
    "saturated": "a saturated layer: beside layers of tanh, with few flat slopes, one would have most",
    "twice": "softmax twice: the outputs would add up to 1, and the pull would not be output − label",
    "axis": "a norm over the wrong axis: in one layer the 0 would stand in the other of the columns of means",
    "rate": "a rate that is too high: the loss would jump up, and each step be almost as large as the weights",
    "epsilon": "an ε that is too large: the loss would stand almost still, as each step is far below a thousandth",
    "loss": "squared error: the outputs would be sigmoids, and the pull would vanish where they are near 0 and 1",
}
"""Each fault as a wrong answer, and what the log would show."""


@dataclass(frozen=True)
class Ward:
    """Four networks of one hand-out.

    axis: over which their norms should average, 0 the samples, 1 the units.  numbers: fault -> its number in the table.
    networks, logs: by name.  repairs: of two of the four faults.
    """

    axis: int
    numbers: dict[str, int]
    networks: dict[str, Failing]
    logs: dict[str, dict]
    repairs: tuple[Repair, Repair]

    def answer(self, name):
        """(layer, fault) of a network."""
        net = self.networks[name]
        return net.layer, self.numbers[net.fault]


@remembered
def ward(code):
    """What the hand-out with this code asks."""
    draw = Draw(code, "failures")
    axis, classes = draw.pick(0, 1), draw.pick(3, 4)
    numbers = {fault: number for number, fault in enumerate(draw.order(FAULTS), 1)}
    faults = draw.order(FAULTS)[: len(NAMES)]
    made = {name: _clear(code, name, fault, axis, classes) for name, fault in zip(NAMES, faults, strict=True)}
    mended = draw.order(faults)[:2]
    return Ward(
        axis,
        numbers,
        {name: net for name, (net, _) in made.items()},
        {name: log for name, (_, log) in made.items()},
        tuple(repair(fault, Draw(code, f"failures repair {fault}"), axis) for fault in mended),
    )


def _clear(code, name, fault, axis, classes):
    """A network with this fault whose log is `telling`, and the log."""
    for attempt in range(200):
        draw = Draw(code, f"failures {name} {attempt}")
        net = drawn(draw, fault, axis)
        log = Run(net, draw, classes).log()
        if telling(net, log):
            return net, log
    raise ValueError(f"no log of a network with the fault {fault!r} tells it in {attempt + 1} attempts")


class _Mistaken:
    """Another fault, whatever the layer."""

    def __init__(self, layer, fault):
        self.answer = layer, fault

    def __call__(self):
        return self.answer

    def like(self, got):
        return got[1] == self.answer[1]


def _extremes(log):
    """Layers that stand out in one column: what is said of each -> its number."""
    return {
        "the layer with the smallest gradient": 1 + int(np.argmin(log["gradient"])),
        "the layer with the largest gradient": 1 + int(np.argmax(log["gradient"])),
        "the layer with the largest z": 1 + int(np.argmax(log["z"])),
        "the layer with the smallest z": 1 + int(np.argmin(log["z"])),
        "the layer with the smallest step": 1 + int(np.argmin(log["ratio"])),
        "the layer with the largest step": 1 + int(np.argmax(log["ratio"])),
    }


def _wrong(own, name):
    (layer, number), net = own.answer(name), own.networks[name]
    said = {"the two numbers in the other order: the layer comes first": (number, layer)}
    if net.fault in IN_A_LAYER:
        said |= {
            "the layer counted from 0: here the first has number 1": (layer - 1, number),
            "the layer after the ill one: it hears what is left, and is well itself": (layer + 1, number),
            "the layer counted from the output: count from the input": (DEPTH + 1 - layer, number),
            "no single layer: this fault is in one": (0, number),
        }
        why = "one column alone does not name it"
    else:
        said |= {"the last layer, beside the loss: this fault is in no single layer": (DEPTH, number)}
        why = "this fault is in no single layer"
    said |= {f"{extreme}: {why}": (k, number) for extreme, k in _extremes(own.logs[name]).items()}
    distinct = {}
    for what, value in said.items():
        if value not in [(layer, number), *distinct.values()]:
            distinct[what] = value
    wrong = {what: lambda value=value: value for what, value in distinct.items()}
    suspect = layer or _extremes(own.logs[name])["the layer with the largest gradient"]
    for fault in FAULTS:
        if fault != net.fault:
            place = suspect if fault in IN_A_LAYER else 0
            wrong[AGAINST[fault]] = _Mistaken(place, own.numbers[fault])
    return wrong


def _table(own):
    called = {number: CALLED[fault] for fault, number in own.numbers.items()}
    rows = [f"| {number} | {called[number]} |" for number in sorted(called)]
    meant = ("batch norm", "LayerNorm")[own.axis]
    head = f"Where your networks have a norm, **{meant}** is meant. Your numbers for the faults:"
    return "\n".join([head, "", "| fault | what it is |", "|---|---|", *rows])


def _network(name):
    """What a network's exercise draws."""

    def of(code):
        own = ward(code)
        fields = {"reference": lambda: own.answer(name), "wrong": _wrong(own, name)}
        if name == NAMES[0]:
            fields |= {"given": {"LOGS": own.logs}, "example": lambda pick: _table(own)}
        return fields

    return of


def _mended(place):
    """What a repair's exercise draws."""
    return lambda code: ward(code).repairs[place].fields()


ENTRIES, PARTS, DECIDE = ("the layer", "the fault"), {"fault": 2, "layer": 1}, {"fault": (1,), "layer": (0,)}


@challenge("network_a", points=3, title="Network a")
class NetworkA:
    entries, parts, decide = ENTRIES, PARTS, DECIDE
    drawn = _network("a")


@challenge("network_b", points=3, title="Network b")
class NetworkB:
    entries, parts, decide = ENTRIES, PARTS, DECIDE
    drawn = _network("b")


@challenge("network_c", points=3, title="Network c")
class NetworkC:
    entries, parts, decide = ENTRIES, PARTS, DECIDE
    drawn = _network("c")


@challenge("network_d", points=3, title="Network d")
class NetworkD:
    entries, parts, decide = ENTRIES, PARTS, DECIDE
    drawn = _network("d")


@challenge("first_repair", points=4, title="Mend one")
class FirstRepair:
    drawn = _mended(0)


@challenge("second_repair", points=4, title="Mend another")
class SecondRepair:
    drawn = _mended(1)
