"""The side of the sandbox: runs submitted cells, calls what they define, and sends back plain numbers.

Submitted code shares this interpreter and may change anything in it. Nothing here knows an answer, and the trusted
side believes nothing but the values that come back for the arguments it chose.
"""

import builtins
import contextlib
import copy
import linecache
import resource
import sys

import numpy as np

from actlab import learner
from actlab.grading import absent, seccomp, source, wire
from actlab.learner import Kind, Trouble

MEMORY = 1 << 30
FILE = 1 << 24
THREADS = 32
FILES = 64
LISTED = 16
QUOTED = 60
SWITCH_SECONDS = 5e-4  # threads that a submission left running must not slow down every answer
GIVEN_AWAY = ("display", "get_ipython")


def main(read_end: int, write_end: int, cpu_seconds: int, walled: bool) -> None:
    """Serve requests until the other side hangs up.

    walled: whether this process runs in a sandbox, and has to give up all system calls but those it needs.
    """
    warm_up()
    limit(cpu_seconds)
    if walled:
        seccomp.load()
    sys.setswitchinterval(SWITCH_SECONDS)
    sys.meta_path.insert(0, absent.Finder())
    for name in [name for name in sys.modules if name.partition(".")[0] == "actlab"]:
        del sys.modules[name]
    namespace = {"__name__": "__main__", "__builtins__": builtins}
    namespace |= {name: absent.Absent("IPython") for name in GIVEN_AWAY}
    sys.modules["__main__"].__dict__.update(namespace)
    channel = wire.Channel(read_end, write_end)
    channel.send({"ready": True})
    with contextlib.suppress(wire.Broken):
        while True:
            serve(channel, sys.modules["__main__"].__dict__)


def warm_up() -> None:
    """Have loaded what NumPy loads late: a student who used up files or memory has it still."""
    np.eye(64) @ np.eye(64)
    copy.deepcopy(np.random.default_rng(0))


def limit(cpu_seconds: int) -> None:
    """Bound what this process may use, for good; other systems than Linux have no sandbox to bound anything in."""
    if sys.platform != "linux":
        return
    for what, most in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_NPROC, THREADS),
        (resource.RLIMIT_CORE, 1),  # with 0 a program that the system pipes dumps to would still be started
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, FILES),
    ):
        resource.setrlimit(what, (most, most))


def serve(channel: wire.Channel, namespace: dict) -> None:
    """Answer one request."""
    request, body = channel.receive()
    try:
        if request["do"] == "cell":
            run(request["source"], request["label"], namespace, request["seconds"])
            value = None
        elif request["do"] == "read":
            value = letter(namespace.get(request["name"]))
        else:
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
    channel.send(answer | {"id": request["id"]}, body)


def run(cell: str, label: str, namespace: dict, seconds: float) -> None:
    """Run one cell; `Trouble` says how it failed."""

    def running():
        text = source.python(cell)
        linecache.cache[label] = len(text), None, text.splitlines(keepends=True), label
        exec(compile(text, label, "exec"), namespace)
        return True

    running.__name__ = ""
    learner.call(running, seconds=seconds, computing=True, quoted=QUOTED)


def called(channel: wire.Channel, request: dict, body: bytes, namespace: dict):
    """What a submitted function returns, in arrays."""
    name = request["name"]
    if namespace.get(name) is None:
        raise Trouble(Kind.STUB, f"there is no `{name}`")
    args = wire.unpack(request["args"], body, lambda kind, detail: MAKERS[kind](channel, detail))
    f, seconds = namespace[name], request["seconds"]
    return plain(learner.call(f, *args, seconds=seconds, computing=True, quoted=QUOTED))


def generator(channel: wire.Channel, seed: int):
    """A fresh random generator."""
    return np.random.default_rng(seed)


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


MAKERS = {"generator": generator, "function": function}


def plain(value):
    """The value in arrays of numbers; a short list or tuple stays one, for functions that return several things."""
    if isinstance(value, absent.Absent):
        raise Trouble(Kind.ERROR, f"the result comes from {value.library}, which is not there while homework is graded")
    if isinstance(value, list | tuple) and len(value) <= LISTED:
        with contextlib.suppress(Trouble):
            return [learner.array(item) for item in value]
    return learner.array(value)


def _shaped(value) -> str:
    return f" has shape {value.shape}, which" if isinstance(value, np.ndarray) else ""


def letter(value):
    """The answer to a multiple choice as a text, or None where there is none."""
    if value is None or value is ...:
        return None
    return value if isinstance(value, str) else f"({type(value).__name__})"
