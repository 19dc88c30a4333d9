"""What the instructor decides: read from a file of their own, refused by line where it cannot be meant, shown, kept."""

import csv
import json
from dataclasses import replace
from datetime import datetime

import classroom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actlab import roster
from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import EXERCISES, Choice, evaluate, lesson
from actlab.grading import adjust, feedback
from actlab.grading.exports import Delivery, table
from actlab.grading.gradebook import Grade, Gradebook
from actlab.grading.run import Order, Progress, grade
from actlab.grading.standing import Rules, absent, of_class, stand, withdrawn

ASKED = lesson(PRACTICE.number)
HEAD = "student,item,points,comment,reason\n"


def decided(folder, *lines, name="adjust.csv"):
    """Return what these lines decide."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return adjust.read(folder, ASKED)


def row(student="ana", letter="b", results=(), **more):
    """Return the row of somebody who answers `relu` rightly, gives one letter everywhere, and nothing else."""
    letters = [evaluate(exercise, lambda: letter) for exercise in ASKED if isinstance(exercise, Choice)]
    results = [*(results or [*letters, evaluate(EXERCISES["relu"], lambda z: z * (z > 0), 1)])]
    more["results"] = results
    return Grade(student, "x", "graded", sum(r.points for r in results), 100, **more)


def standing(tmp_path, *lines, graded=None, **rules):
    """Return how a student stands with these lines in force."""
    return stand(graded or row(), Rules(ASKED, decided(tmp_path, *lines), **rules))


PLAIN = row().score
WRONG_LETTERS = sum(e.points for e in ASKED if isinstance(e, Choice) and e.right != "b")


def test_a_line_about_one_student_leaves_the_others_alone(tmp_path):
    one = standing(tmp_path, "ana,gelu,3,well argued,mail of 3 May")
    assert one.score == PLAIN + 3 and one.max_score == 100 and one.items["gelu"][:3] == (3, 5, 0)
    assert one.items["gelu"].comments == ("well argued",)
    assert standing(tmp_path, "ben,gelu,3,,").score == PLAIN


@pytest.mark.parametrize(
    ("lines", "score", "most"),
    [
        (["ana,relu,0,,"], PLAIN - 2, 100),
        (["ana,gelu,full,,"], PLAIN + 5, 100),
        (['ana,gelu,"2,5",,'], PLAIN + 2.5, 100),
        (["*,gelu,full,,"], PLAIN + 5, 100),
        (["*,relu,drop,,"], PLAIN - 2, 98),
        (["*,gelu,drop,,"], PLAIN, 95),
        (["*,written_1,of 5,,", "ana,written_1,4,,"], PLAIN + 4, 105),
        (["*,written_1,of 5,,"], PLAIN, 105),
        (["*,written_1,of 5,,", "*,written_1,drop,,", "ana,written_1,4,,"], PLAIN, 100),
        (["*,oral exam,of 10,,", "ana,oral exam,full,,"], PLAIN + 10, 110),
        (["ana,bonus,3,,"], PLAIN + 3, 100),
        (["*,curve,+5,,"], PLAIN + 5, 100),
        (["*,curve,x2,,"], 2 * PLAIN, 100),
        (["*,curve,+99,,"], 100, 100),
        (["ana,total,77,,"], 77, 100),
        (["*,late,10 %,,"], PLAIN, 100),
        (["*,late,5,,", "ana,late,1 day,,"], PLAIN - 5, 100),
        (["*,late,10 % a day,,", "ana,late,2 days,,"], max(0, PLAIN - 20), 100),
        (["*,late,2 a day at most 3,,", "ana,late,2 days,,"], PLAIN - 3, 100),
        (["*,late,2 a day at most 3,,", "ana,late,excused,,"], PLAIN, 100),
        (["ana,,,Come and see me.,"], PLAIN, 100),
    ],
)
def test_what_each_line_does_to_the_score(tmp_path, lines, score, most):
    one = standing(tmp_path, *lines)
    assert (one.score, one.max_score) == (pytest.approx(score), most) and one.counts


def test_another_letter_is_accepted_as_the_course_calls_it_whatever_order_was_seen(tmp_path):
    wrong = next(e for e in ASKED if isinstance(e, Choice) and e.right != "b")
    lines = [f"*,{wrong.name},accept b,(b) can be read that way too.,"]
    assert standing(tmp_path, *lines).score == PLAIN + wrong.points
    shuffled = wrong.reordered("dbca")
    for letter, points in (("b", wrong.points), ("a", 0)):
        graded = row(results=[evaluate(shuffled, lambda letter=letter: letter)])
        one = standing(tmp_path, *lines, graded=graded)
        assert one.items[wrong.name].points == points and bool(one.items[wrong.name].comments) == bool(points)


def test_their_own_line_goes_before_everybodys(tmp_path):
    assert standing(tmp_path, "ana,gelu,1,,", "*,gelu,full,,").items["gelu"].points == 1


def test_who_handed_in_nothing_gets_nothing_of_what_everybody_gets(tmp_path):
    nobody = absent(roster.Person("ana"), ASKED)
    for lines in (["*,gelu,full,,"], ["*,curve,+5,,"], ["*,bonus,3,,"]):
        one = standing(tmp_path, *lines, graded=nobody)
        assert one.score == 0 and not one.counts
    zero = standing(tmp_path, "*,missing,0,,", graded=nobody)
    assert zero.counts and zero.score == 0
    by_hand = standing(tmp_path, "ana,total,50,,", graded=replace(row(), status="unreadable", results=[], score=0))
    assert by_hand.counts and by_hand.score == 50
    assert not standing(tmp_path, "ana,excused,,,").counts


def test_what_was_accepted_reads_as_right_on_the_students_page(tmp_path):
    rules = Rules(ASKED, decided(tmp_path, "*,gelu,full,Its prompt was wrong.,", "ana,relu_derivative,1,,"))
    page = feedback.feedback(stand(row(), rules), rules)
    gelu = page.partition("<code>gelu</code>")[2].partition("</div>")[0]
    assert "✓ right" in page.partition("<code>gelu</code>")[0][-60:] and "Its prompt was wrong." in gelu
    assert "There is no" not in gelu and "What helps" not in gelu
    assert "○ not attempted" in page.partition("<code>relu_derivative</code>")[0][-80:]


def test_who_wrote_nothing_waits_for_no_score(tmp_path):
    rules = Rules(ASKED, decided(tmp_path, "*,written_1,of 5,,", "*,written_2,of 5,,"))
    page = feedback.feedback(stand(row(written=["", "It dies."]), rules), rules)
    assert page.count("○ nothing written<") == page.count("○ not read yet<") == 1


def test_an_extension_moves_one_deadline_and_keeps_letters_back_until_then(tmp_path):
    deadline, now = datetime(2026, 12, 1, 23, 59), datetime(2026, 12, 3)
    late = row(when="2026-12-03T10:00:00")
    rule = "*,late,5 a day,,"
    assert standing(tmp_path, rule, graded=late, deadline=deadline, now=now).score == PLAIN - 10
    one = standing(tmp_path, rule, "ana,extension,2026-12-08,,", graded=late, deadline=deadline, now=now)
    assert one.score == PLAIN and not one.late and one.until == datetime(2026, 12, 8, 23, 59, 59, 999999)
    assert "● noted" in feedback.feedback(one, Rules(ASKED))
    assert standing(tmp_path, rule, graded=row(), deadline=deadline, now=now).until is None


def test_a_platform_that_says_late_and_not_how_late_costs_nothing_until_somebody_says_it(tmp_path):
    marked = row(late=True)
    one = standing(tmp_path, "*,late,5 a day,,", graded=marked)
    assert one.late and one.score == PLAIN and "nothing tells how late" in one.notes[0]
    assert standing(tmp_path, "*,late,5,,", graded=marked).score == PLAIN - 5
    extended = standing(tmp_path, "*,late,5,,", "ana,extension,2026-12-08,,", graded=marked)
    assert not extended.late and extended.score == PLAIN and "taken as in time" in extended.notes[0]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["ana,gello,3,,"], "line 2, column “item”: there is no “gello”. Did you mean “gelu”?"),
        (["ana,written_1,3,,"], "*,written_1,of 5"),
        (["ana,gelu,40,,"], "line 2, column “points”: “gelu” has 5 points."),
        (["ana,gelu,-1,,"], "“-1” is not understood"),
        (["ana,gelu,lots,,"], "“lots” is not understood. A number, full, drop, accept b"),
        (["ana,gelu,drop,,"], "an item is dropped for everybody"),
        (["*,gelu,of 5,,"], "has its points already"),
        (["ana,oral,of 5,,"], "is the same for all"),
        (["*,gelu,accept b,,"], "only a letter can be accepted"),
        (["*,q1_reason,accept e,,"], "its letters are a, b, c, d"),
        ([f"*,q1_reason,accept {EXERCISES['q1_reason'].right},,"], "is right already"),
        (["ana,total,101,,"], "all items together have 100 points."),
        (["*,total,50,,"], "“total” is about one student"),
        (["*,same as,ben,,"], "is about one student"),
        (["ana,same as,ana,,"], "Write the id that counts."),
        (["ana,same as,ben,,", "ben,same as,cem,,"], "“ben” is another name of somebody itself."),
        (["ana,extension,soon,,"], "“soon” is not understood. Write the day, 2026-12-08"),
        (["ana,extension,2026-02-30,,"], "“2026-02-30” is not understood"),
        (["*,late,much,,"], "Write what it costs"),
        (["*,late,2 days,,"], "Write what it costs"),
        (["*,curve,5,,"], "Write +5 for five points more"),
        (["ana,excused,3,,"], "Leave it empty."),
        (["ana,gelu,1,,", "ana,gelu,2,,"], "line 3: it says “2” of “gelu” for “ana”, and adjust.csv, line 2 says “1”"),
        ([",gelu,1,,"], "column “student”: whom is it about?"),
        (["ana,gelu,1,Good, but late,"], "more cells than the first line"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused_with_its_place(tmp_path, lines, said):
    with pytest.raises(CourseError) as refused:
        decided(tmp_path, *lines)
    assert said in f"{refused.value}" and f"{refused.value}".startswith("adjust.csv, line ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,points\nana,3\n", "there is no column “item”"),
        ("ana,gelu,3\n", "there is no column “student”"),
        ("student,item,grade\nana,gelu,3\n", "a column “grade” is not known"),
        ('student,item\n"ana,gelu\n', "cannot be read"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, text, said):
    (tmp_path / "adjust.csv").write_text(text)
    with pytest.raises(CourseError, match=said):
        adjust.read(tmp_path, ASKED)


def test_several_files_count_together_and_a_contradiction_names_both(tmp_path):
    decided(tmp_path, "*,written_1,of 5,,", "ana,written_1,4,,", name="adjust_written.csv")
    assert len(decided(tmp_path, "ana,written_1,4,again,", "ana,bonus,1,,").changes) == 4
    with pytest.raises(CourseError, match=r"adjust_written.csv, line 3: it says “4”.*adjust.csv, line 2 says “3”"):
        decided(tmp_path, "ana,written_1,3,,")


def test_ids_are_read_as_the_tables_write_them(tmp_path):
    ids = ["=1+1", "00912345", "a;=b", "é"]
    rows = list(table([stand(row(id), Rules(ASKED)) for id in ids], Rules(ASKED), Delivery()))
    with (tmp_path / "adjust.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("student", "item", "points"), *((one[0], "bonus", 1) for one in rows[1:])])
    decisions = adjust.read(tmp_path, ASKED)
    for id in ids[:2] + ids[3:]:
        assert len(decisions.of([id])) == 1, id


LINES = st.lists(
    st.tuples(
        st.sampled_from(["ana", "*", "", "'=x"]) | st.text(max_size=5),
        st.sampled_from([*adjust.WORDS, "gelu", "q1_reason", "written_1", ""]) | st.text(max_size=5),
        st.sampled_from(["1", "full", "drop", "accept b", "of 5", "2 days", "5 % a day", "x2", ""])
        | st.text(max_size=8),
        st.text(max_size=9),
        st.text(max_size=9),
    ),
    max_size=6,
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=LINES)
def test_whatever_stands_in_the_file_it_is_a_decision_or_a_sentence(tmp_path, lines):
    with (tmp_path / "adjust.csv").open("w", encoding="utf-8", errors="replace", newline="") as stream:
        csv.writer(stream).writerows([HEAD.strip().split(","), *lines])
    try:
        decisions = adjust.read(tmp_path, ASKED)
    except CourseError as refused:
        assert f"{refused}".startswith("adjust.csv")
        return
    one = stand(row(), Rules(ASKED, decisions))
    assert one.score >= 0 and one.shown == one.sums
    feedback.feedback(one, Rules(ASKED, decisions))
    list(table([one], Rules(ASKED, decisions), Delivery()))


def test_a_page_shows_what_was_decided_and_keeps_the_reason_to_the_instructor(tmp_path):
    lines = ["ana,gelu,3,Your sign is only a slip.,a secret reason", "*,late,5,,", "ana,late,1 day,Sorry.,"]
    lines += ["*,written_1,of 5,,", "ana,written_1,4,Clear.,", "*,relu,drop,Its prompt was wrong.,"]
    rules = Rules(ASKED, decided(tmp_path, *lines))
    page = feedback.feedback(stand(row(), rules), rules)
    told = ["gives 3 of 5; the grader gave 0.", "Your sign is only a slip.", "for being late, -5 points", "Sorry."]
    told += ["Question 1, in your own words", "Clear.", "It does not count, for anybody.", "Its prompt was wrong."]
    for words in told:
        assert words in page
    assert "a secret reason" not in page


# With the grader


def graded(folder, out, **order):
    said = []
    rows = grade(folder, out, Order(sandbox="none", **order), Progress(said=said.append))
    with (out / "grades.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}, rows, said


def test_a_class_with_a_roster_has_everybody_once_by_the_ids_of_the_roster(tmp_path):
    people = (
        roster.Person("m1", "Ana Diaz", "ana@example.org", "Monday", canvas="101", login="adiaz"),
        roster.Person("m2", "Ben Berg", canvas="102"),
        roster.Person("m3", "Cem Kurt", canvas="103"),
    )
    relu = classroom.notebook(["def relu(z):\n    return abs(z)"])
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("diazana_LATE_101_9001_09_practice.ipynb", "bergben_102_9002_09_practice.ipynb"):
        (folder / name).write_bytes(relu)
    known = roster.Roster(people, "id")
    table, rows, _ = graded(folder, tmp_path / "out", roster=known)
    assert list(table) == ["m1", "m2", "m3"] and [one.student for one in rows] == ["m1", "m2"]
    assert table["m1"]["name"] == "Ana Diaz" and table["m1"]["email"] == "ana@example.org"
    assert table["m1"]["late"] == "late" and table["m2"]["late"] == "" and table["m3"]["status"] == "absent"
    assert table["m1"]["handed_in_as"] == "101"
    again, _, _ = graded(folder, tmp_path / "out")
    assert again == table
    assert sorted(path.stem for path in (tmp_path / "out" / "feedback").iterdir()) == ["m1", "m2"]


def test_a_student_of_the_roster_is_asked_for_by_any_id_and_whoever_is_not_on_it_is_named(tmp_path):
    known = roster.Roster((roster.Person("m1", "Ana Diaz", "ana@example.org", canvas="101"), roster.Person("m2")), "id")
    folder = classroom.hand_in(tmp_path / "in", **{"101": ["x = 1"], "eve": ["x = 1"]})
    strangers = []
    for only in ((), ("ana@example.org",), ("Ana Diaz",), ("101",)):
        order = Order(sandbox="none", roster=known, only=only)
        grade(folder, tmp_path / "out", order, Progress(strangers=strangers.append))
    assert strangers == [["eve"]] * 4
    assert "Handed in, and not on the roster: eve." in (tmp_path / "out" / "report.html").read_text("utf-8")
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8", newline="") as stream:
        absent_one = next(line for line in csv.DictReader(stream) if line["student"] == "m2")
    assert absent_one["status"] == "absent" and absent_one["score"] == absent_one["relu"] == ""


def test_folders_that_hold_a_part_of_the_class_are_passed_through(tmp_path):
    known = roster.Roster(tuple(map(roster.Person, ("ana", "ben", "cem", "dora"))), "id")
    for section, students in (("monday", ("ana", "ben")), ("tuesday", ("cem", "dora"))):
        for student in students:
            classroom.hand_in(tmp_path / "in" / "all" / section / student, hw=["def relu(z):\n    return z"])
    classroom.hand_in(tmp_path / "in" / "all" / "eve" / "work", hw=["def relu(z):\n    return z"])
    _, rows, _ = graded(tmp_path / "in", tmp_path / "out", roster=known)
    assert [one.student for one in rows] == ["ana", "ben", "cem", "dora", "eve"]


def test_a_notebook_that_was_handed_out_under_another_id_of_the_roster_is_the_students_own(tmp_path):
    secret = b"a long random text of its own"
    known = roster.Roster((roster.Person("101", login="adiaz"), roster.Person("102", login="bberg")), "ID")
    folder = tmp_path / "in"
    folder.mkdir()
    for id, login in (("101", "adiaz"), ("102", "bberg")):
        (folder / f"{id}.ipynb").write_bytes(classroom.solved_bytes(secret, login))
    _, rows, _ = graded(folder, tmp_path / "out", roster=known, secret=secret)
    assert [(one.student, one.score, one.notes) for one in rows] == [("101", 100, []), ("102", 100, [])]


def test_decisions_outlive_runs_regrading_and_the_file_and_are_kept_with_who_and_when(tmp_path):
    folder = classroom.hand_in(tmp_path / "in", ana=["def relu(z):\n    return z * (z > 0)"])
    out = tmp_path / "out"
    table, _, _ = graded(folder, out)
    before = float(table["ana"]["score"])
    decided(out, "ana,gelu,3,,a reason")
    for regrade in (False, True):
        table, _, said = graded(folder, out, regrade=regrade)
        assert float(table["ana"]["score"]) == before + 3 and table["ana"]["gelu"] == "3"
    assert table["ana"]["adjusted"] == "gelu 3"
    assert json.loads((out / "gradescope" / "ana.json").read_text())["score"] == before + 3
    (out / "adjust.csv").unlink()
    table, _, said = graded(folder, out)
    assert float(table["ana"]["score"]) == before and "Adjustments: 0 in force, 0 new, 1 no longer." in said
    with Gradebook(out) as book:
        log = book.decisions()
    assert [(one.what, *one[3:]) for one in log] == [
        (what, "ana", "gelu", "3", "", "a reason") for what in ("added", "removed")
    ]
    assert all(datetime.fromisoformat(one.at) and one.by for one in log)


def test_a_line_that_cannot_be_meant_stops_a_run_before_anything_is_recorded(tmp_path):
    folder = classroom.hand_in(tmp_path / "in", ana=["x = 1"])
    decided(tmp_path / "out", "ana,bonus,1,,")
    (tmp_path / "out" / "adjust.csv").write_text(HEAD + "ana,gelu,400,,\n")
    with pytest.raises(CourseError, match=r"adjust\.csv, line 2"):
        graded(folder, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".lock", "adjust.csv"]


def test_a_line_about_nobody_is_said_with_who_may_be_meant(tmp_path):
    folder = classroom.hand_in(tmp_path / "in", anabel=["x = 1"])
    decided(tmp_path / "out", "annabel,bonus,1,,", "anabel,bonus,1,,")
    table, _, said = graded(folder, tmp_path / "out")
    assert table["anabel"]["score"] == "1"
    sentence = "adjust.csv, line 2: nobody here is “annabel”, so it says nothing. Did you mean “anabel”?"
    assert sentence in said and sum("nobody here" in one for one in said) == 1
    assert "nobody here" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_who_is_the_same_and_who_withdrew(tmp_path):
    known = roster.Roster((roster.Person("ana"), roster.Person("ben")))
    decisions = decided(tmp_path, "ben,withdrawn,,,", "old,same as,ana,,")
    rules = Rules(ASKED, decisions)
    rows = [row("ana"), row("ben")]
    assert [one.student for one in of_class(rows, rules, known)] == ["ana"]
    assert withdrawn(rows, rules, known) == ["ben"] and decisions.aliases == {"old": "ana"}
