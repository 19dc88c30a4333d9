"""What another checkout's bench measures, run on this machine in the same go."""

import os
import sys
from pathlib import Path

from bench.report import Row, read, rows_of
from bench.tools import quiet


def kept(root: Path, quick: bool) -> Path:
    """Where the bench of a checkout keeps what it measured."""
    return root / "_build" / ("bench-quick.json" if quick else "bench.json")


def measured(root: Path, name: str, quick: bool, suite: bool) -> list[Row]:
    """Run one measurement of a checkout in a process of its own, with the bench and the Python of that checkout.

    What it measured is what differs in the file it keeps: titles may be others there.  An older one has no `--suite`.
    """
    python = root / ".venv" / "bin" / "python"
    command = (python if python.exists() else sys.executable, "-m", "bench")
    place = {"cwd": root / "tests", "env": os.environ | {"PYTHONPATH": str(root / "utils")}}
    known = read(kept(root, quick))
    words = ["--only", name, *["--quick"] * quick]
    if name == "course" and "--no-suite" in quiet(*command, "--help", **place):
        words.append("--suite" if suite else "--no-suite")
    quiet(*command, *words, **place)
    entries = [entry for title, entry in read(kept(root, quick)).items() if known.get(title) != entry]
    return [row for entry in entries for row in rows_of(entry)]
