"""A notebook that runs a student's function on exactly the cases that counted; it needs NumPy alone."""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from actlab import numeric, recipes
from actlab.exercises import Draws, Exercise, Numbers, Task
from actlab.exercises.judging import Tried
from actlab.exercises.model import close
from actlab.grading import comparing
from actlab.learner import Kind, Trouble
from actlab.recipes import Function, Quadratic, Seed

WIDTH = 110
HALVINGS = 60
SMALLEST, LARGEST = -330.0, 308.0  # powers of ten
LONGEST_SAID = 300
VECTORISED = "import math\n\n\ndef {name}(z):\n    return np.vectorize(lambda x: {one}, otypes=[float])(z)"
INSTEAD: dict[Any, str] = {
    numeric.ndtr: VECTORISED.format(name="ndtr", one="math.erfc(-x / math.sqrt(2)) / 2"),
    numeric.erf: VECTORISED.format(name="erf", one="math.erf(x)"),
}
"""Functions of SciPy's -> the same with NumPy alone."""
ABOUT = """# {name}: the cases that counted

Student: {student}. For the instructor, after the deadline: this notebook holds what is graded.

**It holds the student's code: look before you run it.** It was locked in while it was graded, and here it is not;
opening this file runs nothing. Below stand, in this order, what compares (the course's), the student's code that
`{name}` needs, the cases, and what comes of them. NumPy is all that it takes.{more}"""
DIFFERS = """

**The outcome here may differ from the graded one:** alone, this code does not give what it gave in its notebook, after
all that ran before it."""


def notebook(student: str, task: Task, cells: Sequence[str], outcomes: Sequence[Tried], same: bool) -> bytes:
    """The notebook as a file.

    cells: the student's code.  outcomes: of the cases that counted.  same: whether this code alone gives the same.
    """
    about = ABOUT.format(name=task.name, student=_quoted(student), more="" if same else DIFFERS)
    law = sources(task.law) if isinstance(task, Draws) else ""
    made = any(isinstance(a, Function | Quadratic) for one in outcomes for a in one.case.args)
    before = [inspect.getsource(comparing), inspect.getsource(recipes) if made else "", law]
    cases = ",\n".join(textwrap.indent(_case(task, one), "    ") for one in outcomes)
    graded = [bool(not one.trouble) for one in outcomes]
    after = [f"cases = [\n{cases},\n]", f"found = {_asked(task)}\nprint('As graded:', found == {graded})"]
    parts = [
        _markdown(about),
        *(_code(text) for text in before if text),
        *(_code(text, failing=True) for text in cells),
        *map(_code, after),
    ]
    for number, part in enumerate(parts):
        part["id"] = f"explain-{number}"
    spec = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return (
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": spec, "cells": parts}, indent=1) + "\n"
    ).encode()


@lru_cache(maxsize=512)
def bounds(accept: Callable[..., Any], outcome: Tried, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Between which numbers each entry of output k is right: found by asking what judges, nearer and nearer."""
    want = outcome.want[k]

    def right(got: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(accept(got, want, outcome.case, k), bool).reshape(want.shape)

    itself, edges = right(want), []
    for sign in (-1.0, 1.0):
        inside, outside = np.full(want.shape, SMALLEST), np.full(want.shape, LARGEST)
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            good = right(want + sign * 10.0**middle)
            inside, outside = np.where(good, middle, inside), np.where(good, outside, middle)
        off = np.where(inside > SMALLEST, 10.0**inside, 0.0)
        edges.append(np.where(itself, np.where(np.isfinite(want), want + sign * off, want), -sign * np.inf))
    return edges[0], edges[1]


def sources(function: Callable) -> str:
    """The source of a function of the course with all that it uses of the course, to run with NumPy alone."""
    found = used(function)
    ordered = sorted(found.values(), key=lambda text: not text.startswith(("import ", "from ")))
    own = textwrap.dedent(inspect.getsource(function))
    return "\n\n".join([*ordered, own, *([f"law = {function.__name__}"] if function.__name__ != "law" else [])])


def used(function: Callable) -> dict[str, str]:
    """Each name of its module that a function of the course uses, and those that these use -> its source."""
    found: dict[str, str] = {}

    def follow(thing: Any) -> None:
        for name, value in _globals(thing):
            if name not in found and name not in vars(comparing):
                found[name] = _instead(name, value)
                if not found[name]:
                    follow(value)
                    found[name] = textwrap.dedent(inspect.getsource(value))

    follow(function)
    return found


def _instead(name: str, value: Any) -> str:
    """What defines a name where the course is not there; "" for what is to be followed."""
    if isinstance(value, ModuleType):
        return f"import {value.__name__}" + f" as {name}" * (value.__name__ != name)
    if isinstance(value, Exercise):
        return f"class {name}:\n    MANY = {Draws.MANY}"  # all that a law asks of its exercise
    if isinstance(value, FunctionType) and value in INSTEAD:
        return INSTEAD[value]
    if isinstance(value, FunctionType | type) and value.__module__.startswith("actlab"):
        return ""
    if isinstance(value, type) or callable(value):
        return f"from {value.__module__} import {value.__qualname__}"
    return f"{name} = {value!r}"


def _globals(thing: Any) -> Iterable[tuple[str, Any]]:
    """What a function or class looks up in its module."""
    if isinstance(thing, type):
        names = set(re.findall(r"\b[A-Za-z_]\w*", inspect.getsource(thing)))
        scope = vars(inspect.getmodule(thing))
    else:
        names, scope = set(_looked_up(thing.__code__)), thing.__globals__
        names |= set(re.findall(r"\b[A-Za-z_]\w*", inspect.getsource(thing).partition(":\n")[0]))
    return [(name, scope[name]) for name in sorted(names) if name in scope and scope[name] is not thing]


def _looked_up(code: CodeType) -> Iterable[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _looked_up(inner)


def _asked(task: Task) -> str:
    if isinstance(task, Numbers):
        return f"held(globals().get({task.name!r}), cases)"
    if isinstance(task, Draws):
        return f"drawn(globals().get({task.name!r}), cases, law, pooled={task.pooled}, many={task.MANY})"
    return f"compared(globals().get({task.name!r}), cases" + (
        f", outputs={len(task.outputs)})" if task.outputs else ")"
    )


def _case(task: Task, one: Tried) -> str:
    kind = one.trouble and one.trouble.kind
    about: dict[str, str] = {
        "part": repr(one.case.part),
        "note": repr(one.case.note),
        "args": f"lambda more=0: {literal(tuple(one.case.args))}",
        "want": literal(tuple(_wanted(task, one))),
        "got": repr(_said(one.got)) if isinstance(one.got, Trouble) else literal(one.got),
        "right": repr(not one.trouble),
    }
    if isinstance(task, Draws):
        about["got"] = repr(_said(one.trouble) if one.trouble else "every property holds")
    elif task.accept is close:
        about |= dict(zip(("rtol", "atol"), map(repr, one.case.tolerance), strict=True))
    else:
        edges = [bounds(task.accept, one, k) for k in range(len(one.want))]
        about |= {name: literal(tuple(edge[k] for edge in edges)) for k, name in enumerate(("low", "high"))}
    if isinstance(task, Numbers) and one.case.part in task.decide:
        about["entries"] = repr(tuple(task.decide[one.case.part]))
    if kind in (Kind.TIME, Kind.ENDED):
        about["run"] = "False"
    return "Case(\n" + "".join(f"    {name}={value},\n" for name, value in about.items()) + ")"


def _wanted(task: Task, one: Tried) -> tuple[np.ndarray, ...]:
    """What is expected; of random numbers, zeros in the right shape."""
    if not isinstance(task, Draws):
        return one.want
    return (np.zeros(np.shape(task.reference(*recipes.made(one.case.args)))),)


def _said(trouble: Trouble) -> str:
    return trouble.sentence[:LONGEST_SAID]


def literal(value: Any) -> str:
    """A value as Python code, exactly."""
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, Seed):
        return f"np.random.default_rng({value.value} + more)"
    if isinstance(value, Function | Quadratic):
        return f"{value!r}.make()"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return _number(value) if isinstance(value, float) else repr(value)


def _array(value: np.ndarray) -> str:
    entries = [_number(one) if isinstance(one, float) else repr(one) for one in value.ravel().tolist()]
    if value.ndim == 0:
        return f"np.array({entries[0]}, dtype={value.dtype.name!r})"
    flat = textwrap.fill(", ".join(entries), WIDTH, break_long_words=False, break_on_hyphens=False)
    plain = value.ndim == 1 and value.size
    shaped = "" if plain else f".reshape({value.shape})"
    return f"np.array([{flat}], dtype={value.dtype.name!r}){shaped}"


def _number(value: float) -> str:
    return repr(value) if np.isfinite(value) else f"np.{value!r}" if value > 0 or value != value else "-np.inf"


def _quoted(text: str) -> str:
    """A text that Markdown takes for nothing but a text, on one line."""
    plain = "".join(letter if letter.isprintable() and letter != "`" else "?" for letter in text)
    return f"`{plain}`"


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(text: str, failing: bool = False) -> dict[str, Any]:
    """A code cell.  failing: whether running all goes on after an error in it, as grading did."""
    metadata = {"tags": ["raises-exception"]} if failing else {}
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": text}
