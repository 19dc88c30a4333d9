"""Long checks of the grader, run with `make soak`."""
