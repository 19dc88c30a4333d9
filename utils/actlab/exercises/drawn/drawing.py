"""What one hand-out asks, drawn from its code: the same numbers on every computer and with every version of NumPy."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")
_STEPS = 1 << 53

remembered = lru_cache(maxsize=64)
"""What several exercises of one hand-out share is drawn once; whoever goes through a class keeps few of them."""


class Draw:
    """A stream of draws for one subject of one hand-out.

    code: the hand-out's, "" for the one that the course itself shows.  topic: what is drawn; two topics have nothing
    to do with each other, and the same topic gives the same draws in the same order to whoever asks.
    """

    def __init__(self, code: str, topic: str):
        self._about, self._calls = f"{len(code)}:{code}:{topic}", count()

    def share(self) -> float:
        """A number in [0, 1), every one alike."""
        digest = hashlib.sha256(f"{self._about}:{next(self._calls)}".encode()).digest()
        return (int.from_bytes(digest[:8], "big") >> 11) / _STEPS

    def pick(self, *choices: T) -> T:
        """One of the choices, every one alike."""
        return choices[int(self.share() * len(choices))]

    def number(self, low: float, high: float, step: float) -> float:
        """A multiple of step from low to high, both included; it prints short."""
        return round(low + step * int(self.share() * (round((high - low) / step) + 1)), 10)

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        """A number of the normal distribution."""
        return mean + deviation * NormalDist().inv_cdf(self.share() or 0.5 / _STEPS)

    def order(self, items: Sequence[T]) -> list[T]:
        """The items in another order, every one alike."""
        left = list(items)
        return [left.pop(int(self.share() * len(left))) for _ in items]
