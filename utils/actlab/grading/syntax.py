"""What a cell says in Python: without prompts, and with a call of IPython for what is meant for IPython alone.

The text is the one that IPython makes of a cell. It is found in one pass over the tokens, which goes back to the
beginning of a statement where that one was rewritten, so the time is in proportion to the cell.
"""

from __future__ import annotations

import re
import sys
import tokenize
from collections.abc import Iterator
from itertools import chain, groupby
from textwrap import dedent
from tokenize import TokenInfo
from typing import NamedTuple

MOST = 500
"""So many rewritten lines IPython does not read."""
PATIENCE = 500_000
"""So many characters, and three times the cell, may be looked at again because they are no Python or rewritten."""
ESCAPES = {"!", "?", "%", ",", ";", "/"}
OPENING, CLOSING = {"(", "[", "{"}, {")", "]", "}"}
MARGIN = {tokenize.INDENT, tokenize.DEDENT}

PROMPT = re.compile(r"\s*>>>")
CLASSIC = re.compile(r"\A\s*(?:>>>|\.\.\.)[ \t]?")
NUMBERED = re.compile(r"\A(?:(?:\[(?:nav|ins)\])? )?In \[\d+\]: |\A\s*\.{3,}: ?")
QUOTES = re.compile(r"(?<!\\)(?:\"\"\"|''')")
LEADING = re.compile(r"((?:\s*>>>[ \t]?)?(?:\s*\.\.\.[ \t]?)?)\s*[rubf]*\s*", re.I)
_NAME = r"[\w*]*(?!\d)[\w*]"
ASKED = re.compile(rf"(\?\??)((?:{_NAME}\.|\][0-9]+-?\[)*{_NAME}%{{0,2}})")
"""What a line ends with that asks for help, as `a.b[0]?`, read from its end."""


def as_python(cell: str) -> str:
    """The cell as Python. What cannot be read is left as it stands.

    Errors: `SyntaxError` where an indentation fits no line above, and where there is too much to rewrite.
    """
    lines = (cell if cell.endswith("\n") else f"{cell}\n").splitlines(keepends=True)
    first = next((k for k, line in enumerate(lines) if not line.isspace()), 0)
    lines = dedent("".join(lines[first:])).splitlines(keepends=True)
    lines = _without_prompts(lines)
    if any(NUMBERED.match(line) for line in lines[:2]):
        lines = [NUMBERED.sub("", line) for line in lines]
    head = "".join(lines[:1])
    if head.startswith("%%") and not re.match(r"%%\w+\?", head):
        name, _, rest = head[2:].rstrip().partition(" ")
        return _call("run_cell_magic", name, rest, "".join(lines[1:])) + "\n"
    return "".join(_Reading(lines).python())


def _without_prompts(lines: list[str]) -> list[str]:
    """Without `>>>` and `...`, which also in a text in triple quotes may be part of what it says."""
    quoted = [*_quoted(lines)]
    if not any(PROMPT.match(line) for line, kept in zip(lines, quoted, strict=True) if not kept):
        return lines
    found: list[str] = []
    for kept, pairs in groupby(zip(quoted, lines, strict=True), key=lambda pair: pair[0]):
        run = [line for _, line in pairs]
        bare = run if kept else [CLASSIC.sub("", line) for line in run]
        found += run if bare == run else dedent("".join(bare)).splitlines(keepends=True)
    return found


def _quoted(lines: list[str]) -> Iterator[bool]:
    """For each line, whether it belongs to a text in triple quotes with which a line begins.

    One that begins behind a prompt, below another prompt, was pasted together with its prompts.
    """
    quotes, kept, prompted = "", False, False
    for line in lines:
        leading = LEADING.match(line)
        assert leading, "an empty match at the least"
        inside = kept
        for found in QUOTES.finditer(line):
            if not quotes:
                quotes = found[0]
                inside = kept = found.start() == leading.end() and not (leading[1] and prompted)
            elif quotes == found[0]:
                quotes, kept = "", False
        prompted = prompted or bool(PROMPT.match(line))
        yield inside


class _Place(NamedTuple):
    """Where a statement begins, and what Python's tokenizer knows there of the lines above.

    margins: what the blocks around are indented by.  balance: brackets opened less brackets closed, below 0 where some
    close nothing.  within: brackets that are open, where those that close nothing do not count.
    """

    row: int = 0
    margins: tuple[str, ...] = ()
    balance: int = 0
    within: int = 0

    def above(self) -> list[str]:
        """Lines from which the tokenizer learns it."""
        margins = ("", *self.margins)
        closing = [f"{margins[-1]}{')' * -self.balance}\n"] if self.balance else []
        return [f"{margin}0\n" for margin in margins] + closing


class _Line:
    """What is known of a statement after some of its tokens.

    first: the first one that is not a margin.  mark: the `%` or `!` of what is assigned, when it has just become known.
    """

    def __init__(self):
        self.count = self.depth = 0
        self.first = self.before = self.last = self.equals = self.mark = self.percent = None
        self.open = True

    def take(self, token):
        """One more token."""
        self.count += 1
        self.before, self.last, self.mark = self.last, token, None
        if self.first is None and token.type not in MARGIN:
            self.first = token
        if self.equals:
            self._right(token)
        elif token.string == "=" and not self.depth:
            self.equals = token
        if token.string in OPENING:
            self.depth += 1
        elif token.string in CLOSING:
            self.depth = max(self.depth - 1, 0)

    @property
    def asks(self):
        return self.count > 2 and self.before.string == "?"

    def _right(self, token):
        if not self.open:
            return
        if token.string == "%" and self.before is self.equals:
            self.percent = token
        elif self.percent or not (token.type == tokenize.ERRORTOKEN and token.string.isspace()):
            self.open = False
            if self.percent:
                self.mark = self.percent if token.type == tokenize.NAME else None
            elif token.string == "!" and not self.equals.line.lstrip().startswith("="):
                self.mark = token


class _Reading:
    """The lines of a cell, which are rewritten from the top down."""

    def __init__(self, lines: list[str]):
        self.lines, self.place, self.patience = lines, _Place(), PATIENCE + 3 * sum(map(len, lines))
        self.below = next((k for k, line in enumerate(reversed(lines), 1) if line.endswith("?\n")), 0)
        # Until one cannot be read: IPython then sees none further down.
        self.escapes, self.questions = True, self.below > 0

    def python(self) -> list[str]:
        for _ in range(MOST):
            change = self._next()
            if not change:
                return self.lines
            first, end, text = change
            self._spend(sum(map(len, self.lines[self.place.row : end])))
            self.lines[first:end] = [f"{text}\n"]
        raise SyntaxError(f"it has {MOST} magics or more")

    def _spend(self, characters):
        self.patience -= characters
        if self.patience < 0:
            raise SyntaxError("too much of it is no Python")

    def _next(self):
        """The first row of what is to be rewritten next, the row behind it, and the text that stands for it."""
        _, margins, balance, within = self.place
        line, found = _Line(), None
        for token in self._tokens():
            kind, text = token.type, token.string
            line.take(token)
            if kind == tokenize.OP:
                step = (text in OPENING) - (text in CLOSING)
                balance, within = balance + step, max(within + step, 0)
            elif kind == tokenize.INDENT:
                margins += (text,)
            elif kind == tokenize.DEDENT:
                margins = margins[:-1]
            elif kind == tokenize.ERRORTOKEN:
                self._spend(
                    4 * len(token.line)
                )  # so much is read, and more than once, to find that no token begins there
            if found:
                self._spend(len(text) + 1)
            elif line.mark or (line.first is token and self.escapes and text in ESCAPES):
                found = self._command(line.mark or token, line.mark)
                if found and not (self.questions and self.place.row <= len(self.lines) - self.below):
                    return found
            if kind == tokenize.NEWLINE or (kind == tokenize.NL and not within):
                if found := self._question(line) or found:
                    return found
                self.escapes = self.escapes and not (line.first and line.first.string in ESCAPES)
                self.questions = self.questions and not line.asks
                self.place, line = _Place(token.start[0], margins, balance, within), _Line()
        return self._question(line) or found

    def _tokens(self):
        """The tokens from the place on."""
        above = self.place.above()
        self._spend(sum(map(len, above)))
        shift = self.place.row - len(above)
        below = (self.lines[k] for k in range(self.place.row, len(self.lines)))
        try:
            for token in _tokens(chain(above, below)):
                (row, column), (end, at) = token.start, token.end
                if row > len(above):
                    yield token._replace(start=(row + shift, column), end=(end + shift, at)) if shift else token
        except IndentationError as error:
            error.lineno = (error.lineno or 1) + shift
            raise

    def _command(self, sign, assigned):
        """What begins with a sign that Python has no statement for, and goes on where a line ends with a backslash."""
        row, column = sign.start
        end = row
        while end < len(self.lines) and self.lines[end - 1].endswith("\\\n"):
            end += 1
        parts = [self.lines[row - 1][column:], *self.lines[row:end]]
        text = " ".join([part.rstrip().removesuffix("\\") for part in parts[:-1]] + [parts[-1].rstrip()])
        call = _call("getoutput", text[1:]) if assigned and sign.string == "!" else _called(text)
        return call and (row - 1, end, self.lines[row - 1][:column] + call)

    def _question(self, line):
        """What ends with a `?`, which may be a magic too."""
        if not (self.questions and line.asks):
            return None
        row, column = line.first.start
        end = line.before.start[0]
        text = "".join(self.lines[row - 1 : end])[column:].removesuffix("\n")
        asked = ASKED.match(text[::-1])
        return asked and (row - 1, end, self.lines[row - 1][:column] + _help(asked[2][::-1], asked[1]))


def _tokens(lines: Iterator[str]) -> Iterator[TokenInfo]:
    """The tokens of lines, as far as there are any: the last statement may be unfinished."""
    try:
        yield from tokenize.generate_tokens(lines.__next__)
    except tokenize.TokenError:
        if sys.version_info >= (3, 12):  # where IPython counts what cannot be read as one more
            yield TokenInfo(tokenize.ERRORTOKEN, "", (sys.maxsize, 0), (sys.maxsize, 0), "")


def _called(text):
    """The call that a text with an escape stands for, None where there is nothing to call."""
    sign = text[:2] if text[:2] in ("!!", "??") else text[:1]
    rest = text[len(sign) :]
    name, _, words = rest.partition(" ")
    match sign:
        case "!":
            return _call("system", rest)
        case "!!":
            return _call("getoutput", rest)
        case "%":
            return _magic(rest)
        case "?" | "??":
            return _help(rest, sign) if rest else _call("show_usage")
        case "/":
            return f"{name}({', '.join(words.split())})" if name else None
        case ",":
            words = '", "'.join(words.split())
    return f'{name}("{words}")'


def _help(target, sign):
    return _call("run_line_magic", "pinfo2" if sign == "??" else "psearch" if "*" in target else "pinfo", target)


def _magic(text):
    name, _, rest = text.partition(" ")
    return _call("run_line_magic", name, rest)


def _call(method: str, *values: str) -> str:
    return f"get_ipython().{method}({', '.join(map(repr, values))})"
