"""A lesson where JupyterLab is not: in Notebook 7, without any window, and with the versions that Colab has."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bench import stage
from nbclient import NotebookClient
from playwright.sync_api import expect

from actlab.exercises import EXERCISES
from actlab.publish.notebooks import GUARD, learner
from actlab.publish.source import read_source

ROOT = Path(__file__).parents[1]
LESSON = "05_softmax"
RIGHT = """\
def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)"""
WRONG = """\
def softmax_jacobian(p):
    return np.diag(p)"""
ANSWERS = {"q5_softmax": RIGHT, "q5_softmax_jacobian": WRONG}
COLAB = ["ipython==7.34.0", "ipywidgets==7.7.1", "ipykernel==6.17.1"]
OLD = ["backcall", "decorator", "ipython-genutils", "pickleshare"]
"""What those need and newer ones do not."""


@pytest.fixture(scope="session")
def lesson():
    """The learner's copy, as its source makes it."""
    return learner(read_source(ROOT / "solutions" / f"{LESSON}.py", EXERCISES))


@pytest.fixture(scope="session")
def answered(lesson):
    """The learner's copy with one right answer and one wrong one."""
    notebook = nbformat.from_dict(lesson)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = ANSWERS.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return notebook


def run(notebook, folder, monkeypatch, **variables):
    """The notebook, run without a window as nbclient, papermill and `jupyter execute` do."""
    for name, value in {
        "ACTLAB_HOME": folder,
        "IPYTHONDIR": folder,
        "JUPYTER_RUNTIME_DIR": folder,
        **variables,
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("ACTLAB_STATIC", raising=False)
    return NotebookClient(nbformat.from_dict(notebook), kernel_name="python3", timeout=120).execute()


def require_a_lesson(notebook):
    """Every cell ran, nothing complained, each answer was judged, each explorer and picture has what readers need."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    outputs = [output for cell in code for output in cell.outputs]
    assert [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"] == []
    assert next(cell for cell in code if cell.source == GUARD).outputs == []
    said = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.outputs for cell in code}
    assert said["q5_softmax_check"][0].data["text/plain"].startswith("✓ right · Softmax")
    assert said["q5_softmax_jacobian_check"][0].data["text/plain"].startswith("✗ wrong · The Jacobian")
    shown = [output.data for output in outputs if output.output_type != "stream"]
    assert {frozenset(data) for data in shown} == {frozenset({"text/plain", "text/html"})}
    assert sum('class="actlab-explorer"' in data["text/html"] for data in shown) == 4


def test_without_a_window(answered, tmp_path, monkeypatch):
    require_a_lesson(run(answered, tmp_path, monkeypatch))


@pytest.fixture(scope="session")
def colab(tmp_path_factory):
    """A folder with the IPython, ipywidgets and kernel of Colab, which come before this environment's own."""
    folder = tmp_path_factory.mktemp("colab")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, f"--target={folder}", *COLAB, *OLD], check=True, timeout=300)
    return folder


@pytest.mark.parametrize("anywidget", [True, False])
def test_with_the_versions_of_colab(answered, colab, anywidget, tmp_path, monkeypatch):
    """Without anywidget, too, which Colab does not bring."""
    notebook = nbformat.from_dict(answered)
    asks = (
        "import sys, IPython, ipywidgets\nassert (IPython.__version__, ipywidgets.__version__) == ('7.34.0', '7.7.1')"
    )
    hidden = (
        "sys.modules.update(jupyterlab=None)" if anywidget else "sys.modules.update(jupyterlab=None, anywidget=None)"
    )
    notebook.cells.insert(0, nbformat.v4.new_code_cell(f"{asks}\n{hidden}"))
    require_a_lesson(run(notebook, tmp_path, monkeypatch, PYTHONPATH=colab))


@pytest.fixture(scope="module")
def notebook_7(lesson, tmp_path_factory):
    """Notebook 7, as anybody starts it, beside the learner's copy."""
    root = tmp_path_factory.mktemp("my course")
    nbformat.write(lesson, root / f"{LESSON}.ipynb")
    command = ("jupyter", "notebook", "--allow-root")
    with stage.jupyterlab(root, tmp_path_factory.mktemp("home"), command=command) as running:
        yield running


def answer(page, id, source):
    """Type an answer over the stub of an exercise, run it and its check, and return the feedback."""
    asked, judged = (
        page.locator(".jp-CodeCell", has_text=text) for text in (f"{source.partition('(')[0]}(", f'"{id}"')
    )
    asked.first.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    feedback = judged.first.locator(".jp-OutputArea-output")
    feedback.filter(has_not_text="not attempted yet").wait_for()
    return feedback.inner_text()


def sentence_after(explorer, act):
    """What an explorer says once `act(slider)` has moved its first slider; it said something else before."""
    status, slider = explorer.locator("[role=status]"), explorer.locator("input[type=range]").first
    expect(slider).to_be_enabled(timeout=60_000)
    before = status.inner_text()
    slider.scroll_into_view_if_needed()
    act(slider)
    expect(status).not_to_have_text(before, timeout=60_000)
    return status.inner_text()


GUARDS = {"here": "", "gone": "The course is not installed in this Python."}
"""What the first code of a learner's copy says, with the course and without."""


@pytest.mark.parametrize("actlab", GUARDS)
def test_the_first_code_of_every_copy_says_what_is_missing(actlab, lesson):
    first = next(cell for cell in lesson.cells if cell.cell_type == "code")
    assert first.source == GUARD
    options = ["-I", "-S"] if actlab == "gone" else []
    done = subprocess.run([sys.executable, *options, "-c", first.source], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(GUARDS[actlab]) and bool(done.stdout) == bool(GUARDS[actlab])
    assert done.stderr == ""


def test_in_notebook_7(chromium, notebook_7):
    """All cells run, a right and a wrong answer get their feedback, a slider moves by keyboard and by mouse."""
    context = chromium.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{notebook_7.url}notebooks/{LESSON}.ipynb?token={notebook_7.token}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.get_by_text("Python 3 (ipykernel)").wait_for()
    stage.run_all(page)
    last = page.locator(".jp-CodeCell", has_text='"q5_hidden"').last.locator(".jp-OutputArea-output")
    last.wait_for(timeout=120_000)
    assert page.locator(".jp-OutputArea-output[data-mime-type$=stderr]").count() == 0
    assert "✓ right" in answer(page, "q5_softmax", RIGHT)
    assert "✗ wrong" in answer(page, "q5_softmax_jacobian", WRONG)
    page.locator(".jp-CodeCell", has_text="explore_temperature(softmax)").locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    explorer = page.locator(".actlab-explorer").first
    expect(explorer.locator("input[type=range]").first).to_be_enabled(timeout=60_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    said = [
        sentence_after(explorer, lambda slider: slider.click(position={"x": 5, "y": 5})),
        sentence_after(explorer, lambda slider: slider.press("ArrowRight")),
    ]
    assert len(set(said)) == 2
    context.close()
