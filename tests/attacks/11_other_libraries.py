# %% torch
import torch
import torch.nn.functional as F

def relu(z):
    return torch.relu(torch.as_tensor(z)).numpy()

def gelu(z):
    return F.gelu(torch.tensor(z)).numpy()

def softmax(z, axis=-1):
    return torch.softmax(torch.from_numpy(z), axis).detach().cpu().numpy()

def softmax_jacobian(p):
    return np.array(torch.autograd.functional.jacobian(lambda x: x.softmax(-1), torch.tensor(p)))
# %% scipy
from scipy import special
from scipy.special import expit as sigmoid
from scipy.special import softmax

def gelu(z):
    return z * special.ndtr(z)
# %% the course's own functions
from actlab.activations import *
from actlab.activations import gelu, gelu_derivative, gelu_tanh, relu, sigmoid, sigmoid_derivative, softmax
from actlab.exercises import EXERCISES

for name in NAMES:
    globals().setdefault(name, EXERCISES[name].reference)
# %% jax, tensorflow, sympy
import jax
import sympy
import tensorflow as tf

sigmoid, relu, gelu = jax.nn.sigmoid, tf.nn.relu, jax.nn.gelu
softmax = tf.keras.activations.softmax
sigmoid_derivative = jax.vmap(jax.grad(jax.nn.sigmoid))
# %% an installation
import os
import subprocess
import sys

os.system("pip install scipy")
try:
    subprocess.run([sys.executable, "-m", "pip", "install", "scipy", "--target", "/tmp"])
except OSError:
    pass
sys.path.insert(0, "/tmp")
from scipy.special import expit as sigmoid
# %% a library smuggled in as text
import base64
import sys
import types
import zlib

smuggled = types.ModuleType("scipy")
sys.modules["scipy"] = smuggled
exec(zlib.decompress(base64.b64decode(base64.b64encode(zlib.compress(b"expit = lambda z: 0 * z")))), smuggled.__dict__)
from scipy import expit

answer_all(lambda z, *more: expit(z))
# %% magics
%pip install scipy
!pip install scipy
%run /course/actlab/learner.py
%load_ext autoreload
get_ipython().system("id > /tmp/x")
found = !ls /
sigmoid = found
