"""The course's tables: typeset in a notebook, aligned text elsewhere."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actlab.look import LIGHT

LINK = re.compile(r"\[([^]]+)\]\(([^)]+)\)")
SHORT = 16
"""Entries of prose with at most this many characters are never broken into two lines."""

CELL = f"padding:4px 14px 4px 0;text-align:left;vertical-align:top;border:0;border-bottom:1px solid {LIGHT.edge}55"


@dataclass(frozen=True)
class Look:
    """CSS of a table's parts.

    head: of the titles, as the other cells by default.  first: added for a row's name; None where rows have no name.
    prose: whether entries may hold links, and short ones stay on one line.
    """

    table: str = (
        "border-collapse:collapse;margin:0;font-size:14px;line-height:1.45;white-space:normal;"
        "color:var(--jp-content-font-color1, currentColor)"
    )
    cell: str = CELL
    head: str = ""
    first: str | None = ""
    prose: bool = True


@dataclass(frozen=True)
class Table:
    """Rows under a head; every entry is text, and in prose `[text](address)` is a link.

    The first entry of a row names it.  note: a sentence below.  Rows of another length than the head: ValueError.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    look: Look = Look()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError(f"every row needs {len(self.head)} entries, one for each of {', '.join(self.head)}")

    def __repr__(self) -> str:
        return "\n".join([*self.lines(), *filter(None, [self.note])])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.markup(), "text/plain": repr(self)}

    def lines(self, gap: int = 2) -> list[str]:
        """The rows as aligned text, `gap` blanks between columns."""
        rows = [[self._said(entry) for entry in row] for row in (self.head, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return [(" " * gap).join(map(str.ljust, row, widths)).rstrip() for row in rows]

    def markup(self) -> str:
        """The table and its note as HTML."""
        look = self.look
        head = "".join(f'<th scope="col" style="{look.head or look.cell}">{self._shown(e)}</th>' for e in self.head)
        body = "".join(f"<tr>{self._named(row)}</tr>" for row in self.rows)
        note = f'<div class="actlab-note" style="font-size:15px">{html.escape(self.note)}</div>' if self.note else ""
        return f'<table style="{look.table}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}'

    def _named(self, row: Sequence[str]) -> str:
        if self.look.first is None:
            return self._cells(row)
        first, *others = row
        style = self.look.cell + self.look.first
        return f'<th scope="row" style="{style}">{self._shown(first)}</th>{self._cells(others)}'

    def _cells(self, entries: Iterable[str]) -> str:
        return "".join(f'<td style="{self.look.cell}{self._unbroken(e)}">{self._shown(e)}</td>' for e in entries)

    def _unbroken(self, entry: str) -> str:
        return ";white-space:nowrap" * (self.look.prose and len(self._said(entry)) <= SHORT)

    def _said(self, entry: str) -> str:
        return LINK.sub(r"\1", entry) if self.look.prose else entry

    def _shown(self, entry: str) -> str:
        escaped = html.escape(entry)
        return LINK.sub(r'<a href="\2">\1</a>', escaped) if self.look.prose else escaped
