"""What submitted cells meet: a reading as IPython's, missing libraries that do nothing, a wire that believes little."""

import json
import os
import re
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import attacks
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actlab.course import PRACTICE
from actlab.exercises import EXERCISES, Choice, Status, evaluate, heard, lesson
from actlab.grading import absent, marking, wire
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.outcome import Event
from actlab.grading.sandbox import Request, Sandbox, batches
from actlab.learner import Kind

ASKED = lesson(PRACTICE.number)
# Cells that no text file holds as they are.
ODD = {
    ("whole", ""): "",
    ("whole", "never = '\0'"): "cannot read it",
    ("whole", "(" * 5000): "cannot read it",
    ("followed", "x = 1\r\n%pip list\r\ny = 2\r\nassert x + y == 3"): "",
}
_, *PARTS = re.split(r"^--- (\w+):? ?(.*)\n", Path(__file__).with_name("cells.txt").read_text("utf-8"), flags=re.M)
FOUND = zip(PARTS[::3], PARTS[1::3], PARTS[2::3], strict=True)
CELLS = {(kind, cell.removesuffix("\n")): words for kind, words, cell in FOUND} | ODD


@pytest.fixture(scope="module")
def ran():
    """What is said of each cell after it ran, and the names of those whose last line was run."""
    cells = [cell + f"\nafter_{k} = 1" * (kind == "followed") for k, (kind, cell) in enumerate(CELLS)]
    last = "after = ' '.join(name for name in globals() if name.startswith('after_'))"
    with marking.Session(("import sys\nimport numpy as np", *cells, last), 10.0, "bubblewrap") as session:
        after = session.read("after").split()
    said = {remark.cell: remark.sentence for remark in session.remarks}
    return [said.get(k, "") for k in range(2, len(cells) + 2)], after


@pytest.mark.parametrize("k", range(len(CELLS)), ids=[f"{kind}-{cell[:40]}" for kind, cell in CELLS].__getitem__)
def test_a_cell_that_runs_in_jupyter_runs(k, ran):
    said, after = ran
    kind, words = [*CELLS][k][0], [*CELLS.values()][k]
    assert words in said[k] and bool(words) == bool(said[k]), said[k]
    assert kind == "whole" or f"after_{k}" in after


# What these leave behind is known without a shell, a network or a library: IPython itself has to agree.
PURE = [
    "a = 1\nb = a + 1",
    "from __future__ import annotations",
    "def hinted(z: unknown) -> unknown: return z\nhints = hinted.__annotations__",
    "%time c = [k for k in range(3)]\nd = c[-1]",
    "%%time\ne = 3\nf = e + 1",
    "%%capture caught\nprint('x')\ng = 5",
    "h = caught.stdout",
    "%timeit -n1 -r1 -q unbound = 6",
    "%%timeit -n1 -r1 -q\nunbound = 7",
    "i = %time 3 + 4",
    "import asyncio\nj = await asyncio.sleep(0, 8)",
    "async def k(): return 9\nl = [await k() for _ in range(2)]",
    "m = 10\nn = = 11",
    "    o = 12\n    p = 13",
    ">>> q = 14\n>>> if q:\n...     r = 15",
    "In [3]: s = 16",
    "t = '''\n%time\n!ls\n>>> no\n'''",
    "u = (7\n%4)",
    "raise ValueError('x')\nv = 17",
    "\n\n\nw = 18\n\n",
    "x = 1\r\ny = 2",
    "20 + 1",
    "z = _ + 1",
    "%prun -q aa = 23",
    "class bb:\n    cc: int = 24\ndd = bb.cc",
    "global ee\nee = 25",
    "for ff in range(2):\n    %time gg = 26",
    "hh = %time\nii = 27",
    "time jj = 28",
    "kk = get_ipython().user_ns['a']",
    "import sys\nsys.exit()",
    "%unknown_magic\nll = 29",
    "f'{a!r:>{b}}'\nmm = f'{a}%{b}'",
    "lambda: (yield)\nnn = [oo := 30]",
]
ASK_IPYTHON = """
import json, sys
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
ours = set(shell.user_ns)
for cell in json.load(sys.stdin):
    shell.run_cell(cell)
print("\\n" + json.dumps({n: repr(v) for n, v in shell.user_ns.items() if n not in ours and n[0] != "_"}), flush=True)
"""


def test_cells_leave_behind_what_ipython_leaves(tmp_path):
    quiet = os.environ | {"IPYTHONDIR": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    asked = {"input": json.dumps(PURE), "capture_output": True, "text": True, "env": quiet}
    theirs = json.loads(
        subprocess.run([sys.executable, "-c", ASK_IPYTHON], **asked, check=True).stdout.splitlines()[-1]
    )
    end = "import json\nours = [[n, repr(v)] for n, v in [*globals().items()]]"
    looks = [f"look_{k} = json.dumps(ours[{k}:{k + 5}])" for k in range(0, 100, 5)]
    with marking.Session((*PURE, end, *looks), 10.0, "bubblewrap") as session:
        ours = dict(pair for k in range(0, 100, 5) for pair in json.loads(session.read(f"look_{k}")))
    alike = {name for name, value in theirs.items() if not re.search(" at 0x|^<module", value) and name != "ll"}
    assert {name: ours.get(name) for name in alike} == {name: theirs[name] for name in alike}
    assert theirs.keys() - ours.keys() == set() and not {"v", "n", "unbound"} & ours.keys()


@pytest.fixture(scope="module")
def box():
    with Sandbox() as made:
        made.wait()
        yield made


def ask(box, **request):
    box.send([Request({"seconds": 10.0, "label": "cell", **request})], lambda: 60.0)
    answer, body = box.receive(lambda: 60.0)
    return wire.unpack(answer.get("value"), body) if "trouble" not in answer else answer["trouble"]


PIECES = [
    "%", "%%", "!", "!!", "?", "??", "\n", "\r", "\\\n", "    ", "time ", "capture ", "x = ", "await ", "import y\n",
    "def f():", "try:\n", "(", ")", "[", "'", '"""', ">>> ", "In [1]: ", "# ", ";", ",", "/", "\0", "\ud800", "\x0c",
    "\u2028", "é", "=", "*", "yield ", "return ", "lambda: ", "@", "f'{", "from __future__ import annotations\n",
    "raise ", "0", "x", "writefile ", "run ",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=60))
@example("%" * 100)
@example("\n%x" * 50)
@example("-" * 20000 + "1")
@example("from numpy import *\nlist = str = len = isinstance = type = None")
def test_any_text_costs_its_own_cell_alone(box, text):
    said = ask(box, do="cell", source=text)
    assert said is None or isinstance(said, str) or (isinstance(said, list) and said[1])
    assert ask(box, do="cell", source=f"after = {len(text)!r}; text = f'{{after}}'") is None
    assert ask(box, do="read", name="text") == str(len(text))


def test_a_cell_that_is_too_large_or_ends_python_costs_that_cell():
    large = "x = '" + "é" * (20 << 20) + "'"
    cells = (
        "import numpy as np",
        large,
        *attacks.honest(),
        "\n".join(["k = 0"] * 5000),
        "x = '" + "a" * (1 << 19) + "'",
        "import os\nos._exit(1)",
    )
    outcome = judge(Job("ann", cells, Terms(b"s")))
    assert outcome.score == 100
    assert [(remark.kind, remark.cell) for remark in outcome.remarks] == [(Event.LARGE, 2), (Event.ENDED, len(cells))]


def test_a_submission_takes_one_sandbox_and_two_trips_for_each_function(monkeypatch):
    asked = {"cell": 1, "read": sum(isinstance(exercise, Choice) for exercise in ASKED)}
    asked["call"] = 2 * (len(ASKED) - asked["read"])
    trips, send = [], Sandbox.send
    monkeypatch.setattr(Sandbox, "send", lambda box, many, left: trips.append((box, many)) or send(box, many, left))
    assert judge(Job("ann", tuple(attacks.honest()), Terms(b"s"))).score == 100
    assert Counter(many[0].what["do"] for _, many in trips) == asked
    assert len({id(box) for box, _ in trips}) == 1 and max(len(many) for _, many in trips) > 100


def test_what_is_right_is_computed_once_for_each_case():
    asked, computed = EXERCISES["sigmoid"], []
    task = replace(asked, reference=lambda *args: computed.append(args) or asked.reference(*args))
    known, call = heard(task, lambda many: [(asked.reference(*args), set()) for args in many], np.random.default_rng(0))
    cases = len(list(asked.cases(np.random.default_rng(0)))) + len(list(asked.beyond(np.random.default_rng(0))))
    assert evaluate(known, call).status is Status.RIGHT and len(computed) == cases


@pytest.mark.parametrize(
    ("end", "kind"), {"while True: pass": Kind.TIME, "__import__('os')._exit(1)": Kind.ENDED}.items()
)
def test_of_many_calls_those_before_one_that_never_comes_back_are_kept(end, kind):
    cells = (f"def f(z):\n    if z == 2:\n        {end}\n    return 2 * z", "def g(z): return z")
    with marking.Session(cells, 0.5, "bubblewrap") as session:
        said = [value for value, _ in session.calls("f", [(float(k),) for k in range(5)])]
        assert said[:2] == [0, 2] and [value.kind for value in said[2:]] == [kind] * 3
        assert [*session.calls("g", [(7.0,)])] == [(7, set())] and session.starts == (1 if kind is Kind.TIME else 2)


def test_a_sandbox_that_stops_reading_is_charged_for():
    deaf = "import os, time\nos.read = lambda *given: time.sleep(1000)"
    with marking.Session((deaf, "#" * 200_000), 0.3, "bubblewrap") as session:
        before = session.left
        session.run_cells()
        assert session.left < before - 0.3
        assert [remark.kind for remark in session.remarks] == [Event.LATE]


def test_an_answer_that_is_there_already_is_not_late(box):
    """However long the grader was stopped meanwhile: what the sandbox computed ahead is no fault of this answer."""
    box.send([Request({"do": "read", "name": "nothing"})] * 2, lambda: 60.0)
    box.receive(lambda: 60.0)
    time.sleep(0.2)
    assert box.receive(lambda: -1.0)[0]["value"] is None


def test_a_given_value_that_nobody_waits_for_any_more_is_passed_over(box):
    box.channel.send({"value": None})
    assert ask(box, do="cell", source="x = 1") is None
    assert ask(box, do="numbers", name="x") == 1


def test_requests_that_no_frame_holds_together_travel_in_several():
    large, small = Request({}, bytes(wire.MAX_BODY - 10)), Request({"source": "x" * (1 << 20)})
    assert [len(batch) for batch in batches([Request({}), large, Request({}, bytes(20)), small, small])] == [2, 1, 1, 1]
    assert not list(batches([]))


def test_an_endless_statement_ends_its_cell_and_no_other():
    with marking.Session(("1 / 0\nwhile True: pass\nx = '1'", "y = '2'"), 0.5, "bubblewrap") as session:
        assert (session.read("x"), session.read("y")) == (None, "2")
        (remark,) = session.remarks
    assert remark.kind is Event.INTERRUPTED and "in line 2: `while True: pass`: is a loop endless?" in remark.sentence


WITH_LIBRARIES = """
import jax, numba, sklearn, torch
from helpers import relu_derivative
from scipy.special import erf
from tqdm import trange

ALPHA = float(torch.tensor(2.0))

@numba.njit
def descend(gradient, w0, lr, steps):
    path = [np.asarray(w0, float)]
    for _ in trange(steps, desc="steps"):
        path.append(path[-1] - lr * gradient(path[-1]))
    return np.array(path)

def leaky_relu(z, alpha=0.01):
    loss = torch.tensor(z).mean()
    print(f"{loss:.2f}", "%d" % loss, float(loss))
    return np.where(z > 0, z, alpha * z)

def gelu(z):
    return 0.5 * z * (1 + erf(z / np.sqrt(2)))

def relu(z):
    out = np.zeros(z.shape)
    for k, value in enumerate(torch.tensor(z)):
        out.flat[k] = value
    return out

def gelu_tanh(z):
    return ALPHA * z

def dead_units(z):
    return [sklearn.dead(column) for column in z.T]

def softmax(z, axis=-1):
    out = np.empty(np.shape(z))
    np.exp(jax.numpy.array(z), out=out)
    return out

def sigmoid(z):
    if torch.is_tensor(z):
        return 1 / (1 + np.exp(-z))
    raise TypeError("no tensor")
"""


def test_only_what_a_library_computes_costs_and_the_library_is_named():
    outcome = judge(Job("ann", (*attacks.honest(), WITH_LIBRARIES), Terms(b"s")))
    assert not outcome.remarks
    lost = {result.name: result.sentence for result in outcome.results if result.points < result.max_points}
    libraries = {"gelu": "scipy", "relu": "torch", "gelu_tanh": "torch", "dead_units": "sklearn", "softmax": "jax"}
    libraries |= {"relu_derivative": "helpers", "sigmoid": "torch"}
    libraries |= {"cross_entropy_gradient": "jax", "sigmoid_derivative": "torch"}  # which call the others
    assert lost.keys() == libraries.keys()
    for name, library in libraries.items():
        assert library in lost[name] and "is not there while homework is graded" in lost[name]


def run(text):
    """Run code with stand-ins for whatever is not there; `asked` of the worker's stand-ins begins anew."""
    finder, known = absent.Finder(), set(sys.modules)
    absent.asked.clear()
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
    "inert(*[x for x in a.flat])",
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
    "texts": "import nowhere\nassert nowhere.__version__ > nowhere.x.__version__[:1] >= '2'\n"
    "assert f'{nowhere.x:.3f}' == repr(nowhere.x) == '<nowhere is not there while homework is graded>'",
    "loops": "import nowhere\ninert(*nowhere.x, next(iter(nowhere.x)), min(nowhere.x), sum(nowhere.x))\n"
    "for k, (x, y) in enumerate(nowhere.loader):\n    inert(x, y)\nassert k == 0",
    "functions": "import nowhere\nx = nowhere.x\n"
    "inert(np.log10(x), np.mean(x), np.where(x > 0, x, np.ones(3)), np.exp(x, out=x))",
    "unions": "import nowhere\nassert isinstance(np.ones(2), np.ndarray | nowhere.Tensor)\n"
    "assert isinstance(2, int | float | nowhere.x) and not isinstance('2', nowhere.x | int)",
    "copies": "import copy, nowhere\ninert(copy.copy(nowhere.x), copy.deepcopy([nowhere.x])[0])",
    "fallbacks": "import nowhere\nclass Net(nowhere.nn.Module):\n    pass\n"
    "net = Net(3, a=4)\ninert(net(5), net.parameters())",
    "stdlib": "import json, math, statistics\nassert math.pi > 3 and json.loads('1') == 1",
}


def inert(*values):
    """Fail unless each value is a stand-in that still says which library it stands for."""
    assert all(isinstance(value, absent.Absent) and value._library in ("nowhere", "matplotlib") for value in values)


@pytest.mark.parametrize("text", INERT.values(), ids=INERT)
def test_a_missing_library_does_nothing(text):
    assert "inert(" in text or "assert " in text, "a case that states nothing"
    run(text)


ASKING = "float(x) int(x) complex(x) bool(x) len(x) [*x] range(x) next(x) np.asarray(x,float) np.exp(1.0,out=x) '%d'%x"


@pytest.mark.parametrize("text", ASKING.split())
def test_who_asks_a_missing_library_for_a_value_is_known(text):
    run(f"from scipy.special import x\n{text}")
    assert [*absent.asked] == ["scipy"]


NOT_ASKING = (
    "str(x) f'{x:.3f}' x+1 x(2) x.y[3] x==1 np.exp(x) np.mean(x) hash(x) isinstance(x,x) plt.show() [a:=1,b:=x]"
)


@pytest.mark.parametrize("text", NOT_ASKING.split())
def test_who_only_handles_a_missing_library_asks_it_for_nothing(text):
    run(f"import matplotlib.pyplot as plt\nfrom scipy.special import x\nfig, (a, b) = plt.subplots()\n{text}")
    assert not absent.asked


def test_mathematics_with_a_missing_library_stays_recognisable():
    value = run("from scipy import special\ny = 0.5 * np.ones(3) * (1 + special.erf(np.ones(3)))")["y"]
    assert isinstance(value, absent.Absent) and repr(value).startswith("<scipy is not there")


VALUES = [
    None, "a", "", 3, -(10**30), 0.1, float("inf"), True, [], (), np.array(2.5), np.zeros((0, 3)),
    np.ones((2, 3), "f4"), np.array([0.1, 65504, np.inf], "f2"), np.arange(4), np.array([True, False]),
    np.arange(9.0)[::-2],
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
@example({"array": ["<f8", [0] + [2**18] * 7]}, b"")
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
