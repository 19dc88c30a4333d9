"""Does the activation matter to a small language model?  Five variants, twenty seeds each; ten minutes on one core.

    python -m actlab.results.charlm

Every variant first picks its learning rate on five pilot seeds that are not used again, then trains on seeds 0 to 19.
Then ReLU and GELU once more under other conditions.  Writes charlm.json beside this file: the settings, and the
validation loss of every seed in nats per character.
"""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actlab.sequences import character_losses

VARIANTS = ["relu", "gelu", "silu", "swiglu", "linear"]
RATES = [0.005, 0.01, 0.02]
SEEDS, PILOTS, STEPS = 20, 5, 300
CHECKS: dict[str, dict[str, Any]] = {
    "seeds 20 to 39": {"first": 20},
    "150 steps": {"steps": 150},
    "600 steps": {"steps": 600},
    "rate 0.005": {"rate": 0.005},
    "rate 0.02": {"rate": 0.02},
}
TARGET = Path(__file__).with_suffix(".json")


def best_rates() -> dict[str, float]:
    """The rate with the lowest mean loss over the pilot seeds, for each variant."""
    tried = {rate: character_losses(VARIANTS, PILOTS, STEPS, rate, first=100) for rate in RATES}
    return {v: min(RATES, key=lambda rate: float(tried[rate][v].mean())) for v in VARIANTS}


def checks() -> dict[str, dict[str, list[float]]]:
    """ReLU and GELU, 300 steps at rate 0.01 on seeds 0 to 19, with one of these changed at a time."""
    usual = {"seeds": SEEDS, "steps": STEPS, "rate": 0.01}
    return {name: rounded(character_losses(["relu", "gelu"], **usual | change)) for name, change in CHECKS.items()}


def rounded(losses: Mapping[str, NDArray[np.float32]]) -> dict[str, list[float]]:
    """Four digits of every number, as lists."""
    return {variant: [round(float(x), 4) for x in values] for variant, values in losses.items()}


def measure() -> dict[str, Any]:
    """The whole experiment, as the dictionary that is stored."""
    rates = best_rates()
    return {
        "what": "validation loss, nats per character; one number per seed, the same seeds in every variant",
        "text": "pydoc_data.topics, first 200 000 characters, last tenth held out",
        "model": "2 layers, width 32, 2 heads, context 32, batch 8",
        "steps": STEPS,
        "rates": rates,
        "made with": {"python": platform.python_version(), "torch": version("torch").split("+")[0]},
        "losses": rounded(character_losses(VARIANTS, SEEDS, STEPS, rates)),
        "checks": checks(),
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(measure(), indent=1) + "\n", encoding="utf-8")
    print(f"wrote {TARGET.name}")
