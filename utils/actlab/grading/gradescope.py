"""Gradescope's autograder: the zip that an instructor uploads, and what runs in Gradescope's container.

The container holds one submission: `/autograder/submission`, and metadata that say whose it is. The package goes into
the zip without the lessons; whether bubblewrap works in there is tried first, and said where it does not.
"""

from __future__ import annotations

import io
import json
import secrets
import shlex
import zipfile
from pathlib import Path

from actlab import course
from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import Exercise, lesson
from actlab.exercises.personal import key
from actlab.files import replace
from actlab.grading import feedback, witness
from actlab.grading.gradebook import LONGEST_STUDENT, Grade, as_recorded
from actlab.grading.incoming import files_in
from actlab.grading.layouts import Layout
from actlab.grading.marking import Terms
from actlab.grading.outcome import Stumbled, fault
from actlab.grading.reading import read
from actlab.grading.row import exhibit, graded
from actlab.grading.sandbox import require
from actlab.grading.standing import Rules, stand
from actlab.grading.submissions import Submission
from actlab.grading.witness import Finding

PACKAGE = Path(__file__).parents[1]
NEEDED = ("filelock", "jinja2", "numpy", "platformdirs", "rich", "scipy", "typer")
SETUP = """#!/usr/bin/env bash
set -e
apt-get update
apt-get install -y bubblewrap python3 python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install {needed}
"""
RUN = """#!/usr/bin/env bash
mkdir -p /autograder/results
echo '{unfinished}' > /autograder/results/results.json
cd /autograder/source
chmod 700 /autograder/source /autograder/venv
PYTHONPATH=/autograder/source /autograder/venv/bin/python -m actlab.grading.gradescope
"""
UNFINISHED = {
    "score": 0,
    "output": "Grading did not end: it ran out of memory or time, or was not set up. That is not your fault: "
    "tell your instructor, whom the log below this result tells more.",
}
"""The result that is there until there is a better one."""


def build(out: Path, secret: bytes | None, sandbox: str, homework: course.Lesson = PRACTICE) -> None:
    """Write the zip. Without a secret it gets one of its own, so that everyone who uses it is asked the same."""
    from actlab.environment import bounds  # reads the metadata of an installed actlab, which the container lacks

    settings = {
        "secret": (secret or secrets.token_bytes(32)).hex(),
        "personal": secret is not None,
        "sandbox": sandbox,
        "homework": homework.name,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text, mode in (
            ("setup.sh", SETUP.format(needed=shlex.join(bounds(*NEEDED))), 0o755),
            ("run_autograder", RUN.format(unfinished=json.dumps(UNFINISHED)), 0o755),
            ("settings.json", json.dumps(settings), 0o600),
        ):
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.external_attr = mode << 16
            archive.writestr(info, text, zipfile.ZIP_DEFLATED)
        for path in sorted(PACKAGE.rglob("*")):
            if path.suffix in (".py", ".j2", ".css"):
                archive.write(path, Path("actlab") / path.relative_to(PACKAGE))
    replace(out, made.getvalue(), 0o600)  # it holds the secret


def main(home: Path = Path("/autograder")) -> None:
    """Grade the one submission and write `results/results.json`, whatever happens."""
    student = _student(home / "submission_metadata.json")
    asked = lesson(_homework(home).number)
    rules = Rules(asked)
    try:
        row = as_recorded(_graded(home, student))
    except Exception as error:
        row = _failed(student, asked, fault("this submission was graded", error))
    try:
        results = json.dumps(feedback.gradescope(stand(row, rules), rules))
    except Exception as error:
        failed = _failed(student, asked, fault("the result was written", error))
        results = json.dumps(feedback.gradescope(stand(failed, rules), rules))
    print(*row.notes, sep="\n")  # which Gradescope shows to instructors alone
    (home / "results").mkdir(exist_ok=True)
    (home / "results/results.json").write_text(results, encoding="utf-8")


def _homework(home: Path) -> course.Lesson:
    """The homework that the settings name; the practice where they name none."""
    try:
        return course.homework(_settings(home)["homework"])
    except (OSError, ValueError, LookupError, TypeError):
        return PRACTICE


def _settings(home: Path) -> dict:
    return json.loads((home / "source/settings.json").read_text(encoding="utf-8"))


def _graded(home: Path, student: str) -> Grade:
    settings, number = _settings(home), _homework(home).number
    secret = bytes.fromhex(settings["secret"])
    terms = Terms(key(secret, student), sandbox=settings["sandbox"], lesson=number)
    try:
        require(terms.sandbox)
        submission = Submission(student, tuple(files_in(home / "submission").files), Layout.GRADESCOPE)
        reading = read(submission, frozenset(exercise.name for exercise in lesson(terms.lesson)))
        shown = exhibit(reading)
        finding = witness.alone(shown, secret if settings["personal"] else None, number) if shown else Finding()
        return graded(reading, finding, terms)
    except (CourseError, Stumbled) as error:
        return _failed(student, lesson(number), f"{error}")


def _failed(student: str, asked: list[Exercise], sentence: str) -> Grade:
    most = sum(exercise.points for exercise in asked)
    return Grade(student, "", "failed", 0, most, sentence)


def _student(metadata: Path) -> str:
    """The id that Gradescope gives the first of those who handed in, as a short text; "unknown" where it gives none."""
    try:
        user = json.loads(metadata.read_text(encoding="utf-8"))["users"][0]
        ids = [user.get(key) for key in ("sid", "email", "id")]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        ids = []
    known = (f"{one}"[:LONGEST_STUDENT] for one in ids if one and isinstance(one, str | int))
    return next(known, "unknown").encode("utf-8", "backslashreplace").decode()


if __name__ == "__main__":
    main()
