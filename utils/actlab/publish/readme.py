"""README's table of lessons: what `course.py` says, in its place."""

import re
from pathlib import Path

from actlab import course
from actlab.files import replace

_TABLE = re.compile(r"(?<=## The lessons\n\n)\|.*?\|(?=\n\n)", re.DOTALL)


def stale(root: Path) -> bool:
    """Whether README's table is another one than the course's."""
    return _with_table(_read(root)) != _read(root)


def write(root: Path) -> None:
    """Put the course's table into README, where it differs."""
    if stale(root):
        replace(root / "README.md", _with_table(_read(root)).encode())


def _read(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def _with_table(text: str) -> str:
    return _TABLE.sub(lambda _: course.overview("notebooks/"), text, count=1)
