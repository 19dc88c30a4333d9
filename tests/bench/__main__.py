"""`make bench`: measure everything, or what `--only` names; print one table, keep every value in _build/bench.json."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import course, functions, grading, report, slider, start, tools, watching

MEASUREMENTS = {
    "slider": ("1. slider tick → painted picture", slider.measure),
    "grading": ("2. grading", grading.measure),
    "start": ("3. cold start", start.measure),
    "functions": ("4. activations, 1e6 elements", functions.measure),
    "course": ("5. the course", course.measure),
    "watching": ("6. watch beside plain training", watching.measure),
}


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(MEASUREMENTS)}; may be repeated.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A little of everything: to see that it runs.")] = False,
    every: Annotated[bool, typer.Option("--every", help="A line for every explorer, function and lesson.")] = False,
    suite: Annotated[
        bool | None, typer.Option("--suite/--no-suite", help="Whether `course` runs `make test`; not with --quick.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Another checkout: each measurement is made here, then there."),
    ] = None,
) -> None:
    chosen = only or list(MEASUREMENTS)
    if unknown := set(chosen) - MEASUREMENTS.keys():
        raise typer.BadParameter(f"there is no measurement called {', '.join(unknown)}")
    if against and not (against / "tests" / "bench" / "__main__.py").exists():
        raise typer.BadParameter(f"there is no tests/bench in {against}")
    suite = not quick if suite is None else suite
    console, measured, lines = Console(stderr=True), {}, []
    for name in chosen:
        title, measure = MEASUREMENTS[name]
        with console.status(f"{title} …"):
            if against:
                now, before = (_measured_in(place, name, quick, suite) for place in (tools.ROOT, against.resolve()))
                lines += report.comparison(title, now, before, every)
            else:
                now = (partial(measure, suite=suite) if name == "course" else measure)(quick)
                report.save(_kept(tools.ROOT, quick), {title: now})
        measured[title] = now
    print(*report.table(measured, every), *lines, *report.machine_in_words(), sep="\n")


def _kept(root: Path, quick: bool) -> Path:
    return root / "_build" / ("bench-quick.json" if quick else "bench.json")


def _measured_in(root: Path, name: str, quick: bool, suite: bool) -> list[report.Row]:
    """Run one measurement of a checkout in a process of its own, with the bench and the Python of that checkout.

    What it measured is what differs in the file it keeps: titles may be others there.  An older one has no `--suite`.
    """
    python = root / ".venv" / "bin" / "python"
    command = (python if python.exists() else sys.executable, "-m", "bench")
    place = {"cwd": root / "tests", "env": os.environ | {"PYTHONPATH": str(root / "utils")}}
    known = report.read(_kept(root, quick))
    words = ["--only", name, *["--quick"] * quick]
    if name == "course" and "--no-suite" in tools.quiet(*command, "--help", **place):
        words.append("--suite" if suite else "--no-suite")
    tools.quiet(*command, *words, **place)
    entries = [entry for title, entry in report.read(_kept(root, quick)).items() if known.get(title) != entry]
    return [row for entry in entries for row in report.rows_of(entry)]


typer.run(main)
