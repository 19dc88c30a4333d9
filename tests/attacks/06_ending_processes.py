# %% os._exit in a cell + honest
import os

os._exit(0)
# %% sys.exit in a cell + honest
import sys

sys.exit("done: 100 points")
# %% SIGKILL to itself + honest
import os

os.kill(os.getpid(), 9)
# %% SIGKILL to everything in reach + honest
import os

for target in (1, os.getppid(), -1, 0, -os.getpgrp()):
    try:
        os.kill(target, 9)
    except OSError:
        pass
# %% every signal to the first process + honest
import os
import signal

for number in signal.valid_signals():
    try:
        os.kill(1, number)
    except OSError:
        pass
# %% SIGSTOP to everything in reach + honest
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
# %% every pid tried + honest
import os

for target in range(2, 40000):
    try:
        os.kill(target, 15)
    except OSError:
        pass
# %% KeyboardInterrupt and other base exceptions + honest
class Strange(BaseException):
    pass

raise Strange
# %% GeneratorExit + honest
raise GeneratorExit
# %% abort + honest
import os

os.abort()
# %% a crash of the interpreter + honest
import ctypes

ctypes.string_at(0)
# %% the stack overflowed + honest
import sys

sys.setrecursionlimit(10**9)

def deeper(n):
    return deeper(n + 1)

deeper(0)
# %% exec of something else + honest
import os

os.execv("/python/bin/python3", ["python3", "-c", "print(100)"])
# %% os._exit in every function
import os

answer_all(lambda *a: os._exit(0))
# %% an exit when the interpreter ends + honest
import atexit
import os

atexit.register(os._exit, 0)
