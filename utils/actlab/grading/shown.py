"""What a notebook shows of the hand-out that it was: whom it was made for, and how its options stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from actlab.course import HOMEWORKS, LESSONS
from actlab.grading.definitions import defined
from actlab.handout import LONGEST_ID, Claim, claims

MAX_FOUND = 100
MAX_OPTION = 500
KNOWN = {id for lesson in LESSONS for id in lesson.exercises}
HANDED_OUT = {id for homework in HOMEWORKS for id in homework.exercises}
_CHECK = re.compile(r"\bcheck\(\s*[\"'](\w{1,80})[\"']([^)]{0,300})")
_ORDER = re.compile(r"\border\s*=\s*[\"'](\w{1,26})[\"']")
_OPTION = re.compile(r"^[ \t#*+>-]{0,20}\(([a-z])\)[ \t]{1,20}(\S[^\n]*)$", re.MULTILINE)
_TITLE = re.compile(r"\s*+#[ \t]++([^\n]{1,100})")


@dataclass(frozen=True)
class Shown:
    """What stands in a notebook for anybody to see; small, so that a class of them can be compared.

    claims: whom it says that it was made for.  assignment: which homework it says it is, "" where it says nothing.
    orders: the order that each multiple choice's check names, "" where it names none.  lists: the lists of options in
    the text, letter -> option.  asks: ids of the exercises that are checked.  defines: names that a homework asks
    for.  title: its first heading.
    """

    claims: tuple[Claim, ...] = ()
    assignment: str = ""
    orders: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[Mapping[str, str], ...] = ()
    asks: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    title: str = ""


def shown(metadata: Mapping[str, Any], code: str, text: str) -> Shown:
    """From the metadata of a hand-out, all that stands in code cells, and all that stands in others."""
    checks = list(islice((found for found in _CHECK.finditer(code) if found[1] in KNOWN), 10 * MAX_FOUND))
    title = _TITLE.match(text)
    return Shown(
        claims=tuple(dict.fromkeys(islice(_claims(metadata, code, text), MAX_FOUND))),
        assignment=readable(metadata.get("assignment")),
        orders=_orders(checks),
        lists=tuple(islice(_lists(text), MAX_FOUND)),
        asks=tuple(sorted({found[1] for found in checks})),
        defines=tuple(sorted(defined(code) & HANDED_OUT)),
        title=title[1].strip() if title else "",
    )


def readable(value: object) -> str:
    """A text of at most `LONGEST_ID` printable characters as it stands; "" for whatever else."""
    return value.strip() if isinstance(value, str) and len(value) <= LONGEST_ID and value.isprintable() else ""


def folded(id: str) -> str:
    """An id as it is compared: Unicode spells one letter in several ways, and people write capitals as they like."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", id).casefold()).strip()


def _claims(metadata: Mapping[str, Any], code: str, text: str) -> Iterator[Claim]:
    student, fingerprint = readable(metadata.get("student")), readable(metadata.get("fingerprint"))
    if student or fingerprint:
        yield Claim(student, fingerprint)
    for place in (code, text):
        for claim in claims(place):
            if claim.student == readable(claim.student):
                yield claim


def _orders(checks: Iterable[re.Match[str]]) -> dict[str, str]:
    """The order that the check of each exercise of a homework names; checks that contradict each other say nothing."""
    said: dict[str, set[str]] = {}
    for found in checks:
        if found[1] in HANDED_OUT:
            order = _ORDER.search(found[2])
            said.setdefault(found[1], set()).add(order[1] if order else "")
    return {id: orders.pop() for id, orders in said.items() if len(orders) == 1}


def _lists(text: str) -> Iterator[Mapping[str, str]]:
    """The lists (a), (b), … in a text, each up to the next (a)."""
    found: dict[str, str] = {}
    for option in _OPTION.finditer(text):
        if option[1] == "a" and found:
            yield found
            found = {}
        found[option[1]] = option[2].strip()[:MAX_OPTION]
    if found:
        yield found
