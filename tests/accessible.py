"""What a page owes readers who do not see it: every picture in words with its numbers, every control with a name."""

import re

from bs4 import BeautifulSoup, Tag
from markdown_it import MarkdownIt

PICTURES = "img, svg, canvas, object, [role=img]"
CONTROLS = "input:not([type=hidden], [type=submit], [type=reset], [type=button], [type=image]), select, textarea"
CHROME = "a, button, label, summary, mjx-container, [hidden], [aria-hidden=true]"
"""An SVG in one of these is an icon or mathematics: the control is named, the mathematics is spoken by MathJax."""
SPEAKING = "svg[role=img], img:not([alt=''])"
ICON = {"use", "symbol", "defs"}
"""An SVG with nothing else in it is an icon beside its words, or the page's stock of icons."""

FILE = re.compile(r"\.(png|svg|jpe?g|gif|webp|pdf)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(
    r"\b(image|picture|figure|plot|graph|chart|photo|diagram|screenshot|png|svg|matplotlib)( \d+)?( of\b|[\s.:]*$)"
    r"|\bno description\b|\balt(ernative)? text\b|^<",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(\S+ ){4,}.*[.!?]( \([^()]*\))?")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
SCRIPT = re.compile(r"(<(script|style)\b[^>]*>).*?(</\2>)", re.DOTALL | re.IGNORECASE)


def picture_faults(html: str) -> list[str]:
    """What is missing on a page or in one of its parts, as sentences; an empty list where nothing is.

    Every picture is named by a sentence with two numbers, and no other picture has that name. An explorer's background
    may be silent, since its marks speak. Every input has a label.
    """
    page = BeautifulSoup(SCRIPT.sub(r"\1\3", html), "html.parser")
    found, drawn = [], {}
    for picture in page.select(PICTURES):
        if _is_part(picture) or _is_silent_background(picture):
            continue
        name = _name(picture)
        found += [f"{_shown(picture)}: {fault}." for fault in _unfit(name)]
        content = picture.get("src") or str(picture)
        if name and drawn.setdefault(name, content) != content:
            found.append(f"{_shown(picture)}: another picture has the same words.")
    found += [f"{_shown(control)}: no label." for control in page.select(CONTROLS) if not _label(control, page)]
    return found


def notebook_faults(notebook: dict) -> list[str]:
    """The faults of a notebook as JupyterLab shows it, outputs and text together."""
    outputs = [o.get("data", {}) for cell in notebook["cells"] for o in cell.get("outputs", [])]
    bare = [kind for data in outputs for kind in data if kind.startswith("image/") and "text/html" not in data]
    texts = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    page = [*(data["text/html"] for data in outputs if "text/html" in data), *map(_rendered, texts)]
    return [f"An output is bare {kind}, without words." for kind in bare] + picture_faults("\n".join(page))


def markdown_faults(text: str) -> list[str]:
    """The faults of a Markdown text."""
    return picture_faults(_rendered(text))


def contrast(one: str, other: str) -> float:
    """The contrast of two hex colours, from 1 to 21, as WCAG 2 defines it."""
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _rendered(text):
    return MarkdownIt().render(text)


def _is_part(picture: Tag) -> bool:
    """Whether it belongs to a larger picture or is an icon or a formula, and so needs no words of its own."""
    if picture.find_parent(["svg", "canvas", "object", "mjx-container"]) or picture.find_parent(role="img"):
        return True
    if picture.name != "svg" or picture.get("role") == "img":
        return False
    return {child.name for child in picture.find_all(recursive=False)} <= ICON or bool(picture.css.closest(CHROME))


def _is_silent_background(picture: Tag) -> bool:
    """Whether other words speak for it: those of the marks above it, or of the first of its figure's panels."""
    panels = picture.find_parent(class_="actlab-panels")
    return picture.name == "img" and picture.get("alt") == "" and bool(panels and panels.select_one(SPEAKING))


def _name(picture: Tag) -> str:
    title = picture.find("title", recursive=False)
    words = picture.get("aria-label") or picture.get("alt") or (title.get_text() if title else "")
    return " ".join(words.split())


def _unfit(name: str) -> list[str]:
    if not name:
        return ["no words"]
    faults = [("a file name", FILE.search(name)), ("a placeholder", PLACEHOLDER.match(name))]
    faults += [("no sentence", not SENTENCE.fullmatch(name))]
    faults += [("fewer than two numbers", len(NUMBER.findall(name)) < 2)]
    return [f"{fault} ({name[:60]})" for fault, present in faults if present]


def _label(control: Tag, page: BeautifulSoup) -> str:
    ids = control.get("aria-labelledby", "").split()
    labels = [control.find_parent("label"), *(page.find(id=i) for i in ids)]
    if control.get("id"):
        labels.append(page.find("label", attrs={"for": control["id"]}))
    texts = [text for label in filter(None, labels) for text in label.find_all(string=True)]
    words = [text for text in texts if not text.find_parent("output")]
    return "".join([control.get("aria-label", ""), control.get("title", ""), *words]).strip()


def _shown(element: Tag) -> str:
    known = " ".join(f'{key}="{element[key]}"' for key in ("id", "class", "src", "type") if element.get(key))
    return f"<{element.name}{' ' * bool(known)}{known[:60]}>"
