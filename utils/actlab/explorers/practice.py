"""The pictures of the practice questions, as its notebook calls them: `practice.gate(…)`.

Each stands beside the course's own picture of its subject and is drawn by what the learner has written: whatever that
does wrong is said in words in place of the picture.
"""

from collections.abc import Callable
from functools import wraps
from numbers import Integral
from typing import ParamSpec

from actlab import learner
from actlab.explorers import dying, gating, zigzag
from actlab.explorers import gradients as by_layer
from actlab.explorers.simplex import competition
from actlab.live import Explorer

__all__ = ["competition", "dead", "descent", "gate", "gradients"]

P = ParamSpec("P")


def _told_what_to_set(draw: Callable[P, Explorer]) -> Callable[P, Explorer]:
    """`draw`, with a sentence in place of the picture where SEED or DEPTH of the notebook cannot be used."""

    @wraps(draw)
    def drawn(*functions: P.args, **settings: P.kwargs) -> Explorer:
        for name, least in (("seed", 0), ("depth", 1)):
            value = settings.get(name, least)
            if not isinstance(value, Integral) or value < least:
                words = f"{name.upper()} is {value!r}: in the cell at the top, choose a whole number from {least} on"

                def background(figure, words=words):
                    raise learner.Trouble(learner.Kind.VALUE, words)

                return Explorer("No picture", {}, background)
        return draw(*functions, **settings)

    return drawn


dead = _told_what_to_set(dying.dead)
descent = _told_what_to_set(zigzag.descent)
gate = _told_what_to_set(gating.gate)
gradients = _told_what_to_set(by_layer.gradients)
