"""An activation that nobody has seen: every hand-out's own, as hard as another's, and nobody else's."""

from functools import cache, partial
from itertools import pairwise

import numpy as np
import pytest
from variants.unseen import FACTORIES

from actlab import learner
from actlab.activations import gelu, relu, sigmoid
from actlab.exercises import EXERCISES, evaluate
from actlab.exercises.drawn.unseen import PAIRS, activation, telling

CODES = ["", *(f"student {k}" for k in range(39))]
FUNCTIONS = ("unseen", "unseen_slope")


@cache
def asked(id, code):
    return EXERCISES[id].of_instance(code)


def points(exercise, answer, seed=0):
    return evaluate(exercise, partial(learner.call, answer), seed).points


def test_every_pair_of_sides_is_drawn_and_each_is_telling():
    drawn = [activation(code) for code in CODES]
    assert {one.shape for one in drawn} == set(PAIRS)
    assert all(telling(one) for one in drawn)
    assert len({one.latex for one in drawn}) == len(drawn)


@pytest.mark.parametrize("code", CODES)
def test_its_sides_meet_and_its_slope_is_one(code):
    own = activation(code)
    near = own.f(own.c + np.array([-1e-9, 0, 1e-9]))
    assert np.allclose(near, own.d, atol=1e-7)
    z = np.linspace(-6, 6, 400) + 0.0042
    assert np.allclose(own.df(z), (own.f(z + 1e-6) - own.f(z - 1e-6)) / 2e-6, atol=1e-6)
    far = np.array([-1e4, 1e4])
    assert np.isfinite(own.f(far)).all() and np.isfinite(own.df(far)).all()


@pytest.mark.parametrize("code", CODES)
def test_the_reference_scores_full(code):
    for id in FACTORIES:
        assert points(asked(id, code), asked(id, code).reference) == asked(id, code).points


@pytest.mark.parametrize(("code", "classmate"), [*pairwise(CODES[:11])])
def test_a_classmates_right_answers_earn_nothing(code, classmate):
    for id in FACTORIES:
        assert points(asked(id, code), asked(id, classmate).reference) == 0


@pytest.mark.parametrize("id", FACTORIES)
def test_right_answers_in_any_form_score_full(id):
    for code in CODES[:3] if id == "unseen_gains" else CODES[:8]:
        exercise = asked(id, code)
        for factory in FACTORIES[id]:
            assert points(exercise, factory(code)) == exercise.points


@pytest.mark.parametrize("id", FACTORIES)
def test_a_known_wrong_answer_is_named(id):
    for code in CODES[1:2] if id in FUNCTIONS else CODES[:5]:
        exercise = asked(id, code)
        assert len(exercise.wrong) >= 8
        for said, form in exercise.wrong.items():
            result = evaluate(exercise, partial(learner.call, form), 0)
            assert (result.points < result.max_points, result.cause) == (True, said)


@pytest.mark.parametrize("f", [relu, gelu, sigmoid, np.tanh])
def test_the_lessons_functions_earn_nothing(f):
    for code in CODES[:6]:
        for id in FUNCTIONS:
            assert points(asked(id, code), f) == 0


@pytest.mark.parametrize("code", CODES)
def test_infinity_is_met_by_infinity_alone(code):
    exercise = asked("unseen_flat", code)
    right = np.array(exercise.reference())
    assert points(exercise, lambda: right.tolist()) == exercise.points
    assert points(exercise, lambda: [right[0] - 0.019, right[1] + 0.019]) == exercise.points
    finite = np.nan_to_num(right, posinf=1e9, neginf=-1e9)
    assert (points(exercise, lambda: finite) == 0) == bool(np.isinf(right).any())


def test_each_gain_has_points_of_its_own():
    exercise = asked("unseen_gains", "")
    forward, _ = exercise.reference()
    assert points(exercise, lambda: (forward, 1.0)) == 2
