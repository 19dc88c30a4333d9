"""What a line of adjust.csv makes of who is who: a student renamed, two that are one, one who left; and one alone."""

import csv
import json

import classroom
import pytest

from actlab.errors import CourseError
from actlab.exercises.personal import claim
from actlab.grading.gradebook import Gradebook
from actlab.grading.run import Order, Progress, grade
from actlab.grading.standing import ABSENT
from actlab.roster import Person, Roster

SECRET = b"sixteen bytes of a secret"
ONE = "import numpy as np\ndef sigmoid(z):\n    return 0.5 + 0.5 * np.tanh(z / 2)"
TWO = "def relu(z):\n    return np.maximum(z, 0)"
CLASS = Roster((Person("new", "Nadia New", login="n1"), Person("ben", "Ben B")), "id")


def decide(folder, *lines):
    folder.mkdir(exist_ok=True)
    (folder / "adjust.csv").write_text("\n".join(["student,item,points,comment,reason", *lines, ""]))


def made_for(student, *cells):
    return [f"# {claim(SECRET, student).line}", *cells]


def table(folder, name="grades.csv"):
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}


class Told:
    """What a run said."""

    def __init__(self):
        self.gone, self.said, self.judged = [], [], []
        self.progress = Progress(gone=self.gone.extend, said=self.said.append, done=self._done)

    def _done(self, row):
        self.judged += [row.student] if row else []


def run(folder, **how):
    told = Told()
    rows = {
        row.student: row for row in grade(folder / "in", folder / "out", Order(secret=SECRET, **how), told.progress)
    }
    return rows, told


def test_a_renamed_student_is_one_row_with_all_that_was_decided_under_either_name(tmp_path):
    classroom.hand_in(tmp_path / "in", old=classroom.solved_bytes(SECRET, "old"), ben=made_for("ben", ONE))
    before, _ = run(tmp_path)
    assert before["old"].score == 100 and not before["old"].notes
    decide(tmp_path / "out", "OLD,same as,new", "old,bonus,2,well done", "new,comment,,see me")
    rows, told = run(tmp_path)
    assert rows.keys() == {"ben", "new"} and told.judged == ["new"] and told.gone == []
    assert rows["new"].score == 100, "letters count in the order in which they were seen"
    assert rows["new"].notes == [] and rows["new"].handed_to == "old"
    assert not any("handed out" in sentence for sentence in told.said)
    shown = table(tmp_path / "out")
    assert shown.keys() == {"ben", "new"} and shown["new"]["score"] == "102" and shown["new"]["handed_in_as"] == "old"
    page = (tmp_path / "out" / "feedback" / "new.html").read_text("utf-8")
    assert "well done" in page and "see me" in page and not (tmp_path / "out" / "feedback" / "old.html").exists()
    assert "no longer" not in (tmp_path / "out" / "report.html").read_text("utf-8").lower()
    decide(tmp_path / "out")
    rows, told = run(tmp_path)
    assert rows.keys() == {"ben", "old"} and rows["old"] == before["old"] and told.judged == []
    with Gradebook(tmp_path / "out") as book:
        assert [(one.what, one.item) for one in book.decisions() if one.student == "OLD"] == [
            ("added", "same as"),
            ("removed", "same as"),
        ]


def test_once_the_file_itself_has_the_new_name_what_was_decided_under_the_old_one_still_holds(tmp_path):
    classroom.hand_in(tmp_path / "in", old=made_for("old", ONE))
    decide(tmp_path / "out", "old,bonus,2")
    run(tmp_path)
    (tmp_path / "in" / "old.ipynb").rename(tmp_path / "in" / "new.ipynb")
    decide(tmp_path / "out", "old,bonus,2", "old,same as,n1")
    rows, told = run(tmp_path, roster=CLASS)
    assert rows["new"].score + 2 == float(table(tmp_path / "out")["new"]["score"]) and told.gone == []
    assert not any("handed out" in note for note in rows["new"].notes)


def test_two_that_are_one_are_joined_and_the_fullest_counts(tmp_path):
    classroom.hand_in(tmp_path / "in", n1=made_for("old", ONE, TWO), old=made_for("old", ONE), ben=made_for("ben", ONE))
    run(tmp_path)
    decide(tmp_path / "out", "old,same as,new")
    rows, told = run(tmp_path, roster=CLASS)
    assert rows.keys() == {"ben", "new"} and told.gone == []
    assert rows["new"].file == "n1.ipynb" and rows["new"].score > rows["ben"].score
    assert "Handed in as “n1”, “old”, who are one student." in rows["new"].notes
    assert table(tmp_path / "out")["new"]["name"] == "Nadia New"
    decide(tmp_path / "out")
    rows, told = run(tmp_path, roster=CLASS)
    assert rows.keys() == {"ben", "new", "old"} and told.judged == ["new"], "old's row was kept"


def test_another_name_in_a_classmates_notebook_is_that_of_the_student(tmp_path):
    classroom.hand_in(tmp_path / "in", new=made_for("new", ONE), ben=made_for("old", ONE), cem=made_for("cem", ONE))
    decide(tmp_path / "out", "old,same as,new")
    rows, _ = run(tmp_path)
    assert any("“old”, who is another student of this class" in note for note in rows["ben"].notes)


def test_whoever_withdrew_is_in_no_table_and_on_no_page_but_named_to_the_instructor(tmp_path):
    classroom.hand_in(tmp_path / "in", amalia=[ONE], ben=[ONE])
    run(tmp_path)
    decide(tmp_path / "out", "amalia,withdrawn,,,by letter")
    rows, told = run(tmp_path)
    assert rows.keys() == {"ben"} and told.judged == told.gone == []
    out = tmp_path / "out"
    for path in (path for path in out.rglob("*") if path.suffix in (".csv", ".html", ".json")):
        if path.name not in ("report.html", "adjust.csv"):
            assert "amalia" not in path.stem and "amalia" not in path.read_text("utf-8"), path
    assert sorted(path.stem for path in (out / "feedback").iterdir()) == ["ben"]
    assert "Withdrawn, and so in no table: amalia." in (out / "report.html").read_text("utf-8")
    decide(out)
    rows, told = run(tmp_path)
    assert rows.keys() == {"amalia", "ben"} and told.judged == [] and (out / "feedback" / "amalia.html").exists()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["a,same as,b", "b,same as,c"], "line 2: “b” is another name of somebody itself. Both lines need the id that"),
        (["a,same as,b", "b,same as,a"], "line 2: “b” is another name of somebody itself."),
        (["a,same as,A"], "line 2, column “points”: “A” is not understood. Write the id that counts."),
        (["a,same as,b", "a,same as,c"], "line 3: it says “c” of “same as” for “a”, and adjust.csv, line 2 says “b”"),
        (
            ["a,same as,b", "a,bonus,1", "b,bonus,2"],
            "line 4: it says “2” of “bonus” for “b”, and adjust.csv",
        ),
    ],
)
def test_names_that_lead_nowhere_are_refused_before_anything_is_graded(tmp_path, lines, words):
    classroom.hand_in(tmp_path / "in", a=[ONE])
    decide(tmp_path / "out", *lines)
    with pytest.raises(CourseError) as refused:
        run(tmp_path)
    assert words in str(refused.value) and not (tmp_path / "out" / "gradebook.sqlite").exists()


def test_one_student_is_judged_anew_under_any_id_and_nobody_else(tmp_path):
    classroom.hand_in(tmp_path / "in", n1=[ONE], ben=[ONE])
    before, _ = run(tmp_path, roster=CLASS)
    for id in ("new", "N1", "n1"):
        rows, told = run(tmp_path, only=(id,))
        assert told.judged == ["new"] and rows == {name: rows[name] for name in before} and rows["ben"] == before["ben"]
    classroom.hand_in(tmp_path / "in", ben=[ONE, TWO], cem=[ONE])
    rows, told = run(tmp_path, only=("new", "ben"))
    assert sorted(told.judged) == ["ben", "new"] and rows["ben"].score > before["ben"].score
    assert "1 more are new or changed, and stay as they are: grade without --only for them." in told.said
    assert {name: row["status"] for name, row in table(tmp_path / "out").items()} == {"ben": "graded", "new": "graded"}


def test_an_id_that_is_nobodys_grades_nothing(tmp_path):
    classroom.hand_in(tmp_path / "in", ann=[ONE], ben=[ONE])
    with pytest.raises(CourseError, match=r"nobody here is “anm”. Did you mean “ann”\? Nothing was graded\."):
        run(tmp_path, only=("anm",))
    assert not (tmp_path / "out").exists()


def test_whoever_waits_for_a_judgement_is_not_called_absent(tmp_path):
    classroom.hand_in(tmp_path / "in", new=[ONE], ben=[ONE])
    rows, _ = run(tmp_path, roster=CLASS, only=("new",))
    assert rows.keys() == table(tmp_path / "out").keys() == {"new"}


def test_the_roster_of_the_last_run_tells_who_is_absent_and_one_alone_does_not_change_that(tmp_path):
    classroom.hand_in(tmp_path / "in", n1=[ONE])
    run(tmp_path, roster=CLASS)
    run(tmp_path, only=("new",))
    assert {name: row["status"] for name, row in table(tmp_path / "out").items()} == {"ben": ABSENT, "new": "graded"}
    with Gradebook(tmp_path / "out") as book:
        assert json.loads(book.found("here"))["here"] == ["new"]
