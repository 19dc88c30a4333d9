# %% [markdown]
# # Start here
#
# *In ten minutes you will know that everything works, and you will have moved one activation function and built another.*
#
# **You will be able to**
#
# - run a cell, move a slider, and read what it tells you;
# - write a function and have it checked;
# - say what an activation function is for, in one sentence.
#
# **Before you start:** a little Python and NumPy. 10 minutes. Click the cell below and press **Shift + Enter**.

# %%
from actlab import environment
from actlab.check import check
from actlab.explorers import explore
from actlab.progress import table

print(environment.report())

# %% [markdown]
# Three ✓? (If not, follow the line it prints.) Run the next cell, take the slider with the mouse or the arrow keys, and pull it to the far right. Watch
# the dot on the dashed curve, and the sentence.

# %% role="fragment"
explore("tanh", saturation=False)

# %% [markdown]
# ## What you just saw
#
# A neuron adds up its inputs: that sum is $z$. An **activation function** $f$ turns it into the neuron's output, $a = f(z)$: the solid
# curve. The dashed curve is its slope $f'(z)$, and the slope is what learning lives on: it says how much the output moves when $z$
# moves. Out on the right the curve is flat. The output barely changes there, so the neuron barely learns.
#
# Every picture of the course works this way: solid is $f$, dashed is $f'$, and the sentence underneath is computed from what you see.

# %% [markdown] role="notes"
# **For the lecturer.** Ask before moving the slider: "where would you like a neuron to sit if you want it to learn?" Expect "where the output is
# largest". That is the far right, and it is the worst place: let the room see the slope.

# %% [markdown]
# ## Your first function
#
# The plainest activation is a threshold: fire, or do not.

# %% [markdown] exercise="q0_step"
# ### Exercise: the step
#
# $$\text{step}(z) = \begin{cases} 1 & z > 0 \\ 0 & \text{otherwise} \end{cases}$$
#
# `z` is an array of any shape, and the result has the same shape. Worked numbers: step(2) = 1, step(−0.5) = 0, and step(0) = 0.
#
# Replace the last two lines below, run the cell, then run the check. You may try as often as you like; nothing needs a restart.

# %% exercise="q0_step"
import numpy as np


def step(z):
    """Threshold: 1 where z > 0, else 0.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, 0.0)
    ### END SOLUTION


# %% exercise="q0_step"
check("q0_step", step)

# %% [markdown]
# ## What a wrong answer looks like
#
# Here is a step that somebody got wrong on purpose. Read the function, guess what the check will say, then run it.


# %%
def hasty_step(z):
    return np.sign(z)


check("q0_step", hasty_step)

# %% [markdown]
# Three things to look for in every answer: **the input** that went wrong, what you **got** beside what was **expected**, and the
# **likely cause**. It is a hint and never the solution.

# %% [markdown]
# ## Why the course does not end here
#
# Your step has one flaw. Below is its slope. Before you run it: what is the slope of a function that is flat on both sides?

# %% role="fragment"
explore(step, lambda z: np.zeros_like(z), saturation=False)

# %% [markdown]
# Zero, everywhere it exists (at the jump there is none). Learning multiplies by that slope, and anything times zero is zero: a network of steps cannot be trained by gradient descent.
# Every other function of this course is somebody's answer to that problem, with a price of its own.

# %% [markdown]
# ## The map
#
# | lesson | the question it answers | minutes |
# |---|---|---|
# {map}
#
# Your progress so far; take the lessons one at a time. It is kept on this computer only; run the cell again whenever you like.

# %%
table()

# %% [markdown]
# **Next:** [01 Why non-linearity](01_why_nonlinearity.ipynb). If activations are such trouble, can we leave them out?
