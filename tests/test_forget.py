"""A student is forgotten: afterwards nothing in the folder of grades tells that there was one, and others stay."""

import json
import re
import shutil
import sqlite3
import zipfile

import classroom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actlab import roster as rosters
from actlab.errors import CourseError
from actlab.exercises.personal import claim
from actlab.grading import forget, run
from actlab.grading.forget import told
from actlab.grading.gradebook import Decision, Grade, Gradebook
from actlab.grading.run import Order, Progress, grade
from actlab.roster import Person, Roster

SECRET = b"sixteen bytes of a secret"
ONE = "import numpy as np\ndef sigmoid(z):\n    return 0.5 + 0.5 * np.tanh(z / 2)"
OWN = "def relu(z):\n    an_unmistakable_helper = z\n    return np.maximum(an_unmistakable_helper, 0)"
CLASS = Roster(
    (
        Person("ana", "Ana Example", "a.example@example.org", canvas="70001"),
        Person("ana-lena", "Lena Other", "lena@example.org"),
        Person("ben", "Ben Other", "ben@example.org"),
    ),
    "id",
)
ADJUST = "student,item,points,comment,reason\nana,bonus,2,for you,illness\nben,bonus,1,,\n70001,late,2 days,,\n"
ALL = re.compile(rb"(?i)(?<![\w-])(?:ana|70001)(?![\w-])|ana example|a\.example|unmistakable")


def bytes_of(folder):
    """Every file of a folder, and every file of a zip in it, with its bytes."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield str(path.relative_to(folder)), path.name.encode() + b"\n" + path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path.name}/{name}", name.encode() + archive.read(name)) for name in archive.namelist())


def naming(folder):
    """The files that name the student."""
    return [name for name, data in bytes_of(folder) if ALL.search(data)]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class in which one of three is to be forgotten; another one handed in her notebook."""
    root = tmp_path_factory.mktemp("forget")
    line = f"# {claim(SECRET, 'ana').line}"
    classroom.hand_in(root / "in", **{"70001": [line, ONE, OWN], "ben": [line, ONE], "ana-lena": [ONE]})
    (root / "in" / "ana.txt").write_text("belongs to nobody")
    (root / "out").mkdir()
    (root / "out" / "adjust.csv").write_text(ADJUST)
    grade(root / "in", root / "out", Order(secret=SECRET, roster=CLASS))
    return root


@pytest.fixture
def folder(graded, tmp_path):
    """That class, with all that later commands write beside the grades."""
    out = tmp_path / "out"
    shutil.copytree(graded / "out", out)
    for name in ("ana.html", "ana_relu.html", "ana_relu.ipynb", "ana-lena.html"):
        (out / "explain").mkdir(exist_ok=True)
        (out / "explain" / name).write_text(name)
    with zipfile.ZipFile(out / "feedback_canvas.zip", "w") as archive:
        archive.write(out / "feedback" / "ana.html", "example_70001_9_feedback.html")
    with zipfile.ZipFile(out / "feedback_moodle.zip", "w") as archive:
        archive.writestr("Ben_7_assignsubmission_file_feedback.html", "Ben")
    (out / "changed.txt").write_text("ben\n")
    (out / ".draft-abc").write_text("a draft of Ana Example's page")
    return out


def test_no_byte_of_a_forgotten_student_is_left_but_in_the_instructors_own_file(folder):
    with Gradebook(folder) as book:
        (packed,) = book.connection.execute("SELECT packed FROM cells WHERE student = 'ana'").fetchone()
        book.connection.execute("CREATE TABLE seen (student TEXT, what TEXT)")  # whatever a later actlab makes
        book.connection.executemany("INSERT INTO seen VALUES (?, ?)", [("ANA", "Ana Example"), ("ben", "x")])
        book.keep("totals", json.dumps({"ana": 102, "ben": 3, "rows": [["70001", "x"], ["ben", "y"]]}).encode())
    before = naming(folder)
    assert {"gradebook.sqlite", "grades.csv", "feedback/ana.html", "feedback_canvas.zip"} <= set(before)
    found = forget.forget(folder, "ana")
    assert naming(folder) == ["adjust.csv"] and (folder / "adjust.csv").read_text() == ADJUST
    assert packed not in (folder / "gradebook.sqlite").read_bytes()
    assert not list(folder.glob("gradebook.sqlite-*")) and not list(folder.glob(".draft-*"))
    with Gradebook(folder) as book:
        assert [row.student for row in book.grades()] == ["ana-lena", "ben"] and book.cells("ben")
        assert [person.id for person in run.kept_roster(book).people] == ["ana-lena", "ben"]
        assert [one.student for one in book.decisions()] == ["ben"]
        assert json.loads(book.found("totals")) == {"ben": 3, "rows": [["ben", "y"]]}
        assert book.connection.execute("SELECT * FROM seen").fetchall() == [("ben", "x")]
    assert found.removed == [
        *(f"explain/{name}" for name in ("ana.html", "ana_relu.html", "ana_relu.ipynb")),
        *("feedback/ana.html", "gradescope/ana.json", "feedback_canvas.zip"),
    ]
    assert found.anew == ["feedback_canvas.zip"] and (folder / "feedback_moodle.zip").exists()
    assert (folder / "explain" / "ana-lena.html").exists() and (folder / "feedback" / "ana-lena.html").exists()


def test_it_says_what_was_removed_and_what_is_left_to_delete_by_hand(folder):
    (folder / "my notes.txt").write_text("Spoke to Ana Example on Monday")
    (folder / "adjust_ta.csv").write_text("student,item,points,comment,reason\nben,comment,,worked with ana,\n")
    said = " ".join(told(forget.forget(folder, "ana")))
    for words in (
        "Forgotten: “ana” (also “70001”, “a.example@example.org”, “a.example”)",
        "1 row",
        "2 decisions",
        "the entry in the roster",
        "feedback_canvas.zip held the other students too: give back once more",
        "Yours to delete: adjust.csv, line 2, adjust.csv, line 4.",
        "“70001.ipynb”; the next run would grade it again",
        "“ben” handed in a notebook that was made for this student, and names it",
        "still stands in adjust_ta.csv, feedback/ben.html, my notes.txt, report.html: look whether it is this student.",
    ):
        assert words in said, words


def test_the_others_stay_as_they_were_and_need_no_new_judgement(graded, folder, tmp_path):
    def others():
        with Gradebook(folder) as book:
            rows = {row.student: row for row in book.grades() if row.student != "ana"}
            return rows, (folder / "feedback" / "ana-lena.html").read_bytes()

    (rows, page), _ = others(), forget.forget(folder, "70001")
    after, same = others()
    assert same == page and after["ana-lena"] == rows["ana-lena"]
    assert after["ben"].score == rows["ben"].score and after["ben"].handed_to.startswith("forgotten ")
    assert re.search(r"handed out to “forgotten \w{4}”", " ".join(after["ben"].notes))
    classroom.hand_in(tmp_path / "in", **{"ben": (graded / "in" / "ben.ipynb").read_bytes(), "ana-lena": [ONE]})
    (folder / "adjust.csv").unlink()
    told = []
    again = grade(tmp_path / "in", folder, Order(secret=SECRET), Progress(done=told.append))
    assert told[0] is None and [row.student for row in again] == ["ana-lena", "ben"]
    assert [row.student for row in told[1:]] == ["ben"], "whose notebook is no classmate's any more"


def test_a_try_changes_nothing_and_says_the_same(folder):
    before = dict(bytes_of(folder))
    tried = forget.forget(folder, "ana", dry_run=True)
    assert dict(bytes_of(folder)) == before
    done = forget.forget(folder, "ana")
    assert (tried.traces, tried.lines, tried.removed) == (done.traces, done.lines, done.removed)
    assert "Nothing was changed" in next(told(tried, dry_run=True)) and "Forgotten" in next(told(done))


def test_one_that_was_stopped_goes_on_and_every_run_says_so(graded, folder):
    """Another program reads the gradebook, so that its bytes cannot be overwritten."""
    with sqlite3.connect(folder / "gradebook.sqlite") as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM grades").fetchone()
        with pytest.raises(CourseError, match=r"is in use by another program: close that one, then run again\.$"):
            forget.forget(folder, "ana")
        other.rollback()
    other.close()
    assert not (folder / "feedback" / "ana.html").exists()
    with pytest.raises(CourseError, match="forgetting “ana” was stopped: say the same once more for that one first"):
        forget.forget(folder, "ben")
    said = []
    grade(graded / "in", folder, Order(secret=SECRET, only=("ben",)), Progress(said=said.append))
    assert run.UNFINISHED in said
    forget.forget(folder, "70001")
    assert naming(folder) == ["adjust.csv"]


def test_whoever_is_meant_by_no_id_or_by_several_is_asked_for(tmp_path):
    with Gradebook(tmp_path) as book:
        for student in ("annika", "annina", "cleo"):
            book.record(Grade(student, "x", "graded", 1, 100, handed_in_as=[student, "shared"]))
        book.note_decisions([Decision("", "", "added", "gone-one", "bonus", "1", "", "")])
    before = dict(bytes_of(tmp_path))
    for id, words in (
        ("anika", "nobody here is “anika”. Did you mean “annika” or “annina”? Nothing was forgotten."),
        ("*", "nobody here is “*”. Nothing was forgotten."),
        ("shared", "“shared” stands for “annika” and “annina” and “cleo”: say which of them."),
    ):
        with pytest.raises(CourseError, match=re.escape(words)):
            forget.forget(tmp_path, id)
    with Gradebook(tmp_path) as book:
        assert len(list(book.grades())) == 3
    assert before.keys() <= dict(bytes_of(tmp_path)).keys()
    assert forget.forget(tmp_path, "GONE-ONE").lines == {"decisions": 1}
    assert forget.forget(tmp_path, "Cleo").lines == {"cells": 1, "grades": 1}
    with pytest.raises(CourseError, match=r"holds no gradebook: give the folder that `actlab grade` wrote"):
        forget.forget(tmp_path / "feedback", "cleo")


def test_another_name_is_forgotten_with_the_student_and_nobody_elses(tmp_path):
    (tmp_path / "adjust.csv").write_text("student,item,points\nold,same as,new\n")
    with Gradebook(tmp_path) as book:
        for student in ("old", "new", "bob"):
            book.record(Grade(student, "x", "graded", 1, 100))
        book.keep("roster", Roster((Person("new", login="n1"), Person("bob", login="b1")), "id").dumps())
        book.record(Grade("n1", "x", "graded", 1, 100, handed_in_as=["n1", "bob"]))  # before there was a roster
    assert forget.forget(tmp_path, "old").traces.ids == ("new", "old", "n1")
    with Gradebook(tmp_path) as book:
        assert [row.student for row in book.grades()] == ["bob"]
        assert rosters.loads(book.found("roster")).person("b1").id == "bob"


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=6, max_size=12)


@given(WORDS, WORDS, st.lists(WORDS, max_size=4, unique_by=rosters.folded))
@settings(max_examples=15, deadline=None)
def test_whatever_an_id_looks_like_its_row_goes_and_no_other(tmp_path_factory, mine, name, others):
    folder = tmp_path_factory.mktemp("book")
    others = [one for one in others if rosters.folded(one) != rosters.folded(mine)]
    rows = [Grade(one, "x", "graded", 1, 100, notes=["a note"], handed_in_as=[one]) for one in others]
    with Gradebook(folder) as book:
        for row in (*rows, Grade(mine, "x", "graded", 1, 100, name=f"<{name}>", written=["words of my own"])):
            book.record(row, [f"x = 'code of {row.student}'"])
        book.keep("here", json.dumps({"here": [mine, *others], "aside": [f"“{mine}.txt”", "“readme”"]}).encode())
    forget.forget(folder, mine)
    with Gradebook(folder) as book:
        assert {row.student: row for row in book.grades()} == {row.student: row for row in rows}
        kept = json.loads(book.found("here"))
        assert sorted(kept["here"]) == sorted(others) and kept["aside"] == ["“readme”"]
    for secret in (b"words of my own", f"<{name}>".encode(), json.dumps(f"<{name}>")[1:-1].encode()):
        assert not any(secret in data for _, data in bytes_of(folder))
