"""What `actlab evidence` prints."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from actlab.evidence import campaign, store
from actlab.evidence.model import EXPERIMENTS, Experiment, Verdict
from actlab.evidence.replication import Replication, replication

LOGS = Path("_build/evidence")


def show() -> None:
    """Every verdict below its experiment: in how many groups it held, and which condition or data turned it."""
    table = _table("held")
    for experiment in sorted(EXPERIMENTS.values(), key=lambda e: [int(part) for part in e.section.split(".")]):
        reason = store.stale(experiment)
        said = reason or f"measured {store.read(experiment)['date']}"
        table.add_row(f"[bold]{experiment.section}  {experiment.name}[/bold], {said}")
        for verdict in experiment.verdicts:
            table.add_row(f"  {verdict.name}", *(() if reason else _cells(replication(verdict))))
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
    table = _table("held", *([] if fresh is None else ["stored"]))
    for experiment in (EXPERIMENTS[path.stem] for path in sorted(written)):
        for verdict in experiment.verdicts:
            held, interval, flips = _cells(replication(verdict, store.load(experiment.name, folder)))
            before = [] if fresh is None else [_stored(experiment, verdict)]
            table.add_row(verdict.name, held, *before, interval, flips)
    Console().print(table)


def _table(*counts: str) -> Table:
    """Names are never cut: they are what a lesson quotes."""
    table = Table(box=SIMPLE, padding=(0, 1), pad_edge=False)
    table.add_column("verdict", no_wrap=True, overflow="fold")
    for count in (*counts, "95 %"):
        table.add_column(count, no_wrap=True)
    table.add_column("turned by")
    return table


def _cells(found: Replication) -> tuple[str, str, str]:
    low, high = found.interval
    return f"{found.held} of {found.groups}", f"{low:.2f}–{high:.2f}", "; ".join(found.flips)


def _stored(experiment: Experiment, verdict: Verdict) -> str:
    return "–" if store.stale(experiment) else _cells(replication(verdict))[0]
