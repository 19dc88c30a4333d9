"""How the course writes what it says."""

import re

NUMBERS = dict(enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1))
NUMBERS |= {100: "a hundred"}
_RAISED = str.maketrans("0123456789+-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻·")
_NEGATIVE = re.compile(r"(?<!\d)-(?=\.?\d|inf)")


def minus(text: str) -> str:
    """The text with a minus sign before each negative number, where Python writes a hyphen."""
    return _NEGATIVE.sub("\N{MINUS SIGN}", text)


def number(value: float, decimals: int = 4) -> str:
    """A number with so many decimals; one too small for them with an exponent, since 0.0000 would say that it is 0."""
    tiny = 0 < abs(value) < 10.0**-decimals
    return minus(f"{value:.1e}" if tiny else f"{value + 0.0:.{decimals}f}")


def power(exponent: float, base: str = "10", format: str = "{:g}") -> str:
    """A power as it is set in print, such as "10⁻¹⁵·⁵"."""
    return base + format.format(exponent).translate(_RAISED)


def percent(share: float) -> str:
    """A share as a whole percentage; 100% and 0% only for all and none."""
    if 0.995 <= share < 1:
        return "over 99%"
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"


def sentence(text: str) -> str:
    """The text with a capital and a full stop, unless it ends in a mark of its own; nothing stays nothing."""
    return text[:1].upper() + text[1:] + "." * (bool(text) and text[-1] not in ".?!")


def spelled(number: int) -> str:
    """A whole number in words up to ten, and a hundred; in digits elsewhere."""
    return NUMBERS.get(number, str(number))


def printable(text: str, keep: str = "") -> str:
    """A text that does nothing to a terminal but stand there.  keep: what else than letters is to stay."""
    return "".join(letter if letter.isprintable() or letter in keep else "?" for letter in text)


def quoted(text: str) -> str:
    """A text from elsewhere in a sentence: on one line, and not too long."""
    text = printable(text)
    return f"“{text if len(text) <= 120 else f'{text[:80]}…{text[-39:]}'}”"
