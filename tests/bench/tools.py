"""What is measured beside actlab, in environments of its own below `_build`."""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "_build"


def quiet(*command, **options) -> str:
    """What a command prints; an AssertionError with all of it where the command fails."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def environment(name: str, needs: list[str], constraints: Path | None = None) -> Path:
    """Python of an environment with these packages and the course, made anew where what it needs has changed.

    constraints: a file of versions.  What is installed here in a version that will do is taken from here.
    """
    home = BUILD / name
    python = home / "venv" / "bin" / "python"

    def make():
        quiet(sys.executable, "-m", "venv", "--without-pip", home / "venv")
        pip = (sys.executable, "-m", "pip", "--python", python, "install", "--disable-pip-version-check", "-q")
        quiet(*pip, "--no-deps", *(need for need in needs if not _here(Requirement(need))))
        _lend(next((home / "venv").glob("lib/python*/site-packages")), needs)
        quiet(*pip, *needs, *(("-c", constraints) if constraints else ()))
        quiet(*pip, "--no-deps", "-e", ROOT)

    _made(home, needs + ([constraints.read_text(encoding="utf-8")] if constraints else []), make)
    return python


def _here(need: Requirement) -> metadata.Distribution | None:
    """The package that is installed here and will do."""
    found = next(iter(metadata.distributions(name=need.name)), None)
    return found if found and need.specifier.contains(found.version, prereleases=True) else None


def _lend(site: Path, needs: list[str]) -> None:
    """Link into an environment what its packages need and is here; pip checks it, and brings the rest."""
    ahead = [*needs, *(text for one in metadata.distributions(path=[str(site)]) for text in one.requires or ())]
    seen = set()
    while ahead:
        need = Requirement(ahead.pop())
        found = _here(need)
        if str(need) in seen or not found or (need.marker and not need.marker.evaluate({"extra": ""})):
            continue
        seen.add(str(need))
        for file in found.files or ():
            if ".." not in file.parts and not (site / file).exists():
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                os.link(file.locate(), site / file)
        for inner in map(Requirement, found.requires or ()):
            extra = next((e for e in need.extras if inner.marker and inner.marker.evaluate({"extra": e})), None)
            if extra is not None:
                inner.marker = None
            ahead.append(str(inner))


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
