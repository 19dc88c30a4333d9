"""A complaint, answered: the cases that counted, what came and what is right, on a page and in a notebook that runs."""

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import unicodedata
import warnings
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import classroom
import nbclient
import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from soak import school
from wild import ROWS

from actlab.course import CHALLENGE, PRACTICE
from actlab.errors import CourseError
from actlab.exercises import EXERCISES, Choice, Status, Task, trials
from actlab.exercises.model import close
from actlab.exercises.personal import cases_rng, key
from actlab.exercises.words import given as in_words
from actlab.grading import excerpt, explain, marking, rerun
from actlab.grading.gradebook import Grade, Gradebook
from actlab.grading.run import Order, grade
from actlab.learner import Kind, Trouble
from actlab.recipes import Function
from actlab.roster import Person, Roster

SECRET = b"a long random text"
HEAD = "import math\nimport numpy as np"
HOSTILE = """
def sigmoid(z):
    # </pre></code><script>alert("EVE")</script>{{ 7 * 7 }}
    raise ValueError("<script>alert(1)</script> ![x](https://example.org/x.png)")
"""
COUNTING = """
calls = [0]
def relu(z):
    calls[0] += 1
    return np.maximum(z, 0) if calls[0] > 7 else z
"""
HELPED = """
import matplotlib.pyplot as plt
FACTOR = 2
unrelated = "NOT ASKED FOR"

def half(z):
    return z / FACTOR

%matplotlib inline
def sigmoid(z):
    return half(1 + np.tanh(half(z))) + 0.5

plt.plot(sigmoid(np.arange(3)))
"""
MÜLLER = unicodedata.normalize("NFD", "Müller")


def by_hand(number):
    """One answer to each function of the practice, wrong as people write them."""
    known = {}
    for row in ROWS:
        if row.id in PRACTICE.exercises:
            known.setdefault(row.id, []).append(row.code)
    return [HEAD, *(rows[number % len(rows)] for rows in known.values())]


def personal(student):
    """A practice of one's own, with a wrong letter, a function that is right in part, and one that is wrong."""
    notebook = json.loads(classroom.solved_bytes(SECRET, student))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if source.startswith("q1_reason = "):
            cell["source"] = f'q1_reason = "{"a" if "b" in source.partition("=")[2] else "b"}"'
    more = "def sigmoid(z):\n    return np.exp(z) / (1 + np.exp(z))\ndef relu(z):\n    return np.abs(z)"
    added = {"cell_type": "code", "source": more, "metadata": {}, "outputs": [], "execution_count": None, "id": "more"}
    return json.dumps(notebook | {"cells": [*notebook["cells"], added]}).encode()


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Folders of grades: the practice for all, the practice of each their own, the challenge."""
    root = tmp_path_factory.mktemp("explain")
    classroom.hand_in(
        root / "plain",
        sam=school.student(2)[0],
        wes=by_hand(0),
        eve=[HEAD, HOSTILE],
        cal=[HEAD, COUNTING],
        hal=[HEAD, HELPED],
        broken=b"{",
        **{MÜLLER: [HEAD, "def relu(z):\n    return z"]},
    )
    classroom.hand_in(root / "own", ana=personal("ana"), ben=classroom.solved_bytes(SECRET, "ben"))
    classroom.hand_in(
        root / "challenge",
        ana=classroom.challenged(SECRET, "ana"),
        ben=classroom.challenged(SECRET, "ben", answered_by="ana"),
    )
    grade(root / "plain", root / "plain.out", Order())
    grade(root / "own", root / "own.out", Order(SECRET))
    grade(root / "challenge", root / "challenge.out", Order(SECRET, lesson=CHALLENGE.number))
    return {name: root / f"{name}.out" for name in ("plain", "own", "challenge")}


def everything(out, student, secret):
    """Every name explained, whether it lost points or not, with its notebook; and the row."""
    row, cells, number, found, _ = explain.read(out, student, secret)
    job = explain.job_of(row, cells, number, found, "bubblewrap")
    which = list(zip(explain.asked(job), row.results, strict=True))
    return row, list(explain.explained(job, row, which, student))


def points_of(item):
    """What a name earns by the table that is shown for it."""
    exercise = item.exercise
    if isinstance(exercise, Choice):
        return exercise.points * any(option.right and option.chosen for option in item.options)
    wrong = {one.part for one in item.counted if not one.right}
    tried = {one.part for one in item.counted}
    earned = {part: points for part, points in exercise.parts.items() if part in tried - wrong}
    return sum(earned.values()) if next(iter(exercise.parts)) in earned else 0


def ran(notebook):
    """What the notebook finds, and prints at its end, run as plain Python."""
    space, out = {"__name__": "__main__"}, io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cell in json.loads(notebook)["cells"]:
            if cell["cell_type"] == "code":
                with contextlib.suppress(*[Exception] * bool(cell["metadata"].get("tags"))):
                    exec(compile(cell["source"], "cell", "exec", dont_inherit=True), space)
    return space["found"], out.getvalue().splitlines()[-1]


@pytest.mark.parametrize(
    ("folder", "student", "secret"),
    [
        ("plain", "sam", None),
        ("plain", "wes", None),
        ("own", "ana", SECRET),
        ("challenge", "ana", SECRET),
        ("challenge", "ben", SECRET),
    ],
)
def test_the_recorded_points_follow_from_the_cases_that_are_shown_and_the_notebook_finds_the_same(
    folders, folder, student, secret
):
    row, items = everything(folders[folder], student, secret)
    assert len(items) == len(row.results)
    for item, notebook in items:
        assert points_of(item) == item.recorded.points, item.exercise.name
        assert not item.changed
        assert bool(notebook) == (isinstance(item.exercise, Task) and item.recorded.kind is not Kind.STUB)
        if notebook:
            shown = {one.number: one.right for one in item.counted} | {
                one.number: False for one in item.counted if not one.right
            }
            found, said = ran(notebook)
            assert found == [right for _, right in sorted(shown.items())], item.exercise.name
            assert said == "As graded: True", item.exercise.name


def test_what_is_shown_are_the_cases_that_counted_and_not_those_of_the_feedback(folders):
    row, items = everything(folders["own"], "ana", SECRET)
    item = next(item for item, _ in items if item.exercise.name == "sigmoid")
    sigmoid, mine = EXERCISES["sigmoid"], key(SECRET, "ana")
    counted, other = (
        sorted(in_words(sigmoid, case.args) for case in sigmoid.cases(cases_rng(mine, "sigmoid", use)))
        for use in ("cases", "feedback")
    )
    assert sorted(one.given for one in item.counted) == counted != other
    assert [one.right for one in item.counted] == sorted(one.right for one in item.counted), "wrong ones first"
    assert row.results[0].parts["large inputs"].points == 0 < row.results[0].points, "right in part"


def test_a_letter_is_shown_in_the_order_that_the_student_saw(folders):
    row, items = everything(folders["own"], "ana", SECRET)
    item = next(item for item, _ in items if item.exercise.name == "q1_reason")
    order = row.orders["q1_reason"]
    assert [option.original for option in item.options] == list(order) != sorted(order)
    chosen, right = ([o for o in item.options if getattr(o, what)] for what in ("chosen", "right"))
    assert chosen[0].letter == item.answer and not chosen[0].right
    assert right[0].original == EXERCISES["q1_reason"].right
    assert right[0].text == EXERCISES["q1_reason"].options[right[0].original]


@pytest.fixture(scope="module")
def written(folders, tmp_path_factory):
    """What the command writes for some students."""
    to = tmp_path_factory.mktemp("to")
    return {student: explain.explain(folders["plain"], student, to=to) for student in ("wes", "eve", "cal", "hal")}


@pytest.mark.parametrize("name", ["layer_gradient_norms", "he_normal", "gelu"])
def test_a_notebook_runs_in_jupyter_with_numpy_alone(written, name):
    path = next(path for path in written["wes"].notebooks if path.stem == f"wes_{name}")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    alone = "import sys\nsys.modules['actlab'] = sys.modules['scipy'] = None"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(alone))
    nbclient.NotebookClient(notebook, timeout=120).execute()
    said = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert said.endswith("As graded: True\n") and "WRONG" in said


def test_page_and_notebooks_lie_in_the_folder_of_grades_and_only_its_owner_reads_them(folders):
    done = explain.explain(folders["plain"], "hal", "sigmoid")
    assert done.page == folders["plain"] / "explain" / "hal_sigmoid.html"
    assert [path.name for path in done.notebooks] == ["hal_sigmoid.ipynb"]
    assert {path.stat().st_mode & 0o777 for path in (done.page, *done.notebooks)} == {0o600}


def test_the_page_shows_the_code_that_the_answer_needs_and_no_other(written):
    page = BeautifulSoup(written["hal"].page.read_text(encoding="utf-8"), "html.parser")
    code = page.select_one("#sigmoid").get_text()
    assert "def half(z):" in code and "FACTOR = 2" in code and "import numpy as np" in code
    assert "NOT ASKED FOR" not in code and "plt" not in code
    assert "def sigmoid" in page.select("#sigmoid .beside > div")[1].get_text(), "the course's own"
    assert "10" in [line.get_text() for line in page.select("#sigmoid pre i")], "the lines of the cell"


def test_a_hostile_submission_stays_text(written):
    html = written["eve"].page.read_text(encoding="utf-8")
    assert "<script" not in html and "default-src 'none'" in html and "{{ 7 * 7 }}" in html
    assert "&lt;script&gt;alert(1)" in html, "what the function raised is shown"
    assert not BeautifulSoup(html, "html.parser").select("img, script, iframe, link")
    first = nbformat.read(written["eve"].notebooks[0], as_version=4).cells[0]
    assert first.cell_type == "markdown" and "look before you run it" in first.source


def test_nothing_of_another_student_is_on_the_page(written):
    for student, done in written.items():
        everything_written = "".join(path.read_text(encoding="utf-8") for path in (done.page, *done.notebooks))
        for other in {"wes", "eve", "cal", "hal", "sam"} - {student}:
            assert f"{other}.ipynb" not in everything_written and f"Student: `{other}`" not in everything_written
        assert ("EVE" in everything_written) == (student == "eve")


def test_an_answer_that_the_judge_stumbles_over_before_it_asks_is_said_so(folders, monkeypatch):
    heard = marking.heard

    def stumbling(task, *rest):
        if task.id == "relu":
            raise ValueError("no reference")
        return heard(task, *rest)

    monkeypatch.setattr(marking, "heard", stumbling)
    (item,) = explain.explain(folders["plain"], "wes", "relu").items
    assert "The judge itself stumbled over this answer" in item.unsaid


def test_where_the_code_alone_does_something_else_the_notebook_says_so(folders, tmp_path):
    (notebook,) = explain.explain(folders["plain"], "cal", "relu", to=tmp_path).notebooks
    assert "may differ from the graded one" in nbformat.read(notebook, as_version=4).cells[0].source


def test_what_was_not_attempted_is_told_without_cases(written):
    item = next(item for item in written["eve"].items if item.exercise.name == "gelu")
    assert (item.counted, item.notebook) == ([], "") and "Nothing is written yet" in item.unsaid
    assert [path.name for path in written["eve"].notebooks] == ["eve_sigmoid.ipynb"]


def test_the_page_says_that_it_is_the_instructors_and_when_the_deadline_is(folders, tmp_path):
    with Gradebook(folders["plain"]) as book:
        book.keep("deadline", (datetime.now() + timedelta(days=300)).isoformat().encode())
    html = explain.explain(folders["plain"], "hal", "relu", to=tmp_path).page.read_text(encoding="utf-8")
    assert "This is the instructor's page" in html and "not yet" in html
    with Gradebook(folders["plain"]) as book:
        book.keep("deadline", b"2020-01-01T00:00:00")
    html = explain.explain(folders["plain"], "hal", "relu", to=tmp_path).page.read_text(encoding="utf-8")
    assert "This is the instructor's page" in html and "not yet" not in html


def copied(folder, to):
    """A gradebook of its own, to be changed."""
    to.mkdir()
    with sqlite3.connect(folder / "gradebook.sqlite") as old, sqlite3.connect(to / "gradebook.sqlite") as new:
        old.backup(new)
    return to


def test_points_that_are_not_those_recorded_are_told(folders, tmp_path):
    out = copied(folders["plain"], tmp_path / "out")
    with Gradebook(out) as book:
        row = next(row for row in book.grades() if row.student == "hal")
        good = EXERCISES["relu_derivative"].result(Status.RIGHT, ["values"])
        results = [good if one.name == good.name else one for one in row.results]
        book.record(replace(row, results=results), book.cells("hal"))
    (item,) = explain.explain(out, "hal", "relu_derivative").items
    assert item.changed.startswith("Recorded are 2 of 2 points, and now it earns 0: by the same version")
    with Gradebook(out) as book:
        book.record(replace(row, results=results, judge="0123456789abcdef"), book.cells("hal"))
    (item,) = explain.explain(out, "hal", "relu_derivative").items
    assert "another version of actlab" in item.changed


def test_an_id_is_found_however_its_letters_are_composed(folders, tmp_path):
    done = explain.explain(folders["plain"], unicodedata.normalize("NFC", MÜLLER), "relu", to=tmp_path)
    assert done.items[0].recorded.points == 0


def test_whom_the_roster_knows_is_found_by_another_id_and_by_name(folders, tmp_path):
    out = copied(folders["plain"], tmp_path / "out")
    with Gradebook(out) as book:
        book.keep("roster", Roster((Person("hal", "Hal Sample", email="h.sample@example.org"),)).dumps())
    for called in ("Hal Sample", "h.sample@example.org"):
        assert explain.explain(out, called, "relu").page.name == "hal_relu.html"


def test_of_somebody_who_handed_in_nothing_the_roster_tells_that(folders, tmp_path):
    out = copied(folders["plain"], tmp_path / "out")
    with Gradebook(out) as book:
        book.keep("roster", Roster((Person("zoe", "Zoe Sample"),)).dumps())
    with pytest.raises(CourseError, match=r"^“zoe” is on the roster and handed in nothing"):
        explain.explain(out, "Zoe Sample")


SENTENCES = {
    "no gradebook": ("nowhere", "ana", "", None, "holds no gradebook: give the folder that `actlab grade` wrote"),
    "nobody": ("plain", "zzz", "", None, "nobody is called “zzz” in this gradebook."),
    "another case": ("plain", "SAM", "", None, "nobody is called “SAM” in this gradebook; did you mean “sam”?"),
    "a slip": ("plain", "brokn", "", None, "did you mean “broken”?"),
    "a name that is none": ("plain", "sam", "sigmod", None, "did you mean “sigmoid”"),
    "unreadable": ("plain", "broken", "", None, "“broken” is `unreadable` in this folder, so nothing was tested."),
    "no secret": ("own", "ana", "", None, "was graded with a secret, which it does not keep: add --secret FILE"),
    "another secret": ("own", "ana", "", b"another random text", "was graded under another secret than this one"),
    "a secret too many": ("plain", "sam", "", SECRET, "was graded under another secret than this one"),
    "nothing lost": ("own", "ben", "", SECRET, "ben lost no points. Name an exercise to see its cases"),
}


@pytest.mark.parametrize("what", SENTENCES)
def test_what_cannot_be_explained_is_a_sentence_and_writes_nothing(folders, tmp_path, what):
    folder, student, name, secret, said = SENTENCES[what]
    with pytest.raises(CourseError) as error:
        explain.explain(folders.get(folder, tmp_path / folder), student, name, secret, tmp_path / "to")
    assert said in f"{error.value}" and "\n" not in f"{error.value}"
    assert not list(tmp_path.iterdir()), "neither a page nor a gradebook"


def test_a_gradebook_of_an_older_actlab_asks_to_grade_again(folders, tmp_path):
    old = json.loads(Path(__file__).with_name("gradebook_of_0_1.json").read_text(encoding="utf-8"))
    out = copied(folders["plain"], tmp_path / "out")
    with sqlite3.connect(out / "gradebook.sqlite") as book:
        book.execute("DELETE FROM cells")
        book.execute("DELETE FROM grades")
        for row in old:
            values = [json.dumps(value) if isinstance(value, dict) else value for value in row.values()]
            book.execute("INSERT INTO grades VALUES (?, ?, ?, ?, ?, ?)", values)
    with Gradebook(out) as book:
        graded = next(row.student for row in book.grades() if row.status == "graded")
    with pytest.raises(CourseError, match="an older actlab wrote: run `actlab grade` again"):
        explain.explain(out, graded)


def test_an_older_row_is_read_without_what_explaining_needs():
    row = Grade("ana", "x", "graded", 1, 2)
    assert (row.orders, row.instance, row.limit, row.judge) == ({}, "", 0.0, "")


def test_the_command_says_what_it_wrote_and_what_was_wrong(folders, tmp_path):
    command = [sys.executable, "-m", "actlab.cli", "explain", "hal", "sigmoid"]
    where = ["--out", folders["plain"], "--to", tmp_path / "to"]
    done = subprocess.run([*command, *where], capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    first, page, notebook = done.stdout.splitlines()
    assert first == "sigmoid: 0 of 4 points, 9 of 9 cases wrong"
    assert Path(page).is_file() and Path(notebook).is_file()
    failed = subprocess.run([*command[:-1], "--out", tmp_path], capture_output=True, text=True, env=os.environ)
    assert failed.returncode == 1 and failed.stderr.startswith("actlab: ") and "Traceback" not in failed.stderr


@given(st.lists(st.text(max_size=80), max_size=4), st.text(max_size=5))
@settings(max_examples=60, deadline=None)
def test_no_text_keeps_code_from_being_looked_through(cells, name):
    excerpt.needed(excerpt.statements(cells), name)


@pytest.mark.parametrize(
    "cell", ["(" * 5000, "-" * 100_000 + "1", "x = " + "[" * 300, "\0", "def f(:\n", "1_" * 9, "%%bash\nrm x"]
)
def test_what_python_cannot_read_counts_for_nothing(cell):
    assert excerpt.statements([cell]) == []


NAMES = st.sampled_from("abcd")
STATEMENTS = st.one_of(
    st.tuples(NAMES, st.integers(0, 9)).map(lambda t: f"{t[0]} = [{t[1]}]"),
    st.tuples(NAMES, NAMES).map(lambda t: f"{t[0]} = {t[1]} + {t[1]}"),
    st.tuples(NAMES, NAMES).map(lambda t: f"{t[0]} += {t[1]}"),
    st.tuples(NAMES, NAMES).map(lambda t: f"{t[0]}.append(len({t[1]}))"),
    st.tuples(NAMES, NAMES).map(lambda t: f"for i in {t[1]}[:2]:\n    {t[0]} = [i]"),
    st.tuples(NAMES, NAMES).map(lambda t: f"def {t[0]}_of(x):\n    return {t[1]} + x\n{t[0]} = {t[0]}_of([1])"),
)


def space_of(sources):
    space = {}
    for source in sources:
        with contextlib.suppress(Exception):
            exec(source, space)
    return space


@given(st.lists(STATEMENTS, max_size=12), NAMES)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_statements_that_a_name_needs_give_it_the_value_that_all_give_it(sources, name):
    known = excerpt.statements(["a, b, c, d = [1], [2], [3], [4]", *sources])
    some = excerpt.needed(known, name)
    alone, together = (space_of(one.source for one in found) for found in (some, known))
    assert repr(alone[name]) == repr(together[name])


@given(arrays.arrays(st.sampled_from(["f8", "f4", "f2", "i8", "?"]), arrays.array_shapes(min_dims=0, min_side=0)))
@settings(max_examples=150, deadline=None)
def test_an_array_written_as_code_is_the_same_array(value):
    again = eval(rerun.literal(value), {"np": np})
    assert again.dtype == value.dtype and again.shape == value.shape
    assert np.array_equal(again, value, equal_nan=value.dtype.kind == "f")


@given(st.floats(allow_nan=False) | st.integers() | st.booleans() | st.text() | st.none())
def test_a_plain_argument_written_as_code_is_the_same(value):
    assert eval(rerun.literal((value, [np.array([1.0])])), {"np": np})[0] == value


def test_a_function_that_is_handed_over_is_written_as_code():
    assert rerun.literal(Function("tanh", 2.0)) == "Function(name='tanh', stretch=2.0, derivative=False).make()"


@pytest.mark.parametrize(
    "task", [e for e in EXERCISES.values() if isinstance(e, Task) and e.accept is not close and e.question]
)
def test_the_bounds_that_are_shown_are_those_of_the_judge(task):
    def nothing(*args):
        raise Trouble(Kind.NONE, "nothing came")

    rng = np.random.default_rng(1)
    for one in trials(task, nothing, np.random.default_rng(0))[:4]:
        want = one.want[0]
        low, high = rerun.bounds(task.accept, one, 0)
        for off in (1e-9, 1e-7, 1e-6, 1e-5, 1e-3, 0.1, 1.0):
            with np.errstate(all="ignore"):
                sign = rng.choice([-1.0, 1.0], want.shape)
                got = want * (1 + off * sign) + off * rng.choice([-1.0, 0.0, 1.0], want.shape)
                right = np.asarray(task.accept(got, want, one.case, 0), bool).reshape(want.shape)
            assert np.array_equal((low <= got) & (got <= high), right), task.id
