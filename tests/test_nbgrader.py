"""The practice notebook in nbgrader, in an environment of its own: full points, partial points, none."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from bench import tools

from actlab.course import PRACTICE
from actlab.environment import bounds
from actlab.publish.notebooks import to_bytes
from actlab.publish.release import marked

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "solutions" / f"{PRACTICE.stem}.py"
CONSTRAINTS = ROOT / "constraints.txt"
TEACHES = "anywidget contourpy filelock matplotlib numpy pillow platformdirs rich scipy threadpoolctl tqdm"
NEEDS = ["nbgrader==0.9.6", *bounds(*TEACHES.split())]
SCORES = """
import json, sys
from nbgrader.api import Gradebook
with Gradebook(sys.argv[1]) as book:
    found = {s.student.id: {"score": s.score, "max": s.max_score,
             "cells": {g.cell.name: g.score for n in s.notebooks for g in n.grades}}
             for s in book.assignment_submissions("practice")}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def python():
    """Python of an environment with nbgrader and the course, which the benchmarks use as well."""
    return tools.environment("nbgrader", NEEDS, CONSTRAINTS)


def answered(folder, changes):
    """A submission: the released copy with some of its answers filled in."""
    notebook = nbformat.read(folder, as_version=4)
    for cell in notebook.cells:
        cell.source = changes.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return notebook


@pytest.fixture(scope="module")
def grades(python, tmp_path_factory):
    """What nbgrader says about four submissions, after `generate_assignment` and `autograde`."""
    course = tmp_path_factory.mktemp("course")
    (course / "source" / "practice").mkdir(parents=True)
    (course / "source" / "practice" / PRACTICE.file).write_bytes(to_bytes(marked(SOURCE)))
    (course / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.CourseDirectory.course_id = "actlab"\nc.CourseDirectory.root = {str(course)!r}\n'
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ACTLAB", "JUPYTER", "PYTHON"))}
    folders = {k: str(course / k) for k in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "ACTLAB_HOME")}
    env = clean | folders | {"OMP_NUM_THREADS": "1", "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    asked = {"cwd": course, "env": env, "timeout": 900}
    nbgrader = [python, "-m", "nbgrader"]
    tools.quiet(*nbgrader, "generate_assignment", "practice", **asked)
    released = course / "release" / "practice" / PRACTICE.file
    solved = nbformat.read(ROOT / "solutions" / PRACTICE.file, as_version=4)
    answers = {c.metadata.get("nbgrader", {}).get("grade_id"): c.source for c in solved.cells}
    wordy = answers["softmax"].replace("e = np.exp(z - z.max(axis=axis, keepdims=True))", NOISY)
    assert wordy != answers["softmax"]
    submissions = {
        "solution": solved,
        "untouched": nbformat.read(released, as_version=4),
        "some": answered(released, {"relu": answers["relu"], "softmax": wordy, "q1_reason": 'q1_reason = "b"'}),
    }
    for student, notebook in submissions.items():
        folder = course / "submitted" / student / "practice"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / PRACTICE.file)
    tools.quiet(*nbgrader, "autograde", "practice", **asked)
    return json.loads(tools.quiet(python, "-c", SCORES, f"sqlite:///{course}/gradebook.db", **asked)), released


NOISY = """import sys

    print("a word on stderr", file=sys.stderr)
    e = np.exp(z)"""


def test_the_solution_gets_full_points(grades):
    assert (grades[0]["solution"]["score"], grades[0]["solution"]["max"]) == (100, 100)


def test_the_untouched_copy_gets_none(grades):
    assert (grades[0]["untouched"]["score"], grades[0]["untouched"]["max"]) == (0, 100)


def test_partial_credit_and_words_on_stderr(grades):
    some = grades[0]["some"]["cells"]
    assert (some["relu_check"], some["softmax_check"], some["q1_reason_check"]) == (2, 4, 0)
    assert grades[0]["some"]["score"] == 6


def test_what_nbgrader_releases_holds_no_solution(grades):
    text = grades[1].read_text(encoding="utf-8")
    assert "SOLUTION" not in text and "np.exp(z - z.max" not in text and "YOUR ANSWER HERE" in text
