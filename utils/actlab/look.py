"""The course's one look: every colour by its role, on light and on dark ground, and the faces it is written in.

Figures, cards and tables take colours from here by name; deck, site, feedback and the list of decks as CSS variables.
An activation's own colour stands beside it, in `activations`.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Palette:
    """Colours by role.

    Grounds: paper, raised (a block that stands out), aside (a remark).
    Lines: rule (between rows), edge (round a thing, and axes), note (beside a remark).
    Words, readable on every ground: ink, muted, cool and warm (two sides of a comparison; a link is cool, what the
    keyboard stands on is warm), and the states right, partly and wrong.
    """

    paper: str
    raised: str
    aside: str
    rule: str
    edge: str
    note: str
    ink: str
    muted: str
    cool: str
    warm: str
    right: str
    partly: str
    wrong: str


LIGHT = Palette(
    paper="#FFFFFF",
    raised="#F2F4F6",
    aside="#FFF6E5",
    rule="#C5CCD3",
    edge="#8A94A0",
    note="#B86E00",
    ink="#2B3440",
    muted="#4C5B6B",
    cool="#0060A8",
    warm="#C44200",
    right="#00795A",
    partly="#7A5200",
    wrong="#B3261E",
)
DARK = Palette(
    paper="#12181F",
    raised="#1B242E",
    aside="#2A2418",
    rule="#33404D",
    edge="#6B7886",
    note="#D9923B",
    ink="#E8EDF2",
    muted="#A9B6C3",
    cool="#7FB2F0",
    warm="#FF9A66",
    right="#4FD1A5",
    partly="#F0B95B",
    wrong="#FF8A80",
)
POSITIVE, NEGATIVE = LIGHT.warm, LIGHT.cool
"""The two signs of a number, and what grows or shrinks, on every colour map."""

GRID = "#E6EAEE"
"""The lines behind a curve: so light that they are for figures alone, which are light everywhere."""

CURVES = (LIGHT.cool, LIGHT.warm, LIGHT.right, "#A3218E", "#6A3FB5", "#8A6A00", LIGHT.muted)
"""One after another, for curves that have no colour of their own."""

NIGHT = "invert(1) hue-rotate(180deg)"
"""The CSS filter that makes a picture on white one on black: light and dark change places, and each hue stays."""

TURNED = "filter:var(--actlab-turn);mix-blend-mode:var(--actlab-over)"
"""Inline CSS of what is drawn on white: on a dark page turned over, and black gives way to the page's ground."""

_HOSTS = ("[data-jp-theme-light=false]", ".vscode-dark", ".vscode-high-contrast:not(.vscode-high-contrast-light)")
"""What says that the page round a notebook is dark: JupyterLab and nbconvert, VS Code; on the site, `data-theme`."""

FACE = "Verdana,DejaVu Sans,sans-serif"
FIGURE_FACE = "DejaVu Sans"
"""The face inside figures: it comes with matplotlib, so that a picture is the same on every computer."""

CODE_FACE = "DejaVu Sans Mono,Menlo,Consolas,monospace"


def variables(palette: Palette) -> dict[str, str]:
    """The look as CSS variables, named without their dashes: `ink`, …, `face`, `code-face`."""
    return asdict(palette) | {"face": FACE, "code-face": CODE_FACE}


def css(dark: bool = True) -> str:
    """The style sheet that a page begins with: the variables; with `dark`, also those for readers who ask for dark."""
    light = f":root {{ color-scheme: {'light dark' if dark else 'light'}; {_declared(variables(LIGHT))} }}\n"
    night = f"@media (prefers-color-scheme: dark) {{ :root {{ {_declared(asdict(DARK))} }} }}\n"
    return light + night * dark


def picture() -> str:
    """Inline CSS of a picture's box: dark where `night()` says so, else as on white."""
    ground, ink = f"var(--actlab-ground,{LIGHT.paper})", f"var(--actlab-ink,{LIGHT.ink})"
    return f"background:{ground};color:{ink};color-scheme:var(--actlab-scheme,light)"


def night() -> str:
    """A `<style>` for a picture in a notebook, which has no style sheet of its own: what is dark on a dark page.

    JupyterLab drops it from a notebook that is not trusted; there pictures stay on white.
    """
    ground = "var(--jp-layout-color0,var(--vscode-editor-background,var(--color-background-primary)))"
    dark = {"ground": ground, "ink": DARK.ink, "accent": DARK.cool, "scheme": "dark", "turn": NIGHT, "over": "screen"}
    declared = "{" + "".join(f"--actlab-{name}:{value};" for name, value in dark.items()) + "}"
    hosts = ",".join((*_HOSTS, "[data-theme=dark]"))
    return f"<style>{hosts}{declared}@media(prefers-color-scheme:dark){{[data-theme=auto]{declared}}}</style>"


def _declared(named: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in named.items())
