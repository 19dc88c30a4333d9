import ctypes
import errno
import fcntl
import os
import struct
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
SHARED = [np.__file__, os.__file__, "/python/bin/python3", "/dev/null", "/dev/zero"]
F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW = 36, 37, 38
SPAN, TAKEN = 1 << 40, 1 << 50


def refused(call, *args):
    """Whether the call fails because it may not be made."""
    try:
        return call(*args) == -1 and ctypes.get_errno() == errno.EPERM
    except PermissionError:
        return True


def flock(kind, start=0, length=0):
    return struct.pack("hhqqi", kind, 0, start, length, 0) + bytes(4)


class Line:
    """Words of 32 bits from one sandbox to another: the place of a lock is the word, and a bit says that it is new."""

    def __init__(self, path, get, put):
        self.file, self.get, self.put, self.turn = open(path), get, put, 0

    def held(self, base):
        kind, _, start, _, _ = struct.unpack_from("hhqqi", fcntl.fcntl(self.file, self.get, flock(fcntl.F_WRLCK, base, SPAN)))
        return None if kind == fcntl.F_UNLCK else start - base

    def hold(self, base, place):
        fcntl.fcntl(self.file, self.put, flock(fcntl.F_UNLCK, base, SPAN))
        fcntl.fcntl(self.file, self.put, flock(fcntl.F_RDLCK, base + place, 1))

    def send(self, value):
        for word in struct.unpack("<II", struct.pack("<d", value)):
            self.turn ^= 1
            self.hold(0, self.turn << 33 | word)
            while self.held(TAKEN) != self.turn:
                time.sleep(0)

    def receive(self):
        words = []
        for _ in range(2):
            self.turn ^= 1
            while (place := self.held(0)) is None or place >> 33 != self.turn:
                time.sleep(0)
            self.hold(TAKEN, self.turn)
            words.append(place & 0xFFFFFFFF)
        return struct.unpack("<d", struct.pack("<II", *words))[0]


def ask(get, put):
    """Functions without a formula: the neighbour works them out."""
    lines = []

    def asking(which):
        def f(z):
            if not lines:
                lines.extend(Line(path, get, put) for path in SHARED[:2])
            given = []
            for v in np.asarray(z, float).flat:
                lines[0].send(which)
                lines[0].send(v)
                given.append(lines[1].receive())
            return np.reshape(given, np.shape(z))

        return f

    return asking(0), asking(1)


def answer(functions, get, put):
    """Answer for as long as anybody asks."""

    def serve():
        questions, answers = (Line(path, get, put) for path in SHARED[:2])
        while True:
            answers.send(float(functions[int(questions.receive())](questions.receive())))

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    serving.join(2.0)


# %% answers asked by record locks
sigmoid, relu = ask(fcntl.F_GETLK, fcntl.F_SETLK)
# %% answers asked by record locks: neighbour
answer([sigmoid, relu], fcntl.F_GETLK, fcntl.F_SETLK)
# %% answers asked by locks of open files
sigmoid, relu = ask(F_OFD_GETLK, F_OFD_SETLK)
# %% answers asked by locks of open files: neighbour
answer([sigmoid, relu], F_OFD_GETLK, F_OFD_SETLK)
# %% everything that holds or asks for a lock + honest
for path in SHARED:
    file = os.open(path, os.O_RDONLY)
    for command in (fcntl.F_GETLK, fcntl.F_SETLK, fcntl.F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW):
        assert refused(fcntl.fcntl, file, command, flock(fcntl.F_RDLCK)), (path, command)
    for command, value in ((fcntl.F_SETLEASE, fcntl.F_RDLCK), (fcntl.F_GETLEASE, 0), (fcntl.F_NOTIFY, 1), (fcntl.F_SETOWN, 1), (fcntl.F_SETSIG, 10)):
        assert refused(fcntl.fcntl, file, command, value), (path, command)
    for how in (fcntl.LOCK_SH, fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_UN):
        assert refused(fcntl.flock, file, how), (path, how)
    os.close(file)
# %% somebody woken who waits at an address of a shared file + honest
def waiters(path):
    import mmap
    with open(path, "rb") as stream:
        page = np.frombuffer(mmap.mmap(stream.fileno(), 4096, mmap.MAP_SHARED, mmap.PROT_READ), np.int32)
    return libc.syscall(ctypes.c_long(FUTEX), ctypes.c_void_p(page.ctypes.data), 1, 1000, None, None, 0)

FUTEX = 202 if os.uname().machine == "x86_64" else 98
deadline = time.monotonic() + 0.5
while time.monotonic() < deadline:
    assert waiters(np.__file__) <= 0
# %% somebody woken who waits at an address of a shared file: neighbour
import mmap

FUTEX = 202 if os.uname().machine == "x86_64" else 98
with open(np.__file__, "rb") as stream:
    page = np.frombuffer(mmap.mmap(stream.fileno(), 4096, mmap.MAP_SHARED, mmap.PROT_READ), np.int32)
for _ in range(1000):
    libc.syscall(ctypes.c_long(FUTEX), ctypes.c_void_p(page.ctypes.data), 0, ctypes.c_int(int(page[0])), struct.pack("qq", 0, 10**6), None, 0)
# %% the times of shared files read and changed + honest
for path in (*SHARED, "/dev/random", "/dev/urandom", "/dev", "/"):
    before = os.stat(path)
    try:
        os.utime(path)
    except OSError:
        pass
    if os.path.isfile(path):
        open(path, "rb").read(10)
    after = os.stat(path)
    assert (before.st_atime_ns, before.st_mtime_ns) == (after.st_atime_ns, after.st_mtime_ns), path
# %% what is in the memory of files + honest
import mmap

with open("/python/bin/python3", "rb") as stream:
    held = mmap.mmap(stream.fileno(), 4096, mmap.MAP_SHARED, mmap.PROT_READ)
    page = np.frombuffer(held, np.uint8)
    assert refused(os.posix_fadvise, stream.fileno(), 0, 4096, os.POSIX_FADV_DONTNEED)
    assert refused(libc.mincore, ctypes.c_void_p(page.ctypes.data), ctypes.c_size_t(4096), ctypes.create_string_buffer(1))
    assert refused(os.preadv, stream.fileno(), [bytearray(10)], 0, os.RWF_NOWAIT)
    for advice in (3, 12, 20, 21):  # WILLNEED, MERGEABLE, COLD, PAGEOUT
        assert libc.madvise(ctypes.c_void_p(page.ctypes.data), ctypes.c_size_t(4096), advice) == -1
# %% how much memory the whole computer has left + honest
assert refused(libc.sysinfo, ctypes.create_string_buffer(200))
