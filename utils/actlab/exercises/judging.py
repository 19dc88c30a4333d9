"""Judging: one judge, two callers.

`evaluate` asks for values through `call`, which is the learner's function in a notebook and a request to a sandbox in
the grader, and compares on its own side. What `call` receives are arrays, numbers, lists of arrays, and recipes
(`actlab.recipes`) for a generator or a function: `learner.call` makes those in the notebook; the grader keeps
functions on its side and answers when the sandbox calls them.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from actlab import learner
from actlab.exercises import mistakes, words
from actlab.exercises.model import Case, Choice, Draws, Exercise, Measure, Numbers, Result, Row, Status, Task, near
from actlab.learner import Kind, Noted, Trouble
from actlab.recipes import Seed, made

LIKENESS = {"rtol": 1e-4, "atol": 1e-5}
TELLING = 3
"""How many equal numbers it takes to name a cause beside exceptions, or one that does not explain everything."""

TRIED = 3
"""Cases on which an answer is tried that is not judged."""

SPARE, SPARE_TIMES = 20_000, 4  # numbers of a wrong shape that are kept, for the cause may show in them

MOST_KEPT = 4096  # outcomes of known wrong answers: there are about so many forms

Call = Callable[..., Any]
Said = tuple[Any, set[Noted]]
Ask = Callable[[list[tuple[Any, ...]]], Iterable[Said]]


def evaluate(exercise: Exercise, call: Call, rng: np.random.Generator | int | None = None, told: bool = True) -> Result:
    """The judgement of an answer.

    call(*args): the learner's value, or `Trouble`; called without arguments for the letter of a multiple choice.
    args: arrays, numbers, lists of arrays, recipes (see above); they are never changed by `call`.
    rng: generator or seed of the cases; fresh entropy by default.
    told: whether to find out what to say; without, points and kind are what counts, and a cause is looked for where
    several kinds of trouble came, between which it decides.
    """
    if isinstance(exercise, Choice):
        return _chosen(exercise, call)
    assert isinstance(exercise, Task)
    return _judge(exercise).judged(call, np.random.default_rng(rng), told)


def unfit(exercise: Exercise, call: Call) -> Trouble | None:
    """What keeps an answer from being judged where that is to happen elsewhere; whether it is right is not looked at.

    call: as for `evaluate`; a function is tried on a few inputs.
    """
    try:
        if isinstance(exercise, Choice):
            letter_of(exercise, call())
            return None
        assert isinstance(exercise, Task)
        if exercise.signature:  # another hand-out's arguments would not fit
            return None
        judge = _judge(exercise)
        for case in islice(judge.task.cases(np.random.default_rng(0)), TRIED):
            outcome = judge.tried(call, case)
            if outcome.trouble and (outcome.crashed or not outcome.right):
                return outcome.trouble
    except Trouble as trouble:
        return trouble
    return None


def trials(task: Task, call: Call, rng: np.random.Generator | None = None) -> list[Tried]:
    """The outcome of every case that `evaluate` judges an answer by, in their order."""
    return list(_judge(task).trials(call, np.random.default_rng(rng)))


def heard(task: Task, ask: Ask, rng: np.random.Generator) -> tuple[Task, Call]:
    """What an answer says on every case that `evaluate` may try with this `rng`: a `call` that says it again, and the
    task with these cases, and with what is right on them.

    ask: what came of each of many calls, a value or `Trouble`, with what was noted on the way.
    Nothing is judged meanwhile: neither what the answer is called with, nor when, tells it whether it is right.
    """
    judge = _judge(task)
    cases, beyond = ([judge.known(case) for case in some(rng)] for some in (judge.task.cases, task.beyond))
    calls = [(args, judge.wanted(case)) for case in (*cases, *beyond) for args in judge.calls(case)]
    said = defaultdict[Any, deque[Said]](deque)
    for (args, want), (value, noted) in zip(calls, ask([args for args, _ in calls]), strict=True):
        try:
            value = _of_a_size(value, want)
        except Trouble as trouble:
            value = trouble
        said[_key(args)].append((_alone(value) if isinstance(value, Trouble) else value, noted))

    def again(*args: Any) -> Any:
        value, noted = said[_key(args)].popleft()
        learner.note([*noted])
        if isinstance(value, Trouble):
            raise value
        return value

    return replace(judge.task, cases=lambda rng: cases, beyond=lambda rng: beyond), again


def _judge(task: Task) -> _Judge:
    if isinstance(task, Numbers):
        return _NumbersJudge(task)
    return _DrawsJudge(task) if isinstance(task, Draws) else _Judge(task)


def _key(args: Any) -> Any:
    """Something to look arguments up by; equal for equal ones.  A recipe is told apart by its `repr`."""
    if isinstance(args, np.ndarray):
        return args.dtype.str, args.shape, args.tobytes()
    return tuple(map(_key, args)) if isinstance(args, list | tuple) else repr(args)


def unpack(value: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    """The several results of one function; `Trouble` says which ones are expected."""
    wanted = f"{len(names)} things, `{', '.join(names)}`"
    if not isinstance(value, list | tuple):
        raise Trouble(Kind.TYPE, f"this function returns {wanted}, but one single thing came back")
    if len(value) != len(names):
        raise Trouble(Kind.SHAPE, f"this function returns {wanted}, but {len(value)} came back")
    return tuple(value)


@dataclass(frozen=True, eq=False)
class Tried:
    """One case with the values asked for and what came instead: arrays, or the trouble on the way to them.

    noted: what happened on the way.  measures: what was compared, where the answer is random.
    """

    case: Case
    want: tuple[np.ndarray, ...]
    got: tuple[np.ndarray, ...] | Trouble
    right: tuple[np.ndarray, ...] = ()
    trouble: Trouble | None = None
    off: Measure | None = None
    noted: frozenset[Noted] = frozenset()
    measures: tuple[Measure, ...] = ()

    @property
    def values(self) -> tuple[np.ndarray, ...]:
        """The arrays that came, if any did."""
        return () if isinstance(self.got, Trouble) else self.got

    @property
    def crashed(self) -> bool:
        """Whether no arrays came."""
        return not self.values

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
        letter = letter_of(asked, call())
    except Trouble as trouble:
        if trouble.kind is Kind.STUB:
            return asked.result(Status.NOT_ATTEMPTED, kind=Kind.STUB, sentence=trouble.words)
        return asked.result(Status.WRONG, kind=trouble.kind, sentence=trouble.sentence)
    given = asked.originally(letter)
    if letter not in asked.right:
        said = f"({letter}) is not it. {asked.hints[letter]}"
        return asked.result(Status.WRONG, kind=Kind.VALUE, sentence=said, given=given)
    return asked.result(Status.RIGHT, ["choice"], sentence=asked.why, given=given)


def letter_of(asked: Choice, answer: Any) -> str:
    """The letter that an answer names, however it is written.  Errors: Trouble."""
    letters = ", ".join(asked.options)
    if answer is None or answer is ... or (isinstance(answer, str) and not answer.strip()):
        raise Trouble(Kind.STUB, f"choose one of the letters {letters}")
    letter = answer.lower().strip("()[]{}. \t\r\n") if isinstance(answer, str) else ""
    if letter not in asked.options:
        raise Trouble(Kind.TYPE, f"Answer with one letter in quotes: {letters}.")
    return letter


def _numbers(outcomes: list[Tried]) -> int:
    """How many numbers came."""
    return sum(values.size for o in outcomes for values in o.values)


_at_first: dict[Any, Tried] = {}


class _Judge:
    """How the answers to one task are judged."""

    def __init__(self, task: Task):
        self.task = task

    def judged(self, call: Call, rng: np.random.Generator, told: bool = True) -> Result:
        task = self.task
        tried = list(self.trials(call, rng))
        first, last = tried[0].trouble, tried[-1].trouble
        if first and first.kind is Kind.STUB:
            return task.result(Status.NOT_ATTEMPTED, kind=Kind.STUB, sentence=first.sentence)
        slow = last is not None and last.kind is Kind.TIME
        order = list(task.parts)
        failed = sorted({o.case.part for o in tried if o.trouble}, key=order.index)
        if not failed:
            if not told:
                return task.result(Status.RIGHT, order)
            beyond = (self.tried(call, case) for case in task.beyond(rng))
            lost = next((o for o in beyond if o.trouble), None)
            return task.result(Status.RIGHT, order, sentence=words.praise(task, tried, lost))
        tested = order[: order.index(tried[-1].case.part)] if slow else order
        earned = [] if order[0] in failed else [part for part in tested if part not in failed]
        upto = [o for o in tried if order.index(o.case.part) <= order.index(failed[0])]
        status = Status.PARTLY if earned else Status.WRONG
        kind, *others = {o.trouble.kind for o in upto if o.trouble}
        if not told and not others:
            return task.result(status, earned, kind=kind)
        cause, shown = ("", []) if slow else self.cause(upto)
        worst, *more = shown or [min((o for o in upto if o.trouble), key=lambda o: o.severity)]
        assert worst.trouble, "what is told is something that went wrong"
        return task.result(
            status,
            earned,
            kind=worst.trouble.kind,
            sentence=words.sentence(worst, worst.trouble, earned, more),
            cause=cause,
            failing=self.rows(worst),
        )

    def trials(self, call: Call, rng: np.random.Generator) -> Iterator[Tried]:
        """The outcome of each case, up to one that takes too long; of the first alone where nothing is written yet."""
        for number, case in enumerate(self.task.cases(rng)):
            outcome = self.tried(call, self.known(case))
            yield outcome
            kind = outcome.trouble and outcome.trouble.kind
            if kind is Kind.TIME or (kind is Kind.STUB and number == 0):
                return

    def tried(self, call: Call, case: Case) -> Tried:
        """The outcome of one case, with what was noted on the way, and names for parameters that do not fit."""
        with learner.noting() as noted:
            outcome = self.outcome(call, case)
        if outcome.trouble and outcome.trouble.kind is Kind.PARAMETERS and case.args:
            given = words.together(self.task.parameters[: len(case.args)])
            said = f"{outcome.trouble.words}. Here come{'s' * (len(case.args) == 1)} {given}"
            trouble = Trouble(Kind.PARAMETERS, said, outcome.trouble.error)
            outcome = replace(outcome, got=trouble, trouble=trouble)
        return replace(outcome, noted=frozenset(noted)) if noted else outcome

    def wanted(self, case: Case) -> tuple[np.ndarray, ...]:
        return self._arrays(self.task.reference(*made(case.args))) if case.want is None else case.want

    def known(self, case: Case) -> Case:
        """The case with what is right on it, for more than one to look at."""
        return case if case.want is not None else replace(case, want=self.wanted(case))

    def calls(self, case: Case) -> list[tuple[Any, ...]]:
        """The arguments of every call that a case may take, in their order."""
        return [case.args]

    def outcome(self, call: Call, case: Case) -> Tried:
        want = self.wanted(case)
        try:
            got = self._read(_of_a_size(call(*case.args), want), want)
        except Trouble as trouble:
            return Tried(case, want, _alone(trouble), trouble=trouble)
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

    def cause(self, outcomes: list[Tried]) -> tuple[str, list[Tried]]:
        """The known mistake that this looks like, and the outcomes to tell; none of both where nothing is known.

        The first known wrong answer that behaves the same on every case is the cause. Where there is none, one is
        likely that explains the wrong values of the first case, which is small and the same for everybody, and most of
        the others: beside a second mistake, or before a crash on a shape that the learner did not think of.
        """
        likely: dict[str, list[Tried]] = {}
        for said, form in self.forms().items():
            agreeing = self._agreeing(form, outcomes)
            if len(agreeing) == len(outcomes):
                return said, self._told(outcomes, agreeing)
            likely |= {said: agreeing} if self._most(agreeing, outcomes) else {}
        first = outcomes[0]
        if Noted.METHOD in first.noted and not (first.trouble and first.trouble.kind is Kind.PARAMETERS):
            return mistakes.METHOD, []
        if not likely:
            return "", []
        said = max(likely, key=lambda said: len(likely[said]))
        return said, self._told(outcomes, likely[said])

    def forms(self) -> dict[str, Callable]:
        """What is known to go wrong with this task, and with every one."""
        # What is drawn has a reference of its own in each hand-out, which nobody asks for again.
        anywhere = mistakes.anywhere.__wrapped__ if self.task.drawn else mistakes.anywhere
        shared = {} if self.task.observe else anywhere(self.task.reference, bool(self.task.outputs))
        return {**self.task.wrong, **{said: form for said, form in shared.items() if said not in self.task.wrong}}

    def _agreeing(self, form, outcomes: list[Tried]) -> list[Tried]:
        """The outcomes on which a known wrong answer behaves the same; none where it is right on them as well.

        Exceptions have few names, so where they alone are wrong there have to be equal numbers beside them.
        """
        if like := getattr(form, "like", None):
            alike = all(not o.crashed and like(o.values[0], *o.case.args) for o in outcomes)
            return outcomes if alike else []
        agreeing: list[Tried] = []
        rejected: list[Tried] = []
        for outcome in outcomes:
            mistaken = self.mistaken_at_first if outcome is outcomes[0] else self.mistaken
            other = mistaken(form, outcome.case)
            if self.alike(outcome, other):
                agreeing.append(outcome)
                rejected += [outcome] if outcome.trouble and other.trouble else []
            elif outcome is outcomes[0]:
                return []
        raised = all(o.trouble and o.trouble.kind is Kind.ERROR for o in rejected)
        return agreeing if rejected and (not raised or _numbers(agreeing) >= TELLING) else []

    def mistaken(self, form, case: Case) -> Tried:
        """What a known wrong answer gives for a case."""
        return self.outcome(partial(learner.call, form, seconds=math.inf), case)

    def mistaken_at_first(self, form, case: Case) -> Tried:
        """The same for the first case, which is the same for everybody: it is computed once for a form."""
        if self.task.drawn:
            return self.mistaken(form, case)
        of = (self.task.id, self.task.reference, form, _key(case.args))
        if of not in _at_first:
            if len(_at_first) == MOST_KEPT:
                _at_first.clear()
            _at_first[of] = self.mistaken(form, case)
        return _at_first[of]

    def _most(self, agreeing: list[Tried], outcomes: list[Tried]) -> bool:
        """Whether these explain enough: the first case, at least half of all numbers' cases and of the wrong ones."""
        came = [o for o in outcomes if o.values]
        wrong = [o for o in came if o.trouble]
        explained = [o for o in agreeing if o.values]
        mistaken = [o for o in explained if o.trouble]
        enough = 2 * len(explained) >= len(came) and 2 * len(mistaken) >= len(wrong)
        return outcomes[0] in explained and enough and _numbers(mistaken) >= TELLING

    def _told(self, outcomes: list[Tried], agreeing: list[Tried]) -> list[Tried]:
        """Wrong values that the cause explains, then the crash of another case, or what it does not explain.

        None where it explains everything but the first case, which is right.
        """
        explained = next((o for o in agreeing if o.trouble and o.values), None)
        if explained is None or (explained is not outcomes[0] and len(agreeing) == len(outcomes)):
            return []
        more = [o for o in outcomes if o is not explained and (o.crashed or (o.trouble and o not in agreeing))]
        return [explained, *sorted(more, key=lambda o: o.severity)[:1]]

    def alike(self, one: Tried, other: Tried) -> bool:
        a, b = one.got, other.got
        if isinstance(a, Trouble) or isinstance(b, Trouble):
            return isinstance(a, Trouble) and isinstance(b, Trouble) and (a.kind, a.error) == (b.kind, b.error)
        return all(x.shape == y.shape and _alike(x, y) for x, y in zip(a, b, strict=True))

    def _arrays(self, value) -> tuple[np.ndarray, ...]:
        return tuple(np.asarray(v, float) for v in (value if self.task.outputs else (value,)))

    def _read(self, value, want) -> tuple[np.ndarray, ...]:
        if self.task.observe:
            return self._arrays(self.task.observe(value))
        if not self.task.outputs:
            learner.require_one(value, want[0].shape, want[0])
            return (learner.array(value),)
        named = zip(unpack(value, self.task.outputs), self.task.outputs, strict=True)
        return tuple(learner.array(v, what=f"`{name}`") for v, name in named)


def _alike(x: np.ndarray, y: np.ndarray) -> bool:
    agree = near(x, y, **LIKENESS)
    return bool(agree.all() or (agree | (np.isnan(x) & np.isnan(y))).all())


def _of_a_size(value: Any, want: tuple[np.ndarray, ...]) -> Any:
    """The value as it came; `Trouble` where it holds so many numbers that keeping them all would take much memory."""
    if isinstance(value, np.ndarray) and value.size <= SPARE:
        return value
    arrays = [v for v in (value if isinstance(value, list | tuple) else [value]) if isinstance(v, np.ndarray)]
    if sum(a.size for a in arrays) > SPARE + SPARE_TIMES * sum(w.size for w in want):
        came, wanted = (", ".join(str(a.shape) for a in some) for some in (arrays, want))
        raise Trouble(Kind.SHAPE, f"the result has shape {came}, expected {wanted}")
    return value


def _alone(trouble: Trouble) -> Trouble:
    """The trouble without the frames that it came through, which hold on to the answer."""
    return trouble.with_traceback(None)


class _NumbersJudge(_Judge):
    """The same for numbers that a variable holds: what is told never holds those that are expected."""

    task: Numbers

    def __init__(self, task: Numbers):
        own = task.cases is not Numbers.cases
        super().__init__(task if own else replace(task, cases=lambda rng: [Case((), part) for part in task.parts]))

    def outcome(self, call: Call, case: Case) -> Tried:
        want = self.wanted(case)
        entries, places = self.task.entries, self.task.decide.get(case.part, range(len(self.task.entries)))
        try:
            value = call()
            if value is None or value is ... or (isinstance(value, str) and not value.strip()):
                raise Trouble(Kind.STUB, f"`{self.task.name}` holds nothing yet")
            got = learner.array(_of_a_size(value, want), what=f"`{self.task.name}`")
            if got.size != len(entries):
                some = f"{len(entries)} numbers in one row" if len(entries) > 1 else "one number"
                raise Trouble(Kind.SHAPE, f"`{self.task.name}` holds {some}: {words.listed(entries)}")
        except Trouble as trouble:
            return Tried(case, want, _alone(trouble), trouble=trouble)
        got = got.reshape(want[0].shape)
        right = np.asarray(self.task.accept(got, want[0], case, 0)).reshape(want[0].shape)
        off = [entries[k] for k in places if not right.ravel()[k]]
        said = f"{words.listed(off)} {'is' if len(off) == 1 else 'are'} not it"
        return Tried(case, want, (got,), (right,), Trouble(Kind.VALUE, said) if off else None)

    def cause(self, outcomes: list[Tried]) -> tuple[str, list[Tried]]:
        return ("", []) if any(o.crashed for o in outcomes) else super().cause(outcomes)

    def rows(self, outcome: Tried) -> tuple[Row, ...]:
        return ()


class _DrawsJudge(_Judge):
    """The same for random numbers: an outcome compares what was measured of them."""

    task: Draws

    def calls(self, case: Case) -> list[tuple[Any, ...]]:
        """With the first seed twice, then with another, then with as many more as it takes."""

        def seeded(more: int) -> tuple[Any, ...]:
            return tuple(Seed(a.value + more) if isinstance(a, Seed) else a for a in case.args)

        return [case.args, *map(seeded, range(max(2, self._pooled(self.wanted(case)))))]

    def _pooled(self, want: tuple[np.ndarray, ...]) -> int:
        return self.task.pooled if want[0].size < self.task.MANY else 1

    def outcome(self, call: Call, case: Case) -> Tried:
        want = self.wanted(case)
        pooled, (once, *then) = self._pooled(want), self.calls(case)
        try:
            first = learner.array(_of_a_size(call(*once), want))
            if first.shape != want[0].shape:
                trouble = Trouble(Kind.SHAPE, f"the result has shape {first.shape}, expected {want[0].shape}")
                return Tried(case, want, (first,), trouble=trouble)
            again, other, *more = [learner.array(call(*args), first.shape) for args in then]
            values = np.stack([first, other, *more]) if pooled > 1 else first
            if not np.isfinite(values).all():
                raise Trouble(Kind.VALUE, "the result has the right shape, but holds numbers that are not finite")
        except Trouble as stopped:
            return Tried(case, want, _alone(stopped), trouble=stopped)
        repeats = self._repeats(first, again, other) if pooled > 1 or first.size >= self.task.MANY else ()
        law = list(self.task.law(values, *case.args))
        if pooled > 1 and np.array_equal(first, other):
            law = [m._replace(telling=False) for m in law]  # one result many times over: what it is like is chance
        measures = [*repeats, *law]
        got, wanted, allowed = (np.array([getattr(m, k) for m in measures]) for k in ("got", "want", "allowed"))
        telling = np.array([m.telling for m in measures])
        right = np.abs(got - wanted) <= allowed
        off = next((m for m, ok in zip(measures, right, strict=True) if not ok), None)
        said = words.off_the_law(off) if off else None
        return Tried(case, (wanted, allowed, telling), (got,), (right,), said, off, measures=tuple(measures))

    def rows(self, outcome: Tried) -> tuple[Row, ...]:
        return words.measured(self.task, outcome)

    def mistaken_at_first(self, form, case: Case) -> Tried:
        """Drawn anew, where a form draws what it likes."""
        return self.mistaken(form, case)

    def alike(self, one: Tried, other: Tried) -> bool:
        if isinstance(one.got, Trouble) or isinstance(other.got, Trouble):
            return super().alike(one, other)
        if not (one.right and other.right):
            return not (one.right or other.right) and one.got[0].shape == other.got[0].shape
        (a,), (b,), (want, allowed, telling) = one.got, other.got, one.want
        times = np.abs(b) / np.where(want == 0, 1, np.abs(want))
        noise = np.where(want == 0, 0.1 * np.abs(b) + 2 * allowed, 2 * allowed * np.maximum(times, 1))
        return bool((np.abs(a - b)[telling] <= noise[telling]).all())

    def _most(self, agreeing: list[Tried], outcomes: list[Tried]) -> bool:
        counted = [o for o in outcomes if o is outcomes[0] or o.crashed or not o.right or o.want[2].all()]
        return super()._most([o for o in agreeing if o in counted], counted)

    def _repeats(self, first, again, other) -> Iterable[Measure]:
        yield Measure(
            "whether the same seed repeats the numbers",
            float(np.array_equal(first, again)),
            1.0,
            0.0,
            "Two calls with generators of the same seed give different numbers: draw from `rng` and nothing else",
            "other numbers, same seed",
            "the same numbers",
        )
        yield Measure(
            "whether another seed changes them",
            float(not np.array_equal(first, other)),
            1.0,
            0.0,
            "Generators with different seeds give the same numbers: draw from the `rng` that is handed over",
            "the same numbers, other seed",
            "other numbers",
        )
