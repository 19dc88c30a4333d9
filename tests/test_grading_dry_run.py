"""`actlab grade --dry-run`: who handed in what, before anything is graded; and what a run says of those who did not."""

import os
import re
import subprocess
import sys
from pathlib import Path

import classroom
import pytest
from layouts import DOWNLOADS, HALF

from actlab.course import PRACTICE
from actlab.grading.run import Order, Progress, grade
from actlab.publish.release import release

GRADE = [sys.executable, "-m", "actlab.cli", "grade"]
ONE = "import numpy as np\ndef sigmoid(z):\n    return 0.5 + 0.5 * np.tanh(z / 2)"


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What stands on a terminal of 80 columns, on a computer without bubblewrap; and where it was run."""
    root = tmp_path_factory.mktemp("dry")
    folder = DOWNLOADS["canvas"].folder(root / "submissions")
    (folder / "[red]x\x1b[31m_50001_9950_line\nbreak.ipynb").write_bytes(HALF)
    environment = os.environ | {"PATH": str(root), "COLUMNS": "80"}
    command = [*GRADE, "submissions", "--out", "grades", "--dry-run"]
    before = sorted(root.rglob("*"))
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment)
    assert done.returncode == 0, done.stderr
    assert sorted(root.rglob("*")) == before
    return done.stdout


def test_it_fits_the_terminal_and_leaves_nothing_behind(shown):
    assert max(map(len, shown.splitlines())) <= 80


def test_it_shows_each_student_how_recognised_and_which_file_counts(shown):
    assert shown.split()[:8] == ["student", "by", "file", "that", "counts", "answers", "made", "for"]
    lines = {line.split()[0]: line for line in shown.splitlines() if re.match(r" \d{5} +Canvas", line)}
    assert sorted(lines) == sorted([*DOWNLOADS["canvas"].expected, "50001"])
    assert "26/26" in lines["40001"] and "missing" in lines["40006"] and "unreadable" in lines["40008"]


def test_it_says_why_who_is_missing_and_what_is_nobodys(shown):
    said = " ".join(shown.split())
    for words in (
        "40002: 2 notebooks: “liwei_LATE_40002_90020_09_practice.ipynb” counts: it answers the most, 26 of 26 names.",
        "13 students: 11 readable, 1 missing, 1 unreadable. Nothing was graded, nothing written.",
        "Without a notebook: “40006”.",
        "Belongs to nobody: “README.txt”, “roster.csv”.",
        "[red]x?[31m_50001_9950_line?break.ipynb",
    ):
        assert words in said


def test_it_shows_that_the_secret_is_missing_before_anything_is_graded(tmp_path):
    source = Path(__file__).parents[1] / "solutions" / f"{PRACTICE.stem}.py"
    release(source, tmp_path / "in", ["ann", "bob"], b"sixteen bytes ...")
    (tmp_path / "my.key").write_bytes(b"sixteen bytes ...")
    command = [*GRADE, tmp_path / "in", "--out", tmp_path / "out", "--dry-run"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "2 students: 2 readable." in done.stdout and "add --secret FILE" in done.stderr
    (tmp_path / "other.key").write_bytes(b"another sixteen bytes ...")
    for option, words in ([], "add --secret FILE"), (["--secret", tmp_path / "other.key"], "with another secret"):
        stopped = subprocess.run([*command[:-1], *option], capture_output=True, text=True)
        assert stopped.returncode == 1 and words in stopped.stderr and "0/?" not in stopped.stderr
        assert not (tmp_path / "out").exists()
    done = subprocess.run([*command, "--secret", tmp_path / "my.key"], capture_output=True, text=True)
    assert done.returncode == 0 and len(re.findall(r"^ (ann|bob) .* 0/26 +\1", done.stdout, re.M)) == 2
    assert not (tmp_path / "out").exists()


def test_who_is_no_longer_among_the_submissions_is_in_no_table_and_named_once(tmp_path):
    folder = classroom.hand_in(tmp_path / "in", ann=[ONE], bob=[ONE])
    (folder / "roster.csv").write_text("id\nann\n")
    assert [row.student for row in grade(folder, tmp_path / "out", Order())] == ["ann", "bob"]
    (folder / "bob.ipynb").rename(folder / "bea.ipynb")
    told = {"aside": [], "gone": [], "done": []}
    progress = Progress(**{name: said.append for name, said in told.items()})
    assert [row.student for row in grade(folder, tmp_path / "out", Order(), progress)] == ["ann", "bea"]
    assert told["aside"] == [["“roster.csv”"]] and told["gone"] == [["bob"]]
    assert [row and row.student for row in told["done"]] == [None, "bea"]
    for name in "grades.csv", "canvas.csv", "moodle.csv":
        assert "bob" not in (tmp_path / "out" / name).read_text(encoding="utf-8")
    assert sorted(path.stem for path in (tmp_path / "out" / "feedback").iterdir()) == ["ann", "bea"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count("bob") == 1 and page.count("roster.csv") == 1
    (folder / "bea.ipynb").rename(folder / "bob.ipynb")
    assert [row.student for row in grade(folder, tmp_path / "out", Order(), progress)] == ["ann", "bob"]
    assert told["done"][2:] == [None, None]  # bob's row was kept


def test_the_grades_need_a_folder_of_their_own(tmp_path):
    folder = classroom.hand_in(tmp_path / "in", ann=[ONE])
    command = [*GRADE, folder, "--out", folder, "--dry-run"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "name another folder for the grades" in done.stderr
