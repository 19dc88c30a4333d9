"""The walls of a sandbox: what the kernel is asked to refuse, what a submission may use up, what its root holds."""

import fcntl
import os
import shutil
import signal
import struct
import sys
import threading
import time
from pathlib import Path

import attacks
import classroom
import numpy as np
import psutil
import pytest

from actlab import learner
from actlab.errors import CourseError
from actlab.exercises import EXERCISES, Task
from actlab.grading import forkserver, origin, runtime, sandbox, scope, seccomp, wire, worker
from actlab.grading.forkserver import TMP_FILES
from actlab.grading.marking import Job, Terms, judge
from actlab.grading.origin import NOBODY, Each, Forked, Origin
from actlab.grading.run import Order, Progress, grade
from actlab.grading.sandbox import Request, Sandbox, bounds
from actlab.learner import Kind, Trouble
from actlab.recipes import made

# The kernel's own words: lines of asm/unistd_64.h and asm-generic/unistd.h, as `number name`. They never change.
REFUSED = {
    "x86_64": """
        27 mincore 29 shmget 30 shmat 40 sendfile 41 socket 42 connect 44 sendto 45 recvfrom 46 sendmsg
        47 recvmsg 49 bind 53 socketpair 57 fork 58 vfork 59 execve 64 semget 65 semop 68 msgget 73 flock
        92 chown 93 fchown 99 sysinfo 101 ptrace 105 setuid 106 setgid 117 setresuid 126 capset 133 mknod
        135 personality 137 statfs 138 fstatfs 141 setpriority 149 mlock 151 mlockall 154 modify_ldt
        155 pivot_root 161 chroot 162 sync 163 acct 164 settimeofday 165 mount 166 umount2 167 swapon
        168 swapoff 169 reboot 170 sethostname 172 iopl 173 ioperm 175 init_module 176 delete_module
        179 quotactl 187 readahead 188 setxattr 203 sched_setaffinity 206 io_setup 209 io_submit
        212 lookup_dcookie 221 fadvise64 222 timer_create 237 mbind 238 set_mempolicy 240 mq_open 246 kexec_load
        248 add_key 249 request_key 250 keyctl 253 inotify_init 254 inotify_add_watch 256 migrate_pages
        259 mknodat 260 fchownat 272 unshare 275 splice 276 tee 278 vmsplice 279 move_pages 294 inotify_init1
        298 perf_event_open 300 fanotify_init 301 fanotify_mark 303 name_to_handle_at 304 open_by_handle_at
        306 syncfs 308 setns 310 process_vm_readv 311 process_vm_writev 312 kcmp 313 finit_module 317 seccomp
        319 memfd_create 320 kexec_file_load 321 bpf 322 execveat 323 userfaultfd 325 mlock2 326 copy_file_range
        327 preadv2
    """,
    "aarch64": """
        0 io_setup 2 io_submit 5 setxattr 18 lookup_dcookie 26 inotify_init1 27 inotify_add_watch 32 flock
        33 mknodat 39 umount2 40 mount 41 pivot_root 43 statfs 44 fstatfs 51 chroot 54 fchownat 55 fchown
        60 quotactl 71 sendfile 75 vmsplice 76 splice 77 tee 81 sync 89 acct 91 capset 92 personality 97 unshare
        104 kexec_load 105 init_module 106 delete_module 107 timer_create 117 ptrace 122 sched_setaffinity
        140 setpriority 142 reboot 144 setgid 146 setuid 147 setresuid 161 sethostname 170 settimeofday
        179 sysinfo 180 mq_open 186 msgget 190 semget 193 semop 194 shmget 196 shmat 198 socket 199 socketpair
        200 bind 203 connect 206 sendto 207 recvfrom 211 sendmsg 212 recvmsg 213 readahead 217 add_key
        218 request_key 219 keyctl 221 execve 223 fadvise64 224 swapon 225 swapoff 228 mlock 230 mlockall
        232 mincore 235 mbind 237 set_mempolicy 238 migrate_pages 239 move_pages 241 perf_event_open
        262 fanotify_init 263 fanotify_mark 267 syncfs 268 setns 270 process_vm_readv 271 process_vm_writev
        272 kcmp 273 finit_module 277 seccomp 279 memfd_create 280 bpf 281 execveat 282 userfaultfd 284 mlock2
        285 copy_file_range 286 preadv2 294 kexec_file_load
    """,
}
SINCE_2019 = """
    424 pidfd_send_signal 425 io_uring_setup 426 io_uring_enter 427 io_uring_register 428 open_tree 429 move_mount
    430 fsopen 431 fsconfig 432 fsmount 433 fspick 434 pidfd_open 438 pidfd_getfd 440 process_madvise
    442 mount_setattr 444 landlock_create_ruleset 447 memfd_secret 448 process_mrelease 449 futex_waitv 451 cachestat
    454 futex_wake 455 futex_wait 456 futex_requeue 457 statmount 458 listmount 467 open_tree_attr
"""
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBERS = {
    "x86_64": {"fcntl": 72, "ioctl": 16, "madvise": 28, "mmap": 9, "futex": 202, "clone": 56, "prctl": 157},
    "aarch64": {"fcntl": 25, "ioctl": 29, "madvise": 233, "mmap": 222, "futex": 98, "clone": 220, "prctl": 167},
}
# (call, which argument, value that passes, value that does not): the numbers of fcntl.h, ioctls.h, mman.h, futex.h …
ARGUMENTS = (
    *(("fcntl", 1, 3, command) for command in (5, 6, 7, 8, 10, 36, 37, 38, 1024, 1025, 1026, 1031, 1036)),
    ("ioctl", 1, 0x5401, 0x5412),
    *(("madvise", 2, 4, advice) for advice in (3, 12, 20, 21)),
    *(("mmap", 3, 0x22, 0x22 | flag) for flag in (0x2000, 0x40000)),
    *(("futex", 1, 128 + operation, operation) for operation in (0, 1, 3, 4, 5, 6, 9, 10)),
    *(("clone", 0, 0x3D0F00, flags) for flags in (17, 0x4111, 0x10000000, 0x20000000)),
    *(("prctl", 0, 15, option) for option in (1, 4, 22, 38)),
)


# Calls that the kernel makes known to its own probes, exempts from every filter, and ends whoever else makes them.
PROBES = {335, 336}


def filtered(program):
    """What the kernel would answer: the few instructions that the filter is made of."""
    steps = [struct.unpack_from("<HBBI", program, at) for at in range(0, len(program), 8)]

    def verdict(architecture, number, *arguments):
        memory = {seccomp.NUMBER: number, seccomp.ARCHITECTURE: architecture}
        memory |= {seccomp.ARGUMENTS + 8 * k: value for k, value in enumerate(arguments)}
        at = value = 0
        while True:
            code, yes, no, k = steps[at]
            at += 1
            if code == seccomp.LOAD:
                value = memory[k]
            elif code == seccomp.RETURN:
                return k
            else:
                test = {seccomp.EQUAL: value == k, seccomp.AT_LEAST: value >= k, seccomp.ANY_BIT: bool(value & k)}
                at += yes if test[code] else no

    return verdict


@pytest.fixture(params=REFUSED)
def machine(request):
    return request.param


@pytest.fixture
def verdict(machine):
    """Of the filter for one machine: the verdict on a call by its number."""
    decide = filtered(seccomp.program(machine))
    return lambda number, *arguments: decide(ARCHITECTURES[machine], number, *arguments, *[0] * (6 - len(arguments)))


def test_the_filter_refuses_each_of_these_calls(machine, verdict):
    words = (REFUSED[machine] + SINCE_2019).split()
    for number, name in zip(words[::2], words[1::2], strict=True):
        assert verdict(int(number)) == seccomp.ERROR | seccomp.EPERM, name
    assert verdict(435) == seccomp.ERROR | seccomp.ENOSYS, "clone3, whose flags a filter cannot see"


def test_it_refuses_what_nobody_knows_yet(machine, verdict):
    for number in (seccomp.NEWEST + 1, 1000, 10**6, 2**32 - 1, 0x40000000, 0x40000000 + 39):
        assert verdict(number) == seccomp.ERROR | seccomp.ENOSYS, number
    assert filtered(seccomp.program(machine))(0x40000003, 3) == seccomp.KILL, "another architecture's numbers"


@pytest.mark.parametrize(("call", "which", "good", "bad"), ARGUMENTS, ids=str)
def test_it_looks_at_the_argument_that_decides(machine, verdict, call, which, good, bad):
    number = NUMBERS[machine][call]
    assert verdict(number, *[0] * which, good) == seccomp.ALLOW
    assert verdict(number, *[0] * which, bad) & 0xFFFF0000 == seccomp.ERROR


@pytest.fixture
def forked():
    """What forks sandboxes for one test alone."""
    made = Forked()
    yield made
    made.close()


@pytest.fixture(params=["forked", "each"])
def source(request, forked):
    """What starts sandboxes, in both ways."""
    return forked if request.param == "forked" else Each("bubblewrap")


def in_a_sandbox(cell: str, name: str, source: Origin | None = None) -> str:
    """The text that a variable holds after this cell has run in a sandbox."""
    with Sandbox(source=source) as box:
        box.wait()
        return ran(box, cell, name)


def ran(box: Sandbox, cell: str, name: str) -> str:
    """The text that a variable holds after this cell has run as well."""
    run = {"do": "cell", "label": "cell 1", "source": cell, "seconds": 20.0}
    box.send([Request(run), Request({"do": "read", "name": name})], wire.within(90))
    answer, _ = box.receive(wire.within(90))
    assert "trouble" not in answer, answer
    answer, body = box.receive(wire.within(30))
    return wire.unpack(answer["value"], body)


def test_the_kernel_refuses_every_call_that_is_not_allowed():
    column = 1 + list(seccomp.MACHINES).index(os.uname().machine)
    entries = ",".join([seccomp.ALLOWED, seccomp.IDLE, *seccomp.RULES]).split(",")
    allowed = {int(number) for number in (entry.split()[column] for entry in entries) if number != "-"}
    cell = f"""
import ctypes
libc, passed = ctypes.CDLL(None, use_errno=True), []
for number in set(range(700)) - {allowed | PROBES}:
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6)
    if result != -1 or ctypes.get_errno() not in (1, 38):
        passed.append(number)
passed = repr(passed)
"""
    assert in_a_sandbox(cell, "passed") == "[]"


def test_what_a_program_does_with_files_threads_and_clocks_works():
    cell = """
import concurrent.futures, os, pathlib, shutil, tempfile, threading, time
import numpy as np
folder = pathlib.Path(tempfile.mkdtemp())
np.save(folder / "a.npy", np.eye(50))
kept = np.load(folder / "a.npy", mmap_mode="r+")
kept[0, 0] = 2
kept.flush()
shutil.copytree(folder, "/tmp/copy")
os.rename("/tmp/copy/a.npy", "/tmp/copy/b.npy")
os.symlink("/tmp/copy/b.npy", "/tmp/copy/c.npy")
found = sorted(os.listdir("/tmp/copy"))
same = np.load("/tmp/copy/c.npy").sum()
shutil.rmtree("/tmp/copy")
pathlib.Path("/tmp/touched").touch()
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    squares = list(pool.map(lambda x: x * x, range(9)))
for _ in range(20):
    thread = threading.Thread(target=time.sleep, args=(0.001,))
    thread.start()
    thread.join()
big = np.ones((1000, 1000)) @ np.ones((1000, 1000))
seen = repr([found, float(same), squares[-1], float(big[0, 0]), time.process_time() > 0])
"""
    assert in_a_sandbox(cell, "seen") == "[['b.npy', 'c.npy'], 51.0, 64, 1000.0, True]"


LOOK = """
import os
import numpy as np
seen = repr([
    os.getpid(),
    [pid for pid in range(1, 400) if not refused(os.kill, pid, 0)],
    os.listdir("/tmp"),
    sorted(os.listdir("/")),
    sum(not refused(os.fstat, fd) for fd in range(1000)),
    np.pi == 3.141592653589793,
    "planted" in vars(np),
])
drawn = repr(np.random.random())
"""
REFUSED_OR_NOT = """
def refused(f, *given):
    try:
        f(*given)
    except OSError:
        return True
"""
PLANTED = """
import os, sys, threading, time
import numpy as np
np.pi, np.planted = 3, "left behind"
sys.modules["json"] = None
open("/tmp/left", "w").write("behind")
threading.Thread(target=time.sleep, args=(1000,)).start()
os.umask(0o777)
planted = "yes"
"""


def test_each_sees_its_own_process_and_folder_and_nothing_of_the_one_before_or_beside(source):
    look = REFUSED_OR_NOT + LOOK
    found, drawn = [], []
    with Sandbox() as other:
        other.wait()
        ran(other, PLANTED, "planted")
        for _ in range(2):
            with Sandbox(source=source) as box:
                box.wait()
                found.append(ran(box, look, "seen"))
                drawn.append(ran(box, "", "drawn"))
                ran(box, PLANTED, "planted")
        found.append(in_a_sandbox(look, "seen", source))
    assert len(set(drawn)) == 2
    folders = ["course", "dev", "lib", "lib64", "python", "tmp"]
    assert found == [repr([2, [1, 2], [], folders, 5, True, False])] * 3


def test_it_holds_no_capability_and_cannot_gain_one(source):
    with Sandbox(source=source) as box:
        box.wait()
        status = Path(f"/proc/{box.worker}/status").read_text()
    for line in (
        *(f"Cap{which}:\t{0:016x}" for which in ("Inh", "Prm", "Eff", "Amb")),
        "NoNewPrivs:\t1",
        "Seccomp:\t2",
    ):
        assert f"{line}\n" in status


ENDS = {
    "os._exit": "import os\nos._exit(0)",
    "kill(0)": "import os\nos.kill(0, 9)",
    "kill(-1)": "import os\nos.kill(-1, 9)\nos.kill(2, 9)",
    "kill(1)": "import os\nos.kill(1, 9)\nos.kill(2, 9)",
    "abort": "import os\nos.abort()",
    "a crash": "import ctypes\nctypes.string_at(1)",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_however_it_ends_nothing_is_left_and_nobody_else_is_served_there(forked, end):
    with Sandbox(source=forked) as box:
        box.wait()
        before = forked.process.pid
        box.send([Request({"do": "cell", "label": "cell 1", "source": end, "seconds": 20.0})], wire.within(30))
        with pytest.raises(wire.Broken):
            box.receive(wire.within(30))
    assert not psutil.pid_exists(before)
    assert in_a_sandbox("found = 'it runs'", "found", forked) == "it runs"


SURVIVED = {
    "memory": "a = []\nwhile True: a.append(bytes(1 << 20))",
    "signals": "import os, signal\nfor number in range(1, signal.NSIG): refused(os.kill, 1, number)",
    "threads": "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,)).start()",
}


@pytest.mark.parametrize("cell", SURVIVED.values(), ids=SURVIVED)
def test_what_it_survives_ends_with_it_and_what_forked_it_forks_the_next(forked, cell):
    with Sandbox(source=forked) as box:
        box.wait()
        before = forked.process.pid
        cells = [REFUSED_OR_NOT + cell, "raise ValueError('still there')"]
        run = [Request({"do": "cell", "label": "cell", "source": cell, "seconds": 20.0}) for cell in cells]
        box.send(run, wire.within(30))
        answers = [box.receive(wire.within(30))[0] for _ in run]
        assert "still there" in f"{answers[1]}"
    left = [one.name() for one in psutil.Process(before).children(recursive=True)]
    assert len(left) == 2, left  # bubblewrap's first process in there, and what forks
    assert in_a_sandbox("found = 'it runs'", "found", forked) == "it runs" and forked.process.pid == before


AS_BEFORE = """
import os, resource, signal, sys, threading, time, warnings
def deep(k):
    try:
        return deep(k + 1)
    except RecursionError:
        return k
threads = 0
try:
    while True:
        threading.Thread(target=time.sleep, args=(99,), daemon=True).start()
        threads += 1
except RuntimeError:
    pass
seen = repr([
    deep(0), threads, sys.argv, sys.flags, sys.path, dict(os.environ), sorted(vars()), warnings.filters,
    [str(getattr(signal.getsignal(one), "__name__", signal.getsignal(one))) for one in signal.valid_signals()],
    [resource.getrlimit(one) for one in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_CPU)],
    sys.getrecursionlimit(), sys.getswitchinterval(), os.getpriority(os.PRIO_PROCESS, 0), os.getcwd(),
])
"""


def test_it_is_the_same_to_submitted_code_how_it_was_started(forked):
    seen = [in_a_sandbox(AS_BEFORE, "seen", source) for source in (forked, Each("bubblewrap"))]
    assert seen[0] == seen[1]


FLAGS = """
import fcntl
flags = repr([fcntl.fcntl(one, fcntl.F_GETFL) for one in range(3)])
for one in range(3):
    fcntl.fcntl(one, fcntl.F_SETFL, 0o2000 | 0o4000)
"""


def test_no_flag_of_a_file_is_left_for_the_next(forked):
    assert in_a_sandbox(FLAGS, "flags", forked) == in_a_sandbox(FLAGS, "flags", forked)


def test_where_what_forks_has_ended_it_is_started_anew(forked):
    assert in_a_sandbox("found = 'it runs'", "found", forked) == "it runs"
    forked.process.kill()
    forked.process.wait()
    assert in_a_sandbox("found = 'still'", "found", forked) == "still"


def test_what_is_killed_from_outside_is_a_broken_sandbox_and_the_next_one_starts(source):
    with Sandbox(source=source) as box:
        box.wait()
        source.process.kill()
        with pytest.raises(wire.Broken):
            box.receive(wire.within(30))
    assert in_a_sandbox("found = 'it runs'", "found", source) == "it runs"


def test_judging_goes_on_where_what_forks_sandboxes_is_ending_just_then():
    job = Job("ann", attacks.honest(), Terms(b"the secret of a class"))
    for _ in range(3):
        assert judge(job).score == 100
        vars(origin._idle)["forked"][-1].process.kill()


def test_where_no_process_may_fork_sandboxes_each_is_started_anew(monkeypatch):
    """As where AppArmor leaves what bubblewrap starts no capability."""
    monkeypatch.setattr(origin, "FORKING", ())
    monkeypatch.setattr(origin, "_forks", True)
    monkeypatch.setattr(origin, "_idle", threading.local())
    for _ in range(2):
        with Sandbox() as box:
            box.wait()
            assert isinstance(box.source, Each) and ran(box, "found = 'it runs'", "found") == "it runs"


def test_one_that_serves_is_lent_to_nobody_else(forked):
    assert in_a_sandbox("found = 'mine'", "found", forked) == "mine"
    with Sandbox() as one, Sandbox() as two:
        assert len({one.source, two.source, forked}) == 3
        for box in one, two:
            box.wait()
        assert ran(one, "found = 'one'", "found") == "one" and ran(two, "found = 'two'", "found") == "two"
    with Sandbox() as three:
        assert three.source in (one.source, two.source)


def test_its_files_are_numbered():
    cell = """
import os
made = 0
try:
    while True:
        os.close(os.open(f"/tmp/{made}", os.O_CREAT))
        made += 1
except OSError as error:
    made = f"{made} {error.errno}"
"""
    made, error = map(int, in_a_sandbox(cell, "made").split())
    assert TMP_FILES - 10 < made < TMP_FILES and error == 28


def test_no_file_of_its_root_tells_where_it_came_from():
    folders = {sys.prefix, sys.base_prefix, str(Path(runtime.__file__).parents[3]), str(runtime.folder().parent)} - {
        "/usr"
    }
    telling = [
        f"{path}: {folder}"
        for path in runtime.folder().rglob("*")
        if path.is_file() and not path.is_symlink()
        for folder in folders
        if folder.encode() in path.read_bytes()
    ]
    assert telling == []


@pytest.mark.parametrize("planted", ["of somebody else", "that all may write", "that is a link"])
def test_a_root_that_somebody_could_have_planted_is_not_used(tmp_path, monkeypatch, planted):
    monkeypatch.setattr(runtime, "_cache", lambda: tmp_path)
    monkeypatch.setattr(runtime, "_folder", None)
    monkeypatch.setattr(runtime, "_fill", lambda root, sources: (root / "ours").touch())
    made = runtime.folder()
    shutil.rmtree(made)
    (tmp_path / "elsewhere").mkdir()
    if planted == "that is a link":
        made.symlink_to(tmp_path / "elsewhere")
    else:
        made.mkdir()
        (made / "theirs").touch()
        made.chmod(0o777 if planted == "that all may write" else 0o755)
        if planted == "of somebody else":
            monkeypatch.setattr(runtime.os, "geteuid", lambda: 12345)
    monkeypatch.setattr(runtime, "_folder", None)
    try:
        assert [path.name for path in runtime.folder().iterdir()] == ["ours"]
    except CourseError as error:
        assert str(made) in str(error)


def test_a_lock_that_somebody_holds_on_the_folder_delays_no_run(tmp_path):
    handed_in, out = classroom.hand_in(tmp_path / "in", ada=b"{"), tmp_path / "out"
    out.mkdir()
    held = os.open(out, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    grade(handed_in, out, Order(workers=1), Progress(waiting=lambda: pytest.fail("it waits")))
    os.close(held)


SYSTEMD_RUN = """#!/bin/sh
echo "$@" >>{log}
while test "$1" != --; do shift; done
shift
exec {run} "$@"
"""


@pytest.mark.parametrize("works", [True, False])
def test_systemd_bounds_all_that_a_sandbox_holds_where_it_can(tmp_path, monkeypatch, works):
    """With a program in systemd-run's place that runs what it is given, or fails: the real one needs a real systemd."""
    log, controllers = tmp_path / "log", tmp_path / "cgroup.controllers"
    run = f"setpriv --reuid={NOBODY} --clear-groups" if os.geteuid() == 0 else ""
    program = tmp_path / "systemd-run"
    program.write_text(SYSTEMD_RUN.format(log=log, run=run if works else "false"))
    program.chmod(0o755)
    controllers.write_text("cpuset cpu io memory pids\n")
    monkeypatch.setattr(scope, "CONTROLLERS", controllers)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    scope.words.cache_clear()
    try:
        assert in_a_sandbox("found = 'it runs'", "found", Each("bubblewrap")) == "it runs"
        assert ("systemd bounds" in bounds()) == works
    finally:
        scope.words.cache_clear()
    started = log.read_text().splitlines()
    assert len(started) == (2 if works else 1)
    for bound in ("MemoryMax=1283457024", "MemorySwapMax=0", "TasksMax=64"):
        assert all(bound in line for line in started)


def test_without_systemd_the_bounds_are_those_of_a_process(tmp_path, monkeypatch):
    monkeypatch.setattr(scope, "CONTROLLERS", tmp_path / "none")
    scope.words.cache_clear()
    try:
        assert scope.words(NOBODY) == () and "as a process" in bounds()
    finally:
        scope.words.cache_clear()


def test_the_manual_names_these_limits():
    manual = (Path(__file__).parents[1] / "docs" / "grading.md").read_text(encoding="utf-8")
    kept = manual.partition("## How it is kept safe")[2].partition("\n## ")[0]
    for words in (
        f"{wire.MAX_NUMBERS:,} of them and {wire.MAX_BODY >> 20} MB at most",
        f"heads of {sandbox.LONGEST_ANSWER >> 10} KB",
        f"{sandbox.MAX_QUESTIONS:,} questions and {sandbox.MAX_ASKED >> 20} MB",
        f"{forkserver.TMP_BYTES >> 20} MB and {TMP_FILES:,} files",
        f"{worker.MEMORY >> 30} GB of memory, {worker.FILES} files, {worker.THREADS} threads",
        f"{(worker.MEMORY + scope.SPARE) / 2**30:.1f} GB, no swap and {worker.THREADS + scope.BEYOND} tasks",
        f"in {len({attack.kind for attack in attacks.attacks()})} classes",
    ):
        assert words in " ".join(kept.split()), words


def test_no_question_asks_for_more_numbers_than_an_answer_may_hold():
    for exercise in EXERCISES.values():
        if isinstance(exercise, Task):
            for case in exercise.cases(np.random.default_rng(0)):
                want = exercise.reference(*made(case.args))
                assert sum(map(np.size, want if exercise.outputs else (want,))) <= wire.MAX_NUMBERS, exercise.id


def test_a_limit_of_computing_time_lets_a_call_sleep_for_three_times_as_long():
    def compute():
        while True:
            pass

    assert learner.call(lambda: time.sleep(0.15) or 1, seconds=0.1, computing=True) == 1
    for endless, said in ((compute, r"0\.[13] s"), (lambda: time.sleep(100), "0.3 s")):
        with pytest.raises(Trouble, match=said) as stopped:
            learner.call(endless, seconds=0.1, computing=True)
        assert stopped.value.kind is Kind.TIME
    for clock, alarm in ((signal.ITIMER_REAL, signal.SIGALRM), (signal.ITIMER_PROF, signal.SIGPROF)):
        assert signal.getitimer(clock) == (0, 0) and signal.getsignal(alarm) is signal.SIG_DFL


@pytest.mark.parametrize(("missing", "package"), {"bwrap": "bubblewrap", "unshare": "util-linux"}.items())
def test_what_is_not_installed_is_named(monkeypatch, missing, package):
    monkeypatch.setattr(shutil, "which", lambda name: None if name == missing else f"/usr/bin/{name}")
    with pytest.raises(sandbox.NoSandbox, match=f"{package} is not installed"):
        sandbox.require("bubblewrap")
