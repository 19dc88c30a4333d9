"""The first cell of the course says whether the notebook runs where it should, and what to do if not."""

import sys
from importlib import metadata

import pytest

from actlab import environment


@pytest.fixture
def needs(monkeypatch):
    """Let actlab need these packages."""
    return lambda *lines: monkeypatch.setattr(metadata, "requires", lambda name: list(lines))


def test_where_all_is_well_every_line_says_so(needs):
    needs("numpy>=1", "rich")
    assert [line[0] for line in environment.report().splitlines()] == ["✓", "✓", "✓"]


def test_each_fault_is_named_with_the_command_that_mends_it(needs):
    needs("numpy<1", "no-such-package>=2", "rich")
    first, second, mend = environment.report().splitlines()
    assert first == f"✗ numpy is version {metadata.version('numpy')}; the course needs <1."
    assert second == "✗ no-such-package is not installed."
    assert environment.install("lessons") in mend and "restart the kernel" in mend


def test_what_only_teachers_and_jupyterlab_need_is_not_asked_of_a_kernel(needs):
    needs("numpy>=1", 'rich; extra == "lessons"', *(f'no-such-package; extra == "{one}"' for one in ("learn", "teach")))
    assert [need.name for need in environment.requirements()] == ["numpy", "rich"]
    assert "✗" not in environment.report()


@pytest.mark.parametrize(
    ("python", "command"),
    [
        ("/opt/py/bin/python3", '/opt/py/bin/python3 -m pip install "actlab[learn]"'),
        ("/my course/.venv/bin/python", '"/my course/.venv/bin/python" -m pip install "actlab[learn]"'),
        (r"C:\Python\python.exe", r'C:\Python\python.exe -m pip install "actlab[learn]"'),
        (r"C:\Program Files\python.exe", r'"C:\Program Files\python.exe" -m pip install "actlab[learn]"'),
    ],
)
def test_the_command_names_this_very_python_and_fits_a_shell(monkeypatch, python, command):
    """In quotes only where they are needed: PowerShell takes a path in quotes at the start for a text."""
    monkeypatch.setattr(sys, "executable", python)
    assert environment.install("learn") == command


def test_one_sentence_says_which_libraries_are_missing(needs):
    needs("numpy>=1", 'no-such-package; extra == "lessons"', 'nor-this-one>=2; extra == "lessons"')
    said = environment.missing()
    assert said.startswith("Not installed here: no-such-package, nor-this-one.")
    assert said.endswith('%pip install "actlab[lessons]"')
    needs("numpy>=1", 'no-such-package; extra == "teach"')
    assert environment.missing() == ""
