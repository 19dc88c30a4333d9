"""The step function."""

import numpy as np

from variants.entries import entrywise

VARIANTS = {
    "q0_step": [
        lambda z: z > 0,
        lambda z: (z > 0).astype(int).tolist(),
        lambda z: np.heaviside(z, 0).astype(np.float32),
        entrywise(lambda v: 1 if v > 0 else 0),
        lambda z: np.maximum(np.sign(z), 0),
    ],
}

SPOILERS = {
    "q0_step": ["z>0,1", "where(z>0"],
}
