"""The chapter on questions of one's own, done as it says: a copy of the course with one more, and without an item."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^( *)<!-- ([\w./]+)(?: above: (.+?))? -->\n *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "activation_factor"
ITS_CLASS = re.compile(r"@practice\(of=GradientFactor[^\n]*\nclass .*?(?=\n\n\n)\n\n\n", re.DOTALL)
ITS_CELLS = re.compile(rf'^# %%[^\n]* exercise="{LEFT_OUT}"\n.*?(?=^# %%)', re.MULTILINE | re.DOTALL)
SOURCE = "solutions/09_practice.py"
TOPIC = "utils/actlab/exercises/topics/sigmoid.py"


def done(root: Path) -> None:
    """Do in a copy of the course what the page says: each block in its file, then the item's class and cells."""
    for indent, file, place, kind, text in BLOCK.findall(PAGE):
        path, text = root / file, textwrap.dedent(text) if indent else text
        if kind == "diff":
            rows = text.splitlines(keepends=True)
            _replace(path, *("".join(row[1:] for row in rows if row[0] in f" {side}") for side in "-+"))
        elif place:
            mark = place.replace("\\n", "\n")
            _replace(path, mark, f"{text}\n{mark}")
        else:
            assert not path.exists()
            path.write_text(text, encoding="utf-8")
    _drop(root / TOPIC, ITS_CLASS, 1)
    _drop(root / SOURCE, ITS_CELLS, 3)


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} has once\n{old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def _drop(path: Path, pattern: re.Pattern, many: int) -> None:
    text, found = pattern.subn("", path.read_text(encoding="utf-8"))
    assert found == many, f"{path.name}: {found} of {pattern.pattern}"
    path.write_text(text, encoding="utf-8")


def run(root: Path, *command: str) -> subprocess.CompletedProcess:
    """What Python says with the copy of the course in place of ours."""
    environment = os.environ | {"PYTHONPATH": str(root / "utils"), "OMP_NUM_THREADS": "1"}
    environment.pop("ACTLAB_STATIC", None)
    return subprocess.run([sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True)


def actlab(root: Path, *words: str) -> str:
    ran = run(root, "-m", "actlab.cli", *words)
    assert ran.returncode == 0, f"{words}: {ran.stdout}{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    for folder in ("utils", "solutions", "notebooks", "docs", "tests"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for file in ("README.md", "pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / file, root / file)
    done(root)
    return root


def cells_of(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    """The cells of a hand-out by what they are for."""
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def letter_of(cells: dict[str, nbformat.NotebookNode], begins: str) -> str:
    """The letter at which an option stands in one student's hand-out."""
    (found,) = re.findall(rf"^- \((\w)\) {re.escape(begins)}", cells["q6_reason_prompt"].source, re.MULTILINE)
    return found


SLOWLY, HALF = "Its outputs lie between", "Its slope is one half"
ANSWERS = {
    "ana": ("return z / (1 + np.abs(z))", "Its slope falls as"),
    "ben": ("return z / (1 + z)", SLOWLY),
    "cem": ("return np.sign(z) * (1 - 1 / (1 + np.abs(z)))", HALF),
}


@pytest.fixture(scope="module")
def built(course):
    said = actlab(course, "build", "09", "--no-execute")
    assert "adds up" not in said, said
    return course


@pytest.fixture(scope="module")
def handed_out(built):
    """Three hand-outs, by student."""
    (built / "students.csv").write_text("\n".join(ANSWERS), encoding="utf-8")
    (built / "my.key").write_text("a long random text", encoding="ascii")
    more = ("--package", "course.zip", "--nbgrader", "nbgrader.ipynb")
    actlab(built, "release", "--out", "handout", "--roster", "students.csv", "--secret", "my.key", *more)
    return {one: nbformat.read(built / "handout" / one / "09_practice.ipynb", as_version=4) for one in ANSWERS}


@pytest.fixture(scope="module")
def graded(built, handed_out):
    """The folder of grades, of three who answer the new question alone."""
    (built / "in").mkdir()
    for student, notebook in handed_out.items():
        cells, (code, option) = cells_of(notebook), ANSWERS[student]
        cells["softsign"].source = f"def softsign(z):\n    {code}"
        cells["q6_reason"].source = f'q6_reason = "{letter_of(cells, option)}"'
        cells["written_6"].source += f"\n\nWhere units are pushed far out, says {student}."
        nbformat.write(notebook, built / "in" / f"{student}.ipynb")
    actlab(built, "grade", "in", "--out", "grades", "--secret", "my.key")
    return built / "grades"


def table(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return {row["student"]: row for row in csv.DictReader(lines)}


def test_what_is_asked_and_for_how_much_follows_from_the_course(built):
    assert "Six questions, 108 points" in (built / "README.md").read_text(encoding="utf-8")
    assert "Six questions, 108 points" in (built / "docs" / "teaching" / "09.md").read_text(encoding="utf-8")
    notebook = nbformat.read(built / "notebooks" / "09_practice.ipynb", as_version=4)
    points = {id: cell.metadata.nbgrader.points for id, cell in cells_of(notebook).items() if id.endswith("_check")}
    assert (points["softsign_check"], points["q6_reason_check"], sum(points.values())) == (6, 4, 108)
    assert f"{LEFT_OUT}_check" not in points and "108 points" in notebook.cells[0].source
    assert "### Exercise: softsign (6 points)" in cells_of(notebook)["softsign_prompt"].source


def test_points_that_do_not_add_up_are_one_sentence(built):
    topic, said = built / "utils/actlab/exercises/topics/relu.py", re.compile(r"^> (The practice adds up .*)$", re.M)
    before = topic.read_text(encoding="utf-8")
    _replace(topic, "@practice(of=Relu, points=2)", "@practice(of=Relu, points=4)")
    checked = run(built, "-m", "actlab.cli", "build", "--check", "09")
    topic.write_text(before, encoding="utf-8")
    (quoted,) = said.findall(PAGE)
    *stale, sentence = checked.stdout.splitlines()
    assert checked.returncode == 1 and all(" is stale; run: " in line for line in stale)
    assert sentence == quoted.replace("102 points, not 100", "110 points, not 108")


def test_each_student_gets_another_number_and_another_order(handed_out):
    worked = {
        re.search(r"Worked number: (.+?)\. Four", cells_of(n)["softsign_prompt"].source)[1] for n in handed_out.values()
    }
    orders = {re.search(r'order="(\w+)"', cells_of(n)["q6_reason_check"].source)[1] for n in handed_out.values()}
    assert len(worked) > 1 and all("gives" in one for one in worked)
    assert len(orders) > 1 and {"".join(sorted(one)) for one in orders} == {"abcd"}


def test_the_hand_out_says_its_own_extent(built, handed_out):
    note = (built / "handout" / "ana" / "README.txt").read_text(encoding="utf-8")
    assert note.startswith("Practice: six questions on activation functions, 108 points.")


def test_the_question_is_graded_and_its_right_letters_count_alike(graded):
    rows = table(graded / "grades.csv")
    assert {one: (row["softsign"], row["q6_reason"]) for one, row in rows.items()} == {
        "ana": ("6", "4"),
        "ben": ("0", "4"),
        "cem": ("4", "0"),
    }
    assert {(row["status"], row["max_score"]) for row in rows.values()} == {("graded", "108")}
    assert all(LEFT_OUT not in row for row in rows.values())


def test_its_mistakes_are_named_to_the_student(graded):
    ben, cem = ((graded / "feedback" / f"{one}.html").read_text(encoding="utf-8") for one in ("ben", "cem"))
    assert "It looks like z/(1 + z): without |z| it has a pole at −1." in ben
    assert "keeps few digits." in cem and "What is the limit of (z/(1 + |z|))/z as z goes to 0?" in cem


def test_an_explanation_marks_each_right_letter(built, graded):
    told = actlab(built, "explain", "ben", "q6_reason", "--out", "grades", "--secret", "my.key")
    (page,) = re.findall(r"\S+\.html", told)
    text = (built / page).read_text(encoding="utf-8")
    assert text.count('<td class="verdict">✓ right') == 2 and "Why these are right: The tails are algebraic" in text


def test_every_export_has_the_same_total(graded):
    with (graded / "canvas.csv").open(encoding="utf-8-sig", newline="") as lines:
        _, possible, *rows = csv.reader(lines)
    assert possible[-1] == "108" and {row[-1] for row in rows} == {"10", "4"}
    results = json.loads((graded / "gradescope" / "ana.json").read_text(encoding="utf-8"))
    assert sum(test["max_score"] for test in results["tests"]) == 108
    assert LEFT_OUT not in [test["name"] for test in results["tests"]]


def test_the_written_answer_is_that_of_question_six(graded):
    page = (graded / "written.html").read_text(encoding="utf-8")
    assert "says ana." in page.partition("Question 6")[2] and "says ana." not in page.partition("Question 6")[0]


def test_nbgrader_and_the_students_package_hold_it_too(built, handed_out):
    marked = cells_of(nbformat.read(built / "nbgrader.ipynb", as_version=4))
    assert "### BEGIN SOLUTION" in marked["softsign"].source and LEFT_OUT not in marked
    shutil.unpack_archive(built / "course.zip", built / "package")
    code = (
        "import json\nfrom actlab.check import check\n"
        "said = [check('softsign', lambda z: z / (1 + abs(z))), check('softsign', lambda z: z), "
        "check('q6_reason', 'b', order='dcab')]\nprint(json.dumps([str(one.status) for one in said]))"
    )
    told = run(built / "package" / "actlab", "-c", code)
    assert json.loads(told.stdout) == ["right", "wrong", "noted"], told.stderr
    assert SLOWLY not in "".join(p.read_text("utf-8") for p in (built / "package").rglob("*.py"))


def test_the_tests_of_exercises_hold_for_it(built):
    chosen = "softsign and (independent or known_wrong) or q6_reason and (choices or options)"
    command = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/test_exercises.py", "tests/test_letters.py")
    tried = run(built, *command, "-k", chosen)
    assert tried.returncode == 0 and "11 passed" in tried.stdout, tried.stdout[-3000:]


def test_what_is_forgotten_is_said_in_a_sentence_and_no_traceback(built):
    for file, old, new, said in (
        (
            "utils/actlab/course.py",
            '"softsign", "q6_reason"',
            '"softsign",',
            "actlab: no lesson asks `q6_reason`: write",
        ),
        (
            "utils/actlab/exercises/topics/softsign.py",
            'right = "ac"',
            'right = "ae"',
            "actlab: q6_reason: `right` is 'ae'",
        ),
    ):
        before = (built / file).read_text(encoding="utf-8")
        _replace(built / file, old, new)
        stopped = run(built, "-m", "actlab.cli", "build", "--check")
        (built / file).write_text(before, encoding="utf-8")
        assert stopped.returncode == 1 and stopped.stderr.startswith(said) and stopped.stderr.count("\n") == 1
