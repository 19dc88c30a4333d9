"""Python in a page, as far as npm brings it: Pyodide's core, without NumPy and the other libraries that it ships apart.

What of the course needs the standard library alone must import there as it does here. Needs npm and a network.
"""

import functools
import json
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bench import stage
from pyodide import STORED, core, shipped

from actlab.publish import lite

ROOT = Path(__file__).parents[2]
PROBE = """
import importlib, json, pkgutil, sys
import actlab

def tried(name):
    try:
        importlib.import_module(name)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""

names = [found.name for found in pkgutil.walk_packages(actlab.__path__, "actlab.", onerror=lambda name: None)]
result = json.dumps({name: tried(name) for name in names})
"""
LOAD = """async ([code, wheel]) => {
    const { loadPyodide } = await import("/pyodide.mjs");
    const python = await loadPyodide();
    python.unpackArchive(await (await fetch(wheel)).arrayBuffer(), "wheel");
    python.runPython(code);
    return python.globals.get("result");
}"""
MODULES = {".mjs": "text/javascript", ".wasm": "application/wasm"}


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory):
    """The folder of Pyodide's core, with the course's wheel in it."""
    files = core(tmp_path_factory.mktemp("npm"))
    (files / "page.html").write_text('<!doctype html><html lang="en"><title>Python</title></html>')
    (files / "actlab.whl").write_bytes(lite.wheel(ROOT, tmp_path_factory.mktemp("wheel")).read_bytes())
    return files


@pytest.fixture
def address(pyodide):
    """Where a web server shows that folder."""
    handler = type(
        "Quiet",
        (SimpleHTTPRequestHandler,),
        {"log_message": lambda *_: None, "extensions_map": SimpleHTTPRequestHandler.extensions_map | MODULES},
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=pyodide)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_what_npm_brings_is_what_is_written_down(pyodide):
    assert shipped(pyodide) == json.loads(STORED.read_text())


def test_what_needs_the_standard_library_alone_imports_in_a_page(pyodide, address):
    bare = f"import sys; sys.path.insert(0, {str(pyodide / 'actlab.whl')!r})\n{PROBE}\nprint(result)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", bare], capture_output=True, text=True, check=True)
    here = json.loads(done.stdout)
    alone = {name for name, failed in here.items() if not failed}
    assert {"actlab.words", "actlab.course", "actlab.errors", "actlab.look"} <= alone
    with stage.chromium() as browser:
        page = browser.new_page()
        page.goto(f"{address}page.html")
        there = json.loads(page.evaluate(LOAD, [PROBE, "/actlab.whl"]))
    print(f"{len(alone)} of {len(here)} modules need the standard library alone")
    assert {name: failed for name, failed in there.items() if name in alone and failed} == {}
