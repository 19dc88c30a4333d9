# Answers of known worth, from which whole classes are made. A header names what is answered and the parts that are right.

# %% sigmoid: values, large inputs
def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))

# %% sigmoid: values, large inputs
def sigmoid(z):
    def one(v):
        return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))
    return np.vectorize(one, otypes=[float])(z)

# %% sigmoid: values, large inputs
def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))

# %% sigmoid: values, large inputs
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

# %% sigmoid: values
def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z))

# %% sigmoid: nothing
def sigmoid(z):
    return 1 / (1 + np.exp(z))

# %% sigmoid: nothing
def sigmoid(z):
    return np.tanh(z)

# %% sigmoid: nothing
def sigmoid(z):
    return 1 / (1 + math.exp(-z))

# %% sigmoid_derivative: values
def sigmoid_derivative(z):
    return 1 / (4 * np.cosh(z / 2) ** 2)

# %% sigmoid_derivative: values
def sigmoid_derivative(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2

# %% sigmoid_derivative: nothing
def sigmoid_derivative(z):
    return z * (1 - z)

# %% sigmoid_derivative: nothing
def sigmoid_derivative(z):
    return 1 / (1 + np.exp(-z))

# %% activation_factor: values
def activation_factor(depth):
    return 2.0 ** (-2 * depth)

# %% activation_factor: values
def activation_factor(depth):
    return math.prod([0.25] * depth)

# %% activation_factor: nothing
def activation_factor(depth):
    return 0.25 * depth

# %% activation_factor: nothing
def activation_factor(depth):
    return 0.5**depth

# %% layer_gradient_norms: values
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

# %% layer_gradient_norms: nothing
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

# %% layer_gradient_norms: nothing
def layer_gradient_norms(x, weights, f, df):
    return [np.linalg.norm(W) for W in weights]

# %% relu: values
def relu(z):
    return z * (z > 0)

# %% relu: values
def relu(z):
    return np.where(z > 0, z, 0).tolist()

# %% relu: values
def relu(z):
    return (np.abs(z) + z) / 2

# %% relu: nothing
def relu(z):
    z[z < 0] = 0
    return z

# %% relu: nothing
def relu(z):
    return max(0, z)

# %% relu: nothing
def relu(z):
    return np.abs(z)

# %% relu_derivative: values
def relu_derivative(z):
    return (z >= 0).astype(int)

# %% relu_derivative: values
def relu_derivative(z):
    return np.heaviside(z, 0.5)

# %% relu_derivative: nothing
def relu_derivative(z):
    return np.sign(z)

# %% leaky_relu: values
def leaky_relu(z, alpha=0.01):
    return np.maximum(z, 0) + alpha * np.minimum(z, 0)

# %% leaky_relu: nothing
def leaky_relu(z, alpha=0.01):
    return np.maximum(z, alpha * z)

# %% leaky_relu: nothing
def leaky_relu(z, alpha=0.01):
    return np.where(z > 0, z, 0.01 * z)

# %% dead_units: values
def dead_units(z):
    return z.max(axis=0) <= 0

# %% dead_units: values
def dead_units(z):
    return [all(row[j] <= 0 for row in z) for j in range(z.shape[1])]

# %% dead_units: nothing
def dead_units(z):
    return (z <= 0).any(axis=0)

# %% dead_units: nothing
def dead_units(z):
    return (z <= 0).all(axis=1)

# %% he_normal: values
def he_normal(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) * (2 / fan_in) ** 0.5

# %% he_normal: nothing
def he_normal(fan_in, fan_out, rng):
    return rng.normal(0, 2 / fan_in, (fan_in, fan_out))

# %% he_normal: nothing
def he_normal(fan_in, fan_out, rng):
    return np.random.normal(0, math.sqrt(2 / fan_in), (fan_in, fan_out))

# %% batch_norm: values
def batch_norm(z, gamma, beta, eps=1e-5):
    c = z - np.mean(z, axis=0, keepdims=True)
    return c / np.sqrt((c * c).mean(axis=0) + eps) * gamma + beta

# %% batch_norm: nothing
def batch_norm(z, gamma, beta, eps=1e-5):
    return gamma * (z - z.mean(0)) / np.sqrt(z.var(0, ddof=1) + eps) + beta

# %% batch_norm: nothing
def batch_norm(z, gamma, beta, eps=1e-5):
    return gamma * (z - z.mean()) / np.sqrt(z.var() + eps) + beta

# %% gelu: values, left tail
def gelu(z):
    flat = [0.5 * float(v) * math.erfc(-float(v) / 2**0.5) for v in np.ravel(z)]
    return np.reshape(flat, np.shape(z))

# %% gelu: values
def gelu(z):
    return np.vectorize(lambda v: 0.5 * v * (1 + math.erf(v / math.sqrt(2))), otypes=[float])(z)

# %% gelu: nothing
def gelu(z):
    return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))

# %% gelu: nothing
def gelu(z):
    return z / (1 + np.exp(-1.702 * z))

# %% gelu_tanh: values
def gelu_tanh(z):
    z = np.asarray(z, float)
    return z / (1 + np.exp(-2 * 0.7978845608028654 * (z + 0.044715 * z * z * z)))

# %% gelu_tanh: nothing
def gelu_tanh(z):
    return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**2)))

# %% gelu_derivative: values
def gelu_derivative(z):
    def one(v, h=1e-5):
        f = lambda u: 0.5 * u * math.erfc(-u / math.sqrt(2))
        return (f(v + h) - f(v - h)) / (2 * h)
    return np.vectorize(one, otypes=[float])(np.asarray(z, float))

# %% gelu_derivative: nothing
def gelu_derivative(z):
    return np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)), otypes=[float])(z)

# %% stochastic_gate: values
def stochastic_gate(z, n, rng):
    p = np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)), otypes=[float])(z)
    return z * rng.binomial(n, p) / n

# %% stochastic_gate: values
def stochastic_gate(z, n, rng):
    return z * (rng.normal(size=(n, *np.shape(z))) < z).mean(axis=0)

# %% stochastic_gate: nothing
def stochastic_gate(z, n, rng):
    return z * np.mean([rng.normal() < z for _ in range(n)], axis=0)

# %% stochastic_gate: nothing
def stochastic_gate(z, n, rng):
    return z * (np.random.normal(size=(n, *np.shape(z))) < z).mean(axis=0)

# %% softmax: values, distant rows
def softmax(z, axis=-1):
    z = np.asarray(z, float)
    return np.exp(z - np.logaddexp.reduce(z, axis=axis, keepdims=True))

# %% softmax: values
def softmax(z, axis=-1):
    e = np.exp(z - np.max(z))
    return e / e.sum(axis=axis, keepdims=True)

# %% softmax: values
def softmax(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)

# %% softmax: nothing
def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

# %% softmax: nothing
def softmax(z, axis=-1):
    return np.exp(z) / np.exp(z).sum()

# %% softmax_jacobian: values
def softmax_jacobian(p):
    return [[p[i] * ((i == j) - p[j]) for j in range(len(p))] for i in range(len(p))]

# %% softmax_jacobian: nothing
def softmax_jacobian(p):
    return np.diag(p * (1 - p))

# %% cross_entropy_gradient: values
def cross_entropy_gradient(z, y):
    e = np.exp(z - z.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True) - np.eye(z.shape[1])[y]) / len(z)

# %% cross_entropy_gradient: nothing
def cross_entropy_gradient(z, y):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True) - np.eye(z.shape[1])[y]

# %% cross_entropy_gradient: nothing
def cross_entropy_gradient(z, y):
    e = np.exp(z - z.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True) - np.eye(y.max() + 1)[y]) / len(z)

# %% weight_gradients: values
def weight_gradients(h, delta):
    return np.einsum("nd,n->nd", h, delta)

# %% weight_gradients: nothing
def weight_gradients(h, delta):
    return h.T @ delta

# %% same_sign_fraction: values
def same_sign_fraction(g):
    return sum(not (min(row) < 0 < max(row)) for row in g.tolist()) / len(g)

# %% same_sign_fraction: nothing
def same_sign_fraction(g):
    return (g > 0).all(axis=1).mean()

# %% descend: values
def descend(gradient, w0, lr, steps):
    w, path = 1.0 * np.asarray(w0), []
    path.append(w)
    for _ in range(steps):
        w = w - lr * np.asarray(gradient(w))
        path.append(w)
    return path

# %% descend: nothing
def descend(gradient, w0, lr, steps):
    w, path = np.array(w0, float), []
    for _ in range(steps):
        w = w - lr * gradient(w)
        path.append(w)
    return path

# %% descend: nothing
def descend(gradient, w0, lr, steps):
    w, path = np.array(w0, float), [np.array(w0, float)]
    for _ in range(steps):
        w = w + lr * gradient(w)
        path.append(w)
    return path

# %% straightness: values
def straightness(path):
    steps = np.sqrt((np.diff(np.array(path, float), axis=0) ** 2).sum(1))
    if not steps.any():
        return 1.0
    return np.linalg.norm(np.subtract(path[-1], path[0])) / steps.sum()

# %% straightness: nothing
def straightness(path):
    return np.linalg.norm(np.diff(path, axis=0), axis=1).sum() / np.linalg.norm(path[-1] - path[0])
