"""Static figures: the same look for the same data, words in place of what cannot be seen."""

import base64
import io
import itertools
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.transforms import Affine2D
from PIL import Image

from actlab import figures, narrow

SIZE = (450, 200)
WORDS = "The line runs from 0 to 19."


def drawn(sign=1, size=SIZE):
    with figures.style():
        figure = figures.new_figure(size)
        figure.subplots().plot(np.arange(20), sign * np.arange(20))
    return figure


def panels(*titles, size=(900, 400), label="value"):
    """A figure of several axes side by side."""
    with figures.style():
        figure = figures.new_figure(size)
        axes = np.atleast_1d(figure.subplots(1, len(titles)))
        figure.subplots_adjust(left=0.09, right=0.98, wspace=0.5, bottom=0.15)
        for ax, title in zip(axes, titles, strict=True):
            ax.plot(np.arange(20), np.arange(20) / 1000)
            ax.set(title=title, xlabel="step", ylabel=label)
    return figure


def cuts(figure):
    figures.drawn(figure)
    return narrow.cuts(figure, figures.sheet(figure))


def narrowed(figure):
    figures.drawn(figure)
    with figures.style():
        copy = narrow.narrowed(figure, figures.sheet).figure
    figures.drawn(copy)
    return copy


def test_a_logarithmic_axis_has_even_powers_and_one_among_them():
    def powers(low, high):
        return [round(np.log10(tick)) for tick in figures.decades(10.0**low, 10.0**high)]

    assert powers(-17.4, 4.2) == [-15, -10, -5, 0]
    assert powers(-66, 24) == [-60, -40, -20, 0, 20]
    assert powers(-2, 3) == [-2, -1, 0, 1, 2, 3]
    assert powers(-3, 6.5) == [-2, 0, 2, 4, 6]
    assert powers(0.1, 0.9) == []


def test_a_figure_is_drawn_in_vectors_with_its_words_as_text():
    figure = panels("one", "two")
    drawing = figures.svg(figure)
    assert drawing == figures.svg(figure)
    assert 'width="900" height="400"' in drawing
    assert "<image" not in drawing and "<style" not in drawing
    words = {element.text for element in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")}
    assert {"one", "two", "step", "value"} <= words


def labels(figure):
    """The extent in CSS pixels of every word that can be seen: {text: box}."""
    found = []
    for ax in figure.axes:
        found += [ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label]
        for axis in (ax.xaxis, ax.yaxis):
            low, high = axis.get_view_interval()
            found += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    scale = Affine2D().scale(100 / figure.dpi)
    return {t: t.get_window_extent().transformed(scale) for t in found if t.get_visible() and t.get_text()}


def test_a_picture_is_as_large_as_it_says_on_a_fine_screen():
    address = figures.source(figures.drawn(drawn()))
    image = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
    assert image.size == (2 * SIZE[0], 2 * SIZE[1])


def test_nothing_of_an_earlier_figure_is_left_on_the_sheet():
    alone = figures.drawn(drawn())
    figures.drawn(drawn(-1))
    figures.drawn(drawn(size=(300, 300)))
    assert figures.drawn(drawn()) == alone


def test_a_figure_is_cut_between_its_axes_and_loses_nothing():
    figure = panels("one", "two", "three")
    places = cuts(figure)
    assert len(places) == 4 and (places[0], places[-1]) == (0, 900)
    for words, box in labels(figure).items():
        assert not [place for place in places if box.x0 < place < box.x1], words.get_text()
    parts = figures.panels(figure)
    assert sum(part.width for part in parts) == 900
    whole = np.asarray(figures.drawn(figure).convert("L"))
    images = [Image.open(io.BytesIO(base64.b64decode(part.source.partition(",")[2]))) for part in parts]
    assert np.array_equal(np.hstack([np.asarray(image.convert("L")) for image in images]), whole)


def test_no_cut_goes_through_a_title_or_parts_a_key_from_its_map():
    assert len(cuts(panels("a title so long that it runs on over the second of the two", "two"))) == 2
    figure = panels("one", "two")
    figure.text(0.5, 0.97, "words that stand over both of the panels", ha="center")
    assert len(cuts(figure)) == 2
    figure = panels("map")
    figure.colorbar(figure.axes[0].imshow(np.eye(3)))
    assert len(cuts(figure)) == 2


def test_on_a_phone_a_wide_panel_is_drawn_again_with_words_that_can_be_read():
    figure = panels("A title of so many words that on a phone it needs a second line, or a third")
    before = figures.drawn(figure)
    copy = narrowed(figure)
    width, height = copy.get_size_inches() * 100
    assert width == pytest.approx(narrow.PHONE)
    assert all(text.get_fontsize() * 100 / 72 * 366 / narrow.PHONE >= 11 for text in labels(copy))
    for text, box in labels(copy).items():
        assert box.x0 > 0 and box.y0 > 0 and box.x1 < width and box.y1 < height, text.get_text()
    assert "\n" in copy.axes[0].get_title(loc="left")
    assert figures.drawn(figure) == before


@pytest.mark.parametrize("kind", ["names", "numbers"])
def test_on_a_phone_labels_under_an_axis_keep_apart(kind):
    figure = panels("one")
    ax = figure.axes[0]
    if kind == "names":
        ax.set_xticks(range(0, 18, 3), ["Leaky ReLU", "sigmoid", "GELU (tanh form)", "softplus", "Mish", "SiLU"])
    else:
        ax.set_xticks(range(20))
    copy = narrowed(figure)
    shown = {text: box for text, box in labels(copy).items() if text in copy.axes[0].get_xticklabels()}
    assert len(shown) == (6 if kind == "names" else 10)
    if kind == "names":
        assert all(text.get_rotation() for text in shown)
    else:
        assert all(one.x1 < other.x0 for one, other in itertools.pairwise(shown.values()))


@pytest.fixture(scope="module")
def seen(chromium, tmp_path_factory):
    """seen(body's attributes, width, figures…): a page with these pictures."""
    file = tmp_path_factory.mktemp("pictures") / "page.html"
    pages = []

    def show(attributes, width, *shown, scheme="light"):
        body = "".join(figures.Picture(f, WORDS)._repr_mimebundle_()["text/html"] for f in shown)
        file.write_text(f'<!doctype html><html lang="en"><meta charset="utf-8"><body {attributes}>{body}')
        pages.append(chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme))
        pages[-1].goto(file.as_uri())
        return pages[-1]

    yield show
    for page in pages:
        page.close()


def boxes(page):
    return page.evaluate(
        "[...document.querySelectorAll('.actlab-panels > div')].map(e => e.getBoundingClientRect().toJSON())"
    )


def test_panels_stand_side_by_side_on_a_desk_and_below_each_other_on_a_phone(seen):
    left, right = boxes(seen("", 1280, panels("one", "two")))
    assert left["top"] == right["top"] and left["right"] == pytest.approx(right["left"], abs=1)
    upper, lower = boxes(page := seen("", 390, panels("one", "two")))
    assert upper["left"] == lower["left"] and upper["bottom"] <= lower["top"] + 1
    assert min(upper["width"], lower["width"]) > 360
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_phone_gets_the_narrower_drawing(seen):
    wide, small = (
        seen("", width, panels("one")).locator("img").evaluate("e => e.naturalWidth") for width in (1280, 390)
    )
    assert (wide, small) == (2 * 900, narrow.DPI / 100 * narrow.PHONE)


DARK = {
    "JupyterLab": 'data-jp-theme-light="false" style="background:#111;--jp-layout-color0:#111"',
    "VS Code": 'class="vscode-dark" style="background:#1e1e1e;--vscode-editor-background:#1e1e1e"',
    "the site": 'data-theme="dark" style="background:#12181f;--color-background-primary:#12181f"',
    "the site at night": 'data-theme="auto" style="background:#12181f;--color-background-primary:#12181f"',
}
LIGHT = {"a plain page": "", "JupyterLab": 'data-jp-theme-light="true"', "the site by day": 'data-theme="light"'}


def corner(page):
    """The colour of a picture's corner, where nothing is drawn, and the darkest or lightest of the picture."""
    picture = Image.open(io.BytesIO(page.locator(".actlab-picture").screenshot())).convert("RGB")
    return picture.getpixel((3, 3)), [np.asarray(picture).min(), np.asarray(picture).max()]


@pytest.mark.parametrize("where", DARK)
def test_on_a_dark_page_a_picture_has_the_page_s_ground(seen, where):
    page = seen(DARK[where], 600, drawn(), scheme="dark")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    pixel, (_, lightest) = corner(page)
    assert np.allclose(pixel, [int(part) for part in re.findall(r"\d+", ground)], atol=1)
    assert lightest > 180


@pytest.mark.parametrize("where", LIGHT)
def test_elsewhere_it_stays_on_white_whatever_the_reader_s_system_prefers(seen, where):
    pixel, (darkest, _) = corner(seen(LIGHT[where], 600, drawn(), scheme="dark"))
    assert pixel == (255, 255, 255) and darkest < 60


def test_a_digest_follows_the_data_and_not_the_size():
    assert figures.digest(drawn()) == figures.digest(drawn(size=(300, 300))) != figures.digest(drawn(-1))


def test_the_words_of_a_picture_are_its_alt_text_and_no_markup():
    bundle = figures.Picture(drawn(), 'a <b> & "c"')._repr_mimebundle_()
    assert bundle["text/plain"] == 'a <b> & "c"'
    assert re.search('alt="(.*?)"', bundle["text/html"])[1] == "a &lt;b&gt; &amp; &quot;c&quot;"


def test_pictures_of_training_carry_no_digest():
    assert "data-digest" in figures.Picture(drawn(), "alt")._repr_mimebundle_()["text/html"]
    assert "data-digest" not in figures.Picture(drawn(), "alt", exact=False)._repr_mimebundle_()["text/html"]


def test_dots_show_the_lowest_of_each_in_numbers_and_a_line_to_its_highest():
    picture = figures.dots({"one": (figures.COOL, [4, 2, 8]), "two": (figures.WARM, [300])}, title="t", alt=WORDS)
    ax = picture.figure.axes[0]
    lines = [line.get_xdata() for line in ax.lines]
    assert [list(np.atleast_1d(x)) for x in lines] == [[2, 8], [2], [300, 300], [300]]
    assert [text.get_text() for text in ax.texts] == ["2.00", "300"]
    assert ax.get_xscale() == "log"


@pytest.mark.parametrize("heights", [[0, 0, 0], [0.99, 1, 1], [0.2, 0.9, 0.21], []])
def test_names_at_the_ends_of_curves_keep_apart_and_inside(heights):
    with figures.style():
        ax = figures.new_figure(SIZE).subplots()
        ax.set(xlim=(0, 1), ylim=(0, 1))
        figures.label_ends(ax, [(f"curve {i}", y, figures.INK) for i, y in enumerate(heights)], gap=0.1)
    shares = [text.xy[1] for text in ax.texts]
    assert all(low + 0.1 <= high + 1e-9 for low, high in itertools.pairwise(shares))
    assert max(shares, default=0) <= 1 + 1e-9
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    assert [text.get_text() for text in ax.texts] == [f"curve {i}" for i in order]


def test_series_of_one_colour_are_told_apart_by_their_dashes():
    level = np.ones((2, 3))
    named = {"one": (figures.COOL, level), "another": (figures.WARM, level), "a third": (figures.COOL, 2 * level)}
    (ax,) = figures.with_spread(named, range(3), title="", xlabel="", ylabel="", alt="").figure.axes
    one, another, third = (line.get_linestyle() for line in ax.lines)
    assert one == another != third
