"""The still pictures of the lessons: each takes what a cell has computed, and draws it in one line."""

from actlab.pictures.gates import extremes, left_tail, shortcut_errors, slopes_of_fits

__all__ = [
    "extremes",
    "left_tail",
    "shortcut_errors",
    "slopes_of_fits",
]
