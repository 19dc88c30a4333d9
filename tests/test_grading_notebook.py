"""Whatever a notebook holds, it is read: each part has a bound, nothing that a learner wrote is lost, doubt is told."""

import json

import classroom
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_grading_witness import SECRET, WAYS, stored, without_metadata

from actlab.course import LESSONS, PRACTICE
from actlab.grading import names, notebook, written
from actlab.grading.incoming import Unreadable
from actlab.grading.notebook import MAX_CODE, Notebook, parse
from actlab.handout import LONGEST_ID, Claim, claims

NUMBER = PRACTICE.number
COURSE = classroom.SOURCE.parents[1] / "notebooks"
QUESTIONS = range(1, len(PRACTICE.questions) + 1)


def markdown(text, id="", **metadata):
    return {"cell_type": "markdown", "id": id, "source": text, "metadata": metadata}


# Anything at all

KEYS = ["cells", "source", "input", "cell_type", "metadata", "worksheets", "actlab", "student", "fingerprint", "id"]
NAMES = st.sampled_from([*KEYS, "assignment", "nbgrader", "grade_id", "code", "markdown", "written_1", "slideshow"])
TEXTS = st.one_of(
    NAMES,
    st.text(max_size=20),
    st.text("check(\"'q1_reason, order=abcd)\n(a) #", max_size=60),
    st.sampled_from(
        [
            'check("q1_reason", q1_reason, order="',
            "hand-out 01234567 for \u202e, keep this line",
            "### In your own words",
            "(a) x\n(a) y",
            "\ud800",
            "def relu(",
        ]
    ),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.one_of(NAMES, TEXTS), inner, max_size=5)),
    max_leaves=30,
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.one_of(st.sampled_from(["code", "markdown", "raw"]), JSON),
        "source": st.one_of(TEXTS, st.lists(TEXTS, max_size=4), JSON),
        "id": st.one_of(st.sampled_from(["written_1", "written_9"]), JSON),
        "metadata": JSON,
    },
)
NOTEBOOKS = st.fixed_dictionaries({"cells": st.lists(CELLS, max_size=8), "metadata": JSON})


@settings(max_examples=100, deadline=None)
@given(st.one_of(NOTEBOOKS, JSON))
@example({"cells": [{"cell_type": "code", "source": "x"}], "metadata": {"actlab": {"student": "x" * 10**6}}})
@example({"cells": [{"cell_type": ["code"] * 9}, {"cell_type": "code", "source": "x", "metadata": {"nbgrader": []}}]})
def test_any_json_is_a_notebook_within_bounds_or_a_sentence(content):
    try:
        found = parse(json.dumps(content).encode())
    except Unreadable as error:
        assert error.sentence.endswith(".")
        return
    assert isinstance(found, Notebook) and sum(map(len, found.code)) <= MAX_CODE
    assert len(found.written) == len(PRACTICE.questions)
    assert all(
        claim.student == claim.student.strip() and len(claim.student) <= LONGEST_ID for claim in found.shown.claims
    )
    assert all(claim.student.isprintable() for claim in found.shown.claims)
    names.hints(found.code, found.in_text, NUMBER)
    names.about(found.shown, NUMBER)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_notebook_or_a_sentence(data):
    with pytest.raises(Unreadable):
        parse(data)


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=LONGEST_ID))
def test_what_a_hand_out_says_is_what_is_read(student):
    claim = Claim(student, "0123abcd")
    assert [*claims(f"# {claim.line}\nSEED = 8")] == [claim]


@pytest.mark.parametrize("id", ["x" * 101, "a\nb", "a\u202eb", 7, None, ["ana"], "\ud800"])
def test_an_id_that_is_none_is_no_id(id):
    data = classroom.notebook(["x = 1"], metadata={"actlab": {"student": id}})
    assert parse(data).shown.claims == () and parse(data).handed_to == ""


# Bounds


def test_a_cell_that_is_too_large_costs_that_cell():
    found = parse(classroom.notebook(["x = 1", "# " + "x" * MAX_CODE, "y = 2"]))
    assert found.code == ("x = 1", "", "y = 2")
    assert found.dropped == ("Cell 2 was left out: all code together is longer than 1 MB.",)


def test_where_all_is_too_much_the_longest_cells_go():
    found = parse(classroom.notebook(["x = 1", "#" * 600_000, "#" * 500_000, "y = 2"]))
    assert [*map(len, found.code)] == [5, 0, 500_000, 5] and len(found.dropped) == 1


def test_too_many_cells_are_cut_and_told(monkeypatch):
    monkeypatch.setattr(notebook, "MAX_CELLS", 3)
    found = parse(classroom.notebook([f"x = {k}" for k in range(5)]))
    assert len(found.code) == 3 and found.dropped == ("Only the first 3 of 5 cells were read.",)


def test_written_answers_have_a_length_and_a_number():
    cells = [markdown("y" * 10**5, f"written_{k % 5 + 1}") for k in range(100)]
    found = parse(classroom.notebook((), cells=[*cells, {"cell_type": "code", "source": "x = 1"}]))
    assert [*map(len, found.written)] == [written.MAX_LENGTH] * 5
    loose = [markdown(f"note {k}", "x") for k in range(3_000)]
    found = parse(classroom.notebook((), cells=[*loose, cells[0], {"cell_type": "code", "source": "x = 1"}]))
    assert len(found.unplaced) <= written.MAX_ANSWERS


# Written answers


def edited(edit, way="as it is"):
    """The hand-out for everybody whose cells of written answers somebody edited, each by itself."""
    nb = WAYS[way](classroom.solved(SECRET, ""))
    cells = []
    number = 0
    for cell in nb["cells"]:
        if "In your own words" in "".join(cell["source"]):
            number += 1
            cells += edit(dict(cell), number)
        else:
            cells.append(cell)
    return nb | {"cells": cells}


def in_its_place(cell, k):
    return [cell | {"source": cell["source"].replace("*YOUR ANSWER HERE*", f"answer {k}")}]


def below_the_placeholder(cell, k):
    return [cell | {"source": f"{cell['source']}\n\nanswer {k}"}]


def in_a_cell_of_its_own(cell, k):
    return [cell, markdown(f"answer {k}", f"4f3a2b1{k}")]


def alone(cell, k):
    return [cell | {"source": f"answer {k}"}]


def under_a_larger_heading(cell, k):
    return [cell | {"source": cell["source"].replace("### ", "## ").replace("*YOUR ANSWER HERE*", f"answer {k}")}]


def behind_the_question(cell, k):
    return [cell | {"source": cell["source"].replace("\n\n*YOUR ANSWER HERE*", f" answer {k}")}]


def as_code(cell, k):
    return [cell | {"cell_type": "code", "source": f"answer {k}"}]


EDITS = [in_its_place, below_the_placeholder, in_a_cell_of_its_own, alone, under_a_larger_heading, behind_the_question]


@pytest.mark.parametrize("way", ["as it is", "metadata stripped", "version 3", "through Markdown"])
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_a_written_answer_stands_under_its_question(edit, way):
    notebook = edited(edit)
    found = parse(stored(WAYS[way](classroom.as_notebook(notebook))))
    assert found.written == tuple(f"answer {k}" for k in QUESTIONS)
    assert found.unplaced == ()


def test_an_answer_in_a_cell_that_became_code_is_an_answer():
    assert parse(stored(edited(as_code))).written == tuple(f"answer {k}" for k in QUESTIONS)


@pytest.mark.parametrize("way", ["as it is", "metadata stripped", "through a script", "through Markdown", "version 3"])
def test_an_untouched_notebook_holds_no_answer(way):
    found = parse(stored(WAYS[way](classroom.solved(SECRET, "ana"))))
    assert found.written == ("",) * 5 and found.unplaced == ()
    assert not parse((COURSE / PRACTICE.file).read_bytes()).unplaced


def test_a_missing_answer_moves_no_other_one():
    found = parse(stored(edited(lambda cell, k: [] if k in (1, 3) else in_its_place(cell, k))))
    assert found.written == ("", "answer 2", "", "answer 4", "answer 5")


def test_what_belongs_to_no_question_is_shown_and_not_lost():
    nb = edited(lambda cell, k: [])
    nb["cells"] = [nb["cells"][0], markdown("my answers: 1, 2, 3", "4f3a2b1c"), *nb["cells"][1:]]
    found = parse(stored(nb))
    assert found.written == ("",) * 5 and found.unplaced == ("my answers: 1, 2, 3",)


# Near misses


@pytest.mark.parametrize(
    ("defined", "asked"),
    {
        "def ReLU(z): ...": "relu",
        "def my_gelu(z): ...": "gelu",
        "gelu2 = lambda z: z": "gelu",
        "def leakyReLU(z): ...": "leaky_relu",
        "def sigmiod(z): ...": "sigmoid",
        "def relu_prime(z): ...": "relu_derivative",
        "def grad_gelu(z): ...": "gelu_derivative",
        "def BatchNorm(z): ...": "batch_norm",
        "Q1_Reason = 'a'": "q1_reason",
        "q2_answer = 'b'": "q2_reason",
        "def jacobian_softmax(p): ...": "",
        "def helper(z): ...": "",
        "def elu(z): ...": "",
        "x = relu_ = 1": "",
    }.items(),
)
def test_a_name_that_is_nearly_the_one_asked_for_is_named(defined, asked):
    near = [hint for hint in names.hints([defined], (), NUMBER) if "did you mean" in hint]
    assert [hint.split("`")[3] for hint in near] == [asked] * bool(asked)


def test_what_stands_in_a_text_cell_or_in_a_class_is_named():
    cells = [
        markdown("```python\ndef relu(z):\n    return z\n```"),
        {"cell_type": "raw", "source": "def gelu(z): 1"},
        {"cell_type": "code", "source": "class Mine:\n    def softmax(self, z):\n        return z"},
    ]
    found = parse(classroom.notebook((), cells=cells))
    hints = " ".join(names.hints(found.code, found.in_text, NUMBER))
    assert "`relu` stands in a text cell" in hints and "`gelu` stands in a text cell" in hints
    assert "`softmax` stands inside `Mine`" in hints


def test_a_complete_notebook_gets_no_hint():
    for student in ("", "ana"):
        found = parse(stored(classroom.solved(SECRET, student)))
        assert names.hints(found.code, found.in_text, NUMBER) == [] and names.about(found.shown, NUMBER) == ""
    untouched = parse((COURSE / PRACTICE.file).read_bytes())
    assert names.hints(untouched.code, untouched.in_text, NUMBER) == [] and not names.about(untouched.shown, NUMBER)


@pytest.mark.parametrize("lesson", [one for one in LESSONS[1:] if one is not PRACTICE], ids=lambda lesson: lesson.stem)
def test_another_lesson_is_recognised(lesson):
    data = (COURSE / lesson.file).read_bytes()
    said = f"This looks like lesson {lesson.label}, not like {PRACTICE.label}."
    assert names.about(parse(data).shown, NUMBER) == said
    assert names.about(parse(stored(without_metadata(json.loads(data)))).shown, NUMBER) == said


def test_a_notebook_with_hardly_a_name_of_the_practice_is_told():
    said = names.about(parse(classroom.notebook(["import pandas", "def f(x): ..."])).shown, NUMBER)
    assert (
        said
        == f"This does not look like the notebook {PRACTICE.label}: it defines 0 of the 26 names that are asked for."
    )
    other = classroom.notebook(["x = 1"], metadata={"actlab": {"assignment": "project", "student": "ana"}})
    assert names.about(parse(other).shown, NUMBER) == "This is the hand-out “project”, not “practice”."
