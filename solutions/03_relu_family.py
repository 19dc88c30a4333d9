# %% [markdown]
# # {title}
#
# *Slope 1 on the right, slope 0 on the left: what that gives, which units it kills, and which of the famous cures work.*
#
# **You will be able to**
#
# - implement ReLU, Leaky ReLU and ELU, corner and traps included;
# - say what a dead unit is, find the dead ones in a layer, and predict which can come back;
# - choose a cure for a network whose units die, and know which cures are only said to work;
# - tell the history of ReLU in one honest sentence.
#
# **Before you start:** [02 Sigmoid and tanh](02_sigmoid_tanh.ipynb). {minutes}.

# %%
import numpy as np

from actlab import inside, networks, pictures
from actlab.activations import REGISTRY
from actlab.check import check
from actlab.explorers import (
    compare,
    evidence_source,
    explore,
    explore_dying,
    explore_rates,
    show_evidence,
)

# %% [markdown]
# ## 3.1 A slope that never shrinks
#
# Lesson 02 ended with a complaint: every sigmoid on the way back multiplies the signal by ¼ at most. The blunt answer is a slope of exactly 1. A straight line has it, and
# a straight line is no activation. So keep the line on one side only: a positive sum passes untouched, and everything else becomes 0. This is the **rectified linear unit**, ReLU.

# %% [markdown] exercise="q3_relu"
# ### Exercise: ReLU
#
# Any shape in, the same shape out, entry by entry, without a loop; the input array stays as it is. Worked numbers: ReLU(3) = 3, ReLU(−3) = 0.


# %% exercise="q3_relu"
def relu(z):
    """ReLU, elementwise.  Shape: any -> same.  Range: [0, inf)."""
    ### BEGIN SOLUTION
    return np.maximum(z, 0)
    ### END SOLUTION


# %% exercise="q3_relu"
check("q3_relu", relu)

# %% [markdown]
# You will read it as $\text{ReLU}(z) = \max(0, z)$. Does the slope of 1 settle the matter of vanishing gradients?

# %% [markdown] tags=["predict"]
# Thirty ReLU layers, weights drawn from $N(0, g^2/n)$. For which gain $g$ does the first layer receive a gradient of ordinary size?
#
# - [ ] for every gain
#   The slope is 1 where a unit is active: that speaks for it. But about half of the units are off, and the weights multiply the signal too.
# - [ ] for a gain of 1, which neither adds nor takes away
#   It would be so if every unit let everything through. Half of them are off, and each layer halves the mean square of the signal.
# - [x] for a gain near √2
#   Now see how far off the first layer is with the other gains, in powers of ten.
# - [ ] for no gain: thirty layers are too many
#   For thirty sigmoids that was a good guess, with ¼ at most in each. An active ReLU takes nothing away.

# %%
print("gain   first layer's gradient, log10 (5 seeds)")
for name, gain in (("0.5", 0.5), ("1", 1.0), ("√2", 2**0.5), ("2", 2.0)):
    norms = networks.gradient_norms(REGISTRY["relu"], 30, gain)[:, 0]
    print(f"{name:5s}  {np.log10(norms).mean():6.1f} ± {np.log10(norms).std(ddof=1):.1f}")

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
# So the function is four decades older, and one of several things that made depth practical. The start of the weights is another (Glorot & Bengio 2010), as the numbers above say.

# %% [markdown]
# > **Claim audit.** *"ReLU has gradient 1 for positive inputs, completely solving vanishing gradients."* The slope of an active unit is 1. But at gain ½ nothing is left, and at gain 2 the gradient is
# > tens of thousands of times too large. About half of the units are off, so each layer halves the mean square of the signal, and a weight variance of $2/n$ wins that back. Sources: He (2015), Hanin (2018).

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

# %% [markdown]
# Pull *z* across 0 and watch the slope jump. Then change the spread: how many inputs lie in the grey region, where the slope is 0?

# %% role="fragment"
explore(relu, relu_derivative)

# %% [markdown] tags=["predict"]
# `torch.relu(z)`, `torch.maximum(z, 0)` and `z.clamp(min=0)` are one function, written in three ways. Which slopes does PyTorch give them at $z = 0$?
#
# - [ ] 0 for all three
#   A common choice, and the one of `torch.relu`. But nobody made the three agree.
# - [x] three different numbers
#   Now see which; and whether one of them is wrong.
# - [ ] ½ for all three, the middle of the two sides
#   The middle is a subgradient, and one of the three takes it. A corner leaves the choice open.
# - [ ] NaN, since there is no derivative
#   There is none; but a network that trains needs a number, and any subgradient will do.

# %%
import torch

ways = {
    "torch.relu(z)": torch.relu,
    "torch.maximum(z, 0)": lambda z: torch.maximum(z, torch.zeros(1)),
    "z.clamp(min=0)": lambda z: z.clamp(min=0),
}
for name, f in ways.items():
    z = torch.zeros(1, requires_grad=True)
    f(z).backward()
    print(f"{name:20s} slope at 0: {z.grad.item():g}")

# %% [markdown]
# Any slope between 0 and 1 is right. Does it matter? A sum of many real numbers is hardly ever *exactly* 0.

# %%
rng = np.random.default_rng(0)
z = rng.normal(size=(1000, 120)) @ rng.normal(size=(120, 64))
print(f"of {z.size} sums {(z == 0).sum()} are exactly 0, {(z < 0).mean():.2f} are negative")

# %% [markdown]
# ## 3.3 A leak
#
# Half of all inputs get slope 0. Let a little through on the left: keep $z$ where it is positive, and multiply it by a small slope $\alpha$ where it is not. That is **Leaky ReLU**; the usual
# $\alpha$ is 0.01.
#
# You will often see it written as $\max(z, \alpha z)$. Is that the same function for *every* $\alpha$? Try $\alpha = 2$ at $-3$ and at 3.

# %% [markdown] exercise="q3_leaky_relu"
# ### Exercise: Leaky ReLU
#
# Any shape, and any $\alpha \ge 0$. Worked numbers: with $\alpha = 0.01$, −3 becomes −0.03 and 3 stays 3; with $\alpha = 2$, −3 becomes −6 and 3 stays 3.


# %% exercise="q3_leaky_relu"
def leaky_relu(z, alpha=0.01):
    """Leaky ReLU, elementwise.  Shape: any -> same.  alpha: slope on the left, any number >= 0."""
    ### BEGIN SOLUTION
    return np.where(z > 0, z, alpha * z)
    ### END SOLUTION


# %% exercise="q3_leaky_relu"
check("q3_leaky_relu", leaky_relu)

# %% [markdown] role="fragment"
# The maximum is right up to $\alpha = 1$. Above 1 it picks the wrong branch on both sides: with $\alpha = 2$ it turns −3 into −3 and 3 into 6.

# %% [markdown] role="fragment"
# The function, with its $\alpha$ on a slider. At which two values of $\alpha$ do you know the function by another name?

# %% role="fragment"
explore(leaky_relu, saturation=False, alpha=[0, 0.01, 0.2, 1])

# %% [markdown] role="skip"
# At $\alpha = 0$ it is ReLU. At $\alpha = 1$ the corner is gone, and you are back in lesson 01.

# %% [markdown]
# ## 3.4 Learn the leak ☆
#
# (☆ marks what goes beyond the lesson. Nothing later needs it.) If 0.01 is arbitrary, let training choose. **PReLU** (He et al., 2015) is Leaky ReLU whose $\alpha$ is a parameter, here one for a whole layer. Gradient descent then needs
# $\partial\,\text{loss}/\partial\alpha$. By how much does the output $a$ of one unit change when $\alpha$ does? Where $z > 0$, not at all. Where $z \le 0$ it is $a = \alpha z$, so $\partial a/\partial\alpha = z$.
# All entries share one $\alpha$, so what each contributes adds up.

# %% [markdown] exercise="q3_prelu_alpha_gradient"
# ### Exercise: the gradient of α
#
# `upstream` holds $\partial\,\text{loss}/\partial a$, in the shape of `z`; return one number. Worked number: $z = (−2, 3)$ and upstream $(5, 7)$ give $5\cdot(−2) = −10$.


# %% exercise="q3_prelu_alpha_gradient"
def prelu_alpha_gradient(z, upstream):
    """∂loss/∂alpha for one alpha shared by all entries.  z, upstream: any, the same shape -> number."""
    ### BEGIN SOLUTION
    return np.sum(upstream * np.minimum(z, 0))
    ### END SOLUTION


# %% exercise="q3_prelu_alpha_gradient"
check("q3_prelu_alpha_gradient", prelu_alpha_gradient)

# %% [markdown]
# Let it learn: seven-segment digits in ten classes, two hidden layers of 64, and every layer's $\alpha$ starts at 0.25. {verdict prelu.they_part} Here the weights have PyTorch's default gain, $1/\sqrt3$. {verdict prelu.start_decides}

# %% [markdown]
# And does a learned slope classify better than a plain ReLU, or than a slope that stays at 0.25? All three at the default gain: {verdict prelu.costs} He et al. (2015) report a gain of 1.2 points for ImageNet.

# %% role="skip"
evidence_source("prelu")

# %% [markdown]
# ## 3.5 A curve in place of the corner
#
# A leak goes on for ever: the more negative the sum, the more negative the output. **ELU** (Clevert et al., 2015) leaks near 0 and levels off at $-\alpha$ further out:
#
# $$\text{ELU}(z) = \begin{cases} z & z > 0\\ \alpha\,(e^{z} - 1) & z \le 0\end{cases}$$
#
# Written down as it stands, it works, and NumPy warns of an overflow. Which of the three inputs causes it?


# %%
def naive_elu(z, alpha=1.0):
    return np.where(z > 0, z, alpha * (np.exp(z) - 1))


with np.errstate(over="ignore"):  # delete this line, and NumPy warns
    values = naive_elu(np.array([-1.0, 1.0, 1000.0]))
print("values:", ", ".join(f"{v:.4f}" for v in values))

# %% [markdown]
# `where` is not an `if`: it computes *both* sides everywhere and then picks. So $e^{1000}$ is computed, overflows to ∞, and is thrown away. The values are right. No harm done?

# %% [markdown] tags=["predict"]
# The same line in PyTorch, and then a backward pass. What is the gradient at $z = 1000$?
#
# - [ ] 1, the slope of the side that was picked
#   The slope there *is* 1. But on the way back the discarded side gets something too, a gradient of 0. What does it multiply it by?
# - [ ] 0, because of the overflow
#   Nothing sets the gradient to 0. The picked side alone would give 1.
# - [ ] ∞
#   The slope of the discarded side is infinite, that is right. It is multiplied by the gradient that arrives there.
# - [x] NaN
#   Now see it, and how to avoid it.

# %%
for name, on_the_left in (("as it stands", lambda z: z), ("clipped", lambda z: z.clamp(max=0))):
    z = torch.tensor([-1.0, 1.0, 1000.0], requires_grad=True)
    torch.where(z > 0, z, torch.exp(on_the_left(z)) - 1).sum().backward()
    print(f"{name:13s} gradients:", ", ".join(f"{g:.4f}" for g in z.grad.tolist()))

# %% [markdown]
# What is different in the first line is the chain rule at work: the discarded side receives a gradient of 0, and multiplies it by its own slope, $e^{1000}$, for which the computer has ∞. Clip the *argument* of the
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
# ## 3.6 No corner, for one α ☆
#
# ELU is praised as "smooth". Is it? Take the slope of either side, and compare the two at 0. For which $\alpha$ do they meet?

# %% [markdown] exercise="q3_elu_derivative"
# ### Exercise: the slope of ELU
#
# The argument is the pre-activation. At 0 anything between the slopes of the two sides is right. Worked number, with $\alpha = 1.5$: 0.5518 at −1.


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
explore(elu, elu_derivative, alpha=[0.5, 1, 2])

# %% [markdown]
# > **Claim audit.** *"ELU is smooth."* On the right the slope is 1, on the left $\alpha e^{z}$, which tends to $\alpha$: the two meet at $\alpha = 1$ only, and even there the second derivative jumps, from 1 to 0. The range of ELU is $(-\alpha, \infty)$, and on the left it
# > saturates as a sigmoid does. *"Avoids dead neurons"*: near 0. At $z = -8$ a slope of 0.0003 is left (lesson 04). Source: Clevert et al. (2015).

# %% [markdown]
# One relative has no free $\alpha$. **SELU** (Klambauer et al., 2017) is ELU with $\alpha = 1.6733$, times $1.0507$. With these constants inputs from $N(0, 1)$ come out with
# mean 0 and mean square 1, so that layer upon layer could keep that up. Look at the four left sides: which is steepest near 0, and which level off? Then the numbers, to check.

# %% role="fragment"
compare(["relu", "leaky_relu", "elu", "selu"])

# %% tags=["fold"]
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
# Here $g_{nj}$ is the gradient that arrives at the unit's output, and $h_{ni}$ is its $i$-th input. If $z_{nj} \le 0$ for *every* sample, every term is 0. Such a unit outputs 0 on every sample. It is called **dead**, for this function and for
# these data.

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

# %% [markdown] role="subslide"
# "Many zero outputs" is often named as the symptom. But a healthy layer has them too: in 3.2 half of all pre-activations were negative. A dead unit shows in its *column*: all 0.
#
# Make some dead ones: seven-segment digits in ten classes, noisy and shifted, two hidden layers of 64 with He's weights (gain √2), but hidden biases of −4. Take 200 steps of Adam.

# %% [markdown] tags=["predict"]
# About seven units in ten are dead at the start. How many of the dead does training bring back?
#
# - [ ] most
#   Training repairs much. But look at the sum above: which of its terms could push a dead unit?
# - [ ] about half, Adam has momentum
#   Momentum keeps a movement going. It needs a gradient to begin with, and a unit that is dead from the start never had one.
# - [ ] a few, since batches are noisy
#   Noise of what? The sum has only zeros in it, in every batch.
# - [x] none
#   Now see both layers, and what becomes of the units that live.

# %%
from actlab.data import glyphs
from actlab.training import Networks

X, y = glyphs(1000, 0, noise=0.25)
nets = Networks([120, 64, 64, 10], "relu", 5, gain=2**0.5, bias=-4.0)
before = nets.dead(X)
nets.fit(X, y, 200, 0.01, batch=100)
for layer, (was, now) in enumerate(zip(before, nets.dead(X), strict=True), start=1):
    print(f"layer {layer}: {was.mean():.2f} dead at the start, {(was & ~now).sum()} came back")
print(f"accuracy {nets.accuracy(*glyphs(1000, 1, noise=0.25)).mean():.2f} of ten classes")

# %% [markdown]
# {verdict dying.none_return} The *second* layer is dead as a whole: what passes back through it to the first's living units?

# %% [markdown]
# ## 3.8 Watch them
#
# Plain gradient descent, two layers of 32 units, watched step by step. Biases start at −3 in layer 1 and at −1 in layer 2: at the start 5 units of layer 1 are dead, and 24 of layer 2.

# %% [markdown] tags=["predict"]
# Train with plain descent at rate 1. Where do dead units come back?
#
# - [ ] nowhere: dead is dead
#   In 3.7 it was so. But there the second layer was dead as a whole. Here eight of its units live.
# - [x] in layer 2, which sees layer 1
#   {rests on revival.layer_2}Now play it, and look for thick bars that end. 3.9 asks why they do.
# - [ ] in layer 1, which sees the data
#   It does. Follow its thick bars to the end: does one of them stop? {rests on revival.layer_1}
# - [ ] in both: they train together
#   They do. Yet one of the two keeps all of its dead. Which? {rests on revival.layer_1}

# %% [markdown] role="skip"
# Every row is a unit, time runs to the right, and your `dead_units` says who is dead. Press *play* at *training step*, or pull it to the right.
# Then try: both biases 0 and learning rate 3; and the first bias −4, the second −2.

# %% role="fragment"
explore_dying(dead_units)

# %% [markdown]
# With −3 and −1 at rate 1 most dead units of layer 2 come back, while in layer 1 not one bar ever ends, at any setting. {rests on revival.layer_1} Bars that *begin* in the middle: a learning rate of 3 kills units that started healthy. Biases far
# below 0: nothing moves at all, for nothing passes back through a dead layer.

# %% [markdown]
# How does a learning rate kill? One step that is too long changes the weights so much that $z \le 0$ on every sample. Then no gradient leads back. Here are Adam and biases of 0, healthy at the start. Look for the rate
# at which dying begins. (Dead means $z \le 0$ on every sample, for all three.)

# %% role="fragment"
explore_rates("threshold", ["Leaky 0.01", "Leaky 0.2", "ReLU"])

# %% role="skip"
evidence_source("threshold")

# %% [markdown]
# {verdict threshold.begins} If units die in your network, look at the learning rate first.

# %% [markdown] role="notes"
# **For the lecturer.** Then ask for a setting in which a bar of layer 1 ends; let them search for a minute. There is none, and 3.9 says why. The wrong answer to expect: "momentum would help". The end of 3.9 says how far it does.

# %% [markdown]
# ## 3.9 For ever?
#
# "A dead ReLU never updates and is permanently dead", one reads. Under plain descent its weights $w_i$ and its bias $b$ do stand still, in layer 1 and in layer 2. Yet in layer 2 most of the dead came back. What can have
# moved their $z = \sum_i w_i h_i + b$?

# %% [markdown] tags=["predict"]
# You saw most dead units of layer 2 come back. Now hold layer 1 still, and train everything else as before. How many dead units of layer 2 return?
#
# - [ ] as many as before, since layer 2 still trains
#   Its living units do. But a dead unit's own weights have no gradient. So what had moved its $z$?
# - [ ] fewer, since all of training slows down
#   That may be. But ask what can move one dead unit's $z$ at all.
# - [x] none
#   {rests on revival.layer_2}Now see this control beside the others, and how the rate decides.

# %% [markdown] role="skip"
# The share of layer 2's dead units that live at some later time, in two settings; and the control with layer 1 held still:

# %% role="fragment"
explore_rates("revival", ["layer 1 held still", "biases −3, −1", "biases −2, −2"])

# %% role="skip"
evidence_source("revival")

# %% [markdown] tags=["outcome"]
# {verdict revival.layer_2} {verdict revival.layer_1} It is the $h_i$ that move a dead unit's $z$. In layer 2 they are the outputs of layer 1, which learns as long as some path is open. In layer 1 they are the data, which do not change.

# %% [markdown]
# Adam also carries *momentum*: a unit that died a moment ago still moves for a few steps, even in the first layer. Start from biases of 0, with every unit alive. {verdict coasting.momentum}

# %% role="skip"
evidence_source("coasting")

# %% [markdown]
# > **Claim audit.** *"A dead unit's gradient is 0 for ever: it is permanently dead."*
#
# | often said | what we measured |
# |---|---|
# | its gradient is 0 | exactly 0 |
# | so its weights never change | right with plain gradient descent; with momentum they move for a few steps more |
# | so it is dead for ever | in the first layer, yes, under plain gradient descent; deeper units came back when the layer before them moved |
# | | if a whole layer is dead, everything below it is frozen too |
#
# Source: Lu et al. (2019), who study networks that are *born* dead.

# %% [markdown]
# ## 3.10 Batch normalisation
#
# A unit is dead when its whole cloud of pre-activations, one for each sample, lies left of 0. So move the cloud. **Batch normalisation** (Ioffe & Szegedy 2015) treats each unit by itself: it subtracts the mean over the batch, divides by the standard deviation,
# and then lets two learned numbers scale and shift the result, $\gamma$ and $\beta$, which start at 1 and 0.
#
# Whatever bias a unit has, it is part of the mean, and gone. The unit's average sits at 0, so some samples lie above it: it cannot be dead at the start.

# %% [markdown] exercise="q3_batch_norm"
# ### Exercise: batch normalisation
#
# `z` is $(n, d)$, one row per sample; `gamma` and `beta` are $(d,)$. The variance is the biased one, divided by $n$, and `eps` is added to it before the root, so that a unit that never varies causes no division by 0. Worked numbers: one unit,
# two samples 1 and 5, $\gamma = 3$, $\beta = 10$: mean 3, variance 4, so (for tiny ε) $10 − 3 = 7$ and $10 + 3 = 13$.


# %% exercise="q3_batch_norm"
def batch_norm(z, gamma, beta, eps=1e-5):
    """Normalise each unit over the batch.  z: (n, d), gamma, beta: (d,) -> (n, d)."""
    ### BEGIN SOLUTION
    return gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps) + beta
    ### END SOLUTION


# %% exercise="q3_batch_norm"
check("q3_batch_norm", batch_norm)

# %% [markdown]
# In one line:
#
# $$\gamma\,\frac{z - \text{mean}(z)}{\sqrt{\text{var}(z) + \varepsilon}} + \beta$$
#
# That is batch normalisation *in training*. In use, where a batch may be a single sample, libraries take averages of mean and variance that they kept while training (`model.eval()` in PyTorch).

# %% [markdown]
# ## 3.11 The cures, side by side
#
# The usual cures: a slope on the left (a leak, or ELU, which levels off further out), He's weights, biases at 0, and batch normalisation, which takes the batch's mean away. Take a very bad start, biases at −4, and 200 steps of Adam. ReLU with He's weights stays at an accuracy of 0.10, guessing among ten. {rests on dying.none_return}
# Change one thing at a time.

# %% [markdown] tags=["predict"]
# Leaky 0.01, Leaky 0.2, ELU, batch normalisation, biases at 0: which of these five bring the network to eight digits in ten or more?
#
# - [x] all five
#   {rests on dying.five_rescue}Now see how near to each other they end.
# - [ ] all but Leaky 0.01, whose slope is tiny
#   It passes one hundredth of the gradient. But Adam divides each step by the gradient's own size, and so gives it back.
# - [ ] biases at 0 alone, since nothing else touches the cause
#   The bias is the cause. But a slope on the left lets a gradient through, and a gradient can move the bias.
# - [ ] batch normalisation and biases at 0, since the others still start at −4
#   They start there, with a slope. What does a network do with a gradient that is not 0?

# %%
CURES = ["ReLU", "Leaky 0.01", "Leaky 0.2", "ELU", "batch norm", "bias 0", "GELU", "SiLU"]
show_evidence("dying", CURES)

# %% role="skip"
evidence_source("dying")

# %% [markdown] tags=["outcome"]
# {verdict dying.five_rescue} He's weights are in all eight rows; in the first row they are the only cure, and it stays at guessing. {rests on dying.none_return}
#
# GELU and SiLU wait for lesson 04.

# %% [markdown]
# Now change the optimiser, and nothing else: plain gradient descent.

# %% [markdown] tags=["predict"]
# Leaky 0.01 again, biases at −4, but 200 steps of plain descent. What is its accuracy at its best learning rate?
#
# - [ ] above 0.8, for its slope lets a gradient through
#   That is enough with Adam. {rests on dying.five_rescue} But a hundredth of the gradient is now a hundredth of the step.
# - [ ] above 0.8, if the rate is a hundred times larger
#   That would help the dead units. The same rate also moves the output layer, whose gradients are of full size.
# - [ ] near 0.5, since some units come back in time
#   They move. But 200 steps of a hundredth each are two ordinary steps.
# - [x] about 0.10: still guessing
#   {rests on dying_plain.leak_waits}Now see the other rates, and what more steps do.

# %% [markdown] role="skip"
# Mind the control: beside each cure stands ReLU *without* it, also at the milder biases of −2.

# %% role="fragment"
MILDER = ["ReLU, biases −2", "Leaky 0.01, biases −2"]
explore_rates("dying_plain", ["batch norm", "ELU", "Leaky 0.2", *MILDER, "ReLU", "Leaky 0.01"])

# %% role="skip"
evidence_source("dying_plain")

# %% [markdown] tags=["outcome"]
# A cure has done something only where its control stays bad. Take the two lines from biases of −2. With five seeds, would you have reported that slope 0.01 beats ReLU? {verdict dying_plain.leak_better} Five seeds do not settle a difference this small. And it is no rescue, since ReLU comes back as well. {rests on dying_plain.needless}

# %% [markdown]
# > **Claim audit.** *"Leaky ReLU fixes dying ReLU."* From biases of −4, with Adam, yes. With plain descent it depends on the slope and on your patience:
# >
# > - {verdict dying_plain.leak_waits}
# > - {verdict dying_plain.slow}
# > - {verdict dying_plain.others}
# > - {verdict dying_plain.needless}

# %% [markdown]
# And the other way to die, a learning rate of 0.1 from healthy biases? {verdict threshold.only_a_real_leak} Why not batch normalisation? Its shift β is a parameter, and a long step can push it far below 0.

# %% [markdown]
# ## 3.12 Trust, but compare ☆
#
# Value and slope of the whole family against PyTorch, in both precisions, 82 points each. Agreement is relative: four rounding errors (eps) of the number itself, so that the tails count too.

# %% tags=["fold"]
from torch.nn import functional as F

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
# ## 3.13 The network of 2.13, with ReLU
#
# Six hidden layers, 400 steps, the three pictures of 2.13. Change tanh to ReLU and the gain to He's. Nothing saturates on the right any more. Keep the rate of 0.7 that tanh took, and beside it a smaller one, 0.1.

# %% [markdown] tags=["predict"]
# At the start all six layers get a gradient of the same size. What does a rate of 0.7 do to the units of layer 6?
#
# - [ ] Nothing: the gradient is level
#   Level means that no layer is starved. It does not say how long a step may be before a unit dies.
# - [x] Some of them die
#   Now see: count the loss's jumps, and look how much of $z$ lies left of 0 in layer 6.
# - [ ] All of them die
#   Then the loss would stand still at ln 10. A step pushes single units far to the left, here and there.
# - [ ] They move left, and their biases bring them back
#   Biases learn by the same gradient. For a unit that no sample reaches it is 0.

# %% role="fragment"
pictures.inside(
    {
        "ReLU, rate 0.7": inside.train("relu", gain=2**0.5, rate=0.7),
        "ReLU, rate 0.1": inside.train("relu", gain=2**0.5, rate=0.1),
    }
)

# %% role="skip"
evidence_source("inside")

# %% [markdown] tags=["outcome"]
# The right-hand pictures look alike: the gradient is level, only the step differs. The loss jumps beyond guessing: in the upper row soon, in the lower one late, and it falls back.
#
# {verdict inside.rate_kills}

# %% [markdown]
# So a smaller rate helps. Lesson 04 keeps the large one and changes the function.

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
# | use it | by default | when units die: α = 0.2 with plain descent or high rates; with Adam 0.01 rescues too {rests on dying_plain.leak_waits} {rests on dying.five_rescue} {rests on threshold.only_a_real_leak} | no gain here | when units die |
#
# Before any of them: the right scale of weights, biases at 0, a lower learning rate.

# %% [markdown]
# ## Check yourself
#
# You have written nine functions on the way, or seven without ☆. One question remains, and it is the one people get wrong.

# %% [markdown] role="-" exercise="q3_dead"
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
