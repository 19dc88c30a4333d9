"""Whom each notebook was made for, as it shows itself, against who handed it in: compared before anything is recorded.

Letters are judged in the order in which the student saw the options. Whoever holds the secret can derive it from the
id that a notebook proves to be made for; where it proves none, its text and its checks still show it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from actlab import course
from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import Choice, lesson
from actlab.exercises.personal import SHORTEST, fingerprint, instance, orders, too_short
from actlab.grading.gradebook import MOVE, Gradebook
from actlab.grading.notes import Cause, Note
from actlab.grading.shown import Shown, folded

ENOUGH = 2
"""So many orders have to agree before they prove an id that the notebook or its row names."""
MOST = 0.5
LISTED = 3


class Made(StrEnum):
    """Whom a notebook was made for, beside the student whose row it fills."""

    OWN = "own"
    """For this student; or for everybody, where that is so for all."""
    CLASSMATE = "classmate"
    SHARED = "shared"
    """For an id that others handed in for as well."""
    OTHER = "other"
    """For an id that is nobody's here: perhaps another name of the same student."""
    COMMON = "common"
    """For everybody, in a class where each student has their own."""
    ALTERED = "altered"
    """It names an id, and what should prove it does not."""
    UNNAMED = "unnamed"
    """It shows how its options stood, and not for whom."""
    BARE = "bare"
    """It shows nothing."""
    KEYLESS = "keyless"
    """It was made with a secret, and is graded without one."""


FOREIGN_TO = (Made.CLASSMATE, Made.SHARED, Made.COMMON)
SENTENCES = {
    Made.CLASSMATE: "This notebook was handed out to “{made}”, who is another student of this class.",
    Made.SHARED: "This notebook was handed out to “{made}”, and so was that of {others}.",
    Made.OTHER: "This notebook was handed out to “{made}” and handed in under “{student}”: all is well if they are one "
    "person.",
    Made.COMMON: "This notebook is the one for everybody, and this class has one for each student.",
    Made.ALTERED: "This notebook says that it was handed out to “{made}”, and its fingerprint says otherwise: it was "
    "changed, or made with another secret. Its {what} were judged {how}.",
    Made.UNNAMED: "This notebook does not say any more whom it was handed out to. Its {what} were judged {how}.",
    Made.BARE: "This notebook shows nothing any more of whom it was handed out to. It was graded as that of "
    "“{student}”: if it was made for another id, its {what} may be wrong.",
    Made.KEYLESS: "This notebook was handed out with a secret and is graded without it. Its {what} were judged {how}.",
}
TOLD = {
    Made.CLASSMATE: "This notebook was handed out to another student. Your instructor reads this too.",
    Made.SHARED: "This notebook was handed in by several students. Your instructor reads this too.",
    Made.OTHER: "",
    Made.ALTERED: "What this notebook says of whom it was handed out to was changed, or is of another course. Its "
    "{what} were judged {how}.",
}
"""What the student reads, where that is less: nothing of others, and nothing where a platform has its own ids."""
CHANGED = "The order of the options of {which} is not the one that was handed out."
ALSO = "It also holds a cell from the notebook of “{other}”."
AS_SHOWN = "in the order that it shows"
AS_THEIRS = "as those of “{student}”"
JUDGED_AS = "Each hand-out asks for other answers: these were judged as those of “{student}”, and earn little here."
AS_DERIVED = "in the order that it shows, as far as it shows one, else as those of “{student}”, and may be wrong"
COUNTED = {
    Made.COMMON: "{are} the one for everybody, where the others have their own",
    Made.ALTERED: "{do} not fit {their} own fingerprint",
    Made.UNNAMED: "{do} not say any more whom {they} {were} handed out to",
    Made.BARE: "{do} not show any more whom {they} {were} handed out to",
    Made.KEYLESS: "{were} handed out with a secret and {are} graded without it",
}
FOREIGN = "{were} handed out to other ids"
AMONG = {
    Made.CLASSMATE: "{many} to another student of this class",
    Made.SHARED: "{many} to an id that others handed in for as well",
}
ONE = {"were": "was", "are": "is", "do": "does", "they": "it", "their": "its"}
MANY = {word: word for word in ONE}
ADD_SECRET = (
    "{many} of {total} notebooks were handed out with a secret: add --secret FILE, with the file that "
    "`actlab release` used. Nothing was recorded."
)
OTHER_SECRET = (
    "{many} of {total} notebooks were handed out with another secret than this one (last year's?): {who}. "
    "Give the file that `actlab release` used. Nothing was recorded."
)
GRADED_UNDER = "graded under"
ANOTHER = (
    "this folder was graded under another secret, or under none: give that one, or another --out, or add --regrade to "
    "grade everything anew. Nothing was recorded."
)
ANOTHER_HOMEWORK = (
    "this folder holds the grades of the {kept}, not of the {asked}: give the {asked} another --out. "
    "Nothing was recorded."
)
NO_HOMEWORK = f"{{path}} does not say any more which homework it holds. {MOVE}"
NOT_THIS_ONE = (
    "{many} of {total} notebooks are the {other}, and this would grade the {asked}: add --homework {other}. "
    "Nothing was recorded."
)
UNASKED = (
    "No notebook asks for {which}, which {are} scored all the same: {points} of {total} points. Hand out and grade "
    "with the same course."
)

OTHER_OPTIONS = (
    "{many} of {total} notebooks {do} not show as many options for {which} as this course has: their letters may be "
    "judged wrongly. Hand out and grade with the same course."
)


@dataclass(frozen=True)
class Exhibit:
    """One notebook as evidence: the id whose row it fills, and what it shows."""

    student: str
    shown: Shown


@dataclass(frozen=True)
class Finding:
    """What is held to be true of one notebook.

    handed_to: the id it was made for, "" where that is everybody or unknown.  orders: how the options of a multiple
    choice stood, by the exercise's id.  instance: the code of what was drawn for it.  notes: what the instructor should
    know.  hints: what the student should.
    """

    made: Made = Made.OWN
    handed_to: str = ""
    orders: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    instance: str = ""


@dataclass(frozen=True)
class Findings:
    """What is held to be true of a class: a finding for each student, and sentences about all together."""

    of: Mapping[str, Finding]
    said: tuple[str, ...] = ()


def compare(
    exhibits: Iterable[Exhibit],
    secret: bytes | None,
    number: int = PRACTICE.number,
    silent: Iterable[str] = (),
    aliases: Mapping[str, str] | None = None,
) -> Findings:
    """What the notebooks of a class show, compared with the secret that they are graded with, or with none.

    exhibits: one for each notebook that can be read.  number: of the lesson that is graded.
    silent: the students of whom there is none.  aliases: an id that is another name of a student, as it is compared ->
    the student.
    Errors: CourseError where the secret is missing, or is not the one that most were handed out with.
    """
    witnesses = [_Witness(one, secret, number) for one in exhibits]
    _require_homework(witnesses)
    _require_secret(witnesses, secret)
    found = _found(witnesses, silent, aliases)
    return Findings(found, (*_counted(found.values()), *_unasked(witnesses, number), *_recounted(witnesses)))


def alone(exhibit: Exhibit, secret: bytes | None, number: int = PRACTICE.number) -> Finding:
    """The same for one notebook whose class nobody knows."""
    return _found([_Witness(exhibit, secret, number)])[exhibit.student]


def require_same(book: Gradebook, secret: bytes, regrade: bool, number: int = PRACTICE.number) -> None:
    """Remember what a gradebook is graded under, once that is no other than before.

    Errors: those of `refuse_another`.
    """
    refuse_another(book, secret, regrade, number)
    book.keep("homework", course.lesson(number).name.encode())
    book.keep(GRADED_UNDER, fingerprint(secret).encode())


def refuse_another(book: Gradebook, secret: bytes | None, regrade: bool, number: int = PRACTICE.number) -> None:
    """Refuse another secret than a gradebook is graded under, where it is not said that all may change; None is one
    that is still to be drawn.  Another homework is refused in any case.

    Errors: CourseError.
    """
    asked, kept = course.lesson(number), homework_in(book)
    if kept and kept.name != asked.name:
        raise CourseError(ANOTHER_HOMEWORK.format(kept=kept.name, asked=asked.name))
    under = book.found(GRADED_UNDER)
    if under and not regrade and (secret is None or under != fingerprint(secret).encode()):
        raise CourseError(ANOTHER)


def homework_in(book: Gradebook) -> course.Lesson | None:
    """The homework whose grades a gradebook holds; None where it holds none yet.

    Errors: CourseError where it names one that there is not.
    """
    kept = book.found("homework")
    if kept is None:
        return PRACTICE if next(iter(book.grades()), None) else None
    try:
        return course.homework(kept.decode())
    except (KeyError, ValueError):
        raise CourseError(NO_HOMEWORK.format(path=book.path)) from None


class _Witness:
    """One notebook, and what the secret proves about it.

    seen: how the options stand in it, by id.  plain: whether it shows that they stand as in the course.
    recounted: ids of those that have another number of options here.
    personal: whether it shows that it was made for somebody.
    proven: the id that it was made for, None where nothing proves one.
    drawn: whether what it asks was drawn for somebody, and not only the order of its options.
    """

    def __init__(self, exhibit: Exhibit, secret: bytes | None, number: int):
        self.student, self.shown, self.secret = exhibit.student, exhibit.shown, secret
        self.homework = course.lesson(number)
        self.choices = [exercise for exercise in lesson(number) if isinstance(exercise, Choice)]
        self.drawn = any(exercise.drawn for exercise in lesson(number))
        self.what = "answers" if self.drawn else "letters"
        self.course = {choice.id: "".join(choice.options) for choice in self.choices}
        self.seen = {choice.id: order for choice in self.choices if (order := _seen(choice, self.shown))}
        named = {choice.id: self.shown.orders.get(choice.id, "") for choice in self.choices}
        self.recounted = [id for id, order in named.items() if order and len(order) != len(self.course[id])]
        told = any(self.shown.orders.get(id) for id in self.course)
        moved = any(order != self.course[id] for id, order in self.seen.items())
        checked = any(self.shown.orders.get(id) == "" for id in self.course)
        self.personal = told or moved or any(claim.student for claim in self.shown.claims)
        self.keyed = self.personal or any(claim.fingerprint for claim in self.shown.claims)
        self.plain = not self.personal and (checked or bool(self.seen))
        self.claimed = self.shown.claims[0].student if self.shown.claims else ""
        proofs = list(dict.fromkeys(self._proofs(secret))) if secret else []
        self.proven = proofs[0] if proofs else None
        self.also = proofs[1:]
        self.contradicts = not proofs and any(
            claim.fingerprint or len(self.seen) >= ENOUGH for claim in self.shown.claims
        )

    def _proofs(self, secret: bytes) -> Iterator[str]:
        """The ids that fit their fingerprints; where none does, one whose order of options the notebook has."""
        fitting = [
            spelled
            for claim in self.shown.claims
            for spelled in spellings(claim.student)
            if fingerprint(secret, spelled) == claim.fingerprint
        ]
        yield from fitting
        if not fitting:
            claimed = (spelled for claim in self.shown.claims if claim.student for spelled in spellings(claim.student))
            yield from (spelled for spelled in claimed if self.agrees(self.derived(spelled)))

    def derived(self, student: str) -> Mapping[str, str]:
        """How the options stand in a student's hand-out; "" is everybody."""
        own = orders(self.secret, student, self.homework) if self.secret else {}
        return {id: own.get(id, order) for id, order in self.course.items()}

    def agrees(self, derived: Mapping[str, str], enough: int = ENOUGH) -> bool:
        """Whether the notebook shows these orders and no other one."""
        return len(self.seen) >= enough and all(derived.get(id) == order for id, order in self.seen.items())

    def bears_out(self, finding: Finding) -> bool:
        """Whether more than a name says whose hand-out this was: anybody can write a name into a notebook."""
        return self.proven is not None or self.agrees(self.derived(finding.handed_to))

    def finding(self, ids: Mapping[str, str], by_orders: Mapping[tuple[str, ...], str], common: bool) -> Finding:
        """What is held to be true.

        ids: folded id, or another name -> the student of this class who has it.  by_orders: orders of all choices ->
        the id that has them.  common: whether the class was handed out one notebook for everybody.
        """
        if self.secret is None:
            return self._without_secret(ids)
        made = self.proven
        if made is None and self.claimed and not self.contradicts:
            made = self.claimed
        if made is None and self.personal:
            made = self._recognised(by_orders)
        if made is None and not self.contradicts and (self.plain or (common and not self.keyed)):
            made = ""
        if made is not None:
            return self._as(made, ids, common)
        kind = Made.ALTERED if self.contradicts else Made.UNNAMED if self.seen else Made.BARE
        return self._judged_as_shown(kind, self.derived(self.student))

    def of_instance(self, finding: Finding) -> Finding:
        """The finding with the code of what is asked: nobody's but the student's own, also in somebody else's hand-out.

        An id that is nobody's here may be another name of the same student.
        """
        if not self.drawn or self.secret is None:
            return finding
        if finding.made is Made.OWN and not finding.handed_to:
            return replace(finding, instance=instance(self.secret, "") if self.proven == "" else "")
        if finding.made in (Made.OWN, Made.OTHER):
            return replace(finding, instance=instance(self.secret, finding.handed_to))
        said = (Note(JUDGED_AS.format(student=self.student), Cause(finding.made)),) * (finding.made in FOREIGN_TO)
        code = instance(self.secret, self.student)
        return replace(finding, instance=code, notes=finding.notes + said, hints=finding.hints + said)

    def _recognised(self, by_orders: Mapping[tuple[str, ...], str]) -> str | None:
        """The id whose orders these are: the row's own, or one of the class that has all of them."""
        if any(self.agrees(self.derived(spelled)) for spelled in spellings(self.student)):
            return None if self.contradicts else self.student
        return by_orders.get(tuple(self.seen.get(id, "") for id in self.course))

    def _as(self, made: str, ids: Mapping[str, str], common: bool) -> Finding:
        """It was made for this id: its letters are judged in that id's order."""
        derived = self.derived(made)
        if not made:
            kind = Made.OWN if common else Made.COMMON
        elif folded(made) == folded(self.student) or ids.get(folded(made)) == self.student:
            kind = Made.OWN
        else:
            kind = Made.CLASSMATE if folded(made) in ids else Made.OTHER
        changed = [f"`{id}`" for id, order in self.seen.items() if order != derived[id]]
        more = [Note(CHANGED.format(which=", ".join(changed)), Cause.ALTERED)] * bool(changed)
        also = [Note(ALSO.format(other=other), Cause.MIXED) for other in self.also if folded(other) != folded(made)]
        notes, hints = _said(kind, made=made, student=self.student, what=self.what)
        return Finding(kind, made, derived if made else {}, (*notes, *more, *also), (*hints, *more))

    def _judged_as_shown(self, kind: Made, otherwise: Mapping[str, str]) -> Finding:
        how = AS_DERIVED if len(self.seen) < len(self.course) else AS_SHOWN
        how = (AS_THEIRS if self.drawn else how).format(student=self.student)
        said = _said(kind, made=self.claimed or "everybody", student=self.student, how=how, what=self.what)
        return Finding(kind, self.claimed, {**otherwise, **self.seen}, *said)

    def _without_secret(self, ids: Mapping[str, str]) -> Finding:
        if not self.keyed:
            return Finding()
        found = self._judged_as_shown(Made.KEYLESS, self.course)
        if folded(self.claimed) in ids and folded(self.claimed) != folded(self.student):
            notes, hints = _said(Made.CLASSMATE, made=self.claimed)
            return replace(found, made=Made.CLASSMATE, notes=(*notes, *found.notes), hints=(*hints, *found.hints))
        return found


def spellings(id: str) -> list[str]:
    """An id as it stands, and as other computers write the same letters."""
    return list(dict.fromkeys([id, unicodedata.normalize("NFC", id), unicodedata.normalize("NFD", id)]))


def _seen(choice: Choice, shown: Shown) -> str:
    """The order in which the options stand in the text, else the one that the check names; "" where neither shows."""
    letters = {" ".join(text.split()): letter for letter, text in choice.options.items()}
    for options in shown.lists:
        order = "".join(letters.get(" ".join(text.split()), "") for text in options.values())
        if len(order) == len(options) == len(set(order)) == len(letters):
            return order
    order = shown.orders.get(choice.id, "")
    return order if sorted(order) == sorted(choice.options) else ""


def _said(kind: Made, **about: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is said of a kind: to the instructor, and to the student."""
    if kind is Made.OWN:
        return (), ()
    said = Note(SENTENCES[kind].format_map(about), Cause(kind)), TOLD.get(kind, SENTENCES[kind]).format_map(about)
    return said[:1], tuple(filter(None, said[1:]))


def _found(
    witnesses: Sequence[_Witness], silent: Iterable[str] = (), aliases: Mapping[str, str] | None = None
) -> dict[str, Finding]:
    ids = {folded(student): student for student in (*silent, *(one.student for one in witnesses))}
    ids |= {alias: ids[folded(id)] for alias, id in (aliases or {}).items() if folded(id) in ids}
    known = [*ids.values(), *(one.proven for one in witnesses if one.proven)]
    by_orders = {}
    if any(one.personal and one.proven is None for one in witnesses):
        by_orders = {} if witnesses[0].drawn else {tuple(witnesses[0].derived(id).values()): id for id in known}
    common = not any(one.personal for one in witnesses) and any(one.plain or one.proven == "" for one in witnesses)
    found = {one.student: one.finding(ids, by_orders, common) for one in witnesses}
    found |= _shared({one.student: found[one.student] for one in witnesses if one.bears_out(found[one.student])})
    return {one.student: one.of_instance(found[one.student]) for one in witnesses}


def _shared(found: Mapping[str, Finding]) -> dict[str, Finding]:
    """The findings, where an id that is nobody's here cannot be another name of several students."""
    holders: dict[str, list[str]] = {}
    for student, finding in found.items():
        if finding.made is Made.OTHER:
            holders.setdefault(folded(finding.handed_to), []).append(student)
    told = dict(found)
    for students in holders.values():
        for student in students if len(students) > 1 else ():
            finding = found[student]
            others = [f"“{other}”" for other in students if other != student]
            more = ", …" * (len(others) > LISTED)
            notes, hints = _said(Made.SHARED, made=finding.handed_to, others=", ".join(others[:LISTED]) + more)
            notes += finding.notes[1:]
            told[student] = replace(finding, made=Made.SHARED, notes=notes, hints=(*hints, *finding.hints))
    return told


def _require_homework(witnesses: Sequence[_Witness]) -> None:
    """Refuse to grade most of a class as a homework that it is not."""
    shown = Counter(_homework(one.shown) for one in witnesses)
    other, many = max(shown.items(), key=lambda one: one[1], default=("", 0))
    if other and other != witnesses[0].homework.name and many > MOST * len(witnesses):
        asked = witnesses[0].homework.name
        raise CourseError(NOT_THIS_ONE.format(many=many, total=len(witnesses), other=other, asked=asked))


def _homework(shown: Shown) -> str:
    """The homework that a notebook says it is, else the one whose names it defines most of; "" where it is none."""
    names = [homework.name for homework in course.HOMEWORKS]
    if shown.assignment in names:
        return shown.assignment
    there = {one.name: len({*shown.defines}.intersection(one.exercises)) for one in course.HOMEWORKS}
    most = max(there, key=lambda name: there[name])
    return most if 2 * there[most] > len(course.homework(most).exercises) else ""


def _require_secret(witnesses: Sequence[_Witness], secret: bytes | None) -> None:
    total = len(witnesses)
    if secret is None:
        keyed = sum(one.keyed for one in witnesses)
        if keyed > MOST * total:
            raise CourseError(ADD_SECRET.format(many=keyed, total=total))
        return
    proven = sum(one.proven is not None for one in witnesses)
    against = [one.student for one in witnesses if one.contradicts]
    for_it = sum(one.proven is not None or (one.plain and not one.contradicts) for one in witnesses)
    if len(against) > for_it and (len(against) > 1 or total == 1):
        others = f" and {len(against) - 3} more" if len(against) > 3 else ""
        who = ", ".join(against[:3]) + others
        raise CourseError(OTHER_SECRET.format(many=len(against), total=total, who=who))
    if len(secret) < SHORTEST and not proven:
        raise CourseError(too_short(secret))


def _counted(findings: Iterable[Finding]) -> Iterator[str]:
    kinds = Counter(finding.made for finding in findings)
    total = kinds.total()
    foreign = kinds[Made.CLASSMATE] + kinds[Made.SHARED] + kinds[Made.OTHER]
    among = [what.format(many=kinds[kind]) for kind, what in AMONG.items() if kinds[kind]]
    counts = ((foreign, ", ".join([FOREIGN, *among])), *((kinds[kind], what) for kind, what in COUNTED.items()))
    for many, what in counts:
        if many:
            yield f"{many} of {total} notebooks {what.format(**(ONE if many == 1 else MANY))}."


def _unasked(witnesses: Sequence[_Witness], number: int) -> Iterator[str]:
    """What no notebook of the class asks for, where there are some that are hand-outs."""
    asked = lesson(number)
    handouts = [one for one in witnesses if 2 * sum(e.id in one.shown.asks for e in asked) > len(asked)]
    there = {id for one in witnesses for id in (*one.shown.asks, *one.shown.defines)}
    if handouts and (missing := [e for e in asked if e.id not in there and e.name not in there]):
        which = ", ".join(f"`{e.name}`" for e in missing)
        words = ONE if len(missing) == 1 else MANY
        points, total = (sum(e.points for e in some) for some in (missing, asked))
        yield UNASKED.format(which=which, points=points, total=total, **words)


def _recounted(witnesses: Sequence[_Witness]) -> Iterator[str]:
    """Which multiple choices were handed out with more options, or fewer."""
    found = [one.recounted for one in witnesses if one.recounted]
    if found:
        which = ", ".join(f"`{id}`" for id in sorted({id for ids in found for id in ids}))
        words = ONE if len(found) == 1 else MANY
        yield OTHER_OPTIONS.format(many=len(found), total=len(witnesses), which=which, **words)
