"""The course's sliders, each a few lines on `actlab.live`.

Layer 3.  Every function returns an `Explorer`; the last line of a cell shows it.
"""

from actlab.explorers.boundary import explore_boundary
from actlab.explorers.curves import compare, explore
from actlab.explorers.folding import explore_folding
from actlab.explorers.gradients import explore_gradients
from actlab.explorers.zigzag import explore_zigzag

__all__ = [
    "compare",
    "explore",
    "explore_boundary",
    "explore_folding",
    "explore_gradients",
    "explore_zigzag",
]
