"""Reading submitted cells as Python: what is meant for IPython alone is left out, never run."""

import ast
import re

LANGUAGES = "bash|sh|script|html|HTML|javascript|js|latex|markdown|writefile|file|svg|perl|ruby|cmd"
OTHER_LANGUAGE = re.compile(rf"%%({LANGUAGES})\b")
TIMED = re.compile(r"(\s*(?:[\w, ]+=\s*)?)%(?:time|timeit|prun)\s+((?:-\w+\s*\S*\s+)*)(.*)")
ASSIGNED = re.compile(r"(\s*[\w, ]+=\s*)[%!].*")
MAGIC = re.compile(r"(\s*)(?:[%!?].*|.*\?)\s*")


def python(cell: str) -> str:
    """The cell without its magics, in as many lines, so that line numbers stay."""
    lines = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if OTHER_LANGUAGE.match(lines[first]):
        return ""
    while first < len(lines) and lines[first].startswith("%%"):
        lines[first] = ""
        first += 1
    for _ in range(len(lines)):
        try:
            ast.parse("\n".join(lines))
            break
        except SyntaxError as error:
            if not error.lineno or error.lineno > len(lines):
                break
            plain = _without_magic(lines[error.lineno - 1])
            if plain is None:
                break
            lines[error.lineno - 1] = plain
    return "\n".join(lines)


def _without_magic(line: str) -> str | None:
    """What is left of a line that Python does not understand; None where no magic is in it."""
    if timed := TIMED.fullmatch(line):
        return timed[1] + timed[3]
    if assigned := ASSIGNED.fullmatch(line):
        return assigned[1] + "None"
    if magic := MAGIC.fullmatch(line):
        return magic[1] + "pass"
    return None
