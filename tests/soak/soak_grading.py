"""A thousand submissions, sudden deaths, and noise on the wire. Long: run with `make soak`."""

import csv
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import attacks
import classroom
import psutil
import pytest

from actlab.grading.marking import Job, Terms, judge
from actlab.grading.run import Order, Progress, grade
from soak import school

MANY = int(os.environ.get("ACTLAB_SOAK", "1000"))
KILLS = 20
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
    command = [*GRADE, handed_in, "--out", tmp_path / "out", "--workers", str(workers)]
    started, peak = time.monotonic(), 0
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    whole = psutil.Process(running.pid)
    while running.poll() is None:
        peak = max(peak, resident(whole))
        time.sleep(0.2)
    seconds = time.monotonic() - started
    print(f"\n{MANY} submissions, {workers} workers: {seconds:.0f} s, {MANY / seconds:.2f}/s, peak {peak >> 20} MB")
    assert running.returncode == 0
    rows = table(tmp_path / "out")
    for k in range(MANY):
        points = school.student(k)[1]
        assert {name: int(rows[f"s{k:04}"][name]) for name in points} == points, k


def resident(process) -> int:
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:
            continue
    return total


def test_twenty_deaths(handed_in, tmp_path):
    out, chance = tmp_path / "out", random.Random(1)
    some = tmp_path / "some"
    some.mkdir()
    for path in sorted(handed_in.iterdir())[:200]:
        shutil.copy(path, some)
    seen: dict[str, str] = {}
    for _ in range(KILLS):
        running = subprocess.Popen([*GRADE, some, "--out", out], stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 6))
        running.send_signal(signal.SIGKILL)
        running.wait()
        if (out / "gradebook.sqlite").exists():
            with sqlite3.connect(out / "gradebook.sqlite") as book:
                assert book.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                now = dict(book.execute("SELECT student, details FROM grades"))
            assert now.items() >= seen.items(), "a row was lost, or graded again"
            seen = now
    again = []
    grade(some, out, Order(), Progress(done=lambda row: again.append(row)))
    assert sum(row is None for row in again) == len(seen) and len(again) == 200
    rows = table(out)
    assert len(rows) == 200
    for k in range(200):
        assert float(rows[f"s{k:04}"]["score"]) == sum(school.student(k)[1].values())
    print(f"\n{KILLS} deaths: {len(seen)} rows before the last run, 0 lost, 0 repeated")


NOISE = """
import json, os, random, struct
chance = random.Random({seed})

def noise(*args):
    for number in range(3, 8):
        try:
            kind = chance.randrange(5)
            if kind == 0:
                data = os.urandom(chance.randrange(200))
            elif kind == 1:
                data = struct.pack("<II", chance.randrange(2**32), chance.randrange(2**32))
            else:
                shape = [chance.randrange(-2, 9)] * chance.randrange(4)
                tree = {{"array": [chance.choice(["<f8", "|O", "<i8", 7]), shape]}}
                for _ in range(chance.randrange(8)):
                    tree = {{chance.choice(["list", "tuple", "x"]): [tree]}}
                what = chance.choice(["value", "asks", "trouble"])
                head = json.dumps({{"id": chance.randrange(400), what: tree}}).encode()
                body = os.urandom(chance.randrange(80))
                data = struct.pack("<II", len(head), len(body)) + head + body
            os.set_blocking(number, False)
            os.write(number, data)
        except OSError:
            pass
    return 0.0

answer_all(noise)
"""


@pytest.mark.parametrize("seed", range(60))
def test_noise_on_the_wire_earns_nothing(seed):
    prelude = attacks.attacks()[0].cells[0]
    assert judge(Job("noisy", (prelude, NOISE.format(seed=seed)), Terms(b"s", seconds=1.0))).score == 0
    assert judge(Job("honest", attacks.honest(), Terms(b"s"))).score == 100
