"""A control group holds its members and leaves nothing; where there are none, that is told."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.cgroup import CONTROLLERS, find_cgroups, open_group
from sandbox.kernel_group import Controller, KernelGroup, Slot, remove_stale

WAIT = "import sys; sys.stdin.read(1)\n"
SECONDS = 30


@pytest.fixture
def group() -> Iterator[KernelGroup | None]:
    """A real group, None on a machine that has none to give."""
    opened = open_group()
    yield opened
    if opened is not None:
        assert opened.close()


def start(code: str) -> subprocess.Popen[bytes]:
    """Python that waits for a byte, so that it can join a group first, and then runs `code`."""
    command = [sys.executable, "-I", "-S", "-c", WAIT + code]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def run_in(group: KernelGroup, code: str) -> tuple[int, bytes]:
    with start(code) as process:
        group.add(process.pid)
        said, _ = process.communicate(b"1", timeout=SECONDS)
    return process.returncode, said


def is_given(group: KernelGroup | None, *controllers: Controller) -> bool:
    """Whether the machine gives a group with `controllers`; a reason is asserted for each it does not."""
    missing: list[Controller] = [name for name in controllers if name not in find_cgroups().slots]
    assert all(find_cgroups().missing[name] for name in missing)
    assert (group is not None) == bool(find_cgroups().slots)
    return group is not None and not missing


def test_member_over_the_memory_is_killed_and_that_is_told(group: KernelGroup | None) -> None:
    if not is_given(group, "memory"):
        return
    assert group is not None
    group.set(memory_mb=20)
    assert not group.oom_killed()
    assert run_in(group, "x = b'x' * 2**26") == (-signal.SIGKILL, b"")
    assert group.oom_killed()


def test_memory_is_that_of_all_members_together(group: KernelGroup | None) -> None:
    if not is_given(group, "memory"):
        return
    assert group is not None
    group.set(memory_mb=100)
    held = "x = b'x' * (20 * 2**20)\nprint('held', flush=True)\nsys.stdin.read(1)"
    members = [start(held) for _ in range(3)]
    for process in members:
        group.add(process.pid)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"1")
        process.stdin.flush()
        assert process.stdout.readline() == b"held\n"
    assert group.memory_bytes() > 60 * 2**20
    assert not group.oom_killed()
    assert group.close()
    for process in members:
        with process:
            assert process.wait(SECONDS) == -signal.SIGKILL


def test_tasks_are_counted_over_processes_and_threads(group: KernelGroup | None) -> None:
    if not is_given(group, "pids"):
        return
    assert group is not None
    group.set(tasks=3)
    code = """import os, _thread
lock = _thread.allocate_lock(); lock.acquire()
if os.fork() == 0: sys.stdin.read(); os._exit(0)
_thread.start_new_thread(lock.acquire, ())
for start in (os.fork, lambda: _thread.start_new_thread(lock.acquire, ())):
    try: start()
    except (OSError, RuntimeError) as error: print(type(error).__name__)"""
    assert run_in(group, code) == (0, b"BlockingIOError\nRuntimeError\n")


def test_quota_slows_a_busy_member(group: KernelGroup | None) -> None:
    if not is_given(group, "cpu"):
        return
    assert group is not None
    group.set(cores=0.2)
    assert group.cores() == 0.2
    code = "import time\nuntil = time.process_time() + 0.2\nwhile time.process_time() < until: pass"
    assert run_in(group, code)[0] == 0
    told = (find_cgroups().slots["cpu"].folder / group.name / "cpu.stat").read_text(encoding="ascii")
    throttled = next(int(line.split()[1]) for line in told.splitlines() if line.startswith("nr_throttled"))
    assert throttled > 0


def test_time_of_ended_members_stays_counted(group: KernelGroup | None) -> None:
    if not is_given(group, "cpuacct"):
        return
    assert group is not None
    assert group.cpu_seconds() == pytest.approx(0.0, abs=0.01)
    code = "import time\nuntil = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
    assert run_in(group, code)[0] == 0
    assert group.cpu_seconds() >= 0.25


def test_adding_a_process_that_has_ended_is_nothing(group: KernelGroup | None) -> None:
    if not is_given(group):
        return
    assert group is not None
    with start("") as process:
        process.communicate(b"1", timeout=SECONDS)
    group.add(process.pid)
    assert group.members() == []


def test_closing_kills_the_members_and_removes_every_folder(group: KernelGroup | None) -> None:
    if not is_given(group):
        return
    assert group is not None
    with start("") as process:
        group.add(process.pid)
        assert group.members() == [process.pid]
        assert group.close()
        assert process.wait(SECONDS) == -signal.SIGKILL
    parents = {slot.folder for slot in find_cgroups().slots.values()}
    assert not any((parent / group.name).exists() for parent in parents)
    assert group.close()
    assert (group.members(), group.memory_bytes(), group.tasks(), group.oom_killed()) == ([], 0, 0, False)


def test_groups_of_dead_hosts_are_removed_with_their_members_and_others_stay(
    group: KernelGroup | None,
) -> None:
    if not is_given(group):
        return
    assert group is not None
    parent = next(iter(find_cgroups().slots.values())).folder
    with start("") as ended:
        ended.communicate(b"1", timeout=SECONDS)
    stale = parent / f"mltutor-{ended.pid}-7"
    stale.mkdir()
    with start("") as orphan:
        (stale / "cgroup.procs").write_text(str(orphan.pid), encoding="ascii")
        remove_stale([parent])
        assert orphan.wait(SECONDS) == -signal.SIGKILL
    assert not stale.exists()
    assert (parent / group.name).exists()


def test_name_that_is_taken_is_passed_over(tmp_path: Path) -> None:
    slots: dict[Controller, Slot] = {"memory": Slot(2, tmp_path)}
    first = KernelGroup(slots)
    prefix, _, number = first.name.rpartition("-")
    (tmp_path / f"{prefix}-{int(number) + 1}").mkdir()
    second = KernelGroup(slots)
    assert second.name == f"{prefix}-{int(number) + 2}"


def test_group_that_cannot_be_made_whole_leaves_no_part(tmp_path: Path) -> None:
    slots: dict[Controller, Slot] = {"memory": Slot(1, tmp_path), "pids": Slot(1, tmp_path / "none")}
    with pytest.raises(FileNotFoundError):
        KernelGroup(slots)
    assert list(tmp_path.iterdir()) == []


def test_version_2_is_written_and_read_in_its_own_words(tmp_path: Path) -> None:
    slots: dict[Controller, Slot] = {name: Slot(2, tmp_path) for name in CONTROLLERS}
    made = KernelGroup(slots)
    folder = tmp_path / made.name
    told = {
        "memory.swap.max": "max\n",
        "memory.oom.group": "0\n",
        "memory.current": "4096\n",
        "memory.events": "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 1\n",
        "pids.current": "5\n",
        "cpu.stat": "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n",
        "cgroup.procs": "0\n",
    }
    for name, text in told.items():
        (folder / name).write_text(text, encoding="ascii")
    made.set(memory_mb=3, tasks=7, cores=1.5)
    written = {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()}
    assert (written["memory.max"], written["memory.swap.max"]) == (str(3 * 2**20), "0")
    assert (written["memory.oom.group"], written["pids.max"]) == ("1", "7")
    assert (written["cpu.max"], made.cores()) == ("150000 100000", 1.5)
    assert (made.memory_bytes(), made.tasks(), made.cpu_seconds()) == (4096, 5, 1.5)
    assert made.oom_killed()
    assert made.members() == []
