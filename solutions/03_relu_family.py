# %% [markdown]
# # {title}
#
# *Slope one on the right, slope nothing on the left: what that buys, which units it kills, and which of the famous cures work.*
#
# **You will be able to**
#
# - implement ReLU, Leaky ReLU, PReLU and ELU with their slopes, corner included;
# - say what a dead unit is, find the dead ones in a layer, and predict which can come back;
# - choose a cure for a network whose units die, and know which cures are only said to work;
# - tell the history of ReLU in one honest sentence.
#
# **Before you start:** [02 Sigmoid and tanh](02_sigmoid_tanh.ipynb). 75 minutes.

# %%
import warnings

import numpy as np
import torch
from torch.nn import functional as F

from actlab import activations, figures, networks
from actlab.activations import REGISTRY
from actlab.check import check
from actlab.data import glyphs
from actlab.evidence import load
from actlab.explorers import (
    compare,
    evidence_source,
    explore,
    explore_agreement,
    explore_dying,
    explore_rates,
    show_evidence,
)
from actlab.training import Networks

# %% [markdown]
# ## 3.1 A slope that never shrinks
#
# Lesson 02 ended with a complaint: every sigmoid on the way back multiplies the signal by ¼ at most. The blunt answer is a slope of exactly 1. A straight line has it, and
# a straight line is no activation. So keep the line on one side only:
#
# $$\text{ReLU}(z) = \max(0, z)$$
#
# The **rectified linear unit**: positive sums pass untouched, everything else becomes 0.

# %% [markdown] exercise="q3_relu"
# ### Exercise: ReLU
#
# Any shape in, the same shape out, entry by entry; the input array stays as it is. Worked numbers: ReLU(3) = 3, ReLU(−3) = 0.


# %% exercise="q3_relu"
def relu(z):
    """ReLU, elementwise.  Shape: any -> same.  Range: [0, inf)."""
    ### BEGIN SOLUTION
    return np.maximum(z, 0)
    ### END SOLUTION


# %% exercise="q3_relu"
check("q3_relu", relu)

# %% [markdown]
# Does the slope of 1 settle the matter of vanishing gradients?
#
# > **Predict.** Thirty ReLU layers, weights drawn from $N(0, g^2/n)$. For which gain $g$ does the first layer receive a gradient of ordinary size?
# > (a) every $g$ (b) only $g = 1$ (c) $g$ near $\sqrt2$ (d) none

# %%
print("gain   first layer's gradient, log10 (5 seeds)")
for name, gain in (("0.5", 0.5), ("1", 1.0), ("√2", 2**0.5), ("2", 2.0)):
    norms = networks.gradient_norms(REGISTRY["relu"], 30, gain)[:, 0]
    print(f"{name:5s}  {np.log10(norms).mean():6.1f} ± {np.log10(norms).std(ddof=1):.1f}")

# %% [markdown]
# > **Claim audit.** *"ReLU has gradient 1 for positive inputs, completely solving vanishing gradients."*
#
# | the line everybody copies | what we measured |
# |---|---|
# | the slope of an active unit is 1 | true |
# | so the gradient no longer vanishes | only with weights of the right size: at gain ½ nothing is left, at gain 2 it is tens of thousands of times too large |
#
# The answer was (c). About half of the units are off, each layer halves the mean square of the signal, and a weight variance of $2/n$ wins that back. Sources: He (2015), Hanin (2018).
# Lesson 06 takes it from here.

# %% [markdown]
# > **Claim audit.** *"Deep networks became practical with ReLU (2011)."*
#
# | year | what |
# |---|---|
# | 1969 | Fukushima uses the function |
# | 2010 | Nair & Hinton use it in restricted Boltzmann machines |
# | 2011 | Glorot, Bordes & Bengio train deep networks with it, and no longer need unsupervised pre-training |
# | 2012 | Krizhevsky, Sutskever & Hinton win ImageNet with it |
#
# So the function is four decades older, and it is one of the things that made depth practical. The start of the weights is another (Glorot & Bengio 2010, He 2015; lesson 06).

# %% [markdown]
# ## 3.2 The slope, and the corner
#
# Left of 0 the slope is 0, right of it 1. *At* 0 there is a corner and no derivative. Any line through the corner that stays below the curve will do, and its slope is called a
# **subgradient**: every number from 0 to 1 is one.

# %% [markdown] exercise="q3_relu_derivative"
# ### Exercise: the slope of ReLU
#
# The argument is the pre-activation $z$. At $z = 0$ return any number from 0 to 1. Worked numbers: 1 at $z = 3$, 0 at $z = −3$.


# %% exercise="q3_relu_derivative"
def relu_derivative(z):
    """Slope of ReLU at pre-activation z, a subgradient at 0.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, 0.0)
    ### END SOLUTION


# %% exercise="q3_relu_derivative"
check("q3_relu_derivative", relu_derivative)

# %% role="fragment"
explore(relu, relu_derivative)

# %% [markdown]
# Pull *z* across 0 and watch the slope jump; then look at the grey region, where the slope is 0. It is half of all inputs, however narrow or wide they scatter.
#
# Which subgradient does PyTorch take? Here are five ways to write a corner. Guess before you run: do they agree?

# %%
ways = {
    "torch.relu(z)": torch.relu,
    "torch.maximum(z, 0)": lambda z: torch.maximum(z, torch.zeros(1)),
    "z.clamp(min=0)": lambda z: z.clamp(min=0),
    "leaky_relu(z, 0.01)": F.leaky_relu,
    "elu(z)": F.elu,
}
for name, f in ways.items():
    z = torch.zeros(1, requires_grad=True)
    f(z).backward()
    print(f"{name:20s} slope at 0: {z.grad.item():g}")

# %% [markdown]
# The first three are the same function, and they give 0, ½ and 1. All three are right. Does it matter? A sum of many real numbers is hardly ever *exactly* 0:

# %%
rng = np.random.default_rng(0)
z = rng.normal(size=(1000, 120)) @ rng.normal(size=(120, 64))
print(
    f"{z.size} pre-activations: {(z == 0).sum()} are exactly 0, {(z < 0).mean():.2f} are negative"
)

# %% [markdown]
# ## 3.3 A leak
#
# Half of all inputs get slope 0. Why so strict? Let a little through on the left:
#
# $$\text{LeakyReLU}(z) = \begin{cases} z & z > 0\\ \alpha z & z \le 0\end{cases}$$
#
# The usual $\alpha$ is 0.01. You will often see it as $\max(z, \alpha z)$. Is that the same function?

# %%
for alpha in (0.01, 2.0):
    z = np.array([-3.0, 3.0])
    cases, shortcut = activations.leaky_relu(z, alpha), np.maximum(z, alpha * z)
    print(
        f"alpha {alpha:g}: by cases {cases[0]:g} and {cases[1]:g}, max {shortcut[0]:g} and {shortcut[1]:g}"
    )

# %% [markdown]
# For $\alpha \le 1$ it is; above 1 the maximum picks the wrong branch on both sides.

# %% [markdown] exercise="q3_leaky_relu"
# ### Exercise: Leaky ReLU
#
# Any shape, and any $\alpha \ge 0$, also above 1. Worked numbers, with $\alpha = 0.01$: −3 becomes −0.03, and 3 stays 3.


# %% exercise="q3_leaky_relu"
def leaky_relu(z, alpha=0.01):
    """Leaky ReLU, elementwise.  Shape: any -> same.  alpha: slope on the left, any number >= 0."""
    ### BEGIN SOLUTION
    return np.where(z > 0, z, alpha * z)
    ### END SOLUTION


# %% exercise="q3_leaky_relu"
check("q3_leaky_relu", leaky_relu)

# %% [markdown]
# Your function, with its $\alpha$ on a slider. At which two values of $\alpha$ do you know the function by another name?

# %% role="fragment"
explore(leaky_relu, saturation=False, alpha=[0, 0.01, 0.1, 0.2, 0.5, 1])

# %% [markdown]
# At $\alpha = 0$ it is ReLU. At $\alpha = 1$ the corner is gone, and you are back in lesson 01.

# %% [markdown]
# ## 3.4 Learn the leak
#
# If 0.01 is arbitrary, let training choose. **PReLU** (He et al., 2015) is Leaky ReLU whose $\alpha$ is a parameter, here one for a whole layer. Gradient descent then needs
# $\partial\,\text{loss}/\partial\alpha$. The output $a = \alpha z$ depends on $\alpha$ only where $z \le 0$, and there $\partial a/\partial\alpha = z$. Every entry contributes, so they add up:
#
# $$\frac{\partial\,\text{loss}}{\partial\alpha} = \sum_i g_i\,\min(0, z_i),\qquad g_i = \frac{\partial\,\text{loss}}{\partial a_i}$$

# %% [markdown] exercise="q3_prelu_alpha_gradient"
# ### Exercise: the gradient of α
#
# `upstream` holds $g$, in the shape of `z`; return one number. Worked number: $z = (−2, 3)$ and upstream $(5, 7)$ give $5\cdot(−2) = −10$.


# %% exercise="q3_prelu_alpha_gradient"
def prelu_alpha_gradient(z, upstream):
    """∂loss/∂alpha for one alpha shared by all entries.  z, upstream: any, the same shape -> number."""
    ### BEGIN SOLUTION
    return np.sum(upstream * np.minimum(z, 0))
    ### END SOLUTION


# %% exercise="q3_prelu_alpha_gradient"
check("q3_prelu_alpha_gradient", prelu_alpha_gradient)

# %% [markdown]
# Now let it learn: seven-segment digits in ten classes, noisy and shifted, two hidden layers of 64, and every layer's $\alpha$ starts at 0.25. Weights start as PyTorch's default `Linear` layer
# would scale them, at gain $1/\sqrt3$.
#
# > **Predict.** Where do the two slopes go? (a) both to 0, that is to ReLU (b) both to 1 (c) they part (d) they stay

# %%
X, y = glyphs(1000, 0, noise=0.25)
X_test, y_test = glyphs(1000, 1, noise=0.25)

alphas = [torch.full((5, 1, 1), 0.25, requires_grad=True) for _ in range(2)]
layers = [lambda z, alpha=alpha: torch.where(z > 0, z, alpha * z) for alpha in alphas]
nets = Networks([120, 64, 64, 10], layers, 5, gain=3**-0.5)


def look(nets):
    return [alpha.detach().flatten().numpy().copy() for alpha in alphas]


_, seen = nets.fit(X, y, 300, 0.01, batch=100, watch=look, every=10, more=alphas)
slopes = np.array(seen)  # (looks, layers, seeds)

# %%
ends = slopes[-1]
figures.with_spread(
    {
        "layer 1": (REGISTRY["prelu"].color, slopes[:, 0].T),
        "layer 2": (REGISTRY["prelu"].color, slopes[:, 1].T),
    },
    np.arange(0, 301, 10),
    title="PReLU's learned slope (mean, lowest to highest of 5 seeds)",
    xlabel="training step",
    ylabel="α",
    ylim=(-0.1, 0.7),
    alt=f"From 0.25 the slope of layer 1 ends near {ends[0].mean():.1f}, that of layer 2 near {ends[1].mean():.1f}.",
)

# %% [markdown]
# The answer is (c). {verdict prelu.they_part} Is the result a property of the data? Start the weights √6 times larger, at He's gain, and compare. And does a learned slope
# classify better than a plain ReLU, or than a slope that stays at 0.25?

# %%
show_evidence("prelu")

# %%
evidence_source("prelu")

# %% [markdown]
# {verdict prelu.start_decides} {verdict prelu.costs} He et al. (2015) report a gain for ImageNet, 1.2 points.

# %% [markdown]
# ## 3.5 A curve in place of the corner
#
# A leak goes on for ever: the more negative the sum, the more negative the output. **ELU** (Clevert et al., 2015) leaks near 0 and levels off at $-\alpha$ further out:
#
# $$\text{ELU}(z) = \begin{cases} z & z > 0\\ \alpha\,(e^{z} - 1) & z \le 0\end{cases}$$
#
# Written down as it stands, it works, and it complains. Which of the three inputs is to blame?


# %%
def naive_elu(z, alpha=1.0):
    return np.where(z > 0, z, alpha * (np.exp(z) - 1))


with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    values = naive_elu(np.array([-1.0, 1.0, 1000.0]))
print("values:", ", ".join(f"{v:.4f}" for v in values))
print("warnings:", *(str(w.message) for w in said))

# %% [markdown]
# `where` is not an `if`: it computes *both* sides everywhere and then picks. The exponential of 1000 is computed, overflows, and is thrown away. No harm done?
#
# > **Predict.** The same line in PyTorch. What is the gradient at 1000?

# %%
for name, on_the_left in (("as it stands", lambda z: z), ("clipped", lambda z: z.clamp(max=0))):
    z = torch.tensor([-1.0, 1.0, 1000.0], requires_grad=True)
    torch.where(z > 0, z, torch.exp(on_the_left(z)) - 1).sum().backward()
    print(f"{name:13s} gradients:", ", ".join(f"{g:.4f}" for g in z.grad.tolist()))

# %% [markdown]
# NaN. On the way back the discarded side receives a gradient of 0, multiplies it by its slope $e^{1000} = \infty$, and $0\cdot\infty$ is not a number. Clip the *argument* of the
# exponential, so that nothing infinite is ever computed. (NumPy takes no gradients, so the check below does not ask for the clip.) One more trap, at the other end:

# %%
z = -1e-13
print(f"e^z - 1 at z = -1e-13:  subtracted {np.exp(z) - 1:.6e}   np.expm1 {np.expm1(z):.6e}")

# %% [markdown]
# Near 0, $e^z$ is so close to 1 that the subtraction cancels nearly all digits. NumPy has a function for the difference.

# %% [markdown] exercise="q3_elu"
# ### Exercise: ELU
#
# Any shape; any $\alpha > 0$. {part 1} for values, {part 2} more if it is right at ±1000 and to six digits for tiny negative numbers. Worked number, with $\alpha = 1.5$: −1 becomes $1.5\,(e^{-1} − 1) = −0.9482$.


# %% exercise="q3_elu"
def elu(z, alpha=1.0):
    """ELU, elementwise.  Shape: any -> same.  Range: (-alpha, inf)."""
    ### BEGIN SOLUTION
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))
    ### END SOLUTION


# %% exercise="q3_elu"
check("q3_elu", elu)

# %% [markdown]
# ## 3.6 Smooth, for one α
#
# ELU is praised as "smooth". Differentiate both sides: the right has slope 1, the left $\alpha e^{z}$, which tends to $\alpha$ at 0. For which $\alpha$ do they meet?

# %% [markdown] exercise="q3_elu_derivative"
# ### Exercise: the slope of ELU
#
# The argument is the pre-activation. At 0 anything between the slopes of the two sides is right. Worked number, with $\alpha = 1.5$: at −1 it is $1.5\,e^{-1} = 0.5518$.


# %% exercise="q3_elu_derivative"
def elu_derivative(z, alpha=1.0):
    """Slope of ELU at pre-activation z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))
    ### END SOLUTION


# %% exercise="q3_elu_derivative"
check("q3_elu_derivative", elu_derivative)

# %% [markdown]
# Turn $\alpha$ and look at the dashed curve at 0; then at the far left, and read off where the values level off and how many inputs saturate.

# %% role="fragment"
explore(elu, elu_derivative, alpha=np.linspace(0.25, 2, 8))

# %% [markdown]
# > **Claim audit.** *"ELU is smooth."* Only at $\alpha = 1$ do the slopes meet; for every other $\alpha$ there is a corner, as in ReLU. Its range is $(-\alpha, \infty)$, and on the left it
# > saturates as a sigmoid does. *"Negative outputs allowed"*: by its range; they bring mean outputs nearer to 0, which is what it was made for. *"Avoids dead neurons"*: near 0. At $z = -8$ a slope of 0.0003 is left (lesson 04). Source: Clevert et al. (2015).

# %% [markdown]
# One relative has no free $\alpha$. **SELU** (Klambauer et al., 2017) is ELU with $\alpha = 1.6733$, times $1.0507$. The two constants are what it takes for inputs from $N(0, 1)$ to come out with
# mean 0 and mean square 1, so that layer upon layer could keep that up. First look at the four left sides: which is steepest at 0, and which level off? Then the numbers, to check.

# %% role="fragment"
compare(["relu", "leaky_relu", "elu", "selu"])

# %%
z = np.linspace(-12, 12, 240_001)
density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
print("inputs from N(0, 1)   mean   mean square   slope left of 0   right of 0")
for key in ("relu", "leaky_relu", "prelu", "elu", "selu"):
    a = REGISTRY[key]
    mean, square = (np.trapezoid(v * density, z) for v in (a.f(z), a.f(z) ** 2))
    left, right = a.df(np.array([-1e-9, 1e-9]))
    print(f"{a.name:20s} {abs(mean):6.3f} {square:10.3f} {left:16.3f} {right:13.3f}")

# %% [markdown]
# SELU alone keeps both; it has the steepest left side, and its slope *falls* at 0. None of the others is zero-centred.

# %% [markdown] role="notes"
# **For the lecturer.** Ask at 3.5 why a value that is thrown away can spoil a gradient; expect "because of the warning". Let somebody write the chain rule for `where` on the board.

# %% [markdown]
# ## 3.7 How a unit dies
#
# Back to the flat side. What passes backward through ReLU, given the gradient $g$ that arrives from above?

# %% [markdown] exercise="q3_relu_backward"
# ### Exercise: one step back through ReLU
#
# Return the gradient with respect to $z$, given `upstream`, the gradient with respect to ReLU(z), of the same shape. Worked numbers: with upstream −5 it is −5 at $z = 2$ and 0 at $z = −2$.


# %% exercise="q3_relu_backward"
def relu_backward(z, upstream):
    """Gradient behind a ReLU.  z, upstream: any, the same shape -> that shape."""
    ### BEGIN SOLUTION
    return upstream * (z > 0)
    ### END SOLUTION


# %% exercise="q3_relu_backward"
check("q3_relu_backward", relu_backward)

# %% [markdown]
# Now take unit $j$ of a layer, and add up its weight gradient over all samples $n$:
#
# $$\frac{\partial\,\text{loss}}{\partial w_{ij}} = \sum_n g_{nj}\,f'(z_{nj})\,h_{ni}$$
#
# If $z_{nj} \le 0$ for *every* sample, every term is 0. Not small: zero. So is its bias gradient. Such a unit outputs 0 whatever the data, and gradient descent has no reason to change it. It is called **dead**: for these
# data, for this function.

# %% [markdown] exercise="q3_dead_units"
# ### Exercise: who is dead?
#
# `z` holds pre-activations, one row per sample and one column per unit. Return one bool per unit: is the ReLU output 0 for every sample? Worked example:
# $\begin{pmatrix}-1 & 2\\ -2 & -3\end{pmatrix}$ gives `[True, False]`.


# %% exercise="q3_dead_units"
def dead_units(z):
    """Which units are dead?  z: (n, units) -> bool (units,)."""
    ### BEGIN SOLUTION
    return (z <= 0).all(axis=0)
    ### END SOLUTION


# %% exercise="q3_dead_units"
check("q3_dead_units", dead_units)

# %% [markdown]
# > **Claim audit.** *"Many zero outputs"* as the symptom of dying ReLUs. A healthy layer has them too: in 3.2 half of all pre-activations were negative, so half of all outputs are 0. What tells a dead unit is its *column*: 0 for every sample.

# %% [markdown]
# Make some. The digits again, two hidden layers of 64 with He's weights, but all hidden biases start at −4. Train for 200 steps with Adam.
#
# > **Predict.** How many of the dead units does training bring back? (a) most (b) about half (c) a few (d) none

# %%
nets = Networks([120, 64, 64, 10], "relu", 5, gain=2**0.5, bias=-4.0)
before = nets.dead(X)
nets.fit(X, y, 200, 0.01, batch=100)
for layer, (was, now) in enumerate(zip(before, nets.dead(X), strict=True), start=1):
    print(
        f"layer {layer}: {was.mean():.2f} dead at the start, {(was & ~now).sum()} units came back"
    )
print(f"accuracy {nets.accuracy(X_test, y_test).mean():.2f} of ten classes")

# %% [markdown]
# (d). {verdict dying.none_return} The *second* layer is dead as a whole, so nothing passes back to the first: even units that are alive there learn nothing.

# %% [markdown]
# ## 3.8 Watch them
#
# Plain gradient descent, two layers of 32. Every row is a unit, the step runs to the right, and *your* `dead_units` says who is dead. Pull *training step* and look for a thick bar that ends.
# Then try: both biases 0 and learning rate 3; the first bias −4 and the second −2.

# %% role="fragment"
explore_dying(dead_units)

# %% [markdown]
# Three things to see. Bars that *begin* in the middle: a learning rate of 3 kills units that started healthy. Biases far below 0: nothing moves at all. And at the setting you started from, dead units of
# layer 2 come back, most of them, while in layer 1 not one bar ever ends, at any setting. Keep that in mind. {rests on revival.layer_1}

# %% [markdown]
# How does a learning rate kill? One step that is too long throws the weights to where no sample reaches the unit, and there is no gradient for the way back. Adam, biases at 0, healthy at the start. Look for the rate
# at which dying begins, first for ReLU. (Dead means $z \le 0$ on every sample, for all five.)

# %% role="fragment"
explore_rates("threshold", ["Leaky 0.01", "Leaky 0.2", "GELU", "batch norm", "ReLU"])

# %%
evidence_source("threshold")

# %% [markdown]
# {verdict threshold.begins} If units die in your network, look at the learning rate first.

# %% [markdown] role="notes"
# **For the lecturer.** Ask for a setting in which a bar of layer 1 ends; let them search for a minute. There is none, and 3.9 says why. The wrong answer to expect: "momentum would help". The end of 3.9 says how far it does.

# %% [markdown]
# ## 3.9 For ever?
#
# > **Predict.** Under plain gradient descent, "a dead ReLU never updates and is permanently dead." True (a) for all units (b) for the first layer only (c) for the last layer only (d) for none?
#
# Its own weights stand still. But $z = \sum_i w_i h_i + b$ has other ingredients: the $h_i$. In the first layer they are the data, which do not change. In the second layer they are outputs of the first, and
# *those* learn, as long as some path is open. Count the dead units of layer 2 that live at some later time; and the control: the same with layer 1 held still.

# %% role="fragment"
explore_rates("revival", ["layer 1 held still", "biases −3, −1", "biases −2, −2"])

# %%
evidence_source("revival")

# %% [markdown]
# {verdict revival.layer_2} {verdict revival.layer_1} And it is no accident: in layer 1, or behind a layer that stands still, nothing in $z$ can change.
#
# One more loophole: Adam carries *momentum*. A unit that died a moment ago still coasts, even in the first layer. From healthy biases of 0: {verdict coasting.momentum}

# %%
evidence_source("coasting")

# %% [markdown]
# > **Claim audit.** *"A dead unit's gradient is 0 for ever: it is permanently dead."*
#
# | the line everybody copies | what we measured |
# |---|---|
# | its gradient is 0 | exactly 0 |
# | so its weights never change | right with plain gradient descent; momentum coasts on for a few steps |
# | so it is dead for ever | in the first layer, yes, under plain gradient descent; deeper units came back when the layer before them moved |
# | | if a whole layer is dead, everything below it is frozen too |
#
# The answer was (b). Source: Lu et al. (2019), who study networks that are *born* dead.

# %% [markdown]
# ## 3.10 The cures, side by side
#
# Three cures are recommended: a slope on the left, a better initialisation, batch normalisation. Take the hopeless case, biases at −4, Adam, and change one thing at a time.
#
# > **Predict.** ReLU stays at 0.10. Which two of these recover least: Leaky 0.01, Leaky 0.2, ELU, GELU and SiLU (two smooth relatives, lesson 04), batch normalisation, biases at 0?

# %%
CURES = ["ReLU", "Leaky 0.01", "Leaky 0.2", "ELU", "GELU", "SiLU", "batch norm", "bias 0"]
show_evidence("dying", CURES)

# %%
evidence_source("dying")

# %% [markdown]
# {verdict dying.five_rescue} (He's weights are in all eight: on their own they save nobody.) {verdict dying.smooth_least} Yet both are said not to die. How much slope do they offer at $z = −4$?

# %%
for key in ("leaky_relu", "gelu", "silu"):
    print(f"{REGISTRY[key].name:10s} slope at -4: {REGISTRY[key].df(np.array([-4.0]))[0]:+.4f}")

# %% [markdown]
# SiLU's slope is five times Leaky ReLU's, so size alone explains nothing. But GELU's and SiLU's are *negative*: a step that should raise the output pushes $z$ further out. Is it the sign? Give a leak each of the
# three sizes, once with either sign.

# %%
dying = load("dying").whole()
LEAKS = {"0.0005": ("leak +0.0005", "leak −0.0005"), "0.0527": ("leak +0.0527", "leak −0.0527")}
LEAKS |= {"0.0100": ("Leaky 0.01", "leak −0.01")}
for size, (plus, minus) in sorted(LEAKS.items()):
    print(
        f"slope ±{size}: accuracy {dying[plus].mean():.2f} with +, {dying[minus].mean():.2f} with −"
    )

# %% [markdown]
# > **Claim audit.** *"GELU, SiLU: effectively no dying."* {verdict dying.smooth_return} {verdict dying.sign} Lesson 04 draws the two left tails.
#
# Now change the optimiser, and nothing else: plain gradient descent. And mind the control: beside each cure stands ReLU *without* it, also at the milder biases of −2.

# %% role="fragment"
MILDER = ["ReLU, biases −2", "Leaky 0.01, biases −2"]
explore_rates("dying_plain", ["batch norm", "ELU", "Leaky 0.2", *MILDER, "ReLU", "Leaky 0.01"])

# %%
evidence_source("dying_plain")

# %% [markdown]
# > **Claim audit.** *"Leaky ReLU fixes dying ReLU."* From biases of −4, with Adam, yes. With plain descent it depends on the slope and on your patience:
# >
# > - {verdict dying_plain.leak_waits}
# > - {verdict dying_plain.slow}
# > - {verdict dying_plain.others}
# > - {verdict dying_plain.needless}

# %% [markdown]
# Why? A hundredth of the gradient makes a hundredth of the step. Adam divides by the size of the gradient and hands it back; plain descent does not. And a cure gets the credit only where its control stays ill. Suppose you had tried slope 0.01 at −2 alone, with a few seeds. Would you have reported that it beats ReLU?

# %% role="fragment"
explore_agreement("dying_plain.leak_better")

# %% [markdown]
# {verdict dying_plain.leak_better} Five seeds do not settle a difference this small; and either way it is no rescue.
#
# And the other way to die, a learning rate of 0.1? Go back to the picture of 3.8, where low is good, and let each cure stand out. {verdict threshold.only_a_real_leak} Why not batch normalisation? Its own shift is a parameter, which a long step can throw off.

# %% [markdown]
# ## 3.11 Batch normalisation
#
# Why does it cure at all? Whatever bias a unit has, the mean over the batch is subtracted, and it is gone:
#
# $$\hat z = \gamma\,\frac{z - \text{mean}(z)}{\sqrt{\text{var}(z) + \varepsilon}} + \beta$$
#
# Mean and variance are those of each unit over the batch; $\gamma$ and $\beta$ are learned and start at 1 and 0. A unit at its own average sits at 0, so some samples lie above it: it cannot be dead at the start.

# %% [markdown] exercise="q3_batch_norm"
# ### Exercise: batch normalisation
#
# `z` is $(n, d)$, `gamma` and `beta` are $(d,)$; the variance is the biased one, divided by $n$. Worked numbers: one unit, two samples 1 and 5, $\gamma = 3$, $\beta = 10$: mean 3, variance 4, so (for tiny ε)
# $10 − 3 = 7$ and $10 + 3 = 13$.


# %% exercise="q3_batch_norm"
def batch_norm(z, gamma, beta, eps=1e-5):
    """Normalise each unit over the batch.  z: (n, d), gamma, beta: (d,) -> (n, d)."""
    ### BEGIN SOLUTION
    return gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps) + beta
    ### END SOLUTION


# %% exercise="q3_batch_norm"
check("q3_batch_norm", batch_norm)

# %% [markdown]
# ## 3.12 Trust, but compare
#
# Value and slope of the whole family against PyTorch, in both precisions, 82 points each. Agreement is relative: four rounding errors (eps) of the number itself, so that the tails count too.

# %%
TORCH = {
    "relu": torch.relu,
    "leaky_relu": F.leaky_relu,
    "prelu": lambda z: F.prelu(z, torch.tensor([0.25], dtype=z.dtype)),
    "elu": F.elu,
    "selu": F.selu,
}
z = np.linspace(-20, 20, 82)
for key, f in TORCH.items():
    agree = 0
    for dtype in (np.float32, np.float64):
        x = torch.tensor(z.astype(dtype), requires_grad=True)
        out = f(x)
        out.sum().backward()
        for mine, torchs in ((REGISTRY[key].f, out.detach()), (REGISTRY[key].df, x.grad)):
            mine = mine(x.detach().numpy())
            agree += (np.abs(torchs.numpy() - mine) <= 4 * np.finfo(dtype).eps * np.abs(mine)).sum()
    print(f"{REGISTRY[key].name:10s} within 4 eps: {agree} of {4 * z.size} values and slopes")

# %% [markdown]
# ## Recap
#
# | | ReLU | Leaky ReLU | PReLU | ELU |
# |---|---|---|---|---|
# | range | [0, ∞) | (−∞, ∞) | (−∞, ∞) | (−α, ∞) |
# | slope | 0 or 1 | α or 1 | α or 1, α learned | αeᶻ or 1 |
# | corner at 0 | yes | yes | yes | unless α = 1 |
# | saturates | left, exactly | no | no | left |
# | can die | yes | off for all data, yes; a slope leads back, slowly where α is small | if α gets small | far out on the left |
# | reach for it | by default | when units die, with α = 0.2 | no gain here | when units die |
#
# Before any of them: the right scale of weights, biases at 0, a lower learning rate.

# %% [markdown]
# ## Check yourself
#
# You have written nine functions on the way. One question remains, and it is the one people get wrong.

# %% [markdown] exercise="q3_dead"
# ### Exercise: dead or alive?
#
# No sample of the data switches a certain ReLU unit on. Plain gradient descent goes on. What holds?
#
# {options}

# %% exercise="q3_dead"
answer = ""  # one letter, for example "a"
### BEGIN SOLUTION
answer = "c"
### END SOLUTION

# %% exercise="q3_dead"
check("q3_dead", answer)

# %% [markdown]
# **Next:** [04 GELU and SiLU](04_gelu_silu.ipynb). The corner is where ReLU decides: through, or not. What if the decision were a matter of degree?
