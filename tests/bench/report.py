"""What every measurement hands over, the one table that shows all of them, and the machine they were made on."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

PACKAGES = ("numpy", "scipy", "torch", "matplotlib", "ipywidgets", "anywidget", "jupyterlab", "nbclient", "playwright")


@dataclass(frozen=True)
class Row:
    """One way of doing one thing, measured several times.

    case: what is done.  method: how.  unit: of the values.  values: every single measurement, none left out.
    base: the values of the method that this one is compared with, from the same turns; empty where there is none.
    notes: what else was seen, {name: number or words}.
    group: cases of one group share a line of the short table; empty where the case stands alone.
    """

    case: str
    method: str
    unit: str
    values: list[float]
    base: list[float] = field(default_factory=list)
    notes: dict = field(default_factory=dict)
    group: str = ""

    @property
    def ratio(self) -> list[float]:
        """Lower quartile, median and upper quartile of value / base, turn by turn; empty without a base."""
        if not self.base:
            return []
        return np.percentile(np.divide(self.values, self.base), [25, 50, 75]).tolist()


def machine() -> dict:
    """The computer and the versions that the figures belong to."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory GB": round(psutil.virtual_memory().total / 1e9),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def show(console: Console, measured: dict[str, list[Row]], every_case: bool) -> None:
    """Print the table, with the machine below it.  every_case: whether groups are shown case by case."""
    columns = "what", "how", "median", "quartiles, or from – to", "p95", "ratio", "beside"
    table = Table(*columns, box=box.SIMPLE, pad_edge=False)
    for column in table.columns[2:6]:
        column.justify = "right"
    for title, rows in measured.items():
        table.add_section()
        table.add_row(f"[bold]{title}")
        lines = {}
        for row in rows:
            case = row.case if every_case else row.group or row.case
            lines.setdefault(case, {}).setdefault(row.method, []).append(row)
        for case, methods in lines.items():
            for k, (method, together) in enumerate(methods.items()):
                table.add_row("" if k else case, method, *_cells(together))
    console.print(table)
    console.print(", ".join(f"{name} {value}" for name, value in machine().items()), style="dim", highlight=False)


def _cells(rows: list[Row]) -> tuple[str, ...]:
    """Median, spread, p95, ratio and notes of one row; of several rows their medians, and who is lowest and highest."""
    unit = rows[0].unit
    notes = {k: [row.notes[k] for row in rows if k in row.notes] for row in rows for k in row.notes}
    told = ", ".join(f"{name} {_told(seen)}" for name, seen in notes.items())
    if len(rows) == 1:
        (row,) = rows
        low, median, high, p95 = np.percentile(row.values, [25, 50, 75, 95])
        many = len(row.values) > 1
        ratio = "{1} ({0} – {2})".format(*map(number, row.ratio)) if row.ratio else ""
        spread = f"{number(low)} – {number(high)}" if many else ""
        return f"{number(median)} {unit}", spread, number(p95) if many else "", ratio, told
    medians = [np.median(row.values) for row in rows]
    ratio, p95 = "", np.median([np.percentile(row.values, 95) for row in rows])
    if rows[0].base:
        ratios = sorted((row.ratio[1], row.case) for row in rows)
        ratio = f"{number(np.median([r for r, _ in ratios]))} ({_at(*ratios[0])} – {_at(*ratios[-1])})"
    spread = f"{number(min(medians))} – {number(max(medians))}"
    return f"{number(np.median(medians))} {unit}", spread, number(p95), ratio, told


def _told(seen: list) -> str:
    """One note as it is; of several numbers the median and the largest."""
    if isinstance(seen[0], str):
        return " … ".join(dict.fromkeys((min(seen), max(seen))))
    return number(np.median(seen)) + (f" (at most {number(max(seen))})" if len(seen) > 1 else "")


def _at(value: float, case: str) -> str:
    return f"{number(value)} {case}"


def save(path: Path, measured: dict[str, list[Row]]) -> None:
    """Write every value as JSON; measurements that were not run this time stay as they were, with their machine."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for title, rows in measured.items():
        known[title] = {"machine": machine(), "rows": [asdict(row) | {"ratio": row.ratio} for row in rows]}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def number(value: float) -> str:
    """Three digits."""
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.1e}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(": ")[2] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
