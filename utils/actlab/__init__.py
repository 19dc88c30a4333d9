"""actlab: a course on neural-network activation functions."""

__version__ = "0.1.0"
