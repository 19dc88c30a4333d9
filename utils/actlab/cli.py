"""The command line of the course. A command imports what is slow to import when it runs."""

from __future__ import annotations

import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from actlab import roster as rosters
from actlab.course import HOMEWORKS, LESSONS, PRACTICE, Lesson
from actlab.course import homework as homework_called
from actlab.environment import install
from actlab.errors import CourseError
from actlab.files import replace
from actlab.lab import course_root, open_course
from actlab.words import printable

if TYPE_CHECKING:
    from rich.table import Table

    from actlab.publish.notebooks import Built

Sandboxes = Literal["bubblewrap", "none"]
Quizzes = Literal["gift", "moodle-xml", "qti"]
NAMES = "|".join(one.name for one in HOMEWORKS)
Port = Annotated[int | None, typer.Option(help="Serve on this port instead of the first free one.")]
Browser = Annotated[bool, typer.Option(help="Open the browser.")]
ROSTER = "The class: an export of Canvas, Moodle or Gradescope, or an id per line"
IdColumn = Annotated[str, typer.Option("--id", metavar="COLUMN", help="The roster's column of ids: heading or number.")]
Homework = Annotated[str, typer.Option(metavar=NAMES, help="Which homework.")]
EXTRAS = {
    "learn": [
        "IPython",
        "PIL",
        "anywidget",
        "contourpy",
        "jupyter_server",
        "jupyterlab",
        "matplotlib",
        "torch",
        "tqdm",
    ],
    "grade": [
        "jinja2",
        "jupytext",
        "latex2mathml",
        "markdown_it",
        "markupsafe",
        "mdit_py_plugins",
        "nbformat",
        "traitlets",
    ],
    "cluster": ["distributed"],
    "teach": [
        "docutils",
        "furo",
        "myst_nb",
        "nbclient",
        "nbconvert",
        "sphinx",
        "sphinx-mathjax-offline",
        "sphinx_revealjs",
    ],
}
"""What a command may import that is not always installed, by the extra that brings it."""
STATUSES = "graded, empty, unreadable, missing, refused, failed, absent, excused"


class Sentences(TyperGroup):
    """The commands, each of which says what went wrong without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # whoever read the output has read enough
            raise
        except KeyboardInterrupt:
            typer.echo("actlab: stopped.", err=True)
            raise typer.Exit(130) from None
        except CourseError as error:
            said = f"{error}"
        except OSError as error:
            said = f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror or error}."
        except ModuleNotFoundError as error:
            if error.name in ("actlab.grading", "actlab.publish"):
                said = "this copy of the course is for students: it neither grades nor builds."
            else:
                extra = next((extra for extra, names in EXTRAS.items() if error.name in names), None)
                if extra is None:
                    raise
                said = f"this needs {error.name}. Install it with: {install(extra)}"
        typer.echo(printable(f"actlab: {said}", keep="\n"), err=True)
        raise typer.Exit(1)


main = typer.Typer(
    cls=Sentences, no_args_is_help=True, add_completion=False, help="A course on neural-network activation functions."
)


@main.command()
def lab(
    port: Port = None,
    browser: Browser = True,
    present: Annotated[bool, typer.Option("--present", help="For a class: large type, nothing solved.")] = False,
) -> None:
    """Open the course in JupyterLab."""
    open_course(course_root(), port, browser, present)


@main.command()
def start(
    folder: Annotated[
        Path | None, typer.Argument(help="A new folder, or one to bring up to date; the one around here when left out.")
    ] = None,
    port: Port = None,
    browser: Browser = True,
    lab: Annotated[bool, typer.Option(help="Open the lessons in JupyterLab.")] = True,
) -> None:
    """Write the lessons into a folder of your own and open them; again, to update them around what you wrote."""
    from actlab.start import begun, bring

    folder = begun(folder)
    for sentence in bring(folder).sentences(folder):
        print(sentence)
    if lab:
        open_course(folder, port, browser)


@main.command()
def progress() -> None:
    """Show which exercises you have solved."""
    from actlab import progress

    progress.show()


@main.command()
def build(
    names: Annotated[list[str] | None, typer.Argument(help="Lessons, such as 02; all when none is named.")] = None,
    execute: Annotated[bool, typer.Option(help="Run the solutions too.")] = True,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; list what is stale.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show each lesson's slowest cells.")] = False,
) -> None:
    """Build learners' notebooks and executed solutions from solutions/*.py."""
    from rich.console import Console

    from actlab.exercises import EXERCISES
    from actlab.publish import notebooks, plans, readme
    from actlab.publish.homework import unbalanced

    console = Console()
    root = course_root(f"solutions/{LESSONS[0].stem}.py")
    sources = _sources(root / "solutions", names or [""])
    if check:
        stale = notebooks.stale(sources, root, EXERCISES)
        for path in stale:
            print(f"{path.relative_to(root)} is stale; run: actlab build {path.stem}")
        for path in (outdated := sorted({*readme.stale(root), *plans.stale(sources, root, EXERCISES)})):
            print(f"{path.relative_to(root)} is stale; run: actlab build")
        for path in (left := notebooks.left_behind(root)):
            print(f"{path.relative_to(root)} has no source any more: delete it.")
        for sentence in (off := list(unbalanced(EXERCISES))):
            print(sentence)
        raise typer.Exit(int(bool(stale or outdated or left or off)))
    built = []
    for source in sources:
        with console.status(f"{source.stem} …"):
            built.append(notebooks.build(source, root, EXERCISES, run=execute))
    readme.write(root)
    plans.write(sources, root, EXERCISES)
    for path in notebooks.left_behind(root):
        print(f"{path.relative_to(root)} has no source any more: delete it.")
    for sentence in unbalanced(EXERCISES):
        print(sentence)
    console.print(_table(built))
    if verbose:
        for lesson in built:
            for seconds, line in sorted(lesson.cells, reverse=True)[:5]:
                print(f"{seconds:6.2f} s  solutions/{lesson.name}.py:{line}")


@main.command()
def slides(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Lessons, such as 02 05, for one deck; a deck of each when none is named."),
    ] = None,
    minutes: Annotated[
        int, typer.Option(min=0, help="Leave out what the plan marks – in this version, such as 45.")
    ] = 0,
    skip: Annotated[
        list[str] | None, typer.Option(metavar="SECTION", help="Leave this section out, such as 2.10; also repeated.")
    ] = None,
    code: Annotated[
        bool | None, typer.Option("--code/--no-code", help="All code, or none; by default what a section is about.")
    ] = None,
    css: Annotated[Path | None, typer.Option(metavar="FILE", help="Rules of your own, after the course's.")] = None,
    logo: Annotated[Path | None, typer.Option(metavar="FILE", help="A picture for a corner of each slide.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder that receives the decks.", show_default="_build/slides…")
    ] = None,
) -> None:
    """Write decks: one of the lessons that are named, else one of every lesson; a folder that needs no network."""
    from rich.console import Console

    from actlab.publish import slides
    from actlab.publish.shown import Choice

    with Console().status("the decks …"):
        root = course_root(f"solutions/{LESSONS[0].file}")
        _require_current(root, slides.chosen(root, names or []), needs="sphinx_revealjs")
        choice = Choice(minutes, tuple(skip or ()), code)
        out = out or slides.folder_for(slides.chosen(root, names or []), names or [])
        decks = slides.build(root, out, names or (), choice, css, logo)
        print(f"Wrote {len(decks)} deck{'s' * (len(decks) > 1)}, {sum(deck.size for deck in decks) / 1e6:.1f} MB.")
        print(f"Open {out / 'index.html'}")


@main.command()
def site(
    out: Annotated[
        Path | None,
        typer.Option(help="The folder that receives the site; _build/site, or _build/teachers, by default."),
    ] = None,
    solutions: Annotated[
        bool, typer.Option(help="Keep answers, folded away; without them it is a class's site.")
    ] = True,
    teachers: Annotated[
        bool, typer.Option("--teachers", help="Also plans, grading and questions: for you alone.")
    ] = False,
    lite: Annotated[bool, typer.Option("--lite", help="Add an edition that runs Python in the browser.")] = False,
) -> None:
    """Write the course as a website, for any web server or none."""
    from rich.console import Console

    from actlab.publish import lite as browser
    from actlab.publish import site

    if teachers and not solutions:
        raise CourseError("--teachers writes pages that answer, --no-solutions a site without answers: choose one.")
    if lite and not solutions:
        raise CourseError("--lite carries the course's package, which holds every answer: leave --no-solutions out.")
    with Console().status("the website …"):
        root = course_root(f"solutions/{LESSONS[0].file}")
        _require_current(root, sorted((root / "solutions").glob("[0-9][0-9]_*.py")), needs="sphinx")
        folder = out or Path("_build/teachers" if teachers else "_build/site")
        written = site.build(root, folder, solutions, teachers)
        print(f"Wrote {written.pages} pages, {written.size / 1e6:.1f} MB. Open {written.index}")
        if lite:
            lessons = browser.build(root, folder / "lite")
            print(f"Wrote {len(lessons)} lessons for the browser. Serve {folder / 'lite'}: it opens from no file.")


@main.command()
def quiz(
    format: Annotated[Quizzes, typer.Option(help="gift or moodle-xml for Moodle, qti for Canvas and others.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    names: Annotated[list[str] | None, typer.Argument(help="Lessons, such as 02; all when none is named.")] = None,
    predictions: Annotated[bool, typer.Option(help="The lessons' predictions beside the multiple choices.")] = True,
    with_homework: Annotated[
        bool, typer.Option("--with-homework", help="Also what homework asks: the file then holds graded answers.")
    ] = False,
) -> None:
    """Write the multiple choices and predictions of the lessons for Moodle or Canvas, with a reply to each option."""
    from actlab.exercises import EXERCISES
    from actlab.publish import platforms, quiz

    root = course_root(f"solutions/{LESSONS[0].stem}.py")
    asked = quiz.items(root, EXERCISES, _lessons(names), predictions, with_homework)
    out.parent.mkdir(parents=True, exist_ok=True)
    replace(out, platforms.file(asked, format))
    print(
        f"Wrote {len(asked)} questions of {len({one.lesson for one in asked})} lessons to {out}. It holds the answers."
    )


@main.command()
def export(
    out: Annotated[Path, typer.Option(help="The folder that receives them.")],
    names: Annotated[list[str] | None, typer.Argument(help="Lessons, such as 02; all when none is named.")] = None,
    figures: Annotated[bool, typer.Option(help="The figures, for which the lessons run.")] = True,
) -> None:
    """Write every figure as SVG and PDF, and every explorer as a page to show in another one."""
    from rich.console import Console

    from actlab.exercises import EXERCISES
    from actlab.publish import export

    root = course_root(f"solutions/{LESSONS[0].file}")
    with Console().status("the explorers …") as status:
        done = export.write(root, out, EXERCISES, tuple(_lessons(names)), figures, lambda one: status.update(one.stem))
    print(f"Wrote {done.figures} figures and {done.explorers} explorers. Open {done.index}")


@main.command()
def handout(
    names: Annotated[list[str] | None, typer.Argument(help="Lessons, such as 02; all when none is named.")] = None,
    out: Annotated[Path, typer.Option(help="The folder that receives them.")] = Path("_build/handouts"),
) -> None:
    """Write a sheet of A4 for each lesson: recap, formulas, figures, questions without answers, lines for notes."""
    from rich.console import Console

    from actlab.exercises import EXERCISES
    from actlab.publish import handouts

    with Console().status("the sheets …"):
        root = course_root(f"solutions/{LESSONS[0].file}")
        sheets = handouts.write(root, out, EXERCISES, tuple(_lessons(names)))
    print(f"Wrote {len(sheets)} sheets to {out}.")
    if not all(sheet.pdf for sheet in sheets):
        print("No Chromium, Chrome or Edge is here to make PDFs of them: open a page in any browser, and print it.")


evidence_app = typer.Typer(cls=Sentences, help="What the course concludes from training, and how often it holds.")
main.add_typer(evidence_app, name="evidence", invoke_without_command=True)


@evidence_app.callback()
def evidence(context: typer.Context) -> None:
    """List what the course concludes from training, and in how many groups of fresh seeds it held."""
    if context.invoked_subcommand is None:
        from actlab.evidence import console

        console.show()


@evidence_app.command("run")
def run_evidence(
    names: Annotated[list[str] | None, typer.Argument(help="Experiments; all when none is named.")] = None,
    fresh: Annotated[
        int | None, typer.Option(min=2, metavar="SEED", help="Other seeds and data, compared with what is stored.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many processes.")] = 2,
    scheduler: Annotated[str, typer.Option(metavar="ADDRESS", help="A dask scheduler: tcp://host:8786.")] = "",
) -> None:
    """Run experiments and store their numbers. After an interruption, run it again: it goes on where it stopped."""
    from actlab.evidence import console

    console.run(names or [], fresh, workers, scheduler)


@main.command(epilog=f"What `status` may say: {STATUSES} (docs/grading.md explains them).")
def grade(
    submissions: Annotated[
        Path, typer.Argument(help="Notebooks, folders of them, or a platform's download; also as a zip.")
    ],
    out: Annotated[Path, typer.Option(help="The folder that receives grades, gradebook and feedback.")],
    secret: Annotated[Path | None, typer.Option(help="The file that `actlab release` used.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many submissions to grade at a time.")] = 2,
    scheduler: Annotated[str, typer.Option(metavar="ADDRESS", help="A dask scheduler: tls://host:8786.")] = "",
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds for one cell or one call.")] = 10.0,
    regrade: Annotated[bool, typer.Option("--regrade", help="Grade everything, not only what changed.")] = False,
    sandbox: Annotated[Sandboxes, typer.Option(help="`none` runs submitted code as you, unprotected.")] = "bubblewrap",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show who handed in what, and write nothing.")] = False,
    trust_scheduler: Annotated[
        bool, typer.Option("--trust-scheduler", help="Use a scheduler without TLS: its whole network may act as you.")
    ] = False,
    deadline: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD[THH:MM]",
            help="Until then students are not told which letters and numbers are right; the gradebook keeps it.",
        ),
    ] = None,
    homework: Homework = PRACTICE.name,
    roster: Annotated[Path | None, typer.Option(help=f"{ROSTER}; kept until another one is given.")] = None,
    id: IdColumn = "",
    only: Annotated[list[str] | None, typer.Option(metavar="ID", help="Judge this student, and nobody else.")] = None,
) -> None:
    """Grade a class. Run it again after an interruption, or when more was handed in: it goes on where it stopped."""
    _linux()
    from actlab.grading import console
    from actlab.grading.run import Order

    order = Order(
        _secret(secret, shortest=1),
        workers,
        scheduler,
        time_limit,
        regrade,
        sandbox,
        _homework(homework).number,
        trust_scheduler=trust_scheduler,
        deadline=_moment(deadline) if deadline is not None else None,
        roster=_roster(roster, id),
        only=tuple(only or ()),
    )
    act = console.preview if dry_run else console.run
    act(submissions, out, order)


@main.command("give-back")
def give_back(
    out: Annotated[Path, typer.Option(help="The folder that `actlab grade` wrote.")],
    assignment: Annotated[
        str, typer.Option(metavar="NAME", help="The assignment in Canvas, such as “Homework 3 (1234)”; it is kept.")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="All feedback, not only what changed.")] = False,
) -> None:
    """Write what goes back to students: tables for Canvas and Moodle, and their feedback as zips."""
    from actlab.grading import console

    console.give_back(out, assignment, everything)


@main.command()
def explain(
    student: Annotated[str, typer.Argument(metavar="ID", help="A student's id, as the gradebook has it.")],
    name: Annotated[str, typer.Argument(help="An exercise; all that lost points when none is named.")] = "",
    out: Annotated[Path, typer.Option(help="The folder of grades.")] = Path("grades"),
    secret: Annotated[Path | None, typer.Option(help="The file that `actlab grade` used, where it used one.")] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where page and notebooks go; `explain` in --out by default.")
    ] = None,
    sandbox: Annotated[Sandboxes, typer.Option(help="`none` runs submitted code as you, unprotected.")] = "bubblewrap",
) -> None:
    """Explain a grade: the cases that counted, what came, what is right, as a page and as notebooks; for you alone."""
    _linux()
    from rich.console import Console

    from actlab.grading import explain

    with Console(stderr=True).status("Running the code once more …"):
        done = explain.explain(out, student, name, _secret(secret, shortest=1), to, sandbox)
    for item in done.items:
        print(printable(explain.summary(item)))
    for path in (done.page, *done.notebooks):
        print(printable(f"{path}"))


@main.command()
def forget(
    id: Annotated[str, typer.Argument(metavar="ID", help="The student, by any id.")],
    out: Annotated[Path, typer.Option(help="The folder that `actlab grade` wrote.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go, and change nothing.")] = False,
) -> None:
    """Remove every trace of a student from the grades, and say what is left to delete by hand."""
    from actlab.grading import console

    console.forget(out, id, dry_run)


@main.command()
def gradescope(
    out: Annotated[Path, typer.Argument(help="The zip to write.")] = Path("autograder.zip"),
    secret: Annotated[Path | None, typer.Option(help="The file that `actlab release --secret` used.")] = None,
    sandbox: Annotated[Sandboxes, typer.Option(help="`none` trusts Gradescope's container alone.")] = "bubblewrap",
    homework: Homework = PRACTICE.name,
) -> None:
    """Build the autograder for Gradescope: a zip to upload."""
    from actlab.grading import gradescope

    gradescope.build(out, _secret(secret), sandbox, _homework(homework))
    print(f"Wrote {out}. Upload it to Gradescope as a zip; choose Ubuntu 24.04 as its base image.")


@main.command()
def release(
    out: Annotated[Path, typer.Option(help="Folder to write the hand-out to.")],
    roster: Annotated[Path | None, typer.Option(help=f"{ROSTER}: one hand-out for each.")] = None,
    id: IdColumn = "",
    secret: Annotated[Path | None, typer.Option(help="File with the secret that `actlab secret` made.")] = None,
    nbgrader: Annotated[
        Path | None,
        typer.Option(help="Also write the notebook WITH solutions here, a file or nbgrader's source folder."),
    ] = None,
    exam: Annotated[bool, typer.Option("--exam", help="Checks note answers; grading decides.")] = False,
    package: Annotated[
        Path | None,
        typer.Option(metavar="ZIP", help="Also write the course for students: lessons and checks, and no answer."),
    ] = None,
    zip: Annotated[
        Path | None, typer.Option(help="Also pack the hand-outs into one zip to upload, with a list for a mail merge.")
    ] = None,
    homework: Homework = PRACTICE.name,
) -> None:
    """Write a homework's notebook for students, without its solutions."""
    from actlab.publish import release as releases
    from actlab.publish.notebooks import to_bytes

    if roster and not secret:
        raise CourseError("--roster and --secret go together: `actlab secret > my.key` makes one.")
    asked = _homework(homework)
    known = _roster(roster, id)
    source = course_root(f"solutions/{asked.stem}.py") / "solutions" / f"{asked.stem}.py"
    if known:
        rosters.require_folders(known)
    students = [person.id for person in known.people] if known else []
    key = _secret(secret) or b""
    target = releases.for_nbgrader(source, nbgrader) if nbgrader else None
    others = releases.under_another(source, out, students, key)
    try:
        written = releases.release(source, out, students, key, exam)
    except KeyboardInterrupt:
        said = f"stopped. Each notebook in {out} is whole, but some are not written yet: say the same once more."
        typer.echo(f"actlab: {said}", err=True)
        raise typer.Exit(130) from None
    for one in written:
        print(f"{one.path}{f' for {one.student}' if one.student else ''}")
    if left := releases.stale(out, written):
        typer.echo(f"actlab: of an earlier hand-out, and not of this one: {_few(left)}.", err=True)
    if others:
        who = f" of {_few(others)}" if students else ""
        typer.echo(
            f"actlab: the notebook{'s' * (len(others) > 1)}{who} replaced what lay there, made with another secret or "
            "none: whoever has that one has to get the new one, or is graded with the secret before.",
            err=True,
        )
    if zip:
        many = releases.pack(zip, written, known.people if known else ())
        print(f"{zip}, {many} hand-out{'s' * (many != 1)}: to upload")
    if package:
        from actlab.publish import package as packages

        many = packages.build(course_root(f"solutions/{asked.stem}.py"), package)
        print(f"{package}, {many} files: the course for students, without solutions and what answers a homework")
    if target:
        target.parent.mkdir(parents=True, exist_ok=True)
        replace(target, to_bytes(releases.marked(source)))
        print(f"{target}, with solutions: not for learners")


@main.command()
def secret(
    out: Annotated[Path | None, typer.Argument(help="A new file for it, which you alone can read.")] = None,
) -> None:
    """Print a new secret for a class: actlab secret > my.key. Keep the file, and give it to nobody."""
    from actlab.exercises.personal import new_secret

    text = new_secret()
    if out is None:
        print(text)
    else:
        out.touch(0o600, exist_ok=False)
        out.write_text(f"{text}\n", encoding="ascii")


def _linux() -> None:
    if sys.platform == "win32":
        raise CourseError("Grading needs Linux: use WSL or a container (docs/grading.md has the commands).")


def _secret(path: Path | None, **bounds: int) -> bytes | None:
    """The secret in a file, with a warning where it can be guessed."""
    from actlab.exercises.personal import MAKE_ONE, can_be_guessed, read_secret

    found = read_secret(path, **bounds) if path else None
    if found and can_be_guessed(found):
        typer.echo(f"actlab: the secret {path} looks like words, and can be guessed: next time {MAKE_ONE}.", err=True)
    return found


def _roster(path: Path | None, column: str) -> rosters.Roster | None:
    """The roster in a file, after its first ids were shown, and whatever was left out."""
    if path is None:
        if column:
            raise CourseError("--id chooses a column of a roster: add --roster FILE.")
        return None
    read = rosters.read(path, column)
    where = f" in the column “{read.column}”" if read.column else ""
    said = [f"{len(read.people)} students by the ids{where}: {read.first}", *read.notes]
    if read.left_out:
        said.append(f"Left out of the roster: {', '.join(read.left_out)}.")
    for sentence in said:
        typer.echo(printable(sentence), err=True)
    return read


def _few(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return printable(", ".join(names[:most])) + more


def _homework(name: str) -> Lesson:
    """The homework of this name."""
    try:
        return homework_called(name)
    except KeyError:
        raise CourseError(f"there is no homework “{name}”: --homework takes {' or '.join(NAMES.split('|'))}.") from None


def _moment(text: str) -> datetime:
    """The moment that a text names; a day alone is its end."""
    from actlab.grading.adjust import moment

    if found := moment(text):
        return found
    raise CourseError(f"--deadline “{text}” is no date that there is: write 2026-12-01, or 2026-12-01T23:59.")


def _require_current(root: Path, paths: list[Path], needs: str) -> None:
    """Refuse to publish lessons whose notebooks are not what their sources say now.

    needs: a module without which nothing is published, so that it is the first to be missed.
    """
    import_module(needs)
    from actlab.exercises import EXERCISES
    from actlab.publish import notebooks

    notebooks.require_current([path.with_suffix(".py") for path in paths], root, EXERCISES)


def _lessons(names: list[str] | None) -> list[Lesson]:
    """The lessons that are named; an empty list where none is."""
    for name in names or []:
        if not any(lesson.stem.startswith(name) for lesson in LESSONS):
            known = ", ".join(lesson.stem for lesson in LESSONS)
            raise typer.BadParameter(f"No lesson is called {name}. The lessons: {known}.")
    return [lesson for lesson in LESSONS if names and lesson.stem.startswith(tuple(names))]


def _sources(folder: Path, names: list[str]) -> list[Path]:
    found = sorted(folder.glob("[0-9][0-9]_*.py"))
    for name in names:
        if not any(path.stem.startswith(name) for path in found):
            known = ", ".join(path.stem for path in found) or "none"
            raise typer.BadParameter(f"No lesson is called {name}. The lessons: {known}.")
    return [path for path in found if path.stem.startswith(tuple(names))]


def _table(built: list[Built]) -> Table:
    from rich.table import Table

    table = Table("lesson", "learner's kB", "solution's kB", "seconds")
    for column in table.columns[1:]:
        column.justify = "right"
    for lesson in built:
        sizes = (f"{size / 1000:.0f}" if size else "–" for size in (lesson.learner_size, lesson.solution_size))
        table.add_row(lesson.name, *sizes, f"{lesson.seconds:.1f}" if lesson.cells else "–")
    return table


if __name__ == "__main__":
    main()
