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
from actlab.explorers import evidence_source, show_evidence
from actlab.models import who_uses_what

print(f"NumPy {np.__version__}, torch {torch.__version__}")

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
#   It nearly is. Look at what GELU adds to it.

# %%
GATES = {
    "GLU": torch.sigmoid,
    "bilinear": lambda z: z,
    "ReGLU": torch.relu,
    "GEGLU": F.gelu,
    "SwiGLU": F.silu,
}
x, W, V = torch.randn(3, 64, 64, generator=torch.Generator().manual_seed(8)) / 8**0.5
for name, gate in GATES.items():
    once, twice = ((gate(k * x @ W) * (k * x @ V)).norm() for k in (1, 2))
    print(f"{name:9s} input × 2, output × {twice / once:.2f}    (a linear layer: 2)")

# %% [markdown] tags=["outcome"]
# The bilinear block answers four times: it is a square, with no activation anywhere. GLU is the only one below three, since its σ cannot pass 1. Shazeer's losses after 524,288 steps (2020, Table 1; one run each, and over four shorter runs a spread of 0.003 to 0.010):
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

# %% role="fragment"
ARMS = ["ReLU", "GELU", "GLU", "bilinear", "ReGLU", "GEGLU", "SwiGLU"]
show_evidence("gates", ARMS)

# %%
evidence_source("gates")

# %% [markdown] tags=["outcome"]
# {verdict gates.bilinear_behind} {verdict gates.sigmoid_last}
#
# {verdict gates.gelu_wants_no_gate} So at this size a gate needs time, and the first hundred steps would have sent you the wrong way. A tiny model decides nothing about a large one. What it shows: the product alone can bend.

# %% [markdown]
# A product has a price: two large numbers make a very large one, and 8.5 shows how few bits have to hold it. gpt-oss, an open-weight model of 2025, therefore *clamps* both factors. Its gate is the sigmoid form of GELU from [4.6](04_gelu_silu.ipynb), slope 1.702 and all:
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

# %%
for z in (7, 100, 1000):
    most = min(z, 7)
    print(f"gate = value = {z:4d}: SwiGLU at most {z * z:9,d}, clamped at most {most * (most + 1)}")

# %% [markdown]
# Whatever arrives, between −42 and 56 leaves. The 1 beside the value has a job as well: where $xV$ is 0, the gate alone comes through, as in a block without a second matrix.
#
# And who uses which? Models since 2024; the older ones stand in 4.12. Both come from one list, in which every row was read in a primary source.

# %% role="fragment"
who_uses_what(first=2024)

# %% [markdown]
# ## 8.2 ReLU squared, and what a zero is worth
#
# Two of these rows have $\text{ReLU}(z)^2$. A search through transformer programs came upon it (So 2021, "Primer"). {verdict language.squared_relu_gains_more} {verdict gates.squared_relu_first}
#
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
#   Now see how the two counts differ. {verdict gates.zero_is_not_dead}
# - [ ] none: a transformer's norms prevent it
#   They help. But a unit's own weights can still point away from every sample.

# %%
z = torch.randn(6400, 128, generator=torch.Generator().manual_seed(8)) - 0.25
z[:, :4] -= 8  # four units are pushed out
a = torch.relu(z)
print(f"zero: {(a == 0).double().mean():.0%} of all activations")
print(f"dead: {(a == 0).all(0).sum()} of {a.shape[1]} units, zero on all {len(a)} samples")

# %% [markdown]
# Sixty zeros in a hundred, and only the four units pushed out are dead. A zero says "not for this input"; a dead unit says it to every input, and its weights get no gradient.
#
# So what is a zero *worth*? Behind the activation stands $aW$: row $i$ of $W$, times $a_i$, added up. Where $a_i = 0$, row $i$ need not be multiplied, nor even fetched from memory. Mirzadeh (2023) put ReLU back into large models for this, and report up to three times less computation.

# %% [markdown] exercise="q8_skip_zeros"
# ### Exercise: skip the zeros
#
# Return $aW$ without touching the rows that belong to zeros: in the check these rows are missing, NaN, and $0\cdot\text{NaN}$ is NaN. `a` has shape (h,), `W` (h, d); return (d,). Worked number: $a = (2, 0, -1)$ with the rows (1, 3), missing, (0.5, 1) gives (1.5, 5).


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

# %%
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

# %%
for batch in (1, 4, 32):
    print(f"60 % zeros, batch of {batch:2d}: rows that nobody needs {0.6**batch:.0e}")

# %% [markdown]
# That holds if inputs switch units independently. So zeros pay where one token at a time is computed: when a model *writes*. In training, with its large batches, they save nothing by themselves.

# %% [markdown]
# ## 8.3 Normalisation

# %% [markdown]
# ## 8.4 A curve instead of a norm

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
# | what bends in a gated block? | the product: without any activation it is a square | 8.1 |
# | what does gpt-oss clamp? | both factors, at 7: what leaves lies between −42 and 56 | 8.1 |
# | is a zero a dead unit? | no: dead is 0 on every sample | 8.2 |
# | what is a zero worth? | a row of the next matrix, for one input at a time | 8.2 |

# %% [markdown]
# ## Check yourself

# %% [markdown]
# **Next:** {practice}. Five questions, {total:words}, everything you built. No pictures to lean on this time.
