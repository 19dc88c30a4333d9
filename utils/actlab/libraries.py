"""What homework may import where it is graded, and which functions rely on more."""

from __future__ import annotations

import dis
import functools
import sys
import types
from collections.abc import Iterator

WITHOUT = {"tkinter", "_tkinter", "turtle", "turtledemo", "idlelib", "ensurepip", "lib2to3"}
WITHOUT |= {"numpy.f2py", "numpy.distutils"}
PRESENT = sys.stdlib_module_names - WITHOUT | {"numpy"}
PROGRESS = {"tqdm", "fastprogress", "alive_progress", "progressbar", "pyprind", "rich.progress", "click.progressbar"}
HERE = {"__main__"}


def is_present(path: str) -> bool:
    """Whether a module, by its dotted name, is there where homework is graded."""
    return path.partition(".")[0] in PRESENT and ".".join(path.split(".")[:2]) not in WITHOUT


def shows_progress(path: str) -> bool:
    """Whether a dotted name belongs to a library of progress bars, which hand on what they are given."""
    parts = path.split(".")
    return any(".".join(parts[:k]) in PROGRESS for k in (1, 2))


def missing(f: object) -> str:
    """The library that a function relies on though it is not there where homework is graded; "" where there is none.

    Followed are the functions of the same notebook that it calls. A decorator, a progress bar and whatever is used as
    an attribute of something else than a module cost nothing, or cannot be seen.
    """
    ahead, seen = [f], {}
    while ahead:
        thing = ahead.pop(0)
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing  # kept, so that no other thing gets its id
        inner = next((got for name in ("__wrapped__", "py_func") if isinstance(got := _own(thing, name), FUNCTIONS)), 0)
        path = _home(thing)
        if inner:
            ahead.append(inner)
        elif path and not is_present(path) and path not in HERE:
            if not shows_progress(path):
                return _top(path)
        else:
            ahead.extend(_parts(thing))
    return ""


FUNCTIONS = (types.FunctionType, types.MethodType)


def _top(path: object) -> str:
    return path.partition(".")[0] if isinstance(path, str) else ""


def _own(thing: object, name: str) -> object:
    try:
        return getattr(thing, name, None)
    except Exception:  # somebody else's `__getattr__`
        return None


def _home(thing: object) -> str:
    """The module that a thing comes from, "" where nothing says so."""
    if isinstance(thing, types.ModuleType):
        return thing.__name__
    path = _own(thing, "__module__")
    if isinstance(path, str):
        return path
    name = _own(thing, "__name__")
    if not isinstance(name, str):
        return ""
    # SciPy's ufuncs do not say where they come from: a module that holds the very same object does.
    holders = [path for path, module in list(sys.modules.items()) if getattr(module, "__dict__", {}).get(name) is thing]
    return min(holders, key=lambda path: (_top(path) not in PRESENT, path in HERE, "." not in path), default="")


def _parts(thing: object) -> Iterator[object]:
    """What a function of the notebook is made of: the things that its names stand for."""
    if isinstance(thing, functools.partial):
        yield from (thing.func, *thing.args, *thing.keywords.values())
    elif isinstance(thing, types.MethodType):
        yield from (thing.__func__, *vars(type(thing.__self__)).values())
    elif isinstance(thing, types.FunctionType):
        yield from (thing.__defaults__ or ())
        yield from (thing.__kwdefaults__ or {}).values()
        for cell in thing.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # not filled yet
                continue
        yield from _named(thing.__code__, thing.__globals__)
    elif isinstance(thing, type) and thing.__module__ in HERE:
        yield from vars(thing).values()
    elif isinstance(thing, staticmethod | classmethod):
        yield thing.__func__
    elif pyfunc := _own(thing, "pyfunc"):  # numpy.vectorize
        yield pyfunc
    elif type(thing).__module__ in HERE:
        yield type(thing)


def _named(code: types.CodeType, scope: dict[str, object]) -> Iterator[object]:
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and step.argval in scope:
            yield scope[step.argval]
        elif step.opname == "IMPORT_NAME":
            yield types.ModuleType(step.argval)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _named(inner, scope)
