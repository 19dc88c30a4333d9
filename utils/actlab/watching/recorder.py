"""Record what happens in every layer of a model, step by step, without a change of the training.

Hooks see what modules receive and return. A function that is called inside `forward`, such as `F.relu(z)`, is invisible
to them: there z is known, a is not.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from actlab.watching import layers, view
from actlab.watching.layers import Layer
from actlab.watching.remarks import Remark, remarks, sentences

if TYPE_CHECKING:
    import torch

    from actlab.figures import Picture
    from actlab.tables import Table

KEPT = 512
"""Most records that are kept; then every second one is dropped, and only half as many steps are recorded."""
NO_CURVE = frozenset({"Softmax", "Softmax2d", "Softmin", "LogSoftmax", "MultiheadAttention", "GLU"})
"""Classes of torch.nn.modules.activation that are no curve applied to every number alone."""
INVISIBLE = "no activation seen: hooks see modules, and no function that `forward` calls, such as F.relu"


@dataclass(frozen=True)
class Record:
    """One step of training.  step: its number, counted from 0.  layers: in the order of their calls."""

    step: int
    layers: tuple[Layer, ...]


def watch(model: torch.nn.Module, every: int = 1, live: bool = True) -> Watch:
    """Watch a model while it trains, for any number of steps; everything that is recorded is in the `Watch`.

        with watch(model) as seen:
            for x, y in batches:
                loss = criterion(model(x), y)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        seen.picture()

    every: record each so-manieth step only; one that is not recorded costs next to nothing.
    live: show a table that follows the training in a notebook, and is printed at the end elsewhere.

    A step is a call of the model up to the optimiser's step; steps that a loop makes by hand are found by the weights
    that they moved.  Nothing of the training is changed, no random number is drawn, and the hooks are gone after the
    block, also where an error ends it; where measuring itself fails, it stops and says so in `trouble`.
    Errors: TypeError, ValueError.  Source of the ratio: Karpathy, Neural networks: zero to hero, makemore 3.
    """
    return Watch(model, every, live)


@dataclass(eq=False)
class Call:
    """What was measured of one call of a module, still as tensors of shape ()."""

    module: torch.nn.Module
    numbers: dict[str, Any] = field(default_factory=dict)
    activation: str = ""


class Watch:
    """What `watch` recorded: a context manager, and a table where a cell shows it.

    records: one for each recorded step.  trouble: why measuring stopped, or "".
    """

    def __init__(self, model: torch.nn.Module, every: int = 1, live: bool = True) -> None:
        import torch

        if not isinstance(model, torch.nn.Module):
            raise TypeError(f"watch takes a torch.nn.Module, not {type(model).__name__}")
        if every < 1:
            raise ValueError(f"every is the distance between recorded steps, at least 1, not {every}")
        self.model, self.every = model, every
        self.records: list[Record] = []
        self.trouble = ""
        self._display = view.Live() if live else None
        self._handles: list[Any] = []
        self._names: dict[torch.nn.Module, str] = {}
        self._mine: set[int] = set()
        self._count = 0
        self._optimised = False
        self._grad = True
        self._forget()

    def __enter__(self) -> Self:
        from torch.optim import optimizer

        self._names = {module: name for name, module in self.model.named_modules()}
        self._mine = {id(p) for p in self.model.parameters()}
        self._handles = [
            optimizer.register_optimizer_step_pre_hook(_Hook(self, Watch._stepping)),
            optimizer.register_optimizer_step_post_hook(_Hook(self, Watch._made_step)),
            self.model.register_forward_pre_hook(_Hook(self, Watch._begin)),
        ]
        for module in self._names:
            if module is not self.model and _is_activation(module):
                self._handles.append(module.register_forward_pre_hook(_Hook(self, Watch._entered)))
                self._handles.append(module.register_forward_hook(_Hook(self, Watch._left)))
            elif module._parameters:
                self._handles.append(module.register_forward_hook(_Hook(self, Watch._called)))
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None or self._stepped:
            _Hook(self, Watch._finish)(True)
        self._stop()
        if self._display:
            _Hook(self, Watch._shown)()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers in the last step that is complete."""
        if self._stepped:
            _Hook(self, Watch._close)()
        return self.records[-1].layers if self.records else ()

    @property
    def remarks(self) -> list[Remark]:
        """What is odd about the last step."""
        return remarks(self.layers)

    @property
    def note(self) -> str:
        """What the table says below itself: remarks, what cannot be seen, and why measuring stopped."""
        shown = self.layers
        said = sentences(self.remarks)
        if any(layer.weights for layer in shown) and not any(layer.activation for layer in shown):
            said.append(INVISIBLE)
        if not shown and not self.trouble:
            said.append("nothing was recorded: was the model called inside the block?")
        return "; ".join([*said, self.trouble] if self.trouble else said)

    def table(self) -> Table:
        """The last step, a row for each layer, with the remarks below."""
        return view.table(self.layers, self.note)

    def picture(self) -> Picture:
        """Every recorded step, a curve for each layer.  Errors: ValueError where nothing was recorded."""
        if not self.layers:
            raise ValueError(self.note)
        return view.picture([record.step for record in self.records], [record.layers for record in self.records])

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.table()._repr_mimebundle_()

    # --- one step -----------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        """Forget the step that is under way.

        _open: it counts as one.  _recording: its calls are measured.  _inside: the optimiser is at work.  _stepped: it
        has been.
        """
        self._open = self._recording = self._inside = self._stepped = False
        self._calls: list[Call] = []
        self._outputs: dict[int, tuple[weakref.ref[torch.Tensor], Call]] = {}
        self._entering: tuple[torch.nn.Module, torch.Size, Call] | None = None
        self._before: dict[torch.nn.Module, list[tuple[torch.Tensor, torch.Tensor]]] = {}
        self._gradients: dict[int, float] = {}

    def _begin(self, *_: object) -> None:
        """The model is called: what was open before is complete, or was no step."""
        if self._inside:  # by a closure of the optimiser's, perhaps not for the first time
            self._calls, self._outputs = [], {}
            return
        self._finish(False)
        self._forget()
        self._open = self._grad or not self.records
        self._recording = self._open and self._count % self.every == 0
        if self._recording:
            for module, p in _matrices(self._names):
                self._before.setdefault(module, []).append((p, p.detach().clone()))

    def _finish(self, last: bool) -> None:
        """Close what is open if it was a step; at the end a look without training counts where nothing else is."""
        by_hand = not self._optimised and (self._moved() or not self._recording)
        if self._open and (self._stepped or by_hand or (last and not self.records)):
            self._close()

    def _moved(self) -> bool:
        return any(not p.equal(was) for own in self._before.values() for p, was in own)

    def _close(self) -> None:
        """Turn what was measured into a record."""
        if self._recording:
            self._read_gradients()
            self.records.append(Record(self._count, tuple(self._layers())))
            if len(self.records) > KEPT:
                self.records = self.records[::2]
                self.every *= 2
        self._count += 1
        recorded = self._recording
        self._forget()
        if self._display and recorded:
            self._display.update(self.table)

    def _shown(self) -> None:
        if self._display:
            self._display.end(self.table)

    def _layers(self) -> Iterator[Layer]:
        """The calls in their order, then the modules with matrices that were not called themselves."""
        called = {call.module for call in self._calls}
        times: dict[torch.nn.Module, int] = {}
        for call in [*self._calls, *(Call(module) for module in self._before if module not in called)]:
            module, own = call.module, self._before.get(call.module, [])
            times[module] = times.get(module, 0) + 1
            norms = [self._gradients[id(p)] for p, _ in own if id(p) in self._gradients]
            kind = type(module).__name__
            alone = call.activation == kind and module is not self.model and _is_activation(module)
            yield Layer(
                name=self._names[module] + f", call {times[module]}" * (times[module] > 1),
                kind="" if alone else kind,
                activation=call.activation,
                gradient=math.hypot(*norms) if norms else math.nan,
                ratio=_ratio(own),
                weights=sum(p.numel() for p, _ in own),
                frozen=bool(own) and not any(p.requires_grad for p, _ in own),
                **{key: float(value) for key, value in call.numbers.items()},
            )

    def _read_gradients(self) -> None:
        for own in self._before.values():
            for p, _ in own:
                if p.grad is not None and id(p) not in self._gradients:
                    self._gradients[id(p)] = float(p.grad.norm())

    # --- hooks --------------------------------------------------------------------------------------------------------

    def _stepping(self, optimiser: torch.optim.Optimizer, *_: object) -> None:
        if self._knows(optimiser):
            self._inside = True
            if self._recording:
                self._read_gradients()

    def _made_step(self, optimiser: torch.optim.Optimizer, *_: object) -> None:
        if self._knows(optimiser):
            self._inside, self._stepped, self._optimised = False, self._open, True

    def _knows(self, optimiser: torch.optim.Optimizer) -> bool:
        return any(id(p) in self._mine for group in optimiser.param_groups for p in group["params"])

    def _ready(self) -> bool:
        """Whether this call is measured; a part that is called without its model opens a step itself."""
        if not self._open or (self._stepped and not self._inside):
            self._begin()
        return self._recording

    def _called(self, module: torch.nn.Module, inputs: object, output: object) -> None:
        if self._ready():
            call = Call(module)
            self._calls.append(call)
            if (z := _floats(output)) is not None:
                call.numbers = _of_z(z, module)
                self._outputs[id(z)] = weakref.ref(z), call

    def _entered(self, module: torch.nn.Module, inputs: object) -> None:
        """An activation is called: its z is measured now, since it may change it in place."""
        self._entering = None
        if not self._ready():
            return
        z = _floats(inputs)
        if z is None:
            return
        call = self._made(z) or Call(module, _of_z(z, module))
        if curve := layers.known(module):
            call.numbers["saturated"] = layers.saturated(z, *layers.flat_sides(*curve))
        self._entering = module, z.shape, call

    def _made(self, z: torch.Tensor) -> Call | None:
        """The call that returned z, unless an activation took it already."""
        made, call = self._outputs.get(id(z), (None, None))
        return call if made and call and made() is z and not call.activation else None

    def _left(self, module: torch.nn.Module, inputs: object, output: object) -> None:
        if self._entering is None or self._entering[0] is not module:
            return
        _, shape, call = self._entering
        a = _floats(output)
        if a is not None and a.shape == shape:
            call.activation = type(module).__name__
            call.numbers |= {"a": _size(a), "zeros": layers.share(a == 0)}
            if call.module is module:
                self._calls.append(call)

    def _stop(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self._forget()


class _Hook:
    """A method of a `Watch` as a hook that raises nothing, and that a copy of the model does not take along."""

    def __init__(self, owner: Watch, method: Callable[..., None]) -> None:
        self.owner, self.method = owner, method

    def __call__(self, *given: Any) -> None:
        import torch

        self.owner._grad = torch.is_grad_enabled()
        try:
            with torch.no_grad():
                self.method(self.owner, *given)
        except Exception as error:  # whatever it is, the training goes on
            self.owner.trouble = f"measuring stopped: {type(error).__name__}: {error}"
            self.owner._stop()

    def __reduce__(self) -> tuple[Callable[[], Callable[..., None]], tuple[()]]:
        return _hook_of_a_copy, ()


def _hook_of_a_copy() -> Callable[..., None]:
    return _nothing


def _nothing(*_: object) -> None:
    """What a copied or stored model has in place of a hook."""


def _is_activation(module: torch.nn.Module) -> bool:
    """Whether it is an activation of torch's, or a module of somebody's own that holds nothing and so may be one."""
    home, name = type(module).__module__, type(module).__name__
    if home.startswith("torch."):
        return home == "torch.nn.modules.activation" and name not in NO_CURVE
    return not (module._modules or module._parameters or module._buffers)


def _matrices(modules: Iterable[torch.nn.Module]) -> Iterator[tuple[torch.nn.Module, torch.Tensor]]:
    from torch.nn.parameter import is_lazy

    for module in modules:
        for p in module._parameters.values():
            if p is not None and not is_lazy(p) and p.ndim > 1:
                yield module, p


def _floats(value: object) -> torch.Tensor | None:
    """The first tensor of floats in what a module takes or returns; None where it is of another kind, or empty."""
    import torch

    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return _floats(value[0]) if value else None
    if not isinstance(value, torch.Tensor) or value.is_nested or value.layout != torch.strided:
        return None
    return value if value.is_floating_point() and value.ndim and value.numel() else None


def _of_z(z: torch.Tensor, module: torch.nn.Module) -> dict[str, Any]:
    units = z.unsqueeze(0) if z.ndim == 1 else z
    axis = _unit_axis(module, units.ndim) % units.ndim
    highest = units.amax([k for k in range(units.ndim) if k != axis])
    return {"z": _size(z), "silent": layers.share(highest <= 0)}


def _unit_axis(module: torch.nn.Module, ndim: int) -> int:
    """The axis of a module's output along which its units lie."""
    if kernel := getattr(module, "kernel_size", None):
        return -len(kernel) - 1 if isinstance(kernel, tuple) else 1
    norm = type(module).__name__.startswith(("BatchNorm", "InstanceNorm", "GroupNorm"))
    return 1 if norm or ndim == 4 else -1


def _size(values: torch.Tensor) -> torch.Tensor:
    """Root mean square, in single precision at least."""
    import torch

    wide = torch.promote_types(values.dtype, torch.float32)
    return torch.linalg.vector_norm(values, dtype=wide) / math.sqrt(values.numel())


def _ratio(own: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> float:
    """Standard deviation of what was added to matrices over that of the matrices; NaN where these do not differ."""
    import torch

    if not own:
        return math.nan
    was = torch.cat([old.flatten() for _, old in own])
    now = torch.cat([p.detach().flatten() for p, _ in own])
    spread = _spread(was)
    return _spread(now - was) / spread if spread else math.nan


def _spread(values: torch.Tensor) -> float:
    mean = float(values.mean())
    return math.sqrt(max(float(_size(values)) ** 2 - mean**2, 0))
