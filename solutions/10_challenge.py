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


# %% [markdown]
# ## How an answer is read
#
# - **Yours** are the functions and numbers in this notebook: another notebook asks for others.
# - A *function* is tried on arguments that you do not see. A *number* is read from its variable: several stand in one row, `(1.5, 2)`. Each exercise says how close is right; else it is $10^{-5}$ (relative) plus $10^{-6}$.
# - Use NumPy, `math` and the standard library; nothing else is there when you are graded.
# - A name counts as it stands after all cells have run. Points come in parts, all or nothing; an extra part counts only if the first is right.
# - The written answers carry no points by machine; a person reads them.

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

# %% [markdown] exercise="repair_a"
# ### Exercise: mend one ({points})
#
# {worked}


# %% exercise="repair_a"
def repair_a(*given):
    """The repair that is asked above."""
    ### BEGIN SOLUTION
    dead = (z <= 0).all(axis=0)
    return np.where(dead, b + 0.16 - z.min(axis=0), b)
    ### END SOLUTION


# %% exercise="repair_a"
check("repair_a", repair_a)

# %% [markdown] exercise="repair_b"
# ### Exercise: mend another ({points})
#
# {worked}


# %% exercise="repair_b"
def repair_b(*given):
    """The repair that is asked above."""
    ### BEGIN SOLUTION
    return 1.5 * W / np.abs(h @ W).mean()
    ### END SOLUTION


# %% exercise="repair_b"
check("repair_b", repair_b)

# %% [markdown] role="skip" tags=["written"]
# ### In your own words
#
# Take the network that was hardest to tell. Which two numbers of its log told you what it is, which other fault did you suspect first, and what would the log look like with that one? Three or four sentences; a person reads them.
#
# ### BEGIN SOLUTION
# Networks a and b look alike: one layer has a large $z$ and 85 % flat slopes. The other layers tell them apart. In b about half of their slopes are flat, so these are ReLUs, flat means 0, and layer 5 is dead. In a few are, as with tanh, so layer 5 is saturated. In a I first suspected a rate that is too high; then `ratio` would be far above a hundredth in every layer and the loss would jump, but it falls step by step.
# ### END SOLUTION
