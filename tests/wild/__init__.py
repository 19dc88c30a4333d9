"""Wrong answers as people write them, and the words that a right cause holds.

One module for each of `actlab.exercises.topics`, with a list ROWS of (ids, code, key). ids: the exercises that it
answers, separated by blanks, lesson and homework alike. code: what a cell holds, after the imports of `math` and of NumPy
as `np`; it defines what the exercises ask for. key: what the message has to hold; "|" separates alternatives.
"""

import linecache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from actlab.exercises import EXERCISES


class Row(NamedTuple):
    id: str
    code: str
    key: str

    def answer(self):
        """The function that the code defines, with its source where a traceback looks for it."""
        label = f"<{self.id} {abs(hash(self.code))}>"
        cell = f"import math\nimport numpy as np\n{self.code.strip()}\n"
        linecache.cache[label] = len(cell), None, cell.splitlines(keepends=True), label
        space = {}
        exec(compile(cell, label, "exec"), space)
        return space[EXERCISES[self.id].name]

    def holds(self, message):
        """Whether the message holds one of the keys."""
        return any(key.lower() in message.lower() for key in self.key.split("|"))


ROWS = [
    Row(id, code, key)
    for file in iter_modules(__path__)
    for ids, code, key in import_module(f"{__name__}.{file.name}").ROWS
    for id in ids.split()
]
