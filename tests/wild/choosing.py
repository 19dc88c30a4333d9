"""Heads and losses, and how many runs it takes to know."""

ROWS = [
    (
        "q7_clip_floor",
        "def clip_floor(t, low, high):\n    return np.mean(np.clip(t, low, high) - t) ** 2",
        "square first",
    ),
    (
        "q7_clip_floor",
        "def clip_floor(t, low, high):\n    return np.sum((t - np.clip(t, low, high)) ** 2)",
        "mean is meant",
    ),
    ("q7_clip_floor", "def clip_floor(t, low, high):\n    return (t - np.clip(t, low, high)) ** 2", "one number"),
    (
        "q7_clip_floor",
        "def clip_floor(t, low, high):\n    c = max(low, min(t, high))\n    return np.mean((t - c) ** 2)",
        "np.minimum",
    ),
    (
        "q7_clip_floor",
        "def clip_floor(t, low, high):\n    if t < low:\n        return (low - t) ** 2\n    return 0",
        "np.where",
    ),
    (
        "q7_clip_floor",
        "def clip_floor(t, low, high):\n    return np.mean(np.abs(t - np.clip(t, low, high)))",
        "without squaring",
    ),
    (
        "q7_clip_floor",
        "def clip_floor(t, low, high):\n    out = t[(t < low) | (t > high)]\n    return np.mean((out - np.clip(out, low, high)) ** 2)",
        "outside alone",
    ),
    (
        "q7_clip_floor",
        "def clip_floor(t, low, high):\n    p = np.clip(t, low, high)\n    return np.mean((t - p) ** 2), p",
        "first alone",
    ),
    (
        "q7_clip_floor",
        "def clip_floor(t, low, high):\n    return np.sqrt(np.mean((t - np.clip(t, low, high)) ** 2))",
        "root",
    ),
    ("q7_double_softmax_floor", "def double_softmax_floor(k):\n    return np.log(k)", "ln k"),
    ("q7_double_softmax_floor", "def double_softmax_floor(k):\n    return np.e / (np.e + k - 1)", "probability itself"),
    ("q7_double_softmax_floor", "def double_softmax_floor(k):\n    return -np.log(np.e / (np.e + k))", "k − 1"),
    (
        "q7_double_softmax_floor",
        "def double_softmax_floor(k):\n    return np.log(np.e / (np.e + k - 1))",
        "flipped sign",
    ),
    ("q7_double_softmax_floor", "def double_softmax_floor(k):\n    return 0", "0:"),
    (
        "q7_double_softmax_floor",
        "def double_softmax_floor(k):\n    return -math.log2(math.e / (math.e + k - 1))",
        "base 2",
    ),
    ("q7_bce_gradient", "def bce_gradient(z, y):\n    return z - y", "sigmoid is forgotten"),
    ("q7_bce_gradient", "def bce_gradient(z, y):\n    return y - 1 / (1 + np.exp(-z))", "sign"),
    (
        "q7_bce_gradient",
        "def bce_gradient(z, y):\n    s = 1 / (1 + np.exp(-z))\n    return (s - y) * s * (1 - s)",
        "σ′",
    ),
    (
        "q7_bce_gradient",
        "def bce_gradient(z, y):\n    s = 1 / (1 + np.exp(-z))\n    return -y / s + (1 - y) / (1 - s)",
        "respect to σ",
    ),
    ("q7_bce_gradient", "def bce_gradient(z, y):\n    s = 1 / (1 + np.exp(-z))\n    return np.mean(s - y)", "averaged"),
    (
        "q7_bce_gradient",
        "def bce_gradient(z, y):\n    s = 1 / (1 + np.exp(-z))\n    loss = -(y * np.log(s) + (1 - y) * np.log(1 - s))\n    return loss, s - y",
        "second alone",
    ),
    ("q7_bce_gradient", "def bce_gradient(z, y):\n    return 1 / (1 + math.exp(-z)) - y", "np.exp"),
    (
        "q7_bce_gradient",
        "def bce_gradient(z, y):\n    s = 1 / (1 + np.exp(-z))\n    return (s - y) / len(y)",
        "number of entries|single number",
    ),
    (
        "q7_seeds_needed",
        "from statistics import NormalDist\ndef seeds_needed(d, power):\n    q = NormalDist().inv_cdf\n    return ((q(0.975) + q(power)) * np.std(d, ddof=1) / np.mean(d)) ** 2",
        "not rounded",
    ),
    (
        "q7_seeds_needed",
        "from statistics import NormalDist\ndef seeds_needed(d, power):\n    q = NormalDist().inv_cdf\n    return math.ceil(((q(0.975) + q(power)) * np.std(d) / np.mean(d)) ** 2)",
        "ddof",
    ),
    (
        "q7_seeds_needed",
        "from statistics import NormalDist\ndef seeds_needed(d, power):\n    q = NormalDist().inv_cdf\n    return math.ceil(((q(0.95) + q(power)) * np.std(d, ddof=1) / np.mean(d)) ** 2)",
        "one-sided",
    ),
    (
        "q7_seeds_needed",
        "from statistics import NormalDist\ndef seeds_needed(d, power):\n    q = NormalDist().inv_cdf\n    return int(((q(0.975) + q(power)) * np.std(d, ddof=1) / np.mean(d)) ** 2)",
        "rounded down",
    ),
    (
        "q7_seeds_needed",
        "def seeds_needed(d, power):\n    return math.ceil((1.96 * np.std(d, ddof=1) / np.mean(d)) ** 2)",
        "one half",
    ),
    ("q7_seeds_needed", "def seeds_needed(d, power):\n    return len(d)", "there are"),
]
