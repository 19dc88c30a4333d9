"""Lesson 6's map of signal and gradient."""

import itertools
import re

import numpy as np
import pytest

from actlab import networks
from actlab.activations import REGISTRY
from actlab.explorers import explore_depth
from actlab.explorers.depth import DEPTH, GAINS


@pytest.fixture(scope="module")
def depth_map():
    return explore_depth()


RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·"


def powers(sentence):
    lowered = str.maketrans(RAISED, "0123456789-.")
    return [float(p.translate(lowered)) for p in re.findall(rf"10([{RAISED}]+)", sentence)]


def independent(key, gain, layers):
    """The same networks, one at a time in a loop."""
    entry, rng = REGISTRY[key], np.random.default_rng(0)
    weights, _ = networks.initialise([64] * (DEPTH + 1), 1.0, rng, seeds=3)
    X, upstream = rng.normal(size=(2, len(GAINS), 3, 8, 64))
    row, found = GAINS.index(gain), []
    for seed in range(3):
        h, zs = X[row, seed], []
        for W in weights:
            zs.append(gain * (h @ W[seed]))
            h = entry.f(zs[-1])
            if len(zs) == layers:
                signal = (h**2).mean()
        g = upstream[row, seed]
        for W, z in list(zip(weights, zs, strict=True))[: -layers - 1 : -1]:
            g = gain * (g * entry.df(z)) @ W[seed].T
        found.append(np.log10([signal, (g**2).mean()]))
    return np.mean(found, axis=0)


@pytest.mark.parametrize(
    ("key", "row", "layers"), [("relu", 7, 50), ("tanh", 12, 30), ("gelu", 4, 20), ("sigmoid", 0, 1)]
)
def test_the_map_says_what_the_networks_do(depth_map, key, row, layers):
    sentence = depth_map.at(activation=REGISTRY[key].name, gain=GAINS[row], layers=layers)
    assert powers(sentence) == pytest.approx(independent(key, GAINS[row], layers), abs=0.051)


def test_words_follow_the_numbers(depth_map):
    words = {
        "vanished": (-np.inf, -8),
        "fading": (-8, -1),
        "level": (-1, 1),
        "growing": (1, 8),
        "exploded": (8, np.inf),
    }
    met = set()
    for key, gain in itertools.product(("sigmoid", "relu", "gelu"), GAINS):
        sentence = depth_map.at(activation=REGISTRY[key].name, gain=gain, layers=50)
        for size, word in zip(powers(sentence), re.findall(r"\((\w+)\)", sentence), strict=True):
            low, high = words[word]
            assert low - 0.051 <= size <= high + 0.051
            met.add(word)
    assert met == set(words)


def test_tanh_hides_its_explosion(depth_map):
    signal, gradient = powers(depth_map.at(activation="tanh", gain=GAINS[-1], layers=DEPTH))
    assert abs(signal) < 1 and gradient > 8


def test_a_learners_gain_is_read_and_drawn():
    explorer = explore_depth(lambda f: networks.gains(f, f)[0])
    assert "1.5335 for GELU, the dashed line" in explorer.at(activation="GELU")
    assert "your function: 1.41" in explorer.html()
    assert "outside the map" in explore_depth(lambda f: 7.0).at()


def forward_gain(f):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (forward_gain, "○ not attempted yet: forward_gain is still a stub"),
        (lambda f: print(end=""), "what is printed has to be returned"),
        (lambda f: np.ones(3), "has shape (3,)"),
        (lambda f: f(1, 2, 3), "TypeError"),
        (lambda f: -1.0, "outside the map"),
        (lambda f: float("nan"), "outside the map"),
    ],
)
def test_the_map_stays_when_the_learners_gain_fails(rule, words):
    explorer = explore_depth(rule, activations=("relu",))
    assert explorer.trouble is None
    assert words in explorer.at() and "ReLU with gain 1.00" in explorer.at()


def test_every_place_on_the_map_has_two_sizes(depth_map):
    for values in itertools.product(*(s.positions for s in depth_map.sliders.values())):
        sentence = depth_map.at(**dict(zip(depth_map.sliders, values, strict=True)))
        assert len(powers(sentence)) == 2
