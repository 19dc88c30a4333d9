"""How a class did on each item: how hard it was, and how well it tells who can do the rest."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import correlation, mean
from typing import NamedTuple

from actlab.exercises import Status
from actlab.grading.adjust import What
from actlab.grading.standing import Rules, Standing
from actlab.words import minus

FEW = 10
"""With fewer students a correlation is mostly chance."""
BANDS = ((0.4, "tells apart well"), (0.2, "tells apart"), (0.0, "says little"), (-1.0, "look at it"))
"""Discrimination from which on a word holds.

0.4 and 0.2 are where Ebel and Frisbie, Essentials of Educational Measurement (5th ed., Prentice Hall 1991), call items
very good, and poor; below 0 those who can do the rest earn less than the others.
"""


class Item(NamedTuple):
    """How a class did on one item, after what the instructor decided.

    share: of the points that it earned.  telling: the correlation of these points with those of all other items, in
    words; None where there is none.  word: what that means.  untried: how many did not try.
    adjusted: for how many the instructor decided.  dropped: whether it counts for nobody.
    """

    name: str
    share: float
    telling: str | None
    word: str
    untried: int
    adjusted: int
    dropped: bool


def items(graded: Sequence[Standing], rules: Rules) -> list[Item]:
    """How a class did, the hardest item first; one that is scored by hand has those who have points for it."""
    asked = [exercise.name for exercise in rules.exercises]
    by_hand = {name: _scored(name, graded) for name in rules.adjustments.most}
    untried = Counter(
        result.name for one in graded for result in one.grade.results if result.status is Status.NOT_ATTEMPTED
    )
    whole = {one.student: math.fsum(_counting(one)) for one in graded}
    found = []
    for name in (*asked, *by_hand):
        among = by_hand.get(name, graded)
        marks = [one.items[name] for one in among]
        if not marks:
            continue
        dropped = name in among[0].dropped
        points = [mark.points for mark in marks]
        others = [
            round(whole[one.student] - (0 if dropped else mark.points), 6)
            for one, mark in zip(among, marks, strict=True)
        ]
        constant = len(set(points)) < 2 or len(set(others)) < 2
        telling = None if constant else correlation(points, others)
        adjusted = sum(mark.was is not None for mark in marks)
        share = mean(points) / marks[0].most if marks[0].most else 0.0
        said = None if telling is None else minus(f"{telling:.2f}")
        found.append(Item(name, share, said, _word(telling, len(among)), untried[name], adjusted, dropped))
    return sorted(found, key=lambda item: item.share)


def _scored(name: str, graded: Sequence[Standing]) -> list[Standing]:
    """Those to whom somebody gave points for an item that no machine scores."""
    return [one for one in graded if any(line.item == name and line.what is What.POINTS for line in one.changes)]


def _counting(standing: Standing) -> Iterator[float]:
    return (mark.points for name, mark in standing.items.items() if name not in standing.dropped)


def _word(telling: float | None, many: int) -> str:
    if telling is None:
        return "all earned the same"
    if many < FEW:
        return "too few to say"
    return next(word for least, word in BANDS if round(telling, 2) >= least)
