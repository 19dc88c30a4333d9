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
# %% pages that stay behind in pipes + honest
import ctypes
import errno
import fcntl
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
hoard = [os.pipe() for _ in range(20)]
held = 0
for _, up in hoard:
    os.set_blocking(up, False)
    try:
        fcntl.fcntl(up, fcntl.F_SETPIPE_SZ, 1 << 20)
    except PermissionError:
        pass
    else:
        raise AssertionError("a pipe was made larger")
    for _ in range(200):
        huge = mmap.mmap(-1, 1 << 22)
        huge.madvise(mmap.MADV_HUGEPAGE)
        huge[:] = bytes(1 << 22)
        first = ctypes.addressof(ctypes.c_char.from_buffer(huge)) + (1 << 21)
        vector = (ctypes.c_size_t * 2)(first, 4096)
        if libc.vmsplice(up, vector, ctypes.c_size_t(1), 2) == -1:
            break
        held += 1
assert not held, f"{held} pages"
for name in ("splice", "tee", "sendfile", "copy_file_range"):
    assert getattr(libc, name)(hoard[0][0], hoard[1][1], 0, 4096, 0, 0) == -1 and ctypes.get_errno() == errno.EPERM, name
# %% empty files without number + honest
import os

def endless(make):
    made = 0
    try:
        while made < 5000:
            make(f"/tmp/{make.__name__}{made}")
            made += 1
    except OSError:
        return made
    raise AssertionError(make.__name__)

def file(path):
    os.close(os.open(path, os.O_CREAT))

def link(path):
    os.path.exists("/tmp/one") or file("/tmp/one")
    os.link("/tmp/one", path)

for make in (file, os.mkdir, link, os.mkfifo):
    endless(make)
    for name in os.listdir("/tmp"):
        path = f"/tmp/{name}"
        os.rmdir(path) if os.path.isdir(path) else os.unlink(path)
for k in range(5000):
    try:
        os.symlink("x" * 4000, f"/tmp/symlink{k}")
    except OSError:
        break
else:
    raise AssertionError("symlinks")
# %% requests that the kernel keeps for later + honest
import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
context = ctypes.c_ulong(0)
IO_SETUP = 206 if __import__("os").uname().machine == "x86_64" else 0
for events in (1, 100, 65536):
    assert libc.syscall(ctypes.c_long(IO_SETUP), events, ctypes.byref(context)) == -1
    assert ctypes.get_errno() == errno.EPERM
for call in (libc.eventfd, libc.timerfd_create, libc.signalfd):
    assert call(0, 0, 0) == -1, call
assert libc.timer_create(0, None, ctypes.create_string_buffer(64)) == -1
# %% memory that no limit of a process counts + honest
import ctypes
import mmap

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
for flags in (0x22 | 0x40000, 0x22 | 0x2000):  # huge pages of the computer's pool, locked memory
    assert libc.mmap(None, ctypes.c_size_t(1 << 21), 3, flags, -1, ctypes.c_size_t(0)) == 2**64 - 1
assert libc.mlockall(3) == -1
for _ in range(300):
    shared = mmap.mmap(-1, 1 << 22)
    shared[:] = bytes(1 << 22)
    shared.close()
