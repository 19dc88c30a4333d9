"""Classes of any size whose scores are known, made from the bank of answers."""

import random
import re
from pathlib import Path

from actlab.course import PRACTICE
from actlab.exercises import EXERCISES, Choice, lesson

BANK = Path(__file__).with_name("bank.py")
NOISE = (
    "%matplotlib inline",
    "import torch, matplotlib.pyplot as plt\nfig, ax = plt.subplots()",
    "print('hello')\nimport warnings\nwarnings.warn('careful')",
    "undefined_name + 1",
    "!pip install something",
    "z = [1, 2, 3]; p = 7; h = None",
    "raise ValueError('a cell that fails')",
)


def bank() -> dict[str, list[tuple[str, int]]]:
    """Name -> (source, points it earns) of every known answer; functions and letters."""
    pieces = re.split(r"(?m)^# %% (\w+): (.+)\n", BANK.read_text(encoding="utf-8"))[1:]
    answers: dict[str, list[tuple[str, int]]] = {}
    for name, right, source in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        parts = EXERCISES[name].parts
        points = sum(parts[part] for part in right.split(", ") if right != "nothing")
        answers.setdefault(name, []).append((source, points))
    for exercise in lesson(PRACTICE.number):
        if isinstance(exercise, Choice):
            answers[exercise.name] = [
                (f"{exercise.name} = {letter!r}", exercise.points * (letter in exercise.right))
                for letter in exercise.options
            ]
    return answers


def student(number: int) -> tuple[list[str], dict[str, int]]:
    """The cells of one student and the points of each name, always the same for the same number."""
    chance = random.Random(number)
    care = chance.random()
    cells, points = ["import math\nimport numpy as np"], {}
    for name, known in bank().items():
        good = [answer for answer in known if answer[1]]
        source, earned = chance.choice(good if chance.random() < care else known)
        if chance.random() < 0.1:
            source, earned = f"def {name}(*args):\n    raise NotImplementedError", 0
        cells.append(source)
        points[name] = earned
        if chance.random() < 0.1:
            cells.append(chance.choice(NOISE))
    return cells, points


def answers(number: int) -> list[str]:
    """What one student wrote for each name, in the bank's order."""
    return [cell for cell in student(number)[0][1:] if cell not in NOISE]
