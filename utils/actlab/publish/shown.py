"""What a deck shows of a lesson: which sections, which code, and each question of its plan before its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from actlab.errors import CourseError
from actlab.publish import executed, predictions
from actlab.publish.plans import Plan, Question, Step, is_called

IDEA, QUESTION = "idea", "question"


@dataclass(frozen=True)
class Choice:
    """What a lecturer asks for.

    minutes: a version of the plans, such as 45; 0 shows every section.  skip: sections, by number or heading.
    code: all of it, none, or only what is tagged `idea`.
    """

    minutes: int = 0
    skip: tuple[str, ...] = ()
    code: bool | None = None


@dataclass(frozen=True)
class Lesson:
    """An executed lesson, its number, and the plan by which it is taught."""

    number: str
    notebook: NotebookNode
    plan: Plan


@dataclass(frozen=True)
class _Section:
    """The cells below a heading, which is "" for what stands above the first."""

    heading: str
    cells: list[NotebookNode]


def deck(lessons: Sequence[Lesson], choice: Choice, exercises: Mapping[str, Any]) -> NotebookNode:
    """Some lessons as one deck, the plan among the speaker's notes; `metadata.deck` holds the plan as a page."""
    title = ", ".join(executed.title(lesson.notebook) for lesson in lessons)
    shown = new_notebook(metadata=dict(lessons[0].notebook.metadata))
    plan = []
    for lesson in lessons:
        version = version_of(lesson.plan, choice)
        every, left_out = _sections(lesson.notebook), []
        sections = [one for one in every if _is_shown(one, lesson.plan, choice)]
        seconds = _seconds(every, sections, lesson.plan, version)
        for section in every:
            if section not in sections:
                left_out.append(section.heading)
                continue
            missed, left_out = _missed(left_out, lesson.plan), []
            shown.cells += _cells(section, lesson.plan, choice, exercises, seconds[section.heading], missed)
        shown.cells.append(_notes(f"**Homework.** {lesson.plan.homework}"))
        plan.append(_written(lesson.plan, sections, version))
    shown.metadata["title"] = title
    shown.metadata["deck"] = {"plan": "\n\n".join(plan)}
    return shown


def version_of(plan: Plan, choice: Choice) -> str:
    """The version of a plan whose minutes pace the deck."""
    return next((one for one in plan.versions if one == f"{choice.minutes} min"), plan.longest())


def refuse_unknown(lessons: Sequence[Lesson], choice: Choice, each: bool) -> None:
    """Refuse a section that is not there, and a version that no plan has; with `each`, one that some plan lacks."""
    wanted = f"{choice.minutes} min"
    lacking = [lesson for lesson in lessons if wanted not in lesson.plan.versions]
    if choice.minutes and lacking and (each or lacking == lessons):
        offered = {version.removesuffix(" min") for lesson in lacking for version in lesson.plan.versions}
        known = " or ".join(sorted(offered, key=int))
        whose = f" of {', '.join(lesson.number for lesson in lacking)}" if each else ""
        raise CourseError(f"no plan{whose} has {choice.minutes} minutes: --minutes takes {known}.")
    headings = [section.heading for lesson in lessons for section in _sections(lesson.notebook) if section.heading]
    for name in choice.skip:
        if not any(is_called(heading, name) for heading in headings):
            known = ", ".join(dict.fromkeys(_name(heading) for heading in headings))
            raise CourseError(f"--skip {name}: no such section in this deck; there are {known}.")


def _name(heading: str) -> str:
    number = heading.split(" ")[0]
    return number if number[0].isdigit() else heading.partition(":")[0]


def _sections(notebook: NotebookNode) -> list[_Section]:
    found: dict[str, list[NotebookNode]] = {"": []}
    for heading, cell in executed.sections(notebook.cells):
        found.setdefault(heading, []).append(cell)
    return [_Section(heading, cells) for heading, cells in found.items()]


def _is_shown(section: _Section, plan: Plan, choice: Choice) -> bool:
    if any(is_called(section.heading, name) for name in choice.skip):
        return False
    step, version = plan.step(section.heading), f"{choice.minutes} min"
    return step is None or version not in plan.versions or version in step.minutes


def _seconds(every: list[_Section], shown: list[_Section], plan: Plan, version: str) -> dict[str, int]:
    """How long each section that is shown lasts: a step of the plan without a section belongs to the one before it.

    The reserve, which is the last step, belongs to the last section.
    """
    headings, here = [section.heading for section in shown], shown[0].heading
    seconds = dict.fromkeys(headings, 0)
    for step in plan.steps:
        own = [section.heading for section in every if is_called(section.heading, step.section)]
        if own and own[0] not in headings:
            continue
        here = own[0] if own else headings[-1] if step is plan.steps[-1] else here
        seconds[here] += 60 * step.minutes.get(version, 0)
    return seconds


def _missed(headings: list[str], plan: Plan) -> str:
    """The sections left out just before one that is shown, with what the plan has a lecturer say in their place."""
    said = [(heading, plan.instead.get(_name(heading))) for heading in headings]
    lines = [f"- {heading}" + (f" — say: “{instead}”" if instead else "") for heading, instead in said]
    return "\n".join(["\n\n**Left out before this:**\n", *lines]) if lines else ""


def _cells(
    section: _Section, plan: Plan, choice: Choice, exercises: Mapping[str, Any], seconds: int, missed: str
) -> list[NotebookNode]:
    """A section as it is shown: the minutes at its head, each question before what answers it."""
    step, asked = plan.step(section.heading), plan.asked(section.heading)
    own = [one for one in asked if not choice.minutes or one.version in ("", version_of(plan, choice))]
    shown: list[NotebookNode] = []
    for number, cell in enumerate(section.cells):
        if _shows_something(cell):
            while own and not own[0].right:
                shown += _asked(own.pop(0))
        if step is None and (exercise := _multiple_choice(cell, exercises)):
            shown += _multiple(exercise, cell)
        elif (visible := _visible(cell, choice)) is not None:
            shown.append(visible)
        if number == 0:
            shown.append(_notes(_head(section, plan, step, seconds) + missed))
        if predictions.TAG in cell.metadata.get("tags", ()):
            while own and not own[0].right:
                shown += _asked(own.pop(0))
            if own:
                shown.append(_notes(own.pop(0).answers()))
    for one in own:
        shown += _notes_of(one)
    return shown


def _shows_something(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and executed.role(cell) != "skip" and bool(cell.outputs)


def _visible(cell: NotebookNode, choice: Choice) -> NotebookNode | None:
    """A copy of a cell as a deck shows it, if it does."""
    if executed.role(cell) == "skip":
        return None
    cell = executed.linked(cell, "html")
    if cell.cell_type == "code" and not _shows_code(cell, choice.code):
        if not cell.outputs:
            return None
        cell.metadata = NotebookNode(cell.metadata, tags=["plumbing"])
    return cell


def _shows_code(cell: NotebookNode, code: bool | None) -> bool:
    wanted = IDEA in cell.metadata.get("tags", ()) if code is None else code
    return wanted and not executed.is_plumbing(cell)


def _asked(question: Question) -> list[NotebookNode]:
    """A question of the plan alone, on a slide of its own."""
    return [_slide(question.words), _notes(question.answers())]


def _notes_of(question: Question) -> list[NotebookNode]:
    return [_notes(question.answers())] if question.right else _asked(question)


def _multiple_choice(cell: NotebookNode, exercises: Mapping[str, Any]) -> Any:
    """The multiple choice whose prompt a cell is, if it is one."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    exercise = exercises.get(name.removesuffix("_prompt")) if name.endswith("_prompt") else None
    return exercise if hasattr(exercise, "options") else None


def _multiple(exercise: Any, cell: NotebookNode) -> list[NotebookNode]:
    """A multiple choice as a slide that asks it, what to reply to each wrong letter, and the reason."""
    prompt = "\n".join(line for line in cell.source.splitlines() if not line.startswith("### "))
    replies = [f"- They say: ({letter}) — reply: {hint}" for letter, hint in exercise.hints.items()]
    right = f"- Right: {' or '.join(f'({letter})' for letter in exercise.right)} — {exercise.why}"
    return [_slide(prompt.strip()), _notes("\n".join([*replies, right]))]


def _slide(markdown: str) -> NotebookNode:
    return new_markdown_cell(markdown, metadata={"slideshow": {"slide_type": "subslide"}, "tags": [QUESTION]})


def _notes(text: str) -> NotebookNode:
    return new_markdown_cell(text, metadata={"slideshow": {"slide_type": "notes"}})


def _head(section: _Section, plan: Plan, step: Step | None, seconds: int) -> str:
    """The notes at the head of a section. What the page reads of them: how long it lasts."""
    said = f"**{plan.timed(step)}** · {step.happens}" if step else "" if section.heading else plan.opening
    return f'<span data-seconds="{seconds}"></span>{said}'


def _written(plan: Plan, sections: list[_Section], version: str) -> str:
    """The plan as a page beside its deck, which puts the number of a slide into each `data-goes-to`."""
    said = [f"# {plan.title}, {version}", plan.opening]
    for section in sections[1:]:
        heading = section.heading
        said += [f"## <span data-goes-to></span> {heading}", plan.notes(heading)]
    return "\n\n".join([*said, plan.rest, f"## Homework\n\n{plan.homework}"])
