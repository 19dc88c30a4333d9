"""Running experiments: on this computer's processes or a dask cluster, and again from where it was when it stops."""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from actlab.errors import CourseError
from actlab.evidence import store
from actlab.evidence.model import EXPERIMENTS, PILOT_DRAWS, SHOWN, Experiment, Key, Results
from actlab.processes import stay_with


@dataclass(frozen=True)
class Pool:
    """Where seeds and data come from.  Number 1 is what is stored; any other is fresh."""

    number: int = 1

    def seeds(self, experiment: Experiment, stage: str, draw: int) -> range:
        """Seeds of one draw of data, disjoint from all others."""
        n = experiment.pilot if stage == "pilot" else experiment.groups // experiment.draws * experiment.size
        first = 10_000 * self.number + (draw * n if stage == "pilot" else 1000 + draw * n)
        return range(first, first + n)

    def data(self, stage: str, draw: int) -> int:
        """Seed of the training data; the test data's is one higher."""
        return 1000 * self.number + 10 * draw + (0 if stage == "pilot" else 500)

    def drawn(self, experiment: Experiment) -> dict[str, Any]:
        """All seeds as a stored result names them: first and last of each draw of data, and the data's own."""
        draws = {"pilot": range(PILOT_DRAWS), "groups": range(experiment.draws)}
        seeds = {stage: [self.seeds(experiment, stage, draw) for draw in several] for stage, several in draws.items()}
        return {
            "seeds": {stage: [[each[0], each[-1]] for each in several] for stage, several in seeds.items()},
            "data": {stage: [self.data(stage, draw) for draw in several] for stage, several in draws.items()},
        }


@dataclass(frozen=True)
class Job:
    """One arm at one rate under one condition on one draw of data."""

    experiment: str
    key: Key
    pool: Pool


def measure(job: Job) -> tuple[dict[str, list[float]], float]:
    """The numbers of one job, and the CPU seconds they took."""
    experiment = EXPERIMENTS[job.experiment]
    stage, condition, arm, rate, draw = job.key
    begun = time.process_time()
    seeds = job.pool.seeds(experiment, stage, draw)
    settings = experiment.arms[arm]
    found = experiment.run(settings, experiment.point(condition, rate), seeds, job.pool.data(stage, draw))
    return store.rounded({name: np.ravel(each).tolist() for name, each in found.items()}), time.process_time() - begun


def pilot_jobs(experiment: Experiment, pool: Pool) -> Iterator[Job]:
    """Every arm at every rate: as shown on two draws of data, under each condition on one."""
    for condition in (SHOWN, *experiment.conditions):
        for arm in experiment.arms:
            if experiment.changes(arm, condition):
                for rate in experiment.tried(arm):
                    for draw in range(PILOT_DRAWS if condition == SHOWN else 1):
                        yield Job(experiment.name, ("pilot", condition, arm, rate, draw), pool)


def group_jobs(experiment: Experiment, pool: Pool, values: Mapping[Key, Any]) -> Iterator[Job]:
    """Every arm at its best rate and at those that the experiment names, on every draw of data."""
    results = Results(experiment, values)
    for condition, arms in {**dict.fromkeys(experiment.grouped, experiment.arms), **experiment.more}.items():
        for arm in arms:
            if experiment.changes(arm, condition):
                for rate in sorted({results.best(arm, condition), *experiment.at.get(arm, ())}):
                    for draw in range(experiment.draws):
                        yield Job(experiment.name, ("groups", condition, arm, rate, draw), pool)


@dataclass
class Running:
    """One experiment under way: what is measured, what is still out, and whether its groups have begun."""

    experiment: Experiment
    pool: Pool
    log: Path
    values: dict[Key, dict[str, list[float]]] = field(default_factory=dict)
    seconds: float = 0.0
    out: set[Key] = field(default_factory=set)
    grouped: bool = False

    def resume(self) -> None:
        """Take over what an interrupted run of the same declaration has measured."""
        try:
            head, *rows = self.log.read_text(encoding="utf-8").splitlines(keepends=True)
        except (FileNotFoundError, ValueError):
            head, rows = "", []
        if head == self.head:
            for row in rows:
                if row.endswith("\n"):
                    key, values, seconds = json.loads(row)
                    self.values[store.parsed(key)] = values
                    self.seconds += seconds
        self.log.parent.mkdir(parents=True, exist_ok=True)
        kept = [row for row in rows if row.endswith("\n")] if head == self.head else []
        self.log.write_text(self.head + "".join(kept), encoding="utf-8")

    @property
    def head(self) -> str:
        declared = [self.experiment.declared(), store.code(self.experiment.run), self.pool.number]
        return json.dumps(declared) + "\n"

    def jobs(self) -> list[Job]:
        """What can be measured now: the pilots, or, once they are all in, the groups."""
        ahead = [*pilot_jobs(self.experiment, self.pool)]
        if all(job.key in self.values for job in ahead) and not self.grouped:
            self.grouped = True
            ahead = [*group_jobs(self.experiment, self.pool, self.values)]
        new = [job for job in ahead if job.key not in self.values and job.key not in self.out]
        self.out |= {job.key for job in new}
        return new

    def record(self, job: Job, values: dict[str, list[float]], seconds: float) -> None:
        self.values[job.key] = values
        self.seconds += seconds
        self.out.discard(job.key)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps([store.key_text(job.key), values, round(seconds, 2)]) + "\n")

    @property
    def total(self) -> int:
        """How many jobs there are, as far as is known."""
        groups = len(self.values) + len(self.out) if self.grouped else 0
        guess = sum(1 for _ in pilot_jobs(self.experiment, self.pool)) + (
            len(self.experiment.arms) * self.experiment.draws * len(self.experiment.grouped)
            + sum(map(len, self.experiment.at.values())) * self.experiment.draws
        )
        return groups or guess


def run(
    names: Iterable[str],
    folder: Path,
    log: Path,
    pool: Pool | None = None,
    workers: int = 2,
    scheduler: str = "",
    told: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> list[Path]:
    """Measure experiments and store their results in `folder`; return the files.

    log: folder of what is measured on the way, from which a run that was killed goes on.  scheduler: address of a dask
    cluster to use in place of processes.  told: hears of progress, as (jobs done, jobs in all, experiment).
    Errors: CourseError for a name that is not declared, with those that are.
    """
    pool = pool or Pool()
    names = list(names) or [*EXPERIMENTS]
    for name in names:
        if name not in EXPERIMENTS:
            raise CourseError(f"there is no experiment {name}; there are {', '.join(EXPERIMENTS)}.")
    under_way = {n: Running(EXPERIMENTS[n], pool, log / f"{n}-{pool.number}.jsonl") for n in names}
    for each in under_way.values():
        each.resume()
    written = []
    with _executor(workers, scheduler) as executor:
        pending: dict[Future[Any], Job] = {}

        def send(each: Running) -> None:
            for job in each.jobs():
                pending[executor.submit(measure, job)] = job

        for each in under_way.values():
            send(each)
        finished: set[str] = set()
        while len(finished) < len(under_way):
            for future in wait(pending, return_when=FIRST_COMPLETED).done if pending else ():
                job = pending.pop(future)
                under_way[job.experiment].record(job, *future.result())
                told(
                    sum(len(each.values) for each in under_way.values()),
                    sum(each.total for each in under_way.values()),
                    job.experiment,
                )
            for name, each in under_way.items():
                if not each.out and name not in finished:
                    send(each)
                    if not each.out:
                        finished.add(name)
                        made = _made(each)
                        written.append(store.write(each.experiment, made, each.values, folder))
                        each.log.unlink()
    store.load.cache_clear()
    return written


def _made(each: Running) -> dict[str, Any]:
    return {
        "pool": each.pool.number,
        **each.pool.drawn(each.experiment),
        "date": date.today().isoformat(),
        "seconds": round(each.seconds),
        "versions": {"python": platform.python_version()} | {n: version(n).split("+")[0] for n in ("numpy", "torch")},
    }


def _begin(parent: int) -> None:
    """End with the campaign, and show no progress bar but its own."""
    stay_with(parent)
    os.environ["ACTLAB_STATIC"] = "1"


@contextmanager
def _executor(workers: int, scheduler: str) -> Iterator[Executor]:
    if scheduler:
        from distributed import Client

        with Client(scheduler) as client:
            yield client.get_executor(pure=False)
    else:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        pool = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(os.getpid(),)
        )
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
