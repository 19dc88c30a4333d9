"""What is taken elsewhere: figures as vectors with their words, explorers as pages, and a page that shows all."""

import re
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from offline import opened
from typer.testing import CliRunner

from actlab import cli, figures
from actlab.course import lesson as lesson_number
from actlab.exercises import EXERCISES
from actlab.publish import export, notebooks, vectors
from actlab.publish.source import read_source

COURSE = Path(__file__).parents[1]
SVG = "{http://www.w3.org/2000/svg}"
TWO = lesson_number(2)

DRAWS = """\
# %% [markdown]
# ## 2.7 Measure it

# %%
from actlab import figures

with figures.style():
    figure = figures.new_figure((400, 200))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1])
    axes.set_title("Up & away")
figures.Picture(figure, "A line < another, from 0 to 1.")

# %%
figures.Picture(figure, "Once more.")

# %%
raise RuntimeError("this cell is below the last figure")
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The figures of a lesson that draws two, and fails below them."""
    folder = tmp_path_factory.mktemp("solutions")
    path = folder / f"{TWO.stem}.py"
    path.write_text(DRAWS.replace('raise RuntimeError("this cell is below the last figure")', "1"), encoding="utf-8")
    ran, _ = notebooks.execute(read_source(path, {}))
    nbformat.write(ran, path.with_suffix(".ipynb"))
    path.write_text(DRAWS, encoding="utf-8")
    return vectors.of_lesson(TWO, read_source(path, {}), path.with_suffix(".ipynb"))


def test_each_figure_is_drawn_as_svg_and_pdf_under_the_name_of_its_section(drawn):
    assert [one.name for one in drawn] == ["02_sigmoid_tanh_2.7", "02_sigmoid_tanh_2.7_2"]
    assert [one.alt for one in drawn] == ["A line < another, from 0 to 1.", "Once more."]
    assert {one.section for one in drawn} == {"2.7 Measure it"}
    assert all(one.pdf.startswith(b"%PDF") for one in drawn)


def test_a_figure_is_vectors_and_says_what_it_shows(drawn):
    root = ElementTree.fromstring(drawn[0].svg)
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "Up & away"
    assert root.findtext(f"{SVG}desc") == drawn[0].alt
    assert not list(root.iter(f"{SVG}image"))
    assert b"/Subject" in drawn[0].pdf and b"/Subtype /Image" not in drawn[0].pdf


def test_letters_are_outlines_in_svg_and_text_in_pdf(drawn):
    assert not list(ElementTree.fromstring(drawn[0].svg).iter(f"{SVG}text"))
    assert b"/FontFile2" in drawn[0].pdf and b"DejaVuSans" in drawn[0].pdf


def test_the_same_figure_is_the_same_file():
    def picture():
        with figures.style():
            figure = figures.new_figure((300, 200))
            figure.subplots().plot([0, 1], [1, 0])
        return figures.Picture(figure, "A line down.")

    assert vectors.svg(picture()) == vectors.svg(picture())
    assert vectors.pdf(picture()) == vectors.pdf(picture())


def test_the_folder_shows_everything_from_a_file_and_fetches_nothing(chromium, tmp_path, monkeypatch, drawn):
    monkeypatch.setattr(vectors, "of_lesson", lambda *_: drawn)
    done = export.write(COURSE, tmp_path, EXERCISES, (TWO,))
    with opened(chromium, done.index.as_uri(), width=1000, folder=tmp_path.as_uri()) as seen:
        for figure in seen.page.locator("figure").all():
            figure.scroll_into_view_if_needed()
        seen.page.frame_locator("iframe >> nth=0").locator("input").first.wait_for()
        images, frames = seen.page.locator("figure img"), seen.page.locator("iframe")
        assert images.evaluate_all("all => all.every((img) => img.naturalWidth > 0 && img.alt)")
        assert (images.count(), frames.count()) == (done.figures, done.explorers)
        for link in seen.page.locator("figcaption a").all():
            assert (tmp_path / link.get_attribute("href")).exists()
        assert seen.faults == []
    lines = re.findall('src="(.*?)"', (tmp_path / "iframes.txt").read_text(encoding="utf-8"))
    assert sorted(lines) == sorted(f"explorers/{path.name}" for path in (tmp_path / "explorers").iterdir())
    assert len(lines) == done.explorers


def test_without_figures_no_lesson_runs(tmp_path):
    said = CliRunner().invoke(cli.main, ["export", "02", "03", "--no-figures", "--out", str(tmp_path)])
    assert said.exit_code == 0, said.output
    assert {path.name for path in tmp_path.iterdir()} == {"explorers", "iframes.txt", "index.html"}
    assert {path.name[:2] for path in (tmp_path / "explorers").iterdir()} == {"02", "03"}
