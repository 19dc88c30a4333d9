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
