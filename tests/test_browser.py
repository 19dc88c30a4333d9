"""Explorers in a real Chromium: a page opened from a file with the network off, and notebooks in JupyterLab."""

import itertools
import json
import re
from contextlib import contextmanager

import nbformat
import numpy as np
import pytest
from bench.stage import run_all
from explored import NAMES, explored
from nbformat.v4 import new_code_cell, new_notebook

from actlab.live.packing import unpack

STATE = """root => ({
    picture: [...root.querySelectorAll(".actlab-panels > div > svg")].map(svg => svg.innerHTML).join(""),
    label: root.querySelector("svg[role=img]").getAttribute("aria-label"),
    spoken: root.querySelector("[role=status]").textContent.trim(),
    values: [...root.querySelectorAll("[data-slider]")].map(c => c.querySelector("fieldset")
        ? c.querySelector("input:checked + span").textContent
        : c.querySelector("input").getAttribute("aria-valuetext")),
    outputs: [...root.querySelectorAll("[data-slider]")].map(c =>
        c.querySelector("output, input:checked + span").textContent),
})"""

VISIT = f"""(root, places) => {{
    const controls = [...root.querySelectorAll("[data-slider]")].map(c => [...c.querySelectorAll("input")]);
    return places.map(place => {{
        controls.forEach((inputs, i) => {{
            const radio = inputs[0].type === "radio", input = inputs[radio ? place[i] : 0];
            if (radio) input.checked = true; else input.value = place[i];
            input.dispatchEvent(new Event("input"));
        }});
        return ({STATE})(root);
    }});
}}"""

PLACES = """root => [...root.querySelectorAll("[data-slider]")].map(c => {
    const inputs = [...c.querySelectorAll("input")];
    return inputs[0].type === "radio" ? inputs.findIndex(i => i.checked) : +inputs[0].value;
})"""

AS_DRAWN = """svgs => svgs.map(svg => {
    const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
    group.innerHTML = svg;
    return group.innerHTML;
})"""

LAYOUT = """root => {
    const box = e => (({left, top, right, bottom}) => [left, top, right, bottom])(e.getBoundingClientRect());
    return {
        panels: [...root.querySelectorAll(".actlab-panels > div")].map(panel => {
            const img = panel.querySelector("img"), view = panel.querySelector("svg").viewBox.baseVal;
            return {img: box(img), svg: box(panel.querySelector("svg")), drawn: img.naturalWidth / 2, seen: view.width,
                natural: img.naturalWidth / img.naturalHeight, view: view.width / view.height};
        }),
        words: [...root.querySelectorAll(".actlab-panels text")].filter(t => t.textContent.trim()).map(box),
        blocks: [...root.children].filter(e => e.offsetHeight).map(box),
        labels: [...root.querySelectorAll("label")].map(l => [...l.children].map(box)),
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        cut: [...root.querySelectorAll("span, output, div")].filter(e => e.scrollWidth > e.clientWidth + 1
            && getComputedStyle(e).display !== "inline").map(e => e.outerHTML.slice(0, 80)),
    };
}"""


HALO = 4
"""Pixels round a word on a picture that are its white rim or the air of its line."""


@contextmanager
def page_with(chromium, folder, explorer, **context):
    """The explorer's root element on a page opened from a file, offline; a request or an error fails the test."""
    file = folder / "explorer.html"
    file.write_text(f'<!doctype html><html lang="en"><meta charset="utf-8"><body>{explorer.html()}', encoding="utf-8")
    complaints = []
    context = chromium.new_context(**context)
    context.set_offline(True)
    page = context.new_page()
    page.on("request", lambda r: r.url.startswith(("file:", "data:")) or complaints.append(r.url))
    page.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.goto(file.as_uri())
    yield page.locator(".actlab-explorer")
    assert not complaints
    context.close()


def said(explorer, texts):
    """What Python says with the sliders at the positions of these texts."""
    at = {n: s.positions[s.texts.index(t)] for (n, s), t in zip(explorer.sliders.items(), texts, strict=True)}
    return explorer.at(**at)


def require_match(explorer, state):
    """Picture, spoken label, sentence and readouts of a state all tell what Python tells."""
    sentence = said(explorer, state["values"])
    assert state["label"] == f"{explorer.title}: {sentence}"
    assert " ".join(state["spoken"].split()) == sentence
    assert state["outputs"] == state["values"]


def packed(explorer):
    text = re.search(r'<script type="application/json">(.*?)</script>', explorer.html(), re.DOTALL)[1]
    return json.loads(text.replace("<!--varies-->", "").replace("<!--/varies-->", ""))


# --- from a file, without a network ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_script_shows_what_python_says(chromium, tmp_path, name):
    """At every position of every slider with the others at their start, and at 50 places anywhere."""
    explorer = explored(name)
    data = packed(explorer)
    offered = [slider["values"] for slider in data["sliders"]]
    with page_with(chromium, tmp_path, explorer) as root:
        start = root.evaluate(PLACES)
        places = [[*start[:i], j, *start[i + 1 :]] for i, values in enumerate(offered) for j in range(len(values))]
        places += np.random.default_rng(0).integers([len(v) for v in offered], size=(50, len(offered))).tolist()
        seen = root.evaluate(VISIT, places)
        drawn = [
            root.page.evaluate(AS_DRAWN, [unpack(layer["templates"], r).split("\x02")[0] for r in layer["rows"]])
            for layer in data["layers"]
        ]
        panels = root.locator(".actlab-panels > div").count()
    for place, state in zip(places, seen, strict=True):
        assert state["values"] == [values[j] for values, j in zip(offered, place, strict=True)]
        require_match(explorer, state)
        rows = [_row([(place[i], len(offered[i])) for i in layer["sliders"]]) for layer in data["layers"]]
        frames = [drawn[k][row].split("\x03") for k, row in enumerate(rows)]
        expected = [f'<g data-layer="{k}">{frame[p]}</g>' for p in range(panels) for k, frame in enumerate(frames)]
        assert re.sub("<!--.*?-->", "", state["picture"]) == "".join(expected)
    for i in range(len(offered)):
        alone = [
            (s["label"], s["picture"])
            for p, s in zip(places, seen, strict=True)
            if p[:i] + p[i + 1 :] == start[:i] + start[i + 1 :]
        ]
        assert len(set(alone)) > len(offered[i]) / 2, f"slider {i} changes little"


def _row(places):
    """The index of a frame, last slider fastest.  places: [(position, how many there are), ...]."""
    row = 0
    for position, length in places:
        row = row * length + position
    return row


@pytest.mark.parametrize("name", NAMES)
def test_keyboard_and_mouse_move_it(chromium, tmp_path, name):
    explorer = explored(name)
    with page_with(chromium, tmp_path, explorer) as root:
        states = [root.evaluate(STATE)]
        assert root.locator("[data-asleep]").count() == 0
        for slider in root.locator("input[type=range]").all():
            assert slider.is_enabled()
            slider.focus()
            slider.press("ArrowLeft" if slider.input_value() != "0" else "ArrowRight")
            states.append(root.evaluate(STATE))
            drag(slider, 0.07 if int(slider.input_value()) > int(slider.get_attribute("max")) / 2 else 0.93)
            states.append(root.evaluate(STATE))
        for choice in root.locator("fieldset").all():
            choice.locator("input:checked").press("ArrowRight")
            states.append(root.evaluate(STATE))
            choice.locator("label:has(input:not(:checked))").last.click()
            states.append(root.evaluate(STATE))
        for before, after in itertools.pairwise(states):
            require_match(explorer, after)
            assert before["values"] != after["values"]
        assert len({state["picture"] for state in states}) > 2
        assert len({(state["label"], state["picture"]) for state in states}) > len(states) / 2


def drag(slider, share):
    """Take the slider's knob with the mouse and pull it to a share of its length."""
    box = slider.bounding_box()
    knob = 16
    index, last = int(slider.input_value()), int(slider.get_attribute("max"))
    mouse, y = slider.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + knob / 2 + index / last * (box["width"] - knob), y)
    mouse.down()
    mouse.move(box["x"] + share * box["width"], y, steps=4)
    mouse.up()


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_keeps_its_proportions_and_nothing_overlaps(chromium, tmp_path, name):
    with page_with(chromium, tmp_path, explored(name), device_scale_factor=2) as root:
        for width in (390, 456, 800, 1280):
            root.page.set_viewport_size({"width": width, "height": 900})
            require_tidy(root.evaluate(LAYOUT), width)


def test_the_picture_keeps_its_proportions_on_a_plain_screen(chromium, tmp_path):
    with page_with(chromium, tmp_path, explored("explore"), viewport={"width": 456, "height": 900}) as root:
        require_tidy(root.evaluate(LAYOUT), 456)


def require_tidy(layout, width):
    for panel in layout["panels"]:
        assert np.allclose(panel["img"], panel["svg"], atol=1)
        left, top, right, bottom = panel["img"]
        assert (right - left) / (bottom - top) == pytest.approx(panel["natural"], rel=0.01)
        assert panel["natural"] == pytest.approx(panel["view"], rel=0.01)
    if width < 600:
        assert right - left > width - 60
        assert len({panel["img"][0] for panel in layout["panels"]}) == 1
    else:
        assert right - layout["panels"][0]["img"][0] > min(width, 900) - 60
    for i, word in enumerate(layout["words"]):
        assert word[0] >= -HALO and word[2] <= width + HALO, word
        for other in layout["words"][i + 1 :]:
            across, along = (
                min(word[2], other[2]) - max(word[0], other[0]),
                min(word[3], other[3]) - max(word[1], other[1]),
            )
            assert min(across, along) < 2 * HALO, (word, other)
    assert layout["overflow"] == 0
    assert layout["cut"] == []
    for above, below in itertools.pairwise(layout["blocks"]):
        assert above[3] <= below[1] + 1
    for parts in layout["labels"]:
        for i, a in enumerate(parts):
            for b in parts[i + 1 :]:
                assert a[2] <= b[0] + 1 or a[3] <= b[1] + 1, (a, b)


def test_without_javascript_picture_and_sentence_stay(chromium, tmp_path):
    explorer = explored("explore")
    with page_with(chromium, tmp_path, explorer, java_script_enabled=False) as root:
        assert all(image.is_visible() for image in root.locator("img").all())
        assert root.get_by_role("img", name=repr(explorer)).is_visible()
        assert root.locator("div[role=status]").inner_text() == explorer.at()
        assert all(not slider.is_enabled() for slider in root.locator("input").all())
        assert root.get_by_text("The sliders need JavaScript.").is_visible()


def test_sliders_can_be_found_by_their_labels(chromium, tmp_path):
    with page_with(chromium, tmp_path, explored("explore with a parameter")) as root:
        found = [root.get_by_role("slider", name=n).count() for n in ("point z", "α", "saturated below", "spread s")]
        assert found == [1, 1, 1, 1]


# --- in JupyterLab ---------------------------------------------------------------------------------------------------

SHOW = 'from actlab.explorers import explore\n\nexplore("tanh")'
MINE = """import numpy as np


def elu(z, alpha):
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


explore(elu, alpha=np.linspace(0.25, 2, 8))"""


@pytest.fixture
def notebook(chromium, lab):
    """notebook(path) opens one in the running JupyterLab, on a page of its own."""
    context = chromium.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(40_000)
    yield lambda path: lab.open(context, path)
    context.close()


def write(lab, path, *sources):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [new_code_cell(source) for source in sources]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), lab.root / path)


def settled(explorer, root):
    """The state of a live explorer once its picture has caught up with its sliders."""
    for _ in range(100):
        state = root.evaluate(STATE)
        if state["label"] == f"{explorer.title}: {said(explorer, state['values'])}":
            break
        root.page.wait_for_timeout(50)
    require_match(explorer, state)
    return state


def focus_of(page):
    """Which cell is active, in which mode, out of how many."""
    return page.evaluate("""() => {
        const cells = [...document.querySelectorAll(".jp-Notebook-cell")];
        const mode = document.querySelector(".jp-Notebook").classList.contains("jp-mod-commandMode");
        return [cells.findIndex(c => c.classList.contains("jp-mod-active")), mode, cells.length];
    }""")


def saved(lab, page, path):
    """The notebook's file once every code cell has been run and saved."""
    for _ in range(60):
        page.keyboard.press("Control+s")
        page.wait_for_timeout(500)
        notebook = nbformat.read(lab.root / path, as_version=4)
        if all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code"):
            return notebook
    raise AssertionError("not every cell was run and saved")


def move_in_every_way(root, explorer):
    """Move every slider with keyboard and mouse; the notebook around it must not notice.  Returns how many pictures."""
    root.wait_for()
    states = [settled(explorer, root)]
    for slider in root.locator("input").all():
        slider.focus()
        before = focus_of(root.page)
        for key in ("ArrowRight", "d", "d", "ArrowUp"):
            slider.press(key)
        assert focus_of(root.page) == before
        states.append(settled(explorer, root))
        drag(slider, 0.4)
        states.append(settled(explorer, root))
    for old, new in itertools.pairwise(states):
        assert old["label"] != new["label"]
    return len({state["picture"] for state in states})


def restart(page):
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_text("Restart Kernel…", exact=True).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()


def test_explorers_live_saved_and_untrusted(lab, notebook):
    path = "notebooks/live.ipynb"
    write(lab, path, SHOW, MINE)
    page = notebook(path)
    run_all(page)
    listed, asking = (page.locator(".actlab-explorer").nth(k) for k in (0, 1))
    page.locator(".jp-Cell:nth-of-type(2) .actlab-explorer:not(:has(script))").wait_for()
    for root, name in ((listed, "explore"), (asking, "explore with a parameter")):
        assert move_in_every_way(root, explored(name)) > 3
    offered = asking.locator("input").first.get_attribute("max")
    assert offered == "96"

    kept = saved(lab, page, path)
    assert "widgets" not in kept.metadata
    assert [set(cell.outputs[0].data) for cell in kept.cells] == [{"text/html", "text/plain"}] * 2

    restart(page)
    page.locator(".actlab-explorer:has(script)").nth(1).wait_for()
    assert move_in_every_way(asking, explored("explore with a parameter")) > 3
    assert int(asking.locator("input").first.get_attribute("max")) < 96
    page.close()

    reopened = notebook(path)
    for k, name in enumerate(("explore", "explore with a parameter")):
        root = reopened.locator(".actlab-explorer").nth(k)
        assert move_in_every_way(root, explored(name)) > 3
        assert root.locator("script").count() == 2
    reopened.close()

    kept.cells[0].source += "  # changed by somebody else"
    nbformat.write(kept, lab.root / "notebooks/foreign.ipynb")
    root = notebook("notebooks/foreign.ipynb").locator(".actlab-explorer").first
    root.get_by_text("At z = +1.00 the value is 0.7616").wait_for()
    images = root.locator("img").all()
    assert sum(i.evaluate("i => i.naturalWidth") for i in images[::2]) == 2 * explored("explore").size[0]
    for background, marks in zip(images[::2], images[1::2], strict=True):
        assert marks.evaluate("img => img.naturalWidth") > 0
        boxes = [image.bounding_box() for image in (background, marks)]
        assert all(abs(boxes[0][side] - boxes[1][side]) < 1 for side in ("x", "y", "width", "height"))
    assert root.locator("script").count() == 0
    assert all(slider.is_disabled() for slider in root.locator("input").all())
    assert root.get_by_text("Run this cell, or trust the notebook, to move the sliders.").is_visible()


def test_the_first_lesson_runs_and_its_first_slider_moves(lab, notebook):
    path = "notebooks/00_start_here.ipynb"
    page = notebook(path)
    run_all(page)
    outputs = [output for cell in saved(lab, page, path).cells for output in cell.get("outputs", ())]
    assert outputs
    assert [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"] == []
    root = page.locator(".actlab-explorer").first
    before = root.evaluate(STATE)
    root.locator("input").first.press("ArrowRight")
    after = root.evaluate(STATE)
    for part in ("picture", "label", "spoken", "outputs"):
        assert before[part] != after[part]
