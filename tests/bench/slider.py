"""1. From slider tick to painted picture, in a real browser, for a representative of every explorer.

Beside actlab's two ways stand `interact` with pyplot, ipympl with blitting, and a JavaScript canvas as the floor;
`rivals.py` says what each of them does.  All five draw the same figure, stand in one notebook with one kernel, and take
turns, A B C D E A B C …, so that a busy moment of the machine hits everyone.

A tick is one arrow key on the explorer's longest slider, which is swept back and forth, so that few frames are asked
for twice.  The clock starts at the key's own time stamp.  Painted means: the picture has changed for the last time
(marks of an SVG replaced, an image loaded, a canvas drawn on), the next animation frame has come, and a task after it
has run.
The picture counts as complete when nothing further changes for 0.3 s; the next tick follows after that.  So the hand
rests before every tick, which is when a kernel brings what lies around, and it has been near for more than a second
before the first.  A tick whose picture does not change within 20 s ends the run with an error: nothing is left out.

Bytes are those of all WebSocket messages of the page from the key to the complete picture, both ways, uncompressed.

`cold` is the other extreme: the first thing after the cells have run, eight keys in one direction (fewer where the
slider ends), each pressed as soon as the picture has changed, with no rest but the 50 ms after the slider takes the
focus.  It is the median, in milliseconds from a key to the first change painted after it.

In the drag the mouse pulls the knob from one end to the other in one second, after a second of rest at its start.
Frames are the animation frames with a new picture that were painted within this second; `behind` is how long after the
release the last one came, in milliseconds (the picture counts as settled when nothing changes for two seconds).
A slider of few positions has few pictures to show: `of` says how many.

Ratios are to `actlab, kernel` of the same turn.
"""

import tempfile
import time
from itertools import count
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook

from bench import tools
from bench.report import Row
from bench.rivals import EXPLORERS
from bench.stage import chromium, jupyterlab, run_all

TICKS, QUICK_TICKS = 8, 5
IN_A_ROW = 8
QUICK = ("explore", "folding", "gradients")
WARM_UP = 2
WAYS = {  # name in the table: (function in `rivals`, its sliders, what its picture is made of)
    "actlab, kernel": ("kernel", "input[type=range]", "svg[role=img]"),
    "actlab, listed": ("listed", "input[type=range]", "svg[role=img]"),
    "interact + pyplot": ("interact", ".noUi-handle", ".jp-OutputArea-output img"),
    "ipympl, blitting": ("ipympl", ".noUi-handle", "canvas"),
    "canvas (floor)": ("canvas", "input[type=range]", "canvas"),
}
BASE = "actlab, kernel"
IPYMPL = "ipympl==0.10.0"

PREPARE = """(() => {
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (...args) {
        draw.apply(this, args);
        if (this.canvas.isConnected) this.canvas.dispatchEvent(new Event("drawn"));
    };
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (call) => ask((now) => {
        window.framing = true;
        try { call(now); } finally { window.framing = false; }
    });
})()"""
WATCH = """(slider, picture) => {
    const root = slider.closest(".jp-Cell");
    const clock = window.clock = {frames: []};
    const tasks = new MessageChannel();
    let pending = false;
    tasks.port1.onmessage = () => { pending = false; clock.frames.push(performance.now()); };
    const changed = (event) => {
        const targets = Array.isArray(event) ? event.map((mutation) => mutation.target) : [event.target];
        if (!clock.pressed || pending || !targets.some((target) => target.closest?.(picture))) return;
        pending = true;
        const painted = () => tasks.port2.postMessage(0);
        window.framing ? painted() : requestAnimationFrame(painted);
    };
    const observer = new MutationObserver(changed);
    observer.observe(root, {subtree: true, childList: true});
    clock.presses = [];
    const pressed = (event) => {
        clock.pressed ??= event.timeStamp;
        clock.presses.push(event.timeStamp);
    };
    const events = [["load", changed], ["drawn", changed], ["keydown", pressed], ["pointerdown", pressed]];
    events.forEach(([name, listen]) => root.addEventListener(name, listen, true));
    clock.stop = () => {
        observer.disconnect();
        events.forEach(([name, listen]) => root.removeEventListener(name, listen, true));
        return [clock.presses, clock.frames];
    };
}"""
CHANGED = "() => window.clock.frames.at(-1) > window.clock.presses.at(-1)"
COMPLETE = "() => window.clock.frames.length && performance.now() - window.clock.frames.at(-1) > 300"
SETTLED = "released => performance.now() - Math.max(released, ...window.clock.frames) > 2000"
LENGTH = "slider => 1 + parseFloat(slider.max || slider.getAttribute('aria-valuemax'))"
PLACE = "slider => slider.value ?? slider.getAttribute('aria-valuenow')"
TRACK = """slider => {
    const box = (slider.closest(".noUi-base") || slider).getBoundingClientRect();
    const knob = slider.matches("input") ? 8 : 0;
    return [box.left + knob, box.right - knob, box.top + box.height / 2];
}"""


def measure(quick: bool) -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        root, home = Path(folder, "course"), Path(folder, "home")
        (root / "notebooks").mkdir(parents=True)
        home.mkdir()
        names = QUICK if quick else tuple(EXPLORERS)
        for name in names:
            nbformat.write(_notebook(name), root / "notebooks" / f"{name}.ipynb")
        (root / "notebooks" / "00_start_here.ipynb").symlink_to(f"{names[0]}.ipynb")
        extra = tools.package("ipympl", IPYMPL)
        variables = {
            "PYTHONPATH": f"{tools.ROOT / 'tests'}:{tools.ROOT / 'utils'}:{extra}",
            "JUPYTER_PATH": str(extra / "share" / "jupyter"),
            "OMP_NUM_THREADS": "1",
        }
        with jupyterlab(root, home, variables=variables) as lab:
            for name in names:
                context = browser.new_context(viewport={"width": 1300, "height": 1000})
                context.set_default_timeout(60_000)
                context.add_init_script(PREPARE)
                rows += _explorer(lab, context, name, QUICK_TICKS if quick else TICKS)
                context.close()
    return rows


def _notebook(name):
    first = f"from bench import rivals\n\nit = rivals.made({name!r})"
    cells = [new_code_cell(source) for source in (first, *(f"rivals.{way[0]}(it)" for way in WAYS.values()))]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _explorer(lab, context, name, ticks):
    """All rows of one explorer."""
    traffic = []
    context.on("page", lambda page: page.on("websocket", lambda socket: _listen(socket, traffic)))
    page = lab.open(context, f"notebooks/{name}.ipynb")
    run_all(page)
    ways = {}
    for cell, (way, (_, slider, picture)) in enumerate(WAYS.items(), 1):
        sliders = page.locator(".jp-Cell").nth(cell).locator(slider)
        sliders.first.wait_for(state="attached")
        lengths = [handle.evaluate(LENGTH) for handle in sliders.all()]
        longest = int(np.argmax(lengths))
        ways[way] = _Way(page, sliders.nth(longest), picture, int(lengths[longest]), traffic)
    page.locator(".jp-Cell").last.locator("canvas").wait_for()
    page.wait_for_timeout(1000)
    cold = {way: one.in_a_row() for way, one in ways.items()}
    drags = {way: one.drag() for way, one in ways.items()}
    turns = [[one.tick() for one in ways.values()] for _ in range(WARM_UP + ticks)][WARM_UP:]
    times = {way: [turn[k][0] for turn in turns] for k, way in enumerate(ways)}
    return [
        Row(
            name,
            way,
            "ms",
            times[way],
            times[BASE] if way != BASE else [],
            {
                "cold": cold[way],
                "bytes": float(np.median([turn[k][1] for turn in turns])),
                "frames in 1 s": drags[way][0],
                "of": ways[way].length,
                "behind": float(drags[way][1]),
            },
            "all explorers",
        )
        for k, way in enumerate(ways)
    ]


def _listen(socket, traffic):
    for event in ("framereceived", "framesent"):
        socket.on(event, lambda payload: traffic.append(len(payload)))


class _Way:
    """One slider, and the picture that follows it."""

    def __init__(self, page, slider, picture, length, traffic):
        self.page, self.slider, self.picture, self.length, self.traffic = page, slider, picture, length, traffic
        self.presses = count()

    def tick(self):
        """Press an arrow key: (milliseconds until the last change was painted, bytes on the WebSockets)."""
        up = next(self.presses) // (self.length - 1) % 2 == 0
        self._watch()
        del self.traffic[:]
        self.page.keyboard.press("ArrowRight" if up else "ArrowLeft")
        self.page.wait_for_function(COMPLETE, timeout=20_000)
        (pressed, *_), frames = self.page.evaluate("window.clock.stop()")
        return frames[-1] - pressed, sum(self.traffic)

    def in_a_row(self):
        """Press an arrow key, again as soon as the picture changes: median milliseconds until it does."""
        self._watch()
        below = int(float(self.slider.evaluate(PLACE)))
        above = self.length - 1 - below
        key = "ArrowRight" if above >= below else "ArrowLeft"
        for _ in range(min(IN_A_ROW, max(above, below))):
            self.page.keyboard.press(key)
            self.page.wait_for_function(CHANGED, timeout=20_000)
        presses, frames = self.page.evaluate("window.clock.stop()")
        return float(np.median([min(at for at in frames if at > pressed) - pressed for pressed in presses]))

    def drag(self):
        """Pull the knob over its whole way in a second, and leave it at its start: (frames painted, ms behind)."""
        self.slider.scroll_into_view_if_needed()
        self.slider.press("Home")
        self.page.wait_for_timeout(1000)
        left, right, y = self.slider.evaluate(TRACK)
        mouse = self.page.mouse
        mouse.move(left, y)
        self._watch()
        mouse.down()
        started = time.monotonic()
        while (share := time.monotonic() - started) < 1:
            mouse.move(left + share * (right - left), y)
        mouse.move(right, y)
        released = self.page.evaluate("performance.now()")
        mouse.up()
        self.page.wait_for_function(SETTLED, arg=released, timeout=60_000)
        (pressed, *_), frames = self.page.evaluate("window.clock.stop()")
        self.slider.press("Home")
        self.page.wait_for_timeout(1000)
        return sum(at < pressed + 1000 for at in frames), max(0, frames[-1] - released)

    def _watch(self):
        self.slider.scroll_into_view_if_needed()
        self.slider.focus()
        self.page.wait_for_timeout(50)
        self.slider.evaluate(WATCH, self.picture)
