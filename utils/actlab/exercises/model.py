"""What an exercise, a case and a result are, and how a class body under a decorator becomes an exercise."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, replace
from dataclasses import fields as fields_of
from enum import StrEnum
from functools import cached_property
from itertools import permutations
from typing import Any, NamedTuple, Self

import numpy as np

from actlab import course
from actlab.errors import CourseError
from actlab.learner import NOT_YET, Kind

LATER: Any = object()
"""What a field holds that is drawn when it is first asked for: most who import the course ask for none."""

VARYING = {
    *("reference", "cases", "beyond", "wrong", "accept", "calm"),
    *("right", "hints", "why", "example", "given", "signature"),
}
"""The fields that may be drawn."""

MOST_OPTIONS = 8
"""Options of a multiple choice: eight already have 40,320 orders, of which each student gets one."""

EXERCISES: dict[str, Exercise] = {}
"""Every exercise by id, in the order of the course once `actlab.exercises` is imported."""


class Misdefined(CourseError, ValueError):
    """What is wrong with the definition of an exercise, which the sentence names."""


class Status(StrEnum):
    """How an answer stands, from the least to the most."""

    NOT_ATTEMPTED = "not attempted"
    WRONG = "wrong"
    PARTLY = "partly"
    RIGHT = "right"

    @property
    def glyph(self) -> str:
        """The sign that stands beside the words, so that no colour is needed to tell them apart."""
        return {"not attempted": "○", "wrong": "✗", "partly": "◐", "right": "✓"}[self]

    @property
    def label(self) -> str:
        """The sign and the words."""
        return NOT_YET if self is Status.NOT_ATTEMPTED else f"{self.glyph} {self}"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Status).index(self)


@dataclass(frozen=True)
class Case:
    """Arguments to try, the part whose points they decide, and how far off is still right.

    note: what is special about them, in words that fit after "on": "an array of integers".
    rtol, atol: unless said, 1e-5 and 1e-6, and ten times that where an argument is float32, so that no right formula
    fails by rounding; where one is float16, say both.  want: the right results, where they are known: no reference
    computes them, or it has done so already.
    """

    args: tuple[Any, ...] = ()
    part: str = "values"
    note: str = ""
    rtol: float | None = None
    atol: float | None = None
    want: tuple[np.ndarray, ...] | None = None

    @property
    def tolerance(self) -> tuple[float, float]:
        """How far off is still right, relative and absolute."""
        given = [a for arg in self.args for a in (arg if isinstance(arg, list) else [arg])]
        wider = 10 if any(isinstance(a, np.ndarray) and a.dtype == np.float32 for a in given) else 1
        return (
            1e-5 * wider if self.rtol is None else self.rtol,
            1e-6 * wider if self.atol is None else self.atol,
        )


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

    parts: name of the part -> Score.  kind: that of the trouble; None where there is none, or none is known.
    sentence: what was seen.  cause: the known wrong answer that behaves the same, in words that fit after "It looks
    like".  failing: the rows of a small table (input, got, expected).  given: the letter that was chosen, as the option
    is called in the course.
    """

    id: str
    name: str
    title: str
    section: str
    status: Status
    parts: dict[str, Score]
    kind: Kind | None = None
    sentence: str = ""
    cause: str = ""
    failing: tuple[Row, ...] = ()
    given: str = ""

    @property
    def points(self) -> int:
        return sum(score.points for score in self.parts.values())

    @property
    def max_points(self) -> int:
        return sum(score.max_points for score in self.parts.values())


def _first(choice, *others):
    return choice


def _default(one: Field) -> Any:
    """What a field of a dataclass holds where nobody says anything; `LATER` where somebody has to."""
    if one.default_factory is not MISSING:
        return one.default_factory()
    return LATER if one.default is MISSING else one.default


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What all kinds of exercise share. `name` is what the learner defines: a function, or a variable for a letter.

    section: of its lesson, or the homework's question.  of: the lesson's exercise that a homework's is derived from.
    example(pick) -> the sentence that stands for `{worked}` in the prompt; pick(*choices) chooses what to work with,
    for the course always the first choice.  evidence: names of the verdicts that its options, hints and answer rest on.
    drawn(code) -> the fields that differ from one hand-out to another.  code: that of the hand-out; the course's own is
    "".  varying: their names, and of those that may be among them.
    given: name -> the value that the notebook's data cell gives it.  signature: the parameters that the stub shows,
    where they differ as well.  sealed: whether the answer is kept from this copy of the course, so that nothing here
    can judge one.
    """

    id: str
    name: str
    points: int
    section: str
    title: str
    of: Exercise | None = None
    example: Callable[[Callable], str] | None = None
    pick: Callable = _first
    evidence: tuple[str, ...] = ()
    drawn: Callable[[str], dict[str, Any]] | None = None
    code: str = ""
    varying: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    signature: str = ""
    sealed: bool = False

    @property
    def lesson(self) -> int:
        """The number of the lesson that asks it."""
        return course.asked_in(self.id).number

    @property
    def question(self) -> int:
        """Its number among the homework's questions; 0 in the lessons."""
        question = course.question_of(self.id)
        return question.number if question else 0

    @property
    def reading(self) -> course.Lesson:
        """The lesson to read again: where the same thing is built, else the one behind the question, else its own."""
        question = course.question_of(self.id)
        if self.of:
            return course.asked_in(self.of.id)
        return course.lesson(question.behind) if question else course.asked_in(self.id)

    @cached_property
    def worked(self) -> str:
        """The sentence with the worked number; "" where the exercise has none."""
        return self.example(self.pick) if self.example else ""

    def personal(self, pick: Callable) -> Self:
        """The same exercise for one student: pick(*choices) chooses the worked numbers."""
        return replace(self, pick=pick)

    def of_instance(self, code: str) -> Self:
        """The same exercise as the hand-out with this code asks it."""
        if self.drawn is None:
            return self
        return replace(self, code=code, **dict.fromkeys(self.varying, LATER))

    def __getattribute__(self, name: str) -> Any:
        value = object.__getattribute__(self, name)
        if value is LATER:
            assert self.drawn, "only what is drawn is left for later"
            usual = {one.name: _default(one) for one in fields_of(self) if vars(self)[one.name] is LATER}
            vars(self).update(usual | self.drawn(self.code))
            self._check()
            value = object.__getattribute__(self, name)
        return value

    def _check(self) -> None:
        """Refuse what nobody could answer.  Errors: Misdefined."""

    def scores(self, earned: Iterable[str] = ()) -> dict[str, Score]:
        """Points by part, where the parts named in `earned` are right."""
        raise NotImplementedError

    def result(self, status: Status, earned: Iterable[str] = (), **details: Any) -> Result:
        """The result in which the parts named in `earned` are right.  details: kind, sentence, cause, failing."""
        return Result(self.id, self.name, self.title, self.section, status, self.scores(earned), **details)


@dataclass(frozen=True, kw_only=True)
class Choice(Exercise):
    """A multiple choice: the answer is the letter of one option.

    options: letter -> text.  right: the right letter, or several, such as "ac", each of which earns the points.
    hints: wrong letter -> what to think about, without naming a right one.
    why: shown once the answer is right.  order: how `reordered` arranged the options, if it did.
    Errors: Misdefined.
    """

    options: dict[str, str]
    right: str
    hints: dict[str, str]
    why: str
    order: str = ""

    def __post_init__(self) -> None:
        if not any(value is LATER for value in vars(self).values()):
            self._check()

    def _check(self) -> None:
        """Refuse letters that nobody could choose, or that nobody is told anything about."""
        letters, right = [*self.options], [*self.right]
        if not 2 <= len(letters) <= MOST_OPTIONS:
            raise Misdefined(
                f"{self.id}: a multiple choice has 2 to {MOST_OPTIONS} options, and here are {len(letters)}."
            )
        if odd := [letter for letter in letters if not re.fullmatch("[a-z]", letter)]:
            raise Misdefined(f"{self.id}: an option is called by one small letter, not {odd[0]!r}.")
        if self.sealed:
            return
        if not right or len(right) != len({*right} & {*letters}):
            some = f"name one of the letters {', '.join(letters)}, or several, once each"
            raise Misdefined(f"{self.id}: `right` is {self.right!r}: {some}.")
        if bare := [letter for letter in letters if letter not in {*right, *self.hints}]:
            raise Misdefined(f"{self.id}: whoever chooses ({bare[0]}) is told nothing: write its hint.")
        if lost := [letter for letter in self.hints if letter not in letters]:
            raise Misdefined(f"{self.id}: there is a hint for {lost[0]!r}, which is no option.")

    def personal(self, pick: Callable) -> Self:
        order = pick(*("".join(letters) for letters in permutations(self.options)))
        return super().personal(pick).reordered(order)

    def reordered(self, order: str) -> Self:
        """The same options in another order: option (a) is what `order[0]` was.  Errors: ValueError."""
        if sorted(order) != sorted(self.options):
            raise ValueError(f"{order!r} is no order of the letters {', '.join(self.options)}")
        became = dict(zip(order, self.options, strict=True))
        return replace(
            self,
            options={new: self.options[old] for old, new in became.items()},
            right="".join(sorted(became[letter] for letter in self.right)),
            hints={new: self.hints[old] for old, new in became.items() if old in self.hints},
            order=order,
        )

    def originally(self, letter: str) -> str:
        """What an option is called in the course."""
        return self.order[list(self.options).index(letter)] if self.order else letter

    def scores(self, earned: Iterable[str] = ()) -> dict[str, Score]:
        return {"choice": Score(self.points * ("choice" in earned), self.points)}


def close(got: np.ndarray, want: np.ndarray, case: Case, k: int = 0) -> np.ndarray:
    """Which entries of an output (the k-th) are right within the case's tolerance; NaN never is."""
    return near(got, want, *case.tolerance)


def near(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """Which entries of a are within rtol·|b| + atol of those of b; NaN never is.

    np.isclose takes twice as long for the few numbers that there mostly are.
    """
    with np.errstate(all="ignore"):
        return (a == b) | ((np.abs(a - b) <= rtol * np.abs(b) + atol) & np.isfinite(b))


def _nothing(rng):
    return ()


@dataclass(frozen=True, kw_only=True)
class Task(Exercise):
    """A function to write, compared with a reference on cases drawn afresh.

    reference(*args) -> array, or a tuple of arrays where `outputs` names several.
    cases(rng) -> iterable of Case, part by part; the first one small and fixed, so that feedback starts from simple
    numbers.
    wrong: description -> function that behaves like a known wrong answer; the description fits after "It looks like".
    The first that behaves like the learner's is named, so the common one stands before its look-alikes.  One that is
    random has like(got, *args) -> bool, which recognises what came back.
    parts: name -> points; the parts after the first count only where the first is right.
    outputs: names of the results, where there are several.
    elementwise: whether entry i of the result depends on entry i of the arguments only.
    labels: one label for each entry of the result, to show all of them.
    beyond(rng) -> iterable of Case that cost nothing: the note of the first that fails is told to a right answer.
    calm: what a right answer that warned is told, in a sentence: how it need not.
    observe(value) -> array: what is compared, where it is not the returned value itself; may raise Trouble.
    accept(got, want, case, k) -> bool array: when an entry of output k is right.
    """

    reference: Callable
    cases: Callable[[np.random.Generator], Iterable[Case]]
    wrong: Mapping[str, Callable] = field(default_factory=dict)
    parts: dict[str, int]
    outputs: tuple[str, ...] = ()
    elementwise: bool = False
    labels: tuple[str, ...] = ()
    beyond: Callable[[np.random.Generator], Iterable[Case]] = _nothing
    calm: str = ""
    observe: Callable | None = None
    accept: Callable = close

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.reference).parameters)

    def scores(self, earned: Iterable[str] = ()) -> dict[str, Score]:
        return {part: Score(points * (part in earned), points) for part, points in self.parts.items()}


class Measure(NamedTuple):
    """One property of random numbers: what was seen, what is expected, and how far chance may take it.

    sentence: what to say where it is off, if "what is got, expected want" is not clear enough.
    seen, meant: what the feedback's table shows then, if not the two numbers.
    telling: whether how far it is off tells one cause from another; not where that is chance.
    """

    what: str
    got: float
    want: float
    allowed: float
    sentence: str = ""
    seen: str = ""
    meant: str = ""
    telling: bool = True


@dataclass(frozen=True, kw_only=True)
class Draws(Task):
    """A function that draws from a generator, judged by the law of what it returns, never by the numbers themselves.

    One argument of each case is a `recipes.Seed`. In a result of `MANY` numbers or more, the same seed has to give the
    same numbers and another seed other ones.
    law(values, *args) -> iterable of Measure: what else has to hold; together they must reject a right answer with a
    probability below 1e-6.
    pooled: how many results with fewer numbers than `MANY`, each from a seed of its own, the law judges together, along
    a new first axis; where it is more than 1, the numbers are continuous, and seeds are compared in small results too.
    """

    MANY = 500
    law: Callable
    pooled: int = 1


class Later(Mapping[str, Any]):
    """A mapping that is made when somebody first looks into it."""

    def __init__(self, make: Callable[[], Mapping[str, Any]]):
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, Any]:
        return self._make()

    def __getitem__(self, key: str) -> Any:
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


@dataclass(frozen=True, kw_only=True)
class Numbers(Task):
    """A variable that holds a number, or several in one row, compared with what `reference()` returns.

    entries: what each of them is, in words that fit before "is not it".  decide: part -> the places of the entries
    that decide its points; all of them where nothing is said.  Nobody is shown what is expected.
    """

    entries: tuple[str, ...]
    decide: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    cases: Callable[[np.random.Generator], Iterable[Case]] = _nothing


def exercise(id: str, *, points: int, section: str, title: str, name: str | None = None) -> Callable[[type], Any]:
    """Class decorator: read the description of an exercise from a class body and register it in `EXERCISES`.

    A body with `options` becomes a `Choice`, one with a `law` a `Draws`, any other one a `Task`; the names in the body
    are the fields of that class. name: what the learner defines; default: the id without its "q2_".
    """

    def build(body: type) -> Exercise:
        fields = _fields(body)
        choice = "options" in fields
        common = {"id": id, "name": name or (id if choice else id.split("_", 1)[1])}
        return _registered(_kind(fields), common | {"points": points, "section": section, "title": title} | fields)

    return build


def practice(*, points: int, title: str = "", of: Any = None, id: str = "") -> Callable[[type], Any]:
    """Class decorator: derive a homework's exercise from the lesson's exercise `of`, or describe one of its own.

    Its id is the name that the learner defines: that of `of`, else `id`.  What the body names replaces what `of` says;
    `wrong` adds to the known wrong answers instead, and `harmless` names those that this homework's cases accept or
    cannot tell from one before.
    """

    def build(body: type) -> Exercise:
        fields, inherited = _fields(body), {}
        own = id or (of.name if of else "")
        question = _question(own)
        if isinstance(of, Task):
            dropped = fields.pop("harmless", ())
            if unknown := set(dropped) - of.wrong.keys():
                raise Misdefined(f"{own}: {of.id} knows no wrong answer called {', '.join(unknown)}.")
            shared = "reference", "cases", "beyond", "calm", "outputs", "elementwise", "accept"
            inherited = {key: getattr(of, key) for key in shared}
            known = {said: form for said, form in of.wrong.items() if said not in dropped}
            fields["wrong"] = known | fields.get("wrong", {})
        common = {"id": own, "name": own, "points": points, "section": question.heading, "of": of}
        return _registered(_kind(fields), common | {"title": title or (of.title if of else "")} | inherited | fields)

    return build


def challenge(id: str, *, points: int, title: str) -> Callable[[type], Any]:
    """Class decorator: an exercise that every hand-out asks in another form.

    Its id is the name that the learner defines.  The body has `drawn(code)`, whose fields add to the body's; registered
    is what the course's own code "" draws.
    """

    def build(body: type) -> Exercise:
        question = _question(id)
        fields = _fields(body)
        kind = _kind(fields)
        varying = tuple(one.name for one in fields_of(kind) if one.name in VARYING and one.name not in fields)
        common = {"id": id, "name": id, "points": points, "section": question.heading, "title": title}
        return _registered(kind, common | {"varying": varying} | dict.fromkeys(varying, LATER) | fields)

    return build


def lesson(number: int) -> list[Exercise]:
    """The exercises of one lesson, in the order in which they are asked."""
    return [EXERCISES[id] for id in course.lesson(number).exercises]


def _question(id: str) -> course.Question:
    """The question of a homework that asks an exercise.  Errors: Misdefined."""
    try:
        question = course.question_of(id)
    except KeyError as error:
        raise Misdefined(f"{error.args[0]}.") from None
    if question is None:
        raise Misdefined(f"no homework asks `{id}`: write its id into a question in course.py.")
    return question


def _fields(body: type) -> dict[str, Any]:
    return {key: value for key, value in vars(body).items() if not key.startswith("__")}


def _kind(fields) -> type[Exercise]:
    if "options" in fields:
        return Choice
    return Draws if "law" in fields else Numbers if "entries" in fields else Task


def _registered(kind: type[Exercise], fields: dict[str, Any]) -> Exercise:
    id, points = fields["id"], fields["points"]
    if kind is not Choice:
        fields = {"parts": {"values": points}} | fields
        if sum(fields["parts"].values()) != points:
            raise Misdefined(f"{id}: the parts do not add up to {points} points.")
    if id in EXERCISES:
        raise Misdefined(f"{id} is defined twice.")
    known = {one.name: _default(one) for one in fields_of(kind)}
    if missing := [name for name, usual in known.items() if usual is LATER and name not in fields]:
        raise Misdefined(f"{id}: its class says nothing of {', '.join(missing)}.")
    if unknown := [name for name in fields if name not in known]:
        raise Misdefined(f"{id}: {', '.join(unknown)} is no part of an exercise: move it out of the class.")
    EXERCISES[id] = kind(**fields)
    return EXERCISES[id]
