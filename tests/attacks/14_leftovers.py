# %% files and shared memory left behind + honest
import os

for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/course", "/python", "/dev"):
    try:
        with open(f"{folder}/actlab-was-here", "w") as stream:
            stream.write("for the next one")
    except OSError:
        pass
# %% what the one before left
import os

left = [f"{folder}/{name}" for folder in ("/tmp", "/dev", "/course") for name in os.listdir(folder) if "was-here" in name]
assert not left and not os.listdir("/tmp"), left
answer_all(lambda *a: left)
# %% background processes + honest
import os

try:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                pass
        os._exit(0)
except OSError:
    pass
# %% compiled modules and site files planted + honest
import os
import sys

for folder in [*sys.path, os.path.dirname(np.__file__), "/tmp"]:
    for name in ("sitecustomize.py", "usercustomize.py", "numpy.py", "x.pth", "__pycache__/os.cpython-311.pyc"):
        try:
            with open(os.path.join(folder or ".", name), "w") as stream:
                stream.write("raise SystemExit")
        except OSError:
            pass
# %% locks left locked + honest
import fcntl

locks = []
for path in (np.__file__, "/dev/null", "/python/bin/python3"):
    try:
        stream = open(path)
        fcntl.flock(stream, fcntl.LOCK_EX)
        locks.append(stream)
    except OSError:
        pass
# %% devices changed + honest
import os

for name in os.listdir("/dev"):
    for way in (lambda p: os.chmod(p, 0), lambda p: os.chown(p, 0, 0), lambda p: os.utime(p, (0, 0)), os.unlink):
        try:
            way(f"/dev/{name}")
        except OSError:
            pass
