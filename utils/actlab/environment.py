"""Is this notebook running where it should?  Said in words.

Layer 0.  Nothing heavy is imported: versions come from the installed packages' metadata.
"""

import sys
from importlib import metadata

from packaging.requirements import Requirement


def requirements():
    """What actlab needs to teach, as packaging.Requirement objects: its own metadata, without extras."""
    needs = [Requirement(text) for text in metadata.requires("actlab") or []]
    return [need for need in needs if need.marker is None]


def report():
    """One sentence per thing a learner needs, ✓ or ✗; what is missing comes with the command that mends it."""
    lines, broken = [], False
    for need in requirements():
        try:
            version = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            lines.append(f"✗ {need.name} is not installed.")
            broken = True
            continue
        if need.specifier.contains(version, prereleases=True):
            lines.append(f"✓ {need.name} {need.specifier}")
        else:
            lines.append(f"✗ {need.name} is version {version}; the course needs {need.specifier}.")
            broken = True
    if broken:
        lines.append(f"Mend it with:  {sys.executable} -m pip install actlab, then restart the kernel (Kernel menu).")
    else:
        lines.append("Everything the course needs is here, and nothing from now on needs a network.")
    return "\n".join(lines)
