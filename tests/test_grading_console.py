"""What a person at a terminal reads of a grading run."""

import re
from pathlib import Path

import pytest

from actlab.course import PRACTICE
from actlab.exercises import lesson
from actlab.grading import console
from actlab.grading.gradebook import Grade
from actlab.grading.past import Changes, Moved, Stood, Why
from actlab.grading.run import Order
from actlab.grading.standing import ABSENT, Rules, stand

GRADES = [
    Grade("ann", "", "graded", 9, 10),
    Grade("ben", "", "graded", 7.5, 10),
    Grade("cem", "", "graded", 2, 10),
    Grade("eva", "", "graded", 4, 10),
    Grade("dan", "", "empty", 0, 10),
]


RULES = Rules(lesson(PRACTICE.number))


def stood(status, score):
    return Stood(status, score, False, score, "", "", "")


@pytest.fixture
def shown(monkeypatch, capsys):
    """shown(grades): what stands on the terminal after a run with these rows, of which the first was known."""

    def shown(grades, changes=None, **how):
        def grade(source, out, order, progress):
            progress.waiting()
            progress.started(len(grades))
            progress.gone(["x\x1b[31m\x9b1m"])
            for row in [None, *grades[1:]]:
                progress.done(row)
            progress.reported([stand(row, RULES) for row in grades], changes or Changes(), None)
            return grades

        monkeypatch.setattr(console.grading, "grade", grade)
        console.run(Path("in"), Path("out"), Order(**how))
        captured = capsys.readouterr()
        assert captured.out == ""
        return captured.err

    monkeypatch.setenv("COLUMNS", "200")
    return shown


def test_it_says_what_came_out_and_where_it_lies(shown):
    said = shown(GRADES)
    assert "4 new, 1 unchanged. In the gradebook: 4 graded, 1 empty. Median 5.75 of 10." in said
    assert "Scores: out/grades.csv   Class report: out/report.html" in said
    assert "No longer handed in, and so in no table: “x?[31m?1m”." in said
    assert "5/5" in said and "No sandbox" not in said
    assert re.search(r"0:00:00 elapsed, 0:00:00 left", said) and "/s" not in said


def test_it_says_that_it_waits(shown):
    assert "Another grader is at work in out; waiting for it to end." in shown(GRADES)


def test_a_class_without_a_graded_notebook_has_no_median(shown):
    said = shown(GRADES[4:])
    assert "0 new, 1 unchanged. In the gradebook: 1 empty." in said and "Median" not in said


def test_without_a_sandbox_it_warns(shown):
    assert "No sandbox: submitted code runs as you" in shown(GRADES, sandbox="none")


def test_it_names_who_is_new_who_stands_otherwise_and_who_handed_in_nothing(shown):
    moved = Moved("ben", stood("graded", 6), stood("graded", 7.5), (Why.AGAIN, Why.ADJUSTED))
    back = Moved("dan", stood(ABSENT, 0), stood("empty", 0), (Why.FIRST,))
    changes = Changes("2026-12-02T10:00", "2026-12-01T10:00", (moved, back), new=("eva",))
    said = shown([*GRADES, Grade("fay", "", ABSENT, 0, 10)], changes)
    assert "New in the tables: “eva”." in said
    assert "Changed: “ben” 6 → 7.5 (handed in again, adjusted), “dan” absent → empty (handed in)." in said
    assert "On the roster, and nothing handed in: “fay”." in said
    assert "For a human eye: 1 of 6, as the class report says." in said
    assert "5 new" in said and "In the gradebook: 4 graded, 1 empty. Median" in said


def test_of_many_it_says_how_many(shown):
    many = tuple(f"s{k}" for k in range(11))
    said = shown(GRADES, Changes("2026-12-02T10:00", "2026-12-01T10:00", new=many))
    assert "New in the tables: 11, whom the class report names." in said and "s10" not in said


def test_at_a_first_run_nobody_is_called_new(shown):
    assert "New in" not in shown(GRADES, Changes("2026-12-02T10:00", new=("eva",)))
