"""Calling a learner's function so that every way it can fail becomes a kind sentence.

Explorers and checks both go through here: `call` runs the function, `array` reads what it returned, and
`elementwise` does both for functions that act entry by entry. Whatever goes wrong is raised as one exception,
`Trouble`, whose text is fit to be shown as it is.
"""

from __future__ import annotations

import contextlib
import copy
import dis
import html
import inspect
import linecache
import math
import numbers
import re
import signal
import sysconfig
import threading
import time
import warnings
from collections.abc import Iterator
from contextvars import ContextVar
from enum import StrEnum
from pathlib import Path
from types import FunctionType, TracebackType

import numpy as np

from actlab.recipes import made
from actlab.slips import hint

LIBRARY_FOLDERS = (sysconfig.get_paths()["stdlib"], str(Path(__file__).parent))
LIBRARY_SIGNS = ("site-packages", "dist-packages", "<frozen", "<__array_function__")
STUB_INSTRUCTIONS = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
ORDINALS = ("first", "second", "third", "fourth")


NOT_YET = "○ not attempted yet"
PATIENCE = 3
"""How often its limit of computing time may pass on the wall, for a call that sleeps or a computer that is busy."""


class Kind(StrEnum):
    """What kind of thing went wrong, in one word: programs go by it, and never by the sentence."""

    STUB = "stub"
    """Nothing is written yet."""
    ERROR = "error"
    """An exception."""
    PARAMETERS = "parameters"
    """The function takes other parameters than those it is called with."""
    TIME = "time"
    """No answer within the limit."""
    ENDED = "ended"
    """The process that made the call is gone."""
    NONE = "none"
    """Nothing came back."""
    TYPE = "type"
    """What came back is no array of real numbers."""
    SHAPE = "shape"
    """Numbers in another shape than is asked for."""
    VALUE = "value"
    """Wrong numbers, or such as are not finite."""
    MUTATED = "mutated"
    """An argument was changed."""
    UNJUDGED = "unjudged"
    """The judge itself stumbled over the answer."""


class Noted(StrEnum):
    """What a function did on the way to a value: it costs nothing, and may be worth a word."""

    OVERFLOW = "overflow"
    """A number became too large for its type."""
    DIVISION = "divide by zero"
    """A number was divided by 0, or a logarithm of 0 was taken."""
    INVALID = "invalid value"
    """Something without a value was asked for, such as 0/0 or ∞ − ∞."""
    METHOD = "method"
    """The first parameter is called `self`."""


_noted: ContextVar[set[Noted] | None] = ContextVar("noted", default=None)


class Trouble(Exception):
    """What went wrong in a learner's function, in words.

    words: one or two sentences for the learner, the first one perhaps without its capital.
    error: the name of the exception that the function raised, if it raised one.
    `str(trouble)` is what a picture shows: the sentence, and where nothing is written yet, `NOT_YET` before it.
    """

    def __init__(self, kind: str, words: str, error: str = ""):
        super().__init__(kind, words, error)
        self.kind, self.words, self.error = Kind(kind), words, error

    @property
    def sentence(self) -> str:
        """The words with a capital."""
        return self.words[:1].upper() + self.words[1:]

    def __str__(self) -> str:
        return f"{NOT_YET}: {self.words}" if self.kind is Kind.STUB else self.sentence


class _OutOfTime(BaseException):
    """Not an Exception, so that a learner's `except Exception` does not swallow it; holds the limit in seconds."""


def name_of(f) -> str:
    """How a sentence calls the function `f`: "`sigmoid`", or "your function" where it has no name."""
    name = getattr(f, "__name__", "")
    return f"`{name}`" if name.isidentifier() else "your function"


def marked_up(sentence: str) -> str:
    """A sentence as HTML: `code` and *emphasis* are set, everything else is shown as it is."""
    parts = re.split(r"`([^`]+)`", html.escape(sentence, quote=False))
    parts[::2] = [re.sub(r"\*(\w+)\*", r"<em>\1</em>", words) for words in parts[::2]]
    parts[1::2] = [f"<code>{code}</code>" for code in parts[1::2]]
    return "".join(parts)


def call(f, *args, seconds: float = 10.0, computing: bool = False, quoted: int = 200):
    """What `f(*args)` returns; anything else than a value is raised as `Trouble`.

    The function receives deep copies and must leave them as they are; a recipe (`actlab.recipes`) is made for it.
    NumPy's warnings are silenced, and kept for `noting`; prints pass.
    seconds: time limit (nested limits keep their own), kept wherever Python has signals or threads; `math.inf` is none.
    Outside the main thread it interrupts between two steps of Python, so a call that sleeps is late only when it ends.
    computing: whether only the time counts that this process computes, with a brake at `PATIENCE` times as much.
    quoted: how many characters of an exception's text are told.
    Errors: `Trouble` only, also where `f` itself calls this function; `KeyboardInterrupt` passes through.
    """
    if not callable(f):
        raise Trouble(Kind.TYPE, f"a function is needed here, but this is {_kind_of(f)}")
    recipes, args = args, made(args)
    # What a recipe made is fresh already; only what came as it is has to be copied.
    given = tuple(_copied(arg) if arg is recipe else arg for recipe, arg in zip(recipes, args, strict=True))
    name = name_of(f)
    _check_signature(f, args)
    try:
        with warnings.catch_warnings(), np.errstate(all="call", under="ignore", call=lambda what, _: note([what])):
            warnings.simplefilter("ignore")
            value = _limited(lambda: f(*given), seconds, computing)
    except Trouble:
        raise
    except _OutOfTime as error:
        raise Trouble(
            Kind.TIME, f"{name} was still running after {error.args[0]:g} s{_place(error)}: is a loop endless?"
        ) from None
    except RecursionError as error:
        raise Trouble(Kind.ERROR, f"{name} calls itself without end{_place(error)}", "RecursionError") from None
    except SystemExit:
        raise Trouble(
            Kind.ERROR, f"{name} asks Python to exit: use `return` to leave a function", "SystemExit"
        ) from None
    except Exception as error:
        if isinstance(error, NotImplementedError) and (stub := _unwritten(error)):
            raise _stub(stub if stub.isidentifier() else name.strip("`")) from None
        raise Trouble(Kind.ERROR, f"{name} raised {_described(error, quoted)}", type(error).__name__) from None
    if value is None or value is ...:
        if _is_empty(f):
            raise _stub(name.strip("`"))
        if value is None and "print" in getattr(getattr(f, "__code__", None), "co_names", ()):
            raise Trouble(
                Kind.NONE, f"{name} prints, and returns None: what is printed has to be returned, by `return`"
            )
        raise Trouble(Kind.NONE, f"{name} returned {value} — did you forget `return`?")
    if not _same(args, given):
        raise Trouble(
            Kind.MUTATED, f"{name} changes its input in place: work on a copy, so that the caller's array stays"
        )
    return value


@contextlib.contextmanager
def noting() -> Iterator[set[Noted]]:
    """What the functions that are called inside do on the way: a set that fills up."""
    noted: set[Noted] = set()
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def note(said) -> None:
    """Have noted what is a `Noted` among the things of a list, wherever it comes from."""
    noted = _noted.get()
    if said and noted is not None and isinstance(said, list):
        noted.update(one for one in Noted if one in said)


def array(value, shape: tuple[int, ...] | None = None, what: str = "the result") -> np.ndarray:
    """A learner's answer as a plain float64 array.

    Arrays and their subclasses, lists, tuples, Python numbers and object arrays of numbers are read; bool as 0/1.
    shape: required shape, if any.  what: how a sentence calls the value.
    Errors: `Trouble` of kind "none", "type" or "shape".
    """
    usual = type(value) is np.ndarray and value.dtype == np.float64
    numeric = value.astype(np.float64) if usual else _numeric(value, shape, what)
    if shape is not None:
        require_shape(numeric, shape, what)
    return numeric


def _numeric(value, shape, what) -> np.ndarray:
    if value is None:
        raise Trouble(Kind.NONE, f"{what} is None")
    if isinstance(value, tuple):
        require_one(value, shape)
    if not isinstance(value, np.ndarray | np.generic | list | tuple | numbers.Number):
        raise Trouble(Kind.TYPE, f"{what} is {_kind_of(value)}: return a NumPy array or a number")
    try:
        raw = np.asarray(value)
    except Exception as error:
        if "inhomogeneous" in str(error):
            raise Trouble(Kind.SHAPE, f"{what} has rows of different lengths, so it is not an array") from None
        raise Trouble(Kind.TYPE, f"{what} cannot be read as an array of numbers") from None
    if raw.dtype.kind == "c":
        raise Trouble(Kind.TYPE, f"{what} is complex: only real numbers are meant here")
    if raw.dtype.kind not in "biufO":
        raise Trouble(Kind.TYPE, f"{what} holds {'text' if raw.dtype.kind in 'SUT' else raw.dtype}, not numbers")
    with np.errstate(all="ignore"):
        return _from_objects(raw, what) if raw.dtype.kind == "O" else raw.astype(np.float64)


def require_shape(a: np.ndarray, shape: tuple[int, ...], what: str = "the result") -> None:
    """Raise `Trouble` of kind "shape", naming both shapes, unless `a` has the given shape."""
    if a.shape != tuple(shape):
        raise Trouble(Kind.SHAPE, f"{what} has shape {a.shape}, expected {tuple(shape)}")


def require_one(value, shape: tuple[int, ...] | None = None, right: np.ndarray | None = None) -> None:
    """Raise `Trouble` of kind "shape" where a tuple holds several things instead of the rows of one array.

    shape: that of the array; without it only things that make no array together are told apart.
    right: the numbers asked for, if it is known: the thing that holds them is the one to return.
    """
    if not isinstance(value, tuple) or not value:
        return
    forms = [_form(thing) for thing in value]
    first, *others = forms
    alike = first is not None and {*others} <= {first}
    if first is not None and alike and shape in (None, (len(value), *first)):
        return
    if not others and first == shape:
        raise Trouble(Kind.SHAPE, "the result is a tuple of one thing: there is a comma too many, as in `return dz,`")
    fitting = [k for k, form in enumerate(forms[: len(ORDINALS)]) if form is not None and shape in (None, form)]
    if alike and not fitting:
        return
    same = [k for k in fitting if right is not None and np.allclose(array(value[k]), right, atol=1e-5, equal_nan=True)]
    came = ", ".join(_kind_of(thing) if form is None else str(form) for thing, form in zip(value, forms, strict=True))
    which = f"return the {ORDINALS[(same or fitting)[0]]} alone" if fitting else "return one array"
    raise Trouble(Kind.SHAPE, f"{len(value)} things came back ({'shapes ' * (None not in forms)}{came}): {which}")


def _form(thing) -> tuple[int, ...] | None:
    """The shape of what can be read as an array, else None."""
    with contextlib.suppress(Trouble):
        return array(thing).shape
    return None


def elementwise(f, z, seconds: float = 10.0) -> np.ndarray:
    """The values of a learner's elementwise function: finite float64, in the shape of `z`.

    Errors: `Trouble`, also of kind "value" where a finite input has no finite value.
    """
    z = np.asarray(z)
    values = array(call(f, z, seconds=seconds), z.shape, f"the result of {name_of(f)}")
    lost = ~np.isfinite(values) & np.isfinite(z)
    if lost.any():
        raise Trouble(Kind.VALUE, f"{name_of(f)} gives {values[lost][0]:g} at {z[lost][0]:g}, not a finite number")
    return values


def finite(f, shape: tuple[int, ...], *args) -> np.ndarray:
    """The numbers that a learner's function gives for `args`: finite float64, in the given shape.

    Errors: `Trouble`, also of kind "value" where one of them is not finite.
    """
    what = f"the result of {name_of(f)}"
    values = array(call(f, *args), shape, what)
    lost = values[~np.isfinite(values)]
    if lost.size:
        raise Trouble(Kind.VALUE, f"{what} holds {lost[0]:g}, no finite number")
    return values


def _limited(run, seconds, computing=False):
    """`run()`, interrupted by `_OutOfTime` after `seconds`; an enclosing limit keeps its own deadline.

    The alarm repeats, for code that swallows it, and is ignored while this function itself sets and clears it.
    """
    if seconds == math.inf:
        return run()
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return _watched(run, seconds)
    passed = signal.ITIMER_REAL, signal.SIGALRM, time.monotonic
    if computing:
        computed = signal.ITIMER_PROF, signal.SIGPROF, time.process_time
        return _timed(lambda: _timed(run, PATIENCE * seconds, *passed), seconds, *computed)
    return _timed(run, seconds, *passed)


def _timed(run, seconds, timer, alarm, now):
    armed = True

    def ring(_, frame):
        # An alarm may also ring between two lines of this function. Raised there it would pass `finally` by, and leave
        # the clock running, or the learner's handler in place, for whoever called.
        if armed and frame.f_code is not _timed.__code__:
            raise _OutOfTime(seconds)

    # The process has one clock of a kind, and a function that is being limited may call `check`, which limits another:
    # what is left for the outer one is remembered, never exceeded inside, and runs on afterwards.
    started = now()
    left, interval = signal.getitimer(timer)
    outer = signal.signal(alarm, ring)
    try:
        signal.setitimer(timer, min(seconds, left or seconds), 0.1)
        return run()
    finally:
        armed = False
        signal.setitimer(timer, 0)
        signal.signal(alarm, outer or signal.SIG_DFL)
        if left:  # a clock set to 0 would never ring: one that ran out meanwhile rings at once
            signal.setitimer(timer, max(left - (now() - started), 1e-3), interval)


def _watched(run, seconds):
    """`run()`, interrupted by `_OutOfTime` after `seconds` where no signal arrives: another thread throws it in.

    Kernels answer widgets in a thread that is not the main one.
    """
    # What is thrown arrives between any two steps, also of a `with` and of what threading has written in Python. So two
    # locks of the interpreter's are all that is shared. Nothing is thrown without holding `mine`, and this thread, once
    # it is through, never lets go of it.
    thread, mine, running = threading.get_ident(), threading.RLock(), threading.Lock()
    running.acquire()
    late = False

    class Over(_OutOfTime):
        def __init__(self):
            super().__init__(seconds)

    def watch():
        nonlocal late
        patience = seconds
        while not running.acquire(timeout=patience) and mine.acquire(blocking=False):
            late, patience = True, 0.1
            _throw(thread, Over)
            mine.release()

    try:
        try:
            with contextlib.suppress(RuntimeError):  # Python in a browser has no threads
                threading.Thread(target=watch, daemon=True).start()
            value = run()
        finally:
            mine.acquire()
    finally:  # also where it was thrown into the line above
        mine.acquire()
        if running.locked():
            running.release()
        if late:
            _throw(thread, None)
    if late:  # a limit inside may have taken the error for its own
        raise Over
    return value


def _throw(thread: int, error: type[BaseException] | None) -> None:
    """Have a thread raise an error at its next step, or none that was on its way."""
    import ctypes

    set_error = ctypes.pythonapi.PyThreadState_SetAsyncExc
    set_error(ctypes.c_ulong(thread), None if error is None else ctypes.py_object(error))


def _copied(value):
    """A deep copy; of plain arrays, and of lists and tuples of them, without the detour through `copy`."""
    if type(value) is np.ndarray and not value.dtype.hasobject:
        return value.copy("K")
    if type(value) in (list, tuple):
        return type(value)(map(_copied, value))
    return copy.deepcopy(value)


def _fits(f, many: int) -> bool:
    """Whether so many arguments certainly fit a plain function: what is seen without `inspect`, which is slow."""
    if type(f) is not FunctionType or f.__dict__:
        return False
    code = f.__code__
    least = code.co_argcount - len(f.__defaults__ or ())
    return least <= many <= code.co_argcount and not code.co_kwonlyargcount and code.co_varnames[:1] != ("self",)


def _check_signature(f, args):
    """A function with the wrong number of parameters gets a sentence instead of Python's TypeError."""
    if _fits(f, len(args)):
        return
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        return
    names = list(signature.parameters)
    if names[:1] == ["self"]:
        note([Noted.METHOD])
    try:
        signature.bind(*args)
    except TypeError:
        if names[:1] == ["self"]:
            said = f"{name_of(f)} has a first parameter called `self`, which belongs into a class: leave it out"
        else:
            count = f"{len(args)} argument{'s' * (len(args) != 1)}"
            missing = [p.name for p in [*signature.parameters.values()][len(args) :] if p.default is p.empty]
            default = f"`{missing[0]}` has no default; " if missing and len(args) else ""
            said = (
                f"{name_of(f)} takes {', '.join(names)[:80] or 'nothing'}, but is called with {count}: {default}"
                "keep the parameters of the stub"
            )
        raise Trouble(Kind.PARAMETERS, said, "TypeError") from None


def _stub(name):
    return Trouble(Kind.STUB, f"{'your function' if name == 'your function' else f'`{name}`'} is still a stub")


def _unwritten(error) -> str:
    """The name of the learner's own function that raised a NotImplementedError itself.

    "" where a library raised it, or a method that a class leaves to others.
    """
    trace = _own(error)
    if trace is None or trace.tb_next:
        return ""
    code = trace.tb_frame.f_code
    return "" if code.co_varnames[: min(code.co_argcount, 1)] == ("self",) else code.co_name


def _is_empty(f) -> bool:
    """Whether a Python function has no body beyond a docstring, `pass` or `...`."""
    code = getattr(f, "__code__", None)
    return code is not None and {i.opname for i in dis.get_instructions(code)} <= STUB_INSTRUCTIONS


def _own(error) -> TracebackType | None:
    """The innermost entry of the traceback that is the learner's own code, if any."""
    own, trace = None, error.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(LIBRARY_FOLDERS) and not any(sign in file for sign in LIBRARY_SIGNS):
            own = trace
        trace = trace.tb_next
    return own


def _place(error) -> str:
    """ ", in line 3: `return npp.exp(z)`" where the learner's line is known, else ""."""
    own = _own(error)
    source = linecache.getline(own.tb_frame.f_code.co_filename, own.tb_lineno).strip() if own else ""
    return f", in line {own.tb_lineno}: `{source[:80]}`" if own and source else ""


def _described(error, quoted) -> str:
    message = str(error).strip().split("\n")[0]
    said = f"{message[:quoted]}{'…' * (len(message) > quoted)}"
    return f"{type(error).__name__}{': ' * bool(said)}{said}{_place(error)}. {hint(error, _own(error))}".strip()


def _same(before, after) -> bool:
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        if before.shape != after.shape or before.dtype != after.dtype:
            return False
        if before.dtype.hasobject or before.tobytes() != after.tobytes():  # -0 equals 0, in other bytes
            return np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_same, before, after))
    return True


def _from_objects(raw, what):
    try:
        if any(isinstance(v, str | bytes | complex | np.complexfloating) for v in raw.flat):
            raise TypeError
        return np.array([float(v) for v in raw.flat]).reshape(raw.shape)
    except OverflowError:
        raise Trouble(Kind.VALUE, f"{what} holds an integer too large for a float") from None
    except Exception:
        raise Trouble(Kind.TYPE, f"{what} holds something that is not a real number") from None


def _kind_of(value) -> str:
    if value is None:
        return "None"
    if inspect.isgenerator(value):
        return "a generator (is there a `yield` where `return` belongs?)"
    if isinstance(value, str):
        return "text"
    if isinstance(value, numbers.Number):
        return "a number"
    if callable(value):
        return "a function (is it returned without being called?)"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
