# %% [markdown]
# # {title}
#
# *Stack a hundred layers without activations and you have built one layer. You will prove it, measure it, and watch one bend undo it.*
#
# **You will be able to**
#
# - write a layer, and derive what a stack of them computes;
# - collapse any affine chain into a single layer, exactly;
# - say which data sets such a network can never separate, and by how much it fails;
# - build by hand the smallest network that does better.
#
# **Before you start:** [00 Start here](00_start_here.ipynb), matrix products. 45 minutes.

# %%
import numpy as np

from actlab import figures, networks
from actlab.activations import REGISTRY
from actlab.check import check
from actlab.data import circles, spirals
from actlab.explorers import (
    evidence_source,
    explore_agreement,
    explore_boundary,
    explore_folding,
    explore_rates,
)

# %% [markdown]
# ## 1.1 Two problems no ruler can solve
#
# Blue discs and orange squares: find a rule that tells them apart. Look for a straight line that would do.

# %% role="fragment"
X_circles, y_circles = circles(400, seed=0)
X_spirals, y_spirals = spirals(400, seed=0)
figures.datasets(
    {"circles": (X_circles, y_circles), "spirals": (X_spirals, y_spirals)},
    alt=f"Two data sets of {len(y_circles)} points in {len(set(y_circles))} classes: "
    "one ring inside another, and two interleaved spirals.",
)

# %% [markdown]
# There is none. How bad is the *best* line? It takes only a few lines of NumPy to try them all: turn the plane by every angle, sort the points, cut at
# every place, and keep the best cut. Guess before you run it: 50 % would be coin-tossing.


# %%
def best_line_accuracy(X, y, angles=180):
    """The highest share of points that any straight line classifies correctly."""
    best = 0.0
    for angle in np.linspace(0, np.pi, angles, endpoint=False):
        order = np.argsort(X @ [np.cos(angle), np.sin(angle)])
        ones_left = np.concatenate([[0], np.cumsum(y[order])])
        zeros_left = np.arange(len(y) + 1) - ones_left
        right = zeros_left + (y.sum() - ones_left)
        best = max(best, right.max() / len(y), 1 - right.min() / len(y))
    return best


LINE = {
    "circles": best_line_accuracy(X_circles, y_circles),
    "spirals": best_line_accuracy(X_spirals, y_spirals),
}
print(", ".join(f"{name}: {share:.2f} correct at best" for name, share in LINE.items()))

# %% [markdown]
# About two points in three. Keep these two numbers: anything that only draws lines can never beat them on these points.

# %% [markdown]
# ## 1.2 One layer
#
# A layer takes a batch of inputs $h$, one row per sample, and computes
#
# $$z = hW + b,\qquad h:(n, d_\text{in}),\quad W:(d_\text{in}, d_\text{out}),\quad b:(d_\text{out},).$$
#
# A linear map followed by a shift is called **affine**. Column $j$ of $W$ is the weight vector of neuron $j$.

# %% [markdown] exercise="q1_affine"
# ### Exercise: a layer
#
# Return $z = hW + b$ for a whole batch. Worked number: $h = (1, 2)$, $W = \begin{pmatrix}3\\4\end{pmatrix}$, $b = 5$ gives
# $1\cdot 3 + 2\cdot 4 + 5 = 16$.


# %% exercise="q1_affine"
def affine(h, W, b):
    """One layer without an activation.  h: (n, d_in), W: (d_in, d_out), b: (d_out,) -> (n, d_out)."""
    ### BEGIN SOLUTION
    return h @ W + b
    ### END SOLUTION


# %% exercise="q1_affine"
check("q1_affine", affine)

# %% [markdown]
# ## 1.3 Two layers
#
# > **Predict.** You put a second layer behind the first, with nothing in between. What can the pair compute that one layer cannot?
# > (a) curves (b) two lines instead of one (c) nothing (d) it depends on the width

# %% [markdown] role="subslide"
# Write it out, biases and all. The first layer gives $z_1 = hW_1 + b_1$, and the second takes that as its input:
#
# $$
# \begin{aligned}
# z_2 &= z_1 W_2 + b_2 \\
#     &= (hW_1 + b_1)\,W_2 + b_2 \\
#     &= h\,W_1W_2 + b_1W_2 + b_2 \\
#     &= h\,\underbrace{(W_1W_2)}_{W} + \underbrace{(b_1W_2 + b_2)}_{b}
# \end{aligned}
# $$
#
# The answer is (c). Two layers *are* one layer, with weights $W$ and bias $b$. We gain nothing.

# %% [markdown] role="notes"
# **For the lecturer.** Ask who would drop $b_1W_2$: many do. Let them say in words what it is: the first bias, as the second layer sees it.

# %% [markdown] exercise="q1_collapse_two"
# ### Exercise: collapse two layers
#
# Return the pair $(W, b)$ with $hW + b = (hW_1 + b_1)W_2 + b_2$ for every $h$. Shapes: $W_1: (d_0, d_1)$, $W_2: (d_1, d_2)$, so
# $W: (d_0, d_2)$ and $b: (d_2,)$. Worked number, with everything a single number: $W_1 = 2, b_1 = 3, W_2 = 5, b_2 = 7$ gives
# $W = 10$ and $b = 22$.


# %% exercise="q1_collapse_two"
def collapse_two(W1, b1, W2, b2):
    """The one layer (W, b) that equals layer 1 followed by layer 2."""
    ### BEGIN SOLUTION
    return W1 @ W2, b1 @ W2 + b2
    ### END SOLUTION


# %% exercise="q1_collapse_two"
check("q1_collapse_two", collapse_two)

# %% [markdown]
# ## 1.4 Any number of layers
#
# Two became one. Now let **induction** do the rest.
#
# - *Start:* a chain of one layer is one layer.
# - *Step:* suppose every chain of $L$ layers equals some $hW + b$. Put layer $L+1$ behind it: that is two layers, $(W, b)$ and
#   $(W_{L+1}, b_{L+1})$, and we know that two layers are one.
#
# So a chain of any length is one affine map, with $W = W_1W_2\cdots W_L$. The step is also the algorithm: fold from the left.

# %% [markdown] exercise="q1_collapse"
# ### Exercise: collapse a chain
#
# `weights` and `biases` are lists of equal length, one entry per layer and at least one. Return the pair $(W, b)$. Worked number, each layer a single number:
# weights 2, 5, 1 and biases 3, 7, 4 give $W = 10$ and $b = (3\cdot 5 + 7)\cdot 1 + 4 = 26$.


# %% exercise="q1_collapse"
def collapse(weights, biases):
    """The one layer (W, b) that equals the whole chain."""
    ### BEGIN SOLUTION
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ next_W, b @ next_W + next_b
    return W, b
    ### END SOLUTION


# %% exercise="q1_collapse"
check("q1_collapse", collapse)

# %% [markdown]
# ## 1.5 Three ways to doubt a proof
#
# **With numbers.** Ten random networks, eight layers, width 32, biases included, against the single layer that each collapses to, on 1000 inputs.

# %% role="fragment"
agree = 0
for seed in range(10):
    rng = np.random.default_rng(seed)
    weights, biases = networks.initialise([2, *[32] * 7, 2], rng=rng)
    biases = [rng.normal(size=b.shape) for b in biases]
    X = rng.normal(size=(1000, 2))
    _, zs = networks.forward(X, weights, biases, f=lambda z: z)
    deep = zs[-1]
    W, b = networks.collapse(weights, biases)
    agree += np.abs(deep - (X @ W + b)).max() < 1e-13 * np.abs(deep).max()
print(f"8 layers against 1: a relative difference below 1e-13 in {agree} of 10 networks")

# %% [markdown]
# Not a similar function: the same one, up to the last bits of a float64.
#
# **With symbols.** No numbers at all: let a computer algebra system expand both sides and subtract.

# %% role="fragment"
import sympy as sp

n = 3
W1, W2 = (sp.Matrix(sp.MatrixSymbol(name, n, n)) for name in ("W1", "W2"))
h, b1, b2 = (sp.Matrix(sp.MatrixSymbol(name, 1, n)) for name in ("h", "b1", "b2"))
difference = ((h * W1 + b1) * W2 + b2) - (h * (W1 * W2) + (b1 * W2 + b2))
print("two layers minus their collapse:", list(sp.expand(difference)))

# %% [markdown]
# **With your eyes.** A square grid goes through three layers, each a turn, a stretch and a shift. Left: the layers alone. Right: the same layers,
# each followed by ReLU, $\max(0, z)$. Pull the slider slowly and look for the first *crease*.

# %% role="fragment"
explore_folding("relu")

# %% [markdown]
# On the left parallel lines stay parallel, and every cell keeps the same area as every other: an affine map can turn, stretch, shear and shift,
# and nothing else. On the right the plane is folded along lines and parts of it are pressed flat. A chain of folds can do what no chain of shears can.

# %% [markdown]
# ## 1.6 Does training know the theorem?
#
# > **Predict.** Train one affine layer and eight on the circles, and two layers with a ReLU in between. Which get past the best line?

# %%
from actlab.training import Networks

STEPS, RATE, SEEDS = 200, 0.01, 5


def test_accuracy(activation, depth):
    """Accuracy on fresh points of the circles, one number per seed."""
    gain = 2**0.5 if activation == "relu" else 1.0
    nets = Networks([2] + [32] * (depth - 1) + [2], activation, SEEDS, gain)
    nets.fit(X_circles, y_circles, STEPS, RATE)
    return nets.accuracy(*FRESH)


FRESH = circles(400, seed=1)
line = best_line_accuracy(*FRESH)
runs = {
    "affine\ndepth 1": (REGISTRY["linear"].color, test_accuracy("linear", 1)),
    "affine\ndepth 8": (REGISTRY["linear"].color, test_accuracy("linear", 8)),
    "ReLU\ndepth 2": (REGISTRY["relu"].color, test_accuracy("relu", 2)),
}

# %%
best = {name.replace("\n", ", "): values.max() for name, (_, values) in runs.items()}
figures.by_seed(
    runs,
    title="circles, fresh points (every dot a seed)",
    ylabel="test accuracy",
    ylim=(0.3, 1.05),
    alt="; ".join(f"{name}: the best seed gets {top:.1f}" for name, top in best.items())
    + f"; the best line {line:.2f}.",
    notes=[(line, f"best line {line:.2f}"), (0.5, "coin")],
)

# %% [markdown]
# {verdict rings.bend} Why do the affine ones not even reach the line? They minimise cross-entropy, and for two concentric rings the best affine answer to
# *that* is "fifty-fifty everywhere".
#
# Now watch a boundary *grow*. Left: eight affine layers. Right: two with one ReLU. Pull the slider from the first step to the last.

# %% role="fragment"
explore_boundary(("linear", 8), ("relu", 2), circles)

# %% [markdown]
# Circles were easy; the spirals wind around each other. Do they need a third layer? {verdict spirals.third_layer} So it seems. But 0.01 was one learning rate of many.
# Here are four of them, with ten seeds each: find the rate at which two layers do best.

# %% role="fragment"
explore_rates("spirals")

# %%
evidence_source("spirals")

# %% [markdown]
# {verdict spirals.two_suffice} Two layers are enough, then. What the third one buys is *tolerance*: it learns well at smaller rates too {rests on spirals.third_layer}. A comparison at a single rate also compares
# how well that rate suits each side, so this course shows rates, not winners.
#
# And five seeds are few. {verdict spirals.flawless} Had you trained five, would you have said "three layers get everything right"? Pull the slider.

# %% role="fragment"
explore_agreement("spirals.flawless")

# %% [markdown]
# ## 1.7 What one bend buys
#
# The smallest problem with no straight answer has four points: **XOR**. The output is 1 when exactly one of two inputs is 1.
# Two ReLU neurons are enough, and you can find their weights without a computer: think of $x_1 + x_2$, which is 0, 1 or 2, and of a
# hat-shaped function that is high only in the middle.

# %% [markdown] exercise="q1_xor"
# ### Exercise: XOR by hand
#
# Choose the weights of the network $\text{out}(x) = \max(0,\ xW_1 + b_1)\cdot w_2 + b_2$ so that out is 1 at (0, 1) and (1, 0), and 0 at (0, 0) and (1, 1).
# Return `W1, b1, w2, b2` with shapes (2, 2), (2,), (2,) and a number. There are many right answers.


# %% exercise="q1_xor"
def xor_network():
    """Weights of a two-neuron network for XOR: W1 (2, 2), b1 (2,), w2 (2,), b2 a number."""
    ### BEGIN SOLUTION
    W1 = np.array([[1.0, 1.0], [1.0, 1.0]])
    b1 = np.array([0.0, -1.0])
    w2 = np.array([1.0, -2.0])
    return W1, b1, w2, 0.0
    ### END SOLUTION


# %% exercise="q1_xor"
check("q1_xor", xor_network)

# %% [markdown] tags=["solution"]
# One way to see it: both neurons receive $s = x_1 + x_2$. The first outputs $s$, the second $\max(0, s - 1)$, and $s - 2\max(0, s - 1)$ is a hat: 0, 1, 0 at
# $s = 0, 1, 2$.

# %% [markdown]
# ## 1.8 Claim audit
#
# > *"A neural network without activation functions is just linear regression."*
#
# Half of it you have proved: the *function* is affine, whatever the depth. "Regression" depends on the loss: with cross-entropy the same network is logistic
# regression. And does the depth make no difference to *learning* either? Test it: a linear target, plain gradient descent, one layer against four, which start from small weights
# (gain 0.3) or from ordinary ones (gain 1).


# %%
def losses(depth, gain, seed, steps=200, rate=0.05):
    """Mean squared error during gradient descent on a linear target, width 8."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, 8))
    Y = X @ (rng.normal(size=(8, 8)) / np.sqrt(8))
    weights, biases = networks.initialise([8] * (depth + 1), gain, rng=rng)
    out = []
    for _ in range(steps):
        hs, zs = networks.forward(X, weights, biases, f=lambda z: z)
        error = zs[-1] - Y
        out.append((error**2).sum(1).mean())
        grads = networks.backward(hs, zs, weights, np.ones_like, 2 * error / len(X))
        weights = [W - rate * g for W, g in zip(weights, grads, strict=True)]
    return np.array(out)


STARTS = {"1 layer": (1, 0.3), "4 layers, gain 0.3": (4, 0.3), "4 layers, gain 1": (4, 1.0)}
curves = {
    name: np.array([losses(*start, seed) for seed in range(5)]) for name, start in STARTS.items()
}

# %%
half = {name: (c < c[:, :1] / 2).argmax(1) for name, c in curves.items()}
for name, steps in half.items():
    print(f"{name:18s} {steps.min():2d} to {steps.max():2d} steps to halve the error")
colors = (figures.COOL, figures.WARM, figures.MUTED)
figures.with_spread(
    {name: (color, c) for color, (name, c) in zip(colors, curves.items(), strict=True)},
    np.arange(200),
    title="The same functions, another way through them (5 seeds, lowest to highest)",
    xlabel="step of gradient descent",
    ylabel="mean squared error",
    alt="Error against step; it is halved after "
    + ", ".join(f"{steps.min()} to {steps.max()} steps ({name})" for name, steps in half.items())
    + ".",
    exact=True,
)

# %% [markdown]
# {verdict plateau.waits} {verdict plateau.start_decides} (Halving is not finishing: look at both after step 10.) Each layer's gradient
# is multiplied by the other three: small ones hold it back.

# %% [markdown]
# The claim needs two repairs:
#
# | the line everybody copies | what we measured |
# |---|---|
# | "just linear regression" | the function is affine; the *loss* decides which regression it is |
# | "depth makes no difference" | to what can be computed, none; to training, a lot: from a small start four layers wait on a plateau before they move {rests on plateau.waits} |
#
# The learning dynamics of deep linear networks are not linear (Saxe 2013). They are a favourite model for theorists for just that reason.

# %% [markdown]
# ## Recap
#
# | question | answer | where |
# |---|---|---|
# | what do $L$ affine layers compute? | one affine map, $W = W_1\cdots W_L$ | 1.3, 1.4 |
# | exactly? | to the last bits of float64 | 1.5 |
# | how well can that do on circles, on spirals? | no better than the best line | 1.1, 1.6 |
# | what changes with a ReLU in between? | the plane folds: two layers are enough for both data sets | 1.5, 1.6 |
# | is depth without activations useless? | it adds nothing to compute; it changes training, and from small weights slows it | 1.8 |

# %% [markdown]
# ## Check yourself
#
# Five exercises, four of which you met on the way. The last one asks what you would tell a colleague.

# %% [markdown] exercise="q1_depth"
# ### Exercise: fifty layers
#
# A colleague trains a 50-layer network without activations, all layers of equal width, and compares it with a single affine layer. Which statement is true?
#
# {options}

# %% exercise="q1_depth"
answer = ""  # one letter, for example "a"
### BEGIN SOLUTION
answer = "c"
### END SOLUTION

# %% exercise="q1_depth"
check("q1_depth", answer)

# %% [markdown]
# **Next:** [02 Sigmoid and tanh](02_sigmoid_tanh.ipynb). We need a bend between the layers. Which one? The first that people tried was smooth and S-shaped,
# and it came with a trap.
