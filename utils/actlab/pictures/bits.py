"""Lesson 08: how far from 0 each formula holds in the formats that networks are trained in."""

from __future__ import annotations

import math

from actlab import figures
from actlab.figures import COOL, INK, MUTED, WARM, Picture
from actlab.precision import FARTHEST, FORMATS, FORMULAS, survey

FORMAT_LOOK = {"float32": (MUTED, "o", "●"), "bfloat16": (WARM, "s", "■"), "float16": (COOL, "D", "◆")}
"""Colour and marker of each format, and the sign that looks like the marker."""

ROW, BETWEEN = 1.0, 1.4
"""Distance of two formats of one formula, and of two formulas beyond that."""


def where_formulas_break() -> Picture:
    """Distance from 0 at which each formula is first off by more than 10 %: as written, and in its better form.

    Computed in torch on this machine's processor, by `precision.survey`.
    """
    found = survey()
    with figures.style():
        figure = figures.new_figure((900, 530))
        ax = figure.subplots()
        figure.subplots_adjust(left=0.235, right=0.97, top=0.93, bottom=0.105)
        places = [k * (len(FORMATS) * ROW + BETWEEN) for k in range(len(FORMULAS))]
        named: dict[float, float] = {}  # the number last written at a formula: one close to it would lie upon it
        for shift, name in enumerate(FORMATS):
            color, marker, _ = FORMAT_LOOK[name]
            for place, (plain, better) in zip(places, found[name], strict=True):
                y = place + (shift - 1) * ROW
                near, far = (min(z, FARTHEST) for z in (plain, better))
                ax.plot([near, far], [y, y], color=color, lw=1.6, alpha=0.55)
                ax.plot(far, y, marker if math.isfinite(better) else ">", color=color, mfc="white", ms=6)
                if math.isfinite(plain):
                    ax.plot(near, y, marker, color=color, ms=6)
                    if abs(math.log(plain / named.get(place, 1e-9))) > 0.2:
                        named[place] = plain
                        ax.annotate(
                            f"{plain:.3g}",
                            (near, y),
                            xytext=(-7, 0),
                            textcoords="offset points",
                            ha="right",
                            va="center",
                            fontsize=8.5,
                            color=color,
                        )
        ax.set_yticks(places, [f"{one.written}, z {'<' if one.side < 0 else '>'} 0" for one in FORMULAS], color=INK)
        ax.tick_params(axis="y", length=0)
        ax.invert_yaxis()
        ax.grid(axis="y", visible=False)
        ax.set(xscale="log", xlim=(0.7, 1.25 * FARTHEST))
        ax.set_xlabel("|z| from which it is off by more than 10 %; filled: as written, white: in a better form")
        ax.set_xticks([1, 2, 5, 10, 20, 50, 100, 1000], ["1", "2", "5", "10", "20", "50", "100", "never"])
        ax.minorticks_off()
        formats = ", ".join(f"{glyph} {name}" for name, (_, _, glyph) in FORMAT_LOOK.items())
        ax.set_title(f"Where each formula breaks: {formats}")
    return Picture(figure, _said(found))


def _said(found: dict[str, list[tuple[float, float]]]) -> str:
    def far(z: float) -> str:
        return f"{z:.3g}" if math.isfinite(z) else "never"

    told = [
        f"{one.written}, z {'<' if one.side < 0 else '>'} 0: "
        + ", ".join(f"{name} {far(found[name][k][0])}, then {far(found[name][k][1])}" for name in FORMATS)
        for k, one in enumerate(FORMULAS)
    ]
    return (
        f"The |z| at which each formula is off by more than 10 %, as written, then in a better form. {'; '.join(told)}."
    )
