"""What somebody wrote in Markdown, with formulas, as HTML that holds no link, no picture and no code to run.

Texts come from submissions: how long they take, and how large they get, has a bound.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache, lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

if TYPE_CHECKING:
    from collections.abc import MutableSequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

LONGEST = 6_000
LONGEST_FORMULA = 1_000
LARGEST = 100_000
"""Characters of HTML: a table of few rows can stand for many more cells than it writes."""

_TAG = re.compile(
    "math|mfrac|mi|mn|mo|mover|mpadded|mphantom|mroot|mrow|mspace|msqrt|mstyle|msub|msubsup|msup|mtable|mtd|mtext|mtr"
    "|munder|munderover"
)
ATTRIBUTES = {
    **dict.fromkeys(
        ("accent", "displaystyle", "fence", "largeop", "movablelimits", "separator", "stretchy"), "true|false"
    ),
    "columnalign": "(left|center|right)( (left|center|right))*",
    "form": "prefix|infix|postfix",
    "linethickness": "0(px|em|pt)?",
    "lspace": r"0?(\.\d+)?(em)?",
    "mathvariant": "normal",
    "rspace": r"0?(\.\d+)?(em)?",
    "scriptlevel": r"\+?[0-3]",
    "width": r"[0-2]?(\.\d+)?em",
}
"""What an element of a formula may say: attribute -> the pattern of its values.  No colour, no size, no address."""

_DEFINES = re.compile(r"\\(?:re|provide)?(?:new|def|let|[gex]def|global|declare|require|input|include)", re.IGNORECASE)
_ALIGNED = re.compile(r"\\(begin|end)\s*\{(?:aligned|split|gathered|align|eqnarray|gather|equation)\*?\}")


@lru_cache(8192)
def typeset(text: str) -> str:
    """The text as HTML; as it was written where it is too long or gets too large, or where typesetting fails."""
    if len(text) > LONGEST:
        return plain(text)
    markdown = _markdown()
    try:
        html = markdown.render(text)
    except Exception:  # what no text is known to bring about costs its looks, and no page
        return plain(text)
    return html if len(html) <= LARGEST else plain(text)


def plain(text: str) -> str:
    """The text as HTML that shows it as it was written."""
    return f"<pre>{escape(text)}</pre>\n"


def mathml(formula: str, *, display: bool = False) -> str:
    """A formula of LaTeX as MathML; as it was written where it is too long, defines something, or cannot be read."""
    from latex2mathml.converter import Converter

    mark = "$$" if display else "$"
    if len(formula) <= LONGEST_FORMULA and not _DEFINES.search(formula):
        with suppress(Exception):  # of the library, for what is no LaTeX: a dozen kinds
            converter = Converter(display="block" if display else "inline")
            return _written(converter.convert_to_element(_ALIGNED.sub(r"\\\1{align*}", formula)))
    return f"<code>{escape(f'{mark}{formula}{mark}')}</code>"


def _written(element: Element) -> str:
    """The element as a text of HTML.  Errors: ValueError for one that is not known."""
    if not _TAG.fullmatch(element.tag):
        raise ValueError(element.tag)
    if element.tag == "math":
        said = ' display="block"' if element.get("display") == "block" else ""
    else:
        said = "".join(f' {name}="{value}"' for name, value in element.items() if _is_fine(name, value))
    inside = escape(unescape(element.text or "")) + "".join(map(_written, element))
    return f"<{element.tag}{said}>{inside}</{element.tag}>{escape(unescape(element.tail or ''))}"


def _is_fine(name: str, value: str) -> bool:
    return name in ATTRIBUTES and bool(re.fullmatch(ATTRIBUTES[name], value))


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    made = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
    dollarmath_plugin(
        made,
        allow_labels=False,
        allow_digits=False,
        allow_blank_lines=False,
        double_inline=True,
        renderer=lambda formula, options: mathml(formula, display=options["display_mode"]),
    )
    made.core.ruler.push("tame", _tame)
    return made


def _tame(state: StateCore) -> None:
    """Headings become bold paragraphs, links their text and address, pictures what they are called."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "p"
            token.attrs = {"class": "heading"} if token.nesting == 1 else {}
        if token.children:
            token.children = _without_links(token.children)


def _without_links(tokens: MutableSequence[Token]) -> list[Token]:
    from markdown_it.token import Token

    kept: list[Token] = []
    address = ""
    for token in tokens:
        if token.type == "link_open":
            address = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            shown = "".join(one.content for one in kept[-1:])
            kept += [Token("text", "", 0, content=f" ({address})")] * (shown != address)
        elif token.type == "image":
            kept.append(Token("text", "", 0, content=f"[picture: {token.content or 'without words'}]"))
        else:
            kept.append(token)
    return kept


def is_plain(html: str) -> bool:
    """Whether typesetting has left a text as it was written: paragraphs and lines alone."""
    return not re.search(r"<(?!/?p>|br />|/?pre>)", html)
