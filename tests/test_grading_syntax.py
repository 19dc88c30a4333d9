"""Cells are read as IPython reads them: the same text, or none from either."""

import json
import re
import time
from pathlib import Path

import pytest
import wild
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TRANSFORM_LOOP_LIMIT, TransformerManager
from lessons import cells

from actlab.grading.syntax import as_python

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("ignore:`make_tokens_by_line`")
FAILS = "it cannot be read"
# Each form, several to a line; line breaks and odd characters are written as in Python.
FORMS = [
    form.encode("latin-1", "backslashreplace").decode("unicode_escape", "surrogatepass")
    for form in re.split(r" \| |\n", (ROOT / "tests/syntax.txt").read_text("utf-8"))
]


def theirs(cell):
    try:
        return TransformerManager().transform_cell(cell)
    except (SyntaxError, RuntimeError):
        return FAILS


def ours(cell):
    try:
        return as_python(cell)
    except SyntaxError:
        return FAILS


def is_alike(cell):
    """Whether both make the same of it, but for what IPython has no sentence for."""
    try:
        return ours(cell) == theirs(cell) or is_read_nevertheless(cell)
    except IndexError:  # IPython's own: it takes for granted that something stands behind the `%`
        return "=" in cell


def is_read_nevertheless(cell):
    """Whether IPython stumbles over the margin of a line that it would read, were the magics above it Python."""
    try:
        TransformerManager().transform_cell(cell)
    except IndentationError:
        return ours(cell) != FAILS and theirs(ours(cell)) == ours(cell)
    return False


@pytest.mark.parametrize("cell", FORMS)
def test_a_form_is_read_as_ipython_reads_it(cell):
    assert is_alike(cell)
    assert is_alike(f"if x:\n    y = 1\n    {cell}\nz = %pwd\n")
    assert is_alike(f"!ls\n{cell}\n{cell}\n")


def in_files():
    """The cells of the lessons, of the tests that run cells, and answers as people write them."""
    for path in sorted(ROOT.glob("solutions/*.py")):
        yield from (cell.text for cell in cells(path))
    for path in sorted([*ROOT.glob("solutions/*.ipynb"), *ROOT.glob("notebooks/*.ipynb")]):
        yield from ("".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"])
    yield from re.split(r"^--- .*\n", (ROOT / "tests/cells.txt").read_text("utf-8"), flags=re.M)
    yield from (row.code for row in wild.ROWS)


def test_every_cell_that_is_at_hand_is_read_as_ipython_reads_it():
    every = {*in_files()}
    assert len(every) > 1000
    assert [cell for cell in every if ours(cell) != theirs(cell)] == []


PIECES = [
    "%", "%%", "!", "!!", "?", "??", "\n", "\n", "\n", "\n", "\r\n", "\\\n", "    ", "  ", "\t", " ", "time ", "ls ",
    "x = ", "a, b = ", "x[0] = ", "s.f = ", "=", "==", "await ", "import y\n", "def f():\n", "if x:\n    ", "try:\n",
    "(", ")", "[", "]", "{", "}", "'", '"', '"""', "'''", ">>> ", "... ", "In [1]: ", "   ...: ", "# ", ";", ",", "/",
    "\0", "\x0c", "\u2028", "é", "*", "foo", "foo?\n", "%foo bar\n", "!ls\n", "x = %pwd\n", "x = !ls -l\n", "f'{x!r}'",
    "'%d' % 3", "f'{", "\\", "$", "`", "1", "1.5", "x.y", "x[0]", "    !ls\n", "lambda: ", "@", "-", ".", ":", "pass\n",
    "if a:\n", "        ", "\n    ", "\n  ",
]  # fmt: skip
LINES = [
    "x = 1\n",
    "if a:\n    b\n",
    "def f(z):\n    return z % 4\n",
    "y = (1,\n  2)\n",
    "t = '''\n%time\n!ls\n'''\n",
    "\n",
    "w = !ls\n",
    "for k in v:\n    !ls {k}\n    %time k\n",
    "    z = %pwd\n",
    "help?\n",
    "%matplotlib inline\n",
    "# c?\n",
    ",f a b\n",
    'print(f"{a!r:>{b}} %d")\n',
    "d = {\n 'a': '!b',\n}\n",
    ";f a b\n",
    "/f a b\n",
    "/ f\n",
    "?x\n",
    "x ?\n",
    "%%time\n",
    "a.b[0]??\n",
    "if a:\n    if b:\n        %x \\\n  more\n    c\nd\n",
    "class A:\n    x: int = 3\n\n    def g(self): ...\n",
]
PROMPTS = ["", "   ", ">>> ", "... ", "    >>> ", "    ... ", "In [3]: ", "   ...: "]


@st.composite
def pasted(draw):
    """Lines behind prompts."""
    lines = "".join(draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=4))).splitlines(keepends=True)
    some = st.sampled_from(draw(st.lists(st.sampled_from(PROMPTS), min_size=1, max_size=3)))
    return "".join(draw(some) + line for line in lines)


CELLS = (
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
    | st.lists(st.sampled_from(PIECES + LINES), max_size=8).map("".join)
    | st.lists(st.sampled_from(LINES), max_size=8).map("".join)
    | pasted()
    | st.text(max_size=40)
)


@settings(max_examples=1500, deadline=None)
@given(CELLS)
def test_any_text_is_read_as_ipython_reads_it(cell):
    assert is_alike(cell)


def test_what_a_command_holds_does_not_spoil_the_margins_below():
    """IPython counts the bracket that is closed in it at its first look, which knows no commands yet."""
    cell = "for k in v:\n    !ls }\nx = (1,\n  2)\nif x:\n    y\n"
    assert is_alike(cell)
    assert "system('ls }')" in ours(cell)
    compile(ours(cell), "cell", "exec")


def test_as_many_magics_as_ipython_reads_are_read():
    assert ours("!ls\n" * (TRANSFORM_LOOP_LIMIT - 1)) != FAILS
    assert ours("!ls\n" * TRANSFORM_LOOP_LIMIT) == FAILS


def test_a_margin_that_fits_nothing_is_named_by_its_line():
    with pytest.raises(IndentationError, match="line 7"):
        as_python("%time\n!ls\nif a:\n    !ls\n    if b:\n        !ls\n  c\n")


HOSTILE = {
    "commands": ("!ls\n" + "x = f(1)\n" * 12) * 499,
    "commands that open a bracket": "!echo (\n" * 8_000,
    "commands that open a text": "!echo \\'''\n" * 8_000,
    "assignments that open a bracket": "x = !echo (\n" * 8_000,
    "brackets and a question": "!echo (\n" * 400 + "x\n" * 20_000 + "foo?\n",
    "commas": "," * 80_000,
    "commas and words": "," * 400 + " " + "a " * 40_000,
    "blanks": "x =" + " " * 80_000 + "!ls",
    "a long name": "a" * 80_000 + "-b?",
    "backslashes": "\\'" * 40_000,
    "questions": "(" + "a?\n" * 24_000,
    "blocks in blocks": "".join(" " * k + "if x:\n" for k in range(99)) + (" " * 99 + "!ls\n") * 499,
    "quotes": "'''" * 24_000,
    "prompts": ">>> x = '''\n" * 8_000,
    "continued": "!ls \\\n" * 40_000,
}


@pytest.mark.parametrize("cell", HOSTILE.values(), ids=HOSTILE)
def test_a_long_cell_takes_a_time_in_proportion_to_its_length(cell):
    before = time.process_time()
    ours(cell)
    assert time.process_time() - before < 15
