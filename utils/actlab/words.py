"""How the course writes what it says."""

import re

NUMBERS = dict(enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1))
NUMBERS |= {100: "a hundred"}
_RAISED = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")
_NEGATIVE = re.compile(r"(?<!\d)-(?=\.?\d|inf)")


def minus(text: str) -> str:
    """The text with a minus sign before each negative number, where Python writes a hyphen."""
    return _NEGATIVE.sub("\N{MINUS SIGN}", text)


def sentence(text: str) -> str:
    """The text with a capital and a full stop, unless it ends in a mark of its own; nothing stays nothing."""
    return text[:1].upper() + text[1:] + "." * (bool(text) and text[-1] not in ".?!")


def percent(share: float) -> str:
    """A share as a whole percentage; 100% and 0% only for all and none."""
    if 0.995 <= share < 1:
        return "over 99%"
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"


def small(value: float) -> str:
    """A number with four decimals, or as a power of ten where these would show hardly any of it: 0.1050, 2.5e-05."""
    return f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value + 0.0:.4f}"


def power(exponent: float) -> str:
    """A power of ten by its exponent with one decimal, raised: 10⁻¹⁵·⁵."""
    return "10" + f"{round(exponent, 1) + 0.0:.1f}".translate(_RAISED)


def spelled(number: int) -> str:
    """A whole number in words up to ten, and a hundred; in digits elsewhere."""
    return NUMBERS.get(number, str(number))
