"""What every measurement hands over, the table that shows all of them, and the machine they were made on.

The table is plain text of 80 columns: a terminal, a log and a message show it alike.
"""

import json
import os
import platform
import textwrap
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil

PACKAGES = ("numpy", "scipy", "torch", "matplotlib", "ipywidgets", "anywidget", "jupyterlab", "nbclient", "playwright")
WIDTH = 80
COLUMNS = 10, 15, 6, 21  # of the numbers
RULE = "─" * WIDTH


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


def table(measured: dict[str, list[Row]], every_case: bool) -> list[str]:
    """The table, in lines of at most `WIDTH` characters.  every_case: whether groups are shown case by case."""
    lines = []
    for title, rows in measured.items():
        lines += ["", *_wrapped(title, 0), RULE, _line("", "median", "from – to", "p95", "ratio (from – to)")]
        for case, methods in _by_case(rows, every_case).items():
            lines += _wrapped(case, 0)
            for method, together in methods.items():
                cells, told = _cells(together)
                lines += [*_entry(method, *cells), *_wrapped(told, 6)]
    return lines


def comparison(title: str, now: list[Row], before: list[Row], every_case: bool) -> list[str]:
    """What two checkouts measured, in lines of at most `WIDTH` characters: medians, and now / before.

    The ratio's range is that of the quartiles, the lower of one by the upper of the other; of a group, that of its
    cases.  What only one of them measured is listed below.
    """
    pairs = [(row, other) for row in now for other in before if _key(row) == _key(other)]
    lines = ["", *_wrapped(title, 0), RULE, _line("", "now", "before", "", "ratio (from – to)")]
    for case, methods in _by_case(pairs, every_case, lambda pair: pair[0]).items():
        lines += _wrapped(case, 0)
        for method, together in methods.items():
            cells, told = _compared(together)
            lines += [*_entry(method, *cells), *_wrapped(told, 6)]
    for words, rows, others in (("only now", now, before), ("only before", before, now)):
        known = {_key(row) for row in others}
        for case, methods in _by_case([row for row in rows if _key(row) not in known], every_case).items():
            lines += _wrapped(f"{words}: {case}: {'; '.join(methods)}", 0)
    return lines


def read(path: Path) -> dict[str, dict]:
    """What `save` has written there, by title; nothing where there is no such file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def rows_of(entry: dict) -> list[Row]:
    """The rows of one title, as far as they are rows that this report knows."""
    known = {one.name for one in fields(Row)}
    found = [{name: value for name, value in row.items() if name in known} for row in entry.get("rows", [])]
    return [Row(**row) for row in found if row.get("values") and {"case", "method", "unit"} <= row.keys()]


def _key(row: Row) -> tuple[str, str, str]:
    return row.case, row.method, row.unit


def _by_case(found: list, every_case: bool, row_of=lambda row: row) -> dict[str, dict[str, list]]:
    """case, or group -> method -> what was found.  row_of: the row that names case and method."""
    sorted_out: dict[str, dict[str, list]] = {}
    for one in found:
        row = row_of(one)
        case = row.case if every_case else row.group or row.case
        sorted_out.setdefault(case, {}).setdefault(row.method, []).append(one)
    return sorted_out


def _line(method: str, *cells: str) -> str:
    """A line of the table: the method on the left, each cell at the right of its column."""
    numbers = " ".join(cell.rjust(width) for cell, width in zip(cells, COLUMNS, strict=True))
    return f"  {method:{WIDTH - 3 - len(numbers)}} {numbers}".rstrip()


def _entry(method: str, *cells: str) -> list[str]:
    """Lines for one method; one that is too long to stand beside its cells stands above them."""
    if len(line := _line(method, *cells)) <= WIDTH:
        return [line]
    numbers = _line("", *cells)
    return _wrapped(method, 2) + ([numbers] if len(numbers) <= WIDTH else _wrapped("  ".join(filter(None, cells)), 6))


def _wrapped(words: str, indent: int) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent)


def _cells(rows: list[Row]) -> tuple[tuple[str, ...], str]:
    """Median, spread, p95 and ratio of one row; of several their medians and range. Beside them, the notes in words."""
    unit = rows[0].unit
    notes = {k: [row.notes[k] for row in rows if k in row.notes] for row in rows for k in row.notes}
    told = [f"{name} {_told(seen)}" for name, seen in notes.items()]
    if len(rows) == 1:
        (row,) = rows
        low, median, high, p95 = np.percentile(row.values, [25, 50, 75, 95])
        many = len(row.values) > 1
        ratio = "{1} ({0} – {2})".format(*map(number, row.ratio)) if row.ratio else ""
        spread = f"{number(low)} – {number(high)}" if many else ""
        return (f"{number(median)} {unit}", spread, number(p95) if many else "", ratio), "; ".join(told)
    medians = [np.median(row.values) for row in rows]
    ratio, p95 = "", np.median([np.percentile(row.values, 95) for row in rows])
    if all(row.base for row in rows):
        ratio, extremes = _range([(row.ratio[1], row.case) for row in rows])
        told.insert(0, extremes)
    spread = f"{number(min(medians))} – {number(max(medians))}"
    return (f"{number(np.median(medians))} {unit}", spread, number(p95), ratio), "; ".join(told)


def _compared(pairs: list[tuple[Row, Row]]) -> tuple[tuple[str, ...], str]:
    """Medians now and before, and the ratio; of several pairs their medians, and which are lowest and highest."""
    unit = pairs[0][0].unit
    medians = [float(np.median([np.median(row.values) for row in side])) for side in zip(*pairs, strict=True)]
    if len(pairs) == 1:
        now, before = (np.percentile(row.values, [25, 50, 75]) for row in pairs[0])
        low, median, high = now / before[::-1]
        ratio, told = f"{number(median)} ({number(low)} – {number(high)})", ""
    else:
        ratios = [(float(np.median(now.values) / np.median(before.values)), now.case) for now, before in pairs]
        ratio, told = _range(ratios)
    return (f"{number(medians[0])} {unit}", f"{number(medians[1])} {unit}", "", ratio), told


def _range(ratios: list[tuple[float, str]]) -> tuple[str, str]:
    """The median of several ratios with their range, and whose the lowest and the highest are."""
    (low, lowest), *_, (high, highest) = sorted(ratios)
    ratio = f"{number(np.median([r for r, _ in ratios]))} ({number(low)} – {number(high)})"
    return ratio, f"ratio lowest for {lowest}, highest for {highest}"


def _told(seen: list) -> str:
    """One note as it is; of several numbers the median and the largest, of several words how many."""
    if isinstance(seen[0], str):
        return seen[0] if len(set(seen)) == 1 else f"differs ({len(set(seen))})"
    return number(np.median(seen)) + (f" (at most {number(max(seen))})" if len(seen) > 1 else "")


def machine_in_words() -> list[str]:
    """The machine, in lines like those of the table."""
    return ["", *_wrapped(", ".join(f"{name} {value}" for name, value in machine().items()), 0)]


def save(path: Path, measured: dict[str, list[Row]]) -> None:
    """Write every value as JSON; measurements that were not run this time stay as they were, with their machine."""
    known = read(path)
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
