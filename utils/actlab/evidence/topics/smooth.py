"""A smooth target and its slope: what smooth activations buy."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from actlab.evidence.model import Experiment, Sample, guards
from actlab.training import Networks, each_squared_error


def fit(arm: Mapping[str, Any], point: Mapping[str, Any], seeds: Sequence[int], data_seed: int) -> dict[str, ArrayLike]:
    """y = sin 3x + x/2 from 64 points, two hidden layers of 32; the last quarter of the steps at a tenth of the rate.

    An arm with spread corners starts each first unit's z = 0 somewhere in the data instead of at x = 0.
    """
    x = np.random.default_rng(data_seed).uniform(-2, 2, (64, 1)).astype(np.float32)
    nets = Networks([1, 32, 32, 1], arm["activation"], seeds, arm["gain"])
    if arm.get("spread"):
        corners = np.stack([np.random.default_rng(seed).uniform(-2, 2, 32) for seed in seeds])
        weights, biases = (layers[0].detach().numpy() for layers in (nets.weights, nets.biases))
        biases[:, 0] = -weights[:, 0] * corners
    for steps, rate in ((3 * point["steps"] // 4, point["rate"]), (point["steps"] // 4, point["rate"] / 10)):
        nets.fit(x, np.sin(3 * x) + x / 2, steps, rate, loss=each_squared_error, eps=point["eps"])
    grid, h = np.linspace(-1.9, 1.9, 381)[:, None], 1e-3
    right, left = (nets.predict(grid + d)[..., 0].astype(float) for d in (h, -h))
    value_off = nets.predict(grid)[..., 0] - (np.sin(3 * grid) + grid / 2)[:, 0]
    slope_off = (right - left) / (2 * h) - (3 * np.cos(3 * grid) + 0.5)[:, 0]
    return {
        "error of dy/dx": np.sqrt((slope_off**2).mean(1)),
        "error of y": np.sqrt((value_off**2).mean(1)),
    }


SLOWER = (0.003, 0.012, 0.048, 0.192)

SMOOTH = Experiment(
    name="smooth",
    section="4.9",
    question="Which activations fit the slope of a smooth curve best?",
    measure="error of dy/dx",
    higher=False,
    arms={
        "ReLU": {"activation": "relu", "gain": 2**0.5, "rates": SLOWER},
        "GELU": {"activation": "gelu", "gain": 1.53},
        "SiLU": {"activation": "silu", "gain": 1.68},
        "tanh": {"activation": "tanh", "gain": 5 / 3, "rates": SLOWER},
        "ReLU, corners spread": {"activation": "relu", "gain": 2**0.5, "spread": True, "rates": SLOWER},
        "GELU, corners spread": {"activation": "gelu", "gain": 1.53, "spread": True, "rates": SLOWER},
    },
    control="ReLU",
    run=fit,
    rates=(0.012, 0.048, 0.192, 0.768),
    settings={"steps": 400, "eps": 1e-8},
    conditions=guards(400),
    size=10,
)


@SMOOTH.verdict(
    "GELU, SiLU and tanh all beat ReLU, in the slope (an error of {gelu:.2f}, {silu:.2f} and {tanh:.2f} against "
    "{relu:.2f}) and in the values.",
    numbers=lambda s: {arm.lower(): s[arm].mean() for arm in ("GELU", "SiLU", "tanh", "ReLU")},
)
def ahead(s: Sample) -> bool:
    return all(
        s.get(arm, measure=measure).mean() < s.get("ReLU", measure=measure).mean()
        for arm in ("GELU", "SiLU", "tanh")
        for measure in ("error of dy/dx", "error of y")
    )


@SMOOTH.verdict("GELU and SiLU more than halve the slope's error.")
def halved(s: Sample) -> bool:
    return bool(max(s["GELU"].mean(), s["SiLU"].mean()) < s["ReLU"].mean() / 2)


@SMOOTH.verdict(
    "With corners spread over the data ReLU's error is {relu:.2f}, and GELU's, {gelu:.2f}, is still less than half of "
    "it.",
    numbers=lambda s: {"relu": s["ReLU, corners spread"].mean(), "gelu": s["GELU, corners spread"].mean()},
)
def corners_apart(s: Sample) -> bool:
    relu, gelu = (s[f"{key}, corners spread"].mean() for key in ("ReLU", "GELU"))
    return bool(relu < s["ReLU"].mean() and gelu < relu / 2)


@SMOOTH.verdict("GELU is ahead of SiLU in {held} of {groups} groups of ten.")
def order(s: Sample) -> bool:
    return bool(s["GELU"].mean() < s["SiLU"].mean())
