"""Rosters as platforms and offices export them: each is read as what it is, or refused with its line and column."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from actlab import roster
from actlab.cli import main
from actlab.errors import CourseError

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (771)
,,,,,Manual Posting
    Points Possible,,,,,100
"Diaz, Ana",40001,00912345,adiaz,Monday,
"Berg, Ben",40002,00912346,bberg,Tuesday,
"Student, Test",40099,,8f3a,Monday,
"""
PARTICIPANTS = """First name,Last name,ID number,Email address,Groups
Ana,Diaz,00912345,ana@example.org,Monday
Ben,Berg,00912346,ben@example.org,Tuesday
"""
WORKSHEET = """Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (grade),Feedback comments
Participant 201,Ana Diaz,ana@example.org,Submitted,,100.00,-,
Participant 202,Ben Berg,ben@example.org,Submitted,,100.00,-,
"""
GRADESCOPE = """Name,SID,Email,Role,Sections
Ana Diaz,00912345,ana@example.org,Student,Monday
Ben Berg,00912346,ben@example.org,Student,Tuesday
Cem Kurt,9,cem@example.org,TA,
"""
OFFICE = (
    "Matrikelnummer;Nachname;Vorname;E-Mail\r\n00912345;Diaz;Ana;ana@example.org\r\n00912346;Berg;Ben;ben@example.org"
)


def read(tmp_path, text, column="", encoding="utf-8"):
    path = tmp_path / "class.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return roster.read(path, column)


@pytest.mark.parametrize(
    ("text", "ids", "column"),
    [
        (CANVAS, ["40001", "40002"], "ID"),
        (PARTICIPANTS, ["00912345", "00912346"], "ID number"),
        (WORKSHEET, ["201", "202"], "Identifier"),
        (GRADESCOPE, ["00912345", "00912346"], "SID"),
        (OFFICE, ["00912345", "00912346"], "Matrikelnummer"),
        ("Username\tEmail address\nadiaz\ta@x.org\nbberg\tb@x.org\n", ["adiaz", "bberg"], "Username"),
        ("Email address,First name\nana@x.org,Ana\n", ["ana@x.org"], "Email address"),
        ("user_id,login_id,full_name\n7,adiaz,Ana Diaz\n", ["7"], "user_id"),
        ("sep=;\nid;name\njdoe;Jane\n", ["jdoe"], "id"),
        ("ana\nben\n", ["ana", "ben"], ""),
        ("\ufeffid,name\r\nana,Ana\r\n\r\nben,Ben\r\n", ["ana", "ben"], "id"),
        ("Müller-7\n s 12 \n", ["Müller-7", "s 12"], ""),
        ("student_id\n7\n", ["7"], "student_id"),
    ],
)
def test_every_usual_list_is_read_by_its_headings(tmp_path, text, ids, column):
    found = read(tmp_path, text)
    assert [person.id for person in found.people] == ids and found.column == column


@pytest.mark.parametrize("text", [CANVAS, PARTICIPANTS, GRADESCOPE, OFFICE])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_plays_no_part(tmp_path, text, encoding):
    text = text.replace("Ana", "Änne").replace("ana@", "aenne@")
    found = read(tmp_path, text, encoding=encoding)
    assert found.people == read(tmp_path, text).people and any("Änne" in person.name for person in found.people)
    assert bool(found.notes) == (encoding == "cp1252")


def test_names_mail_section_and_every_id_come_along(tmp_path):
    ana = read(tmp_path, CANVAS).people[0]
    assert ana[:8] == ("40001", "Diaz, Ana", "", "Monday", "40001", "00912345", "adiaz", "")
    ana = read(tmp_path, PARTICIPANTS).people[0]
    assert (ana.name, ana.email, ana.section) == ("Ana Diaz", "ana@example.org", "Monday")
    assert read(tmp_path, WORKSHEET).people[1].moodle == "202"


def test_what_is_no_student_is_left_out_and_said(tmp_path):
    assert read(tmp_path, CANVAS).left_out == (
        "“Manual Posting” (line 2)",
        "“Points Possible” (line 3)",
        "“Student, Test” (line 6)",
    )
    assert read(tmp_path, GRADESCOPE).left_out == ("“Cem Kurt”, ta (line 4)",)


@pytest.mark.parametrize("column", ["SIS Login ID", "sis login id", "4"])
def test_the_column_of_the_ids_can_be_chosen_by_heading_or_number(tmp_path, column):
    assert [person.id for person in read(tmp_path, CANVAS, column).people] == ["adiaz", "bberg"]


def test_a_column_that_is_not_filled_for_all_gives_way_to_one_that_is_and_this_is_said(tmp_path):
    found = read(tmp_path, PARTICIPANTS.replace("00912346", ""))
    assert [person.id for person in found.people] == ["ana@example.org", "ben@example.org"]
    assert found.notes == ("The ids are those of “Email address”, since “ID number” is empty in line 3.",)


def test_a_list_without_headings_needs_a_word_on_its_columns(tmp_path):
    text = "jdoe;Jane\nbberg;Ben\n"
    with pytest.raises(CourseError, match=r"line 1: none of its headings is known.*--id 1 for the first"):
        read(tmp_path, text)
    assert [person.id for person in read(tmp_path, text, "1").people] == ["jdoe", "bberg"]
    assert [person.id for person in read(tmp_path, "Kennzahl;Name\n7;Jane\n", "Kennzahl").people] == ["7"]


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("id,name\nana,A\nben,B\nAna,C\n", "", "line 4, column “id”: “Ana” stands in line 2 too."),
        ("id,name\ne\u0301,A\n\u00e9,B\n", "", "line 3, column “id”: “é” stands in line 2 too."),
        ("id,name\nana,A\n,B\n", "", "line 3, column “id”: there is no id."),
        ("id,name\nana,A\n,B\n", "id", "line 3, column “id”: there is no id."),
        ("ana\nben\nana\n", "", "line 3, column 1: “ana” stands in line 1 too."),
        ("id\n" + "x" * 101, "", "longer than 100 characters"),
        ("First name,Section\nAna,1\n", "", "line 1: no heading says where the ids are. Say it: --id one of “First"),
        ("id,name\nana,A\n", "login", "has no column “login”: --id takes one of “id”, “name”."),
        ("id,id\n1,2\n", "id", "2 columns “id”: --id takes a number as well."),
        ('id,name\nana,"A\nben,B\n', "", "line 2, cannot be read"),
        ("id,name\n    Points Possible,\n", "", "names no student."),
        (" \n", "", "names no student."),
        (b"PK\x03\x04rest", "", "is a spreadsheet or a zip: save it as CSV (UTF-8)."),
        (b"id\n\x81\x8d\x8f\n", "", "its encoding is not known. Save it as CSV (UTF-8)."),
        (b"\xff\xfe\x00\xd8", "", "its encoding is not known."),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_line_and_column(tmp_path, text, column, said):
    with pytest.raises(CourseError) as refused:
        read(tmp_path, text, column)
    assert said in f"{refused.value}" and "class.csv" in f"{refused.value}"


@pytest.mark.parametrize(
    "id",
    ["CON", "nul.txt", "=1+1", "＝1", "-x", "@a", "+1", "../up", "a/b", ".", "..", ".hidden", "a:b", "end.", "a\tb"],
)
def test_an_id_that_names_no_folder_or_is_a_formula_is_refused_with_its_line(tmp_path, id):
    found = roster.Roster((roster.Person("ana", line=2), roster.Person(id, line=3)), "id", path="class.csv")
    with pytest.raises(CourseError, match=r"^the roster class\.csv, line 3: “"):
        roster.require_folders(found)


def test_a_student_is_found_by_any_of_their_ids_and_by_a_name_that_nobody_shares(tmp_path):
    found = read(tmp_path, CANVAS, "SIS User ID")
    for id in ("00912345", "40001", "ADIAZ"):
        assert found.person(id).id == "00912345"
    assert found.person("201", "Ana Diaz").id == "00912345" and found.person("201", "Ana  díaz") is None
    found = read(tmp_path, PARTICIPANTS.replace("Ben,Berg", "Ana,Diaz"))
    assert found.person("201", "Ana Diaz") is None and found.person("ana").id == "00912345"


def test_an_id_that_is_somebodys_own_is_never_taken_for_another_id_of_somebody_else(tmp_path):
    found = read(tmp_path, "id,login\n7,8\n8,9\n")
    assert [found.person(id).id for id in ("7", "8", "9")] == ["7", "8", "8"]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode), column=st.sampled_from(["", "1", "id"]))
def test_whatever_is_in_the_file_it_is_a_class_or_a_sentence(tmp_path, data, column):
    try:
        found = read(tmp_path, data, column)
    except CourseError as refused:
        assert f"{refused}".startswith(f"the roster {tmp_path / 'class.csv'}")
    else:
        ids = [roster.folded(person.id) for person in found.people]
        assert ids and all(ids) and len(set(ids)) == len(ids)


CELLS = st.text(st.characters(categories=["L", "N"], exclude_characters="\u0085"), min_size=1, max_size=12)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    people=st.lists(st.tuples(CELLS, st.text("aé ,;'\"\t", max_size=9)), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_table_that_a_spreadsheet_saves_is_read_back(tmp_path, people, delimiter, encoding):
    people = list({roster.folded(id): (id, name) for id, name in people}.values())
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([("ID number", "Full name"), *people])
    found = read(tmp_path, text.getvalue(), encoding=encoding)
    kept = [(person.id, person.name) for person in found.people]
    assert [id for id, _ in kept] == [roster.unicodedata.normalize("NFC", id) for id, _ in people]
    assert [name for _, name in kept] == [roster.unicodedata.normalize("NFC", name.strip()) for _, name in people]


def test_a_roster_is_kept_whole():
    kept = roster.Roster((roster.Person("ana", "A", "a@x", "1", "2", "3", "4", "5", 6),), "id")
    assert roster.loads(kept.dumps()) == kept
    for spoiled in (b"", b"{}", b"\xff", b'{"people": 3, "column": ""}', b'{"people": [{"x": 1}], "column": ""}'):
        assert roster.loads(spoiled) is None


def test_release_shows_the_first_ids_and_what_it_left_out_before_it_writes(tmp_path):
    (tmp_path / "class.csv").write_text(CANVAS)
    (tmp_path / "key").write_text("a long secret of my own 17x")
    options = ["release", "--out", tmp_path / "out", "--roster", tmp_path / "class.csv", "--secret", tmp_path / "key"]
    done = CliRunner().invoke(main, [*map(str, options), "--id", "SIS Login ID"])
    assert done.exit_code == 0 and sorted(p.name for p in (tmp_path / "out").iterdir()) == ["adiaz", "bberg"]
    assert "2 students by the ids in the column “SIS Login ID”: “adiaz”, “bberg”" in done.stderr
    assert "Left out of the roster: “Manual Posting” (line 2), “Points Possible” (line 3)" in done.stderr
    (tmp_path / "class.csv").write_text("adiaz\ncem\n")
    again = CliRunner().invoke(main, [*map(str, options)])
    assert again.exit_code == 0 and f"not of this one: {tmp_path / 'out' / 'bberg'}." in again.stderr
    alone = CliRunner().invoke(main, ["release", "--out", str(tmp_path / "all"), "--id", "x"])
    assert alone.exit_code == 1 and "--id chooses a column of a roster" in alone.stderr
