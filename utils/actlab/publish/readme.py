"""What pages outside the lessons say of the course: README's table, the list of plans and their titles."""

import re
from collections.abc import Iterator
from pathlib import Path

from actlab.course import LESSONS, overview
from actlab.files import replace


def stale(root: Path) -> list[Path]:
    """The pages that say something else than the course."""
    return [path for path, text in _pages(root) if text != path.read_text(encoding="utf-8")]


def write(root: Path) -> None:
    """Put what the course says into its place, where a page says something else."""
    for path, text in _pages(root):
        if text != path.read_text(encoding="utf-8"):
            replace(path, text.encode())


def _pages(root: Path) -> Iterator[tuple[Path, str]]:
    """Each page as it should be."""
    plans = root / "docs" / "teaching"
    listed = "".join(f"- [{one.label}](teaching/{one.number:02}.md)\n" for one in LESSONS)
    yield _with(root / "README.md", r"(?<=## The lessons\n\n)\|[\s\S]*?\|(?=\n\n)", overview("notebooks/"))
    yield _with(root / "docs" / "teaching.md", r"(?<=Each lesson has one:\n\n)(- \[.*?\n)+", listed)
    for one in LESSONS:
        if (plan := plans / f"{one.number:02}.md").exists():
            yield _with(plan, r"\A# Plan .*", f"# Plan {one.number:02}: {one.title}")


def _with(path: Path, place: str, said: str) -> tuple[Path, str]:
    """A page, and its text with what is said in the first place that fits the pattern."""
    text = path.read_text(encoding="utf-8")
    return path, re.sub(place, lambda _: said, text, count=1)
