"""Exercises: one description, two callers.

An exercise says what is asked, what is right and which wrong answers are known. `evaluate` asks for values through
`call`, which is the learner's function in a notebook and a request to a sandbox in the grader, and compares on its
own side. What `call` receives are arrays, numbers, lists of arrays, and recipes (`actlab.recipes`) for a generator or
a function: `learner.call` makes those in the notebook, a grader sends `recipes.to_plain` of them and makes them there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import permutations
from typing import NamedTuple

import numpy as np

from actlab import learner
from actlab.learner import Trouble
from actlab.recipes import Seed, made

EXERCISES: dict[str, Exercise] = {}
LIKENESS = {"rtol": 1e-4, "atol": 1e-5, "equal_nan": True}
SHOWN, GIVEN = 6, 16
INTEGER_STORAGE = "a result stored in an integer array like the input, which cuts off everything after the point"
INSTEAD = {"none": "None", "time": "no answer in time", "mutated": "a changed input"}


@dataclass(frozen=True)
class Case:
    """Arguments to try, the part whose points they decide, and how far off is still right.

    note: what is special about them, in words that fit after "on": "an array of integers".
    """

    args: tuple = ()
    part: str = "values"
    note: str = ""
    rtol: float = 1e-5
    atol: float = 1e-6


class Row(NamedTuple):
    """One line of the feedback's table, as short strings."""

    input: str
    got: str
    expected: str


class Score(NamedTuple):
    points: int
    max_points: int


@dataclass(frozen=True)
class Result:
    """What evaluating one answer gave; plain data, so that it can be stored or sent.

    status: "right", "partly", "wrong" or "not attempted".
    parts: name of the part -> Score.  sentence: what was seen.  cause: the known wrong answer that behaves the same,
    in words that fit after "It looks like".  failing: the rows of a small table (input, got, expected).
    """

    id: str
    title: str
    section: str
    status: str
    parts: dict[str, Score]
    sentence: str = ""
    cause: str = ""
    failing: tuple[Row, ...] = ()

    @property
    def points(self) -> int:
        return sum(score.points for score in self.parts.values())

    @property
    def max_points(self) -> int:
        return sum(score.max_points for score in self.parts.values())


def _first(choice, *others):
    return choice


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What all kinds of exercise share. `name` is what the learner defines: a function, or a variable for a letter.

    question: its number among the practice questions; 0 in the lessons.
    example(pick) -> the sentence that stands for `{worked}` in the prompt; pick(*choices) chooses what to work with,
    for the course always the first choice.
    """

    id: str
    name: str
    points: int
    lesson: int
    section: str
    title: str
    prompt: str
    question: int = 0
    example: Callable | None = None
    pick: Callable = _first

    @cached_property
    def worked(self) -> str:
        """The sentence with the worked number; "" where the exercise has none."""
        return self.example(self.pick) if self.example else ""

    def personal(self, pick: Callable) -> Exercise:
        """The same exercise for one student: pick(*choices) chooses the worked numbers."""
        return replace(self, pick=pick)

    def _result(self, status, scores, **details) -> Result:
        return Result(self.id, self.title, self.section, status, scores, **details)


@dataclass(frozen=True, kw_only=True)
class Choice(Exercise):
    """A multiple choice: the answer is the letter of one option.

    options: letter -> text.  hints: wrong letter -> what to think about, without naming the right one.
    why: shown once the answer is right.  order: how `reordered` arranged the options, if it did.
    """

    options: dict[str, str]
    right: str
    hints: dict[str, str]
    why: str
    order: str = ""

    def evaluate(self, call: Callable, rng=None) -> Result:
        try:
            answer = call()
        except Trouble as trouble:
            return self._wrong(trouble.sentence)
        if answer is None or answer is ... or (isinstance(answer, str) and not answer.strip()):
            sentence = f"○ not attempted yet: choose one of the letters {', '.join(self.options)}"
            return self._result("not attempted", self._scores(0), sentence=sentence)
        letter = answer.strip().lower() if isinstance(answer, str) else ""
        if letter not in self.options:
            return self._wrong(f"Answer with one letter in quotes: {', '.join(self.options)}.")
        if letter != self.right:
            return self._wrong(f"({letter}) is not it. {self.hints[letter]}")
        return self._result("right", self._scores(self.points), sentence=self.why)

    def personal(self, pick: Callable) -> Choice:
        order = pick(*("".join(letters) for letters in permutations(self.options)))
        return super().personal(pick).reordered(order)

    def reordered(self, order: str) -> Choice:
        """The same options in another order: option (a) is what `order[0]` was.  Errors: ValueError."""
        if sorted(order) != sorted(self.options):
            raise ValueError(f"{order!r} is no order of the letters {', '.join(self.options)}")
        became = dict(zip(order, self.options, strict=True))
        return replace(
            self,
            options={new: self.options[old] for old, new in became.items()},
            right=became[self.right],
            hints={new: self.hints[old] for old, new in became.items() if old in self.hints},
            order=order,
        )

    def _scores(self, points):
        return {"choice": Score(points, self.points)}

    def _wrong(self, sentence):
        return self._result("wrong", self._scores(0), sentence=sentence)


@dataclass(frozen=True)
class _Outcome:
    """One case with the values asked for and what came instead: arrays, or the trouble on the way to them."""

    case: Case
    want: tuple[np.ndarray, ...]
    got: tuple[np.ndarray, ...] | Trouble
    right: tuple[np.ndarray, ...] = ()
    trouble: Trouble | None = None
    off: Measure | None = None

    @property
    def failed(self) -> bool:
        return self.trouble is not None

    @property
    def severity(self) -> int:
        """Crashes are told before shapes, shapes before values that are not finite, those before wrong values."""
        if isinstance(self.got, Trouble):
            return 0
        if not self.right:
            return 1
        return 3 if all(np.isfinite(g).all() for g in self.got) else 2


def close(got, want, case: Case, k: int = 0) -> np.ndarray:
    """Which entries of an output (the k-th) are right within the case's tolerance; NaN never is."""
    with np.errstate(all="ignore"):
        return (got == want) | (np.abs(got - want) <= case.rtol * np.abs(want) + case.atol)


@dataclass(frozen=True, kw_only=True)
class Task(Exercise):
    """A function to write, compared with a reference on cases drawn afresh.

    reference(*args) -> array, or a tuple of arrays where `outputs` names several.
    cases(rng) -> iterable of Case, part by part; the first one small and fixed, so that feedback starts from simple
    numbers.
    wrong: description -> function that behaves like a known wrong answer; the description fits after "It looks like".
    One that is random has like(got, *args) -> bool, which recognises what came back.
    parts: name -> points; the parts after the first count only where the first is right.
    outputs: names of the results, where there are several.
    elementwise: whether entry i of the result depends on entry i of the arguments only.
    labels: one label for each entry of the result, to show all of them.
    observe(value) -> array: what is compared, where it is not the returned value itself; may raise Trouble.
    accept(got, want, case, k) -> bool array: when an entry of output k is right.
    """

    reference: Callable
    cases: Callable[[np.random.Generator], Iterable[Case]]
    wrong: dict[str, Callable] = field(default_factory=dict)
    parts: dict[str, int]
    outputs: tuple[str, ...] = ()
    elementwise: bool = False
    labels: tuple[str, ...] = ()
    observe: Callable | None = None
    accept: Callable = close

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.reference).parameters)

    def evaluate(self, call: Callable, rng: np.random.Generator | None = None) -> Result:
        tried = []
        for case in self.cases(np.random.default_rng(rng)):
            outcome = self._outcome(call, case)
            if not tried and outcome.failed and outcome.trouble.kind == "stub":
                return self._result("not attempted", self._scores([]), sentence=outcome.trouble.sentence)
            tried.append(outcome)
            if outcome.failed and outcome.trouble.kind == "time":
                break
        order = list(self.parts)
        failed = sorted({o.case.part for o in tried if o.failed}, key=order.index)
        if not failed:
            return self._result("right", self._scores(order))
        slow = tried[-1].failed and tried[-1].trouble.kind == "time"
        tested = order[: order.index(tried[-1].case.part)] if slow else order
        earned = [] if order[0] in failed else [part for part in tested if part not in failed]
        upto = [o for o in tried if order.index(o.case.part) <= order.index(failed[0])]
        worst = min((o for o in upto if o.failed), key=lambda o: o.severity)
        return self._result(
            "partly" if earned else "wrong",
            self._scores(earned),
            sentence=self._sentence(worst, earned),
            cause="" if slow else self._cause(upto),
            failing=self._rows(worst),
        )

    def _scores(self, earned):
        return {part: Score(points * (part in earned), points) for part, points in self.parts.items()}

    def _outcome(self, call, case) -> _Outcome:
        want = self._arrays(self.reference(*made(case.args)))
        try:
            got = self._read(call(*case.args))
        except Trouble as trouble:
            return _Outcome(case, want, trouble, trouble=trouble)
        whats = [f"`{name}`" for name in self.outputs] or ["the result"]
        try:
            for g, w, what in zip(got, want, whats, strict=True):
                learner.require_shape(g, w.shape, what)
        except Trouble as trouble:
            return _Outcome(case, want, got, trouble=trouble)
        right = tuple(self.accept(g, w, case, k) for k, (g, w) in enumerate(zip(got, want, strict=True)))
        return _Outcome(case, want, got, right, _verdict(got, want, right, whats))

    def _arrays(self, value) -> tuple[np.ndarray, ...]:
        return tuple(np.asarray(v, float) for v in (value if self.outputs else (value,)))

    def _read(self, value) -> tuple[np.ndarray, ...]:
        if self.observe:
            return self._arrays(self.observe(value))
        if not self.outputs:
            return (learner.array(value),)
        named = zip(unpack(value, self.outputs), self.outputs, strict=True)
        return tuple(learner.array(v, what=f"`{name}`") for v, name in named)

    def _cause(self, outcomes) -> str:
        for description, form in self.wrong.items():
            if like := getattr(form, "like", None):
                if all(not isinstance(o.got, Trouble) and like(o.got[0], *o.case.args) for o in outcomes):
                    return description
                continue
            if self._explains(form, outcomes):
                return description
        return ""

    def _explains(self, form, outcomes) -> bool:
        """Whether a known wrong answer behaves the same, and is itself rejected where the learner's is."""
        mistaken, rejected = partial(learner.call, form), False
        for outcome in outcomes:
            other = self._outcome(mistaken, outcome.case)
            if not self._alike(outcome, other):
                return False
            rejected = rejected or (outcome.failed and other.failed)
        return rejected

    def _alike(self, one, other) -> bool:
        return _alike(one.got, other.got)

    def _sentence(self, outcome, earned) -> str:
        done = f"Right so far: {', '.join(earned)}. " if earned else ""
        where = f" Seen on {outcome.case.note}." if outcome.case.note else ""
        seen = outcome.trouble.sentence
        return f"{done}{seen}{'' if seen[-1] in '.?!' else '.'}{where}"

    def _rows(self, outcome) -> tuple[Row, ...]:
        want, got = outcome.want, outcome.got
        if self.labels:
            pairs = [_pair(g, w) for g, w in zip(got[0], want[0], strict=True)] if outcome.right else []
            return tuple(Row(label, *pair) for label, pair in zip(self.labels, pairs, strict=False))
        entry = None
        if isinstance(got, Trouble):
            small = sum(w.size for w in want) <= SHOWN
            instead = got.error or INSTEAD.get(got.kind, "no array of numbers")
            pair = instead, self._whole(want) if small else self._shapes(want)
        elif not outcome.right:
            pair = self._shapes(got), self._shapes(want)
        else:
            k = next(k for k, right in enumerate(outcome.right) if not right.all())
            worst = _clearest(got[k], want[k], outcome.right[k])
            name = self.outputs[k] if self.outputs else ""
            if self.elementwise:
                entry = worst
                pair = _pair(got[k][worst], want[k][worst])
            elif want[k].size <= SHOWN:
                pair = (f"{name} = {text}" if name else text for text in _pair(got[k], want[k]))
            else:
                at = f"{name or 'result'}{list(map(int, worst))}"
                pair = (f"{at} = {text}" for text in _pair(got[k][worst], want[k][worst]))
        return (Row(self._input(outcome.case.args, entry), *pair),)

    def _input(self, args, entry=None) -> str:
        limit = GIVEN if sum(np.size(a) for a in args if isinstance(a, np.ndarray)) <= GIVEN else SHOWN
        return ", ".join(_described(n, a, entry, limit) for n, a in zip(self.parameters, args, strict=False)) or "–"

    def _whole(self, arrays) -> str:
        return ", ".join(f"{name} = {_text(a)}" if name else _text(a) for name, a in self._named(arrays))

    def _shapes(self, arrays) -> str:
        return ", ".join(f"{name} of shape {a.shape}".strip() for name, a in self._named(arrays))

    def _named(self, arrays):
        return zip(self.outputs or ("",), arrays, strict=True)


class Measure(NamedTuple):
    """One property of random numbers: what was seen, what is expected, and how far chance may take it.

    sentence: what to say where it is off, if "what is got, expected want" is not clear enough.
    seen, meant: what the feedback's table shows then, if not the two numbers.
    """

    what: str
    got: float
    want: float
    allowed: float
    sentence: str = ""
    seen: str = ""
    meant: str = ""


@dataclass(frozen=True, kw_only=True)
class Draws(Task):
    """A function that draws from a generator, judged by the law of what it returns, never by the numbers themselves.

    One argument of each case is a `recipes.Seed`. In a result of `MANY` numbers or more, the same seed has to give the
    same numbers and another seed other ones.
    law(values, *args) -> iterable of Measure: what else has to hold; together they must reject a right answer with a
    probability below 1e-6.
    """

    MANY = 500
    law: Callable

    def _outcome(self, call, case) -> _Outcome:
        want = self._arrays(self.reference(*made(case.args)))
        fresh = [Seed(a.value + 1) if isinstance(a, Seed) else a for a in case.args]
        try:
            values, again, other = (learner.array(call(*args), want[0].shape) for args in (case.args, case.args, fresh))
            if not np.isfinite(values).all():
                raise Trouble("value", "the result has the right shape, but holds numbers that are not finite")
        except Trouble as trouble:
            return _Outcome(case, want, trouble, trouble=trouble)
        measures = [*self._repeats(values, again, other), *self.law(values, *case.args)]
        got, wanted, allowed = (np.array([getattr(m, k) for m in measures]) for k in ("got", "want", "allowed"))
        right = np.abs(got - wanted) <= allowed
        off = next((m for m, ok in zip(measures, right, strict=True) if not ok), None)
        said = off and (off.sentence or f"{off.what} is {_number(off.got)}, expected about {_number(off.want)}")
        return _Outcome(case, (wanted, allowed), (got,), (right,), Trouble("value", said) if off else None, off)

    def _repeats(self, values, again, other):
        if values.size < self.MANY:
            return
        yield Measure(
            "whether the same seed repeats the numbers",
            float(np.array_equal(values, again)),
            1.0,
            0.0,
            "Two calls with generators of the same seed give different numbers: draw from `rng` and nothing else",
            "other numbers, same seed",
            "the same numbers",
        )
        yield Measure(
            "whether another seed changes them",
            float(not np.array_equal(values, other)),
            1.0,
            0.0,
            "Generators with different seeds give the same numbers: draw from the `rng` that is handed over",
            "the same numbers, other seed",
            "other numbers",
        )

    def _alike(self, one, other) -> bool:
        if isinstance(one.got, Trouble) or isinstance(other.got, Trouble):
            return super()._alike(one, other)
        (a,), (b,), (want, allowed) = one.got, other.got, one.want
        times = np.abs(b) / np.where(want == 0, 1, np.abs(want))
        noise = np.where(want == 0, 0.1 * np.abs(b) + 2 * allowed, 2 * allowed * np.maximum(times, 1))
        return bool((np.abs(a - b) <= noise).all())

    def _rows(self, outcome) -> tuple[Row, ...]:
        entry = self._input(outcome.case.args)
        if isinstance(outcome.got, Trouble):
            instead = outcome.got.error or INSTEAD.get(outcome.got.kind, outcome.got.kind)
            return (Row(entry, instead, self._shapes(outcome.want[:1])),)
        off = outcome.off
        return (Row(entry, off.seen or _number(off.got), off.meant or f"{_number(off.want)}, or close"),)


def exercise(
    id: str, *, points: int, lesson: int, section: str, title: str, name: str | None = None, question: int = 0
):
    """Class decorator: read the description of an exercise from a class body and register it in `EXERCISES`.

    The docstring is the prompt. A body with `options` becomes a `Choice`, one with a `law` a `Draws`, any other one a
    `Task`; the names in the body are the fields of that class. name: what the learner defines; default: the id
    without its "q2_".
    """

    def build(body: type) -> Exercise:
        fields = {key: value for key, value in vars(body).items() if not key.startswith("__")}
        common = {"points": points, "lesson": lesson, "section": section, "title": title}
        common |= {"id": id, "prompt": inspect.getdoc(body) or "", "question": question}
        if "options" in fields:
            described = Choice(**common, name=name or id, **fields)
        else:
            kind = Draws if "law" in fields else Task
            described = kind(**common, name=name or id.split("_", 1)[1], **{"parts": {"values": points}} | fields)
            if sum(described.parts.values()) != points:
                raise ValueError(f"{id}: the parts do not add up to {points} points")
        if id in EXERCISES:
            raise ValueError(f"{id} is defined twice")
        EXERCISES[id] = described
        return described

    return build


def evaluate(exercise: Exercise, call: Callable, rng: np.random.Generator | int | None = None) -> Result:
    """Judge an answer.

    call(*args): the learner's value, or `Trouble`; called without arguments for the letter of a multiple choice.
    args: arrays, numbers, lists of arrays, recipes (see above); they are never changed by `call`.
    rng: generator or seed of the cases; fresh entropy by default.
    """
    return exercise.evaluate(call, rng)


def lesson(number: int) -> list[Exercise]:
    """The exercises of one lesson, in the order in which they are asked."""
    return [e for e in EXERCISES.values() if e.lesson == number]


def unpack(value, names: tuple[str, ...]) -> tuple:
    """The several results of one function; `Trouble` says which ones are expected."""
    wanted = f"{len(names)} things, `{', '.join(names)}`"
    if not isinstance(value, list | tuple):
        raise Trouble("type", f"this function returns {wanted}, but one single thing came back")
    if len(value) != len(names):
        raise Trouble("shape", f"this function returns {wanted}, but {len(value)} came back")
    return tuple(value)


def through_input_type(f):
    """`f` with its values stored in an array like its first argument."""

    def stored(z, *more):
        values = np.empty_like(z)
        values[...] = f(z, *more)
        return values

    return stored


def pointwise(rng: np.random.Generator, *more: list[float]) -> Iterable[Case]:
    """Cases for functions that act entry by entry: both signs, 0, several shapes, integers, float32, up to ±30.

    more: for each further argument, six simple values that go with the first case.
    """

    def draw(shape):
        return np.asarray(rng.normal(0, 2, shape).round(2))

    simple = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])
    yield Case((simple, *map(np.array, more)), note="small numbers of both signs")
    signs = rng.permutation([-1, 1] * 4).reshape(2, 1, 2, 2)
    for note, z in {
        "an array of 2 × 3 numbers": draw((2, 3)),
        "a single number, an array of shape ()": draw(()),
        "integers": rng.permutation(np.arange(-4, 5)),
        "float32 numbers": draw((3, 1, 2)).astype(np.float32),
        "larger numbers in four dimensions": signs * rng.uniform(8, 30, signs.shape).round(1),
    }.items():
        yield Case((z, *(draw(z.shape).astype(np.result_type(z, np.float32)) for _ in more)), note=note)


def quarters(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random multiples of ¼ between -3 and 3: short to print, exact to multiply."""
    return rng.integers(-12, 13, shape) / 4


def _alike(a, b) -> bool:
    if isinstance(a, Trouble) or isinstance(b, Trouble):
        return type(a) is type(b) and (a.kind, a.error) == (b.kind, b.error)
    return all(x.shape == y.shape and np.allclose(x, y, **LIKENESS) for x, y in zip(a, b, strict=True))


def _verdict(got, want, right, whats) -> Trouble | None:
    """What to say about arrays of the right shapes; None where all entries are right."""
    for g, w, ok, what in zip(got, want, right, whats, strict=True):
        if not ok.all():
            lost = ~ok & ~np.isfinite(g) & np.isfinite(w)
            if lost.any():
                return Trouble(
                    "value", f"{what} has the right shape, but holds {_number(g[lost][0])}, no finite number"
                )
            seen = "has the right shape, but wrong values" if g.ndim else "is a number, but not the right one"
            return Trouble("value", f"{what} {seen}")
    return None


def _clearest(got, want, right) -> tuple[int, ...]:
    """Index of the wrong entry to show: not finite if there is one, else the one that is furthest off."""
    with np.errstate(all="ignore"):
        off = np.nan_to_num(np.abs(got - want) / (1 + np.abs(want)), nan=np.inf)
    return np.unravel_index(np.argmax(np.where(right, -1.0, off)), got.shape)


def _described(name, value, entry, limit) -> str:
    if isinstance(value, list):
        return f"{name} of shapes {', '.join(str(v.shape) for v in value)}"
    if not isinstance(value, np.ndarray):
        return f"{name} = {value}"
    dtype = "" if value.dtype == np.float64 else f" ({value.dtype})"
    if entry is not None:
        return f"{name} = {_number(value[entry])}{dtype}"
    return f"{name} = {_text(value)}{dtype}" if value.size <= limit else f"{name} of shape {value.shape}{dtype}"


def _pair(got, want) -> tuple[str, str]:
    """Both as text, with as many digits as it takes to tell them apart."""
    pairs = ((_text(got, digits), _text(want, digits)) for digits in (4, 6, 8, 10, 12, 14))
    return next((pair for pair in pairs if pair[0] != pair[1]), (_text(got, 17), _text(want, 17)))


def _text(a, digits=4) -> str:
    """[[1, 2.5]] for an array, 2.5 for a number."""
    a = np.asarray(a)
    return f"[{', '.join(_text(row, digits) for row in a)}]" if a.ndim else _number(a, digits)


def _number(value, digits=4) -> str:
    return f"{float(value) + 0.0:.{digits}g}"
