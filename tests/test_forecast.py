"""Question 2 of the challenge: what a forecast is worth, in every hand-out."""

import math
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from variants.forecast import FACTORIES, answers

from actlab import learner
from actlab.exercises import EXERCISES, evaluate
from actlab.exercises.drawn.forecast import LOOSEST, asked, fair

IDS = tuple(FACTORIES)
NUMBERS = IDS[1:]
CODES = ["", *(f"student {number}" for number in range(8))]


def task(id, code):
    return EXERCISES[id].of_instance(code)


def judged(id, code, f, seed=0):
    return evaluate(task(id, code), partial(learner.call, f), seed)


def points(id, code, f):
    return judged(id, code, f).points


@pytest.mark.parametrize("code", CODES[:5])
def test_right_answers_score_full_in_any_form(code):
    for id in NUMBERS:
        for right in (task(id, code).reference, *(factory(code) for factory in FACTORIES[id])):
            assert points(id, code, right) == 5, id


@pytest.mark.parametrize("code", CODES[:3])
def test_right_sizes_of_any_function_score_full(code):
    for right in (task("layer_sizes", code).reference, *(factory(code) for factory in FACTORIES["layer_sizes"])):
        assert [judged("layer_sizes", code, right, seed).points for seed in range(2)] == [5, 5]


@pytest.mark.parametrize("code", CODES)
def test_each_known_wrong_number_fails_and_is_named(code):
    for id in NUMBERS:
        known = task(id, code).wrong
        assert len(known) >= 8
        for said, form in known.items():
            result = judged(id, code, form)
            assert (result.points, result.cause) == (0, said)


@pytest.mark.parametrize("seed", range(2))
def test_each_known_wrong_list_of_sizes_fails_and_is_named(seed):
    for said, form in task("layer_sizes", CODES[1]).wrong.items():
        result = judged("layer_sizes", CODES[1], form, seed)
        assert (result.points, result.cause) == (0, said)


def typed(name, code):
    """What a cell of NumPy leaves in the variable, called where it is a function."""
    space = {"np": np, "math": math}
    exec(answers(code)[name], space)
    return space[name]


@pytest.mark.parametrize("code", CODES[:5])
def test_what_is_typed_out_of_numpy_scores_full(code):
    for id in NUMBERS:
        answer = typed(id, code)
        assert points(id, code, lambda answer=answer: answer) == 5, id
    assert code not in CODES[:2] or points("layer_sizes", code, typed("layer_sizes", code)) == 5


def test_a_classmates_answers_are_wrong_in_mine():
    for mine, theirs in pairwise(CODES):
        for id in ("deep_sizes", "deep_gradients"):
            assert points(id, mine, task(id, theirs).reference) == 0
    gains = [
        points("safe_gain", mine, task("safe_gain", theirs).reference)
        for mine in CODES
        for theirs in CODES
        if theirs != mine
    ]
    assert np.mean(gains) < 0.2 * 5


def test_a_classmates_function_expects_another_input():
    for mine, theirs in pairwise(CODES[:4]):
        if asked(mine).start != asked(theirs).start:
            result = judged("layer_sizes", mine, task("layer_sizes", theirs).reference)
            assert result.points == 0


@pytest.mark.parametrize("code", CODES)
def test_what_a_handout_asks_is_fair(code):
    one = asked(code)
    assert fair(one, [bool(one.safe)], LOOSEST)
    if one.safe:
        assert all(one.accepts(one.safe + step) for step in (-0.01, 0, 0.01))
    else:
        assert one.accepts(-one.nearest) and not one.accepts(-1.5 * one.nearest)
        assert not any(map(one.accepts, np.linspace(one.low, one.high, 40)))
    assert not one.accepts(0)


def test_about_half_of_a_class_has_a_safe_gain():
    assert 2 <= sum(bool(asked(code).safe) for code in CODES) <= 7


def networks(one, width, number):
    """Mean squares of z_L, and of what becomes of a random gradient, in networks of finite width: two of (3,)."""
    rng = np.random.default_rng(1)
    gains = np.array(one.gains)[:, None, None]
    signal, gradient = np.zeros(3), np.zeros(3)
    for _ in range(number):
        weights = rng.normal(size=(one.depth, width, width)) / math.sqrt(width)
        h, zs = np.tile(one.start * rng.normal(size=(8, width)), (3, 1, 1)), []
        for W in weights:
            zs.append(gains * (h @ W))
            h = one.own.f(zs[-1])
        delta = np.tile(rng.normal(size=(8, width)), (3, 1, 1))
        for W, z in zip(weights[:0:-1], zs[-2::-1], strict=True):
            delta = gains * (delta @ W.T) * one.own.df(z)
        signal += np.square(zs[-1]).mean((1, 2)) / number
        gradient += np.square(delta).mean((1, 2)) / number
    return signal, gradient


@pytest.mark.parametrize("code", CODES[:2])
def test_networks_of_finite_width_agree(code):
    one = asked(code)
    signal, gradient = networks(one, 500, 30)
    assert np.allclose(np.sqrt(signal), one.sizes, rtol=0.05)
    assert np.allclose(np.sqrt(gradient), one.gradients, rtol=0.05)


def test_what_the_lessons_hand_out_earns_nothing():
    def forward_gain(f):
        z = np.linspace(-8, 8, 4001)
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        return 1 / np.sqrt(np.sum(f(z) ** 2 * density) * (z[1] - z[0]))

    for code in CODES:
        own = asked(code).own
        assert points("layer_sizes", code, forward_gain) == 0
        assert points("layer_sizes", code, lambda f, gain, depth: [gain / forward_gain(f)] * depth) == 0
        for gain in (forward_gain(own.f), forward_gain(own.df), math.sqrt(2)):
            assert points("deep_sizes", code, lambda gain=gain: [gain] * 3) == 0
