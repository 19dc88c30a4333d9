"""5. The course: how long each lesson takes to run, how long the suite takes, and how much of it is kernels starting.

Each lesson's solution is run from top to bottom in a fresh kernel by nbclient, as the build does it, several times, in
turn with an empty notebook, the floor.  A lesson's seconds are all of it: kernel starting, cells, kernel ending.
`kernel` is the share until the first cell begins; `first picture` is the seconds until the first cell has ended that
shows one.

The suite is `make test`, once, unless `--no-suite` leaves it out; its steps are timed by the titles it prints.  Two
workers share each step.  `kernels` is how many kernels started meanwhile, counted by a hook in the kernels themselves;
their `share` is that many times the floor's start, divided by the seconds of both workers: an estimate.
"""

import os
import subprocess
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from bench import tools
from bench.report import Row

ROUNDS, QUICK_ROUNDS = 3, 1
WORKERS = 2
FLOOR = "empty notebook (floor)"
PICTURE = "<svg", "<img"
HOOK = """import os, sys
if "ipykernel_launcher" in " ".join(sys.orig_argv):
    with open(os.environ["ACTLAB_BENCH_KERNELS"], "a") as log:
        log.write("x")
"""


def measure(quick: bool, suite: bool) -> list[Row]:
    lessons = sorted((tools.ROOT / "solutions").glob("*.ipynb"))
    rows, starts = _lessons(lessons[:2] if quick else lessons, QUICK_ROUNDS if quick else ROUNDS)
    return rows + _suite(starts) if suite else rows


def _lessons(paths, rounds) -> tuple[list[Row], float]:
    """Rows, and the median seconds that a kernel takes to start."""
    taken = {path: [] for path in paths}
    floors = {path: [] for path in paths}
    for _ in range(rounds):
        for path in paths:
            taken[path].append(_executed(nbformat.read(path, as_version=4), path.parent))
            floors[path].append(_executed(new_notebook(cells=[new_code_cell("pass")]), path.parent))
    rows = []
    for path in paths:
        whole, starts, pictures = map(list, zip(*taken[path], strict=True))
        base = [seconds for seconds, *_ in floors[path]]
        notes = {"kernel, % of it": 100 * float(np.median(np.divide(starts, whole)))}
        if None not in pictures:
            notes["first picture, s"] = float(np.median(pictures))
        rows.append(Row(path.stem, "actlab", "s", whole, notes=notes, group="a lesson"))
        rows.append(Row(path.stem, FLOOR, "s", base, whole, group="a lesson"))
    return rows, float(np.median([start for runs in floors.values() for _, start, _ in runs]))


def _executed(notebook, folder) -> tuple[float, float, float | None]:
    """Seconds for all of a notebook, until its first cell began, and until its first picture was there, if any was."""
    began, pictured = [], []

    def ended(cell, **_):
        if any(sign in str(output.get("data", {}).get("text/html", "")) for output in cell.outputs for sign in PICTURE):
            pictured.append(time.perf_counter())

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=120,
        record_timing=False,
        store_widget_state=False,
        config=Config(KernelManager={"transport_encryption": "auto"}),
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=lambda **_: began.append(time.perf_counter()),
        on_cell_executed=ended,
    )
    started = time.perf_counter()
    own = {"ACTLAB_STATIC": "1", "OMP_NUM_THREADS": "1", "ACTLAB_HOME": str(tools.BUILD / "home")}
    client.execute(env=os.environ | own)
    whole = time.perf_counter() - started
    return whole, began[0] - started, pictured[0] - started if pictured else None


def _suite(kernel_seconds) -> list[Row]:
    """The steps of `make test`."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sitecustomize.py").write_text(HOOK)
        log = Path(folder, "kernels")
        log.touch()
        env = os.environ | {"PYTHONPATH": folder, "ACTLAB_BENCH_KERNELS": str(log)}
        running = subprocess.Popen(["make", "test"], cwd=tools.ROOT, env=env, stdout=subprocess.PIPE, text=True)
        titles = (line[4:].strip() for line in running.stdout if line.startswith("=== "))
        steps = [(title, time.perf_counter(), log.stat().st_size) for title in titles]
        steps.append(("", time.perf_counter(), log.stat().st_size))
        outcome = "failed" if running.wait() else "passed"
    rows = []
    for (title, start, before), (_, end, after) in pairwise(steps):
        share = (after - before) * kernel_seconds / (WORKERS * (end - start))
        notes = {"kernels": after - before, "share": f"{share:.0%}"}
        rows.append(Row(f"suite: {title}", "make test", "s", [end - start], notes=notes))
    whole = steps[-1][1] - steps[0][1]
    return [*rows, Row("suite: everything", "make test", "s", [whole], notes={"outcome": outcome})]
