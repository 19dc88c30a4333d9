"""What Pyodide ships, from the npm package of its core: `python -m tests.pyodide` writes tests/pyodide.json anew."""

import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION

STORED = Path(__file__).with_suffix(".json")


def core(folder):
    """Pyodide's core in a folder, by npm: the version that JupyterLite's kernel loads.  Returns where its files lie."""
    subprocess.run(
        ["npm", "pack", "--silent", f"pyodide@{PYODIDE_VERSION}"], cwd=folder, check=True, capture_output=True
    )
    with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return Path(folder) / "package"


def shipped(core):
    """{"version", "python", "packages": {name: [version, what it imports as]}} of Pyodide's lock file."""
    lock = json.loads((core / "pyodide-lock.json").read_text())
    packages = {name: [kept["version"], kept["imports"]] for name, kept in sorted(lock["packages"].items())}
    return {"version": PYODIDE_VERSION, "python": lock["info"]["python"], "packages": packages}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        STORED.write_text(json.dumps(shipped(core(folder))).replace("]], ", "]],\n") + "\n")
