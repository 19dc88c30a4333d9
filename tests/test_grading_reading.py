"""Whatever a file holds, reading it gives one row's worth, in a process whose memory has a limit."""

import io
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import zipfile

import classroom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layouts import FULL, HALF, LESSON, UNTOUCHED, zipped
from places import Busy, Bytes, Deadly

from actlab.exercises import lesson
from actlab.grading.incoming import MAX_FILE, CourseError, File, files_in
from actlab.grading.reading import TOO_LONG, TOO_SLOW, Readers, answers, read
from actlab.grading.run import Order, readers, take_in
from actlab.grading.submissions import STATUSES, Submission, collect

ASKED = frozenset(exercise.name for exercise in lesson(Order().lesson))
WORDS = ("cells", "metadata", "worksheets", "cell_type", "source", "actlab", "student")
KEYS = st.sampled_from(WORDS) | st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


def handed_in(**files):
    """A submission of these files: name -> bytes, or (bytes, time); `_ipynb` at a name's end is its ending."""
    made = []
    for name, content in files.items():
        data, changed = content if isinstance(content, tuple) else (content, 0.0)
        made.append(File(name.replace("__", "."), changed, Bytes(data) if isinstance(data, bytes) else data))
    return Submission("ann", tuple(made))


def notebook_with(*names):
    return classroom.notebook([f"def {name}(z):\n    return z" for name in names])


def made_for(student, data):
    return json.dumps(json.loads(data) | {"metadata": {"actlab": {"student": student}}}).encode()


FRAMES = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@settings(max_examples=300, deadline=None)
@given(
    JSON | st.builds(lambda cells: {"cells": cells} | FRAMES, JSON), st.sampled_from(("utf-8", "utf-16", "utf-32-be"))
)
def test_json_of_every_shape_is_read_or_explained(content, encoding):
    reading = read(handed_in(hw__ipynb=json.dumps(content).encode(encoding), good__ipynb=FULL), ASKED)
    assert reading.status == "graded" and reading.file == "good.ipynb"
    alone = read(handed_in(hw__ipynb=json.dumps(content).encode(encoding)), ASKED)
    assert alone.status in STATUSES and (alone.status == "graded") != bool(alone.sentence)
    json.dumps([alone.notes, alone.sentence])


def mutated(draw, data):
    """The bytes with a few of them changed, taken out or added."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from((HALF, zipped({"a/hw.ipynb": HALF, "b.txt": b"x"}))))
def test_damaged_files_are_read_or_explained(data, content):
    damaged = mutated(data.draw, content)
    reading = read(handed_in(hw__ipynb=damaged, hw__zip=damaged, good__ipynb=FULL), ASKED)
    assert reading.status == "graded" and reading.answered == len(ASKED)
    assert read(handed_in(hw__zip=damaged), ASKED).status in STATUSES


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_download_is_a_sentence_or_its_files_are(data, tmp_path_factory):
    whole = zipped({"ann.ipynb": HALF, "bob/hw.ipynb": FULL, "c/": b"", "é.ipynb": HALF})
    path = tmp_path_factory.mktemp("zip") / "in.zip"
    path.write_bytes(mutated(data.draw, whole))
    try:
        found = collect(path).submissions
    except CourseError as error:
        assert str(error).startswith(("Nothing in", str(path)))
    else:
        assert all(read(one, ASKED).status in STATUSES for one in found)


def locked(data):
    """A zip whose members claim to be under a password."""
    data = bytearray(data)
    for mark, offset in (b"PK\3\4", 6), (b"PK\1\2", 8):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 1)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    {
        locked(zipped({"ann.ipynb": HALF})): "is locked with a password: unpack it",
        zipped({"ann.ipynb": HALF})[:-30]: "is a damaged zip: download it again",
        zipped({"ann.ipynb": HALF}).replace(b"PK\1\2", b"PK\1\3"): "is a damaged zip",
        b"PK": "is a damaged zip",
        b"x": "is neither a folder nor a zip",
    }.items(),
)
def test_a_download_that_cannot_be_opened_is_a_sentence(data, words, tmp_path):
    (tmp_path / "in.zip").write_bytes(data)
    command = [sys.executable, "-m", "actlab.cli", "grade", "in.zip", "--out", "out", "--dry-run"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert words in done.stderr and done.returncode == 1 and "Traceback" not in done.stderr


def test_an_error_leaves_nothing_behind_that_could_quarrel_with_the_end_of_the_command():
    before = {*threading.enumerate(), *multiprocessing.active_children()}
    with pytest.raises(CourseError), readers(Order(workers=2)):
        raise CourseError("in.zip is a damaged zip")
    assert {*threading.enumerate(), *multiprocessing.active_children()} <= before


def hostile():
    """Notebooks that take gigabytes to parse, or nearly."""
    return {
        "cells": b'{"cells":[' + b"{}," * (16 * 10**6 // 3) + b"{}]}",
        "over": b'{"cells":[' + b" " * MAX_FILE,
        "letters": '{"cells":["\N{GRINNING FACE}'.encode() + b"x" * (60 << 20) + b'"]}',
    }


def test_no_file_makes_the_grader_large(tmp_path):
    """Files that take gigabytes to parse: the process that grades stays small, and the neighbour's is read."""
    files = hostile()
    for name, data in files.items():
        (tmp_path / f"{name}.ipynb").write_bytes(data)
    bomb = zipped({"a.ipynb": b'{"cells":[' + b"{}," * (MAX_FILE // 3 - 10) + b"{}]}", "b.ipynb": bytes(MAX_FILE + 1)})
    (tmp_path / "bomb.zip").write_bytes(bomb)
    (tmp_path / "honest.ipynb").write_bytes(FULL)
    code = (
        "import sys\nfrom pathlib import Path\nfrom actlab.grading.run import Order, readers, take_in\n"
        "if __name__ == '__main__':\n"
        "    with readers(Order(workers=1)) as reading:\n"
        "        intake = take_in(Path(sys.argv[1]), Path('nowhere'), reading)\n"
        "    for _, found in intake.handed_in:\n        print(found.student, found.status)\n"
        "    print('peak', Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
    )
    (tmp_path.parent / "measure.py").write_text(code)
    command = [sys.executable, tmp_path.parent / "measure.py", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = dict(line.split() for line in done.stdout.splitlines())
    assert int(said.pop("peak")) < 300_000
    assert said.pop("honest") == "graded" and said.pop("cells") in ("empty", "unreadable")
    assert set(said.values()) <= {"empty", "unreadable"} and len(said) == len(files)


def test_a_reader_that_dies_costs_the_one_that_it_was_reading():
    good = [Submission(f"s{k}", (File("hw.ipynb", 0.0, Bytes(FULL)),)) for k in range(4)]
    bad = Submission("bad", (File("hw.ipynb", 0.0, Deadly()),))
    with readers(Order(workers=2)) as reading:
        found = {one.student: row for one, row in reading.read([*good[:2], bad, *good[2:]])}
    assert found.pop("bad").sentence == "Reading it ended the process that read it."
    assert len(found) == 4 and {row.answered for row in found.values()} == {len(ASKED)}
    assert {row.notebook.code for row in found.values()} == {()}  # a class's cells are not all kept


@pytest.mark.parametrize(
    ("files", "counts", "words"),
    [
        ({"a__ipynb": FULL, "b__ipynb": UNTOUCHED}, "a.ipynb", "it is the notebook that was asked for"),
        ({"a__ipynb": (notebook_with("gelu", "relu"), 1.0), "b__ipynb": (LESSON, 2.0)}, "a.ipynb", "the most, 2 of 26"),
        ({"a__ipynb": (FULL, 1.0), "b__ipynb": (classroom.notebook(["x = 1"]), 2.0)}, "a.ipynb", "asked for"),
        ({"a__ipynb": (made_for("ann", UNTOUCHED), 1.0), "b__ipynb": (LESSON, 2.0)}, "a.ipynb", "asked for"),
        (
            {"a__ipynb": (notebook_with("relu"), 2.0), "b__ipynb": (notebook_with("gelu"), 1.0)},
            "a.ipynb",
            "and “a.ipynb” is the newest",
        ),
        ({"a__ipynb": notebook_with("relu"), "b__ipynb": notebook_with("gelu")}, "b.ipynb", "a tie, for “a.ipynb”"),
        ({"a__ipynb": FULL, "b__ipynb": FULL}, "a.ipynb", "are the same file"),
        (
            {"a__ipynb": made_for("ann", FULL), "b__ipynb": made_for("bob", FULL)},
            "b.ipynb",
            "several people: “ann”, “bob”",
        ),
        ({"a__ipynb": b"{", "b__ipynb": HALF}, "b.ipynb", "“a.ipynb” was left aside. The file is a damaged notebook"),
        ({"hw__ipynb__txt": FULL}, "hw.ipynb.txt", "though its name does not end in .ipynb"),
        ({"hw": FULL.decode().encode("utf-16-le")}, "hw", "though its name"),
        ({"hw__zip": zipped({"d/hw.ipynb": HALF})}, "hw.zip/d/hw.ipynb", "is a zip and was opened"),
        ({"hw__ipynb": zipped({"hw": HALF})}, "hw.ipynb/hw", "is a zip and was opened"),
        (
            {"hw__zip": zipped({"d.zip": zipped({"hw.ipynb": HALF})})},
            "",
            "only “hw.zip/d.zip”. A zip inside a zip is not opened.",
        ),
        (
            {"hw__zip": zipped({"d.zip": zipped({}), "hw.ipynb": HALF})},
            "hw.zip/hw.ipynb",
            "“hw.zip/d.zip” was left aside. A zip inside a zip is not opened.",
        ),
        ({"a__zip": zipped({"d.zip": b"PK"}), "b__zip": b"PK"}, "b.zip", "damaged"),
        ({"hw__zip": b"PK\3\4" + bytes(40)}, "hw.zip", "damaged"),
        ({"hw__zip": locked(zipped({"hw.ipynb": HALF}))}, "hw.zip/hw.ipynb", "locked with a password"),
        ({"essay__pdf": b"%PDF"}, "", "There is no notebook, only “essay.pdf”"),
    ],
)
def test_which_notebook_counts_and_why(files, counts, words):
    reading = read(handed_in(**files), ASKED)
    assert reading.file == counts and words in " ".join((reading.sentence, *reading.notes))


@pytest.mark.parametrize(
    ("data", "words"),
    {
        b'{"cells": [\n<<<<<<< HEAD\n1,\n=======\n2\n>>>>>>> theirs\n]}': "git found a conflict",
        b"%PDF-1.7 \xff": "no notebook but a PDF",
        b"<!doctype html>": "no notebook but a web page",
        b"def sigmoid(z):\n    pass\n": "no notebook but plain text",
        b"\x00\x01\xff\xff": "is no notebook.",
        b'{"cells": []}': "it has no cells.",
        b'{"cells": [{}]}': "its only cell holds no code.",
        b'{"cells": [{}, {}]}': "its 2 cells hold no code.",
        b'{"cells": [1,': "it ends early or was changed",
        b'{"cells":"' + b"x" * MAX_FILE: "is larger than 64 MB",
    }.items(),
)
def test_why_a_file_is_no_notebook(data, words):
    assert words in read(handed_in(hw__ipynb=data), ASKED).sentence


@pytest.mark.parametrize(
    ("code", "answered"),
    {
        "def relu(z):\n    return z": True,
        "def relu(z): return z": True,
        'def relu(z):\n    """Doc:\n    more."""\n    # YOUR CODE HERE\n    raise NotImplementedError\n\nx = 1': False,
        'def relu(z):\n    """Doc."""\n    if z.ndim:\n        raise NotImplementedError\n    return z': True,
        "def relu(z):\n    pass": False,
        "def relu(z): ...": False,
        "relu = lambda z: z": True,
        "relu: object = max": True,
        "relu = None": False,
        "class relu:\n    def __new__(cls, z):\n        return z": True,
        "relu == 3": None,
        "x = relu": None,
        "    def relu(z):\n        return z": None,
        "def relu_6(z):\n    return z": None,
        'q1_reason = ""  # one letter, for example "a"\n# YOUR CODE HERE': False,
        'q1_reason = "a"': True,
        "def relu(" + ") " * 300_000: False,
        "q1_reason =" + " " * 300_000: False,
    }.items(),
)
def test_what_is_answered_is_counted_without_running_it(code, answered):
    assert set(answers([code], frozenset({"relu", "q1_reason"})).values()) == {answered} - {None}


@pytest.mark.parametrize("at", ["ann", "ann/deep", "ann/deep/hw.ipynb"])
def test_a_link_that_takes_the_place_of_what_was_listed_is_not_followed(at, tmp_path):
    for root in "in", "elsewhere":
        (tmp_path / root / "ann" / "deep").mkdir(parents=True)
        (tmp_path / root / "ann" / "deep" / "hw.ipynb").write_bytes(FULL)
        (tmp_path / root / "bob").mkdir()
    (submission, _) = collect(tmp_path / "in").submissions
    (tmp_path / "in" / at).rename(tmp_path / "before")
    (tmp_path / "in" / at).symlink_to(tmp_path / "elsewhere" / at)
    assert read(submission, ASKED).status in ("refused", "unreadable")


def test_a_folder_that_takes_the_place_of_the_listed_one_is_not_read(tmp_path):
    for root in "in", "elsewhere":
        classroom.hand_in(tmp_path / root, ann=FULL)
    (submission,) = collect(tmp_path / "in").submissions
    (tmp_path / "in").rename(tmp_path / "before")
    (tmp_path / "elsewhere").rename(tmp_path / "in")
    assert "replaced meanwhile" in read(submission, ASKED).sentence


def test_a_zip_that_takes_the_place_of_the_listed_one_is_not_read(tmp_path):
    zipped({"ann.ipynb": FULL, "bob.ipynb": HALF}, tmp_path / "in.zip")
    ann, _ = collect(tmp_path / "in.zip").submissions
    zipped({"bob.ipynb": HALF, "ann.ipynb": FULL}, tmp_path / "new.zip").replace(tmp_path / "in.zip")
    assert read(ann, ASKED).sentence == "The file cannot be read (the zip was replaced meanwhile)."


def test_folders_deep_and_many_cost_their_owner_alone(tmp_path):
    classroom.hand_in(tmp_path / "in", ann=FULL)
    folder = os.open(tmp_path / "in", os.O_RDONLY)
    for _ in range(1200):  # deeper than any path may be long
        os.mkdir("deeply", dir_fd=folder)
        folder, before = os.open("deeply", os.O_RDONLY, dir_fd=folder), folder
        os.close(before)
    os.close(folder)
    listing = files_in(tmp_path / "in")
    assert [file.refusal for file in listing.files if file.refusal] == ["it lies more than 40 folders deep"]
    with readers(Order(workers=1)) as reading:
        rows = {
            one.student: found.status for one, found in take_in(tmp_path / "in", tmp_path / "out", reading).handed_in
        }
    assert rows == {"ann": "graded", "deeply": "refused"}
    subprocess.run(["rm", "-rf", tmp_path / "in"], check=True)


@pytest.fixture
def crowd(tmp_path, monkeypatch):
    """A class in which one student's folder holds more files than are looked at, and the notebook among the last."""
    monkeypatch.setattr("actlab.grading.incoming.MAX_ONE", 50)
    classroom.hand_in(tmp_path / "in", zoe=FULL)
    for student, data in (("ben", FULL), ("cleo", HALF), ("eve", FULL)):
        (tmp_path / "in" / student / "z").mkdir(parents=True)
        (tmp_path / "in" / student / "z" / "hw.ipynb").write_bytes(data)
    for k in range(200):
        (tmp_path / "in" / "ben" / "z" / f"{k}").touch()
        (tmp_path / "in" / "eve" / f"{k}").touch()
    return tmp_path / "in"


@pytest.mark.parametrize("around", [False, True])
@pytest.mark.parametrize("zipped", [False, True])
def test_too_many_files_cost_their_owner_alone(around, zipped, crowd, tmp_path):
    source, out = crowd, tmp_path / "grades"
    if around:
        source = tmp_path / "outer"
        source.mkdir()
        crowd.rename(source / "class")
        (source / "readme.txt").touch()
        out = source / "grades"  # ours is no folder beside the class
        out.mkdir()
    if zipped:
        out.mkdir(exist_ok=True)
        with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
            for path in sorted(path for path in source.rglob("*") if out not in (path, *path.parents)):
                archive.write(path, path.relative_to(source))
        source = tmp_path / "in.zip"
    found = {one.student: read(one, ASKED) for one in collect(source, leave_out=out).submissions}
    assert {student: row.status for student, row in found.items()} == {
        **dict.fromkeys(("ben", "cleo", "zoe"), "graded"),
        "eve": "graded" if zipped else "refused",  # a zip names all of its files at once
    }
    for student in "ben", "eve":
        assert any("were" in text or "only" in text for text in (*found[student].notes, found[student].sentence))
    assert not found["cleo"].notes and not found["zoe"].notes


@pytest.mark.parametrize("sleeping", [False, True])
def test_reading_that_takes_too_long_costs_the_one_that_it_was_reading(sleeping):
    good = [Submission(f"s{k}", (File("hw.ipynb", 0.0, Bytes(HALF)),)) for k in range(3)]
    bad = Submission("bad", (File("a.ipynb", 0.0, Bytes(HALF)), File("hw.ipynb", 0.0, Busy(sleeping))))
    with Readers(ASKED, 1, clock=6) if sleeping else Readers(ASKED, 1, computing=1) as reading:
        found = {one.student: row for one, row in reading.read([good[0], bad, *good[1:]])}
    assert found["bad"].status == "unreadable" and found["bad"].sentence == (
        TOO_SLOW.format(clock=6) if sleeping else TOO_LONG
    )
    assert [found[one.student].status for one in good] == ["graded"] * 3


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_methods_that_unpack_as_much_as_is_asked_for_are_unpacked(method, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("ann.ipynb", FULL)
        archive.writestr("bomb", bytes(1 << 20))
    row = read(handed_in(hw__zip=packed.getvalue()), ASKED)
    assert row.status == "unreadable" and "packed in another way" in row.sentence
    (tmp_path / "in.zip").write_bytes(packed.getvalue())
    with pytest.raises(CourseError, match="unpack it and grade the folder"):
        collect(tmp_path / "in.zip")
    with zipfile.ZipFile(tmp_path / "in.zip", "a") as archive:
        archive.writestr("bob.ipynb", FULL)
    found = {one.student: read(one, ASKED).status for one in collect(tmp_path / "in.zip").submissions if one.certain}
    assert found == {"ann": "unreadable", "bob": "graded"}


def test_what_proves_too_large_takes_its_room_and_zips_are_counted_under_any_name(monkeypatch):
    monkeypatch.setattr("actlab.grading.incoming.MAX_FILE", 10**6)
    monkeypatch.setattr(File.read, "__defaults__", (10**6,))
    monkeypatch.setattr("actlab.grading.reading.MAX_FILE", 10**6)
    monkeypatch.setattr("actlab.grading.reading.MAX_TOGETHER", 2 * 10**6)
    row = read(handed_in(**{f"a{k}__ipynb": b"{" + bytes(2 * 10**6) for k in range(5)}), ASKED)
    assert sum("took all the room" in note for note in row.notes) == 3
    monkeypatch.setattr("actlab.grading.reading.MAX_OTHERS", 3)
    zips = {f"a{k}__ipynb": zipped({f"{k}.ipynb": notebook_with("gelu")}) for k in range(6)}
    row = read(handed_in(**zips, z__ipynb=FULL), ASKED)
    assert row.file == "z.ipynb" and sum("took all the room" in note for note in row.notes) == 3


def test_however_much_one_student_hands_in_a_bounded_part_of_it_is_read():
    fat = classroom.notebook((), cells=[{"cell_type": "code", "source": "x = 1", "outputs": ["x" * (50 << 20)]}])
    files = {f"a{k}__ipynb": fat[:-1] + b" " * k + b"}" for k in range(5)}
    reading = read(handed_in(**files, z__ipynb=FULL), ASKED)
    assert reading.status == "graded" and sum("took all the room" in note for note in reading.notes) == 3
    many = {f"hw{k}__ipynb": classroom.notebook([f"x = {k}"]) for k in range(300)}
    reading = read(handed_in(**many), ASKED)
    assert "200 more notebooks were not looked at." in reading.notes and sum(map(len, reading.notes)) < 2000


def test_names_that_macos_wrote_into_a_zip_are_read_as_they_were_meant(tmp_path):
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("Zoe\u0308.ipynb", HALF)
    data = bytearray((tmp_path / "in.zip").read_bytes())
    for mark, offset in (b"PK\3\4", 7), (b"PK\1\2", 9):
        data[data.find(mark) + offset] &= ~8
    (tmp_path / "in.zip").write_bytes(data)
    assert [one.student for one in collect(tmp_path / "in.zip").submissions] == ["Zoë"]
