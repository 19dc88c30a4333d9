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

from actlab import watch
from actlab.check import check
from actlab.patients import patient

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

# %% [markdown]
# ## 8.6 What an activation costs

# %% [markdown]
# ## 8.7 Your own model
#
# Your own model raises no error. It only learns badly, and the loss does not say why. So look into its layers: a *hook* is a function that torch calls with whatever a module returns.
#
# What would you look for? Take six ReLU layers, and a third one whose bias is so low that every $a$ in it is 0. The other biases are small.

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


def record(model, step):
    """One training step: a row of numbers for each call of a layer with a weight matrix."""
    leaves = {m: name for name, m in model.named_modules() if not [*m.children()]}
    before = {m: m.weight.detach().clone() for m in leaves if hasattr(m, "weight")}
    rows = []

    def note(module, inputs, output):
        out = (output[0] if isinstance(output, tuple) else output).detach()
        size = out.square().mean().sqrt().item()
        if module in before and before[module].ndim > 1:  # not the scales of a norm
            units = out.movedim(1, -1) if out.ndim == 4 else out  # of images: channels
            silent = (units <= 0).flatten(0, -2).all(0).float().mean().item()
            rows.append({"name": leaves[module], "layer": module, "z": size, "silent": silent})
        elif rows and type(module) in SLOPES:
            flat = (SLOPES[type(module)](out) < 0.1).float().mean().item()
            rows[-1] |= {"a": size, "zeros": (out == 0).float().mean().item(), "flat": flat}

    hooks = [module.register_forward_hook(note) for module in leaves]
    try:
        step()
    finally:
        for hook in hooks:
            hook.remove()
    for row in rows:
        weight, was = row["layer"].weight, before[row["layer"]]
        row["gradient"] = 0.0 if weight.grad is None else weight.grad.norm().item()
        row["ratio"] = ((weight.detach() - was).std() / was.std()).item()
    return rows


# %%
model, step, _ = patient("well", seed=0)
model[4].bias.data.fill_(-30)
for number, row in enumerate(record(model, step), 1):
    print(f"layer {number}: never above 0 {row['silent']:4.0%}, gradient {row['gradient']:.0e}")

# %% [markdown] tags=["outcome"]
# Four zeros. The first three get nothing back. The fourth gets something back, but $a = 0$ comes in, and the gradient of its weights is the product. So the gradient names four layers, and the share of units that are never above 0 names one: 100 % in the third. Read the columns together.

# %% [markdown]
# `watch` is the same idea with care: many steps, modules that are called twice, frozen weights, errors inside. It updates its table while you train, and says in words what is odd. Here is patient A for 40 steps. What stays as it is?

# %%
model, step, _ = patient("a", seed=0)
with watch(model) as seen:
    for _ in range(40):
        step()

# %%
seen.picture()

# %% [markdown] tags=["outcome"]
# Layer 2 stays at 69 %: no gradient comes to units without a slope. One limit holds for all hooks. They see modules only, and an `F.relu(z)` inside `forward` is invisible to them. Write `nn.ReLU()` and you see its $a$.
#
# Now three patients. Each has seven linear layers, the first has number 1, and one *hidden* layer is ill, another one for every seed. Look at a few seeds first.

# %% [markdown] exercise="q8_diagnose_a"
# ### Exercise: patient A
#
# It learns as if it were narrower than it is. Return the number of the ill layer, and how many of its 32 units are above 0 on no digit of the batch. {worked}


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
# Its loss jumps, and one layer takes no part. Return that layer's number, and the rate at which the *largest* step over weights of all seven layers would be $10^{-3}$, near which Karpathy wants it (makemore, part 3). The descent is plain, so a step is proportional to the rate. {worked}


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
# | which layer is ill? | columns together: a gradient of 0 names four layers, units never above 0 name one | 8.7 |

# %% [markdown]
# ## Check yourself

# %% [markdown]
# **Next:** {practice}. Five questions, {total:words}, everything you built. No pictures to lean on this time.
