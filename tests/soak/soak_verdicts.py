"""One verdict and one cause for every answer of the suite, right or wrong, whatever is drawn."""

from functools import partial

import pytest
import variants
from wild import ROWS

from actlab import learner
from actlab.exercises import EXERCISES, Draws, Task, evaluate

SEEDS = range(40)
TASKS = [e for e in EXERCISES.values() if isinstance(e, Task)]
ROWS_OF = {task.id: [row for row in ROWS if row.id == task.id] for task in TASKS}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_no_verdict_depends_on_the_draw(task):
    right = list(enumerate(variants.right_answers(task)))
    for number, f in right:
        assert {verdict(task, f, seed)[0] for seed in SEEDS} == {"right"}, f"variant {number}"
    for said, f in task.wrong.items():
        assert {verdict(task, f, seed)[1] for seed in SEEDS} == {said}
    for row in ROWS_OF[task.id]:
        seen = {verdict(task, row.answer(), seed) for seed in SEEDS}
        assert len({status for status, _ in seen}) == 1 and "right" not in dict(seen), row
        assert len(seen) == 1 or isinstance(task, Draws), row


def verdict(task, f, seed):
    result = evaluate(task, partial(learner.call, f), seed)
    return str(result.status), result.cause
