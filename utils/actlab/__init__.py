"""actlab: a course on neural-network activation functions.

`actlab.watch(model)` looks into any model of PyTorch's while it trains.
"""

from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "watch"]


def __getattr__(name: str) -> Any:
    """`watch`, imported when it is first asked for: the package itself imports nothing."""
    if name != "watch":
        raise AttributeError(f"module 'actlab' has no attribute {name!r}")
    import importlib

    return importlib.import_module("actlab.watching").watch
