"""The practice notebook: what its answers earn, what a learner sees, and what the graders rely on."""

import re
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from scipy import stats

from actlab import activations, learner, recipes
from actlab.check import NotEarned, check, summary
from actlab.course import PRACTICE
from actlab.exercises import EXERCISES, Choice, Draws, Task, evaluate, lesson
from actlab.explorers import practice as pictures
from actlab.numeric import erf, ndtr
from actlab.recipes import Function, Quadratic, Seed

ROOT = Path(__file__).parents[1]
ASKED = lesson(PRACTICE.number)
TASKS = [e for e in ASKED if isinstance(e, Task)]
DRAWS = [e for e in ASKED if isinstance(e, Draws)]
REASONS = [e for e in ASKED if isinstance(e, Choice)]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ACTLAB_HOME", str(tmp_path))
    monkeypatch.setattr("actlab.check._latest", {})


def judged(name, f, rng=0, **options):
    return evaluate(EXERCISES[name], partial(learner.call, f, **options), rng)


def opened(folder):
    return nbformat.read(ROOT / folder / PRACTICE.file, as_version=4)


# What earns points


@pytest.mark.parametrize(
    ("name", "f", "points"),
    [
        ("sigmoid", lambda z: np.exp(z) / (1 + np.exp(z)), 3),
        ("sigmoid", lambda z: np.where(np.abs(z) > 50, (z > 0) * 1.0, 2.0), 0),
        ("gelu", lambda z: 0.5 * z * (1 + np.vectorize(erf, [float])(z / np.sqrt(2))), 4),
        ("gelu", activations.gelu_tanh, 0),
        ("softmax", lambda z, axis=-1: np.exp(z) / np.exp(z).sum(axis, keepdims=True), 4),
        ("softmax", lambda z, axis=-1: activations.softmax(z), 0),
        ("relu_derivative", lambda z: np.where(z == 0, 0.3, z > 0), 2),
        ("relu_derivative", lambda z: np.where(z == 0, 1.1, z > 0), 0),
    ],
)
def test_partial_credit(name, f, points):
    assert judged(name, f).points == points


def test_a_loop_without_end_in_the_extra_part_keeps_the_values():
    def sticks(z):
        while np.abs(z).max() > 50:
            pass
        return activations.sigmoid(z)

    result = judged("sigmoid", sticks, seconds=0.1)
    assert (result.status, result.points) == ("partly", 3)
    assert "still running" in result.sentence


def test_changed_arguments_cost_the_part_they_are_changed_in():
    def late(z, axis=-1):
        p = activations.softmax(z, axis)
        if np.abs(z).max() > 500:
            z[...] = 0
        return p

    assert judged("softmax", late).points == 4


# Random functions


def test_right_random_answers_are_far_from_being_rejected():
    """Every measure stays below 0.8 of what it is allowed, over 150 × 2 judgements."""
    for task in DRAWS:
        worst = {}
        for seed in range(150):
            for case in task.cases(np.random.default_rng(seed)):
                values = np.asarray(task.reference(*recipes.made(case.args)), float)
                for m in task.law(values, *case.args):
                    worst[m.what] = max(worst.get(m.what, 0), abs(m.got - m.want) / m.allowed if m.allowed else m.got)
        assert max(worst.values()) < 0.8, worst


@pytest.mark.parametrize(
    "f",
    [
        lambda i, o, rng: rng.normal(0, np.sqrt(2 / i) * 0.95, (i, o)),
        lambda i, o, rng: np.clip(rng.normal(0, np.sqrt(2 / i), (i, o)), -2.5 * np.sqrt(2 / i), 2.5 * np.sqrt(2 / i)),
        lambda i, o, rng: rng.choice([-1, 1], (i, o)) * np.sqrt(2 / i),
        lambda i, o, rng: rng.laplace(0, np.sqrt(1 / i), (i, o)),
        lambda i, o, rng: rng.permuted(np.tile(rng.normal(0, np.sqrt(2 / i), o), (i, 1)), axis=1),
        lambda i, o, rng: np.concatenate([h := rng.normal(0, np.sqrt(2 / i), (i - i // 2, o)), -h[: i // 2]]),
        lambda i, o, rng: np.sort(rng.normal(0, np.sqrt(2 / i), (i, o)), axis=0),
        lambda i, o, rng: rng.normal(0, np.sqrt(2 / i), (i, o)) + 0.1 * np.sqrt(2 / i),
        lambda i, o, rng: rng.normal(0, {50: 0.2, 40: 0.2236}.get(i, 0.1), (i, o)),
        lambda i, o, rng: rng.normal(0, np.sqrt(2 / i), (i, o)) * (i * o > 500),
        lambda i, o, rng: rng.normal(0, np.sqrt(2 / max(i, 2)), (i, o)),
        lambda i, o, rng: rng.normal(0, np.sqrt(2 / i), (i, 1)) if i * o < 500 and o > 1 else rng.normal(size=(i, o)),
    ],
    ids=[
        "5 % too narrow",
        "clipped",
        "two values",
        "Laplace",
        "permuted rows",
        "antithetic",
        "sorted",
        "shifted",
        "a table of sizes",
        "zeros where small",
        "another rule for one input",
        "one column where small",
    ],
)
def test_what_is_not_he_normal_is_noticed(f):
    for seed in range(3):
        assert judged("he_normal", f, seed).points == 0


@pytest.mark.parametrize(
    "f",
    [
        lambda z, n, rng: z * (np.add.reduce([rng.normal(size=z.shape[1:]) < z for _ in range(n)]) / n),
        lambda z, n, rng: z * rng.binomial(n, activations.sigmoid(1.702 * z)) / n,
        lambda z, n, rng: z * np.rint(n * ndtr(z)) / n,
        lambda z, n, rng: z * rng.binomial(max(n - 1, 1), ndtr(z)) / max(n - 1, 1),
    ],
    ids=["rows share draws", "a logistic gate", "rounded, not drawn", "n - 1 draws"],
)
def test_what_is_not_the_gate_is_noticed(f):
    for seed in range(3):
        assert judged("stochastic_gate", f, seed).points == 0


def test_he_s_weights_are_rejected_by_chance_less_than_once_in_a_million():
    """The bounds of the law against the distributions that they bound, at the fewest numbers of each kind of case."""

    def chance(measure, n, sizes):
        low, high = measure.want - measure.allowed, measure.want + measure.allowed
        if "mean of the entries" in measure.what:
            return 2 * stats.norm.sf(high * np.sqrt(n))
        if "spread" in measure.what:
            return stats.chi2.sf(n * high**2, n - 1) + stats.chi2.cdf(n * max(low, 0) ** 2, n - 1)
        if "distance" in measure.what:
            return stats.kstwo.sf(high - 1 / n, n)
        if "beyond" in measure.what:
            return stats.binom.sf(np.floor(n * high), n, measure.want)
        if "scatter" in measure.what:
            count = sizes["row" not in measure.what]
            return stats.chi2.sf(count * high, count) + stats.chi2.cdf(count * max(low, 0), count)
        assert "different numbers" in measure.what or "kurtosis" in measure.what
        return 0.0

    law, together = EXERCISES["he_normal"].law, 0.0
    for k, i, o in ((1, 50, 40), (1, 150, 240), (1, 30, 300), (32, 5, 8), (32, 1, 30), (32, 1, 1)):
        sizes = (i, o) if k == 1 else (k, i * o)
        values = np.zeros((i, o) if k == 1 else (k, i, o))
        together += sum(chance(measure, values.size, sizes) for measure in law(values, i, o, Seed(0)))
    assert together < 5e-7


@pytest.mark.parametrize("number", [6, 7, 8])
def test_a_right_gate_is_rejected_for_its_variance_less_than_once_in_a_million(number):
    """The bound against the distribution of what it bounds: a sum over all entries, alike where |z| is."""
    task, step, size = EXERCISES["stochastic_gate"], 0.01, 1 << 20
    z, n, seed = list(task.cases(np.random.default_rng(number)))[number].args
    together = 1.0
    for at, many in zip(*np.unique(np.abs(z), return_counts=True), strict=True):
        p, k = stats.norm.cdf(at), np.arange(n + 1)
        squares = (k / n - p) ** 2 / (p * (1 - p) / n)
        one = np.bincount(np.rint(squares / step).astype(int), stats.binom.pmf(k, n, p), size)
        together = together * np.fft.rfft(one) ** many
    up_to = np.fft.irfft(together, size).cumsum()
    (allowed,) = (one.allowed for one in task.law(z, z, n, seed) if "variance" in one.what)
    low, high = (int(z.size * (1 + side * allowed) / step) for side in (-1, 1))
    assert 1e-13 < up_to[low] + 1 - up_to[high] < 3e-7


@pytest.mark.parametrize("name", ["q5_softmax", "softmax"])
def test_a_small_constant_in_the_sum_of_softmax_has_one_verdict(name):
    def padded(c, shift):
        def softmax(z, axis=-1):
            e = np.exp(z - shift(z, axis))
            return e / (e.sum(axis=axis, keepdims=True) + c)

        return softmax

    for seed in range(3):
        for c in (1e-5, 1e-8, 1e-12):
            hidden = judged(name, padded(c, lambda z, axis: z.max()), seed)
            assert (hidden.status, "small number added" in hidden.cause) == ("partly", True)
            unshifted = judged(name, padded(c, lambda z, axis: 0), seed)
            assert (unshifted.status, "no shift" in unshifted.cause) == ("partly", True)
        large = judged(name, padded(1e-3, lambda z, axis: z.max(axis, keepdims=True)), seed)
        assert (large.status, "constant added" in large.cause) == ("wrong", True)


def test_another_source_of_randomness_is_noticed():
    for task, f in (
        ("he_normal", lambda i, o, rng: np.random.normal(0, np.sqrt(2 / i), (i, o))),  # noqa: NPY002
        ("stochastic_gate", lambda z, n, rng: z * np.random.binomial(n, ndtr(z)) / n),  # noqa: NPY002
    ):
        assert "same seed" in judged(task, f).sentence


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda z, n, rng: sum((z * (rng.normal(size=z.shape) < z) for _ in range(n)), 0 * z), "a sum over the draws"),
        (lambda z, n, rng: (rng.normal(size=(n, *z.shape)) < z).mean(axis=0), "the factor z is missing"),
        (lambda z, n, rng: activations.gelu(z * 1.0), "results are not z·k/n for any whole k from 0 to n"),
    ],
    ids=["sum", "no z", "no draws"],
)
def test_what_is_no_mean_of_gates_is_said_in_words(f, words):
    for seed in range(5):
        assert words in judged("stochastic_gate", f, seed).sentence


# What a grader sends


@pytest.mark.parametrize("name", recipes.FUNCTIONS)
def test_functions_of_cases_and_their_derivatives_agree(name):
    z, h = np.linspace(-2, 2, 9), 1e-6
    f, df = Function(name, 0.75).make(), Function(name, 0.75, derivative=True).make()
    assert np.allclose((f(z + h) - f(z - h)) / (2 * h), df(z), atol=1e-8)


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.id)
def test_cases_hold_nothing_but_arrays_numbers_and_recipes(task):
    def plain(argument):
        if isinstance(argument, list):
            return all(map(plain, argument))
        if isinstance(argument, np.ndarray):
            return argument.dtype in (np.float64, np.float32, np.int64)
        return type(argument) in (int, float, Seed, Function, Quadratic)

    assert all(plain(argument) for case in task.cases(np.random.default_rng(5)) for argument in case.args)


# What learners hand in


def handed_in(code):
    space = {}
    exec(compile(code, "<cell>", "exec"), space)
    return space


@pytest.mark.parametrize(
    ("code", "points", "words"),
    [
        ("import numpy as np\ndef relu(z):\n    print('here')\n    return np.maximum(z, 0)", 2, ""),
        ("import warnings\ndef relu(z):\n    warnings.warn('careful')\n    return z * (z > 0)", 2, ""),
        ("def relu(z):\n    z[...] = z * (z > 0)\n    return z", 0, "in place"),
        ("def relu(z):\n    return z.view()", 0, "wrong values"),
        ("def relu(z):\n    return z * (z > 0) + 0j", 0, "complex"),
        ("def relu(z):\n    return str(z)", 0, "text"),
        ("def relu(z):\n    z * (z > 0)", 0, "forget `return`"),
        ("def relu(z):\n    return (z * (z > 0)).astype(object)", 2, ""),
        ("def relu(z):\n    return (z * (z > 0)).ravel().tolist()", 0, "shape"),
        ("np = 3\ndef relu(z):\n    return np.maximum(z, 0)", 0, "AttributeError"),
        ("evaluate = learner = Case = check = None\ndef relu(z):\n    return z * (z > 0)", 2, ""),
        ("def relu(z):\n    return relu(z)", 0, "calls itself"),
        ("relu = lambda z: (v * (v > 0) for v in z)", 0, "generator"),
        ("class relu:\n    def __init__(self, z): pass", 0, "relu"),
    ],
)
def test_whatever_a_cell_leaves_behind_is_judged_in_words(code, points, words):
    result = judged("relu", handed_in(code)["relu"])
    assert (result.points, words in result.sentence) == (points, True)


def test_a_numpy_that_was_damaged_is_suspected(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(np, "maximum", None)
        feedback = check("relu", lambda z: z * (z > 0))
    assert feedback.status == "not checked" and "in NumPy itself" in repr(feedback)


def test_patching_the_course_itself_changes_nothing(monkeypatch):
    for name in ("relu", "gelu", "softmax"):
        monkeypatch.setattr(activations, name, lambda *args: 0)
        assert judged(name, lambda *args: 0).points == 0


# Feedback


@pytest.mark.parametrize(
    "f",
    [lambda z: activations.sigmoid(np.clip(z, -12, 12)), lambda z: activations.sigmoid(z) + 2e-6],
    ids=["clipped at 12", "offset"],
)
def test_what_overflows_is_no_cause_where_nothing_overflowed(f):
    for seed in range(5):
        result = judged("sigmoid", f, seed)
        assert (result.points, "∞" in result.cause) == (0, False)


def test_float32_is_not_taken_for_rounding():
    assert "float32" in judged("activation_factor", lambda depth: np.float32(0.25) ** depth).cause
    assert "rounded" in judged("activation_factor", lambda depth: round(0.25**depth, 5)).cause


def test_a_path_collected_without_its_start_is_recognised():
    def descend(gradient, w, lr, steps):
        return np.array([w := w - lr * gradient(w) for _ in range(steps)])

    assert "w0 is missing" in judged("descend", descend).cause


def test_inputs_up_to_sixteen_numbers_are_shown():
    result = judged("dead_units", lambda z: (z < 0).all(axis=0))
    assert result.failing[0].input.startswith("z = [[")


def test_a_second_attempt_needs_no_restart():
    assert check("relu", lambda z: -z).status == "wrong"
    assert check("relu", lambda z: z * (z > 0)).status == "right"
    assert check("softmax", lambda z, axis=-1: np.exp(z) / np.exp(z).sum(axis, keepdims=True)).status == "partly"
    rows = summary().cells()
    assert rows[2][1] == "2 of 20" and rows[4][1] == "4 of 20" and rows[-1][1] == "6 of 100"
    assert "◐\xa0softmax" in rows[4][2] and "○\xa0q4_reason" in rows[4][2] and "○\xa0relu," not in rows[2][2]
    assert "6 of 100" in summary()._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("reason", REASONS, ids=lambda r: r.id)
def test_options_do_not_give_themselves_away_by_their_length(reason):
    lengths = {letter: len(text) for letter, text in reason.options.items()}
    assert max(lengths.values()) < 1.75 * min(lengths.values())
    others = [n for letter, n in lengths.items() if letter not in reason.right]
    assert max(lengths[letter] for letter in reason.right) < 1.25 * max(others)


def test_right_letters_vary():
    assert len({r.right for r in REASONS}) == 4


def test_an_order_of_the_options_is_followed():
    reason = EXERCISES["q1_reason"]
    for order in ("abcd", "dcba", "cadb"):
        moved = reason.reordered(order)
        right, before = ({one.options[letter] for letter in one.right} for one in (moved, reason))
        assert right == before
        assert check("q1_reason", moved.right[0], order=order).status == "right"
        for letter, hint in moved.hints.items():
            assert hint in repr(check("q1_reason", letter, order=order))
    assert check("q1_reason", "a", order="abc").status == "not checked"


def test_where_nbgrader_runs_a_check_points_are_its_output(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    for f in (lambda z: -z, lambda z: None):
        with pytest.raises(NotEarned, match="ReLU"):
            check("relu", f)
    with pytest.raises(NotEarned):
        check("q1_reason", "")
    partly = check("softmax", lambda z, axis=-1: np.exp(z) / np.exp(z).sum(axis, keepdims=True))
    assert partly._repr_mimebundle_()["text/plain"] == "4"
    assert "partly" in partly._repr_mimebundle_()["text/html"]


def test_feedback_points_to_the_lesson_that_helps():
    feedback = check("relu", lambda z: -z)
    assert repr(feedback).endswith("Lesson that helps: 03 The ReLU family")
    assert 'href="03_relu_family.ipynb"' in feedback._repr_mimebundle_()["text/html"]
    assert repr(check("he_normal", lambda *args: 0)).endswith("06 Gradient flow")


# The pictures


def references(*names):
    return [EXERCISES[name].reference for name in names]


def stub(*args):
    raise NotImplementedError


PICTURES = {
    "gradients": references("layer_gradient_norms", "sigmoid", "sigmoid_derivative"),
    "dead": references("dead_units", "he_normal", "batch_norm"),
    "gate": references("stochastic_gate", "gelu"),
    "competition": references("softmax", "softmax_jacobian"),
    "descent": references("descend", "straightness", "weight_gradients", "same_sign_fraction"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_drawn_by_the_learners_functions(name):
    draw, functions = getattr(pictures, name), PICTURES[name]
    drawn = draw(*functions)
    assert drawn.trouble is None
    assert len(re.findall(r"\d+", repr(drawn))) >= 2
    assert len(drawn.html()) < 260_000
    for k in range(len(functions)):
        if (name, k) == ("dead", 2):
            continue
        broken = draw(*functions[:k], stub, *functions[k + 1 :])
        assert "not attempted yet" in repr(broken) and "Traceback" not in broken.html()
    assert "is text" in repr(draw(lambda *args: "no", *functions[1:]))


def test_the_pictures_show_the_phenomena():
    norms, dead, gate, shares, walk = (getattr(pictures, name)(*fs) for name, fs in PICTURES.items())
    assert "sigmoid × 0.2" in norms.at(gain=1) and "tanh × 1.0" in norms.at(gain=1)
    assert "calls 0 of 40" in dead.at(bias=0) and "calls 0 of 40" in dead.at(bias=-4, norm="on")
    assert int(re.search(r"calls (\d+) of 40", dead.at(bias=-4))[1]) > 5
    assert float(re.search(r"is ([\d.]+) away", gate.at(n=1024))[1]) < 0.02
    assert "p₁ at the rate +0" in shares.at(z1=0)
    straight = [float(v) for v in re.findall(r"straightness ([\d.]+)", walk.at(steps=8))]
    assert straight[0] < 0.3 < 0.9 < straight[1]


def test_pictures_say_what_they_cannot_use():
    for name, setting, value in (("gradients", "depth", 0), ("gradients", "seed", -1), ("descent", "seed", 1.5)):
        drawn = getattr(pictures, name)(*PICTURES[name], **{setting: value})
        assert f"{setting.upper()} is {value}: in the cell at the top" in repr(drawn)
        assert "choose a whole number" in drawn.html()
    for name, fs in PICTURES.items():
        if name != "gradients":
            nan = getattr(pictures, name)(lambda *args, f=fs[0]: np.nan * np.asarray(f(*args)), *fs[1:])
            assert "holds nan, no finite number" in repr(nan)
    narrow = pictures.dead(PICTURES["dead"][0], lambda i, o, rng: rng.normal(0, 0.25, (i, o)), stub)
    assert "over 99% of all" in narrow.at(bias=-3)
    assert "With n = 1 draw your" in pictures.gate(*PICTURES["gate"]).at(n=1)


# The notebook itself


def run(notebook, home, static):
    env = {"ACTLAB_HOME": str(home), "OMP_NUM_THREADS": "1"} | ({"ACTLAB_STATIC": "1"} if static else {})
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(home)}})
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ACTLAB_STATIC", raising=False)
        for name, value in env.items():
            patch.setenv(name, value)
        client.execute()
    return {c.metadata.get("nbgrader", {}).get("grade_id", c.id): c for c in notebook.cells if c.cell_type == "code"}


def plain(cell):
    return "".join(o.get("data", {}).get("text/plain", "") for o in cell.outputs)


def test_the_untouched_copy_runs_to_the_end_with_no_points_and_nothing_red(tmp_path):
    cells = run(opened("notebooks"), tmp_path, static=False)
    for e in ASKED:
        assert plain(cells[f"{e.id}_check"]).startswith("○ not attempted yet")
    outputs = [o for c in cells.values() for o in c.outputs]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert not any("#B3261E" in o.get("data", {}).get("text/html", "") for o in outputs)
    together = next(plain(c) for c in cells.values() if c.source == "summary()").splitlines()[-1]
    assert together.split() == ["Together", "0", "of", "100"]


def test_the_solution_earns_100_of_100(tmp_path):
    cells = run(opened("solutions"), tmp_path, static=False)
    for e in ASKED:
        assert plain(cells[f"{e.id}_check"]).startswith("✓ right"), e.id
    together = next(plain(c) for c in cells.values() if c.source == "summary()").splitlines()[-1]
    assert together.split() == ["Together", "100", "of", "100"]
