"""Softmax on a batch of scores, and how hard a loss pulls at them."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from actlab import figures
from actlab.figures import Picture
from actlab.tables import Table

Array = NDArray[np.float64]


def row_sums(versions: Iterable[Callable[[Array], Array]], batches: Mapping[str, Array]) -> Table:
    """What the rows of each batch add up to after each version of softmax; an error in words.

    versions: functions of scores (n, k).  batches: {name: scores}.
    """

    def said(version: Callable[[Array], Array], batch: Array) -> str:
        try:
            with np.errstate(all="ignore"):
                return ", ".join(f"{total:.2f}" for total in version(batch).sum(axis=-1))
        except ValueError:
            return "an error: the shapes do not fit"

    rows = [(version.__name__, *(said(version, batch) for batch in batches.values())) for version in versions]
    return Table(("row sums", *batches), rows)


def pulls_at_the_score(lead: Array, cross_entropy: Array, squared_error: Array) -> Picture:
    """The size of two losses' gradients at the true score, against its lead.  lead and gradients: (n,)."""
    series = {"cross-entropy": (figures.COOL, cross_entropy), "squared error": (figures.WARM, squared_error)}
    ends = [f"{name} {pull[0]:.4f} at −10 and {pull.max():.2f} at most" for name, (_, pull) in series.items()]
    return figures.with_spread(
        {name: (color, pull[None]) for name, (color, pull) in series.items()},
        list(lead),
        title="How hard the loss pulls at the true score",
        xlabel="lead m of the true class (negative: the network is wrong)",
        ylabel="size of the gradient",
        alt=f"Gradient against lead: {'; '.join(ends)}.",
        exact=True,
    )
