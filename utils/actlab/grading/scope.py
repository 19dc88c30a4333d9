"""A bound on all the memory of a sandbox together, where systemd can set one.

The limits of a process (`worker.limit`) count what it has mapped. A control group counts all that the kernel holds for
it, and ends the sandbox, not its neighbour, where that is too much. It takes systemd and cgroup v2.
"""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from actlab.grading import worker

CONTROLLERS = Path("/sys/fs/cgroup/cgroup.controllers")
SPARE = 200 << 20
"""Bytes above the limit of the process: for the interpreter's files, /tmp, and what the kernel needs."""
BEYOND = 32
"""Tasks above the limit of threads: bubblewrap has a few."""
TRIAL = 'test -e "/proc/self/fd/$0" && exec id -u'
SECONDS = 10


@cache
def words(user: int) -> tuple[str, ...]:
    """What a command begins with, to run as `user` in a group of its own; nothing where that is not to be had."""
    try:
        known = {"memory", "pids"} <= set(CONTROLLERS.read_text().split())
    except OSError:
        known = False
    program = shutil.which("systemd-run")
    if not known or not program:
        return ()
    whose = ("--user",) if os.geteuid() == user else (f"--uid={user}", f"--gid={user}")
    bounds = {
        "MemoryMax": worker.MEMORY + SPARE,
        "MemorySwapMax": 0,
        "TasksMax": worker.THREADS + BEYOND,
    }
    properties = [word for name, most in bounds.items() for word in ("--property", f"{name}={most}")]
    found = (program, "--scope", "--quiet", "--collect", *whose, *properties, "--")
    return found if _works(found, user) else ()


def bus() -> dict[str, str]:
    """The variables by which systemd-run finds the user's systemd."""
    return {name: os.environ[name] for name in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS") if name in os.environ}


def _works(found: tuple[str, ...], user: int) -> bool:
    """Whether a command started in this way runs as that user, and has the descriptors that it was given."""
    handed = os.open(os.devnull, os.O_RDONLY)
    command = [*found, "/bin/sh", "-c", TRIAL, str(handed)]
    try:
        tried = subprocess.run(command, pass_fds=[handed], capture_output=True, text=True, timeout=SECONDS, check=True)
        return tried.stdout.strip() == str(user)
    except (OSError, subprocess.SubprocessError):
        return False
    finally:
        os.close(handed)
