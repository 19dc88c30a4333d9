"""The lecture plans of docs/teaching.md, by lesson and section, for the speaker view of the slides."""

import re
from dataclasses import dataclass
from pathlib import Path

PLANS = Path("docs") / "teaching.md"

_LESSON = re.compile(r"^## (\d\d) .*$", re.MULTILINE)
_ROW = re.compile(r"^\|(.*)\|$", re.MULTILINE)
_QUESTION = re.compile(r"^\*\*([^*]+?) · “.*(?:\n.+)*", re.MULTILINE)


@dataclass(frozen=True)
class Plan:
    """How one lesson is taught.

    versions: the columns of its table, such as "45 min".  rows: by section, the entries under them and what happens.
    questions: (section, Markdown) of each reveal, in order.  opening, closing: Markdown for its first and last slide.
    """

    opening: str
    versions: tuple[str, ...]
    rows: dict[str, tuple[str, ...]]
    questions: tuple[tuple[str, str], ...]
    closing: str

    def notes(self, heading: str) -> str:
        """Return what a lecturer wants to see at a section, as Markdown; nothing where the plan says nothing."""
        parts = []
        for section, (*minutes, what) in self.rows.items():
            if _begins(heading, section):
                timed = [f"{v}: {m}" for v, m in zip(self.versions, minutes, strict=True)]
                parts.append(f"**{', '.join(timed)}** · {what}")
        return "\n\n".join(parts + [text for section, text in self.questions if _begins(heading, section)])


def read(root: Path) -> dict[str, Plan]:
    """Return the plans of the course at `root` by the number of their lesson, such as "02"."""
    pieces = _LESSON.split((root / PLANS).read_text(encoding="utf-8"))
    return {number: _plan(text) for number, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def _plan(text: str) -> Plan:
    opening, _, rest = text.partition("\n### The plan\n")
    table = _ROW.findall(rest.partition("\n### ")[0])
    (_, *versions, _), _, *rows = [tuple(entry.strip() for entry in row.split("|")) for row in table]
    questions = rest.partition("\n### Before you reveal it\n")[2].partition("\n### ")[0]
    found = tuple((match[1], match[0]) for match in _QUESTION.finditer(questions))
    closing = rest.partition("\n### Homework\n")[2].partition("\n### ")[0]
    entries = {section: tuple(rest) for section, *rest in rows}
    return Plan(opening.strip(), tuple(versions), entries, found, f"**Homework.** {closing.strip()}")


def _begins(heading: str, section: str) -> bool:
    return re.match(rf"{re.escape(section)}(?![\w.])", heading) is not None
