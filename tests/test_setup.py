"""A course that starts with two commands: what the files around the package promise."""

import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pins
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import actlab
from actlab.grading import gradescope

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FOLDERS = (".ci", ".github", "docs", "notebooks", "solutions", "tests", "utils")


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_finds_nothing(command):
    result = run(sys.executable, "-m", "ruff", *command, ".", cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


CONDA = {"matplotlib": "matplotlib-base", "torch": "pytorch-cpu"}
"""What conda-forge calls otherwise than PyPI; the first without a window of its own, the second without CUDA."""


def test_conda_installs_what_pip_would_and_from_pip_the_course_alone():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, *conda, last = environment["dependencies"]
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    name, version = python.split("=")  # one version: repo2docker, which Binder uses, reads no range
    assert (name, pip) == ("python", "pip") and version in SpecifierSet(PROJECT["requires-python"])
    extras = PROJECT["optional-dependencies"]
    needs = map(Requirement, [*PROJECT["dependencies"], *extras["lessons"], *extras["learn"]])
    ranges = {}
    for need in needs:
        if need.name != "actlab":
            ranges[CONDA.get(need.name, need.name)] = need.specifier  # a learner's JupyterLab needs newer widgets
    found = {need.name: need.specifier for need in map(Requirement, conda)}
    assert [*found] == sorted(found)
    assert found == ranges
    assert last == {"pip": ["-e ."]}


def stated():
    """The versions of constraints.txt, by the package's name."""
    lines = pins.FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_the_versions_tested_here_are_those_of_the_constraints_file():
    here = dict(line.split("==") for line in pins.lines())
    said = stated()
    write = "if the tests pass with these, write them down: cd tests; ../.venv/bin/python -m pins"
    assert here == {name: said.get(name) for name in here}, write
    if sys.version_info[:2] == (3, 11):  # where the file is written; a newer Python needs fewer
        assert said.keys() == here.keys(), write


def test_the_constraints_file_names_whatever_pyproject_asks_for_in_a_version_that_will_do():
    asked = map(Requirement, [*PROJECT["dependencies"], *itertools.chain(*PROJECT["optional-dependencies"].values())])
    said = stated()
    for need in asked:
        if need.name != "actlab":
            assert need.specifier.contains(said[canonicalize_name(need.name)]), need.name


def test_no_range_asks_for_one_version_alone():
    """Whoever has a library already keeps it."""
    asked = map(Requirement, [*PROJECT["dependencies"], *itertools.chain(*PROJECT["optional-dependencies"].values())])
    assert not [str(need) for need in asked if {spec.operator for spec in need.specifier} & {"==", "===", "~="}]


def test_gradescope_installs_what_the_course_asks_for(tmp_path):
    asked = {*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["grade"]}
    gradescope.build(tmp_path / "autograder.zip", None, "bubblewrap")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        installs = archive.read("setup.sh").decode().splitlines()[-1]
    needs = [Requirement(word) for word in shlex.split(installs)[2:]]
    assert [need.name for need in needs] == [*gradescope.NEEDED]
    assert {(need.name, need.specifier) for need in needs} <= {
        (need.name, need.specifier) for need in map(Requirement, asked) if not need.marker or need.marker.evaluate()
    }


def test_the_version_is_the_same_everywhere():
    assert re.fullmatch(r"\d+\.\d+\.\d+", actlab.__version__)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == actlab.__version__
    released = re.findall(r"^## \[(\d\S*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert released[0] == actlab.__version__


def test_the_website_is_published_only_where_every_test_passes():
    test, site = (
        yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
        for name in ("test.yml", "site.yml")
    )
    on = True  # YAML 1.1 reads the key `on` so
    assert {"push", "pull_request", "workflow_call"} <= test[on].keys()
    assert ".ci/run" in [step.get("run") for step in test["jobs"]["test"]["steps"]]
    assert PROJECT["requires-python"].removeprefix(">=") in test["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert site["jobs"]["test"]["uses"] == "./.github/workflows/test.yml"
    assert site["jobs"]["publish"]["needs"] == "test"
    assert test[on]["push"]["branches-ignore"] == site[on]["push"]["branches"]


@pytest.mark.parametrize("form", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").iterdir()), ids=lambda path: path.stem)
def test_a_form_is_one_that_can_be_filled_in(form):
    content = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= content.keys()
    fields = [field for field in content["body"] if field["type"] != "markdown"]
    assert fields and all(field["type"] in ("input", "textarea") for field in fields)
    assert any(field.get("validations", {}).get("required") for field in fields)


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
  "-m venv .venv") mkdir -p .venv/bin && for name in python actlab ruff mypy; do cp "$0" .venv/bin/$name; done ;;
  "-m pip install"*) echo "pip ran: $* $PIP_EXTRA_INDEX_URL"; exit {offline} ;;
  lab) echo "JupyterLab opened" ;;
  *) echo "${{0##*/}} $*"; case "$*" in *{fails}*) exit 1 ;; esac ;;
esac
"""


@pytest.fixture
def machine(tmp_path):
    """A folder with a space in its path, and make on a machine whose every Python is the one described."""

    def make(target="lab", version="3.11", bare=0, offline=0, fails="nothing", course=tmp_path / "my course"):
        (course / "tests").mkdir(parents=True, exist_ok=True)
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            if not (course / name).exists():
                shutil.copy(ROOT / name, course)
        for name in ("setup.sh", "browser.sh"):
            script(course / "tests" / name, f"#!/bin/sh\necho {name} ran\n")
        tools = tmp_path / "bin"
        for name in ("python3", "python3.11", "python3.12", "python3.13"):
            script(tools / name, PYTHON.format(version=version, bare=bare, offline=offline, fails=fails))
        env = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
        return run("make", "--no-print-directory", target, cwd=course, env=env)

    make.course = tmp_path / "my course"
    return make


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


TARGETS = {
    "lab": "JupyterLab opened",
    "slides": "actlab slides",
    "site": "actlab site",
    "build": "actlab build",
    "format": "ruff format .",
    "test": "All passed.",
    "soak": " ".join(f"tests/soak/soak_{one}.py" for one in ("grading", "verdicts", "challenge", "pyodide")) + " -q -s",
    "bench": "python -m bench",
    "clean": "",
}


@pytest.mark.parametrize("folder", ["a b", "it's 50% (new) & #1, größer", "$HOME"])
@pytest.mark.parametrize("target", TARGETS)
def test_every_target_works_wherever_the_course_lies(machine, tmp_path, folder, target):
    result = machine(target, course=tmp_path / folder)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    assert TARGETS[target] in result.stdout
    assert (tmp_path / folder / ".venv").exists() == (target != "clean")


@pytest.mark.parametrize("target", ["test", "soak", "bench"])
def test_what_tests_need_from_the_system_comes_first(machine, target):
    assert machine(target).stdout.splitlines()[0] == "setup.sh ran"


def test_make_test_fails_where_a_step_does_and_names_it(machine):
    result = machine("test", fails="nbval-lax")
    assert result.returncode != 0
    assert result.stdout.endswith("Failed:\n  - untouched notebooks run\n")
    assert "solutions say what they said" in result.stdout
    took = re.findall(r"^ *\d+ s  (.*)$", result.stdout.partition("Where the time went:")[2], re.MULTILINE)
    assert took == re.findall("^=== (.*)$", result.stdout, re.MULTILINE), "where something fails it says so too"


def test_make_lab_installs_once_and_opens(machine):
    first, second = machine(), machine()
    assert first.returncode == 0, first.stderr
    assert "pip ran" in first.stdout and "JupyterLab opened" in first.stdout
    assert second.stdout == "JupyterLab opened\n"


def test_make_installs_the_versions_tested_unless_told_otherwise(machine):
    assert "-c constraints.txt -e .[learn]" in machine().stdout
    assert "-c constraints.txt -e .[dev]" in machine("test").stdout
    shutil.rmtree(machine.course / ".venv")
    newest = machine("CONSTRAINTS=").stdout
    assert "pip ran" in newest and "constraints" not in newest


def test_another_index_may_be_named_as_readme_does(machine):
    (index,) = set(re.findall(r"PIP_EXTRA_INDEX_URL=(\S+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert f"-e .[learn] {index}\n" in machine(f"PIP_EXTRA_INDEX_URL={index}").stdout


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_make_lab_installs_again_when_the_dependencies_change(machine, changed):
    machine()
    stamp = (machine.course / ".venv" / "learn").stat().st_mtime
    os.utime(machine.course / changed, (stamp + 10, stamp + 10))
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


# What tests need from the system, with stand-ins for all that differs between systems.

SYSTEM = {
    "uname": "echo Linux",
    "id": "echo 0",
    "bwrap": "exit 0",
    "chromium": "",
    "python3": "exit 0",
    "dpkg-query": "exit 0",
    "apt-get": 'echo "apt-get $*"',
    "apt-cache": 'echo "  Candidate: 150.0"',
    "sudo": 'echo "sudo $*"; case $1 in -n) exit 1 ;; esac',
}
ORDINARY = ("chmod", "dirname", "env", "grep", "readlink", "sed", "sh")
DEBIAN = {"bwrap": None, "chromium": None, "dpkg_query": "exit 1", "python3": "exit 1"}


@pytest.fixture
def system(tmp_path):
    """`tests/NAME` on a system whose programs are those of SYSTEM but for the given ones; None: there is none."""

    def start(name, **programs):
        tools = tmp_path / "bin"
        tools.mkdir()
        for program in ORDINARY:
            (tools / program).symlink_to(shutil.which(program))
        for program, text in (SYSTEM | {key.replace("_", "-"): text for key, text in programs.items()}).items():
            if text is not None:
                script(tools / program, f"#!/bin/sh\n{text}\n")
        env = {"PATH": str(tools), "HOME": str(tmp_path / "home")}
        return run(ROOT / "tests" / name, env=env, stdin=subprocess.DEVNULL)

    return start


def test_where_nothing_is_missing_nothing_is_installed(system):
    result = system("setup.sh")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


APT = """echo "apt-get $*"
case $* in *bubblewrap*) echo "#!/bin/sh" >"${0%/*}/bwrap" && chmod +x "${0%/*}/bwrap" ;; esac"""


def test_debian_gets_what_is_missing(system):
    result = system("setup.sh", **DEBIAN, apt_get=APT)
    assert result.returncode == 0, result.stderr
    assert "apt-get install -y -qq bubblewrap chromium libatomic1 python3-venv" in result.stdout


@pytest.mark.parametrize("candidate", ["  Candidate: 2:1snap1-0ubuntu2", "  Candidate: (none)", ""])
def test_ubuntu_gets_no_chromium_that_is_a_snap(system, candidate):
    result = system("setup.sh", chromium=None, python3="exit 1", apt_cache=f"echo '{candidate}'")
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("apt-get install -y -qq python3-venv\n")


@pytest.mark.parametrize(
    ("programs", "says"),
    [
        ({"id": "echo 1000"}, "run: apt-get install bubblewrap chromium libatomic1 python3-venv"),
        ({"id": "echo 1000", "sudo": None}, "run: apt-get install bubblewrap chromium libatomic1 python3-venv"),
        ({"apt_get": None}, "The tests need what is not installed here: bubblewrap chromium."),
        ({"uname": "echo Darwin"}, "The tests need Linux"),
    ],
    ids=["nobody who could type a password", "no sudo", "no apt", "macOS"],
)
def test_elsewhere_a_sentence_says_what_to_install(system, programs, says):
    result = system("setup.sh", **DEBIAN | programs)
    assert result.returncode != 0 and says in result.stderr and result.stderr.count("\n") == 1
    assert "install -y" not in result.stdout


def test_one_who_may_is_asked_for_a_password_by_sudo_alone(system):
    result = system("setup.sh", id="echo 1000", python3="exit 1", sudo='echo "sudo $*"')
    assert result.returncode == 0, result.stderr
    assert "sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv" in result.stdout


def test_a_sandbox_that_cannot_be_built_is_a_sentence(system):
    result = system("setup.sh", bwrap="exit 1")
    assert result.returncode != 0 and "docs/grading.md says how to allow it" in result.stderr


SNAP = "exec /snap/bin/chromium"


@pytest.mark.parametrize(
    ("programs", "found"),
    [
        ({}, "chromium"),
        ({"chromium": None, "google_chrome": ""}, "google-chrome"),
        ({"chromium": SNAP, "chromium_browser": SNAP, "google_chrome_stable": ""}, "google-chrome-stable"),
    ],
    ids=["Debian", "Chrome", "Ubuntu with Chrome"],
)
def test_the_browser_is_one_that_can_open_the_tests_files(system, tmp_path, programs, found):
    assert system("browser.sh", **programs).stdout == f"{tmp_path / 'bin' / found}\n"


def test_playwrights_own_browser_will_do(system, tmp_path):
    own = tmp_path / "home" / ".cache" / "ms-playwright" / "chromium-1255" / "chrome-linux64" / "chrome"
    script(own, "#!/bin/sh\n")
    assert system("browser.sh", chromium=None).stdout == f"{own}\n"


def test_without_a_browser_tests_say_how_to_get_one(system):
    result = system("browser.sh", chromium=None)
    assert result.returncode != 0 and result.stderr.startswith("The tests need a browser: install Chromium")
