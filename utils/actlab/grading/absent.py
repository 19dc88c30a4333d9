"""Inert stand-ins for the libraries that are not there while homework is graded.

An import, a plot or a `check(...)` succeeds and does nothing. A stand-in goes through any expression and comes out as a
stand-in, so that a function whose mathematics it was asked to do returns one, and can be told so. Where Python itself
insists on a number, a truth or items, it gets some, and `asked` holds who was asked for them.
"""

import dis
import importlib
import importlib.util
import math
import sys
import types
from importlib.machinery import ModuleSpec

import numpy as np

from actlab.libraries import is_present, shows_progress

VERSION = "999.0.0"
"""Later than any version that a notebook may insist on."""

asked: dict[str, None] = {}
"""The libraries of which a number, a truth or items were wanted, in that order."""

before: dict[str, None] = {}
"""The libraries that cells had asked for such a thing before any call."""

guarded: set[tuple[str, int]] = set()
"""Places (file, line) of imports for which a notebook has something else where they fail."""

own: set[str] = set()
"""The modules that a notebook wrote itself."""


class Absent:
    """Anything that an absent library would have given."""

    def __init__(self, library="a library"):
        self.__dict__["_library"] = library

    def __getattr__(self, name):
        if name == "__version__":
            return VERSION
        if name.startswith("__"):
            raise AttributeError(name)
        return self._absorb()

    def __call__(self, *args, **options):
        """A decorator hands the notebook's function or class back."""
        given = args[0] if len(args) == 1 else None
        own = isinstance(given, types.FunctionType) or (isinstance(given, type) and given.__module__ == "__main__")
        return given if own else self._absorb()

    def __iter__(self):
        """As many as the left side of an assignment wants; a single one elsewhere."""
        wanted = _wanted(sys._getframe(1))
        return iter([self._absorb() for _ in range(self._asked(1) if wanted is None else wanted)])

    def __next__(self):
        return self._asked(self._absorb())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def __await__(self):
        return self
        yield

    async def __aiter__(self):
        yield self._absorb()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None

    def __mro_entries__(self, bases):
        """A class that is derived from stand-ins, however many, has one base for them all."""
        first = next(base for base in bases if isinstance(base, Absent))
        return (type("Inherited", (Inherited,), {"_library": self._library}),) if first is self else ()

    def __instancecheck__(self, instance):
        return False

    def __subclasscheck__(self, subclass):
        return False

    def __or__(self, other):
        """`np.ndarray | torch.Tensor` are arrays."""
        return other if isinstance(other, type | types.UnionType) else self._absorb()

    __ror__ = __or__

    def __repr__(self):
        return f"<{self._library} is not there while homework is graded>"

    def __format__(self, how):
        return repr(self)

    def __fspath__(self):
        return self._library

    def __reduce__(self):
        return importlib.import_module, (self._library,)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __array__(self, dtype=None, copy=None):
        held = np.empty((), object)
        held[()] = self
        return held if dtype is None else held.astype(dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return self._asked(self._absorb()) if "out" in options else self._absorb()

    def __array_function__(self, function, types, args, options):
        return self.__array_ufunc__(function, "", *args, **options)

    def __divmod__(self, other):
        return self._absorb(), self._absorb()

    __rdivmod__ = __divmod__

    def _asked(self, value):
        asked[self._library] = None
        return value

    def _absorb(self, *_):
        return Absent(self._library)

    def _ignore(self, *_):
        pass

    def _no(self, *_):
        return self._asked(False)

    def _one(self):
        return self._asked(1)

    def _no_number(self):
        return self._asked(math.nan)

    def _no_complex_number(self):
        return self._asked(complex(math.nan, 0))

    __setattr__ = __delattr__ = __setitem__ = __delitem__ = _ignore
    __bool__ = __contains__ = _no
    __len__ = __int__ = __index__ = __trunc__ = __floor__ = __ceil__ = _one
    __float__ = _no_number
    __complex__ = _no_complex_number
    __getitem__ = __neg__ = __pos__ = __abs__ = __invert__ = __round__ = _absorb
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _absorb
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _absorb
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = _absorb
    __and__ = __rand__ = __xor__ = __rxor__ = __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _absorb
    __hash__ = object.__hash__


class Inherited:
    """What a class has from a base that is not there."""

    _library = ""

    def __init__(self, *args, **options):
        pass

    def __init_subclass__(cls, **options):
        pass

    def __call__(self, *args, **options):
        return Absent(self._library)

    def __getattr__(self, name):
        return getattr(Absent(self._library), name)


class Progress(Absent):
    """Anything of a library of progress bars. Called with something to go through, it is that."""

    def __init__(self, library, name=""):
        super().__init__(library)
        self.__dict__["_name"] = name

    def __getattr__(self, name):
        return super().__getattr__(name) if name.startswith("__") else Progress(self._library, name)

    def __call__(self, *args, **options):
        if self._name in TOGETHER:
            return TOGETHER[self._name](*args)
        if args and all(isinstance(end, int | np.integer) for end in args):
            return Bar(self._library, range(*args))
        for items in (*args[:1], options.get("iterable")):
            if hasattr(items, "__iter__"):
                return Bar(self._library, items)
        handed_back = super().__call__(*args, **options)
        return Progress(self._library) if isinstance(handed_back, Absent) else handed_back


class Bar(Progress):
    """A progress bar over something."""

    def __init__(self, library, items):
        super().__init__(library)
        self.__dict__["_items"] = items

    def __iter__(self):
        return iter(self._items)

    def __len__(self):
        return len(self._items)


TOGETHER = {"tenumerate": enumerate, "tzip": zip, "tmap": map, "thread_map": map, "process_map": map}


class Module(types.ModuleType):
    """A library that is not there."""

    __all__ = ()

    def __getattr__(self, name):
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        path = f"{self.__name__}.{name}"
        library = path.partition(".")[0]
        return Progress(library, name) if shows_progress(path) else getattr(Absent(library), name)


class Finder:
    """Finds every module that is neither NumPy nor the standard library, and loads a stand-in for it.

    Errors: ModuleNotFoundError where whoever imports it is prepared for that.
    """

    def find_spec(self, name, path=None, target=None):
        if is_present(name) or name.partition(".")[0] in own:
            return None
        frame = sys._getframe(1)
        while frame and "importlib" in frame.f_code.co_filename:
            if frame.f_code is importlib.util.find_spec.__code__:  # which only asks whether it is there
                return None
            frame = frame.f_back
        if frame and (frame.f_code.co_filename, frame.f_lineno) in guarded:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return Module(spec.name)

    def exec_module(self, module):
        if module.__name__ in PYLABS:
            exec(PYLAB, module.__dict__)
            for name in UNTOUCHED:
                module.__dict__.pop(name, None)
            module.__all__ = [name for name in vars(module) if not name.startswith("_")]


PYLABS = ("pylab", "matplotlib.pylab")
DRAWING = (
    "annotate, axhline, axis, axvline, bar, close, colorbar, contour, contourf, figure, fill_between, gca, gcf, grid, "
    "hist, imshow, legend, loglog, plot, savefig, scatter, semilogx, semilogy, show, subplot, subplots, text, "
    "tight_layout, title, xlabel, xlim, xscale, ylabel, ylim, yscale"
)
PYLAB = f"""
from numpy import *
from numpy.fft import *
from numpy.linalg import *
from numpy.random import *
import numpy as np
import matplotlib.pyplot as plt
from matplotlib.pyplot import {DRAWING}
"""
UNTOUCHED = ("abs", "bool", "bytes", "max", "min", "pow", "round")
"""Names of Python's that stay Python's own under pylab."""


def _wanted(frame: types.FrameType) -> int | None:
    """How many values the instruction that a frame is at unpacks, None where it unpacks nothing."""
    # `fig, ax = plt.subplots()` takes exactly two values, and `for x in plot:` must end. Both call `__iter__`, which is
    # not told who asks: only the bytecode that is being run says it. UNPACK_EX is `first, *rest, last`; one byte of its
    # argument says how many names stand before the star, and what is above that byte how many stand after it.
    for step in dis.get_instructions(frame.f_code):
        if step.offset == frame.f_lasti:
            names = step.arg or 0
            if step.opname == "UNPACK_SEQUENCE":
                return names
            if step.opname == "UNPACK_EX":
                return (names & 0xFF) + (names >> 8)
    return None
