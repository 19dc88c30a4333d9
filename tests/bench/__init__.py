"""Measurements beside what people use instead; run with `make bench`."""
