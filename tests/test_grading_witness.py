"""Letters are judged in the order that the student saw, whatever was done to the notebook; and doubt is always told."""

import csv
import json
import pickle
import re
from dataclasses import replace

import classroom
import jupytext
import nbformat
import pytest
from typer.testing import CliRunner

from actlab.cli import main
from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import Choice, Status, evaluate, lesson
from actlab.exercises.personal import key, orders
from actlab.grading import gradescope, witness
from actlab.grading.marking import Job, Terms, asked
from actlab.grading.notebook import parse
from actlab.grading.witness import Exhibit, Made, compare
from actlab.learner import Kind

SECRET = b"a long random text"
LAST_YEAR = b"another long random text"
CHOICES = [exercise for exercise in lesson(PRACTICE.number) if isinstance(exercise, Choice)]
IN_THE_COURSE = {choice.id: "".join(choice.options) for choice in CHOICES}


def stored(notebook):
    return json.dumps(notebook).encode()


def without_metadata(notebook):
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    return notebook


def without_marks(notebook):
    """As somebody leaves it who deletes each line that names a student."""
    text = re.sub(r"[^\"]*[Hh]and-out [0-9a-f]{8}[^\"]*", "", json.dumps(notebook))
    return json.loads(text) | {"metadata": {}}


def without_text(notebook):
    return notebook | {"cells": [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]}


def without_checks(notebook):
    cells = [cell for cell in notebook["cells"] if not "".join(cell["source"]).startswith("check(")]
    return notebook | {"cells": cells}


def through_a_script(notebook):
    script = jupytext.writes(notebook, "py:percent")
    return json.loads(nbformat.writes(jupytext.reads(script, "py:percent")))


def through_plain_markdown(notebook):
    """The way through a format that keeps no metadata and no ids."""
    script = jupytext.writes(without_metadata(notebook), "md")
    return json.loads(nbformat.writes(jupytext.reads(script, "md")))


def in_version_3(notebook):
    return json.loads(nbformat.writes(nbformat.convert(notebook, 3), 3))


def reformatted(notebook):
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        cell["source"] = re.sub(r"check\((.*), order=(.*)\)", r"check(\n    \1,\n    order = \2,\n)", source)
    return notebook


def of_an_older_version(notebook):
    """A hand-out from before there were fingerprints."""
    student = notebook["metadata"]["actlab"]["student"]
    return without_marks(notebook) | {"metadata": {"actlab": {"student": student}}}


WAYS = {
    "as it is": lambda notebook: notebook,
    "metadata stripped": without_metadata,
    "marks deleted": without_marks,
    "marks and text deleted": lambda notebook: without_text(without_marks(notebook)),
    "marks and checks deleted": lambda notebook: without_checks(without_marks(notebook)),
    "text deleted": without_text,
    "checks deleted": without_checks,
    "code alone": lambda notebook: without_text(without_checks(notebook)),
    "through a script": through_a_script,
    "through Markdown": through_plain_markdown,
    "version 3": in_version_3,
    "reformatted": reformatted,
    "older": of_an_older_version,
    "older, checks deleted": lambda notebook: without_checks(of_an_older_version(notebook)),
}


def exhibit(row, student, way="as it is", secret=SECRET):
    """The evidence of the notebook that was handed out to a student, where it fills the row of another id."""
    return Exhibit(row, parse(stored(WAYS[way](classroom.solved(secret, student)))).shown)


@pytest.mark.parametrize("row", ["ana", "40001"])
@pytest.mark.parametrize("way", WAYS)
def test_letters_are_judged_in_the_order_that_the_student_saw(way, row):
    finding = witness.alone(exhibit(row, "ana", way), SECRET)
    assert finding.orders == orders(SECRET, "ana")
    named = "marks" not in way
    assert finding.handed_to == ("ana" if named or row == "ana" else "")
    assert finding.made is (Made.OWN if row == "ana" else Made.OTHER if named else Made.UNNAMED)
    assert bool(finding.notes) == (row != "ana")


@pytest.mark.parametrize("way", ["as it is", "metadata stripped", "text deleted", "through Markdown", "version 3"])
def test_the_hand_out_for_everybody_is_judged_as_it_stands_in_the_course(way):
    finding = witness.alone(exhibit("ana", "", way), SECRET)
    assert finding.made is Made.OWN and not finding.notes and not finding.orders


def test_what_shows_nothing_is_judged_as_its_rows_and_says_so():
    bare = parse(classroom.notebook(classroom.answers(SECRET, "ana").values())).shown
    finding = witness.alone(Exhibit("ana", bare), SECRET)
    assert finding.made is Made.BARE and finding.orders == orders(SECRET, "ana")
    assert "“ana”" in finding.notes[0] and "may be wrong" in finding.notes[0]


@pytest.mark.parametrize("id", ["Ana", " ana ", "ANA"])
def test_capitals_and_blanks_make_no_other_student(id):
    assert witness.alone(exhibit(id, "ana"), SECRET).made is Made.OWN


def test_one_letter_spelled_in_two_ways_is_one_student():
    composed, decomposed = "Mu\u0308ller", "M\u00fcller"
    for handed_out, row in ((composed, decomposed), (decomposed, composed)):
        finding = witness.alone(exhibit(row, handed_out), SECRET)
        assert finding.made is Made.OWN and finding.orders == orders(SECRET, handed_out)


# A friend's notebook


@pytest.mark.parametrize("way", ["as it is", "metadata stripped", "marks deleted", "marks and text deleted"])
def test_the_notebook_of_another_student_of_the_class_is_named(way):
    found = compare([exhibit("ana", "ana"), exhibit("ben", "ana", way)], SECRET)
    assert found.of["ana"].notes == () and found.of["ben"].made is Made.CLASSMATE
    assert (
        found.of["ben"].handed_to == "ana" and "“ana”, who is another student of this class" in found.of["ben"].notes[0]
    )
    assert "1 of 2 notebooks was handed out to other ids, 1 to another student of this class." in found.said
    assert not any("ana" in hint for hint in found.of["ben"].hints) and found.of["ben"].hints


def test_a_name_written_into_a_notebook_accuses_nobody():
    claimed = parse(classroom.notebook(["x = 1"], metadata={"actlab": {"student": "ana"}})).shown
    alone = compare([exhibit("101", "ana")], SECRET)
    beside = compare([exhibit("101", "ana"), Exhibit("102", claimed)], SECRET)
    assert beside.of["101"] == alone.of["101"] and beside.of["102"].made is not Made.SHARED


def test_a_student_without_a_notebook_is_one_of_the_class_too():
    found = compare([exhibit("ben", "ben"), exhibit("eve", "dan")], SECRET, silent=["dan"])
    assert found.of["eve"].made is Made.CLASSMATE


def test_one_id_is_not_the_other_name_of_two_students():
    found = compare([exhibit("101", "ana"), exhibit("102", "ana"), exhibit("103", "cem")], SECRET)
    assert [finding.made for finding in found.of.values()] == [Made.SHARED, Made.SHARED, Made.OTHER]
    assert "and so was that of “102”" in found.of["101"].notes[0] and "102" not in "".join(found.of["101"].hints)
    assert "3 of 3 notebooks were handed out to other ids, 2 to an id that others handed in for as well." in found.said
    assert found.of["103"].hints == ()


def test_forged_marks_of_two_stop_no_class_that_shows_no_secret():
    notebook = classroom.SOURCE.parents[1] / "notebooks" / PRACTICE.file
    plain = parse(notebook.read_bytes()).shown
    forged = parse(stored(json.loads(notebook.read_bytes()) | {"metadata": {"actlab": {"fingerprint": "deadbeef"}}}))
    class_ = [Exhibit(f"s{k}", plain) for k in range(3)] + [Exhibit(f"t{k}", forged.shown) for k in range(2)]
    found = compare(class_, SECRET)
    assert [one.made for one in found.of.values()] == [Made.OWN] * 3 + [Made.ALTERED] * 2


def test_the_ids_of_a_platform_are_counted_and_each_row_says_so():
    class_ = [exhibit(f"4000{k}", student) for k, student in enumerate(["ana", "ben", "cem"])]
    found = compare([*class_, exhibit("dora", "dora")], SECRET)
    assert "3 of 4 notebooks were handed out to other ids." in found.said
    noted = [finding.notes[0] for finding in found.of.values() if finding.notes]
    for k, student in enumerate(["ana", "ben", "cem"]):
        assert f"handed out to “{student}” and handed in under “4000{k}”: all is well if" in noted[k]
    assert len(noted) == 3


def test_a_forged_id_is_told_and_stops_nobody():
    forged = json.loads(stored(classroom.solved(SECRET, "ana")).replace(b"for ana", b"for ben"))
    forged["metadata"]["actlab"]["student"] = "ben"
    shown = Exhibit("ben", parse(stored(forged)).shown)
    found = compare([exhibit("cem", "cem"), shown], SECRET)
    assert found.of["ben"].made is Made.ALTERED and "fingerprint says otherwise" in found.of["ben"].notes[0]
    assert found.of["ben"].orders == orders(SECRET, "ana")
    found = compare([exhibit("ana", "ana"), shown], SECRET)
    assert found.of["ben"].made is Made.CLASSMATE and found.of["ben"].handed_to == "ana"


def test_a_friends_text_under_ones_own_name_is_told():
    mixed = classroom.solved(SECRET, "ana")
    mixed["metadata"] = classroom.solved(SECRET, "ben")["metadata"]
    finding = witness.alone(Exhibit("ben", parse(stored(mixed)).shown), SECRET)
    assert finding.orders == orders(SECRET, "ben") and finding.handed_to == "ben"
    assert "order of the options" in finding.notes[0] and "the notebook of “ana”" in finding.notes[1]


def test_the_courses_own_notebook_in_a_class_with_personal_ones_is_told():
    plain = Exhibit("ben", parse((classroom.SOURCE.parents[1] / "notebooks" / PRACTICE.file).read_bytes()).shown)
    found = compare([exhibit("ana", "ana"), plain], SECRET)
    assert found.of["ben"].made is Made.COMMON and found.of["ben"].notes and not found.of["ben"].orders
    assert compare([plain], None) == compare([plain], SECRET) == witness.Findings({"ben": witness.Finding()})


# The secret


def test_a_secret_that_is_forgotten_or_another_one_stops_before_anything():
    ways = {"ana": "as it is", "ben": "metadata stripped", "cem": "older"}
    class_ = [exhibit(f"s{k}", student, way) for k, (student, way) in enumerate(ways.items())]
    with pytest.raises(CourseError, match="3 of 3 notebooks were handed out with a secret: add --secret"):
        compare(class_, None)
    with pytest.raises(CourseError, match=r"another secret than this one \(last year's\?\): s0, s1, s2"):
        compare(class_, LAST_YEAR)
    for one in class_:
        with pytest.raises(CourseError):
            compare([one], None)
    for_all = [exhibit("ana", "")]
    with pytest.raises(CourseError, match="add --secret"):
        compare(for_all, None)
    with pytest.raises(CourseError, match="another secret"):
        compare(for_all, LAST_YEAR)


def test_one_odd_notebook_never_stops_a_class():
    plain = [Exhibit(f"s{k}", parse(classroom.notebook(["x = 1"])).shown) for k in range(2)]
    found = compare([*plain, exhibit("ana", "ana")], None)
    assert found.of["ana"].made is Made.KEYLESS and found.of["ana"].orders == orders(SECRET, "ana")
    assert "1 of 3 notebooks was handed out with a secret and is graded without it." in found.said
    found = compare([*plain, exhibit("ana", "ana")], LAST_YEAR)
    assert found.of["ana"].made is Made.ALTERED and found.of["ana"].orders == orders(SECRET, "ana")
    found = compare([exhibit("ben", "ben"), exhibit("ana", "ana", secret=LAST_YEAR)], SECRET)
    assert found.of["ana"].made is Made.ALTERED and found.of["ben"].made is Made.OWN


def test_a_short_secret_grades_only_what_was_handed_out_with_it():
    short = b"short"
    assert compare([exhibit("ana", "ana", secret=short)], short).of["ana"].made is Made.OWN
    with pytest.raises(CourseError, match="has 5 bytes and needs at least 16"):
        compare([Exhibit("ana", parse(classroom.notebook(["x = 1"])).shown)], short)


def test_a_job_tells_nothing_of_the_secret_or_of_others():
    job = Job("ana", ("x = 1",), Terms(key(SECRET, "ana")), orders(SECRET, "ana"))
    sent = pickle.dumps(job)
    assert SECRET not in sent and SECRET.hex().encode() not in sent
    assert key(SECRET, "ana") != key(SECRET, "ben") and len(key(SECRET, "ana")) == 32
    own = {choice.id: choice.order for choice in asked(job) if isinstance(choice, Choice)}
    assert own == orders(SECRET, "ana") and own != IN_THE_COURSE


def test_what_no_handed_out_notebook_asks_for_is_told():
    cut = classroom.solved(SECRET, "")
    cut["cells"] = [cell for cell in cut["cells"] if "straightness" not in "".join(cell["source"])]
    found = compare([Exhibit("ana", parse(stored(cut)).shown)], SECRET)
    assert "`straightness`" in found.said[0] and "3 of 100 points" in found.said[0]
    assert not compare([exhibit("ana", "")], SECRET).said
    assert not compare([Exhibit("ana", parse(classroom.notebook(["x = 1"])).shown)], None).said


def test_another_number_of_options_is_told():
    shown = parse(stored(classroom.solved(SECRET, "ana"))).shown
    lists = [one for one in shown.lists if len(one) != len(CHOICES[0].options)]
    fewer = replace(shown, orders=shown.orders | {"q1_reason": "cab"}, lists=tuple(lists))
    found = compare([Exhibit("ana", fewer), exhibit("ben", "ben")], SECRET)
    assert found.said == (
        "1 of 2 notebooks does not show as many options for `q1_reason` as this course has: their letters may be "
        "judged wrongly. Hand out and grade with the same course.",
    )
    assert not compare([Exhibit("ana", shown), exhibit("ben", "ben")], SECRET).said


# A class, from the command to the tables


def run(*options):
    return CliRunner().invoke(main, ["grade", *map(str, options)], env={"COLUMNS": "300"})


def test_a_class_is_graded_by_what_its_notebooks_show(tmp_path):
    names = {"40001": ("ana", "through a script"), "40002": ("ana", "marks deleted"), "40003": ("cem", "as it is")}
    folder = tmp_path / "in"
    folder.mkdir()
    for id, (student, way) in names.items():
        data = stored(WAYS[way](classroom.solved(SECRET, student)))
        (folder / f"name_{id}_9{id}_hw.ipynb").write_bytes(data)
    (tmp_path / "key").write_bytes(b"\xef\xbb\xbf" + SECRET + b"\r\n")
    (tmp_path / "old").write_bytes(LAST_YEAR)
    out = tmp_path / "out"
    for options, words in (((), "add --secret"), (("--secret", tmp_path / "old"), "another secret")):
        refused = run(folder, "--out", out, *options)
        assert refused.exit_code == 1 and words in refused.stderr and not (out / "grades.csv").exists()
    shown = run(folder, "--out", tmp_path / "none", "--secret", tmp_path / "key", "--dry-run")
    assert "handed out to “cem” and handed in under “40003”" in shown.stdout
    counted = "3 of 3 notebooks were handed out to other ids, 2 to an id that others handed in for as well."
    assert counted in shown.stdout and not (tmp_path / "none").exists()
    assert run(folder, "--out", out, "--dry-run").exit_code == 1
    done = run(folder, "--out", out, "--secret", tmp_path / "key")
    assert done.exit_code == 0, done.stderr
    assert counted in " ".join(done.stderr.split())
    with (out / "grades.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["student"]: row["score"] for row in csv.DictReader(stream)} == dict.fromkeys(names, "100")
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "handed out to “cem” and handed in under “40003”" in report
    assert "handed out to “ana”, and so was that of “40002”" in report
    assert "A notebook made for the same student: 40002" in report
    for path in folder.iterdir():
        path.write_bytes(classroom.notebook(["x = 1"]))
    refused = run(folder, "--out", out)
    assert refused.exit_code == 1 and "was graded under another secret" in refused.stderr
    with (out / "grades.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["score"] for row in csv.DictReader(stream)} == {"100"}


def test_on_gradescope_the_instructor_reads_for_whom_the_notebook_was_made(tmp_path, capsys):
    (tmp_path / "source").mkdir()
    settings = {"secret": SECRET.hex(), "personal": True, "sandbox": "none"}
    (tmp_path / "source" / "settings.json").write_text(json.dumps(settings))
    (tmp_path / "submission_metadata.json").write_text('{"users": [{"id": 1, "sid": "4711"}]}')
    classroom.hand_in(tmp_path / "submission", hw=stored(classroom.solved(SECRET, "ana")))
    gradescope.main(tmp_path)
    results = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert results["score"] == 100 and "ana" not in results["output"] and results["stdout_visibility"] == "hidden"
    assert "handed out to “ana” and handed in under “4711”" in capsys.readouterr().out


@pytest.mark.parametrize("said", ["{}", " {} ", "({})", "{})", "{}.", "({}).", "[{}]", "\t{}\n"])
def test_a_letter_is_a_letter_in_brackets_or_capitals_or_with_a_full_stop(said):
    for choice in CHOICES:
        for answer in (said.format(choice.right[0]), said.format(choice.right[0].upper())):
            assert evaluate(choice, lambda answer=answer: answer).status is Status.RIGHT
        assert evaluate(choice, lambda: "()").kind is Kind.TYPE
