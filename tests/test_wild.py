"""Wrong answers as people write them: none passes, most are named, few are told something that does not help."""

from functools import partial

import pytest
from wild import ROWS, Row

from actlab import learner
from actlab.exercises import EXERCISES, evaluate
from actlab.exercises.words import told
from actlab.grading.marking import Job, Terms, judge
from actlab.learner import Kind

NAMED, UNHELPFUL = 0.75, 0.1


@pytest.fixture(scope="module")
def judged():
    return [(row, evaluate(EXERCISES[row.id], partial(learner.call, row.answer()), 0)) for row in ROWS]


def test_none_passes(judged):
    assert [row for row, result in judged if result.status in ("right", "not attempted")] == []


def test_most_are_named_and_few_are_told_what_does_not_help(judged):
    missed = [(row, result) for row, result in judged if not row.holds(" ".join(told(result)))]
    bare = [row for row, result in missed if result.cause or result.kind in (Kind.VALUE, Kind.SHAPE)]
    assert len(judged) - len(missed) >= NAMED * len(judged), missed
    assert len(bare) < UNHELPFUL * len(judged), bare


HANDED_IN = """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def relu(z):
    return np.maximum(0, z), z
def relu_derivative(z):
    return (z > 0,)
def leaky_relu(z, alpha=0.01):
    return np.max(alpha * z, z)
def dead_units(z):
    return (z <= 0).all(axis=0), {"z": z}
class Layer:
    def forward(self, z):
        raise NotImplementedError
def gelu(z):
    return Layer().forward(z)
def gelu_tanh(self, z):
    return z
"""


def test_the_grader_says_what_the_notebook_says():
    """The same words on both sides of the sandbox, but for the number of the line and the end of a long exception."""
    graded = {r.name: r for r in judge(Job("ada", (HANDED_IN,), Terms(b"0123456789abcdef"))).results}
    for name in ("sigmoid", "relu", "relu_derivative", "leaky_relu", "dead_units", "gelu", "gelu_tanh"):
        here = evaluate(EXERCISES[name], partial(learner.call, Row(name, HANDED_IN, "").answer()), 0)
        there = graded[name]
        assert (there.status, there.kind, there.cause) == (here.status, here.kind, here.cause), name
        if name != "leaky_relu":
            assert there.sentence.partition(", in line")[0] == here.sentence.partition(", in line")[0]
    assert graded["sigmoid"].sentence.startswith("Right, and it warned")
    assert "2 things came back" in graded["dead_units"].sentence
    assert "`np.maximum`" in graded["leaky_relu"].sentence
