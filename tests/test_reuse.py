"""What docs/reuse.md promises whoever takes the course along: the syllabus is the course's, the citation is valid."""

import re
import runpy
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

import actlab
from actlab import cli, course
from actlab.exercises import EXERCISES
from actlab.publish import plans

COURSE = Path(__file__).parents[1]
PAGE = (COURSE / "docs" / "reuse.md").read_text(encoding="utf-8")
SESSIONS = dict(re.findall(r"^### Session (\d): (.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))
TAUGHT = [lesson for lesson in course.LESSONS if lesson.asks][1:]

CITED = {
    "abstract", "authors", "cff-version", "date-released", "keywords", "license", "message", "title", "type", "version",
}  # fmt: skip
"""Those keys of the Citation File Format 1.2.0 that the course has a use for."""


def sections(lesson):
    """{number: heading} of a lesson's numbered sections."""
    source = (COURSE / "solutions" / f"{lesson.stem}.py").read_text(encoding="utf-8")
    headings = re.findall(r"^# ## (\d+\.\d+ .*)$", source, re.MULTILINE)
    return {heading.split(" ")[0]: heading for heading in headings}


def expanded(cell):
    """The sections that "2.1–2.3, 2.6" names, in order."""
    found = []
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        lesson, begin = first.split(".")
        end = (last or first).split(".")[1]
        found += [f"{lesson}.{n}" for n in range(int(begin), int(end) + 1)]
    return found


def rows(lesson):
    """(outcome, sections, exercises, homework) of a lesson's session."""
    table = re.findall(r"^\| (.*) \|$", SESSIONS[str(lesson.number)], re.MULTILINE)[1:]
    return [
        (
            outcome,
            expanded(where),
            re.findall(r"`(\w+)`", exercises),
            re.findall(r"(?:practice|challenge) \d", homework),
        )
        for outcome, where, exercises, homework in (row.split(" | ") for row in table)
    ]


def repeated(exercises):
    """The questions of the practice that ask some exercises of a lesson again."""
    return {
        f"practice {question.number}"
        for question in course.PRACTICE.questions
        for id in question.asks
        if getattr(EXERCISES[id], "of", None) and EXERCISES[id].of.id in exercises
    }


@pytest.mark.parametrize("lesson", TAUGHT, ids=lambda lesson: lesson.stem)
def test_a_session_has_every_outcome_that_its_lesson_promises(lesson):
    source = (COURSE / "solutions" / f"{lesson.stem}.py").read_text(encoding="utf-8")
    promised = re.findall(r"^# - (.*)[;.]$", source.split("# %%")[1], re.MULTILINE)
    assert promised and [outcome for outcome, *_ in rows(lesson)] == promised


@pytest.mark.parametrize("lesson", TAUGHT, ids=lambda lesson: lesson.stem)
def test_a_session_names_the_sections_and_exercises_of_its_lesson(lesson):
    headings = sections(lesson)
    named = {section for _, where, _, _ in rows(lesson) for section in where}
    assert named == set(headings)
    assert sorted(id for _, _, ids, _ in rows(lesson) for id in ids) == sorted(lesson.asks)
    for _, where, ids, _ in rows(lesson):
        for id in ids:
            assert EXERCISES[id].section in {headings[section] for section in where}, id


@pytest.mark.parametrize("lesson", TAUGHT, ids=lambda lesson: lesson.stem)
def test_an_outcome_names_each_question_that_asks_for_it_again(lesson):
    behind = {
        f"{homework.name} {question.number}"
        for homework in course.HOMEWORKS
        for question in homework.questions
        if question.behind == lesson.number
    }
    for outcome, _, ids, homework in rows(lesson):
        assert repeated(ids) <= set(homework) <= repeated(ids) | behind, outcome
    assert behind <= {question for *_, homework in rows(lesson) for question in homework}


def test_there_is_a_session_for_each_lesson_with_its_minutes():
    assert list(SESSIONS) == [str(lesson.number) for lesson in TAUGHT]
    taught = plans.read(COURSE)
    for lesson in TAUGHT:
        plan = taught[f"{lesson.number:02}"]
        assert plan.versions == ("45 min", "90 min")
        assert SESSIONS[str(lesson.number)].startswith(f"[{lesson.label}](teaching/{lesson.number:02}.md)\n")
        assert f"90 minutes in class, or 45; {lesson.minutes} at home." in SESSIONS[str(lesson.number)]
    assert f"in {course.lesson(0).minutes} minutes" in PAGE
    for homework in course.HOMEWORKS:
        assert f"[{homework.label}](teaching/{homework.number:02}.md): {homework.minutes} minutes" in PAGE
    last = {one.name: max(question.behind for question in one.questions) for one in course.HOMEWORKS}
    for homework in course.HOMEWORKS:
        assert f"\n| {last[homework.name]} | [{homework.label}]" in PAGE
    row = re.search(rf"^.*\[{course.PRACTICE.label}\].*$", PAGE, re.MULTILINE)[0]
    origins = [getattr(EXERCISES[id], "of", None) for id in course.PRACTICE.exercises]
    late = {one.section.split(" ")[0] for one in origins if one and one.lesson > last[course.PRACTICE.name]}
    assert set(re.findall(r"\d\.\d+", row)) == late


def test_the_citation_is_valid_and_the_page_repeats_it():
    cited = yaml.safe_load((COURSE / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"authors", "cff-version", "message", "title"} <= cited.keys() <= CITED
    assert cited["cff-version"] == "1.2.0" and cited["type"] == "software"
    assert all(author.keys() == {"name"} for author in cited["authors"])
    released = re.search(
        r"^## \[(\d\S*)\] - (\S+)", (COURSE / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert (cited["version"], str(cited["date-released"])) == released.groups()
    entry = dict(re.findall(r"^  (\w+) += \{+(.*?)\}+,?$", PAGE, re.MULTILINE))
    assert entry == {
        "title": cited["title"],
        "author": cited["authors"][0]["name"],
        "version": actlab.__version__,
        "year": str(cited["date-released"].year),
        "license": " AND ".join(cited["license"]),
    }
    assert f"From *{cited['title']}* by {cited['authors'][0]['name'].replace('The', 'the')}, CC BY 4.0." in PAGE


def test_what_the_page_says_to_run_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)):
        (tmp_path / f"{number}.py").write_text(code, encoding="utf-8")
        runpy.run_path(f"{number}.py")
    assert {path.name for path in tmp_path.iterdir()} >= {"tanh.pdf", "tanh.svg", "sigmoid.html", "sigmoid.svg"}
    assert b"/Subtype /Image" not in (tmp_path / "tanh.pdf").read_bytes()
    assert "<image" not in (tmp_path / "tanh.svg").read_text(encoding="utf-8")
    called = set(re.findall(r"bin/actlab (\w+)", PAGE))
    assert called and called <= set(get_command(cli.main).commands)


def test_every_file_that_the_page_names_is_there():
    named = re.findall(r"(?:utils|tests)/[\w/.]*\w|LICENSE|CITATION\.cff", PAGE)
    named += [f"docs/{target}" for target in re.findall(r"\]\(([\w/]+\.md)\)", PAGE)]
    assert len(named) > 10
    assert [name for name in named if not (COURSE / name).exists()] == []
