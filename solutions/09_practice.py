# %% [markdown]
# # {title}
#
# *{questions} that everybody asks about activation functions. Build what answers them, watch it happen, then say why: {total}.*
#
# **You will be able to**
#
# - build a vanishing gradient, a dead unit, a stochastic gate, a competition and a zig-zag, each from its parts;
# - say what causes each of them, and what does not;
# - defend your answer in four sentences.
#
# **Before you start:** lessons 01 to 07 (08 is not asked), or their equivalent. About three hours; every question stands alone.

# %%
import math

import numpy as np

from actlab.check import check, summary
from actlab.explorers import compare, explore, practice

# %% tags=["parameters"]
# for the pictures: their random seed, and how many layers your network has
SEED = 8
DEPTH = 10

# %% [markdown]
# ## How an answer is read
#
# - **Any** shape means an array of 0 to 4 dimensions, float32, float64 or int64, and a result of the same shape. Arguments come by position.
# - Return arrays, lists or numbers; complex numbers, text and `None` are wrong. Right means within $10^{-5}$ of the value (relative) plus $10^{-6}$, unless the exercise says otherwise.
# - A function that changes its arguments gets nothing.
# - Use NumPy, `math` and the standard library. SciPy and the like work in this notebook, and its checks do not notice, but they are **absent when you are graded**: what needs them fails.
# - Warnings and prints cost nothing.

# %% [markdown]
# Points come in *parts*, all or nothing; an extra part counts only if the values are right.
#
# - Each check may take 10 seconds and be repeated as often as you like.
# - A name counts as it stands after all cells have run. Helpers you call must be right as well.
# - The written answers carry no points; a person reads them.

# %% [markdown]
# ## Question 1: deep sigmoid networks
#
# > *Why does using all sigmoid activations in a deep network cause training failure?*
#
# Move the point to the far right. How much of the signal gets through there, and how much at best?

# %% role="fragment"
explore("sigmoid", saturation=False)

# %% [markdown]
# One unit passes on a quarter at most. What happens to a whole network you find out with your own chain rule. First, its parts.

# %% [markdown] exercise="sigmoid"
# ### Exercise: sigmoid ({points})
#
# $$\sigma(z) = \frac{1}{1+e^{-z}}$$
#
# Any shape in, the same out. Worked number: {worked}. {part 1} for values; {part 2} more if it stays finite, and within $10^{-6}$ of its limit, up to $|z| = 10^4$.


# %% exercise="sigmoid"
def sigmoid(z):
    """Logistic sigmoid, elementwise.  Shape: any -> same.  Range: (0, 1)."""
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1 + e)
    ### END SOLUTION


# %% exercise="sigmoid"
check("sigmoid", sigmoid)

# %% [markdown] exercise="sigmoid_derivative"
# ### Exercise: its slope ({points})
#
# $\sigma'(z)$, any shape in, the same out. The argument is the pre-activation $z$. A difference quotient in float32 loses its digits: convert to float64 first. Worked number: {worked}.


# %% exercise="sigmoid_derivative"
def sigmoid_derivative(z):
    """Slope of the sigmoid at pre-activation z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return sigmoid(z) * sigmoid(-z)
    ### END SOLUTION


# %% exercise="sigmoid_derivative"
check("sigmoid_derivative", sigmoid_derivative)

# %% [markdown] exercise="activation_factor"
# ### Exercise: the activations' share ({points})
#
# The largest factor that `depth` sigmoids, on their own, can contribute to a gradient, for any depth from 0 to 100, within a relative $10^{-6}$.
# With no layers the signal is untouched. Worked number: {worked}.


# %% exercise="activation_factor"
def activation_factor(depth):
    """Largest product of `depth` sigmoid slopes.  depth: int >= 0 -> float."""
    ### BEGIN SOLUTION
    return 0.25**depth
    ### END SOLUTION


# %% exercise="activation_factor"
check("activation_factor", activation_factor)

# %% [markdown] exercise="layer_gradient_norms"
# ### Exercise: what reaches each layer ({points})
#
# A network without biases: $h_0 = x$, $z_l = h_{l-1}W_l$, $h_l = f(z_l)$. Its loss is the *mean* over the samples of the *sum* over the units of the last $h_L$.
#
# `x` is $(n, d_0)$; `weights` is a list of $L \ge 1$ arrays, $(d_{l-1}, d_l)$; `f` and its slope `df` act entry by entry, and `df` takes the pre-activation.
# Return the $L$ Frobenius norms of $\partial\,\text{loss}/\partial W_l$, the first layer first, within a relative $10^{-4}$.
#
# Worked number: {worked}. Lesson 06 goes through this chain rule.


# %% exercise="layer_gradient_norms"
def layer_gradient_norms(x, weights, f, df):
    """Size of every layer's weight gradient.  x: (n, d0), weights: L arrays -> (L,)."""
    ### BEGIN SOLUTION
    hs, zs = [x], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    delta = df(zs[-1]) / len(x)
    norms = []
    for layer in reversed(range(len(weights))):
        norms.append(np.linalg.norm(hs[layer].T @ delta))
        if layer:
            delta = (delta @ weights[layer].T) * df(zs[layer - 1])
    return np.array(norms[::-1])
    ### END SOLUTION


# %% exercise="layer_gradient_norms"
check("layer_gradient_norms", layer_gradient_norms)

# %% [markdown]
# Now let it speak: your function, your sigmoid, and tanh beside it. Before you touch the slider: at gain 1, do you expect more or less than a quarter per layer? Between which two
# gains would the line be level?

# %% role="fragment"
practice.gradients(layer_gradient_norms, sigmoid, sigmoid_derivative, depth=DEPTH, seed=SEED)

# %% [markdown] tags=["solution"]
# At gain 1 each sigmoid layer passes on less than a quarter, and tanh stays about level. Larger weights win the signal back, and beyond that it explodes: the slopes are one factor
# among two.

# %% [markdown] exercise="q1_reason"
# ### Exercise: the reason ({points})
#
# A network: {worked}. It does not train: in its first layers hardly any gradient is left. Why?
#
# {options}


# %% exercise="q1_reason"
q1_reason = ""  # one letter, for example "a"
### BEGIN SOLUTION
q1_reason = "a"
### END SOLUTION

# %% exercise="q1_reason"
check("q1_reason", q1_reason)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# {written}
#
# ### BEGIN SOLUTION
# The chain rule multiplies, layer by layer, a slope of at most ¼ and a weight matrix. At the usual initialisation the weights have gain 1, so each layer passes on less than a quarter
# and the first layers receive next to nothing. 0.25 to the power of the depth bounds the slopes' part only: the gradient's bound is the product of $0.25\,\lVert W_l\rVert_2$. With
# larger weights, or tanh, or ReLU with weights of the right size, the signal arrives.
# ### END SOLUTION

# %% [markdown]
# ## Question 2: the dying ReLU
#
# > *ReLU outputs 0 for x<0. Why is this called "dying ReLU" and how do you fix it?*
#
# Slide to the left of 0 and read the sentence: what would a unit learn that sits there for every sample?

# %% role="fragment"
explore("relu", saturation=False)

# %% [markdown] exercise="relu"
# ### Exercise: ReLU ({points})
#
# $\max(0, z)$, entry by entry. Any shape in, the same out. Worked number: {worked}.


# %% exercise="relu"
def relu(z):
    """ReLU, elementwise.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return np.maximum(z, 0)
    ### END SOLUTION


# %% exercise="relu"
check("relu", relu)

# %% [markdown] exercise="relu_derivative"
# ### Exercise: its slope ({points})
#
# Any shape in, the same out. Exactly at 0 there is no slope, and any number from 0 to 1 is right. Worked number: {worked}.


# %% exercise="relu_derivative"
def relu_derivative(z):
    """Slope of ReLU at pre-activation z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, 0.0)
    ### END SOLUTION


# %% exercise="relu_derivative"
check("relu_derivative", relu_derivative)

# %% [markdown] exercise="leaky_relu"
# ### Exercise: a leak ({points})
#
# $z$ where $z > 0$, and $\alpha z$ elsewhere, for any $\alpha \ge 0$, also for $\alpha > 1$. Any shape in, the same out. `alpha` is optional and comes by position.
# Worked number: {worked}.


# %% exercise="leaky_relu"
def leaky_relu(z, alpha=0.01):
    """Leaky ReLU, elementwise.  Shape: any -> same.  alpha: float >= 0."""
    ### BEGIN SOLUTION
    return np.where(z > 0, z, alpha * z)
    ### END SOLUTION


# %% exercise="leaky_relu"
check("leaky_relu", leaky_relu)

# %% [markdown] exercise="dead_units"
# ### Exercise: counting the dead ({points})
#
# `z` holds the pre-activations of a ReLU layer, $(n, \text{units})$, one row per sample. A unit is dead if its *output* is zero for every sample. Return one bool per unit, shape
# $(\text{units},)$. Worked example: {worked}.


# %% exercise="dead_units"
def dead_units(z):
    """Which ReLU units are silent on the whole batch.  z: (n, units) -> bool (units,)."""
    ### BEGIN SOLUTION
    return (z <= 0).all(axis=0)
    ### END SOLUTION


# %% exercise="dead_units"
check("dead_units", dead_units)

# %% [markdown] exercise="he_normal"
# ### Exercise: He initialisation ({points})
#
# Return an array $(\mathtt{fan\_in}, \mathtt{fan\_out})$ of independent draws from $N(0, 2/\mathtt{fan\_in})$, the second number being the *variance*, not truncated. Draw from the `numpy.random.Generator` given as `rng`, in
# any way, and from nothing else: a generator with the same seed gives the same weights. Worked number: {worked}.


# %% exercise="he_normal"
def he_normal(fan_in, fan_out, rng):
    """He's random weights.  fan_in, fan_out: ints, rng: Generator -> (fan_in, fan_out)."""
    ### BEGIN SOLUTION
    return rng.normal(0, np.sqrt(2 / fan_in), size=(fan_in, fan_out))
    ### END SOLUTION


# %% exercise="he_normal"
check("he_normal", he_normal)

# %% [markdown] exercise="batch_norm"
# ### Exercise: batch normalisation ({points})
#
# $$\gamma\,\frac{z - \text{mean}}{\sqrt{\text{variance} + \varepsilon}} + \beta$$
#
# `z` is $(n, d)$, `gamma` and `beta` are $(d,)$, the result is $(n, d)$. Mean and variance are taken over the batch, for every unit on its own, and the variance divides by $n$.
# `eps` is optional and comes by position. Worked number: {worked}.


# %% exercise="batch_norm"
def batch_norm(z, gamma, beta, eps=1e-5):
    """Batch normalisation.  z: (n, d), gamma, beta: (d,) -> (n, d)."""
    ### BEGIN SOLUTION
    return gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps) + beta
    ### END SOLUTION


# %% exercise="batch_norm"
check("batch_norm", batch_norm)

# %% [markdown]
# Here is a layer of 40 ReLUs with *your* weights. Every line shows the range of one unit's pre-activations over the batch; your function decides which are dead. Lower the bias, then
# switch your batch norm on.

# %% role="fragment"
practice.dead(dead_units, he_normal, batch_norm, seed=SEED)

# %% [markdown] tags=["solution"]
# With the right variance and bias 0 nobody is dead. A bias far below zero, as one large step leaves behind, kills unit after unit, and batch norm takes it away again.

# %% [markdown] exercise="q2_reason"
# ### Exercise: the reason ({points})
#
# A hidden ReLU unit: {worked}. What follows?
#
# {options}


# %% exercise="q2_reason"
q2_reason = ""  # one letter, for example "a"
### BEGIN SOLUTION
q2_reason = "c"
### END SOLUTION

# %% exercise="q2_reason"
check("q2_reason", q2_reason)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# {written}
#
# ### BEGIN SOLUTION
# A unit whose pre-activation is negative for every sample outputs 0 and has slope 0, so its weights receive no gradient. Too high a learning rate or a very negative bias
# puts it there. Under plain descent it stays dead in the first layer; deeper units can revive when the layers before them move. Batch norm undoes a bad bias, and a leak
# helps if its slope is large enough for the optimiser (0.01 is for Adam; under plain descent not within 200 steps); He's initialisation only sets the start right. {rests on dying.five_rescue} {rests on dying_plain.leak_waits}
# ### END SOLUTION

# %% [markdown]
# ## Question 3: GELU
#
# > *What makes GELU better than ReLU for transformers?*
#
# Look for the two places where they differ: the corner, and the dip on the left.

# %% role="fragment"
compare(["relu", "gelu"])

# %% [markdown] exercise="gelu"
# ### Exercise: GELU ({points})
#
# Exactly $z\,\Phi(z)$, with Φ the distribution function of $N(0, 1)$. Any shape in, the same out. `math.erf` and `math.erfc` take one number; `np.vectorize` helps. Worked number:
# {worked}.
#
# {part 1} for values, within $10^{-6}$ on [−6, 6]; {part 2} more for the left tail: a relative $10^{-6}$ at $z = -10$ in float64.


# %% exercise="gelu"
def gelu(z):
    """Exact GELU, elementwise.  Shape: any -> same."""
    ### BEGIN SOLUTION
    erfc = np.vectorize(math.erfc, otypes=[float])
    return 0.5 * z * erfc(-z / math.sqrt(2))
    ### END SOLUTION


# %% exercise="gelu"
check("gelu", gelu)

# %% [markdown] exercise="gelu_tanh"
# ### Exercise: its tanh form ({points})
#
# $$\tfrac12 z\left(1 + \tanh\left(\sqrt{2/\pi}\,(z + 0.044715\,z^3)\right)\right)$$
#
# Any shape in, the same out. Worked number: {worked}. The exact GELU differs in the fourth decimal.


# %% exercise="gelu_tanh"
def gelu_tanh(z):
    """GELU's tanh approximation, elementwise.  Shape: any -> same."""
    ### BEGIN SOLUTION
    inner = math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)
    return 0.5 * z * (1 + np.tanh(inner))
    ### END SOLUTION


# %% exercise="gelu_tanh"
check("gelu_tanh", gelu_tanh)

# %% [markdown] exercise="gelu_derivative"
# ### Exercise: its slope ({points})
#
# The slope of the *exact* GELU, by any method, within $10^{-5}$. Any shape in, the same out. (A difference quotient in float32 loses its digits: convert to float64 first.) Worked number: {worked}.


# %% exercise="gelu_derivative"
def gelu_derivative(z):
    """Slope of the exact GELU at z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    Phi = 0.5 * np.vectorize(math.erfc, otypes=[float])(-z / math.sqrt(2))
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return Phi + z * density
    ### END SOLUTION


# %% exercise="gelu_derivative"
check("gelu_derivative", gelu_derivative)

# %% [markdown] exercise="stochastic_gate"
# ### Exercise: the gate behind it ({points})
#
# For every entry of `z`: draw $\xi$ from $N(0, 1)$ `n` times, and return the mean of $z\cdot 1[\xi < z]$, which is $z$ where the gate opens and 0 where it does not. Any shape in, the same out. Every entry and every draw is
# independent of the others and comes from the generator `rng`. Worked number: {worked}.


# %% exercise="stochastic_gate"
def stochastic_gate(z, n, rng):
    """Mean of n random gates.  z: any, n: int >= 1, rng: Generator -> shape of z."""
    ### BEGIN SOLUTION
    xi = rng.normal(size=(n, *z.shape))
    return (z * (xi < z)).mean(axis=0)
    ### END SOLUTION


# %% exercise="stochastic_gate"
check("stochastic_gate", stochastic_gate)

# %% [markdown]
# Your gate on top of your GELU. With one draw each dot is 0 or $z$. What do the dots do as $n$ grows, and how fast?

# %% role="fragment"
practice.gate(stochastic_gate, gelu, seed=SEED)

# %% [markdown] tags=["solution"]
# Four times the draws, half the distance: the dots close in on the line at $1/\sqrt n$. GELU is where they end, the *mean* of a gate. Nothing about it is random.

# %% [markdown] exercise="q3_reason"
# ### Exercise: the reason ({points})
#
# Think of {worked}. What is different?
#
# {options}


# %% exercise="q3_reason"
q3_reason = ""  # one letter, for example "a"
### BEGIN SOLUTION
q3_reason = "b"
### END SOLUTION

# %% exercise="q3_reason"
check("q3_reason", q3_reason)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# {written}
#
# ### BEGIN SOLUTION
# GELU is $z\,\Phi(z)$: smooth, with a small dip below zero in place of a corner, and with a slope that is not 0 just left of it. It is the expectation of a random gate and
# itself deterministic, so it does not regularise like dropout. Its gains over ReLU are empirical and small (Shazeer 2020); our own small models show a small one too, while dropping
# the non-linearity altogether is clearly worse. T5 and OPT use ReLU. {rests on language.gelu_ahead} {rests on language.nonlinearity_matters}
# ### END SOLUTION

# %% [markdown]
# ## Question 4: softmax inside
#
# > *Softmax is only applied to the OUTPUT layer. Why not in hidden layers?*
#
# Raise one of five scores and watch the four that you did not touch.

# %% role="fragment"
practice.competition()

# %% [markdown] exercise="softmax"
# ### Exercise: softmax ({points})
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}\quad\text{along `axis`}$$
#
# One dimension or more in, the same shape out; `axis` is optional, comes by position and may be any of them. Worked number: {worked}.
#
# {part 1} for values (entries of a row at most 30 apart); {part 2} more if it is also right when one row's entries lie 1000 above another's, along any axis.


# %% exercise="softmax"
def softmax(z, axis=-1):
    """Softmax along one axis.  Shape: (..., k, ...) -> same, sums to 1 along `axis`."""
    ### BEGIN SOLUTION
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
    ### END SOLUTION


# %% exercise="softmax"
check("softmax", softmax)

# %% [markdown] exercise="softmax_jacobian"
# ### Exercise: its Jacobian ({points})
#
# From probabilities `p` of shape $(k,)$ that softmax returned to the array $(k, k)$ with $\partial p_i/\partial z_j$ in row $i$ and column $j$. Worked number: {worked}.


# %% exercise="softmax_jacobian"
def softmax_jacobian(p):
    """How every score moves every probability.  p: (k,) -> (k, k)."""
    ### BEGIN SOLUTION
    return np.diag(p) - np.outer(p, p)
    ### END SOLUTION


# %% exercise="softmax_jacobian"
check("softmax_jacobian", softmax_jacobian)

# %% [markdown] exercise="cross_entropy_gradient"
# ### Exercise: with cross-entropy behind it ({points})
#
# `z` holds logits $(n, k)$ and `y` the labels $(n,)$, whole numbers from 0 to $k - 1$; not every class need occur. The loss is the *mean* over the samples of $-\log p_{y}$, with $p$ the softmax of a row.
# Return its gradient with respect to `z`, shape $(n, k)$. Worked number: {worked}.


# %% exercise="cross_entropy_gradient"
def cross_entropy_gradient(z, y):
    """Gradient of the mean cross-entropy.  z: (n, k), y: int (n,) -> (n, k)."""
    ### BEGIN SOLUTION
    g = softmax(z)
    g[np.arange(len(z)), y] -= 1
    return g / len(z)
    ### END SOLUTION


# %% exercise="cross_entropy_gradient"
check("cross_entropy_gradient", cross_entropy_gradient)

# %% [markdown]
# The same five scores, now with your Jacobian. Column 1 says what happens when score 1 rises: look at the sign of its other entries, and at all of them when score 1 is at +4.

# %% role="fragment"
practice.competition(softmax, softmax_jacobian)

# %% [markdown] tags=["solution"]
# What unit 1 gains the others lose, to the last digit: that is the competition. And when one unit has it all, every entry is small, so little gradient passes. In a wide layer it
# is small from the start.

# %% [markdown]
# Five units make a narrow layer. How large is one output in a wider one, when all scores are equal?

# %%
for units in (5, 64, 1024):
    print(f"{units:5d} units: each output {1 / units:.4f}")

# %% [markdown] exercise="q4_reason"
# ### Exercise: the reason ({points})
#
# Take {worked}. It learns badly. Why?
#
# {options}


# %% exercise="q4_reason"
q4_reason = ""  # one letter, for example "a"
### BEGIN SOLUTION
q4_reason = "d"
### END SOLUTION

# %% exercise="q4_reason"
check("q4_reason", q4_reason)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# {written}
#
# ### BEGIN SOLUTION
# Softmax outputs share a total of 1. With $n$ units each is about $1/n$, so the signal and its gradient shrink with the width. They also compete: one unit rises only if others fall,
# so units cannot report different features independently. In our four-layer network undoing the scale helps; ending the competition helps too, once Adam's ε is small enough.
# Inside attention competition is wanted: there softmax distributes a weight of 1 over positions. {rests on hidden_softmax.scale_helps} {rests on hidden_softmax.competition_helps}
# ### END SOLUTION

# %% [markdown]
# ## Question 5: zero-centred outputs
#
# > *tanh outputs zero-centred values but sigmoid does not. Why does this matter?*
#
# Both are S-curves. Look at the values they hand on to the next layer, not at their slopes.

# %% role="fragment"
compare(["sigmoid", "tanh"])

# %% [markdown] exercise="weight_gradients"
# ### Exercise: one neuron's gradients ({points})
#
# One neuron, $z = \sum_i w_i h_i$. `h` holds its inputs $(n, d)$ and `delta` the $\partial\,\text{loss}/\partial z$ of every sample, $(n,)$. Return $\partial\,\text{loss}/\partial w$ for every sample on
# its own, $(n, d)$, one row each. Worked number: {worked}.


# %% exercise="weight_gradients"
def weight_gradients(h, delta):
    """Weight gradients, sample by sample.  h: (n, d), delta: (n,) -> (n, d)."""
    ### BEGIN SOLUTION
    return h * delta[:, np.newaxis]
    ### END SOLUTION


# %% exercise="weight_gradients"
check("weight_gradients", weight_gradients)

# %% [markdown] exercise="same_sign_fraction"
# ### Exercise: how often all signs agree ({points})
#
# `g` is $(n, d)$. Return the share of rows whose non-zero entries all have one sign, a number from 0 to 1; a row of zeros counts as one sign. Worked number: {worked}.


# %% exercise="same_sign_fraction"
def same_sign_fraction(g):
    """Share of rows that do not mix signs.  g: (n, d) -> float."""
    ### BEGIN SOLUTION
    return np.mean((g >= 0).all(axis=1) | (g <= 0).all(axis=1))
    ### END SOLUTION


# %% exercise="same_sign_fraction"
check("same_sign_fraction", same_sign_fraction)

# %% [markdown] exercise="descend"
# ### Exercise: gradient descent ({points})
#
# From `w0`, shape $(d,)$, take `steps` steps $w \leftarrow w - \text{lr}\cdot\text{gradient}(w)$, calling `gradient` once a step. Return all the points, `w0` first: $(\text{steps} + 1, d)$,
# floats even where `w0` holds whole numbers. Worked number: {worked}.


# %% exercise="descend"
def descend(gradient, w0, lr, steps):
    """The path of gradient descent.  w0: (d,), lr: float, steps: int -> (steps + 1, d)."""
    ### BEGIN SOLUTION
    path = [np.asarray(w0, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - lr * gradient(path[-1]))
    return np.array(path)
    ### END SOLUTION


# %% exercise="descend"
check("descend", descend)

# %% [markdown] exercise="straightness"
# ### Exercise: how straight is a path? ({points})
#
# `path` is $(t, d)$, one point per row. Return the distance between its ends divided by its length: 0 for a path that returns to its start, and 1 for one that never moves, also when
# $t = 1$. Worked number: {worked}.


# %% exercise="straightness"
def straightness(path):
    """Distance between the ends / length.  path: (t, d) -> float in [0, 1]."""
    ### BEGIN SOLUTION
    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    return np.linalg.norm(path[-1] - path[0]) / length if length else 1.0
    ### END SOLUTION


# %% exercise="straightness"
check("straightness", straightness)

# %% [markdown]
# Two weights, a start and a goal. Your descent takes the steps, each side at its own best learning rate. Find the number of steps at which the right side has arrived; how far is the
# left one then, and what does the shape of the contours have to do with it?

# %% role="fragment"
practice.descent(descend, straightness, weight_gradients, same_sign_fraction, seed=SEED)

# %% [markdown] tags=["solution"]
# With positive inputs every sample pulls both weights the same way, the loss is a narrow valley, and your path bounces between its walls. With centred inputs it is a bowl, and the path
# is nearly straight.

# %% [markdown] exercise="q5_reason"
# ### Exercise: the reason ({points})
#
# Take {worked}. What follows for its weight gradients, and for descent?
#
# {options}


# %% exercise="q5_reason"
q5_reason = ""  # one letter, for example "a"
### BEGIN SOLUTION
q5_reason = "b"
### END SOLUTION

# %% exercise="q5_reason"
check("q5_reason", q5_reason)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# {written}
#
# ### BEGIN SOLUTION
# The gradient of a weight is $\delta h_i$, so with all $h_i > 0$ one sample pulls all weights of one neuron in the direction of $-\delta$. That holds per neuron and per sample; averaged over a batch it weakens, and over a
# layer of neurons it is gone. What remains is a badly conditioned loss, condition number about 13 against 1 in our two-weight example, so descent zig-zags and needs many more steps. ReLU outputs
# are not centred either, and ReLU networks train. {rests on deep.he_tolerates}
# ### END SOLUTION

# %% [markdown]
# ## Where you stand
#
# What the latest check of every exercise said. Missing something? Go back, fix it, run its check and then this cell again; nothing needs a restart.

# %%
summary()

# %% [markdown]
# Before you hand in: restart the kernel and run all cells once, so that what you see is what will be graded. Then save the notebook.
#
# **Next:** your own question. Every picture of this course takes a function of yours; put in the activation that nobody has drawn yet.
