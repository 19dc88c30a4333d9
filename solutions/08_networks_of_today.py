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

# %% [markdown]
# ## Recap
#
# | question | answer | section |
# |---|---|---|

# %% [markdown]
# ## Check yourself

# %% [markdown]
# **Next:** {practice}. Five questions, {total:words}, everything you built. No pictures to lean on this time.
