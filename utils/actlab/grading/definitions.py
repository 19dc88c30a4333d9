"""What a notebook defines, as far as its text shows: nothing is run, and a cell need not even parse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

MAX_NAMES = 500
_NAME = r"[^\W\d]\w{0,80}"
_DEFINED = re.compile(
    rf"^(?:(?:async[ ]+)?(?:def|class)[ ]+(?P<block>{_NAME})"
    rf"|(?P<assigned>{_NAME}(?:[ ]*,[ ]*{_NAME}){{0,9}})[ ]*(?::[^=\n]{{0,80}})?=(?!=)"
    rf"|(?:from[ ]+\S{{1,80}}[ ]+)?import[ ]+(?P<imported>[^\n#(]{{1,200}}))",
    re.MULTILINE,
)
_METHOD = re.compile(rf"^(?P<margin>class[ ]+(?P<owner>{_NAME})|\S)|^[ \t]+def[ ]+(?P<name>{_NAME})", re.MULTILINE)


def defined(code: str) -> set[str]:
    """The names that are defined or imported at the left margin."""
    return set(islice(dict.fromkeys(_definitions(code)), MAX_NAMES))


def blocks(text: str) -> tuple[str, ...]:
    """The names of the functions and classes at the left margin."""
    found = (match["block"] for match in _DEFINED.finditer(text) if match["block"])
    return tuple(islice(dict.fromkeys(found), MAX_NAMES))


def methods(code: str) -> dict[str, str]:
    """The names of the functions that are defined inside a class -> that class."""
    found: dict[str, str] = {}
    owner = ""
    for match in _METHOD.finditer(code):
        if match["margin"]:
            owner = match["owner"] or ""
        elif owner:
            found.setdefault(match["name"], owner)
    return found


def _definitions(code: str) -> Iterator[str]:
    for match in _DEFINED.finditer(code):
        if match["imported"]:
            yield from (part.split(" as ")[-1].strip() for part in match["imported"].split(","))
        else:
            yield from (part.strip() for part in (match["block"] or match["assigned"]).split(","))
