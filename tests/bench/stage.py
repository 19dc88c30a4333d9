"""A real Chromium and a real JupyterLab, started and ended by tests and benchmarks alike."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jupyter_server.serverapp import list_running_servers
from playwright.sync_api import sync_playwright

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

    def open(self, context, path):
        """A notebook on a page of its own, its kernel ready.  context: Playwright's."""
        page = context.new_page()
        page.goto(f"{self.url}doc/tree/{path}?token={self.token}")
        page.get_by_text("(ipykernel) | Idle").wait_for()
        return page


def run_all(page):
    """Run all cells of an open notebook."""
    for name in ("Run", "Run All Cells"):
        page.get_by_role("menuitem", name=name, exact=True).click()


def reload(page):
    """Reload a page, and wait for the new one: Playwright's own may end with the load of the one before."""
    page.evaluate("window.before = true")
    page.reload()
    page.wait_for_function("!window.before && document.readyState === 'complete'")


@contextmanager
def chromium():
    """The browser that `browser.sh` finds, without a window."""
    found = subprocess.run([Path(__file__).parents[1] / "browser.sh"], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@contextmanager
def jupyterlab(root, home, *options, command=("actlab", "lab"), variables=None):
    """What `actlab lab` serves in the folder root; Jupyter's own files go to the folder home.

    command: another server to start in its place.  variables: more of its environment.
    """
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("RUNTIME", "CONFIG", "DATA")}
    own = {**folders, "IPYTHONDIR": str(home / "ipython"), "ACTLAB_HOME": str(home / "progress"), "ACTLAB_STATIC": ""}
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    program, *words = command
    command = [Path(sys.executable).with_name(program), *words, "--no-browser", f"--port={port}", *options]
    env = os.environ | own | (variables or {})
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=root, env=env, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not (found := list(list_running_servers(home / "runtime"))):
            assert process.poll() is None and time.monotonic() < deadline, (home / "log").read_text()
            time.sleep(0.05)
        yield Lab(root, found[0]["url"], found[0]["token"])
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:  # where a kernel ends while Jupyter ends all of them, Jupyter never does
            process.kill()
            process.wait()
