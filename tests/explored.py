"""One of every explorer, called as its lesson calls it."""

import typing
from functools import cache
from types import ModuleType

import numpy as np

from actlab import explorers
from actlab.evidence import VERDICTS
from actlab.exercises import EXERCISES
from actlab.explorers import compare, explore
from actlab.live import Explorer


def elu(z, alpha):
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


def learners(*names):
    """The course's own answers to exercises, in place of a learner's."""
    return [EXERCISES[name].reference for name in names]


CALLS = {
    "explore": lambda: explore("tanh"),
    "explore with a parameter": lambda: explore(elu, alpha=np.linspace(0.25, 2, 8)),
    "compare": lambda: compare(["sigmoid", "tanh", "relu"]),
    "explore_clip_floor": lambda: explorers.explore_clip_floor(*learners("q7_clip_floor")),
    "explore_agreement": lambda: explorers.explore_agreement(next(iter(VERDICTS))),
    "explore_depth": lambda: explorers.explore_depth(lambda f: 2**0.5),
    "explore_rates": lambda: explorers.explore_rates("deep"),
    "explore_saturated": lambda: explorers.explore_saturated(*learners("q7_bce_gradient")),
    "practice.competition": lambda: explorers.practice.competition(*learners("softmax", "softmax_jacobian")),
    "practice.dead": lambda: explorers.practice.dead(*learners("dead_units", "he_normal", "batch_norm")),
    "practice.descent": lambda: explorers.practice.descent(
        *learners("descend", "straightness", "weight_gradients", "same_sign_fraction")
    ),
    "practice.gate": lambda: explorers.practice.gate(*learners("stochastic_gate", "gelu")),
    "practice.gradients": lambda: explorers.practice.gradients(
        *learners("layer_gradient_norms", "sigmoid", "sigmoid_derivative")
    ),
}
"""Those that need arguments, or are worth a second look with some."""


def _public(module, prefix=""):
    """{name: function} of everything in `__all__` that returns an explorer, through modules such as `practice`."""
    for name in module.__all__:
        found = getattr(module, name)
        if isinstance(found, ModuleType):
            yield from _public(found, f"{name}.")
            continue
        returns = typing.get_type_hints(found).get("return")
        assert returns, f"write behind the arguments of `{prefix}{name}` what it returns: explorers are known by that"
        if returns is Explorer:
            yield prefix + name, found


FUNCTIONS = dict(_public(explorers))
NAMES = sorted({*FUNCTIONS, *CALLS})


@cache
def explored(name):
    """The explorer of this name, made once.  Errors: TypeError for one that wants arguments and has no entry above."""
    try:
        return CALLS.get(name, FUNCTIONS.get(name))()
    except TypeError as error:
        raise TypeError(f"write in tests/explored.py with what `{name}` is called: {error}") from error
