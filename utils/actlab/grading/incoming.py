"""Files as they came, in a folder or a zip: their names, their times, and how to read them within limits.

Nothing is unpacked and nothing is run. A file is read when it is its turn, and never more of it than a limit.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from actlab.errors import CourseError

MAX_FILE = 256 << 20
MAX_ENTRIES = 200_000
IGNORED = re.compile(r"\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|__MACOSX|\.ipynb_checkpoints|\..*", re.IGNORECASE)


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


def files_in(source: Path, leave_out: Path | None = None) -> tuple[list[File], list[str]]:
    """The files below a folder or in a zip, and the names of the folders at its top.  leave_out: a folder that is ours.

    Errors: NoSubmissions where there is neither.
    """
    if source.is_dir():
        return _in_folder(source, leave_out)
    if zipfile.is_zipfile(source):
        return _in_zip(source)
    if source.exists():
        raise NoSubmissions(f"{source} is neither a folder nor a zip.")
    raise NoSubmissions(f"There is no {source}.")


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
