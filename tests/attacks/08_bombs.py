# %% memory at once + honest
np.ones(10**12)
# %% memory bit by bit
hoard = []
try:
    while True:
        hoard.append(bytearray(10**7))
except MemoryError:
    pass
answer_all(lambda *a: 0)
# %% memory in one huge number + honest
1 << (1 << 40)
# %% memory in a huge text + honest
len("x" * 10**11)
# %% one endless file + honest
with open("/tmp/big", "wb") as stream:
    while True:
        stream.write(b"0" * 10**6)
# %% many files + honest
for k in range(20000):
    with open(f"/tmp/{k}", "wb") as stream:
        stream.write(b"0" * 10**5)
# %% a sparse file and a deep folder + honest
import os

with open("/tmp/sparse", "wb") as stream:
    stream.truncate(10**15)
for _ in range(1000):
    os.mkdir("d")
    os.chdir("d")
# %% a fork bomb + honest
import os

while True:
    os.fork()
# %% fork by other names + honest
import ctypes

libc = ctypes.CDLL(None)
made = [libc.fork(), libc.vfork(), libc.syscall(56, 17, 0, 0, 0, 0), libc.syscall(57), libc.syscall(435, 0, 0)]
assert all(pid == -1 for pid in made), made
# %% subprocesses and a pool + honest
import multiprocessing
import os
import subprocess

assert os.system("sleep 1000 &") != 0
for way in (
    lambda: subprocess.Popen(["/python/bin/python3", "-c", "while True: pass"]),
    lambda: subprocess.run("sleep 1000 &", shell=True),
    lambda: multiprocessing.Process(target=print).start(),
    lambda: os.posix_spawn("/python/bin/python3", ["python3"], {}),
):
    try:
        way()
    except OSError:
        continue
    raise AssertionError("a process was started")
# %% threads without number + honest
import threading
import time

threading.stack_size(32768)
started = 0
try:
    while True:
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        started += 1
except RuntimeError:
    pass
assert started < 64, started
# %% file descriptors without number + honest
import os

hoard = []
while True:
    hoard.append(os.open("/dev/null", 0))
# %% shared memory outside the process + honest
import ctypes
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
assert libc.shmget(0, 10**9, 0o1600) == -1
assert libc.semget(0, 100, 0o1600) == -1
assert libc.msgget(0, 0o1600) == -1
for make in (lambda: os.memfd_create("x"), lambda: open("/dev/shm/x", "wb"), lambda: mmap.mmap(-1, 10**11)):
    try:
        make()
    except (OSError, ValueError):
        continue
    raise AssertionError("there is shared memory")
# %% pipes full of bytes + honest
import os

hoard = []
while True:
    down, up = os.pipe()
    os.set_blocking(up, False)
    hoard.append(os.write(up, b"0" * (1 << 20)))
# %% a zip bomb unpacked in memory + honest
import zlib

bomb = zlib.compress(bytes(1 << 28), 9)
for _ in range(100):
    bomb = zlib.compress(zlib.decompress(bomb) * 8)
