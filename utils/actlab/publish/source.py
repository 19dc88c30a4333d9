"""Reading a lesson's source: short cell headers become notebook metadata, mistakes become `file:line: sentence`."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from pprint import pformat
from textwrap import indent
from typing import Any

from nbformat import NotebookNode

from actlab import evidence
from actlab.course import LESSONS, PRACTICE, Lesson
from actlab.errors import CourseError
from actlab.publish import homework, predictions
from actlab.publish.predictions import Option, Prediction
from actlab.words import NUMBERS, spelled

ROLES = ("slide", "subslide", "fragment", "notes", "skip", "-")
OPTIONS = {"role", "exercise", "tags"}
GIVEN = "given"
"""The tag of a cell in which `NAME = ...` gets the value that an exercise gives."""
TAGS = (predictions.TAG, "outcome", "fold", "idea", "solution", "written", "parameters", GIVEN, "raises-exception")
OPTIONAL = " ☆"
"""How the heading of a section ends that a reader may leave out."""

WIDE = 100
_TO_GIVE = re.compile(r"^(\w+) = \.\.\.$", re.MULTILINE)
_CELL = re.compile(r"\s*#\s*%%(%*)(\s|$)")
_MARKER = re.compile(r"[ \t]*### (BEGIN|END) SOLUTION[ \t]*")
_ALMOST_MARKER = re.compile(r"#.*\b(BEGIN|END) SOLUTION\b", re.IGNORECASE)

_OF_COURSE = ("title", "minutes", "map", "practice", "questions", "total", "total:words")
_PLACE = re.compile(rf"(?<!\w)\{{(points|part \d+|{'|'.join(_OF_COURSE)})\}}")  # and not the braces of \text{total}
_QUESTION = re.compile(r"## Question (\d+)\b")
_VERDICT = re.compile(r"\{verdict ([\w.]+)\}| ?\{rests on ([\w.]+)\}")
_HEADED = re.compile(r"\(\d+ points?\)")
_EARNED = re.compile(rf"\b(?:\d+|{'|'.join(NUMBERS.values())}) points? for\b", re.IGNORECASE)


class SourceError(CourseError):
    """What is wrong with a lesson's source, and where."""

    def __init__(self, path: Path, line: int, sentence: str):
        super().__init__(f"{Path(*path.parts[-2:])}:{line}: {sentence}")


@dataclass(frozen=True)
class Source:
    """A lesson as its author wrote it.

    lines: where each cell starts in the file.  predictions: in order, each with the heading of its section.
    """

    path: Path
    cells: list[NotebookNode]
    lines: list[int]
    predictions: list[tuple[str, Prediction]]


def read_source(path: Path, exercises: Mapping[str, Any]) -> Source:
    """A lesson read from py:percent.  exercises: by id, for what their prompts leave to them.  Errors: SourceError."""
    import jupytext

    text = path.read_text(encoding="utf-8")
    rows = text.split("\n")
    lines = [number for number, row in enumerate(rows, 1) if _CELL.match(row)]
    cells = jupytext.reads(text, fmt="py:percent").cells
    if len(cells) != len(lines):
        raise SourceError(path, 1, "something stands before the first `# %%`, or a `# %%` inside a text.")

    asked = []
    for cell, line in zip(cells, lines, strict=True):
        _check_markers(path, cell, line)
        _check_heading(path, cell, line)
        _check_points(path, cell, line)
        cell.metadata.pop("lines_to_next_cell", None)
        if cell.metadata.keys() - OPTIONS:
            raise SourceError(path, line, f"the header `{rows[line - 1]}` may hold role, exercise and tags only.")
        asked.append(cell.metadata.pop("exercise", None))
        role = cell.metadata.pop("role", None) or _default_role(cell, asked[-1])
        if role not in ROLES:
            raise SourceError(path, line, f"unknown role `{role}`; known: {', '.join(ROLES)}.")
        for tag in cell.metadata.get("tags", ()):
            if tag not in TAGS:
                raise SourceError(path, line, f"unknown tag `{tag}`; known: {', '.join(TAGS)}.")
        cell.metadata["slideshow"] = {"slide_type": role}
        _fold(cell)
    _fill_course(path, cells, exercises)
    asked_first = _write_predictions(path, cells, lines)
    _fill_verdicts(path, cells, lines)
    _mark_exercises(path, cells, lines, asked, exercises)
    _give(path, cells, lines, [exercises[id] for id in asked if id in exercises])
    _mark_written_answers(path, cells, lines)
    _identify(cells)
    return Source(path, cells, lines, asked_first)


def _default_role(cell: NotebookNode, exercise: str | None) -> str:
    if exercise or not {"solution", GIVEN}.isdisjoint(cell.metadata.get("tags", ())):
        return "skip"
    if cell.cell_type == "markdown" and cell.source.startswith(("# ", "## ")):
        return "slide"
    if cell.cell_type == "markdown" and (cell.source.startswith("### ") or _predicts(cell)):
        return "subslide"
    return "-"


def _fold(cell: NotebookNode) -> None:
    """What a reader opens on demand: the code of a cell tagged `fold`, and a section whose heading has a ☆."""
    if "fold" in cell.metadata.get("tags", ()):
        cell.metadata["jupyter"] = {"source_hidden": True}
    if cell.cell_type == "markdown" and cell.source.startswith("## ") and _heading(cell).endswith(OPTIONAL):
        cell.metadata["jp-MarkdownHeadingCollapsed"] = True


def _check_markers(path: Path, cell: NotebookNode, line: int) -> None:
    opened = None
    for number, row in enumerate(cell.source.split("\n"), line + 1):
        marker = _MARKER.fullmatch(row)
        if marker is None:
            if _ALMOST_MARKER.search(row):
                raise SourceError(path, number, "a marker is a line `### BEGIN SOLUTION` or `### END SOLUTION`.")
        elif marker[1] == "END":
            if opened is None:
                raise SourceError(path, number, "a solution ends that never began.")
            opened = None
        elif opened:
            raise SourceError(path, number, f"a solution begins inside the one begun on line {opened}.")
        else:
            opened = number
    if opened:
        raise SourceError(path, opened, "this solution never ends.")


def _check_heading(path: Path, cell: NotebookNode, line: int) -> None:
    if cell.cell_type == "markdown" and "\n## " in cell.source:
        raise SourceError(path, line, "a section's heading begins a cell of its own, since it begins a slide.")


def _check_points(path: Path, cell: NotebookNode, line: int) -> None:
    """Refuse points written out: only the exercise says them, so that no text can disagree with a check."""
    if cell.cell_type != "markdown":
        return
    asks = "exercise" in cell.metadata
    for number, row in enumerate(cell.source.split("\n"), line + 1):
        if literal := _HEADED.search(row) or (asks and _EARNED.search(row)):
            sentence = f"`{literal[0]}` is for the exercise to say: write {{points}}, or {{part 1}} and {{part 2}}."
            raise SourceError(path, number, sentence)
        own = [place[0] for place in _PLACE.finditer(row) if place[1] not in _OF_COURSE]
        if own and not asks:
            raise SourceError(path, number, f"`{own[0]}` stands in the prompt of an exercise, and only there.")


def _fill_course(path: Path, cells: list[NotebookNode], exercises: Mapping[str, Any]) -> None:
    """Put what the course knows in place of `{title}`, `{minutes}`, `{map}`, `{practice}`, `{questions}`, `{total}`.

    title: number and title of this lesson.  minutes: how long it takes.  map: a row for each lesson, with links.
    practice: a link to it.  questions: how many this homework has, else the practice.  total: the points of all of
    them, as words with `{total:words}`.
    """
    here = next((lesson for lesson in LESSONS if lesson.stem == path.stem), None)
    asked = here if here and here.is_homework else PRACTICE
    total = homework.points_of(asked, exercises)
    said = {
        "map": "\n".join(_on_the_map(lesson, lesson is here) for lesson in LESSONS),
        "practice": f"[{PRACTICE.label}]({PRACTICE.file})",
        "questions": homework.questions(asked).capitalize(),
        "total": homework.points(total),
        "total:words": homework.points(total, spelled(total)),
    }
    if here:
        said["title"] = f"{here.number:02} · {here.title}"
        said["minutes"] = f"About {here.minutes} minutes, more if much of it is new to you"
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = _PLACE.sub(lambda place: said.get(place[1], place[0]), cell.source)
            if "{title}" in cell.source or "{minutes}" in cell.source:
                raise SourceError(path, 1, f"course.py has no lesson {path.stem}: write its entry, or rename the file.")


def _fill_verdicts(path: Path, cells: list[NotebookNode], lines: list[int]) -> None:
    """Put the sentence of a verdict, with its numbers, in place of `{verdict experiment.name}`.

    `{rests on experiment.name}` says the same of the author's own words, and leaves nothing behind.
    """
    for cell, line in zip(cells, lines, strict=True):
        if cell.cell_type == "markdown":
            cell.source = _with_verdicts(path, line, cell.source)


def _with_verdicts(path: Path, line: int, text: str) -> str:
    for quoted, named in _VERDICT.findall(text):
        if (quoted or named) not in evidence.VERDICTS:
            sentence = f"there is no verdict `{quoted or named}`; `actlab evidence` lists them."
            raise SourceError(path, line, sentence)
        if quoted and (reason := evidence.stale(evidence.VERDICTS[quoted].experiment)):
            name = evidence.VERDICTS[quoted].experiment.name
            raise SourceError(path, line, f"the experiment {name} {reason}: actlab evidence run {name}")
    return _VERDICT.sub(lambda place: evidence.says(place[1]) if place[1] else "", text)


def _on_the_map(lesson: Lesson, here: bool) -> str:
    label = f"**{lesson.label}**"
    return f"| {label if here else f'[{label}]({lesson.file})'} | {homework.subject(lesson)} | {lesson.minutes} |"


def _mark_exercises(
    path: Path, cells: list[NotebookNode], lines: list[int], asked: list[str | None], exercises: Mapping[str, Any]
) -> None:
    first_seen: dict[str, int] = {}
    for exercise, group in groupby(range(len(cells)), key=asked.__getitem__):
        if exercise is None:
            continue
        run = list(group)
        line = lines[run[0]]
        if exercise not in exercises:
            raise SourceError(path, line, f"there is no exercise `{exercise}` in actlab.exercises.")
        if exercise in first_seen:
            raise SourceError(path, line, f"exercise `{exercise}` stands on line {first_seen[exercise]} already.")
        first_seen[exercise] = line
        parts = [_part(cells[i]) for i in run]
        if parts != ["prompt", "stub", "check"]:
            raise SourceError(
                path,
                line,
                f"exercise `{exercise}` needs a prompt (markdown), a stub (code with a solution) and a check (code), "
                f"in this order; here: {', '.join(parts)}.",
            )
        prompt, stub, check = (cells[i].metadata for i in run)
        prompt["nbgrader"] = _nbgrader(f"{exercise}_prompt", locked=True)
        stub["nbgrader"] = _nbgrader(exercise, solution=True)
        check["nbgrader"] = _nbgrader(f"{exercise}_check", grade=True, locked=True) | {
            "points": exercises[exercise].points
        }
        cells[run[0]].source = _filled(path, line, cells[run[0]].source, exercises[exercise])
        if signature := getattr(exercises[exercise], "signature", ""):
            cells[run[1]].source = cells[run[1]].source.replace("(*given)", f"({signature})", 1)


def _give(path: Path, cells: list[NotebookNode], lines: list[int], exercises: Sequence[Any]) -> None:
    """Write what the exercises give into the cells tagged `given`."""
    given = {name: value for exercise in exercises for name, value in getattr(exercise, "given", {}).items()}

    def filled(line: re.Match[str]) -> str:
        return f"{line[1]} = {_written_out(given.pop(line[1]))}" if line[1] in given else line[0]

    for cell, line in zip(cells, lines, strict=True):
        if GIVEN in cell.metadata.get("tags", ()):
            cell.source = _TO_GIVE.sub(filled, cell.source)
            if left := _TO_GIVE.search(cell.source):
                raise SourceError(path, line, f"no exercise gives `{left[1]}`.")
    if given:
        raise SourceError(path, 1, f'`{", ".join(given)}` is given nowhere: write `NAME = ...` under tags=["{GIVEN}"].')


def _written_out(value: Any) -> str:
    """A value as Python spells it, in lines of at most `WIDE` characters."""
    text = pformat(value, width=WIDE - 4, compact=True, sort_dicts=False)
    return f"(\n{indent(text, '    ')}\n)" if "\n" in text else text


def _filled(path: Path, line: int, prompt: str, exercise: Any) -> str:
    """The prompt with what the exercise knows in place of `{options}`, `{worked}`, `{points}`, `{part 1}` and so on."""
    options, worked, parts = (getattr(exercise, name, None) for name in ("options", "worked", "parts"))
    if bool(options) != ("{options}" in prompt):
        raise SourceError(path, line, "a line `{options}` stands in the prompt of a multiple choice, and only there.")
    if bool(worked) != ("{worked}" in prompt):
        raise SourceError(path, line, "`{worked}` stands in the prompt of an exercise with an example, and only there.")
    earned = _earned(list((parts or {}).values()))
    if sorted(place[1] for place in _PLACE.finditer(prompt) if place[1] != "points") != list(earned):
        each = ", ".join(f"{{{part}}}" for part in earned)
        sentence = f"the prompt says once what each part earns: {each}." if each else "this exercise is not in parts."
        raise SourceError(path, line, sentence)
    said = earned | {"points": homework.points(exercise.points)}
    prompt = prompt.replace("{options}", "\n".join(f"- ({letter}) {text}" for letter, text in (options or {}).items()))
    return _PLACE.sub(lambda place: said[place[1]], prompt).replace("{worked}", worked or "")


def _earned(points: list[int]) -> dict[str, str]:
    """How a prompt says what its parts earn, where there are several: "Three points for …; one more if …"."""
    if len(points) < 2:
        return {}
    first, *rest = points
    said = [homework.points(first, spelled(first)).capitalize(), *map(spelled, rest)]
    return {f"part {number}": words for number, words in enumerate(said, 1)}


def _mark_written_answers(path: Path, cells: list[NotebookNode], lines: list[int]) -> None:
    """Give nbgrader the cells with written answers: collected, worth no points, read by a person.

    Each is called by the number of its question, and asks what `course.py` says of it: `{written}`.
    """
    here = next((lesson for lesson in LESSONS if lesson.stem == path.stem), None)
    asked = {question.number: question.written for question in (here.questions if here else ()) if question.written}
    question, taken = 0, set[int]()
    for cell, line in zip(cells, lines, strict=True):
        if heading := _QUESTION.match(cell.source):
            question = int(heading[1])
        if "written" in cell.metadata.get("tags", ()) and cell.cell_type == "markdown":
            number = question or len(taken) + 1
            if number in taken:
                raise SourceError(path, line, "a question has one written answer; this one follows another.")
            if ("{written}" in cell.source) != (number in asked):
                raise SourceError(path, line, "what is asked here is a homework's `written` in course.py: `{written}`.")
            taken.add(number)
            cell.source = cell.source.replace("{written}", asked.get(number, ""))
            cell.metadata["nbgrader"] = _nbgrader(f"written_{number}", grade=True, solution=True) | {"points": 0}
    if missing := sorted(asked.keys() - taken):
        which = ", ".join(map(str, missing))
        raise SourceError(path, 1, f"course.py asks for a written answer to question {which}, and no cell does.")


def _predicts(cell: NotebookNode) -> bool:
    return predictions.TAG in cell.metadata.get("tags", ())


def _write_predictions(path: Path, cells: list[NotebookNode], lines: list[int]) -> list[tuple[str, Prediction]]:
    """Write each prediction as its notebook shows it; what they are, each with the heading above it."""
    found, heading = [], ""
    for cell, line in zip(cells, lines, strict=True):
        if cell.source.startswith("## "):
            heading = _heading(cell)
        if not _predicts(cell):
            if cell.cell_type == "markdown" and predictions.has_items(cell.source):
                raise SourceError(
                    path, line, f'a text with options `- [ ]` is a prediction: tags=["{predictions.TAG}"].'
                )
            continue
        if cell.cell_type != "markdown":
            raise SourceError(path, line, f'a prediction is a text: `# %% [markdown] tags=["{predictions.TAG}"]`.')
        try:
            prediction = predictions.parse(cell.source)
        except predictions.Malformed as fault:
            raise SourceError(path, line + 1 + fault.row, str(fault)) from None
        options = tuple(_with_its_verdicts(path, line, option) for option in prediction.options)
        found.append((heading, replace(prediction, options=options)))
        cell.source = found[-1][1].markdown()
    return found


def _with_its_verdicts(path: Path, line: int, option: Option) -> Option:
    """An option whose reply quotes the verdicts that it names."""
    named = tuple(quoted or named for quoted, named in _VERDICT.findall("\n".join(option.reply)))
    reply = (_with_verdicts(path, line, paragraph) for paragraph in option.reply)
    return replace(option, reply=tuple(paragraph for paragraph in reply if paragraph), verdicts=named)


def _heading(cell: NotebookNode) -> str:
    return cell.source.splitlines()[0].removeprefix("## ").rstrip()


def _part(cell: NotebookNode) -> str:
    if cell.cell_type != "code":
        return "prompt"
    return "stub" if "### BEGIN SOLUTION" in cell.source else "check"


def _nbgrader(grade_id: str, *, grade: bool = False, solution: bool = False, locked: bool = False) -> dict[str, Any]:
    return {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
    }


def _identify(cells: list[NotebookNode]) -> None:
    """An id that moves with its cell: the exercise's name, else a digest of the text."""
    seen: Counter[str] = Counter()
    for cell in cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        name = name or hashlib.sha256(cell.source.encode()).hexdigest()[:8]
        cell["id"] = f"{name}-{seen[name]}" if seen[name] else name
        seen[name] += 1
