"""The tables of a class: the instructor's own, and those that Canvas and Moodle import.

What an importer asks for stands at its table; tests/importers.py reads the tables as the importers do.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from actlab.grading.gradebook import Gradebook
from actlab.grading.layouts import Layout
from actlab.grading.pages import number
from actlab.grading.standing import ABSENT, EXCUSED, Rules, Standing
from actlab.sheets import guarded
from actlab.words import printable

ASSIGNMENT = "Activation functions"
KEPT_ASSIGNMENT, KEPT_SINCE = "assignment", "since"
MOMENT = "%Y-%m-%d %H:%M:%S +0000"
_NOT_OF_CANVAS = (Layout.MOODLE, Layout.GRADESCOPE, Layout.BLACKBOARD)


@dataclass(frozen=True)
class Delivery:
    """What platforms want to know beside the points.

    assignment: the heading of Canvas's column.  since: student -> the moment from which on the score is this one.
    """

    assignment: str = ASSIGNMENT
    since: Mapping[str, str] = field(default_factory=dict)


PLAINLY = Delivery()
Rows = Iterable[list[str]]
Table = Callable[[Sequence[Standing], Rules, Delivery], Rows]


def delivery(book: Gradebook, standings: Iterable[Standing], now: datetime | None = None) -> Delivery:
    """What the gradebook keeps for platforms, after a look at which scores are new.  now: with its time zone."""
    stamp = (now or datetime.now(UTC)).astimezone(UTC).strftime(MOMENT)
    before = _kept_since(book)
    since = {}
    for one in standings:
        score = given_back(one)
        old, when = before.get(one.student, ("", stamp))
        since[one.student] = (score, when if old == score else stamp)
    if since != before:
        book.keep(KEPT_SINCE, json.dumps(since).encode())
    assignment = book.kept(KEPT_ASSIGNMENT, bytes).decode("utf-8", "replace") or ASSIGNMENT
    return Delivery(assignment, {student: when for student, (_, when) in since.items()})


def _kept_since(book: Gradebook) -> dict[str, tuple[str, str]]:
    try:
        kept = json.loads(book.kept(KEPT_SINCE, bytes) or b"{}")
        return {student: (f"{score}", f"{when}") for student, (score, when) in kept.items()}
    except (ValueError, TypeError, AttributeError):  # it costs the dates of the scores that did not change
        return {}


MORE: dict[str, Callable[[Standing], str]] = {
    "name": lambda one: one.name,
    "email": lambda one: one.person.email if one.person else "",
    "section": lambda one: one.person.section if one.person else "",
    "handed_in_as": lambda one: ", ".join(id for id in one.grade.handed_in_as if id != one.student),
    "late": lambda one: "late" if one.late else "",
    "handed_in": lambda one: one.grade.when,
    "adjusted": lambda one: "; ".join(f"{change.item} {change.points}".strip() for change in one.own),
}
"""What grades.csv adds where it is known of anybody: heading -> a student's cell."""


def table(standings: Sequence[Standing], rules: Rules, delivery: Delivery = PLAINLY) -> Rows:
    """grades.csv: one row for each student, one column for each name that is asked for, then what else is known."""
    by_hand = list(rules.adjustments.most)
    asked = [*(exercise.name for exercise in rules.exercises)]
    more = {heading: [guarded(said(one)) for one in standings] for heading, said in MORE.items()}
    more = {heading: cells for heading, cells in more.items() if any(cells)}
    yield ["student", "status", "score", "max_score", *asked, *map(guarded, by_hand), *more]
    for k, one in enumerate(standings):
        points = [one.items[name].points for name in (*asked, *by_hand)]
        earned, most, *rest = (number(value) for value in (one.score, one.max_score, *points))
        if one.grade.status == ABSENT and not one.counts:
            earned, rest = "", [""] * len(rest)
        yield [guarded(one.student), one.status, earned, most, *rest, *(cells[k] for cells in more.values())]


def canvas(standings: Sequence[Standing], rules: Rules, delivery: Delivery = PLAINLY) -> Rows:
    """Canvas's gradebook.

    Its importer wants these five columns in this order, then the assignment as "Title (ID)". It looks for a student by
    Canvas's own number, then by SIS id, then by login, letter by letter, then by name; EX excuses, and a blank takes
    away what stands there.
    """
    most = max((one.shown.most for one in standings), default=0)
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", guarded(_line(delivery.assignment))]
    yield ["    Points Possible", "", "", "", "", number(most)]
    for one in standings:
        section = one.person.section if one.person else ""
        texts = (_name(one), *_canvas_ids(one), _line(section))
        yield [*map(guarded, texts), "EX" if one.status == EXCUSED else given_back(one)]


def moodle(standings: Sequence[Standing], rules: Rules, delivery: Delivery = PLAINLY) -> Rows:
    """Moodle's worksheet for offline grading, with those whose number of a participant is known.

    Its importer wants the headings Identifier, Grade and Last modified (grade), in English where its page is English.
    It passes over blanks, over grades above the assignment's maximum, and over grades that were changed in Moodle
    after the moment in the last column. Where there is a column of comments, it writes blank ones too.
    """
    comments = any(one.comments for one in standings)
    head = ["Identifier", "Full name", "Grade", "Maximum grade", "Last modified (grade)"]
    yield [*head, *["Feedback comments"] * comments]
    for one in standings:
        if participant := moodle_number(one):
            row = [given_back(one), number(one.shown.most), delivery.since.get(one.student, "-")]
            comment = [guarded(_line(" ".join(one.comments)))] * comments
            yield [f"Participant {participant}", guarded(_name(one)), *row, *comment]


def moodle_gradebook(standings: Sequence[Standing], rules: Rules, delivery: Delivery = PLAINLY) -> Rows:
    """Moodle's "Import > CSV file": those who have a score, by ids that all of them have.

    Its importer takes nothing at all where one line's student is not found, and reads a blank as “no grade”: so
    whoever has no score, or not the id that most have, is left out.
    """
    roster = any(one.person for one in standings)
    scored = [(one, _moodle_ids(one)) for one in standings if given_back(one) and (one.person or not roster)]
    many = Counter(heading for _, ids in scored for heading in ids)
    main = next((heading for heading, _ in many.most_common(1)), "ID number")
    rows = [(one, ids) for one, ids in scored if main in ids]
    headings = [main, *(heading for heading in many if heading != main and all(heading in ids for _, ids in rows))]
    yield [*headings, "Full name", "Grade"]
    for one, ids in rows:
        yield [*(guarded(ids[heading]) for heading in headings), guarded(_name(one)), given_back(one)]


TABLES: dict[str, Table] = {
    "grades.csv": table,
    "canvas.csv": canvas,
    "moodle.csv": moodle,
    "moodle_gradebook.csv": moodle_gradebook,
}
"""What is written as a table: file name -> its rows, the head first."""


def given_back(standing: Standing) -> str:
    """The score for a platform; none where nothing was graded, which nobody is to have 0 points for."""
    return number(standing.shown.score) if standing.counts else ""


def canvas_number(standing: Standing) -> str:
    """Canvas's own number of a student, "" where nothing tells it."""
    return (standing.person.canvas if standing.person else "") or _told_by(standing, Layout.CANVAS)


def moodle_number(standing: Standing) -> str:
    """Moodle's number of a participant, "" where nothing tells it."""
    return (standing.person.moodle if standing.person else "") or _told_by(standing, Layout.MOODLE)


def _told_by(standing: Standing, layout: Layout) -> str:
    """The number that the names of a platform's download say, which is the last one where there are several."""
    numbers = [id for id in standing.grade.handed_in_as if _is_number(id)] if standing.grade.layout == layout else []
    return numbers[-1] if numbers else ""


def _canvas_ids(standing: Standing) -> tuple[str, str, str]:
    """Canvas's number, the SIS id and the login.  Where it is not known which of the latter an id is, it is written as
    both, since Canvas looks for one after the other."""
    own, person = canvas_number(standing), standing.person
    sis, login = (person.sis, person.login) if person else ("", "")
    if own or sis or login:
        return own if _is_number(own) else "", _line(sis), _line(login)
    id = "" if standing.grade.layout in _NOT_OF_CANVAS and not person else _line(standing.student)
    return "", id, id


def _moodle_ids(standing: Standing) -> dict[str, str]:
    """Heading -> the id, of the ids that Moodle's gradebook looks for; without a roster it may be any of them."""
    person = standing.person
    if person is None:
        unlike = standing.grade.layout in (Layout.MOODLE, Layout.CANVAS, Layout.GRADESCOPE)
        return {} if unlike else {"ID number": _line(standing.student)}
    others = {person.email, person.login, person.canvas, person.moodle}
    number = person.sis or (person.id if person.id not in others else "")
    ids = {"ID number": number, "Email address": person.email, "Username": person.login}
    return {heading: _line(id) for heading, id in ids.items() if id}


def _name(standing: Standing) -> str:
    return _line(standing.name or standing.student)


def _line(text: str) -> str:
    """A text in one line, without the mark that Moodle's reader takes for an escape."""
    return printable(" ".join(text.replace("\\", " ").split()))


def _is_number(id: str) -> bool:
    return id.isascii() and id.isdecimal()
