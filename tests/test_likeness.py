"""Likeness: what a copyist changes makes no difference, and what people write on their own is not listed."""

import ast
import itertools
import math
import os
import random
import re
from pathlib import Path

import attacks
import classroom
import numpy as np
import pytest
import variants
from hypothesis import given, settings
from hypothesis import strategies as st
from offline import opened, violations
from soak import school

from actlab.course import CHALLENGE, PRACTICE
from actlab.exercises import EXERCISES, Numbers, Task, lesson
from actlab.grading import likeness
from actlab.grading.bounded import Bounded, Lost
from actlab.grading.forms import MAX_CELL, Form, forms
from actlab.grading.gradebook import Grade
from actlab.grading.likeness import Likeness, compare, published
from actlab.grading.reading import Readers
from actlab.grading.run import Order, grade
from actlab.grading.standing import Rules, stand
from actlab.grading.submissions import Submission

ASKED = lesson(PRACTICE.number)
TASKS = [one for one in ASKED if isinstance(one, Task)]
NAMES = [task.name for task in TASKS]
KEPT = ("SEED", "DEPTH")
HONEST = attacks.honest()
SOLUTION = published(PRACTICE, TASKS)[PRACTICE.number]
SOFTMAX = """
def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
"""


@pytest.fixture(scope="module")
def processes():
    with Bounded(1) as made:
        yield made


def form(code, name="softmax"):
    cells = [code] if isinstance(code, str) else code
    return forms(["import numpy as np", *cells], NAMES, KEPT).get(name)


def standings(*students, **more):
    return [stand(Grade(student, "", "graded", 0, 100, **more), Rules(ASKED)) for student in students]


def compared(processes, solutions=None, **cells) -> Likeness:
    return compare(list(cells), cells.__getitem__, ASKED, processes, solutions)


SAME = {
    "names": SOFTMAX.replace("z", "scores").replace("e ", "top ").replace("e.sum", "top.sum"),
    "a docstring and comments": SOFTMAX.replace(
        "-1):", "-1):  # along an axis\n    '''My own.'''\n    # first the top"
    ),
    "annotations": SOFTMAX.replace("(z, axis=-1)", "(z: np.ndarray, axis: int = -1) -> np.ndarray").replace(
        "e =", "e: object ="
    ),
    "layout": SOFTMAX.replace(
        "(axis=axis, keepdims=True)", "(\n            axis=axis,\n            keepdims=True,\n        )"
    ),
    "the order of keywords": SOFTMAX.replace("axis=axis, keepdims=True", "keepdims=True, axis=axis"),
    "NumPy's name": "import numpy\nimport numpy as xp" + SOFTMAX.replace("np.exp", "xp.exp"),
    "a function imported alone": "from numpy import exp as power" + SOFTMAX.replace("np.exp", "power"),
    "an import inside": SOFTMAX.replace("    e =", "    import numpy as n\n    e =").replace("np.exp", "n.exp"),
    "the order of a sum": SOFTMAX.replace(
        "z - z.max(axis=axis, keepdims=True)", "-z.max(axis=axis, keepdims=True) + z"
    ),
    "how a number is written": SOFTMAX.replace("-1)", "-0x1)"),
    "a value with a name": SOFTMAX.replace("return", "result =") + "    return result",
    "a print": SOFTMAX.replace("    return", "    print(e.shape)\n    pass\n    return"),
    "an earlier try": "def softmax(z):\n    return z\n" + SOFTMAX,
    "a stub above": [
        "def softmax(z, axis=-1):\n    raise NotImplementedError",
        SOFTMAX,
        'check("softmax", softmax, order="dacb")',
    ],
    "the seed": ["SEED = 77", SOFTMAX],
    "what is no Python": "%matplotlib inline\n!pip install numpy\n" + SOFTMAX + "\n%time softmax(z)",
    "another name for it": SOFTMAX.replace("softmax", "mine") + "softmax = mine",
}


@pytest.mark.parametrize("disguise", SAME)
def test_a_disguise_changes_no_form(disguise):
    assert form(SAME[disguise]).digest == form(SOFTMAX).digest


PAIRS = [
    ("return a * b + 1", "return 1.0 + b * a"),
    ("return a / 2", "return 0.5 * a"),
    ("return -(a * b)", "return a * -b"),
    ("return a > b", "return b < a"),
    ("return (a >= 0) & (b == a)", "return (a == b) & (0 <= a)"),
    ("return np.maximum(a, 0)", "return np.maximum(0.0, a)"),
    ("return a if b else 1", "return 1 if not b else a"),
    ("if a > 0:\n        return b\n    return a", "return b if 0 < a else a"),
    ("if a > 0:\n        b = 1\n    else:\n        b = 2\n    return b", "return 1 if a > 0 else 2"),
    ("a += 1\n    return a * a", "a = 1 + a\n    return a * a"),
    ("s, t = a, b\n    return s - t * s", "s = a\n    t = b\n    return s - s * t"),
    ("return [f(x) for x in a]", "return [f(v) for v in a]"),
    ("return sum(x for x in a) * sum(y * y for y in b)", "return sum(v * v for v in b) * sum(w for w in a)"),
    ("return helper(a)", "return other(a)"),
    ("return a[:, None]", "return a[:, np.newaxis]"),
    ("return (lambda x: x + a)(b)", "return (lambda q: a + q)(b)"),
]
HELPERS = "def helper(v):\n    return v * SCALE\ndef other(w):\n    return 2.5 * w\nSCALE = 2.5\n".replace(
    "2.5 * w", "FACTOR * w"
)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_ways_to_say_the_same_have_one_form(one, other):
    found = [form(f"{HELPERS}FACTOR = 2.50\ndef softmax(a, b):\n    {body}") for body in (one, other)]
    assert found[0].digest == found[1].digest


def test_a_lambda_calls_what_a_function_calls():
    above, below = "def sigmoid(z):\n    return half(z)", "def half(z):\n    return z / 2"
    slope = "def softmax(z):\n    return sigmoid(z) * (1 - half(z))"
    found = [form([above, slope, below]), form([above, "softmax = lambda z: sigmoid(z) * (1 - half(z))", below])]
    assert found[0].digest == found[1].digest


def test_a_function_made_of_its_own_first_try_is_not_the_first_try():
    again = "softmax = np.vectorize(softmax)"
    once, twice = form([SOFTMAX, again]), form([SOFTMAX, again, again])
    assert len({form(SOFTMAX).digest, once.digest, twice.digest}) == 3
    assert once.digest == form([SOFTMAX.replace("z", "x"), again]).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a - b", "b - a"),
        ("a / b", "b / a"),
        ("a @ b", "b @ a"),
        ("a < b", "a <= b"),
        ("f(a, b)", "f(b, a)"),
        ("a * b", "a + b"),
        ("a + 1", "a + 1.5"),
        ("np.exp(a)", "np.exp(b)"),
        ("np.exp(a)", "math.exp(a)"),
        ("a ** 2", "2 ** a"),
        ("a.sum(axis=0)", "a.sum(axis=1)"),
        ("[1] + a", "a + [1]"),
        ("helper(a)", "unlike(a)"),
        ("sigmoid(a)", "relu(a)"),
        ("[x for x in a if x]", "[x for x in a if b]"),
        ("lambda x: x", "lambda x: a"),
    ],
)
def test_what_computes_something_else_has_another_form(one, other):
    more = "SCALE = 2\ndef helper(v):\n    return v * SCALE\ndef unlike(v):\n    return v * SCALE * SCALE\n"
    found = [form(f"{more}def softmax(a, b):\n    return {body}") for body in (one, other)]
    assert found[0].digest != found[1].digest


class Disguise(ast.NodeTransformer):
    """Other names for a function's own, and operands that may change places in another order."""

    def __init__(self, chance: random.Random, own: set[str]):
        self.chance = chance
        letters = chance.sample(range(1000), len(own))
        self.names = {name: f"q{number}" for name, number in zip(sorted(own), letters, strict=True)}

    def visit_Name(self, node):
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_arg(self, node):
        return ast.arg(self.names.get(node.arg, node.arg))

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult | ast.BitOr) and self.chance.random() < 0.5:
            node.left, node.right = node.right, node.left
        return node


@given(st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_whatever_is_renamed_and_turned_the_forms_stay(chance):
    cells = []
    for cell in HONEST:
        tree = ast.parse(cell)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                own = {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
                own |= {
                    one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
                }
                Disguise(chance, own).generic_visit(node)
        cells += ["# mine", *(ast.unparse(node) for node in tree.body)]
    disguised, plain = forms(cells, NAMES), forms(HONEST, NAMES)
    assert plain.keys() == set(NAMES)
    assert {name: one.digest for name, one in disguised.items()} == {name: one.digest for name, one in plain.items()}


def independent() -> dict[str, list[Form]]:
    """Name -> the forms of the right answers that were written independently of the course, and of each other."""
    found = {name: [] for name in NAMES}
    for path in sorted(Path(variants.__file__).parent.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            match node:
                case ast.Assign(targets=[ast.Name("VARIANTS")], value=ast.Dict(keys, values)):
                    for key, value in zip(keys, values, strict=True):
                        for answer in value.elts if isinstance(value, ast.List) else ():
                            for task in TASKS:
                                if ast.literal_eval(key) in (task.id, task.of and task.of.id):
                                    cells = [text, f"{task.name} = {ast.unparse(answer)}"]
                                    found[task.name].append(forms(cells, NAMES)[task.name])
    return found


VARIANTS = independent()


def test_right_answers_written_independently_have_forms_of_their_own():
    pairs = [pair for several in VARIANTS.values() for pair in itertools.combinations(several, 2)]
    assert len(pairs) > 300 and not [one for one, other in pairs if one.digest == other.digest]


def table(rows, public=None):
    names = list(rows[0])
    wrote = {f"s{k}": row for k, row in enumerate(rows)}
    return likeness._Table(names, wrote, {name: (public or {}).get(name, ()) for name in names})


@pytest.mark.parametrize("students", [10, 40, 200])
def test_a_class_that_answers_independently_has_no_pair(students):
    """Each writes one of the answers that there are, however often it is the same one as somebody else's."""
    chance = random.Random(students)
    rows = [{name: chance.choice(several) for name, several in VARIANTS.items()} for _ in range(students)]
    assert likeness._compared(table(rows)).listed == 0


DISGUISES = (("weights", "Ws"), ("signal", "delta"), ("np.", "numpy."), ("import numpy as np", "import numpy"))


def disguised(cells):
    """What somebody makes of a friend's notebook."""
    for old, new in (*DISGUISES, ("0.5 * z * (1", "(1"), ("** 3)))", "** 3))) * z / 2"), ("g >= 0", "0 <= g")):
        cells = [cell.replace(old, new) for cell in cells]
    return ("# my own work", *cells, "print('done')")


def a_class(many):
    """Students who take one answer each of those that there are, as text."""
    return {f"s{k:02}": tuple(school.student(k)[0]) for k in range(many)}


def test_a_class_mates_notebook_is_listed_with_the_right_counts(processes):
    found = compared(processes, **a_class(20), ana=HONEST, ben=disguised(HONEST))
    assert found.students == 22 and found.all_pairs == 231 and found.listed == 1
    (pair,) = found.pairs
    own = forms(HONEST, NAMES, KEPT)
    solution, taught = likeness._solved(TASKS, PRACTICE, published(PRACTICE, TASKS), KEPT)
    public = [name for name in NAMES if own[name].digest in (solution.get(name), taught.get(name))]
    assert pair.students == ("ana", "ben") and pair.both == 21
    assert (pair.alike, pair.published) == (21 - len(public), len(public)) and len(public) > 3
    assert pair.once_in == 1_000_000 and {one.name for one in pair.functions} == set(NAMES) - set(public)
    assert all(
        "Ws" in one.texts[1] and "Ws" not in one.texts[0]
        for one in pair.functions
        if one.name == "layer_gradient_norms"
    )
    assert found.closest == {"ana": ("ben", pair.alike, 0), "ben": ("ana", pair.alike, 0)}
    assert found.reasons("ben") == [f"{pair.alike} functions like those of ana."]
    assert found.reasons("s00") == []


def test_one_changed_function_hides_none_of_the_others(processes):
    changed = [
        cell.replace("path = [np.array(w0, float)]", "path = [np.array(w0) * 1.0]") for cell in disguised(HONEST)
    ]
    changed = [cell.replace("path = [numpy.array(w0, float)]", "path = [1 * numpy.array(w0)]") for cell in changed]
    whole = compared(processes, **a_class(20), ana=HONEST, ben=disguised(HONEST)).pairs[0]
    (pair,) = compared(processes, **a_class(20), ana=HONEST, ben=changed).pairs
    assert pair.alike == whole.alike - 1


def test_a_ring_that_is_a_large_part_of_the_class_is_listed_and_shown_once(processes):
    ring = {f"r{k}": disguised(HONEST) for k in range(8)}
    found = compared(processes, **a_class(22), **ring)
    assert found.listed == 8 * 7 // 2 and found.closest["r0"][2] == 6
    shown = [pair.students for pair in found.pairs if pair.functions]
    assert len(shown) == likeness.SIDE_BY_SIDE and {student for pair in shown for student in pair} == set(ring)
    assert "and as alike with 6 more" in found.reasons("r0")[0]


def test_two_students_alone_are_compared_by_how_long_their_functions_are(processes):
    found = compared(processes, ana=HONEST, ben=disguised(HONEST))
    assert found.listed == 1 and found.pairs[0].as_many == 0
    short = [
        "def relu(z):\n    return np.maximum(z, 0)",
        "def weight_gradients(h, delta):\n    return h * delta[:, None]",
    ]
    assert compared(processes, {}, ana=short, ben=short).listed == 0


def test_the_published_solution_is_named_and_makes_no_pair(processes):
    handed_in = [cell.replace("weights", "Ws") for cell in SOLUTION]
    found = compared(processes, **a_class(20), ana=handed_in, ben=SOLUTION)
    assert found.listed == 0
    assert [(one.student, one.alike, one.wrote, one.as_many) for one in found.copies] == [
        ("ana", 21, 21, 1),
        ("ben", 21, 21, 1),
    ]
    assert 5 < found.copies[0].lessons < 15
    assert found.reasons("ana") == ["21 functions as in the published solution."]


def test_who_builds_on_the_lessons_has_not_copied_the_solution(processes):
    numbers = {task.of.lesson for task in TASKS if task.of}
    cells = [cell for number, code in published(PRACTICE, TASKS).items() if number in numbers for cell in code]
    found = compared(processes, **a_class(20), ana=cells, ben=cells)
    assert found.listed == 0 and found.copies == ()


def test_without_a_solution_the_page_says_so(processes):
    found = compared(processes, {}, ana=HONEST, ben=disguised(HONEST))
    assert found.copies is None and found.listed == 1
    page = likeness.page(found, standings("ana", "ben"))
    assert "There is no solution in this copy of the course" in page


DEEP = "def softmax(z):\n    return " + "(" * 5000 + "z" + ")" * 5000
HOSTILE = {
    "deep brackets": [DEEP],
    "deep signs": ["def softmax(z):\n    return " + "-" * 60_000 + "z"],
    "deep calls": ["def softmax(z):\n    return " + "z" + "()" * 30_000],
    "a long sum": ["def softmax(z):\n    return z" + " + z" * 30_000],
    "deep blocks": ["def softmax(z):\n" + "".join(" " * k + "if z:\n" for k in range(1, 99)) + " " * 99 + "return z"],
    "a long chain": ["def softmax(z):\n    if z: return 1\n" + "    elif z: return 2\n" * 5_000],
    "a line of a megabyte": ["softmax = lambda z: '" + "x" * (1 << 20) + "'"],
    "a line of the longest that is read": ["softmax = lambda z: (" + "z," * (MAX_CELL // 2 - 20) + ")"],
    "null bytes": ["def softmax(z):\n    return z\0"],
    "half a character": ["def softmax(z):\n    return '\ud800' + z"],
    "no Python": ["def softmax(z:\n    return )", "%%bash\ndef softmax"],
    "a circle": ["def softmax(z):\n    return f(z)\ndef f(z):\n    return g(z)\ndef g(z):\n    return f(z)"],
    "many helpers": ["softmax = lambda z: f0(z)", *(f"def f{k}(z):\n    return f{k + 1}(z)" for k in range(3000))],
    "itself": ["softmax = softmax", "softmax = lambda z: softmax(z)"],
    "huge numbers": ["def softmax(z):\n    return z * 0x" + "f" * 100_000 + " * 1e999 / 5e-324"],
    "broken decorators": ["@\n@x\n%y\n@z\ndef softmax(z): return z"],
    "wild syntax": [
        "def softmax(z, /, *a, k=1, **b):\n    global q\n    match z:\n        case [x, *y] | {'a': x, **y}: pass\n"
        "    try: pass\n    except* E as e: yield (w := z)\n    return f'{z!r:>{k}}'"
    ],
    "many definitions": ["softmax = 1\n" * 10_000],
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_whatever_a_cell_holds_it_costs_little_and_its_neighbours_nothing(kind):
    good = "def straightness(z):\n    return np.maximum(z, 0)"
    for cells in ([*HOSTILE[kind], good], [good, *HOSTILE[kind]]):
        assert forms(cells, NAMES, KEPT)["straightness"].digest == form(good, "straightness").digest


def test_hostile_notebooks_are_compared_like_others(processes):
    wild = {f"w{k}": (*HONEST, *cells) for k, cells in enumerate(HOSTILE.values())}
    everybody = wild | {"ana": ("",)} | a_class(3)
    found = compared(processes, **everybody)
    assert found.students == len(wild) + 3
    page = likeness.page(found, standings(*everybody))
    assert len(page) < 1_000_000


@given(st.lists(st.text(max_size=200), max_size=5))
@settings(max_examples=200, deadline=None)
def test_no_text_is_too_strange(cells):
    forms(["def softmax(z):", *cells, "softmax = " + "".join(cells)], NAMES, KEPT)


def test_a_process_that_ends_costs_what_it_worked_on():
    with Bounded(1) as mine:
        assert list(mine.each(os._exit, [3], lambda piece, why: why)) == [(3, Lost.ENDED)]
        assert list(mine.each(len, ["ab"], lambda piece, why: why)) == [("ab", 2)]


def test_the_processes_that_read_and_parse_what_was_handed_in_load_no_library():
    """Each of them would take half a second and 30 MB to load what the rest of the grader needs."""
    loaded = "{'numpy', 'jinja2', 'nbformat'} & {*__import__('sys').modules}"
    with Readers(frozenset(NAMES), 1) as readers:
        assert next(readers.read([Submission("ana", ())]))[1].status == "missing"
        assert compared(readers.processes, ana=HONEST, ben=SOLUTION).students == 2
        assert next(readers.processes.each(eval, [loaded], lambda piece, why: why))[1] == set()


FORMS = [Form(f"{k}", 12 * k, ()) for k in range(4)]
ROWS = st.lists(st.lists(st.sampled_from([None, *FORMS]), min_size=5, max_size=5), min_size=2, max_size=12)


@given(ROWS, st.sets(st.sampled_from("0123")))
@settings(max_examples=60, deadline=None)
def test_the_counts_of_a_class_are_those_of_counting_by_hand(rows, public):
    names = [f"f{k}" for k in range(5)]
    wrote = [{name: one for name, one in zip(names, row, strict=True) if one} for row in rows]
    found = table([dict.fromkeys(names, FORMS[0]), *wrote], dict.fromkeys(names, public))
    rows = [[FORMS[0]] * 5, *rows]
    chosen = likeness._compared(found)
    counts = [
        sum(a is b and a is not None and a.digest not in public for a, b in zip(one, other, strict=True))
        for one, other in itertools.combinations(rows, 2)
    ]
    assert list(chosen.counts) == [counts.count(k) for k in range(6)]
    assert chosen.middle == sorted(counts)[(len(counts) - 1) // 2]


def test_many_at_a_time_gives_what_all_at_once_gives(monkeypatch):
    chance = random.Random(1)
    rows = [{name: chance.choice(several) for name, several in VARIANTS.items()} for _ in range(30)]
    rows[7] = rows[21]
    found = []
    for many in (4, 128):
        monkeypatch.setattr(likeness, "ROWS", many)
        found.append(likeness._compared(table(rows)))
    assert found[0].pairs == found[1].pairs and found[0].closest == found[1].closest
    assert list(found[0].counts) == list(found[1].counts) and found[0].listed == 1


def test_a_form_tells_more_the_longer_and_the_rarer_it_is():
    many, sizes = np.array([2, 2, 50, 50]), np.array([6.0, 60.0, 6.0, 60.0])
    short, long, common, both = likeness._bits(many, sizes, 100)
    assert long >= short > common and both < short
    assert math.isclose(common, -math.log2((48 + 4 * 0.5) / 102))


def test_numbers_in_a_variable_are_not_compared(processes):
    asked = lesson(CHALLENGE.number)
    cells = {"ana": ["safe = 1", "def fire_softmax(z):\n    return z * 3"]}
    found = compare(["ana"], cells.__getitem__, asked, processes, {})
    assert found.functions == sum(isinstance(one, Task) and not isinstance(one, Numbers) for one in asked)


def test_the_page_shows_both_sources_and_takes_nothing_for_html(processes):
    cells = {
        "<i>ana": HONEST,
        "ben": [re.sub(r"(?m)^(    path = .*)$", r"\1  # </pre><script>", cell) for cell in HONEST],
    }
    found = compare(list(cells), cells.__getitem__, ASKED, processes)
    page = likeness.page(found, standings("<i>ana", "ben", name="<b>Ana"))
    assert "<script" not in page and "<i>ana" not in page and "<b>Ana" not in page
    for words in (
        "&lt;i&gt;ana",
        "0 of 100 points",
        "&lt;b&gt;Ana",
        "no proof",
        "# &lt;/pre&gt;&lt;script&gt;",
        "side by side",
    ):
        assert words in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_any_screen_and_everybody_can_use_it(chromium, processes, tmp_path, width, scheme):
    found = compared(processes, ana=HONEST, ben=disguised(HONEST))
    (tmp_path / "likeness.html").write_text(likeness.page(found, standings("ana", "ben")), "utf-8")
    with opened(chromium, (tmp_path / "likeness.html").as_uri(), width=width, color_scheme=scheme) as seen:
        seen.page.locator("summary").evaluate_all("all => all.forEach((one) => one.parentElement.open = true)")
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
        assert violations(seen.page, []) == [] and seen.faults == []


def test_a_graded_class_has_the_page_and_the_report_names_the_pair(tmp_path):
    classroom.hand_in(tmp_path / "in", ana=HONEST, ben=disguised(HONEST), cleo=["x = 1"], dora=b"{")
    grade(tmp_path / "in", tmp_path / "out", Order())
    page = (tmp_path / "out" / "likeness.html").read_text("utf-8")
    report = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "<b>ana</b>" in page and "<b>ben</b>" in page and "cleo" not in page
    assert "functions like those of ben." in report and 'href="likeness.html"' in report
    assert EXERCISES["descend"].name in page
