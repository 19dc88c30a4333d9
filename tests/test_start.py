"""The course without a clone: the wheel holds the lessons, writes them, and brings new ones around what was written."""

import copy
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_server.serverapp import list_running_servers

from actlab import environment, start
from actlab.course import HOMEWORKS, LESSONS
from actlab.errors import CourseError
from actlab.publish import package

ROOT = Path(__file__).parents[1]
FIRST, SECOND = (lesson.file for lesson in LESSONS[:2])
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation")


def installed(what, folder):
    """Install something as pip does, in a folder of its own; how to run `actlab` from there, and nowhere else."""
    subprocess.run([*PIP, "--target", folder / "site", what], check=True, capture_output=True, timeout=300)
    env = os.environ | {"PYTHONPATH": str(folder / "site"), "ACTLAB_HOME": str(folder / "home")}
    env |= {"JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "JUPYTER_CONFIG_DIR": str(folder / "config")}

    def run(*words, python=("-m", "actlab.cli"), cwd=folder):
        command = [sys.executable, *python, *map(str, words)]
        return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300)

    run.site, run.folder, run.env = folder / "site", folder, env
    return run


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target=wheel", f"--directory={folder}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def learner(wheel, tmp_path_factory):
    """Somebody with the wheel alone."""
    return installed(wheel, tmp_path_factory.mktemp("a learner's"))


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def write(path, notebook):
    path.write_text(json.dumps(notebook), encoding="utf-8")


def cell(notebook, id):
    return next(one for one in notebook["cells"] if one["id"] == id)


# --- from the wheel --------------------------------------------------------------------------------------------------


def test_the_wheel_holds_the_learners_notebooks_and_no_solution(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".ipynb")]
        assert sorted(names) == [f"actlab/notebooks/{lesson.file}" for lesson in LESSONS]
        for name in names:
            assert archive.read(name) == (ROOT / "notebooks" / Path(name).name).read_bytes()
    assert all(re.fullmatch(r"[a-z0-9_]+\.ipynb", Path(name).name) for name in names)  # a name on Windows too


def test_it_writes_them_says_so_and_has_nothing_to_do_the_second_time(learner):
    folder = learner.folder / "mein Kurs, größer & schöner"
    first = learner("start", folder.name, "--no-lab")
    assert (first.returncode, first.stderr) == (0, ""), first.stderr
    assert first.stdout == f"Wrote {len(LESSONS)} lessons to {folder.name}.\n"
    for lesson in LESSONS:
        assert (folder / "notebooks" / lesson.file).read_bytes() == (ROOT / "notebooks" / lesson.file).read_bytes()
    inside = learner("start", "--no-lab", cwd=folder / "notebooks")
    assert inside.stdout == "Your lessons are up to date.\n"


def test_it_opens_them_in_jupyterlab_and_lab_finds_them_there(learner):
    folder = learner.folder / "my course"
    command = [sys.executable, "-m", "actlab.cli", "start", folder.name, "--no-browser"]
    process = subprocess.Popen(command, cwd=learner.folder, env=learner.env, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 300
        while not (found := list(list_running_servers(learner.env["JUPYTER_RUNTIME_DIR"]))):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.2)
        assert Path(found[0]["root_dir"]) == folder
        again = learner("lab", "--no-browser", cwd=folder / "notebooks")
        assert f"runs on this folder already:\n{found[0]['url']}lab/tree/notebooks/{FIRST}" in again.stdout
    finally:
        process.terminate()
        process.wait(30)


def test_checks_and_progress_work_there(learner):
    answer = "lambda z: np.where(z > 0, 1.0, 0.0)"
    code = f"import numpy as np; from actlab.check import check; print(check('q0_step', {answer}).status)"
    assert learner(code, python=("-c",)).stdout == "right\n"
    assert "1 of 1" in learner("progress").stdout


def test_a_new_version_of_the_wheel_keeps_the_answer_and_brings_the_rest(learner):
    folder = learner.folder / "kept"
    learner("start", "kept", "--no-lab")
    path, source = (up / "notebooks" / FIRST for up in (folder, learner.site / "actlab"))
    mine = read(path)
    cell(mine, "q0_step")["source"] = "def step(z):\n    return 1.0 * (z > 0)\n"
    write(path, mine)
    before = source.read_bytes()
    new = json.loads(before)
    new["cells"][0]["source"] = "# A new beginning"
    write(source, new)
    done = learner("start", "kept", "--no-lab")
    source.write_bytes(before)
    assert done.stdout == f"Brought up to date: {FIRST}. What you wrote there is as you left it.\n"
    assert cell(read(path), "q0_step")["source"] == cell(mine, "q0_step")["source"]
    assert read(path)["cells"][0]["source"] == "# A new beginning"


def test_a_class_installs_its_package_and_gets_its_lessons(tmp_path):
    package.build(ROOT, tmp_path / "course.zip")
    student = installed(tmp_path / "course.zip", tmp_path)
    done = student("start", "my-course", "--no-lab")
    assert done.returncode == 0, done.stderr
    handed_out = {lesson.file for lesson in HOMEWORKS}
    written = {path.name for path in (tmp_path / "my-course" / "notebooks").iterdir()}
    assert written == {lesson.file for lesson in LESSONS} - handed_out
    assert not (student.site / "actlab" / "publish").exists()


def test_the_command_that_installs_more_finds_actlab_here_and_asks_for_it_nowhere():
    command = environment.install("learn").replace(" install ", " install --dry-run --no-index --no-deps ")
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "Requirement already satisfied: actlab[learn]" in done.stdout


# --- which folder ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("thesis.docx", "holds something else than the lessons"),
        (f"notebooks/{FIRST}", "holds the course already, as a clone of it"),
    ],
)
def test_a_folder_of_something_else_is_left_alone(tmp_path, inside, says):
    (tmp_path / inside).parent.mkdir(exist_ok=True)
    (tmp_path / inside).write_text("mine")
    with pytest.raises(CourseError, match=says):
        start.bring(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / inside]
    with pytest.raises(CourseError, match="is a file"):
        start.bring(tmp_path / inside)


def test_an_empty_folder_will_do(tmp_path):
    (tmp_path / ".DS_Store").touch()
    assert start.bring(tmp_path).new == [lesson.file for lesson in LESSONS]


def test_without_a_name_the_folder_around_is_meant_and_no_second_one_is_made_in_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match="Name a folder"):
        start.begun(None)
    start.bring(tmp_path / "my-course")
    monkeypatch.chdir(tmp_path / "my-course" / "notebooks")
    assert start.begun(None) == tmp_path / "my-course"
    with pytest.raises(CourseError, match="Without a name: actlab start"):
        start.begun(Path("my-course"))


# --- what an update keeps --------------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path):
    """A folder that was begun, and a folder with the notebooks of the version to come."""
    folder, source = tmp_path / "mine", tmp_path / "new"
    source.mkdir()
    for lesson in LESSONS[:3]:
        (source / lesson.file).write_bytes((ROOT / "notebooks" / lesson.file).read_bytes())
    start.bring(folder, source)
    return folder / "notebooks", source


def bring(course):
    return start.bring(course[0].parent, course[1])


def test_outputs_of_what_has_not_changed_stay(course):
    mine, new = (read(folder / FIRST) for folder in course)
    mine["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "✓"}]
    mine["cells"][1]["metadata"]["collapsed"] = True
    new["cells"][1]["metadata"]["tags"] = ["fold"]
    new["cells"][0]["source"] = "# Another title"
    for folder, notebook in zip(course, (mine, new), strict=True):
        write(folder / FIRST, notebook)
    bring(course)
    kept = read(course[0] / FIRST)["cells"][1]
    assert kept["outputs"] == mine["cells"][1]["outputs"]
    assert kept["metadata"] == mine["cells"][1]["metadata"] | {"tags": ["fold"]}


def test_where_both_changed_the_same_cell_the_learners_stays_and_the_other_lies_beside(course):
    mine, new = (read(folder / FIRST) for folder in course)
    cell(mine, "q0_step")["source"] = "my answer"
    cell(new, "q0_step")["source"] = "another stub"
    for folder, notebook in zip(course, (mine, new), strict=True):
        write(folder / FIRST, notebook)
    done = bring(course)
    assert cell(read(course[0] / FIRST), "q0_step")["source"] == "my answer"
    assert (course[0] / "00_start_here-new.ipynb").read_bytes() == (course[1] / FIRST).read_bytes()
    (said,) = done.sentences(course[0])
    assert said.startswith("00_start_here.ipynb: what you changed there is another now. Yours stays; the new one is")
    assert bring(course) == start.Brought()


@pytest.mark.parametrize("content", ["", "[]", '{"cells": [{"source": 1}]}', '{"cells": []}', "[" * 100_000])
def test_what_cannot_be_read_or_followed_is_never_touched(course, content):
    (course[0] / FIRST).write_text(content)
    new = read(course[1] / FIRST)
    new["cells"][0]["source"] = "# Another title"
    write(course[1] / FIRST, new)
    assert bring(course).beside == [(FIRST, "00_start_here-new.ipynb")]
    assert (course[0] / FIRST).read_text() == content
    assert bring(course) == start.Brought()


def test_what_lies_beside_already_is_never_touched(course):
    (course[0] / "00_start_here-new.ipynb").write_text("mine")
    (course[0] / FIRST).write_text("mine")
    (course[1] / FIRST).write_bytes((course[1] / SECOND).read_bytes())
    assert bring(course).beside == [(FIRST, "00_start_here-new2.ipynb")]
    assert (course[0] / "00_start_here-new.ipynb").read_text() == "mine"


def test_a_lesson_that_was_deleted_comes_back_fresh(course):
    (course[0] / SECOND).unlink()
    assert bring(course).sentences(Path("mine")) == [f"Wrote {SECOND} to mine."]


def test_what_was_written_follows_a_lesson_to_its_new_number(course, monkeypatch):
    mine = read(course[0] / SECOND)
    cell(mine, "q1_affine")["source"] = "my answer"
    write(course[0] / SECOND, mine)
    now = "02_" + SECOND.partition("_")[2]
    monkeypatch.setattr(start, "LESSONS", [type("Lesson", (), {"file": file}) for file in (FIRST, now)])
    (course[1] / SECOND).rename(course[1] / now)
    assert bring(course).sentences(Path("mine")) == [
        f"{SECOND} is called {now} now; it was renamed.",
        f"No longer part of the course, and kept: {LESSONS[2].file}.",
    ]
    assert cell(read(course[0] / now), "q1_affine")["source"] == "my answer"


@pytest.mark.parametrize("record", [None, "", '{"notebooks": 1}', '{"notebooks": {"00_start_here.ipynb": {}}}'])
def test_a_lost_record_costs_no_answer(course, record):
    path = course[0].parent / start.RECORD
    path.write_text(record or "{}")
    mine, new = (read(folder / FIRST) for folder in course)
    cell(mine, "q0_step")["source"] = "my answer"
    new["cells"][0] |= {"id": "another", "source": "# Another title"}
    for folder, notebook in zip(course, (mine, new), strict=True):
        write(folder / FIRST, notebook)
    bring(course)
    sources = [one["source"] for one in read(course[0] / FIRST)["cells"]]
    assert "my answer" in sources and "# Another title" in sources


def test_an_update_that_was_interrupted_anywhere_goes_on_where_it_stopped(course, monkeypatch):
    mine = read(course[0] / FIRST)
    cell(mine, "q0_step")["source"] = "my answer"
    write(course[0] / FIRST, mine)
    for lesson in LESSONS[:3]:
        new = read(course[1] / lesson.file)
        new["cells"][0] |= {"id": "another", "source": "# Another title"}
        write(course[1] / lesson.file, new)
    plain, calls = start.replace, []

    def stopping(path, data, stop):
        calls.append(path)
        if len(calls) >= stop:
            raise KeyboardInterrupt
        plain(path, data)

    for stop in range(1, 8):
        calls.clear()
        monkeypatch.setattr(start, "replace", lambda path, data, stop=stop: stopping(path, data, stop))
        with pytest.raises(KeyboardInterrupt):
            bring(course)
            raise KeyboardInterrupt
    monkeypatch.setattr(start, "replace", plain)
    bring(course)
    for lesson in LESSONS[:3]:
        new = read(course[1] / lesson.file)
        if lesson.file == FIRST:
            cell(new, "q0_step")["source"] = "my answer"
        assert read(course[0] / lesson.file)["cells"] == new["cells"]
    assert sorted(path.name for path in course[0].iterdir()) == [lesson.file for lesson in LESSONS[:3]]


CELLS = st.lists(
    st.builds(
        lambda id, source: {"id": id, "cell_type": "code", "metadata": {}, "source": source},
        st.sampled_from("abcdefgh"),
        st.sampled_from(["", "x", "y", ["x\n", "y"]]),
    ),
    unique_by=lambda one: one["id"],
)


@settings(deadline=None)
@given(CELLS, CELLS, CELLS)
def test_nothing_that_was_written_is_lost_and_nothing_is_changed_without_need(old, mine, new):
    known = {one["id"]: start._digest(one) for one in old}
    before = copy.deepcopy((mine, new))
    cells, _ = start.merged(mine, new, known)
    assert (mine, new) == before
    written = [one for one in mine if start._digest(one) != known.get(one["id"])]
    assert all(one in cells for one in written)
    assert len({one["id"] for one in cells}) == len(cells)
    assert all(one in mine or one in new for one in cells)
    assert start.merged(old, new, known) == (new, False)
    assert start.merged(cells, new, {one["id"]: start._digest(one) for one in new})[0] == cells


@given(CELLS, st.data())
def test_without_a_new_version_everything_stays(old, data):
    known = {one["id"]: start._digest(one) for one in old}
    mine = data.draw(st.lists(st.sampled_from(old), unique_by=lambda one: one["id"])) if old else []
    mine = [one for one in old if one in mine]
    cells, both = start.merged(mine, old, known)
    assert cells == mine and not both
