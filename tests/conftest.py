"""What the tests share: a real browser, a real JupyterLab started by `actlab lab`, and a real kernel."""

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel
from jupyter_server.serverapp import list_running_servers
from playwright.sync_api import sync_playwright

COURSE = Path(__file__).parents[1]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab.  root: the folder it serves."""

    root: Path
    url: str
    token: str

    def address(self, path):
        """Where a notebook of this server opens, alone on its page."""
        return f"{self.url}doc/tree/{path}?token={self.token}"


@pytest.fixture(scope="module")
def chromium():
    """Chromium, for one module: Playwright keeps an event loop running, which other modules' kernels would trip over."""
    program = shutil.which("chromium")
    assert program, "Chromium is missing; .ci/run installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """What `actlab lab` serves, over a copy of the learner's notebooks and with Jupyter's own files out of the way."""
    home, root = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("my course")
    shutil.copytree(COURSE / "notebooks", root / "notebooks")
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("RUNTIME", "CONFIG", "DATA")}
    own = {**folders, "IPYTHONDIR": str(home / "ipython"), "ACTLAB_HOME": str(home / "progress"), "ACTLAB_STATIC": ""}
    command = [Path(sys.executable).with_name("actlab"), "lab", "--no-browser", "--port", str(_free_port())]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=root, env=os.environ | own, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not (found := list(list_running_servers(home / "runtime"))):
            assert process.poll() is None and time.monotonic() < deadline, (home / "log").read_text()
            time.sleep(0.2)
        yield Lab(root, found[0]["url"], found[0]["token"])
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A real kernel: (manager, client)."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("ACTLAB_STATIC", raising=False)
    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
