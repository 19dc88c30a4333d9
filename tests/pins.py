"""`python -m pins` in tests/ writes constraints.txt: the versions installed here of whatever the course can ask for."""

from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

FILE = Path(__file__).parents[1] / "constraints.txt"
HEAD = """\
# The versions that are tested, of everything that any extra brings; `make` installs these. pyproject.toml says which
# others will do. Written on Linux with Python 3.11 by: cd tests; ../.venv/bin/python -m pins
"""
GRAPHICS = ("cuda-", "nvidia-", "triton")
"""What PyPI's torch brings on Linux beside itself; the tests use no graphics card."""


@cache
def closure(extra: str) -> frozenset[str]:
    """The names of everything that pip installs here for actlab with one of its extras, as metadata says."""
    ahead, seen = [Requirement(f"actlab[{extra}]")], set()
    while ahead:
        need = ahead.pop()
        for text in metadata.requires(need.name) or ():
            inner = Requirement(text)
            applies = inner.marker is None or any(inner.marker.evaluate({"extra": e}) for e in {"", *need.extras})
            key = (canonicalize_name(inner.name), frozenset(inner.extras))
            if applies and key not in seen and not key[0].startswith(GRAPHICS):
                seen.add(key)
                ahead.append(inner)
    return frozenset(name for name, _ in seen) - {"actlab"}


def lines() -> list[str]:
    """What constraints.txt has to say, by name; of a build for one kind of processor, the public version."""
    return [f"{name}=={Version(metadata.version(name)).public}" for name in sorted(closure("dev"))]


if __name__ == "__main__":
    FILE.write_text(HEAD + "\n".join(lines()) + "\n", encoding="utf-8")
