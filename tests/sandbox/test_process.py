"""Nothing that was started in a sandbox outlives it, its owner or its owner's thread."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sandbox import kernel as kernel_module
from sandbox.isolation import Isolation
from sandbox.kernel import Kernel, open_kernel
from sandbox.process import end, family_of, launch

DAEMON = """import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(300)
    os._exit(0)
os.wait()"""
OWNER = """import sys, time
from sandbox.kernel import open_kernel
from sandbox.process import family_of
kernel = open_kernel(allow_unisolated=True)
kernel.execute(DAEMON)
print(*family_of(kernel._started.process.pid), flush=True)
time.sleep(300)
"""


def family(kernel: Kernel) -> list[int]:
    return family_of(kernel._started.process.pid)


def watch(pids: list[int]) -> list[int]:
    return [os.pidfd_open(pid) for pid in pids]


def all_gone(pidfds: list[int], seconds: float = 10.0) -> bool:
    """Whether every watched process ends within `seconds` each."""
    gone = [bool(select.select([pidfd], [], [], seconds)[0]) for pidfd in pidfds]
    for pidfd in pidfds:
        os.close(pidfd)
    return all(gone)


@pytest.fixture(params=["best tier", "no isolation"])
def any_tier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "no isolation":
        monkeypatch.setattr(kernel_module, "current_isolation", lambda: Isolation("none", "as a test"))


@pytest.mark.usefixtures("any_tier")
def test_close_ends_also_a_daemon_that_left_its_parents() -> None:
    with open_kernel(allow_unisolated=True) as kernel:
        before = family(kernel)
        kernel.execute(DAEMON)
        after = family(kernel)
        assert len(after) == len(before) + 1
        pidfds = watch(after)
    assert all_gone(pidfds)


def test_death_of_the_kernel_ends_its_children() -> None:
    with open_kernel() as kernel:
        kernel.execute(DAEMON)
        pidfds = watch(family(kernel)[1:])  # without its init, which waits for the host
        assert kernel.execute("import os; os._exit(0)").outcome == "crashed"
        assert all_gone(pidfds)


def test_killed_host_leaves_nothing_behind() -> None:
    host = subprocess.Popen(
        [sys.executable, "-c", f"DAEMON = {DAEMON!r}\n{OWNER}"],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert host.stdout
        pids = [int(word) for word in host.stdout.readline().split()]
        assert len(pids) >= 2
        pidfds = watch(pids)
    finally:
        host.kill()
        host.wait(10)
        if host.stdout:
            host.stdout.close()
    assert all_gone(pidfds)


def test_kernel_outlives_the_thread_that_opened_it() -> None:
    opened: list[Kernel] = []
    thread = threading.Thread(target=lambda: opened.append(open_kernel()))
    thread.start()
    thread.join(60)
    with opened[0] as kernel:
        assert kernel.execute("'still here'").stdout == "'still here'\n"


def test_end_takes_a_process_that_ignores_signals() -> None:
    code = "import signal, sys\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
    code += "print('deaf', flush=True)\nwhile True: signal.pause()"
    process = launch([sys.executable, "-c", code], variables={})
    assert process.stdout
    assert process.stdout.readline() == b"deaf\n"
    assert end(process)
    assert process.returncode == -signal.SIGKILL


def test_program_that_cannot_start_is_an_error_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        launch(["/nonexistent/program"], variables={})
