"""Tables computed in a cell: typeset in a notebook, aligned text elsewhere.

Layer 1.
"""

import html
import re
from dataclasses import dataclass

from actlab.look import LIGHT

LINK = re.compile(r"\[([^]]+)\]\(([^)]+)\)")
SHORT = 16
"""Entries of at most this many characters are never broken into two lines."""

CELL = f"padding:4px 14px 4px 0;text-align:left;vertical-align:top;border:0;border-bottom:1px solid {LIGHT.edge}55"


@dataclass(frozen=True)
class Table:
    """Rows under a head; every entry is text, and `[text](address)` in it is a link.

    The first entry of a row names it.  Rows of another length than the head: ValueError.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self):
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError(f"every row needs {len(self.head)} entries, one for each of {', '.join(self.head)}")

    def __repr__(self):
        rows = [[LINK.sub(r"\1", entry) for entry in row] for row in (self.head, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)

    def _repr_mimebundle_(self, include=None, exclude=None):
        head = "".join(f'<th scope="col" style="{CELL}">{_linked(entry)}</th>' for entry in self.head)
        body = "".join(
            f'<tr><th scope="row" style="{CELL}">{_linked(first)}</th>'
            + "".join(f'<td style="{CELL}{_unbroken(entry)}">{_linked(entry)}</td>' for entry in others)
            + "</tr>"
            for first, *others in self.rows
        )
        style = (
            "border-collapse:collapse;margin:0;font-size:14px;line-height:1.45;white-space:normal;"
            "color:var(--jp-content-font-color1, currentColor)"
        )
        table = f'<table style="{style}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        return {"text/html": table, "text/plain": repr(self)}


def _unbroken(entry):
    return ";white-space:nowrap" if len(LINK.sub(r"\1", entry)) <= SHORT else ""


def _linked(entry):
    return LINK.sub(r'<a href="\2">\1</a>', html.escape(entry))
