"""Every way a learner's function can fail ends in one kind sentence."""

import contextlib
import math
import pickle
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from actlab import learner
from actlab.learner import Kind, Noted, Trouble

Z = np.array([[-1.0, 0.5, 2.0]])


def trouble(f, *args, **options) -> Trouble:
    with pytest.raises(Trouble) as caught:
        learner.call(f, *args, **options)
    return caught.value


def unreadable(value, *args) -> Trouble:
    with pytest.raises(Trouble) as caught:
        learner.array(value, *args)
    return caught.value


def stub(z):
    """Not written yet."""
    raise NotImplementedError


def only_docstring(z):
    """Not written yet."""


def only_dots(z): ...


def calls_a_stub(z):
    return 2 * stub(z)


@pytest.mark.parametrize("f", [stub, only_docstring, only_dots, lambda z: stub(z), calls_a_stub])
def test_an_untouched_stub_is_not_attempted_yet(f):
    found = trouble(f, Z)
    assert found.kind == "stub"
    assert found.sentence.endswith("is still a stub") and str(found) == f"○ not attempted yet: {found.sentence}"


def test_a_stub_further_in_is_named():
    assert "`stub`" in str(trouble(calls_a_stub, Z))


def test_a_written_body_without_return():
    def forgets(z):
        np.exp(z)

    assert str(trouble(forgets, Z)) == "`forgets` returned None — did you forget `return`?"
    assert trouble(forgets, Z).kind == "none"


def test_an_exception_is_told_with_the_learners_own_line():
    def typo(z):
        return npp.exp(z)  # noqa: F821

    found = trouble(typo, Z)
    assert found.kind == "error" and found.error == "NameError"
    assert "raised NameError: name 'npp' is not defined, in line" in str(found)
    assert "`return npp.exp(z)" in str(found)


def test_the_line_is_the_learners_where_a_library_raised():
    def inside_numpy(z):
        return np.linalg.inv(z)

    assert "`return np.linalg.inv(z)`" in str(trouble(inside_numpy, Z))


@pytest.mark.parametrize(
    ("f", "hint"),
    [
        (lambda z: 1 if z > 0 else 0, "np.where"),
        (lambda z: math.exp(z), "NumPy's"),
        (lambda z: 0.25 ^ 2, "`**`"),
    ],
)
def test_common_exceptions_carry_a_hint(f, hint):
    assert hint in str(trouble(f, Z))


def test_recursion_without_end():
    def again(z):
        return again(z)

    assert "calls itself without end" in str(trouble(again, Z))


def test_exit_is_caught_and_a_keyboard_interrupt_is_not():
    assert "exit" in str(trouble(lambda z: sys.exit(), Z))

    def interrupted(z):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learner.call(interrupted, Z)


def test_an_endless_loop_is_stopped_and_shown():
    def loops(z):
        while True:
            try:
                z = z + 1
            except Exception:
                continue

    before = signal.getsignal(signal.SIGALRM)
    found = trouble(loops, Z, seconds=0.1)
    assert found.kind == "time"
    assert "`loops` was still running after 0.1 s, in line" in str(found)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_limits_nest():
    def patient(z):
        with pytest.raises(Trouble):
            learner.call(lambda z: time.sleep(5), z, seconds=0.05)
        time.sleep(5)

    started = time.monotonic()
    assert trouble(patient, Z, seconds=0.3).kind == "time"
    assert time.monotonic() - started < 1

    def shorter_outside(z):
        learner.call(lambda z: time.sleep(5), z, seconds=4)

    assert trouble(shorter_outside, Z, seconds=0.1).kind == "time"
    assert time.monotonic() - started < 2


def test_a_limit_leaves_nothing_behind():
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        with contextlib.suppress(Trouble):
            learner.call(lambda z: time.sleep(0.002), Z, seconds=0.002)
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def in_a_thread(work):
    """What `work` returns or raises in a thread of its own, as Jupyter answers widgets."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_a_thread_has_limits_too():
    def endless(z):
        while True:
            with contextlib.suppress(Exception):
                z += 1

    def patient(z):
        with contextlib.suppress(Trouble):
            learner.call(endless, z, seconds=30)
        return "not reached"

    assert in_a_thread(lambda: learner.call(np.exp, 0.0)) == 1
    for f, place in ((endless, r", in line \d+: `"), (patient, "")):
        with pytest.raises(Trouble, match=rf"`{f.__name__}` was still running after 0\.2 s{place}") as stopped:
            in_a_thread(lambda f=f: learner.call(f, 0, seconds=0.2))
        assert stopped.value.kind is Kind.TIME


def test_a_system_without_signals_has_limits_too(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    with pytest.raises(Trouble, match=r"still running after 0\.2 s"):
        learner.call(lambda: [None for _ in iter(int, 1)], seconds=0.2)


def test_a_limit_that_is_nearly_met_in_a_thread_leaves_nothing_behind():
    def often():
        outcomes = set()
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            try:
                outcomes.add(learner.call(lambda z: sum(range(z)), 20_000, seconds=0.0005))
            except Trouble as trouble:
                outcomes.add(trouble.kind)
        return outcomes

    before = threading.active_count()
    assert in_a_thread(often) <= {sum(range(20_000)), Kind.TIME}
    time.sleep(0.2)
    assert threading.active_count() <= before


def test_warnings_cost_nothing_and_prints_pass(capsys, recwarn):
    def noisy(z):
        print("here")
        return np.exp(1e4 * np.abs(z)) + np.log(-1.0)

    with np.errstate(all="raise"):
        learner.call(noisy, Z)
    assert capsys.readouterr().out == "here\n"
    assert not recwarn.list


@pytest.mark.parametrize("value", [3, "sigmoid", None, Z])
def test_what_is_not_a_function(value):
    assert trouble(value, Z).kind == "type"


@pytest.mark.parametrize("f", [lambda: 1, lambda a, b: a])
def test_other_parameters_than_the_stubs(f):
    assert "called with 1 argument" in str(trouble(f, Z))


def adds_in_place(z):
    z += 1
    return z


def pops(layers):
    layers.pop()
    return 1.0


def overwrites(layers):
    layers[0][:] = 0
    return 1.0


def replaces(layers):
    layers[0] = 5
    return 1.0


@pytest.mark.parametrize(("f", "given"), [(adds_in_place, Z), (pops, [Z]), (overwrites, [Z]), (replaces, [Z])])
def test_a_changed_argument_is_noticed_and_ours_survives(f, given):
    before = np.array(given)
    assert trouble(f, given).kind == "mutated"
    assert np.array_equal(given, before)


def test_a_generator_argument_may_advance():
    assert 0 <= learner.call(lambda rng: rng.random(), np.random.default_rng(0)) < 1


class Sub(np.ndarray):
    pass


@pytest.mark.parametrize(
    "value",
    [
        [[1, 0, 2]],
        ((1.0, 0.0, 2.0),),
        np.array([[1, 0, 2]], np.int8),
        np.array([[1, 0, 2]], np.float16),
        np.array([[1, 0, 2]], np.longdouble),
        np.array([[Fraction(1), False, Decimal(2)]], object),
        np.array([[1, 0, 2]], float).view(Sub),
        [[True, np.bool_(False), 2]],
        [np.array([1.0, 0.0, 2.0])],
    ],
)
def test_numbers_in_any_wrapping_are_read(value):
    found = learner.array(value, (1, 3))
    assert type(found) is np.ndarray and found.dtype == np.float64
    assert found.tolist() == [[1, 0, 2]]


@pytest.mark.parametrize("value", [1, 1.0, True, np.float32(1), np.array(1), Fraction(1), Decimal(1)])
def test_single_numbers_are_read(value):
    assert learner.array(value, ()) == 1.0


class Hostile:
    def __array__(self, *args, **kwargs):
        raise OSError("no")


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (None, "none", "None"),
        ("0.5", "type", "text"),
        (["0.5"], "type", "text"),
        (np.array([1, "a"], object), "type", "not a real number"),
        ([1.0, None], "type", "not a real number"),
        (1j, "type", "complex"),
        (np.array([1 + 0j]), "type", "complex"),
        (np.array([1j], object), "type", "not a real number"),
        ([[1, 2], [3]], "shape", "different lengths"),
        ({"a": 1}, "type", "a dict"),
        ({1.0}, "type", "a set"),
        (np.exp, "type", "a function"),
        ((v for v in [1.0]), "type", "yield"),
        (np.array(["2020-01-01"], "datetime64[D]"), "type", "datetime64"),
        ([Hostile()], "type", "numbers"),
        ([10**400], "value", "too large"),
    ],
)
def test_what_is_not_an_array_of_numbers(value, kind, words):
    found = unreadable(value)
    assert found.kind == kind
    assert words in str(found)


def test_a_wrong_shape_names_both():
    assert str(unreadable([1.0, 2.0], (2, 1))) == "The result has shape (2,), expected (2, 1)"


@given(hnp.arrays(hnp.floating_dtypes(sizes=(32, 64)) | hnp.integer_dtypes(), hnp.array_shapes(max_dims=4, max_side=3)))
def test_an_array_and_its_list_read_alike(a):
    with np.errstate(all="ignore"):
        assert np.array_equal(learner.array(a, a.shape), a.astype(float), equal_nan=a.dtype.kind == "f")
        assert np.array_equal(learner.array(a.tolist(), a.shape), a.astype(float), equal_nan=a.dtype.kind == "f")


def test_elementwise():
    assert learner.elementwise(lambda z: (2 * z).tolist(), Z).tolist() == (2 * Z).tolist()
    for f, kind in [
        (lambda z: z[0], "shape"),
        (lambda z: np.log(z), "value"),
        (lambda z: "no", "type"),
        (adds_in_place, "mutated"),
        (stub, "stub"),
    ]:
        with pytest.raises(Trouble) as caught:
            learner.elementwise(f, Z)
        assert caught.value.kind == kind


def test_finite_gives_numbers_in_the_shape_asked_for():
    assert learner.finite(lambda a, b: [a + b, a - b], (2,), 3, 1).tolist() == [4, 2]
    for f, words in (
        (lambda a: [a, np.nan], "the result of your function holds nan, no finite number"),
        (lambda a: [a, -np.inf], "holds -inf, no finite number"),
        (lambda a: a, r"has shape \(\), expected \(2,\)"),
    ):
        with pytest.raises(Trouble, match=words.replace("the result", "The result")):
            learner.finite(f, (2,), 1.0)


def test_elementwise_lets_nan_through_where_it_came_in():
    assert np.isnan(learner.elementwise(lambda z: z, np.array([np.nan, 1.0]))[0])


@given(st.sampled_from(["stub", "error"]), st.text(min_size=1), st.text())
def test_trouble_travels(kind, sentence, error):
    sent = Trouble(kind, sentence, error)
    received = pickle.loads(pickle.dumps(sent))
    assert (received.kind, received.sentence, received.error) == (sent.kind, sent.sentence, sent.error)


def test_a_misspelt_function_of_numpy_is_recognised():
    def mine(z):
        return np.were(z > 0, z, 0)

    with pytest.raises(Trouble, match=r"Did you mean `where`\?"):
        learner.call(mine, np.ones(2))


def test_what_happened_on_the_way_is_noted_and_costs_nothing():
    def overflows(z):
        return 1 / (1 + np.exp(1e4 * np.abs(z)))

    with learner.noting() as noted:
        assert learner.call(overflows, Z).tolist() == [[0, 0, 0]]
        assert noted == {Noted.OVERFLOW}
        learner.call(lambda z: np.log(0 * z), np.ones(2))
        learner.call(lambda self: self, 1.0)
    assert noted == {Noted.OVERFLOW, Noted.DIVISION, Noted.METHOD}
    learner.call(overflows, Z)
    learner.note(["overflow"])
    with learner.noting() as other:
        learner.note([["overflow"], 3, "invalid value", "<b>", None])
        learner.note("overflow")
    assert other == {Noted.INVALID} and len(noted) == 3


OTHER_THINGS = {
    "2 things came back (shapes (3,), (3,)): return the first alone": (np.ones(3), np.ones(3)),
    "2 things came back (shapes (), (3,)): return the second alone": (0.5, [1, 2, 3]),
    "3 things came back ((3,), a dict, None): return the first alone": (np.ones(3), {"z": 1}, None),
    "2 things came back (shapes (2,), (4,)): return one array": (np.ones(2), np.ones(4)),
    "The result is a tuple of one thing: there is a comma too many, as in `return dz,`": (np.ones(3),),
    "The result has shape (2, 4), expected (3,)": (np.ones(4), np.ones(4)),
}


@pytest.mark.parametrize("said", OTHER_THINGS)
def test_several_things_where_one_is_asked_for_are_counted(said):
    with pytest.raises(Trouble) as caught:
        learner.array(OTHER_THINGS[said], (3,))
    assert caught.value.sentence == said and caught.value.kind == "shape"


def test_a_tuple_of_rows_or_numbers_is_an_array():
    assert learner.array((np.ones(3), np.ones(3)), (2, 3)).shape == (2, 3)
    assert learner.array((1, 2.5, True)).tolist() == [1, 2.5, 1]
    assert learner.array(([1.0],), (1, 1)).shape == (1, 1)


@given(st.lists(hnp.arrays(float, hnp.array_shapes(max_dims=2, max_side=3)), min_size=1, max_size=4), st.data())
def test_a_tuple_is_read_like_its_list_or_told(arrays, data):
    shape = data.draw(st.sampled_from([a.shape for a in arrays] + [(len(arrays), *arrays[0].shape)]))
    try:
        read = learner.array(tuple(arrays), shape)
    except Trouble as trouble:
        assert trouble.kind == "shape"
    else:
        assert np.array_equal(read, learner.array(list(arrays), shape), equal_nan=True)


@pytest.mark.parametrize(
    ("f", "args", "words"),
    [
        (lambda z: z, (1, 2), "takes z, but is called with 2 arguments: keep"),
        (lambda z, alpha: z, (1,), "takes z, alpha, but is called with 1 argument: `alpha` has no default; keep"),
        (lambda: 1, (1,), "takes nothing, but is called with 1 argument"),
        (lambda self, z: z, (1,), "has a first parameter called `self`"),
    ],
)
def test_other_parameters_are_told_by_their_names(f, args, words):
    found = trouble(f, *args)
    assert words in found.sentence and found.kind == "parameters"


def test_what_is_printed_has_to_be_returned():
    def prints(z):
        print(2 * z)

    assert "prints, and returns None" in str(trouble(prints, Z))
