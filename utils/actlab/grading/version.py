"""What grades depend on beside what was handed in: the source of every module that has a part in judging.

The modules are found by reading the imports, not by asking which ones are loaded: that would also be whatever the
running command needs, and would miss what is imported late.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
JUDGE = "grading/marking.py"

_TEXT = re.compile(rb'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""', re.DOTALL)
_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+)?import[ \t]+(\([^)]*\)|[^#\n]*)", re.MULTILINE)
_LATE = re.compile(rb"(?<![.\w])import_module\((?:[\"']([\w.]+)[\"'])?")


@cache
def digest(package: Path = PACKAGE) -> bytes:
    """A digest of `sources`: where it has changed, what was graded before is graded again."""
    found = hashlib.sha256()
    for path in sources(package):
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.digest()


def sources(package: Path = PACKAGE) -> list[Path]:
    """The judge's file, those of the package's modules that it imports, of those that these import, and so on."""
    found: set[Path] = set()
    ahead = [package / JUDGE]
    while ahead:
        path = ahead.pop()
        if path not in found:
            found.add(path)
            ahead += _imported(path, package)
    return sorted(found)


def _imported(path: Path, package: Path) -> Iterator[Path]:
    """The files of the package that a module imports, at its top or inside a function.

    They are found in the text, without docstrings, since Python's grammar takes ten times as long and each start of the
    grader waits for it: a line that begins with `from` or `import`, and a plain call of `import_module`.
    """
    source = _TEXT.sub(b"", path.read_bytes())
    for module, names in _IMPORT.findall(source):
        for words in map(bytes.split, names.strip(b"()").split(b",")):
            if words:  # the last part is a module, or a name in one
                yield from _files(b".".join(filter(None, (module, words[0]))).decode(), package)
    for name in _LATE.findall(source):
        # A name that is put together as it runs may be any module beside this one.
        yield from _files(name.decode(), package) if name else path.parent.glob("*.py")


def _files(name: str, package: Path) -> Iterator[Path]:
    """The files that importing a name of this package runs: the module, and the `__init__` of each folder above it."""
    first, *parts = name.split(".")
    if first != package.name:
        return
    for depth in range(len(parts) + 1):
        place = package.joinpath(*parts[:depth])
        yield from (path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file())
