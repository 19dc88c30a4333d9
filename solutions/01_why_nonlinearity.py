# %% [markdown]
# # {title}
#
# *What does a stack of layers compute when nothing bends between them? You will work it out, measure it, and look inside a network with a bend.*
#
# **You will be able to**
#
# - write a layer, and derive what a stack of them computes, for any depth;
# - say which data sets no straight line separates, and how far the best one gets;
# - follow two classes on their way through the layers of a network;
# - find the weights of a small network by hand.
#
# **Before you start:** [00 Start here](00_start_here.ipynb), matrix products. {minutes}.

# %%
import numpy as np

from actlab import networks, pictures
from actlab.check import check
from actlab.data import circles, spirals
from actlab.explorers import (
    evidence_source,
    explore_agreement,
    explore_bending,
    explore_boundary,
    explore_folding,
    explore_rates,
)

# %% [markdown]
# ## 1.1 Two problems no ruler can solve
#
# Blue discs and orange squares, twice: two rings, one inside the other, and two arms around each other. Find a rule that
# tells blue from orange. Look for a straight line that would do.

# %% role="fragment"
X_circles, y_circles = circles(400, seed=0)
X_spirals, y_spirals = spirals(400, seed=0)
pictures.datasets({"circles": (X_circles, y_circles), "spirals": (X_spirals, y_spirals)})

# %% [markdown] tags=["predict"]
# No straight line separates the circles. How many of their points does the *best* one get right? Half would be guessing.
#
# - [ ] half: the picture is the same from all sides
#   True for a line through the middle. Slide it outwards: it cuts off a piece of the outer ring, and the inner ring stays whole on the other side.
# - [x] about two in three
#   Now see it computed, and how close the spirals come.
# - [ ] about nine in ten
#   That would be a good line. Draw it, and look at the part of the outer ring that lies on the wrong side with the inner one.

# %% [markdown]
# It takes only a few lines of NumPy to try them all: turn the plane by every angle, sort the points, cut at
# every place, and keep the best cut.


# %%
def best_line_accuracy(X, y, angles=180):
    """The highest share of points that any straight line classifies correctly."""
    best = 0.0
    for angle in np.linspace(0, np.pi, angles, endpoint=False):
        order = np.argsort(X @ [np.cos(angle), np.sin(angle)])
        # for every place of the cut: how many points of class 1, and of class 0, lie before it
        ones_left = np.concatenate([[0], np.cumsum(y[order])])
        zeros_left = np.arange(len(y) + 1) - ones_left
        # right if "before the cut" means class 0; what is wrong then is right the other way round
        right = zeros_left + (y.sum() - ones_left)
        best = max(best, right.max() / len(y), 1 - right.min() / len(y))
    return best


print(f"circles: {best_line_accuracy(X_circles, y_circles):.2f} correct at best")
print(f"spirals: {best_line_accuracy(X_spirals, y_spirals):.2f} correct at best")

# %% [markdown] tags=["outcome"]
# About two points in three. Nothing that only draws lines can do better on these points.

# %% [markdown]
# ## 1.2 One layer
#
# A neuron takes numbers $h_1, h_2, \dots$, multiplies each by a weight, adds them up, and adds a **bias**. A layer is a row of such neurons (also called **units**), all on the same inputs. Neuron $j$ computes
#
# $$z_j = \sum_i h_i\, W_{ij} + b_j .$$
#
# Column $j$ of $W$ holds its weights. A weighted sum followed by a shift is called **affine**.
#
# Inputs come as a **batch**, one sample in each row: $h:(n, d_\text{in})$, $W:(d_\text{in}, d_\text{out})$, $b:(d_\text{out},)$.

# %% [markdown] exercise="q1_affine"
# ### Exercise: a layer
#
# Return $z$ for the whole batch and all neurons at once, without a loop: which product of two matrices holds all these sums? Worked number: one sample $h = (1, 2)$ and one neuron with
# weights 3 and 4 and bias 5 give $1\cdot 3 + 2\cdot 4 + 5 = 16$.


# %% exercise="q1_affine"
def affine(h, W, b):
    """One layer without an activation.  h: (n, d_in), W: (d_in, d_out), b: (d_out,) -> (n, d_out)."""
    ### BEGIN SOLUTION
    return h @ W + b
    ### END SOLUTION


# %% exercise="q1_affine"
check("q1_affine", affine)

# %% [markdown]
# ## 1.3 Two layers
#
# In matrices a layer is short: $z = hW + b$. Put a second one behind it, with nothing in between. Its input is the first one's output:
#
# $$z_1 = hW_1 + b_1, \qquad z_2 = z_1 W_2 + b_2 .$$

# %% [markdown] tags=["predict"]
# What can two layers, with nothing in between, compute that one cannot?
#
# - [ ] curves
#   Every output of the pair is a weighted sum of weighted sums. Where would something curved come from?
# - [ ] two lines instead of one
#   The first layer does draw several lines. Somebody has to combine them, and all the second layer has for it is a weighted sum. What is a weighted sum of straight things?
# - [ ] more, if the layer in the middle is wide
#   A narrow middle can take something away. Can a wide one add something, if all it does is add up?
# - [x] nothing
#   Now see what becomes of the two matrices.

# %% [markdown] role="subslide"
# Write it out, biases and all:
#
# $$z_2 = z_1 W_2 + b_2$$

# %% [markdown] role="fragment"
# $$z_2 = (hW_1 + b_1)\,W_2 + b_2$$

# %% [markdown] role="fragment"
# $$z_2 = h\,W_1W_2 + b_1W_2 + b_2$$

# %% [markdown] role="fragment"
# Two matrices and two vectors. Which part of the last line depends on the input $h$, and which does not?

# %% [markdown] role="notes"
# **For the lecturer.** Ask who would drop $b_1W_2$: many do. Let them say in words what it is: the first bias, as the second layer sees it.

# %% [markdown] exercise="q1_collapse_two"
# ### Exercise: two layers in one
#
# Find one layer $(W, b)$ whose output $hW + b$ is $z_2$ for *every* $h$, and return the pair. Shapes: $W_1: (d_0, d_1)$, $W_2: (d_1, d_2)$, so
# $W: (d_0, d_2)$ and $b: (d_2,)$. Worked number, with everything a single number: $W_1 = 2, b_1 = 3, W_2 = 5, b_2 = 7$ gives
# $W = 10$ and $b = 22$.


# %% exercise="q1_collapse_two"
def collapse_two(W1, b1, W2, b2):
    """The one layer (W, b) that equals layer 1 followed by layer 2."""
    ### BEGIN SOLUTION
    return W1 @ W2, b1 @ W2 + b2
    ### END SOLUTION


# %% exercise="q1_collapse_two"
check("q1_collapse_two", collapse_two)

# %% [markdown] role="fragment"
# Two layers *are* one layer, and with the second one we gain nothing:
#
# $$z_2 = h\,\underbrace{(W_1W_2)}_{W} + \underbrace{(b_1W_2 + b_2)}_{b}$$

# %% [markdown]
# ## 1.4 Any number of layers
#
# Two became one. Now let **induction** do the rest.
#
# *Start:* a chain of one layer is one layer.

# %% [markdown] role="fragment"
# *Step:* suppose every chain of $L$ layers equals some $hW + b$. Put layer $L+1$ behind it: that is two layers, $(W, b)$ and
# $(W_{L+1}, b_{L+1})$, and we know that two layers are one.

# %% [markdown] role="fragment"
# So a chain of any length is one affine map. The step is also the algorithm: fold from the left.

# %% [markdown] exercise="q1_collapse"
# ### Exercise: collapse a chain
#
# `weights` and `biases` are lists of equal length, one entry per layer and at least one. Return the pair $(W, b)$. Worked number, each layer a single number:
# weights 2, 5, 1 and biases 3, 7, 4 give $W = 10$ and $b = (3\cdot 5 + 7)\cdot 1 + 4 = 26$.


# %% exercise="q1_collapse"
def collapse(weights, biases):
    """The one layer (W, b) that equals the whole chain."""
    ### BEGIN SOLUTION
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ next_W, b @ next_W + next_b
    return W, b
    ### END SOLUTION


# %% exercise="q1_collapse"
check("q1_collapse", collapse)

# %% [markdown]
# ## 1.5 Three ways to doubt a proof
#
# **With numbers.** Ten random networks, eight layers, width 32, biases included, against the single layer that each collapses to, on 1000 inputs.

# %% role="fragment"
apart = []
for rng in map(np.random.default_rng, range(10)):
    weights, biases = networks.initialise([2, *[32] * 7, 2], rng=rng)
    biases = [rng.normal(size=b.shape) for b in biases]
    X = rng.normal(size=(1000, 2))
    deep = networks.forward(X, weights, biases, f=lambda z: z)[1][-1]
    W, b = networks.collapse(weights, biases)
    apart.append(np.abs(deep - (X @ W + b)).max() / np.abs(deep).max())
print(f"8 layers against 1: the largest relative difference is {max(apart):.13f}")

# %% [markdown]
# Zero to thirteen decimal places, and a float64 has hardly more: not a similar function, the same one.
#
# **With symbols.** No numbers at all: let a computer algebra system expand both sides and subtract.

# %% role="fragment"
import sympy as sp

n = 3
W1, W2 = (sp.Matrix(sp.MatrixSymbol(name, n, n)) for name in ("W1", "W2"))
h, b1, b2 = (sp.Matrix(sp.MatrixSymbol(name, 1, n)) for name in ("h", "b1", "b2"))
difference = ((h * W1 + b1) * W2 + b2) - (h * (W1 * W2) + (b1 * W2 + b2))
print("two layers minus their collapse:", list(sp.expand(difference)))

# %% [markdown]
# **With your eyes.** A square grid goes through three layers, each a turn, a stretch and a shift. On the left the layers alone. On the right the same layers,
# each followed by **ReLU**, $\max(0, z)$: whatever is negative becomes 0.

# %% [markdown] tags=["predict"]
# What will happen to the grid with ReLU, and never to the one without?
#
# - [ ] its lines become curves
#   "Non-linear" sounds like curves. But look at max(0, z): it is two straight pieces.
# - [x] it is creased, and parts are pressed flat
#   Now pull the slider slowly, and stop at the first crease.
# - [ ] its cells become smaller
#   The left one may shrink too, all cells alike. What does ReLU make of a cell whose points are all negative?

# %% role="fragment"
explore_folding("relu")

# %% [markdown] tags=["outcome"]
# On the left parallel lines stay parallel, and every cell has the same area as every other: an affine map can turn, stretch, shear and shift,
# and nothing else. On the right each layer creases the plane along two lines and presses what lies beyond them flat: onto an edge, or into a corner. After three layers two cells in three have no area left.

# %% [markdown]
# That is more than shears can do. But pressing flat loses something. Can it be of any use?

# %% [markdown]
# ## 1.6 Does training know the theorem?
#
# Train three networks on the circles: one affine layer, eight affine layers, and two affine layers with a ReLU in between. The pictures call them "affine, depth 1", "affine, depth 8" and
# "ReLU, depth 2": depth counts the affine layers.
#
# Each starts from random weights, five times. The number that such a start is drawn from is its **seed**. `rate` is the **learning rate**, which says how far a step of training moves
# the weights; `gain` says how large they are at the start (lesson 02 asks why).

# %% [markdown] tags=["predict"]
# One affine layer, eight of them, two layers with a ReLU in between: which get past the best line?
#
# - [ ] all three, once they are trained
#   Training chooses the weights. Section 1.4 holds for all weights: which single line would the first two draw?
# - [ ] the two deep ones
#   Depth is what the name "deep learning" promises. Which single layer equals the eight?
# - [x] only the one with a ReLU
#   Now see by how much, and how far the other two come.
# - [ ] none: a ReLU is made of straight pieces too
#   It is. But two straight pieces with a corner between them are no straight line.

# %%
from actlab.training import Networks

FRESH = circles(400, seed=1)


def test_accuracy(activation, depth, gain):
    """Accuracy on fresh points of the circles, one number for each of five seeds."""
    nets = Networks([2] + [32] * (depth - 1) + [2], activation, seeds=5, gain=gain)
    nets.fit(X_circles, y_circles, steps=200, rate=0.01)
    return nets.accuracy(*FRESH)


runs = {
    ("linear", 1): test_accuracy("linear", 1, gain=1),
    ("linear", 8): test_accuracy("linear", 8, gain=1),
    ("relu", 2): test_accuracy("relu", 2, gain=2**0.5),
}

# %%
pictures.beside_the_line(runs, line=best_line_accuracy(*FRESH))

# %% [markdown] tags=["outcome"]
# {verdict rings.bend} Why do the affine ones not even reach the line? Their loss is **cross-entropy**: a network gives each class a probability, and pays minus the logarithm of what it
# gave to the right one. For two concentric rings the best affine answer to *that* is "fifty-fifty everywhere".

# %% [markdown]
# Now watch a boundary *grow*. Left: eight affine layers. Right: two with a ReLU in between. Press ▶, or pull the slider from the first step to the last.

# %% role="fragment"
explore_boundary(("linear", 8), ("relu", 2), circles)

# %% [markdown] role="subslide"
# So the boundary closes around the inner ring. How, if the last layer can only cut straight? Three ReLU units are enough: they give each point three numbers
# $(h_1, h_2, h_3)$, a place in space.
#
# Their affine part gives every point of the plane its place there: the plane lies in space, flat. Then ReLU acts, one unit after the other: a point below 0 in that coordinate goes up to 0, and half of the plane is pressed flat against a wall. At last the output
# layer cuts the space with one straight plane.

# %% [markdown] tags=["predict"]
# In the plane the best straight cut gets about two points in three. From which moment can a straight cut do better?
#
# - [ ] from the affine part on: in space there is more room
#   A sheet of paper has room around it too. However you hold it, it stays flat: what does a straight cut through the space draw on the sheet?
# - [x] from the first ReLU on
#   Now play the way from the input to the cut, and see what each of the three adds.
# - [ ] only at the cut: that is where the classes are told apart
#   The cut is straight, like every line of 1.1. It can only use what was done before it.

# %% role="fragment"
explore_bending()

# %% [markdown] tags=["outcome"]
# The affine part changes nothing: 70 %, as before. The first fold brings it to 80 %, the second to 93 %, and after the third one straight cut has all 240 points right. Each fold bends up another side of the outer ring, and
# at the end the inner ring lies at the bottom of a bowl. Pressing flat does lose something: where exactly a point was. It can keep what the task needs: which ring.
#
# That is what a bend buys. The last layer still cuts straight; the layers before it move the *points* until a straight cut suffices.

# %% [markdown]
# Circles were easy; the spirals wind around each other. {verdict spirals.third_layer} {rests on spirals.third_layer}

# %% [markdown] tags=["predict"]
# At rate 0.01 three layers with ReLU beat two on the spirals. Is the third layer needed?
#
# - [ ] yes: spirals take more folds than circles
#   They wind more than rings do. But two layers of 32 units have 32 folds. Is it folds that are missing, or training?
# - [ ] no: with other seeds two layers would win
#   A hundred seeds were trained, on four draws of points, and three layers are ahead. What else was the same for all of them? {rests on spirals.third_layer}
# - [x] no: two layers do as well at another rate
#   {rests on spirals.two_suffice}Now find that rate.
# - [ ] yes: three layers learn at every rate
#   They forgive a wrong rate, and that is worth having. Does it follow that two layers cannot? {rests on spirals.third_layer}

# %% [markdown] role="skip"
# Here are four rates, with ten seeds each: find the one at which two layers do best.

# %% role="fragment"
explore_rates("spirals")

# %% role="skip"
evidence_source("spirals")

# %% [markdown] role="subslide"
# {verdict spirals.two_suffice} Two layers are enough, then. What a third one buys is *tolerance*: it learns well at smaller rates too {rests on spirals.third_layer}. A comparison at a single rate also compares
# how well that rate suits each side, so this course shows rates, not winners.

# %% [markdown]
# And five seeds are few. A hundred were trained, in groups of five. {verdict spirals.flawless} Had you trained five, would you have said "three layers get everything right"?
#
# Pull the slider. Each mark stands for a group of seeds that somebody might have trained, drawn from the hundred that are stored: ✓ if *all* of them get everything right. So the share falls as
# groups grow. From 95 % on, the dotted line, this course calls a sentence a fact.

# %% role="fragment"
explore_agreement("spirals.flawless")

# %% [markdown]
# ## 1.7 What one bend buys
#
# The smallest problem with no straight answer has four points: **XOR**. The output is 1 when exactly one of two inputs is 1.
#
# You need no computer for it. Think of the sum $s = x_1 + x_2$, which is 0, 1 or 2.

# %% [markdown] tags=["predict"]
# The sum s = x₁ + x₂ is 0, 1 or 2. XOR wants 0, 1, 0. How many ReLU neurons does it take at least?
#
# - [ ] one: there is one corner to turn
#   One bend of one sum only rises, or only falls, along it. What has to happen between 0, 1 and 2?
# - [x] two
#   Now draw the hat: up from 0 to 1, and down again. What does each of the two see, and with which weight does it count?
# - [ ] three: one for each value of s
#   That would do. But a neuron that rises from 0 on serves two of the values. Who takes back what is too much at 2?
# - [ ] four: one for each point
#   That would do as well. But (0, 1) and (1, 0) have the same sum, and want the same.

# %% [markdown] exercise="q1_xor"
# ### Exercise: XOR by hand
#
# Choose the weights of the network $\text{out}(x) = \max(0,\ xW_1 + b_1)\cdot w_2 + b_2$ so that out is 1 at (0, 1) and (1, 0), and 0 at (0, 0) and (1, 1).
# Return `W1, b1, w2, b2` with shapes (2, 2), (2,), (2,) and a number. There are many right answers.


# %% exercise="q1_xor"
def xor_network():
    """Weights of a two-neuron network for XOR: W1 (2, 2), b1 (2,), w2 (2,), b2 a number."""
    ### BEGIN SOLUTION
    W1 = np.array([[1.0, 1.0], [1.0, 1.0]])
    b1 = np.array([0.0, -1.0])
    w2 = np.array([1.0, -2.0])
    return W1, b1, w2, 0.0
    ### END SOLUTION


# %% exercise="q1_xor"
check("q1_xor", xor_network)

# %% [markdown] tags=["solution"]
# One way to see it: both neurons receive $s = x_1 + x_2$. The first outputs $s$, the second $\max(0, s - 1)$, and $s - 2\max(0, s - 1)$ is a hat: 0, 1, 0 at
# $s = 0, 1, 2$.

# %% [markdown]
# ## 1.8 Claim audit
#
# > *"A neural network without activation functions is just linear regression."*
#
# Half of it you have proved: the *function* is affine, whatever the depth. "Regression" depends on the loss: with the squared error it is linear regression; with cross-entropy it gives
# probabilities, and is called logistic regression.
#
# And *learning*? Test it on a linear target with plain gradient descent, at rate 0.05: one layer against four, from small weights (gain 0.3) and from ordinary ones (gain 1).

# %% [markdown] tags=["predict"]
# One affine layer or four, from small weights: who halves the error in fewer steps?
#
# - [x] one layer
#   Now see by how many steps, and what gain 1 changes.
# - [ ] four layers: more weights push at once
#   They do. But take single numbers, out = w₄w₃w₂w₁x. How much does the output move when w₁ moves by a little? How large is a product of small numbers?
# - [ ] both take as many: they compute the same functions
#   They do, and it sounds convincing. Take single numbers, out = w₁x and out = w₄w₃w₂w₁x. When w₁ moves by a little, how much does each output move?


# %%
def losses(depth, gain, seed, steps=200, rate=0.05):
    """Mean squared error during gradient descent on a linear target, width 8."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, 8))
    Y = X @ (rng.normal(size=(8, 8)) / np.sqrt(8))
    weights, biases = networks.initialise([8] * (depth + 1), gain, rng=rng)
    out = []
    for _ in range(steps):
        hs, zs = networks.forward(X, weights, biases, f=lambda z: z)
        error = zs[-1] - Y
        out.append((error**2).sum(1).mean())
        grads = networks.backward(hs, zs, weights, np.ones_like, 2 * error / len(X))
        weights = [W - rate * g for W, g in zip(weights, grads, strict=True)]
    return np.array(out)


# %%
STARTS = {"1 layer": (1, 0.3), "4 layers, gain 0.3": (4, 0.3), "4 layers, gain 1": (4, 1.0)}
curves = {
    name: np.array([losses(*start, seed) for seed in range(5)]) for name, start in STARTS.items()
}
for name, c in curves.items():
    halved = (c < c[:, :1] / 2).argmax(1)
    print(f"{name:18s} {halved.min():2d} to {halved.max():2d} steps to halve the error")
pictures.race(curves)

# %% [markdown] tags=["outcome"]
# {verdict plateau.waits} {verdict plateau.start_decides} (Halving is not finishing: look at both after step 10.) In a product $w_4w_3w_2w_1x$ the output moves by $w_4w_3w_2x$ for each unit
# of $w_1$: every weight's gradient holds the other three, and small ones hold it back: three of gain 0.3 in a row multiply by $0.3^3 \approx 0.03$.

# %% [markdown] tags=["outcome"]
# But that was one rate, and 1.6 has warned of it. {verdict plateau.each_at_its_best} So depth does not make this faster here; the size of the weights decides how long four layers wait.

# %% [markdown]
# | the line everybody copies | what we measured |
# |---|---|
# | "just linear regression" | the function is affine; the *loss* decides which regression it is |
# | "depth makes no difference" | to what can be computed, none; to training, a lot: from a small start (gain 0.3) four layers wait on a plateau before they move {rests on plateau.waits} |
#
# Source: Saxe (2013), on gradient descent in deep linear networks.

# %% [markdown]
# ## Recap
#
# | question | answer | where |
# |---|---|---|
# | what do $L$ affine layers compute? | one affine map, $W = W_1\cdots W_L$ | 1.3, 1.4 |
# | exactly? | yes: zero difference to 13 decimal places | 1.5 |
# | how well can that do on circles, on spirals? | no better than the best line | 1.1, 1.6 |
# | what changes with a ReLU in between? | the plane is creased and pressed flat, until a straight cut suffices: two layers are enough for both data sets | 1.5, 1.6 |
# | is depth without activations useless? | it adds nothing to compute; it changes training, and from small weights slows it | 1.8 |

# %% [markdown]
# ## Check yourself
#
# Five exercises, four of which you met on the way. The last one:

# %% [markdown] role="-" exercise="q1_depth"
# ### Exercise: fifty layers
#
# A colleague trains a 50-layer network without activations, all layers of equal width, and compares it with a single affine layer. Which statement is true?
#
# {options}

# %% exercise="q1_depth"
answer = ""  # one letter, for example "a"
### BEGIN SOLUTION
answer = "c"
### END SOLUTION

# %% exercise="q1_depth"
check("q1_depth", answer)

# %% [markdown]
# **Next:** [02 Sigmoid and tanh](02_sigmoid_tanh.ipynb). We need a bend between the layers. Which one? The first that people tried was smooth and S-shaped,
# and it came with a trap.
