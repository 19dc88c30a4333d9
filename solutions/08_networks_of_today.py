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

from actlab import activations, pictures, watch
from actlab.activations import REGISTRY
from actlab.check import check
from actlab.evidence import load
from actlab.explorers import evidence_source, explore_rates, show_evidence
from actlab.models import who_uses_what
from actlab.patients import patient

# %% [markdown]
# ## 8.1 The gate in the feed-forward block
#
# In [4.10](04_gelu_silu.ipynb) you built a layer with a gate of its own weights, $\text{SiLU}(xW)\odot xV$, and made it narrower until the count of weights was right. Two things are new in it: the activation inside the gate, and the product. Which of them does the work?
#
# Dauphin (2016) put σ into the gate: **GLU**. Shazeer (2020) tried others, and once nothing at all: $xW\odot xV$, two linear maps and a product. He calls it **bilinear**.

# %% [markdown] tags=["predict"]
# Shazeer trained transformers of equal size and compared their losses. Where does the bilinear block stand?
#
# - [ ] last: without an activation, a block is linear
#   Two maps are linear. What does their *product* do when $x$ doubles?
# - [ ] level with ReLU and GELU
#   So it would be as good as an activation without a gate. The product is more than that.
# - [x] ahead of ReLU, GELU and GLU, behind GEGLU and SwiGLU
#   Now see the numbers, and why it is no linear layer.
# - [ ] first: an activation only takes away
#   Look at the three below it in the table: each has an activation as well.

# %%
GATES = {
    "GLU": activations.sigmoid,
    "bilinear": lambda z: z,
    "ReGLU": activations.relu,
    "GEGLU": activations.gelu,
    "SwiGLU": activations.silu,
}
x, W, V = np.random.default_rng(8).normal(size=(3, 64, 64)) / 8**0.5
for name, gate in GATES.items():
    once, twice = (np.linalg.norm(gate(k * x @ W) * (k * x @ V)) for k in (1, 2))
    print(f"{name:9s} input × 2, output × {twice / once:.2f}    (a linear layer: 2)")

# %% [markdown] tags=["outcome"]
# The bilinear block answers four times: it is a square, with no activation anywhere. GLU is the only one below three, since its σ cannot pass 1; GELU and SiLU more than double, so theirs pass four. Shazeer's losses after 524,288 steps (2020, Table 1; one run each, and over four shorter runs a spread of 0.003 to 0.010):
#
# | no gate | | gated | |
# |---|---:|---|---:|
# | ReLU | 1.677 | GLU | 1.663 |
# | GELU | 1.679 | bilinear | 1.648 |
# | SiLU | 1.683 | ReGLU | 1.645 |
# | | | SwiGLU | 1.636 |
# | | | GEGLU | 1.633 |
#
# "We offer no explanation", he writes. Is it so in our tiny transformer, over a hundred seeds?

# %%
ARMS = ["ReLU", "GELU", "GLU", "bilinear", "ReGLU", "GEGLU", "SwiGLU"]
show_evidence("gates", ARMS)

# %%
evidence_source("gates")

# %% [markdown] tags=["outcome"]
# Compare the bars of bilinear and ReLU: what separates them is far less than what separates two dots of one row. No activation at all, and level with ReLU. Without the product it would not be: in 7.6, after 150 steps, a block with neither is behind ReLU. {verdict language.nonlinearity_matters} {verdict gates.sigmoid_last}

# %% [markdown] tags=["outcome"]
# The other gates settle nothing here: a tiny model and a hundred steps do not part them. (After 400, five networks each, all gates but GLU have lower mean losses than ReLU, by 0.02 to 0.03 nats with standard errors of 0.01: a hint.) Shazeer's were large, and trained five thousand times as long. What ours shows: a product alone can bend.

# %% [markdown]
# A product has a price: two large numbers make a very large one, and 8.5 shows how few bits have to hold it. gpt-oss, an open-weight model of 2025, *clamps* both factors. Its gate is the sigmoid form of GELU from [4.6](04_gelu_silu.ipynb), slope 1.702 and all:
#
# $$g = \min(\text{gate}, 7),\quad v = \min(\max(\text{value}, -7), 7),\quad g\,\sigma(1.702\,g)\,(v + 1)$$
#
# Source: `swiglu` in `gpt_oss/torch/model.py`.

# %% [markdown] exercise="q8_clamped_gate"
# ### Exercise: a clamped gate
#
# Return gpt-oss's product, entry by entry, with 7 replaced by `limit`. `gate` and `value` are the two pre-activations, of one shape. Worked number: gate 10 and value −9 give $7\,\sigma(11.914)\,(-7 + 1) = -41.9997$.


# %% exercise="q8_clamped_gate"
def clamped_gate(gate, value, limit=7.0):
    """The clamped gated product of gpt-oss.  gate, value: any shape, the same -> that shape."""
    ### BEGIN SOLUTION
    gate = np.minimum(gate, limit)
    return gate / (1 + np.exp(-1.702 * gate)) * (np.clip(value, -limit, limit) + 1)
    ### END SOLUTION


# %% exercise="q8_clamped_gate"
check("q8_clamped_gate", clamped_gate)

# %% tags=["fold"]
for z in (7, 100, 1000):
    most = min(z, 7)
    print(f"gate = value = {z:4d}: SwiGLU at most {z * z:9,d}, clamped at most {most * (most + 1)}")

# %% [markdown]
# Whatever arrives, what leaves lies between −42 and 56. The 1 beside the value has a job as well: where $xV$ is 0, the gate alone comes through, as in a block without a second matrix.
#
# And who uses which? Models since 2024; the older ones stand in 4.12. Both come from one list, in which every row was read in a primary source.

# %% role="fragment"
who_uses_what(first=2024)

# %% [markdown]
# ## 8.2 ReLU squared, and what a zero is worth
#
# Two of these rows have $\text{ReLU}(z)^2$. A search through transformer programs came upon it (So 2021, "Primer"). In the comparison of 8.1 it took part, too. {verdict gates.squared_relu_first}

# %% [markdown]
# It has something else that GELU lacks: *zeros*. Glorot (2011) recommended ReLU for them. A code in which most entries are true zeros is less entangled: another input changes few of them, and each input can take as many units as it needs. At the start about half are 0. And after training?

# %% role="fragment"
ZEROS = ["ReLU", "squared ReLU", "GELU"]
show_evidence("gates", ZEROS, measure="zeros", title="Share of activations that are exactly 0")

# %% [markdown] tags=["outcome"]
# {verdict gates.half_are_zero} {verdict gates.gelu_is_dense}

# %% [markdown] tags=["predict"]
# Of all activations in the trained ReLU network most are 0. How many of its *units* are dead, in the sense of lesson 03?
#
# - [ ] as many: a unit that answers 0 has slope 0
#   On that sample, yes. Does it answer 0 on the next one, too?
# - [ ] about half as many
#   There is no such rule. A dead unit is 0 on *every* sample; count down a column.
# - [x] hardly any
#   Now see how the two counts differ. {rests on gates.zero_is_not_dead}
# - [ ] none: a transformer's norms prevent it
#   They help. But a unit's own weights can still point away from every sample.

# %%
# invented numbers, of which four units are pushed out
z = np.random.default_rng(8).normal(size=(6400, 128)) - 0.25
z[:, :4] -= 8
a = np.maximum(z, 0)
print(f"zero: {(a == 0).mean():.0%} of all activations")
print(f"dead: {(a == 0).all(0).sum()} of {a.shape[1]} units, zero on all {len(a)} samples")

# %% [markdown]
# Sixty zeros in a hundred, and only the four units pushed out are dead. A zero says "not for this input"; a dead unit says it to every input, and its weights get no gradient. And in the trained networks? {verdict gates.zero_is_not_dead}
#
# So what is a zero *worth*? Behind the activation stands $aW$: row $i$ of $W$, times $a_i$, added up. Where $a_i = 0$, row $i$ need not be multiplied, nor even fetched from memory. Mirzadeh (2023) put ReLU back into large models for this, and report up to three times less computation.

# %% [markdown] exercise="q8_skip_zeros"
# ### Exercise: skip the zeros
#
# Return $aW$ without touching the rows that belong to zeros: in the check these rows are missing, NaN, and $0\cdot\text{NaN}$ is NaN. Where all of `a` is 0, so is the result. `a` has shape (h,), `W` (h, d); return (d,). Worked number: $a = (2, 0, -1)$ with the rows (1, 3), missing, (0.5, 1) gives (1.5, 5).


# %% exercise="q8_skip_zeros"
def skip_zeros(a, W):
    """a @ W from the rows that a needs.  a: (h,), W: (h, d) -> (d,)."""
    ### BEGIN SOLUTION
    on = a != 0
    return a[on] @ W[on]
    ### END SOLUTION


# %% exercise="q8_skip_zeros"
check("q8_skip_zeros", skip_zeros)

# %% [markdown]
# Counted in products, six zeros in ten save six products in ten. Does the clock agree? Here 4,096 activations meet a matrix on your machine, with all its rows and then with fewer.

# %% tags=["fold"]
W = np.random.default_rng(8).normal(size=(4096, 1024)).astype(np.float32)
order = np.random.default_rng(9).permutation(len(W))
FORMS = {"every row": lambda a: a @ W}
for name, part in {"half": 2, "a tenth": 10, "a hundredth": 100}.items():
    on = np.sort(order[: len(W) // part])
    FORMS[f"{name} of them"] = lambda a, on=on: a[on] @ W[on]
pictures.costs({"NumPy": (FORMS, np.ones(len(W), np.float32))})

# %% [markdown]
# Are half of the rows faster than all of them? A tenth? NumPy first *copies* the rows that it keeps. On ours half of them take longer than all, and a tenth takes less than half the time: few zeros cost, many pay.
#
# And with a batch, a row can be left out only if *no* input needs it:

# %% tags=["fold"]
for batch in (1, 4, 32):
    print(f"60 % zeros, batch of {batch:2d}: rows that nobody needs {0.6**batch:.0e}")

# %% [markdown]
# That holds if inputs switch units independently. So zeros pay where one token at a time is computed: when a model *writes*, for one reader. In training, with its large batches, they save nothing by themselves.

# %% [markdown]
# ## 8.3 Normalisation
#
# Batch norm (3.10) takes the mean and the spread of a *unit*, over the batch. So what becomes of one text depends on the others beside it, and in use stored averages stand in for them. Texts differ in length, and in a large model few fit on one device. **LayerNorm** (Ba 2016) turns the table by a quarter: the mean and the spread of one *sample*, over its units.

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

# %% tags=["fold"]
import torch
from torch.nn import functional as F

NORMS = {
    "batch norm": lambda z: F.batch_norm(z, None, None, training=True),
    "LayerNorm": lambda z: F.layer_norm(z, (64,)),
    "RMSNorm": lambda z: F.rms_norm(z, (64,), eps=1e-5),
}
CHANGES = {
    "this sample times 10": lambda z: torch.cat([10 * z[:1], z[1:]]),
    "5 added to all its units": lambda z: torch.cat([z[:1] + 5, z[1:]]),
    "5 added to one unit of every sample": lambda z: z + 5 * torch.eye(64)[0],
    "one unit of every sample times 10": lambda z: z * (1 + 9 * torch.eye(64)[0]),
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
# A norm is blind to what it takes out: LayerNorm to size and shift of a row, RMSNorm to its size. Batch norm sees both, and every other sample; size and shift of a unit escape it.

# %% [markdown]
# Now back. Let $a = (z - \mu)/s$ be the normalised row, with $s^2 = \text{var} + \varepsilon$. One $z_i$ acts directly; through $\mu$, with $\partial\mu/\partial z_i = 1/d$; and through $s$, where $2s\,\partial s/\partial z_i = 2(z_i - \mu)/d$, so $\partial s/\partial z_i = a_i/d$. With $[i = j]$ for 1 where $i$ is $j$, else 0:

# %% [markdown] role="fragment"
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
# {verdict placed.post_norm_multiplies} Why do they part? On the way back the sum doubles the gradient's mean square: one part goes past the layer, one through it. Then comes the norm, which divides it by what it divided the sum by. LayerNorm takes ReLU's mean out first and divides by $2 - 1/\pi = 1.68$: a factor of 1.19 a layer, and $1.19^{50} \approx 10^{3.8}$. RMSNorm leaves the means in. Both parts of the sum have positive ones, so its mean square is above 2, and the gradient shrinks.

# %% [markdown] tags=["outcome"]
# {verdict placed.a_second_matrix_calms_post_norm} What the second matrix returns is above 0 as often as below, so post-norm divides by the very 2 that the sum brings.

# %% [markdown] tags=["outcome"]
# {verdict placed.pre_norm_grows_slowly} Its shortcut is never divided, and the larger $h$ gets, the less a layer adds to it. Xiong et al. (2020) study both places in transformers: with pre-norm they could leave out the warm-up of the learning rate.
#
# And today? gpt-oss and Qwen3 put an RMSNorm before attention and one before the feed-forward block. OLMo 2 puts it behind them, but before the sum: $h + \text{norm}(f(h))$. (Official code, read on 2026-11-26: `gpt_oss/torch/model.py`; `modeling_qwen3.py` and `modular_olmo2.py` of transformers.)

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
# Each row is a straight line of slope $1/s$. Far out there are only large rows, whose lines are flat, so the average is steep in the middle and flatter outside: an S. tanh is one, too. They are no twins: the nearest curve misses the rows by 0.48.

# %% [markdown]
# A curve looks at one number at a time, and α is learned. The authors' code (2025) starts α at 0.5 for pictures; for LLaMA at 0.8 before attention and 0.2 elsewhere with 7 billion weights, at 0.2 and 0.05 with 70. Does the curve train as well as the norm? (Both without $\gamma$ and $\beta$.)

# %% [markdown] tags=["predict"]
# The transformer of 7.6, two layers, 150 steps, each variant at its best rate. Which ends with the *highest* loss?
#
# - [ ] the one without any norm
#   Two layers are not fifty. Nothing has grown far enough yet to need one. {rests on norms.none_is_needed}
# - [x] dynamic tanh
#   Now see by how much, and which rates each of them bears.
# - [ ] LayerNorm: it has no learned number here that could adapt
#   The matrix behind it has some. And a size that is right at every step needs no adapting. {rests on norms.the_curve_is_behind}
# - [ ] RMSNorm, which leaves the mean in
#   The mean is hardly missed. {rests on norms.the_mean_can_go}

# %%
show_evidence("norms")

# %%
evidence_source("norms")

# %% [markdown] tags=["outcome"]
# {verdict norms.the_mean_can_go} {verdict norms.the_curve_is_behind} {verdict norms.a_larger_alpha_is_nearer} So the paper's result is not repeated here. Its models are far larger, and α is tuned to each; this is no verdict on them.
#
# What the curve cannot do: a row ten times as large is not the same to it. So α has to fit the size of $h$, which a norm finds by itself.

# %% [markdown] tags=["outcome"]
# {verdict norms.none_is_needed} A norm is not what lets two layers learn. What does it buy, then? Look at the rates. What is worse than guessing one of 93 characters, $\ln 93 = 4.53$ nats, lies on the upper edge.

# %%
explore_rates("norms", at_most=np.log(93))

# %% [markdown] tags=["outcome"]
# {verdict norms.a_norm_bears_a_high_rate}

# %% [markdown]
# ## 8.5 Few bits
#
# A number of sixteen bits takes half the memory of float32. One bit is the sign; **bfloat16** gives 8 of the others to the range and 7 to the digits, **float16** 5 and 10. In 5.2 softmax broke in both formats of sixteen bits. Which other formulas do?

# %% tags=["fold"]
FORMATS = (torch.float32, torch.bfloat16, torch.float16)
for dtype in FORMATS:
    f = torch.finfo(dtype)
    ends = f"largest {f.max:.1e}, smallest {f.smallest_normal * f.eps:.0e}"
    print(f"{dtype!s:14s} after 1 comes 1 + {f.eps:.1e}; {ends}")

# %% [markdown]
# So there are two ways to fail: bfloat16 has the range of float32 and few digits, float16 more digits and little range.

# %% [markdown] tags=["predict"]
# In which of the two is $\sigma(z)\,(1 - \sigma(z))$ exactly 0 first, as $z$ grows?
#
# - [ ] float16, since its smallest number is 6e-8
#   The slope is that small from $z = 17$ on. Something happens earlier, inside the brackets.
# - [x] bfloat16, though it has far smaller numbers
#   Now see where, and how large the slope still is there.
# - [ ] both at the same z, since both have sixteen bits
#   As many bits, but shared out differently between digits and range.
# - [ ] neither: a sigmoid never reaches 1
#   On paper it does not. In sixteen bits there is a last number below 1, and after it comes 1.

# %%
z = torch.arange(0, 20, 1 / 16)
for dtype in FORMATS:
    s = torch.sigmoid(z.to(dtype))
    gone = z[s * (1 - s) == 0].min().item()
    print(f"{dtype!s:14s} 0 from z = {gone:.2f}; true {REGISTRY['sigmoid'].df(gone):.0e}")

# %% [markdown] tags=["outcome"]
# bfloat16 has no number between 0.996 and 1. From $z = 6.25$ on σ is stored as 1, and $1 - \sigma$ is 0, while the true slope is 0.002. Nothing was too small to store: a small number *drowned* beside a large one. $\sigma(-z)$ is the same number, with all its digits.

# %% [markdown]
# Now the other formulas. Walk away from 0, and stop where the result is off by more than 10 %. Which format stops first, the square or the diamond?

# %% role="fragment"
pictures.where_formulas_break()

# %% [markdown] tags=["outcome"]
# bfloat16 first: digits are lost, at 2.4 to 4.3. float16 first: the range ends, at 11.1 for an exponential, at 256 for $z^2$. The better forms take bfloat16 to 44 and beyond, but for GELU's left tail, 2.4 → 5.8: $z/\sqrt2$ is rounded before erfc sees it, and out there erfc makes a large error of a small one.

# %% [markdown]
# | as written | what goes wrong | better |
# |---|---|---|
# | $\sigma(1 - \sigma)$, $1 - \tanh^2 z$ | drowns beside 1 | $\sigma(z)\,\sigma(-z)$, $4\,\sigma(2z)\,\sigma(-2z)$ |
# | $½z\,(1 + \text{erf}(z/\sqrt2))$ | drowns beside 1, left | $½z\,\text{erfc}(-z/\sqrt2)$ |
# | $\log(1 + e^z)$ | drowns on the left, overflows on the right | left $\text{log1p}(e^z)$, right $z + \text{log1p}(e^{-z})$ |
# | $1/(1 + e^{-z})$, $z/(1 + e^{-z})$, tanh by exponentials | $e^{11.1}$ overflows in float16 | $e^{-\lvert z\rvert}$ only |
# | $\log$ of a softmax | a share rounds to 0 | log-softmax (5.7) |
# | $z/\sqrt{\text{mean of } z^2}$ | $256^2$ overflows in float16 | divide by $\max\lvert z\rvert$ first, or square in float32 |

# %% [markdown] exercise="q8_log_sigmoid"
# ### Exercise: the logarithm of a sigmoid
#
# $\log\sigma(z)$ is, up to its sign, the loss of a yes-or-no classifier. Any shape in, the same out. {part 1} for everyday numbers.
#
# The others are for float16, where 1 % is asked for: {part 2} for $z$ up to 9.5, {part 3} down to −60 000. Compute in whatever format you like. Worked numbers: $\log\sigma(0) = -0.6931$, $\log\sigma(9) = -0.0001234$, $\log\sigma(-60\,000) = -60\,000$.


# %% exercise="q8_log_sigmoid"
def log_sigmoid(z):
    """log σ(z), elementwise.  z: any shape, float16 too -> same shape."""
    ### BEGIN SOLUTION
    return np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z)))
    ### END SOLUTION


# %% exercise="q8_log_sigmoid"
check("q8_log_sigmoid", log_sigmoid)

# %% [markdown]
# An optimiser computes too. Adam divides by $\sqrt v + \varepsilon$, where $v$ is a mean of $g^2$ (5.10). Take one weight of 1, the rate 0.001 and a gradient of 1e-6, a hundred times:

# %%
for dtype in FORMATS:
    w = torch.nn.Parameter(torch.ones(1, dtype=dtype))
    w.grad = torch.full_like(w, 1e-6)
    adam = torch.optim.Adam([w], lr=0.001)
    for _ in range(100):
        adam.step()
    print(f"{dtype!s:14s} w = {w.item():.3f}, v = {adam.state[w]['exp_avg_sq'].item():.0e}")

# %% [markdown] tags=["outcome"]
# float16 has neither $g^2$ = 1e-12 nor ε = 1e-8: both are 0, and the first step divides by 0.
#
# In bfloat16 all sizes are right, and $w$ stays. The next number below 1 is 0.996, and 0.001 is less than half the way. A thousandth of the weights is the step that you looked for in 6.14! So weights are kept in float32 and rounded for the products, or a sum is rounded up or down by chance, right on average.

# %% [markdown]
# Small gradients in float16 have a repair in one line: multiply the loss by a large $S$, and divide the gradients by $S$ in float32.

# %%
g, S = torch.tensor(1e-8), 2.0**16
print(
    f"stored in float16: {g.half().item():.1e}; with S: {((g * S).half().float() / S).item():.1e}"
)

# %% [markdown]
# torch's `GradScaler` starts with this $S$. At a gradient of ∞ or NaN it skips the step and halves $S$; after 2000 steps without, it doubles it (torch/amp/grad_scaler.py).
#
# With eight bits a model is smaller still. In the simplest form, eight-bit integers, −127 to 127, share one scale for a whole array, and its largest number sets it: the further that one stands out, the fewer steps are left for the rest. How far does it? Let $z$ and $v$ be normal:

# %% tags=["fold"]
z, v = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 5, 200_000)))
for name, a in {"GELU": F.gelu(z), "ReLU²": F.relu(z) ** 2, "SwiGLU": F.silu(z) * v}.items():
    far = a.abs().amax(1) / a.std(1)
    print(f"{name:6s} largest: {far.min():.0f} to {far.max():.0f} standard deviations (5 draws)")

# %% [markdown] tags=["outcome"]
# A product of two numbers reaches about twice as far as GELU, a square too. Of the 127 steps, one standard deviation of GELU gets about 16, one of SwiGLU about 7. What training makes of these tails we did not measure.

# %% [markdown]
# ## 8.6 What an activation costs
#
# Its time you measured in 7.8. The other cost is memory: what the backward pass needs is kept until then. A *hook* is a function of yours that torch calls on its way; this one gets every array that torch keeps. (You need its first line only.)


# %% tags=["fold"]
x, h = torch.randn(128, 48), 192
SHAPES = (48, h), (h, 48), (48, 128), (48, 128), (128, 48)
WEIGHTS = [torch.randn(*shape).requires_grad_() for shape in SHAPES]
W, D, gate, up, down = WEIGHTS


# %% tags=["idea"]
def kept(block, x):
    """Bytes that are kept for the backward pass, beside x and the weights."""
    found = {}

    def seen(t):
        found[t.untyped_storage().data_ptr()] = t.untyped_storage().nbytes()
        return t

    with torch.autograd.graph.saved_tensors_hooks(seen, lambda t: t):
        block(x)
    there = {t.untyped_storage().data_ptr() for t in (x, *WEIGHTS)}
    return sum(size for at, size in found.items() if at not in there)


# %% [markdown] tags=["predict"]
# A feed-forward block $f(xW)\,D$ is $h$ units wide in the middle. Count arrays of tokens × $h$ numbers. How many does it keep with ReLU, how many with GELU?
#
# - [ ] one each: every function keeps its own input
#   A function keeps one array. But the product with $D$ keeps its input as well. For one of the two functions that is the same array.
# - [ ] none with ReLU, one with GELU
#   ReLU's slope is 0 or 1. Which of the two it was, somebody has to remember.
# - [ ] two each: what goes in and what comes out
#   For one of the two the slope can be read off what comes out. Then what goes in is not needed.
# - [x] one with ReLU, two with GELU
#   Now see what SwiGLU keeps.


# %% tags=["fold"]
def written_out(z):
    return 0.5 * z * (1 + torch.erf(z * 0.5**0.5))


BLOCKS = {
    "ReLU": lambda x: F.relu(x @ W) @ D,
    "tanh": lambda x: torch.tanh(x @ W) @ D,
    "ReLU²": lambda x: F.relu(x @ W) ** 2 @ D,
    "GELU": lambda x: F.gelu(x @ W) @ D,
    "GELU, written out": lambda x: written_out(x @ W) @ D,
    "SwiGLU, ⅔ as wide": lambda x: (F.silu(x @ gate) * (x @ up)) @ down,
}
for name, block in BLOCKS.items():
    print(f"{name:18s} keeps {kept(block, x) / (len(x) * h * 4):.2f} arrays of tokens × {h}")

# %% [markdown] tags=["outcome"]
# ReLU's output tells its slope, and $D$ keeps that output anyway: one array. GELU gives the same output left and right of −0.75, so $z$ is kept beside it: two. SwiGLU keeps four narrower ones: $z$, SiLU($z$), $v$ and the product. Write GELU out yourself, and its steps keep three, beside the output for $D$: four.

# %% [markdown]
# What is kept has a price in 8.5. From the outputs of tanh and sigmoid torch can only compute $1 - a^2$ and $a\,(1 - a)$. Where are those 0 in bfloat16?

# %% tags=["fold"]
for f in (torch.tanh, torch.sigmoid):
    z = torch.arange(0, 20, 1 / 16, dtype=torch.bfloat16, requires_grad=True)
    f(z).sum().backward()
    print(f"torch's slope of {f.__name__} in bfloat16 is 0 from z = {z[z.grad == 0].min():.2f}")

# %% [markdown]
# What the first row of 8.5's table warns of is in torch itself, wherever a tanh or a sigmoid is trained in bfloat16.
#
# And must ReLU keep a *number*? Where it was above 0 is one bit. Here is a ReLU that packs eight of them into a byte:


# %% tags=["fold"]
class OneBit(torch.autograd.Function):
    """ReLU that keeps a bit of every number."""

    @staticmethod
    def forward(ctx, z):
        ctx.shape = z.shape
        ctx.save_for_backward(torch.from_numpy(np.packbits(z.detach().numpy() > 0)))
        return z.clamp(min=0)

    @staticmethod
    def backward(ctx, upstream):
        (packed,) = ctx.saved_tensors
        bits = np.unpackbits(packed.numpy(), count=upstream.numel())
        return upstream * torch.from_numpy(bits).view(ctx.shape)


z = torch.randn(128, h, requires_grad=True)
gradients = [torch.autograd.grad(f(z).sum(), z)[0] for f in (F.relu, OneBit.apply)]
print(f"the two gradients differ by {torch.dist(*gradients, p=torch.inf):g} at most")
for name, f in {"ReLU": F.relu, "one bit": OneBit.apply, "GELU": F.gelu}.items():
    alone, inside = kept(lambda x, f=f: f(x @ W), x), kept(lambda x, f=f: f(x @ W) @ D, x)
    print(
        f"{name:8s} alone {8 * alone / z.numel():2.0f} bits a number, in the block {8 * inside / z.numel():2.0f}"
    )

# %% [markdown] tags=["outcome"]
# Alone it keeps 1 bit in place of 32. In the block it saves nothing, since $D$ needs the output.
#
# What helps every function: keep $x$ alone, and compute the block again on the way back (`torch.utils.checkpoint`). There are two products on the way there and four on the way back. torch stops computing again as soon as it has what it needs, so it repeats the first product and not the second: six become seven, and one more GELU. And on your clock? The same picture asks whether one kernel beats five steps.


# %% role="fragment" tags=["fold"]
from torch.utils.checkpoint import checkpoint


def there_and_back(block):
    return lambda x: block(x.view(-1, 48).requires_grad_()).sum().backward()


def again(x):
    return checkpoint(BLOCKS["GELU"], x, use_reentrant=False)


READY = {
    "GELU, one kernel": F.gelu,
    "GELU, five steps": written_out,
    "block and back": there_and_back(BLOCKS["GELU"]),
    "block again, and back": there_and_back(again),
}
print(f"the block computed again keeps {kept(again, x)} bytes, beside x and the weights")
pictures.costs({"torch": (READY, torch.randn(48 * 8192))})

# %% [markdown]
# On our CPU five steps took two to four times as long as one kernel, and computing again made the whole a fifth to two fifths longer. Read off yours; should a form that does more work seem faster, run the cell again. And `torch.compile` makes one kernel of the five steps, where it can.
#
# For a GPU we have only arithmetic. A *kernel* is one pass over the array. For each element five of them read or write 2 + 2 + 2 + 2 + 3 numbers, one 2. With two bytes each, and the 3.35 TB/s of 7.8:

# %% tags=["fold"]
print(f"one kernel {2 * 2 / 3.35:.1f} ps an element, five steps {11 * 2 / 3.35:.1f} ps")
print(f"an array fewer in 32 layers, 8192 tokens × 8192: {2 * 32 * 8192 * 8192 / 1e9:.1f} GB less")

# %% [markdown]
# ## 8.7 Your own model
#
# Your own model raises no error. Only its loss comes down slowly, and does not say why. So look into its layers: a module, too, calls a hook, with whatever it returns.
#
# What would you look for? Take six ReLU layers and an output layer. The third has a bias so low that every $a$ in it is 0. The other biases are small.

# %% [markdown] tags=["predict"]
# Which of the seven weight matrices get a gradient of exactly 0?
#
# - [ ] the third alone: the others still have their units
#   They have. But what reaches the first two on the way back has to pass the third.
# - [ ] the first three: nothing passes back through slopes of 0
#   Right as far as it goes. A gradient has two factors: what comes back, and what came in.
# - [x] the first four
#   Now let a hook show it.
# - [ ] all seven: no signal is left
#   The signal of the input is gone. The later layers still have their biases, and so the last ones have something to learn.

# %% [markdown]
# These thirty lines need only torch. Copy them into any project: `step` is a function that makes one training step. A layer's row begins with its weights, and the activation behind it adds to the row.

# %% tags=["idea"]
SLOPES = {  # as a share of the largest slope, from a alone
    torch.nn.ReLU: lambda a: a > 0,
    torch.nn.Tanh: lambda a: 1 - a**2,
    torch.nn.Sigmoid: lambda a: 4 * a * (1 - a),
}


def listen(leaves, layers, rows):
    """Hooks: each call of a layer begins a row, the activation behind it adds to it."""

    def note(module, inputs, output):
        out = (output[0] if isinstance(output, tuple) else output).detach()
        size = out.square().mean().sqrt().item()
        if module in layers:
            units = out.movedim(1, -1) if out.ndim == 4 else out  # of images: channels
            silent = (units <= 0).flatten(0, -2).all(0).float().mean().item()
            rows.append({"name": leaves[module], "layer": module, "z": size, "silent": silent})
        elif rows and type(module) in SLOPES:
            flat = (SLOPES[type(module)](out) < 0.1).float().mean().item()
            rows[-1] |= {"a": size, "zeros": (out == 0).float().mean().item(), "flat": flat}

    return [module.register_forward_hook(note) for module in leaves]


# %% tags=["idea"]
def record(model, step):
    """One training step: a row of numbers for each call of a layer with a weight matrix."""
    leaves = {m: name for name, m in model.named_modules() if not [*m.children()]}
    weights = {m: m.weight for m in leaves if getattr(m, "weight", None) is not None}
    before = {m: w.detach().clone() for m, w in weights.items() if w.ndim > 1}
    rows = []
    hooks = listen(leaves, before, rows)
    step()
    for hook in hooks:
        hook.remove()
    for row in rows:
        weight, was = row["layer"].weight, before[row["layer"]]
        row["gradient"] = np.nan if weight.grad is None else weight.grad.norm().item()
        row["ratio"] = ((weight.detach() - was).std() / was.std()).item()
    return rows


# %% [markdown]
# What a row holds: `z` and `a`, root mean square before and behind the activation; `silent`, the share of units above 0 on no sample; `zeros` and `flat`, the shares of activations that are 0, and whose slope is below a tenth of the largest; `gradient`, its norm, if `step` does not clear it at the end; `ratio`, the step over the weights. The last layer has no activation behind it, so it has no `a`, `zeros` and `flat`.
#
# `patient` returns a model, a function that makes one training step, and the learning rate of that step. Now the network whose third layer is switched off: which rows show a gradient of 0?

# %%
model, step, rate = patient("well", seed=0)
model[4].bias.data.fill_(-30)
for number, row in enumerate(record(model, step), 1):
    print(f"layer {number}: never above 0 {row['silent']:4.0%}, gradient {row['gradient']:.0e}")

# %% [markdown] tags=["outcome"]
# Four zeros. The first three get nothing back. The fourth gets something back, but $a = 0$ comes in, and the gradient of its weights is the product. From the fourth on every digit looks the same, so a unit is above 0 for all of them or for none. So the gradient names four layers, and the share of units that are never above 0 names one: 100 % in the third. Read the columns together.

# %% [markdown]
# `watch` is the same idea with care: many steps, modules that are called twice, frozen weights, errors inside. It updates its table while you train, and says in words what is odd. Here is the first of three patients for 40 steps. In which layer does a share of units stay off?

# %%
model, step, rate = patient("a", seed=0)
with watch(model) as seen:
    for _ in range(40):
        step()

# %%
seen.picture()

# %% [markdown] tags=["outcome"]
# Layer 2 stays at 69 %: no gradient comes to units without a slope.

# %% [markdown]
# One limit holds for all hooks. They see modules only, and an `F.relu(z)` inside `forward` is invisible to them. Write `nn.ReLU()` and you see its $a$.

# %% [markdown]
# In a transformer, read with care. *Never above 0* says nothing of layers without a ReLU behind them, such as queries and keys. *Saturated* counts slopes below a tenth of the largest: for SiLU, its left side. The gradient is the one that the optimiser gets, after any clipping. And Adam moves every weight by up to its rate: at a rate of 0.001, weights near 0.1 move by a hundredth of themselves, not by a thousandth.
#
# Now all three. Each has seven linear layers, the first has number 1, and one *hidden* layer is ill. Which one, depends on `seed`. Look at a few first: `record(*patient("a", 1)[:2])`.

# %% [markdown] exercise="q8_diagnose_a"
# ### Exercise: patient A
#
# It behaves like a narrower network. Return the number of the ill layer, and how many of its 32 units are above 0 on no digit of the batch. {worked}


# %% exercise="q8_diagnose_a"
def diagnose_a(seed):
    """Ill layer of patient A, and its units that are never above 0.  seed: int -> (2,)."""
    ### BEGIN SOLUTION
    model, step, _ = patient("a", seed)
    silent = [row["silent"] for row in record(model, step)]
    return silent.index(max(silent)) + 1, 32 * max(silent)
    ### END SOLUTION


# %% exercise="q8_diagnose_a"
check("q8_diagnose_a", diagnose_a)

# %% [markdown] exercise="q8_diagnose_b"
# ### Exercise: patient B
#
# A tanh network in which one layer hardly moves. Return its number, and the share of its activations whose slope is below a tenth of the largest. {worked}


# %% exercise="q8_diagnose_b"
def diagnose_b(seed):
    """Ill layer of patient B, and its share of saturated activations.  seed: int -> (2,)."""
    ### BEGIN SOLUTION
    model, step, _ = patient("b", seed)
    flat = [row["flat"] for row in record(model, step)[:-1]]
    return flat.index(max(flat)) + 1, max(flat)
    ### END SOLUTION


# %% exercise="q8_diagnose_b"
check("q8_diagnose_b", diagnose_b)

# %% [markdown] exercise="q8_diagnose_c"
# ### Exercise: patient C
#
# Its loss jumps, and one layer takes no part. Return that layer's number, and the learning rate at which the *largest* `ratio` of all seven layers would be $10^{-3}$, near which Karpathy wants it (makemore, part 3). Its present rate is the third thing that `patient` returns; the descent is plain, so a step is proportional to it. {worked}


# %% exercise="q8_diagnose_c"
def diagnose_c(seed):
    """Ill layer of patient C, and the rate that suits the others.  seed: int -> (2,)."""
    ### BEGIN SOLUTION
    model, step, rate = patient("c", seed)
    ratios = [row["ratio"] for row in record(model, step)]
    return ratios.index(0) + 1, rate * 1e-3 / max(ratios)
    ### END SOLUTION


# %% exercise="q8_diagnose_c"
check("q8_diagnose_c", diagnose_c)

# %% [markdown]
# ## Recap
#
# | question | answer | section |
# |---|---|---|
# | what bends in a gated block? | the product: without any activation it is a square | 8.1 |
# | what does gpt-oss clamp? | both factors, at 7: what leaves lies between −42 and 56 | 8.1 |
# | is a zero a dead unit? | no: dead is 0 on every sample | 8.2 |
# | what is a zero worth? | a row of the next matrix, for one input at a time | 8.2 |
# | what does a norm not notice? | LayerNorm: size and shift of a row; RMSNorm: its size; so the gradient has no part there | 8.3 |
# | before the layer or behind the sum? | pre-norm leaves the shortcut alone; post-norm divides it, and behind ReLU alone that multiplies the gradient in every layer | 8.3 |
# | can tanh stand in for a norm? | it squashes as a norm does, but never rescales; here it ends behind LayerNorm {rests on norms.the_curve_is_behind} | 8.4 |
# | what breaks in sixteen bits? | what is added to a larger number drowns, what is squared or exponentiated overflows; another form of the same formula holds | 8.5 |
# | what does an activation cost in memory? | ReLU one array for the backward pass, GELU two; computing the block again costs one more product and keeps the input alone | 8.6 |
# | which layer is ill? | columns together: a gradient of 0 names four layers, units never above 0 name one | 8.7 |

# %% [markdown]
# ## Check yourself
#
# Ten functions written, and three of them looked into somebody else's model. The last check has no key: run `record` on a model of your own, for one step. Which layer stands out in `silent`, which in `gradient`, which in `ratio`? Say what you would change first, and which number should then be another one. The lists of [7.9](07_choosing.ipynb) say where to look.

# %% [markdown]
# **Next:** {practice}. {questions}, {total:words}, everything you built. No pictures to lean on this time.
