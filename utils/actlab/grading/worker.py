"""The side of the sandbox: runs submitted cells, calls what they define, and sends back plain numbers.

Submitted code shares this interpreter and may change anything in it. Nothing here knows an answer, and the trusted
side believes nothing but the values that come back for the arguments it chose.
"""

import builtins
import contextlib
import importlib
import resource
import sys
from collections.abc import Callable
from functools import partial

import numpy as np

from actlab import learner
from actlab.grading import absent, seccomp, wire
from actlab.grading.shell import QUOTED, Shell
from actlab.learner import Kind, Trouble

MEMORY = 1 << 30
FILE = 1 << 24
THREADS = 32
FILES = 64
LISTED = 16
SWITCH_SECONDS = 5e-4  # threads that a submission left running must not slow down every answer
THERE = "only NumPy, the standard library and the notebook itself are"
GIVEN_AWAY = ("display", "exit", "quit", "help")


def main(read_end: int, write_end: int, cpu_seconds: int, walled: bool) -> Callable[[], None]:
    """Have all in place; what is returned is `serve_all`."""
    return partial(serve_all, prepared(), read_end, write_end, cpu_seconds, walled)


def prepared() -> Shell:
    """Have all in place that submitted cells find, before there are any."""
    warm_up()
    namespace = sys.modules["__main__"].__dict__
    shell = Shell(namespace)
    sys.meta_path.insert(0, absent.Finder())
    for name in [name for name in sys.modules if name.partition(".")[0] == "actlab"]:
        del sys.modules[name]
    vars(importlib.import_module("IPython")).update(get_ipython=shell.get_ipython)
    namespace |= {"__name__": "__main__", "__builtins__": builtins}
    namespace |= {name: absent.Absent("IPython") for name in GIVEN_AWAY}
    return shell


def serve_all(shell: Shell, read_end: int, write_end: int, cpu_seconds: int, walled: bool, beside: int = 0) -> None:
    """Serve requests until the other side hangs up.

    walled: whether this process runs in a sandbox, and has to give up all system calls but those it needs.
    beside: how many processes of the grader's count as threads of this one do.
    """
    limit(cpu_seconds, THREADS + beside)
    if walled:
        seccomp.load()
    sys.setswitchinterval(SWITCH_SECONDS)
    channel = wire.Channel(read_end, write_end)
    channel.send({"ready": True})
    with contextlib.suppress(wire.Broken):
        while True:
            serve(channel, shell)


def warm_up() -> None:
    """Have loaded what NumPy loads late: a student who used up files or memory has it still."""
    np.eye(64) @ np.eye(64)
    np.random.default_rng(0).normal()


def limit(cpu_seconds: int, threads: int) -> None:
    """Bound what this process may use, for good; other systems than Linux have no sandbox to bound anything in."""
    if sys.platform != "linux":
        return
    for what, most in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_NPROC, threads),
        (resource.RLIMIT_CORE, 1),  # with 0 a program that the system pipes dumps to would still be started
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, FILES),
    ):
        resource.setrlimit(what, (most, most))


def serve(channel: wire.Channel, shell: Shell) -> None:
    """Answer the requests of one frame, each as soon as it can be; none any more after a call that took too long."""
    head, body = channel.receive()
    if "do" not in head:  # what a function gave that was asked for in a call which was then interrupted
        return
    for number, request in enumerate(head["do"], head["id"]):
        mine, body = body[: request["size"]], body[request["size"] :]
        answer, sent = answered(channel, request, mine, shell)
        channel.send(answer | {"id": number}, sent)
        if request["do"] == "call" and answer.get("trouble", [""])[0] == Kind.TIME:
            break


def answered(channel: wire.Channel, request: dict, body: bytes, shell: Shell) -> tuple[dict, bytes]:
    """The answer to one request. `without` names a library that a call asked for numbers, and that is not there."""
    namespace = shell.namespace
    noted = set()
    absent.asked.clear()
    try:
        if request["do"] == "cell":
            value = run(request["source"], request["label"], shell, request["seconds"])
        elif request["do"] == "read":
            value = letter(namespace.get(request["name"]))
        elif request["do"] == "numbers":
            value = namespace.get(request["name"])
            value = letter(value) if value is None or value is ... or isinstance(value, str) else plain(value)
        else:
            with learner.noting() as noted:
                value = called(channel, request, body, namespace)
        tree, body = wire.pack(value)
        answer = {"value": tree}
    except Trouble as trouble:
        answer, body = {"trouble": [trouble.kind, wire.text(trouble.words), wire.text(trouble.error)]}, b""
    except wire.TooLarge:
        words = f"The result{_shaped(value)} is larger than any that is asked for here."
        answer, body = {"trouble": [Kind.SHAPE, words, ""]}, b""
    except BaseException as error:
        kind = type(error).__name__
        answer, body = {"trouble": [Kind.ERROR, wire.text(f"Python was stopped by {kind}."), wire.text(kind)]}, b""
    return answer | {"without": next(iter(absent.asked), ""), "noted": sorted(noted)}, body


def run(cell: str, label: str, shell: Shell, seconds: float) -> str | None:
    """Run one cell; what failed in it while the rest ran, if anything did. `Trouble` says how it ended early."""

    def running():
        return [shell.run(cell, label)]

    running.__name__ = ""
    try:
        (trouble,) = learner.call(running, seconds=seconds, computing=True, quoted=QUOTED)
    finally:
        absent.before.update(absent.asked)
    return trouble and trouble.sentence


def called(channel: wire.Channel, request: dict, body: bytes, namespace: dict):
    """What a submitted function returns, in arrays."""
    name = request["name"]
    if namespace.get(name) is None:
        raise Trouble(Kind.STUB, f"there is no `{name}`")
    args = wire.unpack(request["args"], body, lambda kind, detail: MAKERS[kind](channel, detail))
    f, seconds = namespace[name], request["seconds"]
    value = learner.call(f, *args, seconds=seconds, computing=True, quoted=QUOTED)
    before = dict(absent.asked)
    absent.asked.clear()
    value = plain(value)
    if absent.asked:
        raise _from(absent.asked.popitem()[0])
    absent.asked.update(before)
    if any(np.isnan(got).any() for got in (value if isinstance(value, list) else [value])):
        absent.asked.update(absent.before)
    return value


class Generator:
    """A random generator that `learner.call` makes: one for each call, which no copy has to keep apart."""

    def __init__(self, channel: wire.Channel, seed: int):
        self.seed = seed

    def make(self):
        return np.random.default_rng(self.seed)


def function(channel: wire.Channel, number: int):
    """A function that the trusted side evaluates: argument `number` of the call that is being answered."""

    def given(z):
        tree, body = wire.pack(learner.array(z))
        channel.send({"asks": number, "value": tree}, body)
        answer, body = channel.receive()
        if "error" in answer:
            raise ValueError(answer["error"])
        return wire.unpack(answer["value"], body)[()]

    return given


MAKERS = {"generator": Generator, "function": function}


def plain(value):
    """The value in arrays of numbers; a short list or tuple stays one, since several things may be meant."""
    if isinstance(value, absent.Absent):
        raise _from(value._library)
    if isinstance(value, list | tuple) and len(value) <= LISTED:
        with contextlib.suppress(Trouble):
            values = [learner.array(item) for item in value]
            return tuple(values) if isinstance(value, tuple) else values
    return learner.array(value)


def _shaped(value) -> str:
    return f" has shape {value.shape}, which" if isinstance(value, np.ndarray) else ""


def _from(library: str) -> Trouble:
    return Trouble(Kind.ERROR, f"the result comes from {library}, which is not there while homework is graded: {THERE}")


def letter(value):
    """The answer to a multiple choice as a text, or None where there is none."""
    if value is None or value is ...:
        return None
    return value if isinstance(value, str) else f"({type(value).__name__})"
