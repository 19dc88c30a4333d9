"""Batch normalisation, as people write it when it goes wrong."""

ROWS = [
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    n = z.shape[0]
    mu = z.sum(axis=0) / n
    var = ((z - mu) ** 2).sum(axis=0)
    return gamma * (z - mu) / np.sqrt(var + eps) + beta""",
        "sum of squares",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    mu = np.mean(z, axis=0)
    var = np.mean(z - mu, axis=0) ** 2
    return gamma * (z - mu) / np.sqrt(var + eps) + beta""",
        "mean of squares",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    mu = np.mean(z, axis=1, keepdims=True)
    var = np.var(z, axis=1, keepdims=True)
    return gamma * (z - mu) / np.sqrt(var + eps) + beta""",
        "each unit",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    mu = np.mean(z, axis=1)
    var = np.var(z, axis=1)
    return gamma * (z - mu) / np.sqrt(var + eps) + beta""",
        "axis 1",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    z_hat = (z - np.mean(z)) / np.sqrt(np.var(z) + eps)
    return gamma * z_hat + beta""",
        "whole array",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    return gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0, ddof=1) + eps) + beta""",
        "n − 1",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    x_norm = (z - z.mean(0)) / (z.std(0) + eps)
    return gamma * x_norm + beta""",
        "outside the root",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    return gamma * (z - np.mean(z, axis=0)) / np.std(z, axis=0) + beta""",
        "no eps",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-8):
    mean, var = z.mean(axis=0), z.var(axis=0)
    return gamma * (z - mean) / np.sqrt(var + eps) + beta""",
        "1e-5",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps):
    mean, var = z.mean(axis=0), z.var(axis=0)
    return gamma * (z - mean) / np.sqrt(var + eps) + beta""",
        "without its default",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(x, gamma, beta):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
    return gamma * x_hat + beta""",
        "no parameter for eps",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * x_hat + beta""",
        "dictionary of settings",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(x, gamma, beta, eps=1e-5, momentum=0.9):
    running_mean = np.zeros(x.shape[1])
    running_var = np.zeros(x.shape[1])
    running_mean = momentum * running_mean + (1 - momentum) * x.mean(axis=0)
    running_var = momentum * running_var + (1 - momentum) * x.var(axis=0)
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta""",
        "running averages",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    return gamma * (z - z.mean(axis=0) / np.sqrt(z.var(axis=0) + eps)) + beta""",
        "its own brackets",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    return (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps)""",
        "no gamma and no beta",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    mu = z.mean(axis=0)
    var = np.mean((z - mu) ** 2, axis=0)
    return gamma * (z - mu) / (var + eps) + beta""",
        "root belongs there",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, beta, gamma, eps=1e-5):
    return gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps) + beta""",
        "each other's place",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    out = np.zeros_like(z)
    for j in range(z.shape[1]):
        out[:, j] = gamma[j] * (z[:, j] - z[:, j].mean()) / np.sqrt(z[:, j].var() + eps) + beta[j]
    return out""",
        "integer array",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    mean, var = z.mean(axis=0), z.var(axis=0)
    out = gamma * (z - mean) / np.sqrt(var + eps) + beta
    cache = (z, mean, var)
    return out, cache""",
        "things came back",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    mu = np.mean(z, axis=0)
    sigma = np.sqrt(np.var(z, axis=0) + 1e-7)
    return gamma * (z - mu) / sigma + beta""",
        "fixed in the code",
    ),
    (
        "q3_batch_norm batch_norm",
        """
def batch_norm(z, gamma, beta, eps=1e-5):
    root = np.sqrt(np.mean((z - np.mean(z, axis=0)) ** 2, axis=0) + eps)
    return gamma * z - np.mean(z, axis=0) / root + beta""",
        "brackets",
    ),
]
