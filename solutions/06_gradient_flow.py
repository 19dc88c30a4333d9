# %% [markdown]
# # {title}
#
# *Send a signal through fifty layers and a gradient back: derive the one number that keeps both alive, and find out what that number does not fix.*
#
# **You will be able to**
#
# - say what a layer does to the size of a signal, and of a gradient;
# - compute the right weight gain for any activation, and read torch's table with a critical eye;
# - recognise a bad initialisation from what it does to fifty layers;
# - say what He's rule, shortcuts and batch normalisation each fix, and what each leaves.
#
# **Before you start:** [02 Sigmoid and tanh](02_sigmoid_tanh.ipynb), [03 The ReLU family](03_relu_family.ipynb). 75 minutes.

# %%
import numpy as np

from actlab import figures, networks
from actlab.activations import REGISTRY
from actlab.check import check
from actlab.explorers import evidence_source, explore_agreement, explore_depth, explore_rates

# %% [markdown]
# ## 6.1 Two ways to lose a signal
#
# Fifty ReLU layers, 128 units wide, no biases. Inputs of size one. Draw the weights from $N(0, s^2)$ and look at what comes out.
#
# > **Predict.** With $s = 0.01$, and with $s = 1$: which of the two gets through fifty layers?
# > (a) both (b) the small one (c) the large one (d) neither


# %%
def last_words(std, seed, depth=50, width=128):
    """How many layers a float32 signal survives, and what is left of it."""
    rng = np.random.default_rng(seed)
    h = rng.normal(size=(64, width)).astype(np.float32)
    for layer in range(1, depth + 1):
        W = (std * rng.normal(size=(width, width))).astype(np.float32)
        with np.errstate(all="ignore"):
            h = np.maximum(h @ W, 0)
        if not h.any() or not np.isfinite(h).all():
            return layer, "0 everywhere" if not h.any() else "no longer finite"
    return depth, "alive"


for std in (0.01, 1.0):
    layers, words = zip(*(last_words(std, seed) for seed in range(5)), strict=True)
    print(f"s = {std:4}: {words[0]} at layer {min(layers)} to {max(layers)} (5 seeds)")
print(
    f"float32 ends at {np.finfo(np.float32).smallest_subnormal:.1e} and {np.finfo(np.float32).max:.1e}"
)

# %% [markdown]
# The answer was (d). One signal shrinks until float32 has no smaller number left and stores *exactly* 0; the other grows until it has no larger one. Both are lost a little after
# layer 40. Nothing is wrong with ReLU here: it is the same function both times. So what size of weights is right, and is there one at all?

# %% [markdown]
# ## 6.2 What one layer does to the size
#
# Measure size by the mean square, $E\,h^2$. A layer sends $h$ to $z_j = \sum_i h_i W_{ij}$, with $n$ inputs and independent weights from $N(0, g^2/n)$. Mixed terms vanish on average, since the weights have mean 0:
#
# $$
# \begin{aligned}
# E\,z_j^2 &= \sum_{i,k} E[h_i h_k]\; E[W_{ij}W_{kj}] \\
#          &= \sum_i E[h_i^2]\cdot \frac{g^2}{n} \;=\; g^2\; E\,h^2
# \end{aligned}
# $$
#
# Two things to notice: it is the mean *square* that counts, not the variance (ReLU's outputs have a mean), and the width has dropped out: that is what dividing by $n$ is for.

# %% [markdown] role="subslide"
# Then comes the activation. Each $z_j$ is a sum of many small terms, so it is nearly normal. Suppose it arrives with mean square 1. Leaving the layer, and the next multiplication:
#
# $$
# E\,h^2 = E\,f(z)^2,\qquad E\,z_\text{next}^2 = g^2\;E\,f(z)^2,\qquad z\sim N(0,1)
# $$
#
# The size stays 1 when the last product is 1. Solve for $g$:
#
# $$
# \boxed{\;g = \frac{1}{\sqrt{E\,f(z)^2}}\;}
# $$
#
# For ReLU half of the line contributes, $E\,f^2 = ½$ and $g = \sqrt2$: weights of variance $2/n$. That is He's rule (He 2015). With $s = 0.01$ you had $g = 0.11$, and with $s = 1$ it was 11.

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
# | name | variance of a weight | gain $g$ for equal widths | made for |
# |---|---|---|---|
# | LeCun | $1/n_\text{in}$ | 1 | tanh-like functions |
# | Xavier | $2/(n_\text{in}+n_\text{out})$ | 1 | linear and tanh, both directions |
# | He | $2/n_\text{in}$ | $\sqrt2$ | ReLU |
#
# Sources: LeCun (1998), Glorot & Bengio (2010), He (2015).

# %% [markdown] exercise="q6_he_normal"
# ### Exercise: He's weights
#
# Return an array of shape (fan_in, fan_out) with independent entries from $N(0, 2/\mathtt{fan\_in})$. All randomness comes from the generator `rng`. Worked number: for fan_in 50 the standard
# deviation is 0.2.


# %% exercise="q6_he_normal"
def he_normal(fan_in, fan_out, rng):
    """Weights by He's rule.  fan_in, fan_out: int; rng: numpy Generator -> (fan_in, fan_out)."""
    ### BEGIN SOLUTION
    return rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_in)
    ### END SOLUTION


# %% exercise="q6_he_normal"
check("q6_he_normal", he_normal)

# %% [markdown]
# Now fifty layers again, with gains. Look for lines that stay level, and read the spread over the five seeds too.
#
# > **Predict.** GELU looks much like ReLU. With He's gain, does it (a) hold (b) lose a little (c) lose nearly everything?


# %%
def fifty(key, gain, residual=False, seeds=5, depth=50, width=128, batch=32):
    """Signal, gradient (mean squares) and mean cosine of two inputs at every depth: (seeds, 51)."""
    entry, rng = REGISTRY[key], np.random.default_rng(0)
    X, upstream = rng.normal(size=(2, seeds, batch, width))
    weights, _ = networks.initialise([width] * (depth + 1), gain, rng, seeds)
    hs, gs = networks.flow(X, weights, entry.f, entry.df, upstream, residual)
    signal, gradient = (np.stack([(a**2).mean((1, 2)) for a in side], 1) for side in (hs, gs))
    directions = [h / np.linalg.norm(h, axis=2, keepdims=True) for h in hs]
    total = np.stack([(u.sum(1) ** 2).sum(1) for u in directions], 1)  # the sum of all cosines
    return signal, gradient, (total - batch) / (batch * (batch - 1))


STARTS = {
    "tanh, Xavier": ("tanh", 1.0),
    "ReLU, LeCun": ("relu", 1.0),
    "ReLU, He": ("relu", 2**0.5),
    "SELU, LeCun": ("selu", 1.0),
    "GELU, He": ("gelu", 2**0.5),
    "GELU, its own": ("gelu", networks.gains(REGISTRY["gelu"].f, REGISTRY["gelu"].df)[0]),
}
SEEN = {name: fifty(*start) for name, start in STARTS.items()}

# %% role="fragment"
logs = {name: np.log10(signal[:, -1]) for name, (signal, _, _) in SEEN.items()}
figures.with_spread(
    {name: (REGISTRY[STARTS[name][0]].color, s) for name, (s, _, _) in SEEN.items()},
    np.arange(51),
    title="Mean square of the signal (5 seeds, lowest to highest)",
    xlabel="layer",
    ylabel="$E\\,h^2$",
    log=True,
    alt="log10 of the signal's mean square after 50 layers, mean ± SD of 5 seeds: "
    + "; ".join(
        f"{n} {v.mean().round(1) + 0.0:+.1f} ± {v.std(ddof=1):.1f}" for n, v in logs.items()
    )
    + ".",
    exact=True,
)

# %% [markdown]
# The stored networks are half as wide as these. {verdict levels.he_keeps} {verdict levels.selu_is_level}
#
# tanh with Xavier's 1 fades a hundredfold. The answer is (c). {verdict levels.gelu_drifts} Keep that; 6.6 explains it.

# %% [markdown]
# ## 6.4 And back
#
# Backpropagation is a chain too. With $\delta_l = \partial\,\text{loss}/\partial z_l$,
#
# $$
# \delta_{l-1} = \bigl(\delta_l W_l^\top\bigr) \odot f'(z_{l-1})
# \quad\Rightarrow\quad
# E\,\delta_{l-1}^2 = g^2\,\frac{n_\text{out}}{n_\text{in}}\;E\,f'(z)^2\;E\,\delta_l^2
# $$
#
# The sum now runs over the layer's *outputs*. So the gradient wants a gain of its own, $1/\sqrt{E\,f'(z)^2}$, and it wants to be divided by $n_\text{out}$ where the signal wants $n_\text{in}$. Xavier's rule
# divides by the mean of the two. The product of two means takes for granted that $\delta$ and $f'(z)$ are independent, which is nearly true in wide random layers. For equal widths only the two gains can differ; for ReLU they agree, since $E\,f'^2 = ½$ as well.

# %% [markdown] exercise="q6_layer_gradient_norms"
# ### Exercise: the gradient of every layer
#
# $h_0 = x$, $z_l = h_{l-1}W_l$, $h_l = f(z_l)$ for $l = 1\dots L$. The loss is the mean over the samples of the sum over the units of $h_L$. Return the Frobenius norms of
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

# %% [markdown]
# The same six networks, seen from the other end: a gradient of size one enters at the output and travels back to the input. Which of them has changed its place?

# %% role="fragment"
back = {name: np.log10(gradient[:, 0]) for name, (_, gradient, _) in SEEN.items()}
figures.with_spread(
    {name: (REGISTRY[STARTS[name][0]].color, g[:, ::-1]) for name, (_, g, _) in SEEN.items()},
    np.arange(51),
    title="Mean square of the gradient (5 seeds, lowest to highest)",
    xlabel="layers travelled back from the output",
    ylabel="$E\\,(\\partial\\,loss/\\partial h)^2$",
    log=True,
    alt="log10 of the gradient's mean square after 50 layers back, mean ± SD of 5 seeds: "
    + "; ".join(
        f"{n} {v.mean().round(1) + 0.0:+.1f} ± {v.std(ddof=1):.1f}" for n, v in back.items()
    )
    + ".",
    exact=True,
)

# %% [markdown]
# Nearly the same picture: what starves the signal starves the gradient. The exception is SELU, whose signal was level. {verdict levels.selu_gradient_grows} Two gains, and one number to set.
#
# How far can it shrink? Here is the *first-layer gradient* of a real float32 network with standard deviation 0.01, the last row of lesson 2's table, narrower and taken deeper.

# %%
from actlab.data import spirals
from actlab.training import Networks

X, y = spirals(60, seed=0)
X = 2 * X
for depth in (10, 20, 30, 40):
    norms = Networks([2] + [32] * depth + [2], "relu", seeds=5, std=0.01).first_gradient(X, y)
    words = "exactly 0 in every seed" if not norms.any() else f"1e{np.log10(norms).mean():.0f}"
    print(f"ReLU, std 0.01, {depth} layers: gradient of the first layer {words}")

# %% [markdown]
# Adam divides a gradient by its own size plus $10^{-8}$, so what is far below $10^{-8}$ hardly moves under Adam either. And below about $10^{-45}$ float32 stores a plain 0: a layer whose gradient is stored as 0 gets no step for as long as it stays 0. Momentum, weight decay, or layers above that move can end that (3.9).

# %% [markdown]
# ## 6.5 Two gains for every function
#
# Time to compute both for everything in the course, and to lay PyTorch's table beside it.

# %%
import torch

print("                     signal  gradient   torch")
for key, entry in REGISTRY.items():
    if entry.elementwise:
        forward, backward = networks.gains(entry.f, entry.df)
        try:
            table = f"{torch.nn.init.calculate_gain(key):.4f}"
        except ValueError:
            table = "no entry (ValueError)"
        print(f"{entry.name:20s} {forward:.4f}   {backward:.4f}   {table}")

# %% [markdown]
# | entry of torch | what it is |
# |---|---|
# | linear, ReLU, Leaky ReLU | exactly our gain |
# | sigmoid: 1 | neither 1.85 nor 4.72: no correction at all |
# | tanh: 5/3 | a little above both 1.5925 and 1.4674 |
# | SELU: 3/4 | far from 1, for which SELU was constructed |
# | GELU, SiLU, ELU, … | missing |
#
# About 3/4 torch's own documentation is frank (`help(torch.nn.init.calculate_gain)`): it gives up the self-normalisation for a steadier gradient, and if you want the former you should ask for `"linear"`. For 5/3 it
# gives no derivation. What do the two do over fifty layers?

# %% role="fragment"
print("log10 of the mean square after 50 layers, 5 seeds   signal         gradient")
for name, (signal, gradient, _) in (
    ("tanh, gain 1", SEEN["tanh, Xavier"]),
    ("tanh, gain 5/3 (torch)", fifty("tanh", 5 / 3)),
    ("SELU, gain 1", SEEN["SELU, LeCun"]),
    ("SELU, gain 3/4 (torch)", fifty("selu", 3 / 4)),
):
    ends = (np.log10(signal[:, -1]), np.log10(gradient[:, 0]))
    cells = "   ".join(f"{v.mean().round(1) + 0.0:+5.1f} ± {v.std(ddof=1):.1f}" for v in ends)
    print(f"{name:49s} {cells}")

# %% [markdown]
# No setting is level in both columns. 5/3 holds tanh's signal and lets its gradient grow ten-thousandfold; 3/4 bleeds SELU's signal and turns its gradient's growth into a loss. A table of gains is a set of compromises.

# %% [markdown]
# ## 6.6 The whole map
#
# Every cell below is a real network: 50 layers, 64 wide, three seeds. White is level, within a factor of ten. Where is the white valley for ReLU? For tanh: is it in the same place on both maps? And where does *your* `forward_gain`
# run its line?

# %% role="fragment"
explore_depth(forward_gain)

# %% [markdown] role="notes"
# **For the lecturer.** Ask before each activation: "one valley or two?" Save tanh for last: many read the white signal map as "tanh is safe at any gain" until they look to the right.

# %% [markdown]
# ReLU has a sharp white valley at √2, in the same place on both maps. tanh's signal stays level at gain 1.26 and any larger one; its gradient is level near there and explodes beyond. The sigmoid's signal looks
# healthy at every gain, and no gain on the map saves its gradient (lesson 02 needed 12). And GELU has no valley, only a ridge: the lines fan out to both sides.
#
# Why is a signal that starts at the right size not held there? Ask what happens when it is *off* by a little: the growth of $E\,z^2$ in one layer, for other sizes of $z$ than 1.

# %%
z = np.linspace(-8, 8, 2001)
share = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
sizes = np.linspace(0.05, 3, 60)
CASES = [("relu", 2**0.5, "ReLU, √2"), ("selu", 1, "SELU, 1"), ("tanh", 1.59, "tanh, 1.59")]
CASES += [("gelu", 2**0.5, "GELU, √2"), ("gelu", 1.5335, "GELU, 1.53")]
factor = {
    name: [gain**2 * (REGISTRY[key].f(s * z) ** 2 * share).sum() / s**2 for s in sizes]
    for key, gain, name in CASES
}
at = {name: np.interp([0.5, 2], sizes, f) for name, f in factor.items()}
figures.with_spread(
    {name: (REGISTRY[key].color, np.array([factor[name]])) for key, _, name in CASES},
    sizes,
    title="Growth of the mean square in one layer (quadrature)",
    xlabel="root mean square of z on arrival",
    ylabel="factor on $E\\,z^2$",
    notes=[(1, "level")],
    ylim=(0, 2.2),
    alt="Growth factor at size 0.5 and at size 2: "
    + "; ".join(f"{n} {a:.2f} and {b:.2f}" for n, (a, b) in at.items())
    + ".",
    exact=True,
)

# %% [markdown]
# Read each curve as a thermostat. A *falling* curve through 1 corrects itself: too large shrinks, too small grows; tanh and SELU do that. ReLU is flat at 1: it neither corrects nor runs away, so seeds
# wander.
#
# GELU *rises*: a little too large grows, a little too small shrinks, and faster all the time, since near 0 it acts like $z/2$. Its own gain crosses 1 at size 1: a ridge. Why did all five seeds fall to the same side? The first layer multiplies raw inputs, with no $f$ before it: $E\,z^2 = g^2 = 2.35$ is above the ridge. With √2 the curve lies below 1 everywhere: that is how
# GELU with He's gain typically loses nearly everything.

# %% [markdown]
# ## 6.7 Level is not enough
#
# Suppose the size is right. Is the *information*? Send 32 random inputs in. They start at right angles to one another, at a cosine of about 0. After fifty layers, what is the mean cosine between two of them?
#
# > **Predict.** With ReLU and He's gain: (a) 0, sizes and angles survive (b) about ½ (c) close to 1, all inputs look the same

# %% role="fragment"
chosen = ("ReLU, He", "GELU, its own", "SELU, LeCun", "tanh, Xavier")
ends = {name: SEEN[name][2][:, -1] for name in chosen}
figures.with_spread(
    {name: (REGISTRY[STARTS[name][0]].color, SEEN[name][2]) for name in chosen},
    np.arange(51),
    title="How alike 32 different inputs become (5 seeds, lowest to highest)",
    xlabel="layer",
    ylabel="mean cosine of two inputs",
    ylim=(-0.1, 1.1),
    alt="Mean cosine after 50 layers: "
    + "; ".join(f"{n} {v.mean():.2f} ± {v.std(ddof=1):.2f}" for n, v in ends.items())
    + ".",
    exact=True,
)

# %% [markdown]
# (c): what enters at right angles leaves nearly parallel. {verdict levels.he_aligns} ReLU's outputs are never negative, so any two of them already agree a little, and every layer adds to it.
#
# > **Claim audit.** *"He's initialisation fixes deep ReLU networks."* It keeps the *expected* size of signal and gradient, as the formula promises; single networks drift (6.3), and inputs do not stay apart. Sources: He (2015), Hanin (2018). What depth does to the angle of two inputs is the subject of Poole (2016) and Schoenholz (2017).

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
layer = torch.nn.Linear(400, 1000)
ratio = (2 / 400) / layer.weight.var().item()
print(f"He's variance / variance of nn.Linear: {ratio:.2f}")

# %% [markdown]
# Six times below He. So each ReLU layer passes on a sixth of the mean square, and after ten layers $6^{-10}$ is left, less than one part in ten million. The biases, meanwhile, have *not* shrunk.
#
# > **Predict.** Ten ReLU layers, untrained, 600 pictures. Which share of the units in the tenth layer is 0 for *every* picture? (a) 5 % (b) one in eight (c) half (d) nearly all

# %%
from actlab.data import glyphs

pictures, _ = glyphs(600, seed=0)


def dead_share(gain, biases, seed, depth=10, width=128):
    """Share of ReLU units in the last layer that are 0 on all 600 pictures, before any training."""
    rng, h = np.random.default_rng(seed), pictures
    for _ in range(depth):
        bound = 1 / np.sqrt(h.shape[1])
        W = gain * rng.uniform(-bound, bound, (h.shape[1], width))
        b = biases * rng.uniform(-bound, bound, width)
        z = h @ W + b
        h = np.maximum(z, 0)
    return (z <= 0).all(0).mean()


for name, gain in (("default", 1), ("He's variance", 6**0.5)):
    for biases in (True, False):
        dead = np.array([dead_share(gain, biases, seed) for seed in range(10)])
        print(
            f"{name:14s} {'with' if biases else 'without':7s} the default's biases: dead at depth 10 "
            f"{dead.mean():3.0%} ± {dead.std(ddof=1):.0%} (10 seeds)"
        )

# %% [markdown]
# With the default, (c): half of them, and *before* training. Give the weights He's variance, or leave the biases out, and it is about one in eight. It takes both halves of the default: small weights shrink the signal until only the biases are left, and a unit that
# listens to nothing but its bias is dead when the bias is negative, one time in two.

# %% [markdown]
# > **Claim audit.** *"more than 56 % of the neurons in the pre-last layer are dead"*, says the UvA Deep Learning tutorial "Activation Functions" (Lippe) of an untrained network of ten ReLU layers, and recommends Swish. It, too, uses
# > `nn.Linear` as it comes, so that is mostly the initialisation. ReLU makes it possible; PyTorch's default makes it happen. (Ours is another network on other pictures: compare the sizes, not the digits.)

# %% [markdown] role="notes"
# **For the lecturer.** Ask: "is this ReLU's fault?" and let them vote before the table with and without biases. A follow-up: what would happen with width 1000? (The same: the width has dropped out.)

# %% [markdown]
# ## 6.9 Forty layers, trained
#
# Sizes at the start are one thing, learning is another. Can forty hidden layers of 32 fit just sixty points of the spirals, in 160 steps of Adam?
#
# > **Predict.** "ReLU solves vanishing gradients." Which recipes learn at *some* learning rate: sigmoid, tanh or ReLU with Xavier's gain, ReLU with He's, GELU with its own, SELU with LeCun's?

# %%
RECIPES = {
    "sigmoid, Xavier": ("sigmoid", 1.0),
    "tanh, Xavier": ("tanh", 1.0),
    "ReLU, Xavier": ("relu", 1.0),
    "ReLU, He": ("relu", 2**0.5),
    "GELU, its own": ("gelu", 1.5335),
    "SELU, LeCun": ("selu", 1.0),
}
for name, (key, gain) in RECIPES.items():
    first = Networks([2] + [32] * 40 + [2], key, seeds=5, gain=gain).first_gradient(X, y)
    print(f"{name:16s} first-layer gradient at the start {10 ** np.log10(first).mean():.0e}")

# %% [markdown]
# A comparison at one learning rate compares two things at once. So every recipe ran at eight, from 1e-5 to 3e-2, on other points and other seeds than yours: each dot is a network. Pull *stands out* and look how *wide* each hill is, and
# where it stands. Then slide *setting*.

# %% role="fragment"
explore_rates("deep")

# %%
evidence_source("deep")

# %% [markdown]
# A recipe is not a winner or a loser. It is a *range of rates* that work. {verdict deep.he_tolerates} {verdict deep.xavier_needs_small_rates} At 1e-3 alone you would have kept one start and thrown the other away. He's start buys tolerance.
#
# {verdict deep.patience_is_enough}

# %% [markdown] role="subslide"
# Does the *size* of the first gradient decide, then? It is not necessary: {verdict deep.small_gradient_learns} (Adam divides by the size; with ε = 1e-16 the picture is the same.) Nor does it tell which rate is right: {verdict deep.tanh_needs_small_rates} Why, this experiment does not say.

# %% [markdown]
# Where next to nothing is left, size does count. {verdict deep.sigmoid_only_guesses} {verdict deep.gain_12_learns} And {verdict deep.selu_learns}

# %% [markdown]
# Suppose you had run one group of your own, at 1e-4 and 1e-3: would your seeds have told you that tanh wants the smaller rate? Draw groups of one to twenty.

# %% role="fragment"
explore_agreement("deep.tanh_needs_small_rates")

# %% [markdown]
# ## 6.10 A way around
#
# All of this multiplies fifty factors. What if the signal could also go *around* a layer?
#
# $$h_l = h_{l-1} + f(h_{l-1}W_l)$$
#
# That is a **residual** connection, or shortcut. Differentiate it:
#
# $$\frac{\partial h_l}{\partial h_{l-1}} = I + \bigl(\text{what the layer had before}\bigr)$$
#
# The identity is the point: whatever the layer does, one copy of the gradient comes past it untouched, through all fifty layers.

# %% [markdown] exercise="q6_residual_forward"
# ### Exercise: a residual chain
#
# Return $h_L$, with $h_0 = x$ and $h_l = h_{l-1} + f(h_{l-1}W_l)$. All the matrices in `weights` are square. Worked number: $x = 1$, weights 2 and 1, $f(z) = z$: $h_1 = 1 + 2 = 3$ and $h_2 = 3 + 3 = 6$.


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
# The test case is the worst we have: the sigmoid at gain 1. And watch ReLU with He's gain, which was level *without* shortcuts.

# %% role="fragment"
ROUTES = {
    "sigmoid, plain": ("sigmoid", 1.0),
    "sigmoid, shortcuts": ("sigmoid", 1.0, True),
    "ReLU He, shortcuts": ("relu", 2**0.5, True),
    "ReLU, layers ÷ √50": ("relu", (2 / 50) ** 0.5, True),
}
routes = {name: fifty(*route)[1] for name, route in ROUTES.items()}
figures.with_spread(
    {name: (REGISTRY[ROUTES[name][0]].color, g[:, ::-1]) for name, g in routes.items()},
    np.arange(51),
    title="Mean square of the gradient, with and without shortcuts (5 seeds)",
    xlabel="layers travelled back from the output",
    ylabel="$E\\,(\\partial\\,loss/\\partial h)^2$",
    log=True,
    alt="log10 of the gradient's mean square after 50 layers back: "
    + "; ".join(f"{name} {np.log10(g[:, 0]).mean():+.1f}" for name, g in routes.items())
    + ".",
    exact=True,
)

# %% [markdown]
# {verdict levels.shortcuts_level} At gain 1 they do for the gradient what took a gain of 12 in lesson 02. But they *add*: a layer that was level before now more than doubles the mean square. {verdict levels.small_layers_calm}

# %% [markdown]
# Does that train? The same forty layers as in 6.9, with shortcuts and layers divided by $\sqrt{40}$, at the same eight rates. {verdict deep.shortcuts_learn}
#
# Transformers are built on shortcuts throughout (Vaswani 2017).
#
# > **Claim audit.** *"Transformers use residual connections, which reduce the vanishing gradient issue, making the smoothness of GELU more impactful."* The first half you have just measured. For the second, nothing here or in lesson 07 gives evidence.

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
# ## 6.11 Batch normalisation
#
# Or give up choosing a gain: after every multiplication, *divide by the size you find*. Batch normalisation (lesson 03) does that to each unit, over the batch. Double all the weights, and $z$ after normalisation is the same.
#
# Thirty ReLU layers, weight gains from 0.3 to 3. Look for the line that ignores the gain, and at the height at which it runs.

# %%
EXPONENTS = np.array([-0.5, -0.25, 0, 0.25, 0.5])


def arriving(batch_norm, gain, depth=30, width=32):
    """Mean square of the gradient at the first hidden layer's output, one number per seed."""
    nets = Networks([width] * (depth + 1) + [2], "relu", 5, gain, batch_norm=batch_norm)
    layers = nets.hidden(np.random.default_rng(0).normal(size=(128, width)))
    first, last = layers[0][1], layers[-1][1]
    upstream = torch.randn(last.shape, generator=torch.Generator().manual_seed(0))
    (gradient,) = torch.autograd.grad(last, [first], upstream)
    return (gradient.double() ** 2).mean((1, 2)).numpy()


norms = {
    name: np.array([arriving(bn, 10.0**e) for e in EXPONENTS]).T
    for name, bn in (("plain", False), ("batch norm", True))
}

# %%
low, high = (np.log10(norms["plain"][:, i]).mean() for i in (0, -1))
flat = np.log10(norms["batch norm"])
figures.with_spread(
    {
        "plain": (REGISTRY["relu"].color, norms["plain"]),
        "batch norm": (figures.WARM, norms["batch norm"]),
    },
    EXPONENTS,
    title="The gradient after 30 layers, against the weight gain (5 seeds)",
    xlabel="log₁₀ of the weight gain",
    ylabel="$E\\,(\\partial\\,loss/\\partial h_1)^2$",
    log=True,
    notes=[(1, "level")],
    alt=f"log10 of the gradient's mean square: plain from {low:.0f} at gain 0.3 to {high:.0f} at gain 3; "
    f"with batch normalisation between {flat.min():.1f} and {flat.max():.1f} at every gain, "
    f"a factor of {10 ** (flat.mean() / 58):.1f} in size for each of 29 layers.",
)

# %% [markdown]
# Without it the gradient runs through more than fifty orders of magnitude; with it, the gain has no say at all. But the line does not run at level: over thirty layers the gradient still *grows*, about a hundred-thousandfold in mean
# square. That price is batch normalisation's own, a factor of about 1.2 in size for every layer, and no gain can remove it. Yang et al. (2019) derive both: the growth, and that no variance of the weights avoids it.
#
# Its other price: every sample's result now depends on the rest of its batch.

# %% [markdown]
# ## 6.12 The other side: explosions
#
# Vanishing has a twin. Take a gain a little too *large*, and make a single step of gradient descent.

# %%
for name, gain in (("√2", 2**0.5), ("2", 2.0), ("3", 3.0)):
    nets = Networks([2] + [32] * 40 + [2], "relu", seeds=5, gain=gain)
    size = np.log10(nets.first_gradient(X, y)).mean()
    loss, _ = nets.fit(X, y, 2, 0.01, "sgd")
    low, high = (f"{extreme:.1g}" for extreme in (loss[0].min(), loss[0].max()))
    print(
        f"ReLU, 40 layers, gain {name:2s}: first gradient 1e{size:+.0f}, first loss {low} to {high}, "
        f"NaN after one step in {np.isnan(loss[1]).sum()} of 5 seeds"
    )

signal, gradient, _ = fifty("tanh", 3.0)
ends = np.log10([signal[:, -1].mean(), gradient[:, 0].mean()])
print(
    f"tanh, 50 layers, gain 3:  signal 10^{ends[0]:.1f}, gradient 10^{ends[1]:.0f} (mean squares)"
)

# %% [markdown]
# With gain 2 each layer doubles the mean square, forty times over. The loss starts absurdly large, the first step throws the weights far away, and one step later the loss is NaN. A cure that needs no new initialisation: when the
# gradient's norm is above some limit, scale it down to that limit (*clipping*).
#
# The last line is the sly one. tanh caps its outputs, so every activation looks healthy, and the gradient grows by thirteen orders of magnitude. Watch gradients, too, never outputs alone.

# %% [markdown]
# ## 6.13 Claim audit
#
# | the line everybody copies | what we measured | where |
# |---|---|---|
# | "ReLU completely solves vanishing gradients" | its slope is 1 or 0, but the weights multiply too: with LeCun's gain $10^{-15}$ in 50 layers, with std 0.01 exactly 0; at depth 40 it trains with He's gain at every rate from 1e-4 to 1e-3, with Xavier's better at the smaller ones {rests on deep.he_tolerates} {rests on deep.xavier_needs_small_rates} | 6.4, 6.9 |
# | "vanishing gradients are the activation's fault" | one sigmoid, two outcomes: its gradient $10^{-63}$ plain, level with shortcuts (its signal grows) | 6.10 |
# | "He fixes everything" | sizes, yes; angles, no; and not for GELU | 6.3, 6.7 |
# | "56 % dead at depth 10" (UvA tutorial) | mostly the default initialisation: half dead with it, about one in eight without | 6.8 |
# | "batch norm makes initialisation irrelevant" | its scale, yes; the gradient still grows layer by layer | 6.11; Yang 2019 |
#
# Sources: Glorot & Bengio (2010), He (2015), Hanin (2018), Yang et al. (2019).

# %% [markdown]
# ## Recap
#
# | question | answer | where |
# |---|---|---|
# | what does a layer do to the mean square? | signal: $g^2\,E f(z)^2$; gradient: $g^2\,E f'(z)^2$ | 6.2, 6.4 |
# | which gain keeps it level? | one over the root of that mean; ReLU √2, tanh 1.59, GELU 1.53, SELU 1 | 6.2, 6.5 |
# | why does GELU drift even so? | its growth curve rises through 1: a ridge, not a valley | 6.6 |
# | what is still wrong when sizes are right? | inputs become parallel | 6.7 |
# | what does PyTorch do by default? | variance $1/(3n)$, six times below He, and biases that do not shrink | 6.8 |
# | what do shortcuts add? | the identity: no systematic vanishing; growth, unless the layers are small | 6.10 |
# | and batch norm? | the scale of the weights no longer matters | 6.11 |

# %% [markdown]
# ## Check yourself
#
# Five functions and two questions, all of which you met on the way. One more to talk over with a neighbour: you may print *one* number per layer at the start of training, and no more. Which one do you choose, and which failure would you still miss?

# %% [markdown] tags=["solution"]
# The gradient's norm, layer by layer: it shows vanishing, explosion and the sly tanh of 6.12. It misses inputs that have become parallel (6.7), which shows in the cosines only.

# %% [markdown]
# **Next:** [07 Choosing](07_choosing.ipynb). You know every function, what it costs and where it fails. Which one do you take?
