"""The question about a claim: every hand-out is clear, right answers pass, mistakes are named, nothing is passed on."""

from collections import Counter
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from variants import claims as right

from actlab.exercises import EXERCISES, evaluate
from actlab.exercises.drawn import claims
from actlab.exercises.drawn.claims import flaw, instance

CODES = ["", *(f"student {number}" for number in range(40))]
IDS = [*right.FACTORIES]


@cache
def asked(id, code):
    return EXERCISES[id].of_instance(code)


@cache
def texts(code):
    return right.answers(code)


def graded(code, cells):
    """The points of cells of text in one hand-out."""
    names = {"np": np}
    exec("\n".join(cells.values()), names)
    return {id: evaluate(asked(id, code), lambda id=id: names[id], 0).points for id in cells}


@pytest.mark.parametrize("code", CODES)
def test_the_reference_and_answers_of_other_origin_are_right(code):
    for id, factories in right.FACTORIES.items():
        task = asked(id, code)
        for answer in (task.reference, *(factory(code) for factory in factories)):
            result = evaluate(task, answer, 0)
            assert (result.status, result.points) == ("right", 4), (id, result.sentence, result.cause)


@pytest.mark.parametrize("code", CODES)
def test_texts_of_answers_are_right(code):
    assert sum(graded(code, texts(code)).values()) == 20


@pytest.mark.parametrize("code", CODES)
def test_known_wrong_answers_fail_and_are_named(code):
    for id in IDS:
        task = asked(id, code)
        assert len(task.wrong) >= 8
        for name, form in task.wrong.items():
            result = evaluate(task, form, 0)
            assert (result.points, result.cause, result.failing) == (0, name, ()), id


def test_no_hand_out_has_a_flaw():
    assert [code for code in CODES if flaw(instance(code))] == []


def test_verdicts_are_equally_frequent_and_what_the_intervals_say():
    drawn = Counter(claims.planned(f"another {number}").right for number in range(400))
    assert min(drawn.values()) >= 80
    for code in CODES:
        assert asked("claim_verdict", code).right == right.letter(code)


def test_answers_of_a_classmate_earn_next_to_nothing():
    earned = [graded(code, texts(other)) for code, other in pairwise(CODES)]
    assert np.mean([sum(points[id] for id in IDS) for points in earned]) < 0.5
    assert np.mean([points["claim_verdict"] for points in earned]) < 2


def test_data_are_few_lines_and_plain():
    for code in CODES:
        given = asked("claim_difference", code).given
        assert list(given) == ["RATES", "RESULTS"] and len(given["RATES"]) == 4
        assert sorted(given["RESULTS"]) == ["f", "g", "h"]
        for rows in given["RESULTS"].values():
            assert len(rows) == 24 and all(
                0 < number < 1 and round(number, 3) == number for row in rows for number in row
            )


def test_quantiles_are_those_of_a_table():
    for degrees, table in claims.QUANTILES.items():
        for probability, quantile in table.items():
            assert round(stats.t.ppf(probability, degrees), 3) == quantile
