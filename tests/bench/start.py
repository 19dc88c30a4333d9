"""3. Cold start: how long until something is there.

- First slider: a notebook is open, its kernel has started and run nothing.  The clock starts when its one cell is run
  and stops when picture and slider are painted.  Beside `explore("tanh")` stands the same figure under `interact`, with
  pyplot imported, and with pyplot and torch imported up front, as notebooks on the subject usually begin.  A new
  notebook and a new kernel each time, in turn; files are in the system's cache after the first turn, which is dropped.
- Import: a fresh Python for each import; milliseconds of the import alone, in turn.  The floor is NumPy's;
  `actlab.explorers.curves` is what a first slider needs.
- Server: from starting `actlab lab` to an open lesson whose kernel is ready, beside a plain `jupyter lab` on the same
  folder with its defaults.  A new server and a new browser page each time, in turn.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from bench import tools
from bench.report import Row
from bench.stage import chromium, jupyterlab

ROUNDS, QUICK_ROUNDS = 8, 2
IMPORTS = {
    "actlab.explorers.curves": "actlab.explorers.curves",
    "actlab": "actlab",
    "actlab.activations": "actlab.activations",
    "actlab.check": "actlab.check",
    "matplotlib.pyplot": "matplotlib.pyplot",
    "torch": "torch",
    "numpy (floor)": "numpy",
}
OURS = 'from actlab.explorers import explore\n\nexplore("tanh")'
PYPLOT = """import ipywidgets
import matplotlib.pyplot as plt
import numpy as np

def draw(z):
    x = np.linspace(-6, 6, 241)
    y, slope = np.tanh(z), 1 - np.tanh(z) ** 2
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), dpi=100)
    left.plot(x, np.tanh(x))
    left.plot([z - 1.3, z + 1.3], [y - 1.3 * slope, y + 1.3 * slope], "k")
    left.plot(z, y, "ko")
    left.set(title="tanh: value f(z)", xlabel="z", xlim=(-6, 6), ylim=(-1.2, 1.2))
    right.plot(x, 1 - np.tanh(x) ** 2, "--")
    right.plot([z, z], [0, slope], "k--")
    right.plot(z, slope, "ko")
    right.set(title="slope f'(z)", xlabel="z", xlim=(-6, 6), ylim=(-0.1, 1.2))
    for ax in (left, right):
        ax.axhline(0)
        ax.axvline(0)
        ax.axvspan(-6, -1.82, color="0.7", alpha=0.5)
        ax.axvspan(1.82, 6, color="0.7", alpha=0.5)
    plt.show()
    print(f"At z = {z:+.2f} the value is {y:.4f} and the slope {slope:.4f}.")

ipywidgets.interact(draw, z=ipywidgets.FloatSlider(1, min=-6, max=6, step=0.125))"""
NOTEBOOKS = {  # name in the table: (source of the cell, its slider, its picture)
    "actlab": (OURS, ".actlab-explorer input", ".actlab-explorer svg[role=img] path"),
    "interact + pyplot": (PYPLOT, ".noUi-handle", ".jp-OutputArea-output img"),
    "the same, torch imported": (f"import torch\n{PYPLOT}", ".noUi-handle", ".jp-OutputArea-output img"),
}
SHOWN = """([slider, picture]) => new Promise((resolve) => {
    const seen = () => {
        const image = document.querySelector(picture);
        const there = document.querySelector(slider) && image && (image.complete ?? true);
        there ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))) : requestAnimationFrame(seen);
    };
    const pressed = (event) => { window.pressed ??= event.timeStamp; seen(); };
    addEventListener("keydown", pressed, {capture: true, once: true});
})"""
WATCH = f"(where) => {{ window.shown = ({SHOWN})(where); }}"


def measure(quick: bool) -> list[Row]:
    rounds = QUICK_ROUNDS if quick else ROUNDS
    return _first_slider(rounds) + _imports(rounds) + _servers(rounds)


def _rows(case, unit, turns, ways) -> list[Row]:
    times = {way: [turn[k] for turn in turns] for k, way in enumerate(ways)}
    base = next(iter(times.values()))
    return [Row(case, way, unit, values, base if values is not base else []) for way, values in times.items()]


def _first_slider(rounds) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        root, home = _course(Path(folder))
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        for k, (source, *_) in enumerate(NOTEBOOKS.values()):
            notebook = new_notebook(cells=[new_code_cell(source)], metadata={"kernelspec": kernel})
            for turn in range(rounds + 1):
                nbformat.write(notebook, root / "notebooks" / f"{k}-{turn}.ipynb")
        with jupyterlab(root, home) as lab:
            context = browser.new_context(viewport={"width": 1300, "height": 1000})
            context.set_default_timeout(60_000)
            turns = [
                [
                    _shown(lab, context, f"notebooks/{k}-{turn}.ipynb", *where)
                    for k, (_, *where) in enumerate(NOTEBOOKS.values())
                ]
                for turn in range(rounds + 1)
            ]
    return _rows("first slider", "ms", turns[1:], NOTEBOOKS)


def _shown(lab, context, path, slider, picture) -> float:
    """Milliseconds from running the first cell of a notebook to its painted slider and picture."""
    page = lab.open(context, path)
    page.locator(".jp-Cell .cm-content").first.click()
    page.wait_for_timeout(1000)
    page.evaluate(WATCH, [slider, picture])
    page.keyboard.press("Control+Enter")
    took = page.evaluate("window.shown.then((at) => at - window.pressed)")
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Shut Down Kernel", exact=True).click()
    page.wait_for_timeout(500)
    page.close()
    return took


def _imports(rounds) -> list[Row]:
    code = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"
    turns = [
        [1000 * float(tools.quiet(sys.executable, "-c", code.format(module))) for module in IMPORTS.values()]
        for _ in range(rounds + 1)
    ]
    return _rows("import", "ms", turns[1:], IMPORTS)


def _servers(rounds) -> list[Row]:
    ways = {"actlab lab": ("actlab", "lab"), "jupyter lab": ("jupyter", "lab", "--allow-root")}
    with chromium() as browser:
        turns = [[_ready(browser, command) for command in ways.values()] for _ in range(rounds + 1)]
    return _rows("server to lesson", "s", turns[1:], ways)


def _ready(browser, command) -> float:
    """Seconds from starting a server to an open lesson with a kernel that is ready."""
    with tempfile.TemporaryDirectory() as folder:
        root, home = _course(Path(folder))
        context = browser.new_context(viewport={"width": 1300, "height": 1000})
        context.set_default_timeout(60_000)
        started = time.perf_counter()
        with jupyterlab(root, home, command=command) as lab:
            lab.open(context, "notebooks/00_start_here.ipynb")
            took = time.perf_counter() - started
            context.close()
        return took


def _course(folder: Path) -> tuple[Path, Path]:
    """A copy of the learner's notebooks, and a home for Jupyter's own files."""
    root, home = folder / "course", folder / "home"
    shutil.copytree(tools.ROOT / "notebooks", root / "notebooks")
    home.mkdir()
    return root, home
