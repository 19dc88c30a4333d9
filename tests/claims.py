"""Where a text of the course states what training showed, and whether it says on which verdict that rests.

`python -m claims` in this folder lists the paragraphs that rest on none.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from actlab.exercises import EXERCISES
from actlab.explorers.choosing import QUESTIONS

ROOT = Path(__file__).parents[1]
QUOTED = re.compile(r"\{verdict ([\w.]+)\}")
NAMED = re.compile(r"\{(?:verdict|rests on) ([\w.]+)\}")
MARKED = re.compile(r"<!-- verdict: ([\w.]+(?:,\s*[\w.]+)*) -->")

WHO = r"(?:they|it|layers?|networks?|recipes?|sigmoids?|tanh|ReLUs?|GELU|SiLU|softmax)"
SAYS = (
    r"\b(?:every|all|no|most|some|single|new|fresh) (?:\d+ )?seeds?\b|\bseeds (?:do not|overlap|agree)\b",
    r"\b(?:one|two|three|four|\d+) of (?:five|six|ten|twenty|\d+) (?:seeds|networks|learn|recipes)\b",
    rf"\b{WHO} (?:never |hardly |all |both )?(?:learns?|trains?|learned|trained (?:well|badly))\b(?! to\b)",
    r"\blearn(?:s|ed)? (?:nothing|badly|well|as well)\b|\bfails? to (?:train|learn)\b",
    r"\baccurac(?:y|ies)\b.*(?:\d|\b(?:loses?|costs?|buys?|same|higher|lower)\b)|\b(?:loses?|buys no) accuracy\b",
    r"\b(?:stays? near|stops? short|stalls?|gets? there|only guess\w*|are near 1|coin line|a plateau)\b",
    r"\b(?:points? in ten|every seed right|never moves again|come back slowly|two were alike)\b",
    r"\brescue[sd]?\b|\bdoes \*\*not\*\*|\bin effect\b",
    r"\b(?:won|wins?) back\b|\bof the gap\b|\bcosts (?:more|most)\b|\b(?:repair|scale|alone|leak) helps?\b",
    rf"\b{WHO}\b.*\b(?:better|worse|ahead|as well as|wins)\b(?! at\b)|\bbeats? ReLU\b",
    r"\b(?:better|worse|faster|slower|ahead) (?:than|of) (?:ReLU|tanh|sigmoid)\b|\bstraight line\b.*\bgain\b",
    r"\brecalls?\b|\bremembers? (?:longer|over)\b|\bnot remembering\b|\blong memory\b|\bover \d+ steps it does not\b",
    r"\b(?:necessary|sufficient|enough alone|no conclusion changes)\b|% of the loss\b|\btimes as much\b",
    r"\b(?:end up|ends up|went|units) dead\b|\bdead\b.*\bstay|\bkills?\b.*\bunits\b",
)
TRAINED = re.compile("|".join(SAYS), re.IGNORECASE)
"""What a sentence about trained networks has in it; the tests hold sentences that it has to find."""

QUOTE = re.compile(r'"[^"]*"')
QUESTION = re.compile(r"[^.!?…]*\?")
PLANNED = re.compile(r"\| (?:\d\.\d+|reserve|\*\*sum\*\*) \|")
"""What states nothing: a claim that is quoted, a question, a row of a plan's timetable."""

EXCEPTIONS = {
    "what the reader will do, or is asked about": ("Take {worked}. It learns badly. Why?",),
    "mathematics, or computed where it stands": (
        "tanh is better where a unit is active",
        "a weight variance of $2/n$ wins that back",
        "For the *product*, which is what the network sees, 1.773 is better",
        "the sigmoid form forty times worse",
        "is guessing among ten",
    ),
    "networks that are not trained": ("He does not keep angles, and single seeds drift",),
    "an inference, not a result": ("It does not follow that it makes a better language model",),
    "what a paper reports": ("ahead of ReLU, GELU and GLU, behind GEGLU and SwiGLU",),
    "the table under audit": ("| 0 to 1 (better) |",),
}
"""Words of paragraphs that look like results of training and are none, by what they are."""


@dataclass(frozen=True)
class Paragraph:
    """A piece of text that says one thing: where it stands, its words, and the verdicts that it names."""

    file: str
    place: str
    text: str
    verdicts: tuple[str, ...]

    @property
    def excepted(self) -> str:
        """The words by which it is an exception, or nothing."""
        return next((words for several in EXCEPTIONS.values() for words in several if words in self.text), "")

    @property
    def claims(self) -> bool:
        """Whether it states what training showed."""
        return not PLANNED.match(self.text) and bool(TRAINED.search(QUESTION.sub("", QUOTE.sub("", self.text))))


def unsupported() -> list[Paragraph]:
    """The paragraphs that state what training showed, name no verdict, and are no exception."""
    return [p for p in paragraphs() if p.claims and not p.verdicts and not p.excepted]


def paragraphs() -> Iterator[Paragraph]:
    """All that lessons, plans, exercises and the guide say."""
    yield from lessons()
    yield from plans()
    yield from exercises()
    yield from guide()


def lessons() -> Iterator[Paragraph]:
    """Paragraphs and rows of the lessons' Markdown."""
    for path in sorted((ROOT / "solutions").glob("[0-9][0-9]_*.py")):
        markdown, piece = False, []
        for number, line in enumerate([*path.read_text(encoding="utf-8").split("\n"), "# %%"], 1):
            if line.startswith("# %%"):
                yield from _piece(path.name, number, piece)
                markdown, piece = "[markdown]" in line, []
            elif markdown and line.startswith("# - ["):
                yield from _piece(path.name, number, piece)
                piece = [line.lstrip("# >")]
            elif markdown and line.strip("# >") and not line.startswith("# |"):
                piece.append(line.lstrip("# >"))
            elif markdown:
                yield from _piece(path.name, number, piece)
                yield from _piece(path.name, number + 1, [line.lstrip("# >")])
                piece = []


def _piece(file: str, after: int, lines: list[str]) -> Iterator[Paragraph]:
    if text := " ".join(lines):
        yield Paragraph(file, f"{after - len(lines)}", text, tuple(NAMED.findall(text)))


def plans() -> Iterator[Paragraph]:
    """Lines of the lecturers' plans."""
    for path in sorted((ROOT / "docs" / "teaching").glob("*.md")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            named = [name.strip() for found in MARKED.findall(line) for name in found.split(",")]
            yield Paragraph(f"teaching/{path.name}", f"{number}", line, tuple(named))


def exercises() -> Iterator[Paragraph]:
    """Options, hints and reasons of the letter questions."""
    for exercise in EXERCISES.values():
        named = exercise.evidence
        for part in ("options", "hints"):
            for letter, text in getattr(exercise, part, {}).items():
                yield Paragraph("exercises", f"{exercise.id} {part[:-1]} {letter}", text, named)
        if why := getattr(exercise, "why", ""):
            yield Paragraph("exercises", f"{exercise.id} why", why, named)


def guide() -> Iterator[Paragraph]:
    """Lines of the guide of lesson 07."""
    for advice in (a for several in QUESTIONS.values() for a in several):
        named = tuple(getattr(advice, "verdicts", ()))
        for part in ("suggestion", "evidence"):
            yield Paragraph("guide", f"{advice.answer}: {part}", getattr(advice, part), named)


if __name__ == "__main__":
    left = unsupported()
    for p in left:
        print(f"{p.file}:{p.place}: {p.text}")
    print(*(f"{n:4d} {file}" for file, n in Counter(p.file for p in left).items()), sep="\n")
