"""Whose a file is, by its name: each name is read by itself, so that no file changes whose the others are.

Blackboard's names alone leave open where the id begins; the receipt beside them, which is Blackboard's own, says it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple, TypeAlias

from actlab.course import HOMEWORKS
from actlab.grading.incoming import File, Listing, Unreadable, is_hand_in, shown, steady
from actlab.grading.notes import Cause, Note
from actlab.words import quoted

_ATTEMPT = r"attempt_[0-9]{4}(?:-[0-9]{2}){5}"
_CANVAS = re.compile(
    rf"(?s)(?P<name>.+?)(?P<late>(?i:_LATE))?_(?P<id>[0-9]{{1,18}})_(?P<upload>[0-9]{{3,18}})_(?!{_ATTEMPT})(?P<rest>.*)"
)
_CANVAS_TEXT = re.compile(r"(?s)(?P<name>.+?)(?P<late>(?i:_LATE))?_(?P<id>[0-9]{1,18})_(?:text|link)\.html")
_MOODLE = re.compile(r"(?s)(?P<name>.*?)_(?P<id>[0-9]{1,18})_assignsubmission_")
_BLACKBOARD = re.compile(rf"(?s)(?P<before>.+?)_{_ATTEMPT}(?P<rest>\.txt|_.*)")
_STAMP = re.compile(r"_attempt_([0-9]{4}(?:-[0-9]{2}){5})")
_BETWEEN = re.compile(r"_(?!_*\Z)")
_LAST_IN_BRACKETS = re.compile(r"\(([^()]+)\)\s*\Z")
_GRADESCOPE = re.compile(r"submission_(?P<id>[0-9]{1,18})/")
_COPY = re.compile(r"(?:[ _-]*\([0-9]{1,3}\)|-checkpoint|-Copy[0-9]{1,3})$")
DEEPEST = 4
_BLANKS = " \t\u00a0\u3000"


class Layout(StrEnum):
    """How a student was recognised."""

    CANVAS = "Canvas"
    MOODLE = "Moodle"
    BLACKBOARD = "Blackboard"
    GRADESCOPE = "Gradescope"
    FOLDER = "a folder"
    FILE = "a file"

    @property
    def platform(self) -> bool:
        """Whether a learning platform wrote the name, and so chose the id."""
        return self not in (Layout.FOLDER, Layout.FILE)


@dataclass
class Found:
    """What is one student's.

    name: what the platform calls the student.  certain: whether the names alone make it a hand-in; what is not certain
    is one where it holds the practice notebook.
    """

    student: str
    layout: Layout
    name: str = ""
    certain: bool = True
    files: list[File] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Owner:
    """Whose one name at the top is.  also: every other student whom the same name fits.  note: what is a guess."""

    layout: Layout
    student: str
    name: str = ""
    also: tuple[str, ...] = ()
    note: str = ""


_Mark: TypeAlias = tuple[int, str, _Owner]
"""Where in a name a platform's mark begins, the name, and whose the mark makes it."""


class Class(NamedTuple):
    """The students, by id; what belongs to nobody, in words; and who else may have handed in all of it.

    alone: the folder that stood alone around notebooks side by side, which may be several students' or its own.
    """

    found: list[Found]
    aside: list[str]
    alone: str = ""


def students(listing: Listing) -> Class:
    """Whose each file of a listing is."""
    listing, aside, alone = _without_outer_folders(listing)
    tops = _tops(listing)
    owners = _owners(tops)
    mixed = 2 * sum(owner.layout.platform for owner in owners.values()) > len(owners)
    found: dict[str, Found] = {}
    many = Counter(owner.layout for owner in owners.values())

    def weight(top: str) -> tuple:
        owner = owners[top]
        return bool(owner.also), -many[owner.layout], not owner.layout.platform, top

    for top in sorted(owners, key=weight):
        owner, files = owners[top], tops[top]
        if _is_gradebook(top, files) and not owner.layout.platform:
            aside.append(f"{quoted(top)}, a folder of grades")
            continue
        mine = found.setdefault(owner.student, Found(owner.student, owner.layout, owner.name, certain=False))
        if owner.layout is not mine.layout and (owner.layout.platform or mine.layout.platform):
            aside.append(f"{quoted(top)}: {quoted(owner.student)} is the id of a student by {mine.layout} already")
            continue
        plain = not mixed and _could_be_one(top, files) and not _is_handout(top, files)
        mine.certain |= owner.layout.platform or plain
        if owner.note and owner.note not in mine.notes:
            mine.notes.append(Note(owner.note, Cause.NAMED))
        if owner.also:
            why = f"its name fits {len(owner.also) + 1} students, {quoted(owner.student)} and {quoted(owner.also[0])}"
            files = [replace(file, refusal=why) for file in files]
        mine.files += files
        if mixed and not owner.layout.platform:
            said = f"{quoted(top)} is not named as the platform names what was handed in there."
            mine.notes.append(Note(said, Cause.NAMED))
    side_by_side = all(owner.layout is Layout.FILE for owner in owners.values())
    return Class([found[student] for student in sorted(found)], aside, alone if side_by_side else "")


def without_sections(listing: Listing, known: Callable[[str], bool], depth: int = 0) -> Listing:
    """The listing seen from inside the folders that hold a part of the class each.

    known: whether an id is somebody's in the class.  A folder is a part if it is nobody's, and at least two students
    lie in it: ids that are known, or marks of a platform.
    """
    found = Listing([], [], listing.zipped)
    tops = _tops(listing)
    owners = _owners(tops)
    for top in tops:
        inner = _within(listing, top) if top.endswith("/") else None
        if inner and depth < DEEPEST and not owners[top].layout.platform and not known(owners[top].student):
            inner = without_sections(inner, known, depth + 1)
            inside = _owners(_tops(inner)).values()
            if len({one.student for one in inside if one.layout.platform or known(one.student)}) > 1:
                found.files.extend(inner.files)
                found.folders.extend(inner.folders)
                continue
        found.files.extend(tops[top])
        found.folders.extend(path for path in listing.folders if f"{path}/".startswith(top) and top.endswith("/"))
    return found


def came(path: str, layout: Layout) -> tuple[bool, str]:
    """Whether the platform calls a file late, and when it came in ISO form, "" where its name does not say."""
    top = path.partition("/")[0]
    if layout is Layout.CANVAS:
        match = _CANVAS.fullmatch(top) or _CANVAS_TEXT.fullmatch(top)
        return bool(match and match["late"]), ""
    stamp = _STAMP.search(top) if layout is Layout.BLACKBOARD else None
    try:
        return False, datetime.strptime(stamp[1], "%Y-%m-%d-%H-%M-%S").isoformat() if stamp else ""
    except ValueError:  # no day that there is
        return False, ""


def canvas_upload(path: str) -> tuple[str, str, str, str] | None:
    """What Canvas's name of an uploaded file says: the student's name, Canvas's numbers of the student and of the
    upload, and the name that the student gave the file.  None for every other name."""
    match = _CANVAS.fullmatch(path.partition("/")[0])
    return (match["name"], match["id"], match["upload"], match["rest"]) if match else None


def _tops(listing: Listing) -> dict[str, list[File]]:
    """Each name at the top with its files; a folder's name ends in a slash."""
    tops: dict[str, list[File]] = {f"{path}/": [] for path in listing.folders if "/" not in path}
    for file in listing.files:
        first, slash, _ = file.path.partition("/")
        tops.setdefault(first + slash, []).append(file)
    return tops


def _owners(tops: Mapping[str, list[File]]) -> dict[str, _Owner]:
    """Whose each name at the top is.  Where most names have the mark of one platform, that one counts, whatever else a
    student wrote before it; else the first, since a platform begins a name and the student ends it."""
    marks: dict[str, dict[int, _Owner]] = {top: {} for top in tops}
    for place, top, owner in (*_of_canvas(tops), *_of_moodle(tops), *_of_blackboard(tops), *_of_gradescope(tops)):
        marks[top][place] = owner
    layouts = Counter(owner.layout for found in marks.values() for owner in found.values())
    most = {layout for layout, many in layouts.items() if 2 * many > len(marks)}
    owners = {}
    for top, found in marks.items():
        usual = [place for place, owner in found.items() if owner.layout in most]
        owners[top] = found[min(usual or found)] if found else _of_itself(top)
    return owners


def _of_itself(top: str) -> _Owner:
    folder = top.endswith("/")
    return _Owner(Layout.FOLDER if folder else Layout.FILE, _plain(top.removesuffix("/"), folder))


def _of_moodle(tops: Iterable[str]) -> Iterator[_Mark]:
    """The participants in Moodle's names."""
    for top in tops:
        if match := _MOODLE.match(top):
            others = {other["id"] for other in _MOODLE.finditer(top, match.end("id"))} - {match["id"]}
            yield (
                match.end("name"),
                top,
                _Owner(Layout.MOODLE, match["id"], steady(match["name"]), tuple(sorted(others))),
            )


def _of_gradescope(tops: Iterable[str]) -> Iterator[_Mark]:
    """The submissions in Gradescope's export, which are folders."""
    for top in tops:
        if match := _GRADESCOPE.fullmatch(top):
            yield 0, top, _Owner(Layout.GRADESCOPE, match["id"])


def _of_canvas(tops: Iterable[str]) -> Iterator[_Mark]:
    """The ids in Canvas's names.  Canvas numbers each upload: names of two students that share the number only look
    like it, and so do several that share all of it where nobody else is there."""
    matches = {top: match for top in tops if (match := _CANVAS.fullmatch(top.removesuffix("/")))}
    uploads, files = defaultdict(set), defaultdict(set)
    for match in matches.values():
        uploads[match["upload"]].add((match["name"], match["id"]))
        files[match["upload"]].add(_plain(match["rest"]))
    alone = len({match["name"] for match in matches.values()}) == 1
    alike = {upload for upload, whose in uploads.items() if len(whose) > 1 or (alone and len(files[upload]) > 1)}
    for top in tops:
        match = matches.get(top) or _CANVAS_TEXT.fullmatch(top)
        if match and (top not in matches or match["upload"] not in alike):
            yield match.end("name"), top, _Owner(Layout.CANVAS, match["id"])


def _of_blackboard(tops: Mapping[str, list[File]]) -> Iterator[_Mark]:
    """The users in Blackboard's names.  The assignment's name and the user's stand side by side, and may hold the same
    mark that divides them: Blackboard's receipt says where the user's begins, and without one its last part counts."""
    matches = {top: match for top in tops if (match := _BLACKBOARD.fullmatch(top.removesuffix("/")))}
    parts = {match["before"]: _BETWEEN.split(match["before"]) for match in matches.values()}
    users = {before: words[-1] for before, words in parts.items() if len(words) < 3}
    for top, match in matches.items():
        before = match["before"]
        if before not in users and match["rest"] == ".txt" and not top.endswith("/"):
            user = _in_receipt(tops[top][0])
            if user and before.endswith(f"_{user}"):
                users[before] = user
    sharing = defaultdict(set)
    for before, words in parts.items():
        sharing[users.get(before, words[-1])].add(before)
    assignment = _shared(parts.values()) if len(parts) > 1 else 1
    notes = {}
    for before in parts.keys() - users.keys():
        words = parts[before]
        rivals = sharing[words[-1]]
        begins = _shared(parts[rival] for rival in rivals) if len(rivals) > 1 else len(words) - 1
        users[before] = "_".join(words[begins:])
        if len(rivals) > 1 or assignment < len(words) - 1:
            guess = f"The id {quoted(users[before])} is a guess"
            notes[before] = f"{guess}: in {quoted(before)} no receipt of Blackboard's says where it begins."
    for top, match in matches.items():
        before = match["before"]
        yield match.end("before"), top, _Owner(Layout.BLACKBOARD, users[before], note=notes.get(before, ""))


def _shared(names: Iterable[list[str]]) -> int:
    """How many parts at the beginning several names share, of those before the last."""
    columns = zip(*(words[:-1] for words in names), strict=False)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


def _in_receipt(file: File) -> str:
    """The user whom a receipt of Blackboard's names at the end of its first line, "Name: Jane Doe (j_doe)", else ""."""
    try:
        start = b"" if file.refusal else file.start()
    except Unreadable:
        return ""
    first = start.decode("utf-8-sig", "replace").strip().partition("\n")[0]
    user = _LAST_IN_BRACKETS.search(first)
    return shown(user[1]) if user else ""


def _plain(name: str, folder: bool = False) -> str:
    """The id in a plain name: without its ending, and without what marks a copy."""
    student = name
    if not folder:
        notebook = re.fullmatch(r"(?is)(.+)\.ipynb(?:\.\w{1,5})?", name)
        student = notebook[1] if notebook else re.sub(r"(?s)(?<=.)\.\w+$", "", name)
    while (shorter := _COPY.sub("", student).strip(_BLANKS)) and shorter != student:
        student = shorter
    return steady(student)


def _could_be_one(top: str, files: list[File]) -> bool:
    """Whether a plain name is a hand-in's: a folder, a notebook, a zip, or a link to whatever."""
    if top.endswith("/"):
        return True
    (file,) = files[:1]
    return file.is_notebook or file.is_zip or bool(file.refusal and "." not in file.name)


def _is_gradebook(top: str, files: list[File]) -> bool:
    """Whether a folder is one that an earlier run wrote, or a copy of its tables and pages."""
    from actlab.grading.gradebook import NAME  # late: whatever reads submissions imports this, and needs no exercises

    paths = {file.path.removeprefix(top) for file in files}
    pages = any(path.startswith("feedback/") for path in paths)
    return (NAME in paths or ("grades.csv" in paths and pages)) and not any(file.is_notebook for file in files)


def _is_handout(top: str, files: list[File]) -> bool:
    """Whether a folder is laid out as the notebooks for a roster are handed out: it is a hand-in if one is answered."""
    notebooks = {file.path.removeprefix(top) for file in files if file.is_notebook}
    paths = {file.path.removeprefix(top) for file in files}
    for homework in HOMEWORKS:
        people = {path.removesuffix(homework.file) for path in notebooks if re.fullmatch(r"[^/]+/[^/]+", path)}
        theirs = {person + file for person in people for file in (homework.file, "README.txt")}
        if len(people) > 1 and notebooks <= theirs <= paths:
            return True
    return False


def _without_outer_folders(listing: Listing) -> tuple[Listing, list[str], str]:
    """The listing seen from inside the folders that hold the class as a whole, and what lay beside these.

    A zip's enclosing folder is one; a folder that stands alone is one where what lies in it looks like a class. The
    last of these is named.
    """
    aside: list[str] = []
    alone = ""
    enclosed = listing.zipped
    while True:
        tops = _tops(listing)
        folders = [top for top in tops if top.endswith("/")]
        others = [top for top in tops if not top.endswith("/")]
        if len(folders) != 1 or any(is_hand_in(tops[top][0]) for top in others):
            return listing, aside, alone
        within = _within(listing, folders[0])
        if any(owner.layout.platform for owner in _owners(tops).values()):
            return listing, aside, alone
        if _is_class(within):
            alone = "" if enclosed else folders[0].removesuffix("/")
        elif not enclosed or _as_handed_out(within) or not within.files:
            return listing, aside, alone
        aside += map(quoted, others)
        listing, enclosed = within, False


def _is_class(listing: Listing) -> bool:
    """Whether what lies in a folder is several students', and not several files of one."""
    tops = _tops(listing)
    owners = _owners(tops)
    if any(owner.layout.platform for owner in owners.values()):
        return True
    if _as_handed_out(listing):
        return False
    files = [top for top in tops if not top.endswith("/") and is_hand_in(tops[top][0])]
    folders = [top for top in tops if top.endswith("/") and (not files or any(map(is_hand_in, tops[top])))]
    if not files and len(folders) == 1:
        return _is_class(_within(listing, folders[0]))
    if len(files) == len(folders) == 1:
        return False
    return len({owners[top].student for top in files + folders}) > 1


def _within(listing: Listing, folder: str) -> Listing:
    """What lies in one folder at the top, seen from there."""
    files = [
        replace(file, path=file.path.removeprefix(folder)) for file in listing.files if file.path.startswith(folder)
    ]
    folders = [path.removeprefix(folder) for path in listing.folders if path.startswith(folder)]
    return Listing(files, folders, listing.zipped)


def _as_handed_out(listing: Listing) -> bool:
    """Whether a notebook under the name that it was handed out with lies in it: that is one student's."""
    handed_out = {homework.stem for homework in HOMEWORKS}
    return any("/" not in file.path and _plain(file.path) in handed_out for file in listing.files)
