# %% [markdown]
# # {title}
#
# *Turn any scores into probabilities, break it in three ways, take its slope, which is a matrix, and find out what really keeps it out of the hidden layers.*
#
# **You will be able to**
#
# - implement softmax and log-softmax for any axis, so that no scores break them;
# - turn a temperature, and say what it does to the entropy;
# - derive the Jacobian, and carry a gradient through it without building it;
# - derive the gradient of cross-entropy and check it against finite differences;
# - separate two explanations, competition and scale, with a measurement, and say what it depends on.
#
# **Before you start:** [02 Sigmoid and tanh](02_sigmoid_tanh.ipynb), partial derivatives. 60 minutes.

# %%
import numpy as np

from actlab import activations, figures
from actlab.check import check
from actlab.evidence import load
from actlab.explorers import (
    evidence_source,
    explore_agreement,
    explore_jacobian,
    explore_rates,
    explore_temperature,
    show_evidence,
)

# %% [markdown]
# ## 5.1 From scores to probabilities
#
# A network that tells three classes apart ends in three numbers, one score for each class: the **logits**. You want probabilities instead: none negative, and adding up to 1.
#
# > **Predict.** Why not divide each score by their sum?
# > (a) that is softmax (b) it fails for negative scores (c) it changes the order

# %%
for scores in ([2.0, 1.0, 0.1], [2.0, 1.0, -2.0], [2.0, 1.0, -3.0]):
    total = sum(scores)
    shares = ", ".join(f"{s / total:.2f}" for s in scores) if total else "a division by 0"
    print(f"scores {scores} -> {shares}")

# %% [markdown]
# (b): one negative score, and you have a "probability" of −2. So make the scores positive first, without changing their order, and divide then. The
# exponential does that, and this is **softmax**:
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
#
# Worked example, by hand: $e^{2} = 7.39$, $e^{1} = 2.72$, $e^{0.1} = 1.11$, together 11.21. What becomes of the probabilities if you add 5 to every score? If you
# double every score?


# %%
def naive_softmax(z):
    """The formula as it stands, along the last axis."""
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


z = np.array([2.0, 1.0, 0.1])
for name, scores in (("z", z), ("z + 5", z + 5), ("2 z", 2 * z)):
    p = naive_softmax(scores)
    print(f"{name:6s} -> {', '.join(f'{share:.3f}' for share in p)}   sum {p.sum():.6f}")

# %% [markdown]
# Only *differences* of scores count: $p_i/p_j = e^{z_i - z_j}$, so a common shift changes nothing. Stretching the differences does. Keep both: the first will save the
# formula in a minute, the second becomes a knob in 5.4.

# %% [markdown]
# ## 5.2 The formula breaks
#
# > **Predict.** You compute `naive_softmax` of the two scores $(c, 0)$. The answer is close to (1, 0) for every large $c$. From which $c$ on is it something else?
# > (a) never (b) about 1 000 (c) it depends on the number format (d) about 10³⁰⁰

# %%
with np.errstate(all="ignore"):
    for dtype in (np.float16, np.float32, np.float64):
        first = next(
            c for c in range(1, 1000) if np.isnan(naive_softmax(np.array([c, 0], dtype))).any()
        )
        print(f"{np.dtype(dtype).name}: NaN from c = {first}")
    low = naive_softmax(np.array([-800.0, -801.0]))
print(f"the two scores -800 and -801: {low[0]:.3f}, {low[1]:.3f}")

# %% [markdown]
# (c): twelve is enough in half precision. There $e^{12}$ is already ∞, and ∞/∞ is *not a number*. Very negative scores fail too: every exponential underflows, and 0/0 is no better.
#
# The cure is the shift that changes nothing. Subtract $m = \max_j z_j$ and multiply out:
#
# $$\frac{e^{z_i - m}}{\sum_j e^{z_j - m}} = \frac{e^{-m}\,e^{z_i}}{e^{-m}\sum_j e^{z_j}} = p_i$$
#
# Now the largest exponent is 0, so nothing overflows. And the sum holds a term $e^0 = 1$, so it is never 0.

# %% [markdown]
# ## 5.3 Whose maximum, whose sum?
#
# Scores come in batches, one row per sample. The maximum and the sum must both be taken *along the row*. Here are three versions that people write.
#
# > **Predict.** Which give row sums of 1 on a 3 × 3 batch? On 2 × 3? On two rows 1000 apart?


# %%
def over_everything(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def without_keepdims(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1)


def one_maximum(z):
    e = np.exp(z - z.max())
    return e / e.sum(axis=-1, keepdims=True)


# %%
square = np.array([[2.0, 1.0, 0.1], [1.0, 2.0, 3.0], [0.0, 0.0, 5.0]])
batches = {"3 × 3": square, "2 × 3": square[:2], "1000 apart": square[:2] + np.array([[1000], [0]])}
for f in (over_everything, without_keepdims, one_maximum):
    for name, batch in batches.items():
        try:
            with np.errstate(all="ignore"):
                said = "row sums " + ", ".join(f"{row:.2f}" for row in f(batch).sum(axis=-1))
        except ValueError:
            said = "ValueError: the shapes do not fit"
        print(f"{f.__name__:17s} {name:11s} {said}")

# %% [markdown]
# Each fails somewhere else, and two of them in silence:
#
# - **no axis**: the whole batch shares one total of 1;
# - **no `keepdims`**: the three sums lie down as a row and divide the *columns*. A 2 × 3 batch raises an error. A square one says nothing, and is wrong;
# - **one maximum**: right, until one row lies far below another. Then all its exponentials are 0, and 0/0 is back.
#
# So: subtract the maximum *of its own axis*, divide by the sum *of its own axis*, and keep the dimension both times.

# %% [markdown] role="notes"
# **For the lecturer.** Let the room vote on `without_keepdims` for the square batch: most expect an error, since they have seen the error on other shapes.
# Draw the sums once as a column and once as a row.

# %% [markdown] exercise="q5_softmax"
# ### Exercise: softmax
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}, \quad i, j \text{ along } \texttt{axis}$$
#
# `z` has at least one dimension, and the result has its shape. Worked numbers: (2, 1, 0.1) gives (0.659, 0.242, 0.099). {part 1} for values along any axis, {part 2} more
# when scores may lie 1000 apart, in one row or between rows.


# %% exercise="q5_softmax"
def softmax(z, axis=-1):
    """Probabilities from scores.  Shape: (..., k, ...) -> same, summing to 1 along `axis`."""
    ### BEGIN SOLUTION
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
    ### END SOLUTION


# %% exercise="q5_softmax"
check("q5_softmax", softmax)

# %% [markdown]
# ## 5.4 Temperature
#
# Doubling the scores sharpened the probabilities. The usual knob is the **temperature** $T > 0$, and the scores are *divided* by it:
#
# $$p_i = \frac{e^{z_i/T}}{\sum_j e^{z_j/T}}, \qquad \frac{p_i}{p_j} = e^{(z_i - z_j)/T}$$
#
# How undecided the probabilities are, one number says: the **entropy** $H = -\sum_i p_i\log p_i$. It is 0 if one entry is 1 and the rest 0 (**one-hot**), and largest, $\log k$, if all are equal (**uniform**).
#
# > **Predict.** Where do the probabilities go as $T \to 0$, and as $T \to \infty$?
# > (a) one-hot, then uniform (b) uniform, then one-hot (c) uniform both times

# %% [markdown] exercise="q5_temperature"
# ### Exercise: temperature
#
# Softmax along the last axis at temperature `T`, a positive number. You may use your own `softmax`. Worked numbers: (2, 1, 0.1) at $T = 2$ gives (0.502, 0.304, 0.194).
# {part 1} for everyday temperatures, {part 2} more when `T` is as small as 0.001.


# %% exercise="q5_temperature"
def tempered_softmax(z, T):
    """Softmax along the last axis at temperature T.  z: (..., k), T: a number > 0 -> (..., k)."""
    ### BEGIN SOLUTION
    return softmax(z / T)
    ### END SOLUTION


# %% exercise="q5_temperature"
check("q5_temperature", tempered_softmax)

# %% [markdown]
# Your own softmax drives the next picture. Left: the three probabilities. Right: the same three as one point in a triangle whose corners are certainty. Pull the temperature
# to both ends and watch where the point goes. Then switch the second slider to *scores × T*, a frequent mistake, and pull again.

# %% role="fragment"
explore_temperature(softmax)

# %% [markdown]
# The answer is (a), and the ratio above says why: as $T \to 0$ every ratio goes to 0 or ∞, the entropy to 0, and one entry takes all: one-hot. As $T \to \infty$ every ratio goes to 1 and the entropy
# to its maximum, $\log 3$: uniform. The mistake *scores × T* walks the same path backwards.
#
# So the name is a little misleading: softmax does not soften the maximum but the arg max, the question *where* it is.

# %%
for T in (0.1, 0.5, 1.0, 2.0, 10.0, 100.0):
    p = activations.softmax(np.array([2.0, 1.0, 0.1]) / T)
    entropy = -(p * activations.log_softmax(np.array([2.0, 1.0, 0.1]) / T)).sum()
    print(f"T = {T:5.1f}   p = {', '.join(f'{share:.3f}' for share in p)}   entropy {entropy:.3f}")

# %% [markdown]
# ## 5.5 The slope is a matrix
#
# Every activation so far had one slope: one number in, one number out. Softmax takes $k$ numbers and returns $k$, and each score has a say in each probability.
#
# > **Predict.** You raise $z_1$ a little. What do $p_2$ and $p_3$ do?
# > (a) nothing (b) both fall (c) one falls, one rises (d) it depends on their scores

# %% [markdown] role="subslide"
# Take logarithms first, and the quotient becomes a difference: $\log p_i = z_i - \log\sum_l e^{z_l}$. Differentiating both sides with respect to $z_j$ gives
#
# $$
# \begin{aligned}
# \frac{1}{p_i}\frac{\partial p_i}{\partial z_j} &= [i = j] - \frac{e^{z_j}}{\sum_l e^{z_l}} = [i = j] - p_j \\
# \frac{\partial p_i}{\partial z_j} &= p_i\,\bigl([i = j] - p_j\bigr)
# \end{aligned}
# $$
#
# where $[i = j]$ is 1 if $i = j$, else 0. On the diagonal stands $p_i(1 - p_i)$: the sigmoid's slope, with its maximum of ¼. Off the diagonal $-p_ip_j$, never positive. The answer is (b).

# %% [markdown] exercise="q5_softmax_jacobian"
# ### Exercise: the Jacobian
#
# Return the whole matrix $J_{ij} = \partial p_i/\partial z_j$, shape (k, k), given the probabilities `p`, shape (k,). Worked numbers: $p = (0.75, 0.25)$ gives
# $\begin{pmatrix} 0.1875 & -0.1875 \\ -0.1875 & 0.1875 \end{pmatrix}$.


# %% exercise="q5_softmax_jacobian"
def softmax_jacobian(p):
    """All slopes of softmax, from its probabilities.  p: (k,) -> (k, k)."""
    ### BEGIN SOLUTION
    return np.diag(p) - np.outer(p, p)
    ### END SOLUTION


# %% exercise="q5_softmax_jacobian"
check("q5_softmax_jacobian", softmax_jacobian)

# %% [markdown]
# Your matrix as a heat map: orange for positive slopes, blue for negative ones, darker for larger. Look for three things: what a row adds up to; where you must put the three scores to see
# the strongest colours; and what remains when one score is far ahead.

# %% role="fragment"
explore_jacobian(softmax_jacobian)

# %% [markdown]
# Every row adds up to 0, since a common shift of the scores changes nothing. Every column too, since what one class wins the others lose. Two scores level at the top and the third
# far below give ¼. And with one score far ahead all nine slopes fade.
#
# Check the formula against finite differences at 20 random points, and measure that fading.

# %%
gaps, sums = [], []
for seed in range(20):
    z = 2 * np.random.default_rng(seed).normal(size=6)
    J = activations.softmax_jacobian(activations.softmax(z))
    h = 1e-5
    ups, downs = activations.softmax(z + h * np.eye(6)), activations.softmax(z - h * np.eye(6))
    gaps.append(np.abs(J - (ups - downs).T / (2 * h)).max())
    sums.append(np.abs(J.sum(axis=1)).max())
print(f"within 1e-9 of a finite difference: {sum(gap < 1e-9 for gap in gaps)} of 20 points")
print(f"rows sum to 0 within 1e-15: {sum(total < 1e-15 for total in sums)} of 20 points")
for gap in (0, 2, 5, 10, 20, 40):
    J = activations.softmax_jacobian(activations.softmax(np.array([gap, 0.0, 0.0])))
    print(f"one score ahead by {gap:2d}: largest slope {np.abs(J).max():.1e}")

# %% [markdown]
# So can a softmax **die**? Not as a ReLU can: on paper no slope is ever 0. But it **saturates**, exponentially fast, in the corners of the triangle. A softmax that is certain has
# almost no slope, whether it is right or wrong. That sounds like trouble for training. Keep the worry until 5.8.

# %% [markdown]
# ## 5.6 Back without the matrix
#
# Backpropagation brings a gradient $g_i = \partial\,\text{loss}/\partial p_i$ and wants $\partial\,\text{loss}/\partial z_j$. The chain rule sums over all outputs:
#
# $$
# \frac{\partial\,\text{loss}}{\partial z_j} = \sum_i g_i\,p_i\,([i = j] - p_j) = p_j\Bigl(g_j - \sum_i p_i\,g_i\Bigr)
# $$
#
# The matrix is gone. Read the result aloud: each score receives how much its $g_j$ lies above the *average* of $g$, weighted with $p$, times its own probability.
#
# > **Predict.** A language model chooses among 50 000 tokens. How large is one Jacobian in float32?

# %%
k = 50_000
print(f"the matrix: {k * k * 4 / 1e9:.0f} GB for each position; p and g: {2 * k * 4 / 1e6:.1f} MB")
p, g = activations.softmax(np.array([2.0, 1.0, 0.1])), np.array([1.0, -2.0, 0.5])
by_matrix, direct = g @ activations.softmax_jacobian(p), activations.softmax_vjp(p, g)
print("by the matrix ", ", ".join(f"{v:+.4f}" for v in by_matrix))
print("by the formula", ", ".join(f"{v:+.4f}" for v in direct))

# %% [markdown] exercise="q5_softmax_vjp"
# ### Exercise: softmax, backward
#
# Return $\partial\,\text{loss}/\partial z$ for a whole batch: `p` and `g` have the same shape (…, k), and the classes run along the last axis. No matrix, no loop. Worked numbers:
# $p = (0.5, 0.25, 0.25)$ and $g = (4, 0, -2)$ have the weighted average 1.5 and give $(1.25, -0.375, -0.875)$.


# %% exercise="q5_softmax_vjp"
def softmax_vjp(p, g):
    """Gradient with respect to the scores.  p = softmax(z), g = dloss/dp, both (..., k) -> (..., k)."""
    ### BEGIN SOLUTION
    return p * (g - (p * g).sum(axis=-1, keepdims=True))
    ### END SOLUTION


# %% exercise="q5_softmax_vjp"
check("q5_softmax_vjp", softmax_vjp)

# %% [markdown]
# ## 5.7 Stay in logarithms
#
# The usual loss is the **cross-entropy** $-\log p_y$, with $y$ the true class. Here is a last trap: softmax is safe by now, but is its logarithm?

# %%
z = np.array([0.0, 200.0, 800.0])
with np.errstate(divide="ignore"):
    detour = np.log(activations.softmax(z))
for name, logs in (("log of softmax", detour), ("log-softmax", activations.log_softmax(z))):
    print(f"{name:15s}", ", ".join(f"{value:z.0f}" for value in logs))

# %% [markdown]
# The probability $e^{-800}$ is smaller than any float64, so it rounds to 0, and the loss is ∞. Its *logarithm* is an everyday number, −800. So never take the detour through $p$:
#
# $$\log p_i = z_i - \underbrace{\log\sum_j e^{z_j}}_{\text{LSE}(z)}, \qquad \text{LSE}(z) = m + \log\sum_j e^{z_j - m}$$
#
# with the maximum $m$ once more: the sum lies between 1 and $k$, its logarithm between 0 and $\log k$. LSE is a soft *maximum*, at most $\log k$ above the hard one. Differentiate it, and you have
# met the result: $\partial\,\text{LSE}/\partial z_j = p_j$.

# %% [markdown] exercise="q5_log_softmax"
# ### Exercise: log-softmax
#
# $\log p_i$ along `axis`, in the shape of `z`. Worked numbers: (2, 1, 0.1) gives (−0.417, −1.417, −2.317). {part 1} for values along any axis, {part 2} more when scores may lie 1000 apart.


# %% exercise="q5_log_softmax"
def log_softmax(z, axis=-1):
    """Logarithm of softmax.  Shape: (..., k, ...) -> same."""
    ### BEGIN SOLUTION
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))
    ### END SOLUTION


# %% exercise="q5_log_softmax"
check("q5_log_softmax", log_softmax)

# %% [markdown]
# One digit thief is left, at the other end. When a class is far ahead, its $-\log p$ is tiny, and $m - \text{LSE}(z)$ subtracts two numbers that agree in nearly all digits. Cancel $m$ on paper first, and only the *others*
# remain:
#
# $$\log p_\text{max} = -\log\Bigl(1 + \sum_{j \ne \text{max}} e^{z_j - m}\Bigr)$$
#
# NumPy has a function for the logarithm of 1 plus a small number. From which lead on does the difference matter?

# %%
for lead in (10.0, 20.0, 30.0, 40.0):
    subtracted, others = lead - (lead + np.log(1 + np.exp(-lead))), -np.log1p(np.exp(-lead))
    print(f"lead {lead:.0f}: m - LSE {subtracted:.4e}   -log1p(others) {others:.4e}")

# %% [markdown]
# At 30 the second digit is wrong, at 40 every one. A loss that is exactly 0 is a loss whose size you no longer know. (The check asks for six digits of everyday scores, so either form passes.)

# %% [markdown]
# ## 5.8 The cleanest gradient
#
# What does the first gradient of backpropagation look like, that of the loss with respect to the logits? By 5.7 the loss of one sample is $\text{LSE}(z) - z_y$, so
#
# $$\frac{\partial\,\text{loss}}{\partial z_j} = p_j - [j = y].$$
#
# **Prediction minus truth**, and nothing else. The same by 5.6: here $g_y = -1/p_y$, all other $g_i = 0$, the weighted average is $-1$, and $p_j(g_j + 1)$ gives it again. The $1/p_y$ of the logarithm and the $p_y$ of
# the Jacobian cancel. Check it on 20 random points.

# %%
agree = 0
for seed in range(20):
    z, y = 2 * np.random.default_rng(seed).normal(size=6), seed % 6
    h = 1e-5 * np.eye(6)
    slope = (activations.log_softmax(z - h)[:, y] - activations.log_softmax(z + h)[:, y]) / 2e-5
    agree += np.abs(slope - (activations.softmax(z) - np.eye(6)[y])).max() < 1e-9
print(f"p - y within 1e-9 of a finite difference: {agree} of 20 points")

# %% [markdown] exercise="q5_cross_entropy_gradient"
# ### Exercise: the gradient of cross-entropy
#
# Logits `z` (n, k), labels `y` (n,), whole numbers from 0 to k − 1, not all of which need occur. Return the gradient of the *mean* loss over the n samples, shape (n, k). Worked numbers: the only row
# (2, 1, 0.1) with label 0 gives (−0.341, 0.242, 0.099).


# %% exercise="q5_cross_entropy_gradient"
def cross_entropy_gradient(z, y):
    """Gradient of the mean cross-entropy.  z: (n, k) logits, y: (n,) labels -> (n, k)."""
    ### BEGIN SOLUTION
    gradient = softmax(z)
    gradient[np.arange(len(z)), y] -= 1
    return gradient / len(z)
    ### END SOLUTION


# %% exercise="q5_cross_entropy_gradient"
check("q5_cross_entropy_gradient", cross_entropy_gradient)

# %% [markdown]
# Back to the worry of 5.5: a softmax that is certain has no slope, even when it is wrong. Three classes, and the true one lies $m$ ahead of the other two; with $m < 0$ the network is wrong. How hard
# does each loss pull at the true score, cross-entropy and the squared error $\sum_j (p_j - [j = y])^2$? Predict the left end of both curves.

# %% role="fragment"
margin = np.linspace(-10, 10, 201)
p = activations.softmax(np.stack([margin, 0 * margin, 0 * margin], axis=-1))
error = p - [1, 0, 0]
pulls = {
    "cross-entropy": (figures.COOL, np.abs(error[:, 0])),
    "squared error": (figures.WARM, np.abs(activations.softmax_vjp(p, 2 * error)[:, 0])),
}
ends = [
    f"{name} {pull[0]:.4f} at -10 and {pull.max():.2f} at most" for name, (_, pull) in pulls.items()
]
figures.with_spread(
    {name: (color, pull[None]) for name, (color, pull) in pulls.items()},
    margin,
    title="How hard the loss pulls at the true score",
    xlabel="lead m of the true class (negative: the network is wrong)",
    ylabel="size of the gradient",
    alt=f"Gradient against lead: {'; '.join(ends)}.",
    exact=True,
)

# %% [markdown]
# Confidently wrong, on the left: the squared error has nothing left to pull with, its gradient dies with the Jacobian. Cross-entropy pulls with full force, 1, until the network comes around. Its logarithm
# is steep exactly where the softmax is flat. That is why the two belong together, and why torch offers them as one function, `F.cross_entropy`, which takes the *logits*.

# %% [markdown]
# ## 5.9 Two classes
#
# With two scores, divide numerator and denominator by $e^{z_1}$:
#
# $$p_1 = \frac{e^{z_1}}{e^{z_1} + e^{z_2}} = \frac{1}{1 + e^{-(z_1 - z_2)}} = \sigma(z_1 - z_2)$$
#
# The **sigmoid is the softmax of two classes** whose second score is fixed at 0. Its slope must then be the corner of the Jacobian, $p(1-p)$.

# %%
z = np.linspace(-30, 30, 61)
p = activations.softmax(np.stack([z, 0 * z], axis=-1))
corner = activations.softmax_jacobian(p)[:, 0, 0]
value = np.abs(p[:, 0] - activations.sigmoid(z)) < 1e-15
slope = np.abs(corner - activations.sigmoid_derivative(z)) < 1e-15
print(f"the same within 1e-15: {value.sum()} of {z.size} values, {slope.sum()} of {z.size} slopes")

# %% [markdown]
# Hence the two usual last layers: one sigmoid for yes or no, a softmax for one of many. And if several labels may be true at once? Then the classes must not share a total of 1, and each gets a sigmoid of its own.

# %% [markdown]
# ## 5.10 Softmax between the layers
#
# > *"Softmax is only applied to the output layer. In hidden layers it creates competition between neurons, preventing them from independently detecting different features."*
#
# The competition is real: you saw it as blue cells. But is it what costs? There is a second suspect: where 64 units share a total of 1, the average output is 1/64.

# %% [markdown] role="subslide"
# A fair trial needs networks that have one without the other. **64 · softmax** keeps the competition and undoes the scale. **ReLU / 64** has the scale and no competition. Softmax with gain ½ runs too, with and without the 64.
#
# > **Predict.** Which fail with four hidden layers?
# > (a) all that compete (b) all that share 1/64 (c) neither rule
#
# Seven-segment digits, 64 units per layer, 300 steps of Adam, each variant at the best of its six learning rates. First two hidden layers.

# %%
show_evidence("hidden_softmax_2")

# %%
evidence_source("hidden_softmax_2")

# %% [markdown]
# {verdict hidden_softmax_2.either_helps} Now four.

# %%
show_evidence("hidden_softmax")

# %%
evidence_source("hidden_softmax")

# %% [markdown]
# {verdict hidden_softmax.scale_helps}
#
# {verdict hidden_softmax.relu_closes_less} (ε is a setting of Adam's; it has its turn next.)

# %% [markdown] role="subslide"
# So the scale is guilty, and competition goes free? Before you close the file, ask what the optimiser saw. Adam divides each entry $g$ of the gradient by its size plus a small ε, so its first step is the learning rate times $|g| / (|g| + \varepsilon)$.
#
# > **Predict.** PyTorch's ε is 1e-8, and we used it. How much of its first step does ReLU / 64 take in the first layer?
# > (a) all of it (b) about a half (c) a few per cent

# %%
untrained = load("hidden_softmax").whole()
for arm in untrained.experiment.arms:
    g = untrained.get(arm, measure="entry of the first gradient").mean()
    print(f"{arm:20s} |g| = {g:.0e}, of the first step {100 * g / (g + 1e-8):5.1f} %")

# %% [markdown]
# (c). All that share 1/64 send gradients far below ε to the first layer, and Adam takes them for next to nothing. Move *setting* from ε = 1e-8 to 1e-16 and watch ReLU / 64. Then let softmax stand out.

# %% role="fragment"
explore_rates(
    "hidden_softmax", ["ReLU", "64 · softmax, gain ½", "64 · softmax", "softmax", "ReLU / 64"]
)

# %% [markdown]
# {verdict hidden_softmax.epsilon_decides} {verdict hidden_softmax.competition_helps} {verdict hidden_softmax.softmax_stays}

# %% [markdown] role="subslide"
# **The optimiser's ε is part of the experiment.** With 1e-8 (b) comes close; with 1e-16 it is (c), and either repair helps. {rests on hidden_softmax.scale_helps} {rests on hidden_softmax.competition_helps}
# In large transformers too gradients shrink towards 1e-8, and there a smaller ε helped (Wortsman 2023).
#
# Which repair wins back more? Draw your own groups of seeds.

# %% role="fragment"
explore_agreement("hidden_softmax.scale_ahead")

# %% [markdown]
# {verdict hidden_softmax.scale_ahead} And once more, with other seeds and other data (`actlab evidence run hidden_softmax --fresh 4711`): in 19 of 20. So which of the two costs more is open.

# %% [markdown] role="notes"
# **For the lecturer.** Ask which variant would convict competition: "one that has it, and not the scale". Let the room pass its verdict on the figure for four layers, and only then print the gradients. The wrong answer to expect at the end:
# "then softmax is fine in hidden layers". {verdict hidden_softmax.below_relu}

# %% [markdown]
# ## 5.11 Claim audit
#
# *Only* on the output? There is one place in the middle of a network where competition is wanted: **attention** (Vaswani 2017). A query is compared with every key, and a softmax turns the scores into weights that share a total of 1.
#
# The scores are divided by $\sqrt d$ before. You know that operation: it is a temperature. For random queries and eight keys, see what it prevents.

# %%
rng = np.random.default_rng(0)
for d in (4, 64, 1024):
    query, keys = rng.normal(size=(1000, 1, d)), rng.normal(size=(1000, 8, d))
    scores = (query * keys).sum(axis=-1)
    for name, T in (("T = 1", 1.0), ("T = √d", d**0.5)):
        p = activations.softmax(scores / T)
        slopes = np.abs(activations.softmax_jacobian(p)).max(axis=(1, 2))
        print(
            f"d = {d:4d}, {name:6s}: largest weight {p.max(axis=-1).mean():.2f}, slope {slopes.mean():.2f}"
        )

# %% [markdown]
# Without the division a long query points at a single key, and the softmax is close to saturation: little slope is left to learn with.
#
# | the line everybody copies | what we measured |
# |---|---|
# | `e = exp(x - x.max()); e / e.sum()` | right for one row; on a batch all rows share one total of 1, and with an axis for the sum alone rows 1000 apart are NaN (5.3) |
# | range (0, 1), sum 1 | on paper; in float64 it reaches 0 and 1, so take log-softmax (5.7) |
# | gradient: "complex" | one line: $p(g - \sum pg)$, and with cross-entropy $p - y$ (5.6, 5.8) |
# | can it die? no | right: it saturates (5.5), and cross-entropy undoes that (5.8) |
# | only on the output | also inside attention (Vaswani 2017) |
# | not in hidden layers, because units compete | they also share the scale 1/n, and undoing either helps; which costs more in four layers is open, and Adam's ε decides what you see (5.10) {rests on hidden_softmax.scale_helps} {rests on hidden_softmax.competition_helps} {rests on hidden_softmax.scale_ahead} |

# %% [markdown]
# ## 5.12 Trust, but compare
#
# Library versions against what you derived, in both precisions: values of softmax and log-softmax, the gradient through softmax, and that of cross-entropy. Eight rounding errors (eps) count as
# agreement. For softmax they are relative, so that tiny probabilities count too: eight of $p\,(1 + |\log p|)$, since the exponent is rounded as well. For log-softmax eight of $1 + |\log p|$, for the gradients of 1.

# %%
import torch
from torch.nn import functional as F

rng = np.random.default_rng(0)
for dtype in (np.float32, np.float64):
    z, g = rng.normal(0, 5, (40, 7)).astype(dtype), rng.normal(size=(40, 7)).astype(dtype)
    y = np.arange(40) % 7
    x = torch.tensor(z, requires_grad=True)
    p, log_p = torch.softmax(x, -1), torch.log_softmax(x, -1)
    (back,) = torch.autograd.grad(p, x, torch.tensor(g), retain_graph=True)
    (loss,) = torch.autograd.grad(F.cross_entropy(x, torch.tensor(y)), x)
    p = p.detach().numpy()
    pairs = {
        "softmax": (p, q := activations.softmax(z), q * (1 - np.log(q))),
        "log-softmax": (log_p.detach().numpy(), activations.log_softmax(z), 1 - np.log(q)),
        "backward": (back.numpy(), activations.softmax_vjp(p, g), 1),
        "cross-entropy": (loss.numpy(), (q - np.eye(7)[y]) / 40, 1),
    }
    for name, (torchs, ours, scale) in pairs.items():
        within = (np.abs(torchs - ours) <= 8 * np.finfo(dtype).eps * scale).sum()
        print(f"{np.dtype(dtype).name} {name:13s} within 8 eps: {within} of {ours.size}")

# %% [markdown]
# ## Recap
#
# | question | answer | where |
# |---|---|---|
# | what does softmax see? | differences of scores only | 5.1 |
# | how does it stay finite? | subtract the maximum of its own axis, keep the dimension | 5.2, 5.3 |
# | its logarithm? | $z - \text{LSE}(z)$, never $\log p$; at a clear winner $-\log$ of 1 plus the others, by log1p | 5.7 |
# | what does $T$ do? | $z/T$: one-hot at 0, uniform at ∞ | 5.4 |
# | its slope? | $J = \mathrm{diag}(p) - pp^\top$; rows sum to 0, entries at most ¼ | 5.5 |
# | backward? | $p(g - \sum pg)$ | 5.6 |
# | with cross-entropy? | $p - y$, full force when wrong | 5.8 |
# | with two classes? | the sigmoid of the difference | 5.9 |
# | as a hidden layer? | works badly, for its scale 1/n and for its competition; what repairs it depends on Adam's ε {rests on hidden_softmax.scale_helps} {rests on hidden_softmax.epsilon_decides} | 5.10 |

# %% [markdown]
# ## Check yourself
#
# You have written six functions on the way. The last question is about the evidence of 5.10.

# %% [markdown] exercise="q5_hidden"
# ### Exercise: why not in the hidden layers?
#
# **Four** hidden layers of 64 units, trained by Adam with its usual ε = 1e-8: ReLU learns the digits, softmax hardly {rests on hidden_softmax.scale_helps}. Which single repair helps every network, whatever its seed?
#
# {options}

# %% exercise="q5_hidden"
answer = ""  # one letter, for example "a"
### BEGIN SOLUTION
answer = "c"
### END SOLUTION

# %% exercise="q5_hidden"
check("q5_hidden", answer)

# %% [markdown]
# **Next:** [06 Gradient flow](06_gradient_flow.ipynb). You have seen gradients vanish through slopes, weights and scales. What keeps them level through fifty layers?
