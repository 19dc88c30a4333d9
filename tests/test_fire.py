"""Softmax under fire: every hand-out asks for another one, and each is judged fairly."""

import math
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from variants.fire import FACTORIES, answers

from actlab import learner
from actlab.activations import softmax, softmax_vjp
from actlab.exercises import EXERCISES, evaluate
from actlab.exercises.drawn import fire
from actlab.exercises.topics.attention import masked_softmax

IDS = list(FACTORIES)
CODES = ["", *(f"code {k}" for k in range(39))]


def judged(id, f, code, seed=0):
    return evaluate(EXERCISES[id].of_instance(code), partial(learner.call, f), seed)


def answered(code):
    names = {"np": np, "math": math}
    for text in answers(code).values():
        exec(text, names)
    return names


@pytest.mark.parametrize("id", IDS)
def test_right_answers_pass_in_every_hand_out(id):
    for code in CODES[::4]:
        forms = [EXERCISES[id].of_instance(code).reference, answered(code)[id], *(f(code) for f in FACTORIES[id])]
        for k, f in enumerate(forms):
            result = judged(id, f, code, seed=k % 2)
            assert result.status == "right", (code, k, result)


@pytest.mark.parametrize("id", IDS)
def test_each_known_wrong_answer_fails_and_is_named_in_every_hand_out(id):
    """One after the other: in every hand-out other ones, and each in several."""
    for k, code in enumerate(CODES):
        wrong = list(EXERCISES[id].of_instance(code).wrong.items())
        for said, f in wrong[k % 20 :: 20]:
            result = judged(id, f, code, seed=k)
            assert result.points < result.max_points and result.cause == said, (code, said, result)


def test_every_hand_out_is_as_hard_as_the_others_and_differs_from_them():
    drawn = [fire.drawn_fire(code) for code in CODES]
    assert all(map(fire.fits, drawn)) and len(set(drawn)) == len(drawn)
    assert {one.joins for one in drawn} == {fire.CAPPED, fire.DIVIDED, fire.LAST}
    assert {one.marked for one in drawn} == {True, False}


@pytest.mark.parametrize("id", IDS)
def test_a_classmates_answer_earns_nothing(id):
    for mine, theirs in pairwise(CODES[:13]):
        assert judged(id, answered(theirs)[id], mine).points == 0


def test_what_the_lessons_teach_earns_nothing():
    def backward(z, mask, upstream):
        return softmax_vjp(masked_softmax(z, mask), upstream)

    for code in CODES[:3]:
        for f in (lambda z, mask: softmax(z), masked_softmax, lambda z, mask: masked_softmax(z, ~mask)):
            assert judged("fire_softmax", f, code).points == 0
        assert judged("fire_vjp", backward, code).points == 0
        assert judged("fire_vjp", lambda z, mask, upstream: softmax_vjp(softmax(z), upstream), code).points == 0


@pytest.mark.parametrize("id", ["fire_softmax", "fire_vjp"])
def test_every_part_is_earned_on_its_own(id):
    task = EXERCISES[id]
    few_bits, overflowing = (judged(id, task.wrong[said], "") for said in (fire.FEW_BITS, fire.NO_SHIFT))
    assert {part for part, score in few_bits.parts.items() if score.points} == {fire.VALUES, fire.EXTREMES}
    assert {part for part, score in overflowing.parts.items() if score.points} == {fire.VALUES, fire.LOW}


def test_float16_reaches_the_learner_and_is_shown_as_such():
    task, seen = EXERCISES["fire_softmax"], []

    def float16_alone(z, mask):
        seen.append(z.dtype.name)
        return task.reference(z, mask) if z.dtype != np.float16 else np.zeros(z.shape, np.float16)

    (row,) = judged(task.id, float16_alone, "").failing
    assert {"float16", "float32", "float64"} <= set(seen)
    assert "(float16)" in row.input and row.got != row.expected
