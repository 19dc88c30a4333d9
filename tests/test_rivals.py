"""What people use instead of an explorer can draw every explorer that the benchmark measures."""

import numpy as np
import pytest
from bench import rivals

from actlab import figures


@pytest.mark.parametrize("name", rivals.EXPLORERS)
def test_matplotlib_draws_background_and_marks_of_every_explorer(name):
    it = rivals.made(name)
    figure = figures.new_figure(it.explorer.size)
    axes = np.atleast_1d(it.background(figure))
    assert len(axes) == it.explorer._canvas.axes
    marks, sentence = it.frame({key: slider.value for key, slider in it.sliders().items()})
    artists = [rivals._artist(mark, axes[mark.ax]) for mark in marks]
    assert marks and sentence
    figures.drawn(figure)
    assert {artist.figure for artist in artists} == {figure}


@pytest.mark.parametrize("name", rivals.EXPLORERS)
def test_a_canvas_has_the_frames_of_every_explorer(name, capsys):
    rivals.canvas(rivals.made(name))
    assert "HTML" in capsys.readouterr().out
