"""Where sandboxes come from: a process that has Python, NumPy and `worker` ready, and forks one for each submission.

bubblewrap locks this process in, and it never runs submitted code. What it forks gets processes, files, /tmp and
network of its own, apart from those of all others, and has given up every capability before anything is read. It ends
with all that runs in it, and nothing of it is there when the next one is forked.

It needs to be allowed to make namespaces, and holds that one capability in the user namespace that bubblewrap made.
"""

import ctypes
import gc
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from typing import NoReturn

import numpy as np

from actlab.grading import worker
from actlab.grading.shell import Shell

TMP_BYTES = 1 << 24
TMP_FILES = 1000
ROOM = f"size={TMP_BYTES},nr_inodes={TMP_FILES}"
READY, END = b"ready", b"end"
LONGEST = 100
# From Linux's sched.h, mount.h, prctl.h and capability.h.
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x8000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV = 2, 4
PR_SET_CHILD_SUBREAPER, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 36, 47, 4
CAPABILITY_VERSION = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


def main(control: int) -> None:
    """Fork a sandbox for each message that brings two ends of pipes, and end it when the next message comes.

    control: a socket that keeps messages apart. The first that it gives is `READY`, where sandboxes can be forked. One
    that starts a sandbox says how many seconds it may compute for; `END` is answered once all in it has ended.
    """
    shell = worker.prepared()
    gc.freeze()  # what is never looked at again stays shared
    running = 0
    with socket.socket(fileno=control) as grader:
        if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) or not _forked(_stand_apart):
            return
        grader.send(READY)
        while True:
            message, ends, _, _ = socket.recv_fds(grader, LONGEST, 2)
            _end(running)
            running = 0
            if message == END:
                grader.send(END)
            elif not message:
                return
            else:
                running = os.fork()
                if not running:
                    _only(partial(_lock_in, grader, shell, ends[0], ends[1], int(message)))
                os.setpgid(running, running)
                for end in ends:
                    os.close(end)


def _end(group: int) -> None:
    """End a sandbox, and wait until nothing of it is left."""
    if not group:
        return
    os.killpg(group, signal.SIGKILL)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _lock_in(grader: socket.socket, shell: Shell, read_end: int, write_end: int, cpu_seconds: int) -> None:
    """The first process of a sandbox, which waits for the others."""
    grader.close()
    os.setpgid(0, 0)
    _stand_apart()
    serving = partial(_serve, shell, read_end, write_end, cpu_seconds)
    _forked(partial(_forked, serving, read_end, write_end), read_end, write_end)


def _stand_apart() -> None:
    """Have namespaces, which begin with the next process that is forked, and a /tmp."""
    _done(libc.unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET))
    _done(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, f"mode=1777,{ROOM}".encode()))


def _serve(shell: Shell, read_end: int, write_end: int, cpu_seconds: int) -> None:
    """The one that runs submitted code, in a session of its own, so that its signals reach no other."""
    os.setsid()
    os.chdir("/tmp")
    _give_up_capabilities()
    np.random.seed()  # noqa: NPY002  all that are forked here would begin with the same numbers
    worker.serve_all(shell, read_end, write_end, cpu_seconds, walled=True)


def _give_up_capabilities() -> None:
    _done(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
    _done(libc.capset((ctypes.c_uint32 * 2)(CAPABILITY_VERSION), (ctypes.c_uint32 * 6)()))


def _forked(run: Callable[[], object], *ends: int) -> bool:
    """Whether something does not fail in a process of its own; this one lets go of these files and waits."""
    other = os.fork()
    if not other:
        _only(run)
    for end in ends:
        os.close(end)
    return os.waitpid(other, 0)[1] == 0


def _only(run: Callable[[], object]) -> NoReturn:
    """All that a process does."""
    status = 1
    try:
        run()
        status = 0
    finally:
        os._exit(status)


def _done(result: int) -> None:
    """Errors: OSError where the system refused what was called."""
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
