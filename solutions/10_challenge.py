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
