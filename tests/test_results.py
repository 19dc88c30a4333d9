"""Stored results: they are what their scripts would store."""

import json

import numpy as np
import pytest

from actlab import results
from actlab.results import charlm


def test_the_stored_losses_are_what_the_script_would_store():
    stored = results.load("charlm")
    assert list(stored["losses"]) == charlm.VARIANTS
    assert list(stored["checks"]) == list(charlm.CHECKS)
    assert all(len(v) == charlm.SEEDS for v in stored["losses"].values())
    assert all(set(both) == {"relu", "gelu"} for both in stored["checks"].values())
    assert set(stored["rates"].values()) <= set(charlm.RATES)
    assert stored["steps"] == charlm.STEPS


def test_the_script_stores_what_the_lesson_loads(monkeypatch):
    asked = []

    def quick(variants, seeds=5, steps=300, rate=0.01, first=0):
        asked.append((tuple(variants), seeds, steps, rate, first))
        best = {"relu": 0.01}
        return {
            v: np.full(seeds, abs((rate if not isinstance(rate, dict) else 0) - best.get(v, 0.02))) for v in variants
        }

    monkeypatch.setattr(charlm, "character_losses", quick)
    made = charlm.measure()
    assert made["rates"] == {v: 0.01 if v == "relu" else 0.02 for v in charlm.VARIANTS}
    assert made.keys() == results.load("charlm").keys()
    assert json.loads(json.dumps(made)) == made
    assert (("relu", "gelu"), 20, 600, 0.01, 0) in asked
    assert all(first == 100 for _, seeds, *_, first in asked if seeds == charlm.PILOTS)


def test_there_is_no_result_without_a_file():
    with pytest.raises(FileNotFoundError):
        results.load("nothing")
