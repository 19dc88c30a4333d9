"""Whether a notebook runs where it should, in words.

Nothing heavy is imported: versions come from the installed packages' metadata.
"""

import sys
from importlib import metadata

from packaging.requirements import Requirement


def requirements() -> list[Requirement]:
    """What actlab needs to teach here: its own metadata, with the extra for learners."""
    return [need for need in _declared() if need.marker is None or need.marker.evaluate({"extra": "learn"})]


def bounds(*names: str) -> list[str]:
    """What pip is to install of some packages that actlab or one of its extras needs: `numpy<3,>=2.0`, a text each.

    Errors: KeyError for a package that actlab does not name.
    """
    declared = {need.name: f"{need.name}{need.specifier}" for need in _declared()}
    return [declared[name] for name in names]


def _declared() -> list[Requirement]:
    return [Requirement(text) for text in metadata.requires("actlab") or []]


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
        mend = f'"{sys.executable}" -m pip install -e ".[learn]"'
        return "\n".join(
            [*faults, f"Mend it in the course's folder with:  {mend}  and restart the kernel (Kernel menu)."]
        )
    return "\n".join(
        [
            "✓ This notebook runs in the course's own Python.",
            "✓ Every package the course builds on is here, in a version it knows.",
            "✓ Nothing from now on needs a network.",
        ]
    )
