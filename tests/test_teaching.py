"""The lecture plans: minutes for every section, a place for every question, exercises that exist."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from actlab import cli, course
from actlab.exercises import EXERCISES
from actlab.publish import executed, plans
from actlab.publish.source import SourceError, read_source

COURSE = Path(__file__).parents[1]
LESSONS = {path.name[:2]: path for path in executed.lessons(COURSE)}
PLANS = plans.read(COURSE)
PRACTICE = f"{course.PRACTICE.number:02}"
UNTIMED = {"Recap", "Check yourself", "The whole course on one page"}

PLAN = """\
# Plan 01: A lesson

**In one sentence.** It doubles.

## The plan

| section | 45 min | what happens |
|---|---:|---|
| 1.1 | 40 | they double |
| 1.2 | – | they halve |
| reserve | 5 | |
| **sum** | **45** | |

## Before you reveal it

**1.1 · “Twice 2?”**
- They say: 3 — reply: that is 2 and 1.
- They say: 22 — reply: write it down as a sum.
- Then: print 4. Land on: “Four.”

## On the board

Two strokes, and two more.

## Homework

`q1_affine`.
"""


def headings(number):
    cells = executed.read(LESSONS[number]).cells
    return [cell.source.splitlines()[0][3:] for cell in cells if cell.source.startswith("## ")]


@pytest.fixture
def written(tmp_path):
    """Write a plan, read it."""

    def read(text):
        path = tmp_path / "teaching" / "01.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return plans.read_plan(path)

    return read


# How a plan is written


def test_a_plan_is_read_as_data(written):
    plan = written(PLAN)
    assert (plan.title, plan.opening) == ("Plan 01: A lesson", "**In one sentence.** It doubles.")
    assert plan.versions == ("45 min",)
    assert [(step.section, step.minutes) for step in plan.steps] == [
        ("1.1", {"45 min": 40}),
        ("1.2", {}),
        ("reserve", {"45 min": 5}),
    ]
    (asked,) = plan.questions
    assert (asked.section, asked.words, asked.version) == ("1.1", "Twice 2?", "")
    assert asked.answers().startswith("- They say: 3")
    assert asked.replies == (("3", "that is 2 and 1."), ("22", "write it down as a sum."))
    assert asked.then == "print 4. Land on: “Four.”"
    assert plan.homework == "`q1_affine`."


def test_a_question_may_be_for_one_version_alone(written):
    (asked,) = written(PLAN.replace("“Twice 2?”**", "“Twice 2?”** (90)")).questions
    assert (asked.words, asked.version) == ("Twice 2?", "90 min")


PREDICTED = """\
# %% [markdown]
# ## 1.1 Doubling

# %% [markdown] tags=["predict"]
# Twice 2, `1**1 * 4`, is **how** much?
#
# - [ ] 3, by `1 + 2` * 1
#   That is 2 and 1. {rests on rings.bend}
# - [x] 4
#   Now print it.
# - [ ] 22
#   Write it down
#   as a sum: $$2 + 2$$

# %% [markdown]
# ## 1.2 Halving

# %% [markdown] tags=["predict"]
# Half of 2?
#
# - [ ] 4
#   That is twice.
# - [x] 1
#   Now see.
"""

ASKED = """\
**1.1 · “Twice 2, `1**1 * 4`, is how much?”**
- They say: (a) 3, by `1 + 2` \\* 1 — reply: That is 2 and 1. <!-- verdict: rings.bend -->
- They say: (c) 22 — reply: Write it down as a sum: $2 + 2$
- Right: (b) 4
- Then: …

**1.1 · “Twice 2?”**
- They say: 3 — reply: that is 2 and 1.
- They say: 22 — reply: write it down as a sum.
- Then: print 4. Land on: “Four.”

**1.2 · “Half of 2?”**
- They say: (a) 4 — reply: That is twice.
- Right: (b) 1
- Then: …
"""


@pytest.fixture
def asking(tmp_path):
    """What a plan says under "Before you reveal it", once a lesson's predictions are written into it."""

    def ask(questions, source=PREDICTED):
        path = tmp_path / "01_lesson.py"
        path.write_text(source, encoding="utf-8")
        plan = PLAN.replace(OWN, questions)
        for _ in range(2):  # once more changes nothing
            before, plan = plan, plans.with_predictions(plan, read_source(path, {}))
        assert before == plan
        assert plan.replace(questions_of(plan), "") == PLAN.replace(OWN, "")
        return questions_of(plan)

    return ask


def questions_of(plan):
    return plan.partition(plans.ASKED)[2].partition("\n## ")[0]


OWN = questions_of(PLAN)


def test_a_lessons_predictions_are_questions_of_its_plan(asking):
    asked = asking(OWN)
    first, own, last = asked.strip("\n").split("\n\n")
    assert {first, own, last} == set(ASKED.strip("\n").split("\n\n"))
    assert asked.index("1.2 ·") > max(asked.index(first), asked.index(own))


def test_what_a_lecturer_wrote_stays_when_a_lesson_asks_in_other_words(asking):
    mine = ASKED.replace(
        "- Right: (b) 4\n- Then: …", "- Right: (b) 4\n- They say: 5 — reply: no.\n- Then: four strokes."
    )
    mine = mine.replace("(b) 1\n- Then: …", "(b) 1\n- Then: cut it.")
    assert asking(mine) == mine
    reworded = PREDICTED.replace("Twice 2, `1**1 * 4`, is **how** much?", "How much is twice 2?").replace("22", "23")
    assert asking(mine, reworded) == mine.replace("Twice 2, `1**1 * 4`, is how much?", "How much is twice 2?").replace(
        "(c) 22", "(c) 23"
    )
    swapped = PREDICTED.replace("Half of 2?", "?").replace("Twice 2, `1**1 * 4`, is **how** much?", "Half of 2?")
    said = asking(mine, swapped)
    assert said.index("1.1 · “Half of 2?”") < said.index("cut it.") < said.index("1.2 · “?”")
    assert all(
        line in said for line in mine.split("\n") if line.startswith(("- Then: f", "- Then: p", "- They say: 5"))
    )


def test_a_question_that_the_lesson_asks_no_more_becomes_the_lecturers_own(asking):
    mine = ASKED.replace("…", "show it.")
    assert asking(mine, "# %% [markdown]\n# ## 1.1 Doubling\n") == re.sub("- Right: .*\n", "", mine)


def test_a_prediction_says_on_the_notes_which_option_is_right(written, asking):
    plan = written(PLAN.replace(OWN, asking(OWN).replace("…", "show it.")))
    assert "- Right: (b) 4" in plan.notes("1.1 Doubling")
    assert [question.right for question in plan.questions if question.right] == ["(b) 4", "(b) 1"]


def test_notes_go_to_their_section_alone(written):
    plan = written(PLAN)
    assert plan.notes("1.1 Doubling") == f"**45 min: 40** · they double\n\n{plan.questions[0].markdown}"
    assert plan.notes("1.2: halving") == "**45 min: –** · they halve"
    assert plan.notes("1.10 Other numbers") == plan.notes("1") == ""


MISTAKES = {
    "a section is missing": ("## Homework", "## At home", 1, "a plan needs a section `## Homework`"),
    "a column is missing": ("| 1.2 | – | they halve |", "| 1.2 | they halve |", 10, "the plan is one table"),
    "prose in the table": ("| 1.2 | – | they halve |", "they halve", 10, "the plan is one table"),
    "no table": (re.search(r"\|(.*\n)*.*\|", PLAN)[0], "Later.", 7, "the plan is one table"),
    "minutes in words": ("| 1.2 | – |", "| 1.2 | two |", 10, "minutes are a whole number"),
    "minutes that do not add up": ("| 1.1 | 40 |", "| 1.1 | 41 |", 12, "the minutes of 45 min add up to 46"),
    "another sum": ("**45**", "**50**", 12, "the minutes of 45 min add up to 45"),
    "a question without a section": ("**1.1 · “", "**“", 16, "a question begins with its section"),
    "no reply": (" — reply: that is 2 and 1.", "", 17, "here belongs what they say"),
    "a line of another kind": ("- Then:", "- Perhaps:", 19, "here belongs what they say"),
    "no reveal": ("- Then: print 4. Land on: “Four.”\n", "", 16, "and the reveal"),
    "a reveal to write": ("print 4. Land on: “Four.”", "…", 16, "what do you show, once they have answered?"),
    "nobody says anything": (re.search("- They.*\n- They.*\n", PLAN)[0], "", 16, "needs what they say"),
}


@pytest.mark.parametrize("old, new, line, words", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_file_and_line(written, old, new, line, words):
    assert PLAN.count(old) == 1
    with pytest.raises(SourceError) as error:
        written(PLAN.replace(old, new))
    assert str(error.value).startswith(f"teaching/01.md:{line}: ")
    assert words in str(error.value)


def test_a_lesson_without_a_plan_is_named(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "09_more.ipynb").touch()
    with pytest.raises(SourceError, match=r"^teaching/09\.md:1: this lesson has no plan yet"):
        plans.read(tmp_path)


# The course's own


def test_every_plan_is_that_of_a_lesson_and_stands_in_the_list():
    assert [path.stem for path in sorted((COURSE / plans.FOLDER).iterdir())] == list(LESSONS)
    titles = {number: executed.title(executed.read(path)).rpartition(" · ")[2] for number, path in LESSONS.items()}
    assert {number: plan.title for number, plan in PLANS.items()} == {n: f"Plan {n}: {t}" for n, t in titles.items()}
    listed = re.findall(r"^- \[(.*)\]\((.*)\)$", (COURSE / "docs" / "teaching.md").read_text("utf-8"), re.MULTILINE)
    assert listed == [(f"{number} {title}", f"teaching/{number}.md") for number, title in titles.items()]


@pytest.mark.parametrize("number", LESSONS)
def test_every_section_has_its_minutes(number):
    plan, asked = PLANS[number], headings(number)
    assert {heading for heading in asked if "min: " not in plan.notes(heading)} <= UNTIMED
    numbered = [heading.partition(" ")[0] for heading in asked if heading[0].isdigit()]
    assert [step.section for step in plan.steps if step.section[0].isdigit()] == numbered


@pytest.mark.parametrize("number", LESSONS)
def test_a_plan_asks_what_its_lesson_asks(number):
    assert plans.stale([LESSONS[number].with_suffix(".py")], COURSE, EXERCISES) == [], "run: actlab build"


@pytest.mark.parametrize("number", LESSONS)
def test_every_question_is_asked_at_one_section(number):
    plan = PLANS[number]
    assert plan.questions and plan.opening.startswith("**In one sentence.**")
    for asked in plan.questions:
        assert sum(asked.markdown in plan.notes(heading) for heading in headings(number)) == 1, asked.section


@pytest.mark.parametrize("number", [f"{one.number:02}" for one in course.LESSONS if one.asks])
def test_homework_names_exercises_of_its_lesson(number):
    names = re.findall(r"`(q\d_\w+)`", PLANS[number].homework)
    assert names
    assert set(names) <= {exercise.id for exercise in EXERCISES.values() if exercise.lesson == int(number)}


def test_homework_of_the_practice_names_commands_that_exist():
    called = re.findall(r"`actlab (\w+)([^`]*)`", PLANS[PRACTICE].homework)
    assert [name for name, _ in called] == ["release", "grade"]
    for name, rest in called:
        command = get_command(cli.main).commands[name]
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--\w+", rest)) - options == set()
