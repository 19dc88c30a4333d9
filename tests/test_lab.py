"""`actlab lab` on a real server: it serves the course, once a folder, and keeps saved notebooks readable."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from jupyter_server.serverapp import list_running_servers

ACTLAB = Path(sys.executable).with_name("actlab")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Jupyter's own files go to a folder of ours, so that servers of the person running the tests stay out of it."""
    home = tmp_path_factory.mktemp("jupyter")
    return os.environ | {"JUPYTER_RUNTIME_DIR": str(home / "runtime"), "JUPYTER_CONFIG_DIR": str(home / "config")}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("a course")
    (root / "notebooks").mkdir()
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "notebooks" / "00_start_here.ipynb").write_text(json.dumps(notebook))
    return root


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def lab(*arguments, cwd, env):
    command = [ACTLAB, "lab", "--no-browser", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def server(course, environment):
    command = [ACTLAB, "lab", "--no-browser", "--port", str(free_port())]
    with (course / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=course / "notebooks", env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not (found := list(list_running_servers(environment["JUPYTER_RUNTIME_DIR"]))):
            assert process.poll() is None and time.monotonic() < deadline, (course / "log").read_text()
            time.sleep(0.2)
        yield found[0]
    finally:
        process.terminate()
        process.wait(30)


def request(server, path, body=None):
    headers = {"Authorization": f"token {server['token']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(server["url"] + path, data, headers, method="PUT" if data else "GET"), timeout=30) as reply:
        return reply.read().decode()


def test_it_serves_the_course_from_any_folder_inside_it(server, course):
    assert Path(server["root_dir"]) == course
    assert "started" in json.loads(request(server, "api/status"))
    assert (
        json.loads(request(server, "api/contents/notebooks?content=1"))["content"][0]["name"] == "00_start_here.ipynb"
    )


def test_it_opens_on_the_first_lesson_and_asks_nobody_for_news(server):
    page = request(server, "lab/tree/notebooks/00_start_here.ipynb")
    config = json.loads(
        page.split('<script id="jupyter-config-data" type="application/json">')[1].split("</script>")[0]
    )
    assert config["treePath"] == "notebooks/00_start_here.ipynb"
    assert config["news"] == {"disabled": True}
    assert json.loads(request(server, "lab/api/update"))["notification"] is None


def test_saves_keep_no_widget_state(server, course):
    output = {"output_type": "display_data", "metadata": {}, "data": {WIDGET_VIEW: {}, "text/html": "<svg/>"}}
    cell = {"cell_type": "code", "id": "a", "source": "1", "metadata": {}, "execution_count": 1, "outputs": [output]}
    notebook = {"cells": [cell], "metadata": {"widgets": {}}, "nbformat": 4, "nbformat_minor": 5}
    request(server, "api/contents/notebooks/mine.ipynb", {"type": "notebook", "format": "json", "content": notebook})
    saved = json.loads((course / "notebooks" / "mine.ipynb").read_text())
    assert saved["cells"][0]["outputs"][0]["data"] == {"text/html": ["<svg/>"]}
    assert saved["metadata"] == {}


def test_a_second_start_reports_the_first(server, course, environment):
    second = lab(cwd=course, env=environment)
    assert second.returncode == 0
    assert "runs on this folder already" in second.stdout
    assert f"{server['url']}lab/tree/notebooks/00_start_here.ipynb?token={server['token']}" in second.stdout


def test_a_taken_port_is_a_sentence(environment, course, tmp_path):
    (tmp_path / "notebooks").symlink_to(course / "notebooks")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = lab("--port", port, cwd=tmp_path, env=environment)
    assert result.returncode == 1
    assert (
        result.stderr == f"actlab: Port {port} is taken or not allowed. Name another, or none: actlab lab --port 8888\n"
    )


def test_outside_a_course_the_installed_one_opens(tmp_path, monkeypatch):
    from actlab.lab import course_root

    monkeypatch.chdir(tmp_path)
    assert course_root() == Path(__file__).parents[1]
