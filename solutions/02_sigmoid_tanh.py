# %% [markdown]
# # {title}
#
# *Two smooth S-curves, one famous number, 0.25¹⁰, and what it does and does not say about deep networks.*
#
# **You will be able to**
#
# - implement sigmoid, tanh and their slopes so that no input breaks them;
# - say where a unit saturates, and what that does to learning;
# - measure a vanishing gradient, and turn the one knob that wins it back;
# - explain zig-zags, and say how far the "same sign" argument really reaches.
#
# **Before you start:** [01 Why non-linearity](01_why_nonlinearity.ipynb), the chain rule. 60 minutes.

# %%
import warnings

import numpy as np

from actlab import activations, figures, networks, numeric
from actlab.activations import REGISTRY
from actlab.check import check
from actlab.explorers import (
    compare,
    evidence_source,
    explore,
    explore_agreement,
    explore_gradients,
    explore_rates,
    explore_zigzag,
    show_evidence,
)

# %% [markdown]
# ## 2.1 A step that can learn
#
# In lesson 00 you built a step, and its slope was zero everywhere. Soften the corner and the slope comes back. The **sigmoid** is the softened step:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# It runs from 0 to 1, and many read its output as a probability: it is the usual last layer for a yes-or-no question.
#
# Run it exactly as it stands, beside a twin that is equal on paper, on numbers small and large.


# %%
def naive(z):
    return 1 / (1 + np.exp(-z))


def naive_twin(z):
    return np.exp(z) / (1 + np.exp(z))  # the same fraction, multiplied through by e^z


for z in (0.0, 5.0, -800.0, 800.0):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        print(
            f"z = {z:6.0f}   naive {naive(z):.4f}   twin {naive_twin(z):.4f}   warnings: {len(said)}"
        )

# %% [markdown]
# ## 2.2 What broke
#
# Two formulas, equal on paper. At $-800$ the first warns and survives: $e^{800}$ overflows to infinity, and one over infinity is 0. At $+800$ the second
# divides infinity by infinity and returns *not a number*. One such value, once, and every weight of a network is NaN after the next step.
#
# In the first form it is luck: an infinity that ends up in a denominator. The cure leaves nothing to luck and computes only exponentials that cannot
# overflow. Use each form where its exponent is negative:
#
# $$\sigma(z) = \begin{cases} 1/(1+e^{-z}) & z \ge 0\\ e^{z}/(1+e^{z}) & z < 0\end{cases}$$

# %% [markdown] exercise="q2_sigmoid"
# ### Exercise: the sigmoid
#
# Any shape in, the same shape out. Worked number: σ(5) = 0.9933. {part 1} for values; {part 2} more if it stays finite and right up to $|z| = 10^4$. `np.where`
# evaluates *both* its branches, so the one that overflows still warns; $e^{-|z|}$ never does.


# %% exercise="q2_sigmoid"
def sigmoid(z):
    """Logistic sigmoid, elementwise.  Shape: any -> same.  Range: (0, 1)."""
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, e) / (1 + e)
    ### END SOLUTION


# %% exercise="q2_sigmoid"
check("q2_sigmoid", sigmoid)

# %% [markdown] role="skip"
# Your own sigmoid drives the next picture. If it is not written yet, the picture says so; run the cell again when it is.

# %% role="fragment"
explore(sigmoid)

# %% [markdown]
# ## 2.3 Its slope
#
# Learning needs $\sigma'$. Differentiate $\sigma = (1 + e^{-z})^{-1}$ with the chain rule, then look for $\sigma$ itself in the result:
#
# $$
# \begin{aligned}
# \sigma'(z) &= \frac{e^{-z}}{(1+e^{-z})^2}
#             = \frac{1}{1+e^{-z}}\cdot\frac{e^{-z}}{1+e^{-z}} \\
#            &= \sigma(z)\,\bigl(1-\sigma(z)\bigr)
# \end{aligned}
# $$
#
# > **Predict.** The product of a number and its complement to 1: how large can it get?
# > (a) 1 (b) ½ (c) ¼ (d) it depends on z

# %% [markdown] exercise="q2_sigmoid_derivative"
# ### Exercise: the slope of the sigmoid
#
# The argument is the pre-activation $z$, not $\sigma(z)$. Worked number: σ′(1) = 0.1966. {part 1} for values, {part 2} for staying finite up to $|z| = 10^4$: which
# of the forms above does?


# %% exercise="q2_sigmoid_derivative"
def sigmoid_derivative(z):
    """Derivative of the sigmoid at pre-activation z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return sigmoid(z) * sigmoid(-np.asarray(z))
    ### END SOLUTION


# %% exercise="q2_sigmoid_derivative"
check("q2_sigmoid_derivative", sigmoid_derivative)

# %% role="fragment"
explore(sigmoid, sigmoid_derivative)

# %% [markdown]
# The answer was (c): $s(1-s)$ is largest at $s = ½$, that is at $z = 0$, and there it is ¼. At its very best a sigmoid passes on a quarter of the signal.
#
# The formula $s(1-s)$ hides one more trap. For large $z$, $s$ rounds to 1 and $1 - s$ to 0, though the true slope is small and not zero. Since
# $1 - \sigma(z) = \sigma(-z)$, there is a form that never subtracts:

# %%
for z in (10.0, 30.0, 40.0):
    s = activations.sigmoid(z)
    print(
        f"z = {z:.0f}:  s(1-s) = {s * (1 - s):.3e}   σ(z)σ(-z) = {s * activations.sigmoid(-z):.3e}"
    )

# %% [markdown]
# At 30 the third digit is wrong already; at 40 everything is.

# %% [markdown]
# ## 2.4 tanh: the same curve, moved and stretched
#
# Sigmoid outputs are all positive. Move the curve down so that it is symmetric about 0, and stretch it to run from −1 to 1:
#
# $$\tanh(z) = \frac{e^{z}-e^{-z}}{e^{z}+e^{-z}} = 2\,\sigma(2z) - 1$$
#
# By the chain rule the slope is $4\,\sigma'(2z)$, so its maximum is $4\cdot ¼ = 1$. Written with tanh itself: $\tanh' = 1 - \tanh^2$.

# %% [markdown] exercise="q2_tanh_derivative"
# ### Exercise: the slope of tanh
#
# NumPy has `np.tanh`, stable everywhere; the slope is yours. Worked number: tanh′(1) = 0.4200.


# %% exercise="q2_tanh_derivative"
def tanh_derivative(z):
    """Derivative of tanh at pre-activation z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return 1 - np.tanh(z) ** 2
    ### END SOLUTION


# %% exercise="q2_tanh_derivative"
check("q2_tanh_derivative", tanh_derivative)

# %% [markdown]
# Side by side, what differs? Slide to $z = 0$ and compare the slopes; then to $z = 4$ and compare them again.

# %% role="fragment"
compare(["sigmoid", "tanh"])

# %%
z = np.linspace(-2, 2, 9)
print(numeric.agreement("tanh = 2σ(2z) - 1", 2 * activations.sigmoid(2 * z) - 1, np.tanh(z)))
print("slope at        0        2        4")
for name in ("sigmoid", "tanh"):
    print(f"{name:10s}", "  ".join(f"{REGISTRY[name].df(at):.4f} " for at in (0.0, 2.0, 4.0)))

# %% [markdown]
# Four times the slope in the middle, and *less* in the tails: tanh is better where a unit is active and saturates sooner.

# %% [markdown]
# ## 2.5 Saturation
#
# A unit **saturates** when its slope is a small share of the maximum. Back to the explorer, with two sliders you have not used: *saturated below* sets the share, and
# *spread s* says how widely the inputs scatter. Find the spread at which half of all inputs saturate a tanh.

# %% role="fragment"
explore("tanh")

# %% [markdown]
# Between $s = 2$ and $s = 3$, with *saturated below* at 10 %. Inputs that scatter widely, that is large weights, put most tanh units on the flat parts. Small weights keep them on the slope. Keep that in mind:
# it will turn out to be half of a dilemma.

# %% [markdown]
# ## 2.6 Ten layers down
#
# Backpropagation sends the error signal from the output to the first layer. Each activation on the way multiplies it by its slope: with an upstream gradient $g$
# and pre-activation $z$, what arrives behind the sigmoid is $g\cdot\sigma'(z)$.

# %% [markdown] exercise="q2_sigmoid_backward"
# ### Exercise: one step back
#
# Return the gradient with respect to $z$, given the gradient `upstream` with respect to $\sigma(z)$, of the same shape. Worked number: $z = 0$, upstream 2 gives 0.5.


# %% exercise="q2_sigmoid_backward"
def sigmoid_backward(z, upstream):
    """Gradient behind a sigmoid.  z, upstream: any, the same shape -> that shape."""
    ### BEGIN SOLUTION
    return upstream * sigmoid_derivative(z)
    ### END SOLUTION


# %% exercise="q2_sigmoid_backward"
check("q2_sigmoid_backward", sigmoid_backward)

# %% [markdown]
# > **Predict.** A sigmoid's slope is at most ¼. Stack ten of them. How much of the signal is left at the first layer, at best?
# > (a) 25 % (b) 2.5 % (c) one part in a thousand (d) one part in a million

# %% [markdown] exercise="q2_gradient_factor"
# ### Exercise: the activations' share
#
# The largest factor that `depth` sigmoids, on their own, can contribute to a gradient. `depth` is a whole number, and with no layers the signal is untouched. Worked
# number: depth 2 gives 0.0625.


# %% exercise="q2_gradient_factor"
def activation_factor(depth):
    """Largest possible product of `depth` sigmoid slopes.  depth: int >= 0 -> float."""
    ### BEGIN SOLUTION
    return 0.25**depth
    ### END SOLUTION


# %% exercise="q2_gradient_factor"
check("q2_gradient_factor", activation_factor)

# %%
print(f"ten sigmoids, at best: {0.25**10:.4e}")

# %% [markdown]
# One part in a million, *at best*: that is what the activations alone let through. The weights have a say too, and a few cells from now you will turn a gain slider until they win the
# signal back. So is 0.25¹⁰ "the gradient"? Keep the doubt. First, measure.

# %% [markdown]
# ## 2.7 Measure it
#
# Untrained networks, 64 units wide, 10, 20 and 30 hidden layers deep, 20 seeds each. We record the size of the gradient that reaches the *first* weight matrix. Weights are drawn from
# $N(0, g^2/n)$ for $n$ inputs of the layer; gain $g = 1$ is Xavier's rule for equal widths, $g = \sqrt2$ is He's. The last row starts ReLU with tiny weights, standard deviation 0.01.
#
# > **Predict.** Four set-ups: sigmoid and tanh with Xavier's weights, ReLU with He's, ReLU with weights of 0.01. Which of them lose their gradient?

# %%
SETUPS = {
    "sigmoid, Xavier": ("sigmoid", 1.0),
    "tanh, Xavier": ("tanh", 1.0),
    "ReLU, He": ("relu", 2**0.5),
    "ReLU, std 0.01": ("relu", 0.01 * 64**0.5),
}
DEPTHS = (10, 20, 30)
first = {
    name: np.array(
        [networks.gradient_norms(REGISTRY[key], d, gain, seeds=20)[:, 0] for d in DEPTHS]
    ).T
    for name, (key, gain) in SETUPS.items()
}
print("log10 of the first layer's gradient, mean ± SD over 20 seeds")
for name, norms in first.items():
    logs = np.log10(norms)
    cells = zip(DEPTHS, logs.mean(0), logs.std(0, ddof=1), strict=True)
    print(f"{name:16s}", "   ".join(f"{d} layers {m:6.1f} ± {s:.1f}" for d, m, s in cells))

# %%
ends = [(name, *np.log10(norms[:, [0, 2]]).mean(0)) for name, norms in first.items()]
figures.with_spread(
    {name: (REGISTRY[SETUPS[name][0]].color, norms) for name, norms in first.items()},
    DEPTHS,
    title="What reaches the first layer (20 seeds, lowest to highest)",
    xlabel="hidden layers",
    ylabel="‖∂loss/∂W₁‖",
    log=True,
    alt="; ".join(f"{name}: 1e{a:.0f} at 10 layers, 1e{b:.0f} at 30" for name, a, b in ends) + ".",
    exact=True,
)

# %% [markdown]
# At ten layers the sigmoid's first layer receives hundreds of thousands of times less than tanh's, and at thirty nothing worth the name. tanh and a well-scaled ReLU
# barely lose anything. And look at the last row: ReLU's slope is exactly 1 for every active unit, yet badly scaled weights kill the signal all the same. *It is not only the activation*, and here is the other half of the dilemma of 2.5: weights too small kill
# the signal as well.
#
# The sigmoid's 10⁻⁶·⁵ is near 0.25¹⁰. Is that the proof of the rule? Not yet: at gain 1 the weights' own factor happens to be about 1.

# %% [markdown]
# ## 2.8 Win it back
#
# Choose sigmoid and ten layers. Raise the weight gain until the line is level. (Five seeds and smaller batches than above, so the first decimal may differ.)

# %% role="fragment"
explore_gradients()

# %% [markdown]
# At a gain of about 12 the line is nearly level: the weights make up for what the slopes take away. With gain 64 it more than *doubles* in every layer, through ten sigmoids that each pass on
# a quarter at most. So 0.25¹⁰ cannot be a bound on the gradient. What is? Each layer multiplies by its slopes, at most ¼, *and* by its weight matrix, at most its largest
# singular value $\lVert W\rVert_2$ (the most that it can stretch any vector):
#
# $$\lVert\delta_1\rVert \;\le\; \prod_{l=2}^{L} \tfrac14\,\lVert W_l\rVert_2 \;\cdot\; \lVert\delta_L\rVert$$
#
# From $\delta_{10}$ to $\delta_1$ that is nine factors. The tenth quarter of 0.25¹⁰ lies behind them, between the output and $\delta_{10}$.

# %%
print("gain   growth per layer (20 seeds)   0.25·‖W‖₂")
for gain in (1, 4, 8, 12, 64):
    norms = networks.gradient_norms(REGISTRY["sigmoid"], 10, gain, seeds=20)
    growth = (norms[:, 0] / norms[:, -1]) ** (1 / 9)
    weights, _ = networks.initialise([64, 64], gain, rng=0, seeds=20)
    bound = 0.25 * np.linalg.norm(weights[0], 2, axis=(1, 2))
    spread = f"{growth.mean():.2f} ± {growth.std(ddof=1):.2f}"
    print(f"{gain:4d}   × {spread}                × {bound.mean():5.2f}")

# %% [markdown]
# The bound is for $\delta$, and the weight gradients grow at nearly the same rate: below $¼\lVert W\rVert_2$ at every gain, and past ¼, and 1, without trouble.
#
# > **Claim audit.** *"With 10 sigmoid layers the gradient is 0.25¹⁰."*
#
# | the line everybody copies | what we measured |
# |---|---|
# | each sigmoid passes on at most ¼ | true, always |
# | so the gradient is at most 0.25¹⁰ | false: that bounds the activations' factor only; gain 12 holds the gradient level |
# | so deep sigmoid networks fail | at the usual initialisation, yes: each layer passes on less than a quarter |
#
# Source of the experiment: Glorot & Bengio (2010).

# %% [markdown] role="notes"
# **For the lecturer.** The wrong answer to expect: "then just use gain 12 everywhere". Reply with 2.5: large weights saturate the units. The gradient survives on average; does the network train?

# %% [markdown]
# ## 2.9 Does it train?
#
# Gradients at the start are one thing, learning another. Two hundred points of the spirals, ten hidden layers of 32, 200 steps. Five starts with Adam, which gives every weight a step
# size of its own: the sigmoid with Xavier's weights, and with the gain of 12 that held its gradient level; tanh with Xavier's; ReLU with He's, and with weights of 0.01. The first three also
# with plain gradient descent (SGD). Each at its best of four learning rates.
#
# > **Predict.** What does the default sigmoid need to learn its training points?
# > (a) Adam (b) the gain (c) both (d) neither helps

# %% role="fragment"
show_evidence("ten_layers")

# %%
evidence_source("ten_layers")

# %% [markdown]
# Answer (b), given time. {verdict ten_layers.adam_alone} {verdict ten_layers.both}
#
# And the gain alone? {verdict ten_layers.gain_alone} {verdict ten_layers.patience} Adam makes it quick; the gain makes it possible.

# %% [markdown]
# So is the sigmoid with gain 12 as good as tanh? On the training points it is. {verdict ten_layers.carries} Likely because large weights make steep functions, which fit
# the points and miss between them.
#
# Slide *stands out* through the next picture: at how many rates does each one learn?

# %% role="fragment"
explore_rates(
    "ten_layers",
    ["sigmoid, Xavier", "ReLU, std 0.01", "sigmoid, gain 12", "tanh, Xavier", "ReLU, He"],
)

# %% [markdown]
# The other way to lose the signal is tiny weights. {verdict ten_layers.tiny} (Adam divides by the gradient's size *plus ε*: a gradient far below ε gets hardly a step. Slide *setting*.)
#
# And under plain descent, which of the two is ahead, the sigmoid or tanh? {verdict ten_layers.ahead_of_tanh} Would your five seeds have settled it?

# %% role="fragment"
explore_agreement("ten_layers.ahead_of_tanh")

# %% [markdown]
# > **Claim audit.** *"All-sigmoid deep networks fail to train."* At the default initialisation, yes, with either optimiser {rests on ten_layers.adam_alone}. Scale the weights, and these ten layers train. {rests on ten_layers.patience} *"ReLU solves it"*: only
# > with weights of the right size. {rests on ten_layers.tiny}

# %% [markdown]
# ## 2.10 Zero-centred outputs
#
# A second complaint about the sigmoid: all its outputs are positive. Consider one neuron in the next layer, $z = \sum_i w_i h_i$. Its weight gradients are
#
# $$\frac{\partial\,\text{loss}}{\partial w_i} = \delta\, h_i ,$$
#
# one common factor $\delta$, times an input. If every $h_i > 0$, all of them have the sign of $\delta$: every weight must go up together, or down together.
#
# > **Predict.** Is that still so (a) averaged over a batch of 16 samples, (b) for all the weights of a layer of eight neurons?


# %%
def same_sign_share(f, batch, neurons=1, inputs=10, trials=2000, seed=0):
    """How often all weight gradients of a layer have one sign."""
    rng = np.random.default_rng(seed)
    h = f(rng.normal(size=(trials, batch, inputs)))
    target = rng.normal(size=(trials, batch, neurons))
    delta = h @ rng.normal(size=(trials, inputs, neurons)) / np.sqrt(inputs) - target
    g = np.swapaxes(h, 1, 2) @ delta
    return ((g >= 0).all((1, 2)) | (g <= 0).all((1, 2))).mean()


print("share of steps in which all gradients have one sign (2000 trials)")
for key in ("sigmoid", "tanh", "relu"):
    f = REGISTRY[key].f
    shares = "   ".join(f"batch {b}: {same_sign_share(f, b):6.1%}" for b in (1, 16, 256))
    print(f"{key:8s} {shares}   layer of 8, batch 1: {same_sign_share(f, 1, neurons=8):5.1%}")

# %% [markdown]
# For one neuron and one sample: always. For a batch of sigmoid outputs: mostly, and the oftener the larger it is. Averaging removes what differs from weight to weight and leaves what they share, the mean of $\delta$ times the
# mean output. For a whole layer: hardly ever, since every neuron has its own $\delta$. ReLU
# outputs are never negative either, so a single sample behaves alike; but they spread wider than their mean, and in a batch most steps mix signs.

# %% [markdown]
# So is it a problem at all? Here is the cleanest place to see it: two weights, and the best route lies in a direction that "all up or all down" forbids. The
# **condition number** is the steepest curvature over the flattest; 1 is a round bowl. Predict what happens past 1 × the best rate, then try.

# %% role="fragment"
explore_zigzag()

# %% [markdown]
# A mean that is large beside the spread makes the loss a long narrow valley, and descent bounces between its walls, past the best rate still further. Centred inputs make it a bowl. One seed is an anecdote; here are ten, each
# kind of input at its own best learning rate, and ReLU outputs too.


# %%
def descend(f, seed, tolerance=1e-3):
    """Steps to w* = (1, -1), path length in straight lines, and the condition number."""
    h = f(np.random.default_rng(seed).normal(size=(200, 2)))
    H = h.T @ h / len(h)
    low, high = np.linalg.eigvalsh(H)
    offset = np.array([-1.0, -1.5]) - [1.0, -1.0]
    start, walked, steps = np.linalg.norm(offset), 0.0, 0
    while np.linalg.norm(offset) > tolerance * start:
        move = -2 / (low + high) * H @ offset
        offset, walked, steps = offset + move, walked + np.linalg.norm(move), steps + 1
    return steps, walked / start, high / low


for key in ("sigmoid", "relu", "tanh"):
    steps, path, condition = np.array([descend(REGISTRY[key].f, seed) for seed in range(10)]).T
    print(
        f"{key:8s} condition number {condition.mean():4.1f}"
        f"   steps {steps.mean():4.1f} ± {steps.std(ddof=1):.1f}"
        f"   path {path.mean():4.1f} × the straight line"
    )

# %% [markdown]
# Why these numbers, and what if there are more weights? Let the $n$ inputs be independent, with mean $m$ and spread $s$. Then the curvature is $s^2$ in every direction but
# one: along $(1, \dots, 1)$ it is $s^2 + n\,m^2$. So the condition number is $1 + n\,(m/s)^2$, and it grows with the width:

# %%
WIDTHS = (2, 8, 64, 128)
z = np.random.default_rng(0).normal(size=1_000_000)
print("condition number  " + "".join(f"{n:4d} inputs" for n in WIDTHS))
for key in ("sigmoid", "relu", "tanh"):
    h = REGISTRY[key].f(z)
    print(f"{key:16s}  " + "".join(f"{1 + n * (h.mean() / h.std()) ** 2:11.1f}" for n in WIDTHS))

# %% [markdown]
# ReLU's valley is mild with two weights only; with 64 inputs it is narrower than the sigmoid's with two. Its mean is smaller beside the spread, but it is not 0.

# %% [markdown]
# > **Claim audit.** *"With sigmoid inputs all gradients of the next layer share a sign, so descent zig-zags; tanh cures it."*
#
# | the line everybody copies | what we measured |
# |---|---|
# | all gradients share a sign | per neuron and per sample, 100 %; for a whole layer, almost never |
# | positive inputs make descent zig-zag | yes, and for a plainer reason: the loss is badly conditioned |
# | so zero-centred is all that matters | ReLU outputs are not zero-centred either, and with two weights their valley is mild: a mean hurts when it is large beside the spread |
#
# Source: LeCun (1998), Efficient BackProp.

# %% [markdown]
# ## 2.11 Trust, but compare
#
# You will use library versions from now on. Do they agree with what you derived, in both precisions, value and slope? A difference within four rounding errors (eps) counts as agreement: of the number itself for values, of 1 for slopes.

# %%
import torch

for dtype in (np.float32, np.float64):
    z = np.linspace(-20, 20, 81).astype(dtype)
    for name in ("sigmoid", "tanh"):
        x = torch.tensor(z, requires_grad=True)
        out = getattr(torch, name)(x)
        out.sum().backward()
        near, value, slope = 4 * np.finfo(dtype).eps, REGISTRY[name].f(z), REGISTRY[name].df(z)
        same = (np.abs(out.detach().numpy() - value) <= near * np.abs(value)).sum()
        close = (np.abs(x.grad.numpy() - slope) <= near).sum()
        print(
            f"{name:8s} {np.dtype(dtype).name}: within 4 eps {same} of {z.size} values, {close} of {z.size} slopes; "
            f"slope at 20: torch {x.grad[-1]:.0e}, ours {slope[-1]:.0e}"
        )

# %% [markdown]
# Why not of the slope itself? Look at $z = 20$: in float32 torch's slope is 0, since it multiplies out $s(1-s)$. For training that is close enough; for a check it is the difference between small and zero.

# %% [markdown]
# ## Recap
#
# | | sigmoid | tanh |
# |---|---|---|
# | range | (0, 1) | (−1, 1) |
# | largest slope | ¼ at 0 | 1 at 0 |
# | zero-centred | no | yes |
# | saturates | both sides | both sides, sooner |
# | ten layers at gain 1 | each passes on less than ¼ of the gradient | about level |
# | where you meet it | yes-or-no outputs, gates | recurrent networks |

# %% [markdown]
# ## Check yourself
#
# You have written five functions on the way. One question remains, and it is the one people get wrong.

# %% [markdown] exercise="q2_bound"
# ### Exercise: what does 0.25¹⁰ bound?
#
# A network has ten sigmoid layers. What can you say about the gradient at its first layer, before you know anything about its weights?
#
# {options}

# %% exercise="q2_bound"
answer = ""  # one letter, for example "a"
### BEGIN SOLUTION
answer = "b"
### END SOLUTION

# %% exercise="q2_bound"
check("q2_bound", answer)

# %% [markdown]
# **Next:** the ReLU family. What if the slope were exactly 1, for ever, on one side? And what happens to a unit that ends up on the other?
