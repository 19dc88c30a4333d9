"""How the course writes what it says."""

import re

NUMBERS = dict(enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1))
NUMBERS |= {100: "a hundred"}
_NEGATIVE = re.compile(r"(?<!\d)-(?=\.?\d|inf)")


def minus(text: str) -> str:
    """The text with a minus sign before each negative number, where Python writes a hyphen."""
    return _NEGATIVE.sub("\N{MINUS SIGN}", text)


def sentence(text: str) -> str:
    """The text with a capital and a full stop, unless it ends in a mark of its own; nothing stays nothing."""
    return text[:1].upper() + text[1:] + "." * (bool(text) and text[-1] not in ".?!")


def spelled(number: int) -> str:
    """A whole number in words up to ten, and a hundred; in digits elsewhere."""
    return NUMBERS.get(number, str(number))
