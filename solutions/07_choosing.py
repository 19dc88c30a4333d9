# %% [markdown]
# # {title}
#
# *You know every function by now. Which one goes where, what does a wrong choice cost, and when is a difference real?*
#
# **You will be able to**
#
# - check a comparison table against the functions themselves;
# - choose an output head from the target, and say what a wrong one costs;
# - say what tanh does for a recurrent network, and what an open gate adds;
# - tell a real difference between two activations from luck, and count the seeds it takes.
#
# **Before you start:** lessons [02](02_sigmoid_tanh.ipynb) to [06](06_gradient_flow.ipynb). {minutes}.

# %%
import numpy as np

from actlab import pictures
from actlab.activations import REGISTRY, sigmoid
from actlab.check import check
from actlab.evidence import load
from actlab.explorers import (
    evidence_source,
    explore_agreement,
    explore_clip_floor,
    explore_rates,
    explore_saturated,
    guide_choices,
    guide_rates,
    guide_trouble,
    show_evidence,
)
from actlab.training import Networks, each_squared_error

# %% [markdown]
# ## 7.1 The table everybody copies
#
# A table like this one stands in every introduction.
#
# | function | range | gradient | dying neurons? | where to use |
# |---|---|---|---|---|
# | sigmoid | (0, 1) | 0 to 0.25 (low) | no (saturates) | binary output layer only |
# | tanh | (−1, 1) | 0 to 1 (better) | no (saturates) | RNN hidden states |
# | ReLU | [0, ∞) | 0 or 1 | yes (x<0 → dead) | default hidden layers (CNN, MLP) |
# | Leaky ReLU | (−∞, ∞) | 0.01 or 1 | no (tiny gradient) | when dying ReLU is a problem |
# | ELU | α×(eˣ−1), ∞) | smooth | no | deep networks needing negative values |
# | GELU | (−0.17, ∞) | smooth | effectively no | transformers (BERT, GPT, Claude) |
# | Swish/SiLU | (−0.28, ∞) | smooth, non-monotonic | no | LLaMA, EfficientNet, modern CNNs |
# | softmax | (0, 1), sum = 1 | complex (Jacobian) | no | multi-class output layer only |

# %% [markdown] tags=["predict"]
# The table has 32 cells beside the names. How many of them would you correct, because they are false, or true only on a condition that they do not name? How an end of a range is rounded or bracketed does not count.
#
# - [ ] none
#   You have the means to check: ask each function for its slope at $z = -8$, and compare with the column "dying neurons?".
# - [ ] one or two
#   It stands in every introduction, so it should be nearly right. Start with the column "dying neurons?" and ask each function for its slope far on the left.
# - [ ] five
#   You have found the doubtful words, "only" and "no". Now read the column of the users as strictly.
# - [x] ten or more
#   Now see which. Try to name them before you read the list below.

# %% [markdown]
# Do not argue: compute. Everything below comes from the functions themselves, and every entry leads to the lesson that shows it. The means are over inputs from $N(0, 1)$.
# The last column asks what is left of a gradient far out on the left, where a unit may end up.

# %%
z = np.linspace(-40, 40, 80_001)
normal = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
pictures.fact_table(z, normal)

# %% [markdown] tags=["outcome"]
# Only tanh has mean output 0. Only the slopes of ReLU and Leaky ReLU jump. And at $z = -8$ **Leaky ReLU alone** still has a slope worth the name: GELU's is smaller than
# tanh's by seven orders of magnitude. Now the cells to correct:
#
# | cell | the copied table | what we computed, or can cite | shown in |
# |---|---|---|---|
# | sigmoid, use | binary output *only* | also gates, and one per label | 7.3, 7.5 |
# | ReLU, dying | x < 0 → dead | silent on that input; dead when *no* input reaches it | [03](03_relu_family.ipynb) |
# | Leaky ReLU, dying | no | its slope survives; with plain descent 200 steps can be too few for it {rests on dying_plain.leak_waits} | [03](03_relu_family.ipynb) |
# | ELU, range | α×(eˣ−1), ∞) | (−α, ∞) | above |
# | ELU, gradient | smooth | f′ is continuous for α = 1 only | [03](03_relu_family.ipynb) |
# | ELU, GELU and SiLU, dying | no, effectively no, no | near 0; at −8 slopes of 3e-04, 4e-14 and 2e-03 are left | above, [03](03_relu_family.ipynb) |
# | GELU, use | BERT, GPT, Claude | BERT, GPT, GPT-2; GPT-4 and Claude are not published | [04](04_gelu_silu.ipynb) |
# | SiLU, use | LLaMA, EfficientNet, modern CNNs | in LLaMA inside a gate, SwiGLU; EfficientNet: yes; "modern CNNs": open | [04](04_gelu_silu.ipynb) |
# | softmax, use | output layer *only* | also inside attention | [05](05_softmax.ipynb) |

# %% [markdown]
# Eleven cells of 32, three of them in one row; a stricter reader finds more (0.01 is Leaky ReLU's slope if you choose it so). Others are true and short: tanh is better than the sigmoid in a recurrent network {rests on recall.two_recall} {rests on recall.two_do_not} (7.5); the slopes of GELU and
# SiLU leave the interval from 0 to 1, since both functions dip before they rise; and ELU's reason is that means come nearer to 0 (Clevert 2015).
#
# Sources: those of 4.12, Tan & Le (2019), Vaswani (2017), Clevert (2015).

# %% [markdown] role="notes"
# **For the lecturer.** Let pairs mark the printed table before anything runs, then run both cells. Expect the room to defend "GELU: effectively no": the slope at −8
# is a fact, no verdict: ask how often a unit *gets* to −8. That is a question about training, not about the function.

# %% [markdown]
# ## 7.2 Regression: which head?
#
# A **head** is what turns the last layer's numbers into the answer. Take targets between −2 and 4, and put a sigmoid there by mistake:
#
# $$y = 3\sin 2x + 1,\qquad \text{answer} = \sigma(\text{last layer})$$
#
# The loss is the mean squared error. What the hidden layers look like, and how long you train, is up to you.

# %% [markdown] tags=["predict"]
# You train a network with a sigmoid as its head on targets between −2 and 4, for as long as you like. Where does its mean squared error end?
#
# - [ ] at 0: a network can approximate any function
#   It can, behind the head. But whatever comes out of the last layer, the sigmoid answers less than 1. What does it say where the target is 4?
# - [x] at a number that you can compute before training
#   Now see: the exercise asks you for the formula, and then we train.
# - [ ] at a number that depends on how large the network is
#   A larger network comes closer to what its head can reach, and no further. What can it reach?
# - [ ] it does not settle, since the gradient vanishes
#   It vanishes where the sigmoid is saturated, and there it answers almost 0 or 1 already. How far from the target is that?

# %% [markdown] exercise="q7_clip_floor"
# ### Exercise: the clip floor
#
# Outputs cannot leave the range from `low` to `high`. However well you train, how small can the mean squared error get? `targets` is an array of any shape; either end may be
# infinite. Worked number: targets −2, 0, 0.5 and 4 with the range 0 to 1 give $(4 + 0 + 0 + 9)/4 = 3.25$.


# %% exercise="q7_clip_floor"
def clip_floor(targets, low, high):
    """Least mean squared error of a head with outputs in [low, high].  targets: any shape -> float."""
    ### BEGIN SOLUTION
    return np.mean((targets - np.clip(targets, low, high)) ** 2)
    ### END SOLUTION


# %% exercise="q7_clip_floor"
check("q7_clip_floor", clip_floor)

# %% [markdown] role="skip"
# Your function drives the picture. Move both ends until nothing is shaded, and watch the floor go to 0.

# %%
explore_clip_floor(clip_floor)

# %% [markdown]
# Now train: two hidden layers of 32 tanh units, five seeds, 400 steps of Adam. Only the head differs. Look for where each curve runs flat.

# %%
import torch


def answers(head, x, y, at):
    """What five networks with this head answer at the points `at`, after training on (x, y)."""
    nets = Networks([1, 32, 32, 1], "tanh", seeds=5, gain=2.0)
    nets.fit(x, y, 400, 0.01, loss=lambda out, y: each_squared_error(head(out), y))
    return head(torch.tensor(nets.predict(at))).numpy()[..., 0]


x = np.linspace(-3, 3, 300)[:, None]
y = (3 * np.sin(2 * x) + 1).astype(np.float32)
HEADS = {"linear": lambda out: out, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
pictures.answers_of_heads(
    {n: answers(head, x, y, x) for n, head in HEADS.items()}, x[:, 0], y[:, 0]
)

# %% [markdown]
# The linear head follows the wave, and the others stop at the ends of their ranges. Is that so for other data, other rates, more steps?

# %% role="fragment"
show_evidence("reach")

# %%
evidence_source("reach")

# %% [markdown]
# {verdict reach.floor_is_reached} No network, optimiser or patience moves the floor. So a regression head has no activation, or one whose
# range *is* the target's: for limits, $\text{low} + (\text{high} - \text{low})\,\sigma(z)$.
#
# What of targets that are never negative, such as counts? The network is to predict how many events an hour brings on average, their *rate*, and at many inputs the rate is near 0.

# %% [markdown] tags=["predict"]
# A ReLU as head cannot answer with a negative rate. What can go wrong with it?
#
# - [ ] nothing: its range is exactly that of a rate
#   The range fits. Now think of its slope where it answers 0, and of what an example can still correct there.
# - [ ] it overflows where the rate is large
#   A ReLU passes large numbers on as they are. It is exp that grows.
# - [x] it answers 0, and gets no gradient back
#   Now see how often that happens, and compare it with the other three heads.
# - [ ] it answers with one and the same rate everywhere
#   That would take a layer in which every unit is dead. One unit at the end is silent on some inputs only.

# %%
pictures.rates_of_heads(load("counts").whole())

# %%
evidence_source("counts")

# %% [markdown] tags=["outcome"]
# {verdict counts.rates_that_cannot_be} {verdict counts.linear_errs_least} So it is not the error that rules the linear head out, it is the negative rates. Softplus and exp stay above 0 *and* keep a slope; of these two, exp
# errs less. (Its loss is the one that belongs to counts, Poisson's likelihood.)

# %% [markdown]
# ## 7.3 Classes: three heads
#
# Ten digits, one answer. Softmax with cross-entropy is the usual head ([05](05_softmax.ipynb)). Two variations: *ten sigmoids*, each with its own yes-or-no loss, and
# *softmax twice*: PyTorch's `cross_entropy` contains one already, and the network ends in another. Both keep the order of the scores: the largest score stays the largest.

# %% [markdown] tags=["predict"]
# Ten digits: ten sigmoids in place of one softmax, or softmax twice. Which of the two costs accuracy?
#
# - [ ] ten sigmoids: their outputs do not add up to 1
#   They need not: the answer is the class with the largest output, and the largest sigmoid belongs to the largest score.
# - [x] softmax twice
#   Now see by how much, and below it why its loss cannot fall any further.
# - [ ] neither: softmax keeps the order of the scores
#   It does, once and twice. But training follows the loss, not the order. How small can the loss become when its input lies between 0 and 1?
# - [ ] both
#   One of them is used on purpose, wherever a picture may have several labels.

# %%
show_evidence("classes")

# %%
evidence_source("classes")

# %% [markdown] tags=["outcome"]
# {verdict classes.sigmoids_do_as_well} {verdict classes.twice_costs} It is an easy bug to write.

# %% [markdown]
# The loss has a floor. Where does that come from?

# %% [markdown] exercise="q7_double_softmax_floor"
# ### Exercise: the floor of the double softmax
#
# The second softmax receives *probabilities*: at best 1 for the right class and 0 for the others. Return the cross-entropy, in nats, of that best case, for `k` classes. Worked number:
# $k = 2$ gives 0.3133.


# %% exercise="q7_double_softmax_floor"
import math


def double_softmax_floor(k):
    """Least cross-entropy of a softmax applied to a softmax.  k: int >= 1 -> float."""
    ### BEGIN SOLUTION
    return math.log(math.e + k - 1) - 1
    ### END SOLUTION


# %% exercise="q7_double_softmax_floor"
check("q7_double_softmax_floor", double_softmax_floor)

# %% [markdown]
# **Several labels at once.** A seven-segment digit lights two to seven segments. Two heads: seven sigmoids against one softmax over the seven.

# %% [markdown] tags=["predict"]
# One softmax over the seven segments of a digit, and a segment counts as lit where its output is above ½. How many can it switch on at once?
#
# - [ ] all seven
#   That is what seven sigmoids can do. Seven shares of one whole: can each be more than half?
# - [ ] as many as the picture shows, after enough training
#   Training moves the shares. Their sum it cannot move.
# - [x] one
#   Now see what that does to the share of pictures that come out entirely right.
# - [ ] two
#   Two of them at ½ each would fill the whole, and neither is *above* ½.

# %% role="fragment"
evidence_source("labels")

# %% [markdown] tags=["outcome"]
# Two shares of one whole cannot both exceed ½, and no digit is a single segment. {verdict labels.one_sigmoid_each}

# %% [markdown]
# ## 7.4 Yes or no: which loss?
#
# One sigmoid, and two losses that both vanish when it is right: squared error $(\sigma - y)^2$ and binary cross-entropy $-y\ln\sigma - (1-y)\ln(1-\sigma)$. The unit starts far on the wrong side, at
# $z = -8$, and should answer 1. Gradient descent with rate 1 walks until $\sigma \ge 0.9$.

# %% [markdown] tags=["predict"]
# How many times as many steps as cross-entropy does squared error take, from $z = -8$ to $\sigma \ge 0.9$?
#
# - [ ] as many: both losses vanish at the same place
#   They end at the same place. What counts is how strongly each pulls at the start, far away from it.
# - [ ] twice, for the 2 in front of its derivative
#   That 2 would make it *faster*. There is another factor in its derivative. How large is it at −8?
# - [ ] ten times
#   The right direction. Compute $\sigma'(-8)$ before you go on: it is 3e-4.
# - [x] eighty times
#   Now see where the factor comes from, and watch the steps in the picture below.

# %% [markdown] role="subslide"
# The chain rule says where to look. With squared error,
#
# $$\frac{\partial (\sigma - y)^2}{\partial z} = 2\,(\sigma - y)\,\sigma'(z),$$

# %% [markdown] role="fragment"
# and $\sigma'(-8)$ is almost nothing: the unit is wrong, and cannot hear it.

# %% [markdown] role="fragment"
# For cross-entropy, differentiate it yourself; use $\sigma' = \sigma(1-\sigma)$ and look for what cancels.

# %% [markdown] exercise="q7_bce_gradient"
# ### Exercise: the pull on the logit
#
# Return the derivative of $-y\ln\sigma(z) - (1-y)\ln(1-\sigma(z))$ with respect to $z$, entry by entry. `z` and `y` have one shape; labels may lie between 0 and 1, and $z = \pm 40$ must give numbers too. Worked numbers: $z = 1, y = 0$ gives
# 0.7311, and $z = 0, y = 1$ gives −0.5.


# %% exercise="q7_bce_gradient"
def bce_gradient(z, y):
    """Derivative of the binary cross-entropy with respect to the logit.  z, y: any -> same."""
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(-z)) - y
    ### END SOLUTION


# %% exercise="q7_bce_gradient"
check("q7_bce_gradient", bce_gradient)

# %% [markdown]
# `bce_gradient` does the walking in the next picture: solid is its pull, dashed is that of squared error. Dots: the steps that it needs, and as many of squared error’s. Start at −8, then at 0.

# %%
explore_saturated(bce_gradient)

# %% [markdown]
# Eighty times: with cross-entropy the slope cancels, and a unit that is badly wrong feels the full force. From 0 it is 10 steps against 35: three and a half times, not eighty.
#
# So does it matter in a network that does *not* start saturated? Circles, a hidden layer of 16, plain gradient descent. {verdict yes_or_no.both_losses_learn}

# %%
evidence_source("yes_or_no")

# %% [markdown]
# > **Claim audit.** *"Regression → linear, binary → sigmoid, multi-class → softmax."*
#
# | the line everybody copies | what we measured |
# |---|---|
# | regression → linear | yes; a squashing head ends on its clip floor. Positive targets: softplus or exp |
# | binary → sigmoid | yes, with cross-entropy: 19 steps out of saturation against 1542. Unsaturated, either will do |
# | multi-class → softmax | yes, once. Ten sigmoids are not wrong either |
# | *not mentioned* | several labels at once → one sigmoid each |

# %% [markdown] role="notes"
# **For the lecturer.** Ask who has ever put `Softmax` as the last layer *and* called `cross_entropy`: hands go up slowly. The number to remember is the plateau: a loss that hangs
# at 1.46 with ten classes is a signature.

# %% [markdown]
# ## 7.5 Recurrent networks: why tanh?
#
# A recurrent network applies one layer again and again: $h_t = f(x_t U + h_{t-1}W + b)$. Fifty time steps are fifty layers *with the same weights*. First without inputs: 64 units, random $W$ with gain 2,
# ten seeds.

# %% [markdown] tags=["predict"]
# Fifty steps of a recurrent network with gain 2, by tanh, sigmoid or ReLU. One of the three states has grown without bound. Which?
#
# - [ ] tanh's: gain 2 is too much for it
#   Gain 2 drives it into saturation. What is the largest number that a saturated tanh hands on?
# - [ ] the sigmoid's: all its outputs are positive, so they add up
#   They do add up, in the next $z$. And then the sigmoid is applied again.
# - [x] ReLU's
#   Now see how far, and how differently from seed to seed.
# - [ ] all three: fifty times the same matrix
#   The same matrix fifty times, but with a function in between each time. Two of the three functions have a largest value.


# %%
def sizes(f, seed, gain=2.0, steps=50, n=64):
    """‖h_t‖/√n of a recurrent network without inputs, (steps + 1,)."""
    rng = np.random.default_rng(seed)
    W, h = rng.normal(size=(n, n)) * gain / np.sqrt(n), rng.normal(size=n)
    states = [h]
    for _ in range(steps):
        states.append(f(states[-1] @ W))
    return np.linalg.norm(states, axis=1) / np.sqrt(n)


KEYS = "relu", "tanh", "sigmoid"
pictures.state_sizes({k: np.array([sizes(REGISTRY[k].f, s) for s in range(10)]) for k in KEYS})

# %%
ends = np.log10([sizes(REGISTRY["relu"].f, s, gain=2**0.5)[-1] for s in range(10)])
print(
    f"ReLU, gain √2: 10^{ends.mean():.1f} on average, from 10^{ends.min():.1f} to 10^{ends.max():.1f}"
)

# %% [markdown] tags=["outcome"]
# At gain 2 ReLU grows by seven orders of magnitude on average, by four to eleven from seed to seed; what squashes cannot. At √2, the gain that keeps it level in [06](06_gradient_flow.ipynb), it stays on average, and one seed or another still shrinks or grows a
# thousandfold: the same matrix every time. That is the case for a bounded function in a loop.

# %% [markdown]
# **The test.** Show one of four symbols in step 0, then nine steps of noise, and ask for the symbol. Guessing gets ¼. A state that remembers carries the symbol through nine steps, and lets a gradient come back through nine slopes.

# %% [markdown] tags=["predict"]
# Which recurrent networks can be trained to remember the symbol?
#
# - [ ] only tanh's: its state stays bounded
#   The sigmoid's stays bounded as well, and its slope is at most ¼. Nine of those in a row: how much comes back?
# - [ ] none but an LSTM
#   Nine steps are few. What would have to be true of a plain layer, so that it copies its state from step to step?
# - [x] tanh's, and ReLU's from the right starting weights
#   Now see which start that is. Let each recipe stand out, and look at how many rates it remembers.
# - [ ] any of them, at a suitable learning rate
#   Five rates are tried for each recipe. Does every one of them find a good rate?

# %%
explore_rates("recall")

# %%
evidence_source("recall")

# %% [markdown] tags=["outcome"]
# {verdict recall.two_recall} {verdict recall.two_do_not} So staying bounded is not remembering. A sigmoid's slope is at most ¼, nine times over; larger weights make up for that, as in [02](02_sigmoid_tanh.ipynb): see the arm with gain 4. And ReLU fails or succeeds with its *weights*: the
# identity copies the state from step to step (Le 2015). Activation and initialisation are one choice.

# %% [markdown]
# Nine steps are few. The state $c$ of an **LSTM** (long short-term memory, Hochreiter & Schmidhuber 1997) is not squashed on its way:
#
# $$c_t = f_t\,c_{t-1} + i_t\,g_t,\qquad h_t = o_t\tanh c_t.$$
#
# $f_t$, the **forget gate** (Gers, Schmidhuber & Cummins 2000), is a sigmoid of $x_t$ and $h_{t-1}$, and its bias decides how far it opens; $i_t$ and $o_t$ are such gates too, $g_t$ is a tanh. What is left of a gradient 50 steps back, before any
# training?

# %%
CELLS = "tanh", "LSTM, bias 1", "LSTM, bias 3"
show_evidence("carried", [f"{cell}, inputs {n}" for cell in CELLS for n in ("1", "0.3", "0.1")])

# %%
evidence_source("carried")

# %% [markdown]
# {verdict carried.order_turns_over} {verdict carried.an_open_gate_keeps_it}
#
# tanh multiplies by its slope, near 1 for small inputs and near 0 for large ones. Straight back, from $c_t$ to $c_{t-1}$, the gate multiplies by about σ(bias), whatever comes in. How much is that of what was measured, step by step?

# %%
left = load("carried").whole()
for bias in (1, 3):
    steps = [
        10 ** (left[f"LSTM, bias {bias}, inputs {size}"].mean() / 50)
        for size in ("1", "0.3", "0.1")
    ]
    print(
        f"bias {bias}: σ = {sigmoid(bias):.2f}, measured {min(steps):.2f} to {max(steps):.2f} a step"
    )

# %% [markdown] tags=["outcome"]
# A tenth more in each step, and after fifty that is a factor of 60 to 3000. It comes back by the second way: $c_{t-1}$ makes $h_{t-1}$, and all gates look at that. So the gate does not account for the whole gradient. But with it half open the
# gradient shrinks in every step, and wide open it does not: not "gates", an *open* gate. {rests on carried.an_open_gate_keeps_it}

# %% [markdown]
# > **Claim audit.** *"Tanh for RNNs."*
#
# | the line everybody copies | what we measured |
# |---|---|
# | better than sigmoid | at gain 1, yes. {verdict recall.gain_4_recalls} |
# | better than ReLU | with an orthogonal start, yes; with the identity, no {rests on recall.two_recall} |
# | tanh is what makes RNNs remember | {verdict memory.an_open_gate_learns} {verdict memory.identity_comes_further} |

# %%
evidence_source("memory")

# %% [markdown]
# ## 7.6 A small transformer
#
# The claim everybody has heard: *"GELU is why transformers outperform ReLU-based models."* That can be tested. A character-level transformer, two layers of width 32, reads Python's own help pages for 150 steps and predicts
# the next character. We change the activation of its feed-forward layers. Seed by seed the text is the same, and so are the starting weights, except in SwiGLU's layers, which have other shapes.

# %% [markdown] tags=["predict"]
# Take the activation out of both feed-forward layers. Attention and normalisation stay. What happens to the loss?
#
# - [ ] nothing that one could see: attention bends enough
#   Attention and normalisation do bend. That is why the model does not collapse into one map, as in lesson 01. Is it all that the model can use?
# - [x] it rises, by more than ReLU and GELU differ
#   Now see both differences side by side, seed by seed.
# - [ ] it stays where it started: nothing can be learnt
#   What is left still predicts the next character far better than chance: a stack with attention is not one affine map. {rests on language.nonlinearity_matters}
# - [ ] it rises, and about as much as from GELU to ReLU
#   You expect the choice of function to matter as much as having one. Look at both.

# %%
results = load("language")
five = next(results.each_group())
SHOWN = {"GELU": "gelu", "SwiGLU": "silu", "no activation": "linear"}
pictures.paired(SHOWN, five, "ReLU")

# %%
evidence_source("language")

# %% [markdown] tags=["outcome"]
# {verdict language.nonlinearity_matters} So the non-linearity matters, even here, where attention and normalisation bend as well. {verdict language.seeds_differ_more} One run of each says little. Do five say more?

# %% [markdown]
# Take SwiGLU, a gated pair with two thirds of the width and so as many weights ([04](04_gelu_silu.ipynb)). In these five seeds it ends beside ReLU. Would five others say the same? Move the slider to 5 and count.

# %% role="fragment"
explore_agreement("language.swiglu_ahead")

# %% [markdown] tags=["outcome"]
# {verdict language.swiglu_ahead} So two honest reports with five seeds each may say the opposite of each other.

# %% [markdown] exercise="q7_evidence"
# ### Exercise: one run each
#
# A report: one GELU run ends at 2.43 nats, one ReLU run at 2.44; seeds scatter by 0.03. What follows?
#
# {options}

# %% exercise="q7_evidence"
answer = ""  # one letter, for example "a"
### BEGIN SOLUTION
answer = "b"
### END SOLUTION

# %% exercise="q7_evidence"
check("q7_evidence", answer)

# %% [markdown]
# ## 7.7 How many seeds would settle it?
#
# A hundred seeds of six variants are stored, each at its best rate. Take twenty, in pairs: seed by seed, variant minus ReLU. Their mean is an estimate. How far may luck have moved it?
#
# - The differences scatter, by their standard deviation $s$.
# - A mean of $n$ of them scatters less, by $s/\sqrt n$: its **standard error**.
# - $t$ is the mean divided by its standard error: the mean in units of what luck usually makes of it.
#
# With 20 pairs, luck alone gives $|t| > 2.09$ in one case of twenty. The share of cases in which luck alone gives a $|t|$ as large as yours is called $p$; at 2.09 it is 5 %.

# %% [markdown] tags=["predict"]
# Twenty pairs each: GELU, SiLU, SwiGLU and squared ReLU, every one against ReLU. Which of the four differ from ReLU by more than luck?
#
# - [ ] none of the four: two seeds of one network differ by more
#   They do. But a pair shares its weights and its text, so both runs are lucky together. {rests on language.seeds_differ_more} {rests on language.pairs_share_their_luck}
# - [ ] GELU, SiLU and SwiGLU: the smooth ones
#   So the claim says: smooth gating helps. Then the smooth ones should be ahead, and the one with a kink behind. {rests on language.silu_gains_less} {rests on language.squared_relu_gains_more}
# - [x] GELU and squared ReLU
#   Now see by how much, and what the pairs do to the spread. {rests on language.gelu_ahead}
# - [ ] GELU and SwiGLU: the ones in large models
#   What large models use was chosen at their size. Compare SwiGLU's spread with that of the others. {rests on language.gelu_ahead}

# %%
VARIANTS = "GELU", "SiLU", "SwiGLU", "squared ReLU", "no activation"
hundred = results.chosen(range(100))
differences = {arm: hundred[arm] - hundred["ReLU"] for arm in VARIANTS}
pictures.pair_table({arm: d[:20] for arm, d in differences.items()})

# %%
gelu, relu = hundred["GELU"][:20], hundred["ReLU"][:20]
print(f"GELU and ReLU, seed by seed: r = {np.corrcoef(gelu, relu)[0, 1]:.2f}")
print(f"spread of the difference in pairs     {np.std(gelu - relu, ddof=1):.4f}")
print(f"spread of the difference without them {np.hypot(gelu.std(ddof=1), relu.std(ddof=1)):.4f}")
gains = -differences["GELU"].reshape(4, 25).mean(1)
print("GELU's gain on each of four texts     " + "  ".join(f"{gain:.3f}" for gain in gains))

# %% [markdown]
# A pair shares weights and text: the two runs are lucky together, and luck cancels in the difference. {verdict language.pairs_share_their_luck} Square the ratio: so many times fewer runs. SwiGLU's weights have other shapes;
# less cancels, and a gain as large as GELU's takes more seeds. **A good pair is worth many seeds.**
#
# One thing twenty seeds cannot tell: they all read one text. The last line shows the gain on each of four, and it moves by more than the standard error. For a claim about *texts*, draw texts.

# %% [markdown] role="subslide"
# How many pairs does it take? The line of 5 % lies about $q_{0.975} = 1.96$ standard errors from 0. If the true mean lay on that line, half of your attempts would pass it, since luck pushes up as often as down. You want a larger share, the
# **power**, so the true mean has to lie $q_{\text{power}}$ standard errors beyond; for 80 % that is $q_{0.8} = 0.84$. Set the mean $m$ equal to so many times $s/\sqrt n$, and solve for $n$:

# %% [markdown] role="fragment"
# $$m = \bigl(q_{0.975} + q_{\text{power}}\bigr)\,\frac{s}{\sqrt n}$$
#
# $$n = \left(\bigl(q_{0.975} + q_{\text{power}}\bigr)\,\frac{s}{m}\right)^2,\qquad q_p:\ \text{the quantile of } N(0, 1).$$

# %% [markdown] exercise="q7_seeds_needed"
# ### Exercise: how many seeds?
#
# Return the whole number of pairs by this formula, rounded up. `differences` is an array (n,), one per seed; $m$ is its mean, $s$ its standard deviation with `ddof=1`; `power` lies between 0 and 1.
# `statistics.NormalDist().inv_cdf(0.975)` is 1.96. Worked number: differences −0.5, 0.5, −1, −1, 0.25 and power 0.8 give 32.


# %% exercise="q7_seeds_needed"
from statistics import NormalDist


def seeds_needed(differences, power=0.8):
    """Pairs of runs needed to see the mean of such differences.  differences: (n,), power: float -> int."""
    ### BEGIN SOLUTION
    quantile = NormalDist().inv_cdf
    ratio = np.std(differences, ddof=1) / np.mean(differences)
    return math.ceil(((quantile(0.975) + quantile(power)) * ratio) ** 2)
    ### END SOLUTION


# %% exercise="q7_seeds_needed"
check("q7_seeds_needed", seeds_needed)

# %%
pictures.pairs_needed(differences)

# %% [markdown]
# Read along a row: the same formula, asked of five groups of twenty seeds (the middle three from two texts each). Asked of the data that suggested an effect, it repeats their luck. (For fewer than ten pairs add two or three: the formula takes $s$ as known.)
#
# And five comparisons are five chances for luck. Holm's correction asks the smallest $p$ to pass 1 %, the next 1.25 %, and so on. {verdict language.gelu_ahead}

# %% [markdown]
# > **Claim audit.** *"GELU is why transformers outperform ReLU-based models: the smooth gating is better for language modelling."*
#
# | the line everybody copies | what we measured |
# |---|---|
# | GELU beats ReLU | a little, in these small models {rests on language.gelu_ahead} |
# | since it is smooth | smoothness does not explain it. {verdict language.squared_relu_gains_more} {verdict language.silu_gains_less} |
# | that is *why* transformers win | no. {verdict language.gelu_gains_less_than_relu} |

# %% [markdown]
# A model this small says nothing about large ones. There GELU's gain is gone in the longest comparison we know: log-perplexity 1.679 against ReLU's 1.677 after 524,288 steps (Shazeer 2020, Table 1); the original Transformer,
# T5 and OPT use ReLU (Vaswani 2017; Raffel 2020; Zhang 2022), and it holds up (Mirzadeh 2023).

# %% [markdown] role="notes"
# **For the lecturer.** If the room says "so GELU wins", ask: by how much,
# and against what? The wrong answer to expect is that $t$ measures the size of an effect.

# %% [markdown]
# ## 7.8 What does it cost?
#
# The clock is the last thing to ask. GELU is often written with tanh, as in [4.6](04_gelu_silu.ipynb):
#
# $$½\,x\,\Bigl(1 + \tanh\bigl(\sqrt{2/\pi}\,(x + 0.044715\,x^3)\bigr)\Bigr)$$
#
# An exponential inside, and a cube.

# %% [markdown] tags=["predict"]
# The cube can be written in two ways. On the machine that built this lesson, how much longer does NumPy take for `x**3` than for `x*x*x`?
#
# - [ ] less long: one operation in place of two
#   One line to write. A processor multiplies in one instruction. Has it one for a power?
# - [ ] as long: NumPy turns one into the other
#   It does so for `x**2`. For other exponents it has one routine that takes any number, 2.7 or 3.
# - [ ] twice as long
#   The right direction. A power with any exponent is an exponential of a logarithm. How many multiplications is that worth?
# - [x] ten times as long, or more
#   Now see what that does to the GELU around it.

# %%
from scipy.special import erf

half, c, k = np.float32(0.5), np.float32(0.044715), np.float32(np.sqrt(2 / np.pi))
FORMS = {
    "x*x*x": lambda x: x * x * x,
    "x**3": lambda x: x**3,
    "ReLU": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "GELU, exact": lambda x: half * x * (1 + erf(x * np.float32(0.5**0.5))),
    "GELU, x*x*x": lambda x: half * x * (1 + np.tanh(k * (x + c * (x * x * x)))),
    "GELU, x**3": lambda x: half * x * (1 + np.tanh(k * (x + c * x**3))),
}

# %% tags=["fold"]
from functools import partial

from torch.nn import functional as F

W = torch.randn(512, 512)
READY = {
    "ReLU": torch.relu,
    "sigmoid": torch.sigmoid,
    "GELU, exact": F.gelu,
    "GELU, tanh form": partial(F.gelu, approximate="tanh"),
    "a layer 512 wide": lambda x: x.view(-1, 512) @ W,
}
numbers = np.random.default_rng(0).normal(size=512_000).astype(np.float32)
pictures.costs({"NumPy": (FORMS, numbers), "torch": (READY, torch.from_numpy(numbers))})

# %% [markdown]
# The numbers are your machine's; another may order them differently. Three questions to your picture:
#
# - Is `x**3` many times dearer than `x*x*x`? Then NumPy calls a general power function for every number. On ours, undisturbed: about forty times, and the whole GELU about three times as dear.
# - Is torch's tanh form dearer than its exact form? On ours, undisturbed, about four times: on this CPU *the approximation is slower than what it approximates*.
# - How does all that compare with the matrix product in front of it? There an element costs 512 multiplications, its activation one function call. In torch, on this CPU, in a wide network, ReLU or exact GELU hardly shows on the clock.

# %% [markdown]
# A GPU is another matter. There an activation on its own waits for memory, whichever function it is. (And on TPUs, say their users, it is the exact GELU that is slower: jax#4428.) By arithmetic alone, from the data sheet of NVIDIA's H100 (989·10¹² bf16 operations a second, 3.35·10¹² bytes):

# %%
computed = 2 * 512 / 989e12  # 512 multiplications and additions
moved = (2 + 2) / 3.35e12  # two bytes read, two written
print(
    f"an element of a product 512 wide: computed in {computed * 1e12:.1f} ps, moved in {moved * 1e12:.1f} ps"
)
print(f"its activation, on its own:                          moved in {moved * 1e12:.1f} ps")

# %% [markdown]
# So at this width the product waits for memory as well (up to about 600), and an activation on its own costs as much again. That is why compilers *fuse* the two: the function is applied before the element goes back to memory, and then it costs
# next to nothing, GELU or ReLU. Choose for how it *trains*.
#
# > **Claim audit.** *"The choice of activation significantly impacts training speed, gradient flow, and ultimately model performance."*
#
# | the line everybody copies | what can be said | where |
# |---|---|---|
# | training speed | the clock: ReLU or exact GELU hardly, in a wide or fused layer | 7.8 |
# | gradient flow | yes, together with the weights | [06](06_gradient_flow.ipynb) |
# | model performance | some activation against none, a lot; one good one against another, weights of the right size: little in our small models | 7.7 |

# %% [markdown]
# ## 7.9 The guide
#
# Seven lessons in two questions. The sign beside a line is the curve of its function; each line has the number that speaks for it, and the section that shows it. (Where an 8 stands, that is the next lesson.)

# %% role="fragment"
guide_choices()

# %% [markdown]
# Which rate? No recipe has *the* rate: it has a range. Here are the ranges that were measured. Compare the first rows with each other: the start decides how wide a range is, and where it lies.

# %%
guide_rates()

# %% [markdown]
# And when something goes wrong? Three signs, three lists. Read each from the top: what costs a minute to rule out stands first. Every line names the number that tells its cause from the others; most of them are columns of a tool that you meet in [8.7](08_networks_of_today.ipynb).

# %% role="fragment"
guide_trouble()

# %% [markdown]
# ## Recap
#
# | question | answer | where |
# |---|---|---|
# | which cells of the copied table hold? | 21 of 32, some of them short; only Leaky ReLU keeps a slope far out on the left | 7.1 |
# | what does a squashing head cost? | its clip floor, exactly | 7.2 |
# | ten sigmoids, or softmax twice? | the first is fine, the second has a loss floor, 1.461 for ten classes | 7.3 |
# | why cross-entropy on a sigmoid? | the slope cancels: a saturated unit is pulled back | 7.4 |
# | why tanh in RNNs? | bounded, and four times the sigmoid's slope; an open forget gate keeps the gradient, for large inputs and small ones | 7.5 |
# | is GELU why transformers win? | no: a small gain in small models, and smoothness does not explain it | 7.6, 7.7 |
# | how many seeds? | $((q_{0.975} + q_\text{power})\,s/m)^2$; pair them, and correct for the number of comparisons | 7.7 |
# | what does it cost? | measure it on your machine; in torch on a CPU, in a wide layer, hardly anything; on a GPU, only if it is not fused | 7.8 |

# %% [markdown]
# ## Check yourself
#
# Four functions written, one question answered on the way. Here is the last one.

# %% [markdown] exercise="q7_labels"
# ### Exercise: dog, car and tree
#
# A photo may show a dog, a car, a tree: any of them, all of them, or none. Which head fits?
#
# {options}

# %% exercise="q7_labels"
answer = ""  # one letter, for example "a"
### BEGIN SOLUTION
answer = "c"
### END SOLUTION

# %% exercise="q7_labels"
check("q7_labels", answer)

# %% [markdown]
# ## The whole course on one page
#
# | lesson | the question | what you found |
# |---|---|---|
# | [01](01_why_nonlinearity.ipynb) | what is a deep network without activations? | one affine map |
# | [02](02_sigmoid_tanh.ipynb) | where does the signal go? | slopes ≤ ¼ shrink it, weights can win it back; 0.25¹⁰ bounds the slopes alone |
# | [03](03_relu_family.ipynb) | what if the slope is 1? | signals pass, units die; a lower rate, batch norm or a real slope helps |
# | [04](04_gelu_silu.ipynb) | what if the gate is smooth? | the expectation of a stochastic gate, deterministic; it dies in the far tail too |
# | [05](05_softmax.ipynb) | how do scores become shares? | softmax, minus its own maximum; $p - y$ behind it |
# | [06](06_gradient_flow.ipynb) | what keeps fifty layers level? | activation and weights together: gains |
# | 07 | which one, then? | the range for the head, the slope for the hidden layers, evidence for the rest |
# | [08](08_networks_of_today.ipynb) | what stands around an activation today? | a gate, a norm and a number format; how to look into a model of your own |
#
# If you remember one sentence: an activation is never chosen alone. It comes with a range, a slope, an initialisation and a loss, and every claim about it comes with a number of seeds.

# %% [markdown]
# **Next:** [08 Networks of today](08_networks_of_today.ipynb): what the models of these years do around an activation, and the tools to look into your own.
