"""What pages outside the lessons say of the course: README's table, the list of plans, their titles and extent."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from actlab.course import LESSONS
from actlab.files import replace
from actlab.publish.homework import extent, subject

EXTENT = r"(?<=\*\*In one sentence\.\*\* )\w+ questions?, \d+ points?"


def overview(folder: str = "") -> str:
    """The lessons as a Markdown table whose links lead into `folder`."""
    rows = [f"| [{one.label}]({folder}{one.file}) | {subject(one)} | {one.minutes} |" for one in LESSONS]
    return "\n".join(["| lesson | the question | minutes |", "|---|---|---|", *rows])


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
    yield _with(root / "README.md", {r"(?<=## The lessons\n\n)\|[\s\S]*?\|(?=\n\n)": overview("notebooks/")})
    yield _with(root / "docs" / "teaching.md", {r"(?<=Each lesson has one:\n\n)(- \[.*?\n)+": listed})
    for one in LESSONS:
        if (plan := plans / f"{one.number:02}.md").exists():
            asked = {EXTENT: extent(one)} if one.is_homework else {}
            yield _with(plan, {r"\A# Plan .*": f"# Plan {one.number:02}: {one.title}"} | asked)


def _with(path: Path, said: Mapping[str, str]) -> tuple[Path, str]:
    """A page, and its text with what is said in the first place that fits each pattern."""
    text = path.read_text(encoding="utf-8")
    for place, words in said.items():
        text = re.sub(place, words.replace("\\", r"\\"), text, count=1)
    return path, text
