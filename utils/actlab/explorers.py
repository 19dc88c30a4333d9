"""The course's sliders, each a few lines on `actlab.live`.

Layer 3.  Every function returns an `Explorer`; the last line of a cell shows it.
"""

import inspect
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.special import ndtr

from actlab import learner, networks
from actlab.activations import REGISTRY, Activation
from actlab.data import circles
from actlab.figures import COOL, INK, MUTED, WARM, label_ends, scatter_classes
from actlab.live import Area, Band, Dot, Explorer, Line, Slider, Text
from actlab.numeric import central_difference

_WIDE = np.linspace(-40, 40, 8001)


@dataclass(frozen=True)
class _Subject:
    """A function to explore: the registry's, or a learner's."""

    name: str
    f: Any
    df: Any
    color: str
    own: bool

    def values(self, z, **params):
        return _asked(self.f, z, params) if self.own else self.f(z, **params)

    def slopes(self, z, **params):
        if not self.own:
            return self.df(z, **params)
        if self.df is None:
            return central_difference(lambda x: _asked(self.f, x, params), z)
        return _asked(self.df, z, params)


def _asked(function, z, params):
    return learner.elementwise(lambda x: function(x, **params), np.asarray(z, dtype=float))


def _subject(f, df):
    if isinstance(f, str):
        f = REGISTRY[f]
    if isinstance(f, Activation):
        return _Subject(f.name, f.f, df or f.df, f.color, own=False)
    name = getattr(f, "__name__", "f")
    known = REGISTRY.get(name)
    return _Subject(name, f, df, known.color if known else COOL, own=True)


def explore(f, df=None, *, span=6.0, **params):
    """A function and its derivative with a moving point, its tangent, and where it saturates.

    f: a registry key or entry, or a learner's own function of an array; df: its derivative (None: a finite difference).
    span: the picture shows -span to span.  params: name=values for each further argument of f and df that gets a
    slider, for example `explore(leaky_relu, alpha=np.linspace(0, 1, 21))`.
    """
    subject = _subject(f, df)
    z = np.linspace(-span, span, 241)
    sliders = {
        "z": Slider(np.linspace(-span, span, 97), 1.0, "point z", "{:+.2f}"),
        **{k: v if isinstance(v, Slider) else Slider(v, format="{:.2f}") for k, v in params.items()},
        "threshold": Slider([0.01, 0.02, 0.05, 0.1, 0.2, 0.5], 0.1, "saturated below", "{:.0%} of top slope"),
        "scale": Slider([0.5, 1, 1.5, 2, 3, 4, 6, 8], 2, "spread s of inputs", "{:g}"),
    }
    start = {k: sliders[k].positions[sliders[k].start_index] for k in params}
    seen = [{k: v} for k in params for v in sliders[k].positions] or [{}]

    @cache
    def slope_everywhere(**values):
        return np.abs(subject.slopes(_WIDE, **values))

    def limits(function):
        values = np.concatenate([function(z, **(start | one)) for one in seen])
        low, high = min(values.min(), 0.0), max(values.max(), 0.0)
        room = high - low or 1.0
        return low - 0.08 * room, high + 0.12 * room

    def background(figure):
        left, right = axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.06, right=0.98, top=0.88, bottom=0.15, wspace=0.2)
        left.set(title=f"{subject.name}: value f(z)", xlabel="z", xlim=(-span, span), ylim=limits(subject.values))
        right.set(title="slope f ′(z)", xlabel="z", xlim=(-span, span), ylim=limits(subject.slopes))
        for ax in axes:
            ax.axhline(0, color=MUTED, lw=0.8)
            ax.axvline(0, color=MUTED, lw=0.8)
        if not params:
            left.plot(z, subject.values(z), color=subject.color)
            right.plot(z, subject.slopes(z), color=subject.color, ls="--")
        return axes

    def curve(**values):
        line = Line(z, subject.values(z, **values), subject.color, 3)
        slope = Line(z, subject.slopes(z, **values), subject.color, 3, "8 5", ax=1)
        return [line, slope], ""

    def saturation(threshold, scale, **values):
        slope = slope_everywhere(**values)
        top = slope.max()
        if not top:
            return [], "The slope is 0 wherever it exists: nothing can be learned through this function."
        flat = _stretches(slope < threshold * top, _WIDE)
        share = sum(ndtr(high / scale) - ndtr(low / scale) for low, high in flat)
        bands = [Band(low, high, ax=ax) for low, high in flat for ax in (0, 1)]
        where = " and ".join(_interval(low, high) for low, high in flat)
        return bands, (
            f"The slope is below {threshold:.0%} of its maximum {top:.3g} for {where}: {share:.1%} of inputs from "
            f"N(0, {scale:g}²) saturate."
            if flat
            else f"The slope never falls below {threshold:.0%} of its maximum {top:.3g}: no input saturates."
        )

    def point(z, **values):
        here = np.array([z])
        y, slope = float(subject.values(here, **values)[0]), float(subject.slopes(here, **values)[0])
        top = slope_everywhere(**values).max()
        share = abs(slope) / top if top else 0.0
        fate = "survives" if share >= 0.1 else "barely gets through" if share > 0 else "stops here"
        reach = np.array([-1.3, 1.3])
        marks = [Line(z + reach, y + slope * reach, INK), Dot(z, y, INK)]
        marks += [Line([z, z], [0, slope], INK, dash="5 4", ax=1), Dot(z, slope, INK, ax=1)]
        return (
            marks,
            (
                f"At z = {z:+.2f} the value is {y:.4f} and the slope {slope:.4f}, {share:.0%} of its maximum: "
                f"the signal {fate}."
            ),
        )

    def verdict(**values):
        return [], _derivative_in_words(subject, values)

    layers = [_over(saturation, ["threshold", "scale"], params)]
    if subject.own and df is not None:
        layers.insert(0, _over(verdict, [], params))
    if params:
        layers.append(_over(curve, [], params))
    layers.append(_over(point, ["z"], params))
    return Explorer(f"{subject.name} and its slope", sliders, background, *layers)


def _over(function, own, params):
    """`function` as a layer whose sliders are its own and all of `params`."""

    def layer(**values):
        return function(**values)

    names = [*own, *params]
    layer.__signature__ = inspect.Signature([inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in names])
    return layer


def _stretches(mask, z):
    """Maximal intervals of z on which the mask holds; ±inf where it reaches the end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return [
        (-np.inf if i == 0 else z[i], np.inf if j == len(z) else z[j - 1])
        for i, j in zip(edges[::2], edges[1::2], strict=True)
    ]


def _interval(low, high):
    if np.isinf(low) and np.isinf(high):
        return "every z"
    if np.isinf(low):
        return f"z < {high:.2f}"
    return f"z > {low:.2f}" if np.isinf(high) else f"{low:.2f} < z < {high:.2f}"


def _derivative_in_words(subject, values):
    """Does the learner's derivative agree with a finite difference of their function?"""
    z = np.linspace(-4, 4, 64)
    mine = subject.slopes(z, **values)
    numeric = central_difference(lambda x: subject.values(x, **values), z)
    gap = np.abs(mine - numeric)
    worst = int(gap.argmax())
    if gap[worst] < 1e-4:
        return "Your derivative agrees with a finite difference of your function everywhere we looked."
    return (
        f"Your derivative and a finite difference of your function differ most at z = {z[worst]:+.2f}: "
        f"yours says {mine[worst]:.4f}, the difference quotient {numeric[worst]:.4f}."
    )


def compare(functions, *, span=5.0):
    """Several functions and their slopes over one another, with a moving reading line.

    functions: registry keys or entries.
    """
    entries = [REGISTRY[f] if isinstance(f, str) else f for f in functions]
    z = np.linspace(-span, span, 301)

    def background(figure):
        axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.05, right=0.87, top=0.88, bottom=0.15, wspace=0.42)
        for ax, name, which in zip(axes, ("value f(z)", "slope f ′(z)"), ("f", "df"), strict=True):
            ends = []
            for e in entries:
                y = getattr(e, which)(z)
                ax.plot(z, y, color=e.color, ls="-" if which == "f" else "--")
                ends.append((e.name, y[-1], e.color))
            ax.set(title=name, xlabel="z", xlim=(-span, span))
            label_ends(ax, ends)
        return axes

    def reading(z):
        at = np.array([z])
        marks, words = [], []
        for ax, which in enumerate(("f", "df")):
            lows = [getattr(e, which)(np.linspace(-span, span, 301)) for e in entries]
            marks.append(Line([z, z], [min(v.min() for v in lows), max(v.max() for v in lows)], MUTED, 1.5, "3 4", ax))
            marks += [Dot(z, getattr(e, which)(at)[0], e.color, 10, ax) for e in entries]
        words = [f"{e.name} {e.f(at)[0]:.3f} (slope {e.df(at)[0]:.3f})" for e in entries]
        return marks, f"At z = {z:+.2f}: {', '.join(words)}."

    sliders = {"z": Slider(np.linspace(-span, span, 81), 2.0, "point z", "{:+.2f}")}
    return Explorer(" and ".join(e.name for e in entries), sliders, background, reading)


def explore_folding(activation="relu", depth=3, rng=0):
    """A square grid sent through two small networks with the same weights, one of them without activations.

    activation: registry key for the right-hand network; depth: layers; rng: seed of the random 2 by 2 weights.
    """
    entry = REGISTRY[activation]
    weights, biases = _plane_maps(depth, rng)
    ticks, fine = np.linspace(-1, 1, 11), np.linspace(-1, 1, 41)
    upright = [np.column_stack([np.full_like(fine, t), fine]) for t in ticks]
    level = [line[:, ::-1] for line in upright]
    corners = np.stack(np.meshgrid(ticks, ticks), axis=-1)
    panels = (REGISTRY["linear"].f, entry.f)

    def journey(points, f, t):
        """Positions after t layers; half a layer is its affine map before the activation."""
        h = points
        for layer in range(int(np.ceil(t))):
            z = h @ weights[layer] + biases[layer]
            part = min(t - layer, 1.0)
            if part < 0.5:
                return h + 2 * part * (z - h)
            h = z + 2 * (part - 0.5) * (f(z) - z)
        return h

    stops = np.arange(0, depth + 0.01, 0.25)
    reached = np.concatenate([journey(corners, f, t).reshape(-1, 2) for f in panels for t in stops])
    centre, reach = (reached.max(0) + reached.min(0)) / 2, np.ptp(reached, axis=0).max() / 2 * 1.06

    def background(figure):
        axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.05, right=0.98, top=0.90, bottom=0.08, wspace=0.12)
        for ax, title in zip(
            axes, ("affine layers only", f"the same layers, each followed by {entry.name}"), strict=True
        ):
            ax.set(title=title, xlim=centre[0] + [-reach, reach], ylim=centre[1] + [-reach, reach])
            ax.set_aspect("equal", adjustable="box")
            ax.axhline(0, color=MUTED, lw=0.8)
            ax.axvline(0, color=MUTED, lw=0.8)
        return axes

    def grid(t):
        marks, areas = [], []
        for ax, f in enumerate(panels):
            for lines, color in ((upright, COOL), (level, WARM)):
                marks.append(Line(*_joined([journey(x if ax else x[[0, -1]], f, t) for x in lines]), color, 1.8, ax=ax))
            areas.append(_cell_areas(journey(corners, f, t)))
        straight, folded = areas
        gone = (folded < 1e-9 * straight.max()).mean()
        sentence = (
            f"After {t:g} of {depth} layers: on the left the largest cell has {straight.max() / straight.min():.3f} × "
            f"the area of the smallest, so the grid is only sheared; on the right {gone:.0%} of the cells are flat."
        )
        return marks, sentence

    sliders = {"t": Slider(stops, 1, "layers applied", "{:g}")}
    return Explorer("A grid on its way through the layers", sliders, background, grid, size=(900, 480))


def _plane_maps(depth, rng):
    """Random affine maps of the plane that neither blow up nor collapse: a turn, a mild stretch and shear, a shift."""
    rng = np.random.default_rng(rng)
    weights, biases = [], []
    for _ in range(depth):
        angle = rng.uniform(0.5, 1.1)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        weights.append(turn @ np.diag(rng.uniform(0.9, 1.3, 2)) @ np.array([[1, rng.uniform(-0.4, 0.4)], [0, 1]]))
        biases.append(rng.uniform(-0.1, 0.6, 2))
    return weights, biases


def _cell_areas(corners):
    a, b = corners[1:, :-1] - corners[:-1, :-1], corners[:-1, 1:] - corners[:-1, :-1]
    return np.abs(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def explore_boundary(left=("linear", 8), right=("relu", 2), data=circles, steps=200, rate=0.01, seed=0):
    """Decision boundaries of two networks of width 32 while they train on the same points.

    left, right: (registry key, number of layers).  data: a function from `actlab.data`.  Needs torch.
    """
    from contourpy import contour_generator

    from actlab.training import Networks

    X, y = data(400, 0)
    reach = 1.25 * np.abs(X).max()
    ticks = np.linspace(-reach, reach, 61)
    plane = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    every = max(steps // 20, 1)
    runs = []
    for key, depth in (left, right):
        nets = Networks([2] + [32] * (depth - 1) + [2], key, seeds=seed + 1, gain=2**0.5 if key == "relu" else 1.0)

        def look(nets):
            scores = nets.predict(plane)[seed]
            return (scores[:, 1] - scores[:, 0]).reshape(61, 61), nets.accuracy(X, y)[seed]

        runs.append(nets.fit(X, y, steps, rate, watch=look, every=every)[1])
    names = [f"{REGISTRY[k].name}, {_layers(d)}" for k, d in (left, right)]

    def background(figure):
        axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.05, right=0.98, top=0.90, bottom=0.10, wspace=0.12)
        for ax, name in zip(axes, names, strict=True):
            scatter_classes(ax, X, y)
            ax.set(title=name, xlim=(-reach, reach), ylim=(-reach, reach))
            ax.set_aspect("equal", adjustable="box")
        return axes

    def boundary(step):
        marks, words = [], []
        for ax, (run, name) in enumerate(zip(runs, names, strict=True)):
            scores, accuracy = run[step // every]
            contours = contour_generator(ticks, ticks, scores)
            areas, _ = contours.filled(0, np.inf)
            if areas:
                marks.append(Area(*_joined(areas), WARM, 0.16, ax))
            if contours.lines(0):
                marks.append(Line(*_joined(contours.lines(0)), INK, 2.5, ax=ax))
            words.append(f"{name}: {_in_words_of_a_line(accuracy)}")
        return marks, f"After {step} steps. {'; '.join(words)}."

    sliders = {"step": Slider(range(0, steps + 1, every), steps, "training step")}
    return Explorer(f"Learning {data.__name__}", sliders, background, boundary, size=(900, 480), exact=False)


def _joined(lines):
    """Several polylines as one, with NaN between them."""
    return np.concatenate([part for line in lines for part in (line, [[np.nan, np.nan]])]).T


def _layers(depth):
    return f"{depth} layer" + "s" * (depth > 1)


def _in_words_of_a_line(accuracy):
    """Accuracy on two balanced classes, coarse enough to be the same on every processor."""
    if accuracy > 0.95:
        return "more than 95 % right"
    return "80 to 95 % right" if accuracy > 0.8 else "under 80 % right, no better than a good straight line"


GAINS = [0.5, 1, 2**0.5, 2, 4, 8, 12, 64]
DEPTHS = [5, 10, 20, 30]


@cache
def _norms(key, depth, gain):
    with np.errstate(all="ignore"):
        return networks.gradient_norms(REGISTRY[key], depth, gain, batch=64)


def explore_gradients(activations=("sigmoid", "tanh", "relu", "linear"), start="sigmoid"):
    """The weight gradient in every layer of an untrained network, for depth, activation and initial gain.

    activations: registry keys to choose from.  Five seeds each, width 64, inputs from N(0, 1).
    """

    def background(figure):
        ax = figure.subplots()
        figure.subplots_adjust(left=0.10, right=0.97, top=0.90, bottom=0.14)
        ax.set(yscale="log", xlim=(0.5, max(DEPTHS) + 0.5), ylim=(1e-20, 1e8))
        ax.set(title="gradient reaching each layer (line: geometric mean, band: 5 seeds)")
        ax.set(xlabel="layer, 1 = nearest the input", ylabel="‖∂loss/∂W‖")
        ax.axhline(1, color=MUTED, lw=1)
        return ax

    def gradients(activation, depth, gain):
        entry = REGISTRY[activation]
        norms = np.clip(_norms(activation, depth, gain), 1e-30, 1e30)
        layers = np.arange(1, depth + 1)
        middle = np.exp(np.log(norms).mean(0))
        factors = (norms[:, 0] / norms[:, -1]) ** (1 / (depth - 1))
        around = np.concatenate([norms.max(0), norms.min(0)[::-1]])
        marks = [
            Area(np.concatenate([layers, layers[::-1]]), around, entry.color, 0.25),
            Line(layers, middle, entry.color, 3),
            Dot(layers, middle, entry.color, 8),
            Text(depth + 0.4, middle[-1], entry.name, entry.color, "start" if depth < 30 else "end"),
        ]
        verdict = "shrinks" if factors.mean() < 0.97 else "grows" if factors.mean() > 1.03 else "holds"
        return marks, (
            f"{entry.name}, {depth} hidden layers, gain {gain:.3g}: going back, the gradient {verdict}, "
            f"× {factors.mean():.2f} per layer (seeds {factors.min():.2f} to {factors.max():.2f}); "
            f"the first layer receives 10^{np.log10(middle[0]):.1f}."
        )

    sliders = {
        "activation": Slider(activations, start),
        "depth": Slider(DEPTHS, 10, "hidden layers"),
        "gain": Slider(GAINS, 1, "initial weight gain g", "{:.3g}"),
    }
    return Explorer("Gradient by layer", sliders, background, gradients, size=(900, 420))


def explore_zigzag(seed=0, n=200):
    """Gradient descent on two weights: all inputs positive (sigmoid outputs) beside centred inputs (tanh outputs).

    Each side runs at a multiple of its own best learning rate, 2/(λ₁ + λ₂).  n inputs, start (-1, -1.5), goal (1, -1).
    """
    goal, origin = np.array([1.0, -1.0]), np.array([-1.0, -1.5])
    u = np.random.default_rng(seed).normal(size=(n, 2))
    panels = [("positive inputs: sigmoid(u)", REGISTRY["sigmoid"]), ("centred inputs: tanh(u)", REGISTRY["tanh"])]
    hessians = [entry.f(u).T @ entry.f(u) / n for _, entry in panels]
    spectra = [np.linalg.eigvalsh(H) for H in hessians]
    shown = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 45]

    def path(H, spectrum, rate):
        points = [origin]
        for _ in range(max(shown)):
            points.append(points[-1] - rate * 2 / spectrum.sum() * H @ (points[-1] - goal))
        return np.array(points)

    def background(figure):
        axes = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.08, right=0.98, top=0.9, bottom=0.14, wspace=0.22)
        w1, w2 = np.meshgrid(np.linspace(-1.8, 2.2, 161), np.linspace(-2.4, 1.0, 161))
        offset = np.stack([w1 - goal[0], w2 - goal[1]], axis=-1)
        for ax, H, spectrum, (title, entry) in zip(axes, hessians, spectra, panels, strict=True):
            loss = np.einsum("...i,ij,...j", offset, H, offset) / 2
            ax.contour(
                w1,
                w2,
                loss,
                levels=spectrum[1] * np.geomspace(0.003, 3, 9),
                colors=entry.color,
                linewidths=0.9,
                alpha=0.55,
            )
            ax.plot(*goal, "*", color=INK, ms=15)
            ax.annotate(
                f"condition number {spectrum[1] / spectrum[0]:.1f}", (0.97, 0.05), xycoords="axes fraction", ha="right"
            )
            ax.annotate("start", origin, xytext=(0, -17), textcoords="offset points", ha="center", fontweight="bold")
            ax.set(title=title, xlabel="$w_1$", ylabel="$w_2$", xlim=(-1.8, 2.2), ylim=(-2.4, 1.0))
        return axes

    def descent(steps, rate):
        marks, words = [], []
        for ax, (H, spectrum, (_, entry)) in enumerate(zip(hessians, spectra, panels, strict=True)):
            points = path(H, spectrum, rate)[: steps + 1]
            left = np.linalg.norm(points[-1] - goal) / np.linalg.norm(origin - goal)
            walked = np.linalg.norm(np.diff(points, axis=0), axis=1).sum() / np.linalg.norm(origin - goal)
            marks += [
                Line(*points.T, entry.color, 2.2, ax=ax),
                Dot(*points.T, entry.color, 7, ax),
                Dot(*points[-1], INK, 12, ax),
            ]
            words.append(
                f"{entry.name} inputs: {left:.1%} of the distance is left, walked {walked:.2f} × the straight line"
            )
        return marks, f"After {steps} steps at {rate:g} × the best rate. {'; '.join(words)}."

    sliders = {
        "steps": Slider(shown, 12, "steps"),
        "rate": Slider([0.25, 0.5, 0.75, 1.0, 1.05], 1.0, "learning rate", "{:g} × best"),
    }
    return Explorer("Zig-zag on two weights", sliders, background, descent, size=(900, 420))
