"""One file costs one row: whatever it holds, all other rows, pages and platform files are written, and stay small."""

import csv
import json
import os
import re
import sqlite3
import stat
import subprocess
import sys
import unicodedata
from dataclasses import asdict, replace
from datetime import datetime

import attacks
import classroom
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from soak import fuzz

from actlab import cli, sheets
from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import EXERCISES, Choice, Status, evaluate, lesson
from actlab.grading import cluster, desk, exports, feedback, gradebook, gradescope, marking, pages, reports, run
from actlab.grading.gradebook import Grade, Gradebook
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.outcome import Event, Remark, checked, few
from actlab.grading.run import Order, grade
from actlab.grading.standing import ABSENT, EXCUSED, Rules, stand
from actlab.grading.submissions import STATUSES

ASKED = lesson(PRACTICE.number)
RULES = Rules(ASKED)


def standings(rows):
    """Return how a class stands about which nobody decided anything."""
    return [stand(row, RULES) for row in rows]


def paper(row, rules=RULES):
    """Return a student's page."""
    return feedback.feedback(stand(row, rules), rules)


def gradescoped(row):
    """Return Gradescope's results of a student."""
    return feedback.gradescope(stand(row, RULES), RULES)


MORE_CELLS = 120
SEEN = """
import numpy as np
seen = []

def told(z):
    seen.extend(map(float, np.ravel(z)))
    raise ValueError(" ".join(f"{x!r}" for x in seen[-4:]))

def relu(z):
    return np.maximum(z, 0) if np.shape(z) == (6,) else told(z)

def gelu(z):
    return told(z)
"""


def written_cell(text: str) -> dict:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A class in which three hand in more than anybody stores, and one does not."""
    root = tmp_path_factory.mktemp("hostile")
    many = json.loads(classroom.notebook([f"raise ValueError('{k}' * 3000)" for k in range(MORE_CELLS)]))
    long = json.loads(classroom.notebook(attacks.honest(), metadata={"actlab": {"student": "x" * 5_000_000}}))
    wordy = json.loads(classroom.notebook(attacks.honest()))
    wordy["cells"] += [written_cell("### In your own words\n" + "&💬" * 10_000) for _ in range(200)]
    sent = {"many": many, "long": long, "wordy": wordy}
    handed_in = {name: json.dumps(content).encode() for name, content in sent.items()}
    classroom.hand_in(root / "in", **handed_in, honest=attacks.honest())
    rows = grade(root / "in", root / "out", Order(seconds=1.0))
    return {row.student: row for row in rows}, root / "out"


def test_whatever_one_hands_in_the_others_are_graded_and_have_their_pages(hostile):
    rows, out = hostile
    assert rows.keys() == {"many", "long", "wordy", "honest"} and rows["honest"].score == 100
    for student in rows:
        assert (out / "feedback" / f"{student}.html").exists() and (out / "gradescope" / f"{student}.json").exists()


def test_what_is_stored_of_one_submission_has_a_bound(hostile):
    rows, out = hostile
    assert sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) < 3_000_000
    remarks = rows["many"].remarks
    assert 1 <= len(remarks) <= 51
    assert max(len(remark.said) for remark in remarks) <= 300


def test_of_many_remarks_the_alarming_ones_are_kept_and_the_others_counted():
    remarks = [Remark(Event.STOPPED, k, said="x" * 900) for k in range(5000)] + [Remark(Event.ENDED, 5000)]
    kept = few(remarks)
    assert len(kept) == 51 and kept[-2] == remarks[-1] and kept[-1] == Remark(Event.MORE, many=4951)
    assert kept[-1].sentence == "And 4,951 more of these." and len(kept[0].said) == 300
    assert few(kept) == kept and few(remarks[:50]) == [replace(one, said=one.said[:299] + "…") for one in remarks[:50]]


def test_noise_of_every_kind_leaves_the_honest_alone(tmp_path):
    """Notebooks, zips, and code that talks on the wire; `make soak` goes on for an hour, and with names too."""
    source = fuzz.hand_in(tmp_path, 20, ("json", "zips", "wire"), many=4)
    rows = {row.student: row for row in grade(source, tmp_path / "out", Order(seconds=1.0))}
    assert rows[fuzz.HONEST].score == 100 and len(rows) == 13
    assert not [name for name, row in rows.items() if row.status == "failed" or (name.startswith("wire") and row.score)]
    for folder in ("feedback", "gradescope"):
        assert len(list((tmp_path / "out" / folder).iterdir())) == len(rows)


TEXTS = st.text(max_size=20) | st.text(min_size=1, max_size=3).map(lambda text: text * 50_000)
LISTS = st.lists(TEXTS, max_size=4) | TEXTS.map(lambda text: [text] * 400)
RESULT = evaluate(EXERCISES["relu"], lambda z: z, 1)


@st.composite
def grades(draw):
    """A row as the maddest submission could make it."""
    texts = {name: draw(TEXTS) for name in ("sentence", "name", "code", "handed_to", "file")}
    lists = {name: draw(LISTS) for name in ("notes", "hints", "written")}
    result = replace(RESULT, sentence=draw(TEXTS), cause=draw(TEXTS), failing=RESULT.failing * draw(st.integers(0, 99)))
    remarks = [Remark(draw(st.sampled_from(Event)), 1, said=draw(TEXTS))] * draw(st.sampled_from([0, 1, 9999]))
    number = st.floats() | st.integers(0, 100)
    student, seconds = draw(TEXTS), draw(number)
    return Grade(
        student,
        draw(TEXTS),
        "graded",
        draw(number),
        100,
        results=[result],
        remarks=remarks,
        seconds=seconds,
        **texts,
        **lists,
    )


@given(grades())
@settings(max_examples=25, deadline=None)
def test_every_row_can_be_recorded_and_reported_and_is_small(tmp_path_factory, row):
    folder = tmp_path_factory.mktemp("book")
    with Gradebook(folder) as book:
        book.record(row)
        book.record(Grade("honest", "x", "graded", 7, 100))
        kept = {one.student: one for one in book.grades()}
        assert kept["honest"].score == 7 and len(kept) == 2 - (row.student == "honest")
        (size,) = book.connection.execute("SELECT max(length(details) + length(student)) FROM grades").fetchone()
        assert size <= gradebook.MOST_BYTES + 255
    assert {one.student for one in reports.write(folder, standings(kept.values()), RULES)} == kept.keys()
    assert len(list((folder / "feedback").iterdir())) == len(list((folder / "gradescope").iterdir())) == len(kept)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 3_000_000


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda x: st.lists(x, max_size=3))


@given(st.sampled_from(["results", "remarks", "notes", "written", "seconds", "status", "parts", "cell", "name"]), JSON)
@settings(max_examples=40, deadline=None)
def test_a_row_that_somebody_spoiled_is_graded_again_and_spoils_no_other(tmp_path_factory, where, what):
    folder = tmp_path_factory.mktemp("book")
    good = Grade("ann", "x", "graded", 1, 100, results=[RESULT], remarks=[Remark(Event.LATE, 1)])
    with Gradebook(folder) as book:
        book.record(good)
        book.record(replace(good, student="bob"))
        details = {name: value for name, value in asdict(good).items() if name not in gradebook.COLUMNS}
        for place in (details, details["results"][0], details["remarks"][0]):
            if where in place:
                place[where] = what
        book.connection.execute("UPDATE grades SET details = ? WHERE student = 'ann'", [json.dumps(details)])
        ann, bob = book.grades()
        assert bob == replace(good, student="bob") and book.identities()["bob"] == "x"
        assert ("ann" in book.identities()) == (ann.status != "failed")
    assert [row.student for row in reports.write(folder, standings([ann, bob]), RULES)] == ["ann", "bob"]


def test_a_row_of_which_no_page_can_be_made_is_failed_and_the_others_are_written(tmp_path):
    odd = replace(RESULT, failing=None, sentence=None)
    rows = [Grade(name, "x", "graded", 2, 100, results=[RESULT]) for name in ("ann", "cleo")]
    rows.insert(1, Grade("bob", "x", "graded", 2, 100, results=[odd]))
    ann, bob, cleo = (one.grade for one in reports.write(tmp_path, standings(rows), RULES))
    assert (ann, cleo) == (rows[0], rows[2]) and bob.status == "failed" and bob.score == 0
    for words in ("the pages of bob were written", "Error in ", ".py, line ", "report this sentence"):
        assert words in bob.sentence
    assert "not your fault" in (tmp_path / "feedback" / "bob.html").read_text("utf-8")
    assert "the pages of bob" in (tmp_path / "report.html").read_text("utf-8")
    with (tmp_path / "canvas.csv").open(encoding="utf-8", newline="") as stream:
        assert [row[-1] for row in csv.reader(stream)][2:] == ["2", "", "2"], "nobody earned 0"


def test_what_another_try_cannot_change_is_tried_once_and_says_what_failed_and_where(monkeypatch):
    tries = []
    submit = run._Pool.submit
    monkeypatch.setattr(run._Pool, "submit", lambda pool, job: tries.append(job) or submit(pool, job))
    job = Job("ann", ("x = 1",), Terms(b"s"), {"q1_reason": "abba"})  # no order of its options
    row = Grade("ann", "x", "graded", 0, 100)
    ((_, _, error),) = run._judged([(job, row)], Order(workers=1))
    failed = run._failed(row, error)
    assert len(tries) == 1 and failed.status == "failed"
    assert re.search(r"the exercises were drawn for ann: ValueError in exercises/model.py, line \d+\.", failed.sentence)


class Deadly(Job):
    """A job that ends the process which receives it."""

    def __reduce__(self):
        return os._exit, (1,)


def test_what_ends_its_judge_costs_itself_alone():
    honest = [
        (Job(f"s{k}", ("def relu(z):\n    return abs(z)",), Terms(b"s")), Grade(f"s{k}", "", "", 0, 0))
        for k in range(5)
    ]
    deadly = Deadly("x", (), Terms(b"s")), Grade("x", "", "graded", 0, 100)
    came = {row.student: out for row, _, out in run._judged([honest[0], deadly, *honest[1:]], Order())}
    assert len(came) == 6 and all(isinstance(out, marking.Outcome) for name, out in came.items() if name != "x")
    said = run._failed(deadly[1], came["x"]).sentence
    assert "ended before it had a result, 3 times" in said and "next run tries again" in said


IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60) | st.sampled_from(
    [
        "ann",
        "ANN",
        "Ann",
        "Ä",
        "A\u0308",
        "ä",
        "ß",
        "SS",
        "x" * 255,
        "漢" * 85,
        "漢" * 84,
        "💬" * 63,
        "a/b",
        "a_b-c14cddc0",
    ]
)


@given(st.lists(IDS, min_size=1, max_size=12, unique=True))
@settings(max_examples=80, deadline=None)
def test_every_student_has_files_of_their_own_on_every_disk(students):
    for _ in range(2):  # ids that read like the letters and the digest of another one
        students = list(dict.fromkeys([*students, *(pages.file_name(student, False) for student in students[:2])]))
    names = pages.file_names(students)
    assert names.keys() == set(students)
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names.values()}) == len(names)
    for name in names.values():
        assert 0 < len(name.encode()) <= 200 and "/" not in name and name not in (".", "..")


def test_a_name_that_fits_stays_and_one_that_does_not_becomes_letters_and_a_digest(tmp_path):
    kept = ["ann", "a b", "名前", "jane@example.org", "x" * 200, "é"]
    assert pages.file_names(kept) == {name: name for name in kept}
    rows = [Grade(name, "x", "graded", 2, 100) for name in ("漢" * 84, "ann", "Ann", "e\u0301")]
    reports.write(tmp_path, standings(rows), RULES)
    written = {path.stem: path.read_text("utf-8") for path in (tmp_path / "feedback").iterdir()}
    assert len(written) == 4 and "é" in written and not {"ann", "Ann"} & written.keys()
    for row in rows:
        assert sum(f"<h1>{row.student}</h1>" in page for page in written.values()) == 1


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@x",
    " =1+1",
    "\u00a0=1",
    "\u200b=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "﹢1",
    '"=1',
    "\t=1",
    "\tx",
)
BEHIND = ("x;=1+1", "x; =1", 'x;"=1', "x;;＝1", "x\t=1", "x\n=1", "=1;=2")


@pytest.mark.parametrize("text", FORMULAS + BEHIND)
def test_no_id_is_a_formula_in_any_spreadsheet(text):
    """Also where a semicolon separates the cells of a line, whatever stands before the sign, and however wide it is."""
    for piece in re.split("[;\t\n]", sheets.guarded(text)):
        shown = "".join(c for c in piece if c not in '"' and not c.isspace() and unicodedata.category(c) != "Cf")
        assert not unicodedata.normalize("NFKC", shown).startswith(("=", "+", "-", "@"))
    assert sheets.guarded(text).replace("'", "") == text


@pytest.mark.parametrize("text", ["ann", "a-b", "x; y", "Doe, Jane", "100%", "a=b", "名前"])
def test_an_id_that_is_no_formula_stays_as_it_is(text):
    assert sheets.guarded(text) == text


@given(st.text(st.sampled_from("=+-@＝;'\" a1\t\n"), max_size=8).map(str.strip) | st.text().map(str.strip))
def test_what_is_guarded_reads_back(text):
    text = unicodedata.normalize("NFC", text)
    assert sheets.unguarded(sheets.guarded(text).strip()) == text


def test_tables_are_written_in_one_normal_form(tmp_path):
    reports.write(tmp_path, standings([Grade("e\u0301", "x", "graded", 2, 100)]), RULES)
    assert "\né,graded,2," in (tmp_path / "grades.csv").read_text("utf-8")


def drawn(exercise, use):
    """The numbers of an exercise's cases that are not the same for everybody."""
    rng = marking.cases_rng(b"secret", exercise.id, use)
    fixed, *others = (np.ravel(case.args[0]).tolist() for case in exercise.cases(rng))
    return {float(number) for numbers in others for number in numbers} - set(fixed)


def test_nothing_that_is_said_holds_a_number_of_the_cases_that_count():
    """Also where code remembers what it saw and says it later, and where it never stops talking."""
    out = judge(Job("ann", (SEEN, "def gelu_tanh(z):\n    raise ValueError('é' * 500)"), Terms(b"secret")))
    said = {result.name: result.sentence for result in out.results}
    assert said["gelu_tanh"].partition(", in line")[0].count("é") == 60
    names = ("relu", "gelu")
    for name in names:
        numbers = {float(text) for text in re.findall(r"-?\d+\.\d+", said[name].partition(", in line")[0])}
        counted, other = (set().union(*(drawn(EXERCISES[n], use) for n in names)) for use in ("cases", "feedback"))
        assert numbers and not numbers & (counted - other), said[name]


def test_feedback_leaves_the_time_that_right_and_slow_answers_need(monkeypatch):
    tried = []

    def slowly(exercise, session, job):
        tried.append(exercise)
        session.left *= 0.7

    monkeypatch.setattr(marking, "_shown", slowly)
    assert judge(Job("ann", attacks.honest(), Terms(b"s"))).score == 100 and len(tried) == 2


def test_what_the_feedback_shows_never_decides_a_point():
    """An answer that is wrong on the cases that count alone is wrong, and the sentence says no more than that."""
    counted = sorted(drawn(EXERCISES["relu"], "cases") - drawn(EXERCISES["relu"], "feedback"))
    cells = (f"import numpy as np\ndef relu(z):\n    return np.where(np.isin(z, {counted}), 7, np.maximum(z, 0))",)
    result = next(r for r in judge(Job("ann", cells, Terms(b"secret"))).results if r.name == "relu")
    assert result.status is Status.WRONG and result.points == 0
    assert result.sentence == marking.ELSEWHERE and not result.cause and not result.failing


WAITING = Rules(ASKED, deadline=datetime(2030, 5, 4, 23, 59), now=datetime(2030, 5, 1))


def answered(letter: str) -> Grade:
    """The row of somebody who gives the same letter everywhere."""
    choices = [evaluate(exercise, lambda: letter) for exercise in ASKED if isinstance(exercise, Choice)]
    results = [*choices, evaluate(EXERCISES["relu"], lambda z: np.maximum(z, 0), 1)]
    score = sum(r.points for r in results)
    return Grade("ann", "x", "graded", score, 100, results=results, layout="Moodle", handed_in_as=["7"])


def test_until_the_deadline_no_page_tells_a_right_letter_from_a_wrong_one():
    """So ten hand-ins, each trying other letters, find no more than chance."""
    rows = [answered(letter) for letter in "abcd"]
    assert len({row.score for row in rows}) > 1 and len({paper(row) for row in rows}) == 4
    (told,) = {paper(row, WAITING) for row in rows}
    for words in ("● noted</span> <code>q1_reason</code>", "<b>2</b> <span>of 80 points", "until 2030-05-04 23:59"):
        assert words in told
    for table in (exports.canvas, exports.moodle):
        tables = [list(table([stand(row, WAITING)], WAITING)) for row in rows]
        assert len(tables[0][-1]) > 2 and tables[0][-1] != tables[0][0] and all(one == tables[0] for one in tables)
    nothing = paper(answered(""), WAITING)
    assert "● noted" not in nothing and "choose one of the letters" in nothing.lower()


def test_gradescope_shows_letters_after_the_due_date_alone():
    for test in gradescoped(answered("a"))["tests"]:
        letter = isinstance(EXERCISES[test["name"]], Choice)
        assert test["visibility"] == ("after_due_date" if letter else "visible")


def test_the_command_withholds_letters_until_its_deadline(tmp_path):
    classroom.hand_in(tmp_path / "in", ann=["q1_reason = 'a'"])
    command = [sys.executable, "-m", "actlab.cli", "grade", tmp_path / "in", "--out", tmp_path / "out"]
    page = tmp_path / "out" / "feedback" / "ann.html"
    said = "Letters and numbers are withheld until 2999-12-31 23:59, as said before"
    for option, noted, told in (
        ([], False, False),
        (["--deadline", "2999-11-30T12:00"], True, False),
        (["--deadline", "2999-12-31"], True, False),
        ([], True, True),
        (["--deadline", "2020-01-01 00:00"], False, False),
        ([], False, False),
    ):
        done = subprocess.run([*command, *option], capture_output=True, text=True, env=os.environ | {"COLUMNS": "200"})
        assert done.returncode == 0 and ("● noted" in page.read_text("utf-8")) == noted, done.stderr
        assert (said in done.stderr) == told and done.stderr.count("withheld") == told
    assert "until" not in page.read_text("utf-8")


def test_a_deadline_is_a_moment_or_the_end_of_a_day():
    assert cli._moment("2026-12-01") > cli._moment("2026-12-01T23:59") == datetime(2026, 12, 1, 23, 59)
    assert f"{cli._moment('2026-12-01'):%F %R}" == "2026-12-01 23:59"
    for text in ("tomorrow", "2026-02-30", "1.12.2026", "2026-12-01T23:59+01:00", "12", ""):
        with pytest.raises(CourseError, match="is no date that there is: write 2026-12-01, or"):
            cli._moment(text)


def test_pages_name_the_file_and_what_belongs_to_nobody(tmp_path):
    row = Grade("ann", "x", "graded", 2, 100, file="ann/a<b.ipynb", hints=["There is `ReLU`; did you mean `relu`?"])
    reports.write(tmp_path, standings([row]), RULES, aside=["roster.csv"], gone=["bob", "<i>"])
    page = (tmp_path / "feedback" / "ann.html").read_text("utf-8")
    assert "Graded: <code>ann/a&lt;b.ipynb</code>" in page and "There is <code>ReLU</code>; did" in page
    results = json.loads((tmp_path / "gradescope" / "ann.json").read_text("utf-8"))
    assert "ann/a<b.ipynb" in results["output"] and "did you mean" in results["output"]
    for status in ("unreadable", "empty", "failed"):
        spoiled = replace(row, status=status, score=0, sentence="It is damaged.")
        assert "The file: <code>ann/a" in paper(spoiled)
        assert gradescoped(spoiled)["output"].startswith("The file: ann/a<b.ipynb\nIt is damaged.")
    report = (tmp_path / "report.html").read_text("utf-8")
    assert "Belongs to nobody: roster.csv." in report
    assert "In the gradebook, but not among the submissions, and so in no table: bob, &lt;i&gt;." in report
    crowd = desk.class_page(standings([row]), RULES, desk.Around(aside=[f"file {k}" for k in range(5050)]))
    assert "file 49, and 5,000 more." in crowd and "file 50," not in crowd


def test_pages_of_an_earlier_run_that_this_one_does_not_write_are_removed(tmp_path):
    rows = [Grade(name, "x", "graded", 2, 100) for name in ("ann", "bob", "Cleo")]
    reports.write(tmp_path, standings(rows), RULES)
    own = [tmp_path / "feedback" / "letter.txt", tmp_path / "gradescope" / "a folder.json", tmp_path / "index.html"]
    own[0].touch(), own[1].mkdir(), own[2].touch()
    reports.write(tmp_path, standings([rows[0], replace(rows[2], student="cleo")]), RULES)
    assert {path.name for path in (tmp_path / "feedback").iterdir()} == {"ann.html", "cleo.html", "letter.txt"}
    assert {path.name for path in (tmp_path / "gradescope").iterdir()} == {"ann.json", "cleo.json", "a folder.json"}
    assert all(path.exists() for path in own)


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "graded"])
def test_a_number_goes_to_a_platform_only_where_something_was_graded(status):
    ann = Grade("ann", "x", "graded", 0, 100, layout="Moodle", handed_in_as=["7"])
    rows = [ann, replace(ann, student="ben", status=status, sentence="Why.", handed_in_as=["8"])]
    assert [row[-1] for row in exports.canvas(standings(rows), RULES)][2:] == ["0", "EX" * (status == EXCUSED)]
    assert [row[2] for row in exports.moodle(standings(rows), RULES)][1:] == ["0", ""]
    plain = [replace(row, layout="a file") for row in rows]
    assert [row[0] for row in exports.moodle_gradebook(standings(plain), RULES)][1:] == ["ann"]
    score = "" if status == ABSENT else "0"
    assert [row[1:3] for row in exports.table(standings(rows), RULES)][1:] == [["graded", "0"], [status, score]]


def test_a_page_says_when_nothing_was_filled_in_and_how_cells_are_counted():
    nothing = [exercise.result(Status.NOT_ATTEMPTED) for exercise in ASKED]
    blank = Grade("ann", "x", "graded", 0, 100, results=nothing)
    failed = replace(blank, remarks=[Remark(Event.ENDED, 59), Remark(Event.FAILED, 60)])
    tried = replace(blank, results=[ASKED[0].result(Status.WRONG), *nothing[1:]])
    unread = replace(blank, status="empty", results=[])
    for row, filled, counted in ((blank, 1, 0), (failed, 0, 1), (tried, 0, 0), (unread, 0, 0)):
        for said in (paper(row), gradescoped(row)["output"]):
            assert (said.count("Nothing was filled in"), said.count("Cells are counted from the top")) == (
                filled,
                counted,
            )


def test_students_words_are_shown_as_theirs_and_flag_nobody():
    said = "It raised ValueError: a person has to look at it."
    row = Grade("ann", "x", "graded", 2, 100, remarks=[Remark(Event.STOPPED, 3, said=said)])
    assert row.remarks[0].sentence == f"Cell 3 stopped early. The code says: {said}"
    assert "Nothing stands out." in desk.class_page(standings([row]), RULES)


def test_only_its_owner_reads_what_a_run_writes(tmp_path):
    before = os.umask(0o022)
    try:
        with Gradebook(tmp_path) as book:
            book.record(Grade("ann", "x", "graded", 2, 100))
            reports.write(tmp_path, standings(book.grades()), RULES)
        gradescope.build(tmp_path / "autograder.zip", None, "bubblewrap")
    finally:
        os.umask(before)
    for path in tmp_path.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize(
    ("spoil", "words"),
    {
        "a text": (lambda book: book.write_bytes(b"no gradebook at all" * 999), "is no gradebook. Move it away"),
        "cut": (lambda book: book.write_bytes(book.read_bytes()[:5000]), "is damaged. Move it away"),
        "newer": (lambda book: sqlite3.connect(book).execute("PRAGMA user_version = 99"), "by a newer actlab"),
        "a folder": (lambda book: (book.unlink(), book.mkdir()), "Grade into another folder"),
    }.values(),
)
def test_a_gradebook_that_cannot_be_used_is_explained(tmp_path, spoil, words):
    with Gradebook(tmp_path) as book:
        for k in range(99):
            book.record(Grade(f"s{k}", "x", "graded", 2, 100, written=["x" * 9999]))
    spoil(tmp_path / "gradebook.sqlite")
    with pytest.raises(CourseError, match=words), Gradebook(tmp_path) as book:
        list(book.grades())


def test_a_full_disk_is_explained_and_keeps_what_is_recorded(tmp_path):
    with Gradebook(tmp_path) as book:
        book.record(Grade("ann", "x", "graded", 2, 100))
        book.connection.execute("PRAGMA max_page_count = 8")
        with pytest.raises(CourseError, match=r"the disk is full. What is recorded is kept: make room and run again"):
            for k in range(50):
                book.record(Grade(f"s{k}", "x", "graded", 2, 100, written=["x" * 9999]))
        assert next(book.grades()).student == "ann"


CONTAINERS = {
    "nothing": {},
    "no metadata": {"source/settings.json": '{"secret": "00", "personal": false, "sandbox": "none"}'},
    "no settings": {"submission/a.ipynb": "{}"},
    "odd settings": {"source/settings.json": '{"secret": 7}', "submission/a.ipynb": "{}"},
    "no submission": {"source/settings.json": '{"secret": "00", "personal": false, "sandbox": "none"}'},
}
METADATA = [
    "",
    "[]",
    "{",
    '{"users": 3}',
    '{"users": [3]}',
    '{"users": [{"id": [1]}]}',
    '{"users": [{"sid": "\\ud800"}]}',
]


@pytest.mark.parametrize("metadata", METADATA)
def test_gradescope_always_gets_a_result(tmp_path, metadata):
    for k, files in enumerate(CONTAINERS.values()):
        home = tmp_path / f"{k}"
        for name, text in {"submission_metadata.json": metadata, **files}.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text)
        gradescope.main(home)
        results = json.loads((home / "results" / "results.json").read_text())
        assert results["score"] == 0 and results["output"] and len(results["tests"]) == len(ASKED)


def test_gradescope_gets_a_result_where_python_does_not_even_start(tmp_path):
    gradescope.build(tmp_path / "autograder.zip", None, "bubblewrap")
    script = subprocess.run(
        ["unzip", "-p", tmp_path / "autograder.zip", "run_autograder"], capture_output=True, text=True
    )
    home = tmp_path / "autograder"
    subprocess.run(["bash", "-c", script.stdout.replace("/autograder", str(home))], capture_output=True)
    results = json.loads((home / "results" / "results.json").read_text())
    assert results["score"] == 0 and "not your fault" in results["output"]


PRIVATE = ("tls://host:8786", "tcp://127.0.0.1:8786", "tcp://localhost:1", "tcp://[::1]:1", "inproc://1", "127.0.0.9:1")
PUBLIC = (
    "tcp://host:8786",
    "host:8786",
    "tcp://192.168.0.2:1",
    "ws://host:1",
    "tcp://127.0.0.1.example.org:1",
    "tcp://[",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_scheduler_that_anybody_reaches_is_used_only_when_it_is_trusted(tmp_path, address):
    with pytest.raises(CourseError, match=r"can change scores and run code as you.*--trust-scheduler"):
        grade(tmp_path, tmp_path / "out", Order(scheduler=address))
    assert not (tmp_path / "out").exists()
    cluster.require_private(address, trusted=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_tls_and_this_computer_need_no_such_trust(address):
    cluster.require_private(address, trusted=False)


def test_a_cluster_that_does_not_answer_is_a_sentence(tmp_path):
    classroom.hand_in(tmp_path / "in", ann=["x = 1"])
    with pytest.raises(CourseError, match=r"the scheduler tls://127.0.0.1:1 cannot be used"):
        grade(tmp_path / "in", tmp_path / "out", Order(scheduler="tls://127.0.0.1:1"))


LIARS = """
from dataclasses import replace
from actlab.exercises import Score, Status
from actlab.grading import marking
from actlab.grading.outcome import Outcome, Remark

honest = marking.judge

def more(out, **changes):
    return replace(out, results=[replace(out.results[0], **changes), *out.results[1:]])

lies = {
    "type": lambda out: {"score": 100},
    "none": lambda out: None,
    "list": lambda out: replace(out, results=out.results[0]),
    "names": lambda out: more(out, name="relu"),
    "order": lambda out: replace(out, results=out.results[::-1]),
    "fewer": lambda out: replace(out, results=out.results[:-1]),
    "above": lambda out: more(out, status=Status.RIGHT, parts={"values": Score(300, 300)}),
    "below": lambda out: more(out, parts={part: Score(-5, score[1]) for part, score in out.results[0].parts.items()}),
    "words": lambda out: more(out, sentence=7),
    "status": lambda out: more(out, status="right"),
    "seconds": lambda out: replace(out, seconds=float("nan")),
    "remarks": lambda out: replace(out, remarks=["a remark"]),
    "raises": lambda out: 1 / 0,
}
marking.judge = lambda job: lies.get(job.student, lambda out: out)(honest(job))
"""


def test_what_a_worker_of_a_cluster_says_is_believed_only_if_it_can_be(tmp_path):
    students = [*re.findall(r'(?m)^    "(\w+)": lambda', LIARS), "long", "truth"]
    classroom.hand_in(tmp_path / "in", **{name: ["def relu(z):\n    return z.clip(0)"] for name in students})
    with classroom.cluster(tmp_path / "dask", 1, LIARS) as (scheduler, _):
        rows = {row.student: row for row in grade(tmp_path / "in", tmp_path / "out", Order(scheduler=scheduler))}
    assert rows["truth"].score == rows["long"].score == 2 and len(rows) == len(students)
    for name in students[:-2]:
        assert (rows[name].status, rows[name].score, rows[name].results) == ("failed", 0, []), name
        assert "counts for nothing" in rows[name].sentence or "stumbled" in rows[name].sentence, name


def test_an_outcome_is_checked_for_what_was_asked():
    out = judge(Job("ann", ("def relu(z):\n    return z",), Terms(b"s")))
    assert checked(out, ASKED) == out
    for lie in (replace(out, remarks=[Remark("late", 1)]), replace(out, seconds=-1), out.results, "x"):
        with pytest.raises(ValueError):
            checked(lie, ASKED)


def test_what_makes_the_judge_stumble_costs_that_answer(monkeypatch):
    def stumbling(exercise, call, **how):
        if exercise.name == "relu":
            raise AttributeError("whatever it is")
        return evaluate(exercise, call, **how)

    monkeypatch.setattr(marking, "evaluate", stumbling)
    out = judge(Job("ann", attacks.honest(), Terms(b"s")))
    assert out.score == 98 and [remark.kind for remark in out.remarks] == [Event.UNJUDGED]


TWO_ROUNDS = """
import os, numpy as np
rounds = [0, 0]
def relu(z):
    rounds[0] += np.shape(z) == (6,)
    np.float64(1e308) * (10 if rounds[0] > 1 else 1)
    return np.maximum(z, 0)
def gelu_tanh(z):
    rounds[1] += np.shape(z) == (6,)
    if rounds[1] > 1:
        os._exit(0)
    return z
"""


def test_what_happens_once_the_cases_that_count_are_there_is_told_to_nobody():
    """Neither how a right answer came about, nor how the cells fared in a sandbox that was started anew."""
    out = judge(Job("ann", ("import os", TWO_ROUNDS, "1 / 0"), Terms(b"secret")))
    relu = next(result for result in out.results if result.name == "relu")
    assert relu.status is Status.RIGHT and relu.sentence == ""
    assert [remark.cell for remark in out.remarks] == [3]
    assert "execution_time" not in gradescoped(Grade("ann", "", "graded", 0, 100, seconds=7.0))
