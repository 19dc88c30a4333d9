"""An experiment without networks: to run, to kill and to run again.  `python tiny.py RESULTS LOGS` runs it."""

import os
import sys
import time
from pathlib import Path

import numpy as np

from actlab.evidence import Experiment, campaign


def measure(arm, point, seeds, data_seed):
    """A score that is best at rate 0.01; a line in $TINY_DONE for each call, which takes $TINY_SECONDS."""
    time.sleep(float(os.environ.get("TINY_SECONDS", 0)))
    if done := os.environ.get("TINY_DONE"):
        with Path(done).open("a") as lines:
            lines.write(f"{arm['level']}\n")
    noise = [np.random.default_rng([seed, data_seed]).normal() for seed in seeds]
    score = arm["level"] - abs(np.log10(point["rate"]) + 2) + 0.1 * np.array(noise)
    return {"score": score, "steps": np.full(len(seeds), point["steps"])}


def declare():
    """Enter it among the experiments, with a verdict that holds and one that chance decides."""
    tiny = Experiment(
        name="tiny",
        section="0.0",
        question="Does the cure help?",
        measure="score",
        arms={"no cure": {"level": 0.0}, "the cure": {"level": 1.0}, "sugar": {"level": 0.0, "sweet": True}},
        control="no cure",
        run=measure,
        rates=(1e-4, 1e-3, 1e-2, 1e-1, 1.0),
        settings={"steps": 10, "eps": 1e-8},
        conditions={"40 steps": {"steps": 40}, "ε = 1e-16": {"eps": 1e-16}},
    )

    @tiny.verdict("The cure helps, by {gain:.1f}.", numbers=lambda s: {"gain": (s["the cure"] - s["no cure"]).mean()})
    def it_helps(s):
        return s["the cure"].mean() > s["no cure"].mean() + 0.5

    @tiny.verdict("Seed by seed, the first one scores above 0 in {held} of {groups} groups.")
    def lucky(s):
        return s["no cure"][0] > 0

    return tiny


if __name__ in ("__main__", "__mp_main__"):  # the second is what a worker process calls it
    declare()
if __name__ == "__main__":
    campaign.run(["tiny"], *map(Path, sys.argv[1:]))
