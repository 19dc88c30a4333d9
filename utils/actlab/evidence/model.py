"""What an experiment and a verdict are, and how a verdict looks at what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Run = Callable[[Mapping[str, Any], Mapping[str, Any], Sequence[int], int], Mapping[str, ArrayLike]]
Predicate = Callable[["Sample"], bool]

SHOWN = "as shown"
"""The condition that a lesson shows."""

PILOT_DRAWS = 2
"""Draws of data on which the pilot seeds try every rate."""

EXPERIMENTS: dict[str, Experiment] = {}
VERDICTS: dict[str, Verdict] = {}


def guards(steps: int, adam: bool = True) -> dict[str, dict[str, float]]:
    """What every trained experiment tries beside what is shown: four times the steps, and with Adam a smaller ε."""
    longer: dict[str, dict[str, float]] = {f"{4 * steps} steps": {"steps": 4 * steps}}
    return longer | ({"ε = 1e-16": {"eps": 1e-16}} if adam else {})


@dataclass(frozen=True)
class Experiment:
    """A question to networks, declared once: what is compared, where, and how often.

    section: where a lesson shows it, such as "6.9".  measure: the number that decides, with its unit; `run` returns it
    under this name, and others beside it.  higher: whether more of it is better.
    arms: what is compared, each with its settings; control: the arm without the cure.
    rates: the learning rates of every arm, ascending; none where nothing is trained.
    settings: of all arms alike.  conditions: what else is tried, each with the settings that it changes.
    run(arm, point, seeds, data_seed): numbers per seed, {measure: (seeds,)}; arm holds the arm's settings, point those
    of the experiment and the condition, with the "rate".
    size: seeds in a group, as many as a lesson shows.  groups: how many groups are tried, over `draws` draws of data.
    at: further rates of an arm to try with all the groups, beside its best.  grouped: conditions tried with all groups;
    more: {condition: arms} of those that are tried so with some arms alone.
    pilot: seeds on which every arm tries every rate, on each of two draws; conditions do so on one.
    """

    name: str
    section: str
    question: str
    measure: str
    arms: Mapping[str, Mapping[str, Any]]
    control: str
    run: Run
    rates: tuple[float, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    higher: bool = True
    size: int = 5
    groups: int = 20
    draws: int = 4
    at: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    grouped: tuple[str, ...] = (SHOWN,)
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pilot: int = 5

    def __post_init__(self) -> None:
        if self.control not in self.arms:
            raise ValueError(f"{self.name}: the control {self.control!r} is not one of its arms")
        if self.groups % self.draws:
            raise ValueError(f"{self.name}: {self.groups} groups do not spread evenly over {self.draws} draws of data")
        if self.name in EXPERIMENTS:
            raise ValueError(f"there is an experiment {self.name} already")
        EXPERIMENTS[self.name] = self

    @property
    def verdicts(self) -> list[Verdict]:
        """What is concluded from it."""
        return [verdict for verdict in VERDICTS.values() if verdict.experiment is self]

    def tried(self, arm: str) -> tuple[float, ...]:
        """The rates of an arm: its own where its settings name them, else the experiment's; (0,) without training."""
        return tuple(self.arms[arm].get("rates", self.rates)) or (0.0,)

    def point(self, condition: str, rate: float) -> dict[str, Any]:
        """Everything that `run` is told beside the arm."""
        changed = {} if condition == SHOWN else self.conditions[condition]
        return {**self.settings, **changed, "rate": rate}

    def changes(self, arm: str, condition: str) -> bool:
        """Whether a condition means anything for an arm: Adam's ε does not where plain descent trains."""
        method = self.arms[arm].get("optimiser", self.settings.get("optimiser", "adam"))
        return not (condition != SHOWN and method == "sgd" and set(self.conditions[condition]) == {"eps"})

    def declared(self) -> dict[str, Any]:
        """All settings as plain data: what a stored result has to match."""
        return {
            "arms": {name: dict(arm) for name, arm in self.arms.items()},
            "rates": list(self.rates),
            "settings": dict(self.settings),
            "conditions": {name: dict(changes) for name, changes in self.conditions.items()},
            "size": self.size,
            "groups": self.groups,
            "draws": self.draws,
            "at": {arm: list(rates) for arm, rates in self.at.items()},
            "grouped": list(self.grouped),
            "pilot": self.pilot,
        } | ({"more": {condition: list(arms) for condition, arms in self.more.items()}} if self.more else {})

    def verdict(
        self,
        sentence: str,
        *,
        unless: Mapping[str, str] | None = None,
        numbers: Callable[[Sample], Mapping[str, float]] | None = None,
    ) -> Callable[[Predicate], Verdict]:
        """Declare what a predicate over a `Sample` concludes; the verdict's name is the predicate's.

        sentence: Markdown.  `{held}` and `{groups}` become the counts, other fields what `numbers` computes from all
        the groups together.  unless: conditions under which it need not hold, each with the words that name it in the
        sentence.
        """

        def declare(holds: Predicate) -> Verdict:
            name = f"{self.name}.{holds.__name__}"
            if name in VERDICTS:
                raise ValueError(f"there is a verdict {name} already")
            VERDICTS[name] = Verdict(name, self, sentence, holds, unless or {}, numbers or (lambda sample: {}))
            return VERDICTS[name]

        return declare


@dataclass(frozen=True)
class Verdict:
    """A sentence, and the predicate that has to hold for it in group after group."""

    name: str
    experiment: Experiment
    sentence: str
    holds: Predicate
    unless: Mapping[str, str]
    numbers: Callable[[Sample], Mapping[str, float]]


Get = Callable[[str, str, float | None], Mapping[str, Array]]


class Sample:
    """What some seeds measured: what a verdict is asked about.

    `sample[arm]` holds the deciding measure at the arm's best rate, one number per seed; `sample[arm, rate]` at a
    rate.  Seeds stand in the same order in every arm, so that arms can be compared pair by pair.
    """

    def __init__(self, experiment: Experiment, get: Get, condition: str = SHOWN) -> None:
        self.experiment, self.measured, self.condition = experiment, get, condition

    def __getitem__(self, key: str | tuple[str, float]) -> Array:
        arm, rate = key if isinstance(key, tuple) else (key, None)
        return self.get(arm, rate)

    def get(
        self, arm: str, rate: float | None = None, measure: str | None = None, condition: str | None = None
    ) -> Array:
        """Numbers per seed.  condition: another one than the sample's own.  Errors: KeyError for what was not run."""
        found = self.measured(arm, condition or self.condition, rate)
        return found[measure or self.experiment.measure]


class Results:
    """Everything that was measured for one experiment with one pool of seeds.

    values: {(stage, condition, arm, rate, draw): {measure: numbers}}, stage "pilot" or "groups".
    """

    def __init__(self, experiment: Experiment, values: Mapping[Key, Mapping[str, Sequence[float]]]) -> None:
        self.experiment = experiment
        self.values = {key: {m: np.array(v, float) for m, v in each.items()} for key, each in values.items()}
        self._kept: dict[tuple[str, str, str, float], dict[str, Array]] = {}
        self._best: dict[tuple[str, str], float] = {}

    def _of(self, condition: str, arm: str) -> str:
        return condition if self.experiment.changes(arm, condition) else SHOWN

    def _joined(self, stage: str, condition: str, arm: str, rate: float) -> dict[str, Array]:
        """One arm at one rate, all draws one after another."""
        asked = stage, self._of(condition, arm), arm, rate
        if asked not in self._kept:
            keys = [k for k in self.values if k[:4] == asked]
            if not keys:
                raise KeyError(f"{self.experiment.name}: {arm} at rate {rate:g} was not run {asked[1]} ({stage})")
            parts = [self.values[key] for key in sorted(keys, key=lambda k: k[4])]
            self._kept[asked] = {m: np.concatenate([part[m] for part in parts]) for m in parts[0]}
        return self._kept[asked]

    def curve(self, arm: str, condition: str = SHOWN) -> dict[float, Array]:
        """What the pilot seeds measured at every rate, {rate: (seeds,)}."""
        e = self.experiment
        return {rate: self._joined("pilot", condition, arm, rate)[e.measure] for rate in e.tried(arm)}

    def best(self, arm: str, condition: str = SHOWN) -> float:
        """The rate with the best mean over the pilot seeds; NaN is worst."""
        if (arm, condition) not in self._best:
            sign = 1 if self.experiment.higher else -1
            means = {rate: sign * np.mean(v) for rate, v in self.curve(arm, condition).items()}
            self._best[arm, condition] = max(means, key=lambda r: -np.inf if np.isnan(means[r]) else means[r])
        return self._best[arm, condition]

    def pilot(self, condition: str = SHOWN) -> Sample:
        """The pilot seeds under one condition, draws together."""
        return Sample(self.experiment, self._getter("pilot", slice(None)), condition)

    def whole(self) -> Sample:
        """All groups together."""
        return Sample(self.experiment, self._getter("groups", slice(None)))

    def per_draw(self) -> list[Sample]:
        """The seeds of each draw of data together."""
        n = self.experiment.groups // self.experiment.draws * self.experiment.size
        return [
            Sample(self.experiment, self._getter("groups", slice(k * n, (k + 1) * n)))
            for k in range(self.experiment.draws)
        ]

    def each_group(self) -> Iterator[Sample]:
        """Group after group."""
        size = self.experiment.size
        for k in range(self.experiment.groups):
            yield Sample(self.experiment, self._getter("groups", slice(k * size, (k + 1) * size)))

    def chosen(self, seeds: Sequence[int]) -> Sample:
        """Some of the seeds of the groups, by their places."""
        return Sample(self.experiment, self._getter("groups", np.asarray(seeds)))

    def _getter(self, stage: str, places: Any) -> Get:
        def get(arm: str, condition: str, rate: float | None) -> dict[str, Array]:
            at = self.best(arm, condition) if rate is None else rate
            return {m: v[places] for m, v in self._joined(stage, condition, arm, at).items()}

        return get


Key = tuple[str, str, str, float, int]
