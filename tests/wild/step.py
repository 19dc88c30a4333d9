"""The step function."""

ROWS = [
    ("q0_step", "def step(z):\n    if z > 0:\n        return 1\n    else:\n        return 0", "np.where"),
    ("q0_step", "def step(z):\n    return 1 if z >= 0 else 0", "np.where"),
    ("q0_step", "def step(z):\n    return np.int(z > 0)", "write Python's own `int`"),
    ("q0_step", "def step(z):\n    return int(z > 0)", "`int` makes one number"),
    ("q0_step", "def step(x):\n    return np.array(x >= 0, dtype=int)", "z ≥ 0"),
    ("q0_step", "def step(x):\n    return np.sign(x)", "sign function"),
    ("q0_step", "def step(x):\n    return [1 if v > 0 else 0 for v in x]", "np.where"),
    ("q0_step", "def step(x):\n    y = x > 0\n    return y.astype(np.int), x", "`int`"),
    ("q0_step", "def step(z):\n    z[z > 0] = 1\n    z[z <= 0] = 0\n    return z", "in place"),
    ("q0_step", "def step(z):\n    print(np.where(z > 0, 1, 0))", "prints"),
    ("q0_step", "def step(z):\n    np.where(z > 0, 1, 0)", "forget `return`"),
    ("q0_step", "def step(z):\n    return np.where(z > 0, '1', '0')", "text"),
    ("q0_step", "def step(z):\n    return np.where(z > 0.5, 1, 0)", "threshold above 0"),
    ("q0_step", "def step(z):\n    return np.where(z > 0, 1, -1)", "−1 to 1"),
    ("q0_step", "def step(z):\n    return np.heaviside(z, 0.5)", "½ at z = 0"),
    ("q0_step", "def step(z):\n    return np.heaviside(z, 1)", "z ≥ 0"),
    ("q0_step", "def step(self, z):\n    return z > 0", "`self`"),
    (
        "q0_step",
        "def step(z):\n    for v in z:\n        if v > 0:\n            return 1\n        return 0",
        "first entry",
    ),
    ("q0_step", "def step(z, threshold):\n    return z > threshold", "`threshold` has no default"),
    (
        "q0_step",
        "def step(z):\n    out = []\n    for v in z:\n        out.append(max(0, min(v, 1)))\n    return out",
        "ramp",
    ),
]
