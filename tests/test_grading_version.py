"""Grades are void where anything has changed that had a part in them, and nothing else makes them so."""

import ast
import json
import shutil
import subprocess
import sys

import pytest

from actlab.grading import version

SOURCES = [path.relative_to(version.PACKAGE) for path in version.sources()]
LOADED = """
import json, sys
import attacks
from actlab.grading.marking import Job, Terms, judge
assert judge(Job("ann", attacks.honest(), Terms(b"s"))).score == 100
print(json.dumps([m.__file__ for name, m in sys.modules.items() if name.partition(".")[0] == "actlab"]))
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """The package, in a place where it may be changed."""
    return shutil.copytree(version.PACKAGE, tmp_path_factory.mktemp("copy") / "actlab")


def test_what_judges_counts_and_what_only_shows_does_not():
    names = {str(path.with_suffix("")) for path in SOURCES}
    assert names >= {"learner", "recipes", "activations", "numeric", "networks", "grading/worker", "grading/seccomp"}
    assert names >= {f"exercises/topics/{path.stem}" for path in (version.PACKAGE / "exercises/topics").glob("*.py")}
    assert not names & {"cli", "check", "progress", "figures", "grading/reports", "grading/run", "grading/gradebook"}


def test_everything_that_judging_loads_counts():
    """Whatever a new process has imported once it has judged a submission, at the top of a module or late."""
    tests = version.PACKAGE.parents[1] / "tests"
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=tests, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) <= {str(version.PACKAGE / path) for path in SOURCES}


@pytest.mark.parametrize(
    "path", sorted(version.PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(version.PACKAGE))
)
def test_the_imports_of_a_module_are_those_that_python_reads(path):
    names, beside = [], set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.Import():
                names += [alias.name for alias in node.names]
            case ast.ImportFrom():
                names += [f"{node.module}.{alias.name}" for alias in node.names]
            case ast.Call(func=ast.Name("import_module"), args=[ast.Constant(str(name))]):
                names.append(name)
            case ast.Call(func=ast.Name("import_module")):
                beside |= set(path.parent.glob("*.py"))
    asked = {file for name in names for file in version._files(name, version.PACKAGE)}
    assert set(version._imported(path, version.PACKAGE)) == asked | beside


def test_the_same_files_have_the_same_version_anywhere(copied):
    assert version.digest(copied) == version.digest()


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_a_byte_changed_in_any_of_them_makes_another_version(copied, path):
    before = (copied / path).read_bytes()
    (copied / path).write_bytes(before + b"#")
    try:
        assert version.digest.__wrapped__(copied) != version.digest()
    finally:
        (copied / path).write_bytes(before)


def test_a_new_import_brings_its_module_in(copied):
    path = copied / "numeric.py"
    before = path.read_bytes()
    path.write_bytes(before + b"\n\ndef late():\n    from actlab import tables\n    import actlab.look as look\n")
    try:
        found = {file.name for file in version.sources(copied)}
    finally:
        path.write_bytes(before)
    assert found == {path.name for path in SOURCES} | {"tables.py", "look.py"}
