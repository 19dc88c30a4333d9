"""Looking into any model while it trains: what is measured, what is said, and that the training does not notice."""

import copy
import io
import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import optimizer as optimisers

import actlab
from actlab.activations import REGISTRY
from actlab.patients import patient
from actlab.watching import Fault, Layer, remarks
from actlab.watching.layers import FLAT, flat_sides, known, saturated

RATE = 0.25


def mlp():
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 3))


def convolutional():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 8, 3),
        nn.GELU(),
        nn.Flatten(),
        nn.Linear(8 * 4, 3),
    )


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        block = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(block, 2)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        return self.head(self.encoder(x).mean(1))


MODELS = {
    "mlp": (mlp, (12, 6), 3),
    "convolutional": (convolutional, (12, 1, 8, 8), 4),
    "transformer": (Transformer, (12, 5, 8), 13),
}
"""What makes it, the shape of a batch, and how many layers there are to see."""


@pytest.fixture(params=MODELS)
def case(request):
    make, shape, layers = MODELS[request.param]
    torch.manual_seed(0)
    return make(), torch.randn(shape), torch.arange(12) % 3, layers


def trained(model, x, y, steps=3, optimiser=None, seed=1):
    torch.manual_seed(seed)
    optimiser = optimiser or torch.optim.SGD(model.parameters(), RATE)
    for _ in range(steps):
        optimiser.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimiser.step()


def hooks_of(model):
    return [h for m in model.modules() for h in (*m._forward_hooks.values(), *m._forward_pre_hooks.values())]


def watched(model, x, y, steps=3, **options):
    with actlab.watch(model, live=False) as seen:
        trained(model, x, y, steps, **options)
    return seen


# --- the training does not notice -------------------------------------------------------------------------------------


def test_a_model_trains_as_if_nobody_watched(case):
    model, x, y, _ = case
    twin = copy.deepcopy(model)
    watched(model, x, y)
    trained(twin, x, y)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), twin.parameters(), strict=True))
    assert not hooks_of(model)


def test_an_error_inside_passes_and_leaves_no_hook(case):
    model, x, y, _ = case
    before = len(optimisers._global_optimizer_pre_hooks), len(optimisers._global_optimizer_post_hooks)
    with pytest.raises(ZeroDivisionError), actlab.watch(model, live=False) as seen:
        trained(model, x, y, 2)
        model(x)
        raise ZeroDivisionError
    assert [record.step for record in seen.records] == [0, 1]
    assert not hooks_of(model)
    assert before == (len(optimisers._global_optimizer_pre_hooks), len(optimisers._global_optimizer_post_hooks))


def test_where_measuring_fails_the_training_goes_on_and_the_table_says_so(monkeypatch):
    model, twin = mlp(), mlp()
    twin.load_state_dict(model.state_dict())
    x, y = torch.randn(12, 6), torch.arange(12) % 3
    monkeypatch.setattr("actlab.watching.recorder._of_z", lambda *given: 1 / 0)
    seen = watched(model, x, y)
    trained(twin, x, y)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), twin.parameters(), strict=True))
    assert "measuring stopped: ZeroDivisionError" in seen.table().note


def test_a_copy_or_a_stored_model_takes_no_watcher_along():
    model, x, y = mlp(), torch.randn(12, 6), torch.arange(12) % 3
    with actlab.watch(model, live=False) as seen:
        twin = copy.deepcopy(model)
        torch.save(model, file := io.BytesIO())
        trained(twin, x, y)
    file.seek(0)
    torch.load(file, weights_only=False)(x)
    assert not seen.records


def test_the_package_is_light_until_watch_is_used():
    code = "import sys, actlab; actlab.watch; assert 'torch' not in sys.modules and 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="wach"):
        _ = actlab.wach


# --- what is measured -------------------------------------------------------------------------------------------------


def test_every_layer_of_any_architecture_is_seen_in_every_step(case):
    model, x, y, layers = case
    seen = watched(model, x, y)
    assert [record.step for record in seen.records] == [0, 1, 2] and not seen.trouble
    assert [len(record.layers) for record in seen.records] == [layers] * 3
    with_matrices = [layer for layer in seen.layers if layer.weights]
    assert all(layer.gradient > 0 and layer.ratio > 0 for layer in with_matrices)


def test_the_numbers_are_those_of_the_definitions():
    torch.manual_seed(0)
    model, x, y = mlp(), torch.randn(12, 6), torch.arange(12) % 3
    z = model[0](x).detach()
    z2 = model[2](z.relu()).detach()
    was = model[0].weight.detach().clone()
    first, second, last = watched(model, x, y, 1).layers
    step = model[0].weight.detach() - was
    assert first.z == pytest.approx(float(z.square().mean().sqrt()), rel=1e-5)
    assert first.a == pytest.approx(float(z.relu().square().mean().sqrt()), rel=1e-5)
    assert first.zeros == pytest.approx(float((z <= 0).double().mean()), abs=1e-6)
    assert first.silent == pytest.approx(float((z <= 0).all(0).double().mean()), abs=1e-6)
    assert first.ratio == pytest.approx(float(step.std() / was.std()), rel=1e-3)
    assert first.gradient == pytest.approx(float(step.norm()) / RATE, rel=1e-4)
    assert second.saturated == pytest.approx(float((1 - z2.tanh() ** 2 < FLAT).double().mean()), abs=1e-6)
    assert [one.title for one in (first, last)] == ["0 (Linear → ReLU)", "4 (Linear)"]
    assert math.isnan(last.a) and math.isnan(last.saturated)


def test_the_units_of_pictures_are_their_channels_and_an_activation_in_place_hides_no_z():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(inplace=True))
    with torch.no_grad():
        model[0].bias.copy_(torch.tensor([-99.0, 99.0, 99.0, 99.0]))
    with actlab.watch(model, live=False) as seen:
        model(torch.ones(2, 1, 5, 5))
    (layer,) = seen.layers
    assert layer.silent == 0.25 and layer.zeros == 0.25
    assert layer.z == pytest.approx(99, rel=0.05) and layer.a == pytest.approx(99 * 0.75**0.5, rel=0.05)


def test_a_module_called_twice_is_two_rows():
    shared = nn.Linear(2, 2)
    model = nn.Sequential(shared, nn.ReLU(), shared, nn.ReLU())
    with actlab.watch(model, live=False) as seen:
        model(torch.ones(3, 2))
    assert [layer.name for layer in seen.layers] == ["0", "0, call 2"]


def test_tuples_are_read_and_matrices_of_a_module_that_is_not_called_come_last():
    model = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    with actlab.watch(model, live=False) as seen:
        model(torch.randn(2, 3, 8)).sum().backward()
    assert seen.layers[0].name == "self_attn" and seen.layers[0].z > 0
    assert seen.layers[-1].name == "self_attn.out_proj" and math.isnan(seen.layers[-1].z)


def test_a_function_inside_forward_is_invisible_and_the_note_says_so():
    class Functional(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(2, 2)

        def forward(self, x):
            return F.relu(self.linear(x))

    with actlab.watch(model := Functional(), live=False) as seen:
        model(torch.ones(3, 2))
    assert math.isnan(seen.layers[0].a) and "F.relu" in seen.note


@pytest.mark.parametrize(
    "module", [nn.Sigmoid(), nn.Tanh(), nn.ReLU(), nn.ELU(2.0), nn.GELU(), nn.SiLU(), nn.Mish(), nn.LeakyReLU(0.2)]
)
def test_saturated_is_where_the_slope_is_below_a_tenth_of_its_largest(module):
    key, params = known(module)
    z = np.linspace(-9, 9, 20001) + 1e-4
    slope = np.abs(REGISTRY[key].df(z, **dict(params)))
    share = saturated(torch.as_tensor(z), *flat_sides(key, params))
    assert float(share) == pytest.approx((slope < FLAT * slope.max()).mean(), abs=2e-4)


def test_an_activation_that_the_course_does_not_know_is_left_out():
    assert known(nn.Hardtanh()) is None and known(nn.Softplus(beta=2)) is None
    with actlab.watch(model := nn.Sequential(nn.Linear(2, 2), nn.Hardtanh()), live=False) as seen:
        model(torch.ones(3, 2))
    assert math.isnan(seen.layers[0].saturated) and seen.layers[0].a > 0


# --- what a step is ---------------------------------------------------------------------------------------------------


def test_gradients_that_are_summed_over_two_batches_make_one_step():
    model, x, y = mlp(), torch.randn(12, 6), torch.arange(12) % 3
    optimiser = torch.optim.Adam(model.parameters())
    with actlab.watch(model, live=False) as seen:
        for _ in range(2):
            for _ in range(2):
                F.cross_entropy(model(x), y).backward()
            optimiser.step()
            optimiser.zero_grad()
            with torch.no_grad():
                model(x)
    assert [record.step for record in seen.records] == [0, 1]
    assert all(layer.gradient > 0 for layer in seen.layers)


def test_a_loop_by_hand_and_a_closure_are_steps_too():
    model, x, y = mlp(), torch.randn(12, 6), torch.arange(12) % 3
    with actlab.watch(model, live=False) as seen:
        for _ in range(3):
            model.zero_grad()
            F.cross_entropy(model(x), y).backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad
    assert len(seen.records) == 3 and all(layer.gradient > 0 and layer.ratio > 0 for layer in seen.layers)

    optimiser = torch.optim.LBFGS(model.parameters(), max_iter=3)

    def closure():
        optimiser.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        return loss

    with actlab.watch(model, live=False) as seen:
        model(x)
        optimiser.step(closure)
    assert len(seen.records) == 1 and len(seen.layers) == 3


def test_every_fifth_step_is_recorded_on_demand_and_a_long_training_is_thinned(monkeypatch):
    monkeypatch.setattr("actlab.watching.recorder.KEPT", 4)
    model, x, y = mlp(), torch.randn(12, 6), torch.arange(12) % 3
    with actlab.watch(model, every=5, live=False) as seen:
        trained(model, x, y, 31)
    assert [record.step for record in seen.records] == [0, 10, 20, 30]


def test_a_look_without_gradients_is_a_record_too():
    with torch.no_grad(), actlab.watch(model := mlp(), live=False) as seen:
        model(torch.randn(4, 6))
    assert [math.isnan(layer.gradient) for layer in seen.layers] == [True] * 3 and not seen.remarks


@pytest.mark.parametrize(("given", "error"), [((3,), TypeError), ((mlp(), 0), ValueError)])
def test_what_cannot_be_watched_is_said(given, error):
    with pytest.raises(error):
        actlab.watch(*given)


# --- what is said -----------------------------------------------------------------------------------------------------


def test_faults_are_kinds_and_the_words_follow():
    layers = [
        Layer("0", "Linear", "ReLU", silent=1.0, gradient=1.0, ratio=1e-3, weights=4),
        Layer("2", "Linear", "Tanh", silent=0.0, saturated=0.75, z=1.0, gradient=1.0, ratio=2.0, weights=4),
        Layer("4", "Linear", weights=4, frozen=True),
        Layer("6", "Linear", weights=4),
        Layer("8", "Linear", gradient=0.0, ratio=0.0, weights=4),
        Layer("10", "Linear", gradient=1.0, ratio=0.0, weights=4),
        Layer("12", "Linear", gradient=1e-6, ratio=1e-8, weights=4),
    ]
    assert {(remark.layer, remark.fault) for remark in remarks(layers)} == {
        (1, Fault.NOT_FINITE),
        (1, Fault.SILENT),
        (2, Fault.SATURATED),
        (2, Fault.JUMP),
        (3, Fault.FROZEN),
        (4, Fault.UNREACHED),
        (5, Fault.ZERO),
        (6, Fault.STILL),
        (7, Fault.STARVED),
        (7, Fault.CRAWL),
    }
    assert "layer 1: 100 % of units never above 0 on this batch" in map(str, remarks(layers))


@pytest.mark.parametrize(("name", "fault"), [("a", Fault.SILENT), ("b", Fault.SATURATED), ("c", Fault.FROZEN)])
def test_each_patient_has_the_fault_that_it_is_made_for_in_one_hidden_layer(name, fault):
    model, step, _ = patient(name, 3)
    with actlab.watch(model, live=False) as seen:
        step()
    assert [remark.fault for remark in seen.remarks].count(fault) == 1
    assert (Fault.JUMP in {remark.fault for remark in seen.remarks}) == (name == "c")


def test_one_that_is_well_has_no_fault_and_patients_have_names():
    model, step, _ = patient("well", 3)
    with actlab.watch(model, live=False) as seen:
        step()
    assert not seen.remarks
    with pytest.raises(ValueError, match="well"):
        patient("d", 0)


def test_outside_a_notebook_the_table_is_printed_once(capsys):
    with actlab.watch(model := mlp()) as seen:
        trained(model, torch.randn(12, 6), torch.arange(12) % 3)
    assert capsys.readouterr().out == f"{seen!r}\n"
    assert len(seen.table().rows) == 3


def test_in_a_notebook_the_table_is_updated_in_place(monkeypatch):
    shown = []

    class Handle:
        def update(self, table):
            shown.append(("again", table))

    monkeypatch.setattr("actlab.watching.view._in_notebook", lambda: True)
    monkeypatch.setattr("actlab.watching.view.static_output", lambda: False)
    monkeypatch.setattr("actlab.watching.view.PAUSE", 0)
    monkeypatch.setattr("IPython.display.display", lambda table, **_: shown.append(("new", table)) or Handle())
    with actlab.watch(model := mlp()):
        trained(model, torch.randn(12, 6), torch.arange(12) % 3)
    assert [how for how, _ in shown] == ["new", "again", "again", "again"]


def test_the_picture_says_its_numbers_and_shows_every_step(case):
    model, x, y, layers = case
    seen = watched(model, x, y)
    said = seen.picture()
    assert f"{layers} layers over 3 recorded steps. In step 2," in said.alt and len(said.figure.axes) == 6
    with pytest.raises(ValueError, match="nothing was recorded"):
        actlab.watch(model, live=False).picture()
