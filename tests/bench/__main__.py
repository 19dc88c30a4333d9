"""`make bench`: measure everything, or what `--only` names; print one table, keep every value in _build/bench.json."""

from typing import Annotated

import typer
from rich.console import Console

from bench import course, functions, grading, report, slider, start, watching
from bench.tools import BUILD

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
) -> None:
    console = Console()
    chosen = only or list(MEASUREMENTS)
    if unknown := set(chosen) - MEASUREMENTS.keys():
        raise typer.BadParameter(f"there is no measurement called {', '.join(unknown)}")
    measured = {}
    for name in chosen:
        title, measure = MEASUREMENTS[name]
        with console.status(f"{title} …"):
            measured[title] = measure(quick)
        report.save(BUILD / ("bench-quick.json" if quick else "bench.json"), measured)
    report.show(console, measured, every)


typer.run(main)
