"""A student is forgotten: every trace in the folder of grades goes, and what the instructor has to delete is named."""

from __future__ import annotations

import html
import json
import re
import secrets
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from actlab import handout
from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import EXERCISES, lesson
from actlab.files import locked
from actlab.grading import adjust, reports, witness
from actlab.grading.adjust import Change, What
from actlab.grading.gradebook import LOCK, NAME, Grade, Gradebook
from actlab.grading.notes import Note, cause_of
from actlab.grading.pages import file_name
from actlab.grading.run import FORGETTING, Progress, kept_roster, report, require_kept
from actlab.roster import Person, Roster, folded
from actlab.words import quoted

FOLDERS = (*reports.PAGES, "explain")
"""What lies in there under a student's name is made by a command."""
MADE_ANEW = ("feedback*.zip", "mail.csv", "changed.txt")
"""What a command makes of all students together, and makes again."""
LISTED = 6
_LINES = {
    "grades": ("row", "rows"),
    "cells": ("entry of code", "entries of code"),
    "decisions": ("decision", "decisions"),
}
DRAFTS = ".draft-*"
SHORTEST, DIGITS = 3, 5
"""So many characters, or digits, a word has to have before it tells whom it means."""
LONGEST_FILE = 256 << 20
_QUOTED = re.compile("“([^”]*)”")


@dataclass(frozen=True)
class Traces:
    """Whom it is about.

    ids: all under which the student is known.  words: name and e-mail.  files: what was handed in.
    """

    student: str
    ids: tuple[str, ...]
    words: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def folded(self) -> set[str]:
        """The ids as they are compared."""
        return {folded(id) for id in self.ids}

    def dumps(self) -> bytes:
        """The traces as bytes, which `loads` reads."""
        return json.dumps([self.student, self.ids, self.words, self.files]).encode()


@dataclass(frozen=True)
class Forgotten:
    """What was removed, or would be.

    lines: table of the gradebook -> how many.  on_roster: whether the kept roster named the student.
    removed: files.  anew: those of them that hold the others as well, until a command writes them again.
    holders: other students who handed in a notebook that was made for this one.
    lines_left: where the instructor's own adjustments name the student.  files_left: other files that do.
    others: students in whose row such a word stands.
    """

    traces: Traces
    lines: dict[str, int]
    on_roster: bool
    removed: list[str]
    anew: list[str]
    holders: list[str]
    lines_left: list[str] = field(default_factory=list)
    files_left: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def forget(out: Path, student: str, progress: Progress | None = None, dry_run: bool = False) -> Forgotten:
    """Remove every trace of a student from a folder of grades; return what that was, and what is left to the
    instructor.  One that was stopped goes on where it stopped.

    student: any id of theirs.  dry_run: whether to change nothing.
    Errors: CourseError where nobody has this id, or where the gradebook cannot be used.  OSError where a file stays.
    """
    if not (out / NAME).is_file():
        raise CourseError(f"{out} holds no gradebook: give the folder that `actlab grade` wrote, as --out.")
    progress = progress or Progress()
    alone = nullcontext() if dry_run else locked(out / LOCK, progress.waiting)
    with alone, Gradebook(out, untouched=dry_run) as book:
        require_kept(book)
        decided = adjust.read(out, lesson((witness.homework_in(book) or PRACTICE).number))
        traces = _begun(book, student) or _traces(book, decided.aliases, student)
        lines = book.about(traces.folded)
        on_roster = any(_is_of(traces, person.id) for person in _people(kept_roster(book)))
        pages, anew = _pages(out, traces), _made_anew(out, traces)
        others = [row for row in book.grades() if not _is_of(traces, row.student)]
        holders = [row.student for row in others if _is_of(traces, row.handed_to)]
        if not dry_run:
            _mask(book, traces, others)
            book.forget(traces.folded, {**_pruned(book, traces), FORGETTING: traces.dumps()})
            for path in (*pages, *anew, *out.rglob(DRAFTS)):
                path.unlink(missing_ok=True)
            report(out, book)
            book.scrub()
            book.drop(FORGETTING)
            book.scrub()
        removed = _listed(out, [*pages, *anew])
        found = Forgotten(traces, lines, on_roster, removed, _listed(out, anew), holders)
        mine = (one for one in decided.changes if _is_of(traces, one.student) or _is_of(traces, _same_as(one)))
        found = replace(found, lines_left=[one.place for one in mine])
        return found if dry_run else _with_rest(found, out, book)


def told(found: Forgotten, dry_run: bool = False) -> Iterator[str]:
    """What was removed, or would be, and what is left to do by hand, in sentences."""
    traces = found.traces
    also = [quoted(id) for id in traces.ids if folded(id) != folded(traces.student)]
    who = quoted(traces.student) + (f" (also {', '.join(also)})" if also else "")
    what = [
        f"{many} {_LINES.get(table, (f'entry in {table}', f'entries in {table}'))[many > 1]}"
        for table, many in found.lines.items()
    ]
    what += ["the entry in the roster"] * found.on_roster
    what += [f"{len(found.removed)} file{'s' * (len(found.removed) != 1)}: {_few(found.removed)}"] * bool(found.removed)
    held = ", ".join(what) or "nothing that stands under this id"
    if dry_run:
        yield f"Would forget {who}: {held}. Nothing was changed; without --dry-run this cannot be undone."
    else:
        yield f"Forgotten: {who}: {held}. All other pages and tables were written anew."
    if found.anew:
        yield f"{_few(found.anew)} held the other students too: give back once more to have them."
    if found.lines_left:
        yield f"Yours to delete: {_few(found.lines_left)}."
    if traces.files:
        yield (
            f"Yours to delete, where your submissions are: {_few([*map(quoted, traces.files)])}; the next run would "
            "grade it again. So would a roster that you give with --roster bring the name back."
        )
    if found.holders:
        yield (
            f"{_few([*map(quoted, found.holders)])} handed in a notebook that was made for this student, and names it: "
            "once that is judged again, its row does too."
        )
    words = " or ".join(map(quoted, [traces.student, *traces.words]))
    if found.files_left or found.others:
        places = [*found.files_left, *(f"the row of {quoted(other)}" for other in found.others)]
        yield f"{words} still stands in {_few(places)}: look whether it is this student."


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _begun(book: Gradebook, wanted: str) -> Traces | None:
    """The traces of a student whose forgetting was stopped; None where nobody's was.

    Errors: CourseError where it was another student's.
    """
    try:
        student, ids, words, files = json.loads(book.found(FORGETTING) or b"")
        found = Traces(student, tuple(ids), tuple(words), tuple(files))
    except (ValueError, TypeError):
        return None
    if not _is_of(found, wanted):
        raise CourseError(f"forgetting {quoted(student)} was stopped: say the same once more for that one first.")
    return found


def _traces(book: Gradebook, aliases: Mapping[str, str], wanted: str) -> Traces:
    """All that a student goes by.  Errors: CourseError where nobody is meant, or several may be."""
    rows, roster = list(book.grades()), kept_roster(book)
    counts = aliases.get(folded(wanted), wanted)
    person = roster.person(counts) if roster else None
    by_row = [row.student for row in rows if folded(row.student) == folded(counts)]
    by_hand_in = [row.student for row in rows if folded(counts) in map(folded, row.handed_in_as)]
    if person:
        student = person.id
    elif by_row:
        student = by_row[0]
    elif len(by_hand_in) > 1:
        raise CourseError(f"{quoted(wanted)} stands for {' and '.join(map(quoted, by_hand_in))}: say which of them.")
    elif by_hand_in:
        student = by_hand_in[0]
    elif book.about([folded(counts)]):
        student = counts
    else:
        known = {folded(row.student): row.student for row in rows} | {folded(one.id): one.id for one in _people(roster)}
        near = get_close_matches(folded(wanted), known, 3)
        meant = f" Did you mean {' or '.join(quoted(known[one]) for one in near)}?" if near else ""
        raise CourseError(f"nobody here is {quoted(wanted)}.{meant} Nothing was forgotten.")

    def is_anothers(id: str) -> bool:
        other = roster.person(id) if roster else None
        return bool(other and folded(other.id) != folded(student))

    ids = [student, counts, wanted, *(person.ids if person else ())]
    ids += [id for row in rows if folded(row.student) == folded(student) for id in row.handed_in_as]
    ids += [alias for alias, id in aliases.items() if folded(id) in set(map(folded, ids))]
    ids = [id for id in dict.fromkeys(ids) if not is_anothers(id)]
    mine = [row for row in rows if folded(row.student) in set(map(folded, ids))]
    words = [*(row.name for row in mine), *((person.name, person.email) if person else ())]
    return Traces(
        student,
        tuple(dict.fromkeys([*ids, *(row.student for row in mine)])),
        tuple(dict.fromkeys(filter(None, words))),
        tuple(dict.fromkeys(row.file for row in mine if row.file)),
    )


def _people(roster: Roster | None) -> Iterable[Person]:
    return roster.people if roster else ()


def _is_of(traces: Traces, id: str) -> bool:
    return folded(id) in traces.folded


def _pruned(book: Gradebook, traces: Traces) -> dict[str, bytes]:
    """What the gradebook keeps beside its rows, without the student: the entries that change."""
    changed = {}
    for key, value in book.everything_kept().items():
        try:
            kept = json.loads(value)
        except ValueError:
            continue
        if (left := _without(kept, traces)) != kept:
            changed[key] = json.dumps(left).encode()
    return changed


def _without(kept: Any, traces: Traces) -> Any:
    """Lists, and tables by student, without what is about this one."""
    if isinstance(kept, dict):
        mine = {key for key, value in kept.items() if _is_of(traces, key) and not isinstance(value, list)}
        return {key: _without(value, traces) for key, value in kept.items() if key not in mine}
    if isinstance(kept, list):
        return [_without(one, traces) for one in kept if not _is_about(one, traces)]
    return kept


def _is_about(one: Any, traces: Traces) -> bool:
    """Whether an entry of a list is the student's: their id, a file of that name, a line that begins with it."""
    if isinstance(one, str):
        files = [part for name in _QUOTED.findall(one) for part in (name, Path(name).name)]
        return any(_is_of(traces, id) for id in (one, *files, *(file.rpartition(".")[0] for file in files)))
    if isinstance(one, list):
        return bool(one) and isinstance(one[0], str) and _is_of(traces, one[0])
    return isinstance(one, dict) and any(_is_of(traces, f"{one.get(key, '')}") for key in ("id", "student"))


def _mask(book: Gradebook, traces: Traces, others: Iterable[Grade]) -> None:
    """Let no row of another student name this one: whose notebook it was made for, in the grader's own words."""
    instead = f"forgotten {secrets.token_hex(2)}"

    def other(id: str) -> str:
        return instead if _is_of(traces, id) else id

    def said(text: str) -> str:
        return _QUOTED.sub(lambda found: f"“{other(found[1])}”", text)

    for row in others:
        notes: list[str] = [Note(said(note), cause_of(note)) for note in row.notes]
        hints = [said(hint) for hint in row.hints]
        masked = replace(row, notes=notes, hints=hints, sentence=said(row.sentence), handed_to=other(row.handed_to))
        cells = book.cells(row.student)
        made = tuple(handout.renamed(cell, other) for cell in cells)
        if masked != row or made != cells:
            book.record(masked, made)


def _pages(out: Path, traces: Traces) -> list[Path]:
    """The files that a command wrote of this student alone."""
    stems = {file_name(id, alone) for id in traces.ids for alone in (True, False)}
    mine = stems | {f"{stem}_{exercise.name}" for stem in stems for exercise in EXERCISES.values()}
    folders = [out / folder for folder in FOLDERS if (out / folder).is_dir()]
    return sorted(path for folder in folders for path in folder.iterdir() if path.stem in mine and not path.is_dir())


def _made_anew(out: Path, traces: Traces) -> list[Path]:
    """The files that a command wrote of all students, and in which this one stands."""
    found = (path for pattern in MADE_ANEW for path in out.glob(pattern))
    return sorted(path for path in found if path.is_file() and _names(path, _search(traces)))


def _listed(out: Path, paths: Iterable[Path]) -> list[str]:
    return [f"{path.relative_to(out)}" for path in paths]


def _same_as(change: Change) -> str:
    """The id for which a line says that another one stands; "" where it says none."""
    return change.value if change.what is What.SAME_AS else ""


def _with_rest(found: Forgotten, out: Path, book: Gradebook) -> Forgotten:
    """The same with where the student is still named, by anybody but the grader."""
    traces, said = found.traces, _search(found.traces)
    told = {place.partition(",")[0] for place in found.lines_left}
    files = sorted(path for path in out.rglob("*") if path.is_file() and not path.name.startswith((NAME, LOCK)))
    texts: dict[str, list[str]] = {}
    for row in book.grades():
        if not _is_of(traces, row.student):
            texts[row.student] = [json.dumps(asdict(row), ensure_ascii=False), *book.cells(row.student)]
    return replace(
        found,
        files_left=[name for name in _listed(out, files) if name not in told and _names(out / name, said)],
        others=[student for student, held in texts.items() if any(map(said, held))],
    )


def _search(traces: Traces) -> Callable[[str], bool]:
    """What tells whether a text names the student, by an id or a word that is long enough to tell anything."""
    names = [*traces.words, *(" ".join(word.split(",")[::-1]).strip() for word in traces.words)]
    tell = [
        word
        for word in (*traces.ids, *names)
        if len(word) >= SHORTEST and not (word.isdecimal() and len(word) < DIGITS)
    ]
    written = {form for word in map(folded, tell) for form in (word, html.escape(word), json.dumps(word)[1:-1])}
    if not written:
        return lambda text: False
    search = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(written)))})(?![\w-])").search
    return lambda text: bool(search(folded(text)))


def _names(path: Path, said: Callable[[str], bool]) -> bool:
    """Whether a file, or one in a zip, names the student, in its own name or in what it holds."""
    try:
        if path.stat().st_size > LONGEST_FILE:
            return said(path.name)
        if not zipfile.is_zipfile(path):
            return said(path.name) or said(path.read_text("utf-8", "replace"))
        with zipfile.ZipFile(path) as archive:
            held = (archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
            return any(map(said, (path.name, *archive.namelist()))) or any(map(said, held))
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return said(path.name)
