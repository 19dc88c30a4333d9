"""What came in, as one entry for each student."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from actlab.grading.incoming import File, NoSubmissions, Unreadable, files_in

STATUSES = {
    "graded": "its cells were run and its answers scored",
    "empty": "there is a notebook, but no code in it",
    "unreadable": "the file is no notebook, is damaged, or is too large",
    "missing": "there is no notebook among what was handed in",
    "refused": "a symlink, a device, or a path that leaves the folder",
    "failed": "grading itself failed, which is not the student's fault; the next run tries again",
}
CANVAS = re.compile(r"[^_/]+(?:_LATE)?_(\d+)_\d+_(?P<name>.+)", re.IGNORECASE)
MOODLE = re.compile(r"(?P<who>.+)_(\d+)_assignsubmission_[a-z]+_?(?P<name>.*)", re.DOTALL)


@dataclass(frozen=True)
class Submission:
    """Everything that one student handed in.

    name: what a learning platform calls the student, where it says so.  platform: whether it chose the id, too.
    """

    student: str
    files: tuple[File, ...]
    name: str = ""
    platform: bool = False

    @property
    def chosen(self) -> File | None:
        """The newest notebook that may be read."""
        notebooks = [file for file in self.files if file.is_notebook and not file.refusal]
        return max(notebooks, key=lambda file: (file.changed, _natural(file.path)), default=None)

    def read(self) -> bytes:
        """What the chosen notebook holds.  Errors: `Unreadable`."""
        if self.chosen is None:
            refused = [file for file in self.files if file.refusal]
            if refused:
                raise Unreadable("refused", f"{_quoted(refused[0].path)} was not read: {refused[0].refusal}.")
            others = ", ".join(_quoted(file.path) for file in self.files[:3])
            raise Unreadable("missing", f"There is no notebook{f', only {others}' if others else ''}.")
        try:
            return self.chosen.read()
        except Unreadable:
            raise
        except (OSError, RuntimeError, ValueError, EOFError, NotImplementedError, zipfile.BadZipFile) as error:
            raise Unreadable("unreadable", f"The file cannot be read ({type(error).__name__}).") from None
        except Exception as error:  # zlib.error, lzma.LZMAError and their like
            raise Unreadable("unreadable", f"The file is damaged ({type(error).__name__}).") from None

    def notes(self) -> list[str]:
        """What the instructor should know about the files that do not count."""
        chosen = self.chosen
        notes = []
        older = [f for f in self.files if f.is_notebook and not f.refusal and f is not chosen]
        if chosen and older:
            listed = ", ".join(_quoted(f.path) for f in older[:5])
            notes.append(f"{len(older) + 1} notebooks: {_quoted(chosen.path)} is the newest and counts, not {listed}.")
        if chosen:
            notes += [f"{_quoted(f.path)} was not read: {f.refusal}." for f in self.files if f.refusal]
        return notes


def collect(source: Path, leave_out: Path | None = None) -> list[Submission]:
    """One submission for each student, in the order of their names.  leave_out: a folder in there that is ours."""
    files, folders = files_in(source, leave_out)
    found = _by_student(files, folders)
    if not found:
        raise NoSubmissions(f"Nothing in {source} is a submission: no notebook, no folder.")
    return found


def _by_student(files: list[File], folders: list[str]) -> list[Submission]:
    canvas = bool(files) and not folders and all(CANVAS.fullmatch(file.path) for file in files)
    grouped: dict[str, list[File]] = {name: [] for name in folders if not MOODLE.fullmatch(name)}
    names = {}
    for name in folders:
        if found := MOODLE.fullmatch(name):
            grouped.setdefault(found[2], [])
            names[found[2]] = found["who"]
    for file in files:
        first, _, rest = file.path.partition("/")
        if found := MOODLE.fullmatch(first):
            student, names[found[2]] = found[2], found["who"]
        elif canvas and (found := CANVAS.fullmatch(first)):
            student = found[1]
        else:
            student = first if rest else re.sub(r"(?s)(?<=.)\.\w+$", "", first)
        grouped.setdefault(student, []).append(file)
    return [
        Submission(_printable(s), tuple(grouped[s]), _printable(names.get(s, "")), canvas or s in names)
        for s in sorted(grouped)
    ]


def _printable(name: str) -> str:
    """A name that every file and table can hold: bytes that are no UTF-8 become visible."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _natural(path: str) -> list:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path)]


def _quoted(path: str) -> str:
    return "“" + re.sub(r"[^\x20-\uffff]", "?", path)[:120] + "”"
