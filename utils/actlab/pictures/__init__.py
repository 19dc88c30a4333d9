"""The still pictures of the lessons: each takes what a cell has computed, and draws it in one line."""

from actlab.pictures.choosing import (
    answers_of_heads,
    costs,
    fact_table,
    pair_table,
    paired,
    pairs_needed,
    state_sizes,
)

__all__ = [
    "answers_of_heads",
    "costs",
    "fact_table",
    "pair_table",
    "paired",
    "pairs_needed",
    "state_sizes",
]
