# %% [markdown]
# # {title}
#
# *Multiply z by a gate that opens slowly. You will build the two gates of today's language models, find where their usual formulas break, and audit what is said about them.*
#
# **You will be able to**
#
# - implement GELU, SiLU and their slopes so that neither tail breaks them;
# - say how good GELU's shortcuts are, and where they are worst;
# - explain which coin is behind GELU, and why GELU itself is not random;
# - write a SwiGLU and count its parameters;
# - name the published models that use which function, with sources.
#
# **Before you start:** [03 The ReLU family](03_relu_family.ipynb), the normal distribution. 60 minutes.

# %%
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import erf, erfc, ndtr

from actlab import activations, figures
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

# %% [markdown]
# ## 4.1 A gate that opens slowly
#
# Write ReLU as a product, $\text{ReLU}(z) = z\cdot\mathbb 1[z>0]$. It is a **gate**: everything right of 0 passes, everything left of 0 is stopped, and the decision falls at one point.
# There the slope jumps, and left of it no signal comes back.
#
# So keep the product and soften the gate. Any S-curve from 0 to 1 will do, and you know one already: the sigmoid. Another is $\Phi$, the share of a normal distribution that lies below $z$.
#
# > **Predict.** ReLU never goes below 0. Does $z$ times a soft gate?

# %% role="fragment"
explore_gates()

# %% [markdown]
# It does. At $z = -1$ a soft gate is still a little open, and what it lets through is negative. Pull the point to $-4$: the gate closes faster than $z$ grows, and the product comes
# back to 0. So there must be a lowest point in between. You will find it in 4.4.

# %% [markdown] role="notes"
# **For the lecturer.** Let the room draw $z\cdot\sigma(z)$ before the picture is shown. Expect a curve that never goes below 0, "since ReLU does not". Ask for the sign of a negative number times 0.3.

# %% [markdown]
# ## 4.2 GELU
#
# The **Gaussian error linear unit** takes $\Phi$ for its gate:
#
# $$\text{GELU}(z) = z\,\Phi(z),\qquad \Phi(z) = P(\xi < z)\ \text{for}\ \xi\sim N(0,1)$$
#
# $\Phi$ has no elementary formula. Libraries offer the error function erf and its complement, erfc:
#
# $$\Phi(z) = \tfrac12\bigl(1 + \operatorname{erf}(z/\sqrt2)\bigr) = \tfrac12\operatorname{erfc}(-z/\sqrt2)$$
#
# Equal on paper. Far to the left, $\Phi$ is a tiny positive number. Which form still knows that?

# %%
print("   z     1 + erf(z/√2)   erfc(-z/√2)")
for z in (-2.0, -7.0, -9.0):
    print(f"{z:5.1f}    {1 + erf(z / 2**0.5):.5e}     {erfc(-z / 2**0.5):.5e}")

# %% [markdown]
# At $-7$ only the first few digits of the sum are right; at $-9$ it has lost them all. erf rounds to exactly $-1$, and the sum cancels. erfc computes the small number itself: the
# lesson of the sigmoid's slope again, *do not subtract*.

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
# Look at the left tail under a magnifying glass. What share of the true GELU does the form with $1 + \text{erf}$ return, in double and in single precision? Read the picture like a walk to
# the left: it starts at $-4$. Look for the place where each walk becomes unsteady, and where it ends.

# %% role="fragment"
z = np.arange(-4, -10.001, -0.01)
share = {"with erfc": (REGISTRY["gelu"].color, z / 2 * erfc(-z / 2**0.5) / activations.gelu(z))}
edge = {}
for dtype, color in ((np.float64, figures.COOL), (np.float32, figures.WARM)):
    narrow = z.astype(dtype)
    naive = narrow / 2 * (1 + erf(narrow / dtype(2**0.5)))
    edge[f"{np.dtype(dtype)}"] = z[naive == 0].max()
    share[f"1 + erf, {np.dtype(dtype)}"] = (color, naive / activations.gelu(z))
said = ", ".join(f"{name} from z = {at:.2f} down" for name, at in edge.items())
print(f"the form with 1 + erf is exactly 0: {said}")
figures.with_spread(
    {name: (color, values[None]) for name, (color, values) in share.items()},
    z,
    title="share of the true GELU(z) that comes back",
    xlabel="z",
    ylabel="computed / true",
    ylim=(-0.1, 2.1),
    alt=f"With erfc the share stays 1. With 1 + erf it becomes unsteady and is 0: {said}.",
    exact=False,
)

# %% [markdown]
# Single precision is unsteady from about $-5$ on, and then there is nothing; double precision keeps up until $-8$. The unsteady steps are the last bits running out. Do numbers that small matter to a network? Hardly.
# But you now know what "exact" means in a library's documentation: exact on paper.
#
# > **Claim audit.** *"GELU(x) ≈ x Φ(x)."* No: GELU **is** $x\,\Phi(x)$ (Hendrycks & Gimpel 2016). Approximations exist; they come in 4.5.

# %% [markdown]
# ## 4.3 Its slope
#
# A product, so use the product rule. The slope of an area is the height of its edge: $\Phi' = \varphi$, the density $\varphi(z) = e^{-z^2/2}/\sqrt{2\pi}$.
#
# $$
# \begin{aligned}
# \text{GELU}'(z) &= 1\cdot\Phi(z) + z\cdot\Phi'(z) \\
#                 &= \Phi(z) + z\,\varphi(z)
# \end{aligned}
# $$
#
# > **Predict.** ReLU's slope is 0 or 1. GELU's slope
# > (a) stays between 0 and 1 (b) can be negative, never above 1 (c) can exceed 1, never negative (d) does both

# %% [markdown] exercise="q4_gelu_derivative"
# ### Exercise: the slope of GELU
#
# The slope of the exact GELU at $z$, within 1e-5. Worked numbers: GELU′(0) = 0.5, GELU′(1) = 1.083316.


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
# The answer is (d). Where is the slope steepest? Differentiate once more: $\varphi' = -z\varphi$, so
#
# $$\text{GELU}''(z) = \varphi + \varphi + z\cdot(-z\varphi) = (2 - z^2)\,\varphi(z),$$
#
# which is 0 at $z = \pm\sqrt2$ and nowhere else. There the slope is at its extremes:

# %%
for at in (2**0.5, -(2**0.5)):
    print(f"z = {at:+.6f}   GELU' = {REGISTRY['gelu'].df(at):+.6f}")

# %% [markdown]
# ## 4.4 The lowest point
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
# Here are four gated functions, measured the same way: a grid, then SciPy's refinement. (Try `find_minimum` on them in a cell of your own.)


# %%
def extreme(f, sign):
    """Place and value of the smallest (sign 1) or largest (sign -1) value of f on [-6, 6]."""
    z = np.linspace(-6, 6, 1201)
    near = z[np.argmin(sign * f(z))]
    bounds = near - 0.01, near + 0.01
    found = minimize_scalar(lambda x: sign * f(x), bounds=bounds, options={"xatol": 1e-9})
    return found.x, sign * found.fun


EXTREMES = {}
print("             lowest value  at z         largest slope  at z")
for key in ("gelu", "silu", "mish", "hardswish"):
    entry = REGISTRY[key]
    EXTREMES[key] = *extreme(entry.f, 1), *extreme(entry.df, -1)
    low_at, low, steep_at, steep = EXTREMES[key]
    print(f"{entry.name:12s} {low:10.6f}   {low_at:8.4f}     {steep:10.6f}    {steep_at:8.4f}")

# %% [markdown]
# All four dip below 0 and rise above slope 1. They are **not monotone**: left of the dip the output *grows* as $z$ falls. The last three rows are functions that you meet below.

# %% [markdown]
# ## 4.5 Two shortcuts
#
# erf is not elementary. The paper that introduced GELU offers two stand-ins that need only tanh and σ (Hendrycks & Gimpel 2016):
#
# $$z\,\sigma(1.702\,z)\qquad\text{and}\qquad \tfrac{z}{2}\Bigl(1 + \tanh\bigl[\sqrt{2/\pi}\,(z + 0.044715\,z^3)\bigr]\Bigr)$$
#
# The second is the one to write out: PyTorch still offers it, as `F.gelu(x, approximate="tanh")`.

# %% [markdown] exercise="q4_gelu_tanh"
# ### Exercise: the tanh form
#
# $$\tfrac12\,z\,\Bigl(1 + \tanh\bigl[\sqrt{2/\pi}\,(z + 0.044715\,z^3)\bigr]\Bigr)$$
#
# Worked numbers: 0.841192 at 1, −0.158808 at −1. Compare them with the exact 0.841345: the difference begins in the fourth digit.


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
def error_of(key, z):
    return REGISTRY[key].f(z) - activations.gelu(z)


z, errors, said = np.linspace(-6, 6, 1201), {}, []
for key, unit, scale in (("gelu_tanh", "thousandths", 1000), ("gelu_sigmoid", "hundredths", 100)):
    form = key.removeprefix("gelu_")
    at, worst = extreme(lambda z, key=key: np.abs(error_of(key, z)), -1)
    errors[f"{form}, {unit}"] = (REGISTRY[key].color, scale * error_of(key, z)[None])
    said.append(f"{form} form: at most {worst:.5e} off, at z = ±{abs(at):.4f}")
print("\n".join(said))
figures.with_spread(
    errors,
    z,
    title="approximation minus GELU, each in its own unit",
    xlabel="z",
    ylabel="error",
    size=(900, 340),
    alt="; ".join(said) + ".",
    exact=True,
)

# %% [markdown]
# The tanh form stays within five ten-thousandths; the sigmoid form strays forty times as far. Both are small against the values, except where the values themselves are small:

# %%
for z in (-1.0, -3.0, -5.0):
    shares = (REGISTRY[k].f(z) / activations.gelu(z) - 1 for k in ("gelu_tanh", "gelu_sigmoid"))
    tanh_off, sigmoid_off = (f"{share:+.0%}" for share in shares)
    print(f"z = {z:.0f}   tanh form {tanh_off:>6s}    sigmoid form {sigmoid_off:>9s}")

# %% [markdown]
# At $-5$ one has lost five sixths of the tail, and the other makes it hundreds of times too large. And is 1.702 the best slope there is? Find out: move $c$ until the *left* curve is as small as possible.
# Note your $c$. Then do the same for the *right* curve.

# %% role="fragment"
explore_sigmoid_form()


# %%
def largest(error):
    z = np.linspace(0, 8, 8001)
    return np.abs(error(z)).max()


def gate_error(c):
    return largest(lambda z: activations.sigmoid(c * z) - ndtr(z))


def product_error(c):
    return largest(lambda z: activations.silu(z, c) - activations.gelu(z))


for name, error in (("gate", gate_error), ("product", product_error)):
    best = minimize_scalar(error, bounds=(1.5, 2), options={"xatol": 1e-7})
    print(
        f"{name:8s} best slope {best.x:.4f}: at most {best.fun:.5f} off, "
        f"1.702: at most {error(1.702):.5f}"
    )

# %% [markdown]
# 1.702 is the best slope for the *gate*: the usual logistic stand-in for $\Phi$. For the *product*, which is what the network sees, 1.773 is better, and the largest error falls by almost a third. To
# training any of the forms is a smooth gate. But a *trained* model has to run with the form that it was trained with: the tails differ, as you saw.
#
# Are the shortcuts at least faster? Not always: lesson 07 puts a clock on all three.

# %% [markdown]
# ## 4.6 The coin behind it
#
# Where does $z\,\Phi(z)$ come from? From a coin. Let a gate be open or shut at random: draw $\xi\sim N(0,1)$ and let $z$ through if $\xi < z$. The larger $z$, the likelier. The gate is
# open with probability $\Phi(z)$, so on average
#
# $$\mathbb E\bigl[z\cdot\mathbb 1[\xi<z]\bigr] = z\,P(\xi<z) = z\,\Phi(z) = \text{GELU}(z).$$
#
# GELU is the **expectation** of that random gate. Average $n$ draws, and you should come close to it.

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

# %% [markdown]
# > **Predict.** With 100 draws you miss GELU by some amount. How many draws would it take to miss it by a tenth of that?
# > (a) 200 (b) 1000 (c) 10 000 (d) it never gets that close
#
# Pull *draws n* from 1 to the right, and change *try* at each stop.

# %% role="fragment"
explore_stochastic_gate(stochastic_gate)

# %% [markdown]
# Answer (c). The variance of one draw is $z^2\,\Phi(1-\Phi)$; the mean of $n$ has an $n$-th of it, so the distance shrinks like $1/\sqrt n$. Twenty seeds, against that formula:

# %%
z = np.array([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])
p = ndtr(z)
print("      n   root mean square error, 20 seeds   theory")
for n in (10, 100, 1000, 10_000, 100_000):
    opened = np.array([np.random.default_rng(seed).binomial(n, p) for seed in range(20)])
    measured = np.sqrt(((z * opened / n - z * p) ** 2).mean())
    theory = np.sqrt((z**2 * p * (1 - p) / n).mean())
    print(f"{n:7d}              {measured:.5f}                {theory:.5f}")

# %% [markdown]
# Every factor of 100 in $n$ buys a factor of 10. The coin is how GELU was *motivated*. Is it how GELU is *computed*?

# %% role="fragment"
import torch
from torch.nn import functional as F

x = torch.randn(10_000, generator=torch.Generator().manual_seed(0))
for name, f in (("F.gelu", F.gelu), ("F.dropout at 0.1", lambda x: F.dropout(x, 0.1))):
    print(f"{name}, called twice: {(f(x) != f(x)).double().mean():.1f} of all entries differ")

# %% [markdown]
# > **Claim audit.** *"GELU is a stochastic gate: for x near 0 the neuron sometimes fires, sometimes not, which regularises."*
#
# | the line everybody copies | what holds |
# |---|---|
# | GELU gates at random | two calls agree in every bit; nothing is drawn |
# | near 0 it sometimes fires | it always multiplies, by about ½ |
# | so it regularises | the noise that would do that has been averaged away; dropout draws, GELU does not |
#
# Source: Hendrycks & Gimpel (2016), who define GELU as the expectation.

# %% [markdown] role="notes"
# **For the lecturer.** Before the torch cell, take a show of hands: random or not? Many have read "stochastic" and say yes. Then ask what `model.eval()` would have to do if it were.

# %% [markdown]
# ## 4.7 SiLU
#
# The other S-curve for a gate is the sigmoid. With a slope $\beta$ of its own,
#
# $$\text{SiLU}_\beta(z) = z\,\sigma(\beta z) = \frac{z}{1 + e^{-\beta z}} .$$
#
# $\beta = 1$ is **SiLU**, the sigmoid linear unit (Hendrycks & Gimpel 2016; Elfwing 2017); with a free or learned $\beta$ it is **Swish** (Ramachandran 2017). You have met $\beta = 1.702$: that was GELU's sigmoid form.
#
# The way you write the gate matters again: $e^{\beta z}/(1+e^{\beta z})$ becomes ∞/∞ on the right; $z/(1+e^{-\beta z})$ at worst warns.
#
# > **Predict.** What is left of it at $\beta = 0$? And what does it become as $\beta\to\infty$?

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
# Your function, with a slider for β. Start at 0 and go right: look for the straight line, for the dip that moves in, and for the corner that appears.

# %% role="fragment"
from actlab.live import Slider

explore(silu, beta=Slider([0, 0.5, 1, 1.702, 3, 6, 12], 1, "β", "{:g}"), saturation=False)

# %% [markdown]
# At $\beta = 0$ the gate is half open everywhere: the line $z/2$. As β grows the gate turns into a step, and the product into ReLU. In between, the dip keeps its shape and shrinks, as $u = \beta z$ shows:
# $\text{SiLU}_\beta(z) = \frac1\beta\,u\,\sigma(u)$.
#
# For the slope, the product rule again. With $s = \sigma(z)$ and $s' = s(1-s)$:
#
# $$\text{SiLU}'(z) = s + z\,s\,(1-s) = s\,\bigl(1 + z\,(1-s)\bigr)$$

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

# %%
explore(silu, silu_derivative)

# %% [markdown]
# One curiosity in the table of 4.4: SiLU is lowest at $-1.2785$, and there its value is $-0.2785$. The same decimals? At the lowest point the bracket is 0, so $z\,(1-s) = -1$, and that says
#
# $$z\,s = z + 1 .$$
#
# The lowest *value* is the lowest *place* plus one. The numbers agree:

# %%
low_at, low, *_ = EXTREMES["silu"]
print(f"lowest at {low_at:.6f}, value {low:.6f}, place plus one {low_at + 1:.6f}")

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
# Hard Swish dips deepest, and at 3 it has arrived on ReLU's line, where GELU is all but there. They are close relatives: no two are ever more than 0.4 apart. It would be odd if that decided what a large network can learn. So does
# smoothness buy *anything* you can measure?

# %% [markdown]
# ## 4.9 What smoothness buys
#
# Fit $y = \sin 3x + x/2$ with two hidden layers of 32 from 64 points. A fit can have the right *values* and the wrong *slopes*; where slopes matter, in physics or control, that is a fault.
#
# > **Predict.** A ReLU network is made of straight pieces. What does its slope look like? Which of ReLU, GELU, SiLU and tanh gets the slope of the target best?

# %%
from actlab.training import Networks, each_squared_error


def target(x):
    return np.sin(3 * x) + x / 2


x = np.random.default_rng(0).uniform(-2, 2, (64, 1)).astype(np.float32)
grid, h = np.linspace(-1.9, 1.9, 381)[:, None], 1e-3
wanted = (3 * np.cos(3 * grid) + 0.5)[:, 0]
# gains that about keep the signal's size: lesson 06
GAINS = {"gelu": 1.53, "relu": 2**0.5}


def fitted_slopes(key, seeds=9, rate=0.03):
    """Slopes on the grid after 400 steps, the last hundred at a tenth of the rate, best seed first."""
    nets = Networks([1, 32, 32, 1], key, seeds, GAINS[key])
    for steps, this_rate in ((300, rate), (100, rate / 10)):
        nets.fit(x, target(x), steps, this_rate, loss=each_squared_error)
    right, left = (nets.predict(grid + d)[..., 0].astype(float) for d in (h, -h))
    slopes = (right - left) / (2 * h)
    return slopes[np.argsort(((slopes - wanted) ** 2).mean(1))]


# %%
shown = {"target": (figures.MUTED, wanted[None])}
for key in GAINS:
    shown[REGISTRY[key].name] = (REGISTRY[key].color, fitted_slopes(key)[[4]])
figures.with_spread(
    shown,
    grid[:, 0],
    title="slope of the fit (for each, the seed in the middle of nine)",
    xlabel="x",
    ylabel="dy/dx",
    size=(900, 340),
    alt=f"The target's slope swings between {wanted.min():.1f} and {wanted.max():.1f}. GELU's fit "
    "follows it as a smooth curve, ReLU's as a staircase.",
)

# %% [markdown]
# A sum of corners has a slope of steps, and steps follow a curve badly. How badly? Two hundred seeds on four draws of points, each function at its best of four learning rates:

# %% role="fragment"
show_evidence("smooth")

# %%
evidence_source("smooth")

# %% [markdown]
# {verdict smooth.ahead} {verdict smooth.halved}
#
# Part of ReLU's error comes from its start: all biases are 0, so every corner begins at $x = 0$. {verdict smooth.corners_apart}
#
# *Which* of the smooth ones is best? {verdict smooth.order} And a gate is not needed: tanh is none.

# %% [markdown]
# So smoothness buys better slopes, on a small smooth problem. It does not follow that it makes a better language model. For that you would have to train language models; lesson 07 has small ones.

# %% [markdown]
# ## 4.10 Gates with weights of their own
#
# In $z\cdot\sigma(z)$ the same number is both the gate and what passes. Split the roles: one matrix $W$ makes the gate, another, $V$, makes the content. These are the **gated linear units**
# (Dauphin 2016 for the first, Shazeer 2020 for the others):
#
# $$
# \begin{aligned}
# \text{GLU}(x) &= \sigma(xW)\odot xV \\
# \text{GEGLU}(x) &= \text{GELU}(xW)\odot xV \\
# \text{SwiGLU}(x) &= \text{SiLU}(xW)\odot xV
# \end{aligned}
# $$
#
# $\odot$ multiplies entry by entry. This is no longer an activation function of one number: it is a *layer*, with two matrices.

# %% [markdown] exercise="q4_swiglu"
# ### Exercise: SwiGLU
#
# `x` is a batch $(n, d)$; `W` and `V` are $(d, h)$; return $\text{SiLU}(xW)\odot xV$ of shape $(n, h)$, without biases. Worked number, everything a single number: $x = 2$, $W = 1$, $V = 3$ gives
# SiLU(2) · 6 = 10.5696.


# %% exercise="q4_swiglu"
def swiglu(x, W, V):
    """SiLU(xW) ⊙ xV.  x: (n, d), W and V: (d, h) -> (n, h)."""
    ### BEGIN SOLUTION
    return silu(x @ W) * (x @ V)
    ### END SOLUTION


# %% exercise="q4_swiglu"
check("q4_swiglu", swiglu)

# %% [markdown]
# > **Predict.** One input, $W = V = 1$. How does SwiGLU grow for large $x$: like a constant, like $x$, like $x^2$?

# %%
for x in (-10.0, 10.0, 20.0):
    print(f"x = {x:5.1f}   SwiGLU {activations.silu(x) * x:9.4f}")

# %% [markdown]
# Like $x^2$: the gate is not confined to $(0, 1)$ either. Products of inputs are something that no single ReLU or GELU layer computes exactly.
#
# A fair comparison needs equal sizes. A transformer's feed-forward block has two matrices, $d\to h\to d$, with $h = 4d$ in the original Transformer (Vaswani 2017). With a gate there are three. Make $h$ smaller until the counts
# agree: $3dh' = 2d\cdot 4d$, so $h' = \tfrac23\cdot 4d$.

# %%
for d in (512, 4096):
    plain, width = 2 * d * (4 * d), round(2 / 3 * 4 * d)
    print(f"d = {d}: two matrices, width {4 * d}: {plain:,} parameters")
    print(
        f"{'':{len(str(d)) + 4}}  three, width {4 * d}: × {3 * d * 4 * d / plain:.2f};  "
        f"three, width {width}: × {3 * d * width / plain:.4f}"
    )

# %% [markdown]
# Shazeer (2020) compares at this two-thirds width. If you swap a GELU for a SwiGLU and keep the width, you have also bought half as many parameters again, and you will not know which
# of the two helped.

# %% [markdown]
# ## 4.11 Can a smooth unit die?
#
# A ReLU unit whose $z$ is negative for every sample has slope 0, so its own weights get no gradient (lesson 03). A smooth unit has a slope everywhere. Is it safe?
#
# > **Predict.** A unit sits at $z = -8$. Order these by the slope that is left: Leaky ReLU (0.01), ELU, GELU, SiLU.

# %%
print("slope at       -2          -4          -8         -16")
for key in ("leaky_relu", "elu", "silu", "gelu"):
    slopes = "  ".join(f"{REGISTRY[key].df(at):+.1e}  " for at in (-2.0, -4.0, -8.0, -16.0))
    print(f"{REGISTRY[key].name:10s} {slopes}")
z = np.arange(-20, 0, 0.1, dtype=np.float32)
gone = z[activations.gelu_derivative(z) == 0].max()
print(f"in float32 GELU's slope is exactly 0 from z = {gone:.1f} down")

# %% [markdown]
# At $-8$ the order is Leaky, SiLU, ELU, GELU. GELU's slope has size $4\cdot10^{-14}$: not zero, and no use. Further out, in single precision, it *is* zero. SiLU fades like $z e^{z}$, much more slowly, and Leaky ReLU does not fade at all. Mind
# the signs, too: left of the dip the slope is negative.
#
# > **Claim audit.** *"GELU: dying neurons? Effectively no. SiLU: no."* Near 0, where well-initialised units live, that is fair. In the far left tail both vanish, GELU first. Lesson 03 starts
# > networks there, with a bad bias, and counts.

# %% [markdown]
# ## 4.12 Who uses what
#
# A claim about a model needs a source. In the feed-forward layers of:
#
# | model | activation | source |
# |---|---|---|
# | the original Transformer | ReLU | Vaswani 2017 |
# | BERT | GELU | Devlin 2018 |
# | GPT | GELU | Radford 2018 |
# | GPT-2 | GELU, in the tanh form of 4.5 | its released code, `gpt-2/src/model.py` |
# | GPT-3 | GELU, if as in GPT-2 | Brown 2020: "the same model and architecture as GPT-2" |
# | T5 | ReLU | Raffel 2020 |
# | T5 v1.1 | GEGLU | `released_checkpoints.md` of the T5 repository |
# | OPT | ReLU | Zhang 2022 |
# | PaLM | SwiGLU | Chowdhery 2022 |
# | LLaMA | SwiGLU | Touvron 2023 |
# | GPT-4, Claude | not published | OpenAI 2023 for GPT-4 |
#
# The last row is the one most often invented. What is not published is not claimed here.

# %% [markdown]
# ## 4.13 Claim audit
#
# | the line everybody copies | what can be said | evidence |
# |---|---|---|
# | "ALL modern transformers use GELU" | T5 and OPT use ReLU, PaLM and LLaMA SwiGLU | 4.12 |
# | "T5 uses GELU" | T5: ReLU; T5 v1.1: GEGLU | 4.12 |
# | "LLaMA uses SiLU" | SiLU gates a product, SwiGLU | 4.10; Touvron 2023 |
# | "EfficientNet uses Swish" | it does, with $\beta = 1$ | Tan & Le 2019, section 5.2 |
# | "modern CNNs use Swish" | open: which ones? | none |
# | "Swish is slightly better than ReLU on some tasks" | reported: 0.9 and 0.6 points of top-1 on ImageNet, for two networks | Ramachandran 2017 |
# | "GPT-4 and Claude use GELU; stochastic gating helps them" | not published; and GELU draws nothing | 4.6, 4.12 |
# | "range (−0.17, ∞) and (−0.28, ∞)" | right to two digits; the minimum is reached, so the left bracket is closed | 4.4 |
# | "smooth, non-monotonic" | true of both | 4.3, 4.4 |

# %% [markdown]
# And the boldest one:
#
# > *"GELU is why transformers outperform ReLU-based models: the smooth gating is better for language, and residual connections make it more impactful."*
#
# | the line everybody copies | what can be said | evidence |
# |---|---|---|
# | GELU is why | reported gains are empirical and small; ReLU language models do well | Shazeer 2020; Mirzadeh 2023 |
# | smoothness is the reason | it gave better slopes on a toy problem, which proves nothing about language {rests on smooth.ahead} | 4.9 |
# | residual connections amplify it | we know of no measurement of it | – |
#
# Lesson 07 measures a small gain in small models. {rests on language.gelu_ahead} At T5's size Shazeer (2020, Table 1) finds none: log-perplexity 1.679 with GELU, 1.677 with ReLU, lower is better.

# %% [markdown]
# ## 4.14 Trust, but compare
#
# Do PyTorch's versions agree with the course's, in both precisions? A difference of eight rounding errors (eps) of 1, or of $z$ where that is larger, counts as agreement. Then the same
# relatively, in the left tail.

# %%
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
# They agree, measured absolutely. Relatively, SiLU and Mish agree at $-9$ too, and both GELUs are lost: PyTorch adds 1 to erf and to tanh. You found that flaw in 4.2, and others have: pytorch#187806, open when this was written.

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
# | random | no | no |
# | stable form | ½ z erfc(−z/√2) | divide by $1 + e^{-z}$ |
# | published users | BERT, GPT, GPT-2 | EfficientNet; PaLM and LLaMA, as SwiGLU |

# %% [markdown]
# ## Check yourself
#
# You have written eight functions on the way. One question remains, and many get it wrong.

# %% [markdown] exercise="q4_random"
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
