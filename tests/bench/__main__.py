"""`make bench`: measure everything, or what `--only` names; print one table, keep every value in _build/bench.json."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import against, course, functions, grading, report, slider, start, tools, watching

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
    beside: Annotated[
        Path | None,
        typer.Option(
            "--against",
            exists=True,
            file_okay=False,
            help="The whole path of another checkout: each is measured here, then there.",
        ),
    ] = None,
) -> None:
    chosen = only or list(MEASUREMENTS)
    if unknown := set(chosen) - MEASUREMENTS.keys():
        raise typer.BadParameter(f"there is no measurement called {', '.join(unknown)}")
    if beside and not (beside / "tests" / "bench" / "__main__.py").exists():
        raise typer.BadParameter(f"there is no tests/bench in {beside}")
    suite = not quick if suite is None else suite
    console, measured, lines = Console(stderr=True), {}, []
    for name in chosen:
        title, measure = MEASUREMENTS[name]
        with console.status(f"{title} …"):
            if beside:
                now, before = (against.measured(place, name, quick, suite) for place in (tools.ROOT, beside.resolve()))
                lines += report.comparison(title, now, before, every)
            else:
                now = (partial(measure, suite=suite) if name == "course" else measure)(quick)
                report.save(against.kept(tools.ROOT, quick), {title: now})
        measured[title] = now
    print(*report.table(measured, every), *lines, *report.machine_in_words(), sep="\n")


typer.run(main)
