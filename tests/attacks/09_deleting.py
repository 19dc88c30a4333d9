# %% everything it can see + honest
import os
import shutil

shutil.rmtree("/", ignore_errors=True)
for folder, _, files in os.walk("/"):
    for name in files:
        try:
            os.unlink(os.path.join(folder, name))
        except OSError:
            pass
# %% Python and numpy written over + honest
import os

for path in (np.__file__, os.__file__, "/python/bin/python3", "/course/actlab/learner.py", "/lib/libc.so.6", "/dev/null"):
    for way in ("wb", "r+b"):
        try:
            with open(path, way) as stream:
                stream.write(b"0" * 100)
        except OSError:
            pass
    try:
        os.chmod(path, 0o777)
        os.rename(path, "/tmp/gone")
    except OSError:
        pass
# %% mounts, namespaces and roots changed + honest
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
tried = [
    libc.mount(b"none", b"/", None, 0x1000 | 0x20, None),
    libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    libc.umount2(b"/", 2),
    libc.unshare(0x10000000),
    libc.unshare(0x00020000),
    libc.chroot(b"/tmp"),
    libc.setns(3, 0),
    libc.ptrace(0, 0, 0, 0),
    libc.reboot(0x1234567),
    libc.sethostname(b"x", 1),
    libc.setuid(0),
    libc.setgid(0),
    libc.syscall(425, 1, 0),
    libc.syscall(321, 0, 0, 0),
    libc.syscall(0x40000000 + 39),
]
assert all(result == -1 for result in tried), tried
assert os.getuid() != 0
# %% its own limits raised + honest
import resource

for what in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE):
    most = resource.getrlimit(what)[1]
    assert most != resource.RLIM_INFINITY
    try:
        resource.setrlimit(what, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError):
        continue
    raise AssertionError("a limit could be raised")
