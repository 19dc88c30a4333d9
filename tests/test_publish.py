"""What authors, learners and graders rely on when notebooks are built from sources."""

import json
import re
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

import lessons
import nbformat
import pytest

from actlab import evidence
from actlab.course import CHALLENGE, HOMEWORKS, PRACTICE
from actlab.exercises import EXERCISES
from actlab.publish.executed import is_check
from actlab.publish.homework import extent, points_of, questions, unbalanced
from actlab.publish.notebooks import build, execute, learner, solution, stale, to_bytes
from actlab.publish.source import GIVEN, SourceError, read_source
from actlab.saved import strip_widgets

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "solutions").glob("[0-9][0-9]_*.py"))

each_lesson = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)

LESSON = '''\
# %% [markdown]
# # A lesson

# %%
import math

# %% [markdown] exercise="q1_double"
# ### Twice
# Return $2z$: 2 becomes 4.

# %% exercise="q1_double"
def double(z):
    """Return twice z."""
    ### BEGIN SOLUTION
    secret = z + z
    return secret
    ### END SOLUTION

# %% exercise="q1_double"
print("checked")

# %% [markdown]
# ### Why?
# ### BEGIN SOLUTION
# Because of addition.
# ### END SOLUTION

# %% tags=["solution"]
print(double(21))

# %% [markdown] role="notes"
# Three minutes; expect "4z".

# %% role="fragment"
print(f"{math.pi:.4f}")
'''


@pytest.fixture
def course(tmp_path):
    """A course of one lesson; call it with another text to replace the lesson."""
    (tmp_path / "solutions").mkdir()

    def write(text=LESSON):
        path = tmp_path / "solutions" / "01_lesson.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def read(path, **known):
    return read_source(path, {"q1_double": SimpleNamespace(**{"points": 4} | known)})


def sources_of(notebook):
    return [cell.source for cell in notebook.cells]


# What the author writes


def test_every_cell_gets_a_role_on_the_slides(course):
    cells = read(course()).cells
    roles = [cell.metadata.slideshow.slide_type for cell in cells]
    assert roles == ["slide", "-", "skip", "skip", "skip", "subslide", "skip", "notes", "fragment"]


def test_what_is_folded_and_what_may_be_left_out_is_closed_in_jupyterlab(course):
    text = '# %% [markdown]\n# ## 1.2 Aside ☆\n\n# %% tags=["fold"]\n1\n\n# %% [markdown]\n# ## 1.3 On ☆ we go\n'
    for notebook in (learner(read(course(text))), solution(read(course(text)))):
        aside, folded, on = (cell.metadata for cell in notebook.cells)
        assert aside["jp-MarkdownHeadingCollapsed"] is True
        assert folded.jupyter.source_hidden is True
        assert "jp-MarkdownHeadingCollapsed" not in on


def test_an_exercise_becomes_three_cells_that_nbgrader_accepts(course):
    prompt, stub, check = (cell.metadata.nbgrader for cell in read(course()).cells[2:5])
    fixed = {"schema_version": 3, "task": False}
    assert prompt == fixed | {"grade_id": "q1_double_prompt", "grade": False, "solution": False, "locked": True}
    assert stub == fixed | {"grade_id": "q1_double", "grade": False, "solution": True, "locked": False}
    assert check == fixed | {
        "grade_id": "q1_double_check",
        "grade": True,
        "solution": False,
        "locked": True,
        "points": 4,
    }


def test_cells_keep_their_ids_when_others_change(course):
    before = {cell.source: cell.id for cell in read(course()).cells}
    changed = LESSON.replace("import math", "import math\n\n# %%\nmath.e").replace("z + z", "2 * z")
    after = {cell.source: cell.id for cell in read(course(changed)).cells}
    assert {source: after[source] for source in before if source in after} == {
        source: id for source, id in before.items() if source in after
    }
    assert sorted(before.values()) == sorted(set(before.values()))
    assert {"q1_double_prompt", "q1_double", "q1_double_check"} <= set(after.values())


def test_equal_cells_get_different_ids(course):
    cells = read(course("# %%\nx = 1\n\n# %%\nx = 1\n")).cells
    assert cells[0].id != cells[1].id


MISTAKES = {
    "text before the first cell": ("import math\n\n# %%\n1\n", 1, "before the first"),
    "unknown option": ('# %% rôle="slide"\n1\n', 1, "role, exercise and tags"),
    "unreadable header": ('# %% role="slide\n1\n', 1, "role, exercise and tags"),
    "unknown tag": ('# %%\n1\n\n# %% tags=["folded"]\n1\n', 4, "unknown tag `folded`; known: predict, outcome, fold"),
    "unknown role": ('# %%\n1\n\n# %% role="slides"\n1\n', 4, "unknown role `slides`"),
    "never ends": ("# %%\ndef f():\n    ### BEGIN SOLUTION\n    return 1\n", 3, "never ends"),
    "ends in another cell": (
        "# %%\ndef f():\n    ### BEGIN SOLUTION\n    return 1\n\n# %%\n    ### END SOLUTION\n",
        3,
        "never ends",
    ),
    "never began": ("# %%\n\n\ndef f():\n    return 1\n    ### END SOLUTION\n", 6, "never began"),
    "nested": (
        "# %%\ndef f():\n    ### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n    ### END SOLUTION\n    ### END SOLUTION\n",
        4,
        "begun on line 3",
    ),
    "almost a marker": ("# %%\ndef f():\n    # BEGIN SOLUTION\n    return 1\n", 3, "a marker is a line"),
    "a marker in a comment": ("# %%\ndef f():\n    # ### BEGIN SOLUTION\n    return 1\n", 3, "a marker is a line"),
    "never ends, in prose": ("# %% [markdown]\n# Why?\n# ### BEGIN SOLUTION\n# So.\n", 3, "never ends"),
    "unknown exercise": ('# %% [markdown] exercise="q9"\n# Hm?\n', 1, "no exercise `q9`"),
    "no check": (LESSON.replace('# %% exercise="q1_double"\nprint', "# %%\nprint"), 7, "here: prompt, stub."),
    "no prompt": (LESSON.replace('[markdown] exercise="q1_double"', "[markdown]"), 11, "here: stub, check."),
    "no stub": (
        LESSON.replace("    ### BEGIN SOLUTION\n", "").replace("    ### END SOLUTION\n", ""),
        7,
        "prompt, check",
    ),
    "points in a heading": (LESSON.replace("### Twice", "### Twice (4 points)"), 8, "`(4 points)` is for the exercise"),
    "points of a part": (LESSON.replace("2 becomes 4.", "Three points for values."), 9, "`Three points for` is for"),
    "points outside": (LESSON.replace("# A lesson", "# A lesson for {points}"), 2, "`{points}` stands in the prompt"),
    "no parts": (LESSON.replace("2 becomes 4.", "{part 1} for values."), 7, "not in parts"),
    "twice": (LESSON + '\n# %% [markdown] exercise="q1_double"\n# Again.\n', 37, "on line 7 already"),
    "a verdict nobody declared": (
        "# %% [markdown]\n# It learns. {verdict nobody.knows}\n",
        1,
        "there is no verdict `nobody.knows`",
    ),
}


def test_a_quoted_verdict_becomes_its_sentence_and_a_named_one_leaves_nothing(course):
    text = "# %% [markdown]\n# See: {verdict rings.bend} Mine. {rests on rings.bend}\n"
    (cell,) = read(course(text)).cells
    assert cell.source == f"See: {evidence.says('rings.bend')} Mine."


def test_a_verdict_whose_numbers_are_not_those_of_its_declaration_is_not_quoted(course, monkeypatch):
    monkeypatch.setattr(evidence, "stale", lambda experiment: "was run by other code")
    with pytest.raises(SourceError, match=r":1: the experiment rings was run by other code: actlab evidence run rings"):
        read(course("# %% [markdown]\n# {verdict rings.bend}\n"))


@pytest.mark.parametrize("text, line, words", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_file_and_line(course, text, line, words):
    path = course(text)
    with pytest.raises(SourceError) as error:
        read(path)
    assert str(error.value).startswith(f"solutions/01_lesson.py:{line}: ")
    assert words in str(error.value)


def test_points_come_from_the_exercise(course):
    text = LESSON.replace("### Twice", "### Twice ({points})").replace(
        "2 becomes 4.", "{part 1} for it; {part 2} more."
    )
    prompts = {
        read(course(text), points=sum(parts), parts=dict(zip("ab", parts, strict=True))).cells[2].source
        for parts in [(3, 1), (1, 2)]
    }
    assert prompts == {
        "### Twice (4 points)\nReturn $2z$: Three points for it; one more.",
        "### Twice (3 points)\nReturn $2z$: One point for it; two more.",
    }
    with pytest.raises(SourceError, match=r":7: the prompt says once what each part earns: \{part 1\}, \{part 2\}"):
        read(course(), parts={"a": 3, "b": 1})


def test_the_total_is_that_of_the_practice_questions(course):
    path = course("# %% [markdown]\n# {total}, {total:words} and $x_{total}$.\n")
    for points, words in ((100, "100 points, a hundred points"), (1, "1 point, one point")):
        asked = {"relu": SimpleNamespace(points=points, question=1), "q1": SimpleNamespace(points=3, question=0)}
        assert read_source(path, asked).cells[0].source == f"{words} and $x_{{total}}$."


# What the learner gets


def test_solutions_become_stubs_at_the_same_indentation(course):
    sources = sources_of(learner(read(course())))
    assert sources[3] == (
        'def double(z):\n    """Return twice z."""\n    # YOUR CODE HERE\n    raise NotImplementedError'
    )
    assert sources[5] == "### Why?\n*YOUR ANSWER HERE*"


def test_every_region_of_a_cell_is_stubbed(course):
    region = "    ### BEGIN SOLUTION\n    hidden = 1\n    ### END SOLUTION\n"
    text = f"# %%\ndef f():\n{region}\ndef g():\n    x = 0\n{region}    return x\n"
    (source,) = sources_of(learner(read(course(text))))
    stub = "    # YOUR CODE HERE\n    raise NotImplementedError\n"
    assert source == f"def f():\n{stub}\ndef g():\n    x = 0\n{stub}    return x"


def test_a_stub_outside_a_function_stops_nothing(course):
    text = '# %%\nanswer = ""\n### BEGIN SOLUTION\nanswer = "c"\n### END SOLUTION\n'
    assert sources_of(learner(read(course(text)))) == ['answer = ""\n# YOUR CODE HERE']


def test_the_learner_sees_neither_solution_cells_nor_the_lecturers_notes(course):
    text = to_bytes(learner(read(course()))).decode()
    for hidden in ("secret", "addition", "double(21)", "Three minutes", "SOLUTION"):
        assert hidden not in text


def test_the_solution_shows_everything_but_the_markers(course):
    sources = sources_of(solution(read(course())))
    assert sources[3].endswith("    secret = z + z\n    return secret")
    assert sources[5] == "### Why?\nBecause of addition."
    assert len(sources) == 9 and "SOLUTION" not in "".join(sources)


# What running adds, and what is left of it

NOISY = """\
# %%
import sys
import warnings
import ipywidgets
from IPython.display import HTML, display

slider = ipywidgets.IntSlider(description="z")
print("one"); sys.stdout.flush(); print("two")
warnings.warn("careful")
display(slider)
display({"application/vnd.jupyter.widget" "-view+json": {"version_major": 2}}, raw=True)
HTML("<b>kept</b>")

# %% tags=["raises-exception"]
1 / 0
"""


def test_a_build_is_the_same_every_time_and_holds_nothing_volatile(course, tmp_path):
    path = course(NOISY)
    written = []
    for _ in range(2):
        build(path, tmp_path, {})
        written.append([file.read_bytes() for file in sorted(tmp_path.rglob("*.ipynb"))])
    assert len(written[0]) == 2
    assert written[0] == written[1]

    text = path.with_suffix(".ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for noise in ("widget-view", "model_id", "ipykernel_", "iopub", str(tmp_path), "site-packages"):
        assert noise not in text
    outputs = notebook.cells[0].outputs
    assert [output.get("name", output.output_type) for output in outputs] == [
        "stdout",
        "stderr",
        "display_data",
        "execute_result",
    ]
    assert outputs[0].text == "one\ntwo\n"
    assert outputs[-1].data["text/html"] == "<b>kept</b>"
    assert notebook.cells[1].outputs[0].traceback == ["ZeroDivisionError: division by zero"]


def test_lessons_run_beside_their_source_statically_and_on_one_thread(course):
    text = '# %%\nimport os, pathlib\nprint(pathlib.Path("01_lesson.py").exists(), end=" ")\n'
    text += 'print(os.environ["ACTLAB_STATIC"], os.environ["OMP_NUM_THREADS"])\n'
    notebook, cells = execute(read(course(text)))
    assert notebook.cells[0].outputs[0].text == "True 1 1\n"
    assert [line for _, line in cells] == [1]


def test_a_failing_cell_is_named_by_its_line(course):
    path = course("# %%\n1\n\n# %% [markdown]\n# Now\n\n# %%\nnowhere\n")
    with pytest.raises(SourceError, match=r"^solutions/01_lesson\.py:7: NameError: name 'nowhere' is not defined$"):
        execute(read(path))


def test_an_output_that_names_a_folder_of_this_machine_is_refused(course):
    path = course("# %%\nimport sys\n\n# %%\nprint(sys.prefix)\n")
    with pytest.raises(SourceError, match=r":4: the output names .*, a folder of this machine"):
        execute(read(path))


def test_stale_notebooks_are_listed(course, tmp_path):
    path = course("# %%\nprint(1)\n")
    mine, solved = tmp_path / "notebooks" / "01_lesson.ipynb", path.with_suffix(".ipynb")
    assert stale([path], tmp_path, {}) == [mine, solved]
    build(path, tmp_path, {})
    assert stale([path], tmp_path, {}) == []
    course("# %%\nprint(2)\n")
    build(path, tmp_path, {}, run=False)
    assert stale([path], tmp_path, {}) == [solved]


def test_saving_keeps_what_can_be_shown_without_a_kernel():
    view = "application/vnd.jupyter.widget-view+json"
    both, alone = {view: {}, "text/plain": "a slider"}, {view: {}}
    notebook = {
        "metadata": {"widgets": {}},
        "cells": [{"outputs": [{"data": both}, {"data": alone}, {"text": "x"}]}, {}],
    }
    strip_widgets(notebook)
    assert notebook["metadata"] == {}
    assert both == {"text/plain": "a slider"}
    assert alone == {view: {}}


# The course itself


def rows_by_visibility(path):
    """Return the source's lines as (shown to learners, hidden from them), read independently of the builder."""
    shown, hidden = [], []
    for cell in re.split(r"^(?=# %%)", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
        header, *rows = cell.split("\n")
        inside = whole = '"solution"' in header or 'role="notes"' in header
        for row in rows:
            if "### END SOLUTION" in row:
                inside = whole
            (hidden if inside else shown).append(row.removeprefix("# ").strip())
            if "### BEGIN SOLUTION" in row:
                inside = True
    return shown, hidden


@each_lesson
def test_other_points_of_an_exercise_are_other_points_in_its_lesson(path, monkeypatch):
    asked = [exercise for exercise in EXERCISES.values() if f'exercise="{exercise.id}"' in path.read_text("utf-8")]
    before = read_source(path, EXERCISES)
    for exercise in asked:
        parts = {part: points + 1 for part, points in getattr(exercise, "parts", {"choice": exercise.points}).items()}
        changed = {"points": sum(parts.values())} | ({"parts": parts} if hasattr(exercise, "parts") else {})
        monkeypatch.setitem(EXERCISES, exercise.id, replace(exercise, **changed))
    after = read_source(path, EXERCISES)
    texts = {cell.id: cell.source for cell in before.cells}
    told = {cell.id.removesuffix("_prompt") for cell in after.cells if texts.get(cell.id, cell.source) != cell.source}
    assert told == {e.id for e in asked if e.question or len(getattr(e, "parts", ())) > 1}
    graded = {cell.id.removesuffix("_check"): cell.metadata.nbgrader.points for cell in after.cells if is_check(cell)}
    assert graded == {exercise.id: EXERCISES[exercise.id].points for exercise in asked}


def test_what_is_written_by_hand_names_the_same_total():
    assert extent(PRACTICE) == f"Five questions, {points_of(PRACTICE, EXERCISES)} points"
    for page in ("README.md", f"docs/teaching/{PRACTICE.number:02}.md"):
        assert extent(PRACTICE) in (ROOT / page).read_text("utf-8")
    many, total = questions(CHALLENGE), points_of(CHALLENGE, EXERCISES)
    assert f": {total} points, {many} of {total // 5}." in (ROOT / "docs" / "challenge.md").read_text("utf-8")


def test_points_that_do_not_add_up_are_one_sentence():
    assert not list(unbalanced(EXERCISES))
    more = EXERCISES | {
        id: replace(EXERCISES[id], points=EXERCISES[id].points + 2) for id in ("relu", "gelu", "unseen")
    }
    practice, challenge = unbalanced(more)
    assert practice == (
        "The practice adds up to 104 points, not 100: question 2 to 22, not 20, question 3 to 22, not 20. Change "
        "`points` of an exercise in exercises/topics, or of the question in course.py."
    )
    assert challenge.startswith("The challenge adds up to 102 points, not 100: question 1 to 22, not 20. Change")
    fewer = replace(PRACTICE, questions=(replace(PRACTICE.questions[0], points=24), *PRACTICE.questions[2:]))
    assert extent(fewer) == "Four questions, 84 points"
    (said,) = unbalanced(EXERCISES, [fewer])
    assert said.startswith("The practice adds up to 80 points, not 84: question 1 to 20, not 24.")


def test_a_written_answer_is_called_by_its_question(course):
    asked = '# %% [markdown]\n# ## Question {}: why\n\n# %% [markdown] tags=["written"]\n# Say.\n\n'
    cells = read(course(asked.format(2) + asked.format(4))).cells
    assert [cell.metadata.nbgrader.grade_id for cell in cells[1::2]] == ["written_2", "written_4"]
    with pytest.raises(SourceError, match="a question has one written answer"):
        read(course(asked.format(2) + asked.format(2)))


def test_no_notebook_is_without_a_source():
    names = {path.stem for path in SOURCES}
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == names
    assert {path.stem for path in (ROOT / "solutions").glob("*.ipynb")} == names


@each_lesson
def test_notebooks_are_what_their_source_says(path):
    assert stale([path], ROOT, EXERCISES) == [], "run: make build"


@each_lesson
def test_no_line_of_a_solution_reaches_the_learner(path):
    shown, hidden = rows_by_visibility(path)
    notebook = json.loads((ROOT / "notebooks" / f"{path.stem}.ipynb").read_text(encoding="utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    elsewhere = "\n".join(shown)
    leaked = [row for row in hidden if len(row) > 8 and row not in elsewhere and row in text]
    assert leaked == []
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook["cells"])


@each_lesson
def test_notebooks_stay_under_a_megabyte(path):
    for folder in ("notebooks", "solutions"):
        assert (ROOT / folder / f"{path.stem}.ipynb").stat().st_size < 1_000_000


@each_lesson
def test_solutions_hold_no_widget_and_every_cell_ran(path):
    text = path.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert "widget-view" not in text
    assert all(
        cell.execution_count for cell in nbformat.reads(text, 4).cells if cell.cell_type == "code" and cell.source
    )


@each_lesson
def test_cells_are_short_enough_to_teach_from(path):
    source = read_source(path, EXERCISES)
    for cell, line in zip(source.cells, source.lines, strict=True):
        where = f"{path.name}:{line}"
        if GIVEN in cell.metadata.get("tags", ()):
            assert len(cell.source.split("\n")) <= 45, f"{where}: more than 45 lines of data"
        elif cell.cell_type == "code":
            assert len(cell.source.split("\n")) <= 25, f"{where}: more than 25 lines"
        else:
            assert lessons.words(cell.source) <= 120, f"{where}: {lessons.words(cell.source)} words"


@each_lesson
def test_at_most_two_code_cells_stand_in_a_row(path):
    source = read_source(path, EXERCISES)

    def kind(pair):
        cell, _ = pair
        return "exercise" if "nbgrader" in cell.metadata else cell.cell_type

    for found, run in groupby(zip(source.cells, source.lines, strict=True), key=kind):
        run = list(run)
        assert found != "code" or len(run) <= 2, f"{path.name}:{run[0][1]}: {len(run)} code cells in a row"


@each_lesson
def test_a_lesson_opens_with_its_title(path):
    first = read_source(path, EXERCISES).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")


def test_a_multiple_choice_shows_its_options_where_the_prompt_says_so(course):
    path = course(LESSON.replace("Return $2z$: 2 becomes 4.", "{options}"))
    doubled = SimpleNamespace(points=4, options={"a": "one", "b": "two"})
    (prompt,) = [c for c in read_source(path, {"q1_double": doubled}).cells if c.source.startswith("### Twice")]
    assert prompt.source.endswith("- (a) one\n- (b) two")
    with pytest.raises(SourceError, match="multiple choice"):
        read(path)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_the_section_that_a_check_recommends_is_a_heading_of_its_lesson(exercise):
    (path,) = (ROOT / "solutions").glob(f"{exercise.lesson:02}_*.py")
    assert f"# ## {exercise.section}\n" in path.read_text(encoding="utf-8")


def test_what_is_asked_in_words_of_their_own_is_what_the_course_says():
    for homework in HOMEWORKS:
        cells = {
            cell.id: cell.source for cell in read_source(ROOT / "solutions" / f"{homework.stem}.py", EXERCISES).cells
        }
        for question in homework.questions:
            asked = f"### In your own words\n\n{question.written}\n\n### BEGIN SOLUTION"
            assert cells[f"written_{question.number}"].startswith(asked)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("# {written}\n", "# Why?\n", "a homework's `written` in course.py"),
        ('tags=["written"]', "", "asks for a written answer to question 1, and no cell does"),
    ],
)
def test_a_homework_that_asks_otherwise_than_the_course_says_is_refused(tmp_path, old, new, words):
    source = (ROOT / "solutions" / f"{PRACTICE.stem}.py").read_text("utf-8").replace(old, new, 1)
    (tmp_path / f"{PRACTICE.stem}.py").write_text(source, encoding="utf-8")
    with pytest.raises(SourceError, match=words):
        read_source(tmp_path / f"{PRACTICE.stem}.py", EXERCISES)
