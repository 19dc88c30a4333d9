"""The course for students: lessons and checks, and neither solutions nor what answers a homework."""

from __future__ import annotations

import ast
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from actlab.course import HOMEWORKS
from actlab.exercises import lesson, sealed
from actlab.files import replace

PACKAGE = Path(__file__).parents[1]
TOPICS = PACKAGE / "exercises" / "topics"
HOMEWORK = "practice"
"""The decorator that defines, beside a lesson's exercises, what the homework asks."""
KEPT_BACK = ("grading", "publish", "exercises/drawn")
KINDS = (".py", ".json", ".js", ".css", ".html", ".typed", ".ipynb")
WHEN = (2020, 1, 1, 0, 0, 0)
README = """\
# Activation functions

You need Python 3.11 or newer. {name} stays as it is, a zip. In the folder in which it lies, in a terminal:

    python3 -m venv course-python
    course-python/bin/pip install "./{name}[learn]"
    course-python/bin/actlab start my-course

(on Windows: `py -m venv course-python`, then `course-python\\Scripts\\pip install ".\\{name}[learn]"` and
`course-python\\Scripts\\actlab start my-course`). On Linux, PyTorch comes with some gigabytes for graphics cards, which
the course does not use. Say this before the second line, and it is a tenth of that:

    course-python/bin/pip install torch --index-url https://download.pytorch.org/whl/cpu

`my-course/notebooks/` holds the lessons then. Put your homework's notebook in there: its checks work in this folder.
Where a check says "noted", grading alone says whether an answer is right. When you get a newer zip, say the second and
the third line again: new lessons come, and what you wrote stays.
"""


def build(root: Path, out: Path) -> int:
    """Write the zip; how many files it holds.  root: the course's folder."""
    made = io.BytesIO()
    files = dict(_files(root))
    files["README.md"] = README.format(name=out.name).encode()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(f"actlab/{path}", WHEN), content, zipfile.ZIP_DEFLATED)
    out.parent.mkdir(parents=True, exist_ok=True)
    replace(out, made.getvalue())
    return len(files)


def _files(root: Path) -> Iterator[tuple[str, bytes]]:
    """Each file of the zip with what it holds."""
    for name in ("pyproject.toml", "LICENSE"):
        yield name, (root / name).read_bytes()
    handed_out = {homework.file for homework in HOMEWORKS}
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        if path.name not in handed_out:
            yield f"notebooks/{path.name}", path.read_bytes()
    for path in sorted(PACKAGE.rglob("*")):
        inside = path.relative_to(PACKAGE)
        if path.suffix not in KINDS or inside.as_posix().startswith(KEPT_BACK) or "__pycache__" in inside.parts:
            continue
        text = without_homework(path.read_text(encoding="utf-8")) if path.parent == TOPICS else None
        if text != "":
            yield f"utils/actlab/{inside}", path.read_bytes() if text is None else text.encode()
    entries = [sealed.seal(exercise) for homework in HOMEWORKS for exercise in lesson(homework.number)]
    yield f"utils/actlab/exercises/{sealed.FILE.name}", json.dumps(entries).encode()


def without_homework(source: str) -> str:
    """A topic without what it defines for a homework, and without what nothing needs then; "" where nothing is left."""
    tree = ast.parse(source)
    body = [node for node in tree.body if not _is_homework(node)]
    if len(body) == len(tree.body):
        return source
    while unused := [node for node in body if _defined(node) and not _defined(node) & _used(body, node)]:
        body = [node for node in body if node not in unused]
    if not any(isinstance(node, ast.ClassDef) for node in body):
        return ""
    lines = source.splitlines(keepends=True)
    return "\n\n".join("".join(lines[_first(node) - 1 : node.end_lineno]) for node in body)


def _is_homework(node: ast.stmt) -> bool:
    decorators = node.decorator_list if isinstance(node, ast.ClassDef) else ()
    return any(isinstance(one, ast.Call) and getattr(one.func, "id", "") == HOMEWORK for one in decorators)


def _defined(node: ast.stmt) -> set[str]:
    """The names that a statement defines for its own module, and that nothing outside of it may rely on."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    if isinstance(node, ast.ClassDef):
        return set() if node.decorator_list else {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}


def _used(body: list[ast.stmt], but: ast.stmt) -> set[str]:
    """The names that the other statements of a module look up."""
    return {
        name.id
        for node in body
        if node is not but
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)
    }


def _first(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", ())
    return min([node.lineno, *(one.lineno for one in decorators)])
