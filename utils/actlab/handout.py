"""What a hand-out says of itself: whom it was made for, and a fingerprint that proves it to whoever has the secret."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

LONGEST_ID = 100
_LINE = re.compile(rf"[Hh]and-out ([0-9a-f]{{8}})(?: for ([^\n]{{1,{LONGEST_ID}}}?))?, keep this line")


class Claim(NamedTuple):
    """The student's id, "" where the hand-out is for everybody, and 8 hexadecimal digits, "" where there are none."""

    student: str
    fingerprint: str = ""

    @property
    def line(self) -> str:
        """The claim in words, which survive every conversion of a notebook."""
        return f"hand-out {self.fingerprint}{f' for {self.student}' if self.student else ''}, keep this line"


def claims(text: str) -> Iterator[Claim]:
    """The claims whose lines stand in a text."""
    return (Claim(found[2] or "", found[1]) for found in _LINE.finditer(text))


def renamed(text: str, name: Callable[[str], str]) -> str:
    """The text, in which each claim is for whom `name` makes of whom it was for."""
    return _LINE.sub(
        lambda found: found[0].replace(f" for {found[2]}", f" for {name(found[2])}") if found[2] else found[0], text
    )
