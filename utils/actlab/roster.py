"""Who is in a class: the lists that Canvas, Moodle, Gradescope and student offices export, and plain lists of ids."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from actlab.errors import CourseError
from actlab.handout import LONGEST_ID
from actlab.sheets import Line, lines, plain
from actlab.words import printable, quoted

_HEADINGS = {
    "id": (
        *("student id", "student number", "studentid", "matriculation number", "matriculation", "matrikelnummer"),
        *("id number", "idnumber", "id nummer", "sid", "org defined id", "orgdefinedid", "user id", "userid", "uid"),
        *("identifier", "student", "id", "kennung"),
    ),
    "sis": ("sis user id", "sis id", "integration id"),
    "login": (
        *("sis login id", "login id", "login", "username", "user name", "user", "benutzername", "anmeldename"),
        *("net id", "netid", "account", "github username"),
    ),
    "email": ("email", "e mail", "email address", "e mail address", "mail", "e mail adresse", "student email"),
    "name": ("full name", "name", "student name", "display name", "sortable name", "vollständiger name"),
    "first": ("first name", "firstname", "given name", "vorname"),
    "last": ("last name", "lastname", "surname", "family name", "nachname", "familienname"),
    "section": ("section", "sections", "section name", "group", "groups", "gruppe", "gruppen"),
    "role": ("role", "roles", "course role", "rolle"),
}
"""What a column holds -> the headings that say so, the most telling first."""
_FIELD_OF = {heading: kind for kind, headings in _HEADINGS.items() for heading in headings}
_AS_IDS = ("id", "sis", "login", "email")
_PARTICIPANT = re.compile(r"(?i)(?:participant|teilnehmer(?:/in|in)?|participante?)\W*(\d{1,18})")
_POINTS = "points possible"
_TEST_STUDENTS = {"student, test", "test student", "test, student"}
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_NOT_IN_MOODLE = re.compile(r"[\x00-\x1f\x7f&<>\"`|':\\/_*?]+")
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_TEACHING = ("instructor", "teacher", "ta", "teaching assistant", "observer", "designer", "manager", "reader")


class Person(NamedTuple):
    """One student of a roster.  id: the one that the instructor goes by.

    canvas, sis, login, moodle: Canvas's own id, the one of the student office, the one that logs in, and Moodle's
    number of a participant; "" where the roster does not say.  line: where the roster names the student.
    """

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    canvas: str = ""
    sis: str = ""
    login: str = ""
    moodle: str = ""
    line: int = 0

    @property
    def in_moodle(self) -> str:
        """What Moodle begins the name of this student's files with; "" where nobody knows the participant's number."""
        return in_moodle(self.name, self.moodle) if self.moodle else ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Everything that may stand for this student in the name of a file."""
        before, at, _ = self.email.partition("@")
        known = (self.id, self.canvas, self.sis, self.login, self.moodle, self.email, before if at else "")
        return tuple(filter(None, known))


@dataclass(frozen=True)
class Roster:
    """The students of a class, in the order of the list.

    column: the heading of the ids, "" where there is none.  left_out: lines that are no students, in words.
    notes: what was read otherwise than it may have been meant.
    """

    people: tuple[Person, ...]
    column: str = ""
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    path: str = field(default="", compare=False)

    @cached_property
    def _known(self) -> dict[str, set[Person]]:
        known: dict[str, set[Person]] = {}
        for person in self.people:
            for id in person.ids:
                known.setdefault(folded(id), set()).add(person)
        return known | {folded(person.id): {person} for person in self.people}

    @cached_property
    def _named(self) -> dict[str, set[Person]]:
        named: dict[str, set[Person]] = {}
        for person in self.people:
            for name in {_letters(person.name), _letters(" ".join(person.name.split(",")[::-1]))} - {""}:
                named.setdefault(name, set()).add(person)
        return named

    def person(self, id: str, name: str = "") -> Person | None:
        """The student of this id, whichever of their ids it is, else the only one of this name; None for nobody."""
        found = self._known.get(folded(id), set()) or self._named.get(_letters(name), set())
        return next(iter(found)) if len(found) == 1 else None

    @property
    def first(self) -> str:
        """The first ids, as a check for whoever reads it."""
        shown = ", ".join(quoted(person.id) for person in self.people[:3])
        return f"{shown}, …" if len(self.people) > 3 else shown

    def dumps(self) -> bytes:
        """The roster as bytes, which `loads` reads."""
        return json.dumps({"column": self.column, "people": [person._asdict() for person in self.people]}).encode()


def loads(data: bytes) -> Roster | None:
    """The roster that `dumps` wrote; None where there is none."""
    try:
        kept = json.loads(data)
        people = tuple(Person(**person) for person in kept["people"])
        sound = all(type(value) is type(name) for one in people for value, name in zip(one, Person(""), strict=True))
        return Roster(people, f"{kept['column']}") if sound else None
    except (ValueError, TypeError, LookupError):
        return None


def in_moodle(name: str, participant: str) -> str:
    """What Moodle begins the name of a student's files with: the name has no mark of its own that could divide it."""
    plain = " ".join(_NOT_IN_MOODLE.sub(" ", printable(name))[:LONGEST_ID].split()).strip(".~ ") or "Participant"
    return f"{plain}_{participant}_assignsubmission_file_"


def folded(id: str) -> str:
    """The id as it is compared."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", id.strip()).casefold())


def read(path: Path, column: str = "") -> Roster:
    """The roster in a table that is cut at commas, semicolons or tabs, in UTF-8, UTF-16 or Windows' cp1252.

    column: the heading of the ids, or its number from 1 on; found by its heading where nothing is said.
    Errors: CourseError with line and column, for a list that cannot be read, names nobody, or names somebody twice.
    """
    rows, notes = lines(path, f"the roster {path}")
    if not rows:
        raise CourseError(f"the roster {path} names no student.")
    return _read(path, rows, column, notes)


def _read(path: Path, rows: list[Line], column: str, notes: list[str]) -> Roster:
    head, width = rows[0], max(len(row.cells) for row in rows)
    places = _places(head.cells)
    ids = _chosen(path, head, column, bool(places), width)
    headed = bool(places) or (ids is not None and plain(head[ids]) == plain(column))
    if not headed and ids is None:
        if width > 1:
            raise CourseError(
                f"the roster {path}, line {head.number}: none of its headings is known. Say which column holds the "
                "ids: --id HEADING, or --id 1 for the first of a list without headings."
            )
        ids = 0
    body = rows[1:] if headed else rows
    heading = head[ids] if ids is not None and headed else ""
    students, left_out = _students(body, places, is_canvas := _is_canvas(places, head.cells))
    if not students:
        raise CourseError(f"the roster {path} names no student.")
    fields = _fields(places, is_canvas)
    if ids is None:
        ids, said = _ids_of(path, head, students, fields)
        heading, notes = head[ids], notes + said
    moodle = _participants(students, places)
    people = [_person(row, ids, fields, moodle) for row in students]
    _require(path, people, heading or f"column {ids + 1}")
    return Roster(tuple(people), heading, tuple(left_out), tuple(notes), str(path))


def _places(head: Sequence[str]) -> dict[str, list[int]]:
    """What the columns hold -> their places, the most telling heading first; nothing where no heading is known."""
    places: dict[str, list[int]] = {}
    for place, heading in enumerate(head):
        if kind := _FIELD_OF.get(plain(heading)):
            places.setdefault(kind, []).append(place)
    for kind, found in places.items():
        found.sort(key=lambda place: _HEADINGS[kind].index(plain(head[place])))
    return places


def _is_canvas(places: dict[str, list[int]], head: Sequence[str]) -> bool:
    """Whether this is Canvas's gradebook, whose column "Student" holds names and whose "ID" is Canvas's own."""
    headings = [plain(heading) for heading in head]
    return headings[:2] == ["student", "id"] and bool({"sis user id", "sis login id", "section"} & set(headings))


def _fields(places: dict[str, list[int]], is_canvas: bool) -> dict[str, list[int]]:
    """The places as `Person` calls them."""
    if not is_canvas:
        return places
    return {kind: found for kind, found in places.items() if kind != "id"} | {"name": [0], "canvas": [1], "id": [1]}


def _chosen(path: Path, head: Line, column: str, headed: bool, width: int) -> int | None:
    """The place of the column that was asked for; None where nothing was said."""
    if not column:
        return None
    by_name = [place for place, heading in enumerate(head.cells) if plain(heading) == plain(column)]
    if len(by_name) == 1:
        return by_name[0]
    if len(by_name) > 1:
        raise CourseError(
            f"the roster {path} has {len(by_name)} columns {quoted(column)}: --id takes a number as well."
        )
    if column.isascii() and column.isdecimal() and 1 <= int(column[:9]) <= width:
        return int(column) - 1
    known = ", ".join(quoted(heading) for heading in head.cells if heading) if headed else f"1 to {width}"
    raise CourseError(f"the roster {path} has no column {quoted(column)}: --id takes one of {known}.")


def _students(rows: list[Line], places: dict[str, list[int]], is_canvas: bool) -> tuple[list[Line], list[str]]:
    """The lines that are students, and the others in words."""
    named = [place for kind, found in places.items() if kind not in ("section", "role") for place in found]
    students, left_out = [], []
    for row in rows:
        first = row[0].strip().casefold()
        names = {row[place].casefold() for place in places.get("name", [])} | ({first} if is_canvas else set())
        role = next((row[place] for place in places.get("role", ())), "").casefold()
        if first == _POINTS or names & _TEST_STUDENTS or (places and not any(row[place] for place in named)):
            what = next(cell for cell in row.cells if cell)
            left_out.append(f"{quoted(what)} (line {row.number})")
        elif role in _TEACHING:
            who = next((row[place] for place in named if row[place]), "")
            left_out.append(f"{quoted(who)}, {role} (line {row.number})")
        else:
            students.append(row)
    return students, left_out


def _ids_of(path: Path, head: Line, students: list[Line], fields: dict[str, list[int]]) -> tuple[int, list[str]]:
    """The first column that can hold ids and is filled for everybody, and what is to be said of the choice."""
    candidates = [place for kind in _AS_IDS for place in fields.get(kind, ())]
    if not candidates:
        known = ", ".join(quoted(heading) for heading in head.cells if heading)
        raise CourseError(
            f"the roster {path}, line {head.number}: no heading says where the ids are. Say it: --id one of {known}."
        )
    blank = {place: next((row.number for row in students if not row[place]), 0) for place in candidates}
    whole = [place for place in candidates if not blank[place]]
    if not whole:
        place = candidates[0]
        raise CourseError(
            f"the roster {path}, line {blank[place]}, column {quoted(head[place])}: there is no id. "
            "Fill it in, or choose another column with --id."
        )
    first = candidates[0]
    said = (
        f"The ids are those of {quoted(head[whole[0]])}, since {quoted(head[first])} is empty in line {blank[first]}."
    )
    return whole[0], [said] * (whole[0] != first)


def _participants(students: list[Line], places: dict[str, list[int]]) -> int | None:
    """The column of Moodle's participants, where there is one."""
    for place in places.get("id", ()):
        if all(_PARTICIPANT.fullmatch(row[place]) for row in students):
            return place
    return None


def _person(row: Line, ids: int, fields: dict[str, list[int]], moodle: int | None) -> Person:
    def held(kind: str) -> str:
        return next((row[place] for place in fields.get(kind, ()) if row[place]), "")

    number = _PARTICIPANT.fullmatch(row[moodle]) if moodle is not None else None
    participant = number[1] if number else ""
    id = participant if ids == moodle else row[ids]
    whole = held("name") or " ".join(filter(None, (held("first"), held("last"))))
    more = {kind: held(kind) for kind in ("email", "section", "canvas", "sis", "login")}
    return Person(id, whole, moodle=participant, line=row.number, **more)


def _letters(name: str) -> str:
    """A name as it is compared: its words in order, without capitals and marks."""
    return " ".join(re.findall(r"\w+", folded(name)))


def _require(path: Path, people: Iterable[Person], column: str) -> None:
    """Refuse an id that is missing, or that two students share."""
    seen: dict[str, Person] = {}
    for person in people:
        where = f"the roster {path}, line {person.line}, {'column ' * (not column.startswith('column '))}"
        where += column if column.startswith("column ") else quoted(column)
        if not person.id:
            raise CourseError(f"{where}: there is no id. Fill it in, or choose another column with --id.")
        if len(person.id) > LONGEST_ID:
            raise CourseError(f"{where}: {quoted(person.id)} is longer than {LONGEST_ID} characters: is it an id?")
        if twin := seen.get(folded(person.id)):
            raise CourseError(f"{where}: {quoted(person.id)} stands in line {twin.line} too.")
        seen[folded(person.id)] = person


def require_folders(roster: Roster) -> None:
    """Refuse ids that cannot name a folder on every computer.  Errors: CourseError with line and column."""
    for person in roster.people:
        if why := unfit(person.id):
            where = f"the roster {roster.path}, line {person.line}: " if person.line else ""
            raise CourseError(f"{where}{quoted(person.id)} {why}: use letters, digits, - and _, or another --id.")


def unfit(id: str) -> str:
    """Why an id cannot name a folder on every computer and stand in every table; "" where it can."""
    if _RESERVED.fullmatch(id):
        return "is a name that Windows keeps for itself"
    if unicodedata.normalize("NFKC", id)[:1] in ("=", "+", "-", "@"):
        return "begins like a formula of a spreadsheet"
    if _FORBIDDEN.search(id) or not id.isprintable() or id.startswith(".") or id.endswith((".", " ")):
        return "cannot name a folder on every computer"
    return "is too long for a folder's name" if not 0 < len(id) <= LONGEST_ID else ""
