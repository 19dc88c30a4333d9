"""The system calls that submitted code may make, as a program for the kernel's filter; every other one is refused.

The list is what CPython and NumPy use once they run, with files, threads and a clock. What is not on it cannot leave
the sandbox, hold memory outside of the process, or be seen from another sandbox: no further process, no other program,
no socket, no lock, no namespace, nothing that the kernel learns next year.

The worker loads the filter into itself before it reads any submitted code, so it needs no call that starts a program.
"""

import ctypes
import os
import platform
import struct

EPERM, EAGAIN, EINVAL, ENOSYS = 1, 11, 22, 38
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
PR_SET_SECCOMP, MODE_FILTER = 22, 2
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000
NEWEST = 469

# Name, number on x86_64, number on aarch64, which lacks some old ones. From Linux's asm/unistd_64.h and
# asm-generic/unistd.h; since 2019 a new call has one number everywhere.
ALLOWED = """
    read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69,
    pwritev 296 70, lseek 8 62, close 3 57, close_range 436 436, dup 32 23, dup2 33 -, dup3 292 24, pipe 22 -,
    pipe2 293 59, poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -,
    epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22, fsync 74 82, fdatasync 75 83,
    msync 26 227,

    open 2 -, openat 257 56, creat 85 -, access 21 -, faccessat 269 48, faccessat2 439 439, stat 4 -,
    fstat 5 80, lstat 6 -, newfstatat 262 79, statx 332 291, getdents 78 -, getdents64 217 61, getcwd 79 17,
    chdir 80 49, fchdir 81 50, mkdir 83 -, mkdirat 258 34, rmdir 84 -, rename 82 -, renameat 264 38,
    renameat2 316 276, unlink 87 -, unlinkat 263 35, link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36,
    readlink 89 -, readlinkat 267 78, chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452,
    truncate 76 45, ftruncate 77 46, fallocate 285 47, umask 95 166, getxattr 191 8, lgetxattr 192 9,
    fgetxattr 193 10, listxattr 194 11, llistxattr 195 12, flistxattr 196 13,

    munmap 11 215, mprotect 10 226, mremap 25 216, brk 12 214,

    set_robust_list 273 99, rseq 334 293, exit 60 93, exit_group 231 94, getpid 39 172, getppid 110 173,
    gettid 186 178, sched_yield 24 124, sched_getaffinity 204 123, getcpu 309 168, nanosleep 35 101,
    clock_nanosleep 230 115, clock_gettime 228 113, clock_getres 229 114, gettimeofday 96 169, time 201 -,
    times 100 153, getrusage 98 165, alarm 37 -, getitimer 36 102, setitimer 38 103,

    rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
    rt_sigtimedwait 128 137, rt_sigsuspend 130 133, sigaltstack 131 132, pause 34 -, restart_syscall 219 128,
    kill 62 129, tkill 200 130, tgkill 234 131, wait4 61 260, waitid 247 95,

    getuid 102 174, geteuid 107 175, getgid 104 176, getegid 108 177, getresuid 118 148, getresgid 120 150,
    getgroups 115 158, getpgrp 111 -, getpgid 121 155, getsid 124 156, getpriority 140 141, getrlimit 97 163,
    setrlimit 160 164, prlimit64 302 261, uname 63 160, getrandom 318 278
"""

# Calls that do nothing and say that they did: everybody may set the times of a device, which is this computer's own,
# and see them; a program that copies a file with its times is to go on.
IDLE = "utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88"

# A call whose arguments decide. The rule looks at one of them and says what the others get.
ONE_OF, ANY_OF, NONE_OF = "one of", "any of these bits", "none of these bits"
RULES = {
    # Commands on descriptors: copies and flags. Locks, leases and notifications of shared files would be heard in
    # other sandboxes, and a pipe made larger holds memory of the kernel's.
    "fcntl 72 25": (1, ONE_OF, (0, 1, 2, 3, 4, 1030), EPERM),
    # Whether it is a terminal, how much there is to read, inherited or not, blocking or not.
    "ioctl 16 29": (1, ONE_OF, (0x5401, 0x541B, 0x5421, 0x5450, 0x5451), EPERM),
    # Memory given back, and in huge pages or not. Other advice pages out, or merges, what is shared.
    "madvise 28 233": (2, ONE_OF, (4, 8, 14, 15), EINVAL),
    # No locked memory, none from the computer's pool of huge pages.
    "mmap 9 222": (3, NONE_OF, 0x2000 | 0x40000, EPERM),
    # Only within the process: whoever waits at an address of a shared file could be woken, and counted, by another
    # sandbox. Libraries wait in this way for the end of a thread, and try again when told so.
    "futex 202 98": (1, ANY_OF, 0x80, EAGAIN),
    # Threads.
    "clone 56 220": (0, ANY_OF, 0x00010000, EPERM),
    # The name of a thread.
    "prctl 157 167": (0, ONE_OF, (15, 16), EINVAL),
}
CLONE3 = 435  # its flags lie where a filter cannot look; libraries that are told it is unknown use `clone`


def known_machine() -> bool:
    """Whether this computer's system calls are known here."""
    return platform.machine() in MACHINES


def program(machine: str = "") -> bytes:
    """The filter for this computer, or a machine of that name, as the kernel reads it: 8 bytes a step."""
    machine = machine or platform.machine()
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, MACHINES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, ERROR | ENOSYS),
    ]
    for entry in ALLOWED.split(","):
        steps += _if_called(entry, machine, [(RETURN, 0, 0, ALLOW)])
    for entry in IDLE.split(","):
        steps += _if_called(entry, machine, [(RETURN, 0, 0, ERROR)])
    for entry, rule in RULES.items():
        steps += _if_called(entry, machine, _ruled(*rule))
    # What is newer than this list gets the answer of an older kernel, which libraries expect.
    steps += [
        (EQUAL, 1, 0, CLONE3),
        (AT_LEAST, 0, 1, NEWEST + 1),
        (RETURN, 0, 0, ERROR | ENOSYS),
        (RETURN, 0, 0, ERROR | EPERM),
    ]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def load() -> None:
    """Put this process behind the filter, for good; it must not be able to gain privileges any more.

    Errors: OSError where the kernel has no filters.
    """
    steps = program()
    held = ctypes.create_string_buffer(steps, len(steps))
    head = struct.pack("HP", len(steps) // 8, ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(MODE_FILTER), ctypes.c_char_p(head)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _if_called(entry: str, machine: str, steps: list[tuple]) -> list[tuple]:
    number = entry.split()[1 + list(MACHINES).index(machine)]
    return [] if number == "-" else [(EQUAL, 0, len(steps), int(number)), *steps]


def _ruled(argument: int, rule: str, wanted, error: int) -> list[tuple]:
    """Steps that always end the program; the kernel's numbers are 64 bits wide, and these arguments 32."""
    good, bad = (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ERROR | error)
    steps = [(LOAD, 0, 0, ARGUMENTS + 8 * argument)]
    if rule == ONE_OF:
        for value in wanted:
            steps += [(EQUAL, 0, 1, value), good]
        return [*steps, bad]
    if rule == ANY_OF:
        return [*steps, (ANY_BIT, 0, 1, wanted), good, bad]
    return [*steps, (ANY_BIT, 0, 1, wanted), bad, good]
