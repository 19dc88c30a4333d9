"""The command line: `actlab lab · build · progress`. A command imports what is slow to import when it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

main = typer.Typer(no_args_is_help=True, add_completion=False, help="A course on neural-network activation functions.")


@main.command()
def lab(
    port: Annotated[int | None, typer.Option(help="Serve on this port instead of the first free one.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
) -> None:
    """Open the course in JupyterLab."""
    from actlab.lab import LabError, start

    with _in_a_sentence(LabError):
        start(port, browser)


@main.command()
def progress() -> None:
    """Show which exercises you have solved."""
    from actlab import progress

    progress.show()


@main.command()
def build(
    names: Annotated[list[str] | None, typer.Argument(help="Lessons, such as 02; all when none is named.")] = None,
    execute: Annotated[bool, typer.Option(help="Run the solutions too.")] = True,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; list the notebooks that are stale.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show each lesson's slowest cells.")] = False,
) -> None:
    """Build learners' notebooks and executed solutions from solutions/*.py."""
    from rich.console import Console

    from actlab.exercises import EXERCISES
    from actlab.lab import LabError, course_root
    from actlab.publish import notebooks
    from actlab.publish.source import SourceError

    console = Console()
    with _in_a_sentence(LabError, SourceError):
        root = course_root("solutions/00_start_here.py")
        sources = _sources(root / "solutions", names or [""])
        if check:
            stale = notebooks.stale(sources, root, EXERCISES)
            for path in stale:
                print(f"{path.relative_to(root)} is stale; run: actlab build {path.stem}")
            raise typer.Exit(int(bool(stale)))
        built = []
        for source in sources:
            with console.status(f"{source.stem} …"):
                built.append(notebooks.build(source, root, EXERCISES, run=execute))
        console.print(_table(built))
        if verbose:
            for lesson in built:
                for seconds, line in sorted(lesson.cells, reverse=True)[:5]:
                    print(f"{seconds:6.2f} s  solutions/{lesson.name}.py:{line}")


def _sources(folder: Path, names: list[str]) -> list[Path]:
    found = sorted(folder.glob("[0-9][0-9]_*.py"))
    for name in names:
        if not any(path.stem.startswith(name) for path in found):
            known = ", ".join(path.stem for path in found) or "none"
            raise typer.BadParameter(f"No lesson is called {name}. The lessons: {known}.")
    return [path for path in found if path.stem.startswith(tuple(names))]


def _table(built):
    from rich.table import Table

    table = Table("lesson", "learner's kB", "solution's kB", "seconds")
    for column in table.columns[1:]:
        column.justify = "right"
    for lesson in built:
        sizes = (f"{size / 1000:.0f}" if size else "–" for size in (lesson.learner_size, lesson.solution_size))
        table.add_row(lesson.name, *sizes, f"{lesson.seconds:.1f}" if lesson.cells else "–")
    return table


@contextmanager
def _in_a_sentence(*expected: type[Exception]) -> Iterator[None]:
    """Say what went wrong without a traceback."""
    try:
        yield
    except expected as error:
        typer.echo(f"actlab: {error}", err=True)
        raise typer.Exit(1) from None
    except ModuleNotFoundError as error:
        if error.name not in ("jupytext", "nbclient"):
            raise
        typer.echo(f"actlab: building needs {error.name}. Install it with: pip install -e '.[teach]'", err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    main()
