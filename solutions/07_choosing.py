# %% [markdown]
# # {title}
#
# *You know every function by now. Which one goes where, what does a wrong choice cost, and when is a difference real?*
#
# **You will be able to**
#
# - check a comparison table against the functions themselves;
# - choose an output head from the target, and compute what a wrong one costs before you train it;
# - say what tanh does for a recurrent network, what else would do, and what an open gate adds;
# - tell a real difference between two activations from luck, and count the seeds it takes.
#
# **Before you start:** lessons [02](02_sigmoid_tanh.ipynb) to [06](06_gradient_flow.ipynb). 75 minutes.

# %%
import numpy as np
import torch
from torch.nn import functional as F

from actlab import data, figures
from actlab.activations import REGISTRY
from actlab.check import check
from actlab.exercises import EXERCISES
from actlab.evidence import load
from actlab.explorers import (
    evidence_source,
    explore_agreement,
    explore_clip_floor,
    explore_guide,
    explore_rates,
    explore_saturated,
    guide_table,
    show_evidence,
)
from actlab.tables import Table
from actlab.training import Networks, each_cross_entropy, each_squared_error, one_thread

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
#
# > **Predict.** How many of its 32 cells would you correct? (a) none (b) one or two (c) ten or more

# %% [markdown]
# Do not argue: compute. Everything below comes from the functions themselves, and every entry leads to the lesson that shows it. The last column asks what is left of a gradient
# far out on the left, where a unit may end up.

# %%
HOME = {"sigmoid": 2, "tanh": 2, "relu": 3, "leaky_relu": 3, "elu": 3, "gelu": 4, "silu": 4}
FILES = {2: "02_sigmoid_tanh", 3: "03_relu_family", 4: "04_gelu_silu", 5: "05_softmax"}
z = np.linspace(-40, 40, 80_001)
normal = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()


def facts(key):
    """One row of the table, from the function and its derivative; every entry leads to a lesson."""
    entry, home = REGISTRY[key], HOME[key]
    slope = entry.df(z)
    cells = (
        (str(entry.range), home),
        (f"{slope.min():.2f} to {slope.max():.2f}", home),
        (f"{abs(normal @ entry.f(z)):.2f}", 2),
        ("at 0" if entry.kinks else "none", home),
        ("rises" if entry.monotone else "dips first", home),
        (f"{abs(entry.df(-8.0)):.0e}", 3),
    )
    return entry.name, *(
        f"[{text.replace('-', '−')}]({FILES[lesson]}.ipynb)" for text, lesson in cells
    )


# %%
J = REGISTRY["softmax"].df(np.random.default_rng(0).normal(0, 3, (2000, 3)))
softmax_row = (
    "(0, 1)",
    f"−{-J.min():.2f} to {J.max():.2f}",
    "1/k",
    "none",
    "rises in its own score",
)
Table(
    (
        "function",
        "range",
        "slope",
        "mean output, N(0, 1) in",
        "jumps of f′",
        "shape",
        "slope at z = −8",
    ),
    (
        *(facts(key) for key in HOME),
        ("softmax", *(f"[{text}](05_softmax.ipynb)" for text in softmax_row), "–"),
    ),
)

# %% [markdown]
# Only tanh has mean output 0. Only the slopes of ReLU and Leaky ReLU jump. And at $z = -8$ **Leaky ReLU alone** still has a slope worth the name: GELU's is smaller than
# tanh's by seven orders of magnitude. Now the copied cells, one by one. A cell counts if it is false, or true on a condition that it does not name; a cell that is only short does not count.
#
# | false, or on a condition | the copied table | what we computed, or can cite | shown in |
# |---|---|---|---|
# | sigmoid, use | binary output *only* | also gates, and one per label | 7.3, 7.5 |
# | ReLU, dying | x < 0 → dead | silent on that input; dead when *no* input reaches it | [03](03_relu_family.ipynb) |
# | Leaky ReLU, dying | no | its slope survives; with plain descent 200 steps can be too few for it {rests on dying_plain.leak_waits} | [03](03_relu_family.ipynb) |
# | ELU, range | α×(eˣ−1), ∞) | (−α, ∞) | above |
# | ELU, gradient | smooth | f′ is continuous for α = 1 only | [03](03_relu_family.ipynb) |
# | GELU and SiLU, range | (−0.17, ∞), (−0.28, ∞) | closed on the left: the minimum is reached | [04](04_gelu_silu.ipynb) |
# | GELU and SiLU, dying | effectively no, no | near 0; at −8 slopes of 4e-14 and 2e-03 are left | above, [03](03_relu_family.ipynb) |
# | GELU, use | BERT, GPT, Claude | BERT, GPT, GPT-2; GPT-4 and Claude are not published | [04](04_gelu_silu.ipynb) |
# | SiLU, use | LLaMA, EfficientNet, modern CNNs | in LLaMA inside a gate, SwiGLU; EfficientNet: yes; "modern CNNs": open | [04](04_gelu_silu.ipynb) |
# | softmax, use | output layer *only* | also inside attention | [05](05_softmax.ipynb) |

# %% [markdown]
# That is twelve of 32, ten if you let the two brackets pass: (c) either way. Some of the others are only short:
#
# | true, and short | the copied table | in full | shown in |
# |---|---|---|---|
# | tanh, use | RNN hidden states | better than sigmoid there; not the only way {rests on recall.two_recall} | 7.5 |
# | ELU, dying; use | no; deep networks needing negative values | 3e-04 left at −8; means nearer to 0 is its authors' reason (Clevert 2015), and we tested no need | above, [03](03_relu_family.ipynb) |
# | GELU, SiLU, gradient | smooth | −0.13 to 1.13, −0.10 to 1.10; f dips before it rises | [04](04_gelu_silu.ipynb) |
# | softmax, gradient | complex | $p_i([i=j]-p_j)$, between −¼ and ¼ | [05](05_softmax.ipynb) |
#
# (Sigmoid and tanh fade far left too, but "saturates" says so already.) Sources: those of 4.12, Tan & Le (2019), Vaswani (2017), Clevert (2015).

# %% [markdown] role="notes"
# **For the lecturer.** Let pairs mark the printed table before anything runs, then run both cells. Expect the room to defend "GELU: effectively no": the slope at −8
# is a fact, no verdict: ask how often a unit *gets* to −8. That is a question about training, not about the function.

# %% [markdown]
# ## 7.2 Regression: the head has to reach
#
# The first column to read is the range. Take targets $y = 3\sin 2x + 1$, between −2 and 4, and put a sigmoid on the output.
#
# > **Predict.** With enough training the mean squared error goes to (a) 0 (b) a number you can compute before training starts (c) a number that depends on the network

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

# %% [markdown]
# Your function drives the picture. Move both ends until nothing is shaded, and watch the floor go to 0.

# %% role="fragment"
explore_clip_floor(clip_floor)

# %% [markdown]
# Now train: two hidden layers of 32, five seeds, 400 steps, only the head differs. Look for where each curve runs flat.

# %%
SEEDS = 5
x = np.random.default_rng(0).uniform(-3, 3, (300, 1))
y = (3 * np.sin(2 * x) + 1).astype(np.float32)
grid = np.linspace(-3, 3, 301)[:, None]
HEADS = {"linear": lambda out: out, "sigmoid": torch.sigmoid, "tanh": torch.tanh}


def fit_head(head, y, steps, loss=None):
    """A function x -> predictions (seeds, n) of networks with this head, trained on (x, y)."""

    def squared(out, y):
        return each_squared_error(head(out), y)

    nets = Networks([1, 32, 32, 1], "tanh", SEEDS, gain=2.0)
    nets.fit(x, y, steps, 0.01, loss=loss or squared)
    return lambda x: head(torch.tensor(nets.predict(x))).numpy()[..., 0]


fits = {name: fit_head(head, y, 400) for name, head in HEADS.items()}
measured = {name: ((fit(x) - y[:, 0]) ** 2).mean(1) for name, fit in fits.items()}

# %%
floor = EXERCISES["q7_clip_floor"].reference
for name, errors in measured.items():
    low, high = REGISTRY[name].range.low, REGISTRY[name].range.high
    least = floor(y, low, high)
    print(f"{name:8s} measured {errors.mean():.1f}   clip floor {least:.1f}")
figures.with_spread(
    {f"{n} head": (REGISTRY[n].color, fit(grid)) for n, fit in fits.items()},
    grid[:, 0],
    title="What each head answers (5 seeds, lowest to highest)",
    xlabel="x",
    ylabel="prediction",
    notes=[(1.0, "+1"), (-1.0, "−1")],
    alt=f"The linear head follows the wave from {y.min():.0f} to {y.max():.0f}; "
    "the sigmoid head stays between 0 and 1, the tanh head between −1 and 1.",
)

# %% [markdown]
# The answer was (b). {verdict reach.floor_is_reached} No network, optimiser or patience moves the floor: 3.1 here, 3.17 in the explorer, whose targets lie on an even grid. So a regression head has no activation, or one whose
# range *is* the target's: for limits, $\text{low} + (\text{high} - \text{low})\,\sigma(z)$.
#
# What of targets that are never negative, such as counts? Here are some, drawn from a Poisson distribution whose rate is often near 0. The network is to predict the rate.
#
# > **Predict.** Which of four heads, linear, ReLU, softplus and exp, can answer with a negative rate?

# %%
counts = np.random.default_rng(0).poisson(np.exp(3 * np.sin(2 * x) - 1)).astype(np.float32)
POSITIVE = {"linear": HEADS["linear"], "ReLU": torch.relu, "softplus": F.softplus, "exp": torch.exp}


def poisson(out, y):
    return (torch.exp(out) - y * out).mean((1, 2))  # −log likelihood of the rate exp(out)


for name, head in POSITIVE.items():
    rate = fit_head(head, counts, 120, poisson if name == "exp" else None)(grid)
    below, zero = (rate < 0).any(1).sum(), (rate == 0).any(1).sum()
    print(f"{name:9s} rates below 0 in {below} of {SEEDS} seeds, exactly 0 in {zero}")

# %% [markdown]
# Only the linear one. {verdict counts.rates_that_cannot_be} And where ReLU answers 0 no gradient comes back to correct it. Softplus and exp stay above 0 *and* keep a slope. (With exp we used the loss that belongs to counts, the Poisson
# likelihood.)

# %% [markdown]
# ## 7.3 Classes: once, and only once
#
# Ten digits, one answer. Softmax with cross-entropy is the usual head ([05](05_softmax.ipynb)). Two variations: *ten sigmoids*, each with its own yes-or-no loss, and
# *softmax twice*, an easy bug to write: PyTorch's `cross_entropy` already contains one.
#
# > **Predict.** Which of the two is wrong?

# %%
X, digit = data.glyphs(1000, 0, noise=0.25)
X_test, digit_test = data.glyphs(1000, 1, noise=0.25)
one_hot = np.eye(10, dtype=np.float32)[digit]


def each_bce(out, y):
    each = F.binary_cross_entropy_with_logits(out, y.expand_as(out), reduction="none")
    return each.sum(-1).mean(1)


def twice(out, y):
    return each_cross_entropy(torch.softmax(out, -1), y)


LOSSES = {
    "softmax, once": (each_cross_entropy, digit),
    "ten sigmoids": (each_bce, one_hot),
    "softmax, twice": (twice, digit),
}
accuracy, final = {}, {}
for name, (loss, target) in LOSSES.items():
    nets = Networks([120, 64, 10], "relu", SEEDS, gain=2**0.5)
    final[name] = nets.fit(X, target, 70, 0.008, loss=loss)[0][-1]
    accuracy[name] = nets.accuracy(X_test, digit_test)

# %%
colors = dict(zip(LOSSES, (figures.COOL, REGISTRY["sigmoid"].color, figures.WARM), strict=True))
gap = {n: accuracy["softmax, once"].mean() - accuracy[n].mean() for n in LOSSES}
far = [n for n in LOSSES if gap[n] > 0.015]
least = EXERCISES["q7_double_softmax_floor"].reference(10)
print(f"softmax, once:  last loss at most {final['softmax, once'].max():.2f}")
print(
    f"softmax, twice: last loss at least {final['softmax, twice'].min():.1f}; its floor is {least:.3f}"
)
figures.by_seed(
    {n: (colors[n], a) for n, a in accuracy.items()},
    title="Ten digits, three losses (every dot a seed)",
    ylabel="test accuracy",
    ylim=(0.6, 0.92),
    alt=f"{len(LOSSES)} losses, {SEEDS} seeds each; more than 0.015 below the first: {', '.join(far)}.",
)

# %% [markdown]
# {verdict classes.sigmoids_do_as_well} {verdict classes.twice_costs} So the second is wrong: its loss has a floor. Where does that come from?

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
# **Several labels at once.** A seven-segment digit lights several segments. Predict which: seven sigmoids against one softmax over the seven, a segment counted as lit above ½.

# %%
lit = np.array([[int(c) for c in segments] for segments in data.SEGMENTS], dtype=np.float32)


def shares(out, y):
    share = y / y.sum(-1, keepdim=True)
    return -(torch.log_softmax(out, -1) * share).sum(-1).mean(1)


for name, loss, head in (
    ("7 sigmoids", each_bce, torch.sigmoid),
    ("softmax", shares, lambda out: torch.softmax(out, -1)),
):
    nets = Networks([120, 64, 7], "relu", SEEDS, gain=2**0.5)
    nets.fit(X, lit[digit], 70, 0.008, loss=loss)
    on = head(torch.tensor(nets.predict(X_test))).numpy() > 0.5
    exact = (on == lit[digit_test]).all(-1).mean(1)
    print(
        f"{name:10s} entirely right {exact.mean():.1f}, labels on at once: up to {on.sum(-1).max()}"
    )

# %% [markdown]
# Shares that add up to 1 cannot both exceed ½, and no digit is a single segment. {verdict labels.one_sigmoid_each}

# %% [markdown]
# ## 7.4 Yes or no: which loss?
#
# One sigmoid, and two losses that both vanish when it is right: squared error $(\sigma - y)^2$ and binary cross-entropy $-y\ln\sigma - (1-y)\ln(1-\sigma)$. The unit starts far on the wrong side, at
# $z = -8$, and should answer 1. Gradient descent with rate 1 walks until $\sigma \ge 0.9$.
#
# > **Predict.** How many times as many steps does squared error take? (a) as many (b) twice (c) ten times (d) eighty times

# %% [markdown] role="subslide"
# The chain rule says where to look. With squared error,
#
# $$\frac{\partial (\sigma - y)^2}{\partial z} = 2\,(\sigma - y)\,\sigma'(z),$$
#
# and $\sigma'(-8)$ is almost nothing: the unit is wrong, and cannot hear it. For cross-entropy, differentiate it yourself; use $\sigma' = \sigma(1-\sigma)$ and look for what cancels.

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
# Your gradient does the walking in the next picture: solid is its pull, dashed is that of squared error, and dots are the steps. Start at −8, then at 0.

# %% role="fragment"
explore_saturated(bce_gradient)

# %% [markdown]
# Eighty times, (d): with cross-entropy the slope cancels, and a unit that is badly wrong feels the full force. From 0 it is 10 steps against 35: three and a half times, not eighty.
#
# So does it matter in a network that does *not* start saturated? Circles, a hidden layer of 16, plain gradient descent. {verdict yes_or_no.both_losses_learn}

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
# ten seeds. Which curve leaves the page?


# %%
def state_sizes(f, gain=2.0, steps=50, n=64, seeds=10):
    """‖h_t‖/√n of a recurrent network without inputs, (seeds, steps + 1)."""
    sizes = np.empty((seeds, steps + 1))
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        W, h = rng.normal(size=(n, n)) * gain / np.sqrt(n), rng.normal(size=n)
        for t in range(steps + 1):
            sizes[seed, t] = np.linalg.norm(h) / np.sqrt(n)
            h = f(h @ W)
    return sizes


sizes = {key: state_sizes(REGISTRY[key].f) for key in ("relu", "tanh", "sigmoid")}
end = {key: np.log10(s[:, -1]).mean() for key, s in sizes.items()}
figures.with_spread(
    {REGISTRY[key].name: (REGISTRY[key].color, s) for key, s in sizes.items()},
    np.arange(51),
    title="Size of the state, gain 2 (geometric mean, 10 seeds)",
    xlabel="time step",
    ylabel="‖h‖ / √n",
    log=True,
    alt=f"After 50 steps: ReLU 10^{end['relu']:.0f}, tanh 10^{end['tanh']:.1f}, "
    f"sigmoid 10^{end['sigmoid']:.1f}.",
    exact=True,
)

# %% [markdown]
# ReLU grows by seven orders of magnitude on average, by two to twelve from seed to seed; what squashes cannot. That is the case for a bounded function in a loop. But staying bounded is not remembering. {rests on recall.two_do_not}
#
# **The test.** Show one of four symbols in step 0, then nine steps of noise, and ask for the symbol. Guessing gets ¼. Five recipes, 240 steps of Adam, five learning rates: let each stand out, and look for the rates at which it remembers.
#
# > **Predict.** Which of them remember?

# %%
explore_rates("recall")

# %%
evidence_source("recall")

# %% [markdown]
# {verdict recall.two_recall} {verdict recall.two_do_not} A sigmoid's slope is at most ¼, ten times over; larger weights make up for that, as in [02](02_sigmoid_tanh.ipynb): see the arm with gain 4. And ReLU fails or succeeds with its *weights*: the
# identity copies the state from step to step (Le 2015). Activation and initialisation are one choice.

# %% [markdown]
# Ten steps are few. The state of an **LSTM** (long short-term memory, Hochreiter & Schmidhuber 1997) is not squashed on its way: a **forget gate** (Gers, Schmidhuber & Cummins 2000), a sigmoid, multiplies it. Its bias
# decides how far it opens. What is left of a gradient 50 steps back, before any training?

# %%
sizes = "1", "0.3", "0.1"
show_evidence(
    "carried",
    [f"{cell}, inputs {n}" for cell in ("tanh", "LSTM, bias 1", "LSTM, bias 3") for n in sizes],
)

# %%
evidence_source("carried")

# %% [markdown]
# {verdict carried.order_turns_over} {verdict carried.an_open_gate_keeps_it}
#
# tanh multiplies by its slope, near 1 for small inputs and near 0 for large ones. The gate multiplies by about σ(bias), whatever comes in: 0.73 or 0.95. (0.95⁵⁰ alone is 0.08; the rest comes back by the other way, through $h_t$.) So it is not "gates": it is an *open* gate.

# %% [markdown]
# > **Claim audit.** *"Tanh for RNNs."*
#
# | the line everybody copies | what we measured |
# |---|---|
# | better than sigmoid | at gain 1, yes. {verdict recall.gain_4_recalls} |
# | better than ReLU | with an orthogonal start, yes; with the identity, no {rests on recall.two_recall} |
# | tanh is what makes RNNs remember | {verdict memory.an_open_gate_learns} {verdict memory.identity_comes_further} |

# %% [markdown]
# ## 7.6 A small transformer
#
# The claim everybody has heard: *"GELU is why transformers outperform ReLU-based models."* That can be tested. A character-level transformer, two layers of width 32, reads Python's own help pages for 150 steps and predicts
# the next character. We change the activation of its feed-forward layers and nothing else: seed by seed the same starting weights, the same text.
#
# > **Predict.** Order three variants by loss: ReLU, GELU, no activation at all.

# %%
results = load("language")
five = next(results.each_group())
figures.by_seed(
    {
        "GELU − ReLU": (REGISTRY["gelu"].color, five["GELU"] - five["ReLU"]),
        "SwiGLU − ReLU": (REGISTRY["silu"].color, five["SwiGLU"] - five["ReLU"]),
        "no activation − ReLU": (
            REGISTRY["linear"].color,
            five["no activation"] - five["ReLU"],
        ),
    },
    title="Difference in loss, five seeds (below 0: better than ReLU)",
    ylabel="nats per character",
    ylim=(-0.1, 0.1),
    notes=[(0.0, "as good as ReLU")],
    alt=f"Of five seeds GELU is better than ReLU in {(five['GELU'] < five['ReLU']).sum()}, SwiGLU in "
    f"{(five['SwiGLU'] < five['ReLU']).sum()}, no activation in {(five['no activation'] < five['ReLU']).sum()}.",
)

# %%
evidence_source("language")

# %% [markdown]
# {verdict language.nonlinearity_matters} So the non-linearity matters, even here, where attention and normalisation bend as well. {verdict language.seeds_differ_more} One run of each says little. Do five say more?
#
# Take SwiGLU, a gated pair with two thirds of the width and so as many weights ([04](04_gelu_silu.ipynb)). {verdict language.swiglu_ahead}

# %% role="fragment"
explore_agreement("language.swiglu_ahead")

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
# A hundred seeds of six variants are stored, each at its best rate. Take twenty, in pairs: seed by seed, variant minus ReLU.
#
# $t$ is the mean difference divided by its standard error, $s/\sqrt n$. With 20 pairs, luck alone gives $|t| > 2.09$ in one case of twenty.

# %%
VARIANTS = "GELU", "SiLU", "SwiGLU", "squared ReLU", "no activation"


def differences(arm, first=0):
    """Twenty paired differences in loss, variant minus ReLU, from one of the stored seeds on."""
    twenty = results.chosen(range(first, first + 20))
    return twenty[arm] - twenty["ReLU"]


for arm in VARIANTS:
    d = differences(arm)
    t = d.mean() / (d.std(ddof=1) / np.sqrt(len(d)))
    print(
        f"{arm:14s} {d.mean():+.4f} ± {d.std(ddof=1):.4f}   t = {t:+5.1f}   "
        f"better in {(d < 0).sum():2d} of {len(d)}"
    )
gelu, relu = (results.chosen(range(20))[arm] for arm in ("GELU", "ReLU"))
print(
    f"GELU and ReLU, seed by seed: r = {np.corrcoef(gelu, relu)[0, 1]:.2f}; "
    f"without pairs the spread is {np.hypot(gelu.std(ddof=1), relu.std(ddof=1)):.4f}"
)

# %% [markdown]
# A pair shares weights and text: the two runs are lucky together, and luck cancels in the difference. {verdict language.pairs_share_their_luck} Square the ratio: so many times fewer runs. SwiGLU's weights have other shapes;
# less cancels, and a gain as large as GELU's takes more seeds. **A good pair is worth many seeds.**
#
# How many pairs does it take? To find a true mean $m$ with spread $s$ in a share `power` of all attempts, at the usual 5 % level:
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
needed = EXERCISES["q7_seeds_needed"].reference
print("pairs for a power of 80 %, asked of five groups of twenty seeds")
for arm in VARIANTS:
    answers = [needed(differences(arm, first), 0.8) for first in range(0, 100, 20)]
    print(f"{arm:14s}", *(f"{n:6d}" for n in answers))
longer = results.pilot("600 steps")
gained = {arm: np.mean(longer[arm] - longer["ReLU"]) for arm in VARIANTS}
print(f"after 600 steps, five seeds: {', '.join(f'{a} {d:+.3f}' for a, d in gained.items())}")

# %% [markdown]
# (For fewer than ten pairs add two or three: the formula takes $s$ as known.) Read along a row: asked of the data that suggested an effect, the formula repeats their luck. At $|t| = 2$ it always says:
# twice as many.
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
# **For the lecturer.** After the five seeds take a vote: "GELU better: yes, no, cannot tell". Then move the slider, then show the twenty. If the room says "so GELU wins", ask: by how much,
# and against what? The wrong answer to expect is that $t$ measures the size of an effect.

# %% [markdown]
# ## 7.8 What does it cost?
#
# > **Predict.** The tanh form of GELU was made to be cheaper than the exact one. In NumPy, with `x**3` written as it stands, it costs (a) less than ReLU (b) as much as a sigmoid (c) more than anything else in the picture
#
# Half a million float32 numbers, the fastest of five runs.

# %%
from time import perf_counter

from scipy.special import erf

numbers = np.random.default_rng(0).normal(size=500_000).astype(np.float32)
half, c, k = np.float32(0.5), np.float32(0.044715), np.float32(np.sqrt(2 / np.pi))
FORMS = {
    "ReLU": ("relu", lambda x: np.maximum(x, 0)),
    "tanh": ("tanh", np.tanh),
    "sigmoid": ("sigmoid", lambda x: 1 / (1 + np.exp(-x))),
    "GELU, exact": ("gelu", lambda x: half * x * (1 + erf(x * np.float32(0.5**0.5)))),
    "GELU, x*x*x": ("gelu_tanh", lambda x: half * x * (1 + np.tanh(k * (x + c * (x * x * x))))),
    "GELU, x**3": ("gelu_tanh", lambda x: half * x * (1 + np.tanh(k * (x + c * x**3)))),
}
tensor = torch.from_numpy(numbers)
TORCH = {
    "ReLU": ("relu", torch.relu),
    "sigmoid": ("sigmoid", torch.sigmoid),
    "GELU, exact": ("gelu", F.gelu),
    "GELU, tanh form": ("gelu_tanh", lambda x: F.gelu(x, approximate="tanh")),
}


# %%
def nanoseconds(f, x):
    """The fastest of five runs, per element."""
    times = []
    for _ in range(5):
        start = perf_counter()
        f(x)
        times.append(perf_counter() - start)
    return min(times) / len(x) * 1e9


h, W = torch.randn(2000, 512), torch.randn(512, 512)
with one_thread():
    cost = {f"NumPy: {n}": (key, nanoseconds(f, numbers)) for n, (key, f) in FORMS.items()}
    cost |= {f"torch: {n}": (key, nanoseconds(f, tensor)) for n, (key, f) in TORCH.items()}
    cost["torch: a layer 512 wide"] = "linear", nanoseconds(lambda h: h @ W, h) / 512
figures.bars(
    {name: (REGISTRY[key].color, ns) for name, (key, ns) in cost.items()},
    title="nanoseconds per element, on the machine that ran this",
    alt=f"{len(cost)} forms timed on {len(numbers)} numbers; the figures differ from machine to machine.",
)

# %% [markdown]
# The numbers are your machine's, and another machine may order them differently, so read them off. Three questions to your picture:
#
# - Is `x**3` many times dearer than `x*x*x`? Then NumPy calls a general power function for every number. On ours: twenty times and more, and the answer was (c).
# - Is torch's tanh form dearer than its exact form? On ours, undisturbed, about four times: on this CPU *the approximation is slower than what it approximates*.
# - How does all that compare with the matrix product in front of it? There an element costs 512 multiplications, its activation one function call. In torch, on this CPU, in a wide network, the choice hardly shows on the clock.

# %% [markdown]
# A GPU is another matter. There an activation on its own waits for memory, whichever function it is. (And on TPUs, say their users, it is the exact GELU that is slower: jax#4428.) By arithmetic alone, from the data sheet of NVIDIA's H100 (989·10¹² bf16 operations a second, 3.35·10¹² bytes):

# %%
product = 2 * 512 / 989e12  # 512 multiplications and additions
activation = 2 * 2 / 3.35e12  # two bytes read, two written
print(
    f"an element of a product 512 wide {product * 1e12:.1f} ps, its activation {activation * 1e12:.1f} ps"
)

# %% [markdown]
# About as long as the product itself. So compilers *fuse* the two: the function is applied before the element goes back to memory, and then it costs next to nothing, GELU or ReLU. Choose for how it *trains*.
#
# > **Claim audit.** *"The choice of activation significantly impacts training speed, gradient flow, and ultimately model performance."*
#
# | the line everybody copies | what can be said | where |
# |---|---|---|
# | training speed | the clock: hardly, in a wide or fused layer | 7.8 |
# | gradient flow | yes, together with the weights | [06](06_gradient_flow.ipynb) |
# | model performance | some activation against none, a lot; one good one against another, weights of the right size: little in our small models | 7.7 |

# %% [markdown]
# ## 7.9 The guide
#
# Seven lessons in three questions. Choose what your network is, what it should answer and what goes wrong; each line says what speaks for it and where you saw it.

# %% role="fragment"
explore_guide()

# %% [markdown]
# The same on paper:

# %%
guide_table()

# %% [markdown]
# ## Recap
#
# | question | answer | where |
# |---|---|---|
# | which cells of the copied table hold? | 20 of 32, some of them short; only Leaky ReLU keeps a slope far out on the left | 7.1 |
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
#
# If you remember one sentence: an activation is never chosen alone. It comes with a range, a slope, an initialisation and a loss, and every claim about it comes with a number of seeds.

# %% [markdown]
# **Next:** {practice}. Five questions, {total:words}, everything you built. No pictures to lean on this time.
