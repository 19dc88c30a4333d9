"""Every module imports only downward: a reader can start at the bottom, and no first slider waits for torch."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "utils" / "actlab"
LAYERS = (
    {
        "course",
        "activations",
        "handout",
        "numeric",
        "data",
        "recipes",
        "errors",
        "files",
        "words",
        "look",
        "narrow",
        "processes",
        "slips",
        "precision",
        "threads",
        "saved",
    },
    {"environment", "figures", "learner", "libraries", "sheets", "start", "tables"},
    {"models", "networks", "patients", "roster", "training", "watching"},
    {"live", "exercises", "inside", "sequences"},
    {"progress", "evidence"},
    {"explorers", "check", "grading", "pictures"},
    {"publish"},
    {"lab"},
    {"cli"},
)
LAYER = {name: layer for layer, names in enumerate(LAYERS) for name in names}
SOURCES = sorted(PACKAGE.rglob("*.py"))


def floors():
    """The table of docs/architecture.md: each floor with what its modules say of themselves."""
    rows = []
    for number, names in enumerate(LAYERS):
        for name in sorted(names):
            file = PACKAGE / name / "__init__.py" if (PACKAGE / name).is_dir() else PACKAGE / f"{name}.py"
            said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))).split("\n\n")[0].replace("\n", " ")
            rows.append(f"| {number} | `{name}` | {said} |")
    return "\n".join(["| floor | module | what it is |", "|---|---|---|", *rows])


def test_the_page_shows_these_floors():
    page = (PACKAGE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = page.partition("<!-- floors -->\n")[2].partition("\n<!-- /floors -->")[0]
    assert shown == floors(), f"docs/architecture.md: between the marks belongs\n{floors()}"


def module(path):
    """Return the first name below actlab: `actlab/live/frames.py` belongs to `live`."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree):
    """Yield the dotted name of everything that is imported, at the top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write the import in full, from actlab…"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_has_a_layer():
    assert {module(path) for path in SOURCES} - {"__init__"} <= LAYER.keys(), "a new module: give it a layer above"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_downward(path):
    mine = module(path)
    for name in imports(ast.parse(path.read_text(encoding="utf-8"))):
        package, _, rest = name.partition(".")
        theirs = rest.split(".")[0]
        if package == "actlab" and theirs in LAYER and theirs != mine:
            assert mine in LAYER, f"{path.name} stands below every layer and imports {theirs}"
            assert LAYER[theirs] < LAYER[mine], f"{mine} (layer {LAYER[mine]}) imports {theirs} ({LAYER[theirs]})"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_torch_is_imported_by_what_trains_alone_and_late(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if module(path) in ("training", "sequences", "inside", "evidence", "precision", "patients", "watching"):
        tree = ast.Module([node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))], [])
    assert "torch" not in {name.split(".")[0] for name in imports(tree)}
