"""From slider tick to painted picture: actlab's explorers beside the same figure under `ipywidgets.interact`.

    python tests/bench/slider.py [--ticks 60] [--json FILE]

Needs the `dev` extra and Chromium on the PATH; takes about five minutes.  One JupyterLab, one browser and one notebook
hold all the figures; the ticks take turns, A B C A B C, so that a busy moment of the machine hits everyone.  "The same
figure" has the course's style and its resolution, which is crisp on a 2x screen; pyplot's defaults have half of it.

A tick is one arrow key on a slider: the clock starts at the key's own time stamp.  Painted means: the picture's DOM has
changed for the last time (marks of an SVG replaced, or an image loaded), the next animation frame has come, and a task
after it has run.  The picture counts as complete when nothing further changes for 0.4 s.  A tick whose picture does not
change within 20 s ends the run with an error: nothing is left out.

How to read the table: `median` and `p95` in milliseconds over the ticks; `faster` is the median of interact with the
same figure, divided by the median of the row.  Compare rows of one run only.
"""

import argparse
import json
import tempfile
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook
from rich.console import Console
from rich.table import Table
from stage import chromium, jupyterlab, run_all

LISTED = 'from actlab.explorers import explore\n\nexplore("tanh")'

ASKED = """import numpy as np

def elu(z, alpha):
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))

explore(elu, alpha=np.linspace(0.25, 2, 71))"""

PYPLOT = """import ipywidgets
import matplotlib.pyplot as plt
from actlab import figures

def draw(z, dpi):
    x = np.linspace(-6, 6, 241)
    y, slope = np.tanh(z), 1 - np.tanh(z) ** 2
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), dpi=dpi)
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

def draw_in_style(z, dpi):
    with figures.style():
        draw(z, dpi)

slider = ipywidgets.FloatSlider(1, min=-6, max=6, step=0.125)
"""
SAME = PYPLOT + "ipywidgets.interact(draw_in_style, z=slider, dpi=ipywidgets.fixed(figures.DPI))"
PLAIN = PYPLOT + "ipywidgets.interact(draw, z=slider, dpi=ipywidgets.fixed(100))"

IMAGE = ".jp-OutputArea-output img"
BASELINE = "interact, the same figure, z"
ROWS = [  # name, cell, its slider, which of them, what a picture is made of
    ("actlab, listed frames, z", 0, "input[type=range]", 0, "svg[role=img]"),
    ("actlab, kernel frames, z", 1, "input[type=range]", 0, "svg[role=img]"),
    ("actlab, kernel frames, α", 1, "input[type=range]", 1, "svg[role=img]"),
    (BASELINE, 2, ".noUi-handle", 0, IMAGE),
    ("interact, pyplot's defaults, z", 3, ".noUi-handle", 0, IMAGE),
]

WATCH = """(slider, picture) => {
    const root = slider.closest(".jp-Cell");
    const clock = window.clock = {};
    const tasks = new MessageChannel();
    tasks.port1.onmessage = () => { clock.painted = performance.now(); };
    const changed = (event) => {
        const targets = Array.isArray(event) ? event.map((mutation) => mutation.target) : [event.target];
        if (clock.pressed && targets.some((target) => target.closest?.(picture)))
            requestAnimationFrame(() => tasks.port2.postMessage(0));
    };
    const observer = new MutationObserver(changed);
    observer.observe(root, {subtree: true, childList: true});
    root.addEventListener("load", changed, true);
    slider.addEventListener("keydown", (event) => { clock.pressed = event.timeStamp; }, {capture: true, once: true});
    clock.stop = () => { observer.disconnect(); root.removeEventListener("load", changed, true); };
}"""
COMPLETE = "() => window.clock.painted && performance.now() - window.clock.painted > 400"
READ = "() => { window.clock.stop(); return window.clock.painted - window.clock.pressed; }"


def measure(ticks):
    """{row name: milliseconds of each tick}."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        root, home = Path(folder, "course"), Path(folder, "home")
        (root / "notebooks").mkdir(parents=True)
        home.mkdir()
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        cells = [new_code_cell(source) for source in (LISTED, ASKED, SAME, PLAIN)]
        path = "notebooks/00_start_here.ipynb"
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), root / path)
        with jupyterlab(root, home) as lab:
            context = browser.new_context(viewport={"width": 1300, "height": 1000})
            context.set_default_timeout(60_000)
            page = lab.open(context, path)
            run_all(page)
            page.locator(".jp-Cell").last.locator(IMAGE).wait_for()
            times = {row[0]: [] for row in ROWS}
            for k in range(-3, ticks):
                for name, *where in ROWS:
                    milliseconds = tick(page, *where, "ArrowLeft" if k // 20 % 2 else "ArrowRight")
                    if k >= 0:
                        times[name].append(milliseconds)
            return times


def tick(page, cell, slider, which, picture, key):
    """Press one arrow key on a slider; how many milliseconds until its picture was painted."""
    handle = page.locator(".jp-Cell").nth(cell).locator(slider).nth(which)
    handle.scroll_into_view_if_needed()
    handle.focus()
    page.wait_for_timeout(100)
    handle.evaluate(WATCH, picture)
    page.keyboard.press(key)
    page.wait_for_function(COMPLETE, timeout=20_000)
    return page.evaluate(READ)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ticks", type=int, default=60)
    parser.add_argument("--json", type=Path, help="also write every single time, in milliseconds, to this file")
    options = parser.parse_args()
    times = measure(options.ticks)
    table = Table("tick → painted picture", "median ms", "p95 ms", "faster", title=f"{options.ticks} ticks each")
    slow = np.median(times[BASELINE])
    for name, values in times.items():
        median, p95 = np.percentile(values, [50, 95])
        table.add_row(name, f"{median:.0f}", f"{p95:.0f}", f"{slow / median:.1f} ×")
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(times))


if __name__ == "__main__":
    main()
