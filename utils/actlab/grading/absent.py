"""Inert stand-ins for the libraries that are not there while homework is graded.

An import, a plot or a `check(...)` succeeds and does nothing. A stand-in goes through any expression and comes out as
a stand-in, so that a function whose mathematics it was asked to do returns one, and can be told so.
"""

import dis
import sys
import types
from importlib.machinery import ModuleSpec

WITHOUT = {"tkinter", "_tkinter", "turtle", "turtledemo", "idlelib", "ensurepip", "lib2to3"}
PRESENT = sys.stdlib_module_names - WITHOUT | {"numpy"}


class NotThere(Exception):
    """A number was asked of a library that is not there."""


class Absent:
    """Anything that an absent library would have given."""

    __array_ufunc__ = None

    def __init__(self, library="a library"):
        self.__dict__["library"] = library

    def __getattr__(self, name):
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return Absent(self.library)

    def __call__(self, *args, **options):
        """A decorator hands its function back."""
        decorated = len(args) == 1 and not options and isinstance(args[0], types.FunctionType)
        return args[0] if decorated else Absent(self.library)

    def __setattr__(self, name, value):
        pass

    def __setitem__(self, key, value):
        pass

    def __delitem__(self, key):
        pass

    def __iter__(self):
        """As many as the left side of an assignment wants; none elsewhere."""
        return iter([Absent(self.library) for _ in range(_wanted(sys._getframe(1)))])

    def __next__(self):
        raise StopIteration

    def __len__(self):
        return 0

    def __bool__(self):
        return False

    def __contains__(self, item):
        return False

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def __mro_entries__(self, bases):
        return ()

    def __instancecheck__(self, instance):
        return False

    def __subclasscheck__(self, subclass):
        return False

    def __repr__(self):
        return f"<{self.library} is not there while homework is graded>"

    def _refuse(self, *_):
        raise NotThere(f"{self.library} is not there while homework is graded: use NumPy and the standard library")

    __float__ = __int__ = __complex__ = __index__ = __array__ = _refuse

    def _absorb(self, *_):
        return Absent(self.library)

    __getitem__ = __neg__ = __pos__ = __abs__ = __invert__ = __round__ = _absorb
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _absorb
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _absorb
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = _absorb
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __lshift__ = __rshift__ = _absorb
    __hash__ = object.__hash__


class _Module(types.ModuleType):
    __all__ = ()

    def __getattr__(self, name):
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return Absent(self.__name__.partition(".")[0])


class Finder:
    """Finds every module that is neither NumPy nor the standard library, and loads a stand-in for it."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in PRESENT:
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return _Module(spec.name)

    def exec_module(self, module):
        pass


def _wanted(frame: types.FrameType) -> int:
    """How many values the instruction that a frame is at unpacks."""
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
    return 0
