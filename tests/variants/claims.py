"""What a registered experiment says, from its table: in plain Python, with NumPy, and by other formulas."""

import math
from collections import Counter
from itertools import combinations
from statistics import NormalDist, fmean, stdev

import numpy as np
from scipy import stats

from actlab.exercises.drawn.claims import instance

SEEDS = 24
UPWARDS = {"accuracy", "share of right answers"}
ROUNDED = {0.8: 0.84, 0.9: 1.28}


def _chosen(claim, arm):
    """The rate that is best for an arm."""
    tuning = [claim.results[arm][seed] for seed in range(claim.tuning)]
    totals = [sum(column) for column in zip(*tuning, strict=True)]
    return totals.index(max(totals) if claim.measure in UPWARDS else min(totals))


def _gaps(claim, rule=None):
    """plus − minus, seed by seed."""
    rule = rule or claim.rule
    chooser = {"own": (claim.plus, claim.minus), "baseline": [claim.baseline] * 2, "claimed": [claim.arm] * 2}[rule]
    k, m = (_chosen(claim, arm) for arm in chooser)
    a, b = claim.results[claim.plus], claim.results[claim.minus]
    return [a[seed][k] - b[seed][m] for seed in range(claim.tuning, SEEDS)]


def _claimed_sign(claim):
    return 1 if (claim.measure in UPWARDS) == (claim.plus == claim.arm) else -1


def _t(claim):
    return float(f"{stats.t.ppf(0.5 + claim.level / 200, len(_gaps(claim)) - 1):.3f}")


def _ends(claim, rule=None):
    gaps = _gaps(claim, rule)
    half = _t(claim) * stdev(gaps) / math.sqrt(len(gaps))
    return fmean(gaps) - half, fmean(gaps) + half


def difference_of_means(code):
    """The mean of one arm minus that of the other."""
    claim = instance(code)
    chooser = {"own": (claim.plus, claim.minus), "baseline": [claim.baseline] * 2, "claimed": [claim.arm] * 2}
    k, m = (_chosen(claim, arm) for arm in chooser[claim.rule])
    plus, minus = (np.array(claim.results[arm])[claim.tuning :] for arm in (claim.plus, claim.minus))
    return lambda: plus[:, k].mean() - minus[:, m].mean()


def interval_of_scipy(code):
    claim = instance(code)
    gaps = _gaps(claim)
    return lambda: stats.t.interval(claim.level / 100, len(gaps) - 1, np.mean(gaps), stats.sem(gaps))


def interval_from_squares(code):
    """The variance from sums alone, in a column."""
    claim = instance(code)
    gaps = np.array(_gaps(claim))
    n, total, squares = len(gaps), gaps.sum(), (gaps**2).sum()
    error = math.sqrt((squares - total**2 / n) / (n - 1) / n)
    return lambda: np.array([[total / n - _t(claim) * error], [total / n + _t(claim) * error]])


def share_by_loop(code):
    claim = instance(code)
    sign, gaps = _claimed_sign(claim), _gaps(claim)
    agreed = [fmean(group) * sign > 0 for group in combinations(gaps, claim.group)]
    return lambda: sum(agreed) / len(agreed)


def share_with_ties(code):
    """A tie counts as holding."""
    claim = instance(code)
    sign, gaps = _claimed_sign(claim), [round(1000 * gap) for gap in _gaps(claim)]
    return lambda: np.mean([sum(group) * sign >= 0 for group in combinations(gaps, claim.group)])


def share_by_counting(code):
    """How many groups have which sum, built up seed by seed."""
    claim = instance(code)
    counts = [Counter() for _ in range(claim.group + 1)]
    counts[0][0] = 1
    for gap in _gaps(claim):
        for size in range(claim.group, 0, -1):
            for total, times in [*counts[size - 1].items()]:
                counts[size][total + round(1000 * gap)] += times
    whole = counts[claim.group]
    return lambda: sum(n for total, n in whole.items() if total * _claimed_sign(claim) > 0) / sum(whole.values())


def seeds_by_search(code):
    claim = instance(code)
    effect = abs(fmean(_gaps(claim))) / stdev(_gaps(claim))
    n, normal = 1, NormalDist()
    while normal.cdf(effect * math.sqrt(n) - normal.inv_cdf(0.975)) < claim.power:
        n += 1
    return lambda: n


def seeds_with_two_digits(code):
    claim = instance(code)
    ratio = np.std(_gaps(claim), ddof=1) / np.mean(_gaps(claim))
    return lambda: np.float32(np.ceil(((1.96 + ROUNDED[claim.power]) * ratio) ** 2))


def seeds_by_student(code):
    """The square of t in place of the ratio."""
    claim = instance(code)
    t = stats.ttest_1samp(_gaps(claim), 0).statistic
    z = stats.norm.isf(0.025) + stats.norm.ppf(claim.power)
    return lambda: [math.ceil(len(_gaps(claim)) * (z / t) ** 2)]


def letter(code):
    """The verdict, read off the three intervals."""
    claim = instance(code)
    sides = {rule: _side(_ends(claim, rule)) * _claimed_sign(claim) for rule in ("own", "baseline", "claimed")}
    own = sides[claim.rule]
    if own == 0:
        return "c"
    return "d" if -own in sides.values() else "a" if own > 0 else "b"


def _side(ends):
    low, high = ends
    return 1 if low > 0 else -1 if high < 0 else 0


FACTORIES = {
    "claim_difference": [
        lambda code: lambda: fmean(_gaps(instance(code))),
        difference_of_means,
        lambda code: lambda: [np.float32(np.dot(_gaps(instance(code)), np.full(_count(code), 1 / _count(code))))],
    ],
    "claim_interval": [lambda code: lambda: _ends(instance(code)), interval_of_scipy, interval_from_squares],
    "claim_replication": [share_by_loop, share_with_ties, share_by_counting],
    "claim_seeds": [seeds_by_search, seeds_with_two_digits, seeds_by_student],
}


def _count(code):
    return len(_gaps(instance(code)))


def answers(code):
    """name -> the text of a cell that answers it in the hand-out with this code; its letter in the course's order."""
    right = {name: made[0](code)() for name, made in FACTORIES.items()}
    return {name: f"{name} = {value!r}" for name, value in right.items()} | {
        "claim_verdict": f'claim_verdict = "{letter(code)}"'
    }


VARIANTS = {id: [factory("") for factory in factories] for id, factories in FACTORIES.items()}

SPOILERS = {
    "claim_difference": ["mean(axis=0)", "np.mean"],
    "claim_interval": ["np.std(", "math.sqrt"],
    "claim_replication": ["combinations(", "itertools"],
    "claim_seeds": ["math.ceil", "np.ceil", "inv_cdf"],
}
