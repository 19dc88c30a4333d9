"""Ill networks, told by rules that the lessons teach, and their repairs written in other ways."""

import math
from statistics import median, pstdev

import numpy as np
import torch

from actlab.exercises.drawn.failures import NAMES, ward
from variants.entries import entrywise, logistic

REPAIRS = ("first_repair", "second_repair")


def off_label(log):
    """How far the pull on the scores is from output − label, at most."""
    off = 0
    for label, outputs, pull in zip(log["labels"], log["outputs"], log["pull"], strict=True):
        for k, (p, g) in enumerate(zip(outputs, pull, strict=True)):
            off = max(off, abs(g - (p - (k == label))))
    return off


def by_columns(log, axis):
    """(layer, fault), each fault by the columns that show it.  axis: over which norms should average."""
    z, flat, ratio = log["z"], log["flat"], log["ratio"]
    usual = sorted(flat)[2]
    largest = max(range(6), key=lambda k: z[k])
    if z[largest] > 3.2:
        return largest + 1, "dead" if usual > 0.25 else "saturated"
    if off_label(log) > 0.05:
        return 0, "twice" if all(abs(sum(p) - 1) < 0.01 for p in log["outputs"]) else "loss"
    if min(ratio) > 0.1:
        return 0, "rate"
    if max(ratio) < 5e-4:
        return 0, "epsilon"
    still = log["unit"] if axis == 0 else log["sample"]
    return 1 + max(range(6), key=lambda k: still[k]), "axis"


def pulls(outputs, label):
    """What the pull on the scores would be under each loss, by autograd."""
    p, y = torch.tensor(outputs, dtype=torch.float64), torch.nn.functional.one_hot(torch.tensor(label), len(outputs))
    losses = {
        "none": lambda s: torch.nn.functional.cross_entropy(s, torch.tensor(label)),
        "twice": lambda s: torch.nn.functional.cross_entropy(torch.softmax(s, 0), torch.tensor(label)),
    }
    scores = torch.log(p)
    if abs(sum(outputs) - 1) > 0.01:
        losses = {
            "none": lambda s: torch.nn.functional.binary_cross_entropy_with_logits(s, y.double(), reduction="sum"),
            "loss": lambda s: ((torch.sigmoid(s) - y) ** 2).sum(),
        }
        scores = torch.logit(p)
    found = {}
    for name, loss in losses.items():
        s = scores.clone().requires_grad_()
        loss(s).backward()
        found[name] = s.grad.numpy()
    return found


def by_losses(log, axis):
    """The same, from the curve, the gradients behind the head, and the means of units and samples."""
    loss, unit = np.array(log["loss"]), np.array(log["unit"])
    votes = [
        min(found, key=lambda name: np.abs(found[name] - pull).max())
        for found, pull in zip(map(pulls, log["outputs"], log["labels"]), log["pull"], strict=True)
    ]
    if votes[0] != "none":
        return 0, votes[0]
    if loss.max() > 1.4 * loss[0]:
        return 0, "rate"
    if np.ptp(loss) < 0.06 * loss[0] and max(log["ratio"]) < 1e-3:
        return 0, "epsilon"
    if np.std(log["z"]) < 0.01:
        zeros = (unit if axis else np.array(log["sample"])) == 0
        return 1 + int(np.argmax(zeros)), "axis"
    ill = 1 + int(np.argmax(log["flat"]))
    return ill, "dead" if np.median(log["flat"]) > 0.3 else "saturated"


def diagnosed(rules, name):
    """A factory of answers by these rules."""

    def factory(code):
        own = ward(code)
        layer, fault = rules(own.logs[name], own.axis)
        return lambda: (layer, own.numbers[fault])

    return factory


def as_floats(factory):
    return lambda code: lambda: np.array([factory(code)()], np.float32)


def parameters(code, place):
    """The kind of a repair, its arguments' names and its numbers."""
    own = ward(code).repairs[place]
    kinds = {"revived": "dead", "rescaled": "saturated", "pulled": "twice", "normed": "axis"}
    kinds |= {"bearable": "rate", "stepped": "epsilon", "leaned": "loss"}
    return kinds[own.right.func.__name__], own.names, own.drawn


MEASURES = {
    "root mean square": "np.sqrt(np.mean(({0}) ** 2{1}))",
    "standard deviation": "np.std({0}{1})",
    "mean of the absolute values": "np.mean(np.abs({0}){1})",
}


def dead_text(d):
    point = {"mean": "mean", "median": "median", "highest value": "max", "lowest value": "min"}[d["point"]]
    return f"""
    full = z + b if {d["bare"]} else z
    new = np.array(b, float)
    for unit in range(len(b)):
        if full[:, unit].max() <= 0:
            new[unit] += {d["level"]} - np.{point}(full[:, unit])
    return new"""


def saturated_text(d):
    size = MEASURES[d["size"]].format("h @ W", ", axis=0" if d["each"] else "")
    return f"""
    return {d["level"]} * W / {size}"""


def twice_text(d):
    over = {"sum": "1", "mean": "len(y)", "weighted mean": "counts.sum()"}[d["over"]]
    return f"""
    e = np.exp((s - s.max(axis=1, keepdims=True)) / {d["T"]})
    g = e / e.sum(axis=1, keepdims=True)
    g[np.arange(len(y)), y] -= 1
    counts = np.where(y == {d["heavy"]}, {d["weight"]}, 1)
    return g * counts[:, np.newaxis] / ({d["T"]} * {over})"""


def axis_text(d):
    root = f"np.sqrt(spread + {d['eps']})" if d["inside"] else f"(np.sqrt(spread) + {d['eps']})"
    return f"""
    centred = z - z.mean(axis={d["axis"]}, keepdims=True)
    spread = (centred**2).mean(axis={d["axis"]}, keepdims=True)
    return ({d["plus"]} + gamma) * centred / {root} + beta"""


def rate_text(d):
    step, weight = (MEASURES[d["size"]].format(of, "") for of in ("steps[k]", "weights[k]"))
    return f"""
    bearable = []
    for k in range(len(steps)):
        bearable.append({d["share"]} * rate * ({weight}) / ({step}) * (1 - {d["momentum"]}))
    return min(bearable)"""


def epsilon_text(d):
    below = f"np.sqrt(v + {d['eps']})" if d["inside"] else f"np.sqrt(v) + {d['eps']}"
    return f"""
    n = t + {d["before"]}
    m = ({d["b1"]} * m + (1 - {d["b1"]}) * g) / (1 - {d["b1"]} ** n)
    v = ({d["b2"]} * v + (1 - {d["b2"]}) * g * g) / (1 - {d["b2"]} ** n)
    return w - {d["rate"]} * m / ({below})"""


def loss_text(d):
    low = d["low"]
    over = {"sum": "1", "mean": "z.size", "mean of sums": "len(z)"}[d["over"]]
    return f"""
    yes = np.where(y == 1, 1 - {low}, {low})
    share = 1 / (1 + np.exp(-z))
    return ((1 - yes) * share - {d["weight"]} * yes * (1 - share)) / {over}"""


TEXTS = {
    "dead": dead_text,
    "saturated": saturated_text,
    "twice": twice_text,
    "axis": axis_text,
    "rate": rate_text,
    "epsilon": epsilon_text,
    "loss": loss_text,
}


def text(code, place):
    kind, names, drawn = parameters(code, place)
    return f"def {REPAIRS[place]}({', '.join(names)}):{TEXTS[kind](drawn)}\n"


def size_by_loop(name, values):
    values = [float(v) for v in values]
    if name == "standard deviation":
        return pstdev(values)
    square = name == "root mean square"
    total = sum(v * v if square else abs(v) for v in values) / len(values)
    return math.sqrt(total) if square else total


def dead_again(d, z, b):
    points = {"mean": lambda c: sum(c) / len(c), "median": median, "highest value": max, "lowest value": min}
    new = []
    for column, bias in zip(np.transpose(z).tolist(), b.tolist(), strict=True):
        without = column if d["bare"] else [v - bias for v in column]
        dead = all(v + bias <= 0 for v in without)
        new.append(d["level"] - points[d["point"]](without) if dead else bias)
    return new


def saturated_again(d, h, W):
    z = np.einsum("ni,iu->nu", h.astype(float), W.astype(float))
    sizes = [size_by_loop(d["size"], column) for column in z.T]
    if not d["each"]:
        sizes = [size_by_loop(d["size"], z.ravel())] * len(sizes)
    return W @ np.diag([d["level"] / size for size in sizes])


def twice_again(d, s, y):
    scores, label = torch.tensor(s, dtype=torch.float64, requires_grad=True), torch.tensor(y)
    weight = torch.ones(s.shape[1], dtype=torch.float64)
    weight[d["heavy"]] = d["weight"]
    reduction = "mean" if d["over"] == "weighted mean" else "sum"
    loss = torch.nn.functional.cross_entropy(scores / d["T"], label, weight, reduction=reduction)
    (loss / (len(y) if d["over"] == "mean" else 1)).backward()
    return scores.grad.numpy()


def axis_again(d, z, gamma, beta):
    rows, made = (z.T if d["axis"] == 0 else z).astype(float), []
    for row in rows:
        root = math.sqrt(row.var() + d["eps"]) if d["inside"] else row.std() + d["eps"]
        made.append([(v - row.mean()) / root for v in row])
    made = np.array(made).T if d["axis"] == 0 else np.array(made)
    return made * gamma + d["plus"] * made + beta


def rate_again(d, steps, weights, rate):
    """By search: the highest rate under which a hundred steps with the same gradient stay small enough."""

    def most(r):
        grown = sum(d["momentum"] ** k for k in range(300)) * r / rate
        return max(
            grown * size_by_loop(d["size"], s.ravel()) / size_by_loop(d["size"], w.ravel())
            for s, w in zip(steps, weights, strict=True)
        )

    low, high = 0.0, 1e3
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if most(middle) <= d["share"] else (low, middle)
    return low


def epsilon_again(d, w, g, m, v, t):
    n, new = t + d["before"], np.empty(w.shape)
    for i in np.ndindex(w.shape):
        mean = m[i] + (1 - d["b1"]) * (g[i] - m[i])
        square = v[i] + (1 - d["b2"]) * (g[i] ** 2 - v[i])
        mean, square = mean / (1 - d["b1"] ** n), square / (1 - d["b2"] ** n)
        below = math.sqrt(square + d["eps"]) if d["inside"] else math.sqrt(square) + d["eps"]
        new[i] = w[i] - d["rate"] * mean / below
    return new


def loss_again(d, z, y):
    low = d["low"]

    def one(score, label):
        soft = low + label * (1 - 2 * low)
        return (1 - soft) * logistic(score) - d["weight"] * soft * logistic(-score)

    return entrywise(one)(z, y) / {"sum": 1, "mean": z.size, "mean of sums": z.shape[0]}[d["over"]]


AGAIN = {
    "dead": dead_again,
    "saturated": saturated_again,
    "twice": twice_again,
    "axis": axis_again,
    "rate": rate_again,
    "epsilon": epsilon_again,
    "loss": loss_again,
}


def executed(place):
    """A factory of the repair as text, run."""

    def factory(code):
        room = {"np": np, "math": math}
        exec(text(code, place), room)
        return room[REPAIRS[place]]

    return factory


def written_again(place):
    def factory(code):
        kind, names, drawn = parameters(code, place)
        return lambda *given: AGAIN[kind](drawn, **dict(zip(names, given, strict=True)))

    return factory


def as_lists(factory):
    return lambda code: lambda *given: np.asarray(factory(code)(*given)).tolist()


def answers(code):
    """What a learner writes who has everything right in this hand-out: name -> source."""
    own = ward(code)
    found = {f"network_{name}": by_columns(own.logs[name], own.axis) for name in NAMES}
    said = {id: f"{id} = ({layer}, {own.numbers[fault]})\n" for id, (layer, fault) in found.items()}
    return said | {name: text(code, place) for place, name in enumerate(REPAIRS)}


def _networks(name):
    return [diagnosed(by_columns, name), diagnosed(by_losses, name), as_floats(diagnosed(by_columns, name))]


def _repairs(place):
    return [executed(place), written_again(place), as_lists(executed(place))]


FACTORIES = {f"network_{name}": _networks(name) for name in NAMES}
FACTORIES |= {name: _repairs(place) for place, name in enumerate(REPAIRS)}

VARIANTS = {id: [factory("") for factory in factories] for id, factories in FACTORIES.items()}

SPOILERS = {f"network_{name}": [f"{what}is{n}" for what in ("fault", "layer") for n in range(8)] for name in NAMES}
SPOILERS |= {name: ["np.where(", "np.sqrt(", "softmax(s/", "axis=0", "axis=1"] for name in REPAIRS}
