"""The hand-out: what is in it, what is not, and what differs between students."""

import csv
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import classroom
import nbformat
import pytest
from test_publish import rows_by_visibility
from typer.testing import CliRunner

from actlab import check as checking
from actlab import roster
from actlab.check import check
from actlab.cli import main
from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import EXERCISES, Choice, lesson
from actlab.exercises.personal import (
    can_be_guessed,
    cases_rng,
    fingerprint,
    key,
    orders,
    parameters,
    personal,
    read_secret,
)
from actlab.publish.release import for_student, marked, pack, release
from actlab.publish.source import read_source

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "solutions" / f"{PRACTICE.stem}.py"
SECRET = b"a long random text"
ASKED = lesson(PRACTICE.number)
REASONS = [e for e in ASKED if isinstance(e, Choice)]


@pytest.fixture(autouse=True)
def static(monkeypatch):
    monkeypatch.setenv("ACTLAB_STATIC", "1")


def text_of(notebook):
    return "\n".join(cell.source for cell in notebook.cells)


def letters(student, secret=SECRET):
    return {e.id: personal(secret, student)[e.id].right for e in REASONS}


# For everybody


def test_the_hand_out_is_the_learners_notebook_and_a_note(tmp_path):
    (one,) = release(SOURCE, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [PRACTICE.file, "README.txt"]
    assert one.path.read_bytes() == (ROOT / "notebooks" / PRACTICE.file).read_bytes()
    note = (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert "make lab" in note and PRACTICE.file in note


def leaks(text):
    shown, hidden = rows_by_visibility(SOURCE)
    elsewhere = "\n".join(shown)
    return [row for row in hidden if len(row) > 8 and row not in elsewhere and row in text]


@pytest.mark.parametrize("students", [[], ["ana", "ben"]])
def test_nothing_that_is_written_holds_a_solution(tmp_path, students):
    written = release(SOURCE, tmp_path, students, SECRET)
    assert len(written) == max(1, len(students))
    for file in filter(Path.is_file, tmp_path.rglob("*")):
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".ipynb":
            notebook = nbformat.reads(text, as_version=4)
            nbformat.validate(notebook)
            text = text_of(notebook)
            assert not any(c.get("outputs") or c.get("execution_count") for c in notebook.cells)
            assert not any("solution" in c.metadata.get("tags", ()) for c in notebook.cells)
        assert leaks(text) == []
        assert "SOLUTION" not in text and SECRET.decode() not in text


def test_the_notebook_with_solutions_is_what_nbgrader_wants():
    notebook = marked(SOURCE)
    nbformat.validate(notebook)
    assert leaks(text_of(notebook))
    cells = [c for c in notebook.cells if "nbgrader" in c.metadata]
    ids = [c.metadata.nbgrader.grade_id for c in cells]
    assert len(set(ids)) == len(ids) == 3 * len(ASKED) + 5
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", id) for id in ids)
    assert sum(c.metadata.nbgrader.get("points", 0) for c in cells) == 100
    for cell in cells:
        assert ("### BEGIN SOLUTION" in cell.source) == cell.metadata.nbgrader.solution
        assert cell.metadata.nbgrader.schema_version == 3


def test_written_answers_are_collected_and_have_a_model_answer():
    written = [c for c in read_source(SOURCE, EXERCISES).cells if "written" in c.metadata.get("tags", ())]
    assert len(written) == len(PRACTICE.questions)
    for cell in written:
        assert cell.metadata.nbgrader.grade and cell.metadata.nbgrader.points == 0
        assert "### BEGIN SOLUTION" in cell.source
    copy = nbformat.read(ROOT / "notebooks" / PRACTICE.file, as_version=4)
    assert text_of(copy).count("*YOUR ANSWER HERE*") == len(PRACTICE.questions)


def test_the_parameters_of_the_course_are_the_first_choices():
    cell = next(c for c in read_source(SOURCE, EXERCISES).cells if "parameters" in c.metadata.get("tags", ()))
    space = {}
    exec(cell.source, space)
    assert {n: space[n] for n in PRACTICE.parameters} == {n: c[0] for n, c in PRACTICE.parameters.items()}


# For each student


def test_two_students_get_different_numbers_orders_and_parameters():
    ana, ben = (for_student(SOURCE, SECRET, student) for student in ("ana", "ben"))
    assert len(ana.cells) == len(ben.cells)
    differing = [
        cell.metadata.nbgrader.grade_id if "nbgrader" in cell.metadata else cell.source
        for cell, other in zip(ana.cells, ben.cells, strict=True)
        if cell.source != other.source
    ]
    assert sum(id.endswith("_prompt") and "reason" not in id for id in differing) >= 12
    assert sum(id.endswith("_reason_prompt") for id in differing) >= 4
    assert any("\nSEED = " in id for id in differing)
    stubs = [c.source for c in ana.cells if c.metadata.get("nbgrader", {}).get("solution")]
    assert stubs == [c.source for c in ben.cells if c.metadata.get("nbgrader", {}).get("solution")]


def test_a_students_notebook_names_the_student_and_nothing_else():
    notebook = for_student(SOURCE, SECRET, "ana")
    said = {"assignment": "practice", "student": "ana", "fingerprint": fingerprint(SECRET, "ana")}
    assert notebook.metadata["actlab"] == said
    assert set(notebook.metadata) == {"kernelspec", "language_info", "actlab"}


def test_everything_follows_from_secret_and_id():
    assert for_student(SOURCE, SECRET, "ana") == for_student(SOURCE, SECRET, "ana")
    assert letters("ana") == letters("ana")
    many = {tuple(letters(f"s{n}").values()) for n in range(40)}
    assert len(many) > 30
    assert letters("ana") != letters("ana", b"another secret")
    assert parameters(SECRET, "ana") == parameters(SECRET, "ana")
    ana = key(SECRET, "ana")
    assert cases_rng(ana, "relu").random() == cases_rng(ana, "relu").random()
    others = [(key(SECRET, "ben"), "relu"), (ana, "gelu"), (ana, "relu", "feedback"), (key(b"another", "ana"), "relu")]
    assert cases_rng(ana, "relu").random() not in [cases_rng(*other).random() for other in others]


def test_names_and_points_are_everybodys():
    for id, own in personal(SECRET, "ana").items():
        assert (own.name, own.points, own.title) == (EXERCISES[id].name, EXERCISES[id].points, EXERCISES[id].title)


def points(answers, notebook):
    """What the checks of a notebook say to the answers."""
    space = {"math": __import__("math"), "np": __import__("numpy"), "check": checking.check}
    earned = 0
    for cell in notebook.cells:
        id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if id in answers and cell.cell_type == "code":
            exec(answers[id], space)
        elif id.endswith("_check"):
            earned += eval(cell.source, space).points
    return earned


def test_right_answers_score_100_in_their_own_notebook_and_lose_the_reasons_in_the_others():
    notebooks = {student: for_student(SOURCE, SECRET, student) for student in ("ana", "cem")}
    for mine, other in (("ana", "cem"), ("cem", "ana")):
        answers = classroom.answers(SECRET, mine)
        differing = sum(letters(mine)[id] != letters(other)[id] for id in letters(mine))
        assert differing == 4
        assert points(answers, notebooks[mine]) == 100
        assert points(answers, notebooks[other]) == 100 - 4 * differing


# Rosters, secrets, the command line


@pytest.mark.parametrize("id", ["../up", "a/b", "a\\b", ".", "..", ".hidden", "x" * 101, "a\x00b", "a:b", "end."])
def test_an_id_that_is_no_name_of_a_folder_is_refused(tmp_path, id):
    with pytest.raises(CourseError, match=r"cannot name a folder|too long"):
        release(SOURCE, tmp_path / "out", [id], SECRET)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_secret_is_its_text_whatever_an_editor_put_before_it(tmp_path, encoding):
    mark = "\ufeff" * (encoding == "utf-16-le")
    (tmp_path / "key").write_bytes(f"{mark}{'ein Geheimnis mit Ä'}\r\n".encode(encoding))
    assert read_secret(tmp_path / "key") == "ein Geheimnis mit Ä".encode()


def test_a_secret_has_16_bytes_of_any_kind(tmp_path):
    for data in (b"\xff\xfe" + b"\xd8" * 15, bytes(range(200, 216)), b"1a2b3c4d5e6f7a8b"):
        (tmp_path / "key").write_bytes(data + b"\n")
        assert read_secret(tmp_path / "key") == data
    (tmp_path / "key").write_bytes(b"\xef\xbb\xbf1a2b3c4d5e6f7a8")
    with pytest.raises(CourseError, match=r"has 15 bytes and needs at least 16.*actlab secret > my.key"):
        read_secret(tmp_path / "key")


@pytest.mark.parametrize("words", ["activationfunctions2026", "Deep Learning, summer 26", "aaaaaaaaaaaaaaaaaaaaaa"])
def test_words_and_a_year_are_warned_of(tmp_path, words):
    (tmp_path / "key").write_text(words)
    options = ["release", "--out", str(tmp_path / "out"), "--secret", str(tmp_path / "key")]
    done = CliRunner().invoke(main, options)
    assert done.exit_code == 0 and "looks like words" in done.stderr
    (notebook,) = (tmp_path / "out").glob("*.ipynb")
    said = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]["actlab"]
    assert said == {"assignment": "practice", "student": "", "fingerprint": fingerprint(words.encode())}


def test_a_new_secret_is_printed_alone_or_kept_for_its_owner(tmp_path):
    once, again = (CliRunner().invoke(main, ["secret"]) for _ in (0, 1))
    assert once.exit_code == 0 and once.stderr == "" and once.stdout != again.stdout
    (tmp_path / "printed").write_text(once.stdout)
    assert len(read_secret(tmp_path / "printed")) == 64 and not can_be_guessed(read_secret(tmp_path / "printed"))
    assert CliRunner().invoke(main, ["secret", str(tmp_path / "key")]).exit_code == 0
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600 and len(read_secret(tmp_path / "key")) == 64


def test_an_exercise_that_cannot_be_varied_is_named(monkeypatch):
    broken = replace(EXERCISES["q1_reason"], drawn=lambda code: {"why": {}["ab"]}, varying=("why",))
    monkeypatch.setitem(EXERCISES, "q1_reason", broken)
    for derive in (personal, orders):
        with pytest.raises(CourseError, match=r"`q1_reason` cannot be varied for “ana” \(KeyError: 'ab'\)"):
            derive(SECRET, "ana")


def test_other_mistakes_get_a_sentence(tmp_path):
    with pytest.raises(CourseError, match="twice"):
        release(SOURCE, tmp_path, ["ana", "Ana"], SECRET)
    with pytest.raises(CourseError, match="need a secret"):
        release(SOURCE, tmp_path, ["ana"])
    (tmp_path / "empty").write_text(" \n")
    with pytest.raises(CourseError, match="is empty"):
        read_secret(tmp_path / "empty")
    with pytest.raises(CourseError, match=r"cannot be read: No such file or directory\.$"):
        read_secret(tmp_path / "missing")


def test_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    (tmp_path / "roster").write_text("ana\nben\n")
    (tmp_path / "secret").write_bytes(SECRET + b"\n")

    def run(*options):
        return CliRunner().invoke(main, ["release", "--out", str(tmp_path / "out"), *map(str, options)])

    done = run("--roster", tmp_path / "roster", "--secret", tmp_path / "secret")
    assert done.exit_code == 0 and done.stdout.count(".ipynb") == 2
    for student in ("ana", "ben"):
        notebook = json.loads((tmp_path / "out" / student / PRACTICE.file).read_text(encoding="utf-8"))
        assert notebook["metadata"]["actlab"]["student"] == student
    assert run("--nbgrader", tmp_path / "source" / PRACTICE.file).exit_code == 0
    assert "### BEGIN SOLUTION" in (tmp_path / "source" / PRACTICE.file).read_text(encoding="utf-8")
    refused = run("--roster", tmp_path / "roster")
    assert refused.exit_code == 1 and "go together" in refused.stderr


def test_in_an_exam_letters_are_noted_and_functions_judged_as_ever(tmp_path):
    (one,) = release(SOURCE, tmp_path, ["ana"], SECRET, exam=True)
    checks = [c.source for c in nbformat.read(one.path, as_version=4).cells if c.source.startswith("check(")]
    assert [line for line in checks if "exam=True" in line] == [line for line in checks if "_reason" in line]
    assert "grading says whether they are right" in (tmp_path / "ana" / "README.txt").read_text("utf-8")
    assert check("q1_reason", "b", order="dacb", exam=True).status == "noted"


def test_hand_outs_are_packed_under_the_names_that_moodle_takes_else_in_folders(tmp_path):
    people = (
        roster.Person("m1", "Ana_Díaz: [x]", "ana@example.org", moodle="201"),
        roster.Person("m2", "=Ben", "ben@example.org"),
    )
    released = release(SOURCE, tmp_path / "out", [person.id for person in people], SECRET)
    assert pack(tmp_path / "all.zip", released, people) == 2
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        moodle = f"Ana Díaz [x]_201_assignsubmission_file_{PRACTICE.file}"
        assert archive.namelist() == [moodle, f"m2/{PRACTICE.file}", "list.csv"]
        assert archive.read(moodle) == released[0].path.read_bytes()
        rows = list(csv.reader(archive.read("list.csv").decode().splitlines()))
    assert rows[1] == ["m1", "Ana_Díaz: [x]", "ana@example.org", moodle] and rows[2][1] == "'=Ben"
    assert pack(tmp_path / "one.zip", release(SOURCE, tmp_path / "one"), ()) == 1
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == [PRACTICE.file]
