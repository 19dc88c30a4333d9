"""How often a verdict holds, and what it withstands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actlab.evidence.model import SHOWN, VERDICTS, Results, Verdict
from actlab.evidence.store import load

if TYPE_CHECKING:
    from collections.abc import Sequence

FACT = 0.95
"""From this rate on a sentence may stand as a fact."""
ENOUGH = 20
"""The least number of groups for a fact."""
ROOM = 4.0
"""How far the grid of rates has to reach beyond an arm's best one, as a factor on either side."""


@dataclass(frozen=True)
class Replication:
    """What became of a verdict: in how many groups it held, and under which condition or on which data it did not."""

    verdict: Verdict
    held: int
    groups: int
    flips: tuple[str, ...]

    @property
    def rate(self) -> float:
        return self.held / self.groups

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of the rate (Clopper & Pearson 1934)."""
        from scipy.stats import binomtest

        low, high = binomtest(self.held, self.groups).proportion_ci()
        return float(low), float(high)

    @property
    def fact(self) -> bool:
        """Whether the sentence may stand without its counts."""
        return self.rate >= FACT and self.groups >= ENOUGH


def replication(verdict: Verdict, results: Results | None = None) -> Replication:
    """Ask a verdict of every group, and of every condition and draw of data.  results: other than the stored ones."""
    results = results or load(verdict.experiment.name)
    answers = [bool(verdict.holds(sample)) for sample in results.each_group()]
    asked = {f"data {k}": sample for k, sample in enumerate(results.per_draw(), 1)}
    asked |= {condition: results.pilot(condition) for condition in (SHOWN, *verdict.experiment.conditions)}
    flips = [name for name, sample in asked.items() if name not in verdict.unless and not verdict.holds(sample)]
    return Replication(verdict, sum(answers), len(answers), tuple(flips))


def says(name: str, results: Results | None = None) -> str:
    """A verdict's sentence with its numbers, as a lesson quotes it.  Errors: KeyError for a name not declared."""
    verdict = VERDICTS[name]
    results = results or load(verdict.experiment.name)
    found = replication(verdict, results)
    sentence = verdict.sentence.format(held=found.held, groups=found.groups, **verdict.numbers(results.whole()))
    return re.sub(r"(?<=\d)%", " %", re.sub(r"(?<= )-(?=\d)", "\N{MINUS SIGN}", sentence))


def at_the_edge(results: Results, arm: str) -> bool:
    """Whether an arm's best rate lies at an edge of its grid, and is really better there than inside.

    An arm that is equally good, or bad, at every rate has no best one: within a fiftieth of what all arms span, an
    inner rate is as good.
    """
    e = results.experiment
    rates = e.tried(arm)
    if len(rates) == 1:
        return False
    sign = 1 if e.higher else -1
    means = {rate: sign * float(values.mean()) for rate, values in results.curve(arm).items()}
    inside = [means[rate] for rate in rates if rates[0] * ROOM <= rate * 1.0001 and rate <= rates[-1] / ROOM * 1.0001]
    return not inside or max(means.values()) - max(inside) > 0.02 * _span(results)


def _span(results: Results) -> float:
    values = [float(v.mean()) for arm in results.experiment.arms for v in results.curve(arm).values()]
    finite: Sequence[float] = [v for v in values if v == v]
    return max(finite) - min(finite)
