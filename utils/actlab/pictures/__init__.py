"""The still pictures of the lessons: each takes what a cell has computed, and draws it in one line."""

from actlab.pictures.affine import beside_the_line, datasets, race
from actlab.pictures.bits import where_formulas_break
from actlab.pictures.choosing import (
    answers_of_heads,
    costs,
    fact_table,
    pair_table,
    paired,
    pairs_needed,
    rates_of_heads,
    state_sizes,
)
from actlab.pictures.flow import (
    cosines_by_layer,
    far_ends,
    gains_beside,
    gradients_by_layer,
    gradients_by_norm,
    growth_in_one_layer,
    signals_by_layer,
)
from actlab.pictures.gates import extremes, shortcut_errors, slopes_of_fits
from actlab.pictures.network import inside
from actlab.pictures.norms import gradients_by_place, straight_lines, what_moves
from actlab.pictures.slopes import first_gradients, gradient_table
from actlab.pictures.softmax import pulls_at_the_score, row_sums

__all__ = [
    "answers_of_heads",
    "beside_the_line",
    "cosines_by_layer",
    "costs",
    "datasets",
    "extremes",
    "fact_table",
    "far_ends",
    "first_gradients",
    "gains_beside",
    "gradient_table",
    "gradients_by_layer",
    "gradients_by_norm",
    "gradients_by_place",
    "growth_in_one_layer",
    "inside",
    "pair_table",
    "paired",
    "pairs_needed",
    "pulls_at_the_score",
    "race",
    "rates_of_heads",
    "row_sums",
    "shortcut_errors",
    "signals_by_layer",
    "slopes_of_fits",
    "state_sizes",
    "straight_lines",
    "what_moves",
    "where_formulas_break",
]
