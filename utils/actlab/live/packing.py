"""Many similar texts as a few templates and the numbers in which they differ.

Hundreds of frames of one layer are the same SVG but for their coordinates: kept as rows of numbers they are a fraction
of the size, which is what lets a saved notebook carry them.  A row keeps numbers as text, so nothing is rounded and
"1.0" stays "1.0"; it is one string rather than a list, in which JSON would quote every number.
"""

import re
from collections.abc import Iterable, Sequence

_RAISED = "[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
_NUMBER = re.compile(rf"-?\d+(?:\.\d+)?|⁻?{_RAISED}(?:·{_RAISED})?")
_HOLE = "\x01"
"""Where a number goes: a character that no frame contains."""


def pack(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Templates and rows such that `unpack(templates, row)` gives each text back.

    A row is "template number number ...": one string, numbers as they stood.  A number that is the same in every text
    of a template belongs to the template.  The script explorer.js holds the twin of `unpack`.
    """
    skeletons = [_NUMBER.sub(_HOLE, text) for text in texts]
    numbers = [_NUMBER.findall(text) for text in texts]
    # Texts whose skeletons agree have the same holes: their numbers form a table, one column for each hole.
    columns: dict[str, list[list[str]]] = {}
    for skeleton, found in zip(skeletons, numbers, strict=True):
        columns.setdefault(skeleton, []).append(found)
    templates: list[str] = []
    changing: dict[str, tuple[int, list[bool]]] = {}
    for skeleton, table in columns.items():
        varies = [len(set(column)) > 1 for column in zip(*table, strict=True)]
        changing[skeleton] = len(templates), varies
        templates.append(_filled(skeleton, (_HOLE if v else n for v, n in zip(varies, table[0], strict=True))))
    rows = []
    for skeleton, found in zip(skeletons, numbers, strict=True):
        index, varies = changing[skeleton]
        rows.append(" ".join([str(index), *(n for n, v in zip(found, varies, strict=True) if v)]))
    return templates, rows


def unpack(templates: Sequence[str], row: str) -> str:
    """The text that `pack` stored in this row."""
    index, *numbers = row.split(" ")
    return _filled(templates[int(index)], numbers)


def _filled(template: str, parts: Iterable[str]) -> str:
    """The template with the next part in each hole."""
    left = iter(parts)
    return re.sub(_HOLE, lambda _: next(left), template)
