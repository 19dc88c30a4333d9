"""Whatever keeps a command from its work is one sentence on stderr, and never a traceback."""

import errno

import pytest
from typer.testing import CliRunner

from actlab.cli import main
from actlab.environment import install
from actlab.errors import CourseError

COMMANDS = {
    "lab": ("actlab.cli.open_course", []),
    "start": ("actlab.start.bring", ["my-course"]),
    "progress": ("actlab.progress.show", []),
    "build": ("actlab.cli.course_root", []),
    "slides": ("actlab.cli.course_root", []),
    "site": ("actlab.cli.course_root", []),
    "quiz": ("actlab.cli.course_root", ["--format", "gift", "--out", "quiz.txt"]),
    "export": ("actlab.cli.course_root", ["--out", "out"]),
    "handout": ("actlab.cli.course_root", []),
    "forget": ("actlab.grading.console.forget", ["ana", "--out", "out"]),
    "evidence": ("actlab.evidence.console.show", []),
    "grade": ("actlab.grading.console.run", ["in", "--out", "out"]),
    "give_back": ("actlab.grading.console.give_back", ["--out", "out"]),
    "explain": ("actlab.grading.explain.explain", ["ana"]),
    "gradescope": ("actlab.grading.gradescope.build", []),
    "release": ("actlab.cli.course_root", ["--out", "out"]),
    "secret": ("actlab.exercises.personal.new_secret", []),
}
SENTENCES = [
    (CourseError("Change the folder."), "Change the folder."),
    (PermissionError(errno.EACCES, "Permission denied", "grades.csv"), "grades.csv: Permission denied."),
    (OSError(errno.ENOSPC, "No space left on device"), "No space left on device."),
    (OSError("tcp://nowhere:1 does not answer"), "tcp://nowhere:1 does not answer."),
    (ModuleNotFoundError(name="nbconvert"), f"this needs nbconvert. Install it with: {install('teach')}"),
    (ModuleNotFoundError(name="jupyterlab"), f"this needs jupyterlab. Install it with: {install('learn')}"),
    (ModuleNotFoundError(name="distributed"), f"this needs distributed. Install it with: {install('cluster')}"),
]


@pytest.fixture
def run(monkeypatch):
    def run(command, error):
        def fail(*_, **__):
            raise error

        where, options = COMMANDS[command]
        monkeypatch.setattr(where, fail)
        return CliRunner().invoke(main, [command.replace("_", "-"), *options])

    return run


def test_every_command_is_tried():
    groups = {group.name for group in main.registered_groups}
    assert {command.callback.__name__ for command in main.registered_commands} | groups == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=lambda value: type(value).__name__)
def test_an_error_is_a_sentence(run, command, error, sentence):
    done = run(command, error)
    assert (done.exit_code, done.stderr) == (1, f"actlab: {sentence}\n")


def test_a_mistake_of_ours_is_not_hidden(run):
    for error in (ModuleNotFoundError(name="nowhere"), ZeroDivisionError()):
        assert run("progress", error).exception is error


def test_a_reader_that_has_read_enough_is_no_error(run):
    done = run("progress", BrokenPipeError(errno.EPIPE, "Broken pipe"))
    assert done.exit_code == 1 and done.stderr == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("grade {0}/nowhere --out {0}/out --sandbox none", "There is no {0}/nowhere."),
        ("gradescope {0}/nowhere/autograder.zip", "{0}/nowhere/autograder.zip: No such file or directory."),
        ("gradescope {0}/a.zip --secret {0}/empty", "the secret {0}/empty is empty: put a long random text into it"),
        ("grade {0} --out {0}/out --secret {0}/nowhere", "the secret {0}/nowhere cannot be read: No such file or dir"),
        ("release --out {0}/out --roster {0}/nowhere --secret {0}/s", "the roster {0}/nowhere cannot be read: No such"),
        ("release --out {0}/out --roster {0}/empty --secret {0}/s", "the roster {0}/empty names no student."),
        ("release --out {0}/out --roster {0}/r", "--roster and --secret go together"),
        ("release --out {0}/out --secret {0}/short", "the secret has 15 bytes and needs at least 16"),
        ("gradescope {0}/a.zip --secret {0}/short", "the secret has 15 bytes and needs at least 16"),
        ("secret {0}/s", "{0}/s: File exists."),
        ("release --out {0}/empty", "{0}/empty: File exists."),
    ],
)
def test_what_people_get_wrong(tmp_path, options, words):
    (tmp_path / "empty").touch()
    (tmp_path / "r").write_text("ana")
    (tmp_path / "s").write_text("1a2b3c4d5e6f7a8b")
    (tmp_path / "short").write_text("1a2b3c4d5e6f7a8\n")
    done = CliRunner().invoke(main, [word.format(tmp_path) for word in options.split()])
    assert done.exit_code == 1 and f"actlab: {words.format(tmp_path)}" in done.stderr
    assert not (tmp_path / "a.zip").exists() and not (tmp_path / "out").exists()
