"""Explorers one can hold, in a real Chromium: the picture is grabbed, a name is chosen, time is played."""

import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from accessible import picture_faults
from bench.stage import run_all
from offline import opened, violations
from test_browser import STATE, page_with, require_match, settled, write

from actlab.live import Choice, Dot, Explorer, Grab, Line, Slider, Text
from actlab.publish import executed, slides

WIDTHS = [390, 1280]
CURVES = {"sine": np.sin, "cosine": np.cos, "a < b": np.tanh}


def background(figure):
    """Linear axes over [-4, 4] × [-1.5, 1.5], and axes with a logarithmic height."""
    left, right = figure.subplots(1, 2)
    left.set(xlim=(-4, 4), ylim=(-1.5, 1.5))
    right.set(xlim=(0, 1), ylim=(1e-4, 1e4), yscale="log")
    return left, right


def point(z, curve):
    y = CURVES[curve](z)
    return [Dot(z, y)], f"At z = {z:+.1f} the {curve} is {y:+.2f}."


def lines(low, high):
    return [Line([low, low], [-1, 1]), Line([high, high], [-1, 1])], f"From {low:+.1f} to {high:+.1f}."


def place(rate, share):
    return [Dot(share, rate, ax=1)], f"Rate {rate:g} and share {share:g}."


def time(step):
    return [], f"Step {step}."


@pytest.fixture(scope="module")
def explorer():
    sliders = {
        "z": Slider(np.linspace(-4, 4, 81), 1, "point z"),
        "curve": Choice(CURVES, label="curve"),
        "rate": Slider(10.0 ** np.arange(-4, 5), 1, "rate"),
        "share": Slider(np.linspace(0, 1, 11), 0.5),
        "step": Slider(range(9), 6, "training step", play=True),
    }
    grab = {"z": "x", "rate": ("y", 1), "share": Grab("x", ax=1, at=lambda share: share)}
    return Explorer("Held", sliders, background, point, place, time, grab=grab)


def at(root):
    """The values that the page shows, by the sliders' names."""
    names = root.evaluate("root => [...root.querySelectorAll('[data-slider]')].map(c => c.dataset.slider)")
    return dict(zip(names, root.evaluate(STATE)["values"], strict=True))


ON_SCREEN = """(svg, [x, y]) => {
    const {x: left, y: top} = new DOMPoint(x, y).matrixTransform(svg.querySelector("g").getScreenCTM());
    return [left, top];
}"""


def pixel(explorer, root, ax, x, y):
    """Where a point of the picture's data lies on the screen."""
    ((px, py),) = explorer._canvas._at(ax, x, y)
    panel = root.locator(".actlab-panels > div > svg").nth(explorer._canvas.panel(ax))
    panel.scroll_into_view_if_needed()
    return panel.evaluate(ON_SCREEN, [px, py])


def drag(page, start, *stops):
    page.mouse.move(*start)
    page.mouse.down()
    for stop in stops:
        page.mouse.move(*stop, steps=3)
    page.mouse.up()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_picture_takes_its_sliders_along(chromium, tmp_path, explorer, width):
    with page_with(chromium, tmp_path, explorer, viewport={"width": width, "height": 900}) as root:
        page = root.page
        drag(page, pixel(explorer, root, 0, 1, 0), pixel(explorer, root, 0, -2.52, 1))
        assert at(root)["z"] == "−2.5"
        assert root.evaluate("root => document.activeElement === root.querySelector('[data-slider=z] input')")
        page.keyboard.press("ArrowRight")
        assert at(root)["z"] == "−2.4"
        drag(page, pixel(explorer, root, 1, 0.5, 1), pixel(explorer, root, 1, 0.88, 150))
        assert (at(root)["rate"], at(root)["share"]) == ("100", "0.9")
        drag(page, pixel(explorer, root, 1, 0.5, 1), pixel(explorer, root, 1, -0.3, 1e-5))
        assert (at(root)["rate"], at(root)["share"]) == ("0.0001", "0")
        assert at(root)["z"] == "−2.4"
        require_match(explorer, root.evaluate(STATE))


@pytest.mark.parametrize("width", WIDTHS)
def test_one_wide_panel_is_held_where_it_is_seen_and_its_words_stay_large(chromium, tmp_path, width):
    def alone(figure):
        ax = figure.subplots()
        ax.set(xlim=(-4, 4), ylim=(-1.5, 1.5))
        return ax

    def named(z):
        return [Line([z, z], [-1, 1]), Text(z, 1.2, "z", anchor="start")], f"At z = {z:+.1f} of 4."

    explorer = Explorer("One", {"z": Slider(np.linspace(-4, 4, 81), 1)}, alone, named, grab={"z": "x"})
    with page_with(chromium, tmp_path, explorer, viewport={"width": width, "height": 900}) as root:
        drag(root.page, pixel(explorer, root, 0, 1, 0), pixel(explorer, root, 0, -2.52, 1))
        assert at(root)["z"] == "−2.5"
        line, word = (root.locator(f".actlab-panels {kind}").bounding_box() for kind in ("path", "text"))
        assert word["x"] == pytest.approx(line["x"] + line["width"] / 2, abs=5)
        assert word["height"] > 12 and 0.4 < word["width"] / word["height"] < 0.8
        drawn = root.locator("img").evaluate("img => img.naturalWidth / 2")
        assert 13.9 * root.locator("img").bounding_box()["width"] / drawn > 11


def test_the_picture_follows_while_it_is_dragged_and_no_longer(chromium, tmp_path, explorer):
    with page_with(chromium, tmp_path, explorer) as root:
        seen = []
        root.page.mouse.move(*pixel(explorer, root, 0, 0, 0))
        assert at(root)["z"] == "1"
        root.page.mouse.down()
        for z in (0, 1, 2):
            root.page.mouse.move(*pixel(explorer, root, 0, z, 0))
            seen.append(at(root)["z"])
        root.page.mouse.up()
        root.page.mouse.move(*pixel(explorer, root, 0, -3, 0))
        assert [*seen, at(root)["z"]] == ["0", "1", "2", "2"]


def test_of_two_sliders_along_one_direction_the_nearer_one_is_taken(chromium, tmp_path):
    sliders = {"low": Slider(np.arange(-4, 5), -2), "high": Slider(np.arange(-4, 5), 2)}
    explorer = Explorer("Two", sliders, background, lines, grab={"low": "x", "high": "x"})
    with page_with(chromium, tmp_path, explorer) as root:
        drag(root.page, pixel(explorer, root, 0, 1.6, 0), pixel(explorer, root, 0, -3, 0))
        assert at(root) == {"low": "−2", "high": "−3"}
        drag(root.page, pixel(explorer, root, 0, -1.9, 0), pixel(explorer, root, 0, 4, 0))
        assert at(root) == {"low": "4", "high": "−3"}


def swipe(page, start, stop):
    """One finger from a point of the screen to another."""
    touch = page.context.new_cdp_session(page)
    for kind, share in (("touchStart", 0), *(("touchMove", k / 8) for k in range(1, 9))):
        x, y = np.array(start) + share * (np.array(stop) - start)
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)


CURSORS = "root => [...root.querySelectorAll('[data-grab]')].map(g => [g.style.cursor, g.style.touchAction])"


def test_a_finger_drags_along_x_and_scrolls_along_y(chromium, tmp_path, explorer):
    phone = {"viewport": {"width": 390, "height": 500}, "has_touch": True, "is_mobile": True}
    with page_with(chromium, tmp_path, explorer, **phone) as root:
        assert root.evaluate(CURSORS) == [["ew-resize", "pan-y"], ["move", "none"]]
        root.page.add_style_tag(content="body { height: 2000px }")
        x, y = pixel(explorer, root, 0, -2, 0)
        swipe(root.page, (x, y), pixel(explorer, root, 0, 3, 0))
        assert (at(root)["z"], root.page.evaluate("scrollY")) == ("3", 0)
        swipe(root.page, (x, y), (x + 4, y - 150))
        assert at(root)["z"] == "3"
        assert root.page.evaluate("scrollY") > 50
        root.page.touchscreen.tap(*pixel(explorer, root, 0, -1, 0))
        assert at(root)["z"] == "−1"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_name_is_chosen_with_the_mouse_and_with_the_keys(chromium, tmp_path, explorer, width):
    with page_with(chromium, tmp_path, explorer, viewport={"width": width, "height": 900}) as root:
        group = root.get_by_role("group", name="curve")
        assert [radio.is_checked() for radio in group.get_by_role("radio").all()] == [True, False, False]
        group.get_by_text("a < b").click()
        assert at(root)["curve"] == "a < b"
        root.page.keyboard.press("ArrowLeft")
        assert at(root)["curve"] == "cosine"
        require_match(explorer, root.evaluate(STATE))


def test_two_pictures_on_one_page_choose_apart(chromium, tmp_path, explorer):
    class Twice:
        def html(self):
            return explorer.html() * 2

    with page_with(chromium, tmp_path, Twice()) as roots:
        one, other = roots.all()
        one.get_by_text("cosine").click()
        assert [at(root)["curve"] for root in (one, other)] == ["cosine", "sine"]


@pytest.mark.parametrize("width", WIDTHS)
def test_time_is_played_to_its_end_and_starts_over(chromium, tmp_path, explorer, width):
    with page_with(chromium, tmp_path, explorer, viewport={"width": width, "height": 900}) as root:
        root.get_by_role("button", name="Play: training step").click()
        pause = root.get_by_role("button", name="Pause: training step")
        pause.wait_for()
        play = root.get_by_role("button", name="Play: training step")
        play.wait_for()
        assert at(root)["step"] == "8"
        play.press("Enter")
        pause.wait_for()
        assert int(at(root)["step"]) < 4
        root.locator("[data-slider=step] input").press("ArrowRight")
        play.wait_for()
        require_match(explorer, root.evaluate(STATE))


def test_who_asked_for_less_motion_steps(chromium, tmp_path, explorer):
    with page_with(chromium, tmp_path, explorer, reduced_motion="reduce") as root:
        seen = []
        for _ in range(4):
            root.get_by_role("button", name="One step: training step").click()
            seen.append(at(root)["step"])
        assert seen == ["7", "8", "0", "1"]
        root.page.wait_for_timeout(1000)
        assert at(root)["step"] == "1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_about_it_keeps_a_reader_out(chromium, tmp_path, explorer, width, scheme):
    with page_with(chromium, tmp_path, explorer, viewport={"width": width, "height": 900}, color_scheme=scheme) as root:
        ours = [v for v in violations(root.page, without=[]) if not v.startswith("document-title")]
        assert ours == []
        assert picture_faults(root.evaluate("root => root.outerHTML")) == []
        for control in root.locator("[data-slider]").all():
            assert control.evaluate("c => c.scrollWidth <= c.clientWidth + 1")


# --- on a slide and with a kernel ------------------------------------------------------------------------------------

COURSE = Path(__file__).parents[1]
LESSON = "02_sigmoid_tanh"
SHOW_IT = """root => {
    const { h, v } = Reveal.getIndices(root.closest("section"));
    Reveal.slide(h, v, 99);
    return [h, v];
}"""


@pytest.fixture(scope="module")
def deck(explorer, tmp_path_factory):
    """A deck in which the first explorer is the one to be held."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(COURSE / "docs" / "teaching", root / "docs" / "teaching")
    notebook = executed.read(COURSE / "solutions" / f"{LESSON}.ipynb")
    shown = next(o for c in notebook.cells for o in c.get("outputs", ()) if "explorer" in str(o.get("data")))
    shown["data"]["text/html"] = explorer.html()
    (root / "solutions").mkdir()
    nbformat.write(notebook, root / "solutions" / f"{LESSON}.ipynb")
    slides.build(root, root / "slides")
    return root / "slides" / f"{LESSON}.html"


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "finger"])
def test_on_a_slide_it_is_held_and_the_slide_stays(chromium, deck, explorer, touch):
    with opened(chromium, deck.as_uri(), has_touch=touch) as seen:
        seen.page.wait_for_function("window.Reveal?.isReady()")
        root = seen.page.locator(".actlab-explorer").first
        place = root.evaluate(SHOW_IT)
        start, stop = pixel(explorer, root, 0, 3, 0), pixel(explorer, root, 0, -3, 0)
        if touch:
            swipe(seen.page, start, stop)
        else:
            drag(seen.page, start, stop)
        assert at(root)["z"] == "−3"
        root.get_by_text("cosine").click()
        seen.page.keyboard.press("ArrowRight")
        assert at(root)["curve"] == "a < b"
        root.get_by_role("button", name="Play").press("Space")
        root.get_by_role("button", name="Pause").wait_for()
        root.get_by_role("button", name="Play").wait_for()
        assert at(root)["step"] == "8"
        assert seen.page.evaluate("[Reveal.getIndices().h, Reveal.getIndices().v]") == place
        root.get_by_role("button", name="Play").press("PageDown")
        assert seen.page.evaluate("[Reveal.getIndices().h, Reveal.getIndices().v]") != place
        assert seen.faults == []


def test_with_a_kernel_it_is_held_and_played_frame_by_frame(chromium, lab):
    path = "notebooks/held.ipynb"
    source = "import sys\n\nsys.path.insert(0, {!r})\nimport test_holding\n\ntest_holding.asking()"
    write(lab, path, source.format(str(COURSE / "tests")))
    explorer = asking()
    context = chromium.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(40_000)
    page = lab.open(context, path)
    run_all(page)
    root = page.locator(".actlab-explorer:not(:has(script))")
    root.wait_for()
    drag(page, pixel(explorer, root, 0, 1, 0), pixel(explorer, root, 0, -2.52, 1))
    settled(explorer, root)
    assert at(root)["z"] == "−2.5"
    page.evaluate(WATCH)
    root.get_by_role("button", name="Play").click()
    root.get_by_role("button", name="Pause").wait_for()
    root.get_by_role("button", name="Play").wait_for()
    settled(explorer, root)
    assert page.evaluate("window.said") == [f"At step {k} z is -2.5." for k in range(10)]
    context.close()


WATCH = """() => {
    const spoken = document.querySelector(".actlab-explorer span[data-layer]");
    window.said = [];
    new MutationObserver(() => window.said.push(spoken.textContent)).observe(spoken, {childList: true});
}"""


def asking():
    """An explorer with more frames than a page lists, played from its end on."""
    sliders = {"z": Slider(np.linspace(-4, 4, 81), 1), "step": Slider(range(10), 9, play=True)}

    def layer(z, step):
        return [Dot(z, step / 10)], f"At step {step} z is {z:.1f}."

    return Explorer("Asked", sliders, background, layer, grab={"z": "x"})
