"""Files that several processes use, or that have to outlive one that dies while it writes."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file in one step: whoever reads it, or dies writing it, finds the old one or the new one, both whole."""
    draft = path.with_name(f".draft-{secrets.token_hex(8)}")  # known before it is there: Ctrl-C may come at any step
    try:
        with open(draft, "xb", opener=partial(os.open, mode=0o600)) as stream:
            stream.write(data)
        draft.chmod(mode)
        draft.replace(path)
    except OSError as error:
        error.filename = str(path)  # the draft is nobody's concern
        raise
    finally:
        with suppress(OSError):
            draft.unlink()


@contextmanager
def locked(path: Path, waiting: Callable[[], None] = lambda: None, patience: float | None = None) -> Iterator[None]:
    """Be the only one at work on what the lock file at `path` stands for; the file itself says nothing, and stays.

    The lock is the system's: it ends with the process that holds it, however that ends.
    waiting: called when another one has to end first.
    patience: seconds after which to go on without the lock, also where a disk knows no locks.  None: never.
    """
    if sys.platform == "emscripten":  # a page's kernel shares its files with no other, and has no locks
        yield
        return
    from filelock import FileLock, Timeout  # a tenth of a second, which a notebook spends at its first check

    lock = FileLock(path, mode=0o600)  # whoever may open it, may hold it
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire(timeout=-1 if patience is None else patience)
    except (OSError, NotImplementedError):
        if patience is None:
            raise
    try:
        yield
    finally:
        lock.release()
