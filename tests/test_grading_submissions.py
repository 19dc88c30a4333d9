"""Whatever comes in gets a row with a status and a sentence; nothing stops the run, nothing is written elsewhere."""

import csv
import io
import json
import os
import shutil
import stat
import time
import zipfile
from pathlib import Path

import attacks
import classroom
import pytest

from actlab.course import PRACTICE
from actlab.exercises import lesson
from actlab.grading import reports
from actlab.grading.incoming import NoSubmissions
from actlab.grading.reading import read
from actlab.grading.run import Order, grade
from actlab.grading.submissions import STATUSES, collect
from actlab.sheets import FORMULA

HONEST = attacks.honest()
GOOD = classroom.notebook(HONEST)
SIGMOID = "import numpy as np\ndef sigmoid(z):\n    return 0.5 + 0.5 * np.tanh(z / 2)"
SHORT = classroom.notebook([SIGMOID])


def version_3(cells):
    cells = [{"cell_type": "code", "input": text, "outputs": [], "language": "python"} for text in cells]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}).encode()


def markdown(texts):
    cells = [{"cell_type": "markdown", "source": text, "metadata": {}} for text in texts]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def fat(megabytes):
    cell = json.loads(SHORT)["cells"][0] | {"outputs": [{"output_type": "stream", "text": "x" * megabytes * 10**6}]}
    return classroom.notebook((), cells=[cell])


BAD = {
    "empty": (b"", "empty", 0),
    "blank": (b" \n\n", "empty", 0),
    "zeros": (bytes(1000), "empty", 0),
    "no_cells": (classroom.notebook(()), "empty", 0),
    "only_markdown": (markdown(HONEST), "empty", 0),
    "blank_cells": (classroom.notebook(["", "  \n"]), "empty", 0),
    "truncated": (GOOD[: len(GOOD) // 2], "unreadable", 0),
    "cut_in_a_letter": ('{"cells": ["é'.encode()[:-1], "unreadable", 0),
    "a_pdf": (b"%PDF-1.7 \xff\xfe\x00", "unreadable", 0),
    "a_picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "unreadable", 0),
    "a_script": (SIGMOID.encode(), "unreadable", 0),
    "html": (b"<!doctype html><html></html>", "unreadable", 0),
    "a_zip": (b"PK\x03\x04" + bytes(100), "unreadable", 0),
    "a_list": (b"[1, 2, 3]", "unreadable", 0),
    "a_number": (b"7", "unreadable", 0),
    "null": (b"null", "unreadable", 0),
    "an_object": (b"{}", "unreadable", 0),
    "cells_no_list": (b'{"cells": {"a": 1}}', "unreadable", 0),
    "deeply_nested": (b"[" * 10**6, "unreadable", 0),
    "long_number": (b'{"cells": ' + b"9" * 10**5 + b"}", "unreadable", 0),
    "odd_cells": (b'{"cells": [1, null, "x", {}, {"cell_type": "code"}, {"cell_type": 7, "source": 8}]}', "empty", 0),
    "odd_metadata": (classroom.notebook([SIGMOID], metadata=[1, 2]), "graded", 4),
    "odd_sources": (classroom.notebook((), cells=[{"cell_type": "code", "source": [SIGMOID, 7, None]}]), "graded", 4),
    "much_code": (classroom.notebook(["x = 1\n" * 10**6]), "unreadable", 0),
    "null_bytes": (classroom.notebook(["x = '\0'", SIGMOID]), "graded", 4),
    "surrogates": (classroom.notebook(["x = '\ud800'", SIGMOID]), "graded", 4),
    "syntax_error": (classroom.notebook(["def f(:", SIGMOID]), "graded", 4),
    "version_3": (version_3(HONEST), "graded", 100),
    "bom": (b"\xef\xbb\xbf" + SHORT, "graded", 4),
    "utf_16": (SHORT.decode().encode("utf-16"), "graded", 4),
    "utf_16_without_a_mark": (SHORT.decode().encode("utf-16-be"), "graded", 4),
    "latin_1": (classroom.notebook(["# caf\xe9", SIGMOID]).replace(b"caf\\u00e9", b"caf\xe9"), "graded", 4),
    "windows_lines": (classroom.notebook([SIGMOID.replace("\n", "\r\n")]), "graded", 4),
    "old_mac_lines": (classroom.notebook([SIGMOID.replace("\n", "\r")]), "graded", 4),
    "lists_of_lines": (
        classroom.notebook((), cells=[{"cell_type": "code", "source": SIGMOID.splitlines(keepends=True)}]),
        "graded",
        4,
    ),
    "fat_outputs": (fat(50), "graded", 4),
    "missing_cells": (classroom.notebook(HONEST[:2]), "graded", 16),
    "duplicated_cells": (classroom.notebook([cell for cell in HONEST for _ in (0, 1)]), "graded", 100),
    "reordered_cells": (classroom.notebook([HONEST[0], *HONEST[:0:-1]]), "graded", 100),
    "renamed_cells": (GOOD.replace(b'"id": "c', b'"id": "renamed'), "graded", 100),
    "one_cell": (classroom.notebook(["\n\n".join(HONEST)]), "graded", 100),
    "magics": (
        classroom.notebook(
            ["%matplotlib inline\n!pip install x\n%%timeit\n1", f"%%time\n{SIGMOID}\n%timeit sigmoid(1)"]
        ),
        "graded",
        4,
    ),
    "input": (classroom.notebook(["name = input()", SIGMOID]), "graded", 4),
    "overwritten_later": (classroom.notebook([SIGMOID, "sigmoid = None"]), "graded", 0),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    root = tmp_path_factory.mktemp("bad")
    folder = classroom.hand_in(root / "in", **{name: data for name, (data, _, _) in BAD.items()})
    (folder / "no_notebook").mkdir()
    (folder / "no_notebook" / "essay.pdf").write_bytes(b"%PDF")
    (folder / "nothing").mkdir()
    (folder / "several" / "deep" / "er").mkdir(parents=True)
    (folder / "several" / "old.ipynb").write_bytes(GOOD)
    os.utime(folder / "several" / "old.ipynb", (1e9, 1e9))
    (folder / "several" / "deep" / "er" / "new.ipynb").write_bytes(SHORT)
    (folder / "several" / ".ipynb_checkpoints").mkdir()
    (folder / "several" / ".ipynb_checkpoints" / "new.ipynb").write_bytes(GOOD)
    (root / "secret.ipynb").write_bytes(GOOD)
    (folder / "linked.ipynb").symlink_to(root / "secret.ipynb")
    (folder / "linked_folder").symlink_to(root)
    (folder / "dangling.ipynb").symlink_to(root / "nowhere")
    (folder / "link_inside").mkdir()
    (folder / "link_inside" / "a.ipynb").symlink_to(root / "secret.ipynb")
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "1²3.ipynb").write_bytes(SHORT)
    (folder / ".dotted.ipynb").write_bytes(SHORT)
    (folder / "roster.csv").write_bytes(b"id,name")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "=cmd|' C calc'!A0.ipynb").write_bytes(SHORT)
    (folder / 'a,"b\n.ipynb').write_bytes(SHORT)
    (folder / ("x" * 240 + ".ipynb")).write_bytes(SHORT)
    (folder / "名前 é.ipynb").write_bytes(SHORT)
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.ipynb"))).write_bytes(SHORT)
    before = sorted(root.rglob("*"))
    rows = {row.student: row for row in grade(folder, root / "out", Order(seconds=3.0))}
    assert sorted(path for path in root.rglob("*") if root / "out" not in (path, *path.parents)) == before
    return rows, root / "out"


@pytest.mark.parametrize("name", BAD)
def test_status_and_score(graded, name):
    row = graded[0][name]
    _, status, score = BAD[name]
    assert (row.status, row.score) == (status, score), (row.sentence, row.remarks)
    assert status in STATUSES and (status == "graded") != bool(row.sentence)


@pytest.mark.parametrize(
    ("student", "status"),
    {
        "no_notebook": "missing",
        "nothing": "missing",
        "linked": "refused",
        "linked_folder": "refused",
        "dangling": "refused",
        "link_inside": "refused",
        "pipe": "refused",
        "several": "graded",
        "1²3": "graded",
        ".dotted": "graded",
        "=cmd|' C calc'!A0": "graded",
        'a,"b\n': "graded",
        "x" * 240: "graded",
        "名前 é": "graded",
        "\\xff": "graded",
    }.items(),
)
def test_odd_files(graded, student, status):
    assert graded[0][student].status == status


def test_the_fullest_counts_and_a_note_says_so(graded):
    row = graded[0]["several"]
    assert row.score == 100 and row.file == "several/old.ipynb"
    why = "“several/old.ipynb” counts: it is the notebook that was asked for"
    assert row.notes == [f"2 notebooks: {why}. Not “several/deep/er/new.ipynb” (1)."]


def test_every_entry_has_its_row_and_its_pages(graded):
    rows, out = graded
    with (out / "grades.csv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert len(table) == len(rows) == len(BAD) + 15
    assert all(row["status"] in STATUSES and row["max_score"] == "100" for row in table)
    assert len(list((out / "feedback").iterdir())) == len(list((out / "gradescope").iterdir())) == len(rows)


def test_a_copy_of_the_grades_without_their_gradebook_is_nobodys(graded, tmp_path):
    out = graded[1]
    shutil.copytree(out, tmp_path / "in" / "old", ignore=shutil.ignore_patterns("gradebook.sqlite*"))
    (tmp_path / "in" / "ann.ipynb").write_bytes(SHORT)
    found = collect(tmp_path / "in")
    assert [one.student for one in found.submissions] == ["ann"] and found.aside == ["“old/”, a folder of grades"]


def test_tables_are_safe_to_open(graded):
    for name in reports.TABLES:
        with (graded[1] / name).open(encoding="utf-8", newline="") as stream:
            assert not [cell for row in csv.reader(stream) for cell in row if cell.startswith(FORMULA)]


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for k, (name, data) in enumerate(members.items()):
            info = zipfile.ZipInfo(name, (2024, 1, 1 + k, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            if isinstance(data, str):
                info.external_attr, data = (stat.S_IFLNK | 0o777) << 16, data.encode()
            archive.writestr(info, data)
    return path


NAMES = frozenset(exercise.name for exercise in lesson(PRACTICE.number))


def statuses(path):
    found = {}
    for submission in collect(path).submissions:
        reading = read(submission, NAMES)
        assert reading.status == "graded" or reading.sentence.endswith(".")
        if submission.certain or reading.answered:
            found[submission.student] = reading.status
    return found


def test_a_zip_of_a_folder(tmp_path):
    path = zipped(
        tmp_path / "in.zip",
        {
            "hw/ann.ipynb": SHORT,
            "hw/bob/final.ipynb": SHORT,
            "hw/bob/draft.zip": b"PK",
            "hw/cy/": b"",
            "__MACOSX/hw/._ann.ipynb": b"x",
            "hw/.DS_Store": b"x",
        },
    )
    assert statuses(path) == {"ann": "graded", "bob": "graded", "cy": "missing"}


def test_paths_and_links_that_leave_a_zip(tmp_path):
    bad = ["../up.ipynb", "/etc/root.ipynb", "a/../../b.ipynb", "C:\\x\\drive.ipynb", "..\\back.ipynb"]
    path = zipped(tmp_path / "in.zip", dict.fromkeys(bad, SHORT) | {"link.ipynb": "/etc/passwd", "ok.ipynb": SHORT})
    found = statuses(path)
    assert found.pop("ok") == "graded" and set(found.values()) == {"refused"} and len(found) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["in.zip"]


def test_a_refused_file_never_replaces_a_good_one(tmp_path):
    path = zipped(tmp_path / "in.zip", {"ann.ipynb": SHORT, "../ann.ipynb": GOOD})
    (submission,) = collect(path).submissions
    reading = read(submission, NAMES)
    assert reading.notebook.code == (SIGMOID,) and "leaves the folder" in reading.notes[0]


def test_zip_bombs_and_damage(tmp_path, monkeypatch):
    monkeypatch.setattr("actlab.grading.incoming.MAX_FILE", 10**6)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.ipynb", bytes(10**8))
        archive.writestr("b.ipynb", SHORT)
        archive.writestr("c.ipynb", SHORT)
    data = bytearray(bomb.getvalue())
    at = data.index(SHORT[:0] + b"b.ipynb") + len("b.ipynb")
    data[at + 5 : at + 25] = bytes(20)
    size = data.rindex(b"a.ipynb") - 46 + 24
    data[size : size + 4] = (1000).to_bytes(4, "little")
    path = tmp_path / "in.zip"
    path.write_bytes(data)
    started = time.monotonic()
    assert statuses(path) == {"a": "unreadable", "b": "unreadable", "c": "graded"}
    assert time.monotonic() - started < 5


def test_canvas_and_moodle_names(tmp_path):
    canvas = {
        "doejane_LATE_101_9001_homework-1.ipynb": SHORT,
        "liwei_102_9002_hw.ipynb": GOOD,
        "liwei_102_9003_x.pdf": b"",
    }
    assert statuses(zipped(tmp_path / "canvas.zip", canvas)) == {"101": "graded", "102": "graded"}
    moodle = {
        "Jane Doe_201_assignsubmission_file_/hw.ipynb": SHORT,
        "Li_Wei_202_assignsubmission_file_hw.ipynb": SHORT,
        "O'Hara Öz_203_assignsubmission_file_/essay.docx": b"x",
        "Jane Doe_201_assignsubmission_onlinetext_/onlinetext.html": b"x",
    }
    path = zipped(tmp_path / "moodle.zip", moodle)
    assert statuses(path) == {"201": "graded", "202": "graded", "203": "missing"}
    assert [submission.name for submission in collect(path).submissions] == ["Jane Doe", "Li_Wei", "O'Hara Öz"]


def test_plain_ids_are_kept_as_they_are(tmp_path):
    names = ["a_1_2_b", "x.y", "7", "Ä b", "-x", "a.ipynb"]
    folder = classroom.hand_in(tmp_path / "in", **dict.fromkeys(names, SHORT))
    assert [submission.student for submission in collect(folder).submissions] == sorted(names)


def test_nothing_to_grade_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    for name, words in ("file", "neither a folder nor a zip"), ("nowhere", "There is no"), ("folder", "no notebook"):
        with pytest.raises(NoSubmissions, match=words):
            collect(tmp_path / name)
