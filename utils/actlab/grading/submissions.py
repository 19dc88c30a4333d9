"""What came in, as one entry for each student."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from actlab.grading.incoming import File, NoSubmissions, files_in
from actlab.grading.layouts import Layout, students

STATUSES = {
    "graded": "its cells were run and its answers scored",
    "empty": "there is a notebook, but no code in it",
    "unreadable": "the file is no notebook, is damaged, or is too large",
    "missing": "there is no notebook among what was handed in",
    "refused": "a symlink, a device, or a path that leaves the folder",
    "failed": "grading itself failed, which is not the student's fault; the next run tries again",
}


@dataclass(frozen=True)
class Submission:
    """Everything that one student handed in.

    layout: how the student was recognised.  name: what a learning platform calls the student, where it says so.
    certain: whether it is a hand-in whatever it holds; what is not certain is one if it holds the homework.
    notes: what the names say that the instructor should know.
    """

    student: str
    files: tuple[File, ...]
    layout: Layout = Layout.FILE
    name: str = ""
    certain: bool = True
    notes: tuple[str, ...] = ()

    @property
    def paths(self) -> list[str]:
        """What of it lies at the top, once for each name."""
        return list(dict.fromkeys(re.sub(r"(?<=/).*", "", file.path, flags=re.DOTALL) for file in self.files))


@dataclass(frozen=True)
class Collected:
    """The submissions, in the order of their students' ids, and what belongs to nobody, in words.

    together: the same as one student's, where the names leave open whether it is several students'.
    """

    submissions: list[Submission]
    aside: list[str]
    together: Submission | None = None


def collect(source: Path, leave_out: Path | None = None) -> Collected:
    """One submission for each student.  leave_out: a folder in there that is ours.

    Errors: NoSubmissions where there is nothing to read, and where nobody handed in.
    """
    found, aside, alone = students(files_in(source, leave_out))
    if not found:
        raise NoSubmissions(f"Nothing in {source} is a submission: no notebook, no folder.")
    submissions = [
        Submission(one.student, tuple(one.files), one.layout, one.name, one.certain, tuple(one.notes)) for one in found
    ]
    files = tuple(replace(file, path=f"{alone}/{file.path}") for one in found for file in one.files)
    return Collected(submissions, aside, Submission(alone, files, Layout.FOLDER) if alone else None)
