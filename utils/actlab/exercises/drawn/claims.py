"""Which claim survives: an experiment that was registered before it ran, with results made up for one hand-out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np

from actlab.exercises.drawn.drawing import Draw, remembered
from actlab.exercises.judging import LIKENESS
from actlab.exercises.model import challenge
from actlab.words import spelled

SEEDS = 24
RATES = (0.001, 0.003, 0.01, 0.03), (0.003, 0.01, 0.03, 0.1), (0.01, 0.03, 0.1, 0.3)
MEASURES = {"test loss": "lower", "error rate": "lower", "accuracy": "higher", "share of right answers": "higher"}
RULES = ("own", "baseline", "claimed")
OPTIONS = {
    "a": "The claim survives: its interval lies on the claimed side of 0, and the other rules do not contradict it.",
    "b": "The opposite survives: its interval lies on the other side of 0, and the other rules do not contradict it.",
    "c": "It is undecided: its interval has 0 in it and takes neither side; more seeds of this kind have to settle it.",
    "d": "The rate rule decides: its interval lies on one side of 0, and that of another rule on the opposite side.",
}
QUANTILES = {
    17: {0.9: 1.333, 0.95: 1.740, 0.975: 2.110, 0.99: 2.567, 0.995: 2.898},
    18: {0.9: 1.330, 0.95: 1.734, 0.975: 2.101, 0.99: 2.552, 0.995: 2.878},
    19: {0.9: 1.328, 0.95: 1.729, 0.975: 2.093, 0.99: 2.539, 0.995: 2.861},
}
"""Student's t with the digits of a printed table: degrees of freedom -> probability -> quantile."""

TOLERANCE, SHARE_TOLERANCE = 1e-4, 2e-3
CLEAR, UNCLEAR = 1.12, 0.85  # a mean in halves of its interval's width: clearly beyond 0, clearly not
SHARED, RUN = 0.05, (0.03, 0.065, 0.005)  # scatter of what the arms of one seed share; of one run, from, to, step

quantile = NormalDist().inv_cdf


@dataclass(frozen=True)
class Registration:
    """What was registered, and what came out.

    arm, baseline, third: names of the arms; claimed is that `arm` is better than `baseline`.
    measure: what was measured, one of MEASURES.  plus, minus: the arms whose difference is reported, plus − minus.
    rule: how the rates are chosen, one of RULES.  tuning: by how many of the first seeds.
    group: size of the groups.  level: of the interval, in percent.  power: between 0 and 1.
    right: the verdict, a letter of OPTIONS.  results: arm -> SEEDS rows of 4 numbers, one for each of the rates.
    """

    arm: str
    baseline: str
    third: str
    measure: str
    plus: str
    minus: str
    rule: str
    tuning: int
    group: int
    level: int
    power: float
    rates: tuple[float, ...]
    right: str
    results: Mapping[str, tuple[tuple[float, ...], ...]]

    @property
    def pairs(self) -> int:
        """How many seeds are compared."""
        return SEEDS - self.tuning

    @property
    def lower(self) -> bool:
        """Whether lower is better."""
        return MEASURES[self.measure] == "lower"

    @property
    def favour(self) -> int:
        """The sign that the claim gives to the difference: 1 or −1."""
        return (-1 if self.lower else 1) * (1 if self.plus == self.arm else -1)

    @property
    def t(self) -> float:
        """The quantile of Student's t for the interval."""
        return self.t_of(self.level)

    def t_of(self, level: float, sides: int = 2) -> float:
        """The quantile of Student's t for any level in percent."""
        return QUANTILES[self.pairs - 1][round(1 - (1 - level / 100) / sides, 4)]

    @cached_property
    def tables(self) -> dict[str, np.ndarray]:
        """arm -> array (seeds, rates)."""
        return {arm: np.array(rows) for arm, rows in self.results.items()}

    def best(self, arm: str, worst: bool = False) -> int:
        """The place of the rate with the best mean over the tuning seeds.  worst: of the one with the worst."""
        means = self.tables[arm][: self.tuning].mean(axis=0)
        return int(np.argmin(means) if self.lower != worst else np.argmax(means))

    def lead(self, arm: str) -> float:
        """How much better the best rate's mean is than the next one's."""
        means = np.sort(self.tables[arm][: self.tuning].mean(axis=0) * (1 if self.lower else -1))
        return float(means[1] - means[0])

    def runs(self, rule: str = "", worst: bool = False, rows: slice | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Results of `plus` and of `minus`, (n,) each, in pairs; as registered where nothing else is said."""
        rule, rows = rule or self.rule, rows or slice(self.tuning, None)
        chooser = {"baseline": self.baseline, "claimed": self.arm}.get(rule)
        one, other = (self.tables[arm][rows, self.best(chooser or arm, worst)] for arm in (self.plus, self.minus))
        return one, other

    def differences(self, rule: str = "", **changed: Any) -> np.ndarray:
        """plus − minus for each pair, (n,)."""
        one, other = self.runs(rule, **changed)
        return one - other

    def strength(self, rule: str) -> float:
        """A rule's mean difference in halves of its interval's width, positive where it speaks for the claim."""
        d = self.differences(rule)
        return float(self.favour * d.mean() / (self.t * _error(d)))


def _error(d: np.ndarray, ddof: int = 1) -> float:
    return float(d.std(ddof=ddof) / math.sqrt(len(d)))


def _around(d: np.ndarray, half: float) -> tuple[float, float]:
    return float(d.mean() - half), float(d.mean() + half)


def interval(claim: Registration) -> tuple[float, float]:
    """The ends of the interval, the lower one first."""
    d = claim.differences()
    return _around(d, claim.t * _error(d))


@cache
def _groups(seeds: int, size: int) -> np.ndarray:
    return np.array([*combinations(range(seeds), size)])


def _sums(d: np.ndarray, size: int) -> np.ndarray:
    """Sums of all groups of one size, in whole thousandths, so that a tie is one."""
    return np.round(1000 * d).astype(int)[_groups(len(d), size)].sum(axis=1)


def replication(claim: Registration, d: np.ndarray, size: int = 0) -> float:
    """The share of all groups of one size whose mean difference has the sign of the claim; a tie has none."""
    return float(np.mean(claim.favour * _sums(d, size or claim.group) > 0))


def ties(claim: Registration) -> float:
    """The share of groups whose mean difference is 0."""
    return float(np.mean(_sums(claim.differences(), claim.group) == 0))


def needed(d: np.ndarray, power: float, level: float = 0.05, sides: int = 2) -> float:
    """How many pairs it takes to see the mean of such differences, before it is rounded up."""
    with np.errstate(divide="ignore"):
        return float(((quantile(1 - level / sides) + quantile(power)) * d.std(ddof=1) / d.mean()) ** 2)


def called_for(claim: Registration) -> str:
    """The verdict that the three intervals call for; "" where one of them ends too near to 0 to be sure."""
    strengths = {rule: claim.strength(rule) for rule in RULES}
    if any(UNCLEAR < abs(one) < CLEAR for one in strengths.values()):
        return ""
    registered = strengths[claim.rule]
    if abs(registered) < 1:
        return "c"
    if any(abs(one) > 1 and one * registered < 0 for one in strengths.values()):
        return "d"
    return "a" if registered > 0 else "b"


def _up(number: float) -> float:
    return float(np.ceil(number))


def _other_rules(claim: Registration) -> dict[str, str]:
    """Description -> a rule that is not the registered one."""
    said = {
        "own": "each arm at its own best rate: another rule was registered",
        "baseline": "both arms at the rate that is best for the baseline: another rule was registered",
        "claimed": "both arms at the rate that is best for the claimed arm: another rule was registered",
    }
    return {said[rule]: rule for rule in RULES if rule != claim.rule}


def _in_place_of_baseline(claim: Registration) -> dict[str, str]:
    """The third arm on the side of the difference where the baseline stands."""
    return {"plus": claim.third} if claim.plus == claim.baseline else {"minus": claim.third}


def _other_differences(claim: Registration) -> dict[str, np.ndarray]:
    """Differences of other rules, seeds and arms."""
    third = replace(claim, baseline=claim.third, third=claim.baseline, **_in_place_of_baseline(claim))
    return {
        **{said: claim.differences(rule) for said, rule in _other_rules(claim).items()},
        "all seeds: those that chose the rates are not counted again": claim.differences(rows=slice(None)),
        "the worst rates: does higher or lower mean better here?": claim.differences(worst=True),
        "the third arm in place of the baseline": third.differences(),
    }


def _wrong_differences(claim: Registration) -> dict[str, float]:
    d = claim.differences()
    a, b = claim.runs()
    every, other = claim.tables[claim.plus][claim.tuning :], claim.tables[claim.minus][claim.tuning :]
    best = np.min if claim.lower else np.max
    return {
        "the difference the other way round: which arm is subtracted?": -d.mean(),
        **{said: one.mean() for said, one in _other_differences(claim).items()},
        "the seeds that chose the rates: they are lucky there": claim.differences(rows=slice(claim.tuning)).mean(),
        "a median in place of the mean": float(np.median(d)),
        "the difference of two medians": float(np.median(a) - np.median(b)),
        "the best single run of each arm: luck is at its largest there": float(best(every) - best(other)),
        "a mean over all rates: a rate was registered": every.mean() - other.mean(),
        "another rate for every seed, the best of each: one rate holds for all of them": float(
            (best(every, axis=1) - best(other, axis=1)).mean()
        ),
        "a difference in percent": 100 * d.mean(),
        "a difference relative to the arm that is subtracted": d.mean() / b.mean(),
        "a mean of the sizes: a difference keeps its sign": np.abs(d).mean(),
    }


def _wrong_intervals(claim: Registration) -> dict[str, tuple[float, float]]:
    d, t = claim.differences(), claim.t
    a, b = claim.runs()
    n = claim.pairs
    low, high = interval(claim)
    unpaired = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / n)
    others = {level: claim.t_of(level) for level in (90, 95, 99) if level != claim.level}
    return {
        "the right ends, high before low": (high, low),
        "the interval of the difference the other way round": (-high, -low),
        "the scatter of two separate groups: these runs are pairs": _around(d, t * unpaired),
        "a standard deviation in place of the standard error of the mean": _around(d, t * d.std(ddof=1)),
        "one standard error to either side: where is the quantile?": _around(d, _error(d)),
        "a standard deviation divided by n: take `ddof=1`": _around(d, t * _error(d, 0)),
        "a standard deviation divided by n, not by its root": _around(d, t * d.std(ddof=1) / n),
        "a standard error divided by √(n − 1): the 1 is in the standard deviation already": _around(
            d, t * d.std(ddof=1) / math.sqrt(n - 1)
        ),
        "the normal quantile: with so few seeds Student's is larger": _around(
            d, quantile(1 - (1 - claim.level / 100) / 2) * _error(d)
        ),
        "a one-sided quantile: the rest is shared by two ends": _around(d, claim.t_of(claim.level, 1) * _error(d)),
        **{
            f"an interval at the level {level} %: another one was registered": _around(d, other * _error(d))
            for level, other in others.items()
        },
        **{said: _around(other, t * _error(other)) for said, other in _other_differences(claim).items()},
        "an interval around 0: its middle is the mean difference": (-t * _error(d), t * _error(d)),
        "the smallest and the largest difference": (float(d.min()), float(d.max())),
        "quantiles of the differences themselves: what is sought is where their mean lies": tuple(
            map(float, np.quantile(d, [0.5 - claim.level / 200, 0.5 + claim.level / 200]))
        ),
    }


def _wrong_shares(claim: Registration) -> dict[str, float]:
    d, k = claim.differences(), claim.group
    holds = claim.favour * d > 0
    right = replication(claim, d)
    within = holds[_groups(len(d), k)]
    blocks = d[: len(d) // k * k].reshape(-1, k).mean(axis=1)
    return {
        "the share in which the other side wins: which sign does the claim give?": float(
            np.mean(claim.favour * _sums(d, k) < 0)
        ),
        "the share of single seeds: a group is judged by its mean": float(holds.mean()),
        "the groups of neighbours alone: any seeds may make a group": float(np.mean(claim.favour * blocks > 0)),
        "the share of groups whose seeds all agree: a group is judged by its mean": float(within.all(axis=1).mean()),
        "the share of groups in which most seeds agree: a group is judged by its mean": float(
            (within.mean(axis=1) > 0.5).mean()
        ),
        "the share of groups in which any seed agrees": float(within.any(axis=1).mean()),
        "a number of groups: their share is wanted": right * len(within),
        "a share in percent: it is a number from 0 to 1": 100 * right,
        **{said: replication(claim, other) for said, other in _other_differences(claim).items()},
        **{f"groups of {spelled(size)} seeds": replication(claim, d, size) for size in (2, 3, 4) if size != k},
    }


def _wrong_numbers(claim: Registration) -> dict[str, float]:
    d, power, n = claim.differences(), claim.power, claim.pairs
    a, b = claim.runs()
    right, spread = needed(d, power), d.std(ddof=1)
    both = (quantile(0.975) + quantile(power)) ** 2
    level = 1 - claim.level / 100
    return {
        "a number rounded down: a fraction of a seed cannot be run": float(math.floor(right)),
        "a number rounded to the nearest: round up, or the power falls short": float(round(right)),
        "a number that is not rounded: seeds are whole": right,
        "a standard deviation divided by n: take `ddof=1`": _up(right * (n - 1) / n),
        "1.96 alone: that gives a power of one half": _up((quantile(0.975) * spread / d.mean()) ** 2),
        "the quantile of the power alone: where is the 5 % level?": _up((quantile(power) * spread / d.mean()) ** 2),
        "another power than the registered one": _up(needed(d, 1.7 - power)),
        "a one-sided test, 1.645 in place of 1.96": _up(needed(d, power, sides=1)),
        "the level of the interval: here it is 5 %": _up(needed(d, power, level)),
        "two independent groups, a factor of 2: these differences are paired": _up(2 * right),
        "the scatter of two separate groups: these runs are pairs": _up(
            both * (a.var(ddof=1) + b.var(ddof=1)) / d.mean() ** 2
        ),
        "the standard error in place of the standard deviation": _up(right / n),
        "a formula without its square": _up(math.sqrt(right)),
        "a square on the quantiles alone: s/m is squared too": _up(both * spread / abs(d.mean())),
        "quantiles squared before they are added: add first": _up(
            (quantile(0.975) ** 2 + quantile(power) ** 2) * (spread / d.mean()) ** 2
        ),
        "the quantile of Student's t from the interval in place of 1.96": _up(
            ((claim.t + quantile(power)) * spread / d.mean()) ** 2
        ),
        "power itself in place of its quantile": _up(((quantile(0.975) + power) * spread / d.mean()) ** 2),
        "the seeds that are still missing: all of them are counted": _up(right) - n,
        "the number of seeds there are, not the number that is needed": n,
        **{said: _up(needed(other, power)) for said, other in _other_differences(claim).items()},
        "the median in place of the mean": _up(both * (spread / np.median(d)) ** 2) if np.median(d) else 0,
    }


def known(claim: Registration) -> dict[str, tuple[Any, dict[str, Any], float]]:
    """exercise -> what is right, the known wrong answers, how far off is still right."""
    d = claim.differences()
    return {
        "claim_difference": (float(d.mean()), _wrong_differences(claim), TOLERANCE),
        "claim_interval": (interval(claim), _wrong_intervals(claim), TOLERANCE),
        "claim_replication": (replication(claim, d), _wrong_shares(claim), SHARE_TOLERANCE + ties(claim)),
        "claim_seeds": (_up(needed(d, claim.power)), _wrong_numbers(claim), 0.0),
    }


def _told_apart(right: Any, wrong: dict[str, Any]) -> dict[str, Any]:
    """The wrong answers that change something here and differ from those before them."""
    kept: dict[str, Any] = {}
    for said, value in wrong.items():
        before = np.reshape([right, *kept.values()], (1 + len(kept), -1))
        if not np.isclose(value, before, equal_nan=True, **LIKENESS).all(axis=1).any():
            kept[said] = value
    return kept


def flaw(claim: Registration) -> str:
    """Why an instance may not be asked; "" where it may.

    Results lie between 0 and 1. The two arms choose different rates, each ahead of the next by 0.004. The verdict is
    the planned one, and no interval ends near 0. At most one group in 300 is tied, and the share is neither nearly 0
    nor nearly 1. The number of seeds is from 9 to 400, no rounding is near, quantiles with two digits give the same,
    and a standard deviation divided by n does not. Each known wrong answer that changes anything is wrong by three
    tolerances, and at least eight can be told apart.
    """
    if not all(0 < number < 1 for table in claim.tables.values() for number in table.flat):
        return "no share"
    if claim.best(claim.arm) == claim.best(claim.baseline):
        return "both arms choose one rate"
    if min(claim.lead(claim.arm), claim.lead(claim.baseline)) < 0.004:
        return "two rates are nearly as good"
    if called_for(claim) != claim.right:
        return "another verdict, or none that is clear"
    d = claim.differences()
    if ties(claim) > 1 / 300 or not 0.02 < replication(claim, d) < 0.98:
        return "ties, or groups that nearly all agree"
    exact = needed(d, claim.power)
    rough = exact * ((1.96 + round(quantile(claim.power), 2)) / (quantile(0.975) + quantile(claim.power))) ** 2
    if not 8 < exact < 400 or int(exact) != int(rough) or not all(0.05 < n % 1 < 0.95 for n in (exact, rough)):
        return "too few seeds, too many, or nearly a whole number"
    if _up(exact * (claim.pairs - 1) / claim.pairs) == _up(exact):
        return "a number of seeds that shows no missing `ddof=1`"
    for id, (right, wrong, tolerance) in known(claim).items():
        off = {said: float(np.abs(np.subtract(value, right)).max()) for said, value in wrong.items()}
        near = [said for said, far in off.items() if 1e-9 < far <= 3 * tolerance]
        if near or len(_told_apart(right, wrong)) < 8:
            return f"{id}: {near or 'too few wrong answers differ'}"
    return ""


@remembered
def instance(code: str) -> Registration:
    """What one hand-out asks.  Errors: ValueError where 400 attempts have a flaw."""
    for attempt in range(400):
        claim = _with_results(planned(code), Draw(code, f"claims {attempt}"))
        if not flaw(claim):
            return claim
    raise ValueError(f"no instance of the claims for {code!r}")


def planned(code: str) -> Registration:
    """What is registered, before there are results."""
    draw = Draw(code, "claims")
    arm, baseline, third = draw.order("fgh")
    plus, minus = draw.order((arm, baseline))
    return Registration(
        arm=arm,
        baseline=baseline,
        third=third,
        measure=draw.pick(*MEASURES),
        plus=plus,
        minus=minus,
        rule=draw.pick(*RULES),
        tuning=draw.pick(4, 5, 6),
        group=draw.pick(3, 4),
        level=draw.pick(90, 95, 99),
        power=draw.pick(0.8, 0.9),
        rates=draw.pick(*RATES),
        right=draw.pick(*OPTIONS),
        results={},
    )


def _with_results(claim: Registration, draw: Draw) -> Registration:
    """The plan with results whose mean difference is where the planned verdict wants it."""
    drawn = replace(claim, results=_rounded(_scattered(claim, draw)))
    d = drawn.differences()
    shift = drawn.favour * _strength(claim, draw) * drawn.t * _error(d) - d.mean()
    moved = drawn.tables[claim.arm] + (shift if claim.plus == claim.arm else -shift)
    return replace(claim, results=_rounded(drawn.tables | {claim.arm: moved}))


def _scattered(claim: Registration, draw: Draw) -> dict[str, np.ndarray]:
    """arm -> results (seeds, rates): each arm has a rate of its own, and loses towards the others."""
    scatter = draw.number(*RUN)
    half = claim.t * scatter * math.sqrt(2 / claim.pairs)  # of an interval's width, about
    first, second, *_ = draw.order(range(4))
    peaks = {claim.arm: first, claim.baseline: second, claim.third: draw.pick(*range(4))}
    seeds = [draw.normal(0, SHARED) for _ in range(SEEDS)]
    tables = {}
    for arm, peak in peaks.items():
        loss = draw.number(*_losses(claim), 0.01) * half * (1 if claim.lower else -1)
        means = [0.5 + loss * min(abs(k - peak) / abs(first - second), 1.2) for k in range(4)]
        tables[arm] = np.array([[mean + seed + draw.normal(0, scatter) for mean in means] for seed in seeds])
    return tables


def _losses(claim: Registration) -> tuple[float, float]:
    """From where to where an arm may lose at the other's rate, in halves of an interval's width."""
    if claim.right == "d":
        return (2.5, 3.2) if claim.rule == "own" else (1.5, 2.0)
    return (0.9, 1.8) if claim.rule == "own" or claim.right == "c" else (0.5, 1.0)


def _strength(claim: Registration, draw: Draw) -> float:
    """Where the mean difference is to lie, in halves of its interval's width, positive for the claim."""
    either = draw.pick(-1, 1)
    if claim.right == "c":
        return either * draw.number(0.4, UNCLEAR, 0.01)
    sign = {"a": 1, "b": -1, "d": {"own": either, "baseline": -1, "claimed": 1}[claim.rule]}[claim.right]
    most = min(1.9, 1.7 * math.sqrt(claim.pairs / claim.group) / claim.t)  # beyond, nearly all groups agree
    return sign * draw.number(CLEAR + 0.01, max(most, CLEAR + 0.03), 0.01)


def _rounded(tables: Mapping[str, np.ndarray]) -> dict[str, tuple[tuple[float, ...], ...]]:
    return {arm: tuple(tuple(round(float(v), 3) for v in row) for row in tables[arm]) for arm in sorted(tables)}


@remembered
def _known(code: str) -> dict[str, tuple[Any, dict[str, Any], float]]:
    return {
        id: (right, _told_apart(right, wrong), tolerance)
        for id, (right, wrong, tolerance) in known(instance(code)).items()
    }


def _asked(id: str, code: str, example: str, **more: Any) -> dict[str, Any]:
    """The fields of one of the numbers."""
    right, wrong, tolerance = _known(code)[id]
    return {
        "reference": lambda: right,
        "wrong": {said: lambda value=value: value for said, value in wrong.items()},
        "example": lambda pick: example,
        "accept": lambda got, want, case, k: np.abs(got - want) <= tolerance + 1e-9,
    } | more


@challenge("claim_difference", points=4, title="The difference")
class ClaimDifference:
    entries = ("the mean difference",)

    def drawn(code):
        claim = instance(code)
        better = MEASURES[claim.measure]
        rule = {
            "own": "each arm trains at its own best rate",
            "baseline": f"both arms train at the rate that is best for `{claim.baseline}`",
            "claimed": f"both arms train at the rate that is best for `{claim.arm}`",
        }[claim.rule]
        registered = (
            f"- **Claim:** `{claim.arm}` reaches a {better} {claim.measure} than `{claim.baseline}`, the baseline.\n"
            f"- **Rate:** the first {spelled(claim.tuning)} seeds choose it and are not compared; an arm's best rate "
            f"has the {better.removesuffix('er')}est mean over them. Then {rule}.\n"
            f"- **Comparison:** the other {claim.pairs} seeds, in pairs: `{claim.plus}` minus `{claim.minus}`."
        )
        return _asked("claim_difference", code, registered, given={"RATES": claim.rates, "RESULTS": claim.results})


@challenge("claim_interval", points=4, title="Its interval")
class ClaimInterval:
    entries = ("the lower end", "the upper end")

    def drawn(code):
        claim = instance(code)
        level = f"The level is {claim.level} %, and $t = {claim.t:.3f}$ ({claim.pairs - 1} degrees of freedom)."
        return _asked("claim_interval", code, level)


@challenge("claim_replication", points=4, title="Would a smaller study have said so?")
class ClaimReplication:
    entries = ("the share of the groups",)

    def drawn(code):
        claim = instance(code)
        return _asked("claim_replication", code, f"{spelled(claim.group)} of your {claim.pairs} pairs")


@challenge("claim_seeds", points=4, title="How many seeds?")
class ClaimSeeds:
    entries = ("the number of pairs",)

    def drawn(code):
        return _asked("claim_seeds", code, f"{100 * instance(code).power:.0f} %")


HINTS = {
    "a": "Does the registered rule's interval lie wholly on the claimed side? And where do the other two lie?",
    "b": "Which side is the claimed one, given what is subtracted from what? And where do the other two intervals lie?",
    "c": "Look at both ends of the registered rule's interval: is 0 between them?",
    "d": "Compute all three intervals. Is one of them wholly on the other side of 0 from the registered rule's?",
}
WHY = {
    "a": "The registered interval leaves out 0, and no rule contradicts it: for these networks, the claim may stand.",
    "b": "The registered interval leaves out 0 on the other side, and no rule contradicts it: so much for the claim.",
    "c": "The registered interval holds 0. What another rule shows was not registered: it is a reason for more runs.",
    "d": "Two rules contradict each other: how the rates are chosen matters more here than which arm it is.",
}


@challenge("claim_verdict", points=4, title="The verdict")
class ClaimVerdict:
    options = OPTIONS

    def drawn(code):
        right = instance(code).right
        return {"right": right, "hints": {k: v for k, v in HINTS.items() if k != right}, "why": WHY[right]}
