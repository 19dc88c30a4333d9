"""The system calls that submitted code may not make, as a program for the kernel's filter.

Limits on a process bound its own memory; what is forbidden here is what escapes them: further processes, memory that
belongs to none, sockets, other processes' insides, mounts and the kernel's rarely needed corners. Threads are allowed.
"""

import platform
import struct

EPERM, ENOSYS = 1, 38
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
CLONE_THREAD = 0x00010000
X32 = 0x40000000

# The calls in the order of the numbers below; a dash where an architecture lacks one.
NAMES = """
    clone fork vfork socket socketpair shmget shmat semget msgget mq_open memfd_create
    ptrace process_vm_readv process_vm_writev mount umount2 pivot_root chroot unshare setns
    open_by_handle_at name_to_handle_at bpf perf_event_open userfaultfd add_key request_key keyctl
    init_module finit_module delete_module kexec_load kexec_file_load quotactl acct swapon swapoff reboot
    inotify_init inotify_init1 fanotify_init
"""
# Since 2019 a new call has one number everywhere.
SHARED = {
    "clone3": 435, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438,
    "mount_setattr": 442, "memfd_secret": 447,
}  # fmt: skip
MACHINES = {
    "x86_64": (
        0xC000003E,
        """
        56 57 58 41 53 29 30 64 68 240 319
        101 310 311 165 166 155 161 272 308
        304 303 321 298 323 248 249 250
        175 313 176 246 320 179 163 167 168 169
        253 294 300
        """,
    ),
    "aarch64": (
        0xC00000B7,
        """
        220 - - 198 199 194 196 190 186 180 279
        117 270 271 40 39 41 51 97 268
        265 264 280 241 282 217 218 219
        105 273 106 104 294 60 89 224 225 142
        - 26 262
        """,
    ),
}


def known_machine() -> bool:
    """Whether this computer's system calls are known here."""
    return platform.machine() in MACHINES


def program(machine: str = "") -> bytes:
    """The filter for this computer, in the form that `bwrap --seccomp` reads."""
    architecture, numbers = MACHINES[machine or platform.machine()]
    calls = {name: int(n) for name, n in zip(NAMES.split(), numbers.split(), strict=True) if n != "-"} | SHARED
    clone = calls.pop("clone")
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, ERROR | ENOSYS),
    ]
    for name, number in calls.items():
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERROR | (ENOSYS if name == "clone3" else EPERM))]
    steps += [
        (EQUAL, 0, 3, clone),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (ANY_BIT, 1, 0, CLONE_THREAD),
        (RETURN, 0, 0, ERROR | EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)
