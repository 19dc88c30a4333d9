"""The browser edition: it builds without a network, opens, and says kindly what it cannot run.

Python itself comes from a content network, so no cell is run in the browser here. That the cells left run without
PyTorch is shown in a kernel that has none.
"""

import ast
import functools
import json
import os
import subprocess
import sys
import threading
import zipfile
from email import message_from_bytes
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from packaging.requirements import Requirement

from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.publish import executed, lite

ROOT = Path(__file__).parents[1]
NO_TORCH = "import sys\n\nsys.modules.update(torch=None, jupyterlab=None)"


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "lite"
    return out, lite.build(ROOT, out)


def replaced(notebook):
    return [cell for cell in notebook.cells if cell.source.startswith(lite.WHY)]


def test_every_lesson_is_in_it_and_installs_the_course_first(edition):
    out, counts = edition
    lessons = executed.lessons(ROOT)
    assert list(counts) == [path.stem for path in lessons]
    for path in lessons:
        notebook = nbformat.read(out / "files" / path.name, as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python"
        assert "%pip install -q actlab[learn]" in notebook.cells[0].source
        assert len(replaced(notebook)) == counts[path.stem]
        assert not any(cell.get("outputs") for cell in notebook.cells)
        assert not any(cell.metadata.get("slideshow", {}).get("slide_type") == "notes" for cell in notebook.cells)


def test_the_wheel_is_in_the_index_and_asks_for_nothing_a_browser_lacks(edition):
    pypi = edition[0] / "pypi"
    ((version, (entry,)),) = json.loads((pypi / "all.json").read_text())["actlab"]["releases"].items()
    with zipfile.ZipFile(pypi / entry["filename"]) as wheel:
        about = message_from_bytes(wheel.read(f"actlab-{version}.dist-info/METADATA"))
        names = set(wheel.namelist())
    browser = {"sys_platform": "emscripten", "extra": "learn"}
    asked = map(Requirement, about.get_all("Requires-Dist"))
    needs = {need.name for need in asked if need.marker is None or need.marker.evaluate(browser)}
    assert {"numpy", "matplotlib", "ipywidgets"} <= needs
    assert needs.isdisjoint({"torch", "jupyterlab", "pytest", "sphinx"})
    assert {"actlab/check.py", "actlab/look.py", "actlab/live/explorer.js"} <= names
    assert not any("__pycache__" in name for name in names)
    index = json.loads((edition[0] / "jupyter-lite.json").read_text())
    assert "pypi/all.json" in json.dumps(index["jupyter-config-data"]["litePluginSettings"])


@pytest.fixture
def address(edition):
    """Where a web server shows the edition."""
    handler = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=edition[0])) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_the_page_opens_lists_the_lessons_and_shows_what_it_cannot_run(chromium, address):
    context = chromium.new_context()
    page, elsewhere = context.new_page(), []
    page.on("request", lambda r: r.url.startswith((address, "data:", "blob:")) or elsewhere.append(r.url))
    page.goto(f"{address}lab/index.html?path=01_why_nonlinearity.ipynb")
    page.get_by_role("heading", name="01 · Why non-linearity").wait_for()
    page.locator(".jp-DirListing-itemText", has_text=PRACTICE.file).wait_for()
    cell = page.locator(".jp-MarkdownCell", has_text="needs PyTorch").filter(has_text="explore_boundary").last
    cell.evaluate("cell => cell.scrollIntoView()")
    picture = cell.locator(".jp-RenderedMarkdown img")
    picture.wait_for()
    assert picture.get_attribute("alt").startswith("Learning circles: After 0 steps")
    assert picture.evaluate("img => img.decode().then(() => img.naturalWidth)") == 900
    context.close()
    assert [url for url in elsewhere if "/pyodide/" not in url] == []


@pytest.mark.parametrize("lesson", ["05_softmax"])
def test_what_is_left_of_a_lesson_runs_without_pytorch(edition, lesson, tmp_path, monkeypatch):
    monkeypatch.setenv("ACTLAB_HOME", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", os.fspath(tmp_path / "runtime"))
    notebook = nbformat.read(edition[0] / "files" / f"{lesson}.ipynb", as_version=4)
    notebook.cells[0].source = NO_TORCH
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


def test_no_code_that_is_left_imports_pytorch(edition):
    for path in sorted((edition[0] / "files").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells[1:]:
            if cell.cell_type == "code":
                assert "torch" not in {name.split(".")[0] for name in imported(cell.source)}, (
                    f"{path.name}: {cell.source}"
                )


def imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize(
    ("sources", "kept"),
    [
        (["import torch", "x = torch.ones(3)", "y = x + 1", "z = 1"], [True, False, False, True]),
        (["from actlab.training import Networks", "def f():\n    return Networks", "f()"], [True, False, False]),
        (["from actlab.explorers import explore_dying", "explore_dying()", "2 + 2"], [True, False, True]),
        (["from actlab.explorers import explore_rates", "explore_rates('deep')"], [True, True]),
        (["import torch as t\nx = t.ones(3)", "x = 1", "x + 1"], [False, True, True]),
        (["import torch\nf = torch.relu", "g = [f for f in (1, 2)]", "def h(f):\n    return f"], [False, True, True]),
        (["import torch\nfor z in (1, 2):\n    torch.ones(z)", "for z in (1, 2):\n    print(z)"], [False, True]),
        (["import torch\nf = torch.relu", "g = lambda z: f(z)", "[g(z) for z in (1, 2)]"], [False, False, False]),
    ],
)
def test_a_cell_needs_pytorch_if_anything_it_reads_does(sources, kept):
    notebook, count = lite.without_torch(new_notebook(cells=[new_code_cell(source) for source in sources]))
    assert [cell.cell_type == "code" for cell in notebook.cells[1:]] == kept
    assert count == kept.count(False)


def test_explorers_import_nothing_that_a_page_does_not_have():
    asked = "import sys, actlab.explorers; print({'torch', 'multiprocessing'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True).stdout == "set()\n"


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CourseError, match="something else"):
        lite.build(ROOT, tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_without_jupyterlite_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CourseError, match=r"pip install -e '\.\[lite\]'"):
        lite.build(ROOT, tmp_path)
