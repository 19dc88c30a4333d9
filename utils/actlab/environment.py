"""Whether a notebook runs where it should, in words.

Nothing heavy is imported: versions come from the installed packages' metadata.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement

LESSONS = "lessons"
"""The extra with what the cells of a lesson import."""


def requirements() -> list[Requirement]:
    """What the cells of a lesson need: actlab's own metadata, with the extra for lessons. JupyterLab is not of it."""
    return [need for need in _declared() if need.marker is None or need.marker.evaluate({"extra": LESSONS})]


def install(extra: str) -> str:
    """The command that brings what one of actlab's extras needs into this very Python.

    It is the same for a wheel and for a clone: pip finds actlab here already, and asks no index for it.
    """
    python = f'"{sys.executable}"' if re.search(r"[^\w\\/:.+~-]", sys.executable) else sys.executable
    return f'{python} -m pip install "actlab[{extra}]"'


def bounds(*names: str) -> list[str]:
    """What pip is to install of some packages that actlab or one of its extras needs: `numpy<3,>=2.0`, a text each.

    Errors: KeyError for a package that actlab does not name.
    """
    declared = {need.name: f"{need.name}{need.specifier}" for need in _declared()}
    return [declared[name] for name in names]


def _declared() -> list[Requirement]:
    from packaging.requirements import Requirement  # slow to import, and every command imports this module

    return [Requirement(text) for text in metadata.requires("actlab") or []]


def missing() -> str:
    """A sentence on what the lessons import and is not here, with the command that brings it; "" where all is here."""
    gone = [need.name for need in requirements() if not any(metadata.distributions(name=need.name))]
    if not gone:
        return ""
    mend = f'%pip install "actlab[{LESSONS}]"'
    return f"Not installed here: {', '.join(gone)}. Run this in a cell of its own, then restart the kernel:  {mend}"


def report() -> str:
    """Sentences with ✓ when all that a learner needs is here; otherwise ✗ per fault and the command that mends it."""
    faults = []
    for need in requirements():
        try:
            version = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            faults.append(f"✗ {need.name} is not installed.")
            continue
        if not need.specifier.contains(version, prereleases=True):
            faults.append(f"✗ {need.name} is version {version}; the course needs {need.specifier}.")
    if faults:
        mend = f"Mend it in a terminal with:  {install(LESSONS)}  and restart the kernel (Kernel menu)."
        return "\n".join([*faults, mend])
    return "\n".join(
        [
            "✓ This notebook runs in the course's own Python.",
            "✓ Every package the course builds on is here, in a version it knows.",
            "✓ Nothing from now on needs a network.",
        ]
    )
