"""`actlab lab --present`: lessons on the projector show their results at once, solve nothing, keep what was typed."""

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from bench import stage
from nbformat.sign import NotebookNotary

from actlab import lab
from actlab.live import Choice, Explorer, Slider, Text, page
from actlab.publish import executed, predictions, present
from actlab.publish.notebooks import GUARD
from actlab.publish.own import is_own
from actlab.words import power

COURSE = Path(__file__).parents[1]
LESSONS = ("01_why_nonlinearity", "02_sigmoid_tanh")
THEMES = Path("lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of two lessons, and the page that marks its folder."""
    root = tmp_path_factory.mktemp("my course")
    for name in ("notebooks", "solutions"):
        (root / name).mkdir()
    shutil.copy(COURSE / "notebooks" / "00_start_here.ipynb", root / "notebooks")
    for lesson in LESSONS:
        for suffix in (".py", ".ipynb"):
            shutil.copy(COURSE / "solutions" / f"{lesson}{suffix}", root / "solutions")
    return root


@pytest.fixture
def folder(course, tmp_path, monkeypatch):
    """Where the lessons were written just now."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    assert present.write(course, tmp_path / "present") == []
    return tmp_path / "present"


def read(folder, lesson):
    return nbformat.read(folder / f"{lesson}.ipynb", as_version=4)


@pytest.mark.parametrize("path", executed.lessons(COURSE), ids=lambda path: path.stem)
def test_it_has_the_learners_cells_and_the_solutions_results(path):
    learners = nbformat.read(COURSE / "notebooks" / path.name, as_version=4)
    solved = {cell.id: cell for cell in executed.read(path).cells}
    presented = present.presented(path)
    there = [cell for cell in learners.cells if cell.source != GUARD]
    assert [(cell.id, cell.source) for cell in presented.cells] == [(cell.id, cell.source) for cell in there]
    for cell in presented.cells:
        if cell.cell_type == "code":
            asked = "nbgrader" in cell.metadata
            assert cell.outputs == ([] if asked else solved[cell.id].outputs)
            folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
            assert folded == (not asked and executed.is_plumbing(cell))


@pytest.mark.parametrize("path", executed.lessons(COURSE), ids=lambda path: path.stem)
def test_the_first_result_after_a_prediction_waits_folded_and_none_before_it(path):
    asked, answered = False, False
    for cell in present.presented(path).cells:
        if cell.cell_type == "markdown":
            asks = predictions.TAG in cell.metadata.get("tags", ())
            if asks or cell.source.startswith("## "):
                asked, answered = asks, False
        elif cell.outputs:
            folded = cell.metadata.get("jupyter", {}).get("outputs_hidden", False)
            assert folded or answered or not asked, cell.source
            assert asked or not folded, cell.source
            answered = True


def test_jupyter_trusts_what_was_written_and_nothing_else(folder):
    notebook = read(folder, "02_sigmoid_tanh")
    assert NotebookNotary().check_signature(notebook)
    notebook.cells[-1].source += " changed"
    assert not NotebookNotary().check_signature(notebook)


FRAMES = '"layers": [{"templates": ["<text>\\u0001</text>\\u0002said"], "rows": ["0 1.5"]}]'
FOREIGN = (
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert(1)">',
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://example.org/x.js></SCRIPT>",
    '<a href="javascript:alert(1)">a</a>',
    '<a href="java&#115;cript:alert(1)">a</a>',
    '<a data-commandlinker-command="notebook:run-all-cells">a</a>',
    '<iframe src="https://example.org"></iframe>',
    '<svg><animate onbegin="alert(1)" /></svg>',
    '<svg><style><img src="x"></style></svg>',
    '<div style="background:url(https://example.org)">a</div>',
    "<!--><img src=x onerror=alert(1)>-->",
    '<div title="<img src=x onerror=alert(1)>">a</div>',
    page.wake("{" + FRAMES + "}", exact=True).replace("mount(", "alert("),
    page.wake("{" + FRAMES.replace("<text>", "<img src=x onerror=alert(1)>") + "}", exact=True),
    page.wake("{" + FRAMES.replace("0 1.5", "0 <img/src=x/onerror=alert(1)>") + "}", exact=True),
    page.wake('{"layers": []}', exact=True).replace("[]", '[], "title": "</script><img src=x onerror=alert(1)>"'),
    f'<div class="{page.wake(chr(123) + FRAMES + chr(125), exact=True)}">',
    "<img<!--varies--> src=x onerror=alert(1)>",
    '<picture><source srcset="javascript:alert(1)"></picture>',
    "<style>@import 'https://example.org/x.css'</style>",
    page.wake("{" + FRAMES + ', "phone": {"source": "https://example.org/x.png"}}', exact=True),
    page.wake(
        "{" + FRAMES.replace("<text>", '<text title=\\"\\u0003<img src=x onerror=alert(1)>\\">') + "}", exact=True
    ),
    page.wake('{"layers": 7}', exact=True),
    page.wake("not JSON", exact=True),
)


@pytest.mark.parametrize("html", FOREIGN)
def test_what_could_run_and_is_not_the_courses_is_not_signed(html):
    for data in ({"text/html": html}, {"text/html": ["<div>", html, "</div>"], "text/plain": "x"}):
        assert not is_own({"output_type": "display_data", "data": data})


def test_everything_that_an_explorer_can_have_is_the_courses():
    sliders = {"z": Slider([0, 1], format=power, play=True), "name": Choice(["a < b", "c"])}

    def layer(z, name):
        return [Text(z, z, power(z / 2 - 1))], f"{power(z)} {name}"

    for panels in (1, 2):
        explorer = Explorer("t < u", sliders, lambda f, n=panels: f.subplots(1, n), layer, grab={"z": "x"})
        assert explorer.trouble is None
        assert is_own({"data": {"text/html": explorer.html()}})


def test_an_explorers_frames_are_the_courses(course):
    assert is_own({"data": {"text/html": page.wake("{" + FRAMES + "}", exact=True)}})
    assert is_own({"output_type": "stream", "text": "<script>"})
    assert not is_own({"data": {"application/javascript": "alert(1)"}})
    assert not is_own({"data": {"image/svg+xml": "<svg/>"}})


def test_a_foreign_output_in_a_solution_is_not_presented(course, tmp_path):
    solved = tmp_path / f"{LESSONS[0]}.ipynb"
    shutil.copy(course / "solutions" / f"{LESSONS[0]}.py", tmp_path)
    notebook = executed.read(course / "solutions" / solved.name)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs.append(nbformat.v4.new_output("display_data", {"text/html": FOREIGN[0]}))
    nbformat.write(notebook, solved)
    shown = [output for cell in present.presented(solved).cells for output in cell.get("outputs", ())]
    assert shown and "onerror" not in json.dumps(shown)


def test_what_was_run_is_made_fresh_and_what_was_typed_is_kept(course, folder):
    run, typed = (read(folder, lesson) for lesson in LESSONS)
    fresh = (folder / f"{LESSONS[0]}.ipynb").read_bytes()
    for cell in run.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], 7
    typed.cells[-1].source += "\n\nAsk the back row."
    for lesson, notebook in zip(LESSONS, (run, typed), strict=True):
        nbformat.write(notebook, folder / f"{lesson}.ipynb")
    assert present.write(course, folder) == [folder / "02_sigmoid_tanh.ipynb"]
    assert (folder / f"{LESSONS[0]}.ipynb").read_bytes() == fresh
    assert read(folder, "02_sigmoid_tanh").cells[-1].source.endswith("Ask the back row.")


@pytest.mark.parametrize("content", ["", "not a notebook", '{"cells": []}'])
def test_a_file_it_did_not_write_is_kept(course, folder, content):
    (folder / "02_sigmoid_tanh.ipynb").write_text(content)
    assert present.write(course, folder) == [folder / "02_sigmoid_tanh.ipynb"]
    assert (folder / "02_sigmoid_tanh.ipynb").read_text() == content


def test_it_says_what_it_kept(course, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.chdir(course / "solutions")
    served = []
    monkeypatch.setattr(lab, "serve", lambda view, *_: served.append(view))
    lab.open_course(lab.course_root(), present=True)
    assert capsys.readouterr().out == ""
    mine = served[0].folder / "02_sigmoid_tanh.ipynb"
    mine.write_text("mine")
    lab.open_course(lab.course_root(), present=True)
    kept = f"Kept {Path('_build/present/02_sigmoid_tanh.ipynb')} as you left it: it was changed by hand."
    assert kept in capsys.readouterr().out
    mine.unlink()


# --- in JupyterLab ---------------------------------------------------------------------------------------------------

SHOWN = """() => {
    const size = selector => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize);
    const narrow = selector => (document.querySelector(selector)?.offsetWidth ?? 0) === 0;
    return {
        code: size(".jp-CodeCell .cm-content"),
        text: size(".jp-RenderedMarkdown p"),
        explorer: size(".actlab-explorer"),
        light: document.body.dataset.jpThemeLight,
        single: document.querySelector(".jp-LabShell").dataset.shellMode,
        bars: ["#jp-left-stack", "#jp-right-stack", ".jp-SideBar"].every(narrow),
        status: document.querySelector("#jp-bottom-panel")?.offsetHeight ?? 0,
        width: document.querySelector(".jp-Notebook").offsetWidth,
    };
}"""


def said(explorer):
    return explorer.locator("svg[role=img]").get_attribute("aria-label")


def test_a_class_sees_large_type_moving_pictures_and_nothing_personal(chromium, course, tmp_path):
    mine = tmp_path / "config" / THEMES
    mine.parent.mkdir(parents=True)
    mine.write_text('{"theme": "JupyterLab Dark"}')
    with stage.jupyterlab(course, tmp_path, "--present") as running:
        context = chromium.new_context(viewport={"width": 1280, "height": 720})
        context.set_default_timeout(40_000)
        page = context.new_page()
        page.goto(f"{running.url}doc/tree/02_sigmoid_tanh.ipynb?token={running.token}")
        require_a_first_look(page)
        require_keys(page)
        require_a_folded_answer(page)
        require_a_live_slider(page)
        page.get_by_role("link", name="01 Why non-linearity").click()
        page.get_by_role("heading", name="01 · Why non-linearity").wait_for()
        assert page.url.endswith("doc/tree/01_why_nonlinearity.ipynb")
        context.close()
    assert json.loads(mine.read_text()) == {"theme": "JupyterLab Dark"}


def require_a_first_look(page):
    explorer = page.locator(".actlab-explorer").first
    for drawn in (
        explorer,
        page.locator(".jp-CodeCell .cm-content:visible").first,
        page.locator(".jp-RenderedMarkdown p").first,
    ):
        drawn.wait_for()
    page.locator(".jp-SideBar.jp-mod-left").wait_for(state="hidden")
    shown = page.evaluate(SHOWN)
    assert shown["code"] >= 18 and shown["text"] >= 20 and shown["explorer"] >= 18
    assert shown["light"] == "true" and shown["single"] == "single-document"
    assert shown["bars"] and shown["status"] == 0 and shown["width"] > 1260
    before = said(explorer)
    explorer.locator("input").first.press("ArrowRight")
    assert said(explorer) != before
    assert explorer.bounding_box()["height"] < 600


def require_keys(page):
    """S shows a cell's code, H hides it; Ctrl+B shows the files and hides them."""
    imports = page.locator(".jp-CodeCell").first
    imports.locator(".jp-InputPlaceholder").click()
    imports.locator(".jp-InputPlaceholder").wait_for(state="detached")
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    imports.locator(".jp-InputPlaceholder").wait_for()
    page.keyboard.press("s")
    imports.locator(".jp-InputPlaceholder").wait_for(state="detached")
    files = page.locator(".jp-DirListing-itemText", has_text="02_sigmoid_tanh")
    for state in ("visible", "hidden"):
        page.keyboard.press("Control+b")
        files.wait_for(state=state)


def require_a_folded_answer(page):
    """The result stays away, its beginning too, until a click or O; Shift+O folds it; and it fits below its heading."""
    cell = page.locator(".jp-CodeCell", has_text='compare(["sigmoid", "tanh"])')
    cell.scroll_into_view_if_needed()
    folded, explorer = cell.locator(".jp-OutputPlaceholder"), cell.locator(".actlab-explorer")
    for opened in (lambda: folded.locator("svg").click(), lambda: page.keyboard.press("o")):
        assert folded.is_visible() and not folded.inner_text().strip() and not explorer.count()
        opened()
        explorer.wait_for()
        page.keyboard.press("Escape")
        page.keyboard.press("Shift+O")
        folded.wait_for()


def require_a_live_slider(page):
    page.locator(".jp-CodeCell").first.locator(".jp-InputPrompt").click()
    page.keyboard.press("Shift+Enter")
    cell = page.locator(".jp-CodeCell", has_text='explore("tanh")')
    cell.locator(".jp-InputPlaceholder").click()
    page.keyboard.press("Control+Enter")
    cell.locator(".jp-InputPrompt", has_text=re.compile(r"\d")).wait_for()
    live = cell.locator(".actlab-explorer")
    live.wait_for()
    before = said(live)
    live.locator("input").first.press("ArrowRight")
    for _ in range(100):
        if said(live) != before:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the live slider moved nothing")
