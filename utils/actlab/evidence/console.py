"""What `actlab evidence` prints."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from actlab.evidence import campaign, store
from actlab.evidence.model import EXPERIMENTS, Experiment
from actlab.evidence.replication import Replication, replication

LOGS = Path("_build/evidence")


def show() -> None:
    """Every verdict with where it stands, its rate, what it was held against, and when it was measured."""
    table = Table("lesson", "verdict", "held", "95 % interval", "flips", "measured", title="The course's evidence")
    for experiment in EXPERIMENTS.values():
        if reason := store.stale(experiment):
            table.add_row(experiment.section, experiment.name, "–", "–", "–", reason)
            continue
        results, made = store.load(experiment.name), store.read(experiment)["date"]
        for verdict in experiment.verdicts:
            table.add_row(experiment.section, verdict.name, *_cells(replication(verdict, results)), made)
    Console().print(table)


def run(names: Iterable[str], fresh: int | None, workers: int, scheduler: str) -> None:
    """Run experiments with a progress bar; a fresh run is compared with what is stored, and changes nothing there."""
    folder = store.FOLDER if fresh is None else LOGS / f"fresh-{fresh}"
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns) as bar:
        task = bar.add_task("evidence", total=None)

        def told(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=name)

        pool = campaign.Pool() if fresh is None else campaign.Pool(fresh)
        written = campaign.run(names, folder, LOGS, pool, workers, scheduler, told)
    for path in written:
        print(f"wrote {path}")
    table = Table("verdict", "held", "95 % interval", "flips", *([] if fresh is None else ["stored"]))
    for experiment in (EXPERIMENTS[path.stem] for path in sorted(written)):
        for verdict in experiment.verdicts:
            again = replication(verdict, store.load(experiment.name, folder))
            table.add_row(verdict.name, *_cells(again), *([] if fresh is None else [_stored(experiment, verdict.name)]))
    Console().print(table)


def _cells(found: Replication) -> tuple[str, str, str]:
    low, high = found.interval
    return f"{found.held} of {found.groups}", f"{low:.2f} to {high:.2f}", "; ".join(found.flips) or "none"


def _stored(experiment: Experiment, name: str) -> str:
    if store.stale(experiment):
        return "–"
    verdict = next(v for v in experiment.verdicts if v.name == name)
    found = replication(verdict, store.load(experiment.name))
    return f"{found.held} of {found.groups}"
