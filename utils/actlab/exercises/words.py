"""A judgement in words: the sentence, the cause, and the small table that shows one failing input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab import words
from actlab.exercises.model import Case, Measure, Result, Row, Task
from actlab.learner import Kind, Noted, Trouble

if TYPE_CHECKING:
    from actlab.exercises.judging import Tried

SHOWN, GIVEN = 6, 16
INSTEAD = {
    Kind.NONE: "None",
    Kind.TIME: "no answer in time",
    Kind.MUTATED: "a changed input",
    Kind.SHAPE: "another shape",
}
INSTEAD_OF_DRAWS = INSTEAD | {Kind.VALUE: "numbers that are not finite"}
WARNINGS = {
    Noted.OVERFLOW: "a number became too large for its type",
    Noted.DIVISION: "something was divided by 0",
    Noted.INVALID: "something like 0/0 or ∞ − ∞ came up",
}


def told(result: Result) -> tuple[str, str]:
    """A result for people: what was seen, and which known mistake it looks like; "" where there is nothing to say."""
    return words.sentence(result.sentence), words.sentence(result.cause and f"It looks like {result.cause}")


def sentence(outcome: Tried, trouble: Trouble, earned: Sequence[str], more: Sequence[Tried] = ()) -> str:
    """What was seen, after what is right so far and before what is special about the input.

    more: what is to be told beside it.
    """
    done = f"Right so far: {', '.join(earned)}. " if earned else ""
    besides = "".join(f" Besides, {_besides(one)}" for one in more)
    return f"{done}{_seen(trouble.sentence, outcome.case)}{besides}"


def _seen(said: str, case: Case) -> str:
    where = f" Seen on {case.note}." if case.note else ""
    return f"{said}{'' if said[-1] in '.?!' else '.'}{where}"


def _besides(outcome: Tried) -> str:
    if outcome.crashed and outcome.trouble:
        return _seen(outcome.trouble.words, outcome.case)
    return f"something else is off on {outcome.case.note or 'another input'}."


def praise(task: Task, tried: Sequence[Tried], beyond: Tried | None) -> str:
    """What to say about a right answer: what NumPy warned of on the way, what is lost beyond the cases, or ""."""
    warned = next((o for o in tried if o.noted & WARNINGS.keys()), None)
    said = []
    if warned:
        what = " and ".join(words for kind, words in WARNINGS.items() if kind in warned.noted)
        said.append(f"Right, and it warned: {what} on {warned.case.note or 'one of the inputs'}.")
        said += [task.calm] if task.calm else []
    if beyond:
        said.append(f"{'' if warned else 'Right. '}{beyond.case.note}")
    return " ".join(said)


def together(names: Sequence[str]) -> str:
    """z, axis and eps."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else f"{last} alone"


def listed(names: Sequence[str]) -> str:
    """z, axis and eps; a single one alone."""
    return together(names) if len(names) > 1 else "".join(names)


def wrong_values(got: Iterable, want: Iterable, right: Iterable, whats: Iterable[str]) -> Trouble | None:
    """What to say about arrays of the right shapes; None where all entries are right."""
    for g, w, ok, what in zip(got, want, right, whats, strict=True):
        if not ok.all():
            lost = ~ok & ~np.isfinite(g) & np.isfinite(w)
            if lost.any():
                said = f"{what} has the right shape, but holds {number(g[lost][0])}, no finite number"
                return Trouble(Kind.VALUE, said)
            seen = "has the right shape, but wrong values" if g.ndim else "is a number, but not the right one"
            return Trouble(Kind.VALUE, f"{what} {seen}")
    return None


def off_the_law(measure: Measure) -> Trouble:
    """What to say about random numbers of which one property is off."""
    plain = f"{measure.what} is {number(measure.got)}, expected about {number(measure.want)}"
    return Trouble(Kind.VALUE, measure.sentence or plain)


def rows(task: Task, outcome: Tried) -> tuple[Row, ...]:
    """One failing input beside what came and what was expected; every entry where the task labels them."""
    want, got = outcome.want, outcome.got
    entry: tuple[int, ...] | None = None
    pair: Iterable[str]
    if task.labels:
        if isinstance(got, Trouble) or not outcome.right:
            return ()
        pairs = (_pair(g, w) for g, w in zip(got[0], want[0], strict=True))
        return tuple(Row(label, *pair) for label, pair in zip(task.labels, pairs, strict=True))
    if isinstance(got, Trouble):
        small = sum(w.size for w in want) <= SHOWN
        pair = _instead(got), _whole(task, want) if small else _shapes(task, want)
    elif not outcome.right:
        pair = _shapes(task, got), _shapes(task, want)
    else:
        k = next(k for k, right in enumerate(outcome.right) if not right.all())
        worst = clearest(got[k], want[k], outcome.right[k])
        name = task.outputs[k] if task.outputs else ""
        if task.elementwise:
            entry = worst
            pair = _pair(got[k][worst], want[k][worst])
        elif want[k].size <= SHOWN:
            pair = (f"{name} = {one}" if name else one for one in _pair(got[k], want[k]))
        else:
            at = f"{name or 'result'}{list(worst)}"
            pair = (f"{at} = {one}" for one in _pair(got[k][worst], want[k][worst]))
    return (Row(given(task, outcome.case.args, entry), *pair),)


def measured(task: Task, outcome: Tried) -> tuple[Row, ...]:
    """The arguments beside the property that is off."""
    inputs, off = given(task, outcome.case.args), outcome.off
    if isinstance(outcome.got, Trouble):
        return (Row(inputs, _instead(outcome.got, INSTEAD_OF_DRAWS), _shapes(task, outcome.want[:1])),)
    if not outcome.right:
        return (Row(inputs, _shapes(task, outcome.got), _shapes(task, outcome.want)),)
    assert off, "a row is shown where something is off"
    return (Row(inputs, off.seen or number(off.got), off.meant or f"{number(off.want)}, or close"),)


def number(value: Any, digits: int = 4) -> str:
    """2.5; -0.0 is 0."""
    return f"{float(value) + 0.0:.{digits}g}"


def _instead(trouble, known=INSTEAD):
    return trouble.error or known.get(trouble.kind, "no array of numbers")


def given(task: Task, args: Sequence[Any], entry: tuple[int, ...] | None = None) -> str:
    """The arguments in words; of arrays, this entry alone."""
    limit = GIVEN if sum(np.size(a) for a in args if isinstance(a, np.ndarray)) <= GIVEN else SHOWN
    return ", ".join(_described(n, a, entry, limit) for n, a in zip(task.parameters, args, strict=False)) or "–"


def _whole(task, arrays) -> str:
    return ", ".join(f"{name} = {text(a)}" if name else text(a) for name, a in _named(task, arrays))


def _shapes(task, arrays) -> str:
    return ", ".join(f"{name} of shape {a.shape}".strip() for name, a in _named(task, arrays))


def _named(task, arrays):
    return zip(task.outputs or ("",), arrays, strict=True)


def clearest(got, want, right) -> tuple[int, ...]:
    """Index of the wrong entry to show: not finite if there is one, else the one that is furthest off."""
    with np.errstate(all="ignore"):
        off = np.nan_to_num(np.abs(got - want) / (1 + np.abs(want)), nan=np.inf)
    return tuple(map(int, np.unravel_index(np.argmax(np.where(right, -1.0, off)), got.shape)))


def _described(name, value, entry, limit) -> str:
    if isinstance(value, list):
        return f"{name} of shapes {', '.join(str(v.shape) for v in value)}"
    if not isinstance(value, np.ndarray):
        return f"{name} = {value}"
    dtype = "" if value.dtype == np.float64 else f" ({value.dtype})"
    if entry is not None:
        return f"{name} = {number(value[entry])}{dtype}"
    return f"{name} = {text(value)}{dtype}" if value.size <= limit else f"{name} of shape {value.shape}{dtype}"


def _pair(got, want) -> tuple[str, str]:
    """Both as text, with as many digits as it takes to tell them apart."""
    pairs = ((text(got, digits), text(want, digits)) for digits in (4, 6, 8, 10, 12, 14))
    return next((pair for pair in pairs if pair[0] != pair[1]), (text(got, 17), text(want, 17)))


def text(a: Any, digits: int = 4) -> str:
    """[[1, 2.5]] for an array, 2.5 for a number."""
    a = np.asarray(a)
    return f"[{', '.join(text(row, digits) for row in a)}]" if a.ndim else number(a, digits)
