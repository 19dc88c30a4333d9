"""What layers do to the plane."""

import numpy as np
from numpy.typing import NDArray

from actlab.activations import REGISTRY
from actlab.figures import COOL, MUTED, WARM
from actlab.live import Explorer, Line, Slider, joined


def explore_folding(activation: str = "relu", depth: int = 3, rng: int = 0) -> Explorer:
    """A square grid sent through two small networks with the same weights, one of them without activations.

    activation: registry key for the right-hand network; depth: layers; rng: seed of the random 2 by 2 weights.
    """
    entry = REGISTRY[activation]
    weights, biases = _plane_maps(depth, rng)
    ticks, fine = np.linspace(-1, 1, 11), np.linspace(-1, 1, 201)
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
        for ax, title in zip(axes, ("affine layers only", f"with {entry.name} after each layer"), strict=True):
            ax.set(title=title, xlim=centre[0] + [-reach, reach], ylim=centre[1] + [-reach, reach])
            ax.set_aspect("equal", adjustable="box")
            ax.axhline(0, color=MUTED, lw=0.8)
            ax.axvline(0, color=MUTED, lw=0.8)
        return axes

    def grid(t):
        marks = []
        for ax, f in enumerate(panels):
            for lines, color in ((upright, COOL), (level, WARM)):
                marks.append(Line(*joined([_turns(journey(x, f, t)) for x in lines]), color, 1.8, ax=ax))
        straight = _cell_areas(journey(corners, panels[0], t))
        folded = np.min([_cell_areas(journey(corners, panels[1], stop)) for stop in stops[stops <= t]], axis=0)
        gone = (folded < 1e-9 * straight.max()).mean()
        sentence = (
            f"After {t:g} of {depth} layers: on the left the largest cell has {straight.max() / straight.min():.3f} × "
            f"the area of the smallest, so the grid is only sheared; on the right {gone:.0%} of the cells are flat."
        )
        return marks, sentence

    sliders = {"t": Slider(stops, 0, "layers applied", "{:g}", play=True)}
    return Explorer("A grid on its way through the layers", sliders, background, grid, size=(900, 420))


def _plane_maps(depth: int, seed: int) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Random affine maps of the plane that neither blow up nor collapse: a turn, a mild stretch and shear, a shift."""
    rng = np.random.default_rng(seed)
    weights, biases = [], []
    for _ in range(depth):
        angle = rng.uniform(0.5, 1.1)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        weights.append(turn @ np.diag(rng.uniform(0.9, 1.3, 2)) @ np.array([[1, rng.uniform(-0.4, 0.4)], [0, 1]]))
        biases.append(rng.uniform(-0.1, 0.6, 2))
    return weights, biases


def _turns(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A polyline without the points (n, 2) at which it goes straight on: a page holds it in a fraction of the size."""
    turns = np.abs(np.diff(points, 2, axis=0)).max(axis=1) > 1e-9
    return points[np.concatenate([[True], turns, [True]])]


def _cell_areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    a, b = corners[1:, :-1] - corners[:-1, :-1], corners[:-1, 1:] - corners[:-1, :-1]
    return np.abs(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
