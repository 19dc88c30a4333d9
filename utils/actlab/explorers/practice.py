"""The pictures of the practice questions, drawn by what the learner has written.

Every function given here is the learner's own: whatever it does wrong is said in words in place of the picture.
"""

from functools import wraps
from numbers import Integral

import numpy as np

from actlab import activations, learner, networks
from actlab.activations import REGISTRY
from actlab.figures import COOL, INK, MUTED, WARM
from actlab.live import Area, Dot, Explorer, Line, Slider, Text
from actlab.words import minus

GAINS = [0.5, 1, 2, 4, 8, 12, 20]
BIASES = [0, -0.5, -1, -1.5, -2, -2.5, -3, -3.5, -4]
DRAWS = [1, 4, 16, 64, 256, 1024]
SCORES = np.linspace(-4, 4, 17)
STEPS = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 40]


def _told_what_to_set(draw):
    """`draw`, with a sentence in place of the picture where SEED or DEPTH of the notebook cannot be used."""

    @wraps(draw)
    def drawn(*functions, **settings):
        for name, least in (("seed", 0), ("depth", 1)):
            value = settings.get(name, least)
            if not isinstance(value, Integral) or value < least:
                words = f"{name.upper()} is {value!r}: in the cell at the top, choose a whole number from {least} on"

                def background(figure, words=words):
                    raise learner.Trouble("value", words)

                return Explorer("No picture", {}, background)
        return draw(*functions, **settings)

    return drawn


def _finite(f, shape, *args):
    """The finite numbers that a learner's function gives, as an array; `Trouble` says what came instead."""
    what = f"the result of {learner.name_of(f)}"
    found = learner.array(learner.call(f, *args), shape, what)
    if not np.isfinite(found).all():
        raise learner.Trouble("value", f"{what} holds {found[~np.isfinite(found)][0]:g}, no finite number")
    return found


def _percent(share):
    """100% and 0% only for all and none."""
    if 0.995 <= share < 1:
        return "over 99%"
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"


@_told_what_to_set
def gradients(layer_gradient_norms, f, df, depth=10, seed=8, width=32, batch=32):
    """The size of every layer's gradient, by the learner's own chain rule, for a range of weight gains.

    f, df: the learner's activation and its slope, compared with tanh.
    """
    x = np.random.default_rng(seed).normal(size=(batch, width))
    tanh = REGISTRY["tanh"]
    layers = np.arange(1, depth + 1)

    def norms(gain, one, slope):
        weights, _ = networks.initialise([width] * (depth + 1), gain, seed)
        found = learner.array(learner.call(layer_gradient_norms, x, weights, one, slope), (depth,))
        if not np.isfinite(found).all() or (found < 0).any():
            raise learner.Trouble("value", "`layer_gradient_norms` gives something else than sizes here")
        return np.clip(found, 1e-30, None)

    def background(figure):
        ax = figure.subplots()
        figure.subplots_adjust(left=0.10, right=0.86, top=0.90, bottom=0.15)
        ax.set(yscale="log", xlim=(0.5, depth + 0.5), ylim=(1e-11, 1e5), xticks=layers)
        ax.set(title=f"your layer_gradient_norms, {depth} layers", xlabel="layer, 1 = nearest the input")
        ax.set_ylabel("‖∂loss/∂W‖")
        return ax

    def lines(gain):
        marks, words, ends = [], [], []
        for name, color, pair in (
            (getattr(f, "__name__", "f"), REGISTRY["sigmoid"].color, (f, df)),
            ("tanh", tanh.color, (tanh.f, tanh.df)),
        ):
            found = norms(gain, *pair)
            factor = (found[0] / found[-1]) ** (1 / max(depth - 1, 1))
            marks += [Line(layers, found, color, 3), Dot(layers, found, color, 8)]
            ends.append((found[-1], name, color))
            words.append(f"{name} × {factor:.2f} per layer, 10^{np.log10(found[0]):.1f} at the first")
        (low, *below), (high, *above) = sorted(ends)
        middle, apart = np.sqrt(low * high), max(np.sqrt(high / low), 6.0)
        marks += [
            Text(depth + 0.62, middle / apart, *below, "start"),
            Text(depth + 0.62, middle * apart, *above, "start"),
        ]
        return marks, f"Weight gain {gain:g}: {'; '.join(words)}.".replace("^-", "^−")

    sliders = {"gain": Slider(GAINS, 1, "weight gain g", "{:g}")}
    return Explorer("Your gradient, layer by layer", sliders, background, lines, size=(900, 380))


@_told_what_to_set
def dead(dead_units, he_normal, batch_norm, seed=8, units=40, n=60):
    """The pre-activations of a layer of ReLUs for a range of biases, and which units the learner's function calls dead.

    Weights come from the learner's he_normal; the learner's batch_norm can be put in front of the ReLU.
    """
    x = np.random.default_rng(seed).normal(size=(n, 16))
    where = np.arange(1, units + 1)

    def pre_activations(bias, norm):
        weights = _finite(he_normal, (16, units), 16, units, np.random.default_rng(seed))
        z = x @ weights + bias
        if norm == "on":
            z = _finite(batch_norm, z.shape, z, np.ones(units), np.zeros(units))
        return z

    def background(figure):
        ax = figure.subplots()
        figure.subplots_adjust(left=0.07, right=0.98, top=0.90, bottom=0.15)
        ax.axhline(0, color=INK, lw=1.4)
        ax.annotate("fires", (0.995, 0.95), xycoords="axes fraction", ha="right", va="top", color=MUTED)
        ax.annotate("silent", (0.995, 0.03), xycoords="axes fraction", ha="right", color=MUTED)
        ax.set(title=f"pre-activations of {units} units over {n} samples", xlabel="unit", ylabel="lowest to highest z")
        ax.set(xlim=(0, units + 3), ylim=(-11, 6.5))
        return ax

    def ranges(bias, norm):
        z = pre_activations(bias, norm)
        dead = _finite(dead_units, (units,), z) > 0.5
        marks = []
        for chosen, color, width in ((~dead, COOL, 3.5), (dead, WARM, 6)):
            gap = np.full(chosen.sum(), np.nan)
            xs = np.column_stack([where[chosen], where[chosen], gap]).ravel()
            ys = np.column_stack([z.min(0)[chosen], z.max(0)[chosen], gap]).ravel()
            marks.append(Line(xs, ys, color, width))
        silent = (z <= 0).mean()
        batch = " behind your batch_norm" if norm == "on" else ""
        return marks, (
            f"Bias {bias:g}{batch}: your dead_units calls {dead.sum()} of {units} units dead (thick orange lines); "
            f"{_percent(silent)} of all ReLU outputs are 0."
        ).replace("Bias -", "Bias −")

    sliders = {
        "bias": Slider(BIASES, -3, "bias of every unit", "{:g}"),
        "norm": Slider(["off", "on"], "off", "batch norm"),
    }
    return Explorer("A layer of ReLUs", sliders, background, ranges, size=(900, 380))


@_told_what_to_set
def gate(stochastic_gate, gelu, seed=8):
    """The learner's stochastic gate for more and more draws, on top of the learner's GELU."""
    z = np.linspace(-3, 3, 61)
    exact = activations.gelu(z)

    def background(figure):
        ax = figure.subplots()
        figure.subplots_adjust(left=0.07, right=0.98, top=0.90, bottom=0.15)
        ax.axhline(0, color=MUTED, lw=0.8)
        ax.axvline(0, color=MUTED, lw=0.8)
        ax.set(title="dots: your stochastic_gate; line: your gelu", xlabel="z", ylabel="value")
        ax.set(xlim=(-3.1, 3.1), ylim=(-1.6, 3.2))
        return ax

    def gates(n):
        smooth = learner.elementwise(gelu, z)
        values = _finite(stochastic_gate, z.shape, z, n, np.random.default_rng(seed))
        error = np.sqrt(np.mean((values - smooth) ** 2))
        theory = np.sqrt(np.mean(exact * (z - exact)) / n)
        color = REGISTRY["gelu"].color
        return [Line(z, smooth, color, 3), Dot(z, values, INK, 6)], (
            f"With n = {n} draw{'s' * (n > 1)} your gate is {error:.3f} away from your GELU (root mean square); "
            f"chance alone makes it about {theory:.3f}."
        )

    sliders = {"n": Slider(DRAWS, 4, "draws n")}
    return Explorer("A gate that opens at random", sliders, background, gates, size=(900, 380))


def competition(softmax=None, softmax_jacobian=None, others=(1.0, 0.5, 0.0, -0.5)):
    """Probabilities while one score moves, and beside them the Jacobian, by the learner's own functions.

    Without functions: the course's softmax, and no Jacobian.
    """
    k = len(others) + 1
    own = softmax is not None
    softmax = softmax or activations.softmax
    color = REGISTRY["softmax"].color

    def background(figure):
        axes = np.atleast_1d(figure.subplots(1, 2 if own else 1))
        figure.subplots_adjust(left=0.07, right=0.97, top=0.90, bottom=0.15, wspace=0.2)
        axes[0].set(title=f"{'your ' * own}softmax of {k} scores", xlabel="unit", ylabel="probability")
        axes[0].set(xlim=(0.4, k + 0.6), ylim=(0, 1.05), xticks=range(1, k + 1))
        if own:
            axes[1].set(title="your Jacobian, ∂p_i/∂z_j", xlabel="score j", ylabel="probability i")
            axes[1].set(xlim=(0.4, k + 0.6), ylim=(k + 0.6, 0.4), xticks=range(1, k + 1), yticks=range(1, k + 1))
            axes[1].grid(visible=False)
        return axes

    def bars(z1):
        p = _finite(softmax, (k,), np.array([z1, *others]))
        marks = []
        for i, height in enumerate(p, 1):
            square = np.array([i - 0.36, i - 0.36, i + 0.36, i + 0.36]), np.array([0, height, height, 0])
            marks += [Area(*square, color, 0.9 if i == 1 else 0.45), Text(i, height + 0.02, f"{height:.2f}")]
        words = f"With score 1 at {z1:+.1f} unit 1 takes {p[0]:.1%}, and the other {k - 1} share {1 - p[0]:.1%}."
        if not own:
            return marks, words
        J = _finite(softmax_jacobian, (k, k), p)
        for i, j in np.ndindex(k, k):
            x, y = j + 1 + np.array([-0.46, -0.46, 0.46, 0.46]), i + 1 + np.array([-0.46, 0.46, 0.46, -0.46])
            shade = float(np.clip(0.05 + 3 * abs(J[i, j]), 0, 0.8))
            marks += [
                Area(x, y, COOL if J[i, j] > 0 else WARM, shade, ax=1),
                Text(j + 1, i + 1.1, minus(f"{J[i, j]:+.2f}"), size=14, ax=1),
            ]
        lost = f"{J[1:, 0].sum():+.3f}"
        return marks, words + minus(
            f" Raise it a little: your Jacobian moves p₁ at the rate {J[0, 0]:+.3f} and the others together at {lost}."
        )

    sliders = {"z1": Slider(SCORES, 1, "score 1", "{:+.1f}")}
    return Explorer("Five scores, one total", sliders, background, bars, size=(900, 380))


@_told_what_to_set
def descent(descend, straightness, weight_gradients, same_sign_fraction, seed=8, n=200):
    """The learner's descent on two weights, with positive inputs and with centred ones, each at its own best rate."""
    goal, start = np.array([1.0, -1.0]), np.array([-1.0, -1.5])
    u = np.random.default_rng(seed).normal(size=(n, 2))
    panels = [("positive inputs: sigmoid(u)", REGISTRY["sigmoid"]), ("centred inputs: tanh(u)", REGISTRY["tanh"])]
    inputs = [entry.f(u) for _, entry in panels]
    hessians = [h.T @ h / n for h in inputs]
    rates = [2 / np.linalg.eigvalsh(H).sum() for H in hessians]

    def background(figure):
        axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.08, right=0.98, top=0.9, bottom=0.14, wspace=0.22)
        w1, w2 = np.meshgrid(np.linspace(-1.8, 2.2, 121), np.linspace(-2.4, 1.0, 121))
        offset = np.stack([w1 - goal[0], w2 - goal[1]], axis=-1)
        for ax, H, (title, entry) in zip(axes, hessians, panels, strict=True):
            loss = np.einsum("...i,ij,...j", offset, H, offset) / 2
            levels = np.linalg.eigvalsh(H)[1] * np.geomspace(0.003, 3, 9)
            ax.contour(w1, w2, loss, levels=levels, colors=entry.color, linewidths=0.9, alpha=0.55)
            ax.plot(*goal, "*", color=INK, ms=15)
            ax.annotate("start", start, xytext=(0, -17), textcoords="offset points", ha="center", fontweight="bold")
            ax.set(title=title, xlabel="$w_1$", ylabel="$w_2$", xlim=(-1.8, 2.2), ylim=(-2.4, 1.0))
        return axes

    def walk(steps):
        marks, words = [], []
        for ax, (h, H, rate, (_, entry)) in enumerate(zip(inputs, hessians, rates, panels, strict=True)):

            def gradient(w, H=H):
                return H @ (np.asarray(w, float) - goal)

            path = _finite(descend, (steps + 1, 2), gradient, start.copy(), float(rate), steps)
            straight = float(_finite(straightness, (), path))
            rows = _finite(weight_gradients, h.shape, h, h @ (start - goal))
            agree = float(_finite(same_sign_fraction, (), rows))
            marks += [
                Line(*path.T, entry.color, 2.2, ax=ax),
                Dot(*path.T, entry.color, 7, ax),
                Dot(*path[-1], INK, 12, ax),
            ]
            left = np.linalg.norm(path[-1] - goal) / np.linalg.norm(start - goal)
            words.append(
                f"{entry.name} inputs: straightness {straight:.2f}, {left:.1%} of the way left, and at the start "
                f"{agree:.0%} of the samples pull both weights the same way"
            )
        return marks, f"After {steps} steps. {'; '.join(words)}."

    sliders = {"steps": Slider(STEPS, 8, "steps")}
    return Explorer("Your descent on two weights", sliders, background, walk, size=(900, 420))
