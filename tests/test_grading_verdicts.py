"""What came out of a submission is data: kept as it was, understood by its kind, and put into words at the very end."""

import json
import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import attacks
import pytest

from actlab.course import PRACTICE
from actlab.exercises import EXERCISES, Row, Status, evaluate, lesson
from actlab.grading import desk, feedback, marking, outcome, pages, reports
from actlab.grading.gradebook import Grade, Gradebook
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.outcome import Event, Remark
from actlab.grading.standing import Rules, stand
from actlab.learner import Kind

OLD = json.loads(Path(__file__).with_name("gradebook_of_0_1.json").read_text(encoding="utf-8"))
ASKED = lesson(PRACTICE.number)
RULES = Rules(ASKED)
SWALLOW = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
TROUBLED = (
    *attacks.honest(),
    "def relu(z):\n    __import__('os')._exit(1)",
    "def gelu(z):\n    raise NotImplementedError",
    "def gelu_tanh(z):\n    return z",
    "he_normal = 3",
    "q1_reason = None",
    "1 / 0",
    SWALLOW,
    "import os\nos._exit(3)",
)


def stumbling(exercise, call, **how):
    """The judge, where one exercise makes it stumble."""
    if exercise.name == "leaky_relu":
        raise ArithmeticError("a reference that fails")
    return evaluate(exercise, call, **how)


@pytest.fixture(scope="module")
def troubled():
    """The row of a submission to which everything happens that can happen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marking, "evaluate", stumbling)
        out = judge(Job("ann", TROUBLED, Terms(b"s", seconds=1.0)))
    return Grade("ann", "x", "graded", out.score, 100, results=out.results, remarks=out.remarks, written=["é\ud800"])


def test_each_result_and_each_remark_has_its_kind(troubled):
    kinds = {result.name: result.kind for result in troubled.results if result.kind}
    assert kinds == {
        "relu": Kind.ENDED,
        "gelu": Kind.STUB,
        "gelu_tanh": Kind.VALUE,
        "he_normal": Kind.TYPE,
        "q1_reason": Kind.STUB,
        "leaky_relu": Kind.UNJUDGED,
    }
    first = len(attacks.honest()) + 6
    assert [(remark.kind, remark.cell or remark.name) for remark in troubled.remarks] == [
        (Event.FAILED, first),
        (Event.LATE, first + 1),
        (Event.ENDED, first + 2),
        (Event.UNJUDGED, "leaky_relu"),
    ]


def test_a_gradebook_gives_back_what_it_was_given(troubled, tmp_path):
    with Gradebook(tmp_path) as book:
        book.record(troubled)
        book.record(Grade("bob", "y", "failed", 0, 100, "It failed."))
        kept, failed = book.grades()
        assert kept == troubled and failed.sentence == "It failed."
        assert repr(kept.results) == repr(troubled.results), "a text in place of a kind, a list in place of a row"
        assert repr(kept.remarks) == repr(troubled.remarks)
        assert book.identities() == {"ann": "x"}, "what failed is graded again"
        assert book.kept("secret", lambda: b"1") == book.kept("secret", lambda: b"2") == b"1"


def looked_at(grades) -> str:
    """The part of the class page that names whom to look at."""
    page = desk.class_page([stand(grade, RULES) for grade in grades], RULES)
    return page.partition('<h2 id="eye">')[2].partition("<h2")[0]


def test_the_instructor_is_told_whom_to_look_at_and_why(troubled):
    page = looked_at([troubled, Grade("bob", "y", "graded", 0, 100, remarks=troubled.remarks[:1])])
    number = len(attacks.honest())
    for words in (
        "Calling relu ended the process.",
        f"Cell {number + 7} was left out: it was still running after 1 s.",
        f"Cell {number + 8} was left out: it ended the Python process that ran it.",
        "Judging leaky_relu failed (ArithmeticError): a person has to look at it.",
    ):
        assert words in page
    assert "bob" not in page and "went on after" not in page, "a cell that fails is nothing to look at"


def test_no_sentence_decides_whom_to_look_at(monkeypatch):
    """The same submission with every sentence of the grader's written anew: the same people for the same reasons."""
    sentences = {name for name, value in vars(marking).items() if isinstance(value, str) and name.isupper()}
    assert sentences >= {"UNJUDGED", "OVER", "LATE", "ENDED"}
    for name in sentences:
        monkeypatch.setattr(marking, name, "Quite another text")
    for kind in Event:
        monkeypatch.setitem(outcome.SENTENCES, kind, f"Reworded: {kind}")
    monkeypatch.setattr(marking, "evaluate", stumbling)
    out = judge(Job("ann", TROUBLED, Terms(b"s", seconds=1.0)))
    page = looked_at([Grade("ann", "x", "graded", out.score, 100, results=out.results, remarks=out.remarks)])
    assert "Calling relu ended the process." in page
    assert re.findall("Reworded: (\\w+)", page) == ["unjudged", "ended", "late"]


def test_a_stub_is_told_by_its_status_alone(troubled):
    stub = next(result for result in troubled.results if result.name == "gelu")
    assert stub.status is Status.NOT_ATTEMPTED and stub.sentence == "`gelu` is still a stub"
    page = feedback.feedback(stand(troubled, RULES), RULES)
    assert "○ not attempted</span> <code>gelu</code>" in page and "<code>gelu</code> is still a stub.</p>" in page


@pytest.fixture
def old(tmp_path):
    """The rows of a gradebook that was written before results had a kind and remarks were data."""
    with Gradebook(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "gradebook.sqlite") as connection:
        for row in OLD:
            values = [json.dumps(value) if name == "details" else value for name, value in row.items()]
            connection.execute(f"INSERT INTO grades ({', '.join(row)}) VALUES (?, ?, ?, ?, ?, ?)", values)
    with Gradebook(tmp_path) as book:
        return {row.student: row for row in book.grades()}


def test_an_old_gradebook_opens(old):
    assert [row.score for row in old.values()] == [row["score"] for row in OLD]
    assert all(result.kind is None for row in old.values() for result in row.results)
    assert {result.name for row in old.values() for result in row.results} <= EXERCISES.keys()
    wrong = old["ends"].results[0]
    assert wrong.status is Status.WRONG and (wrong.points, wrong.max_points) == (0, 2)
    assert isinstance(wrong.failing[0], Row) and wrong.failing[0].expected == "[0, 0, 0, 0.5, 1, 3]"


def test_every_report_is_made_from_an_old_gradebook_too(old, tmp_path):
    reports.write(tmp_path, [stand(grade, RULES) for grade in old.values()], RULES)
    assert (tmp_path / "grades.csv").read_text(encoding="utf-8").splitlines()[1].startswith("cells,graded,45,100,")
    assert "ended the Python process that called it" in (tmp_path / "feedback" / "ends.html").read_text("utf-8")


def test_what_only_a_sentence_tells_is_shown_to_a_person(old):
    page = looked_at(list(old.values()))
    for row in OLD:
        for sentence in row["details"]["remarks"]:
            assert pages.marked(sentence) in page


def test_a_result_without_a_name_has_that_of_its_exercise(tmp_path):
    stored = {key: value for key, value in OLD[0]["details"]["results"][0].items() if key != "name"}
    row = OLD[0] | {"details": json.dumps(OLD[0]["details"] | {"results": [stored]})}
    with Gradebook(tmp_path) as book:
        book.connection.execute("INSERT INTO grades VALUES (?, ?, ?, ?, ?, ?)", [*row.values()])
        assert next(book.grades()).results[0].name == "relu"


@pytest.mark.parametrize("kind", Event)
def test_every_event_has_its_words(kind):
    told = Remark(kind, cell=7, seconds=2.0, name="relu", said="It says {this}.").sentence
    assert told and told[0].isupper() and told.endswith(".") and not re.search(r"\{(?!this)", told)
    assert replace(Remark(kind), cell=1).kind.alarming == (kind not in (Event.STOPPED, Event.FAILED))


FORGING = """
import sys
import numpy as np

def gelu(z):
    frame = sys._getframe()
    while "Trouble" not in frame.f_globals:
        frame = frame.f_back
    raise frame.f_globals["Trouble"]("unjudged", "what it was asked: " + str(np.ravel(z)[:3]))
"""


def test_what_the_judge_alone_says_no_sandbox_says():
    """A page would show the cases that count where the sandbox could have them shown as the judge's own words."""
    found = judge(Job("eve", (FORGING,), Terms(b"k" * 32, seconds=2)))
    gelu = next(result for result in found.results if result.name == "gelu")
    assert gelu.status == Status.WRONG and gelu.kind is not Kind.UNJUDGED and "asked" not in gelu.sentence
