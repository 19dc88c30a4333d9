"""Calling a learner's function so that every way it can fail becomes a kind sentence.

Explorers and checks both go through here: `call` runs the function, `array` reads what it returned, and
`elementwise` does both for functions that act entry by entry. Whatever goes wrong is raised as one exception,
`Trouble`, whose text is fit to be shown as it is.
"""

from __future__ import annotations

import copy
import dis
import html
import inspect
import linecache
import numbers
import re
import signal
import sysconfig
import threading
import time
import traceback
import warnings
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

import numpy as np

from actlab.recipes import made

LIBRARY_FOLDERS = (sysconfig.get_paths()["stdlib"], str(Path(__file__).parent))
LIBRARY_SIGNS = ("site-packages", "dist-packages", "<frozen", "<__array_function__")
STUB_INSTRUCTIONS = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
HINTS = {
    "truth value of an array": "`if`, `and` and `or` want a single yes or no, but an array holds many: "
    "choose entry by entry, for example with `np.where`.",
    "can be converted to Python scalars": "Functions of `math` take one number: use NumPy's, which take whole arrays.",
    "for ^": "Powers are written `**` in Python; `^` means something else.",
    "0-d array": "The input may also be a single number, without rows or columns.",
    "unsized object": "The input may also be a single number, without rows or columns.",
    "is not defined": "Check the spelling, or run the cell that defines it.",
}


NOT_YET = "○ not attempted yet"
PATIENCE = 3
"""How often its limit of computing time may pass on the wall, for a call that sleeps or a computer that is busy."""


class Kind(StrEnum):
    """What kind of thing went wrong, in one word: programs go by it, and never by the sentence."""

    STUB = "stub"
    """Nothing is written yet."""
    ERROR = "error"
    """An exception."""
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
    NumPy's warnings are silenced, prints pass.
    seconds: time limit, kept in the main thread of systems that have signals (nested limits keep their own).
    computing: whether only the time counts that this process computes, with a brake at `PATIENCE` times as much.
    quoted: how many characters of an exception's text are told.
    Errors: `Trouble` only, also where `f` itself calls this function; `KeyboardInterrupt` passes through.
    """
    if not callable(f):
        raise Trouble(Kind.TYPE, f"a function is needed here, but this is {_kind_of(f)}")
    args = made(args)
    name, given = name_of(f), copy.deepcopy(args)
    _check_signature(f, args)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value = _limited(lambda: f(*given), seconds, computing)
    except Trouble:
        raise
    except NotImplementedError as error:
        raise _stub(_last_frame(error), name) from None
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
        raise Trouble(Kind.ERROR, f"{name} raised {_described(error, quoted)}", type(error).__name__) from None
    if value is None or value is ...:
        if _is_empty(f):
            raise _stub(None, name)
        raise Trouble(Kind.NONE, f"{name} returned {value} — did you forget `return`?")
    if not _same(args, given):
        raise Trouble(
            Kind.MUTATED, f"{name} changes its input in place: work on a copy, so that the caller's array stays"
        )
    return value


def array(value, shape: tuple[int, ...] | None = None, what: str = "the result") -> np.ndarray:
    """A learner's answer as a plain float64 array.

    Arrays and their subclasses, lists, tuples, Python numbers and object arrays of numbers are read; bool as 0/1.
    shape: required shape, if any.  what: how a sentence calls the value.
    Errors: `Trouble` of kind "none", "type" or "shape".
    """
    if value is None:
        raise Trouble(Kind.NONE, f"{what} is None")
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
        numeric = _from_objects(raw, what) if raw.dtype.kind == "O" else raw.astype(np.float64)
    if shape is not None:
        require_shape(numeric, shape, what)
    return numeric


def require_shape(a: np.ndarray, shape: tuple[int, ...], what: str = "the result") -> None:
    """Raise `Trouble` of kind "shape", naming both shapes, unless `a` has the given shape."""
    if a.shape != tuple(shape):
        raise Trouble(Kind.SHAPE, f"{what} has shape {a.shape}, expected {tuple(shape)}")


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
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return run()
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


def _check_signature(f, args):
    """A function with the wrong number of parameters gets a sentence instead of Python's TypeError."""
    try:
        inspect.signature(f).bind(*args)
    except TypeError:
        wanted = f"{len(args)} argument{'s' * (len(args) != 1)}"
        raise Trouble(
            Kind.ERROR, f"{name_of(f)} cannot be called with {wanted}: keep the parameters of the stub", "TypeError"
        ) from None
    except ValueError:
        return


def _stub(frame, name):
    inner = f"`{frame.f_code.co_name}`" if frame and frame.f_code.co_name.isidentifier() else name
    return Trouble(Kind.STUB, f"{inner} is still a stub")


def _is_empty(f) -> bool:
    """Whether a Python function has no body beyond a docstring, `pass` or `...`."""
    code = getattr(f, "__code__", None)
    return code is not None and {i.opname for i in dis.get_instructions(code)} <= STUB_INSTRUCTIONS


def _last_frame(error):
    """The innermost frame of the traceback that is the learner's own, if any."""
    own = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if not file.startswith(LIBRARY_FOLDERS) and not any(sign in file for sign in LIBRARY_SIGNS):
            own = frame
    return own


def _place(error) -> str:
    """ ", in line 3: `return npp.exp(z)`" where the learner's line is known, else ""."""
    own = _last_frame(error)
    lines = [number for frame, number in traceback.walk_tb(error.__traceback__) if frame is own]
    source = linecache.getline(own.f_code.co_filename, lines[-1]).strip() if own else ""
    return f", in line {lines[-1]}: `{source[:80]}`" if source else ""


def _described(error, quoted) -> str:
    message = str(error).strip().split("\n")[0]
    hint = _meant(error) or next((text for sign, text in HINTS.items() if sign in message), "")
    said = f"{message[:quoted]}{'…' * (len(message) > quoted)}"
    return f"{type(error).__name__}{': ' * bool(said)}{said}{_place(error)}. {hint}".strip()


def _meant(error) -> str:
    """The attribute that a misspelt one resembles, as a question, else ""."""
    if not isinstance(error, AttributeError) or not error.name:
        return ""
    return "".join(f"Did you mean `{near}`?" for near in get_close_matches(error.name, dir(error.obj), 1))


def _same(before, after) -> bool:
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        numeric = before.dtype.kind in "fc"
        alike = before.shape == after.shape and before.dtype == after.dtype
        return alike and np.array_equal(before, after, equal_nan=numeric)
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
