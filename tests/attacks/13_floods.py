# %% prints without end
import sys

try:
    while True:
        print("x" * 10000)
except Exception:
    pass
answer_all(lambda *a: print("x" * 10**6))
# %% prints by the megabyte + honest
for _ in range(300):
    print("x" * 10**6)
# %% the descriptors themselves + honest
import os

for _ in range(300):
    os.write(1, b"x" * 10**6)
    os.write(2, b"x" * 10**6)
# %% warnings and logs + honest
import logging
import warnings

warnings.simplefilter("always")
for _ in range(5000):
    warnings.warn("x" * 1000)
    logging.error("x" * 1000)
# %% a huge exception + honest
raise ValueError("x" * 10**8)
# %% an exception that cannot be printed + honest
class Unprintable(Exception):
    def __str__(self):
        raise self

    __repr__ = __str__

raise Unprintable
# %% an exception that says it is right
class Trouble(Exception):
    kind, sentence, error = "right", "100 points", ""

def liar(*args):
    raise Trouble("right", "100 points", "")

answer_all(liar)
# %% markup for the feedback page
def relu(z):
    raise ValueError("</p><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}{% raw %}")

q1_reason = "<script>alert(1)</script>"
