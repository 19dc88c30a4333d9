"""Ill networks: which layer is it, and by how much?"""

from functools import cache

import numpy as np

from actlab.exercises.model import Case, exercise
from actlab.patients import WIDTH, examined, patient

SECTION = "8.7 Your own model"
RIGHT_RATIO = 1e-3


_examined = cache(examined)


@cache
def _given_rate(seed):
    return patient("c", seed).rate


def _numbers(name, seed, key):
    return _examined(name, seed)[key]


def _cases(rng):
    for seed in (0, *map(int, rng.permutation(np.arange(1, 200))[:5])):
        yield Case((seed,), note=f"seed {seed}", rtol=0.03, atol=2e-3)


def _answers(name, number):
    """How a rule becomes an answer.  rule(seed): the layer's place, from 0.  number(seed, place): what is told."""

    def told(rule, tell=number, shift=1):
        def form(seed):
            place = int(rule(seed))
            return np.array([place + shift, tell(seed, place)], float)

        return form

    return told


def _silent(seed, place):
    return round(WIDTH * _numbers("a", seed, "silent")[place])


def _most_silent(seed):
    return np.argmax(_numbers("a", seed, "silent")[:-1])


def _lowest(name, key):
    return lambda seed: np.nanargmin(_numbers(name, seed, key)[:-1])


def _highest(name, key):
    return lambda seed: np.nanargmax(_numbers(name, seed, key)[:-1])


_a = _answers("a", _silent)


@exercise("q8_diagnose_a", points=3, section=SECTION, title="Patient A")
class DiagnoseA:
    cases = _cases
    reference = staticmethod(_a(_most_silent))

    def example(pick):
        layer, units = _a(_most_silent)(0)
        return f"For seed 0 it is layer {layer:.0f}, with {units:.0f} such units."

    wrong = {
        "the layer counted from 0: here the first has number 1": _a(_most_silent, shift=0),
        "the module's place in the model: every second one is an activation": lambda seed: (
            _a(_most_silent)(seed) * [2, 1] - [2, 0]
        ),
        "the layer after the ill one: what it hears is thin, its own units are well": _a(
            lambda seed: _most_silent(seed) + 1
        ),
        "the layer with the smallest gradient: a gradient is small on both sides of the fault": _a(
            _lowest("a", "gradient")
        ),
        "the layer with the smallest z: a bias makes z large": _a(_lowest("a", "z")),
        "the share of units: how many are they?": _a(_most_silent, lambda seed, p: _silent(seed, p) / WIDTH),
        "the units that are left: asked are those that are never above 0": _a(
            _most_silent, lambda seed, p: WIDTH - _silent(seed, p)
        ),
        "zeros among all activations: a unit that is 0 on some digits only is no silent one": _a(
            _most_silent, lambda seed, p: WIDTH * _numbers("a", seed, "zeros")[p]
        ),
        "the share of zeros among all activations": _a(_most_silent, lambda seed, p: _numbers("a", seed, "zeros")[p]),
        "the same layer for every seed": lambda seed: _a(_most_silent)(0),
    }


def _saturated(seed, place):
    return _numbers("b", seed, "saturated")[place]


_b = _answers("b", _saturated)
_most_saturated = _highest("b", "saturated")


@exercise("q8_diagnose_b", points=3, section=SECTION, title="Patient B")
class DiagnoseB:
    cases = _cases
    reference = staticmethod(_b(_most_saturated))

    def example(pick):
        layer, share = _b(_most_saturated)(0)
        return f"For seed 0 it is layer {layer:.0f}, with a share of {share:.3f}."

    wrong = {
        "the layer counted from 0: here the first has number 1": _b(_most_saturated, shift=0),
        "the module's place in the model: every second one is an activation": lambda seed: (
            _b(_most_saturated)(seed) * [2, 1] - [2, 0]
        ),
        "the layer after the ill one: it hears ±1, and is well itself": _b(lambda s: _most_saturated(s) + 1),
        "the layer with the largest gradient: large weights behind it enlarge it": _b(_highest("b", "gradient")),
        "the share that is *not* saturated": _b(_most_saturated, lambda seed, p: 1 - _saturated(seed, p)),
        "per cent in place of a share": _b(_most_saturated, lambda seed, p: 100 * _saturated(seed, p)),
        "the root mean square of a: asked is a share": _b(_most_saturated, lambda seed, p: _numbers("b", seed, "a")[p]),
        "the root mean square of z: asked is a share": _b(_most_saturated, lambda seed, p: _numbers("b", seed, "z")[p]),
        "a share of zeros: a saturated tanh gives ±1, never 0": _b(_most_saturated, lambda seed, p: 0.0),
        "the same layer for every seed": lambda seed: _b(_most_saturated)(0),
    }


def _rate(by=np.max, target=RIGHT_RATIO):
    def told(seed, place=0):
        return _given_rate(seed) * target / by(_numbers("c", seed, "ratio"))

    return told


_c = _answers("c", _rate())
_still = _lowest("c", "ratio")


def _moving(seed):
    """The place of the smallest step among those that are not 0."""
    ratios = _numbers("c", seed, "ratio")[:-1]
    return np.argmin(np.where(ratios > 0, ratios, np.inf))


@exercise("q8_diagnose_c", points=3, section=SECTION, title="Patient C")
class DiagnoseC:
    cases = _cases
    reference = staticmethod(_c(_still))

    def example(pick):
        layer, rate = _c(_still)(0)
        return f"For seed 0 it is layer {layer:.0f}, and the rate is {rate:.5f}."

    wrong = {
        "the layer counted from 0: here the first has number 1": _c(_still, shift=0),
        "the module's place in the model: every second one is an activation": lambda seed: (
            _c(_still)(seed) * [2, 1] - [2, 0]
        ),
        "the layer with the smallest step that is not 0: one does not move at all": _c(_moving),
        "the layer with the largest step: one does not move at all": _c(_highest("c", "ratio")),
        "the rate as it is: it has to shrink": _c(_still, lambda seed, p: _given_rate(seed)),
        "a rate a thousand times smaller, whatever the step was": _c(
            _still, lambda seed, p: _given_rate(seed) * RIGHT_RATIO
        ),
        "a step as large as the weights: 1e-3 of them is wanted": _c(_still, _rate(target=1.0)),
        "the mean over the layers: the *largest* step is to be 1e-3": _c(_still, _rate(np.mean)),
        "the median over the layers: the *largest* step is to be 1e-3": _c(_still, _rate(np.median)),
        "the product of rate and step: where a step is too large, the rate is divided by it": _c(
            _still,
            lambda seed, p: _given_rate(seed) * RIGHT_RATIO * _numbers("c", seed, "ratio").max(),
        ),
        "the step over the weights itself: asked is a rate": _c(
            _still, lambda seed, p: _numbers("c", seed, "ratio").max()
        ),
        "the factor alone: the rate that it multiplies, the third thing that `patient` returns, is missing": _c(
            _still, lambda seed, p: RIGHT_RATIO / _numbers("c", seed, "ratio").max()
        ),
        "the same layer for every seed": lambda seed: _c(_still)(0),
    }
