"""Static figures: the same look for the same data, words in place of what cannot be seen."""

import io
import itertools
import re

import numpy as np
import pytest
from PIL import Image

from actlab import figures

SIZE = (450, 200)


def drawn(sign=1, size=SIZE):
    with figures.style():
        figure = figures.new_figure(size)
        figure.subplots().plot(np.arange(20), sign * np.arange(20))
    return figure


def test_a_picture_is_as_large_as_it_says_on_a_fine_screen():
    image = Image.open(io.BytesIO(figures.png(drawn())))
    assert image.size == (2 * SIZE[0], 2 * SIZE[1])


def test_nothing_of_an_earlier_figure_is_left_on_the_sheet():
    alone = figures.png(drawn())
    figures.png(drawn(-1))
    figures.png(drawn(size=(300, 300)))
    assert figures.png(drawn()) == alone


def test_a_digest_follows_the_data_and_not_the_size():
    assert figures.digest(drawn()) == figures.digest(drawn(size=(300, 300))) != figures.digest(drawn(-1))


def test_the_words_of_a_picture_are_its_alt_text_and_no_markup():
    bundle = figures.Picture(drawn(), 'a <b> & "c"')._repr_mimebundle_()
    assert bundle["text/plain"] == 'a <b> & "c"'
    assert re.search('alt="(.*?)"', bundle["text/html"])[1] == "a &lt;b&gt; &amp; &quot;c&quot;"


def test_pictures_of_training_carry_no_digest():
    assert "data-digest" in figures.Picture(drawn(), "alt")._repr_mimebundle_()["text/html"]
    assert "data-digest" not in figures.Picture(drawn(), "alt", exact=False)._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("heights", [[0, 0, 0], [0.99, 1, 1], [0.2, 0.9, 0.21], []])
def test_names_at_the_ends_of_curves_keep_apart_and_inside(heights):
    with figures.style():
        ax = figures.new_figure(SIZE).subplots()
        ax.set(xlim=(0, 1), ylim=(0, 1))
        figures.label_ends(ax, [(f"curve {i}", y, figures.INK) for i, y in enumerate(heights)], gap=0.1)
    shares = [text.xy[1] for text in ax.texts]
    assert all(low + 0.1 <= high + 1e-9 for low, high in itertools.pairwise(shares))
    assert max(shares, default=0) <= 1 + 1e-9
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    assert [text.get_text() for text in ax.texts] == [f"curve {i}" for i in order]


def test_series_of_one_colour_are_told_apart_by_their_dashes():
    level = np.ones((2, 3))
    named = {"one": (figures.COOL, level), "another": (figures.WARM, level), "a third": (figures.COOL, 2 * level)}
    (ax,) = figures.with_spread(named, range(3), title="", xlabel="", ylabel="", alt="").figure.axes
    one, another, third = (line.get_linestyle() for line in ax.lines)
    assert one == another != third
