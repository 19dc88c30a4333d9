# Answers of known worth, from which whole classes are made. A header names what is answered and the points it earns.

# %% sigmoid 4
def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))

# %% sigmoid 4
def sigmoid(z):
    def one(v):
        return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))
    return np.vectorize(one, otypes=[float])(z)

# %% sigmoid 4
def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))

# %% sigmoid 4
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

# %% sigmoid 3
def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z))

# %% sigmoid 0
def sigmoid(z):
    return 1 / (1 + np.exp(z))

# %% sigmoid 0
def sigmoid(z):
    return np.tanh(z)

# %% sigmoid 0
def sigmoid(z):
    return 1 / (1 + math.exp(-z))

# %% sigmoid_derivative 3
def sigmoid_derivative(z):
    return 1 / (4 * np.cosh(z / 2) ** 2)

# %% sigmoid_derivative 3
def sigmoid_derivative(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2

# %% sigmoid_derivative 0
def sigmoid_derivative(z):
    return z * (1 - z)

# %% sigmoid_derivative 0
def sigmoid_derivative(z):
    return 1 / (1 + np.exp(-z))

# %% activation_factor 2
def activation_factor(depth):
    return 2.0 ** (-2 * depth)

# %% activation_factor 2
def activation_factor(depth):
    return math.prod([0.25] * depth)

# %% activation_factor 0
def activation_factor(depth):
    return 0.25 * depth

# %% activation_factor 0
def activation_factor(depth):
    return 0.5**depth

# %% layer_gradient_norms 7
def layer_gradient_norms(x, weights, f, df):
    hs, zs = [x], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    d, out = df(zs[-1]) / len(x), []
    for l in reversed(range(len(weights))):
        out.insert(0, float(np.sqrt(((hs[l].T @ d) ** 2).sum())))
        if l:
            d = (d @ weights[l].T) * df(zs[l - 1])
    return out

# %% layer_gradient_norms 0
def layer_gradient_norms(x, weights, f, df):
    hs, zs = [x], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    d, out = df(zs[-1]), []
    for l in reversed(range(len(weights))):
        out.insert(0, np.linalg.norm(hs[l].T @ d))
        if l:
            d = (d @ weights[l].T) * df(zs[l - 1])
    return out

# %% layer_gradient_norms 0
def layer_gradient_norms(x, weights, f, df):
    return [np.linalg.norm(W) for W in weights]

# %% relu 2
def relu(z):
    return z * (z > 0)

# %% relu 2
def relu(z):
    return np.where(z > 0, z, 0).tolist()

# %% relu 2
def relu(z):
    return (np.abs(z) + z) / 2

# %% relu 0
def relu(z):
    z[z < 0] = 0
    return z

# %% relu 0
def relu(z):
    return max(0, z)

# %% relu 0
def relu(z):
    return np.abs(z)

# %% relu_derivative 2
def relu_derivative(z):
    return (z >= 0).astype(int)

# %% relu_derivative 2
def relu_derivative(z):
    return np.heaviside(z, 0.5)

# %% relu_derivative 0
def relu_derivative(z):
    return np.sign(z)

# %% leaky_relu 3
def leaky_relu(z, alpha=0.01):
    return np.maximum(z, 0) + alpha * np.minimum(z, 0)

# %% leaky_relu 0
def leaky_relu(z, alpha=0.01):
    return np.maximum(z, alpha * z)

# %% leaky_relu 0
def leaky_relu(z, alpha=0.01):
    return np.where(z > 0, z, 0.01 * z)

# %% dead_units 3
def dead_units(z):
    return z.max(axis=0) <= 0

# %% dead_units 3
def dead_units(z):
    return [all(row[j] <= 0 for row in z) for j in range(z.shape[1])]

# %% dead_units 0
def dead_units(z):
    return (z <= 0).any(axis=0)

# %% dead_units 0
def dead_units(z):
    return (z <= 0).all(axis=1)

# %% he_normal 3
def he_normal(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) * (2 / fan_in) ** 0.5

# %% he_normal 0
def he_normal(fan_in, fan_out, rng):
    return rng.normal(0, 2 / fan_in, (fan_in, fan_out))

# %% he_normal 0
def he_normal(fan_in, fan_out, rng):
    return np.random.normal(0, math.sqrt(2 / fan_in), (fan_in, fan_out))

# %% batch_norm 3
def batch_norm(z, gamma, beta, eps=1e-5):
    c = z - np.mean(z, axis=0, keepdims=True)
    return c / np.sqrt((c * c).mean(axis=0) + eps) * gamma + beta

# %% batch_norm 0
def batch_norm(z, gamma, beta, eps=1e-5):
    return gamma * (z - z.mean(0)) / np.sqrt(z.var(0, ddof=1) + eps) + beta

# %% batch_norm 0
def batch_norm(z, gamma, beta, eps=1e-5):
    return gamma * (z - z.mean()) / np.sqrt(z.var() + eps) + beta

# %% gelu 5
def gelu(z):
    flat = [0.5 * float(v) * math.erfc(-float(v) / 2**0.5) for v in np.ravel(z)]
    return np.reshape(flat, np.shape(z))

# %% gelu 4
def gelu(z):
    return np.vectorize(lambda v: 0.5 * v * (1 + math.erf(v / math.sqrt(2))), otypes=[float])(z)

# %% gelu 0
def gelu(z):
    return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))

# %% gelu 0
def gelu(z):
    return z / (1 + np.exp(-1.702 * z))

# %% gelu_tanh 3
def gelu_tanh(z):
    z = np.asarray(z, float)
    return z / (1 + np.exp(-2 * 0.7978845608028654 * (z + 0.044715 * z * z * z)))

# %% gelu_tanh 0
def gelu_tanh(z):
    return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**2)))

# %% gelu_derivative 4
def gelu_derivative(z):
    def one(v, h=1e-5):
        f = lambda u: 0.5 * u * math.erfc(-u / math.sqrt(2))
        return (f(v + h) - f(v - h)) / (2 * h)
    return np.vectorize(one, otypes=[float])(np.asarray(z, float))

# %% gelu_derivative 0
def gelu_derivative(z):
    return np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)), otypes=[float])(z)

# %% stochastic_gate 4
def stochastic_gate(z, n, rng):
    p = np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)), otypes=[float])(z)
    return z * rng.binomial(n, p) / n

# %% stochastic_gate 4
def stochastic_gate(z, n, rng):
    return z * (rng.normal(size=(n, *np.shape(z))) < z).mean(axis=0)

# %% stochastic_gate 0
def stochastic_gate(z, n, rng):
    return z * np.mean([rng.normal() < z for _ in range(n)], axis=0)

# %% stochastic_gate 0
def stochastic_gate(z, n, rng):
    return z * (np.random.normal(size=(n, *np.shape(z))) < z).mean(axis=0)

# %% softmax 6
def softmax(z, axis=-1):
    z = np.asarray(z, float)
    return np.exp(z - np.logaddexp.reduce(z, axis=axis, keepdims=True))

# %% softmax 4
def softmax(z, axis=-1):
    e = np.exp(z - np.max(z))
    return e / e.sum(axis=axis, keepdims=True)

# %% softmax 4
def softmax(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)

# %% softmax 0
def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

# %% softmax 0
def softmax(z, axis=-1):
    return np.exp(z) / np.exp(z).sum()

# %% softmax_jacobian 5
def softmax_jacobian(p):
    return [[p[i] * ((i == j) - p[j]) for j in range(len(p))] for i in range(len(p))]

# %% softmax_jacobian 0
def softmax_jacobian(p):
    return np.diag(p * (1 - p))

# %% cross_entropy_gradient 5
def cross_entropy_gradient(z, y):
    e = np.exp(z - z.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True) - np.eye(z.shape[1])[y]) / len(z)

# %% cross_entropy_gradient 0
def cross_entropy_gradient(z, y):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True) - np.eye(z.shape[1])[y]

# %% cross_entropy_gradient 0
def cross_entropy_gradient(z, y):
    e = np.exp(z - z.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True) - np.eye(y.max() + 1)[y]) / len(z)

# %% weight_gradients 5
def weight_gradients(h, delta):
    return np.einsum("nd,n->nd", h, delta)

# %% weight_gradients 0
def weight_gradients(h, delta):
    return h.T @ delta

# %% same_sign_fraction 4
def same_sign_fraction(g):
    return sum(not (min(row) < 0 < max(row)) for row in g.tolist()) / len(g)

# %% same_sign_fraction 0
def same_sign_fraction(g):
    return (g > 0).all(axis=1).mean()

# %% descend 4
def descend(gradient, w0, lr, steps):
    w, path = 1.0 * np.asarray(w0), []
    path.append(w)
    for _ in range(steps):
        w = w - lr * np.asarray(gradient(w))
        path.append(w)
    return path

# %% descend 0
def descend(gradient, w0, lr, steps):
    w, path = np.array(w0, float), []
    for _ in range(steps):
        w = w - lr * gradient(w)
        path.append(w)
    return path

# %% descend 0
def descend(gradient, w0, lr, steps):
    w, path = np.array(w0, float), [np.array(w0, float)]
    for _ in range(steps):
        w = w + lr * gradient(w)
        path.append(w)
    return path

# %% straightness 3
def straightness(path):
    steps = np.sqrt((np.diff(np.array(path, float), axis=0) ** 2).sum(1))
    if not steps.any():
        return 1.0
    return np.linalg.norm(np.subtract(path[-1], path[0])) / steps.sum()

# %% straightness 0
def straightness(path):
    return np.linalg.norm(np.diff(path, axis=0), axis=1).sum() / np.linalg.norm(path[-1] - path[0])
