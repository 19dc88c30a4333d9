"""Masked softmax and a head of attention, as people write them when it goes wrong."""

ROWS = [
    (
        "q5_masked_softmax",
        """
def masked_softmax(z, mask):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return p * mask""",
        "no longer add up",
    ),
    (
        "q5_masked_softmax",
        """
def masked_softmax(z, mask):
    z = np.where(mask, z, -1e9)
    z = z - z.max(axis=-1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)""",
        "large negative number",
    ),
    (
        "q5_masked_softmax",
        """
def masked_softmax(z, mask):
    z = z + (1 - mask.astype(float)) * -1e9
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)""",
        "1e9 subtracted",
    ),
    (
        "q5_masked_softmax",
        """
def masked_softmax(z, mask):
    s = z.astype(float).copy()
    s[..., ~mask] = -np.inf
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)""",
        "−∞ − (−∞)",
    ),
    (
        "q5_masked_softmax",
        """
def masked_softmax(z, mask):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    e = e * mask
    return e / e.sum(axis=-1, keepdims=True)""",
        "maximum over the masked scores",
    ),
    (
        "q5_attention",
        """
def attention(q, k, v, mask):
    s = q @ k.swapaxes(-1, -2)
    s = np.where(mask, s, -np.inf)
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return (e / e.sum(axis=-1, keepdims=True)) @ v""",
        "√d",
    ),
    (
        "q5_attention",
        """
def attention(q, k, v, mask):
    s = np.where(mask, q @ k.T / np.sqrt(k.shape[1]), -np.inf)
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)) @ v""",
        "ValueError|several heads",
    ),
    (
        "q5_attention",
        """
def attention(q, k, v, mask):
    s = q @ k.swapaxes(-1, -2) / q.shape[-1] ** 0.5
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    w = e / e.sum(axis=-1, keepdims=True)
    return (w * mask) @ v""",
        "no longer add up",
    ),
]
