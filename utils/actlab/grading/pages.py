"""How a page is made: its template, the course's look, and what may run in it."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actlab import look

if TYPE_CHECKING:
    import jinja2

TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **values: Any) -> str:
    """The page of a template, in which no value is taken for HTML."""
    return _templates().get_template(template).render(values)


def digest(script: str) -> str:
    """A script as a page's policy names it, so that it runs and no other one does."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def marked(text: str) -> str:
    """The text with `code` set as code, and nothing else in it taken for HTML."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    loader = jinja2.FileSystemLoader(TEMPLATES)
    made = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.filters["marked"] = marked
    made.globals["tokens"] = look.css()
    return made
