"""What trusted side and sandbox say to each other: frames of a JSON head and raw numbers, read with suspicion.

A frame is two lengths, the head and the body. Values are arrays of whitelisted types, short texts, None, and lists of
these; towards the sandbox also whole and floating numbers and things that are made there. Nothing is ever unpickled.
This module runs on both sides and needs NumPy only.
"""

import json
import math
import os
import select
import struct
import time

import numpy as np

LENGTHS = struct.Struct("<II")
MAX_HEAD = 1 << 24
MAX_BODY = 1 << 24
MAX_TEXT = 2000
MAX_DEPTH = 4
MAX_ITEMS = 64
MAX_DIMENSIONS = 8
TYPES = ("<f8", "<f4", "<i8", "|b1")


class Broken(Exception):
    """What arrived is no frame, or nothing arrives any more."""


class Late(Exception):
    """Nothing came in time."""


class TooLarge(Exception):
    """A value that no frame holds."""


class Channel:
    """Two pipe ends. `deadline` is a time of `time.monotonic`; None waits for ever.

    longest: how long the heads may be that come in.
    """

    def __init__(self, read_end: int, write_end: int, longest: int = MAX_HEAD):
        self.read_end, self.write_end, self.longest = read_end, write_end, longest
        os.set_blocking(read_end, False)
        os.set_blocking(write_end, False)

    def send(self, head: dict, body: bytes = b"", deadline: float | None = None) -> None:
        text = json.dumps(head).encode()
        if len(text) > MAX_HEAD or len(body) > MAX_BODY:
            raise TooLarge
        left = memoryview(LENGTHS.pack(len(text), len(body)) + text + body)
        while left:
            self._wait(self.write_end, select.POLLOUT, deadline)
            try:
                left = left[os.write(self.write_end, left) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Broken from error

    def receive(self, deadline: float | None = None) -> tuple[dict, bytes]:
        head_size, body_size = LENGTHS.unpack(self._read(LENGTHS.size, deadline))
        if head_size > self.longest or body_size > MAX_BODY:
            raise Broken
        try:
            head = json.loads(self._read(head_size, deadline))
        except (ValueError, RecursionError):
            raise Broken from None
        if not isinstance(head, dict):
            raise Broken
        return head, self._read(body_size, deadline)

    def close(self) -> None:
        os.close(self.read_end)
        os.close(self.write_end)

    def _read(self, size, deadline) -> bytes:
        parts, missing = [], size
        while missing:
            self._wait(self.read_end, select.POLLIN, deadline)
            try:
                part = os.read(self.read_end, min(missing, 1 << 20))
            except BlockingIOError:
                continue
            except OSError as error:
                raise Broken from error
            if not part:
                raise Broken
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    @staticmethod
    def _wait(end, event, deadline):
        poll = select.poll()
        poll.register(end, event)
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise Late
        if not poll.poll(None if left is None else math.ceil(1000 * left)):
            raise Late


def pack(value) -> tuple[object, bytes]:
    """A value as (tree, bytes); the tree goes into a head, the bytes into a body."""
    parts: list[bytes] = []
    return _pack(value, parts), b"".join(parts)


def unpack(tree, body: bytes, make=None):
    """The value of a tree that somebody else sent; `Broken` where it makes no sense.

    make(what, detail): gives what a tree only names, such as a random generator; by default nothing may be named.
    """
    reader = _Reader(body, make)
    value = reader.value(tree, 0)
    if reader.at != len(body):
        raise Broken
    return value


def text(value) -> str:
    """A text as it may travel: a plain, short string."""
    return str.__str__(value)[:MAX_TEXT].encode("utf-8", "replace").decode()


class Made:
    """Something that the other side makes: `what` says which kind, `detail` is JSON."""

    def __init__(self, what: str, detail):
        self.what, self.detail = what, detail


def _pack(value, parts):
    if value is None:
        return None
    if isinstance(value, Made):
        return {"make": [value.what, value.detail]}
    if isinstance(value, str):
        return {"text": text(value)}
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, int):
        return {"int": int(value)}
    if isinstance(value, float):
        return {"float": float(value).hex()}
    if isinstance(value, list | tuple):
        return {"list" if isinstance(value, list) else "tuple": [_pack(item, parts) for item in value]}
    a = np.asarray(value)
    kind = a.dtype.newbyteorder("<").str
    if kind not in TYPES or a.nbytes > MAX_BODY or a.ndim > MAX_DIMENSIONS:
        raise TooLarge
    parts.append(a.astype(kind, copy=False).tobytes())
    return {"array": [kind, list(a.shape)]}


class _Reader:
    def __init__(self, body, make):
        self.body, self.make, self.at, self.items = body, make, 0, 0

    def value(self, tree, depth):
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise Broken
        if tree is None:
            return None
        if not isinstance(tree, dict) or len(tree) != 1:
            raise Broken
        ((kind, content),) = tree.items()
        if kind in ("list", "tuple") and isinstance(content, list):
            values = [self.value(item, depth + 1) for item in content]
            return values if kind == "list" else tuple(values)
        if kind == "array" and isinstance(content, list) and len(content) == 2:
            return self._array(*content)
        if kind == "text" and isinstance(content, str):
            return content[:MAX_TEXT]
        if kind in ("bool", "int") and isinstance(content, int):
            return content
        if kind == "float" and isinstance(content, str) and len(content) < 40:
            try:
                return float.fromhex(content)
            except (ValueError, OverflowError):
                raise Broken from None
        if kind == "make" and self.make and isinstance(content, list) and len(content) == 2:
            return self.make(*content)
        raise Broken

    def _array(self, kind, shape):
        if kind not in TYPES or not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
            raise Broken
        if not all(type(n) is int and 0 <= n <= MAX_BODY for n in shape):
            raise Broken
        size = math.prod(shape) * np.dtype(kind).itemsize
        if size > len(self.body) - self.at:
            raise Broken
        flat = np.frombuffer(self.body, kind, math.prod(shape), self.at) if size else np.empty(0, kind)
        self.at += size
        return flat.reshape(shape).copy()
