# %% a loop that swallows every exception + honest
while True:
    try:
        while True:
            pass
    except BaseException:
        continue
# %% the alarm turned off + honest
import signal

signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
while True:
    pass
# %% a computation that no signal interrupts + honest
9 ** 9 ** 9
# %% a pattern that backtracks + honest
import re

re.match(r"(a+)+$", "a" * 60 + "b")
# %% a sleep + honest
import time

time.sleep(10**6)
# %% a lock nobody opens + honest
import threading

threading.Lock().acquire()
lock = threading.Lock()
lock.acquire()
lock.acquire()
# %% input + honest
input("Your name? ")
# %% reading from a device without end + honest
open("/dev/zero", "rb").read()
# %% threads that keep on running + honest
import threading

def busy():
    while True:
        pass

threading.Thread(target=busy, daemon=True).start()
# %% a destructor without end + honest
class Slow:
    def __del__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass

slow = Slow()
del slow
# %% one function without end
def relu(z):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
# %% a result that never ends
class Endless(list):
    def __len__(self):
        return 3

    def __iter__(self):
        while True:
            yield 1.0

def relu(z):
    return Endless()
