"""The course's sliders, each a few lines on `actlab.live`.

Every function returns an `Explorer` but for those of the guide, `show_evidence` and `evidence_source`; the last line
of a cell shows it.  `practice` holds those of the practice, which draw what the learner has written.
"""

from actlab.explorers import practice
from actlab.explorers.attending import explore_attention
from actlab.explorers.bending import explore_bending
from actlab.explorers.boundary import explore_boundary
from actlab.explorers.choosing import guide_choices, guide_rates, guide_trouble
from actlab.explorers.curves import compare, explore
from actlab.explorers.depth import explore_depth
from actlab.explorers.dying import explore_dying
from actlab.explorers.evidence import evidence_source, explore_agreement, explore_rates, show_evidence
from actlab.explorers.folding import explore_folding
from actlab.explorers.gating import explore_gates, explore_sigmoid_form, explore_stochastic_gate
from actlab.explorers.gradients import explore_gradients
from actlab.explorers.heads import explore_clip_floor, explore_saturated
from actlab.explorers.simplex import explore_jacobian, explore_temperature
from actlab.explorers.zigzag import explore_zigzag

__all__ = [
    "compare",
    "evidence_source",
    "explore",
    "explore_agreement",
    "explore_attention",
    "explore_bending",
    "explore_boundary",
    "explore_clip_floor",
    "explore_depth",
    "explore_dying",
    "explore_folding",
    "explore_gates",
    "explore_gradients",
    "explore_jacobian",
    "explore_rates",
    "explore_saturated",
    "explore_sigmoid_form",
    "explore_stochastic_gate",
    "explore_temperature",
    "explore_zigzag",
    "guide_choices",
    "guide_rates",
    "guide_trouble",
    "practice",
    "show_evidence",
]
