"""A class to grade: notebooks in every state, and what has to come out."""

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import nbformat

from actlab.course import CHALLENGE, PRACTICE
from actlab.exercises import EXERCISES, Choice
from actlab.exercises.personal import instance, personal
from actlab.publish.notebooks import solution, to_bytes
from actlab.publish.release import for_student
from actlab.publish.source import read_source

SOLUTIONS = Path(__file__).parents[1] / "solutions"
SOURCE = SOLUTIONS / f"{PRACTICE.stem}.py"
CHALLENGES = SOLUTIONS / f"{CHALLENGE.stem}.py"


def notebook(sources, **more) -> bytes:
    """A notebook with these code cells."""
    made = [
        {"cell_type": "code", "id": f"c{k}", "source": text, "outputs": [], "metadata": {}, "execution_count": None}
        for k, text in enumerate(sources)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made} | more).encode()


def hand_in(folder: Path, **submissions) -> Path:
    """Write ID.ipynb for each keyword: bytes as they are, a sequence of cells as a notebook."""
    folder.mkdir(parents=True, exist_ok=True)
    for student, content in submissions.items():
        content = content if isinstance(content, bytes) else notebook(content)
        (folder / f"{student}.ipynb").write_bytes(content)
    return folder


def answers(secret: bytes, student: str) -> dict[str, str]:
    """The cells that answer everything rightly in one student's hand-out, by what they answer."""
    exercises = personal(secret, student)
    cells = solution(read_source(SOURCE, exercises)).cells
    found = {c.metadata.nbgrader.grade_id: c.source for c in cells if c.metadata.get("nbgrader", {}).get("solution")}
    return found | {
        e.id: f'{e.name} = "{e.right[0]}"' for e in exercises.values() if isinstance(e, Choice) and e.question
    }


@cache
def solved_bytes(secret: bytes, student: str) -> bytes:
    handout = for_student(SOURCE, secret, student)
    right = answers(secret, student)
    for cell in handout.cells:
        if cell.cell_type == "code":
            cell.source = right.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return to_bytes(handout)


def solved(secret: bytes, student: str) -> nbformat.NotebookNode:
    """One student's hand-out with every answer right; "" is the one for everybody."""
    return nbformat.reads(solved_bytes(secret, student).decode(), as_version=4)


def challenge_answers(secret: bytes | None, student: str) -> dict[str, str]:
    """The cells that answer one student's challenge, written without the course's references, by what they answer.

    Without a secret they answer the course's own.
    """
    import variants  # late: its right answers need PyTorch, and whoever imports this module may need little memory

    code = "" if secret is None else instance(secret, student)
    found = variants.answers(code)
    own = EXERCISES if secret is None else personal(secret, student, CHALLENGE)
    letters = [own[id] for id in CHALLENGE.exercises if isinstance(own[id], Choice)]
    return found | {letter.id: f'{letter.name} = "{letter.right[0]}"' for letter in letters}


@cache
def untouched_challenge(secret: bytes, student: str) -> bytes:
    """One student's challenge as it is handed out."""
    return to_bytes(for_student(CHALLENGES, secret, student))


def challenged(secret: bytes, student: str, answered_by: str | None = None) -> bytes:
    """One student's challenge with every answer right, or with the answers of another student's."""
    handout = nbformat.reads(untouched_challenge(secret, student).decode(), as_version=4)
    right = challenge_answers(secret, student if answered_by is None else answered_by)
    for cell in handout.cells:
        if cell.cell_type == "code":
            cell.source = right.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return to_bytes(handout)


def as_notebook(content: dict) -> nbformat.NotebookNode:
    """What was edited as plain data, as Jupyter would store it."""
    for number, cell in enumerate(content["cells"]):
        if cell["cell_type"] == "code":
            cell.update({"outputs": [], "execution_count": None})
        cell["id"] = cell.get("id") or f"new{number}"
    return nbformat.from_dict(content)


@contextmanager
def networks(many: int) -> Iterator[tuple[str, list[list[str]]]]:
    """Networks of their own behind one switch: this computer's address there, and what runs a command in each of them.

    Errors: subprocess.CalledProcessError where this is not root, or `ip` is not installed.
    """

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    names = [f"actlab{k}" for k in range(many)]
    try:
        ip("link", "add", "actlab", "type", "bridge")
        ip("address", "add", "10.87.0.1/24", "dev", "actlab")
        ip("link", "set", "actlab", "up")
        for k, name in enumerate(names):
            ip("netns", "add", name)
            ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", name, "master", "actlab", "up")
            ip("-n", name, "address", "add", f"10.87.0.{2 + k}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                ip("-n", name, "link", "set", device, "up")
        yield "10.87.0.1", [["ip", "netns", "exec", name] for name in names]
    finally:
        for command in (*(("netns", "delete", name) for name in names), ("link", "delete", "actlab")):
            subprocess.run(["ip", *command], stderr=subprocess.DEVNULL, check=False)


def certified(folder: Path) -> dict[str, str]:
    """The variables that make dask speak TLS, with a certificate of its own that is made here."""
    folder.mkdir()
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=actlab"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    sides = {
        f"{tls}{side}__{what}": str(path)
        for side in ("SCHEDULER", "WORKER", "CLIENT")
        for what, path in (("KEY", key), ("CERT", certificate))
    }
    return sides | {f"{tls}CA_FILE": str(certificate), "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true"}


@contextmanager
def cluster(
    folder: Path,
    workers: int,
    preload: str,
    host: str = "127.0.0.1",
    inside: Sequence[Sequence[str]] = (),
    tls: Mapping[str, str] | None = None,
) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """A dask cluster on this computer: the scheduler's address and the workers' processes.

    preload: Python code that each worker runs once, before it works.  host: where the scheduler listens.
    inside: what each worker's command is given to, to run it somewhere else.  tls: what `certified` gives.
    """
    folder.mkdir()
    told = folder / "scheduler.json"
    setup = f"def dask_setup(worker):\n{textwrap.indent(preload or 'pass', '    ')}\n"
    (folder / "preload.py").write_text(setup, encoding="utf-8")
    found = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": found} | (tls or {})
    protocol = "tls" if tls else "tcp"

    def start(kind: str, *options: str, inside: Sequence[str] = ()) -> subprocess.Popen:
        program = [*inside, sys.executable, "-m", f"distributed.cli.dask_{kind}"]
        command = [*program, "--scheduler-file", str(told), "--protocol", protocol, *options, "--no-dashboard"]
        log = (folder / "log").open("ab")
        with log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    alone = ("--no-nanny", "--nthreads", "1", "--local-directory", str(folder), "--preload", str(folder / "preload.py"))
    running = [start("scheduler", "--host", host, "--port", "0")]
    try:
        running += [start("worker", *alone, inside=where) for where in inside or [()] * workers]
        while (said := (folder / "log").read_text(encoding="utf-8")).count("Registered to") < workers:
            assert all(process.poll() is None for process in running), said
            time.sleep(0.05)
        yield json.loads(told.read_text(encoding="utf-8"))["address"], running[1:]
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait()
