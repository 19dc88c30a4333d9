# %% [markdown]
# # {title}
#
# *Turn scores into probabilities, break that in three ways, take its slope, a matrix, and find out what keeps it out of hidden layers.*
#
# **You will be able to**
#
# - implement softmax and log-softmax so that no scores break them;
# - turn a temperature, and say what it does to the entropy;
# - derive the Jacobian, and carry gradients through it without building it;
# - derive the gradient of cross-entropy and check it by finite differences;
# - tell competition from scale by a measurement;
# - mask a row of attention, and say what √d, a sink and a cap do.
#
# **Before you start:** [02 Sigmoid and tanh](02_sigmoid_tanh.ipynb), partial derivatives. {minutes}.

# %%
import numpy as np

from actlab import activations, pictures
from actlab.check import check
from actlab.evidence import load
from actlab.explorers import evidence_source, show_evidence
from actlab.explorers import explore_attention, explore_jacobian, explore_rates, explore_temperature

# %% [markdown]
# ## 5.1 From scores to probabilities
#
# A network that tells three classes apart ends in three numbers, one score for each class: the **logits**. You want probabilities instead: none negative, and adding up to 1.
#
# To divide each score by their sum is not enough:

# %%
for scores in ([2.0, 1.0, 0.1], [2.0, 1.0, -2.0]):
    shares = np.array(scores) / sum(scores)
    print(f"{scores} -> {', '.join(f'{share:.2f}' for share in shares)}")

# %% [markdown]
# One negative score, and a "probability" is −2. So make the scores positive first, without changing their order, and divide then. The
# exponential does that, and this is **softmax**:
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
#
# Worked example, by hand: $e^{2} = 7.39$, $e^{1} = 2.72$, $e^{0.1} = 1.11$, together 11.21.

# %% [markdown] tags=["predict"]
# You add 5 to each of the scores (2, 1, 0.1). What happens to their three probabilities?
#
# - [ ] they come closer together: 7, 6 and 5.1 are nearly alike
#   As shares of their sum they are. But softmax takes exponentials first. What does adding 5 do to $e^{2}$, and what to the sum?
# - [ ] the largest gains: the exponential grows faster and faster
#   It does, and multiplies all three by the same number, $e^{5} = 148$. What does that do to a fraction?
# - [x] nothing
#   Now see it, and what doubling does.


# %%
def naive_softmax(z):
    """The formula as it stands, along the last axis."""
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


z = np.array([2.0, 1.0, 0.1])
for name, scores in (("z", z), ("z + 5", z + 5), ("2 z", 2 * z)):
    p = naive_softmax(scores)
    print(f"{name:6s} -> {', '.join(f'{share:.3f}' for share in p)}   sum {p.sum():.6f}")

# %% [markdown]
# Only *differences* of scores count: $p_i/p_j = e^{z_i - z_j}$. A common shift changes nothing. Stretching the differences does change something.

# %% [markdown]
# ## 5.2 From paper into the machine
#
# In lesson 02 one exponential overflowed. Here exponentials stand above *and* below the fraction bar. The first probability of the two scores $(c, 0)$ is
#
# $$\frac{e^{c}}{e^{c} + 1}$$
#
# and on paper it comes closer and closer to 1, as $c$ grows.

# %% [markdown] tags=["predict"]
# You compute `naive_softmax` of the two scores $(c, 0)$ in half precision, float16, whose largest number is 65 504. What happens as $c$ grows?
#
# - [ ] it comes ever closer to (1, 0), for every c
#   The limit is (1, 0). The computation ends before: $e^c$ becomes ∞, and ∞/∞ has no value.
# - [ ] it is wrong from c = 65 504 on, the largest number
#   There $c$ itself ends. The formula needs $e^c$, and that is too large much earlier.
# - [x] it is wrong from c = 12 on
#   Now see the other two formats, and what happens to scores far below 0.
# - [ ] it is wrong from c = 710 on, where the exponential overflows
#   That is where float64 ends. Each format has an end of its own.

# %%
with np.errstate(all="ignore"):
    for dtype in (np.float16, np.float32, np.float64):
        broken = (c for c in range(1000) if np.isnan(naive_softmax(np.array([c, 0], dtype))).any())
        print(f"{np.dtype(dtype).name}: no number any more from c = {next(broken)}")
    low = naive_softmax(np.array([-800.0, -801.0]))
print(f"the two scores -800 and -801: {low[0]:.3f}, {low[1]:.3f}")

# %% [markdown] tags=["outcome"]
# In half precision $e^{12}$ is already ∞, and ∞/∞ is *not a number* (NaN). Very negative scores fail too: every exponential is stored as 0, and 0/0 is no better.

# %% [markdown] role="subslide"
# The cure is the shift that changes nothing. Subtract $m = \max_j z_j$ and multiply out:

# %% [markdown] role="fragment"
# $$\frac{e^{z_i - m}}{\sum_j e^{z_j - m}} = \frac{e^{-m}\,e^{z_i}}{e^{-m}\sum_j e^{z_j}}$$
#
# $$= \frac{e^{z_i}}{\sum_j e^{z_j}} = p_i$$
#
# Now the largest exponent is 0, so nothing overflows. And the sum holds a term $e^0 = 1$, so it is never 0.

# %% [markdown] role="subslide"
# Is half precision safe then? Large models are trained in another one, **bfloat16** (Kalamkar 2019). It has the range of float32, so even the first formula holds up to 88. But it keeps 8 binary digits: between 512 and 1024 it has only every fourth number. Two scores, 1000 and 1001:

# %% role="fragment"
import torch

for dtype in (torch.float32, torch.bfloat16):
    p = torch.softmax(torch.tensor([1000.0, 1001.0], dtype=dtype), -1)
    print(f"{dtype}: {p[0]:.3f}, {p[1]:.3f}")

# %% [markdown]
# The two scores became one number before softmax saw them. float16 fails by its range, and a shift repairs that. bfloat16 fails by its precision, and no shift does: keep the scores small, or in float32.

# %% [markdown]
# ## 5.3 Whose maximum, whose sum?
#
# Scores come in batches, one row per sample. The maximum and the sum must both be taken *along the row*. Here are three versions that people write.


# %% tags=["idea"]
def over_everything(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def without_keepdims(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1)


def one_maximum(z):
    e = np.exp(z - z.max())
    return e / e.sum(axis=-1, keepdims=True)


# %% [markdown] tags=["predict"]
# Take `without_keepdims`. For a batch of 2 × 3 scores NumPy raises an error, since the shapes do not fit. And for a square batch, 3 × 3?
#
# - [ ] an error as well
#   You have met it on other shapes. On a square batch the shapes fit, and NumPy has nothing to complain about.
# - [x] no error, and rows that do not add up to 1
#   Now see what the rows add up to, and on which batch each of the other two versions fails.
# - [ ] no error, and every row adds up to 1
#   The three sums are right. But they lie down as a row, and a row divides columns.

# %%
square = np.array([[2.0, 1.0, 0.1], [1.0, 2.0, 3.0], [0.0, 0.0, 5.0]])
batches = {"3 × 3": square, "2 × 3": square[:2], "1000 apart": square[:2] + np.array([[1000], [0]])}
pictures.row_sums([over_everything, without_keepdims, one_maximum], batches)

# %% [markdown] tags=["outcome"]
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

# %% [markdown] tags=["predict"]
# You cool the softmax down, $T \to 0$. Where do the probabilities go?
#
# - [x] to one-hot: the largest score takes all
#   Now turn the knob yourself, and look at the other end too.
# - [ ] to uniform: nothing is left of the scores
#   That would be right if the scores were *multiplied* by $T$. They are divided by it, so their differences grow.
# - [ ] all of them to 0
#   Each exponential moves, but they are divided by their sum. The total stays 1.

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

# %% [markdown] role="skip"
# The `softmax` of 5.3 draws the next picture. Left: the three probabilities. Right: the same three as one point in a triangle whose corners are certainty. Pull the temperature
# to both ends and watch where the point goes. Then switch to *scores × T*, a frequent mistake, and pull again.

# %%
explore_temperature(softmax)

# %% [markdown]
# The ratio above says why. As $T \to 0$ every ratio goes to 0 or ∞, the entropy to 0, and one entry takes all: one-hot. As $T \to \infty$ every ratio goes to 1 and the entropy
# to its maximum, $\log 3$: uniform. The mistake *scores × T* walks the same path backwards.
#
# So the name is a little misleading: softmax does not soften the maximum but the arg max, the question *where* it is.

# %%
for T in (0.1, 0.5, 1.0, 2.0, 10.0, 100.0):
    p = activations.softmax(np.array([2.0, 1.0, 0.1]) / T)
    entropy = -(p[p > 0] * np.log(p[p > 0])).sum()
    print(f"T = {T:5.1f}   p = {', '.join(f'{share:.3f}' for share in p)}   entropy {entropy:z.3f}")

# %% [markdown]
# ## 5.5 The slope is a matrix
#
# Every activation so far had one slope: one number in, one number out. Softmax takes $k$ numbers and returns $k$. So it has $k \times k$ slopes, one for each pair of a probability and a score:
#
# $$\frac{\partial p_i}{\partial z_j},\qquad i, j = 1 \ldots k$$

# %% [markdown] tags=["predict"]
# Three scores, (2, 1, 0.1). You raise $z_1$ a little and leave $z_2$ and $z_3$ as they are. What do $p_2$ and $p_3$ do?
#
# - [x] both fall
#   Now see by how much, and where the formula says so.
# - [ ] nothing: you did not touch their scores
#   Then the total would exceed 1, since $p_1$ rises.
# - [ ] one falls, one rises: it depends on their scores
#   *How much* they move depends on their scores. The direction does not, as the formula shows.

# %%
z, h = np.array([2.0, 1.0, 0.1]), np.array([0.01, 0.0, 0.0])
moved = (activations.softmax(z + h) - activations.softmax(z - h)) / 0.02
print("the slopes of p1, p2, p3:", ", ".join(f"{slope:+.3f}" for slope in moved))

# %% [markdown]
# Now the formula. Take logarithms first, and the quotient becomes a difference:

# %% [markdown] role="fragment"
# $$\log p_i = z_i - \log\sum_l e^{z_l}$$
#
# Differentiate both sides with respect to $z_j$. Let $[i = j]$ be 1 if $i = j$, else 0:
#
# $$\frac{1}{p_i}\frac{\partial p_i}{\partial z_j} = [i = j] - \frac{e^{z_j}}{\sum_l e^{z_l}} = [i = j] - p_j$$
#
# $$\frac{\partial p_i}{\partial z_j} = p_i\,\bigl([i = j] - p_j\bigr)$$
#
# On the diagonal stands $p_i(1 - p_i)$: the sigmoid's slope, with its maximum of ¼. Off the diagonal $-p_ip_j$, always negative: what $p_1$ gains, the others pay. None of the slopes is 0.

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

# %% [markdown] role="subslide"
# The matrix as a heat map: orange for positive slopes, blue for negative ones, darker for larger. Move the three scores, and look for three things:
#
# - What does a row add up to?
# - Where must the scores be for the strongest colours?
# - What remains when one score is far ahead?

# %%
explore_jacobian(softmax_jacobian)

# %% [markdown]
# Every row adds up to 0, since a common shift of the scores changes nothing. Every column too, since what one class wins the others lose. Two scores level at the top and the third
# far below give ¼. And with one score far ahead all nine slopes fade.
#
# Check the formula against finite differences at 20 random points, and measure that fading.

# %% role="fragment"
agree, h = 0, 1e-5 * np.eye(6)
for seed in range(20):
    z = 2 * np.random.default_rng(seed).normal(size=6)
    measured = (activations.softmax(z + h) - activations.softmax(z - h)).T / 2e-5
    J = activations.softmax_jacobian(activations.softmax(z))
    agree += np.abs(J - measured).max() < 1e-9
print(f"within 1e-9 of a finite difference: {agree} of 20 points")
for lead in (0, 2, 5, 10, 20, 40):
    J = activations.softmax_jacobian(activations.softmax(np.array([lead, 0.0, 0.0])))
    print(f"one score ahead by {lead:2d}: largest slope {np.abs(J).max():.1e}")

# %% [markdown]
# So can a softmax **die**? Not as a ReLU can: on paper no slope is ever 0. But it **saturates**, exponentially fast, where one score is far above the others. A softmax that is certain has
# almost no slope, whether it is right or wrong. Does that stop the training? Section 5.8 answers.

# %% [markdown]
# ## 5.6 Back without the matrix
#
# Backpropagation brings a gradient $g_i = \partial\,\text{loss}/\partial p_i$ and wants $\partial\,\text{loss}/\partial z_j$. The chain rule sums over all outputs:

# %% [markdown] role="fragment"
# $$\frac{\partial\,\text{loss}}{\partial z_j} = \sum_i g_i\,p_i\,([i = j] - p_j)$$
#
# $$= p_j\Bigl(g_j - \sum_i p_i\,g_i\Bigr)$$
#
# The matrix is gone. Read the result in two steps. First take the average of $g$, each entry weighted with its $p$. Then each score gets its own $g_j$ minus that average, times $p_j$. An entry of $g$ above the average gives a
# positive gradient, one below it a negative one.
#
# What does that save? A language model chooses among 50 000 tokens.

# %%
k = 50_000
print(f"one Jacobian: {k * k * 4 / 1e9:.0f} GB in float32; p and g: {2 * k * 4 / 1e6:.1f} MB")
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
# The usual loss is the **cross-entropy** $-\log p_y$, with $y$ the true class. Softmax is safe by now. Is its logarithm? Three scores, 0, 200 and 800:

# %% role="fragment"
z = np.array([0.0, 200.0, 800.0])
with np.errstate(divide="ignore"):
    detour = np.log(activations.softmax(z))
for name, logs in (("log of softmax", detour), ("log-softmax", activations.log_softmax(z))):
    print(f"{name:15s}", ", ".join(f"{value:z.0f}" for value in logs))

# %% [markdown] role="subslide"
# The probability $e^{-800}$ is smaller than any float64, so it rounds to 0, and the loss is ∞. Its *logarithm* is an everyday number, −800. So never take the detour through $p$:

# %% [markdown] role="fragment"
# $$\log p_i = z_i - \underbrace{\log\sum_j e^{z_j}}_{\text{LSE}(z)}$$
#
# $$\text{LSE}(z) = m + \log\sum_j e^{z_j - m}$$
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

# %% [markdown] role="subslide"
# One loss of digits is left, at the other end. When a class is far ahead, its $-\log p$ is tiny, and $m - \text{LSE}(z)$ subtracts two numbers that agree in nearly all digits. Cancel $m$ on paper first, and only the *others*
# remain:
#
# $$\log p_\text{max} = -\log\Bigl(1 + \sum_{j \ne \text{max}} e^{z_j - m}\Bigr)$$
#
# NumPy has a function for the logarithm of 1 plus a small number. From which lead on does the difference matter?

# %% role="fragment"
for lead in (10.0, 20.0, 30.0, 40.0):
    subtracted, others = lead - (lead + np.log(1 + np.exp(-lead))), -np.log1p(np.exp(-lead))
    print(f"lead {lead:.0f}: m - LSE {subtracted:.4e}   -log1p(others) {others:.4e}")

# %% [markdown]
# At 30 the second digit is wrong, at 40 every one. A loss that is exactly 0 is a loss whose size you no longer know. (The check asks for six digits of everyday scores, so either form passes.)

# %% [markdown]
# ## 5.8 The cleanest gradient
#
# What does the first gradient of backpropagation look like, that of the loss with respect to the logits? By 5.7 the loss of one sample is

# %% [markdown] role="fragment"
# $$\text{loss} = \text{LSE}(z) - z_y$$
#
# $$\frac{\partial\,\text{loss}}{\partial z_j} = \frac{\partial\,\text{LSE}}{\partial z_j} - [j = y]$$
#
# $$= p_j - [j = y]$$
#
# **Prediction minus truth**, and nothing else.

# %% [markdown] role="skip"
# The same by 5.6: here $g_y = -1/p_y$, all other $g_i = 0$, the weighted average is $-1$, and $p_j(g_j + 1)$ gives it again. The $1/p_y$ of the logarithm and the $p_y$ of
# the Jacobian cancel.

# %% [markdown]
# Check it on 20 random points:

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

# %% [markdown] tags=["predict"]
# Three classes, and the score of the true one lies 10 *below* the other two: the network is confidently wrong. Which loss pulls harder at the true score, cross-entropy or the squared error $\sum_j (p_j - [j = y])^2$?
#
# - [ ] the squared error: it punishes large errors most
#   A large loss is not yet a pull. Its gradient must pass through the Jacobian of softmax, and the error itself is never above 1.
# - [x] cross-entropy
#   Now see how hard each of them pulls, and where the squared error is at its strongest. In the picture $m$ is the lead of the true score, here −10.
# - [ ] both about equally: both errors are as large as they get
#   The *errors* are. The gradient of one of the two has to pass through a flat softmax.

# %%
lead = np.linspace(-10, 10, 201)
p = activations.softmax(np.stack([lead, 0 * lead, 0 * lead], axis=-1))
error = p - [1, 0, 0]
squared = activations.softmax_vjp(p, 2 * error)
pictures.pulls_at_the_score(lead, np.abs(error[:, 0]), np.abs(squared[:, 0]))

# %% [markdown] tags=["outcome"]
# On the left, at −10, the squared error pulls with 0.0001: a softmax that is certain has no slope, even when it is wrong (5.5). Cross-entropy pulls with 1.0000, its full force. Its logarithm
# is steep exactly where the softmax is flat. That is why the two belong together, and why torch offers them as one function, `F.cross_entropy`, which takes the *logits*.

# %% [markdown]
# ## 5.9 Two classes
#
# With two scores, divide numerator and denominator by $e^{z_1}$:

# %% [markdown] role="fragment"
# $$p_1 = \frac{e^{z_1}}{e^{z_1} + e^{z_2}} = \frac{1}{1 + e^{-(z_1 - z_2)}}$$
#
# $$= \sigma(z_1 - z_2)$$
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
# The competition is real: you saw it as blue cells. But is it what costs? There is a second suspect, the *scale*: where 64 units share a total of 1, each of them is 1/64 on average.

# %% [markdown] tags=["predict"]
# Softmax competes and has the small scale, ReLU neither, so comparing these two decides nothing. Which third network would convict the *competition*, should it learn as badly as softmax?
#
# - [ ] ReLU, its outputs divided by 64
#   There nothing competes. If it fails, the scale is guilty: a witness against the other suspect.
# - [x] softmax, its outputs multiplied by 64
#   It competes, and its outputs are of size 1. Now see all four.
# - [ ] softmax with four times as many units
#   They share the same 1, so each of them is smaller still. It has both once more.

# %% [markdown]
# A fair trial has each of the two suspects with the other and without it:
#
# | | competition | no competition |
# |---|---|---|
# | **outputs near 1/64** | softmax | ReLU / 64 |
# | **outputs near 1** | 64 · softmax | ReLU |

# %% [markdown]
# Each learns seven-segment digits with 64 units in a layer, in 300 steps of Adam, at the best of six learning rates of its own. A third repair runs too, **gain ½**: weights half as large, so that the softmax starts flatter.
#
# {verdict hidden_softmax_2.either_helps}

# %% [markdown] tags=["predict"]
# And with *four* hidden layers? Which repair alone brings softmax more than half of the way up to ReLU?
#
# - [ ] ending the competition: ReLU / 64
#   That is what the claim leads you to expect, and with two layers it did more than the other. {rests on hidden_softmax_2.either_helps} In this trial it does not. {rests on hidden_softmax.relu_closes_less} What follows asks why.
# - [ ] neither: at four layers a single repair is not enough
#   Two harms, two repairs, that sounds right. Look at the best of the dots. {rests on hidden_softmax.scale_helps}
# - [x] undoing the scale: 64 · softmax
#   Now see how far, and look at ReLU / 64 as well.

# %%
show_evidence("hidden_softmax")

# %%
evidence_source("hidden_softmax")

# %% [markdown] tags=["outcome"]
# {verdict hidden_softmax.scale_helps}
#
# {verdict hidden_softmax.relu_closes_less} (ε is a setting of Adam's. It comes next.) So is it the scale alone? Ask first what the optimiser saw.

# %% [markdown] tags=["predict"]
# Adam divides each entry $g$ of the gradient by its size plus ε = 1e-8: its first step is the learning rate times $|g|/(|g| + \varepsilon)$. ReLU / 64 divides by 64 in each of its four layers. How much of a full first step is left in the first layer?
#
# - [ ] all of it: Adam divides by the size, so the size does not matter
#   That holds for gradients far above ε. Compare $|g|$ with 1e-8.
# - [x] a few per cent of it
#   Now see which of the networks share that fate.
# - [ ] 1/64 of it
#   Four layers divide by 64, and the gradient feels all of them. But Adam divides by its size again, so count what ε leaves.

# %%
untrained = load("hidden_softmax").whole()
for arm in untrained.experiment.arms:
    g = untrained.get(arm, measure="entry of the first gradient").mean()
    print(f"{arm:20s} |g| = {g:.0e}, of the first step {100 * g / (g + 1e-8):5.1f} %")

# %% [markdown] tags=["outcome"]
# All that share 1/64 send gradients far below ε to the first layer, and Adam takes them for next to nothing. Now change *setting* from ε = 1e-8 to 1e-16 and watch ReLU / 64. Then let softmax stand out.

# %%
explore_rates(
    "hidden_softmax", ["ReLU", "64 · softmax, gain ½", "64 · softmax", "softmax", "ReLU / 64"]
)

# %% [markdown]
# {verdict hidden_softmax.epsilon_decides} {verdict hidden_softmax.competition_helps} {verdict hidden_softmax.softmax_stays}

# %% [markdown]
# **The optimiser's ε is part of the experiment.** With 1e-8 you would have blamed the scale alone. With 1e-16 either repair helps. {rests on hidden_softmax.scale_helps} {rests on hidden_softmax.competition_helps} In large transformers too gradients shrink towards 1e-8, and there a smaller ε helped (Wortsman 2023).
#
# Which of the two costs *more* is open. {verdict hidden_softmax.scale_ahead}

# %% [markdown] role="notes"
# **For the lecturer.** Ask which variant would convict competition: "one that has it, and not the scale". Let the room pass its verdict on the figure, and only then print the gradients. The wrong answer to expect at the end:
# "then softmax is fine in hidden layers". {verdict hidden_softmax.below_relu}

# %% [markdown]
# ## 5.11 Where competition is wanted: attention
#
# In one place inside a network competition is the purpose: **attention** (Vaswani 2017). A **query** $q$ meets every **key** $k_j$ in a dot product. Softmax turns these scores into weights, and the output averages the **values** $v_j$ with them:
#
# $$w = \text{softmax}\Bigl(\frac{q \cdot k_1}{\sqrt d}, \ldots, \frac{q \cdot k_m}{\sqrt d}\Bigr), \qquad a = \sum_j w_j\,v_j$$
#
# Why $\sqrt d$?

# %% [markdown] role="fragment"
# A dot product adds up $d$ products. With independent entries of mean 0 and variance 1, each product has mean 0 and variance 1 too, so the sum has variance $d$, and scores have the size $\sqrt d$.

# %% [markdown] tags=["predict"]
# A query and 32 keys, of $d = 64$ random numbers each. You forget the division. How large is the largest of the 32 weights, on average?
#
# - [ ] about 0.03: random keys are all alike
#   That is 1/32, the mean of all the weights. The largest score lies about two standard deviations above the mean, and the exponential stretches that.
# - [ ] about 0.2
#   That would be about right if the scores had the size 1. How large are they at $d = 64$?
# - [x] about 0.8
#   Now see what the division makes of it, and at which $d$.

# %%
rng = np.random.default_rng(0)
for d in (4, 64, 1024):
    query, keys = rng.normal(size=(200, 1, d)), rng.normal(size=(200, 32, d))
    scores = (query * keys).sum(axis=-1)
    plain, divided = (activations.softmax(scores / T).max(axis=-1).mean() for T in (1, d**0.5))
    print(
        f"d = {d:4d}: size {scores.std():4.1f}, largest weight {plain:.2f}, divided {divided:.2f}"
    )

# %% [markdown] tags=["outcome"]
# At $d = 64$ the scores have the size 8, and before anything is learned one of 32 keys takes 0.78 of the weight; by 5.5 such a softmax has little slope to learn with. Divided by the temperature $\sqrt d$, the largest weight is about 0.16, whatever $d$ is.

# %% [markdown] role="subslide"
# A model that writes also needs a **mask**: no word may look at a later one. The score of a masked key is set to −∞ *before* the softmax. Some write −1e9 instead. Two rows each, of which the second is masked altogether, as padding makes them:

# %% role="fragment"
for low, dtype in ((-torch.inf, torch.float32), (-1e9, torch.float32), (-1e9, torch.float16)):
    scores = torch.tensor([[2.0, 1.0, low], [low] * 3]).to(dtype)
    rows = (", ".join(f"{weight:.3f}" for weight in row) for row in torch.softmax(scores, -1))
    print(f"{low:6g} in {dtype}: ", " | ".join(rows))

# %% [markdown]
# $e^{-\infty} = 0$: a masked key gets exactly 0, and the others share the 1. But a row that sees *nothing* has no shares to give. With −∞ it is NaN, from −∞ − (−∞). With −1e9 all three scores are level again: the query looks at what it may not see, and nothing warns you. In float16 −1e9 *is* −∞.
#
# What you want is 0 for every key. Here are two functions of torch, and a query with nothing to see:

# %% tags=["fold"]
q, k, seen = torch.ones(1, 1, 4), torch.ones(1, 3, 4), torch.zeros(1, 3, dtype=torch.bool)
one = torch.nn.functional.scaled_dot_product_attention(q, k, k, attn_mask=seen)
other, _ = torch.nn.MultiheadAttention(4, 1, batch_first=True)(q, k, k, attn_mask=~seen)
print(f"scaled_dot_product_attention {one.sum():.1f}, MultiheadAttention {other.sum():.1f}")

# %% [markdown]
# They disagree, and not on that alone: in the mask of the first, True is a key that is *seen*, in that of the second one that is *masked*. Now write your own, with True for seen.

# %% [markdown] exercise="q5_masked_softmax"
# ### Exercise: masked softmax
#
# Softmax along the last axis over the keys that are seen: `mask` holds booleans, True for seen, and broadcasts with `z`. A masked key gets 0, whatever its score, and a score of −∞ counts as masked. A row that
# sees nothing gets zeros. Worked numbers: (2, 1, 0.1) without its last key gives (0.731, 0.269, 0). {part 1} for everyday scores, {part 2} more when scores may lie 1000 apart, masked ones too, {part 3} more for rows that see nothing.


# %% exercise="q5_masked_softmax"
def masked_softmax(z, mask):
    """Shares of the keys that are seen.  z: (..., k), mask: booleans that broadcast with z -> (..., k)."""
    ### BEGIN SOLUTION
    z = np.where(mask, z, -np.inf)
    top = z.max(axis=-1, keepdims=True)
    e = np.exp(z - np.where(np.isfinite(top), top, 0))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)
    ### END SOLUTION


# %% exercise="q5_masked_softmax"
check("q5_masked_softmax", masked_softmax)

# %% [markdown]
# ## 5.12 One head ☆
#
# (☆ marks what goes beyond the lesson. Nothing later needs it.) Scores, mask, weights, values: what is left of a **head** of attention is two matrix products around your function. Real code does it for many heads at once, in the axes in front.

# %% [markdown] exercise="q5_attention"
# ### Exercise: one head of attention
#
# The formula of 5.11, for n queries, and for any number of heads in front. `mask` is the same for all heads, True for seen; a query that sees nothing gets zeros. You may use your `masked_softmax`. Worked numbers: query (2, 0, 0, 0), keys (1, 0, 0, 0) and (0, 1, 0, 0), values 10 and 20
# give 12.69, or 10 without the second key. {part 1} for one head, {part 2} more for several, {part 3} more for a query that sees nothing.


# %% exercise="q5_attention"
def attention(q, k, v, mask):
    """q: (..., n, d), k: (..., m, d), v: (..., m, e), mask: (n, m) -> (..., n, e)."""
    ### BEGIN SOLUTION
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    return masked_softmax(scores, mask) @ v
    ### END SOLUTION


# %% exercise="q5_attention"
check("q5_attention", attention)

# %% [markdown]
# ## 5.13 When no key fits
#
# A query that sees no key gets zeros. And one that sees keys, of which none fits? Then all its scores are low. Say a query gives its four keys the scores 2, 1, 0 and −1. Their weights are 0.644, 0.237, 0.087 and 0.032.

# %% [markdown] tags=["predict"]
# You subtract 100 from every score of a query: no key fits. What becomes of its weights?
#
# - [ ] they all go to 0
#   Every exponential does. But so does their sum, and the weights are divided by it.
# - [ ] they become equal: nothing is left to choose by
#   A high temperature would do that, for it shrinks the differences. Has any difference changed here?
# - [x] nothing
#   Now pull the scores down yourself, and look for a rule that can say no.

# %% [markdown] role="skip"
# The `masked_softmax` of 5.11 draws the next picture. Pull *added to every score* down, under one rule after the other. Then put it back to 0 and take the keys away.

# %%
explore_attention(masked_softmax)

# %% [markdown] tags=["outcome"]
# Softmax sees differences only (5.1), so it cannot say "none of these": its 1 must be spent. Language models often spend it on the first tokens, whatever these mean: an **attention sink** (Xiao 2023).
#
# One way out is one more score that belongs to no key. It takes what no key deserves, and a row that sees nothing is no special case any more. In gpt-oss (OpenAI 2025) every head *learns* that score.
#
# The other is a sigmoid for each key, and no total (Ramapuram 2024). At score 0 each would give ½. So its authors' code adds −7.62 for 2048 keys, −log 2048: each starts near 1/2048, all together near 1.

# %% [markdown]
# ## 5.14 Scores that grow
#
# $\sqrt d$ was made for entries of size 1. In training queries and keys may grow, and scores grow with both: in large transformers one of the known sources of instability (Wortsman 2023). Two cures:
#
# - **QK-norm** (Henry 2020): bring each query and key to a fixed length before they meet. How large they have grown is then lost, and a learned factor sets the temperature. (Qwen3: RMSNorm with gains, and $\sqrt d$; `modeling_qwen3.py`.)
# - **soft-capping**: $c\tanh(z/c)$. Lesson 02's curve is back: its slope at 0 is 1, so small scores pass as they are, and none gets beyond $c$. Gemma 2 caps the scores at 50 and its output logits at 30; Gemma 3 has QK-norm instead.

# %%
rng = np.random.default_rng(1)
query, keys = rng.normal(size=(200, 1, 64)), rng.normal(size=(200, 32, 64))
q, k = (x / np.sqrt((x**2).mean(axis=-1, keepdims=True)) for x in (query, keys))
for grown in (1, 3, 10):
    z = grown**2 * (query * keys).sum(axis=-1) / 8
    rules = {"plain": z, "QK-norm": (q * k).sum(axis=-1) / 8, "capped": 50 * np.tanh(z / 50)}
    largest = (f"{name} {activations.softmax(s).max(-1).mean():.2f}" for name, s in rules.items())
    print(f"{grown:2d} times as large: largest weight", ", ".join(largest))

# %% [markdown] tags=["outcome"]
# Ten times as large, the plain scores give one key nearly everything, and QK-norm stays where it was. The cap hardly acts on the middle row. In the last one several keys come close to 50 and share. So a cap bounds the scores, but it does not hold the temperature.
#
# Cap first, mask then: tanh turns −∞ into $-c$, a score like any other.

# %% [markdown]
# ## 5.15 Claim audit
#
# | the line everybody copies | what we measured |
# |---|---|
# | `e = exp(x - x.max()); e / e.sum()` | right for one row; on a batch all rows share one total of 1 (5.3) |
# | range (0, 1), sum 1 | on paper; in float64 it reaches 0 and 1, so take log-softmax (5.7) |
# | gradient: "complex" | one line: $p(g - \sum pg)$, and with cross-entropy $p - y$ (5.6, 5.8) |
# | can it die? no | right: it saturates (5.5), and cross-entropy undoes that (5.8) |
# | only on the output | also inside attention, where it competes on purpose (5.11) |
# | mask with −1e9 | a row that is masked altogether then looks at everything, and in float16 it is NaN (5.11) |
# | not in hidden layers, because units compete | they also share the scale 1/n, and undoing either helps; which costs more in four layers is open, and Adam's ε decides what you see (5.10) {rests on hidden_softmax.scale_helps} {rests on hidden_softmax.competition_helps} {rests on hidden_softmax.scale_ahead} |

# %% [markdown]
# ## 5.16 Trust, but compare ☆
#
# Library versions against what you derived, in both precisions: values of softmax and log-softmax, the gradient through softmax, and that of cross-entropy. Eight rounding errors (eps) count as
# agreement. For softmax they are relative, so that tiny probabilities count too: eight of $p\,(1 + |\log p|)$, since the exponent is rounded as well. For log-softmax eight of $1 + |\log p|$, for the gradients of 1.

# %%
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
# | inside attention? | $q\cdot k/\sqrt d$, masked by −∞ before the softmax; who sees nothing gets 0 | 5.11 |
# | must its total be 1? | of softmax, yes; a sink takes the rest, and sigmoids have no total | 5.13 |
# | scores that grow? | QK-norm takes the lengths away, $c\tanh(z/c)$ bounds the scores | 5.14 |

# %% [markdown]
# ## Check yourself
#
# You have written eight functions on the way, or seven without ☆. The last question is about the evidence of 5.10.

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
