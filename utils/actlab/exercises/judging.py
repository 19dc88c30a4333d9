"""Judging: one judge, two callers.

`evaluate` asks for values through `call`, which is the learner's function in a notebook and a request to a sandbox in
the grader, and compares on its own side. What `call` receives are arrays, numbers, lists of arrays, and recipes
(`actlab.recipes`) for a generator or a function: `learner.call` makes those in the notebook; the grader keeps
functions on its side and answers when the sandbox calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from actlab import learner
from actlab.exercises import words
from actlab.exercises.model import Case, Choice, Draws, Exercise, Measure, Result, Row, Status, Task
from actlab.learner import Kind, Trouble
from actlab.recipes import Seed, made

LIKENESS: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5, "equal_nan": True}

Call = Callable[..., Any]


def evaluate(exercise: Exercise, call: Call, rng: np.random.Generator | int | None = None) -> Result:
    """The judgement of an answer.

    call(*args): the learner's value, or `Trouble`; called without arguments for the letter of a multiple choice.
    args: arrays, numbers, lists of arrays, recipes (see above); they are never changed by `call`.
    rng: generator or seed of the cases; fresh entropy by default.
    """
    if isinstance(exercise, Choice):
        return _chosen(exercise, call)
    assert isinstance(exercise, Task)
    judge = _DrawsJudge(exercise) if isinstance(exercise, Draws) else _Judge(exercise)
    return judge.judged(call, np.random.default_rng(rng))


def unpack(value: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    """The several results of one function; `Trouble` says which ones are expected."""
    wanted = f"{len(names)} things, `{', '.join(names)}`"
    if not isinstance(value, list | tuple):
        raise Trouble(Kind.TYPE, f"this function returns {wanted}, but one single thing came back")
    if len(value) != len(names):
        raise Trouble(Kind.SHAPE, f"this function returns {wanted}, but {len(value)} came back")
    return tuple(value)


@dataclass(frozen=True)
class Tried:
    """One case with the values asked for and what came instead: arrays, or the trouble on the way to them."""

    case: Case
    want: tuple[np.ndarray, ...]
    got: tuple[np.ndarray, ...] | Trouble
    right: tuple[np.ndarray, ...] = ()
    trouble: Trouble | None = None
    off: Measure | None = None

    @property
    def severity(self) -> int:
        """Crashes are told before shapes, shapes before values that are not finite, those before wrong values."""
        if isinstance(self.got, Trouble):
            return 0
        if not self.right:
            return 1
        return 3 if all(np.isfinite(g).all() for g in self.got) else 2


def _chosen(asked: Choice, call: Call) -> Result:
    try:
        answer = call()
    except Trouble as trouble:
        return asked.result(Status.WRONG, kind=trouble.kind, sentence=trouble.sentence)
    letters = ", ".join(asked.options)
    if answer is None or answer is ... or (isinstance(answer, str) and not answer.strip()):
        said = f"choose one of the letters {letters}"
        return asked.result(Status.NOT_ATTEMPTED, kind=Kind.STUB, sentence=said)
    letter = answer.lower().strip("()[]{}. \t\r\n") if isinstance(answer, str) else ""
    if letter not in asked.options:
        return asked.result(Status.WRONG, kind=Kind.TYPE, sentence=f"Answer with one letter in quotes: {letters}.")
    if letter != asked.right:
        return asked.result(Status.WRONG, kind=Kind.VALUE, sentence=f"({letter}) is not it. {asked.hints[letter]}")
    return asked.result(Status.RIGHT, ["choice"], sentence=asked.why)


class _Judge:
    """How the answers to one task are judged."""

    def __init__(self, task: Task):
        self.task = task

    def judged(self, call: Call, rng: np.random.Generator) -> Result:
        task = self.task
        tried: list[Tried] = []
        slow = False
        for case in task.cases(rng):
            outcome = self.outcome(call, case)
            if not tried and outcome.trouble and outcome.trouble.kind is Kind.STUB:
                return task.result(Status.NOT_ATTEMPTED, kind=Kind.STUB, sentence=outcome.trouble.sentence)
            tried.append(outcome)
            if slow := outcome.trouble is not None and outcome.trouble.kind is Kind.TIME:
                break
        order = list(task.parts)
        failed = sorted({o.case.part for o in tried if o.trouble}, key=order.index)
        if not failed:
            return task.result(Status.RIGHT, order)
        tested = order[: order.index(tried[-1].case.part)] if slow else order
        earned = [] if order[0] in failed else [part for part in tested if part not in failed]
        upto = [o for o in tried if order.index(o.case.part) <= order.index(failed[0])]
        worst, trouble = min(((o, o.trouble) for o in upto if o.trouble), key=lambda pair: pair[0].severity)
        return task.result(
            Status.PARTLY if earned else Status.WRONG,
            earned,
            kind=trouble.kind,
            sentence=words.sentence(worst, trouble, earned),
            cause="" if slow else self.cause(upto),
            failing=self.rows(worst),
        )

    def outcome(self, call: Call, case: Case) -> Tried:
        want = self._arrays(self.task.reference(*made(case.args)))
        try:
            got = self._read(call(*case.args))
        except Trouble as trouble:
            return Tried(case, want, trouble, trouble=trouble)
        whats = [f"`{name}`" for name in self.task.outputs] or ["the result"]
        try:
            for g, w, what in zip(got, want, whats, strict=True):
                learner.require_shape(g, w.shape, what)
        except Trouble as trouble:
            return Tried(case, want, got, trouble=trouble)
        right = tuple(self.task.accept(g, w, case, k) for k, (g, w) in enumerate(zip(got, want, strict=True)))
        return Tried(case, want, got, right, words.wrong_values(got, want, right, whats))

    def rows(self, outcome: Tried) -> tuple[Row, ...]:
        return words.rows(self.task, outcome)

    def cause(self, outcomes: list[Tried]) -> str:
        """The first known wrong answer that behaves the same."""
        for description, form in self.task.wrong.items():
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
            other = self.outcome(mistaken, outcome.case)
            if not self.alike(outcome, other):
                return False
            rejected = rejected or bool(outcome.trouble and other.trouble)
        return rejected

    def alike(self, one: Tried, other: Tried) -> bool:
        a, b = one.got, other.got
        if isinstance(a, Trouble) or isinstance(b, Trouble):
            return isinstance(a, Trouble) and isinstance(b, Trouble) and (a.kind, a.error) == (b.kind, b.error)
        return all(x.shape == y.shape and np.allclose(x, y, **LIKENESS) for x, y in zip(a, b, strict=True))

    def _arrays(self, value) -> tuple[np.ndarray, ...]:
        return tuple(np.asarray(v, float) for v in (value if self.task.outputs else (value,)))

    def _read(self, value) -> tuple[np.ndarray, ...]:
        if self.task.observe:
            return self._arrays(self.task.observe(value))
        if not self.task.outputs:
            return (learner.array(value),)
        named = zip(unpack(value, self.task.outputs), self.task.outputs, strict=True)
        return tuple(learner.array(v, what=f"`{name}`") for v, name in named)


class _DrawsJudge(_Judge):
    """The same for random numbers: an outcome compares what was measured of them."""

    task: Draws

    def outcome(self, call: Call, case: Case) -> Tried:
        want = self._arrays(self.task.reference(*made(case.args)))
        fresh = [Seed(a.value + 1) if isinstance(a, Seed) else a for a in case.args]
        try:
            values, again, other = (learner.array(call(*args), want[0].shape) for args in (case.args, case.args, fresh))
            if not np.isfinite(values).all():
                raise Trouble(Kind.VALUE, "the result has the right shape, but holds numbers that are not finite")
        except Trouble as stopped:
            return Tried(case, want, stopped, trouble=stopped)
        measures = [*self._repeats(values, again, other), *self.task.law(values, *case.args)]
        got, wanted, allowed = (np.array([getattr(m, k) for m in measures]) for k in ("got", "want", "allowed"))
        right = np.abs(got - wanted) <= allowed
        off = next((m for m, ok in zip(measures, right, strict=True) if not ok), None)
        return Tried(case, (wanted, allowed), (got,), (right,), words.off_the_law(off) if off else None, off)

    def rows(self, outcome: Tried) -> tuple[Row, ...]:
        return words.measured(self.task, outcome)

    def alike(self, one: Tried, other: Tried) -> bool:
        if isinstance(one.got, Trouble) or isinstance(other.got, Trouble):
            return super().alike(one, other)
        (a,), (b,), (want, allowed) = one.got, other.got, one.want
        times = np.abs(b) / np.where(want == 0, 1, np.abs(want))
        noise = np.where(want == 0, 0.1 * np.abs(b) + 2 * allowed, 2 * allowed * np.maximum(times, 1))
        return bool((np.abs(a - b) <= noise).all())

    def _repeats(self, values, again, other) -> Iterable[Measure]:
        if values.size < self.task.MANY:
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
