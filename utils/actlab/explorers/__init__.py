"""The course's sliders, each a few lines on `actlab.live`.

Every function returns an `Explorer` but for those of the guide, `show_evidence` and `evidence_source`; the last line
of a cell shows it.  `practice` holds those of the practice, which draw what the learner has written.
"""

from importlib import import_module
from typing import Any

_NAMES = {
    "attending": ["explore_attention"],
    "bending": ["explore_bending"],
    "boundary": ["explore_boundary"],
    "choosing": ["guide_choices", "guide_rates", "guide_trouble"],
    "curves": ["compare", "explore"],
    "depth": ["explore_depth"],
    "dying": ["explore_dying"],
    "evidence": ["evidence_source", "explore_agreement", "explore_rates", "show_evidence"],
    "folding": ["explore_folding"],
    "gating": ["explore_gates", "explore_sigmoid_form", "explore_stochastic_gate"],
    "gradients": ["explore_gradients"],
    "heads": ["explore_clip_floor", "explore_saturated"],
    "simplex": ["explore_jacobian", "explore_temperature"],
    "zigzag": ["explore_zigzag"],
}
"""What each module offers; it is imported when one of these is first asked for, so that nobody waits for all."""

__all__ = sorted(["practice", *(name for names in _NAMES.values() for name in names)])


def __getattr__(name: str) -> Any:
    """`practice`, or a function from its module."""
    if name == "practice":
        return import_module("actlab.explorers.practice")
    for module, names in _NAMES.items():
        if name in names:
            return getattr(import_module(f"actlab.explorers.{module}"), name)
    raise AttributeError(f"module 'actlab.explorers' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
