"""The course's explorers say what is true, at every position of every slider."""

import itertools
import json
import math
import re

import numpy as np
import pytest
from explored import NAMES, explored
from scipy.stats import norm

from actlab import networks
from actlab.activations import REGISTRY
from actlab.explorers import explore
from actlab.live.explorer import LISTED
from actlab.live.packing import unpack

NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def figures_in(sentence):
    return [float(n) for n in NUMBER.findall(sentence)]


def number_after(words, sentence):
    return float(re.search(re.escape(words) + r"\s*(" + NUMBER.pattern + ")", sentence)[1])


# --- one function ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tanh():
    return explored("explore")


@pytest.mark.parametrize("z", [-6.0, -0.5, 0.0, 2.0, 6.0])
def test_the_point_has_the_value_and_the_slope_of_numpy(tanh, z):
    sentence = tanh.at(z=z)
    assert number_after("the value is", sentence) == pytest.approx(np.tanh(z), abs=5e-5)
    assert number_after("the slope", sentence) == pytest.approx(1 / np.cosh(z) ** 2, abs=5e-5)
    assert re.search(r"(\d+)% of its maximum:", sentence)[1] == f"{100 / np.cosh(z) ** 2:.0f}"


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
    assert float(place) > 2
    assert float(mine) - float(numeric) == pytest.approx(1, abs=1e-3)
    assert float(numeric) == pytest.approx(3 * float(place) ** 2, abs=0.1)


def test_a_right_derivative_is_confirmed():
    sentence = explore(np.tanh, lambda z: 1 - np.tanh(z) ** 2).at()
    assert "agrees with a finite difference" in sentence


def test_a_parameter_moves_the_curve():
    explorer = explored("explore with a parameter")
    for alpha in (0.5, 2.0):
        sentence = explorer.at(z=-6, alpha=alpha)
        assert number_after("the value is", sentence) == pytest.approx(alpha * np.expm1(-6), abs=5e-5)
    curves = {frame for frame in frames(explorer)[1] if "<path" in frame}
    assert len(curves) == 8


def test_compare_reads_every_function():
    sentence = explored("compare").at(z=-1)
    z = np.array([-1.0])
    for key in ("sigmoid", "tanh", "relu"):
        entry = REGISTRY[key]
        assert f"{entry.name} {entry.f(z)[0]:.3f} (slope {entry.df(z)[0]:.3f})" in sentence


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
    sentence = explored("explore_boundary").at()
    affine, relu = sentence.removeprefix("After 200 steps. ").split("; ")
    assert f"{REGISTRY['linear'].name}, 8 layers: under 60 % right" in affine
    assert "ReLU, 2 layers: more than 95 % right" in relu


def factor(explorer, **values):
    return number_after("×", explorer.at(**values))


def test_gradients_shrink_hold_and_grow_with_the_gain():
    explorer = explored("explore_gradients")
    deep = {"activation": "sigmoid", "depth": 30}
    assert factor(explorer, **deep, gain=1) == pytest.approx(0.24, abs=0.02)
    assert factor(explorer, **deep, gain=12) == pytest.approx(1.0, abs=0.1)
    assert factor(explorer, **deep, gain=64) > 1.5
    assert "holds" in explorer.at(activation="linear", depth=30, gain=1)


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
        # The guide's positions are answers, and its sliders have room for them.
        assert max(map(len, slider.texts)) < (32 if name == "explore_guide" else 25)
