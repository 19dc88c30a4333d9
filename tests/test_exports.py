"""What goes back to Canvas and Moodle is read here as they read it (importers.py), line by line."""

import csv
import io
import json
import os
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import classroom
import importers
import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importers import EXCUSED, CanvasGradebook, MoodleWorksheet, Refused
from layouts import DOWNLOADS
from typer.testing import CliRunner

from actlab import cli
from actlab import roster as rosters
from actlab.course import PRACTICE
from actlab.exercises import Score, Status, lesson
from actlab.grading import adjust, exports, giveback, reports, run
from actlab.grading.exports import Delivery, given_back
from actlab.grading.gradebook import Grade, Gradebook
from actlab.grading.marking import Terms
from actlab.grading.row import begun
from actlab.grading.run import Order
from actlab.grading.standing import Rules, of_class, stand
from actlab.grading.witness import Finding
from actlab.roster import Person, Roster
from actlab.sheets import guarded

ASKED = lesson(PRACTICE.number)
RULES = Rules(ASKED)
SECRET = b"a secret that nobody guesses"
ASSIGNMENT = "Homework 3 (8123)"
IN_CANVAS = {8123: "Homework 3", 8124: "Homework 4"}
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def scored(row, k):
    """The row with the points of the first k names, if it is graded."""
    results = [replace(e.result(Status.RIGHT), parts={"": Score(e.points, e.points)}) for e in ASKED[:k]]
    earned = sum(result.points for result in results)
    return replace(row, results=results, score=earned) if row.status == "graded" else row


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """Layout -> the rows of the class that came in it, with a score of its own for each, nothing of it run."""
    found = {}
    with run.readers(Order()) as reading:
        for layout, download in DOWNLOADS.items():
            folder = tmp_path_factory.mktemp(layout)
            intake = run.take_in(download.folder(folder / "in"), folder / "out", reading)
            terms = Terms(SECRET)
            rows = [begun(one, Finding(), terms)[0] for _, one in intake.handed_in]
            found[layout] = [scored(row, k + 1) for k, row in enumerate(rows)]
    return found


def text(table, standings, rules=RULES, delivery=None):
    """A table as the text that is written."""
    stream = io.StringIO()
    rows = list(
        table(
            standings,
            rules,
            delivery
            or Delivery(ASSIGNMENT, dict.fromkeys((one.student for one in standings), NOON.strftime(exports.MOMENT))),
        )
    )
    assert len({len(row) for row in rows}) == 1
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def scores(standings):
    """Student -> the points to give back, for those who have some."""
    return {one.student: one.shown.score for one in standings if one.counts}


def roster(**columns):
    """The roster of a class, from its columns."""
    many = len(next(iter(columns.values())))
    return Roster(tuple(Person(**{name: cells[k] for name, cells in columns.items()}) for k in range(many)))


# --- Canvas -----------------------------------------------------------------------------------------------------------


def test_canvas_finds_everybody_of_its_own_download_by_its_own_number(classes):
    standings = of_class(classes["canvas"], RULES)
    course = CanvasGradebook({int(one.student): (f"Student {k}", "", "") for k, one in enumerate(standings)}, IN_CANVAS)
    which, found = course.read(text(exports.canvas, standings))
    assert which == 8123 and not course.new and not course.unknown and course.possible == 100
    expected = scores(standings)
    assert found == {int(one.student): expected.get(one.student) for one in standings}
    assert None in found.values() and len(set(found.values())) > 5


@pytest.mark.parametrize("place", [1, 2], ids=["SIS id", "login"])
@pytest.mark.parametrize("layout", ["plain", "nested"])
def test_canvas_finds_a_plain_id_whether_it_is_the_sis_id_or_the_login(classes, layout, place):
    standings = of_class(classes[layout], RULES)
    people = {700 + k: ["", "", ""] for k in range(len(standings))}
    for person, one in zip(people.values(), standings, strict=True):
        person[place] = one.student
    course = CanvasGradebook(people, IN_CANVAS)
    _, found = course.read(text(exports.canvas, standings))
    assert not course.unknown and list(found) == list(people)
    assert list(found.values()) == [scores(standings).get(one.student) for one in standings]


def test_a_matriculation_number_is_never_taken_for_canvas_own_number_and_keeps_its_zeros():
    """Canvas reads 00912345 in its column ID as its user 912345, who is somebody else."""
    row = scored(Grade("00912345", "x", "graded", 0, 100, layout="a folder", handed_in_as=["00912345"]), 5)
    course = CanvasGradebook({912345: ("Somebody Else", "77", "x"), 4: ("Doe, Jane", "00912345", "jdoe")}, IN_CANVAS)
    _, found = course.read(text(exports.canvas, [stand(row, RULES)]))
    assert list(found) == [4] and found[4] > 0


def test_numbers_of_another_platform_are_nobodys_in_canvas(classes):
    standings = of_class(classes["moodle"], RULES)
    rows = [*csv.reader(io.StringIO(text(exports.canvas, standings)))][2:]
    assert rows and all(row[1:4] == ["", "", ""] for row in rows)


def test_canvas_own_export_as_the_roster_brings_names_sections_ids_and_those_who_did_not_hand_in(tmp_path, classes):
    lines = ["Student,ID,SIS User ID,SIS Login ID,Section,Homework 3 (8123)", "    Points Possible,,,,,100"]
    lines += [f'"Doe, J{k}",{900 + k},00{k},u{k}@example.org,Group {k % 2},' for k in range(14)]
    (tmp_path / "canvas.csv").write_text("\n".join(lines), "utf-8")
    known = rosters.read(tmp_path / "canvas.csv", "SIS User ID")
    rows = [replace(row, student=f"00{k}", layout="a file") for k, row in enumerate(classes["canvas"])]
    standings = of_class(rows, RULES, known)
    course = CanvasGradebook({900 + k: (f"Doe, J{k}", f"00{k}", f"u{k}@example.org") for k in range(14)}, IN_CANVAS)
    written = text(exports.canvas, standings)
    _, found = course.read(written)
    assert sorted(found) == sorted(course.students) and not course.unknown
    assert found[912] is None and found[913] is None and "Group 1" in written
    assert [value for value in found.values() if value is not None] == [*scores(standings).values()]


def test_who_is_excused_is_excused_in_canvas_and_whoever_withdrew_is_not_in_it(tmp_path):
    (tmp_path / "adjust.csv").write_text("student,item\nann,excused\nben,withdrawn\n", "utf-8")
    rules = replace(RULES, adjustments=adjust.read(tmp_path, ASKED))
    rows = [scored(Grade(name, "x", "graded", 0, 100), 9) for name in ("ann", "ben", "cem")]
    course = CanvasGradebook({k: ("", "", name) for k, name in enumerate(("ann", "ben", "cem"))}, IN_CANVAS)
    _, found = course.read(text(exports.canvas, of_class(rows, rules), rules))
    assert found[0] == EXCUSED and 1 not in found and found[2] > 0


def test_without_the_assignments_own_name_canvas_offers_a_new_column():
    standings = [stand(scored(Grade("ann", "x", "graded", 0, 100), 3), RULES)]
    for assignment, which in (("Homework 4", 8124), ("Homework 9 (8124)", 8124), (exports.ASSIGNMENT, None)):
        course = CanvasGradebook({1: ("", "ann", "")}, IN_CANVAS)
        assert course.read(text(exports.canvas, standings, delivery=Delivery(assignment)))[0] == which
        assert bool(course.new) == (which is None)


ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def importable(id):
    """Whether an id can stand in Canvas's file at all: Canvas changes 1.2.3, and a formula gets its apostrophe."""
    return id == exports._line(id) == guarded(id) == CanvasGradebook._number(id)


@given(
    st.lists(
        st.tuples(ANYTHING.filter(lambda id: id and importable(id)), ANYTHING),
        min_size=1,
        max_size=8,
        unique_by=lambda one: rosters.folded(one[0]),
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_students_are_called_each_has_a_line_and_no_line_is_somebody_elses(people):
    rows = [scored(Grade(id, "x", "graded", 0, 100, name=name), k + 1) for k, (id, name) in enumerate(people)]
    standings = of_class(rows, RULES, roster(id=[id for id, _ in people], name=[name for _, name in people]))
    course = CanvasGradebook({k: ("?", id, "") for k, (id, _) in enumerate(people)}, IN_CANVAS)
    _, found = course.read(text(exports.canvas, standings))
    assert not course.unknown and found == {k: standings_of(standings)[id] for k, (id, _) in enumerate(people)}
    gradebook = text(exports.moodle_gradebook, standings).encode()
    assert importers.moodle_gradebook(gradebook, "ID number", {id: id for id, _ in people}, 100) == scores(standings)


def standings_of(standings):
    return {one.student: one.shown.score for one in standings}


# --- Moodle -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["moodle", "moodle_flat"])
def test_moodle_takes_each_grade_of_its_own_download_and_no_blank(classes, layout):
    standings = of_class(classes[layout], RULES)
    sheet = MoodleWorksheet(range(6990, 7030), 100)
    written = sheet.read(text(exports.moodle, standings).encode())
    assert written == {int(student): score for student, score in scores(standings).items()}
    assert 5 < len(written) < len(standings) and not sheet.comments


@pytest.mark.parametrize("layout", ["canvas", "blackboard", "plain", "nested"])
def test_no_id_but_moodles_own_is_a_participant(classes, layout):
    assert text(exports.moodle, of_class(classes[layout], RULES)).count("\n") == 1
    assert MoodleWorksheet([], 100).read(text(exports.moodle, of_class(classes[layout], RULES)).encode()) == {}


def test_moodles_own_worksheet_as_the_roster_makes_everybody_a_participant(tmp_path):
    lines = ["Identifier,Full name,ID number,Email address,Status,Grade", "Participant 31,Ann Lee,a1,ann@example.org,,"]
    (tmp_path / "Grades.csv").write_text("\n".join([*lines, "Participant 32,Ben Öz,b2,ben@example.org,,"]), "utf-8")
    known = rosters.read(tmp_path / "Grades.csv", "ID number")
    standings = of_class([scored(Grade("b2", "x", "graded", 0, 100, layout="a folder"), 4)], RULES, known)
    assert MoodleWorksheet([31, 32], 100).read(text(exports.moodle, standings).encode()) == {
        32: scores(standings)["b2"]
    }
    gradebook = text(exports.moodle_gradebook, standings).encode()
    for column, users in (("ID number", {"b2": 2}), ("Email address", {"ben@example.org": 2})):
        assert importers.moodle_gradebook(gradebook, column, users, 100) == {2: scores(standings)["b2"]}


def test_a_grade_that_was_changed_in_moodle_afterwards_stays_and_one_that_changed_here_goes_in(tmp_path):
    rows = [replace(scored(Grade(id, "x", "graded", 0, 100), 5), layout="Moodle", handed_in_as=[id]) for id in "78"]
    with Gradebook(tmp_path) as book:

        def delivered(rows, now):
            standings = of_class(rows, RULES)
            return text(exports.moodle, standings, delivery=exports.delivery(book, standings, now)).encode()

        first = delivered(rows, NOON)
        five = next(iter(MoodleWorksheet([7, 8], 100).read(first).values()))
        assert delivered(rows, NOON + timedelta(days=1)) == first, "the moment is that of the score, not of the run"
        in_moodle = {7: (33.0, NOON + timedelta(hours=2)), 8: (five, NOON + timedelta(hours=1))}
        assert MoodleWorksheet([7, 8], 100, in_moodle).read(first) == {}
        assert MoodleWorksheet([7, 8], 100, in_moodle).read(first, ignore_modified=True) == {7: five}
        again = delivered([rows[0], scored(rows[1], 6)], NOON + timedelta(days=2))
        (changed,) = MoodleWorksheet([7, 8], 100, in_moodle).read(again).items()
        assert changed[0] == 8 and changed[1] > five
        book.keep(exports.KEPT_SINCE, b"[1, 2")
        assert MoodleWorksheet([7, 8], 100).read(delivered(rows, NOON)) == {7: five, 8: five}


def test_comments_go_to_moodle_where_there_is_one_and_else_there_is_no_column_that_would_wipe_hers(tmp_path):
    (tmp_path / "adjust.csv").write_text('student,item,points,comment\n7,comment,,"=Well, done\n\\"\n', "utf-8")
    rules = replace(RULES, adjustments=adjust.read(tmp_path, ASKED))
    rows = [replace(scored(Grade(id, "x", "graded", 0, 100), 5), layout="Moodle", handed_in_as=[id]) for id in "78"]
    sheet = MoodleWorksheet([7, 8], 100)
    sheet.read(text(exports.moodle, of_class(rows, rules), rules).encode())
    assert sheet.comments[7].startswith("'=Well, done") and sheet.comments[8] == ""
    assert "Feedback comments" not in text(exports.moodle, of_class(rows, RULES))


def test_moodles_gradebook_has_no_line_that_would_end_the_import_or_take_a_grade_away(classes):
    """One student whom Moodle does not find, and nothing is imported; a blank is “no grade”."""
    plain = of_class(classes["nested"], RULES)
    data = text(exports.moodle_gradebook, plain).encode()
    assert importers.moodle_gradebook(data, "ID number", {one.student: one.student for one in plain}, 100) == scores(
        plain
    )
    with pytest.raises(Refused, match="usermappingerror"):
        importers.moodle_gradebook(data, "ID number", {}, 100)
    known = roster(id=["ann", "ben"], email=["a@example.org", "b@example.org"], login=["al", ""])
    rows = [scored(Grade(name, "x", "graded", 0, 100), 5) for name in ("ann", "ben", "stranger")]
    standings = of_class(rows, RULES, known)
    data = text(exports.moodle_gradebook, standings).encode()
    assert importers.csv_of_moodle(data)[0] == ["ID number", "Email address", "Full name", "Grade"]
    for column, users in (
        ("ID number", {"ann": 1, "ben": 2}),
        ("Email address", {"a@example.org": 1, "b@example.org": 2}),
    ):
        assert importers.moodle_gradebook(data, column, users, 100) == {
            1: scores(standings)["ann"],
            2: scores(standings)["ben"],
        }
    nobody = of_class(classes["moodle"], RULES)
    assert importers.csv_of_moodle(text(exports.moodle_gradebook, nobody).encode()) == [
        ["ID number", "Full name", "Grade"]
    ]


# --- one's own --------------------------------------------------------------------------------------------------------


def test_the_first_columns_of_grades_csv_are_for_good_and_the_rosters_stand_behind_the_names():
    known = roster(id=["ann", "ben"], name=["Lee, Ann", "Öz, Ben"], email=["ann@example.org", ""], section=["A", "B"])
    rows = [scored(replace(Grade("ann", "x", "graded", 0, 100), layout="Canvas", handed_in_as=["77"], late=True), 5)]
    head, ann, ben = csv.reader(io.StringIO(text(exports.table, of_class(rows, RULES, known))))
    names = [exercise.name for exercise in ASKED]
    assert head[: 4 + len(names)] == ["student", "status", "score", "max_score", *names]
    assert head[4 + len(names) :] == ["name", "email", "section", "handed_in_as", "late"]
    assert ann[-5:] == ["Lee, Ann", "ann@example.org", "A", "77", "late"]
    assert ben[:3] == ["ben", "absent", ""] and ben[-5:] == ["Öz, Ben", "", "B", "", ""]


# --- feedback ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def packed(tmp_path, classes):
    """Give a class's feedback back, from the pages of its standings."""

    def pack(layout, rules=RULES, everything=False, known=None):
        rows = classes[layout] if isinstance(layout, str) else layout
        standings = reports.write(tmp_path, of_class(rows, rules, known), rules)
        with Gradebook(tmp_path) as book:
            return giveback.pack(tmp_path, standings, book, everything), standings

    pack.folder = tmp_path
    return pack


def uploads_of(download):
    """Canvas's uploads in a download: number -> (user, the name that the student gave the file)."""
    found = (re.match(r".*?_(\d{5})_(\d{5})_(.+)", path.partition("/")[0]) for path in download.files)
    return {int(one[2]): (int(one[1]), one[3]) for one in found if one}


def test_canvas_finds_the_upload_that_each_page_answers(packed):
    given, standings = packed("canvas")
    uploads = uploads_of(DOWNLOADS["canvas"])
    names = importers.names_in(packed.folder / giveback.CANVAS)
    found, ignored = importers.canvas_feedback(names, uploads)
    assert not ignored and not given.unknown
    assert sorted(found) == sorted(int(one.student) for one in standings) and all(
        len(one) == 1 for one in found.values()
    )
    assert given.files == {giveback.PLAIN: len(standings), giveback.CANVAS: len(standings)}
    with zipfile.ZipFile(packed.folder / giveback.CANVAS) as archive:
        for ((name, shown),) in found.values():  # the student sees it under the name of what they handed in
            data = archive.read(name)
            if shown.endswith(".ipynb"):
                cell = nbformat.reads(data.decode(), as_version=4).cells[0]
                assert cell.source.startswith("<h1>") and "\n\n" not in cell.source and "$" not in cell.source
            elif shown.endswith(".zip"):
                assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["feedback.html"]
            else:
                assert data.startswith(b"<!doctype html>")


@pytest.mark.parametrize(
    "upload",
    [
        "doe_jane_LATE_101_9001_link.ipynb",
        "anon_101_9001_hw.ipynb",
        "x_3_doe_101_9001_hw_7.ipynb",
        "é_101_9001_.zip",
        "3!_101_9001_x",
        "\udcff_101_9001_a.ipynb",
    ],
)
def test_no_name_of_a_student_or_a_file_misleads_canvas(packed, upload):
    row = Grade("101", "x", "graded", 0, 100, layout="Canvas", handed_in_as=["101"], upload=upload)
    packed([row])
    names = importers.names_in(packed.folder / giveback.CANVAS)
    found, ignored = importers.canvas_feedback(names, {9001: (101, "hw.ipynb")})
    assert list(found) == [101] and not ignored


def test_what_was_no_upload_in_canvas_is_named_and_has_no_file(packed):
    rows = [Grade(id, "x", "graded", 0, 100, layout="Canvas", handed_in_as=[id]) for id in ("101", "102")]
    given, _ = packed([replace(rows[0], upload="doe_101_9001_x.ipynb"), replace(rows[1], upload="lee_102_text.html")])
    assert given.unknown == {giveback.CANVAS: ["102"]} and given.files[giveback.CANVAS] == 1


@pytest.mark.parametrize("layout", ["moodle", "moodle_flat"])
def test_moodle_finds_the_participant_of_each_page_and_replaces_the_one_before(packed, layout):
    given, standings = packed(layout)
    found, ignored = importers.moodle_feedback(importers.names_in(packed.folder / giveback.MOODLE), range(6990, 7030))
    assert not ignored and not given.unknown and giveback.CANVAS not in given.files
    assert found == {int(one.student): ["feedback.html"] for one in standings}


@given(st.lists(ANYTHING, min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_moodle_finds_the_participant_whatever_students_are_called(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("moodle")
    rows = [
        Grade(f"{k}", "x", "missing", 0, 9, "", name=name, layout="Moodle", handed_in_as=[f"{k}"])
        for k, name in enumerate([*names, "\udcff_1_assignsubmission_file_"], 5)  # in no encoding that a zip knows
    ]
    with Gradebook(folder) as book:
        giveback.pack(folder, reports.write(folder, of_class(rows, RULES), RULES), book)
    written = importers.names_in(folder / giveback.MOODLE)
    assert importers.moodle_feedback(written, range(5, 11)) == (
        {int(row.student): ["feedback.html"] for row in rows},
        [],
    )
    assert not any(set('\\/:*?"<>|') & set(name) for name in written)


def test_a_list_for_a_mail_merge_holds_those_whose_address_is_known(packed):
    known = roster(
        id=["ann", "ben", "cem"], name=["=Ann", "Ben", "Cem"], email=["ann@example.org", "", "c@example.org"]
    )
    rows = [scored(Grade(name, "x", "graded", 0, 100), 5) for name in ("ann", "ben")]
    given, standings = packed(rows, known=known)
    assert given.files == {giveback.PLAIN: 2, giveback.MAIL: 1}
    head, line = csv.reader((packed.folder / giveback.MAIL).read_text("utf-8").splitlines())
    assert line == ["ann", "'=Ann", "ann@example.org", "feedback/ann.html", given_back(standings[0]), "100"]
    assert (packed.folder / line[head.index("file")]).is_file()
    packed([replace(rows[0], score=1, sentence="x")])
    assert not (packed.folder / giveback.MAIL).exists(), "an earlier one would be of others"


def test_only_what_changed_goes_back_again(tmp_path):
    classroom.hand_in(tmp_path / "in", **{name: [f"import numpy as np\n{name} = 1"] for name in ("ann", "ben", "cem")})
    out = tmp_path / "out"
    run.grade(tmp_path / "in", out, Order(SECRET, sandbox="none"))
    assert (out / reports.CHANGED).read_text("utf-8").split() == ["ann", "ben", "cem"]
    for path in (out / "feedback").iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))

    def given(*options):
        done = CliRunner().invoke(cli.main, ["give-back", "--out", f"{out}", *options])
        assert done.exit_code == 0, done.output
        return sorted(importers.names_in(out / giveback.PLAIN)), done.output

    assert given()[0] == ["ann.html", "ben.html", "cem.html"]
    before = (out / giveback.PLAIN).read_bytes()
    names, said = given()
    assert (
        "No feedback changed since it was given back (3 pages)" in said
        and before == (out / giveback.PLAIN).read_bytes()
    )
    (out / "adjust.csv").write_text("student,item,points,comment\nben,bonus,3,For the proof.\n", "utf-8")
    names, said = given("--assignment", ASSIGNMENT)
    assert names == ["ben.html"] and "“ben”" in said and "ann" not in said
    assert (out / reports.CHANGED).read_text("utf-8") == "ben\n"
    assert {path.name for path in (out / "feedback").iterdir() if path.stat().st_mtime > 1_700_000_000} == {"ben.html"}
    assert given("--all")[0] == ["ann.html", "ben.html", "cem.html"]
    run.grade(tmp_path / "in", out, Order(SECRET, sandbox="none"))
    assert (out / reports.CHANGED).read_text("utf-8") == "" and given()[0] == ["ann.html", "ben.html", "cem.html"]
    assert (out / "canvas.csv").read_text("utf-8").splitlines()[0].endswith(ASSIGNMENT), "the gradebook keeps it"
    with Gradebook(out) as book:
        book.keep(giveback.KEPT, b'{"ann": 1')
    assert given()[0] == ["ann.html", "ben.html", "cem.html"]


@pytest.mark.parametrize(("deadline", "whose"), [("2100-01-01", "The scores of 2 students are without"), (None, "")])
def test_scores_that_go_back_before_the_deadline_are_said_to_lack_what_is_withheld(tmp_path, deadline, whose):
    classroom.hand_in(tmp_path / "in", ann=["x = 1"], ben=["x = 1"])
    moment = datetime.fromisoformat(deadline) if deadline else None
    run.grade(tmp_path / "in", tmp_path / "out", Order(SECRET, sandbox="none", deadline=moment))
    said = CliRunner().invoke(cli.main, ["give-back", "--out", f"{tmp_path / 'out'}"]).output
    assert ("withheld until the deadline" in said) == bool(whose) and whose in said


def test_a_folder_without_grades_is_named(tmp_path):
    done = CliRunner().invoke(cli.main, ["give-back", "--out", f"{tmp_path / 'nothing'}"])
    assert done.exit_code == 1 and not (tmp_path / "nothing").exists()


def test_a_page_as_a_notebook_is_one_block_that_calculates_nothing():
    page = "<html><main>\n  <h1>ann</h1>\n\n    <p>costs $1 and $2</p>\n</main></html>"
    made = json.loads(giveback.notebook(page))
    nbformat.validate(nbformat.from_dict(made))
    assert made["cells"][0]["source"] == "<h1>ann</h1>\n<p>costs &#36;1 and &#36;2</p>"
