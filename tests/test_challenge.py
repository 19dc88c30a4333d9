"""The challenge: everybody is asked something else, and earns its points with what is right for them alone."""

import json
import re
import zipfile
from collections import Counter
from functools import cache, partial

import classroom
import nbformat
import numpy as np
import pytest
import variants

from actlab import learner
from actlab.check import check
from actlab.course import CHALLENGE, PRACTICE
from actlab.errors import CourseError
from actlab.exercises import EXERCISES, Choice, Numbers, Status, Task, evaluate, lesson
from actlab.exercises.personal import instance, key, personal
from actlab.grading import gradescope
from actlab.grading.gradebook import Grade
from actlab.grading.items import items
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.run import Order, grade
from actlab.grading.standing import Rules, stand
from actlab.publish.release import for_student, release

SECRET = b"a long random text"
STUDENTS = ("ana", "ben", "cem", "Müller-7", "s 12", "学生7")
ASKED = lesson(CHALLENGE.number)
DRAWN = [exercise for exercise in ASKED if isinstance(exercise, Task)]


@cache
def answers(student):
    return classroom.challenge_answers(SECRET, student)


def graded(student, cells):
    """What cells earn as the challenge of a student."""
    terms = Terms(key(SECRET, student), lesson=CHALLENGE.number)
    own = personal(SECRET, student, CHALLENGE)
    orders = {exercise.id: own[exercise.id].order for exercise in ASKED if isinstance(exercise, Choice)}
    return judge(Job(student, tuple(cells), terms, orders, instance(SECRET, student)))


def cells_of(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_it_asks_five_questions_of_twenty_points():
    points = Counter()
    for exercise in ASKED:
        points[exercise.question] += exercise.points
    assert points == dict.fromkeys(range(1, 6), 20)


def test_everything_in_it_is_drawn():
    assert [exercise.id for exercise in ASKED if exercise.drawn is None] == []


@pytest.mark.parametrize("student", STUDENTS[:3])
def test_who_answers_their_own_challenge_earns_everything(student):
    notebook = nbformat.reads(classroom.challenged(SECRET, student).decode(), as_version=4)
    outcome = graded(student, cells_of(notebook))
    assert [(r.name, r.points, r.sentence) for r in outcome.results if r.points < r.max_points] == []
    assert outcome.score == 100 and not outcome.remarks


@pytest.mark.parametrize("student", STUDENTS[:3])
def test_a_classmates_answers_earn_little(student):
    other = STUDENTS[STUDENTS.index(student) + 1]
    outcome = graded(student, ["import math\nimport numpy as np", *answers(other).values()])
    assert outcome.score < 15, [(r.name, r.points) for r in outcome.results if r.points]


def test_the_course_s_own_solution_earns_little_in_a_students_challenge():
    notebook = nbformat.read(classroom.SOLUTIONS / CHALLENGE.file, as_version=4)
    assert graded("ana", cells_of(notebook)).score < 15


def test_the_solutions_of_the_lessons_and_the_practice_earn_little():
    """Under the names that the challenge asks for: each function of a lesson that takes as many arguments."""
    cells = ["import math\nimport numpy as np"]
    for path in sorted(classroom.SOLUTIONS.glob("0[1-9]*.ipynb")):
        solved = nbformat.read(path, as_version=4).cells
        cells += [c.source for c in solved if c.cell_type == "code" and c.metadata.get("nbgrader", {}).get("solution")]
    guesses = {
        "unseen": "gelu",
        "unseen_slope": "gelu_derivative",
        "fire_softmax": "lambda z, mask: masked_softmax(z, mask)",
        "fire_vjp": "lambda z, mask, upstream: softmax_vjp(softmax(z), upstream)",
        "fire_log_total": "lambda z, mask: np.log(np.exp(z).sum(axis=-1))",
        "unseen_gains": "(2**0.5, 2**0.5)",
        "unseen_range": "(-0.17, math.inf)",
        "safe_gain": "2**0.5",
        "layer_sizes": "lambda f, gain, depth: np.ones(depth)",
    }
    cells += [f"{name} = {text}" for name, text in guesses.items()]
    assert graded("ana", cells).score <= 5


def test_the_checks_of_a_hand_out_judge_what_was_drawn_for_it():
    code = instance(SECRET, "ana")
    handout = for_student(classroom.CHALLENGES, SECRET, "ana")
    text = "\n".join(cells_of(handout))
    assert text.count(f'instance="{code}"') == len(ASKED)
    own = personal(SECRET, "ana", CHALLENGE)
    for exercise in ASKED:
        answer = own[exercise.id].right[0] if isinstance(exercise, Choice) else own[exercise.id].reference
        answer = answer() if isinstance(exercise, Numbers) else answer
        order = own[exercise.id].order if isinstance(exercise, Choice) else ""
        assert check(exercise.id, answer, instance=code, order=order).status == "right", exercise.id


def test_in_an_exam_nothing_that_was_drawn_is_judged(tmp_path):
    release(classroom.CHALLENGES, tmp_path, ["ana"], SECRET, exam=True)
    path = tmp_path / "ana" / CHALLENGE.file
    text = path.read_text("utf-8")
    assert instance(SECRET, "ana") not in text
    assert text.count("exam=True") == len(ASKED)
    for exercise in ASKED:
        for answer in ("a", "b", "c", "d") if isinstance(exercise, Choice) else (exercise.reference,):
            answer = answer() if isinstance(exercise, Numbers) else answer
            assert check(exercise.id, answer, exam=True).status == "noted", exercise.id


def test_in_an_exam_what_cannot_be_read_is_said_at_once():
    assert check("claim_verdict", "e", exam=True).status == "not checked"
    assert check("unseen_gains", (1, 2, 3), exam=True).status == "not checked"
    assert check("unseen_gains", None, exam=True).status == "not attempted"
    assert check("unseen", lambda z: "text", exam=True).status == "not checked"
    assert check("unseen", lambda z: z.sum(), exam=True).status == "not checked"


def test_a_hand_out_shows_nothing_of_its_answers():
    """Neither solutions, nor a name of what was drawn, nor another student's code."""
    text = json.dumps(for_student(classroom.CHALLENGES, SECRET, "ana"))
    assert "BEGIN SOLUTION" not in text and instance(SECRET, "ben") not in text
    for exercise in personal(SECRET, "ana", CHALLENGE).values():
        if isinstance(exercise, Choice) and exercise.question and exercise.lesson == CHALLENGE.number:
            assert exercise.why[:40] not in text


def test_two_students_are_asked_nothing_alike():
    """Question by question; a single number, such as a safe gain of 0, may be both of theirs."""
    mine, theirs = (personal(SECRET, student, CHALLENGE) for student in ("ana", "ben"))
    for question in CHALLENGE.questions:
        numbers = [id for id in question.asks if isinstance(EXERCISES[id], Numbers)]
        for told in (lambda own: own.worked, lambda own: np.array(own.reference()).tolist()):
            assert not numbers or [told(mine[id]) for id in numbers] != [told(theirs[id]) for id in numbers]


@pytest.mark.parametrize("exercise", [e for e in DRAWN if e.id in variants.FACTORIES], ids=lambda e: e.id)
def test_right_answers_in_any_form_are_right_whatever_was_drawn(exercise):
    for student in STUDENTS[:4]:
        code = instance(SECRET, student)
        for factory in variants.FACTORIES[exercise.id]:
            answer = factory(code)
            call = answer if isinstance(exercise, Numbers) else partial(learner.call, answer)
            result = evaluate(exercise.of_instance(code), call, 7)
            assert result.points == result.max_points, (student, result.sentence)


def test_each_of_its_functions_has_eight_known_mistakes_and_three_right_answers():
    for exercise in DRAWN:
        assert len(exercise.wrong) >= 8, exercise.id
        assert len(variants.FACTORIES[exercise.id]) >= 3, exercise.id


def test_its_names_are_no_names_of_the_practice():
    assert not set(PRACTICE.exercises) & set(CHALLENGE.exercises)
    assert {EXERCISES[id].name for id in CHALLENGE.exercises} == set(CHALLENGE.exercises)


def test_the_contract_page_has_every_name_with_its_points():
    page = (classroom.SOLUTIONS.parent / "docs" / "challenge.md").read_text("utf-8")
    table = page.partition("<!-- contract -->")[2].partition("<!-- /contract -->")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| `")]
    found = {}
    for names, points, *_ in rows:
        for name in re.findall(r"`(\w+)(?:\([^`]*\))?`", names):
            found[name] = points
    assert list(found) == list(CHALLENGE.exercises)
    for exercise in ASKED:
        parts = getattr(exercise, "parts", {})
        each = " = " + " + ".join(f"{part} {points}" for part, points in parts.items()) if len(parts) > 1 else ""
        alone = f"{exercise.points}{each}"
        assert found[exercise.id] in (alone, f"{exercise.points} each{each}"), exercise.id
    titles = [f"**Question {one.number}** {one.title}" for one in CHALLENGE.questions]
    assert re.findall(r"\*\*Question \d\*\* [^|]+(?= \|)", table) == titles


def test_in_an_exam_a_right_answer_is_noted_whatever_was_drawn():
    """The check knows no hand-out but the course's own, and another one may hand over other arguments."""
    for student in STUDENTS[:3]:
        own = personal(SECRET, student, CHALLENGE)
        for exercise in ASKED:
            order = own[exercise.id].order if isinstance(exercise, Choice) else ""
            answer = "b" if isinstance(exercise, Choice) else own[exercise.id].reference
            answer = answer() if isinstance(exercise, Numbers) else answer
            assert check(exercise.id, answer, order=order, exam=True).status == "noted", exercise.id


def test_gradescope_grades_the_challenge_that_its_zip_was_built_for(tmp_path):
    gradescope.build(tmp_path / "autograder.zip", SECRET, "bubblewrap", CHALLENGE)
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        settings = archive.read("settings.json")
    for name, content in {
        "source/settings.json": settings,
        "submission/10_challenge.ipynb": classroom.challenged(SECRET, "ana"),
        "submission_metadata.json": b'{"users": [{"sid": "ana"}]}',
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    gradescope.main(tmp_path)
    results = json.loads((tmp_path / "results" / "results.json").read_text("utf-8"))
    assert results["score"] == 100 and [one["name"] for one in results["tests"]] == list(CHALLENGE.exercises)


def test_a_class_that_handed_in_the_other_homework_is_told_before_anything_is_recorded(tmp_path):
    practice = {student: classroom.solved_bytes(SECRET, student) for student in STUDENTS[:2]}
    classroom.hand_in(tmp_path / "practice", **practice)
    with pytest.raises(CourseError, match=r"2 of 2 notebooks are the practice, .* add --homework practice"):
        grade(tmp_path / "practice", tmp_path / "out", Order(SECRET, lesson=CHALLENGE.number))
    assert not (tmp_path / "out").exists()
    challenge = {student: classroom.challenged(SECRET, student) for student in STUDENTS[:2]}
    classroom.hand_in(tmp_path / "challenge", **challenge)
    with pytest.raises(CourseError, match=r"2 of 2 notebooks are the challenge, .* add --homework challenge"):
        grade(tmp_path / "challenge", tmp_path / "out", Order(SECRET))


def test_a_folder_of_grades_holds_one_homework(tmp_path):
    classroom.hand_in(tmp_path / "in", ana=classroom.challenged(SECRET, "ana"))
    (row,) = grade(tmp_path / "in", tmp_path / "out", Order(SECRET, lesson=CHALLENGE.number))
    assert row.score == 100
    report = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "Challenge: activation functions" in report and "discrimination" in report
    classroom.hand_in(tmp_path / "other", ana=classroom.solved_bytes(SECRET, "ana"))
    with pytest.raises(CourseError, match="this folder holds the grades of the challenge, not of the practice"):
        grade(tmp_path / "other", tmp_path / "out", Order(SECRET))


def test_who_hands_in_a_classmates_notebook_is_judged_by_their_own_challenge(tmp_path):
    ana = classroom.challenged(SECRET, "ana")
    classroom.hand_in(tmp_path / "in", ana=ana, ben=ana, cem=classroom.challenged(SECRET, "cem"))
    graded = grade(tmp_path / "in", tmp_path / "out", Order(SECRET, lesson=CHALLENGE.number))
    rows = {row.student: row for row in graded}
    assert (rows["ana"].score, rows["cem"].score) == (100, 100) and rows["ben"].score < 15
    assert any("judged as those of “ben”" in hint for hint in rows["ben"].hints)
    assert any("judged as those of “ben”" in note for note in rows["ben"].notes)


def test_an_id_that_is_another_name_of_the_same_student_costs_nothing(tmp_path):
    """A platform calls students by numbers of its own."""
    classroom.hand_in(tmp_path / "in", **{"4711": classroom.challenged(SECRET, "ana")})
    (row,) = grade(tmp_path / "in", tmp_path / "out", Order(SECRET, lesson=CHALLENGE.number))
    assert row.score == 100 and row.handed_to == "ana"


def test_an_item_tells_who_can_do_the_rest():
    def row(student, *points):
        pairs = zip(ASKED, points, strict=False)
        results = [e.result(Status.RIGHT if p else Status.WRONG, e.scores() if p else ()) for e, p in pairs]
        return Grade(student, "", "graded", sum(r.points for r in results), 100, results=results)

    def told(rows, many):
        rules = Rules(ASKED[:many])
        return items([stand(one, rules) for one in rows], rules)

    grades = [row("a", 1, 1, 0), row("b", 1, 1, 1), row("c", 0, 0, 1), row("d", 0, 0, 0)]
    found = {item.name: item for item in told(grades, 3)}
    assert found["unseen"].telling == "0.93" and found["unseen"].share == 0.5
    assert found["unseen_range"].telling == "0.00"
    alike = told([row("a", 1), row("b", 1)], 1)
    assert alike[0].telling is None
