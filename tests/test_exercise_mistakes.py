"""Wrong answers that many exercises share, and the laws of independent numbers."""

import numpy as np

from actlab.exercises import EXERCISES, Task, mistakes
from actlab.exercises.laws import independence

Z = np.array([-2.0, -0.5, 0.5, 3.0])


def the(wrong, words):
    return next(form for said, form in wrong.items() if words in said)


def test_integer_storage_is_right_for_floats_and_cut_off_for_integers():
    stored = the(mistakes.integer_storage(lambda z, alpha=1.0: alpha * z / 2), "integer array")
    assert np.array_equal(stored(Z), Z / 2)
    assert stored(np.array([1, 2, 3])).tolist() == [0, 1, 1]
    assert stored(np.array([1, 2, 3]), 3.0).tolist() == [1, 3, 4]
    assert stored(Z.astype(np.float32)).dtype == np.float32


def test_a_flipped_sign_hands_on_every_argument():
    assert the(mistakes.flipped(lambda z, upstream: z * upstream), "sign")(2.0, 3.0) == -6.0


def test_differences_are_a_slope_gone_wrong_in_three_ways():
    wrong = mistakes.differences(np.square)
    assert np.allclose(the(wrong, "coarse step 1")(Z), 2 * Z + 1)
    assert np.allclose(the(wrong, "never divided")(Z), 4e-5 * Z)
    assert np.array_equal(the(wrong, "neighbouring")(Z), np.gradient(Z**2))


def test_foreign_draws_never_ask_the_generator_they_are_given():
    class Untouched:
        def random(self, size):
            raise AssertionError("asked")

    elsewhere, seeded = mistakes.foreign_draws(lambda n, rng: rng.random(n)).values()
    assert len(elsewhere(3, Untouched())) == 3
    assert not np.array_equal(elsewhere(3, Untouched()), elsewhere(3, Untouched()))
    assert np.array_equal(seeded(3, Untouched()), seeded(3, Untouched()))


def test_a_mistake_has_one_text_however_many_exercises_know_it():
    """The same words stand for the same mistake, and no exercise writes them in a way of its own."""
    known = {name: task.id for task in EXERCISES.values() if isinstance(task, Task) for name in task.wrong}
    shared = {text for name, text in vars(mistakes).items() if isinstance(text, str) and name.isupper()}
    assert shared - {mistakes.METHOD} <= known.keys()
    for near in ("cuts off everything after the point", "a seed of its own", "input array itself"):
        assert len([name for name in known if near in name]) == 1, near


def scatter(u):
    return [measure for measure in independence(u, *u.shape) if abs(measure.got - measure.want) > measure.allowed]


def test_independence_is_lost_by_equal_rows_or_equal_columns():
    rng = np.random.default_rng(5)
    assert scatter(rng.normal(size=(80, 60))) == []
    (off,) = scatter(np.tile(rng.normal(size=60), (80, 1)))
    assert "in a column depend on each other" in off.sentence
    (off,) = scatter(np.tile(rng.normal(size=(80, 1)), (1, 60)))
    assert "in a row depend on each other" in off.sentence
