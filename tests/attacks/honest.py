# The practice questions as a good student answers them: NumPy and the standard library alone.

# %% imports, a plot and a check, none of which is there while homework is graded
import math

import matplotlib.pyplot as plt
import numpy as np
from actlab.check import check

fig, (left, right) = plt.subplots(1, 2)
left.plot(np.arange(3), np.arange(3))
print("a print costs nothing")


# %% question 1
def sigmoid(z):
    z = np.asarray(z, float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_derivative(z):
    s = sigmoid(z)
    return s * (1 - s)


def activation_factor(depth):
    return 0.25**depth


def layer_gradient_norms(x, weights, f, df):
    inputs, slopes = [x], []
    for W in weights:
        z = inputs[-1] @ W
        inputs.append(f(z))
        slopes.append(df(z))
    norms, signal = [], np.full(slopes[-1].shape, 1 / len(x))
    for h, slope, W in zip(inputs[-2::-1], slopes[::-1], weights[::-1]):
        signal = signal * slope
        norms.append(np.linalg.norm(h.T @ signal))
        signal = signal @ W.T
    return norms[::-1]


check("sigmoid", sigmoid)


# %% question 2
def relu(z):
    return np.maximum(z, 0)


def relu_derivative(z):
    return z > 0


def leaky_relu(z, alpha=0.01):
    return np.where(z > 0, z, alpha * z)


def dead_units(z):
    return (z <= 0).all(axis=0)


def he_normal(fan_in, fan_out, rng):
    return rng.normal(0, math.sqrt(2 / fan_in), (fan_in, fan_out))


def batch_norm(z, gamma, beta, eps=1e-5):
    return gamma * (z - z.mean(0)) / np.sqrt(z.var(0) + eps) + beta


# %% question 3
def gelu(z):
    return np.vectorize(lambda v: 0.5 * v * math.erfc(-v / math.sqrt(2)), otypes=[float])(z)


def gelu_tanh(z):
    return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * np.asarray(z, float) ** 3)))


def gelu_derivative(z):
    z = np.asarray(z, float)
    cdf = np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)), otypes=[float])(z)
    return cdf + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def stochastic_gate(z, n, rng):
    return z * (rng.standard_normal((n, *np.shape(z))) < z).mean(axis=0)


# %% question 4
def softmax(z, axis=-1):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_jacobian(p):
    return np.diag(p) - np.outer(p, p)


def cross_entropy_gradient(z, y):
    p = softmax(z)
    p[np.arange(len(y)), y] -= 1
    return p / len(y)


# %% question 5
def weight_gradients(h, delta):
    return h * delta[:, None]


def same_sign_fraction(g):
    return float(np.mean((g >= 0).all(axis=1) | (g <= 0).all(axis=1)))


def descend(gradient, w0, lr, steps):
    path = [np.array(w0, float)]
    for _ in range(steps):
        path.append(path[-1] - lr * gradient(path[-1]))
    return np.array(path)


def straightness(path):
    path = np.asarray(path, float)
    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    return 1.0 if length == 0 else np.linalg.norm(path[-1] - path[0]) / length


# %% the reasons
q1_reason = "{q1_reason}"
q2_reason = "{q2_reason}"
q3_reason = "{q3_reason}"
q4_reason = "{q4_reason}"
q5_reason = "{q5_reason}"
