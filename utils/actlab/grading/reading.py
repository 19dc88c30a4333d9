"""Reading what one student handed in: which of the files counts, why, and what that notebook holds.

What strangers wrote is unpacked and parsed in processes of their own, whose memory has a limit. Whatever happens to
one of them costs the one submission that it was reading; the process that grades parses nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from actlab.grading.bounded import CLOCK, COMPUTING, Bounded, Lost
from actlab.grading.incoming import MAX_FILE, File, TooLarge, Unreadable, inside
from actlab.grading.layouts import Layout
from actlab.grading.notebook import Notebook, parse
from actlab.grading.notes import Cause, Note
from actlab.grading.submissions import Submission
from actlab.words import quoted

MAX_TOGETHER = 128 << 20
MAX_NOTEBOOKS = 100
MAX_OTHERS = 200
LISTED = 5
LOOKED_AT = 400
TOO_BIG = "The file needs more memory than a submission may have."
TOO_MUCH = "Too much was handed in: what was read before it took all the room there is."
NESTED = "A zip inside a zip is not opened."
TOO_LONG = "Reading what was handed in takes longer than a submission may."
ENDED = "Reading it ended the process that read it."
TOO_SLOW = (
    f"Reading what was handed in was stopped after {CLOCK} s by the clock. Where the computer was busy, grade again."
)
WHY = {Lost.LATE: TOO_LONG, Lost.SLOW: TOO_SLOW, Lost.ENDED: ENDED}

_DOCSTRING = re.compile(r"(\"\"\"|''')[\s\S]*?\1")
_STUB = re.compile(r"raise NotImplementedError|pass\b|\.\.\.")
_ONE_LINE = re.compile(r"\)[^:]*:\s*(?!\.\.\.|pass\b|raise NotImplementedError|#)\S")
_NOTHING = re.compile(r"""\s*(?:""|''|None|\.\.\.)?\s*(?:#|$)""")
_NEXT = re.compile(r"\n(?=[^\s#)\]}])")


@dataclass(frozen=True)
class Reading:
    """What one student handed in, as far as it is known before anything of it is run.

    status, sentence: why there is no notebook to grade, if so.  notes: for the instructor's eyes.
    file: the path of the one that counts.  digest: of that file and of how it was read.
    answered: how many of the names that are asked it defines, and not as a stub.  handed_in_as: the ids that the names
    of the files say.  upload: the name at the top of what counts, or of what there is.
    """

    student: str
    name: str = ""
    layout: Layout = Layout.FILE
    status: str = "graded"
    sentence: str = ""
    notes: tuple[str, ...] = ()
    file: str = ""
    digest: str = ""
    answered: int = 0
    notebook: Notebook = field(default_factory=lambda: Notebook(()))
    handed_in_as: tuple[str, ...] = ()
    upload: str = ""

    def with_cells(self, again: Reading) -> Reading:
        """This reading with the cells of a second one, unless the file was changed between the two."""
        if again.digest == self.digest:
            return replace(self, notebook=again.notebook)
        return _unreadable(self, "The file was changed while the class was graded: grade again.")


def read(submission: Submission, names: frozenset[str], cells: bool = True) -> Reading:
    """The reading of one submission; whatever is wrong with it is said in there.

    names: the names that are asked.  cells: whether to bring the notebook's cells and written answers along.
    """
    blank = _blank(submission)
    try:
        return _read(submission, names, cells, blank)
    except Unreadable as error:
        return _unreadable(blank, error.sentence, error.status)
    except MemoryError:
        return _unreadable(blank, TOO_BIG)
    except Exception as error:
        return _unreadable(blank, f"What was handed in cannot be read ({type(error).__name__}).")


class Readers:
    """Processes that read.  computing, clock: seconds for each submission."""

    def __init__(self, names: frozenset[str], workers: int, computing: float = COMPUTING, clock: float = CLOCK):
        self.names, self.processes = names, Bounded(workers, computing, clock)

    def __enter__(self):
        return self

    def __exit__(self, kind, *error):
        self.processes.__exit__(kind, *error)

    def start(self) -> bool:
        """Whether they can be started at all."""
        return self.processes.start()

    def read(self, submissions: Iterable[Submission], cells: bool = False) -> Iterator[tuple[Submission, Reading]]:
        """Each submission with its reading, in the order given; a few are read ahead."""
        return self.processes.each(partial(read, names=self.names, cells=cells), submissions, _lost)


def _lost(submission: Submission, why: Lost) -> Reading:
    return _unreadable(_blank(submission), WHY[why])


def _blank(submission: Submission) -> Reading:
    return Reading(
        submission.student,
        submission.name,
        submission.layout,
        notes=submission.notes,
        handed_in_as=submission.handed_in_as or (submission.student,),
        upload=next(iter(submission.paths), ""),
    )


def _unreadable(blank: Reading, sentence: str, status: str = "unreadable") -> Reading:
    digest = hashlib.sha256(sentence.encode("utf-8", "replace")).hexdigest()
    return replace(blank, status=status, sentence=sentence, digest=digest, notebook=Notebook(()))


@dataclass(frozen=True)
class _Candidate:
    """A notebook that may count."""

    file: File
    digest: str
    notebook: Notebook
    practice: bool
    answered: int

    @property
    def worth(self) -> tuple[bool, int, float]:
        return self.practice, self.answered, self.file.changed


@dataclass
class _Room:
    """How many bytes of one student's files may still be read."""

    left: int

    def read(self, file: File) -> bytes:
        """All of a file.  Errors: `Unreadable`, also where there is no room left."""
        if self.left <= 0:
            raise Unreadable("unreadable", TOO_MUCH)
        try:
            data = file.read()
        except TooLarge:
            self.left -= MAX_FILE
            raise
        self.left -= len(data)
        return data


def _read(submission: Submission, names: frozenset[str], cells: bool, blank: Reading) -> Reading:
    files, wrong, opened = _notebooks(submission)
    found: dict[str, _Candidate] = {}
    again = []
    room = _Room(MAX_TOGETHER)
    for file in files[:MAX_NOTEBOOKS]:
        try:
            data = room.read(file)
            digest = hashlib.sha256(data).hexdigest()
            if digest in found:
                again.append((file, found[digest]))
            else:
                found[digest] = _candidate(file, data, digest, names)
        except Unreadable as error:
            wrong.append((file, error))
        except (MemoryError, RecursionError):
            wrong.append((file, Unreadable("unreadable", TOO_BIG)))
    wrong.sort(key=lambda one: one[1].status == "missing")
    if not found and all(error.status == "missing" for _, error in wrong):
        raise _nothing(submission, [file for file, _ in wrong])
    opened = [*opened[:LISTED], *_refused(submission.files)[:LISTED]]
    if not found:
        file, why = wrong[0]
        opened += _why_not(wrong[1:])
        row = _unreadable(blank, why.sentence, why.status)
        return replace(row, notes=(*blank.notes, *opened), file=file.path)
    ranked = sorted(found.values(), key=lambda one: (*one.worth, _natural(one.file.path)), reverse=True)
    best = ranked[0]
    notes = [*_why(ranked, len(names)), *_same(again), *_why_not(wrong), *_people(ranked), *opened]
    if len(files) > MAX_NOTEBOOKS:
        more = len(files) - MAX_NOTEBOOKS
        said = f"{more} more {'notebook was' if more == 1 else 'notebooks were'} not looked at."
        notes.append(Note(said, Cause.ASIDE))
    if not best.file.is_notebook:
        said = f"{quoted(best.file.path)} is a notebook, though its name does not end in .ipynb."
        notes.append(Note(said, Cause.SEVERAL))
    whole = repr((best.digest, best.notebook)).encode("utf-8", "backslashreplace")
    return replace(
        blank,
        notes=(*blank.notes, *notes),
        file=best.file.path,
        upload=best.file.path.partition("/")[0],
        digest=hashlib.sha256(whole).hexdigest(),
        answered=best.answered,
        notebook=best.notebook if cells else replace(best.notebook, code=(), written=(), unplaced=()),
    )


def _candidate(file: File, data: bytes, digest: str, names: frozenset[str]) -> _Candidate:
    notebook = parse(data)
    answered = answers(notebook.code, names)
    practice = bool(notebook.handed_to) or 2 * len(answered) >= len(names)
    return _Candidate(file, digest, notebook, practice, sum(answered.values()))


def answers(cells: Iterable[str], names: frozenset[str]) -> dict[str, bool]:
    """Which of the names are defined at the top of a cell, and whether by more than a stub."""
    some = "|".join(sorted(map(re.escape, names)))
    defined = re.compile(rf"(?m)^(?:(?P<kind>(?:async +)?def|class) +(?P<a>{some})\b|(?P<b>{some})\b[^=\n(]*=(?!=))")
    found = {}
    for cell in cells:
        for match in defined.finditer(cell):
            end = _NEXT.search(cell, match.end())
            body = cell[match.end() : end.start() if end else len(cell)]
            if match["kind"]:
                found[match["a"]] = not _is_stub(body)
            else:
                found[match["b"]] = not _NOTHING.match(body[:LOOKED_AT])
    return found


def _is_stub(body: str) -> bool:
    """Whether a definition says no more than what was handed out.  body: what follows its name."""
    head, *rest = _DOCSTRING.sub("", body, count=1).splitlines() or [""]
    lines = [line for line in map(str.strip, rest) if line and not line.startswith("#")]
    if not lines:
        return not _ONE_LINE.search(head[:LOOKED_AT])
    return len(lines) == 1 and bool(_STUB.match(lines[0]))


def _notebooks(submission: Submission) -> tuple[list[File], list[tuple[File, Unreadable]], list[str]]:
    """What may be a notebook, the likeliest first; the zips that are not opened; notes on those that were."""
    found: list[File] = []
    wrong: list[tuple[File, Unreadable]] = []
    notes: list[str] = []
    looked, room = 0, _Room(MAX_FILE)
    for file in sorted((file for file in submission.files if not file.refusal), key=_likely):
        if not file.is_notebook and (looked := looked + 1) > MAX_OTHERS:
            break
        try:
            start = file.start()
            if start.startswith(b"PK"):
                looked += file.is_notebook
                if looked > MAX_OTHERS:
                    raise Unreadable("unreadable", TOO_MUCH)
                contents = inside(room.read(file), file.path)
                members = [one for one in contents if not one.refusal]
                within = [one for one in members if _is_notebook(one)]
                wrong += [(one, Unreadable("missing", NESTED)) for one in members if one.is_zip and one not in within]
                opened = Note(f"{quoted(file.path)} is a zip and was opened.", Cause.SEVERAL)
                notes += [opened] * bool(within) + _refused(contents)
                found += sorted(within, key=_likely)
            elif file.is_notebook or _starts_like_one(start):
                found.append(file)
        except Unreadable as error:
            if file.is_notebook or file.is_zip:
                wrong.append((file, error))
    return found, wrong, notes


def _refused(files: Iterable[File]) -> list[str]:
    return [Note(f"{quoted(file.path)} was not read: {file.refusal}.", Cause.ASIDE) for file in files if file.refusal]


def _likely(file: File) -> tuple:
    return not file.is_notebook, not file.is_zip, file.path.count("/"), -file.changed, _natural(file.path)


def _is_notebook(file: File) -> bool:
    try:
        return file.is_notebook or _starts_like_one(file.start())
    except Unreadable:
        return False


def _starts_like_one(start: bytes) -> bool:
    """Whether a file that begins so may be a notebook, in whatever encoding and under whatever name."""
    text = start.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return text.lstrip().startswith(b"{") and any(word in text for word in (b'"cells"', b'"nbformat', b'"worksheets"'))


def _nothing(submission: Submission, nested: list[File]) -> Unreadable:
    for file in submission.files:
        if file.refusal:
            return Unreadable("refused", f"{quoted(file.path)} was not read: {file.refusal}.")
    others = ", ".join(quoted(file.path) for file in (nested or submission.files)[:3])
    why = f" {NESTED}" if nested else ""
    return Unreadable("missing", f"There is no notebook{f', only {others}' if others else ''}.{why}")


def _why(ranked: list[_Candidate], asked: int) -> list[str]:
    """Which of several notebooks counts, and why."""
    best, *others = ranked
    if not others:
        return []
    second = others[0]
    if best.practice and not second.practice:
        why = "it is the notebook that was asked for"
    elif best.answered != second.answered:
        why = f"it answers the most, {best.answered} of {asked} names"
    elif best.notebook.code == second.notebook.code:
        why = f"{quoted(second.file.path)} holds the same code"
    elif best.file.changed != second.file.changed:
        name = quoted(best.file.path)
        why = f"{quoted(second.file.path)} answers as many names ({best.answered}), and {name} is the newest"
    else:
        why = f"a tie, for {quoted(second.file.path)} answers as many names ({best.answered}) and is as new"
    listed = ", ".join(f"{quoted(one.file.path)} ({one.answered})" for one in others[:LISTED])
    more = f" and {len(others) - LISTED} more" if len(others) > LISTED else ""
    said = f"{len(ranked)} notebooks: {quoted(best.file.path)} counts: {why}. Not {listed}{more}."
    return [Note(said, Cause.SEVERAL)]


def _same(again: list[tuple[File, _Candidate]]) -> list[str]:
    if not again:
        return []
    file, first = again[0]
    more = f" So {'is' if len(again) == 2 else 'are'} {len(again) - 1} more." if len(again) > 1 else ""
    return [Note(f"{quoted(file.path)} and {quoted(first.file.path)} are the same file.{more}", Cause.SEVERAL)]


def _why_not(wrong: list[tuple[File, Unreadable]]) -> list[str]:
    notes = [f"{quoted(file.path)} was left aside. {error.sentence}" for file, error in wrong[:LISTED]]
    if (more := len(wrong) - LISTED) > 0:
        notes.append(f"{more} more {'file was' if more == 1 else 'files were'} left aside.")
    return [Note(note, Cause.ASIDE) for note in notes]


def _people(ranked: list[_Candidate]) -> list[str]:
    people = sorted({one.notebook.handed_to for one in ranked} - {""})
    if len(people) < 2:
        return []
    more = ", …" * (len(people) > LISTED)
    said = f"The notebooks were made for several people: {', '.join(map(quoted, people[:LISTED]))}{more}."
    return [Note(said, Cause.MIXED)]


def _natural(path: str) -> list[tuple[int, str]]:
    """A path as people order it: numbers by their size, which the length of their digits gives."""
    parts = re.split(r"0*([0-9]+)", path)
    return [(len(part) if k % 2 else 0, part) for k, part in enumerate(parts)]
