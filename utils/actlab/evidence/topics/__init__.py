"""Experiments by subject: each module declares some, with what is concluded from them. All of them are imported."""

from importlib import import_module
from pkgutil import iter_modules

for _topic in iter_modules(__path__):
    import_module(f"{__name__}.{_topic.name}")
