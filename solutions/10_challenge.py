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
# ## Question 4: softmax under fire
#
# Attention in use is more than a softmax. Its scores are **capped**, so that none runs away. A small **temperature** sharpens them. A **mask** hides what may not be seen. And a **sink**, one slot more with a score of its own, takes its part of every row and is not returned: a row may attend to nothing.
#
# Each of these is one line. Then come scores of ±∞, padding full of NaN, and sixteen bits.

# %% [markdown]
# For all three functions:
#
# - **Extremes** are ±10⁴ and ±∞ anywhere, NaN where a score may not be used, and rows far apart.
# - **Low precision** is float32, and float16 with up to 2000 scores in a row.
# - What stands where a score may not be used never matters.
# - Right is what is close to the formula's value for exactly the scores that come. A result may have any float type.

# %% [markdown] exercise="fire_softmax"
# ### Exercise: capped, divided, masked ({points})
#
# `z` holds scores and `mask` bools, both $(n, k)$. Return the shares $p$, $(n, k)$.
#
# {worked}.
#
# What may not be used gets 0, and so does a whole row in which nothing may be used.
#
# {part 1} for values; {part 2} more for extremes; {part 3} more for low precision. Right is within $10^{-3}$ (relative) plus $10^{-6}$.


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
# Where a score may not be used the result is 0, also where `upstream` is ∞ or NaN there.
#
# {part 1} for values; {part 2} more for extremes; {part 3} more for low precision, in `upstream` too. Right is within $10^{-3}$ of the largest entry of the row, plus $10^{-6}$; what is exactly 0, within $10^{-6}$.


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
# {part 1} for values; {part 2} more for extremes.


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
