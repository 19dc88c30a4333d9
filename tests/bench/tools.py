"""What is measured beside actlab, in environments of its own below `_build`."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "_build"


def quiet(*command, **options) -> str:
    """What a command prints; an AssertionError with all of it where the command fails."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def environment(name: str, needs: list[str], constraints: Path | None = None) -> Path:
    """Python of an environment with these packages and the course, made anew where what it needs has changed.

    constraints: a file of versions; those of constraints.txt pip has at hand where it has just installed the course.
    """
    home = BUILD / name
    python = home / "venv" / "bin" / "python"

    def make():
        quiet(sys.executable, "-m", "venv", home / "venv")
        pip = (python, "-m", "pip", "install", "--disable-pip-version-check", "-q")
        quiet(*pip, *needs, *(("-c", constraints) if constraints else ()))
        quiet(*pip, "--no-deps", "-e", ROOT)

    _made(home, needs + ([constraints.read_text(encoding="utf-8")] if constraints else []), make)
    return python


def package(name: str, need: str) -> Path:
    """A folder with one package, without what it depends on, to be added to Python's path."""
    home = BUILD / name
    pip = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "-q", "--no-deps")
    _made(home, [need], lambda: quiet(*pip, "--target", home, need))
    return home


def _made(home: Path, needs: list[str], make) -> None:
    wanted, stamp = hashlib.sha256(repr((needs, sys.version, str(ROOT))).encode()).hexdigest(), home / "stamp"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        make()
        stamp.write_text(wanted)
