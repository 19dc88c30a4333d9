"""Charts, the backgrounds that need no matplotlib: what they show, where it lies, and what is not loaded for them."""

import base64
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ticker import MaxNLocator
from PIL import Image, ImageColor, ImageFont

from actlab import figures, narrow
from actlab.activations import REGISTRY
from actlab.explorers import compare, explore, explore_gates
from actlab.live import Chart, Dot, Explorer, Line
from actlab.live.charts import named, places, ticks
from actlab.look import FIGURE_FACE, LIGHT

SIZE = (450, 392)
EDGES = st.floats(-1e6, 1e6).map(lambda edge: round(edge, 3))
LIMITS = st.tuples(EDGES, EDGES).filter(lambda pair: pair[1] - pair[0] > 1e-2)
AROUND_0 = st.tuples(st.floats(1e-6, 1e6), st.floats(0, 1)).map(lambda drawn: (-drawn[0] * drawn[1], drawn[0]))


DOUBLE = Chart((-1, 3), (-2, 6), "twice as much", "z", "2z", marks=[Line([-1, 3], [-2, 6])])


def one_chart(**settings):
    """An explorer of one chart with a point at (z, 2z)."""
    return Explorer(
        "doubling", {"z": [0, 1, 2]}, lambda: DOUBLE, lambda z: (Dot(z, 2 * z), f"{2 * z} from {z}"), **settings
    )


def words(svg):
    """(text, anchor, x, y, turned, size, bold) of every label of a drawing."""
    for element in ElementTree.fromstring(f"<svg>{svg}</svg>").iter("text"):
        weight, size = re.search(r"font:(\w+) ([\d.]+)px", element.get("style")).groups()
        yield (
            element.text or "",
            element.get("text-anchor"),
            float(element.get("x")),
            float(element.get("y")),
            "transform" in element.attrib,
            float(size),
            weight != "normal",
        )


def boxes(svg):
    """(text, left, top, right, bottom) of every label that is not turned, in CSS pixels."""
    for text, anchor, x, y, turned, size, bold in words(svg):
        if text and not turned:
            face = findfont(FontProperties(family=FIGURE_FACE, weight="bold" if bold else "normal"))
            wide = ImageFont.truetype(face, 100).getlength(text) * size / 100
            left = x - wide * {"start": 0, "middle": 0.5, "end": 1}[anchor]
            yield text, left, y - 0.76 * size, left + wide, y + 0.1 * size


# --- what stands beside the axes -------------------------------------------------------------------------------------


@settings(deadline=None)
@given(LIMITS, st.integers(5, 9))
@example((-6.0, 6.0), 9)
@example((-1.2, 1.2), 9)
@example((0.0, 1.0), 5)
def test_ticks_are_those_that_matplotlib_would_choose(limits, most):
    low, high = limits
    theirs = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    fine = 1e-9 * (high - low)
    inside = [tick for tick in theirs if low - fine <= tick <= high + fine]
    assert np.allclose(ticks(low, high, most), inside, atol=fine)


@settings(deadline=None, max_examples=40)
@given(AROUND_0, AROUND_0)
@example((-6.0, 6.0), (-3e5, 3e5))
@example((-6.0, 6.0), (-0.004, 0.01))
@example((0.0, 0.008), (0.0, 1.0))
@example((0.0, -0.008), (0.0, 1.0))
def test_labels_can_be_told_apart_and_stay_inside(xlim, ylim):
    chart = Chart(xlim, ylim, "a title", "z")
    (place,) = places([chart], SIZE)
    found = list(boxes(chart.svg(place)))
    for i, (one, *a) in enumerate(found):
        assert a[0] >= 0 and a[1] >= 0 and a[2] <= SIZE[0] and a[3] <= SIZE[1], f"{one} is cut off"
        for other, *b in found[i + 1 :]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], f"{one} and {other} overlap"


@pytest.mark.parametrize(
    ("ylim", "beside"),
    [
        ((-1, 1), ["−1.00", "−0.75", "−0.50", "−0.25", "0.00", "0.25", "0.50", "0.75", "1.00"]),
        ((0, 8), ["0", "1", "2", "3", "4", "5", "6", "7", "8"]),
        ((0, 3e5), ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0", "×10⁵"]),
        ((-0.004, 0.002), ["−4", "−3", "−2", "−1", "0", "1", "2", "×10⁻³"]),
        ((5, 0), ["0", "1", "2", "3", "4", "5"]),
        (
            (100, 100.004),
            [
                "100.0000",
                "100.0005",
                "100.0010",
                "100.0015",
                "100.0020",
                "100.0025",
                "100.0030",
                "100.0035",
                "100.0040",
            ],
        ),
    ],
)
def test_numbers_beside_an_axis_are_short_and_exact(ylim, beside):
    chart = Chart((0, 1), ylim)
    (place,) = places([chart], SIZE)
    assert [text for text, anchor, x, *_ in words(chart.svg(place)) if anchor == "end" and x < 58 and text] == beside


def test_names_beside_curves_stay_apart():
    chart = named(Chart((0, 1), (0, 1), right=90), [(name, 0.99, "#000000") for name in ("one", "two", "three")])
    (place,) = places([chart], SIZE)
    tops = sorted(top for text, _, top, *_ in boxes(chart.svg(place)) if text in ("one", "two", "three"))
    assert np.diff(tops).min() > 15


# --- where things lie ------------------------------------------------------------------------------------------------


def source(explorer):
    """The drawing of the first panel, as SVG."""
    return base64.b64decode(
        re.search(r'<img alt="" src="data:image/svg\+xml;base64,(.*?)"', explorer.html())[1]
    ).decode()


def test_charts_stand_side_by_side_and_data_lie_between_their_limits():
    first, second = places([Chart((0, 4), (0, 3)), Chart((1, 2), (5, 1), left=80)], (900, 392))
    for place, (x0, x1), (y0, y1) in ((first, (0, 4), (0, 3)), (second, (1, 2), (5, 1))):
        left, top, width, height = place.box
        corners = place.pixels(np.array([[x0, y0], [x1, y1]], dtype=float))
        assert np.allclose(corners, [[left, top + height], [left + width, top]])
    assert first.box[0] + first.box[2] < 450 < second.box[0] == 530


def test_marks_lie_where_the_browser_draws_the_curve(chromium):
    explorer = explore("tanh")
    address = re.search(r'<img alt="" src="(.*?)"', explorer.html())[1]
    page = chromium.new_page()
    page.set_content(f'<img src="{address}" style="display:block">')
    picture = Image.open(io.BytesIO(page.locator("img").screenshot())).convert("RGB")
    page.close()
    x, y = re.search(r'<path d="M([\d.]+) ([\d.]+)h0"', explorer.html()).groups()
    color = np.array(picture.getpixel((float(x) * figures.DPI / 100, float(y) * figures.DPI / 100)))
    assert np.abs(color - ImageColor.getrgb(REGISTRY["tanh"].color)).max() < 40


def test_a_curve_is_within_a_thousandth_of_the_picture_also_where_it_jumps():
    def stairs(z):
        return np.floor(z) + (z > 0.123)

    drawing = ElementTree.fromstring(source(explore(stairs, np.zeros_like)))
    color = REGISTRY.get("stairs", figures).COOL
    path = next(e for e in drawing.iter() if e.get("stroke") == color)
    found = np.array(re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.get("d")), dtype=float)
    steep = np.abs(np.diff(found[:, 1])) > 1
    assert steep.sum() == 13
    assert np.abs(np.diff(found[:, 0]))[steep].max() < 0.5


def test_marks_lie_right_in_every_part_of_a_figure():
    def background(figure):
        top, low = figure.subfigures(2, 1)
        return top.subplots(), low.subplots()

    explorer = Explorer("two parts", {"z": [0, 1]}, background, lambda z: (Dot(z, 0), "said"), size=(300, 400))
    (_, above, _, high), (_, below, _, _) = (explorer._canvas.handle(ax) for ax in (0, 1))
    assert 0 <= above < above + high < 210 and 190 < below < 400


@pytest.mark.parametrize(
    "shown",
    [
        lambda: compare(["relu", "hardswish"], zoom=(-8, -4)),
        lambda: compare(["linear"]),
        lambda: compare(["relu"], zoom=(1, -4)),
        lambda: compare([replace(REGISTRY["linear"], name="my own activation with a name that is long")]),
        lambda: explore_gates(["gelu", "gelu_tanh", "gelu_sigmoid"]),
        lambda: explore_gates(["relu"]),
    ],
    ids=["flat where it is enlarged", "flat slope", "from right to left", "a long name", "long gates", "no dip"],
)
def test_curves_have_their_room_and_their_names_fit_beside_them(shown):
    explorer = shown()
    assert explorer.trouble is None
    for ax in range(explorer._canvas.axes):
        assert explorer._canvas.handle(ax, 0)[2] > 150
    assert "nan" not in source(explorer)


def test_columns_of_numbers_are_drawn_like_rows():
    def shown(x):
        return Explorer("t", {"z": [0]}, lambda: DOUBLE, lambda z: ([Line(x, x), Dot(x, x)], "said"))

    column = np.array([[0.0], [1.0], [2.0]])
    rows, columns = shown(column[:, 0]), shown(column)
    assert columns.trouble is None and columns.svg() == rows.svg()


def test_a_default_of_a_background_is_its_own():
    explorer = Explorer("t", {"z": [0, 1]}, lambda chart=DOUBLE: chart, lambda z: ([], "said"))
    assert explorer.trouble is None


def test_on_a_phone_one_wide_chart_is_narrower_and_its_marks_go_along():
    explorer = one_chart(size=(900, 400))
    data = re.search(r'<script type="application/json">(.*?)</script>', explorer.html(), re.DOTALL)[1]
    phone = json.loads(data)["phone"]
    a, _, _, _, shift, drop = phone["matrix"]
    width, height = map(float, phone["view"].split()[2:])
    assert width == narrow.PHONE
    (small,), (wide,) = places([DOUBLE], (width, height)), places([DOUBLE], (900, 400))
    points = np.array([[-1, -2], [0, 0], [3, 6]], dtype=float)
    assert np.allclose(wide.pixels(points) * (a, 1) + (shift, drop), small.pixels(points), atol=0.1)
    assert "twice as much" in base64.b64decode(phone["source"].split(",")[1]).decode()


def test_a_long_title_takes_two_lines_on_a_phone_and_nothing_covers_it():
    title = "what the head can reach, and what stays out of reach"
    chart = Chart((0, 1), (0, 1), title)
    page = Explorer("t", {"z": [0, 1]}, lambda: chart, lambda z: ([], "said")).html()
    phone = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)[1])["phone"]
    found = list(boxes(re.sub(r"^<svg.*?>|</svg>$", "", base64.b64decode(phone["source"].split(",")[1]).decode())))
    lines = [box for box in found if box[0] in title and len(box[0]) > 4]
    assert " ".join(text for text, *_ in lines[::-1]) == title
    assert phone["matrix"][5] > 0
    assert all(right <= narrow.PHONE and top >= 0 for _, _, top, right, _ in lines)


def test_a_drawing_of_a_position_holds_the_chart_as_vectors():
    drawing = one_chart().svg(z=2)
    root = ElementTree.fromstring(drawing)
    assert "4 from 2" in drawing and "<image" not in drawing
    ground = root.find(".//{http://www.w3.org/2000/svg}rect")
    assert [ground.get(side) for side in ("width", "height", "fill")] == ["900", "400", LIGHT.paper]
    assert {"twice as much", "z", "2z"} <= {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}


# --- an author's mistakes, and what is not loaded --------------------------------------------------------------------


@pytest.mark.parametrize("returned", [None, 3, [], ["ax"], [Chart((0, 1), (0, 1)), None]], ids=repr)
def test_a_background_without_a_figure_that_returns_no_chart_is_told_what_to_do(returned):
    explorer = Explorer("t", {"z": [0, 1]}, lambda: returned, lambda z: ([], "said"))
    assert "takes no figure and returns" in explorer.trouble
    assert "end it with `return Chart(…)`" in explorer.trouble


def test_a_background_that_draws_with_pyplot_leaves_nothing_below_the_cell():
    def background():
        _, ax = plt.subplots()
        return ax

    before = plt.get_fignums()
    explorer = Explorer("t", {"z": [0, 1]}, background, lambda z: ([], "said"))
    assert "takes no figure and returns" in explorer.trouble and plt.get_fignums() == before


@pytest.mark.parametrize("limits", [(1, 1), (0, np.inf), (np.nan, 1)])
def test_axes_without_two_ends_are_named(limits):
    explorer = Explorer("t", {"z": [0, 1]}, lambda: Chart((0, 1), limits), lambda z: ([], "said"))
    assert "A chart's ylim is" in explorer.trouble and "two different finite numbers" in explorer.trouble


def test_a_title_cannot_inject_markup():
    assert "<b>" not in source(Explorer("t", {"z": [0]}, lambda: Chart((0, 1), (0, 1), "<b>&"), lambda z: ([], "said")))


def test_the_first_slider_loads_what_it_shows_and_nothing_else():
    """Not matplotlib, which takes longer than all of it; not what other explorers need."""
    shown = "from actlab.explorers import explore\nexplore('tanh')._repr_mimebundle_()\nimport sys\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True).stdout.split()
    libraries = {name.partition(".")[0] for name in loaded}
    assert libraries.isdisjoint({"matplotlib", "PIL", "torch", "pandas", "ipywidgets", "anywidget", "tqdm"})
    assert "scipy.special" not in loaded
    assert {name for name in loaded if name.startswith("actlab.explorers")} == {
        "actlab.explorers",
        "actlab.explorers.curves",
    }
    assert len([name for name in loaded if name.startswith("actlab")]) <= 21
