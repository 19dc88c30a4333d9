"""Whether a function relies on a library that is not there where homework is graded."""

import pytest

from actlab.check import check
from actlab.course import PRACTICE
from actlab.exercises import lesson
from actlab.libraries import missing

NOTEBOOK = """
import functools, math
import matplotlib.pyplot as plt
import numpy as np
import scipy.special, scipy.stats
from actlab import activations
from scipy.special import erf, expit, softmax
from scipy.stats import norm
from tqdm import tqdm

def helper(z):
    return z * erf(z)

def imports(z):
    from scipy.special import expit
    return expit(z)

def default(z, f=expit):
    return f(z)

def enclosing(f):
    return lambda z: f(z)

def endless(z):
    return endless(z - 1)

@functools.lru_cache
def cached(z):
    return expit(z)

@functools.lru_cache
def cached_well(z):
    return np.exp(z)

class Model:
    def __call__(self, z):
        return expit(z)
    def method(self, z):
        return self(z)
    @staticmethod
    def static(z):
        return expit(z)

class Plain:
    erf = 3
    def __call__(self, z):
        return np.maximum(z, self.erf)

def plots(z):
    plt.plot(z)
    return z
"""
RELIES = {
    "expit": "scipy", "softmax": "scipy", "norm.cdf": "scipy", "lambda z: erf(z)": "scipy", "helper": "scipy",
    "lambda z: scipy.special.ndtr(z)": "scipy", "lambda z: norm.cdf(z)": "scipy", "lambda z: helper(z)": "scipy",
    "imports": "scipy", "default": "scipy", "enclosing(erf)": "scipy", "enclosing(helper)": "scipy", "cached": "scipy",
    "np.vectorize(helper)": "scipy", "functools.partial(helper)": "scipy", "lambda z: [erf(x) for x in z]": "scipy",
    "functools.partial(enclosing, erf)": "scipy", "Model()": "scipy", "Model": "scipy", "Model().method": "scipy",
    "Model.static": "scipy", "lambda z: Model()(z)": "scipy", "lambda z: activations.relu(z)": "actlab",
    "activations.gelu": "actlab",
    "plots": "matplotlib",
    "np.exp": "", "np.maximum": "", "math.erf": "", "np.vectorize(math.erf)": "",
    "lambda z: np.exp(z) + math.erf(0)": "",
    "lambda z: [x for x in tqdm(z)]": "", "functools.partial(np.maximum, 0)": "", "enclosing(np.exp)": "",
    "endless": "", "Plain()": "", "cached_well": "", "lambda z: z.erf": "", "3": "", "None": "",
    "int": "", "'scipy'": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def notebook():
    scope = {"__name__": "__main__"}
    exec(NOTEBOOK, scope)
    return scope


@pytest.mark.parametrize("text", RELIES)
def test_what_a_function_relies_on_is_found(text, notebook):
    assert missing(eval(text, notebook)) == RELIES[text]


def test_the_practice_says_at_once_what_earns_nothing_where_it_is_graded(notebook, monkeypatch):
    monkeypatch.setenv("ACTLAB_STATIC", "1")
    asked = next(exercise.id for exercise in lesson(PRACTICE.number) if exercise.name == "gelu")
    said = "Where homework is graded there is no `scipy`: what it computes earns no points."
    right = eval("lambda z: z * norm.cdf(z)", notebook)
    assert check(asked, right).status == "right" and said in repr(check(asked, right))
    assert said in repr(check(asked, eval("lambda z: z * erf(z)", notebook)))
    plain = "lambda z: 0.5 * z * np.vectorize(math.erfc, otypes=[float])(-z / np.sqrt(2))"
    assert check(asked, eval(plain, notebook)).status == "right"
    assert "Where homework is graded" not in repr(check(asked, eval(plain, notebook)))
    assert "Where homework is graded" not in repr(check("q4_gelu", right)), "a lesson is not graded there"
