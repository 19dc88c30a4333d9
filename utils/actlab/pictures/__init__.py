"""The still pictures of the lessons: each takes what a cell has computed, and draws it in one line."""

from actlab.pictures.flow import (
    cosines_by_layer,
    far_ends,
    gains_beside,
    gradients_by_layer,
    gradients_by_norm,
    growth_in_one_layer,
    signals_by_layer,
)
from actlab.pictures.softmax import pulls_at_the_score, row_sums

__all__ = [
    "cosines_by_layer",
    "far_ends",
    "gains_beside",
    "gradients_by_layer",
    "gradients_by_norm",
    "growth_in_one_layer",
    "pulls_at_the_score",
    "row_sums",
    "signals_by_layer",
]
