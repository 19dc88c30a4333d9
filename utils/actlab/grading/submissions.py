"""What came in, as one entry for each student."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from actlab.grading.incoming import File, NoSubmissions, files_in
from actlab.grading.layouts import Layout, students, without_sections
from actlab.grading.notes import Cause, Note
from actlab.roster import Roster, folded
from actlab.words import quoted

STATUSES = {
    "graded": "its cells were run and its answers scored",
    "empty": "there is a notebook, but no code in it",
    "unreadable": "the file is no notebook, is damaged, or is too large",
    "missing": "there is no notebook among what was handed in",
    "refused": "a symlink, a device, or a path that leaves the folder",
    "failed": "grading itself failed, which is not the student's fault; the next run tries again",
    "absent": "on the roster, and nothing was handed in",
    "excused": "the instructor says so: no score is given back",
}


@dataclass(frozen=True)
class Submission:
    """Everything that one student handed in.

    layout: how the student was recognised.  name: what a learning platform calls the student, where it says so.
    certain: whether it is a hand-in whatever it holds; what is not certain is one if it holds the homework.
    notes: what the names say that the instructor should know.  handed_in_as: the ids that the names say.
    """

    student: str
    files: tuple[File, ...]
    layout: Layout = Layout.FILE
    name: str = ""
    certain: bool = True
    notes: tuple[str, ...] = ()
    handed_in_as: tuple[str, ...] = ()

    @property
    def paths(self) -> list[str]:
        """What of it lies at the top, once for each name."""
        return list(dict.fromkeys(re.sub(r"(?<=/).*", "", file.path, flags=re.DOTALL) for file in self.files))


def known(submissions: Iterable[Submission], roster: Roster | None, aliases: Mapping[str, str]) -> list[Submission]:
    """The submissions under the ids that the instructor goes by; what came from one student under several is one.

    aliases: an id that is another name of a student, as it is compared -> the id that counts.
    """
    together: dict[str, list[Submission]] = {}
    submissions = list(submissions)
    named = Counter(one.name for one in submissions)
    for one in submissions:
        person = roster.person(one.student, one.name if named[one.name] == 1 else "") if roster else None
        id = aliases.get(folded(person.id)) if person else None
        id = id or aliases.get(folded(one.student)) or (person.id if person else one.student)
        counts = roster.person(id) if roster else None
        together.setdefault(counts.id if counts else id, []).append(replace(one, certain=one.certain or bool(counts)))
    return [_one(id, together[id]) for id in sorted(together)]


def _one(student: str, parts: Sequence[Submission]) -> Submission:
    """Several submissions as one student's."""
    first = min(parts, key=lambda one: not one.layout.platform)
    ids = tuple(dict.fromkeys(one.student for one in parts))
    notes = [note for one in parts for note in one.notes]
    if len(ids) > 1:
        notes.append(Note(f"Handed in as {', '.join(map(quoted, ids))}, who are one student.", Cause.NAMED))
    return replace(
        first,
        student=student,
        files=tuple(file for one in parts for file in one.files),
        name=next((one.name for one in parts if one.name), ""),
        certain=any(one.certain for one in parts),
        notes=tuple(notes),
        handed_in_as=ids,
    )


@dataclass(frozen=True)
class Collected:
    """The submissions, in the order of their students' ids, and what belongs to nobody, in words.

    together: the same as one student's, where the names leave open whether it is several students'.
    """

    submissions: list[Submission]
    aside: list[str]
    together: Submission | None = None


def collect(source: Path, leave_out: Path | None = None, roster: Roster | None = None) -> Collected:
    """One submission for each student.  leave_out: a folder in there that is ours.  roster: who is in the class.

    Errors: NoSubmissions where there is nothing to read, and where nobody handed in.
    """
    listing = files_in(source, leave_out)
    if roster:
        listing = without_sections(listing, lambda id: roster.person(id) is not None)
    found, aside, alone = students(listing)
    if not found:
        raise NoSubmissions(f"Nothing in {source} is a submission: no notebook, no folder.")
    submissions = [
        Submission(one.student, tuple(one.files), one.layout, one.name, one.certain, tuple(one.notes)) for one in found
    ]
    files = tuple(replace(file, path=f"{alone}/{file.path}") for one in found for file in one.files)
    return Collected(submissions, aside, Submission(alone, files, Layout.FOLDER) if alone else None)
