# %% [markdown]
# # {title}
#
# *Send a signal through fifty layers and a gradient back: derive the one number that keeps both alive, and find out what that number does not fix.*
#
# **You will be able to**
#
# - say what a layer does to the size of a signal, and of a gradient;
# - compute the right weight gain for any activation, and read torch's table critically;
# - recognise a bad initialisation from what it does to fifty layers;
# - say what He's rule, shortcuts and normalisation each fix, and what each leaves.
#
# **Before you start:** [02 Sigmoid and tanh](02_sigmoid_tanh.ipynb), [03 The ReLU family](03_relu_family.ipynb). 6.4 and 6.14 come back to 5.10 and 4.14. {minutes}.

# %%
import numpy as np

from actlab import inside, networks, pictures, watch
from actlab.activations import REGISTRY
from actlab.check import check
from actlab.evidence import load
from actlab.explorers import evidence_source, explore_depth, explore_rates

# %% [markdown]
# ## 6.1 One signal, fifty layers
#
# In lesson 02 ten slopes of a quarter each wore a gradient out. ReLU's slope is 1 where it lets something pass. So let fifty ReLU layers pass on a signal, 128 units wide, without biases:
#
# $$h_l = \max(h_{l-1}W_l,\ 0)$$
#
# The inputs come from $N(0, 1)$, the weights from $N(0, s^2)$. One number is yours to choose: $s$.

# %% [markdown] tags=["predict"]
# With $s = 0.01$, and with $s = 1$: which of the two signals gets through fifty layers?
#
# - [ ] both: ReLU passes on what is positive as it is
#   The function does. But a unit adds up 128 products with weights first, and that is where the size changes.
# - [ ] the one with 0.01: small weights are safe
#   Nothing explodes. But float32 has a smallest number too, about 1e-45.
# - [ ] the one with 1: weights of size one for inputs of size one
#   A unit sums 128 terms. The natural size of a weight depends on how many there are.
# - [x] neither
#   Now see how fast they go.

# %%
for s in (0.01, 1.0):
    rng = np.random.default_rng(0)
    h = rng.normal(size=(64, 128)).astype(np.float32)
    for layer in range(1, 51):
        W = s * rng.normal(size=(128, 128)).astype(np.float32)
        with np.errstate(all="ignore"):
            h = np.maximum(h @ W, 0)
        if layer % 10 == 0:
            print(f"s = {s:4}: the largest signal after {layer} layers is {h.max():.0e}")

# %% [markdown]
# Each layer multiplies the signal by about the same factor, 0.08 in the first network and 8 in the second. In the end float32 has no smaller number left and stores *exactly* 0; or it has no larger one, and the next sum is NaN. Nothing is wrong with ReLU: it is the same function both times. So what size of weights is right, and is there one at all?

# %% [markdown]
# ## 6.2 What one layer does to the size
#
# Measure size by the mean square, $E\,h^2$. A layer sends $h$ to $z_j = \sum_i h_i W_{ij}$, with $n$ inputs and independent weights from $N(0, g^2/n)$; $g$ is called the **gain**.

# %% [markdown] role="fragment"
# $$E\,z_j^2 = \sum_{i,k} E[h_i h_k]\; E[W_{ij}W_{kj}]$$
#
# Mixed terms vanish on average, since the weights have mean 0:
#
# $$= \sum_i E[h_i^2]\cdot \frac{g^2}{n}$$
#
# $$= g^2\; E\,h^2$$
#
# Two things to notice: it is the mean *square* that counts, not the variance (ReLU's outputs have a mean), and the width has dropped out: that is what dividing by $n$ is for.

# %% [markdown] role="subslide"
# Then comes the activation. Each $z_j$ is a sum of many small terms, so it is nearly normal. Suppose it has mean square 1: $z\sim N(0,1)$. Two steps lead to the next $z$, first the activation, then the next weights:

# %% [markdown] role="fragment"
# $$E\,h^2 = E\,f(z)^2$$
#
# $$E\,z_\text{next}^2 = g^2\;E\,f(z)^2$$
#
# The size stays 1 when the last product is 1. Solve for $g$:
#
# $$
# \boxed{\;g = \frac{1}{\sqrt{E\,f(z)^2}}\;}
# $$
#
# For ReLU half of the line contributes, so $E\,f^2 = ½$ and $g = \sqrt2$. Since $s = g/\sqrt n$, your $s = 0.01$ was a gain of 0.11, and $s = 1$ one of 11.

# %% [markdown] role="notes"
# **For the lecturer.** Ask: "which of you would have subtracted the mean?" For ReLU that gives 1.71 in place of 1.41, and the signal explodes.

# %% [markdown] exercise="q6_forward_gain"
# ### Exercise: the gain of any function
#
# Compute $1/\sqrt{E\,f(z)^2}$ for $z\sim N(0,1)$, that is with
#
# $$E\,f(z)^2 = \int_{-\infty}^{\infty} f(z)^2\;\frac{e^{-z^2/2}}{\sqrt{2\pi}}\,dz .$$
#
# `f` takes an array and returns one. A sum over a fine grid from −8 to 8 is plenty; one part in 500 is asked for. Worked numbers: ReLU 1.4142, tanh 1.5925.


# %% exercise="q6_forward_gain"
def forward_gain(f):
    """The weight gain that keeps the signal level.  f: elementwise function -> float."""
    ### BEGIN SOLUTION
    z = np.linspace(-8, 8, 4001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return 1 / np.sqrt(np.sum(f(z) ** 2 * density) * (z[1] - z[0]))
    ### END SOLUTION


# %% exercise="q6_forward_gain"
check("q6_forward_gain", forward_gain)

# %% [markdown]
# ## 6.3 Weights of the right size
#
# From a gain to weights is one step.

# %% [markdown] exercise="q6_he_normal"
# ### Exercise: He's weights
#
# Draw weights for a ReLU network, such that the mean square of $z$ stays level from layer to layer: an array of shape (fan_in, fan_out) with independent, normal entries of mean 0. The spread that they need follows from 6.2. All randomness comes from the
# generator `rng`. Worked number: for fan_in 50 the standard deviation is 0.2.


# %% exercise="q6_he_normal"
def he_normal(fan_in, fan_out, rng):
    """Weights by He's rule.  fan_in, fan_out: int; rng: numpy Generator -> (fan_in, fan_out)."""
    ### BEGIN SOLUTION
    return rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_in)
    ### END SOLUTION


# %% exercise="q6_he_normal"
check("q6_he_normal", he_normal)

# %% [markdown]
# Three such rules have names:
#
# | name | variance of a weight | gain $g$ for equal widths | made for |
# |---|---|---|---|
# | LeCun (1998) | $1/n_\text{in}$ | 1 | tanh-like functions |
# | Xavier: Glorot & Bengio (2010) | $2/(n_\text{in}+n_\text{out})$ | 1 | linear and tanh, both directions |
# | He (2015) | $2/n_\text{in}$ | $\sqrt2$ | ReLU |

# %% [markdown] tags=["predict"]
# GELU looks much like ReLU. Fifty layers of it start with He's gain, √2. What is left of the signal?
#
# - [ ] about all of it
#   The curves are alike where the signal is large. Near 0 GELU acts like $z/2$, and a signal lives there too.
# - [x] nearly nothing
#   Now see how much, and what GELU's own gain makes of it.
# - [ ] about half
#   A layer loses little, but it does so fifty times, and what is smaller loses more.


# %%
rng = np.random.default_rng(0)
INPUT, UPSTREAM = rng.normal(size=(2, 5, 32, 128))
WEIGHTS, _ = networks.initialise([128] * 51, 1, rng, seeds=5)


def fifty(key, gain, residual=False):
    """Five networks of 50 layers, 128 wide: the signals at every depth, and the gradients."""
    weights, entry = [gain * W for W in WEIGHTS], REGISTRY[key]
    return networks.flow(INPUT, weights, entry.f, entry.df, UPSTREAM, residual)


def mean_squares(key, gain, residual=False):
    signals, gradients = fifty(key, gain, residual)
    return [np.stack([(a**2).mean((1, 2)) for a in side], 1) for side in (signals, gradients)]


# %%
STARTS = {
    "tanh, Xavier": ("tanh", 1.0),
    "ReLU, LeCun": ("relu", 1.0),
    "ReLU, He": ("relu", 2**0.5),
    "SELU, LeCun": ("selu", 1.0),
    "GELU, He": ("gelu", 2**0.5),
    "GELU, its own": ("gelu", 1.5335),
}
SEEN = {name: mean_squares(*start) for name, start in STARTS.items()}
pictures.signals_by_layer(STARTS, SEEN)

# %% [markdown]
# Five seeds are few. Now a hundred stored networks, 64 wide in place of 128. {verdict levels.he_keeps} {verdict levels.selu_is_level}
#
# tanh with Xavier's 1 fades a hundredfold. {verdict levels.gelu_drifts} Section 6.6 explains why.

# %% [markdown]
# ## 6.4 And back
#
# Backpropagation is a chain too. With $\delta_l = \partial\,\text{loss}/\partial z_l$,
#
# $$\delta_{l-1} = \bigl(\delta_l W_l^\top\bigr) \odot f'(z_{l-1})$$

# %% [markdown] role="fragment"
# $$E\,\delta_{l-1}^2 = g^2\,\frac{n_\text{out}}{n_\text{in}}\;E\,f'(z)^2\;E\,\delta_l^2$$

# %% [markdown] role="fragment"
# The sum now runs over the layer's *outputs*. So the gradient wants a gain of its own, $1/\sqrt{E\,f'(z)^2}$, and a division by $n_\text{out}$ where the signal wants $n_\text{in}$. Xavier's rule
# divides by the mean of the two.
#
# For equal widths only the two gains can differ. (Writing $E\,f'^2\,E\,\delta^2$ assumes that $\delta$ and $f'(z)$ are independent. In wide random layers that is nearly true.)

# %% [markdown] exercise="q6_layer_gradient_norms"
# ### Exercise: the gradient of every layer
#
# $h_0 = x$, $z_l = h_{l-1}W_l$, $h_l = f(z_l)$ for $l = 1\dots L$. The loss is $\frac1n \sum_s \sum_j (h_L)_{sj}$, with samples $s$ and units $j$. Return the Frobenius norms of
# $\partial\,\text{loss}/\partial W_l$, shape $(L,)$, first layer first. `x` is (n, d₀), `weights` a list of $L \ge 1$ matrices, `df` takes the pre-activation.
#
# Worked number: $x = 2$, one layer, $W = 0.5$, tanh: $z = 1$, and the norm is $\tanh'(1)\cdot 2 = 0.8399$.


# %% exercise="q6_layer_gradient_norms"
def layer_gradient_norms(x, weights, f, df):
    """‖∂loss/∂W_l‖ for every layer.  x: (n, d0), weights: list of (d_in, d_out) -> (L,)."""
    ### BEGIN SOLUTION
    hs, zs = [x], []
    for W in weights:
        zs.append(hs[-1] @ W)
        hs.append(f(zs[-1]))
    upstream, norms = np.ones(hs[-1].shape) / len(x), []
    for h, z, W in zip(hs[-2::-1], zs[::-1], weights[::-1], strict=True):
        delta = upstream * df(z)
        norms.append(np.linalg.norm(h.T @ delta))
        upstream = delta @ W.T
    return np.array(norms[::-1])
    ### END SOLUTION


# %% exercise="q6_layer_gradient_norms"
check("q6_layer_gradient_norms", layer_gradient_norms)

# %% [markdown] tags=["predict"]
# Now a gradient of size one enters the same six networks at the output and travels back to the input. Two of them kept their signal level: ReLU with He's gain, SELU with LeCun's. Which of the two keeps its gradient level as well?
#
# - [ ] both: what keeps the signal keeps the gradient
#   In five of the six networks both go the same way. But keeping the signal level asks for one number, the mean of $f^2$, and on the way back for another, that of $f'^2$.
# - [x] ReLU alone
#   Now see what SELU's does.
# - [ ] SELU alone: ReLU's slope of 0 loses half
#   It does lose half, and ReLU itself lost half of the signal's mean square. √2 makes up for either.
# - [ ] neither: the way back wants a gain of its own
#   It does. For one of the two functions it is the same number.

# %%
pictures.gradients_by_layer(STARTS, SEEN)

# %% [markdown] role="fragment" tags=["outcome"]
# Nearly the same picture: what shrinks the signal shrinks the gradient. For ReLU the two gains agree, since $E\,f'^2 = ½$ as well. The exception is SELU. {verdict levels.selu_gradient_grows} There are two gains, and one number to set.

# %% [markdown] role="subslide"
# How small may a gradient become? Adam divides each entry by its own size plus $10^{-8}$, so a weight whose entry is far below $10^{-8}$ hardly moves (5.10). Below about $10^{-45}$ float32 stores a plain 0, as it did with the signal in 6.1. Then there is no step at all, until something else moves: momentum, weight decay, or the layers above (3.9).

# %% [markdown]
# ## 6.5 Two gains for every function
#
# Compute both for everything in the course, and lay the table of PyTorch's `calculate_gain` beside it:
#
# $$\text{signal: } \frac{1}{\sqrt{E\,f(z)^2}},\qquad \text{gradient: } \frac{1}{\sqrt{E\,f'(z)^2}}$$
#
# Which of torch's entries are neither?

# %%
import torch

found = {key: networks.gains(e.f, e.df) for key, e in REGISTRY.items() if e.elementwise}
pictures.gains_beside(torch.nn.init.calculate_gain, found)

# %% [markdown]
# Linear, ReLU and Leaky ReLU agree. Three entries do not:
#
# | torch's entry | beside ours |
# |---|---|
# | sigmoid: 1 | neither 1.85 nor 4.72: no correction at all |
# | tanh: 5/3 | a little above both 1.59 and 1.47; its documentation gives no derivation |
# | SELU: 3/4 | far from 1, for which SELU was built; the documentation says that it gives up the level signal for a steadier gradient in *rectangular* layers, whose inputs and outputs differ in number |

# %% [markdown] tags=["predict"]
# Fifty layers of tanh with torch's gain of 5/3, above both of tanh's gains (1.59 and 1.47). What becomes of signal and gradient?
#
# - [ ] both grow: the gain is too large for both
#   For the gradient that is the right reason. The signal has one thing more that holds it: tanh never returns more than 1.
# - [ ] both stay level: it is only a little above
#   A factor a little above 1, fifty times over, is no longer a little.
# - [ ] the signal stays level, the gradient vanishes: tanh saturates
#   Large inputs do saturate. But look at the gain that the gradient wants, and at which side of it 5/3 lies.
# - [x] the signal stays level, the gradient grows
#   Now see how much, and what 3/4 does to SELU.

# %%
torchs = {"tanh, 5/3": mean_squares("tanh", 5 / 3), "SELU, 3/4": mean_squares("selu", 3 / 4)}
pictures.far_ends({name: SEEN[name] for name in ("tanh, Xavier", "SELU, LeCun")} | torchs)

# %% [markdown] tags=["outcome"]
# No setting is level in both columns. 5/3 holds tanh's signal and lets its gradient grow almost ten-thousandfold. 3/4 makes SELU's signal fade, and its gradient with it. Each entry is a compromise.

# %% [markdown]
# ## 6.6 The whole map
#
# Every cell of the map is a real network: 50 layers, 64 wide, three seeds. White is level, within a factor of ten. Choose an activation, set the gain, and let the layers run. The dashed line is what `forward_gain` of 6.2 says. Before each activation ask:
#
# - Will it have one white band, or more?
# - Will it be in the same place on both maps?

# %% [markdown] tags=["predict"]
# First ReLU. Its gain is 1.41, and you set 2.00. After how many layers is the signal's mean square more than ten times too large?
#
# - [ ] about 20: the gain is not even half as large again
#   What counts is its square, and it multiplies in every layer. Write the first few factors down.
# - [x] about 4
#   Now see how narrow the band is, and for which functions it is wider.
# - [ ] not within fifty: ReLU passes on what is positive
#   In 6.1 a gain of 11 went through the same ReLU. Which factor does a gain of 2 give the mean square of one layer?

# %%
explore_depth(forward_gain)

# %% [markdown] role="notes"
# **For the lecturer.** Ask before each activation: "one band or two?" Save tanh for last: many read the white signal map as "tanh is safe at any gain" until they look to the right.

# %% [markdown]
# ReLU has a narrow white band at √2, in the same place on both maps. At 2.00 each layer doubles the mean square, $g^2 \cdot ½ = 2$: 2, 4, 8, 16. tanh's signal stays level at gain 1.26 and any larger one; its gradient is level near there and explodes beyond. The sigmoid's signal looks
# healthy at every gain, and no gain on the map saves its gradient (lesson 02 needed 12). And GELU has no row that stays white: from 1.59 up the signal grows, from 1.41 down it shrinks.
#
# %% [markdown] role="subslide"
# Why is a signal that starts at the right size not held there? Ask what happens when it is *off* by a little: by which factor does one layer change $E\,z^2$, for other sizes of $z$ than 1?

# %%
z = np.linspace(-8, 8, 2001)
share = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
sizes = np.linspace(0.05, 3, 60)


def factors(key, gain):
    return [gain**2 * (REGISTRY[key].f(s * z) ** 2 * share).sum() / s**2 for s in sizes]


CASES = {"ReLU, √2": ("relu", 2**0.5), "SELU, 1": ("selu", 1.0), "tanh, 1.59": ("tanh", 1.59)}
CASES |= {"GELU, √2": ("gelu", 2**0.5), "GELU, 1.53": ("gelu", 1.5335)}
pictures.growth_in_one_layer(sizes, CASES, {name: factors(*case) for name, case in CASES.items()})

# %% [markdown]
# Where a curve crosses 1 is a **fixed point**: a signal of that size keeps it. Now start a little beside it:
#
# - The curve *falls* through 1 (tanh, SELU): too large shrinks, too small grows. The layers push the size back, as a thermostat does. The fixed point is **stable**, a ball in a valley.
# - The curve is *flat* at 1 (ReLU): every size is kept, and nothing is pushed back, so seeds wander.
# - The curve *rises* through 1 (GELU, 1.53): too large grows, too small shrinks, and faster all the time, since near 0 GELU acts like $z/2$. The fixed point is **unstable**, a ball on a ridge.

# %% [markdown]
# Why did all five seeds of GELU's own gain fall to the same side of the ridge? The first layer multiplies raw inputs, with no $f$ before it. Their size is 1, so the first $z$ has mean square $g^2 = 2.35$: it starts above the ridge.
#
# With √2 the curve lies below 1 at every size drawn: no fixed point at all, and the signal shrinks.

# %% [markdown]
# ## 6.7 What size does not show
#
# Suppose the size is right. Do different inputs stay *different*? Send 32 random inputs in. They start at right angles to one another. Measure that by the **cosine** of two of them, which is 1 for the same direction and 0 at right angles:
#
# $$\frac{h \cdot h'}{\lVert h\rVert\,\lVert h'\rVert}$$

# %% [markdown] tags=["predict"]
# Fifty layers of ReLU with He's gain, whose sizes stay level on average. What is the mean cosine between two of the outputs?
#
# - [x] close to 1
#   Now see which functions keep their inputs apart.
# - [ ] about 0: sizes are kept, and so are angles
#   He's rule keeps sizes. Nothing in its derivation spoke of *two* inputs.
# - [ ] about ½
#   On its way, yes. But all outputs are positive, so every layer adds to what two of them have in common.


# %%
def mean_cosine(h):
    """Mean cosine of two different inputs, for each network.  h: (5, 32, 128) -> (5,)."""
    unit = h / np.linalg.norm(h, axis=2, keepdims=True)
    cosines = unit @ unit.swapaxes(1, 2)
    return (cosines.sum((1, 2)) - 32) / (32 * 31)  # without each input's cosine with itself


# %%
found = {
    name: np.stack([mean_cosine(h) for h in fifty(*STARTS[name])[0]], axis=1)
    for name in ("ReLU, He", "GELU, its own", "SELU, LeCun", "tanh, Xavier")
}
pictures.cosines_by_layer(STARTS, found)

# %% [markdown] tags=["outcome"]
# What enters at right angles leaves nearly parallel. In the hundred networks, 64 wide: {verdict levels.he_aligns} ReLU's outputs are never negative, so any two of them already agree a little, and every layer adds to it.
#
# What does that cost? The picture does not say. Most of what is alike is one vector that all inputs share. How much is left beside it?

# %% role="fragment" tags=["fold"]
h = fifty(*STARTS["ReLU, He"])[0][-1]
own = ((h - h.mean(1, keepdims=True)) ** 2).mean((1, 2)) / (h**2).mean((1, 2))
print(f"ReLU, He: {own.min():.0%} to {own.max():.0%} of the mean square differ from input to input")

# %% [markdown] tags=["outcome"]
# Not much. Yet 6.9 trains such a start, and it learns. {rests on deep.he_tolerates}

# %% [markdown]
# > **Claim audit.** *"He's initialisation fixes deep ReLU networks."* It keeps the *expected* size of signal and gradient, as the formula promises. Single networks drift (6.3), and inputs do not stay apart. Sources: He (2015), Hanin (2018); on the angle of two inputs Poole (2016), Schoenholz (2017).

# %% [markdown]
# ## 6.8 What PyTorch does if you say nothing
#
# You write `nn.Linear(n, m)` and choose no initialisation. Somebody has chosen for you: weights *and* biases are uniform on $\pm 1/\sqrt n$. How far from He is that?

# %% [markdown] exercise="q6_default_linear_variance"
# ### Exercise: the default's variance
#
# A uniform variable on $[-a, a]$ has variance $\frac{1}{2a}\int_{-a}^{a} w^2\,dw$. Work out the integral and put in $a = 1/\sqrt{\mathtt{fan\_in}}$. Worked number: fan_in 1 gives 0.3333.


# %% exercise="q6_default_linear_variance"
def default_linear_variance(fan_in):
    """Variance of one weight of torch's nn.Linear as it comes.  fan_in: int >= 1 -> float."""
    ### BEGIN SOLUTION
    return 1 / (3 * fan_in)
    ### END SOLUTION


# %% exercise="q6_default_linear_variance"
check("q6_default_linear_variance", default_linear_variance)

# %%
torch.manual_seed(0)
ratio = (2 / 400) / torch.nn.Linear(400, 1000).weight.var().item()
print(f"He's variance / variance of nn.Linear: {ratio:.2f}")

# %% [markdown]
# Six times below He. So each ReLU layer passes on a sixth of the mean square, and after ten layers $6^{-10}$ is left, less than one part in ten million. The biases, meanwhile, have *not* shrunk.

# %% [markdown] tags=["predict"]
# Ten ReLU layers as `nn.Linear` starts them, 600 pictures. Which share of the units in the tenth layer gives 0 for *every* picture, before any training?
#
# - [ ] none or nearly none: units die in training
#   That is how they died in lesson 03. But a unit is dead whenever no input makes its $z$ positive, and these inputs are tiny.
# - [x] about half
#   Now see which part of the default does it.
# - [ ] nearly all: hardly any signal is left
#   Hardly any signal is left, yes. The biases are, and some of them are positive.

# %%
from actlab.data import glyphs

digits, _ = glyphs(600, seed=0)


def dead_share(gain, biases, seed):
    """Share of units in layer 10 that are 0 on all the pictures.  biases: 1 with them, 0 without."""
    rng, h = np.random.default_rng(seed), digits
    for _ in range(10):
        a = 1 / np.sqrt(h.shape[1])
        z = h @ (gain * rng.uniform(-a, a, (h.shape[1], 128))) + biases * rng.uniform(-a, a, 128)
        h = np.maximum(z, 0)
    return (z <= 0).all(0).mean()


# %%
for name, gain in (("the default's weights", 1), ("He's variance", 6**0.5)):
    for biases in (1, 0):
        dead = 100 * np.array([dead_share(gain, biases, seed) for seed in range(10)])
        said = f"{name}, {'with' if biases else 'without'} biases"
        print(f"{said:38s} dead: {dead.mean():2.0f} % ± {dead.std(ddof=1):.0f} (10 seeds)")

# %% [markdown] tags=["outcome"]
# With the default it is half of them. Give the weights He's variance, or leave the biases out, and it is about one in eight. It takes both halves of the default: small weights shrink the signal until only the biases are left, and a unit that
# gets nothing but its bias is dead when the bias is negative, one time in two.

# %% [markdown]
# > **Claim audit.** *"more than 56 % of the neurons in the pre-last layer are dead"*, says the UvA Deep Learning tutorial "Activation Functions" (Lippe) of an untrained network of ten ReLU layers, and recommends Swish. It, too, uses
# > `nn.Linear` as it comes, so that is mostly the initialisation. (Ours is another network on other pictures: compare the sizes, not the digits.)

# %% [markdown] role="notes"
# **For the lecturer.** Before the table with and without biases ask: "is this ReLU's fault?" A follow-up: what would happen with width 1000? (The same: the width has dropped out.)

# %% [markdown]
# ## 6.9 Forty layers, trained
#
# Sizes at the start are one thing, learning is another. Can forty hidden layers of 32 fit just sixty points of the spirals, in 160 steps of Adam?
#
# A comparison at one learning rate compares two things at once. So every recipe, an activation with a gain, runs at eight rates, from 1e-5 to 3e-2, and several times at each. First, what they start with. (The last one has shortcuts, of which 6.10 tells.)

# %% tags=["fold"]
starts = load("deep").whole()
for arm in starts.experiment.arms:
    norm = np.median(starts.get(arm, measure="first gradient"))
    first = norm / 64**0.5  # 2 times 32 weights
    print(f"{arm:16s} typical gradient of one weight in layer 1, at the start {first:.0e}")

# %% [markdown] tags=["predict"]
# "ReLU solves vanishing gradients." Which of these starts fail at *all eight* rates?
#
# - [x] the sigmoid with Xavier's gain, and no other
#   Now look at how *wide* the hill of each of the others is.
# - [ ] the two that begin smallest: sigmoid and ReLU with Xavier's gain
#   Xavier's ReLU begins a millionth as large as He's, that speaks for it. {rests on deep.small_gradient_learns} But Adam divides by the size, and this one is not far below its ε.
# - [ ] none: Adam makes up for every size
#   It does for sizes above its ε. Compare the smallest with $10^{-8}$. {rests on deep.sigmoid_only_guesses}
# - [ ] all but those with He's or their own gain
#   Those start level. But starting level is one thing, and learning at some rate is another. {rests on deep.small_gradient_learns}

# %% [markdown] role="skip"
# Each dot is a network. Let one recipe after the other *stand out*, and look how wide its hill is, and where it stands. Then change *setting*.

# %%
explore_rates("deep")

# %%
evidence_source("deep")

# %% [markdown] tags=["outcome"]
# A recipe is not a winner or a loser. It is a *range of rates* that work. {verdict deep.he_tolerates} {verdict deep.xavier_needs_small_rates} At 1e-3 alone you would have kept one start and thrown the other away. He's start works at more rates.
#
# {verdict deep.patience_is_enough}

# %% [markdown] role="subslide"
# Does the *size* of the first gradient decide, then? Not alone. {verdict deep.small_gradient_learns} (Adam divides by the size; with ε = 1e-16 the picture is the same.) Nor does it tell which rate is right. {verdict deep.tanh_needs_small_rates} Why, this experiment does not say.

# %% [markdown]
# Where almost nothing is left, size does count. {verdict deep.sigmoid_only_guesses} {verdict deep.gain_12_learns} And {verdict deep.selu_learns}

# %% [markdown]
# ## 6.10 A way around
#
# All of this multiplies fifty factors. What if the signal could also go *around* a layer? A **residual** connection, or shortcut, adds what came in to what the layer gives out (He 2016).

# %% [markdown] exercise="q6_residual_forward"
# ### Exercise: a residual chain
#
# Each layer multiplies by its matrix, applies `f`, and has a shortcut around both. Return what the last layer gives out. All the matrices in `weights` are square.
#
# Worked number: $x = 1$, weights 2 and 1, $f(z) = z$: the first layer gives $1 + 2 = 3$, the second $3 + 3 = 6$.


# %% exercise="q6_residual_forward"
def residual_forward(x, weights, f):
    """Output of a chain with shortcuts.  x: (n, d), weights: list of (d, d) -> (n, d)."""
    ### BEGIN SOLUTION
    h = x
    for W in weights:
        h = h + f(h @ W)
    return h
    ### END SOLUTION


# %% exercise="q6_residual_forward"
check("q6_residual_forward", residual_forward)

# %% [markdown]
# $$h_l = h_{l-1} + f(h_{l-1}W_l)$$
#
# What is that good for? Differentiate it:

# %% [markdown] role="fragment"
# $$\frac{\partial h_l}{\partial h_{l-1}} = I + \bigl(\text{what the layer had before}\bigr)$$
#
# The identity is the point: whatever the layer does, one copy of the gradient comes past it untouched, through all fifty layers.

# %% [markdown] tags=["predict"]
# ReLU with He's gain keeps its gradient level *without* shortcuts. What becomes of the gradient's mean square in fifty layers *with* them?
#
# - [ ] level, as before
#   The copy is level, and what comes through the layer is level. But the two are added.
# - [ ] about fifty times as large: each layer adds one
#   Each layer adds as much as *arrives*, and what arrives has grown already.
# - [x] more than a billion times as large
#   Now see how much more, and what helps.

# %% tags=["fold"]
ROUTES = {
    "sigmoid, plain": ("sigmoid", 1.0),
    "sigmoid, shortcuts": ("sigmoid", 1.0, True),
    "linear, shortcuts": ("linear", 1.0, True),
    "ReLU He, shortcuts": ("relu", 2**0.5, True),
    "ReLU, layers ÷ √50": ("relu", (2 / 50) ** 0.5, True),
}
pictures.gradients_by_layer(ROUTES, {name: mean_squares(*route) for name, route in ROUTES.items()})

# %% [markdown] role="fragment" tags=["outcome"]
# {verdict levels.shortcuts_level} At gain 1 they do for the gradient what took a gain of 12 in lesson 02.
#
# But they *add*. Fifty layers that each double the mean square would give $2^{50} = 10^{15}$, and without an activation (linear, gain 1) they do. ReLU grows more: its outputs are never negative, so each layer adds something that points along the sum of those before. The gradient returns through the weights of the active units, and these point along that sum too.

# %% [markdown] role="subslide" tags=["outcome"]
# In the hundred networks, 64 wide: {verdict levels.small_layers_calm} Without the common direction √50 would give $(1 + 1/50)^{50} = 2.7$.

# %% [markdown]
# Does that train? The forty layers of 6.9 learn sixty points of the spirals, here with shortcuts and layers divided by $\sqrt{40}$, at eight rates. {verdict deep.shortcuts_learn}
#
# > **Claim audit.** *"Transformers use residual connections, which reduce the vanishing gradient issue, making the smoothness of GELU more impactful."* Transformers do (Vaswani 2017), and the first half you have just measured. For the second, nothing here or in lesson 07 gives evidence.

# %% [markdown]
# ## 6.11 Normalise
#
# Or give up choosing a gain, and *divide by the size you find*. Batch normalisation (lesson 03) does that for each unit, over the batch. **LayerNorm** (Ba 2016) does it for each sample, over its units. **RMSNorm** (Zhang & Sennrich 2019) leaves
# out the mean, and only divides.
#
# And where, beside a shortcut? **Post-norm** normalises the sum. **Pre-norm** normalises what enters the layer, and leaves the shortcut alone.
#
# Thirty ReLU layers, three weight gains. Look for the rows that ignore the gain, and for the rows that are level.


# %%
def batch_norm(z):
    return (z - z.mean(0)) / z.std(0)


def rms_norm(z):
    return z / (z**2).mean(1, keepdim=True).sqrt()


LAYERS = {
    "plain": lambda h, W: torch.relu(h @ W),
    "batch norm": lambda h, W: torch.relu(batch_norm(h @ W)),
    "RMSNorm": lambda h, W: torch.relu(rms_norm(h @ W)),
    "shortcut, post-norm": lambda h, W: rms_norm(h + torch.relu(h @ W)),
    "shortcut, pre-norm": lambda h, W: h + torch.relu(rms_norm(h) @ W),
}


# %% role="fragment" tags=["fold"]
def arriving(layer, gain, seed):
    """Mean square of the gradient that arrives at the input, after 30 layers of 32 units."""
    torch.manual_seed(seed)
    h = x = torch.randn(128, 32, requires_grad=True)
    for _ in range(30):
        h = layer(h, gain * torch.randn(32, 32) / 32**0.5)
    (gradient,) = torch.autograd.grad(h, x, torch.randn(128, 32))
    return (gradient.double() ** 2).mean().item()


pictures.gradients_by_norm(
    {
        name: {gain: [arriving(layer, gain, seed) for seed in range(5)] for gain in (0.3, 1.0, 3.0)}
        for name, layer in LAYERS.items()
    }
)

# %% [markdown]
# Plain, the gradient runs through sixty orders of magnitude. With a norm behind the weights, the gain has no effect at all. RMSNorm is also level. Batch norm's gradient is not: its mean square grows about 1.45-fold in every layer. Yang et al. (2019) derive that, and that no variance of the weights avoids it. And in training every sample's result depends on the rest of its batch.
#
# Pre-norm stays within a factor of 100 at every gain, since one copy passes no norm. Post-norm divides by the size of the sum. ReLU's outputs are never negative, so the sum grows faster than the gradient does. So with ReLU the gradient shrinks, here a hundred- to ten-thousandfold.

# %% [markdown]
# Vaswani (2017) used post-norm. GPT-2 (Radford 2019) and LLaMA (Touvron 2023, with RMSNorm) use pre-norm. Xiong et al. (2020) compare the two in transformers.

# %% [markdown]
# ## 6.12 The other side: explosions
#
# A gradient can also become too large. Take a gain a little too *large*, and make a single step of gradient descent.

# %% role="fragment"
from actlab.data import spirals
from actlab.training import Networks

X, y = spirals(60, seed=0)
for gain in (2**0.5, 2.0, 3.0):
    nets = Networks([2] + [32] * 40 + [2], "relu", seeds=5, gain=gain)
    loss, _ = nets.fit(2 * X, y, 2, 0.01, "sgd")
    lost = np.isnan(loss[1]).sum()
    print(f"gain {gain:.2f}: first loss at most {loss[0].max():.0e}, then NaN in {lost} of 5")

# %% [markdown]
# With gain 2 each ReLU layer doubles the mean square, forty times over. The loss starts very large, the first step moves the weights far away, and one step later the loss is NaN.
#
# %% [markdown] role="subslide"
# *Clipping* is often recommended: when the gradient's norm is above some limit, here 1, scale the gradient down to that limit. The same networks, 160 clipped steps:

# %% role="fragment" tags=["fold"]
from actlab.training import each_cross_entropy


def clipped(gain, limit=1.0):
    nets, labels = Networks([2] + [32] * 40 + [2], "relu", seeds=5, gain=gain), torch.as_tensor(y)
    for _ in range(160):
        loss = each_cross_entropy(nets.outputs(2 * X), labels)
        gradients = torch.autograd.grad(loss.sum(), nets.parameters())
        norms = [g.flatten(1).double().norm(dim=1) for g in gradients]
        factor = (limit / torch.stack(norms).norm(dim=0)).clamp(max=1)[:, None, None].float()
        with torch.no_grad():
            for parameter, g in zip(nets.parameters(), gradients, strict=True):
                parameter -= 0.01 * factor * g
    return loss


for gain in (2**0.5, 2.0, 3.0):
    loss = clipped(gain)
    lost, worse = loss.isnan().sum(), (loss > np.log(2)).sum()
    print(
        f"gain {gain:.2f}, clipped: NaN in {lost} of 5; above ln 2, the loss of guessing, {worse} of 5"
    )

# %% [markdown]
# Clipping prevents the NaN. It does not repair the start: with gains 2 and 3 all five losses are still above that of guessing.
#
# tanh hides a gain that is too large. Its outputs never exceed 1, so every activation looks healthy. And the gradient?

# %%
pictures.far_ends({"tanh, gain 3": mean_squares("tanh", 3.0)})

# %% [markdown]
# It grows by thirteen orders of magnitude. Watch gradients too, never outputs alone.

# %% [markdown]
# ## 6.13 Claim audit
#
# | the line everybody copies | what we measured | where |
# |---|---|---|
# | "ReLU completely solves vanishing gradients" | its slope is 1 or 0, but the weights multiply too: with LeCun's gain the *gradient* keeps $10^{-15}$ of its mean square in 50 layers (the signal $10^{-16}$, 6.3); at depth 40 it trains with He's gain at every rate from 1e-4 to 1e-3, with Xavier's better at the smaller ones {rests on deep.he_tolerates} {rests on deep.xavier_needs_small_rates} | 6.4, 6.9 |
# | "vanishing gradients are the activation's fault" | one sigmoid, two outcomes: without shortcuts its gradient is $10^{-63}$, with them it is level | 6.10 |
# | "He fixes everything" | with ReLU sizes stay level on average, angles do not stay; with GELU sizes drift | 6.3, 6.7 |
# | "56 % dead at depth 10" (UvA tutorial) | mostly the default initialisation: half dead with it, about one in eight with He's variance | 6.8 |
# | "batch norm makes initialisation irrelevant" | the scale no longer matters; but the gradient still grows layer by layer | 6.11; Yang 2019 |
#
# Sources: Glorot & Bengio (2010), He (2015), Hanin (2018), Yang et al. (2019).

# %% [markdown]
# ## 6.14 The network of 2.13, and yours
#
# In 4.14 our network had 24 layers of GELU with He's gain, and its signal shrank to almost nothing. Give it the shortcuts of 6.10, and divide the weights by $\sqrt{24}$. (With ReLU that divides what each layer adds. With GELU it does so roughly, and pulls $z$ to where GELU is close to $z/2$.) The rest stays, the rate of 0.1 too. First look at the right panel: are all layers moved alike?

# %%
pictures.inside(
    {
        "with shortcuts": inside.train(
            "gelu", gain=(2 / 24) ** 0.5, rate=0.1, depth=24, shortcuts=True
        )
    }
)

# %%
evidence_source("inside")

# %% [markdown]
# From layer 2 to 24 the gradient is level, at about a hundred times the height it had in 4.14, and the activations grow with depth in place of shrinking. Layer 1 is the exception: its step is thirteen times as large, measured by its weights. Its inputs are the pixels, much larger than the signals behind it, and its weights are smaller, since it has 120 inputs.

# %% [markdown]
# {verdict inside.shortcuts_repair}
#
# So the thread ends: slopes (02), units (03), a soft corner (04), a way around (06). Now look inside a model of your own. Any will do; wrap a training step, or a thousand, as here around a block of a transformer:

# %%
torch.manual_seed(0)
model = torch.nn.TransformerEncoderLayer(32, 4, 64, dropout=0, batch_first=True)
optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(8, 10, 32)
with watch(model):
    loss = torch.nn.functional.mse_loss(model(x), x)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()

# %% [markdown]
# Read it as you read the pictures. (The columns z and a are root mean squares.) Four questions, before you train for a night:
#
# - Do the sizes shrink or grow from layer to layer?
# - Where a ReLU follows, are many units never above 0?
# - Is one gradient far below its neighbours?
# - Is a step far from a thousandth of the weights?

# %% [markdown]
# ## Recap
#
# | question | answer | where |
# |---|---|---|
# | what does a layer do to the mean square? | signal: $g^2\,E f(z)^2$; gradient: $g^2\,E f'(z)^2$ | 6.2, 6.4 |
# | which gain keeps it level? | one over the root of that mean; ReLU √2, tanh 1.59, GELU 1.53, SELU 1 | 6.2, 6.5 |
# | why does GELU drift even so? | its fixed point is unstable: a ridge, not a valley | 6.6 |
# | what do sizes not show? | inputs become nearly parallel | 6.7 |
# | what does PyTorch do by default? | variance $1/(3n)$, six times below He, and biases that do not shrink | 6.8 |
# | what do shortcuts add? | the identity: no systematic vanishing; growth, unless the layers are small | 6.10 |
# | and normalisation? | the scale of the weights no longer matters; pre-norm leaves the shortcut alone | 6.11 |

# %% [markdown]
# ## Check yourself
#
# You have written five functions on the way. Two questions are left.

# %% [markdown] exercise="q6_he"
# ### Exercise: does He fix everything?
#
# A ReLU network of 50 layers, without shortcuts, starts with He's weights. What may you expect?
#
# {options}

# %% exercise="q6_he"
answer = ""  # one letter, for example "a"
### BEGIN SOLUTION
answer = "a"
### END SOLUTION

# %% exercise="q6_he"
check("q6_he", answer)

# %% [markdown] exercise="q6_residual"
# ### Exercise: what does a shortcut do?
#
# You replace $f(hW)$ by $h + f(hW)$ in every layer. What happens to the gradient on its way back?
#
# {options}

# %% exercise="q6_residual"
answer = ""  # one letter, for example "a"
### BEGIN SOLUTION
answer = "c"
### END SOLUTION

# %% exercise="q6_residual"
check("q6_residual", answer)

# %% [markdown]
# And one to talk over with a neighbour: you may print *one* number per layer at the start of training, and no more. Which one do you choose, and which failure would you still miss?

# %% [markdown] tags=["solution"]
# The gradient's norm, layer by layer: it shows vanishing, explosion and the tanh of 6.12. It misses inputs that have become parallel (6.7), which shows in the cosines only.

# %% [markdown]
# **Next:** [07 Choosing](07_choosing.ipynb). You know every function, what it costs and where it fails. Which one do you take?
