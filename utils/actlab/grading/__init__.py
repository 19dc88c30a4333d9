"""Grading a class: what came in → a sandbox for each submission → a gradebook → reports."""
