"""What starts the processes in which submitted code runs, and ends them.

`Forked` has bubblewrap lock in a `forkserver`, which forks one for each submission in a few milliseconds. `Each` starts
one anew, which loads Python and NumPy each time: without walls, and where a system grants what bubblewrap locks in no
capability. Both serve one sandbox at a time, and afterwards another one.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np

from actlab import learner
from actlab.grading import forkserver, runtime, scope

SECONDS = 30.0
NOBODY = 65534
FORKING = ("--cap-add", "CAP_SYS_ADMIN")
ALONE = {
    "PATH": "/usr/bin:/bin",
    "LD_LIBRARY_PATH": "/lib",
    "LANG": "C.UTF-8",
    "HOME": "/tmp",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
START = "import sys; sys.path[:0] = {path!r}; from actlab.grading.{module} import main; main{arguments}()"
PYTHON = ("-I", "-S", "-B", "-c")
# What bubblewrap cannot do, before it starts: where memory runs out the kernel is to end this sandbox, never the
# grader; and /tmp has room for so many files, since each holds memory that belongs to no process.
PREPARE = (
    "echo 1000 >/proc/self/oom_score_adj; "
    f'mount -t tmpfs -o mode=1777,nosuid,nodev,{forkserver.ROOM} tmpfs "$0" && exec "$@"'
)

Process = subprocess.Popen[bytes]


class Each:
    """A process for each sandbox.  kind: with which walls.  stderr: where it says why there is none."""

    def __init__(self, kind: str, stderr: int = subprocess.DEVNULL):
        self.kind, self.stderr = kind, stderr
        self.process: Process | None = None

    def start(self, read_end: int, write_end: int, cpu_seconds: int) -> None:
        """Have submitted code served at these ends of pipes."""
        self.process = _COMMANDS[self.kind](
            "worker", (read_end, write_end), (read_end, write_end, cpu_seconds, self.kind != "none"), self.stderr
        )
        self._stop = weakref.finalize(self, _stopped, self.process)

    def end(self) -> None:
        """End all that runs."""
        if self.process:
            self._stop()
            self.process = None

    close = end

    def last_words(self) -> str:
        """What it says on `stderr`, which is a pipe, when it is ended."""
        if not self.process or not self.process.stderr:
            return ""
        self.process.kill()
        return self.process.stderr.read(2000).decode("utf-8", "replace").strip()


class Forked:
    """Processes that one forks which bubblewrap has locked in."""

    def __init__(self) -> None:
        self.process: Process | None = None

    def open(self) -> bool:
        """Whether there is one, and it may make namespaces."""
        self.control, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(SECONDS)
        with its, ExitStack() as otherwise:
            otherwise.enter_context(self.control)
            self.process = _walled("forkserver", (its.fileno(),), (its.fileno(),), subprocess.DEVNULL, FORKING)
            otherwise.pop_all()
        self._stop = weakref.finalize(self, _stopped, self.process, self.control)
        return self._hears(forkserver.READY)

    def start(self, read_end: int, write_end: int, cpu_seconds: int) -> None:
        """Have submitted code served at these ends of pipes; where that fails nobody holds them."""
        what = [b"%d" % cpu_seconds], [read_end, write_end]
        if not self._sent(*what):  # what forked the last one has ended since
            self.close()
            if self.open():
                self._sent(*what)

    def end(self) -> None:
        """End all that runs, and be there for the next one."""
        with suppress(OSError):
            self.control.send(forkserver.END)
        if not self._hears(forkserver.END):
            self.close()

    def close(self) -> None:
        """End all, for good."""
        if self.process:
            self._stop()
            self.process = None

    def _sent(self, message: list[bytes], ends: list[int]) -> bool:
        if not self.process or self.process.poll() is not None:
            return False
        try:
            return socket.send_fds(self.control, message, ends) > 0
        except OSError:
            return False

    def _hears(self, word: bytes) -> bool:
        try:
            return self.control.recv(forkserver.LONGEST) == word
        except OSError:
            return False


Origin = Each | Forked
_idle = threading.local()  # bubblewrap ends with the thread that started it
_forks = True  # as far as is known


def borrowed(kind: str) -> Origin:
    """One of this kind that serves nobody: the one that served last in this thread, where it is still there."""
    global _forks
    idle = _idle.__dict__.setdefault("forked", [])
    if kind != "bubblewrap" or not _forks:
        return Each(kind)
    if idle:
        return idle.pop()
    made = Forked()
    if made.open():
        return made
    made.close()
    _forks = False
    return Each(kind)


def give_back(origin: Origin) -> None:
    """Keep one that has ended what it ran for the next."""
    if isinstance(origin, Forked) and origin.process:
        _idle.__dict__.setdefault("forked", []).append(origin)


def _started(command: list[str], ends: tuple[int, ...], stderr: int, **options: Any) -> Process:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        env=ALONE | scope.bus(),
        start_new_session=True,
        pass_fds=ends,
        **options,
    )


def _stopped(process: Process, *held: socket.socket) -> None:
    for one in held:
        one.close()
    process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()


def _walled(module: str, ends: tuple[int, ...], arguments: tuple, stderr: int, more: tuple[str, ...] = ()) -> Process:
    start = START.format(path=["/course", runtime.PACKAGES], module=module, arguments=arguments)
    devices = [f"/dev/{name}" for name in runtime.DEVICES]
    variables = [word for name, value in ALONE.items() for word in ("--setenv", name, value)]
    root = str(runtime.folder())
    user = os.geteuid() or NOBODY  # the kernel bounds no process of root's
    grouped = scope.words(user)
    command = [
        *grouped,
        *("unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", PREPARE, f"{root}/tmp"),
        *(
            shutil.which("bwrap") or "bwrap",
            "--unshare-all",
            "--unshare-user",  # --unshare-all only tries that one, and --disable-userns insists on it
            "--disable-userns",  # in a user namespace of its own, code would have every capability again
            "--uid",
            str(NOBODY),
            "--gid",
            str(NOBODY),
        ),
        # A new session, so that nothing can be typed into the terminal of whoever grades.
        *("--cap-drop", "ALL", *more, "--new-session", "--die-with-parent", "--hostname", "sandbox"),
        *("--clearenv", *variables, "--ro-bind", root, "/", "--bind", f"{root}/tmp", "/tmp"),
        *(word for device in devices for word in ("--dev-bind", device, device)),
        *("--chdir", "/tmp", "/python/bin/python3", *PYTHON, start),
    ]
    as_nobody = {"user": user, "group": user, "extra_groups": []} if user != os.geteuid() and not grouped else {}
    return _started(command, ends, stderr, **as_nobody)


def _unwalled(module: str, ends: tuple[int, ...], arguments: tuple, stderr: int) -> Process:
    path = [str(Path(learner.__file__).parents[1]), str(Path(np.__file__).parents[1])]
    start = START.format(path=path, module=module, arguments=arguments)
    return _started([sys.executable, *PYTHON, start], ends, stderr)


_COMMANDS: dict[str, Callable[..., Process]] = {"bubblewrap": _walled, "none": _unwalled}
