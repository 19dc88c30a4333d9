# %% [markdown]
# # {title}
#
# *Five questions that the lessons do not answer, about things that nobody else was given: {total}.*
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
# The corner $z = c$ itself is never asked for; numbers 0.001 beside it are. A difference quotient in float32 loses its digits: convert to float64 first.


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
# A unit that lands on a flat end hardly learns. Here *flat* means: $|f'|$ is below {worked} of its own supremum. Give $(l, r)$, each within 0.02: the largest $l$ with a flat slope
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
# Twenty layers of your activation, equally wide: which gain do you give the weights, what happens to the signal and what to the gradient, and where would a unit get stuck? Use your own
# numbers. Three or four sentences; a person reads them.
#
# ### BEGIN SOLUTION
# The forward gain is 2.62 and the backward gain 2.34, so no single gain keeps both level. With 2.62 the signal stays, and the gradient's size grows by 2.62/2.34 = 1.12 a layer, about
# ninefold in twenty layers; I can live with that. There is no flat end on the right, where the slope tends to −0.8. On the left the slope is below 2 % of the steepest from $z ≈ −2.7$ on, so a
# unit whose bias has drifted there hardly learns, and the input no longer reaches the next layer.
# ### END SOLUTION

# %% [markdown]
# ## Question 4: softmax under fire
#
# Attention in use is more than a softmax. Its scores are **capped**, so that none runs away. A small **temperature** sharpens them. A **mask** hides what may not be seen. And a **sink**, one slot more with a score of its own, takes its part of every row and is not returned: a row may attend to nothing.
#
# Each of these is one line. Then come scores of ±∞, padding full of NaN, and sixteen bits.

# %% [markdown] exercise="fire_softmax"
# ### Exercise: capped, divided, masked ({points})
#
# `z` holds scores and `mask` bools, both $(n, k)$. Return the shares $p$, $(n, k)$, of any float type.
#
# {worked}.
#
# What may not be used gets 0, and so does a whole row in which nothing may be used.
#
# {part 1} for values in float64 and float32; {part 2} more for extremes: ±10⁴ and ±∞ anywhere, NaN where a score may not be used, rows far apart; {part 3} more for float16 scores, up to 2000 in a row. Right is within $10^{-3}$ (relative) plus $10^{-6}$ of what the formula gives for exactly these scores.


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
# {part 1} for values; {part 2} more for the extremes above, with ∞ and NaN in `upstream` where a score may not be used; {part 3} more for float16 in `z` and `upstream`. Right is within $10^{-3}$ of the largest entry of the row, plus $10^{-6}$; what is exactly 0, within $10^{-6}$.


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
# {part 1} for values in float64 and float32; {part 2} more for the extremes of `fire_softmax`.


# %% exercise="fire_log_total"
def fire_log_total(z, mask):
    """Logarithm of all exponentials' sum, the sink's included.  z: (n, k), mask: bool (n, k) -> (n,)."""
    ### BEGIN SOLUTION
    usable, x, x0 = exponents(z, mask)
    return total(x, x0)
    ### END SOLUTION


# %% exercise="fire_log_total"
check("fire_log_total", fire_log_total)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# Your scores are capped. Why can exponentials overflow all the same, where do sixteen bits lose the digits, and what does the sink change, on the way forward and on the way back? Three or four sentences; a person reads them.
#
# ### BEGIN SOLUTION
# The cap bounds the scores by 54, but divided by 0.065 that is an exponent of 831, and already $e^{710}$ is too large for float64: each row needs its own maximum, taken over what may be used and over the sink.
# Around 12 the numbers of float16 lie $1/128$ apart, so a capped score that is rounded to them is off by up to 0.004, and the division makes 0.06 of that, six per cent of a share: convert before the cap, not before the exponential.
# The sink keeps the total above 0, so a row in which nothing may be used gives zeros and no NaN. On the way back the rule $p_j(g_j - \sum_i p_i g_i)$ stays as it is, because the sink's own upstream gradient is 0;
# but now the shares sum to less than 1, so that adding to all exponents changes them.
# ### END SOLUTION

# %% [markdown]
# ## Question 5: which claim survives?
#
# > *We trained both. Ours is better.*
#
# Here is an experiment that was registered before it ran: what is claimed, how the learning rates are chosen, what is compared with what. The results are simulated, for you alone. Does the claim survive?
#
# Three arms, 24 seeds, four learning rates. `RESULTS[arm]` has one row for each seed and in it one number for each of the `RATES`. In the same row, the arms share their data and their start.

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
# A smaller study compares fewer seeds. Take {worked}, in every possible way: each group once, no seed twice in it. In which share of these groups does the mean difference have the sign that was claimed?
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
# `claim_seeds` is a whole number, and has to be exact.

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

# %% [markdown] exercise="claim_verdict"
# ### Exercise: the verdict ({points})
#
# Three rules could have been registered: each arm at its own best rate, both at the baseline's, both at the claimed arm's. Give each rule its interval, in the same way and from the same seeds.
#
# An interval *lies on a side of 0* if 0 is not in it. *Its interval* is that of your registered rule, and another rule *contradicts* it if the intervals of the two lie on different sides of 0.
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
# Suppose nothing had been registered: what could somebody have claimed from your table, and what does a registration prevent? Three or four sentences; a person reads them.
#
# ### BEGIN SOLUTION
# At the best rate for g, g is better, and the interval leaves out 0. At the best rate for f the same networks say the opposite, and with each arm at its own best rate nothing can be seen. So whoever chooses the
# rule after looking chooses the winner, and could choose among three arms and four rates as well. A registration leaves one comparison, decided before luck was known, and seeds that chose the rates are kept out of it. It does
# not make the rule a fair one: here I would say that the arms differ in the rates they need.
# ### END SOLUTION

# %% [markdown]
# ## Where you stand
#
# What the latest check of every exercise said, if it may say so. Nothing needs a restart: go back, mend, run the check and then this cell again.

# %%
summary("challenge")

# %% [markdown]
# Before you hand in: restart the kernel and run all cells once, so that what you see is what will be graded. Then save the notebook, and hand in that file alone.
