"""What the tests share: a real browser, a real JupyterLab, and a real kernel."""

import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest
from bench import stage
from jupyter_client.manager import start_new_kernel

COURSE = Path(__file__).parents[1]
LISTED = 25
LONGEST = (
    *("grading_attacks", "site", "slides", "evidence", "browser", "nbgrader", "explain", "present", "grading_records"),
    *("grading_run", "exercises", "grading_trouble", "grading_reading", "light", "start", "holding", "likeness"),
)
"""The files that take longest, by what stands behind `test_`."""


@pytest.fixture(scope="module")
def chromium():
    """Chromium, for one module: Playwright keeps an event loop running, and kernels elsewhere would trip over it."""
    with stage.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A plain JupyterLab, as anybody starts it, over a copy of the learner's notebooks."""
    root = tmp_path_factory.mktemp("my course")
    shutil.copytree(COURSE / "notebooks", root / "notebooks")
    plain = {"command": ("jupyter", "lab", "--allow-root")}
    with stage.jupyterlab(root, tmp_path_factory.mktemp("home"), **plain) as running:
        yield running


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


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that none of them is left to one worker at the end."""
    place = {f"test_{name}.py": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


def pytest_configure():
    """Hear Ctrl-C also where a script began the tests in the background: what a shell starts there ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter):
    """Say which files took longest, whatever came out of them."""
    reports = [one for kind in terminalreporter.stats.values() for one in kind if hasattr(one, "duration")]
    took = Counter()
    for report in reports:
        took[report.nodeid.partition("::")[0]] += report.duration
    if len(took) > 1:
        terminalreporter.section("seconds of each file, the longest first")
        for file, seconds in took.most_common(LISTED):
            terminalreporter.write_line(f"{seconds:7.1f}  {file}")
