"""A course that starts with two commands: what the files around the package promise."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FOLDERS = (".ci", "docs", "notebooks", "solutions", "tests", "utils")


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_finds_nothing(command):
    result = run(sys.executable, "-m", "ruff", *command, ".", cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_conda_and_pip_install_the_same():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, pip = environment["dependencies"]
    assert conda == [f"python{PROJECT['requires-python']}", "pip"]
    assert pip["pip"] == ["-e .", *PROJECT["dependencies"]]


def test_starting_imports_nothing_slow():
    probe = "import sys, actlab, actlab.cli, actlab.lab, actlab.exercises; print(*sys.modules)"
    loaded = set(run(sys.executable, "-c", probe).stdout.split())
    assert "actlab.cli" in loaded
    assert loaded.isdisjoint({"torch", "matplotlib", "jupyterlab", "jupytext", "sympy"})


def test_help_names_every_command():
    result = run(sys.executable, "-m", "actlab.cli", "--help")
    assert result.returncode == 0
    for command in ("lab", "build", "progress"):
        assert re.search(rf"\b{command}\b", result.stdout)


def test_a_lesson_that_is_not_there_is_a_sentence():
    result = run(sys.executable, "-m", "actlab.cli", "build", "77", cwd=ROOT)
    assert result.returncode != 0
    assert "No lesson is called 77" in result.stderr
    assert "Traceback" not in result.stderr


def test_no_file_names_a_machine():
    personal = re.compile(
        r"/(home|Users|root)/\w|[A-Z]:\\+Users\\|\b(localhost|127\.0\.0\.1):\d{2,}/|" + re.escape(sys.prefix)
    )
    files = [path for path in ROOT.iterdir() if path.is_file()]
    files += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    found = []
    for path in files:
        if path.suffix not in (".pyc", ".png") and ".hypothesis" not in path.parts:
            rows = path.read_text(encoding="utf-8").split("\n")
            found += [f"{path.relative_to(ROOT)}:{n}" for n, row in enumerate(rows, 1) if personal.search(row)]
    assert found == []


# The Makefile, with stand-ins for Python: what they can do is what varies between machines.

PYTHON = """\
#!/bin/sh
case "$*" in
  *version_info*) echo {version} ;;
  *ensurepip*) exit {bare} ;;
  *where*) cat .venv/where ;;
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && cp "$0" .venv/bin/actlab ;;
  "-m pip install"*) echo "pip ran"; exit {offline} ;;
  lab) echo "JupyterLab opened" ;;
esac
"""


@pytest.fixture
def machine(tmp_path):
    """A folder with a space in its path, and `make lab` on a machine whose every Python is the one described."""
    course = tmp_path / "my course"
    course.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, course)

    def make_lab(version="3.11", bare=0, offline=0, course=course):
        tools = tmp_path / "bin"
        tools.mkdir(exist_ok=True)
        for name in ("python3", "python3.11", "python3.12", "python3.13"):
            (tools / name).write_text(PYTHON.format(version=version, bare=bare, offline=offline))
            (tools / name).chmod(0o755)
        return run(
            "make",
            "--no-print-directory",
            "lab",
            cwd=course,
            env=os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        )

    make_lab.course = course
    return make_lab


def test_make_lab_installs_once_and_opens(machine):
    first, second = machine(), machine()
    assert first.returncode == 0, first.stderr
    assert "pip ran" in first.stdout and "JupyterLab opened" in first.stdout
    assert second.stdout == "JupyterLab opened\n"


def test_make_lab_installs_again_when_the_dependencies_change(machine):
    machine()
    stamp = (machine.course / ".venv" / "learn").stat().st_mtime
    os.utime(machine.course / "pyproject.toml", (stamp + 10, stamp + 10))
    assert "pip ran" in machine().stdout


def test_make_lab_survives_moving_the_folder(machine):
    machine()
    moved = machine.course.rename(machine.course.with_name("moved course"))
    result = machine(course=moved)
    assert "pip ran" in result.stdout and "JupyterLab opened" in result.stdout


@pytest.mark.parametrize("version", ["2.7", "3.9", "3.10"])
def test_an_old_python_is_a_sentence(machine, version):
    result = machine(version=version)
    assert result.returncode != 0
    assert f"actlab needs Python 3.11 or newer; found {version}." in result.stdout


def test_a_python_that_cannot_make_environments_is_a_sentence(machine):
    result = machine(bare=1)
    assert result.returncode != 0
    assert "sudo apt install python3-venv" in result.stdout


def test_no_network_is_a_sentence_and_the_next_run_tries_again(machine):
    result = machine(offline=1)
    assert result.returncode != 0
    assert "The first run needs the internet; afterwards everything works offline." in result.stdout
    shutil.rmtree(machine.course / ".venv")
    assert "JupyterLab opened" in machine().stdout
