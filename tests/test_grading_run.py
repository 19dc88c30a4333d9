"""From a folder to grades: the right points, whatever happens on the way."""

import csv
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import attacks
import classroom
import pytest
from soak import school

from actlab.course import PRACTICE
from actlab.exercises import Choice, lesson
from actlab.exercises.personal import orders, personal
from actlab.grading import causes, gradebook, gradescope, pages, reports, runtime, sandbox, witness
from actlab.grading.gradebook import Grade
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.outcome import Event, Remark
from actlab.grading.reading import read
from actlab.grading.row import exhibit
from actlab.grading.row import graded as graded_alone
from actlab.grading.run import Order, Progress, grade
from actlab.grading.standing import Rules, stand
from actlab.grading.submissions import collect
from actlab.learner import Kind

SECRET = b"a long random text"
SCHOOL = {f"s{k:02}": school.student(k) for k in range(8)}
SLOW = "import time\ntime.sleep({})\nimport numpy as np\ndef sigmoid(z):\n    return 0.5 + 0.5 * np.tanh(z / 2)"
GRADE = [sys.executable, "-m", "actlab.cli", "grade"]
REPORTS = (*reports.TABLES, "report.html", "written.html", "likeness.html", "gradebook.sqlite")


@pytest.mark.parametrize("name", REPORTS)
def test_the_manual_says_what_each_report_is_for(name):
    manual = (Path(__file__).parents[1] / "docs" / "grading.md").read_text(encoding="utf-8")
    assert f"`{name}`" in manual, f"docs/grading.md: a row for {name} belongs into “What you get”"


def scores(out: Path) -> dict[str, float]:
    with (out / "grades.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student"]: float(row["score"]) for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A small class of known scores, graded by the command."""
    root = tmp_path_factory.mktemp("school")
    hand_in = {name: cells for name, (cells, _) in SCHOOL.items()}
    classroom.hand_in(root / "in", **hand_in, twin=attacks.honest(), other=attacks.honest(), broken=b"{")
    done = subprocess.run([*GRADE, root / "in", "--out", root / "out"], capture_output=True, text=True)
    return done, root


def test_every_point_is_right(graded):
    done, root = graded
    assert done.returncode == 0, done.stderr
    with (root / "out" / "grades.csv").open(encoding="utf-8", newline="") as stream:
        table = {row["student"]: row for row in csv.DictReader(stream)}
    head = ["student", "status", "score", "max_score", *(exercise.name for exercise in lesson(PRACTICE.number))]
    assert list(table["s00"]) == head
    for name, (_, points) in SCHOOL.items():
        assert {key: int(table[name][key]) for key in points} == points, name
        assert float(table[name]["score"]) == sum(points.values())


def test_it_says_what_came_out(graded):
    done, root = graded
    assert "11 new, 0 unchanged" in done.stderr and "10 graded, 1 unreadable" in done.stderr
    assert all((root / "out" / name).exists() for name in REPORTS)


def test_a_second_run_grades_what_is_new_or_changed(graded, tmp_path):
    _, root = graded
    (root / "in" / "late.ipynb").write_bytes(classroom.notebook([*attacks.honest(), "late = True"]))
    (root / "in" / "broken.ipynb").write_bytes(classroom.notebook([SLOW.format(0)]))
    news = []
    rows = grade(root / "in", root / "out", Order(), Progress(done=lambda row: news.append(row and row.student)))
    assert sorted(filter(None, news)) == ["broken", "late"] and len(news) == len(rows) == 12
    assert scores(root / "out")["broken"] == 4


def test_feedback_helps_and_tells_no_secret(graded):
    _, root = graded
    for name in SCHOOL:
        page = (root / "out" / "feedback" / f"{name}.html").read_text(encoding="utf-8")
        assert "http" not in page.replace("http-equiv", "") and "<script" not in page and "viewport" in page
        assert "It looks like" in page or "What helps" in page or sum(SCHOOL[name][1].values()) == 100
        for exercise in lesson(PRACTICE.number):
            if isinstance(exercise, Choice) and not SCHOOL[name][1][exercise.name]:
                assert not any(exercise.options[letter] in page for letter in exercise.right)
                assert exercise.why not in page


def test_the_class_report_shows_mistakes_and_whom_to_look_at(graded):
    page = (graded[1] / "out" / "report.html").read_text(encoding="utf-8")
    for words in (
        "Students by score",
        "Items, the hardest first",
        "The commonest mistakes",
        "The same code, to the letter: twin",
    ):
        assert words in page


def test_gradescope_results_follow_the_schema(graded):
    allowed = {"score", "output", "output_format", "stdout_visibility", "visibility", "tests"}
    of_a_test = {"score", "max_score", "status", "name", "output", "output_format", "visibility"}
    for path in (graded[1] / "out" / "gradescope").iterdir():
        results = json.loads(path.read_text(encoding="utf-8"))
        assert set(results) <= allowed and len(results["tests"]) == 26
        assert results["score"] == sum(test["score"] for test in results["tests"])
        for test in results["tests"]:
            assert set(test) == of_a_test and test["status"] in ("passed", "failed")
            assert 0 <= test["score"] <= test["max_score"] and isinstance(test["output"], str)


def test_the_autograder_for_gradescope_grades(tmp_path):
    home = tmp_path / "autograder"
    gradescope.build(tmp_path / "autograder.zip", None, "bubblewrap")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        archive.extractall(home / "source")
        assert {"setup.sh", "run_autograder", "settings.json"} < set(archive.namelist())
        assert not [name for name in archive.namelist() if "solutions" in name or name.endswith(".ipynb")]
    classroom.hand_in(home / "submission", homework=attacks.honest())
    (home / "submission_metadata.json").write_text('{"users": [{"email": "ann@example.org", "id": 1}]}')
    start = f"from pathlib import Path; from actlab.grading import gradescope as g; g.main(Path({str(home)!r}))"
    subprocess.run([sys.executable, "-c", start], check=True, env=os.environ | {"PYTHONPATH": str(home / "source")})
    assert json.loads((home / "results" / "results.json").read_text())["score"] == 100
    (home / "submission" / "homework.ipynb").write_bytes(b"")
    gradescope.main(home)
    results = json.loads((home / "results" / "results.json").read_text())
    assert results["score"] == 0 and "empty" in results["output"]


def test_one_submission_alone_gets_the_row_that_it_gets_in_a_class(tmp_path):
    cells = (*school.student(2)[0], "1 / 0")
    folder = classroom.hand_in(tmp_path / "in", ann=cells, bob=b"{")
    order = Order(secret=SECRET)
    names = frozenset(exercise.name for exercise in lesson(PRACTICE.number))
    for submission, row in zip(collect(folder).submissions, grade(folder, tmp_path / "out", order), strict=True):
        reading = read(submission, names)
        shown = exhibit(reading)
        finding = witness.alone(shown, SECRET) if shown else witness.Finding()
        alone = graded_alone(reading, finding, order.terms(SECRET, submission.student))
        assert replace(alone, seconds=row.seconds) == row


def test_own_options_count_for_their_student_alone():
    letters, others = (
        {
            e.name: e.right
            for e in personal(SECRET, student).values()
            if e.lesson == PRACTICE.number and isinstance(e, Choice)
        }
        for student in ("ann", "bob")
    )
    cells = tuple(f"{name} = {letter!r}" for name, letter in letters.items())
    assert letters != others

    def earned(student):
        return judge(Job("4711", cells, Terms(b"s"), orders(SECRET, student))).score

    shared = 4 * sum(letters[name] == others[name] for name in letters)
    assert earned("ann") == 20 and earned("bob") == shared


def test_the_same_submission_scores_the_same():
    cells, points = school.student(3)
    once, again = (judge(Job("ann", tuple(cells), Terms(b"s"))) for _ in (0, 1))
    assert once.results == again.results and once.score == sum(points.values())


def test_harmless_things_cost_nothing():
    extra = (
        "import time\ntime.sleep(0.3)",
        "for _ in range(1000):\n    print('x' * 100)",
        "import warnings\nwarnings.warn('x')",
        "np = None\nsum = max = 3\nprint = None",
        "raise ValueError('a cell that fails')",
        "1 / 0",
        "from concurrent.futures import ThreadPoolExecutor\nlist(ThreadPoolExecutor(8).map(abs, range(99)))",
        "import tempfile, os\nopen('notes.txt', 'w').write('x' * 10**6)\nos.makedirs('deep/er')",
        "import nowhere\nwith nowhere.a.b(c=1) as d:\n    e, f = d",
        "display(1)\nget_ipython().run_line_magic('matplotlib', 'inline')",
    )
    cells = (*extra, *attacks.honest(), "z = 1", "check('relu', relu)", "relu(None)")
    outcome = judge(Job("ann", cells, Terms(b"s")))
    assert outcome.score == 100
    assert [(remark.kind, remark.cell) for remark in outcome.remarks] == [
        (Event.STOPPED, 5),
        *((Event.FAILED, k) for k in (6, 11, 20)),
    ]
    told = "Cell 5 stopped early. The code says: It raised ValueError: a cell that fails"
    assert outcome.remarks[0].sentence.startswith(told)


def test_late_cells_and_calls_cost_their_limit_once():
    swallow = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    endless = f"def relu(z):\n    {swallow.replace(chr(10), chr(10) + '    ')}"
    stops = "kept = 1\nwhile True:\n    pass"
    outcome = judge(Job("ann", (stops, swallow, *attacks.honest(), endless), Terms(b"s", seconds=2.0)))
    assert outcome.score == 98
    stopped, dropped = outcome.remarks
    assert (stopped.kind, stopped.cell, dropped) == (Event.INTERRUPTED, 1, Remark(Event.LATE, 2, 2.0))
    assert stopped.sentence.startswith("Cell 1 was stopped: it ran for longer than 2 s. The code says: It was still")
    assert dropped.sentence == "Cell 2 was left out: it was still running after 2 s."
    late = next(result for result in outcome.results if result.name == "relu")
    assert late.kind is Kind.TIME and late.sentence.startswith("`relu` was still running")
    row = gradebook.as_recorded(Grade("ann", "", "graded", 98, 100, results=outcome.results, remarks=outcome.remarks))
    ((_, reasons),) = causes.for_a_human([stand(row, Rules(lesson(PRACTICE.number)))])
    listed = ["Cell 1 was stopped: it ran for longer than 2 s.", dropped.sentence, "Calling relu took too long."]
    assert reasons == listed


def test_without_bubblewrap_it_refuses_and_says_why(tmp_path):
    classroom.hand_in(tmp_path / "in", ann=[SLOW.format(0)])
    command = [*GRADE, tmp_path / "in", "--out", tmp_path / "out"]
    nowhere = os.environ | {"PATH": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, env=nowhere)
    assert done.returncode == 1 and not (tmp_path / "out").exists()
    for words in ("bubblewrap is not installed here", "could read answers", "container", "`--sandbox none`"):
        assert words in done.stderr
    done = subprocess.run([*command, "--sandbox", "none"], capture_output=True, text=True, env=nowhere)
    assert done.returncode == 0 and "No sandbox" in done.stderr and scores(tmp_path / "out") == {"ann": 4}


def test_a_sandbox_that_does_not_start_is_explained(monkeypatch):
    monkeypatch.setattr(runtime, "DEVICES", ("null", "nowhere"))
    with pytest.raises(sandbox.NoSandbox, match=r"does not start here: bwrap: .*nowhere"):
        sandbox.require("bubblewrap")


def test_help_lists_what_status_may_say():
    shown = subprocess.run(
        [*GRADE, "--help"], capture_output=True, text=True, env=os.environ | {"COLUMNS": "200"}
    ).stdout
    assert all(word in shown for word in ("graded", "empty", "unreadable", "missing", "refused", "failed"))


def test_a_killed_run_goes_on_where_it_stopped(tmp_path):
    classroom.hand_in(tmp_path / "in", **{f"s{k}": [SLOW.format(0.2)] for k in range(10)})
    running = subprocess.Popen([*GRADE, tmp_path / "in", "--out", tmp_path / "out"], stderr=subprocess.DEVNULL)
    book = tmp_path / "out" / "gradebook.sqlite"
    deadline = time.monotonic() + 60
    while rows(book) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    before = rows(book)
    assert 3 <= before < 10
    news = []
    grade(tmp_path / "in", tmp_path / "out", Order(), Progress(done=lambda row: news.append(row)))
    assert sum(row is None for row in news) == before and rows(book) == 10
    assert set(scores(tmp_path / "out").values()) == {4}


def test_ctrl_c_is_one_sentence_and_the_next_run_goes_on(tmp_path):
    classroom.hand_in(tmp_path / "in", **{f"s{k}": [SLOW.format(0.2)] for k in range(40)})
    command = [*GRADE, tmp_path / "in", "--out", tmp_path / "out"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while rows(tmp_path / "out" / "gradebook.sqlite") < 3 and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    out, said = running.communicate()
    kept = rows(tmp_path / "out" / "gradebook.sqlite")
    assert running.returncode == 130 and not out and "Traceback" not in said and 3 <= kept < 40
    told = re.fullmatch(r"Stopped; (\d+) are kept: run it again, and it goes on there.", said.splitlines()[-1])
    assert told and kept - int(told[1]) in (0, 1), said
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and f"{40 - kept} new, {kept} unchanged." in done.stderr


def rows(book: Path) -> int:
    try:
        with sqlite3.connect(book) as connection:
            return connection.execute("SELECT count(*) FROM grades").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def test_two_graders_wait_for_each_other(tmp_path):
    classroom.hand_in(tmp_path / "in", **{f"s{k}": [SLOW.format(0.3)] for k in range(4)})
    news, waited = [], threading.Event()
    first = subprocess.Popen([*GRADE, tmp_path / "in", "--out", tmp_path / "out"], stderr=subprocess.DEVNULL)
    while not (tmp_path / "out" / "gradebook.sqlite").exists():
        time.sleep(0.02)
    grade(tmp_path / "in", tmp_path / "out", Order(), Progress(waited.set, done=news.append))
    assert first.wait(10) == 0 and waited.is_set() and news == [None] * 4


def test_a_cluster_grades_and_survives_the_death_of_a_worker(tmp_path):
    classroom.hand_in(tmp_path / "in", **{f"s{k:02}": [SLOW.format(0.3)] for k in range(12)})
    seen = []
    with classroom.cluster(tmp_path / "dask", 2, "") as (scheduler, workers):

        def done(row):
            seen.append(row)
            if len(seen) == 3:
                workers[0].kill()

        found = grade(tmp_path / "in", tmp_path / "out", Order(scheduler=scheduler), Progress(done=done))
    assert [row.score for row in found] == [4] * 12 and len(seen) == 12
    assert all(row.status == "graded" for row in found)


def test_a_local_worker_that_dies_is_replaced(tmp_path):
    import psutil

    classroom.hand_in(tmp_path / "in", **{f"s{k:02}": [SLOW.format(0.3)] for k in range(8)})
    seen = []

    def done(row):
        seen.append(row)
        if len(seen) == 2:
            workers = [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]
            workers[0].kill()

    found = grade(tmp_path / "in", tmp_path / "out", Order(), Progress(done=done))
    assert [(row.status, row.score) for row in found] == [("graded", 4)] * 8


@pytest.mark.parametrize(("value", "text"), {3: "3", 4.0: "4", 2.5: "2.5", 1 / 3: "0.33", 0: "0", 100: "100"}.items())
def test_numbers_are_short(value, text):
    assert pages.number(value) == text


@pytest.mark.parametrize("student", ["ann", "x" * 300, "..", ".", "a/b", "a\nb", "名前", "=x", "a b"])
def test_every_id_names_a_file(student, tmp_path):
    name = pages.file_name(student)
    (tmp_path / f"{name}.html").write_text("x")
    assert name == student or (len(name) < 100 and name != pages.file_name(student + "."))
