"""What the course concludes from training, and how often it holds with other seeds and other data.

An `Experiment` is declared once in `topics/`, with the arms it compares, its grid of learning rates, its control and
what else is tried; a *verdict* of it is a predicate with the sentence that it supports. `actlab evidence run` measures
them all and stores the numbers in `results/`; lessons take their sentences, pictures and counts from there.
"""

from actlab.evidence.model import EXPERIMENTS, SHOWN, VERDICTS, Experiment, Results, Sample, Verdict
from actlab.evidence.replication import Replication, replication, says
from actlab.evidence.store import load, stale

__all__ = [
    "EXPERIMENTS",
    "SHOWN",
    "VERDICTS",
    "Experiment",
    "Replication",
    "Results",
    "Sample",
    "Verdict",
    "load",
    "replication",
    "says",
    "stale",
]

import actlab.evidence.topics  # noqa: F401  (its modules declare the experiments)
