"""Four networks that fail: every log tells its fault, and nothing of an answer fits another hand-out."""

import math
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from variants.failures import FACTORIES, answers, by_columns, by_losses

from actlab import learner
from actlab.exercises import EXERCISES, evaluate
from actlab.exercises.drawn.failing import DEPTH, FAULTS, IN_A_LAYER, telling
from actlab.exercises.drawn.failures import NAMES, ward

IDS = [*FACTORIES]
ALL = ["", *(f"student {n}" for n in range(99))]
CODES = ALL[:40]


def task(id, code):
    return EXERCISES[id].of_instance(code)


def points(id, code, f, seed=0):
    return evaluate(task(id, code), f, seed).points


def executed(code):
    """name -> what answers it, from the text of the right answers."""
    room = {"np": np, "math": math}
    for text in answers(code).values():
        exec(text, room)
    return {id: room[id] if callable(room[id]) else lambda id=id: room[id] for id in IDS}


@pytest.mark.parametrize("id", IDS)
def test_right_answers_in_any_form_score_full(id):
    for code in CODES:
        for f in (task(id, code).reference, executed(code)[id]):
            assert points(id, code, f) == EXERCISES[id].points, code
    for code in CODES[:12]:
        for number, factory in enumerate(FACTORIES[id]):
            assert points(id, code, factory(code), 1) == EXERCISES[id].points, (code, number)


@pytest.mark.parametrize("id", IDS)
def test_each_wrong_answer_fails_and_is_named(id):
    for number, code in enumerate(CODES[:14]):
        asked = task(id, code)
        assert len(asked.wrong) >= 8
        for name, f in asked.wrong.items():
            result = evaluate(asked, f, number)
            assert (result.points < result.max_points, result.cause) == (True, name), code


def test_four_different_faults_whose_logs_tell_them():
    for code in CODES:
        own = ward(code)
        faults = [net.fault for net in own.networks.values()]
        assert len({*faults}) == len(faults)
        for name, net in own.networks.items():
            assert telling(net, own.logs[name])
            assert (1 < net.layer < DEPTH) == (net.fault in IN_A_LAYER)


def test_rules_from_the_lessons_tell_the_faults():
    told = [
        rules(own.logs[name], own.axis) == (net.layer, net.fault)
        for own in map(ward, ALL)
        for rules in (by_columns, by_losses)
        for name, net in own.networks.items()
    ]
    assert np.mean(told) == 1


def earned(guess):
    """The mean share of the four networks' points for guess(code, name) -> (layer, fault)."""
    each = [
        2 * (fault == right) + (fault == right and layer == place)
        for code in CODES
        for name in NAMES
        for (layer, fault), (place, right) in [(guess(code, name), ward(code).answer(name))]
    ]
    return np.mean(each) / 3


def test_who_guesses_or_knows_another_hand_out_earns_little():
    rng = np.random.default_rng(0)
    assert earned(lambda code, name: (rng.integers(0, DEPTH + 1), rng.integers(1, 8))) < 0.2
    for k in range(1, len(FAULTS) + 1):
        assert earned(lambda code, name, k=k: (0, k)) < 0.25
    assert earned(lambda code, name: ward(ALL[CODES.index(code) + 1]).answer(name)) < 0.2


def test_a_classmates_answers_earn_little():
    lent = [
        points(id, mine, partial(learner.call, f))
        for mine, theirs in pairwise(CODES)
        for id, f in executed(theirs).items()
    ]
    assert len(IDS) * np.mean(lent) < 4
    mended = [score for k, score in enumerate(lent) if IDS[k % len(IDS)].endswith("repair")]
    assert max(mended) == 0


def shape(value):
    """What is left of a log without its numbers."""
    if isinstance(value, dict):
        return [(key, shape(each)) for key, each in value.items()]
    return [*map(shape, value)] if isinstance(value, tuple) else type(value).__name__


def test_keys_order_and_lengths_say_nothing():
    for code in CODES:
        logs = task("network_a", code).given["LOGS"]
        assert [*logs] == [*NAMES]
        assert all(shape(log) == shape(logs["a"]) for log in logs.values())


def test_every_fault_is_met_as_often_as_another():
    met = [net.fault for code in ALL for net in ward(code).networks.values()]
    assert all(35 < met.count(fault) < 80 for fault in FAULTS)
