"""A grading run as a person at a terminal follows it."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from actlab.course import lesson
from actlab.errors import CourseError
from actlab.grading import forget as forgetting
from actlab.grading import giveback, names
from actlab.grading import run as grading
from actlab.grading.causes import for_a_human
from actlab.grading.gradebook import NAME, Grade
from actlab.grading.incoming import NoSubmissions
from actlab.grading.layouts import came
from actlab.grading.likeness import Likeness
from actlab.grading.pages import number
from actlab.grading.past import Changes
from actlab.grading.sandbox import bounds
from actlab.grading.standing import ABSENT, Standing
from actlab.grading.witness import Finding, Findings
from actlab.words import printable, quoted

MOST_LISTED = 50
MOST_NAMED = 10
"""So many names stand in a line of the summary; of more only the number."""


class Reported(NamedTuple):
    """What a run came to: how each student stands, what changed, and whose functions are alike."""

    standings: list[Standing]
    changes: Changes
    alike: Likeness | None = None


def run(source: Path, out: Path, order: grading.Order) -> None:
    """Grade with a progress bar, and say at the end what came out and where it lies."""
    console = Console(stderr=True)
    if order.sandbox == "none":
        console.print("[bold]No sandbox:[/] submitted code runs as you, with your files and your network.")
    seen: Counter[str] = Counter()
    try:
        standings, changes, alike = _followed(source, out, order, console, seen)
    except KeyboardInterrupt:
        many = seen.total()
        so_far = f"Stopped; {many} are kept" if many else "Stopped before anything was graded"
        raise _stopped(console, f"{so_far}: run it again, and it goes on there.") from None
    by_status = Counter(one.status for one in standings if one.status != ABSENT)
    words = ", ".join(f"{many} {status}" for status, many in by_status.most_common())
    graded = [one for one in standings if one.status == "graded"]
    half = number(median([one.score for one in graded])) if graded else ""
    middle = f" Median {half} of {number(graded[0].max_score)}." if graded else ""
    console.print(f"{seen['new']} new, {seen['known']} unchanged. In the gradebook: {words}.{middle}")
    _told(console, standings, changes, alike)
    console.print(f"Scores: {out / 'grades.csv'}   Class report: {out / 'report.html'}", soft_wrap=True)


def _stopped(console: Console, sentence: str) -> SystemExit:
    """Say what is kept, and end what is still at work: nobody waits for it, as leaving would."""
    console.print(sentence, highlight=False, markup=False)
    for child in multiprocessing.active_children():
        child.kill()
    return SystemExit(130)


def _told(console: Console, standings: Sequence[Standing], changes: Changes, alike: Likeness | None) -> None:
    """Who is new, who stands otherwise than before, who handed in nothing, and how many want a human eye."""
    if changes.since:
        _listed(console, "New in the tables", [*map(quoted, changes.new)], MOST_NAMED)
        moved = [f"{quoted(one.student)} {one.words[0]} → {one.words[1]} ({one.reason})" for one in changes.moved]
        _listed(console, "Changed", moved, MOST_NAMED)
    absent = [quoted(one.student) for one in standings if one.status == ABSENT]
    _listed(console, "On the roster, and nothing handed in", absent, MOST_NAMED)
    look = sum(bool(reasons) for _, reasons in for_a_human(standings, alike))
    if look:
        console.print(f"For a human eye: {look} of {len(standings)}, as the class report says.", highlight=False)


def _followed(source: Path, out: Path, order: grading.Order, console: Console, seen: Counter[str]) -> Reported:
    """Grade with a progress bar; how all stand, and what changed.  `seen` counts the rows "new" and "known"."""
    since, what = 0.0, Reported([], Changes())
    with Progress(
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("elapsed,"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
    ) as bar:
        task = bar.add_task("", total=None, rate="")

        def started(total: int) -> None:
            nonlocal since
            since = time.monotonic()
            bar.update(task, total=total)

        def done(grade: Grade | None) -> None:
            seen["new" if grade else "known"] += 1
            spent = time.monotonic() - since
            bar.update(task, advance=1, rate=f"{seen['new'] / spent:.1f}/s" if seen["new"] and spent > 1 else "")

        def reported(standings: list[Standing], changes: Changes, alike: Likeness | None) -> None:
            nonlocal what
            what = Reported(standings, changes, alike)

        progress = grading.Progress(
            waiting=lambda: console.print(f"Another grader is at work in {out}; waiting for it to end."),
            started=started,
            aside=lambda what: _listed(console, "Belongs to nobody", what, MOST_NAMED),
            gone=lambda who: _listed(
                console, "No longer handed in, and so in no table", [*map(quoted, who)], MOST_NAMED
            ),
            strangers=lambda who: _listed(console, "Not on the roster", [*map(quoted, who)], MOST_NAMED),
            done=done,
            reported=reported,
            said=lambda sentence: console.print(printable(sentence), highlight=False, markup=False),
        )
        try:
            grading.grade(source, out, order, progress)
            return what
        finally:  # a run that could not begin leaves no bar above its sentence
            bar.live.transient = bar.tasks[0].total is None


def give_back(out: Path, assignment: str, everything: bool) -> None:
    """Write what goes back to a class, and say what that is."""
    console = Console(stderr=True)

    def said(sentence: str) -> None:
        console.print(printable(sentence), highlight=False, markup=False, soft_wrap=True)

    waiting = grading.Progress(waiting=lambda: said(f"A grader is at work in {out}; waiting for it to end."))
    given = giveback.give_back(out, assignment, everything, waiting)
    if given.withheld:
        whose = "1 student" if given.withheld == 1 else f"{given.withheld} students"
        said(f"The scores of {whose} are without letters and numbers, which are withheld until the deadline.")
    if not given.students:
        said(f"No feedback changed since it was given back ({given.same} pages): --all writes it for everybody.")
        return
    for file, many in given.files.items():
        said(f"{out / file}: {many} {'student' if many == 1 else 'students'}")
    _listed(console, "The feedback of", _few(given.students))
    for file, who in given.unknown.items():
        _listed(console, f"Not in {file}, since it is not known what was uploaded there", _few(who))
    if given.same:
        said(f"{given.same} pages are as they were when they were given back: --all takes them in too.")


def preview(source: Path, out: Path, order: grading.Order) -> None:
    """Show who handed in what, which file counts and why, and whom nobody knows; record nothing.

    Errors: CourseError, at the end, where a run would be refused.
    """
    console = Console()
    try:
        _preview(source, out, order, console)
    except KeyboardInterrupt:
        raise _stopped(Console(stderr=True), "Stopped. Nothing was graded, nothing written.") from None


def _preview(source: Path, out: Path, order: grading.Order, console: Console) -> None:
    wrong: CourseError | None = None
    outlook = None
    with grading.readers(order) as reading, console.status("Reading …"):
        try:
            known = grading.understood(source, out, order, reading)
            intake, findings, roster, *_ = known
            outlook = grading.outlook(known, out, order)
        except CourseError as error:
            if isinstance(error, NoSubmissions):
                raise
            roster, wrong = order.roster, error
            with suppress(CourseError):
                roster = grading.roster_of(out, order)
            intake, findings = grading.take_in(source, out, reading, roster), Findings({})
    readings = [found for _, found in intake.handed_in]
    asked = len(lesson(order.lesson).exercises)
    table = Table("student", "by", "file that counts", "answers", "made for", box=None, padding=(0, 1))
    for column in table.columns:
        column.overflow = "fold"
    for found in readings:
        counts = f"{found.answered}/{asked}" if found.status == "graded" else found.status
        table.add_row(*map(_fitting, (found.student, found.layout, found.file, counts, found.notebook.handed_to)))
    console.print(table)
    for found in readings:
        about = names.about(found.notebook.shown, order.lesson) if found.status == "graded" else ""
        made = findings.of.get(found.student, Finding()).notes
        for sentence in filter(None, (found.sentence, about, *found.notes, *made)):
            console.print(f"{_fitting(found.student)}: {escape(printable(sentence))}", highlight=False)
    counted = Counter(found.status for found in readings)
    counted["readable"] = counted.pop("graded", 0)
    words = ", ".join(f"{many} {status}" for status, many in counted.most_common())
    who = "1 student" if len(readings) == 1 else f"{len(readings)} students"
    console.print(f"{who}: {words}. Nothing was graded, nothing written.", highlight=False)
    if outlook:
        _compared(console, out, outlook)
    here = {found.student for found in readings}
    nothing = [quoted(person.id) for person in roster.people if person.id not in here] if roster else []
    _listed(console, "On the roster, and nothing handed in", nothing)
    unknown = [quoted(found.student) for found in readings if roster and not roster.person(found.student)]
    _listed(console, "Not on the roster", unknown)
    late = [quoted(found.student) for found in readings if came(found.file, found.layout)[0]]
    _listed(console, "Late, as the platform says", late)
    _listed(console, "Without a notebook", [quoted(found.student) for found in readings if found.status == "missing"])
    _listed(console, "Belongs to nobody", intake.aside)
    for sentence in findings.said:
        console.print(printable(sentence), highlight=False, markup=False)
    if order.sandbox == "bubblewrap" and not order.scheduler:
        console.print(bounds(), highlight=False)
    if wrong:
        raise wrong


def _compared(console: Console, out: Path, outlook: grading.Outlook) -> None:
    """What a run would find in the gradebook that there is."""
    many = ((len(outlook.new), "new"), (len(outlook.changed), "changed"), (len(outlook.unchanged), "unchanged"))
    words = ", ".join(f"{count} {what}" for count, what in many if count)
    console.print(f"Compared with {escape(printable(str(out / NAME)))}: {words}.", highlight=False)
    for what, who in (("New", outlook.new), ("Changed", outlook.changed)):
        if outlook.unchanged:  # else it is everybody
            _listed(console, what, [*map(quoted, who)])
    _listed(console, "In the gradebook, and no longer handed in", [*map(quoted, outlook.gone)])


def forget(out: Path, student: str, dry_run: bool) -> None:
    """Forget a student, and say what was removed and what is left to do by hand."""
    console = Console(stderr=True)

    def said(sentence: str) -> None:
        console.print(printable(sentence), highlight=False, markup=False, soft_wrap=True)

    waiting = grading.Progress(waiting=lambda: said(f"A grader is at work in {out}; waiting for it to end."))
    try:
        found = forgetting.forget(out, student, waiting, dry_run)
    except KeyboardInterrupt:
        sentence = "Stopped. What is removed stays removed: say the same once more, and it goes on there."
        raise _stopped(console, sentence) from None
    for sentence in forgetting.told(found, dry_run):
        said(sentence)


def _fitting(text: str) -> str:
    """A text for a table's cell: on one line, with nothing in it taken for a style."""
    return escape(quoted(text)[1:-1])


def _few(students: list[str]) -> list[str]:
    more = len(students) - MOST_LISTED
    return [*map(quoted, students[:MOST_LISTED]), *([f"and {more:,} more"] if more > 0 else [])]


def _listed(console: Console, what: str, names: list[str], most: int = sys.maxsize) -> None:
    """Names after what they are; where there are more than `most`, only their number."""
    if names:
        said = ", ".join(names) if len(names) <= most else f"{len(names):,}, whom the class report names"
        console.print(f"{what}: {escape(printable(said))}.", highlight=False)
