# %% [markdown]
# # Start here
#
# *You will see that everything works, move one activation function and build another.*
#
# **You will be able to**
#
# - run a cell, move a slider, and read what it tells you;
# - write a function and have it checked;
# - say what an activation function does, and which number decides how fast its neuron learns.
#
# **Before you start:** a little Python and NumPy. {minutes}. Click the cell below and press **Shift + Enter** until three ✓ appear.

# %%
from actlab import environment
from actlab.check import check
from actlab.explorers import explore
from actlab.progress import table

print(environment.report())

# %% [markdown]
# Three ✓? (If not, follow the line it prints.) Run the next cell, take the slider with the mouse or the arrow keys, and pull it a little to either side. Two dots move, and
# so does the sentence below.

# %% role="fragment"
explore("tanh", saturation=False)

# %% [markdown]
# ## What you just saw
#
# A neuron adds up its inputs, each times a weight: that sum is $z$. An **activation function** $f$ turns it into the neuron's output, $a = f(z)$: the solid
# curve. The dashed curve is its slope $f'(z)$: how much the output moves when $z$ moves a little.
#
# Every picture of the course works this way: solid is $f$, dashed is $f'$, and the sentence underneath is computed from what you see.
#
# Before a surprise you will be asked what you expect. Choose, then open your choice: it answers. So do the others. Nothing is counted.

# %% [markdown] tags=["predict"]
# A neuron has made a mistake and should change its weights. Where on this curve would its $z$ have to be, so that it learns most from it?
#
# - [ ] far to the right, where its output is largest
#   A large output is a clear answer, and that sounds useful. But learning asks how much the output *moves* when a weight moves. How much does it move out there?
# - [x] near 0
#   Yes: there the dashed curve is highest. Now see why the slope counts.
# - [ ] anywhere: a mistake is a mistake
#   The mistake comes from outside and can be the same everywhere. How far a change of a weight reaches the output is decided here, and that differs along the curve.

# %% [markdown]
# Go back to the slider, pull it to the far right, and read the slope. Why does it count?
#
# The **loss** is one number that says how wrong the answers of a network are. **Gradient descent** lowers it in many small steps: for each weight $w$ it asks how fast the loss
# changes when $w$ alone moves a little, which is written $\partial\,\text{loss}/\partial w$ (the **gradient**), and moves $w$ a little against it.

# %% [markdown]
# For one of our neuron's weights, $w$, and the input $x$ that it multiplies, this is a product of three factors:
#
# $$\frac{\partial\,\text{loss}}{\partial w} = \frac{\partial\,\text{loss}}{\partial a}\cdot f'(z)\cdot x$$
#
# The first says how much the output matters, the last how much $w$ moves $z$. Between them stands the slope. At $z = 1$, where your slider began, it is 0.42; at $z = 6$ it is 0.000025,
# and the weight hardly changes, however large the mistake. So an activation function does two things: it turns the sum into the output, and its slope decides how fast the weights can learn.

# %% [markdown] role="notes"
# **For the lecturer.** Ask before moving the slider: "where would you like a neuron to sit if you want it to learn?" Expect "where the output is
# largest". That is the far right, and it is the worst place: let the room see the slope.

# %% [markdown]
# ## Your first function
#
# The plainest activation is a threshold: the neuron fires, and its output is 1, or it does not, and its output is 0. There is nothing in between: the curve is a single step.

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
# Here is a step that somebody wrote in a hurry: `np.sign(z)`, which is −1, 0 or 1, by the sign of $z$. A check does not read code. It runs a function on many inputs, and compares what comes out with what is right.

# %% [markdown] tags=["predict"]
# For which inputs does `np.sign` differ from your step?
#
# - [ ] positive z
#   There both are 1.
# - [ ] z = 0
#   A good place to look, since the two were defined by different people. Here they agree: your step is 0 at 0, and so is the sign.
# - [x] negative z
#   Now see how the check says so.
# - [ ] none: it is another name for the same thing
#   It looks like it on the right-hand side. Try −0.5 in both.


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
# Your step bends more sharply than any curve. Can it learn? Look for its slope. (The code of the next picture is folded away to “…”: run the cell as usual, or click to open it.)

# %% [markdown] tags=["predict"]
# What is the slope of a function that is flat on both sides of a jump?
#
# - [x] 0 wherever it exists
#   Now look at the dashed line.
# - [ ] infinite
#   At the jump the curve stands upright. That is one single point, and there the slope does not exist. What is it at all other points?
# - [ ] 1, since the output rises by 1
#   1 is the height of the jump. A slope is the rise over a *small* move of z: from 2 to 2.1 the step rises by nothing.

# %% role="fragment" tags=["fold"]
explore(step, lambda z: np.zeros_like(z), saturation=False)

# %% [markdown] tags=["outcome"]
# Zero, everywhere it exists (at the jump there is none). In the product above it is the middle factor, and anything times zero is zero: gradient descent cannot train a network of steps.
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
