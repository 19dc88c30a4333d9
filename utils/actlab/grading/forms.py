"""What is left of a function without what says nothing: names, comments, annotations, layout, the order of a sum.

Two functions of one form compute the same in the same way. What strangers wrote is parsed here, so this runs in
processes that have a limit (`bounded`); whatever cannot be parsed has no form.
"""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

MAX_CELL = 1 << 16
"""Characters of a cell beyond which nobody wrote it by hand."""
MAX_GIVEN = 2_000
MAX_NODES = 5_000
MAX_HELPERS = 200
EXACT = 1 << 53
IMPORTED = {"np": "numpy", "numpy": "numpy", "math": "math"}
"""What the homework's first cell imports, which need not be there any more."""
SAME = {"numpy.absolute": "numpy.abs", "numpy.amax": "numpy.max", "numpy.amin": "numpy.min", "numpy.newaxis": "None"}
SYMMETRIC = {"max", "min", "numpy.maximum", "numpy.minimum", "numpy.add", "numpy.multiply", "numpy.logaddexp"}
"""Functions whose arguments may change places."""
TURNED = {ast.Gt: "<", ast.GtE: "<="}
EITHER_WAY = {ast.Eq: "==", ast.NotEq: "!="}
_START = re.compile(r"(?m)^(?=[^\s#)\]}])")


class Place(NamedTuple):
    """Lines of a cell, all counted from 0, `end` not included."""

    cell: int
    start: int
    end: int


@dataclass(frozen=True)
class Form:
    """A function as it is compared.

    digest: equal where the forms are.  size: of how many operations, names and numbers it is made.
    places: where it stands, and below it the helpers that it calls.
    """

    digest: str
    size: int
    places: tuple[Place, ...]


def forms(cells: Sequence[str], names: Collection[str], kept: Collection[str] = ()) -> dict[str, Form]:
    """The forms of those of the names that the cells define as functions, and by more than a stub; it never raises.

    names: also where one calls another, it is that name and no helper.  kept: other names that stand for themselves.
    """
    notebook = _Notebook(cells, {*names, *kept})
    found = {name: notebook.form(name) for name in names}
    return {name: form for name, form in found.items() if form}


class _NoForm(Exception):
    """Why a function has none: it is a stub, or longer than anybody writes."""


@dataclass(frozen=True)
class _Definition:
    """What a name stands for from one statement on: the value of `node`, or what is imported from `path`."""

    number: int
    place: Place
    node: ast.stmt
    path: str = ""


class _Notebook:
    """All that cells define at their left margin, and the forms of it."""

    def __init__(self, cells: Sequence[str], fixed: Collection[str]):
        self.fixed = fixed
        self.defined: dict[str, list[_Definition]] = {}
        self.made: dict[int, Form | None] = {}
        self.left = MAX_HELPERS
        number = 0
        for cell, text in enumerate(cells):
            for statement, line in _statements(text):
                number += 1
                self._define(statement, number, cell, line)

    def form(self, name: str) -> Form | None:
        """The form of the function that a name stands for after all cells; None where there is none."""
        definition = self.last(name)
        self.left = MAX_HELPERS
        try:
            return self.form_of(definition) if definition and not definition.path else None
        except (_NoForm, RecursionError, MemoryError, ValueError):
            return None

    def last(self, name: str, before: int | None = None) -> _Definition | None:
        """What a name stands for in the end, or right before a statement."""
        known = self.defined.get(name, ())
        return next((one for one in reversed(known) if before is None or one.number < before), None)

    def form_of(self, definition: _Definition) -> Form | None:
        """The form of what was defined; None while it is in the making: it calls itself.  Errors: `_NoForm`."""
        number = definition.number
        if number not in self.made:
            self.left -= 1
            if self.left < 0:
                raise _NoForm
            self.made[number] = None
            try:
                self.made[number] = self._made(definition)
            except BaseException:
                del self.made[number]
                raise
        return self.made[number]

    def _made(self, definition: _Definition) -> Form | None:
        node = definition.node
        if isinstance(node, ast.Assign | ast.AnnAssign):
            value = node.value
            other = self.last(value.id, definition.number) if isinstance(value, ast.Name) else None
            if other and not other.path:
                return self.form_of(other)
            writer = _Writer(self, definition.number)
            text = writer.of(value)
        else:
            writer = _Writer(self)
            text = writer.function(node) if isinstance(node, _FUNCTIONS) else writer.of(node)
        digest = hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()
        helpers = writer.helpers.values()
        places = [definition.place, *(place for helper in helpers for place in helper.places)]
        size = writer.size + sum(helper.size for helper in helpers)
        return Form(digest, size, tuple(dict.fromkeys(places)))

    def _define(self, statement: ast.stmt, number: int, cell: int, line: int) -> None:
        first = min(node.lineno for node in (statement, *getattr(statement, "decorator_list", ())))
        place = Place(cell, line + first - 1, line + (statement.end_lineno or first))
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found = {name: ""}
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                found = {name: ""}
            case _:
                found = dict(_imports(statement))
        for name, path in found.items():
            self.defined.setdefault(name, []).append(_Definition(number, place, statement, path))


@dataclass
class _Scope:
    """The names of one function or comprehension -> how they are written."""

    names: dict[str, str] = field(default_factory=dict)
    outer: _Scope | None = None
    depth: int = 0

    def find(self, name: str) -> str:
        """How a name is written; "" where it belongs to no function."""
        scope: _Scope | None = self
        while scope:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return ""

    def inner(self, names: Iterable[str]) -> _Scope:
        """What lies within: its names are numbered in the order in which they get a value."""
        depth = self.depth + 1
        return _Scope({name: f"v{depth}.{k}" for k, name in enumerate(dict.fromkeys(names))}, self, depth)


_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
_SCOPES = _FUNCTIONS | _COMPREHENSIONS


class _Writer:
    """Writes one form.  before: the number of the statement that is written, where it runs at once."""

    def __init__(self, notebook: _Notebook, before: int | None = None):
        self.notebook, self.before = notebook, before
        self.size = 0
        self.helpers: dict[str, Form] = {}

    def function(self, node: ast.stmt) -> str:
        """A function at the left margin.  Errors: `_NoForm` where it is a stub."""
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        match _simple(node.body):
            case [] | [ast.Raise()] | [ast.Return(value=None | ast.Constant(value=None))]:
                raise _NoForm
        return self.of(node)

    def of(self, node: ast.AST | None, scope: _Scope | None = None) -> str:
        """A node and all below it.  Errors: `_NoForm` where that is too much."""
        scope = scope or _Scope()
        self.size += 1
        if self.size > MAX_NODES:
            raise _NoForm
        match node:
            case None:
                return "-"
            case ast.Constant(value=value):
                return _constant(value)
            case ast.Name() | ast.Attribute() if path := self._path(node, scope):
                return SAME.get(path, path)
            case ast.Name(id=name):
                return scope.find(name) or self._outside(name)
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self._sum(node, scope)
            case ast.BinOp(op=ast.Mult() | ast.Div()) | ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                return self._product(node, scope)
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr() | ast.BitXor() as op, left=left, right=right):
                return _joined(type(op).__name__, sorted([self.of(left, scope), self.of(right, scope)]))
            case ast.BoolOp(op=op, values=values):
                return _joined(type(op).__name__, sorted(self.all(values, scope)))
            case ast.Compare():
                return self._comparison(node, scope)
            case ast.IfExp(test=ast.UnaryOp(op=ast.Not(), operand=test), body=body, orelse=other):
                return _joined("if", self.all([test, other, body], scope))
            case ast.IfExp(test=test, body=body, orelse=other):
                return _joined("if", self.all([test, body, other], scope))
            case ast.Call():
                return self._call(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return self._function(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, scope)
        return self._any(node, scope)

    def all(self, nodes: Iterable[ast.AST | None], scope: _Scope) -> list[str]:
        """Several nodes, in their order."""
        return [self.of(node, scope) for node in nodes]

    def _any(self, node: ast.AST, scope: _Scope) -> str:
        """A node of which nothing is left out but where it stands."""
        parts = []
        for name, value in ast.iter_fields(node):
            if isinstance(value, list) and name in _BODIES:
                parts.append(_joined("block", self.all(_simple(value), scope)))
            elif isinstance(value, list):
                parts.append(_joined("", [self._part(one, scope) for one in value]))
            elif name not in ("ctx", "type_comment", "annotation", "kind"):
                parts.append(self._part(value, scope))
        return _joined(type(node).__name__, parts)

    def _part(self, value: object, scope: _Scope) -> str:
        if isinstance(value, ast.AST):
            return self.of(value, scope)
        return scope.find(value) or value if isinstance(value, str) else repr(value)

    def _outside(self, name: str) -> str:
        """A name that belongs to no function: one that stands for itself, or a helper by what it does."""
        found = None if name in self.notebook.fixed and not self.before else self.notebook.last(name, self.before)
        if not found:
            return name
        form = self.notebook.form_of(found)
        if not form:
            return "itself"
        self.helpers[form.digest] = form
        return f"#{form.digest}"

    def _path(self, node: ast.AST, scope: _Scope) -> str:
        """What an imported name stands for, `numpy.linalg.norm`; "" for any other expression."""
        behind = []
        while isinstance(node, ast.Attribute):
            behind.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        local = scope.find(node.id)
        if local:
            path = local.partition("import ")[2]
        else:
            found = self.notebook.last(node.id, self.before)
            path = found.path if found else IMPORTED.get(node.id, "")
        return ".".join([path, *reversed(behind)]) if path else ""

    def _sum(self, node: ast.expr, scope: _Scope) -> str:
        """Terms with their signs, sorted unless one is a text or a list, whose order counts."""
        terms, sorts, ahead = [], True, [(node, 1)]
        while ahead:
            one, sign = ahead.pop()
            match one:
                case ast.BinOp(op=ast.Add(), left=left, right=right):
                    ahead += [(right, sign), (left, sign)]
                case ast.BinOp(op=ast.Sub(), left=left, right=right):
                    ahead += [(right, -sign), (left, sign)]
                case ast.UnaryOp(op=ast.USub(), operand=operand):
                    ahead.append((operand, -sign))
                case _:
                    sorts &= not isinstance(one, ast.List | ast.Tuple | ast.JoinedStr | ast.ListComp)
                    sorts &= not (isinstance(one, ast.Constant) and isinstance(one.value, str | bytes))
                    text = self.of(one, scope)
                    flipped = text.startswith("(neg ")
                    terms.append(("-" if (sign < 0) != flipped else "+") + (text[5:-1] if flipped else text))
        return _joined("sum", sorted(terms) if sorts else terms)

    def _product(self, node: ast.expr, scope: _Scope) -> str:
        """Factors and divisors, each sorted, behind one number and one sign."""
        factors, number, sign, ahead = [], 1.0, 1, [(node, False)]
        while ahead:
            one, below = ahead.pop()
            match one:
                case ast.BinOp(op=ast.Mult(), left=left, right=right):
                    ahead += [(right, below), (left, below)]
                case ast.BinOp(op=ast.Div(), left=left, right=right):
                    ahead += [(right, not below), (left, below)]
                case ast.UnaryOp(op=ast.USub(), operand=operand):
                    sign = -sign
                    ahead.append((operand, below))
                case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                    ahead.append((operand, below))
                case ast.Constant(value=int() | float() as value) if type(value) is not bool and 0 < value < EXACT:
                    self.size += 1
                    number = number / value if below else number * value
                case _:
                    factors.append(("/" if below else "*") + self.of(one, scope))
        if number != 1 or not factors:
            factors.append(f"*{number!r}")
        text = factors[0][1:] if len(factors) == 1 and factors[0][0] == "*" else _joined("product", sorted(factors))
        return text if sign > 0 else f"(neg {text})"

    def _comparison(self, node: ast.Compare, scope: _Scope) -> str:
        sides = self.all([node.left, *node.comparators], scope)
        kinds = {type(op) for op in node.ops}
        if kinds <= TURNED.keys():
            return _joined("compare", [*reversed(sides), *(TURNED[type(op)] for op in reversed(node.ops))])
        if len(sides) == 2 and kinds <= EITHER_WAY.keys():
            return _joined("compare", [*sorted(sides), *(EITHER_WAY[kind] for kind in kinds)])
        return _joined("compare", [*sides, *(_SIGNS.get(type(op), type(op).__name__) for op in node.ops)])

    def _call(self, node: ast.Call, scope: _Scope) -> str:
        called = self.of(node.func, scope)
        given = self.all(node.args, scope)
        named = sorted(f"{one.arg or '**'}={self.of(one.value, scope)}" for one in node.keywords)
        return _joined("call", [called, *(sorted(given) if called in SYMMETRIC else given), *named])

    def _function(self, node: _FUNCTIONS, scope: _Scope) -> str:
        given = node.args
        plain = [*given.posonlyargs, *given.args]
        rest = [one for one in (given.vararg, *given.kwonlyargs, given.kwarg) if one]
        body = _simple([ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body)
        inner = scope.inner([one.arg for one in (*plain, *rest)] + list(_bound(body)))
        if not isinstance(node, ast.Lambda):
            inner.names |= {name: f"import {path}" for one in node.body for name, path in _imports(one)}
        outside = [*given.defaults, *given.kw_defaults, *getattr(node, "decorator_list", ())]
        shape = f"{len(plain)}{'*' * bool(given.vararg)}{len(given.kwonlyargs)}{'**' * bool(given.kwarg)}"
        kind = "async" if isinstance(node, ast.AsyncFunctionDef) else "function"
        head = [scope.find(getattr(node, "name", "")), shape, *self.all(outside, scope)]
        before, self.before = self.before, None  # a body runs later
        parts = [*head, "body", *self.all(body, inner)]
        self.before = before
        return _joined(kind, parts)

    def _comprehension(self, node: _COMPREHENSIONS, scope: _Scope) -> str:
        first = self.of(node.generators[0].iter, scope)
        inner = scope.inner(name for one in node.generators for name in _bound([one.target]))
        parts = [first]
        for number, one in enumerate(node.generators):
            parts += self.all([one.target, *([one.iter] if number else []), *one.ifs], inner)
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return _joined(type(node).__name__, [*parts, *self.all(made, inner)])


_BODIES = ("body", "orelse", "finalbody")
_SIGNS = {ast.Lt: "<", ast.LtE: "<="}


def _joined(kind: str, parts: Iterable[str]) -> str:
    return f"({kind} {' '.join(parts)})"


def _constant(value: object) -> str:
    """A constant as it is written: 1, 1.0 and 1e0 are one number, and of a long text there is a digest."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value)) if abs(value) < EXACT else (hex(value) if isinstance(value, int) else repr(value))
    if isinstance(value, str | bytes):
        data = value.encode("utf-8", "backslashreplace") if isinstance(value, str) else value
        return f"{type(value).__name__}:{hashlib.blake2b(data, digest_size=8).hexdigest()}"
    return repr(value)


def _statements(cell: str) -> Iterator[tuple[ast.stmt, int]]:
    """The statements of a cell, each with the number of lines before what it was parsed in.

    Of a cell that is no Python as a whole, as with IPython's magics, those that are at the left margin.
    """
    if len(cell) > MAX_CELL:
        return
    whole = _given(cell) if len(cell) <= MAX_GIVEN else _parsed(cell)
    if whole is not None:
        yield from ((statement, 0) for statement in whole)
        return
    line, before = 0, ""
    for piece in _START.split(cell):
        lines = piece.count("\n")
        if piece.startswith("@"):
            before += piece
        else:
            for statement in _parsed(before + piece) or ():
                yield statement, line - before.count("\n")
            before = ""
        line += lines


@lru_cache(maxsize=512)
def _given(cell: str) -> list[ast.stmt] | None:
    """A cell of which there may be one in every notebook, as it was handed out."""
    return _parsed(cell)


def _parsed(text: str) -> list[ast.stmt] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _imports(statement: ast.AST) -> Iterator[tuple[str, str]]:
    """Each name that a statement imports, with what it stands for."""
    match statement:
        case ast.Import(names=names):
            yield from ((one.asname, one.name) if one.asname else (one.name.partition(".")[0],) * 2 for one in names)
        case ast.ImportFrom(module=module, names=names):
            yield from ((one.asname or one.name, f"{module}.{one.name}") for one in names)


def _simple(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Statements without those that say nothing, and with one way to say what has two."""
    found: list[ast.stmt] = []
    for statement in body:
        found += _said(statement)
    at = len(found) - 1
    while at >= 0:
        found[at:] = _shorter(found[at:])
        at -= 1
    return found


def _said(statement: ast.stmt) -> list[ast.stmt]:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None) | ast.Import() | ast.ImportFrom():
            return []
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return []
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return [ast.Assign([target], value)]
        case ast.AugAssign(target=target, op=op, value=value):
            return [ast.Assign([target], ast.BinOp(target, op, value))]
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            if not any(isinstance(one, ast.Starred) for one in (*targets, *values)):
                return [ast.Assign([target], value) for target, value in zip(targets, values, strict=True)]
        case ast.If(test=test, body=body, orelse=other):
            return [ast.If(test, _simple(body), _simple(other))]
    return [statement]


def _shorter(ahead: list[ast.stmt]) -> list[ast.stmt]:
    """Statements of which the first is put into one with what follows, where that says the same."""
    match ahead:
        case [ast.Assign(targets=[ast.Name(id=name)], value=value), ast.Return(value=ast.Name(id=same))] if (
            name == same
        ):
            return [ast.Return(value)]
        case [ast.If(test=test, body=[ast.Return(value=yes)], orelse=[ast.Return(value=no)]), *rest] if yes and no:
            return [ast.Return(ast.IfExp(test, yes, no)), *rest]
        case [ast.If(test=test, body=[ast.Return(value=yes)], orelse=[]), ast.Return(value=no)] if yes and no:
            return [ast.Return(ast.IfExp(test, yes, no))]
        case [
            ast.If(
                test=test,
                body=[ast.Assign(targets=[ast.Name(id=name) as target], value=yes)],
                orelse=[ast.Assign(targets=[ast.Name(id=same)], value=no)],
            ),
            *rest,
        ] if name == same:
            return _shorter([ast.Assign([target], ast.IfExp(test, yes, no)), *rest])
    return ahead


def _bound(body: Iterable[ast.AST]) -> Iterator[str]:
    """The names that statements give a value, in their order, without what belongs to functions within."""
    outer: set[str] = set()
    for node in _walked(body):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store) and node.id not in outer:
                yield node.id
        elif isinstance(node, ast.Global | ast.Nonlocal):
            outer.update(node.names)
        elif isinstance(name := getattr(node, "name", None), str) and not isinstance(node, ast.alias):
            yield name  # a function, a class, what is caught or matched


def _walked(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Nodes and all below them, in the order of the text, but not into functions and comprehensions."""
    ahead = list(nodes)[::-1]
    while ahead:
        node = ahead.pop()
        yield node
        if not isinstance(node, _SCOPES):
            below: list[ast.AST] = []
            for name in node._fields:
                value = getattr(node, name, None)
                if isinstance(value, list):
                    below += (one for one in value if isinstance(one, ast.AST))
                elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context | ast.operator):
                    below.append(value)
            ahead += reversed(below)
