"""Exercises without their answers: what a student's copy of the course keeps of the homework.

A letter keeps its options' letters, a number how many there are, a function some cases with what comes out. Where
every hand-out asks for something else, or random numbers have no lesson whose law judges them, no case has a result:
such an answer is noted, and judged by grading alone.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

import numpy as np

from actlab import recipes
from actlab.exercises.model import Case, Choice, Draws, Exercise, Numbers, Task

FILE = Path(__file__).with_name("sealed.json")
RECORDED = 3
"""How often the cases of a function are drawn to be recorded."""

_COMMON = ("id", "name", "points", "section", "title")


def seal(exercise: Exercise) -> dict[str, Any]:
    """What is kept of an exercise, as plain data."""
    about = {key: getattr(exercise, key) for key in _COMMON}
    if isinstance(exercise, Choice):
        return about | {"letters": "".join(exercise.options)}
    assert isinstance(exercise, Task)
    about |= {"parts": exercise.parts, "of": exercise.of.id if exercise.of else ""}
    if isinstance(exercise, Numbers):
        return about | {"entries": exercise.entries}
    if isinstance(exercise, Draws) and exercise.of:
        return about
    about |= {"parameters": exercise.parameters, "outputs": exercise.outputs, "elementwise": exercise.elementwise}
    about |= {"signature": exercise.signature}
    cases = [case for seed in range(RECORDED) for case in exercise.cases(np.random.default_rng(seed))]
    return about | {"noted": _without_results(exercise), "cases": [_recorded(exercise, case) for case in cases]}


def unsealed(entry: dict[str, Any], known: Mapping[str, Exercise]) -> Exercise:
    """The exercise of which this was kept.  known: the lessons' exercises, by id."""
    about = {key: entry[key] for key in _COMMON}
    if "letters" in entry:
        return Choice(**about, options=dict.fromkeys(entry["letters"], ""), right="", hints={}, why="", sealed=True)
    of = known.get(entry["of"])
    about |= {"parts": entry["parts"], "of": of}
    if "entries" in entry:
        entries = tuple(entry["entries"])
        return Numbers(**about, entries=entries, reference=lambda: np.zeros(len(entries)), sealed=True)
    if "cases" not in entry:
        assert isinstance(of, Draws)
        return dataclasses.replace(of, **about)
    cases = [_case(case) for case in entry["cases"]]
    shared = {"wrong": of.wrong, "accept": of.accept, "calm": of.calm} if isinstance(of, Task) else {}
    return Task(
        **about | shared,
        reference=_unknown(entry["parameters"]),
        outputs=tuple(entry["outputs"]),
        elementwise=entry["elementwise"],
        signature=entry["signature"],
        cases=lambda rng: cases,
        sealed=entry["noted"],
    )


def read(known: Mapping[str, Exercise]) -> Iterator[Exercise]:
    """The exercises that were sealed in this copy of the course."""
    for entry in json.loads(FILE.read_text(encoding="utf-8")):
        yield unsealed(entry, known)


def _unknown(parameters: list[str]) -> Any:
    """A reference that is not there, with the parameters of the one that was."""

    def reference(*given: Any) -> Any:
        raise LookupError("the reference is kept from this copy of the course")

    signed: Any = reference
    signed.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in parameters])
    return reference


def _without_results(task: Task) -> bool:
    """Whether no results are kept of its cases: each hand-out has others, or no seed gives the same twice."""
    return bool(task.drawn) or isinstance(task, Draws)


def _recorded(task: Task, case: Case) -> dict[str, Any]:
    came = task.reference(*recipes.made(case.args))
    want = [np.asarray(one, float) for one in (came if task.outputs else (came,))]
    want = [np.zeros(one.shape) for one in want] if _without_results(task) else want
    kept = {"args": [_plain(one) for one in case.args], "want": [_plain(one) for one in want]}
    return kept | {key: _plain(getattr(case, key)) for key in ("part", "note", "rtol", "atol")}


def _case(kept: dict[str, Any]) -> Case:
    args, want = (tuple(map(_made, kept[key])) for key in ("args", "want"))
    return Case(**kept | {"args": args, "want": want})


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.name, "shape": list(value.shape), "values": value.ravel().tolist()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"recipe": type(value).__name__, "fields": _plain(dataclasses.asdict(value))}
    return value.item() if isinstance(value, np.generic) else value


def _made(kept: Any) -> Any:
    if isinstance(kept, list):
        return [_made(one) for one in kept]
    if not isinstance(kept, dict):
        return kept
    if "recipe" in kept:
        return getattr(recipes, kept["recipe"])(**{name: _tuples(one) for name, one in kept["fields"].items()})
    return np.array(kept["values"], kept["dtype"]).reshape(kept["shape"])


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
