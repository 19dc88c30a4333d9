"""How many threads share a matrix product."""

from threadpoolctl import ThreadpoolController


def keep_to_one() -> None:
    """From now on NumPy multiplies matrices on one thread; PyTorch keeps its own number.

    The course's products are small and many. Where threads share them they gain nothing, and on a computer that is busy
    every product waits for the thread that has to wait its turn: lesson 06 then took five times as long.
    Source: threadpoolctl, https://github.com/joblib/threadpoolctl
    """
    ThreadpoolController().select(internal_api="openblas").limit(limits=1)
