"""One process that runs submitted code and can do nothing else.

It sees a small read-only folder with Python and NumPy, a /tmp of its own and four devices; no network, no other
process, no environment, no user of this computer. bubblewrap builds that; `worker` bounds what the process may use,
and gives up the system calls that it does not need (`seccomp`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from actlab import learner
from actlab.errors import CourseError
from actlab.grading import origin, scope, seccomp, wire, worker

START_SECONDS = 30.0
LONGEST_ANSWER = 1 << 16
BRIEF = 0.05  # seconds that are not worth asking where they went
ESCAPED = 12  # bytes of a head for a character of a cell, at most
MAX_QUESTIONS, MAX_ASKED = 10_000, 1 << 24
TOO_MANY = "the given function was called too often, or for too many numbers"
CPU_OF_PROCESS = 2  # in the number of a clock that belongs to a process, as Linux's posix-timers.h has it


class NoSandbox(CourseError):
    """Why submitted code cannot be locked in here, and what to do, in sentences."""


class Request(NamedTuple):
    """What is asked, with the numbers that belong to it.  functions: what the code inside may call meanwhile."""

    what: dict
    body: bytes = b""
    functions: Sequence = ()


def batches(requests: Iterable[Request]) -> Iterator[list[Request]]:
    """The requests, as many together as one frame holds for certain."""
    batch: list[Request] = []
    room = wire.MAX_BODY
    for one in requests:
        size = len(one.body) + ESCAPED * len(one.what.get("source", ""))
        if batch and size > room:
            yield batch
            batch, room = [], wire.MAX_BODY
        batch.append(one)
        room -= size
    if batch:
        yield batch


class Sandbox:
    """A running worker. `Late` and `Broken` of `wire` say that it has to be closed; closing ends what runs in it."""

    def __init__(self, kind: str = "bubblewrap", cpu_seconds: float = 100.0, source: origin.Origin | None = None):
        ends: list[int] = []
        try:
            ends += os.pipe()
            ends += os.pipe()
            its_read, mine_write, mine_read, its_write = ends
            self.source, self.lent = source or origin.borrowed(kind), source is None
            self.source.start(its_read, its_write, max(1, int(cpu_seconds)))
        except BaseException:
            for end in ends:
                os.close(end)
            raise
        os.close(its_read)
        os.close(its_write)
        self.channel = wire.Channel(mine_read, mine_write, LONGEST_ANSWER)
        self.asked = self.answered = 0
        self.worker, self.sound = 0, True
        self.queued = 0.0

    def wait(self) -> None:
        """Wait until it is ready."""
        with self._noting_its_end():
            head, _ = self.channel.receive(wire.within(START_SECONDS))
        if head != {"ready": True} or not self.source.process:
            raise wire.Broken
        self.worker = _innermost(self.source.process.pid)

    def spending(self, since: float | None = None) -> Callable[[], float]:
        """A clock that starts now: the seconds that the code inside has computed for, seen from here.

        One that sleeps is charged a part of the time that passes (`learner.PATIENCE`); waiting for a processor is free.
        since: what `computed` said where its computing counts from; now where nothing is said.
        """
        began, queued = time.monotonic(), self.queued
        computed = self.computed() if since is None else since

        def spent() -> float:
            passed, used = time.monotonic() - began, self.computed() - computed
            if passed > learner.PATIENCE * used + BRIEF:
                self.queued = self._queued()
                passed -= max(0.0, self.queued - queued)
            return max(passed / learner.PATIENCE, used)

        return spent

    def computed(self) -> float:
        """The seconds that the code inside has computed for, since it was started."""
        try:
            return time.clock_gettime(~self.worker << 3 | CPU_OF_PROCESS)
        except OSError:
            return 0.0

    def _queued(self) -> float:
        """How many seconds the one of its threads that waited most has waited for a processor.

        Not all of them together: many would pay with each other's waiting for the sleep of one.  0 where the kernel
        does not count it.
        """
        waited = 0
        with suppress(OSError):
            for thread in Path(f"/proc/{self.worker}/task").iterdir():
                waited = max(waited, int((thread / "schedstat").read_text().split()[1]))
        return waited / 1e9

    def send(self, requests: Sequence[Request], left: Callable[[], float]) -> None:
        """Send requests, as many as `batches` puts together; `receive` gives the answers, in the same order.

        left: how many seconds there are left for sending them.
        """
        head = {"id": self.asked + 1, "do": [one.what | {"size": len(one.body)} for one in requests]}
        self.answered, self.asked = self.asked, self.asked + len(requests)
        with self._noting_its_end():
            self.channel.send(head, b"".join(one.body for one in requests), left)

    def receive(self, left: Callable[[], float], functions: Sequence = ()) -> tuple[dict, bytes]:
        """The next answer; on the way there, evaluate what the code inside may call.

        left: how many seconds there are left for it.
        """
        self.answered += 1
        questions = asked = 0
        while True:
            with self._noting_its_end():
                head, body = self.channel.receive(left)
            if "asks" not in head:
                break
            number = head["asks"]
            if type(number) is not int or not 0 <= number < len(functions):
                raise wire.Broken
            if left() <= 0:  # questions that are there already do not wait, and must not go on for ever
                raise wire.Late
            questions, asked = questions + 1, asked + len(body)
            if questions > MAX_QUESTIONS or asked > MAX_ASKED:
                self.channel.send({"error": TOO_MANY}, b"", left)
            else:
                self.channel.send(*_evaluated(functions[number], wire.unpack(head.get("value"), body)), left)
        if head.pop("id", None) != self.answered:
            raise wire.Broken
        return head, body

    def close(self) -> None:
        self.channel.close()
        if self.sound:
            self.source.end()
        else:  # what ended it, such as systemd where memory ran out, may be about to end what is beside it
            self.source.close()
        if self.lent:
            origin.give_back(self.source)

    @contextmanager
    def _noting_its_end(self) -> Iterator[None]:
        try:
            yield
        except wire.Broken:
            self.sound = False
            raise

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def _evaluated(f, z) -> tuple[dict, bytes]:
    try:
        with np.errstate(all="ignore"):
            tree, body = wire.pack(np.asarray(f(z), float))
    except Exception as error:
        return {"error": wire.text(f"{error}")}, b""
    return {"value": tree}, body


def require(kind: str) -> None:
    """Raise `NoSandbox` where a sandbox of this kind does not start."""
    for program, package in (("bwrap", "bubblewrap"), ("unshare", "util-linux"), ("mount", "mount")):
        if kind == "bubblewrap" and not shutil.which(program):
            raise NoSandbox(f"{package} is not installed here. {_WAYS_OUT}")
    if kind == "bubblewrap" and not seccomp.known_machine():
        raise NoSandbox(f"The system calls of this kind of processor are not known to actlab. {_WAYS_OUT}")
    source = origin.Each(kind, subprocess.PIPE)
    with Sandbox(source=source) as trial:
        try:
            trial.wait()
        except (wire.Broken, wire.Late):
            said = source.last_words() or "it says nothing"
            raise NoSandbox(f"The sandbox does not start here: {said}. {_WAYS_OUT}") from None


def bounds() -> str:
    """What bounds the memory of submitted code here, in a sentence."""
    most = f"{worker.MEMORY >> 20} MB"
    if scope.words(os.geteuid() or origin.NOBODY):
        return f"Submitted code gets {most} of memory, and systemd bounds all that its sandbox holds."
    return (
        f"Submitted code gets {most} of memory, as a process; there is no systemd with cgroup v2 here that would bound "
        "what the kernel holds for it as well."
    )


_WAYS_OUT = (
    "Without it submitted code could read answers, change scores and touch your files, so actlab does not grade. "
    "Ways out: on Debian or Ubuntu `sudo apt install bubblewrap util-linux mount`; on macOS or Windows grade in a "
    "Linux container (docs/grading.md has the command); or, for code you trust as your own, `--sandbox none`, which is "
    "none."
)


def _innermost(pid: int) -> int:
    """The process that `pid` started, and which started none itself."""
    with suppress(OSError):
        while started := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            pid = int(started[0])
    return pid
