"""What an error in a learner's code most likely means, by the error and the expression that raised it."""

from __future__ import annotations

import ast
import builtins
import contextlib
import dis
import linecache
import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from types import CodeType, TracebackType

import numpy as np

LONGEST_MESSAGE = 500
QUOTED = 60
NUMBERS = ("int", "float", "bool", "numpy.ndarray", "numpy.float64", "numpy.float32", "numpy.int64", "numpy.bool")
ELSEWHERE = {
    **{name: f"write Python's own `{name}`" for name in ("int", "float", "bool", "object", "str", "complex")},
    "erf": "`math.erf` takes one number, and `np.vectorize` makes a function go entry by entry",
    "sigmoid": "it is built from `np.exp`",
    "softmax": "it is built from `np.exp` and `np.sum`",
    "relu": "it is built from `np.maximum`",
    "infty": "it is called `inf`",
    "Inf": "it is called `inf`",
    "NaN": "it is called `nan`",
    "float_": "it is called `float64`",
    "product": "it is called `prod`",
    "ln": "it is called `log`",
    "alltrue": "it is called `all`",
    "sometrue": "it is called `any`",
    "math": "`import math` brings it",
    "mat": "use `np.array`",
    "asfarray": "use `np.asarray(…, float)`",
}
"""What NumPy does not have, or no longer has, and what there is."""

METHODS = {
    "clamp": "`np.clip`",
    "unsqueeze": "`np.expand_dims`",
    "dim": "`.ndim`",
    "detach": "the array itself",
    "numpy": "the array itself",
    "cpu": "the array itself",
    "float": "`.astype(float)`",
    "double": "`.astype(float)`",
    "long": "`.astype(int)`",
    "int": "`.astype(int)`",
    "pow": "`**`",
    "norm": "`np.linalg.norm`",
    "append": "a list while it grows, and `np.array` of it afterwards",
    "map": "the whole array at once",
    "apply": "the whole array at once",
    "values": "the array itself",
}
"""What other libraries' arrays have and NumPy's have not, and what to use."""

DRAWING = {
    "randn": "`standard_normal`",
    "rand": "`random`, between 0 and 1, or `standard_normal`",
    "randint": "`integers`",
    "random_integers": "`integers`",
    "random_sample": "`random`",
    "ranf": "`random`",
    "sample": "`random`",
}
"""What NumPy's older generator has and `default_rng` has not, and what to use."""

ENTRYWISE = {"max": "maximum", "min": "minimum", "amax": "maximum", "amin": "minimum"}
NEIGHBOURS = ("sum", "max", "min", "abs", "any", "all", "round")


@dataclass(frozen=True)
class Spot:
    """The place at which an exception left the learner's code."""

    code: CodeType
    scope: dict
    at: int

    @classmethod
    def of(cls, trace: TracebackType) -> Spot:
        """The place of one entry of a traceback."""
        return cls(trace.tb_frame.f_code, trace.tb_frame.f_globals, trace.tb_lasti)

    @cached_property
    def text(self) -> str:
        """The source of the expression that was being worked out; "" where it is not known."""
        first, last, left, right = list(self.code.co_positions())[self.at // 2]
        if first is None or last is None or left is None or right is None:
            return ""
        lines = [line.encode() for line in linecache.getlines(self.code.co_filename)[first - 1 : last]]
        if len(lines) != last - first + 1:
            return ""
        lines[-1] = lines[-1][:right]
        lines[0] = lines[0][left:]
        return b"".join(lines).decode(errors="replace")

    @cached_property
    def line(self) -> str:
        """The whole line; "" where it is not known."""
        first = list(self.code.co_positions())[self.at // 2][0]
        return linecache.getline(self.code.co_filename, first).strip() if first else ""

    @cached_property
    def node(self) -> ast.expr | None:
        """The same as a tree."""
        try:
            return ast.parse(f"({self.text})", mode="eval").body if self.text else None
        except SyntaxError:
            return None

    @cached_property
    def called(self) -> str:
        """What the expression calls, as written: "np.max"; "" where it is no call, or where its source is not known."""
        return ast.unparse(self.node.func)[:QUOTED] if isinstance(self.node, ast.Call) else ""

    @property
    def calls(self) -> bool:
        """Whether something was being called, known even without the source."""
        return dis.opname[self.code.co_code[self.at]].startswith(("CALL", "PRECALL"))

    def mentions(self, *names: str) -> str:
        """The first of the names that the code uses; "" where it uses none."""
        constants = {word for c in self.code.co_consts if isinstance(c, tuple) for word in c if isinstance(word, str)}
        known = {*self.code.co_names, *self.code.co_varnames, *constants}
        return next((name for name in names if name in known), "")


def hint(error: BaseException, trace: TracebackType | None) -> str:
    """What to do about an error; "" where nothing fits.  trace: where it left the learner's own code, if it did.

    An exception of the learner's own making may hold anything, and no hint is worth another error.
    """
    with contextlib.suppress(Exception):
        message = str(error).strip().split("\n")[0][:LONGEST_MESSAGE]
        spot = Spot.of(trace) if trace else None
        return next(filter(None, (rule(error, message, spot) for rule in RULES)), "")
    return ""


def _of_two(name: str) -> str:
    return f"Python's `{name}` compares single numbers: entry by entry it is `np.{ENTRYWISE[name]}`."


def _of_many(name: str) -> str:
    extreme = "largest" if name == "max" else "smallest"
    return (
        f"Python's `{name}` compares whole rows of an array: its {extreme} number is `np.{name}(…)`, and along an axis "
        f"`np.{name}(…, axis=axis, keepdims=True)`."
    )


def _yes_or_no(error, message, spot):
    if "truth value of an array" not in message:
        return ""
    if spot and spot.called in ("max", "min") and isinstance(spot.node, ast.Call):
        return _of_two(spot.called) if len(spot.node.args) > 1 else _of_many(spot.called)
    if spot and spot.calls and not spot.text and (name := spot.mentions("max", "min")):
        return _of_two(name)
    words = [w for w in ("if", "while", "and", "or", "not") if spot and re.search(rf"\b{w}\b", spot.line)]
    who = f"`{words[0]}` wants" if words else "Here Python wants"
    return f"{who} a single yes or no, but an array holds many: choose entry by entry, for example with `np.where`."


def _second_is_an_axis(error, message, spot):
    if not spot or not isinstance(error, TypeError | ValueError | IndexError):
        return ""
    name = spot.called.rpartition(".")[2]
    if name in ENTRYWISE and "." in spot.called and isinstance(spot.node, ast.Call) and len(spot.node.args) > 1:
        return (
            f"The second argument of `{spot.called}` is an axis: the larger or smaller of two numbers, entry by entry, "
            f"is `np.{ENTRYWISE[name]}`."
        )
    name = "" if spot.text else spot.mentions(*ENTRYWISE)
    if name and re.search("scalar index|interpreted as an integer", message):
        return f"The second argument of `np.{name}` is an axis: entry by entry it is `np.{ENTRYWISE[name]}`."
    return ""


def _one_number(error, message, spot):
    if not re.search("can be converted to Python scalars|must be real number", message):
        return ""
    called = spot.called if spot else ""
    if spot and not spot.text:
        called = spot.mentions("erf", "erfc") or "math" * bool(spot.mentions("math"))
        called = called or spot.mentions("float", "int", "round")
    if called in ("float", "int", "complex", "round"):
        return f"`{called}` makes one number, but here it gets a whole array: leave it out, or use `.astype`."
    name = called.rpartition(".")[2]
    if called == "math":
        return "Functions of `math` take one number: use NumPy's, which take whole arrays."
    if name and hasattr(math, name):
        if hasattr(np, name):
            return f"`{called}` of `math` takes one number: use `np.{name}`, which takes whole arrays.".replace(
                "`math.", "`", 1
            )
        return f"`{name}` of `math` takes one number, and NumPy has none: go entry by entry, as `np.vectorize` does."
    return "One single number is wanted there, but an array of several came."


def _called(error, message, spot):
    if not (found := re.match(r"'([\w.]+)' object is not callable", message)):
        return ""
    if found[1] not in NUMBERS:
        return ""
    if not spot or not spot.called or not spot.node:
        return "Is a `*` missing before a bracket, or was a function's name used for a number?"
    name = spot.called
    if callable(spot.scope.get(name)) or hasattr(builtins, name):
        return f"`{name}` is a number there: the name of a function was used for it, so give one of them another name."
    return f"A `*` is missing: `{ast.unparse(spot.node)[:QUOTED]}` calls `{name}` as if it were a function."


def _not_in_numpy(error, message, spot):
    found = re.match(r"module 'numpy(?:\.\w+)?' has no attribute '(\w+)'", message)
    if not found or found[1] not in ELSEWHERE:
        return ""
    return f"NumPy has no `{found[1]}`: {ELSEWHERE[found[1]]}."


def _no_such_attribute(error, message, spot):
    if not isinstance(error, AttributeError) or not error.name:
        return ""
    name, owner = error.name, error.obj
    plain = isinstance(owner, int | float | np.number | np.ndarray)
    if plain and name in ("get", "keys", "items", "pop", "update"):
        what = "an array" if np.ndim(owner) else "a plain number"
        return f"What comes there is {what}, no dictionary: use it as it is."
    if isinstance(owner, np.ndarray | np.number) and name in METHODS:
        return f"NumPy's arrays have no `{name}`: use {METHODS[name]}."
    if isinstance(owner, np.ndarray | np.number) and name in ELSEWHERE:
        return f"NumPy has no `{name}`: {ELSEWHERE[name]}."
    if isinstance(owner, np.ndarray | np.number) and callable(getattr(np, name, None)):
        return f"NumPy's arrays have no method `{name}`: it is a function, `np.{name}(…)`."
    if isinstance(owner, np.random.Generator) and name in DRAWING:
        return f"Generators have no `{name}`: use {DRAWING[name]}."
    if isinstance(owner, list | tuple | int | float) and hasattr(np.ndarray, name):
        return f"That is {'a' if plain else 'no array but a'} {type(owner).__name__}: `np.array` makes an array of it."
    return _meant(name, tuple(dir(owner)))


@lru_cache(maxsize=64)
def _meant(name: str, known: tuple[str, ...]) -> str:
    """A question whether one of the known names is meant; kept, since the same slip comes with every call."""
    return "".join(f"Did you mean `{near}`?" for near in get_close_matches(name, known, 1))


def _pythons_own(error, message, spot):
    found = re.search(r"(\w+)\(\)(?: got an unexpected keyword| takes at most| takes no keyword|$)", message)
    if not isinstance(error, TypeError) or not found or found[1] not in NEIGHBOURS:
        return ""
    if spot and "." in spot.called:
        return ""
    return f"Python's own `{found[1]}` knows no axes: NumPy's is `np.{found[1]}`."


def _axes(error, message, spot):
    if isinstance(error, np.exceptions.AxisError):
        node = spot.node if spot else None
        values = (
            [k.value for k in node.keywords if k.arg == "axis"] + node.args[1:] if isinstance(node, ast.Call) else []
        )
        if spot and any(isinstance(value, ast.Constant) for value in values):
            handed = "axis" in spot.code.co_varnames[: spot.code.co_argcount]
            better = "hand the parameter `axis` on" if handed else "`axis=-1` is the last one, however many there are"
            written = ast.unparse(values[0])[:QUOTED]
            return f"An axis is written in (`axis={written}`) that this input does not have: {better}."
        return "The input may have fewer axes than that, one or even none."
    if message == "'int' object is not iterable":
        return "A whole number is nothing to go through: `range(…)` counts up to it."
    fewer = isinstance(error, IndexError) and re.search("tuple index out of range|too many indices", message)
    unpacked = "not enough values to unpack" in message and spot and spot.mentions("shape")
    flat = isinstance(error, TypeError) and re.search(
        r"'[\w.]*(?:float|int)\d*' object is not (iter|subscript)", message
    )
    if fewer or unpacked or flat:
        return "The input may have fewer axes than the code counts on."
    if re.search("0-d array|unsized object|0-dimensional", message):
        return "The input may also be a single number, without rows or columns."
    if "setting an array element with a sequence" in message or "ambiguous" in message:
        return "One place of an array takes one number: the input may have more axes than the code counts on."
    return ""


def _clashing(message):
    """The shapes that do not fit together: [(2, 3), (2,)]; single numbers fit all."""
    written = re.findall(r"\(([\d,]+)\)", message.partition("could not be broadcast together with shapes")[2])
    return [tuple(map(int, filter(None, one.split(",")))) for one in written]


def _lost_axis(error, message, spot):
    shapes = _clashing(message)
    if not any(shape[:k] + shape[k + 1 :] in shapes for shape in shapes for k in range(len(shape))):
        return ""
    reduced = spot and spot.mentions("axis") and spot.mentions("sum", "max", "mean", "amax", "min", "var", "std")
    if not reduced or not spot or spot.mentions("keepdims"):
        return ""
    return f"`{reduced}` along an axis takes that axis away: `keepdims=True` keeps it, with length 1."


def _first_axis_alone(error, message, spot):
    if not _clashing(message) or not spot or not spot.mentions("len"):
        return ""
    if not spot.mentions("normal", "standard_normal", "random", "uniform"):
        return ""
    return "`len` counts the first axis alone: draws for every entry have all of `.shape` in their size."


def _too_large(error, message, spot):
    if isinstance(error, OverflowError) and spot and (spot.called.startswith("math.") or hasattr(math, spot.called)):
        return f"`{spot.called}` stops with an error where the function of NumPy gives ∞."
    return ""


def _operands(error, message, spot):
    if "for ^" in message or "bitwise_xor" in message:
        return "Powers are written `**` in Python; `^` means something else."
    if not isinstance(error, TypeError) or not re.search("operand type|multiply sequence|concatenate list", message):
        return ""
    if "'NoneType'" in message:
        return "One of them is None: does the function it comes from `return` anything?"
    if re.search("'(function|builtin_function_or_method|type)'", message):
        return "A function is used there like a number: call it, with its argument in brackets."
    if re.search("'(list|tuple)'|sequence|list", message):
        return "Lists do not calculate entry by entry: make an array of it first, with `np.array`."
    return ""


def _unknown_name(error, message, spot):
    if not isinstance(error, NameError) or "is not defined" not in message:
        return ""
    if error.name in ("np", "numpy", "math"):
        return f"Run the cell that imports it: `import {'numpy as np' if error.name == 'np' else error.name}`."
    return "Check the spelling, or run the cell that defines it."


def _left_open(error, message, spot):
    if not isinstance(error, NotImplementedError):
        return ""
    return "That is left open by a library, or by a class for those that are derived from it: call something else."


def _absent(error, message, spot):
    if not isinstance(error, ImportError):
        return ""
    return "Only NumPy, `math` and the rest of the standard library are sure to be there."


RULES = (
    _yes_or_no,
    _second_is_an_axis,
    _one_number,
    _called,
    _not_in_numpy,
    _no_such_attribute,
    _pythons_own,
    _axes,
    _lost_axis,
    _first_axis_alone,
    _too_large,
    _operands,
    _unknown_name,
    _left_open,
    _absent,
)
"""From the special to the general: the first that has something to say is heard."""
