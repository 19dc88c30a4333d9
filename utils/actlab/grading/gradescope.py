"""Gradescope's autograder: the zip that an instructor uploads, and what runs in Gradescope's container.

The container holds one submission: `/autograder/submission`, and metadata that say whose it is. The package goes into
the zip without the lessons; whether bubblewrap works in there is tried first, and said where it does not.
"""

from __future__ import annotations

import json
import secrets
import shlex
import zipfile
from pathlib import Path

from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import lesson
from actlab.grading import reports
from actlab.grading.gradebook import Grade
from actlab.grading.marking import Terms
from actlab.grading.row import graded
from actlab.grading.sandbox import require
from actlab.grading.submissions import Submission, collect

PACKAGE = Path(__file__).parents[1]
NEEDED = ("filelock", "ipython", "jinja2", "numpy", "platformdirs", "rich", "scipy", "typer")
SETUP = """#!/usr/bin/env bash
set -e
apt-get update
apt-get install -y bubblewrap python3 python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install {needed}
"""
RUN = """#!/usr/bin/env bash
cd /autograder/source
chmod 700 /autograder/source /autograder/venv
PYTHONPATH=/autograder/source /autograder/venv/bin/python -m actlab.grading.gradescope
"""


def build(out: Path, secret: bytes | None, sandbox: str) -> None:
    """Write the zip. Without a secret it gets one of its own, so that everyone who uses it is asked the same."""
    from actlab.environment import bounds  # reads the metadata of an installed actlab, which the container lacks

    settings = {
        "secret": (secret or secrets.token_bytes(32)).hex(),
        "personal": secret is not None,
        "sandbox": sandbox,
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text, mode in (
            ("setup.sh", SETUP.format(needed=shlex.join(bounds(*NEEDED))), 0o755),
            ("run_autograder", RUN, 0o755),
            ("settings.json", json.dumps(settings), 0o600),
        ):
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.external_attr = mode << 16
            archive.writestr(info, text, zipfile.ZIP_DEFLATED)
        for path in sorted(PACKAGE.rglob("*")):
            if path.suffix in (".py", ".j2", ".css"):
                archive.write(path, Path("actlab") / path.relative_to(PACKAGE))


def main(home: Path = Path("/autograder")) -> None:
    """Grade the one submission and write `results/results.json`."""
    settings = json.loads((home / "source/settings.json").read_text(encoding="utf-8"))
    secret = bytes.fromhex(settings["secret"])
    row = _graded(home, Terms(secret, sandbox=settings["sandbox"], personal=settings["personal"]))
    (home / "results").mkdir(exist_ok=True)
    results = reports.gradescope(row, lesson(PRACTICE.number))
    (home / "results/results.json").write_text(json.dumps(results), encoding="utf-8")


def _graded(home: Path, terms: Terms) -> Grade:
    student = _student(home / "submission_metadata.json")
    try:
        require(terms.sandbox)
        files = [file for one in collect(home / "submission") for file in one.files]
    except CourseError as error:
        most = sum(exercise.points for exercise in lesson(terms.lesson))
        return Grade(student, "", "failed", 0, most, sentence=f"{error}")
    return graded(Submission(student, tuple(files), platform=True), terms)


def _student(metadata: Path) -> str:
    try:
        user = json.loads(metadata.read_text(encoding="utf-8"))["users"][0]
        return str(user.get("sid") or user.get("email") or user["id"])
    except (OSError, ValueError, LookupError, TypeError):
        return "unknown"


if __name__ == "__main__":
    main()
