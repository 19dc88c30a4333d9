"""Ill networks, diagnosed without the course's own tools, and with them."""

import numpy as np
import torch
from torch import nn

import actlab
from actlab.patients import patient


def outputs_of(model, step, kind):
    """What the modules of one class return in one step."""
    kept = []
    hooks = [m.register_forward_hook(lambda *given: kept.append(given[2].detach())) for m in model if type(m) is kind]
    step()
    for hook in hooks:
        hook.remove()
    return kept


def silent_by_hooks(seed):
    model, step, _ = patient("a", seed)
    counts = [int((a.amax(0) == 0).sum()) for a in outputs_of(model, step, nn.ReLU)]
    return counts.index(max(counts)) + 1, max(counts)


def silent_by_z(seed):
    model, step, _ = patient("a", seed)
    highest = torch.stack([z.max(0).values for z in outputs_of(model, step, nn.Linear)[:-1]])
    counts = (highest <= 0).sum(1).tolist()
    return [int(np.argmax(counts)) + 1, max(counts)]


def silent_by_watch(seed):
    model, step, _ = patient("a", seed)
    with actlab.watch(model, live=False) as seen:
        step()
    worst = max(enumerate(seen.layers, 1), key=lambda pair: pair[1].silent)
    return np.array([worst[0], 32 * worst[1].silent])


def flat_by_hooks(seed):
    model, step, _ = patient("b", seed)
    shares = [float((a.square() > 0.9).float().mean()) for a in outputs_of(model, step, nn.Tanh)]
    return int(np.argmax(shares)) + 1, max(shares)


def flat_by_slopes(seed):
    model, step, _ = patient("b", seed)
    z = outputs_of(model, step, nn.Linear)[:-1]
    shares = [(1 / np.cosh(each.double().numpy()) ** 2 < 0.1).mean() for each in z]
    return np.array([np.argmax(shares) + 1, np.max(shares)])


def flat_by_size(seed):
    """The layer by its weights, the share by `watch`."""
    model, step, _ = patient("b", seed)
    sizes = [float(m.weight.detach().std()) for m in model if isinstance(m, nn.Linear)]
    with actlab.watch(model, live=False) as seen:
        step()
    place = int(np.argmax(sizes[1:])) + 1
    return [place + 1, seen.layers[place].saturated]


def ratios_of(model, step):
    linear = [m for m in model if isinstance(m, nn.Linear)]
    before = [m.weight.detach().clone() for m in linear]
    step()
    with torch.no_grad():
        return [float((m.weight - was).std() / was.std()) for m, was in zip(linear, before, strict=True)]


def frozen_by_ratio(seed):
    model, step, rate = patient("c", seed)
    ratios = ratios_of(model, step)
    return ratios.index(0) + 1, rate / max(ratios) / 1000


def frozen_by_flag(seed):
    model, step, rate = patient("c", seed)
    asks = [m.weight.requires_grad for m in model if isinstance(m, nn.Linear)]
    return [asks.index(False) + 1, 1e-3 * rate / np.max(ratios_of(model, step))]


def frozen_by_watch(seed):
    model, step, rate = patient("c", seed)
    with actlab.watch(model, live=False) as seen:
        step()
    (place,) = (k for k, layer in enumerate(seen.layers, 1) if layer.frozen)
    return np.array([place, rate * 1e-3 / max(layer.ratio for layer in seen.layers)])


VARIANTS = {
    "q8_diagnose_a": [silent_by_hooks, silent_by_z, silent_by_watch],
    "q8_diagnose_b": [flat_by_hooks, flat_by_slopes, flat_by_size],
    "q8_diagnose_c": [frozen_by_ratio, frozen_by_flag, frozen_by_watch],
}

SPOILERS = {
    "q8_diagnose_a": ["argmax", "bias<", "max(", ".amax("],
    "q8_diagnose_b": ["argmax", "a**2", "a²>", "max("],
    "q8_diagnose_c": ["argmax", "index(0)", "rate/max", "1e-3*rate"],
}
