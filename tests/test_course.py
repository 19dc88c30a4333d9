"""The course as data agrees with what stands in its notebooks, in README and in the exercises."""

import re
from pathlib import Path

import pytest

from actlab import course
from actlab.exercises import EXERCISES, Choice, lesson
from actlab.publish.homework import unbalanced
from actlab.publish.readme import overview
from actlab.words import spelled

ROOT = Path(__file__).parents[1]
SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "solutions").glob("[0-9]*.py"))}

PAGES = [*sorted((ROOT / "solutions").glob("[0-9]*.py")), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
FILES = [one.file for one in course.LESSONS]

each_lesson = pytest.mark.parametrize("one", course.LESSONS, ids=lambda one: one.stem)


def test_the_lessons_are_the_files_in_order():
    assert [one.stem for one in course.LESSONS] == list(SOURCES), (
        "one entry in course.LESSONS for each source, in order"
    )
    assert [one.number for one in course.LESSONS] == list(range(len(SOURCES)))
    assert course.PRACTICE in course.LESSONS


@each_lesson
def test_title_and_minutes_stand_in_the_source(one):
    text = SOURCES[one.stem]
    heading = re.search(r"^# # (.+)$", text, re.M)
    assert heading[1] in ("{title}", one.title), "the heading of a lesson is `# {title}`"
    begin = re.search(r"^# \*\*Before you start:\*\*.*$", text, re.M)
    assert (f"About {spelled(one.minutes // 60)} hours" if one.is_homework else "{minutes}.") in begin[0]


@each_lesson
def test_a_lesson_asks_what_its_source_asks(one):
    found = re.findall(r'^# %% exercise="(\w+)"', SOURCES[one.stem], re.M)
    for id in one.exercises:
        assert found.count(id) == 2, f"solutions/{one.stem}.py: write the cells of `{id}`: prompt, function and check"
    assert set(found) == set(one.exercises), f"course.py: `asks` of {one.label} names what solutions/{one.stem}.py asks"
    if one.questions:
        assert list(dict.fromkeys(found)) == list(one.exercises)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_notebook_that_a_page_names_is_a_lesson(page):
    for name in re.findall(r"\b\d\d_\w+\.ipynb", page.read_text(encoding="utf-8")):
        assert name in FILES, f"{page.name} names {name}; the lessons are {', '.join(FILES)}"


@each_lesson
def test_links_to_a_lesson_are_called_as_it_is(one):
    for stem, text in SOURCES.items():
        for label in re.findall(rf"\[(\d\d [^\]]+)\]\({one.file}\)", text):
            assert label == one.label, stem


def test_the_table_in_readme_is_that_of_the_course():
    assert overview("notebooks/") in (ROOT / "README.md").read_text(encoding="utf-8")


def test_exercises_stand_in_the_order_of_the_course():
    assert list(EXERCISES) == [id for one in course.LESSONS for id in one.exercises]
    assert list(EXERCISES.values()) == [e for one in course.LESSONS for e in lesson(one.number)]
    for one in course.LESSONS:
        for e in lesson(one.number):
            assert (e.lesson, course.asked_in(e.id)) == (one.number, one)
            assert e.question or e.id.startswith(f"q{e.lesson}_")
            assert e.section and 1 <= e.points <= (8 if e.question else 5)
    names = [e.name for e in EXERCISES.values() if not e.question]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("homework", course.HOMEWORKS, ids=lambda homework: homework.stem)
def test_a_homework_asks_its_questions_for_the_points_that_the_course_says(homework):
    questions = homework.questions
    numbers = [q.number for q in questions]
    assert numbers == sorted(set(numbers))
    off = list(unbalanced(EXERCISES, [homework]))
    assert not off, off[0]
    for question in questions:
        asked = [EXERCISES[id] for id in question.asks]
        assert all((e.question, e.section, e.name) == (question.number, question.heading, e.id) for e in asked)
        assert not any(isinstance(e, Choice) for e in asked[:-1])
        assert f"\n# ## {question.heading}\n" in SOURCES[homework.stem]


def test_each_question_of_the_practice_ends_with_a_letter():
    assert all(isinstance(EXERCISES[question.asks[-1]], Choice) for question in course.PRACTICE.questions)


def test_homework_points_to_the_lesson_that_helps():
    for e in lesson(course.PRACTICE.number):
        behind = course.question_of(e.id).behind
        assert e.reading == course.lesson(e.of.lesson if e.of else behind)
        assert not e.of or (e.of.name == e.name and e.of.lesson < course.PRACTICE.number)
    for id in ("layer_gradient_norms", "he_normal"):
        assert EXERCISES[id].reading.label == "06 Gradient flow"


def test_an_unknown_number_or_id_is_an_error():
    with pytest.raises(KeyError):
        course.lesson(99)
    with pytest.raises(KeyError, match="no lesson asks `q9_new`: write its id"):
        course.asked_in("q9_new")
