"""The light install: `pip install 'actlab[grade]'` brings all that handing out and grading need, and little besides."""

import ast
import csv
import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import classroom
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from actlab.cli import EXTRAS
from actlab.environment import install
from actlab.exercises.personal import read_secret

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "utils" / "actlab"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HEAVY = {"torch", "matplotlib", "jupyterlab", "ipywidgets", "ipython", "sympy", "anywidget", "tqdm", "pillow", "sphinx"}
HEAVY |= {"nbclient", "nbconvert", "distributed", "dask", "contourpy"}
MODULES = metadata.packages_distributions()
STUDENTS = ("ana", "ben", "jdoe")

# A Python in which some libraries cannot be found, and that notes which of them the package imports.
HOOK = """
import builtins, sys
from importlib.machinery import PathFinder

GONE = {gone!r}
asked = set()
plain = builtins.__import__

class Light(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in GONE else super().find_spec(name, path, target)

def noting(name, globals=None, locals=None, fromlist=(), level=0):
    first = name.partition(".")[0]
    if first not in asked and str((globals or {{}}).get("__name__")).partition(".")[0] == "actlab":
        asked.add(first)
        with open({notes!r}, "a") as notes:
            notes.write(first + "\\n")
    return plain(name, globals, locals, fromlist, level)

sys.meta_path[sys.meta_path.index(PathFinder)] = Light
builtins.__import__ = noting
"""
START = "from actlab.cli import main; main()"


def needs(*extras: str) -> Iterator[Requirement]:
    """What the package itself asks for, with these extras."""
    for text in (*PROJECT["dependencies"], *(text for e in extras for text in PROJECT["optional-dependencies"][e])):
        need = Requirement(text)
        if need.name == "actlab":
            yield from needs(*need.extras)
        else:
            yield need


@cache
def comes_with(*extras: str) -> set[str]:
    """The names of everything that pip installs for the package with these extras."""
    ahead, seen, found = [*needs(*extras)], set(), set()
    while ahead:
        need = ahead.pop()
        if str(need) in seen or not (need.marker is None or need.marker.evaluate({"extra": ""})):
            continue
        seen.add(str(need))
        found.add(canonicalize_name(need.name))
        for inner in map(Requirement, metadata.requires(need.name) or ()):
            wanted = next((e for e in need.extras if inner.marker and inner.marker.evaluate({"extra": e})), None)
            if wanted:
                inner.marker = None
            ahead.append(inner)
    return found


def modules_of(names: set[str]) -> set[str]:
    return {module for module, owners in MODULES.items() if names & {*map(canonicalize_name, owners)}}


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    """Run a command where `actlab[grade]` is all that is installed."""
    folder = tmp_path_factory.mktemp("light")
    gone = MODULES.keys() - {"actlab"} - modules_of(comes_with("grade"))
    hook = HOOK.format(gone=gone, notes=str(folder / "notes"))
    (folder / "sitecustomize.py").write_text(hook, encoding="utf-8")
    found = os.pathsep.join([str(folder), str(ROOT / "utils")])

    def run(*words, python=found):
        command = [sys.executable, "-c", START, *map(str, words)]
        told = os.environ | {"PYTHONPATH": python, "ACTLAB_HOME": str(folder / "home"), "COLUMNS": "300"}
        return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True)

    run.notes = folder / "notes"
    return run


@pytest.fixture(scope="module")
def semester(light, tmp_path_factory):
    """What the manual's commands said, by their words, and the folder in which they worked."""
    folder = tmp_path_factory.mktemp("semester")
    (folder / "students.csv").write_text("\n".join(["id", *STUDENTS]), encoding="utf-8")
    key, roster, said = folder / "my.key", folder / "students.csv", {}
    commands = f"""
        secret {key}
        release --out {folder}/plain
        release --out {folder}/one --secret {key}
        release --out {folder}/handout --roster {roster} --secret {key}
        release --out {folder}/drawn --roster {roster} --secret {key} --homework challenge
        release --out {folder}/exam --roster {roster} --secret {key} --exam --package {folder}/course.zip
        release --out {folder}/marked --nbgrader {folder}/hw.ipynb
        gradescope {folder}/autograder.zip --secret {key}
        grade {folder}/submissions --out {folder}/grades --secret {key} --dry-run
        grade {folder}/submissions --out {folder}/grades --secret {key} --roster {roster}
        explain ben relu --out {folder}/grades --secret {key}
        give-back --out {folder}/grades
        grade {folder}/drawn --out {folder}/empty --secret {key} --homework challenge --deadline 2030-01-01
    """
    for line in textwrap.dedent(commands).strip().splitlines():
        if "submissions" in line and not (folder / "submissions").exists():
            hand_in(folder / "submissions", read_secret(key))
        said[line.replace(f"{folder}/", "")] = light(*line.split())
    return said, folder


def hand_in(folder: Path, secret: bytes) -> None:
    """One student has everything right, one draws and calls libraries that are not there, one answers nothing."""
    right = classroom.answers(secret, "ben")
    drawing = [
        "%matplotlib inline\nimport numpy as np\nimport torch, scipy\nimport matplotlib.pyplot as plt",
        "!ls",
        *right.values(),
    ]
    wrong = [text.replace("np.tanh", "0.9 * np.tanh").replace("axis=-1", "axis=0") for text in drawing]
    solved = json.loads(classroom.solved_bytes(secret, "ana"))
    for cell in solved["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "written_1":
            cell["source"] = "Each slope is $\\sigma'(z) \\le 1/4$."
    classroom.hand_in(folder, ana=json.dumps(solved).encode(), ben=wrong, jdoe=["x = 1"])


def test_every_command_of_the_manual_runs(semester):
    said, _ = semester
    failed = {words: one.stderr for words, one in said.items() if one.returncode}
    assert not failed


def test_scores_are_those_of_the_full_install(semester, light):
    _, folder = semester
    words = ("grade", folder / "submissions", "--out", folder / "full", "--secret", folder / "my.key")
    full = light(*words, python=str(ROOT / "utils"))
    assert full.returncode == 0, full.stderr
    tables = [(folder / name / "grades.csv").read_text(encoding="utf-8") for name in ("grades", "full")]
    assert tables[0] == tables[1]
    scores = {row["student"]: float(row["score"]) for row in csv.DictReader(tables[0].splitlines())}
    assert scores["ana"] == 100 > scores["ben"] > scores["jdoe"] == 0


def test_the_extra_holds_what_these_commands_import_and_no_more(semester, light):
    """Whatever is missing in it would have stopped a command; what it asks for and none imports would be idle."""
    asked = set(light.notes.read_text(encoding="utf-8").split()) - sys.stdlib_module_names - {"actlab"}
    declared = {canonicalize_name(need.name) for need in needs("grade")}
    imported = {canonicalize_name(owner) for name in asked for owner in MODULES[name]}
    assert imported <= declared
    assert {canonicalize_name(Requirement(text).name) for text in PROJECT["optional-dependencies"]["grade"]} <= imported


def test_nothing_heavy_comes_with_it():
    assert comes_with("grade").isdisjoint(HEAVY)
    assert comes_with("learn", "teach", "cluster") >= HEAVY


def test_it_takes_less_than_300_megabytes():
    files = [file.locate() for name in comes_with("grade") for file in metadata.files(name) or ()]
    files += [path for path in PACKAGE.rglob("*") if path.is_file()]
    assert 100e6 < sum(Path(path).stat().st_size for path in files if Path(path).exists()) < 300e6


@pytest.mark.parametrize(
    ("words", "module", "extra"),
    [
        ("lab --no-browser", "jupyter_server", "learn"),
        ("build 00", "nbclient", "teach"),
        ("slides --out {out}", "sphinx_revealjs", "teach"),
        ("site --out {out}", "sphinx", "teach"),
        ("grade notebooks --out {out} --scheduler tls://127.0.0.1:1", "distributed", "cluster"),
    ],
)
def test_what_needs_more_says_what_to_install_and_begins_nothing(light, tmp_path, words, module, extra):
    said = light(*words.format(out=tmp_path / "out").split())
    assert said.returncode == 1
    assert said.stderr.strip() == f"actlab: this needs {module}. Install it with: {install(extra)}"
    assert not (tmp_path / "out").exists()


def test_each_library_that_the_package_imports_is_of_every_command_or_has_a_sentence():
    base = modules_of(comes_with())
    offered = {name: modules_of(comes_with(extra)) for extra, names in EXTRAS.items() for name in names}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [f"{node.module}"] if isinstance(node, ast.ImportFrom) else []
            for name in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"actlab"}:
                assert name in offered.get(name, base), f"{path.name} imports {name}"


def test_students_and_learners_are_told_to_install_the_lessons_too():
    """Without the extra for learners pip brings no JupyterLab: nothing that a learner reads may leave it out."""
    pages = [ROOT / "README.md", PACKAGE / "environment.py", *(PACKAGE / "publish").glob("*.py")]
    said = [line for path in pages for line in re.findall(r"pip install (.*)", path.read_text(encoding="utf-8"))]
    ours = [line for line in said if re.search(r"-e |\.whl|\.zip|actlab", line)]
    assert ours and not [line for line in ours if not re.search(r"(\.|actlab|whl|zip|\})\[[\w{}]+\]", line)]
