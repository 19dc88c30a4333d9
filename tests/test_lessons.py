"""How much a lesson asks of its reader: minutes as it says, and no more given code than is the idea."""

import pytest
from lessons import LESSONS, ROOT, cells, measure

from actlab.course import Lesson

TOLD = [lesson for lesson in LESSONS if not lesson.is_homework]
LONGEST = 75
GIVEN = 120
CELL = 15

each_lesson = pytest.mark.parametrize("lesson", TOLD, ids=lambda lesson: lesson.stem)

TINY = """\
# %% [markdown]
# # Three small words

# %%
import math

# %% [markdown] tags=["predict"]
# How much is $2 + 2$?
#
# - [x] four
#   Now see what comes.
# - [ ] five
#   It is less.

# %% tags=["fold"]
explore_sums()

# %% [markdown] exercise="q1"
# ### Do it
# | not | counted |

# %% exercise="q1"
def double(z):
    ### BEGIN SOLUTION
    y = z + z

    return y
    ### END SOLUTION

# %% exercise="q1"
check("q1", double)

# %% tags=["solution"]
secret = 1

# %% [markdown] role="notes"
# Ten minutes.

# %% [markdown]
# ## 1.2 Aside ☆
# Two words.

# %%
left_out = 1
"""


def test_a_lesson_is_measured_on_what_its_reader_sees(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "01_tiny.py").write_text(TINY, encoding="utf-8")
    found = measure(Lesson(1, "tiny", "Tiny", "?", 5), tmp_path)
    assert (found.words, found.optional_words) == (3 + 6 + 2, 2 + 2)
    assert (found.exercises, found.explorers, found.predictions) == (1, 1, 1)
    assert (found.given, found.asked, found.cells) == (1, 2, 9)
    assert found.minutes == pytest.approx(11 / 200 + 1 / 15 + 4 + 2 + 1)


@each_lesson
def test_a_lesson_takes_the_minutes_that_it_says(lesson):
    takes = measure(lesson).minutes
    assert lesson.minutes == 5 * max(1, round(takes / 5)), f"{takes:.1f}"
    assert lesson.minutes <= LONGEST


@each_lesson
def test_given_code_is_no_more_than_the_idea(lesson):
    assert measure(lesson).given <= GIVEN
    for cell in cells(ROOT / "solutions" / f"{lesson.stem}.py"):
        if cell.is_given and not cell.only_imports and not cell.has("idea"):
            assert cell.lines <= CELL, f"{lesson.stem}.py:{cell.line}"
