"""What grades depend on beside what was handed in: the source of every module that has a part in judging.

The modules are found by reading the imports, not by asking which ones are loaded: that would also be whatever the
running command needs, and would miss what is imported late.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
JUDGE = "grading/marking.py"


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
    """The files of the package that a module imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]  # the last part a module, or a name in one
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "import_module":
            match node.args:
                case [ast.Constant(str(name))]:
                    names = [name]
                case _:  # a name that is put together as it runs: any module beside this one
                    yield from path.parent.glob("*.py")
                    continue
        else:
            continue
        for name in names:
            yield from _files(name, package)


def _files(name: str, package: Path) -> Iterator[Path]:
    """The files that importing a name of this package runs: the module, and the `__init__` of each folder above it."""
    first, *parts = name.split(".")
    if first != package.name:
        return
    for depth in range(len(parts) + 1):
        place = package.joinpath(*parts[:depth])
        yield from (path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file())
