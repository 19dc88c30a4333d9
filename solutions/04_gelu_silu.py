# %% [markdown]
# # {title}
#
# *Multiply z by a gate that opens slowly. You will build the two gates of today's language models, find where their usual formulas break, and audit what is said about them.*
#
# **You will be able to**
#
# - implement GELU, SiLU and their slopes so that neither tail breaks them;
# - say how good GELU's shortcuts are, and where they are worst;
# - explain which coin is behind GELU, and what GELU keeps of it;
# - write a SwiGLU and count its parameters;
# - name the published models that use which function, with sources.
#
# **Before you start:** [03 The ReLU family](03_relu_family.ipynb), the normal distribution. {minutes}.

# %%
import numpy as np
from scipy.special import erf, erfc

from actlab import activations, inside, pictures
from actlab.activations import REGISTRY
from actlab.check import check
from actlab.explorers import (
    compare,
    evidence_source,
    explore,
    explore_gates,
    explore_sigmoid_form,
    explore_stochastic_gate,
    show_evidence,
)
from actlab.models import who_uses_what

# %% [markdown]
# ## 4.1 A gate that opens slowly
#
# Write ReLU as a product, $\text{ReLU}(z) = z\cdot\mathbb 1[z>0]$. It is a **gate**: everything right of 0 passes, everything left of 0 is stopped, and the decision falls at one point.
# There the slope jumps, and left of it no signal comes back.
#
# So keep the product and soften the gate. Any S-curve from 0 to 1 will do, and you know one already: the sigmoid. Another is $\Phi(z)$, the share of a normal distribution that lies below $z$.

# %% [markdown] tags=["predict"]
# ReLU never goes below 0. Does $z\cdot\sigma(z)$?
#
# - [ ] no, it is ReLU with a rounded corner
#   Rounded it is. But what sign has −1 times 0.3?
# - [x] yes, and further left it comes back up
#   The gate closes faster than $z$ falls, so there is a lowest point. Now see on which side of −1 it lies.
# - [ ] yes, further and further down
#   It begins like that. But the gate closes while $z$ falls, and closes faster.

# %% role="fragment"
explore_gates()

# %% [markdown] role="skip"
# Read off what each gate lets through at $z = -1$. Then pull the point to the left as far as it goes: $z$ falls, and the gate closes. Which of the two is faster?

# %% [markdown] role="notes"
# **For the lecturer.** Let the room draw $z\cdot\sigma(z)$ before the picture is shown. Expect a curve that never goes below 0, "since ReLU does not". Ask for the sign of a negative number times 0.3.

# %% [markdown]
# ## 4.2 The coin behind it
#
# Why $\Phi$, of all S-curves? Because of a coin. Let a gate be open or shut at random, as in dropout, but so that a large $z$ has better chances: draw $\xi\sim N(0,1)$ and let $z$ through if $\xi < z$. That happens with
# probability $P(\xi<z)$, and this is what $\Phi(z)$ means. On average the output is

# %% [markdown] role="fragment"
# $$\mathbb E\bigl[z\cdot\mathbb 1[\xi<z]\bigr] = z\,P(\xi<z) = z\,\Phi(z)$$

# %% [markdown] role="fragment"
# This **expectation** is the **Gaussian error linear unit**, GELU (Hendrycks & Gimpel 2016). Build the coin first, and average $n$ draws.

# %% [markdown] exercise="q4_stochastic_gate"
# ### Exercise: a random gate
#
# Return the mean over `n` draws of $z\cdot\mathbb 1[\xi<z]$, in the shape of $z$. Draws are independent for every entry and every draw, and come from the generator `rng`, for example from
# `rng.normal(size=...)`. Worked number: with $n = 1$, every entry is either 0 or $z$.


# %% exercise="q4_stochastic_gate"
def stochastic_gate(z, n, rng):
    """Mean of n random gates.  z: any shape -> same.  n: int.  rng: numpy.random.Generator."""
    ### BEGIN SOLUTION
    opened = rng.normal(size=(n, *z.shape)) < z
    return z * opened.mean(axis=0)
    ### END SOLUTION


# %% exercise="q4_stochastic_gate"
check("q4_stochastic_gate", stochastic_gate)

# %% [markdown] tags=["predict"]
# With 100 draws the average misses GELU by some amount. How many draws does it take to miss it by a tenth of that?
#
# - [ ] 200
#   Twice as many draws do help. How much: does the error fall by half?
# - [ ] 1000, ten times as many
#   Ten times as many make a tenth of the *variance*. And its root?
# - [x] 10 000
#   Now pull the number of draws and see both.
# - [ ] it never gets that close
#   A single draw is far off. But GELU is the expectation of this very coin, and means come near their expectation.

# %% [markdown] role="skip"
# Pull *draws n* to the right, and change *try* at each stop: how far from GELU do the dots lie, and how far does chance alone put them?

# %% role="fragment"
explore_stochastic_gate(stochastic_gate)

# %% [markdown] tags=["outcome"]
# The variance of one draw is $z^2\,\Phi(1-\Phi)$. The variance of the mean of $n$ draws is $1/n$ of that. So the distance, its root, shrinks like $1/\sqrt n$.

# %% [markdown]
# So much for the coin. PyTorch has GELU as `F.gelu`, beside `F.dropout`, which puts entries to 0 at random.

# %% [markdown] tags=["predict"]
# You call `F.gelu` twice on the same tensor. The same result?
#
# - [x] yes, in every bit
#   Now run both twice.
# - [ ] no: the coin is tossed anew
#   The coin stands in the derivation. What did its average leave of it?
# - [ ] only after `model.eval()`
#   Dropout has two modes, since it draws. What would GELU switch off?
# - [ ] nearly: averages differ a little
#   Those of $n$ draws do. Does an expectation need any?

# %% role="fragment"
import torch
from torch.nn import functional as F

x = torch.randn(10_000, generator=torch.Generator().manual_seed(0))
for name, f in (("F.gelu", F.gelu), ("F.dropout at 0.1", lambda x: F.dropout(x, 0.1))):
    print(f"{name}, called twice: {(f(x) != f(x)).double().mean():.1f} of all entries differ")

# %% [markdown]
# > **Claim audit.** *"GELU is a stochastic gate: for x near 0 the neuron sometimes fires, sometimes not, which regularises."* The coin is how GELU was motivated, not how it is computed. Near 0 GELU always multiplies, by about ½. The noise that
# > could regularise has been averaged away; dropout draws, GELU does not. Source: Hendrycks & Gimpel (2016), who define GELU as the expectation.

# %% [markdown]
# ## 4.3 GELU
#
# $\Phi$ has no elementary formula. Libraries offer the error function instead:
#
# $$\text{GELU}(z) = z\,\Phi(z),\qquad \Phi(z) = \tfrac12\bigl(1 + \operatorname{erf}(z/\sqrt2)\bigr)$$
#
# That is exact, on paper. Far to the left $\Phi$ is a tiny positive number.

# %% [markdown] tags=["predict"]
# At $z = -9$ the bracket should be about $2\cdot10^{-19}$. What does NumPy make of `1 + erf(z / np.sqrt(2))`, in double precision?
#
# - [ ] that number, with a few digits wrong
#   Numbers so small are no trouble in themselves. But this one is a difference: what does erf itself round to, with 16 digits?
# - [ ] a small negative number
#   Rounding can go either way, that is true. But erf never falls below −1, and its rounded value does not either.
# - [ ] NaN
#   Nothing overflows here, and nothing is divided by 0.
# - [x] exactly 0
#   Now see where the digits begin to go.

# %%
print("   z     1 + erf(z/√2)   in float32    true")
for z in (-2.0, -5.0, -7.0, -9.0):
    double, single = (1 + erf(kind(z) / kind(2**0.5)) for kind in (np.float64, np.float32))
    print(f"{z:5.1f}    {double:.5e}     {single:.5e}   {2 * activations.gelu(z) / z:.5e}")

# %% [markdown]
# The further left, the closer erf comes to $-1$, and the fewer digits of the sum are right. It is the lesson of the sigmoid's slope again: *do not subtract*.
#
# Two facts help you out. Libraries also have the complement $\operatorname{erfc}(x) = 1 - \operatorname{erf}(x)$, which computes a small number directly, without a subtraction. And erf is odd: $\operatorname{erf}(-x) = -\operatorname{erf}(x)$.

# %% [markdown] exercise="q4_gelu"
# ### Exercise: GELU
#
# Any shape in, the same shape out: exactly $z\,\Phi(z)$. Worked numbers: GELU(1) = 0.841345, GELU(−1) = −0.158655. {part 1} for values; {part 2} more if the left tail is right to
# six digits at $z = -10$.
#
# `erf` and `erfc` are imported from SciPy and take whole arrays. (The standard library has `math.erf` and `math.erfc` for one number; `np.vectorize(math.erfc)` takes arrays.)


# %% exercise="q4_gelu"
def gelu(z):
    """Exact GELU, z·Φ(z), elementwise.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return z / 2 * erfc(-z / np.sqrt(2))
    ### END SOLUTION


# %% exercise="q4_gelu"
check("q4_gelu", gelu)

# %% [markdown]
# Do numbers that small matter to a network? Hardly. But you now know what "exact" means in a library's documentation: exact on paper.
#
# > **Claim audit.** *"GELU(x) ≈ x Φ(x)."* No: GELU **is** $x\,\Phi(x)$ (Hendrycks & Gimpel 2016). Approximations exist; they come in 4.6.

# %% [markdown]
# ## 4.4 Its slope
#
# On its way back the signal is multiplied by the slope of each unit (2.6). ReLU's slope is 0 or 1: off or on. How much comes back through a gate that opens slowly?

# %% [markdown] tags=["predict"]
# Think of the curve: 0 far left, a dip, and then the line $z$ from below. Which values does GELU's slope take?
#
# - [x] negative ones, and ones above 1
#   Now work it out, and see where.
# - [ ] only those between 0 and 1, like the gate
#   The gate $\Phi$ stays between 0 and 1. The slope of a product has a second term.
# - [ ] negative ones, but none above 1
#   Negative, on the way down into the dip. And then: how does a curve that lies below the line $z$ catch up with it?
# - [ ] ones above 1, but no negative ones
#   It has to catch up with the line $z$, that is right. And how does a curve get from 0 into a dip?

# %% [markdown]
# Now compute it. A product has the product rule, and the slope of an area is the height of its edge: $\Phi' = \varphi$, the density
#
# $$\varphi(z) = \frac{e^{-z^2/2}}{\sqrt{2\pi}} .$$

# %% [markdown] exercise="q4_gelu_derivative"
# ### Exercise: the slope of GELU
#
# The slope of the exact GELU at $z$, within 1e-5, for float64 and for float32 numbers. (A difference quotient is too coarse in float32: use the rule.) Worked numbers: GELU′(0) = 0.5, GELU′(0.5) = 0.867495.


# %% exercise="q4_gelu_derivative"
def gelu_derivative(z):
    """Derivative of GELU at z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return erfc(-z / np.sqrt(2)) / 2 + z * density
    ### END SOLUTION


# %% exercise="q4_gelu_derivative"
check("q4_gelu_derivative", gelu_derivative)

# %%
explore(gelu, gelu_derivative)

# %% [markdown]
# The white stripe between the grey ones, from −1.73 to −1.16, is where the slope is negative and not small. The grey stripe beside it lies around the bottom of the dip, where the slope is 0. On the right the slope passes 1 before it settles there.
#
# With $\text{GELU}' = \Phi + z\varphi$, where is it steepest? Differentiate once more, with $\varphi' = -z\varphi$:

# %% [markdown] role="fragment"
# $$\text{GELU}''(z) = \varphi + \varphi + z\cdot(-z\varphi)$$

# %% [markdown] role="fragment"
# $$\text{GELU}''(z) = (2 - z^2)\,\varphi(z)$$

# %% [markdown] role="fragment"
# That is 0 at $z = \pm\sqrt2$ and nowhere else. There the slope is at its extremes:

# %%
for at in (2**0.5, -(2**0.5)):
    print(f"z = {at:+.6f}   GELU' = {REGISTRY['gelu'].df(at):+.6f}")

# %% [markdown]
# ## 4.5 The lowest point ☆
#
# The steepest point had a formula. The lowest does not: $\Phi(z) + z\varphi(z) = 0$ cannot be solved for $z$. So search.
#
# A **grid** sees every valley that is wider than its spacing, but never gives many digits. **Refinement**, a finer grid between the neighbours of the best point, gives three more digits each
# time, but stays in the valley it is in. First the grid, then refine.

# %% [markdown] exercise="q4_find_minimum"
# ### Exercise: where is it lowest?
#
# Return the $z$ between `low` and `high` at which $f$ is smallest, within 1e-4. `f` takes arrays and numbers. It may have several valleys, none narrower than a hundredth of the interval.
# Worked number: for $f(z) = (z - 1)^2$ between −3 and 4, return 1.


# %% exercise="q4_find_minimum"
def find_minimum(f, low, high):
    """The place of the smallest value of f in [low, high].  f: array -> array.  Returns a number."""
    ### BEGIN SOLUTION
    left, right = low, high
    for _ in range(4):
        z = np.linspace(left, right, 1001)
        best = np.argmin(f(z))
        left, right = z[max(best - 1, 0)], z[min(best + 1, 1000)]
    return z[best]
    ### END SOLUTION


# %% exercise="q4_find_minimum"
check("q4_find_minimum", find_minimum)

# %% [markdown] tags=["solution"]
# Your own tool on your own function, and on minus its slope, which is smallest where the slope is largest:

# %% tags=["solution"]
print(f"GELU is lowest at z = {find_minimum(gelu, -6, 6):.4f}")
print(f"its slope is largest at z = {find_minimum(lambda z: -gelu_derivative(z), -6, 6):.4f}")

# %% [markdown]
# Here are four gated functions, measured the same way. (Try `find_minimum` on them in a cell of your own.)

# %%
pictures.extremes(["gelu", "silu", "mish", "hardswish"])

# %% [markdown]
# All four dip below 0 and rise above slope 1. They are **not monotone**: left of the dip the output *grows* as $z$ falls. The last three rows are functions that you meet below.

# %% [markdown]
# ## 4.6 Two shortcuts
#
# erf is not elementary. The paper that introduced GELU offers two gates in place of $\Phi$ that need only σ or tanh (Hendrycks & Gimpel 2016), and published models run both:
#
# - $\sigma(1.702\,z)$: gpt-oss has it in its gated layers (`gpt_oss/torch/model.py`, OpenAI 2025);
# - $\tfrac12(1 + \tanh u)$ with $u = \sqrt{2/\pi}\,(z + 0.044715\,z^3)$: GPT-2's code has it (`gpt-2/src/model.py`), and PyTorch as `F.gelu(x, approximate="tanh")`.
#
# To run GPT-2, you need the second.

# %% [markdown] exercise="q4_gelu_tanh"
# ### Exercise: the tanh form
#
# GELU with the second gate. Worked numbers: 0.841192 at 1, −0.158808 at −1. Compare them with the exact 0.841345: the difference begins in the fourth digit.


# %% exercise="q4_gelu_tanh"
def gelu_tanh(z):
    """GELU's tanh form, elementwise.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z * z * z)))
    ### END SOLUTION


# %% exercise="q4_gelu_tanh"
check("q4_gelu_tanh", gelu_tanh)

# %% [markdown]
# How far are they off? Look for the largest distance of each curve from 0, and mind the units: thousandths for the one, hundredths for the other.

# %% role="fragment"
z = np.linspace(-6, 6, 1201)
errors = {key: REGISTRY[key].f(z) - activations.gelu(z) for key in ("gelu_tanh", "gelu_sigmoid")}
pictures.shortcut_errors(z, errors)

# %% [markdown]
# The tanh form stays within five ten-thousandths; the sigmoid form is up to forty times as far off. Both are small against the values, except where the values themselves are small:

# %%
for z in (-1.0, -3.0, -5.0):
    shares = (REGISTRY[k].f(z) / activations.gelu(z) - 1 for k in ("gelu_tanh", "gelu_sigmoid"))
    tanh_off, sigmoid_off = (f"{share:+.0%}" for share in shares)
    print(f"z = {z:.0f}   tanh form {tanh_off:>6s}    sigmoid form {sigmoid_off:>9s}")

# %% [markdown]
# At $-5$ the tanh form has lost five sixths of the tail, and the sigmoid form is hundreds of times too large. So a *trained* model has to run with the form that it was trained with.
#
# And is 1.702 the best slope there is? Find out: move $c$ until the *left* curve is as small as possible.
# Note your $c$. Then do the same for the *right* curve.

# %% role="fragment"
explore_sigmoid_form()

# %% [markdown]
# 1.702 is the best slope for the *gate*: the usual logistic stand-in for $\Phi$. For the *product*, which is what the network sees, 1.773 is better: at most 0.0139 off, where 1.702 is up to 0.0203 off. gpt-oss keeps 1.702.
#
# Are the shortcuts at least faster? Not always: lesson 07 puts a clock on all three.

# %% [markdown]
# ## 4.7 SiLU
#
# The other S-curve for a gate is the sigmoid. With a slope $\beta$ of its own,
#
# $$\text{SiLU}_\beta(z) = z\,\sigma(\beta z) .$$
#
# $\beta = 1$ is **SiLU**, the sigmoid linear unit (Hendrycks & Gimpel 2016; Elfwing 2017); with a free or learned $\beta$ it is **Swish** (Ramachandran 2017). With $\beta = 1.702$ it is a shortcut to GELU (4.6).
#
# The way you write the gate matters again: $e^{\beta z}/(1+e^{\beta z})$ becomes ∞/∞ on one side. On which? And what did you write in 2.2?

# %% [markdown] exercise="q4_silu"
# ### Exercise: SiLU
#
# `z` is an array of any shape, `beta` a number ≥ 0. {part 1} for values; {part 2} more if large $|z|$ gives numbers and not NaN. Worked numbers: silu(2) = 1.761594, silu(−2) = −0.238406.


# %% exercise="q4_silu"
def silu(z, beta=1.0):
    """z·σ(beta·z), elementwise.  Shape: any -> same."""
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(beta * z))
    return z * np.where(z >= 0, 1.0, e) / (1 + e)
    ### END SOLUTION


# %% exercise="q4_silu"
check("q4_silu", silu)

# %% [markdown]
# SiLU, with a slider for β. Start at 0 and go right: look for the straight line, for the dip that moves in, and for the corner that appears.

# %% role="fragment"
from actlab.live import Slider

explore(silu, beta=Slider([0, 0.5, 1, 3, 12], 0, "β", "{:g}"), saturation=False)

# %% [markdown]
# At $\beta = 0$ the gate is half open everywhere: the line $z/2$. As β grows the gate turns into a step, and the product into ReLU. In between, the dip keeps its shape and shrinks.
#
# For the slope, the product rule again; and the slope of σ you know from 2.3.

# %% [markdown] exercise="q4_silu_derivative"
# ### Exercise: the slope of SiLU
#
# For $\beta = 1$. The argument is the pre-activation $z$. Worked numbers: SiLU′(0) = 0.5, SiLU′(1) = 0.927671.


# %% exercise="q4_silu_derivative"
def silu_derivative(z):
    """Derivative of SiLU (beta = 1) at z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    s = 0.5 * (1 + np.tanh(z / 2))
    return s * (1 + z * (1 - s))
    ### END SOLUTION


# %% exercise="q4_silu_derivative"
check("q4_silu_derivative", silu_derivative)

# %% [markdown]
# With $s = \sigma(z)$:

# %% [markdown] role="fragment"
# $$\text{SiLU}'(z) = s + z\,s\,(1-s)$$

# %% [markdown] role="fragment"
# $$\text{SiLU}'(z) = s\,\bigl(1 + z\,(1-s)\bigr)$$

# %% [markdown]
# ## 4.8 Relatives
#
# Once it is a matter of choosing a gate, there is no end to it. **Mish** (Misra 2019) takes $\tanh(\log(1+e^z))$. **Hard Swish** (Howard et al. 2019) takes three straight pieces,
# $\min(\max(z+3, 0), 6)/6$, and needs no exponential; in return its slope has two jumps. Which of the five dips deepest? Which is closest to ReLU at $z = 3$?

# %% role="fragment"
KEYS = ["relu", "gelu", "silu", "mish", "hardswish"]
compare(KEYS, zoom=(-4, 1))

# %%
z = np.linspace(-10, 10, 20_001)
values = np.array([REGISTRY[key].f(z) for key in KEYS])
print(f"largest distance between any two of the five: {np.ptp(values, axis=0).max():.3f}")

# %% [markdown]
# Hard Swish dips deepest, and at 3 it lies on ReLU's line; GELU is very close to it there. They are close relatives: no two are ever more than 0.4 apart. It would be odd if that decided what a large network can learn. Is there anything to measure that sets them apart?

# %% [markdown]
# ## 4.9 Values and slopes
#
# Fit $y = \sin 3x + x/2$ with two hidden layers of 32 from 64 points. Then compare the fit with the target twice: its *values*, and its *slopes*. In physics and in control, slopes matter as well.

# %% [markdown] tags=["predict"]
# ReLU, GELU, SiLU and tanh all fit the curve. Whose *slope* is furthest from that of the target?
#
# - [ ] tanh's, since it saturates
#   It does, far out. But its units also have a middle, and tanh is smooth there.
# - [ ] GELU's and SiLU's, since they are not monotone
#   One unit is not. A sum of many can bend up and down with any of the four.
# - [x] ReLU's
#   {rests on smooth.ahead}Now see what it looks like; then by how much, over many seeds.
# - [ ] nobody's: who has the values has the slopes
#   Draw a staircase close to a ramp: the values are near, and the slopes are 0.

# %%
from actlab.training import Networks, each_squared_error

x = np.random.default_rng(0).uniform(-2, 2, (64, 1)).astype(np.float32)
fits = {}
for key, gain in (("relu", 2**0.5), ("gelu", 1.53)):  # gains that keep the signal's size: lesson 06
    fits[key] = Networks([1, 32, 32, 1], key, 9, gain)
    for steps, rate in ((300, 0.03), (100, 0.003)):
        fits[key].fit(x, np.sin(3 * x) + x / 2, steps, rate, loss=each_squared_error)

# %%
grid, h = np.linspace(-1.9, 1.9, 381)[:, None], 1e-3
wanted = (3 * np.cos(3 * grid) + 0.5)[:, 0]
slopes = {
    key: (nets.predict(grid + h) - nets.predict(grid - h))[..., 0] / (2 * h)
    for key, nets in fits.items()
}
pictures.slopes_of_fits(grid[:, 0], wanted, slopes)

# %% [markdown]
# For each function you see one seed, the median of nine. That is hardly enough. Here are two hundred seeds on four draws of points, each function at its best of four learning rates:

# %% role="fragment"
show_evidence("smooth")

# %% role="skip"
evidence_source("smooth")

# %% [markdown]
# A ReLU network is made of straight pieces, so its slope is made of steps, and steps follow a curve badly. {verdict smooth.ahead} {verdict smooth.halved}
#
# Part of ReLU's error comes from its start: all biases are 0, so every corner begins at $x = 0$. {verdict smooth.corners_apart}
#
# *Which* of the smooth ones is best? {verdict smooth.order} And no gate is needed: tanh is not a gate.

# %% [markdown]
# So smoothness gives better slopes, on a small smooth problem. It does not follow that it makes a better language model. For that you would have to train language models; lesson 07 has small ones.

# %% [markdown]
# ## 4.10 Gates with weights of their own
#
# In $z\cdot\sigma(z)$ the same number is both the gate and what passes. Split the roles: one matrix $W$ makes the gate, another, $V$, makes the content. This is a **gated linear unit** (Dauphin 2016):
#
# $$\text{GLU}(x) = \sigma(xW)\odot xV$$
#
# $\odot$ multiplies entry by entry. It is no longer an activation function of one number: it is a *layer*, with two matrices. Put another activation in the place of σ, and you have a relative (Shazeer 2020): GELU makes it **GEGLU**, SiLU, also called Swish, makes it **SwiGLU**.

# %% [markdown] exercise="q4_swiglu"
# ### Exercise: SwiGLU
#
# `x` is a batch $(n, d)$; `W` and `V` are $(d, h)$; return the SwiGLU of shape $(n, h)$, without biases. Worked number, everything a single number: $x = 2$, $W = 1$, $V = 3$ gives
# SiLU(2) · 6 = 10.5696.


# %% exercise="q4_swiglu"
def swiglu(x, W, V):
    """SiLU(xW) ⊙ xV.  x: (n, d), W and V: (d, h) -> (n, h)."""
    ### BEGIN SOLUTION
    return silu(x @ W) * (x @ V)
    ### END SOLUTION


# %% exercise="q4_swiglu"
check("q4_swiglu", swiglu)

# %% [markdown] tags=["predict"]
# One input, $W = V = 1$. How does SwiGLU grow for large $x$?
#
# - [ ] like a constant: a gate only dampens
#   σ only dampens. Here the gate is SiLU, and what does SiLU do for large $x$?
# - [ ] like x, as SiLU does
#   SiLU alone does. It is multiplied by $xV$.
# - [x] like x²
#   Now see it at 10 and at 20.
# - [ ] like an exponential, since there is one inside
#   The exponential sits inside σ, which ends at 1.

# %%
for x in (-10.0, 10.0, 20.0):
    print(f"x = {x:5.1f}   SwiGLU {activations.silu(x) * x:9.4f}")

# %% [markdown]
# The gate is not confined to $(0, 1)$. Products of inputs are something that no single ReLU or GELU layer computes exactly.
#
# So does the product help? A transformer's feed-forward block goes $d\to h\to d$, with $h = 4d$ in the original Transformer (Vaswani 2017): in, GELU, out.

# %% [markdown] tags=["predict"]
# You swap GELU for SwiGLU, keep the width, and the loss falls. What else has changed?
#
# - [ ] nothing: a gate has no weights
#   The activation has none. But the layer is $\text{SiLU}(xW)\odot xV$: count the matrices.
# - [x] half as many weights again
#   Now make the sizes equal.
# - [ ] twice as many weights: W and V
#   Twice as many on the way in. And on the way out of the block?
# - [ ] the width of what comes out
#   The last matrix leads back to $d$, as before. What stands in front of it?

# %% [markdown]
# Two matrices have become three. A fair comparison needs equal sizes, so make $h$ smaller until the counts agree: $3dh' = 2d\cdot 4d$, so $h' = \tfrac23\cdot 4d$.

# %%
for d in (512, 4096):
    plain, width = 2 * d * (4 * d), round(2 / 3 * 4 * d)
    print(f"d = {d}: two matrices of width {4 * d} have {plain:,} parameters;")
    for h in (4 * d, width):
        print(f"    three of width {h}: × {3 * d * h / plain:.4f}")

# %% [markdown]
# Shazeer (2020) compares at this two-thirds width. Whoever keeps the width does not know which of the two helped, the gate or the weights.

# %% [markdown]
# ## 4.11 Can a smooth unit die?
#
# A ReLU unit whose $z$ is negative for every sample has slope 0, so its own weights get no gradient (lesson 03). A smooth unit has a slope everywhere. Is it safe?

# %% [markdown] tags=["predict"]
# A unit sits at $z = -8$. Which function has the least slope left there, in size?
#
# - [ ] Leaky ReLU, with 0.01
#   A hundredth is little. But it is still a hundredth at −8, where the others have been falling all the way.
# - [ ] ELU
#   Its slope falls like $e^{z}$: fast. Does one of the others fall faster?
# - [ ] SiLU
#   Its gate closes like $e^{z}$, as the slope of ELU does, and that is multiplied by $z$.
# - [x] GELU
#   Now see how much is left, and with which sign.

# %%
print("slope at       -2          -4          -8         -16")
for key in ("leaky_relu", "elu", "silu", "gelu"):
    slopes = "  ".join(f"{REGISTRY[key].df(at):+.1e}  " for at in (-2.0, -4.0, -8.0, -16.0))
    print(f"{REGISTRY[key].name:10s} {slopes}")
z = np.arange(-20, 0, 0.1, dtype=np.float32)
gone = z[activations.gelu_derivative(z) == 0].max()
print(f"in float32 GELU's slope is exactly 0 from z = {gone:.1f} down")

# %% [markdown]
# Look at the signs, too. What SiLU and GELU have at $-4$ is a *negative* slope: a step that should raise the output pushes $z$ further out. Which matters more for a unit out there, the size of its slope or the sign?
#
# Take the network of 3.11 again, biases at −4 and Adam, and give it a leak of three sizes: Leaky ReLU's 0.01, and the sizes of GELU's and of SiLU's slope at $-4$. Each size comes once positive and once negative:

# %% role="fragment"
LEAKS = ["leak +0.0005", "leak −0.0005", "Leaky 0.01", "leak −0.01", "leak +0.0527", "leak −0.0527"]
show_evidence(
    "dying", LEAKS, title="Biases start at −4: leaks of three sizes, positive and negative"
)

# %% role="skip"
evidence_source("dying")

# %% [markdown]
# {verdict dying.sign} It fits what you saw in the last rows of 3.11: {verdict dying.smooth_least} SiLU's slope at $-4$ is five times Leaky ReLU's in size, and of the wrong sign.
#
# Further out almost no slope is left. GELU's gate closes like $e^{-z^2/2}$: at $-8$ its slope has size $4\cdot10^{-14}$, and in single precision it is soon 0. SiLU fades like $z e^{z}$, much more slowly, and Leaky ReLU does not fade at all.

# %% [markdown]
# > **Claim audit.** *"GELU: dying neurons? Effectively no. SiLU: no."* Near 0, where well-initialised units live, that is fair. Far left both vanish, GELU first. {verdict dying.smooth_return}

# %% [markdown]
# ## 4.12 Who uses what
#
# A claim about a model needs a source: the file of its code, or the paper in which its authors say it. Whatever is in neither is a guess.

# %% [markdown] tags=["predict"]
# BERT, T5, Llama 2, GPT-4: for which of them does a source say GELU?
#
# - [x] for BERT alone
#   Now uncover the table, row by row.
# - [ ] for all four, as for all transformers
#   It is often said of all modern transformers. But one of these four has ReLU, and one a layer of 4.10.
# - [ ] for BERT and GPT-4
#   What would your source for the second be?
# - [ ] for all but T5, which has ReLU
#   T5 has ReLU, that is right. One of the others has a gate with weights of its own, and one says nothing.

# %% [markdown] role="skip"
# Here are feed-forward layers until 2023, each row with the file or paper in which it was read:

# %% role="fragment"
who_uses_what(last=2023)

# %% [markdown]
# The last row is the one most often invented. What is not published is not claimed here; of Claude we know no source at all. Lesson 08 goes on with the models since.

# %% [markdown]
# So "*all* modern transformers use GELU" is false, and so is "T5 uses GELU". Three more lines that are often copied:
#
# | often said | what can be said | evidence |
# |---|---|---|
# | "modern CNNs use Swish" | EfficientNet does, with $\beta = 1$; which others? | Tan & Le 2019, section 5.2 |
# | "Swish is slightly better than ReLU on some tasks" | reported: 0.9 and 0.6 points of top-1 on ImageNet, for two networks | Ramachandran 2017 |
# | "range (−0.17, ∞) and (−0.28, ∞)" | right to two digits; the minimum is reached, so the left bracket is closed | 4.5 |

# %% [markdown] role="subslide"
# And the boldest one:
#
# > *"GELU is why transformers outperform ReLU-based models: the smooth gating is better for language, and residual connections make it more impactful."*
#
# | often said | what can be said | evidence |
# |---|---|---|
# | GELU is why | reported gains are empirical and small; ReLU language models do well | Shazeer 2020; Mirzadeh 2023 |
# | smoothness is the reason | it gave better slopes on a toy problem, which proves nothing about language {rests on smooth.ahead} | 4.9 |
# | residual connections amplify it | we know of no measurement of it | – |
#
# Lesson 07 measures a small gain in small models. {rests on language.gelu_ahead} At T5's size Shazeer (2020, Table 1) finds none: log-perplexity 1.679 with GELU, 1.677 with ReLU, lower is better.

# %% [markdown]
# ## 4.13 Trust, but compare ☆
#
# Do PyTorch's versions agree with the course's, in both precisions? They agree where $|f_\text{torch} - f| \le 8\,\varepsilon\,\max(1, |z|)$; ε is the rounding error of the precision. Below the counts stand the values at $-9$, in the
# left tail.

# %% tags=["fold"]
FORMS = {
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "mish": F.mish,
}
for dtype in (np.float32, np.float64):
    z = np.linspace(-20, 20, 161).astype(dtype)
    agree = {}
    for key, form in FORMS.items():
        x = torch.tensor(z, requires_grad=True)
        out = form(x)
        out.sum().backward()
        near = 8 * np.finfo(dtype).eps * np.maximum(1, np.abs(z))
        agree[key] = (np.abs(out.detach().numpy() - REGISTRY[key].f(z)) <= near).sum()
        agree[key] += (np.abs(x.grad.numpy() - REGISTRY[key].df(z)) <= near).sum()
    counts = ", ".join(f"{key} {count}" for key, count in agree.items())
    print(f"{np.dtype(dtype)}, of {2 * z.size} values and slopes within 8 eps: {counts}")
for key, form in FORMS.items():
    theirs, ours = form(torch.tensor(-9.0, dtype=torch.float64)).item(), REGISTRY[key].f(-9.0)
    print(f"{key:9s} at -9, its size: torch {abs(theirs):.1e}, the course {abs(ours):.1e}")

# %% [markdown]
# They agree, measured absolutely. Relatively, SiLU and Mish agree at $-9$ too, and both GELUs are lost: PyTorch adds 1 to erf and to tanh. You found that flaw in 4.3, and others have: pytorch#187806, open when this was written.

# %% [markdown]
# ## 4.14 The network of 2.13, with GELU
#
# In 3.13 a rate of 0.7 was too much for ReLU in our network of six layers. Take the same start, the same digits and the same rate, and GELU. Below it stands a second network: 24 layers in place of six, at the smaller rate of 0.1. Compare the histograms from layer 1 up.

# %% role="fragment"
pictures.inside(
    {
        "GELU, 6 layers": inside.train("gelu", gain=2**0.5, rate=0.7),
        "GELU, 24 layers": inside.train("gelu", gain=2**0.5, rate=0.1, depth=24),
    }
)

# %% role="skip"
evidence_source("inside")

# %% [markdown]
# {verdict inside.gelu_takes_the_rate} A unit that a jump pushes to the left keeps a slope there. The rate is still large: among the hundred some end as NaN, as with ReLU.

# %% [markdown]
# The lower row shows another problem. No layer gets much less gradient than the next: the line on the right is nearly level. It is level *and low*, since hardly anything arrives. The histograms shrink from layer to layer, until all digits look the same. {verdict inside.depth_stalls}
#
# He's gain is made for ReLU. How the size of a signal follows from gain and function, and what else it takes at this depth, is lesson 06.

# %% [markdown]
# ## Recap
#
# | | GELU | SiLU |
# |---|---|---|
# | formula | $z\,\Phi(z)$ | $z\,\sigma(z)$ |
# | slope | $\Phi + z\varphi$ | $s\,(1 + z(1-s))$ |
# | lowest value | −0.169971 at −0.7518 | −0.278465 at −1.2785 |
# | largest slope | 1.128904 at √2 | 1.099839 at 2.3994 |
# | monotone | no | no |
# | far left | value and slope vanish, like $e^{-z^2/2}$ | they vanish, like $e^{z}$ |
# | stable form | ½ z erfc(−z/√2) | divide by $1 + e^{-z}$ |
# | published users | BERT, GPT, GPT-2 | EfficientNet; PaLM and LLaMA, as SwiGLU |

# %% [markdown]
# ## Check yourself
#
# You have written eight functions on the way, or seven without ☆. One question remains, and many get it wrong.

# %% [markdown] role="-" exercise="q4_random"
# ### Exercise: is `F.gelu` random?
#
# You call `F.gelu` twice on the same tensor, in training mode. What do you see?
#
# {options}

# %% exercise="q4_random"
answer = ""  # one letter, for example "a"
### BEGIN SOLUTION
answer = "c"
### END SOLUTION

# %% exercise="q4_random"
check("q4_random", answer)

# %% [markdown]
# **Next:** [05 Softmax](05_softmax.ipynb). So far every output depended on one input. What if a whole layer has to share a total of 1?
