"""The course for students: it teaches, checks and notes, and there is nothing in it that answers the homework."""

import ast
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from actlab.course import CHALLENGE, HOMEWORKS, LESSONS, PRACTICE
from actlab.exercises import EXERCISES, Choice, Draws, Numbers, lesson
from actlab.publish import package

ROOT = Path(__file__).parents[1]
HOMEWORK = [exercise for homework in HOMEWORKS for exercise in lesson(homework.number)]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    package.build(ROOT, folder / "course.zip")
    with zipfile.ZipFile(folder / "course.zip") as archive:
        archive.extractall(folder)
    return folder / "actlab"


def run(unpacked, code):
    """What Python prints in the students' copy, as JSON."""
    environment = os.environ | {"PYTHONPATH": str(unpacked / "utils"), "ACTLAB_STATIC": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=unpacked)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def test_it_holds_every_lesson_and_no_solution(unpacked):
    lessons = [one.file for one in LESSONS if one not in HOMEWORKS]
    assert sorted(path.name for path in (unpacked / "notebooks").iterdir()) == lessons
    for gone in ("solutions", "tests", "utils/actlab/grading", "utils/actlab/publish", "utils/actlab/exercises/drawn"):
        assert not (unpacked / gone).exists()
    for name in lessons:
        text = json.dumps(nbformat.read(unpacked / "notebooks" / name, as_version=4))
        assert "BEGIN SOLUTION" not in text


def test_it_asks_all_exercises_in_the_course_s_order(unpacked):
    asked = "import json; from actlab.exercises import EXERCISES; print(json.dumps(list(EXERCISES)))"
    assert run(unpacked, asked) == list(EXERCISES)


def test_what_answers_the_homework_is_nowhere_in_it(unpacked):
    """Neither a right letter, nor why, nor a hint; and no code that only the homework's references and mistakes had."""
    text = "\n".join(path.read_text("utf-8") for path in unpacked.rglob("*") if path.is_file())
    for exercise in HOMEWORK:
        if isinstance(exercise, Choice):
            assert not [said for said in (exercise.why, *exercise.hints.values()) if said[:40] in text]
    for path in sorted(package.TOPICS.glob("*.py")):
        copy = unpacked / "utils/actlab/exercises/topics" / path.name
        left = ast.parse(copy.read_text("utf-8") if copy.exists() else "")
        decorated = [
            one.func.id for node in left.body for one in getattr(node, "decorator_list", ()) if hasattr(one, "func")
        ]
        assert package.HOMEWORK not in decorated
    sealed = json.loads((unpacked / "utils/actlab/exercises/sealed.json").read_text("utf-8"))
    assert [entry["id"] for entry in sealed] == [exercise.id for exercise in HOMEWORK]
    assert not {key for entry in sealed for key in entry} & {"right", "why", "hints", "options", "wrong", "reference"}


def test_its_checks_judge_the_functions_of_the_practice(unpacked):
    code = """
import json
from actlab.check import check
from actlab.exercises import EXERCISES
def relu(z):
    return z * (z > 0)
def leaky_relu(z, alpha=0.01):
    return z * (z > 0)
said = check("relu", relu).status, check("relu", lambda z: -z).status, check("leaky_relu", leaky_relu).sentences
print(json.dumps(said))
"""
    right, wrong, named = run(unpacked, code)
    assert (right, wrong) == ("right", "wrong")
    assert any("It looks like" in said for said in named)


def test_letters_and_what_is_drawn_are_noted_and_never_judged(unpacked):
    letters = [e.id for e in HOMEWORK if isinstance(e, Choice)]
    numbers = [(e.id, len(e.entries)) for e in HOMEWORK if isinstance(e, Numbers)]
    code = f"""
import json
from actlab.check import check
ways = [(letter, order) for letter in "abcd" for order in ("", "dacb")]
said = {{id: {{check(id, letter, order=order).status for letter, order in ways}} for id in {letters}}}
said |= {{id: {{check(id, tuple(range(many)) if many > 1 else 1.0).status}} for id, many in {numbers}}}
print(json.dumps({{id: sorted(one) for id, one in said.items()}}))
"""
    assert run(unpacked, code) == {id: ["noted"] for id in [*letters, *(id for id, _ in numbers)]}


def test_its_lab_saves_notebooks_without_what_only_a_kernel_shows(unpacked):
    code = """
import json
from actlab.lab import strip_on_save
output = {"data": {"application/vnd.jupyter.widget-view+json": {}, "text/html": "<svg/>"}}
content = {"metadata": {"widgets": {}}, "cells": [{"outputs": [output]}]}
strip_on_save({"type": "notebook", "content": content})
print(json.dumps(content))
"""
    assert run(unpacked, code) == {"metadata": {}, "cells": [{"outputs": [{"data": {"text/html": "<svg/>"}}]}]}


def test_it_says_in_a_sentence_that_it_does_not_grade(unpacked):
    environment = os.environ | {"PYTHONPATH": str(unpacked / "utils")}
    command = [sys.executable, "-m", "actlab.cli", "grade", "notebooks", "--out", "grades"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=unpacked)
    assert done.returncode == 1 and "for students" in done.stderr and "Traceback" not in done.stderr


def test_the_random_functions_of_the_practice_are_judged_by_their_law(unpacked):
    drawn = [exercise.id for exercise in lesson(PRACTICE.number) if isinstance(exercise, Draws)]
    code = f"""
import json
from actlab.exercises import EXERCISES, Draws
print(json.dumps([isinstance(EXERCISES[id], Draws) for id in {drawn}]))
"""
    assert run(unpacked, code) == [True] * len(drawn) and drawn


def test_the_two_homeworks_are_sealed_whole():
    assert len(lesson(PRACTICE.number)) + len(lesson(CHALLENGE.number)) == len(HOMEWORK)
