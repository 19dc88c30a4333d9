"""docs/teaching.md keeps its promises: minutes for every section, a place for every question, exercises that exist."""

import re
from pathlib import Path

import pytest

from actlab.exercises import EXERCISES
from actlab.publish import executed, plans

COURSE = Path(__file__).parents[1]
LESSONS = {path.name[:2]: path for path in executed.lessons(COURSE)}
PLANS = plans.read(COURSE)
NUMBERED = [number for number in LESSONS if number not in ("00", "08")]


def headings(number):
    cells = executed.read(LESSONS[number]).cells
    return [cell.source.splitlines()[0][3:] for cell in cells if cell.source.startswith("## ")]


def test_every_lesson_has_a_plan():
    assert PLANS.keys() == LESSONS.keys()


@pytest.mark.parametrize("number", LESSONS)
def test_minutes_add_up(number):
    plan = PLANS[number]
    *rows, total = [entries for section, entries in plan.rows.items()]
    for column, version in enumerate(plan.versions):
        minutes = sum(int(row[column]) for row in rows if row[column] != "–")
        assert f"**{minutes}**" == total[column] == f"**{version.removesuffix(' min')}**"


@pytest.mark.parametrize("number", NUMBERED)
def test_every_numbered_section_has_its_minutes(number):
    sections = [heading.split(" ")[0] for heading in headings(number) if heading[0].isdigit()]
    assert [section for section in PLANS[number].rows if section[0].isdigit()] == sections


@pytest.mark.parametrize("number", LESSONS)
def test_every_question_is_asked_at_a_section_with_an_answer_to_it(number):
    plan = PLANS[number]
    assert plan.questions and plan.opening.startswith("**In one sentence.**") and len(plan.closing) > 30
    for section, text in plan.questions:
        assert sum(text in plan.notes(heading) for heading in headings(number)) == 1, section
        assert "They say:" in text and "Then:" in text and "reply:" in text


@pytest.mark.parametrize("number", LESSONS)
def test_homework_names_exercises_of_the_course(number):
    plan = PLANS[number]
    names = re.findall(r"`(q\d_\w+)`", plan.closing)
    assert all(name in EXERCISES for name in names)


def test_notes_go_to_their_section_alone():
    plan = PLANS["02"]
    assert "2.10 ·" in plan.notes("2.10 Zero-centred outputs")
    assert plan.notes("2.1 A step that can learn").startswith("**45 min: 4, 90 min: 6**")
    assert "2.10 ·" not in plan.notes("2.1 A step that can learn")
