"""The explorer as HTML: sliders, picture and sentence at their start; pure functions from values to text."""

from __future__ import annotations

import base64
import html
import textwrap
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from actlab import figures
from actlab.learner import marked_up
from actlab.live.sliders import Choice, Slider
from actlab.look import FACE, LIGHT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "sigma": "σ", "scale": "input spread s"}

_OVERLAY = "position:absolute;left:0;top:0;width:100%;height:100%;max-width:none;margin:0"

_BUTTON = (
    "flex:0 0 auto;align-self:flex-end;display:flex;align-items:center;justify-content:center;width:34px;height:26px;"
    f"margin:0;padding:0;border:1px solid {LIGHT.edge};border-radius:4px;background:#fff;color:{figures.COOL};"
    "cursor:pointer"
)

Size = tuple[int, int]
"""Width and height in CSS pixels."""


def varying(text: str, exact: bool) -> str:
    """The text; between two comments, which verification skips, where it differs from processor to processor."""
    return text if exact else f"<!--varies-->{text}<!--/varies-->"


def background(figure: Figure) -> str:
    """The picture under the marks.  Its alt text is empty: the marks' own label says it all."""
    return figures.img(figure, "", "display:block;width:100%;max-width:none;height:auto;margin:0")


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
        f'height:26px;margin:0;accent-color:{figures.COOL}">'
        f'<output aria-live="off" style="flex:0 0 auto;min-width:5em;font-weight:600">{texts[at]}</output></label>'
        + button
        * play
    )


def _choice(label: str, texts: list[str], at: int) -> str:
    """Radio buttons without a name: the script gives one, so that two pictures on a page never share it."""
    radio = f'<input type="radio" disabled style="margin:0;width:16px;height:16px;accent-color:{figures.COOL}"'
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


def box(
    title: str,
    size: Size,
    controls: str,
    picture: str,
    start: list[tuple[str, str]],
    spoken: str,
    digest: str | None,
    still: str = "",
    note: str = "",
    key: str = "",
) -> str:
    """The whole explorer, not yet moving.

    start: (SVG, sentence) of each layer.  spoken: what a screen reader says of the picture.  digest: of the background;
    None where frames differ from processor to processor.  key: of the widget that takes this page's place.
    """
    width, height = size
    groups = "".join(f'<g data-layer="{k}">{svg}</g>' for k, (svg, _) in enumerate(start))
    sentences = [f'<span data-layer="{k}">{html.escape(s)}</span>' for k, (_, s) in enumerate(start)]
    mark = "" if digest is None else f' data-digest="{digest}"'
    mark += f' data-live="{key}"' if key else ""
    return (
        f'<div class="actlab-explorer" role="group" aria-label="{html.escape(title)}"{mark} '
        f'style="max-width:{width}px;background:#fff;color:{figures.INK};padding:10px 12px;'
        f'font:15px/1.45 {FACE};box-sizing:border-box">{controls}'
        f'<div style="position:relative;margin:6px 0">{picture}'
        f'<svg role="img" aria-label="{html.escape(spoken)}" viewBox="0 0 {width} {height}" '
        f'style="{_OVERLAY}">{varying(groups, digest is not None)}</svg>{still}</div>'
        f'<div role="status" style="min-height:3em">{" ".join(reversed(sentences))}</div>{note}</div>'
    )


def still(size: Size, start: list[tuple[str, str]], exact: bool) -> str:
    """The marks at the start as an image: what remains where a page drops inline SVG, as untrusted notebooks do."""
    width, height = size
    drawn = "".join(svg for svg, _ in start)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{drawn}</svg>'
    data = base64.b64encode(svg.encode()).decode()
    return varying(f'<img data-asleep alt="" src="data:image/svg+xml;base64,{data}" style="{_OVERLAY}">', exact)


def wake(data: str, exact: bool) -> str:
    """The frames and the script that moves the marks, below a note for pages on which no script may run.

    Every `<` is escaped in the data: a sentence that contains `</script>` or `<!--` would end the element, or its end.
    """
    frames = varying(data.replace("<", "\\u003c"), exact)
    return (
        "<small data-asleep>Run this cell, or trust the notebook, to move the sliders.</small>"
        f'<script type="application/json">{frames}</script>'
        f"<script>(() => {{{script('explorer.js')}\n"
        "const root = document.currentScript.parentNode;\n"
        'const data = root.querySelector("script").textContent.replace(/<!--.*?-->/g, "");\n'
        "mount(root, JSON.parse(data));\n"
        'root.dispatchEvent(new Event("actlab-woken", { bubbles: true }));\n})()</script>'
    )


def message(size: Size, sentence: str) -> str:
    """A sentence in place of the marks, as SVG."""
    width, height = size
    lines = textwrap.wrap(sentence, int(width / 11.5))
    top = height / 2 - 13 * len(lines)
    spans = "".join(
        f'<tspan x="{width / 2:.0f}" y="{top + 26 * (i + 0.7):.0f}">{html.escape(t)}</tspan>'
        for i, t in enumerate(lines)
    )
    veil = f'<rect width="{width}" height="{height}" fill="#fff" opacity=".9"/>'
    style = f"font:17px {FACE}"
    return f'{veil}<text text-anchor="middle" fill="{figures.INK}" style="{style}">{spans}</text>'


def card(title: str, sentence: str) -> str:
    """What stands where a picture cannot be."""
    return (
        f'<div class="actlab-explorer" role="group" aria-label="{html.escape(title)}" style="max-width:900px;'
        f"background:#fff;color:{figures.INK};border:1px solid {LIGHT.rule};border-left:6px solid {figures.MUTED};"
        f'padding:14px 18px;box-sizing:border-box;font:15px/1.5 {FACE}">'
        f"<strong>{html.escape(title)}</strong><br>{marked_up(sentence)}<br>"
        "Run this cell again afterwards, and the picture is here.</div>"
    )


@cache
def script(name: str) -> str:
    """The text of a script of this package."""
    return (files("actlab.live") / name).read_text(encoding="utf-8")
