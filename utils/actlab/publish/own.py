"""Whether an output is one that the course writes: nothing in it runs but the course's own script.

JupyterLab runs whatever is in a notebook that somebody signed. A signature is therefore for outputs alone that this
module can read to the end: tags with attributes in quotes, none of which loads or runs anything, the frames of an
explorer, and the script that shows them.
"""

import json
import re
from typing import Any

from actlab import look
from actlab.live import page
from actlab.live.marks import SPLIT

TAGS = """
    a br button circle code details div em fieldset g img input label legend li line ol output p path picture
    polyline pre rect small source span strong sub summary sup svg table tbody td text th thead tr tspan ul
"""
NAMES = """
    alt aria-hidden aria-label aria-live aria-valuetext checked class colspan cx cy d data-asleep data-digest
    data-layer data-prevent-swipe data-slider disabled fill fill-rule height href max media min opacity points r
    role scope src srcset step stroke stroke-dasharray stroke-linecap stroke-linejoin stroke-width style text-anchor
    transform type value viewBox width x x1 x2 xmlns y y1 y2
"""
ATTRIBUTE = re.compile(r'\s+([\w:-]+)(?:="([^"<>]*)")?')
TAG = re.compile(rf"<(/?)([a-zA-Z]+\d?)((?:{ATTRIBUTE.pattern})*)\s*/?>")
MARK = re.compile(r"<!--/?varies-->")
HOLE, SENTENCE = "\x01", "\x02"
IMAGE = "data:image/"
BREAK = "<br>"  # what has been read becomes a tag, since in the middle of another tag it would mean something else
LINK = re.compile(r"https://.*|data:image/.*|[\w./-]*(#[\w.-]*)?")


def is_own(output: dict[str, Any]) -> bool:
    """Whether an output of a code cell may be trusted: text, or HTML that the course's code could have written."""
    data = output.get("data", {})
    return data.keys() <= {"text/plain", "text/html"} and _is_page(_text(data.get("text/html", "")))


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _is_page(html: str) -> bool:
    html = html.replace(page.SCRIPTLESS, page.ASLEEP)
    head, _, tail = re.escape(page.wake(HOLE, exact=True)).partition(re.escape(HOLE))
    explorer = re.compile(rf"{head}(.*?){tail}", re.DOTALL)
    return all(map(_is_frames, explorer.findall(html))) and _is_markup(
        explorer.sub(BREAK, html).replace(look.night(), BREAK)
    )


def _is_frames(text: str) -> bool:
    """Whether what an explorer shows, of which its script makes SVG, is drawing and numbers."""
    try:
        data = json.loads(MARK.sub("", text))
        layers, drawing = data["layers"], (data.get("phone") or {"source": IMAGE})["source"]
        frames = [template.partition(SENTENCE)[0] for layer in layers for template in layer.get("templates") or ()]
        parts = [part for frame in frames for part in frame.split(SPLIT)]
        numbers = [number for layer in layers for row in layer.get("rows") or () for number in row.split(" ")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return (
        "</" not in text
        and drawing.startswith(IMAGE)
        and all(map(_is_markup, parts))
        and all(re.fullmatch(r"[-−+.\w%⁺⁻·]*", number) for number in numbers)
    )


def _is_markup(html: str) -> bool:
    """Whether HTML is text and known tags, whose attributes neither run nor load anything."""
    html = MARK.sub(BREAK, html)
    for _, tag, attributes, *_ in TAG.findall(html):
        if tag not in TAGS.split():
            return False
        for name, value in ATTRIBUTE.findall(attributes):
            if (
                name not in NAMES.split()
                or "url(" in value
                or (name in ("href", "src", "srcset") and not LINK.fullmatch(value))
            ):
                return False
    return "<" not in TAG.sub("", html)
