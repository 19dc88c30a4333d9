"""One look: every colour is written once, words can be read on light and on dark ground, and pages know the names."""

import colorsys
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import classroom
import numpy as np
import pytest
from accessible import contrast
from offline import ground, opened, violations
from soak import school

from actlab import look
from actlab.activations import REGISTRY
from actlab.publish import site

PACKAGE = Path(look.__file__).parent
SHEETS = [path for kind in ("css", "j2") for path in sorted(PACKAGE.rglob(f"*.{kind}")) if "jupyter" not in path.parts]
PALETTES = {"light": look.LIGHT, "dark": look.DARK}
GROUNDS = ("paper", "raised", "aside")
LINES = ("rule", "edge", "note")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder that `actlab grade` wrote for one student with right, partly right and wrong answers."""
    root = tmp_path_factory.mktemp("class")
    classroom.hand_in(root / "in", s00=school.student(0)[0])
    subprocess.run([sys.executable, "-m", "actlab.cli", "grade", root / "in", "--out", root / "out"], check=True)
    return root / "out"


@pytest.mark.parametrize("behind", GROUNDS)
@pytest.mark.parametrize("scheme", PALETTES)
def test_words_can_be_read_on_every_ground(scheme, behind):
    colours = asdict(PALETTES[scheme])
    words = colours.keys() - {*GROUNDS, *LINES}
    for name in words:
        ratio = contrast(colours[name], colours[behind])
        assert ratio >= 4.5, (
            f"`{name}` on `{behind}` has {ratio:.1f}, and words need 4.5: change {scheme.upper()} in look.py"
        )


GRAYS = np.array([0.213, 0.715, 0.072])
HALF_TURN = 2 * GRAYS - np.eye(3)
"""`hue-rotate(180deg)` as the CSS filter specification defines it: what is grey stays, what is not changes sides."""
PAGES = {"black": "#000000", "JupyterLab": "#111111", "VS Code": "#1E1E1E", "the site": look.DARK.paper}


def at_night(color, page):
    """What `look.NIGHT` makes of a colour, with the page's ground in place of black (`screen`)."""
    assert look.NIGHT == "invert(1) hue-rotate(180deg)"
    turned = np.clip(HALF_TURN @ (1 - channels(color)), 0, 1)
    return 1 - (1 - turned) * (1 - channels(page))


def channels(color):
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def written(rgb):
    return "#" + "".join(f"{round(255 * c):02X}" for c in rgb)


def hue(color):
    """Degrees round the colour circle, without lightness: 0 is red, 120 green."""
    return 360 * colorsys.rgb_to_hls(*channels(color))[0]


DRAWN = {entry.name: entry.color for entry in REGISTRY.values()} | {
    **{f"curve {i}": color for i, color in enumerate(look.CURVES, 1)},
    **{name: getattr(look.LIGHT, name) for name in ("ink", "muted", "cool", "warm", "right", "partly", "wrong")},
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_can_be_read_and_keeps_its_hue_on_a_dark_page(name, page):
    night = written(at_night(DRAWN[name], PAGES[page]))
    assert contrast(night, written(at_night("#FFFFFF", PAGES[page]))) >= 4.5
    colourful = colorsys.rgb_to_hsv(*channels(DRAWN[name]))[1] > 0.3
    assert not colourful or abs((hue(night) - hue(DRAWN[name]) + 180) % 360 - 180) < 25


def test_a_sign_keeps_its_colour_at_night():
    for color in (look.LIGHT.cool, look.LIGHT.warm):
        pale = written(0.6 + 0.4 * channels(color))
        strong, weak = (at_night(c, "#000000") for c in (color, pale))
        assert np.argmax(strong) == np.argmax(weak) == np.argmax(channels(color))
        assert strong.sum() > weak.sum()


@pytest.mark.parametrize("scheme", PALETTES)
def test_the_line_round_a_thing_can_be_seen(scheme):
    assert contrast(PALETTES[scheme].edge, PALETTES[scheme].paper) >= 3


def test_a_colour_is_written_in_the_look_or_beside_its_activation():
    sources = (path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".css", ".j2", ".js", ".mplstyle"))
    written = {path.name for path in sources if re.search(r"#[0-9A-Fa-f]{6}\b", path.read_text(encoding="utf-8"))}
    assert written == {"look.py", "activations.py"}


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_pages_ask_for_what_the_look_has(path):
    asked = set(re.findall(r"var\(--([\w-]+)\)", path.read_text(encoding="utf-8")))
    assert {name for name in asked if not name.startswith("color-")} <= look.variables(look.LIGHT).keys()


def test_the_site_s_theme_asks_for_what_the_look_has():
    assert set(site.THEME.values()) <= look.variables(look.LIGHT).keys()


@pytest.mark.parametrize("name", ["feedback/s00", "report", "written"])
@pytest.mark.parametrize("scheme", PALETTES)
def test_what_grading_writes_is_light_or_dark_as_its_reader_wishes(chromium, graded, scheme, name):
    with opened(chromium, (graded / f"{name}.html").as_uri(), color_scheme=scheme) as seen:
        assert ground(seen.page) == PALETTES[scheme].paper
        assert violations(seen.page, without=[]) == []
        assert seen.faults == []
