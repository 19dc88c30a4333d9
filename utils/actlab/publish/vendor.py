"""Where the pages' well-kept parts lie: reveal.js and MathJax, copied from installed packages, fetched by no page."""

import shutil
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path

REVEAL = ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")


def copy_reveal(out: Path) -> None:
    """Copy reveal.js, its style and its speaker view."""
    source = Path(str(files("sphinx_revealjs"))) / "_static" / "revealjs"
    for name in REVEAL:
        _copy(source / name, out / name)


def copy_mathjax(out: Path) -> None:
    """Copy MathJax: one script that draws its own glyphs, since a page opened from a file may not load fonts."""
    source = Path(str(distribution("sphinx-mathjax-offline").locate_file("sphinx-mathjax-offline/static/mathjax")))
    _copy(source / "tex-svg.js", out / "tex-svg.js")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
