"""The network that the course follows: one for pictures and verdicts, and what is kept of its training."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from actlab import inside, pictures
from actlab.data import glyphs
from actlab.training import Networks


@pytest.fixture(scope="module")
def runs():
    return {"shallow": inside.train("relu", 2**0.5), "deep": inside.train("gelu", 0.3, 0.1, 12, shortcuts=True)}


@pytest.mark.parametrize("shortcuts", [False, True])
def test_pictures_and_verdicts_speak_of_one_network(shortcuts):
    """`inside.network` computes what `Networks` does, which the verdicts rest on, from the same weights."""
    X, _ = glyphs(40, 0)
    model = inside.network("gelu", 1.3, 3, shortcuts)
    nets = Networks([inside.INPUTS, *[inside.WIDTH] * 3, inside.CLASSES], "gelu", 1, residual=shortcuts)
    linear = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    with torch.no_grad():
        for weights, module in zip(nets.weights, linear, strict=True):
            weights[0] = module.weight.T
        torch.testing.assert_close(model(torch.as_tensor(X).float()), nets.outputs(X)[0])


def test_weights_start_at_the_gain():
    model = inside.network("relu", 2.0, 6)
    spreads = [float(p.detach().std() * p.shape[1] ** 0.5) for p in model.parameters() if p.ndim == 2]
    assert spreads == pytest.approx([2.0] * 6 + [1.0], rel=0.15)
    assert not any(p.any() for p in model.parameters() if p.ndim == 1)


def test_a_run_shows_every_hidden_layer_in_the_first_and_in_the_last_step(runs):
    for run, depth in ((runs["shallow"], 6), (runs["deep"], 12)):
        assert run.losses.shape == (inside.STEPS,)
        assert run.gradients.shape == run.ratios.shape == (depth,) and (run.gradients > 0).all()
        assert [each.shape for each in (*run.z, *run.a)] == [(inside.BATCH, inside.WIDTH)] * 2 * depth
    for z, a in zip(runs["shallow"].z, runs["shallow"].a, strict=True):
        np.testing.assert_array_equal(a, np.maximum(z, 0))


def test_the_pictures_of_all_lessons_have_the_same_axes(runs):
    one, other = (pictures.inside({name: run}).figure.axes for name, run in runs.items())
    for k, (ax, twin) in enumerate(zip(one, other, strict=True)):
        assert ax.get_ylim() == twin.get_ylim()
        assert k == 2 or ax.get_xlim() == twin.get_xlim()


def test_right_of_0_what_relu_gives_fills_the_outline_of_what_it_receives(runs):
    flow = pictures.inside({"shallow": runs["shallow"]}).figure.axes[1]
    for place, (outline, filled) in enumerate(zip(flow.lines, flow.collections, strict=True)):
        heights = {round(y, 6) for x, y in outline.get_xydata() if x > 0.3}
        tops = {round(y, 6) for x, y in filled.get_paths()[0].vertices if x > 0.4}
        assert tops <= heights | {place} and len(tops) > 10


def test_the_words_of_the_picture_are_computed(runs):
    said = pictures.inside(runs).alt
    for name, run in runs.items():
        start, jumps, end = re.search(
            rf"{name}: the loss starts at ([\d.]+)(, jumps above that)? and ends (?:below ([\d.]+)|above 1);", said
        ).groups()
        assert bool(jumps) == (run.losses.max() >= 1.05 * run.losses[0])
        assert float(start) == pytest.approx(run.losses[0], abs=0.006)
        assert run.losses[-20:].mean() < float(end) if end else run.losses[-20:].mean() >= 1


def test_a_training_that_blew_up_is_said_to_end_as_nan(runs):
    name, run = next(iter(runs.items()))
    lost = replace(run, losses=np.where(np.arange(run.losses.size) < 100, run.losses, np.nan))
    assert (
        f"{name}: the loss starts at {run.losses[0]:.2f}, jumps above that and ends as NaN;"
        in pictures.inside({name: lost}).alt
    )
