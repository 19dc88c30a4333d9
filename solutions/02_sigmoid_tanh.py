# %% [markdown]
# # {title}
#
# *Two smooth S-curves, and one question: how much of the learning signal is left after ten layers of them?*
#
# **You will be able to**
#
# - implement sigmoid, tanh and their slopes so that no input breaks them;
# - say where a unit saturates, and what that does to learning;
# - follow the learning signal back through a network, and measure where it vanishes;
# - explain zig-zags, and say how far the "same sign" argument really reaches.
#
# **Before you start:** [01 Why non-linearity](01_why_nonlinearity.ipynb), the chain rule. {minutes}.

# %%
import warnings

import numpy as np

from actlab import activations, inside, networks, pictures
from actlab.activations import REGISTRY
from actlab.check import check
from actlab.data import glyphs
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
# In lesson 00 you built a step, and its slope was zero everywhere. Make the jump a gentle rise and the slope comes back. The **sigmoid** is the softened step:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# It runs from 0 to 1, and many read its output as a probability: it is the usual last layer for a yes-or-no question.
#
# Run it exactly as it stands, beside a twin that is equal on paper (multiply numerator and denominator by $e^z$), on numbers small and large.


# %% tags=["idea"]
def naive(z):
    return 1 / (1 + np.exp(-z))


def naive_twin(z):
    return np.exp(z) / (1 + np.exp(z))


for z in (0.0, 5.0, -800.0, 800.0):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        print(f"z = {z:6.0f}   naive {naive(z):.4f}   twin {naive_twin(z):.4f}", end="   ")
    print(f"warnings: {len(said)}")

# %% [markdown]
# ## 2.2 What broke
#
# Two formulas, equal on paper. At $-800$ the first warns and survives: $e^{800}$ overflows to infinity, and one over infinity is 0. At $+800$ the second
# divides infinity by infinity and returns *not a number*. One such value, once, and every weight of a network is NaN after the next step.
#
# The first form comes out right because its infinity ends up in a denominator, and it warns at every such number. The cure computes only exponentials that cannot overflow: it uses each form where its
# exponent is negative.

# %% [markdown] exercise="q2_sigmoid"
# ### Exercise: the sigmoid
#
# Any shape in, the same shape out. Worked number: σ(5) = 0.9933. {part 1} for values; {part 2} more if it stays finite and right up to $|z| = 10^4$.
#
# The first formula of 2.1 earns them too: it warns, and comes out right. Aim for a form that never warns. Mind that `np.where` evaluates *both* its branches, so one that overflows
# still warns. Which single exponential serves both forms, and never overflows?


# %% exercise="q2_sigmoid"
def sigmoid(z):
    """Logistic sigmoid, elementwise.  Shape: any -> same.  Range: (0, 1)."""
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, e) / (1 + e)
    ### END SOLUTION


# %% exercise="q2_sigmoid"
check("q2_sigmoid", sigmoid)

# %% [markdown] role="subslide" tags=["solution"]
# $$\sigma(z) = \begin{cases} 1/(1+e^{-z}) & z \ge 0\\ e^{z}/(1+e^{z}) & z < 0\end{cases}$$
#
# In both cases the exponential is $e^{-|z|}$, which is at most 1.

# %% [markdown]
# ## 2.3 Its slope
#
# Learning needs $\sigma'$. Differentiate $\sigma = (1 + e^{-z})^{-1}$ with the chain rule, then look for $\sigma$ itself in the result:

# %% [markdown] role="fragment"
# $$\sigma'(z) = \frac{e^{-z}}{(1+e^{-z})^2}$$

# %% [markdown] role="fragment"
# $$\sigma'(z) = \frac{1}{1+e^{-z}}\cdot\frac{e^{-z}}{1+e^{-z}}$$

# %% [markdown] role="fragment"
# $$\sigma'(z) = \sigma(z)\,\bigl(1-\sigma(z)\bigr)$$

# %% [markdown] tags=["predict"]
# Call the sigmoid's value $s$. How large can its slope $s(1-s)$ get?
#
# - [x] ¼
#   Now write the slope, and look for the place on the curve where it happens.
# - [ ] ½
#   ½ is s itself, halfway up. And the other factor there?
# - [ ] 1, as for a straight line at 45°
#   For that both factors would have to be 1. Take s = 1: what is 1 − s?
# - [ ] as large as you like, if z is large
#   Far out s is near 1, and the curve flat. What does the second factor do there?

# %% [markdown] exercise="q2_sigmoid_derivative"
# ### Exercise: the slope of the sigmoid
#
# The argument is $z$, the sum before the activation (the **pre-activation**), not $\sigma(z)$. Worked number: σ′(1) = 0.1966. {part 1} for values, {part 2} for staying finite up to $|z| = 10^4$: which
# of the forms above does?


# %% exercise="q2_sigmoid_derivative"
def sigmoid_derivative(z):
    """Derivative of the sigmoid at pre-activation z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return sigmoid(z) * sigmoid(-np.asarray(z))
    ### END SOLUTION


# %% exercise="q2_sigmoid_derivative"
check("q2_sigmoid_derivative", sigmoid_derivative)

# %% [markdown] role="skip"
# Your own two functions draw the next picture. What is not written yet, the picture names; run the cell again when it is. Pull the point to the place where the slope is largest.

# %% role="fragment"
explore(sigmoid, sigmoid_derivative)

# %% [markdown]
# $s(1-s)$ is largest at $s = ½$, that is at $z = 0$, and there it is ¼. At its very best a sigmoid passes on a quarter of the signal.
#
# The formula $s(1-s)$ has one more trap. For large $z$, $s$ rounds to 1 and $1 - s$ to 0, though the true slope is small and not zero. Since
# $1 - \sigma(z) = \sigma(-z)$, there is a form that never subtracts:

# %%
for z in (10.0, 30.0, 40.0):
    s, mirrored = activations.sigmoid(z), activations.sigmoid(-z)
    print(f"z = {z:.0f}:  s(1-s) = {s * (1 - s):.3e}   σ(z)σ(-z) = {s * mirrored:.3e}")

# %% [markdown]
# At 30 the third digit is wrong already; at 40 everything is.

# %% [markdown]
# ## 2.4 tanh: the same curve, moved and stretched
#
# Sigmoid outputs are all positive. Move the curve down so that it is symmetric about 0, and stretch it to run from −1 to 1:
#
# $$\tanh(z) = \frac{e^{z}-e^{-z}}{e^{z}+e^{-z}} = 2\,\sigma(2z) - 1$$

# %% [markdown] tags=["predict"]
# The sigmoid's slope is ¼ at most. And that of tanh?
#
# - [ ] ¼: it is the same curve
#   Moving a curve down changes no slope, that is right. Stretching it does.
# - [ ] ½: it is twice as tall
#   That is the factor 2 in front. There is a second one, inside.
# - [x] 1
#   Now write the slope. Then find the place with the slider.
# - [ ] 2
#   It would need a factor of 8. Where do factors come from in 2σ(2z)?

# %% [markdown] exercise="q2_tanh_derivative"
# ### Exercise: the slope of tanh
#
# NumPy has `np.tanh`, stable everywhere; write the slope with it and with no other function. Two ways lead there: the quotient rule on the fraction, or the chain rule on
# $2\,\sigma(2z) - 1$. Worked number: tanh′(2) = 0.0707.


# %% exercise="q2_tanh_derivative"
def tanh_derivative(z):
    """Derivative of tanh at pre-activation z.  Shape: any -> same."""
    ### BEGIN SOLUTION
    return 1 - np.tanh(z) ** 2
    ### END SOLUTION


# %% exercise="q2_tanh_derivative"
check("q2_tanh_derivative", tanh_derivative)

# %% [markdown] role="skip"
# Side by side, what differs? Slide to $z = 0$ and compare the slopes; then to $z = 4$ and compare them again.

# %% role="fragment"
compare(["sigmoid", "tanh"])

# %%
z = np.linspace(-2, 2, 9)
apart = np.abs(2 * activations.sigmoid(2 * z) - 1 - np.tanh(z)).max()
print(f"2σ(2z) - 1 and tanh(z) differ by {apart:.15f} at most")
for name in ("sigmoid", "tanh"):
    slopes = REGISTRY[name].df(np.array([0.0, 2.0, 4.0]))
    print(f"slope of the {name:7s} at 0, 2, 4:", "  ".join(f"{slope:.4f}" for slope in slopes))

# %% [markdown]
# By the chain rule the slope is $2\cdot 2\,\sigma'(2z)$, at most $4\cdot ¼ = 1$; written with tanh itself it is $1 - \tanh^2$. Four times the slope in the middle, and *less* in the tails: tanh is
# better where a unit is active, and saturates sooner. (Rounding leaves a few units in the sixteenth place between the two formulas; fifteen are printed.)

# %% [markdown]
# ## 2.5 Saturation
#
# A unit **saturates** when its slope is a small share of the maximum, say a tenth: for tanh beyond $z = \pm 1.82$. How often that happens depends on how widely the $z$ scatter. Let them come from
# $N(0, s^2)$, the normal distribution with mean 0 and standard deviation $s$, here called the **spread**.

# %% [markdown] tags=["predict"]
# How widely must the inputs scatter before half of them saturate a tanh? It saturates beyond ±1.82.
#
# - [ ] 0.9: half of 1.82
#   Then the flat parts begin two spreads out. Beyond two spreads lies one input in twenty.
# - [ ] 1.8: the flat parts begin there
#   Then they begin one spread out. How many inputs of a normal distribution lie beyond one spread?
# - [x] 2.7
#   Now find it with the slider *spread s*, and see how fast the share grows.
# - [ ] 6: half must lie far outside
#   At 6 three in four saturate. Half of them need to lie beyond 1.82, and no further.

# %% role="fragment"
explore("tanh")

# %% [markdown] tags=["outcome"]
# At a spread of 1 it is one input in fifteen, at 2.7 half of them. Inputs that scatter widely come from large weights, and put most tanh units on the flat parts. Small
# weights keep them on the slope.

# %% [markdown]
# ## 2.6 Ten layers down
#
# To train layer $l$ we need to know how the loss changes with its pre-activations. That is the **error signal** $\delta_l = \partial\,\text{loss}/\partial z_l$. Backpropagation computes it from the last layer
# to the first, with two steps for each layer:
#
# 1. *Through the weights.* The output $a_i$ of a unit enters the $z_j$ of every unit of the next layer, each with a weight $W_{ij}$. So it collects from all of them:
#    $\partial\,\text{loss}/\partial a_i = \sum_j \delta_j W_{ij}$. For the whole layer: $\partial\,\text{loss}/\partial a_l = \delta_{l+1}\,W_{l+1}^{\mathsf T}$.
# 2. *Through the activation.* From $\partial\,\text{loss}/\partial a_l$ to $\delta_l$, for each number alone. This step is yours.

# %% [markdown] exercise="q2_sigmoid_backward"
# ### Exercise: one step back
#
# `upstream` is the gradient of the loss with respect to $a = \sigma(z)$. Return $\delta$, the gradient with respect to $z$, of the same shape. Worked number: $z = 0$, upstream 2 gives 0.5.


# %% exercise="q2_sigmoid_backward"
def sigmoid_backward(z, upstream):
    """Gradient behind a sigmoid.  z, upstream: any, the same shape -> that shape."""
    ### BEGIN SOLUTION
    return upstream * sigmoid_derivative(z)
    ### END SOLUTION


# %% exercise="q2_sigmoid_backward"
check("q2_sigmoid_backward", sigmoid_backward)

# %% [markdown] tags=["predict"]
# Each sigmoid on the way back multiplies by a slope of at most ¼. After ten of them, how much of the signal is left at best, if nothing else changes it?
#
# - [ ] 2.5 %
#   A quarter, shared by ten. But each layer takes its quarter of what the one before it left: what is ¼ of ¼?
# - [ ] 25 %
#   Each of the ten takes a quarter of what arrives, and not only the last one.
# - [ ] one part in a thousand
#   That is ½, multiplied by itself ten times. How large is the slope at best?
# - [x] one part in a million
#   Now compute it for any depth.

# %% [markdown] exercise="q2_gradient_factor"
# ### Exercise: the activations' share
#
# The largest factor that `depth` sigmoids, on their own, can contribute to a gradient. `depth` is a whole number. Worked number: with no layers, depth 0, the signal is untouched and the factor is 1.


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

# %% [markdown] role="subslide"
# One part in a million, *at best*: that is what the activations alone let through. Is 0.25¹⁰ "the gradient", then? Read the two steps of this section once more: who else multiplies on the way back? And then, measure.

# %% [markdown]
# ## 2.7 Measure it
#
# How large should weights be at the start? Draw them independently, with mean 0 and **variance** $v$, which is then the mean of their squares. $z = \sum_i w_i h_i$ adds up $n$ terms, and each has a mean
# square of $v$ times that of $h$. For such terms the mean squares add up: that of $z$ is $n\,v$ times that of $h$. So $v = 1/n$ keeps it level: the rule of Xavier Glorot, for layers of equal
# width. ReLU puts half of its inputs to 0 and halves the mean square; Kaiming He's rule is therefore $v = 2/n$. We write $v = g^2/n$, with a **gain** $g$ of 1 or $\sqrt2$.

# %% [markdown]
# Now take untrained networks, 64 units wide, 10, 20 and 30 hidden layers deep, and measure the gradient that reaches the *first* weight matrix. Its size $\lVert\partial\,\text{loss}/\partial W_1\rVert$ is the
# root of the sum of the squares of all its entries.

# %% [markdown] tags=["predict"]
# Four set-ups: sigmoid and tanh with Xavier's weights, ReLU with He's, and ReLU with tiny weights of standard deviation 0.01. Which lose their gradient?
#
# - [ ] the sigmoid only
#   Its slopes are the smallest, and ReLU's slope is exactly 1 for every active unit. But slopes are only one of the two steps. What do tiny weights do to the other?
# - [x] the sigmoid, and ReLU with tiny weights
#   Now see how much, at three depths.
# - [ ] sigmoid and tanh: both saturate
#   tanh's slope is below 1, that is true. Near 0 it is close to 1, and Xavier's weights keep most units there.
# - [ ] all but ReLU with tiny weights
#   Small weights keep units away from flat parts (2.5). ReLU has none on its right. And what does the way back multiply by, beside slopes?

# %%
DEPTHS = (10, 20, 30)


def first_layer(key, gain):
    """The size of the first layer's gradient, 20 seeds for each depth."""
    sizes = [networks.gradient_norms(REGISTRY[key], d, gain, seeds=20)[:, 0] for d in DEPTHS]
    return key, np.stack(sizes, axis=1)


first = {
    "sigmoid, Xavier": first_layer("sigmoid", 1),
    "tanh, Xavier": first_layer("tanh", 1),
    "ReLU, He": first_layer("relu", 2**0.5),
    "ReLU, std 0.01": first_layer("relu", 0.01 * 64**0.5),
}
pictures.gradient_table(first, DEPTHS)

# %%
norms = networks.gradient_norms(REGISTRY["sigmoid"], 10, seeds=20)
kept = 10 ** np.log10(norms[:, 0] / norms[:, -1]).mean()
print(f"sigmoid, ten layers: first layer / last layer = {kept:.1e}, and 0.25⁹ = {0.25**9:.1e}")
pictures.first_gradients(first, DEPTHS)

# %% [markdown] tags=["outcome"]
# At ten layers the sigmoid's first layer receives hundreds of thousands of times less than tanh's, and at thirty nothing worth the name. tanh and a well-scaled ReLU
# barely lose anything. And look at the last row: ReLU's slope is exactly 1 for every active unit, yet tiny weights kill the signal all the same. *It is not only the activation.*
#
# From the last of the ten layers to the first there are nine slopes, and the sigmoid's gradient shrinks to half of 0.25⁹. Does that prove the rule?

# %% [markdown]
# ## 2.8 The other factor
#
# Through each of ten sigmoids a quarter passes at most (2.6), and at gain 1 about as little arrives as that makes (2.7). Now choose the weights freely.

# %% [markdown] tags=["predict"]
# With which weights do ten sigmoids pass the gradient on, so that the first layer gets about as much as the last?
#
# - [ ] with none: ten quarters are ten quarters
#   Of slopes, yes. But between two slopes the signal passes through a weight matrix.
# - [ ] with smaller ones: then units sit where the slope is ¼
#   They do, and it is the best that slopes can give. And the matrices? The last row of 2.7 had small ones.
# - [x] with larger ones
#   Now find out how large.

# %% [markdown] role="skip"
# Choose sigmoid and ten layers, and start at gain 1. Look in both directions for a gain at which the line is level. (Five seeds and smaller batches than above, so the first decimal may differ.)

# %% role="fragment"
explore_gradients(["sigmoid", "tanh", "relu"])

# %% [markdown] tags=["outcome"]
# At a gain of about 12 the line is nearly level: the weights make up for what the slopes take away. At gain 1 their own factor just happens to be about 1. Now try 64: on its way back the gradient more than *doubles* in every layer, through ten sigmoids that
# each pass on a quarter at most. So 0.25¹⁰ cannot be a bound on the gradient.

# %% [markdown] role="subslide"
# What is? Take the two steps of 2.6 once more, from layer $l+1$ to layer $l$. Through the activation a quarter passes at most:
#
# $$\lVert\delta_l\rVert \;\le\; \tfrac14\,\bigl\lVert\delta_{l+1}W_{l+1}^{\mathsf T}\bigr\rVert$$

# %% [markdown] role="fragment"
# Through the weights: how much can a matrix stretch a vector at most? That number is called its largest singular value, $\lVert W\rVert_2$.

# %% [markdown] role="fragment"
# $$\lVert\delta_l\rVert \;\le\; \tfrac14\,\lVert W_{l+1}\rVert_2\;\lVert\delta_{l+1}\rVert$$

# %% [markdown] role="fragment"
# From $\delta_{10}$ to $\delta_1$ that is nine factors. (The tenth quarter of 0.25¹⁰ lies behind them, between the output and $\delta_{10}$.) Compare the factor with what each layer really does:

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
# At every gain the growth stays below $¼\lVert W\rVert_2$, and it passes ¼, and 1, without trouble. (The bound is for $\delta$; the weight gradients measured here grow at nearly the same rate.)

# %% [markdown] role="subslide"
# > **Claim audit.** *"With 10 sigmoid layers the gradient is 0.25¹⁰."*
#
# | the line everybody copies | what we measured |
# |---|---|
# | each sigmoid passes on at most ¼ | true, always |
# | so the gradient is at most 0.25¹⁰ | false: that bounds the activations' factor only; gain 12 holds the gradient level |
#
# At the usual initialisation each layer does pass on less than a quarter. Source: Glorot & Bengio (2010).

# %% [markdown] role="notes"
# **For the lecturer.** The wrong answer to expect: "then just use gain 12 everywhere". Reply with 2.5: large weights saturate the units. The gradient survives on average; does the network train?

# %% [markdown]
# ## 2.9 Does it train?
#
# Gradients at the start are one thing, learning another. Plain gradient descent (SGD) moves a weight by *rate × gradient*: a gradient of 10⁻⁶, a step of 10⁻⁶. **Adam** keeps two running means of each weight's
# gradient $d$, and divides one by the other:
#
# $$
# \begin{aligned}
# m &\leftarrow 0.9\,m + 0.1\,d && \text{where does it point?}\\
# v &\leftarrow 0.999\,v + 0.001\,d^2 && \text{how large is it?}\\
# w &\leftarrow w - \text{rate}\cdot m/(\sqrt v + \varepsilon) && \text{a step of about the rate}
# \end{aligned}
# $$
#
# So a weight whose gradient is always 10⁻⁶ moves as far as one whose gradient is always 1. (Both means start at 0, and are corrected for that. $\varepsilon$ is tiny, usually 10⁻⁸, and only keeps us from dividing by 0.
# Source: Kingma & Ba 2015.)

# %% [markdown]
# Take two hundred points of the spirals, ten hidden layers of 32, 200 steps. Compare eight set-ups, each at its best of four learning rates:
#
# | ten hidden layers of | weights | with Adam | with SGD |
# |---|---|---|---|
# | sigmoid | Xavier's, gain 1 | ✓ | ✓ |
# | sigmoid | gain 12, which held its gradient level | ✓ | ✓ |
# | tanh | Xavier's, gain 1 | ✓ | ✓ |
# | ReLU | He's | ✓ | |
# | ReLU | tiny, of 0.01 | ✓ | |

# %% [markdown] tags=["predict"]
# Ten sigmoid layers with Xavier's weights and SGD do not learn their own training points. Give them as many steps as they like: which change is enough?
#
# - [ ] Adam: it rescales every step
#   It does, and the first layer moves as fast as the last. A step of the right size, but in which direction? {rests on ten_layers.adam_alone}
# - [x] a larger gain
#   Now see how long it takes, alone and with Adam. {rests on ten_layers.patience}
# - [ ] only both together
#   With both it is quick. Then look at gain 12 under SGD, and at tanh beside it: are 200 steps all they need? {rests on ten_layers.gain_alone}
# - [ ] nothing helps ten sigmoids
#   Their gradient can be held level (2.8). What else would be in the way? {rests on ten_layers.both}

# %% role="fragment"
show_evidence("ten_layers")

# %% role="skip"
evidence_source("ten_layers")

# %% [markdown] tags=["outcome"]
# {verdict ten_layers.adam_alone} (Its best rate under plain descent, 1.6, is the largest tried; at the three smaller ones it guesses just as much. {rests on ten_layers.adam_alone}) {verdict ten_layers.both}
#
# And without Adam? {verdict ten_layers.gain_alone} {verdict ten_layers.patience} So a larger gain is enough, given time: Adam makes it quick, the gain makes it possible.

# %% [markdown]
# So is the sigmoid with gain 12 as good as tanh? On the training points it is. {verdict ten_layers.carries} Likely because large weights make steep functions, which fit
# the points and miss between them.
#
# Choose one after the other to *stand out* in the next picture: at how many rates does each learn?

# %% role="fragment"
explore_rates(
    "ten_layers",
    ["sigmoid, Xavier", "ReLU, std 0.01", "sigmoid, gain 12", "tanh, Xavier", "ReLU, He"],
)

# %% [markdown]
# The other way to lose the signal is tiny weights. {verdict ten_layers.tiny} (Adam divides by the gradient's size *plus ε*: a gradient far below ε gets hardly a step. Choose another *setting* above.)
#
# And under plain descent, which of the two is ahead, the sigmoid or tanh? {verdict ten_layers.ahead_of_tanh} Would your five seeds have settled it?

# %% role="fragment"
explore_agreement("ten_layers.ahead_of_tanh")

# %% [markdown]
# > **Claim audit.** *"All-sigmoid deep networks fail to train."* At the default initialisation, yes, with either optimiser {rests on ten_layers.adam_alone}. Scale the weights, and these ten layers train. {rests on ten_layers.patience}
# > *"ReLU solves it"*: only with weights of the right size. {rests on ten_layers.tiny}

# %% [markdown]
# ## 2.10 Zero-centred outputs
#
# A second complaint about the sigmoid: all its outputs are positive. Consider one neuron in the next layer, $z = \sum_i w_i h_i$. Its weight gradients are
#
# $$\frac{\partial\,\text{loss}}{\partial w_i} = \delta\, h_i ,$$
#
# the neuron's one $\delta$, times an input. If every $h_i > 0$, all of them have the sign of $\delta$: every weight must go up together, or down together. That is one neuron and one sample. Training averages over a batch,
# in which $\delta$ has either sign.

# %% [markdown] tags=["predict"]
# A neuron has ten inputs, all outputs of sigmoids. In a batch of 16 samples, how often do its ten weight gradients still share one sign?
#
# - [ ] hardly ever: the signs average out
#   The δ of the samples do differ. But every weight sees the *same* sixteen δ, and inputs that are all positive weigh them almost alike.
# - [ ] in half of the steps
#   Like the toss of a coin? There is something that pulls all ten gradients to one side: the mean of the sixteen δ.
# - [x] in three steps of four
#   Now see what a larger batch does, and a layer with several neurons.
# - [ ] always: the inputs are still positive
#   They are. But averaged over samples a gradient is no longer one δ times one input, and the samples may disagree.


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

# %% [markdown] tags=["outcome"]
# One neuron, one sample: always. A batch of sigmoid outputs: in most steps, and the larger the batch, the more. Averaging removes what differs from weight to weight and leaves what they share, the mean of $\delta$ times the
# mean output. A whole layer: hardly ever, since every neuron has its own $\delta$. ReLU
# outputs are never negative either, so a single sample behaves alike; but they spread wider than their mean, and in a batch most steps mix signs.

# %% [markdown]
# Is it a problem at all? Take two weights and a squared error, and let the best route lie in a direction that "all up or all down" forbids. The loss is a valley. At a distance $d$ from its bottom, along a
# direction of **curvature** $\lambda$, the loss is $½\lambda d^2$ and its slope $\lambda d$. A step at rate $\eta$ turns $d$ into $d - \eta\lambda d$: it multiplies the distance by $1 - \eta\lambda$.
#
# One rate has to suit the steepest direction and the flattest. Both factors have the same size where $1 - \eta\lambda_\text{min} = \eta\lambda_\text{max} - 1$: the **best rate** is $2/(\lambda_\text{max} + \lambda_\text{min})$.
# Above $2/\lambda_\text{max}$ the steep one grows.

# %% [markdown]
# The **condition number** is $\lambda_\text{max}/\lambda_\text{min}$; 1 is a round bowl. Play the steps at 1 × the best rate, then go past it.

# %% role="fragment"
explore_zigzag()

# %% [markdown]
# A mean that is large beside the spread makes the loss a long narrow valley, and descent bounces between its walls. At 1.05 × the best rate it bounces longer, at 1.1 × it runs away: there $\eta$ is more than
# $2/\lambda_\text{max}$. Centred inputs make the valley a bowl, which minds neither.
#
# > **Claim audit.** *"With sigmoid inputs all gradients of the next layer share a sign, so descent zig-zags; tanh cures it."*
#
# | the line everybody copies | what we measured |
# |---|---|
# | all gradients share a sign | per neuron and sample, 100 %; for a whole layer, almost never |
# | positive inputs make descent zig-zag | yes, and for a plainer reason: the loss is badly conditioned |
#
# Source: LeCun (1998), Efficient BackProp. More seeds, ReLU, and more than two weights: 2.12.

# %% [markdown]
# ## 2.11 Trust, but compare ☆
#
# You will use library versions from now on. Do they agree with what you derived? **PyTorch** is a library that differentiates for you. `requires_grad=True` marks the numbers to differentiate by, `.backward()` runs
# the chain rule back to them from *one* number, and `x.grad` holds the result. We give it the sum: its slope in each $z$ is the slope of that $z$'s own term. (`getattr(torch, name)` is `torch.sigmoid`, then
# `torch.tanh`.) Compare in both precisions.

# %%
import torch

for dtype, digits in ((np.float32, 6), (np.float64, 15)):
    z = np.linspace(-20, 20, 81).astype(dtype)
    for name in ("sigmoid", "tanh"):
        x = torch.tensor(z, requires_grad=True)
        getattr(torch, name)(x).sum().backward()
        theirs, ours = x.grad.numpy(), REGISTRY[name].df(z)
        apart = np.abs(theirs - ours).max()
        print(
            f"{name:7s} {np.dtype(dtype).name}: slopes differ by {apart:.{digits}f} at most;",
            end=" ",
        )
        print(f"at 20: torch {theirs[-1]:.0e}, ours {ours[-1]:.0e}")

# %% [markdown]
# To as many decimal places as each precision keeps, they agree. Look at $z = 20$, though: where ours is small, torch's is 0, for tanh in both precisions and for the sigmoid in float32, since it multiplies out $s(1-s)$ and
# $1 - t^2$. For training that is close enough. For a check it is the difference between small and zero.

# %% [markdown]
# ## 2.12 More weights, a narrower valley ☆
#
# In 2.10 one seed of two weights bounced between the walls. Here are ten seeds, each kind of input at its own best rate, and ReLU outputs too.


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
    print(f"{key:8s} condition number {condition.mean():4.1f}", end="   ")
    print(f"steps {steps.mean():4.1f} ± {steps.std(ddof=1):.1f}", end="   ")
    print(f"path {path.mean():4.1f} × the straight line")

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
# ReLU's valley is mild with two weights only; with 64 inputs it is narrower than the sigmoid's with two. Its mean is smaller beside the spread, but it is not 0. So "zero-centred" is not what matters: a mean hurts
# when it is large beside the spread, and the more inputs there are, the more.

# %% [markdown]
# ## 2.13 One network through the course
#
# From here one small network goes with you: six hidden layers of 32 units, a thousand noisy digits, 400 steps of plain descent at a rate of 0.7. Lessons 03, 04 and 06 each change one thing.

# %% [markdown]
# Three pictures show what is inside:
#
# - the **loss**; whoever guesses among ten classes has a loss of ln 10 = 2.30;
# - **histograms** of pre-activations $z$ and activations $a$ in every layer, at the end;
# - for the first step, each layer's **gradient**, and how far the step moves its weights: the standard deviation of the step over that of the weights. The dotted line is a rule of thumb, about $10^{-3}$, from the lectures
#   *Neural Networks: Zero to Hero* (Andrej Karpathy, *makemore*, part 3).

# %% [markdown] tags=["predict"]
# Sigmoid, gain 1. The first step moves the weights of layer 6 by two hundredths of their size. And those of layer 1?
#
# - [ ] By as much
#   The rate is the same for all layers. But the step is rate times gradient, and the gradient is not the same: think of 2.7.
# - [ ] By more, for it has more inputs
#   It has, 120 in place of 32. But five sigmoids lie between it and layer 6, and each passes on less than a quarter.
# - [x] By less than a ten-thousandth
#   Now see: five layers back, each less than a quarter. Follow the squares from right to left.
# - [ ] Not at all
#   The gradient is small, but it is not 0: a sigmoid has a slope everywhere.

# %% role="fragment"
runs = {f"{key}, gain 1": inside.train(key, gain=1) for key in ("sigmoid", "tanh")}
pictures.inside(runs)

# %% [markdown] tags=["outcome"]
# Read the upper row from right to left. Layer 1 moves by a few hundred-thousandths of its weights, so it stays as it was drawn. (The rule of thumb does not tell the two networks apart: tanh, which learns, lies some
# thirty times above the dotted line, and the sigmoid's layer 4 lies on it.)

# %% [markdown]
# And what do the later layers get from layer 1? The histograms cannot say: they put all units and all digits together. So ask directly: by how much does an activation differ from digit to digit, before training, in
# layers 1 to 6?

# %%
import torch

digits, _ = glyphs(100, 0, inside.NOISE)
for key in ("sigmoid", "tanh"):
    a, spreads = torch.from_numpy(digits).float(), []
    for layer in inside.network(key, gain=1)[:-1]:
        a = layer(a).detach()
        spreads.append(a.std(0).mean())
    print(f"{key:8s}", "  ".join(f"{spread:.4f}" for spread in spreads))

# %% role="skip"
evidence_source("inside")

# %% [markdown] tags=["outcome"]
# Sigmoids pass on a quarter at most on the way forward too: in each layer the digits lie about four times closer together than in the one before. To layer 6 all digits look the same. The picture shows one network; a hundred of them say the
# same. {verdict inside.sigmoid_guesses}

# %% [markdown]
# With tanh all layers move alike. But look where its activations end up. {verdict inside.tanh_piles_up} That is the saturation of 2.5. Lesson 03 gives this network a function without an upper arm.

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

# %% [markdown] role="-" exercise="q2_bound"
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
