"""Whose a file is: by its own name, in every layout, whatever else lies beside it."""

import io
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import layouts
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layouts import DOWNLOADS, FULL, HALF, UNTOUCHED

from actlab.course import PRACTICE
from actlab.exercises import lesson
from actlab.grading import gradebook, incoming
from actlab.grading.incoming import File, Listing
from actlab.grading.layouts import Layout, students
from actlab.grading.reading import read
from actlab.grading.run import Order, readers, take_in
from actlab.grading.submissions import collect
from actlab.publish.release import release

ASKED = frozenset(exercise.name for exercise in lesson(Order().lesson))


@pytest.fixture(scope="module")
def reading():
    with readers(Order(workers=1)) as open_readers:
        yield open_readers


def told(intake):
    """Id -> the file that counts, or the status; and what belongs to nobody."""
    rows = {one.student: found.file if found.status == "graded" else found.status for one, found in intake.handed_in}
    return rows, tuple(sorted(intake.aside))


@pytest.mark.parametrize("layout", DOWNLOADS)
def test_sixty_hand_ins_come_to_the_right_students(layout, reading, tmp_path):
    download = DOWNLOADS[layout]
    expected = download.expected, tuple(sorted(download.aside))
    assert told(take_in(download.folder(tmp_path / "in"), tmp_path / "out", reading)) == expected
    assert told(take_in(download.zip(tmp_path / "in.zip"), tmp_path / "out", reading)) == expected
    assert told(take_in(download.zip(tmp_path / "deep.zip", "a/b/"), tmp_path / "out", reading)) == expected


@pytest.mark.parametrize("layout", DOWNLOADS)
@pytest.mark.parametrize("stray", ["minutes.txt", "notes", "extra/plan.pdf", "x/y/z/data.csv"])
def test_a_stray_file_changes_nothing_for_the_others(layout, stray, tmp_path):
    """Only in a plain layout may a folder be a student's of whom nothing was handed in."""
    download = DOWNLOADS[layout]
    folder = download.folder(tmp_path / "in")
    before = {one.student: one for one in collect(folder).submissions}
    root = folder / "course" / "handed in" if layout == "nested" else folder
    (root / stray).parent.mkdir(parents=True, exist_ok=True)
    (root / stray).write_bytes(b"x")
    after = {one.student: one for one in collect(folder).submissions}
    new = after.pop(stray.partition("/")[0].removesuffix(".txt"))
    assert after == before
    assert not read(new, ASKED).answered and new.certain == ("/" in stray and layout in ("plain", "nested"))


AHEAD = {
    Layout.CANVAS: ("jane_101_9001_", "li_102_9002_", "eve_666_966{}_"),
    Layout.MOODLE: tuple(f"{who}_{k}_assignsubmission_file_" for who, k in (("Jane", 101), ("Li", 102), ("Eve", 666))),
    Layout.BLACKBOARD: tuple(f"HW_{user}_attempt_2026-03-02-11-20-30_" for user in ("jane", "li", "eve")),
    Layout.GRADESCOPE: ("submission_101/", "submission_102/", "submission_666/"),
    Layout.FOLDER: ("jane/", "li/", "eve/"),
}
MARKS = (
    "_102_assignsubmission_file_",
    "_LATE_102_9002_",
    "_li_attempt_2026-03-02-11-20-30_",
    "submission_102/",
    "../li/",
)
PARTS = st.one_of(st.sampled_from(MARKS), st.text(st.characters(exclude_characters="\0"), max_size=20))
CHOSEN = st.lists(PARTS, min_size=1, max_size=4).map("".join)


def listed(names):
    folders = {name.partition("/")[0] for name in names if "/" in name}
    return Listing([File(name, 0.0, None) for name in names], sorted(folders))


@pytest.mark.parametrize("layout", AHEAD)
@settings(max_examples=200, deadline=None)
@given(chosen=st.lists(CHOSEN, min_size=1, max_size=3))
def test_a_name_that_one_student_chooses_changes_nothing_for_another(layout, chosen):
    *honest, eve = AHEAD[layout]
    names = [f"{ahead}hw.ipynb" for ahead in honest]
    slash = layout in (Layout.GRADESCOPE, Layout.FOLDER)
    hers = [eve.format(k) + (name if slash else name.replace("/", "_")) for k, name in enumerate(chosen)]
    before = students(listed(names)).found
    after = students(listed(names + hers)).found
    assert [one for one in after if one.student in {one.student for one in before}] == before
    (new,) = (one for one in after if one not in before)
    assert new.layout is layout and len(new.files) == len(hers)


def test_the_first_mark_of_a_platform_counts_and_two_of_moodles_are_refused():
    flat = "Eve_201_assignsubmission_file_x_202_assignsubmission_file_hw.ipynb"
    (eve,) = students(listed([flat])).found
    assert eve.student == "201" and eve.files[0].refusal == "its name fits 2 students, “201” and “202”"
    (twice,) = students(listed(["Eve_201_assignsubmission_file_Eve_201_assignsubmission_file_hw.ipynb"])).found
    assert twice.student == "201" and not twice.files[0].refusal


@pytest.mark.parametrize(
    ("name", "student"),
    {
        "doejane_101_9001_hw.ipynb": "101",
        "doejane_LATE_101_9001_hw-1.ipynb": "101",
        "doe-jane_101_9001_line\nbreak.ipynb": "101",
        "名前_101_9001_2024_3000_hw.ipynb": "101",
        "doejane_101_text.html": "101",
        "Jane Doe_201_assignsubmission_file_/hw.ipynb": "201",
        "Jane\nDoe_201_assignsubmission_file_hw.ipynb": "201",
        "Participant 7_201_assignsubmission_onlinetext/onlinetext.html": "201",
        "HW1_jdoe_attempt_2026-03-02-11-20-30_09_practice.ipynb": "jdoe",
        "HW 1_2_jdoe_attempt_2026-03-02-11-20-30.txt": "jdoe",
        "submission_5001/hw.ipynb": "5001",
        "hw-jdoe/hw.ipynb": "hw-jdoe",
        "JDoe.ipynb": "JDoe",
        " jdoe.ipynb": "jdoe",
        "jdoe (1).ipynb": "jdoe",
        "jdoe-Copy2.ipynb": "jdoe",
        "jdoe-checkpoint.ipynb": "jdoe",
        "jdoe.ipynb.txt": "jdoe",
        "jdoe.ipynb.json": "jdoe",
        "jdoe.zip": "jdoe",
        "j.doe.ipynb": "j.doe",
        ".jdoe.ipynb": ".jdoe",
        ".jdoe/hw.ipynb": ".jdoe",
        "a_1_2_b.ipynb": "a_1_2_b",
        unicodedata.normalize("NFD", "Zoë") + ".ipynb": "Zoë",
        "1²3.ipynb": "1²3",
        "①09_practice.ipynb": "①09_practice",
    }.items(),
)
def test_one_name_says_whose_it_is(name, student, tmp_path):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(FULL)
    (tmp_path / "other one.ipynb").write_bytes(FULL)
    found = [one.student for one in collect(tmp_path).submissions]
    assert sorted(found) == sorted([student, "other one"])


def test_what_only_looks_like_a_platforms_name_is_an_id():
    names = [f"hw_1_2024_{who}.ipynb" for who in ("ann", "bob")]
    assert [one.student for one in students(listed(names)).found] == ["hw_1_2024_ann", "hw_1_2024_bob"]


def test_a_renamed_copy_of_what_canvas_numbered_stays_its_students():
    names = ["anaa_101_9001_hw.ipynb", "anaa_101_9001_old.ipynb", "anaa_LATE_101_9001_x.ipynb", "bob_102_9002_hw.ipynb"]
    found = {one.student: len(one.files) for one in students(listed(names)).found}
    assert found == {"101": 3, "102": 1}


AT = "_attempt_2026-03-02-11-20-30"
WORD = st.text("ab1", min_size=1, max_size=2)
USER = st.lists(WORD, min_size=1, max_size=3).map("_".join)


@dataclass(frozen=True)
class Bytes:
    """A place in memory."""

    data: bytes

    def open(self):
        return io.BytesIO(self.data)


def blackboards(users, assignment="HW_1", receipts=True):
    files = [File(f"{assignment}_{user}{AT}_hw.ipynb", 0.0, None) for user in users]
    files += [File(f"{assignment}_{user}{AT}.txt", 0.0, Bytes(layouts.receipt(user))) for user in users if receipts]
    return {one.files[0].path: one for one in students(Listing(files, [])).found}


@settings(max_examples=100, deadline=None)
@given(st.sets(USER, min_size=1, max_size=5), USER)
def test_blackboards_receipt_says_the_id_whoever_else_handed_in(users, assignment):
    every = blackboards(sorted(users), assignment)
    assert {one.student for one in every.values()} == users and not any(one.notes for one in every.values())
    for user in users:
        (alone,) = blackboards([user], assignment).values()
        assert every[alone.files[0].path] == alone


@pytest.mark.parametrize(
    ("users", "expected", "noted"),
    [
        (["kim", "lee"], ["kim", "lee"], []),
        (["j_doe", "kim"], ["doe", "kim"], ["doe"]),
        (["j_doe"], ["doe"], ["doe"]),
        (["j_doe", "m_doe", "kim"], ["j_doe", "kim", "m_doe"], ["j_doe", "m_doe"]),
    ],
)
def test_without_a_receipt_of_blackboards_a_guess_is_called_one(users, expected, noted):
    found = blackboards(users, receipts=False).values()
    assert sorted(one.student for one in found) == expected
    guesses = {one.student: one.notes for one in found if one.notes}
    assert sorted(guesses) == noted
    assert all(notes[0].startswith(f"The id “{student}” is a guess: in “HW_1_") for student, notes in guesses.items())


@settings(max_examples=100, deadline=None)
@given(st.sets(USER, min_size=1, max_size=5))
def test_two_students_of_blackboards_are_never_taken_for_one(users):
    assert len(blackboards(users, receipts=False)) == len(users)


@pytest.mark.parametrize("data", [b"", b"Name: Eve (eve)\n", b"Name: Eve ()\n", b"Name: Eve\n(j_doe)\n", b"\xff(\xff)"])
def test_a_receipt_that_names_somebody_else_is_none(data):
    handed_in, receipt = f"HW_1_j_doe{AT}_hw.ipynb", f"HW_1_j_doe{AT}.txt"
    no_file = Listing([File(handed_in, 0.0, None)], [receipt])
    for listing in Listing([*no_file.files, File(receipt, 0.0, Bytes(data))], []), no_file:
        (one,) = students(listing).found
        assert one.student == "doe" and len(one.notes) == 1


def test_ids_that_two_layouts_share_stay_the_platforms(tmp_path):
    for name in "jane_101_9001_hw.ipynb", "li_102_9002_hw.ipynb":
        (tmp_path / name).write_bytes(HALF)
    (tmp_path / "101.ipynb").write_bytes(FULL)
    found = collect(tmp_path)
    assert {one.student: [file.path for file in one.files] for one in found.submissions} == {
        "101": ["jane_101_9001_hw.ipynb"],
        "102": ["li_102_9002_hw.ipynb"],
    }
    assert found.aside == ["“101.ipynb”: “101” is the id of a student by Canvas already"]


def test_one_name_like_a_platforms_takes_nothing_from_a_class_of_plain_files(tmp_path):
    for name in "101.ipynb", "102.ipynb", "x_101_9001_hw.ipynb":
        (tmp_path / name).write_bytes(FULL)
    found = collect(tmp_path)
    assert [[file.path for file in one.files] for one in found.submissions] == [["101.ipynb"], ["102.ipynb"]]
    assert found.aside == ["“x_101_9001_hw.ipynb”: “101” is the id of a student by a file already"]


@pytest.mark.parametrize("content", [FULL, UNTOUCHED, b"x"])
def test_an_unfitting_notebook_among_canvas_names_has_a_row_if_it_answers_something(content, reading, tmp_path):
    for name in "jane_101_9001_hw.ipynb", "li_102_9002_hw.ipynb":
        (tmp_path / name).write_bytes(HALF)
    (tmp_path / "late.ipynb").write_bytes(content)
    intake = take_in(tmp_path, tmp_path / "out", reading)
    rows = {one.student: found.notes for one, found in intake.handed_in}
    if content == FULL:
        assert rows.pop("late") == ("“late.ipynb” is not named as the platform names what was handed in there.",)
    assert rows == {"101": (), "102": ()} and intake.aside == ([] if content == FULL else ["“late.ipynb”"])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["out/er/ann.ipynb", "out/er/bob.ipynb"], ["ann", "bob"]),
        (["out/ann/hw.ipynb", "out/bob/hw.ipynb"], ["ann", "bob"]),
        (["out/ann/essay.pdf", "out/bob/hw.ipynb"], ["ann", "bob"]),
        (["out/ann.ipynb", "out/bob.ipynb", "roster.csv"], ["ann", "bob"]),
        (["out/Jane_7_assignsubmission_file_/a.ipynb"], ["7"]),
        (["Jane_7_assignsubmission_file_/a.ipynb", "Jane_7_assignsubmission_file_/b.ipynb"], ["7"]),
        (["submission_12/a/b.ipynb"], ["12"]),
        (["ann/hw.ipynb"], ["ann"]),
        (["ann/hw.ipynb", "ann/hw (1).ipynb", "ann/data/x.csv"], ["ann"]),
        (["ann/09_practice.ipynb", "ann/scratch.ipynb", "ann/old/09_practice.ipynb"], ["ann"]),
        (["ann/deep/er/hw.ipynb"], ["ann"]),
        (["ann/hw.ipynb", "ann/deep/er/old.ipynb"], ["ann"]),
    ],
)
def test_folders_around_the_class_are_passed_through(names, expected, tmp_path):
    for name in names:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(FULL if name.endswith("ipynb") else b"x")
    assert [one.student for one in collect(tmp_path / "in").submissions if one.certain] == expected
    enclosed = layouts.zipped({f"all/{name}": FULL for name in names}, tmp_path / "in.zip")
    assert [one.student for one in collect(enclosed).submissions if one.certain] == expected


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (HALF, {"hw": "hw.ipynb", "x": "x.ipynb"}),
        (UNTOUCHED, {"outer": "outer/hw.ipynb"}),
        (layouts.classroom.notebook(["x = 1"]), {"outer": "outer/hw.ipynb"}),
    ],
)
def test_notebooks_in_a_folder_alone_are_one_students_unless_two_of_them_answer(second, expected, reading, tmp_path):
    (tmp_path / "in" / "outer").mkdir(parents=True)
    (tmp_path / "in" / "outer" / "hw.ipynb").write_bytes(FULL)
    (tmp_path / "in" / "outer" / "x.ipynb").write_bytes(second)
    assert told(take_in(tmp_path / "in", tmp_path / "out", reading)) == (expected, ())


def test_earlier_grades_are_nobodys_and_grades_go_elsewhere(reading, tmp_path):
    (tmp_path / "ann.ipynb").write_bytes(HALF)
    (tmp_path / "first" / "feedback").mkdir(parents=True)
    (tmp_path / "first" / "gradebook.sqlite").write_bytes(b"x")
    intake = take_in(tmp_path, tmp_path / "second", reading)
    assert [one.student for one, _ in intake.handed_in] == ["ann"]
    assert intake.aside == ["“first/”, a folder of grades"]


@pytest.mark.parametrize("answered", [False, True])
def test_hand_outs_for_a_roster_are_nobodys_until_one_is_answered(answered, reading, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.ipynb").write_bytes(HALF)
    source = Path(__file__).parents[1] / "solutions" / f"{PRACTICE.stem}.py"
    release(source, tmp_path / "in" / "handout", ["ann", "bob"], b"sixteen bytes ...")
    if answered:
        (tmp_path / "in" / "handout" / "ann" / PRACTICE.file).write_bytes(HALF)
    intake = take_in(tmp_path / "in", tmp_path / "out", reading)
    assert [one.student for one, _ in intake.handed_in] == ["ann", "handout"][: 1 + answered]
    assert intake.aside == ([] if answered else ["“handout/”"])


NAME = st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=255)
BYTES = st.binary(min_size=1, max_size=255).map(lambda name: name.replace(b"/", b"_").replace(b"\0", b"_"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(BYTES | NAME.map(lambda name: name.encode()[:255]), min_size=1, max_size=4, unique=True))
def test_whatever_files_are_called_each_is_somebodys_or_named(names, tmp_path_factory):
    root = tmp_path_factory.mktemp("names")
    made = []
    for name in {name for name in names if name not in (b".", b"..")}:
        for ending in (b"", b".ipynb"):
            path = Path(os.fsdecode(os.fsencode(root / "in") + b"/" + name[: 255 - len(ending)] + ending))
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(HALF)
            made.append(path.name)
    (root / "in").mkdir(exist_ok=True)
    (root / "in" / "honest neighbour.ipynb").write_bytes(FULL)
    members = {name.encode("utf-8", "replace").decode(): HALF for name in made} | {"honest neighbour.ipynb": FULL}
    for source in root / "in", layouts.zipped(members, root / "in.zip"):
        found = {one.student: one for one in collect(source).submissions}
        for one in found.values():
            one.student.encode()
            assert unicodedata.is_normalized("NFC", one.student) and len(one.student) <= gradebook.LONGEST_STUDENT
            assert read(one, ASKED).status in ("graded", "refused")
        assert read(found["honest neighbour"], ASKED).answered == len(ASKED)


def test_the_platform_of_most_decides_also_for_who_wrote_anothers_mark_into_their_own_name():
    names = [f"{who}_{id}_assignsubmission_file_hw.ipynb" for who, id in (("Ana", 201), ("Ben", 202), ("Cem", 203))]
    odd = [
        "Ben_202_999_x_204_assignsubmission_file_hw.ipynb",
        "Aa_201_assignsubmission_file__205_assignsubmission_file_h",
    ]
    found = {one.student: one for one in students(listed([*names, *odd])).found}
    assert sorted(found) == ["201", "202", "203", "204"]
    assert found["201"].name == "Ana" and [file.path for file in found["202"].files] == [names[1]]
    assert [bool(file.refusal) for file in found["201"].files] == [False, True]


def test_a_number_as_user_makes_no_canvas_of_blackboard():
    names = [f"HW_1_{user}_attempt_2026-03-02-11-20-30_x.ipynb" for user in ("20231234", "20231235")]
    assert [one.student for one in students(listed(names)).found] == ["20231234", "20231235"]


def test_an_id_that_steers_a_terminal_shows_it():
    assert incoming.steady("a\x1b[31mb\u202e\r\n") == "a␛[31mb\ufffd␍\n"
    for name in ("Zoë", "نیم‌فاصله", "李 明", "👩‍🎓"):
        assert incoming.steady(name) == name
