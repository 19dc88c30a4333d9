"""The explorer as HTML: sliders, picture and sentence at their start; pure functions from values to text."""

from __future__ import annotations

import html
import re
import textwrap
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from actlab import figures, look, narrow
from actlab.learner import marked_up
from actlab.live.marks import SPLIT
from actlab.live.sliders import Choice, Slider
from actlab.look import FACE, LIGHT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "sigma": "σ", "scale": "input spread s"}

ASLEEP = "Run this cell, or trust the notebook, to move the sliders."
"""What a notebook says below an explorer whose script may not run; another page has something else to say."""

SCRIPTLESS = "The sliders need JavaScript."
"""What every other page says in its place."""

ACCENT = f"var(--actlab-accent,{LIGHT.cool})"

_OVERLAY = "position:absolute;left:0;top:0;width:100%;height:100%;max-width:none;margin:0"

_BUTTON = (
    "flex:0 0 auto;align-self:flex-end;display:flex;align-items:center;justify-content:center;width:34px;height:26px;"
    f"margin:0;padding:0;border:1px solid {LIGHT.edge};border-radius:4px;background:transparent;color:{ACCENT};"
    "cursor:pointer"
)


def varying(text: str, exact: bool) -> str:
    """The text; between two comments, which verification skips, where it differs from processor to processor."""
    return text if exact else f"<!--varies-->{text}<!--/varies-->"


def phone(figure: Figure, panels: list[figures.Panel]) -> dict[str, Any] | None:
    """What explorer.js needs to show a drawn figure of one wide panel on a phone; None for one that needs nothing.

    An aspect ratio moves axes in ways that marks could not follow.
    """
    if len(panels) > 1 or panels[0].width <= narrow.WIDE or any(ax.get_aspect() != "auto" for ax in figure.axes):
        return None
    with figures.style():
        small = narrow.narrowed(figure, figures.sheet)
    height = round(100 * small.figure.get_figheight())
    return squeezed(figures.source(figures.drawn(small.figure)), height, small.squeeze, small.shift, small.drop)


def squeezed(source: str, height: float, squeeze: float, shift: float, drop: float) -> dict[str, Any]:
    """What explorer.js needs of a picture for a phone.  source: its address; the others as in `narrow.Narrowed`."""
    matrix = [round(part, 4) for part in (squeeze, 0, 0, 1, shift, drop)]
    return {"media": narrow.MEDIA, "source": source, "view": f"0 0 {narrow.PHONE} {height:g}", "matrix": matrix}


def control(name: str, slider: Slider, kept: list[int]) -> str:
    """A slider, or a row of radio buttons, with its label.  kept: which of its positions the page offers."""
    label = html.escape(slider.label or GREEK.get(name, name))
    texts = [html.escape(slider.texts[j]) for j in kept]
    at = kept.index(slider.start_index)
    inside = _choice(label, texts, at) if isinstance(slider, Choice) else _slider(label, texts, at, slider.play)
    return f'<div data-slider="{html.escape(name)}" style="display:flex;gap:10px;margin:2px 0">{inside}</div>'


def _slider(label: str, texts: list[str], at: int, play: bool) -> str:
    button = (
        f'<button type="button" disabled aria-label="Play: {label}" style="{_BUTTON}">'
        '<svg viewBox="0 0 16 16" width="14" height="14" fill="currentColor" aria-hidden="true">'
        '<path d="M3 1l11 7-11 7z"/></svg></button>'
    )
    return (
        '<label style="flex:0 1 auto;min-width:0;display:flex;flex-wrap:wrap;align-items:center;gap:2px 12px">'
        f'<span style="flex:0 0 auto;min-width:12.5em">{label}</span>'
        f'<input type="range" disabled min="0" max="{len(texts) - 1}" step="1" value="{at}" '
        f'aria-valuetext="{texts[at]}" data-prevent-swipe style="flex:1 1 12em;width:520px;max-width:520px;min-width:0;'
        f'height:26px;margin:0;accent-color:{ACCENT}">'
        f'<output aria-live="off" style="flex:0 0 auto;min-width:5em;font-weight:600">{texts[at]}</output></label>'
        f"{button if play else ''}"
    )


def _choice(label: str, texts: list[str], at: int) -> str:
    """Radio buttons without a name: the script gives one, so that two pictures on a page never share it."""
    radio = f'<input type="radio" disabled style="margin:0;width:16px;height:16px;accent-color:{ACCENT}"'
    options = "".join(
        f'<label style="display:flex;align-items:center;gap:6px;min-height:26px">{radio}{" checked" * (j == at)}>'
        f"<span>{text}</span></label>"
        for j, text in enumerate(texts)
    )
    return (
        '<fieldset style="flex:1;display:flex;flex-wrap:wrap;gap:2px 12px;min-width:0;margin:0;padding:0;border:0">'
        # Floating, a legend takes part in its fieldset's layout.
        '<legend style="float:left;flex:0 0 auto;width:auto;min-width:12.5em;margin:0;padding:2px 0 0;font:inherit">'
        f'{label}</legend><div style="flex:1 1 12em;display:flex;flex-wrap:wrap;gap:2px 16px">{options}</div>'
        "</fieldset>"
    )


def picture(
    panels: list[figures.Panel], height: int, start: list[tuple[str, str]], spoken: str, exact: bool, still: bool
) -> str:
    """The panels with the marks of each at the start.

    start: (SVG, sentence) of each layer.  spoken: what a screen reader says of the picture.  still: the marks also as
    an image, which remains where a page drops inline SVG, as untrusted notebooks do.
    """
    frames = [svg.split(SPLIT) for svg, _ in start]
    boxes = []
    for p, panel in enumerate(panels):
        named = 'aria-hidden="true"' if p else f'role="img" aria-label="{html.escape(spoken)}"'
        view = f'viewBox="{panel.left:g} 0 {panel.width:g} {height}"'
        groups = "".join(f'<g data-layer="{k}">{frame[p]}</g>' for k, frame in enumerate(frames))
        marks = f'<svg {named} {view} style="{_OVERLAY};overflow:visible">{varying(groups, exact)}</svg>'
        if still:
            address = figures.vector_source("".join(frame[p] for frame in frames), panel.left, panel.width, height)
            image = f'<img data-asleep alt="" src="{address}" style="{_OVERLAY}">'
            marks += varying(image, exact)
        boxes.append(panel.box(figures.img(panel.source, "") + marks))
    return figures.row("".join(boxes))


def box(
    title: str,
    width: int,
    controls: str,
    picture: str,
    start: list[tuple[str, str]],
    digest: str | None,
    note: str,
    key: str = "",
) -> str:
    """The whole explorer, not yet moving.

    start: (SVG, sentence) of each layer.  digest: of the background; None where frames differ from processor to
    processor.  key: of the widget that takes this page's place.
    """
    sentences = [f'<span data-layer="{k}">{html.escape(s)}</span>' for k, (_, s) in enumerate(start)]
    mark = "" if digest is None else f' data-digest="{digest}"'
    mark += f' data-live="{key}"' if key else ""
    return (
        f'<div class="actlab-explorer" role="group" aria-label="{html.escape(title)}"{mark} '
        f'style="max-width:{width}px;{look.picture()};padding:10px 12px;font:15px/1.45 {FACE};box-sizing:border-box">'
        f'{look.night()}{controls}<div style="margin:6px 0">{picture}</div>'
        f'<div role="status" style="min-height:3em">{" ".join(reversed(sentences))}</div>{note}</div>'
    )


def wake(data: str, exact: bool) -> str:
    """The frames and the script that moves the marks, below a note for pages on which no script may run.

    Every `<` is escaped in the data: a sentence that contains `</script>` or `<!--` would end the element, or its end.
    """
    frames = varying(data.replace("<", "\\u003c"), exact)
    return (
        f"<small data-asleep>{ASLEEP}</small>"
        f'<script type="application/json">{frames}</script>'
        f"<script>(() => {{{script('explorer.js')}\n"
        "const root = document.currentScript.parentNode;\n"
        'const data = root.querySelector("script").textContent.replace(/<!--.*?-->/g, "");\n'
        "mount(root, JSON.parse(data));\n"
        'root.dispatchEvent(new Event("actlab-woken", { bubbles: true }));\n})()</script>'
    )


def message(panels: list[figures.Panel], height: int, sentence: str) -> str:
    """A sentence in place of the marks, as SVG: in the widest panel, and the others are veiled as well."""
    widest = max(panels, key=lambda panel: panel.width)
    lines = textwrap.wrap(sentence, int(min(widest.width, narrow.PHONE) / 11.5))
    middle, top = widest.left + widest.width / 2, height / 2 - 13 * len(lines)
    spans = "".join(
        f'<tspan x="{middle:.0f}" y="{top + 26 * (i + 0.7):.0f}">{html.escape(t)}</tspan>' for i, t in enumerate(lines)
    )
    text = f'<text text-anchor="middle" fill="{figures.INK}" style="font:17px {FACE}">{spans}</text>'
    veil = '<rect x="{:g}" width="{:g}" height="{}" fill="#fff" opacity=".9"/>'
    return SPLIT.join(veil.format(p.left, p.width, height) + text * (p is widest) for p in panels)


def drawing(title: str, sentence: str, size: tuple[int, int], content: str) -> str:
    """An SVG file of what SVG stands in `content`, with its sentence for whoever does not see it."""
    width, height = size
    words = f"<title>{html.escape(title)}</title><desc>{html.escape(sentence)}</desc>"
    seen = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {seen}>{words}{content}</svg>\n'


def card(title: str, sentence: str) -> str:
    """What stands where a picture cannot be."""
    return (
        f'<div class="actlab-explorer" role="group" aria-label="{html.escape(title)}" style="max-width:900px;'
        f"{look.picture()};border:1px solid {LIGHT.rule};border-left:6px solid {figures.MUTED};"
        f'padding:14px 18px;box-sizing:border-box;font:15px/1.5 {FACE}">'
        f"{look.night()}<strong>{html.escape(title)}</strong><br>{marked_up(sentence)}<br>"
        "Run this cell again afterwards, and the picture is here.</div>"
    )


@cache
def script(name: str) -> str:
    """The text of a script of this package, without the remarks and indents that every page would carry."""
    text = (files("actlab.live") / name).read_text(encoding="utf-8")
    return re.sub(r"^\s+|/\*.*?\*/\s*", "", text, flags=re.DOTALL | re.MULTILINE)
