"""The live layer: packing, marks, what an explorer says, how it fails kindly, and that it can be freed."""

import ast
import base64
import gc
import html
import io
import itertools
import json
import re
import sys
import textwrap
import time
import weakref
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from bs4 import BeautifulSoup
from comm import get_comm_manager
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor

from actlab import figures, learner, live
from actlab.activations import REGISTRY
from actlab.explorers import explore
from actlab.live import Area, Band, Choice, Dot, Explorer, Grab, Layer, Line, Slider, Text
from actlab.live.backgrounds import place
from actlab.live.explorer import LISTED
from actlab.live.marks import Canvas
from actlab.live.packing import pack, unpack
from actlab.live.page import ASLEEP, SCRIPTLESS

SIZE = (400, 300)


def plain_background(figure):
    return figure.subplots()


def shown_marks(page):
    """The moving marks of a self-contained explorer at its start."""
    return re.search(r'<svg role="img".*?</svg>(?=<img|</div>)', page, re.DOTALL)[0]


def aria_label(page):
    return html.unescape(re.search(r'<svg role="img" aria-label="(.*?)"', page, re.DOTALL)[1])


# --- packing ---------------------------------------------------------------------------------------------------------

numbers = st.one_of(st.integers(), st.floats(-1e6, 1e6).map("{:.1f}".format)).map(str)
words = st.text(st.characters(exclude_characters="\x01", exclude_categories=["Cs"]))
texts = st.lists(st.one_of(numbers, words, st.sampled_from(["M", " ", "-", ".", '<path d="'])), max_size=12).map(
    "".join
)


@given(st.lists(texts, max_size=12))
@example(["a1", "a2", "b"])
@example(["-0.0 1.2.3", "--1 -2.-3.4"])
@example(["10⁻¹⁵·⁵", "⁻⁻1·²", "²³·4"])
@example(["\\g<0> \\1 2", "\\g<0> \\1 3"])
def test_every_text_comes_back_from_its_package(originals):
    templates, rows = pack(originals)
    assert [unpack(templates, row) for row in rows] == originals


def test_only_numbers_that_change_are_stored_per_frame():
    templates, rows = pack([f'<path d="M{x} 7.5" width="3"/>' for x in range(50)])
    assert len(templates) == 1
    assert rows[17] == "0 17"
    assert len(pack(["10⁻¹⁵·⁵ at 3", "10²·⁰ at 30"])[0]) == 1


# --- marks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def canvas():
    """Linear axes over [0, 4] × [0, 3], and axes with a logarithmic height."""
    with figures.style():
        figure = figures.new_figure(SIZE)
        linear, logarithmic = axes = figure.subplots(1, 2)
        linear.set(xlim=(0, 4), ylim=(0, 3))
        logarithmic.set(yscale="log", xlim=(0, 1), ylim=(1e-4, 1e4))
        figure.canvas.draw()
    return Canvas([place(ax) for ax in axes])


def points(svg):
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", svg)]


def box(svg):
    return [float(v) for v in re.search(r'viewBox="(.*?)"', svg)[1].split()]


def test_the_corners_of_the_axes_are_the_corners_of_the_frame(canvas):
    svg = canvas.svg([Line([0, 4], [0, 3])])
    left, top, width, height = box(svg)
    assert np.allclose(points(svg), [(left, top + height), (left + width, top)], atol=0.11)


def test_nan_breaks_a_line_and_an_area(canvas):
    x, y = [0, 1, np.nan, 2, 3], [0, 1, 1, 2, 3]
    for mark in (Line(x, y), Area(x, y)):
        path = re.search(r' d="(.*?)"', canvas.svg([mark]))[1]
        assert re.sub(r"-?[\d. ]+", "", path) == "MLML"


def test_nan_drops_a_dot_and_keeps_the_others(canvas):
    assert len(points(canvas.svg([Dot([0, 1, 2], [0, np.nan, 2])]))) == 2


def test_a_logarithmic_axis_places_equal_factors_at_equal_distances(canvas):
    heights = [y for _, y in points(canvas.svg([Line([0, 0, 0], [1e-4, 1, 1e4], ax=1)]))]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.11)
    assert heights[0] > heights[2]


def test_zero_on_a_logarithmic_axis_is_far_below_and_still_a_number(canvas):
    ((_, y),) = points(canvas.svg([Line([0.5], [0.0], ax=1)]))
    assert y >= SIZE[1]


def test_lines_are_clipped_to_their_axes_and_dots_are_not(canvas):
    svg = canvas.svg([Line([0, 9], [0, 9]), Dot(0, 0), Band(1, 2), Text(0, 0, "here"), Area([0, 1, 1], [0, 0, 1])])
    parts = re.findall(r"<svg.*?</svg>|<(?:path|text|rect).*?/(?:text)?>", svg)
    clipped = [part.startswith("<svg") for part in parts]
    assert clipped == [True, False, False, True, False, True]


def test_numbers_beyond_any_screen_stay_short(canvas):
    assert np.abs(points(canvas.svg([Line([0, 1e300], [0, -np.inf])]))).max() <= 9999


def test_a_label_cannot_inject_markup(canvas):
    assert "<b>" not in canvas.svg([Text(1, 1, "<b>a & b</b>")])


def test_marks_lie_where_matplotlib_drew_the_curve():
    z, color = np.linspace(-6, 6, 241), REGISTRY["tanh"].color
    explorer = Explorer(
        "tanh",
        {"z": [0, 1]},
        lambda figure: figure.subplots().plot(z, np.tanh(z), color=color)[0].axes,
        lambda z: (Dot(z, np.tanh(z)), "said"),
    )
    page = explorer.html()
    picture = Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,(.*?)\"", page)[1]))).convert("RGB")
    (x, y), *_ = points(re.search(r'<path d="M[\d. ]+h0".*?>', shown_marks(page))[0])
    scale = figures.DPI / 100
    seen = np.array(picture.getpixel((x * scale, y * scale)))
    assert np.abs(seen - ImageColor.getrgb(color)).max() < 40


# --- the two forms ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tanh():
    return explore("tanh")


def test_readers_hear_what_the_picture_shows(tanh, monkeypatch):
    monkeypatch.setenv("ACTLAB_STATIC", "1")
    bundle = tanh._repr_mimebundle_()
    sentence = tanh.at()
    assert sentence.startswith("At z = +1.00 the value is 0.7616")
    assert bundle["text/plain"] == repr(tanh) == aria_label(bundle["text/html"]) == f"{tanh.title}: {sentence}"
    spoken = re.search(r'role="status".*?>(.*?)</div>', bundle["text/html"])[1]
    assert html.unescape(re.sub("<.*?>", "", spoken)) == sentence


def test_at_goes_to_the_nearest_position(tanh):
    assert tanh.at(z=0.06) == tanh.at(z=0.0) != tanh.at(z=0.07)
    assert tanh.at(z=1e9) == tanh.at(z=6)
    assert tanh.at(threshold=0.4, scale=7.6) == tanh.at(threshold=0.5, scale=8)


def test_a_position_is_a_drawing_of_its_own(tanh):
    drawing = tanh.svg(z=2)
    assert tanh.at(z=2) in html.unescape(drawing)
    root = ElementTree.fromstring(drawing)
    assert root.get("viewBox") == "0 0 {} {}".format(*tanh.size)
    for layer in tanh._frames({"z": 2}):
        assert layer[0].replace("\x03", "") in drawing
    assert tanh.svg() != drawing and "<image" not in drawing
    with pytest.raises(KeyError, match="no slider called 'zz'"):
        tanh.svg(zz=2)


def test_a_drawing_of_what_cannot_be_drawn_says_why():
    broken = Explorer("Nothing", {"z": []}, lambda figure: figure.subplots())
    assert (
        broken.trouble.replace("`", "")
        in ElementTree.fromstring(broken.svg()).find("{http://www.w3.org/2000/svg}desc").text
    )


def test_at_names_the_sliders_to_whoever_mistypes_one(tanh):
    with pytest.raises(KeyError, match="no slider called 'zz'; there are z, threshold, scale"):
        tanh.at(zz=1)


def many():
    """An explorer with more frames than a page lists: a notebook asks its kernel for them."""

    def layer(a, b):
        return [Dot(a, b)], f"{a:g} and {b:g}"

    sliders = {"a": Slider(np.linspace(0, 1, 100), 0.5), "b": Slider(np.linspace(0, 1, 30), 0.75)}
    return Explorer("many", sliders, plain_background, layer, size=SIZE)


@pytest.mark.parametrize("static", ["1", ""])
@pytest.mark.parametrize("make", [many, lambda: explore("tanh")], ids=["asks its kernel", "lists all"])
def test_a_notebook_holds_text_and_html_only(make, static, monkeypatch):
    monkeypatch.setenv("ACTLAB_STATIC", static)
    explorer = make()
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert elsewhere(re.sub(' data-live="[0-9a-f]+"', "", bundle["text/html"])) == explorer.html()
    explorer.close()


@pytest.mark.parametrize(
    ("make", "static", "asks"), [(many, "", True), (many, "1", False), (lambda: explore("relu"), "", False)]
)
def test_only_a_picture_with_more_than_a_page_holds_asks_a_kernel(make, static, asks, monkeypatch):
    monkeypatch.setenv("ACTLAB_STATIC", static)
    before = len(get_comm_manager().comms)
    explorer = make()
    page = explorer._repr_mimebundle_()["text/html"]
    assert (len(get_comm_manager().comms) > before) == ("data-live=" in page) == asks
    explorer.close()
    assert len(get_comm_manager().comms) == before


def elsewhere(shown):
    """What a notebook shows, as another page has it."""
    assert shown.count(ASLEEP) == 1
    return shown.replace(ASLEEP, SCRIPTLESS)


@pytest.mark.parametrize("gone", ["anywidget", "ipywidgets"])
def test_without_a_widget_library_a_page_is_all_that_is_shown(gone, monkeypatch):
    """As in a browser's Python, and on Colab."""
    monkeypatch.setenv("ACTLAB_STATIC", "")
    monkeypatch.setitem(sys.modules, gone, None)
    explorer = many()
    assert elsewhere(explorer._repr_mimebundle_()["text/html"]) == explorer.html()
    assert "data-live" not in explorer.html()


def test_nothing_is_fetched(tanh):
    page = tanh.html()
    references = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(.{5})""", page)
    assert set(references) == {"data:"}
    assert not re.search(r"https?://|<link|<iframe|\bimport\b|\bfetch\b|XMLHttpRequest|WebSocket", page)


def test_every_slider_has_a_label_and_a_readable_value(tanh):
    page = tanh.html()
    labels = re.findall(r"<label.*?</label>", page)
    assert page.count("<input") == page.count("data-slider=") == len(labels) == len(tanh.sliders) == 3
    for label in labels:
        assert re.search(r"<span[^>]*>[^<]{3,}</span>", label)
        assert re.search(r'<input type="range" disabled .*aria-valuetext="([^"]+)".*<output[^>]*>\1</output>', label)


def test_every_frame_of_the_page_is_the_frame_of_the_kernel(tanh):
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', tanh.html())[1])
    names = list(tanh.sliders)
    spoken = []
    for layer in data["layers"]:
        own = [names[i] for i in layer["sliders"]]
        for at, row in zip(itertools.product(*(tanh.sliders[n].positions for n in own)), layer["rows"], strict=True):
            sentence = unpack(layer["templates"], row).split("\x02")[1]
            assert sentence in tanh.at(**dict(zip(own, at, strict=True)))
            spoken.append(sentence)
    assert len(spoken) == 97 + 6 * len(tanh.sliders["scale"].positions)


def test_a_page_lists_fewer_positions_where_a_layer_has_too_many():
    explorer = many()
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', explorer.html())[1])
    offered = [slider["values"] for slider in data["sliders"]]
    assert LISTED / 2 < len(offered[0]) * len(offered[1]) <= LISTED
    for slider, values in zip(explorer.sliders.values(), offered, strict=True):
        assert set(values) <= set(slider.texts)
        assert slider.texts[slider.start_index] in values


def test_a_page_offers_every_name_of_a_choice_where_it_lists_fewer_numbers():
    sliders = {"a": Slider(np.linspace(0, 1, 50)), "name": Choice([f"n{k}" for k in range(40)], "n7")}
    explorer = Explorer("names", sliders, plain_background, lambda a, name: ([], f"{a:g} {name}"), size=SIZE)
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', explorer.html())[1])
    assert [len(slider["values"]) for slider in data["sliders"]] == [13, 40]
    assert explorer.at() == "0.510204 n7"


def test_a_sentence_may_contain_markup():
    nasty = 'a < b & "c" </script><b> <!--varies--> <!-- <script>'
    page = Explorer(nasty, {"z": [0, 1]}, plain_background, lambda z: ([], f"{z} {nasty}"), size=SIZE).html()
    assert aria_label(page) == f"{nasty}: 1 {nasty}"
    assert page.count("<b>") == 0
    assert page.count("</script>") == page.count("<script") == 2


def test_pages_that_depend_on_the_processor_say_which_part_varies():
    page = Explorer(
        "t", {"z": [0, 1]}, plain_background, lambda z: ([Dot(z, z)], "fixed"), size=SIZE, exact=False
    ).html()
    stable = re.sub("<!--varies-->.*?<!--/varies-->", "", page, flags=re.DOTALL)
    assert "fixed" in stable
    assert "<path" in page
    assert "<path" not in stable
    assert "data-digest" not in stable


def test_the_digest_notices_a_flipped_curve():
    def digest(sign):
        def background(figure):
            ax = figure.subplots()
            ax.plot(np.arange(20), sign * np.arange(20))
            return ax

        page = Explorer("d", {"z": [0, 1]}, background, lambda z: ([], "s"), size=SIZE).html()
        return re.search(r'data-digest="(\w+)"', page)[1]

    assert digest(1) == digest(1) != digest(-1)


def test_the_examples_in_the_documentation_run():
    page = (Path(__file__).parents[1] / "docs" / "explorers.md").read_text(encoding="utf-8")
    trees = [ast.parse(block) for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL)]
    lines = live.__doc__.split("over it.")[1].split("\n\nA layer")[0]
    assert ast.dump(ast.parse(textwrap.dedent(lines[lines.index("    import") :]))) == ast.dump(trees[0])
    names, shown = {}, []
    for tree in trees:
        exec(compile(ast.Module(tree.body[:-1], []), "example", "exec"), names)
        shown.append(eval(compile(ast.Expression(tree.body[-1].value), "example", "eval"), names))
    assert [explorer.trouble for explorer in shown] == [None, None]
    assert shown[0].at(z=0) == "At z = +0.00 the slope is +1.00."
    assert shown[1].at(which="cosine", shift=0) == "The cosine, shifted by +0.0, is +1.00 in the middle."


def test_a_layer_may_say_itself_which_sliders_it_follows():
    def told(**values):
        return [], " and ".join(f"{name} {value}" for name, value in values.items())

    sliders = {"a": Slider([1, 2], 1), "b": Slider([3, 4], 3), "c": Slider([5, 6], 5)}
    layers = Layer(told, ["c"]), Layer(told, {"first": "b", "second": "a"})
    explorer = Explorer("t", sliders, plain_background, *layers, size=SIZE)
    assert explorer.at(a=2) == "first 3 and second 2 c 5"
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', explorer.html())[1])
    assert [layer["sliders"] for layer in data["layers"]] == [[2], [1, 0]]
    explorer = Explorer("t", sliders, plain_background, Layer(told, {"a": "d"}), size=SIZE)
    assert "A layer asks for `d`, which is not a slider; the sliders are a, b, c." in explorer.trouble


def test_words_can_be_the_positions_of_a_slider():
    sliders = {"animal": Slider(["cat", "dog", "emu"], "dog")}
    explorer = Explorer("zoo", sliders, plain_background, lambda animal: ([], f"a {animal}"), size=SIZE)
    assert explorer.at() == "a dog"
    assert explorer.at(animal="emu") == "a emu"


# --- a learner's function fails --------------------------------------------------------------------------------------


def stub(z):
    raise NotImplementedError


def raises(z):
    return z / [0, 1]


def returns_nothing(z):
    np.tanh(z)


def returns_text(z):
    return "tanh"


def always_nan(z):
    return np.asarray(z) * np.nan


def wrong_shape(z):
    return np.zeros((2, 2))


def ragged(z):
    return [[1], [2, 3]]


def leaves(z):
    raise SystemExit


def mutates(z):
    z *= 2
    return z


FAILURES = {
    stub: "not attempted",
    raises: "raised ",
    returns_nothing: "did you forget `return`?",
    returns_text: "is text",
    always_nan: "not a finite number",
    wrong_shape: r"has shape \(2, 2\)",
    ragged: "rows of different lengths",
    leaves: "asks Python to exit",
    mutates: "changes its input",
    3: "A function is needed",
}


@pytest.mark.parametrize("broken", FAILURES, ids=lambda f: getattr(f, "__name__", str(f)))
def test_a_failing_function_gets_words_in_place_of_the_picture(broken, monkeypatch):
    monkeypatch.delenv("ACTLAB_STATIC", raising=False)
    explorer = explore(broken)
    bundle = explorer._repr_mimebundle_()
    card = html.unescape(re.sub("</?code>", "`", bundle["text/html"]))
    for text in (bundle["text/plain"], card, explorer.at(z=1)):
        assert re.search(FAILURES[broken], text), text
        assert "Traceback" not in text
    assert "<img" not in bundle["text/html"]
    explorer.close()


def test_names_of_functions_are_typeset_and_never_shown_with_their_backticks():
    card = explore(stub).html()
    assert "<code>stub</code>" in card
    assert "`" not in card

    def layer(z):
        if z:
            raise learner.Trouble("value", "my `relu` is not drawn")
        return [], "my `relu` is drawn"

    explorer = Explorer("t", {"z": Slider([0, 1], 0)}, plain_background, layer, size=SIZE)
    assert [explorer.at(z=z) for z in (0, 1)] == ["my relu is drawn", "My relu is not drawn"]
    assert "`" not in explorer.html().split("<script>")[0]


def test_code_is_shown_as_it_is():
    shown = learner.marked_up("`2*z*z < 1` is *not* <b>")
    assert shown == "<code>2*z*z &lt; 1</code> is <em>not</em> &lt;b&gt;"


def test_a_failing_derivative_gets_words_as_well():
    explorer = explore(np.tanh, stub)
    assert "not attempted" in repr(explorer)


def test_the_repaired_function_works_at_the_next_call():
    def mine(z):
        z = z + 1

    assert "return" in repr(explore(mine))

    def mine(z):
        return np.tanh(z)

    assert explore(mine).trouble is None
    assert "the value is 0.7616" in repr(explore(mine))


def test_an_endless_loop_ends():
    def endless(z):
        while True:
            pass

    def layer(z):
        return [], str(learner.call(endless, z, seconds=0.2))

    explorer = Explorer("patience", {"z": [0, 1]}, plain_background, layer, size=SIZE)
    assert "is a loop endless?" in repr(explorer)


def test_a_loop_that_ends_at_no_position_is_waited_for_once():
    def mine(z):
        while z > 1:
            pass
        return z

    def layer(z):
        return [], f"{learner.call(mine, z, seconds=0.2)} at {z}"

    explorer = Explorer("patience", {"z": Slider(range(40), 0)}, plain_background, layer, size=SIZE)
    started = time.monotonic()
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', explorer.html())[1])
    assert time.monotonic() - started < 3
    frames = [unpack(data["layers"][0]["templates"], row).split("\x02")[1] for row in data["layers"][0]["rows"]]
    assert frames[:2] == ["0 at 0", "1 at 1"]
    assert len(set(frames[2:])) == 1 and "is a loop endless?" in frames[2]


def test_a_failure_at_one_position_is_told_at_that_position_only():
    def layer(z):
        return [Dot(z, z)], f"one over {z} is {1 / z:.2f}"

    explorer = Explorer("reciprocal", {"z": Slider([-1, 0, 1, 2], 1)}, plain_background, layer, size=SIZE)
    assert explorer.trouble is None
    assert explorer.at(z=2) == "one over 2 is 0.50"
    assert explorer.at(z=0) == "This picture could not be drawn: ZeroDivisionError: division by zero"
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', explorer.html())[1])
    frames = [unpack(data["layers"][0]["templates"], row) for row in data["layers"][0]["rows"]]
    assert ["ZeroDivisionError" in frame for frame in frames] == [False, True, False, False]
    assert "Traceback" not in "".join(frames)


# --- an author's mistakes --------------------------------------------------------------------------------------------


def with_pyplot(figure):
    import matplotlib.pyplot as plt

    plt.plot([0, 1], [0, 1])
    return plt.gca()


def beside_pyplot(figure):
    import matplotlib.pyplot as plt

    ax = figure.subplots()
    plt.plot([0, 1], [0, 1])
    return ax


def of_another_figure(figure):
    return figures.new_figure(SIZE).subplots()


BACKGROUNDS = {
    with_pyplot: "into a figure of pyplot, not into its own: begin with `ax = figure.subplots()`",
    beside_pyplot: "into a figure of pyplot",
    of_another_figure: "into another figure, not into its own: begin with `ax = figure.subplots()`",
    (lambda figure: 3): "returns 3, which is no axes: end it with `return ax`",
    (lambda figure: figure.subplots().plot([0, 1])): "which is no axes: end it with `return ax`",
    (lambda figure: "ax"): "returns 'ax', which is no axes",
    (lambda figure: None): "makes no axes: begin with `ax = figure.subplots()`",
    (lambda figure: figure.nonsense()): "AttributeError",
}


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_a_background_that_cannot_be_used_is_told_what_to_do(background):
    import matplotlib.pyplot as plt

    explorer = Explorer("t", {"z": [0, 1]}, background, lambda z: ([], ""), size=SIZE)
    assert BACKGROUNDS[background] in explorer.trouble
    assert "This picture could not be drawn" in explorer.html()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "background",
    [
        lambda figure: figure.subplots(2, 2),
        lambda figure: [list(row) for row in figure.subplots(2, 2)],
        lambda figure: figure.subplot_mosaic([["a", "b"], ["c", "d"]]),
        lambda figure: (ax for ax in figure.subplots(1, 4)),
        lambda figure: [figure.subplots(2, 2), None][1],
        lambda figure: (figure.subplots(2, 2), figure)[1],
    ],
    ids=["an array", "lists", "a mosaic", "one after another", "no return", "the figure"],
)
def test_axes_come_in_any_order_a_background_returns_them(background):
    explorer = Explorer("t", {"z": [0, 1]}, background, lambda z: ([Dot(z, z, ax=3)], "said"), size=SIZE)
    assert explorer.at() == "said"


def tangent(returned):
    def tangent(z):
        return returned

    return tangent


LAYERS = {
    "no return": (None, "The layer `tangent` returns nothing: end it with `return marks, sentence`"),
    "marks only": ([Dot(0, 0)], "returns marks without a sentence: end it with"),
    "two marks": ([Dot(0, 0), Dot(1, 1)], "returns marks without a sentence: end it with"),
    "a sentence only": ("said", "returns 'said': end it with"),
    "a number for a sentence": (([Dot(0, 0)], 3), "end it with `return marks, sentence`"),
    "a sentence first": (("said", "said"), "returns 'said' as its marks: use a list of `Line`"),
    "something of matplotlib's": (([figures.style], "said"), "which is no mark: use a list of `Line`"),
    "axes that do not exist": (([Dot(0, 0, ax=1)], "said"), "draws in axes 1; the background has 1, counted from 0"),
}


@pytest.mark.parametrize(("returned", "told"), LAYERS.values(), ids=LAYERS)
def test_a_layer_that_cannot_be_used_is_told_what_to_do(returned, told):
    explorer = Explorer("t", {"z": [0, 1]}, plain_background, tangent(returned), size=SIZE)
    assert told in explorer.trouble


def test_a_single_mark_needs_no_list():
    assert Explorer("t", {"z": [0, 1]}, plain_background, tangent((Dot(0, 0), "said")), size=SIZE).at() == "said"


SLIDERS = {
    "no values": ({"z": []}, "`z` has no positions"),
    "NaN": ({"z": [0, np.nan]}, "`z` has NaN among its values"),
    "a start that is no value": (
        {"z": Slider(["cat", "dog"], "cow")},
        "`z` cannot start there: 'cow' is none of cat, dog",
    ),
    "a number among words": ({"z": Slider(["cat", "dog"], 1)}, "`z` cannot start there: 1 is none of cat, dog"),
    "the same name twice": ({"z": Choice(["cat", "cat"])}, "`z` has two choices with the same name"),
    "a format for other values": ({"z": Slider([0.5], format="{:d}")}, "ValueError"),
    "a layer's argument": ({"a": [0, 1]}, "A layer asks for `z`, which is not a slider; the sliders are a"),
}


@pytest.mark.parametrize(("sliders", "told"), SLIDERS.values(), ids=SLIDERS)
def test_sliders_that_cannot_be_used_are_told_what_to_do(sliders, told):
    explorer = Explorer("t", sliders, plain_background, lambda z: ([], ""), size=SIZE)
    assert told in explorer.trouble


GRABS = {
    "another name": ({"a": "x"}, "`grab` names `a`, which is not a slider; the sliders are z, word"),
    "another direction": ({"z": "up"}, '`grab` moves `z` along \'up\': write "x" or "y"'),
    "other axes": ({"z": ("x", 1)}, "`grab` moves `z` in axes 1; the background has 1, counted from 0"),
    "words": ({"word": "x"}, "`grab` cannot place `word`: write `Grab(…, at=…)`"),
    "nowhere": ({"z": Grab("y", at=lambda z: np.nan)}, "`grab` cannot place `z`"),
}


@pytest.mark.parametrize(("grab", "told"), GRABS.values(), ids=GRABS)
def test_a_grab_that_cannot_be_used_is_told_what_to_do(grab, told):
    sliders = {"z": [0, 1], "word": Choice(["cat", "dog"])}
    assert told in Explorer("t", sliders, plain_background, grab=grab, size=SIZE).trouble


written = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@settings(max_examples=40, deadline=None)
@given(written, written)
@example("a < b", "`relu` <!-- </script> \x01 \x02 \u2028")
def test_every_sentence_title_and_label_can_be_shown(title, sentence):
    slider = Slider([title, sentence + "!"], title, label=title)
    explorer = Explorer(title, {"z": slider}, plain_background, lambda z: ([Text(0, 0, z)], sentence), size=(80, 60))
    page = BeautifulSoup(explorer.html(), "html.parser")
    said = sentence.replace("`", "").replace("\x01", "").replace("\x02", "")
    data = json.loads(page.find("script", type="application/json").string)
    assert data["title"] == page.div["aria-label"] == title
    assert page.find(role="status").get_text() == explorer.at() == said
    assert page.label.span.get_text() == title
    assert page.output.get_text() == data["sliders"][0]["values"][0] == slider.texts[0]
    assert page.svg["aria-label"] == f"{title}: {said}"
    assert len(page.find_all("script")) == 2


# --- freeing ---------------------------------------------------------------------------------------------------------


def test_closing_frees():
    registered = len(get_comm_manager().comms)
    explorer = many()
    widget = explorer.widget()
    assert explorer.widget() is widget
    assert len(get_comm_manager().comms) > registered
    traces = [weakref.ref(explorer), weakref.ref(widget)]
    explorer.close()
    assert len(get_comm_manager().comms) == registered
    del explorer, widget
    gc.collect()
    assert [trace() for trace in traces] == [None, None]


def test_a_closed_explorer_can_be_shown_again():
    explorer = explore("tanh")
    first = explorer.widget()
    explorer.close()
    explorer.close()
    assert explorer.widget() is not first
    explorer.close()


ASKS = """
from actlab.live import Explorer, Slider


def it():
    layer = lambda a, b: ([], f"{a} {b}")
    return Explorer("many", {"a": range(50), "b": range(50)}, lambda figure: figure.subplots(), layer)
"""


def test_running_a_cell_again_frees_the_explorers_of_its_last_run(kernel):
    _, client = kernel

    def run(cell, code):
        said = []
        message = client.session.msg(
            "execute_request",
            {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False},
            metadata={"cellId": cell},
        )
        client.shell_channel.send(message)
        while (reply := client.get_iopub_msg(timeout=60))["header"]["msg_type"] != "status" or (
            reply["content"]["execution_state"] != "idle"
            or reply["parent_header"]["msg_id"] != message["header"]["msg_id"]
        ):
            said.append(reply)
        assert not [m for m in said if m["header"]["msg_type"] == "error"], said
        return "".join(m["content"]["text"] for m in said if m["header"]["msg_type"] == "stream")

    count = "from comm import get_comm_manager; print(len(get_comm_manager().comms))"
    show = f"{ASKS}\ndisplay(it())\nit()"
    run("a", show)
    first = int(run("count", count))
    assert first > 0
    run("a", show)
    assert int(run("count", count)) == first
    run("b", show)
    assert int(run("count", count)) == 2 * first
