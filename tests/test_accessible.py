"""Readers who see little or nothing, or use the keyboard: pictures in words, readable colours, named sliders."""

import ast
import itertools
import re
from pathlib import Path

import matplotlib.colors
import nbformat
import pytest
from accessible import contrast, markdown_faults, notebook_faults, picture_faults

from actlab import figures
from actlab.activations import REGISTRY
from actlab.explorers import explore
from actlab.publish import executed

COURSE = Path(__file__).parents[1]
LESSONS = sorted((COURSE / "solutions").glob("*.ipynb"))
PAGES = [COURSE / "README.md", *sorted((COURSE / "docs").rglob("*.md"))]
WORDS = "At z = 2.0 the value is 0.96."
OTHERS = "At z = 3.0 the value is 0.99."


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_picture_of_a_lesson_is_told_in_words_with_numbers(path):
    assert notebook_faults(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_picture_of_a_page_is_told_in_words_with_numbers(path):
    assert markdown_faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted((COURSE / "solutions").glob("*.py")), ids=lambda path: path.stem)
def test_words_for_a_picture_are_computed(path):
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    alts = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "alt"]
    assert [ast.unparse(alt) for alt in alts if isinstance(alt, ast.Constant)] == []


STATEMENT = (COURSE / "docs" / "accessibility.md").read_text(encoding="utf-8")


def test_every_test_that_the_statement_names_exists():
    named = set(re.findall(r"`(test_\w+)`", STATEMENT))
    defined = {
        found
        for path in (COURSE / "tests").glob("test_*.py")
        for found in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)
    }
    assert len(named) > 10 and named <= defined, named - defined


def test_the_statement_counts_what_the_lessons_show():
    cells = [cell for path in LESSONS for cell in nbformat.read(path, as_version=4).cells]
    shown = [page for cell in cells for page in executed.pages(cell)]
    explorers = sum(page.startswith('<div class="actlab-explorer"') for page in shown)
    pictures = sum(page.startswith('<div class="actlab-picture"') for page in shown)
    predictions = sum("predict" in cell.metadata.get("tags", ()) for cell in cells)
    text = " ".join(STATEMENT.split())
    assert f"show {explorers} explorers and {pictures} still pictures" in text
    assert f"options of the {predictions} predictions" in text


def explorer(label, background='<img alt="" src="a">'):
    picture = f'{background}<svg role="img" aria-label="{label}"><text>1</text></svg>'
    slider = f'<label><span>point z</span><input type="range"><output>{WORDS}</output></label>'
    panels = f'<div class="actlab-panels">{picture}<img data-asleep alt="" src="b"></div>'
    return f'<div class="actlab-explorer">{slider}{panels}</div>'


def icon(attributes="", inside='<path d="M0 0"/>'):
    return f"<svg {attributes}>{inside}</svg>"


GOOD = {
    "a picture": f'<img alt="{WORDS}" src="a">',
    "a picture in two panels": f'<div class="actlab-panels"><img alt="{WORDS}" src="a"><img alt="" src="b"></div>',
    "the same picture twice": f'<img alt="{WORDS}" src="a">' * 2,
    "two pictures": f'<img alt="{WORDS}" src="a"><img alt="{OTHERS}" src="b">',
    "a source at the end": f'<img alt="{WORDS} (lesson 06)" src="a">',
    "an explorer": explorer(WORDS),
    "an explorer whose source quotes a picture": explorer(WORDS) + "<script>'<img>'</script>",
    "a hidden icon": icon('aria-hidden="true"'),
    "an icon in a button": f'<button aria-label="menu">{icon()}</button>',
    "an icon from the stock": icon(inside='<use href="#sun"/>') + icon(inside="<symbol><svg></svg></symbol>"),
    "mathematics": f"<mjx-container>{icon()}</mjx-container>",
    "named inputs": '<input aria-label="search"><label for="a">rate</label><input id="a"><input type="hidden">',
    "a label elsewhere": '<p id="a">rate</p><input aria-labelledby="a">',
}

BAD = {
    "no words": ('<img src="a.png">', "no words"),
    "an empty alt": ('<img alt="" src="a.png">', "no words"),
    "an empty alt, called decoration": ('<img alt="" role="presentation" src="a.png">', "no words"),
    "a hidden picture": ('<img alt="" aria-hidden="true" src="a.png">', "no words"),
    "a file name": ('<img alt="The value 0.5 and slope 0.25 in sigmoid.png." src="a">', "a file name"),
    "a placeholder": ('<img alt="image" src="a">', "a placeholder"),
    "a numbered placeholder": ('<img alt="Figure 3." src="a">', "a placeholder"),
    "an image of": ('<img alt="Image of a curve from 0 to 1." src="a">', "a placeholder"),
    "what nbconvert writes": ('<img alt="No description has been provided for this image">', "a placeholder"),
    "what matplotlib's figure is called": ('<img alt="&lt;Figure size 640x480 with 1 Axes&gt;">', "a placeholder"),
    "a fragment": ('<img alt="from 0.1 to 0.9">', "no sentence"),
    "no number": ('<img alt="The curve of the sigmoid rises steadily.">', "fewer than two numbers"),
    "one number": ('<img alt="The curve of the sigmoid crosses 0.5.">', "fewer than two numbers"),
    "the words of another picture": (f'<img alt="{WORDS}" src="a"><img alt="{WORDS}" src="b">', "the same words"),
    "an SVG without words": (icon(), "no words"),
    "an SVG image without words": (icon('role="img"', ""), "no words"),
    "a canvas": ("<canvas></canvas>", "no words"),
    "panels without words": ('<div class="actlab-panels"><img alt="" src="a"></div>', "no words"),
    "an explorer without words": (explorer(""), "no words"),
    "an explorer without numbers": (explorer("The curve rises all the way."), "fewer than two numbers"),
    "an explorer without marks": ('<div class="actlab-explorer"><img alt="" src="a"></div>', "no words"),
    "two explorers alike": (explorer(WORDS) + explorer(WORDS).replace("<text>1", "<text>2"), "the same words"),
    "an input without a label": ('<input type="range">', "no label"),
    "an input with an empty label": ('<label><input type="range"><output>2.00</output></label>', "no label"),
    "a label for something else": ('<label for="b">rate</label><input id="a">', "no label"),
    "a choice without a label": ("<select></select>", "no label"),
}


@pytest.mark.parametrize("page", GOOD.values(), ids=GOOD)
def test_a_page_in_order_has_no_fault(page):
    assert picture_faults(page) == []


@pytest.mark.parametrize(("page", "fault"), BAD.values(), ids=BAD)
def test_a_fault_is_found(page, fault):
    assert any(fault in sentence for sentence in picture_faults(page))


def test_faults_of_a_notebook_are_found_in_outputs_and_in_text():
    bare = nbformat.v4.new_output("display_data", {"image/png": "aGk=", "text/plain": WORDS})
    silent = nbformat.v4.new_output("display_data", {"text/html": '<img src="a.png">'})
    cells = [nbformat.v4.new_code_cell(outputs=[bare, silent]), nbformat.v4.new_markdown_cell("![](a.png)")]
    found = notebook_faults(nbformat.v4.new_notebook(cells=cells))
    assert [fault.split(": ")[-1] for fault in found] == [
        "An output is bare image/png, without words.",
        "no words.",
        "no words.",
    ]


def palette():
    """{whose: colour} of every colour that words in a figure have."""
    with figures.style():
        style = dict(matplotlib.rcParams)
    texts = ("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color")
    cycle = style["axes.prop_cycle"].by_key()["color"]
    return {
        **{entry.name: entry.color for entry in REGISTRY.values()},
        **{name: matplotlib.colors.to_hex(style[name]) for name in texts},
        **{f"curve {i}": matplotlib.colors.to_hex(color) for i, color in enumerate(cycle, 1)},
    }


@pytest.mark.parametrize(("name", "color"), palette().items())
def test_words_in_a_colour_of_the_course_can_be_read_on_white(name, color):
    assert contrast(color, "#FFFFFF") >= 4.5


def test_words_in_the_explorers_of_the_lessons_can_be_read_on_white():
    outputs = (o for path in LESSONS for c in nbformat.read(path, 4).cells for o in c.get("outputs", []))
    pages = [output["data"]["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    colors = set(itertools.chain.from_iterable(re.findall(r'<text [^>]*fill=\\?"(#\w+)', page) for page in pages))
    assert figures.INK in colors
    assert {color for color in colors if contrast(color, "#FFFFFF") < 4.5} == set()


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#FFFFFF") == contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_a_slider_moves_by_keyboard_shows_its_focus_and_nothing_is_animated(chromium):
    page = chromium.new_page(reduced_motion="reduce")
    page.set_content(explore("tanh").html())
    page.keyboard.press("Tab")
    slider = page.get_by_role("slider", name="point z")
    before = slider.input_value()
    page.keyboard.press("ArrowRight")
    assert int(slider.input_value()) == int(before) + 1
    assert slider.evaluate("e => e.matches(':focus-visible') && getComputedStyle(e).outlineStyle") not in (
        False,
        "none",
    )
    assert page.evaluate("document.getAnimations().length") == 0
    page.close()
