"""What a learner sees: the same words in a notebook and in a terminal."""

import os
import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter

from actlab import progress
from actlab.check import check
from actlab.exercises import EXERCISES, Status


@pytest.fixture(autouse=True)
def static(monkeypatch):
    monkeypatch.setenv("ACTLAB_STATIC", "1")
    progress.reset()
    yield
    progress.reset()


def flipped(z):
    return 1 / (1 + np.exp(z))


def overflowing(z):
    return np.exp(z) / (1 + np.exp(z))


def good(z):
    return 0.5 + np.tanh(z / 2) / 2


def sigmoid(z):
    raise NotImplementedError


WRONG = """\
✗ wrong · The sigmoid · 0 of 4 points
The result has the right shape, but wrong values. Seen on small numbers of both signs.
    input    got      expected
    z = -2   0.8808   0.1192
It looks like 1/(1 + eᶻ): the sign of the exponent is flipped.
Section that helps: 2.2 What broke"""


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (good, "✓ right · The sigmoid · 4 of 4 points\nRight on every input we drew."),
        (sigmoid, "○ not attempted yet · The sigmoid · 0 of 4 points\n`sigmoid` is still a stub."),
        (flipped, WRONG),
    ],
)
def test_the_words_do_not_depend_on_what_was_drawn(f, text):
    for _ in range(3):
        assert repr(check("q2_sigmoid", f)) == text


def test_partly_right_says_what_is_right():
    feedback = check("q2_sigmoid", overflowing)
    assert repr(feedback).startswith("◐ partly · The sigmoid · 3 of 4 points\nRight so far: values.")


def shown(feedback):
    formats, _ = DisplayFormatter().format(feedback)
    return formats


def test_a_notebook_shows_a_card_with_the_same_words():
    formats = shown(check("q2_sigmoid", flipped))
    assert formats["text/plain"] == WRONG
    words = re.sub(r"<[^>]+>|&nbsp;", " ", formats["text/html"])
    for word in WRONG.replace("`", "").split():
        assert word in words
    assert '<th scope="col"' in formats["text/html"]
    assert 'href="#2.2-What-broke"' in formats["text/html"]


def test_a_learners_text_is_escaped():
    def wild(z):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in shown(check("q2_sigmoid", wild))["text/html"]


def test_each_status_has_its_own_sign_and_words():
    assert len({status.glyph for status in Status}) == len({status.label for status in Status}) == len(Status)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check("q2_sigmod", good), "`q2_sigmoid`"),
        (lambda: check("?", good), "`q0_step`"),
        (lambda: check(good, "q2_tanh_derivative"), '`check("q2_tanh_derivative", tanh_derivative)`'),
        (lambda: check(good), "comes first, in quotes"),
        (lambda: check(), "comes first, in quotes"),
        (lambda: check("q2_sigmoid"), "without brackets"),
        (lambda: check("q2_sigmoid", np.zeros(3)), "without brackets"),
        (lambda: check("q2_sigmoid", None), "without brackets"),
        (lambda: check("q1_depth"), "Your letter goes second"),
    ],
)
def test_an_odd_call_gets_a_sentence(call, words):
    feedback = call()
    assert feedback.status == "not checked"
    assert words in repr(feedback)
    assert set(shown(feedback)) == {"text/plain", "text/html"}


def test_a_choice():
    right = EXERCISES["q1_depth"].right[0]
    assert check("q1_depth", right).status == "right"
    assert check("q1_depth", None).status == "not attempted"
    assert check("q1_depth", good).status == "wrong"
    assert "It looks like" not in repr(check("q1_depth", "a"))


def test_another_exercises_function_is_pointed_out():
    def sigmoid(z):
        return good(z)

    assert "you handed over `sigmoid`" in repr(check("q2_tanh_derivative", sigmoid))
    assert "handed over" not in repr(check("q2_sigmoid", sigmoid))


def test_progress_is_recorded():
    check("q2_sigmoid", sigmoid)
    assert progress.table().lines[2].points == 0
    check("q2_sigmoid", overflowing)
    check("q2_sigmoid", flipped)
    line = progress.table().lines[2]
    assert (line.done, line.points) == (0, 3)
    check("q2_sigmoid", good)
    line = progress.table().lines[2]
    assert (line.done, line.points) == (1, 4)


def test_where_progress_cannot_be_saved_the_card_says_so(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.delenv("ACTLAB_STATIC")
    monkeypatch.setenv("ACTLAB_HOME", str(tmp_path / "file"))
    assert "cannot be written" in repr(check("q2_sigmoid", good))


def test_products_in_a_notebook_keep_to_one_thread_and_pytorch_keeps_its_own_number():
    """Where products this small are shared among threads, a busy computer takes five times as long."""
    code = """
        import torch
        from threadpoolctl import threadpool_info
        from actlab.check import check
        numpy = [(p["internal_api"], p["num_threads"]) for p in threadpool_info() if "numpy" in p["filepath"]]
        print(numpy, torch.get_num_threads())
    """
    env = {**os.environ, "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.stdout.strip() == "[('openblas', 1)] 2", done.stderr
