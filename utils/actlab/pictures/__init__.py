"""The still pictures of the lessons: each takes what a cell has computed, and draws it in one line."""

from actlab.pictures.affine import beside_the_line, datasets, race
from actlab.pictures.gates import extremes, left_tail, shortcut_errors, slopes_of_fits
from actlab.pictures.slopes import first_gradients, gradient_table

__all__ = [
    "beside_the_line",
    "datasets",
    "extremes",
    "first_gradients",
    "gradient_table",
    "left_tail",
    "race",
    "shortcut_errors",
    "slopes_of_fits",
]
