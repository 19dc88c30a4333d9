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
# - Layers are equally wide, and so wide that each $z_l$ is normal with mean 0, and averages are exact.
# - *Size* means root mean square. That of the input stands in the next exercise.
# - The gradient that enters at $z_L$ is random and independent of the weights.
#
# Random numbers scatter too much for the tolerances. A sum over a grid for $N(0, 1)$ works; take 10 000 points from −8 to 8, since $f'$ jumps.

# %% [markdown] exercise="layer_sizes"
# ### Exercise: the size of every layer ({points})
#
# Return the sizes of $z_1, \dots, z_\text{depth}$, first layer first, shape $(\text{depth},)$, within a relative $10^{-2}$. {worked}
#
# `f` is *any* elementwise function, with or without a corner; it takes an array and returns one. `gain` lies between 0.5 and 2.5, and `depth` between 1 and 40. Sizes may be far from 1.


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
# Any gain that does is right, and is judged by trying it: stay away from the ends of what works, three digits are enough. Where no gain in the interval does, the answer is 0.

# %% exercise="safe_gain"
safe_gain = None  # a gain, or 0
### BEGIN SOLUTION
safe = []
for gain in np.arange(0.3, 4.5, 0.02):
    sizes = layer_sizes(unseen, gain, 6)
    if 0.5 < sizes[-1] / sizes[0] < 2 and 0.5 < gradient_ratio(gain, 6) < 2:
        safe.append(gain)
safe_gain = round(np.median(safe), 2) if safe else 0
### END SOLUTION

# %% exercise="safe_gain"
check("safe_gain", safe_gain)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# Why does one factor per layer, as in lesson 06, not foretell your network, and what decided whether a safe gain exists for it? Use your own numbers. Three or four sentences; a person reads
# them.
#
# ### BEGIN SOLUTION
# The factor of a layer depends on the size of its $z$, which changes from layer to layer: my $f$ has an offset and two unlike sides, so $E\,f(z)^2$ does not grow in step with $E\,z^2$.
# At gain 2.5 the signal starts at size 7 and grows to 18, while at 0.45 it sinks to 0.21, about 0.45 times $f(0)$. A safe gain has to keep $E\,f'^2$ near 1/gain² on the whole way, at the
# sizes that it brings about itself. Mine does from 2.1 to 2.28; with more layers that interval narrows, since factors multiply.
# ### END SOLUTION
