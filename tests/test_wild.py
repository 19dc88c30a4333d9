"""Wrong answers as people write them: none passes, most are named, few are told something that does not help."""

from functools import partial

import pytest
from wild import ROWS

from actlab import learner
from actlab.exercises import EXERCISES, evaluate
from actlab.exercises.words import told
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
