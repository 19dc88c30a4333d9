"""Looking inside a network: what one step of training does to each part, and the network that the course follows."""

import re

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from actlab import inside, pictures
from actlab.data import glyphs
from actlab.training import Networks

RATE = 0.25


def step(model, x, target, rate=RATE):
    """One step of plain descent, watched."""
    optimiser = torch.optim.SGD(model.parameters(), rate)
    with inside.watch(model) as parts:
        loss = F.mse_loss(model(x), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return parts


@pytest.fixture
def block():
    torch.manual_seed(0)
    return torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0, batch_first=True)


@pytest.fixture
def parts(block):
    x = torch.randn(4, 5, 8)
    return step(block, x, x)


def test_every_module_is_a_part_in_the_order_of_its_calls(parts):
    names = [part.name for part in parts]
    assert names.index("self_attn") < names.index("linear1") < names.index("linear2") < names.index("norm2")


def test_matrices_of_a_module_that_is_not_called_itself_are_not_forgotten(parts):
    assert parts[-1].name == "self_attn.out_proj" and parts[-1].output is None
    assert np.isnan(parts[-1].size) and np.isnan(parts[-1].dead)
    assert parts[-1].gradient > 0 and parts[-1].ratio > 0


def test_gradient_and_step_are_those_of_each_parts_own_matrices(block, parts):
    """Plain descent: the step is the rate times the gradient."""
    (found,) = (part for part in parts if part.name == "linear1")
    gradient = block.linear1.weight.grad
    before = block.linear1.weight.detach() + RATE * gradient
    assert found.gradient == pytest.approx(float(gradient.norm()), rel=1e-5)
    assert found.ratio == pytest.approx(float(RATE * gradient.std() / before.std()), rel=1e-3)
    assert all(np.isnan(part.gradient) for part in parts if part.name.startswith(("norm", "dropout")))


def test_a_frozen_matrix_does_not_move(block):
    block.linear1.weight.requires_grad_(False)
    (found,) = (part for part in step(block, torch.ones(2, 3, 8), torch.zeros(2, 3, 8)) if part.name == "linear1")
    assert found.gradient == 0 and found.ratio == 0


def test_the_model_trains_as_if_nobody_watched(block):
    x = torch.randn(4, 5, 8)
    twin = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0, batch_first=True)
    twin.load_state_dict(block.state_dict())
    step(block, x, x)
    optimiser = torch.optim.SGD(twin.parameters(), RATE)
    F.mse_loss(twin(x), x).backward()
    optimiser.step()
    assert all(torch.equal(a, b) for a, b in zip(block.parameters(), twin.parameters(), strict=True))
    assert not any(module._forward_hooks for module in block.modules())


def test_hooks_are_gone_after_a_step_that_fails(block):
    with pytest.raises(AssertionError, match="embedding"), inside.watch(block):
        block(torch.ones(2, 3, 7))
    assert not any(module._forward_hooks for module in block.modules())


def test_a_unit_is_dead_that_is_above_0_on_no_sample():
    model = torch.nn.Sequential(torch.nn.Linear(1, 3), torch.nn.ReLU())
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[1.0], [-1.0], [0.0]]))
        model[0].bias.copy_(torch.tensor([0.0, -5.0, -1.0]))
    found = step(model, torch.tensor([[1.0], [-1.0]]), torch.zeros(2, 3))
    assert [part.dead for part in found] == pytest.approx([2 / 3, 2 / 3])
    assert found[1].size == pytest.approx(np.sqrt(1 / 6))


def test_the_units_of_pictures_are_their_channels():
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU())
    with torch.no_grad():
        model[0].bias.copy_(torch.tensor([-99.0, 99.0, 99.0, 99.0]))
    assert [part.dead for part in step(model, torch.ones(2, 1, 5, 5), torch.zeros(2, 4, 3, 3))] == [0.25, 0.25]


def test_a_module_called_twice_is_two_parts():
    twice = torch.nn.ReLU()
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), twice, torch.nn.Linear(2, 2), twice)
    assert [part.name for part in step(model, torch.ones(3, 2), torch.zeros(3, 2))] == ["0", "1", "2", "1"]


def test_the_table_has_a_row_for_each_part_and_a_dash_for_what_is_not_there(parts):
    said = inside.table(parts).rows
    assert [row[0] for row in said] == [f"{part.name} ({type(part.module).__name__})" for part in parts]
    assert said[-1][1:3] == ["–", "–"]


# --- the course's network ---------------------------------------------------------------------------------------------


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
        for parts in (run.first, run.last):
            assert [p.name for p in parts if p.name.endswith(".linear")] == [f"{k}.linear" for k in range(depth)]


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
        start, end = re.search(
            rf"{name}: the loss starts at ([\d.]+) and (?:ends below ([\d.]+)|stays above 1)", said
        ).groups()
        assert float(start) == pytest.approx(run.losses[0], abs=0.006)
        assert run.losses[-20:].mean() < float(end) if end else run.losses[-20:].mean() >= 1
