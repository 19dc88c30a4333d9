"""A thousand submissions, sudden deaths, and an hour of noise. Long: run with `make soak`."""

import csv
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import classroom
import psutil
import pytest

from actlab.errors import CourseError
from actlab.grading.run import Order, Progress, grade
from soak import fuzz, school

MANY = int(os.environ.get("ACTLAB_SOAK", "1000"))
KILLS = 20
TWICE = 200
ORDER = Order(seconds=1.0)
FUZZ_SECONDS = float(os.environ.get("ACTLAB_FUZZ_SECONDS", "3600"))
GRADE = [sys.executable, "-m", "actlab.cli", "grade"]


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    folder = tmp_path_factory.mktemp("thousand")
    return classroom.hand_in(folder, **{f"s{k:04}": school.student(k)[0] for k in range(MANY)})


def table(out: Path) -> dict[str, dict[str, str]]:
    with (out / "grades.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_thousand_submissions(handed_in, tmp_path, workers):
    seconds, peak = graded(handed_in, tmp_path / "out", "--workers", str(workers))
    print(f"\n{MANY} submissions, {workers} workers: {seconds:.0f} s, {MANY / seconds:.2f}/s, peak {peak >> 20} MB")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_thousand_on_workers_that_share_only_a_network(handed_in, tmp_path, workers):
    """Each worker in a network of its own, which leads to the scheduler and nowhere else, over TLS.  Needs root."""
    tls = classroom.certified(tmp_path / "tls")
    with (
        classroom.networks(workers) as (host, inside),
        classroom.cluster(tmp_path / "dask", workers, "", host, inside, tls) as (scheduler, running),
    ):
        here, *places = (
            Path("/proc", f"{which}", "ns", "net").readlink() for which in ("self", *(p.pid for p in running))
        )
        assert len({here, *places}) == 1 + workers
        seconds, _ = graded(handed_in, tmp_path / "out", "--scheduler", scheduler, **tls)
    print(f"\n{MANY} submissions, workers in networks of their own, {workers}: {seconds:.0f} s, {MANY / seconds:.2f}/s")


def graded(source: Path, out: Path, *options: str, **variables: str) -> tuple[float, int]:
    """Grade the class and look at everybody's points: (seconds, bytes of the largest memory, without a cluster's)."""
    started, peak = time.monotonic(), 0
    command = [*GRADE, source, "--out", out, *options]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | variables)
    whole = psutil.Process(running.pid)
    while running.poll() is None:
        peak = max(peak, resident(whole))
        time.sleep(0.2)
    seconds = time.monotonic() - started
    assert running.returncode == 0
    rows = table(out)
    for k in range(MANY):
        points = school.student(k)[1]
        assert {name: int(rows[f"s{k:04}"][name]) for name in points} == points, k
    return seconds, peak


def resident(process) -> int:
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:
            continue
    return total


def recorded(out: Path) -> dict[str, str]:
    """What the gradebook holds of each student; a book that is damaged fails here."""
    if not (out / "gradebook.sqlite").exists():
        return {}
    with sqlite3.connect(out / "gradebook.sqlite") as book:
        assert book.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        made = book.execute("SELECT 1 FROM sqlite_master WHERE name = 'grades'").fetchone()
        return dict(book.execute("SELECT student, details FROM grades")) if made else {}


def test_twenty_deaths(handed_in, tmp_path):
    out, chance = tmp_path / "out", random.Random(1)
    some = tmp_path / "some"
    some.mkdir()
    for path in sorted(handed_in.iterdir())[:200]:
        shutil.copy(path, some)
    seen: dict[str, str] = {}
    for kill in range(KILLS):
        running = subprocess.Popen([*GRADE, some, "--out", out], stderr=subprocess.DEVNULL)
        more = len(seen) + chance.randint(1, 6) if kill % 2 else 0  # every other one dies while rows are recorded
        while len(recorded(out)) < more and running.poll() is None:
            time.sleep(0.05)
        time.sleep(chance.uniform(0, 0.5) if more else chance.uniform(0.3, 6))
        running.send_signal(signal.SIGKILL)
        running.wait()
        now = recorded(out)
        assert now.items() >= seen.items(), "a row was lost, or graded again"
        assert len(now) >= more
        seen = now
    again = []
    grade(some, out, Order(), Progress(done=lambda row: again.append(row)))
    assert sum(row is None for row in again) == len(seen) and len(again) == 200
    rows = table(out)
    assert len(rows) == 200
    for k in range(200):
        assert float(rows[f"s{k:04}"]["score"]) == sum(school.student(k)[1].values())
    print(f"\n{KILLS} deaths: {len(seen)} rows before the last run, 0 lost, 0 repeated")


def test_other_secrets_give_the_same_scores(handed_in, tmp_path):
    """Two runs that draw a secret each: every case is another one, and every point the same."""
    some = tmp_path / "some"
    some.mkdir()
    for path in sorted(handed_in.iterdir())[:TWICE]:
        shutil.copy(path, some)
    once, again = ({row.student: row for row in grade(some, tmp_path / name, Order())} for name in ("once", "again"))
    points = [{k: {r.name: r.points for r in row.results} for k, row in run.items()} for run in (once, again)]
    assert [k for k in points[0] if points[0][k] != points[1][k]] == []
    said = sum(a.sentence != b.sentence for k in once for a, b in zip(once[k].results, again[k].results, strict=True))
    print(f"\n{len(once)} graded under two secrets: 0 scores differ, {said} sentences do")


def test_an_hour_of_noise_leaves_the_honest_alone(tmp_path):
    """Each round is a small class through the whole of `grade`; its seed alone makes it again."""
    ends, rounds, seen = time.monotonic() + FUZZ_SECONDS, 0, Counter()
    first = int(os.environ.get("ACTLAB_FUZZ_SEED", str(random.randrange(1 << 30))))
    kinds = (*fuzz.KINDS, "a damaged zip of all")
    while time.monotonic() < ends:
        seed, kind = first + rounds, kinds[rounds % len(kinds)]
        folder = tmp_path / "round"
        whole = kind in fuzz.KINDS
        source = fuzz.hand_in(folder, seed, (kind,) if whole else fuzz.KINDS)
        try:
            rows = {r.student: r for r in grade(source if whole else fuzz.damaged(source, seed), folder / "out", ORDER)}
        except CourseError as error:
            assert not whole and "\n" not in f"{error}", f"{kind}, seed {seed}"
            rows = {}
            seen[f"{kind}: refused in a sentence"] += 1
        if whole:
            require_unharmed(rows, folder / "out", f"{kind}, seed {seed}")
        seen.update(f"{kind}: {row.status}" for name, row in rows.items() if name != fuzz.HONEST)
        shutil.rmtree(folder)
        rounds += 1
    print(f"\nseeds {first} to {first + rounds - 1}: {rounds} classes; no honest neighbour lost a point, no run failed")
    print("\n".join(f"  {what}: {many}" for what, many in sorted(seen.items())))


def require_unharmed(rows, out, which):
    """The honest neighbour has all points, talking on the wire earns none, and everybody has a row and two files."""
    assert rows[fuzz.HONEST].score == 100, which
    assert not [name for name, row in rows.items() if name.startswith("wire") and row.score], which
    assert not [name for name, row in rows.items() if row.status == "failed"], which
    assert len(table(out)) == len(rows), which
    for folder in ("feedback", "gradescope"):
        assert len(list((out / folder).iterdir())) == len(rows), which
