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
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import numpy as np

from actlab.grading import worker

TMP_BYTES = 1 << 24
TMP_FILES = 1000
ROOM = f"size={TMP_BYTES},nr_inodes={TMP_FILES}"
READY, END = b"ready", b"end"
LONGEST = 100
BESIDE = 3  # processes that count as threads of a sandbox do: this one, and the two that wait
# From Linux's sched.h, mount.h, prctl.h and capability.h.
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x8000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV = 2, 4
PR_SET_CHILD_SUBREAPER, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 36, 47, 4
CAPABILITY_VERSION = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


def main(control: int) -> Callable[[], None]:
    """Fork a sandbox for each message that brings two ends of pipes, and end it when the next message comes.

    control: a socket that keeps messages apart. The first that it gives is `READY`, where sandboxes can be forked. One
    that starts a sandbox says how many seconds it may compute for; `END` is answered once all in it has ended.
    Returns what remains to be done, in a sandbox to serve it: there none of the frames of this module is left.
    """
    shell = worker.prepared()
    usual = signal.signal(signal.SIGINT, signal.SIG_DFL)  # the first process of a namespace hears what it handles
    gc.freeze()  # what is never looked at again stays shared
    running = 0
    with socket.socket(fileno=control) as grader:
        if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) or not _may_stand_apart():
            return _nothing
        grader.send(READY)
        while True:
            message, ends, _, _ = socket.recv_fds(grader, LONGEST, 2)
            if running:
                _end(running)
            running = 0
            if message == END:
                grader.send(END)
            elif not message:
                return _nothing
            else:
                running = os.fork()
                if not running:
                    grader.close()
                    _lock_in(ends)
                    signal.signal(signal.SIGINT, usual)
                    read_end, write_end = ends
                    return partial(worker.serve_all, shell, read_end, write_end, int(message), True, BESIDE)
                os.setpgid(running, running)
                for end in ends:
                    os.close(end)


def _nothing() -> None:
    pass


def _end(group: int) -> None:
    """End a sandbox, and wait until nothing of it is left."""
    os.killpg(group, signal.SIGKILL)
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _lock_in(ends: Sequence[int]) -> None:
    """Become the one process that runs submitted code; two others wait for it, of which one is its namespace's first.

    It has a session of its own, so that no signal to its group reaches them, and files 0, 1 and 2 of its own, whose
    flags it may set.
    """
    os.setpgid(0, 0)
    _stand_apart()
    _give_up_capabilities()
    for _ in range(2):
        other = os.fork()
        if other:
            for end in ends:
                os.close(end)
            os.waitpid(other, 0)
            os._exit(0)
    os.setsid()
    os.chdir("/tmp")
    null = os.open("/dev/null", os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    os.close(null)
    np.random.seed()  # noqa: NPY002  all that are forked here would begin with the same numbers


def _may_stand_apart() -> bool:
    trial = os.fork()
    if not trial:
        try:
            _stand_apart()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(trial, 0)[1] == 0


def _stand_apart() -> None:
    """Have namespaces, which begin with the next process that is forked, and a /tmp."""
    _done(libc.unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET))
    _done(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, f"mode=1777,{ROOM}".encode()))


def _give_up_capabilities() -> None:
    _done(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
    _done(libc.capset((ctypes.c_uint32 * 2)(CAPABILITY_VERSION), (ctypes.c_uint32 * 6)()))


def _done(result: int) -> None:
    """Errors: OSError where the system refused what was called."""
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
