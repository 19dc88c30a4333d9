"""The still pictures of the lessons: each takes what a cell has computed, and draws it in one line."""

from actlab.pictures.network import inside

__all__ = ["inside"]
