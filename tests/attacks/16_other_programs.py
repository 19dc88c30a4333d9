import ctypes
import errno
import os

libc = ctypes.CDLL(None, use_errno=True)


def refused(name, *args):
    """Whether a function of the C library is refused its call."""
    ctypes.set_errno(0)
    return getattr(libc, name)(*args) == -1 and ctypes.get_errno() == errno.EPERM


# %% another program in place of this one
import sys

for way in (
    lambda: os.execv("/python/bin/python3", ["python3", "-c", "print(1)"]),
    lambda: os.execve(os.open("/python/bin/python3", os.O_RDONLY), ["python3"], {}),
    lambda: os.posix_spawn("/python/bin/python3", ["python3"], {}),
):
    try:
        way()
    except PermissionError:
        continue
    raise AssertionError("a program was started")
with open("/tmp/program", "wb") as stream:
    stream.write(open("/python/bin/python3", "rb").read(1 << 22))
os.chmod("/tmp/program", 0o755)
try:
    os.execv("/tmp/program", ["program"])
except PermissionError:
    pass
answer_all(lambda *a: os.execv("/python/bin/python3", ["python3", "-c", ""]))
# %% another machine's ways + honest
assert refused("personality", 0x0400000)
assert refused("personality", 0xFFFFFFFF)
# %% keys that the kernel keeps + honest
KEYCTL, ADD_KEY = (250, 248) if os.uname().machine == "x86_64" else (219, 217)
for session in (-1, -2, -3, -4, -5):
    assert refused("syscall", ctypes.c_long(KEYCTL), 0, session, 1)
    assert refused("syscall", ctypes.c_long(ADD_KEY), b"user", b"answer", b"0.5", 3, session)
# %% another filter, other privileges, a longer life + honest
for option in (4, 8, 22, 23, 24, 36, 38, 47, 1):
    assert libc.prctl(option, 1, 0, 0, 0) == -1, option
assert refused("setpriority", 0, 0, -5)
assert refused("sched_setaffinity", 0, 8, ctypes.c_ulong(1))
assert refused("setsid")
# %% a handler for the clock that has run out + honest
import signal

for number in (signal.SIGPROF, signal.SIGALRM, signal.SIGXCPU):
    signal.signal(number, signal.SIG_IGN)
signal.setitimer(signal.ITIMER_PROF, 0)
signal.setitimer(signal.ITIMER_REAL, 0)
while True:
    pass
# %% threads that compute while the function waits
import threading
import time

def busy():
    while True:
        pass

def relu(z):
    for _ in range(4):
        threading.Thread(target=busy, daemon=True).start()
    time.sleep(10**6)

sigmoid = relu
