"""actlab: a course on neural-network activation functions."""
