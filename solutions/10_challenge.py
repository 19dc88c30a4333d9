# %% [markdown]
# # {title}
#
# *{questions} that the lessons do not answer, about things that nobody else was given: {total}.*
#
# **You will be able to**
#
# - take an activation that nobody has seen, and say where it will go wrong before anybody trains it;
# - find what is ill in a network from its numbers, and mend it;
# - say which claim an experiment bears, and what it would take to settle it.
#
# **Before you start:** lessons 01 to 08. About four hours; questions 1 and 2 belong together, the others stand alone.

# %%
import math

import numpy as np

from actlab.check import check, summary

# %% [markdown]
# ## How an answer is read
#
# - **Yours** are the functions and numbers in this notebook: another notebook asks for others.
# - A *function* is tried on arguments that you do not see. A *number* is read from its variable: several stand in one row, `(1.5, 2)`. Each exercise says how close is right; else it is $10^{-5}$ (relative) plus $10^{-6}$.
# - Use NumPy, `math` and the standard library; nothing else is there when you are graded.
# - A name counts as it stands after all cells have run. Points come in parts, all or nothing; an extra part counts only if the first is right.
# - The written answers carry no points by machine; a person reads them.

# %% [markdown]
# ## Question 1: an activation nobody has seen
#
# > *A colleague sends you an activation with a formula. There is no paper about it, and no library has it. What do you know before anybody trains with it?*
#
# Its values and its slope first, then four facts that decide how a network behaves with it. Your own two functions can find the facts; think about what they cannot see, such as the limits at
# infinity and both sides of the corner.

# %% [markdown] exercise="unseen"
# ### Exercise: its values ({points})
#
# {worked}.
#
# Any shape in, the same out. {part 1} for values; {part 2} more if it stays finite and right up to $|z| = 10^4$, in float32 as well: the formula as it stands does not.
#
# From here on, $c$ is the place of the corner, where $x = 0$, and $b$ stands for the factor of $x$ in an exponent.


# %% exercise="unseen"
def unseen(z):
    """The activation above, elementwise.  Shape: any -> same."""
    ### BEGIN SOLUTION
    x = np.asarray(z, dtype=float) - 0.45
    left = -1.43 * x * np.exp(1.7 * np.minimum(x, 0))
    right = -0.8 * (np.logaddexp(0, 0.6 * x) - np.log(2)) / 0.6
    return 0.2 + np.where(x < 0, left, right)
    ### END SOLUTION


# %% exercise="unseen"
check("unseen", unseen)

# %% [markdown] exercise="unseen_slope"
# ### Exercise: its slope ({points})
#
# $f'(z)$, any shape in, the same out. Worked number: {worked}. {part 1} for values; {part 2} more if it stays finite and right up to $|z| = 10^4$, in float32 as well.
#
# The corner $c$ itself is never asked for; numbers 0.001 beside it are. A difference quotient in float32 loses its digits: convert to float64 first.


# %% exercise="unseen_slope"
def unseen_slope(z):
    """Slope of `unseen` at pre-activation z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    x = np.asarray(z, dtype=float) - 0.45
    left = -1.43 * (1 + 1.7 * x) * np.exp(1.7 * np.minimum(x, 0))
    right = -0.8 / (1 + np.exp(-0.6 * np.maximum(x, 0)))
    return np.where(x < 0, left, right)
    ### END SOLUTION


# %% exercise="unseen_slope"
check("unseen_slope", unseen_slope)

# %% [markdown] exercise="unseen_range"
# ### Exercise: its range ({points})
#
# The infimum and the supremum of $f$ over all real $z$, in this order, each within $10^{-3}$. A value that is only approached counts. Where there is no such number, write `-math.inf` or
# `math.inf`.

# %% exercise="unseen_range"
unseen_range = None  # (lowest value, highest value)
### BEGIN SOLUTION
z = np.linspace(-40, 40, 400_001)
unseen_range = (-math.inf, unseen(z).max())
### END SOLUTION

# %% exercise="unseen_range"
check("unseen_range", unseen_range)

# %% [markdown] exercise="unseen_steepest"
# ### Exercise: its steepest slopes ({points})
#
# The infimum and the supremum of $f'$ over all $z \ne c$, in this order, with their signs, each within $10^{-3}$. A slope that is only approached counts, far out as well as at the corner.

# %% exercise="unseen_steepest"
unseen_steepest = None  # (lowest slope, highest slope)
### BEGIN SOLUTION
unseen_steepest = (-1.43, unseen_slope(z).max())
### END SOLUTION

# %% exercise="unseen_steepest"
check("unseen_steepest", unseen_steepest)

# %% [markdown] exercise="unseen_flat"
# ### Exercise: its flat ends ({points})
#
# A unit that lands on a flat end hardly learns. Here *flat* means: $|f'|$ is below {worked} of the supremum of $|f'|$. Give $(l, r)$, each within 0.02: the largest $l$ with a flat slope
# everywhere left of it, and the smallest $r$ with a flat slope everywhere right of it. Both lie on the axis of $z$. Where such an end does not exist, write `-math.inf` or `math.inf`.

# %% exercise="unseen_flat"
unseen_flat = None  # (l, r)
### BEGIN SOLUTION
steep = z[np.abs(unseen_slope(z)) >= 0.02 * 1.43]
unseen_flat = (steep.min(), math.inf)
### END SOLUTION

# %% exercise="unseen_flat"
check("unseen_flat", unseen_flat)

# %% [markdown] exercise="unseen_gains"
# ### Exercise: its gains ({points})
#
# With $z \sim N(0, 1)$, the forward gain is $1/\sqrt{E\,f(z)^2}$ and the backward gain $1/\sqrt{E\,f'(z)^2}$ (lesson 06). Both, in this order, each within a relative $10^{-3}$. {part 1} for
# the forward gain; {part 2} more for the backward gain.
#
# A million random $z$ are too few. And $f'$ jumps at $c$: a quadrature for smooth functions loses its digits there, a sum over a fine grid does not.

# %% exercise="unseen_gains"
unseen_gains = None  # (forward gain, backward gain)
### BEGIN SOLUTION
weights = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
unseen_gains = tuple(1 / np.sqrt(weights @ g(z) ** 2) for g in (unseen, unseen_slope))
### END SOLUTION

# %% exercise="unseen_gains"
check("unseen_gains", unseen_gains)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# {written}
#
# ### BEGIN SOLUTION
# The gains are 2.62 forward and 2.34 backward, so no single one keeps both level. With 2.62 the signal stays, and the gradient grows by 1.12 a layer, about ninefold in twenty.
# On the right the slope tends to −0.8, so no end is flat. On the left it is below 2 % of the steepest from $z ≈ −2.7$ on: a unit whose bias has drifted there hardly learns.
# ### END SOLUTION

# %% [markdown]
# ## Question 2: where will the gradient be?
#
# > *Nobody has trained your network yet. How large are its signal and its gradient, many layers in?*
#
# Stack the activation of question 1. One calculation before training says whether anything arrives at all. Lesson 06 made it for a single layer whose $z$ has size 1; here nobody keeps it there.

# %% [markdown]
# The setting, for all of question 2:
#
# - $z_l = h_{l-1}W_l$ and $h_l = f(z_l)$ for $l = 1 \dots L$. No biases; $f$ is not applied to the input $h_0$.
# - Weights are independent draws from $N(0, \text{gain}^2/\text{fan-in})$, in every layer.
# - Layers are equally wide, and wider than any number: what is asked for is the limit.
# - *Size* means root mean square. That of the input stands in the next exercise.
# - The gradient that enters at $z_L$ is random and independent of the weights.
#
# Trained on nothing and drawn by chance, real networks scatter too much for the tolerances. And $f'$ jumps: what is summed over a grid takes 10 000 points or more.

# %% [markdown] exercise="layer_sizes"
# ### Exercise: the size of every layer ({points})
#
# Return the sizes of $z_1, \dots, z_\text{depth}$, first layer first, shape $(\text{depth},)$, within a relative $10^{-2}$. {worked}
#
# `f` is *any* elementwise function, with or without a corner; it takes an array of at most 50 000 numbers and returns one. `gain` lies between 0.5 and 2.5, and `depth` between 1 and 15. Sizes may be far from 1.


# %% exercise="layer_sizes"
def layer_sizes(f, gain, depth):
    """Root mean square of every pre-activation.  f: elementwise, gain: float, depth: int -> (depth,)."""
    ### BEGIN SOLUTION
    u = np.linspace(-8, 8, 10_001)
    weights = np.exp(-(u**2) / 2) / np.exp(-(u**2) / 2).sum()
    sizes = [gain * 2.8]
    for _ in range(depth - 1):
        sizes.append(gain * np.sqrt(weights @ f(sizes[-1] * u) ** 2))
    return np.array(sizes)
    ### END SOLUTION


# %% exercise="layer_sizes"
check("layer_sizes", layer_sizes)

# %% [markdown] exercise="deep_sizes"
# ### Exercise: how large is the signal? ({points})
#
# Now $f$ is your activation of question 1. {worked}
#
# Give the size of $z_L$ for each of them, within 5 %: three numbers in one row.

# %% exercise="deep_sizes"
deep_sizes = None  # (size under the first gain, under the second, under the third)
### BEGIN SOLUTION
deep_sizes = tuple(layer_sizes(unseen, gain, 6)[-1] for gain in (2.5, 0.9, 0.45))
### END SOLUTION

# %% exercise="deep_sizes"
check("deep_sizes", deep_sizes)

# %% [markdown] exercise="deep_gradients"
# ### Exercise: how large is the gradient? ({points})
#
# The same networks: {worked} Give the size of $\partial\,\text{loss}/\partial z_1$ divided by that of $\partial\,\text{loss}/\partial z_L$, within 5 %: three numbers in one row, in the order of the gains.

# %% exercise="deep_gradients"
deep_gradients = None  # (ratio under the first gain, under the second, under the third)


### BEGIN SOLUTION
def gradient_ratio(gain, depth):
    u = np.linspace(-8, 8, 10_001)
    weights = np.exp(-(u**2) / 2) / np.exp(-(u**2) / 2).sum()
    sizes = layer_sizes(unseen, gain, depth)[:-1]
    return np.prod([gain * np.sqrt(weights @ unseen_slope(size * u) ** 2) for size in sizes])


deep_gradients = tuple(gradient_ratio(gain, 6) for gain in (2.5, 0.9, 0.45))
### END SOLUTION

# %% exercise="deep_gradients"
check("deep_gradients", deep_gradients)

# %% [markdown] exercise="safe_gain"
# ### Exercise: a gain that keeps both ({points})
#
# Look for a gain {worked}. It has to keep two ratios between ½ and 2: the size of $z_L$ over that of $z_1$, and the ratio of gradients of the last exercise.
#
# Any gain that does is right: it is tried, so stay away from the ends of what works. Where no gain in the interval does, give *minus* the one that comes nearest, within 2 %: that of the two ratios which is further from 1 is as close to it as can be, where 3 and ⅓ are equally far.

# %% exercise="safe_gain"
safe_gain = None  # a gain, or minus the nearest


### BEGIN SOLUTION
def worse(gain):
    """How far the worse of the two ratios is from 1, in doublings."""
    sizes = layer_sizes(unseen, gain, 6)
    return max(abs(np.log2(sizes[-1] / sizes[0])), abs(np.log2(gradient_ratio(gain, 6))))


best = min(np.arange(0.3, 4.5, 0.01), key=worse)
safe_gain = best if worse(best) < 1 else -best
### END SOLUTION

# %% exercise="safe_gain"
check("safe_gain", safe_gain)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# {written}
#
# ### BEGIN SOLUTION
# A layer's factor depends on the size of its $z$, which changes on the way: my $f$ has an offset and two unlike sides. At gain 2.5 the signal grows from 7 to 18, at 0.45 it sinks to 0.21.
# A safe gain keeps $E\,f'^2$ near 1/gain² all the way, at the sizes that it brings about itself. Mine does from 2.1 to 2.28; more layers narrow that, since factors multiply.
# ### END SOLUTION

# %% [markdown]
# ## Question 3: four networks that fail
#
# > *It runs. It says nothing. It does not learn as it should.*
#
# No error tells you what is wrong in a network; its numbers do. Here are four small networks, "a" to "d", and each has **one** fault, no two the same. Find out which, and where, from what was written down while they trained. Then mend two of them.

# %% [markdown]
# Each has six hidden layers of 20 units, all with ReLU or all with tanh, with a norm before every activation or with none; then scores, and softmax or sigmoids behind them. Adam trained it on one batch of 40 samples.
#
# - `loss`: the mean over the samples, before steps 1, 3, 5, … Behind sigmoids, a sample's loss is a sum over the outputs.
#
# Before the first step, for two samples:
#
# - `labels`: the right class, from 0;
# - `outputs`, behind softmax or sigmoids;
# - `pull`: the gradient of *that sample's* loss with respect to its scores.

# %% [markdown]
# At the first step, one number for each hidden layer, from the input on:
#
# - `z`: size of what the activation gets, behind the norm if there is one;
# - `flat`: the share of activations whose slope is below a tenth of the largest;
# - `unit`: each unit's mean of $z$ over the samples, and the size of these means;
# - `sample`: each sample's mean of $z$ over the units, and their size;
# - `gradient`: size of the weights' gradient;
# - `ratio`: size of the step over that of the weights.
#
# Sizes are root mean squares. Healthy: `z` from 0.25 to 3, `flat` from ¼ to ¾ for ReLU and below ¼ for tanh, `ratio` from 0.001 to 0.03, a loss that falls.

# %% tags=["given"]
LOGS = ...

# %% [markdown] exercise="network_a"
# ### Exercise: network a ({points})
#
# {worked}
#
# `network_a` is two whole numbers: the layer, counted from 1, or 0 where no single layer is at fault; then the fault. {part 1} for the fault; {part 2} more for the layer.


# %% exercise="network_a"
network_a = None  # (the layer, the fault)
### BEGIN SOLUTION
network_a = (5, 7)
### END SOLUTION

# %% exercise="network_a"
check("network_a", network_a)

# %% [markdown] exercise="network_b"
# ### Exercise: network b ({points})
#
# The same for network b, with the same table. {part 1} for the fault; {part 2} more for the layer.


# %% exercise="network_b"
network_b = None  # (the layer, the fault)
### BEGIN SOLUTION
network_b = (5, 4)
### END SOLUTION

# %% exercise="network_b"
check("network_b", network_b)

# %% [markdown] exercise="network_c"
# ### Exercise: network c ({points})
#
# The same for network c, with the same table. {part 1} for the fault; {part 2} more for the layer.


# %% exercise="network_c"
network_c = None  # (the layer, the fault)
### BEGIN SOLUTION
network_c = (0, 5)
### END SOLUTION

# %% exercise="network_c"
check("network_c", network_c)

# %% [markdown] exercise="network_d"
# ### Exercise: network d ({points})
#
# The same for network d, with the same table. {part 1} for the fault; {part 2} more for the layer.


# %% exercise="network_d"
network_d = None  # (the layer, the fault)
### BEGIN SOLUTION
network_d = (0, 2)
### END SOLUTION

# %% exercise="network_d"
check("network_d", network_d)

# %% [markdown] exercise="first_repair"
# ### Exercise: mend one ({points})
#
# {worked}


# %% exercise="first_repair"
def first_repair(*given):
    """The repair that is asked above."""
    ### BEGIN SOLUTION
    dead = (z <= 0).all(axis=0)
    return np.where(dead, b + 0.16 - z.min(axis=0), b)
    ### END SOLUTION


# %% exercise="first_repair"
check("first_repair", first_repair)

# %% [markdown] exercise="second_repair"
# ### Exercise: mend another ({points})
#
# {worked}


# %% exercise="second_repair"
def second_repair(*given):
    """The repair that is asked above."""
    ### BEGIN SOLUTION
    return 1.5 * W / np.abs(h @ W).mean()
    ### END SOLUTION


# %% exercise="second_repair"
check("second_repair", second_repair)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# {written}
#
# ### BEGIN SOLUTION
# In a and b one layer has 85 % flat slopes; the other layers tell them apart. In b half of theirs are flat: these are ReLUs, and layer 5 is dead. In a few are, as with tanh: layer 5 is saturated. There I first suspected the rate; then `ratio` would be large in every layer and the loss would jump, but it falls.
# ### END SOLUTION

# %% [markdown]
# ## Question 4: softmax under fire
#
# Attention in use is more than a softmax. Its scores are **capped**, so that none runs away. A small **temperature** sharpens them. A **mask** hides what may not be seen. And a **sink**, one slot more with a score of its own, takes its part of every row and is not returned: a row may attend to nothing.
#
# Each of these is one line. Then come scores of ±∞, padding full of NaN, and sixteen bits.

# %% [markdown]
# What may not be used gets 0, and so does a whole row in which nothing may be used. In all three exercises
#
# - **values** are ordinary scores in float64;
# - **extremes** are ±10⁴ and ±∞ anywhere in `z`, ∞ and NaN in `z` and `upstream` where a score may not be used, rows far apart;
# - **low precision** is float32, and float16 with up to 2000 scores in a row.

# %% [markdown] exercise="fire_softmax"
# ### Exercise: capped, divided, masked ({points})
#
# `z` holds scores and `mask` bools, both $(n, k)$. Return the shares $p$, $(n, k)$, of any float type.
#
# {worked}.
#
# {part 1} for values; {part 2} more for extremes; {part 3} more for low precision. Within $10^{-3}$ (relative) plus $10^{-6}$ of what the formula gives for exactly these scores.


# %% exercise="fire_softmax"
def fire_softmax(z, mask):
    """Shares beside a sink.  z: (n, k), mask: bool (n, k) -> (n, k), a row sums to less than 1."""
    ### BEGIN SOLUTION
    usable, x, x0 = exponents(z, mask)
    return np.where(usable, np.exp(x - total(x, x0)[:, None]), 0)


def exponents(z, mask):
    """Which scores may be used, their exponents in float64, −∞ for the others, and the sink's exponent."""
    C, T, S = 54, 0.065, -11.9
    usable = mask
    x = C * np.tanh(np.where(usable, z, 0).astype(float) / C) / T
    return usable, np.where(usable, x, -np.inf), C * np.tanh(S / C) / T


def total(x, x0):
    """The logarithm of the sum of all exponentials, row by row."""
    top = np.maximum(x.max(axis=1), x0)
    return top + np.log(np.exp(x - top[:, None]).sum(axis=1) + np.exp(x0 - top))
    ### END SOLUTION


# %% exercise="fire_softmax"
check("fire_softmax", fire_softmax)

# %% [markdown] exercise="fire_vjp"
# ### Exercise: the way back ({points})
#
# A loss depends on your $p$, and `upstream`, $(n, k)$, is its gradient with respect to $p$. Return its gradient with respect to `z`, $(n, k)$, through mask and sink, temperature and cap.
#
# {worked}.
#
# What stands where a score may not be used never matters, in `z` or in `upstream`: the result is 0 there.
#
# {part 1} for values; {part 2} more for extremes; {part 3} more for low precision. Within $10^{-3}$ of the largest entry of the row, plus $10^{-6}$; what is exactly 0, within $10^{-6}$.


# %% exercise="fire_vjp"
def fire_vjp(z, mask, upstream):
    """Gradient of sum(upstream * p) with respect to z.  All (n, k), mask bool -> (n, k)."""
    ### BEGIN SOLUTION
    C, T = 54, 0.065
    usable = mask
    p = fire_softmax(z, mask)
    g = np.where(usable, upstream, 0).astype(float)
    slope = (1 - np.tanh(np.where(usable, z, 0).astype(float) / C) ** 2) / T
    return p * (g - (p * g).sum(axis=1, keepdims=True)) * slope
    ### END SOLUTION


# %% exercise="fire_vjp"
check("fire_vjp", fire_vjp)

# %% [markdown] exercise="fire_log_total"
# ### Exercise: what is divided by ({points})
#
# Return the logarithm of $e^{x_0} + \sum_{i\ \text{usable}} e^{x_i}$ for each row, $(n,)$, within 0.001. A row in which nothing may be used has a total too.
#
# {worked}.
#
# {part 1} for values; {part 2} more for the extremes of `fire_softmax`.


# %% exercise="fire_log_total"
def fire_log_total(z, mask):
    """Logarithm of all exponentials' sum, the sink's included.  z: (n, k), mask: bool (n, k) -> (n,)."""
    ### BEGIN SOLUTION
    _, x, x0 = exponents(z, mask)
    return total(x, x0)
    ### END SOLUTION


# %% exercise="fire_log_total"
check("fire_log_total", fire_log_total)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# {written}
#
# ### BEGIN SOLUTION
# 54 divided by 0.065 is an exponent of 831, and $e^{710}$ is too large: each row needs its maximum, with the sink.
# Around 12 float16's numbers lie $1/128$ apart; a score rounded to them may be off by 0.004, and the division makes 0.06 of it: convert before the cap.
# The sink makes an empty row zeros. Backward $p_j(g_j - \sum_i p_i g_i)$ stays: the sink's upstream is 0.
# ### END SOLUTION

# %% [markdown]
# ## Question 5: which claim survives?
#
# > *We trained both. Ours is better.*
#
# Here is an experiment that was registered before it ran: what is claimed, how the learning rates are chosen, what is compared with what. The results are simulated, for you alone. Does the claim survive?
#
# Three arms, of which two are compared, 24 seeds, four learning rates. `RESULTS[arm]` has one row for each seed and in it one number for each of the `RATES`. In the same row, the arms share their data and their start.

# %% tags=["given"]
RATES = ...
RESULTS = ...

# %% [markdown] exercise="claim_difference"
# ### Exercise: the difference ({points})
#
# Registered, before the first run:
#
# {worked}
#
# `claim_difference` is the mean difference, within $10^{-4}$.

# %% exercise="claim_difference"
claim_difference = None  # one number
### BEGIN SOLUTION
arms = {arm: np.array(rows) for arm, rows in RESULTS.items()}


def differences(chooser_g, chooser_f):
    """g minus f on the seeds that are compared, each at the best rate of its chooser.  Shape: (19,)."""
    at_g, at_f = (arms[chooser][:5].mean(axis=0).argmin() for chooser in (chooser_g, chooser_f))
    return arms["g"][5:, at_g] - arms["f"][5:, at_f]


registered = differences("g", "g")
claim_difference = registered.mean()
### END SOLUTION

# %% exercise="claim_difference"
check("claim_difference", claim_difference)

# %% [markdown] exercise="claim_interval"
# ### Exercise: its interval ({points})
#
# The interval reaches from $t$ standard errors below the mean difference to $t$ standard errors above it. {worked} A standard deviation takes `ddof=1`.
#
# `claim_interval` holds its ends, the lower one first, each within $10^{-4}$.

# %% exercise="claim_interval"
claim_interval = None  # (lower end, upper end)


### BEGIN SOLUTION
def interval(d, t=2.878):
    """The mean of d, and t standard errors to either side.  d: (n,) -> two floats."""
    half = t * d.std(ddof=1) / math.sqrt(len(d))
    return d.mean() - half, d.mean() + half


claim_interval = interval(registered)
### END SOLUTION

# %% exercise="claim_interval"
check("claim_interval", claim_interval)

# %% [markdown] exercise="claim_replication"
# ### Exercise: would a smaller study have said so? ({points})
#
# A smaller study compares fewer seeds. Take {worked}, in every possible way: each group counts once, and holds different ones. In which share of these groups does the mean difference have the sign that was claimed?
#
# `claim_replication` is a number from 0 to 1, within 0.002. A mean of exactly 0 may count or not.

# %% exercise="claim_replication"
claim_replication = None  # one number
### BEGIN SOLUTION
from itertools import combinations

claim_replication = np.mean([sum(group) < 0 for group in combinations(registered, 4)])
### END SOLUTION

# %% exercise="claim_replication"
check("claim_replication", claim_replication)

# %% [markdown] exercise="claim_seeds"
# ### Exercise: how many seeds? ({points})
#
# Somebody wants to repeat the comparison. By the formula of 7.7, how many pairs show a mean as large as yours, at a two-sided level of 5 %, with a power of {worked}? Take $m$ and $s$ from your differences.
#
# `claim_seeds` is a whole number, rounded up, and has to be exact.

# %% exercise="claim_seeds"
claim_seeds = None  # one whole number
### BEGIN SOLUTION
from statistics import NormalDist

quantile = NormalDist().inv_cdf
ratio = registered.std(ddof=1) / registered.mean()
claim_seeds = math.ceil(((quantile(0.975) + quantile(0.8)) * ratio) ** 2)
### END SOLUTION

# %% exercise="claim_seeds"
check("claim_seeds", claim_seeds)

# %% [markdown]
# ### The rules that could have been registered
#
# One was registered; three could have been: each arm at its own best rate, both at the baseline's, both at the claimed arm's. Give each rule its interval, in the same way and from the same seeds.
#
# An interval *lies on a side of 0* if 0 is not in it. *Its interval* is that of your registered rule, and another rule *contradicts* it if the intervals of the two lie on different sides of 0.

# %% [markdown] exercise="claim_verdict"
# ### Exercise: the verdict ({points})
#
# Which one follows from the three intervals?
#
# {options}

# %% exercise="claim_verdict"
claim_verdict = ""  # one letter, for example "a"
### BEGIN SOLUTION
for choosers in (("g", "f"), ("f", "f"), ("g", "g")):
    low, high = interval(differences(*choosers))
    print("at the best rates of", *choosers, f"({low:.3f}, {high:.3f})")
claim_verdict = "d"
### END SOLUTION

# %% exercise="claim_verdict"
check("claim_verdict", claim_verdict)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# {written}
#
# ### BEGIN SOLUTION
# At the best rate for g, g is better, and the interval leaves out 0. At the best rate for f the same networks say the opposite, and with each arm at its own best rate nothing can be seen. So whoever
# chooses the rule after looking chooses the winner. A registration leaves one comparison, decided before luck was known. It does not make the rule a fair one: here the arms differ in the rates they need.
# ### END SOLUTION

# %% [markdown]
# ## Where you stand
#
# What the latest check of every exercise said, if it may say so. Nothing needs a restart: go back, mend, run the check and then this cell again.

# %%
summary("challenge")

# %% [markdown]
# Before you hand in: restart the kernel and run all cells once, so that what you see is what will be graded. Then save the notebook, and hand in that file alone.
