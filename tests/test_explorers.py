"""The course's explorers say what is true, at every position of every slider."""

import base64
import html
import io
import itertools
import json
import math
import re
from functools import cache

import numpy as np
import pytest
from explored import NAMES, explored
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageFont
from scipy.stats import norm

from actlab import networks
from actlab.activations import REGISTRY
from actlab.explorers import compare, explore
from actlab.live import Choice
from actlab.live.explorer import LISTED
from actlab.live.packing import unpack
from actlab.look import FIGURE_FACE, NEGATIVE, POSITIVE
from actlab.words import minus

NUMBER = re.compile(r"[−+]?\d+(?:\.\d+)?(?:e[−+]?\d+)?")


def number(text):
    return float(text.replace("−", "-"))


def figures_in(sentence):
    return [number(n) for n in NUMBER.findall(sentence)]


def number_after(words, sentence):
    return number(re.search(re.escape(words) + r"\s*(" + NUMBER.pattern + ")", sentence)[1])


# --- one function ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tanh():
    return explored("explore")


@pytest.mark.parametrize("z", [-6.0, -0.5, 0.0, 2.0, 6.0])
def test_the_point_has_the_value_and_the_slope_of_numpy(tanh, z):
    sentence = tanh.at(z=z)
    assert number_after("the value is", sentence) == pytest.approx(np.tanh(z), abs=5e-5)
    assert number_after("the slope", sentence) == pytest.approx(1 / np.cosh(z) ** 2, abs=5e-5)
    share = 1 / np.cosh(z) ** 2
    assert f"{'under 1' if share < 0.005 else f'{100 * share:.0f}'}% of its maximum:" in sentence


def test_a_tiny_slope_is_a_number_and_not_0(tanh):
    assert number_after("the slope", tanh.at(z=6)) == pytest.approx(1 / np.cosh(6) ** 2, rel=0.02)


@pytest.mark.parametrize("threshold", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("scale", [0.5, 2, 8])
def test_the_saturated_share_is_that_of_a_normal_distribution(tanh, threshold, scale):
    edge = np.arctanh(np.sqrt(1 - threshold))
    share = re.search(r"([\d.]+)% of inputs", tanh.at(threshold=threshold, scale=scale))[1]
    assert float(share) == pytest.approx(200 * norm.sf(edge / scale), abs=0.4)


def test_relu_saturates_on_its_whole_left_side():
    assert "for z < 0.00: 50.0% of inputs" in explore("relu").at(threshold=0.01, scale=1)


def test_a_straight_line_never_saturates():
    assert "The slope never falls below 50% of its maximum 1" in explore("linear").at(threshold=0.5)


def test_a_wrong_derivative_is_told_where_it_is_wrong():
    def cube(z):
        return z**3

    def slope(z):
        return 3 * z**2 + np.where(z > 2, 1.0, 0.0)

    sentence = explore(cube, slope).at()
    place, mine, numeric = re.search(
        r"most at z = (\S+): it says (\S+), the difference quotient (\S+)\.", sentence
    ).groups()
    assert number(place) > 2
    assert number(mine) - number(numeric) == pytest.approx(1, abs=1e-3)
    assert number(numeric) == pytest.approx(3 * float(place) ** 2, abs=0.1)


def test_a_right_derivative_is_confirmed():
    sentence = explore(np.tanh, lambda z: 1 - np.tanh(z) ** 2).at()
    assert "agrees with a finite difference" in sentence


@pytest.mark.parametrize("height", [1e-2, 1, 1e3])
@pytest.mark.parametrize("place", [-1.0, 0.0, 2.5])
def test_no_derivative_is_right_across_a_jump(place, height):
    def step(z):
        return height * (z >= place)

    explorer = explore(step, np.zeros_like)
    words = f"the function jumps from 0 to {height:g}"
    assert minus(f"at z = {place:g} {words}, and no derivative is right") in explorer.at(z=1)
    assert minus(f"At z = {place:+.2f} {words}: there it has no slope") in explorer.at(z=place)


@pytest.mark.parametrize("f", [lambda z: np.tanh(300 * z), np.cbrt, np.abs, lambda z: z**3])
def test_what_is_only_steep_does_not_jump(f):
    assert "jumps" not in explore(f, lambda z: 0 * z).at()


def test_a_finite_difference_across_a_jump_is_no_slope():
    stairs = explore(lambda z: np.floor(z) + z)
    assert all("no slope" in stairs.at(z=z) for z in (-3, 0, 1))
    assert "the value is 2.5000 and the slope 1.0000" in stairs.at(z=1.5)


def test_a_parameter_moves_the_curve():
    explorer = explored("explore with a parameter")
    for alpha in (0.5, 2.0):
        sentence = explorer.at(z=-6, alpha=alpha)
        assert sentence.startswith(f"With α = {alpha:.2f}, at z = −6.00")
        assert number_after("the value is", sentence) == pytest.approx(alpha * np.expm1(-6), abs=5e-5)
    curves = {frame for frame in frames(explorer)[1] if "<path" in frame}
    assert len(curves) == 8


def test_compare_reads_every_function():
    sentence = explored("compare").at(z=-1)
    z = np.array([-1.0])
    for key in ("sigmoid", "tanh", "relu"):
        entry = REGISTRY[key]
        assert minus(f"{entry.name} {entry.f(z)[0]:.3f} (slope {entry.df(z)[0]:.3f})") in sentence


@pytest.mark.parametrize("keys", [["tanh"], ["tanh", "relu"], ["sigmoid", "tanh", "relu"]])
def test_compare_is_called_by_what_it_shows(keys):
    *first, last = (REGISTRY[key].name for key in keys)
    assert compare(keys).title == (f"{', '.join(first)} and {last}" if first else last)


def test_compare_of_nothing_says_what_it_needs():
    with pytest.raises(ValueError, match="at least one function"):
        compare([])


# --- networks --------------------------------------------------------------------------------------------------------


def test_affine_layers_only_shear_and_relu_folds():
    explorer = explored("explore_folding")
    stops = explorer.sliders["t"].positions
    folded = []
    for t in stops:
        sentence = explorer.at(t=t)
        assert number_after("the largest cell has", sentence) == 1.0
        folded.append(float(re.search(r"(\d+)% of the cells", sentence)[1]))
    assert folded[0] == 0
    assert folded[-1] > 0


def test_relu_finds_the_circle_and_affine_layers_do_not():
    sentence = explored("explore_boundary").at(step=200)
    affine, relu = sentence.removeprefix("After 200 steps. ").split("; ")
    assert "affine, depth 8: under 60 % right" in affine
    assert "ReLU, depth 2: more than 95 % right" in relu


def factor(explorer, **values):
    return number_after("×", explorer.at(**values))


def test_gradients_shrink_hold_and_grow_with_the_gain():
    explorer = explored("explore_gradients")
    deep = {"activation": REGISTRY["sigmoid"].name, "depth": 30}
    assert factor(explorer, **deep, gain=1) == pytest.approx(0.24, abs=0.02)
    assert factor(explorer, **deep, gain=12) == pytest.approx(1.0, abs=0.1)
    assert factor(explorer, **deep, gain=64) > 1.5
    assert "holds" in explorer.at(activation=REGISTRY["linear"].name, depth=30, gain=1)


def test_the_factor_is_the_one_in_the_numbers():
    norms = networks.gradient_norms(REGISTRY["tanh"], 20, 2, batch=32)
    expected = np.mean((norms[:, 0] / norms[:, -1]) ** (1 / 19))
    assert factor(explored("explore_gradients"), activation="tanh", depth=20, gain=2) == pytest.approx(
        expected, abs=0.005
    )


def share_left(words):
    return float(re.search(r"([\d.]+)% of the distance", words)[1])


def test_positive_inputs_zigzag_and_centred_ones_do_not():
    sentence = explored("explore_zigzag").at(steps=12, rate=1)
    sigmoid, tanh = sentence.split("; ")
    assert number_after("walked", sigmoid) > 3
    assert number_after("walked", tanh) < 1.5
    assert share_left(sigmoid) > 10 > 1 > share_left(tanh)


@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_the_first_step_is_the_one_that_the_inputs_dictate(rate):
    u = np.random.default_rng(0).normal(size=(200, 2))
    start = np.array([-2.0, -0.5])
    words = explored("explore_zigzag").at(steps=1, rate=rate).split("; ")
    for part, h in zip(words, (1 / (1 + np.exp(-u)), np.tanh(u)), strict=True):
        H = h.T @ h / 200
        left = start - rate * 2 / np.trace(H) * H @ start
        assert share_left(part) == pytest.approx(100 * np.linalg.norm(left) / np.linalg.norm(start), abs=0.06)


# --- all of them -----------------------------------------------------------------------------------------------------


def page(explorer):
    """The data of the self-contained page."""
    text = re.search(r'<script type="application/json">(.*?)</script>', explorer.html(), re.DOTALL)[1]
    return json.loads(text.replace("<!--varies-->", "").replace("<!--/varies-->", ""))


def frames(explorer):
    """The frames of every layer: [[svg + sentence, ...], ...]."""
    layers = page(explorer)["layers"]
    return [[unpack(layer["templates"], row).replace("\x02", "") for row in layer["rows"]] for layer in layers]


BEYOND = {
    "explore with a parameter": {"z × alpha": 97 * 8},
    "explore_jacobian": {"z1 × z2 × z3": 13**3},
}
"""Layers that may have more frames than are listed: in a page their sliders skip positions."""


@pytest.mark.parametrize("name", NAMES)
def test_every_frame_is_listed_but_where_we_decided_otherwise(name):
    """Beyond the limit a page offers fewer positions, and a notebook asks its kernel: no slider gets there unseen.

    Split the layer into several that follow fewer sliders, give a slider fewer positions, or write it into BEYOND.
    """
    explorer = explored(name)
    sliders, offered = list(explorer.sliders.items()), page(explorer)
    followed = [[sliders[i] for i in layer["sliders"]] for layer in offered["layers"]]
    sizes = {" × ".join(key for key, _ in each): math.prod(len(s.positions) for _, s in each) for each in followed}
    beyond = {layer: size for layer, size in sizes.items() if size > LISTED}
    said = f"more than {LISTED} frames: split the layer, give a slider fewer positions, or write it into BEYOND"
    assert beyond == BEYOND.get(name, {}), f"{name}: {beyond} has {said}"
    if name not in BEYOND:
        assert [slider["values"] for slider in offered["sliders"]] == [s.texts for _, s in sliders]


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_sentence_with_numbers_everywhere(name):
    explorer = explored(name)
    assert explorer.trouble is None
    positions = list(itertools.product(*(s.positions for s in explorer.sliders.values())))
    for values in positions[:: max(len(positions) // 200, 1)]:
        sentence = explorer.at(**dict(zip(explorer.sliders, values, strict=True)))
        assert len(figures_in(sentence)) >= 2, sentence
        assert not re.search(r"\bnan\b|\binf\b|could not be drawn|[-−]0\.0%", sentence), sentence


@pytest.mark.parametrize("name", NAMES)
def test_no_frame_holds_a_number_that_is_none(name):
    for layer in frames(explored(name)):
        for frame in layer:
            assert not re.search(r"\bnan\b|\binf\b", frame)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_small_enough_to_be_committed(name):
    assert len(explored(name).html().encode()) < 260_000


@pytest.mark.parametrize("name", NAMES)
def test_sliders_say_what_they_are_at_readable_values(name):
    for key, slider in explored(name).sliders.items():
        assert len(set(slider.texts)) == len(slider.positions), key
        assert max(map(len, slider.texts)) < 25


# --- how they are held -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_names_are_chosen_from_a_list_and_numbers_grow_to_the_right(name):
    for key, slider in explored(name).sliders.items():
        words = any(isinstance(position, str) for position in slider.positions)
        assert isinstance(slider, Choice) == words, f"{key}: a Choice is for names, a Slider for what has an order"
        assert words or slider.positions == sorted(slider.positions), f"{key} runs backwards"


IN_TIME = re.compile(r"(?!start)(.* )?(steps?|layers|way|seeds)\b")


@pytest.mark.parametrize("name", NAMES)
def test_what_happens_in_time_can_be_played_and_opens_at_its_beginning(name):
    for key, slider in explored(name).sliders.items():
        assert slider.play == bool(IN_TIME.match(slider.label) and not isinstance(slider, Choice)), key
        assert not slider.play or slider.start_index == 0, f"{key} opens on the answer"


@pytest.mark.parametrize(
    ("name", "held"),
    {
        "compare": "z",
        "explore": "z",
        "explore_agreement": "seeds",
        "explore_clip_floor": "low high",
        "explore_depth": "gain layers",
        "explore_dying": "step",
        "explore_gates": "z",
        "explore_saturated": "start",
        "explore_stochastic_gate": "draws",
        "practice.dead": "bias",
    }.items(),
)
def test_the_picture_itself_can_be_grabbed(name, held):
    explorer = explored(name)
    keys = list(explorer.sliders)
    grabbed = {keys[i] for axes in page(explorer)["grabs"] for i, _ in [*axes["x"], *axes["y"]]}
    assert grabbed == set(held.split())


def test_half_of_the_inputs_of_a_tanh_can_be_made_to_saturate(tanh):
    positions = [tanh.at(threshold=0.1, scale=s) for s in tanh.sliders["scale"].positions]
    assert any(abs(float(re.search(r"([\d.]+)% of inputs", words)[1]) - 50) < 0.5 for words in positions)


def test_past_the_best_rate_the_valley_first_slows_and_then_throws_out():
    left = {rate: explored("explore_zigzag").at(steps=45, rate=rate).split("; ")[0] for rate in (1, 1.05, 1.2)}
    assert share_left(left[1]) < share_left(left[1.05]) < 100
    assert number_after("sigmoid inputs are", left[1.2]) > 1000


def test_gain_64_explodes_for_the_eye_too():
    explorer = explored("explore_gradients")
    sentence = explorer.at(activation=REGISTRY["sigmoid"].name, depth=10, gain=64)
    assert float(re.search(r"([\d.]+) times in all", sentence)[1]) == pytest.approx(
        factor(explorer, depth=10, gain=64) ** 9, rel=0.2
    )


# --- what is seen ----------------------------------------------------------------------------------------------------


def drawn(explorer, chromium):
    """The background as RGB pixels, two for each CSS pixel, its panels side by side."""
    panels = re.findall(r'<img alt="" src="(data:image/[\w+]+;base64,([^"]+))"', explorer.html())
    files = [vector(source, chromium) if "svg" in source else base64.b64decode(data) for source, data in panels]
    opened = [Image.open(io.BytesIO(file)).convert("RGB") for file in files]
    return np.concatenate([np.asarray(image).astype(int) for image in opened], axis=1)


def vector(source, chromium):
    """What the browser draws of an SVG, as PNG in the size that it has of its own."""
    page = chromium.new_page()
    page.set_content(f'<img src="{source}" style="display:block">')
    png = page.locator("img").screenshot()
    page.close()
    return png


@pytest.mark.parametrize("name", NAMES)
def test_no_label_is_cut_off_at_the_edge_of_the_picture(name, chromium):
    pixels = drawn(explored(name), chromium)
    edges = [pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]]
    assert all((edge > 245).all() for edge in edges), "something is drawn up to the edge"
    width, height = explored(name).size
    for frame in itertools.chain.from_iterable(frames(explored(name))):
        boxes = list(texts(frame))
        for text, left, top, right, bottom in boxes:
            assert min(left, top) >= 0 and right <= width and bottom <= height, text
        for (one, *a), (other, *b) in itertools.combinations(boxes, 2):
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, f"{one} and {other} overlap"


def texts(frame):
    """(text, left, top, right, bottom) of every label among the marks, in CSS pixels."""
    pattern = r'<text x="([-\d.]+)" y="([-\d.]+)" text-anchor="(\w+)"[^>]*?font:600 ([\d.]+)px[^>]*>([^<]*)<'
    for x, y, anchor, size, text in re.findall(pattern, frame):
        x, y, size = float(x), float(y), float(size)
        wide = font(size).getlength(html.unescape(text))
        left = x - wide * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        yield text, left, y - 0.76 * size, left + wide, y + 0.1 * size


@cache
def font(size):
    """The face of labels, bold; 600 lies between the regular face and this one."""
    return ImageFont.truetype(findfont(FontProperties(family=FIGURE_FACE, weight="bold")), size)


def test_curves_that_coincide_all_stay_visible(chromium):
    keys = ["relu", "leaky_relu", "elu", "selu"]
    pixels = drawn(compare(keys), chromium)
    column = pixels[:, round(0.33 * pixels.shape[1])]  # in the first panel, right of z = 0
    for key in keys:
        color = [int(REGISTRY[key].color[i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(column - color).sum(1) < 40).any(), f"{key} is hidden"


@pytest.mark.parametrize("name", ["explore_jacobian", "practice.competition"])
def test_one_colour_stands_for_positive_everywhere(name):
    for layer in frames(explored(name)):
        for frame in layer[:: max(len(layer) // 20, 1)]:
            signs = re.findall(r">([+−]?)[\d.]+</text>", frame)
            for sign, color in (("+", POSITIVE), ("−", NEGATIVE)):
                assert frame.count(f'fill="{color}"') >= signs.count(sign)
            assert "−0.00<" not in frame and "−0.000" not in frame
