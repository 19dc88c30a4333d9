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
from torch.utils.checkpoint import checkpoint

from actlab import pictures
from actlab.activations import REGISTRY
from actlab.check import check

print(f"NumPy {np.__version__}, torch {torch.__version__}")

# %% [markdown]
# ## 8.1 The gate in the feed-forward block

# %% [markdown]
# ## 8.2 ReLU squared, and what a zero is worth

# %% [markdown]
# ## 8.3 Normalisation

# %% [markdown]
# ## 8.4 A curve instead of a norm

# %% [markdown]
# ## 8.5 Few bits
#
# A number of sixteen bits takes half the memory of float32. In 5.2 softmax broke in both formats of sixteen bits. Which other formulas do?

# %% tags=["fold"]
FORMATS = (torch.float32, torch.bfloat16, torch.float16)
for dtype in FORMATS:
    f = torch.finfo(dtype)
    ends = f"largest {f.max:.1e}, smallest {f.smallest_normal * f.eps:.0e}"
    print(f"{dtype!s:14s} after 1 comes 1 + {f.eps:.1e}; {ends}")

# %% [markdown]
# So there are two ways to fail. bfloat16 has the range of float32 and few digits. float16 has more digits and little range.

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

# %% [markdown]
# | as written | what goes wrong | better |
# |---|---|---|
# | $\sigma(1 - \sigma)$, $1 - \tanh^2 z$ | drowns beside 1 | $\sigma(z)\,\sigma(-z)$, $4\,\sigma(2z)\,\sigma(-2z)$ |
# | $½z\,(1 + \text{erf}(z/\sqrt2))$ | drowns beside 1, left | $½z\,\text{erfc}(-z/\sqrt2)$ |
# | $\log(1 + e^z)$ | drowns on the left, overflows on the right | left $\text{log1p}(e^z)$, right $z + \text{log1p}(e^{-z})$ |
# | $1/(1 + e^{-z})$, $z/(1 + e^{-z})$, tanh by exponentials | $e^{11.1}$ overflows in float16 | $e^{-\lvert z\rvert}$ only |
# | $\log$ of a softmax | a share rounds to 0 | log-softmax (5.7) |
# | $z/\sqrt{\text{mean of } z^2}$ | $256^2$ overflows in float16 | divide by $\max\lvert z\rvert$ first |

# %% [markdown] tags=["outcome"]
# Square first: digits are lost, at 2.4 to 4.3. Diamond first: the range ends, at 11.1 for an exponential, at 256 for a square. The better forms take bfloat16 to 44 and beyond, but for GELU's left tail, 2.4 → 5.8: $z/\sqrt2$ is rounded before erfc sees it, and out there erfc makes a large error of a small one.

# %% [markdown] exercise="q8_log_sigmoid"
# ### Exercise: the logarithm of a sigmoid
#
# $\log\sigma(z)$ is, up to its sign, the loss of a yes-or-no classifier. Any shape in, the same out: {part 1} for everyday numbers.
#
# Some inputs are float16, where 1 % is asked for: {part 2} for $z$ up to 9.5, {part 3} down to −60 000. Compute in whatever format you like. Worked numbers: $\log\sigma(0) = -0.6931$, $\log\sigma(9) = -0.0001234$, $\log\sigma(-60\,000) = -60\,000$.


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
# Eight-bit integers share one scale for a whole array, set by its largest number. How far does that one stand out? Let $z$ and $v$ be normal:

# %%
z, v = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 5, 200_000)))
for name, a in {"GELU": F.gelu(z), "ReLU²": F.relu(z) ** 2, "SwiGLU": F.silu(z) * v}.items():
    far = a.abs().amax(1) / a.std(1)
    print(f"{name:6s} largest: {far.min():.0f} to {far.max():.0f} standard deviations (5 draws)")

# %% [markdown] tags=["outcome"]
# A product of two numbers reaches about twice as far as GELU, a square too. Of 127 steps, one standard deviation of GELU gets about 16, one of SwiGLU about 7. What training makes of these tails we did not measure.

# %% [markdown]
# ## 8.6 What an activation costs
#
# Its time you measured in 7.8. The other cost is memory: what the backward pass needs is kept until then. torch shows a hook every array that it keeps.


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
x, h = torch.randn(128, 48), 192
SHAPES = (48, h), (h, 48), (48, 128), (48, 128), (128, 48)
WEIGHTS = [torch.randn(*shape).requires_grad_() for shape in SHAPES]
W, D, gate, up, down = WEIGHTS


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
# The lines of 8.5 are in torch itself, wherever a tanh or a sigmoid is trained in bfloat16.
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
# What helps every function: keep $x$ alone, and compute the block again on the way back (`torch.utils.checkpoint`). Forward and back are two products and four. torch repeats the first alone: six become seven, and one more GELU. And on your clock? The same picture asks whether one kernel beats five steps.


# %% role="fragment" tags=["fold"]
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
# On our CPU five steps took two to four times as long as one kernel, and computing again made the whole a fifth to two fifths longer. Read off yours.
#
# For a GPU we have only arithmetic. For each element five steps read or write 11 numbers, one kernel 2. With two bytes each, and the bandwidth of 7.8:

# %% tags=["fold"]
print(f"one kernel {2 * 2 / 3.35:.1f} ps an element, five steps {11 * 2 / 3.35:.1f} ps")
print(f"an array kept in 32 layers, 8192 tokens × 8192: {2 * 32 * 8192 * 8192 / 1e9:.1f} GB")

# %% [markdown]
# ## 8.7 Your own model

# %% [markdown]
# ## Recap
#
# | question | answer | section |
# |---|---|---|

# %% [markdown]
# ## Check yourself

# %% [markdown]
# **Next:** {practice}. Five questions, {total:words}, everything you built. No pictures to lean on this time.
