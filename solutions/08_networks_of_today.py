# %% [markdown]
# # {title}
#
# *Gates, zeros, norms, few bits: what do the models of these years do around an activation, and how do you look into your own?*
#
# **You will be able to**
#
# - build the gated feed-forward block of today's language models, and say what its gate is worth;
# - count the zeros of a trained network, and say what a zero saves;
# - write LayerNorm and RMSNorm with their backward passes;
# - say which formula breaks in sixteen bits, and where;
# - find the sick layer in a model of your own.
#
# **Before you start:** lessons [03](03_relu_family.ipynb) to [07](07_choosing.ipynb). {minutes}.

# %%
import numpy as np
import torch
from torch.nn import functional as F

from actlab import pictures
from actlab.check import check
from actlab.evidence import load
from actlab.explorers import evidence_source, explore_rates

print(f"NumPy {np.__version__}, torch {torch.__version__}")

# %% [markdown]
# ## 8.1 The gate in the feed-forward block

# %% [markdown]
# ## 8.2 ReLU squared, and what a zero is worth

# %% [markdown]
# ## 8.3 Normalisation
#
# Batch norm (3.10) takes the mean and the spread of a *unit*, over the batch. A language model that answers one reader has no batch. **LayerNorm** (Ba 2016) turns the table by a quarter: the mean and the spread of one *sample*, over its units.

# %% [markdown] exercise="q8_layer_norm"
# ### Exercise: LayerNorm
#
# `z` has any shape $(\dots, d)$: each row along the last axis is normalised by itself. The variance is divided by $d$, `eps` is added to it before the root; `gamma` and `beta` are $(d,)$.
#
# Worked numbers: the row 1, 1, 1, 1, 6 has mean 2 and variance 4. With $\gamma = 2$ and $\beta = 10$ it becomes 9, 9, 9, 9, 14 (for tiny ε).


# %% exercise="q8_layer_norm"
def layer_norm(z, gamma, beta, eps=1e-5):
    """Normalise each row over its units.  z: (..., d), gamma, beta: (d,) -> (..., d)."""
    ### BEGIN SOLUTION
    centred = z - z.mean(axis=-1, keepdims=True)
    return gamma * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps) + beta
    ### END SOLUTION


# %% exercise="q8_layer_norm"
check("q8_layer_norm", layer_norm)

# %% [markdown]
# Zhang & Sennrich (2019) suppose that the mean can be spared. Their **RMSNorm** subtracts nothing, divides by the root of the mean square, and has no β.

# %% [markdown] exercise="q8_rms_norm"
# ### Exercise: RMSNorm
#
# Divide each row along the last axis by the root of its mean square, to which `eps` is added under the root, and multiply by `gamma`, $(d,)$.
#
# Worked numbers: the row 1, 7 has mean square 25. With $\gamma = 10$ it becomes 2 and 14.


# %% exercise="q8_rms_norm"
def rms_norm(z, gamma, eps=1e-5):
    """Give each row the mean square 1.  z: (..., d), gamma: (d,) -> (..., d)."""
    ### BEGIN SOLUTION
    return gamma * z / np.sqrt((z**2).mean(axis=-1, keepdims=True) + eps)
    ### END SOLUTION


# %% exercise="q8_rms_norm"
check("q8_rms_norm", rms_norm)

# %% [markdown] tags=["predict"]
# Add 5 to every unit of one sample. Which norm gives this sample the same result as before?
#
# - [ ] all three: a norm takes shifts and sizes out
#   RMSNorm subtracts nothing, and batch norm looks at each unit by itself.
# - [ ] LayerNorm and RMSNorm: both look at one sample
#   Both do. But RMSNorm only divides.
# - [x] LayerNorm
#   Now see what the two others do not notice.
# - [ ] batch norm: it is the one that subtracts a unit's mean
#   It is, over 32 samples. One of them moves that mean by little.

# %%
NORMS = {
    "batch norm": lambda z: F.batch_norm(z, None, None, training=True),
    "LayerNorm": lambda z: F.layer_norm(z, (64,)),
    "RMSNorm": lambda z: F.rms_norm(z, (64,), eps=1e-5),
}
CHANGES = {
    "this sample times 10": lambda z: torch.cat([10 * z[:1], z[1:]]),
    "5 added to all its units": lambda z: torch.cat([z[:1] + 5, z[1:]]),
    "5 added to one unit of every sample": lambda z: z + 5 * torch.eye(64)[0],
    "the other samples times 10": lambda z: torch.cat([z[:1], 10 * z[1:]]),
}

# %%
z = torch.randn(32, 64, generator=torch.Generator().manual_seed(0))
moved = {
    change: {name: (norm(made(z)) - norm(z))[0].abs().max() for name, norm in NORMS.items()}
    for change, made in CHANGES.items()
}
pictures.what_moves(moved)

# %% [markdown] tags=["outcome"]
# A norm is blind to what it takes out: LayerNorm to size and shift of a row, RMSNorm to its size. Batch norm sees both, and every other sample; only the shift of a unit escapes it.

# %% [markdown]
# Now back. Let $a = (z - \mu)/s$ be the normalised row, with $s = \sqrt{\text{var} + \varepsilon}$. One $z_i$ acts directly, through $\mu$, and through $s$, since $\partial s/\partial z_i = a_i/d$:
#
# $$\frac{\partial a_j}{\partial z_i} = \frac1s\Bigl([i = j] - \frac1d - \frac{a_i\,a_j}{d}\Bigr)$$
#
# With $g = \gamma \odot \text{upstream}$, sum over $j$:
#
# $$\frac{\partial\,\text{loss}}{\partial z} = \frac1s\bigl(g - \text{mean}(g) - a\;\text{mean}(g \odot a)\bigr)$$
#
# The second term takes the mean out of $g$, the third what points along $a$. It has to be so: a shift or a stretch of the row changes nothing, so the gradient has no part there.

# %% [markdown] exercise="q8_layer_norm_backward"
# ### Exercise: LayerNorm, backward
#
# Return ∂loss/∂z. `upstream` is ∂loss/∂output, of the shape of `z`, $(\dots, d)$; `gamma` is $(d,)$.
#
# Worked numbers: the row 1, 1, 1, 1, 6 with $\gamma = 1$ and upstream 1, 0, 0, 0, 0 gives 0.375, −0.125, −0.125, −0.125, 0.


# %% exercise="q8_layer_norm_backward"
def layer_norm_backward(z, gamma, upstream, eps=1e-5):
    """∂loss/∂z of LayerNorm.  z, upstream: (..., d), gamma: (d,) -> (..., d)."""
    ### BEGIN SOLUTION
    s = np.sqrt(z.var(axis=-1, keepdims=True) + eps)
    a, g = (z - z.mean(axis=-1, keepdims=True)) / s, gamma * upstream
    return (g - g.mean(axis=-1, keepdims=True) - a * (g * a).mean(axis=-1, keepdims=True)) / s
    ### END SOLUTION


# %% exercise="q8_layer_norm_backward"
check("q8_layer_norm_backward", layer_norm_backward)

# %% [markdown] exercise="q8_rms_norm_backward"
# ### Exercise: RMSNorm, backward
#
# The same for RMSNorm, which has no $\mu$. Which of the three terms is left out, and what is $a$ now?
#
# Worked numbers: the row 1, 7 with $\gamma = 1$ and upstream 1, 0 gives 0.196 and −0.028.


# %% exercise="q8_rms_norm_backward"
def rms_norm_backward(z, gamma, upstream, eps=1e-5):
    """∂loss/∂z of RMSNorm.  z, upstream: (..., d), gamma: (d,) -> (..., d)."""
    ### BEGIN SOLUTION
    r = np.sqrt((z**2).mean(axis=-1, keepdims=True) + eps)
    a, g = z / r, gamma * upstream
    return (g - a * (g * a).mean(axis=-1, keepdims=True)) / r
    ### END SOLUTION


# %% exercise="q8_rms_norm_backward"
check("q8_rms_norm_backward", rms_norm_backward)

# %% [markdown]
# And where does a norm stand beside a shortcut? In 6.11 you met post-norm, $\text{norm}(h + f(hW))$, and pre-norm, $h + f(\text{norm}(h)\,W)$. The picture of 6.10 again, fifty layers of ReLU with He's gain: which gradients keep growing or shrinking, layer after layer?

# %%
pictures.gradients_by_place(load("placed").whole())

# %%
evidence_source("placed")

# %% [markdown] tags=["outcome"]
# {verdict placed.post_norm_multiplies} Why do they part? The sum has twice the mean square of $h$. LayerNorm takes out ReLU's mean and divides by $2 - 1/\pi = 1.68$ only. RMSNorm leaves the mean in, the rows come to agree with what is added, and it divides by more than 2.
#
# {verdict placed.pre_norm_grows_slowly} Its shortcut is never divided, and the larger $h$ gets, the less a layer adds to it. Xiong et al. (2020) study both places in transformers: with pre-norm they could leave out the warm-up of the learning rate.

# %% [markdown]
# ## 8.4 A curve instead of a norm
#
# A norm has to see a whole row before it can begin. Zhu et al. (2025) saw that LayerNorms in transformers often map inputs to outputs along an S, like lesson 02's tanh. So they put the curve itself there, **dynamic tanh**:
#
# $$\gamma \odot \tanh(\alpha z) + \beta$$
#
# α is one learned number, $\gamma$ and $\beta$ are as before. But how can a norm, which only subtracts and divides, make an S? Take forty rows, small ones and large ones.

# %%
sizes = torch.logspace(-0.5, 0.8, 40)[:, None]
z = sizes * torch.randn(40, 64, generator=torch.Generator().manual_seed(0))
pictures.straight_lines(z, F.layer_norm(z, (64,)))

# %% [markdown]
# Each row is a straight line of slope $1/s$. Far out there are only large rows, whose lines are flat: the bundle bends. So does tanh, linear in the middle and bounded outside. They are no twins: the nearest curve misses by 0.48.
#
# What it cannot do: it looks at one number at a time. A row ten times as large is not the same to it, so α has to fit the size of $h$. The authors' code (2025) starts α at 0.5 for pictures; for LLaMA at 0.8 before attention and 0.2 elsewhere with 7 billion weights, at 0.2 and 0.05 with 70. Does the curve train as well as the norm?

# %% [markdown] tags=["predict"]
# The transformer of 7.6, two layers, 150 steps, each variant at its best rate. Which ends with the *highest* loss?
#
# - [ ] the one without any norm
#   Two layers are not fifty. Nothing has grown far enough yet to need one. {rests on norms.none_is_needed}
# - [x] dynamic tanh
#   Now look which rates each of them bears.
# - [ ] LayerNorm: it has no learned number here that could adapt
#   The matrix behind it has some. And a size that is right at every step needs no adapting. {rests on norms.the_curve_is_behind}
# - [ ] RMSNorm, which leaves the mean in
#   The mean is hardly missed. {rests on norms.the_mean_can_go}

# %% role="fragment"
explore_rates("norms")

# %%
evidence_source("norms")

# %% [markdown] tags=["outcome"]
# {verdict norms.the_mean_can_go} {verdict norms.the_curve_is_behind} {verdict norms.a_larger_alpha_is_nearer} So the paper's result is not repeated here. Its models are far larger, and α is tuned to each; this is no verdict on them.
#
# {verdict norms.none_is_needed} A norm is not what lets two layers learn. What does it buy, then? {verdict norms.a_norm_bears_a_high_rate}

# %% [markdown]
# ## 8.5 Few bits

# %% [markdown]
# ## 8.6 What an activation costs

# %% [markdown]
# ## 8.7 Your own model

# %% [markdown]
# ## Recap
#
# | question | answer | section |
# |---|---|---|
# | what does a norm not notice? | LayerNorm: size and shift of a row; RMSNorm: its size; so the gradient has no part there | 8.3 |
# | before the layer or behind the sum? | pre-norm leaves the shortcut alone; post-norm multiplies the gradient in every layer | 8.3 |
# | can tanh stand in for a norm? | it squashes as a norm does, but never rescales; here it ends behind LayerNorm {rests on norms.the_curve_is_behind} | 8.4 |

# %% [markdown]
# ## Check yourself

# %% [markdown]
# **Next:** {practice}. Five questions, {total:words}, everything you built. No pictures to lean on this time.
