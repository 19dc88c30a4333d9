"""Right answers to every task, written independently of the course, and words that no message may give away.

One module for each of `actlab.exercises.topics`, and for those of `actlab.exercises.drawn` that define something.
VARIANTS: id -> at least three right answers; SPOILERS: id -> texts without blanks and backticks. What every hand-out
asks anew has FACTORIES: id -> functions of a hand-out's code that give a right answer, and `answers(code)`: the same as
the text of cells. A homework's task has those of the lesson's task that it is derived from, and its own.
"""

from importlib import import_module
from pkgutil import iter_modules

from actlab.exercises import EXERCISES, drawn, topics

VARIANTS, SPOILERS, FACTORIES, ANSWERS = {}, {}, {}, []
for _file in iter_modules(__path__):
    _topic = vars(import_module(f"{__name__}.{_file.name}"))
    VARIANTS |= _topic.get("VARIANTS", {})
    SPOILERS |= _topic.get("SPOILERS", {})
    FACTORIES |= _topic.get("FACTORIES", {})
    ANSWERS += [_topic["answers"]] if "answers" in _topic else []

FEWEST = 3


def answers(code):
    """The cells that answer the challenge with this code, by what they answer; its letter is not among them."""
    return {name: text for given in ANSWERS for name, text in given(code).items()}


def right_answers(task):
    """The right answers to a task.  Errors: AssertionError with what to write."""
    found = _collected(VARIANTS, task)
    assert len(found) >= FEWEST, f"write three right answers to `{task.id}` in {_place(task)}"
    return found


def spoilers(task):
    """What no message about a task may hold.  Errors: AssertionError with what to write."""
    found = _collected(SPOILERS, task)
    assert found, f"write what no message about `{task.id}` may give away into SPOILERS of {_place(task)}"
    return found


def topic(task):
    """The name of the topic that defines a task."""
    for package in (topics, drawn):
        for file in iter_modules(package.__path__):
            defined = vars(import_module(f"{package.__name__}.{file.name}")).values()
            if any(one is EXERCISES[task.id] for one in defined):
                return file.name
    raise LookupError(f"no topic defines {task.id}")


def _collected(entries, task):
    return [*(_collected(entries, task.of) if task.of else []), *entries.get(task.id, [])]


def _place(task):
    return f"tests/variants/{topic(task)}.py"
