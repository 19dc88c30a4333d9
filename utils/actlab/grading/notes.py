"""Why somebody should look at what a student handed in: a sentence each, which knows its cause."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """What a note is about, the most serious first."""

    FAILED = "failed"
    UNJUDGED = "unjudged"
    SAME_CODE = "same code"
    CLASSMATE = "classmate"
    SHARED = "shared"
    SAME_PAPER = "same paper"
    ALIKE = "alike"
    PUBLISHED = "published"
    """Its functions are those of the solution."""
    ALTERED = "altered"
    MIXED = "mixed"
    """It holds what was handed out to several."""
    COMMON = "common"
    KEYLESS = "keyless"
    UNNAMED = "unnamed"
    BARE = "bare"
    ELSEWHERE = "elsewhere"
    """It is not the homework that was asked for."""
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    MISSING = "missing"
    ENDED = "ended"
    TIME = "time"
    LARGE = "large"
    UNCLEAR = "unclear"
    """Nobody knows how late it came."""
    PLAIN = ""
    """Nothing says."""
    NAMED = "named"
    """Whose it is, a name alone says."""
    OTHER = "other"
    """It was made for an id that is nobody's here."""
    RENAMED = "renamed"
    SEVERAL = "several"
    ASIDE = "aside"
    IN_TIME = "in time"
    MORE = "more"

    @classmethod
    def _missing_(cls, value: object) -> Cause:
        """A cause that a newer gradebook knows, or a spoiled one, says nothing."""
        return cls.PLAIN


RANK = {cause: rank for rank, cause in enumerate(Cause)}


class Note(str):
    """A sentence for the instructor's eyes."""

    cause: Cause

    def __new__(cls, text: str, cause: Cause = Cause.PLAIN):
        note = super().__new__(cls, text)
        note.cause = cause
        return note


def cause_of(text: str) -> Cause:
    """What a sentence is about; the oldest gradebooks hold nothing but words."""
    return text.cause if isinstance(text, Note) else Cause.PLAIN
