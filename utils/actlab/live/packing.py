"""Many similar texts as a few templates and the numbers in which they differ."""

import re

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_HOLE = "\x01"


def pack(texts):
    """Templates and rows such that `unpack(templates, row)` gives each text back.

    A row is "template number number ...": one string, numbers as they stood.  A number that is the same in every text
    of a template belongs to the template.  The script explorer.js holds the twin of `unpack`.
    """
    skeletons = [_NUMBER.sub(_HOLE, text) for text in texts]
    columns = {}
    for skeleton, text in zip(skeletons, texts, strict=True):
        columns.setdefault(skeleton, []).append(_NUMBER.findall(text))
    templates, changing = [], {}
    for skeleton, table in columns.items():
        varies = [len(set(column)) > 1 for column in zip(*table, strict=True)]
        fixed = iter(zip(varies, table[0], strict=True))
        changing[skeleton] = len(templates), varies
        templates.append(re.sub(_HOLE, lambda _, fixed=fixed: _fill(*next(fixed)), skeleton))
    rows = []
    for skeleton, text in zip(skeletons, texts, strict=True):
        index, varies = changing[skeleton]
        numbers = [n for n, v in zip(_NUMBER.findall(text), varies, strict=True) if v]
        rows.append(" ".join([str(index), *numbers]))
    return templates, rows


def _fill(varies, number):
    return _HOLE if varies else number


def unpack(templates, row):
    """The text that `pack` stored in this row."""
    index, *numbers = row.split(" ")
    numbers = iter(numbers)
    return re.sub(_HOLE, lambda _: next(numbers), templates[int(index)])
