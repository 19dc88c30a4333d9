# %% equal to everything
class Liar:
    def __eq__(self, other):
        return True

    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __le__ = __ge__ = __eq__
    __hash__ = None
    __bool__ = lambda self: True
    __sub__ = __rsub__ = __abs__ = __mul__ = __rmul__ = lambda self, *a: self

answer_all(lambda *a: Liar(), Liar())
# %% an array interface that lies about its memory
class Liar:
    __array_interface__ = {"shape": (10**6,), "typestr": "<f8", "data": (4096, False), "version": 3}

answer_all(lambda *a: Liar())
# %% __array__ that runs code on the other side
class Liar:
    shape = (6,)

    def __array__(self, *a, **k):
        import sys
        frame = sys._getframe()
        while frame:
            for value in list(frame.f_locals.values()):
                if isinstance(value, np.ndarray) and value.dtype == float:
                    return value
            frame = frame.f_back
        return np.zeros(6)

answer_all(lambda *a: Liar())
# %% __array_function__ and __array_ufunc__ that agree
class Liar(np.ndarray):
    def __array_function__(self, func, types, args, kwargs):
        return True

    def __array_ufunc__(self, *a, **k):
        return np.ones((), bool)

    astype = tobytes = lambda self, *a, **k: b""
    shape = dtype = property(lambda self: (6,))

answer_all(lambda z, *a: np.zeros(np.shape(z)).view(Liar))
# %% __reduce__ and __deepcopy__ that run code
class Liar:
    def __reduce__(self):
        return eval, ("__import__('os').system('id')",)

    def __deepcopy__(self, memo):
        return Liar()

answer_all(lambda *a: Liar())
# %% an object array of liars
class Liar(float):
    def __float__(self):
        return 0.5

    __eq__ = __le__ = __ge__ = lambda self, other: True
    __hash__ = float.__hash__
    __sub__ = __rsub__ = lambda self, other: 0.0

answer_all(lambda z, *a: np.array([Liar(0.1)] * max(1, np.size(z)), object))
# %% a text that equals every letter
class Letter(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__
    strip = lower = lambda self: self
    __contains__ = lambda self, x: True

answer_all(lambda *a: Letter("z"), Letter("z"))
# %% all letters at once
answer_all(lambda *a: None, ["a", "b", "c", "d"])
# %% a different letter each time it is looked at
import random

class Letter(str):
    def __new__(cls):
        return str.__new__(cls, "abcd")

answer_all(lambda *a: None, Letter())
