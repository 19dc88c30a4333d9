"""A grading run as a person at a terminal follows it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from actlab.grading import run as grading
from actlab.grading.gradebook import Grade
from actlab.grading.reports import number


def run(source: Path, out: Path, order: grading.Order) -> None:
    """Grade with a progress bar, and say at the end what came out and where it lies."""
    console = Console(stderr=True)
    if order.sandbox == "none":
        console.print("[bold]No sandbox:[/] submitted code runs as you, with your files and your network.")
    seen: Counter[str] = Counter()
    said: list[str] = []
    with Progress(
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
    ) as bar:
        task = bar.add_task("", total=None, rate="")

        def done(grade: Grade | None) -> None:
            seen["new" if grade else "known"] += 1
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            bar.update(task, advance=1, rate=f"{speed:.1f}/s" if speed else "")

        grades = grading.grade(
            source,
            out,
            order,
            grading.Progress(
                waiting=lambda: console.print(f"Another grader is at work in {out}; waiting for it to end."),
                started=lambda total: bar.update(task, total=total),
                done=done,
                said=said.append,
            ),
        )
    for sentence in said:
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    by_status = Counter(grade.status for grade in grades)
    words = ", ".join(f"{many} {status}" for status, many in by_status.most_common())
    scores = [grade.score for grade in grades if grade.status == "graded"]
    middle = f" Median {number(median(scores))} of {number(grades[0].max_score)}." if scores else ""
    console.print(f"{seen['new']} new, {seen['known']} unchanged. In the gradebook: {words}.{middle}")
    console.print(f"Scores: {out / 'grades.csv'}   Class report: {out / 'report.html'}", soft_wrap=True)
