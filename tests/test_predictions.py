"""Predictions: what authors write, what readers open, and that nothing gives the answer away."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actlab import evidence
from actlab.exercises import EXERCISES
from actlab.publish import predictions
from actlab.publish.notebooks import learner, solution
from actlab.publish.predictions import Malformed, Option, Prediction, parse
from actlab.publish.source import SourceError, read_source

COURSE = Path(__file__).parents[1]
SOURCES = sorted((COURSE / "solutions").glob("[0-9][0-9]_*.py"))

ASKED = """\
How much is *left* of $x$?

- [ ] all of it, if `z < 0` & more
  It looks so.

  But $$x^2
  = 4$$ is not.
- [x] a millionth
  Now see. {rests on rings.bend}
"""
OPENS = """\
**Predict.** How much is *left* of $x$?

<details>
<summary>(a) all of it, if <code>z &lt; 0</code> &amp; more</summary>

> It looks so.
>
> But $$x^2 = 4$$ is not.

</details>

<details>
<summary>(b) a millionth</summary>

> Now see.

</details>"""


def lesson(folder, text, tags="predict"):
    """A lesson that asks this."""
    path = folder / "01_lesson.py"
    commented = "\n".join(f"# {row}".rstrip() for row in text.rstrip("\n").split("\n"))
    path.write_text(f'# %% [markdown]\n# ## 1.1 Much\n\n# %% [markdown] tags=["{tags}"]\n{commented}\n', "utf-8")
    return read_source(path, {})


# What an author writes


def test_each_option_opens_to_its_reply(tmp_path):
    source = lesson(tmp_path, ASKED)
    assert source.cells[1].source == OPENS
    for notebook in (learner(source), solution(source)):
        assert notebook.cells[1].source == OPENS
        assert notebook.cells[1].metadata.slideshow.slide_type == "subslide"


def test_a_prediction_is_data_with_its_section_and_the_verdicts_it_rests_on(tmp_path):
    ((heading, asked),) = lesson(tmp_path, ASKED.replace("It looks so.", "{verdict rings.bend}")).predictions
    assert heading == "1.1 Much"
    assert asked.question == ("How much is *left* of $x$?",)
    assert asked.right.letter == "b"
    assert [option.verdicts for option in asked.options] == [("rings.bend",)] * 2
    assert asked.options[0].reply[0] == evidence.says("rings.bend")


words = st.text("abz 01¼σ→*_<>&\\'\".,;?()–é", min_size=1, max_size=30).map(lambda text: f"x{text.strip()}")
marked = st.one_of(words, words.map(lambda text: f"`{text}` {text} $z_1$"))


@given(st.data())
def test_whatever_is_asked_is_read_as_it_was_written(data):
    texts = data.draw(st.lists(words, min_size=2, max_size=8, unique=True))
    right = data.draw(st.integers(0, len(texts) - 1))
    paragraphs = st.lists(marked, min_size=1, max_size=3).map(tuple)
    question = data.draw(paragraphs)
    options = tuple(
        Option("abcdefgh"[i], text, data.draw(paragraphs), i == right)
        for i, text in enumerate(text.replace("**", "*") for text in texts)
    )
    rows = ["\n\n".join(question), ""]
    for option in options:
        rows += [f"- [{'x' if option.right else ' '}] {option.text}", *(f"  {row}\n" for row in option.reply)]
    if len({option.text for option in options}) < len(options):
        return
    asked = parse("\n".join(rows))
    assert asked == Prediction(question, options)
    page = asked.markdown()
    assert page.count("<details>\n<summary>(") == page.count("\n\n</details>") == len(options)


TWO = "How much?\n\n- [x] one\n  Yes.\n- [ ] two\n  No.\n"
MISTAKES = {
    "no options": ("How much?", 0, "two to 8 options"),
    "one option": ("How much?\n\n- [x] one\n  Yes.", 0, "two to 8 options"),
    "nine options": (TWO + "".join(f"- [ ] {i}\n  No.\n" for i in range(7)), 0, "two to 8 options"),
    "no question": (TWO[10:], 0, "begins with its question"),
    "the label": (TWO.replace("How", "**Predict.** How"), 0, "without “Predict.”"),
    "a capital": (TWO.replace("[x]", "[X]"), 2, "`- [x] …` where it is the right one"),
    "no space": (TWO.replace("[ ]", "[]"), 4, "an option is a line"),
    "an empty option": (TWO.replace(" two", ""), 4, "an option is a line"),
    "another bullet": (TWO.replace("- [ ]", "* [ ]"), 4, "an option is a line"),
    "an option too far in": (TWO.replace("- [ ]", "  - [ ]"), 4, "an option is a line"),
    "none is right": (TWO.replace("[x]", "[ ]"), 2, "one option of a prediction is ticked"),
    "two are right": (TWO.replace("[ ]", "[x]"), 2, "one option of a prediction is ticked"),
    "twice the same": (TWO.replace("two", "one"), 2, "“one” stands here 2 times"),
    "a formula": (TWO.replace("two", "$2$"), 4, "plain text"),
    "bold": (TWO.replace("two", "**two**"), 4, "plain text"),
    "code that never ends": (TWO.replace("two", "`two"), 4, "plain text"),
    "no reply": (TWO.replace("  No.\n", ""), 4, "needs its reply"),
    "a reply at the margin": (TWO.replace("  No.", "No."), 5, "two spaces in"),
    "a text below": (TWO + "\nAnd so on.", 7, "begins another cell"),
    "a list in a reply": (TWO + "  - No.", 6, "made of paragraphs"),
    "a table in the question": ("| a |\n" + TWO, 0, "made of paragraphs"),
    "a quotation": ("> " + TWO, 0, "made of paragraphs"),
}


@pytest.mark.parametrize("text, row, words", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_its_row(text, row, words):
    with pytest.raises(Malformed, match=re.escape(words)) as fault:
        parse(text)
    assert fault.value.row == row


def test_a_mistake_in_a_lesson_is_named_with_file_and_line(tmp_path):
    with pytest.raises(SourceError, match=r"01_lesson\.py:9: the option “two” needs its reply"):
        lesson(tmp_path, TWO.replace("  No.\n", ""))
    with pytest.raises(SourceError, match=r":4: a text with options .* is a prediction"):
        lesson(tmp_path, TWO, tags="written")
    with pytest.raises(SourceError, match=r":4: unknown tag `prediction`; known: predict, outcome, fold"):
        lesson(tmp_path, TWO, tags="prediction")
    (tmp_path / "02.py").write_text('# %% tags=["predict"]\n1\n')
    with pytest.raises(SourceError, match=r":1: a prediction is a text"):
        read_source(tmp_path / "02.py", {})


# The course itself

LESSONS = {path.stem: read_source(path, EXERCISES) for path in SOURCES}
each_lesson = pytest.mark.parametrize("name", LESSONS)


@each_lesson
def test_replies_wait_closed_in_the_learners_notebook(name):
    cells = [cell.source for cell in learner(LESSONS[name]).cells if cell.cell_type == "markdown"]
    asked = [source for source in cells if source.startswith("**Predict.**")]
    assert len(asked) == len(LESSONS[name].predictions)
    assert not [source for source in cells if "<details" in source.replace("<details>\n<summary>", "")]


@each_lesson
def test_nothing_around_a_prediction_gives_its_answer_away(name):
    """Neither the lesson's first cell, nor the texts beside the question, say the right option or its letter."""
    cells = learner(LESSONS[name]).cells
    places = [i for i, cell in enumerate(cells) if predictions.TAG in cell.metadata.get("tags", ())]
    for (_, asked), place in zip(LESSONS[name].predictions, places, strict=True):
        beside = [cells[0], cells[place - 1], *cells[place + 1 : place + 2]]
        texts = [*asked.question, *(cell.source for cell in beside if cell.cell_type == "markdown")]
        said = "\n".join(texts).casefold()
        assert f"({asked.right.letter})" not in said, asked.question
        if len(asked.right.text.split()) > 2:
            assert asked.right.text.casefold() not in said, asked.question


def test_the_right_option_is_known_neither_by_its_place_nor_by_its_length():
    asked = [prediction for source in LESSONS.values() for _, prediction in source.predictions]
    letters = Counter(prediction.right.letter for prediction in asked)
    longest = [one for one in asked if one.right.text == max((o.text for o in one.options), key=len)]
    assert max(letters.values()) <= len(asked) / 2
    assert len(longest) <= len(asked) / 2
