"""Every exercise: right answers in any form pass, known wrong answers fail and are named, crashes become sentences."""

import math
import re
from dataclasses import replace
from functools import partial
from pkgutil import iter_modules

import numpy as np
import pytest
import variants
from hypothesis import given, settings
from hypothesis import strategies as st
from variants.sigmoid import stable_sigmoid

from actlab import course, exercises, learner
from actlab.exercises import (
    EXERCISES,
    Case,
    Choice,
    Misdefined,
    Numbers,
    Row,
    Task,
    evaluate,
    exercise,
    mistakes,
    pointwise,
    practice,
)
from actlab.learner import Trouble

TASKS = [e for e in EXERCISES.values() if isinstance(e, Task)]
CHOICES = [e for e in EXERCISES.values() if isinstance(e, Choice)]
DERIVED = [e for e in TASKS if e.of]
WRONG = [pytest.param(e, name, id=f"{e.id}: {name}") for e in TASKS for name in e.wrong]
SEEDS = range(4)


def judged(task, f, rng=0, **options):
    return evaluate(task, partial(learner.call, f, **options), rng)


def told(result):
    return " ".join([result.sentence, result.cause, *(text for row in result.failing for text in row)])


@pytest.mark.parametrize("task", [t for t in TASKS if not t.observe], ids=lambda t: t.id)
def test_the_reference_is_right(task):
    for seed in range(20):
        result = judged(task, task.reference, seed)
        assert (result.status, result.points) == ("right", task.points)


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.id)
def test_independent_right_answers_pass(task):
    for number, variant in enumerate(variants.right_answers(task)):
        for seed in SEEDS:
            result = judged(task, variant, seed)
            assert result.status == "right", f"variant {number}: {told(result)}"


def test_each_topic_has_its_right_answers_in_a_module_of_the_same_name():
    asked = {variants.topic(task) for task in TASKS}
    assert {file.name for file in iter_modules(variants.__path__)} == asked | {"entries"}
    assert variants.VARIANTS.keys() <= {t.id for t in TASKS} >= variants.SPOILERS.keys()


def test_what_is_missing_beside_an_exercise_is_said_in_a_sentence(monkeypatch):
    task = EXERCISES["q3_elu"]
    monkeypatch.delitem(variants.VARIANTS, task.id)
    with pytest.raises(AssertionError, match=r"^write three right answers to `q3_elu` in tests/variants/relu\.py"):
        variants.right_answers(task)
    monkeypatch.delitem(variants.SPOILERS, task.id)
    with pytest.raises(AssertionError, match=r"about `q3_elu` may give away .* SPOILERS of tests/variants/relu\.py"):
        variants.spoilers(task)


def inherited(task, name):
    """Whether a wrong answer is that of the lesson's task."""
    return bool(task.of) and task.wrong[name] is task.of.wrong.get(name)


@pytest.mark.parametrize(("task", "name"), WRONG)
def test_a_known_wrong_answer_fails_and_is_named_with_one_small_input(task, name):
    for seed in SEEDS:
        result = judged(task, task.wrong[name], seed)
        assert result.status in ("wrong", "partly")
        assert result.points < result.max_points
        said = f"`{name}` behaves like `{result.cause}`, which stands before it: put it first, or leave one of them out"
        assert result.cause == name, said
        assert bool(result.failing) != isinstance(task, Numbers)
        assert max((text.count(",") for row in result.failing for text in row), default=0) < 24
        message = re.sub(r"[\s`]", "", told(result)).replace("−", "-")
        assert not [spoiler for spoiler in variants.spoilers(task) if spoiler in message]


@pytest.mark.parametrize("task", DERIVED, ids=lambda t: t.id)
def test_a_wrong_answer_has_the_same_words_in_the_lesson_and_in_the_homework(task):
    names = [name for name in task.wrong if inherited(task, name)]
    assert names == [name for name in task.of.wrong if name in names]
    assert list(task.wrong)[: len(names)] == names
    assert not {name for name in task.wrong if name not in names} & task.of.wrong.keys()


DROPPED = [pytest.param(e, name, id=f"{e.id}: {name}") for e in DERIVED for name in e.of.wrong if not e.wrong.get(name)]


@pytest.mark.parametrize(("task", "name"), DROPPED)
def test_what_the_homework_leaves_out_it_could_not_name(task, name):
    """Its cases accept it, or cannot tell it from a wrong answer that stands before it."""
    before = list(task.of.wrong)[: list(task.of.wrong).index(name) + 1]
    known = replace(task, wrong={n: f for n, f in task.of.wrong.items() if n in before})
    seen = [judged(known, task.of.wrong[name], seed) for seed in SEEDS]
    assert any(result.status == "right" or result.cause != name for result in seen)


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.id)
def test_lists_and_float32_of_a_wrong_answer_are_named_too(task):
    name, form = next(iter(task.wrong.items()))

    def rewrapped(*args):
        value = form(*args)
        return [np.asarray(v).tolist() for v in value] if task.outputs or task.observe else np.asarray(value).tolist()

    assert judged(task, rewrapped).cause == name


def forgets(*args):
    len(args)


def raises(*args):
    raise ZeroDivisionError("by nought")


def recurses(*args):
    return recurses(*args)


def loops(*args):
    while True:
        pass


def exits(*args):
    raise SystemExit


def mutates(*args):
    for arg in args:
        if isinstance(arg, np.ndarray | list):
            (arg if isinstance(arg, np.ndarray) else arg[0])[...] = 7
    return args[0]


CRASHES = {
    "none": forgets,
    "text": lambda *args: "0.5",
    "dict": lambda *args: {},
    "complex": lambda *args: 1j,
    "ragged": lambda *args: [[1, 2], [3]],
    "shape": lambda *args: np.zeros((7, 7)),
    "empty": lambda *args: [],
    "list of text": lambda *args: ["a", "b"],
    "raises": raises,
    "recurses": recurses,
    "loops": loops,
    "exits": exits,
    "function": lambda *args: np.exp,
    "no parameters": lambda only, too, many, of, them: 0,
}


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.id)
def test_a_crash_gives_a_sentence(task, crash):
    result = judged(task, CRASHES[crash], seconds=0.05 if crash == "loops" else 10)
    assert (result.status, result.points) == ("wrong", 0)
    assert result.sentence[0].isupper() or result.sentence[0] == "`"
    assert result.sentence[-1] in ".?"
    assert "Traceback" not in result.sentence


def takes_arrays(task):
    case = next(iter(task.cases(np.random.default_rng(0))), Case())
    return any(isinstance(arg, np.ndarray | list) for arg in case.args)


@pytest.mark.parametrize("task", [t for t in TASKS if takes_arrays(t)], ids=lambda t: t.id)
def test_a_changed_argument_is_explained(task):
    assert "changes its input in place" in judged(task, mutates).sentence


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.id)
def test_an_untouched_stub_is_not_attempted(task):
    def stub(*args):
        raise NotImplementedError

    result = judged(task, stub)
    assert (result.status, result.points, result.failing) == ("not attempted", 0, ())
    assert result.sentence == "`stub` is still a stub"


def test_the_extra_part_counts_only_when_the_values_are_right():
    task = EXERCISES["q2_sigmoid"]
    partly = judged(task, lambda z: np.exp(z) / (1 + np.exp(z)))
    assert (partly.status, partly.points) == ("partly", 3)
    assert partly.sentence.startswith("Right so far: values.")
    right_at_the_ends_only = judged(task, lambda z: np.where(np.abs(z) > 50, np.where(z > 0, 1.0, 0.0), 2.0))
    assert (right_at_the_ends_only.status, right_at_the_ends_only.points) == ("wrong", 0)


def test_messages_go_shape_then_finite_then_value():
    task = EXERCISES["q2_sigmoid"]
    assert "shape" in judged(task, lambda z: z if z.ndim < 2 else z.ravel()).sentence
    not_finite = judged(task, lambda z: np.log(z))
    assert "no finite number" in not_finite.sentence
    assert not_finite.failing[0] == Row("z = -2", "nan", "0.1192")
    assert "wrong values" in judged(task, lambda z: z + 0.5).sentence


def test_one_small_failing_input_is_shown():
    assert judged(EXERCISES["q2_sigmoid"], lambda z: 1 / (1 + np.exp(z))).failing == (
        Row("z = -2", "0.8808", "0.1192"),
    )
    backward = judged(EXERCISES["q2_sigmoid_backward"], lambda z, upstream: upstream.copy()).failing
    assert backward == (Row("z = 0, upstream = 4", "4", "1"),)
    nearly = judged(EXERCISES["q2_sigmoid"], lambda z: 1 / (1 + np.exp(-z)) + 2e-5)
    assert nearly.failing[0].got != nearly.failing[0].expected


def test_xor_shows_all_four_inputs():
    half = judged(EXERCISES["q1_xor"], lambda: (np.ones((2, 2)), np.zeros(2), np.zeros(2), 0.5))
    assert half.failing[0] == Row("x = (0, 0)", "0.5", "0")
    assert len(half.failing) == 4
    assert "four" not in half.sentence and "affine" in half.cause


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((np.ones((2, 2)), np.ones(2)), "4 things"),
        ((np.ones((2, 3)), np.ones(2), np.ones(2), 0), "`W1` has shape (2, 3)"),
        ((np.ones((2, 2)), np.ones(3), np.ones(2), 0), "`b1` has shape (3,)"),
        ((np.ones((2, 2)), np.ones(2), "w", 0), "`w2` is text"),
        ((np.full((2, 2), np.nan), np.ones(2), np.ones(2), 0), "no finite number"),
    ],
)
def test_xor_says_which_weight_is_odd(value, words):
    result = judged(EXERCISES["q1_xor"], lambda: value)
    assert result.status == "wrong" and words in result.sentence


def test_two_mistakes_at_once_give_the_first_as_the_likely_cause():
    def steep_above_one_and_another_default(z, alpha=0.2):
        return np.maximum(z, alpha * z)

    for id in ("leaky_relu", "q3_leaky_relu"):
        for seed in SEEDS:
            result = judged(EXERCISES[id], steep_above_one_and_another_default, seed)
            assert "default of 0.2" in result.cause or "alpha is above 1" in result.cause
            assert "Besides, something else is off on" in result.sentence


def cuts_off(z):
    """Flipped, and without an idea of single numbers or further axes."""
    return [1 / (1 + math.exp(float(v))) for v in z]


def test_a_crash_on_another_shape_does_not_hide_the_mistake():
    for seed in SEEDS:
        result = judged(EXERCISES["q2_sigmoid"], cuts_off, seed)
        assert "sign of the exponent is flipped" in result.cause
        assert result.sentence.startswith("The result has the right shape, but wrong values. Seen on small numbers")
        assert "Besides, `cuts_off` raised TypeError" in result.sentence
        assert result.failing == (Row("z = -2", "0.8808", "0.1192"),)


def test_a_cause_that_explains_little_is_not_named():
    def flipped_where_it_is_small(z):
        return stable_sigmoid(-z) if z.size == 6 and z.ndim == 1 else stable_sigmoid(z) + 0.01 * np.abs(z)

    def never_seen(z):
        return stable_sigmoid(z) + 0.01

    for f in (flipped_where_it_is_small, never_seen):
        assert judged(EXERCISES["q2_sigmoid"], f).cause == ""


def test_exceptions_alone_are_no_sign_of_a_known_mistake():
    def fails(*args):
        raise ValueError("of another kind")

    assert [task.id for task in TASKS if judged(task, fails).cause] == []


@pytest.mark.parametrize("said", mistakes.ANYWHERE)
def test_what_goes_wrong_anywhere_is_named(said):
    """In a task of its own, in which nothing else is known."""
    task = replace(EXERCISES["q2_sigmoid"], wrong={}, reference=uneven, cases=squares, parts={"values": 4})
    assert judged(task, mistakes.anywhere(uneven)[said]).cause == said


def uneven(z):
    return np.pi * (z - 0.3)


def squares(rng):
    yield Case((np.array([[1.0, 2.5], [-4.5, 0.5]]),))
    yield Case((np.array([[2.0, 2.5, 7.0]]),))
    yield Case((np.array([1.0, 2.5, 7.0]),))


def of_one_seed(fan_in, fan_out, rng):
    return np.random.default_rng(42).normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


def summed(z, n, rng):
    return np.where(rng.normal(size=(n, *z.shape)) < z, z, 0).sum(axis=0)


def shares(z, n, rng):
    return (rng.normal(size=(n, *z.shape)) < z).mean(axis=0)


@pytest.mark.parametrize(
    ("id", "f"), [("he_normal", of_one_seed), ("stochastic_gate", summed), ("stochastic_gate", shares)]
)
def test_chance_is_no_second_mistake_beside_a_random_one(id, f):
    for seed in range(8):
        result = judged(EXERCISES[id], f, seed)
        assert result.cause in EXERCISES[id].wrong and "Besides" not in result.sentence


def test_a_method_of_a_class_is_told_about_self():
    def with_upstream(self, z):
        return z * stable_sigmoid(z)

    assert judged(EXERCISES["q2_sigmoid_backward"], with_upstream).cause == mistakes.METHOD
    assert "called `self`" in judged(EXERCISES["q2_sigmoid"], with_upstream).sentence
    assert judged(EXERCISES["q2_sigmoid"], lambda self: stable_sigmoid(self)).status == "right"


def test_other_parameters_are_told_beside_those_that_come():
    result = judged(EXERCISES["q2_sigmoid_backward"], lambda z: z)
    assert result.sentence.startswith("Your function takes z, but is called with 2 arguments: keep the parameters of")
    assert "Here come z and upstream." in result.sentence


def test_several_things_are_counted_and_the_right_one_is_pointed_at():
    task = EXERCISES["q2_sigmoid"]
    assert "(shapes (6,), (6,)): return the second alone" in judged(task, lambda z: (z, stable_sigmoid(z))).sentence
    assert "return the first alone" in judged(task, lambda z: (stable_sigmoid(z), {"z": z})).sentence
    assert "a comma too many" in judged(task, lambda z: (stable_sigmoid(z),)).sentence


def test_a_right_answer_that_overflowed_is_right_and_told_so():
    for id in ("q2_sigmoid", "sigmoid"):
        naive = judged(EXERCISES[id], lambda z: 1 / (1 + np.exp(-z)))
        assert (naive.status, naive.points) == ("right", 4)
        seen = "Right, and it warned: a number became too large for its type on large numbers."
        assert naive.sentence == f"{seen} Built on e^−|z|, which is at most 1, it has nothing that could overflow."
        assert judged(EXERCISES[id], stable_sigmoid).sentence == ""


def test_a_slope_that_dies_far_out_is_right_and_told_so():
    def slope(z):
        return stable_sigmoid(z) * (1 - stable_sigmoid(z))

    for id in ("q2_sigmoid_derivative", "sigmoid_derivative"):
        assert judged(EXERCISES[id], slope).status == "right"
        assert "from z ≈ 37 on" in judged(EXERCISES[id], slope).sentence
        assert judged(EXERCISES[id], lambda z: stable_sigmoid(z) * stable_sigmoid(-z)).sentence == ""


def test_random_numbers_of_another_shape_are_shown_with_it():
    for id in ("he_normal", "q6_he_normal"):
        for size, shown in ((3000, "of shape (3000,)"), (30_000, "another shape")):
            result = judged(EXERCISES[id], lambda fan_in, fan_out, rng, size=size: rng.normal(size=size))
            assert f"has shape ({size},), expected (" in result.sentence
            assert "(fan_out, fan_in)" not in result.cause and result.failing[0].got == shown


TINY_STEPS = [1e-3, 1e-12, 1e-300, 5e-324, -1e-3, -1e-12, -1e-300]


@pytest.mark.parametrize("at", TINY_STEPS)
def test_a_corner_that_is_moved_ever_so_little_is_noticed_for_every_draw(at):
    moved = {
        "q0_step": lambda z: z > at,
        "q3_relu_derivative": lambda z: z > at,
        "relu_derivative": lambda z: z > at,
        "q3_relu_backward": lambda z, upstream: upstream * (z > at),
        "q3_dead_units": lambda z: (z <= at).all(0),
        "dead_units": lambda z: (z <= at).all(0),
        "q3_elu_derivative": lambda z, alpha=1.0: np.where(z > at, 1, alpha * np.exp(z)),
    }
    for id, f in moved.items():
        seen = [judged(EXERCISES[id], f, seed) for seed in SEEDS]
        assert {result.status for result in seen} == {"wrong"}, id
        assert len({result.cause for result in seen}) == 1, id


@pytest.mark.parametrize(
    ("id", "f"),
    [
        ("q3_leaky_relu", lambda z, alpha: np.where(z > 0, z, alpha * z)),
        ("leaky_relu", lambda z, alpha: np.where(z > 0, z, alpha * z)),
        ("q3_elu", lambda z, alpha: np.where(z > 0, z, alpha * np.expm1(z))),
        ("q3_elu_derivative", lambda z, alpha: np.where(z > 0, 1, alpha * np.exp(z))),
        ("q4_silu", lambda z, beta: z * stable_sigmoid(beta * z)),
    ],
)
def test_a_default_that_is_missing_is_asked_for(id, f):
    assert "has no default" in judged(EXERCISES[id], f).sentence
    with_another = [said for said in EXERCISES[id].wrong if said.startswith("a default of")]
    assert len(with_another) >= 4


def test_a_slow_function_is_tried_once_only():
    calls = []

    def slow(z):
        calls.append(1)
        while True:
            pass

    assert "still running" in judged(EXERCISES["q2_sigmoid"], slow, seconds=0.05).sentence
    assert len(calls) == 1


def test_stubs_further_in_are_named():
    def sigmoid_derivative(z):
        raise NotImplementedError

    result = judged(EXERCISES["q2_sigmoid_backward"], lambda z, upstream: upstream * sigmoid_derivative(z))
    assert result.status == "not attempted" and "`sigmoid_derivative`" in result.sentence


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 5), st.sampled_from([1.001, 0.999, -1.0]))
def test_one_entry_slightly_off_is_noticed(seed, entry, factor):
    def nearly(z):
        values = stable_sigmoid(z)
        if z.size == 6:
            values.flat[entry] *= factor
        return values

    assert judged(EXERCISES["q2_sigmoid"], nearly, seed).status == "wrong"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_pointwise_cases_probe_what_positive_floats_would_not(seed):
    inputs = [case.args[0] for case in pointwise(np.random.default_rng(seed))]
    assert {z.dtype.name for z in inputs} == {"float64", "float32", "int64"}
    assert {z.ndim for z in inputs} >= {0, 1, 2, 3, 4}
    everything = np.concatenate([z.ravel() for z in inputs])
    assert (everything < -8).any() and (everything > 8).any() and (everything == 0).any()
    assert np.abs(everything).max() <= 30


def test_cases_are_fresh_every_time_and_repeat_with_a_seed():
    def drawn(rng):
        seen = []
        evaluate(EXERCISES["q2_tanh_derivative"], lambda z: seen.append(z) or np.zeros(z.shape), rng)
        return np.concatenate([z.ravel() for z in seen])

    assert not np.array_equal(drawn(None), drawn(None))
    assert np.array_equal(drawn(3), drawn(np.random.default_rng(3)))


@pytest.mark.parametrize("choice", CHOICES, ids=lambda c: c.id)
def test_choices(choice):
    def chosen(answer):
        return evaluate(choice, lambda: answer)

    assert set(choice.hints) == set(choice.options) - set(choice.right)
    for answer in (*choice.right, *(f" {letter.upper()}\n" for letter in choice.right)):
        assert (chosen(answer).status, chosen(answer).points) == ("right", choice.points)
    for letter, hint in choice.hints.items():
        result = chosen(letter)
        assert result.status == "wrong" and hint in result.sentence
        for right in choice.right:
            assert f"({right})" not in result.sentence and choice.options[right] not in result.sentence
    for blank in (None, ..., "", "  "):
        assert chosen(blank).status == "not attempted"
    for odd in ("z", "ab", 2, ["b"], f"{choice.right[0]}?"):
        result = chosen(odd)
        assert result.status == "wrong" and "one letter" in result.sentence


LETTERS = st.integers(2, 6).flatmap(
    lambda many: st.tuples(
        st.permutations("abcdef"[:many]).map("".join), st.sets(st.sampled_from("abcdef"[:many]), min_size=1)
    )
)


def several(right, letters="abcd", **more):
    """A multiple choice with these right letters."""
    wrong = {letter: f"Think of {letter}." for letter in letters if letter not in right}
    said = {"options": {letter: f"option {letter}" for letter in letters}, "right": right, "hints": wrong, "why": "So."}
    return Choice(id="q9_any", name="q9_any", points=3, section="9.1", title="Any", **said | more)


@settings(max_examples=50, deadline=None)
@given(LETTERS)
def test_each_right_letter_earns_the_points_in_every_order(drawn):
    order, right = drawn
    asked = several("".join(sorted(right)), "".join(sorted(order)))
    for moved in (asked, asked.reordered(order)):
        for letter, text in moved.options.items():
            result = evaluate(moved, lambda letter=letter: letter)
            assert result.points == 3 * (text.removeprefix("option ") in right)
            assert result.sentence == ("So." if result.points else f"({letter}) is not it. Think of {text[-1]}.")
        assert evaluate(moved, lambda letters=moved.right: letters).points == (3 if len(right) == 1 else 0)
    assert several("ca").reordered("abcd") == several("ac", order="abcd")


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ({"right": ""}, "q9_any: `right` is '': name one of the letters a, b, c, d, or several, once each."),
        ({"right": "ae"}, "q9_any: `right` is 'ae': name one of the letters a, b, c, d, or several, once each."),
        ({"right": "aa"}, "q9_any: `right` is 'aa': name one of the letters a, b, c, d, or several, once each."),
        ({"right": "a", "hints": {"b": "?"}}, "q9_any: whoever chooses (c) is told nothing: write its hint."),
        ({"right": "abcd", "hints": {"e": "?"}}, "q9_any: there is a hint for 'e', which is no option."),
        ({"right": "a", "letters": "a"}, "q9_any: a multiple choice has 2 to 8 options, and here are 1."),
        ({"right": "A", "letters": "Ab"}, "q9_any: an option is called by one small letter, not 'A'."),
    ],
    ids=lambda one: str(one)[:40],
)
def test_letters_that_nobody_could_choose_are_refused_in_a_sentence(definition, said):
    with pytest.raises(Misdefined) as refused:
        several(**definition)
    assert str(refused.value) == said


def test_letters_that_are_drawn_are_looked_at_when_they_are():
    drawn = several("a", hints=dict.fromkeys("abcd", "Think."), drawn=lambda code: {"right": code}, varying=("right",))
    assert evaluate(drawn.of_instance("bc"), lambda: "c").status == "right"
    with pytest.raises(Misdefined, match="q9_any: `right` is 'x'"):
        evaluate(drawn.of_instance("x"), lambda: "c")


def test_a_choice_that_cannot_be_had_is_wrong():
    def fails():
        raise Trouble("error", "the cell failed")

    assert evaluate(CHOICES[0], fails).sentence == "The cell failed"


@pytest.fixture
def registry():
    before = dict(EXERCISES)
    yield EXERCISES
    EXERCISES.clear()
    EXERCISES.update(before)


def test_an_exercise_may_say_itself_what_is_right(registry):
    @exercise("q9_slope_at_zero", points=1, section="9.1", title="Any subgradient")
    class AnySlope:
        def reference(z):
            return np.full(z.shape, 0.5)

        def cases(rng):
            yield Case((np.zeros((3, 4)),))

        def accept(got, want, case, k):
            return (got >= 0) & (got <= 1)

    assert judged(AnySlope, lambda z: z).status == "right"
    result = judged(AnySlope, lambda z: z + 2)
    assert result.status == "wrong"
    shown = "z = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]"
    assert result.failing == (Row(shown, "result[0, 0] = 2", "result[0, 0] = 0.5"),)


class Described:
    cases = pointwise

    def reference(z):
        return z


def test_mistakes_in_a_description_are_noticed(registry):
    class TooFew:
        parts = {"values": 3}  # noqa: RUF012
        cases, reference = pointwise, Described.reference

    class Unreferenced:
        cases = pointwise

    class Helped(Described):
        cases, reference = pointwise, Described.reference
        spare = 3

    with pytest.raises(Misdefined, match=r"^q9_new: the parts do not add up to 4 points\.$"):
        exercise("q9_new", points=4, section="9.1", title="New")(TooFew)
    with pytest.raises(Misdefined, match=r"^q0_step is defined twice\.$"):
        exercise("q0_step", points=3, section="0.1", title="Again")(Described)
    with pytest.raises(Misdefined, match=r"^q9_new: its class says nothing of reference\.$"):
        exercise("q9_new", points=3, section="9.1", title="New")(Unreferenced)
    with pytest.raises(Misdefined, match=r"^q9_new: spare is no part of an exercise: move it out of the class\.$"):
        exercise("q9_new", points=3, section="9.1", title="New")(Helped)


def test_an_exercise_that_no_lesson_asks_is_said(registry):
    exercise("q9_new", points=1, section="9.1", title="New")(Described)
    with pytest.raises(
        Misdefined,
        match=r"no lesson asks `q9_new`: write its id into `asks` of a lesson, or .* course\.py, or take out",
    ):
        exercises._complete()
    with pytest.raises(Misdefined, match=r"no lesson asks `new`: .* of a homework's question, in course\.py"):
        practice(id="new", points=1, title="New")(Described)
    with pytest.raises(Misdefined, match=r"no homework asks `q0_step`: write its id into a question in course\.py"):
        practice(id="q0_step", points=2, title="New")(Described)


def test_an_exercise_that_no_topic_defines_is_said(registry, monkeypatch):
    more = replace(course.LESSONS[0], asks=("q0_step", "q0_new"))
    monkeypatch.setattr(course, "LESSONS", (more, *course.LESSONS[1:]))
    with pytest.raises(Misdefined, match=r"course\.py asks q0_new, which no module of exercises/topics defines"):
        exercises._complete()


def test_a_homework_that_drops_an_unknown_wrong_answer_is_said(registry):
    class Dropping:
        harmless = ("a wrong answer of another exercise",)

    with pytest.raises(Misdefined, match="q3_relu knows no wrong answer called a wrong answer of another exercise"):
        practice(of=EXERCISES["q3_relu"], points=2)(Dropping)


def asked_of(task, f, seed):
    """What `heard` calls an answer with, call by call."""
    seen = []

    def said(many):
        for args in many:
            seen.append(repr(args))
            with learner.noting() as noted:
                try:
                    value = learner.call(f, *args)
                except Trouble as trouble:
                    value = trouble
            yield value, noted

    return exercises.heard(task, said, np.random.default_rng(seed)), seen


def test_what_a_known_mistake_gives_for_the_first_case_is_computed_once_for_everybody():
    asked = []

    def doubled(z):
        asked.append(np.shape(z))
        return 2 * np.maximum(z, 0)

    task = replace(EXERCISES["relu"], wrong={"a doubled result": doubled})
    for seed in SEEDS:
        assert not judged(task, lambda z: np.maximum(z, 0) - 1, seed).cause
    assert len(asked) == 1
    assert judged(task, doubled, 0).cause == "a doubled result"


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.id)
def test_what_was_heard_is_judged_as_if_it_were_said_now(task):
    answers = [task.reference, *list(task.wrong.values())[:4], lambda *args: None, lambda: 0]
    for f in answers:
        known, _ = asked_of(task, f, 5)
        assert evaluate(*known) == judged(task, f, 5)


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.id)
def test_no_answer_sees_in_what_it_is_asked_whether_it_is_right(task):
    answers = (task.reference, next(iter(task.wrong.values())), lambda *args: 0, lambda *args: 1 / 0)
    assert len({tuple(asked_of(task, f, 5)[1]) for f in answers}) == 1
