"""Processes that work for another one."""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any


def stay_with(parent: int) -> None:
    """Let this process end with the one that started it, and leave Ctrl-C to that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


@contextmanager
def undisturbed() -> Iterator[None]:
    """A process that is started in here does not hear of Ctrl-C before `stay_with`; this one hears of it afterwards.

    The mask is for the process that is started. Here another thread may take the signal, and Python would interrupt the
    main one all the same.
    """
    if sys.platform == "win32":
        yield
        return
    heard: list[int] = []
    usual = signal.getsignal(signal.SIGINT) if threading.current_thread() is threading.main_thread() else None
    if usual is not None:
        signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if usual is not None:
            signal.signal(signal.SIGINT, usual)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _said() -> Iterator[None]:
    """An error of the system says what it was that could not be done."""
    try:
        yield
    except OSError as error:
        why = f"{error.strerror or error}: no process can be started beside this one"
        raise OSError(error.errno, f"{why}; make room in memory and in /dev/shm, or end other programs") from None


_OPEN: set[ProcessPoolExecutor] = set()


class Workers(ProcessPoolExecutor):
    """So many processes, started when there is work.  prepare: what each begins with, after `stay_with`.

    In a process that is itself still being started they end it: a script calls what starts them, and each of them reads
    that script once more.

    Whoever ends them waits until they have ended, also after an error, and they are not forgotten before: Python waits
    at its own end in any case, and up to 3.11 a thread that is just then about to end as well may make it write a
    traceback.

    Errors: OSError where the system has no room for one more.
    """

    def __init__(self, many: int, prepare: Callable[[], None] | None = None):
        if getattr(multiprocessing.current_process(), "_inheriting", False):
            raise SystemExit(1)
        context = multiprocessing.get_context("spawn")
        with _said():
            super().__init__(many, context, initializer=_begin, initargs=(os.getpid(), prepare))
        _OPEN.add(self)

    def submit(self, *work: Any, **options: Any) -> Future[Any]:
        """The same as that of every executor."""
        with _said(), undisturbed():
            return super().submit(*work, **options)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """The same as that of every executor."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        _OPEN.discard(self)

    def start(self) -> bool:
        """Whether a process starts and does what it is told."""
        try:
            return self.submit(os.getpid).result() > 0
        except BrokenExecutor:
            return False


def _begin(parent: int, prepare: Callable[[], None] | None) -> None:
    stay_with(parent)
    if prepare:
        prepare()
