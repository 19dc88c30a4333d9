"""Files as they came, in a folder or a zip: their names, their times, and how to read them within limits.

Nothing is unpacked and nothing is run. A file in a folder is opened from the folder that was listed, step by step, and
no step follows a link. Names are compared and shown in Unicode's composed form (NFC); a file is opened by the bytes
that its name has.
"""

from __future__ import annotations

import errno
import hashlib
import heapq
import os
import re
import stat
import unicodedata
import zipfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Protocol

from actlab.errors import CourseError

MAX_FILE = 64 << 20
MAX_ENTRIES = 500_000
MAX_ONE = 5_000
"""So many files and folders of one student are looked at, notebooks and zips first."""
MAX_DEPTH = 40
MAX_NAME = 255
PEEK = 4096
JUNK = re.compile(
    r"\._.*|\.DS_Store|\.localized|Thumbs\.db|desktop\.ini|__MACOSX|\.Trash.*|\.Spotlight.*|\.fseventsd|\.~.*|~\$.*"
    r"|\.ipynb_checkpoints|\.virtual_documents|__pycache__|node_modules|site-packages|\.venv|\.git(?:ignore|attributes|keep|modules|hub)?|\.hg|\.svn"
    r"|\.vscode|\.idea|\.\w+_cache|\.cache|\.config|\.local|\.ipython|\.jupyter",
    re.IGNORECASE,
)
"""What systems and editors leave behind: neither a hand-in nor worth a word."""

_TOO_MANY = f"only {MAX_ONE} files of one student are looked at, and there are more here"
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_UNDECODED = re.compile("[\udc80-\udcff]")
_FOLDER = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_DIRECTORY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class NoSubmissions(CourseError):
    """Why there is nothing to grade, in a sentence."""


class Unreadable(Exception):
    """Why a submission cannot be read: one of `STATUSES`, and a sentence."""

    def __init__(self, status: str, sentence: str):
        super().__init__(status, sentence)
        self.status, self.sentence = status, sentence


class TooLarge(Unreadable):
    """A file of more bytes than may be read: all that may be were read before it showed."""


class Place(Protocol):
    """Where a file's bytes are."""

    def open(self) -> IO[bytes]:
        """The bytes, from the first one."""


@dataclass(frozen=True)
class File:
    """One file as it came: its path below the submissions, when it was changed, and where its bytes are.

    refusal: why it is not to be read, if so.
    """

    path: str
    changed: float
    place: Place = field(repr=False, compare=False)
    refusal: str = ""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def is_notebook(self) -> bool:
        """Whether its name says so."""
        return self.path.lower().endswith(".ipynb")

    @property
    def is_zip(self) -> bool:
        """Whether its name says so."""
        return self.path.lower().endswith(".zip")

    def start(self) -> bytes:
        """The first few kilobytes.  Errors: `Unreadable`."""
        with _sentences(), self.place.open() as stream:
            return stream.read(PEEK)

    def read(self, most: int = MAX_FILE) -> bytes:
        """All of it.  Errors: `Unreadable`, also for a file of more than `most` bytes."""
        with _sentences(), self.place.open() as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise TooLarge("unreadable", f"The file is larger than {most >> 20} MB.")
        return data


@dataclass(frozen=True)
class Listing:
    """What lies in a folder or a zip: its files, and the paths of its folders."""

    files: list[File]
    folders: list[str]
    zipped: bool = False


def files_in(source: Path, leave_out: Path | None = None) -> Listing:
    """The files and folders below a folder or in a zip.  leave_out: a folder that is ours.

    Errors: NoSubmissions where there is neither, and for a zip that is damaged or locked.
    """
    if source.is_dir():
        return _in_folder(source, leave_out)
    if not source.exists():
        raise NoSubmissions(f"There is no {source}.")
    try:
        with source.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            identity, infos = _identity(stream.fileno()), archive.infolist()
    except zipfile.BadZipFile:
        with source.open("rb") as stream:
            if stream.read(2) != b"PK":
                raise NoSubmissions(f"{source} is neither a folder nor a zip.") from None
        raise NoSubmissions(_damaged(source)) from None
    except OSError:
        raise
    except Exception:  # UnicodeDecodeError, NotImplementedError, struct.error, MemoryError and their like
        raise NoSubmissions(_damaged(source)) from None
    if len(infos) > MAX_ENTRIES:
        raise NoSubmissions(f"{source} holds more than {MAX_ENTRIES} files: unpack it and grade the folder.")
    files = [info for info in infos if not info.is_dir()]
    if files and all(info.flag_bits & 1 for info in files):
        raise NoSubmissions(f"{source} is locked with a password: unpack it and grade the folder.")
    if files and not any(map(_usual, files)):
        raise NoSubmissions(f"{source} is packed in another way than zips usually are: unpack it and grade the folder.")
    places = [InZip(source.absolute(), identity, number) for number in range(len(infos))]
    return _in_zip(zip(infos, places, strict=True))


def inside(data: bytes, path: str) -> list[File]:
    """The files in a zip that was itself handed in, as `path`; their places hold the zip and stay in this process.

    Errors: `Unreadable`.
    """
    with _sentences():
        archive = zipfile.ZipFile(BytesIO(data))
        listing = _in_zip(((info, Member(archive, info)) for info in archive.infolist()), of_one=True)
    return [File(f"{path}/{file.path}", file.changed, file.place, file.refusal) for file in listing.files]


def shown(name: str) -> str:
    """A name as every file and table can hold it: composed (NFC), with bytes that are no UTF-8 made visible."""
    return (
        unicodedata.normalize("NFC", _UNDECODED.sub(lambda byte: f"\\x{ord(byte[0]) & 0xFF:02x}", name))
        .encode("utf-8", "backslashreplace")
        .decode()
    )


def steady(id: str) -> str:
    """An id or a name with a sign in place of each letter that steers a terminal or turns the direction of writing."""
    return _STEERING.sub(lambda letter: chr(0x2400 + ord(letter[0])) if letter[0] < " " else "\ufffd", id)


@dataclass(frozen=True)
class InFolder:
    """A file in a folder: the folder, which one it was when it was listed, and the steps from there."""

    root: Path
    identity: tuple[int, int]
    steps: tuple[str, ...]

    def open(self) -> IO[bytes]:
        """The file.  Errors: OSError, also for a link on the way and for a folder that is another one by now."""
        with _opened(self.root, self.identity, self.steps[:-1]) as folder:
            handle = os.open(self.steps[-1], os.O_RDONLY | os.O_CLOEXEC | _NO_LINK, dir_fd=folder)
        stream = os.fdopen(handle, "rb")
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            stream.close()
            raise Unreadable("refused", "It is no regular file.")
        return stream


@dataclass(frozen=True)
class InZip:
    """A member of a zip on disk, by its number, and which zip that was when it was listed."""

    archive: Path
    identity: tuple[int, int]
    number: int

    def open(self) -> IO[bytes]:
        """The member's bytes, unpacked as they are read.  Errors: OSError for a zip that is another one by now."""
        archive = _archive(self.archive, self.identity)
        return _unpacking(archive, archive.infolist()[self.number])


@dataclass(frozen=True)
class Member:
    """A member of a zip in memory."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def open(self) -> IO[bytes]:
        """The member's bytes, unpacked as they are read."""
        return _unpacking(self.archive, self.info)


def _usual(info: zipfile.ZipInfo) -> bool:
    return info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def _unpacking(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """A member's bytes.  Only these methods unpack no more than what is asked for: the others, all that is there."""
    if not _usual(info):
        raise Unreadable("unreadable", "The file is packed in another way than zips usually are: pack it anew.")
    return archive.open(info)


@lru_cache(maxsize=1)  # a class's zip is asked for once for each of its files
def _archive(path: Path, identity: tuple[int, int]) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(path)
    if not archive.fp or _identity(archive.fp.fileno()) != identity:
        raise OSError(errno.ESTALE, "the zip was replaced meanwhile")
    return archive


@contextmanager
def _sentences() -> Iterator[None]:
    """Whatever is wrong with a file, as `Unreadable`."""
    try:
        yield
    except Unreadable:
        raise
    except MemoryError:
        raise Unreadable("unreadable", "The file needs more memory than a submission may have.") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Unreadable("refused", "It is a symlink.") from None
        raise Unreadable("unreadable", f"The file cannot be read ({error.strerror or type(error).__name__}).") from None
    except RuntimeError as error:  # zipfile's word for a member under a password, and for a method it does not know
        locked = "encrypted" in str(error)
        what = "is locked with a password" if locked else f"cannot be unpacked ({type(error).__name__})"
        raise Unreadable("unreadable", f"The file {what}.") from None
    except Exception as error:  # BadZipFile, zlib.error, lzma.LZMAError, EOFError, struct.error and their like
        raise Unreadable("unreadable", f"The file is damaged ({type(error).__name__}).") from None


@contextmanager
def _opened(root: Path, identity: tuple[int, int] | None, steps: Iterable[str]) -> Iterator[int]:
    """A folder below `root`, open, reached without following a link."""
    handle = os.open(root, _FOLDER)
    try:
        if identity not in (None, _identity(handle)):
            raise OSError(errno.ESTALE, "the folder was replaced meanwhile")
        for step in steps:
            below = os.open(step, _FOLDER | _NO_LINK, dir_fd=handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def _identity(handle: int) -> tuple[int, int]:
    """Which folder this is, or which state of which file: a folder's time changes whenever its content does."""
    found = os.fstat(handle)
    return found.st_ino, found.st_dev if stat.S_ISDIR(found.st_mode) else found.st_mtime_ns


class _Shares:
    """How many files and folders of each student were looked at, where it is not known yet which are whose.

    What lies below one first step is one student's.  outer: how many folders stand around the class, above that step.
    """

    def __init__(self, outer: int = 0):
        self.outer, self.taken = outer, Counter[tuple[str, ...]]()

    def full(self, path: tuple[str, ...]) -> bool:
        """Whether there was more than is looked at."""
        return self.taken[path[: self.outer + 1]] > MAX_ONE

    def take(self, path: tuple[str, ...], place: Place) -> list[File] | None:
        """None where the path is to be looked at; for the first that is not, what says so."""
        share = path[: self.outer + 1]
        self.taken[share] += 1
        if not self.full(path):
            return None
        rest = (*share, "…") if len(share) < len(path) else share
        return [File("/".join(rest), 0.0, place, _TOO_MANY)] * (self.taken[share] == MAX_ONE + 1)


def _in_folder(root: Path, leave_out: Path | None) -> Listing:
    """Level by level, so that what lies deep never crowds out what lies at the top."""
    root = root.absolute()
    ours = leave_out.stat() if leave_out and leave_out.is_dir() else None
    listing = Listing([], [])
    shares = _Shares()
    with _opened(root, None, ()) as handle:
        identity = _identity(handle)
    ahead: deque[tuple[str, ...]] = deque([()])
    while ahead:
        steps = ahead.popleft()
        above = tuple(map(_step, steps))
        if shares.full(above):
            continue
        try:
            with _opened(root, identity, steps) as handle:
                listing.folders.extend(["/".join(above)] * bool(steps))
                wanted = (entry for entry in os.scandir(handle) if not JUNK.fullmatch(entry.name))
                most = MAX_ENTRIES if len(steps) <= shares.outer else MAX_ONE
                for entry in heapq.nsmallest(most + 1, wanted, key=lambda entry: _likely(entry.name)):
                    path, place = (*above, _step(entry.name)), InFolder(root, identity, (*steps, entry.name))
                    folder = entry.is_dir(follow_symlinks=False)
                    if folder and ours and os.path.samestat(ours, entry.stat(follow_symlinks=False)):
                        continue
                    beyond = shares.take(path, place)
                    if beyond is not None:
                        listing.files.extend(beyond)
                    elif folder and len(path) < MAX_DEPTH:
                        ahead.append(place.steps)
                    else:
                        listing.files.append(_found(entry, path, place))
        except OSError as error:
            if not steps:
                raise NoSubmissions(f"{root} cannot be opened: {error.strerror}.") from None
            why = f"the folder cannot be opened ({error.strerror})"
            listing.files.append(File("/".join((*above, "?")), 0.0, InFolder(root, identity, steps), why))
        if len(steps) == shares.outer and len(ahead) == 1 and not any(map(is_hand_in, listing.files)):
            shares.outer += 1
        if len(listing.files) + len(ahead) > MAX_ENTRIES:
            raise NoSubmissions(f"{root} holds more than {MAX_ENTRIES} files: take out what nobody handed in.")
    return listing


def is_hand_in(file: File) -> bool:
    """Whether a file by itself may be what a student handed in, by its name."""
    return file.is_notebook or file.is_zip or bool(file.refusal)


def _likely(name: str) -> tuple[bool, str]:
    """The order in which files are looked at, where there may be too many."""
    return not name.lower().endswith((".ipynb", ".zip")), name


def _found(entry: os.DirEntry, path: tuple[str, ...], place: Place) -> File:
    found = entry.stat(follow_symlinks=False)
    if entry.is_symlink():
        refusal = "it is a symlink"
    elif entry.is_dir(follow_symlinks=False):
        refusal = f"it lies more than {MAX_DEPTH} folders deep"
    else:
        refusal = "" if entry.is_file(follow_symlinks=False) else "it is no regular file"
    return File("/".join(path), found.st_mtime, place, refusal)


def _step(name: str) -> str:
    """One part of a path as it is shown; a name that only a zip can hold is cut, and told apart by a digest."""
    name = shown(name)
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 9]}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _in_zip(entries: Iterable[tuple[zipfile.ZipInfo, Place]], of_one: bool = False) -> Listing:
    """What a zip holds.  of_one: whether all of it is one student's."""
    members: list[tuple[tuple[str, ...], bool, File]] = []
    for info, place in entries:
        name = _name(info)
        parts = [part for part in name.split("/") if part not in ("", ".", "..")]
        if not parts or any(map(JUNK.fullmatch, parts)):
            continue
        refusal = ""
        if _escapes(name):
            parts, refusal = parts[-1:], "its path leaves the folder"
        elif stat.S_ISLNK(info.external_attr >> 16):
            refusal = "it is a symlink"
        elif len(parts) > MAX_DEPTH:
            parts, refusal = parts[:MAX_DEPTH], f"it lies more than {MAX_DEPTH} folders deep"
        path, folder = tuple(map(_step, parts)), name.endswith("/")
        if not (folder and refusal):
            members.append((path, folder, File("/".join(path), _zip_time(info), place, refusal)))
    listing = Listing([], [], zipped=True)
    shares = _Shares(-1 if of_one else _around(members))
    for path, folder, file in sorted(members, key=lambda member: _likely(member[0][-1])[0]):
        beyond = shares.take(path, file.place)
        if beyond is not None:
            listing.files.extend(beyond)
        elif folder:
            listing.folders.append(file.path)
        else:
            listing.files.append(file)
    above = {file.path.rpartition("/")[0] for file in listing.files if not file.refusal}
    listing.folders.extend(sorted({path for name in above for path in _with_parents(name)} - set(listing.folders)))
    return listing


def _around(members: list[tuple[tuple[str, ...], bool, File]]) -> int:
    """How many folders, one in the other, stand around all that may be handed in."""
    outer = 0
    while True:
        folders = {path[outer] for path, folder, _ in members if len(path) > outer + (not folder)}
        beside = (file for path, folder, file in members if len(path) == outer + 1 and not folder)
        if len(folders) != 1 or any(map(is_hand_in, beside)):
            return outer
        outer += 1


def _with_parents(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name; macOS writes UTF-8 without saying so, and it reads as letters with frames."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _zip_time(info: zipfile.ZipInfo) -> float:
    try:
        return datetime(*info.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _escapes(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or bool(re.match(r"[A-Za-z]:", name)) or "\0" in name


def _damaged(source: Path) -> str:
    return f"{source} is a damaged zip: download it again, or unpack what can be unpacked and grade the folder."
