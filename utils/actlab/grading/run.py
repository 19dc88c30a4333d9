"""A whole class: read what came in, judge what is new or changed, record it, write the reports."""

from __future__ import annotations

import getpass
import json
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from actlab import roster as rosters
from actlab.course import PRACTICE
from actlab.errors import CourseError
from actlab.exercises import lesson
from actlab.exercises.personal import key
from actlab.files import locked
from actlab.grading import adjust, cluster, exports, likeness, reports, witness
from actlab.grading.adjust import Adjustments
from actlab.grading.bounded import Bounded
from actlab.grading.gradebook import LOCK, NAME, Decision, Grade, Gradebook, id_of
from actlab.grading.incoming import NoSubmissions
from actlab.grading.likeness import Likeness
from actlab.grading.marking import Job, Terms, asked, judge
from actlab.grading.notes import Cause, Note
from actlab.grading.outcome import Outcome, Stumbled, checked, fault, shortened
from actlab.grading.past import Changes, History
from actlab.grading.reading import Readers, Reading
from actlab.grading.row import begun, completed, exhibit, identity
from actlab.grading.sandbox import NoSandbox, require
from actlab.grading.standing import ABSENT, Rules, Standing, of_class, stand, withdrawn
from actlab.grading.submissions import Submission, collect, known
from actlab.grading.witness import Finding, Findings, Made
from actlab.processes import Workers
from actlab.roster import Roster, folded
from actlab.words import quoted

T = TypeVar("T", Submission, Reading)
ROSTER, HERE, DECIDED, FORGETTING = "roster", "here", "decided", "forgetting"
UNFINISHED = "A student was being forgotten when that was stopped: say the same `actlab forget` once more."
BY_NOTEBOOK = "Nothing but the notebook says that this is “{id}”."
NOT_STARTED = (
    "no process that reads submissions can be started, so nothing was read or graded. A script of your own has to call "
    'grading below `if __name__ == "__main__":`, since each of these processes reads the script once more.'
)
TRIES = 3
AHEAD = 4
WITHHELD = (
    "Letters and numbers are withheld until {deadline:%Y-%m-%d %H:%M}, as said before; "
    "another --deadline replaces that."
)


@dataclass(frozen=True)
class Order:
    """How to grade.

    secret: what the cases and each student's options are drawn from; None draws one and keeps it in the gradebook.
    workers: processes on this computer.  scheduler: address of a dask cluster to use in their place.
    trust_scheduler: whether to use one that anybody in its network may reach, too.
    deadline: until when pages for students leave open which letters and numbers are right, and after which what comes
    is late; None is what the gradebook was told last.  roster: who is in the class; None is the same.
    only: ids of those who are judged, whether they changed or not, and nobody else; all where nothing is said.
    """

    secret: bytes | None = None
    workers: int = 2
    scheduler: str = ""
    seconds: float = 10.0
    regrade: bool = False
    sandbox: str = "bubblewrap"
    lesson: int = PRACTICE.number
    trust_scheduler: bool = False
    deadline: datetime | None = None
    roster: Roster | None = None
    only: tuple[str, ...] = ()

    def terms(self, secret: bytes, student: str) -> Terms:
        """The terms for one student, once there is a secret."""
        return Terms(key(secret, id_of(student)), self.seconds, self.sandbox, self.lesson)


@dataclass(frozen=True)
class Progress:
    """What a grader wants to hear about, while it happens.

    aside: what belongs to nobody, in words.  gone: who has a row in the gradebook, and is not among the submissions.
    strangers: who handed in, and is not on the roster.
    reported: how each student stands, what the run changed, and whose functions are alike.
    """

    waiting: Callable[[], None] = lambda: None
    started: Callable[[int], None] = lambda total: None
    aside: Callable[[list[str]], None] = lambda what: None
    gone: Callable[[list[str]], None] = lambda who: None
    strangers: Callable[[list[str]], None] = lambda who: None
    said: Callable[[str], None] = lambda sentence: None
    done: Callable[[Grade | None], None] = lambda grade: None
    reported: Callable[[list[Standing], Changes, Likeness | None], None] = lambda standings, changes, alike: None


@dataclass(frozen=True)
class Intake:
    """A class as it came in, before anything is judged: who handed in what, and what belongs to nobody, in words."""

    handed_in: list[tuple[Submission, Reading]]
    aside: list[str]


def grade(source: Path, out: Path, order: Order, progress: Progress | None = None) -> list[Grade]:
    """Grade everything in `source` into the folder `out`; return the rows of those who handed in, by student."""
    progress = progress or Progress()
    if order.scheduler:
        cluster.require_private(order.scheduler, order.trust_scheduler)
    else:
        require(order.sandbox)
    with readers(order) as reading:
        # A run that cannot begin makes no folder; where there is one, everything is read by whoever holds its lock.
        early = None if out.exists() else understood(source, out, order, reading)
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(out / LOCK, progress.waiting):
            known = early or understood(source, out, order, reading)
            with Gradebook(out) as book:
                return _graded(known, out, order, book, reading, progress)


class Understood(NamedTuple):
    """A class as it came in, what its notebooks show, who is in it, and what the instructor decided."""

    intake: Intake
    findings: Findings
    roster: Roster | None
    adjustments: Adjustments
    only: tuple[str, ...] = ()


def understood(source: Path, out: Path, order: Order, reading: Readers) -> Understood:
    """All that is known of a class before anything is judged; nothing is recorded.

    Errors: CourseError where the secret or a decision cannot be right, NoSubmissions where nobody handed in.
    """
    roster = roster_of(out, order)
    adjustments = adjust.read(out, lesson(order.lesson))
    aliases = _counting(adjustments.aliases, roster)
    intake = take_in(source, out, reading, roster, aliases)
    findings = compare(intake, order, aliases)
    if roster and (renamed := _by_notebook(intake, findings, roster)):
        intake = renamed
        findings = compare(intake, order, aliases)
    only = _meant(order.only, [submission for submission, _ in intake.handed_in], roster)
    return Understood(intake, findings, roster, adjustments, tuple(only))


def _counting(aliases: Mapping[str, str], roster: Roster | None) -> dict[str, str]:
    """The other names of students, and their other ids, with those by which the instructor goes."""
    if not roster:
        return dict(aliases)
    own = {folded(id): one.id for one in roster.people for id in one.ids if roster.person(id) == one}
    return own | {alias: person.id if (person := roster.person(id)) else id for alias, id in aliases.items()}


def roster_of(out: Path, order: Order) -> Roster | None:
    """The roster that was given, else the one that the folder was graded with last; None where there is none.

    Errors: CourseError where the gradebook cannot be read, or its roster makes no sense.
    """
    if order.roster or not (out / NAME).is_file():
        return order.roster
    with Gradebook(out, untouched=True) as book:
        return kept_roster(book)


def kept_roster(book: Gradebook) -> Roster | None:
    """The roster that a gradebook keeps.  Errors: CourseError where it makes no sense."""
    kept = book.found(ROSTER)
    found = rosters.loads(kept or b"")
    if kept and not found:
        raise CourseError(f"the roster that {book.path} keeps makes no sense any more: give it again with --roster.")
    return found


class Outlook(NamedTuple):
    """What the gradebook holds of those who handed in, and whom else it holds."""

    unchanged: list[str]
    changed: list[str]
    new: list[str]
    gone: list[str]


def outlook(known: Understood, out: Path, order: Order) -> Outlook | None:
    """What a run would find in a folder; None where it holds no gradebook.  Nothing is changed.

    Errors: CourseError where the run would be refused.
    """
    if not (out / NAME).is_file():
        return None
    with Gradebook(out, untouched=True) as book:
        secret = order.secret or book.found("secret")
        witness.refuse_another(book, secret, order.regrade, order.lesson)
        rows = {row.student: row for row in book.grades()}
        same = {} if order.regrade else {one.student: one.identity for one in rows.values() if one.status != "failed"}
    begun = _first(known.intake, known.findings, partial(order.terms, secret or b""))
    found = Outlook([], [], [], _gone(rows.values(), [*map(id_of, begun)], known.adjustments))
    for student, one in begun.items():
        unchanged = same.get(id_of(student)) == identity(*one)
        (found.unchanged if unchanged else found.changed if id_of(student) in rows else found.new).append(student)
    return found


def _by_notebook(intake: Intake, findings: Findings, roster: Roster) -> Intake | None:
    """The class with those renamed whom only the notebook tells: the roster knows the id that it proves to be made
    for, and nobody else has to do with it.  None where there is nobody."""
    here = {submission.student for submission, _ in intake.handed_in}
    renamed = {}
    for submission, _ in intake.handed_in:
        finding = findings.of.get(submission.student, Finding())
        person = roster.person(finding.handed_to) if finding.made is Made.OTHER else None
        if person and not roster.person(submission.student) and person.id not in here:
            renamed[submission.student] = person.id

    def under(one: T, student: str) -> T:
        return replace(one, student=student, notes=(*one.notes, Note(BY_NOTEBOOK.format(id=student), Cause.NAMED)))

    handed_in = [
        (under(submission, renamed[submission.student]), under(found, renamed[submission.student]))
        if submission.student in renamed
        else (submission, found)
        for submission, found in intake.handed_in
    ]
    handed_in.sort(key=lambda one: one[0].student)
    return Intake(handed_in, intake.aside) if renamed else None


def _graded(
    known: Understood, out: Path, order: Order, book: Gradebook, reading: Readers, progress: Progress
) -> list[Grade]:
    intake, findings, roster, adjustments, only = known
    secret = order.secret or book.kept("secret", lambda: secrets.token_bytes(32))
    witness.require_same(book, secret, order.regrade, order.lesson)
    deadline = _deadline(book, order)
    same = {} if order.regrade else book.identities()
    _remember(book, roster, adjustments, progress)
    progress.started(len(intake.handed_in))
    progress.aside(intake.aside)
    for sentence in findings.said:
        progress.said(sentence)
    if deadline and not order.deadline and datetime.now() < deadline:
        progress.said(WITHHELD.format(deadline=deadline))
    terms = partial(order.terms, secret)
    waiting = _new(intake, findings, terms, same, only, book, reading, progress)
    for row, job, outcome in _judged(waiting, order):
        row = _failed(row, outcome) if isinstance(outcome, BaseException) else completed(row, outcome)
        book.record(row, job.cells)
        progress.done(row)
    here = sorted({id_of(submission.student) for submission, _ in intake.handed_in})
    book.keep(HERE, json.dumps({"here": here, "aside": intake.aside}).encode())
    standings = report(out, book, progress, reading.processes)
    return [one.grade for one in standings if one.status != ABSENT]


def report(
    out: Path, book: Gradebook, progress: Progress | None = None, processes: Bounded | None = None
) -> list[Standing]:
    """Write every page and table anew, from what the gradebook holds and the instructor decided.

    processes: where what strangers wrote is parsed; two of their own where none are given.
    """
    if processes is None:
        with Bounded(2) as own:
            return report(out, book, progress, own)
    progress = progress or Progress()
    exercises = lesson((witness.homework_in(book) or PRACTICE).number)
    roster = kept_roster(book)
    rules = Rules(exercises, adjust.read(out, exercises), _kept_deadline(book), datetime.now())
    here, aside = _last_here(book)
    rows = list(book.grades())
    gone = _gone(rows, here, rules.adjustments)
    unjudged = here - {row.student for row in rows}
    progress.gone(gone)
    rows = [row for row in rows if row.student in here]
    standings = of_class(rows, rules, roster, unjudged)
    strangers = [one.student for one in standings if roster and not one.person]
    progress.strangers(strangers)
    away = withdrawn(rows, rules, roster)
    for sentence in _about_nobody(rules.adjustments, [*standings, *(stand(row, rules) for row in book.grades())]):
        progress.said(sentence)
    history = History.of(book, standings)
    alike = likeness.compare(
        [one.student for one in standings if one.status != ABSENT], book.cells, exercises, processes
    )
    sound = reports.write(out, standings, rules, aside, gone, away, exports.delivery(book, standings), history, alike)
    history.keep(book)
    progress.reported(sound, history.changes, alike)
    return sound


def _about_nobody(adjustments: Adjustments, standings: Sequence[Standing]) -> Iterator[str]:
    """A sentence for each line of the instructor's that fits no id."""
    known = {folded(id): id for one in standings for id in one.ids}
    for change in adjustments.strangers(known):
        near = get_close_matches(folded(change.student), known, 1)
        meant = f" Did you mean “{known[near[0]]}”?" if near else ""
        yield f"{change.place}: nobody here is “{change.student}”, so it says nothing.{meant}"


def _gone(rows: Iterable[Grade], here: Collection[str], adjustments: Adjustments) -> list[str]:
    """Who has a row and handed in nothing any more, under no other name either."""
    also = {folded(id) for row in rows if row.student in here for id in row.handed_in_as} | adjustments.aliases.keys()
    return [row.student for row in rows if row.student not in here and folded(row.student) not in also]


def require_kept(book: Gradebook) -> None:
    """Refuse a gradebook of which `report` cannot be made.  Errors: CourseError."""
    for read in (witness.homework_in, kept_roster, _kept_deadline, _last_here):
        read(book)


def _last_here(book: Gradebook) -> tuple[set[str], list[str]]:
    """Who handed in as of the last run, and what belonged to nobody.  Errors: CourseError where nothing says it."""
    try:
        last = json.loads(book.found(HERE) or b'{"here": [], "aside": []}')
        return set(map(str, last["here"])), [*map(str, last["aside"])]
    except (ValueError, TypeError, LookupError):
        raise CourseError(f"{book.path} does not say any more who handed in: run `actlab grade` again.") from None


def _remember(book: Gradebook, roster: Roster | None, adjustments: Adjustments, progress: Progress) -> None:
    """Keep who is in the class, and who decided what since the last run."""
    if book.found(FORGETTING):
        progress.said(UNFINISHED)
    if roster:
        book.keep(ROSTER, roster.dumps())
    for sentence in adjustments.notes:
        progress.said(sentence)
    before = adjust.loads(book.kept(DECIDED, bytes))
    now = [change.written for change in adjustments.changes]
    if before == now:
        return
    at, who = datetime.now().isoformat(timespec="seconds"), _user()
    added = [Decision(at, by or who, "added", *line) for *line, by in now if (*line, by) not in before]
    removed = [Decision(at, who, "removed", *line) for *line, by in before if (*line, by) not in now]
    book.note_decisions([*removed, *added])
    book.keep(DECIDED, adjustments.dumps())
    progress.said(f"Adjustments: {len(now)} in force, {len(added)} new, {len(removed)} no longer.")


def _user() -> str:
    """Who is at the computer, as far as the system says."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _deadline(book: Gradebook, order: Order) -> datetime | None:
    """Until when letters and numbers are withheld: what this run says, else what one before it said."""
    if order.deadline:
        book.keep("deadline", order.deadline.isoformat().encode())
    return _kept_deadline(book)


def _kept_deadline(book: Gradebook) -> datetime | None:
    """The deadline that the gradebook was told last.  Errors: CourseError where its entry is none."""
    kept = book.found("deadline")
    try:
        return datetime.fromisoformat(kept.decode()) if kept else None
    except ValueError:
        raise CourseError(f"the deadline that {book.path} keeps is none: say it once more with --deadline.") from None


def readers(order: Order) -> Readers:
    """What reads the submissions of a class; they know the names that are asked, and nothing else of the course.

    Errors: CourseError where no such process starts.
    """
    found = Readers(frozenset(exercise.name for exercise in lesson(order.lesson)), order.workers)
    with ExitStack() as otherwise:
        otherwise.push(found)
        if not found.start():
            raise CourseError(NOT_STARTED)
        otherwise.pop_all()
    return found


def take_in(
    source: Path,
    out: Path,
    reading: Readers,
    roster: Roster | None = None,
    aliases: Mapping[str, str] | None = None,
) -> Intake:
    """Find the submissions and read each of them; nothing is recorded, and `out` need not be there.

    aliases: an id that is another name of a student, as it is compared -> the id that counts.
    Errors: NoSubmissions where nobody handed in.
    """
    if out.exists() and source.exists() and out.samefile(source):
        raise NoSubmissions(f"{out} cannot be both the submissions and --out: name another folder for the grades.")
    collected = collect(source, out, roster)
    handed_in, aside = [], collected.aside
    readings = list(reading.read(known(collected.submissions, roster, aliases or {})))
    if collected.together and sum(bool(found.answered) for _, found in readings) < 2:
        readings = list(reading.read(known([collected.together], roster, aliases or {})))
    for submission, found in readings:
        if submission.certain or found.answered:
            handed_in.append((submission, found))
        else:
            aside += [quoted(path) for path in submission.paths]
    if not handed_in:
        raise NoSubmissions(f"Nothing in {source} is a submission: no notebook, no folder.")
    return Intake(handed_in, sorted(aside))


def compare(intake: Intake, order: Order, aliases: Mapping[str, str] | None = None) -> Findings:
    """What the notebooks show of whom they were made for.  Errors: CourseError where the secret cannot be right."""
    shown = {found.student: exhibit(found) for _, found in intake.handed_in}
    silent = [student for student, one in shown.items() if one is None]
    return witness.compare(filter(None, shown.values()), order.secret, order.lesson, silent, aliases)


def _new(
    intake: Intake,
    findings: Findings,
    terms: Callable[[str], Terms],
    same: dict[str, str],
    only: Collection[str],
    book: Gradebook,
    reading: Readers,
    progress: Progress,
) -> Iterator[tuple[Job, Grade]]:
    """What has to be judged, with the row it will complete; what needs no judging is recorded here."""
    first = _first(intake, findings, terms)
    changed = [one for one, _ in intake.handed_in if same.get(id_of(one.student)) != identity(*first[one.student])]
    if only:
        changed = _chosen(only, [one for one, _ in intake.handed_in], changed, progress)
    for _ in range(len(first) - len(changed)):
        progress.done(None)
    for submission, again in reading.read(changed, cells=True):
        found, finding, own = first[submission.student]
        row, job = _begun(found.with_cells(again), finding, own)
        if job is None:
            book.record(row)
            progress.done(row)
        else:
            yield job, row


def _first(
    intake: Intake, findings: Findings, terms: Callable[[str], Terms]
) -> dict[str, tuple[Reading, Finding, Terms]]:
    """Student -> all that the row depends on, as far as it was read."""
    return {
        one.student: (found, findings.of.get(one.student, Finding()), terms(one.student))
        for one, found in intake.handed_in
    }


def _chosen(
    only: Collection[str], handed_in: Iterable[Submission], changed: Sequence[Submission], progress: Progress
) -> list[Submission]:
    """Those who were asked for by one of their ids, once it is said who else would be judged."""
    chosen = _meant(only, handed_in)
    left = sum(one.student not in chosen for one in changed)
    if left:
        progress.said(f"{left} more are new or changed, and stay as they are: grade without --only for them.")
    return list(chosen.values())


def _meant(
    only: Collection[str], handed_in: Iterable[Submission], roster: Roster | None = None
) -> dict[str, Submission]:
    """Those who are asked for by one of their ids.  Errors: CourseError for an id that is nobody's here."""
    chosen: dict[str, Submission] = {}
    by_id = {folded(id): one for one in handed_in for id in (*one.handed_in_as, one.student)}
    for asked_for in only:
        person = roster.person(asked_for, asked_for) if roster and folded(asked_for) not in by_id else None
        id = person.id if person else asked_for
        if folded(id) not in by_id:
            near = get_close_matches(folded(id), by_id, 1)
            meant = f" Did you mean “{by_id[near[0]].student}”?" if near else ""
            raise CourseError(f"nobody here is “{id}”.{meant} Nothing was graded.")
        chosen[by_id[folded(id)].student] = by_id[folded(id)]
    return chosen


def _begun(reading: Reading, finding: Finding, terms: Terms) -> tuple[Grade, Job | None]:
    """The same as `begun`, where the grader itself may stumble over what was read."""
    try:
        return begun(reading, finding, terms)
    except Exception as error:
        student, most = reading.student, sum(exercise.points for exercise in lesson(terms.lesson))
        said = fault(f"the notebook of {shortened(student, 100)} was read", error)
        return Grade(student, "", "failed", 0, most, said), None


def _failed(row: Grade, error: BaseException) -> Grade:
    if isinstance(error, Stumbled | NoSandbox):
        sentence = f"{error}"
    elif isinstance(error, BrokenExecutor | CancelledError | MemoryError) or "distributed" in type(error).__module__:
        sentence = (
            f"Whatever judged the notebook of {shortened(row.student, 100)} ended before it had a result, "
            f"{TRIES} times, the last time alone: it may need more memory than there is. The next run tries again."
        )
    elif isinstance(error, OSError):
        sentence = f"Judging failed {TRIES} times: {error.strerror or type(error).__name__}. The next run tries again."
    else:
        sentence = fault(f"the notebook of {shortened(row.student, 100)} was judged", error)
    return replace(row, status="failed", sentence=sentence)


def _judged(waiting: Iterable[tuple[Job, Grade]], order: Order) -> Iterator[tuple[Grade, Job, Outcome | BaseException]]:
    """Judge in parallel, a few ahead.

    What fails for a reason that may be gone is tried again, alone: a process that dies takes all its jobs with it, and
    only the one that kills it has to fail for that.
    """
    waiting = iter(waiting)
    with _Pool(order) as pool:
        running: dict[Future[Outcome], tuple[Job, Grade, int]] = {}
        again: list[tuple[Job, Grade, int]] = []
        while True:
            if again and not running:
                suspect = again.pop()
                running[pool.submit(suspect[0])] = suspect
            elif not again:
                while len(running) < pool.width and (entry := _next(waiting)):
                    running[pool.submit(entry[0])] = entry
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job, row, tries = running.pop(future)
                came = _came(future, job)
                if isinstance(came, Outcome | Stumbled) or tries + 1 == TRIES:
                    yield row, job, came
                else:
                    again.append((job, row, tries + 1))


def _came(future: Future[Outcome], job: Job) -> Outcome | BaseException:
    """What came of a job: an outcome of what was asked, or why there is none."""
    try:
        came = future.result()
    except (Exception, CancelledError) as error:
        return error
    try:
        return checked(came, asked(job))
    except Exception as error:
        return Stumbled(
            f"What came back for {shortened(job.student, 100)} is no result ({shortened(f'{error}', 100)}), so it "
            "counts for nothing. Does every worker have this version of actlab, and is each of them yours?"
        )


def _next(waiting: Iterator[tuple[Job, Grade]]) -> tuple[Job, Grade, int] | None:
    found = next(waiting, None)
    return found and (*found, 0)


class _Pool:
    """Where `judge` runs: processes of this computer, renewed when one dies, or a dask cluster."""

    def __init__(self, order: Order):
        self.order = order
        self.client = None
        self.executor: Executor
        if order.scheduler:
            self.client = cluster.connected(order.scheduler)
            self.executor = self.client.get_executor(pure=False)
            self.width = AHEAD * max(1, sum(self.client.ncores().values()))
        else:
            self.executor = Workers(order.workers)
            self.width = AHEAD * order.workers

    def __enter__(self):
        return self

    def __exit__(self, kind, *error):
        if self.client:
            self.executor.shutdown(wait=kind is None)
            self.client.close()
        else:
            self.executor.shutdown(cancel_futures=True)

    def submit(self, job: Job) -> Future[Outcome]:
        try:
            return self.executor.submit(judge, job)
        except RuntimeError as error:
            if self.client or not isinstance(error, BrokenExecutor):
                raise CourseError("the cluster is gone. What is recorded is kept: run it again.") from None
            self.executor.shutdown()
            self.executor = Workers(self.order.workers)
            return self.executor.submit(judge, job)
