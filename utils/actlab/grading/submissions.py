"""What came in: a folder or a zip of notebooks, in whatever state, as one entry for each student.

Nothing is unpacked and nothing is run. A file is read when it is its turn, and never more of it than a limit.
"""

from __future__ import annotations

import json
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from actlab.errors import CourseError

STATUSES = {
    "graded": "its cells were run and its answers scored",
    "empty": "there is a notebook, but no code in it",
    "unreadable": "the file is no notebook, is damaged, or is too large",
    "missing": "there is no notebook among what was handed in",
    "refused": "a symlink, a device, or a path that leaves the folder",
    "failed": "grading itself failed, which is not the student's fault; the next run tries again",
}
MAX_FILE = 256 << 20
MAX_ENTRIES = 200_000
MAX_CODE = 1 << 20
MAX_WRITTEN = 20_000
WRITTEN = "### In your own words"
IGNORED = re.compile(r"\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|__MACOSX|\.ipynb_checkpoints|\..*", re.IGNORECASE)
CANVAS = re.compile(r"[^_/]+(?:_LATE)?_(\d+)_\d+_(?P<name>.+)", re.IGNORECASE)
MOODLE = re.compile(r"(?P<who>.+)_(\d+)_assignsubmission_[a-z]+_?(?P<name>.*)", re.DOTALL)


class NoSubmissions(CourseError):
    """Why there is nothing to grade, in a sentence."""


class Unreadable(Exception):
    """Why a submission cannot be read: one of `STATUSES`, and a sentence."""

    def __init__(self, status: str, sentence: str):
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(frozen=True)
class File:
    """One file as it came: its path below the submissions, when it was changed, and how to read it.

    refusal: why it is not to be read, if so.
    """

    path: str
    changed: float
    read: Callable[[], bytes] = field(repr=False, default=bytes)
    refusal: str = ""

    @property
    def is_notebook(self) -> bool:
        return self.path.lower().endswith(".ipynb")


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
    if source.is_dir():
        files, folders = _in_folder(source, leave_out)
    elif zipfile.is_zipfile(source):
        files, folders = _in_zip(source)
    elif source.exists():
        raise NoSubmissions(f"{source} is neither a folder nor a zip.")
    else:
        raise NoSubmissions(f"There is no {source}.")
    found = _by_student(files, folders)
    if not found:
        raise NoSubmissions(f"Nothing in {source} is a submission: no notebook, no folder.")
    return found


@dataclass(frozen=True)
class Notebook:
    """What counts of a notebook: the sources of its code cells, the written answers, and whom it was handed out to."""

    code: tuple[str, ...]
    written: tuple[str, ...] = ()
    handed_to: str = ""


def parse(data: bytes) -> Notebook:
    """A notebook from a file's bytes, whatever version it is.  Errors: `Unreadable`."""
    if not data.strip(b"\0 \r\n\t"):
        raise Unreadable("empty", "The file is empty.")
    try:
        content = json.loads(_decoded(data))
    except (ValueError, RecursionError):
        cut = data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{")
        what = "The file is a damaged notebook: it ends early or was changed" if cut else "The file is no notebook"
        raise Unreadable("unreadable", f"{what}.") from None
    cells = list(_cells(content))
    sources = tuple(text for kind, text in cells if kind == "code" and text.strip())
    if sum(map(len, sources)) > MAX_CODE:
        raise Unreadable("unreadable", f"The code is longer than {MAX_CODE >> 20} MB.")
    if not sources:
        many = f"its {len(cells)} cells hold no code" if cells else "it has no cells"
        raise Unreadable("empty", f"The notebook is empty: {many}.")
    written = tuple(text[:MAX_WRITTEN] for kind, text in cells if kind == "markdown" and text.startswith(WRITTEN))
    ours = content.get("metadata")
    ours = ours.get("actlab") if isinstance(ours, dict) else None
    handed_to = ours.get("student") if isinstance(ours, dict) else None
    return Notebook(sources, written, handed_to if isinstance(handed_to, str) else "")


def _cells(notebook) -> Iterable[tuple[str, str]]:
    """(type, source) of the cells, from nbformat 2 to 4, skipping what makes no sense."""
    if not isinstance(notebook, dict):
        raise Unreadable("unreadable", "The file is JSON, but no notebook.")
    sheets = notebook.get("worksheets")
    groups = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    groups.append(notebook.get("cells"))
    if not any(isinstance(group, list) for group in groups):
        raise Unreadable("unreadable", "The file is JSON, but no notebook: it has no cells.")
    for group in groups:
        for cell in group if isinstance(group, list) else []:
            if isinstance(cell, dict):
                text = cell.get("source", cell.get("input", ""))
                if isinstance(text, list):
                    text = "".join(part for part in text if isinstance(part, str))
                yield str(cell.get("cell_type")), text if isinstance(text, str) else ""


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _in_folder(root: Path, leave_out: Path | None) -> tuple[list[File], list[str]]:
    files, folders = [], []
    ours = leave_out.resolve() if leave_out else None

    def walk(folder: Path, below: PurePosixPath):
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            files.append(File(f"{below}/?", 0.0, refusal=f"the folder cannot be opened ({error.strerror})"))
            return
        for entry in entries:
            path = below / entry.name
            if IGNORED.fullmatch(entry.name) or (ours and Path(entry.path).resolve() == ours):
                continue
            if entry.is_symlink():
                files.append(File(str(path), 0.0, refusal="it is a symlink"))
            elif entry.is_dir(follow_symlinks=False):
                if len(path.parts) == 1:
                    folders.append(entry.name)
                walk(Path(entry.path), path)
            elif entry.is_file(follow_symlinks=False):
                files.append(File(str(path), entry.stat().st_mtime, _reader(entry.path)))
            else:
                files.append(File(str(path), 0.0, refusal="it is no regular file"))

    walk(root, PurePosixPath())
    return files, folders


def _reader(path: str) -> Callable[[], bytes]:
    def read():
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unreadable("refused", "It is no regular file.")
            return _limited(stream)

    return read


def _in_zip(source: Path) -> tuple[list[File], list[str]]:
    with zipfile.ZipFile(source) as archive:
        infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise NoSubmissions(f"{source} holds more than {MAX_ENTRIES} files.")
    entries = [(info, info.filename.replace("\\", "/")) for info in infos]
    entries = [(info, name) for info, name in entries if not any(map(IGNORED.fullmatch, _inner_parts(name)))]
    top = {name.split("/")[0] for _, name in entries}
    if len(top) == 1 and all("/" in name for _, name in entries) and not _escapes(f"{next(iter(top))}/"):
        entries = [(info, rest) for info, name in entries if (rest := name.partition("/")[2])]
    files, folders = [], []
    for info, name in entries:
        if info.is_dir():
            if not _escapes(name) and "/" not in name.rstrip("/"):
                folders.append(name.rstrip("/"))
            continue
        refusal = ""
        if _escapes(name):
            refusal = "its path leaves the folder"
            name = name.rstrip("/").rpartition("/")[2]
        elif stat.S_ISLNK(info.external_attr >> 16):
            refusal = "it is a symlink"
        elif info.file_size > MAX_FILE:
            refusal = f"it is larger than {MAX_FILE >> 20} MB"
        files.append(File(name, _zip_time(info), _zip_reader(source, info), refusal))
    return files, folders


def _zip_reader(source: Path, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read():
        with zipfile.ZipFile(source) as archive, archive.open(info) as stream:
            return _limited(stream)

    return read


def _limited(stream) -> bytes:
    data = stream.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise Unreadable("unreadable", f"The file is larger than {MAX_FILE >> 20} MB.")
    return data


def _zip_time(info) -> float:
    try:
        return datetime(*info.date_time).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _inner_parts(name: str) -> list[str]:
    return [part for part in name.split("/") if part not in ("", ".", "..")]


def _escapes(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or bool(re.match(r"[A-Za-z]:", name)) or "\0" in name


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
