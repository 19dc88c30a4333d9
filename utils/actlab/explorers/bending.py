"""How bending separates: two rings on their way through a small trained network, until one straight cut suffices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actlab import networks
from actlab.activations import relu, relu_derivative, sigmoid
from actlab.data import circles
from actlab.figures import COOL, INK, MUTED, WARM
from actlab.live import Area, Dot, Explorer, Line, Mark, Slider, Text, joined
from actlab.look import LIGHT

Points = NDArray[np.floating]
"""(n, dimensions)."""

POINTS, UNITS, DIRECTIONS = 240, 3, 4000
AFFINE, FOLDED, CUT = 1, 1 + UNITS, 2 + UNITS
"""Where on the slider the affine layer is done, every unit is folded, and the cut is seen from its edge."""

H = ("h₁", "h₂", "h₃")


@dataclass(frozen=True)
class _Network:
    """relu(x W + b) with unit columns W (2, 3) and b (3,); what is inside has `normal` · h < level, |normal| = 1."""

    W: Points
    b: Points
    normal: Points
    level: float

    def hidden(self, x: Points, folds: float = UNITS) -> Points:
        """The points in the space of the units, the first ones folded, the last of these perhaps in part."""
        z = x @ self.W + self.b
        return z + np.clip(folds - np.arange(UNITS), 0, 1) * (relu(z) - z)


@dataclass(frozen=True)
class _Camera:
    """An orthographic view of the space of the units, with `up` upwards and the axis of h₂ leading away."""

    up: Points

    @property
    def away(self) -> Points:
        along = np.array([-0.3, 1.0, 0.0])
        flat = along - along @ self.up * self.up
        return np.asarray(flat / np.linalg.norm(flat))

    @property
    def right(self) -> Points:
        return np.cross(self.away, self.up)

    def look(self, h: Points, t: float) -> Points:
        """Where points (n, 3) are on the screen: from above until all is folded, then from the edge of the cut."""
        left = np.clip(CUT - t, 0, 1)
        lift, zoom = np.deg2rad(38) * left, 1.6 - 0.6 * left
        height = h @ self.up * np.cos(lift) + h @ self.away * np.sin(lift)
        return zoom * np.stack([h @ self.right, height - 0.3], axis=-1)


def explore_bending() -> Explorer:
    """The circles pass through a ReLU network of three hidden units, which is trained for them on the spot.

    The way is continuous: the input; the affine layer, which lays the plane into the space of its three units; ReLU,
    one unit after the other; the cut of the output unit, seen from its edge.  Two hidden units could not do it: where
    no layer is wider than the input, what a network calls inside is never bounded.
    Source: Johnson (2019), "Deep, skinny neural networks are not universal approximators".
    """
    X, y = circles(POINTS)
    net = _trained(X, y)
    camera = _Camera(net.normal)
    stops = np.linspace(0, CUT, 10 * CUT + 1).round(1).tolist()
    by_folds = [_best_cut(X, y), *(_best_cut(net.hidden(X, k), y) for k in range(1, UNITS + 1))]
    # What a straight cut can do is changed by no affine map, and by a fold as soon as it begins.
    share = {t: by_folds[int(np.clip(np.ceil(t - AFFINE), 0, UNITS))] for t in stops}
    bends = [stop for i, stop in enumerate(stops) if len({share[s] for s in stops[max(i - 1, 0) : i + 2]}) > 1] + [CUT]
    correct = int(((net.hidden(X) @ net.normal < net.level) == y).sum())

    def seen(x, t):
        part = min(t, AFFINE)
        return (1 - part) * x + part * camera.look(net.hidden(x, t - AFFINE), t)

    def background(figure):
        left, right = axes = figure.subplots(1, 2, width_ratios=[3, 2])
        figure.subplots_adjust(left=0.01, right=0.97, top=0.89, bottom=0.1, wspace=0.22)
        left.set(xlim=(-1.95, 1.95), ylim=(-1.35, 1.5))
        left.set_aspect("equal", adjustable="box")
        left.axis("off")
        right.set(title="correct with one straight cut", xlim=(-0.2, CUT + 0.2), ylim=(0.45, 1.03))
        right.set_xticks(range(CUT + 1), ["input", "affine", *(f"fold {h}" for h in H), "cut"])
        percent = np.linspace(0.5, 1, 6)
        right.set_yticks(percent, [f"{s:.0%}" for s in percent])
        return axes

    def journey(t):
        lines, names = _axes(camera, t) if t >= AFFINE else ([], [])
        marks = [Line(*joined([seen(ring, t) for ring in _rings()]), LIGHT.edge, 1), *lines]
        if t > FOLDED:
            marks += _plane(camera, net.level, t)
        for label, color in ((0, COOL), (1, WARM)):
            marks.append(Dot(*seen(X[y == label], t).T, color, 6.5, square=bool(label)))
        gone = np.minimum(bends, t).tolist()  # always as many points: frames that differ in numbers alone are small
        marks += [Line([0, *gone], [share[stop] for stop in (0, *gone)], INK, ax=1), Dot(t, share[t], INK, ax=1)]
        stage, words = told(t)
        return [*marks, *names, Text(-1.95, 1.58, stage, INK, "start", 17)], words

    def told(t):
        """The stage in a few words, and the whole sentence."""
        found = f"gets {share[t]:.1%} of them right"
        if t == 0:
            return "input: two rings in the plane", (
                f"The input: {POINTS} points on two rings. The best straight cut {found}."
            )
        if t <= AFFINE:
            return "affine: into the space of 3 units", (
                f"The affine layer turns and tilts the plane in the space of its {UNITS} units, and bends nothing: "
                f"the best straight cut of the {POINTS} points still {found}."
            )
        if t <= FOLDED:
            unit = int(np.ceil(t - AFFINE)) - 1
            below = int((net.hidden(X, 0)[:, unit] < 0).sum())
            return f"ReLU: what is below 0 in {H[unit]} goes to 0", (
                f"ReLU folds the plane along the line {H[unit]} = 0: the {below} of {POINTS} points that lie below 0 "
                f"go up to 0. The best straight cut of all now {found}."
            )
        return "the cut, seen from its edge", (
            f"The output unit cuts straight through the space of the {UNITS} units. Seen from the edge of its cut, the "
            f"inner ring lies below and the outer one above: {correct} of {POINTS} points are right."
        )

    sliders = {"t": Slider(stops, 0, "way through the network", "{:g}", play=True)}
    title = "Two rings on their way through a network"
    return Explorer(title, sliders, background, journey, size=(900, 420), exact=False)


def _trained(X: Points, y: NDArray[np.integer]) -> _Network:
    """300 steps of gradient descent with momentum on the cross-entropy, from a start that ends with three folds."""
    weights, biases = networks.initialise([2, UNITS, 1], 1.0, 1)
    parameters = [*weights, *biases]
    speed = [np.zeros_like(p) for p in parameters]
    for _ in range(300):
        hs, zs = networks.forward(X, weights, biases, relu)
        upstream = (sigmoid(zs[-1]) - y[:, None]) / len(X)
        hidden = upstream @ weights[1].T * relu_derivative(zs[0])
        slopes = networks.backward(hs, zs, weights, relu_derivative, upstream)
        slopes += [hidden.sum(0), upstream.sum(0)]
        for p, v, slope in zip(parameters, speed, slopes, strict=True):
            v += slope - 0.1 * v
            p -= v
    (W, out), (b, level) = weights, biases
    # relu(s z) = s relu(z): a unit's size can move into the cut, and all three are drawn on one scale.
    size = np.linalg.norm(W, axis=0)
    normal = -size * out[:, 0]
    length = np.linalg.norm(normal)
    return _Network(W / size, b / size, normal / length, float(level[0] / length))


def _rings() -> list[Points]:
    """The rings without their noise."""
    angle = np.linspace(0, 2 * np.pi, 41)
    return [radius * np.column_stack([np.cos(angle), np.sin(angle)]) for radius in (0.5, 1)]


def _axes(camera: _Camera, t: float) -> tuple[list[Mark], list[Mark]]:
    """The axes of the units as lines, and their names, which stand before the points."""
    lines: list[Mark] = []
    names: list[Mark] = []
    for name, end in zip(H, np.eye(UNITS), strict=True):
        origin, tip, beyond = camera.look(np.outer([0, 1.4, 1.5], end), t)
        lines.append(Line([origin[0], tip[0]], [origin[1], tip[1]], LIGHT.edge, 1.2))
        names.append(Text(beyond[0], beyond[1], name, MUTED))
    return lines, names


def _plane(camera: _Camera, level: float, t: float) -> list[Mark]:
    """A piece of the cut's plane; from its edge a line."""
    corners = 1.1 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)])
    x, y = camera.look(level * camera.up + corners @ [camera.right, camera.away], t).T
    return [Area(x, y, INK, 0.1), Line(x, y, INK, 2)]


def _best_cut(points: Points, y: NDArray[np.integer]) -> float:
    """The share of points right of the best cut by a line or a plane, among many directions and at every place."""
    k = np.arange(DIRECTIONS) + 0.5
    if points.shape[1] == 2:
        directions = np.stack([np.cos(np.pi * k / DIRECTIONS), np.sin(np.pi * k / DIRECTIONS)])
    else:  # a spiral over half a sphere, by the golden ratio
        height, angle = k / DIRECTIONS, np.pi * (1 + 5**0.5) * k
        flat = np.sqrt(1 - height**2)
        directions = np.stack([flat * np.cos(angle), flat * np.sin(angle), height])
    ahead = np.cumsum(2 * y[np.argsort(points @ directions, axis=0)] - 1, axis=0)  # ones minus zeros before the cut
    return float(max(ahead.max() + (y == 0).sum(), (y == 1).sum() - ahead.min()) / len(y))
