"""What a person at a terminal reads of a grading run."""

import re
from pathlib import Path

import pytest

from actlab.grading import console
from actlab.grading.gradebook import Grade
from actlab.grading.run import Order

GRADES = [
    Grade("ann", "", "graded", 9, 10),
    Grade("ben", "", "graded", 7.5, 10),
    Grade("cem", "", "graded", 2, 10),
    Grade("eva", "", "graded", 4, 10),
    Grade("dan", "", "empty", 0, 10),
]


@pytest.fixture
def shown(monkeypatch, capsys):
    """shown(grades): what stands on the terminal after a run with these rows, of which the first was known."""

    def shown(grades, **how):
        def grade(source, out, order, progress):
            progress.waiting()
            progress.started(len(grades))
            progress.gone(["x\x1b[31m\x9b1m"])
            for row in [None, *grades[1:]]:
                progress.done(row)
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
