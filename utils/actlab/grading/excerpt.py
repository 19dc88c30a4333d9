"""The part of a notebook that an answer depends on, found in its text: nothing is run."""

from __future__ import annotations

import ast
import dis
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import CodeType

from actlab.grading.shell import FOREIGN
from actlab.grading.syntax import as_python
from actlab.libraries import is_present

LONGEST = 200_000
FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
STORES = {"STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"}
LOADS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_GLOBALS"}
WRITING = {"writefile", "file"}


@dataclass(frozen=True)
class Statement:
    """One statement at the left margin.

    cell: the number of its code cell.  line: where in the cell it begins.  binds: the names that it binds; changes:
    those of which it changes what they stand for; uses: those that it looks up.  imports: whether it is an import.
    """

    cell: int
    line: int
    source: str
    binds: frozenset[str]
    changes: frozenset[str]
    uses: frozenset[str]
    imports: bool = False


def statements(cells: Sequence[str]) -> list[Statement]:
    """The statements of all code cells that can be read; those that speak to IPython alone are left out."""
    found: list[Statement] = []
    for number, cell in enumerate(cells, 1):
        if len(cell) <= LONGEST:
            found += _of_cell(number, cell)
    return found


def needed(known: Iterable[Statement], name: str) -> list[Statement]:
    """The statements that bind a name or change it, those that bind what these use, and so on, in their order.

    A call such as `np.seterr(…)` does not count as a change of the library.
    """
    known = list(known)
    libraries = {bound for one in known if one.imports for bound in one.binds}
    touched = [one.binds | (one.changes - libraries) for one in known]
    wanted, kept = {name}, set[int]()
    while True:
        more = {k for k in range(len(known)) if k not in kept and touched[k] & wanted}
        if not more:
            return [known[k] for k in sorted(kept)]
        kept |= more
        wanted |= {used for k in more for used in known[k].uses}


def in_cells(found: Iterable[Statement]) -> list[tuple[int, str]]:
    """The statements as code cells: (the number of the cell that they come from, source)."""
    grouped = groupby(found, lambda one: one.cell)
    return [(cell, "\n".join(standing_alone(one) for one in together)) for cell, together in grouped]


def standing_alone(one: Statement) -> str:
    """The source, with a stand-in for each library that is not there while homework is graded."""
    if not one.imports:
        return one.source
    (node,) = ast.parse(one.source).body
    assert isinstance(node, ast.Import | ast.ImportFrom), "nothing but an import"
    lines = []
    for alias in node.names:
        alone = type(node)(**{**vars(node), "names": [alias]})
        path = alias.name if isinstance(node, ast.Import) else f"{'.' * node.level}{node.module or ''}"
        bound = alias.asname or alias.name.partition(".")[0]
        there = is_present(path) or alias.name == "*"
        lines.append(ast.unparse(alone) if there else f"{bound} = Absent()  # {ast.unparse(alone)}")
    return "\n".join(lines)


def _of_cell(number: int, cell: str) -> Iterator[Statement]:
    above = 0
    if cell.lstrip().startswith("%%"):
        head, _, rest = cell.lstrip().partition("\n")
        magic = head[2:].partition(" ")[0]
        if FOREIGN.fullmatch(magic) or magic in WRITING:
            return
        above, cell = cell[: len(cell) - len(cell.lstrip())].count("\n") + 1, rest
    try:
        blank = next((k for k, line in enumerate(cell.splitlines()) if line.strip()), 0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = "\n" * blank + as_python(cell)
            tree = compile(text, "cell", "exec", FLAGS | ast.PyCF_ONLY_AST, True)
            yield from [
                _statement(number, above, text, node, tree.body) for node in tree.body if not _asks_ipython(node)
            ]
    except Exception:  # what IPython or Python cannot read does not run either
        return


def _statement(number: int, above: int, text: str, node: ast.stmt, body: list[ast.stmt]) -> Statement:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    last = node.end_lineno or node.lineno
    shared = sum(one.lineno <= last and (one.end_lineno or 0) >= first for one in body) > 1
    source = ast.unparse(node) if shared else "\n".join(text.splitlines()[first - 1 : last])
    binds, uses = _names(compile(ast.Module([node], []), "cell", "exec", FLAGS, True))
    imports = isinstance(node, ast.Import | ast.ImportFrom)
    changes = frozenset(_changed(node))
    return Statement(number, above + first, source, frozenset(binds), changes, frozenset(uses), imports)


def _asks_ipython(node: ast.stmt) -> bool:
    return not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and any(
        isinstance(one, ast.Name) and one.id == "get_ipython" for one in ast.walk(node)
    )


def _names(code: CodeType, outermost: bool = True) -> tuple[set[str], set[str]]:
    """The global names that code binds, and those that it looks up."""
    binds, uses = set(), set()
    for step in dis.get_instructions(code):
        if step.opname in STORES and (outermost or step.opname.endswith("GLOBAL")):
            binds.add(step.argval)
        elif step.opname in LOADS:
            uses.add(step.argval)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            more = _names(inner, False)
            binds, uses = binds | more[0], uses | more[1]
    return binds, uses


def _changed(node: ast.stmt) -> set[str]:
    """The names whose contents a statement changes: `x[0] = 1`, `x.shape = 2, 3`, `x.append(1)`."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign | ast.Delete):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        targets = [node.value.func]
    roots = set()
    for target in targets:
        inside = isinstance(target, ast.Attribute | ast.Subscript)
        while isinstance(target, ast.Attribute | ast.Subscript):
            target = target.value
        roots |= {target.id} if inside and isinstance(target, ast.Name) else set()
    return roots
