"""Softmax that is capped, divided, masked and has a sink: right answers for any hand-out."""

import math

import numpy as np
import torch

from actlab.exercises.drawn.fire import CAPPED, LAST, drawn_fire


def sink_exponent(fire):
    if fire.joins == LAST:
        return fire.sink
    return (fire.cap * math.tanh(fire.sink / fire.cap) if fire.joins == CAPPED else fire.sink) / fire.temperature


def kept(fire, mask):
    return np.array(mask == fire.marked)


def row_by_row(code):
    """(shares, logarithm of the total) of one row, with Python's own floats."""
    fire = drawn_fire(code)

    def row(scores, usable):
        exponents = [sink_exponent(fire)]
        for score, used in zip(scores.tolist(), usable.tolist(), strict=True):
            exponents.append(fire.cap * math.tanh(score / fire.cap) / fire.temperature if used else -math.inf)
        top = max(exponents)
        total = math.fsum(math.exp(x - top) for x in exponents)
        return [math.exp(x - top) / total for x in exponents[1:]], top + math.log(total)

    return lambda z, mask: [row(*pair) for pair in zip(z, kept(fire, mask), strict=True)]


def with_the_sink_as_a_column(code, kind=float):
    """Exponents of (n, 1 + k) places, the sink's in front, in the given type."""
    fire = drawn_fire(code)

    def columns(z, mask):
        usable = kept(fire, mask)
        x = fire.cap * np.tanh(np.where(usable, z, 0).astype(kind) / fire.cap) / fire.temperature
        x[~usable] = -np.inf
        return np.insert(x, 0, sink_exponent(fire), axis=1)

    return columns


def softmax_by_loops(code):
    rows = row_by_row(code)
    return lambda z, mask: [shares for shares, _ in rows(z, mask)]


def log_total_by_loops(code):
    rows = row_by_row(code)
    return lambda z, mask: [total for _, total in rows(z, mask)]


def softmax_of_columns(code, kind=float):
    columns = with_the_sink_as_a_column(code, kind)

    def softmax(z, mask):
        x = columns(z, mask)
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return (e / e.sum(axis=1, keepdims=True))[:, 1:]

    return softmax


def softmax_in_single_precision(code):
    return softmax_of_columns(code, np.float32)


def softmax_of_long_numbers(code):
    """No shift: the exponents are small enough for numbers of 80 bits, and for those of 128."""
    columns = with_the_sink_as_a_column(code, np.longdouble)

    def softmax(z, mask):
        e = np.exp(columns(z, mask))
        return (e[:, 1:] / e.sum(axis=1, keepdims=True)).astype(np.float16 if z.dtype == np.float16 else float)

    return softmax


def softmax_with_a_large_number(code):
    """With a sink that nobody masks a large negative number is as good as −∞."""
    fire = drawn_fire(code)

    def softmax(z, mask):
        z = np.nan_to_num(z.astype(float), nan=0)
        x = np.where(kept(fire, mask), np.tanh(z / fire.cap) * (fire.cap / fire.temperature), -1e9)
        rest = sink_exponent(fire)
        top = np.maximum(x.max(axis=1), rest)[:, None]
        return np.exp(x - top) / (np.exp(x - top).sum(axis=1)[:, None] + np.exp(rest - top))

    return softmax


def vjp_by_jacobians(code):
    """A whole Jacobian for each row, of the exponents, then the slope of what comes before them."""
    fire, softmax = drawn_fire(code), softmax_of_columns(code)

    def vjp(z, mask, upstream):
        p, usable = softmax(z, mask), kept(fire, mask)
        out = np.zeros(z.shape)
        for i in range(len(z)):
            at = np.flatnonzero(usable[i])
            jacobian = np.diag(p[i, at]) - np.outer(p[i, at], p[i, at])
            slopes = 1 / np.cosh(np.clip(z[i, at].astype(float) / fire.cap, -300, 300)) ** 2 / fire.temperature
            out[i, at] = upstream[i, at].astype(float) @ jacobian * slopes
        return out

    return vjp


def vjp_by_autograd(code):
    fire = drawn_fire(code)

    def vjp(z, mask, upstream):
        usable = torch.tensor(kept(fire, mask))
        scores = torch.tensor(z.astype(float)).nan_to_num(0, 1e300, -1e300).requires_grad_()
        x = fire.cap * torch.tanh(scores / fire.cap) / fire.temperature
        x = torch.cat([x.masked_fill(~usable, -1e9), torch.full((len(z), 1), sink_exponent(fire)).double()], dim=1)
        g = torch.tensor(upstream.astype(float)).masked_fill(~usable, 0)
        (torch.softmax(x, dim=1)[:, :-1] * g).sum().backward()
        return scores.grad.numpy()

    return vjp


def vjp_in_single_precision(code, kind=np.float32):
    fire, softmax = drawn_fire(code), softmax_of_columns(code, kind)

    def vjp(z, mask, upstream):
        usable = kept(fire, mask)
        z, g = (np.where(usable, a, 0).astype(kind) for a in (z, upstream))
        p = softmax(z, mask)
        loss = np.einsum("ij,ij->i", p, g)[:, None]
        return ((g - loss) * p * (1 - np.tanh(z / fire.cap) ** 2) / fire.temperature).tolist()

    return vjp


def log_total_of_columns(code):
    columns = with_the_sink_as_a_column(code)
    return lambda z, mask: np.logaddexp.reduce(columns(z, mask), axis=1)


def log_total_in_single_precision(code):
    columns = with_the_sink_as_a_column(code, np.float32)

    def log_total(z, mask):
        x = columns(z, mask)
        return x.max(axis=1) + np.log(np.exp(x - x.max(axis=1)[:, None]).sum(axis=1))

    return log_total


def log_total_by_torch(code):
    columns = with_the_sink_as_a_column(code)
    return lambda z, mask: torch.logsumexp(torch.tensor(columns(z, mask)), dim=1).numpy()


FACTORIES = {
    "fire_softmax": [
        softmax_by_loops,
        softmax_of_columns,
        softmax_in_single_precision,
        softmax_of_long_numbers,
        softmax_with_a_large_number,
    ],
    "fire_vjp": [vjp_by_jacobians, vjp_by_autograd, vjp_in_single_precision],
    "fire_log_total": [log_total_by_loops, log_total_of_columns, log_total_in_single_precision, log_total_by_torch],
}

VARIANTS = {id: [factory("") for factory in factories] for id, factories in FACTORIES.items()}

SPOILERS = {
    "fire_softmax": ["np.where(", "tanh(z/", "z.astype", "keepdims", "e/(e.sum"],
    "fire_vjp": ["np.where(", "1-np.tanh", "p*(g-", "p(g-", "keepdims"],
    "fire_log_total": ["np.where(", "logaddexp", "np.log(", "m+log", "keepdims"],
}

SOFTMAX = """
def fire_softmax(z, mask):
    keep = mask == {marked}
    x = np.where(keep, {cap} * np.tanh(np.where(keep, z, 0).astype(float) / {cap}) / {temperature}, -np.inf)
    total = np.logaddexp(np.logaddexp.reduce(x, axis=1), {rest})
    return np.exp(x - total[:, None])
"""

VJP = """
def fire_vjp(z, mask, upstream):
    keep = mask == {marked}
    z, g = np.where(keep, z, 0).astype(float), np.where(keep, upstream, 0).astype(float)
    x = np.where(keep, {cap} * np.tanh(z / {cap}) / {temperature}, -np.inf)
    top = np.maximum(x.max(axis=1, keepdims=True), {rest})
    e = np.exp(x - top)
    p = e / (e.sum(axis=1, keepdims=True) + np.exp({rest} - top))
    slope = (1 - np.tanh(z / {cap}) ** 2) / {temperature}
    return p * (g - (p * g).sum(axis=1, keepdims=True)) * slope
"""

LOG_TOTAL = """
def fire_log_total(z, mask):
    keep = mask == {marked}
    x = np.where(keep, {cap} * np.tanh(np.where(keep, z, 0) / {cap}) / {temperature}, -np.inf)
    return np.logaddexp(np.logaddexp.reduce(x, axis=1), {rest})
"""


def answers(code):
    """Name -> the text of a cell that answers it rightly."""
    fire = drawn_fire(code)
    numbers = {"marked": fire.marked, "cap": fire.cap, "temperature": fire.temperature, "rest": sink_exponent(fire)}
    texts = {"fire_softmax": SOFTMAX, "fire_vjp": VJP, "fire_log_total": LOG_TOTAL}
    return {name: text.format(**numbers) for name, text in texts.items()}
