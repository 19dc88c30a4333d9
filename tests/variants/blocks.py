"""A clamped gate, and a product that leaves rows out."""

import math

import numpy as np
import torch


def clamped_by_torch(gate, value, limit=7.0):
    gate, value = (torch.tensor(np.asarray(each, dtype=float)) for each in (gate, value))
    gate = gate.clamp(max=limit)
    return (gate * torch.sigmoid(1.702 * gate) * (value.clamp(-limit, limit) + 1)).numpy()


def clamped_by_numbers(gate, value, limit=7.0):
    def one(g, v):
        g, v = min(g, limit), max(-limit, min(v, limit))
        return g * (1 + v) / (1 + math.exp(-1.702 * g))

    pairs = zip(np.ravel(gate).tolist(), np.ravel(value).tolist(), strict=True)
    return np.reshape([one(g, v) for g, v in pairs], np.shape(gate))


def row_by_row(a, W):
    total = np.zeros(W.shape[1])
    for one, row in zip(a, W, strict=True):
        if one:
            total += one * row
    return total


VARIANTS = {
    "q8_clamped_gate": [
        clamped_by_torch,
        clamped_by_numbers,
        lambda gate, value, limit=7.0: (
            np.where(gate > limit, limit, gate)
            * (0.5 + 0.5 * np.tanh(0.851 * np.minimum(gate, limit)))
            * (1 + np.maximum(np.minimum(value, limit), -limit))
        ),
    ],
    "q8_skip_zeros": [
        row_by_row,
        lambda a, W: np.take(a, np.flatnonzero(a)) @ np.take(W, np.flatnonzero(a), axis=0),
        lambda a, W: sum((one * row for one, row in zip(a, W, strict=True) if one != 0), np.zeros(W.shape[1])).tolist(),
    ],
}

SPOILERS = {
    "q8_clamped_gate": ["np.minimum(gate", "clip(value", "gate*sigmoid(1.702*gate)*(value+1)"],
    "q8_skip_zeros": ["a[a!=0]", "W[a!=0]", "flatnonzero", "a!=0"],
}
