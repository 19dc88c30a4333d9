"""What trusted side and sandbox say to each other: frames of a JSON head and raw numbers, read with suspicion.

A frame is two lengths, the head and the body. Requests travel many to a frame, and each is answered by a frame of its
own. Values are arrays of whitelisted types, short texts, numbers, truth
values, None, and lists of these; towards the sandbox also things that are made there. Nothing is ever unpickled.
This module runs on both sides and needs NumPy only.
"""

import json
import math
import os
import select
import struct
import time
from collections.abc import Callable

import numpy as np

LENGTHS = struct.Struct("<II")
MAX_HEAD = 1 << 24
MAX_BODY = 1 << 21
MAX_TEXT = 2000
MAX_DEPTH = 4
MAX_ITEMS = 64
MAX_DIMENSIONS = 8
MAX_NUMBERS = MAX_BODY // 8
ASKED_AGAIN = 0.2
AT_ONCE = 1 << 16
TYPES = ("<f8", "<f4", "<f2", "<i8", "|b1")


class Broken(Exception):
    """What arrived is no frame, or nothing arrives any more."""


class Late(Exception):
    """Nothing came in time."""


class TooLarge(Exception):
    """A value that no frame holds."""


def within(seconds: float) -> Callable[[], float]:
    """What is left of so many seconds from now."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


class Channel:
    """Two pipe ends. `left` says how many seconds may still pass, and is asked again meanwhile; None waits for ever.

    longest: how long the heads may be that come in.
    """

    def __init__(self, read_end: int, write_end: int, longest: int = MAX_HEAD):
        self.read_end, self.write_end, self.longest = read_end, write_end, longest
        self.unread = bytearray()
        os.set_blocking(read_end, False)
        os.set_blocking(write_end, False)

    def send(self, head: dict, body: bytes = b"", left: Callable[[], float] | None = None) -> None:
        text = json.dumps(head).encode()
        if len(text) > MAX_HEAD or len(body) > MAX_BODY:
            raise TooLarge
        unsent = memoryview(LENGTHS.pack(len(text), len(body)) + text + body)
        while unsent:
            try:
                unsent = unsent[os.write(self.write_end, unsent) :]
            except BlockingIOError:
                self._wait(self.write_end, select.POLLOUT, left)
            except OSError as error:
                raise Broken from error

    def receive(self, left: Callable[[], float] | None = None) -> tuple[dict, bytes]:
        self._wait_for(LENGTHS.size, left)
        head_size, body_size = LENGTHS.unpack_from(self.unread)
        if head_size > self.longest or body_size > MAX_BODY:
            raise Broken
        start, end = LENGTHS.size + head_size, LENGTHS.size + head_size + body_size
        self._wait_for(start, left)
        try:
            head = json.loads(self.unread[LENGTHS.size : start].decode())
        except (ValueError, RecursionError):
            raise Broken from None
        if not isinstance(head, dict):
            raise Broken
        self._wait_for(end, left)
        body = bytes(self.unread[start:end])
        del self.unread[:end]
        return head, body

    def close(self) -> None:
        os.close(self.read_end)
        os.close(self.write_end)

    def _wait_for(self, size, left):
        """Have at least so many bytes that are not read yet."""
        while len(self.unread) < size:
            try:
                part = os.read(self.read_end, AT_ONCE)
            except BlockingIOError:
                self._wait(self.read_end, select.POLLIN, left)
                continue
            except OSError as error:
                raise Broken from error
            if not part:
                raise Broken
            self.unread += part

    @staticmethod
    def _wait(end, event, left):
        poll = select.poll()
        poll.register(end, event)
        while True:
            seconds = None if left is None else left()
            if seconds is not None and seconds <= 0:
                raise Late
            if poll.poll(None if seconds is None else math.ceil(1000 * min(seconds, ASKED_AGAIN))):
                return


def pack(value) -> tuple[object, bytes]:
    """A value as (tree, bytes); the tree goes into a head, the bytes into a body."""
    parts: list[bytes] = []
    tree = _pack(value, parts)
    if sum(map(len, parts)) > MAX_BODY:
        raise TooLarge
    return tree, b"".join(parts)


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
    if type(value) is np.ndarray:
        return _packed(value, parts)
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
    return _packed(np.asarray(value), parts)


def _packed(a, parts):
    kind = a.dtype.newbyteorder("<").str
    if kind not in TYPES or a.size > MAX_NUMBERS or a.ndim > MAX_DIMENSIONS:
        raise TooLarge
    parts.append(a.astype(kind, copy=False).tobytes())
    return {"array": [kind, list(a.shape)]}


class _Reader:
    def __init__(self, body, make):
        self.body, self.make, self.at, self.items, self.numbers = body, make, 0, 0, 0

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
        if not all(type(n) is int and 0 <= n <= MAX_NUMBERS for n in shape):
            raise Broken
        count = math.prod(shape)
        size = count * np.dtype(kind).itemsize
        self.numbers += count
        if size > len(self.body) - self.at or self.numbers > MAX_NUMBERS:
            raise Broken
        flat = np.frombuffer(self.body, kind, count, self.at) if size else np.empty(0, kind)
        self.at += size
        try:
            return flat.reshape(shape).copy()
        except ValueError:  # an empty array whose other lengths no address reaches
            raise Broken from None
