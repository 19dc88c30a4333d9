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
from dataclasses import dataclass

TAG = "predict"

_ITEM = re.compile(r"^- \[([ x])\] +", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")


class Malformed(Exception):
    """What is wrong with a prediction, in one sentence."""


@dataclass(frozen=True)
class Option:
    """One thing that a reader may expect.  text: plain, with `code` at most.  reply: Markdown."""

    letter: str
    text: str
    reply: str
    right: bool

    def markdown(self) -> str:
        """The option, which opens to its reply."""
        # Inside an HTML block Markdown is read again only after an empty line, and in the summary not at all.
        summary = _CODE.sub(r"<code>\1</code>", html.escape(self.text, quote=False))
        return f"<details>\n<summary>({self.letter}) {summary}</summary>\n\n{self.reply}\n\n</details>"


@dataclass(frozen=True)
class Prediction:
    """question: Markdown.  options: at least two, one of them right."""

    question: str
    options: tuple[Option, ...]

    def markdown(self) -> str:
        """The prediction as a notebook's cell."""
        return "\n\n".join([f"**Predict.** {self.question}", *(option.markdown() for option in self.options)])


def parse(text: str) -> Prediction:
    """The prediction that a text holds.  Errors: Malformed."""
    question, *items = _ITEM.split(text)
    options = []
    for letter, ticked, item in zip("abcdefgh", items[::2], items[1::2], strict=False):
        first, _, rest = item.partition("\n")
        reply = "\n".join(line.removeprefix("  ") for line in rest.split("\n")).strip()
        if not reply:
            raise Malformed(f"the option “{first}” needs its reply below it, two spaces in.")
        if "$" in first:
            raise Malformed(f"the option “{first}” is to be plain text: what opens it shows no formulas.")
        options.append(Option(letter, first.strip(), reply, ticked == "x"))
    if not question.strip() or len(options) < 2:
        raise Malformed("a prediction is a question and at least two options, `- [ ] …`.")
    if sum(option.right for option in options) != 1:
        raise Malformed("one option of a prediction is ticked, `- [x] …`.")
    return Prediction(question.strip(), tuple(options))
