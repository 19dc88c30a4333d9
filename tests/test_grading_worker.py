"""What submitted cells meet: magics left out, missing libraries that do nothing, a wire that believes little."""

import json
import os
import struct
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actlab.grading import absent, source, wire

MAGICS = {
    "%matplotlib inline\nx = 1": "pass\nx = 1",
    "!pip install numpy": "pass",
    "if True:\n    !ls\n    %cd /\nx = 1": "if True:\n    pass\n    pass\nx = 1",
    "%%time\nx = 1": "\nx = 1",
    "\n\n%%capture out\n%%time\nx = 1": "\n\n\n\nx = 1",
    "%%bash\nrm -rf /": "",
    "%%writefile x.py\nx = (": "",
    "%time x = f(1)": "x = f(1)",
    "%timeit -n 10 -r 3 f(1)": "f(1)",
    "t = %timeit -o f(1)": "t = f(1)",
    "files = !ls *.py": "files = None",
    "here = %pwd": "here = None",
    "relu?": "pass",
    "?relu": "pass",
    "relu??": "pass",
    "x = (7\n  % 4)": "x = (7\n  % 4)",
    's = """\n%magic\n!ls\n"""': 's = """\n%magic\n!ls\n"""',
    "x = 1 # 100 % sure?": "x = 1 # 100 % sure?",
    "x = 1\r\n%pip\r\ny = 2": "x = 1\npass\ny = 2",
    "": "",
    "def f(:": "def f(:",
}


@pytest.mark.parametrize("cell", MAGICS)
def test_magics_are_left_out(cell):
    assert source.python(cell) == MAGICS[cell]


@given(st.text(max_size=200))
@example("%" * 100)
@example("\n%x" * 50)
def test_any_text_keeps_its_lines(text):
    text = text.replace("\0", "")
    plain = source.python(text)
    assert not plain or plain.count("\n") == text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def run(text):
    """Run code as the worker does, with stand-ins for whatever is not there."""
    finder, known = absent.Finder(), set(sys.modules)
    sys.meta_path.insert(0, finder)
    hidden = {
        name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in ("scipy", "matplotlib")
    }
    scope = {"np": np, "inert": inert}
    try:
        exec(text, scope)
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - known:
            del sys.modules[name]
        sys.modules.update(hidden)
    return scope


INERT = {
    "imports": "import nowhere.deep.er as x\nfrom nowhere.deep import a, b\nfrom nowhere import *\ninert(x.y, a, b)",
    "figures": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"
    "inert(fig, ax, ax.plot([1], [2], label='x')[0].set(lw=2), plt.show())",
    "grids": "import nowhere\nfig, ((a, b), (c, d)) = nowhere.subplots(2, 2)\ninert(fig, a, b, c, d)\n"
    "assert [x for x in a.flat] == []",
    "starred": "import nowhere\na, *b, c = nowhere.f()\ninert(a, c)\nassert b == []",
    "indexed": "import nowhere\nx = nowhere.axes\ninert(x[0, 1].plot(), x[2:])\nx[2] = 3\nx.y.z = 4\ndel x[1]\n"
    "inert(x[2], x.y.z, x[1])",
    "with": "import nowhere\nwith nowhere.no_grad() as x, nowhere.style('a'):\n    y = 1\ninert(x)\nassert y == 1",
    "decorated": "import nowhere\n@nowhere.jit\ndef f(z): return z\n@nowhere.interact(z=(0, 1))\ndef g(z): return z\n"
    "assert f(3) == 3 and g(4) == 4",
    "classes": "import nowhere\nclass Net(nowhere.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.x = 1\nassert Net().x == 1",
    "arithmetic": "import nowhere\nx = 2 * nowhere.pi + nowhere.e ** 2\ninert(x, np.ones(3) * -x @ 3 + x * np.ones(3))",
    "comparisons": "import nowhere\nassert not (nowhere.cuda.is_available() or nowhere.x > 3 or 3 < nowhere.x)",
    "isinstance": "import nowhere\nassert not isinstance(3, nowhere.Tensor)",
    "versions": "import nowhere\ninert(nowhere.__version__)\n"
    "assert f'{nowhere.x}' == repr(nowhere.x) == '<nowhere is not there while homework is graded>'",
    "loops": "import nowhere\nfor i in nowhere.tqdm(range(3)):\n    raise AssertionError\nassert list(nowhere.x) == []",
    "stdlib": "import json, math, statistics\nassert math.pi > 3 and json.loads('1') == 1",
}


def inert(*values):
    """Fail unless each value is a stand-in that still says which library it stands for."""
    assert all(isinstance(value, absent.Absent) and value.library in ("nowhere", "matplotlib") for value in values)


@pytest.mark.parametrize("text", INERT.values(), ids=INERT)
def test_a_missing_library_does_nothing(text):
    assert "inert(" in text or "assert " in text, "a case that states nothing"
    run(text)


@pytest.mark.parametrize("text", ["float(x)", "int(x)", "np.asarray(x)", "np.exp(x)", "[1][x]", "complex(x)"])
def test_no_number_comes_from_a_missing_library(text):
    with pytest.raises((absent.NotThere, TypeError)):
        run(f"from scipy.special import x\n{text}")


def test_mathematics_with_a_missing_library_stays_recognisable():
    value = run("from scipy import special\ny = 0.5 * np.ones(3) * (1 + special.erf(np.ones(3)))")["y"]
    assert isinstance(value, absent.Absent) and value.library == "scipy"


VALUES = [
    None, "a", "", 3, -(10**30), 0.1, float("inf"), True, [], (), np.array(2.5), np.zeros((0, 3)),
    np.ones((2, 3), "f4"), np.arange(4), np.array([True, False]), np.arange(9.0)[::-2],
    np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.array([1, 2], ">i8"),
    [np.ones(2), np.zeros((2, 2))], (1, [2.5, "x"], None),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_arrive_as_they_were(value):
    tree, body = wire.pack(value)
    same(wire.unpack(json.loads(json.dumps(tree)), body), value)


def same(a, b):
    if isinstance(b, list | tuple):
        assert type(a) is type(b) and len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif isinstance(b, np.ndarray):
        assert a.dtype == b.dtype.newbyteorder("<") and a.shape == b.shape and np.array_equal(a, b)
    else:
        assert type(a) is type(b) and a == b


@pytest.mark.parametrize(
    "value", [np.zeros(3, "c16"), np.array(["a"]), np.array([object()]), object(), np.zeros((1,) * 9)]
)
def test_what_no_frame_holds_is_not_sent(value):
    with pytest.raises(wire.TooLarge):
        wire.pack(value)


KINDS = ["array", "list", "tuple", "text", "int", "float", "make", "bool", "x"]
KNOWN_AND_STRANGE_TYPES = [*wire.TYPES, "|O", "<M8", "V8", 3]
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["array", "list", "tuple", "text", "int", "float", "make", "bool", "x"]), inner
        )
    ),
    max_leaves=12,
)
shapes = st.lists(st.integers(-3, 2**70) | trees)
arrays = st.fixed_dictionaries({"array": st.tuples(st.sampled_from(KNOWN_AND_STRANGE_TYPES), shapes).map(list)})


@settings(max_examples=300)
@given(trees | arrays, st.binary(max_size=64))
@example({"array": ["<f8", [2**40, 2**40]]}, b"")
@example({"array": ["<f8", [0, 2**62]]}, b"")
@example({"array": ["<f8", [True]]}, bytes(8))
@example({"list": [{"list": [{"list": [{"list": [{"list": []}]}]}]}]}, b"")
@example({"list": [None] * 1000}, b"")
def test_strange_trees_are_refused_or_harmless(tree, body):
    try:
        value = wire.unpack(json.loads(json.dumps(tree)), body)
    except wire.Broken:
        return
    plain(value)


def plain(value):
    assert value is None or type(value) in (str, int, float, bool, list, tuple, np.ndarray)
    if type(value) in (list, tuple):
        assert len(value) <= wire.MAX_ITEMS
        for item in value:
            plain(item)


@pytest.fixture
def channel():
    down, up = os.pipe(), os.pipe()
    made = wire.Channel(down[0], up[1])
    yield made, down[1], up[0]
    made.close()
    for end in (down[1], up[0]):
        os.close(end)


@settings(max_examples=200)
@given(st.binary(max_size=200))
@example(struct.pack("<II", 2**32 - 1, 0))
@example(struct.pack("<II", 0, 2**32 - 1))
@example(struct.pack("<II", 2, 0) + b"[]")
@example(struct.pack("<II", 2, 3) + b"{}abc")
@example(struct.pack("<II", 60000, 0) + b"[" * 60000)
def test_strange_bytes_are_refused(data):
    down, up = os.pipe(), os.pipe()
    made = wire.Channel(down[0], up[1])
    try:
        threading.Thread(target=lambda: (os.write(down[1], data), os.close(down[1]))).start()
        head, body = made.receive(wire.within(5))
        assert isinstance(head, dict) and isinstance(body, bytes)
    except wire.Broken:
        pass
    finally:
        made.close()
        os.close(up[0])


def test_silence_is_not_waited_for(channel):
    made, end, _ = channel
    os.write(end, struct.pack("<II", 100, 0) + b"{")
    started = time.monotonic()
    with pytest.raises(wire.Late):
        made.receive(wire.within(0.2))
    with pytest.raises(wire.Late):
        made.send({}, bytes(wire.MAX_BODY), wire.within(0.2))
    assert time.monotonic() - started < 2
