"""A prediction in a lesson: one question, options to choose from, and behind each option its reply.

In a lesson's source it is a text under the tag `predict`: the question, then a task list with one item ticked.

    How much is left?

    - [ ] all of it
      What speaks for it, and what it overlooks.
    - [x] one part in a million
      Now see how it comes about.

In notebooks and on pages each option opens to its reply, without a kernel and without a script.
"""

import html
import re
from collections import Counter
from dataclasses import dataclass

TAG = "predict"

_LETTERS = "abcdefgh"
_ITEM = re.compile(r"- \[([ x])\] +(?=\S)")
_ALMOST_ITEM = re.compile(r"\s*[-*+] ?\[[^\]]?\](?!\()")
_INDENT = "  "
_CODE = re.compile(r"`([^`]+)`")
_BLOCK = re.compile(r"[-*+>|] |\||#+ |```|\d+[.)] |</?\w")


class Malformed(Exception):
    """What is wrong with a prediction.  row: of its text, from 0.  sentence: one."""

    def __init__(self, row: int, sentence: str):
        super().__init__(sentence)
        self.row = row


@dataclass(frozen=True)
class Option:
    """One thing that a reader may expect.

    text: plain, with `code` at most.  reply: its paragraphs, Markdown.  verdicts: those that the reply rests on.
    """

    letter: str
    text: str
    reply: tuple[str, ...]
    right: bool
    verdicts: tuple[str, ...] = ()

    @property
    def html(self) -> str:
        """The text as HTML."""
        return _CODE.sub(r"<code>\1</code>", html.escape(self.text, quote=False))

    def markdown(self) -> str:
        """The option, which opens to its reply."""
        # Inside an HTML block Markdown is read again only after an empty line, and in the summary not at all.
        reply = "\n>\n".join(f"> {paragraph}" for paragraph in self.reply)
        return f"<details>\n<summary>({self.letter}) {self.html}</summary>\n\n{reply}\n\n</details>"


@dataclass(frozen=True)
class Prediction:
    """question: its paragraphs, Markdown.  options: at least two, one of them right."""

    question: tuple[str, ...]
    options: tuple[Option, ...]

    @property
    def right(self) -> Option:
        """The option that comes out."""
        return next(option for option in self.options if option.right)

    def markdown(self) -> str:
        """The prediction as a notebook's cell."""
        first, *rest = self.question
        return "\n\n".join([f"**Predict.** {first}", *rest, *(option.markdown() for option in self.options)])


def has_items(text: str) -> bool:
    """Whether a text looks like a prediction: it holds an item `- [ ]`, or what its author took for one."""
    return any(_ALMOST_ITEM.match(row) for row in text.split("\n"))


def parse(text: str) -> Prediction:
    """The prediction that a text holds.  Errors: Malformed."""
    rows = text.split("\n")
    starts = [number for number, row in enumerate(rows) if _ITEM.match(row)]
    for number, row in enumerate(rows):
        if number not in starts and _ALMOST_ITEM.match(row):
            raise Malformed(number, "an option is a line `- [ ] …`, or `- [x] …` where it is the right one.")
    if not 2 <= len(starts) <= len(_LETTERS):
        raise Malformed(0, f"a prediction is a question and two to {len(_LETTERS)} options, `- [ ] …`.")
    question = _paragraphs(rows, 0, starts[0])
    if not question:
        raise Malformed(0, "a prediction begins with its question.")
    if question[0].startswith("**Predict"):
        raise Malformed(0, "the question goes without “Predict.”: it is written before it.")
    options = tuple(
        _option(letter, rows, start, end)
        for letter, start, end in zip(_LETTERS, starts, [*starts[1:], len(rows)], strict=False)
    )
    if sum(option.right for option in options) != 1:
        raise Malformed(starts[0], "one option of a prediction is ticked, `- [x] …`.")
    twice, times = Counter(option.text for option in options).most_common(1)[0]
    if times > 1:
        raise Malformed(starts[0], f"the option “{twice}” stands here {times} times.")
    return Prediction(question, options)


def _option(letter: str, rows: list[str], start: int, end: int) -> Option:
    """The option that begins on the row `start`, up to the row `end`."""
    ticked, text = rows[start][3] == "x", _ITEM.sub("", rows[start]).strip()
    if "$" in text or "**" in text or "](" in text or text.count("`") % 2:
        raise Malformed(start, f"the option “{text}” is to be plain text, or `code`: what opens it shows nothing else.")
    for number in range(start + 1, end):
        if rows[number].strip() and not rows[number].startswith(_INDENT):
            raise Malformed(number, "what stands below an option is its reply, two spaces in, or begins another cell.")
    reply = _paragraphs([row.removeprefix(_INDENT) for row in rows], start + 1, end)
    if not reply:
        raise Malformed(start, f"the option “{text}” needs its reply below it, two spaces in.")
    return Option(letter, text, reply, ticked)


def _paragraphs(rows: list[str], start: int, end: int) -> tuple[str, ...]:
    """The paragraphs of some rows, each in one line: a plan has one for it, and a formula survives any quoting."""
    found: list[list[str]] = [[]]
    for number in range(start, end):
        row = rows[number].strip()
        if _BLOCK.match(row):
            raise Malformed(
                number, "a question or a reply is made of paragraphs; a list, table or code has its own cell."
            )
        if row:
            found[-1].append(row)
        else:
            found.append([])
    return tuple(" ".join(piece) for piece in found if piece)
