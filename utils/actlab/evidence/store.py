"""Stored results: one compact file for each experiment, and whether it still belongs to its declaration."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from actlab import files
from actlab.evidence.model import EXPERIMENTS, Experiment, Key, Results, Run

PACKAGE = Path(__file__).parents[1]
FOLDER = PACKAGE / "results"
DIGITS = 4


def read(experiment: Experiment, folder: Path = FOLDER) -> dict[str, Any]:
    """What is stored of an experiment: its settings, code, versions, seconds and values.

    Errors: FileNotFoundError where it was never run.
    """
    stored: dict[str, Any] = json.loads((folder / f"{experiment.name}.json").read_text(encoding="utf-8"))
    return stored


@cache
def load(name: str, folder: Path = FOLDER) -> Results:
    """The stored results of an experiment.  Errors: KeyError, FileNotFoundError."""
    stored = read(EXPERIMENTS[name], folder)
    return Results(EXPERIMENTS[name], {parsed(key): values for key, values in stored["values"].items()})


def write(experiment: Experiment, made: Mapping[str, Any], values: Mapping[Key, Any], folder: Path = FOLDER) -> Path:
    """Store results, a line for each arm, rate, condition and draw.  made: when, with what, in how many seconds."""
    head = {
        "experiment": experiment.name,
        "question": experiment.question,
        "settings": experiment.declared(),
        "code": code(experiment.run),
        **made,
    }
    rows = ",\n".join(f"{json.dumps(key_text(key))}:{_compact(rounded(values[key]))}" for key in sorted(values))
    text = json.dumps(head, ensure_ascii=False)[:-1] + f',\n"values":{{\n{rows}\n}}}}\n'
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{experiment.name}.json"
    files.replace(path, text.encode())
    return path


def stale(experiment: Experiment, folder: Path = FOLDER) -> str:
    """Why a stored result no longer belongs to its declaration, or nothing."""
    try:
        stored = read(experiment, folder)
    except FileNotFoundError:
        return "was never run"
    if stored["settings"] != json.loads(json.dumps(experiment.declared())):
        return "was run with other settings"
    if stored["code"] != code(experiment.run):
        return "was run by other code"
    return ""


def rounded(values: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Four significant digits of every number."""
    return {name: [float(f"{float(x):.{DIGITS}g}") for x in each] for name, each in values.items()}


def _compact(values: Any) -> str:
    return json.dumps(values, separators=(",", ":"))


def key_text(key: Key) -> str:
    """A key as it is stored."""
    stage, condition, arm, rate, draw = key
    return "|".join((stage, condition, arm, f"{rate:g}", str(draw)))


def parsed(key: str) -> Key:
    """A stored key as (stage, condition, arm, rate, draw)."""
    stage, condition, arm, rate, draw = key.split("|")
    return stage, condition, arm, float(rate), int(draw)


@cache
def code(run: Run) -> str:
    """Sixteen hex digits over the source that a run executes, found name by name; comments, docstrings and types apart.

    A change elsewhere in the same files leaves them as they are.
    """
    found: dict[tuple[str, str], str] = {}
    ahead = [(run.__module__, run.__name__)]
    while ahead:
        place = ahead.pop()
        if place not in found and (node := _defined(place[0]).get(place[1])):
            found[place] = ast.unparse(node)
            ahead += _named(place[0], node)
    text = "\n".join(found[place] for place in sorted(found))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _tree(module: str) -> ast.Module:
    """A module of the package without its docstrings and types."""
    path = PACKAGE.joinpath(*module.split(".")[1:])
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return tree


def _defined(module: str) -> dict[str, ast.stmt]:
    """What a module defines at its top, by name."""
    found: dict[str, ast.stmt] = {}
    for node in _tree(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                found |= {name.id: node for name in ast.walk(target) if isinstance(name, ast.Name)}
    return found


@cache
def _imported(module: str) -> dict[str, tuple[str, str]]:
    """What a module imports from this package: its name there -> (module, name)."""
    return {
        alias.asname or alias.name: (entry.module or "", alias.name)
        for entry in ast.walk(_tree(module))
        if isinstance(entry, ast.ImportFrom) and (entry.module or "").split(".")[0] == "actlab"
        for alias in entry.names
    }


def _named(module: str, node: ast.stmt) -> Iterator[tuple[str, str]]:
    """The names of this package that a definition uses, each as (module, name)."""
    imported = _imported(module)
    parts = [*ast.walk(node)]
    own = {part.arg for part in parts if isinstance(part, ast.arg)}
    own |= {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    for part in parts:
        if isinstance(part, ast.Name) and part.id not in own:
            yield imported.get(part.id, (module, part.id))
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in imported:
            parent, name = imported[part.value.id]
            if (PACKAGE.joinpath(*parent.split(".")[1:]) / f"{name}.py").is_file():
                yield f"{parent}.{name}", part.attr
