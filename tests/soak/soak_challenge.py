"""Two hundred students of the challenge: their own answers, a classmate's, and whether it is as hard for each. Long."""

from collections import defaultdict
from functools import partial
from itertools import pairwise
from statistics import mean, median

import classroom
import nbformat
import pytest

from actlab import learner
from actlab.course import CHALLENGE
from actlab.exercises import Choice, Numbers, Status, Task, evaluate, lesson
from actlab.exercises.personal import personal
from actlab.grading.run import Order, grade

MANY = 200
HANDOUTS = 12
SECRET = b"a secret of two hundred students"
STUDENTS = [f"s{number:03}" for number in range(MANY)]
ORDER = Order(SECRET, lesson=CHALLENGE.number)
ASKED = lesson(CHALLENGE.number)
DRAWN = [exercise for exercise in ASKED if isinstance(exercise, Task)]


@pytest.fixture(scope="module")
def answers():
    return {student: classroom.challenge_answers(SECRET, student) for student in STUDENTS}


def graded(folder, out, answers_of, answers):
    """The rows of a class in which each student's own hand-out holds the answers of somebody."""
    folder.mkdir()
    for student in STUDENTS:
        handout = nbformat.reads(classroom.untouched_challenge(SECRET, student).decode(), as_version=4)
        for cell in handout.cells:
            id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if cell.cell_type == "code":
                cell.source = answers[answers_of(student)].get(id, cell.source)
        nbformat.write(handout, folder / f"{student}.ipynb")
    return grade(folder, out, ORDER)


def test_everybody_earns_everything_with_their_own_answers(tmp_path, answers):
    rows = graded(tmp_path / "in", tmp_path / "out", lambda student: student, answers)
    assert [(row.student, row.score) for row in rows if row.score != 100] == []
    seconds = sum(row.seconds for row in rows) / MANY
    print(f"\n{MANY} students, 100 points each, {seconds:.1f} s of judging a submission")


def test_a_classmates_answers_earn_less_than_fifteen(tmp_path, answers):
    neighbour = dict(pairwise([*STUDENTS, STUDENTS[0]]))
    rows = graded(tmp_path / "in", tmp_path / "out", neighbour.__getitem__, answers)
    scores = [row.score for row in rows]
    by_name = defaultdict(list)
    for row in rows:
        for result in row.results:
            by_name[result.name].append(result.points)
    each = ", ".join(f"{name} {mean(points):.2f}" for name, points in by_name.items())
    print(f"\nA classmate's answers: median {median(scores)}, at most {max(scores)}; on average {each}")
    assert median(scores) < 15


def test_a_friends_notebook_handed_in_as_it_is_earns_no_more(tmp_path):
    """The whole class, half of which hands in the notebook of the student before."""
    folder = tmp_path / "in"
    folder.mkdir()
    for first, second in zip(STUDENTS[:40:2], STUDENTS[1:40:2], strict=True):
        for student in (first, second):
            (folder / f"{student}.ipynb").write_bytes(classroom.challenged(SECRET, first))
    rows = {row.student: row for row in grade(folder, tmp_path / "out", ORDER)}
    lent = [rows[student].score for student in STUDENTS[1:40:2]]
    assert all(rows[student].score == 100 for student in STUDENTS[:40:2])
    assert all("handed out to another student" in " ".join(rows[student].hints) for student in STUDENTS[1:40:2])
    print(f"\nA friend's notebook: median {median(lent)}, at most {max(lent)}")
    assert median(lent) < 15


def test_a_mistake_costs_everybody_the_same():
    """Each known mistake that stands in every hand-out earns as much in one as in another."""
    own = [personal(SECRET, student, CHALLENGE) for student in STUDENTS[: MANY : MANY // HANDOUTS]]
    alike = partial_points = many = 0
    for asked in DRAWN:
        forms = [exercises[asked.id] for exercises in own]
        for said in forms[0].wrong:
            if all(said in exercise.wrong for exercise in forms):
                earned = [_earned(exercise, said) for exercise in forms]
                many += 1
                alike += len({*earned}) == 1
                partial_points += any(earned)
    print(f"\n{alike} of {many} mistakes earn the same in {HANDOUTS} hand-outs; {partial_points} earn a part")
    assert alike >= 0.95 * many


def _earned(exercise, said):
    form = exercise.wrong[said]
    result = evaluate(exercise, form if isinstance(exercise, Numbers) else partial(learner.call, form), 3)
    assert result.status is not Status.RIGHT, (exercise.id, said)
    return result.points


def test_the_verdict_s_letters_are_spread():
    right = [personal(SECRET, student, CHALLENGE)["claim_verdict"].right for student in STUDENTS]
    assert all(right.count(letter) > MANY / 8 for letter in "abcd")
    assert isinstance(ASKED[-1], Choice)
