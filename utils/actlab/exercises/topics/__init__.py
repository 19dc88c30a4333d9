"""Exercises by subject: each module defines its tasks once, and the homework's from them. All of them are imported."""

from importlib import import_module
from pkgutil import iter_modules

for _topic in iter_modules(__path__):
    import_module(f"{__name__}.{_topic.name}")
