"""Every exercise: right answers in any form pass, known wrong answers fail and are named, crashes become sentences."""

import math
import re
from functools import partial, reduce
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actlab import learner
from actlab.exercises import (
    EXERCISES,
    LESSONS,
    Case,
    Choice,
    Row,
    Task,
    evaluate,
    exercise,
    lesson,
    pointwise,
)
from actlab.learner import Trouble

TASKS = [e for e in EXERCISES.values() if isinstance(e, Task)]
CHOICES = [e for e in EXERCISES.values() if isinstance(e, Choice)]
WRONG = [pytest.param(e, name, id=f"{e.id}: {name}") for e in TASKS for name in e.wrong]
SEEDS = range(4)
XOR = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2), np.ones(2), 0.0


def judged(task, f, rng=0, **options):
    return evaluate(task, partial(learner.call, f, **options), rng)


def entrywise(f):
    """A loop over the entries of arrays of any shape."""

    def looped(z, *more):
        values = np.empty(z.shape)
        for i in np.ndindex(z.shape):
            values[i] = f(float(z[i]), *(float(m[i]) for m in more))
        return values

    return looped


def s(v):
    return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))


def stable_sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def affine_loops(h, W, b):
    return [
        [sum(float(row[i]) * float(W[i, j]) for i in range(len(row))) + float(b[j]) for j in range(len(b))] for row in h
    ]


def augmented(W, b):
    """The affine map as one matrix that acts on (h, 1)."""
    return np.block([[W, np.zeros((len(W), 1))], [b[None], np.ones((1, 1))]])


def split(M):
    return M[:-1, :-1], M[-1, :-1]


def probed(layers):
    """W and b read off from what the layers do with 0 and with the unit vectors."""

    def run(h):
        return reduce(lambda h, layer: h @ layer[0] + layer[1], layers, h)

    b = run(np.zeros(len(layers[0][0])))
    return run(np.eye(len(layers[0][0]))) - b, b


def collapse_backwards(weights, biases):
    W, b = weights[-1], biases[-1]
    for W_l, b_l in zip(weights[-2::-1], biases[-2::-1], strict=True):
        W, b = W_l @ W, b_l @ W + b
    return [W.tolist(), b.tolist()]


def factor_loop(depth):
    factor = 1.0
    for _ in range(depth):
        factor = factor / 4
    return factor


VARIANTS = {
    "q0_step": [
        lambda z: z > 0,
        lambda z: (z > 0).astype(int).tolist(),
        lambda z: np.heaviside(z, 0).astype(np.float32),
        entrywise(lambda v: 1 if v > 0 else 0),
        lambda z: np.maximum(np.sign(z), 0),
    ],
    "q1_affine": [
        affine_loops,
        lambda h, W, b: np.einsum("ni,ij->nj", h, W) + b[None],
        lambda h, W, b: (W.T @ h.T + b[:, None]).T.tolist(),
        lambda h, W, b: (np.dot(h, W) + b).astype(np.float32),
        lambda h, W, b: (np.c_[h, np.ones(len(h))] @ np.vstack([W, b])).view(np.ndarray),
    ],
    "q1_collapse_two": [
        lambda W1, b1, W2, b2: split(augmented(W1, b1) @ augmented(W2, b2)),
        lambda W1, b1, W2, b2: probed([(W1, b1), (W2, b2)]),
        lambda W1, b1, W2, b2: [(W1 @ W2).tolist(), (W2.T @ b1 + b2).tolist()],
        lambda W1, b1, W2, b2: ((W1 @ W2).astype(np.float32), np.float32(b1 @ W2 + b2)),
    ],
    "q1_collapse": [
        collapse_backwards,
        lambda weights, biases: probed(list(zip(weights, biases, strict=True))),
        lambda weights, biases: split(reduce(np.matmul, map(augmented, weights, biases))),
        lambda weights, biases: reduce(
            lambda one, two: (one[0] @ two[0], one[1] @ two[0] + two[1]), zip(weights, biases, strict=True)
        ),
    ],
    "q1_xor": [
        lambda: XOR,
        lambda: [[[1, 1], [1, 1]], [0, -1], [1, -2], 0],
        lambda: (np.ones((2, 2), np.float32), np.array([0, -1]), np.array([[1], [-2]]), np.array([0.0])),
        lambda: ([[2, -3], [-2, 3]], [0, 0], [1 / 2, 1 / 3], 0.0),
        lambda: ([[-1, -1], [-1, -1]], [2, 1], [1, -2], 0),
        lambda: ([[1, 1], [1, 1]], [1, -1], [1, -2], -1),
    ],
    "q2_sigmoid": [
        stable_sigmoid,
        lambda z: 1 / (1 + np.exp(-z)),
        lambda z: (np.tanh(z / 2) / 2 + 0.5).tolist(),
        lambda z: np.exp(-np.logaddexp(0, -z)).astype(np.float32),
        entrywise(s),
        lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
    ],
    "q2_sigmoid_derivative": [
        lambda z: stable_sigmoid(z) * (1 - stable_sigmoid(z)),
        lambda z: (stable_sigmoid(z) * stable_sigmoid(-z)).tolist(),
        lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2,
        lambda z: (stable_sigmoid(z + 1e-5) - stable_sigmoid(z - 1e-5)) / 2e-5 if z.dtype == float else s_prime(z),
        entrywise(lambda v: s(v) * s(-v)),
        lambda z: ((1 - np.tanh(z / 2) ** 2) / 4).astype(np.float32),
    ],
    "q2_tanh_derivative": [
        lambda z: 1 - np.tanh(z) ** 2,
        lambda z: (1 / np.cosh(z) ** 2).tolist(),
        lambda z: 4 * stable_sigmoid(2 * z) * stable_sigmoid(-2 * z),
        entrywise(lambda v: (1 - math.tanh(v)) * (1 + math.tanh(v))),
        lambda z: np.float32(1 - np.tanh(z) ** 2),
    ],
    "q2_sigmoid_backward": [
        lambda z, upstream: upstream * stable_sigmoid(z) * (1 - stable_sigmoid(z)),
        lambda z, upstream: (upstream * stable_sigmoid(z) * stable_sigmoid(-z)).tolist(),
        entrywise(lambda v, u: u * s(v) * s(-v)),
        lambda z, upstream: np.float32(upstream / (4 * np.cosh(z / 2) ** 2)),
    ],
    "q2_gradient_factor": [
        factor_loop,
        lambda depth: 2.0 ** (-2 * depth),
        lambda depth: np.prod(np.full(depth, 0.25)),
        lambda depth: [math.exp(-depth * math.log(4))][0],
        lambda depth: np.array(1 / 4**depth, object),
    ],
}


def s_prime(z):
    return stable_sigmoid(z) * stable_sigmoid(-z)


SPOILERS = {
    "q0_step": ["z>0,1", "where(z>0"],
    "q1_affine": ["h@W+b", "hW+b"],
    "q1_collapse_two": ["W1@W2", "W1W2", "b1@W2", "b1W2"],
    "q1_collapse": ["W@W", "b@W"],
    "q1_xor": ["[[1,1],[1,1]]", "[0,-1]", "[1,-2]"],
    "q2_sigmoid": ["1/(1+e⁻ᶻ)", "1/(1+exp(-z))", "1/(1+np.exp(-z))"],
    "q2_sigmoid_derivative": ["itiss(1-s)", "isσ(z)(1-σ(z))", "s*(1-s)"],
    "q2_tanh_derivative": ["1-t²", "1-tanh²", "1-np.tanh(z)**2"],
    "q2_sigmoid_backward": ["upstream*", "upstream·σ′(z)", "σ(z)(1-σ(z))"],
    "q2_gradient_factor": ["0.25**depth", "¼**depth", "0.25^depth=", "¼tothepowerofdepth."],
}

for file in sorted(Path(__file__).parent.glob("variants_lesson*.py")):
    more = import_module(file.stem)
    VARIANTS |= more.VARIANTS
    SPOILERS |= more.SPOILERS


def told(result):
    return " ".join([result.sentence, result.cause, *(text for row in result.failing for text in row)])


@pytest.mark.parametrize("task", [t for t in TASKS if not t.observe], ids=lambda t: t.id)
def test_the_reference_is_right(task):
    for seed in range(20):
        result = judged(task, task.reference, seed)
        assert (result.status, result.points) == ("right", task.points)


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.id)
def test_independent_right_answers_pass(task):
    assert len(VARIANTS[task.id]) >= 3
    for number, variant in enumerate(VARIANTS[task.id]):
        for seed in SEEDS:
            result = judged(task, variant, seed)
            assert result.status == "right", f"variant {number}: {told(result)}"


@pytest.mark.parametrize(("task", "name"), WRONG)
def test_a_known_wrong_answer_fails_and_is_named(task, name):
    for seed in SEEDS:
        result = judged(task, task.wrong[name], seed)
        assert result.status in ("wrong", "partly")
        assert result.points < result.max_points
        assert result.cause == name
        assert result.failing
        message = re.sub(r"[\s`]", "", told(result)).replace("−", "-")
        assert not [spoiler for spoiler in SPOILERS[task.id] if spoiler in message]


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
    result = judged(task, CRASHES[crash], seconds=0.05)
    assert (result.status, result.points) == ("wrong", 0)
    assert result.sentence[0].isupper() or result.sentence[0] == "`"
    assert result.sentence[-1] in ".?"
    assert "Traceback" not in result.sentence


def takes_arrays(task):
    case = next(iter(task.cases(np.random.default_rng(0))))
    return any(isinstance(arg, np.ndarray | list) for arg in case.args)


@pytest.mark.parametrize("task", [*filter(takes_arrays, TASKS)], ids=lambda t: t.id)
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
    for task in TASKS:
        for form in task.wrong.values():
            for row in judged(task, form).failing:
                assert max(text.count(",") for text in row) < 24, row


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

    assert set(choice.hints) == set(choice.options) - {choice.right}
    for answer in (choice.right, f" {choice.right.upper()}\n"):
        assert (chosen(answer).status, chosen(answer).points) == ("right", choice.points)
    for letter, hint in choice.hints.items():
        result = chosen(letter)
        assert result.status == "wrong" and hint in result.sentence
        assert f"({choice.right})" not in result.sentence
        assert choice.options[choice.right] not in result.sentence
    for blank in (None, ..., "", "  "):
        assert chosen(blank).status == "not attempted"
    for odd in ("e", "ab", 2, ["b"], choice.right + "."):
        result = chosen(odd)
        assert result.status == "wrong" and "one letter" in result.sentence


def test_a_choice_that_cannot_be_had_is_wrong():
    def fails():
        raise Trouble("error", "the cell failed")

    assert evaluate(CHOICES[0], fails).sentence == "The cell failed"


def test_the_course_in_order():
    assert [e.lesson for e in EXERCISES.values()] == sorted(e.lesson for e in EXERCISES.values())
    assert [e for number in LESSONS for e in lesson(number)] == list(EXERCISES.values())
    for e in EXERCISES.values():
        assert (e.question or e.id.startswith(f"q{e.lesson}_")) and e.prompt and e.section
        assert 1 <= e.points <= (7 if e.question else 5)
    names = [e.name for e in EXERCISES.values() if not e.question]
    assert len(set(names)) == len(names)


@pytest.fixture
def registry():
    before = dict(EXERCISES)
    yield EXERCISES
    EXERCISES.clear()
    EXERCISES.update(before)


def test_an_exercise_may_say_itself_what_is_right(registry):
    @exercise("q9_slope_at_zero", points=1, lesson=9, section="9.1", title="Any subgradient")
    class AnySlope:
        """Anything between 0 and 1."""

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


def test_mistakes_in_a_description_are_noticed(registry):
    class Body:
        parts = {"values": 3}  # noqa: RUF012

        def reference(z): ...

        cases = pointwise

    with pytest.raises(ValueError, match="add up"):
        exercise("q9_new", points=4, lesson=9, section="9.1", title="New")(Body)
    with pytest.raises(ValueError, match="twice"):
        exercise("q0_step", points=3, lesson=0, section="0.1", title="Again")(Body)
