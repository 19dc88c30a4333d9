"""Arguments that are no arrays, described as plain data and made where they are used.

A case of an exercise may ask for a random generator or for a function. It holds a *recipe*: the notebook's
`learner.call` makes the thing itself; a grader has generators made in the sandbox and keeps functions on its own side,
where the sandbox may call them. Functions here answer exercises too, so a sandbox is not given this file.
"""

from dataclasses import dataclass

import numpy as np

FUNCTIONS = {
    "identity": (lambda z: z, lambda z: np.ones_like(z)),
    "sigmoid": (lambda z: 0.5 + 0.5 * np.tanh(z / 2), lambda z: 0.25 / np.cosh(z / 2) ** 2),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "softplus": (lambda z: np.logaddexp(0, z), lambda z: 0.5 + 0.5 * np.tanh(z / 2)),
    "arctan": (np.arctan, lambda z: 1 / (1 + z * z)),
    "z/√(1 + z²)": (lambda z: z / np.sqrt(1 + z * z), lambda z: (1 + z * z) ** -1.5),
    "sin": (np.sin, np.cos),
    "square": (np.square, lambda z: 2 * z),
    "ReLU": (lambda z: np.maximum(z, 0.0), lambda z: np.heaviside(z, 0.5)),
    "abs": (np.abs, np.sign),
    "hard tanh": (lambda z: np.clip(z, -1.0, 1.0), lambda z: np.where(np.abs(z) < 1, 1.0, 0.0)),
}
"""Name -> (f, df), both elementwise."""


@dataclass(frozen=True)
class Seed:
    """A fresh `numpy.random.Generator` with this seed."""

    value: int

    def make(self):
        return np.random.default_rng(self.value)

    def __str__(self):
        return f"default_rng({self.value})"


@dataclass(frozen=True)
class Function:
    """f(stretch · z) for a function of `FUNCTIONS`, or with `derivative` its derivative with respect to z."""

    name: str
    stretch: float = 1.0
    derivative: bool = False

    def make(self):
        f, df = FUNCTIONS[self.name]
        stretch = self.stretch

        def value(z):
            return f(stretch * np.asarray(z, float))

        def slope(z):
            return stretch * df(stretch * np.asarray(z, float))

        return slope if self.derivative else value

    def __str__(self):
        inner = "z" if self.stretch == 1 else f"{self.stretch:g} z"
        return f"{'the slope of ' * self.derivative}{self.name}({inner})"


@dataclass(frozen=True)
class Quadratic:
    """The gradient w -> H (w - goal) of a quadratic bowl.  H: rows of numbers.  goal: numbers."""

    H: tuple[tuple[float, ...], ...]
    goal: tuple[float, ...]

    def make(self):
        H, goal = np.array(self.H, float), np.array(self.goal, float)

        def gradient(w):
            return H @ (np.asarray(w, float) - goal)

        return gradient

    def __str__(self):
        return f"H (w − w*) with H = {_listed(self.H)}, w* = {_listed(self.goal)}"


def made(arguments):
    """The arguments as a tuple, with a freshly made thing in place of each recipe, which is whatever has a `make`."""
    return tuple(a.make() if hasattr(a, "make") else a for a in arguments)


def _listed(value):
    return f"[{', '.join(map(_listed, value))}]" if isinstance(value, tuple) else f"{value:g}"
