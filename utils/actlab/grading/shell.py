"""Running submitted cells as Jupyter does: read as IPython reads them, statement by statement, `await` at the top.

What is meant for IPython alone, `%magics` and `!commands`, is answered by harmless stand-ins.
"""

import __future__

import ast
import contextlib
import importlib
import inspect
import io
import linecache
import os
import re
import selectors
import sys
import types
from functools import reduce
from operator import or_
from pathlib import Path

from actlab import learner
from actlab.grading import absent
from actlab.grading.syntax import as_python
from actlab.learner import Kind, Trouble

QUOTED = 60
"""How much of an exception's own text is told."""
FUTURES = reduce(or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names))
# Which options of a magic that runs code take a value.
RUNNING = {"time": "", "prun": "DlsT", "memit": "rtic", "lprun": "fmTDsuz", "mprun": "fmT", "timeit": "nrpv"}
FOREIGN = re.compile(
    "!|HTML|R|SVG|bash|cmd|cython|html|javascript|js|julia|latex|markdown|perl|pypy|python[23]?|ruby|script|sh|sql|svg|"
    "sx|system"
)
ALONE = re.compile(
    "alias|autoreload|cat|cd|clear|cls|conda|config|cp|env|history|load|load_ext|ls|mamba|man|matplotlib|mkdir|more|mv|"
    "pip|precision|prun|pwd|pylab|reload_ext|reset|rm|rmdir|run|time|timeit|uv|who|whos"
)
"""Magics that a cell of one line may use without their `%`."""
EXITS = "it asks Python to exit: a cell ends by itself, and a function with `return`"
FAILING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class Shell:
    """The cells of a notebook, run one after the other in `namespace`."""

    def __init__(self, namespace: dict):
        self.namespace, self.flags, self.loop = namespace, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, None
        self.files: dict[str, str] = {}
        namespace["get_ipython"] = self.get_ipython
        self.kernel = absent.Absent("IPython")
        self.kernel.__dict__.update(
            user_ns=namespace,
            run_line_magic=self._line_magic,
            run_cell_magic=self._cell_magic,
            magic=lambda line: self._line_magic(*line.lstrip("%").partition(" ")[::2], sys._getframe(1)),
            run_cell=lambda cell, *_, **__: self._part(cell, sys._getframe(1), 0),
            ex=lambda code: exec(code, namespace),
            ev=lambda code: eval(code, namespace),
            system=lambda command: None,
            getoutput=lambda command, *_, **__: Lines(),
        )

    def get_ipython(self):
        """What IPython gives under this name."""
        return self.kernel

    def run(self, cell: str, label: str) -> Trouble | None:
        """Run a cell; the first thing that went wrong, None where nothing did.

        After a statement that fails the others run: most fail because something is not there that the learner had, so
        that what stands below ran. A `raise` or an exit of the cell's own ends it, as it does in Jupyter.
        label: the file's name in tracebacks.
        Errors: `Trouble` where nothing of the cell ran, or where it ended before its end.
        """
        text = self._python(cell)
        magic, aligned = cell.lstrip().startswith("%%"), text.count("\n") - cell.rstrip("\n").count("\n") in (0, 1)
        shown = cell if magic or aligned else text
        linecache.cache[label] = len(shown), None, shown.splitlines(keepends=True), label
        first, value = self._run(text, label, self.namespace)
        if value is not None:
            self.namespace["_"] = value
        return first

    def _run(self, text, label, namespace, local=None):
        """The first thing that went wrong, and the value of the last statement."""
        tree = _parsed(text, label, self.flags)
        absent.guarded.update((label, line) for line in _prepared(tree))
        first = value = None
        for node in tree.body:
            held = dict(absent.asked)
            absent.asked.clear()
            try:
                value = self._statement(node, label, namespace, local)
            except BaseException as error:
                trouble, value = _told(error), None
                own = isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(error, SystemExit))
                if own:
                    raise trouble from None
                if trouble.kind is Kind.TIME:
                    self.loop = None  # what waits in it would go on waiting in the next cell
                    raise
                first = first or trouble
            finally:
                absent.asked.update(held)
        return first, value

    def _statement(self, node, label, namespace, local):
        single = isinstance(node, ast.Expr)
        tree = ast.Expression(node.value) if single else ast.Module([node], [])
        code = compile(tree, label, "eval" if single else "exec", self.flags, True)
        self.flags |= code.co_flags & FUTURES
        waits = code.co_flags & inspect.CO_COROUTINE
        if not waits and ("asyncio" not in sys.modules or (self.loop and self.loop.is_running())):
            return eval(code, namespace, local)

        async def step():
            value = eval(code, namespace, local)
            return await value if waits else value

        self.loop = self.loop or _loop()
        return self.loop.run_until_complete(step())

    def _python(self, cell, above=0):
        """A cell as Python, on the lines on which it stands: `above` others come before it."""
        blank = next((k for k, line in enumerate(cell.splitlines()) if line.strip()), 0)
        try:
            read = as_python(f"%{cell.strip()}" if self._is_magic(cell.strip()) else cell)
            return "\n" * (above + blank) + read
        except Exception as error:
            raise Trouble(Kind.ERROR, f"IPython cannot read it: {error}.", type(error).__name__) from None

    def _is_magic(self, line):
        """Whether a cell of a single line is a magic without its `%`."""
        word, _, rest = line.partition(" ")
        return (
            "\n" not in line
            and ALONE.fullmatch(word)
            and word not in self.namespace
            and rest.strip()[:1] not in ("=", "(", ",")
        )

    def _part(self, cell, frame, below, namespace=None):
        """The value of code in a magic, which is on the line where the frame is or `below` it."""
        local = frame.f_locals if frame.f_code.co_flags & inspect.CO_OPTIMIZED else None
        text = self._python(cell, frame.f_lineno - 1 + below)
        first, value = self._run(text, frame.f_code.co_filename, namespace or self.namespace, local)
        if first:
            raise first
        return value

    def _line_magic(self, name, line="", frame=None, *_):
        frame = frame if isinstance(frame, types.FrameType) else sys._getframe(1)
        if name in RUNNING:
            return self._timed(name, _without_options(name, line), frame, 0)
        if name == "run":
            return self._run_file(line)
        if name == "pylab":
            exec(absent.PYLAB, self.namespace)
        return {"pwd": lambda: str(Path.cwd()), "sx": Lines, "system": Lines, "who_ls": list}.get(name, self.kernel)()

    def _cell_magic(self, name, line="", cell="", *_):
        frame = sys._getframe(1)
        if name in ("writefile", "file"):
            self._write(line.split(), cell)
        elif name == "capture":
            out = io.StringIO()
            try:
                with contextlib.redirect_stdout(out):
                    self._part(cell, frame, 1)
            finally:
                words = [word for word in line.split() if not word.startswith("-")]
                self.namespace.update({word: Captured(out.getvalue()) for word in words[:1]})
        elif name in RUNNING:
            setup = _without_options(name, line)
            return self._timed(name, f"{setup}\n{cell}" if setup else cell, frame, 0 if setup else 1)
        elif not FOREIGN.fullmatch(name):  # of an extension: most of them run the Python that they are given
            try:
                _parsed(self._python(cell), "", self.flags)
            except Trouble:
                return None
            return self._part(cell, frame, 1)
        return None

    def _timed(self, name, code, frame, below):
        """What is timed with %timeit binds no names."""
        apart = dict(self.namespace) if name == "timeit" else None
        value = self._part(code, frame, below, apart)
        return self.kernel() if apart else value

    def _write(self, words, text):
        """Write a file, which `%run` runs and `import` imports."""
        name = words[-1]
        self.files[name] = self.files.get(name, "") * ("-a" in words) + text
        Path(name).write_text(self.files[name], encoding="utf-8")
        absent.own.add(Path(name).parts[0].removesuffix(".py"))
        sys.path += {str(Path.cwd())} - set(sys.path)
        importlib.invalidate_caches()

    def _run_file(self, line):
        name = next((word for word in line.split() if not word.startswith("-")), "")
        for known in (name, f"{name}.py"):
            if known in self.files:
                first, _ = self._run(self._python(self.files[known]), known, self.namespace)
                if first:
                    raise first
                return
        said = f"`{name}` is a file of your own, and only the notebook itself is graded."
        raise Trouble(Kind.ERROR, said, "FileNotFoundError")


class Lines(list):
    """The lines that a command printed: none."""

    n = nlstr = s = spstr = ""

    @property
    def p(self):
        return self

    l = list = paths = p  # noqa: E741

    def grep(self, *_, **__):
        return self

    fields = sort = grep


class Captured:
    """What `%%capture` caught."""

    stderr, outputs = "", ()

    def __init__(self, stdout):
        self.stdout = stdout

    def __call__(self):
        pass

    show = __call__


def _parsed(text, label, flags):
    try:
        return compile(text, label, "exec", flags | ast.PyCF_ONLY_AST, True)
    except SyntaxError as error:
        lines = text.splitlines()
        number = min(error.lineno or 1, len(lines))
        said = f"{error.msg}, in line {number}: `{lines[number - 1].strip()[:80]}`" if lines else error.msg
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        said = str(error) or "it is nested too deeply"
    raise Trouble(Kind.ERROR, f"Python cannot read it: {said}.", "SyntaxError")


def _told(error) -> Trouble:
    """What an exception says to people, and whether a library that is not there has to do with it."""
    if isinstance(error, Trouble):
        return error

    def failing():
        raise error

    failing.__name__ = ""
    try:
        learner.call(failing, quoted=QUOTED)
    except Trouble as trouble:
        told = Trouble(Kind.ERROR, EXITS, trouble.error) if isinstance(error, SystemExit) else trouble
    if absent.asked and told.kind is Kind.ERROR:
        there = " and no ".join(absent.asked)
        words = f"{told.words.rstrip('.')}. Where homework is graded there is no {there}."
        told = Trouble(told.kind, words, told.error)
    return told


def _without_options(name, line):
    return re.sub(rf"^\s*((-[{RUNNING[name] or '-'}]\s*[^\s=]\S*|--?[a-zA-Z][\w-]*)(\s+|$))*", "", line)


def _prepared(tree):
    """The lines of imports in a `try` that has something else for the names, should the import fail."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            instead = set().union(*(_bound(handler.body) for handler in node.handlers if _catches(handler)))
            if instead & _bound(node.body):
                imports = (n for n in _walk(node.body) if isinstance(n, ast.Import | ast.ImportFrom))
                yield from (inner.lineno for inner in imports)


def _catches(handler):
    return handler.type is None or any(isinstance(n, ast.Name) and n.id in FAILING for n in ast.walk(handler.type))


def _walk(nodes):
    return ast.walk(ast.Module(nodes, []))


def _bound(nodes):
    names = set()
    for node in _walk(nodes):
        if isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def _loop():
    """An event loop of asyncio's that wakes itself by a pipe, because there are no sockets."""
    import asyncio  # only where something waits: it is large

    class Loop(asyncio.SelectorEventLoop):
        def _make_self_pipe(self):
            self._ears, self._bell = os.pipe()
            os.set_blocking(self._ears, False)
            os.set_blocking(self._bell, False)
            self._internal_fds += 1
            self._add_reader(self._ears, os.read, self._ears, 4096)

        def _write_to_self(self):
            with contextlib.suppress(OSError):
                os.write(self._bell, b"x")

        def _close_self_pipe(self):
            self._remove_reader(self._ears)
            os.close(self._ears)
            os.close(self._bell)
            self._internal_fds -= 1

    return Loop(selectors.PollSelector())
