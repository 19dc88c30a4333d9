"""The browser edition: it builds without a network, opens, and says kindly what it cannot run.

Python itself comes from a content network, so no cell is run in the browser here. That the cells left run without
PyTorch is shown in a kernel that has none; that all they import exists for a browser, by what Pyodide's lock file lists
(pyodide.json). soak/soak_pyodide.py runs Pyodide's core.
"""

import ast
import functools
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from email import message_from_bytes
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import packages_distributions
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
SHIPPED = json.loads((ROOT / "tests" / "pyodide.json").read_text())
LIBRARIES = {name for name, of in packages_distributions().items() if of != ["actlab"]} - set(sys.stdlib_module_names)
ABSENT = ["torch", "jupyterlab", "anywidget", "ipywidgets", "typer"]
NO_TORCH = f"import sys\n\nsys.modules.update(dict.fromkeys({ABSENT}))"


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
        assert notebook.cells[0].source == lite.INSTALL
        assert len(replaced(notebook)) == counts[path.stem]
        assert not any(cell.get("outputs") for cell in notebook.cells)
        assert not any(cell.metadata.get("slideshow", {}).get("slide_type") == "notes" for cell in notebook.cells)


def metadata_of(edition):
    """What the wheel in the edition's index says of itself, and the names of its files."""
    pypi = edition[0] / "pypi"
    ((version, (entry,)),) = json.loads((pypi / "all.json").read_text())["actlab"]["releases"].items()
    with zipfile.ZipFile(pypi / entry["filename"]) as wheel:
        return message_from_bytes(wheel.read(f"actlab-{version}.dist-info/METADATA")), set(wheel.namelist())


def test_the_wheel_is_in_the_index_with_all_that_a_lesson_shows(edition):
    _, names = metadata_of(edition)
    assert {"actlab/check.py", "actlab/look.py", "actlab/live/explorer.js"} <= names
    assert not any("__pycache__" in name for name in names)
    index = json.loads((edition[0] / "jupyter-lite.json").read_text())
    assert "pypi/all.json" in json.dumps(index["jupyter-config-data"]["litePluginSettings"])


def test_pyodide_json_is_of_the_pyodide_that_the_kernel_loads(edition):
    """After an update of the kernel: `python -m tests.pyodide`."""
    script = "".join(p.read_text() for p in edition[0].rglob("pyodide-kernel-extension/static/*.js"))
    assert set(re.findall(r"cdn\.jsdelivr\.net/pyodide/v([\d.]+)/full", script)) == {SHIPPED["version"]}


def test_pyodide_ships_every_library_that_the_install_cell_asks_for_in_a_version_that_will_do(edition):
    """The cell's extra, as micropip reads it: it does not follow an extra that names another one of the same wheel."""
    (extra,) = re.findall(r"^%pip install -q actlab\[(\w+)\]$", lite.INSTALL, re.MULTILINE)
    browser = {"sys_platform": "emscripten", "python_full_version": SHIPPED["python"], "extra": extra}
    asked = map(Requirement, metadata_of(edition)[0].get_all("Requires-Dist"))
    needs = [need for need in asked if need.marker is None or need.marker.evaluate(browser)]
    assert {"numpy", "scipy", "matplotlib", "sympy"} <= {need.name for need in needs}
    for need in needs:
        version, _ = SHIPPED["packages"].get(need.name, ("missing", []))
        assert version != "missing" and need.specifier.contains(version), f"{need}: {version}"


def test_pyodide_ships_everything_that_the_lessons_and_their_modules_import(edition):
    """Modules of the course that a lesson's cells load, too: what they import when they are imported."""
    there = {name for _, names in SHIPPED["packages"].values() for name in names} | set(sys.stdlib_module_names)
    for path in sorted((edition[0] / "files").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells[1:]
        asked = {name for cell in cells if cell.cell_type == "code" for name in imported(cell.source)}
        assert {name.partition(".")[0] for name in asked} - there <= {"actlab"}, path.name
        loads = "\n".join(f"from {name} import *" for name in sorted(asked) if name.startswith("actlab"))
        seen = f"import sys\n{loads}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
        done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
        ours = {name for name in done.stdout.split() if name in LIBRARIES}
        assert ours and ours <= there, path.name


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
    asked = "import sys; from actlab.explorers import *; print({'torch', 'multiprocessing'} & set(sys.modules))"
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
