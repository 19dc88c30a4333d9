"""The still pictures of the lessons: each takes what a cell has computed, and draws it in one line."""

from actlab.pictures.affine import beside_the_line, datasets, race
from actlab.pictures.slopes import first_gradients, gradient_table

__all__ = ["beside_the_line", "datasets", "first_gradients", "gradient_table", "race"]
