"""What is said about an error names what stands in the learner's line, and nothing that does not."""

import linecache

import numpy as np
import pytest

from actlab import learner, slips
from actlab.learner import Trouble

Z = np.array([[-1.0, 0.5, 2.0]])


def defined(source, known=True):
    """The function `f` of a cell; known: whether its source can be looked up."""
    cell = f"import math\nimport numpy as np\n{source}"
    label = f"<cell {abs(hash((source, known)))}>"
    if known:
        linecache.cache[label] = len(cell), None, cell.splitlines(keepends=True), label
    space = {}
    exec(compile(cell, label, "exec"), space)
    return space["f"]


def said(source, *args, known=True):
    with pytest.raises(Trouble) as caught:
        learner.call(defined(source, known), *args)
    return caught.value.sentence


LINES = {
    "return np.max(0, z)": ("np.maximum", "`if`"),
    "return np.max(0.1 * z, z)": ("np.maximum", "`if`"),
    "return z.max(0, 1, 2, 3, 4, 5)": ("z.max", "`if`"),
    "return max(0, z)": ("np.maximum", "`if`"),
    "return min(1.0, z)": ("np.minimum", "np.where"),
    "return max(z[0], 0)": ("np.maximum", "`if`"),
    "return 1 if z > 0 else 0": ("np.where", "np.maximum"),
    "return z > 0 and z < 1": ("`and`", "np.maximum"),
    "return math.exp(z)": ("np.exp", "`float`"),
    "return math.erf(z)": ("np.vectorize", "np.erf"),
    "return float(z)": ("`float`", "math"),
    "return int(z > 0)": ("`int`", "math"),
    "return z(1 - z)": ("`*` is missing", "another name"),
    "return (1 - z)(z)": ("`*` is missing", "another name"),
    "sum = z + 1\n    return sum(z)": ("another name", "`*`"),
    "return np.int(z)": ("`int`", "Did you mean"),
    "return np.erf(z)": ("`math.erf`", "Did you mean"),
    "return np.math.erf(z)": ("`import math`", "Did you mean"),
    "return np.were(z > 0, z, 0)": ("Did you mean `where`", "np.maximum"),
    "return z.clamp(0)": ("np.clip", "Did you mean"),
    "return z.exp()": ("`np.exp(…)`", "Did you mean"),
    "return 0.5.get('eps')": ("no dictionary", "Did you mean"),
    "return [1, 2].shape": ("np.array", "Did you mean"),
    "return sum(z, axis=1)": ("np.sum", "`if`"),
    "return np.sum(z, axis=2)": ("`axis=2`", "the parameter `axis`"),
    "return z[0, 0, 0]": ("fewer axes", "single number"),
    "return z.shape[2]": ("fewer axes", "single number"),
    "n, d, k = z.shape\n    return z": ("fewer axes", "single number"),
    "w = np.ones((2, 3))\n    return w / w.sum(axis=1)": ("keepdims", "single number"),
    "w = np.ones((2, 3))\n    return np.where(w > 0, 0, w.max(axis=1))": ("keepdims", "single number"),
    "draws = np.random.default_rng().normal(size=(5, 2 * len(z)))\n    return (draws < z).mean(axis=0)": (
        "`.shape`",
        "keepdims",
    ),
    "return np.random.default_rng().randn(2, 3)": ("`standard_normal`", "Did you mean"),
    "return math.exp(1000)": ("∞", "whole arrays"),
    "return 0.25 ^ 2": ("`**`", "np.array"),
    "return -[1, 2]": ("np.array", "`**`"),
    "return 2 * (lambda: 1)": ("call it", "`**`"),
    "return 2 * print()": ("`return`", "np.array"),
    "return npp.exp(z)": ("spelling", "import"),
    "del globals()['np']\n    return np.exp(z)": ("`import numpy as np`", "spelling"),
    "import no_such_library": ("standard library", "spelling"),
    "out = np.zeros(3)\n    out[0] = z\n    return out": ("One place", "`if`"),
}


@pytest.mark.parametrize("line", LINES)
def test_a_hint_speaks_of_what_stands_there(line):
    hinted, elsewhere = LINES[line]
    sentence = said(f"def f(z):\n    {line}\n", Z)
    hint = sentence.rpartition("`. ")[2]
    assert hinted in hint and elsewhere not in hint


@pytest.mark.parametrize("line", ["return max(0, z)", "return np.max(0, z)", "return math.exp(z)", "return z(1 - z)"])
def test_a_hint_needs_no_source(line):
    sentence = said(f"def f(z):\n    {line}\n", Z, known=False)
    assert any(word in sentence for word in ("np.maximum", "NumPy's", "Is a `*` missing"))


def test_numpy_is_not_said_to_have_what_it_has_not():
    for known in (True, False):
        assert "NumPy has none" in said("def f(z):\n    return 0.5 * (1 + math.erf(z))", Z, known=known)


def test_an_axis_that_is_written_in_is_named_with_the_parameter_that_is_there():
    assert "hand the parameter `axis` on" in said("def f(z, axis=-1):\n    return np.sum(z, axis=2)", Z, 0)
    assert "`axis=-1` is the last one" in said("def f(z):\n    return np.sum(z, 2)", Z)
    assert "fewer axes" in said("def f(z, axis):\n    return np.sum(z, axis=axis)", Z, 2)


def test_the_expression_is_the_one_that_raised_even_over_several_lines():
    cell = "def f(z):\n    return np.where(z > 0, z,\n        max(0,\n            z))"
    assert "np.maximum" in said(cell, Z)
    with pytest.raises(ValueError, match="truth value") as caught:
        defined(cell)(Z)
    spot = slips.Spot.of(caught.tb.tb_next)
    assert spot.called == "max" and spot.text.startswith("max(0,")


@pytest.mark.parametrize(
    ("source", "stub"),
    [
        ("def f(z):\n    raise NotImplementedError", True),
        ("def g(z):\n    raise NotImplementedError('later')\ndef f(z):\n    return 2 * g(z)", True),
        (
            "class A:\n    def g(self, z):\n        raise NotImplementedError\ndef f(z):\n    return A().g(z)",
            False,
        ),
        ("def f(z):\n    import asyncio\n    return asyncio.AbstractEventLoop().run_forever()", False),
    ],
)
def test_what_a_library_or_a_class_leaves_open_is_no_stub(source, stub):
    with pytest.raises(Trouble) as caught:
        learner.call(defined(source), Z)
    assert (caught.value.kind == "stub") == stub


def test_a_message_of_any_length_costs_no_time():
    """A megabyte of digits, over which a search for a call would never end."""
    assert slips.hint(TypeError("1" * 1_000_000), None) == ""
