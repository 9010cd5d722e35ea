"""Each limit holds against code that tries to go over it; what is true is asserted on the host."""

from __future__ import annotations

import os
import platform
import resource
from collections.abc import Iterator

import pytest

from sandbox import supervisor
from sandbox.cgroup import find_cgroups
from sandbox.execution import Execution
from sandbox.kernel import GRACE, open_kernel
from sandbox.limits import Limits

NUMPY = "import numpy as np\nx = np.ones((2000, 1024, 1024))"
SHARED = """import mmap
shared = mmap.mmap(-1, 600 * 2**20)
for page in range(0, len(shared), 4096): shared[page] = 1
print('survived')"""
MEMORY_FILES = """import os, time
for n in range(6):
    f = os.memfd_create(str(n))
    for _ in range(90): os.write(f, bytes(2**20))
time.sleep(20)
print('survived')"""
CROWD = """import os, time
for _ in range(60):
    if os.fork() == 0:
        time.sleep(60)
time.sleep(20)
print('survived')"""
SMALL_ONES = """import os, time
for _ in range(8):
    if os.fork() == 0:
        held = bytearray(os.urandom(2**20) * 70)
        time.sleep(60)
time.sleep(20)
print('survived')"""
BIG_MAPPING = SHARED.replace("600", "1400")
BUSY_PAIR = "import os\nos.fork()\nwhile True: pass"
MANY_FILES = "for n in range(500):\n    open(str(n), 'w').close()"
MANY_FOLDERS = "import os\nfor n in range(500):\n    os.mkdir(f'/tmp/{n}')"
BOMB = "import os\nwhile True: os.fork()"
THREADS = """import threading, time
for _ in range(300): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
time.sleep(20)
print('survived')"""
DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"


def groups_left() -> list[str]:
    """The control groups that this process has made and not removed."""
    folders = {slot.folder for slot in find_cgroups().slots.values()}
    return [str(group) for folder in folders for group in folder.glob(f"mltutor-{os.getpid()}-*")]


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """After each test the next kernel works, and no group is left, so no process of one either."""
    yield
    with open_kernel(limits=Limits(seconds=20)) as following:
        assert following.execute("sum(range(5))").stdout == "10\n"
    assert groups_left() == []


def run(code: str, limits: Limits) -> tuple[Execution, bool]:
    """What `code` did in a fresh kernel, and whether the kernel lived on with its state."""
    with open_kernel(limits=limits) as kernel:
        kernel.execute("state = 'kept'")
        done = kernel.execute(code)
        lives = kernel.is_alive() and kernel.execute("state").stdout == "'kept'\n"
    return done, lives


def test_endless_loop_is_stopped_and_the_kernel_survives() -> None:
    done, lives = run("x = 1\nwhile True: pass", Limits(seconds=0.5))
    assert done.outcome == "timeout"
    assert done.error is not None
    assert (done.error.name, done.error.line) == ("Timeout", 2)
    assert lives


@pytest.mark.parametrize("code", [DEAF, "sum(range(10**13))"], ids=["deaf to signals", "inside C"])
def test_loop_that_no_interrupt_stops_is_killed_soon_after_its_limit(code: str) -> None:
    done, lives = run(code, Limits(seconds=0.5))
    assert done.outcome == "timeout"
    assert not lives
    assert done.seconds >= 0.5 + GRACE


def test_allocation_over_the_limit_is_a_memory_error_and_the_kernel_survives() -> None:
    done, lives = run(NUMPY, Limits(memory_mb=600))
    assert done.outcome == "memory"
    assert done.error is not None
    assert done.error.line == 2
    assert lives


@pytest.mark.parametrize(
    "code", [SHARED, MEMORY_FILES, SMALL_ONES], ids=["shared mapping", "memory files", "many processes"]
)
def test_memory_that_no_rlimit_counts_ends_the_kernel(code: str) -> None:
    done, lives = run(code, Limits(memory_mb=300))
    assert (done.outcome, done.stdout) == ("memory", ""), (find_cgroups(), done)
    assert not lives


@pytest.mark.parametrize(
    "code", [BIG_MAPPING, MEMORY_FILES.replace("range(6)", "range(14)")], ids=["mapping", "files"]
)
def test_memory_is_held_by_the_group_when_nobody_looks(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "memory" not in find_cgroups().slots:
        assert find_cgroups().missing["memory"]
        return
    monkeypatch.setattr(supervisor, "INTERVAL", 3600.0)
    monkeypatch.setattr(supervisor, "IDLE_INTERVAL", 3600.0)
    done, lives = run(code, Limits(memory_mb=300, disk_mb=100))
    assert (done.outcome, done.stdout) == ("memory", "")
    assert done.error is not None
    assert done.error.name == "OutOfMemory"
    assert not lives


def test_cpu_time_is_that_of_all_processes_and_told_apart_from_the_clock() -> None:
    done, lives = run(BUSY_PAIR, Limits(seconds=60, cpu_seconds=0.6))
    assert done.outcome == "timeout"
    assert done.error is not None
    assert done.error.message == "ended: it used more than 0.6 s of CPU time"
    assert not lives


def test_cpu_time_is_counted_for_each_execution_anew() -> None:
    work = "import time\nuntil = time.process_time() + 0.4\nwhile time.process_time() < until: pass"
    with open_kernel(limits=Limits(cpu_seconds=1.0)) as kernel:
        assert [kernel.execute(work).outcome for _ in range(4)] == ["ok"] * 4


@pytest.mark.parametrize("code", [MANY_FILES, MANY_FOLDERS], ids=["files", "folders"])
def test_too_many_files_are_an_error_and_the_kernel_survives(code: str) -> None:
    done, lives = run(code, Limits(files=100))
    assert done.outcome == "disk"
    assert done.error is not None
    assert done.error.line == (2 if code == MANY_FILES else 3)
    assert lives


@pytest.mark.parametrize("code", [CROWD, BOMB, THREADS], ids=["crowd", "fork bomb", "threads"])
def test_too_many_processes_or_threads_are_stopped(code: str) -> None:
    done, _ = run(code, Limits(processes=12))
    assert (done.outcome, done.stdout) == ("processes", "")


@pytest.mark.parametrize("place", [".", "/tmp", "/dev/shm"])
def test_full_disk_is_an_error_and_the_kernel_survives(place: str) -> None:
    code = f"for n in range(9):\n    open(f'{place}/{{n}}', 'wb').write(bytes(2**20))"
    done, lives = run(code, Limits(disk_mb=6))
    assert done.outcome == "disk"
    assert done.error is not None
    assert done.error.line == 2
    assert lives


def test_one_file_over_the_disk_limit_is_an_error() -> None:
    done, _ = run("open('sparse', 'wb').truncate(20 * 2**20)", Limits(disk_mb=6))
    assert done.outcome == "disk"


@pytest.mark.parametrize(
    "code",
    [
        "while True: print('x' * 1000)",
        "import os\nwhile True: os.write(1, b'y' * 65536)",
        "print('z' * 10**9)",
    ],
    ids=["print", "descriptor", "one print of 1 GB"],
)
def test_flood_of_output_is_cut_and_stopped_without_filling_the_host(code: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done, lives = run(code, Limits(output_bytes=50_000, memory_mb=4096))
    assert done.outcome == "output"
    assert len(done.stdout) == 50_000
    assert done.truncated
    assert lives
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # kilobytes


def test_long_output_is_cut_and_the_code_still_ends() -> None:
    done, _ = run("for n in range(20_000): print(n)", Limits(output_bytes=50_000))
    assert (done.outcome, done.truncated) == ("ok", True)
    assert len(done.stdout) == 50_000


def test_message_over_the_size_limit_is_lost_and_told() -> None:
    publish = "get_ipython().display_pub.publish(data={'text/plain': 'z' * 20_000_000})"
    done, lives = run(publish, Limits(figure_bytes=100_000))
    assert (done.stdout, done.truncated) == ("", True)
    assert lives


def test_figures_are_limited_in_number_and_size() -> None:
    code = "import matplotlib.pyplot as plt\nimport numpy as np\n"
    code += "for n in range(4):\n    plt.figure(figsize=(2, 2)); plt.plot([n, 1]); plt.show()"
    done, _ = run(code, Limits(figures=2))
    assert (len(done.figures), done.truncated) == (2, True)


def test_open_files_are_limited() -> None:
    done, _ = run("files = [open('/dev/null') for _ in range(2000)]", Limits())
    assert done.error is not None
    assert "Too many open files" in done.error.message


@pytest.mark.parametrize(
    ("code", "cause"),
    [("import os; os._exit(7)", "exit status 7"), ("import ctypes; ctypes.string_at(0)", "SIGSEGV")],
)
def test_death_of_the_process_is_told_with_its_cause(code: str, cause: str) -> None:
    done, lives = run(code, Limits())
    assert done.outcome == "crashed"
    assert done.error is not None
    assert cause in done.error.message
    assert not lives


def test_dead_kernel_answers_every_further_execution() -> None:
    with open_kernel() as kernel:
        kernel.execute("import os; os._exit(0)")
        assert kernel.execute("1").outcome == "crashed"
        assert kernel.run_file("any.py").outcome == "crashed"


BARRED = """
import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
calls = {"unshare": 272, "io_uring_setup": 425, "keyctl": 250, "bpf": 321, "userfaultfd": 323,
         "perf_event_open": 298, "ptrace": 101, "mount": 165, "setns": 308, "shmget": 29,
         "x32 getpid": 0x40000000 + 39}
assert libc.syscall(39) > 0
failed = []
for name, number in calls.items():
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.EPERM:
        failed.append(name)
if libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0) != -1: failed.append("clone")
for family in (40, 17, 38):
    try: failed.append(socket.socket(family, socket.SOCK_DGRAM).family)
    except OSError as error:
        if error.errno != errno.EPERM: failed.append((family, error))
for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6): socket.socket(family).close()
failed
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of x86-64")
def test_system_calls_that_serve_attacks_are_barred() -> None:
    done, lives = run(BARRED, Limits())
    assert (done.stdout, done.error) == ("[]\n", None)
    assert lives


def test_threads_children_and_pools_work_under_the_filter() -> None:
    code = """import multiprocessing, subprocess, threading, numpy as np
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, -2]))
print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout.strip())
print(np.linalg.inv(np.eye(300) * 2)[0, 0])"""
    done, _ = run(code, Limits())
    assert (done.stdout, done.error) == ("thread\n[1, 2]\nchild\n0.5\n", None)


def test_host_keeps_no_descriptor_of_a_closed_kernel() -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    with open_kernel(channel=True):
        pass
    before = count()
    for _ in range(2):
        with open_kernel(channel=True) as kernel:
            kernel.execute("1")
    assert count() == before
