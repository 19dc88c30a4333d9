"""The same ten submissions under nbgrader and here, in turn, in one run: wall time for each submission."""

import os
import shutil
import sys
import time

import nbformat
import pytest
from test_nbgrader import SOURCE, python, quiet  # noqa: F401  (a fixture)

from actlab.course import PRACTICE
from actlab.publish.notebooks import to_bytes
from actlab.publish.release import marked
from soak import school

STUDENTS = [f"s{k}" for k in range(10)]
ALONE, BATCH = 20, 8


@pytest.fixture
def course(python, tmp_path):  # noqa: F811
    """A command line of nbgrader, and a folder of ten submissions handed in to both."""
    (tmp_path / "source" / "practice").mkdir(parents=True)
    (tmp_path / "source" / "practice" / PRACTICE.file).write_bytes(to_bytes(marked(SOURCE)))
    (tmp_path / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.CourseDirectory.course_id = "actlab"\nc.CourseDirectory.root = {str(tmp_path)!r}\n'
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ACTLAB", "JUPYTER", "PYTHON"))}
    folders = {k: str(tmp_path / k) for k in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "ACTLAB_HOME")}
    env = clean | folders | {"OMP_NUM_THREADS": "1", "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}

    def nbgrader(*words):
        quiet(python, "-m", "nbgrader", *words, cwd=tmp_path, env=env)

    nbgrader("generate_assignment", "practice")
    released = tmp_path / "release" / "practice" / PRACTICE.file
    for k, student in enumerate(STUDENTS):
        answers = dict(zip(school.bank(), school.answers(k), strict=True))
        notebook = nbformat.read(released, as_version=4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(name, cell.source)
        for folder in (
            tmp_path / "submitted" / student / "practice",
            tmp_path / "in" / student,
            tmp_path / student / student,
        ):
            folder.mkdir(parents=True)
            nbformat.write(notebook, folder / PRACTICE.file)
    return nbgrader, tmp_path


def timed(run, *words):
    started = time.monotonic()
    run(*words)
    return time.monotonic() - started


def test_much_less_time(course):
    nbgrader, root = course

    def grade(folder, out):
        quiet(sys.executable, "-m", "actlab.cli", "grade", folder, "--out", out)

    grade(root / "in", root / "warm")
    single = [
        (timed(nbgrader, "autograde", "practice", "--student", s), timed(grade, root / s, root / f"out-{s}"))
        for s in STUDENTS
    ]
    shutil.rmtree(root / "autograded")
    batch = timed(nbgrader, "autograde", "practice", "--force"), timed(grade, root / "in", root / "out")
    theirs, mine = sum(a for a, _ in single) / len(single), batch[1] / len(STUDENTS)
    print(f"\nnbgrader one by one {theirs:.2f} s each, its batch {batch[0] / 10:.2f} s, actlab's {mine:.2f} s")
    print(f"actlab one by one {sum(b for _, b in single) / len(single):.2f} s each")
    print(f"one by one {theirs / mine:.1f} ×, batch {batch[0] / batch[1]:.1f} ×")
    assert theirs >= ALONE * mine and batch[0] >= BATCH * batch[1]
