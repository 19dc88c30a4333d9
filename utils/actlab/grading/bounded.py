"""Work on what strangers wrote, in processes whose memory and time have a limit.

Whatever happens to one of them costs the one piece of work that it was at.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from actlab.processes import Workers

T = TypeVar("T")
R = TypeVar("R")

MEMORY = 1 << 30
COMPUTING = 60
"""Seconds, for one piece of work."""
CLOCK = 180
"""Seconds by the clock, after which the process ends."""
AHEAD = 4


class Lost(Enum):
    """Why there is no result."""

    LATE = "late"
    """It computed for too long."""
    SLOW = "slow"
    """It took too long by the clock."""
    ENDED = "ended"


class Bounded:
    """Processes that work.  computing, clock: seconds for each piece."""

    def __init__(self, workers: int, computing: float = COMPUTING, clock: float = CLOCK):
        self.workers, self.limits = workers, (computing, clock)
        self.pool = Workers(workers, _limited)
        self.alone: Workers | None = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for pool in filter(None, (self.pool, self.alone)):
            pool.shutdown(cancel_futures=True)

    def start(self) -> bool:
        """Whether a process can be started at all."""
        return self.pool.start()

    def each(self, work: Callable[[T], R], pieces: Iterable[T], lost: Callable[[T, Lost], R]) -> Iterator[tuple[T, R]]:
        """Each piece with what `work` makes of it, in the order given; a few are worked on ahead.

        lost: what stands for a piece whose time was over, or that ended its process.
        """
        running: deque[tuple[T, Future[R]]] = deque()
        for piece in pieces:
            running.append((piece, self._submit(work, piece)))
            if len(running) > AHEAD * self.workers:
                piece, future = running.popleft()
                yield piece, self._done(work, piece, future, lost)
        while running:
            piece, future = running.popleft()
            yield piece, self._done(work, piece, future, lost)

    def _submit(self, work: Callable[[T], R], piece: T) -> Future[R]:
        try:
            return self._start(self.pool, work, piece)
        except BrokenExecutor:
            self.pool.shutdown()
            self.pool = Workers(self.workers, _limited)
            return self._start(self.pool, work, piece)

    def _start(self, pool: Workers, work: Callable[[T], R], piece: T) -> Future[R]:
        return pool.submit(partial(_in_time, work, piece, *self.limits))

    def _done(self, work: Callable[[T], R], piece: T, future: Future[R], lost: Callable[[T, Lost], R]) -> R:
        since = time.monotonic()
        try:
            try:
                return future.result()
            except BrokenExecutor:  # one of those in flight ended its process: each shows alone whether it was it
                self.alone = self.alone or Workers(1, _limited)
                since = time.monotonic()
                return self._start(self.alone, work, piece).result()
        except BrokenExecutor:
            if self.alone:
                self.alone.shutdown()
            self.alone = None
            return lost(piece, Lost.SLOW if time.monotonic() - since >= self.limits[1] else Lost.ENDED)
        except _TooLong:
            return lost(piece, Lost.LATE)


class _TooLong(BaseException):
    """The time for a piece is over: no `Exception`, so that nothing takes it for a fault of what it works on."""


def _in_time(work: Callable[[Any], R], piece: Any, computing: float, clock: float) -> R:
    """What the work gives, within so many seconds of computing; at so many by the clock the process ends."""
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, computing)
    signal.setitimer(signal.ITIMER_REAL, clock)  # nobody handles this one, so it ends also what no exception can
    try:
        return work(piece)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _stop(number, frame) -> None:
    raise _TooLong


def _limited() -> None:
    """Give this process `MEMORY` beyond what it has at its start."""
    import resource

    statm = Path("/proc/self/statm")
    now = int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 0
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if now and not 0 <= hard <= now + MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
