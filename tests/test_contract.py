"""Names, points, options and each student's own homework stay what they were when it was handed out."""

import ast
import copy
from pathlib import Path

import contract
import nbformat
import pytest

from actlab import course

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def test_nothing_that_handed_out_homework_relies_on_has_changed():
    found = sorted(contract.differences(contract.current(), contract.stored()))
    assert not found, "\n".join([*found, contract.ADVICE])


def test_the_contract_holds_every_exercise_and_enough_students():
    agreed = contract.stored()
    assert [e["id"] for e in agreed["exercises"]] == [id for lesson in course.LESSONS for id in lesson.exercises]
    assert [len(students) for students in agreed["personal"].values()] == [20, 20, 20]
    assert len({what for students in agreed["personal"].values() for what in students.values()}) == 60


def test_a_broken_contract_says_what_and_for_whom():
    agreed = contract.stored()
    now = copy.deepcopy(agreed)
    now["exercises"][1]["points"] = 9
    gone = now["exercises"].pop(2)
    now["exercises"][0], now["exercises"][1] = now["exercises"][1], now["exercises"][0]
    now["exercises"].append({"id": "q9_new"})
    now["personal"][contract.SECRETS[0]]["ana"] = "SEED 1"
    found = " ".join(contract.differences(now, agreed))
    assert "points of `q1_affine`: 9 now, 2 agreed." in found
    assert f"`{gone['id']}` is gone." in found and "`q9_new` is new." in found and "in another order." in found
    assert "The homework of `ana` under the secret 'a long random text': 'SEED 1' now" in found
    assert contract.FILE.name == "contract.json" and "python -m tests.contract" in contract.ADVICE


@pytest.mark.parametrize("lesson", course.LESSONS, ids=lambda lesson: lesson.stem)
def test_the_stubs_keep_the_signatures(lesson):
    cells = nbformat.read(NOTEBOOKS / lesson.file, as_version=4).cells
    code = [c.source for c in cells if c.cell_type == "code" and "NotImplementedError" in c.source]
    defined = [d for source in code for d in ast.parse(source).body if isinstance(d, ast.FunctionDef)]
    agreed = [e for e in contract.stored()["exercises"] if e["lesson"] == lesson.number and "parameters" in e]
    assert [d.name for d in defined] == [e["name"] for e in agreed]
    for stub, e in zip(defined, agreed, strict=True):
        names, given = [a.arg for a in stub.args.args], [part.split("=")[0] for part in e["parameters"].split(", ")]
        assert names == [name for name in given if name][: len(names)]
        assert not e["question"] or ast.unparse(stub.args) == e["parameters"]
