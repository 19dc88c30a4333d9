"""GELU, its short forms, the coin behind it, SiLU and the gates with weights of their own."""

GELU = "gelu q4_gelu"
SLOPE = "gelu_derivative q4_gelu_derivative"
TANH = "gelu_tanh q4_gelu_tanh"
GATE = "stochastic_gate q4_stochastic_gate"
PHI = "def Phi(z):\n    return 0.5 * (1 + np.vectorize(math.erf)(z / np.sqrt(2)))\ndef phi(z):\n    return np.exp(-0.5 * z ** 2) / np.sqrt(2 * np.pi)\n"

ROWS = [
    (GELU, "def gelu(z):\n    return 0.5 * z * (1 + np.erf(z / np.sqrt(2)))", "`math.erf`"),
    (GELU, "def gelu(z):\n    return 0.5 * z * (1 + math.erf(z / math.sqrt(2)))", "np.vectorize"),
    (GELU, "from math import erf, sqrt\ndef gelu(x):\n    return x * 0.5 * (1.0 + erf(x / sqrt(2.0)))", "np.vectorize"),
    (
        GELU,
        "def gelu(z):\n    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z ** 3)))",
        "tanh form",
    ),
    (GELU, "def gelu(z):\n    return z / (1 + np.exp(-1.702 * z))", "1.702"),
    (GELU, "def gelu(z):\n    return z / (1 + np.exp(-z))", "SiLU"),
    (GELU, PHI + "def gelu(z):\n    return Phi(z)", "multiply z"),
    (GELU, PHI + "def gelu(z):\n    return z * phi(z)", "density"),
    (GELU, PHI + "def gelu(z):\n    return z * Phi(z)", "cancels"),
    (GELU, PHI + "def gelu(z):\n    return z * Phi(z), Phi(z)", "2 things"),
    (GELU, "def gelu(z):\n    return 0.5 * z * (1 + np.vectorize(math.erf)(z))", "√2"),
    (GELU, "def gelu(z):\n    return z * (1 + np.vectorize(math.erf)(z / np.sqrt(2)))", "½ is missing"),
    (
        GELU,
        "def gelu(z):\n    return z * np.random.binomial(1, 0.5 * (1 + np.vectorize(math.erf)(z / np.sqrt(2))))",
        "coin|random",
    ),
    (GELU, "def gelu(z):\n    return np.where(z > 0, z, 0)", "ReLU"),
    (GELU, "def gelu(self, z):\n    return 0.5 * z * (1 + np.tanh(z))", "`self`"),
    (GELU, "def gelu(z):\n    return [0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in z]", "np.vectorize"),
    (GELU, "def gelu(z, approximate):\n    return z", "`approximate`"),
    (GELU, "def gelu(z):\n    return 0.5 * z(1 + np.tanh(z))", "`*` is missing"),
    (GELU, "def gelu(z):\n    return z * norm.cdf(z)", "spelling"),
    (GELU, "def gelu(z):\n    z *= 0.5 * (1 + np.tanh(z))\n    return z", "in place"),
    (SLOPE, PHI + "def gelu_derivative(z):\n    return Phi(z)", "second term"),
    (SLOPE, PHI + "def gelu_derivative(z):\n    return Phi(z) + phi(z)", "factor z"),
    (SLOPE, PHI + "def gelu_derivative(z):\n    return Phi(z) * phi(z)", "adds two terms"),
    (SLOPE, PHI + "def gelu_derivative(z):\n    return z * phi(z)", "second term"),
    (SLOPE, PHI + "def gelu_derivative(z):\n    return Phi(z) - z * phi(z)", "a minus"),
    (SLOPE, PHI + "def gelu_derivative(z):\n    return np.gradient(z * Phi(z))", "neighbouring"),
    (
        SLOPE,
        PHI + "def gelu_derivative(z):\n    g = lambda t: t * Phi(t)\n    return g(z + 1e-4) - g(z - 1e-4)",
        "divided by its step",
    ),
    (SLOPE, PHI + "def gelu_derivative(z):\n    return Phi(z) + z * np.exp(-z ** 2 / 2)", "1/√(2π)"),
    (SLOPE, PHI + "def gelu_derivative(z):\n    return Phi(z) + z * np.exp(-z ** 2 / 2) / np.sqrt(2) * np.pi", "π"),
    (SLOPE, PHI + "def gelu_derivative(z):\n    return Phi(z) + z * np.exp(-z ** 2) / np.sqrt(2 * np.pi)", "halved"),
    (SLOPE, PHI + "def gelu_derivative(dout, z):\n    return dout * (Phi(z) + z * phi(z))", "`z` has no default"),
    (SLOPE, PHI + "def gelu_derivative(z):\n    d = Phi(z) + z * phi(z)\n    return d,", "comma"),
    (SLOPE, "def gelu_derivative(z):\n    return 0.5 * (1 + math.erf(z)) + z * math.exp(-z ** 2 / 2)", "math"),
    (SLOPE, "def gelu_derivative(z):\n    return np.where(z > 0, 1, 0)", "slope of ReLU"),
    (TANH, "def gelu_tanh(z):\n    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z ** 2)))", "z³"),
    (
        TANH,
        "def gelu_tanh(z):\n    return 0.5 * z * (1 + np.tanh(np.sqrt(2) / np.pi * (z + 0.044715 * z ** 3)))",
        "root",
    ),
    (
        TANH,
        "def gelu_tanh(z):\n    return 0.5 * z * (1 + math.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z ** 3)))",
        "np.tanh",
    ),
    (
        TANH,
        "def gelu_tanh(z):\n    return z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z ** 3)))",
        "½ is missing",
    ),
    (TANH, "def gelu_tanh(z):\n    return 0.5 * z * (1 + np.tanh(2 / np.pi * (z + 0.044715 * z ** 3)))", "square root"),
    (
        TANH,
        "def gelu_tanh(z):\n    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * z + 0.044715 * z ** 3))",
        "brackets",
    ),
    (
        TANH,
        "def gelu_tanh(z):\n    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.44715 * z ** 3)))",
        "zero is lost",
    ),
    (
        TANH,
        "def gelu_tanh(z):\n    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z ^ 3)))",
        "`**`",
    ),
    (
        TANH,
        "def gelu_tanh(z):\n    return 0.5 * z(1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z ** 3)))",
        "`*` is missing",
    ),
    (TANH, "def gelu_tanh(z):\n    return z / (1 + np.exp(-1.702 * z))", "other approximation"),
    (TANH, "def gelu_tanh(z):\n    return 0.5 * z * np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z ** 3))", "`1 +`"),
    (
        GATE,
        "def stochastic_gate(z, n, rng):\n    return z * (np.random.normal(size=(n, *z.shape)) < z).mean(axis=0)",
        "elsewhere|rng",
    ),
    (
        GATE,
        "def stochastic_gate(z, n, rng):\n    rng = np.random.default_rng(0)\n    return z * (rng.normal(size=(n, *z.shape)) < z).mean(axis=0)",
        "seed of its own|rng",
    ),
    (
        GATE,
        "def stochastic_gate(z, n, rng):\n    return (rng.normal(size=(n, *z.shape)) < z).mean(axis=0)",
        "multiply z|factor z",
    ),
    (
        GATE,
        "def stochastic_gate(z, n, rng):\n    return z * (rng.normal(size=(n, *z.shape)) < z).sum(axis=0)",
        "sum over the draws",
    ),
    (
        GATE,
        "def stochastic_gate(z, n, rng):\n    return z * (rng.normal(size=(n, *z.shape)) > z).mean(axis=0)",
        "wrong side",
    ),
    (GATE, "def stochastic_gate(z, n, rng):\n    return z * (rng.normal(size=(n, *z.shape)) < z)", "all n draws"),
    (
        GATE,
        "def stochastic_gate(z, n, rng):\n    return np.mean([v if rng.normal() < v else 0 for v in z for _ in range(n)])",
        "one mean|single number",
    ),
    (
        GATE,
        "def stochastic_gate(z, n):\n    return z * (np.random.randn(n, *z.shape) < z).mean(axis=0)",
        "called with 3 arguments",
    ),
    (GATE, "def stochastic_gate(z, n, rng):\n    return z * (rng.random((n, *z.shape)) < z).mean(axis=0)", "uniform"),
    (
        GATE,
        "def stochastic_gate(z, n, rng):\n    xi = rng.normal(size=n)\n    return z * np.mean(xi < z)",
        "broadcast|shared by all",
    ),
    ("q4_silu", "def silu(z, beta=1.702):\n    return z / (1 + np.exp(-beta * z))", "default of 1.702"),
    ("q4_silu", "def silu(z, beta):\n    return z / (1 + np.exp(-beta * z))", "`beta` has no default"),
    ("q4_silu", "def silu(z, beta=1.0):\n    return z / (1 + np.exp(-z))", "β is forgotten"),
    ("q4_silu", "def silu(z, beta=1.0):\n    return z / (1 + math.exp(-beta * z))", "np.exp"),
    ("q4_silu", "def silu(z, beta=1.0):\n    return 1 / (1 + np.exp(-beta * z))", "multiply z"),
    ("q4_silu", "def silu(z, beta=1.0):\n    s = 1 / (1 + np.exp(-beta * z))\n    return z * s, s", "2 things"),
    (
        "q4_silu_derivative",
        "def silu_derivative(z):\n    s = 1 / (1 + np.exp(-z))\n    return s * (1 - s)",
        "sigmoid alone",
    ),
    ("q4_silu_derivative", "def silu_derivative(z):\n    s = 1 / (1 + np.exp(-z))\n    return s + z * s", "s(1 − s)"),
    (
        "q4_silu_derivative",
        "def silu_derivative(z):\n    s = 1 / (1 + np.exp(-z))\n    return s(1 + z * (1 - s))",
        "`*` is missing",
    ),
    (
        "q4_silu_derivative",
        "def silu_derivative(z):\n    s = 1 / (1 + np.exp(-z))\n    return s + z * (1 - s)",
        "factor s",
    ),
    ("q4_swiglu", "def swiglu(x, W, V):\n    a = x @ W\n    return a / (1 + np.exp(-a)) * (x @ W)", "used twice"),
    ("q4_swiglu", "def swiglu(x, W, V):\n    a = x @ V\n    return a / (1 + np.exp(-a)) * (x @ W)", "swapped"),
    ("q4_swiglu", "def swiglu(x, W, V):\n    a = x @ W\n    return 1 / (1 + np.exp(-a)) * (x @ V)", "GLU"),
    ("q4_swiglu", "def swiglu(x, W, V):\n    a = W @ x\n    return a / (1 + np.exp(-a)) * (V @ x)", "size|mismatch"),
    (
        "q4_find_minimum",
        "def find_minimum(f, low, high):\n    z = np.linspace(low, high, 1000)\n    return np.min(f(z))",
        "smallest value",
    ),
    (
        "q4_find_minimum",
        "def find_minimum(f, low, high):\n    z = np.linspace(low, high, 1000)\n    return np.argmin(f(z))",
        "argmin",
    ),
    (
        "q4_find_minimum",
        "def find_minimum(f, low, high):\n    z = np.linspace(low, high, 1000)\n    return z[np.argmin(f(z))]",
        "no refinement",
    ),
    (
        "q4_find_minimum",
        "def find_minimum(f, low, high):\n    z = np.linspace(low, high, 100001)\n    i = np.argmin(f(z))\n    return z[i], f(z[i])",
        "2 things",
    ),
    (
        "gelu_tanh q4_gelu_tanh",
        """
def gelu_tanh(z):
    return 0.5 * z * 1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z ** 3))""",
        "brackets",
    ),
    (
        "gelu_derivative q4_gelu_derivative",
        """
def gelu_derivative(z):
    z = np.asarray(z, dtype=float)
    def g(v):
        return v / 2 * (1 + np.vectorize(math.erf, otypes=[float])(v / np.sqrt(2)))
    return (g(z + 1e-4) - g(z - 1e-4)) / 1e-4""",
        "twice the slope",
    ),
]
