"""The folder that a sandbox has for a root: Python, NumPy, their libraries and the worker, and nothing else.

It is made once for each version of these, and kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np
import platformdirs

from actlab import learner, libraries, recipes, slips
from actlab.errors import CourseError
from actlab.grading import absent, forkserver, seccomp, shell, syntax, wire, worker

LEFT_OUT = shutil.ignore_patterns(
    "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3",
    "config-*", "pydoc_data", "*.a", "*.pyi", "f2py", "include", "_tkinter*", "_test*", "*.opt-*.pyc", "distutils",
)  # fmt: skip
PACKAGES = "/course/site-packages"
DEVICES = ("null", "zero", "random", "urandom")
KEPT_SECONDS = 30 * 86400
PROBE = """
import glob, sys
sys.path.append(sys.argv[1])
import numpy, numpy.linalg, numpy.random, numpy.fft, ctypes
for file in [*glob.glob(sys.argv[2] + "/*.so"), "libgcc_s.so.1"]:
    if "_tkinter" not in file:
        try: ctypes.CDLL(file)
        except OSError: pass
print(*sorted({line.split(None, 5)[5].strip() for line in open("/proc/self/maps") if ".so" in line}), sep="\\n")
"""


def folder() -> Path:
    """Where it lies, made if need be."""
    global _folder
    if _folder is None:
        modules = (slips, learner, libraries, absent, forkserver, seccomp, shell, syntax, wire, worker)
        sources = [Path(f"{module.__file__}") for module in modules]
        version = hashlib.sha256(json.dumps([sys.version, sys.prefix, np.__version__, np.__file__]).encode())
        for path in (*sources, Path(__file__), Path(f"{recipes.__file__}")):
            version.update(path.read_bytes())
        _folder = _made(_cache() / f"sandbox-{version.hexdigest()[:16]}", sources)
        with contextlib.suppress(OSError):
            os.utime(_folder)
    return _folder


_folder: Path | None = None


def _cache() -> Path:
    """A folder that also an unprivileged user can read, when the grader is root."""
    return Path("/var/cache/actlab") if os.geteuid() == 0 else Path(platformdirs.user_cache_dir("actlab"))


def _made(folder: Path, sources: list[Path]) -> Path:
    if _is_ours(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.parent.stat().st_uid == os.geteuid():
        folder.parent.chmod(0o755)
    for old in folder.parent.iterdir():
        if old == folder or old.lstat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix="draft-"))
    try:
        _fill(draft, sources)
        draft.chmod(0o755)
        with contextlib.suppress(OSError):
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if not _is_ours(folder):
        raise CourseError(f"{folder} can be written by somebody else: remove it, and grade again.")
    return folder


def _is_ours(folder: Path) -> bool:
    """Whether it is there, and nobody else could have put anything into it."""
    try:
        found = [path.lstat() for path in (folder, folder.parent)]
    except FileNotFoundError:
        return False
    return all(stat.S_ISDIR(s.st_mode) and s.st_uid == os.geteuid() and not s.st_mode & 0o022 for s in found)


def _fill(root: Path, sources: list[Path]) -> None:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    library, packages = Path(sysconfig.get_paths()["stdlib"]), Path(np.__file__).parents[1]
    for name in ("tmp", "dev", "lib", "python/bin", "course/actlab/grading"):
        (root / name).mkdir(parents=True)
    for name in DEVICES:
        (root / "dev" / name).touch()
    interpreter = Path(sys.executable).resolve()
    shutil.copy2(interpreter, root / "python/bin/python3")
    inside = root / "python/lib" / version
    shutil.copytree(library, inside, ignore=LEFT_OUT)
    dynload = Path(sysconfig.get_config_var("DESTSHARED") or library / "lib-dynload")
    if not (inside / "lib-dynload").exists():
        shutil.copytree(dynload, inside / "lib-dynload")
    for name in ("numpy", "numpy.libs"):
        if (packages / name).exists():
            shutil.copytree(packages / name, root / PACKAGES[1:] / name, ignore=LEFT_OUT)
    package = Path(learner.__file__).parent
    for path in sources:
        shutil.copy2(path, root / "course/actlab" / path.relative_to(package))
    for name in ("course/actlab", "course/actlab/grading"):
        (root / name / "__init__.py").touch()
    # Recipes hold functions that students are asked for; in here only generators are made, which need none of them.
    (root / "course/actlab/recipes.py").write_text(inspect.getsource(recipes.made))
    probe = [str(interpreter), "-I", "-S", "-c", PROBE, str(packages), str(dynload)]
    (root / "lib64").symlink_to("lib")
    for file in map(Path, subprocess.run(probe, capture_output=True, text=True, check=True).stdout.split("\n")):
        if file.is_file() and not file.is_relative_to(packages) and not file.is_relative_to(dynload):
            shutil.copy2(file, root / "lib" / file.name)
            for alias in file.parent.glob(file.name.partition(".so")[0] + ".so*"):
                if alias.is_symlink() and alias.resolve() == file.resolve():
                    (root / "lib" / alias.name).symlink_to(file.name)
    compiled = ["-m", "compileall", "-q", "-s", str(root), "-p", "/", str(root / "course"), str(inside)]
    subprocess.run([sys.executable, *compiled], check=False)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755)
            if path.is_file():
                _forget(path, {sys.base_prefix, sys.prefix, str(packages), str(library)})


def _forget(path: Path, folders: set[str]) -> None:
    """Have a file call folders of this computer /python, in as many letters, so that compiled files stay valid."""
    known = data = path.read_bytes()
    for folder in sorted(folders, key=len, reverse=True):
        if len(folder) > len("/python"):
            data = data.replace(folder.encode(), b"/python".rjust(len(folder.encode()), b"/"))
    if data != known:
        kept = path.stat().st_mtime
        path.write_bytes(data)
        os.utime(path, (kept, kept))
