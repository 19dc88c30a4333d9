"""Signal and gradient through many layers, as people write them when it goes wrong."""

ROWS = [
    (
        "q6_he_normal he_normal",
        """
def he_normal(fan_in, fan_out, rng):
    return rng.normal(0, 1 / np.sqrt(fan_in), (fan_in, fan_out))""",
        "LeCun",
    ),
    (
        "q6_he_normal he_normal",
        """
def he_normal(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2.0 / (fan_in + fan_out))""",
        "Xavier",
    ),
    (
        "q6_he_normal he_normal",
        """
def he_normal(fan_in, fan_out, rng):
    return rng.normal(0, 2 / fan_in, size=(fan_in, fan_out))""",
        "root is missing",
    ),
    (
        "q6_he_normal he_normal",
        """
def he_normal(fan_in, fan_out, rng):
    return rng.standard_normal((fan_out, fan_in)) * np.sqrt(2 / fan_in)""",
        "(fan_out, fan_in)",
    ),
    (
        "q6_he_normal he_normal",
        """
def he_normal(fan_in, fan_out, rng):
    return np.random.randn(fan_in, fan_out) * np.sqrt(2 / fan_in)""",
        "only `rng` may be asked",
    ),
    (
        "q6_he_normal he_normal",
        """
def he_normal(fan_in, fan_out, rng=None):
    rng = np.random.default_rng(42)
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))""",
        "seed of its own",
    ),
    (
        "q6_he_normal he_normal",
        """
def he_normal(fan_in, fan_out, rng):
    limit = np.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))""",
        "uniform",
    ),
    (
        "q6_he_normal he_normal",
        """
def he_normal(fan_in, fan_out, rng):
    return rng.normal(size=(fan_in, fan_out))""",
        "never scaled",
    ),
    (
        "q6_he_normal he_normal",
        """
def he_normal(fan_in, fan_out, rng):
    return rng.normal(0, np.sqrt(2 / fan_out), (fan_in, fan_out))""",
        "fan_out in place of fan_in",
    ),
    (
        "q6_he_normal he_normal",
        """
def he_normal(fan_in, fan_out, rng):
    return rng.normal(0, np.sqrt(2 / fan_in))""",
        "shape is missing",
    ),
    (
        "q6_forward_gain",
        """
def forward_gain(f):
    z = np.linspace(-8, 8, 10001)
    p = np.exp(-z**2 / 2) / np.sqrt(2 * np.pi)
    return np.sqrt(np.trapezoid(f(z) ** 2 * p, z))""",
        "root of the mean square",
    ),
    (
        "q6_forward_gain",
        """
def forward_gain(f):
    z = np.linspace(-8, 8, 10001)
    p = np.exp(-z**2 / 2) / np.sqrt(2 * np.pi)
    return 1 / np.trapezoid(f(z) ** 2 * p, z)""",
        "a root is missing",
    ),
    (
        "q6_forward_gain",
        """
def forward_gain(f):
    z = np.linspace(-8, 8, 10001)
    return 1 / np.sqrt(np.trapezoid(f(z) ** 2 * np.exp(-z**2 / 2), z))""",
        "1/√(2π)",
    ),
    (
        "q6_forward_gain",
        """
def forward_gain(f):
    z = np.random.default_rng(0).normal(size=2_000_000)
    return 1 / np.std(f(z))""",
        "standard deviation",
    ),
    (
        "q6_layer_gradient_norms layer_gradient_norms",
        """
def layer_gradient_norms(x, weights, f, df):
    hs, zs = [x], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    delta = np.ones_like(hs[-1])
    out = []
    for l in range(len(weights) - 1, -1, -1):
        delta = delta * df(zs[l])
        out.append(np.linalg.norm(hs[l].T @ delta))
        delta = delta @ weights[l].T
    return np.array(out[::-1])""",
        "it is their mean",
    ),
    (
        "q6_layer_gradient_norms layer_gradient_norms",
        """
def layer_gradient_norms(x, weights, f, df):
    hs = [x]
    for W in weights:
        hs.append(f(hs[-1] @ W))
    delta = np.ones_like(hs[-1]) / len(x)
    out = [0.0] * len(weights)
    for l in reversed(range(len(weights))):
        delta = delta * df(hs[l + 1])
        out[l] = np.linalg.norm(hs[l].T @ delta)
        delta = delta @ weights[l].T
    return np.array(out)""",
        "pre-activation",
    ),
    (
        "q6_layer_gradient_norms layer_gradient_norms",
        """
def layer_gradient_norms(x, weights, f, df):
    hs, zs = [x], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    delta = np.ones_like(hs[-1]) / x.shape[0]
    norms = []
    for l in reversed(range(len(weights))):
        delta = delta * df(zs[l])
        norms.append(np.linalg.norm(hs[l].T @ delta))
        delta = delta @ weights[l].T
    return norms""",
        "from the last layer",
    ),
    (
        "q6_layer_gradient_norms layer_gradient_norms",
        """
def layer_gradient_norms(x, weights, f, df):
    hs, zs = [x], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    delta = np.ones_like(zs[-1]) / len(x)
    norms = []
    for l in reversed(range(len(weights))):
        norms.insert(0, np.linalg.norm(hs[l].T @ delta))
        if l:
            delta = (delta @ weights[l].T) * df(zs[l - 1])
    return np.array(norms)""",
        "slope of the last layer left out",
    ),
    (
        "q6_layer_gradient_norms layer_gradient_norms",
        """
def layer_gradient_norms(x, weights, f, df):
    totals = np.zeros(len(weights))
    for row in x:
        hs, zs = [row], []
        for W in weights:
            zs.append(hs[-1] @ W)
            hs.append(f(zs[-1]))
        delta = np.ones_like(hs[-1])
        for l in reversed(range(len(weights))):
            delta = delta * df(zs[l])
            totals[l] += np.linalg.norm(np.outer(hs[l], delta))
            delta = weights[l] @ delta
    return totals / len(x)""",
        "every sample's own norm",
    ),
    (
        "q6_layer_gradient_norms layer_gradient_norms",
        """
def layer_gradient_norms(x, weights, f, df):
    hs, zs = [x], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    delta = np.ones_like(hs[-1]) / hs[-1].size
    norms = np.zeros(len(weights))
    for l in reversed(range(len(weights))):
        delta = delta * df(zs[l])
        norms[l] = np.linalg.norm(hs[l].T @ delta)
        delta = delta @ weights[l].T
    return norms""",
        "averaged over the units",
    ),
    (
        "q6_residual_forward",
        """
def residual_forward(x, weights, f):
    for W in weights:
        x = f(x @ W)
    return x""",
        "without shortcuts",
    ),
    (
        "q6_residual_forward",
        """
def residual_forward(x, weights, f):
    h = x
    for W in weights:
        h = x + f(h @ W)
    return h""",
        "layer's own input",
    ),
    (
        "q6_residual_forward",
        """
def residual_forward(x, weights, f):
    h = x
    for W in weights:
        h = f(h + h @ W)
    return h""",
        "past f",
    ),
    (
        "q6_residual_forward",
        """
def residual_forward(x, weights, f):
    h = x
    for W in weights:
        h = f(np.dot(h, W))
    return h + x""",
        "one shortcut around",
    ),
    (
        "q6_default_linear_variance",
        """
def default_linear_variance(fan_in):
    return (1 / np.sqrt(fan_in)) ** 2""",
        "bound",
    ),
    (
        "q6_default_linear_variance",
        """
def default_linear_variance(fan_in):
    bound = 1 / np.sqrt(fan_in)
    return np.sqrt((2 * bound) ** 2 / 12)""",
        "standard deviation",
    ),
    (
        "q6_layer_gradient_norms layer_gradient_norms",
        """
def layer_gradient_norms(x, weights, f, df):
    inputs, h = [], x
    for W in weights:
        z = h @ W
        inputs.append(z)
        h = f(z)
    delta, norms = df(z) / len(x), []
    for l in reversed(range(len(weights))):
        before = inputs[l - 1] if l else x
        norms.insert(0, np.linalg.norm(before.T @ delta))
        if l:
            delta = (delta @ weights[l].T) * df(before)
    return np.array(norms)""",
        "z where h",
    ),
    (
        "q6_layer_gradient_norms layer_gradient_norms",
        """
def layer_gradient_norms(x, weights, f, df):
    hs = [x]
    for W in weights:
        z = hs[-1] @ W
        hs.append(f(z))
    delta, norms = df(z) / len(x), []
    for W, h in zip(weights[::-1], hs[-2::-1]):
        norms.append(np.linalg.norm(h.T @ delta))
        delta = delta @ W.T
    return np.array(norms[::-1])""",
        "all layers but the last",
    ),
]
